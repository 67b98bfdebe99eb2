//! `np.unique(x)` twice: everything is sorted twice.

use numlift_source::syntax::{Kind, NodeId};

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL502",
    name: "repeated-sort",
    summary: "`np.unique(x)` (or `np.sort`, `np.argsort`, `np.median`) of the same array twice in one statement or one after the other",
    page: Page {
        what: "Two calls of `np.unique`, `np.sort`, `np.argsort`, `np.median` or `np.percentile` with the same name and \
               nothing else as their argument, in one statement or in neighbours, where nothing in between can change \
               the array.",
        why: "Each of them sorts (or partly sorts) the whole array; the second answer is the first.",
        example: "import numpy as np\n\n\ndef f(x):\n    return np.unique(x), len(np.unique(x))\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    values = np.unique(x)\n    return values, len(values)\n",
        when_not: "Where the two results are stored to and have to be two arrays.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Call],
    check,
};

const SORTERS: &[&str] = &["numpy.unique", "numpy.sort", "numpy.argsort", "numpy.median"];

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Some(function) = context.callee(id).filter(|name| SORTERS.contains(&&**name)) else {
        return;
    };
    let Some(&[of]) = context.only_args(id) else { return };
    let Some(name) = tree.name(of) else { return };
    // One of the same before it, in this statement.
    let statement = tree.statement_of(id);
    let is_same = |other: NodeId| {
        other < id
            && context.callee(other).as_deref() == Some(&*function)
            && matches!(context.only_args(other), Some([arg]) if tree.name(*arg) == Some(name))
    };
    if !is_simple(context, statement) {
        return;
    }
    let own = tree
        .inside(statement)
        .find(|other| is_same(*other) && same_branch(context, *other, id, statement));
    let found = own.or_else(|| {
        let before = tree.statement_before(statement)?;
        let plain = is_simple(context, before) && !touches(context, before, name);
        plain.then(|| {
            tree.inside(before)
                .find(|other| is_same(*other) && same_branch(context, *other, *other, before))
        })?
    });
    let Some(first) = found else { return };
    let short = function.replace("numpy.", "np.");
    context
        .find(id, format!("`{short}({name})` is computed a second time"))
        .label(first, "the first time")
        .note("keep the result in a variable");
}

/// A statement without statements in it.
fn is_simple(context: &Context<'_>, id: NodeId) -> bool {
    matches!(
        context.tree.kind(id),
        Kind::Assign { .. } | Kind::AnnAssign { .. } | Kind::Expr(_) | Kind::Return(_)
    )
}

/// Both are evaluated whenever the statement is: neither is in a lambda, a comprehension or one branch of a condition.
fn same_branch(context: &Context<'_>, first: NodeId, second: NodeId, statement: NodeId) -> bool {
    let tree = context.tree;
    let is_always = |id: NodeId| {
        tree.ancestors(id)
            .take_while(|ancestor| *ancestor != statement)
            .all(|ancestor| {
                !matches!(
                    tree.kind(ancestor),
                    Kind::Lambda { .. } | Kind::Comprehension { .. } | Kind::IfElse { .. } | Kind::Logic { .. }
                )
            })
    };
    is_always(first) && is_always(second)
}

/// Whether a statement may bind or change what a name stands for.
fn touches(context: &Context<'_>, statement: NodeId, name: &str) -> bool {
    let tree = context.tree;
    let targets = match tree.kind(statement) {
        Kind::Assign { targets, .. } => targets.clone(),
        Kind::AnnAssign { target, .. } => vec![*target],
        _ => Vec::new(),
    };
    let binds = targets.iter().any(|target| {
        tree.inside(*target).any(|part| tree.name(part) == Some(name))
            || !matches!(tree.kind(*target), Kind::Name(_) | Kind::Tuple(_))
    });
    // Calls of anything else may change it.
    let calls = tree.inside(statement).any(|part| {
        matches!(tree.kind(part), Kind::Call { .. })
            && !context
                .callee(part)
                .is_some_and(|name| SORTERS.contains(&&*name) || matches!(&*name, "builtins.len" | "builtins.print"))
    });
    binds || calls
}
