//! `x.flatten().sum()`: a copy that is read once.

use numlift_source::syntax::{Kind, NodeId};

use super::is_only_read;
use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL202",
    name: "flatten-before-reading",
    summary: "`.flatten()` where `.ravel()` does",
    page: Page {
        what: "`x.flatten()` of an array, given to a function that only reads it.",
        why: "`flatten` always copies; `ravel` gives a view where the elements lie in order, which they mostly do.",
        example: "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x)\n    return np.sort(x.flatten())\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x)\n    return np.sort(x.ravel())\n",
        when_not: "Never, if the array is one: the rule looks only at copies that nobody can store to.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some(of) = context.method(id, "flatten") else {
        return;
    };
    let typed = context.typed(of);
    if !typed.is_array() || !is_only_read(context, id) {
        return;
    }
    let Kind::Call { callee, args, keywords } = context.tree.kind(id) else {
        return;
    };
    // The orders `K` and `A` mean the same for both, but not for what is no array.
    if args.len() + keywords.len() > 1 {
        return;
    }
    let text = context.tree.text(id);
    let behind = &text[(context.tree.node(*callee).end - context.tree.node(id).start) as usize..];
    let repair = Repair::replace(id, format!("{}.ravel{behind}", context.operand(of)))
        .unless(is_certain_array(typed), "it may be no array of NumPy's own");
    context.find(id, "`flatten` copies what is only read").fix(Some(repair));
}
