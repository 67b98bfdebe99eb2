//! `A @ B @ v`: from the left, where the right is cheaper.

use numlift_source::syntax::{Binary, Kind, NodeId};

use super::is_matrix;
use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL404",
    name: "chain-order",
    summary: "`A @ B @ v` where `A @ (B @ v)` does",
    page: Page {
        what: "A chain of `@` that ends in a vector and begins with two matrices.",
        why: "`@` works from the left, so two matrices are multiplied (n³ operations) and the product with the vector \
              (n²): from the right it is n² twice.",
        example: "import numpy as np\n\n\ndef f(n: int):\n    A = np.eye(n)\n    B = np.ones((n, n))\n    v = np.ones(n)\n    \
                  return A @ B @ v\n",
        instead: "import numpy as np\n\n\ndef f(n: int):\n    A = np.eye(n)\n    B = np.ones((n, n))\n    v = np.ones(n)\n    \
                  return A @ (B @ v)\n",
        when_not: "The result is rounded differently. Where `A @ B` is needed anyway, or the matrices are a few rows \
                   large, nothing is gained.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Binary],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let factors = |id: NodeId| match *tree.kind(id) {
        Kind::Binary {
            op: Binary::MatMul,
            left,
            right,
        } => Some((left, right)),
        _ => None,
    };
    let Some((product, vector)) = factors(id) else { return };
    let Some((first, second)) = factors(product) else {
        return;
    };
    let is_column = context.typed(vector).has_rank(1);
    if !is_column || !is_matrix(context, first) && factors(first).is_none() || !is_matrix(context, second) {
        return;
    }
    // `(A @ B) @ v` in parentheses says that it is meant.
    let between = &tree.source()[tree.node(product).end as usize..tree.node(vector).start as usize];
    if between.contains(')') {
        return;
    }
    let text = format!(
        "{} @ ({} @ {})",
        tree.text(first),
        context.operand(second),
        context.operand(vector)
    );
    let repair = Repair::replace(id, text).changes("the result is rounded differently");
    context
        .find(id, "two matrices are multiplied before the product meets the vector")
        .label(vector, "a vector")
        .fix(Some(repair));
}
