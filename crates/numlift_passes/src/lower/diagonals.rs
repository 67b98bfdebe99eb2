//! What depends on the distance from the diagonal.
//!
//! ```text
//! np.eye(n)         [i, j] -> i == j
//! np.triu(x)        [i, j] -> x[i, j] where j >= i, else 0
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::OpId;
use numlift_ir::op::Const;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::arguments::Arguments;
use super::extent::Extent;
use super::space::{NodeId, NodeKind, Operand};
use super::walk::Lower;

impl Lower<'_> {
    /// `np.eye(n)` and `np.identity(n)`, perhaps with a dtype.
    pub(super) fn eye(&mut self, op: OpId, args: &Arguments) -> bool {
        let result = self.result(op);
        let Some(n) = args.get("N").or(args.get("n")) else {
            return false;
        };
        if !args.only(&["N", "n", "M", "dtype"]) || !matches!(self.old.ty(n), Ty::Int(_)) {
            return false;
        }
        let Some(rows) = self.shape_argument(n) else {
            return false;
        };
        let columns = match args.get("M") {
            None => rows.clone(),
            Some(m) => match self.shape_argument(m) {
                Some(columns) => columns,
                None => return false,
            },
        };
        let shape = vec![rows[0].clone(), columns[0].clone()];
        let dtype = self.dtype_of(result);
        let same = self.by_indices(F::Eq, 0, &shape);
        let node = self.add_node(NodeKind::Cast(Operand::Node(same)), shape, dtype);
        self.bind_node(op, node)
    }

    /// Row index against column index, moved by some diagonals.
    fn by_indices(&mut self, f: F, diagonal: i128, shape: &[Extent]) -> NodeId {
        let rank = shape.len();
        let row = self.add_node(NodeKind::Index(rank - 2), shape.to_vec(), Dtype::I64);
        let column = self.add_node(NodeKind::Index(rank - 1), shape.to_vec(), Dtype::I64);
        let by = self.int(diagonal);
        let by = self.converted(by, Dtype::I64);
        let args = vec![Operand::Node(row), Operand::Scalar(by)];
        let moved = self.add_node(NodeKind::Map { f: F::Add, args }, shape.to_vec(), Dtype::I64);
        let args = vec![Operand::Node(column), Operand::Node(moved)];
        self.add_node(NodeKind::Map { f, args }, shape.to_vec(), Dtype::Bool)
    }

    pub(super) fn triangle(&mut self, op: OpId, name: &str, args: &Arguments) -> bool {
        let result = self.result(op);
        let base = self.old.op(op).args[0];
        let diagonal = match args.get("k") {
            None => Some(0),
            Some(k) => self.constant(k).filter(|k| k.abs() < 1 << 40),
        };
        let Some(diagonal) = diagonal else { return false };
        if !args.only(&["m", "k"]) || self.old.ty(base).dims().len() < 2 {
            return false;
        }
        let node = self.node_of(base);
        let shape = self.node(node).shape.clone();
        let dtype = self.dtype_of(result);
        let f = if name == "triu" { F::Ge } else { F::Le };
        let kept = self.by_indices(f, diagonal, &shape);
        let zero = self.int(0);
        let zero = match dtype {
            Dtype::Bool => self.b.constant(Const::Bool(false)),
            _ => zero,
        };
        let zero = Operand::Scalar(self.converted(zero, dtype));
        let node = self.add_node(
            NodeKind::Choose([Operand::Node(kept), Operand::Node(node), zero]),
            shape,
            dtype,
        );
        self.bind_node(op, node)
    }
}
