//! Products of matrices and vectors of floats: NumPy's own loop, which calls BLAS.
//!
//! ```text
//! a[i, :j] @ b[:j, k]      require len(a[i, :j]) == len(b[:j, k]);  call <matmul> %a, %b
//! x @ y                    %out = call numpy.empty(…);  call <matmul> %x, %y, %out
//! stack @ y                for i: call <matmul> %stack[i], %y, %out[i]        # all of the last axis of a stack at once
//! ```
//!
//! The additions are BLAS's, whose order nobody knows, so the same code has to run on the same memory. `np.dot` of vectors
//! calls the same routine, and of matrices of real floats that are contiguous, in C or Fortran order (compared over all
//! extents up to 200); of others it stays a call.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{DOT, Kind, MATMUL, Sub};
use numlift_ir::ty::Ty;

use super::nest::Nest;
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
        if !is_known {
            return false;
        }
        if ranks.iter().any(|rank| *rank > 2) {
            return !is_dot && ranks.iter().all(|rank| *rank >= 2) && self.stacked_product(op, dtype);
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

    /// `a @ b` of stacks of matrices in C order: a call for each row of the stack. Of others NumPy orders the result by
    /// their strides.
    fn stacked_product(&mut self, op: OpId, dtype: Dtype) -> bool {
        let result = self.result(op);
        let is_array = matches!(self.old.ty(result), Ty::Array { dtype: own, .. } if *own == dtype);
        let operands = [0, 1].map(|place| self.old.op(op).args[place]);
        let nodes = operands.map(|operand| self.node_of(operand));
        let shapes = nodes.map(|node| self.node(node).shape.clone());
        let in_order = |lower: &mut Self, node: NodeId| {
            let is_stack = lower.node(node).shape.len() > 2;
            !is_stack || !lower.node(node).is_open() && lower.is_contiguous(node)
        };
        if !is_array || !nodes.iter().all(|node| in_order(self, *node)) {
            return false;
        }
        let [left, right] = &shapes;
        let (m, n) = (left.len() - 2, left.len() - 1);
        self.require_same(&left[n], &right[right.len() - 2]);
        let stacks = shapes.each_ref().map(|shape| shape[..shape.len() - 2].to_vec());
        let stack = self.broadcast(&stacks);
        let values = nodes.map(|node| self.object_of(node));
        let last = right.len() - 1;
        let shape = [&stack[..], &[left[m].clone(), right[last].clone()]].concat();
        let out = self.allocated("numpy.empty", &shape, dtype);
        let outer = self.b.block;
        let (zero, one) = (self.int(0), self.int(1));
        let mut nest = Nest::new(outer);
        let (row, rows) = stack.split_last().expect("a stack has an axis");
        let indices: Vec<ValueId> = rows.iter().map(|_| self.open(&mut nest)).collect();
        self.b.block = nest.here();
        let mut args = Vec::new();
        for (value, own) in values.into_iter().zip(&stacks) {
            let missing = stack.len() - own.len();
            let mut places: Vec<ValueId> = (missing..rows.len())
                .map(|axis| {
                    if own[axis - missing].is_one() {
                        zero
                    } else {
                        indices[axis]
                    }
                })
                .collect();
            // What is one matrix for all of the row is handed over as one.
            if own.last().is_some_and(|extent| extent.is_one() && !row.is_one()) {
                places.push(zero);
            }
            args.push(self.entered(value, &places));
        }
        args.push(self.entered(out, &indices));
        let kind = Kind::Call {
            callee: MATMUL.to_owned(),
            keywords: Vec::new(),
        };
        self.b.typed_op(kind, &args, &[Ty::None]);
        self.close(&nest, &rows.iter().collect::<Vec<_>>(), [zero, one]);
        self.b.block = outer;
        self.bind(result, Meaning::Plain(out));
        true
    }

    /// The part of an array behind its first indices.
    fn entered(&mut self, array: ValueId, indices: &[ValueId]) -> ValueId {
        if indices.is_empty() {
            return array;
        }
        let Ty::Array { dtype, shape, .. } = self.b.func.ty(array).clone() else {
            unreachable!("a product has arrays")
        };
        let ty = Ty::Array {
            dtype,
            shape: shape[indices.len()..].to_vec(),
            contiguous: false,
        };
        let args = [&[array][..], indices].concat();
        self.typed(Kind::Index(vec![Sub::At; indices.len()]), &args, ty)
    }

    /// Whether an array is in one piece for certain, in C or Fortran order.
    fn is_dense(&mut self, old: ValueId) -> bool {
        let node = self.node_of(old);
        let rank = self.node(node).shape.len();
        if self.node(node).is_open() {
            self.object_of(node);
        }
        if self.is_contiguous(node) {
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
        let value = self.object_of(node);
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
