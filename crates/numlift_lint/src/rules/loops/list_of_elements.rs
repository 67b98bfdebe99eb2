//! `for v in x: out.append(f(v))`: a list of what NumPy would compute at once.

use numlift_source::statics::Trust;
use numlift_source::syntax::{Kind, NodeId};

use super::{are_numbers, is_elementwise};
use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL105",
    name: "list-of-elements",
    summary: "a loop that appends what arithmetic makes of an array's elements",
    page: Page {
        what: "A `for` loop over an array of one axis that does nothing but append to a list what arithmetic and functions \
               of NumPy's or `math`'s make of the element.",
        why: "Each element becomes an object of Python's, and so does each result: about a hundred times slower than the \
              same operators on the array.",
        example: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    out = []\n    for v in x:\n        \
                  out.append(v * v + 1)\n    return np.array(out)\n",
        instead: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    return x * x + 1\n",
        when_not: "For arrays of a few elements, or where a list is needed in the end: `list(x * x + 1)` is still faster. \
                   `numlift optimize` finds out whether the results are the same, and rewrites it.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::For],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Some((item, iter, [only])) = context.plain_loop(id) else {
        return;
    };
    let typed = context.typed(iter);
    if !typed.has_rank(1) || typed.trust < Trust::Declared || typed.known_dtype().is_none() {
        return;
    }
    let Some(value) = appended(context, *only) else { return };
    let uses = tree.inside(value).any(|part| tree.name(part) == Some(item));
    let is_work = !matches!(tree.kind(value), Kind::Name(_));
    if !uses || !is_work || !is_elementwise(context, value) || !are_numbers(context, value) {
        return;
    }
    let array = context.quoted(iter);
    context
        .find(id, format!("the elements of {array} are computed with one by one"))
        .label(value, "this works on whole arrays")
        .note(format!("the same operators work on {array} as a whole"));
}

/// `value` of `out.append(value)`
fn appended(context: &Context<'_>, id: NodeId) -> Option<NodeId> {
    let Kind::Expr(call) = *context.tree.kind(id) else {
        return None;
    };
    let list = context.method(call, "append")?;
    context.tree.name(list)?;
    match *context.only_args(call)? {
        [value] => Some(value),
        _ => None,
    }
}
