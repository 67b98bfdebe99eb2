//! Sorting, searching, counting, sets, and numbers between data points.

use crate::dtype::{Dtype, promote};
use crate::table::FunctionKind::Search;
use crate::table::Memory::Fresh;
use crate::table::arg::ArgTy;
use crate::table::creation::unknown;
use crate::table::reduction::{axes, source};
use crate::table::{Call, FunctionInfo, row};

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row(
        "numpy.sort",
        Search,
        "a, axis=-1, kind=None, order=None, *, stable=None",
        Fresh,
        sorted,
    ),
    row(
        "numpy.argsort",
        Search,
        "a, axis=-1, kind=None, order=None, *, stable=None",
        Fresh,
        order,
    ),
    row(
        "numpy.partition",
        Search,
        "a, kth, axis=-1, kind='introselect', order=None",
        Fresh,
        sorted,
    ),
    row(
        "numpy.argpartition",
        Search,
        "a, kth, axis=-1, kind='introselect', order=None",
        Fresh,
        order,
    ),
    row("numpy.lexsort", Search, "keys, axis=-1", Fresh, unknown),
    row(
        "numpy.searchsorted",
        Search,
        "a, v, side='left', sorter=None",
        Fresh,
        searchsorted,
    ),
    row("numpy.digitize", Search, "x, bins, right=False", Fresh, digitize),
    row("numpy.nonzero", Search, "a", Fresh, nonzero),
    row("numpy.flatnonzero", Search, "a", Fresh, |call| of(call, Dtype::I64, 1)),
    row("numpy.argwhere", Search, "a", Fresh, |call| of(call, Dtype::I64, 2)),
    row(
        "numpy.unique",
        Search,
        "ar, return_index=False, return_inverse=False, return_counts=False, axis=None, *, equal_nan=True, sorted=True",
        Fresh,
        unique,
    ),
    row(
        "numpy.bincount",
        Search,
        "x, /, weights=None, minlength=0",
        Fresh,
        bincount,
    ),
    row(
        "numpy.histogram",
        Search,
        "a, bins=10, range=None, density=None, weights=None",
        Fresh,
        histogram,
    ),
    row(
        "numpy.histogram2d",
        Search,
        "x, y, bins=10, range=None, density=None, weights=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.isin",
        Search,
        "element, test_elements, assume_unique=False, invert=False, *, kind=None",
        Fresh,
        is_in,
    ),
    row(
        "numpy.in1d",
        Search,
        "ar1, ar2, assume_unique=False, invert=False, *, kind=None",
        Fresh,
        unknown,
    ),
    row("numpy.union1d", Search, "ar1, ar2", Fresh, sets),
    row(
        "numpy.intersect1d",
        Search,
        "ar1, ar2, assume_unique=False, return_indices=False",
        Fresh,
        unknown,
    ),
    row(
        "numpy.setdiff1d",
        Search,
        "ar1, ar2, assume_unique=False",
        Fresh,
        unknown,
    ),
    row(
        "numpy.setxor1d",
        Search,
        "ar1, ar2, assume_unique=False",
        Fresh,
        unknown,
    ),
    row(
        "numpy.interp",
        Search,
        "x, xp, fp, left=None, right=None, period=None",
        Fresh,
        interp,
    ),
    row(
        "numpy.polyfit",
        Search,
        "x, y, deg, rcond=None, full=False, w=None, cov=False",
        Fresh,
        unknown,
    ),
    row("numpy.polyval", Search, "p, x", Fresh, unknown),
    row("numpy.trapezoid", Search, "y, x=None, dx=1.0, axis=-1", Fresh, unknown),
    row("numpy.trapz", Search, "y, x=None, dx=1.0, axis=-1", Fresh, unknown),
    row(
        "numpy.cov",
        Search,
        "m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, *, dtype=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.corrcoef",
        Search,
        "x, y=None, rowvar=True, *, dtype=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.unravel_index",
        Search,
        "indices, shape, order='C'",
        Fresh,
        unknown,
    ),
    row(
        "numpy.ravel_multi_index",
        Search,
        "multi_index, dims, mode='raise', order='C'",
        Fresh,
        unknown,
    ),
    row("numpy.triu_indices", Search, "n, k=0, m=None", Fresh, pair),
    row("numpy.tril_indices", Search, "n, k=0, m=None", Fresh, pair),
    row("numpy.diag_indices", Search, "n, ndim=2", Fresh, unknown),
];

fn array(dtype: Option<Dtype>, ndim: Option<usize>) -> ArgTy {
    dtype.map_or(ArgTy::Unknown, |dtype| ArgTy::Array { dtype, ndim })
}

fn of(call: &Call<'_>, dtype: Dtype, ndim: usize) -> ArgTy {
    array(source(call).dtype().map(|_| dtype), Some(ndim))
}

/// The rank that an axis argument leaves: one where it is `None`, which flattens.
fn along(call: &Call<'_>) -> Option<usize> {
    match call.get("axis") {
        Some(ArgTy::None) => Some(1),
        _ => axes(source(call)),
    }
}

fn sorted(call: &Call<'_>) -> ArgTy {
    along(call).map_or(ArgTy::Unknown, |ndim| array(source(call).dtype(), Some(ndim)))
}

pub(super) fn order(call: &Call<'_>) -> ArgTy {
    along(call).map_or(ArgTy::Unknown, |ndim| of(call, Dtype::I64, ndim))
}

fn indices(of: &ArgTy) -> ArgTy {
    match (of.dtype(), of.ndim()) {
        (Some(_), Some(ndim)) => ArgTy::array_or_scalar(Dtype::I64, Some(ndim)),
        _ => ArgTy::Unknown,
    }
}

pub(super) fn searchsorted(call: &Call<'_>) -> ArgTy {
    indices(call.arg("v"))
}

fn digitize(call: &Call<'_>) -> ArgTy {
    indices(call.arg("x"))
}

pub(super) fn nonzero(call: &Call<'_>) -> ArgTy {
    match source(call).ndim() {
        Some(ndim @ 1..) => ArgTy::Tuple(vec![ArgTy::array(Dtype::I64, 1); ndim]),
        _ => ArgTy::Unknown,
    }
}

/// With anything more asked for it is a tuple.
fn unique(call: &Call<'_>) -> ArgTy {
    let off = |name: &str| matches!(call.arg(name), ArgTy::None | ArgTy::Bool(false));
    let array_only = ["return_index", "return_inverse", "return_counts"].into_iter().all(off);
    if !array_only || *call.arg("axis") != ArgTy::None {
        return ArgTy::Unknown;
    }
    array(call.arg("ar").dtype(), Some(1))
}

fn bincount(call: &Call<'_>) -> ArgTy {
    let dtype = if *call.arg("weights") == ArgTy::None {
        Dtype::I64
    } else {
        Dtype::F64
    };
    ArgTy::array(dtype, 1)
}

/// The edges are computed from the data's range when a number of bins is given.
fn histogram(call: &Call<'_>) -> ArgTy {
    let counted = ["density", "weights"]
        .into_iter()
        .all(|name| matches!(call.arg(name), ArgTy::None));
    let number = call.get("bins").is_none_or(ArgTy::is_integer);
    let wide = source(call)
        .dtype()
        .is_some_and(|dtype| dtype == Dtype::F64 || dtype == Dtype::I64);
    if counted && number && wide {
        ArgTy::Tuple(vec![ArgTy::array(Dtype::I64, 1), ArgTy::array(Dtype::F64, 1)])
    } else {
        ArgTy::Unknown
    }
}

fn is_in(call: &Call<'_>) -> ArgTy {
    let element = call.arg("element");
    array(element.dtype().map(|_| Dtype::Bool), element.ndim())
}

fn sets(call: &Call<'_>) -> ArgTy {
    // Beside an array a Python number is weak.
    if call.arg("ar1").scalar().is_some() || call.arg("ar2").scalar().is_some() {
        return ArgTy::Unknown;
    }
    let dtypes = call.arg("ar1").dtype().zip(call.arg("ar2").dtype());
    array(dtypes.and_then(|(a, b)| promote(a, b)), Some(1))
}

fn interp(call: &Call<'_>) -> ArgTy {
    let dtype = call
        .arg("fp")
        .dtype()
        .map(|dtype| if dtype.is_complex() { Dtype::C128 } else { Dtype::F64 });
    match (dtype, call.arg("x").ndim()) {
        (Some(dtype), Some(ndim)) => ArgTy::array_or_scalar(dtype, Some(ndim)),
        _ => ArgTy::Unknown,
    }
}

fn pair(_: &Call<'_>) -> ArgTy {
    ArgTy::Tuple(vec![ArgTy::array(Dtype::I64, 1); 2])
}
