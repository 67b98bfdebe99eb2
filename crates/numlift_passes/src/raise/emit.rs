//! Units become index-space ops behind one another, in place of the loop.

mod extents;
mod fold;
mod growth;
mod scan;
mod store;
mod triangle;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use numlift_ir::function::{BlockId, Function, OriginId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use self::scan::Running;
use super::Loop;
use super::arithmetic::{counter_type, flavour_of, int_const, int_op, logical_and, trip_count};
use super::carried::Carried;
use super::units::{Action, Unit};
use crate::blocker::{Blocker, BlockerKind};
use crate::slice::Slice;

/// Emits every unit at the end of `parent` and replaces the loop's results; `used` says how often each value is used.
pub(super) fn units(
    func: &mut Function,
    looped: &Loop,
    units: &[Unit],
    (carried, used): (&[Carried], &[u32]),
    parent: BlockId,
) -> Result<(), Blocker> {
    let mut emitter = Emitter::new(func, looped, carried, parent);
    let mut results: HashMap<usize, ValueId> = HashMap::new();
    for unit in units {
        emitter.unit(func, unit, &mut results)?;
    }
    emitter.finish(func, used, &results)
}

pub(super) struct Emitter<'a> {
    pub looped: Cow<'a, Loop>,
    carried: &'a [Carried],
    pub parent: BlockId,
    /// How often the loop runs, as a value of the parent block.
    pub trip: ValueId,
    /// Carried values of which all values are known.
    scans: BTreeMap<usize, Running>,
}

impl<'a> Emitter<'a> {
    pub fn new(func: &mut Function, looped: &'a Loop, carried: &'a [Carried], parent: BlockId) -> Self {
        let trip = trip_count(func, looped, parent);
        Self {
            looped: Cow::Borrowed(looped),
            carried,
            parent,
            trip,
            scans: BTreeMap::new(),
        }
    }

    /// Replaces the loop's results, `used` so often each, by those that were found or that the last iteration gives.
    pub fn finish(&self, func: &mut Function, used: &[u32], results: &HashMap<usize, ValueId>) -> Result<(), Blocker> {
        let looped = &*self.looped;
        for (number, role) in self.carried.iter().enumerate() {
            let result = looped.results[number];
            if used[result.index()] == 0 {
                continue;
            }
            let last = match role {
                _ if results.contains_key(&number) => results[&number],
                Carried::Same => looped.inits[number],
                Carried::Induction { step, negate } => {
                    self.induction(func, self.parent, number, *step, *negate, self.trip)?
                }
                // The best of an argfold over places: nobody carries it.
                Carried::Fold(_) | Carried::Arg(_) | Carried::Payload { .. } => continue,
                Carried::Last => self.last_value(func, number)?,
            };
            let name = func.values[result.index()].name.clone();
            if func.values[last.index()].name.is_none() {
                func.values[last.index()].name = name;
            }
            // Uses in the ops behind the loop are not in the parent block at the moment.
            func.replace_everywhere(result, last);
        }
        Ok(())
    }
}

impl Emitter<'_> {
    pub fn unit(
        &mut self,
        func: &mut Function,
        unit: &Unit,
        results: &mut HashMap<usize, ValueId>,
    ) -> Result<(), Blocker> {
        match &unit.action {
            Action::Store(op) => self.store(func, unit, *op),
            Action::Append(op) => self.append(func, unit, *op),
            Action::AppendRow { append, row } => self.append_row(func, unit, *append, row),
            Action::Nested(op) => self.nested(func, unit, *op),
            Action::NestedMemory { scatter, load, update } => self.nested_memory(func, unit, *scatter, *load, update),
            Action::Fold { number, update } => {
                let init = self.looped.inits[*number];
                let fold =
                    self.one_before(func, init, update)
                        .fold(func, init, update, unit.origin, &[], &self.here())?;
                results.insert(*number, fold);
                Ok(())
            }
            Action::Scan { number, update } => {
                let running = self.scan(func, *number, update, unit.origin)?;
                results.insert(*number, self.last_of(func, *number, &running));
                self.scans.insert(*number, running);
                Ok(())
            }
            Action::ArgFold { number, update } => {
                let best = update.initial.unwrap_or(self.looped.inits[*number]);
                self.widened_arg(func, *number, best, update)
                    .arg_fold(func, *number, update, unit.origin, results)
            }
            Action::Accumulate { store, update, .. } => self.accumulate(func, unit, *store, update),
            Action::Memory { store, load, update } => self.memory(func, unit, *store, *load, update),
        }
    }

    /// A new block with a parameter that counts from 0, and a slice into it in which the loop's index is that.
    pub fn block<'b>(&'b self, func: &mut Function) -> Result<(BlockId, Slice<'b>), Blocker> {
        let block = func.add_block();
        let name = func.name_of(self.looped.index).map(str::to_owned);
        let counter = func.add_param(block, counter_type(func, self.trip), name.as_deref());
        let slice = self.slice(func, block, counter)?;
        Ok((block, slice))
    }

    /// A slice into `block` for the iteration number `counter`.
    fn slice<'b>(&'b self, func: &mut Function, block: BlockId, counter: ValueId) -> Result<Slice<'b>, Blocker> {
        let looped = &*self.looped;
        let scaled = int_op(func, block, F::Mul, counter, looped.step, looped.origin);
        let index = int_op(func, block, F::Add, looped.start, scaled, looped.origin);
        if index != counter && func.values[index.index()].name.is_none() {
            func.values[index.index()].name = func.values[looped.index.index()].name.clone();
        }
        let mut map = HashMap::from([(looped.index, index)]);
        for (number, role) in self.carried.iter().enumerate() {
            match role {
                Carried::Same => {
                    map.insert(looped.params[number], looped.inits[number]);
                }
                Carried::Induction { step, negate } => {
                    let value = self.induction(func, block, number, *step, *negate, counter)?;
                    map.insert(looped.params[number], value);
                }
                _ => {}
            }
        }
        for (number, running) in &self.scans {
            self.read_running(func, block, counter, (*number, running), &mut map);
        }
        Ok(Slice::new(&looped.scope, block, map))
    }

    /// `init + step * times`
    fn induction(
        &self,
        func: &mut Function,
        block: BlockId,
        number: usize,
        step: ValueId,
        negate: bool,
        times: ValueId,
    ) -> Result<ValueId, Blocker> {
        let looped = &*self.looped;
        let step = Slice::new(&looped.scope, block, HashMap::new()).value(func, step)?;
        let grown = int_op(func, block, F::Mul, times, step, looped.origin);
        let f = if negate { F::Sub } else { F::Add };
        Ok(int_op(func, block, f, looped.inits[number], grown, looped.origin))
    }

    /// The value of a name after the last iteration, or its value before the loop.
    fn last_value(&self, func: &mut Function, number: usize) -> Result<ValueId, Blocker> {
        let looped = &*self.looped;
        let one = int_const(func, self.parent, 1, looped.origin);
        let (then, other) = (func.add_block(), func.add_block());
        let last = int_op(func, then, F::Sub, self.trip, one, looped.origin);
        let mut slice = self.slice(func, then, last)?;
        let value = slice.value(func, looped.yields[number])?;
        func.block_mut(then).end = Term::Yield(vec![value]);
        let init = looped.inits[number];
        func.block_mut(other).end = Term::Yield(vec![init]);
        // Of a name that the loop alone binds there is nothing to see unless it runs: that is asked for instead.
        let unbound = func.defining(init).is_some_and(|op| op.kind == Kind::Unbound);
        if unbound || matches!(func.ty(self.trip), Ty::Int(interval) if interval.lo.is_some_and(|lo| lo > 0)) {
            let mut slice = self.slice_at_last(func)?;
            return slice.value(func, looped.yields[number]);
        }
        let zero = int_const(func, self.parent, 0, looped.origin);
        let kind = Kind::Scalar {
            f: F::Gt,
            flavour: Flavour::Py,
        };
        let runs = func.push_value(
            self.parent,
            kind,
            vec![self.trip, zero],
            vec![],
            Ty::Bool,
            looped.origin,
        );
        let ty = func.ty(value).join(func.ty(init)).without_optional();
        Ok(func.push_value(self.parent, Kind::If, vec![runs], vec![then, other], ty, looped.origin))
    }

    fn slice_at_last<'b>(&'b self, func: &mut Function) -> Result<Slice<'b>, Blocker> {
        let one = int_const(func, self.parent, 1, self.looped.origin);
        let last = int_op(func, self.parent, F::Sub, self.trip, one, self.looped.origin);
        self.slice(func, self.parent, last)
    }

    /// An invariant value as one of the parent block.
    fn outside(&self, func: &mut Function, value: ValueId) -> Result<ValueId, Blocker> {
        Slice::new(&self.looped.scope, self.parent, HashMap::new()).value(func, value)
    }

    fn finish_mask(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        mask: &[(ValueId, bool)],
        yielded: &mut Vec<ValueId>,
    ) -> Result<(), Blocker> {
        if !mask.is_empty() {
            let holds = self.mask(func, slice, block, mask)?;
            yielded.push(holds);
        }
        Ok(())
    }

    /// All predicates hold.
    fn mask(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        mask: &[(ValueId, bool)],
    ) -> Result<ValueId, Blocker> {
        let mut all = None;
        for (condition, taken) in mask {
            let mut value = slice.value(func, *condition)?;
            if !taken {
                let kind = Kind::Scalar {
                    f: F::Not,
                    flavour: flavour_of(func, &[value]),
                };
                value = func.push_value(block, kind, vec![value], vec![], Ty::Bool, self.looped.origin);
            }
            all = Some(match all {
                None => value,
                Some(before) => logical_and(func, block, before, value, self.looped.origin),
            });
        }
        all.ok_or_else(|| not_understood(self.looped.origin))
    }
}

fn not_understood(at: OriginId) -> Blocker {
    Blocker::new(BlockerKind::NotUnderstood, at, "an update that is not understood")
}
