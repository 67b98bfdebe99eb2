//! `exp`, `exp2` and `expm1`.
//!
//! `x = n log(2) + r` with `|r| <= log(2) / 2` (Cody and Waite's two-part constant), a polynomial in `r`, and `n` put
//! into the exponent in two steps, each of which can hold its half, so that a subnormal result is rounded once and one
//! that is too large raises the flag for it; an infinite argument raises none. Two products cost less than comparisons
//! that everything behind them waits for.

use super::body::{Body, Int, Real, SHIFT};
use super::coefficients::{EXP, EXP_SINGLE, EXP2, EXP2_SINGLE, EXPM1, LN_2, LOG2_E};
use super::twofold::Twofold;

/// Beyond this the exponent is put in in two steps.
const FAR: f64 = 700.0;
pub(super) const TWO_64: f64 = 18_446_744_073_709_551_616.0;
/// What makes any float32 too large for one, infinity aside, which raises no flag.
pub(super) const BEYOND_SINGLE: f64 = 1e60;

/// `n` of `x = n log(2) + r`, as bits and as a number, and `r` with what rounding it left.
struct Reduced<'a> {
    n: Int<'a>,
    whole: Real<'a>,
    r: Real<'a>,
    rest: Real<'a>,
}

fn reduced(x: Twofold) -> Reduced {
    let shifted = x.high.fma(LOG2_E[0], SHIFT);
    let n = shifted - SHIFT;
    let near = (-n).fma(LN_2[0], x.high);
    let sum = near.plus_smaller((-n).fma(LN_2[1], x.low));
    Reduced {
        n: shifted.bits(),
        whole: n,
        r: sum.high,
        rest: sum.low,
    }
}

/// `exp(r) - 1 - r` of a reduced argument
fn curve<'a>(body: &'a Body, r: Real<'a>, terms: &[f64]) -> Real<'a> {
    r * r * body.polynomial(r, terms)
}

/// `p * 2**n`, where `x`, of which `n` was taken, may be infinite.
fn scaled<'a>(p: Real<'a>, n: Real<'a>, x: Real<'a>) -> Real<'a> {
    let body = p.body();
    let power = |shifted: Real<'a>| ((shifted.bits() << 52) + body.real(1.0).bits()).as_bits_of_real();
    let half = n.fma(0.5, SHIFT);
    let rest = n - (half - SHIFT) + SHIFT;
    // Infinity is its own factor.
    let last = x.is(f64::INFINITY).choose(x, power(rest));
    p * power(half) * last
}

/// `e**x`
pub(super) fn exp<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    if single {
        let near = x.between(-200.0, 200.0);
        let shifted = near.fma(LOG2_E[0], SHIFT);
        let n = shifted - SHIFT;
        let r = (-n).fma(LN_2[1], (-n).fma(LN_2[0], near));
        let p = curve(body, r, &EXP_SINGLE) + r + 1.0;
        let found = (p.bits() + (shifted.bits() << 52)).as_bits_of_real();
        return x.lt(200.0).choose(found, x * BEYOND_SINGLE);
    }
    let near = x.between(-750.0, 712.0);
    let n = near.fma(LOG2_E[0], SHIFT) - SHIFT;
    let r = (-n).fma(LN_2[1], (-n).fma(LN_2[0], near));
    let one = body.real(1.0).plus_smaller(r);
    let p = one.high + (one.low + curve(body, r, &EXP));
    scaled(p, n, x)
}

/// `e**x` of a sum that is at most 709 either way.
pub(super) fn exp_of_near<'a>(body: &'a Body, x: Twofold<'a>, single: bool) -> Real<'a> {
    let reduced = reduced(x);
    let p = if single {
        curve(body, reduced.r, &EXP_SINGLE) + reduced.r + 1.0
    } else {
        let one = body.real(1.0).plus_smaller(reduced.r);
        one.high + (one.low + (reduced.rest + curve(body, reduced.r, &EXP)))
    };
    (p.bits() + (reduced.n << 52)).as_bits_of_real()
}

/// `e**x` of a sum; `x.high` may be far out, `x.low` is small.
pub(super) fn exp_of_twofold<'a>(body: &'a Body, x: Twofold<'a>) -> Real<'a> {
    let near = x.high.at_most(712.0).at_least(-750.0);
    let low = near.is(x.high).choose(x.low, 0.0);
    let reduced = reduced(Twofold { high: near, low });
    let one = body.real(1.0).plus_smaller(reduced.r);
    let p = one.high + (one.low + (reduced.rest + curve(body, reduced.r, &EXP)));
    scaled(p, reduced.whole, x.high)
}

/// `2**x`
pub(super) fn exp2<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let terms = if single { &EXP2_SINGLE[..] } else { &EXP2 };
    let near = x.between(-1080.0, 1030.0);
    let shifted = near + SHIFT;
    let n = shifted - SHIFT;
    let r = near - n;
    if single {
        let p = r.fma(body.polynomial(r, terms), 1.0);
        let found = (p.bits() + (shifted.bits() << 52)).as_bits_of_real();
        let found = x.lt(-200.0).choose(0.0, found);
        return x.lt(200.0).choose(found, x * BEYOND_SINGLE);
    }
    let first = r * terms[0];
    let one = body.real(1.0).plus_smaller(first);
    let rest = r * r * body.polynomial(r, &terms[1..]);
    let p = one.high + (one.low + rest);
    scaled(p, n, x)
}

/// `e**x - 1` of a reduced argument as a sum, given `2**n`, and what 1 is beside it.
fn expm1_of<'a>(reduced: &Reduced<'a>, power: Real<'a>, one: Real<'a>, single: bool) -> Twofold<'a> {
    let Reduced { r, rest, .. } = *reduced;
    let less = power - one;
    // Not exact only where the power is large.
    let left = (power - less) - one;
    let sum = less.plus_smaller(power * r);
    let low = sum.low + left;
    if single {
        let low = power.fma(rest + curve(r.body(), r, &EXP_SINGLE), low);
        return Twofold { high: sum.high, low };
    }
    // Half of the square is added by itself, with what rounding it left.
    let square = r.times(r);
    let rest = square.low.fma(0.5, rest);
    let cube = (square.high * r).fma(r.body().polynomial(r, &EXPM1), rest);
    let sum = sum.high.plus_smaller(power * (square.high * 0.5));
    let low = sum.low + power.fma(cube, low);
    Twofold { high: sum.high, low }
}

/// `e**x - 1` as a sum, of `0 <= x <= 40`, to some 55 bits.
pub(super) fn expm1_of_positive<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Twofold<'a> {
    let Reduced { n, r, rest, .. } = reduced(x.alone());
    let one = body.real(1.0);
    let power = ((n << 52) + one.bits()).as_bits_of_real();
    let sum = (power - 1.0).plus_smaller(power * r);
    let square = r * r;
    let curve = if single {
        square.fma(body.polynomial(r, &EXP_SINGLE), rest)
    } else {
        let cube = (square * r).fma(body.polynomial(r, &EXPM1), rest);
        square.fma(0.5, cube)
    };
    sum.high.plus_smaller(power.fma(curve, sum.low))
}

/// `e**x - 1`
pub(super) fn expm1<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let near = x.between(-50.0, 712.0);
    let reduced = reduced(near.alone());
    let high = x.gt(FAR);
    let offset = high.choose_int(body.int(-64 << 52), body.int(0));
    let power = ((reduced.n << 52) + body.real(1.0).bits() + offset).as_bits_of_real();
    let found = expm1_of(&reduced, power, high.choose(0.0, 1.0), single).rounded();
    let factor = high.choose(x.lt(TWO_64).choose(TWO_64, x), 1.0);
    (found * factor).with_sign_of(x)
}
