//! `numlift check`: rules over files.
//!
//! ```text
//! paths ── files::find ──► files, each with the settings nearest to it
//!                             │ check, in parallel        findings of numlift_lint
//!                             │ mend                      fixes applied until nothing changes
//!                             ▼
//!                          CheckedFile ── the command line renders, files are written
//! ```
//!
//! One parse a file; a file that is not Python is a finding, one that cannot be read an error about that file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use numlift_source::text::SourceText;
use rayon::prelude::*;

use crate::error::Error;
use crate::input::read_file;
use crate::write::write_atomically;

pub mod files;
pub mod finding;
mod forms;
pub mod mend;
pub mod settings;
pub mod words;

pub use finding::FoundReport;
use forms::Forms;
pub use settings::{Settings, SettingsError};

/// What `numlift check` is asked.
#[derive(Debug, Clone, Default)]
pub struct Asked {
    /// Files and folders; the current one where there are none.
    pub paths: Vec<PathBuf>,
    /// Settings of the command line, which come before those of files.
    pub select: Option<Vec<String>>,
    pub ignore: Vec<String>,
    /// The fixes to apply.
    pub fixes: Option<Fixes>,
}

/// Which fixes are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fixes {
    Safe,
    All,
}

/// One file, checked.
#[derive(Debug)]
pub struct CheckedFile {
    /// As it is said: relative to the current folder where it lies in there.
    pub shown: String,
    pub path: PathBuf,
    /// The text that the findings are about: the new one, if it was mended.
    pub text: SourceText,
    /// What is left.
    pub found: Vec<FoundReport>,
    /// The text before fixes, and how many were applied.
    pub mended: Option<Mended>,
}

#[derive(Debug)]
pub struct Mended {
    pub old: SourceText,
    pub fixes: usize,
}

/// Everything that was checked, by path.
#[derive(Debug, Default)]
pub struct Checked {
    pub files: Vec<CheckedFile>,
    /// Files that could not be read.
    pub errors: Vec<Error>,
}

impl Checked {
    /// Findings of all files, in order.
    pub fn found(&self) -> impl Iterator<Item = (&CheckedFile, &FoundReport)> {
        self.files
            .iter()
            .flat_map(|file| file.found.iter().map(move |found| (file, found)))
    }
}

/// Expressions inside each other take stack.
const STACK: usize = 64 << 20;

/// Checks files and folders.
pub fn check(asked: &Asked, cwd: &Path) -> Result<Checked, Error> {
    let found = files::find(asked, cwd)?;
    let pool = rayon::ThreadPoolBuilder::new()
        .stack_size(STACK)
        .build()
        .map_err(|error| Error::Settings(format!("cannot start threads: {error}")))?;
    let results: Vec<Result<CheckedFile, Error>> = pool.install(|| {
        found
            .par_iter()
            .map(|file| {
                let text = SourceText::from_bytes(&file.path, &read_file(&file.path)?)?;
                Ok(check_text(text, &file.path, cwd, &file.settings, asked.fixes))
            })
            .collect()
    });
    let mut checked = Checked::default();
    for result in results {
        match result {
            Ok(file) => checked.files.push(file),
            Err(error) => checked.errors.push(error),
        }
    }
    Ok(checked)
}

/// Checks a text that stands for a file, which need not be there.
pub fn check_stdin(asked: &Asked, cwd: &Path, name: Option<&Path>, bytes: &[u8]) -> Result<Checked, Error> {
    let path = name.unwrap_or(Path::new("-"));
    let mut known = files::Known::new(asked);
    let settings = known.settings_for(&cwd.join(path))?;
    let text = SourceText::from_bytes(path, bytes)?;
    let is_excluded = name.is_some() && settings.excludes(&cwd.join(path));
    let mut checked = Checked::default();
    if !is_excluded {
        checked.files.push(check_text(text, path, cwd, &settings, asked.fixes));
    }
    Ok(checked)
}

fn check_text(
    text: SourceText,
    path: &Path,
    cwd: &Path,
    settings: &Arc<Settings>,
    fixes: Option<Fixes>,
) -> CheckedFile {
    let rules = settings.rules_for(path);
    let shown = shown(path, cwd);
    let (text, mended) = match fixes {
        Some(fixes) => mend::mend(&text, &rules, settings, fixes),
        None => (text, None),
    };
    let found = numlift_lint::check(&text, &rules, &Forms::default());
    CheckedFile {
        found: found.iter().map(|finding| FoundReport::new(finding, &text)).collect(),
        shown,
        path: path.to_path_buf(),
        text,
        mended,
    }
}

/// A path as a person would write it here.
fn shown(path: &Path, cwd: &Path) -> String {
    path.strip_prefix(cwd).unwrap_or(path).display().to_string()
}

/// Writes the files that were mended.
pub fn write(checked: &Checked) -> Result<(), Error> {
    for file in checked.files.iter().filter(|file| file.mended.is_some()) {
        write_atomically(&file.path, &file.text.to_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
