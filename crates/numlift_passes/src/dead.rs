//! Removing what nothing needs: pure ops, carried values of loops, results of `If`s.
//!
//! A loop carries every name that its body binds; most are temporaries that nobody reads in the next iteration.
//! Liveness is found over the whole function at once: a carried value is live if its result is, or if the body reads
//! it for something live.

use std::collections::HashSet;

use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};

#[cfg(test)]
mod tests;

/// Removes dead ops, carried values and results; says whether there was one.
pub fn remove(func: &mut Function) -> bool {
    remove_keeping(func, &[])
}

/// The same, with values that are needed besides the outputs.
pub fn remove_keeping(func: &mut Function, kept: &[ValueId]) -> bool {
    let live = live_values(func, kept);
    sweep_block(func, func.body, &live)
}

struct Liveness<'a> {
    func: &'a Function,
    live: HashSet<ValueId>,
    ops: HashSet<OpId>,
    pending: Vec<ValueId>,
    /// The op that each block belongs to.
    owner: Vec<Option<OpId>>,
    /// Values that are needed besides the outputs.
    kept: HashSet<ValueId>,
}

fn live_values(func: &Function, kept: &[ValueId]) -> (HashSet<ValueId>, HashSet<OpId>) {
    let mut owner = vec![None; func.blocks.len()];
    func.walk(func.body, &mut |op| {
        for block in &func.op(op).blocks {
            owner[block.index()] = Some(op);
        }
    });
    let mut state = Liveness {
        func,
        live: HashSet::new(),
        ops: HashSet::new(),
        pending: Vec::new(),
        owner,
        kept: kept.iter().copied().collect(),
    };
    state.pending.extend(kept);
    state.roots(func.body);
    while let Some(value) = state.pending.pop() {
        state.reach(value);
    }
    (state.live, state.ops)
}

impl Liveness<'_> {
    /// Ops that must stay whatever their results are used for.
    fn roots(&mut self, block: BlockId) {
        let func = self.func;
        if matches!(func.block(block).end, Term::Return(_)) {
            self.pending.extend(func.block(block).end.values());
            self.keep_owner(block);
        }
        if matches!(func.block(block).end, Term::Break(..) | Term::Unreachable) {
            self.keep_owner(block);
        }
        for op in &func.block(block).ops {
            let kind = &func.op(*op).kind;
            let stays = matches!(kind.effect(), Effect::Writes | Effect::Draws | Effect::World) || *kind == Kind::While;
            if stays {
                self.keep(*op);
                self.keep_owner(block);
            }
            // It is computed where it stands: under the conditions around it.
            if func.op(*op).results.iter().any(|result| self.kept.contains(result)) {
                self.keep_owner(block);
            }
            for inner in &func.op(*op).blocks {
                self.roots(*inner);
            }
        }
    }

    /// The control flow around a block that must run.
    fn keep_owner(&mut self, block: BlockId) {
        if let Some(op) = self.owner[block.index()] {
            self.keep(op);
            let outer = self
                .func
                .blocks
                .iter()
                .position(|candidate| candidate.ops.contains(&op));
            if let Some(outer) = outer {
                self.keep_owner(BlockId(outer as u32));
            }
        }
    }

    /// An op that is evaluated: its operands are live, but for initial values of loops, which go with their results.
    fn keep(&mut self, op: OpId) {
        if !self.ops.insert(op) {
            return;
        }
        let data = self.func.op(op);
        match data.kind {
            Kind::For => self.pending.extend(&data.args[..3]),
            Kind::While => {
                self.pending.extend(&data.args);
                for block in data.blocks.iter().chain(&breaks_of(self.func, op)) {
                    self.pending.extend(self.func.block(*block).end.values());
                }
            }
            Kind::If => self.pending.extend(&data.args),
            _ => {
                self.pending.extend(&data.args);
                for block in &data.blocks {
                    self.pending.extend(self.func.block(*block).end.values());
                }
            }
        }
    }

    fn reach(&mut self, value: ValueId) {
        if !self.live.insert(value) {
            return;
        }
        match self.func.def(value) {
            Def::Result(op, number) => {
                self.keep(op);
                self.result(op, number as usize);
            }
            Def::Param(block, number) => {
                if let Some(op) = self.owner[block.index()]
                    && self.func.op(op).kind == Kind::For
                    && number > 0
                {
                    self.result(op, number as usize - 1);
                    self.pending.push(self.func.op(op).results[number as usize - 1]);
                }
            }
        }
    }

    /// What result `number` of an op with blocks comes from.
    fn result(&mut self, op: OpId, number: usize) {
        let data = self.func.op(op);
        let yielded = |block: BlockId| match &self.func.block(block).end {
            Term::Yield(values) => values.get(number).copied(),
            _ => None,
        };
        match data.kind {
            Kind::If => self
                .pending
                .extend(data.blocks.iter().filter_map(|block| yielded(*block))),
            Kind::For => {
                self.pending.push(data.args[3 + number]);
                self.pending.extend(yielded(data.blocks[0]));
                // The body's parameter goes with the result, so that both stay or go.
                self.pending.push(self.func.block(data.blocks[0]).params[1 + number]);
                for block in breaks_of(self.func, op) {
                    self.pending.extend(self.func.block(block).end.values().get(number));
                }
            }
            _ => {}
        }
    }
}

fn sweep_block(func: &mut Function, block: BlockId, live: &(HashSet<ValueId>, HashSet<OpId>)) -> bool {
    let ops: Vec<OpId> = func
        .block(block)
        .ops
        .iter()
        .copied()
        .filter(|op| live.1.contains(op))
        .collect();
    let mut changed = ops.len() < func.block(block).ops.len();
    for op in &ops {
        changed |= sweep_op(func, *op, live);
        for inner in func.op(*op).blocks.clone() {
            changed |= sweep_block(func, inner, live);
        }
    }
    func.block_mut(block).ops = ops;
    changed
}

fn sweep_op(func: &mut Function, op: OpId, live: &(HashSet<ValueId>, HashSet<OpId>)) -> bool {
    let kind = func.op(op).kind.clone();
    if !matches!(kind, Kind::If | Kind::For) {
        return false;
    }
    let keep: Vec<bool> = func
        .op(op)
        .results
        .iter()
        .map(|result| live.0.contains(result))
        .collect();
    if keep.iter().all(|keep| *keep) {
        return false;
    }
    retain(&mut func.op_mut(op).results, &keep);
    if kind == Kind::For {
        let mut inits = func.op_mut(op).args.split_off(3);
        retain(&mut inits, &keep);
        func.op_mut(op).args.extend(inits);
    }
    for block in breaks_of(func, op) {
        if let Term::Break(_, values) = &mut func.block_mut(block).end {
            retain(values, &keep);
        }
    }
    for block in func.op(op).blocks.clone() {
        if let Term::Yield(values) = &mut func.block_mut(block).end {
            retain(values, &keep);
        }
        if kind == Kind::For {
            let mut params = func.block_mut(block).params.split_off(1);
            retain(&mut params, &keep);
            func.block_mut(block).params.extend(params);
        }
        renumber_params(func, block);
    }
    for (number, result) in func.op(op).results.clone().into_iter().enumerate() {
        func.values[result.index()].def = Def::Result(op, number as u32);
    }
    true
}

/// The blocks inside a loop that break out of it.
pub(crate) fn breaks_of(func: &Function, op: OpId) -> Vec<BlockId> {
    let mut found = Vec::new();
    if matches!(func.op(op).kind, Kind::For | Kind::While) {
        for block in &func.op(op).blocks {
            collect_breaks(func, *block, 0, &mut found);
        }
    }
    found
}

fn collect_breaks(func: &Function, block: BlockId, depth: usize, found: &mut Vec<BlockId>) {
    if matches!(func.block(block).end, Term::Break(out, _) if out == depth) {
        found.push(block);
    }
    for op in &func.block(block).ops {
        let inner = depth + usize::from(matches!(func.op(*op).kind, Kind::For | Kind::While));
        for block in &func.op(*op).blocks {
            collect_breaks(func, *block, inner, found);
        }
    }
}

fn retain(values: &mut Vec<ValueId>, keep: &[bool]) {
    let mut flags = keep.iter();
    values.retain(|_| *flags.next().unwrap_or(&true));
}

fn renumber_params(func: &mut Function, block: BlockId) {
    for (number, param) in func.block(block).params.clone().into_iter().enumerate() {
        func.values[param.index()].def = Def::Param(block, number as u32);
    }
}
