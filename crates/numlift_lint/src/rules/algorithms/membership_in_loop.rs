//! `v in array` in a loop: the whole array is looked at each time.

use numlift_source::syntax::{Comparison, Kind, NodeId};

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL501",
    name: "membership-in-loop",
    summary: "`v in array` in a loop, where `np.isin` or a set does",
    page: Page {
        what: "`in` or `not in` with an array on the right, in a loop or comprehension that does not change which array \
               that is.",
        why: "`v in array` compares `v` with every element and makes an array of the answers, in each round: n rounds take \
              n² comparisons. `np.isin` sorts once for all, and a set finds each at once.",
        example: "import numpy as np\n\n\ndef f(items, n):\n    known = np.arange(n)\n    \
                  return [item for item in items if item in known]\n",
        instead: "import numpy as np\n\n\ndef f(items, n):\n    known = set(np.arange(n).tolist())\n    \
                  return [item for item in items if item in known]\n",
        when_not: "For arrays of a few elements. `in` finds equal numbers of other types, and no NaN; of an array of \
                   several axes it looks at all elements.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Compare],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::Compare { rest, .. } = tree.kind(id) else {
        return;
    };
    let [(Comparison::In | Comparison::NotIn, array)] = rest[..] else {
        return;
    };
    let Some(name) = tree.name(array).filter(|_| context.typed(array).is_array()) else {
        return;
    };
    let Some(around) = repeats(context, id) else { return };
    let rebinds = tree.inside(around).any(|part| match tree.kind(part) {
        Kind::Assign { targets, .. } => targets.iter().any(|target| names(context, *target, name)),
        Kind::AugAssign { target, .. } | Kind::For { target, .. } => names(context, *target, name),
        Kind::Comprehension { clauses, .. } => clauses.iter().any(|clause| names(context, clause.target, name)),
        _ => false,
    });
    if rebinds {
        return;
    }
    context
        .find(id, format!("all of `{name}` is compared in each round of the loop"))
        .label(around, "the loop")
        .note("`np.isin` looks for many at once, and a set for each in one step");
}

/// The loop or comprehension that evaluates it again and again.
fn repeats(context: &Context<'_>, id: NodeId) -> Option<NodeId> {
    let tree = context.tree;
    let mut child = id;
    for ancestor in tree.ancestors(id) {
        match tree.kind(ancestor) {
            Kind::Comprehension { clauses, .. } => {
                // The first iterable is evaluated once.
                return (clauses.first().map(|clause| clause.iter) != Some(child)).then_some(ancestor);
            }
            Kind::For { body, .. } if body.contains(&child) => return Some(ancestor),
            Kind::While { body, .. } if body.contains(&child) => return Some(ancestor),
            Kind::Function { .. } | Kind::Lambda { .. } | Kind::Class { .. } => return None,
            _ => child = ancestor,
        }
    }
    None
}

fn names(context: &Context<'_>, target: NodeId, name: &str) -> bool {
    let tree = context.tree;
    // A store to an element makes it another array, too, as far as `in` goes.
    tree.inside(target).any(|part| tree.name(part) == Some(name))
}
