//! What can go wrong outside numlift: files, arguments, a Python that does not start, a script that fails by itself.
//!
//! Each message is one sentence that says what and where; the command line adds nothing to it.

use std::path::{Path, PathBuf};

/// The outside world said no.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("no such file: `{}`", .0.display())]
    NoSuchFile(PathBuf),
    #[error("`{}` is a directory, not a Python script{}", .path.display(), suggest_main(.path))]
    Directory { path: PathBuf },
    #[error("`{}` is not a regular file", .0.display())]
    NotAFile(PathBuf),
    #[error("cannot read `{}`: {}", .path.display(), reason(.error))]
    Read { path: PathBuf, error: std::io::Error },
    #[error("cannot write `{}`: {}", .path.display(), reason(.error))]
    Write { path: PathBuf, error: std::io::Error },
    #[error(transparent)]
    Text(#[from] numlift_source::text::SourceError),
    #[error("`{}` is not Python: {message} (line {line}, column {column})", .path.display())]
    NotPython {
        path: PathBuf,
        message: String,
        line: u32,
        column: u32,
    },
    #[error("`{program}` fails by itself with exit code {exit_code}; numlift needs a program that runs{}", .traceback.as_ref().map(|text| format!("\n\n{}", text.trim_end())).unwrap_or_default())]
    ProgramFails {
        program: String,
        exit_code: i32,
        traceback: Option<String>,
    },
    #[error("cannot start the Python interpreter `{}`: {}", .python.display(), reason(.error))]
    NoPython { python: PathBuf, error: std::io::Error },
    #[error("`--target numba` needs Numba, which `{}` cannot import: {detail}", .python.display())]
    NoNumba { python: PathBuf, detail: String },
    #[error("the worker {0}")]
    Worker(String),
    #[error("stopped")]
    Aborted,
    #[error("`{}` is not a recording of `numlift record`{}", .path.display(), .detail)]
    NotARecording { path: PathBuf, detail: String },
    #[error("{0}")]
    Unmatched(String),
    #[error("{0}")]
    Undo(String),
    /// Settings of `numlift check` that cannot be used.
    #[error("{0}")]
    Settings(String),
}

/// The system's words without Rust's `(os error 2)`.
fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).to_string();
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => text,
    }
}

fn suggest_main(path: &Path) -> String {
    for name in ["__main__.py", "main.py"] {
        if path.join(name).is_file() {
            return format!("; did you mean `{}`?", path.join(name).display());
        }
    }
    String::new()
}
