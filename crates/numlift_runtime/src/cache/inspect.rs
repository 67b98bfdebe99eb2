//! Looking at the cache from outside, for `numlift cache`.

use super::entry::{self, State};
use super::{Cache, limit};

/// How much there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub entries: usize,
    pub bytes: u64,
    /// What it is kept below.
    pub limit: u64,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    pub key: String,
    /// What its code is called.
    pub label: String,
    pub bytes: u64,
    /// Seconds since it was last used.
    pub age: u64,
}

/// What was removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleaned {
    pub entries: usize,
    pub bytes: u64,
}

/// What was found when every entry was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    pub whole: usize,
    /// Damaged, and removed.
    pub removed: usize,
    /// Made with another `NUMLIFT_CACHE_KEY`.
    pub foreign: usize,
}

impl Cache {
    /// How much there is.
    pub fn size(&self) -> Size {
        let entries = self.listed(|_, file| file.bytes);
        Size {
            entries: entries.len(),
            bytes: entries.iter().sum(),
            limit: self.settings.limit,
        }
    }

    /// Every entry, the one used last first.
    pub fn list(&self) -> Vec<Listed> {
        let mut entries = self.listed(|folder, file| {
            let content = folder.read(&file.name).flatten().unwrap_or_default();
            let key = entry::key_of(&file.name).expect("an entry's name");
            Listed {
                key: key.to_string(),
                label: entry::examine(&content, &key, self.secret()).1,
                bytes: file.bytes,
                age: file.age,
            }
        });
        entries.sort_by(|one, other| (one.age, &one.key).cmp(&(other.age, &other.key)));
        entries
    }

    /// Removes every entry, and what was abandoned half written.
    pub fn clean(&self) -> Cleaned {
        let Some(folder) = self.folder() else {
            return Cleaned { entries: 0, bytes: 0 };
        };
        let mut cleaned = Cleaned { entries: 0, bytes: 0 };
        for file in folder.files() {
            if entry::key_of(&file.name).is_some() {
                folder.remove(&file.name);
                cleaned.entries += 1;
                cleaned.bytes += file.bytes;
            } else if limit::is_abandoned(&file.name, file.age) || file.name == ".grown" {
                folder.remove(&file.name);
            }
        }
        cleaned
    }

    /// Reads every entry and removes those that are damaged.
    pub fn verify(&self) -> Verified {
        let states = self.listed(|folder, file| {
            let content = folder.read(&file.name).flatten().unwrap_or_default();
            let key = entry::key_of(&file.name).expect("an entry's name");
            let state = entry::examine(&content, &key, self.secret()).0;
            if state == State::Damaged {
                folder.remove(&file.name);
            }
            state
        });
        let count = |wanted| states.iter().filter(|state| **state == wanted).count();
        Verified {
            whole: count(State::Whole),
            removed: count(State::Damaged),
            foreign: count(State::Foreign),
        }
    }

    fn listed<T>(&self, look: impl Fn(&super::Folder, &super::folder::Seen) -> T) -> Vec<T> {
        let Some(folder) = self.folder() else { return Vec::new() };
        let files = folder
            .files()
            .into_iter()
            .filter(|file| entry::key_of(&file.name).is_some());
        files.map(|file| look(&folder, &file)).collect()
    }
}
