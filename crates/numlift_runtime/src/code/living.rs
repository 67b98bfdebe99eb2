//! The code that is alive in this process.
//!
//! Global, since the same function may be compiled from many places; weak, so that code goes with its last holder.
//!
//! A child that was forked while another thread held the lock would wait for ever, since that thread is not there.
//! So each process has a table of its own: the first look in a child makes a new one, and what the parent compiled
//! is found on disk instead.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};

use super::Code;
use crate::key::Key;

type Table = BTreeMap<Key, Weak<Code>>;

struct OfProcess {
    process: u32,
    table: Mutex<Table>,
}

static CURRENT: AtomicPtr<OfProcess> = AtomicPtr::new(ptr::null_mut());

/// This process's table, locked.
pub fn table() -> MutexGuard<'static, Table> {
    // Nothing that holds the lock leaves the table half changed.
    of_process().table.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of_process() -> &'static OfProcess {
    let process = std::process::id();
    let found = CURRENT.load(Ordering::Acquire);
    if let Some(current) = get(found).filter(|current| current.process == process) {
        return current;
    }
    let made = Box::into_raw(Box::new(OfProcess {
        process,
        table: Mutex::default(),
    }));
    // If another thread was faster, what was made is lost: a few bytes, once.
    let current = match CURRENT.compare_exchange(found, made, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => made,
        Err(current) => current,
    };
    get(current).expect("somebody set it")
}

#[expect(unsafe_code, reason = "a table is shared by all threads and never freed")]
fn get(pointer: *mut OfProcess) -> Option<&'static OfProcess> {
    // SAFETY: what CURRENT holds is null or came from `Box::into_raw`, is never freed, and is only shared from then on.
    unsafe { pointer.as_ref() }
}
