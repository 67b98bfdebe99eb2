//! The types of values.
//!
//! Python's scalars carry what decides about a rewrite (an int its interval), lists and arrays their dtype and
//! symbolic extents. `List` of `List` with a known inner extent is a rectangular list of lists, which has an array
//! form; with an unknown inner extent it may be ragged. `Tensor` is a value without identity: what an index-space op
//! computes; `Array` is a reference to memory that others may share.

use std::collections::{BTreeMap, BTreeSet};

use crate::dtype::Dtype;
use crate::scalar::ScalarTy;

/// A closed interval of Python ints; an end that is `None` is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval {
    pub lo: Option<i128>,
    pub hi: Option<i128>,
}

#[expect(
    clippy::should_implement_trait,
    reason = "named beside `join` and `meet`, which have no operators"
)]
impl Interval {
    /// Every int.
    pub const ALL: Self = Self { lo: None, hi: None };

    /// The interval that holds one int.
    pub fn point(value: i128) -> Self {
        Self {
            lo: Some(value),
            hi: Some(value),
        }
    }

    /// Both ends given.
    pub fn new(lo: i128, hi: i128) -> Self {
        Self {
            lo: Some(lo),
            hi: Some(hi),
        }
    }

    /// Ints from `lo` on.
    pub fn at_least(lo: i128) -> Self {
        Self { lo: Some(lo), hi: None }
    }

    /// The smallest interval that holds both.
    pub fn join(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).map(|(a, b)| a.min(b)),
            hi: self.hi.zip(other.hi).map(|(a, b)| a.max(b)),
        }
    }

    /// What 64 bits hold.
    pub const MACHINE: Self = Self {
        lo: Some(i64::MIN as i128),
        hi: Some(i64::MAX as i128),
    };

    /// The ints in both.
    pub fn meet(self, other: Self) -> Self {
        let pick = |a: Option<i128>, b: Option<i128>, f: fn(i128, i128) -> i128| match (a, b) {
            (Some(a), Some(b)) => Some(f(a, b)),
            (a, None) => a,
            (None, b) => b,
        };
        Self {
            lo: pick(self.lo, other.lo, i128::max),
            hi: pick(self.hi, other.hi, i128::min),
        }
    }

    /// Whether every int of `self` lies in `other`.
    pub fn is_within(self, other: Self) -> bool {
        let above = other.lo.is_none_or(|lo| self.lo.is_some_and(|own| own >= lo));
        let below = other.hi.is_none_or(|hi| self.hi.is_some_and(|own| own <= hi));
        above && below
    }

    /// The one int that it holds.
    pub fn as_point(self) -> Option<i128> {
        self.lo.filter(|lo| self.hi == Some(*lo))
    }

    /// `self + other`.
    pub fn add(self, other: Self) -> Self {
        Self {
            lo: self.lo.zip(other.lo).and_then(|(a, b)| a.checked_add(b)),
            hi: self.hi.zip(other.hi).and_then(|(a, b)| a.checked_add(b)),
        }
    }

    /// `-self`.
    pub fn neg(self) -> Self {
        Self {
            lo: self.hi.and_then(i128::checked_neg),
            hi: self.lo.and_then(i128::checked_neg),
        }
    }

    /// `self - other`.
    pub fn sub(self, other: Self) -> Self {
        self.add(other.neg())
    }

    /// `self * other`; unbounded as soon as an end is.
    pub fn mul(self, other: Self) -> Self {
        let (Some(a), Some(b), Some(c), Some(d)) = (self.lo, self.hi, other.lo, other.hi) else {
            let non_negative = |i: Self| i.lo.is_some_and(|lo| lo >= 0);
            if non_negative(self) && non_negative(other) {
                let lo = self.lo.zip(other.lo).and_then(|(a, b)| a.checked_mul(b));
                return Self { lo, hi: None };
            }
            return Self::ALL;
        };
        let products = [a.checked_mul(c), a.checked_mul(d), b.checked_mul(c), b.checked_mul(d)];
        let all: Option<Vec<i128>> = products.into_iter().collect();
        match all {
            Some(all) => Self {
                lo: all.iter().min().copied(),
                hi: all.iter().max().copied(),
            },
            None => Self::ALL,
        }
    }

    /// The values of a dtype of integers or bools.
    pub fn of_dtype(dtype: Dtype) -> Option<Self> {
        dtype.integer_limits().map(|(lo, hi)| Self::new(lo, hi))
    }
}

/// The extent of one axis, as far as the type knows it.
///
/// `Sym` names an extent that is the same wherever the number stands in one function: `f64[s0]` and `f64[s0]` have
/// equal lengths, whatever they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Dim {
    Const(u64),
    Sym(u32),
    Unknown,
}

impl Dim {
    /// What is known of an extent that is one or the other.
    pub fn join(self, other: Self) -> Self {
        if self == other { self } else { Self::Unknown }
    }
}

/// How many lists inside each other a type tells that two types make; what stands deeper is any object. So a list that
/// may hold itself has a type.
const MAX_NESTING: usize = 6;

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ty {
    /// Any object at all.
    Unknown,
    /// No object: the element type of an empty list.
    Never,
    /// A name that is not bound.
    Unbound,
    None,
    Bool,
    Int(Interval),
    Float,
    Complex,
    Str,
    /// A NumPy scalar.
    Np(Dtype),
    /// One of several scalar types, sorted: `s = 0` before a loop that adds floats, or `2 ** n`.
    OneOf(Vec<ScalarTy>),
    Tuple(Vec<Ty>),
    List(Box<Ty>, Dim),
    /// In loop form: a list of the function's own that nobody else sees. Its elements lie in machine form, one after the
    /// other; a list of Python's is made of it where one is needed.
    Buffer(Box<Ty>),
    Dict,
    Set,
    /// A `range` object.
    Range,
    /// Exactly `numpy.ndarray`. `contiguous` means C-contiguous for certain.
    Array {
        dtype: Dtype,
        shape: Vec<Dim>,
        contiguous: bool,
    },
    /// A value of index space, without identity or strides.
    Tensor {
        elem: ScalarTy,
        shape: Vec<Dim>,
    },
    Module(String),
    /// A function or class known by its qualified name: `numpy.sqrt`.
    Extern(String),
    /// A function of the author's own, by its number in the project.
    Author(u32),
    Dtype(Dtype),
    /// `numpy.random.Generator`, or the legacy `RandomState`.
    Generator {
        legacy: bool,
    },
    /// An instance of a Python class whose plain attributes are known.
    Object {
        class: String,
        attrs: BTreeMap<String, Ty>,
    },
    /// `None`, or a value of the inner type: a number, an array, a tuple of such. See [`Ty::optional`].
    Optional(Box<Ty>),
    /// Bound to the inner type or not bound.
    Maybe(Box<Ty>),
}

impl Ty {
    /// Any int.
    pub const INT: Self = Self::Int(Interval::ALL);

    /// The type of an array.
    pub fn array(dtype: Dtype, shape: Vec<Dim>) -> Self {
        Self::Array {
            dtype,
            shape,
            contiguous: false,
        }
    }

    /// What a person would call it: `int`, `csv.DictReader`, `float64 array`. The text form says more.
    pub fn spoken(&self) -> String {
        match self {
            Self::Int(_) => "int".to_owned(),
            Self::Np(dtype) => format!("NumPy {}", dtype.name()),
            Self::Tuple(_) => "tuple".to_owned(),
            Self::List(..) | Self::Buffer(_) => "list".to_owned(),
            Self::Array { dtype, .. } => format!("{} array", dtype.name()),
            Self::Object { class, .. } => class.clone(),
            Self::None => "None".to_owned(),
            Self::Maybe(ty) => ty.spoken(),
            Self::Optional(ty) => format!("None or {}", ty.spoken()),
            Self::OneOf(options) => {
                let options = options.iter().map(|scalar| Self::scalar(*scalar).spoken());
                options.collect::<Vec<_>>().join(" or ")
            }
            Self::Module(name) | Self::Extern(name) => name.clone(),
            Self::Unknown
            | Self::Never
            | Self::Unbound
            | Self::Bool
            | Self::Float
            | Self::Complex
            | Self::Str
            | Self::Dict
            | Self::Set
            | Self::Range
            | Self::Tensor { .. }
            | Self::Author(_)
            | Self::Dtype(_)
            | Self::Generator { .. } => self.to_string(),
        }
    }

    /// A Python or NumPy scalar that is a number (or bool).
    pub fn as_scalar(&self) -> Option<ScalarTy> {
        match self {
            Self::Bool => Some(ScalarTy::PyBool),
            Self::Int(_) => Some(ScalarTy::PyInt),
            Self::Float => Some(ScalarTy::PyFloat),
            Self::Complex => Some(ScalarTy::PyComplex),
            Self::Np(dtype) => Some(ScalarTy::Np(*dtype)),
            _ => None,
        }
    }

    /// The type of a scalar.
    pub fn scalar(scalar: ScalarTy) -> Self {
        match scalar {
            ScalarTy::PyBool => Self::Bool,
            ScalarTy::PyInt => Self::INT,
            ScalarTy::PyFloat => Self::Float,
            ScalarTy::PyComplex => Self::Complex,
            ScalarTy::Np(dtype) => Self::Np(dtype),
        }
    }

    /// The types that a scalar may have: one, or those of `OneOf`.
    pub fn scalar_options(&self) -> Option<Vec<ScalarTy>> {
        match self {
            Self::OneOf(options) => Some(options.clone()),
            _ => self.as_scalar().map(|scalar| vec![scalar]),
        }
    }

    /// A scalar of one of several types.
    pub fn one_of(options: impl IntoIterator<Item = ScalarTy>) -> Self {
        let sorted: BTreeSet<ScalarTy> = options.into_iter().collect();
        match sorted.len() {
            0 => Self::Never,
            1 => Self::scalar(sorted.into_iter().next().expect("one option")),
            _ => Self::OneOf(sorted.into_iter().collect()),
        }
    }

    /// What is known of a value that is `None` or of this type. Which object it is can be told only of what is no object
    /// to machine code; of others it is any object.
    pub fn optional(self) -> Self {
        match self {
            Self::None | Self::Never => Self::None,
            Self::Optional(inner) => Self::Optional(inner),
            ty if ty.is_told_from_none() => Self::Optional(Box::new(ty)),
            _ => Self::Unknown,
        }
    }

    fn is_told_from_none(&self) -> bool {
        match self {
            Self::Tuple(items) => items.iter().all(|item| match item {
                Self::None => true,
                Self::Optional(inner) => inner.is_told_from_none(),
                item => item.is_told_from_none(),
            }),
            Self::Array { .. } => true,
            ty => ty.scalar_options().is_some(),
        }
    }

    /// The type of a value that is not `None`.
    pub fn present(&self) -> &Self {
        match self {
            Self::Optional(ty) => ty,
            ty => ty,
        }
    }

    /// The same where nobody tells `None` from others: what may be `None` is any object.
    pub fn without_optional(&self) -> Self {
        match self {
            Self::Optional(_) => Self::Unknown,
            Self::Maybe(ty) => Self::Maybe(Box::new(ty.without_optional())),
            Self::List(elem, len) => Self::List(Box::new(elem.without_optional()), *len),
            Self::Tuple(items) => Self::Tuple(items.iter().map(Self::without_optional).collect()),
            ty => ty.clone(),
        }
    }

    /// The type of a use: a name that may be unbound is bound where its use did not raise.
    pub fn bound(&self) -> &Self {
        match self {
            Self::Maybe(ty) => ty.bound(),
            ty => ty,
        }
    }

    /// Whether values of this type can hold memory that somebody changes.
    pub fn has_memory(&self) -> bool {
        match self {
            Self::Never
            | Self::Unbound
            | Self::None
            | Self::Bool
            | Self::Int(_)
            | Self::Float
            | Self::Complex
            | Self::Str
            | Self::Np(_)
            | Self::OneOf(_)
            | Self::Range
            | Self::Module(_)
            | Self::Extern(_)
            | Self::Author(_)
            | Self::Dtype(_)
            | Self::Generator { .. } => false,
            Self::Tuple(items) => items.iter().any(Self::has_memory),
            Self::Maybe(ty) | Self::Optional(ty) => ty.has_memory(),
            Self::Unknown
            | Self::List(..)
            | Self::Buffer(_)
            | Self::Dict
            | Self::Set
            | Self::Array { .. }
            | Self::Tensor { .. }
            | Self::Object { .. } => true,
        }
    }

    /// The scalar type of what an array, tensor or (nested) list of numbers holds, and how many axes it has.
    pub fn elements(&self) -> Option<(ScalarTy, usize)> {
        match self {
            Self::Array { dtype, shape, .. } => Some((ScalarTy::Np(*dtype), shape.len())),
            Self::Tensor { elem, shape } => Some((*elem, shape.len())),
            Self::List(elem, _) => match elem.as_scalar() {
                Some(scalar) => Some((scalar, 1)),
                None => elem.elements().map(|(scalar, rank)| (scalar, rank + 1)),
            },
            _ => None,
        }
    }

    /// The extents of an array, tensor or nested list.
    pub fn dims(&self) -> Vec<Dim> {
        match self {
            Self::Array { shape, .. } | Self::Tensor { shape, .. } => shape.clone(),
            Self::List(elem, len) => std::iter::once(*len).chain(elem.dims()).collect(),
            _ => Vec::new(),
        }
    }

    /// How many lists stand inside each other.
    pub fn nesting(&self) -> usize {
        match self {
            Self::List(elem, _) => 1 + elem.nesting(),
            Self::Tuple(items) => items.iter().map(Self::nesting).max().map_or(0, |nesting| nesting + 1),
            Self::Maybe(ty) | Self::Optional(ty) | Self::Buffer(ty) => ty.nesting(),
            _ => 0,
        }
    }

    /// What is known of a value that has one type or the other.
    pub fn join(&self, other: &Self) -> Self {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (Self::Never, ty) | (ty, Self::Never) => ty.clone(),
            (Self::Unbound, Self::Maybe(ty)) | (Self::Maybe(ty), Self::Unbound) => Self::Maybe(ty.clone()),
            (Self::Unbound, ty) | (ty, Self::Unbound) => Self::Maybe(Box::new(ty.clone())),
            (Self::Maybe(a), Self::Maybe(b)) => Self::Maybe(Box::new(a.join(b))),
            (Self::Maybe(a), b) | (b, Self::Maybe(a)) => Self::Maybe(Box::new(a.join(b))),
            (Self::Optional(a), Self::Optional(b)) => a.join(b).optional(),
            (Self::Optional(a), Self::None) | (Self::None, Self::Optional(a)) => Self::Optional(a.clone()),
            (Self::Optional(a), b) | (b, Self::Optional(a)) => a.join(b).optional(),
            (Self::None, ty) | (ty, Self::None) => ty.clone().optional(),
            (Self::Int(a), Self::Int(b)) => Self::Int(a.join(*b)),
            (Self::List(a, n), Self::List(b, m)) => {
                let elem = a.join(b);
                let is_told = elem.nesting() < MAX_NESTING;
                Self::List(Box::new(if is_told { elem } else { Self::Unknown }), n.join(*m))
            }
            (Self::Buffer(a), Self::Buffer(b)) => Self::Buffer(Box::new(a.join(b))),
            (Self::Tuple(a), Self::Tuple(b)) if a.len() == b.len() => {
                Self::Tuple(a.iter().zip(b).map(|(a, b)| a.join(b)).collect())
            }
            (
                Self::Array {
                    dtype,
                    shape,
                    contiguous,
                },
                Self::Array {
                    dtype: other_dtype,
                    shape: other_shape,
                    contiguous: other_contiguous,
                },
            ) if dtype == other_dtype && shape.len() == other_shape.len() => Self::Array {
                dtype: *dtype,
                shape: shape.iter().zip(other_shape).map(|(a, b)| a.join(*b)).collect(),
                contiguous: *contiguous && *other_contiguous,
            },
            (
                Self::Object { class, attrs },
                Self::Object {
                    class: other_class,
                    attrs: other_attrs,
                },
            ) if class == other_class => {
                let shared = attrs
                    .iter()
                    .filter_map(|(name, ty)| other_attrs.get(name).map(|other| (name.clone(), ty.join(other))))
                    .collect();
                Self::Object {
                    class: class.clone(),
                    attrs: shared,
                }
            }
            (a, b) => match (a.scalar_options(), b.scalar_options()) {
                (Some(a), Some(b)) => Self::one_of(a.into_iter().chain(b)),
                _ => Self::Unknown,
            },
        }
    }

    /// The join in which an int that moved is unbounded, so that a loop's types come to rest.
    pub fn widen(&self, next: &Self) -> Self {
        match (self, self.join(next)) {
            (Self::Int(before), Self::Int(after)) if *before != after => Self::Int(Interval {
                lo: after.lo.filter(|_| before.lo == after.lo),
                hi: after.hi.filter(|_| before.hi == after.hi),
            }),
            (Self::Maybe(before), Self::Maybe(after)) => Self::Maybe(Box::new(before.widen(&after))),
            (Self::Optional(before), Self::Optional(after)) => Self::Optional(Box::new(before.widen(&after))),
            (Self::List(before, _), Self::List(after, len)) => Self::List(Box::new(before.widen(&after)), len),
            (Self::Tuple(before), Self::Tuple(after)) => Self::Tuple(
                before
                    .iter()
                    .zip(after)
                    .map(|(before, after)| before.widen(&after))
                    .collect(),
            ),
            (_, joined) => joined,
        }
    }
}
