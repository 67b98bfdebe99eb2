//! Views as objects, for whoever needs one.
//!
//! Most views are only looked through, so the op that makes one waits until it is asked for.

use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::Ty;

use super::space::NodeKind;
use super::views::{Position, View};
use super::walk::Lower;

impl Lower<'_> {
    /// Says that a result is a view of an array.
    pub(super) fn bind_view(&mut self, op: OpId, base: ValueId, view: View) -> bool {
        let node = self.node_of(base);
        self.keep_viewed(node, base, self.result(op));
        let made = self.viewed(node, &view);
        let is_memory = self.node(node).value.is_some() || self.node(node).deferred.is_some();
        if is_memory {
            // Most are only looked through.
            let here = self.b.block;
            self.nodes[made.index()].deferred = Some((op, here));
        }
        self.bind_node(op, made)
    }

    /// A view as an object.
    pub(super) fn deferred_view(&mut self, op: OpId) -> ValueId {
        let data = self.old.op(op);
        let args: Vec<ValueId> = data.args.iter().map(|arg| self.plain(*arg)).collect();
        let ty = self.old.ty(self.result(op)).clone();
        let node = self.node_of(self.result(op));
        let NodeKind::Memory { base, positions } = self.node(node).kind.clone() else {
            return self.typed(data.kind.clone(), &args, ty);
        };
        let view = View {
            shape: self.node(node).shape.clone(),
            positions,
        };
        let reversed = |view: &View| {
            let last = view.shape.len();
            let along = |(axis, own): (usize, &Position)| own.along == Some((last - axis - 1, 1));
            last == view.positions.len() && view.positions.iter().enumerate().all(along)
        };
        if self.is_whole_of(base, args[0]) && reversed(&view) {
            return self.typed(Kind::Attr("T".to_owned()), &args[..1], ty);
        }
        match self.is_whole_of(base, args[0]) {
            true => self.flip_object(&view, args[0], ty.clone()),
            false => None,
        }
        .unwrap_or_else(|| self.typed(data.kind.clone(), &args, ty))
    }

    /// Whether an object is the array itself whose memory is looked at.
    fn is_whole_of(&self, base: ValueId, object: ValueId) -> bool {
        base == object
    }

    /// A view that goes backwards along some axes, as a subscript.
    fn flip_object(&mut self, view: &View, base: ValueId, ty: Ty) -> Option<ValueId> {
        let steps: Vec<i128> = view
            .positions
            .iter()
            .filter_map(|position| position.along.map(|(_, step)| step))
            .collect();
        let straight = view
            .positions
            .iter()
            .enumerate()
            .all(|(axis, own)| own.along.map(|(at, _)| at) == Some(axis));
        if !straight || view.shape.len() != view.positions.len() || !steps.contains(&-1) {
            return None;
        }
        let back = Sub::Slice {
            lo: false,
            hi: false,
            step: true,
        };
        let subs: Vec<Sub> = steps
            .iter()
            .map(|step| if *step < 0 { back } else { Sub::FULL })
            .collect();
        let one = self.int(-1);
        let count = steps.iter().filter(|step| **step < 0).count();
        let args = [vec![base], vec![one; count]].concat();
        Some(self.typed(Kind::Index(subs), &args, ty))
    }
}
