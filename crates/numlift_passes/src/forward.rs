//! Lists that are made, filled by one loop and only read: their elements are the computation itself.
//!
//! ```text
//! l = list; extend l, n { t: f(t) };  … index l, k …      =>      … f(k) …
//! ```
//!
//! So `sum([v * v for v in row])` needs no list. The list must be fresh, filled once and unconditionally, and used
//! only by loads behind that, in the same block or below.

use std::collections::HashMap;

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Kind, Sub};

use crate::slice::{Scope, Slice};

#[cfg(test)]
mod tests;

/// Forwards the elements of every such list in a block, not below it; says whether there was one.
pub fn forward(func: &mut Function, block: BlockId) -> bool {
    let mut changed = false;
    for op in func.block(block).ops.clone() {
        if func.op(op).kind == Kind::MakeList && func.op(op).args.is_empty() {
            changed |= forward_list(func, block, op);
        }
    }
    changed
}

fn forward_list(func: &mut Function, block: BlockId, made: OpId) -> bool {
    let list = func.result(made);
    let Some((filler, loads)) = uses(func, block, list) else {
        return false;
    };
    let extent = func.op(filler).args[1];
    for (at, load) in loads {
        match func.op(load).kind.clone() {
            Kind::Len { axis: 0 } => {
                let result = func.result(load);
                replace(func, result, extent);
            }
            _ => {
                let filled = func.op(filler).blocks[0];
                let scope = Scope::of(func, filled);
                let counter = func.block(filled).params[0];
                let index = func.op(load).args[1];
                let place = func.block(at).ops.iter().position(|op| *op == load).unwrap_or(0);
                let tail = func.block_mut(at).ops.split_off(place);
                let element = func.block(filled).end.values()[0];
                let made = Slice::new(&scope, at, HashMap::from([(counter, index)])).value(func, element);
                func.block_mut(at).ops.extend(tail);
                if let Ok(value) = made {
                    let result = func.result(load);
                    replace(func, result, value);
                }
            }
        }
    }
    // The list itself is dead now, with what fills it.
    func.block_mut(block).ops.retain(|op| *op != filler && *op != made);
    true
}

/// The one `Extend` of a list and the loads behind it, with their blocks; `None` where it is used in any other way.
fn uses(func: &Function, block: BlockId, list: ValueId) -> Option<(OpId, Vec<(BlockId, OpId)>)> {
    let mut filler = None;
    let mut loads = Vec::new();
    let mut blocks = Vec::new();
    func.visit_blocks(func.body, &mut |inner| blocks.push(inner));
    for inner in blocks {
        if func.block(inner).end.values().contains(&list) {
            return None;
        }
        for op in &func.block(inner).ops {
            let data = func.op(*op);
            if !data.args.contains(&list) {
                continue;
            }
            match &data.kind {
                Kind::Extend {
                    masked: false,
                    depth: 0,
                } if data.args[0] == list => {
                    if filler.is_some() || inner != block || data.args.len() != 2 {
                        return None;
                    }
                    filler = Some(*op);
                }
                Kind::Index(subs) if *subs == [Sub::At] && data.args[0] == list => loads.push((inner, *op)),
                Kind::Len { axis: 0 } => loads.push((inner, *op)),
                _ => return None,
            }
        }
    }
    let filler = filler?;
    // What fills it reads memory at its own place: nothing may be stored between, so only pure reads follow.
    let ops = &func.block(block).ops;
    let from = ops.iter().position(|op| *op == filler)?;
    let last = ops.iter().rposition(|op| {
        let mut used = loads.iter().any(|(_, load)| load == op);
        for inner in &func.op(*op).blocks {
            func.walk(*inner, &mut |below| {
                used |= loads.iter().any(|(_, load)| *load == below)
            });
        }
        used
    });
    let quiet = last.is_none_or(|last| {
        ops[from + 1..=last.max(from)].iter().all(|op| {
            let mut stores = false;
            let writes = |op: OpId| {
                matches!(
                    func.op(op).kind.effect(),
                    numlift_ir::op::Effect::Writes | numlift_ir::op::Effect::World
                )
            };
            stores |= writes(*op);
            for inner in &func.op(*op).blocks {
                func.walk(*inner, &mut |below| stores |= writes(below));
            }
            !stores
        })
    });
    quiet.then_some((filler, loads))
}

fn replace(func: &mut Function, from: ValueId, to: ValueId) {
    func.replace_uses(func.body, from, to);
}
