//! Which modules a file may import.
//!
//! ```text
//! import a.b as c             a, a.b
//! from a import b             a, a.b           (which may be a name of `a` only)
//! from .. import c            p.q, p.q.c       (in a module of package p.q.r)
//! importlib.import_module("d")   d
//! ```

use std::collections::BTreeSet;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};

use crate::names::{Names, absolute_import};
use crate::parse::Parsed;

/// Dotted names of all modules that the file may import, anywhere in it, with the packages around them.
pub fn imported_modules(parsed: &Parsed, names: &Names) -> BTreeSet<String> {
    let mut finder = Imports {
        names,
        found: BTreeSet::new(),
    };
    finder.visit_body(&parsed.module.body);
    finder.found
}

struct Imports<'n> {
    names: &'n Names,
    found: BTreeSet<String>,
}

impl Imports<'_> {
    /// `a.b.c`: importing it runs `a` and `a.b` too.
    fn add(&mut self, dotted: &str) {
        let ends = dotted.match_indices('.').map(|(at, _)| at).chain([dotted.len()]);
        self.found
            .extend(ends.map(|end| dotted[..end].to_owned()).filter(|name| !name.is_empty()));
    }
}

impl<'a> Visitor<'a> for Imports<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::Import(import) => import.names.iter().for_each(|alias| self.add(&alias.name)),
            Stmt::ImportFrom(import) => {
                let module = import.module.as_deref();
                let absolute = match (import.level, self.names.package.as_deref()) {
                    (0, _) => module.map(str::to_owned),
                    (level, Some(package)) => absolute_import(package, level, module),
                    (_, None) => None,
                };
                if let Some(module) = absolute {
                    self.add(&module);
                    let names = import.names.iter().filter(|alias| alias.name.as_str() != "*");
                    names.for_each(|alias| self.add(&format!("{module}.{}", alias.name)));
                }
            }
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr {
            let callee = self.names.qualified_name(&call.func);
            if let (Some("importlib.import_module" | "builtins.__import__"), Some(Expr::StringLiteral(name))) =
                (callee.as_deref(), call.arguments.args.first())
            {
                self.add(name.value.to_str());
            }
        }
        visitor::walk_expr(self, expr);
    }
}
