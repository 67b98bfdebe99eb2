//! What of the present statement is done and is not done again, if Python goes on with it.
//!
//! ```text
//! t += rng.integers(6)        frame: t                                t may get too large for 64 bits, behind the draw
//!                             draw; frame: t, and the draw is %7      Python adds what was drawn
//! ```

use std::collections::BTreeMap;

use numlift_ir::function::{BlockId, OpId, ValueId};
use ruff_text_size::TextRange;

/// The present statement, and the calls in it that have been made.
#[derive(Debug, Clone, Default)]
pub(super) struct Done {
    statement: Option<(TextRange, BlockId)>,
    /// What they give: an expression of values.
    calls: Vec<(TextRange, String, Vec<ValueId>)>,
    /// Frames that keep what was done since an op.
    frames: BTreeMap<OpId, OpId>,
}

impl Done {
    /// A statement begins in a block.
    pub fn begin(&mut self, statement: TextRange, block: BlockId) {
        *self = Self {
            statement: Some((statement, block)),
            ..Self::default()
        };
    }

    /// The present statement, where what stands in this block is run whenever the statement is.
    pub fn statement_in(&self, block: BlockId) -> Option<TextRange> {
        self.statement
            .and_then(|(statement, own)| (own == block).then_some(statement))
    }

    pub fn keep(&mut self, call: TextRange, text: &str, values: Vec<ValueId>) {
        self.calls.retain(|(inner, ..)| !call.contains_range(*inner));
        self.calls.push((call, text.to_owned(), values));
    }

    /// The calls as computed parts of a frame.
    pub fn parts(&self) -> Vec<(TextRange, String, Vec<ValueId>)> {
        self.calls.clone()
    }

    /// A frame was said that keeps what was done since `first`.
    pub fn note(&mut self, frame: OpId, first: OpId) {
        self.frames.insert(frame, first);
    }

    /// What a frame keeps: what was done since that op.
    pub fn kept_since(&self, frame: OpId) -> Option<OpId> {
        self.frames.get(&frame).copied()
    }
}
