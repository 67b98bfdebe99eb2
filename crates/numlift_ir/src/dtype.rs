//! Dtypes and NumPy's promotion.
//!
//! [`Dtype`] names the fixed-width, native-order numbers that numlift computes with. Everything else (objects,
//! strings, dates, records, long doubles, foreign byte orders) is [`Dtype::Other`], which everything refuses.
//!
//! ```text
//! promote(I32, F32)                       -> F64      np.promote_types
//! result_type([Strong(F32), Weak(Float)]) -> F32      NEP 50: a Python scalar has a kind, not a width
//! ```
//!
//! Whether the *value* of a Python int fits its operand's dtype is a run-time question (`np.int8(1) + 300` raises
//! `OverflowError`): see [`Dtype::fits`]. `tests/python/test_promotion.py` compares everything here with NumPy.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An array element's type, in NumPy's order of promotion within a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Dtype {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
    C64,
    C128,
    /// Anything that numlift does not compute with.
    Other,
}

/// The kind of a dtype; `dtype.kind` gives its letter. Ordered as `same_kind` casting orders them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum DtypeKind {
    Bool,
    Unsigned,
    Signed,
    Float,
    Complex,
    Other,
}

/// A Python scalar among arrays: it has a kind but no width. Python's `bool` is not weak, it is [`Dtype::Bool`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Weak {
    Int,
    Float,
    Complex,
}

/// An operand of [`result_type`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Operand {
    /// An array or a NumPy scalar.
    Strong(Dtype),
    /// A Python int, float or complex.
    Weak(Weak),
}

/// NumPy's casting rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Casting {
    No,
    Safe,
    SameKind,
    Unsafe,
}

/// Everything that spells a dtype.
struct Spelling {
    name: &'static str,
    code: &'static str,
    char: char,
    itemsize: usize,
    kind: DtypeKind,
}

/// Every dtype but [`Dtype::Other`].
pub const ALL: [Dtype; 14] = [
    Dtype::Bool,
    Dtype::I8,
    Dtype::I16,
    Dtype::I32,
    Dtype::I64,
    Dtype::U8,
    Dtype::U16,
    Dtype::U32,
    Dtype::U64,
    Dtype::F16,
    Dtype::F32,
    Dtype::F64,
    Dtype::C64,
    Dtype::C128,
];

impl Dtype {
    /// NumPy's `dtype.name`: `float64`, `bool`.
    pub fn name(self) -> &'static str {
        self.spelling().name
    }

    /// The attribute of the `numpy` module that names it, for source text: `float64`, `bool_`.
    ///
    /// Not `bool`, which NumPy 1.20 to 1.26 do not have.
    pub fn attribute(self) -> &'static str {
        if self == Dtype::Bool { "bool_" } else { self.name() }
    }

    /// NumPy's `dtype.str` on a little-endian machine: `<f8`, `|b1`. `None` for [`Dtype::Other`].
    pub fn str(self) -> Option<String> {
        let spelling = self.spelling();
        (self != Dtype::Other).then(|| {
            let order = if spelling.itemsize == 1 { '|' } else { '<' };
            format!("{order}{}", spelling.code)
        })
    }

    /// Parses `dtype.str` as the worker reports it. A foreign byte order or an unknown code is [`Dtype::Other`].
    pub fn from_str_code(text: &str) -> Dtype {
        let code = match text.as_bytes().first() {
            Some(b'>') if text.ends_with('1') => &text[1..],
            Some(b'>') => return Dtype::Other,
            Some(b'<' | b'|' | b'=') => &text[1..],
            _ => text,
        };
        ALL.into_iter()
            .find(|dtype| dtype.spelling().code == code)
            .unwrap_or(Dtype::Other)
    }

    /// The dtype that a *string* names in source text, as in `dtype="f4"`, `dtype="float"` or `astype("int32")`.
    /// `None` where the string names no dtype that numlift knows; `long` and `l` differ from platform to platform.
    pub fn from_text(text: &str) -> Option<Dtype> {
        let alias = match text {
            "float" | "double" => Some(Dtype::F64),
            "int" | "int_" | "intp" | "p" | "longlong" => Some(Dtype::I64),
            "uint" | "uintp" | "P" | "ulonglong" => Some(Dtype::U64),
            "complex" | "cdouble" => Some(Dtype::C128),
            "single" => Some(Dtype::F32),
            "half" => Some(Dtype::F16),
            "csingle" => Some(Dtype::C64),
            "short" => Some(Dtype::I16),
            "intc" => Some(Dtype::I32),
            "byte" => Some(Dtype::I8),
            "ubyte" => Some(Dtype::U8),
            "ushort" => Some(Dtype::U16),
            "uintc" => Some(Dtype::U32),
            "bool_" => Some(Dtype::Bool),
            _ => None,
        };
        let by_char = || ALL.into_iter().find(|dtype| text.chars().eq([dtype.char()]));
        let by_name = || ALL.into_iter().find(|dtype| dtype.name() == text);
        let by_code = || Some(Dtype::from_str_code(text)).filter(|&dtype| dtype != Dtype::Other);
        alias.or_else(by_name).or_else(by_char).or_else(by_code)
    }

    /// The dtype that an attribute of the `numpy` module names: `float64`, `bool_`, `intp`, `double`.
    pub fn from_attribute(name: &str) -> Option<Dtype> {
        match name {
            // These left NumPy in 1.24 (`np.bool` came back with 2.0); type codes are no attributes.
            "float" | "complex" | "int" => None,
            _ if name.len() < 4 => None,
            _ => Dtype::from_text(name),
        }
    }

    /// Bytes an element takes; 0 for [`Dtype::Other`].
    pub fn itemsize(self) -> usize {
        self.spelling().itemsize
    }

    pub fn kind(self) -> DtypeKind {
        self.spelling().kind
    }

    /// Signed or unsigned, not bool.
    pub fn is_integer(self) -> bool {
        matches!(self.kind(), DtypeKind::Signed | DtypeKind::Unsigned)
    }

    pub fn is_float(self) -> bool {
        self.kind() == DtypeKind::Float
    }

    pub fn is_complex(self) -> bool {
        self.kind() == DtypeKind::Complex
    }

    /// Float or complex.
    pub fn is_inexact(self) -> bool {
        self.is_float() || self.is_complex()
    }

    /// Anything that numlift computes with, bool included.
    pub fn is_known(self) -> bool {
        self != Dtype::Other
    }

    /// The least and greatest value of an integer dtype (and of bool).
    pub fn integer_limits(self) -> Option<(i128, i128)> {
        let bits = 8 * self.itemsize() as u32;
        match self.kind() {
            DtypeKind::Bool => Some((0, 1)),
            DtypeKind::Signed => Some((-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1)),
            DtypeKind::Unsigned => Some((0, (1i128 << bits) - 1)),
            DtypeKind::Float | DtypeKind::Complex | DtypeKind::Other => None,
        }
    }

    /// Whether a Python int may stand beside this dtype: beyond an integer's limits it raises `OverflowError`, beyond
    /// a `float16` it becomes infinity with a warning. No wider float is left by an `i128`.
    pub fn fits(self, value: i128) -> bool {
        match self.kind() {
            DtypeKind::Float | DtypeKind::Complex => self != Dtype::F16 || value.abs() < 65520,
            DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned | DtypeKind::Other => {
                self.integer_limits().is_some_and(|(lo, hi)| (lo..=hi).contains(&value))
            }
        }
    }

    /// The float dtype that holds a complex dtype's parts; itself for the others.
    pub fn real_part(self) -> Dtype {
        match self {
            Dtype::C64 => Dtype::F32,
            Dtype::C128 => Dtype::F64,
            other => other,
        }
    }

    /// NumPy's one-letter code: `d` for `float64`. 64-bit integers are `q`, as on every platform.
    pub fn char(self) -> char {
        self.spelling().char
    }

    fn spelling(self) -> Spelling {
        let (name, code, char, itemsize, kind) = match self {
            Dtype::Bool => ("bool", "b1", '?', 1, DtypeKind::Bool),
            Dtype::I8 => ("int8", "i1", 'b', 1, DtypeKind::Signed),
            Dtype::I16 => ("int16", "i2", 'h', 2, DtypeKind::Signed),
            Dtype::I32 => ("int32", "i4", 'i', 4, DtypeKind::Signed),
            Dtype::I64 => ("int64", "i8", 'q', 8, DtypeKind::Signed),
            Dtype::U8 => ("uint8", "u1", 'B', 1, DtypeKind::Unsigned),
            Dtype::U16 => ("uint16", "u2", 'H', 2, DtypeKind::Unsigned),
            Dtype::U32 => ("uint32", "u4", 'I', 4, DtypeKind::Unsigned),
            Dtype::U64 => ("uint64", "u8", 'Q', 8, DtypeKind::Unsigned),
            Dtype::F16 => ("float16", "f2", 'e', 2, DtypeKind::Float),
            Dtype::F32 => ("float32", "f4", 'f', 4, DtypeKind::Float),
            Dtype::F64 => ("float64", "f8", 'd', 8, DtypeKind::Float),
            Dtype::C64 => ("complex64", "c8", 'F', 8, DtypeKind::Complex),
            Dtype::C128 => ("complex128", "c16", 'D', 16, DtypeKind::Complex),
            Dtype::Other => ("other", "other", 'O', 0, DtypeKind::Other),
        };
        Spelling {
            name,
            code,
            char,
            itemsize,
            kind,
        }
    }
}

impl fmt::Display for Dtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl DtypeKind {
    /// `dtype.kind`.
    pub fn letter(self) -> char {
        match self {
            DtypeKind::Bool => 'b',
            DtypeKind::Unsigned => 'u',
            DtypeKind::Signed => 'i',
            DtypeKind::Float => 'f',
            DtypeKind::Complex => 'c',
            DtypeKind::Other => 'O',
        }
    }
}

impl Weak {
    /// What the scalar becomes on its own: `np.asarray(1).dtype`.
    pub fn default_dtype(self) -> Dtype {
        match self {
            Weak::Int => Dtype::I64,
            Weak::Float => Dtype::F64,
            Weak::Complex => Dtype::C128,
        }
    }
}

/// `np.promote_types`; `None` when either is [`Dtype::Other`].
pub fn promote(a: Dtype, b: Dtype) -> Option<Dtype> {
    use DtypeKind::{Bool, Complex, Float, Other, Signed, Unsigned};
    let (low, high) = if a.kind() <= b.kind() { (a, b) } else { (b, a) };
    match (low.kind(), high.kind()) {
        (Other, _) | (_, Other) => None,
        (Bool, _) => Some(high),
        (Unsigned, Unsigned) | (Signed, Signed) | (Float, Float) | (Complex, Complex) => Some(low.max(high)),
        (Unsigned, Signed) => Some(if low.itemsize() < high.itemsize() {
            high
        } else {
            signed_above(low)
        }),
        (Unsigned | Signed, Float) => Some(float_for(low).max(high)),
        (Unsigned | Signed | Float, Complex) => Some(complex_for(low).max(high)),
        // `low` has the lower kind, so the other orders do not occur.
        (Unsigned | Signed | Float | Complex, Bool)
        | (Signed | Float | Complex, Unsigned)
        | (Float | Complex, Signed)
        | (Complex, Float) => unreachable!("kinds are ordered"),
    }
}

/// The signed dtype that holds an unsigned one; `float64` for `uint64`.
fn signed_above(unsigned: Dtype) -> Dtype {
    match unsigned.itemsize() {
        1 => Dtype::I16,
        2 => Dtype::I32,
        4 => Dtype::I64,
        _ => Dtype::F64,
    }
}

/// The smallest float that NumPy thinks holds a bool, an integer or a float; what `np.sqrt` computes in.
///
/// NumPy counts 32 and 64 bit integers as safe in `float64`.
pub fn float_for(dtype: Dtype) -> Dtype {
    match (dtype.kind(), dtype.itemsize()) {
        (DtypeKind::Float | DtypeKind::Complex | DtypeKind::Other, _) => dtype,
        (_, 1) => Dtype::F16,
        (_, 2) => Dtype::F32,
        (_, _) => Dtype::F64,
    }
}

/// The smallest complex that holds a real dtype.
pub fn complex_for(dtype: Dtype) -> Dtype {
    match float_for(dtype) {
        Dtype::F16 | Dtype::F32 | Dtype::C64 => Dtype::C64,
        Dtype::Other => Dtype::Other,
        _ => Dtype::C128,
    }
}

/// NEP 50: an array or NumPy scalar beside a Python scalar.
pub fn promote_weak(dtype: Dtype, weak: Weak) -> Option<Dtype> {
    match (weak, dtype.kind()) {
        (_, DtypeKind::Other) => None,
        (Weak::Int, DtypeKind::Bool) => Some(Dtype::I64),
        (Weak::Int, _) => Some(dtype),
        (Weak::Float, DtypeKind::Float | DtypeKind::Complex) => Some(dtype),
        (Weak::Float, _) => Some(Dtype::F64),
        (Weak::Complex, DtypeKind::Float | DtypeKind::Complex) => Some(complex_for(dtype)),
        (Weak::Complex, _) => Some(Dtype::C128),
    }
}

/// `np.result_type` of any number of operands; `None` for none, or when one is [`Dtype::Other`].
///
/// Promotion is not associative (`int8, uint8, float16` is `float16`, though `int8, uint8` is `int16`); NumPy starts
/// from the operand of the highest kind, and so does this.
pub fn result_type(operands: &[Operand]) -> Option<Dtype> {
    let mut strong = Vec::new();
    let mut weak = None;
    for operand in operands {
        match *operand {
            Operand::Strong(dtype) => strong.push(dtype),
            Operand::Weak(kind) => weak = weak.max(Some(kind)),
        }
    }
    strong.sort_by_key(|dtype| std::cmp::Reverse(category(*dtype)));
    let common = strong.iter().copied().map(Some).reduce(|a, b| promote(a?, b?));
    match (common, weak) {
        (Some(common), Some(weak)) => promote_weak(common?, weak),
        (Some(common), None) => common.filter(|dtype| dtype.is_known()),
        (None, weak) => weak.map(Weak::default_dtype),
    }
}

/// The order in which `result_type` folds.
fn category(dtype: Dtype) -> u8 {
    match dtype.kind() {
        DtypeKind::Bool => 0,
        DtypeKind::Unsigned | DtypeKind::Signed => 1,
        DtypeKind::Float => 2,
        DtypeKind::Complex => 3,
        DtypeKind::Other => 4,
    }
}

/// `np.can_cast(from, to, casting)`.
pub fn can_cast(from: Dtype, to: Dtype, casting: Casting) -> bool {
    if !from.is_known() || !to.is_known() {
        return false;
    }
    let safe = promote(from, to) == Some(to);
    match casting {
        Casting::No => from == to,
        Casting::Safe => safe,
        Casting::SameKind => safe || from.kind() <= to.kind(),
        Casting::Unsafe => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_read_back() {
        for dtype in ALL {
            assert_eq!(Dtype::from_str_code(&dtype.str().unwrap()), dtype);
            assert_eq!(Dtype::from_text(dtype.name()), Some(dtype));
            assert_eq!(Dtype::from_attribute(dtype.attribute()), Some(dtype));
        }
    }

    #[test]
    fn foreign_byte_orders_are_other() {
        for text in [">i4", ">f8", "<U3", "|S1", "|O", "<M8[s]", "<f16", "", "|V8"] {
            assert_eq!(Dtype::from_str_code(text), Dtype::Other, "{text}");
        }
    }

    #[test]
    fn promotion_starts_from_the_highest_kind() {
        let strong = |dtypes: &[Dtype]| dtypes.iter().map(|&dtype| Operand::Strong(dtype)).collect::<Vec<_>>();
        assert_eq!(
            result_type(&strong(&[Dtype::I8, Dtype::U8, Dtype::F16])),
            Some(Dtype::F16)
        );
        assert_eq!(result_type(&strong(&[Dtype::I8, Dtype::U8])), Some(Dtype::I16));
        assert_eq!(
            result_type(&[Operand::Strong(Dtype::F32), Operand::Weak(Weak::Float)]),
            Some(Dtype::F32)
        );
        assert_eq!(result_type(&strong(&[Dtype::Other, Dtype::F64])), None);
        assert_eq!(result_type(&strong(&[Dtype::Other])), None);
        assert_eq!(result_type(&[]), None);
    }

    #[test]
    fn limits() {
        assert_eq!(Dtype::I8.integer_limits(), Some((-128, 127)));
        assert_eq!(Dtype::U64.integer_limits(), Some((0, u64::MAX as i128)));
        assert!(Dtype::I64.fits(i64::MIN as i128) && !Dtype::I64.fits(1 << 63));
    }
}
