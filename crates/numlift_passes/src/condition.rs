//! What a rewrite stands on.
//!
//! A condition is stated where it is needed (raising, selection) and discharged later: by proof, by a form that
//! tolerates the other cases, or by a guard at the entry with the original as the other branch. A condition that is
//! none of these leaves the rewrite a proposal.

use numlift_ir::affine::Affine;
use numlift_ir::function::{OriginId, ValueId};

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
    /// Every int of a list fits 64 bits.
    Fits64(ValueId),
    /// A bool of the selected function, with what it says.
    Holds(ValueId, String),
}
