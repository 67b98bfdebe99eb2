//! Edits of Python text.
//!
//! ```
//! use numlift_source::{edit, parse::parse, text::SourceText};
//! let source = SourceText::from_str("a.py", "import numpy as np\nout = []\nfor v in x:  # slow\n    out.append(v)\n");
//! let parsed = parse(&source);
//! let edit = edit::replace_statements(&parsed, 19, 65, "out = list(x)");
//! let new = edit::apply(&source, &[edit]).unwrap();
//! assert_eq!(new.as_str(), "import numpy as np\n# slow\nout = list(x)\n");
//! ```
//!
//! Everything outside of the edits stays, byte by byte: encoding, line ends, comments, formatting. New text is given
//! with `\n` and gets the line ends that the file uses most. A result that is not Python is refused, and so is a
//! character that the file's encoding does not have.

use crate::parse::{Parsed, parse};
use crate::text::{EncodeError, SourceText};

pub use import::{Import, add_imports, import_as};
pub use indent::{dedent, indent, indentation_at, unit};
pub use replace::replace_statements;

pub mod decorator;
mod import;
mod indent;
mod replace;

/// One replacement of a piece of text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// Byte offsets into the decoded text, end exclusive.
    pub start: u32,
    pub end: u32,
    /// With `\n` line ends.
    pub text: String,
}

/// Why edits cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("two edits change the same text, at byte {at}")]
    Overlap { at: u32 },
    #[error("an edit lies outside of the text, at byte {at}")]
    Outside { at: u32 },
    #[error("the new text is not Python: {message} on line {line}")]
    NotPython { message: String, line: u32 },
    #[error(transparent)]
    Encoding(#[from] EncodeError),
}

/// The text with all edits applied. Of equal edits one counts; insertions at the same place keep their order.
pub fn apply(source: &SourceText, edits: &[Edit]) -> Result<SourceText, EditError> {
    let new = source.with_text(spliced(source, edits)?)?;
    match parse(&new).first_error() {
        // A text that was broken before may stay so.
        Some(error) if parse(source).first_error().is_none() => Err(EditError::NotPython {
            message: error.message.clone(),
            line: error.place.line,
        }),
        Some(_) | None => Ok(new),
    }
}

fn spliced(source: &SourceText, edits: &[Edit]) -> Result<String, EditError> {
    let old = source.as_str();
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| (edit.start, edit.end));
    edits.dedup();
    let mut new = String::with_capacity(old.len());
    let mut done = 0;
    for edit in edits {
        let range = edit.start as usize..edit.end as usize;
        if range.start < done {
            return Err(EditError::Overlap { at: edit.start });
        }
        if old.get(range.clone()).is_none() {
            return Err(EditError::Outside { at: edit.start });
        }
        new.push_str(&old[done..range.start]);
        new.push_str(&edit.text.replace("\r\n", "\n").replace('\n', source.line_end()));
        done = range.end;
    }
    new.push_str(&old[done..]);
    Ok(new)
}

/// The end of the line on which `offset` stands, without its line end.
fn line_end(parsed: &Parsed, offset: u32) -> u32 {
    let rest = &parsed.source()[offset as usize..];
    offset + rest.find(['\n', '\r']).unwrap_or(rest.len()) as u32
}

/// The start of the next line, or the end of the text.
fn next_line(parsed: &Parsed, offset: u32) -> u32 {
    let end = line_end(parsed, offset);
    let rest = &parsed.source()[end as usize..];
    let skip = if rest.starts_with("\r\n") { 2 } else { rest.len().min(1) };
    end + skip as u32
}

/// The start of the line on which `offset` stands.
fn line_start(parsed: &Parsed, offset: u32) -> u32 {
    parsed.source()[..offset as usize]
        .rfind(['\n', '\r'])
        .map_or(0, |end| end as u32 + 1)
}

#[cfg(test)]
mod tests;
