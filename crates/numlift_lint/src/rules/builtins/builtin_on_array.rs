//! `sum(x)` of an array: Python takes each element out.

use numlift_ir::dtype::{Dtype, DtypeKind};
use numlift_source::syntax::NodeId;

use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL301",
    name: "builtin-on-array",
    summary: "Python's `sum`, `min`, `max`, `any`, `all` of an array",
    page: Page {
        what: "A call of one of Python's builtins that go through their argument, where that is an array.",
        why: "Python takes one element after the other out of the array, as an object of its own: about a hundred times \
              slower than NumPy's function, which goes through memory.",
        example: "import numpy as np\n\n\ndef f(n):\n    x = np.arange(n)\n    return max(x)\n",
        instead: "import numpy as np\n\n\ndef f(n):\n    x = np.arange(n)\n    return np.max(x)\n",
        when_not: "Results may differ: `sum` adds in another order, and gives the int 0 of an empty array; `min` and `max` \
                   pass NaNs over or not, as they come; `any` and `all` give Python's truth values; of an array of \
                   several axes the builtins work on rows. The fix is safe for `min` and `max` of integers of one axis, \
                   and for `any` and `all` of one axis in a condition. For arrays of three or four elements the builtin is \
                   as fast.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some(callee) = context.callee(id) else { return };
    let Some(function) = callee.strip_prefix("builtins.") else {
        return;
    };
    if !matches!(function, "sum" | "min" | "max" | "any" | "all") {
        return;
    }
    let Some(&[of]) = context.only_args(id) else { return };
    let typed = context.typed(of);
    let Some((dtype, ndim)) = typed.array() else { return };
    // Of rows they give arrays, or raise; whoever writes that means it.
    if ndim.is_some_and(|ndim| ndim != 1) || dtype == Some(Dtype::Other) {
        return;
    }
    let is_vector = ndim == Some(1) && is_certain_array(typed);
    let kind = dtype.map(Dtype::kind);
    let integers = matches!(kind, Some(DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned));
    let repair = context.spell(&format!("numpy.{function}"), id).map(|name| {
        let repair = Repair::replace(id, format!("{name}({})", context.argument(of)))
            .unless(is_vector, "the array may have several axes, or be of a subclass");
        match function {
            "sum" => {
                repair.changes("sums of floats are rounded in another order, and of no elements it is not the int 0")
            }
            "min" | "max" => repair.unless(integers, "NaNs count differently"),
            _ => repair
                .unless(
                    kind.is_some_and(|kind| kind != DtypeKind::Other),
                    "the elements may be any objects",
                )
                .unless(context.only_truth_matters(id), "the result is a NumPy truth value"),
        }
    });
    let message = format!(
        "Python's `{function}` takes the elements out of {} one by one",
        context.quoted(of)
    );
    context.find(id, message).fix(repair);
}
