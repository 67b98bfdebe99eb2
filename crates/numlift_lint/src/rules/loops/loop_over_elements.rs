//! `for i in range(len(x)): out[i] = f(x[i])`: a loop over elements that has an array form.

use numlift_source::diagnostic::{Label, Span};
use numlift_source::statics::Trust;
use numlift_source::syntax::{Kind, NodeId};

use super::{are_numbers, is_elementwise};
use crate::context::{Context, Repair};
use crate::lift::LoopForm;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL101",
    name: "loop-over-elements",
    summary: "a Python loop that fills an array element by element",
    page: Page {
        what: "A `for` loop over `range` whose statements store to elements of an array what arithmetic and functions of \
               NumPy's or `math`'s make of elements of arrays at the same place.",
        why: "Python takes each element out as an object, computes with it and puts the result back: about a hundred times \
              slower than an array expression, which NumPy computes in one go.",
        example: "import numpy as np\n\n\ndef f(n: int):\n    x = np.arange(n) / 10\n    out = np.zeros(n)\n    \
                  for i in range(n):\n        out[i] = 2 * x[i] + 1\n    return out\n",
        instead: "import numpy as np\n\n\ndef f(n: int):\n    x = np.arange(n) / 10\n    out = 2 * x + 1\n    return out\n",
        when_not: "For arrays of a few elements. The fix is there where the text tells what all the names are and the form \
                   needs no test at its entry; it is safe where that is certain and nothing is rounded in another way. \
                   For all else `numlift optimize` looks at a run, writes the expression and checks it.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::For],
    check,
};

/// Rounds that take no time whatever they do.
const FEW: i64 = 100;

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Some((index, iter, body)) = context.plain_loop(id) else {
        return;
    };
    if !context.is_call_of(iter, &["builtins.range"]) || !body.iter().all(|stmt| stores_element(context, *stmt, index))
    {
        return;
    }
    let form = context.lifted(id);
    // A few elements are not worth a word.
    let counts = context.only_args(iter).unwrap_or_default();
    if counts
        .last()
        .and_then(|count| tree.int(*count))
        .is_some_and(|count| count < FEW)
    {
        return;
    }
    // What is stored and read at once, at other places, is a recurrence.
    if form.is_none() && is_carried(context, body, index) {
        return;
    }
    let said = context.find(id, "an array is filled element by element");
    match form {
        Some(LoopForm::Lifted(lifted)) => {
            let said = said.note(format!("the whole is `{}`", lifted.form));
            let mut repair = Repair::edits("write it as an array expression", lifted.edits);
            for open in &lifted.open {
                repair = repair.changes(open);
            }
            said.fix(Some(repair));
        }
        Some(LoopForm::Blocked(obstacle)) => {
            let at = std::iter::once((obstacle.at, obstacle.message));
            let labels = at.chain(obstacle.labels).map(|((start, end), message)| Label {
                span: Span::new(0, start, end),
                message,
            });
            let said = said.labels(labels);
            if let Some(help) = obstacle.help {
                said.note(help);
            }
        }
        None => {
            said.note("`numlift optimize` writes it as an array expression and checks that it gives the same");
        }
    }
}

/// `out[i] = f(x[i])` for arrays that are known to be some.
fn stores_element(context: &Context<'_>, id: NodeId, index: &str) -> bool {
    let tree = context.tree;
    let (target, value) = match tree.kind(id) {
        Kind::Assign { targets, value } => match targets[..] {
            [target] => (target, *value),
            _ => return false,
        },
        Kind::AugAssign { target, value, .. } => (*target, *value),
        _ => return false,
    };
    let Kind::Subscript {
        value: array,
        index: place,
    } = *tree.kind(target)
    else {
        return false;
    };
    let typed = context.typed(array);
    let is_place = tree.name(place) == Some(index);
    let is_known = typed.has_rank(1) && typed.trust >= Trust::Declared && tree.name(array).is_some();
    // A number that is the same for all is `fill`, and a whole vector no element.
    is_known
        && is_place
        && is_elementwise(context, value)
        && are_numbers(context, value)
        && tree.inside(value).any(|part| tree.name(part) == Some(index))
}

/// Whether an array that is stored to is read at another place than that of the round, or read through at all by what is
/// stored elsewhere.
fn is_carried(context: &Context<'_>, body: &[NodeId], index: &str) -> bool {
    let tree = context.tree;
    let stored: Vec<&str> = body
        .iter()
        .filter_map(|stmt| match tree.kind(*stmt) {
            Kind::Assign { targets, .. } => Some(targets[0]),
            Kind::AugAssign { target, .. } => Some(*target),
            _ => None,
        })
        .filter_map(|target| match tree.kind(target) {
            Kind::Subscript { value, .. } => tree.name(*value),
            _ => None,
        })
        .collect();
    body.iter()
        .flat_map(|stmt| tree.inside(*stmt))
        .any(|part| match tree.kind(part) {
            Kind::Subscript { value, index: place } => {
                tree.name(*value).is_some_and(|name| stored.contains(&name)) && tree.name(*place) != Some(index)
            }
            _ => false,
        })
}
