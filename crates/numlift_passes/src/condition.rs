//! What a rewrite stands on.
//!
//! A condition is stated where it is needed (raising, selection) and discharged later: by proof, by a form that
//! tolerates the other cases, or by a guard at the entry with the original as the other branch. A condition that is
//! none of these leaves the rewrite a proposal.

use numlift_ir::affine::{Affine, Atom, affine_of, atom_interval};
use numlift_ir::function::{Function, OriginId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::polynomial;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

/// One condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    pub fact: Fact,
    /// What needs it.
    pub at: OriginId,
}

/// What must hold at the region's entry.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// `a <= b`, over values of the raised function.
    AtMost(Affine, Affine),
    /// Two arrays share no memory (values of the raised function).
    NoAlias(ValueId, ValueId),
    /// A list of lists has rows of one length.
    Rectangular(ValueId),
    /// Every int of a list fits 21 bits, so that sums of products of them fit 64.
    Fits64(ValueId),
    /// A bool of the selected function, with what it says.
    Holds(ValueId, String),
}

/// Whether `low <= high` holds for every input; `None` if that depends.
pub fn prove_at_most(func: &Function, low: &Affine, high: &Affine) -> Option<bool> {
    let room = high.minus(low)?;
    let of = |atom| atom_interval(func, atom);
    let interval = room.interval(&of);
    let interval = polynomial::interval(func, &room, &of).map_or(interval, |other| interval.meet(other));
    if interval.lo.is_some_and(|lo| lo >= 0) {
        return Some(true);
    }
    if interval.hi.is_some_and(|hi| hi < 0) {
        return Some(false);
    }
    // `min(a, b)` is at most each of them, and `max(a, b)` at least.
    room.terms.iter().find_map(|(atom, factor)| {
        let Atom::Value(value) = atom else { return None };
        let op = func.defining(*value)?;
        let bounded = match op.kind {
            Kind::Scalar { f: F::Min, .. } => *factor < 0,
            Kind::Scalar { f: F::Max, .. } => *factor > 0,
            _ => false,
        };
        let all_ints = op.args.iter().all(|arg| matches!(func.ty(*arg), Ty::Int(_)));
        if !bounded || !all_ints {
            return None;
        }
        op.args.iter().find_map(|arg| {
            let nearer = room.substitute(*atom, &affine_of(func, *arg))?;
            (prove_at_most(func, &Affine::default(), &nearer) == Some(true)).then_some(true)
        })
    })
}
