//! Values that the program needs, frames apart.
//!
//! A frame holds every name, since Python might go on anywhere; a name that no op reads any more Python does not read
//! either, but where it computes what nobody uses and cannot fail. So any value of the right type will do there.
//!
//! Where Python surely goes on, it reads all names of the frame: what is behind is not here.
//!
//! A carried value is live if an op reads it, or if what it becomes behind the loop is: the loop may run no times.

use std::collections::BTreeSet;

use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{FROM_HERE, Kind, Term};

use crate::dead::breaks_of;

/// Values that some op reads, by whatever way.
#[derive(Debug)]
pub(super) struct Live {
    live: BTreeSet<ValueId>,
    /// Values that something has as an operand, be it a frame.
    used: BTreeSet<ValueId>,
}

impl Live {
    pub(super) fn of(func: &Function) -> Self {
        let mut owner = vec![None; func.blocks.len()];
        let mut pending = Vec::new();
        let mut used = BTreeSet::new();
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            for block in &data.blocks {
                owner[block.index()] = Some(op);
            }
            used.extend(&data.args);
            match data.kind {
                Kind::Frame { .. } => {}
                Kind::For => pending.extend(&data.args[..3]),
                Kind::While => pending.extend(func.block(data.blocks[0]).end.values()),
                // Whatever computes needs what it computes with.
                _ => pending.extend(&data.args),
            }
        });
        func.visit_blocks(func.body, &mut |block| {
            let end = &func.block(block).end;
            used.extend(end.values());
            if let Term::Return(values) = end {
                pending.extend(values);
            }
        });
        left_surely(func, func.body, None, &mut pending);
        let mut live = BTreeSet::new();
        while let Some(value) = pending.pop() {
            if live.insert(value) {
                flows_into(func, &owner, value, &mut pending);
            }
        }
        Self { live, used }
    }

    pub(super) fn contains(&self, value: ValueId) -> bool {
        self.live.contains(&value)
    }

    /// Whether anything has it as an operand.
    pub(super) fn is_used(&self, value: ValueId) -> bool {
        self.used.contains(&value)
    }
}

/// The names of the frames at which Python goes on whatever happens, the present one being that of the blocks around.
fn left_surely(func: &Function, block: BlockId, mut present: Option<OpId>, found: &mut Vec<ValueId>) {
    let names = |present: Option<OpId>| {
        present
            .into_iter()
            .flat_map(|frame| func.op(frame).args.iter().copied())
    };
    for op in &func.block(block).ops {
        let data = func.op(*op);
        match &data.kind {
            Kind::Frame { .. } => present = Some(*op),
            Kind::Require(reason) if reason.starts_with(FROM_HERE) => found.extend(names(present)),
            Kind::Raise(_) => found.extend(names(present)),
            _ => {}
        }
        for block in &data.blocks {
            left_surely(func, *block, present, found);
        }
    }
    if matches!(func.block(block).end, Term::Unreachable) {
        found.extend(names(present));
    }
}

/// The values that a result of control flow, or a carried value, may be.
fn flows_into(func: &Function, owner: &[Option<OpId>], value: ValueId, found: &mut Vec<ValueId>) {
    let yielded = |block: BlockId, number: usize| match &func.block(block).end {
        Term::Yield(values) => values.get(number).copied(),
        Term::Break(..) | Term::Return(_) | Term::Unreachable => None,
    };
    let carried = |op: OpId, number: usize, found: &mut Vec<ValueId>| {
        let data = func.op(op);
        let (bounds, body, skip) = match data.kind {
            Kind::For => (3, data.blocks[0], 1),
            _ => (0, data.blocks[1], 0),
        };
        found.push(data.args[bounds + number]);
        found.extend(yielded(body, number));
        found.extend(data.blocks.iter().map(|block| func.block(*block).params[skip + number]));
        for block in breaks_of(func, op) {
            found.extend(func.block(block).end.values().get(number));
        }
    };
    match func.def(value) {
        Def::Result(op, number) => match func.op(op).kind {
            Kind::If => {
                let blocks = &func.op(op).blocks;
                found.extend(blocks.iter().filter_map(|block| yielded(*block, number as usize)));
            }
            Kind::For | Kind::While => carried(op, number as usize, found),
            _ => {}
        },
        Def::Param(block, number) => {
            if let Some(op) = owner[block.index()] {
                match func.op(op).kind {
                    Kind::For if number > 0 => carried(op, number as usize - 1, found),
                    Kind::While => carried(op, number as usize, found),
                    _ => {}
                }
            }
        }
    }
}
