//! Kernels of `numlift run`: they run in Python until it is likely that compiling them pays.
//!
//! ```text
//! no version fits the arguments
//!      │ 5 ms in Python since the last compilation, or
//!      │ it has loops, and what was compiled on suspicion took no more than 0.3 s and a tenth of the time so far
//!      ├─ yes ─► compile          └─ no ─► Python, timed
//! ```
//!
//! A function that is called once and runs for a minute shows nothing before that call, so functions with loops are
//! compiled on suspicion; the limit bounds what is lost by it. A kernel whose compiled calls take longer than those in
//! Python did goes back to Python. Times are those of outermost calls, with all that is called in them.

use std::cell::Cell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Python's time after which a function is compiled.
const HOT: Duration = Duration::from_millis(5);

/// So many calls of a function that calls itself take Python some milliseconds.
const MANY: u32 = 20_000;

/// What may be spent on suspicion in any case, and what share of the time so far beside it.
const FREELY: Duration = Duration::from_millis(300);
const SHARE: u32 = 10;

/// What compiled code should do between two pieces that run in Python: calling one costs about as much.
const WORTH_A_PIECE: Duration = Duration::from_micros(2);

/// What was spent on suspicion by the whole process, in nanoseconds.
static SUSPECTED: AtomicU64 = AtomicU64::new(0);
static STARTED: OnceLock<Instant> = OnceLock::new();

/// Where a call ran.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Ran {
    Python,
    Compiled,
}

/// Calls and their time.
#[derive(Default)]
pub struct Spent {
    pub calls: Cell<u64>,
    pub time: Cell<Duration>,
}

impl Spent {
    fn add(&self, time: Duration) {
        self.calls.set(self.calls.get() + 1);
        self.time.set(self.time.get() + time);
    }

    fn mean(&self) -> Duration {
        let calls = u32::try_from(self.calls.get()).unwrap_or(u32::MAX);
        self.time.get().checked_div(calls).unwrap_or_default()
    }
}

/// When a kernel that is watched may be compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// When it has used enough time.
    Hot,
    /// Also on suspicion, since it has loops.
    Suspected,
    /// When it was called often, from wherever: it calls itself, so that one call of it may be many.
    Recursive,
    /// At its first call.
    AtOnce,
    /// A loop of a module, on suspicion: where it is not compiled the call does nothing and says so.
    Piece,
    /// The same, at its first call.
    PieceAtOnce,
}

impl When {
    pub fn named(name: &str) -> Option<When> {
        match name {
            "hot" => Some(When::Hot),
            "suspected" => Some(When::Suspected),
            "recursive" => Some(When::Recursive),
            "at once" => Some(When::AtOnce),
            "piece" => Some(When::Piece),
            "piece at once" => Some(When::PieceAtOnce),
            _ => None,
        }
    }
}

/// What is known of a kernel that is watched.
pub struct Watch {
    when: When,
    depth: Cell<u32>,
    /// How often somebody asked whether it may be compiled, if it calls itself.
    asked: Cell<u32>,
    /// Python's time since the last compilation.
    since: Cell<Duration>,
    retired: Cell<bool>,
    pub in_python: Spent,
    pub compiled: Spent,
    pub compiling: Spent,
}

impl Watch {
    pub fn new(when: When) -> Watch {
        STARTED.get_or_init(Instant::now);
        Watch {
            when,
            depth: Cell::new(0),
            asked: Cell::new(0),
            since: Cell::default(),
            retired: Cell::new(false),
            in_python: Spent::default(),
            compiled: Spent::default(),
            compiling: Spent::default(),
        }
    }

    /// Whether it is to be Python's own function again where it is not compiled: each of its many calls would go by way of
    /// the kernel.
    pub fn gives_back(&self) -> bool {
        self.when == When::Recursive
    }

    /// Whether Python's function is not to be called in place of the compiled one.
    pub fn is_piece(&self) -> bool {
        matches!(self.when, When::Piece | When::PieceAtOnce)
    }

    /// Runs and times a call.
    pub fn call<T>(&self, run: impl FnOnce(&mut Ran) -> T) -> T {
        let mut ran = Ran::Python;
        let compiling = self.compiling.time.get();
        let start = (self.depth.get() == 0).then(Instant::now);
        self.depth.set(self.depth.get() + 1);
        let result = run(&mut ran);
        self.depth.set(self.depth.get() - 1);
        if let Some(start) = start {
            let time = start.elapsed().saturating_sub(self.compiling.time.get() - compiling);
            match ran {
                Ran::Python => {
                    self.in_python.add(time);
                    self.since.set(self.since.get() + time);
                }
                Ran::Compiled => {
                    self.compiled.add(time);
                    self.retire_if_slower();
                }
            }
        }
        result
    }

    /// Whether a version for new arguments may be compiled now.
    pub fn may_compile(&self) -> bool {
        if self.since.get() >= HOT {
            return true;
        }
        if self.when == When::Recursive {
            self.asked.set(self.asked.get().saturating_add(1));
            return self.asked.get() > MANY;
        }
        let elapsed = STARTED.get_or_init(Instant::now).elapsed();
        let spent = Duration::from_nanos(SUSPECTED.load(Ordering::Relaxed));
        match self.when {
            When::Hot | When::Recursive => false,
            When::Suspected | When::Piece => spent < FREELY + elapsed / SHARE,
            When::AtOnce | When::PieceAtOnce => true,
        }
    }

    /// Compiles and times that.
    pub fn compile<T>(&self, compile: impl FnOnce() -> T) -> T {
        let on_suspicion = self.since.get() < HOT;
        let start = Instant::now();
        let made = compile();
        let time = start.elapsed();
        self.compiling.add(time);
        self.since.set(Duration::ZERO);
        if on_suspicion {
            let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
            SUSPECTED.fetch_add(nanos, Ordering::Relaxed);
        }
        made
    }

    /// Whether it was compiled in vain and runs in Python for good.
    pub fn is_retired(&self) -> bool {
        self.retired.get()
    }

    /// Leaves it to Python where compiled code does little else than run pieces in Python, `pieces` in all so far.
    /// Looked at after 1, 2, 4, … calls.
    pub fn retire_if_busy(&self, pieces: impl FnOnce() -> u64) {
        if self.compiled.time.get() > HOT && self.compiled.calls.get().is_power_of_two() {
            let worth = self.compiled.time.get().as_micros() / WORTH_A_PIECE.as_micros();
            if u128::from(pieces()) > worth {
                self.retired.set(true);
            }
        }
    }

    fn retire_if_slower(&self) {
        let enough = self.in_python.calls.get() >= 2 && self.compiled.calls.get() >= 8;
        if enough && self.compiled.time.get() > HOT && self.compiled.mean() > self.in_python.mean() * 3 / 2 {
            self.retired.set(true);
        }
    }
}
