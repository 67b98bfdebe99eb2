//! What may go wrong in a scalar function: Python exceptions and NumPy's floating-point events, per flavour.
//!
//! An upper bound over all operand values of the given types. `TypeError` is not here: it is static, see
//! [`crate::scalar::result`]. Memory errors, and Python's limit on shifts that nobody reaches, are not counted.
//!
//! ```text
//! x / y      Py, floats            ZeroDivisionError
//! x / y      NpScalar, float64     warns divide, over, under, invalid
//! x + y      NpScalar, int64       warns over          (an array's addition wraps in silence)
//! math.log   float                 ValueError
//! ```

use serde::{Deserialize, Serialize};

use crate::dtype::{Dtype, DtypeKind};
use crate::scalar::loops::loop_dtype;
use crate::scalar::{F, Flavour, ScalarTy};

/// What a scalar function may raise or warn of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Faults {
    pub raises: Raises,
    pub warns: Warns,
}

/// Python exceptions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Raises {
    pub zero_division: bool,
    pub overflow: bool,
    pub value: bool,
}

/// Floating-point events that NumPy reports as `RuntimeWarning` (underflow only where `np.errstate` asks for it).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warns {
    pub divide: bool,
    pub over: bool,
    pub under: bool,
    pub invalid: bool,
}

impl Faults {
    pub const NONE: Faults = Faults {
        raises: Raises::NONE,
        warns: Warns::NONE,
    };

    /// Whether it may raise an exception by itself (warnings that are turned into errors aside).
    pub fn may_raise(self) -> bool {
        self.raises != Raises::NONE
    }

    /// Whether it may give a warning with NumPy's default settings.
    pub fn may_warn(self) -> bool {
        Warns {
            under: false,
            ..self.warns
        } != Warns::NONE
    }
}

impl Raises {
    pub const NONE: Raises = Raises {
        zero_division: false,
        overflow: false,
        value: false,
    };

    /// The exceptions' names, sorted.
    pub fn names(self) -> Vec<&'static str> {
        [
            (self.overflow, "OverflowError"),
            (self.value, "ValueError"),
            (self.zero_division, "ZeroDivisionError"),
        ]
        .into_iter()
        .filter_map(|(may, name)| may.then_some(name))
        .collect()
    }
}

impl Warns {
    pub const NONE: Warns = Warns {
        divide: false,
        over: false,
        under: false,
        invalid: false,
    };
    const ALL: Warns = Warns {
        divide: true,
        over: true,
        under: true,
        invalid: true,
    };
    const DIVIDE: Warns = Warns {
        divide: true,
        ..Warns::NONE
    };
    const OVER: Warns = Warns {
        over: true,
        ..Warns::NONE
    };
    const UNDER: Warns = Warns {
        under: true,
        ..Warns::NONE
    };
    const INVALID: Warns = Warns {
        invalid: true,
        ..Warns::NONE
    };

    const fn and(self, other: Warns) -> Warns {
        Warns {
            divide: self.divide || other.divide,
            over: self.over || other.over,
            under: self.under || other.under,
            invalid: self.invalid || other.invalid,
        }
    }

    /// The names that `np.errstate` has for them.
    pub fn names(self) -> Vec<&'static str> {
        [
            (self.divide, "divide"),
            (self.over, "over"),
            (self.under, "under"),
            (self.invalid, "invalid"),
        ]
        .into_iter()
        .filter_map(|(may, name)| may.then_some(name))
        .collect()
    }
}

/// An upper bound of what `f` may raise and warn of.
pub fn faults(f: F, flavour: Flavour, tys: &[ScalarTy]) -> Faults {
    match flavour {
        Flavour::Py => Faults {
            raises: py(f, tys),
            warns: Warns::NONE,
        },
        Flavour::Math => Faults {
            raises: math(f, tys),
            warns: Warns::NONE,
        },
        Flavour::NpScalar => np_scalar(f, tys),
        Flavour::Ufunc => ufunc(f, tys, false),
    }
}

fn py(f: F, tys: &[ScalarTy]) -> Raises {
    let has = |ty: ScalarTy| tys.contains(&ty);
    let inexact = has(ScalarTy::PyFloat) || has(ScalarTy::PyComplex);
    // An int beyond 1e308 beside a float.
    let converts = inexact && has(ScalarTy::PyInt);
    let division = Raises {
        zero_division: true,
        overflow: converts,
        value: false,
    };
    match f {
        F::Add | F::Sub | F::Mul => Raises {
            overflow: converts,
            ..Raises::NONE
        },
        F::TrueDiv => Raises {
            overflow: converts || !inexact,
            ..division
        },
        F::FloorDiv | F::Mod => division,
        F::Pow => Raises {
            zero_division: true,
            overflow: true,
            value: false,
        },
        F::Abs => Raises {
            overflow: has(ScalarTy::PyComplex),
            ..Raises::NONE
        },
        F::Shl => Raises {
            value: true,
            overflow: true,
            zero_division: false,
        },
        F::Shr => Raises {
            value: true,
            ..Raises::NONE
        },
        F::Round | F::ToInt => Raises {
            value: inexact,
            overflow: inexact,
            zero_division: false,
        },
        F::ToFloat | F::ToComplex => Raises {
            overflow: has(ScalarTy::PyInt),
            ..Raises::NONE
        },
        _ => Raises::NONE,
    }
}

fn math(f: F, tys: &[ScalarTy]) -> Raises {
    let converts = tys.contains(&ScalarTy::PyInt);
    let inexact = tys.iter().any(|ty| ty.array_dtype().is_inexact());
    match f {
        F::Sqrt
        | F::Log
        | F::Log2
        | F::Log10
        | F::Log1p
        | F::Arcsin
        | F::Arccos
        | F::Arccosh
        | F::Arctanh
        | F::Fmod => Raises {
            value: true,
            overflow: converts,
            zero_division: false,
        },
        // Of an infinity.
        F::Sin | F::Cos | F::Tan => Raises {
            value: inexact,
            overflow: converts,
            zero_division: false,
        },
        F::Pow => Raises {
            value: true,
            overflow: true,
            zero_division: false,
        },
        F::Exp | F::Exp2 | F::Expm1 | F::Sinh | F::Cosh => Raises {
            overflow: true,
            ..Raises::NONE
        },
        // nan and infinity have no integer.
        F::Floor | F::Ceil | F::Trunc => Raises {
            value: inexact,
            overflow: inexact,
            zero_division: false,
        },
        F::Gcd | F::Lcm => Raises::NONE,
        F::Isqrt => Raises {
            value: true,
            ..Raises::NONE
        },
        _ => Raises {
            overflow: converts,
            ..Raises::NONE
        },
    }
}

fn np_scalar(f: F, tys: &[ScalarTy]) -> Faults {
    let inexact = tys.iter().any(|ty| ty.array_dtype().is_inexact());
    let arithmetic = !f.is_comparison() || matches!(f, F::Eq | F::Ne);
    match f {
        F::Round | F::ToInt => Faults {
            raises: Raises {
                value: inexact,
                overflow: inexact,
                zero_division: false,
            },
            warns: Warns::NONE,
        },
        F::ToBool | F::ToFloat | F::ToComplex | F::Not | F::Real | F::Imag | F::Conj => Faults::NONE,
        // They only compare.
        F::Min | F::Max => ufunc(F::Lt, tys, true),
        // Python's complex computes, see `typing`.
        _ if arithmetic && tys == [ScalarTy::PyComplex, ScalarTy::Np(Dtype::F64)] => {
            let power = f == F::Pow;
            let raises = Raises {
                zero_division: power || f == F::TrueDiv,
                overflow: power,
                value: false,
            };
            Faults {
                raises,
                warns: Warns::NONE,
            }
        }
        _ => ufunc(f, tys, true),
    }
}

/// A ufunc, or with `scalar` the operator on NumPy scalars, which also notices that integers wrap.
fn ufunc(f: F, tys: &[ScalarTy], scalar: bool) -> Faults {
    let Some(dtype) = loop_dtype(f, tys) else {
        return Faults::NONE;
    };
    let raises = Raises {
        overflow: may_not_fit(f, tys),
        value: f == F::Pow && dtype.is_integer(),
        zero_division: false,
    };
    let warns = match dtype.kind() {
        DtypeKind::Bool | DtypeKind::Other => Warns::NONE,
        DtypeKind::Signed | DtypeKind::Unsigned => integer_warns(f, dtype, scalar),
        DtypeKind::Float => narrowing(dtype, tys).and(if dtype == Dtype::F16 && scalar {
            half_warns(f)
        } else {
            float_warns(f, tys)
        }),
        DtypeKind::Complex => narrowing(dtype, tys).and(complex_warns(f)),
    };
    Faults { raises, warns }
}

/// Whether a Python int may be out of the loop's range. Comparisons with integers know better.
fn may_not_fit(f: F, tys: &[ScalarTy]) -> bool {
    let compares = f.is_comparison()
        && (tys.iter().all(|ty| *ty == ScalarTy::PyInt)
            || tys.iter().any(|ty| matches!(ty, ScalarTy::Np(d) if d.is_integer())));
    tys.contains(&ScalarTy::PyInt) && !compares
}

/// A Python number that a narrow dtype turns into infinity or zero.
fn narrowing(dtype: Dtype, tys: &[ScalarTy]) -> Warns {
    let narrow = dtype.real_part() != Dtype::F64;
    if narrow && tys.iter().any(|ty| ty.is_python()) {
        Warns::OVER.and(Warns::UNDER)
    } else {
        Warns::NONE
    }
}

fn integer_warns(f: F, dtype: Dtype, scalar: bool) -> Warns {
    let wraps = if scalar { Warns::OVER } else { Warns::NONE };
    match f {
        F::Add | F::Sub | F::Mul | F::Neg | F::Abs => wraps,
        F::FloorDiv if dtype.kind() == DtypeKind::Signed => Warns::DIVIDE.and(Warns::OVER),
        F::FloorDiv | F::Mod | F::Fmod => Warns::DIVIDE,
        F::Reciprocal => Warns::DIVIDE.and(Warns::INVALID),
        _ => Warns::NONE,
    }
}

/// Real floats. Elementary functions may always underflow on the way; a library decides.
fn float_warns(f: F, tys: &[ScalarTy]) -> Warns {
    let integers = tys.iter().all(|ty| !ty.array_dtype().is_inexact());
    match f {
        F::Neg | F::Pos | F::Abs | F::Fabs | F::Sign | F::Copysign | F::Signbit | F::Heaviside => Warns::NONE,
        F::Isnan | F::Isinf | F::Isfinite | F::Real | F::Imag | F::Conj => Warns::NONE,
        F::Floor | F::Ceil | F::Trunc | F::Rint | F::Round => Warns::NONE,
        F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne | F::Min | F::Max | F::Fmin | F::Fmax => Warns::NONE,
        F::Not | F::LogicalAnd | F::LogicalOr | F::LogicalXor => Warns::NONE,
        F::ToBool | F::ToFloat | F::ToComplex => Warns::NONE,
        F::ToInt => Warns::INVALID,
        F::Add | F::Sub => Warns::OVER.and(Warns::INVALID),
        F::Mul => Warns::OVER.and(Warns::UNDER).and(Warns::INVALID),
        F::TrueDiv if integers => Warns::DIVIDE.and(Warns::INVALID),
        F::TrueDiv | F::FloorDiv | F::Pow | F::UniformPow | F::FloatPower => Warns::ALL,
        F::Mod | F::Fmod => Warns::INVALID,
        F::Sqrt => Warns::INVALID,
        F::Square | F::Hypot | F::Degrees | F::Nextafter => Warns::OVER.and(Warns::UNDER),
        F::Spacing => Warns::OVER.and(Warns::UNDER).and(Warns::INVALID),
        F::Reciprocal => Warns::DIVIDE.and(Warns::OVER).and(Warns::UNDER),
        F::Exp | F::Exp2 | F::Expm1 | F::Sinh | F::Cosh => Warns::OVER.and(Warns::UNDER),
        F::Log | F::Log2 | F::Log10 | F::Log1p | F::Arctanh => Warns::DIVIDE.and(Warns::UNDER).and(Warns::INVALID),
        F::Sin | F::Cos | F::Tan | F::Arcsin | F::Arccos | F::Arccosh => Warns::UNDER.and(Warns::INVALID),
        F::Cbrt | F::Arctan | F::Arctan2 | F::Tanh | F::Arcsinh | F::Radians => Warns::UNDER,
        F::Logaddexp | F::Logaddexp2 => Warns::OVER.and(Warns::UNDER).and(Warns::INVALID),
        // These have no float loop.
        F::Invert | F::And | F::Or | F::Xor | F::Shl | F::Shr | F::Gcd | F::Lcm | F::Isqrt | F::Erf | F::Erfc => {
            Warns::NONE
        }
    }
}

/// Operators on `float16` scalars compute the quotient for the remainder too.
fn half_warns(f: F) -> Warns {
    match f {
        F::Mod | F::Fmod => Warns::ALL,
        _ => float_warns(f, &[ScalarTy::Np(Dtype::F16)]),
    }
}

fn complex_warns(f: F) -> Warns {
    match f {
        F::Neg | F::Pos | F::Real | F::Imag | F::Conj | F::Isnan | F::Isinf | F::Isfinite | F::Rint | F::Round => {
            Warns::NONE
        }
        F::Not | F::LogicalAnd | F::LogicalOr | F::LogicalXor | F::Eq | F::Ne => Warns::NONE,
        F::ToBool | F::ToFloat | F::ToComplex => Warns::NONE,
        F::ToInt | F::Lt | F::Le | F::Gt | F::Ge | F::Min | F::Max | F::Fmin | F::Fmax => Warns::INVALID,
        _ => Warns::ALL,
    }
}
