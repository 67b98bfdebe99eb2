//! Types that are said and not checked: annotations and docstrings.
//!
//! ```text
//! x: np.ndarray                                an array
//! x: npt.NDArray[np.float64]                   of float64
//! x: np.ndarray[tuple[int, int], np.dtype[np.int8]]    of int8, of two axes
//! x: Float64[np.ndarray, "rows columns"]       of float64, of two axes (jaxtyping)
//!
//! Parameters                                   a docstring in NumPy's style: perhaps
//! ----------
//! x : ndarray of shape (n, m)
//! ```
//!
//! `float` says nothing, since ints are passed for it, and neither does `array_like`.

use std::collections::BTreeMap;

use numlift_ir::dtype::Dtype;

use super::{Trust, Type, Typed};
use crate::names::Names;
use crate::syntax::{Kind, NodeId, Tree};

/// The dtype that a qualified name stands for where a dtype is wanted.
pub(super) fn dtype_of_name(qualified: &str) -> Option<Dtype> {
    match qualified {
        "builtins.float" => Some(Dtype::F64),
        "builtins.int" => Some(Dtype::I64),
        "builtins.bool" => Some(Dtype::Bool),
        "builtins.complex" => Some(Dtype::C128),
        _ => qualified.strip_prefix("numpy.").and_then(Dtype::from_attribute),
    }
}

pub(super) fn annotation(tree: &Tree<'_>, names: &Names, id: NodeId) -> Typed {
    let ty = annotated(tree, names, id);
    Typed {
        ty,
        trust: Trust::Declared,
    }
}

fn annotated(tree: &Tree<'_>, names: &Names, id: NodeId) -> Type {
    let any = Type::Array {
        dtype: None,
        ndim: None,
    };
    match tree.kind(id) {
        Kind::Name(_) | Kind::Attribute { .. } => match qualified(tree, names, id).as_deref() {
            Some("numpy.ndarray" | "numpy.typing.NDArray") => any,
            Some("builtins.int") => Type::INT,
            Some("builtins.list" | "typing.List") => Type::list(),
            Some("builtins.dict" | "builtins.set" | "builtins.str" | "typing.Dict" | "typing.Callable") => Type::Other,
            _ => Type::Unknown,
        },
        Kind::Subscript { value, index } => {
            let of = qualified(tree, names, *value);
            let dtype_named = |id: NodeId| qualified(tree, names, id).as_deref().and_then(dtype_of_name);
            match of.as_deref() {
                Some("numpy.typing.NDArray") => Type::Array {
                    dtype: dtype_named(*index),
                    ndim: None,
                },
                Some("numpy.ndarray") => {
                    let Kind::Tuple(parts) = tree.kind(*index) else {
                        return any;
                    };
                    let rank = parts.first().and_then(|shape| rank_of_tuple(tree, *shape));
                    let dtype = parts.get(1).and_then(|dtype| match tree.kind(*dtype) {
                        Kind::Subscript { index, .. } => dtype_named(*index),
                        _ => None,
                    });
                    Type::Array { dtype, ndim: rank }
                }
                Some("builtins.list" | "typing.List") => Type::list(),
                Some("builtins.dict" | "builtins.set" | "typing.Dict" | "typing.Callable") => Type::Other,
                Some(name) => match name.strip_prefix("jaxtyping.") {
                    Some(kind) => jaxtyped(tree, names, kind, *index),
                    None => Type::Unknown,
                },
                None => Type::Unknown,
            }
        }
        _ => Type::Unknown,
    }
}

/// `tuple[int, int]`
fn rank_of_tuple(tree: &Tree<'_>, id: NodeId) -> Option<usize> {
    let Kind::Subscript { index, .. } = tree.kind(id) else {
        return None;
    };
    match tree.kind(*index) {
        Kind::Tuple(parts) => {
            let open = parts
                .iter()
                .any(|part| matches!(tree.kind(*part), Kind::Ellipsis | Kind::Starred(_)));
            (!open).then_some(parts.len())
        }
        _ => Some(1),
    }
}

/// `Float[np.ndarray, "n m"]`
fn jaxtyped(tree: &Tree<'_>, names: &Names, kind: &str, index: NodeId) -> Type {
    let Kind::Tuple(parts) = tree.kind(index) else {
        return Type::Unknown;
    };
    let [of, axes] = parts[..] else { return Type::Unknown };
    // Arrays of other libraries are annotated in the same way.
    if qualified(tree, names, of).as_deref() != Some("numpy.ndarray") {
        return Type::Unknown;
    }
    let ndim = match tree.kind(axes) {
        Kind::Str(text) if !text.contains("...") && !text.contains('*') => Some(text.split_whitespace().count()),
        _ => None,
    };
    let dtype =
        Dtype::from_attribute(&kind.to_lowercase()).filter(|_| kind.ends_with(|letter: char| letter.is_ascii_digit()));
    Type::Array { dtype, ndim }
}

fn qualified(tree: &Tree<'_>, names: &Names, id: NodeId) -> Option<String> {
    let mut attrs = Vec::new();
    let mut current = id;
    while let Kind::Attribute { value, attr } = tree.kind(current) {
        attrs.push(*attr);
        current = *value;
    }
    tree.name(current)?;
    attrs.reverse();
    names.qualified_chain(tree.node(current).start, &attrs)
}

/// What a docstring in NumPy's style says of parameters.
pub(super) fn docstring(tree: &Tree<'_>, body: &[NodeId]) -> BTreeMap<String, Typed> {
    let mut said = BTreeMap::new();
    let text = body.first().and_then(|first| match tree.kind(*first) {
        Kind::Expr(value) => match tree.kind(*value) {
            Kind::Str(text) => Some(&**text),
            _ => None,
        },
        _ => None,
    });
    let Some(text) = text.filter(|text| text.contains("array")) else {
        return said;
    };
    let mut lines = text.lines().peekable();
    let mut in_parameters = false;
    while let Some(line) = lines.next() {
        let underlined = lines.peek().is_some_and(|next| {
            let next = next.trim();
            next.len() >= 3 && next.chars().all(|letter| letter == '-')
        });
        if underlined {
            in_parameters = line.trim() == "Parameters" || line.trim() == "Other Parameters";
            continue;
        }
        if !in_parameters {
            continue;
        }
        let Some((words, ty)) = line.split_once(" : ") else {
            continue;
        };
        let Some(ty) = described(ty.trim()) else { continue };
        for name in words.split(',').map(str::trim) {
            said.insert(
                name.to_owned(),
                Typed {
                    ty: ty.clone(),
                    trust: Trust::Perhaps,
                },
            );
        }
    }
    said
}

/// `ndarray of shape (n, m)`, `(n,) ndarray`; not `array_like`, and nothing with a choice.
fn described(text: &str) -> Option<Type> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-')
        .collect();
    let is_array = words.contains(&"ndarray");
    let open = [
        "or",
        "none",
        "sparse",
        "like",
        "array_like",
        "array-like",
        "list",
        "optional",
        "scalar",
        "dataframe",
        "matrix",
    ];
    if !is_array || words.iter().any(|word| open.contains(word)) || lower.contains('{') || lower.contains('|') {
        return None;
    }
    let shape = lower
        .split_once('(')
        .and_then(|(_, rest)| rest.split_once(')'))
        .map(|(shape, _)| shape);
    let ndim = shape.filter(|shape| !shape.contains("...")).and_then(|shape| {
        let axes = shape.split(',').map(str::trim).filter(|axis| !axis.is_empty()).count();
        (axes > 0).then_some(axes)
    });
    Some(Type::Array { dtype: None, ndim })
}
