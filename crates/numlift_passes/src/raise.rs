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
//! op, since an inner loop was raised to it, gets one more leading index. A fold that is read along the way has all its
//! values ([`scans`]). Predicates of `If`s around an effect become
//! masks (if-conversion). [`order`] holds the dependence test that says whether the units may run one after the other,
//! each reading before it writes. A loop is replaced as a whole, or [`split`] into what is raised and a loop of the rest,
//! or stays, with a [`Blocker`].
//!
//! Of NumPy's names only those matter that a body itself has: operations on rows ([`rows`]), draws ([`draws`]), arrays
//! that grow. What is made of the index space is not known here.

mod absorbed;

mod arithmetic;
mod carried;
mod disjoint;
mod draws;
mod dropped;
mod emit;
mod last;
mod order;
mod refuse;
mod remembered;
mod rows;
mod scans;
mod search;
mod split;
mod units;

use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::Ty;

use crate::blocker::Blocker;
use crate::condition::Condition;
use crate::slice::Scope;

pub(crate) use refuse::{endless, not_counted};

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

impl Raised {
    /// Goes on with a function in which one more loop was raised.
    fn take(&mut self, done: RaisedLoop) {
        self.func = done.func;
        self.conditions.extend(done.conditions);
        self.raised += 1;
        self.silenced |= done.last_only;
    }
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
    /// Stores under conditions that read what is stored to are put together: see [`crate::sink::sink_conditional`].
    pub conditional: bool,
}

/// Raises every loop that can be.
pub fn raise(func: &Function, options: Options) -> Raised {
    raise_with(func, Dependences::Respected, options)
}

/// Raises loops as if no iteration read what another one stores: what slices make of a recurrence that somebody takes
/// for a map. The result is wrong wherever a dependence was in the way; it serves to show how.
pub fn raise_carelessly(func: &Function) -> Raised {
    raise_with(func, Dependences::Ignored, Options::default())
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
    raised.blockers.extend(dropped::unread_load(func, &raised.func));
    raised.silenced = dropped::drops_scalars(func, &raised.func);
    crate::sink::sink(&mut raised.func);
    if options.conditional {
        crate::sink::sink_conditional(&mut raised.func);
    }
    let body = raised.func.body;
    raise_block(&mut raised, body, dependences, options);
    crate::forward::forward(&mut raised.func, body);
    crate::unroll::unroll(&mut raised.func, body);
    crate::retype::retype(&mut raised.func);
    crate::dead::remove(&mut raised.func);
    raised
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
            Ok(done) => {
                let behind = raised.func.block(block).ops.len() - position - 1;
                raised.take(done);
                let absorbed = absorbed::absorb(&mut raised.func, block);
                raised.conditions.extend(absorbed);
                position = raised.func.block(block).ops.len() - behind;
            }
            Err(blocker) => {
                // Only where nothing is around the loop is it known what comes before it and behind it.
                let outermost = options.split && block == raised.func.body;
                match outermost.then(|| split::split(&raised.func, op, position)).flatten() {
                    Some(done) => {
                        let behind = raised.func.block(block).ops.len() - position - 1;
                        raised.take(done);
                        raised.blockers.truncate(blocked_before);
                        raised.split += usize::from(!raise_rest(raised, block, position, dependences));
                        position = raised.func.block(block).ops.len() - behind;
                    }
                    None => {
                        let is_told = raised.blockers.len() > blocked_before && refuse::is_for_inner_loop(&blocker);
                        raised.blockers.extend((!is_told).then_some(*blocker));
                        position += 1;
                    }
                }
            }
        }
    }
}

/// Raises the loop that was left of one, where it does less than that one; says whether it is gone.
fn raise_rest(raised: &mut Raised, block: BlockId, from: usize, dependences: Dependences) -> bool {
    let ops = &raised.func.block(block).ops;
    let rest = (from..ops.len()).find(|place| raised.func.op(ops[*place]).kind == Kind::For);
    let Some(place) = rest else { return true };
    let op = ops[place];
    name_invariants(&mut raised.func, op);
    match raise_for(&raised.func, op, (block, place), dependences) {
        Ok(done) => {
            raised.take(done);
            true
        }
        Err(_) => false,
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

/// A function in which a loop was raised.
struct RaisedLoop {
    func: Function,
    /// What that stands on.
    conditions: Vec<Condition>,
    /// Of something that every iteration computes only the last iteration's is left.
    last_only: bool,
}

/// Raises one loop, with what it hands on through memory carried where that helps.
fn raise_for(
    func: &Function,
    op: OpId,
    (parent, position): (BlockId, usize),
    dependences: Dependences,
) -> Result<RaisedLoop, Box<Blocker>> {
    let (mut carrying, mut at) = (func.clone(), position);
    if dependences == Dependences::Respected
        && let Some(conditions) = remembered::carried(&mut carrying, op, parent, &mut at)
        && let Ok(mut done) = raise_as_it_is(&carrying, op, (parent, at), dependences)
    {
        done.conditions.extend(conditions);
        return Ok(done);
    }
    raise_as_it_is(func, op, (parent, position), dependences)
}

/// Raises one loop on a copy, so that a refusal leaves nothing behind.
fn raise_as_it_is(
    func: &Function,
    op: OpId,
    (parent, position): (BlockId, usize),
    dependences: Dependences,
) -> Result<RaisedLoop, Box<Blocker>> {
    let mut func = func.clone();
    let mut position = position;
    let mut opened = rows::grown::arrays(&mut func, op, parent, &mut position);
    let read = Loop::of(&func, op);
    opened.append(&mut rows::open(&mut func, &read));
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
        return Ok(RaisedLoop {
            func: searched,
            conditions: opened,
            last_only: false,
        });
    }
    let used = func.use_counts();
    let tail = func.block_mut(parent).ops.split_off(position);
    // Draws that are made before the loop leave it as any other.
    let looped = if draws::hoist(&mut func, &looped, parent) {
        Loop::of(&func, op)
    } else {
        looped
    };
    refuse::exits(&func, &looped).map_err(Box::new)?;
    let (units, carried) = units::Body::of(&func, &looped).units().map_err(Box::new)?;
    let mut units = scans::arranged(&func, &looped, units, (&carried, &used));
    if let Some(order) = order::arranged(&func, &looped, &units) {
        units = order.into_iter().map(|number| units[number].clone()).collect();
    }
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
        conditions.push(last::runs_forward(&func, &looped));
    }
    for (number, role) in carried.iter().enumerate() {
        if seen(number) && role.is_last() {
            conditions.extend(order::check_last(&func, &looped, &units, number).map_err(Box::new)?);
            conditions.extend(last::all_loads(&func, &looped, looped.yields[number]).map_err(Box::new)?);
            conditions.extend(last::runs(&func, &looped, number));
        }
    }
    emit::units(&mut func, &looped, &units, (&carried, &used), parent).map_err(Box::new)?;
    func.block_mut(parent).ops.extend(&tail[1..]);
    let last_only = carried
        .iter()
        .enumerate()
        .any(|(number, role)| seen(number) && role.is_last());
    Ok(RaisedLoop {
        func,
        conditions,
        last_only,
    })
}

/// What a search returns may use what is computed behind the loop, so its ops go last.
fn order_last(func: &mut Function, block: BlockId, from: usize, count: usize) {
    let ops = &mut func.block_mut(block).ops;
    ops[from..].rotate_left(count);
}

/// The int that a value is known to be.
pub(crate) fn constant(func: &Function, value: ValueId) -> Option<i128> {
    match func.ty(value) {
        Ty::Int(interval) => interval.as_point(),
        _ => None,
    }
}
