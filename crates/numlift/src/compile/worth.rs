//! Whether machine code can be faster than Python.
//!
//! A call of Python from compiled code costs more than the interpreter's own: a function that does little else is not
//! compiled. Where whole arrays are computed beside it, it hardly counts.

use numlift_ir::function::{BlockId, Function, OriginId, ValueId};
use numlift_ir::op::{Kind, Touches};
use numlift_ir::ty::Ty;

/// Why a function is not worth compiling.
pub struct Worthless {
    pub origin: OriginId,
    pub reason: String,
    pub help: &'static str,
}

/// What makes compiling a function pointless, if anything does.
pub fn worthless(func: &Function) -> Option<Worthless> {
    let (mut loops, mut island) = (false, None);
    func.walk(func.body, &mut |op| match &func.op(op).kind {
        Kind::For | Kind::While => loops = true,
        Kind::Opaque { reason, .. } => {
            island.get_or_insert_with(|| (func.op(op).origin, reason.clone()));
        }
        _ => {}
    });
    if let Some((origin, reason)) = island
        && !loops
        && !works_on_arrays(func, &[func.body])
    {
        return Some(Worthless {
            origin,
            reason: format!("it has no loop, and runs Python: {reason}"),
            help: "compile the function that loops",
        });
    }
    slow_island(func).map(|(origin, reason)| Worthless {
        origin,
        reason: format!("the innermost loop runs Python: {reason}"),
        help: "take it out of the loop",
    })
}

/// Python in an innermost loop, where calling it costs more than compiling gains.
fn slow_island(func: &Function) -> Option<(OriginId, String)> {
    let mut found = None;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        if !matches!(data.kind, Kind::For | Kind::While) || found.is_some() {
            return;
        }
        let mut has_loop = false;
        let mut island = None;
        for block in &data.blocks {
            func.walk(*block, &mut |inner| match &func.op(inner).kind {
                Kind::For | Kind::While => has_loop = true,
                Kind::Opaque { reason, touches, .. } if *touches != Touches::Nothing => {
                    island.get_or_insert((func.op(inner).origin, reason.clone()));
                }
                _ => {}
            });
        }
        if !has_loop && !works_on_arrays(func, &data.blocks) {
            found = island;
        }
    });
    found
}

/// Whether whole arrays are computed in blocks: then a call of Python more hardly counts.
fn works_on_arrays(func: &Function, blocks: &[BlockId]) -> bool {
    let mut found = false;
    for block in blocks {
        func.walk(*block, &mut |op| {
            let data = func.op(op);
            let is_array = |value: &ValueId| matches!(func.ty(*value).bound(), Ty::Array { .. });
            found |= matches!(data.kind, Kind::Scalar { .. } | Kind::Call { .. } | Kind::Method { .. })
                && data.results.iter().any(is_array);
        });
    }
    found
}
