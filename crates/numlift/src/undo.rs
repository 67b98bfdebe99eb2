//! `--write` can be taken back.
//!
//! Before files are replaced, what they were and what they become is kept in an entry of a journal in the user's
//! state directory. `undo` puts the old content back, but only where the file still is what numlift wrote: what was
//! changed since then is never overwritten.
//!
//! ```text
//! <state>/undo/000007/manifest.json   0.before  0.after  1.before  1.after
//! ```
//!
//! The manifest is written last, so an interrupted entry does not count. Writes to one file stack: the newest goes
//! first.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::write::write_atomically;

/// A file and what it is to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replacement {
    pub path: PathBuf,
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Manifest {
    files: Vec<PathBuf>,
}

/// Replaces the files, keeping what is needed to take it back.
///
/// A file that changed since it was read is not touched, and then none is. If a later file cannot be written, the
/// earlier ones are put back.
pub fn replace_files(state: &Path, replacements: &[Replacement]) -> Result<(), Error> {
    for replacement in replacements {
        if read(&replacement.path)? != replacement.before {
            let path = replacement.path.display();
            return Err(Error::Unmatched(format!(
                "`{path}` changed while it was being optimized; nothing was written"
            )));
        }
    }
    let entry = keep(state, replacements)?;
    for (done, replacement) in replacements.iter().enumerate() {
        if let Err(error) = write_atomically(&replacement.path, &replacement.after) {
            for written in &replacements[..done] {
                write_atomically(&written.path, &written.before)?;
            }
            let _ = std::fs::remove_dir_all(&entry);
            return Err(error);
        }
    }
    Ok(())
}

/// Takes back the newest write: of `files`, or of everything below `project` when none is named. Returns the files
/// that were put back.
pub fn undo(state: &Path, project: &Path, files: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let entries = entries(state);
    if files.is_empty() {
        let found = entries
            .iter()
            .find(|(_, manifest)| manifest.files.iter().any(|file| file.starts_with(project)));
        let Some((entry, manifest)) = found else {
            return Err(Error::Undo(format!("nothing to undo below `{}`", project.display())));
        };
        let wanted: Vec<PathBuf> = manifest
            .files
            .iter()
            .filter(|file| !file.as_os_str().is_empty())
            .cloned()
            .collect();
        return put_back(entry, manifest, &wanted);
    }
    let mut done = Vec::new();
    for file in files {
        let path = file
            .canonicalize()
            .unwrap_or_else(|_| crate::input::absolute(project, file));
        let Some((entry, manifest)) = entries.iter().find(|(_, manifest)| manifest.files.contains(&path)) else {
            return Err(Error::Undo(format!("nothing to undo for `{}`", file.display())));
        };
        done.extend(put_back(entry, manifest, &[path])?);
    }
    Ok(done)
}

/// Everything is checked before anything is written.
fn put_back(entry: &Path, manifest: &Manifest, wanted: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut writes = Vec::new();
    for (index, path) in manifest
        .files
        .iter()
        .enumerate()
        .filter(|(_, path)| wanted.contains(path))
    {
        let before = read(&entry.join(format!("{index}.before")))?;
        let after = read(&entry.join(format!("{index}.after")))?;
        let now = read(path)?;
        if now != after && now != before {
            return Err(Error::Undo(format!(
                "`{}` was changed after numlift wrote it, so it is left alone; the old text is in `{}`",
                path.display(),
                entry.join(format!("{index}.before")).display()
            )));
        }
        writes.push((path.clone(), before));
    }
    for (path, before) in &writes {
        write_atomically(path, before)?;
    }
    forget(entry, manifest, wanted)?;
    Ok(writes.into_iter().map(|(path, _)| path).collect())
}

/// What was put back leaves the journal; an entry goes when its last file goes.
fn forget(entry: &Path, manifest: &Manifest, gone: &[PathBuf]) -> Result<(), Error> {
    if manifest
        .files
        .iter()
        .all(|path| gone.contains(path) || path.as_os_str().is_empty())
    {
        return std::fs::remove_dir_all(entry).map_err(|error| Error::Write {
            path: entry.to_path_buf(),
            error,
        });
    }
    // Backups are numbered by position, so the place of a file that is gone stays, empty.
    let keep = |path: &PathBuf| {
        if gone.contains(path) {
            PathBuf::new()
        } else {
            path.clone()
        }
    };
    let manifest = Manifest {
        files: manifest.files.iter().map(keep).collect(),
    };
    write_manifest(entry, &manifest)
}

fn keep(state: &Path, replacements: &[Replacement]) -> Result<PathBuf, Error> {
    let journal = journal(state);
    create_private(&journal)?;
    let newest = entry_numbers(&journal).into_iter().max().unwrap_or(0);
    let entry = journal.join(format!("{:06}", newest + 1));
    create_private(&entry)?;
    let mut files = Vec::new();
    for (index, replacement) in replacements.iter().enumerate() {
        write_atomically(&entry.join(format!("{index}.before")), &replacement.before)?;
        write_atomically(&entry.join(format!("{index}.after")), &replacement.after)?;
        files.push(
            replacement
                .path
                .canonicalize()
                .unwrap_or_else(|_| replacement.path.clone()),
        );
    }
    write_manifest(&entry, &Manifest { files })?;
    Ok(entry)
}

/// Newest first; what cannot be read is not an entry.
fn entries(state: &Path) -> Vec<(PathBuf, Manifest)> {
    let journal = journal(state);
    let mut numbers = entry_numbers(&journal);
    numbers.sort_unstable_by(|a, b| b.cmp(a));
    numbers
        .into_iter()
        .filter_map(|number| {
            let entry = journal.join(format!("{number:06}"));
            let manifest = serde_json::from_slice(&std::fs::read(entry.join("manifest.json")).ok()?).ok()?;
            Some((entry, manifest))
        })
        .collect()
}

fn entry_numbers(journal: &Path) -> Vec<u64> {
    let Ok(listing) = std::fs::read_dir(journal) else {
        return Vec::new();
    };
    listing
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect()
}

fn journal(state: &Path) -> PathBuf {
    state.join("undo")
}

fn write_manifest(entry: &Path, manifest: &Manifest) -> Result<(), Error> {
    let text = serde_json::to_vec_pretty(manifest).map_err(|error| Error::Undo(error.to_string()))?;
    write_atomically(&entry.join("manifest.json"), &text)
}

/// Source text is nobody else's business.
fn create_private(directory: &Path) -> Result<(), Error> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| Error::Write {
        path: directory.to_path_buf(),
        error,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    crate::input::read_file(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Project {
        dir: tempfile::TempDir,
        root: PathBuf,
        state: PathBuf,
    }

    impl Project {
        fn new() -> Project {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().canonicalize().unwrap().join("project");
            std::fs::create_dir(&root).unwrap();
            let state = dir.path().join("state");
            Project { dir, root, state }
        }

        fn file(&self, name: &str, content: &str) -> PathBuf {
            let path = self.root.join(name);
            std::fs::write(&path, content).unwrap();
            path
        }

        fn replace(&self, edits: &[(&Path, &str)]) -> Result<(), Error> {
            let replacements: Vec<Replacement> = edits
                .iter()
                .map(|(path, after)| Replacement {
                    path: path.to_path_buf(),
                    before: std::fs::read(path).unwrap(),
                    after: after.as_bytes().to_vec(),
                })
                .collect();
            replace_files(&self.state, &replacements)
        }

        fn undo(&self, files: &[&Path]) -> Result<usize, String> {
            let files: Vec<PathBuf> = files.iter().map(|path| path.to_path_buf()).collect();
            undo(&self.state, &self.root, &files)
                .map(|done| done.len())
                .map_err(|error| error.to_string().replace(&self.root.display().to_string(), "project"))
        }
    }

    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn writes_stack_and_are_taken_back_one_by_one() {
        let project = Project::new();
        let (a, b) = (project.file("a.py", "a0"), project.file("b.py", "b0"));
        project.replace(&[(&a, "a1"), (&b, "b1")]).unwrap();
        project.replace(&[(&a, "a2")]).unwrap();
        assert_eq!((text(&a).as_str(), text(&b).as_str()), ("a2", "b1"));
        assert_eq!(project.undo(&[]), Ok(1));
        assert_eq!(text(&a), "a1");
        assert_eq!(project.undo(&[&b]), Ok(1));
        assert_eq!((text(&a).as_str(), text(&b).as_str()), ("a1", "b0"));
        assert_eq!(project.undo(&[]), Ok(1));
        assert_eq!(text(&a), "a0");
        insta::assert_snapshot!(project.undo(&[]).unwrap_err(), @"nothing to undo below `project`");
    }

    #[test]
    fn what_was_changed_since_is_left_alone() {
        let project = Project::new();
        let (a, b) = (project.file("a.py", "a0"), project.file("b.py", "b0"));
        project.replace(&[(&a, "a1"), (&b, "b1")]).unwrap();
        std::fs::write(&b, "mine").unwrap();
        assert!(
            project
                .undo(&[])
                .unwrap_err()
                .starts_with("`project/b.py` was changed after numlift wrote it")
        );
        assert_eq!((text(&a).as_str(), text(&b).as_str()), ("a1", "mine"));
        assert_eq!(project.undo(&[&a]), Ok(1));
        assert_eq!(text(&a), "a0");
    }

    #[test]
    fn a_file_that_changed_meanwhile_is_not_overwritten() {
        let project = Project::new();
        let (a, b) = (project.file("a.py", "a0"), project.file("b.py", "b0"));
        let stale = Replacement {
            path: b.clone(),
            before: b"older".to_vec(),
            after: b"b1".to_vec(),
        };
        let fresh = Replacement {
            path: a.clone(),
            before: b"a0".to_vec(),
            after: b"a1".to_vec(),
        };
        assert!(replace_files(&project.state, &[fresh, stale]).is_err());
        assert_eq!((text(&a).as_str(), text(&b).as_str()), ("a0", "b0"));
    }

    #[cfg(unix)]
    #[test]
    fn backups_are_private() {
        use std::os::unix::fs::PermissionsExt;
        let project = Project::new();
        let a = project.file("a.py", "a0");
        project.replace(&[(&a, "a1")]).unwrap();
        let mode = std::fs::metadata(project.dir.path().join("state/undo/000001"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o077, 0);
    }
}
