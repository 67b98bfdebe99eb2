//! Values that programs forget about.

use crate::dtype::{Dtype, Kind, Number};
use crate::rng::Rng;

/// Which values may be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Numbers that stand in the text.
    pub constants: Vec<f64>,
    /// NaN and infinities.
    pub odd: bool,
    /// The largest finite double. Where results may round differently it is far from overflow: whether a sum of
    /// terms near the largest double overflows depends on the order, and that is no mistake.
    pub huge: f64,
    /// Of integers.
    pub lo: i128,
    pub hi: i128,
}

impl Range {
    pub fn clamp(&self, number: Number) -> Number {
        match number {
            Number::Int(int) => Number::Int(int.clamp(self.lo, self.hi)),
            Number::Bool(_) | Number::Float(_) | Number::Complex(..) => number,
        }
    }
}

/// A float to trip over.
pub fn float(range: &Range, rng: &mut Rng) -> f64 {
    let plain = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, 1e-3, 3.7, -2.5];
    let small = [5e-324, 1e-310, -1e-200, 1e-16];
    let huge = [range.huge, -range.huge, range.huge.sqrt(), 9007199254740993.0];
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    if !range.constants.is_empty() && rng.one_in(4) {
        return near(*rng.pick(&range.constants), rng);
    }
    match rng.below(if range.odd { 6 } else { 4 }) {
        0 | 1 => *rng.pick(&plain),
        2 => *rng.pick(&small),
        3 => *rng.pick(&huge),
        _ => *rng.pick(&odd),
    }
}

/// At a limit, or right beside it, on either side of zero.
fn near(limit: f64, rng: &mut Rng) -> f64 {
    let limit = if rng.one_in(4) { -limit } else { limit };
    match rng.below(5) {
        0 | 1 => limit,
        2 => limit.next_up(),
        3 => limit.next_down(),
        _ => limit * (1.0 + 1e-9 * (rng.unit() - 0.5)),
    }
}

/// An element of a dtype to trip over.
pub fn element(dtype: &Dtype, range: &Range, rng: &mut Rng) -> Number {
    match dtype.kind {
        Kind::Float => Number::Float(float(range, rng)),
        Kind::Complex => Number::Complex(float(range, rng), float(range, rng)),
        Kind::Int | Kind::Uint | Kind::Bool => {
            let (low, high) = dtype.int_range().unwrap_or((0, 1));
            let mut choices = vec![low, low + 1, high, high - 1, 0, 1, -1, 2, 7];
            if !range.constants.is_empty() && rng.one_in(3) {
                let limit = *rng.pick(&range.constants) as i128;
                choices = vec![limit, limit + 1, limit - 1, -limit];
            }
            range.clamp(Number::Int((*rng.pick(&choices)).clamp(low, high)))
        }
        Kind::Object | Kind::Other => Number::Int(0),
    }
}

/// An ordinary element.
pub fn ordinary(dtype: &Dtype, range: &Range, rng: &mut Rng) -> Number {
    match dtype.kind {
        Kind::Float => Number::Float(rng.unit() * 8.0 - 4.0),
        Kind::Complex => Number::Complex(rng.unit() * 8.0 - 4.0, rng.unit() * 8.0 - 4.0),
        Kind::Int => range.clamp(Number::Int(i128::from(rng.between(-9, 9)))),
        Kind::Uint | Kind::Bool => range.clamp(Number::Int(i128::from(rng.between(0, 9)))),
        Kind::Object | Kind::Other => Number::Int(i128::from(rng.between(-9, 9))),
    }
}

/// How a run of numbers is changed, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One NaN among what was there: nothing else may decide a comparison.
    OneNan,
    OneSpecial,
    SomeSpecial,
    AllSpecial,
    AllEqual,
    Zeros,
    SignedZeros,
    Ties,
    Sorted,
    Reversed,
    Negated,
    Ordinary,
    SmallIntegers,
}

/// All of them.
pub const CHANGES: [Change; 13] = [
    Change::OneNan,
    Change::OneSpecial,
    Change::SomeSpecial,
    Change::AllSpecial,
    Change::AllEqual,
    Change::Zeros,
    Change::SignedZeros,
    Change::Ties,
    Change::Sorted,
    Change::Reversed,
    Change::Negated,
    Change::Ordinary,
    Change::SmallIntegers,
];

impl Change {
    /// For labels.
    pub fn words(self) -> &'static str {
        match self {
            Change::OneNan => "one NaN",
            Change::OneSpecial => "one special value",
            Change::SomeSpecial => "some special values",
            Change::AllSpecial => "special values only",
            Change::AllEqual => "all equal",
            Change::Zeros => "zeros",
            Change::SignedZeros => "zeros of both signs",
            Change::Ties => "ties",
            Change::Sorted => "sorted",
            Change::Reversed => "reversed",
            Change::Negated => "negated",
            Change::Ordinary => "other values",
            Change::SmallIntegers => "small whole numbers",
        }
    }

    /// Changes numbers that are to be stored as `dtype`.
    pub fn apply(self, numbers: &mut [Number], dtype: &Dtype, range: &Range, rng: &mut Rng) {
        if numbers.is_empty() {
            return;
        }
        match self {
            Change::OneNan if range.odd && dtype.is_inexact() => {
                let at = rng.below(numbers.len());
                numbers[at] = like(numbers[at], f64::NAN);
            }
            Change::OneNan | Change::OneSpecial => {
                let at = rng.below(numbers.len());
                numbers[at] = element(dtype, range, rng);
            }
            Change::SomeSpecial => {
                for _ in 0..1 + numbers.len() / 4 {
                    let at = rng.below(numbers.len());
                    numbers[at] = element(dtype, range, rng);
                }
            }
            Change::AllSpecial => numbers
                .iter_mut()
                .for_each(|number| *number = element(dtype, range, rng)),
            Change::AllEqual => {
                let at = rng.below(numbers.len());
                numbers.fill(numbers[at]);
            }
            Change::Zeros => numbers.fill(range.clamp(like(numbers[0], 0.0))),
            Change::SignedZeros => {
                for number in numbers.iter_mut() {
                    if rng.one_in(2) {
                        *number = range.clamp(like(*number, if rng.one_in(2) { 0.0 } else { -0.0 }));
                    }
                }
            }
            Change::Ties => {
                let at = rng.below(numbers.len());
                let tie = numbers[at];
                numbers
                    .iter_mut()
                    .filter(|_| rng.one_in(2))
                    .for_each(|number| *number = tie);
            }
            Change::Sorted => numbers.sort_by(|a, b| a.parts().0.total_cmp(&b.parts().0)),
            Change::Reversed => numbers.reverse(),
            Change::Negated => numbers
                .iter_mut()
                .for_each(|number| *number = range.clamp(negated(*number))),
            Change::Ordinary => numbers
                .iter_mut()
                .for_each(|number| *number = ordinary(dtype, range, rng)),
            Change::SmallIntegers => {
                let mut small = || range.clamp(Number::Int(i128::from(rng.between(-3, 3))));
                numbers
                    .iter_mut()
                    .for_each(|number| *number = like(*number, small().parts().0));
            }
        }
    }
}

/// A value in the kind of another number.
pub fn like(number: Number, value: f64) -> Number {
    match number {
        Number::Bool(_) => Number::Bool(value != 0.0),
        Number::Int(_) => Number::Int(value as i128),
        Number::Float(_) => Number::Float(value),
        Number::Complex(..) => Number::Complex(value, 0.0),
    }
}

fn negated(number: Number) -> Number {
    match number {
        Number::Bool(value) => Number::Bool(!value),
        Number::Int(value) => Number::Int(-value),
        Number::Float(value) => Number::Float(-value),
        Number::Complex(re, im) => Number::Complex(-re, -im),
    }
}
