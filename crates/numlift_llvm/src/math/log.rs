//! `log`, `log2`, `log10` and `log1p`.
//!
//! `x = 2**k (1 + f)` with `1 + f` around 1; with `s = f / (2 + f)` it is `log(1 + f) = f - f**2 / 2 + s (f**2 / 2 + R)`,
//! where `R` is a polynomial in `s**2`: the scheme of FDLIBM's `e_log.c`, with polynomials of our own and the sum taken
//! in two parts. The one division also makes what a logarithm of 0 or less is, with the flag for it.

use super::body::{Body, Int, Real};
use super::coefficients::{LN_2, LOG, LOG_SINGLE, LOG2_E, LOG10_2, LOG10_E};
use super::twofold::Twofold;

/// `x = 2**k * m`, `m` between `sqrt(1/2)` and `sqrt(2)`.
pub(super) struct Parts<'a> {
    pub k: Real<'a>,
    pub m: Real<'a>,
    /// `2**(1 - k)`, and 0 instead of the least of them.
    pub shrink: Int<'a>,
}

/// The parts of a positive number; `subnormal` says whether it may be one.
pub(super) fn parts<'a>(body: &'a Body, x: Real<'a>, subnormal: bool) -> Parts<'a> {
    let (x, shift) = if subnormal {
        let small = x.abs().lt(f64::MIN_POSITIVE);
        let factor = small.choose(18_014_398_509_481_984.0, 1.0);
        (x * factor, small.choose(-54.0, 0.0))
    } else {
        (x, body.real(0.0))
    };
    // The exponent counts from sqrt(1/2) on; with 2048 added it is no negative number.
    let root = std::f64::consts::FRAC_1_SQRT_2.to_bits() as i64;
    let above = x.bits() - root;
    let exponent = (above + (2048 << 52)) >> 52;
    let two_52 = (4_503_599_627_370_496.0_f64).to_bits() as i64;
    let k = (exponent | two_52).as_bits_of_real() - (4_503_599_627_370_496.0 + 2048.0);
    let whole = above & !((1 << 52) - 1);
    Parts {
        k: if subnormal { k + shift } else { k },
        m: (x.bits() - whole).as_bits_of_real(),
        shrink: body.real(2.0).bits() - whole,
    }
}

/// `log(1 + f)` as `high + low`, and 1 over 0 or 0 over 0 where a logarithm is none.
struct Kernel<'a> {
    sum: Twofold<'a>,
    /// `f / (2 + f)`
    s: Real<'a>,
    /// The same, or what the logarithm of 0 or less is.
    quotient: Real<'a>,
}

fn kernel<'a>(body: &'a Body, f: Real<'a>, x: Real<'a>, single: bool) -> Kernel<'a> {
    let none = x.le(0.0);
    let top = none.choose(x.is(0.0).choose(-1.0, 0.0), f);
    let bottom = none.choose(0.0, f + 2.0);
    let quotient = top / bottom;
    let s = none.choose(0.0, quotient);
    let z = s * s;
    let terms = if single { &LOG_SINGLE[..] } else { &LOG };
    let rest = z * body.polynomial(z, terms);
    let half = f * f * 0.5;
    let low = s.fma(half + rest, -half);
    Kernel {
        sum: Twofold { high: f, low },
        s,
        quotient,
    }
}

/// What a logarithm is where `x` is no positive float.
fn checked<'a>(x: Real<'a>, found: Real<'a>, quotient: Real<'a>) -> Real<'a> {
    let found = x.le(0.0).choose(quotient, found);
    x.lt(f64::INFINITY).choose(found, x)
}

/// The natural logarithm.
pub(super) fn log<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let Parts { k, m, .. } = parts(body, x, !single);
    let kernel = kernel(body, m - 1.0, x, single);
    let found = if single {
        k.fma(LN_2[0] + LN_2[1], kernel.sum.rounded())
    } else {
        let sum = (k * LN_2[0]).plus_smaller(kernel.sum.high);
        sum.high + (sum.low + k.fma(LN_2[1], kernel.sum.low))
    };
    checked(x, found, kernel.quotient)
}

/// The logarithm to a base, given 1 over the base's own and `log(2)` to that base.
fn to_base<'a>(body: &'a Body, x: Real<'a>, single: bool, scale: [f64; 2], of_two: [f64; 2]) -> Real<'a> {
    let Parts { k, m, .. } = parts(body, x, !single);
    let kernel = kernel(body, m - 1.0, x, single);
    let found = if single {
        k.fma(of_two[0] + of_two[1], kernel.sum.rounded() * scale[0])
    } else {
        let product = kernel.sum.settled().scaled(scale[0]);
        let low = kernel.sum.high.fma(scale[1], product.low);
        let sum = (k * of_two[0]).plus_smaller(product.high);
        let low = if of_two[1] == 0.0 { low } else { k.fma(of_two[1], low) };
        sum.high + (sum.low + low)
    };
    checked(x, found, kernel.quotient)
}

/// The logarithm to the base 2.
pub(super) fn log2<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    to_base(body, x, single, LOG2_E, [1.0, 0.0])
}

/// The logarithm to the base 10.
pub(super) fn log10<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    to_base(body, x, single, LOG10_E, LOG10_2)
}

/// `log(1 + x)`
pub(super) fn log1p<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let near = x.at_most(f64::MAX);
    let found = log1p_of_twofold(body, near.alone(), None, single);
    x.lt(f64::INFINITY).choose(found, x).with_sign_of(x)
}

/// How often `log(2)` is added: a whole number.
pub(super) struct Shift<'a>(pub Real<'a>);

/// `log(1 + g)` of a finite sum.
pub(super) fn log1p_of_twofold<'a>(body: &'a Body, g: Twofold<'a>, shift: Option<Shift<'a>>, single: bool) -> Real<'a> {
    let sum = g.high.plus(1.0);
    let Parts { k, m, shrink } = parts(body, sum.high.le(0.0).choose(1.0, sum.high), false);
    // Near 0 it is g itself.
    let near = k.is(0.0) & sum.high.gt(0.0);
    let f = near.choose(g.high, m - 1.0);
    let kernel = kernel(body, f, sum.high, single);
    // What 1 + g is more than its float counts by half of 1 / (1 + f), which is (1 - s) / (1 + s).
    let s = kernel.s;
    let slope = s.fma(s.fma(s.fma(-1.0, 1.0), -1.0), 0.5);
    let more = near.choose(g.low * 2.0, (sum.low + g.low) * shrink.as_bits_of_real());
    let k = shift.map_or(k, |Shift(by)| k + by);
    let whole = (k * LN_2[0]).plus_smaller(kernel.sum.high);
    let low = k.fma(LN_2[1], kernel.sum.low) + whole.low;
    let found = whole.high + slope.fma(more, low);
    sum.high.le(0.0).choose(kernel.quotient, found)
}
