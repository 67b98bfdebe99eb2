//! Functions that fold axes, and the running folds.

use crate::dtype::{Dtype, DtypeKind, promote};
use crate::table::FunctionKind::{Reduction, Scan};
use crate::table::Memory::{Fresh, Plain};
use crate::table::arg::ArgTy;
use crate::table::creation::{dtype_or, unknown};
use crate::table::{Call, FunctionInfo, row};

const SUM: &str = "a, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True";
const MAX: &str = "a, axis=None, out=None, keepdims=False, initial=None, where=True";
const ARG: &str = "a, axis=None, out=None, *, keepdims=False";
const ANY: &str = "a, axis=None, out=None, keepdims=False, *, where=True";
const VAR: &str = "a, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None, correction=0";
const SCAN: &str = "a, axis=None, dtype=None, out=None";
const MEDIAN: &str = "a, axis=None, out=None, overwrite_input=False, keepdims=False";
const QUANTILE: &str = "a, q, axis=None, out=None, overwrite_input=False, method='linear', keepdims=False, *, \
                        weights=None";

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("numpy.sum", Reduction, SUM, Fresh, sum),
    row("numpy.prod", Reduction, SUM, Fresh, sum),
    row("numpy.nansum", Reduction, SUM, Fresh, sum),
    row("numpy.nanprod", Reduction, SUM, Fresh, sum),
    row("numpy.max", Reduction, MAX, Fresh, same),
    row("numpy.min", Reduction, MAX, Fresh, same),
    row("numpy.nanmax", Reduction, MAX, Fresh, same),
    row("numpy.nanmin", Reduction, MAX, Fresh, same),
    row(
        "numpy.ptp",
        Reduction,
        "a, axis=None, out=None, keepdims=False",
        Fresh,
        spread,
    ),
    row("numpy.argmax", Reduction, ARG, Fresh, index),
    row("numpy.argmin", Reduction, ARG, Fresh, index),
    row("numpy.nanargmax", Reduction, ARG, Fresh, index),
    row("numpy.nanargmin", Reduction, ARG, Fresh, index),
    row("numpy.any", Reduction, ANY, Fresh, truth),
    row("numpy.all", Reduction, ANY, Fresh, truth),
    // Without an axis it is a Python int in older versions of NumPy.
    row(
        "numpy.count_nonzero",
        Reduction,
        "a, axis=None, *, keepdims=False",
        Fresh,
        count,
    ),
    row(
        "numpy.mean",
        Reduction,
        "a, axis=None, dtype=None, out=None, keepdims=False, *, where=True",
        Fresh,
        mean,
    ),
    row(
        "numpy.nanmean",
        Reduction,
        "a, axis=None, dtype=None, out=None, keepdims=False, *, where=True",
        Fresh,
        mean,
    ),
    row("numpy.std", Reduction, VAR, Fresh, deviation),
    row("numpy.var", Reduction, VAR, Fresh, deviation),
    row("numpy.nanstd", Reduction, VAR, Fresh, deviation),
    row("numpy.nanvar", Reduction, VAR, Fresh, deviation),
    row("numpy.median", Reduction, MEDIAN, Fresh, mean),
    row("numpy.nanmedian", Reduction, MEDIAN, Fresh, mean),
    row("numpy.percentile", Reduction, QUANTILE, Fresh, quantile),
    row("numpy.quantile", Reduction, QUANTILE, Fresh, quantile),
    row("numpy.nanpercentile", Reduction, QUANTILE, Fresh, quantile),
    row("numpy.nanquantile", Reduction, QUANTILE, Fresh, quantile),
    row(
        "numpy.average",
        Reduction,
        "a, axis=None, weights=None, returned=False, *, keepdims=False",
        Fresh,
        average,
    ),
    row("numpy.cumsum", Scan, SCAN, Fresh, scan),
    row("numpy.cumprod", Scan, SCAN, Fresh, scan),
    row("numpy.nancumsum", Scan, SCAN, Fresh, scan),
    row("numpy.nancumprod", Scan, SCAN, Fresh, scan),
    row(
        "numpy.cumulative_sum",
        Scan,
        "x, /, *, axis=None, dtype=None, out=None, include_initial=False",
        Fresh,
        unknown,
    ),
    row("numpy.size", Reduction, "a, axis=None", Plain, |_| ArgTy::INT),
    row("numpy.ndim", Reduction, "a", Plain, |_| ArgTy::INT),
    row("numpy.shape", Reduction, "a", Plain, shape),
];

/// The array of a function or method.
pub(super) fn source<'a>(call: &'a Call<'_>) -> &'a ArgTy {
    call.get("self").unwrap_or(call.arg("a"))
}

/// The rank of an array that has axes: numbers become arrays of one axis in some functions and numbers in others.
pub(super) fn axes(array: &ArgTy) -> Option<usize> {
    array.ndim().filter(|&ndim| ndim > 0)
}

/// The rank that is left when the axes are folded.
pub(super) fn folded_rank(call: &Call<'_>, ndim: Option<usize>) -> Option<usize> {
    let folded = match call.arg("axis") {
        ArgTy::None => ndim?,
        axis if axis.is_integer() => 1,
        ArgTy::Tuple(axes) => axes.len(),
        _ => return None,
    };
    match call.arg("keepdims") {
        ArgTy::None | ArgTy::Bool(false) => ndim?.checked_sub(folded),
        ArgTy::Bool(true) => ndim,
        _ => None,
    }
}

/// A reduction whose dtype is a function of the array's.
pub(super) fn reduced(call: &Call<'_>, dtype: Option<Dtype>) -> ArgTy {
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    // Over no elements, numbers become something else.
    match (dtype, folded_rank(call, source(call).ndim())) {
        (Some(dtype), Some(rank)) => ArgTy::array_or_scalar(dtype, Some(rank)),
        _ => ArgTy::Unknown,
    }
}

/// Sums of narrow integers are as wide as the platform's.
pub(super) fn sum_dtype(dtype: Dtype) -> Dtype {
    match dtype.kind() {
        DtypeKind::Bool | DtypeKind::Signed => Dtype::I64,
        DtypeKind::Unsigned => Dtype::U64,
        DtypeKind::Float | DtypeKind::Complex | DtypeKind::Other => dtype,
    }
}

/// Means of integers are `float64`.
pub(super) fn mean_dtype(dtype: Dtype) -> Dtype {
    if dtype.is_inexact() { dtype } else { Dtype::F64 }
}

pub(super) fn sum(call: &Call<'_>) -> ArgTy {
    reduced(call, dtype_or(call, source(call).dtype().map(sum_dtype)))
}

pub(super) fn same(call: &Call<'_>) -> ArgTy {
    reduced(call, source(call).dtype())
}

fn spread(call: &Call<'_>) -> ArgTy {
    reduced(call, source(call).dtype().filter(|&dtype| dtype != Dtype::Bool))
}

pub(super) fn index(call: &Call<'_>) -> ArgTy {
    reduced(call, source(call).dtype().map(|_| Dtype::I64))
}

pub(super) fn truth(call: &Call<'_>) -> ArgTy {
    reduced(call, source(call).dtype().map(|_| Dtype::Bool))
}

fn count(call: &Call<'_>) -> ArgTy {
    match call.arg("axis") {
        ArgTy::None => ArgTy::Unknown,
        _ => reduced(call, source(call).dtype().map(|_| Dtype::I64)),
    }
}

pub(super) fn mean(call: &Call<'_>) -> ArgTy {
    reduced(call, dtype_or(call, source(call).dtype().map(mean_dtype)))
}

/// Variances of complex numbers are real.
pub(super) fn deviation(call: &Call<'_>) -> ArgTy {
    reduced(
        call,
        dtype_or(call, source(call).dtype().map(mean_dtype)).map(Dtype::real_part),
    )
}

/// A number for each quantile that is asked for.
fn quantile(call: &Call<'_>) -> ArgTy {
    let scalar = call.arg("q").scalar().is_some_and(|ty| ty.is_python());
    match source(call).dtype() {
        Some(dtype) if scalar && !dtype.is_complex() && dtype != Dtype::Bool => reduced(call, Some(mean_dtype(dtype))),
        _ => ArgTy::Unknown,
    }
}

fn average(call: &Call<'_>) -> ArgTy {
    let returned = call.arg("returned");
    if !matches!(returned, ArgTy::None | ArgTy::Bool(false)) {
        return ArgTy::Unknown;
    }
    let dtype = source(call).dtype();
    match call.arg("weights") {
        ArgTy::None => reduced(call, dtype.map(mean_dtype)),
        weights => {
            let common = dtype.zip(weights.dtype()).and_then(|(a, b)| promote(a, b));
            let exact = dtype.is_some_and(|dtype| !dtype.is_inexact());
            reduced(
                call,
                common.and_then(|dtype| if exact { promote(dtype, Dtype::F64) } else { Some(dtype) }),
            )
        }
    }
}

/// Without an axis it runs over the flattened array.
pub(super) fn scan(call: &Call<'_>) -> ArgTy {
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    let ndim = match call.arg("axis") {
        ArgTy::None => Some(1),
        _ => axes(source(call)),
    };
    match dtype_or(call, source(call).dtype().map(sum_dtype)) {
        Some(dtype) => ArgTy::Array { dtype, ndim },
        None => ArgTy::Unknown,
    }
}

fn shape(call: &Call<'_>) -> ArgTy {
    match source(call).ndim() {
        Some(ndim) => ArgTy::Tuple(vec![ArgTy::INT; ndim]),
        None => ArgTy::TupleOf(Box::new(ArgTy::INT)),
    }
}
