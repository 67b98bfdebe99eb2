//! `np.array(range(n))`: ints that Python makes, one by one.

use numlift_ir::dtype::Dtype;
use numlift_ir::table::ArgTy;
use numlift_source::statics::Type;
use numlift_source::syntax::{Kind, NodeId};

use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL307",
    name: "range-through-list",
    summary: "`np.array(range(n))` where `np.arange(n)` does",
    page: Page {
        what: "`np.array` or `np.asarray` of `range(…)` or `list(range(…))`.",
        why: "Each number becomes a Python int first, and NumPy looks at each of them twice: `np.arange` is some hundred \
              times faster.",
        example: "import numpy as np\n\n\ndef f():\n    return np.array(range(100))\n",
        instead: "import numpy as np\n\n\ndef f():\n    return np.arange(100)\n",
        when_not: "An empty range gives an array of floats, and `np.arange` one of ints; `range` refuses floats. The fix is \
                   safe where the range is written out in numbers and not empty, or where it counts to an int that is \
                   certain and a dtype is given.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    if !context.is_call_of(id, &["numpy.array", "numpy.asarray"]) || tree.has_starred(id) {
        return;
    }
    let Kind::Call { args, keywords, .. } = tree.kind(id) else {
        return;
    };
    let (&[of], true) = (&args[..], keywords.iter().all(|(name, _)| *name == Some("dtype"))) else {
        return;
    };
    let range = match context.is_call_of(of, &["builtins.list"]) {
        true => match context.only_args(of) {
            Some([inner]) => *inner,
            _ => return,
        },
        false => of,
    };
    if !context.is_call_of(range, &["builtins.range"]) {
        return;
    }
    let Some(bounds) = context.only_args(range).filter(|bounds| !bounds.is_empty()) else {
        return;
    };
    let dtype = keywords.first().map(|(_, value)| *value);
    let numbers: Option<Vec<i64>> = bounds.iter().map(|bound| tree.int(*bound)).collect();
    let is_filled = numbers.is_some_and(|numbers| !is_empty(&numbers));
    let are_ints = bounds
        .iter()
        .all(|bound| context.typed(*bound).is_int() && context.typed(*bound).is_certain());
    let same_dtype = dtype.is_some_and(|dtype| match &context.typed(dtype).ty {
        Type::Plain(ArgTy::Dtype(dtype)) => matches!(dtype, Dtype::I64 | Dtype::F64),
        _ => false,
    });
    let repair = context.spell("numpy.arange", id).map(|name| {
        let mut parts: Vec<String> = bounds.iter().map(|bound| context.argument(*bound)).collect();
        parts.extend(dtype.map(|dtype| format!("dtype={}", context.argument(dtype))));
        Repair::replace(id, format!("{name}({})", parts.join(", ")))
            .unless(are_ints, "`range` refuses floats, and `np.arange` does not")
            .unless(
                is_filled && dtype.is_none() || same_dtype && bounds.len() == 1,
                "the dtype of an empty range differs",
            )
    });
    context
        .find(
            id,
            "the numbers of a `range` become Python ints before they become an array",
        )
        .fix(repair);
}

fn is_empty(bounds: &[i64]) -> bool {
    match *bounds {
        [stop] => stop <= 0,
        [start, stop] => start >= stop,
        [start, stop, step] => step == 0 || (step > 0) == (start >= stop) || start == stop,
        _ => true,
    }
}
