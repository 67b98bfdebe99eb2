//! Replacing statements of a block.
//!
//! ```text
//!     out = []                            # fill it        (moved: it stood inside)
//!     for v in x:  # fill it      =>      out = list(x)  # done
//!         out.append(v)  # done
//! ```
//!
//! Comments inside of what is replaced would be lost, so they move above it, in order, one a line; those that the new
//! text contains stay where it has them. The comment behind the last statement stays behind the new text. Where the
//! statements share a line with others, or with the header of their block, a new text of several lines makes them
//! stand on lines of their own.

use ruff_python_ast::Stmt;
use ruff_text_size::{Ranged, TextRange};

use super::indent::{indent, indentation_at, unit};
use super::{Edit, line_end, line_start, next_line};
use crate::parse::{Parsed, parse, suites_of};
use crate::text::SourceText;

/// The edit that puts `new` (dedented, with `\n`) in the place of the statements from `start` to `end`.
pub fn replace_statements(parsed: &Parsed, start: u32, end: u32, new: &str) -> Edit {
    let new = match new.trim_end() {
        "" => "pass",
        new => new,
    };
    let place = Place::of(parsed, start, end);
    let behind = place.comments_behind();
    let comments = lost_comments(parsed, start, end, behind, new);
    if place.shares_line() {
        let simple = comments.is_empty() && is_simple_line(new);
        return if simple {
            Edit {
                start,
                end,
                text: new.to_owned(),
            }
        } else {
            place.on_own_lines(&comments, new)
        };
    }
    let indentation = indentation_at(parsed.source(), start);
    let mut text = String::new();
    for comment in comments {
        text.push_str(comment);
        text.push('\n');
        text.push_str(indentation);
    }
    text.push_str(&indent(new, indentation, unit(parsed)));
    // What stands on the last line behind the statements stays there, in front of comments that go.
    if behind > end {
        text.push_str(&parsed.source()[end as usize..line_end(parsed, end) as usize]);
    }
    Edit {
        start,
        end: behind,
        text,
    }
}

/// Where the statements stand.
struct Place<'p> {
    parsed: &'p Parsed,
    start: u32,
    end: u32,
    /// The suite that they are statements of, when one is found.
    suite: &'p [Stmt],
}

impl<'p> Place<'p> {
    fn of(parsed: &'p Parsed, start: u32, end: u32) -> Place<'p> {
        let suite = suite_with(&parsed.module.body, start).unwrap_or(&[]);
        Place {
            parsed,
            start,
            end,
            suite,
        }
    }

    /// Something else than white space stands before them, or another statement behind them.
    fn shares_line(&self) -> bool {
        let before = &self.parsed.source()[line_start(self.parsed, self.start) as usize..self.start as usize];
        !before.trim().is_empty() || self.rest_of_line().trim_start().starts_with(';')
    }

    fn rest_of_line(&self) -> &'p str {
        &self.parsed.source()[self.end as usize..line_end(self.parsed, self.end) as usize]
    }

    /// The end of comments on the lines below that are indented deeper than the statements: they belong to the body
    /// of the last one. `self.end` where there are none.
    fn comments_behind(&self) -> u32 {
        let indentation = indentation_at(self.parsed.source(), self.start).len();
        let last = self.suite.iter().find(|stmt| stmt.end().to_u32() == self.end);
        if self.shares_line() || last.is_none_or(|stmt| suites_of(stmt).is_empty()) {
            return self.end;
        }
        let mut end = self.end;
        let mut line = next_line(self.parsed, end);
        while line > end && (line as usize) < self.parsed.source().len() {
            let stop = line_end(self.parsed, line);
            let text = &self.parsed.source()[line as usize..stop as usize];
            let width = text.len() - text.trim_start().len();
            if !text.trim_start().starts_with('#') || width <= indentation {
                break;
            }
            end = stop;
            line = next_line(self.parsed, end);
        }
        end
    }

    /// The statements of the line, each on its own, the new text among them.
    fn on_own_lines(&self, comments: &[&str], new: &str) -> Edit {
        let source = self.parsed.source();
        let head = line_start(self.parsed, self.start);
        let on_line = |stmt: &&Stmt| stmt.start().to_u32() >= head && stmt.end().to_u32() <= self.start;
        let before: Vec<&Stmt> = self.suite.iter().filter(on_line).collect();
        let first = before.first().map_or(self.start, |stmt| stmt.start().to_u32());
        let header = source[head as usize..first as usize].trim();
        let mut indentation = indentation_at(source, self.start).to_owned();
        if !header.is_empty() {
            indentation.push_str(unit(self.parsed));
        }
        let after: Vec<&Stmt> = self
            .suite
            .iter()
            .filter(|stmt| stmt.start().to_u32() >= self.end)
            .filter(|stmt| line_start(self.parsed, stmt.start().to_u32()) <= self.end)
            .collect();
        let mut lines: Vec<String> = before
            .iter()
            .map(|stmt| self.parsed.slice(stmt.range()).to_owned())
            .collect();
        lines.extend(comments.iter().map(|comment| (*comment).to_owned()));
        lines.push(indent(new, &indentation, unit(self.parsed)));
        lines.extend(after.iter().map(|stmt| self.parsed.slice(stmt.range()).to_owned()));
        let mut start = first;
        let mut text = lines.join(&format!("\n{indentation}"));
        if !header.is_empty() {
            start = head + source[head as usize..first as usize].trim_end().len() as u32;
            text = format!("\n{indentation}{text}");
        }
        let last = after.last().map_or(self.end, |stmt| stmt.end().to_u32());
        let semicolon = &source[last as usize..line_end(self.parsed, last) as usize];
        let end = match semicolon.trim_start().strip_prefix(';') {
            Some(rest) => last + (semicolon.len() - rest.len()) as u32,
            None => last,
        };
        Edit { start, end, text }
    }
}

fn suite_with(suite: &[Stmt], start: u32) -> Option<&[Stmt]> {
    let holder = suite.iter().find(|stmt| stmt.end().to_u32() > start)?;
    if holder.start().to_u32() == start {
        return Some(suite);
    }
    suites_of(holder).into_iter().find_map(|inner| suite_with(inner, start))
}

/// Comments that would vanish with the text from `start` to `behind`, of which the statements end at `end`.
fn lost_comments<'p>(parsed: &'p Parsed, start: u32, end: u32, behind: u32, new: &str) -> Vec<&'p str> {
    let mut rest = new.to_owned();
    let kept = |comment: &&str| match rest.find(*comment) {
        Some(at) => {
            rest.replace_range(at..at + comment.len(), "");
            false
        }
        None => true,
    };
    // The comment on the line of the last statement stands behind it, and stays.
    let inside = parsed.comments_in(TextRange::new(start.into(), end.into()));
    let below = parsed.comments_in(TextRange::new(
        line_end(parsed, end).into(),
        behind.max(line_end(parsed, end)).into(),
    ));
    inside
        .iter()
        .chain(below)
        .map(|comment| parsed.slice(*comment).trim_end())
        .filter(kept)
        .collect()
}

/// Simple statements on one line, which may stand where one stood.
fn is_simple_line(new: &str) -> bool {
    let parsed = parse(&SourceText::from_str("", new));
    let simple = parsed.module.body.iter().all(|stmt| suites_of(stmt).is_empty());
    !new.contains('\n') && simple && parsed.comments.is_empty()
}
