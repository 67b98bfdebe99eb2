//! Pieces of text for new expressions made of old ones.
//!
//! ```text
//! a + b      as an argument   a + b        as an operand   (a + b)
//! f(x)[0]    as an argument   f(x)[0]      as an operand   f(x)[0]
//! ```

use super::{Kind, NodeId, Tree};

/// The text of an expression where commas end it: an argument, an element. Its lines stay lines, since the brackets
/// around it join them.
pub fn argument(tree: &Tree<'_>, id: NodeId) -> String {
    match tree.kind(id) {
        Kind::Tuple(_) if !tree.text(id).starts_with('(') => format!("({})", tree.text(id)),
        Kind::Comprehension { .. } if !tree.text(id).starts_with(['[', '{', '(']) => format!("({})", tree.text(id)),
        Kind::Named { .. } | Kind::Yield(_) | Kind::Lambda { .. } => format!("({})", tree.text(id)),
        _ => tree.text(id).to_owned(),
    }
}

/// The text of an expression where an operator, a dot or a bracket follows it.
pub fn operand(tree: &Tree<'_>, id: NodeId) -> String {
    match tree.kind(id) {
        Kind::Name(_) | Kind::Attribute { .. } | Kind::Call { .. } | Kind::Subscript { .. } => tree.text(id).to_owned(),
        Kind::List(_) | Kind::Dict(_) | Kind::Set(_) => tree.text(id).to_owned(),
        _ => format!("({})", tree.text(id)),
    }
}
