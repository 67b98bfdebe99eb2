//! Which names may still be read: liveness over the control flow graph.

use std::collections::BTreeMap;

use super::bits::Bits;
use super::graph::{BlockId, Event, EventKind, Graph};
use crate::names::SymbolId;

/// The solution for one graph.
#[derive(Debug)]
pub struct Liveness {
    index: BTreeMap<SymbolId, usize>,
    /// At the start of each block.
    before: Vec<Bits>,
}

impl Liveness {
    /// For the whole graph; what is read behind its exits is for the caller to add.
    pub fn of(graph: &Graph) -> Liveness {
        Liveness::within(graph, &|_| true)
    }

    /// As if nothing were read outside of the blocks that `inside` accepts.
    pub fn within(graph: &Graph, inside: &dyn Fn(BlockId) -> bool) -> Liveness {
        let mut index = BTreeMap::new();
        for event in graph.blocks.iter().flat_map(|block| &block.events) {
            let next = index.len();
            index.entry(event.symbol).or_insert(next);
        }
        let mut liveness = Liveness {
            before: vec![Bits::new(index.len()); graph.blocks.len()],
            index,
        };
        liveness.iterate(graph, inside);
        liveness
    }

    pub fn is_live_before(&self, symbol: SymbolId, block: BlockId) -> bool {
        self.index
            .get(&symbol)
            .is_some_and(|index| self.before[block.index()].contains(*index))
    }

    /// Symbols that may be read from the start of the block on, in the order of their numbers.
    pub fn live_before(&self, block: BlockId) -> impl Iterator<Item = SymbolId> + '_ {
        self.index
            .iter()
            .filter(move |(_, index)| self.before[block.index()].contains(**index))
            .map(|(symbol, _)| *symbol)
    }

    fn iterate(&mut self, graph: &Graph, inside: &dyn Fn(BlockId) -> bool) {
        let mut sources: Vec<Vec<BlockId>> = vec![Vec::new(); graph.blocks.len()];
        let all: Vec<BlockId> = (0..graph.blocks.len() as u32)
            .map(BlockId)
            .filter(|id| inside(*id))
            .collect();
        for from in &all {
            for to in graph.ways_out(*from).filter(|to| inside(*to)) {
                sources[to.index()].push(*from);
            }
        }
        let mut work = all;
        while let Some(id) = work.pop() {
            let state = self.transfer(graph, id, inside);
            if self.before[id.index()].union(&state) {
                work.extend(&sources[id.index()]);
            }
        }
    }

    fn transfer(&self, graph: &Graph, id: BlockId, inside: &dyn Fn(BlockId) -> bool) -> Bits {
        let block = graph.block(id);
        let mut state = Bits::new(self.index.len());
        for to in block.next.iter().filter(|to| inside(**to)) {
            state.union(&self.before[to.index()]);
        }
        // An exception may happen before, between and behind the events.
        let raised = block.raises.filter(|to| inside(*to)).map(|to| &self.before[to.index()]);
        let add_raised = |state: &mut Bits| {
            if let Some(raised) = raised {
                state.union(raised);
            }
        };
        add_raised(&mut state);
        for event in block.events.iter().rev() {
            self.apply(event, &mut state);
            add_raised(&mut state);
        }
        state
    }

    fn apply(&self, event: &Event, state: &mut Bits) {
        let index = self.index[&event.symbol];
        match event.kind {
            EventKind::Read | EventKind::Capture => state.insert(index),
            EventKind::Bind(_) | EventKind::Unbind => state.remove(index),
            EventKind::MayBind(_) => {}
        }
    }
}
