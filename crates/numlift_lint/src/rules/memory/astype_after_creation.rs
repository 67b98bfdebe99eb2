//! `np.zeros(n).astype(int)`: the array is made twice.

use numlift_ir::dtype::Dtype;
use numlift_ir::table::ArgTy;
use numlift_source::statics::{Type, Typed};
use numlift_source::syntax::{Kind, NodeId};

use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL204",
    name: "astype-after-creation",
    summary: "`np.zeros(n).astype(t)` where `np.zeros(n, dtype=t)` does",
    page: Page {
        what: "`.astype(t)` of a call of `np.zeros`, `np.ones` or `np.empty` that has no dtype of its own.",
        why: "The array is made in float64, and then again in the dtype that is wanted. `np.zeros` with a dtype takes \
              memory that the system has zeroed already: a hundred times faster.",
        example: "import numpy as np\n\n\ndef f(n):\n    return np.zeros(n).astype(int)\n",
        instead: "import numpy as np\n\n\ndef f(n):\n    return np.zeros(n, dtype=int)\n",
        when_not: "Never: zeros and ones are the same numbers in every dtype of numbers.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some(made) = context.method(id, "astype") else {
        return;
    };
    let functions = ["numpy.zeros", "numpy.ones", "numpy.empty"];
    if !context.is_call_of(made, &functions) {
        return;
    }
    let (Some(&[dtype]), Some(&[shape])) = (context.only_args(id), context.only_args(made)) else {
        return;
    };
    let Some(known) = named_dtype(context.typed(dtype)) else {
        return;
    };
    let Kind::Call { callee, .. } = context.tree.kind(made) else {
        return;
    };
    let text = format!(
        "{}({}, dtype={})",
        context.tree.text(*callee),
        context.argument(shape),
        context.argument(dtype)
    );
    let is_empty = context.is_call_of(made, &["numpy.empty"]);
    let repair = Repair::replace(id, text)
        .unless(!is_empty, "what memory holds by chance is another number")
        .unless(
            context.is_plain(shape) && context.is_plain(dtype),
            "the shape is computed before the dtype",
        );
    context
        .find(
            id,
            format!("the array is made as float64, and again as {}", known.name()),
        )
        .fix(Some(repair));
}

/// The dtype that an expression stands for.
pub(super) fn named_dtype(typed: &Typed) -> Option<Dtype> {
    match &typed.ty {
        Type::Plain(ArgTy::Dtype(dtype)) => Some(*dtype).filter(|dtype| dtype.is_known()),
        Type::Plain(ArgTy::Str(Some(text))) => Dtype::from_text(text).filter(|dtype| dtype.is_known()),
        _ => None,
    }
}
