//! What is computed twice is written once.
//!
//! ```text
//! out[mask] = v[mask] * 2.0 + np.sqrt(v[mask])     =>    values = v[mask]
//!                                                        out[mask] = values * 2.0 + np.sqrt(values)
//! ```
//!
//! Value numbering over the ops in order: an op that was done before with the same operands gives the same, unless what
//! it reads has been stored to since. Only what costs something is shared: `n - 1`, `len(x)` and views like `u[1:-1]`
//! read better where they are used. Two arrays become one only where nobody can tell them apart.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::table;

use super::effect::Summary;
use super::faults::{self, Raises};
use super::live::Live;
use super::memory::{Memory, is_array, is_copying_index, is_view, known_function};

/// The function with shared computations.
pub(super) fn shared(func: &Function) -> Function {
    let mut sharing = Sharing {
        func,
        memory: Memory::of(func),
        numbers: BTreeMap::new(),
        merged: BTreeMap::new(),
        uses: Live::of(func).uses,
        effects: 0,
        effects_before: BTreeMap::new(),
    };
    sharing.block(func.body, &mut Vec::new());
    let merged = sharing.merged;
    let mut new = func.clone();
    for (from, to) in &merged {
        if new.name_of(*to).is_none() {
            new.values[to.index()].name = func.name_of(*from).map(str::to_owned);
        }
    }
    let mut blocks = Vec::new();
    func.visit_blocks(func.body, &mut |block| blocks.push(block));
    for block in blocks {
        for op in func.block(block).ops.clone() {
            for arg in &mut new.op_mut(op).args {
                *arg = merged.get(arg).copied().unwrap_or(*arg);
            }
        }
        for value in new.block_mut(block).end.values_mut() {
            *value = merged.get(value).copied().unwrap_or(*value);
        }
    }
    new
}

struct Sharing<'a> {
    func: &'a Function,
    memory: Memory<'a>,
    /// Values that are the same have the same number.
    numbers: BTreeMap<ValueId, ValueId>,
    merged: BTreeMap<ValueId, ValueId>,
    uses: Vec<u32>,
    /// How many effects there have been so far, and before each op.
    effects: u32,
    effects_before: BTreeMap<OpId, u32>,
}

/// Something that was computed: what, of what, with what it reads.
#[derive(Clone)]
struct Known {
    what: String,
    args: Vec<ValueId>,
    /// The operands themselves.
    operands: Vec<ValueId>,
    summary: Summary,
    result: ValueId,
}

impl Sharing<'_> {
    fn block(&mut self, block: BlockId, known: &mut Vec<Known>) {
        for op in &self.func.block(block).ops {
            self.op(*op, known);
        }
    }

    fn op(&mut self, op: OpId, known: &mut Vec<Known>) {
        let data = self.func.op(op);
        self.effects_before.insert(op, self.effects);
        if matches!(data.kind, Kind::For | Kind::While) {
            // What a loop changes is no longer what it was in the second round.
            for block in &data.blocks {
                let inside = self.memory.block_summary(*block);
                known.retain(|before| !inside.may_change(&before.summary));
            }
        }
        for block in &data.blocks {
            // What is computed in a branch is not there behind it.
            self.block(*block, &mut known.clone());
        }
        let mut summary = self.memory.summary(op);
        for block in &data.blocks {
            summary.add(&self.memory.block_summary(*block));
        }
        if summary.has_effect() {
            self.effects += 1;
            known.retain(|before| !summary.may_change(&before.summary));
            return;
        }
        let [result] = data.results[..] else { return };
        if !data.blocks.is_empty() {
            return;
        }
        let what = format!("{:?} {:?}", data.kind, self.func.ty(result));
        let args: Vec<ValueId> = data.args.iter().map(|arg| self.number(*arg)).collect();
        match known.iter().find(|before| before.what == what && before.args == args) {
            // What may raise is evaluated before an effect or behind it, as it stands.
            Some(before) if self.raises_apart(&data.args, &before.operands) => {}
            Some(before) => self.again(op, result, before.result),
            None => known.push(Known {
                what,
                args,
                operands: data.args.clone(),
                summary,
                result,
            }),
        }
    }

    /// Whether operands that are computed a second time may raise, on the other side of an effect.
    fn raises_apart(&self, operands: &[ValueId], before: &[ValueId]) -> bool {
        let merged = |value: ValueId| self.merged.get(&value).copied().unwrap_or(value);
        let apart = operands.iter().zip(before).filter(|(a, b)| merged(**a) != merged(**b));
        apart.into_iter().any(|(operand, _)| self.may_raise(*operand))
    }

    fn may_raise(&self, value: ValueId) -> bool {
        self.func.any_below(value, &mut |op| {
            let before = self.effects_before.get(&op);
            let is_behind = before.is_some_and(|before| *before < self.effects);
            is_behind && faults::raises(self.func, op) != Raises::NONE
        })
    }

    fn number(&self, value: ValueId) -> ValueId {
        self.numbers.get(&value).copied().unwrap_or(value)
    }

    fn again(&mut self, op: OpId, result: ValueId, before: ValueId) {
        let memory = self.func.ty(result).has_memory();
        let mergeable = !memory || !(self.is_told_apart(result) || self.is_told_apart(before));
        let worth = self.is_worth_it(op) || self.is_named_anyway(op, result) || self.is_named_anyway(op, before);
        if worth && mergeable {
            self.merged
                .insert(result, self.merged.get(&before).copied().unwrap_or(before));
            self.numbers.insert(result, self.number(before));
        } else if !memory || is_view(self.func, op) || matches!(self.func.op(op).kind, Kind::Attr(_)) {
            self.numbers.insert(result, self.number(before));
        }
    }

    /// A number that is used twice, so that it becomes a variable in any case.
    fn is_named_anyway(&self, op: OpId, value: ValueId) -> bool {
        let data = self.func.op(op);
        let is_const = |arg: &ValueId| matches!(self.func.as_const(*arg), Some(Const::Int(_)));
        let is_short = |f: F| matches!(f, F::Add | F::Sub) && data.args.iter().any(is_const);
        match &data.kind {
            Kind::Scalar { f, .. } => !is_short(*f) && self.uses[value.index()] > 1,
            _ => false,
        }
    }

    /// Array operations and calls, and what scalars are computed from them.
    fn is_worth_it(&self, op: OpId) -> bool {
        self.does_work(op, &mut BTreeSet::new())
    }

    /// The same, but for ops that were looked at before: one that does work ends the search.
    fn does_work(&self, op: OpId, seen: &mut BTreeSet<OpId>) -> bool {
        if !seen.insert(op) {
            return false;
        }
        let data = self.func.op(op);
        let mut from_work = || {
            let mut defs = data.args.iter().filter_map(|arg| self.func.def_op(*arg));
            defs.any(|def| self.does_work(def, seen))
        };
        match &data.kind {
            Kind::Scalar { .. } | Kind::Convert | Kind::Truth | Kind::Select => {
                is_array(self.func.ty(data.results[0])) || from_work()
            }
            Kind::Index(_) => is_copying_index(self.func, op),
            Kind::Call { callee, .. } => !matches!(callee.as_str(), "builtins.len" | "builtins.range"),
            Kind::Method { .. } => true,
            _ => false,
        }
    }

    /// Whether it matters that a value is an object of its own: it is stored to, or somebody gets to know it.
    fn is_told_apart(&self, value: ValueId) -> bool {
        self.is_known_outside(value, &mut BTreeSet::new())
    }

    /// The same, but for values that were looked at before: one that is told apart ends the search.
    fn is_known_outside(&self, value: ValueId, seen: &mut BTreeSet<ValueId>) -> bool {
        if !seen.insert(value) {
            return false;
        }
        let func = self.func;
        let mut apart = false;
        func.visit_blocks(func.body, &mut |block| {
            apart |= func.block(block).end.values().contains(&value);
            for op in &func.block(block).ops {
                apart |= func.op(*op).args.contains(&value) && self.shows_identity(*op, value, seen);
            }
        });
        apart
    }

    fn shows_identity(&self, op: OpId, value: ValueId, seen: &mut BTreeSet<ValueId>) -> bool {
        let func = self.func;
        let data = func.op(op);
        let mut passes_on = || data.results.iter().any(|result| self.is_known_outside(*result, seen));
        match &data.kind {
            Kind::Scalar {
                f: F::Real | F::Imag, ..
            } => passes_on(),
            Kind::Scalar { .. } | Kind::Truth | Kind::Convert | Kind::Len { .. } => false,
            Kind::Index(subs) if is_array(func.ty(data.args[0])) => {
                let by_copy = is_copying_index(func, op) || !subs.iter().any(|sub| matches!(sub, Sub::Slice { .. }));
                let keeps = !by_copy || func.ty(data.results[0]).has_memory();
                data.args[0] == value && keeps && passes_on()
            }
            Kind::Attr(_) => func.ty(data.results[0]).has_memory() && passes_on(),
            Kind::SetIndex(_) => data.args[0] == value || !is_array(func.ty(data.args[0])),
            Kind::Call { .. } | Kind::Method { .. } => match known_function(func, op) {
                Some((info, bound)) if info.is_pure(&bound) => match info.memory_of(&bound) {
                    table::Memory::Plain | table::Memory::Fresh => false,
                    _ => passes_on(),
                },
                _ => true,
            },
            _ => true,
        }
    }
}
