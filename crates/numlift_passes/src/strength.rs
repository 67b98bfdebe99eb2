//! The strength of taking a scalar operation for a whole array's.
//!
//! `x[i] ** 2` on a NumPy scalar is C's `pow`, `x ** 2` on an array multiplies; Python's floats raise where NumPy
//! warns. A step between flavours has a strength, which the tables of `numlift_ir::scalar` hold.

use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Exact,
    Rounding,
    /// NumPy may warn where Python is silent.
    Warns,
    WarnsRounding,
    /// Python ints that must be known to fit 64 bits.
    NeedsRange(String),
    /// Python raises `ZeroDivisionError` where NumPy gives infinity.
    NonZero,
    /// The loop raises where the array form would go on.
    Differs(String),
}

/// The step from `flavour` to a ufunc, for operands of these types; `constants` holds those that are known.
pub fn of_step(f: F, flavour: Flavour, tys: &[ScalarTy], constants: &[Option<f64>]) -> Step {
    let ints = tys.iter().all(|ty| matches!(ty, ScalarTy::PyInt | ScalarTy::PyBool));
    if flavour == Flavour::Ufunc {
        return ufunc(f, tys);
    }
    let own = faults::faults(f, flavour, tys);
    if ints && flavour == Flavour::Py && is_int_arithmetic(f) {
        return match f {
            F::FloorDiv | F::Mod => match constants.get(1) {
                Some(Some(divisor)) if *divisor != 0.0 => range(f),
                _ => Step::NonZero,
            },
            F::Pow => match constants.get(1) {
                Some(Some(exponent)) if *exponent >= 0.0 => range(f),
                _ => Step::Differs("a power of ints whose exponent may be negative is a float in Python".to_owned()),
            },
            F::Shl | F::Shr => Step::Differs("shifts of Python ints have no bound".to_owned()),
            _ => range(f),
        };
    }
    if own.raises.zero_division {
        // A divisor that is a known number other than 0 cannot raise.
        return match constants.get(1) {
            Some(Some(divisor)) if *divisor != 0.0 => rounding_of(f, flavour, tys, constants),
            _ if matches!(f, F::TrueDiv | F::FloorDiv | F::Mod) => Step::NonZero,
            _ => Step::Differs("this raises ZeroDivisionError where NumPy gives infinity".to_owned()),
        };
    }
    if own.raises.value || own.raises.overflow {
        // Small integral powers only overflow, which Python raises and NumPy warns of.
        let square = f == F::Pow
            && constants
                .get(1)
                .is_some_and(|c| matches!(c, Some(e) if *e == 2.0 || *e == 1.0));
        if !square {
            return Step::Differs(
                "this raises ValueError or OverflowError outside of its domain, where NumPy gives nan or infinity"
                    .to_owned(),
            );
        }
        return Step::Differs("a square of Python floats raises OverflowError where NumPy gives infinity".to_owned());
    }
    rounding_of(f, flavour, tys, constants)
}

fn range(f: F) -> Step {
    Step::NeedsRange(format!(
        "`{}` of Python ints has no bound, where NumPy's wraps around at 64 bits",
        f.name()
    ))
}

fn is_int_arithmetic(f: F) -> bool {
    matches!(
        f,
        F::Add | F::Sub | F::Mul | F::FloorDiv | F::Mod | F::Pow | F::Neg | F::Abs | F::Shl | F::Shr
    )
}

fn rounding_of(f: F, flavour: Flavour, tys: &[ScalarTy], constants: &[Option<f64>]) -> Step {
    let array = faults::faults(f, Flavour::Ufunc, tys);
    let own = faults::faults(f, flavour, tys);
    let louder = (array.warns.over && !own.warns.over)
        || (array.warns.invalid && !own.warns.invalid)
        || (array.warns.divide && !own.warns.divide);
    let inexact = tys.iter().any(|ty| ty.array_dtype().is_inexact()) || f == F::TrueDiv;
    let rounds = inexact
        && match f {
            F::Pow => !matches!(constants.get(1), Some(Some(e)) if *e == 1.0),
            F::Add
            | F::Sub
            | F::Mul
            | F::TrueDiv
            | F::Neg
            | F::Pos
            | F::Abs
            | F::Fabs
            | F::Sqrt
            | F::Floor
            | F::Ceil
            | F::Trunc
            | F::Rint
            | F::Sign
            | F::Copysign
            | F::Square
            | F::FloorDiv
            | F::Mod => false,
            f if f.is_comparison() => false,
            F::Not
            | F::LogicalAnd
            | F::LogicalOr
            | F::LogicalXor
            | F::Min
            | F::Max
            | F::Isnan
            | F::Isinf
            | F::Isfinite
            | F::ToBool
            | F::ToInt
            | F::ToFloat
            | F::ToComplex
            | F::Real
            | F::Imag
            | F::Conj => false,
            _ => true,
        };
    match (rounds, louder) {
        (false, false) => Step::Exact,
        (true, false) => Step::Rounding,
        (false, true) => Step::Warns,
        (true, true) => Step::WarnsRounding,
    }
}

/// A ufunc on a scalar and on an array: the same code for one element or many, but SIMD loops may differ in the last
/// bit where they depend on the stride.
fn ufunc(f: F, tys: &[ScalarTy]) -> Step {
    rounding_of(f, Flavour::Ufunc, tys, &[])
}
