//! The flow of one region, put together from the analyses of the body that it is part of.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Comprehension, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange, TextSize};

use super::Body;
use super::calls::through_calls;
use super::graph::{BlockId, Event, EventKind};
use super::liveness::Liveness;
use crate::names::{Names, SymbolId, is_builtin};

/// What a region reads, binds and leaves behind. Names are sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionFlow {
    /// Names that it may read before it binds them, builtins excluded; and names that it may leave as they were
    /// although they are live afterwards.
    pub live_in: Vec<String>,
    /// Those of `live_in` that are bound for certain when it is entered (globals of a function never are).
    pub bound_at_entry: Vec<String>,
    /// Names that it may bind or unbind.
    pub binds: Vec<String>,
    /// Those of `binds` that it binds for certain when it is left at its end.
    pub bound_at_exit: Vec<String>,
    /// Those of `binds` that may be read afterwards.
    pub live_out: Vec<String>,
    /// Those of `binds` that may be read after an exception left the region, so that what they hold half-way counts.
    pub live_after_raise: Vec<String>,
    /// Those of `binds` that reachable functions, lambdas or lazy generators made in the body read, nobody knows when.
    pub captured: Vec<String>,
    /// Names of outer scopes that it binds, by `global` or `nonlocal`.
    pub binds_outer: Vec<String>,
    /// Variables of the module or of the enclosing function that functions which it mentions may read.
    pub reads_through_calls: Vec<String>,
    /// Variables of the module or of the enclosing function that functions which it mentions may bind.
    pub binds_through_calls: Vec<String>,
    /// Names that it deletes.
    pub deletes: Vec<String>,
    /// A `return` of the enclosing function stands inside.
    pub returns: bool,
    /// Control can run off the end of the region.
    pub falls_through: bool,
    /// A `break` or `continue` of a loop around the region, with its offset.
    pub jumps_out: Option<u32>,
    /// The enclosing function may be suspended inside.
    pub suspends: Option<Suspension>,
    /// `super()` without arguments or `__class__`, which outlined code does not have.
    pub needs_class_cell: bool,
}

/// A place where a generator or coroutine gives control away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suspension {
    /// `yield`, `await`, `async for`, …
    pub keyword: &'static str,
    pub at: u32,
}

pub(super) fn region(names: &Names, body: &Body, statements: &[Stmt]) -> RegionFlow {
    let range = TextRange::new(statements[0].start(), statements[statements.len() - 1].end());
    let view = View { names, body, range };
    let exits = Exits::of(statements);
    let entry = body.graph.statements[&statements[0].start()];
    let bound = view.bound();
    let after = view.blocks_after();
    let raised = view.blocks_raised_to();
    let last = view.last_block(entry, &statements[statements.len() - 1]);
    let live_out = view.live_at(&after, &raised, &bound);
    // Where the end is never reached, nothing depends on what would be bound there.
    let certain = last.map_or_else(|| bound.clone(), |last| view.bound_for_certain(entry, last));
    let live_raised: BTreeSet<SymbolId> = bound
        .iter()
        .copied()
        .filter(|symbol| raised.iter().any(|block| body.liveness.is_live_before(*symbol, *block)))
        .collect();
    let mut live_in = view.read_first(entry);
    let maybe_kept = live_out.iter().filter(|symbol| !certain.contains(symbol));
    // What a closure reads, a call inside may read before it is bound here.
    let captures: BTreeSet<SymbolId> = super::captured(&body.graph)
        .map(|(symbol, _)| symbol)
        .filter(|symbol| body.always.contains(symbol) && bound.contains(symbol))
        .collect();
    let maybe_read = maybe_kept.chain(&captures).chain(&live_raised);
    live_in.extend(maybe_read.filter(|symbol| view.may_be_bound_at(**symbol, entry)));
    live_in.extend(view.read_by_functions_inside(&bound));
    let calls = through_calls(names, body.graph.scope, range);
    let spell = |symbols: &BTreeSet<SymbolId>| -> BTreeSet<String> {
        symbols
            .iter()
            .map(|symbol| names.symbol(*symbol).name.clone())
            .collect()
    };
    let is_bound = |symbol: &SymbolId| {
        let owned = body.graph.owned.contains(&names.symbol(*symbol).scope);
        owned && !body.reach.may_be_unbound(*symbol, entry)
    };
    let bound_at_entry = live_in.iter().copied().filter(is_bound).collect();
    let mut live_in_names = spell(&live_in);
    live_in_names.extend(view.unknown_names());
    let outer: BTreeSet<SymbolId> = bound
        .iter()
        .copied()
        .filter(|symbol| names.symbol(*symbol).scope != body.graph.scope)
        .collect();
    let sorted = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>();
    RegionFlow {
        live_in: sorted(live_in_names),
        bound_at_entry: sorted(spell(&bound_at_entry)),
        binds: sorted(spell(&bound)),
        bound_at_exit: sorted(spell(&certain)),
        live_out: sorted(spell(&live_out)),
        live_after_raise: sorted(spell(&live_raised)),
        captured: sorted(spell(&captures)),
        binds_outer: sorted(spell(&outer)),
        reads_through_calls: sorted(spell(&calls.reads)),
        binds_through_calls: sorted(spell(&calls.binds)),
        deletes: sorted(spell(&view.deleted())),
        returns: exits.returns,
        falls_through: last.is_some(),
        jumps_out: exits.jumps_out,
        suspends: exits.suspends,
        needs_class_cell: view.needs_class_cell(),
    }
}

struct View<'a> {
    names: &'a Names,
    body: &'a Body,
    range: TextRange,
}

impl View<'_> {
    fn is_inside(&self, block: BlockId) -> bool {
        self.range.contains(self.body.graph.block(block).at)
    }

    fn blocks(&self) -> impl Iterator<Item = BlockId> + '_ {
        (0..self.body.graph.blocks.len() as u32)
            .map(BlockId)
            .filter(|block| self.is_inside(*block))
    }

    fn blocks_after(&self) -> BTreeSet<BlockId> {
        let next = |block: BlockId| self.body.graph.block(block).next.iter().copied();
        self.blocks().flat_map(next).filter(|to| !self.is_inside(*to)).collect()
    }

    fn blocks_raised_to(&self) -> BTreeSet<BlockId> {
        self.blocks()
            .filter_map(|block| self.body.graph.block(block).raises)
            .filter(|to| !self.is_inside(*to))
            .collect()
    }

    fn bound(&self) -> BTreeSet<SymbolId> {
        let binds = |kind: EventKind| match kind {
            EventKind::Bind(_) | EventKind::MayBind(_) | EventKind::Unbind => true,
            EventKind::Read | EventKind::Capture => false,
        };
        self.symbols(binds)
    }

    fn deleted(&self) -> BTreeSet<SymbolId> {
        self.symbols(|kind| kind == EventKind::Unbind)
    }

    fn symbols(&self, want: impl Fn(EventKind) -> bool) -> BTreeSet<SymbolId> {
        let events = self.blocks().flat_map(|block| &self.body.graph.block(block).events);
        events
            .filter(|event| want(event.kind))
            .map(|event| event.symbol)
            .collect()
    }

    fn live_at(
        &self,
        after: &BTreeSet<BlockId>,
        raised: &BTreeSet<BlockId>,
        bound: &BTreeSet<SymbolId>,
    ) -> BTreeSet<SymbolId> {
        let live = |symbol: &SymbolId| {
            let later = after
                .iter()
                .chain(raised)
                .any(|block| self.body.liveness.is_live_before(*symbol, *block));
            later || self.body.always.contains(symbol)
        };
        bound.iter().copied().filter(live).collect()
    }

    /// Symbols read before the region binds them. A global that is not bound yet is a builtin.
    fn read_first(&self, entry: BlockId) -> BTreeSet<SymbolId> {
        let liveness = Liveness::within(&self.body.graph, &|block| self.is_inside(block));
        liveness
            .live_before(entry)
            .filter(|symbol| !self.is_only_builtin(*symbol))
            .collect()
    }

    /// Variables of the function around that functions and `lambda`s inside of the region read.
    fn read_by_functions_inside(&self, bound: &BTreeSet<SymbolId>) -> BTreeSet<SymbolId> {
        let scope = self.body.graph.scope;
        let uses = self.names.uses.range(self.range.start()..self.range.end());
        let own = uses.filter_map(|(_, entry)| entry.symbol).filter(|symbol| {
            scope != Names::MODULE && self.names.symbol(*symbol).scope == scope && !bound.contains(symbol)
        });
        own.collect()
    }

    /// All reads of the symbol in the region mean the builtin of its name.
    fn is_only_builtin(&self, symbol: SymbolId) -> bool {
        let mut reads = self
            .names
            .uses
            .range(self.range.start()..self.range.end())
            .filter(|(_, entry)| entry.symbol == Some(symbol));
        let unbound = |at: &TextSize| {
            self.names.uses[at]
                .reaching
                .as_ref()
                .is_some_and(|reaching| reaching.bindings.is_empty())
        };
        self.names.symbol(symbol).scope == Names::MODULE && reads.all(|(at, _)| unbound(at))
    }

    /// Names that are no symbol of the module: from a star import, or defined nowhere in sight.
    fn unknown_names(&self) -> BTreeSet<String> {
        let starred = self.names.unknown_star;
        let uses = self.names.uses.range(self.range.start()..self.range.end());
        uses.filter(|(_, entry)| entry.symbol.is_none())
            .filter(|(_, entry)| starred || !is_builtin(&entry.name))
            .map(|(_, entry)| entry.name.clone())
            .collect()
    }

    fn may_be_bound_at(&self, symbol: SymbolId, block: BlockId) -> bool {
        match self.body.reach.at_block(self.names, symbol, block) {
            Some(reaching) => !reaching.bindings.is_empty(),
            None => true,
        }
    }

    /// The block that runs off the end of the region, if control can get there.
    fn last_block(&self, entry: BlockId, last: &Stmt) -> Option<BlockId> {
        let end = *self.body.graph.ends.get(&last.start())?;
        let mut seen = BTreeSet::from([entry]);
        let mut work = vec![entry];
        while let Some(block) = work.pop() {
            let ways = self.body.graph.ways_out(block).filter(|to| self.is_inside(*to));
            work.extend(ways.filter(|to| seen.insert(*to)));
        }
        seen.contains(&end).then_some(end)
    }

    /// Symbols that every way from the entry to the end of `last` binds.
    fn bound_for_certain(&self, entry: BlockId, last: BlockId) -> BTreeSet<SymbolId> {
        let graph = &self.body.graph;
        let mut before: Vec<Option<BTreeSet<SymbolId>>> = vec![None; graph.blocks.len()];
        before[entry.index()] = Some(BTreeSet::new());
        let mut work = vec![entry];
        while let Some(id) = work.pop() {
            let block = graph.block(id);
            let start = before[id.index()].clone().unwrap_or_default();
            let state = after_events(&block.events, start.clone());
            // An exception may come before any binding, and behind any `del`.
            let on_raise: BTreeSet<SymbolId> = start.intersection(&state).copied().collect();
            let ways = block
                .next
                .iter()
                .map(|to| (*to, &state))
                .chain(block.raises.map(|to| (to, &on_raise)));
            for (to, state) in ways.filter(|(to, _)| self.is_inside(*to)) {
                let slot = &mut before[to.index()];
                let met = match slot {
                    Some(old) => old.intersection(state).copied().collect(),
                    None => state.clone(),
                };
                if slot.as_ref() != Some(&met) {
                    *slot = Some(met);
                    work.push(to);
                }
            }
        }
        after_events(
            &graph.block(last).events,
            before[last.index()].clone().unwrap_or_default(),
        )
    }

    fn needs_class_cell(&self) -> bool {
        let uses = self.names.uses.range(self.range.start()..self.range.end());
        uses.filter(|(_, entry)| entry.symbol.is_none())
            .any(|(_, entry)| matches!(entry.name.as_str(), "super" | "__class__"))
    }
}

fn after_events(events: &[Event], mut bound: BTreeSet<SymbolId>) -> BTreeSet<SymbolId> {
    for event in events {
        match event.kind {
            EventKind::Bind(_) => {
                bound.insert(event.symbol);
            }
            EventKind::Unbind => {
                bound.remove(&event.symbol);
            }
            EventKind::Read | EventKind::Capture | EventKind::MayBind(_) => {}
        }
    }
    bound
}

/// The ways in which control leaves a run of statements other than off its end and by exceptions.
#[derive(Default)]
struct Exits {
    returns: bool,
    jumps_out: Option<u32>,
    suspends: Option<Suspension>,
    /// Loops of the region around the statement at hand.
    loops: u32,
}

impl Exits {
    fn of(statements: &[Stmt]) -> Exits {
        let mut exits = Exits::default();
        exits.visit_body(statements);
        exits
    }

    fn suspend(&mut self, keyword: &'static str, at: TextSize) {
        self.suspends.get_or_insert(Suspension {
            keyword,
            at: at.to_u32(),
        });
    }

    fn jump(&mut self, at: TextSize) {
        if self.loops == 0 {
            self.jumps_out.get_or_insert(at.to_u32());
        }
    }

    fn within_loop(&mut self, body: &[Stmt], orelse: &[Stmt]) {
        self.loops += 1;
        self.visit_body(body);
        self.loops -= 1;
        self.visit_body(orelse);
    }
}

impl<'a> Visitor<'a> for Exits {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Return(_) => self.returns = true,
            Stmt::Break(_) | Stmt::Continue(_) => self.jump(stmt.start()),
            Stmt::For(stmt) if stmt.is_async => self.suspend("async for", stmt.start()),
            Stmt::With(stmt) if stmt.is_async => self.suspend("async with", stmt.start()),
            _ => {}
        }
        match stmt {
            Stmt::For(stmt) => {
                self.visit_expr(&stmt.iter);
                self.within_loop(&stmt.body, &stmt.orelse);
            }
            Stmt::While(stmt) => {
                self.visit_expr(&stmt.test);
                self.within_loop(&stmt.body, &stmt.orelse);
            }
            // Their bodies are other functions' code; decorators, defaults and bases are not worth an exception.
            Stmt::FunctionDef(_) => {}
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Yield(_) => self.suspend("yield", expr.start()),
            Expr::YieldFrom(_) => self.suspend("yield from", expr.start()),
            Expr::Await(_) => self.suspend("await", expr.start()),
            Expr::Lambda(_) => return,
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_comprehension(&mut self, comprehension: &'a Comprehension) {
        if comprehension.is_async {
            self.suspend("async for", comprehension.range.start());
        }
        visitor::walk_comprehension(self, comprehension);
    }
}
