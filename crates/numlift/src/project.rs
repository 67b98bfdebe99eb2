//! The files of a program's own project, which are those that numlift may cure.
//!
//! A script's project is the script and what it imports from its own directory, from `PYTHONPATH`, or from the
//! project that it lies in (the nearest directory above with a `pyproject.toml` or the like); of a package that is
//! imported, all files. A module that is not of the project itself, as `pytest`, is run on the project in the current
//! directory: then all its files may be meant. Installed packages never are.
//!
//! Too many files do no harm, for only those that the program really imports are watched. So imports are found by
//! looking at lines, which also finds those that stand in functions and branches.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use numlift_region::discover::discover;
use numlift_region::functions;
use numlift_region::protocol::{RegionId, RegionSpec};
use numlift_source::parse::parse;
use numlift_source::project::{ModuleText, ProjectNames};
use numlift_source::text::SourceText;

use crate::config::{Program, ProgramKind};
use crate::error::Error;
use crate::importers::imported_elsewhere;
use crate::input::{absolute, read_file, validate};

/// More files than this are not looked at.
const MAX_FILES: usize = 3000;

/// Sources of a program, by absolute path.
#[derive(Debug, Clone, Default)]
pub struct Project {
    pub sources: BTreeMap<PathBuf, SourceText>,
    /// The script, or the file of the module that is run.
    pub main: Option<PathBuf>,
    /// Where the program's own imports start.
    pub root: PathBuf,
    /// All directories from which files of the project may be imported.
    pub search: Vec<PathBuf>,
    /// Paths are shown relative to this.
    pub cwd: PathBuf,
    /// Those of the sources that other files of the project import.
    pub imported_elsewhere: BTreeSet<PathBuf>,
    /// The files are those of a recording; there are none here to be written.
    pub is_elsewhere: bool,
}

impl Project {
    /// Reads the files of a program's project; the program itself has to be Python.
    pub fn read(program: &Program) -> Result<Project, Error> {
        let script = validate(program)?;
        let cwd = absolute(Path::new("."), &program.cwd);
        let root = match script.as_deref().and_then(Path::parent) {
            Some(directory) => directory.to_path_buf(),
            None => cwd.clone(),
        };
        let search = search_path(&root);
        let main = match program.kind {
            ProgramKind::Script => script,
            ProgramKind::Module => main_of_module(&search, &program.target),
        };
        let sources: BTreeMap<PathBuf, SourceText> = match &main {
            Some(main) => {
                let mut imports = Imports::new(&search);
                let mut start = vec![main.clone()];
                if program.kind == ProgramKind::Module {
                    // The packages around it are imported first.
                    start.extend(imports.files_of(&program.target, &root));
                }
                imports.follow(start)
            }
            None => {
                let mut files = BTreeSet::new();
                files_below(&cwd, &mut files);
                let read = files
                    .into_iter()
                    .filter_map(|path| Some((path.clone(), source(&path)?)));
                read.collect()
            }
        };
        let own = sources.keys().cloned().collect();
        let imported_elsewhere = imported_elsewhere(&root, &own);
        Ok(Project {
            sources,
            main,
            root,
            search,
            cwd,
            imported_elsewhere,
            is_elsewhere: false,
        })
    }

    /// All modules, tied together.
    pub fn linked(&self) -> ProjectNames {
        let texts = self.sources.iter().map(|(path, source)| ModuleText {
            name: self.module_name(path),
            is_package: path.file_name().is_some_and(|name| name == "__init__.py"),
            is_main: self.main.as_ref() == Some(path),
            text: source.clone(),
        });
        ProjectNames::link(&texts.collect::<Vec<_>>())
    }

    /// The regions of all files, and the loops that cannot be any.
    pub fn discover(&self) -> (Vec<RegionSpec>, Vec<NotARegion>) {
        let linked = self.linked();
        let (mut regions, mut left_out) = (Vec::new(), Vec::new());
        for ((path, _), (_, module)) in self.sources.iter().zip(linked.modules()) {
            let found = discover(module, path, regions.len() as RegionId);
            regions.extend(found.regions.into_iter().map(|region| region.spec));
            left_out.extend(found.left_out.into_iter().map(|left| NotARegion {
                file: path.clone(),
                line: left.at.line,
                why: left.reason.to_string(),
            }));
        }
        // Bodies of functions come last, so that loops are numbered as if there were none.
        for (path, (_, module)) in self.sources.keys().zip(linked.modules()) {
            regions.extend(functions::discover(module, path, regions.len() as RegionId));
        }
        (regions, left_out)
    }

    /// The name under which a file could be imported.
    fn module_name(&self, path: &Path) -> String {
        let inside = self
            .search
            .iter()
            .filter_map(|directory| path.strip_prefix(directory).ok());
        let relative = inside
            .min_by_key(|rest| rest.components().count())
            .unwrap_or(path)
            .with_extension("");
        let parts: Vec<String> = relative
            .components()
            .filter_map(|part| match part {
                Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
                Component::Prefix(_) | Component::RootDir | Component::CurDir | Component::ParentDir => None,
            })
            .filter(|part| part != "__init__")
            .collect();
        parts.join(".")
    }

    /// How a path is shown: relative to where the command was given.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.cwd).unwrap_or(path).display().to_string()
    }
}

/// A loop that cannot be watched or replaced as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotARegion {
    pub file: PathBuf,
    pub line: u32,
    pub why: String,
}

/// A file that cannot be read or is not Python is not part of the project; Python would not import it either.
fn source(path: &Path) -> Option<SourceText> {
    let text = SourceText::from_bytes(path, &read_file(path).ok()?).ok()?;
    parse(&text).first_error().is_none().then_some(text)
}

/// Where imports of the project may lead.
fn search_path(root: &Path) -> Vec<PathBuf> {
    let mut search = vec![root.to_path_buf()];
    if let Some(listed) = std::env::var_os("PYTHONPATH") {
        search.extend(std::env::split_paths(&listed).map(|path| absolute(root, &path)));
    }
    if let Some(project) = root.ancestors().find(|directory| is_project(directory)) {
        search.push(project.to_path_buf());
        search.push(project.join("src"));
    }
    search.retain(|directory| directory.is_dir() && !is_installed(directory));
    search
}

/// The directory of a project or repository.
pub(crate) fn is_project(directory: &Path) -> bool {
    ["pyproject.toml", "setup.py", "setup.cfg", ".git"]
        .iter()
        .any(|name| directory.join(name).exists())
}

fn is_installed(path: &Path) -> bool {
    path.components()
        .any(|part| matches!(part.as_os_str().to_str(), Some("site-packages" | "dist-packages")))
}

/// `pkg.mod` → `pkg/mod.py` or `pkg/mod/__main__.py`, if it belongs to the project.
fn main_of_module(search: &[PathBuf], name: &str) -> Option<PathBuf> {
    let relative: PathBuf = name.split('.').collect();
    search.iter().find_map(|directory| {
        let path = directory.join(&relative);
        [path.with_extension("py"), path.join("__main__.py")]
            .into_iter()
            .find(|file| file.is_file())
    })
}

/// The modules that a line names in an import statement, with the dots of a relative one.
fn imported_modules(line: &str) -> Vec<String> {
    let line = line.trim_start();
    let name = |text: &str| {
        let end = text
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(text.len());
        text[..end].to_string()
    };
    if let Some(rest) = line.strip_prefix("from ") {
        let module = name(rest.trim_start());
        // `from . import a, b` names modules, where `from a import b` may.
        let names = rest.split_once(" import ").map_or("", |(_, names)| names);
        let dots = if module.ends_with('.') { "" } else { "." };
        let inner = names.split(',').map(|part| name(part.trim_start_matches([' ', '('])));
        let inner = inner
            .filter(|part| !part.is_empty())
            .map(|part| format!("{module}{dots}{part}"));
        return std::iter::once(module.clone()).chain(inner).collect();
    }
    match line.strip_prefix("import ") {
        Some(rest) => rest
            .split(',')
            .map(|part| name(part.trim()))
            .filter(|part| !part.is_empty())
            .collect(),
        None => Vec::new(),
    }
}

/// Follows imports from file to file. A big project names its packages thousands of times, so each is looked for once.
struct Imports<'a> {
    search: &'a [PathBuf],
    /// Modules that were looked for, with the directory of the file where that matters.
    asked: BTreeSet<(Option<PathBuf>, String)>,
    /// Packages whose files are known.
    packages: BTreeSet<PathBuf>,
}

impl<'a> Imports<'a> {
    fn new(search: &'a [PathBuf]) -> Self {
        Imports {
            search,
            asked: BTreeSet::new(),
            packages: BTreeSet::new(),
        }
    }

    /// The files that are reached from those given, with their text.
    fn follow(&mut self, mut waiting: Vec<PathBuf>) -> BTreeMap<PathBuf, SourceText> {
        let (mut seen, mut sources) = (BTreeSet::new(), BTreeMap::new());
        while let Some(path) = waiting.pop() {
            if seen.len() >= MAX_FILES || is_installed(&path) || !seen.insert(path.clone()) {
                continue;
            }
            let Some(text) = source(&path) else { continue };
            let here = path.parent().unwrap_or(Path::new("."));
            for module in text.as_str().lines().flat_map(imported_modules) {
                waiting.extend(self.files_of(&module, here));
            }
            sources.insert(path, text);
        }
        sources
    }

    /// The files that importing a module may run, as far as nobody asked for them before: its own, those of the
    /// packages around it, all of a package.
    fn files_of(&mut self, module: &str, here: &Path) -> Vec<PathBuf> {
        let dots = module.chars().take_while(|c| *c == '.').count();
        let relative_to = (dots > 0).then(|| here.to_path_buf());
        if !self.asked.insert((relative_to, module.to_string())) {
            return Vec::new();
        }
        let parts: Vec<&str> = module[dots..].split('.').filter(|part| !part.is_empty()).collect();
        let starts: Vec<PathBuf> = match dots {
            0 => self.search.to_vec(),
            _ => here
                .ancestors()
                .nth(dots - 1)
                .map(Path::to_path_buf)
                .into_iter()
                .collect(),
        };
        for start in starts {
            let (mut files, mut found) = (Vec::new(), false);
            let mut directory = start;
            for part in &parts {
                let file = directory.join(format!("{part}.py"));
                directory.push(part);
                if self.packages.contains(&directory) {
                    found = true;
                } else if directory.join("__init__.py").is_file() {
                    found = true;
                    let mut package = BTreeSet::new();
                    files_below(&directory, &mut package);
                    files.extend(package);
                    self.packages.insert(directory.clone());
                } else if file.is_file() {
                    found = true;
                    files.push(file);
                }
            }
            if found {
                return files;
            }
        }
        Vec::new()
    }
}

/// All Python files below a directory that are somebody's own.
fn files_below(directory: &Path, files: &mut BTreeSet<PathBuf>) {
    let Ok(listing) = std::fs::read_dir(directory) else {
        return;
    };
    let mut entries: Vec<PathBuf> = listing.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        if files.len() >= MAX_FILES {
            return;
        }
        if path.is_dir() {
            if !path.is_symlink() && !is_foreign(&path) {
                files_below(&path, files);
            }
        } else if path.extension().is_some_and(|ending| ending == "py") {
            files.insert(path);
        }
    }
}

/// A directory of packages, products or hidden things.
pub(crate) fn is_foreign(directory: &Path) -> bool {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let foreign = [
        "__pycache__",
        "node_modules",
        "site-packages",
        "dist-packages",
        "build",
        "dist",
    ];
    name.starts_with('.') || foreign.contains(&&*name) || directory.join("pyvenv.cfg").exists()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(files: &[&str], target: &str, kind: ProgramKind) -> String {
        let dir = tempfile::tempdir().unwrap();
        for entry in files {
            let (name, content) = entry.split_once(": ").unwrap_or((entry, ""));
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let (cwd, target) = match kind {
            ProgramKind::Script => (dir.path(), dir.path().join(target).display().to_string()),
            ProgramKind::Module => (dir.path(), target.to_string()),
        };
        let program = Program {
            kind,
            target,
            args: vec![],
            cwd: cwd.to_path_buf(),
        };
        let project = Project::read(&program).unwrap();
        let found: Vec<String> = project.sources.keys().map(|path| project.shown(path)).collect();
        found.join(" ")
    }

    #[test]
    fn a_script_has_what_it_imports() {
        let files = [
            "a.py: import numpy as np, b\nif True:\n    from pkg.inner import x",
            "b.py: from os import path",
            "pkg/__init__.py: from . import inner",
            "pkg/inner.py: import math",
            "other.py: import a",
        ];
        insta::assert_snapshot!(check(&files, "a.py", ProgramKind::Script), @"a.py b.py pkg/__init__.py pkg/inner.py");
    }

    #[test]
    fn a_script_with_a_package_beside_it() {
        let files = [
            "a.py: import numpy, b\ndef f():\n    from pkg.inner import x\nfrom lib import y\nimport bad",
            "b.py: import a, os.path\nfrom pkg import *",
            "pkg/__init__.py: from . import other",
            "pkg/inner.py: from ..nowhere import z\nfrom .deep.er import w",
            "pkg/other.py",
            "pkg/deep/er.py",
            "lib.py",
            "site-packages/numpy/__init__.py",
            "unused.py",
            "bad.py: \0",
        ];
        insta::assert_snapshot!(check(&files, "a.py", ProgramKind::Script), @"a.py b.py lib.py pkg/__init__.py pkg/deep/er.py pkg/inner.py pkg/other.py");
    }

    #[test]
    fn a_module_runs_in_its_package() {
        let files = [
            "pkg/__init__.py",
            "pkg/__main__.py: from .core import run\nfrom . import core",
            "pkg/core.py",
        ];
        insta::assert_snapshot!(check(&files, "pkg", ProgramKind::Module), @"pkg/__init__.py pkg/__main__.py pkg/core.py");
        insta::assert_snapshot!(check(&files, "pkg.core", ProgramKind::Module), @"pkg/__init__.py pkg/__main__.py pkg/core.py");
    }

    #[test]
    fn a_module_of_the_project_is_followed() {
        let files = [
            "pkg/__init__.py",
            "pkg/__main__.py: from .core import run",
            "pkg/core.py",
            "other.py",
        ];
        insta::assert_snapshot!(check(&files, "pkg", ProgramKind::Module), @"pkg/__init__.py pkg/__main__.py pkg/core.py");
    }

    #[test]
    fn an_installed_module_is_run_on_the_whole_project() {
        let files = [
            "tests/test_a.py",
            "src/a.py",
            ".hidden/b.py",
            "env/pyvenv.cfg",
            "env/lib/c.py",
            "build/d.py",
            "broken.py: for",
        ];
        insta::assert_snapshot!(check(&files, "pytest", ProgramKind::Module), @"src/a.py tests/test_a.py");
    }
}
