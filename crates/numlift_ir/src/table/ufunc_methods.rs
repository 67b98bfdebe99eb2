//! The methods of binary ufuncs: `np.add.reduce`, `np.maximum.accumulate`, `np.subtract.outer`, `np.add.at`.

use crate::dtype::Dtype;
use crate::scalar::loops::result_dtype;
use crate::scalar::{F, ScalarTy};
use crate::table::FunctionKind::{Linalg, Other, Reduction, Scan};
use crate::table::Memory::{Fresh, Plain};
use crate::table::arg::{ArgTy, NamedDtype};
use crate::table::reduction::{axes, sum_dtype};
use crate::table::{Call, Does, FunctionInfo, row};

const REDUCE: &str = "array, /, axis=0, dtype=None, out=None, keepdims=False, initial=None, where=True";

/// The rows of one ufunc's methods, with their names; none for what is no binary ufunc.
pub(super) fn rows_of(f: F) -> Vec<(&'static str, FunctionInfo)> {
    if f.arity() != 2 || !f.info().is_ufunc {
        return Vec::new();
    }
    let name = f.name();
    let mut rows = vec![
        ("outer", row(name, Linalg, "A, B, /, **kwargs", Fresh, outer)),
        (
            "at",
            row(name, Other, "a, indices, b=None, /", Plain, |_| ArgTy::None).does(Does::Changes(0)),
        ),
    ];
    // A comparison does not give what it takes, so nothing but bools can be folded with it.
    if !f.is_comparison() {
        rows.extend([
            ("reduce", row(name, Reduction, REDUCE, Fresh, reduce)),
            (
                "accumulate",
                row(name, Scan, "array, /, axis=0, dtype=None, out=None", Fresh, accumulate),
            ),
            (
                "reduceat",
                row(
                    name,
                    Reduction,
                    "array, /, indices, axis=0, dtype=None, out=None",
                    Fresh,
                    accumulate,
                ),
            ),
        ]);
    }
    rows
}

/// The ufunc of `numpy.add.reduce`.
fn ufunc(call: &Call<'_>) -> Option<F> {
    F::from_numpy(call.info.name.split('.').nth(1)?)
}

/// The dtype in which elements are folded: wide for sums and products, else that of the loop.
fn folded(call: &Call<'_>) -> Option<Dtype> {
    let f = ufunc(call)?;
    let dtype = call.arg("array").dtype()?;
    if *call.arg("out") != ArgTy::None || call.arg("dtype").named_dtype() != NamedDtype::Default {
        return None;
    }
    match f {
        F::Add | F::Mul => Some(sum_dtype(dtype)),
        F::LogicalAnd | F::LogicalOr | F::LogicalXor => Some(Dtype::Bool),
        _ => result_dtype(f, &[ScalarTy::Np(dtype); 2]),
    }
}

fn reduce(call: &Call<'_>) -> ArgTy {
    // Without an axis it is the first; `None` means all.
    let (ndim, left) = match (axes(call.arg("array")), call.get("axis")) {
        (Some(ndim), Some(ArgTy::None)) => (ndim, 0),
        (Some(ndim), Some(ArgTy::Tuple(folded))) if folded.len() <= ndim => (ndim, ndim - folded.len()),
        (Some(ndim), axis) if axis.is_none_or(ArgTy::is_integer) => (ndim, ndim - 1),
        _ => return ArgTy::Unknown,
    };
    let rank = match call.arg("keepdims") {
        ArgTy::None | ArgTy::Bool(false) => left,
        ArgTy::Bool(true) => ndim,
        _ => return ArgTy::Unknown,
    };
    folded(call).map_or(ArgTy::Unknown, |dtype| ArgTy::array_or_scalar(dtype, Some(rank)))
}

/// As many axes as before.
fn accumulate(call: &Call<'_>) -> ArgTy {
    match (folded(call), axes(call.arg("array"))) {
        (Some(dtype), Some(ndim)) => ArgTy::array(dtype, ndim),
        _ => ArgTy::Unknown,
    }
}

fn outer(call: &Call<'_>) -> ArgTy {
    let (a, b) = (call.arg("A"), call.arg("B"));
    let operands = [a, b].map(ArgTy::operand);
    match (ufunc(call), operands, a.ndim(), b.ndim()) {
        // Numbers become arrays first, so their kind counts in full.
        (Some(f), [Some(ScalarTy::Np(a)), Some(ScalarTy::Np(b))], Some(rows), Some(columns)) => {
            match result_dtype(f, &[ScalarTy::Np(a), ScalarTy::Np(b)]) {
                Some(dtype) => ArgTy::array_or_scalar(dtype, Some(rows + columns)),
                None => ArgTy::Unknown,
            }
        }
        _ => ArgTy::Unknown,
    }
}
