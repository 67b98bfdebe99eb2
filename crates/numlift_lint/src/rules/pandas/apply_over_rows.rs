//! `frame.apply(f, axis=1)`: a Series and a call for each row.

use numlift_source::syntax::{Kind, NodeId};

use super::has_pandas;
use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL602",
    name: "apply-over-rows",
    summary: "`frame.apply(f, axis=1)`",
    page: Page {
        what: "`.apply(…, axis=1)` (or `axis=\"columns\"`) with a `lambda` that is nothing but operators on items of the row, \
               in a file that imports pandas.",
        why: "The function is called once for each row, which is made a Series first. The same operators on the columns \
              work on all rows at once, some thousand times faster.",
        example: "import pandas as pd\n\n\ndef f(frame: pd.DataFrame):\n    \
                  return frame.apply(lambda row: row[\"a\"] + row[\"b\"], axis=1)\n",
        instead: "import pandas as pd\n\n\ndef f(frame: pd.DataFrame):\n    return frame[\"a\"] + frame[\"b\"]\n",
        when_not: "Where the function has no form for columns; `itertuples` and a list are faster then, too.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    if context.method(id, "apply").is_none() || !has_pandas(context) {
        return;
    }
    let (Some(function), Some(axis)) = (tree.argument(id, Some(0), "func"), tree.argument(id, Some(1), "axis")) else {
        return;
    };
    let is_rows = match tree.kind(axis) {
        Kind::Str(text) => &**text == "columns",
        _ => tree.int(axis) == Some(1),
    };
    if !is_rows || !takes_items(context, function) {
        return;
    }
    context
        .find(id, "the function is called for each row, which becomes a Series first")
        .note("operators on the columns work on all rows at once");
}

/// `lambda row: row["a"] + row["b"]`: operators, which columns have, too, on items of the row.
fn takes_items(context: &Context<'_>, function: NodeId) -> bool {
    let tree = context.tree;
    let Kind::Lambda { parameters, body } = tree.kind(function) else {
        return false;
    };
    let [row] = &parameters[..] else { return false };
    let is_item = |id: NodeId| match tree.kind(id) {
        Kind::Subscript { value, index } => {
            tree.name(*value) == Some(row.name) && matches!(tree.kind(*index), Kind::Str(_))
        }
        _ => false,
    };
    let parts = || tree.inside(*body);
    let is_plain = |id: NodeId| match tree.kind(id) {
        Kind::Name(name) => *name != row.name || tree.parent(id).is_some_and(is_item),
        Kind::Int(_) | Kind::Float(_) | Kind::Str(_) | Kind::Unary { .. } => true,
        Kind::Binary { .. } | Kind::Compare { .. } => true,
        _ => is_item(id),
    };
    // A column by itself is taken by its name.
    !is_item(*body) && parts().any(is_item) && parts().all(is_plain)
}
