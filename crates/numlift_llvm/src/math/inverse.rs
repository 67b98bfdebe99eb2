//! `asin`, `acos`, `atan` and `atan2`.
//!
//! The arc sine is a polynomial up to a half, and beyond that `pi / 2 - 2 asin(sqrt((1 - x) / 2))`. The angle of two
//! numbers is that of their quotient, the smaller over the larger one, above `tan(pi / 8)` taken from `pi / 4` on: one
//! division, whose remainder is taken along.

use super::body::{Body, Flag, Real};
use super::coefficients::{ASIN, ASIN_SINGLE, ATAN, ATAN_SINGLE, HALF_PI, PI, QUARTER_PI, THREE_QUARTERS_PI};
use super::twofold::Twofold;

/// The arc sine of what an argument comes to.
struct Sine<'a> {
    /// Whether `|x|` is above a half.
    far: Flag<'a>,
    /// `|x|`, or the root of `(1 - |x|) / 2`.
    s: Real<'a>,
    /// What rounding left of the root.
    rest: Real<'a>,
    /// `asin(s) - s`
    more: Real<'a>,
}

fn sine<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Sine<'a> {
    let a = x.abs().at_most(2.0);
    let far = a.gt(0.5);
    let half = (1.0 - a) * 0.5;
    let z = far.choose(half, a * a);
    // Of less than 0 there is no root, which raises the flag.
    let root = far.choose(half, 1.0).sqrt();
    let s = far.choose(root, a);
    let terms = if single { &ASIN_SINGLE[..] } else { &ASIN };
    let more = s * z * body.polynomial(z, terms);
    let rest = if single {
        body.real(0.0)
    } else {
        let left = half.minus_product(root, root) * 0.5;
        far.choose(left / root.at_least(f64::MIN_POSITIVE), 0.0)
    };
    Sine { far, s, rest, more }
}

pub(super) fn asin<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let Sine { far, s, rest, more } = sine(body, x, single);
    let turned = body.real(HALF_PI[0]).plus_smaller(s * -2.0);
    let turned = turned.high + (turned.low + (rest + more).fma(-2.0, HALF_PI[1]));
    far.choose(turned, s + more).with_sign_of(x)
}

pub(super) fn acos<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let Sine { far, s, rest, more } = sine(body, x, single);
    let negative = x.lt(0.0);
    let base = |part: usize| far.choose(negative.choose(PI[part], 0.0), HALF_PI[part]);
    // Near: pi / 2 - asin(x). Far: 2 asin(s), or pi less that.
    let factor = far.choose(negative.choose(-2.0, 2.0), negative.choose(1.0, -1.0));
    let sum = base(0).plus_smaller(s * factor);
    sum.high + (sum.low + (rest + more).fma(factor, base(1)))
}

/// The angle of `b / a`, with `0 <= b <= a` and `a` neither 0 nor infinite: where it counts from, and what is added.
struct Angle<'a> {
    /// Whether it counts from `pi / 4`.
    big: Flag<'a>,
    turn: Twofold<'a>,
}

fn angle<'a>(body: &'a Body, b: Real<'a>, a: Real<'a>, single: bool) -> Angle<'a> {
    let big = b.gt(a * (std::f64::consts::SQRT_2 - 1.0));
    if single {
        let t = big.choose(b - a, b) / big.choose(b + a, a);
        let z = t * t;
        let turn = (t * z).fma(body.polynomial(z, &ATAN_SINGLE), t).alone();
        return Angle { big, turn };
    }
    let (less, sum) = (a.plus_smaller(-b), a.plus_smaller(b));
    let top = Twofold {
        high: big.choose(-less.high, b),
        low: big.choose(-less.low, 0.0),
    };
    let bottom = Twofold {
        high: big.choose(sum.high, a),
        low: big.choose(sum.low, 0.0),
    };
    let t = top.over(bottom, 1.0 / bottom.high).settled();
    let z = t.high * t.high;
    let low = (t.high * z).fma(body.polynomial(z, &ATAN), t.low);
    Angle {
        big,
        turn: Twofold { high: t.high, low },
    }
}

/// What an angle counts from, plus or minus it.
fn turned<'a>(base: [Real<'a>; 2], turn: Twofold<'a>, back: Flag<'a>) -> Real<'a> {
    let high = back.choose(-turn.high, turn.high);
    let low = back.choose(-turn.low, turn.low);
    let sum = base[0].plus_smaller(high);
    sum.high + (sum.low + (low + base[1]))
}

pub(super) fn atan<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let y = x.abs().at_most(1e30);
    let swapped = y.gt(1.0);
    let (b, a) = (swapped.choose(1.0, y), swapped.choose(y, 1.0));
    let Angle { big, turn } = angle(body, b, a, single);
    let base = [0, 1].map(|part| big.choose(QUARTER_PI[part], swapped.choose(HALF_PI[part], 0.0)));
    turned(base, turn, swapped).with_sign_of(x)
}

/// The angle of a point where one of the numbers is NaN.
pub(super) fn atan2_of_nan<'a>(y: Real<'a>, x: Real<'a>) -> Real<'a> {
    x.is_nan().choose(x, y)
}

/// The angle of the point `(x, y)`.
pub(super) fn atan2<'a>(body: &'a Body, y: Real<'a>, x: Real<'a>, single: bool) -> Real<'a> {
    let (height, width) = (y.abs(), x.abs());
    let swapped = height.gt(width);
    let (b, a) = (swapped.choose(width, height), swapped.choose(height, width));
    // An infinite number over a finite one, or over another; 0 over 0 is 0.
    let endless = a.is(f64::INFINITY);
    let b = endless.choose(b.is(f64::INFINITY).choose(1.0, 0.0), b);
    let a = (endless | a.is(0.0)).choose(1.0, a);
    let (b, a) = if single {
        (b, a)
    } else {
        let scale = a.gt(2.0_f64.powi(900)).choose(
            2.0_f64.powi(-200),
            a.lt(2.0_f64.powi(-600)).choose(2.0_f64.powi(400), 1.0),
        );
        (b * scale, a * scale)
    };
    // Without a fused multiply-add a quotient's remainder is right only as far as products do not get small.
    let tiny = (!body.fma && !single).then(|| b.lt(2.0_f64.powi(-850)));
    let b = tiny.map_or(b, |tiny| b * tiny.choose(2.0_f64.powi(200), 1.0));
    let Angle { big, turn } = angle(body, b, a, single);
    let left = body.real(1.0).with_sign_of(x).lt(0.0);
    let base = [0, 1].map(|part| {
        let right = big.choose(QUARTER_PI[part], swapped.choose(HALF_PI[part], 0.0));
        let of_left = big.choose(THREE_QUARTERS_PI[part], swapped.choose(HALF_PI[part], PI[part]));
        left.choose(of_left, right)
    });
    // Once for each side that it is seen from.
    let found = turned(base, turn, swapped ^ left);
    let found = tiny.map_or(found, |tiny| {
        let alone = tiny & base[0].is(0.0);
        found * alone.choose(2.0_f64.powi(-200), 1.0)
    });
    found.with_sign_of(y)
}
