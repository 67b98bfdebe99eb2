//! Whether files that are to be edited have changes that git does not hold yet.
//!
//! Only asked before `--write`, and only mentioned. No git, no repository: nothing to say.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Those of `files` with uncommitted changes, or unknown to the git repository that they lie in.
pub fn uncommitted(files: &[PathBuf]) -> Vec<PathBuf> {
    files.iter().filter(|file| is_uncommitted(file)).cloned().collect()
}

fn is_uncommitted(file: &Path) -> bool {
    let (Some(directory), Some(name)) = (file.parent(), file.file_name()) else {
        return false;
    };
    let output = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["status", "--porcelain", "--ignored", "--"])
        .arg(name)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output();
    output.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}
