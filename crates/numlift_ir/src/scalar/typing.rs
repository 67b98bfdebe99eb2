//! The type of a scalar function's result, in every flavour.
//!
//! ```text
//! result(TrueDiv, Py, [PyInt, PyInt])                   -> PyFloat
//! result(Pow, Py, [PyInt, PyInt])                       -> PyInt or PyFloat, by the sign of the exponent
//! result(Add, NpScalar, [Np(F32), PyFloat])             -> Np(F32)
//! result(Sqrt, Ufunc, [Np(I8)])                         -> Np(F16)
//! result(Floor, Math, [Np(F64)])                        -> PyInt
//! ```
//!
//! For [`Flavour::Ufunc`] `Np(d)` stands for an array of that dtype as well as for a NumPy scalar. Whether the result
//! is one or the other is a matter of shapes, not of types.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::{Dtype, Operand, Weak};
use crate::scalar::loops::result_dtype;
use crate::scalar::{F, Flavour};

/// The type of one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ScalarTy {
    PyBool,
    PyInt,
    PyFloat,
    PyComplex,
    /// A NumPy scalar, or an array's element.
    Np(Dtype),
}

/// What is known of a result's type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    Is(ScalarTy),
    /// One of two, by the operands' values (`2 ** -1`, `(-1) ** 0.5`, `min(1, 2.0)`) or by NumPy's version.
    Either(ScalarTy, ScalarTy),
    /// The flavour has no such function, or Python or NumPy raises `TypeError` (in some version: what one version
    /// refuses, such as `math.gcd` of an `np.bool`, is not relied on where another allows it).
    Error,
}

impl Typing {
    /// The type, where there is just one.
    pub fn known(self) -> Option<ScalarTy> {
        match self {
            Typing::Is(ty) => Some(ty),
            Typing::Either(..) | Typing::Error => None,
        }
    }

    fn either(a: ScalarTy, b: ScalarTy) -> Typing {
        if a == b { Typing::Is(a) } else { Typing::Either(a, b) }
    }
}

impl ScalarTy {
    /// Every type that numlift computes with.
    pub fn all() -> impl Iterator<Item = ScalarTy> {
        let python = [
            ScalarTy::PyBool,
            ScalarTy::PyInt,
            ScalarTy::PyFloat,
            ScalarTy::PyComplex,
        ];
        python
            .into_iter()
            .chain(crate::dtype::ALL.into_iter().map(ScalarTy::Np))
    }

    pub fn is_python(self) -> bool {
        !matches!(self, ScalarTy::Np(_))
    }

    /// As an operand of `result_type`.
    pub fn operand(self) -> Operand {
        match self {
            ScalarTy::PyBool => Operand::Strong(Dtype::Bool),
            ScalarTy::PyInt => Operand::Weak(Weak::Int),
            ScalarTy::PyFloat => Operand::Weak(Weak::Float),
            ScalarTy::PyComplex => Operand::Weak(Weak::Complex),
            ScalarTy::Np(dtype) => Operand::Strong(dtype),
        }
    }

    /// The dtype of an array of such numbers: `np.array([x]).dtype`. A Python int beyond `int64` has another one.
    pub fn array_dtype(self) -> Dtype {
        match self {
            ScalarTy::PyBool => Dtype::Bool,
            ScalarTy::PyInt => Dtype::I64,
            ScalarTy::PyFloat => Dtype::F64,
            ScalarTy::PyComplex => Dtype::C128,
            ScalarTy::Np(dtype) => dtype,
        }
    }
}

impl fmt::Display for ScalarTy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScalarTy::PyBool => f.write_str("bool"),
            ScalarTy::PyInt => f.write_str("int"),
            ScalarTy::PyFloat => f.write_str("float"),
            ScalarTy::PyComplex => f.write_str("complex"),
            ScalarTy::Np(dtype) => write!(f, "np.{dtype}"),
        }
    }
}

/// The type of `f`'s result in a flavour.
///
/// A flavour that does not fit the operands (Py with a NumPy scalar, NpScalar without one) is an error too.
pub fn result(f: F, flavour: Flavour, tys: &[ScalarTy]) -> Typing {
    if tys.len() != f.arity() || tys.contains(&ScalarTy::Np(Dtype::Other)) {
        return Typing::Error;
    }
    let python = tys.iter().all(|ty| ty.is_python());
    match flavour {
        Flavour::Py if python && f.info().py.is_some() => py(f, tys),
        Flavour::NpScalar if !python && f.info().py.is_some() => np_scalar(f, tys),
        Flavour::Math if f.info().math.is_some() => math(f, tys),
        Flavour::Ufunc => ufunc(f, tys),
        Flavour::Py | Flavour::NpScalar | Flavour::Math => Typing::Error,
    }
}

/// Python's own rules.
fn py(f: F, tys: &[ScalarTy]) -> Typing {
    use ScalarTy::{PyBool, PyComplex, PyFloat, PyInt};
    let widest = tys.iter().copied().max().unwrap_or(PyBool);
    let number = Typing::Is(widest.max(PyInt));
    match f {
        F::Add | F::Sub | F::Mul | F::Neg | F::Pos | F::Conj => number,
        F::Abs | F::Real | F::Imag if widest == PyComplex => Typing::Is(PyFloat),
        F::Abs | F::Real | F::Imag => number,
        F::TrueDiv => Typing::Is(widest.max(PyFloat)),
        F::FloorDiv | F::Mod | F::Lt | F::Le | F::Gt | F::Ge | F::Round | F::ToInt | F::ToFloat
            if widest == PyComplex =>
        {
            Typing::Error
        }
        F::Min | F::Max if widest == PyComplex => Typing::Error,
        F::FloorDiv | F::Mod => number,
        F::Pow => py_power(tys[0], tys[1]),
        F::Invert | F::Shl | F::Shr | F::And | F::Or | F::Xor if widest > PyInt => Typing::Error,
        F::Invert | F::Shl | F::Shr => Typing::Is(PyInt),
        F::And | F::Or | F::Xor => Typing::Is(widest),
        F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne | F::Not | F::ToBool => Typing::Is(PyBool),
        F::Min | F::Max => Typing::either(tys[0], tys[1]),
        F::Round | F::ToInt => Typing::Is(PyInt),
        F::ToFloat => Typing::Is(PyFloat),
        F::ToComplex => Typing::Is(PyComplex),
        _ => unreachable!("`{}` has no Python form", f.name()),
    }
}

/// A negative exponent leaves the integers, a negative base with a fractional one the reals.
fn py_power(base: ScalarTy, exponent: ScalarTy) -> Typing {
    use ScalarTy::{PyBool, PyComplex, PyFloat, PyInt};
    match (base, exponent) {
        (PyComplex, _) | (_, PyComplex) => Typing::Is(PyComplex),
        (PyBool | PyInt, PyBool) => Typing::Is(PyInt),
        (PyBool | PyInt, PyInt) => Typing::Either(PyInt, PyFloat),
        (PyFloat, PyBool | PyInt) | (PyBool, PyFloat) => Typing::Is(PyFloat),
        (PyInt | PyFloat, PyFloat) => Typing::Either(PyFloat, PyComplex),
        (ScalarTy::Np(_), _) | (_, ScalarTy::Np(_)) => Typing::Error,
    }
}

/// Operators and builtins with a NumPy scalar: those of the ufunc, where Python does not decide.
fn np_scalar(f: F, tys: &[ScalarTy]) -> Typing {
    use ScalarTy::{Np, PyBool, PyComplex, PyFloat, PyInt};
    let complex = tys.iter().any(|ty| ty.array_dtype().is_complex());
    match f {
        F::Not | F::ToBool => Typing::Is(PyBool),
        F::ToInt => Typing::Is(PyInt),
        F::ToFloat => Typing::Is(PyFloat),
        F::ToComplex => Typing::Is(PyComplex),
        F::Round if complex || tys[0] == Np(Dtype::Bool) => Typing::Error,
        F::Round => Typing::Is(PyInt),
        F::Min | F::Max => Typing::either(tys[0], tys[1]),
        // A method or an attribute of the scalar itself; `np.bool` has them too, unlike the ufunc.
        F::Real | F::Imag | F::Conj => Typing::Is(Np(match f {
            F::Conj => tys[0].array_dtype(),
            _ => tys[0].array_dtype().real_part(),
        })),
        // Python's complex takes `np.float64` for a float, because it is one.
        F::Add | F::Sub | F::Mul | F::TrueDiv | F::Pow if tys == [PyComplex, Np(Dtype::F64)] => Typing::Is(PyComplex),
        F::Eq | F::Ne if tys == [PyComplex, Np(Dtype::F64)] => Typing::Is(PyBool),
        _ => ufunc(f, tys),
    }
}

fn math(f: F, tys: &[ScalarTy]) -> Typing {
    use ScalarTy::{Np, PyBool, PyComplex, PyFloat, PyInt};
    let is_int = |ty: &ScalarTy| matches!(ty, PyBool | PyInt) || matches!(ty, Np(dtype) if dtype.is_integer());
    match f {
        _ if tys.contains(&PyComplex) => Typing::Error,
        F::Gcd | F::Lcm if tys.iter().all(is_int) => Typing::Is(PyInt),
        F::Gcd | F::Lcm => Typing::Error,
        F::Isqrt if tys.iter().all(is_int) => Typing::Is(PyInt),
        F::Isqrt => Typing::Error,
        F::Floor | F::Ceil => Typing::Is(PyInt),
        // NumPy's scalars have no `__trunc__`, except the one that is a Python float.
        F::Trunc if tys[0].is_python() || tys[0] == Np(Dtype::F64) => Typing::Is(PyInt),
        F::Trunc => Typing::Error,
        F::Isnan | F::Isinf | F::Isfinite => Typing::Is(PyBool),
        _ => Typing::Is(PyFloat),
    }
}

fn ufunc(f: F, tys: &[ScalarTy]) -> Typing {
    let Some(dtype) = result_dtype(f, tys) else {
        return Typing::Error;
    };
    match f {
        // `np.real` and `np.imag` give the attribute of what they are given.
        F::Real | F::Imag if tys[0].is_python() => py(f, tys),
        // NumPy 2.0 rounds integers in float64 here, later ones leave them alone.
        F::Floor | F::Ceil | F::Trunc if !dtype.is_float() => {
            Typing::Either(ScalarTy::Np(dtype), ScalarTy::Np(crate::dtype::float_for(dtype)))
        }
        _ => Typing::Is(ScalarTy::Np(dtype)),
    }
}
