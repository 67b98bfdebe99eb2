//! `X - np.tile(v, (n, 1))`: broadcasting repeats without a copy.

use numlift_source::syntax::{Binary, Kind, NodeId};

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL206",
    name: "tile-before-broadcast",
    summary: "`np.tile(v, (n, 1))` as an operand, where broadcasting does",
    page: Page {
        what: "An operator between `np.tile(v, (n, 1))`, where `v` has one axis, and an array of two axes.",
        why: "NumPy repeats the operand that has fewer axes by itself (it broadcasts), and reads it again and again where \
              it lies; `np.tile` writes it out n times first.",
        example: "import numpy as np\n\n\ndef f(n: int):\n    X = np.ones((n, 3))\n    v = np.arange(3.0)\n    \
                  return X - np.tile(v, (n, 1))\n",
        instead: "import numpy as np\n\n\ndef f(n: int):\n    X = np.ones((n, 3))\n    v = np.arange(3.0)\n    \
                  return X - v\n",
        when_not: "Where the shapes did not fit before, an error is lost: `X` has to have n rows.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    if !context.is_call_of(id, &["numpy.tile"]) {
        return;
    }
    let (Some(&[of, repeats]), Some(parent)) = (context.only_args(id), tree.parent(id)) else {
        return;
    };
    let Kind::Tuple(counts) = tree.kind(repeats) else {
        return;
    };
    let is_rows = matches!(counts[..], [_, once] if tree.int(once) == Some(1));
    let Kind::Binary { op, left, right } = *tree.kind(parent) else {
        return;
    };
    let other = if left == id { right } else { left };
    let arithmetic = !matches!(op, Binary::MatMul | Binary::LeftShift | Binary::RightShift);
    if !is_rows || !arithmetic || !context.typed(of).has_rank(1) || !context.typed(other).has_rank(2) {
        return;
    }
    let row = context.quoted(of);
    context
        .find(id, "rows are written out that broadcasting would repeat where they lie")
        .note(format!("{row} itself is repeated along the rows"));
}
