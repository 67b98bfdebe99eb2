//! What a run of statements reads, binds and leaves behind.
pub(crate) mod bits;
pub(crate) mod build;
pub(crate) mod graph;
pub(crate) mod reaching;

use ruff_python_ast::Stmt;

use crate::names::{Names, ScopeId, ScopeKind};
use crate::parse::Parsed;

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
