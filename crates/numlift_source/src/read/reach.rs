//! What text that was not understood may change: nothing, what it names, or anything.
//!
//! ```text
//! print(x)                  nothing
//! plt.plot(x)               x: a library knows no lists but those that it is given
//! obj.update()              anything: the author's own code may run
//! ```

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::reader::Reader;
use super::refusal::{Refusal, Runs};
use crate::project::ProjectNames;
use numlift_ir::ty::Ty;

/// How far changes may reach, the farthest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    Nothing,
    /// Lists that the text names.
    Arguments,
    /// Every list, object and global of the program.
    Anything,
}

impl<'a> Reader<'a> {
    pub(super) fn reach_of_expr(&mut self, expr: &'a Expr, refusal: &Refusal) -> Reach {
        let mut text = Text {
            reader: self,
            reach: Reach::Nothing,
            stored: Vec::new(),
        };
        text.visit_expr(expr);
        let (reach, stored) = (text.reach, text.stored);
        self.reach(reach, stored, refusal)
    }

    pub(super) fn reach_of_stmt(&mut self, stmt: &'a Stmt, refusal: &Refusal) -> Reach {
        let mut text = Text {
            reader: self,
            reach: Reach::Nothing,
            stored: Vec::new(),
        };
        text.visit_stmt(stmt);
        let (reach, stored) = (text.reach, text.stored);
        self.reach(reach, stored, refusal)
    }

    fn reach(&mut self, reach: Reach, stored: Vec<String>, refusal: &Refusal) -> Reach {
        if stored
            .iter()
            .any(|name| name == ANY_ATTRIBUTE || RESHAPING.contains(&name.as_str()))
        {
            self.facts.attrs_are_unknown();
        }
        for name in stored {
            self.facts.widen_attr(ANY_CLASS, &name, &Ty::Unknown);
        }
        match refusal.runs {
            Runs::Nothing => reach,
            Runs::Hooks if !self.hooks => reach,
            Runs::Hooks | Runs::Anything => Reach::Anything,
        }
    }

    /// What a function that asks for all elements before it returns asks them of: a generator, or `map(sum, rows)`.
    pub(super) fn consumed(&self, call: &'a ast::ExprCall) -> Option<&'a Expr> {
        let [elements] = &*call.arguments.args else { return None };
        let consumes = match self.qualified(&call.func) {
            Some(name) => CONSUMERS.contains(&name.as_str()),
            None => matches!(
                &*call.func,
                Expr::Attribute(method) if method.attr.as_str() == "join" && method.value.is_string_literal_expr()
            ),
        };
        let ends = match elements {
            Expr::Generator(_) => true,
            Expr::Call(inner) => self.maps_a_builtin(inner),
            _ => false,
        };
        (consumes && ends && call.arguments.keywords.is_empty()).then_some(elements)
    }

    /// `map(sum, rows)`
    fn maps_a_builtin(&self, call: &'a ast::ExprCall) -> bool {
        let named = |expr: &Expr| self.qualified(expr).unwrap_or_default();
        matches!(named(&call.func).as_str(), "builtins.map" | "builtins.filter")
            && call.arguments.keywords.is_empty()
            && call.arguments.args.first().is_some_and(|function| {
                let name = named(function);
                MAPPED.contains(&name.as_str()) || CONSUMERS.contains(&name.as_str())
            })
    }
}

/// Attributes of arrays whose stores change what the array's type says, and the method that does.
pub(super) const RESHAPING: &[&str] = &["shape", "dtype", "strides", "resize"];

/// Whether text may give an array another shape in place.
pub(super) fn reshapes(stmt: &Stmt) -> bool {
    struct Finder {
        found: bool,
    }
    impl<'a> Visitor<'a> for Finder {
        fn visit_expr(&mut self, expr: &'a Expr) {
            if let Expr::Attribute(attribute) = expr {
                let called = attribute.attr.as_str() == "resize";
                let stored = attribute.ctx != ExprContext::Load && RESHAPING.contains(&attribute.attr.as_str());
                self.found |= called || stored;
            }
            visitor::walk_expr(self, expr);
        }
    }
    let mut finder = Finder { found: false };
    finder.visit_stmt(stmt);
    finder.found
}

/// Stands for an attribute of a computed name.
const ANY_ATTRIBUTE: &str = "*";

/// The attribute that `setattr` and the like store.
fn attribute_by_name(name: &str, call: &ast::ExprCall) -> Option<String> {
    if !matches!(
        name,
        "builtins.setattr" | "builtins.delattr" | "builtins.vars" | "object.__setattr__"
    ) {
        return None;
    }
    match call.arguments.args.get(1) {
        Some(Expr::StringLiteral(literal)) => Some(literal.value.to_str().to_owned()),
        _ => Some(ANY_ATTRIBUTE.to_owned()),
    }
}

/// Stands for every class in facts on attributes.
pub(super) const ANY_CLASS: &str = "*";

/// Whether operators, loops and attributes of objects may run the author's code: a class defines what they mean.
pub(super) fn has_hooks(project: &ProjectNames) -> bool {
    project.modules().any(|(_, module)| {
        let generators = module
            .names
            .functions()
            .any(|(_, function)| function.is_generator || function.class.is_some() && !function.decorators.is_empty());
        let hooks = module
            .names
            .classes()
            .any(|(_, class)| class.methods.keys().any(|name| is_hook(name)));
        generators || hooks
    })
}

pub(super) fn is_hook(method: &str) -> bool {
    method.starts_with("__")
        && !matches!(
            method,
            "__init__" | "__repr__" | "__str__" | "__doc__" | "__post_init__"
        )
}

struct Text<'r, 'a> {
    reader: &'r Reader<'a>,
    reach: Reach,
    /// Attributes that are stored to.
    stored: Vec<String>,
}

impl<'a> Text<'_, 'a> {
    fn add(&mut self, reach: Reach) {
        self.reach = self.reach.max(reach);
    }

    fn call(&self, call: &'a ast::ExprCall) -> Reach {
        if let Some(name) = self.reader.qualified(&call.func) {
            return of_library(&name);
        }
        if let Some(seen) = self
            .reader
            .seen_in_attempt(self.reader.frame().file, call.start().into())
        {
            // What it stores was read, but then not taken over: where the text runs in Python, nothing that it may have
            // stored (an attribute, a global, an item of a dict) is known behind it.
            let runs_in_python = self.reader.options.frames.is_some();
            return if seen.any_code || runs_in_python {
                Reach::Anything
            } else {
                Reach::Nothing
            };
        }
        let Expr::Attribute(callee) = &*call.func else {
            return Reach::Anything;
        };
        if LOOKING_METHODS.contains(&callee.attr.as_str()) {
            return Reach::Nothing;
        }
        match &*callee.value {
            Expr::Name(name) => match self
                .reader
                .local(name.id.as_str())
                .map(|value| self.reader.bound_ty(value))
            {
                Some(Ty::Array { .. } | Ty::Np(_) | Ty::Generator { .. } | Ty::Str) => Reach::Nothing,
                Some(Ty::List(..) | Ty::Dict | Ty::Set) => Reach::Arguments,
                _ => Reach::Anything,
            },
            _ => Reach::Anything,
        }
    }
}

impl<'a> Visitor<'a> for Text<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => {
                let named = self.reader.qualified(&call.func);
                self.stored
                    .extend(named.and_then(|name| attribute_by_name(&name, call)));
                let reach = self.call(call);
                self.add(reach);
                if let Some(elements) = self.reader.consumed(call) {
                    self.visit_expr(&call.func);
                    // It is over before anybody else has it, as a list comprehension is.
                    visitor::walk_expr(self, elements);
                    return;
                }
            }
            Expr::Subscript(ast::ExprSubscript { ctx, .. }) if *ctx != ExprContext::Load => self.add(Reach::Arguments),
            Expr::Attribute(ast::ExprAttribute { attr, .. }) if attr == "__dict__" => {
                self.stored.push(ANY_ATTRIBUTE.to_owned());
            }
            Expr::Attribute(ast::ExprAttribute { ctx, attr, .. }) if *ctx != ExprContext::Load => {
                self.stored.push(attr.to_string());
                self.add(Reach::Arguments);
            }
            // They keep what they name, and others reach it through them.
            Expr::Dict(_) | Expr::DictComp(_) | Expr::Lambda(_) | Expr::Generator(_) => self.add(Reach::Arguments),
            Expr::Await(_) | Expr::Yield(_) | Expr::YieldFrom(_) => self.add(Reach::Anything),
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::AugAssign(_) | Stmt::Delete(_) | Stmt::FunctionDef(_) => self.add(Reach::Arguments),
            Stmt::ClassDef(_) => self.add(Reach::Anything),
            // What a manager of a library does at the end is its own business.
            Stmt::With(with) => {
                let known = |item: &ast::WithItem| match &item.context_expr {
                    Expr::Call(call) => self.reader.qualified(&call.func).is_some(),
                    _ => false,
                };
                if with.is_async || !with.items.iter().all(known) {
                    self.add(Reach::Anything);
                }
            }
            Stmt::For(stmt) if stmt.is_async => self.add(Reach::Anything),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }
}

/// Functions that ask a generator for all its elements before they return.
const CONSUMERS: &[&str] = &[
    "builtins.all",
    "builtins.any",
    "builtins.list",
    "builtins.max",
    "builtins.min",
    "builtins.sorted",
    "builtins.sum",
    "builtins.tuple",
    "math.fsum",
    "math.prod",
];

/// Functions that make something new of one element.
const MAPPED: &[&str] = &[
    "builtins.abs",
    "builtins.bool",
    "builtins.float",
    "builtins.int",
    "builtins.len",
    "builtins.repr",
    "builtins.round",
    "builtins.str",
];

/// Methods of strings and files.
const LOOKING_METHODS: &[&str] = &[
    "format",
    "join",
    "strip",
    "split",
    "splitlines",
    "upper",
    "lower",
    "center",
    "ljust",
    "rjust",
    "replace",
    "startswith",
    "endswith",
    "write",
    "writelines",
    "flush",
    "read",
    "readline",
    "readlines",
    "close",
    "seek",
];

fn of_library(name: &str) -> Reach {
    match name.split_once('.') {
        Some(("builtins", name)) => match name {
            "exec" | "eval" | "setattr" | "delattr" | "next" | "map" | "filter" | "globals" | "locals" | "vars" => {
                Reach::Anything
            }
            "__import__" | "getattr" | "breakpoint" | "compile" | "super" => Reach::Anything,
            "iter" | "dict" | "zip" | "enumerate" | "reversed" => Reach::Arguments,
            // `list.append(rows, row)`
            _ if name.contains('.') => Reach::Arguments,
            _ => Reach::Nothing,
        },
        Some(("math" | "time" | "datetime" | "os" | "sys" | "cmath" | "statistics" | "platform", _)) => Reach::Nothing,
        // These call functions that they are given.
        Some((
            "numpy",
            "vectorize" | "apply_along_axis" | "frompyfunc" | "fromfunction" | "apply_over_axes" | "piecewise",
        )) => Reach::Anything,
        Some(("numpy", _)) => Reach::Nothing,
        Some(("functools" | "threading" | "multiprocessing" | "concurrent" | "atexit" | "timeit", _)) => {
            Reach::Anything
        }
        _ => Reach::Arguments,
    }
}
