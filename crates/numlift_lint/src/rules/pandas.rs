//! NL6: rows of frames, one after the other.

pub mod apply_over_rows;
pub mod frame_growth_in_loop;
pub mod loop_over_rows;
pub mod row_store_in_loop;

use numlift_source::syntax::{Kind, NodeId, Tree};

use crate::context::Context;

/// Whether the file has pandas at hand: it binds a name by importing it.
fn has_pandas(context: &Context<'_>) -> bool {
    let tree = context.tree;
    tree.source().contains("import pandas") || tree.source().contains("from pandas")
}

/// The frame whose rows a `for` statement goes through, and the name of the row's label.
fn rows_of<'a>(context: &Context<'a>, id: NodeId) -> Option<(NodeId, Option<&'a str>)> {
    let tree: &Tree<'a> = context.tree;
    let Kind::For { target, iter, .. } = tree.kind(id) else {
        return None;
    };
    let frame = context.method(*iter, "iterrows")?;
    let label = match tree.kind(*target) {
        Kind::Tuple(parts) => parts.first().and_then(|label| tree.name(*label)),
        _ => None,
    };
    Some((frame, label))
}
