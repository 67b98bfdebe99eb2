//! The strength of computing on arrays, and what that needs.
//!
//! The tables of `numlift_ir::scalar` say what a step from a scalar flavour to a ufunc promises and needs. Needs on
//! values become tests at the entry unless types prove them; needs on warnings are announced.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{Def, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::calibration::Calibration;
use numlift_ir::scalar::power::{Exponent, PowerForm, array_form, power_forms};
use numlift_ir::scalar::step::{Change, Layout, Need, Step, Strength, step};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::{Interval, Ty};

use super::{Announced, Lifted, Result, Selector, number};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Fact;

/// The ints that floats may become: products of two of them fit 64 bits.
pub(super) const WHOLE_FLOATS: Interval = Interval {
    lo: Some(-(1 << 31) + 1),
    hi: Some((1 << 31) - 1),
};

/// Functions that give a Python int of a float.
pub(super) fn makes_int(f: F) -> bool {
    matches!(f, F::ToInt | F::Round | F::Floor | F::Ceil | F::Trunc)
}

/// The type of a scalar; of one that may be a Python number or a NumPy scalar, the latter where both have one dtype.
pub(super) fn uniform(ty: &Ty) -> Option<ScalarTy> {
    let options = ty.scalar_options()?;
    let last = *options.last()?;
    options
        .iter()
        .all(|option| option.array_dtype() == last.array_dtype())
        .then_some(last)
}

/// One application of a scalar function: what the loop computes, and with what the array form does.
pub(super) struct Application<'a> {
    pub f: F,
    pub flavour: Flavour,
    /// Operands in the loop.
    pub sources: &'a [ValueId],
    /// Operands in the array form, aligned.
    pub operands: &'a [ValueId],
    /// The result in the loop.
    pub value: ValueId,
}

impl Selector<'_> {
    /// The ufunc, its needs met or stated.
    pub(super) fn apply(&mut self, application: &Application<'_>) -> Result<ValueId> {
        if application.f == F::Pow
            && let Some(exponent) = self.exponent(application.operands[1])
        {
            return self.power(application, exponent);
        }
        let (from_tys, to_tys) = self.types(application)?;
        let is_narrow = |ty: &ScalarTy| matches!(ty, ScalarTy::Np(Dtype::F16 | Dtype::F32 | Dtype::C64));
        let is_number = |operand: &ValueId| number(&self.out.func, *operand).is_some();
        let wide = to_tys
            .iter()
            .zip(application.operands)
            .any(|(ty, operand)| *ty == ScalarTy::PyFloat && !is_number(operand));
        if wide && to_tys.iter().any(is_narrow) {
            // A Python float that is too large for the array's dtype is one even where no element is.
            self.announced.insert(Announced::Warnings);
        }
        let change = Change {
            f: application.f,
            from: application.flavour,
            from_tys: &from_tys,
            to_tys: &to_tys,
            layout: Layout::Contiguous,
        };
        let step = step(&change, &Calibration::portable());
        let new = self.out.ufunc(application.f, application.operands);
        self.take(application, &step, new)?;
        Ok(match step.cast_to {
            Some(dtype) => self.astype(new, dtype),
            None => new,
        })
    }

    /// A test that a scalar function does not raise of these operands.
    pub(super) fn cannot_raise(
        &mut self,
        f: F,
        flavour: Flavour,
        sources: &[ValueId],
        operands: &[ValueId],
    ) -> Result<()> {
        let floats = sources
            .iter()
            .all(|source| self.scalar(*source) == Some(ScalarTy::PyFloat));
        match (f, flavour) {
            (F::TrueDiv | F::FloorDiv | F::Mod, Flavour::Py) if floats => {
                let holds = self.all_of(operands[1]);
                self.require(Fact::Holds(holds, "no divisor is 0".to_owned()), self.at)
            }
            (F::Sqrt, Flavour::Math) if floats => {
                self.compared(sources[0], operands[0], F::Lt, 0.0, |value| value >= 0.0)
            }
            (F::Log | F::Log2 | F::Log10, Flavour::Math) if floats => {
                self.compared(sources[0], operands[0], F::Le, 0.0, |value| value > 0.0)
            }
            _ => Err(self.no_form("a number that may raise, and that only some iterations come to")),
        }
    }

    fn types(&self, application: &Application<'_>) -> Result<(Vec<ScalarTy>, Vec<ScalarTy>)> {
        let unknown = || self.no_form("an operand that is no number, or not always of one type");
        let from: Option<Vec<ScalarTy>> = application
            .sources
            .iter()
            .map(|source| uniform(self.raised.ty(*source)))
            .collect();
        let to: Option<Vec<ScalarTy>> = application
            .operands
            .iter()
            .map(|operand| match self.out.func.ty(*operand) {
                ty @ (Ty::Array { .. } | Ty::Tensor { .. }) => {
                    ty.elements().map(|(elem, _)| ScalarTy::Np(elem.array_dtype()))
                }
                ty => uniform(ty),
            })
            .collect();
        Ok((from.ok_or_else(unknown)?, to.ok_or_else(unknown)?))
    }

    fn exponent(&self, operand: ValueId) -> Option<Exponent> {
        match self.out.func.as_const(operand)? {
            Const::Int(int) => i64::try_from(*int).ok().map(Exponent::Int),
            Const::Float(float) => Some(Exponent::Float(*float)),
            _ => None,
        }
    }

    /// A power with a literal exponent: the fastest form whose strength is allowed.
    fn power(&mut self, application: &Application<'_>, exponent: Exponent) -> Result<ValueId> {
        let base = self
            .raised
            .ty(application.sources[0])
            .scalar_options()
            .and_then(|options| options.last().copied())
            .ok_or_else(|| self.no_form("a power of something that is no number"))?;
        let calibration = Calibration::portable();
        let forms = power_forms(application.flavour, base, exponent, Layout::Contiguous, &calibration);
        let written = array_form(base.array_dtype(), exponent);
        let allowed = |step: &Step| match step.strength {
            Strength::Exact => true,
            Strength::Rounding { .. } => !self.options.exact,
            Strength::Differs(_) => false,
        };
        let Some((form, step)) = forms.iter().find(|(_, step)| allowed(step)) else {
            let why = forms.iter().find_map(|(_, step)| match step.strength {
                Strength::Differs(why) => Some(why),
                _ => None,
            });
            return Err(self.no_form(why.unwrap_or("no form of this power gives the same bits")));
        };
        let x = application.operands[0];
        let new = match form {
            PowerForm::Identity => x,
            // Written as the program has it where NumPy takes this form for it anyway.
            _ if *form == written => self.out.ufunc(F::Pow, application.operands),
            PowerForm::Square => self.out.ufunc(F::Square, &[x]),
            PowerForm::Cube => {
                let square = self.out.ufunc(F::Mul, &[x, x]);
                self.out.ufunc(F::Mul, &[square, x])
            }
            PowerForm::Sqrt => self.out.ufunc(F::Sqrt, &[x]),
            PowerForm::Reciprocal => self.out.ufunc(F::Reciprocal, &[x]),
            PowerForm::Power => self.out.ufunc(F::Pow, application.operands),
            PowerForm::FloatPower => self.out.ufunc(F::FloatPower, application.operands),
        };
        let step = step.clone();
        self.take(application, &step, new)?;
        Ok(match step.cast_to {
            Some(dtype) => self.astype(new, dtype),
            None => new,
        })
    }

    /// Records a step's strength and meets its needs.
    fn take(&mut self, application: &Application<'_>, step: &Step, new: ValueId) -> Result<()> {
        match step.strength {
            Strength::Exact => {}
            Strength::Rounding { ulp } => {
                self.rounding(&format!(
                    "`{}` of a scalar → of an array, {ulp} ulp",
                    application.f.name()
                ))?;
            }
            Strength::Differs(why) => return Err(self.no_form(why)),
        }
        for need in &step.needs {
            self.need(application, *need, new)?;
        }
        Ok(())
    }

    fn need(&mut self, application: &Application<'_>, need: Need, new: ValueId) -> Result<()> {
        let source = |k: usize| application.sources[k];
        let operand = |k: usize| application.operands[k];
        match need {
            Need::Quiet => {
                self.announced.insert(Announced::Warnings);
                Ok(())
            }
            Need::IntFits if application.flavour != Flavour::Py => {
                // NumPy's scalars wrap as arrays do, but warn of it.
                self.announced.insert(Announced::Warnings);
                Ok(())
            }
            Need::IntFits => {
                let interval = self.int_interval(application.value);
                let range = Interval::new(i128::from(i64::MIN), i128::from(i64::MAX));
                if interval.is_within(range)
                    || self.bounded_by_extents(application.value, |interval| interval.is_within(range))?
                {
                    return Ok(());
                }
                Err(Box::new(
                    Blocker::new(
                        BlockerKind::Overflow,
                        self.at,
                        "Python ints have no bound, where NumPy's wrap around at 64 bits",
                    )
                    .help("if the numbers are small, an array of a NumPy dtype says so"),
                ))
            }
            Need::ExactInFloat(k) => {
                let exact = Interval::new(-(1 << 53), 1 << 53);
                if self.int_interval(source(k)).is_within(exact) {
                    return Ok(());
                }
                self.bounded_ints(operand(k), 1 << 53)
            }
            Need::NonZero(k) => match number(self.raised, source(k)) {
                Some(value) if value != 0.0 => Ok(()),
                _ if self.excludes_zero(source(k)) => Ok(()),
                _ => {
                    let holds = self.all_of(operand(k));
                    self.require(Fact::Holds(holds, "no divisor is 0".to_owned()), self.at)
                }
            },
            Need::AtLeast(k, bound) => self.compared(source(k), operand(k), F::Lt, bound, |value| value >= bound),
            Need::Above(k, bound) => self.compared(source(k), operand(k), F::Le, bound, |value| value > bound),
            Need::Within(k, low, high) => {
                self.compared(source(k), operand(k), F::Lt, low, |value| value >= low)?;
                self.compared(source(k), operand(k), F::Gt, high, |value| value <= high)
            }
            Need::Inside(k, low, high) => {
                self.compared(source(k), operand(k), F::Le, low, |value| value > low)?;
                self.compared(source(k), operand(k), F::Ge, high, |value| value < high)
            }
            // Of a base only the negative infinity matters, whose root is NaN.
            Need::NotNegativeZero(0) | Need::NotInfinite(0)
                if application.f == F::Pow && self.is_without_sign(source(0)) =>
            {
                Ok(())
            }
            Need::NotNan(k) | Need::NotInfinite(k) | Need::Finite(k) if self.magnitude(source(k)).is_some() => Ok(()),
            Need::FiniteResult if self.magnitude(application.value).is_some() => Ok(()),
            Need::NotNan(k) => self.none_is(source(k), operand(k), F::Isnan, "NaN"),
            Need::NotInfinite(k) => self.none_is(source(k), operand(k), F::Isinf, "infinite"),
            // What has a whole part that fits is finite.
            Need::Finite(0) if makes_int(application.f) => Ok(()),
            Need::Finite(k) => {
                if number(self.raised, source(k)).is_some_and(f64::is_finite) || self.is_int(source(k)) {
                    return Ok(());
                }
                self.all_finite(operand(k))
            }
            Need::FiniteResult => self.all_finite(new),
            Need::NotNegativeZero(k) if self.is_int(source(k)) => Ok(()),
            Need::NotNegativeZero(k) => {
                let negative = self.out.ufunc(F::Signbit, &[operand(k)]);
                self.none_of(negative, "no element is negative")
            }
            Need::ResultFits(numlift_ir::dtype::Dtype::I64) if makes_int(application.f) => {
                self.whole_floats(new, WHOLE_FLOATS)
            }
            Need::NoZeroTie | Need::ResultFits(_) => {
                Err(self.no_form("zeros of different sign, or results beyond 64 bits, cannot be excluded"))
            }
        }
    }

    fn is_int(&self, source: ValueId) -> bool {
        self.scalar(source).is_some_and(|ty| !ty.array_dtype().is_inexact())
    }

    fn excludes_zero(&self, source: ValueId) -> bool {
        let interval = self.int_interval(source);
        matches!(self.raised.ty(source), Ty::Int(_))
            && (interval.lo.is_some_and(|lo| lo > 0) || interval.hi.is_some_and(|hi| hi < 0))
    }

    /// No element may compare so with a bound; `holds` says whether a known number is right.
    fn compared(
        &mut self,
        source: ValueId,
        operand: ValueId,
        wrong: F,
        bound: f64,
        holds: impl Fn(f64) -> bool,
    ) -> Result<()> {
        if number(self.raised, source).is_some_and(&holds) {
            return Ok(());
        }
        let interval = self.int_interval(source);
        if matches!(self.raised.ty(source), Ty::Int(_))
            && interval.lo.is_some_and(|lo| holds(lo as f64))
            && interval.hi.is_none_or(|hi| holds(hi as f64))
            && matches!(wrong, F::Lt | F::Le)
        {
            return Ok(());
        }
        if wrong == F::Lt && bound == 0.0 && self.is_never_below_zero(source) {
            return Ok(());
        }
        let bound = self.out.constant(Const::Float(bound));
        let outside = if self.out.func.ty(operand).as_scalar().is_some() {
            self.out.operator(wrong, &[operand, bound])
        } else {
            self.out.ufunc(wrong, &[operand, bound])
        };
        self.none_of(outside, "every element is in the function's domain")
    }

    fn none_is(&mut self, source: ValueId, operand: ValueId, test: F, what: &str) -> Result<()> {
        if number(self.raised, source).is_some_and(f64::is_finite) || self.is_int(source) {
            return Ok(());
        }
        let found = self.out.ufunc(test, &[operand]);
        self.none_of(found, &format!("no element is {what}"))
    }

    fn none_of(&mut self, mask: ValueId, text: &str) -> Result<()> {
        let any = if self.out.func.ty(mask).as_scalar().is_some() {
            mask
        } else {
            self.out.value(
                Kind::Method {
                    name: "any".to_owned(),
                    keywords: Vec::new(),
                },
                &[mask],
            )
        };
        let none = self.out.operator(F::Not, &[any]);
        self.require(Fact::Holds(none, text.to_owned()), self.at)
    }

    pub(super) fn all_of(&mut self, value: ValueId) -> ValueId {
        if self.out.func.ty(value).as_scalar().is_some() {
            return self.out.value(Kind::Truth, &[value]);
        }
        self.out.value(
            Kind::Method {
                name: "all".to_owned(),
                keywords: Vec::new(),
            },
            &[value],
        )
    }

    fn all_finite(&mut self, value: ValueId) -> Result<()> {
        let finite = self.out.ufunc(F::Isfinite, &[value]);
        let all = self.all_of(finite);
        self.require(Fact::Holds(all, "every value is finite".to_owned()), self.at)
    }

    fn bounded_ints(&mut self, operand: ValueId, limit: i128) -> Result<()> {
        let size = self.out.ufunc(F::Abs, &[operand]);
        let limit = self.out.int(limit);
        let beyond = self.out.ufunc(F::Gt, &[size, limit]);
        self.none_of(beyond, "every int is exact as a float")
    }

    /// The ints that a value of the loop may be; elements of lists and floats made ints are bounded by the tests that
    /// their conversions state.
    pub(super) fn int_interval(&self, value: ValueId) -> Interval {
        self.interval_below(value, None, &mut HashMap::new())
    }

    /// The same where every index of the loops is below a bound; what is used several times is looked at once.
    fn interval_below(&self, value: ValueId, bound: Option<i128>, known: &mut HashMap<ValueId, Interval>) -> Interval {
        if let Some(interval) = known.get(&value) {
            return *interval;
        }
        let interval = self.interval_of(value, bound, known);
        known.insert(value, interval);
        interval
    }

    fn interval_of(&self, value: ValueId, bound: Option<i128>, known: &mut HashMap<ValueId, Interval>) -> Interval {
        let own = numlift_ir::infer::interval_of(self.raised.ty(value));
        let Some(op) = self.raised.defining(value) else {
            return match bound {
                Some(bound) if self.counted_extent(value).is_some() => own.meet(Interval::new(0, bound - 1)),
                _ => own,
            };
        };
        let refined = match &op.kind {
            // That sums of ints fit is asked for where they are made.
            Kind::Index(_) if let Some((scan, _)) = self.raised.def_op(value).and_then(|load| self.running(load)) => {
                self.running_interval(scan)
            }
            Kind::Index(_) if matches!(self.raised.ty(value), Ty::Int(_)) && self.is_list_element(op.args[0]) => {
                Interval::new(-(1 << 21), (1 << 21) - 1)
            }
            Kind::Scalar { f, .. } if makes_int(*f) && self.is_float(op.args[0]) => WHOLE_FLOATS,
            Kind::Scalar { f, flavour } => {
                let types: Option<Vec<Ty>> = op
                    .args
                    .iter()
                    .map(|arg| match self.raised.ty(*arg) {
                        Ty::Int(_) | Ty::Bool => Some(Ty::Int(self.interval_below(*arg, bound, known))),
                        ty @ Ty::Np(_) => Some(ty.clone()),
                        _ => None,
                    })
                    .collect();
                let Some(types) = types else { return own };
                let types: Vec<&Ty> = types.iter().collect();
                match numlift_ir::infer::scalar::result_type(*f, *flavour, &types) {
                    Ty::Int(interval) => interval,
                    _ => return own,
                }
            }
            _ => return own,
        };
        own.meet(refined)
    }

    pub(super) fn is_float(&self, value: ValueId) -> bool {
        self.scalar(value).is_some_and(|ty| ty.array_dtype().is_float())
    }

    /// The extent that an index of index space runs over.
    fn counted_extent(&self, value: ValueId) -> Option<Affine> {
        let Def::Param(block, number) = self.raised.def(value) else {
            return None;
        };
        let mut found = None;
        self.raised.walk(self.raised.body, &mut |op| {
            let data = self.raised.op(op);
            if data.kind.is_index_space() && data.blocks[0] == block {
                found = data.args.get(data.kind.leading() + number as usize).copied();
            }
        });
        found.map(|extent| affine_of(self.raised, extent))
    }

    /// States that the loops run so seldom that the int satisfies `holds`; false where that does not help.
    pub(super) fn bounded_by_extents(&mut self, value: ValueId, holds: impl Fn(Interval) -> bool) -> Result<bool> {
        let found = [31, 20, 15, 10]
            .into_iter()
            .map(|bits| 1i128 << bits)
            .find(|bound| holds(self.interval_below(value, Some(*bound), &mut HashMap::new())));
        let Some(bound) = found else { return Ok(false) };
        let mut pending = vec![value];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(value) = pending.pop() {
            if !seen.insert(value) {
                continue;
            }
            if let Some(extent) = self.counted_extent(value) {
                self.require(Fact::AtMost(extent, Affine::constant(bound)), self.at)?;
            } else if let Some(op) = self.raised.defining(value)
                && matches!(op.kind, Kind::Scalar { .. })
            {
                pending.extend(&op.args);
            }
        }
        Ok(true)
    }

    /// Every float must have a whole part that `int()` gives and that NumPy's cast gives as well.
    pub(super) fn whole_floats(&mut self, operand: ValueId, limits: Interval) -> Result<()> {
        let (low, high) = (limits.lo.unwrap_or(0), limits.hi.unwrap_or(0));
        let end = self.out.constant(Const::Float((high + 1) as f64));
        let test = |selector: &mut Self, f: F, value: ValueId, bound: ValueId| {
            if selector.out.func.ty(value).as_scalar().is_some() {
                selector.out.operator(f, &[value, bound])
            } else {
                selector.out.ufunc(f, &[value, bound])
            }
        };
        let size = match low {
            0 => operand,
            _ if self.out.func.ty(operand).as_scalar().is_some() => self.out.operator(F::Abs, &[operand]),
            _ => self.out.ufunc(F::Abs, &[operand]),
        };
        let below = test(self, F::Lt, size, end);
        let holds = self.all_of(below);
        self.require(Fact::Holds(holds, "every whole part fits".to_owned()), self.at)?;
        if low == 0 {
            let zero = self.out.constant(Const::Float(0.0));
            let above = test(self, F::Ge, operand, zero);
            let holds = self.all_of(above);
            self.require(Fact::Holds(holds, "no number is negative".to_owned()), self.at)?;
        }
        Ok(())
    }

    fn is_list_element(&self, base: ValueId) -> bool {
        matches!(self.raised.ty(base), Ty::List(..))
    }

    /// The scalar function on lifted operands, whatever its flavour.
    pub(super) fn applied(
        &mut self,
        f: F,
        flavour: Flavour,
        sources: &[ValueId],
        args: &[Lifted],
        value: ValueId,
    ) -> Result<Lifted> {
        let (operands, axes) = self.align(args)?;
        let application = Application {
            f,
            flavour,
            sources,
            operands: &operands,
            value,
        };
        Ok(Lifted {
            value: self.apply(&application)?,
            axes,
        })
    }
}
