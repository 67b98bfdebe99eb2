//! `x = np.exp(a)`, `x = x / 2`: a second array where the first one would do.

use numlift_ir::table::{self, Does, Memory};
use numlift_source::statics::Trust;
use numlift_source::syntax::{Binary, Kind, NodeId};

use crate::context::{Context, Repair, is_certain_array};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL208",
    name: "temporary-by-operator",
    summary: "`x = x * 2` right behind `x = np.exp(a)`, where `x *= 2` does",
    page: Page {
        what: "An assignment `x = x op number` right behind the statement that makes the array `x`, so that nobody else \
               has it; the dtype of the result is that of `x`.",
        why: "The operator makes a second array and drops the first one. In place there is no memory to be asked for and \
              brought to the processor: twice as fast for large arrays.",
        example: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    x = x * 2\n    return x\n",
        instead: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    x *= 2\n    return x\n",
        when_not: "Never, if nobody else has the array; the rule looks only at arrays that were just made. Inside one \
                   expression NumPy reuses temporaries by itself.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Assign],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::Assign { targets, value } = tree.kind(id) else {
        return;
    };
    let ([target], value) = (&targets[..], *value) else {
        return;
    };
    let Some(name) = tree.name(*target) else { return };
    let Kind::Binary { op, left, right } = *tree.kind(value) else {
        return;
    };
    let Some(sign) = sign(op) else { return };
    let typed = context.typed(left);
    let is_number = context.typed(right).scalar().is_some() && context.typed(right).trust == Trust::Certain;
    if tree.name(left) != Some(name) || !is_certain_array(typed) || !is_number {
        return;
    }
    let keeps_dtype = typed.known_dtype().is_some() && context.typed(value).known_dtype() == typed.known_dtype();
    // An exception would leave it half done, where somebody catches that.
    let is_caught = tree
        .ancestors(id)
        .any(|ancestor| matches!(tree.kind(ancestor), Kind::Try { .. } | Kind::With { .. }));
    if !keeps_dtype || is_caught || !was_just_made(context, id, name) {
        return;
    }
    let repair = Repair::replace(id, format!("{name} {sign}= {}", tree.text(right)));
    context
        .find(id, format!("a second array is made of `{name}`, which nobody else has"))
        .fix(Some(repair));
}

fn sign(op: Binary) -> Option<&'static str> {
    match op {
        Binary::Add => Some("+"),
        Binary::Sub => Some("-"),
        Binary::Mul => Some("*"),
        Binary::Div => Some("/"),
        Binary::FloorDiv => Some("//"),
        Binary::Mod => Some("%"),
        Binary::Pow => Some("**"),
        Binary::MatMul | Binary::LeftShift | Binary::RightShift | Binary::And | Binary::Or | Binary::Xor => None,
    }
}

/// Whether the statement right before is the one that makes the array.
fn was_just_made(context: &Context<'_>, id: NodeId, name: &str) -> bool {
    let tree = context.tree;
    let Some(before) = tree.statement_before(id) else {
        return false;
    };
    match tree.kind(before) {
        Kind::Assign { targets, value } => {
            matches!(targets[..], [target] if tree.name(target) == Some(name)) && is_fresh(context, *value)
        }
        _ => false,
    }
}

/// Whether an expression gives memory that nobody knows: what NumPy has made, or an operator.
fn is_fresh(context: &Context<'_>, id: NodeId) -> bool {
    let tree = context.tree;
    if !is_certain_array(context.typed(id)) {
        return false;
    }
    match tree.kind(id) {
        Kind::Binary { op, .. } => sign(*op).is_some(),
        Kind::Call { callee, keywords, .. } => {
            let info = match context.callee(id) {
                Some(name) => table::lookup(&name).filter(|info| info.name.starts_with("numpy.")),
                None => match tree.kind(*callee) {
                    Kind::Attribute { value, attr } if context.typed(*value).is_array() => {
                        table::method("ndarray", attr)
                    }
                    _ => None,
                },
            };
            let plain = !keywords
                .iter()
                .any(|(name, _)| matches!(*name, None | Some("out" | "copy" | "subok" | "like")));
            plain && info.is_some_and(|info| info.memory == Memory::Fresh && info.does == Does::Nothing)
        }
        _ => false,
    }
}
