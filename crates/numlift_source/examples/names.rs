//! Prints what numlift takes the statements and names of some files for, to be held against CPython's `ast` and
//! `symtable`: `cargo run -p numlift_source --example names -- FILE…`.
//!
//! ```text
//! file PATH
//! error MESSAGE                                  the file is not Python
//! statement LINE COLUMN END_LINE END_COLUMN      of a `def` or `class`, `0 0` and the end
//! use KIND LINE NAME WHERE                       in a scope of that kind that begins there: local, free or global
//! meaning LINE COLUMN NAME                       `numpy.sum`, or `def f` and `class C` of the file itself
//! ```

#![expect(clippy::print_stdout, reason = "printing is what it is for")]
#![expect(clippy::disallowed_methods, reason = "it reads the files that it is given")]

use std::collections::BTreeSet;

use numlift_source::names::{Names, ScopeKind, Use};
use numlift_source::parse::{Parsed, parse, suites_of};
use numlift_source::text::SourceText;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt};
use ruff_text_size::Ranged;

fn main() {
    for path in std::env::args().skip(1) {
        println!("file {path}");
        let bytes = std::fs::read(&path).expect("the file can be read");
        match SourceText::from_bytes(&path, &bytes) {
            Err(error) => println!("error {error}"),
            Ok(text) => describe(&parse(&text)),
        }
    }
}

fn describe(parsed: &Parsed) {
    if let Some(error) = parsed.first_error() {
        return println!("error {}", error.message);
    }
    statements(parsed, &parsed.module.body);
    let names = Names::of(parsed);
    let lines: BTreeSet<String> = names.uses().map(|(_, entry)| line_of(parsed, &names, entry)).collect();
    lines.iter().for_each(|line| println!("{line}"));
    Meanings { parsed, names: &names }.visit_body(&parsed.module.body);
}

/// Prints what each name is resolved to.
struct Meanings<'n> {
    parsed: &'n Parsed,
    names: &'n Names,
}

impl Meanings<'_> {
    fn meaning(&self, expr: &Expr) -> Option<String> {
        let function = || {
            self.names
                .function_named(expr)
                .map(|id| format!("def {}", self.names.function(id).qualname))
        };
        let class = || {
            self.names
                .class_named(expr)
                .map(|id| format!("class {}", self.names.class(id).qualname))
        };
        self.names.qualified_name(expr).or_else(function).or_else(class)
    }
}

impl<'a> Visitor<'a> for Meanings<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let (true, Some(meaning)) = (expr.is_name_expr(), self.meaning(expr)) {
            let place = self.parsed.text.position(expr.start().to_u32());
            println!("meaning {} {} {meaning}", place.line, place.column);
        }
        visitor::walk_expr(self, expr);
    }
}

fn statements(parsed: &Parsed, suite: &[Stmt]) {
    for stmt in suite {
        let (start, end) = (
            parsed.text.position(stmt.start().to_u32()),
            parsed.text.position(parsed.ast_end(stmt)),
        );
        // Decorators count for numlift, and not for `ast`.
        match stmt {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => println!("statement 0 0 {} {}", end.line, end.column),
            _ => println!("statement {} {} {} {}", start.line, start.column, end.line, end.column),
        }
        suites_of(stmt).into_iter().for_each(|inner| statements(parsed, inner));
    }
}

fn line_of(parsed: &Parsed, names: &Names, entry: &Use) -> String {
    let scope = names.scope(entry.scope);
    let kind = match scope.kind {
        ScopeKind::Module => "module",
        ScopeKind::Class(_) => "class",
        ScopeKind::Function(_) => "function",
        ScopeKind::Lambda => "lambda",
        ScopeKind::Comprehension { .. } => "comprehension",
        ScopeKind::TypeParams => "type parameters",
    };
    let home = entry.symbol.map_or(Names::MODULE, |symbol| names.symbol(symbol).scope);
    let place = match entry.symbol {
        Some(_) if home == entry.scope => "local",
        Some(_) if home != Names::MODULE => "free",
        Some(_) | None => "global",
    };
    let line = parsed.text.position(scope.range.start().to_u32()).line;
    format!("use {kind} {line} {} {place}", entry.name)
}
