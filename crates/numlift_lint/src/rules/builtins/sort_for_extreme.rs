//! `np.sort(x)[0]`: the smallest element needs no order of all.

use numlift_ir::dtype::{Dtype, DtypeKind};
use numlift_source::syntax::NodeId;

use super::argsort_for_extreme::end_of_order;
use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL305",
    name: "sort-for-extreme",
    summary: "`np.sort(x)[0]` or `[-1]` where `np.min(x)` or `np.max(x)` does",
    page: Page {
        what: "`np.sort(x)[0]`, `np.sort(x)[-1]`, and `[::-1][0]`.",
        why: "Sorting copies the array and takes time in proportion to n log n; the extreme is found in one pass, some \
              fifty times faster for 300,000 elements.",
        example: "import numpy as np\n\n\ndef f(x):\n    return np.sort(x)[0]\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    return np.min(x)\n",
        when_not: "NaNs sort to the end, so `np.sort(x)[0]` passes them over and `np.min(x)` does not; of an array of \
                   several axes `np.sort(x)[0]` is a row; of no elements `np.min` raises `ValueError` and the subscript `IndexError`.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Subscript],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some((call, function)) = end_of_order(context, id) else {
        return;
    };
    if !context.is_call_of(call, &["numpy.sort"]) {
        return;
    }
    let Some(&[of]) = context.only_args(call) else { return };
    let typed = context.typed(of);
    let (dtype, ndim) = typed.array().unwrap_or((None, None));
    if ndim.is_some_and(|ndim| ndim != 1) {
        return;
    }
    let integers = matches!(
        dtype.map(Dtype::kind),
        Some(DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned)
    );
    let repair = context.spell(&format!("numpy.{function}"), id).map(|name| {
        Repair::replace(id, format!("{name}({})", context.argument(of)))
            .unless(is_certain_array(typed) && ndim == Some(1), "it may have several axes")
            .unless(integers, "NaNs count differently")
            .changes("of no elements it raises another exception")
    });
    let message = format!("everything is sorted for one element, which `np.{function}` finds");
    context.find(id, message).fix(repair);
}
