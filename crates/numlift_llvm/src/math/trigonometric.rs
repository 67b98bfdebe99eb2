//! `sin`, `cos` and `tan`.
//!
//! `x = n pi / 2 + r` with `|r| <= pi / 4`, then polynomials of `sin` and `cos` in `r**2`, of which `n` says which one
//! counts. Up to 2**30, `pi / 2` in three floats leaves `r` right to the last bit, in two floats, even where `x` comes
//! as near to a multiple as a float can (Cody and Waite). What is larger is seldom: each such argument is reduced by
//! itself, with as many bits of `2 / pi` as it asks for (Payne and Hanek).

use super::body::{Body, Int, Real, SHIFT};
use super::coefficients::{COS, COS_SINGLE, HALF_PI, SIN, SIN_SINGLE, TWO_OVER_PI, TWO_OVER_PI_BITS};
use super::twofold::Twofold;

/// The table of the bits of `2 / pi`.
pub(super) const TABLE: &str = "nl.two_over_pi";

/// From here on an argument is reduced by itself.
const LARGE: f64 = 1_073_741_824.0;

/// `x = n pi / 2 + r`
struct Reduced<'a> {
    n: Int<'a>,
    r: Twofold<'a>,
}

/// The table, as a definition.
pub(super) fn table() -> String {
    // The first bit that counts of a number below 2**62 stands before the point.
    let words: Vec<String> = std::iter::once(0)
        .chain(TWO_OVER_PI_BITS)
        .map(|word| format!("i64 {}", word as i64))
        .collect();
    let length = words.len();
    format!(
        "@{TABLE} = internal unnamed_addr constant [{length} x i64] [{}], align 8\n",
        words.join(", ")
    )
}

fn reduced<'a>(x: Real<'a>, single: bool) -> Reduced<'a> {
    let shifted = x.fma(TWO_OVER_PI, SHIFT);
    let n = shifted - SHIFT;
    let first = x.minus_product(n, HALF_PI[0]);
    let r = if single {
        (-n).fma(HALF_PI[1], first).alone()
    } else {
        let second = n.times(HALF_PI[1]);
        let sum = first.plus(-second.high);
        let low = (-n).fma(HALF_PI[2], sum.low - second.low);
        Twofold { high: sum.high, low }
    };
    Reduced { n: shifted.bits(), r }
}

/// The same of a number from 2**30 on: `x` is a whole number `m` times a power of two, and of `2 / pi` only those bits
/// count that give neither a multiple of 4 nor less than 2**-137. What is asked of smaller numbers is not looked at.
fn reduced_by_bits<'a>(body: &'a Body, x: Real<'a>) -> Reduced<'a> {
    let bits = x.abs().at_least(LARGE).bits();
    let m = (bits & ((1 << 52) - 1)) | (1 << 52);
    // m * 2**(exponent - 1075); the table starts 64 bits before the point.
    let place = (bits >> 52) - 1075 - 2 + 64;
    let (word, shift) = (place >> 6, place & 63);
    let length = TWO_OVER_PI_BITS.len() + 1;
    let words: Vec<Int> = (0..4).map(|k| body.entry(TABLE, length, word + k)).collect();
    // Shifting by 64 is none.
    let joined =
        |high: Int<'a>, low: Int<'a>| high.shifted_left(shift) | (low >> 1).shifted_right(body.int(63) - shift);
    let [high, middle, low] = [0, 1, 2].map(|k| joined(words[k], words[k + 1]));
    // The last 192 bits of the product, of which the first two say the quadrant.
    let last = low.wrapping_times(m);
    let carried = low.times_high(m);
    let between = middle.wrapping_times(m);
    let second = between + carried;
    let carry = second.below(between).choose_int(body.int(1), body.int(0));
    let first = high.wrapping_times(m) + middle.times_high(m) + carry;
    // Rounded to the next quadrant; what is left as 128 bits with a sign.
    let quadrant = (first + (1 << 61)) >> 62;
    let (upper, lower) = ((first << 2) | (second >> 62), (second << 2) | (last >> 62));
    let is_negative = !(upper >> 63).is(0);
    let turned = |word: Int<'a>| is_negative.choose_int(word ^ -1, word);
    let (upper, lower) = (turned(upper), turned(lower));
    let scale = |word: Int<'a>, power: f64| word.to_real() * power;
    let two = |power: i32| 2.0_f64.powi(power);
    let fraction =
        scale(upper & !0x7ff, two(-64)).plus_smaller(scale(upper & 0x7ff, two(-64)) + scale(lower, two(-128)));
    let r = fraction.times(Twofold {
        high: body.real(HALF_PI[0]),
        low: body.real(HALF_PI[1]),
    });
    let r = r.settled();
    let sign = is_negative.choose(-1.0, 1.0) * body.real(1.0).with_sign_of(x);
    let n = x.lt(0.0).choose_int(body.int(0) - quadrant, quadrant);
    Reduced { n, r: r.shifted(sign) }
}

/// `sin` and `cos` of a reduced argument.
struct Kernels<'a> {
    sin: Twofold<'a>,
    cos: Twofold<'a>,
}

fn kernels<'a>(body: &'a Body, r: Twofold<'a>, single: bool) -> Kernels<'a> {
    let (sin_terms, cos_terms) = if single {
        (&SIN_SINGLE[..], &COS_SINGLE[..])
    } else {
        (&SIN[..], &COS[..])
    };
    let z = r.high * r.high;
    let cube = r.high * z;
    let of_sin = body.polynomial(z, sin_terms);
    let of_cos = z * z * body.polynomial(z, cos_terms);
    let one = body.real(1.0).plus_smaller(z * -0.5);
    if single {
        return Kernels {
            sin: cube.fma(of_sin, r.high).alone(),
            cos: (one.high + of_cos).alone(),
        };
    }
    let tail = r.low.fma(z * -0.5, r.low);
    Kernels {
        sin: Twofold {
            high: r.high,
            low: cube.fma(of_sin, tail),
        },
        cos: Twofold {
            high: one.high,
            low: (-r.high).fma(r.low, one.low + of_cos),
        },
    }
}

/// `sin` with `turn` 0, `cos` with `turn` 1.
fn wave<'a>(body: &'a Body, reduced: &Reduced<'a>, turn: i64, single: bool) -> Real<'a> {
    let Kernels { sin, cos } = kernels(body, reduced.r, single);
    let n = if turn == 0 { reduced.n } else { reduced.n + turn };
    let found = (n & 1).is(0).choose(sin.rounded(), cos.rounded());
    let sign = (n & 2) << 62;
    (found.bits() ^ sign).as_bits_of_real()
}

fn ratio<'a>(body: &'a Body, reduced: &Reduced<'a>, single: bool) -> Real<'a> {
    let Kernels { sin, cos } = kernels(body, reduced.r, single);
    let is_even = (reduced.n & 1).is(0);
    if single {
        let (top, bottom) = (sin.high, cos.high);
        return is_even.choose(top, bottom) / is_even.choose(bottom, -top);
    }
    let cos = if body.fma {
        // What rounding the square left matters here.
        let z = reduced.r.high * reduced.r.high;
        let left = reduced.r.high.fma(reduced.r.high, -z);
        Twofold {
            high: cos.high,
            low: left.fma(-0.5, cos.low),
        }
    } else {
        cos
    };
    let (sin, cos) = (sin.settled(), cos.settled());
    let top = Twofold {
        high: is_even.choose(sin.high, -cos.high),
        low: is_even.choose(sin.low, -cos.low),
    };
    let bottom = Twofold {
        high: is_even.choose(cos.high, sin.high),
        low: is_even.choose(cos.low, sin.low),
    };
    top.over(bottom, 1.0 / bottom.high).rounded()
}

/// What infinity gives: NaN, with the flag for it.
fn checked<'a>(found: Real<'a>, x: Real<'a>) -> Real<'a> {
    let zero = x + -x;
    found + zero
}

pub(super) fn sin<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let large = x.is_far_or_nan(LARGE);
    let found = wave(body, &reduced(large.choose(0.0, x), single), 0, single);
    let found = x.is(0.0).choose(x, found);
    body.seldom(large, "nl.sin.large", &[x], found)
}

pub(super) fn cos<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let large = x.is_far_or_nan(LARGE);
    let found = wave(body, &reduced(large.choose(0.0, x), single), 1, single);
    body.seldom(large, "nl.cos.large", &[x], found)
}

pub(super) fn tan<'a>(body: &'a Body, x: Real<'a>, single: bool) -> Real<'a> {
    let large = x.is_far_or_nan(LARGE);
    let found = ratio(body, &reduced(large.choose(0.0, x), single), single);
    let found = x.is(0.0).choose(x, found);
    body.seldom(large, "nl.tan.large", &[x], found)
}

pub(super) fn sin_of_large<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    checked(wave(body, &reduced_by_bits(body, x), 0, false), x)
}

pub(super) fn cos_of_large<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    checked(wave(body, &reduced_by_bits(body, x), 1, false), x)
}

pub(super) fn tan_of_large<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    checked(ratio(body, &reduced_by_bits(body, x), false), x)
}

/// Of any number; what is not large is reduced as ever.
fn wave_of_any<'a>(body: &'a Body, x: Real<'a>, turn: i64) -> Real<'a> {
    let large = x.is_far_or_nan(LARGE);
    let near = wave(body, &reduced(large.choose(0.0, x), false), turn, false);
    let far = wave(body, &reduced_by_bits(body, x), turn, false);
    checked(large.choose(far, near), x)
}

pub(super) fn sin_of_any<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    wave_of_any(body, x, 0)
}

pub(super) fn cos_of_any<'a>(body: &'a Body, x: Real<'a>) -> Real<'a> {
    wave_of_any(body, x, 1)
}
