//! How strong it is to compute a scalar function by NumPy's ufunc on arrays instead of one number at a time.
//!
//! ```text
//! x[i] + y[i]      float64   NpScalar -> Ufunc   exact
//! a[i] + b[i]      floats    Py -> Ufunc         exact, needs quiet: Python is silent where NumPy warns
//! i * k            ints      Py -> Ufunc         exact, needs that the products fit int64
//! math.sqrt(v)     float     Math -> Ufunc       exact, needs v >= 0: ValueError otherwise
//! math.exp(v)      float     Math -> Ufunc       rounding 4 ulp, or what this machine's calibration says
//! min(a, b)        floats    Py -> Ufunc         exact, needs no nan and no zeros of different sign
//! z[i] * w[i]      complex   NpScalar -> Ufunc   rounding: vector loops fuse the multiplications
//! x[i] % y[i]      float16   NpScalar -> Ufunc   differs: other warnings
//! ```
//!
//! A step holds for the operands that meet all its [`Need`]s; for the others nothing is promised. Elementary functions
//! are never called exact from this table: whether two libraries agree in the last bit is a property of the machine,
//! which only a [`Calibration`] knows. Every line is tested on hostile values in `tests/python/test_steps.py`.
//! Powers with a literal exponent have forms of their own: [`crate::scalar::power`].

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dtype::{Dtype, DtypeKind};
use crate::scalar::calibration::Calibration;
use crate::scalar::loops::{loop_dtype, result_dtype};
use crate::scalar::{F, Flavour, ScalarTy, Typing, result};

/// A scalar computation and the arrays that it is to become.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub f: F,
    pub from: Flavour,
    pub from_tys: &'a [ScalarTy],
    /// What the operands of the ufunc are: a Python scalar where the operand stays one number, `Np(dtype)` where it
    /// becomes an array.
    pub to_tys: &'a [ScalarTy],
    pub layout: Layout,
}

/// The stride class of the arrays, on which the choice of NumPy's loops depends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Layout {
    Contiguous,
    /// A positive stride other than the itemsize.
    Strided,
    /// A negative stride.
    Reversed,
    /// Any of them.
    Unknown,
}

/// How good a step is, what it needs, and what must follow it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub strength: Strength,
    pub needs: Vec<Need>,
    /// The ufunc's result has to be cast to this dtype to stand for the scalars: `math.floor` gives an int.
    pub cast_to: Option<Dtype>,
}

/// What a step promises where its needs are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strength {
    /// The same bits.
    Exact,
    /// At most so many units in the last place; of complex numbers, in that of the absolute value, the signs of zero
    /// parts being left open.
    Rounding { ulp: u32 },
    /// Something else altogether.
    Differs(&'static str),
}

/// A condition on all elements. Operands count from 0; nan meets every bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Need {
    /// The exact integer result lies within the loop's dtype.
    IntFits,
    /// The result, a float with an integer's value, lies within the dtype.
    ResultFits(Dtype),
    NonZero(usize),
    /// `operand >= bound`
    AtLeast(usize, f64),
    /// `operand > bound`
    Above(usize, f64),
    /// `low <= operand <= high`
    Within(usize, f64, f64),
    /// `low < operand < high`
    Inside(usize, f64, f64),
    NotNan(usize),
    NotInfinite(usize),
    /// Neither nan nor infinite.
    Finite(usize),
    /// Not `-0.0`.
    NotNegativeZero(usize),
    /// The operands are not zeros of different sign.
    NoZeroTie,
    /// An integer of at most 53 bits, which a float holds exactly.
    ExactInFloat(usize),
    /// The result is finite where all operands are (Python raises `OverflowError`, `ZeroDivisionError` or leaves the
    /// reals where it is not).
    FiniteResult,
    /// NumPy gives no floating-point warning, neither for the scalars nor for the arrays. Where the scalars are
    /// Python's own, which never warn, `np.errstate` around the ufunc meets it as well.
    Quiet,
}

impl Layout {
    pub const ALL: [Layout; 4] = [Layout::Contiguous, Layout::Strided, Layout::Reversed, Layout::Unknown];

    pub fn name(self) -> &'static str {
        match self {
            Layout::Contiguous => "contiguous",
            Layout::Strided => "strided",
            Layout::Reversed => "reversed",
            Layout::Unknown => "unknown",
        }
    }

    pub fn from_name(name: &str) -> Option<Layout> {
        Layout::ALL.into_iter().find(|layout| layout.name() == name)
    }
}

impl Step {
    pub fn differs(why: &'static str) -> Step {
        Step {
            strength: Strength::Differs(why),
            needs: Vec::new(),
            cast_to: None,
        }
    }

    pub fn new(strength: Strength, needs: impl Into<Vec<Need>>) -> Step {
        Step {
            strength,
            needs: needs.into(),
            cast_to: None,
        }
    }

    pub fn is_exact(&self) -> bool {
        self.strength == Strength::Exact
    }
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Need::IntFits => write!(f, "int_fits"),
            Need::ResultFits(dtype) => write!(f, "result_fits {dtype}"),
            Need::NonZero(k) => write!(f, "non_zero {k}"),
            Need::AtLeast(k, bound) => write!(f, "at_least {k} {bound}"),
            Need::Above(k, bound) => write!(f, "above {k} {bound}"),
            Need::Within(k, low, high) => write!(f, "within {k} {low} {high}"),
            Need::Inside(k, low, high) => write!(f, "inside {k} {low} {high}"),
            Need::NotNan(k) => write!(f, "not_nan {k}"),
            Need::NotInfinite(k) => write!(f, "not_infinite {k}"),
            Need::Finite(k) => write!(f, "finite {k}"),
            Need::NotNegativeZero(k) => write!(f, "not_negative_zero {k}"),
            Need::NoZeroTie => write!(f, "no_zero_tie"),
            Need::ExactInFloat(k) => write!(f, "exact_in_float {k}"),
            Need::FiniteResult => write!(f, "finite_result"),
            Need::Quiet => write!(f, "quiet"),
        }
    }
}

/// The step from a scalar flavour to the ufunc on arrays.
pub fn step(change: &Change<'_>, calibration: &Calibration) -> Step {
    let Change {
        f,
        from,
        from_tys,
        to_tys,
        ..
    } = *change;
    if from_tys.len() != to_tys.len() || !from_tys.iter().zip(to_tys).all(|(&from, &to)| keeps_values(from, to)) {
        return Step::differs("an operand changes its type");
    }
    if f.info().math.is_some() && f.info().numpy.is_none() {
        return Step::differs("NumPy has no such function");
    }
    let (Some(computed), Some(loops)) = (computed_in(f, from, from_tys), loop_dtype(f, to_tys)) else {
        return Step::differs("the operands are refused");
    };
    if computed != loops {
        return Step::differs("computed in another dtype");
    }
    let cast_to = match cast_after(f, from, from_tys, to_tys) {
        Ok(cast_to) => cast_to,
        Err(why) => return Step::differs(why),
    };
    let numbers = match loops.kind() {
        DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned => integers(change, loops),
        DtypeKind::Float => floats(change, loops, calibration),
        DtypeKind::Complex => complexes(change, loops, calibration),
        DtypeKind::Other => Step::differs("the operands are refused"),
    };
    Step { cast_to, ..numbers }
}

/// Whether an operand stays the same number.
fn keeps_values(from: ScalarTy, to: ScalarTy) -> bool {
    from == to || to == ScalarTy::Np(from.array_dtype())
}

/// The dtype in which a flavour computes; unbounded integers count as `int64`.
fn computed_in(f: F, from: Flavour, tys: &[ScalarTy]) -> Option<Dtype> {
    if result(f, from, tys) == Typing::Error {
        return None;
    }
    let widest = tys.iter().map(|ty| ty.array_dtype()).max()?;
    match from {
        Flavour::Py => Some(match f {
            F::TrueDiv => widest.max(Dtype::F64),
            F::Add
            | F::Sub
            | F::Mul
            | F::FloorDiv
            | F::Mod
            | F::Pow
            | F::Neg
            | F::Pos
            | F::Invert
            | F::Shl
            | F::Shr => widest.max(Dtype::I64),
            F::Round | F::Conj => widest.max(Dtype::I64),
            _ => widest,
        }),
        Flavour::Math => Some(match f {
            F::Gcd | F::Lcm | F::Isqrt => Dtype::I64,
            // Python's own ints never become floats here.
            F::Floor | F::Ceil | F::Trunc | F::Isnan | F::Isinf | F::Isfinite if widest == Dtype::I64 => Dtype::I64,
            _ => Dtype::F64,
        }),
        Flavour::NpScalar | Flavour::Ufunc => loop_dtype(f, tys),
    }
}

/// The cast that gives the ufunc's result the type of the scalars.
fn cast_after(f: F, from: Flavour, from_tys: &[ScalarTy], to_tys: &[ScalarTy]) -> Result<Option<Dtype>, &'static str> {
    const OTHER_TYPE: &str = "the result has another type";
    let given = result_dtype(f, to_tys).ok_or(OTHER_TYPE)?;
    let wanted = match result(f, from, from_tys) {
        Typing::Is(ty) => ty.array_dtype(),
        // Which of the two is a matter of values, which the needs settle; not for the type of `min(1, 2.0)`.
        Typing::Either(first, _) if f == F::Pow => first.array_dtype(),
        Typing::Either(first, _) if matches!(f, F::Floor | F::Ceil | F::Trunc) => first.array_dtype(),
        Typing::Either(..) | Typing::Error => return Err(OTHER_TYPE),
    };
    match f {
        // The same ufunc gives the same dtype, whichever NumPy gives.
        F::Floor | F::Ceil | F::Trunc if from == Flavour::Ufunc => Ok(None),
        F::Floor | F::Ceil | F::Trunc | F::Round if wanted == Dtype::I64 => Ok(Some(Dtype::I64)),
        _ if wanted == given => Ok(None),
        _ => Err(OTHER_TYPE),
    }
}

fn integers(change: &Change<'_>, dtype: Dtype) -> Step {
    let Change { f, from, from_tys, .. } = *change;
    let python = matches!(from, Flavour::Py | Flavour::Math);
    // An array wraps in silence; Python's ints do not wrap, NumPy's scalars warn.
    let fits = if from == Flavour::Ufunc {
        vec![]
    } else {
        vec![Need::IntFits]
    };
    let needs = match f {
        F::Add | F::Sub | F::Mul | F::Neg | F::Abs => fits,
        F::FloorDiv | F::Mod if python => vec![Need::NonZero(1), Need::IntFits],
        F::Pow if python => vec![Need::AtLeast(1, 0.0), Need::IntFits],
        F::Shl if python => vec![Need::AtLeast(1, 0.0), Need::IntFits],
        F::Shr if python => vec![Need::AtLeast(1, 0.0)],
        F::Gcd | F::Lcm if python => vec![Need::IntFits],
        F::ToInt | F::Round if from_tys == [ScalarTy::Np(Dtype::U64)] => vec![Need::ResultFits(Dtype::I64)],
        // `math` converts NumPy's integers, and NumPy 2.0 every integer, to a float first.
        F::Floor | F::Ceil | F::Trunc if python && dtype.is_integer() => vec![Need::ExactInFloat(0)],
        _ => vec![],
    };
    Step::new(Strength::Exact, needs)
}

fn floats(change: &Change<'_>, dtype: Dtype, calibration: &Calibration) -> Step {
    let Change { f, from, from_tys, .. } = *change;
    if f == F::Mod && from == Flavour::NpScalar && dtype == Dtype::F16 {
        return Step::differs("`float16` scalars give other warnings");
    }
    let mut needs = match from {
        Flavour::Py => python_needs(f),
        Flavour::Math => math_needs(f),
        Flavour::NpScalar => np_scalar_needs(f, dtype),
        Flavour::Ufunc if matches!(f, F::Fmin | F::Fmax) => vec![Need::NoZeroTie],
        Flavour::Ufunc => vec![],
    };
    if matches!(from, Flavour::Py) && (f.is_comparison() || f == F::TrueDiv) {
        needs.extend(compared_exactly(f, from_tys));
    }
    if f == F::Pow {
        needs.extend(power_needs(change));
    }
    Step::new(float_strength(change, dtype, calibration), needs)
}

/// NumPy takes square roots for the exponent 0.5 when it is one number for the whole loop, as it is for a scalar.
fn power_needs(change: &Change<'_>) -> Vec<Need> {
    let ufunc = change.from == Flavour::Ufunc;
    let mut needs = match ufunc || change.to_tys[1].is_python() {
        true => vec![Need::NotInfinite(0), Need::NotNegativeZero(0)],
        false => vec![],
    };
    if ufunc {
        needs.push(Need::NotInfinite(1));
    }
    if change.to_tys.iter().any(|ty| ty.is_python()) && !change.from_tys.contains(&ScalarTy::Np(Dtype::F64)) {
        // A Python number may become infinite in a narrow dtype, which vector loops warn of.
        needs.push(Need::Quiet);
    }
    needs
}

/// Python compares an int with a float, and divides two ints, without converting them first.
fn compared_exactly(f: F, tys: &[ScalarTy]) -> Vec<Need> {
    let ints: Vec<usize> = (0..tys.len()).filter(|&k| tys[k] == ScalarTy::PyInt).collect();
    match f {
        F::TrueDiv if tys.contains(&ScalarTy::PyFloat) => vec![],
        _ => ints.into_iter().map(Need::ExactInFloat).collect(),
    }
}

fn python_needs(f: F) -> Vec<Need> {
    match f {
        F::Add | F::Sub | F::Mul => vec![Need::Quiet],
        F::TrueDiv | F::FloorDiv | F::Mod => vec![Need::NonZero(1), Need::Quiet],
        F::Pow => vec![Need::FiniteResult, Need::NotInfinite(1)],
        F::Min | F::Max => vec![Need::NotNan(0), Need::NotNan(1), Need::NoZeroTie],
        F::Round | F::ToInt => vec![Need::Finite(0), Need::ResultFits(Dtype::I64)],
        _ => vec![],
    }
}

fn np_scalar_needs(f: F, dtype: Dtype) -> Vec<Need> {
    match f {
        F::FloorDiv if dtype == Dtype::F16 => vec![Need::NonZero(1)],
        // Vector loops warn of infinite exponents.
        F::Pow => vec![Need::NotInfinite(1)],
        F::Min | F::Max | F::Round | F::ToInt => python_needs(f),
        _ => vec![],
    }
}

fn math_needs(f: F) -> Vec<Need> {
    match f {
        F::Sqrt => vec![Need::AtLeast(0, 0.0)],
        F::Log | F::Log2 | F::Log10 => vec![Need::Above(0, 0.0)],
        F::Log1p => vec![Need::Above(0, -1.0)],
        F::Arcsin | F::Arccos => vec![Need::Within(0, -1.0, 1.0)],
        F::Arccosh => vec![Need::AtLeast(0, 1.0)],
        F::Arctanh => vec![Need::Inside(0, -1.0, 1.0)],
        F::Sin | F::Cos | F::Tan => vec![Need::NotInfinite(0)],
        F::Exp | F::Exp2 | F::Expm1 | F::Sinh | F::Cosh => vec![Need::FiniteResult],
        F::Fmod => vec![Need::NotInfinite(0), Need::NonZero(1)],
        F::Pow => vec![Need::FiniteResult, Need::NotInfinite(1)],
        F::Hypot | F::Degrees | F::Nextafter => vec![Need::Quiet],
        F::Floor | F::Ceil | F::Trunc => vec![Need::Finite(0), Need::ResultFits(Dtype::I64)],
        _ => vec![],
    }
}

fn float_strength(change: &Change<'_>, dtype: Dtype, calibration: &Calibration) -> Strength {
    if !is_elementary(change.f) {
        return Strength::Exact;
    }
    match calibration.strength(change.f.name(), change.from, dtype, change.layout) {
        // The exponents that NumPy has short cuts for are not among the measured ones.
        Strength::Exact if change.f == F::Pow => Strength::Rounding { ulp: 1 },
        measured => measured,
    }
}

/// Whether a mathematical library computes it, so that the last bits are its own; the others IEEE 754 defines.
pub fn is_elementary(f: F) -> bool {
    match f {
        F::Pow | F::UniformPow | F::FloatPower | F::Cbrt | F::Hypot | F::Exp | F::Exp2 | F::Expm1 => true,
        F::Log | F::Log2 | F::Log10 | F::Log1p | F::Logaddexp | F::Logaddexp2 => true,
        F::Sin | F::Cos | F::Tan | F::Arcsin | F::Arccos | F::Arctan | F::Arctan2 => true,
        F::Sinh | F::Cosh | F::Tanh | F::Arcsinh | F::Arccosh | F::Arctanh => true,
        F::Erf | F::Erfc => true,
        F::Add | F::Sub | F::Mul | F::TrueDiv | F::FloorDiv | F::Mod | F::Fmod => false,
        F::Neg | F::Pos | F::Abs | F::Fabs | F::Sign | F::Square | F::Reciprocal | F::Sqrt => false,
        F::Invert | F::And | F::Or | F::Xor | F::Shl | F::Shr | F::Gcd | F::Lcm | F::Isqrt => false,
        F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne => false,
        F::Not | F::LogicalAnd | F::LogicalOr | F::LogicalXor => false,
        F::Min | F::Max | F::Fmin | F::Fmax => false,
        // One multiplication by a constant that all libraries agree on.
        F::Degrees | F::Radians => false,
        F::Floor | F::Ceil | F::Trunc | F::Rint | F::Round => false,
        F::Copysign | F::Nextafter | F::Spacing | F::Heaviside => false,
        F::Isnan | F::Isinf | F::Isfinite | F::Signbit => false,
        F::Real | F::Imag | F::Conj | F::ToBool | F::ToInt | F::ToFloat | F::ToComplex => false,
    }
}

/// Complex numbers: what works on the parts alone is exact, what NumPy computes depends on its loops, and what Python
/// computes has algorithms of its own.
fn complexes(change: &Change<'_>, dtype: Dtype, calibration: &Calibration) -> Step {
    let Change {
        f,
        from,
        from_tys,
        layout,
        ..
    } = *change;
    // Python's complex takes `np.float64` for a float of its own.
    let python = from == Flavour::Py || from_tys == [ScalarTy::PyComplex, ScalarTy::Np(Dtype::F64)];
    let measured = || calibration.strength(f.name(), from, dtype, layout);
    match f {
        F::Add | F::Sub if python => Step::new(Strength::Exact, [Need::Quiet]),
        F::Add | F::Sub | F::Neg | F::Pos | F::Conj | F::Real | F::Imag => Step::new(Strength::Exact, []),
        F::Eq | F::Ne | F::Not | F::ToBool | F::ToComplex => Step::new(Strength::Exact, []),
        F::Isnan | F::Isinf | F::Isfinite => Step::new(Strength::Exact, []),
        F::LogicalAnd | F::LogicalOr | F::LogicalXor => Step::new(Strength::Exact, []),
        // Vector loops fuse, and treat infinities otherwise.
        F::Mul => Step::new(
            measured(),
            [Need::Finite(0), Need::Finite(1), Need::FiniteResult, Need::Quiet],
        ),
        F::Square | F::Abs => Step::new(measured(), [Need::Finite(0), Need::FiniteResult]),
        F::TrueDiv if !python => Step::new(Strength::Exact, []),
        _ if from == Flavour::Ufunc && is_elementary(f) && f != F::Pow && f != F::FloatPower => {
            Step::new(measured(), [])
        }
        F::Sqrt | F::Reciprocal | F::Rint | F::Round if from == Flavour::Ufunc => Step::new(measured(), []),
        _ => Step::differs("complex functions round in other ways"),
    }
}
