//! `np.linalg.inv(A) @ b`: solving needs no inverse.

use numlift_source::syntax::{Binary, Kind, NodeId};

use super::product;
use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL401",
    name: "inverse-times-vector",
    summary: "`np.linalg.inv(A) @ b` where `np.linalg.solve(A, b)` does",
    page: Page {
        what: "A product whose left factor is a call of `np.linalg.inv` or `scipy.linalg.inv`.",
        why: "The inverse is the solution for every unit vector: three times the work of solving for one right-hand side, \
              and with larger errors where `A` is badly conditioned.",
        example: "import numpy as np\n\n\ndef f(A, b):\n    return np.linalg.inv(A) @ b\n",
        instead: "import numpy as np\n\n\ndef f(A, b):\n    return np.linalg.solve(A, b)\n",
        when_not: "Where the inverse is used again, keep it, or better a factorization (`scipy.linalg.lu_factor`, \
                   `cho_factor`). The result is rounded differently. Of stacks of matrices NumPy takes `b` for a matrix \
                   unless it has one axis.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Binary, Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some((left, right)) = product(context, id) else {
        return;
    };
    let Some(callee) = context.callee(left) else { return };
    let solve = match &*callee {
        "numpy.linalg.inv" => "numpy.linalg.solve",
        "scipy.linalg.inv" => "scipy.linalg.solve",
        _ => return,
    };
    let Some(&[matrix]) = context.only_args(left) else {
        return;
    };
    // `inv(A) @ B @ inv(A)` is a change of basis, for which there is no single right-hand side.
    let chained = match context.tree.parent(id).map(|parent| context.tree.kind(parent)) {
        Some(Kind::Binary {
            op: Binary::MatMul,
            left,
            right,
        }) if *left == id => Some(*right),
        _ => None,
    };
    let inverts = |part: NodeId| {
        context
            .tree
            .inside(part)
            .any(|inner| context.callee(inner) == Some(callee.clone()))
    };
    if inverts(right) || chained.is_some_and(inverts) {
        return;
    }
    // `inv(A) @ A` asks how good the inverse is.
    if context.tree.same(matrix, right) {
        return;
    }
    let repair = context.spell(solve, id).filter(|_| chained.is_none()).map(|name| {
        Repair::replace(
            id,
            format!("{name}({}, {})", context.argument(matrix), context.argument(right)),
        )
        .changes("the solution is rounded differently, and stacks of matrices take vectors as matrices")
    });
    context
        .find(id, "an inverse is computed to be multiplied with")
        .label(left, "the inverse")
        .fix(repair);
}
