//! The loop that is left when parts of it have become index space.
//!
//! ```text
//! for n { (i, s)  v = f(x[i]);  out[i] = v;  print(v) }      =>      for n { (i)  v = values[i];  print(v) }
//! ```
//!
//! Ops are copied in their order: those that do something and stay, and what these need. A value that was computed
//! ahead is loaded where it was computed before.

use std::collections::{HashMap, HashSet};

use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::scalar::F;

use super::super::Loop;
use super::super::arithmetic::int_op;
use super::super::carried::Carried;
use super::touch::blocks_below;

/// What stays in the loop.
#[derive(Debug, Clone, Default)]
pub(super) struct Residue {
    pub ops: HashSet<OpId>,
    pub values: HashSet<ValueId>,
    /// Carried values.
    pub carried: HashSet<usize>,
    /// Values that are computed ahead and loaded.
    pub loaded: HashSet<ValueId>,
}

/// Finds what a loop needs that does `effects` and carries `carried`; `None` where it cannot stay a loop.
///
/// `ahead` says of a value whether it is computed ahead.
pub(super) fn residue(
    func: &Function,
    looped: &Loop,
    roles: &[Carried],
    (effects, carried): (&[OpId], &[usize]),
    ahead: &mut dyn FnMut(ValueId) -> bool,
) -> Option<Residue> {
    let mut marker = Marker {
        func,
        looped,
        roles,
        residue: Residue::default(),
        pending: Vec::new(),
        ahead,
    };
    for number in carried {
        marker.carry(*number);
    }
    for op in effects {
        marker.keep(*op)?;
        marker.keep_around(*op)?;
    }
    while let Some(value) = marker.pending.pop() {
        marker.value(value)?;
    }
    Some(marker.residue)
}

struct Marker<'a> {
    func: &'a Function,
    looped: &'a Loop,
    roles: &'a [Carried],
    residue: Residue,
    pending: Vec<ValueId>,
    ahead: &'a mut dyn FnMut(ValueId) -> bool,
}

impl Marker<'_> {
    fn carry(&mut self, number: usize) {
        if self.residue.carried.insert(number) {
            self.pending.push(self.looped.yields[number]);
        }
    }

    fn value(&mut self, value: ValueId) -> Option<()> {
        if !self.looped.scope.defines(self.func, value) || !self.residue.values.insert(value) {
            return Some(());
        }
        match self.func.def(value) {
            Def::Param(block, number) => {
                if block == self.looped.body && number > 0 {
                    let number = number as usize - 1;
                    if self.roles[number] != Carried::Same {
                        self.carry(number);
                    }
                }
                Some(())
            }
            Def::Result(op, _) => {
                if (self.ahead)(value) {
                    self.residue.loaded.insert(value);
                    return Some(());
                }
                self.keep(op)?;
                if self.func.op(op).kind == Kind::If {
                    self.branches(op, value);
                }
                Some(())
            }
        }
    }

    /// What the branches of an `If` yield for one of its results.
    fn branches(&mut self, op: OpId, value: ValueId) {
        let data = self.func.op(op);
        let number = data.results.iter().position(|result| *result == value).unwrap_or(0);
        for block in &data.blocks {
            if let Term::Yield(values) = &self.func.block(*block).end {
                self.pending.extend(values.get(number));
            }
        }
    }

    fn keep(&mut self, op: OpId) -> Option<()> {
        if !self.residue.ops.insert(op) {
            return Some(());
        }
        let data = self.func.op(op);
        if data.kind.is_index_space() {
            return None;
        }
        self.pending.extend(&data.args);
        if data.kind == Kind::If {
            return self.keep_ends(op);
        }
        for block in blocks_below(self.func, op) {
            self.pending.extend(self.func.block(block).end.values());
            for inner in &self.func.block(block).ops {
                self.keep(*inner)?;
            }
        }
        Some(())
    }

    /// A branch that leaves by an exception is part of the `If`.
    fn keep_ends(&mut self, op: OpId) -> Option<()> {
        for block in &self.func.op(op).blocks {
            match self.func.block(*block).end {
                Term::Yield(_) => {}
                Term::Unreachable => {
                    for inner in &self.func.block(*block).ops {
                        self.keep(*inner)?;
                    }
                }
                Term::Break(..) | Term::Return(_) => return None,
            }
        }
        Some(())
    }

    /// The `If`s around an op.
    fn keep_around(&mut self, op: OpId) -> Option<()> {
        let mut inner = op;
        while let Some(outer) = self.owner(inner) {
            self.keep(outer)?;
            inner = outer;
        }
        Some(())
    }

    /// The op of the loop in whose blocks an op stands.
    fn owner(&self, op: OpId) -> Option<OpId> {
        let mut found = None;
        self.func.walk(self.looped.body, &mut |outer| {
            let holds = |block: &BlockId| self.func.block(*block).ops.contains(&op);
            if self.func.op(outer).blocks.iter().any(holds) {
                found = Some(outer);
            }
        });
        found
    }
}

/// Emits the loop that is left; returns what stands for its carried values.
pub(super) fn emit(
    func: &mut Function,
    looped: &Loop,
    residue: &Residue,
    containers: &HashMap<ValueId, ValueId>,
    parent: BlockId,
) -> HashMap<usize, ValueId> {
    let mut carried: Vec<usize> = residue.carried.iter().copied().collect();
    carried.sort_unstable();
    let body = func.add_block();
    let mut copier = Copier {
        looped,
        residue,
        containers,
        map: HashMap::new(),
        index: looped.index,
    };
    let index = copier.param(func, body, looped.index);
    copier.index = index;
    for (number, param) in looped.params.iter().enumerate() {
        if residue.carried.contains(&number) {
            copier.param(func, body, *param);
        } else {
            copier.map.insert(*param, looped.inits[number]);
        }
    }
    copier.ops(func, looped.body, body);
    let yields: Vec<ValueId> = carried.iter().map(|number| copier.of(looped.yields[*number])).collect();
    func.block_mut(body).end = Term::Yield(yields);
    let mut args = vec![looped.start, looped.stop, looped.step];
    args.extend(carried.iter().map(|number| looped.inits[*number]));
    let types: Vec<_> = carried
        .iter()
        .map(|number| func.ty(looped.results[*number]).clone())
        .collect();
    let op = func.push_op(parent, Kind::For, args, vec![body], &types, looped.origin);
    let results = func.op(op).results.clone();
    for (number, result) in carried.iter().zip(&results) {
        let name = func.name_of(looped.results[*number]).map(str::to_owned);
        func.values[result.index()].name = name;
    }
    carried.into_iter().zip(results).collect()
}

struct Copier<'a> {
    looped: &'a Loop,
    residue: &'a Residue,
    containers: &'a HashMap<ValueId, ValueId>,
    map: HashMap<ValueId, ValueId>,
    /// The index of the new loop.
    index: ValueId,
}

impl Copier<'_> {
    fn of(&self, value: ValueId) -> ValueId {
        self.map.get(&value).copied().unwrap_or(value)
    }

    fn param(&mut self, func: &mut Function, block: BlockId, param: ValueId) -> ValueId {
        let ty = func.ty(param).clone();
        let name = func.name_of(param).map(str::to_owned);
        let new = func.add_param(block, ty, name.as_deref());
        self.map.insert(param, new);
        new
    }

    /// Copies what stays of a block.
    fn ops(&mut self, func: &mut Function, from: BlockId, to: BlockId) {
        for op in func.block(from).ops.clone() {
            let loaded: Vec<ValueId> = func
                .op(op)
                .results
                .iter()
                .copied()
                .filter(|result| self.residue.loaded.contains(result))
                .collect();
            for value in loaded {
                self.load(func, value, to);
            }
            if self.residue.ops.contains(&op) {
                self.op(func, op, to);
            }
        }
    }

    /// A value that was computed ahead.
    fn load(&mut self, func: &mut Function, value: ValueId, to: BlockId) {
        let at = func.def_op(value).map_or(self.looped.origin, |op| func.op(op).origin);
        let step = super::super::constant(func, self.looped.step).unwrap_or(1);
        let distance = int_op(func, to, F::Sub, self.index, self.looped.start, at);
        let place = match step {
            1 => distance,
            _ => int_op(func, to, F::FloorDiv, distance, self.looped.step, at),
        };
        let ty = func.ty(value).clone();
        let args = vec![self.containers[&value], place];
        let loaded = func.push_value(to, Kind::Index(vec![Sub::At]), args, vec![], ty, at);
        func.values[loaded.index()].name = func.name_of(value).map(str::to_owned);
        self.map.insert(value, loaded);
    }

    fn op(&mut self, func: &mut Function, op: OpId, to: BlockId) {
        let data = func.op(op).clone();
        let args = data.args.iter().map(|arg| self.of(*arg)).collect();
        let is_if = data.kind == Kind::If;
        let wanted: Vec<usize> = (0..data.results.len())
            .filter(|number| !is_if || self.residue.values.contains(&data.results[*number]))
            .filter(|number| !self.residue.loaded.contains(&data.results[*number]))
            .collect();
        let blocks = data
            .blocks
            .iter()
            .map(|block| self.block(func, *block, is_if.then_some(&wanted[..])))
            .collect();
        let types: Vec<_> = wanted
            .iter()
            .map(|number| func.ty(data.results[*number]).clone())
            .collect();
        let copy = func.push_op(to, data.kind, args, blocks, &types, data.origin);
        for (number, new) in wanted.iter().zip(func.op(copy).results.clone()) {
            let old = data.results[*number];
            func.values[new.index()].name = func.name_of(old).map(str::to_owned);
            self.map.insert(old, new);
        }
    }

    /// Copies a block; of what an `If` yields only the wanted results.
    fn block(&mut self, func: &mut Function, block: BlockId, wanted: Option<&[usize]>) -> BlockId {
        let data = func.block(block).clone();
        let copy = func.add_block();
        for param in &data.params {
            self.param(func, copy, *param);
        }
        self.ops(func, block, copy);
        let given: Vec<ValueId> = match wanted {
            Some(wanted) => wanted
                .iter()
                .filter_map(|number| data.end.values().get(*number))
                .copied()
                .collect(),
            None => data.end.values().to_vec(),
        };
        let given = given.into_iter().map(|value| self.of(value)).collect();
        func.block_mut(copy).end = match data.end {
            Term::Yield(_) => Term::Yield(given),
            Term::Break(out, _) => Term::Break(out, given),
            Term::Return(_) => Term::Return(given),
            Term::Unreachable => Term::Unreachable,
        };
        copy
    }
}
