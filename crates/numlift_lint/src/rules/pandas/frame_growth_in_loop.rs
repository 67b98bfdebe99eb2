//! `frame = pd.concat([frame, row])` in a loop: everything is copied again and again.

use numlift_source::syntax::{Kind, NodeId};

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};
use crate::rules::memory::growth_in_loop::grows_in;

pub static RULE: Rule = Rule {
    code: "NL604",
    name: "frame-growth-in-loop",
    summary: "a frame that grows by `pd.concat` in a loop",
    page: Page {
        what: "An assignment in a loop that makes a frame of itself and something more with `pd.concat`.",
        why: "Each round copies all that is there, so the time grows with the square of the number of rounds.",
        example: "import pandas as pd\n\n\ndef f(frames):\n    whole = pd.DataFrame()\n    for frame in frames:\n        \
                  whole = pd.concat([whole, frame])\n    return whole\n",
        instead: "import pandas as pd\n\n\ndef f(frames):\n    parts = []\n    for frame in frames:\n        \
                  parts.append(frame)\n    return pd.concat(parts)\n",
        when_not: "Where the loop goes round a few times. An empty frame that it begins with may decide about dtypes, and \
                   `pd.concat` of an empty list raises.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Assign],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::Assign { targets, value } = tree.kind(id) else {
        return;
    };
    let [target] = targets[..] else { return };
    let Some(name) = tree.name(target) else { return };
    if !context.is_call_of(*value, &["pandas.concat"]) {
        return;
    }
    let Some(parts) = tree.argument(*value, Some(0), "objs") else {
        return;
    };
    let (Kind::List(parts) | Kind::Tuple(parts)) = tree.kind(parts) else {
        return;
    };
    let Some(own) = parts.iter().copied().find(|part| tree.name(*part) == Some(name)) else {
        return;
    };
    let Some(around) = grows_in(context, id, name) else {
        return;
    };
    context
        .find(
            *value,
            format!("`{name}` is copied as a whole in each round of the loop"),
        )
        .label(own, "all that is there already")
        .label(around, "the loop")
        .note("collect the frames in a list, and join them once behind the loop");
}
