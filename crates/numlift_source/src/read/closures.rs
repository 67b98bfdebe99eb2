//! Functions that are made in a piece of text, and read later what is bound anew by then.
//!
//! ```text
//! scale = 2
//! scaled = (v * scale for v in x)      # a piece that Python runs: it has the `scale` of this moment
//! scale = 3
//! return list(scaled)                  # and here it should have the other one
//! ```
//!
//! A piece of a compiled function is a function of its own, so what it makes (a `lambda`, a generator, a `def`) holds
//! variables of the piece. That is right where those are never bound again, and where what is made is used up before
//! the piece is over: `sorted(x, key=lambda v: v * scale)`, `sum(v * scale for v in x)`.

use std::ops::Range;

use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};

use crate::module::Module;
use crate::names::{BindingKind, Names, ScopeId, ScopeKind, SymbolId};
use crate::project::{ModuleId, ProjectNames};

/// Functions that have used up a generator, or called a function for the last time, when they return.
const CONSUMERS: [&str; 17] = [
    "builtins.all",
    "builtins.any",
    "builtins.frozenset",
    "builtins.len",
    "builtins.list",
    "builtins.max",
    "builtins.min",
    "builtins.next",
    "builtins.print",
    "builtins.set",
    "builtins.sorted",
    "builtins.sum",
    "builtins.tuple",
    "functools.reduce",
    "math.fsum",
    "math.prod",
    "numpy.fromiter",
];

/// Functions whose results read their arguments later.
const LAZY: [&str; 6] = [
    "builtins.enumerate",
    "builtins.filter",
    "builtins.iter",
    "builtins.map",
    "builtins.reversed",
    "builtins.zip",
];

/// Methods that are done with what they were given when they return.
const CONSUMING_METHODS: [&str; 3] = ["extend", "join", "sort"];

/// Where a piece of text makes a function that may read a variable when that has been bound again, and the variable.
pub fn captured_late(project: &ProjectNames, module: ModuleId, piece: Range<u32>) -> Option<(Range<u32>, String)> {
    let of = project.module(module);
    let piece = TextRange::new(piece.start.into(), piece.end.into());
    let names = &of.names;
    let mut used_up = None;
    for (_, entry) in names.uses.range(piece.start()..piece.end()) {
        let Some(symbol) = entry.symbol else { continue };
        let home = names.symbol(symbol).scope;
        let is_variable = matches!(names.scope(home).kind, ScopeKind::Function(_) | ScopeKind::Lambda);
        if !is_variable || piece.contains_range(names.scope(home).range) {
            continue;
        }
        let used_up = used_up.get_or_insert_with(|| UsedUp::of(of, piece));
        let later = later_scope(names, entry.scope, home, piece, &used_up.0);
        if let Some(scope) = later
            && !stays(of, symbol, piece)
        {
            let range = names.scope(scope).range;
            return Some((range.start().into()..range.end().into(), entry.name.clone()));
        }
    }
    None
}

/// The scope between a use and the variable's home that is made in the piece and whose code runs later.
fn later_scope(
    names: &Names,
    mut scope: ScopeId,
    home: ScopeId,
    piece: TextRange,
    used_up: &[TextRange],
) -> Option<ScopeId> {
    while scope != home {
        let this = names.scope(scope);
        let is_later = match this.kind {
            ScopeKind::Function(_) | ScopeKind::Lambda | ScopeKind::Comprehension { lazy: true } => {
                piece.contains_range(this.range) && !used_up.contains(&this.range)
            }
            ScopeKind::Module
            | ScopeKind::Class(_)
            | ScopeKind::Comprehension { lazy: false }
            | ScopeKind::TypeParams => false,
        };
        if is_later {
            return Some(scope);
        }
        scope = this.parent?;
    }
    None
}

/// Whether a variable is what it is at a piece for good.
fn stays(module: &Module, symbol: SymbolId, piece: TextRange) -> bool {
    let names = &module.names;
    let symbol = names.symbol(symbol);
    let bindings: Vec<_> = symbol.bindings.iter().map(|binding| names.binding(*binding)).collect();
    if bindings.iter().all(|binding| piece.contains_range(binding.range)) {
        return true;
    }
    let [only] = bindings[..] else { return false };
    only.kind == BindingKind::Parameter
        || only.range.end() <= piece.start() && only.executed_in == symbol.scope && !is_in_loop(module, only.range)
}

fn is_in_loop(module: &Module, at: TextRange) -> bool {
    let mut loops = Loops { at, found: false };
    loops.visit_body(&module.parsed.module.body);
    loops.found
}

struct Loops {
    at: TextRange,
    found: bool,
}

impl StatementVisitor<'_> for Loops {
    fn visit_stmt(&mut self, stmt: &Stmt) {
        if stmt.range().contains_range(self.at) {
            self.found |= matches!(stmt, Stmt::For(_) | Stmt::While(_));
            walk_stmt(self, stmt);
        }
    }
}

/// Places of `lambda`s and generators that nobody has any more when the statement around them is over.
struct UsedUp<'a>(Vec<TextRange>, &'a Module, TextRange);

impl<'a> UsedUp<'a> {
    fn of(module: &'a Module, piece: TextRange) -> Self {
        let mut found = UsedUp(Vec::new(), module, piece);
        found.visit_body(&module.parsed.module.body);
        found
    }

    fn mark(&mut self, expr: &Expr) {
        match expr {
            Expr::Lambda(_) | Expr::Generator(_) => self.0.push(expr.range()),
            Expr::Starred(starred) => self.mark(&starred.value),
            Expr::Call(call) if self.is_one_of(call, &LAZY) => self.mark_arguments(call),
            _ => {}
        }
    }

    fn mark_arguments(&mut self, call: &ExprCall) {
        call.arguments.args.iter().for_each(|argument| self.mark(argument));
        call.arguments
            .keywords
            .iter()
            .for_each(|keyword| self.mark(&keyword.value));
    }

    fn is_one_of(&self, call: &ExprCall, functions: &[&str]) -> bool {
        let name = self.1.names.qualified_name(&call.func);
        name.is_some_and(|name| functions.contains(&name.as_str()))
    }
}

impl<'a> Visitor<'a> for UsedUp<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if stmt.range().intersect(self.2).is_none() {
            return;
        }
        if let Stmt::For(stmt) = stmt {
            self.mark(&stmt.iter);
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            let consumes = match &*call.func {
                Expr::Attribute(method) => CONSUMING_METHODS.contains(&method.attr.as_str()),
                Expr::Lambda(_) => {
                    self.0.push(call.func.range());
                    false
                }
                _ => false,
            };
            if consumes || self.is_one_of(call, &CONSUMERS) {
                self.mark_arguments(call);
            }
            let spread = call.arguments.args.iter().filter(|argument| argument.is_starred_expr());
            spread.for_each(|argument| self.mark(argument));
        }
        visitor::walk_expr(self, expr);
    }
}
