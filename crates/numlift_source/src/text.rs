//! The text of a Python file: its bytes decoded, with what is needed to write them back and to name places.
//!
//! ```
//! use numlift_source::text::SourceText;
//! let text = SourceText::from_bytes("a.py", b"# coding: latin-1\r\nx = '\xe9'\r\n").unwrap();
//! assert!(text.as_str().ends_with("x = 'é'\r\n"));
//! assert_eq!(text.to_bytes(), b"# coding: latin-1\r\nx = '\xe9'\r\n");
//! ```
//!
//! Line ends stay as they are, also where a file mixes them. Lines end at `\n`, `\r\n` and `\r`, as in CPython;
//! a form feed ends none. Positions are those of Python's `ast`: lines from 1, columns in UTF-8 bytes of the
//! decoded text from 0, a byte order mark not counted. Nothing here reads a file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use encoding::Encoding;

mod encoding;

/// A decoded Python file; cheap to clone.
#[derive(Debug, Clone)]
pub struct SourceText {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    path: PathBuf,
    text: String,
    encoding: Encoding,
    bom: bool,
    /// Offset of the first byte of each line.
    line_starts: Vec<u32>,
}

/// A place as `ast` counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// From 1.
    pub line: u32,
    /// UTF-8 bytes from 0.
    pub column: u32,
}

/// Why a file's bytes are not Python text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    #[error("`{path}` is a binary file, not Python text (a NUL byte on line {line})")]
    Binary { path: String, line: u32 },
    #[error("`{path}` is too large to be a Python program ({bytes} bytes)")]
    TooLarge { path: String, bytes: usize },
    #[error("`{path}` is declared as `{name}`, an encoding that is not understood; saving it as UTF-8 helps")]
    UnknownEncoding { path: String, name: String },
    #[error("`{path}` begins with a UTF-8 byte order mark but is declared as `{name}`")]
    MarkContradicts { path: String, name: String },
    #[error("`{path}` is not valid {encoding}: the byte 0x{byte:02x} on line {line}")]
    NotInEncoding {
        path: String,
        encoding: &'static str,
        line: u32,
        byte: u8,
    },
}

/// A new text holds a character that the file's encoding does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the character `{character}` cannot be written in {encoding}")]
pub struct EncodeError {
    pub character: char,
    pub encoding: &'static str,
}

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Offsets are 32 bits wide; no program comes near.
const MAX_BYTES: usize = 1 << 30;

impl SourceText {
    /// Decodes a file's bytes.
    pub fn from_bytes(path: impl Into<PathBuf>, bytes: &[u8]) -> Result<SourceText, SourceError> {
        let path = path.into();
        let shown = || path.display().to_string();
        if bytes.len() > MAX_BYTES {
            return Err(SourceError::TooLarge {
                path: shown(),
                bytes: bytes.len(),
            });
        }
        if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
            return Err(SourceError::Binary {
                path: shown(),
                line: line_of(bytes, offset),
            });
        }
        let (bom, content) = match bytes.strip_prefix(BYTE_ORDER_MARK) {
            Some(content) => (true, content),
            None => (false, bytes),
        };
        let encoding = match encoding::coding_line(content) {
            None => Encoding::Utf8,
            Some(name) => match Encoding::named(&name) {
                None => return Err(SourceError::UnknownEncoding { path: shown(), name }),
                Some(encoding) if bom && encoding != Encoding::Utf8 => {
                    return Err(SourceError::MarkContradicts { path: shown(), name });
                }
                Some(encoding) => encoding,
            },
        };
        let text = encoding.decode(content).map_err(|offset| SourceError::NotInEncoding {
            path: shown(),
            encoding: encoding.name(),
            line: line_of(content, offset),
            byte: content[offset],
        })?;
        Ok(SourceText::new(path, text, encoding, bom))
    }

    /// A UTF-8 text without a byte order mark.
    pub fn from_str(path: impl Into<PathBuf>, text: &str) -> SourceText {
        SourceText::new(path.into(), text.to_owned(), Encoding::Utf8, false)
    }

    fn new(path: PathBuf, text: String, encoding: Encoding, bom: bool) -> SourceText {
        let line_starts = line_starts(&text);
        SourceText {
            inner: Arc::new(Inner {
                path,
                text,
                encoding,
                bom,
                line_starts,
            }),
        }
    }

    /// Another text of the same file: same path, encoding and byte order mark.
    pub fn with_text(&self, text: String) -> Result<SourceText, EncodeError> {
        let new = SourceText::new(self.inner.path.clone(), text, self.inner.encoding, self.inner.bom);
        new.encode(new.as_str())?;
        Ok(new)
    }

    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// The decoded text, without a byte order mark, with the line ends of the file.
    pub fn as_str(&self) -> &str {
        &self.inner.text
    }

    pub fn encoding(&self) -> Encoding {
        self.inner.encoding
    }

    pub fn has_byte_order_mark(&self) -> bool {
        self.inner.bom
    }

    /// The bytes of the file; those that it was read from.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Every character came out of the encoding, or `with_text` has tried it.
        self.encode(self.as_str())
            .unwrap_or_else(|error| panic!("{error} although it was read from it"))
    }

    fn encode(&self, text: &str) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = if self.inner.bom {
            BYTE_ORDER_MARK.to_vec()
        } else {
            Vec::new()
        };
        let encoding = self.inner.encoding;
        let encoded = encoding.encode(text).map_err(|character| EncodeError {
            character,
            encoding: encoding.name(),
        })?;
        bytes.extend(encoded);
        Ok(bytes)
    }

    pub fn line_count(&self) -> u32 {
        self.inner.line_starts.len() as u32
    }

    /// The place of a byte offset of the text; offsets behind the end mean the end.
    pub fn position(&self, offset: u32) -> LineColumn {
        let offset = offset.min(self.as_str().len() as u32);
        let line = self.inner.line_starts.partition_point(|start| *start <= offset) - 1;
        LineColumn {
            line: line as u32 + 1,
            column: offset - self.inner.line_starts[line],
        }
    }

    /// The byte offset of a place, if the text has it.
    pub fn offset(&self, place: LineColumn) -> Option<u32> {
        let line = place.line.checked_sub(1)? as usize;
        let start = *self.inner.line_starts.get(line)?;
        let end = self
            .inner
            .line_starts
            .get(line + 1)
            .copied()
            .unwrap_or(self.as_str().len() as u32);
        let offset = start.checked_add(place.column)?;
        (offset <= end && self.as_str().is_char_boundary(offset as usize)).then_some(offset)
    }

    /// Offset of the first byte of a line (from 1).
    pub fn line_start(&self, line: u32) -> u32 {
        let index = (line.max(1) - 1) as usize;
        self.inner
            .line_starts
            .get(index)
            .copied()
            .unwrap_or(self.as_str().len() as u32)
    }

    /// A line (from 1) without its end.
    pub fn line(&self, line: u32) -> &str {
        let start = self.line_start(line) as usize;
        let end = self.line_start(line + 1) as usize;
        self.as_str()[start..end].trim_end_matches(['\n', '\r'])
    }

    /// The column on a terminal, tabs going to multiples of eight and wide characters counting two.
    pub fn display_column(&self, offset: u32) -> u32 {
        let place = self.position(offset);
        let start = self.line_start(place.line) as usize;
        display_width(&self.as_str()[start..start + place.column as usize])
    }

    /// The line end that the file uses most; `\n` where it has none.
    pub fn line_end(&self) -> &'static str {
        let text = self.as_str();
        let crlf = text.matches("\r\n").count();
        let lf = text.matches('\n').count() - crlf;
        let cr = text.matches('\r').count() - crlf;
        if crlf > lf && crlf >= cr {
            "\r\n"
        } else if cr > lf {
            "\r"
        } else {
            "\n"
        }
    }
}

/// How many columns a terminal gives to `text`, which begins at column 0.
pub fn display_width(text: &str) -> u32 {
    let mut column = 0;
    for character in text.chars() {
        column = match character {
            '\t' => column / 8 * 8 + 8,
            _ => column + char_width(character),
        };
    }
    column
}

/// 0 for combining marks, 2 for East Asian wide characters and emoji, else 1: the large blocks, not each character.
fn char_width(character: char) -> u32 {
    match u32::from(character) {
        0x0000..=0x001F | 0x007F => 0,
        0x0300..=0x036F | 0x200B..=0x200F | 0xFE00..=0xFE0F => 0,
        0x1100..=0x115F | 0x2E80..=0x303E | 0x3041..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF => 2,
        0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD => 2,
        _ => 1,
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (index, byte) in bytes.iter().enumerate() {
        let ends = match byte {
            b'\n' => true,
            b'\r' => bytes.get(index + 1) != Some(&b'\n'),
            _ => false,
        };
        if ends {
            starts.push(index as u32 + 1);
        }
    }
    starts
}

fn line_of(bytes: &[u8], offset: usize) -> u32 {
    let before = &bytes[..offset];
    let crlf = before.windows(2).filter(|pair| pair == b"\r\n").count();
    let ends = before.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    (ends - crlf) as u32 + 1
}

#[cfg(test)]
mod tests;
