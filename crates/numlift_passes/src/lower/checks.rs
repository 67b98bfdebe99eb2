//! Range checks: proven away, or made once in front of a loop.
//!
//! ```text
//! for i in range(1, n):                   require n <= len(a)
//!     a[i] = a[i - 1] * x[0]      =>      for i in range(1, n): store a[i], load a[i - 1] * …
//! ```
//!
//! An access is in range for certain if that follows from the bounds of the loops, from the tests around it, and from
//! checks that were made before. Else, where every iteration makes it and its subscripts are affine, the check is made
//! in front of the loop for the first and the last index: if it fails, Python runs the loop from its start, where
//! nothing has happened. Only what follows a frame in front of the loop is hoisted.
//!
//! What hangs on values that were loaded (a gather's indices) stays checked.

use std::collections::BTreeMap;

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::build::Builder;
use numlift_ir::function::{BlockId, Def, Function, OpId, OriginId, ValueId};
use numlift_ir::infer::interval_of;
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::stores;
use numlift_ir::ty::{Dim, Interval, Ty};

use super::facts::Facts;
use super::frames::follows_frame;
use super::{Note, NoteKind, Options, Slip};

/// Replaces checked accesses by ones that are in range; notes those that stay in loops.
pub(super) fn settle(func: Function, notes: &mut Vec<Note>, options: &Options) -> Function {
    let mut b = Builder::new("");
    b.func = func;
    let body = b.func.body;
    let mut checks = Checks {
        b,
        facts: Facts::default(),
        loops: Vec::new(),
        hoisted: BTreeMap::new(),
        is_done: false,
        notes,
        options: *options,
    };
    checks.block(body, true);
    // What was required in front of loops says more of the ints in them.
    checks.is_done = true;
    if !checks.hoisted.is_empty() {
        checks.facts = Facts::default();
        checks.block(body, true);
    }
    checks.b.func
}

/// A loop around the present place.
struct Loop {
    op: OpId,
    block: BlockId,
    /// Whether all between the loop's start and the present place is done in every iteration.
    is_plain: bool,
    /// Whether Python may go on at the loop itself.
    has_frame: bool,
    /// The last index of a loop that takes more than one at a time.
    last: Option<ValueId>,
}

struct Checks<'a> {
    b: Builder,
    facts: Facts,
    /// The outermost first.
    loops: Vec<Loop>,
    /// What is required in front of a loop, and holds all along it.
    hoisted: BTreeMap<OpId, Vec<Affine>>,
    /// Whether all accesses were looked at.
    is_done: bool,
    notes: &'a mut Vec<Note>,
    options: Options,
}

impl Checks<'_> {
    fn block(&mut self, block: BlockId, is_plain: bool) {
        let before = self.loops.last().is_none_or(|around| around.is_plain);
        if let Some(around) = self.loops.last_mut() {
            around.is_plain &= is_plain;
        }
        let mut at = 0;
        while at < self.b.func.block(block).ops.len() {
            let op = self.b.func.block(block).ops[at];
            self.op(op, block);
            // Checks may have been put in front.
            at = self.b.func.block(block).ops[at..]
                .iter()
                .position(|other| *other == op)
                .map_or(at, |n| at + n)
                + 1;
        }
        if let Some(around) = self.loops.last_mut() {
            around.is_plain = before;
        }
    }

    fn op(&mut self, op: OpId, block: BlockId) {
        let kind = self.b.func.op(op).kind.clone();
        match kind {
            Kind::Index(subs) if !self.is_done && self.is_element(op, &subs, 0) => self.access(op, Kind::Load, 0),
            Kind::SetIndex(subs) if !self.is_done && self.is_element(op, &subs, 1) => self.access(op, Kind::Store, 1),
            Kind::If => self.branches(op),
            Kind::For | Kind::While => self.enter(op, block),
            Kind::Require(_) => {
                let condition = self.b.func.op(op).args[0];
                self.facts.tested(&self.b.func, condition, true);
            }
            Kind::Scalar {
                f: F::Add | F::Sub | F::Mul | F::Neg,
                flavour: Flavour::Py,
            } => self.narrow(op),
            Kind::Scalar {
                f: F::TrueDiv | F::FloorDiv | F::Mod,
                flavour: Flavour::Py,
            } => self.divisor(op),
            _ => {}
        }
        self.leaves(op);
    }

    /// An int that fits 64 bits for certain says so: nothing has to be checked.
    fn narrow(&mut self, op: OpId) {
        let result = self.b.func.result(op);
        let Ty::Int(interval) = *self.b.func.ty(result) else {
            return;
        };
        if interval.is_within(Interval::MACHINE) {
            return;
        }
        let value = affine_of(&self.b.func, result);
        if value == Affine::atom(Atom::Value(result)) {
            return;
        }
        let above = value.offset(-i128::from(i64::MIN));
        let below = value.times(-1).and_then(|negated| negated.offset(i128::from(i64::MAX)));
        let fits = |goal: Option<Affine>| goal.is_some_and(|goal| self.facts.is_natural(&self.b.func, &goal));
        if fits(above) && fits(below) || self.options.slips(Slip::Ranges) {
            self.b.func.values[result.index()].ty = Ty::Int(interval.meet(Interval::MACHINE));
        }
    }

    /// An int divisor that is positive for certain says so: nothing has to be checked.
    fn divisor(&mut self, op: OpId) {
        let divisor = self.b.func.op(op).args[1];
        let Ty::Int(interval) = *self.b.func.ty(divisor) else {
            return;
        };
        if interval.lo.is_some_and(|lo| lo > 0) || interval.hi.is_none_or(|hi| hi < 1) || self.loops.is_empty() {
            return;
        }
        let above = affine_of(&self.b.func, divisor).offset(-1);
        if !above.is_some_and(|above| self.facts.is_natural(&self.b.func, &above)) {
            return;
        }
        let block = self.block_of(op);
        let positive = self.in_front(block, op, |b| {
            let one = b.int(1);
            let kind = Kind::Scalar {
                f: F::Max,
                flavour: Flavour::Py,
            };
            let larger = b.typed_op(
                kind,
                &[divisor, one],
                &[Ty::Int(Interval {
                    lo: Some(1),
                    ..interval
                })],
            );
            b.func.result(larger)
        });
        self.b.func.op_mut(op).args[1] = positive;
    }

    /// What may end an iteration early makes what follows conditional.
    fn leaves(&mut self, op: OpId) {
        let mut leaves = false;
        for block in self.b.func.op(op).blocks.clone() {
            self.b.func.visit_blocks(block, &mut |inner| {
                leaves |= matches!(self.b.func.block(inner).end, Term::Break(..) | Term::Return(_));
            });
        }
        if leaves && let Some(around) = self.loops.last_mut() {
            around.is_plain = false;
        }
    }

    /// Whether subscripts pick one element of an array, by ints.
    fn is_element(&self, op: OpId, subs: &[Sub], values: usize) -> bool {
        let data = self.b.func.op(op);
        let Ty::Array { shape, dtype, .. } = self.b.func.ty(data.args[0]) else {
            return false;
        };
        let indices = &data.args[1..data.args.len() - values];
        dtype.is_known()
            && subs.len() == shape.len()
            && subs.iter().all(|sub| *sub == Sub::At)
            && indices.iter().all(|index| matches!(self.b.func.ty(*index), Ty::Int(_)))
    }

    fn branches(&mut self, op: OpId) {
        let data = self.b.func.op(op);
        let (condition, blocks) = (data.args[0], data.blocks.clone());
        for (number, block) in blocks.into_iter().enumerate() {
            let outer = self.facts.clone();
            self.facts.tested(&self.b.func, condition, number == 0);
            self.block(block, false);
            self.facts = outer;
        }
    }

    fn enter(&mut self, op: OpId, block: BlockId) {
        let outer = self.facts.clone();
        let has_frame = follows_frame(&self.b.func, op, block);
        self.facts.carried(&self.b.func, op);
        let data = self.b.func.op(op);
        let (kind, blocks) = (data.kind.clone(), data.blocks.clone());
        if kind == Kind::For {
            let bounds = [data.args[0], data.args[1], data.args[2]];
            let index = self.b.func.block(blocks[0]).params[0];
            // It lies between bounds that are there.
            if let Ty::Int(interval) = *self.b.func.ty(index) {
                self.b.func.values[index.index()].ty = Ty::Int(interval.meet(Interval::MACHINE));
            }
            self.facts.index(&self.b.func, index, bounds);
        }
        for goal in self.hoisted.get(&op).into_iter().flatten() {
            self.facts.add(goal.clone());
        }
        let last = self.last_index(op, block);
        self.loops.push(Loop {
            op,
            block,
            is_plain: kind == Kind::For,
            has_frame,
            last,
        });
        for (number, inner) in blocks.iter().enumerate() {
            if kind == Kind::While && number == 1 {
                self.entered(blocks[0], blocks[1]);
            }
            self.block(*inner, true);
        }
        self.loops.pop();
        self.facts = outer;
    }

    /// The test of a `while` holds where its body begins.
    fn entered(&mut self, test: BlockId, body: BlockId) {
        let Term::Yield(values) = self.b.func.block(test).end.clone() else {
            return;
        };
        let mut seen = Facts::default();
        seen.tested(&self.b.func, values[0], true);
        let (from, to) = (
            self.b.func.block(test).params.clone(),
            self.b.func.block(body).params.clone(),
        );
        for mut fact in seen.all() {
            for (from, to) in from.iter().zip(&to) {
                let renamed = fact.substitute(Atom::Value(*from), &Affine::atom(Atom::Value(*to)));
                fact = renamed.unwrap_or_default();
            }
            self.facts.add(fact);
        }
    }

    /// An access that is in range for certain, or is made so, or stays.
    fn access(&mut self, op: OpId, unchecked: Kind, values: usize) {
        let data = self.b.func.op(op).clone();
        let base = data.args[0];
        let indices = data.args[1..data.args.len() - values].to_vec();
        let Ty::Array { dtype, .. } = *self.b.func.ty(base) else {
            return;
        };
        let value = data.args[data.args.len() - 1];
        if values == 1 && !stores::converts(self.b.func.ty(value), dtype) {
            return self.checked(base, &indices);
        }
        let mut settled = Vec::new();
        for (axis, index) in indices.iter().enumerate() {
            let Some(position) = self.front_index(base, axis, *index, op) else {
                self.stays(data.origin);
                self.checked(base, &indices);
                return;
            };
            settled.push(position);
        }
        if values == 1 && *self.b.func.ty(value) != Ty::Np(dtype) {
            let block = self.block_of(op);
            let converted = self.in_front(block, op, |b| {
                let convert = b.typed_op(Kind::Convert, &[value], &[Ty::Np(dtype)]);
                b.func.result(convert)
            });
            let last = data.args.len() - 1;
            self.b.func.op_mut(op).args[last] = converted;
        }
        let data = self.b.func.op_mut(op);
        data.kind = unchecked;
        data.args[1..=indices.len()].copy_from_slice(&settled);
    }

    fn stays(&mut self, origin: OriginId) {
        if !self.loops.is_empty() {
            self.notes.push(Note {
                kind: NoteKind::Check,
                origin,
                text: "the index is checked in each iteration".to_owned(),
            });
        }
    }

    /// After an access that is checked its indices are in range.
    fn checked(&mut self, base: ValueId, indices: &[ValueId]) {
        for (axis, index) in indices.iter().enumerate() {
            let position = affine_of(&self.b.func, *index);
            let extent = self.extent(base, axis);
            if let Some(last) = extent.offset(-1) {
                self.facts.at_most(&position, &last);
            }
            if let Some(sum) = position.plus(&extent, 1) {
                self.facts.add(sum);
            }
        }
    }

    fn extent(&self, base: ValueId, axis: usize) -> Affine {
        match self.b.func.ty(base).dims().get(axis) {
            Some(Dim::Const(n)) => Affine::constant(i128::from(*n)),
            Some(Dim::Sym(sym)) => Affine::atom(Atom::Sym(*sym)),
            _ => numlift_ir::affine::extent_of(&self.b.func, base, axis),
        }
    }

    /// The index counted from the front, if it is in range for certain.
    fn front_index(&mut self, base: ValueId, axis: usize, index: ValueId, op: OpId) -> Option<ValueId> {
        let extent = self.extent(base, axis);
        let position = affine_of(&self.b.func, index);
        let func = &self.b.func;
        let is_negative = position.offset(1).and_then(|above| above.times(-1));
        if is_negative.is_some_and(|negative| self.facts.is_natural(func, &negative)) {
            let wrapped = position.plus(&extent, 1)?;
            if !self.facts.is_natural(func, &wrapped) && !self.hoist(&wrapped) {
                return None;
            }
            return Some(self.counted_from_end(base, axis, index, op));
        }
        let room = extent.minus(&position)?.offset(-1)?;
        let holds = |facts: &Facts, goal: &Affine| facts.is_natural(func, goal);
        let (low, high) = (holds(&self.facts, &position), holds(&self.facts, &room));
        let goals: Vec<Affine> = [(low, &position), (high, &room)]
            .into_iter()
            .filter(|(holds, _)| !holds)
            .map(|(_, goal)| goal.clone())
            .collect();
        // All or nothing: a check that stays makes the others useless.
        let places: Option<Vec<usize>> = goals
            .iter()
            .map(|goal| self.place_for(goal).map(|(place, _)| place))
            .collect();
        places?;
        goals.iter().all(|goal| self.hoist(goal)).then_some(index)
    }

    /// `extent + index`, in front of the access.
    fn counted_from_end(&mut self, base: ValueId, axis: usize, index: ValueId, op: OpId) -> ValueId {
        let block = self.block_of(op);
        self.in_front(block, op, |b| {
            let length = b.len(base, axis);
            let sum = b.operator(F::Add, &[length, index]);
            // It is in range.
            b.func.values[sum.index()].ty = Ty::Int(numlift_ir::infer::LENGTH);
            sum
        })
    }

    fn block_of(&self, op: OpId) -> BlockId {
        let blocks = self.b.func.blocks.iter();
        let found = blocks.enumerate().find(|(_, block)| block.ops.contains(&op));
        found.map_or(self.b.func.body, |(number, _)| BlockId(number as u32))
    }

    /// Makes ops in front of another.
    fn in_front<T>(&mut self, block: BlockId, op: OpId, make: impl FnOnce(&mut Builder) -> T) -> T {
        let ops = &mut self.b.func.block_mut(block).ops;
        let at = ops.iter().position(|other| *other == op).unwrap_or(ops.len());
        let rest = ops.split_off(at);
        self.b.block = block;
        self.b.origin = self.b.func.op(op).origin;
        let made = make(&mut self.b);
        self.b.func.block_mut(block).ops.extend(rest);
        made
    }

    /// The outermost loop in front of which a goal can be tested, and the goal there.
    fn place_for(&self, goal: &Affine) -> Option<(usize, Affine)> {
        let mut goal = goal.clone();
        let mut best = None;
        for (number, around) in self.loops.iter().enumerate().rev() {
            if !around.is_plain {
                break;
            }
            goal = self.worst(&goal, around)?;
            let is_outside = goal.terms.keys().all(|atom| self.is_before(*atom, around.op));
            if !is_outside {
                break;
            }
            if around.has_frame {
                best = Some((number, goal.clone()));
            }
        }
        // What does not fit 64 bits is no test of machine ints.
        best.filter(|(_, goal)| {
            goal.terms
                .values()
                .chain([&goal.constant])
                .all(|part| i64::try_from(*part).is_ok())
        })
    }

    /// The last index of a loop, if it runs, where its step leaves some out: computed in front of the loop.
    fn last_index(&mut self, op: OpId, block: BlockId) -> Option<ValueId> {
        let data = self.b.func.op(op);
        if data.kind != Kind::For || self.is_done {
            return None;
        }
        let [start, stop, step] = [data.args[0], data.args[1], data.args[2]];
        let step = affine_of(&self.b.func, step)
            .as_constant()
            .filter(|step| step.abs() > 1)?;
        let span = match step > 0 {
            true => [stop, start],
            false => [start, stop],
        };
        let [far, near] = span.map(|bound| interval_of(self.b.func.ty(bound)));
        let least = far.lo?.checked_sub(near.hi?)?.checked_sub(1 + step.abs())?;
        let most = far.hi?.checked_sub(near.lo?)?;
        // Nothing of it overflows, whether the loop runs or not: the last index lies up to a step in front of the stop.
        let room = Interval::new(i64::MIN as i128 + step.max(0), i64::MAX as i128 + step.min(0));
        if !Interval::new(least, least.max(most)).is_within(Interval::MACHINE)
            || !interval_of(self.b.func.ty(stop)).is_within(room)
        {
            return None;
        }
        Some(self.in_front(block, op, |b| {
            let (one, size) = (b.int(1), b.int(step.abs()));
            let span = b.operator(F::Sub, &span);
            let span = b.operator(F::Sub, &[span, one]);
            let steps = b.operator(F::FloorDiv, &[span, size]);
            let whole = b.operator(F::Mul, &[steps, size]);
            let last = b.operator(if step > 0 { F::Add } else { F::Sub }, &[start, whole]);
            for value in [span, steps, whole, last] {
                let known = interval_of(b.func.ty(value));
                b.func.set_ty(value, Ty::Int(known.meet(Interval::MACHINE)));
            }
            last
        }))
    }

    /// The least that an expression is over a loop's indices.
    fn worst(&self, goal: &Affine, around: &Loop) -> Option<Affine> {
        let data = self.b.func.op(around.op);
        let index = Atom::Value(self.b.func.block(data.blocks[0]).params[0]);
        let factor = goal.coefficient(index);
        if factor == 0 {
            return Some(goal.clone());
        }
        let bound = |number: usize| affine_of(&self.b.func, data.args[number]);
        let up = bound(2).as_constant()?;
        if self.options.slips(Slip::Checks) {
            return goal.substitute(index, &bound(0));
        }
        let end = match around.last {
            Some(last) => Affine::atom(Atom::Value(last)),
            None => bound(1).offset(if up > 0 { -1 } else { 1 })?,
        };
        let replaced = if (factor > 0) == (up > 0) { bound(0) } else { end };
        goal.substitute(index, &replaced)
    }

    /// Whether an atom has its value in front of a loop.
    fn is_before(&self, atom: Atom, op: OpId) -> bool {
        let value = match atom {
            Atom::Value(value) | Atom::Extent(value, _) => value,
            Atom::Sym(sym) => return self.array_with(sym).is_some(),
        };
        let mut inside = false;
        for block in &self.b.func.op(op).blocks {
            self.b.func.visit_blocks(*block, &mut |inner| {
                inside |= match self.b.func.def(value) {
                    Def::Param(block, _) => block == inner,
                    Def::Result(op, _) => self.b.func.block(inner).ops.contains(&op),
                };
            });
        }
        !inside
    }

    /// A parameter with an axis of this extent.
    fn array_with(&self, sym: u32) -> Option<(ValueId, usize)> {
        array_with(&self.b.func, sym)
    }

    /// Requires in front of a loop that a goal holds all along it.
    fn hoist(&mut self, goal: &Affine) -> bool {
        let Some((number, least)) = self.place_for(goal) else {
            return false;
        };
        let (op, block) = (self.loops[number].op, self.loops[number].block);
        // It was required already, for another access.
        if !self.facts.is_natural(&self.b.func, &least) {
            let bounds = self.b.func.op(op).args[..3].to_vec();
            let arrays: Vec<(u32, (ValueId, usize))> = least
                .terms
                .keys()
                .filter_map(|atom| match atom {
                    Atom::Sym(sym) => Some((*sym, self.array_with(*sym)?)),
                    Atom::Value(_) | Atom::Extent(..) => None,
                })
                .collect();
            self.in_front(block, op, |b| {
                let value = computed(b, &least, &arrays);
                let zero = b.int(0);
                let holds = b.operator(F::Ge, &[value, zero]);
                // A loop that does not run needs nothing.
                let up = affine_of(&b.func, bounds[2]).as_constant().is_none_or(|step| step > 0);
                let runs_not = b.operator(if up { F::Ge } else { F::Le }, &[bounds[0], bounds[1]]);
                let either = b.operator(F::Or, &[runs_not, holds]);
                b.effect(Kind::Require("an index in range".to_owned()), &[either]);
            });
            self.facts.add(least);
        }
        self.facts.add(goal.clone());
        self.hoisted.entry(op).or_default().push(goal.clone());
        true
    }
}

/// A parameter with an axis of an extent.
pub(super) fn array_with(func: &Function, sym: u32) -> Option<(ValueId, usize)> {
    let params = &func.block(func.body).params;
    params.iter().find_map(|param| {
        let dims = func.ty(*param).dims();
        let is_array = matches!(func.ty(*param), Ty::Array { .. });
        let axis = dims.iter().position(|dim| *dim == Dim::Sym(sym))?;
        is_array.then_some((*param, axis))
    })
}

/// An affine expression as a value.
pub(super) fn computed(b: &mut Builder, affine: &Affine, arrays: &[(u32, (ValueId, usize))]) -> ValueId {
    let mut sum: Option<ValueId> = None;
    for (atom, factor) in &affine.terms {
        let value = match atom {
            Atom::Value(value) => *value,
            Atom::Extent(value, axis) => b.len(*value, *axis),
            Atom::Sym(sym) => {
                let (_, (array, axis)) = arrays.iter().find(|(known, _)| known == sym).expect("a known extent");
                b.len(*array, *axis)
            }
        };
        let (f, times) = match (sum, *factor < 0) {
            (Some(_), true) => (F::Sub, -factor),
            _ => (F::Add, *factor),
        };
        let term = match times {
            1 => value,
            times => {
                let times = b.int(times);
                b.operator(F::Mul, &[value, times])
            }
        };
        sum = Some(match sum {
            Some(sum) => b.operator(f, &[sum, term]),
            None => term,
        });
    }
    match (sum, affine.constant) {
        (Some(sum), 0) => sum,
        (Some(sum), constant) => {
            let constant = b.int(constant);
            b.operator(F::Add, &[sum, constant])
        }
        (None, constant) => b.int(constant),
    }
}
