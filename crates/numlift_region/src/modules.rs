//! The modules of a program's own project: those that it imports from its own directories.
//!
//! Imports are followed from the program on, through a function that reads files, since this crate does no I/O. A
//! module belongs to the project when it is found below one of the search directories and not among installed
//! packages; what is found first counts, as on `sys.path`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use numlift_source::project::ModuleText;
use numlift_source::text::{SourceError, SourceText};

use crate::protocol::{Program, ProgramKind};

/// Gives a file's bytes, or `None` when there is no such file.
pub type ReadFile<'a> = dyn Fn(&Path) -> Option<Vec<u8>> + 'a;

/// Where a program's modules may lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath {
    /// `sys.path[0]`, then `PYTHONPATH` and the like: directories of the project only.
    pub directories: Vec<PathBuf>,
    /// More modules than this are not followed.
    pub max_modules: usize,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub struct ProjectModules {
    /// The program first, where it is one of the project's; the others by name.
    pub modules: Vec<ModuleText>,
    /// Files that Python could not import either, with the reason.
    pub unreadable: Vec<(PathBuf, SourceError)>,
}

/// Finds the program and everything of its project that it imports.
pub fn project_modules(program: &Program, search: &SearchPath, read: &ReadFile) -> ProjectModules {
    let mut finder = Finder {
        search,
        read,
        found: BTreeMap::new(),
        paths: BTreeSet::new(),
        unreadable: Vec::new(),
    };
    let main = match program.kind {
        ProgramKind::Script => {
            let path = program.cwd.join(&program.target);
            let name = path
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
            finder.load(name, &path, false)
        }
        ProgramKind::Module => {
            let package = format!("{}.__main__", program.target);
            finder.find(&package).or_else(|| finder.find(&program.target))
        }
    };
    let main = main.map(|main| ModuleText { is_main: true, ..main });
    let mut waiting: Vec<String> = main.iter().flat_map(parents_and_imports).collect();
    while let Some(name) = waiting.pop() {
        if finder.found.len() >= search.max_modules || finder.found.contains_key(&name) {
            continue;
        }
        let module = finder.find(&name);
        waiting.extend(module.iter().flat_map(parents_and_imports));
        finder.found.insert(name, module);
    }
    let others = finder.found.into_values().flatten();
    ProjectModules {
        modules: main.into_iter().chain(others).collect(),
        unreadable: finder.unreadable,
    }
}

/// Importing `a.b` runs `a` as well.
fn parents_and_imports(module: &ModuleText) -> Vec<String> {
    let parents = module
        .name
        .match_indices('.')
        .map(|(at, _)| module.name[..at].to_owned());
    parents.chain(module.imports()).collect()
}

struct Finder<'a> {
    search: &'a SearchPath,
    read: &'a ReadFile<'a>,
    /// By dotted name, `None` for what is not of the project.
    found: BTreeMap<String, Option<ModuleText>>,
    paths: BTreeSet<PathBuf>,
    unreadable: Vec<(PathBuf, SourceError)>,
}

impl Finder<'_> {
    fn find(&mut self, name: &str) -> Option<ModuleText> {
        let relative: PathBuf = name.split('.').collect();
        for directory in &self.search.directories {
            let base = directory.join(&relative);
            if is_installed(&base) {
                continue;
            }
            // A package hides a module of the same name beside it.
            for (path, is_package) in [(base.join("__init__.py"), true), (base.with_extension("py"), false)] {
                if let Some(module) = self.load(name.to_owned(), &path, is_package) {
                    return Some(module);
                }
            }
        }
        None
    }

    /// The file as a module, once.
    fn load(&mut self, name: String, path: &Path, is_package: bool) -> Option<ModuleText> {
        if self.paths.contains(path) {
            return None;
        }
        let bytes = (self.read)(path)?;
        self.paths.insert(path.to_path_buf());
        match SourceText::from_bytes(path, &bytes) {
            Ok(text) => Some(ModuleText {
                name,
                is_package,
                is_main: false,
                text,
            }),
            Err(error) => {
                self.unreadable.push((path.to_path_buf(), error));
                None
            }
        }
    }
}

fn is_installed(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("site-packages" | "dist-packages")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[(&str, &str)], kind: ProgramKind, target: &str) -> String {
        let read = |path: &Path| {
            let relative = path.strip_prefix("/p").ok()?.to_str()?;
            files
                .iter()
                .find(|(name, _)| *name == relative)
                .map(|(_, text)| text.as_bytes().to_vec())
        };
        let program = Program {
            kind,
            target: target.to_owned(),
            args: Vec::new(),
            cwd: PathBuf::from("/p"),
        };
        let directories = vec![
            PathBuf::from("/p"),
            PathBuf::from("/p/site-packages"),
            PathBuf::from("/p/src"),
        ];
        let search = SearchPath {
            directories,
            max_modules: 100,
        };
        let found = project_modules(&program, &search, &read);
        let mut shown: Vec<String> = found
            .modules
            .iter()
            .map(|module| {
                let mark = if module.is_main { "*" } else { "" };
                format!("{mark}{} {}", module.name, module.text.path().display())
            })
            .collect();
        shown.extend(found.unreadable.iter().map(|(_, error)| error.to_string()));
        shown.join("\n")
    }

    #[test]
    fn a_script_with_a_package_beside_it() {
        let files = [
            (
                "a.py",
                "import numpy, b\ndef f():\n    from pkg.inner import x\nfrom lib import y\nimport bad",
            ),
            ("b.py", "import a, os.path\nfrom pkg import *"),
            ("pkg/__init__.py", "from . import other"),
            ("pkg/inner.py", "from ..nowhere import z\nfrom .deep.er import w"),
            ("pkg/other.py", ""),
            ("pkg/deep/er.py", "import importlib\nimportlib.import_module('late')"),
            ("late.py", ""),
            ("src/lib.py", ""),
            ("site-packages/numpy/__init__.py", ""),
            ("unused.py", ""),
            ("bad.py", "\0"),
        ];
        insta::assert_snapshot!(check(&files, ProgramKind::Script, "a.py"), @"
        *a /p/a.py
        b /p/b.py
        late /p/late.py
        lib /p/src/lib.py
        pkg /p/pkg/__init__.py
        pkg.deep.er /p/pkg/deep/er.py
        pkg.inner /p/pkg/inner.py
        pkg.other /p/pkg/other.py
        `/p/bad.py` is a binary file, not Python text (a NUL byte on line 1)
        ");
    }

    #[test]
    fn a_module_runs_in_its_package() {
        let files = [
            ("pkg/__init__.py", ""),
            ("pkg/__main__.py", "from .core import run\nfrom . import core"),
            ("pkg/core.py", ""),
        ];
        insta::assert_snapshot!(check(&files, ProgramKind::Module, "pkg"), @"
        *pkg.__main__ /p/pkg/__main__.py
        pkg /p/pkg/__init__.py
        pkg.core /p/pkg/core.py
        ");
        insta::assert_snapshot!(check(&files, ProgramKind::Module, "pkg.core"), @"
        *pkg.core /p/pkg/core.py
        pkg /p/pkg/__init__.py
        ");
        insta::assert_snapshot!(check(&files, ProgramKind::Module, "pytest"), @"");
    }
}
