//! What a loop hands from one iteration to the next: invariants, inductions, folds, or a true recurrence.
//!
//! ```text
//! k = k + 2                    =>  induction, k0 + 2*t
//! s = s + a[i]                 =>  fold add of a[i]
//! if a[i] > m: m = a[i]        =>  fold max-if of a[i]
//! if a[i] > m: m = a[i]; j = i =>  argfold max-if of a[i] with payload i
//! if a[i] > 0: j = i           =>  fold last of i
//! ```
//!
//! A match only says how the update looks. That nothing else in the loop reads the carried value follows when the
//! units are cloned without a replacement for it.

use std::collections::HashSet;

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Monoid};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::Loop;
use crate::slice::depends_on;

/// The role of one carried value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Carried {
    /// The body hands on what it got.
    Same,
    /// Grows by an invariant int each time.
    Induction {
        step: ValueId,
        negate: bool,
    },
    Fold(Update),
    /// Result `payload` (0 the best itself) of the argfold that carried value `best` stands for.
    Arg(ArgUpdate),
    Payload {
        of: usize,
    },
    /// Bound anew in every iteration; only the last value can be seen afterwards.
    Last,
}

impl Carried {
    pub fn is_induction(&self) -> bool {
        matches!(self, Self::Induction { .. })
    }

    pub fn is_last(&self) -> bool {
        matches!(self, Self::Last)
    }

    /// Bound in some iterations; what counts is the last of these.
    pub fn is_last_of_some(&self) -> bool {
        matches!(self, Self::Fold(update) if update.monoid == Monoid::Last)
    }
}

/// `acc = acc ⊕ terms…`, where every predicate of `mask` holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Update {
    pub monoid: Monoid,
    /// Each with whether it is subtracted.
    pub terms: Vec<(ValueId, bool)>,
    /// An inner fold that starts from the accumulator.
    pub inner: Option<OpId>,
    pub mask: Vec<(ValueId, bool)>,
}

/// A best value and what was bound together with it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ArgUpdate {
    pub monoid: Monoid,
    pub value: ValueId,
    /// The value of the best at the entry where the best itself is not carried: a load to be done at `init`.
    pub initial: Option<ValueId>,
    /// Carried numbers and their values.
    pub payloads: Vec<(usize, ValueId)>,
    pub mask: Vec<(ValueId, bool)>,
    /// An inner search that goes on from the best so far.
    pub inner: Option<OpId>,
}

/// The role of every carried value.
pub(super) fn classify(func: &Function, looped: &Loop) -> Vec<Carried> {
    let count = looped.params.len();
    let mut roles: Vec<Option<Carried>> = (0..count).map(|number| simple(func, looped, number)).collect();
    for number in 0..count {
        if roles[number].is_none()
            && let Some(arg) = arg_update(func, looped, number)
        {
            for (payload, _) in &arg.payloads {
                roles[*payload] = Some(Carried::Payload { of: number });
            }
            roles[number] = Some(Carried::Arg(arg));
        }
    }
    for (number, role) in roles.iter_mut().enumerate() {
        // A payload on its own: `if x[i] > x[j]: j = i`.
        if matches!(role, None | Some(Carried::Last))
            && let Some(arg) = arg_only(func, looped, number)
        {
            *role = Some(Carried::Arg(arg));
        }
        if role.is_none()
            && let Some(update) = update(func, looped, looped.params[number], looped.yields[number])
        {
            *role = Some(Carried::Fold(update));
        }
    }
    roles.into_iter().map(|role| role.unwrap_or(Carried::Last)).collect()
}

fn simple(func: &Function, looped: &Loop, number: usize) -> Option<Carried> {
    let (param, next) = (looped.params[number], looped.yields[number]);
    if next == param {
        return Some(Carried::Same);
    }
    let op = func.defining(next)?;
    let Kind::Scalar { f, .. } = op.kind else { return None };
    if op.args.len() != 2 {
        return None;
    }
    if !matches!(func.ty(param), Ty::Int(_)) || !func.block(looped.body).ops.contains(&func.def_op(next)?) {
        return None;
    }
    let invariant = |value: ValueId| !looped.scope.defines(func, value) || is_const(func, value);
    match f {
        F::Add if op.args[0] == param && invariant(op.args[1]) && is_int(func, op.args[1]) => {
            Some(Carried::Induction {
                step: op.args[1],
                negate: false,
            })
        }
        F::Add if op.args[1] == param && invariant(op.args[0]) && is_int(func, op.args[0]) => {
            Some(Carried::Induction {
                step: op.args[0],
                negate: false,
            })
        }
        F::Sub if op.args[0] == param && invariant(op.args[1]) && is_int(func, op.args[1]) => {
            Some(Carried::Induction {
                step: op.args[1],
                negate: true,
            })
        }
        _ => None,
    }
}

fn is_const(func: &Function, value: ValueId) -> bool {
    func.as_const(value).is_some()
}

fn is_int(func: &Function, value: ValueId) -> bool {
    matches!(func.ty(value), Ty::Int(_))
}

/// How `next` combines `acc` with something that does not depend on it.
pub(super) fn update(func: &Function, looped: &Loop, acc: ValueId, next: ValueId) -> Option<Update> {
    let op = func.defining(next)?;
    let free = |value: ValueId| !depends_on(func, &looped.scope, value, acc);
    let plain = |monoid, term| Update {
        monoid,
        terms: vec![(term, false)],
        inner: None,
        mask: Vec::new(),
    };
    match &op.kind {
        Kind::Scalar {
            f: f @ (F::Add | F::Sub),
            ..
        } => {
            let (a, b) = (op.args[0], op.args[1]);
            let negate = *f == F::Sub;
            if !free(a) && free(b) {
                let mut before = chain(func, looped, acc, a, Monoid::Add)?;
                before.terms.push((b, negate));
                Some(before)
            } else if free(a) && !free(b) && !negate {
                let mut before = chain(func, looped, acc, b, Monoid::Add)?;
                before.terms.push((a, false));
                Some(before)
            } else {
                None
            }
        }
        Kind::Scalar { f: F::Mul, .. } => {
            let (a, b) = (op.args[0], op.args[1]);
            let (with, term) = if !free(a) && free(b) {
                (a, b)
            } else if free(a) {
                (b, a)
            } else {
                return None;
            };
            let mut before = chain(func, looped, acc, with, Monoid::Mul)?;
            before.terms.push((term, false));
            Some(before)
        }
        // Python's `max(acc, v)` is `v if v > acc else acc`.
        Kind::Scalar {
            f: f @ (F::Min | F::Max),
            flavour,
        } => {
            let (a, b) = (op.args[0], op.args[1]);
            let maximum = *f == F::Max;
            match flavour {
                Flavour::Ufunc if a == acc && free(b) => Some(plain(numpy_extremum(maximum), b)),
                Flavour::Ufunc if b == acc && free(a) => Some(plain(numpy_extremum(maximum), a)),
                Flavour::Ufunc => None,
                _ if a == acc && free(b) => Some(plain(if maximum { Monoid::MaxIf } else { Monoid::MinIf }, b)),
                _ => None,
            }
        }
        Kind::Scalar {
            f: F::LogicalAnd | F::And,
            ..
        } if *func.ty(next) == Ty::Bool => logical(op.args[0], op.args[1], acc, Monoid::And, &free),
        Kind::Scalar {
            f: F::LogicalOr | F::Or,
            ..
        } if *func.ty(next) == Ty::Bool => logical(op.args[0], op.args[1], acc, Monoid::Or, &free),
        Kind::Fold { monoid, .. } if op.args[0] == acc => Some(Update {
            monoid: *monoid,
            terms: Vec::new(),
            inner: func.def_op(next),
            mask: Vec::new(),
        }),
        Kind::If => conditional(func, looped, acc, next),
        _ => None,
    }
}

fn logical(a: ValueId, b: ValueId, acc: ValueId, monoid: Monoid, free: &dyn Fn(ValueId) -> bool) -> Option<Update> {
    let term = if a == acc && free(b) {
        b
    } else if b == acc && free(a) {
        a
    } else {
        return None;
    };
    Some(Update {
        monoid,
        terms: vec![(term, false)],
        inner: None,
        mask: Vec::new(),
    })
}

fn numpy_extremum(maximum: bool) -> Monoid {
    if maximum { Monoid::Maximum } else { Monoid::Minimum }
}

/// `acc`, or an update of it by the same monoid.
fn chain(func: &Function, looped: &Loop, acc: ValueId, value: ValueId, monoid: Monoid) -> Option<Update> {
    if value == acc {
        return Some(Update {
            monoid,
            terms: Vec::new(),
            inner: None,
            mask: Vec::new(),
        });
    }
    update(func, looped, acc, value)
        .filter(|before| before.monoid == monoid && before.mask.is_empty() && before.inner.is_none())
}

/// What the branch gives that does not leave the accumulator alone, and whether it is the first one.
fn changed_branch(then: ValueId, other: ValueId, acc: ValueId) -> Option<(ValueId, bool)> {
    if other == acc {
        Some((then, true))
    } else if then == acc {
        Some((other, false))
    } else {
        None
    }
}

/// An `If` one of whose branches leaves the accumulator alone.
fn conditional(func: &Function, looped: &Loop, acc: ValueId, next: ValueId) -> Option<Update> {
    let (_, condition, then, other) = branches(func, next)?;
    let (changed, taken) = changed_branch(then, other, acc)?;
    if depends_on(func, &looped.scope, condition, acc) {
        let found = replaced(func, looped, acc, next)?;
        let (monoid, value) = comparison(func, found.comparison, acc)?;
        return same_value(func, value, changed).then(|| Update {
            monoid,
            terms: vec![(value, false)],
            inner: None,
            mask: found.mask,
        });
    }
    if let Some(Const::Bool(flag)) = func.as_const(changed) {
        // `found = True` where a predicate holds.
        let monoid = if *flag { Monoid::Or } else { Monoid::And };
        return Some(Update {
            monoid,
            terms: vec![(changed, false)],
            inner: None,
            mask: vec![(condition, taken)],
        });
    }
    if !depends_on(func, &looped.scope, changed, acc) {
        return Some(Update {
            monoid: Monoid::Last,
            terms: vec![(changed, false)],
            inner: None,
            mask: vec![(condition, taken)],
        });
    }
    let mut inner = update(func, looped, acc, changed)?;
    inner.mask.insert(0, (condition, taken));
    Some(inner)
}

/// The `If` that a value is a result of: op, condition, and what the two branches yield for it.
pub(super) fn branches(func: &Function, value: ValueId) -> Option<(OpId, ValueId, ValueId, ValueId)> {
    let op = func.def_op(value)?;
    let data = func.op(op);
    if data.kind != Kind::If {
        return None;
    }
    let number = data.results.iter().position(|result| *result == value)?;
    let then = *func.block(data.blocks[0]).end.values().get(number)?;
    let other = *func.block(data.blocks[1]).end.values().get(number)?;
    Some((op, data.args[0], then, other))
}

/// Where a best value is replaced: under a comparison with it, and under predicates that know nothing of it.
struct Replaced {
    /// The `If`s around, with the branch that replaces it.
    owners: Vec<(OpId, bool)>,
    mask: Vec<(ValueId, bool)>,
    comparison: ValueId,
    value: ValueId,
}

/// `if p: if v < acc: acc = v`, `if p and v < acc: acc = v`
fn replaced(func: &Function, looped: &Loop, acc: ValueId, next: ValueId) -> Option<Replaced> {
    let (mut owners, mut mask) = (Vec::new(), Vec::new());
    let mut next = next;
    loop {
        let (owner, condition, then, other) = branches(func, next)?;
        let (changed, taken) = changed_branch(then, other, acc)?;
        owners.push((owner, taken));
        next = changed;
        if !depends_on(func, &looped.scope, condition, acc) {
            mask.push((condition, taken));
            continue;
        }
        if !taken {
            return None; // `if acc >= v: pass else: acc = v` treats NaN the other way round.
        }
        let mut parts = Vec::new();
        conjuncts(func, condition, &mut parts);
        let (of_best, others): (Vec<ValueId>, Vec<ValueId>) = parts
            .into_iter()
            .partition(|part| depends_on(func, &looped.scope, *part, acc));
        let [comparison] = of_best[..] else { return None };
        mask.extend(others.into_iter().map(|part| (part, true)));
        return Some(Replaced {
            owners,
            mask,
            comparison,
            value: changed,
        });
    }
}

/// The parts of `a and b and c`, in order, each once.
fn conjuncts(func: &Function, condition: ValueId, parts: &mut Vec<ValueId>) {
    conjuncts_below(func, condition, parts, &mut HashSet::new());
}

fn conjuncts_below(func: &Function, condition: ValueId, parts: &mut Vec<ValueId>, seen: &mut HashSet<ValueId>) {
    if !seen.insert(condition) {
        return;
    }
    if let Some(op) = func.defining(condition) {
        match &op.kind {
            Kind::Truth if func.defining(op.args[0]).is_some_and(|inner| inner.kind == Kind::If) => {
                return conjuncts_below(func, op.args[0], parts, seen);
            }
            Kind::If => {
                if let Some((_, first, then, other)) = branches(func, condition)
                    && (other == first || func.as_const(other) == Some(&Const::Bool(false)))
                {
                    conjuncts_below(func, first, parts, seen);
                    return conjuncts_below(func, then, parts, seen);
                }
            }
            _ => {}
        }
    }
    parts.push(condition);
}

/// `v > acc` and its kin, as the monoid that takes `v`.
fn comparison(func: &Function, condition: ValueId, acc: ValueId) -> Option<(Monoid, ValueId)> {
    let op = stripped(func, condition)?;
    let Kind::Scalar { f, .. } = op.kind else { return None };
    if op.args.len() != 2 {
        return None;
    }
    let (f, value) = if op.args[1] == acc {
        (f, op.args[0])
    } else if op.args[0] == acc {
        (f.swapped()?, op.args[1])
    } else {
        return None;
    };
    let monoid = match f {
        F::Gt => Monoid::MaxIf,
        F::Ge => Monoid::MaxIfLast,
        F::Lt => Monoid::MinIf,
        F::Le => Monoid::MinIfLast,
        _ => return None,
    };
    Some((monoid, value))
}

/// The op behind a `Truth`.
fn stripped(func: &Function, condition: ValueId) -> Option<&numlift_ir::function::Op> {
    let op = func.defining(condition)?;
    if op.kind == Kind::Truth {
        func.defining(op.args[0])
    } else {
        Some(op)
    }
}

/// Whether two values are computed alike from the same operands, with no effect between that could tell them apart
/// (a store to what they read is found by the dependence test, which sees both reads).
pub(super) fn same_value(func: &Function, a: ValueId, b: ValueId) -> bool {
    is_same(func, a, b, &mut HashSet::new())
}

/// The same, but for pairs that were looked at before: one that is not the same ends the search.
fn is_same(func: &Function, a: ValueId, b: ValueId, seen: &mut HashSet<(ValueId, ValueId)>) -> bool {
    if a == b || !seen.insert((a, b)) {
        return true;
    }
    let (Some(first), Some(second)) = (func.defining(a), func.defining(b)) else {
        return false;
    };
    first.kind == second.kind
        && first.blocks.is_empty()
        && second.blocks.is_empty()
        && matches!(first.kind.effect(), Effect::Pure | Effect::Reads)
        && first.results.iter().position(|r| *r == a) == second.results.iter().position(|r| *r == b)
        && first.args.len() == second.args.len()
        && first
            .args
            .iter()
            .zip(&second.args)
            .all(|(a, b)| is_same(func, *a, *b, seen))
}

/// An inner search over the same best value: its op is one over both indices.
fn inner_search(func: &Function, looped: &Loop, number: usize) -> Option<ArgUpdate> {
    let inner = func.def_op(looped.yields[number])?;
    let data = func.op(inner);
    let Kind::ArgFold {
        monoid,
        payloads,
        masked: false,
    } = data.kind
    else {
        return None;
    };
    if data.results[0] != looped.yields[number] || data.args[0] != looped.params[number] {
        return None;
    }
    let carried = |place: usize| {
        let other = looped.params.iter().position(|param| *param == data.args[place])?;
        (looped.yields[other] == data.results[place]).then_some((other, data.results[place]))
    };
    Some(ArgUpdate {
        monoid,
        value: func.block(data.blocks[0]).end.values()[0],
        initial: None,
        payloads: (1..=payloads).map(carried).collect::<Option<_>>()?,
        mask: Vec::new(),
        inner: Some(inner),
    })
}

/// A best value with what is bound beside it in the same `If`.
fn arg_update(func: &Function, looped: &Loop, number: usize) -> Option<ArgUpdate> {
    if let Some(inner) = inner_search(func, looped, number) {
        return Some(inner);
    }
    let best = looped.params[number];
    let found = replaced(func, looped, best, looped.yields[number])?;
    let (monoid, value) = comparison(func, found.comparison, best)?;
    if !same_value(func, value, found.value) || depends_on(func, &looped.scope, value, best) {
        return None;
    }
    let mut payloads = Vec::new();
    for other in (0..looped.params.len()).filter(|other| *other != number) {
        let mut payload = looped.yields[other];
        let beside = found.owners.iter().all(|(owner, taken)| {
            let Some((op, _, then, kept)) = branches(func, payload) else {
                return false;
            };
            let (changed, kept) = if *taken { (then, kept) } else { (kept, then) };
            payload = changed;
            op == *owner && kept == looped.params[other]
        });
        if beside {
            payloads.push((other, payload));
        }
    }
    (!payloads.is_empty()).then_some(ArgUpdate {
        inner: None,
        monoid,
        value,
        initial: None,
        payloads,
        mask: found.mask,
    })
}

/// `if x[i] > x[j]: j = i`: the best is what stands at the payload.
fn arg_only(func: &Function, looped: &Loop, number: usize) -> Option<ArgUpdate> {
    let place = looped.params[number];
    let (_, condition, then, other) = branches(func, looped.yields[number])?;
    if other != place {
        return None;
    }
    let op = stripped(func, condition)?;
    let Kind::Scalar { f, .. } = op.kind else { return None };
    if op.args.len() != 2 {
        return None;
    }
    let (f, value, best) = if depends_on(func, &looped.scope, op.args[1], place) {
        (f, op.args[0], op.args[1])
    } else {
        (f.swapped()?, op.args[1], op.args[0])
    };
    let monoid = match f {
        F::Gt => Monoid::MaxIf,
        F::Ge => Monoid::MaxIfLast,
        F::Lt => Monoid::MinIf,
        F::Le => Monoid::MinIfLast,
        _ => return None,
    };
    // The best must be the same load, with the payload where the value has the new one.
    let (new, old) = (func.defining(value)?, func.defining(best)?);
    let alike = new.kind == old.kind
        && matches!(new.kind, Kind::Index(_))
        && new
            .args
            .iter()
            .zip(&old.args)
            .all(|(new, old)| new == old || (*new == then && *old == place));
    let changed = new.args.iter().zip(&old.args).filter(|(new, old)| new != old).count();
    (alike && changed == 1).then(|| ArgUpdate {
        inner: None,
        monoid,
        value,
        initial: Some(best),
        payloads: vec![(number, then)],
        mask: Vec::new(),
    })
}
