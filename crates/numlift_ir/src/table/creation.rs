//! Functions that make arrays: from a shape, from numbers, from other arrays and from lists.

use crate::dtype::Dtype;
use crate::scalar::ScalarTy;
use crate::table::FunctionKind::{Conversion, Creation};
use crate::table::Memory::{Fresh, Holds, MayView};
use crate::table::arg::{ArgTy, NamedDtype, common_dtype};
use crate::table::{Call, FunctionInfo, row};

const SHAPE: &str = "shape, dtype=float, order='C', *, device=None, like=None";
const LIKE: &str = "prototype, dtype=None, order='K', subok=True, shape=None, *, device=None";
const A_LIKE: &str = "a, dtype=None, order='K', subok=True, shape=None, *, device=None";

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("numpy.zeros", Creation, SHAPE, Fresh, of_shape),
    row("numpy.ones", Creation, SHAPE, Fresh, of_shape),
    row("numpy.empty", Creation, SHAPE, Fresh, of_shape),
    // Memory as it is, if there is no buffer.
    row(
        "numpy.ndarray",
        Creation,
        "shape, dtype=float, buffer=None, offset=0, strides=None, order=None",
        MayView(2),
        unbuffered,
    ),
    row(
        "numpy.full",
        Creation,
        "shape, fill_value, dtype=None, order='C', *, device=None, like=None",
        Fresh,
        full,
    ),
    row("numpy.zeros_like", Creation, A_LIKE, Fresh, like),
    row("numpy.ones_like", Creation, A_LIKE, Fresh, like),
    row("numpy.empty_like", Creation, LIKE, Fresh, like),
    row(
        "numpy.full_like",
        Creation,
        "a, fill_value, dtype=None, order='K', subok=True, shape=None, *, device=None",
        Fresh,
        like,
    ),
    row(
        "numpy.arange",
        Creation,
        "start, stop=None, step=None, dtype=None, *, device=None, like=None",
        Fresh,
        arange,
    ),
    row(
        "numpy.linspace",
        Creation,
        "start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0, *, device=None",
        Fresh,
        linspace,
    ),
    row(
        "numpy.logspace",
        Creation,
        "start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0",
        Fresh,
        linspace,
    ),
    row(
        "numpy.geomspace",
        Creation,
        "start, stop, num=50, endpoint=True, dtype=None, axis=0",
        Fresh,
        linspace,
    ),
    row(
        "numpy.eye",
        Creation,
        "N, M=None, k=0, dtype=float, order='C', *, device=None, like=None",
        Fresh,
        square,
    ),
    row(
        "numpy.identity",
        Creation,
        "n, dtype=float, *, like=None",
        Fresh,
        square,
    ),
    row(
        "numpy.tri",
        Creation,
        "N, M=None, k=0, dtype=float, *, like=None",
        Fresh,
        square,
    ),
    row(
        "numpy.indices",
        Creation,
        "dimensions, dtype=int, sparse=False",
        Fresh,
        indices,
    ),
    row(
        "numpy.meshgrid",
        Creation,
        "*xi, copy=True, sparse=False, indexing='xy'",
        Fresh,
        meshgrid,
    ),
    row(
        "numpy.fromiter",
        Conversion,
        "iter, dtype, count=-1, *, like=None",
        Fresh,
        fromiter,
    ),
    row(
        "numpy.array",
        Conversion,
        "object, dtype=None, *, copy=True, order='K', subok=False, ndmin=0, ndmax=0, like=None",
        Fresh,
        array,
    ),
    row(
        "numpy.asarray",
        Conversion,
        "a, dtype=None, order=None, *, device=None, copy=None, like=None",
        MayView(0),
        array,
    ),
    row(
        "numpy.asanyarray",
        Conversion,
        "a, dtype=None, order=None, *, device=None, copy=None, like=None",
        MayView(0),
        array,
    ),
    row(
        "numpy.ascontiguousarray",
        Conversion,
        "a, dtype=None, *, like=None",
        MayView(0),
        contiguous,
    ),
    row(
        "numpy.asfortranarray",
        Conversion,
        "a, dtype=None, *, like=None",
        MayView(0),
        contiguous,
    ),
    row("numpy.copy", Creation, "a, order='K', subok=False", Fresh, array),
    row("numpy.diag", Creation, "v, k=0", MayView(0), diag),
    row(
        "numpy.frombuffer",
        Conversion,
        "buffer, dtype=float, count=-1, offset=0, *, like=None",
        MayView(0),
        unknown,
    ),
    row("numpy.vander", Creation, "x, N=None, increasing=False", Fresh, unknown),
    // A type called makes a NumPy scalar of a number and an array of anything else, which of an array of that type
    // is a view.
    row("numpy.bool_", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.bool", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.int8", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.int16", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.int32", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.int64", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.uint8", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.uint16", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.uint32", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.uint64", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.intp", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.int_", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.float16", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.float32", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.float64", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.double", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.single", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.half", Conversion, "value=0, /", MayView(0), as_type),
    row("numpy.complex64", Conversion, "value=0, imag=0, /", MayView(0), as_type),
    row(
        "numpy.complex128",
        Conversion,
        "value=0, imag=0, /",
        MayView(0),
        as_type,
    ),
    row(
        "numpy.dtype",
        Conversion,
        "dtype, align=False, copy=False, **metadata",
        crate::table::Memory::Plain,
        dtype,
    ),
    row("numpy.atleast_1d", Conversion, "*arys", MayView(0), at_least::<1>),
    row("numpy.atleast_2d", Conversion, "*arys", MayView(0), at_least::<2>),
    row("numpy.atleast_3d", Conversion, "*arys", MayView(0), at_least::<3>),
    row(
        "numpy.broadcast_arrays",
        Conversion,
        "*args, subok=False",
        Holds(0),
        unknown,
    ),
];

pub(super) fn unknown(_: &Call<'_>) -> ArgTy {
    ArgTy::Unknown
}

/// The dtype that the call names, else the default.
pub(super) fn dtype_or(call: &Call<'_>, default: Option<Dtype>) -> Option<Dtype> {
    match call.arg("dtype").named_dtype() {
        NamedDtype::Is(dtype) => Some(dtype),
        NamedDtype::Default => default,
        NamedDtype::Unknown => None,
    }
}

fn of(dtype: Option<Dtype>, ndim: Option<usize>) -> ArgTy {
    dtype.map_or(ArgTy::Unknown, |dtype| ArgTy::Array { dtype, ndim })
}

fn of_shape(call: &Call<'_>) -> ArgTy {
    of(dtype_or(call, Some(Dtype::F64)), call.arg("shape").shape_rank())
}

fn unbuffered(call: &Call<'_>) -> ArgTy {
    match (call.arg("buffer"), call.arg("strides")) {
        (ArgTy::None, ArgTy::None) => of_shape(call),
        _ => ArgTy::Unknown,
    }
}

fn full(call: &Call<'_>) -> ArgTy {
    of(
        dtype_or(call, call.arg("fill_value").dtype()),
        call.arg("shape").shape_rank(),
    )
}

fn like(call: &Call<'_>) -> ArgTy {
    let prototype = call.get("a").unwrap_or(call.arg("prototype"));
    let ndim = match call.arg("shape") {
        ArgTy::None => prototype.ndim(),
        shape => shape.shape_rank(),
    };
    of(dtype_or(call, prototype.dtype()), ndim)
}

/// NumPy counts in `int64`, `float64` or `complex128`, whatever the width of the arguments.
fn arange(call: &Call<'_>) -> ArgTy {
    let given = ["start", "stop", "step"]
        .into_iter()
        .map(|name| call.arg(name))
        .filter(|ty| **ty != ArgTy::None);
    let kinds = given.map(|ty| match ty.scalar()?.array_dtype() {
        // Beside a signed operand it would be counted in floats.
        Dtype::U64 => None,
        dtype if dtype.is_complex() => Some(Dtype::C128),
        dtype if dtype.is_float() => Some(Dtype::F64),
        _ => Some(Dtype::I64),
    });
    let widest = kinds.reduce(|a, b| Some(a?.max(b?))).flatten();
    of(dtype_or(call, widest), Some(1))
}

fn linspace(call: &Call<'_>) -> ArgTy {
    if !matches!(call.arg("retstep"), ArgTy::None | ArgTy::Bool(false)) {
        return ArgTy::Unknown;
    }
    let ends = [call.arg("start"), call.arg("stop")];
    // Narrow floats have rules of their own in each of these functions.
    let wide = |ty: &&ArgTy| match ty.operand() {
        Some(ScalarTy::Np(dtype)) => dtype == Dtype::F64 || dtype.is_integer() || dtype == Dtype::C128,
        Some(_) => true,
        None => false,
    };
    if !ends.iter().all(wide) {
        return ArgTy::Unknown;
    }
    let complex = common_dtype(ends).is_some_and(Dtype::is_complex);
    let dtype = if complex { Dtype::C128 } else { Dtype::F64 };
    let ndim = ends
        .iter()
        .map(|ty| ty.ndim())
        .try_fold(0, |rank, ndim| ndim.map(|ndim| rank.max(ndim)));
    of(dtype_or(call, Some(dtype)), ndim.map(|ndim| ndim + 1))
}

fn square(call: &Call<'_>) -> ArgTy {
    of(dtype_or(call, Some(Dtype::F64)), Some(2))
}

fn indices(call: &Call<'_>) -> ArgTy {
    if !matches!(call.arg("sparse"), ArgTy::None | ArgTy::Bool(false)) {
        return ArgTy::Unknown;
    }
    let rank = match call.arg("dimensions") {
        ty if ty.is_integer() => None,
        ty => ty.shape_rank(),
    };
    of(dtype_or(call, Some(Dtype::I64)), rank.map(|rank| rank + 1))
}

/// As many arrays as axes; a list before NumPy 2.
fn meshgrid(call: &Call<'_>) -> ArgTy {
    let axes: Vec<&ArgTy> = call.rest().collect();
    let each = axes.iter().map(|axis| of(axis.dtype(), Some(axes.len())));
    ArgTy::Tuple(each.collect())
}

fn fromiter(call: &Call<'_>) -> ArgTy {
    of(dtype_or(call, None), Some(1))
}

fn array(call: &Call<'_>) -> ArgTy {
    let source = call.get("object").unwrap_or(call.arg("a"));
    if !matches!(call.arg("ndmin"), ArgTy::None | ArgTy::Int(0)) {
        return ArgTy::Unknown;
    }
    of(dtype_or(call, source.dtype()), source.ndim())
}

/// These have at least one axis.
fn contiguous(call: &Call<'_>) -> ArgTy {
    let source = call.arg("a");
    of(dtype_or(call, source.dtype()), source.ndim().map(|ndim| ndim.max(1)))
}

fn diag(call: &Call<'_>) -> ArgTy {
    let ndim = match call.arg("v").ndim() {
        Some(1) => Some(2),
        Some(2) => Some(1),
        _ => None,
    };
    of(call.arg("v").dtype(), ndim)
}

fn as_type(call: &Call<'_>) -> ArgTy {
    let name = call.info.name.trim_start_matches("numpy.");
    let Some(dtype) = Dtype::from_attribute(name) else {
        return ArgTy::Unknown;
    };
    match call.arg("value") {
        ArgTy::None | ArgTy::Unknown | ArgTy::Object(_) => ArgTy::Unknown,
        ArgTy::Str(_) => ArgTy::Scalar(ScalarTy::Np(dtype)),
        value if value.scalar().is_some() => ArgTy::Scalar(ScalarTy::Np(dtype)),
        value => match value.ndim() {
            None => ArgTy::Unknown,
            ndim => ArgTy::array_or_scalar(dtype, ndim),
        },
    }
}

fn dtype(call: &Call<'_>) -> ArgTy {
    match call.arg("dtype").named_dtype() {
        NamedDtype::Is(dtype) => ArgTy::Dtype(dtype),
        NamedDtype::Default | NamedDtype::Unknown => ArgTy::Unknown,
    }
}

fn at_least<const RANK: usize>(call: &Call<'_>) -> ArgTy {
    let arrays: Vec<&ArgTy> = call.rest().collect();
    match arrays.as_slice() {
        [array] => of(array.dtype(), array.ndim().map(|ndim| ndim.max(RANK))),
        _ => ArgTy::Unknown,
    }
}
