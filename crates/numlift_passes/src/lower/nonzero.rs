//! Where something holds.
//!
//! ```text
//! np.where(m), np.nonzero(m)      the indices of what is not zero, axis by axis
//! np.flatnonzero(m)               counted in C order
//! ```
//!
//! They are what a mask picks of the indices themselves.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::space::{NodeId, NodeKind, Operand};
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// `np.nonzero` and `np.where` of a condition: a tuple of arrays.
    pub(super) fn nonzero(&mut self, op: OpId) -> bool {
        let (result, condition) = (self.result(op), self.old.op(op).args[0]);
        let is_known = matches!(self.old.ty(result), Ty::Tuple(items) if items.iter().all(|item| matches!(item, Ty::Array { dtype: Dtype::I64, .. })));
        if !is_known || !self.is_array(condition) {
            return false;
        }
        let by = self.mask_node(condition);
        let mut items = Vec::new();
        for axis in 0..self.node(by).shape.len() {
            let shape = self.node(by).shape.clone();
            let index = self.add_node(NodeKind::Index(axis), shape, Dtype::I64);
            let picked = self.picked_by(index, condition, by);
            items.push(self.materialize(picked));
        }
        let value = self.b.value(Kind::MakeTuple, &items);
        self.bind(result, Meaning::Plain(value));
        true
    }

    /// `np.flatnonzero`
    pub(super) fn flat_nonzero(&mut self, op: OpId) -> bool {
        let (result, condition) = (self.result(op), self.old.op(op).args[0]);
        if !self.is_array(result) || !self.is_array(condition) {
            return false;
        }
        let by = self.mask_node(condition);
        let shape = self.node(by).shape.clone();
        let place = self.place_in_c_order(&shape);
        let picked = self.picked_by(place, condition, by);
        self.bind_node(op, picked)
    }

    /// A condition as bools, in memory: it is asked for twice.
    pub(super) fn mask_node(&mut self, condition: ValueId) -> NodeId {
        let node = self.node_of(condition);
        let dtype = self.node(node).dtype;
        if dtype == Dtype::Bool {
            self.materialize(node);
            return node;
        }
        let shape = self.node(node).shape.clone();
        let zero = self.zero_of(dtype);
        let kind = NodeKind::Map {
            f: F::Ne,
            args: vec![Operand::Node(node), Operand::Scalar(zero)],
        };
        let mask = self.add_node(kind, shape, Dtype::Bool);
        self.materialize(mask);
        mask
    }

    pub(super) fn picked_by(&mut self, of: NodeId, mask: ValueId, by: NodeId) -> NodeId {
        let extent = self.count_of_mask(mask, by);
        let dtype = self.node(of).dtype;
        self.add_node(NodeKind::Compressed { of, mask, by }, vec![extent], dtype)
    }
}
