//! Functions that move, join, repeat, cut and pick elements.

use crate::dtype::{Dtype, promote};
use crate::scalar::ScalarTy;
use crate::table::FunctionKind::Shape;
use crate::table::Memory::{Fresh, Holds, MayView, MayViewAny, View};
use crate::table::arg::{ArgTy, broadcast_rank, common_dtype};
use crate::table::creation::unknown;
use crate::table::reduction::{axes, source};
use crate::table::{Call, Does, FunctionInfo, row};

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row(
        "numpy.reshape",
        Shape,
        "a, /, shape, order='C', *, copy=None",
        MayView(0),
        reshape,
    ),
    row("numpy.ravel", Shape, "a, order='C'", MayView(0), flat),
    row("numpy.transpose", Shape, "a, axes=None", View(0), same),
    row("numpy.matrix_transpose", Shape, "x, /", View(0), unknown),
    row("numpy.swapaxes", Shape, "a, axis1, axis2", View(0), same),
    row("numpy.moveaxis", Shape, "a, source, destination", View(0), same),
    row("numpy.rollaxis", Shape, "a, axis, start=0", View(0), same),
    row("numpy.squeeze", Shape, "a, axis=None", View(0), squeeze),
    row("numpy.expand_dims", Shape, "a, axis", View(0), expand),
    row(
        "numpy.broadcast_to",
        Shape,
        "array, shape, subok=False",
        View(0),
        broadcast_to,
    ),
    row("numpy.flip", Shape, "m, axis=None", View(0), of_m),
    row("numpy.fliplr", Shape, "m", View(0), of_m),
    row("numpy.flipud", Shape, "m", View(0), of_m),
    row("numpy.rot90", Shape, "m, k=1, axes=(0, 1)", View(0), of_m),
    row("numpy.roll", Shape, "a, shift, axis=None", Fresh, same),
    row(
        "numpy.diagonal",
        Shape,
        "a, offset=0, axis1=0, axis2=1",
        View(0),
        one_less,
    ),
    row("numpy.triu", Shape, "m, k=0", Fresh, triangle),
    row("numpy.tril", Shape, "m, k=0", Fresh, triangle),
    row(
        "numpy.concatenate",
        Shape,
        "arrays, /, axis=0, out=None, *, dtype=None, casting='same_kind'",
        Fresh,
        concatenate,
    ),
    row(
        "numpy.stack",
        Shape,
        "arrays, axis=0, out=None, *, dtype=None, casting='same_kind'",
        Fresh,
        stack,
    ),
    row(
        "numpy.hstack",
        Shape,
        "tup, *, dtype=None, casting='same_kind'",
        Fresh,
        joined::<1>,
    ),
    row(
        "numpy.vstack",
        Shape,
        "tup, *, dtype=None, casting='same_kind'",
        Fresh,
        joined::<2>,
    ),
    row("numpy.dstack", Shape, "tup", Fresh, joined::<3>),
    row("numpy.column_stack", Shape, "tup", Fresh, columns),
    row("numpy.block", Shape, "arrays", Fresh, unknown),
    row("numpy.append", Shape, "arr, values, axis=None", Fresh, append),
    row("numpy.insert", Shape, "arr, obj, values, axis=None", Fresh, edited),
    row("numpy.delete", Shape, "arr, obj, axis=None", Fresh, edited),
    row(
        "numpy.split",
        Shape,
        "ary, indices_or_sections, axis=0",
        Holds(0),
        split,
    ),
    row(
        "numpy.array_split",
        Shape,
        "ary, indices_or_sections, axis=0",
        Holds(0),
        split,
    ),
    row("numpy.hsplit", Shape, "ary, indices_or_sections", Holds(0), split),
    row("numpy.vsplit", Shape, "ary, indices_or_sections", Holds(0), split),
    row("numpy.repeat", Shape, "a, repeats, axis=None", Fresh, by_axis),
    row("numpy.tile", Shape, "A, reps", Fresh, tile),
    row("numpy.resize", Shape, "a, new_shape", Fresh, unknown),
    row(
        "numpy.pad",
        Shape,
        "array, pad_width, mode='constant', **kwargs",
        Fresh,
        of_array,
    ),
    row(
        "numpy.take",
        Shape,
        "a, indices, axis=None, out=None, mode='raise'",
        Fresh,
        take,
    ),
    row("numpy.take_along_axis", Shape, "arr, indices, axis=-1", Fresh, unknown),
    row(
        "numpy.compress",
        Shape,
        "condition, a, axis=None, out=None",
        Fresh,
        by_axis,
    ),
    row("numpy.extract", Shape, "condition, arr", Fresh, unknown),
    row(
        "numpy.choose",
        Shape,
        "a, choices, out=None, mode='raise'",
        Fresh,
        unknown,
    ),
    row("numpy.where", Shape, "condition, x=None, y=None, /", Fresh, where_),
    row("numpy.select", Shape, "condlist, choicelist, default=0", Fresh, unknown),
    row(
        "numpy.piecewise",
        Shape,
        "x, condlist, funclist, *args, **kw",
        Fresh,
        unknown,
    )
    .does(Does::World),
    row(
        "numpy.clip",
        Shape,
        "a, a_min=None, a_max=None, out=None, *, min=None, max=None",
        Fresh,
        clip,
    ),
    row(
        "numpy.diff",
        Shape,
        "a, n=1, axis=-1, prepend=None, append=None",
        Fresh,
        diff,
    ),
    row("numpy.ediff1d", Shape, "ary, to_end=None, to_begin=None", Fresh, ediff),
    row(
        "numpy.gradient",
        Shape,
        "f, *varargs, axis=None, edge_order=1",
        Fresh,
        unknown,
    ),
    row("numpy.fix", Shape, "x, out=None", Fresh, unknown),
    row(
        "numpy.nan_to_num",
        Shape,
        "x, copy=True, nan=0.0, posinf=None, neginf=None",
        Fresh,
        unknown,
    ),
    row("numpy.real_if_close", Shape, "a, tol=100", MayView(0), unknown),
    row("numpy.angle", Shape, "z, deg=False", Fresh, unknown),
    row("numpy.sinc", Shape, "x", Fresh, unknown),
    row(
        "numpy.isclose",
        Shape,
        "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
        Fresh,
        is_close,
    ),
    row(
        "numpy.allclose",
        Shape,
        "a, b, rtol=1e-05, atol=1e-08, equal_nan=False",
        Fresh,
        |_| ArgTy::BOOL,
    ),
    row("numpy.array_equal", Shape, "a1, a2, equal_nan=False", Fresh, |_| {
        ArgTy::BOOL
    }),
    row("numpy.array_equiv", Shape, "a1, a2", Fresh, |_| ArgTy::BOOL),
    row("numpy.shares_memory", Shape, "a, b, /, max_work=-1", Fresh, |_| {
        ArgTy::BOOL
    }),
    row("numpy.may_share_memory", Shape, "a, b, /, max_work=0", Fresh, |_| {
        ArgTy::BOOL
    }),
    row(
        "numpy.divmod",
        Shape,
        "x1, x2, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, signature=None",
        Fresh,
        divmod,
    ),
    row(
        "numpy.modf",
        Shape,
        "x, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, signature=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.frexp",
        Shape,
        "x, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, signature=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.ldexp",
        Shape,
        "x1, x2, /, out=None, *, where=True, casting='same_kind', order='K', dtype=None, subok=True, signature=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.lib.stride_tricks.sliding_window_view",
        Shape,
        "x, window_shape, axis=None, *, subok=False, writeable=False",
        View(0),
        windows,
    ),
    row(
        "numpy.lib.stride_tricks.as_strided",
        Shape,
        "x, shape=None, strides=None, subok=False, writeable=True",
        MayViewAny,
        unknown,
    ),
    row("numpy.put", Shape, "a, ind, v, mode='raise'", Fresh, |_| ArgTy::None).does(Does::Changes(0)),
    row("numpy.place", Shape, "arr, mask, vals", Fresh, |_| ArgTy::None).does(Does::Changes(0)),
    row(
        "numpy.copyto",
        Shape,
        "dst, src, casting='same_kind', where=True",
        Fresh,
        |_| ArgTy::None,
    )
    .does(Does::Changes(0)),
    row("numpy.putmask", Shape, "a, mask, values", Fresh, |_| ArgTy::None).does(Does::Changes(0)),
    row("numpy.fill_diagonal", Shape, "a, val, wrap=False", Fresh, |_| {
        ArgTy::None
    })
    .does(Does::Changes(0)),
];

fn of(dtype: Option<Dtype>, ndim: Option<usize>) -> ArgTy {
    dtype.map_or(ArgTy::Unknown, |dtype| ArgTy::Array { dtype, ndim })
}

pub(super) fn reshape(call: &Call<'_>) -> ArgTy {
    of(source(call).dtype(), call.arg("shape").shape_rank())
}

pub(super) fn flat(call: &Call<'_>) -> ArgTy {
    of(source(call).dtype(), Some(1))
}

pub(super) fn same(call: &Call<'_>) -> ArgTy {
    with_axes(source(call))
}

/// An array as it is, if it has axes.
fn with_axes(array: &ArgTy) -> ArgTy {
    match axes(array) {
        Some(_) => array.as_array(),
        None => ArgTy::Unknown,
    }
}

fn of_m(call: &Call<'_>) -> ArgTy {
    with_axes(call.arg("m"))
}

fn of_array(call: &Call<'_>) -> ArgTy {
    call.arg("array").as_array()
}

/// A row becomes a square.
fn triangle(call: &Call<'_>) -> ArgTy {
    let m = call.arg("m");
    of(m.dtype(), m.ndim().map(|ndim| ndim.max(2)))
}

pub(super) fn one_less(call: &Call<'_>) -> ArgTy {
    let ndim = source(call).ndim().filter(|&ndim| ndim >= 2);
    of(source(call).dtype(), ndim.map(|ndim| ndim - 1))
}

pub(super) fn squeeze(call: &Call<'_>) -> ArgTy {
    let ndim = match call.arg("axis") {
        axis if axis.is_integer() => axes(source(call)).map(|ndim| ndim - 1),
        _ => None,
    };
    match source(call) {
        // A NumPy scalar stays one.
        number if number.scalar().is_some() => ArgTy::Unknown,
        array => of(array.dtype(), ndim),
    }
}

fn expand(call: &Call<'_>) -> ArgTy {
    let more = match call.arg("axis") {
        axis if axis.is_integer() => Some(1),
        ArgTy::Tuple(axes) => Some(axes.len()),
        _ => None,
    };
    of(
        source(call).dtype(),
        source(call).ndim().zip(more).map(|(ndim, more)| ndim + more),
    )
}

fn broadcast_to(call: &Call<'_>) -> ArgTy {
    of(call.arg("array").dtype(), call.arg("shape").shape_rank())
}

/// The arrays of a sequence: their common dtype and the greatest rank.
fn joining(arrays: &ArgTy) -> Option<(Dtype, Option<usize>)> {
    match arrays {
        ArgTy::Tuple(items) if !items.is_empty() => {
            let dtypes = items.iter().map(ArgTy::dtype);
            let dtype = dtypes.reduce(|a, b| promote(a?, b?)).flatten()?;
            Some((dtype, broadcast_rank(items)))
        }
        ArgTy::List(item, Some(1..)) => Some((item.dtype()?, item.ndim())),
        // An empty list is an error here, so its items may be trusted.
        ArgTy::List(item, None) => Some((item.dtype()?, item.ndim())),
        ArgTy::Array { dtype, ndim } => Some((*dtype, ndim.and_then(|ndim| ndim.checked_sub(1)))),
        _ => None,
    }
}

fn join(call: &Call<'_>, arrays: &ArgTy, rank: impl Fn(usize) -> usize) -> ArgTy {
    if *call.arg("dtype") != ArgTy::None || *call.arg("out") != ArgTy::None {
        return ArgTy::Unknown;
    }
    match joining(arrays) {
        Some((dtype, ndim)) => ArgTy::Array {
            dtype,
            ndim: ndim.map(rank),
        },
        None => ArgTy::Unknown,
    }
}

fn concatenate(call: &Call<'_>) -> ArgTy {
    let arrays = call.arg("arrays");
    match call.get("axis") {
        // Python's numbers are weak here.
        Some(ArgTy::None) if arrays.item().scalar().is_some_and(ScalarTy::is_python) => ArgTy::Unknown,
        Some(ArgTy::None) if matches!(arrays, ArgTy::Tuple(_)) && arrays.item() == ArgTy::Unknown => ArgTy::Unknown,
        Some(ArgTy::None) => join(call, arrays, |_| 1),
        _ => join(call, arrays, |rank| rank),
    }
}

fn stack(call: &Call<'_>) -> ArgTy {
    join(call, call.arg("arrays"), |rank| rank + 1)
}

fn joined<const RANK: usize>(call: &Call<'_>) -> ArgTy {
    join(call, call.arg("tup"), |rank| rank.max(RANK))
}

fn columns(call: &Call<'_>) -> ArgTy {
    join(call, call.arg("tup"), |rank| rank.max(2))
}

/// One more axis, that of the window, where the array has one.
fn windows(call: &Call<'_>) -> ArgTy {
    let array = call.arg("x");
    let plain = *call.arg("axis") == ArgTy::None
        && call.arg("window_shape").is_integer()
        && matches!(call.arg("writeable"), ArgTy::None | ArgTy::Bool(false));
    match array.ndim() {
        Some(1) if plain => of(array.dtype(), Some(2)),
        _ => ArgTy::Unknown,
    }
}

fn append(call: &Call<'_>) -> ArgTy {
    let arrays = [call.arg("arr"), call.arg("values")];
    let dtype = arrays
        .iter()
        .map(|ty| ty.dtype())
        .reduce(|a, b| promote(a?, b?))
        .flatten();
    let ndim = match call.arg("axis") {
        ArgTy::None => Some(1),
        _ => arrays[0].ndim(),
    };
    of(dtype, ndim)
}

fn edited(call: &Call<'_>) -> ArgTy {
    let ndim = match call.arg("axis") {
        ArgTy::None => Some(1),
        _ => call.arg("arr").ndim(),
    };
    of(call.arg("arr").dtype(), ndim)
}

fn split(call: &Call<'_>) -> ArgTy {
    match call.arg("ary").as_array() {
        ArgTy::Unknown => ArgTy::Unknown,
        part => ArgTy::List(Box::new(part), None),
    }
}

pub(super) fn by_axis(call: &Call<'_>) -> ArgTy {
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    let ndim = match call.arg("axis") {
        ArgTy::None => Some(1),
        _ => axes(source(call)),
    };
    match ndim {
        Some(_) => of(source(call).dtype(), ndim),
        None => ArgTy::Unknown,
    }
}

fn tile(call: &Call<'_>) -> ArgTy {
    let array = call.arg("A");
    let ndim = array.ndim().zip(call.arg("reps").shape_rank()).map(|(a, b)| a.max(b));
    of(array.dtype(), ndim)
}

pub(super) fn take(call: &Call<'_>) -> ArgTy {
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    let taken = call.arg("indices").ndim();
    let ndim = match call.arg("axis") {
        ArgTy::None => taken,
        _ => axes(source(call)).zip(taken).map(|(a, b)| a + b - 1),
    };
    match (source(call).dtype(), ndim) {
        (Some(dtype), Some(ndim)) => ArgTy::array_or_scalar(dtype, Some(ndim)),
        _ => ArgTy::Unknown,
    }
}

/// It never gives numbers, only arrays.
fn where_(call: &Call<'_>) -> ArgTy {
    let operands = [call.arg("condition"), call.arg("x"), call.arg("y")];
    match (call.get("x"), call.get("y")) {
        (None, None) => match operands[0].ndim() {
            Some(ndim @ 1..) => ArgTy::Tuple(vec![ArgTy::array(Dtype::I64, 1); ndim]),
            _ => ArgTy::Unknown,
        },
        (Some(x), Some(y)) => of(common_dtype([x, y]), broadcast_rank(operands)),
        _ => ArgTy::Unknown,
    }
}

pub(super) fn clip(call: &Call<'_>) -> ArgTy {
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    let bounds = ["a_min", "a_max", "min", "max"].into_iter().map(|name| call.arg(name));
    // What is clipped becomes an array first, the bounds stay Python's numbers.
    let Some(dtype) = source(call).dtype() else {
        return ArgTy::Unknown;
    };
    let clipped = ArgTy::Array {
        dtype,
        ndim: source(call).ndim(),
    };
    let operands: Vec<&ArgTy> = [&clipped]
        .into_iter()
        .chain(bounds.filter(|ty| **ty != ArgTy::None))
        .collect();
    match (common_dtype(operands.iter().copied()), broadcast_rank(operands)) {
        // Two bools have no loop.
        (Some(dtype), Some(rank)) if dtype != Dtype::Bool => ArgTy::array_or_scalar(dtype, Some(rank)),
        _ => ArgTy::Unknown,
    }
}

fn diff(call: &Call<'_>) -> ArgTy {
    match (call.get("prepend"), call.get("append")) {
        (None, None) => source(call).as_array(),
        _ => ArgTy::Unknown,
    }
}

fn ediff(call: &Call<'_>) -> ArgTy {
    let source = call.arg("ary");
    match (call.get("to_end"), call.get("to_begin")) {
        (None, None) => of(source.dtype().filter(|&dtype| dtype != Dtype::Bool), Some(1)),
        _ => ArgTy::Unknown,
    }
}

fn is_close(call: &Call<'_>) -> ArgTy {
    let operands = [call.arg("a"), call.arg("b")];
    match (common_dtype(operands), broadcast_rank(operands)) {
        (Some(_), Some(rank)) => ArgTy::array_or_scalar(Dtype::Bool, Some(rank)),
        _ => ArgTy::Unknown,
    }
}

fn divmod(call: &Call<'_>) -> ArgTy {
    let operands = [call.arg("x1"), call.arg("x2")];
    let part = |f| crate::table::ufunc::result(f, &operands);
    match (part(crate::scalar::F::FloorDiv), part(crate::scalar::F::Mod)) {
        (ArgTy::Unknown, _) | (_, ArgTy::Unknown) => ArgTy::Unknown,
        (quotient, remainder) => ArgTy::Tuple(vec![quotient, remainder]),
    }
}
