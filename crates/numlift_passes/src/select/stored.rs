//! Whether a number that is stored does what a store of a whole array does.
//!
//! ```text
//! h[i, j] = int(0.3 * a[i, j])      h: uint8       =>  h = (0.3 * a).astype(np.uint8)
//!                                                      if (v < 256.0).all() and (v >= 0.0).all()
//! ```
//!
//! A Python int that its dtype does not hold raises `OverflowError`, and NumPy's wider integers raise or wrap around by
//! their value; the cast of an array wraps around in silence. Where no interval shows that all of them fit, a test at
//! the entry does. What makes an int of a float (`int`, `round`, `math.floor`) makes it in the store's own cast, so
//! that no second array is needed.

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::ValueId;
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Interval;

use super::needs::makes_int;
use super::vectorize::Context;
use super::{Lifted, Result, Selector};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Fact;

/// What a test of ints says.
const FITS: &str = "every int that is stored fits";

impl Selector<'_> {
    /// Whether a scalar may be stored into a dtype at all.
    pub(super) fn check_store(&mut self, value: ValueId, dtype: Dtype) -> Result<()> {
        let Some(scalar) = self.scalar(value) else {
            return Err(self.no_form("what is stored is no number, or not always of one type"));
        };
        if !dtype.is_known() {
            return Err(self.bad_cast("the array's dtype has no array form here"));
        }
        if scalar.array_dtype().is_complex() && !dtype.is_complex() {
            return Err(self.bad_cast("a complex number is stored into real memory, which raises"));
        }
        Ok(())
    }

    /// What a store into memory of a dtype stores, with what makes it fit stated; the store's cast is still to come.
    pub(super) fn lift_stored(&mut self, value: ValueId, dtype: Dtype, context: &Context) -> Result<Lifted> {
        if let Some(limits) = limits_of(dtype)
            && let Some((f, float)) = self.cut_float(value)
            && self.depends_on_indices(&[float], context)
        {
            let mut lifted = self.lift(float, context)?;
            if !lifted.axes.is_empty() {
                lifted.value = match f {
                    F::Floor | F::Ceil | F::Round => self.out.ufunc(f, &[lifted.value]),
                    _ => lifted.value,
                };
                self.step("floats cut to integers");
                self.whole_floats(lifted.value, limits)?;
                return Ok(lifted);
            }
        }
        let lifted = self.lift(value, context)?;
        self.fits_when_stored(value, lifted.value, dtype, context)?;
        Ok(lifted)
    }

    /// `int(x)` of a float, and its relatives: the function and `x`.
    fn cut_float(&self, value: ValueId) -> Option<(F, ValueId)> {
        let op = self.raised.defining(value)?;
        let Kind::Scalar { f, .. } = op.kind else { return None };
        let cuts = makes_int(f) && self.scalar(value) == Some(ScalarTy::PyInt) && self.is_float(op.args[0]);
        cuts.then_some((f, op.args[0]))
    }

    /// Floats that are stored into integers lose their fractions either way; beyond the dtype the loop raises where a
    /// cast of an array gives garbage, so that none may be. Nor may integers be beyond it.
    fn fits_when_stored(&mut self, source: ValueId, stored: ValueId, dtype: Dtype, context: &Context) -> Result<()> {
        let (Some(limits), Some(scalar)) = (limits_of(dtype), self.scalar(source)) else {
            return Ok(());
        };
        if self.is_float(source) {
            self.step("floats cut to integers");
            return self.whole_floats(stored, limits);
        }
        let from = scalar.array_dtype();
        let (Some((low, high)), true) = (dtype.integer_limits(), from.is_integer()) else {
            return Ok(());
        };
        let given = match scalar.is_python() {
            true => self.int_interval(source),
            false if can_cast(from, dtype, Casting::Safe) => return Ok(()),
            false => from
                .integer_limits()
                .map_or(Interval::ALL, |(low, high)| Interval::new(low, high)),
        };
        if given.is_within(Interval::new(low, high)) {
            return Ok(());
        }
        if given.lo.is_some_and(|lo| lo > high) || given.hi.is_some_and(|hi| hi < low) {
            return Err(self.bad_cast("the number that is stored is beyond what the array's dtype holds"));
        }
        if scalar.is_python() {
            if let Some((first, last)) = self.ends(source, context) {
                self.require(Fact::AtMost(Affine::constant(low), first), self.at)?;
                return self.require(Fact::AtMost(last, Affine::constant(high)), self.at);
            }
            if self.bounded_by_extents(source, |interval| interval.is_within(Interval::new(low, high)))? {
                return Ok(());
            }
        }
        if given.hi.is_none_or(|hi| hi > high) {
            self.compares(F::Le, stored, high, FITS)?;
        }
        if given.lo.is_none_or(|lo| lo < low) {
            self.compares(F::Ge, stored, low, FITS)?;
        }
        Ok(())
    }

    /// A test that every int compares so with a bound.
    pub(super) fn compares(&mut self, f: F, stored: ValueId, bound: i128, what: &str) -> Result<()> {
        let bound = self.out.int(bound);
        let holds = match self.out.func.ty(stored).as_scalar().is_some() {
            true => self.out.operator(f, &[stored, bound]),
            false => self.out.ufunc(f, &[stored, bound]),
        };
        let holds = self.all_of(holds);
        self.require(Fact::Holds(holds, what.to_owned()), self.at)
    }

    /// The least and the greatest value of an affine int over all iterations.
    pub(super) fn ends(&self, value: ValueId, context: &Context) -> Option<(Affine, Affine)> {
        let affine = affine_of(self.raised, value);
        let (mut low, mut high) = (affine.clone(), affine.clone());
        for dim in context.dims_of(&affine) {
            let atom = Atom::Value(context.param(dim)?);
            let last = context.extents[dim].offset(-1)?;
            let (at_low, at_high) = if affine.coefficient(atom) > 0 {
                (Affine::default(), last)
            } else {
                (last, Affine::default())
            };
            low = low.substitute(atom, &at_low)?;
            high = high.substitute(atom, &at_high)?;
        }
        let known = low.terms.keys().chain(high.terms.keys()).all(|atom| match atom {
            Atom::Value(value) => self.map.contains_key(value),
            Atom::Extent(..) | Atom::Sym(_) => true,
        });
        known.then_some((low, high))
    }

    fn bad_cast(&self, message: &str) -> Box<Blocker> {
        Box::new(Blocker::new(BlockerKind::Cast, self.at, message.to_owned()))
    }
}

/// The ints that a float may become in memory of an integer dtype: well within 64 bits every float has an exact whole
/// part.
fn limits_of(dtype: Dtype) -> Option<Interval> {
    let (low, high) = dtype.integer_limits().filter(|_| dtype.is_integer())?;
    let most = 9_000_000_000_000_000_000;
    Some(Interval::new(low.max(-most), high.min(most - 1)))
}
