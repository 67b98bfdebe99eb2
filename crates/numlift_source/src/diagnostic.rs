//! What is said to the user about a piece of Python text, as data: it is collected, never thrown, and rendered
//! elsewhere.
//!
//! Messages are lower case without a full stop, with backticks around code. The fact comes first; what would help
//! is a note or a [`Fix`].

use serde::{Deserialize, Serialize};

use crate::edit::Edit;
use crate::text::{LineColumn, SourceText};

/// A range of bytes of one file's decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// Number of the file in the project.
    pub file: u32,
    pub start: u32,
    pub end: u32,
}

impl Span {
    pub fn new(file: u32, start: u32, end: u32) -> Span {
        Span {
            file,
            start,
            end: end.max(start),
        }
    }

    /// The smallest span that holds both; they have to be of one file.
    pub fn to(self, other: Span) -> Span {
        debug_assert_eq!(self.file, other.file);
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    pub fn holds(self, other: Span) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }

    /// Where it begins, in the text of its file.
    pub fn place(self, text: &SourceText) -> LineColumn {
        text.position(self.start)
    }

    pub fn slice(self, text: &SourceText) -> &str {
        &text.as_str()[self.start as usize..self.end as usize]
    }
}

/// A finding of a rule, or a blocker, at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name, which reads well after "allow": `loop-over-rows`.
    pub code: String,
    pub message: String,
    pub span: Span,
    /// Further places with what is to be said of them, in the order of saying.
    pub labels: Vec<Label>,
    /// What else is worth knowing, a sentence each.
    pub notes: Vec<String>,
    pub fix: Option<Fix>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub message: String,
}

/// A change that would mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    pub applicability: Applicability,
    /// What it does, as an order: ``use `np.count_nonzero` ``.
    pub message: String,
    /// What would have to hold for it to be safe, or what it changes; empty for a safe one.
    pub open: Vec<String>,
    pub edits: Vec<FileEdit>,
}

/// An edit of one of the project's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileEdit {
    /// Number of the file in the project.
    pub file: u32,
    pub edit: Edit,
}

/// How far a fix may be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// It says what to do, and is not to be applied by a machine.
    DisplayOnly,
    /// It may change what the program computes, in a way that the message names.
    Unsafe,
    /// The program stays the same.
    Safe,
}

impl Diagnostic {
    pub fn new(code: impl Into<String>, message: impl Into<String>, span: Span) -> Diagnostic {
        Diagnostic {
            code: code.into(),
            message: message.into(),
            span,
            labels: Vec::new(),
            notes: Vec::new(),
            fix: None,
        }
    }

    pub fn label(mut self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.labels.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    pub fn fix(mut self, fix: Fix) -> Diagnostic {
        self.fix = Some(fix);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_join_and_show_their_text() {
        let text = SourceText::from_str("a.py", "x = 1\nfor v in x: pass\n");
        let span = Span::new(0, 6, 9).to(Span::new(0, 15, 16));
        assert_eq!(span.slice(&text), "for v in x");
        assert_eq!(span.place(&text), LineColumn { line: 2, column: 0 });
        assert!(span.holds(Span::new(0, 7, 7)) && !span.holds(Span::new(1, 7, 7)));
    }

    #[test]
    fn the_safest_fix_is_the_greatest() {
        assert!(Applicability::Safe > Applicability::Unsafe && Applicability::Unsafe > Applicability::DisplayOnly);
    }
}
