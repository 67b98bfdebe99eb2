//! Ctrl-C: the first press ends the watching, a later one ends numlift.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Counts presses; cheap to clone, and safe to press from a signal handler's thread.
#[derive(Debug, Clone, Default)]
pub struct Interrupts(Arc<AtomicU32>);

impl Interrupts {
    /// Ctrl-C was pressed.
    pub fn press(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    /// How often so far.
    pub fn presses(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }
}
