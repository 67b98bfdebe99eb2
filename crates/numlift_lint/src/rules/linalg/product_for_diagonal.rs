//! `np.diag(A @ B.T)`: of a product only the diagonal.

use numlift_source::syntax::NodeId;

use super::{is_matrix, is_transposed, product};
use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL402",
    name: "product-for-diagonal",
    summary: "the diagonal of a product of matrices",
    page: Page {
        what: "`np.diag`, `np.diagonal` or `.diagonal()` of a product of two matrices.",
        why: "The product has n² elements at the cost of n multiplications each, of which n elements are kept: \
              `np.einsum` computes just these. For matrices of 300 rows that is ten times faster, for larger ones more.",
        example: "import numpy as np\n\n\ndef f(A, B):\n    return np.diag(A @ B.T)\n",
        instead: "import numpy as np\n\n\ndef f(A, B):\n    return np.einsum(\"ij,ij->i\", A, B)\n",
        when_not: "The sums are added in another order. `np.diag` of a vector makes a matrix, so the rule looks for \
                   factors that are known to be matrices or are transposed. Where the matrices are small and it is not \
                   done often, the product reads better.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let (of, is_surely_diagonal) = if context.is_call_of(id, &["numpy.diag", "numpy.diagonal"]) {
        let Some(&[of]) = context.only_args(id) else { return };
        (of, !context.is_call_of(id, &["numpy.diag"]))
    } else {
        let Some(of) = context.method(id, "diagonal").filter(|_| context.callee(id).is_none()) else {
            return;
        };
        if context.only_args(id).is_none_or(|args| !args.is_empty()) {
            return;
        }
        (of, true)
    };
    let Some((left, right)) = product(context, of) else {
        return;
    };
    // Products of several dots may be of sparse matrices, whose diagonals are their own affair.
    let both = is_matrix(context, right) && (is_matrix(context, left) || !context.typed(left).is_array());
    if !(both || is_surely_diagonal && is_matrix(context, left)) {
        return;
    }
    let repair = context.spell("numpy.einsum", id).map(|einsum| {
        let transposed = transposed_of(context, right);
        let text = match transposed {
            Some(inner) => format!(
                "{einsum}(\"ij,ij->i\", {}, {})",
                context.argument(left),
                context.argument(inner)
            ),
            None => format!(
                "{einsum}(\"ij,ji->i\", {}, {})",
                context.argument(left),
                context.argument(right)
            ),
        };
        Repair::replace(id, text).changes("products are added in another order, and both have to be arrays of two axes")
    });
    context
        .find(id, "a product of matrices is computed for its diagonal")
        .label(of, "the product")
        .fix(repair);
}

/// `X` of `X.T`.
pub(super) fn transposed_of(context: &Context<'_>, id: NodeId) -> Option<NodeId> {
    match context.tree.kind(id) {
        numlift_source::syntax::Kind::Attribute { value, attr: "T" } if is_transposed(context, id) => Some(*value),
        _ => None,
    }
}
