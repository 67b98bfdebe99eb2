//! Folds of a whole array whose order does not matter, in parts.
//!
//! ```text
//! np.max(x)     for t in range(parts): own[t] = max of x[t * size : (t + 1) * size]        max of own[:parts]
//! ```
//!
//! The parts are independent, so threads may share them ([`super::parallel`]), and how many there are follows from the
//! length alone: whatever is made of them, a zero of either sign or one of several NaN, is the same on any machine. The
//! parts of one axis are taken, the outermost that has more than one element.

use numlift_ir::affine::affine_of;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::{Interval, Ty};

use super::extent::Extent;
use super::fold::Fold;
use super::nest::{INDEX, Nest};
use super::pairwise::Terms;
use super::space::CHEAP;
use super::walk::Lower;

/// A part has so many elements at least,
const PART: i128 = 8192;

/// and so many are there at most.
const MOST: i128 = 64;

impl Lower<'_> {
    /// A fold of all axes in parts; `None` where there is no reason to.
    pub(super) fn folded_in_parts(&mut self, fold: &Fold) -> Option<ValueId> {
        let shape = self.node(fold.node).shape.clone();
        let axis = shape.iter().position(|extent| !extent.is_one())?;
        let mut count = self.int(1);
        for extent in &shape {
            count = self.mul(count, extent.value);
        }
        let most = self.int(PART);
        if self.is_at_most(count, most) {
            return None;
        }
        let extent = shape[axis].value;
        let (size, parts) = self.cut(count, extent);
        let most = self.int(MOST);
        let most = Extent {
            value: most,
            key: affine_of(&self.b.func, most),
        };
        let own = self.allocated("numpy.empty", &[most], fold.dtype);
        let mut nest = Nest::new(self.b.block);
        let (block, ()) = self.inside(&mut nest, &[Ty::Int(INDEX)], |lower, nest, params| {
            lower.b.block = nest.here();
            let start = lower.mul(params[0], size);
            let end = lower.add(start, size);
            let end = lower.min(end, extent);
            lower.is_here(nest, start);
            lower.is_here(nest, end);
            let value = lower.part_of_fold(nest, fold, axis, [start, end]);
            lower.b.block = nest.here();
            lower.b.effect(Kind::Store, &[own, params[0], value]);
            lower.b.end(nest.here(), Term::Yield(Vec::new()));
        });
        self.b.block = nest.here();
        let (zero, one) = (self.int(0), self.int(1));
        self.b.for_op([zero, parts, one], &[], block, &[]);
        Some(self.combined_parts(&mut nest, fold, own, parts))
    }

    /// How long parts are, and how many there are; none of them is empty.
    fn cut(&mut self, count: ValueId, extent: ValueId) -> (ValueId, ValueId) {
        let (one, most, least) = (self.int(1), self.int(MOST), self.int(PART));
        let wanted = self.floor_div(count, least);
        let wanted = self.max(wanted, one);
        let wanted = self.min(wanted, most);
        let size = self.quotient_upwards(extent, wanted);
        let size = self.max(size, one);
        let parts = self.quotient_upwards(extent, size);
        (size, parts)
    }

    fn quotient_upwards(&mut self, a: ValueId, b: ValueId) -> ValueId {
        let one = self.int(1);
        let more = self.sub(b, one);
        let sum = self.add(a, more);
        self.floor_div(sum, b)
    }

    /// The fold of a part of an axis, and of all axes behind it.
    fn part_of_fold(&mut self, nest: &mut Nest, fold: &Fold, axis: usize, [start, end]: [ValueId; 2]) -> ValueId {
        let rank = fold.folded.len();
        let own = Fold {
            // What it begins with is taken once; that an extremum is taken twice does no harm.
            init: fold.identity.or(fold.init),
            folded: fold.folded.clone(),
            ..*fold
        };
        self.b.block = nest.here();
        let zero = self.int(0);
        let mut indices = vec![zero; axis];
        if axis + 1 == rank && self.folds_in_lanes(&own) {
            return self.run_in_lanes(nest, &own, &indices, [start, end]);
        }
        let flat = Fold { tail: 0, ..own };
        self.fold_range(nest, &flat, &mut indices, [start, end], rank, None)
    }

    /// The fold of a part of the last axis, in lanes.
    fn run_in_lanes(
        &mut self,
        nest: &mut Nest,
        fold: &Fold,
        indices: &[ValueId],
        [start, end]: [ValueId; 2],
    ) -> ValueId {
        let all = |lower: &mut Lower<'_>, nest: &mut Nest, index: ValueId| {
            let all = indices.iter().copied().chain([index]).collect();
            lower.term(nest, fold, all)
        };
        let first = match fold.init {
            Some(init) => init,
            None => all(self, nest, start),
        };
        self.b.block = nest.here();
        let count = self.sub(end, start);
        self.is_here(nest, count);
        let terms = Terms {
            at: &all,
            are_dear: self.node(fold.node).cost > CHEAP,
        };
        self.in_lanes(nest, fold.f, [start, count, first], fold.dtype, &terms)
    }

    fn combined_parts(&mut self, nest: &mut Nest, fold: &Fold, own: ValueId, parts: ValueId) -> ValueId {
        self.b.block = nest.here();
        let ty = Ty::Np(fold.dtype);
        let (zero, one) = (self.int(0), self.int(1));
        let (first, init) = match fold.init {
            Some(init) => (zero, init),
            None => (one, self.typed(Kind::Load, &[own, zero], ty.clone())),
        };
        let index = Ty::Int(Interval {
            lo: Some(0),
            hi: Some(MOST - 1),
        });
        let (block, ()) = self.inside(nest, &[index, ty.clone()], |lower, nest, params| {
            lower.b.block = nest.here();
            let value = lower.typed(Kind::Load, &[own, params[0]], ty.clone());
            lower.is_here(nest, value);
            let value = lower.combined(nest, fold, params[1], value);
            lower.b.end(nest.here(), Term::Yield(vec![value]));
        });
        let value = self.b.for_op([first, parts, one], &[init], block, &[ty])[0];
        self.is_here(nest, value);
        value
    }
}
