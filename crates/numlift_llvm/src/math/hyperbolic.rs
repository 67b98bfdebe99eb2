//! `sinh`, `cosh`, `tanh` and their inverses.
//!
//! With `x = n log(2) + r`, `sinh(x) = 2**(n-1) e**r - 2**(-n-1) e**-r`, which is a sum of `sinh(r)` and `cosh(r)`, so
//! that nothing cancels and nothing is divided. `tanh` is a quotient of sums of two floats, and the inverses are
//! logarithms of such sums.

use super::body::{Body, Flag, Real, SHIFT};
use super::coefficients::{COSH, LN_2, LOG2_E, SINH};
use super::exp::{BEYOND_SINGLE, TWO_64, expm1_of_positive};
use super::log::{Shift, log1p_of_twofold};
use super::twofold::Twofold;

/// Beyond this the power of two is put in in two steps.
const FAR: f64 = 600.0;

/// `sinh` and `cosh` of what is left of a number, and what they are multiplied by.
struct Reduced<'a> {
    r: Real<'a>,
    /// `sinh(r) - r`
    sinh: Real<'a>,
    /// `cosh(r) - 1`
    cosh: Real<'a>,
    /// `2**(n - 1) + 2**(-n - 1)` and the same with a minus, both less 2**64 times where `x` is far out.
    sum: Twofold<'a>,
    difference: Twofold<'a>,
    factor: Real<'a>,
}

fn reduced<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Reduced<'a> {
    let a = x.abs();
    let near = a.at_most(if single { 200.0 } else { 712.0 });
    let shifted = near.fma(LOG2_E[0], SHIFT);
    let n = shifted - SHIFT;
    let close = (-n).fma(LN_2[0], near);
    let Twofold { high: r, low: rest } = close.plus_smaller(n * -LN_2[1]);
    let z = r * r;
    let sinh = (r * z).fma(body.polynomial(z, &SINH), rest);
    let cosh = z * z.fma(body.polynomial(z, &COSH), 0.5);
    let exponent = shifted.bits() << 52;
    let half = body.real(0.5).bits();
    let high = a.gt(FAR);
    let offset = high.choose_int(body.int(64 << 52), body.int(0));
    let up = (half + exponent - offset).as_bits_of_real();
    // Where it no longer counts it is none.
    let down = a.lt(40.0).choose((half - exponent).as_bits_of_real(), 0.0);
    Reduced {
        r,
        sinh,
        cosh,
        sum: up.plus_smaller(down),
        difference: up.plus_smaller(-down),
        factor: if single {
            a.lt(200.0).choose(1.0, a * BEYOND_SINGLE)
        } else {
            high.choose(a.lt(TWO_64).choose(TWO_64, a), 1.0)
        },
    }
}

impl<'a> Reduced<'a> {
    /// `cosh(r)` and `sinh(r)` times so much each, together.
    fn together(&self, of_cosh: Twofold<'a>, of_sinh: Twofold<'a>, single: bool) -> Real<'a> {
        let found = if single {
            let sinh = self.r + self.sinh;
            (1.0 + self.cosh) * of_cosh.high + sinh * of_sinh.high
        } else {
            let product = self.r.times(of_sinh.high);
            let sum = of_cosh.high.plus_smaller(product.high);
            let low = self.r.fma(of_sinh.low, product.low + of_cosh.low);
            let low = self.cosh.fma(of_cosh.high, self.sinh.fma(of_sinh.high, low));
            sum.high + (sum.low + low)
        };
        found * self.factor
    }
}

pub(super) fn sinh<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let reduced = reduced(body, x, single);
    reduced
        .together(reduced.difference, reduced.sum, single)
        .with_sign_of(x)
}

pub(super) fn cosh<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let reduced = reduced(body, x, single);
    reduced.together(reduced.sum, reduced.difference, single)
}

/// `(e**2x - 1) / (e**2x + 1)`
pub(super) fn tanh<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let a = x.abs().at_most(20.0);
    let top = expm1_of_positive(body, a * 2.0, single);
    let found = if single {
        top.high / (top.high + 2.0)
    } else {
        let bottom = top.high.plus(2.0);
        let bottom = Twofold {
            high: bottom.high,
            low: bottom.low + top.low,
        };
        top.over(bottom, 1.0 / bottom.high).rounded()
    };
    found.with_sign_of(x)
}

/// From here on the root of `x**2 + 1` is `x`.
const BIG: f64 = 268_435_456.0;

/// `log(x + root)`, where a root of `x**2 + 1` or `x**2 - 1` counts for `x` itself where `x` is big.
fn log_with_root<'a>(body: &'a Body, x: Real<'a>, big: Flag<'a>, root: Twofold<'a>, single: bool) -> Real<'a> {
    let x = x.at_most(f64::MAX);
    let less = x.plus(-1.0);
    let small = x.plus(root.high - 1.0);
    // root - 1 is exact up to 2 and by far good enough above.
    let g = Twofold {
        high: big.choose(less.high, small.high),
        low: big.choose(less.low, small.low + root.low),
    };
    let shift = Shift(big.choose(1.0, 0.0));
    log1p_of_twofold(body, g, Some(shift), single)
}

pub(super) fn asinh<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let a = x.abs();
    let near = a.at_most(BIG);
    let square = near.times(near);
    let root = if single {
        (square.high + 1.0).sqrt().alone()
    } else {
        let sum = square.high.plus(1.0);
        let low = sum.low + square.low;
        sum.high.plus_smaller(low).sqrt()
    };
    let found = if single {
        // What is small would be lost beside 1.
        let g = near + square.high / (root.high + 1.0);
        let big = a.gt(BIG);
        let g = big.choose(a.at_most(BEYOND_SINGLE), g);
        log1p_of_twofold(body, g.alone(), Some(Shift(big.choose(1.0, 0.0))), true)
    } else {
        log_with_root(body, a, a.gt(BIG), root, false)
    };
    a.lt(f64::INFINITY).choose(found, a).with_sign_of(x)
}

pub(super) fn acosh<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    // Of less than 1 it is a root of -1, which raises the flag.
    let none = x.lt(1.0);
    let near = none.choose(0.0, x.at_most(BIG));
    let big = x.gt(BIG);
    let g = if single {
        let t = near - 1.0;
        let g = t + (t * (near + 1.0)).sqrt();
        big.choose(x.at_most(BEYOND_SINGLE), g).alone()
    } else {
        let square = near.times(near);
        let less = square.high.plus(-1.0);
        let root = less.high.plus_smaller(less.low + square.low).sqrt();
        let less = near.plus(-1.0);
        let sum = less.high.plus(root.high);
        let large = x.at_most(f64::MAX) - 1.0;
        Twofold {
            high: big.choose(large, sum.high),
            low: big.choose(0.0, sum.low + (less.low + root.low)),
        }
    };
    let found = log1p_of_twofold(body, g, Some(Shift(big.choose(1.0, 0.0))), single);
    x.lt(f64::INFINITY).choose(none.choose(g.high, found), x)
}

/// `log1p(2 x / (1 - x)) / 2`
pub(super) fn atanh<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let a = x.abs().at_most(2.0);
    let bottom = body.real(1.0).plus(-a);
    let end = a.is(1.0);
    // 1 over 0 raises the flag, and beyond it 0 over 0 does; what follows goes on with something.
    let beyond = a.gt(1.0);
    let reciprocal = beyond.choose(0.0, 1.0) / beyond.choose(0.0, bottom.high);
    let finite = (end | beyond).choose(0.5, reciprocal);
    let double = a * 2.0;
    let g = if single {
        (double * finite).alone()
    } else {
        double.alone().over(bottom, finite)
    };
    let found = log1p_of_twofold(body, g, None, single) * 0.5;
    (end | beyond).choose(reciprocal, found).with_sign_of(x)
}
