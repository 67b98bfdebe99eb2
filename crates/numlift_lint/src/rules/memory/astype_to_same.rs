//! `x.astype(float)` of an array of floats: a copy.

use numlift_source::syntax::NodeId;

use super::astype_after_creation::named_dtype;
use super::is_only_read;
use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL205",
    name: "astype-to-same",
    summary: "`.astype(t)` of an array that has this dtype, only to be read",
    page: Page {
        what: "`x.astype(t)` of an array whose dtype is known to be `t`, given on the spot to a function that only reads \
               it; also `x.astype(t).astype(t)`.",
        why: "`astype` copies even where there is nothing to convert.",
        example: "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x, dtype=float)\n    \
                  return np.sum(x.astype(float))\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x, dtype=float)\n    return np.sum(x)\n",
        when_not: "Where the copy is stored to later; the rule looks only at copies that nobody can store to. The copy \
                   keeps the order of the elements, but not gaps between them.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some(of) = context.method(id, "astype") else { return };
    let typed = context.typed(of);
    let (Some(has), Some(&[dtype])) = (typed.known_dtype(), context.only_args(id)) else {
        return;
    };
    if named_dtype(context.typed(dtype)) != Some(has) || !is_only_read(context, id) {
        return;
    }
    let repair = Repair::replace(id, context.operand(of))
        .said(format!("use {} itself", context.quoted(of)))
        .changes("elements with gaps between them are added in another order");
    let message = format!(
        "{} is of {} already, and `astype` copies it",
        context.quoted(of),
        has.name()
    );
    context.find(id, message).fix(Some(repair));
}
