//! Reads and stores by basic subscripts.
//!
//! ```text
//! %4 = index [:, 1:] %3          node: [i, j] -> node[i, j + 1]
//! ```
//!
//! A view of what is in memory is that memory at other positions, a view of a node picks its elements. An object is only
//! made for whoever needs one.

use numlift_ir::affine::affine_of;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Sub;
use numlift_ir::ty::Ty;

use super::extent::Extent;
use super::space::{CHEAP, NodeId, NodeKind, Operand};
use super::stored::casts_by_place;
use super::views::{Position, View};
use super::walk::Lower;

impl Lower<'_> {
    /// A view by basic subscripts.
    pub(super) fn view(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, operands) = (data.args[0], data.args[1..].to_vec());
        let result = self.result(op);
        if !self.is_array(base) || !self.is_array(result) || !self.is_basic(subs, &operands) {
            return false;
        }
        let node = self.node_of(base);
        let operands: Vec<ValueId> = operands.iter().map(|operand| self.plain(*operand)).collect();
        let shape = self.node(node).shape.clone();
        let view = self.subscripted(&shape, subs, &operands);
        self.bind_view(op, base, view)
    }

    /// A base that was not computed is, before a view of it is made, if somebody could tell that they share no memory, or
    /// if it is read elsewhere, too.
    pub(super) fn keep_viewed(&mut self, node: NodeId, base: ValueId, view: ValueId) {
        let is_costly = self.node(node).cost > CHEAP && self.is_needed(base);
        if self.node(node).is_open() && (is_costly || self.uses.may_tell_apart(base, view)) {
            self.materialize(node);
        }
    }

    /// A view of a node.
    pub(super) fn viewed(&mut self, node: NodeId, view: &View) -> NodeId {
        let dtype = self.node(node).dtype;
        match self.composed(node, &view.positions) {
            Some((base, positions)) => {
                let made = self.add_node(NodeKind::Memory { base, positions }, view.shape.clone(), dtype);
                self.nodes[made.index()].source = self.node(node).source;
                made
            }
            None => {
                let positions = view.positions.clone();
                self.add_node(NodeKind::Picked { of: node, positions }, view.shape.clone(), dtype)
            }
        }
    }

    /// The type of an array of this shape.
    pub(super) fn array_type(&self, dtype: Dtype, shape: &[Extent], contiguous: bool) -> Ty {
        Ty::Array {
            dtype,
            shape: shape.iter().map(Extent::dim).collect(),
            contiguous,
        }
    }

    /// Positions in a node as positions in the memory that it shows.
    pub(super) fn composed(&mut self, node: NodeId, positions: &[Position]) -> Option<(ValueId, Vec<Position>)> {
        let NodeKind::Memory { base, positions: outer } = self.node(node).kind.clone() else {
            return None;
        };
        let composed = outer
            .iter()
            .map(|position| match position.along {
                None => position.clone(),
                Some((axis, step)) => {
                    let inner = &positions[axis];
                    let factor = self.int(step);
                    let moved = self.mul(inner.offset, factor);
                    Position {
                        offset: self.add(position.offset, moved),
                        along: inner.along.map(|(axis, own)| (axis, own * step)),
                    }
                }
            })
            .collect();
        Some((base, composed))
    }

    /// Whether `base[subs] = value` is from one vector to another that may share its memory, in steps of which it is not
    /// known that they are the same: NumPy goes through both at once then, from an end that their addresses say, and may
    /// read what it has stored.
    pub(super) fn is_copied_in_order(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, value) = (data.args[0], data.args[data.args.len() - 1]);
        if !self.is_array(base) || !self.is_array(value) || self.old.ty(value).dims().len() != 1 {
            return false;
        }
        let picked = subs.iter().filter(|sub| **sub == Sub::At).count();
        if self.old.ty(base).dims().len() != picked + 1 || subs.contains(&Sub::NewAxis) {
            return false;
        }
        let (to, from) = (self.node_of(base), self.node_of(value));
        let (Some(stored), Some(read)) = (self.memory_by_one(to), self.memory_by_one(from)) else {
            return false;
        };
        let reads = self.reads_of(from);
        if stored.0 == read.0 || !reads.iter().any(|read| self.roots.may_share(*read, base)) {
            return false;
        }
        let stays_by_one = match subs.last() {
            Some(Sub::Slice { step, .. }) => !step,
            Some(Sub::Ellipsis) => true,
            _ => false,
        };
        let is_same_dtype = self.dtype_of(base) == self.dtype_of(value);
        !(is_same_dtype && stored.1 && read.1 && stays_by_one)
    }

    /// The memory that a node shows, and whether its last axis goes from one element there to the next.
    fn memory_by_one(&self, node: NodeId) -> Option<(ValueId, bool)> {
        let NodeKind::Memory { base, positions } = &self.node(node).kind else {
            return None;
        };
        let last = self.node(node).shape.len().checked_sub(1)?;
        let is_run = matches!(self.b.func.ty(*base).bound(), Ty::Array { contiguous: true, .. });
        let by_one = positions
            .last()
            .is_some_and(|position| position.along == Some((last, 1)));
        Some((*base, is_run && by_one))
    }

    /// `base[subs] = value`
    pub(super) fn assign(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, value) = (data.args[0], data.args[data.args.len() - 1]);
        let operands = data.args[1..data.args.len() - 1].to_vec();
        if !self.is_array(base) || !self.is_basic(subs, &operands) || !self.is_operand(value) {
            return false;
        }
        let rank = self.old.ty(base).dims().len();
        let ints = subs.iter().filter(|sub| **sub == Sub::At).count();
        if ints == rank && !self.is_array(value) {
            return self.assign_element(op, base);
        }
        let dtype = self.dtype_of(base);
        if !self.may_be_stored(value, dtype) {
            return false;
        }
        self.keep_in_memory(base);
        let node = self.node_of(base);
        let shape = self.node(node).shape.clone();
        let operands: Vec<ValueId> = operands.iter().map(|operand| self.plain(*operand)).collect();
        let view = self.subscripted(&shape, subs, &operands);
        let Some((memory, positions)) = self.composed(node, &view.positions) else {
            return false;
        };
        let source = self.operand(value);
        let view = View {
            shape: view.shape,
            positions,
        };
        self.store_in(base, memory, view, source, dtype);
        true
    }

    /// Stores a number or an array to a view of memory.
    pub(super) fn store_in(&mut self, base: ValueId, memory: ValueId, view: View, source: Operand, dtype: Dtype) {
        if let Operand::Scalar(number) = source {
            self.require_storable(number, dtype);
        }
        let source = self.fitted(source, dtype);
        let source = self.stored(source, &view.shape);
        self.store(base, memory, &view, source);
    }

    /// One element: no node may wait that reads it.
    fn assign_element(&mut self, op: OpId, base: ValueId) -> bool {
        self.plain(base);
        self.settle_readers(base);
        let data = self.old.op(op);
        self.hold_frame();
        let mut args: Vec<ValueId> = data.args.iter().map(|arg| self.plain(*arg)).collect();
        self.in_its_order(&data.kind, &mut args);
        self.b.typed_op(data.kind.clone(), &args, &[]);
        self.acted();
        true
    }

    /// Whether storing one number to elements of a dtype is a conversion that cannot raise.
    pub(super) fn may_be_stored(&self, old: ValueId, dtype: Dtype) -> bool {
        if self.is_array(old) {
            let from = self.dtype_of(old);
            // Complex numbers lose their imaginary part with a warning.
            return (!from.is_complex() || dtype.is_complex()) && !casts_by_place(from, dtype);
        }
        if matches!(self.old.ty(old), Ty::OneOf(_)) {
            return false;
        }
        let from = self.scalar_of(old).array_dtype();
        let narrow = from.is_float() && matches!(from, Dtype::F16) && dtype.is_integer();
        !narrow && (!from.is_complex() || dtype.is_complex()) && self.may_fit(old, dtype)
    }

    /// What is stored, with the axes of the view: extents of 1 in front may go.
    pub(super) fn stored(&mut self, source: Operand, shape: &[Extent]) -> Operand {
        let Operand::Node(node) = source else { return source };
        let own = self.node(node).shape.clone();
        let extra = own.len().saturating_sub(shape.len());
        let one = self.int(1);
        let one = Extent {
            value: one,
            key: affine_of(&self.b.func, one),
        };
        for extent in &own[..extra] {
            self.require_same(extent, &one);
        }
        for (own, full) in own[extra..].iter().zip(&shape[shape.len() - (own.len() - extra)..]) {
            if !own.is_one() {
                self.require_same(own, full);
            }
        }
        if extra == 0 {
            return source;
        }
        let zero = self.int(0);
        let positions = (0..own.len())
            .map(|axis| Position {
                offset: zero,
                along: axis.checked_sub(extra).map(|axis| (axis, 1)),
            })
            .collect();
        let dtype = self.node(node).dtype;
        let kept = own[extra..].to_vec();
        Operand::Node(self.add_node(NodeKind::Picked { of: node, positions }, kept, dtype))
    }
}
