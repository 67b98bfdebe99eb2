//! Methods and attributes of arrays and lists; `self` is their first parameter.
//!
//! NumPy scalars have the array's methods too: a `self` of rank 0 means one of them as well as an array of rank 0, so
//! the rules of what would be a view say nothing there.

use crate::dtype::Dtype;
use crate::scalar::{F, ScalarTy};
use crate::table::FunctionKind::{Attribute, Conversion, Elementwise, Linalg, Reduction, Scan, Search, Shape};
use crate::table::Memory::{Fresh, Holds, MayView, Plain, View};
use crate::table::arg::ArgTy;
use crate::table::creation::{dtype_or, unknown};
use crate::table::linalg::{dot, trace};
use crate::table::reduction::{deviation, index, mean, same as reduce_same, scan, source, sum, truth};
use crate::table::search::{nonzero, order, searchsorted};
use crate::table::shape::{by_axis, clip, flat, one_less, same, squeeze, take};
use crate::table::{Call, Does, FunctionInfo, row};

const SUM: &str = "self, axis=None, dtype=None, out=None, keepdims=False, initial=0, where=True";
const MAX: &str = "self, axis=None, out=None, keepdims=False, initial=None, where=True";
const ARG: &str = "self, axis=None, out=None, *, keepdims=False";
const ANY: &str = "self, axis=None, out=None, keepdims=False, *, where=True";
const VAR: &str = "self, axis=None, dtype=None, out=None, ddof=0, keepdims=False, *, where=True, mean=None";
const SCAN: &str = "self, axis=None, dtype=None, out=None";

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("ndarray.shape", Attribute, "self", Plain, shape),
    row("ndarray.size", Attribute, "self", Plain, |_| ArgTy::INT),
    row("ndarray.ndim", Attribute, "self", Plain, ndim),
    row("ndarray.itemsize", Attribute, "self", Plain, |_| ArgTy::INT),
    row("ndarray.nbytes", Attribute, "self", Plain, |_| ArgTy::INT),
    row("ndarray.strides", Attribute, "self", Plain, shape),
    row("ndarray.dtype", Attribute, "self", Plain, dtype),
    row("ndarray.T", Attribute, "self", View(0), view),
    row("ndarray.real", Attribute, "self", View(0), part),
    row("ndarray.imag", Attribute, "self", MayView(0), part),
    row("ndarray.flat", Attribute, "self", View(0), elements),
    row("ndarray.base", Attribute, "self", MayView(0), unknown),
    row("ndarray.sum", Reduction, SUM, Fresh, sum),
    row("ndarray.prod", Reduction, SUM, Fresh, sum),
    row("ndarray.max", Reduction, MAX, Fresh, reduce_same),
    row("ndarray.min", Reduction, MAX, Fresh, reduce_same),
    row("ndarray.argmax", Reduction, ARG, Fresh, index),
    row("ndarray.argmin", Reduction, ARG, Fresh, index),
    row("ndarray.any", Reduction, ANY, Fresh, truth),
    row("ndarray.all", Reduction, ANY, Fresh, truth),
    row(
        "ndarray.mean",
        Reduction,
        "self, axis=None, dtype=None, out=None, keepdims=False, *, where=True",
        Fresh,
        mean,
    ),
    row("ndarray.std", Reduction, VAR, Fresh, deviation),
    row("ndarray.var", Reduction, VAR, Fresh, deviation),
    row("ndarray.cumsum", Scan, SCAN, Fresh, scan),
    row("ndarray.cumprod", Scan, SCAN, Fresh, scan),
    row(
        "ndarray.trace",
        Linalg,
        "self, offset=0, axis1=0, axis2=1, dtype=None, out=None",
        Fresh,
        trace,
    ),
    row("ndarray.dot", Linalg, "self, b, out=None", Fresh, dot),
    row("ndarray.copy", Conversion, "self, order='C'", Fresh, view),
    row(
        "ndarray.astype",
        Conversion,
        "self, dtype, order='K', casting='unsafe', subok=True, copy=True",
        Fresh,
        astype,
    ),
    row("ndarray.view", Conversion, "self, *args, **kwargs", View(0), unknown),
    row("ndarray.tolist", Conversion, "self", Fresh, tolist),
    row("ndarray.item", Conversion, "self, *args", Plain, item),
    row("ndarray.tobytes", Conversion, "self, order='C'", Plain, unknown),
    row(
        "ndarray.reshape",
        Shape,
        "self, *shape, order='C', copy=None",
        MayView(0),
        reshape,
    ),
    row("ndarray.ravel", Shape, "self, order='C'", MayView(0), flat),
    row("ndarray.flatten", Shape, "self, order='C'", Fresh, flat),
    row("ndarray.transpose", Shape, "self, *axes", View(0), view),
    row("ndarray.swapaxes", Shape, "self, axis1, axis2", View(0), view),
    row("ndarray.squeeze", Shape, "self, axis=None", View(0), squeeze),
    row(
        "ndarray.diagonal",
        Shape,
        "self, offset=0, axis1=0, axis2=1",
        View(0),
        one_less,
    ),
    row("ndarray.repeat", Shape, "self, repeats, axis=None", Fresh, by_axis),
    row(
        "ndarray.take",
        Shape,
        "self, indices, axis=None, out=None, mode='raise'",
        Fresh,
        take,
    ),
    row(
        "ndarray.compress",
        Shape,
        "self, condition, axis=None, out=None",
        Fresh,
        by_axis,
    ),
    row(
        "ndarray.clip",
        Shape,
        "self, min=None, max=None, out=None, **kwargs",
        Fresh,
        clip,
    ),
    row(
        "ndarray.round",
        Elementwise(F::Round),
        "self, decimals=0, out=None",
        MayView(0),
        round,
    ),
    row("ndarray.conj", Elementwise(F::Conj), "self", MayView(0), same),
    row("ndarray.conjugate", Elementwise(F::Conj), "self", MayView(0), same),
    row(
        "ndarray.argsort",
        Search,
        "self, axis=-1, kind=None, order=None, *, stable=None",
        Fresh,
        order,
    ),
    row(
        "ndarray.searchsorted",
        Search,
        "self, v, side='left', sorter=None",
        Fresh,
        searchsorted,
    ),
    row("ndarray.nonzero", Search, "self", Fresh, nonzero),
    row(
        "ndarray.sort",
        Search,
        "self, axis=-1, kind=None, order=None, *, stable=None",
        Plain,
        none,
    )
    .does(Does::Changes(0)),
    row(
        "ndarray.partition",
        Search,
        "self, kth, axis=-1, kind='introselect', order=None",
        Plain,
        none,
    )
    .does(Does::Changes(0)),
    row("ndarray.fill", Shape, "self, value", Plain, none).does(Does::Changes(0)),
    row("ndarray.put", Shape, "self, indices, values, mode='raise'", Plain, none).does(Does::Changes(0)),
    row("ndarray.resize", Shape, "self, *new_shape, refcheck=True", Plain, none).does(Does::Changes(0)),
    row(
        "ndarray.setflags",
        Shape,
        "self, write=None, align=None, uic=None",
        Plain,
        none,
    )
    .does(Does::Changes(0)),
    row("list.append", Conversion, "self, object, /", Plain, none).does(Does::Changes(0)),
    row("list.extend", Conversion, "self, iterable, /", Plain, none).does(Does::Changes(0)),
    row("list.insert", Conversion, "self, index, object, /", Plain, none).does(Does::Changes(0)),
    row("list.remove", Conversion, "self, value, /", Plain, none).does(Does::Changes(0)),
    row("list.pop", Conversion, "self, index=-1, /", MayView(0), |call| {
        call.arg("self").item()
    })
    .does(Does::Changes(0)),
    row("list.clear", Conversion, "self", Plain, none).does(Does::Changes(0)),
    row("list.sort", Search, "self, *, key=None, reverse=False", Plain, none).does(Does::Changes(0)),
    row("list.reverse", Shape, "self", Plain, none).does(Does::Changes(0)),
    row("list.copy", Conversion, "self", Holds(0), |call| {
        call.arg("self").clone()
    }),
    row("list.count", Search, "self, value, /", Plain, |_| ArgTy::INT),
    row(
        "list.index",
        Search,
        "self, value, start=0, stop=9223372036854775807, /",
        Plain,
        |_| ArgTy::INT,
    ),
];

fn none(_: &Call<'_>) -> ArgTy {
    ArgTy::None
}

fn shape(call: &Call<'_>) -> ArgTy {
    match source(call).ndim() {
        Some(ndim) => ArgTy::Tuple(vec![ArgTy::INT; ndim]),
        None => ArgTy::TupleOf(Box::new(ArgTy::INT)),
    }
}

fn ndim(call: &Call<'_>) -> ArgTy {
    match source(call).ndim().and_then(|ndim| i64::try_from(ndim).ok()) {
        Some(ndim) => ArgTy::Int(ndim),
        None => ArgTy::INT,
    }
}

fn dtype(call: &Call<'_>) -> ArgTy {
    source(call).dtype().map_or(ArgTy::Unknown, ArgTy::Dtype)
}

/// As many axes of the same dtype; of a NumPy scalar it would be a scalar.
fn view(call: &Call<'_>) -> ArgTy {
    match source(call) {
        ArgTy::Array { ndim: Some(0), .. } | ArgTy::Scalar(_) => ArgTy::Unknown,
        array => array.as_array(),
    }
}

fn part(call: &Call<'_>) -> ArgTy {
    match source(call) {
        ArgTy::Array { ndim: Some(0), .. } | ArgTy::Scalar(_) => ArgTy::Unknown,
        ArgTy::Array { dtype, ndim } => ArgTy::Array {
            dtype: dtype.real_part(),
            ndim: *ndim,
        },
        _ => ArgTy::Unknown,
    }
}

fn elements(call: &Call<'_>) -> ArgTy {
    match source(call).dtype() {
        Some(dtype) => ArgTy::Iter(Box::new(ArgTy::Scalar(ScalarTy::Np(dtype)))),
        None => ArgTy::Unknown,
    }
}

fn astype(call: &Call<'_>) -> ArgTy {
    match (source(call), dtype_or(call, None)) {
        (ArgTy::Array { ndim, .. }, Some(dtype)) if *ndim != Some(0) => ArgTy::Array { dtype, ndim: *ndim },
        (ArgTy::Scalar(ScalarTy::Np(_)), Some(dtype)) => ArgTy::Scalar(ScalarTy::Np(dtype)),
        _ => ArgTy::Unknown,
    }
}

/// The Python number of a dtype.
fn python_number(dtype: Dtype) -> ScalarTy {
    if dtype == Dtype::Bool {
        ScalarTy::PyBool
    } else if dtype.is_integer() {
        ScalarTy::PyInt
    } else if dtype.is_float() {
        ScalarTy::PyFloat
    } else {
        ScalarTy::PyComplex
    }
}

/// Lists of lists, as deep as there are axes.
fn tolist(call: &Call<'_>) -> ArgTy {
    match (source(call).dtype(), source(call).ndim()) {
        (Some(dtype), Some(ndim)) => (0..ndim).fold(ArgTy::Scalar(python_number(dtype)), |item, _| {
            ArgTy::List(Box::new(item), None)
        }),
        _ => ArgTy::Unknown,
    }
}

fn item(call: &Call<'_>) -> ArgTy {
    source(call)
        .dtype()
        .map_or(ArgTy::Unknown, |dtype| ArgTy::Scalar(python_number(dtype)))
}

/// The shape comes as one tuple or as numbers.
fn reshape(call: &Call<'_>) -> ArgTy {
    let given: Vec<&ArgTy> = call.rest().collect();
    let rank = match given.as_slice() {
        [shape] => shape.shape_rank(),
        sizes if sizes.iter().all(|size| size.is_integer()) => Some(sizes.len()),
        _ => None,
    };
    match (source(call).dtype(), rank) {
        (Some(dtype), ndim @ Some(1..)) => ArgTy::Array { dtype, ndim },
        _ => ArgTy::Unknown,
    }
}

fn round(call: &Call<'_>) -> ArgTy {
    match (call.arg("out"), source(call)) {
        (ArgTy::None, array @ ArgTy::Array { .. }) => crate::table::ufunc::result(F::Round, &[array]),
        _ => ArgTy::Unknown,
    }
}
