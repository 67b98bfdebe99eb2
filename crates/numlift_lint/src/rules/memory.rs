//! NL2: copies and temporaries that nobody needs.

pub mod astype_after_creation;
pub mod astype_to_same;
pub mod chained_index;
pub mod copy_before_reading;
pub mod flatten_before_reading;
pub mod growth_in_loop;
pub mod temporary_by_operator;
pub mod tile_before_broadcast;

use numlift_ir::table::{self, Does, FunctionInfo, Memory};
use numlift_source::syntax::{Kind, NodeId};

use crate::context::Context;

/// Whether a value is read on the spot and gone: the argument or receiver of a function of NumPy's that stores nothing
/// and keeps nothing of it.
fn is_only_read(context: &Context<'_>, id: NodeId) -> bool {
    let tree = context.tree;
    let Some(parent) = tree.parent(id) else { return false };
    let is_pure = |info: &FunctionInfo, call: NodeId| {
        let plain = info.does == Does::Nothing && matches!(info.memory, Memory::Fresh | Memory::Plain);
        let Kind::Call { keywords, .. } = tree.kind(call) else {
            return false;
        };
        plain && !tree.has_starred(call) && !keywords.iter().any(|(name, _)| matches!(*name, Some("out" | "copy")))
    };
    match tree.kind(parent) {
        Kind::Call { args, .. } if args.contains(&id) => context
            .callee(parent)
            .and_then(|name| table::lookup(&name))
            .is_some_and(|info| info.name.starts_with("numpy.") && is_pure(info, parent)),
        Kind::Attribute { attr, .. } => {
            let call = tree
                .parent(parent)
                .filter(|call| matches!(tree.kind(*call), Kind::Call { callee, .. } if *callee == parent));
            match call {
                Some(call) => table::method("ndarray", attr).is_some_and(|info| is_pure(info, call)),
                None => matches!(*attr, "size" | "shape" | "ndim" | "dtype"),
            }
        }
        _ => false,
    }
}
