//! Where the least or the greatest element stands.
//!
//! ```text
//! np.argmax(x)     m = max(x);  min over i of (i where x[i] == m, or where it is NaN, else far away)
//! ```
//!
//! Two passes that vectorize instead of one that does not. The first of equals is taken, and NaN before all others, as
//! in NumPy.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Const;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::fold::Reduction;
use super::space::{CHEAP, NodeId, NodeKind, Operand};
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// `argmin` and `argmax`.
    pub(super) fn extreme_place(&mut self, op: OpId, reduction: Reduction) -> bool {
        let Some(args) = self.arguments(op) else { return false };
        let base = self.old.op(op).args[0];
        if !args.only(&["self", "a", "axis", "keepdims"]) || !self.is_array(base) {
            return false;
        }
        let rank = self.old.ty(base).dims().len();
        let dtype = self.dtype_of(base);
        let axis = match args.get("axis").filter(|axis| *self.old.ty(*axis) != Ty::None) {
            None => None,
            Some(axis) => match self.axis(axis, rank) {
                Some(axis) => Some(axis),
                None => return false,
            },
        };
        let keepdims = match args.get("keepdims").map(|keeps| self.old.as_const(keeps)) {
            None | Some(Some(Const::Bool(false))) => false,
            Some(Some(Const::Bool(true))) => true,
            Some(_) => return false,
        };
        if dtype.is_complex()
            || dtype == Dtype::F16
            || !matches!(self.old.ty(self.result(op)), Ty::Array { .. } | Ty::Np(_))
        {
            return false;
        }
        let mut node = self.node_of(base);
        if self.node(node).cost > CHEAP {
            self.materialize(node);
        }
        let shape = self.node(node).shape.clone();
        let compared = if dtype == Dtype::Bool { Dtype::I8 } else { dtype };
        if compared != dtype {
            node = self.add_node(NodeKind::Cast(Operand::Node(node)), shape.clone(), compared);
        }
        let folded: Vec<bool> = (0..rank).map(|own| axis.is_none_or(|axis| axis == own)).collect();
        let Some(best) = self.folded(node, reduction, folded.clone(), axis.is_some() && rank > 1, compared) else {
            return false;
        };
        let best = match self.b.func.ty(best) {
            Ty::Array { .. } => Operand::Node(self.memory_of(best, compared)),
            _ => Operand::Scalar(best),
        };
        let taken = self.equal_or_nan(node, best, compared);
        let place = match axis {
            Some(axis) => Operand::Node(self.add_node(NodeKind::Index(axis), shape.clone(), Dtype::I64)),
            None => Operand::Node(self.place_in_c_order(&shape)),
        };
        let far = self.int(i128::from(i64::MAX));
        let far = Operand::Scalar(self.converted(far, Dtype::I64));
        let places = self.add_node(NodeKind::Choose([Operand::Node(taken), place, far]), shape, Dtype::I64);
        let Some(value) = self.folded(places, Reduction::Min, folded, keepdims, Dtype::I64) else {
            return false;
        };
        self.bind(self.result(op), Meaning::Plain(value));
        true
    }

    /// Whether an element is the best; if one is NaN so is the best, and then those that are NaN count.
    fn equal_or_nan(&mut self, node: NodeId, best: Operand, dtype: Dtype) -> NodeId {
        let shape = self.node(node).shape.clone();
        let own = Operand::Node(node);
        let test = |lower: &mut Self, f: F, args: Vec<Operand>| {
            lower.add_node(NodeKind::Map { f, args }, shape.clone(), Dtype::Bool)
        };
        let equal = test(self, F::Eq, vec![own, best]);
        if !dtype.is_float() {
            return equal;
        }
        let nan = test(self, F::Ne, vec![own, own]);
        test(self, F::Or, vec![Operand::Node(equal), Operand::Node(nan)])
    }

    /// The number of an element when all are counted in C order.
    pub(super) fn place_in_c_order(&mut self, shape: &[super::extent::Extent]) -> NodeId {
        let map = |lower: &mut Self, f: F, args: Vec<Operand>| {
            lower.add_node(NodeKind::Map { f, args }, shape.to_vec(), Dtype::I64)
        };
        let mut place = self.add_node(NodeKind::Index(0), shape.to_vec(), Dtype::I64);
        for axis in 1..shape.len() {
            let length: ValueId = self.converted(shape[axis].value, Dtype::I64);
            let row = map(self, F::Mul, vec![Operand::Node(place), Operand::Scalar(length)]);
            let index = self.add_node(NodeKind::Index(axis), shape.to_vec(), Dtype::I64);
            place = map(self, F::Add, vec![Operand::Node(row), Operand::Node(index)]);
        }
        place
    }
}
