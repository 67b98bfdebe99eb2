//! Numbers of twice the precision, as sums of two: the classic error-free transformations.
//!
//! ```text
//! a + b  ==  high + low     exactly (Knuth; Dekker where |a| >= |b|)
//! a * b  ==  high + low     exactly: by a fused multiply-add, else by splitting the factors (Veltkamp)
//! ```

use super::body::{Into, Real};

/// The sum of a number and a much smaller one.
#[derive(Clone, Copy)]
pub(super) struct Twofold<'a> {
    pub high: Real<'a>,
    pub low: Real<'a>,
}

/// 2**27 + 1
const SPLITTER: f64 = 134_217_729.0;

impl<'a> Real<'a> {
    /// The exact sum.
    pub fn plus(self, other: impl Into<'a>) -> Twofold<'a> {
        let other = other.real(self.body());
        let high = self + other;
        let of_other = high - self;
        let low = (self - (high - of_other)) + (other - of_other);
        Twofold { high, low }
    }

    /// The exact sum with a number that is no larger, or with any number to 0.
    pub fn plus_smaller(self, other: impl Into<'a>) -> Twofold<'a> {
        let other = other.real(self.body());
        let high = self + other;
        let low = other - (high - self);
        Twofold { high, low }
    }

    /// The exact product, of numbers below 2**990 whose product is above 2**-960.
    pub fn times(self, factor: impl Into<'a>) -> Twofold<'a> {
        let factor = factor.real(self.body());
        let high = self * factor;
        let low = if self.body().fma {
            self.fma(factor, -high)
        } else {
            let (a, b) = (self.split(), factor.split());
            ((a.high * b.high - high) + a.high * b.low + a.low * b.high) + a.low * b.low
        };
        Twofold { high, low }
    }

    /// Halves of the bits.
    fn split(self) -> Twofold<'a> {
        let spread = self * SPLITTER;
        let high = spread - (spread - self);
        Twofold { high, low: self - high }
    }

    /// `self - factor * times`, exactly, where the difference is a float.
    pub fn minus_product(self, factor: Real<'a>, times: impl Into<'a>) -> Self {
        let times = times.real(self.body());
        if self.body().fma {
            (-factor).fma(times, self)
        } else {
            let product = factor.times(times);
            (self - product.high) - product.low
        }
    }

    /// As a sum.
    pub fn alone(self) -> Twofold<'a> {
        let low = self.body().real(0.0);
        Twofold { high: self, low }
    }
}

impl<'a> Twofold<'a> {
    /// The nearest number.
    pub fn rounded(self) -> Real<'a> {
        self.high + self.low
    }

    /// The same sum with the parts as far apart as they can be.
    pub fn settled(self) -> Self {
        self.high.plus_smaller(self.low)
    }

    /// A product, to about 100 bits.
    pub fn times(self, other: Self) -> Self {
        let product = self.high.times(other.high);
        let low = self.high.fma(other.low, self.low.fma(other.high, product.low));
        Self {
            high: product.high,
            low,
        }
    }

    /// A product with a float.
    pub fn scaled(self, factor: impl Into<'a>) -> Self {
        let factor = factor.real(self.high.body());
        let product = self.high.times(factor);
        Self {
            high: product.high,
            low: self.low.fma(factor, product.low),
        }
    }

    /// A product with a power of two.
    pub fn shifted(self, power: impl Into<'a>) -> Self {
        let power = power.real(self.high.body());
        Self {
            high: self.high * power,
            low: self.low * power,
        }
    }

    /// A quotient, of which 1 over the divisor is known about as well as floats are.
    pub fn over(self, divisor: Self, reciprocal: Real<'a>) -> Self {
        let high = self.high * reciprocal;
        let rest = self.high.minus_product(high, divisor.high);
        let low = ((-high).fma(divisor.low, self.low) + rest) * reciprocal;
        Self { high, low }
    }

    /// The square root.
    pub fn sqrt(self) -> Self {
        let high = self.high.sqrt();
        let rest = self.high.minus_product(high, high) + self.low;
        let low = rest * 0.5 / high.at_least(f64::MIN_POSITIVE);
        Self { high, low }
    }
}
