//! `log`, `log2`, `log10` and `log1p`.
//!
//! `x = 2**k (1 + f)` with `1 + f` around 1; with `s = f / (2 + f)` it is `log(1 + f) = f - f**2 / 2 + s (f**2 / 2 + R)`,
//! where `R` is a polynomial in `s**2`: the scheme of FDLIBM's `e_log.c`, with polynomials of our own and the sum taken
//! in two parts. That is for normal numbers; subnormal ones, 0, what is less, infinity and NaN are seldom, and have a
//! function of their own.

use super::body::{Body, Real};
use super::coefficients::{LN_2, LOG, LOG_SINGLE, LOG2_E, LOG10_2, LOG10_E};
use super::twofold::Twofold;

/// `x = 2**k * m`, `m` between `sqrt(1/2)` and `sqrt(2)`.
pub(super) struct Parts<'a> {
    pub k: Real<'a>,
    /// `m - 1`
    pub f: Real<'a>,
    /// `2**(1 - k)`, and 0 instead of the least of them.
    pub shrink: Real<'a>,
}

/// The parts of a positive normal number.
pub(super) fn parts<'a>(body: &'a Body, x: Real<'a>) -> Parts<'a> {
    // The exponent counts from sqrt(1/2) on; with 2048 added, whose bit is that of the sign, it is no negative number.
    let sign = i64::MIN;
    let root = std::f64::consts::FRAC_1_SQRT_2.to_bits() as i64;
    let above = x.bits() - root.wrapping_sub(sign);
    let two_52 = (4_503_599_627_370_496.0_f64).to_bits() as i64;
    let k = ((above >> 52) | two_52).as_bits_of_real() - (4_503_599_627_370_496.0 + 2048.0);
    let whole = above & !((1 << 52) - 1);
    Parts {
        k,
        // With the sign turned.
        f: -1.0 - (x.bits() - whole).as_bits_of_real(),
        shrink: (body.int(2.0_f64.to_bits() as i64 ^ sign) - whole).as_bits_of_real(),
    }
}

/// A subnormal number as a normal one, and what its logarithm to the base 2 has to be corrected by; other numbers as
/// they are.
pub(super) fn normal<'a>(x: Real<'a>) -> (Real<'a>, Real<'a>) {
    let small = x.abs().lt(f64::MIN_POSITIVE);
    let factor = small.choose(18_014_398_509_481_984.0, 1.0);
    (x * factor, small.choose(-54.0, 0.0))
}

/// `log(1 + f)` as a sum with `f`, and `f / (2 + f)`.
struct Kernel<'a> {
    sum: Twofold<'a>,
    s: Real<'a>,
}

fn kernel<'a>(body: &'a Body, f: Real<'a>) -> Kernel<'a> {
    let s = f / (f + 2.0);
    let z = s * s;
    let half = f * f * 0.5;
    let rest = z.fma(body.polynomial(z, &LOG), half);
    let low = s.fma(rest, -half);
    Kernel {
        sum: Twofold { high: f, low },
        s,
    }
}

/// `log(2**k (1 + f))` for float32: more terms, but no division.
pub(super) fn single_log<'a>(body: &'a Body, k: Real<'a>, f: Real<'a>) -> Real<'a> {
    let one = (f * f).fma(body.polynomial(f, &LOG_SINGLE), f);
    k.fma(LN_2[0] + LN_2[1], one)
}

#[derive(Clone, Copy)]
enum Base {
    E,
    Two,
    Ten,
}

/// The logarithm of a positive normal number; `shift` is added to its exponent.
fn of_normal<'a>(body: &'a Body, x: Real<'a>, shift: Option<Real<'a>>, base: Base, single: bool) -> Real<'a> {
    let Parts { k, f, .. } = parts(body, x);
    let k = shift.map_or(k, |shift| k + shift);
    // 1 over the logarithm of the base, and the logarithm of 2 to it.
    let (scale, of_two) = match base {
        Base::E => ([1.0, 0.0], LN_2),
        Base::Two => (LOG2_E, [1.0, 0.0]),
        Base::Ten => (LOG10_E, LOG10_2),
    };
    if single {
        let found = single_log(body, k, f);
        return match base {
            Base::E => found,
            Base::Two | Base::Ten => found * scale[0],
        };
    }
    let sum = kernel(body, f).sum;
    let sum = match base {
        Base::E => sum,
        Base::Two | Base::Ten => {
            let product = sum.settled().scaled(scale[0]);
            let low = sum.high.fma(scale[1], product.low);
            Twofold { low, ..product }
        }
    };
    let whole = if of_two[0] == 1.0 { k } else { k * of_two[0] };
    let total = whole.plus_smaller(sum.high);
    let low = if of_two[1] == 0.0 {
        sum.low
    } else {
        k.fma(of_two[1], sum.low)
    };
    total.high + (total.low + low)
}

/// Minus infinity for 0, with the flag *divide by zero*, NaN for less, with the flag *invalid*, and else 0. It is added
/// and not chosen, or LLVM would divide where it is not chosen too, and raise flags there.
fn of_none(x: Real<'_>) -> Real<'_> {
    x.is(0.0).choose(x.body().real(-1.0), 0.0) / x.le(0.0).choose(x.body().real(0.0), 3.0)
}

/// The logarithm of any number.
fn of_any<'a>(body: &'a Body, x: Real<'a>, base: Base) -> Real<'a> {
    let endless = x.is(f64::INFINITY);
    let (plain, shift) = normal((x.le(0.0) | endless).choose(1.0, x));
    let found = of_normal(body, plain, Some(shift), base, false);
    endless.choose(x, found + of_none(x))
}

fn logarithm<'a>(body: &'a Body, x: Real<'a>, base: Base, other: &str, single: bool) -> Real<'a> {
    let seldom = !x.is_positive_and_normal();
    let found = of_normal(body, seldom.choose(1.0, x), None, base, single);
    body.seldom(seldom, other, &[x], found)
}

/// The natural logarithm.
pub(super) fn log<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    logarithm(body, x, Base::E, "nl.log.any", single)
}

/// The logarithm to the base 2.
pub(super) fn log2<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    logarithm(body, x, Base::Two, "nl.log2.any", single)
}

/// The logarithm to the base 10.
pub(super) fn log10<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    logarithm(body, x, Base::Ten, "nl.log10.any", single)
}

pub(super) fn log_of_any<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    of_any(body, x, Base::E)
}

pub(super) fn log2_of_any<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    of_any(body, x, Base::Two)
}

pub(super) fn log10_of_any<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    of_any(body, x, Base::Ten)
}

/// `log(1 + x)`
pub(super) fn log1p<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let seldom = !(x + 1.0).is_positive_and_normal();
    let g = seldom.choose(0.0, x);
    let found = log1p_of_twofold(body, g.alone(), None, single).with_sign_of(x);
    body.seldom(seldom, "nl.log1p.any", &[x], found)
}

/// What is left for it: -1 and less, infinity and NaN.
pub(super) fn log1p_of_any<'a>(_: &'a Body, x: Real<'a>) -> Real<'a> {
    x + of_none(x + 1.0)
}

/// How often `log(2)` is added: a whole number.
pub(super) struct Shift<'a>(pub Real<'a>);

/// `log(1 + g)` of a finite sum that is more than -1.
pub(super) fn log1p_of_twofold<'a>(body: &'a Body, g: Twofold<'a>, shift: Option<Shift<'a>>, single: bool) -> Real<'a> {
    // Exact as far as it matters, though g may be larger: 1 is a multiple of its last place.
    let sum = body.real(1.0).plus_smaller(g.high);
    let Parts { k, f, shrink } = parts(body, sum.high);
    // Near 0 it is g itself.
    let near = k.is(0.0);
    let f = near.choose(g.high, f);
    let k = shift.map_or(k, |Shift(by)| k + by);
    if single {
        return single_log(body, k, f);
    }
    let kernel = kernel(body, f);
    // What 1 + g is more than its float counts by half of 1 / (1 + f), which is (1 - s) / (1 + s).
    let s = kernel.s;
    let slope = s.fma(s.fma(s.fma(-1.0, 1.0), -1.0), 0.5);
    let more = near.choose(g.low * 2.0, (sum.low + g.low) * shrink);
    let whole = (k * LN_2[0]).plus_smaller(kernel.sum.high);
    let low = k.fma(LN_2[1], kernel.sum.low) + whole.low;
    whole.high + slope.fma(more, low)
}
