//! What calls of known functions and methods do besides returning a value.
//!
//! A function that is not known here does anything: [`Effect::World`].

use crate::op::Effect;

/// Functions of `numpy` that compute a fresh value from their arguments.
const FRESH: [&str; 60] = [
    "all", "amax", "amin", "any", "append", "arange", "argmax", "argmin", "argsort", "argwhere", "array", "average",
    "bincount", "clip", "column_stack", "concatenate", "convolve", "copy", "count_nonzero", "cross", "cumprod",
    "cumsum", "diff", "dot", "einsum", "empty", "empty_like", "eye", "flatnonzero", "fromiter", "full", "full_like",
    "hstack", "identity", "inner", "interp", "isclose", "linspace", "logspace", "matmul", "max", "mean", "median",
    "min", "nonzero", "ones", "ones_like", "outer", "prod", "repeat", "roll", "searchsorted", "sort", "stack", "std",
    "sum", "take", "tile", "trace", "unique",
];

/// More of them, and those that return a scalar or a list.
const FRESH_REST: [&str; 10] =
    ["var", "vstack", "where", "zeros", "zeros_like", "linalg.norm", "tensordot", "cov", "histogram", "ptp"];

/// Functions of `numpy` that may return a view of their argument.
const VIEWS: [&str; 12] = [
    "asarray", "ascontiguousarray", "atleast_1d", "atleast_2d", "broadcast_to", "expand_dims", "ravel", "reshape",
    "squeeze", "swapaxes", "transpose", "moveaxis",
];

/// Builtins that only compute.
const BUILTINS: [&str; 13] = [
    "all", "any", "bool", "complex", "divmod", "list", "max", "min", "pow", "range", "sorted", "sum", "tuple",
];

/// Methods that compute a fresh value.
const FRESH_METHODS: [&str; 23] = [
    "all", "any", "argmax", "argmin", "argsort", "astype", "clip", "copy", "cumprod", "cumsum", "dot", "flatten",
    "item", "max", "mean", "min", "nonzero", "prod", "repeat", "round", "std", "sum", "tolist",
];

/// Methods that may return a view.
const VIEW_METHODS: [&str; 7] = ["ravel", "reshape", "squeeze", "swapaxes", "trace", "transpose", "view"];

/// Methods that change their object.
const WRITING_METHODS: [&str; 10] =
    ["clear", "extend", "fill", "insert", "pop", "put", "remove", "reverse", "sort", "itemset"];

/// Methods of random generators.
const DRAWING_METHODS: [&str; 22] = [
    "beta", "binomial", "choice", "exponential", "gamma", "geometric", "integers", "laplace", "logistic", "lognormal",
    "normal", "permutation", "poisson", "rand", "randint", "randn", "random", "random_sample", "shuffle",
    "standard_normal", "triangular", "uniform",
];

/// What a call of a function may do.
pub fn call_effect(callee: &str) -> Effect {
    match callee.split_once('.') {
        Some(("numpy", name)) if name.starts_with("random.") => Effect::Draws,
        Some(("random", _)) => Effect::Draws,
        Some(("numpy", name)) if is_fresh(name) || VIEWS.contains(&name) => Effect::Reads,
        Some(("builtins", name)) if BUILTINS.contains(&name) => Effect::Reads,
        Some(("math", _)) => Effect::Reads,
        _ => Effect::World,
    }
}

/// What a method may do.
pub fn method_effect(name: &str) -> Effect {
    if FRESH_METHODS.contains(&name) || VIEW_METHODS.contains(&name) || name == "var" {
        Effect::Reads
    } else if WRITING_METHODS.contains(&name) {
        Effect::Writes
    } else if DRAWING_METHODS.contains(&name) {
        Effect::Draws
    } else {
        Effect::World
    }
}

fn is_fresh(name: &str) -> bool {
    FRESH.contains(&name) || FRESH_REST.contains(&name)
}

/// Whether a function returns memory that nobody else knows.
pub fn is_fresh_call(callee: &str) -> bool {
    match callee.split_once('.') {
        Some(("numpy", name)) => is_fresh(name),
        Some(("builtins", name)) => matches!(name, "list" | "sorted"),
        _ => false,
    }
}

/// Whether a method returns memory that nobody else knows.
pub fn is_fresh_method(name: &str) -> bool {
    FRESH_METHODS.contains(&name) || DRAWING_METHODS.contains(&name)
}

/// Whether a method of a list changes its length.
pub fn changes_length(name: &str) -> bool {
    matches!(name, "append" | "clear" | "extend" | "insert" | "pop" | "remove")
}
