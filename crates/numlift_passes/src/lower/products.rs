//! Products of matrices and vectors of floats: NumPy's own loop, which calls BLAS.
//!
//! ```text
//! a[i, :j] @ b[:j, k]      require len(a[i, :j]) == len(b[:j, k]);  call <matmul> %a, %b
//! x @ y                    %out = call numpy.empty(…);  call <matmul> %x, %y, %out
//! ```
//!
//! The additions are BLAS's, whose order nobody knows, so the same code has to run on the same memory. `np.dot` of vectors
//! calls the same routine, and of matrices of real floats that are contiguous, in C or Fortran order (compared over all
//! extents up to 200); of others it stays a call.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{DOT, Kind, MATMUL};
use numlift_ir::ty::Ty;

use super::space::{NodeId, NodeKind};
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// `a @ b`, and `np.dot` of vectors.
    pub(super) fn product(&mut self, op: OpId) -> bool {
        let data = self.old.op(op);
        let (a, b) = (data.args[0], data.args[1]);
        let is_dot = !matches!(&data.kind, Kind::Call { callee, .. } if callee == "numpy.matmul");
        let result = self.result(op);
        if !self.is_array(a) || !self.is_array(b) || self.dtype_of(a) != self.dtype_of(b) {
            return false;
        }
        let dtype = self.dtype_of(a);
        let ranks = [a, b].map(|arg| self.old.ty(arg).dims().len());
        let is_known = matches!(dtype, Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::C128);
        if !is_known || ranks.iter().any(|rank| *rank > 2) {
            return false;
        }
        let of_matrices = is_dot && ranks != [1, 1];
        if of_matrices && !(dtype.is_float() && [a, b].iter().all(|arg| self.is_dense(*arg))) {
            return false;
        }
        let callee = if is_dot { DOT } else { MATMUL };
        let is_dot = is_dot && !of_matrices;
        let wanted = match self.old.ty(result) {
            Ty::Array { dtype, .. } | Ty::Np(dtype) => *dtype,
            _ => return false,
        };
        if wanted != dtype {
            return false;
        }
        let (left, right) = (self.node_of(a), self.node_of(b));
        let (rows, columns) = (self.node(left).shape.clone(), self.node(right).shape.clone());
        self.require_same(&rows[ranks[0] - 1], &columns[0]);
        let Some(left) = self.factor(left, is_dot) else {
            return false;
        };
        let Some(right) = self.factor(right, is_dot) else {
            return false;
        };
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: Vec::new(),
        };
        if ranks == [1, 1] {
            let value = self.typed(kind, &[left, right], Ty::Np(dtype));
            self.bind(result, Meaning::Plain(value));
            return true;
        }
        let shape = [&rows[..ranks[0] - 1], &columns[1..]].concat();
        let out = self.allocated("numpy.empty", &shape, dtype);
        self.b.typed_op(kind, &[left, right, out], &[Ty::None]);
        self.bind(result, Meaning::Plain(out));
        true
    }

    /// Whether an array is in one piece for certain, in C or Fortran order.
    fn is_dense(&mut self, old: ValueId) -> bool {
        let node = self.node_of(old);
        let rank = self.node(node).shape.len();
        if self.node(node).is_open() || self.is_contiguous(node) {
            return true;
        }
        let turned: Vec<Option<usize>> = (0..rank).rev().map(Some).collect();
        let shape = self.node(node).shape.clone();
        let view = self.showing(&shape, &turned);
        let turned = self.viewed(node, &view);
        self.is_contiguous(turned)
    }

    /// An operand as an object. What runs backwards `np.dot` copies first; `None` where that is not known.
    fn factor(&mut self, node: NodeId, is_dot: bool) -> Option<ValueId> {
        let value = self.materialize(node);
        if !is_dot || self.is_c_ordered(node) {
            return Some(value);
        }
        let backwards = match &self.node(node).kind {
            NodeKind::Memory { base, positions } => {
                let is_contiguous = matches!(self.b.func.ty(*base), Ty::Array { contiguous: true, .. });
                is_contiguous
                    && positions
                        .iter()
                        .any(|position| position.along.is_some_and(|(_, step)| step < 0))
            }
            _ => false,
        };
        if !backwards {
            return None;
        }
        let copy = self.kept_apart(node);
        Some(self.materialize(copy))
    }
}
