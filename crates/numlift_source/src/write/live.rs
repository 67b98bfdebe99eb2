//! Which ops are written: those that do something, and those that these need.
//!
//! Ops that only a guard needs may stand in the body too; they are written in the guard.

use std::collections::BTreeSet;

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Term};

/// The ops to write.
pub(super) struct Live {
    ops: BTreeSet<OpId>,
    /// How often they use each value, block ends included.
    pub uses: Vec<u32>,
}

/// Those of `given` values that the written ops use, when they are there from the start.
pub(super) fn reached(func: &Function, given: &BTreeSet<ValueId>) -> BTreeSet<ValueId> {
    Marker::run(func, given).reached
}

impl Live {
    pub fn of(func: &Function) -> Self {
        Self::beside(func, &BTreeSet::new())
    }

    /// The same where some values are there from the start.
    pub fn beside(func: &Function, given: &BTreeSet<ValueId>) -> Self {
        let marker = Marker::run(func, given);
        let mut live = Self {
            ops: marker.live,
            uses: vec![0; func.values.len()],
        };
        live.count(func, func.body);
        live
    }

    /// The ops of a block that are written.
    pub fn ops_of(&self, func: &Function, block: BlockId) -> Vec<OpId> {
        func.block(block)
            .ops
            .iter()
            .copied()
            .filter(|op| self.ops.contains(op))
            .collect()
    }

    fn count(&mut self, func: &Function, block: BlockId) {
        for op in self.ops_of(func, block) {
            for arg in &func.op(op).args {
                self.uses[arg.index()] += 1;
            }
            for inner in &func.op(op).blocks {
                self.count(func, *inner);
            }
        }
        for value in func.block(block).end.values() {
            self.uses[value.index()] += 1;
        }
    }
}

struct Marker<'a> {
    func: &'a Function,
    live: BTreeSet<OpId>,
    /// Values that were there from the start and were needed.
    reached: BTreeSet<ValueId>,
    /// The op that each block belongs to.
    owner: Vec<Option<OpId>>,
    pending: Vec<ValueId>,
}

impl<'a> Marker<'a> {
    fn run(func: &'a Function, given: &BTreeSet<ValueId>) -> Self {
        let mut marker = Self {
            func,
            live: BTreeSet::new(),
            reached: BTreeSet::new(),
            owner: vec![None; func.blocks.len()],
            pending: Vec::new(),
        };
        marker.roots(func.body);
        while let Some(value) = marker.pending.pop() {
            if given.contains(&value) {
                marker.reached.insert(value);
            } else if let Some(op) = func.def_op(value) {
                marker.mark(op);
            }
        }
        marker
    }

    /// What is needed whether its results are used or not.
    fn roots(&mut self, block: BlockId) {
        let func = self.func;
        if block == func.body {
            self.pending.extend(func.block(block).end.values());
        }
        for op in &func.block(block).ops {
            for inner in &func.op(*op).blocks {
                self.owner[inner.index()] = Some(*op);
                self.roots(*inner);
            }
            let leaves = func
                .op(*op)
                .blocks
                .iter()
                .any(|inner| !matches!(func.block(*inner).end, Term::Yield(_)));
            if leaves || !matches!(func.op(*op).kind.effect(), Effect::Pure | Effect::Reads) {
                self.mark(*op);
                let mut around = self.owner[block.index()];
                while let Some(owner) = around {
                    self.mark(owner);
                    around = self.block_of(owner).and_then(|block| self.owner[block.index()]);
                }
            }
        }
    }

    fn block_of(&self, op: OpId) -> Option<BlockId> {
        (0..self.func.blocks.len() as u32)
            .map(BlockId)
            .find(|block| self.func.block(*block).ops.contains(&op))
    }

    fn mark(&mut self, op: OpId) {
        if self.live.insert(op) {
            let data = self.func.op(op);
            self.pending.extend(&data.args);
            for block in &data.blocks {
                self.pending.extend(self.func.block(*block).end.values());
            }
        }
    }
}
