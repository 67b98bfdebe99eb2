//! Random numbers: the global state of `numpy.random` and of `random`, and NumPy's generators.
//!
//! A draw without a size gives a Python number in `numpy.random`, with a few exceptions that say nothing here. The
//! stream is part of a program's meaning, so every draw is an effect.

use crate::dtype::Dtype;
use crate::scalar::ScalarTy;
use crate::table::FunctionKind::Random;
use crate::table::Memory::{Fresh, MayView, Plain};
use crate::table::arg::{ArgTy, NamedDtype};
use crate::table::creation::unknown;
use crate::table::{Call, Does, FunctionInfo, Memory, row};

const fn global(
    name: &'static str,
    signature: &'static str,
    memory: Memory,
    rule: fn(&Call<'_>) -> ArgTy,
) -> FunctionInfo {
    row(name, Random, signature, memory, rule).does(Does::DrawsGlobal)
}

const fn drawn(
    name: &'static str,
    signature: &'static str,
    memory: Memory,
    rule: fn(&Call<'_>) -> ArgTy,
) -> FunctionInfo {
    row(name, Random, signature, memory, rule).does(Does::DrawsFrom)
}

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    global("numpy.random.seed", "seed=None", Plain, none),
    global("numpy.random.rand", "*args", Fresh, floats_of_dims),
    global("numpy.random.randn", "*args", Fresh, floats_of_dims),
    global("numpy.random.random", "size=None", Fresh, floats),
    global("numpy.random.random_sample", "size=None", Fresh, floats),
    global(
        "numpy.random.randint",
        "low, high=None, size=None, dtype=int",
        Fresh,
        randint,
    ),
    global("numpy.random.normal", "loc=0.0, scale=1.0, size=None", Fresh, floats),
    global("numpy.random.uniform", "low=0.0, high=1.0, size=None", Fresh, floats),
    global("numpy.random.standard_normal", "size=None", Fresh, floats),
    global("numpy.random.standard_exponential", "size=None", Fresh, floats),
    global("numpy.random.exponential", "scale=1.0, size=None", Fresh, floats),
    global("numpy.random.gamma", "shape, scale=1.0, size=None", Fresh, floats),
    global("numpy.random.beta", "a, b, size=None", Fresh, floats),
    global("numpy.random.laplace", "loc=0.0, scale=1.0, size=None", Fresh, floats),
    global(
        "numpy.random.lognormal",
        "mean=0.0, sigma=1.0, size=None",
        Fresh,
        floats,
    ),
    global("numpy.random.triangular", "left, mode, right, size=None", Fresh, floats),
    global("numpy.random.binomial", "n, p, size=None", Fresh, ints),
    global("numpy.random.poisson", "lam=1.0, size=None", Fresh, ints),
    global("numpy.random.geometric", "p, size=None", Fresh, ints),
    global(
        "numpy.random.choice",
        "a, size=None, replace=True, p=None",
        Fresh,
        choice,
    ),
    global("numpy.random.permutation", "x", Fresh, permutation),
    global("numpy.random.shuffle", "x", Plain, none).does(Does::DrawsAndChanges(0)),
    global(
        "numpy.random.multivariate_normal",
        "mean, cov, size=None, check_valid='warn', tol=1e-08",
        Fresh,
        unknown,
    ),
    global("numpy.random.get_state", "legacy=True", Fresh, unknown),
    global("numpy.random.set_state", "state", Plain, none),
    row("numpy.random.default_rng", Random, "seed=None", Fresh, |_| {
        ArgTy::Object("Generator")
    })
    .does(Does::Entropy),
    row("numpy.random.RandomState", Random, "seed=None", Fresh, |_| {
        ArgTy::Object("RandomState")
    })
    .does(Does::Entropy),
    drawn(
        "Generator.random",
        "self, size=None, dtype=np.float64, out=None",
        Fresh,
        generator_floats,
    ),
    drawn(
        "Generator.standard_normal",
        "self, size=None, dtype=np.float64, out=None",
        Fresh,
        generator_floats,
    ),
    drawn("Generator.normal", "self, loc=0.0, scale=1.0, size=None", Fresh, floats),
    drawn("Generator.uniform", "self, low=0.0, high=1.0, size=None", Fresh, floats),
    drawn("Generator.exponential", "self, scale=1.0, size=None", Fresh, floats),
    drawn(
        "Generator.standard_gamma",
        "self, shape, size=None, dtype=np.float64, out=None",
        Fresh,
        generator_floats,
    ),
    drawn(
        "Generator.standard_exponential",
        "self, size=None, dtype=np.float64, method='zig', out=None",
        Fresh,
        generator_exponential,
    ),
    drawn(
        "Generator.laplace",
        "self, loc=0.0, scale=1.0, size=None",
        Fresh,
        floats,
    ),
    drawn("Generator.geometric", "self, p, size=None", Fresh, ints),
    drawn("Generator.gamma", "self, shape, scale=1.0, size=None", Fresh, floats),
    drawn("Generator.beta", "self, a, b, size=None", Fresh, floats),
    drawn(
        "Generator.lognormal",
        "self, mean=0.0, sigma=1.0, size=None",
        Fresh,
        floats,
    ),
    drawn("Generator.poisson", "self, lam=1.0, size=None", Fresh, ints),
    drawn("Generator.binomial", "self, n, p, size=None", Fresh, ints),
    drawn(
        "Generator.integers",
        "self, low, high=None, size=None, dtype=np.int64, endpoint=False",
        Fresh,
        integers,
    ),
    drawn(
        "Generator.choice",
        "self, a, size=None, replace=True, p=None, axis=0, shuffle=True",
        Fresh,
        choice,
    ),
    drawn("Generator.permutation", "self, x, axis=0", Fresh, permutation),
    drawn("Generator.shuffle", "self, x, axis=0", Plain, none).does(Does::DrawsAndChanges(1)),
    drawn("RandomState.rand", "self, *args", Fresh, floats_of_dims),
    drawn("RandomState.randn", "self, *args", Fresh, floats_of_dims),
    drawn("RandomState.random", "self, size=None", Fresh, floats),
    drawn("RandomState.random_sample", "self, size=None", Fresh, floats),
    drawn(
        "RandomState.randint",
        "self, low, high=None, size=None, dtype=int",
        Fresh,
        randint,
    ),
    drawn(
        "RandomState.normal",
        "self, loc=0.0, scale=1.0, size=None",
        Fresh,
        floats,
    ),
    drawn(
        "RandomState.uniform",
        "self, low=0.0, high=1.0, size=None",
        Fresh,
        floats,
    ),
    drawn("RandomState.standard_normal", "self, size=None", Fresh, floats),
    drawn("RandomState.standard_exponential", "self, size=None", Fresh, floats),
    drawn(
        "RandomState.lognormal",
        "self, mean=0.0, sigma=1.0, size=None",
        Fresh,
        floats,
    ),
    drawn("RandomState.exponential", "self, scale=1.0, size=None", Fresh, floats),
    drawn("RandomState.poisson", "self, lam=1.0, size=None", Fresh, ints),
    drawn("RandomState.binomial", "self, n, p, size=None", Fresh, ints),
    drawn(
        "RandomState.choice",
        "self, a, size=None, replace=True, p=None",
        Fresh,
        choice,
    ),
    drawn("RandomState.permutation", "self, x", Fresh, permutation),
    drawn("RandomState.shuffle", "self, x", Plain, none).does(Does::DrawsAndChanges(1)),
    drawn("RandomState.seed", "self, seed=None", Plain, none),
    global("random.random", "", Plain, |_| ArgTy::FLOAT),
    global("random.uniform", "a, b", Plain, python_float),
    global("random.gauss", "mu=0.0, sigma=1.0", Plain, python_float),
    global("random.normalvariate", "mu=0.0, sigma=1.0", Plain, python_float),
    global("random.expovariate", "lambd=1.0", Plain, python_float),
    global("random.betavariate", "alpha, beta", Plain, python_float),
    global("random.triangular", "low=0.0, high=1.0, mode=None", Plain, triangular),
    global("random.randint", "a, b", Plain, |_| ArgTy::INT),
    global("random.randrange", "start, stop=None, step=1", Plain, |_| ArgTy::INT),
    global("random.getrandbits", "k, /", Plain, |_| ArgTy::INT),
    global("random.choice", "seq", MayView(0), |call| call.arg("seq").item()),
    global(
        "random.choices",
        "population, weights=None, *, cum_weights=None, k=1",
        Memory::Holds(0),
        unknown,
    ),
    global(
        "random.sample",
        "population, k, *, counts=None",
        Memory::Holds(0),
        unknown,
    ),
    global("random.shuffle", "x", Plain, none).does(Does::DrawsAndChanges(0)),
    global("random.seed", "a=None, version=2", Plain, none),
];

fn none(_: &Call<'_>) -> ArgTy {
    ArgTy::None
}

/// A float is computed from parameters of Python's; from NumPy's it is one of NumPy's.
fn python_float(call: &Call<'_>) -> ArgTy {
    let parameters = ["a", "b", "mu", "sigma", "lambd", "alpha", "beta", "low", "high", "mode"];
    let real = |ty: &ArgTy| {
        matches!(
            ty.scalar(),
            Some(ScalarTy::PyBool | ScalarTy::PyInt | ScalarTy::PyFloat)
        )
    };
    match parameters.into_iter().filter_map(|name| call.get(name)).all(real) {
        true => ArgTy::FLOAT,
        false => ArgTy::Unknown,
    }
}

/// Of equal bounds it is the lower one.
fn triangular(call: &Call<'_>) -> ArgTy {
    let is_float = |ty: &ArgTy| ty.scalar() == Some(ScalarTy::PyFloat);
    match call.get("mode") {
        Some(mode) if *mode != ArgTy::None && !call.get("low").is_some_and(is_float) => ArgTy::Unknown,
        _ => python_float(call),
    }
}

/// A number without a size, an array with one; parameters that are arrays give arrays too.
fn draws(call: &Call<'_>, number: ArgTy, dtype: Dtype) -> ArgTy {
    let parameters = [
        "loc", "scale", "low", "high", "shape", "a", "b", "n", "p", "lam", "mean", "sigma", "left",
    ];
    let numbers = parameters
        .into_iter()
        .filter_map(|name| call.get(name))
        .all(|ty| ty.scalar().is_some());
    match call.arg("size") {
        ArgTy::None if numbers => number,
        ArgTy::None | ArgTy::Unknown => ArgTy::Unknown,
        size => match size.shape_rank() {
            Some(ndim) => ArgTy::array(dtype, ndim),
            None => ArgTy::Unknown,
        },
    }
}

fn floats(call: &Call<'_>) -> ArgTy {
    draws(call, ArgTy::FLOAT, Dtype::F64)
}

fn ints(call: &Call<'_>) -> ArgTy {
    draws(call, ArgTy::INT, Dtype::I64)
}

fn generator_floats(call: &Call<'_>) -> ArgTy {
    match (call.get("dtype"), call.get("out")) {
        (None, None) => floats(call),
        _ => ArgTy::Unknown,
    }
}

fn generator_exponential(call: &Call<'_>) -> ArgTy {
    match call.get("method") {
        None => generator_floats(call),
        Some(_) => ArgTy::Unknown,
    }
}

/// A Python int only of the default dtype, which is 32 bits wide on Windows before NumPy 2.
fn randint(call: &Call<'_>) -> ArgTy {
    if call.get("dtype").is_some() {
        ArgTy::Unknown
    } else {
        ints(call)
    }
}

/// A generator's single integer is a NumPy scalar.
fn integers(call: &Call<'_>) -> ArgTy {
    match call.arg("dtype").named_dtype() {
        NamedDtype::Default => draws(call, ArgTy::Scalar(ScalarTy::Np(Dtype::I64)), Dtype::I64),
        NamedDtype::Is(_) | NamedDtype::Unknown => ArgTy::Unknown,
    }
}

fn floats_of_dims(call: &Call<'_>) -> ArgTy {
    match call.rest().count() {
        0 => ArgTy::FLOAT,
        ndim => ArgTy::array(Dtype::F64, ndim),
    }
}

/// Of a number it draws below that number, else from the first axis.
fn choice(call: &Call<'_>) -> ArgTy {
    let from = call.arg("a");
    let size = call.arg("size");
    match (from.is_integer(), size) {
        (true, ArgTy::None) => ArgTy::INT,
        (true, size) => size
            .shape_rank()
            .map_or(ArgTy::Unknown, |ndim| ArgTy::array(Dtype::I64, ndim)),
        (false, ArgTy::None) if from.ndim() == Some(1) => from
            .dtype()
            .map_or(ArgTy::Unknown, |dtype| ArgTy::array_or_scalar(dtype, Some(0))),
        (false, size) if from.ndim() == Some(1) => match (from.dtype(), size.shape_rank()) {
            (Some(dtype), Some(ndim)) => ArgTy::array(dtype, ndim),
            _ => ArgTy::Unknown,
        },
        (false, _) => ArgTy::Unknown,
    }
}

fn permutation(call: &Call<'_>) -> ArgTy {
    match call.arg("x") {
        // It becomes `arange(x)`, which of `uint64` counts in floats.
        ArgTy::Scalar(ScalarTy::Np(Dtype::U64)) => ArgTy::Unknown,
        x if x.is_integer() => ArgTy::array(Dtype::I64, 1),
        x if x.scalar().is_some() => ArgTy::Unknown,
        x => x.as_array(),
    }
}
