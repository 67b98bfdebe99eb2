//! Intervals of Python ints through operators.

use crate::infer::interval_of;
use crate::scalar::F;
use crate::ty::{Interval, Ty};

/// Where the int lies that `f` gives.
pub(super) fn of(f: F, args: &[&Ty]) -> Interval {
    // `int(x)` of an integer of NumPy's is one of its dtype's.
    let converts = matches!(f, F::ToInt | F::Round);
    let is_known = |ty: &&Ty| match ty {
        Ty::Int(_) | Ty::Bool => true,
        Ty::Np(_) => converts,
        _ => false,
    };
    if !args.iter().all(is_known) {
        return Interval::ALL;
    }
    let arg = |n: usize| interval_of(args[n]);
    match f {
        F::Add => arg(0).add(arg(1)),
        F::Sub => arg(0).sub(arg(1)),
        F::Mul => arg(0).mul(arg(1)),
        F::Neg => arg(0).neg(),
        F::Pos | F::ToInt | F::Round | F::Floor | F::Ceil | F::Trunc => arg(0),
        F::Abs => absolute(arg(0)),
        F::Min => Interval {
            lo: both(arg(0).lo, arg(1).lo, i128::min),
            hi: any(arg(0).hi, arg(1).hi, i128::min),
        },
        F::Max => Interval {
            lo: any(arg(0).lo, arg(1).lo, i128::max),
            hi: both(arg(0).hi, arg(1).hi, i128::max),
        },
        F::FloorDiv => floor_div(arg(0), arg(1)),
        F::Mod => modulo(arg(0), arg(1)),
        F::Pow => power(arg(0), arg(1)),
        F::And if non_negative(arg(0)) && non_negative(arg(1)) => Interval {
            lo: Some(0),
            hi: any(arg(0).hi, arg(1).hi, i128::min),
        },
        _ => Interval::ALL,
    }
}

fn non_negative(interval: Interval) -> bool {
    interval.lo.is_some_and(|lo| lo >= 0)
}

/// Both ends must be known.
fn both(a: Option<i128>, b: Option<i128>, f: fn(i128, i128) -> i128) -> Option<i128> {
    a.zip(b).map(|(a, b)| f(a, b))
}

/// One known end is enough.
fn any(a: Option<i128>, b: Option<i128>, f: fn(i128, i128) -> i128) -> Option<i128> {
    match (a, b) {
        (Some(a), Some(b)) => Some(f(a, b)),
        (a, b) => a.or(b),
    }
}

fn absolute(interval: Interval) -> Interval {
    if non_negative(interval) {
        return interval;
    }
    let negated = interval.neg();
    let hi = both(interval.hi, negated.hi, i128::max);
    Interval { lo: Some(0), hi }
}

fn floor_div(a: Interval, b: Interval) -> Interval {
    let Some(divisor) = b.as_point().filter(|divisor| *divisor > 0) else {
        // A positive divisor brings a non-negative number nearer to 0.
        let shrinks = non_negative(a) && b.lo.is_some_and(|lo| lo > 0);
        return if shrinks {
            Interval { lo: Some(0), hi: a.hi }
        } else {
            Interval::ALL
        };
    };
    Interval {
        lo: a.lo.map(|lo| lo.div_euclid(divisor)),
        hi: a.hi.map(|hi| hi.div_euclid(divisor)),
    }
}

fn modulo(a: Interval, b: Interval) -> Interval {
    if b.lo.is_none_or(|lo| lo <= 0) {
        return Interval::ALL;
    }
    let below = b.hi.map(|hi| hi - 1);
    let hi = if non_negative(a) {
        any(a.hi, below, i128::min)
    } else {
        below
    };
    Interval { lo: Some(0), hi }
}

fn power(base: Interval, exponent: Interval) -> Interval {
    match (base.as_point(), exponent.as_point().and_then(|e| u32::try_from(e).ok())) {
        (Some(base), Some(exponent)) => base.checked_pow(exponent).map_or(Interval::ALL, Interval::point),
        (None, Some(exponent)) if exponent % 2 == 0 || non_negative(base) => {
            let top = absolute(base).hi.and_then(|hi| hi.checked_pow(exponent));
            Interval { lo: Some(0), hi: top }
        }
        _ => Interval::ALL,
    }
}
