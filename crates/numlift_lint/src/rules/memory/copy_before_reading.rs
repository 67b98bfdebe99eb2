//! `np.sum(x.copy())`: a copy that is read once.

use numlift_source::syntax::NodeId;

use super::is_only_read;
use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL203",
    name: "copy-before-reading",
    summary: "a copy of an array that is only read",
    page: Page {
        what: "`x.copy()` or `np.copy(x)` of an array, given on the spot to a function that only reads it.",
        why: "The copy is written, read once and thrown away.",
        example: "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x)\n    return np.sum(x.copy())\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x)\n    return np.sum(x)\n",
        when_not: "The copy lies in order; a sum over an array that does not is rounded differently.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let of = if context.is_call_of(id, &["numpy.copy"]) {
        match context.only_args(id) {
            Some([of]) => *of,
            _ => return,
        }
    } else {
        let Some(of) = context.method(id, "copy") else { return };
        if context.only_args(id).is_none_or(|args| !args.is_empty()) {
            return;
        }
        of
    };
    if !context.typed(of).is_array() || !is_only_read(context, id) {
        return;
    }
    let repair = Repair::replace(id, context.operand(of))
        .said(format!("use {} itself", context.quoted(of)))
        .changes("elements that lie in another order are added in another order");
    context
        .find(id, "a copy is made of what is only read")
        .fix(Some(repair));
}
