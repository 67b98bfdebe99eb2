//! Where a new array is not needed any more.
//!
//! ```text
//! %t = empty; … store %t …; <matmul> %t, %x, %y          released here, not at the end of its block
//! ```
//!
//! What is given back early serves the next allocation: its memory was touched already. An array that a frame names, that
//! leaves its block or that anything but loads, stores, views and calls has, stays to the end of its block.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::effects::is_view_of_memory;
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::Kind;

use super::Emitter;
use crate::value::Value;

/// The arrays that are not needed behind an op.
pub(super) type Ends = BTreeMap<OpId, Vec<ValueId>>;

/// Who uses what, and where.
struct Uses {
    by: BTreeMap<ValueId, Vec<OpId>>,
    handed_over: BTreeSet<ValueId>,
    block_of: BTreeMap<OpId, BlockId>,
    parent: BTreeMap<BlockId, OpId>,
}

impl Uses {
    fn of(func: &Function) -> Self {
        let mut uses = Self {
            by: BTreeMap::new(),
            handed_over: BTreeSet::new(),
            block_of: BTreeMap::new(),
            parent: BTreeMap::new(),
        };
        func.visit_blocks(func.body, &mut |block| {
            for op in &func.block(block).ops {
                let data = func.op(*op);
                uses.block_of.insert(*op, block);
                for inner in &data.blocks {
                    uses.parent.insert(*inner, *op);
                }
                for arg in &data.args {
                    uses.by.entry(*arg).or_default().push(*op);
                }
            }
            uses.handed_over.extend(func.block(block).end.values());
        });
        uses
    }

    /// The op of a block in which another op stands.
    fn in_block(&self, mut op: OpId, block: BlockId) -> Option<OpId> {
        loop {
            let own = *self.block_of.get(&op)?;
            if own == block {
                return Some(op);
            }
            op = *self.parent.get(&own)?;
        }
    }
}

/// Finds where the new arrays of a function end.
pub(super) fn ends_of(func: &Function) -> Ends {
    let uses = Uses::of(func);
    let mut ends = Ends::new();
    for (op, block) in &uses.block_of {
        let data = func.op(*op);
        let is_new =
            matches!(&data.kind, Kind::Call { callee, .. } if matches!(callee.as_str(), "numpy.empty" | "numpy.zeros"));
        if !is_new {
            continue;
        }
        if let Some(last) = end_of(func, &uses, *block, data.results[0]) {
            ends.entry(last).or_default().push(data.results[0]);
        }
    }
    ends
}

/// The last op of its block that needs an array; `None` where that cannot be said.
fn end_of(func: &Function, uses: &Uses, block: BlockId, array: ValueId) -> Option<OpId> {
    let mut same = vec![array];
    let mut users = BTreeSet::new();
    let mut at = 0;
    while at < same.len() {
        let value = same[at];
        at += 1;
        if uses.handed_over.contains(&value) {
            return None;
        }
        for user in uses.by.get(&value).into_iter().flatten() {
            let data = func.op(*user);
            match &data.kind {
                Kind::Load | Kind::Store | Kind::Len { .. } => {}
                // Of an element nothing is left, a view is the same memory.
                Kind::Index(_) | Kind::Attr(_) => same.extend(&data.results),
                Kind::Call { callee, .. } if is_view_of_memory(callee) => same.extend(&data.results),
                // What Python gives has references of its own.
                Kind::Call { .. } => {}
                _ => return None,
            }
            users.insert(uses.in_block(*user, block)?);
        }
    }
    let ops = &func.block(block).ops;
    ops.iter().rev().find(|op| users.contains(op)).copied()
}

impl Emitter<'_> {
    /// Releases the arrays that are not needed behind an op.
    pub(super) fn release_behind(&mut self, op: OpId) {
        let ended = self.ends.get(&op).cloned().unwrap_or_default();
        for value in ended {
            let Ok(Value::Array(array)) = self.get(value) else {
                continue;
            };
            let Some(scope) = self.scopes.last_mut() else { continue };
            let Some(place) = scope.owned.iter().position(|owned| *owned == array.owner) else {
                continue;
            };
            if self.text.has_ended() {
                continue;
            }
            scope.owned.remove(place);
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {})", array.owner));
        }
    }
}
