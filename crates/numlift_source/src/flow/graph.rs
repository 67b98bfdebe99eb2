//! The control flow graph of one body of code: a module or a function.
//!
//! Each statement begins a block; a block holds what happens to names, in the order of evaluation. Every block may
//! be left in its midst by an exception, to the block that `raises` names. Class bodies and comprehensions run
//! where they stand and belong to the graph around them; function and lambda bodies do not, what they read from
//! outside is a [`EventKind::Capture`].

use std::collections::BTreeMap;

use ruff_text_size::TextSize;

use crate::names::{BindingId, ScopeId, SymbolId};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlockId(pub u32);

impl BlockId {
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Debug)]
pub struct Graph {
    /// The scope whose code this is.
    pub scope: ScopeId,
    /// That scope, and those of classes whose bodies run in it.
    pub owned: Vec<ScopeId>,
    pub blocks: Vec<Block>,
    pub entry: BlockId,
    /// Reached by `return` and by running off the end.
    pub exit: BlockId,
    /// Reached by an exception that nobody here catches.
    pub raised: BlockId,
    /// The block in which each statement begins.
    pub statements: BTreeMap<TextSize, BlockId>,
    /// By the start of each statement, the block from which control runs off its end, reachable or not.
    pub ends: BTreeMap<TextSize, BlockId>,
}

#[derive(Debug)]
pub struct Block {
    /// Lies inside the statement that the block belongs to; `MAX` for the two exits.
    pub at: TextSize,
    pub events: Vec<Event>,
    pub next: Vec<BlockId>,
    /// Where an exception goes.
    pub raises: Option<BlockId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Event {
    pub kind: EventKind,
    pub symbol: SymbolId,
    /// The name expression or identifier.
    pub at: TextSize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    Read,
    /// A function, lambda or lazy generator made here reads it, any time later.
    Capture,
    Bind(BindingId),
    /// A binding that may not happen: `:=` behind `and`, in a comprehension.
    MayBind(BindingId),
    /// `del`, and the end of `except … as name`.
    Unbind,
}

impl Graph {
    pub fn block(&self, id: BlockId) -> &Block {
        &self.blocks[id.index()]
    }

    /// Every way out of a block: normal edges, then the exceptional one.
    pub fn ways_out(&self, id: BlockId) -> impl Iterator<Item = BlockId> + '_ {
        let block = self.block(id);
        block.next.iter().copied().chain(block.raises)
    }
}
