//! Code that reads names by their spelling, so that no name may be thought dead.
//!
//! ```text
//! locals(), vars(), dir(), eval(text), exec(text)      every name of the function (and every global)
//! globals(), breakpoint(), import __main__, "__main__"   every global
//! numexpr.evaluate("a + b"), frame.query("x > @limit")   they look into the caller's frame
//! ```
//!
//! `if __name__ == "__main__":` and its mirror image are not meant. Pickling needs no entry: it finds functions and
//! classes by name, and names bound by `def` and `class` at module level always count as read.

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

use crate::names::{Names, Resolution, ScopeId};
use crate::parse::Parsed;

/// Bodies of code whose names are all read.
#[derive(Debug, Default)]
pub struct Dynamic {
    pub bodies: BTreeSet<ScopeId>,
    /// It imports modules under computed names, of which each may be one of the project.
    pub imports_anything: bool,
}

pub fn find(parsed: &Parsed, names: &Names) -> Dynamic {
    let mut finder = Finder {
        names,
        dynamic: Dynamic::default(),
        harmless: BTreeSet::new(),
    };
    finder.visit_body(&parsed.module.body);
    finder.dynamic
}

struct Finder<'n> {
    names: &'n Names,
    dynamic: Dynamic,
    /// Uses of `vars` and the like with an argument, and the string in `__name__ == "__main__"`.
    harmless: BTreeSet<TextSize>,
}

/// Builtins that see the names of the function that calls them.
const FRAME_BUILTINS: &[&str] = &["locals", "vars", "dir", "eval", "exec", "breakpoint"];

/// Functions of packages that look into the frame of their caller, or open a prompt there.
const FRAME_READERS: &[&str] = &[
    "IPython.embed",
    "IPython.start_ipython",
    "code.interact",
    "dill.dump_module",
    "dill.dump_session",
    "inspect.currentframe",
    "inspect.stack",
    "inspect.trace",
    "numexpr.evaluate",
    "numexpr.re_evaluate",
    "numexpr.validate",
    "pandas.eval",
    "pdb.set_trace",
    "sys._current_frames",
    "sys._getframe",
];

/// Methods that do so when their argument is text: `DataFrame.query`, `DataFrame.eval`, …
const FRAME_METHODS: &[&str] = &["query", "eval", "evaluate", "embed"];

impl Finder<'_> {
    fn frame_is_read(&mut self, at: TextSize) {
        let scope = self.names.scope_at(at);
        self.dynamic.bodies.insert(super::body_of(self.names, scope));
        self.dynamic.bodies.insert(Names::MODULE);
    }

    fn globals_are_read(&mut self) {
        self.dynamic.bodies.insert(Names::MODULE);
    }

    fn name(&mut self, name: &ast::ExprName) {
        if self.harmless.contains(&name.start()) {
            return;
        }
        // After a star import or `exec` nobody knows; the spelling is enough to be careful.
        let may_be_builtin = match self.names.resolve(name) {
            Resolution::Builtin | Resolution::Unknown => true,
            Resolution::Symbol { .. } => false,
        };
        if !may_be_builtin {
            return;
        }
        if FRAME_BUILTINS.contains(&name.id.as_str()) {
            self.frame_is_read(name.start());
        } else if name.id.as_str() == "globals" {
            self.globals_are_read();
        } else if name.id.as_str() == "__import__" {
            self.dynamic.imports_anything = true;
        }
    }

    fn call(&mut self, call: &ast::ExprCall) {
        let first = call.arguments.args.first();
        if let (Expr::Name(name), Some(_)) = (&*call.func, first) {
            // `vars(obj)` and `dir(obj)` look at the object.
            if matches!(name.id.as_str(), "vars" | "dir") {
                self.harmless.insert(name.start());
            }
        }
        if let Expr::Attribute(method) = &*call.func {
            let text = first.is_some_and(|first| !matches!(first, Expr::NumberLiteral(_)));
            if text && FRAME_METHODS.contains(&method.attr.as_str()) {
                self.frame_is_read(call.start());
            }
        }
        match self.names.qualified_name(&call.func) {
            Some(name) if FRAME_READERS.contains(&name.as_str()) => self.frame_is_read(call.start()),
            Some(name)
                if matches!(
                    name.as_str(),
                    "importlib.import_module" | "runpy.run_path" | "runpy.run_module"
                ) =>
            {
                self.dynamic.imports_anything |= !matches!(first, Some(Expr::StringLiteral(_)));
            }
            _ => {}
        }
    }

    fn compare(&mut self, compare: &ast::ExprCompare) {
        let sides = || std::iter::once(&*compare.left).chain(&compare.comparators);
        let asks_name = sides().any(|side| side.as_name_expr().is_some_and(|name| name.id.as_str() == "__name__"));
        if asks_name {
            self.harmless.extend(sides().map(Ranged::start));
        }
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) if import.names.iter().any(|alias| alias.name.as_str() == "__main__") => {
                self.globals_are_read();
            }
            Stmt::ImportFrom(import) if import.module.as_deref() == Some("__main__") => self.globals_are_read(),
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) => self.name(name),
            Expr::Call(call) => self.call(call),
            Expr::Compare(compare) => self.compare(compare),
            // `timeit(…, setup="from __main__ import f")`, `sys.modules["__main__"]`.
            Expr::StringLiteral(string)
                if !self.harmless.contains(&string.start()) && string.value.to_str().contains("__main__") =>
            {
                self.globals_are_read();
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }
}
