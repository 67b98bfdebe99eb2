//! What a run of statements reads, binds and leaves behind.
//!
//! ```text
//! n = len(x)                         live in: n, x
//! s = 0.0              ┐             binds: s, i
//! for i in range(n):   │ region      live out: s       (i is never read again)
//!     s += x[i]        ┘             bound for certain at entry: n, x
//! print(s / n)
//! ```
//!
//! Liveness is solved over the control flow of the whole body, loops around the region and exceptions included.
//! What nested functions, lambdas and lazy generators read is always live. At module level a global is live when a
//! function that can still be called reads it, or another module of the project does, or `__all__` names it; names
//! bound by `def` and `class` always are. Code that reads names by their spelling ([`dynamic`]) makes all live.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

use crate::names::{BindingKind, Names, ScopeId, ScopeKind, SymbolId};
use crate::parse::Parsed;

pub use region::{RegionFlow, Suspension};

pub(crate) mod bits;
pub(crate) mod build;
pub(crate) mod calls;
pub mod dynamic;
pub(crate) mod graph;
mod liveness;
pub(crate) mod reachable;
pub(crate) mod reaching;
mod region;

/// Who else uses the names of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleUse {
    /// It is the program itself: only what its own code reaches is ever called. Of an imported module every function
    /// may be.
    pub is_main: bool,
    /// Globals that other modules read.
    pub read_elsewhere: BTreeSet<String>,
    /// Other modules may read any global.
    pub all_read_elsewhere: bool,
}

/// The flow of all bodies of code of a module.
#[derive(Debug)]
pub struct Flow {
    bodies: Vec<Body>,
}

/// A module's or function's code, analysed.
#[derive(Debug)]
pub(crate) struct Body {
    pub graph: graph::Graph,
    pub reach: reaching::Reach,
    pub liveness: liveness::Liveness,
    /// Symbols that may be read at any time.
    pub always: BTreeSet<SymbolId>,
    /// Symbols that are unbound somewhere.
    pub deleted: BTreeSet<SymbolId>,
}

/// What may be read from the start of a statement on.
pub(crate) struct LaterReads<'f> {
    body: &'f Body,
    block: graph::BlockId,
}

impl LaterReads<'_> {
    /// Whether a name of the body's own scope is read, or deleted, which asks for it, too.
    pub fn includes(&self, names: &Names, name: &str) -> bool {
        let graph = &self.body.graph;
        let Some(symbol) = names.scope(graph.scope).symbols.get(name) else {
            return true;
        };
        self.body.always.contains(symbol)
            || self.body.deleted.contains(symbol)
            || self.body.liveness.is_live_before(*symbol, self.block)
    }
}

impl Flow {
    pub fn of(parsed: &Parsed, names: &Names, used: &ModuleUse) -> Flow {
        let dynamic = dynamic::find(parsed, names);
        let bodies = bodies(parsed, names)
            .into_iter()
            .map(|(scope, body)| {
                let graph = build::graph(names, scope, body);
                let always = if scope == Names::MODULE {
                    always_in_module(parsed, names, &graph, used, &dynamic)
                } else {
                    always_in_function(names, &graph, &dynamic)
                };
                let reach = reaching::Reach::of(names, &graph);
                let liveness = liveness::Liveness::of(&graph);
                let deleted = deleted(&graph);
                Body {
                    graph,
                    reach,
                    liveness,
                    always,
                    deleted,
                }
            })
            .collect();
        Flow { bodies }
    }

    /// What a name would mean in a statement of this module that begins at `at`: `numpy` for `np` behind its import.
    ///
    /// `None` unless it is bound there for certain, and to that only; in a function, wherever it may be called.
    pub fn meaning_at(&self, names: &Names, name: &str, at: TextSize) -> Option<String> {
        let body = self
            .bodies
            .iter()
            .find(|body| body.graph.statements.contains_key(&at))?;
        let symbol = names.lookup(body.graph.scope, name)?;
        let home = names.symbol(symbol).scope;
        let owner = self.bodies.iter().find(|body| body.graph.scope == home)?;
        let reaching = if home == body.graph.scope {
            owner.reach.at_block(names, symbol, body.graph.statements[&at])?
        } else {
            // The statement of the owner that makes the function, and all that may run from there on.
            let (_, block) = owner.graph.statements.range(..=at).next_back()?;
            let later = owner.reach.later(names, &owner.graph);
            owner.reach.in_state(names, symbol, &later[block.index()])?
        };
        names.meaning(symbol, &reaching).filter(|_| !reaching.unbound)
    }

    /// What may still be read where a statement of a body of code begins; `None` where it is no statement of it.
    pub(crate) fn later_reads(&self, scope: ScopeId, at: TextSize) -> Option<LaterReads<'_>> {
        let body = self.bodies.iter().find(|body| body.graph.scope == scope)?;
        let block = *body.graph.statements.get(&at)?;
        Some(LaterReads { body, block })
    }

    /// The flow of a run of statements of one suite; `None` when they are not statements of this module.
    pub fn region(&self, names: &Names, statements: &[Stmt]) -> Option<RegionFlow> {
        let first = statements.first()?;
        let body = self
            .bodies
            .iter()
            .find(|body| body.graph.statements.contains_key(&first.start()))?;
        Some(region::region(names, body, statements))
    }
}

/// The bodies of code of a module: its own, then each function's.
pub(crate) fn bodies<'a>(parsed: &'a Parsed, names: &Names) -> Vec<(ScopeId, &'a [Stmt])> {
    let mut bodies: Vec<(ScopeId, &[Stmt])> = vec![(Names::MODULE, &parsed.module.body)];
    for (id, function) in names.functions() {
        bodies.push((function.scope, &names.def(parsed, id).body));
    }
    bodies
}

/// The scope of the body of code that a scope's code is part of.
pub(crate) fn body_of(names: &Names, scope: ScopeId) -> ScopeId {
    let mut current = scope;
    loop {
        let this = names.scope(current);
        match this.kind {
            ScopeKind::Module | ScopeKind::Function(_) | ScopeKind::Lambda => return current,
            ScopeKind::Class(_) | ScopeKind::Comprehension { lazy: _ } | ScopeKind::TypeParams => match this.parent {
                Some(parent) => current = parent,
                None => return current,
            },
        }
    }
}

/// All names of class bodies, which are attributes, and names of scopes further out, which others see.
fn shared(names: &Names, graph: &graph::Graph) -> impl Iterator<Item = SymbolId> {
    let home = |symbol: SymbolId| names.symbol(symbol).scope;
    let events = graph.blocks.iter().flat_map(|block| &block.events);
    events
        .map(|event| event.symbol)
        .filter(move |symbol| home(*symbol) != graph.scope)
        .collect::<Vec<_>>()
        .into_iter()
}

fn captured(graph: &graph::Graph) -> impl Iterator<Item = (SymbolId, TextSize)> + '_ {
    let events = graph.blocks.iter().flat_map(|block| &block.events);
    events
        .filter(|event| event.kind == graph::EventKind::Capture)
        .map(|event| (event.symbol, event.at))
}

fn deleted(graph: &graph::Graph) -> BTreeSet<SymbolId> {
    let events = graph.blocks.iter().flat_map(|block| &block.events);
    let unbinds = events.filter(|event| event.kind == graph::EventKind::Unbind);
    unbinds.map(|event| event.symbol).collect()
}

fn always_in_function(names: &Names, graph: &graph::Graph, dynamic: &dynamic::Dynamic) -> BTreeSet<SymbolId> {
    let mut always: BTreeSet<SymbolId> = shared(names, graph).collect();
    always.extend(captured(graph).map(|(symbol, _)| symbol));
    if dynamic.bodies.contains(&graph.scope) {
        always.extend(names.scope(graph.scope).symbols.values());
    }
    always
}

fn always_in_module(
    parsed: &Parsed,
    names: &Names,
    graph: &graph::Graph,
    used: &ModuleUse,
    dynamic: &dynamic::Dynamic,
) -> BTreeSet<SymbolId> {
    let globals = &names.scope(Names::MODULE).symbols;
    let mut always: BTreeSet<SymbolId> = shared(names, graph).collect();
    if used.all_read_elsewhere || dynamic.bodies.contains(&Names::MODULE) {
        always.extend(globals.values());
        return always;
    }
    let reachable = reachable::from_module_code(names);
    for (symbol, at) in captured(graph) {
        let function = reachable::outermost_around(names, at);
        if !used.is_main || function.is_none_or(|function| reachable.contains(&function)) {
            always.insert(symbol);
        }
    }
    let Some(listed) = listed_in_all(parsed) else {
        always.extend(globals.values());
        return always;
    };
    for (name, symbol) in globals {
        let defines = names.symbol(*symbol).bindings.iter().any(|binding| {
            matches!(
                names.binding(*binding).kind,
                BindingKind::Function(_) | BindingKind::Class(_)
            )
        });
        let read = used.read_elsewhere.contains(name) || listed.contains(name.as_str());
        if defines || read || name == "__all__" {
            always.insert(*symbol);
        }
    }
    always
}

/// The strings of `__all__ = […]` and `__all__ += […]`; `None` where it is made in another way.
pub(crate) fn listed_in_all(parsed: &Parsed) -> Option<BTreeSet<&str>> {
    let mut listed = BTreeSet::new();
    for stmt in &parsed.module.body {
        let value = match stmt {
            Stmt::Assign(assign) if assign.targets.iter().any(is_all) => &assign.value,
            Stmt::AugAssign(assign) if is_all(&assign.target) => &assign.value,
            _ => continue,
        };
        let elements = match &**value {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            _ => return None,
        };
        for element in elements {
            listed.insert(element.as_string_literal_expr()?.value.to_str());
        }
    }
    Some(listed)
}

fn is_all(target: &Expr) -> bool {
    target.as_name_expr().is_some_and(|name| name.id.as_str() == "__all__")
}

#[cfg(test)]
mod tests;
