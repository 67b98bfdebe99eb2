//! What a loop leaves behind: counters, and values of which only the last iteration's is seen.
//!
//! ```text
//! for i in range(n): v = x[i] * 2      =>      v = x[n - 1] * 2, where 0 < n and no other load could raise
//! ```

use numlift_ir::affine::{Affine, Atom, affine_of, extent_of};
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Kind, Sub};

use super::{Loop, constant};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::{Condition, Fact, prove_at_most};
use crate::slice::backward;

/// What a counter is behind the loop hangs on how often it ran, which is never less than not at all.
pub(super) fn runs_forward(func: &Function, looped: &Loop) -> Condition {
    let affine = |value| affine_of(func, value);
    let ascending = constant(func, looped.step).is_none_or(|step| step > 0);
    let (low, high) = if ascending {
        (looped.start, looped.stop)
    } else {
        (looped.stop, looped.start)
    };
    Condition {
        fact: Fact::AtMost(affine(low), affine(high)),
        at: looped.origin,
    }
}

/// A name that is not bound before the loop is read behind it, so that the loop should run.
pub(super) fn runs(func: &Function, looped: &Loop, number: usize) -> Option<Condition> {
    let unbound = func
        .defining(looped.inits[number])
        .is_some_and(|op| op.kind == Kind::Unbound);
    let forward = runs_forward(func, looped);
    match forward.fact {
        Fact::AtMost(low, high) if unbound => Some(Condition {
            fact: Fact::AtMost(low.offset(1)?, high),
            at: forward.at,
        }),
        _ => None,
    }
}

/// Of a value that only the last iteration's is seen, every iteration's is computed: none of the loads may raise.
pub(super) fn all_loads(func: &Function, looped: &Loop, value: ValueId) -> Result<Vec<Condition>, Blocker> {
    let mut conditions = Vec::new();
    let index = Atom::Value(looped.index);
    let affine = |value| affine_of(func, value);
    let ascending = constant(func, looped.step).is_none_or(|step| step > 0);
    let last = affine(looped.stop).offset(if ascending { -1 } else { 1 });
    let (first, Some(last)) = (affine(looped.start), last) else {
        return Ok(conditions);
    };
    let outside = |bound: &Affine| {
        bound.terms.keys().all(|atom| match atom {
            Atom::Value(value) | Atom::Extent(value, _) => !looped.scope.defines(func, *value),
            Atom::Sym(_) => true,
        })
    };
    let mut loads: Vec<OpId> = backward(func, &looped.scope, &[value]).into_iter().collect();
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
            if *sub != Sub::At {
                operands.by_ref().nth(sub.arity().wrapping_sub(1));
                continue;
            }
            let Some(place) = operands.next() else { continue };
            let (place, extent) = (affine(*place), extent_of(func, data.args[0], axis));
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
                if prove_at_most(func, &low, &high) == Some(true) {
                    continue;
                }
                if !outside(&low) || !outside(&high) {
                    return Err(unknown());
                }
                conditions.push(Condition {
                    fact: Fact::AtMost(low, high),
                    at: data.origin,
                });
            }
        }
    }
    Ok(conditions)
}
