//! `frame.loc[i, "c"] = v` for each row: a look-up and a check of dtypes for each element.

use numlift_source::syntax::{Kind, NodeId};

use super::{has_pandas, rows_of};
use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL603",
    name: "row-store-in-loop",
    summary: "`frame.loc[i, \"c\"] = v` in a loop over rows",
    page: Page {
        what: "A store through `.loc`, `.iloc`, `.at` or `.iat` at the row of the round, in a loop over `range`, \
               `frame.index` or `frame.iterrows()`, in a file that imports pandas.",
        why: "Each store looks labels up, checks whether the column can hold the value, and may copy the column: ten to a \
              hundred microseconds for one number. A column that is made at once costs nanoseconds for each.",
        example: "import pandas as pd\n\n\ndef f(frame: pd.DataFrame):\n    for i in frame.index:\n        \
                  frame.loc[i, \"c\"] = frame.loc[i, \"a\"] * 2\n",
        instead: "import pandas as pd\n\n\ndef f(frame: pd.DataFrame):\n    frame[\"c\"] = frame[\"a\"] * 2\n",
        when_not: "Where only a few rows are stored to, or each round reads what the one before has stored; then collect \
                   the values in a list, and make the column of it.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::For],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::For { target, iter, body, .. } = tree.kind(id) else {
        return;
    };
    if !has_pandas(context) {
        return;
    }
    let label = match rows_of(context, id) {
        Some((_, label)) => label,
        None => {
            let is_index = matches!(tree.kind(*iter), Kind::Attribute { attr: "index", .. });
            let counts = context.is_call_of(*iter, &["builtins.range"]);
            (is_index || counts).then(|| tree.name(*target)).flatten()
        }
    };
    let Some(label) = label else { return };
    let store = body.iter().flat_map(|stmt| tree.inside(*stmt)).find_map(|part| {
        let target = match tree.kind(part) {
            Kind::Assign { targets, .. } => *targets.first()?,
            Kind::AugAssign { target, .. } => *target,
            _ => return None,
        };
        // A store in an inner loop is that loop's.
        (tree.loop_around(part) == Some(id) && is_row_store(context, target, label)).then_some(target)
    });
    let Some(store) = store else { return };
    context
        .find(store, "one element of a column is stored in each round")
        .label(id, "the loop")
        .note("compute the column as a whole, or collect it in a list and assign that once");
}

/// `frame.loc[label, …]`
fn is_row_store(context: &Context<'_>, target: NodeId, label: &str) -> bool {
    let tree = context.tree;
    let Kind::Subscript { value, index } = tree.kind(target) else {
        return false;
    };
    let Kind::Attribute {
        attr: "loc" | "iloc" | "at" | "iat",
        ..
    } = tree.kind(*value)
    else {
        return false;
    };
    match tree.kind(*index) {
        // One column; a list of them, or the diagonal, is something else.
        Kind::Tuple(parts) => match parts[..] {
            [row, column] => tree.name(row) == Some(label) && matches!(tree.kind(column), Kind::Str(_) | Kind::Int(_)),
            _ => false,
        },
        _ => false,
    }
}
