//! Units become index-space ops behind one another, in place of the loop.

use std::collections::HashMap;

use numlift_ir::affine::Atom;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, Monoid, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Interval, Ty};

use super::Loop;
use super::carried::{ArgUpdate, Carried, Update};
use super::units::{Action, Row, Unit};
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
    let emitter = Emitter::new(func, looped, carried, parent);
    let mut results: HashMap<usize, ValueId> = HashMap::new();
    for unit in units {
        emitter.unit(func, unit, &mut results)?;
    }
    emitter.finish(func, used, &results)
}

pub(super) fn replace_everywhere(func: &mut Function, from: ValueId, to: ValueId) {
    for op in &mut func.ops {
        for arg in &mut op.args {
            if *arg == from {
                *arg = to;
            }
        }
    }
    for block in &mut func.blocks {
        for value in block.end.values_mut() {
            if *value == from {
                *value = to;
            }
        }
    }
}

/// Where a fold goes, and what stands for the indices of the block that it goes into.
struct Place {
    parent: BlockId,
    own: HashMap<ValueId, ValueId>,
}

/// `np.array([])` and the like.
fn is_empty_array(func: &Function, value: ValueId) -> bool {
    let Some(op) = func.defining(value) else { return false };
    let Kind::Call { callee, .. } = &op.kind else {
        return false;
    };
    let Some(first) = op.args.first() else { return false };
    match callee.as_str() {
        "numpy.array" | "numpy.asarray" => func
            .defining(*first)
            .is_some_and(|list| list.kind == Kind::MakeList && list.args.is_empty()),
        "numpy.zeros" | "numpy.empty" | "numpy.ones" => super::constant(func, *first) == Some(0),
        _ => false,
    }
}

pub(super) struct Emitter<'a> {
    pub looped: std::borrow::Cow<'a, Loop>,
    carried: &'a [Carried],
    pub parent: BlockId,
    /// How often the loop runs, as a value of the parent block.
    pub trip: ValueId,
}

impl<'a> Emitter<'a> {
    pub fn new(func: &mut Function, looped: &'a Loop, carried: &'a [Carried], parent: BlockId) -> Self {
        let trip = trip_count(func, looped, parent);
        Self {
            looped: std::borrow::Cow::Borrowed(looped),
            carried,
            parent,
            trip,
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
                Carried::Fold(_) | Carried::Arg(_) | Carried::Payload { .. } | Carried::Grown { .. } => continue,
                Carried::Last => self.last_value(func, number)?,
            };
            let name = func.values[result.index()].name.clone();
            if func.values[last.index()].name.is_none() {
                func.values[last.index()].name = name;
            }
            func.replace_uses(func.body, result, last);
            // Uses in the ops behind the loop, which are not in the parent block at the moment.
            replace_everywhere(func, result, last);
        }
        Ok(())
    }
}

impl Emitter<'_> {
    /// `best = x[0]; for i in range(1, n): …` starts from the element before its first: the extremum may as well run
    /// over that one too.
    fn one_before(&self, func: &mut Function, init: ValueId, update: &Update) -> Emitter<'_> {
        let extremum = matches!(
            update.monoid,
            Monoid::MinIf | Monoid::MaxIf | Monoid::Minimum | Monoid::Maximum
        );
        match update.terms[..] {
            [(term, false)] if extremum && update.mask.is_empty() => self.widened(func, init, term),
            _ => self.widened(func, init, init),
        }
    }

    fn widened_arg(&self, func: &mut Function, number: usize, best: ValueId, update: &ArgUpdate) -> Emitter<'_> {
        let strict = matches!(update.monoid, Monoid::MinIf | Monoid::MaxIf);
        // The place must move along: it is what the loop would have kept one step earlier.
        let affine = |func: &Function, value: ValueId| numlift_ir::affine::affine_of(func, value);
        let index = numlift_ir::affine::Atom::Value(self.looped.index);
        let earlier = affine(func, self.looped.start).minus(&affine(func, self.looped.step));
        let places_fit = update.payloads.iter().all(|(payload, value)| {
            let there = earlier
                .as_ref()
                .and_then(|earlier| affine(func, *value).substitute(index, earlier));
            there == Some(affine(func, self.looped.inits[*payload]))
        });
        let first = if update.initial.is_some() {
            self.first_load(func, number, best)
        } else {
            Some(best)
        };
        match first {
            Some(first) if strict && places_fit => self.widened(func, first, update.value),
            _ => self.widened(func, best, best),
        }
    }

    /// The load of the best so far, at the place that the loop starts with.
    fn first_load(&self, func: &mut Function, number: usize, load: ValueId) -> Option<ValueId> {
        let map = HashMap::from([(self.looped.params[number], self.looped.inits[number])]);
        Slice::new(&self.looped.scope, self.parent, map).value(func, load).ok()
    }

    /// The same loop from one step earlier, if the term is `init` there.
    fn widened(&self, func: &mut Function, init: ValueId, term: ValueId) -> Emitter<'_> {
        let before = self.is_before(func, init, term);
        let mut looped = self.looped.clone();
        let mut trip = self.trip;
        if before {
            let at = looped.origin;
            let start = int_op(func, self.parent, F::Sub, looped.start, looped.step, at);
            looped.to_mut().start = start;
            let one = int_const(func, self.parent, 1, at);
            trip = int_op(func, self.parent, F::Add, self.trip, one, at);
        }
        Emitter {
            looped,
            carried: self.carried,
            parent: self.parent,
            trip,
        }
    }

    fn is_before(&self, func: &Function, init: ValueId, term: ValueId) -> bool {
        let (Some(load), Some(first)) = (func.defining(term), func.defining(init)) else {
            return false;
        };
        if term == init || load.kind != first.kind || !matches!(load.kind, Kind::Index(_)) {
            return false;
        }
        let affine = |value: ValueId| numlift_ir::affine::affine_of(func, value);
        let index = numlift_ir::affine::Atom::Value(self.looped.index);
        let earlier = affine(self.looped.start).minus(&affine(self.looped.step));
        load.args[0] == first.args[0]
            && load.args[1..].iter().zip(&first.args[1..]).all(|(new, old)| {
                earlier
                    .as_ref()
                    .and_then(|earlier| affine(*new).substitute(index, earlier))
                    == Some(affine(*old))
            })
    }

    fn here(&self) -> Place {
        Place {
            parent: self.parent,
            own: HashMap::new(),
        }
    }

    pub fn unit(&self, func: &mut Function, unit: &Unit, results: &mut HashMap<usize, ValueId>) -> Result<(), Blocker> {
        match &unit.action {
            Action::Store(op) => self.store(func, unit, *op),
            Action::Append(op) => self.append(func, unit, *op),
            Action::AppendRow { append, row } => self.append_row(func, unit, *append, row),
            Action::Nested(op) => self.nested(func, unit, *op),
            Action::NestedMemory { scatter, load, update } => self.nested_memory(func, unit, *scatter, *load, update),
            Action::Grow { number, value, mask } => {
                let grown = self.grow(func, unit, *number, *value, mask)?;
                results.insert(*number, grown);
                Ok(())
            }
            Action::Fold { number, update } => {
                let init = self.looped.inits[*number];
                let fold =
                    self.one_before(func, init, update)
                        .fold(func, init, update, unit.origin, &[], &self.here())?;
                results.insert(*number, fold);
                Ok(())
            }
            Action::ArgFold { number, update } => {
                let best = update.initial.unwrap_or(self.looped.inits[*number]);
                self.widened_arg(func, *number, best, update)
                    .arg_fold(func, *number, update, unit.origin, results)
            }
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
        let runs = func.push_op(
            self.parent,
            kind,
            vec![self.trip, zero],
            vec![],
            &[Ty::Bool],
            looped.origin,
        );
        let runs = func.result(runs);
        let ty = func.ty(value).join(func.ty(init));
        let op = func.push_op(
            self.parent,
            Kind::If,
            vec![runs],
            vec![then, other],
            &[ty],
            looped.origin,
        );
        Ok(func.result(op))
    }

    fn slice_at_last<'b>(&'b self, func: &mut Function) -> Result<Slice<'b>, Blocker> {
        let one = int_const(func, self.parent, 1, self.looped.origin);
        let last = int_op(func, self.parent, F::Sub, self.trip, one, self.looped.origin);
        self.slice(func, self.parent, last)
    }

    fn store(&self, func: &mut Function, unit: &Unit, op: OpId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let (block, mut slice) = self.block(func)?;
        let write = unit.write.as_ref().ok_or_else(|| not_understood(unit.origin))?;
        // `C[i][j] = v` stores to a row that was loaded; the indices of the whole path are stored to.
        let path = index_path(func, &data.args)?;
        let mut yielded = slice.values(func, &path)?;
        let value = *data.args.last().ok_or_else(|| not_understood(unit.origin))?;
        yielded.push(slice.value(func, value)?);
        self.finish_mask(func, &mut slice, block, &unit.mask, &mut yielded)?;
        let masked = !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::Scatter {
            axes: path.len(),
            masked,
        };
        let base = self.outside(func, write.base)?;
        func.push_op(self.parent, kind, vec![base, self.trip], vec![block], &[], unit.origin);
        Ok(())
    }

    fn append(&self, func: &mut Function, unit: &Unit, op: OpId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let (block, mut slice) = self.block(func)?;
        let mut yielded = vec![slice.value(func, data.args[1])?];
        self.finish_mask(func, &mut slice, block, &unit.mask, &mut yielded)?;
        let masked = !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::Extend { masked, depth: 0 };
        let list = self.outside(func, data.args[0])?;
        func.push_op(self.parent, kind, vec![list, self.trip], vec![block], &[], unit.origin);
        Ok(())
    }

    /// A fresh row in every iteration: its elements get one more leading index.
    fn append_row(&self, func: &mut Function, unit: &Unit, append: OpId, row: &Row) -> Result<(), Blocker> {
        if !unit.mask.is_empty() {
            return Err(Blocker::new(
                BlockerKind::NoForm,
                unit.origin,
                "rows are appended under a condition",
            ));
        }
        let list = self.outside(func, func.op(append).args[0])?;
        let (block, mut slice) = self.block(func)?;
        let mut args = vec![list, self.trip];
        let (yielded, depth) = match row {
            Row::Repeated { value, count } => {
                let count = Slice::new(&self.looped.scope, self.parent, HashMap::new()).value(func, *count)?;
                let ty = counter_type(func, count);
                func.add_param(block, ty, None);
                args.push(count);
                (vec![slice.value(func, *value)?], 1)
            }
            Row::Extended(filler) => {
                let data = func.op(*filler).clone();
                args.extend(self.outer_extents(func, &data.args[1..], unit.origin)?);
                let params = self.inner_params(func, data.blocks[0], block);
                let depth = match data.kind {
                    Kind::Extend { depth, .. } => depth + 1,
                    _ => 1,
                };
                (slice.inline_block(func, data.blocks[0], &params)?, depth)
            }
        };
        func.block_mut(block).end = Term::Yield(yielded);
        func.push_op(
            self.parent,
            Kind::Extend { masked: false, depth },
            args,
            vec![block],
            &[],
            unit.origin,
        );
        Ok(())
    }

    /// An index-space op of an inner loop gets one more leading index.
    fn nested(&self, func: &mut Function, unit: &Unit, op: OpId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let inner = data.blocks[0];
        let extents = self.outer_extents(func, &data.args[1..], unit.origin)?;
        let (block, mut slice) = self.block(func)?;
        let params = self.inner_params(func, inner, block);
        let mut yielded = slice.inline_block(func, inner, &params)?;
        let was_masked = match data.kind {
            Kind::Scatter { masked, .. } | Kind::Extend { masked, .. } => masked,
            _ => false,
        };
        if !unit.mask.is_empty() {
            let own = if was_masked { yielded.pop() } else { None };
            let mut mask = self.mask(func, &mut slice, block, &unit.mask)?;
            if let Some(own) = own {
                mask = logical_and(func, block, mask, own, unit.origin);
            }
            yielded.push(mask);
        }
        let masked = was_masked || !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = match data.kind {
            Kind::Scatter { axes, .. } => Kind::Scatter { axes, masked },
            Kind::Extend { depth, .. } => Kind::Extend { masked, depth },
            _ => return Err(not_understood(unit.origin)),
        };
        let mut args = vec![self.outside(func, data.args[0])?, self.trip];
        args.extend(extents);
        func.push_op(self.parent, kind, args, vec![block], &[], unit.origin);
        Ok(())
    }

    /// A store whose places do not move with the loop: each place is folded over the loop, then stored once.
    fn nested_memory(
        &self,
        func: &mut Function,
        unit: &Unit,
        scatter: OpId,
        load: OpId,
        update: &Update,
    ) -> Result<(), Blocker> {
        let data = func.op(scatter).clone();
        let Kind::Scatter { axes, masked } = data.kind else {
            return Err(not_understood(unit.origin));
        };
        let mut args = vec![self.outside(func, data.args[0])?];
        args.extend(self.outer_extents(func, &data.args[1..], unit.origin)?);
        let inner = data.blocks[0];
        let block = func.add_block();
        let params = self.inner_params(func, inner, block);
        let own: HashMap<ValueId, ValueId> = func
            .block(inner)
            .params
            .iter()
            .copied()
            .zip(params.iter().copied())
            .collect();
        let mut slice = Slice::new(&self.looped.scope, block, own.clone());
        let places = func.block(inner).end.values()[..axes].to_vec();
        let mut yielded = slice.values(func, &places)?;
        let start = func.result(load);
        let init = slice.value(func, start)?;
        let mut mask = unit.mask.clone();
        if masked {
            mask.push((func.block(inner).end.values()[axes + 1], true));
        }
        let place = Place { parent: block, own };
        yielded.push(self.fold(func, init, update, unit.origin, &mask, &place)?);
        func.block_mut(block).end = Term::Yield(yielded);
        func.push_op(
            self.parent,
            Kind::Scatter { axes, masked: false },
            args,
            vec![block],
            &[],
            unit.origin,
        );
        Ok(())
    }

    /// An array that grows: a list that grows, made into an array behind the loop.
    fn grow(
        &self,
        func: &mut Function,
        unit: &Unit,
        number: usize,
        value: ValueId,
        mask: &[(ValueId, bool)],
    ) -> Result<ValueId, Blocker> {
        let at = unit.origin;
        let (block, mut slice) = self.block(func)?;
        let mut yielded = vec![slice.value(func, value)?];
        self.finish_mask(func, &mut slice, block, mask, &mut yielded)?;
        let elem = func.ty(yielded[0]).clone();
        func.block_mut(block).end = Term::Yield(yielded);
        let list = Ty::List(Box::new(elem.clone()), numlift_ir::ty::Dim::Unknown);
        let made = func.push_op(self.parent, Kind::MakeList, vec![], vec![], &[list], at);
        let list = func.result(made);
        let kind = Kind::Extend {
            masked: !mask.is_empty(),
            depth: 0,
        };
        func.push_op(self.parent, kind, vec![list, self.trip], vec![block], &[], at);
        let init = self.looped.inits[number];
        let Ty::Array { dtype, .. } = *func.ty(self.looped.params[number]) else {
            return Err(not_understood(at));
        };
        let grown = Ty::array(dtype, vec![numlift_ir::ty::Dim::Unknown]);
        let name = format!("numpy.{}", dtype.attribute());
        let ty = Ty::Extern(name.clone());
        let name = func.push_op(self.parent, Kind::Extern(name), vec![], vec![], &[ty], at);
        let name = func.result(name);
        let kind = Kind::Call {
            callee: "numpy.array".to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let array = func.push_op(
            self.parent,
            kind,
            vec![list, name],
            vec![],
            std::slice::from_ref(&grown),
            at,
        );
        let array = func.result(array);
        if is_empty_array(func, init) {
            return Ok(array);
        }
        let kind = Kind::Call {
            callee: "numpy.append".to_owned(),
            keywords: vec![],
        };
        let whole = func.push_op(self.parent, kind, vec![init, array], vec![], &[grown], at);
        Ok(func.result(whole))
    }

    /// Copies of an inner block's parameters behind the new counter.
    fn inner_params(&self, func: &mut Function, inner: BlockId, block: BlockId) -> Vec<ValueId> {
        let old = func.block(inner).params.clone();
        old.iter()
            .map(|param| {
                let name = func.name_of(*param).map(str::to_owned);
                let ty = func.ty(*param).clone();
                func.add_param(block, ty, name.as_deref())
            })
            .collect()
    }

    /// An invariant value as one of the parent block.
    fn outside(&self, func: &mut Function, value: ValueId) -> Result<ValueId, Blocker> {
        Slice::new(&self.looped.scope, self.parent, HashMap::new()).value(func, value)
    }

    /// The inner extents as values of the parent block: computed there if they do not depend on the loop.
    fn outer_extents(&self, func: &mut Function, extents: &[ValueId], at: OriginId) -> Result<Vec<ValueId>, Blocker> {
        extents
            .iter()
            .map(|extent| {
                let mut tried = func.clone();
                if let Ok(value) = self.outside(&mut tried, *extent) {
                    *func = tried;
                    return Ok(value);
                }
                self.known_extent(func, *extent, at).ok_or_else(|| triangular(at))
            })
            .collect()
    }

    /// The same number without what the loop computes: every column of an array has the length of the array.
    fn known_extent(&self, func: &mut Function, extent: ValueId, at: OriginId) -> Option<ValueId> {
        let affine = numlift_ir::affine::affine_of(func, extent);
        let mut sum = int_const(func, self.parent, affine.constant, at);
        for (atom, factor) in &affine.terms {
            let value = match *atom {
                Atom::Value(value) => (!self.looped.scope.defines(func, value)).then_some(value)?,
                Atom::Extent(value, axis) => {
                    (!self.looped.scope.defines(func, value)).then_some(())?;
                    self.length(func, value, axis, at)
                }
                Atom::Sym(sym) => {
                    let live_ins = func.block(func.body).params.clone();
                    let (value, axis) = live_ins.into_iter().find_map(|value| {
                        let axis = func.ty(value).dims().iter().position(|dim| *dim == Dim::Sym(sym))?;
                        Some((value, axis))
                    })?;
                    self.length(func, value, axis, at)
                }
            };
            let factor = int_const(func, self.parent, *factor, at);
            let term = int_op(func, self.parent, F::Mul, factor, value, at);
            sum = int_op(func, self.parent, F::Add, sum, term, at);
        }
        Some(sum)
    }

    fn length(&self, func: &mut Function, value: ValueId, axis: usize, at: OriginId) -> ValueId {
        let kind = Kind::Len { axis };
        let types = numlift_ir::infer::result_types(func, &kind, &[value]);
        let op = func.push_op(self.parent, kind, vec![value], vec![], &types, at);
        func.result(op)
    }

    /// A fold over the loop that starts from `init`.
    fn fold(
        &self,
        func: &mut Function,
        init: ValueId,
        update: &Update,
        origin: OriginId,
        outer_mask: &[(ValueId, bool)],
        place: &Place,
    ) -> Result<ValueId, Blocker> {
        let (block, mut slice) = self.block(func)?;
        slice.map.extend(&place.own);
        let mut args = vec![init, self.trip];
        let mut mask = outer_mask.to_vec();
        mask.extend(&update.mask);
        let (mut yielded, inner_masked) = match update.inner {
            Some(inner) => {
                let data = func.op(inner).clone();
                args.extend(self.outer_extents(func, &data.args[1..], origin)?);
                let params = self.inner_params(func, data.blocks[0], block);
                let yielded = slice.inline_block(func, data.blocks[0], &params)?;
                (yielded, matches!(data.kind, Kind::Fold { masked: true, .. }))
            }
            None => (vec![self.terms(func, &mut slice, block, update, origin)?], false),
        };
        if !mask.is_empty() {
            let own = if inner_masked { yielded.pop() } else { None };
            let mut holds = self.mask(func, &mut slice, block, &mask)?;
            if let Some(own) = own {
                holds = logical_and(func, block, holds, own, origin);
            }
            yielded.push(holds);
        }
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::Fold {
            monoid: update.monoid,
            masked: inner_masked || !mask.is_empty(),
        };
        let ty = fold_type(func, update.monoid, init, block);
        let op = func.push_op(place.parent, kind, args, vec![block], &[ty], origin);
        Ok(func.result(op))
    }

    /// The sum (or product) of an update's terms.
    fn terms(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        update: &Update,
        origin: OriginId,
    ) -> Result<ValueId, Blocker> {
        let mut sum: Option<ValueId> = None;
        for (term, negate) in &update.terms {
            let mut value = slice.value(func, *term)?;
            if *negate && is_numpy_int(func, value) {
                return Err(Blocker::new(
                    BlockerKind::NoForm,
                    origin,
                    "NumPy integers are subtracted: their negative need not exist",
                ));
            }
            if *negate {
                let ty = func.ty(value).clone();
                let kind = Kind::Scalar {
                    f: F::Neg,
                    flavour: flavour_of(func, &[value]),
                };
                let op = func.push_op(block, kind, vec![value], vec![], &[ty], origin);
                value = func.result(op);
            }
            sum = Some(match sum {
                None => value,
                Some(before) => {
                    let f = if update.monoid == Monoid::Mul { F::Mul } else { F::Add };
                    let ty = sum_type(func, before, value);
                    let kind = Kind::Scalar {
                        f,
                        flavour: flavour_of(func, &[before, value]),
                    };
                    let op = func.push_op(block, kind, vec![before, value], vec![], &[ty], origin);
                    func.result(op)
                }
            });
        }
        sum.ok_or_else(|| not_understood(origin))
    }

    fn arg_fold(
        &self,
        func: &mut Function,
        number: usize,
        update: &ArgUpdate,
        origin: OriginId,
        results: &mut HashMap<usize, ValueId>,
    ) -> Result<(), Blocker> {
        let looped = &*self.looped;
        let (block, mut slice) = self.block(func)?;
        let mut yielded = vec![slice.value(func, update.value)?];
        for (_, payload) in &update.payloads {
            yielded.push(slice.value(func, *payload)?);
        }
        func.block_mut(block).end = Term::Yield(yielded.clone());
        let best = match update.initial {
            Some(load) => {
                let map = HashMap::from([(looped.params[number], looped.inits[number])]);
                Slice::new(&looped.scope, self.parent, map).value(func, load)?
            }
            None => looped.inits[number],
        };
        let mut args = vec![best];
        args.extend(update.payloads.iter().map(|(payload, _)| looped.inits[*payload]));
        args.push(self.trip);
        let mut types = vec![func.ty(yielded[0]).join(func.ty(best))];
        for ((payload, _), value) in update.payloads.iter().zip(&yielded[1..]) {
            types.push(func.ty(*value).join(func.ty(looped.inits[*payload])));
        }
        let kind = Kind::ArgFold {
            monoid: update.monoid,
            payloads: update.payloads.len(),
            masked: false,
        };
        let op = func.push_op(self.parent, kind, args, vec![block], &types, origin);
        let made = func.op(op).results.clone();
        if update.initial.is_none() {
            results.insert(number, made[0]);
        }
        for ((payload, _), value) in update.payloads.iter().zip(&made[1..]) {
            results.insert(*payload, *value);
        }
        Ok(())
    }

    /// `a[k] ⊕= term` at a fixed place: load once, fold, store once.
    fn memory(
        &self,
        func: &mut Function,
        unit: &Unit,
        store: OpId,
        load: OpId,
        update: &Update,
    ) -> Result<(), Blocker> {
        let looped = &*self.looped;
        let mut outside = Slice::new(&looped.scope, self.parent, HashMap::new());
        let start = func.result(load);
        let init = outside.value(func, start)?;
        let total = self.fold(func, init, update, unit.origin, &unit.mask, &self.here())?;
        let data = func.op(store).clone();
        let mut args = outside.values(func, &data.args[..data.args.len() - 1])?;
        args.push(total);
        func.push_op(self.parent, data.kind, args, vec![], &[], data.origin);
        Ok(())
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
                let op = func.push_op(block, kind, vec![value], vec![], &[Ty::Bool], self.looped.origin);
                value = func.result(op);
            }
            all = Some(match all {
                None => value,
                Some(before) => logical_and(func, block, before, value, self.looped.origin),
            });
        }
        all.ok_or_else(|| not_understood(self.looped.origin))
    }
}

fn is_numpy_int(func: &Function, value: ValueId) -> bool {
    func.ty(value).bound().scalar_options().is_some_and(|options| {
        options
            .iter()
            .any(|option| !option.is_python() && !option.array_dtype().is_inexact())
    })
}

fn triangular(at: OriginId) -> Blocker {
    Blocker::new(
        BlockerKind::Triangular,
        at,
        "the inner loop runs a different number of times in every outer iteration",
    )
}

fn not_understood(at: OriginId) -> Blocker {
    Blocker::new(BlockerKind::NotUnderstood, at, "an update that is not understood")
}

/// The indices of a store's whole path: of `C[i][j] = v` those of the row, then its own.
fn index_path(func: &Function, args: &[ValueId]) -> Result<Vec<ValueId>, Blocker> {
    let mut path = Vec::new();
    let mut base = args[0];
    while let Some(op) = func.defining(base) {
        let Kind::Index(_) = op.kind else { break };
        let mut prefix = op.args[1..].to_vec();
        prefix.extend(path);
        path = prefix;
        base = op.args[0];
    }
    path.extend(&args[1..args.len() - 1]);
    Ok(path)
}

fn logical_and(func: &mut Function, block: BlockId, a: ValueId, b: ValueId, at: OriginId) -> ValueId {
    let kind = Kind::Scalar {
        f: F::LogicalAnd,
        flavour: Flavour::Ufunc,
    };
    let op = func.push_op(block, kind, vec![a, b], vec![], &[Ty::Np(Dtype::Bool)], at);
    func.result(op)
}

/// The flavour of an operator on these operands.
pub(crate) fn flavour_of(func: &Function, values: &[ValueId]) -> Flavour {
    let numpy = |value: &ValueId| {
        func.ty(*value)
            .bound()
            .scalar_options()
            .is_some_and(|options| options.iter().any(|option| !option.is_python()))
    };
    if values.iter().any(numpy) {
        Flavour::NpScalar
    } else {
        Flavour::Py
    }
}

/// The type of a fold: that of the accumulator, widened by the terms.
fn fold_type(func: &Function, monoid: Monoid, init: ValueId, block: BlockId) -> Ty {
    let term = func.block(block).end.values()[0];
    // An extremum is one of its operands, whatever their types.
    let chooses = matches!(
        monoid,
        Monoid::MinIf | Monoid::MaxIf | Monoid::MinIfLast | Monoid::MaxIfLast
    );
    match (func.ty(init), func.ty(term)) {
        (init, term) if chooses => init.widen(term),
        (Ty::Int(_), Ty::Int(_)) => Ty::INT,
        (Ty::Bool, Ty::Bool) => Ty::Bool,
        _ => sum_type(func, init, term),
    }
}

fn sum_type(func: &Function, a: ValueId, b: ValueId) -> Ty {
    let kind = Kind::Scalar {
        f: F::Add,
        flavour: flavour_of(func, &[a, b]),
    };
    numlift_ir::infer::result_types(func, &kind, &[a, b])
        .pop()
        .unwrap_or(Ty::Unknown)
}

pub(super) fn counter_type(func: &Function, trip: ValueId) -> Ty {
    let hi = match func.ty(trip) {
        Ty::Int(interval) => interval.hi.map(|hi| hi - 1),
        _ => None,
    };
    Ty::Int(Interval {
        lo: Some(0),
        hi: hi.or(Some(i128::from(i64::MAX))),
    })
}

/// How often the loop runs: `stop - start` divided by the step, rounded up.
pub(super) fn trip_count(func: &mut Function, looped: &Loop, parent: BlockId) -> ValueId {
    let at = looped.origin;
    let step = super::constant(func, looped.step).unwrap_or(1);
    let (high, low) = if step > 0 {
        (looped.stop, looped.start)
    } else {
        (looped.start, looped.stop)
    };
    let distance = int_op(func, parent, F::Sub, high, low, at);
    if step.abs() == 1 {
        return distance;
    }
    let rest = int_const(func, parent, step.abs() - 1, at);
    let padded = int_op(func, parent, F::Add, distance, rest, at);
    let divisor = int_const(func, parent, step.abs(), at);
    int_op(func, parent, F::FloorDiv, padded, divisor, at)
}

/// An int constant.
pub(crate) fn int_const(func: &mut Function, block: BlockId, value: i128, at: OriginId) -> ValueId {
    let ty = Ty::Int(Interval::point(value));
    let op = func.push_op(block, Kind::Const(Const::Int(value)), vec![], vec![], &[ty], at);
    func.result(op)
}

/// The int that the program's text has.
fn literal(func: &Function, value: ValueId) -> Option<i128> {
    match func.as_const(value) {
        Some(Const::Int(int)) => Some(*int),
        _ => None,
    }
}

/// Arithmetic on ints with what is trivial left out: `x + 0`, `1 * x`, constants.
pub(crate) fn int_op(func: &mut Function, block: BlockId, f: F, a: ValueId, b: ValueId, at: OriginId) -> ValueId {
    let (known_a, known_b) = (literal(func, a), literal(func, b));
    match (f, known_a, known_b) {
        (F::Add, Some(0), _) | (F::Mul, Some(1), _) => return b,
        (F::Add | F::Sub, _, Some(0)) | (F::Mul | F::FloorDiv, _, Some(1)) => return a,
        (F::Mul, Some(0), _) => return a,
        (F::Mul, _, Some(0)) => return b,
        _ => {}
    }
    let interval = |value: ValueId| match func.ty(value) {
        Ty::Int(interval) => *interval,
        Ty::Bool => Interval::new(0, 1),
        _ => Interval::ALL,
    };
    let (x, y) = (interval(a), interval(b));
    let range = match f {
        F::Add => x.add(y),
        F::Sub => x.sub(y),
        F::Mul => x.mul(y),
        F::FloorDiv => match known_b {
            Some(d) if d > 0 => Interval {
                lo: x.lo.map(|lo| lo.div_euclid(d)),
                hi: x.hi.map(|hi| hi.div_euclid(d)),
            },
            _ => Interval::ALL,
        },
        _ => Interval::ALL,
    };
    if known_a.is_some()
        && known_b.is_some()
        && let Some(point) = range.as_point()
    {
        return int_const(func, block, point, at);
    }
    let kind = Kind::Scalar {
        f,
        flavour: flavour_of(func, &[a, b]),
    };
    let ty = if matches!(func.ty(a), Ty::Np(_)) || matches!(func.ty(b), Ty::Np(_)) {
        sum_type(func, a, b)
    } else {
        Ty::Int(range)
    };
    let op = func.push_op(block, kind, vec![a, b], vec![], &[ty], at);
    func.result(op)
}
