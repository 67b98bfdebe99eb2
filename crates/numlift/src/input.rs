//! Bad input is told at once, in one sentence, before anything runs.
//!
//! No such file, a directory, a binary, not Python (with the place). A module is found by Python itself, so only the
//! worker can tell about it.

use std::path::{Path, PathBuf};

use numlift_source::parse::parse;
use numlift_source::text::SourceText;

use crate::config::{Program, ProgramKind};
use crate::error::Error;

/// Checks what can be checked without running; the absolute path of the script, none for a module.
pub fn validate(program: &Program) -> Result<Option<PathBuf>, Error> {
    match program.kind {
        ProgramKind::Module => Ok(None),
        ProgramKind::Script => {
            let path = Path::new(&program.target);
            let text = read_python(path)?;
            Ok(Some(absolute(&program.cwd, text.path())))
        }
    }
}

/// Reads a file that has to be Python.
pub fn read_python(path: &Path) -> Result<SourceText, Error> {
    let text = SourceText::from_bytes(path, &read_file(path)?)?;
    match parse(&text).first_error() {
        None => Ok(text),
        Some(error) => Err(Error::NotPython {
            path: path.to_path_buf(),
            message: error.message.clone(),
            line: error.place.line,
            column: error.place.column + 1,
        }),
    }
}

/// Reads a regular file; the sentence is about the path when it is not one.
pub fn read_file(path: &Path) -> Result<Vec<u8>, Error> {
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Error::NoSuchFile(path.to_path_buf()),
        _ => Error::Read {
            path: path.to_path_buf(),
            error,
        },
    })?;
    if metadata.is_dir() {
        return Err(Error::Directory {
            path: path.to_path_buf(),
        });
    }
    if !metadata.is_file() {
        return Err(Error::NotAFile(path.to_path_buf()));
    }
    std::fs::read(path).map_err(|error| Error::Read {
        path: path.to_path_buf(),
        error,
    })
}

/// The path from the root, links kept: Python knows a script by the path it was given.
pub fn absolute(cwd: &Path, path: &Path) -> PathBuf {
    let joined = cwd.join(path);
    std::path::absolute(&joined).unwrap_or(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_for(name: &str, content: &[u8]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, content).unwrap();
        let error = read_python(&path).unwrap_err().to_string();
        error.replace(&format!("{}/", dir.path().display()), "")
    }

    #[test]
    fn bad_input_gets_one_clear_sentence() {
        insta::assert_snapshot!(error_for("a.py", b"x = 1\nfor i in :\n"), @"`a.py` is not Python: expected an expression (line 2, column 10)");
        insta::assert_snapshot!(error_for("a.bin", b"\x7fELF\0\0\0"), @"`a.bin` is a binary file, not Python text (a NUL byte on line 1)");
        insta::assert_snapshot!(error_for("l.py", b"x = '\xe9'\n"), @"`l.py` is not valid utf-8: the byte 0xe9 on line 1");
        insta::assert_snapshot!(read_python(Path::new("none.py")).unwrap_err(), @"no such file: `none.py`");
    }

    #[test]
    fn a_directory_with_a_main_is_told_about() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("__main__.py"), "").unwrap();
        let error = read_python(dir.path()).unwrap_err().to_string();
        let shown = dir.path().display().to_string();
        insta::assert_snapshot!(error.replace(&shown, "proj"), @"`proj` is a directory, not a Python script; did you mean `proj/__main__.py`?");
    }
}
