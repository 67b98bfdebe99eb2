//! What statements bind, read and how control leaves them, by syntax alone.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{ExceptHandler, Expr, ExprContext, Pattern, Stmt};

/// Names that statements of one scope bind or delete, in order of the alphabet.
pub(super) fn bound_names(stmts: &[Stmt]) -> BTreeSet<String> {
    let mut bound = Bound::default();
    stmts.iter().for_each(|stmt| bound.visit_stmt(stmt));
    bound.names
}

/// Names that a target binds.
pub(super) fn target_names(target: &Expr) -> BTreeSet<String> {
    let mut bound = Bound::default();
    bound.visit_expr(target);
    bound.names
}

/// Whether an expression binds a name (`:=`), waits, or yields.
pub(super) fn binds_inside(expr: &Expr) -> bool {
    let mut bound = Bound::default();
    bound.visit_expr(expr);
    bound.suspends || !bound.names.is_empty()
}

#[derive(Default)]
struct Bound {
    names: BTreeSet<String>,
    suspends: bool,
}

impl<'a> Visitor<'a> for Bound {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(def) => {
                self.names.insert(def.name.to_string());
            }
            Stmt::ClassDef(def) => {
                self.names.insert(def.name.to_string());
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    self.names.insert(name.split('.').next().unwrap_or(name).to_owned());
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.names
                        .insert(alias.asname.as_ref().unwrap_or(&alias.name).to_string());
                }
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx != ExprContext::Load => {
                self.names.insert(name.id.to_string());
            }
            // The names of a comprehension are its own, except those of `:=`.
            Expr::ListComp(_) | Expr::SetComp(_) | Expr::DictComp(_) | Expr::Generator(_) => {
                let mut inner = Walrus::default();
                visitor::walk_expr(&mut inner, expr);
                self.names.extend(inner.names);
            }
            Expr::Lambda(_) => {}
            Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_) => {
                self.suspends = true;
                visitor::walk_expr(self, expr);
            }
            _ => visitor::walk_expr(self, expr),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.names.extend(inner.name.iter().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchAs(pattern) => self.names.extend(pattern.name.iter().map(ToString::to_string)),
            Pattern::MatchStar(pattern) => self.names.extend(pattern.name.iter().map(ToString::to_string)),
            Pattern::MatchMapping(pattern) => self.names.extend(pattern.rest.iter().map(ToString::to_string)),
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }
}

/// Names that may not be bound behind a statement: what it deletes, and names of exceptions, which are gone behind their
/// handlers.
pub(super) fn unbound_names(stmt: &Stmt) -> BTreeSet<String> {
    let mut unbound = Unbound::default();
    unbound.visit_stmt(stmt);
    unbound.names
}

#[derive(Default)]
struct Unbound {
    names: BTreeSet<String>,
}

impl<'a> Visitor<'a> for Unbound {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::Delete(delete) = stmt {
            self.names.extend(delete.targets.iter().flat_map(target_names));
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(inner) = handler;
        self.names.extend(inner.name.iter().map(ToString::to_string));
        visitor::walk_except_handler(self, handler);
    }
}

#[derive(Default)]
struct Walrus {
    names: BTreeSet<String>,
}

impl<'a> Visitor<'a> for Walrus {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Named(named) = expr {
            self.names.extend(target_names(&named.target));
        }
        visitor::walk_expr(self, expr);
    }
}

/// Names that are read in statements or expressions, those of inner functions included, each once, in order.
#[derive(Default)]
pub(super) struct Reads {
    pub names: Vec<String>,
}

impl<'a> Visitor<'a> for Reads {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr {
            // `x += 1` stores to what it also reads.
            if !self.names.iter().any(|known| known == name.id.as_str()) {
                self.names.push(name.id.to_string());
            }
        }
        visitor::walk_expr(self, expr);
    }
}

/// How control may leave statements other than at their end.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Exits {
    /// A `continue` of the loop around.
    pub continues: bool,
    /// A `break` of the loop around.
    pub breaks: bool,
    pub returns: bool,
    /// `yield` or `await`.
    pub suspends: bool,
    /// It has a `try` or a `with`: code that runs when something is raised.
    pub guards: bool,
    depth: u32,
}

impl Exits {
    pub fn of(stmts: &[Stmt]) -> Exits {
        let mut exits = Exits::default();
        stmts.iter().for_each(|stmt| exits.visit_stmt(stmt));
        exits
    }

    pub fn of_stmt(stmt: &Stmt) -> Exits {
        let mut exits = Exits::default();
        exits.visit_stmt(stmt);
        exits
    }

    /// Control only ever falls out at the end (or by an exception).
    pub fn none(self) -> bool {
        !self.continues && !self.breaks && !self.returns && !self.suspends
    }
}

impl<'a> Visitor<'a> for Exits {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Continue(_) => self.continues |= self.depth == 0,
            Stmt::Break(_) => self.breaks |= self.depth == 0,
            Stmt::Return(_) => {
                self.returns = true;
                visitor::walk_stmt(self, stmt);
            }
            Stmt::For(stmt) => {
                self.suspends |= stmt.is_async;
                self.visit_expr(&stmt.iter);
                self.depth += 1;
                stmt.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                self.depth -= 1;
                stmt.orelse.iter().for_each(|stmt| self.visit_stmt(stmt));
            }
            Stmt::While(stmt) => {
                self.visit_expr(&stmt.test);
                self.depth += 1;
                stmt.body.iter().for_each(|stmt| self.visit_stmt(stmt));
                self.depth -= 1;
                stmt.orelse.iter().for_each(|stmt| self.visit_stmt(stmt));
            }
            Stmt::Try(_) | Stmt::With(_) => {
                self.guards = true;
                visitor::walk_stmt(self, stmt);
            }
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Yield(_) | Expr::YieldFrom(_) | Expr::Await(_) => self.suspends = true,
            Expr::Lambda(_) => {}
            _ => visitor::walk_expr(self, expr),
        }
    }
}
