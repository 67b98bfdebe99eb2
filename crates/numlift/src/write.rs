//! Writing files so that nothing is ever half-written.
//!
//! The new content goes to a temporary file in the same directory, is flushed to disk, gets the old file's
//! permissions, and is renamed over the old file. A symbolic link stays a link: its target is replaced. What is no file
//! (`/dev/stdout`, a pipe) is written to and stays what it is. A file that is read-only is left alone.

use std::io::Write;
use std::path::Path;

use crate::error::Error;

/// Replaces the content of `path`, or creates it.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<(), Error> {
    // A dangling link or a new file has no canonical path; then the path itself is meant.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let fail = |error: std::io::Error| Error::Write {
        path: path.to_path_buf(),
        error,
    };
    let directory = match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let old = std::fs::metadata(&target).ok();
    if let Some(old) = &old
        && !old.is_file()
        && !old.is_dir()
    {
        let mut device = std::fs::OpenOptions::new().write(true).open(&target).map_err(fail)?;
        return device.write_all(content).and_then(|()| device.flush()).map_err(fail);
    }
    if old.as_ref().is_some_and(|old| old.permissions().readonly()) {
        return Err(fail(std::io::Error::new(
            std::io::ErrorKind::PermissionDenied,
            "the file is read-only",
        )));
    }
    let mut file = temporary_file(directory, old.is_none()).map_err(fail)?;
    file.write_all(content).map_err(fail)?;
    if let Some(old) = old {
        file.as_file().set_permissions(old.permissions()).map_err(fail)?;
    }
    file.as_file().sync_all().map_err(fail)?;
    file.persist(&target).map_err(|error| fail(error.error))?;
    Ok(())
}

/// Private, unless it becomes a new file: then as readable as any that the user makes (the umask applies).
fn temporary_file(directory: &Path, new: bool) -> std::io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".numlift-").suffix(".tmp");
    #[cfg(unix)]
    if new {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = new;
    builder.tempfile_in(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_replaced_and_nothing_is_left_beside_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.py");
        write_atomically(&path, b"one\r\n").unwrap();
        write_atomically(&path, b"two\r\n").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two\r\n");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.py");
        let link = dir.path().join("link.py");
        std::fs::write(&path, "one").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o751)).unwrap();
        symlink(&path, &link).unwrap();
        write_atomically(&link, b"two").unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o751);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_stays_what_it_is() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let link = dir.path().join("nowhere");
        symlink("/dev/null", &link).unwrap();
        write_atomically(&link, b"one").unwrap();
        assert!(std::fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        let error = write_atomically(dir.path(), b"one").unwrap_err().to_string();
        assert!(error.starts_with("cannot write `"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_read_only_file_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.py");
        std::fs::write(&path, "one").unwrap();
        let mut permissions = std::fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(&path, permissions).unwrap();
        let error = write_atomically(&path, b"two").unwrap_err().to_string();
        assert!(error.contains("read-only"), "{error}");
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn a_directory_that_is_not_there_is_one_clear_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("none").join("a.py");
        let error = write_atomically(&path, b"").unwrap_err().to_string();
        assert!(error.starts_with("cannot write `"), "{error}");
    }
}
