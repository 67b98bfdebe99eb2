//! NL4: linear algebra by the wrong road.

pub mod chain_order;
pub mod inverse_times_vector;
pub mod matrix_class;
pub mod norm_by_hand;
pub mod product_for_diagonal;
pub mod product_for_trace;
pub mod sum_of_product;

use numlift_source::syntax::{Binary, Kind, NodeId};

use crate::context::Context;

/// The factors of `a @ b`, `np.dot(a, b)`, `np.matmul(a, b)` and `a.dot(b)`.
fn product(context: &Context<'_>, id: NodeId) -> Option<(NodeId, NodeId)> {
    match context.tree.kind(id) {
        Kind::Binary {
            op: Binary::MatMul,
            left,
            right,
        } => Some((*left, *right)),
        Kind::Call { .. } => match *context.only_args(id)? {
            [left, right] if context.is_call_of(id, &["numpy.dot", "numpy.matmul"]) => Some((left, right)),
            [right] => {
                let left = context.method(id, "dot")?;
                context.callee(id).is_none().then_some((left, right))
            }
            _ => None,
        },
        _ => None,
    }
}

/// `X.T`, `X.transpose()`, `np.transpose(X)`, `X.conj().T`: whoever writes that has a matrix.
fn is_transposed(context: &Context<'_>, id: NodeId) -> bool {
    match context.tree.kind(id) {
        Kind::Attribute { attr, .. } => *attr == "T" || *attr == "mT",
        Kind::Call { .. } => {
            let conjugated = context.method(id, "conj").or_else(|| context.method(id, "conjugate"));
            context.method(id, "transpose").is_some()
                || context.is_call_of(id, &["numpy.transpose"])
                || conjugated.is_some_and(|of| is_transposed(context, of))
        }
        _ => false,
    }
}

/// Whether it is a matrix, as far as can be told: an array of two axes, or something transposed.
fn is_matrix(context: &Context<'_>, id: NodeId) -> bool {
    let typed = context.typed(id);
    match typed.array() {
        Some((_, Some(ndim))) => ndim == 2,
        _ => is_transposed(context, id),
    }
}
