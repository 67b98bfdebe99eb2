//! Ufuncs, as the table of scalar functions has them.

use crate::scalar::loops::result_dtype;
use crate::scalar::{F, Flavour, ScalarTy, Typing};
use crate::table::arg::broadcast_rank;
use crate::table::{ArgTy, Call, FunctionInfo, FunctionKind, Memory, row};

const UNARY: &str =
    "x, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, signature=None";
const BINARY: &str =
    "x1, x2, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, signature=None";

/// The row of a function in NumPy.
pub(super) fn row_of(f: F) -> FunctionInfo {
    let name = f.name();
    let kind = FunctionKind::Elementwise(f);
    match (f, f.arity()) {
        // Integers that need no rounding come back as they are in NumPy 2.0.
        (F::Round, _) => row(name, kind, "a, decimals=0, out=None", Memory::MayView(0), elementwise),
        (F::Real | F::Imag, _) => row(name, kind, "val", Memory::MayView(0), elementwise),
        (_, 1) => row(name, kind, UNARY, Memory::Fresh, elementwise),
        (_, _) => row(name, kind, BINARY, Memory::Fresh, elementwise),
    }
}

/// The dtype by the loops, the rank by broadcasting; a number where all operands are numbers.
fn elementwise(call: &Call<'_>) -> ArgTy {
    let FunctionKind::Elementwise(f) = call.info.kind else {
        return ArgTy::Unknown;
    };
    let names: &[&str] = match f {
        F::Round => &["a"],
        F::Real | F::Imag => &["val"],
        _ if f.arity() == 1 => &["x"],
        _ => &["x1", "x2"],
    };
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    if *call.arg("dtype") != ArgTy::None {
        return ArgTy::Unknown;
    }
    let operands: Vec<&ArgTy> = names.iter().map(|name| call.arg(name)).collect();
    result(f, &operands)
}

/// The result of a ufunc on such operands.
pub(super) fn result(f: F, operands: &[&ArgTy]) -> ArgTy {
    let Some(tys) = operands
        .iter()
        .map(|ty| ty.operand())
        .collect::<Option<Vec<ScalarTy>>>()
    else {
        return ArgTy::Unknown;
    };
    if operands.iter().all(|ty| ty.scalar().is_some()) {
        return match crate::scalar::result(f, Flavour::Ufunc, &tys) {
            Typing::Is(ty) => ArgTy::Scalar(ty),
            Typing::Either(..) | Typing::Error => ArgTy::Unknown,
        };
    }
    if let Typing::Either(..) | Typing::Error = crate::scalar::result(f, Flavour::Ufunc, &tys) {
        return ArgTy::Unknown;
    }
    match result_dtype(f, &tys) {
        // Views of an array stay arrays, whatever the rank.
        Some(dtype) if matches!(f, F::Real | F::Imag) => ArgTy::Array {
            dtype,
            ndim: broadcast_rank(operands.iter().copied()),
        },
        Some(dtype) => ArgTy::array_or_scalar(dtype, broadcast_rank(operands.iter().copied())),
        None => ArgTy::Unknown,
    }
}
