//! Why a piece of text was not understood.

use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

/// What reading gives where it may give up.
pub(super) type Read<T> = Result<T, Refusal>;

/// Something that was not understood; becomes the reason of an `Opaque` op.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// Lower case, no full stop, code in backticks.
    pub reason: String,
    pub at: TextRange,
    /// Not the expression alone: the whole statement must stay as it is.
    pub whole_statement: bool,
    /// It may run the author's own code, which may change any list, object or global.
    pub runs_any_code: bool,
    /// The type of the expression's value all the same.
    pub ty: Option<Ty>,
}

impl Refusal {
    /// An expression without hidden effects on the region's lists and objects, its operands apart.
    pub fn new(at: TextRange, reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            at,
            whole_statement: false,
            runs_any_code: false,
            ty: None,
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
            ty: Some(ty),
            ..Self::new(at, reason)
        }
    }

    /// Code that is not known.
    pub fn any_code(at: TextRange, reason: impl Into<String>) -> Self {
        Self {
            runs_any_code: true,
            ..Self::new(at, reason)
        }
    }
}
