//! `x = np.append(x, v)` in a loop: everything is copied again and again.

use numlift_source::syntax::{Kind, NodeId};

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL201",
    name: "growth-in-loop",
    summary: "an array that grows by `np.append`, `np.concatenate`, `np.vstack` in a loop",
    page: Page {
        what: "An assignment in a loop that makes an array of itself and something more: `np.append`, `np.concatenate`, \
               `np.hstack`, `np.vstack`, `np.dstack`, `np.column_stack`, `np.insert`, `np.r_`, `np.c_`.",
        why: "Arrays have no room to grow: each round copies all that is there, so the time grows with the square of \
              the number of rounds.",
        example: "import numpy as np\n\n\ndef f(items):\n    x = np.array([])\n    for item in items:\n        \
                  x = np.append(x, item)\n    return x\n",
        instead: "import numpy as np\n\n\ndef f(items):\n    parts = []\n    for item in items:\n        \
                  parts.append(item)\n    return np.array(parts)\n",
        when_not: "Where the loop goes round a few times, and each round does much more than copying. What is collected in \
                   a list has the dtype of its items, while an array that begins as `np.array([])` is of floats; there is \
                   no fix for that reason.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Assign],
    check,
};

const JOINERS: &[&str] = &[
    "numpy.append",
    "numpy.concatenate",
    "numpy.concat",
    "numpy.hstack",
    "numpy.vstack",
    "numpy.row_stack",
    "numpy.dstack",
    "numpy.column_stack",
    "numpy.insert",
];

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::Assign { targets, value } = tree.kind(id) else {
        return;
    };
    let ([target], value) = (&targets[..], *value) else {
        return;
    };
    let Some(name) = tree.name(*target) else { return };
    let Some(parts) = joined(context, value) else { return };
    let Some(own) = parts.iter().copied().find(|part| tree.name(*part) == Some(name)) else {
        return;
    };
    // `np.concatenate((x[-6:], x, x[:6]))` pads a ring, which is cut off again.
    let mentions = |part: &NodeId| tree.inside(*part).any(|inner| tree.name(inner) == Some(name));
    if parts.iter().filter(|part| mentions(part)).count() > 1 {
        return;
    }
    let Some(around) = grows_in(context, id, name) else {
        return;
    };
    context
        .find(
            value,
            format!("`{name}` is copied as a whole in each round of the loop"),
        )
        .label(own, "all that is there already")
        .label(around, "the loop")
        .note("collect the parts in a list, and join them once behind the loop");
}

/// What a call joins.
fn joined<'a>(context: &Context<'a>, id: NodeId) -> Option<Vec<NodeId>> {
    let tree = context.tree;
    match tree.kind(id) {
        Kind::Call { args, .. } if context.is_call_of(id, JOINERS) => {
            let first = *args.first()?;
            let single = context.is_call_of(id, &["numpy.append", "numpy.insert"]);
            match tree.kind(first) {
                _ if single => Some(args.clone()),
                Kind::Tuple(parts) | Kind::List(parts) => Some(parts.clone()),
                _ => None,
            }
        }
        // `np.r_[x, v]`
        Kind::Subscript { value, index } => {
            let is_joiner = context
                .qualified(*value)
                .is_some_and(|name| matches!(&*name, "numpy.r_" | "numpy.c_"));
            match tree.kind(*index) {
                Kind::Tuple(parts) if is_joiner => Some(parts.clone()),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The innermost loop in which a name keeps what it grew to from round to round; `None` where it begins anew, or where
/// the loop ends right behind.
pub(in crate::rules) fn grows_in(context: &Context<'_>, assignment: NodeId, name: &str) -> Option<NodeId> {
    let tree = context.tree;
    let mut inner = assignment;
    while let Some(around) = tree.loop_around(inner) {
        let (body, target) = match tree.kind(around) {
            Kind::For { body, target, .. } => (body, Some(*target)),
            Kind::While { body, .. } => (body, None),
            _ => return None,
        };
        let is_target = target.is_some_and(|target| tree.inside(target).any(|id| tree.name(id) == Some(name)));
        let begins_anew = body
            .iter()
            .flat_map(|stmt| tree.inside(*stmt))
            .any(|id| id != assignment && binds_anew(context, id, name));
        if is_target || begins_anew {
            return None;
        }
        if !leaves_at_once(context, assignment) {
            return Some(around);
        }
        inner = around;
    }
    None
}

/// Another assignment to the name that does not make use of it, or takes away again.
fn binds_anew(context: &Context<'_>, id: NodeId, name: &str) -> bool {
    let tree = context.tree;
    let is_name = |target: &NodeId| tree.inside(*target).any(|part| tree.name(part) == Some(name));
    let is_bound = |target: &NodeId| match tree.kind(*target) {
        Kind::Name(_) | Kind::Tuple(_) | Kind::List(_) => is_name(target),
        _ => false,
    };
    match tree.kind(id) {
        Kind::Assign { targets, value } => {
            let shrinks = matches!(tree.kind(*value), Kind::Subscript { value, .. } if tree.name(*value) == Some(name))
                || context.is_call_of(*value, &["numpy.delete"]);
            targets.iter().any(is_bound) && (shrinks || !is_name(value))
        }
        Kind::For { target, .. } => is_bound(target),
        Kind::AnnAssign { target, .. } => is_bound(target),
        Kind::With { items, .. } => items.iter().any(|(_, target)| target.as_ref().is_some_and(is_bound)),
        Kind::Delete(targets) => targets.iter().any(is_bound),
        _ => false,
    }
}

/// `break` or `return` follow in the same suite.
fn leaves_at_once(context: &Context<'_>, id: NodeId) -> bool {
    let tree = context.tree;
    let Some(parent) = tree.parent(id) else { return false };
    let suites: Vec<&Vec<NodeId>> = match tree.kind(parent) {
        Kind::If(branches) => branches.iter().map(|(_, body)| body).collect(),
        Kind::For { body, orelse, .. } | Kind::While { body, orelse, .. } => vec![body, orelse],
        Kind::With { body, .. } => vec![body],
        Kind::Try { body, handlers, .. } => std::iter::once(body)
            .chain(handlers.iter().map(|handler| &handler.body))
            .collect(),
        _ => return false,
    };
    let own = suites.into_iter().find(|suite| suite.contains(&id));
    let behind = own
        .into_iter()
        .flat_map(|suite| suite.iter().skip_while(|stmt| **stmt != id));
    behind
        .into_iter()
        .any(|stmt| matches!(tree.kind(*stmt), Kind::Break | Kind::Return(_) | Kind::Raise(_)))
}
