//! The folder, its owners and permissions, and its files.
//!
//! ```text
//! opened    not through a symbolic link, mine or root's, not writable for anybody else; nor any folder above it
//! read      not through a symbolic link, a regular file, mine or root's, not writable for anybody else
//! written   under a name of its own, then renamed
//! ```
//!
//! All files are reached through the descriptor of the opened folder, so what was checked is what is used.
//! A file that is not trusted is not read; the caller removes it, which harms nothing behind a link.
//!
//! A file is not synced to the disk before it is renamed: what a crash of the machine leaves of it is found by its
//! checksum, and all that is lost is one compilation. Writing takes 0.03 ms here, with a sync 0.2 ms, and with one on a
//! busy disk as long as that disk likes.

#[cfg(unix)]
pub use unix::Folder;

#[cfg(not(unix))]
pub use elsewhere::Folder;

/// Why there is no cache.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    #[error("cannot be opened or made ({0})")]
    System(#[from] std::io::Error),
    #[error("is a symbolic link")]
    Link,
    #[error("is not a folder")]
    NoFolder,
    #[error("belongs to somebody else, or lies in a folder that does")]
    Foreign,
    #[error("can be written to by others, or lies in a folder that can")]
    Open,
    #[cfg(not(unix))]
    #[error("cannot be kept private on this system")]
    Unsupported,
}

/// A file that is there, as the system tells it.
#[derive(Debug, Clone)]
pub struct Seen {
    pub name: String,
    pub bytes: u64,
    /// Seconds since it was last used.
    pub age: u64,
}

#[cfg(unix)]
mod unix {
    use std::fs::{DirBuilder, File};
    use std::io::{self, Read, Write};
    use std::os::fd::OwnedFd;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt};
    use std::path::Path;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::{SystemTime, UNIX_EPOCH};

    use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat, Timespec, Timestamps, UTIME_NOW, UTIME_OMIT};
    use rustix::fs::{fstat, futimens, open, openat, renameat, statat, unlinkat};

    use super::{Seen, Unusable};

    /// No entry is larger; what claims to be is not read.
    const LARGEST: u64 = 256 << 20;
    /// A file used within this time is not marked as used again.
    const RECENT_SECONDS: u64 = 60;
    const WRITABLE_BY_OTHERS: u32 = 0o022;
    const WRITABLE_BY_ALL: u32 = 0o002;
    const STICKY: u32 = 0o1000;

    /// The opened folder.
    pub struct Folder {
        descriptor: OwnedFd,
    }

    impl Folder {
        /// Opens the folder, making it and those above it as needed.
        pub fn open(path: &Path) -> Result<Folder, Unusable> {
            let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
            let opened = open(path, flags, Mode::empty()).or_else(|error| match error {
                rustix::io::Errno::NOENT => {
                    make(path)?;
                    open(path, flags, Mode::empty()).map_err(io::Error::from)
                }
                error => Err(error.into()),
            });
            let descriptor = opened.map_err(|error| match path.symlink_metadata() {
                Ok(found) if found.is_symlink() => Unusable::Link,
                Ok(found) if !found.is_dir() => Unusable::NoFolder,
                _ => Unusable::System(error),
            })?;
            let found = fstat(&descriptor).map_err(io::Error::from)?;
            if !is_trusted_owner(found.st_uid) {
                return Err(Unusable::Foreign);
            }
            if mode(&found) & WRITABLE_BY_OTHERS != 0 {
                return Err(Unusable::Open);
            }
            check_above(path)?;
            Ok(Folder { descriptor })
        }

        /// The content of a file: `None` if there is none, `Some(None)` if there is one that is not trusted.
        #[expect(clippy::option_option, reason = "nothing there, something else there, the file")]
        pub fn read(&self, name: &str) -> Option<Option<Vec<u8>>> {
            // Opening a pipe for reading would wait for a writer.
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
            match openat(&self.descriptor, name, flags, Mode::empty()) {
                Ok(descriptor) => Some(read_trusted(descriptor)),
                Err(rustix::io::Errno::NOENT) => None,
                Err(_) => Some(None),
            }
        }

        /// Marks a file as used now, unless it was lately.
        pub fn touch(&self, name: &str) {
            let Some(seen) = self.look(name) else { return };
            if seen.age < RECENT_SECONDS {
                return;
            }
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
            if let Ok(file) = openat(&self.descriptor, name, flags, Mode::empty()) {
                let at = |nanoseconds| Timespec {
                    tv_sec: 0,
                    tv_nsec: nanoseconds,
                };
                let now = Timestamps {
                    last_access: at(UTIME_OMIT),
                    last_modification: at(UTIME_NOW),
                };
                // On a read-only file system nothing ages either.
                let _ = futimens(&file, &now);
            }
        }

        /// Writes a file, so that it is there whole or not at all. `stem` keeps what is being written apart.
        pub fn write(&self, name: &str, stem: &str, content: &[u8]) -> io::Result<()> {
            static COUNTER: AtomicU64 = AtomicU64::new(0);
            let count = COUNTER.fetch_add(1, Ordering::Relaxed);
            let temporary = format!(".{stem}.{}.{count}.tmp", std::process::id());
            let written = self
                .write_new(&temporary, content)
                .and_then(|()| renameat(&self.descriptor, &temporary, &self.descriptor, name).map_err(io::Error::from));
            if written.is_err() {
                self.remove(&temporary);
            }
            written
        }

        fn write_new(&self, name: &str, content: &[u8]) -> io::Result<()> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mut file = File::from(openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR)?);
            file.write_all(content)
        }

        /// Opens a small file of the cache's own to lock it or to add to it, making it as needed.
        pub fn own_file(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::RDWR | OFlags::APPEND | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let descriptor = openat(&self.descriptor, name, flags, Mode::RUSR | Mode::WUSR)?;
            let found = fstat(&descriptor)?;
            if is_trusted_file(&found) {
                Ok(File::from(descriptor))
            } else {
                Err(io::ErrorKind::PermissionDenied.into())
            }
        }

        /// Removes a file, or a link itself. That it is not there, or stays there, changes nothing.
        pub fn remove(&self, name: &str) {
            let _ = unlinkat(&self.descriptor, name, AtFlags::empty());
        }

        /// All files, in the order of their names.
        pub fn files(&self) -> Vec<Seen> {
            let Ok(listing) = Dir::read_from(&self.descriptor) else {
                return Vec::new();
            };
            let names = listing
                .flatten()
                .filter_map(|found| found.file_name().to_str().ok().map(str::to_owned));
            let mut files: Vec<Seen> = names.filter_map(|name| self.look(&name)).collect();
            files.sort_by(|one, other| one.name.cmp(&other.name));
            files
        }

        fn look(&self, name: &str) -> Option<Seen> {
            let found = statat(&self.descriptor, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
            if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
                return None;
            }
            let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
            Some(Seen {
                name: name.to_string(),
                bytes: u64::try_from(found.st_size).unwrap_or_default(),
                age: now.saturating_sub(u64::try_from(found.st_mtime).unwrap_or_default()),
            })
        }
    }

    fn read_trusted(descriptor: OwnedFd) -> Option<Vec<u8>> {
        let found = fstat(&descriptor).ok()?;
        let bytes = u64::try_from(found.st_size).ok()?;
        if !is_trusted_file(&found) || bytes > LARGEST {
            return None;
        }
        let mut content = Vec::with_capacity(usize::try_from(bytes).ok()?);
        File::from(descriptor).take(LARGEST).read_to_end(&mut content).ok()?;
        Some(content)
    }

    /// Makes a folder and those above it, for the user alone.
    fn make(path: &Path) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(path)
    }

    /// Whoever may write to a folder above may put another one in this place. Links above are common (a scratch disk)
    /// and fine, so it is the real path that counts.
    fn check_above(path: &Path) -> Result<(), Unusable> {
        let real = path.canonicalize()?;
        for above in real.ancestors().skip(1) {
            let found = above.metadata()?;
            if !is_trusted_owner(found.uid()) {
                return Err(Unusable::Foreign);
            }
            // In a sticky folder nobody may rename or remove what is mine.
            if found.mode() & WRITABLE_BY_ALL != 0 && found.mode() & STICKY == 0 {
                return Err(Unusable::Open);
            }
        }
        Ok(())
    }

    fn is_trusted_file(found: &Stat) -> bool {
        FileType::from_raw_mode(found.st_mode) == FileType::RegularFile
            && is_trusted_owner(found.st_uid)
            && mode(found) & WRITABLE_BY_OTHERS == 0
    }

    fn is_trusted_owner(owner: u32) -> bool {
        owner == 0 || owner == rustix::process::geteuid().as_raw()
    }

    #[allow(clippy::unnecessary_cast, reason = "the width of a mode differs between systems")]
    fn mode(found: &Stat) -> u32 {
        found.st_mode as u32
    }
}

#[cfg(not(unix))]
mod elsewhere {
    use std::fs::File;
    use std::io;
    use std::path::Path;

    use super::{Seen, Unusable};

    /// There is none: owners and permissions are not understood here, and neither is the object code.
    pub struct Folder {}

    impl Folder {
        pub fn open(_path: &Path) -> Result<Folder, Unusable> {
            Err(Unusable::Unsupported)
        }

        #[expect(clippy::option_option, reason = "as on the other systems")]
        pub fn read(&self, _name: &str) -> Option<Option<Vec<u8>>> {
            None
        }

        pub fn touch(&self, _name: &str) {}

        pub fn write(&self, _name: &str, _stem: &str, _content: &[u8]) -> io::Result<()> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub fn own_file(&self, _name: &str) -> io::Result<File> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub fn remove(&self, _name: &str) {}

        pub fn files(&self) -> Vec<Seen> {
            Vec::new()
        }
    }
}
