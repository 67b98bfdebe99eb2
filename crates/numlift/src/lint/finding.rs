//! A finding as whoever renders it wants it: places as rows and columns, and as bytes.

use numlift_lint::{Finding, page, rule::INVALID_SYNTAX};
use numlift_source::diagnostic::{Applicability, Span};
use numlift_source::text::SourceText;

/// A finding of a rule in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundReport {
    pub code: &'static str,
    pub name: &'static str,
    pub message: String,
    pub start: Place,
    pub end: Place,
    pub labels: Vec<LabelReport>,
    pub notes: Vec<String>,
    pub fix: Option<FixReport>,
    /// The row on which a `# noqa` counts.
    pub noqa_row: u32,
    pub is_error: bool,
    pub page: Option<String>,
}

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub row: u32,
    /// Letters, from 1.
    pub column: u32,
    /// Bytes.
    pub offset: u32,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelReport {
    pub start: Place,
    pub end: Place,
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FixReport {
    pub applicability: Applicability,
    pub message: String,
    /// Why it is not safe.
    pub open: Vec<String>,
    pub edits: Vec<EditReport>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditReport {
    pub start: Place,
    pub end: Place,
    pub content: String,
}

impl FixReport {
    /// `safe`, `unsafe` or `display-only`.
    pub fn applicability_name(&self) -> &'static str {
        match self.applicability {
            Applicability::Safe => "safe",
            Applicability::Unsafe => "unsafe",
            Applicability::DisplayOnly => "display-only",
        }
    }

    pub fn is_safe(&self) -> bool {
        self.applicability == Applicability::Safe
    }
}

impl FoundReport {
    pub fn new(finding: &Finding, text: &SourceText) -> FoundReport {
        let diagnostic = &finding.diagnostic;
        let (start, end) = places(diagnostic.span, text);
        let labels = diagnostic.labels.iter().map(|label| {
            let (start, end) = places(label.span, text);
            LabelReport {
                start,
                end,
                message: label.message.clone(),
            }
        });
        let fix = diagnostic.fix.as_ref().map(|fix| FixReport {
            applicability: fix.applicability,
            message: fix.message.clone(),
            open: fix.open.clone(),
            edits: fix
                .edits
                .iter()
                .map(|edit| EditReport {
                    start: place(edit.edit.start, text),
                    end: place(edit.edit.end, text),
                    content: edit.edit.text.clone(),
                })
                .collect(),
        });
        FoundReport {
            code: finding.rule.code,
            name: finding.rule.name,
            message: diagnostic.message.clone(),
            start,
            end,
            labels: labels.collect(),
            notes: diagnostic.notes.clone(),
            fix,
            noqa_row: end.row,
            is_error: std::ptr::eq(finding.rule, &INVALID_SYNTAX),
            page: page::address(finding.rule),
        }
    }
}

fn places(span: Span, text: &SourceText) -> (Place, Place) {
    (place(span.start, text), place(span.end, text))
}

fn place(offset: u32, text: &SourceText) -> Place {
    let position = text.position(offset);
    let start = text.line_start(position.line) as usize;
    let before = text
        .as_str()
        .get(start..start + position.column as usize)
        .unwrap_or_default();
    Place {
        row: position.line,
        column: before.chars().count() as u32 + 1,
        offset: offset.min(text.as_str().len() as u32),
    }
}
