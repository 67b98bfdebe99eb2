//! Indentation: taking it from statements, giving it to new ones. Lines that begin inside of a string stay as they
//! are, since there the white space belongs to the value.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::{Ranged, TextRange};

use crate::parse::{Parsed, parse};
use crate::text::SourceText;

/// The text of the statements between two offsets, without the indentation of the line that the first one stands on.
pub fn dedent(parsed: &Parsed, start: u32, end: u32) -> String {
    let source = parsed.source();
    let indentation = indentation_at(source, start);
    let strings = strings_over_lines(&parsed.tokens, source);
    let mut text = String::new();
    for (at, line) in lines(source, start, end) {
        let keep = at == start || begins_in(&strings, at);
        match line.strip_prefix(indentation) {
            Some(rest) if !keep => text.push_str(rest),
            _ => text.push_str(line),
        }
    }
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// Statements as if they stood at `indentation`, with the steps of the file instead of four spaces; the first line
/// gets none.
pub fn indent(text: &str, indentation: &str, unit: &str) -> String {
    let parsed = parse(&SourceText::from_str("", text));
    let strings = strings_over_lines(&parsed.tokens, text);
    let mut new = String::new();
    for (at, line) in lines(text, 0, text.len() as u32) {
        let content = line.trim_start_matches(' ');
        if begins_in(&strings, at) || content.trim().is_empty() {
            new.push_str(line);
            continue;
        }
        let spaces = line.len() - content.len();
        if at > 0 {
            new.push_str(indentation);
        }
        new.push_str(&unit.repeat(spaces / 4));
        new.push_str(&" ".repeat(spaces % 4));
        new.push_str(content);
    }
    new
}

/// What one level of indentation is in this file: that of its first indented statement.
pub fn unit(parsed: &Parsed) -> &str {
    let first = parsed.tokens.iter().find(|token| token.kind() == TokenKind::Indent);
    first
        .map(|token| parsed.slice(token.range()))
        .filter(|unit| !unit.is_empty())
        .unwrap_or("    ")
}

/// The white space that begins the line on which `offset` stands.
pub fn indentation_at(source: &str, offset: u32) -> &str {
    let before = &source[..offset as usize];
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let rest = &before[line..];
    &rest[..rest.len() - rest.trim_start_matches([' ', '\t', '\x0C']).len()]
}

/// The lines of a piece of text with their offsets and line ends; the first one may be a part of a line.
fn lines(source: &str, start: u32, end: u32) -> impl Iterator<Item = (u32, &str)> {
    let mut at = start as usize;
    std::iter::from_fn(move || {
        let rest = source.get(at..end as usize).filter(|rest| !rest.is_empty())?;
        let length = match rest.find(['\n', '\r']) {
            None => rest.len(),
            Some(index) if rest[index..].starts_with("\r\n") => index + 2,
            Some(index) => index + 1,
        };
        let line = (at as u32, &rest[..length]);
        at += length;
        Some(line)
    })
}

fn begins_in(strings: &[TextRange], at: u32) -> bool {
    strings
        .iter()
        .any(|range| range.start().to_u32() < at && at < range.end().to_u32())
}

/// Strings that go over several lines.
fn strings_over_lines(tokens: &Tokens, source: &str) -> Vec<TextRange> {
    let is_string = |kind: TokenKind| {
        matches!(
            kind,
            TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle
        )
    };
    let several = |range: &TextRange| source[*range].contains(['\n', '\r']);
    tokens
        .iter()
        .filter(|token| is_string(token.kind()))
        .map(|token| token.range())
        .filter(several)
        .collect()
}
