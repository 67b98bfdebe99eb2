//! Which bindings may reach a use of a name: reaching definitions, one pass for each body of the module.
//!
//! "Not bound yet" is one more definition of each name, which reaches from the entry of the body; so the same
//! answer says whether a name is bound for certain.

use std::collections::{BTreeMap, BTreeSet};

use ruff_text_size::TextSize;

use super::bits::Bits;
use super::graph::{BlockId, Event, EventKind, Graph};
use crate::names::{BindingId, BindingKind, Names, Reaching, ScopeId, SymbolId};
use crate::parse::Parsed;

/// Fills in what reaches each use in the scope that it is executed in.
pub(crate) fn solve(parsed: &Parsed, names: &mut Names) {
    let mut found: Vec<(TextSize, SymbolId, Reaching)> = Vec::new();
    for (scope, body) in super::bodies(parsed, names) {
        let graph = super::build::graph(names, scope, body);
        let states = Reach::of(names, &graph);
        // What comes later is asked only of what functions made here read.
        let later = match states.is_captured(&graph) {
            true => states.later(names, &graph),
            false => Vec::new(),
        };
        states.each_use(names, &graph, &later, |event, reaching| {
            found.push((event.at, event.symbol, reaching))
        });
    }
    for (at, symbol, reaching) in found {
        if let Some(entry) = names.uses.get_mut(&at).filter(|entry| entry.symbol == Some(symbol)) {
            entry.reaching = Some(reaching);
        }
    }
}

/// The solution for one graph.
#[derive(Debug)]
pub struct Reach {
    /// For each owned symbol, the index of its "not bound" definition; those of its bindings follow, in order.
    unbound: BTreeMap<SymbolId, usize>,
    /// For each binding executed here, the index of its definition.
    index: BTreeMap<BindingId, usize>,
    /// Those of the bindings that code of other bodies executes, at any time.
    elsewhere: BTreeSet<BindingId>,
    /// Symbols that code of other bodies may unbind at any time.
    deleted_elsewhere: BTreeSet<SymbolId>,
    /// At the start of each block.
    before: Vec<Bits>,
}

impl Reach {
    pub fn of(names: &Names, graph: &Graph) -> Reach {
        let mut unbound = BTreeMap::new();
        let mut index = BTreeMap::new();
        for scope in &graph.owned {
            for symbol in names.scope(*scope).symbols.values() {
                unbound.insert(*symbol, unbound.len() + index.len());
                for binding in &names.symbol(*symbol).bindings {
                    index.insert(*binding, unbound.len() + index.len());
                }
            }
        }
        let count = unbound.len() + index.len();
        let is_elsewhere = |binding: &&BindingId| !runs_in(names, names.binding(**binding).executed_in, graph.scope);
        let elsewhere: BTreeSet<BindingId> = index.keys().filter(is_elsewhere).copied().collect();
        let unbinds = |binding: &&BindingId| {
            let kind = &names.binding(**binding).kind;
            matches!(kind, BindingKind::Delete | BindingKind::Except)
        };
        let deleted = elsewhere
            .iter()
            .filter(unbinds)
            .map(|binding| names.binding(*binding).symbol);
        let mut reach = Reach {
            deleted_elsewhere: deleted.collect(),
            elsewhere,
            unbound,
            index,
            before: vec![Bits::new(count); graph.blocks.len()],
        };
        reach.before[graph.entry.index()] = reach.at_entry(names, graph.scope, count);
        reach.iterate(names, graph);
        reach
    }

    fn at_entry(&self, names: &Names, scope: ScopeId, count: usize) -> Bits {
        let mut bits = Bits::new(count);
        for (symbol, unbound) in &self.unbound {
            let parameter = names.symbol(*symbol).bindings.iter().find(|binding| {
                let binding = names.binding(**binding);
                binding.kind == BindingKind::Parameter && binding.executed_in == scope
            });
            match parameter {
                Some(binding) => bits.insert(self.index[binding]),
                None => bits.insert(*unbound),
            }
        }
        bits
    }

    fn iterate(&mut self, names: &Names, graph: &Graph) {
        let mut work = vec![graph.entry];
        let mut queued = vec![false; graph.blocks.len()];
        let mut visited = vec![false; graph.blocks.len()];
        while let Some(id) = work.pop() {
            queued[id.index()] = false;
            visited[id.index()] = true;
            let block = graph.block(id);
            let mut state = self.before[id.index()].clone();
            // An exception may happen before, between and behind the events.
            let mut anywhere = state.clone();
            for event in &block.events {
                self.apply(names, event, &mut state);
                anywhere.union(&state);
            }
            let mut flow = |to: BlockId, state: &Bits| {
                let changed = self.before[to.index()].union(state);
                if (changed || !visited[to.index()]) && !queued[to.index()] {
                    queued[to.index()] = true;
                    work.push(to);
                }
            };
            block.next.iter().for_each(|to| flow(*to, &state));
            if let Some(to) = block.raises {
                flow(to, &anywhere);
            }
        }
    }

    fn apply(&self, names: &Names, event: &Event, state: &mut Bits) {
        let Some(unbound) = self.unbound.get(&event.symbol) else {
            return;
        };
        match event.kind {
            EventKind::Read | EventKind::Capture => {}
            EventKind::Bind(binding) => {
                self.kill(names, event.symbol, state);
                state.insert(self.index[&binding]);
            }
            EventKind::MayBind(binding) => state.insert(self.index[&binding]),
            EventKind::Unbind => {
                self.kill(names, event.symbol, state);
                state.insert(*unbound);
            }
        }
    }

    fn kill(&self, names: &Names, symbol: SymbolId, state: &mut Bits) {
        let first = self.unbound[&symbol];
        state.remove_run(first, first + names.symbol(symbol).bindings.len());
    }

    /// Whether functions made here read names that this body owns.
    fn is_captured(&self, graph: &Graph) -> bool {
        let mut events = graph.blocks.iter().flat_map(|block| &block.events);
        events.any(|event| event.kind == EventKind::Capture && self.unbound.contains_key(&event.symbol))
    }

    /// For each block, everything that holds anywhere from its start on.
    pub fn later(&self, names: &Names, graph: &Graph) -> Vec<Bits> {
        let mut later = self.before.clone();
        for (id, block) in graph.blocks.iter().enumerate() {
            let mut state = self.before[id].clone();
            for event in &block.events {
                self.apply(names, event, &mut state);
                later[id].union(&state);
            }
        }
        let mut changed = true;
        while changed {
            changed = false;
            for id in (0..graph.blocks.len()).rev() {
                // Behind an exception that nobody catches nothing of this body runs.
                for to in graph.ways_out(BlockId(id as u32)).filter(|to| *to != graph.raised) {
                    let ahead = later[to.index()].clone();
                    changed |= later[id].union(&ahead);
                }
            }
        }
        later
    }

    /// Calls `report` for each use of a name that this body owns.
    fn each_use(&self, names: &Names, graph: &Graph, later: &[Bits], mut report: impl FnMut(&Event, Reaching)) {
        for (id, block) in graph.blocks.iter().enumerate() {
            let mut state = self.before[id].clone();
            for event in &block.events {
                match event.kind {
                    EventKind::Read if self.unbound.contains_key(&event.symbol) => {
                        report(event, self.reaching(names, event.symbol, &state));
                    }
                    // The time of the use is unknown, but not before what captures it has been made.
                    EventKind::Capture if self.unbound.contains_key(&event.symbol) => {
                        let reaching = self.reaching(names, event.symbol, &later[id]);
                        report(event, reaching);
                    }
                    EventKind::Read
                    | EventKind::Capture
                    | EventKind::Bind(_)
                    | EventKind::MayBind(_)
                    | EventKind::Unbind => {}
                }
                self.apply(names, event, &mut state);
            }
        }
    }

    /// Whether the symbol may be unbound where the block begins.
    pub fn may_be_unbound(&self, symbol: SymbolId, block: BlockId) -> bool {
        self.unbound.contains_key(&symbol) && self.is_unbound(symbol, &self.before[block.index()])
    }

    /// What may have bound the symbol where the block begins.
    pub fn at_block(&self, names: &Names, symbol: SymbolId, block: BlockId) -> Option<Reaching> {
        self.unbound
            .contains_key(&symbol)
            .then(|| self.reaching(names, symbol, &self.before[block.index()]))
    }

    /// What may have bound the symbol wherever `later`, a row of [`Reach::later`], holds.
    pub fn in_state(&self, names: &Names, symbol: SymbolId, state: &Bits) -> Option<Reaching> {
        self.unbound
            .contains_key(&symbol)
            .then(|| self.reaching(names, symbol, state))
    }

    fn is_unbound(&self, symbol: SymbolId, state: &Bits) -> bool {
        state.contains(self.unbound[&symbol]) || self.deleted_elsewhere.contains(&symbol)
    }

    fn reaching(&self, names: &Names, symbol: SymbolId, state: &Bits) -> Reaching {
        let first = self.unbound[&symbol] + 1;
        // What other scopes bind (`global`, `nonlocal`) may have happened at any call.
        let reaches = |(place, binding): &(usize, BindingId)| {
            state.contains(first + place) || !self.elsewhere.is_empty() && self.elsewhere.contains(binding)
        };
        let bindings = names.symbol(symbol).bindings.iter().copied().enumerate();
        Reaching {
            bindings: bindings.filter(reaches).map(|(_, binding)| binding).collect(),
            unbound: self.is_unbound(symbol, state),
        }
    }
}

/// Whether code of scope `inner` is part of the graph of scope `body`.
fn runs_in(names: &Names, inner: ScopeId, body: ScopeId) -> bool {
    super::body_of(names, inner) == body
}
