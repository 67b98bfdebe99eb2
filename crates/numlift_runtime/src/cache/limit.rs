//! The cache stays below its limit; what was not used for longest goes.
//!
//! Looking at every file each time would cost more than it saves, so each store leaves a mark of its size in `.grown`,
//! and only when a tenth of the limit has come in, somebody looks: the cache never holds more than eleven tenths.
//! The marks need no lock: they are appended, and one that is lost or counted twice does no harm.

use std::fs::TryLockError;
use std::io::Write;

use super::entry;
use super::folder::Folder;

/// What one byte of `.grown` stands for.
const MARK: u64 = 4096;
/// Somebody may still be writing to what is younger.
const ABANDONED_SECONDS: u64 = 3600;

/// Notes that `bytes` came in, and trims the cache when it is time.
pub fn grown(folder: &Folder, bytes: u64, limit: u64) {
    let Ok(mut marks) = folder.own_file(".grown") else {
        return;
    };
    let count = usize::try_from(bytes.div_ceil(MARK)).unwrap_or(usize::MAX).min(1 << 16);
    if marks.write_all(&vec![b'.'; count]).is_err() {
        return;
    }
    let total = marks.metadata().map_or(0, |found| found.len()) * MARK;
    if total > limit / 10 {
        // Whoever is at it already does it for us.
        match marks.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return,
            // No locks here; trimming twice removes no more than once.
            Err(TryLockError::Error(_)) => {}
        }
        trim(folder, limit);
        let _ = marks.set_len(0);
        let _ = marks.unlock();
    }
}

/// Removes what was not used for longest until nine tenths of the limit are left, and what was abandoned half written.
fn trim(folder: &Folder, limit: u64) {
    let files = folder.files();
    for file in &files {
        if is_abandoned(&file.name, file.age) {
            folder.remove(&file.name);
        }
    }
    let mut entries: Vec<_> = files
        .iter()
        .filter(|file| entry::key_of(&file.name).is_some())
        .collect();
    let mut total: u64 = entries.iter().map(|entry| entry.bytes).sum();
    if total <= limit {
        return;
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.age));
    for entry in entries {
        if total <= limit / 10 * 9 {
            break;
        }
        folder.remove(&entry.name);
        total -= entry.bytes;
    }
}

/// Whether a file is what a process left half written when it was killed.
pub fn is_abandoned(name: &str, age: u64) -> bool {
    name.starts_with('.') && name.ends_with(".tmp") && age > ABANDONED_SECONDS
}
