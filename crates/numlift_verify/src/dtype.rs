//! Bytes of NumPy elements as numbers, and back.
//!
//! The verifier meets dtypes only as bytes that came from Python: `<f8` and eight bytes. It never computes with them
//! as NumPy would (promotion lives in `numlift_ir`); it decodes to compare and encodes to make hostile values.
//! `float128` is decoded to the nearest double, which is enough to judge a distance; equality looks at its bytes.

use std::fmt;

/// What the elements are, so far as the verifier can look into them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Int,
    Uint,
    Float,
    Complex,
    /// References to Python objects.
    Object,
    /// Strings, dates, records: compared as bytes.
    Other,
}

/// A NumPy dtype as `dtype.str` spells it (or the full description for records).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dtype {
    /// `<f8`
    pub text: String,
    pub kind: Kind,
    /// Bytes of one element.
    pub size: usize,
    /// Not this machine's byte order.
    pub swapped: bool,
}

/// A decoded element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    Bool(bool),
    Int(i128),
    Float(f64),
    Complex(f64, f64),
}

impl Dtype {
    /// Parses `dtype.str`; anything but a plain number becomes [`Kind::Other`] or [`Kind::Object`].
    pub fn parse(text: &str, size: usize) -> Dtype {
        let mut chars = text.chars();
        let order = chars.next().unwrap_or('|');
        let kind = match (chars.next(), chars.as_str()) {
            (Some('b'), "1") => Kind::Bool,
            (Some('i'), "1" | "2" | "4" | "8") => Kind::Int,
            (Some('u'), "1" | "2" | "4" | "8") => Kind::Uint,
            (Some('f'), "2" | "4" | "8" | "12" | "16") => Kind::Float,
            (Some('c'), "8" | "16" | "24" | "32") => Kind::Complex,
            (Some('O'), _) => Kind::Object,
            _ => Kind::Other,
        };
        let swapped = if cfg!(target_endian = "little") {
            order == '>'
        } else {
            order == '<'
        };
        Dtype {
            text: text.to_owned(),
            kind,
            size,
            swapped,
        }
    }

    /// A dtype of this machine's byte order by kind letter and size: `native('f', 8)`.
    pub fn native(letter: char, size: usize) -> Dtype {
        let order = match (size, cfg!(target_endian = "little")) {
            (1, _) => '|',
            (_, true) => '<',
            (_, false) => '>',
        };
        Dtype::parse(&format!("{order}{letter}{size}"), size)
    }

    pub fn float64() -> Dtype {
        Dtype::native('f', 8)
    }

    pub fn int64() -> Dtype {
        Dtype::native('i', 8)
    }

    /// Bool, integer, float or complex.
    pub fn is_number(&self) -> bool {
        match self.kind {
            Kind::Bool | Kind::Int | Kind::Uint | Kind::Float | Kind::Complex => true,
            Kind::Object | Kind::Other => false,
        }
    }

    pub fn is_inexact(&self) -> bool {
        matches!(self.kind, Kind::Float | Kind::Complex)
    }

    /// Bytes of one real component.
    pub fn real_size(&self) -> usize {
        if self.kind == Kind::Complex {
            self.size / 2
        } else {
            self.size
        }
    }

    /// Smallest and largest value of an integer dtype.
    pub fn int_range(&self) -> Option<(i128, i128)> {
        let bits = u32::try_from(self.size * 8).ok()?;
        match self.kind {
            Kind::Int => Some((-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)),
            Kind::Uint => Some((0, (1i128 << bits) - 1)),
            Kind::Bool => Some((0, 1)),
            Kind::Float | Kind::Complex | Kind::Object | Kind::Other => None,
        }
    }

    /// The element in `bytes` (of exactly [`size`](Dtype::size) bytes), or `None` when it is not a number.
    pub fn decode(&self, bytes: &[u8]) -> Option<Number> {
        match self.kind {
            Kind::Bool => Some(Number::Bool(bytes[0] != 0)),
            Kind::Int => {
                let unsigned = self.unsigned(bytes);
                let bits = 128 - 8 * self.size as u32;
                Some(Number::Int(((unsigned << bits) as i128) >> bits))
            }
            Kind::Uint => Some(Number::Int(self.unsigned(bytes) as i128)),
            Kind::Float => Some(Number::Float(self.real(bytes))),
            Kind::Complex => {
                let half = self.size / 2;
                Some(Number::Complex(self.real(&bytes[..half]), self.real(&bytes[half..])))
            }
            Kind::Object | Kind::Other => None,
        }
    }

    /// The bytes of `number` cast to this dtype: integers wrap, fractions are cut off, as C would.
    pub fn encode(&self, number: Number) -> Vec<u8> {
        let (re, im) = number.parts();
        match self.kind {
            Kind::Bool => vec![u8::from(re != 0.0 || re.is_nan())],
            Kind::Int | Kind::Uint => {
                let int = match number {
                    Number::Int(int) => int,
                    Number::Bool(_) | Number::Float(_) | Number::Complex(..) => re as i128,
                };
                self.order((int as u128).to_le_bytes()[..self.size].to_vec())
            }
            Kind::Float => self.encode_real(re),
            Kind::Complex => [self.encode_real(re), self.encode_real(im)].concat(),
            Kind::Object | Kind::Other => vec![0; self.size],
        }
    }

    fn unsigned(&self, bytes: &[u8]) -> u128 {
        let mut wide = [0u8; 16];
        for (at, byte) in self.order(bytes.to_vec()).into_iter().enumerate() {
            wide[at] = byte;
        }
        u128::from_le_bytes(wide)
    }

    /// One real component.
    pub fn real(&self, bytes: &[u8]) -> f64 {
        let le = self.order(bytes.to_vec());
        match le.len() {
            2 => half_to_double(u16::from_le_bytes([le[0], le[1]])),
            4 => f64::from(f32::from_le_bytes([le[0], le[1], le[2], le[3]])),
            8 => f64::from_le_bytes(std::array::from_fn(|at| le[at])),
            _ => extended_to_double(&le),
        }
    }

    fn encode_real(&self, value: f64) -> Vec<u8> {
        let le = match self.real_size() {
            2 => double_to_half(value).to_le_bytes().to_vec(),
            4 => (value as f32).to_le_bytes().to_vec(),
            8 => value.to_le_bytes().to_vec(),
            size => double_to_extended(value, size),
        };
        self.order(le)
    }

    /// Little-endian bytes from this dtype's, or the other way round.
    fn order(&self, mut bytes: Vec<u8>) -> Vec<u8> {
        let big = cfg!(target_endian = "big") != self.swapped;
        if big {
            bytes.reverse();
        }
        bytes
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match self.kind {
            Kind::Bool => return f.write_str("bool"),
            Kind::Int => "int",
            Kind::Uint => "uint",
            Kind::Float => "float",
            Kind::Complex => "complex",
            Kind::Object => return f.write_str("object"),
            Kind::Other => return f.write_str(&self.text),
        };
        let order = if self.swapped { " (swapped)" } else { "" };
        write!(f, "{letter}{}{order}", self.size * 8)
    }
}

impl Number {
    /// Real and imaginary part as doubles.
    pub fn parts(self) -> (f64, f64) {
        match self {
            Number::Bool(value) => (f64::from(u8::from(value)), 0.0),
            Number::Int(value) => (value as f64, 0.0),
            Number::Float(value) => (value, 0.0),
            Number::Complex(re, im) => (re, im),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Number::Bool(true) => f.write_str("True"),
            Number::Bool(false) => f.write_str("False"),
            Number::Int(value) => write!(f, "{value}"),
            Number::Float(value) => f.write_str(&float_text(*value)),
            Number::Complex(re, im) => write!(f, "({}{:+}j)", float_text(*re), im),
        }
    }
}

/// A float as Python prints it, near enough to be read.
pub fn float_text(value: f64) -> String {
    if value.is_nan() {
        "nan".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 {
            "inf".to_owned()
        } else {
            "-inf".to_owned()
        }
    } else if value != 0.0 && !(1e-4..1e16).contains(&value.abs()) {
        format!("{value:e}")
    } else {
        format!("{value:?}")
    }
}

fn half_to_double(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from((bits >> 10) & 0x1f);
    let fraction = f64::from(bits & 0x3ff);
    match exponent {
        0 => sign * fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => sign * f64::INFINITY,
        31 => f64::NAN,
        _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

fn double_to_half(value: f64) -> u16 {
    let sign = u16::from(value.is_sign_negative()) << 15;
    let size = value.abs();
    if value.is_nan() {
        sign | 0x7e00
    } else if size >= 65520.0 {
        sign | 0x7c00
    } else if size < 2f64.powi(-14) {
        // A carry out of the fraction lands in the exponent, which is what rounding up means.
        sign | (size * 2f64.powi(24)).round_ties_even() as u16
    } else {
        let exponent = size.log2().floor() as i32;
        let exponent = if size < 2f64.powi(exponent) {
            exponent - 1
        } else {
            exponent
        };
        let fraction = ((size / 2f64.powi(exponent) - 1.0) * 1024.0).round_ties_even() as u16;
        sign | ((((exponent + 15) as u16) << 10) + fraction)
    }
}

/// x87's 80 bits (in 12 or 16 bytes). Where `long double` is something else the value is approximate all the same
/// unless it is 8 bytes, which never comes here.
fn extended_to_double(le: &[u8]) -> f64 {
    let mantissa = u64::from_le_bytes(std::array::from_fn(|at| le[at]));
    let top = u16::from_le_bytes([le[8], le[9]]);
    let sign = if top >> 15 == 1 { -1.0 } else { 1.0 };
    let exponent = i32::from(top & 0x7fff);
    if exponent == 0x7fff {
        return if mantissa << 1 == 0 {
            sign * f64::INFINITY
        } else {
            f64::NAN
        };
    }
    let power = exponent - 16383 - 63;
    // In two steps, since 2^power alone may underflow where the product does not.
    sign * (mantissa as f64) * 2f64.powi(power / 2) * 2f64.powi(power - power / 2)
}

fn double_to_extended(value: f64, size: usize) -> Vec<u8> {
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (exponent, mantissa) = match exponent {
        0 if fraction == 0 => (0, 0),
        0 => {
            let shift = fraction.leading_zeros();
            (16383 - 1022 - (shift as i32 - 11), fraction << shift)
        }
        0x7ff => (0x7fff, (1 << 63) | (fraction << 11)),
        _ => (exponent - 1023 + 16383, (1 << 63) | (fraction << 11)),
    };
    let top = (exponent as u16) | (u16::from(value.is_sign_negative()) << 15);
    let mut le = mantissa.to_le_bytes().to_vec();
    le.extend(top.to_le_bytes());
    le.resize(size, 0);
    le
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_every_dtype_that_holds_them() {
        for text in [
            "<f2", "<f4", "<f8", "<f16", ">f8", ">f4", "<c8", "<c16", "<i1", ">i2", "<i4", "<i8", "<u1", "|b1",
        ] {
            let size = text[2..].parse().unwrap();
            let dtype = Dtype::parse(text, size);
            for value in [0.0, 1.0] {
                let bytes = dtype.encode(Number::Float(value));
                assert_eq!(bytes.len(), size, "{text}");
                assert_eq!(dtype.decode(&bytes).unwrap().parts(), (value, 0.0), "{text}");
            }
        }
    }

    #[test]
    fn floats_keep_their_odd_values() {
        for text in ["<f2", "<f4", "<f8", "<f16", ">f16"] {
            let dtype = Dtype::parse(text, text[2..].parse().unwrap());
            let round = |value: f64| dtype.decode(&dtype.encode(Number::Float(value))).unwrap().parts().0;
            assert!(round(f64::NAN).is_nan());
            assert_eq!(round(f64::NEG_INFINITY), f64::NEG_INFINITY);
            assert!(round(-0.0).is_sign_negative());
            assert_eq!(round(-1.5), -1.5);
            assert_eq!(round(0.00006103515625), 0.00006103515625);
        }
        assert_eq!(half_to_double(double_to_half(65504.0)), 65504.0);
        assert_eq!(half_to_double(1), 2f64.powi(-24));
        let extended = Dtype::parse("<f16", 16);
        assert_eq!(
            extended.decode(&extended.encode(Number::Float(5e-324))),
            Some(Number::Float(5e-324))
        );
    }

    #[test]
    fn integers_keep_sign_and_width() {
        let int = Dtype::native('i', 2);
        assert_eq!(int.decode(&int.encode(Number::Int(-2))), Some(Number::Int(-2)));
        assert_eq!(int.int_range(), Some((-32768, 32767)));
        let uint = Dtype::native('u', 8);
        assert_eq!(
            uint.decode(&uint.encode(Number::Int(u64::MAX as i128))),
            Some(Number::Int(u64::MAX as i128))
        );
    }
}
