//! The order in which axes lie in memory: that of results, and that in which loops go through it.
//!
//! ```text
//! a.T + b.T        column by column, as both operands lie: the result of NumPy does, too
//! a.T + b          row by row: where operands disagree, C order wins
//! ```
//!
//! NumPy sorts the axes by the strides of all operands (`npyiter_find_best_axis_ordering`). Here a stride is known by its
//! place: axes of an array lie in the order of its base, which is C order unless it was made otherwise; arguments are
//! [looked at](super::lying) in C order. Of an array that Python makes in between and that is not C-contiguous the order
//! is not known; it counts as C order.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind};

use super::extent::Extent;
use super::picks::{Pick, Picks};
use super::space::{NodeId, NodeKind, Operand};
use super::views::{Position, View};
use super::walk::Lower;

/// For each axis how far apart its elements lie beside those of other axes; 0 where there is one.
type Strides = Vec<usize>;

impl Lower<'_> {
    /// The axes of a new array from the one with the largest strides to the one with the smallest, if it is not C order.
    pub(super) fn order_of(&self, node: NodeId) -> Option<Vec<usize>> {
        if let NodeKind::Cast(Operand::Node(part)) = self.node(node).kind
            && !self.node(node).in_c_order
            && self.node(part).shape.len() == self.node(node).shape.len()
            && !self.still_axes(part).is_empty()
        {
            return self.order_of_copy(part);
        }
        let order = sorted(&[self.strides_of(node)], self.node(node).shape.len());
        let is_c = order.windows(2).all(|pair| pair[0] < pair[1]);
        (!is_c).then_some(order)
    }

    /// The same for what copies a node, or is made like it: axes along which nothing moves are the innermost there.
    pub(super) fn order_of_copy(&self, node: NodeId) -> Option<Vec<usize>> {
        let order = self.order_of(node);
        let still = self.still_axes(node);
        if still.is_empty() {
            return order;
        }
        let rank = self.node(node).shape.len();
        let order = inner(order.unwrap_or_else(|| (0..rank).collect()), &still);
        let is_c = order.windows(2).all(|pair| pair[0] < pair[1]);
        (!is_c).then_some(order)
    }

    /// The strides of a node's axes, of what it would be if it were made.
    fn strides_of(&self, node: NodeId) -> Strides {
        let data = self.node(node);
        let rank = data.shape.len();
        if data.in_c_order {
            return c_order(&data.shape);
        }
        let strides = match &data.kind {
            NodeKind::Memory { base, positions } => {
                let own = self.strides_of_base(*base, positions.len());
                through(&own, positions, rank)
            }
            NodeKind::Picked { of, positions } => through(&self.strides_of(*of), positions, rank),
            NodeKind::Map { .. } | NodeKind::Cast(_) | NodeKind::Choose(_) => {
                let operands: Vec<Operand> = match &data.kind {
                    NodeKind::Map { args, .. } => args.clone(),
                    NodeKind::Cast(operand) => vec![*operand],
                    NodeKind::Choose(operands) => operands.to_vec(),
                    _ => Vec::new(),
                };
                let of: Vec<Strides> = operands
                    .iter()
                    .filter_map(|operand| match operand {
                        Operand::Node(part) => {
                            let own = self.strides_of(*part);
                            Some([vec![0; rank - own.len()], own].concat())
                        }
                        Operand::Scalar(_) => None,
                    })
                    .collect();
                ranks(&sorted(&of, rank))
            }
            NodeKind::Bent { of, .. } => self.strides_of(*of),
            NodeKind::Gathered { picks, .. } => picked(picks, rank),
            NodeKind::Index(_) | NodeKind::Compressed { .. } => c_order(&data.shape),
        };
        let one = |axis: usize| data.shape[axis].is_one();
        (0..rank)
            .map(|axis| if one(axis) { 0 } else { strides[axis] })
            .collect()
    }

    fn strides_of_base(&self, base: ValueId, rank: usize) -> Strides {
        match self.orders.get(&base) {
            Some(order) => ranks(order),
            None => {
                let moves = |axis: usize| !self.places.is_still(base, axis);
                (0..rank)
                    .map(|axis| if moves(axis) { rank - axis } else { 0 })
                    .collect()
            }
        }
    }

    /// The axes of an array in memory in the order in which they lie, the outermost first.
    pub(super) fn axes_in_memory(&self, base: ValueId, rank: usize) -> Vec<usize> {
        self.orders.get(&base).cloned().unwrap_or_else(|| (0..rank).collect())
    }

    /// A fold of what lies in another order than C's, as a fold of the same with its axes in that order; `None` where the
    /// result would have its axes in another order, too.
    pub(super) fn in_memory_order(
        &mut self,
        node: NodeId,
        folded: &[bool],
        keepdims: bool,
    ) -> Option<(NodeId, Vec<bool>, bool)> {
        let order = self.order_of(node)?;
        let is_whole = folded.iter().all(|folded| *folded);
        let left: Vec<usize> = order.iter().copied().filter(|axis| !folded[*axis]).collect();
        if keepdims && !is_whole || !left.windows(2).all(|pair| pair[0] < pair[1]) {
            return None;
        }
        if self.node(node).is_open() {
            self.object_of(node);
        }
        let shape = self.node(node).shape.clone();
        let axes: Vec<Option<usize>> = order.iter().map(|axis| Some(*axis)).collect();
        let view = self.showing(&shape, &axes);
        let turned = self.viewed(node, &view);
        let is_ordered = self.is_c_ordered(turned);
        let folded = order.iter().map(|axis| folded[*axis]).collect();
        is_ordered.then_some((turned, folded, keepdims))
    }

    /// The axes in the order in which loops that store to an array go through them: as it lies in memory.
    pub(super) fn walked(&self, base: ValueId, positions: &[Position], rank: usize) -> Vec<usize> {
        let own = self.strides_of_base(base, positions.len());
        sorted(&[through(&own, positions, rank)], rank)
    }

    /// A new array whose axes lie in this order.
    pub(super) fn allocated_in(
        &mut self,
        order: Option<Vec<usize>>,
        callee: &str,
        shape: &[Extent],
        dtype: Dtype,
    ) -> ValueId {
        let Some(order) = order.filter(|order| order.len() <= MOST_AXES) else {
            return self.allocated(callee, shape, dtype);
        };
        self.hold_frame_for_memory();
        let tuple = self.shape_value(shape);
        let named = self.b.value(Kind::Extern(format!("numpy.{}", dtype.attribute())), &[]);
        let digits = order.iter().rev().fold(0, |all, axis| all << 4 | *axis as i128);
        let digits = self.b.constant(Const::Int(digits));
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: vec!["dtype".to_owned(), "order".to_owned()],
        };
        let ty = self.array_type(dtype, shape, false);
        let value = self.typed(kind, &[tuple, named, digits], ty);
        self.orders.insert(value, order);
        value
    }
}

impl Lower<'_> {
    /// A view of a new C-contiguous array, whose axes lie in this order: what picks of some axes are to NumPy.
    pub(super) fn allocated_across(&mut self, order: &[usize], shape: &[Extent], dtype: Dtype) -> ValueId {
        let lying: Vec<Extent> = order.iter().map(|axis| shape[*axis].clone()).collect();
        let base = self.allocated("numpy.empty", &lying, dtype);
        let offset = self.int(0);
        let positions = order
            .iter()
            .map(|axis| Position {
                offset,
                along: Some((*axis, 1)),
            })
            .collect();
        let shape = shape.to_vec();
        let value = self.view_of(base, &View { shape, positions });
        self.orders.insert(value, order.to_vec());
        value
    }
}

/// The order of more axes than this has no room.
const MOST_AXES: usize = 7;

fn c_order(shape: &[Extent]) -> Strides {
    (0..shape.len()).map(|axis| shape.len() - axis).collect()
}

/// Strides of axes that lie in an order, the largest first.
fn ranks(order: &[usize]) -> Strides {
    let mut strides = vec![0; order.len()];
    for (place, axis) in order.iter().enumerate() {
        strides[*axis] = order.len() - place;
    }
    strides
}

/// Axes in an order, but for some that come last.
pub(super) fn inner(order: Vec<usize>, last: &[usize]) -> Vec<usize> {
    let (mut last, mut order): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|axis| last.contains(axis));
    last.sort_unstable();
    order.extend(last);
    order
}

/// The strides of a view by those of its base.
fn through(base: &Strides, positions: &[Position], rank: usize) -> Strides {
    let mut strides = vec![0; rank];
    for (own, position) in base.iter().zip(positions) {
        if let Some((axis, _)) = position.along {
            strides[axis] = strides[axis].max(*own);
        }
    }
    strides
}

/// What arrays of ints pick lies in the order of their axes, then the others.
fn picked(picks: &Picks, rank: usize) -> Strides {
    let own = picks.at..picks.at + picks.rank;
    let others = (0..rank).filter(|axis| !own.contains(axis));
    let only_along = picks.axes.iter().all(|pick| matches!(pick, Pick::Along(_)));
    let order: Vec<usize> = match only_along {
        true => (0..rank).collect(),
        false => own.clone().chain(others).collect(),
    };
    ranks(&order)
}

/// The axes in the order that NumPy goes through operands of these strides, the outermost first.
fn sorted(operands: &[Strides], rank: usize) -> Vec<usize> {
    // From the innermost on, as NumPy has them.
    let mut order: Vec<usize> = (0..rank).rev().collect();
    for from in 1..rank {
        let mut to = from;
        for at in (0..from).rev() {
            match is_in_front(operands, order[from], order[at]) {
                Some(true) => to = at,
                Some(false) => break,
                None => {}
            }
        }
        let axis = order.remove(from);
        order.insert(to, axis);
    }
    order.reverse();
    order
}

/// Whether an axis belongs inside of another; `None` where no operand says so.
fn is_in_front(operands: &[Strides], axis: usize, other: usize) -> Option<bool> {
    let mut found = None;
    for strides in operands {
        let (own, inner) = (strides[axis], strides[other]);
        if own == 0 || inner == 0 {
            continue;
        }
        found = match (inner <= own, found) {
            (true, _) => Some(false),
            (false, None) => Some(true),
            (false, known) => known,
        };
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_sorted_as_in_numpy() {
        let check = |operands: &[&[usize]], expected: &[usize]| {
            let operands: Vec<Strides> = operands.iter().map(|strides| strides.to_vec()).collect();
            assert_eq!(sorted(&operands, expected.len()), expected, "{operands:?}");
        };
        check(&[&[2, 1]], &[0, 1]);
        check(&[&[1, 2]], &[1, 0]);
        check(&[&[1, 2], &[2, 1]], &[0, 1]);
        check(&[&[1, 2], &[0, 1]], &[1, 0]);
        check(&[&[2, 1, 3]], &[2, 0, 1]);
        check(&[&[0, 1, 2], &[1, 0, 0]], &[0, 2, 1]);
        check(&[&[]], &[]);
    }
}
