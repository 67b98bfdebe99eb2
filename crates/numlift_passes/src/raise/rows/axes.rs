//! What the axes of an array are subscripted with, and what that needs: slices within their array, lengths that agree.

use numlift_ir::affine::{Affine, Atom, affine_of, is_equal};
use numlift_ir::function::{BlockId, Function, ValueId};
use numlift_ir::op::Sub;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::super::arithmetic::{counter_type, int_const, int_op};
use super::super::constant;
use super::Opener;
use crate::condition::{Condition, Fact, prove_at_most};

/// What one axis of an array is subscripted with.
pub(super) enum Axis {
    At(ValueId),
    /// From a place on, so many.
    From(ValueId, ValueId),
}

impl Axis {
    pub fn moving(&self) -> Option<ValueId> {
        match self {
            Self::At(_) => None,
            Self::From(_, length) => Some(*length),
        }
    }
}

impl Opener<'_> {
    /// What each axis of a base is subscripted with.
    pub(super) fn axes(
        &mut self,
        func: &mut Function,
        base: ValueId,
        rank: usize,
        subs: &[Sub],
        operands: &[ValueId],
    ) -> Option<Vec<Axis>> {
        let whole = self.shape(func, base)?;
        let mut operands = operands.iter().copied();
        let mut axes = Vec::new();
        for sub in subs {
            let extent = *whole.get(axes.len())?;
            match *sub {
                Sub::At => {
                    let index = operands.next()?;
                    func.ty(index)
                        .as_scalar()
                        .filter(|scalar| scalar.array_dtype().is_integer())?;
                    axes.push(Axis::At(index));
                }
                Sub::Slice { lo, hi, step } => {
                    let zero = int_const(func, self.block, 0, self.at);
                    let low = if lo {
                        self.bound(func, operands.next()?, extent)?
                    } else {
                        zero
                    };
                    let high = if hi {
                        self.bound(func, operands.next()?, extent)?
                    } else {
                        extent
                    };
                    if step && constant(func, operands.next()?) != Some(1) {
                        return None;
                    }
                    let (first, last) = (affine_of(func, low), affine_of(func, high));
                    self.require(func, Affine::default(), first.clone())?;
                    self.require(func, first.clone(), last.clone())?;
                    self.require(func, last.clone(), affine_of(func, extent))?;
                    let length = match last.minus(&first)?.as_constant() {
                        Some(known) => int_const(func, self.block, known, self.at),
                        None if hi || lo => self.distance(func, &first, &last, low, high)?,
                        None => extent,
                    };
                    axes.push(Axis::From(low, length));
                }
                Sub::NewAxis | Sub::Ellipsis => return None,
            }
        }
        while axes.len() < rank {
            let zero = int_const(func, self.block, 0, self.at);
            axes.push(Axis::From(zero, *whole.get(axes.len())?));
        }
        Some(axes)
    }

    /// `high - low`, without the loop's index where it cancels out.
    fn distance(
        &self,
        func: &mut Function,
        first: &Affine,
        last: &Affine,
        low: ValueId,
        high: ValueId,
    ) -> Option<ValueId> {
        let difference = last.minus(first)?;
        if let [(Atom::Value(value), 1)] = difference.terms.iter().map(|(a, f)| (*a, *f)).collect::<Vec<_>>()[..]
            && !self.looped.scope.defines(func, value)
        {
            let rest = int_const(func, self.block, difference.constant, self.at);
            return Some(int_op(func, self.block, F::Add, value, rest, self.at));
        }
        let index = Atom::Value(self.looped.index);
        (difference.coefficient(index) == 0).then_some(())?;
        Some(int_op(func, self.block, F::Sub, high, low, self.at))
    }

    /// A bound of a slice; a negative literal counts from the end.
    fn bound(&self, func: &mut Function, bound: ValueId, extent: ValueId) -> Option<ValueId> {
        if !matches!(func.ty(bound), Ty::Int(_)) {
            return None;
        }
        Some(match constant(func, bound) {
            Some(known) if known < 0 => int_op(func, self.block, F::Add, extent, bound, self.at),
            _ => bound,
        })
    }

    /// The indices of the base, for those of its moving axes.
    pub(super) fn places(&self, func: &mut Function, into: BlockId, axes: &[Axis], moving: &[ValueId]) -> Vec<ValueId> {
        let mut moving = moving.iter().copied();
        axes.iter()
            .map(|axis| match *axis {
                Axis::At(index) => index,
                Axis::From(low, length) => {
                    let counter = moving.next().unwrap_or(length);
                    int_op(func, into, F::Add, low, counter, self.at)
                }
            })
            .collect()
    }

    /// Two extents must be equal.
    pub(super) fn equal(&mut self, func: &Function, a: ValueId, b: ValueId) -> Option<()> {
        let (a, b) = (affine_of(func, a), affine_of(func, b));
        if is_equal(&a, &b) {
            return Some(());
        }
        self.require(func, a.clone(), b.clone())?;
        self.require(func, b, a)
    }

    /// `low <= high` in every iteration.
    pub(super) fn require(&mut self, func: &Function, low: Affine, high: Affine) -> Option<()> {
        let index = Atom::Value(self.looped.index);
        let mut room = high.minus(&low)?;
        let factor = room.coefficient(index);
        if factor != 0 {
            // The index is nearest at one of its ends.
            if constant(func, self.looped.step) != Some(1) {
                return None;
            }
            let end = if factor > 0 {
                affine_of(func, self.looped.start)
            } else {
                affine_of(func, self.looped.stop).offset(-1)?
            };
            room = room.substitute(index, &end)?;
        }
        if prove_at_most(func, &Affine::default(), &room) == Some(true) {
            return Some(());
        }
        let outside = room.terms.keys().all(|atom| match atom {
            Atom::Value(value) | Atom::Extent(value, _) => !self.looped.scope.defines(func, *value),
            Atom::Sym(_) => true,
        });
        if !outside {
            return None;
        }
        let condition = Condition {
            fact: Fact::AtMost(Affine::default(), room),
            at: self.at,
        };
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
        Some(())
    }

    /// Parameters that count over extents.
    pub(super) fn counters(&self, func: &mut Function, block: BlockId, extents: &[ValueId]) -> Vec<ValueId> {
        extents
            .iter()
            .map(|extent| {
                let ty = counter_type(func, *extent);
                func.add_param(block, ty, None)
            })
            .collect()
    }
}
