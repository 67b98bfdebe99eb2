//! One of several compiles, the others wait.
//!
//! Processes that start together want the same code. A lock of the file system, named by the first digits of the key,
//! lets the first compile and the others read. It is a courtesy: where it cannot be had (a network's file system, a
//! read-only folder) or takes too long, two compile the same and store the same.

use std::fs::{File, TryLockError};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::folder::Folder;
use crate::key::Key;

/// Longer than any compilation that is worth waiting for.
const PATIENCE: Duration = Duration::from_secs(10);
const SHORTEST_NAP: Duration = Duration::from_micros(200);
const LONGEST_NAP: Duration = Duration::from_millis(5);

/// Held while one compiles.
#[derive(Debug)]
pub struct Lock {
    file: File,
}

impl Lock {
    /// Takes the lock of a key, waiting for it if somebody holds it.
    pub fn take(folder: &Folder, key: &Key) -> Option<Lock> {
        // 256 files, so that nobody has to remove them.
        let file = folder.own_file(&format!(".lock-{:02x}", key.0[0])).ok()?;
        let start = Instant::now();
        let mut nap = SHORTEST_NAP;
        loop {
            match file.try_lock() {
                Ok(()) => return Some(Lock { file }),
                Err(TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    sleep(nap);
                    nap = (nap * 2).min(LONGEST_NAP);
                }
                Err(_) => return None,
            }
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing would do, were it not for children that were forked meanwhile and have the file open too.
        let _ = self.file.unlock();
    }
}
