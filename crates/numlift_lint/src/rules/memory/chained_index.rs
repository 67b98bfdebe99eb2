//! `A[i][j]`: a view for each element.

use numlift_ir::dtype::Dtype;
use numlift_source::syntax::{Kind, NodeId};

use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL207",
    name: "chained-index",
    summary: "`A[i][j]` of an array where `A[i, j]` does",
    page: Page {
        what: "A subscript of a subscript of an array of several axes, where the first one is an int.",
        why: "`A[i]` makes a view, an object of its own, only to be subscripted again: half as much time again for each \
              element.",
        example: "import numpy as np\n\n\ndef f(n: int):\n    A = np.zeros((n, n))\n    for i in range(n):\n        \
                  A[i][0] = i\n    return A\n",
        instead: "import numpy as np\n\n\ndef f(n: int):\n    A = np.zeros((n, n))\n    for i in range(n):\n        \
                  A[i, 0] = i\n    return A\n",
        when_not: "Never for arrays of numbers; lists of lists have no `A[i, j]`, and the rule looks only at arrays.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Subscript, Shape::Target],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::Subscript {
        value: row,
        index: second,
    } = *tree.kind(id)
    else {
        return;
    };
    let Kind::Subscript {
        value: array,
        index: first,
    } = *tree.kind(row)
    else {
        return;
    };
    let typed = context.typed(array);
    let Some((dtype, ndim)) = typed.array() else { return };
    // An array of lists has one axis, and so has one of records.
    let is_numbers = dtype.is_some_and(Dtype::is_known);
    if ndim == Some(1) || !is_numbers && ndim.is_none_or(|ndim| ndim < 2) {
        return;
    }
    if !context.typed(first).is_int() || !is_simple_index(context, second) {
        return;
    }
    // `A[i][j][k]` is said once, from outside in.
    let parts = match tree.kind(second) {
        Kind::Tuple(_) => return,
        _ => tree.text(second),
    };
    let text = format!("{}[{}, {}]", context.operand(array), tree.text(first), parts);
    let repair = Repair::replace(id, text)
        .unless(
            is_certain_array(typed) && is_numbers,
            "it may be of a subclass, or hold objects",
        )
        .unless(
            context.typed(first).is_certain(),
            "the first subscript may be something else than an int",
        )
        .unless(
            context.is_plain(second) && context.is_plain(first),
            "the second subscript is computed earlier",
        );
    let message = format!("{} makes a view that is subscripted again", context.quoted(row));
    context.find(id, message).fix(Some(repair));
}

/// An int or a slice: what means the same behind a comma.
fn is_simple_index(context: &Context<'_>, id: NodeId) -> bool {
    context.typed(id).is_int() || matches!(context.tree.kind(id), Kind::Slice { .. })
}
