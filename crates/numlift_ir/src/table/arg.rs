//! The types over which the table's rules are written: enough to tell dtypes and ranks, and no more.
//!
//! ```text
//! float   np.float32   int:3   array(float64,2)   list(int)   tuple(int,float)   dtype(int32)   str:f4   unknown
//! ```
//!
//! The text form is what tests speak.

use std::fmt;

use crate::dtype::{Dtype, Operand, promote, result_type};
use crate::scalar::ScalarTy;

/// The type of an argument or a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArgTy {
    Scalar(ScalarTy),
    /// A Python int that is known.
    Int(i64),
    /// A Python bool that is known.
    Bool(bool),
    /// An array; `None` is a rank that is not known.
    Array {
        dtype: Dtype,
        ndim: Option<usize>,
    },
    /// A list of elements of one type, and its length where it is known.
    List(Box<ArgTy>, Option<usize>),
    Tuple(Vec<ArgTy>),
    /// A tuple of so many elements of one type, the number being unknown.
    TupleOf(Box<ArgTy>),
    /// A `range`.
    Range,
    /// An iterator or an iterable view over elements.
    Iter(Box<ArgTy>),
    None,
    /// A string, and its text where it is known.
    Str(Option<String>),
    /// A dtype, or a type that stands for one: `np.float32`, `float`, `x.dtype`.
    Dtype(Dtype),
    /// An instance of a class that the table knows: `Generator`.
    Object(&'static str),
    Unknown,
}

impl ArgTy {
    pub const INT: ArgTy = ArgTy::Scalar(ScalarTy::PyInt);
    pub const FLOAT: ArgTy = ArgTy::Scalar(ScalarTy::PyFloat);
    pub const BOOL: ArgTy = ArgTy::Scalar(ScalarTy::PyBool);

    pub fn array(dtype: Dtype, ndim: usize) -> ArgTy {
        ArgTy::Array {
            dtype,
            ndim: Some(ndim),
        }
    }

    /// An array, or the NumPy scalar that NumPy gives instead of an array of rank 0.
    pub fn array_or_scalar(dtype: Dtype, ndim: Option<usize>) -> ArgTy {
        match ndim {
            Some(0) => ArgTy::Scalar(ScalarTy::Np(dtype)),
            _ => ArgTy::Array { dtype, ndim },
        }
    }

    /// The type of a number; a known int is a Python int.
    pub fn scalar(&self) -> Option<ScalarTy> {
        match self {
            ArgTy::Scalar(ty) => Some(*ty),
            ArgTy::Int(_) => Some(ScalarTy::PyInt),
            ArgTy::Bool(_) => Some(ScalarTy::PyBool),
            _ => None,
        }
    }

    /// Whether it is an integer, of Python's or NumPy's.
    pub fn is_integer(&self) -> bool {
        match self.scalar() {
            Some(ScalarTy::PyInt | ScalarTy::PyBool) => true,
            Some(ScalarTy::Np(dtype)) => dtype.is_integer(),
            Some(ScalarTy::PyFloat | ScalarTy::PyComplex) | None => false,
        }
    }

    /// The dtype of `np.asarray` of it; Python's ints are taken to fit `int64`.
    pub fn dtype(&self) -> Option<Dtype> {
        match self {
            ArgTy::Scalar(_) | ArgTy::Int(_) | ArgTy::Bool(_) => self.scalar().map(ScalarTy::array_dtype),
            ArgTy::Array { dtype, .. } => Some(*dtype).filter(|dtype| dtype.is_known()),
            ArgTy::List(_, Some(0)) => Some(Dtype::F64),
            // Of an empty list NumPy makes float64, whatever the list was for.
            ArgTy::List(item, length) => item.dtype().filter(|&dtype| length.is_some() || dtype == Dtype::F64),
            ArgTy::Tuple(items) if items.is_empty() => Some(Dtype::F64),
            ArgTy::Tuple(items) => items.iter().map(ArgTy::dtype).reduce(|a, b| promote(a?, b?)).flatten(),
            ArgTy::Range => None,
            ArgTy::TupleOf(_) | ArgTy::Iter(_) | ArgTy::None | ArgTy::Str(_) => None,
            ArgTy::Dtype(_) | ArgTy::Object(_) | ArgTy::Unknown => None,
        }
    }

    /// The rank of `np.asarray` of it.
    pub fn ndim(&self) -> Option<usize> {
        match self {
            ArgTy::Scalar(_) | ArgTy::Int(_) | ArgTy::Bool(_) => Some(0),
            ArgTy::Array { ndim, .. } => *ndim,
            ArgTy::List(_, Some(0)) => Some(1),
            // An empty list of lists has one axis only.
            ArgTy::List(item, length) => item
                .ndim()
                .map(|ndim| ndim + 1)
                .filter(|&ndim| length.is_some() || ndim == 1),
            ArgTy::Tuple(items) if items.is_empty() => Some(1),
            ArgTy::Tuple(items) => {
                let ndims = items.iter().map(ArgTy::ndim).collect::<Option<Vec<_>>>()?;
                ndims.iter().all(|&ndim| ndim == ndims[0]).then_some(ndims[0] + 1)
            }
            ArgTy::Range => Some(1),
            ArgTy::TupleOf(_) | ArgTy::Iter(_) | ArgTy::None | ArgTy::Str(_) => None,
            ArgTy::Dtype(_) | ArgTy::Object(_) | ArgTy::Unknown => None,
        }
    }

    /// What `np.asarray` makes of it.
    pub fn as_array(&self) -> ArgTy {
        match self.dtype() {
            Some(dtype) => ArgTy::Array {
                dtype,
                ndim: self.ndim(),
            },
            None => ArgTy::Unknown,
        }
    }

    /// As an operand of a ufunc, which promotes Python's scalars weakly and arrays from lists strongly.
    pub fn operand(&self) -> Option<ScalarTy> {
        self.scalar().or_else(|| self.dtype().map(ScalarTy::Np))
    }

    /// The type of an element of a list, an array's first axis, an iterator.
    pub fn item(&self) -> ArgTy {
        match self {
            ArgTy::Array { ndim: Some(0), .. } => ArgTy::Unknown,
            ArgTy::Array { dtype, ndim } => ArgTy::array_or_scalar(*dtype, ndim.map(|ndim| ndim - 1)).after_unknown(),
            ArgTy::List(item, _) | ArgTy::TupleOf(item) | ArgTy::Iter(item) => (**item).clone(),
            ArgTy::Tuple(items) => {
                let mut items = items.iter();
                let first = items.next().cloned().unwrap_or(ArgTy::Unknown);
                items.fold(first, |a, b| a.join(b))
            }
            ArgTy::Range => ArgTy::INT,
            ArgTy::Str(_) => ArgTy::Str(None),
            ArgTy::Scalar(_) | ArgTy::Int(_) | ArgTy::Bool(_) | ArgTy::None => ArgTy::Unknown,
            ArgTy::Dtype(_) | ArgTy::Object(_) | ArgTy::Unknown => ArgTy::Unknown,
        }
    }

    /// An array of an unknown rank may be a number.
    fn after_unknown(self) -> ArgTy {
        match self {
            ArgTy::Array { ndim: None, .. } => ArgTy::Unknown,
            known => known,
        }
    }

    /// A known number as one of its type.
    pub fn forget_value(self) -> ArgTy {
        match self.scalar() {
            Some(ty) => ArgTy::Scalar(ty),
            None => self,
        }
    }

    /// One or the other.
    pub fn join(self, other: &ArgTy) -> ArgTy {
        if self == *other {
            return self;
        }
        let (a, b) = (self.forget_value(), other.clone().forget_value());
        match (&a, &b) {
            _ if a == b => a,
            (ArgTy::Array { dtype, .. }, ArgTy::Array { dtype: other, .. }) if dtype == other => ArgTy::Array {
                dtype: *dtype,
                ndim: None,
            },
            (ArgTy::List(item, _), ArgTy::List(other, _)) => match (**item).clone().join(other) {
                ArgTy::Unknown => ArgTy::Unknown,
                item => ArgTy::List(Box::new(item), None),
            },
            (ArgTy::Str(_), ArgTy::Str(_)) => ArgTy::Str(None),
            _ => ArgTy::Unknown,
        }
    }

    /// The rank that a shape argument asks for.
    pub fn shape_rank(&self) -> Option<usize> {
        match self {
            _ if self.is_integer() => Some(1),
            ArgTy::Tuple(items) => items.iter().all(ArgTy::is_integer).then_some(items.len()),
            ArgTy::List(item, length) if item.is_integer() => *length,
            _ => None,
        }
    }

    /// What a `dtype=` argument says.
    pub fn named_dtype(&self) -> NamedDtype {
        match self {
            ArgTy::None => NamedDtype::Default,
            ArgTy::Dtype(dtype) if dtype.is_known() => NamedDtype::Is(*dtype),
            ArgTy::Str(Some(text)) => Dtype::from_text(text).map_or(NamedDtype::Unknown, NamedDtype::Is),
            _ => NamedDtype::Unknown,
        }
    }
}

/// What a `dtype=` argument says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedDtype {
    /// Nothing, or `None`.
    Default,
    Is(Dtype),
    Unknown,
}

/// `np.result_type` of operands, Python's scalars being weak.
pub fn common_dtype<'a>(operands: impl IntoIterator<Item = &'a ArgTy>) -> Option<Dtype> {
    let operands = operands.into_iter().map(|ty| ty.operand().map(ScalarTy::operand));
    result_type(&operands.collect::<Option<Vec<Operand>>>()?)
}

/// The rank of operands that are broadcast.
pub fn broadcast_rank<'a>(operands: impl IntoIterator<Item = &'a ArgTy>) -> Option<usize> {
    operands
        .into_iter()
        .map(ArgTy::ndim)
        .try_fold(0, |rank, ndim| ndim.map(|ndim| rank.max(ndim)))
}

impl fmt::Display for ArgTy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArgTy::Scalar(ty) => write!(f, "{ty}"),
            ArgTy::Int(value) => write!(f, "int:{value}"),
            ArgTy::Bool(value) => write!(f, "bool:{}", i32::from(*value)),
            ArgTy::Array {
                dtype,
                ndim: Some(ndim),
            } => write!(f, "array({dtype},{ndim})"),
            ArgTy::Array { dtype, ndim: None } => write!(f, "array({dtype},?)"),
            ArgTy::List(item, Some(length)) => write!(f, "list({item},{length})"),
            ArgTy::List(item, None) => write!(f, "list({item},?)"),
            ArgTy::Tuple(items) => {
                let items = items.iter().map(ArgTy::to_string).collect::<Vec<_>>();
                write!(f, "tuple({})", items.join(","))
            }
            ArgTy::TupleOf(item) => write!(f, "tuple_of({item})"),
            ArgTy::Range => f.write_str("range"),
            ArgTy::Iter(item) => write!(f, "iter({item})"),
            ArgTy::None => f.write_str("none"),
            ArgTy::Str(Some(text)) => write!(f, "str:{text}"),
            ArgTy::Str(None) => f.write_str("str"),
            ArgTy::Dtype(dtype) => write!(f, "dtype({dtype})"),
            ArgTy::Object(class) => write!(f, "object({class})"),
            ArgTy::Unknown => f.write_str("unknown"),
        }
    }
}
