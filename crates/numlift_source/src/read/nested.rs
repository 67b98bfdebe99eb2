//! Functions in functions, and `lambda`s in variables: names for code that is seen through, not objects.
//!
//! ```text
//! def f(v): return (v - c) ** 2        nothing happens yet
//! s += f(x[i])                         s += (x[i] - c) ** 2
//! print(minimize(f, x0))               somebody else gets the function: Python goes on here, with a function
//! ```
//!
//! As an object such a function knows the variables around it, not their values: whoever has it sees them change, and
//! may change them. So where one is needed as an object, compiled code is left, and Python makes it and goes on with it
//! to the end. The same goes for text with a `lambda` or a generator that reads a variable which is bound in more
//! places than one.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext, Stmt};
use ruff_text_size::{Ranged, TextRange};
use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, FROM_HERE, Kind, Term};

use super::bound::Reads;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::suite::{Flow, Step};

/// Why compiled code is left for good.
pub(super) const NOT_ONLY_CALLED: &str =
    "a function in this function is handed on, or one that reads a variable that changes";

/// Functions whose generator is gone through before they return.
const CONSUMERS: [&str; 8] = ["all", "any", "list", "max", "min", "sorted", "sum", "tuple"];

impl<'a> Reader<'a> {
    /// Whether functions in functions are names for code only.
    pub(super) fn sees_nested(&self) -> bool {
        self.options.frames.is_some()
    }

    /// Notes what a value is a name for; refused where it would depend on the way here which code that is.
    pub(super) fn name_code(&mut self, value: ValueId, at: TextRange) -> Read<()> {
        if !self.sees_nested() {
            return Ok(());
        }
        if self.in_loop() || self.chosen > 0 {
            return Err(Refusal::any_code(at, "a function is defined on the way"));
        }
        self.nested.insert(value, at);
        Ok(())
    }

    /// Whether a value is a name for code that is no object.
    pub(super) fn is_nested(&self, value: ValueId) -> bool {
        self.nested.contains_key(&value)
    }

    /// Whether text that is not understood needs a function as an object, or knows a variable that may change.
    pub(super) fn knows_variables(&self, visit: impl FnOnce(&mut dyn FnMut(Node<'_>))) -> bool {
        if !self.sees_nested() || self.frames.len() > 1 {
            return false;
        }
        let mut found = Captured::default();
        let mut reads = Reads::default();
        visit(&mut |node| match node {
            Node::Expr(expr) => {
                found.visit_expr(expr);
                reads.visit_expr(expr);
            }
            Node::Stmt(stmt) => {
                found.visit_stmt(stmt);
                reads.visit_stmt(stmt);
            }
        });
        let is_nested = |name: &String| self.local(name).is_some_and(|value| self.is_nested(value));
        if reads.names.iter().any(is_nested) {
            return true;
        }
        let changes = |name: &String| self.frames[0].env.contains_key(name) && self.is_bound_again(name);
        found.names.iter().any(changes)
    }

    /// Whether a variable of the function is bound in more places than one, or in a loop.
    fn is_bound_again(&self, name: &str) -> bool {
        let mut bindings = Bindings::default();
        if let Some(function) = self.options.compiled {
            let names = &self.frames[0].module.names;
            let def = names.def(&self.frames[0].module.parsed, function);
            for parameter in def.parameters.iter() {
                bindings.add(parameter.name().as_str());
            }
            def.body.iter().for_each(|stmt| bindings.visit_stmt(stmt));
        }
        bindings.count.get(name).is_some_and(|count| *count > 1)
    }

    /// Python goes on here, to the function's end.
    pub(super) fn goes_on_in_python(&mut self, stmt: &Stmt, reason: &str) -> Step {
        self.at(stmt.range());
        let never = self.b.constant(Const::Bool(false));
        self.b.effect(Kind::Require(format!("{FROM_HERE}{reason}")), &[never]);
        self.b.end(self.b.block, Term::Unreachable);
        Step::Done(Flow::Left)
    }
}

/// Text, as far as it is looked at.
pub(super) enum Node<'n> {
    Expr(&'n Expr),
    Stmt(&'n Stmt),
}

/// Names that functions in text read.
#[derive(Default)]
struct Captured {
    names: BTreeSet<String>,
}

impl Captured {
    fn all_of(&mut self, visit: impl FnOnce(&mut Reads)) {
        let mut reads = Reads::default();
        visit(&mut reads);
        self.names.extend(reads.names);
    }
}

impl<'a> Visitor<'a> for Captured {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => self.all_of(|reads| reads.visit_stmt(stmt)),
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Lambda(_) | Expr::Generator(_) => self.all_of(|reads| reads.visit_expr(expr)),
            Expr::Call(call) => {
                let is_consumer = matches!(&*call.func, Expr::Name(name) if CONSUMERS.contains(&name.id.as_str()));
                match &call.arguments.args[..] {
                    [Expr::Generator(generator)] if is_consumer => {
                        visitor::walk_expr(self, &Expr::Generator(generator.clone()))
                    }
                    _ => visitor::walk_expr(self, expr),
                }
            }
            _ => visitor::walk_expr(self, expr),
        }
    }
}

/// How often names are bound; in a loop, twice.
#[derive(Default)]
struct Bindings {
    count: BTreeMap<String, usize>,
    loops: usize,
}

impl Bindings {
    fn add(&mut self, name: &str) {
        *self.count.entry(name.to_owned()).or_default() += 1 + usize::from(self.loops > 0);
    }
}

impl<'a> Visitor<'a> for Bindings {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::For(_) | Stmt::While(_) => {
                self.loops += 1;
                visitor::walk_stmt(self, stmt);
                self.loops -= 1;
            }
            Stmt::FunctionDef(def) => {
                self.add(def.name.as_str());
                visitor::walk_stmt(self, stmt);
            }
            Stmt::Nonlocal(declared) => declared.names.iter().for_each(|name| {
                self.add(name.as_str());
                self.add(name.as_str());
            }),
            _ => visitor::walk_stmt(self, stmt),
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Name(name) = expr
            && name.ctx != ExprContext::Load
        {
            self.add(name.id.as_str());
        }
        visitor::walk_expr(self, expr);
    }
}
