//! Which functions machine code computes by itself for one element.
//!
//! The others are calls of NumPy: one for a whole array, as soon as there is one, and never one for each element of it.

use crate::dtype::{Dtype, DtypeKind};
use crate::scalar::F;

/// Whether a function that is computed in a dtype has a form of one element.
pub fn has_machine_form(f: F, dtype: Dtype) -> bool {
    match dtype.kind() {
        DtypeKind::Complex => matches!(
            f,
            F::Add
                | F::Sub
                | F::Mul
                | F::TrueDiv
                | F::Neg
                | F::Pos
                | F::Abs
                | F::Square
                | F::Conj
                | F::Real
                | F::Imag
                | F::Exp
                | F::Eq
                | F::Ne
                | F::LogicalAnd
                | F::LogicalOr
                | F::LogicalXor
                | F::Isnan
                | F::Isinf
                | F::Isfinite
        ),
        DtypeKind::Float => !matches!(f, F::Logaddexp | F::Logaddexp2 | F::Nextafter | F::Spacing),
        _ => !matches!(f, F::Fmod | F::Gcd | F::Lcm | F::Reciprocal),
    }
}
