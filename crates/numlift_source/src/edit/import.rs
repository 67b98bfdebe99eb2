//! Adding imports.
//!
//! A new import stands below the last one of the file's first run of imports, or, where there is none before the
//! place that needs it, above the first statement; always below the docstring and `from __future__`. Nothing is added
//! that the module imports already, at its top level and before that place. An import of several lines, with what
//! to do where it fails, stands below the others.

use std::collections::BTreeSet;

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use super::{Edit, line_start, next_line};
use crate::names::Names;
use crate::parse::{Parsed, parse};
use crate::text::SourceText;

/// A module under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// The name in this file.
    pub name: String,
    /// `import numpy as np`
    pub line: String,
}

/// How to import `module` without a clash: as `preferred`, under its own name, or under either with underscores.
pub fn import_as(names: &Names, module: &str, preferred: &str) -> Import {
    let free = |name: &str| names.scopes.iter().all(|scope| !scope.symbols.contains_key(name));
    let used: BTreeSet<&str> = names.uses.values().map(|entry| entry.name.as_str()).collect();
    let candidates = [preferred.to_owned(), module.replace('.', "_")].into_iter();
    let underscored = (1..).map(|count| format!("{}{preferred}", "_".repeat(count)));
    let name = candidates
        .chain(underscored)
        .find(|name| free(name) && !used.contains(name.as_str()))
        .expect("one of endlessly many names is free");
    let line = if name == module {
        format!("import {module}")
    } else {
        format!("import {module} as {name}")
    };
    Import { name, line }
}

/// The edit that adds those of `imports` that the file lacks at byte `needed`; `None` when it has all.
pub fn add_imports(parsed: &Parsed, imports: &[&str], needed: u32) -> Option<Edit> {
    let body = &parsed.module.body;
    let present = |import: &&&str| {
        let found = body.iter().filter(|stmt| stmt.end().to_u32() <= needed);
        found.filter(|stmt| is_import(stmt)).any(|stmt| gives(stmt, import))
    };
    let mut lacking: Vec<&str> = Vec::new();
    for import in imports.iter().filter(|import| !present(import)) {
        if !lacking.contains(import) {
            lacking.push(import);
        }
    }
    if lacking.is_empty() {
        return None;
    }
    let (long, short): (Vec<&str>, Vec<&str>) = lacking.into_iter().partition(|import| import.contains('\n'));
    let parts = [short.join("\n"), long.join("\n\n")];
    let parts: Vec<&str> = parts
        .iter()
        .map(String::as_str)
        .filter(|part| !part.is_empty())
        .collect();
    Some(insertion(parsed, &parts.join("\n\n"), needed))
}

/// Whether an import statement of the file binds all that the line `import` binds, the same way.
fn gives(stmt: &Stmt, import: &str) -> bool {
    let wanted = parse(&SourceText::from_str("", import));
    let Some(wanted) = wanted.module.body.first() else {
        return false;
    };
    let same = |one: &ruff_python_ast::Alias, other: &ruff_python_ast::Alias| {
        one.name.as_str() == other.name.as_str() && one.asname.as_deref() == other.asname.as_deref()
    };
    match (stmt, wanted) {
        (Stmt::Import(stmt), Stmt::Import(wanted)) => wanted
            .names
            .iter()
            .all(|alias| stmt.names.iter().any(|other| same(alias, other))),
        (Stmt::ImportFrom(stmt), Stmt::ImportFrom(wanted)) => {
            let module = stmt.module.as_deref() == wanted.module.as_deref() && stmt.level == wanted.level;
            module
                && wanted
                    .names
                    .iter()
                    .all(|alias| stmt.names.iter().any(|other| same(alias, other)))
        }
        _ => false,
    }
}

fn is_import(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Import(_) | Stmt::ImportFrom(_))
}

fn is_future(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::ImportFrom(import) if import.module.as_deref() == Some("__future__"))
}

fn is_docstring(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Expr(expr) if expr.value.is_string_literal_expr())
}

fn insertion(parsed: &Parsed, lines: &str, needed: u32) -> Edit {
    let body = &parsed.module.body;
    let head = usize::from(body.first().is_some_and(is_docstring));
    let head = head + body[head..].iter().take_while(|stmt| is_future(stmt)).count();
    let first_import = body[head..].iter().position(is_import).map(|index| head + index);
    let last_of_run = first_import.map(|first| {
        let count = body[first..].iter().take_while(|stmt| is_import(stmt)).count();
        &body[first + count - 1]
    });
    match last_of_run.filter(|stmt| stmt.end().to_u32() <= needed) {
        // What is more than an import stands apart from the imports.
        Some(stmt) => below(parsed, stmt, lines, lines.starts_with("try:")),
        None => match (body.get(head), head.checked_sub(1)) {
            (_, Some(last)) if is_future(&body[last]) => below(parsed, &body[last], lines, false),
            (Some(stmt), Some(last)) if !has_blank_line(parsed, &body[last], stmt) => above(parsed, stmt, lines),
            (_, Some(last)) => below(parsed, &body[last], lines, true),
            (Some(stmt), None) => above(parsed, stmt, lines),
            (None, None) => Edit {
                start: 0,
                end: 0,
                text: format!("{lines}\n"),
            },
        },
    }
}

/// Whether a blank line stands directly below the first of two statements.
fn has_blank_line(parsed: &Parsed, stmt: &Stmt, next: &Stmt) -> bool {
    let at = next_line(parsed, stmt.end().to_u32());
    let between = &parsed.source()[at as usize..(next.start().to_u32() as usize).max(at as usize)];
    between.lines().next().is_some_and(|line| line.trim().is_empty())
}

fn below(parsed: &Parsed, stmt: &Stmt, lines: &str, apart: bool) -> Edit {
    let at = next_line(parsed, stmt.end().to_u32());
    let ended = parsed.source()[..at as usize].ends_with(['\n', '\r']);
    let gap = if apart { "\n" } else { "" };
    let text = if ended {
        format!("{gap}{lines}\n")
    } else {
        format!("\n{gap}{lines}")
    };
    Edit {
        start: at,
        end: at,
        text,
    }
}

/// Above a statement and the comments that stand directly on top of it, except those that begin the file.
fn above(parsed: &Parsed, stmt: &Stmt, lines: &str) -> Edit {
    let source = parsed.source();
    let own = line_start(parsed, stmt.start().to_u32());
    let mut at = own;
    while at > 0 {
        let previous = line_start(parsed, at - 1 - u32::from(source[..at as usize].ends_with("\r\n")));
        if !source[previous as usize..at as usize].starts_with('#') {
            break;
        }
        at = previous;
    }
    let at = if at == 0 { own } else { at };
    let gap = match stmt {
        Stmt::FunctionDef(_) | Stmt::ClassDef(_) => "\n\n\n",
        _ => "\n\n",
    };
    Edit {
        start: at,
        end: at,
        text: format!("{lines}{gap}"),
    }
}
