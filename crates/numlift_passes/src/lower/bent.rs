//! Axes that are gone through around the end, clamped, or back.
//!
//! ```text
//! np.roll(x, 1)                   [i] -> x[i - 1], and x[n - 1] in front
//! np.pad(x, 2, mode="edge")       [i] -> x[i - 2], moved into the array
//! np.pad(x, 2, mode="reflect")    [i] -> x[|i - 2|], and back from the end
//! ```

use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::arguments::Arguments;
use super::extent::Extent;
use super::nest::Nest;
use super::space::{CHEAP, NodeId, NodeKind, Operand};
use super::walk::Lower;

/// Where along an axis of the operand an index of the result is: first it is moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bend {
    pub moved: ValueId,
    /// The operand's extent.
    pub length: ValueId,
    pub at_ends: AtEnds,
}

/// What becomes of indices outside of the operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AtEnds {
    /// Once around: the index is from 0 to twice the extent.
    Around,
    /// Around from either end.
    AroundBoth,
    Clamped,
    /// The element at the end is not repeated.
    Reflected,
    Mirrored,
}

/// How much is put in front of and behind each axis.
type Widths = Vec<[ValueId; 2]>;

impl Lower<'_> {
    /// `np.roll`
    pub(super) fn roll(&mut self, op: OpId, args: &Arguments) -> bool {
        let base = self.old.op(op).args[0];
        let rank = self.old.ty(base).dims().len();
        let Some(shift) = args.get("shift") else { return false };
        let axis = args.get("axis").filter(|axis| *self.old.ty(*axis) != Ty::None);
        let pairs = match (axis, self.items(shift)) {
            (None, None) if rank == 1 => vec![(shift, 0)],
            (Some(axis), None) => match self.axis(axis, rank) {
                Some(axis) => vec![(shift, axis)],
                None => return false,
            },
            (Some(axes), Some(shifts)) => {
                let axes: Option<Vec<usize>> = self
                    .items(axes)
                    .and_then(|axes| axes.iter().map(|axis| self.axis(*axis, rank)).collect());
                match axes {
                    Some(axes) if axes.len() == shifts.len() => shifts.into_iter().zip(axes).collect(),
                    _ => return false,
                }
            }
            _ => return false,
        };
        if !pairs.iter().all(|(shift, _)| matches!(self.old.ty(*shift), Ty::Int(_))) {
            return false;
        }
        let mut node = self.node_of(base);
        if self.node(node).cost > CHEAP {
            self.materialize(node);
        }
        let order = self.order_of(node);
        for (shift, axis) in pairs {
            let shift = self.plain(shift);
            node = self.rolled(node, shift, axis);
        }
        let innermost = order.map_or(rank - 1, |order| order[rank - 1]);
        // Selects in the innermost loop cost more than a copy whose parts are runs.
        if let NodeKind::Bent { of, axis, bend } = self.node(node).kind.clone()
            && axis == innermost
        {
            node = self.in_two_parts(of, axis, bend.moved);
            self.nodes[node.index()].source = Some(self.result(op));
        }
        self.bind_node(op, node)
    }

    fn rolled(&mut self, node: NodeId, shift: ValueId, axis: usize) -> NodeId {
        let shape = self.node(node).shape.clone();
        let dtype = self.node(node).dtype;
        let one = self.int(1);
        let length = shape[axis].value;
        let some = self.max(length, one);
        // How far in front the first element is to be found: nothing overflows, whatever the shift is.
        let moved = match (self.as_int(shift), self.as_int(length)) {
            (Some(shift), Some(length)) if length > 0 => self.int((-shift).rem_euclid(length)),
            _ => {
                let turned = self.modulo(shift, some);
                let back = self.sub(some, turned);
                self.modulo(back, some)
            }
        };
        let bend = Bend {
            moved,
            length,
            at_ends: AtEnds::Around,
        };
        self.add_node(NodeKind::Bent { of: node, axis, bend }, shape, dtype)
    }

    /// A new array: what is behind a place, then what is in front of it.
    fn in_two_parts(&mut self, node: NodeId, axis: usize, place: ValueId) -> NodeId {
        let shape = self.node(node).shape.clone();
        let dtype = self.node(node).dtype;
        self.keep_shared(node);
        let order = self.order_of(node);
        let out = self.allocated_in(order, "numpy.empty", &shape, dtype);
        let zero = self.int(0);
        let behind = self.sub(shape[axis].value, place);
        for (from, to, length) in [(place, zero, behind), (zero, behind, place)] {
            let mut part = shape.clone();
            part[axis] = self.extent_of_int(length);
            let mut source = self.whole(part.clone());
            source.positions[axis].offset = from;
            let source = self.viewed(node, &source);
            let mut target = self.whole(part);
            target.positions[axis].offset = to;
            self.nest(out, &target, Operand::Node(source));
        }
        self.shown(out, shape)
    }

    /// The index of the operand along a bent axis.
    pub(super) fn bent(&mut self, nest: &mut Nest, bend: &Bend, index: ValueId) -> ValueId {
        let Bend { moved, length, at_ends } = *bend;
        nest.value(self, &[index], |lower| {
            let place = lower.add(index, moved);
            let (zero, one) = (lower.int(0), lower.int(1));
            let last = lower.sub(length, one);
            match at_ends {
                AtEnds::Around => lower.once_around(place, length),
                AtEnds::AroundBoth => {
                    let is_in_front = lower.test(F::Lt, place, zero);
                    let from_end = lower.add(place, length);
                    let place = lower.select_int(is_in_front, from_end, place);
                    lower.once_around(place, length)
                }
                AtEnds::Clamped => {
                    let place = lower.max(place, zero);
                    lower.min(place, last)
                }
                AtEnds::Reflected | AtEnds::Mirrored => {
                    let (front, end) = match at_ends {
                        AtEnds::Mirrored => (lower.int(-1), lower.add(length, last)),
                        _ => (zero, lower.add(last, last)),
                    };
                    let is_in_front = lower.test(F::Lt, place, zero);
                    let from_front = lower.sub(front, place);
                    let place = lower.select_int(is_in_front, from_front, place);
                    let is_behind = lower.test(F::Gt, place, last);
                    let from_end = lower.sub(end, place);
                    lower.select_int(is_behind, from_end, place)
                }
            }
        })
    }

    fn once_around(&mut self, place: ValueId, length: ValueId) -> ValueId {
        let is_behind = self.test(F::Ge, place, length);
        let around = self.sub(place, length);
        self.select_int(is_behind, around, place)
    }

    /// `np.pad`
    pub(super) fn pad(&mut self, op: OpId, args: &Arguments) -> bool {
        let base = self.old.op(op).args[0];
        let rank = self.old.ty(base).dims().len();
        let mode = match args.get("mode").map(|mode| self.old.as_const(mode)) {
            None => "constant",
            Some(Some(Const::Str(mode))) => mode.as_str(),
            Some(_) => return false,
        };
        let at_ends = match mode {
            "constant" => None,
            "edge" => Some(AtEnds::Clamped),
            "wrap" => Some(AtEnds::AroundBoth),
            "reflect" => Some(AtEnds::Reflected),
            "symmetric" => Some(AtEnds::Mirrored),
            _ => return false,
        };
        let keywords = match &self.old.op(op).kind {
            Kind::Call { keywords, .. } => keywords,
            _ => return false,
        };
        // `constant_values` is not among the parameters.
        if keywords.iter().any(|name| name != "mode") || !args.only(&["array", "pad_width", "mode"]) {
            return false;
        }
        let Some(widths) = args.get("pad_width").and_then(|widths| self.widths(widths, rank)) else {
            return false;
        };
        let mut node = self.node_of(base);
        if self.order_of(node).is_some() {
            return false;
        }
        if self.node(node).cost > CHEAP {
            self.materialize(node);
        }
        let zero = self.int(0);
        for width in widths.iter().flatten() {
            if !self.is_natural(*width) {
                let natural = self.test(F::Ge, *width, zero);
                self.require(natural, "a width that is not negative");
            }
        }
        match at_ends {
            None => self.padded_by_zeros(op, node, &widths),
            Some(at_ends) => {
                for (axis, width) in widths.iter().enumerate() {
                    node = self.padded(node, axis, *width, at_ends);
                }
                self.bind_node(op, node)
            }
        }
    }

    /// `2`, `(1, 2)`, `((1, 2), (0, 1))`
    fn widths(&mut self, old: ValueId, rank: usize) -> Option<Widths> {
        let int = |lower: &mut Self, old: ValueId| match lower.old.ty(old) {
            Ty::Int(_) => Some(lower.plain(old)),
            _ => None,
        };
        let Some(items) = self.items(old) else {
            let width = int(self, old)?;
            return Some(vec![[width; 2]; rank]);
        };
        if items.iter().all(|item| matches!(self.old.ty(*item), Ty::Int(_))) {
            let [before, behind] = items[..] else { return None };
            let pair = [int(self, before)?, int(self, behind)?];
            return Some(vec![pair; rank]);
        }
        let mut widths = Vec::new();
        for item in &items {
            let [before, behind] = self.items(*item)?[..] else {
                return None;
            };
            widths.push([int(self, before)?, int(self, behind)?]);
        }
        (widths.len() == rank).then_some(widths)
    }

    fn padded_extent(&mut self, extent: &Extent, [before, behind]: [ValueId; 2]) -> Extent {
        let more = self.add(before, behind);
        let length = self.add(extent.value, more);
        self.extent_of_int(length)
    }

    fn padded(&mut self, node: NodeId, axis: usize, width: [ValueId; 2], at_ends: AtEnds) -> NodeId {
        let mut shape = self.node(node).shape.clone();
        let dtype = self.node(node).dtype;
        let (zero, one) = (self.int(0), self.int(1));
        let length = shape[axis].value;
        let some = self.test(F::Gt, length, zero);
        self.require(some, "something to pad with");
        let most = match at_ends {
            AtEnds::Clamped => None,
            AtEnds::Reflected => Some(self.sub(length, one)),
            AtEnds::Around | AtEnds::AroundBoth | AtEnds::Mirrored => Some(length),
        };
        if let Some(most) = most {
            for width in width {
                let fits = self.test(F::Le, width, most);
                self.require(fits, "a width that is not longer than the axis");
            }
        }
        shape[axis] = self.padded_extent(&shape[axis].clone(), width);
        let bend = Bend {
            moved: self.sub(zero, width[0]),
            length,
            at_ends,
        };
        self.add_node(NodeKind::Bent { of: node, axis, bend }, shape, dtype)
    }

    fn padded_by_zeros(&mut self, op: OpId, node: NodeId, widths: &Widths) -> bool {
        let own = self.node(node).shape.clone();
        let dtype = self.node(node).dtype;
        let shape: Vec<Extent> = own
            .iter()
            .zip(widths)
            .map(|(extent, width)| self.padded_extent(extent, *width))
            .collect();
        self.keep_shared(node);
        let out = self.allocated("numpy.zeros", &shape, dtype);
        let mut view = self.whole(own);
        for (position, [before, _]) in view.positions.iter_mut().zip(widths) {
            position.offset = *before;
        }
        self.nest(out, &view, Operand::Node(node));
        let made = self.shown(out, shape);
        self.nodes[made.index()].source = Some(self.result(op));
        self.bind_node(op, made)
    }
}
