//! `np.apply_along_axis(np.sum, 1, x)`: a Python loop over rows for what has an axis.

use numlift_ir::table::{self, FunctionKind};
use numlift_source::syntax::NodeId;

use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL103",
    name: "function-along-axis",
    summary: "`np.apply_along_axis` of a function that has an `axis`",
    page: Page {
        what: "`np.apply_along_axis(f, axis, x)` where `f` is a function of NumPy's that takes an axis itself: `np.sum`, \
               `np.mean`, `np.max`, `np.argmax`, `np.linalg.norm`, `np.sort` and the like.",
        why: "`np.apply_along_axis` calls the function for each row; with `axis=` one call works on all of them, ten to a \
              hundred times as fast for short rows.",
        example: "import numpy as np\n\n\ndef f(x):\n    return np.apply_along_axis(np.sum, 1, x)\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    return np.sum(x, axis=1)\n",
        when_not: "Sums may be rounded in another order, as rows that do not lie in order are added differently.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    if !context.is_call_of(id, &["numpy.apply_along_axis"]) {
        return;
    }
    let Some(&[function, axis, array]) = context.only_args(id) else {
        return;
    };
    let Some(name) = context.qualified(function) else {
        return;
    };
    let takes_axis = table::lookup(&name).is_some_and(|info| {
        matches!(info.kind, FunctionKind::Reduction | FunctionKind::Scan) && info.signature.contains("axis=")
    });
    let others = ["numpy.linalg.norm", "numpy.sort", "numpy.argsort"];
    if !(others.contains(&&*name) || takes_axis && name.starts_with("numpy.")) {
        return;
    }
    let text = format!(
        "{}({}, axis={})",
        context.tree.text(function),
        context.argument(array),
        context.argument(axis)
    );
    let repair = Repair::replace(id, text).changes("what is added up is rounded in another order");
    let message = format!(
        "{} is called for each row, and takes an axis itself",
        context.quoted(function)
    );
    context.find(id, message).fix(Some(repair));
}
