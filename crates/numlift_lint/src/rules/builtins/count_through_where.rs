//! `len(np.where(mask)[0])`: counting needs no indices.

use numlift_source::syntax::{Kind, NodeId};

use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL303",
    name: "count-through-where",
    summary: "`len(np.where(mask)[0])` where `np.count_nonzero(mask)` does",
    page: Page {
        what: "The length (`len`, `.size`, `.shape[0]`) of `np.where(x)[0]`, `np.nonzero(x)[0]`, `np.flatnonzero(x)` or \
               `np.argwhere(x)`, which is the number of elements that are not zero.",
        why: "The indices are made to be counted and thrown away. `np.count_nonzero` makes none: on a mask it is more \
              than ten times as fast.",
        example: "import numpy as np\n\n\ndef f(x):\n    return len(np.where(x > 0)[0])\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    return np.count_nonzero(x > 0)\n",
        when_not: "`len` gives a Python int and `np.count_nonzero` a NumPy one; the fix is safe where that cannot be seen, \
                   as in a condition, and the array is certain. Where the indices are needed as well, take the length of \
                   those.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Call, Shape::Subscript, Shape::Attribute],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some((of, is_flat)) = counted(context, id) else {
        return;
    };
    let typed = context.typed(of);
    // Of a single number `np.where` and `np.nonzero` refuse to make indices.
    let has_axes = typed.array().is_some_and(|(dtype, ndim)| {
        dtype.is_some_and(|dtype| dtype.is_known()) && (is_flat || ndim.is_some_and(|ndim| ndim > 0))
    });
    let name = context.spell("numpy.count_nonzero", id);
    let repair = name.map(|name| {
        Repair::replace(id, format!("{name}({})", context.argument(of)))
            .unless(
                is_certain_array(typed) && has_axes,
                "it may be no array of numbers, or one without axes",
            )
            .unless(context.is_only_compared(id), "the count becomes a NumPy int")
    });
    context.find(id, "indices are made to be counted").fix(repair);
}

/// What is counted; and whether it may be a single number, too.
fn counted(context: &Context<'_>, id: NodeId) -> Option<(NodeId, bool)> {
    match context.tree.kind(id) {
        Kind::Call { .. } if context.is_call_of(id, &["builtins.len"]) => match context.only_args(id)? {
            [indices] => made_indices(context, *indices, true),
            _ => None,
        },
        // `….shape[0]`
        Kind::Subscript { value, index } if context.tree.int(*index) == Some(0) => match context.tree.kind(*value) {
            Kind::Attribute { value, attr: "shape" } => made_indices(context, *value, true),
            _ => None,
        },
        Kind::Attribute { value, attr: "size" } => made_indices(context, *value, false),
        _ => None,
    }
}

/// The argument of the call that makes the indices.
fn made_indices(context: &Context<'_>, id: NodeId, rows: bool) -> Option<(NodeId, bool)> {
    let argument = |call: NodeId| match context.only_args(call)? {
        [of] => Some(*of),
        _ => None,
    };
    match context.tree.kind(id) {
        Kind::Subscript { value, index } if context.tree.int(*index) == Some(0) => {
            let makes = context.is_call_of(*value, &["numpy.where", "numpy.nonzero"]);
            makes.then(|| argument(*value)).flatten().map(|of| (of, false))
        }
        Kind::Call { .. } if context.is_call_of(id, &["numpy.flatnonzero"]) => argument(id).map(|of| (of, true)),
        Kind::Call { .. } if rows && context.is_call_of(id, &["numpy.argwhere"]) => argument(id).map(|of| (of, false)),
        _ => None,
    }
}
