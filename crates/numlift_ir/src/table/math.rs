//! `math` and `time`.

use crate::scalar::{F, Flavour, ScalarTy, Typing, result};
use crate::table::FunctionKind::{Clock, Elementwise, Other, Reduction};
use crate::table::Memory::Plain;
use crate::table::arg::ArgTy;
use crate::table::creation::unknown;
use crate::table::{Call, Does, FunctionInfo, row};

const fn clock(name: &'static str, rule: fn(&Call<'_>) -> ArgTy) -> FunctionInfo {
    row(name, Clock, "", Plain, rule).does(Does::Clock)
}

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("math.log", Elementwise(F::Log), "x, base=None, /", Plain, log),
    row("math.fsum", Reduction, "seq, /", Plain, float),
    row("math.prod", Reduction, "iterable, /, *, start=1", Plain, unknown),
    row("math.sumprod", Reduction, "p, q, /", Plain, unknown),
    row("math.dist", Reduction, "p, q, /", Plain, float),
    row("math.hypot", Elementwise(F::Hypot), "*coordinates", Plain, floats),
    row("math.gcd", Elementwise(F::Gcd), "*integers", Plain, ints),
    row("math.lcm", Elementwise(F::Lcm), "*integers", Plain, ints),
    row(
        "math.isclose",
        Other,
        "a, b, *, rel_tol=1e-09, abs_tol=0.0",
        Plain,
        |_| ArgTy::BOOL,
    ),
    row("math.comb", Other, "n, k, /", Plain, int),
    row("math.perm", Other, "n, k=None, /", Plain, int),
    row("math.factorial", Other, "n, /", Plain, int),
    row("math.isqrt", Other, "n, /", Plain, int),
    row("math.ldexp", Other, "x, i, /", Plain, float),
    row("math.frexp", Other, "x, /", Plain, |_| {
        ArgTy::Tuple(vec![ArgTy::FLOAT, ArgTy::INT])
    }),
    row("math.modf", Other, "x, /", Plain, |_| {
        ArgTy::Tuple(vec![ArgTy::FLOAT, ArgTy::FLOAT])
    }),
    row("math.remainder", Other, "x, y, /", Plain, float),
    row("math.ulp", Other, "x, /", Plain, float),
    row("math.gamma", Other, "x, /", Plain, float),
    row("math.lgamma", Other, "x, /", Plain, float),
    row("math.erf", Other, "x, /", Plain, float),
    row("math.erfc", Other, "x, /", Plain, float),
    clock("time.time", float),
    clock("time.perf_counter", float),
    clock("time.monotonic", float),
    clock("time.process_time", float),
    clock("time.thread_time", float),
    clock("time.time_ns", int),
    clock("time.perf_counter_ns", int),
    clock("time.monotonic_ns", int),
    clock("time.process_time_ns", int),
    clock("timeit.default_timer", float),
    row("time.sleep", Clock, "seconds, /", Plain, |_| ArgTy::None).does(Does::Clock),
    row("time.ctime", Clock, "seconds=None, /", Plain, |_| ArgTy::Str(None)).does(Does::Clock),
    row("time.strftime", Clock, "format, t=None, /", Plain, |_| ArgTy::Str(None)).does(Does::Clock),
    row("time.localtime", Clock, "seconds=None, /", Plain, unknown).does(Does::Clock),
    row("time.gmtime", Clock, "seconds=None, /", Plain, unknown).does(Does::Clock),
    row("datetime.datetime.now", Clock, "tz=None", Plain, unknown).does(Does::Clock),
    row("datetime.datetime.today", Clock, "", Plain, unknown).does(Does::Clock),
    row("datetime.datetime.utcnow", Clock, "", Plain, unknown).does(Does::Clock),
    row("datetime.date.today", Clock, "", Plain, unknown).does(Does::Clock),
];

/// The row of a scalar function in `math`.
pub(super) fn row_of(f: F) -> FunctionInfo {
    let signature = if f.arity() == 1 { "x, /" } else { "x, y, /" };
    row(f.name(), Elementwise(f), signature, Plain, elementwise)
}

/// Numbers only: an array of one element would do too, but that is not to be relied on.
fn elementwise(call: &Call<'_>) -> ArgTy {
    let Elementwise(f) = call.info.kind else {
        return ArgTy::Unknown;
    };
    let operands = [call.get("x"), call.get("y")].into_iter().flatten();
    let Some(tys) = operands.map(ArgTy::scalar).collect::<Option<Vec<ScalarTy>>>() else {
        return ArgTy::Unknown;
    };
    match result(f, Flavour::Math, &tys) {
        Typing::Is(ty) => ArgTy::Scalar(ty),
        Typing::Either(..) | Typing::Error => ArgTy::Unknown,
    }
}

fn float(_: &Call<'_>) -> ArgTy {
    ArgTy::FLOAT
}

fn int(_: &Call<'_>) -> ArgTy {
    ArgTy::INT
}

fn log(call: &Call<'_>) -> ArgTy {
    let real = |ty: &ArgTy| ty.scalar().is_some_and(|ty| ty != ScalarTy::PyComplex);
    let base = call.get("base").is_none_or(real);
    if real(call.arg("x")) && base {
        ArgTy::FLOAT
    } else {
        ArgTy::Unknown
    }
}

fn floats(call: &Call<'_>) -> ArgTy {
    let real = |ty: &ArgTy| ty.scalar().is_some_and(|ty| ty != ScalarTy::PyComplex);
    if call.rest().all(real) {
        ArgTy::FLOAT
    } else {
        ArgTy::Unknown
    }
}

fn ints(call: &Call<'_>) -> ArgTy {
    if call.rest().all(ArgTy::is_integer) {
        ArgTy::INT
    } else {
        ArgTy::Unknown
    }
}
