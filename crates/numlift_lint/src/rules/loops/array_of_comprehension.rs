//! `np.array([f(v) for v in x])`: an array taken apart and put together.

use numlift_source::statics::{Trust, Type};
use numlift_source::syntax::{Display, Kind, NodeId};

use super::is_elementwise;
use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL104",
    name: "array-of-comprehension",
    summary: "`np.array([f(v) for v in x])` of an array, where `f(x)` does",
    page: Page {
        what: "`np.array` of a list comprehension over the elements of an array of one axis, without a condition, whose \
               element is arithmetic and functions that NumPy has for whole arrays.",
        why: "Each element becomes an object of Python's, each result another one, and NumPy looks at all of them to put \
              them together: a hundred times slower than the same operators on the array.",
        example: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    \
                  return np.array([np.exp(-v) / 2 for v in x])\n",
        instead: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    return np.exp(-x) / 2\n",
        when_not: "For arrays of a few elements. Functions of `math` raise where NumPy's give NaN, and the last bits of \
                   some elements may differ; `numlift optimize` says which, and rewrites what it can prove.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    if !context.is_call_of(id, &["numpy.array", "numpy.asarray", "numpy.fromiter"]) {
        return;
    }
    let Kind::Call { args, .. } = tree.kind(id) else { return };
    let Some(first) = args.first() else { return };
    let Kind::Comprehension {
        display: Display::List | Display::Generator,
        element: (Some(element), None),
        clauses,
    } = tree.kind(*first)
    else {
        return;
    };
    let [clause] = &clauses[..] else { return };
    let (Some(target), true) = (tree.name(clause.target), clause.conditions.is_empty()) else {
        return;
    };
    let typed = context.typed(clause.iter);
    if !typed.has_rank(1) || typed.trust < Trust::Declared || typed.known_dtype().is_none() {
        return;
    }
    let uses = tree
        .inside(*element)
        .filter(|part| tree.name(*part) == Some(target))
        .count();
    let is_work = !matches!(tree.kind(*element), Kind::Name(_));
    if uses == 0 || !is_work || !is_elementwise(context, *element) || has_arrays(context, *element, target) {
        return;
    }
    let array = context.quoted(clause.iter);
    context
        .find(
            id,
            format!("the elements of {array} are taken out and put together again one by one"),
        )
        .note(format!("the same operators work on {array} as a whole"));
}

/// Whether something else than the element is an array, or may be: the results have more axes then.
fn has_arrays(context: &Context<'_>, element: NodeId, target: &str) -> bool {
    let tree = context.tree;
    tree.inside(element).any(|part| match tree.kind(part) {
        Kind::Name(name) if *name != target => {
            let is_callee = tree.parent(part).is_some_and(|parent| {
                matches!(tree.kind(parent), Kind::Attribute { .. })
                    || matches!(tree.kind(parent), Kind::Call { callee, .. } if *callee == part)
            });
            !is_callee && matches!(context.typed(part).ty, Type::Unknown | Type::Array { .. })
        }
        _ => false,
    })
}
