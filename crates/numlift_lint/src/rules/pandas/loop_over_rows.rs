//! `for i, row in frame.iterrows()`: a Series for each row.

use numlift_source::syntax::{Kind, NodeId};

use super::{has_pandas, rows_of};
use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL601",
    name: "loop-over-rows",
    summary: "`for … in frame.iterrows()`",
    page: Page {
        what: "A `for` statement over `.iterrows()`, in a file that imports pandas.",
        why: "`iterrows` makes a Series of each row: it finds a dtype that all columns have in common, copies, and each \
              `row[\"c\"]` looks the column up by its label. Operators on columns work on all rows at once, a thousand \
              times faster; `itertuples` is about a hundred times faster where a loop is needed.",
        example: "import pandas as pd\n\n\ndef f(frame: pd.DataFrame):\n    total = 0.0\n    \
                  for _, row in frame.iterrows():\n        total += row[\"a\"] * row[\"b\"]\n    return total\n",
        instead: "import pandas as pd\n\n\ndef f(frame: pd.DataFrame):\n    return (frame[\"a\"] * frame[\"b\"]).sum()\n",
        when_not: "Where the work for each row has no form for columns (it writes files, asks a server). A row of \
                   `iterrows` has one dtype for all columns, so ints among floats become floats; in columns and \
                   `itertuples` they stay ints.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::For],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    if rows_of(context, id).is_none() || !has_pandas(context) {
        return;
    }
    let Kind::For { iter, .. } = context.tree.kind(id) else {
        return;
    };
    context
        .find(*iter, "`iterrows` makes a Series of each row")
        .note("operators on columns work on all rows at once; where a loop is needed, `itertuples` makes no Series");
}
