//! What a test says of the variables in it.
//!
//! ```text
//! assert x.ndim == 2                   x has two axes
//! if isinstance(x, np.ndarray): …      x is an array in there (of a subclass, perhaps)
//! if x.ndim != 1: raise …              x has one axis behind it
//! ```

use numlift_ir::table::ArgTy;

use super::flow::Infer;
use super::{Trust, Type, Typed};
use crate::syntax::{Comparison, Kind, NodeId, Unary};

/// Types of variables where the test came out as `holds`.
pub(super) fn facts<'s>(infer: &Infer<'_, 's>, test: NodeId, holds: bool) -> Vec<(&'s str, Typed)> {
    match infer.tree.kind(test) {
        Kind::Unary {
            op: Unary::Not,
            operand,
        } => facts(infer, *operand, !holds),
        Kind::Logic { is_and, values } if *is_and == holds => {
            values.iter().flat_map(|value| facts(infer, *value, holds)).collect()
        }
        Kind::Compare { left, rest } => match rest[..] {
            [(Comparison::Equal, right)] if holds => rank(infer, *left, right),
            [(Comparison::NotEqual, right)] if !holds => rank(infer, *left, right),
            _ => Vec::new(),
        },
        Kind::Call { callee, args, keywords } if holds && keywords.is_empty() => match args[..] {
            [of, class] if infer.qualified(*callee).as_deref() == Some("builtins.isinstance") => {
                instance(infer, of, class)
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// `x.ndim == 2`, `len(x.shape) == 2`
fn rank<'s>(infer: &Infer<'_, 's>, left: NodeId, right: NodeId) -> Vec<(&'s str, Typed)> {
    let tree = infer.tree;
    let Some(ndim) = tree.int(right).and_then(|ndim| usize::try_from(ndim).ok()) else {
        return Vec::new();
    };
    let array = match tree.kind(left) {
        Kind::Attribute { value, attr: "ndim" } => Some(*value),
        Kind::Call { callee, args, .. } if tree.name(*callee) == Some("len") => match args[..] {
            [shape] => match tree.kind(shape) {
                Kind::Attribute { value, attr: "shape" } => Some(*value),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    let Some(name) = array.and_then(|array| tree.name(array)) else {
        return Vec::new();
    };
    let typed = infer.variable(name);
    match typed.ty {
        Type::Array { dtype, .. } => vec![(
            name,
            Typed {
                ty: Type::Array {
                    dtype,
                    ndim: Some(ndim),
                },
                trust: typed.trust,
            },
        )],
        Type::Unknown | Type::Plain(_) | Type::Other => Vec::new(),
    }
}

fn instance<'s>(infer: &Infer<'_, 's>, of: NodeId, class: NodeId) -> Vec<(&'s str, Typed)> {
    let Some(name) = infer.tree.name(of) else {
        return Vec::new();
    };
    let ty = match infer.qualified(class).as_deref() {
        Some("numpy.ndarray") => Type::Array {
            dtype: None,
            ndim: None,
        },
        Some("builtins.list") => Type::Plain(ArgTy::List(Box::new(ArgTy::Unknown), None)),
        Some("builtins.dict" | "builtins.set" | "builtins.str") => Type::Other,
        _ => return Vec::new(),
    };
    // What is known already says more.
    match infer.variable(name).ty {
        Type::Unknown => vec![(
            name,
            Typed {
                ty,
                trust: Trust::Declared,
            },
        )],
        Type::Array { .. } | Type::Plain(_) | Type::Other => Vec::new(),
    }
}
