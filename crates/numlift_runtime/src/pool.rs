//! Loops on several cores: one pool of threads for the process.
//!
//! ```text
//! run(loop of 1000, 2 threads)     caller: [0, 32) [64, 96) …      worker: [32, 64) [96, 128) …      caller returns
//! ```
//!
//! The iterations are handed out in chunks, to whoever is free; the caller takes part, so a worker that is late, or that
//! never comes, costs nothing but its help. Workers are started when they are first needed, look out for the next
//! loop for a while after one, and then sleep. They take no signals, and they compute with the caller's
//! floating-point settings; the events that they meet are noted for the caller.
//!
//! One loop runs on the pool at a time. A caller that finds it busy runs its loop alone: another thread of the program,
//! or a loop inside of a loop. A process that was forked has no workers and whatever its parent's threads had locked
//! is locked forever, so it makes a pool of its own ([`Pool::of_process`]). Threads end with the process.

#![expect(unsafe_code, reason = "shares a loop with other threads")]

use std::cell::UnsafeCell;
use std::hint::spin_loop;
use std::sync::atomic::{AtomicI64, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

pub mod count;
pub mod repay;
mod signals;
mod status;

#[cfg(test)]
mod tests;

/// Iterations `lo..hi` of a loop.
pub type Body = unsafe extern "C" fn(env: *const u8, lo: i64, hi: i64);

/// A loop whose iterations may run in any order, and at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Loop {
    pub body: Body,
    /// What the body is told besides.
    pub env: *const u8,
    /// How many iterations there are.
    pub count: i64,
    /// How many are handed out at a time; at least 1.
    pub chunk: i64,
}

/// So many workers at most.
const MOST_WORKERS: usize = 255;

/// So often the caller looks whether the workers are done before it sleeps: some 20 microseconds.
const LOOKS: u32 = 1000;

/// For so long a worker looks for the next loop before it sleeps. To wake it takes some 50 microseconds on a virtual
/// machine, half of what squaring a million floats takes.
const VIGIL: Duration = Duration::from_micros(100);

/// So often it looks before it looks at the clock.
const LOOKS_PER_CLOCK: u32 = 50;

/// What became of a loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Done {
    /// Whether it went to its end.
    pub is_done: bool,
    /// How many iterations the caller did itself.
    pub own: i64,
    /// How long it took for these.
    pub busy: Duration,
    /// Whether there was anybody who could have helped.
    pub was_shared: bool,
}

/// Whether workers look out for a loop, so that none has to be woken.
fn are_awake() -> bool {
    let pool = Pool::of_process();
    pool.workers.load(Ordering::Relaxed) > pool.asleep.load(Ordering::Relaxed)
}

/// Runs a loop on so many threads, the caller among them. Between its chunks the caller asks whether to stop: then no
/// more are begun.
///
/// # Safety
/// The body may be called with `env` and any part of `0..count`, by any thread, as long as this function runs.
pub unsafe fn run(work: Loop, threads: usize, stop: &mut dyn FnMut() -> bool) -> Done {
    let began = Instant::now();
    let work = Loop {
        chunk: work.chunk.max(1),
        ..work
    };
    let count = u64::try_from(work.count).unwrap_or(0);
    let chunks = count.div_ceil(work.chunk as u64) as usize;
    let threads = threads.min(chunks).min(MOST_WORKERS + 1);
    if threads > 1
        && let Some(launch) = Pool::of_process().launch()
    {
        // SAFETY: as the caller says.
        return unsafe { launch.run(work, threads - 1, stop) };
    }
    let mut lo = 0;
    let mut is_done = true;
    while is_done && lo < work.count {
        let hi = work.count.min(lo.saturating_add(work.chunk));
        // SAFETY: as the caller says.
        unsafe { (work.body)(work.env, lo, hi) };
        lo = hi;
        is_done = lo >= work.count || !stop();
    }
    Done {
        is_done,
        own: lo,
        busy: began.elapsed(),
        was_shared: false,
    }
}

/// The threads of a process.
struct Pool {
    /// The process whose threads they are.
    process: u32,
    /// Held by whoever runs a loop on the pool.
    busy: Mutex<()>,
    /// How many workers there are.
    workers: AtomicUsize,
    /// Counts the loops.
    turn: AtomicU64,
    /// How many workers sleep, or are about to.
    asleep: AtomicUsize,
    bed: Mutex<()>,
    alarm: Condvar,
    /// [`OPEN`], how many workers may still come, and how many are there.
    door: AtomicU32,
    /// The first iteration that nobody has.
    next: AtomicI64,
    /// Floating-point events that workers met.
    events: AtomicU32,
    /// Written by the caller while nobody is inside and the door is shut.
    job: UnsafeCell<Option<Job>>,
}

// SAFETY: the job, which has pointers, is written by the holder of `busy` while the door is shut and nobody is inside,
// and read by workers only while they are inside; `door` orders the two.
unsafe impl Sync for Pool {}

/// What workers are told of a loop.
#[derive(Debug, Clone)]
struct Job {
    work: Loop,
    control: status::Control,
    caller: Thread,
}

/// Workers may come in.
const OPEN: u32 = 1 << 31;
/// One worker that may still come.
const SEAT: u32 = 1 << 16;
/// The workers that are inside.
const INSIDE: u32 = SEAT - 1;

/// The right to run a loop on the pool.
struct Launch {
    pool: &'static Pool,
    _busy: MutexGuard<'static, ()>,
}

impl Pool {
    fn new() -> Self {
        Self {
            process: std::process::id(),
            busy: Mutex::new(()),
            workers: AtomicUsize::new(0),
            turn: AtomicU64::new(0),
            asleep: AtomicUsize::new(0),
            bed: Mutex::new(()),
            alarm: Condvar::new(),
            door: AtomicU32::new(0),
            next: AtomicI64::new(0),
            events: AtomicU32::new(0),
            job: UnsafeCell::new(None),
        }
    }

    /// The pool of this process; one that was inherited from a parent is forgotten as it is.
    fn of_process() -> &'static Pool {
        static POOL: AtomicPtr<Pool> = AtomicPtr::new(std::ptr::null_mut());
        let known = POOL.load(Ordering::Acquire);
        // SAFETY: pools are never freed.
        if let Some(pool) = unsafe { known.as_ref() }
            && pool.process == std::process::id()
        {
            return pool;
        }
        let made = Box::leak(Box::new(Pool::new()));
        match POOL.compare_exchange(known, made, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => made,
            // SAFETY: it is not null, and pools are never freed. Only threads of this process make one.
            Err(other) => unsafe { &*other },
        }
    }

    /// None while another loop runs on the pool.
    fn launch(&'static self) -> Option<Launch> {
        let busy = self.busy.try_lock().ok()?;
        Some(Launch {
            pool: self,
            _busy: busy,
        })
    }

    /// Takes chunks until there are none, or until it is to stop; whether there are none, and how many iterations it took.
    unsafe fn work(&self, work: Loop, stop: &mut dyn FnMut() -> bool) -> (bool, i64) {
        let mut own = 0;
        loop {
            let lo = self.next.fetch_add(work.chunk, Ordering::Relaxed);
            if lo >= work.count {
                return (true, own);
            }
            let hi = work.count.min(lo.saturating_add(work.chunk));
            // SAFETY: the caller of `run` is still in there.
            unsafe { (work.body)(work.env, lo, hi) };
            own += hi - lo;
            if hi < work.count && stop() {
                self.next.fetch_max(work.count, Ordering::Relaxed);
                return (false, own);
            }
        }
    }

    /// What a worker does for all its life.
    fn serve(&self) {
        let mut seen = 0;
        loop {
            seen = self.wait_for_turn(seen);
            if !self.enter() {
                continue;
            }
            // SAFETY: the job is there while somebody is inside.
            let job = unsafe { (*self.job.get()).clone() };
            if let Some(job) = &job {
                status::enter(job.control);
                // SAFETY: the caller waits until this worker is outside.
                unsafe { self.work(job.work, &mut || false) };
                self.events.fetch_or(status::events(), Ordering::Relaxed);
            }
            let before = self.door.fetch_sub(1, Ordering::AcqRel);
            if before & OPEN == 0
                && before & INSIDE == 1
                && let Some(job) = job
            {
                job.caller.unpark();
            }
        }
    }

    /// The number of the loop that is there now, once it is another than the one that was seen.
    fn wait_for_turn(&self, seen: u64) -> u64 {
        let began = Instant::now();
        while began.elapsed() < VIGIL {
            for _ in 0..LOOKS_PER_CLOCK {
                let turn = self.turn.load(Ordering::Acquire);
                if turn != seen {
                    return turn;
                }
                spin_loop();
            }
        }
        let mut bed = self.bed.lock().unwrap_or_else(PoisonError::into_inner);
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let mut turn = self.turn.load(Ordering::SeqCst);
        while turn == seen {
            bed = self.alarm.wait(bed).unwrap_or_else(PoisonError::into_inner);
            turn = self.turn.load(Ordering::SeqCst);
        }
        self.asleep.fetch_sub(1, Ordering::SeqCst);
        turn
    }

    /// Whether there is a seat.
    fn enter(&self) -> bool {
        let taken = |door: u32| {
            let is_free = door & OPEN != 0 && door & !OPEN >= SEAT;
            is_free.then(|| door - SEAT + 1)
        };
        self.door
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, taken)
            .is_ok()
    }
}

impl Launch {
    /// Runs a loop with the help of so many workers.
    unsafe fn run(&self, work: Loop, helpers: usize, stop: &mut dyn FnMut() -> bool) -> Done {
        let pool = self.pool;
        let helpers = self.start(helpers);
        let job = Job {
            work,
            control: status::control(),
            caller: thread::current(),
        };
        // SAFETY: the door is shut and nobody is inside since the last loop ended; `busy` is held.
        unsafe { *pool.job.get() = Some(job) };
        pool.next.store(0, Ordering::Relaxed);
        pool.events.store(0, Ordering::Relaxed);
        pool.door.store(OPEN | (helpers as u32 * SEAT), Ordering::Release);
        pool.turn.fetch_add(1, Ordering::SeqCst);
        if pool.asleep.load(Ordering::SeqCst) > 0 {
            drop(pool.bed.lock());
            match helpers {
                1 => pool.alarm.notify_one(),
                _ => pool.alarm.notify_all(),
            }
        }
        let began = Instant::now();
        // SAFETY: as the caller says.
        let (is_done, own) = unsafe { pool.work(work, stop) };
        let busy = began.elapsed();
        pool.door.fetch_and(!OPEN, Ordering::AcqRel);
        self.wait_until_left();
        status::add(pool.events.load(Ordering::Relaxed));
        Done {
            is_done,
            own,
            busy,
            was_shared: true,
        }
    }

    fn wait_until_left(&self) {
        for _ in 0..LOOKS {
            if self.pool.door.load(Ordering::Acquire) & INSIDE == 0 {
                return;
            }
            spin_loop();
        }
        while self.pool.door.load(Ordering::Acquire) & INSIDE != 0 {
            // The last one wakes it up; the clock is there for the one that left just before this began.
            thread::park_timeout(Duration::from_millis(1));
        }
    }

    /// Sees to it that there are so many workers, as far as there can be.
    fn start(&self, wanted: usize) -> usize {
        let pool = self.pool;
        while pool.workers.load(Ordering::Relaxed) < wanted {
            let started = signals::without(|| {
                let worker = thread::Builder::new().name("numlift".to_owned());
                worker.spawn(move || pool.serve()).is_ok()
            });
            if !started {
                break;
            }
            pool.workers.fetch_add(1, Ordering::Relaxed);
        }
        pool.workers.load(Ordering::Relaxed).min(wanted)
    }
}
