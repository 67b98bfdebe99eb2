//! Python's builtin functions.

use crate::scalar::{F, Flavour, ScalarTy, Typing, result};
use crate::table::FunctionKind::{Conversion, Elementwise, Io, Iteration, Other, Reduction, Search};
use crate::table::Memory::{Fresh, Holds, MayView, MayViewAny, Plain};
use crate::table::arg::ArgTy;
use crate::table::creation::unknown;
use crate::table::{Call, Does, FunctionInfo, row};

pub(super) const FUNCTIONS: &[FunctionInfo] = &[
    row("builtins.len", Reduction, "obj, /", Plain, |_| ArgTy::INT),
    row("builtins.range", Iteration, "*args", Fresh, range),
    row(
        "builtins.enumerate",
        Iteration,
        "iterable, start=0",
        Holds(0),
        enumerate,
    ),
    row("builtins.zip", Iteration, "*iterables, strict=False", MayViewAny, zip),
    row("builtins.reversed", Iteration, "object, /", Holds(0), iterator),
    row("builtins.iter", Iteration, "object, /", Holds(0), iterator),
    row("builtins.map", Iteration, "func, /, *iterables", MayViewAny, unknown).does(Does::World),
    row("builtins.filter", Iteration, "function, iterable, /", Holds(1), unknown).does(Does::World),
    row(
        "builtins.next",
        Iteration,
        "iterator, default=None, /",
        MayViewAny,
        unknown,
    )
    .does(Does::Changes(0)),
    row("builtins.list", Conversion, "iterable=(), /", Holds(0), list),
    row("builtins.tuple", Conversion, "iterable=(), /", Holds(0), tuple),
    row(
        "builtins.sorted",
        Search,
        "iterable, /, *, key=None, reverse=False",
        Holds(0),
        sorted,
    ),
    row("builtins.set", Conversion, "iterable=(), /", Holds(0), unknown),
    row("builtins.dict", Conversion, "*args, **kwargs", MayViewAny, unknown),
    row("builtins.sum", Reduction, "iterable, /, start=0", Fresh, sum),
    row(
        "builtins.min",
        Reduction,
        "*args, key=None, default=None",
        MayViewAny,
        least,
    ),
    row(
        "builtins.max",
        Reduction,
        "*args, key=None, default=None",
        MayViewAny,
        least,
    ),
    row("builtins.any", Reduction, "iterable, /", Plain, |_| ArgTy::BOOL),
    row("builtins.all", Reduction, "iterable, /", Plain, |_| ArgTy::BOOL),
    row("builtins.abs", Elementwise(F::Abs), "x, /", Fresh, abs),
    row(
        "builtins.round",
        Elementwise(F::Round),
        "number, ndigits=None",
        Fresh,
        round,
    ),
    row("builtins.pow", Elementwise(F::Pow), "base, exp, mod=None", Fresh, pow),
    row("builtins.divmod", Other, "x, y, /", Fresh, divmod),
    row("builtins.int", Elementwise(F::ToInt), "x=0, /, base=10", Plain, |_| {
        ArgTy::INT
    }),
    row("builtins.float", Elementwise(F::ToFloat), "x=0, /", Plain, |_| {
        ArgTy::FLOAT
    }),
    row("builtins.bool", Elementwise(F::ToBool), "x=False, /", Plain, |_| {
        ArgTy::BOOL
    }),
    row(
        "builtins.complex",
        Elementwise(F::ToComplex),
        "real=0, imag=0",
        Plain,
        |_| ArgTy::Scalar(ScalarTy::PyComplex),
    ),
    row(
        "builtins.str",
        Conversion,
        "object='', encoding='utf-8', errors='strict'",
        Plain,
        |_| ArgTy::Str(None),
    ),
    row("builtins.repr", Conversion, "obj, /", Plain, |_| ArgTy::Str(None)),
    row("builtins.format", Conversion, "value, format_spec='', /", Plain, |_| {
        ArgTy::Str(None)
    }),
    row("builtins.chr", Conversion, "i, /", Plain, |_| ArgTy::Str(None)),
    row("builtins.ord", Conversion, "c, /", Plain, |_| ArgTy::INT),
    row("builtins.hash", Other, "obj, /", Plain, |_| ArgTy::INT),
    row("builtins.id", Other, "obj, /", Plain, |_| ArgTy::INT),
    row("builtins.isinstance", Other, "obj, class_or_tuple, /", Plain, |_| {
        ArgTy::BOOL
    }),
    row("builtins.issubclass", Other, "cls, class_or_tuple, /", Plain, |_| {
        ArgTy::BOOL
    }),
    row("builtins.callable", Other, "obj, /", Plain, |_| ArgTy::BOOL),
    row("builtins.type", Other, "object, /", Plain, unknown),
    row("builtins.slice", Other, "*args", Plain, unknown),
    row(
        "builtins.print",
        Io,
        "*args, sep=' ', end='\\n', file=None, flush=False",
        Plain,
        |_| ArgTy::None,
    )
    .does(Does::Prints),
    row("builtins.input", Io, "prompt='', /", Plain, |_| ArgTy::Str(None)).does(Does::World),
    row(
        "builtins.open",
        Io,
        "file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None",
        MayView(0),
        unknown,
    )
    .does(Does::World),
];

/// The row of a scalar function's builtin; the lines above say more of each.
pub(super) fn row_of(f: F) -> FunctionInfo {
    row(f.name(), Elementwise(f), "*args", Fresh, unknown)
}

fn range(call: &Call<'_>) -> ArgTy {
    if call.rest().all(ArgTy::is_integer) {
        ArgTy::Range
    } else {
        ArgTy::Unknown
    }
}

fn iterator_of(item: ArgTy) -> ArgTy {
    match item {
        ArgTy::Unknown => ArgTy::Unknown,
        item => ArgTy::Iter(Box::new(item)),
    }
}

fn iterator(call: &Call<'_>) -> ArgTy {
    iterator_of(call.arg("object").item().forget_value())
}

fn enumerate(call: &Call<'_>) -> ArgTy {
    match call.arg("iterable").item().forget_value() {
        ArgTy::Unknown => ArgTy::Unknown,
        item => iterator_of(ArgTy::Tuple(vec![ArgTy::INT, item])),
    }
}

fn zip(call: &Call<'_>) -> ArgTy {
    let items: Vec<ArgTy> = call.rest().map(|each| each.item().forget_value()).collect();
    if items.is_empty() || items.contains(&ArgTy::Unknown) {
        ArgTy::Unknown
    } else {
        iterator_of(ArgTy::Tuple(items))
    }
}

fn length(of: &ArgTy) -> Option<usize> {
    match of {
        ArgTy::List(_, length) => *length,
        ArgTy::Tuple(items) => Some(items.len()),
        _ => None,
    }
}

fn list(call: &Call<'_>) -> ArgTy {
    match call.arg("iterable").item().forget_value() {
        ArgTy::Unknown => ArgTy::Unknown,
        item => ArgTy::List(Box::new(item), length(call.arg("iterable"))),
    }
}

fn sorted(call: &Call<'_>) -> ArgTy {
    list(call)
}

fn tuple(call: &Call<'_>) -> ArgTy {
    match call.arg("iterable") {
        ArgTy::Tuple(items) => ArgTy::Tuple(items.clone()),
        iterable => match (iterable.item().forget_value(), length(iterable)) {
            (ArgTy::Unknown, _) => ArgTy::Unknown,
            (item, Some(length)) => ArgTy::Tuple(vec![item; length]),
            (item, None) => ArgTy::TupleOf(Box::new(item)),
        },
    }
}

/// An operator or builtin on two numbers, in whatever flavour they are.
fn on_numbers(f: F, operands: &[&ArgTy]) -> ArgTy {
    let Some(tys) = operands.iter().map(|ty| ty.scalar()).collect::<Option<Vec<_>>>() else {
        return ArgTy::Unknown;
    };
    let flavour = if tys.iter().all(|ty| ty.is_python()) {
        Flavour::Py
    } else {
        Flavour::NpScalar
    };
    match result(f, flavour, &tys) {
        Typing::Is(ty) => ArgTy::Scalar(ty),
        Typing::Either(..) | Typing::Error => ArgTy::Unknown,
    }
}

/// What `0 + x + x + …` is: the start where there are no items, so the types must agree.
fn sum(call: &Call<'_>) -> ArgTy {
    let item = call.arg("iterable").item().forget_value();
    let start = call.get("start").cloned().unwrap_or(ArgTy::INT).forget_value();
    let first = on_numbers(F::Add, &[&start, &item]);
    let more = on_numbers(F::Add, &[&first, &item]);
    let empty = length(call.arg("iterable")).is_none_or(|length| length == 0);
    match empty && start != first || first != more {
        true => ArgTy::Unknown,
        false => first,
    }
}

/// One of the items.
fn least(call: &Call<'_>) -> ArgTy {
    if *call.arg("default") != ArgTy::None {
        return ArgTy::Unknown;
    }
    let given: Vec<&ArgTy> = call.rest().collect();
    match given.as_slice() {
        [] => ArgTy::Unknown,
        [items] => items.item().forget_value(),
        [first, others @ ..] => others
            .iter()
            .fold((*first).clone(), |joined, other| joined.join(other))
            .forget_value(),
    }
}

fn abs(call: &Call<'_>) -> ArgTy {
    match call.arg("x") {
        array @ ArgTy::Array { .. } => crate::table::ufunc::result(F::Abs, &[array]),
        number => on_numbers(F::Abs, &[number]),
    }
}

fn round(call: &Call<'_>) -> ArgTy {
    match (call.arg("number"), call.arg("ndigits")) {
        (number, ArgTy::None) => on_numbers(F::Round, &[number]),
        (number, _) => match number.scalar() {
            Some(ScalarTy::PyBool | ScalarTy::PyInt) => ArgTy::INT,
            Some(ScalarTy::PyFloat) => ArgTy::FLOAT,
            _ => ArgTy::Unknown,
        },
    }
}

fn pow(call: &Call<'_>) -> ArgTy {
    match call.arg("mod") {
        ArgTy::None => on_numbers(F::Pow, &[call.arg("base"), call.arg("exp")]),
        _ => ArgTy::Unknown,
    }
}

fn divmod(call: &Call<'_>) -> ArgTy {
    let operands = [call.arg("x"), call.arg("y")];
    match (on_numbers(F::FloorDiv, &operands), on_numbers(F::Mod, &operands)) {
        (ArgTy::Unknown, _) | (_, ArgTy::Unknown) => ArgTy::Unknown,
        (quotient, remainder) => ArgTy::Tuple(vec![quotient, remainder]),
    }
}
