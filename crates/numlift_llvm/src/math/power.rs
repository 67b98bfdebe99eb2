//! `pow`, `cbrt` and `hypot`.
//!
//! `x**y = e**(y log(x))`, where the logarithm has to be right to 65 bits, since `y` multiplies its error: it is a sum of
//! two floats, of `2 s + 2/3 s**3 + …` with `s = (m - 1) / (m + 1)`, the first two terms in twice the precision.

use super::body::{Body, Real, SHIFT};
use super::coefficients::{INVERSE_CBRT, LN_2, LOG_REST, THIRD, TWO_THIRDS};
use super::exp::{TWO_64, exp_of_near, exp_of_twofold};
use super::log::{Parts, normal, parts, single_log};
use super::twofold::Twofold;

const TWO_52: f64 = 4_503_599_627_370_496.0;

/// The logarithm of `2**k (1 + f)`, given 1 over `2 + f`, to some 66 bits.
fn log_of_parts<'a>(body: &'a Body, k: Real<'a>, f: Real<'a>, reciprocal: Real<'a>) -> Twofold<'a> {
    let bottom = body.real(2.0).plus_smaller(f);
    let s = f.alone().over(bottom, reciprocal);
    let z = s.times(s);
    let rest = z.high * body.polynomial(z.high, &LOG_REST);
    let factor = body.real(TWO_THIRDS[0]).plus_smaller(rest);
    let factor = Twofold {
        high: factor.high,
        low: factor.low + TWO_THIRDS[1],
    };
    let cube = s.times(z.times(factor));
    let double = s.shifted(2.0);
    let whole = (k * LN_2[0]).plus_smaller(double.high);
    let sum = whole.high.plus_smaller(cube.high);
    let low = k.fma(LN_2[1], (whole.low + double.low) + (sum.low + cube.low));
    Twofold { high: sum.high, low }
}

/// `x**y`: here where `|x|` and the result are normal numbers, and it is real.
pub(super) fn pow<'a>(body: &'a Body, x: Real<'a>, y: Real<'a>, single: bool) -> Real<'a> {
    // Up to 2**51 the last bit of y tells whether it is odd.
    let odd_one = !x.abs().is_positive_and_normal() | y.is_far_or_nan(2_251_799_813_685_248.0);
    let (a, exponent) = (odd_one.choose(1.0, x.abs()), odd_one.choose(1.0, y));
    let shifted = exponent + SHIFT;
    let broken = x.is_negative() & (shifted - SHIFT).is_not(exponent);
    let Parts { k, f, .. } = parts(body, a);
    let (found, far) = if single {
        let product = single_log(body, k, f) * exponent;
        // A float32 has no exponent beyond this.
        let far = product.is_far_or_nan(150.0);
        (exp_of_near(body, product.alone(), true), far)
    } else {
        let product = log_of_parts(body, k, f, 1.0 / (f + 2.0)).scaled(exponent);
        (exp_of_near(body, product, false), product.high.is_far_or_nan(707.0))
    };
    let sign = (shifted.bits() << 63) & x.bits();
    let found = (found.bits() ^ sign).as_bits_of_real();
    body.seldom(odd_one | broken | far, "nl.pow.any", &[x, y], found)
}

/// `x**(TWICE / 2)`: products, a root and a quotient in twice the precision; here where none of them is too large or
/// small for its error to be known.
pub(super) fn halves<'a, const TWICE: i8>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let (has_root, factors) = (TWICE % 2 != 0, i32::from(TWICE.abs() / 2));
    let reach = 900 / (factors + 1);
    let size = if has_root { x } else { x.abs() };
    let near = size.is_from(2.0_f64.powi(-reach), 2.0_f64.powi(reach));
    let known = if TWICE > 0 { near | size.bits().is(0) } else { near };
    let base = known.choose(x, 1.0);
    let found = if single {
        // LLVM may take the root of what is not known, too: of its size, that raises nothing.
        let start = if has_root { base.abs().sqrt() } else { body.real(1.0) };
        let product = (0..factors).fold(start, |product, _| product * base);
        if TWICE > 0 { product } else { 1.0 / product }
    } else {
        let start = if has_root {
            base.abs().alone().sqrt()
        } else {
            base.alone()
        };
        let product = (i32::from(!has_root)..factors).fold(start, |product, _| product.scaled(base));
        let one = body.real(1.0).alone();
        let result = if TWICE > 0 {
            product
        } else {
            one.over(product, 1.0 / product.high)
        };
        result.rounded()
    };
    body.seldom(!known, "nl.pow.any", &[x, body.real(f64::from(TWICE) / 2.0)], found)
}

/// `x**y` of any numbers but NaN.
pub(super) fn pow_of_any<'a>(body: &'a Body, x: Real<'a>, y: Real<'a>) -> Real<'a> {
    let a = x.abs();
    let is_finite = a.lt(f64::INFINITY);
    let is_zero = x.is(0.0);
    let size = y.abs();
    let half = size * 0.5;
    // From 2**52 on every number is whole, from 2**53 on it is even.
    let nearest_whole = |value: Real<'a>| (value + TWO_52) - TWO_52;
    let whole = size.gt(TWO_52) | nearest_whole(size).is(size);
    let odd = whole & size.lt(2.0 * TWO_52) & nearest_whole(half).is_not(half);
    // What stands for a base that has no logarithm: the logarithm of 1 raises nothing.
    let (plain, shift) = normal((is_finite & !is_zero).choose(a, 1.0));
    let Parts { k, f, .. } = parts(body, plain);
    // A division, which makes what a negative base and 0 come to, with the flags for it.
    let bad = x.lt(0.0) & is_finite & !whole;
    let pole = is_zero & y.lt(0.0);
    let quotient = bad.choose(0.0, 1.0) / (bad | pole).choose(0.0, f + 2.0);
    let reciprocal = (bad | pole).choose(0.5, quotient);
    // Beyond this everything but 1 is too large or too small.
    let exponent = y.at_most(TWO_64).at_least(-TWO_64);
    let endless = y.abs().is(f64::INFINITY);
    let exponent = (endless | bad).choose(0.0, exponent);
    let product = log_of_parts(body, k + shift, f, reciprocal).scaled(exponent);
    let found = exp_of_twofold(body, product.high.plus_smaller(product.low));
    // 0 and infinity, as bases and as exponents: which side of 1 they are on decides.
    let grows = if_same(a.gt(1.0), y.gt(0.0));
    let extreme = grows.choose(f64::INFINITY, 0.0);
    let is_extreme = !is_finite | is_zero | endless;
    let found = is_extreme.choose(a.is(1.0).choose(1.0, extreme), found);
    let found = (x.is_negative() & odd).choose(-found, found);
    let found = bad.choose(quotient, found);
    (y.is(0.0) | x.is(1.0)).choose(1.0, found)
}

/// `x**y` where one of them is NaN.
pub(super) fn pow_of_nan<'a>(x: Real<'a>, y: Real<'a>) -> Real<'a> {
    (y.is(0.0) | x.is(1.0)).choose(1.0, x.is_nan().choose(x, y))
}

/// Whether both hold or neither.
fn if_same<'a>(a: super::body::Flag<'a>, b: super::body::Flag<'a>) -> super::body::Flag<'a> {
    !(a ^ b)
}

/// The cube root: Newton's iteration for 1 over it, which divides nothing, then one step with what rounding left.
pub(super) fn cbrt<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let a = x.abs();
    let (plain, shift) = if single { (a, body.real(0.0)) } else { normal(a) };
    let Parts { k, f, .. } = parts(body, plain);
    let (k, m) = (if single { k } else { k + shift }, f + 1.0);
    let shifted = k.fma(THIRD, SHIFT);
    let third = shifted - SHIFT;
    let one = body.real(1.0).bits();
    // What is left of the exponent is -1, 0 or 1.
    let left = third.fma(-3.0, k) + SHIFT;
    let m = m * ((left.bits() << 52) + one).as_bits_of_real();
    let w = body.polynomial(m, &INVERSE_CBRT);
    let off = (m * w).fma(-(w * w), 1.0);
    let w = (w * off).fma(off.fma(2.0 / 9.0, THIRD), w);
    let y = m * (w * w);
    let found = if single {
        y
    } else {
        let square = y.times(y);
        let cube = y.times(square.high);
        let off = ((m - cube.high) - cube.low) - y * square.low;
        (off * THIRD).fma(w * w, y)
    };
    let found = found * ((shifted.bits() << 52) + one).as_bits_of_real();
    (a.gt(0.0) & a.lt(f64::INFINITY)).choose(found.with_sign_of(x), x)
}

/// The root of `x**2 + y**2`
pub(super) fn hypot<'a>(body: &'a Body, x: Real<'a>, y: Real<'a>, single: bool) -> Real<'a> {
    let (x, y) = (x.abs(), y.abs());
    if single {
        let found = (x * x + y * y).sqrt();
        return (x.is(f64::INFINITY) | y.is(f64::INFINITY)).choose(f64::INFINITY, found);
    }
    let swapped = y.gt(x);
    let (a, b) = (swapped.choose(y, x), swapped.choose(x, y));
    let endless = x.is(f64::INFINITY) | y.is(f64::INFINITY);
    let (large, small) = (a.gt(2.0_f64.powi(500)), a.lt(2.0_f64.powi(-400)));
    let two = |power: i32| body.real(2.0_f64.powi(power));
    let scale = large.choose(two(-600), small.choose(two(600), 1.0));
    let back = large.choose(two(600), small.choose(two(-600), 1.0));
    let (a, b) = (endless.choose(1.0, a * scale), endless.choose(1.0, b * scale));
    let (first, second) = (a.times(a), b.times(b));
    let sum = first.high.plus_smaller(second.high);
    let low = sum.low + (first.low + second.low);
    let root = sum.high.plus_smaller(low).sqrt();
    endless.choose(f64::INFINITY, root.rounded() * back)
}

/// The same where one of them is NaN.
pub(super) fn hypot_of_nan<'a>(x: Real<'a>, y: Real<'a>) -> Real<'a> {
    (x.abs().is(f64::INFINITY) | y.abs().is(f64::INFINITY)).choose(f64::INFINITY, x.is_nan().choose(x, y))
}
