//! `np.trace(A @ B)`: of a product only the trace.

use numlift_source::syntax::NodeId;

use super::product;
use super::product_for_diagonal::transposed_of;
use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL403",
    name: "product-for-trace",
    summary: "the trace of a product of matrices",
    page: Page {
        what: "`np.trace` or `.trace()` of a product of two matrices.",
        why: "The trace is the sum of the products of all pairs of elements, n² multiplications; the product of the \
              matrices takes n³.",
        example: "import numpy as np\n\n\ndef f(A, B):\n    return np.trace(A @ B)\n",
        instead: "import numpy as np\n\n\ndef f(A, B):\n    return np.einsum(\"ij,ji->\", A, B)\n",
        when_not: "The sum is added in another order. `np.sum(A * B.T)` does the same with a temporary.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let of = if context.is_call_of(id, &["numpy.trace"]) {
        let Some(&[of]) = context.only_args(id) else { return };
        of
    } else {
        let Some(of) = context.method(id, "trace").filter(|_| context.callee(id).is_none()) else {
            return;
        };
        if context.only_args(id).is_none_or(|args| !args.is_empty()) {
            return;
        }
        of
    };
    let Some((left, right)) = product(context, of) else {
        return;
    };
    let repair = context.spell("numpy.einsum", id).map(|einsum| {
        let text = match transposed_of(context, right) {
            Some(inner) => format!(
                "{einsum}(\"ij,ij->\", {}, {})",
                context.argument(left),
                context.argument(inner)
            ),
            None => format!(
                "{einsum}(\"ij,ji->\", {}, {})",
                context.argument(left),
                context.argument(right)
            ),
        };
        Repair::replace(id, text).changes("products are added in another order, and both have to be arrays of two axes")
    });
    context
        .find(id, "a product of matrices is computed for its trace")
        .label(of, "the product")
        .fix(repair);
}
