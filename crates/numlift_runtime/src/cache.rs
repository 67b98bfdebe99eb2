//! Compiled objects on disk, shared by all processes of one user.
//!
//! ```text
//! ~/.cache/numlift/v1/                    0700, mine
//!   5f3a…c2.nlo                           0600, one object, named by its key, with its own checksum
//!   .5f3a…c2.4711.0.tmp                   being written; renamed when whole
//!   .lock-5f                              held by whoever compiles a key that starts so
//!   .grown                                one byte for every 4 KiB stored since the last look at the limit
//! ```
//!
//! A key is the content (see [`crate::key`]), so nothing is ever stale and there is no index to keep. Every file checks
//! itself: what is truncated, flipped or planted is removed and compiled anew. A checksum finds damage and no
//! attacker; against those stand the owners and permissions of the folder and of each file, or a secret in
//! `NUMLIFT_CACHE_KEY`. An object is never executed by the system's own loader, and nothing is unpickled.
//!
//! Nothing here is an error for who wants code: a cache that cannot be used is no cache. [`Cache::take_warning`] says
//! so once.

mod entry;
mod folder;
mod inspect;
mod limit;
mod lock;
mod settings;

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

pub use inspect::{Cleaned, Listed, Size, Verified};
pub use settings::Settings;
pub(crate) use settings::parse_size;

use crate::key::Key;
use folder::{Folder, Unusable};
pub use lock::Lock;

/// The objects that were compiled before.
#[derive(Debug)]
pub struct Cache {
    settings: Settings,
    /// What there is to tell about a cache that cannot be used.
    warning: OnceLock<String>,
    is_told: AtomicBool,
}

impl Cache {
    /// The cache in a folder.
    pub fn new(settings: Settings) -> Cache {
        let warning = settings.complaint.clone().map_or_else(OnceLock::new, OnceLock::from);
        Cache {
            settings,
            warning,
            is_told: AtomicBool::new(false),
        }
    }

    /// The cache that the environment of this process asks for; `None` when it asks for none.
    pub fn of_process() -> Option<&'static Cache> {
        static CACHE: OnceLock<Option<Cache>> = OnceLock::new();
        let cache = CACHE.get_or_init(|| {
            let mut settings = Settings::from_environment(|name| std::env::var_os(name))?;
            // The program may go to another folder later.
            settings.folder = std::path::absolute(&settings.folder).ok()?;
            Some(Cache::new(settings))
        });
        cache.as_ref()
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.settings.folder
    }

    /// What its keys and checksums are made with.
    pub fn secret(&self) -> Option<&[u8; 32]> {
        self.settings.secret.as_ref()
    }

    /// The object of a key, whole and unharmed.
    pub fn load(&self, key: &Key) -> Option<Vec<u8>> {
        let folder = self.folder()?;
        let name = entry::file_name(key);
        // A file that is not ours, or no file at all, is as bad as a damaged one.
        let found = folder.read(&name)?;
        let object = found.and_then(|file| entry::decode(file, key, self.secret()));
        match object {
            Some(object) => {
                folder.touch(&name);
                Some(object)
            }
            None => {
                folder.remove(&name);
                None
            }
        }
    }

    /// Keeps an object. Whoever looks meanwhile sees it whole or not at all.
    pub fn store(&self, key: &Key, label: &str, object: &[u8]) {
        let Some(folder) = self.folder() else { return };
        let file = entry::encode(key, label, object, self.secret());
        if folder.write(&entry::file_name(key), &key.to_string(), &file).is_ok() {
            limit::grown(&folder, file.len() as u64, self.settings.limit);
        }
    }

    /// Drops an object that turned out to be of no use.
    pub fn remove(&self, key: &Key) {
        if let Some(folder) = self.folder() {
            folder.remove(&entry::file_name(key));
        }
    }

    /// Waits until nobody else compiles this key. `None` when that cannot be had, or not soon; then two compile.
    pub fn lock(&self, key: &Key) -> Option<Lock> {
        Lock::take(&self.folder()?, key)
    }

    /// What there is to tell about a cache that cannot be used; once, then never again.
    pub fn take_warning(&self) -> Option<String> {
        let warning = self.warning.get()?;
        (!self.is_told.swap(true, Ordering::Relaxed)).then(|| warning.clone())
    }

    /// The folder, made if it is not there. It is opened anew each time: a descriptor kept for the life of the process
    /// could be closed by the program around us, and its number given to another file.
    fn folder(&self) -> Option<Folder> {
        match Folder::open(&self.settings.folder) {
            Ok(folder) => Some(folder),
            Err(unusable) => {
                self.warn(&unusable);
                None
            }
        }
    }

    fn warn(&self, unusable: &Unusable) {
        self.warning.get_or_init(|| {
            let folder = self.settings.folder.display();
            format!("compiled code is not kept: `{folder}` {unusable}")
        });
    }
}
