//! `np.argsort(x)[0]`: the place of one element needs no order of all.

use numlift_source::syntax::{Kind, NodeId};

use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL304",
    name: "argsort-for-extreme",
    summary: "`np.argsort(x)[0]` or `[-1]` where `np.argmin(x)` or `np.argmax(x)` does",
    page: Page {
        what: "`np.argsort(x)[0]`, `np.argsort(x)[-1]`, the same of the method, and `[::-1][0]` of either.",
        why: "Sorting takes time in proportion to n log n, finding one place to n, and with few branches: a hundred times \
              less for 300,000 elements.",
        example: "import numpy as np\n\n\ndef f(x):\n    return np.argsort(x)[-1]\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    return np.argmax(x)\n",
        when_not: "Of equal elements `argsort` may name any and `argmax` names the first; NaNs sort to the end, and \
                   `argmin` finds a NaN first. Of an array of several axes `argsort(x)[-1]` is a row.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Subscript],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Some((call, extreme)) = end_of_order(context, id) else {
        return;
    };
    let Some((of, _)) = context.function_or_method(call, "argsort") else {
        return;
    };
    let Kind::Call { args, keywords, .. } = tree.kind(call) else {
        return;
    };
    // An axis, a kind or a key say that more is meant.
    let is_method = context.callee(call).is_none();
    if !keywords.is_empty() || args.len() != usize::from(!is_method) {
        return;
    }
    // Other classes have an order of their own.
    if is_method && !context.typed(of).is_array() {
        return;
    }
    if context
        .typed(of)
        .array()
        .is_some_and(|(_, ndim)| ndim.is_some_and(|ndim| ndim != 1))
    {
        return;
    }
    let function = format!("arg{extreme}");
    let text = match is_method {
        true => Some(format!("{}.{function}()", context.operand(of))),
        false => context
            .spell(&format!("numpy.{function}"), id)
            .map(|name| format!("{name}({})", context.argument(of))),
    };
    let repair = text.map(|text| {
        Repair::replace(id, text).changes("of equal elements the first is named, and NaNs count differently")
    });
    let message = format!("everything is sorted for one place, which `{function}` finds");
    context.find(id, message).fix(repair);
}

/// `order[0]`, `order[-1]` or `order[::-1][0]`: what `order` is, and which end of it is taken, `min` or `max`.
pub(super) fn end_of_order(context: &Context<'_>, id: NodeId) -> Option<(NodeId, &'static str)> {
    let tree = context.tree;
    let Kind::Subscript { value, index } = *tree.kind(id) else {
        return None;
    };
    let is_first = match tree.int(index)? {
        0 => true,
        -1 => false,
        _ => return None,
    };
    let (order, reversed) = match *tree.kind(value) {
        Kind::Subscript { value, index } if is_reversal(context, index) => (value, true),
        _ => (value, false),
    };
    Some((order, if is_first == reversed { "max" } else { "min" }))
}

/// `::-1`
fn is_reversal(context: &Context<'_>, index: NodeId) -> bool {
    let tree = context.tree;
    match tree.kind(index) {
        Kind::Slice {
            lower: None,
            upper: None,
            step: Some(step),
        } => tree.int(*step) == Some(-1),
        _ => false,
    }
}
