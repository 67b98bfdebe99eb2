//! NL1: Python loops over elements.

pub mod array_of_comprehension;
pub mod function_along_axis;
pub mod list_of_elements;
pub mod loop_over_elements;
pub mod vectorized_function;

use numlift_ir::scalar::F;
use numlift_source::syntax::{Kind, NodeId};

use crate::context::Context;

/// Whether an expression has the same meaning for arrays in the place of the numbers in it: arithmetic, comparisons and
/// functions that NumPy has for elements, of names and numbers and of elements of arrays.
fn is_elementwise(context: &Context<'_>, id: NodeId) -> bool {
    let tree = context.tree;
    match tree.kind(id) {
        Kind::Name(_) | Kind::Int(_) | Kind::Float(_) => true,
        Kind::Binary { op, left, right } => {
            *op != numlift_source::syntax::Binary::MatMul
                && is_elementwise(context, *left)
                && is_elementwise(context, *right)
        }
        Kind::Unary { op, operand } => *op != numlift_source::syntax::Unary::Not && is_elementwise(context, *operand),
        Kind::Subscript { value, index } => {
            context.typed(*value).is_array() && tree.name(*value).is_some() && is_elementwise(context, *index)
        }
        Kind::Call { args, .. } => {
            let of = context.callee(id);
            let is_known = of.as_deref().is_some_and(|name| match name.split_once('.') {
                Some(("numpy", name)) => F::from_numpy(name).is_some(),
                Some(("math", name)) => F::from_math(name).is_some_and(|f| f.info().numpy.is_some()),
                _ => name == "builtins.abs",
            });
            is_known && context.only_args(id).is_some() && args.iter().all(|arg| is_elementwise(context, *arg))
        }
        _ => false,
    }
}

/// Names outside of subscripts are numbers.
fn are_numbers(context: &Context<'_>, value: NodeId) -> bool {
    let tree = context.tree;
    tree.inside(value).all(|part| match tree.kind(part) {
        Kind::Name(_) => {
            let Some(parent) = tree.parent(part) else { return false };
            match tree.kind(parent) {
                Kind::Subscript { value, .. } if *value == part => context.typed(part).has_rank(1),
                Kind::Attribute { .. } => true,
                Kind::Call { callee, .. } if *callee == part => true,
                _ => context.typed(part).scalar().is_some(),
            }
        }
        _ => true,
    })
}
