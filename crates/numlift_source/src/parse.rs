//! Parsing: text to AST, tokens and comments.
//!
//! Parsing never fails: it returns the tree of what could be understood, and the errors. Whatever CPython 3.8 to
//! 3.14 accepts is accepted, new syntax in an old file too; which version runs the program is not asked here.
//!
//! ```
//! use numlift_source::{parse::parse, text::SourceText};
//! let parsed = parse(&SourceText::from_str("a.py", "x = (1,\n"));
//! assert_eq!(parsed.first_error().unwrap().place.line, 2);
//! ```
//!
//! It does not find what CPython's compiler refuses after parsing (`return` outside a function).

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_python_ast::{ExceptHandler, ModModule, PySourceType, Stmt, StmtFunctionDef};
use ruff_text_size::{Ranged, TextRange, TextSize};

use crate::text::{LineColumn, SourceText};

/// A parsed file.
#[derive(Debug)]
pub struct Parsed {
    pub text: SourceText,
    pub module: ModModule,
    pub tokens: Tokens,
    /// Comments in source order, each from its `#` to the end of its line.
    pub comments: Vec<TextRange>,
    /// In source order; empty for a valid program.
    pub errors: Vec<SyntaxError>,
}

/// A place where the text is not Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub message: String,
    pub start: u32,
    pub end: u32,
    pub place: LineColumn,
}

/// Parses a text; never fails.
pub fn parse(text: &SourceText) -> Parsed {
    let parsed = ruff_python_parser::parse_unchecked_source(text.as_str(), PySourceType::Python);
    let mut errors: Vec<SyntaxError> = parsed
        .errors()
        .iter()
        .map(|error| SyntaxError {
            message: lower_first(&error.error.to_string()),
            start: error.location.start().to_u32(),
            end: error.location.end().to_u32(),
            place: text.position(error.location.start().to_u32()),
        })
        .collect();
    errors.sort_by_key(|error| (error.start, error.end));
    let tokens = parsed.tokens().clone();
    let comments = tokens
        .iter()
        .filter(|token| token.kind() == TokenKind::Comment)
        .map(|token| token.range())
        .collect();
    Parsed {
        text: text.clone(),
        module: parsed.into_syntax(),
        tokens,
        comments,
        errors,
    }
}

/// Messages of ours begin in lower case; a name such as `EOF` stays.
fn lower_first(message: &str) -> String {
    let mut characters = message.chars();
    match (characters.next(), characters.clone().next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => first.to_lowercase().chain(characters).collect(),
        _ => message.to_owned(),
    }
}

impl Parsed {
    /// The text as it was parsed.
    pub fn source(&self) -> &str {
        self.text.as_str()
    }

    /// The source text of a node.
    pub fn slice(&self, range: TextRange) -> &str {
        &self.source()[range]
    }

    /// Where the text first stops being Python.
    pub fn first_error(&self) -> Option<&SyntaxError> {
        self.errors.first()
    }

    /// The run of statements of one suite that begins at `start` and ends at `end`, which may be where `ast` says.
    pub fn find_statements(&self, start: u32, end: u32) -> Option<&[Stmt]> {
        let ends = |stmt: &Stmt| stmt.end().to_u32() == end || self.ast_end(stmt) == end;
        find_in(&self.module.body, start.into(), &ends)
    }

    /// The end of a statement as `ast` has it: CPython counts the semicolon behind the last statement of a block on
    /// one line (`for v in x: s += v;`) as a part of the block.
    pub fn ast_end(&self, stmt: &Stmt) -> u32 {
        let end = stmt.end().to_u32();
        let rest = self.source()[end as usize..].trim_start_matches([' ', '\t']);
        let semicolon = !suites_of(stmt).is_empty() && rest.starts_with(';');
        if semicolon {
            (self.source().len() - rest.len()) as u32 + 1
        } else {
            end
        }
    }

    /// The innermost statement that holds a byte: the `if` for a byte of a later condition.
    pub fn statement_around(&self, at: u32) -> Option<&Stmt> {
        let (mut suites, mut found) = (vec![&self.module.body[..]], None);
        while let Some(stmt) = suites.iter().find_map(|suite| holding(suite, at.into())) {
            found = Some(stmt);
            suites = suites_of(stmt);
        }
        found
    }

    /// The function whose `def` statement (decorators included) begins at `start`.
    pub fn function_at(&self, start: TextSize) -> Option<&StmtFunctionDef> {
        match statement_at(&self.module.body, start, &|stmt| matches!(stmt, Stmt::FunctionDef(_)))? {
            Stmt::FunctionDef(def) => Some(def),
            _ => None,
        }
    }

    /// Whether a comment lies between two byte offsets.
    pub fn has_comment_in(&self, start: u32, end: u32) -> bool {
        !self
            .comments_in(TextRange::new(start.into(), end.max(start).into()))
            .is_empty()
    }

    /// Comments between a `#` and the end of its line, with the byte offset of the `#`.
    pub fn comment_texts(&self) -> impl Iterator<Item = (u32, &str)> {
        self.comments
            .iter()
            .map(|range| (range.start().to_u32(), self.slice(*range)))
    }

    /// The lines of the simple statement on the line of a byte offset; that line alone where none is, or where a
    /// compound statement begins.
    pub fn simple_statement_lines(&self, at: u32) -> (u32, u32) {
        let line = self.text.position(at).line;
        let text = self.text.line(line);
        let start = self.text.line_start(line) + (text.len() - text.trim_start().len()) as u32;
        match self.statement_around(start) {
            Some(stmt) if suites_of(stmt).is_empty() => {
                let first = self.text.position(stmt.start().to_u32()).line;
                let last = self.text.position(stmt.end().to_u32()).line;
                (first.min(line), last.max(line))
            }
            Some(_) | None => (line, line),
        }
    }

    /// Comments that lie wholly inside `range`.
    pub fn comments_in(&self, range: TextRange) -> &[TextRange] {
        let first = self.comments.partition_point(|comment| comment.start() < range.start());
        let last = self.comments.partition_point(|comment| comment.end() <= range.end());
        &self.comments[first..last.max(first)]
    }
}

fn find_in<'a>(suite: &'a [Stmt], start: TextSize, ends: &dyn Fn(&Stmt) -> bool) -> Option<&'a [Stmt]> {
    let first = suite.partition_point(|stmt| stmt.end() <= start);
    let stmt = suite.get(first)?;
    if stmt.start() == start
        && let Some(count) = suite[first..].iter().position(ends)
    {
        return Some(&suite[first..=first + count]);
    }
    suites_of(stmt)
        .into_iter()
        .find_map(|inner| find_in(inner, start, ends))
}

fn statement_at<'a>(suite: &'a [Stmt], start: TextSize, want: &dyn Fn(&Stmt) -> bool) -> Option<&'a Stmt> {
    let first = suite.partition_point(|stmt| stmt.end() <= start);
    let stmt = suite.get(first)?;
    if stmt.start() == start && want(stmt) {
        return Some(stmt);
    }
    suites_of(stmt)
        .into_iter()
        .find_map(|inner| statement_at(inner, start, want))
}

/// The statement of a suite that holds a byte.
fn holding(suite: &[Stmt], at: TextSize) -> Option<&Stmt> {
    let first = suite.partition_point(|stmt| stmt.end() <= at);
    suite.get(first).filter(|stmt| stmt.start() <= at)
}

/// The suites of statements directly inside a compound statement, in source order.
pub fn suites_of(stmt: &Stmt) -> Vec<&[Stmt]> {
    match stmt {
        Stmt::FunctionDef(def) => vec![&def.body],
        Stmt::ClassDef(def) => vec![&def.body],
        Stmt::For(stmt) => vec![&stmt.body, &stmt.orelse],
        Stmt::While(stmt) => vec![&stmt.body, &stmt.orelse],
        Stmt::If(stmt) => {
            let mut suites: Vec<&[Stmt]> = vec![&stmt.body];
            suites.extend(stmt.elif_else_clauses.iter().map(|clause| &clause.body[..]));
            suites
        }
        Stmt::With(stmt) => vec![&stmt.body],
        Stmt::Match(stmt) => stmt.cases.iter().map(|case| &case.body[..]).collect(),
        Stmt::Try(stmt) => {
            let mut suites: Vec<&[Stmt]> = vec![&stmt.body];
            suites.extend(
                stmt.handlers
                    .iter()
                    .map(|ExceptHandler::ExceptHandler(handler)| &handler.body[..]),
            );
            suites.push(&stmt.orelse);
            suites.push(&stmt.finalbody);
            suites
        }
        Stmt::Return(_)
        | Stmt::Delete(_)
        | Stmt::TypeAlias(_)
        | Stmt::Assign(_)
        | Stmt::AugAssign(_)
        | Stmt::AnnAssign(_)
        | Stmt::Raise(_)
        | Stmt::Assert(_)
        | Stmt::Import(_)
        | Stmt::ImportFrom(_)
        | Stmt::Global(_)
        | Stmt::Nonlocal(_)
        | Stmt::Expr(_)
        | Stmt::Pass(_)
        | Stmt::Break(_)
        | Stmt::Continue(_)
        | Stmt::IpyEscapeCommand(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
