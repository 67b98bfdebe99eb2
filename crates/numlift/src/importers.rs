//! Modules of the program that other files of the project import: their functions have callers out of sight.
//!
//! ```text
//! heat.py                 the program: `step` is called by `main` only …
//! tests/test_heat.py      from heat import step      … and by this
//! ```
//!
//! Files are searched for lines that import, not parsed: a name that happens to be the same counts as an import,
//! unless the file has a module of that name beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::project::{is_foreign, is_project};

/// More than this is not looked at; then every module counts as imported.
const MAX_ENTRIES: usize = 20_000;
const MAX_BYTES: u64 = 20_000_000;
const MAX_DEPTH: usize = 6;

/// Those of `own` that a Python file or notebook of the project, which is none of them, may import.
pub fn imported_elsewhere(root: &Path, own: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let directory = root.ancestors().find(|directory| is_project(directory)).unwrap_or(root);
    let mut search = Search {
        own,
        found: BTreeSet::new(),
        entries: 0,
        bytes: 0,
    };
    match search.below(directory, 0) {
        Some(()) => search.found,
        None => own.clone(),
    }
}

struct Search<'p> {
    own: &'p BTreeSet<PathBuf>,
    found: BTreeSet<PathBuf>,
    entries: usize,
    bytes: u64,
}

impl Search<'_> {
    /// `None` when there is too much.
    fn below(&mut self, directory: &Path, depth: usize) -> Option<()> {
        let Ok(listing) = std::fs::read_dir(directory) else {
            return Some(());
        };
        for entry in listing.filter_map(Result::ok) {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return None;
            }
            let path = entry.path();
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() {
                if depth < MAX_DEPTH && !is_foreign(&path) {
                    self.below(&path, depth + 1)?;
                }
            } else if path
                .extension()
                .is_some_and(|ending| ending == "py" || ending == "ipynb")
                && !self.own.contains(&path)
            {
                self.bytes += entry.metadata().map_or(0, |data| data.len());
                if self.bytes > MAX_BYTES {
                    return None;
                }
                self.file(&path);
            }
        }
        Some(())
    }

    fn file(&mut self, path: &Path) {
        let Ok(text) = std::fs::read(path) else { return };
        let text = String::from_utf8_lossy(&text);
        let words = imported_words(&text);
        let beside = path.parent().unwrap_or(Path::new(""));
        for module in self.own {
            let Some(name) = name_of(module) else { continue };
            let another = [
                beside.join(format!("{name}.py")),
                beside.join(&name).join("__init__.py"),
            ];
            let hidden = another.iter().any(|other| !self.own.contains(other) && other.exists());
            let package = module.parent().and_then(Path::file_name).and_then(|name| name.to_str());
            let imported = [None, Some(""), Some(package.unwrap_or_default())];
            if !hidden && imported.iter().any(|from| words.contains(&(*from, name.as_str()))) {
                self.found.insert(module.clone());
            }
        }
    }
}

/// The last part of a module's name.
fn name_of(path: &Path) -> Option<String> {
    let named = match path.file_name()?.to_str()? {
        "__init__.py" => path.parent()?,
        _ => path,
    };
    Some(named.file_stem()?.to_str()?.to_owned())
}

/// The names on lines that import, in a script or a notebook: of modules, and of what is imported from a module with
/// the last part of that module's name.
fn imported_words(text: &str) -> BTreeSet<(Option<&str>, &str)> {
    let mut words = BTreeSet::new();
    let is_letter = |letter: char| letter == '_' || letter.is_alphanumeric();
    let mut open: Option<Option<&str>> = None;
    for line in text.lines() {
        // A line of a notebook is a string.
        let line = line.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '"');
        let (from, names) = match (open, line.strip_prefix("from ")) {
            (Some(from), _) => (from, line),
            (None, Some(rest)) => {
                let Some((module, names)) = rest.split_once(" import") else {
                    continue;
                };
                words.extend(module.split(|letter| !is_letter(letter)).map(|word| (None, word)));
                let last = module.rsplit('.').next().unwrap_or_default().trim();
                (Some(last), names)
            }
            (None, None) if line.starts_with("import ") => (None, line),
            (None, None) => match line.split_once("; import ") {
                Some((_, names)) => (None, names),
                None => continue,
            },
        };
        words.extend(names.split(|letter| !is_letter(letter)).map(|word| (from, word)));
        let goes_on =
            names.trim_end().ends_with('\\') || (names.contains('(') || open.is_some()) && !names.contains(')');
        open = goes_on.then_some(from);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], own: &[&str]) -> String {
        let dir = tempfile::tempdir().unwrap();
        for entry in files {
            let (name, content) = entry.split_once(": ").unwrap();
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let own = own.iter().map(|name| dir.path().join(name)).collect();
        let found = imported_elsewhere(dir.path(), &own);
        let names: Vec<String> = found
            .iter()
            .map(|path| path.strip_prefix(dir.path()).unwrap().display().to_string())
            .collect();
        names.join(" ")
    }

    #[test]
    fn tests_and_notebooks_import_a_script() {
        let files = ["heat.py: x", "tests/test_heat.py: import numpy\nfrom heat import step"];
        insta::assert_snapshot!(check(&files, &["heat.py"]), @"heat.py");
        let files = ["heat.py: x", "n.ipynb: {\n   \"import heat as h\\n\","];
        insta::assert_snapshot!(check(&files, &["heat.py"]), @"heat.py");
        let files = ["pkg/heat.py: x", "a.py: from pkg import (\n    heat,\n)\n"];
        insta::assert_snapshot!(check(&files, &["pkg/heat.py"]), @"pkg/heat.py");
    }

    #[test]
    fn what_is_only_named_alike_is_no_import() {
        let files = [
            "heat.py: x",
            "a.py: import numpy\nheat = 3\n",
            "other/heat.py: y",
            "other/b.py: import heat\n",
            "c.py: from radiator import heat\n",
            ".venv/c.py: import heat\n",
        ];
        insta::assert_snapshot!(check(&files, &["heat.py"]), @"");
    }
}
