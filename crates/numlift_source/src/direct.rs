//! The names that a run of statements binds by itself, not inside its loops: its results, as opposed to the loops'
//! temporaries.

use std::collections::BTreeSet;

use ruff_python_ast::{Expr, Stmt};

use crate::parse::{Parsed, suites_of};

/// Names bound by assignments that stand directly among the statements between two byte offsets.
pub fn bound_directly(parsed: &Parsed, start: u32, end: u32) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in parsed.find_statements(start, end).unwrap_or_default() {
        match statement {
            // Who calls the function reads its name.
            Stmt::Assign(assign) if assign.value.is_lambda_expr() => {}
            Stmt::Assign(assign) => assign.targets.iter().for_each(|target| add(target, &mut names)),
            Stmt::AnnAssign(assign) => add(&assign.target, &mut names),
            Stmt::AugAssign(assign) => add(&assign.target, &mut names),
            _ => {}
        }
    }
    names
}

/// Names that the loops among the statements, and inside them, bind to their items.
pub fn loop_targets(parsed: &Parsed, start: u32, end: u32) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for statement in parsed.find_statements(start, end).unwrap_or_default() {
        targets_in(statement, &mut names);
    }
    names
}

fn targets_in(statement: &Stmt, names: &mut BTreeSet<String>) {
    if let Stmt::For(looped) = statement {
        add(&looped.target, names);
    }
    for suite in suites_of(statement) {
        suite.iter().for_each(|inner| targets_in(inner, names));
    }
}

fn add(target: &Expr, names: &mut BTreeSet<String>) {
    match target {
        Expr::Name(name) => {
            names.insert(name.id.to_string());
        }
        Expr::Tuple(tuple) => tuple.elts.iter().for_each(|item| add(item, names)),
        Expr::List(list) => list.elts.iter().for_each(|item| add(item, names)),
        Expr::Starred(starred) => add(&starred.value, names),
        _ => {}
    }
}
