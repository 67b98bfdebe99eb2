//! Doing a step only when what it reads has changed.
//!
//! A step's stamp is a hash over the contents of its inputs, kept in a file once the step has succeeded. Times of
//! files say nothing after `git clone` or `git checkout`, so contents are what counts.

use std::collections::BTreeSet;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The hash of one step's inputs and the file that remembers it.
pub struct Stamp {
    file: PathBuf,
    hash: String,
}

impl Stamp {
    /// Hashes `inputs` (files, or folders with everything in them) and `facts` that are no files.
    pub fn new(file: PathBuf, inputs: &[&str], facts: &[&str]) -> Result<Self> {
        let mut files = BTreeSet::new();
        for input in inputs {
            list(Path::new(input), &mut files)?;
        }
        let mut hasher = DefaultHasher::new();
        facts.hash(&mut hasher);
        for path in files {
            path.hash(&mut hasher);
            fs::read(&path)
                .with_context(|| format!("cannot read {}", path.display()))?
                .hash(&mut hasher);
        }
        Ok(Stamp {
            file,
            hash: format!("{:016x}", hasher.finish()),
        })
    }

    /// Whether the step has succeeded with the same inputs.
    pub fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|kept| kept == self.hash)
    }

    /// Remembers that the step has succeeded.
    pub fn keep(&self) -> Result<()> {
        fs::write(&self.file, &self.hash).with_context(|| format!("cannot write {}", self.file.display()))
    }
}

fn list(path: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        files.insert(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("cannot list {}", path.display()))? {
        list(&entry?.path(), files)?;
    }
    Ok(())
}
