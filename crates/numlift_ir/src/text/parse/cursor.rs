//! A place in the text, and the words, names, numbers and strings that may stand there.

use std::fmt;

use super::super::is_plain_char;
use super::Parsed;

/// What is wrong with a text, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseError {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub message: String,
}

impl ParseError {
    pub(super) fn at(text: &str, place: usize, message: impl Into<String>) -> Self {
        let before = &text[..place];
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[start..].chars().count() + 1,
            message: message.into(),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.message)
    }
}

impl std::error::Error for ParseError {}

/// A place in a text. Blanks and comments before a word do not count; the ends of lines do.
pub(super) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn error(&mut self, message: impl Into<String>) -> ParseError {
        self.skip_blanks();
        self.error_at(self.at, message)
    }

    pub(super) fn error_at(&self, place: usize, message: impl Into<String>) -> ParseError {
        ParseError::at(self.text, place, message)
    }

    /// Blanks and a comment.
    fn skip_blanks(&mut self) {
        let rest = self.rest();
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
        self.at += blanks;
        if self.rest().starts_with('#') {
            self.at += self.rest().find('\n').unwrap_or(self.rest().len());
        }
    }

    /// Blanks, comments, the ends of lines and of ops.
    pub(super) fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.rest().starts_with(['\n', ';']) {
            self.at += 1;
            self.skip_blanks();
        }
    }

    /// Where the next word begins.
    pub(super) fn place(&mut self) -> usize {
        self.skip_blanks();
        self.at
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) fn is_at_line_end(&mut self) -> bool {
        self.skip_blanks();
        self.is_at_end() || self.rest().starts_with(['\n', ';'])
    }

    /// Whether this sign comes next.
    pub(super) fn is_at(&mut self, sign: &str) -> bool {
        self.skip_blanks();
        self.rest().starts_with(sign)
    }

    pub(super) fn take(&mut self, sign: &str) -> bool {
        let found = self.is_at(sign);
        if found {
            self.at += sign.len();
        }
        found
    }

    pub(super) fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign) {
            Ok(())
        } else {
            Err(self.error(format!("expected `{sign}`")))
        }
    }

    /// The characters that come next as long as they are of a kind.
    fn run(&mut self, is_part: impl Fn(char) -> bool) -> &'a str {
        self.skip_blanks();
        let rest = self.rest();
        let end = rest.find(|char| !is_part(char)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The word that comes next, empty if none does.
    pub(super) fn word(&mut self) -> &'a str {
        self.run(is_plain_char)
    }

    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let before = self.at;
        let found = self.word() == word;
        if !found {
            self.at = before;
        }
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.error(format!("expected `{word}`")))
        }
    }

    pub(super) fn is_at_name(&mut self) -> bool {
        self.skip_blanks();
        self.rest().starts_with(|char| char == '"' || is_plain_char(char))
    }

    /// A word, or a string.
    pub(super) fn name(&mut self) -> Parsed<String> {
        if self.is_at("\"") {
            return self.string();
        }
        match self.word() {
            "" => Err(self.error("expected a name")),
            word => Ok(word.to_owned()),
        }
    }

    /// A name in which the brackets of `<module>` may stand.
    pub(super) fn function_name(&mut self) -> Parsed<String> {
        if self.is_at("\"") {
            return self.string();
        }
        match self.run(|char| is_plain_char(char) || matches!(char, '<' | '>')) {
            "" => Err(self.error("expected a name")),
            word => Ok(word.to_owned()),
        }
    }

    /// `(a, b)`
    pub(super) fn names(&mut self) -> Parsed<Vec<String>> {
        let mut names = Vec::new();
        self.expect("(")?;
        while !self.take(")") {
            names.push(self.name()?);
            if !self.take(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok(names)
    }

    /// `%3`
    pub(super) fn value(&mut self) -> Parsed<u32> {
        self.expect("%")?;
        self.number()
    }

    /// A number that counts something.
    pub(super) fn count(&mut self) -> Parsed<usize> {
        let count: u32 = self.number()?;
        Ok(count as usize)
    }

    pub(super) fn number<N: std::str::FromStr>(&mut self) -> Parsed<N> {
        let at = self.place();
        let digits = self.run(|char| char.is_ascii_digit());
        let number = digits.parse().ok();
        number.ok_or_else(|| self.error_at(at, "expected a number that is not too large"))
    }

    /// What may be a number of any kind: `-1`, `1e-300`, `NaN`.
    pub(super) fn literal(&mut self) -> &'a str {
        self.run(|char| is_plain_char(char) || matches!(char, '-' | '+' | ':'))
    }

    /// `"text"`, with the escapes that Rust's `{:?}` makes.
    pub(super) fn string(&mut self) -> Parsed<String> {
        let start = self.place();
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let at = self.at;
            match self.next_char() {
                Some('"') => return Ok(text),
                Some('\\') => {
                    let escaped = self.escaped();
                    text.push(escaped.ok_or_else(|| self.error_at(at, "an escape that is not known"))?);
                }
                Some('\n') | None => return Err(self.error_at(start, "the string does not end")),
                Some(char) => text.push(char),
            }
        }
    }

    fn next_char(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn escaped(&mut self) -> Option<char> {
        match self.next_char()? {
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            '0' => Some('\0'),
            quoted @ ('"' | '\'' | '\\') => Some(quoted),
            'u' => {
                let inner = self.rest().strip_prefix('{')?;
                let (digits, _) = inner.split_once('}')?;
                self.at += digits.len() + 2;
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)
            }
            _ => None,
        }
    }
}
