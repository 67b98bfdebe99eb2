//! Raising: loops become index-space ops, exactly.
//!
//! ```text
//! for i in range(0, n): out[i] = x[i] * 2          =>  scatter out, n { (t) yield t, x[t] * 2 }
//! for v in x: s = s + v                            =>  s = fold add s0, n { (t) yield x[t] }
//! for i in range(n): r.append(f(x[i]))             =>  extend r, n { (t) yield f(x[t]) }
//! ```
//!
//! Works inside out. A loop whose body is straight-line but for `If`s is taken apart into *units*: stores, growth and
//! folds, each with the slice of the body that computes it (loop distribution). A unit that is itself an index-space
//! op, since an inner loop was raised to it, gets one more leading index. Predicates of `If`s around an effect become
//! masks (if-conversion). [`order`] holds the dependence test that says whether the units may run one after the other,
//! each reading before it writes. Nothing here knows a name of NumPy's. A loop is replaced as a whole, or [`split`] into
//! what is raised and a loop of the rest, or stays, with a [`Blocker`].

mod arithmetic;
mod carried;
mod draws;
mod emit;
mod order;
mod rows;
mod search;
mod split;
mod units;

use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};

use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Condition;
use crate::slice::Scope;

/// A function after raising.
#[derive(Debug, Clone)]
pub struct Raised {
    pub func: Function,
    /// What the raised form stands on.
    pub conditions: Vec<Condition>,
    /// One for each loop that stayed, innermost first.
    pub blockers: Vec<Blocker>,
    /// How many loops were raised.
    pub raised: usize,
    /// How many of them in part only: a loop is left.
    pub split: usize,
    /// Computations of the loops that nobody reads are gone, with the warnings that they may have given.
    pub silenced: bool,
}

/// A counted loop, taken apart.
#[derive(Clone)]
pub(crate) struct Loop {
    pub op: OpId,
    pub body: BlockId,
    pub index: ValueId,
    pub start: ValueId,
    pub stop: ValueId,
    pub step: ValueId,
    pub inits: Vec<ValueId>,
    /// The carried values as the body sees them.
    pub params: Vec<ValueId>,
    /// What the body hands to the next iteration.
    pub yields: Vec<ValueId>,
    pub results: Vec<ValueId>,
    pub scope: Scope,
    pub origin: OriginId,
}

impl Loop {
    pub(crate) fn of(func: &Function, op: OpId) -> Self {
        let data = func.op(op);
        let body = data.blocks[0];
        Self {
            op,
            body,
            index: func.block(body).params[0],
            start: data.args[0],
            stop: data.args[1],
            step: data.args[2],
            inits: data.args[3..].to_vec(),
            params: func.block(body).params[1..].to_vec(),
            yields: func.block(body).end.values().to_vec(),
            results: data.results.clone(),
            scope: Scope::of(func, body),
            origin: data.origin,
        }
    }
}

/// What raising makes of a dependence that goes from one iteration to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dependences {
    /// The loop stays.
    Respected,
    /// The loop is raised as if it were not there, which is wrong.
    Ignored,
}

/// What raising may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Loops that are part liftable and part not are split. Not where somebody reads the names of the region while it
    /// runs, or after an exception left it.
    pub split: bool,
}

/// Raises every loop that can be.
pub fn raise(func: &Function, options: Options) -> Raised {
    raise_with(func, Dependences::Respected, options)
}

/// Raises loops as if no iteration read what another one stores: what slices make of a recurrence that somebody takes
/// for a map. The result is wrong wherever a dependence was in the way; it serves to show how.
pub fn raise_carelessly(func: &Function) -> Raised {
    raise_with(func, Dependences::Ignored, Options { split: false })
}

fn raise_with(func: &Function, dependences: Dependences, options: Options) -> Raised {
    let mut raised = Raised {
        func: func.clone(),
        conditions: Vec::new(),
        blockers: Vec::new(),
        raised: 0,
        split: 0,
        silenced: false,
    };
    crate::dead::remove(&mut raised.func);
    raised.blockers.extend(unread_load(func, &raised.func));
    raised.silenced = drops_scalars(func, &raised.func);
    crate::sink::sink(&mut raised.func);
    let body = raised.func.body;
    raise_block(&mut raised, body, dependences, options);
    crate::forward::forward(&mut raised.func, body);
    crate::unroll::unroll(&mut raised.func, body);
    crate::retype::retype(&mut raised.func);
    crate::dead::remove(&mut raised.func);
    raised
}

/// What a counter is behind the loop hangs on how often it ran, which is never less than not at all.
fn runs_forward(func: &Function, looped: &Loop) -> Condition {
    let affine = |value| numlift_ir::affine::affine_of(func, value);
    let ascending = constant(func, looped.step).is_none_or(|step| step > 0);
    let (low, high) = if ascending {
        (looped.start, looped.stop)
    } else {
        (looped.stop, looped.start)
    };
    Condition {
        fact: crate::condition::Fact::AtMost(affine(low), affine(high)),
        at: looped.origin,
    }
}

/// Whether arithmetic of NumPy's, which may warn, is not there any more, or only for the last iteration.
fn drops_scalars(before: &Function, after: &Function) -> bool {
    let mut kept = Vec::new();
    after.walk(after.body, &mut |op| kept.push(op));
    let mut dropped = false;
    before.walk(before.body, &mut |op| {
        dropped |= matches!(before.op(op).kind, Kind::Scalar { .. }) && !kept.contains(&op);
    });
    dropped
}

/// A load in a loop that nobody reads, and that may raise all the same.
fn unread_load(before: &Function, after: &Function) -> Option<Blocker> {
    let mut kept = Vec::new();
    after.walk(after.body, &mut |op| kept.push(op));
    let mut all = Vec::new();
    before.walk(before.body, &mut |op| all.push(op));
    let removed = |op: &&OpId| matches!(before.op(**op).kind, Kind::Index(_)) && !kept.contains(op);
    if let Some(blocker) = unread_arrays(before, &kept) {
        return Some(blocker);
    }
    let unread = all.iter().filter(removed).find(|op| {
        let data = before.op(**op);
        let again = kept.iter().any(|other| {
            let other = before.op(*other);
            other.kind == data.kind && other.args == data.args
        });
        !again && !counts_over_base(before, data)
    })?;
    Some(Blocker::new(
        BlockerKind::Exception,
        before.op(*unread).origin,
        "an element that nobody reads is loaded: it may be out of range, which raises",
    ))
}

/// An array operation in a loop that nobody reads, of operands that may not fit each other.
fn unread_arrays(before: &Function, kept: &[OpId]) -> Option<Blocker> {
    let mut bodies = Vec::new();
    before.walk(before.body, &mut |op| {
        if before.op(op).kind == Kind::For {
            bodies.push(before.op(op).blocks[0]);
        }
    });
    let mut found = None;
    for body in bodies {
        before.walk(body, &mut |op| {
            let data = before.op(op);
            let mut shapes: Vec<_> = data.args.iter().map(|arg| before.ty(*arg).bound().dims()).collect();
            shapes.retain(|dims| !dims.is_empty());
            shapes.dedup();
            let unequal = matches!(data.kind, Kind::Scalar { .. }) && shapes.len() > 1;
            let unknown = shapes.iter().any(|dims| dims.contains(&numlift_ir::ty::Dim::Unknown));
            if (unequal || unknown && matches!(data.kind, Kind::Scalar { .. })) && !kept.contains(&op) {
                found = found.or(Some(data.origin));
            }
        });
    }
    found.map(|at| {
        Blocker::new(
            BlockerKind::Exception,
            at,
            "an array that nobody reads is computed: its operands may not fit, which raises",
        )
    })
}

/// `x[i]` where the loop counts from 0 up to at most `len(x)`.
fn counts_over_base(func: &Function, load: &numlift_ir::function::Op) -> bool {
    let [base, index] = load.args[..] else { return false };
    let numlift_ir::function::Def::Param(block, 0) = func.def(index) else {
        return false;
    };
    let mut looped = None;
    func.walk(func.body, &mut |op| {
        if func.op(op).kind == Kind::For && func.op(op).blocks[0] == block {
            looped = Some(op);
        }
    });
    let Some(looped) = looped else { return false };
    let args = &func.op(looped).args;
    let stop = numlift_ir::affine::affine_of(func, args[1]);
    let extent = numlift_ir::affine::extent_of(func, base, 0);
    constant(func, args[0]).is_some_and(|start| start >= 0)
        && constant(func, args[2]).is_some_and(|step| step > 0)
        && crate::condition::prove_at_most(func, &stop, &extent) == Some(true)
}

fn raise_block(raised: &mut Raised, block: BlockId, dependences: Dependences, options: Options) {
    let mut position = 0;
    while position < raised.func.block(block).ops.len() {
        let op = raised.func.block(block).ops[position];
        let blocked_before = raised.blockers.len();
        for inner in raised.func.op(op).blocks.clone() {
            raise_block(raised, inner, dependences, options);
            crate::forward::forward(&mut raised.func, inner);
        }
        if raised.func.op(op).kind != Kind::For {
            position += 1;
            continue;
        }
        name_invariants(&mut raised.func, op);
        match raise_for(&raised.func, op, (block, position), dependences) {
            Ok((func, conditions, added, last_only)) => {
                raised.silenced |= last_only;
                raised.func = func;
                raised.conditions.extend(conditions);
                raised.raised += 1;
                position += added;
            }
            Err(blocker) => {
                // Only where nothing is around the loop is it known what comes before it and behind it.
                let outermost = options.split && block == raised.func.body;
                match outermost.then(|| split::split(&raised.func, op, position)).flatten() {
                    Some((func, conditions, added, _)) => {
                        raised.func = func;
                        raised.conditions.extend(conditions);
                        raised.raised += 1;
                        raised.split += 1;
                        raised.blockers.truncate(blocked_before);
                        position += added;
                    }
                    None => {
                        raised.blockers.push(*blocker);
                        position += 1;
                    }
                }
            }
        }
    }
}

/// What a loop carries and never changes is what it started with, in the loop and behind it.
fn name_invariants(func: &mut Function, op: OpId) {
    if !crate::dead::breaks_of(func, op).is_empty() {
        return;
    }
    let looped = Loop::of(func, op);
    for (number, param) in looped.params.iter().enumerate() {
        if looped.yields[number] == *param {
            func.replace_everywhere(*param, looped.inits[number]);
            func.replace_everywhere(looped.results[number], looped.inits[number]);
        }
    }
}

type RaisedLoop = (Function, Vec<Condition>, usize, bool);

/// Raises one loop on a copy, so that a refusal leaves nothing behind.
fn raise_for(
    func: &Function,
    op: OpId,
    (parent, position): (BlockId, usize),
    dependences: Dependences,
) -> Result<RaisedLoop, Box<Blocker>> {
    let mut func = func.clone();
    let read = Loop::of(&func, op);
    let mut opened = rows::open(&mut func, &read);
    let looped = Loop::of(&func, op);
    let mut searched = func.clone();
    let tail = searched.block_mut(parent).ops.split_off(position);
    let before = searched.block(parent).ops.len();
    if let Some(done) = search::raise(&mut searched, &looped, parent, &tail) {
        done.map_err(Box::new)?;
        let added = searched.block(parent).ops.len() - before;
        searched.block_mut(parent).ops.extend(&tail[1..]);
        if matches!(searched.block(parent).end, Term::Return(_)) {
            order_last(&mut searched, parent, before, added);
        }
        return Ok((searched, opened, added, false));
    }
    let used = func.use_counts();
    let tail = func.block_mut(parent).ops.split_off(position);
    let before = func.block(parent).ops.len();
    // Draws that are made before the loop leave it as any other.
    let looped = if draws::hoist(&mut func, &looped, parent) {
        Loop::of(&func, op)
    } else {
        looped
    };
    refuse_exits(&func, &looped).map_err(Box::new)?;
    let (units, carried) = units::Body::of(&func, &looped).units().map_err(Box::new)?;
    let mut conditions = match (order::check(&func, &looped, &units), dependences) {
        (Ok(conditions), _) => conditions,
        (Err(_), Dependences::Ignored) => Vec::new(),
        (Err(blocker), Dependences::Respected) => return Err(Box::new(blocker)),
    };
    conditions.append(&mut opened);
    let seen = |number: usize| used[looped.results[number].index()] > 0;
    if carried
        .iter()
        .enumerate()
        .any(|(number, role)| seen(number) && role.is_induction())
    {
        conditions.push(runs_forward(&func, &looped));
    }
    for (number, role) in carried.iter().enumerate() {
        if seen(number) && role.is_last() {
            conditions.extend(order::check_last(&func, &looped, &units, number).map_err(Box::new)?);
            conditions.extend(all_loads(&func, &looped, looped.yields[number]).map_err(Box::new)?);
            conditions.extend(runs(&func, &looped, number));
        }
    }
    emit::units(&mut func, &looped, &units, (&carried, &used), parent).map_err(Box::new)?;
    let added = func.block(parent).ops.len() - before;
    func.block_mut(parent).ops.extend(&tail[1..]);
    let last_only = carried
        .iter()
        .enumerate()
        .any(|(number, role)| seen(number) && role.is_last());
    Ok((func, conditions, added, last_only))
}

/// A name that is not bound before the loop is read behind it, so that the loop should run.
fn runs(func: &Function, looped: &Loop, number: usize) -> Option<Condition> {
    let unbound = func
        .defining(looped.inits[number])
        .is_some_and(|op| op.kind == Kind::Unbound);
    let forward = runs_forward(func, looped);
    match forward.fact {
        crate::condition::Fact::AtMost(low, high) if unbound => Some(Condition {
            fact: crate::condition::Fact::AtMost(low.offset(1)?, high),
            at: forward.at,
        }),
        _ => None,
    }
}

/// Of a value that only the last iteration's is seen, every iteration's is computed: none of the loads may raise.
fn all_loads(func: &Function, looped: &Loop, value: ValueId) -> Result<Vec<Condition>, Blocker> {
    let mut conditions = Vec::new();
    let index = numlift_ir::affine::Atom::Value(looped.index);
    let affine = |value| numlift_ir::affine::affine_of(func, value);
    let ascending = constant(func, looped.step).is_none_or(|step| step > 0);
    let last = affine(looped.stop).offset(if ascending { -1 } else { 1 });
    let (first, Some(last)) = (affine(looped.start), last) else {
        return Ok(conditions);
    };
    let outside = |bound: &numlift_ir::affine::Affine| {
        bound.terms.keys().all(|atom| match atom {
            numlift_ir::affine::Atom::Value(value) | numlift_ir::affine::Atom::Extent(value, _) => {
                !looped.scope.defines(func, *value)
            }
            numlift_ir::affine::Atom::Sym(_) => true,
        })
    };
    let mut loads: Vec<OpId> = crate::slice::backward(func, &looped.scope, &[value])
        .into_iter()
        .collect();
    loads.sort_unstable();
    for load in loads {
        let data = func.op(load);
        let Kind::Index(subs) = &data.kind else { continue };
        let unknown = || {
            Blocker::new(
                BlockerKind::Exception,
                data.origin,
                "an element that only the last iteration needs is loaded in all: it may be out of range, which raises",
            )
        };
        let mut operands = data.args[1..].iter();
        for (axis, sub) in subs.iter().enumerate() {
            if *sub != numlift_ir::op::Sub::At {
                operands.by_ref().nth(sub.arity().wrapping_sub(1));
                continue;
            }
            let Some(place) = operands.next() else { continue };
            let (place, extent) = (affine(*place), numlift_ir::affine::extent_of(func, data.args[0], axis));
            let ends = [&first, &last].map(|end| place.substitute(index, end));
            let [Some(one), Some(other)] = ends else {
                return Err(unknown());
            };
            let (low, high) = if (place.coefficient(index) > 0) == ascending {
                (one, other)
            } else {
                (other, one)
            };
            // A negative subscript counts from the end; the last value does so as well.
            let (Some(from), Some(room)) = (extent.times(-1), high.offset(1)) else {
                return Err(unknown());
            };
            for (low, high) in [(from, low), (room, extent)] {
                if crate::condition::prove_at_most(func, &low, &high) == Some(true) {
                    continue;
                }
                if !outside(&low) || !outside(&high) {
                    return Err(unknown());
                }
                conditions.push(Condition {
                    fact: crate::condition::Fact::AtMost(low, high),
                    at: data.origin,
                });
            }
        }
    }
    Ok(conditions)
}

/// What a search returns may use what is computed behind the loop, so its ops go last.
fn order_last(func: &mut Function, block: BlockId, from: usize, count: usize) {
    let ops = &mut func.block_mut(block).ops;
    ops[from..].rotate_left(count);
}

/// Refuses what leaves the loop or reaches the world.
fn refuse_exits(func: &Function, looped: &Loop) -> Result<(), Blocker> {
    let mut found = None;
    func.visit_blocks(looped.body, &mut |block| {
        if found.is_some() {
            return;
        }
        let last = func
            .block(block)
            .ops
            .last()
            .map_or(looped.origin, |op| func.op(*op).origin);
        found = match func.block(block).end {
            Term::Break(..) => Some(early_exit(last, "`break`")),
            Term::Return(_) => Some(early_exit(last, "`return`")),
            Term::Yield(_) | Term::Unreachable => None,
        };
        for op in &func.block(block).ops {
            found = found.take().or_else(|| refuse_op(func, *op));
        }
    });
    found.map_or(Ok(()), Err)
}

/// What may be or hold a loop and was not counted as one: statements that were not understood, `while`.
pub(crate) fn unread(func: &Function) -> Vec<Blocker> {
    let mut found: Vec<Blocker> = Vec::new();
    func.walk(func.body, &mut |op| {
        if matches!(func.op(op).kind, Kind::Opaque { .. } | Kind::While) {
            let blocker = refuse_op(func, op);
            found.extend(blocker.filter(|new| found.iter().all(|old| old.message != new.message)));
        }
    });
    found
}

/// A `while` that is still there.
pub(crate) fn endless(func: &Function) -> Option<Blocker> {
    let mut found = None;
    func.walk(func.body, &mut |op| {
        if func.op(op).kind == Kind::While {
            found = found.take().or_else(|| refuse_op(func, op));
        }
    });
    found
}

fn early_exit(at: OriginId, what: &str) -> Blocker {
    Blocker::new(
        BlockerKind::EarlyExit,
        at,
        format!("{what} leaves the loop early: what follows is not computed"),
    )
    .help("compute a mask for all elements and take the first hit, if computing all of them is harmless")
}

fn refuse_op(func: &Function, op: OpId) -> Option<Blocker> {
    let data = func.op(op);
    let at = data.origin;
    match &data.kind {
        Kind::Opaque { reason, .. } => Some(Blocker::new(BlockerKind::SideEffect, at, reason.clone())),
        Kind::Raise(_) => Some(
            Blocker::new(
                BlockerKind::Exception,
                at,
                "an exception may be raised part-way, after earlier stores",
            )
            .help("check all elements before the loop"),
        ),
        Kind::For => Some(Blocker::new(
            BlockerKind::NotUnderstood,
            at,
            "the inner loop stays a loop",
        )),
        Kind::While => Some(
            Blocker::new(
                BlockerKind::Carried,
                at,
                "a `while` loop whose trip count depends on what it computes",
            )
            .help("a `for` loop over a range says how often it runs"),
        ),
        Kind::SetAttr(name) => Some(Blocker::new(
            BlockerKind::SideEffect,
            at,
            format!("the attribute `{name}` is bound in every iteration"),
        )),
        kind => match kind.effect() {
            Effect::World => Some(Blocker::new(
                BlockerKind::SideEffect,
                at,
                "a call with effects of its own",
            )),
            Effect::Draws => Some(Blocker::new(
                BlockerKind::RandomDraw,
                at,
                "random numbers are drawn here: their order is part of the result",
            )),
            Effect::Writes if !is_understood_write(kind) => Some(Blocker::new(
                BlockerKind::SideEffect,
                at,
                "a call that changes its argument",
            )),
            Effect::Writes | Effect::Reads | Effect::Pure => None,
        },
    }
}

fn is_understood_write(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::SetIndex(_) | Kind::Append | Kind::Scatter { .. } | Kind::Extend { .. }
    )
}

/// The int that a value is known to be.
pub(crate) fn constant(func: &Function, value: ValueId) -> Option<i128> {
    match func.ty(value) {
        numlift_ir::ty::Ty::Int(interval) => interval.as_point(),
        _ => None,
    }
}
