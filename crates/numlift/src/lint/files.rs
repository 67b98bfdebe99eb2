//! Which files are checked, and with which settings.
//!
//! Folders are walked as `.gitignore` has them, without those of tools and environments; a file that is named itself is
//! checked in any case, unless settings exclude it. Settings are those of the nearest folder above a file that has some.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;

use super::Asked;
use super::settings::{Settings, files_in};
use crate::error::Error;

/// A file to be checked.
#[derive(Debug)]
pub struct File {
    pub path: PathBuf,
    pub settings: Arc<Settings>,
}

/// Folders that hold nobody's own code.
const LEFT_OUT: &[&str] = &[
    ".bzr",
    ".direnv",
    ".eggs",
    ".git",
    ".hg",
    ".ipynb_checkpoints",
    ".mypy_cache",
    ".nox",
    ".pants.d",
    ".pytest_cache",
    ".pytype",
    ".ruff_cache",
    ".svn",
    ".tox",
    ".venv",
    ".vscode",
    "__pycache__",
    "__pypackages__",
    "_build",
    "buck-out",
    "dist",
    "node_modules",
    "site-packages",
    "venv",
];

/// The files below the paths, by path.
pub fn find(asked: &Asked, cwd: &Path) -> Result<Vec<File>, Error> {
    let paths = match asked.paths.is_empty() {
        true => vec![cwd.to_path_buf()],
        false => asked.paths.iter().map(|path| cwd.join(path)).collect(),
    };
    let mut files = BTreeSet::new();
    for path in paths {
        let metadata = std::fs::metadata(&path).map_err(|_| Error::NoSuchFile(path.clone()))?;
        match metadata.is_dir() {
            true => walk(&path, &mut files),
            false => {
                files.insert(path);
            }
        }
    }
    let mut known = Known::new(asked);
    let mut found = Vec::new();
    for path in files {
        let settings = known.settings_for(&path)?;
        if !settings.excludes(&path) {
            found.push(File { path, settings });
        }
    }
    Ok(found)
}

fn walk(folder: &Path, files: &mut BTreeSet<PathBuf>) {
    let walker = WalkBuilder::new(folder)
        .hidden(false)
        .filter_entry(|entry| {
            let is_left_out = entry.file_name().to_str().is_some_and(|name| LEFT_OUT.contains(&name));
            // The folder that was asked for is wanted, whatever its name.
            entry.depth() == 0 || !is_left_out
        })
        .build();
    for entry in walker.flatten() {
        let is_python = entry
            .path()
            .extension()
            .is_some_and(|ending| ending == "py" || ending == "pyi");
        if is_python && entry.file_type().is_some_and(|kind| !kind.is_dir()) {
            files.insert(entry.into_path());
        }
    }
}

/// Settings that were looked for already, by folder.
pub struct Known<'a> {
    asked: &'a Asked,
    folders: BTreeMap<PathBuf, Option<Arc<Settings>>>,
    own: Option<Arc<Settings>>,
}

impl<'a> Known<'a> {
    pub fn new(asked: &'a Asked) -> Known<'a> {
        Known {
            asked,
            folders: BTreeMap::new(),
            own: None,
        }
    }

    /// The settings for a file, by its absolute path.
    pub fn settings_for(&mut self, path: &Path) -> Result<Arc<Settings>, Error> {
        for folder in path.ancestors().skip(1) {
            if let Some(settings) = self.settings_in(folder)? {
                return Ok(settings);
            }
        }
        if let Some(own) = &self.own {
            return Ok(own.clone());
        }
        let settings = Settings::of_command_line(self.asked.select.as_deref(), &self.asked.ignore)
            .map_err(|error| Error::Settings(error.to_string()))?;
        Ok(self.own.insert(Arc::new(settings)).clone())
    }

    fn settings_in(&mut self, folder: &Path) -> Result<Option<Arc<Settings>>, Error> {
        if let Some(known) = self.folders.get(folder) {
            return Ok(known.clone());
        }
        let mut found = None;
        for path in files_in(folder) {
            let Ok(text) = std::fs::read_to_string(&path) else {
                continue;
            };
            // Most of them are about other tools.
            if !text.contains("numlift") && path.ends_with("pyproject.toml") {
                continue;
            }
            let (select, ignore) = (self.asked.select.as_deref(), &self.asked.ignore[..]);
            let read =
                Settings::read(&path, &text, select, ignore).map_err(|error| Error::Settings(error.to_string()))?;
            if let Some(settings) = read {
                found = Some(Arc::new(settings));
                break;
            }
        }
        self.folders.insert(folder.to_path_buf(), found.clone());
        Ok(found)
    }
}
