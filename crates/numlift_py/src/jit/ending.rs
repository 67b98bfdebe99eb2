//! Threads that are in the middle of something when the interpreter ends, and threads that want the same compiled.
//!
//! ```text
//! main thread                                    a daemon thread
//! atexit: waits until nobody compiles  ◄───────  compiles
//!         from here on nobody else begins        calls a kernel: it runs in Python
//! the interpreter ends                           wants the lock: CPython ends the thread, which waits here for ever
//! ```
//!
//! CPython ends a daemon thread that asks for the interpreter's lock after the end by unwinding its stack, and Rust that
//! is on it would give back what it no longer has. So compiling is waited for; and where Python's code runs inside of
//! compiled code, for as long as it likes, a thread that is unwound stays where it is: nobody waits for it any more.
//!
//! Who forks waits likewise: the child would have the locks that other threads hold, Python's own for imports among them,
//! and nobody who releases them. Should that take too long, the child still waits for nobody: what is counted says whose
//! process it is of.

#![expect(unsafe_code, reason = "asks for the process and the thread")]

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict};

/// How long the interpreter's end waits at most for threads that compile.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long is slept between two looks.
const LOOK: Duration = Duration::from_micros(500);

/// How many threads compile, below; above, the process that they are of.
static COMPILING: AtomicU64 = AtomicU64::new(0);

/// The interpreter is about to end.
static ENDING: AtomicBool = AtomicBool::new(false);

/// A thread is about to fork: nothing is begun meanwhile.
static FORKING: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// How often this thread has begun to compile and not ended.
    static OWN: Cell<u32> = const { Cell::new(0) };
    /// This thread ends the interpreter.
    static ENDS: Cell<bool> = const { Cell::new(false) };
}

/// Looks after the interpreter's end, and after forks.
pub fn watch(py: Python<'_>) -> PyResult<()> {
    let gate = PyCFunction::new_closure(py, None, None, |arguments, _| {
        ENDS.set(true);
        ENDING.store(true, Ordering::SeqCst);
        wait_for_others(arguments.py(), PATIENCE);
    })?;
    py.import("atexit")?.call_method1("register", (gate,))?;
    let before = PyCFunction::new_closure(py, None, None, |arguments, _| {
        FORKING.store(true, Ordering::SeqCst);
        if !Busy::is_begun() {
            wait_for_others(arguments.py(), PATIENCE / 4);
        }
    })?;
    let after = PyCFunction::new_closure(py, None, None, |_, _| FORKING.store(false, Ordering::SeqCst))?;
    let os = py.import("os")?;
    if os.hasattr("register_at_fork")? {
        let given = PyDict::new(py);
        given.set_item("before", before)?;
        given.set_item("after_in_parent", &after)?;
        given.set_item("after_in_child", after)?;
        os.call_method("register_at_fork", (), Some(&given))?;
    }
    Ok(())
}

fn wait_for_others(py: Python<'_>, patience: Duration) {
    let began = Instant::now();
    py.detach(|| {
        while others() > 0 && began.elapsed() < patience {
            std::thread::sleep(LOOK);
        }
    });
}

/// Waits while somebody forks: threads that compile one thing after another let nobody else get to it.
pub fn wait_for_forks(py: Python<'_>) {
    if FORKING.load(Ordering::Relaxed) && !Busy::is_begun() {
        py.detach(|| {
            while FORKING.load(Ordering::SeqCst) {
                std::thread::sleep(LOOK);
            }
        });
    }
}

/// Whether nothing is to be begun in this thread, since the interpreter is about to end.
#[inline]
pub fn is_near() -> bool {
    ENDING.load(Ordering::Relaxed) && !ENDS.get()
}

/// How many other threads of this process compile.
fn others() -> u64 {
    let now = COMPILING.load(Ordering::SeqCst);
    match now >> 32 == u64::from(std::process::id()) {
        true => (now & u64::from(u32::MAX)).saturating_sub(u64::from(OWN.get() > 0)),
        false => 0,
    }
}

/// This thread compiles, or makes something else that must come to its end.
pub struct Busy(());

impl Busy {
    pub fn begin() -> Busy {
        OWN.set(OWN.get() + 1);
        if OWN.get() == 1 {
            count(1);
        }
        Busy(())
    }

    /// Whether this thread does that already.
    pub fn is_begun() -> bool {
        OWN.get() > 0
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if OWN.get() == 1 {
            count(u32::MAX);
        }
        OWN.set(OWN.get().saturating_sub(1));
    }
}

/// Adds to what is counted, modulo 2³²; what another process counted is forgotten.
fn count(by: u32) {
    let own = u64::from(std::process::id()) << 32;
    let next = |now: u64| {
        let known = if now & !u64::from(u32::MAX) == own {
            now as u32
        } else {
            0
        };
        let is_less = by == u32::MAX && known == 0;
        Some(own | u64::from(if is_less { 0 } else { known.wrapping_add(by) }))
    };
    // It never refuses.
    let _ = COMPILING.fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
}

/// Runs Python's code, which may be in the middle of something when the interpreter ends: then this thread stays there.
///
/// # Safety
/// `run` does nothing but call C functions: nothing is left undone when its stack is unwound.
pub unsafe fn staying<T>(run: impl FnOnce() -> T) -> T {
    let stay = Stay;
    let result = run();
    std::mem::forget(stay);
    result
}

struct Stay;

impl Drop for Stay {
    fn drop(&mut self) {
        loop {
            std::thread::sleep(Duration::from_secs(3600));
        }
    }
}

/// Who compiles a kernel now, so that nobody else compiles the same meanwhile: process and thread, 0 for nobody.
#[derive(Default)]
pub struct Turn(AtomicU64);

/// How a thread came to compile.
pub enum Taken<'a> {
    /// It is its turn.
    Own(#[expect(dead_code, reason = "held until it is over")] Held<'a>),
    /// Another thread has compiled meanwhile: what it made may fit.
    Waited,
}

/// It is one's turn until this is dropped.
pub struct Held<'a>(Option<&'a Turn>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(turn) = self.0 {
            turn.0.store(0, Ordering::SeqCst);
        }
    }
}

impl Turn {
    /// Waits, without the interpreter's lock, until nobody else compiles; or takes the turn. A thread that is compiling
    /// something waits for nobody: the other one may wait for it.
    pub fn take(&self, py: Python<'_>) -> Taken<'_> {
        let own = token();
        match self.0.compare_exchange(0, own, Ordering::SeqCst, Ordering::SeqCst) {
            Ok(_) => return Taken::Own(Held(Some(self))),
            Err(_) if Busy::is_begun() => return Taken::Own(Held(None)),
            // Whoever it was is not in this process.
            Err(other) if other >> 32 != own >> 32 => {
                self.0.store(own, Ordering::SeqCst);
                return Taken::Own(Held(Some(self)));
            }
            Err(_) => {}
        }
        let busy = Busy::begin();
        py.detach(|| {
            while self.0.load(Ordering::SeqCst) != 0 {
                std::thread::sleep(LOOK);
            }
        });
        drop(busy);
        Taken::Waited
    }
}

/// This process and thread.
fn token() -> u64 {
    thread_local!(static THREAD: u8 = const { 0 });
    let thread = THREAD.with(|thread| std::ptr::from_ref(thread).addr() as u64);
    // Threads' own memory lies apart by more than this rounds.
    u64::from(std::process::id()) << 32 | (thread >> 4) & u64::from(u32::MAX) | 1
}
