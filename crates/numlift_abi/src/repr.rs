//! How a value looks to compiled code.
//!
//! | value | slots |
//! |---|---|
//! | `None` | none |
//! | `bool` | 1: 0 or 1 |
//! | `int` | 1: i64; an int that does not fit never gets here |
//! | `float` | 1: its bits |
//! | `complex`, `complex128` | 2: real and imaginary part |
//! | NumPy's bools and ints | 1: sign- or zero-extended to 64 bits |
//! | `float64` | 1; `float32` and `float16`: 1, their bits in the low bytes |
//! | `complex64` | 1: real part in the low half, imaginary part in the high half |
//! | array | 2 + 2 × rank: owner (`PyObject *`), address of element 0, extents, strides in bytes |
//! | tuple | those of its items, one after the other |
//! | list | 1: `PyObject *`; its elements are looked at where they are used |
//! | a list of compiled code's own | 1: address of its head ([`crate::runtime::buffer`]), which is an object too |
//! | `numpy.random.Generator` | 2: `PyObject *`, address of its `bitgen_t` |
//! | any other object | 1: `PyObject *` |
//! | one of several | 1: number of the option, then as many as the largest option takes, those of the option first |
//!
//! Arguments are borrowed. What compiled code hands over (results, the values of a frame) is owned: whoever receives it
//! takes the references over.

use serde::{Deserialize, Serialize};

/// A machine number: what one element of an array, or one number of the program, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scalar {
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
}

impl Scalar {
    /// Every one, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Bool,
        Self::I8,
        Self::I16,
        Self::I32,
        Self::I64,
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::F16,
        Self::F32,
        Self::F64,
        Self::C64,
        Self::C128,
    ];

    /// Bytes of one element in an array.
    pub fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 | Self::C64 => 8,
            Self::C128 => 16,
        }
    }

    /// Slots of one number.
    pub fn slots(self) -> usize {
        if self == Self::C128 { 2 } else { 1 }
    }

    /// The character of the dtype in NumPy's array interface with its size: `f8`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Bool => "b1",
            Self::I8 => "i1",
            Self::I16 => "i2",
            Self::I32 => "i4",
            Self::I64 => "i8",
            Self::U8 => "u1",
            Self::U16 => "u2",
            Self::U32 => "u4",
            Self::U64 => "u8",
            Self::F16 => "f2",
            Self::F32 => "f4",
            Self::F64 => "f8",
            Self::C64 => "c8",
            Self::C128 => "c16",
        }
    }
}

/// How a value looks to compiled code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Repr {
    None,
    Bool,
    Int,
    Float,
    Complex,
    /// A NumPy scalar.
    Np(Scalar),
    /// Exactly `numpy.ndarray`, native byte order, aligned.
    Array {
        scalar: Scalar,
        rank: usize,
    },
    Tuple(Vec<Repr>),
    /// A reference to exactly a `list`.
    List,
    /// A list of compiled code's own, of elements that look like this.
    Buffer(Box<Repr>),
    /// A generator of NumPy's, with one of its own bit generators: a `Generator`, or a `RandomState`.
    Generator {
        legacy: bool,
    },
    /// A reference.
    Object,
    /// A name that is not bound: only as an option of `OneOf`.
    Unbound,
    OneOf(Vec<Repr>),
}

impl Repr {
    /// How many slots it takes.
    pub fn slots(&self) -> usize {
        match self {
            Self::None | Self::Unbound => 0,
            Self::Bool | Self::Int | Self::Float | Self::List | Self::Buffer(_) | Self::Object => 1,
            Self::Complex | Self::Generator { .. } => 2,
            Self::Np(scalar) => scalar.slots(),
            Self::Array { rank, .. } => 2 + 2 * rank,
            Self::Tuple(items) => items.iter().map(Self::slots).sum(),
            Self::OneOf(options) => 1 + options.iter().map(Self::slots).max().unwrap_or(0),
        }
    }
}
