//! Views by basic subscripts: which element of the base an element of the view is.
//!
//! ```text
//! a[1:-1, k, None]      element [i, 0] is a[i + 1, k]
//! ```
//!
//! Lengths and offsets are Python's: ends are clamped to the axis. Where the ends are constants, or are known to lie in
//! the axis, the length is an affine expression, by which it is compared with others.

use numlift_ir::affine::affine_of;
use numlift_ir::function::ValueId;
use numlift_ir::op::Sub;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::extent::Extent;
use super::walk::Lower;

/// The position along one axis of a base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Position {
    pub offset: ValueId,
    /// The axis of the view that moves along it, and by how much.
    pub along: Option<(usize, i128)>,
}

/// A view: its shape, and the position along each axis of the base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct View {
    pub shape: Vec<Extent>,
    pub positions: Vec<Position>,
}

/// A slice of one axis.
struct Slice {
    offset: ValueId,
    step: i128,
    extent: Extent,
}

impl Lower<'_> {
    /// The view that is the whole.
    pub(super) fn whole(&mut self, shape: Vec<Extent>) -> View {
        let offset = self.int(0);
        let positions = (0..shape.len())
            .map(|axis| Position {
                offset,
                along: Some((axis, 1)),
            })
            .collect();
        View { shape, positions }
    }

    /// Whether subscripts make a view that is understood.
    pub(super) fn is_basic(&self, subs: &[Sub], operands: &[ValueId]) -> bool {
        let mut operand = 0;
        for sub in subs {
            let own = &operands[operand..operand + sub.arity()];
            operand += sub.arity();
            let fits = match sub {
                Sub::At => matches!(self.old.ty(own[0]), Ty::Int(_)),
                Sub::Slice { lo, hi, step } => {
                    let bounds = usize::from(*lo) + usize::from(*hi);
                    let are_ints = own.iter().all(|part| matches!(self.old.ty(*part), Ty::Int(_)));
                    let step = step.then(|| affine_of(self.old, own[bounds]).as_constant());
                    are_ints
                        && match step {
                            None => true,
                            // Backwards only as a whole.
                            Some(Some(step)) => step > 0 && step < 1 << 40 || step == -1 && bounds == 0,
                            Some(None) => false,
                        }
                }
                Sub::NewAxis | Sub::Ellipsis => true,
            };
            if !fits {
                return false;
            }
        }
        true
    }

    /// The view by basic subscripts of something of this shape; operands are of the new function.
    pub(super) fn subscripted(&mut self, shape: &[Extent], subs: &[Sub], operands: &[ValueId]) -> View {
        let used = subs
            .iter()
            .filter(|sub| matches!(sub, Sub::At | Sub::Slice { .. }))
            .count();
        let rest = shape.len() - used;
        let has_ellipsis = subs.contains(&Sub::Ellipsis);
        let zero = self.int(0);
        let mut view = View {
            shape: Vec::new(),
            positions: Vec::new(),
        };
        let mut operand = 0;
        let tail = [Sub::Ellipsis];
        for sub in subs.iter().chain(if has_ellipsis { &[][..] } else { &tail[..] }) {
            let axis = view.positions.len();
            match sub {
                Sub::At => {
                    let offset = self.in_range(operands[operand], &shape[axis]);
                    view.positions.push(Position { offset, along: None });
                }
                Sub::Slice { lo, hi, step } => {
                    let mut parts = operands[operand..].iter().copied();
                    let mut part = |there: bool| there.then(|| parts.next()).flatten();
                    let (lo, hi, step) = (part(*lo), part(*hi), part(*step));
                    let slice = self.slice(&shape[axis], lo, hi, step);
                    view.positions.push(Position {
                        offset: slice.offset,
                        along: Some((view.shape.len(), slice.step)),
                    });
                    view.shape.push(slice.extent);
                }
                Sub::NewAxis => {
                    let one = self.int(1);
                    let key = affine_of(&self.b.func, one);
                    view.shape.push(Extent { value: one, key });
                }
                Sub::Ellipsis => {
                    for extent in &shape[axis..axis + rest] {
                        view.positions.push(Position {
                            offset: zero,
                            along: Some((view.shape.len(), 1)),
                        });
                        view.shape.push(extent.clone());
                    }
                }
            }
            operand += sub.arity();
        }
        view
    }

    /// An index that is required to be in range, counted from the front.
    pub(super) fn in_range(&mut self, index: ValueId, extent: &Extent) -> ValueId {
        let last = extent.key.offset(-1).unwrap_or_default();
        let position = affine_of(&self.b.func, index);
        if self.is_natural(index) {
            if !self.facts.is_at_most(&self.b.func, &position, &last) {
                let below = self.test(F::Lt, index, extent.value);
                self.require(below, "an index in range");
            }
            return index;
        }
        let from_end = self.add(index, extent.value);
        let is_negative = self.as_int(index).is_some_and(|index| index < 0);
        if is_negative {
            let key = affine_of(&self.b.func, from_end);
            if !self.facts.is_natural(&self.b.func, &key) {
                let zero = self.int(0);
                let there = self.test(F::Ge, from_end, zero);
                self.require(there, "an index in range");
            }
            return from_end;
        }
        let zero = self.int(0);
        let below = self.test(F::Lt, index, extent.value);
        self.require(below, "an index in range");
        let there = self.test(F::Ge, from_end, zero);
        self.require(there, "an index in range");
        let is_negative = self.test(F::Lt, index, zero);
        self.select_int(is_negative, from_end, index)
    }

    fn slice(&mut self, extent: &Extent, lo: Option<ValueId>, hi: Option<ValueId>, step: Option<ValueId>) -> Slice {
        let given = step;
        // A step that is not known is the caller's affair.
        let step = given.and_then(|step| self.as_int(step)).unwrap_or(1);
        let zero = self.int(0);
        if step == -1 {
            let one = self.int(1);
            return Slice {
                offset: self.sub(extent.value, one),
                step,
                extent: extent.clone(),
            };
        }
        let (offset, start) = match lo {
            None => (zero, zero),
            // Where the axis is shorter there are no elements, so that the offset does not matter.
            Some(lo) if self.is_natural(lo) => (lo, lo),
            Some(lo) => {
                let start = self.clamped(lo, extent);
                (start, start)
            }
        };
        let span = self.span(extent, start, hi);
        let Some(by) = given.filter(|by| self.as_int(*by) != Some(1)) else {
            return Slice {
                offset,
                step,
                extent: span,
            };
        };
        let one = self.int(1);
        let count = match self.as_int(by) {
            Some(known) => {
                let more = self.int(known - 1);
                let rounded = self.add(span.value, more);
                self.floor_div(rounded, by)
            }
            // The sum might leave 64 bits.
            None => {
                let less = self.sub(span.value, one);
                let others = self.floor_div(less, by);
                self.add(others, one)
            }
        };
        Slice {
            offset,
            step,
            extent: self.extent_of_int(count),
        }
    }

    /// The length from a start that is at least 0 to the end.
    fn span(&mut self, extent: &Extent, start: ValueId, hi: Option<ValueId>) -> Extent {
        let first = affine_of(&self.b.func, start);
        let end = match hi {
            None => extent.key.clone(),
            Some(hi) => {
                let position = affine_of(&self.b.func, hi);
                match self.as_int(hi) {
                    // As many as are left of the whole.
                    Some(n) if n < 0 => extent.key.offset(n).unwrap_or_default(),
                    _ if self.is_natural(hi) && self.facts.is_at_most(&self.b.func, &position, &extent.key) => position,
                    // `x[:, 0:1]`: a column that stretches, if there is one.
                    Some(n) if first.as_constant() == Some(n - 1) => {
                        let there = self.test(F::Ge, extent.value, hi);
                        self.require(there, "a row or column of the slice");
                        position
                    }
                    _ => {
                        let end = self.clamped(hi, extent);
                        affine_of(&self.b.func, end)
                    }
                }
            }
        };
        let key = end.minus(&first).unwrap_or_default();
        self.extent_by(key, |lower| {
            let end = match hi {
                None => extent.value,
                Some(hi) => lower.clamped(hi, extent),
            };
            let length = lower.sub(end, start);
            let zero = lower.int(0);
            lower.max(length, zero)
        })
    }

    /// An end of a slice as Python takes it: counted from the front, from 0 to the extent.
    fn clamped(&mut self, end: ValueId, extent: &Extent) -> ValueId {
        if self.is_natural(end) {
            return self.min(end, extent.value);
        }
        let zero = self.int(0);
        let counted = self.add(end, extent.value);
        let from_end = self.max(counted, zero);
        if self.as_int(end).is_some_and(|end| end < 0) {
            return from_end;
        }
        let from_front = self.min(end, extent.value);
        let is_negative = self.test(F::Lt, end, zero);
        self.select_int(is_negative, from_end, from_front)
    }
}
