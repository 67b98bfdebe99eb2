//! Short names for temporaries that the user gave none.

use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;

/// Python's keywords, soft ones aside.
const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
    "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
    "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// Whether a temporary may have this name at all.
pub(super) fn is_usable(name: &str) -> bool {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    starts
        && chars.all(|c| c.is_alphanumeric() || c == '_')
        && !KEYWORDS.contains(&name)
        && !crate::names::is_builtin(name)
}

/// What a value is, in a word.
pub(super) fn describe(func: &Function, value: ValueId) -> &'static str {
    let ty = func.ty(value).bound();
    let of_type = match ty {
        Ty::Array {
            dtype: numlift_ir::dtype::Dtype::Bool,
            ..
        } => "mask",
        Ty::Array { .. } | Ty::Tensor { .. } => "values",
        Ty::List(..) => "items",
        ty if ty.scalar_options().is_some() => "value",
        _ => "tmp",
    };
    let Some(op) = func.defining(value) else { return of_type };
    match &op.kind {
        Kind::Len { .. } => "n",
        Kind::Attr(name) if name == "shape" => "shape",
        Kind::Method { name, .. } => of_function(name).unwrap_or(of_type),
        Kind::Call { callee, .. } => callee.rsplit('.').next().and_then(of_function).unwrap_or(of_type),
        Kind::Item(number) if is_pair_of_indices(func, op.args[0]) => ["rows", "columns"][*number % 2],
        Kind::If | Kind::Select => "result",
        _ => of_type,
    }
}

/// `np.triu_indices(n)`
fn is_pair_of_indices(func: &Function, value: ValueId) -> bool {
    func.defining(value).is_some_and(|op| {
        matches!(&op.kind, Kind::Call { callee, .. }
            if matches!(callee.as_str(), "numpy.triu_indices" | "numpy.tril_indices"))
    })
}

fn of_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "sum" | "cumsum" => "total",
        "mean" => "mean",
        "std" => "std",
        "min" | "amin" => "lowest",
        "max" | "amax" => "highest",
        "argmin" | "argmax" => "best",
        "count_nonzero" => "count",
        "zeros" | "ones" | "empty" | "full" | "zeros_like" | "ones_like" | "empty_like" | "full_like" => "result",
        "dot" | "matmul" => "product",
        "arange" => "index",
        "flatnonzero" | "argsort" => "order",
        _ => return None,
    })
}
