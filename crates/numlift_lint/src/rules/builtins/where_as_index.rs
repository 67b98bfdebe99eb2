//! `a[np.where(mask)]`: the mask is an index itself.

use numlift_source::syntax::{Comparison, Kind, NodeId};

use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL302",
    name: "where-as-index",
    summary: "`a[np.where(mask)]` where `a[mask]` does",
    page: Page {
        what: "A subscript that is a call of `np.where` or `np.nonzero` with a mask as its only argument: a comparison, \
               `np.isnan` and the like, or an array that is known to hold truth values.",
        why: "`np.where(mask)` counts the mask, makes an array of eight bytes for each element that is picked and for \
              each axis, and the subscript goes through these. The mask itself picks the same elements in one go: two to \
              ten times as fast in most cases, and without the memory.",
        example: "import numpy as np\n\n\ndef f(a):\n    return a[np.where(a > 0)]\n",
        instead: "import numpy as np\n\n\ndef f(a):\n    return a[a > 0]\n",
        when_not: "On a long vector whose mask is as good as random (half of it true, without runs), the indices are \
                   the faster way, since the mask's branches cannot be predicted. The fix is safe where the mask compares \
                   the array itself, so that their shapes are one; a mask that is smaller than the array raises \
                   `IndexError`, and its indices do not.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Subscript, Shape::Target],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Kind::Subscript { value, index } = *context.tree.kind(id) else {
        return;
    };
    if !context.is_call_of(index, &["numpy.where", "numpy.nonzero"]) {
        return;
    }
    let Some(&[mask]) = context.only_args(index) else {
        return;
    };
    if !context.is_mask(mask) {
        return;
    }
    // Of an array of unknown rank `np.where` refuses a single number, and the mask does not.
    let proven = compares(context, mask, value)
        && context.typed(value).array().is_some_and(|(dtype, ndim)| {
            dtype.is_some_and(|dtype| dtype.is_known()) && ndim.is_some_and(|ndim| ndim > 0)
        });
    let function = context.callee(index).unwrap_or_default();
    let repair = Repair::replace(index, context.argument(mask))
        .said(format!("use {} as the index", context.quoted(mask)))
        .unless(proven, "the mask may have another shape than the array")
        .unless(
            !context.tree.is_target(id) || stores_number(context, id),
            "what is stored may have a shape that only indices take",
        );
    let message = format!(
        "`{}` makes indices of a mask that is an index itself",
        function.replace("numpy.", "np.")
    );
    context.find(index, message).fix(Some(repair));
}

/// Whether a mask compares exactly this array with a number.
fn compares(context: &Context<'_>, mask: NodeId, array: NodeId) -> bool {
    let tree = context.tree;
    if !is_certain_array(context.typed(array)) || tree.name(array).is_none() {
        return false;
    }
    match tree.kind(mask) {
        Kind::Compare { left, rest } => {
            let [(op, right)] = rest[..] else { return false };
            let is_number = |id: NodeId| context.typed(id).scalar().is_some() && context.typed(id).is_certain();
            let ordered = !matches!(
                op,
                Comparison::Is | Comparison::IsNot | Comparison::In | Comparison::NotIn
            );
            ordered && (tree.same(*left, array) && is_number(right) || tree.same(right, array) && is_number(*left))
        }
        Kind::Call { .. } => {
            let known = ["numpy.isnan", "numpy.isfinite", "numpy.isinf"];
            context.is_call_of(mask, &known) && matches!(context.only_args(mask), Some([of]) if tree.same(*of, array))
        }
        _ => false,
    }
}

fn stores_number(context: &Context<'_>, id: NodeId) -> bool {
    let value = match context.tree.parent(id).map(|parent| context.tree.kind(parent)) {
        Some(Kind::Assign { value, .. } | Kind::AugAssign { value, .. }) => *value,
        _ => return false,
    };
    context.typed(value).scalar().is_some() && context.typed(value).is_certain()
}
