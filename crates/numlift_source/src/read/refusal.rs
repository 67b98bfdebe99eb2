//! Why a piece of text was not understood.

use std::collections::BTreeSet;

use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

use super::facts::Place;

/// What reading gives where it may give up.
pub(super) type Read<T> = Result<T, Refusal>;

/// What text may run besides the calls that it shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Runs {
    Nothing,
    /// What classes say that operators, loops and attributes mean.
    Hooks,
    /// Any code of the author's.
    Anything,
}

/// Something that was not understood; becomes the reason of an `Opaque` op.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// Lower case, no full stop, code in backticks.
    pub reason: String,
    pub at: TextRange,
    /// Not the expression alone: the whole statement must stay as it is.
    pub whole_statement: bool,
    /// What it may run besides the calls that its text shows.
    pub runs: Runs,
    /// The type of the expression's value all the same.
    pub ty: Option<Box<Ty>>,
    /// Lists that the value may be; none where it is a new one.
    pub places: BTreeSet<Place>,
}

impl Refusal {
    /// An expression without hidden effects on the region's lists and objects, its operands apart.
    pub fn new(at: TextRange, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            at,
            whole_statement: false,
            runs: Runs::Nothing,
            ty: None,
            places: BTreeSet::new(),
        }
    }

    /// The statement cannot be cut at this expression.
    pub fn statement(at: TextRange, reason: impl Into<String>) -> Self {
        Self {
            whole_statement: true,
            ..Self::new(at, reason)
        }
    }

    /// An expression whose value's type is known, and that does nothing to lists and objects.
    pub fn typed(at: TextRange, ty: Ty, reason: impl Into<String>) -> Self {
        Self {
            ty: Some(Box::new(ty)),
            ..Self::new(at, reason)
        }
    }

    /// An operator or a loop on an object of unknown type.
    pub fn on_unknown(at: TextRange, reason: impl Into<String>) -> Self {
        Self {
            runs: Runs::Hooks,
            ..Self::new(at, reason)
        }
    }

    /// Code of the author's that is not known.
    pub fn any_code(at: TextRange, reason: impl Into<String>) -> Self {
        Self {
            runs: Runs::Anything,
            ..Self::new(at, reason)
        }
    }
}
