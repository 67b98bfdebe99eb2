//! What is known of a float without looking at it: how large it may be, and whether it may be negative.
//!
//! ```text
//! (gx**2 + gy**2) ** 0.5      a sum of squares has no sign, so that its root needs no test
//! rng.random(n)[i]            between 0 and 1
//! ```

use std::collections::{HashMap, HashSet};

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Monoid};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::{Selector, number};

/// What counts as negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Negative {
    /// What is less than 0.
    BelowZero,
    /// That and -0.0.
    Signed,
}

impl Selector<'_> {
    /// A bound of a float's absolute value that holds for every run; a value with one is never NaN.
    pub(super) fn magnitude(&self, value: ValueId) -> Option<f64> {
        self.magnitude_of(value, &mut HashMap::new())
    }

    /// The same; what is used several times is looked at once.
    fn magnitude_of(&self, value: ValueId, known: &mut HashMap<ValueId, f64>) -> Option<f64> {
        if let Some(bound) = known.get(&value) {
            return Some(*bound);
        }
        if let Some(number) = number(self.raised, value) {
            return number.is_finite().then_some(number.abs());
        }
        if let Ty::Int(interval) = self.raised.ty(value) {
            let (lo, hi) = (interval.lo?, interval.hi?);
            return Some(lo.unsigned_abs().max(hi.unsigned_abs()) as f64);
        }
        let op = self.raised.defining(value)?;
        let mut arg = |n: usize| self.magnitude_of(op.args[n], known);
        let bound = match &op.kind {
            Kind::Scalar { f: F::Mul, .. } => arg(0)? * arg(1)?,
            Kind::Scalar { f: F::Add | F::Sub, .. } => arg(0)? + arg(1)?,
            Kind::Scalar {
                f: F::Neg | F::Abs | F::Pos,
                ..
            } => arg(0)?,
            Kind::Scalar { f: F::Sin | F::Cos, .. } if arg(0).is_some() => 1.0,
            Kind::Scalar { f: F::Pow, .. } => {
                let exponent = number(self.raised, op.args[1]).filter(|e| *e >= 0.0 && e.fract() == 0.0)?;
                arg(0)?.powf(exponent)
            }
            Kind::Index(_) if self.are_uniform_draws(op.args[0]) => 1.0,
            _ => return None,
        };
        if !bound.is_finite() {
            return None;
        }
        known.insert(value, bound);
        Some(bound)
    }

    /// Numbers drawn uniformly between 0 and 1.
    fn are_uniform_draws(&self, array: ValueId) -> bool {
        self.raised.defining(array).is_some_and(|op| match &op.kind {
            Kind::Method { name, .. } => name == "random",
            Kind::Call { callee, .. } => matches!(
                callee.as_str(),
                "numpy.random.rand" | "numpy.random.random" | "numpy.random.random_sample"
            ),
            _ => false,
        })
    }

    /// A number that is 0 or more, or NaN, in every run: a square, a sum of squares.
    pub(super) fn is_never_below_zero(&self, value: ValueId) -> bool {
        self.is_never(Negative::BelowZero, value, &mut HashSet::new())
    }

    /// The same of a number that is no -0.0 either.
    pub(super) fn is_without_sign(&self, value: ValueId) -> bool {
        self.is_never(Negative::Signed, value, &mut HashSet::new())
    }

    /// True of what was looked at before, too: one that may be negative ends the search.
    fn is_never(&self, negative: Negative, value: ValueId, seen: &mut HashSet<(Negative, ValueId)>) -> bool {
        if !seen.insert((negative, value)) {
            return true;
        }
        if let Some(number) = number(self.raised, value) {
            return match negative {
                Negative::BelowZero => number >= 0.0,
                Negative::Signed => number.is_sign_positive(),
            };
        }
        if let Ty::Int(interval) = self.raised.ty(value) {
            return interval.lo.is_some_and(|lo| lo >= 0);
        }
        let is_real = |value: ValueId| self.is_float(value);
        let Some(op) = self.raised.defining(value).filter(|_| is_real(value)) else {
            return false;
        };
        let mut never = |negative: Negative, value: ValueId| self.is_never(negative, value, seen);
        let mut arg = |n: usize| never(negative, op.args[n]);
        match &op.kind {
            Kind::Scalar { f: F::Mul, .. } if self.is_one_value(op.args[0], op.args[1]) => is_real(op.args[0]),
            Kind::Scalar { f: F::Add | F::Mul, .. } => arg(0) && arg(1),
            // 1 / -0.0 is below 0.
            Kind::Scalar { f: F::TrueDiv, .. } => arg(0) && never(Negative::Signed, op.args[1]),
            Kind::Scalar { f: F::Pow, .. } => {
                let exponent = number(self.raised, op.args[1]);
                exponent.is_some_and(|e| (e / 2.0).fract() == 0.0) && is_real(op.args[0])
            }
            Kind::Scalar { f: F::Square, .. } => is_real(op.args[0]),
            Kind::Scalar {
                f: F::Abs | F::Fabs | F::Exp,
                ..
            } => true,
            // The root of -0.0 is -0.0.
            Kind::Scalar { f: F::Sqrt, .. } => negative == Negative::BelowZero || arg(0),
            // Python's `max(a, b)` is `a` unless `b` is greater; NumPy's may take either zero.
            Kind::Scalar { f: F::Max, flavour } => {
                arg(0) && (negative == Negative::BelowZero || *flavour == Flavour::Py || arg(1))
            }
            Kind::Select => arg(1) && arg(2),
            Kind::Index(_) => self.are_uniform_draws(op.args[0]),
            Kind::Fold {
                monoid: Monoid::Add | Monoid::Mul,
                ..
            } => {
                let term = self.raised.block(op.blocks[0]).end.values()[0];
                arg(0) && never(negative, term)
            }
            _ => false,
        }
    }

    /// Whether two values are one number, computed twice: `x[i] * x[i]`. What index space reads does not change.
    fn is_one_value(&self, a: ValueId, b: ValueId) -> bool {
        self.are_one_value(a, b, &mut HashSet::new())
    }

    /// The same, but for pairs that were looked at before: two numbers that differ end the search.
    fn are_one_value(&self, a: ValueId, b: ValueId, seen: &mut HashSet<(ValueId, ValueId)>) -> bool {
        if a == b || !seen.insert((a, b)) {
            return true;
        }
        let (Some(first), Some(second)) = (self.raised.defining(a), self.raised.defining(b)) else {
            return false;
        };
        let pure = match first.kind {
            Kind::Const(_) | Kind::Scalar { .. } => true,
            Kind::Index(_) => self.is_in_index_space(a) && self.is_in_index_space(b),
            _ => false,
        };
        let args = || first.args.iter().zip(&second.args);
        pure && first.kind == second.kind
            && first.args.len() == second.args.len()
            && args().all(|(a, b)| self.are_one_value(*a, *b, seen))
    }

    fn is_in_index_space(&self, value: ValueId) -> bool {
        let Some(wanted) = self.raised.def_op(value) else {
            return false;
        };
        let mut found = false;
        self.raised.walk(self.raised.body, &mut |op| {
            let data = self.raised.op(op);
            found |= data.kind.is_index_space() && self.raised.block(data.blocks[0]).ops.contains(&wanted);
        });
        found
    }
}
