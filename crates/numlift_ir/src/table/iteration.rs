//! NumPy's iterators, its files and its settings.

use crate::scalar::ScalarTy;
use crate::table::FunctionKind::{Io, Iteration, Other};
use crate::table::Memory::{Fresh, Holds, MayViewAny, Plain};
use crate::table::arg::ArgTy;
use crate::table::creation::unknown;
use crate::table::{Call, Does, FunctionInfo, row};

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("numpy.ndindex", Iteration, "*shape", Fresh, ndindex),
    row("numpy.ndenumerate", Iteration, "arr", Holds(0), ndenumerate),
    row("numpy.nditer", Iteration, "*args, **kwargs", MayViewAny, unknown).does(Does::World),
    row("numpy.isscalar", Other, "element", Plain, |_| ArgTy::BOOL),
    row("numpy.iscomplexobj", Other, "x", Plain, |_| ArgTy::BOOL),
    row("numpy.isrealobj", Other, "x", Plain, |_| ArgTy::BOOL),
    row("numpy.can_cast", Other, "from_, to, casting='safe'", Plain, |_| {
        ArgTy::BOOL
    }),
    row("numpy.finfo", Other, "dtype", Plain, unknown),
    row("numpy.iinfo", Other, "int_type", Plain, unknown),
    row(
        "numpy.load",
        Io,
        "file, mmap_mode=None, allow_pickle=False, fix_imports=True, encoding='ASCII', *, \
         max_header_size=10000",
        Fresh,
        unknown,
    )
    .does(Does::World),
    row("numpy.save", Io, "file, arr, allow_pickle=True", Plain, unknown).does(Does::World),
    row("numpy.loadtxt", Io, "*args, **kwargs", Fresh, unknown).does(Does::World),
    row("numpy.genfromtxt", Io, "*args, **kwargs", Fresh, unknown).does(Does::World),
    row("numpy.savetxt", Io, "*args, **kwargs", Plain, unknown).does(Does::World),
    row(
        "numpy.seterr",
        Other,
        "all=None, divide=None, over=None, under=None, invalid=None",
        Plain,
        unknown,
    )
    .does(Does::World),
    row("numpy.set_printoptions", Other, "*args, **kwargs", Plain, unknown).does(Does::World),
];

/// Tuples of as many ints as there are axes.
fn ndindex(call: &Call<'_>) -> ArgTy {
    let shape: Vec<&ArgTy> = call.rest().collect();
    let rank = match shape.as_slice() {
        [ArgTy::Tuple(sizes)] if sizes.iter().all(ArgTy::is_integer) => Some(sizes.len()),
        sizes if sizes.iter().all(|size| size.is_integer()) => Some(sizes.len()),
        _ => None,
    };
    rank.map_or(ArgTy::Unknown, |rank| {
        ArgTy::Iter(Box::new(ArgTy::Tuple(vec![ArgTy::INT; rank])))
    })
}

fn ndenumerate(call: &Call<'_>) -> ArgTy {
    let array = call.arg("arr");
    match (array.dtype(), array.ndim()) {
        (Some(dtype), Some(ndim)) => {
            let index = ArgTy::Tuple(vec![ArgTy::INT; ndim]);
            ArgTy::Iter(Box::new(ArgTy::Tuple(vec![index, ArgTy::Scalar(ScalarTy::Np(dtype))])))
        }
        _ => ArgTy::Unknown,
    }
}
