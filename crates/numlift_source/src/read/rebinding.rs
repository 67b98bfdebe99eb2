//! Names outside of a function that it binds anew.
//!
//! ```text
//! def f(x):
//!     global count
//!     count += 1        # compiled code has no place for it
//! ```
//!
//! Functions that are defined inside are not looked into: what they bind outside of themselves is found where they are
//! called.

use std::collections::BTreeSet;

use ruff_python_ast::Stmt;
use ruff_python_ast::statement_visitor::{StatementVisitor, walk_stmt};
use ruff_text_size::Ranged;

use crate::names::FunctionId;
use crate::project::{ModuleId, ProjectNames};

/// Where a function declares that it binds a name outside, and that name.
pub fn rebinds_outside(
    project: &ProjectNames,
    module: ModuleId,
    function: FunctionId,
) -> Option<(std::ops::Range<u32>, String)> {
    let of = project.module(module);
    let mut declared = Declared(None);
    declared.visit_body(&of.names.def(&of.parsed, function).body);
    declared.0
}

/// Names of functions around it that a function's own statements bind.
pub(super) fn declared_nonlocal(body: &[Stmt]) -> BTreeSet<String> {
    let mut shared = Shared(BTreeSet::new());
    shared.visit_body(body);
    shared.0
}

struct Shared(BTreeSet<String>);

impl StatementVisitor<'_> for Shared {
    fn visit_stmt(&mut self, stmt: &Stmt) {
        match stmt {
            Stmt::Nonlocal(nonlocal) => self.0.extend(nonlocal.names.iter().map(ToString::to_string)),
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            stmt => walk_stmt(self, stmt),
        }
    }
}

struct Declared(Option<(std::ops::Range<u32>, String)>);

impl StatementVisitor<'_> for Declared {
    fn visit_stmt(&mut self, stmt: &Stmt) {
        let names = match stmt {
            Stmt::Global(global) => &global.names,
            Stmt::Nonlocal(nonlocal) => &nonlocal.names,
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => return,
            stmt => return walk_stmt(self, stmt),
        };
        if let Some(name) = names.first() {
            let range = stmt.range();
            let found = (range.start().into()..range.end().into(), name.to_string());
            self.0.get_or_insert(found);
        }
    }
}
