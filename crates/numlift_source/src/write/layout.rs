//! Lines: a document of texts and possible line breaks, laid out to a width.
//!
//! ```text
//! group( "f(", nest(soft, group("a,", line, "b")), soft, ")" )    =>    f(a, b)      where it fits, else
//!                                                                       f(
//!                                                                           a, b
//!                                                                       )
//! ```
//!
//! A group is flat if it fits into what is left of its line, else its own breaks become line ends and the groups inside
//! are tried by themselves: the printer of Wadler's "A prettier printer", as Python's formatters use it.

/// Text with possible line breaks.
#[derive(Debug, Clone)]
pub(super) enum Doc {
    Text(String),
    /// A space, or a line end.
    Line,
    /// Nothing, or a line end.
    Soft,
    /// There only where the group around is broken.
    IfBroken(&'static str),
    /// Line ends inside go one level deeper.
    Nest(Box<Doc>),
    Group(Box<Doc>),
    Cat(Vec<Doc>),
}

impl Doc {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn group(self) -> Self {
        Self::Group(Box::new(self))
    }

    pub fn nest(self) -> Self {
        Self::Nest(Box::new(self))
    }

    /// `open`, the content on lines of its own where it does not fit, `close`.
    pub fn bracketed(open: &str, content: Doc, close: &str) -> Self {
        let inside = Self::Cat(vec![Self::Soft, content]).nest();
        Self::Cat(vec![Self::text(open), inside, Self::Soft, Self::text(close)]).group()
    }
}

/// What one level of nesting adds.
pub(super) const INDENT: usize = 4;

/// The document from a column on; lines after the first start at `indent` or deeper.
pub(super) fn render(doc: &Doc, indent: usize, width: usize) -> String {
    let mut out = String::new();
    let mut column = indent;
    // What is still to print, the next last: indentation, whether its group is broken, the document.
    let mut rest: Vec<(usize, bool, &Doc)> = vec![(indent, true, doc)];
    while let Some((indent, broken, doc)) = rest.pop() {
        match doc {
            Doc::Text(text) => {
                out.push_str(text);
                column += text.chars().count();
            }
            Doc::Line | Doc::Soft if broken => {
                out.push('\n');
                out.push_str(&" ".repeat(indent));
                column = indent;
            }
            Doc::Line => {
                out.push(' ');
                column += 1;
            }
            Doc::Soft => {}
            Doc::IfBroken(text) => {
                if broken {
                    out.push_str(text);
                    column += text.len();
                }
            }
            Doc::Nest(inner) => rest.push((indent + INDENT, broken, inner)),
            Doc::Group(inner) => {
                let flat = fits(inner, &rest, width.saturating_sub(column));
                rest.push((indent, !flat, inner));
            }
            Doc::Cat(parts) => rest.extend(parts.iter().rev().map(|part| (indent, broken, part))),
        }
    }
    out
}

/// Whether a document printed flat, and what follows up to the next line end, fits.
fn fits(doc: &Doc, rest: &[(usize, bool, &Doc)], room: usize) -> bool {
    let mut room = room;
    let mut pending: Vec<(bool, &Doc)> = vec![(false, doc)];
    let mut behind = rest.iter().rev();
    loop {
        let Some((broken, doc)) = pending
            .pop()
            .or_else(|| behind.next().map(|(_, broken, doc)| (*broken, *doc)))
        else {
            return true;
        };
        let length = match doc {
            Doc::Text(text) => text.chars().count(),
            Doc::Line | Doc::Soft if broken => return true,
            Doc::Line => 1,
            Doc::Soft => 0,
            Doc::IfBroken(text) => {
                if broken {
                    text.len()
                } else {
                    0
                }
            }
            Doc::Nest(inner) => {
                pending.push((broken, inner));
                0
            }
            // A group behind may still break, at its first chance.
            Doc::Group(inner) => {
                pending.push((broken, inner));
                0
            }
            Doc::Cat(parts) => {
                pending.extend(parts.iter().rev().map(|part| (broken, part)));
                0
            }
        };
        if length > room {
            return false;
        }
        room -= length;
    }
}
