//! What is computed in `float` alone, sixteen numbers at a time: `exp`, `exp2`, the logarithms, `sin` and `cos`.
//!
//! The schemes are those of the `double` versions with shorter polynomials, and with as many corrections as keep the
//! error below 1 ulp. They need a fused multiply-add; without one, and for the other functions, a `float` is widened.
//! Arguments that are seldom are widened too: `nl.log.any.f32` is `nl.log.any` of the same number.

use super::body::{Body, Int, Real};
use super::coefficients::{
    COS_SINGLE, EXP_FLOAT, EXP2_FLOAT, HALF_PI_FLOAT, LN_2_FLOAT, LOG_FLOAT, LOG2_E_FLOAT, LOG10_2_FLOAT,
    LOG10_E_FLOAT, SIN_SINGLE, TWO_OVER_PI,
};

/// 1.5 * 2**23: a number of up to 22 bits added to it is rounded to a whole one, which stands in its last bits.
const SHIFT: f64 = 12_582_912.0;

/// Beyond this sines are reduced by more bits of `pi`.
const LARGE: f64 = 32_768.0;

/// Too large for any number that overflows to come back.
const HUGE: f64 = 1e38;

/// The bits of a float32 as a number of its body.
fn bits_of(value: f64) -> i64 {
    i64::from((value as f32).to_bits())
}

/// `p * 2**n` in two steps, so that a subnormal result is rounded once and one that is too large raises the flag for it;
/// `n` are the last bits of `shifted`. From `limit` on `x` is too large, infinity without a flag.
fn scaled<'a>(p: Real<'a>, shifted: Real<'a>, x: Real<'a>, limit: f64) -> Real<'a> {
    let n = shifted.bits() - bits_of(SHIFT);
    let half = n.shifted_right_signed(1);
    let power = |n: Int<'a>| ((n + 127) << 23).as_bits_of_real();
    let high = x.gt(limit);
    let first = high.choose(HUGE, power(half));
    let second = high.choose(x, power(n - half));
    p * first * second
}

pub(super) fn exp<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    let near = x.at_most(89.0).at_least(-104.0);
    let shifted = near.fma(LOG2_E_FLOAT[0], SHIFT);
    let n = shifted - SHIFT;
    let r = (-n).fma(LN_2_FLOAT[1], (-n).fma(LN_2_FLOAT[0], near));
    let one = body.real(1.0).plus_smaller(r);
    let p = one.high + (r * r).fma(body.polynomial(r, &EXP_FLOAT), one.low);
    scaled(p, shifted, x, 89.0)
}

pub(super) fn exp2<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    let near = x.at_most(129.0).at_least(-151.0);
    let shifted = near + SHIFT;
    let r = near - (shifted - SHIFT);
    let low = std::f64::consts::LN_2 - f64::from(std::f32::consts::LN_2);
    let rest = r * r.fma(body.polynomial(r, &EXP2_FLOAT), low);
    let p = r.fma(std::f64::consts::LN_2, rest) + 1.0;
    scaled(p, shifted, x, 129.0)
}

/// `scale` and `of_two`: 1 over the logarithm of the base, and the logarithm of 2 to it, in two parts.
fn logarithm<'a>(body: &'a Body, x: Real<'a>, scale: [f64; 2], of_two: [f64; 2], other: &str) -> Real<'a> {
    let least = bits_of(f64::from(f32::MIN_POSITIVE));
    let is_normal = (x.bits() - least).below(body.int(bits_of(f64::INFINITY) - least));
    let seldom = !is_normal;
    let plain = seldom.choose(1.0, x);
    // Parts around 1 from 2/3 to 4/3: where they are added to no multiple of the logarithm of 2, less is left to round.
    let root = bits_of(2.0 / 3.0);
    let above = plain.bits() - root;
    let k = above.shifted_right_signed(23).to_real_signed();
    let f = ((above & ((1 << 23) - 1)) + root).as_bits_of_real() - 1.0;
    // The first term, -1/2, rounds nothing.
    let slope = (f * f).fma(body.polynomial(f, &LOG_FLOAT[1..]), f * LOG_FLOAT[0]);
    let (high, low) = if scale[0] == 1.0 {
        (f, f * slope)
    } else {
        let high = f * scale[0];
        let left = f.fma(scale[0], -high);
        (high, slope.fma(high, f.fma(scale[1], left)))
    };
    let whole = if of_two[0] == 1.0 { k } else { k * of_two[0] };
    let total = whole.plus_smaller(high);
    let low = if of_two[1] == 0.0 { low } else { k.fma(of_two[1], low) };
    let found = total.high + (total.low + low);
    body.seldom(seldom, other, &[x], found)
}

pub(super) fn log<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    logarithm(body, x, [1.0, 0.0], LN_2_FLOAT, "nl.log.any.f32")
}

pub(super) fn log2<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    logarithm(body, x, LOG2_E_FLOAT, [1.0, 0.0], "nl.log2.any.f32")
}

pub(super) fn log10<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    logarithm(body, x, LOG10_E_FLOAT, LOG10_2_FLOAT, "nl.log10.any.f32")
}

/// `sin` with `turn` 0, `cos` with `turn` 1.
fn wave<'a>(body: &'a Body, x: Real<'a>, turn: i64) -> Real<'a> {
    let shifted = x.fma(TWO_OVER_PI, SHIFT);
    let n = shifted - SHIFT;
    // Exact: both are multiples of the last place of the first part, or of the argument's.
    let first = (-n).fma(HALF_PI_FLOAT[0], x);
    let second = n.times(HALF_PI_FLOAT[1]);
    let sum = first.plus(-second.high);
    let r = sum.high;
    let rest = (-n).fma(HALF_PI_FLOAT[2], sum.low - second.low);
    let z = r * r;
    let sin = r + (z * r).fma(body.polynomial(z, &SIN_SINGLE), rest);
    let one = body.real(1.0).plus_smaller(z * -0.5);
    let of_cos = (z * z).fma(body.polynomial(z, &COS_SINGLE), one.low);
    let cos = one.high + (-r).fma(rest, of_cos);
    let quadrant = if turn == 0 {
        shifted.bits()
    } else {
        shifted.bits() + turn
    };
    let found = (quadrant & 1).is(0).choose(sin, cos);
    let sign = (quadrant & 2) << 30;
    (found.bits() ^ sign).as_bits_of_real()
}

fn is_large<'a>(body: &'a Body, x: Real<'a>) -> super::body::Flag<'a> {
    !x.abs().bits().below(body.int(bits_of(LARGE)))
}

pub(super) fn sin<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    let large = is_large(body, x);
    let found = wave(body, large.choose(0.0, x), 0);
    let found = x.is(0.0).choose(x, found);
    body.seldom(large, "nl.sin.large.f32", &[x], found)
}

pub(super) fn cos<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    let large = is_large(body, x);
    let found = wave(body, large.choose(0.0, x), 1);
    body.seldom(large, "nl.cos.large.f32", &[x], found)
}
