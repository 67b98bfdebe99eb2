//! Products of arrays, and linear algebra.

use crate::dtype::{Dtype, promote};
use crate::table::FunctionKind::Linalg;
use crate::table::Memory::{Fresh, MayViewAny};
use crate::table::arg::ArgTy;
use crate::table::creation::unknown;
use crate::table::reduction::{folded_rank, source, sum_dtype};
use crate::table::{Call, FunctionInfo, row};

const MATMUL: &str = "x1, x2, /, out=None, *, axes=None, axis=None, keepdims=False, casting='same_kind', order='K', \
     dtype=None, subok=True, signature=None";

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("numpy.dot", Linalg, "a, b, out=None", Fresh, dot),
    row("numpy.matmul", Linalg, MATMUL, Fresh, matmul),
    row("numpy.vecdot", Linalg, MATMUL, Fresh, unknown),
    row("numpy.inner", Linalg, "a, b, /", Fresh, inner),
    row("numpy.outer", Linalg, "a, b, out=None", Fresh, |call| {
        product(call, |_, _| Some(2))
    }),
    row("numpy.vdot", Linalg, "a, b, /", Fresh, |call| {
        product(call, |_, _| Some(0))
    }),
    row("numpy.tensordot", Linalg, "a, b, axes=2", Fresh, tensordot),
    row("numpy.kron", Linalg, "a, b", Fresh, |call| {
        product(call, |a, b| Some(a.max(b)))
    }),
    row(
        "numpy.cross",
        Linalg,
        "a, b, axisa=-1, axisb=-1, axisc=-1, axis=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.einsum",
        Linalg,
        "*operands, out=None, optimize=False, **kwargs",
        MayViewAny,
        einsum,
    ),
    row("numpy.convolve", Linalg, "a, v, mode='full'", Fresh, convolve),
    row("numpy.correlate", Linalg, "a, v, mode='valid'", Fresh, convolve),
    row(
        "numpy.trace",
        Linalg,
        "a, offset=0, axis1=0, axis2=1, dtype=None, out=None",
        Fresh,
        trace,
    ),
    row(
        "numpy.linalg.norm",
        Linalg,
        "x, ord=None, axis=None, keepdims=False",
        Fresh,
        norm,
    ),
    row("numpy.linalg.inv", Linalg, "a", Fresh, |call| {
        of(source(call).dtype().and_then(lapack), source(call).ndim())
    }),
    row(
        "numpy.linalg.pinv",
        Linalg,
        "a, rcond=None, hermitian=False, *, rtol=None",
        Fresh,
        unknown,
    ),
    row("numpy.linalg.cholesky", Linalg, "a, /, *, upper=False", Fresh, |call| {
        of(source(call).dtype().and_then(lapack), source(call).ndim())
    }),
    row("numpy.linalg.solve", Linalg, "a, b", Fresh, solve),
    row("numpy.linalg.lstsq", Linalg, "a, b, rcond=None", Fresh, unknown),
    row("numpy.linalg.det", Linalg, "a", Fresh, det),
    row("numpy.linalg.eig", Linalg, "a", Fresh, unknown),
    row("numpy.linalg.eigvals", Linalg, "a", Fresh, unknown),
    row("numpy.linalg.eigh", Linalg, "a, UPLO='L'", Fresh, unknown),
    row("numpy.linalg.eigvalsh", Linalg, "a, UPLO='L'", Fresh, unknown),
    row(
        "numpy.linalg.svd",
        Linalg,
        "a, full_matrices=True, compute_uv=True, hermitian=False",
        Fresh,
        unknown,
    ),
    row("numpy.linalg.qr", Linalg, "a, mode='reduced'", Fresh, unknown),
    row("numpy.linalg.matrix_power", Linalg, "a, n", Fresh, unknown),
    row(
        "numpy.linalg.matrix_rank",
        Linalg,
        "A, tol=None, hermitian=False, *, rtol=None",
        Fresh,
        unknown,
    ),
    row("numpy.linalg.cond", Linalg, "x, p=None", Fresh, unknown),
    row("numpy.linalg.multi_dot", Linalg, "arrays, *, out=None", Fresh, unknown),
    row(
        "numpy.fft.fft",
        Linalg,
        "a, n=None, axis=-1, norm=None, out=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.fft.ifft",
        Linalg,
        "a, n=None, axis=-1, norm=None, out=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.fft.rfft",
        Linalg,
        "a, n=None, axis=-1, norm=None, out=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.fft.irfft",
        Linalg,
        "a, n=None, axis=-1, norm=None, out=None",
        Fresh,
        unknown,
    ),
    row(
        "numpy.fft.fft2",
        Linalg,
        "a, s=None, axes=(-2, -1), norm=None, out=None",
        Fresh,
        unknown,
    ),
    row("numpy.fft.fftfreq", Linalg, "n, d=1.0, device=None", Fresh, unknown),
    row("numpy.fft.fftshift", Linalg, "x, axes=None", Fresh, unknown),
];

fn of(dtype: Option<Dtype>, ndim: Option<usize>) -> ArgTy {
    match (dtype, ndim) {
        (Some(dtype), Some(ndim)) => ArgTy::array(dtype, ndim),
        _ => ArgTy::Unknown,
    }
}

/// The dtype that LAPACK's wrappers compute in; they refuse half floats.
fn lapack(dtype: Dtype) -> Option<Dtype> {
    match dtype {
        Dtype::F16 => None,
        Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::C128 => Some(dtype),
        _ => Some(Dtype::F64),
    }
}

/// The product of `a` and `b` (or of `self`), by strong promotion: numbers become arrays first.
fn product(call: &Call<'_>, rank: impl Fn(usize, usize) -> Option<usize>) -> ArgTy {
    if *call.arg("out") != ArgTy::None {
        return call.arg("out").clone();
    }
    let (a, b) = (source(call), call.arg("b"));
    let dtype = a.dtype().zip(b.dtype()).and_then(|(a, b)| promote(a, b));
    let ndim = a.ndim().zip(b.ndim()).and_then(|(a, b)| rank(a, b));
    match (dtype, ndim) {
        (Some(dtype), Some(ndim)) => ArgTy::array_or_scalar(dtype, Some(ndim)),
        _ => ArgTy::Unknown,
    }
}

pub(super) fn dot(call: &Call<'_>) -> ArgTy {
    product(call, |a, b| match (a, b) {
        (0, _) | (_, 0) => Some(a + b),
        (_, 1) => Some(a - 1),
        (_, _) => Some(a + b - 2),
    })
}

fn inner(call: &Call<'_>) -> ArgTy {
    product(
        call,
        |a, b| if a == 0 || b == 0 { Some(a + b) } else { Some(a + b - 2) },
    )
}

fn matmul(call: &Call<'_>) -> ArgTy {
    let plain = ["out", "dtype", "axes", "axis"]
        .into_iter()
        .all(|name| *call.arg(name) == ArgTy::None);
    let (a, b) = (call.arg("x1"), call.arg("x2"));
    let dtype = a.dtype().zip(b.dtype()).and_then(|(a, b)| promote(a, b));
    let ndim = match (a.ndim(), b.ndim()) {
        (Some(0), _) | (_, Some(0)) | (None, _) | (_, None) => None,
        (Some(1), Some(b)) => Some(b - 1),
        (Some(a), Some(1)) => Some(a - 1),
        (Some(a), Some(b)) => Some(a.max(b)),
    };
    match (dtype, ndim) {
        (Some(dtype), Some(ndim)) if plain => ArgTy::array_or_scalar(dtype, Some(ndim)),
        _ => ArgTy::Unknown,
    }
}

/// Always an array, of rank 0 where nothing is left.
fn tensordot(call: &Call<'_>) -> ArgTy {
    let axes = match call.get("axes") {
        None => Some(2),
        Some(ArgTy::Int(axes)) => usize::try_from(*axes).ok(),
        Some(ArgTy::Tuple(pair)) => match pair.as_slice() {
            [ArgTy::Tuple(axes), _] => Some(axes.len()),
            [ArgTy::List(_, length), _] => *length,
            [axis, _] if axis.is_integer() => Some(1),
            _ => None,
        },
        Some(_) => None,
    };
    let (a, b) = (source(call), call.arg("b"));
    let dtype = a.dtype().zip(b.dtype()).and_then(|(a, b)| promote(a, b));
    let left = |(a, b): (usize, usize)| (a + b).checked_sub(2 * axes?);
    of(dtype, a.ndim().zip(b.ndim()).and_then(left))
}

/// Of one operand it may be a view. `"ij,jk"` leaves the letters that occur once, `"ij,jk->ik"` those behind the arrow.
fn einsum(call: &Call<'_>) -> ArgTy {
    let Some(ArgTy::Str(Some(subscripts))) = call.rest().next() else {
        return ArgTy::Unknown;
    };
    let dtypes = call.rest().skip(1).map(ArgTy::dtype);
    let dtype = dtypes.reduce(|a, b| promote(a?, b?)).flatten();
    if subscripts.contains('.') || *call.arg("out") != ArgTy::None {
        return ArgTy::Unknown;
    }
    let letters = |text: &str| text.chars().filter(|letter| letter.is_alphabetic()).collect::<Vec<_>>();
    let kept = match subscripts.split_once("->") {
        Some((_, kept)) => letters(kept).len(),
        None => {
            let all = letters(subscripts);
            all.iter()
                .filter(|letter| all.iter().filter(|other| other == letter).count() == 1)
                .count()
        }
    };
    dtype.map_or(ArgTy::Unknown, |dtype| ArgTy::array_or_scalar(dtype, Some(kept)))
}

fn convolve(call: &Call<'_>) -> ArgTy {
    let dtype = source(call)
        .dtype()
        .zip(call.arg("v").dtype())
        .and_then(|(a, b)| promote(a, b));
    of(dtype, Some(1))
}

pub(super) fn trace(call: &Call<'_>) -> ArgTy {
    if *call.arg("out") != ArgTy::None || *call.arg("dtype") != ArgTy::None {
        return ArgTy::Unknown;
    }
    match (source(call).dtype(), source(call).ndim()) {
        (Some(dtype), Some(ndim @ 2..)) => ArgTy::array_or_scalar(sum_dtype(dtype), Some(ndim - 2)),
        _ => ArgTy::Unknown,
    }
}

/// With an order, matrices and vectors go ways of their own.
fn norm(call: &Call<'_>) -> ArgTy {
    let x = call.arg("x");
    let dtype = x.dtype().map(|dtype| {
        if dtype.is_inexact() {
            dtype.real_part()
        } else {
            Dtype::F64
        }
    });
    match (dtype, folded_rank(call, x.ndim())) {
        (Some(dtype), Some(rank)) if *call.arg("ord") == ArgTy::None => ArgTy::array_or_scalar(dtype, Some(rank)),
        _ => ArgTy::Unknown,
    }
}

fn solve(call: &Call<'_>) -> ArgTy {
    let (a, b) = (source(call), call.arg("b"));
    let dtype = a
        .dtype()
        .zip(b.dtype())
        .and_then(|(a, b)| promote(lapack(a)?, lapack(b)?));
    match (a.ndim(), b.ndim()) {
        (Some(2), Some(ndim @ 1..=2)) => of(dtype, Some(ndim)),
        _ => ArgTy::Unknown,
    }
}

fn det(call: &Call<'_>) -> ArgTy {
    match (source(call).dtype().and_then(lapack), source(call).ndim()) {
        (Some(dtype), Some(ndim @ 2..)) => ArgTy::array_or_scalar(dtype, Some(ndim - 2)),
        _ => ArgTy::Unknown,
    }
}
