//! What expressions are, as far as the text of one module tells: arrays of which dtype and rank, numbers, lists.
//!
//! ```text
//! x = np.asarray(x, dtype=float)      x            an array of float64, for certain
//! rows, columns = x.shape             x            of two axes
//! for i in range(rows):               i            a Python int
//!     total = x[i].sum()              x[i].sum()   a NumPy float64
//! def f(y: npt.NDArray[np.int8])      y            an array of int8, as it is declared
//! ```
//!
//! Types go forward through assignments, branches and loops of one function; where ways meet, what both say holds. What
//! another function may rebind is not known, and neither is what a call gives that is not NumPy's or a builtin's. Which
//! function a name stands for is decided by [`crate::names`], what NumPy's functions give by [`numlift_ir::table`].
//!
//! How sure a type is, is its [`Trust`]: a fix that changes the program without asking needs [`Trust::Certain`].

use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::table::ArgTy;

use crate::names::Names;
use crate::syntax::{NodeId, Tree};

mod bind;
mod calls;
mod declared;
mod flow;
mod narrow;
mod operators;
mod subscript;

/// The type of an expression, as far as it is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Type {
    /// Anything.
    Unknown,
    /// Exactly `numpy.ndarray`; `None` is what is not known. Of an unknown rank it may also be the number that NumPy
    /// gives in the place of an array without axes.
    Array { dtype: Option<Dtype>, ndim: Option<usize> },
    /// What the table of functions has a word for: numbers, lists, tuples, strings, `None`, dtypes.
    Plain(ArgTy),
    /// Certainly no array and no number: a dict, a set, a function.
    Other,
}

/// How sure a type is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trust {
    /// A docstring says so.
    Perhaps,
    /// An annotation or `isinstance` says so; instances of subclasses are meant, too.
    Declared,
    /// Whatever the program is given.
    Certain,
}

/// A type and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    pub ty: Type,
    pub trust: Trust,
}

/// The types of all expressions of a module.
#[derive(Debug)]
pub struct Statics {
    types: Vec<Typed>,
}

const UNKNOWN: Typed = Typed {
    ty: Type::Unknown,
    trust: Trust::Certain,
};

impl Statics {
    pub fn of(tree: &Tree<'_>, names: &Names) -> Statics {
        Statics {
            types: flow::types(tree, names),
        }
    }

    /// The type of an expression where it stands. Of what stands in unreachable code, nothing is known.
    pub fn of_node(&self, id: NodeId) -> &Typed {
        self.types.get(id.index()).unwrap_or(&UNKNOWN)
    }
}

impl Typed {
    pub const UNKNOWN: Typed = UNKNOWN;

    pub fn certain(ty: Type) -> Typed {
        Typed {
            ty,
            trust: Trust::Certain,
        }
    }

    /// Dtype and rank, if it is an array.
    pub fn array(&self) -> Option<(Option<Dtype>, Option<usize>)> {
        match self.ty {
            Type::Array { dtype, ndim } => Some((dtype, ndim)),
            Type::Unknown | Type::Plain(_) | Type::Other => None,
        }
    }

    pub fn is_array(&self) -> bool {
        self.array().is_some()
    }

    /// An array of this rank.
    pub fn has_rank(&self, rank: usize) -> bool {
        self.array().is_some_and(|(_, ndim)| ndim == Some(rank))
    }

    /// An array whose dtype is known, and numlift computes with.
    pub fn known_dtype(&self) -> Option<Dtype> {
        self.array()
            .and_then(|(dtype, _)| dtype)
            .filter(|dtype| dtype.is_known())
    }

    pub fn is_certain(&self) -> bool {
        self.trust == Trust::Certain && self.ty != Type::Unknown
    }

    /// A Python int or NumPy integer (not a bool).
    pub fn is_int(&self) -> bool {
        match &self.ty {
            Type::Plain(ArgTy::Int(_) | ArgTy::Scalar(ScalarTy::PyInt)) => true,
            Type::Plain(ArgTy::Scalar(ScalarTy::Np(dtype))) => dtype.is_integer(),
            Type::Unknown | Type::Array { .. } | Type::Plain(_) | Type::Other => false,
        }
    }

    /// A number of Python's or NumPy's, bools included.
    pub fn scalar(&self) -> Option<ScalarTy> {
        match &self.ty {
            Type::Plain(plain) => plain.scalar(),
            Type::Unknown | Type::Array { .. } | Type::Other => None,
        }
    }

    /// The same, but no surer than that.
    fn trusted(mut self, trust: Trust) -> Typed {
        self.trust = self.trust.min(trust);
        self
    }

    /// One or the other.
    fn join(&self, other: &Typed) -> Typed {
        Typed {
            ty: self.ty.join(&other.ty),
            trust: self.trust.min(other.trust),
        }
    }
}

impl Type {
    pub const INT: Type = Type::Plain(ArgTy::INT);
    pub const BOOL: Type = Type::Plain(ArgTy::BOOL);

    fn list() -> Type {
        Type::Plain(ArgTy::List(Box::new(ArgTy::Unknown), None))
    }

    /// As the table of functions sees it.
    fn argument(&self) -> ArgTy {
        match self {
            Type::Array {
                dtype: Some(dtype),
                ndim,
            } => ArgTy::Array {
                dtype: *dtype,
                ndim: *ndim,
            },
            Type::Plain(plain) => plain.clone(),
            Type::Unknown | Type::Array { dtype: None, .. } | Type::Other => ArgTy::Unknown,
        }
    }

    fn from_table(ty: ArgTy) -> Type {
        match ty {
            ArgTy::Array { dtype, ndim } => Type::Array {
                dtype: Some(dtype),
                ndim,
            },
            ArgTy::Unknown => Type::Unknown,
            other => Type::Plain(other),
        }
    }

    fn join(&self, other: &Type) -> Type {
        match (self, other) {
            _ if self == other => self.clone(),
            (Type::Array { dtype, ndim }, Type::Array { dtype: d, ndim: n }) => Type::Array {
                dtype: dtype.filter(|_| dtype == d),
                ndim: ndim.filter(|_| ndim == n),
            },
            (Type::Plain(ArgTy::List(..)), Type::Plain(ArgTy::List(..))) => Type::list(),
            (Type::Plain(a), Type::Plain(b)) => match a.clone().join(b) {
                ArgTy::Unknown => Type::Unknown,
                joined => Type::Plain(joined),
            },
            _ => Type::Unknown,
        }
    }

    /// What is left of it when it lies in a variable, where others may change what is in it.
    fn kept(self) -> Type {
        match self {
            Type::Plain(ArgTy::List(..)) => Type::list(),
            Type::Plain(ArgTy::Tuple(items)) => {
                let kept = items.into_iter().map(|item| Type::from_table(item).kept().argument());
                Type::Plain(ArgTy::Tuple(kept.collect()))
            }
            Type::Plain(ArgTy::Iter(_)) => Type::Other,
            other => other,
        }
    }
}

#[cfg(test)]
mod tests;
