//! Splitting: of a loop that is part liftable and part not, the one part becomes index space and the other stays a loop.
//!
//! ```text
//! for i in range(n):                        out = 2.0 * x
//!     out[i] = 2.0 * x[i]           =>      for i in range(n):
//!     if i % 10 == 0: print(i)                  if i % 10 == 0: print(i)
//! ```
//!
//! This is loop distribution where something cannot be raised. The body is taken apart into *parts*: every effect, every
//! carried value. A part that is a [`Unit`] of its own may go before the loop or behind it; all others stay together in
//! one loop, in their order, since nearly anything in them may raise or be seen. Values that are costly and depend on
//! nothing that stays are computed ahead for all iterations (scalar expansion), and loaded.
//!
//! What goes before the loop or behind it must not be missed or seen too early:
//!
//! * Between a part that moves and the parts that stay, reads see the same writes as before ([`order`], for each pair).
//! * Code that is not known (an opaque call) sees and changes everything but memory that the region made itself and
//!   never gave away; so next to it only such memory is read and stored to.
//! * What stays may raise part-way. So what moves stores to memory of the region's own only, which dies with the
//!   exception; names that somebody reads after an exception, or while the region runs, forbid splitting.
//! * Nothing moves across a reading of the clock, and a loop that is left early is left alone.

mod residue;
mod touch;

use std::collections::{HashMap, HashSet};

use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::{Dim, Ty};

use self::residue::Residue;
use self::touch::Touch;
use super::carried::{self, Carried};
use super::emit::Emitter;
use super::last::runs_forward;
use super::order::{self, Pair};
use super::units::{self, Action, Body, Unit};
use super::{Loop, RaisedLoop, rows};
use crate::condition::Condition;
use crate::slice::backward;

/// A value is computed ahead if that saves so much; loading it again is an operation too.
const WORTH_LOADING: usize = 8;

/// One thing that the loop does.
struct Part {
    /// Its form in index space, if it has one.
    unit: Option<Unit>,
    /// What it does; none for a carried value.
    effect: Option<OpId>,
    /// The values that it carries.
    carried: Vec<usize>,
}

/// Where a part goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Before,
    Stays,
    Behind,
}

/// What leaves the loop: a part, or a value that is computed ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Leaving {
    Part(usize),
    Ahead(ValueId),
}

/// Splits a loop of the function's body, on a copy; `None` where no part of it can leave.
pub(super) fn split(func: &Function, op: OpId, position: usize) -> Option<RaisedLoop> {
    let mut func = func.clone();
    let mut position = position;
    let body = func.body;
    let mut conditions = rows::grown::arrays(&mut func, op, body, &mut position);
    let mut done = split_lists(&func, op, position)?;
    done.conditions.append(&mut conditions);
    Some(done)
}

/// The same where no array grows.
fn split_lists(func: &Function, op: OpId, position: usize) -> Option<RaisedLoop> {
    let looped = Loop::of(func, op);
    let used = func.use_counts();
    let body = Body::of(func, &looped);
    let roles = carried::classify(func, &looped);
    let parts = parts(&body, &roles, &used)?;
    let mut splitter = Splitter {
        body,
        roles,
        places: parts
            .iter()
            .map(|part| {
                if part.unit.is_some() {
                    Place::Before
                } else {
                    Place::Stays
                }
            })
            .collect(),
        parts,
        refused: HashSet::new(),
    };
    let plan = splitter.settle()?;
    if splitter.leaves_rows_behind() {
        return None;
    }
    splitter.emit(plan, &used, position)
}

/// What is decided: which parts leave, and what the loop that is left needs.
struct Plan {
    residue: Residue,
    conditions: Vec<Condition>,
}

struct Splitter<'a> {
    body: Body<'a>,
    roles: Vec<Carried>,
    parts: Vec<Part>,
    places: Vec<Place>,
    /// Values that cannot be computed ahead.
    refused: HashSet<ValueId>,
}

/// Takes the body apart; `None` if control leaves the loop.
fn parts(body: &Body<'_>, roles: &[Carried], used: &[u32]) -> Option<Vec<Part>> {
    let (func, looped) = (body.func, body.looped);
    if is_left_early(func, looped.body) {
        return None;
    }
    let mut parts = Vec::new();
    for (op, mask) in body.ops() {
        let data = func.op(op);
        let unit = match &data.kind {
            Kind::For | Kind::While => None,
            kind => match kind.effect() {
                Effect::Pure | Effect::Reads => continue,
                Effect::Writes if data.results.is_empty() => body.of_effect(op, &mask).ok(),
                Effect::Writes | Effect::Draws | Effect::World => None,
            },
        };
        parts.push(Part {
            unit,
            effect: Some(op),
            carried: Vec::new(),
        });
    }
    for (number, role) in roles.iter().enumerate() {
        let seen = used[looped.results[number].index()] > 0 || used[looped.params[number].index()] > 0;
        let (unit, carried) = match role {
            Carried::Same | Carried::Induction { .. } | Carried::Payload { .. } => continue,
            Carried::Last if !seen => continue,
            Carried::Last => (None, vec![number]),
            Carried::Fold(_) if role.is_last_of_some() && !seen => continue,
            Carried::Fold(_) if role.is_last_of_some() => (None, vec![number]),
            Carried::Fold(_) => (body.of_role(number, role), vec![number]),
            Carried::Arg(update) => {
                let mut carried = vec![number];
                carried.extend(update.payloads.iter().map(|(payload, _)| *payload));
                carried.sort_unstable();
                carried.dedup();
                (body.of_role(number, role), carried)
            }
        };
        parts.push(Part {
            unit,
            effect: None,
            carried,
        });
    }
    Some(parts)
}

impl Splitter<'_> {
    /// Moves parts into the loop until what is left outside may be there.
    fn settle(&mut self) -> Option<Plan> {
        for number in 0..self.parts.len() {
            if !self.can_leave(number) {
                self.places[number] = Place::Stays;
            }
        }
        loop {
            let residue = self.residue()?;
            let kept = self.touched(&residue);
            if kept.time {
                return None;
            }
            let Some(conditions) = self.place(&residue, &kept) else {
                continue;
            };
            return self.pays(&residue).then_some(Plan { residue, conditions });
        }
    }

    /// Whether a row is appended in the loop that is left: what filled it belongs to the part and to no other.
    fn leaves_rows_behind(&self) -> bool {
        let mut parts = self.parts.iter().zip(&self.places);
        parts.any(|(part, place)| *place == Place::Stays && part.effect.is_some_and(|op| self.body.is_row_append(op)))
    }

    /// Whether a part can be index space, as far as it alone can tell.
    fn can_leave(&self, number: usize) -> bool {
        let Some(unit) = &self.parts[number].unit else {
            return false;
        };
        let own = |write: &crate::access::Access| touch::is_private(self.body.func, self.body.looped.op, &write.root);
        unit.write.as_ref().is_none_or(own)
            && self.is_free(&units::slice_of(self.body.func, self.body.looped, unit), unit)
            && order::check(self.body.func, self.body.looped, std::slice::from_ref(unit))
                .is_ok_and(|needs| needs.is_empty())
    }

    /// Whether ops depend on nothing that another part does; an accumulator is the unit's own.
    fn is_free(&self, ops: &HashSet<OpId>, unit: &Unit) -> bool {
        let own = match &unit.action {
            Action::ArgFold { update, .. } if update.initial.is_some() => return false,
            Action::Fold { update, .. } => update.inner,
            _ => None,
        };
        ops.iter().all(|op| Some(*op) == own || self.is_free_op(*op))
    }

    fn is_free_op(&self, op: OpId) -> bool {
        let data = self.body.func.op(op);
        let quiet = matches!(data.kind.effect(), Effect::Pure | Effect::Reads) || data.kind.is_index_space();
        let is_loop = matches!(data.kind, Kind::For | Kind::While);
        // A value whose branches do something else stays where they are.
        let mut acts = false;
        for block in &data.blocks {
            self.body.func.walk(*block, &mut |inner| {
                acts |= matches!(self.body.func.op(inner).kind.effect(), Effect::World | Effect::Draws);
            });
        }
        let ends = data
            .blocks
            .iter()
            .flat_map(|block| self.body.func.block(*block).end.values());
        quiet && !is_loop && !acts && data.args.iter().chain(ends).all(|value| !self.is_carried(*value))
    }

    /// Whether a value comes from the iteration before.
    fn is_carried(&self, value: ValueId) -> bool {
        let Def::Param(block, number) = self.body.func.def(value) else {
            return false;
        };
        block == self.body.looped.body
            && number > 0
            && !matches!(
                self.roles[number as usize - 1],
                Carried::Same | Carried::Induction { .. }
            )
    }

    /// What the loop that is left needs.
    fn residue(&self) -> Option<Residue> {
        let stays = || (0..self.parts.len()).filter(|number| self.places[*number] == Place::Stays);
        let effects: Vec<OpId> = stays().filter_map(|number| self.parts[number].effect).collect();
        let carried: Vec<usize> = stays().flat_map(|number| self.parts[number].carried.clone()).collect();
        let mut ahead = |value: ValueId| !self.refused.contains(&value) && self.is_worth_loading(value);
        residue::residue(
            self.body.func,
            self.body.looped,
            &self.roles,
            (&effects, &carried),
            &mut ahead,
        )
    }

    /// Whether a value of every iteration is costly and can be computed for all iterations at once.
    fn is_worth_loading(&self, value: ValueId) -> bool {
        let func = self.body.func;
        let at_top = func
            .def_op(value)
            .is_some_and(|op| func.block(self.body.looped.body).ops.contains(&op));
        let stored = match func.ty(value) {
            Ty::Np(_) | Ty::Float | Ty::Bool => true,
            Ty::Int(interval) => interval.lo.is_some() && interval.hi.is_some(),
            _ => false,
        };
        if !at_top || !stored || super::constant(func, self.body.looped.step).is_none() {
            return false;
        }
        let ops = backward(func, &self.body.looped.scope, &[value]);
        let moves = ops.iter().any(|op| {
            let args = &func.op(*op).args;
            args.iter()
                .any(|arg| matches!(func.def(*arg), Def::Param(block, _) if block == self.body.looped.body))
        });
        let free = ops.iter().all(|op| self.is_free_op(*op));
        moves && free && ops.iter().map(|op| cost(func, *op)).sum::<usize>() >= WORTH_LOADING
    }

    /// Whether enough leaves the loop to be worth anybody's reading; how much is gained is measured later.
    fn pays(&self, residue: &Residue) -> bool {
        let mut all = 0;
        self.body
            .func
            .walk(self.body.looped.body, &mut |op| all += cost(self.body.func, op));
        let left: usize = residue.ops.iter().map(|op| cost(self.body.func, *op)).sum();
        let loads = 2 * residue.loaded.len();
        7 * all >= 8 * (left + loads)
    }

    /// What the loop that is left touches.
    fn touched(&self, residue: &Residue) -> Touch {
        let mut touch = Touch::default();
        for op in &residue.ops {
            touch.add(self.body.func, *op, self.body.position(*op));
        }
        touch
    }

    fn touch_of(&self, ops: &HashSet<OpId>) -> Touch {
        let mut touch = Touch::default();
        for op in ops {
            touch.add_all(self.body.func, *op, self.body.position(*op));
        }
        touch
    }

    /// Puts every part that leaves before the loop or behind it; `None` where one has to stay after all.
    fn place(&mut self, residue: &Residue, kept: &Touch) -> Option<Vec<Condition>> {
        let mut conditions = Vec::new();
        for value in residue.loaded.iter().copied() {
            let touch = self.touch_of(&backward(self.body.func, &self.body.looped.scope, &[value]));
            let found = self.apart(&touch, kept).then(|| self.before(&touch, kept)).flatten();
            match found {
                Some(needs) => conditions.extend(needs),
                None => {
                    self.refused.insert(value);
                    return None;
                }
            }
        }
        for number in 0..self.parts.len() {
            if self.places[number] == Place::Stays {
                continue;
            }
            let (place, needs) = self.place_of(number, kept);
            self.places[number] = place;
            if place == Place::Stays {
                return None;
            }
            conditions.extend(needs);
        }
        conditions.extend(self.among_themselves(residue)?);
        Some(conditions)
    }

    fn place_of(&self, number: usize, kept: &Touch) -> (Place, Vec<Condition>) {
        let Some(unit) = &self.parts[number].unit else {
            return (Place::Stays, Vec::new());
        };
        let mut touch = self.touch_of(&units::slice_of(self.body.func, self.body.looped, unit));
        touch.reads.extend(unit.reads.iter().cloned());
        touch.writes = unit.write.iter().map(|write| (write.clone(), unit.position)).collect();
        if !self.apart(&touch, kept) {
            return (Place::Stays, Vec::new());
        }
        if let Some(needs) = self.before(&touch, kept) {
            return (Place::Before, needs);
        }
        match self.before(kept, &touch) {
            Some(needs) => (Place::Behind, needs),
            None => (Place::Stays, Vec::new()),
        }
    }

    /// Whether what leaves has nothing to do with what others may change or look at.
    fn apart(&self, touch: &Touch, kept: &Touch) -> bool {
        let private = |(access, _): &(crate::access::Access, usize)| {
            touch::is_private(self.body.func, self.body.looped.op, &access.root)
        };
        let hidden = !touch.reads_attributes && touch.reads.iter().chain(&touch.writes).all(private);
        (!kept.anything || hidden) && !(kept.writes_attributes && touch.reads_attributes)
    }

    /// Whether all iterations of the first may be done before any of the second, and what that stands on.
    fn before(&self, first: &Touch, second: &Touch) -> Option<Vec<Condition>> {
        let pair = Pair {
            func: self.body.func,
            looped: self.body.looped,
        };
        let mut conditions = Vec::new();
        for write in &first.writes {
            for read in &second.reads {
                pair.write_then_read(write, read, &mut conditions)?;
            }
            for later in &second.writes {
                pair.write_then_write(write, later, &mut conditions)?;
            }
        }
        for read in &first.reads {
            for write in &second.writes {
                pair.read_then_write(read, write, &mut conditions)?;
            }
        }
        Some(conditions)
    }

    /// What leaves runs in the order in which it stands, before the loop or behind it; `None` where something that would
    /// change places with something else stays.
    fn among_themselves(&mut self, residue: &Residue) -> Option<Vec<Condition>> {
        let mut conditions = Vec::new();
        let order = self.order(residue);
        for (at, first) in order.iter().enumerate() {
            for second in &order[at + 1..] {
                let touches = [*first, *second].map(|leaving| self.touch_of_leaving(leaving));
                match self.before(&touches[0], &touches[1]) {
                    Some(needs) => conditions.extend(needs),
                    None => {
                        for leaving in [*first, *second] {
                            match leaving {
                                Leaving::Part(number) => self.places[number] = Place::Stays,
                                Leaving::Ahead(value) => drop(self.refused.insert(value)),
                            }
                        }
                        return None;
                    }
                }
            }
        }
        Some(conditions)
    }

    fn touch_of_leaving(&self, leaving: Leaving) -> Touch {
        match leaving {
            Leaving::Part(number) => {
                let unit = self.parts[number].unit.as_ref();
                Touch {
                    reads: unit.map(|unit| unit.reads.clone()).unwrap_or_default(),
                    writes: unit
                        .iter()
                        .flat_map(|unit| unit.write.iter().map(|write| (write.clone(), unit.position)))
                        .collect(),
                    ..Touch::default()
                }
            }
            Leaving::Ahead(value) => self.touch_of(&backward(self.body.func, &self.body.looped.scope, &[value])),
        }
    }

    /// What leaves, in the order in which it will run.
    fn order(&self, residue: &Residue) -> Vec<Leaving> {
        let parts = (0..self.parts.len())
            .filter(|number| self.places[*number] != Place::Stays)
            .map(Leaving::Part);
        let ahead = residue.loaded.iter().copied().map(Leaving::Ahead);
        let mut order: Vec<Leaving> = parts.chain(ahead).collect();
        order.sort_by_key(|leaving| (self.is_behind(*leaving), self.position_of(*leaving), *leaving));
        order
    }

    fn is_behind(&self, leaving: Leaving) -> bool {
        matches!(leaving, Leaving::Part(number) if self.places[number] == Place::Behind)
    }

    fn position_of(&self, leaving: Leaving) -> usize {
        match leaving {
            Leaving::Part(number) => self.parts[number].unit.as_ref().map_or(0, |unit| unit.position),
            Leaving::Ahead(value) => self.body.func.def_op(value).map_or(0, |op| self.body.position(op)),
        }
    }

    fn emit(&self, plan: Plan, used: &[u32], position: usize) -> Option<RaisedLoop> {
        let mut func = self.body.func.clone();
        let parent = func.body;
        let tail = func.block_mut(parent).ops.split_off(position);
        let mut emitter = Emitter::new(&mut func, self.body.looped, &self.roles, parent);
        let mut results = HashMap::new();
        let order = self.order(&plan.residue);
        let (late, early): (Vec<Leaving>, Vec<Leaving>) =
            order.into_iter().partition(|leaving| self.is_behind(*leaving));
        let mut containers = HashMap::new();
        let mut leave = |func: &mut Function, leaving: Leaving, results: &mut HashMap<usize, ValueId>| match leaving {
            Leaving::Part(number) => emitter.unit(func, self.parts[number].unit.as_ref()?, results).ok(),
            Leaving::Ahead(value) => {
                containers.insert(value, emitter.ahead(func, value).ok()?);
                Some(())
            }
        };
        for leaving in early {
            leave(&mut func, leaving, &mut results)?;
        }
        let left = residue::emit(&mut func, self.body.looped, &plan.residue, &containers, parent);
        results.extend(left);
        for leaving in late {
            if let Leaving::Part(number) = leaving {
                emitter
                    .unit(&mut func, self.parts[number].unit.as_ref()?, &mut results)
                    .ok()?;
            }
        }
        emitter.finish(&mut func, used, &results).ok()?;
        let mut conditions = plan.conditions;
        let mut by_formula = self.roles.iter().enumerate().filter(|(number, role)| {
            role.is_induction() && used[self.body.looped.results[*number].index()] > 0 && !results.contains_key(number)
        });
        if by_formula.next().is_some() {
            conditions.push(runs_forward(&func, self.body.looped));
        }
        func.block_mut(parent).ops.extend(&tail[1..]);
        Some(RaisedLoop {
            func,
            conditions,
            last_only: false,
        })
    }
}

/// Whether control leaves the loop from a block or a branch of its `If`s.
fn is_left_early(func: &Function, block: BlockId) -> bool {
    let data = func.block(block);
    let mut branches = data.ops.iter().map(|op| func.op(*op)).filter(|op| op.kind == Kind::If);
    matches!(data.end, Term::Break(..) | Term::Return(_))
        || branches.any(|branch| branch.blocks.iter().any(|inner| is_left_early(func, *inner)))
}

/// What an op costs in a loop, in operations on Python's own numbers.
fn cost(func: &Function, op: OpId) -> usize {
    let data = func.op(op);
    let of_numpy = data
        .args
        .iter()
        .any(|arg| matches!(func.ty(*arg), Ty::Np(_) | Ty::Array { .. }));
    let own = if of_numpy { 2 } else { 1 };
    match &data.kind {
        Kind::Scalar { f, .. } => match f {
            F::Add | F::Sub | F::Mul | F::TrueDiv | F::FloorDiv | F::Mod | F::Neg | F::Abs => own,
            F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne | F::Not => own,
            _ => 4 * own,
        },
        Kind::Index(_) | Kind::SetIndex(_) | Kind::Append | Kind::Convert => own,
        kind if kind.is_index_space() => 4 * WORTH_LOADING,
        Kind::Call { .. } | Kind::Method { .. } => WORTH_LOADING,
        Kind::Opaque { .. } => 4,
        _ => 0,
    }
}

impl Emitter<'_> {
    /// All values of one of the body's: an array, or a list where they are Python's own numbers.
    fn ahead(&self, func: &mut Function, value: ValueId) -> Result<ValueId, crate::blocker::Blocker> {
        let at = func.def_op(value).map_or(self.looped.origin, |op| func.op(op).origin);
        let (block, mut slice) = self.block(func)?;
        let given = slice.value(func, value)?;
        func.block_mut(block).end = Term::Yield(vec![given]);
        let ty = func.ty(value).clone();
        if let Ty::Np(dtype) = ty {
            let tensor = Ty::Tensor {
                elem: ScalarTy::Np(dtype),
                shape: vec![Dim::Unknown],
            };
            return Ok(func.push_value(self.parent, Kind::Comp, vec![self.trip], vec![block], tensor, at));
        }
        let list = Ty::List(Box::new(ty), Dim::Unknown);
        let list = func.push_value(self.parent, Kind::MakeList, vec![], vec![], list, at);
        let kind = Kind::Extend {
            masked: false,
            depth: 0,
        };
        func.push_op(self.parent, kind, vec![list, self.trip], vec![block], &[], at);
        Ok(list)
    }
}

#[cfg(test)]
mod tests;
