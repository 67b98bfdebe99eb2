//! Indentation: taking it from statements, giving it to new ones. Lines inside of strings are left alone.

use ruff_python_ast::token::{TokenKind, Tokens};
use ruff_text_size::{Ranged, TextRange};

use crate::parse::Parsed;

/// The text of the statements between two offsets, without the indentation of the line that the first one stands on.
pub fn dedent(parsed: &Parsed, start: u32, end: u32) -> String {
    let source = parsed.source();
    let indentation = indentation_at(source, start);
    let strings = string_ranges(&parsed.tokens);
    let mut text = String::new();
    let mut at = start as usize;
    for line in source[start as usize..end as usize].split_inclusive('\n') {
        let continues_string = strings
            .iter()
            .any(|range| (range.start().to_usize()) < at && at < range.end().to_usize() && at > start as usize);
        let first = at == start as usize;
        match line.strip_prefix(indentation) {
            Some(rest) if !first && !continues_string => text.push_str(rest),
            _ => text.push_str(line),
        }
        at += line.len();
    }
    text.replace("\r\n", "\n")
}

/// The white space that begins the line on which `offset` stands.
pub fn indentation_at(source: &str, offset: u32) -> &str {
    let before = &source[..offset as usize];
    let line = before.rfind(['\n', '\r']).map_or(0, |end| end + 1);
    let rest = &source[line..];
    let width = rest.len() - rest.trim_start_matches([' ', '\t', '\x0C']).len();
    &rest[..width.min(offset as usize - line)]
}

/// Where strings stand that may go over several lines.
pub fn string_ranges(tokens: &Tokens) -> Vec<TextRange> {
    let is_string = |kind: TokenKind| {
        matches!(
            kind,
            TokenKind::String | TokenKind::FStringMiddle | TokenKind::TStringMiddle
        )
    };
    tokens
        .iter()
        .filter(|token| is_string(token.kind()))
        .map(|token| token.range())
        .collect()
}
