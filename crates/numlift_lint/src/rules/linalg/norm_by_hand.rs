//! `np.sqrt(np.sum(d**2))`: the length of a vector by way of a temporary.

use numlift_ir::dtype::Dtype;
use numlift_source::syntax::{Binary, Kind, NodeId};

use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL405",
    name: "norm-by-hand",
    summary: "`np.sqrt(np.sum(d**2))` where `np.linalg.norm(d)` does",
    page: Page {
        what: "The root of the sum of the squares of all elements: `np.sqrt(np.sum(d**2))`, `np.sqrt((d * d).sum())`, \
               `np.sqrt(np.sum(np.square(d)))`.",
        why: "The squares are an array of their own that is written and read again. `np.linalg.norm` asks BLAS for the \
              sum of squares in one pass: five times as fast for 300,000 elements.",
        example: "import numpy as np\n\n\ndef f(d):\n    return np.sqrt(np.sum(d**2))\n",
        instead: "import numpy as np\n\n\ndef f(d):\n    return np.linalg.norm(d)\n",
        when_not: "The sum is rounded differently. Of complex numbers `d**2` is no square of a length, and the result is \
                   another one; squares of integers wrap around, and those of `norm` do not. Along an axis \
                   `np.linalg.norm` is no faster than the sum; `np.sqrt(np.einsum(\"ij,ij->i\", d, d))` is. For vectors of \
                   a few elements `norm` costs more than it gains.",
    },
    fixes: Fixes::Unsafe,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    if !context.is_call_of(id, &["numpy.sqrt"]) {
        return;
    }
    let Some(&[sum]) = context.only_args(id) else { return };
    let Some((squares, _)) = context.function_or_method(sum, "sum") else {
        return;
    };
    let is_method = context.callee(sum).is_none();
    let Kind::Call { args, keywords, .. } = context.tree.kind(sum) else {
        return;
    };
    if !keywords.is_empty() || args.len() != usize::from(!is_method) {
        return;
    }
    let Some(of) = squared(context, squares) else { return };
    let typed = context.typed(of);
    let dtype = typed.known_dtype();
    if dtype.is_some_and(Dtype::is_complex) || typed.scalar().is_some() {
        return;
    }
    // A generator or a list is no array that `d**2` could be of.
    let repair = context.spell("numpy.linalg.norm", id).map(|norm| {
        Repair::replace(id, format!("{norm}({})", context.argument(of)))
            .changes("the sum is rounded differently")
            .unless(
                dtype.is_some_and(Dtype::is_float),
                "complex numbers have another norm, and squares of integers wrap around",
            )
    });
    context
        .find(id, "the squares are an array of their own")
        .label(squares, "a temporary as large as the data")
        .fix(repair);
}

/// `d` of `d**2`, `d * d`, `np.square(d)`.
fn squared(context: &Context<'_>, id: NodeId) -> Option<NodeId> {
    let tree = context.tree;
    match *tree.kind(id) {
        Kind::Binary {
            op: Binary::Pow,
            left,
            right,
        } => {
            let is_two = match tree.kind(right) {
                Kind::Int(value) => *value == Some(2),
                Kind::Float(value) => *value == 2.0,
                _ => false,
            };
            is_two.then_some(left)
        }
        Kind::Binary {
            op: Binary::Mul,
            left,
            right,
        } if tree.same(left, right) && context.is_plain(left) => Some(left),
        Kind::Call { .. } if context.is_call_of(id, &["numpy.square"]) => match context.only_args(id)? {
            [of] => Some(*of),
            _ => None,
        },
        _ => None,
    }
}
