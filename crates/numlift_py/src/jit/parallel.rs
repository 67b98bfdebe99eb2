//! Loops on several cores: how many threads, and who has the interpreter meanwhile.
//!
//! ```text
//! nl_parallel(ctx, body, env, count, work, how)
//!     a launch would not repay, or one thread        the body, here
//!     it does                                        chunks of it, on the pool
//!     much                           the interpreter's lock is let go as long as it takes
//! ```
//!
//! The number of threads is the one of `numlift.threads` in the thread that calls, else the default of the process. A lock
//! that was let go may be long in coming back, since Python gives it up every 5 ms only: that pays for much work alone.

#![expect(unsafe_code, reason = "called by compiled code")]

use std::cell::Cell;
use std::ptr;
use std::time::{Duration, Instant};

use numlift_abi::runtime::launch;
use numlift_runtime::apart;
use numlift_runtime::pool::repay::Outlook;
use numlift_runtime::pool::{self, Body, Loop, count};
use pyo3::exceptions::PyValueError;
use pyo3::ffi;
use pyo3::prelude::*;

use super::call::Context;

/// Nanoseconds of work for which the interpreter's lock is let go.
const MUCH: f64 = 100_000.0;

/// Nanoseconds of work that one thread should have at least.
const SHARE: u64 = 4_000;

/// Nanoseconds of work that a chunk should have at least.
const CHUNK: u64 = 2_000;

/// Nanoseconds of work that a chunk should have at most: signals wait for its end.
const MOST: u64 = 2_000_000;

/// Nanoseconds that any work counts as where every launch is wanted.
const WHATEVER: f64 = 1e6;

/// So many chunks for each thread, since one may take longer than another.
const CHUNKS: u64 = 16;

/// Signals are looked for so often.
const PATIENCE: Duration = Duration::from_millis(30);

/// Chunks of more iterations than this are multiples of it, which vectors divide.
const EVEN: u64 = 64;

thread_local! {
    /// The number of threads that `numlift.threads` says; 0 where it says nothing.
    static SAID: Cell<usize> = const { Cell::new(0) };
    /// Launched loops run backwards, alone: for tests.
    static BACKWARDS: Cell<bool> = const { Cell::new(false) };
    /// The default of this thread, and the process that it was found in.
    static DEFAULT: Cell<(u32, usize)> = const { Cell::new((0, 0)) };
}

/// The number of threads that a loop may use in this thread.
#[pyfunction]
pub fn get_num_threads(py: Python<'_>) -> usize {
    match SAID.get() {
        0 => default(py),
        said => said,
    }
}

/// Sets the number of threads for this thread: 0 for the default, -1 for all processors. Gives what was set before.
#[pyfunction]
pub fn set_num_threads(count: isize) -> PyResult<usize> {
    let said = match count {
        -1 => count::processors(),
        0.. => count.unsigned_abs(),
        _ => return Err(PyValueError::new_err(format!("no number of threads: {count}"))),
    };
    Ok(SAID.replace(said))
}

/// Makes launched loops of this thread run one iteration after the other, the last one first: for tests. What depends on
/// their order is found by that for certain.
#[pyfunction]
pub fn run_backwards(backwards: bool) {
    BACKWARDS.set(backwards);
}

/// Found once in each thread, since schedulers allot to threads.
fn default(py: Python<'_>) -> usize {
    let process = std::process::id();
    let (found_in, known) = DEFAULT.get();
    if found_in == process {
        return known;
    }
    let allotted = py
        .import("numlift._threads")
        .and_then(|module| module.call_method0("allotted"))
        .and_then(|count| count.extract::<Option<usize>>());
    // A scheduler that cannot be asked allots nothing.
    let found = count::default_count(allotted.ok().flatten());
    DEFAULT.set((process, found));
    found
}

/// `numlift_abi::runtime::UNLOCK`.
pub(super) unsafe extern "C" fn nl_unlock(context: &Context<'_>) {
    if context.unlocked.get().is_null() {
        // SAFETY: the GIL is held. What the loop needs is held by the caller of the function.
        context.unlocked.set(unsafe { ffi::PyEval_SaveThread() });
    }
}

/// `numlift_abi::runtime::LOCK`. It may be unwound, as [`nl_parallel`].
pub(super) unsafe extern "C-unwind" fn nl_lock(context: &Context<'_>) {
    let state = context.unlocked.replace(ptr::null_mut());
    if !state.is_null() {
        context.sources.forget();
        // SAFETY: it was let go by this thread.
        unsafe { super::ending::staying(|| ffi::PyEval_RestoreThread(state)) };
    }
}

/// Does something with the GIL held, which is let go again where it was, unless that something raised.
///
/// # Safety
/// The GIL is held by this thread, or was let go by [`nl_unlock`].
pub(super) unsafe fn with_lock(context: &Context<'_>, act: impl FnOnce(Python<'_>) -> bool) -> bool {
    let was_unlocked = !context.unlocked.get().is_null();
    // SAFETY: as the caller says.
    unsafe {
        nl_lock(context);
        let raised = act(Python::assume_attached());
        if was_unlocked && !raised {
            nl_unlock(context);
        }
        raised
    }
}

/// `numlift_abi::runtime::PARALLEL`. It may be unwound: Python ends threads that want its lock when it is ending itself.
pub(super) unsafe extern "C-unwind" fn nl_parallel(
    context: &Context<'_>,
    body: Body,
    env: *const u8,
    count: i64,
    work: f64,
    how: i32,
) -> i32 {
    if count <= 0 {
        return 0;
    }
    if BACKWARDS.get() {
        // SAFETY: the iterations are independent.
        (0..count).rev().for_each(|at| unsafe { body(env, at, at + 1) });
        return 0;
    }
    let began = Instant::now();
    // SAFETY: compiled code runs with the GIL held.
    let threads = get_num_threads(unsafe { Python::assume_attached() }) as u64;
    let outlook = Outlook::new(body, work);
    let (expected, threads) = match how & launch::ALWAYS != 0 {
        true => (WHATEVER, threads),
        false if threads > 1 && outlook.repays(how & launch::ASKED != 0) => (outlook.expected, threads),
        false => (outlook.expected, 1),
    };
    let (threads, mut chunk) = shares(count as u64, expected, threads);
    if !outlook.was_measured {
        // It may take much longer than expected: then it has to be looked after.
        chunk = chunk.min((count as u64 / CHUNKS).next_multiple_of(EVEN).max(1));
    }
    let work_of = Loop {
        body,
        env,
        count,
        chunk: chunk as i64,
    };
    let may_stop = how & launch::MAY_STOP != 0;
    // SAFETY: the iterations are independent, and what they need lives until the call is over. The body does nothing that
    // needs the GIL, and the arrays are held by the caller.
    let done = unsafe {
        if expected >= MUCH {
            nl_unlock(context);
        }
        let mut stop = || {
            if began.elapsed().as_nanos() as f64 >= MUCH {
                nl_unlock(context);
            }
            may_stop && is_interrupted(context)
        };
        pool::run(work_of, threads as usize, &mut stop)
    };
    if done.is_done {
        match done.was_shared {
            true => outlook.was_shared(&done, count, began.elapsed()),
            false => outlook.ran_alone(done.busy),
        }
    }
    // SAFETY: if it was let go, then here.
    unsafe { nl_lock(context) };
    i32::from(!done.is_done)
}

/// Whether the handler of a signal raised, asked now and then in a loop that was launched. The GIL is let go.
fn is_interrupted(context: &Context<'_>) -> bool {
    let now = Instant::now();
    let before = context.asked.get();
    if before.is_some_and(|before| now.duration_since(before) < PATIENCE) {
        return false;
    }
    context.asked.set(Some(now));
    if before.is_none() {
        return false;
    }
    // SAFETY: it was let go by `nl_unlock`.
    unsafe { with_lock(context, |py| super::runtime::take_signals(context, py)) }
}

/// On how many threads so many iterations run, and how many are handed out at a time. All in ints: a division here would be
/// an event of the function that is compiled.
fn shares(count: u64, work: f64, threads: u64) -> (u64, u64) {
    // Nobody waits for longer.
    let work = work.clamp(0.0, 1e15) as u64;
    let threads = threads.min(work / SHARE + 1);
    let least = (CHUNK.saturating_mul(count) / work.max(1)).max(1);
    let most = (MOST.saturating_mul(count) / work.max(1)).max(1);
    if threads == 1 {
        return (1, most.min(count));
    }
    let chunk = (count / (threads * CHUNKS)).max(least).min(most);
    match chunk > EVEN {
        true => (threads, chunk.next_multiple_of(EVEN)),
        false => (threads, chunk),
    }
}

/// `numlift_abi::runtime::APART`.
pub(super) unsafe extern "C" fn nl_apart(words: *const i64, count: i64) -> i32 {
    // SAFETY: compiled code hands over so many words.
    let words = unsafe { std::slice::from_raw_parts(words, count as usize) };
    i32::from(apart::all_hold(words))
}
