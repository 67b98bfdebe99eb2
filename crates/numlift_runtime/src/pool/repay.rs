//! Whether sharing out a loop repays.
//!
//! ```text
//! one loop of 4 us         alone: a launch costs some microseconds where workers look out for it
//! one loop of 40 us        alone: to wake a worker takes as long
//! 200 loops of 40 us       the first few alone; when waking would have been made up for, it is done, and they stay awake
//! ```
//!
//! How long a loop takes is estimated where its code is made, from the ops in it. Each run measures it, and the next run
//! of the same code expects what was measured: caches, vectors and trip counts that nobody knows are in that.
//!
//! A worker whose processor does something else is late, or sleeps in the middle of a chunk while the caller waits. Where a
//! launch took longer than the loop alone would have, the loss is kept, and loops run alone for some times as much work;
//! for more each time that this happens in a row.
//!
//! Nothing here is exact: threads that run loops at the same time may overwrite what another one noted.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Body, Done, VIGIL};

/// Nanoseconds of work from which on a launch repays itself when workers look out for it: it takes about 1.5
/// microseconds then, and two cores make 6 out of 9.
const LEAST: f64 = 9_000.0;

/// The same where they have to be woken: on virtual machines a worker begins after 40 to 60 microseconds.
const WAKING: f64 = 110_000.0;

/// A loss of less than this many nanoseconds is none.
const SLIGHT: f64 = 30_000.0;

/// For so many times the loss loops run alone at first, and at most.
const BARRED: (u32, u32) = (2, 64);

/// How many loops are remembered.
const REMEMBERED: usize = 512;

/// How much longer than estimated loops took: the upper half says whose it is, the lower half is a float.
static FACTORS: [AtomicU64; REMEMBERED] = [const { AtomicU64::new(0) }; REMEMBERED];

/// Nanoseconds of work that was done alone and could have been shared with workers that were awake, with pauses shorter
/// than a worker's vigil.
static OWED: AtomicU64 = AtomicU64::new(0);

/// When the last of it ended.
static OWED_AT: AtomicU64 = AtomicU64::new(0);

/// Nanoseconds of work that is to be done alone, since help was none.
static BARRED_FOR: AtomicU64 = AtomicU64::new(0);

/// By how much more the next loss counts, as a power of two.
static STRIKES: AtomicU32 = AtomicU32::new(0);

/// What is expected of a run of a loop.
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    body: Body,
    /// What was estimated, in nanoseconds.
    estimate: f64,
    /// What is expected.
    pub expected: f64,
    /// Whether it is so because it was measured.
    pub was_measured: bool,
}

impl Outlook {
    /// What is expected of a loop for which so many nanoseconds were estimated.
    pub fn new(body: Body, estimate: f64) -> Self {
        let estimate = estimate.clamp(1.0, 1e15);
        let (place, tag) = place_of(body);
        let known = FACTORS[place].load(Ordering::Relaxed);
        let was_measured = (known >> 32) as u32 == tag;
        let factor = match was_measured {
            true => f64::from(f32::from_bits(known as u32)),
            false => 1.0,
        };
        Self {
            body,
            estimate,
            expected: estimate * factor,
            was_measured,
        }
    }

    /// Whether it is to be shared out. `is_asked`: the program wants it where it may pay at all.
    pub fn repays(&self, is_asked: bool) -> bool {
        if self.expected < LEAST {
            return false;
        }
        if is_asked {
            return true;
        }
        let barred = BARRED_FOR.load(Ordering::Relaxed);
        if barred > 0 {
            BARRED_FOR.store(barred.saturating_sub(self.expected as u64), Ordering::Relaxed);
            return false;
        }
        super::are_awake() || self.expected >= WAKING || self.expected + owed() >= WAKING
    }

    /// Learns from a run that nobody helped with.
    pub fn ran_alone(&self, took: Duration) {
        let took = took.as_nanos() as f64;
        self.learn(took);
        if took >= LEAST {
            let sum = owed() + took;
            OWED.store(sum as u64, Ordering::Relaxed);
            OWED_AT.store(now(), Ordering::Relaxed);
        }
    }

    /// Learns from a run that was shared out.
    pub fn was_shared(&self, done: &Done, count: i64, took: Duration) {
        if done.own <= 0 {
            return;
        }
        let alone = done.busy.as_nanos() as f64 / done.own as f64 * count as f64;
        self.learn(alone);
        OWED.store(0, Ordering::Relaxed);
        let loss = took.as_nanos() as f64 - alone;
        if loss < SLIGHT {
            if loss < 0.0 {
                STRIKES.store(0, Ordering::Relaxed);
            }
            return;
        }
        let strikes = STRIKES.load(Ordering::Relaxed);
        let times = (BARRED.0 << strikes.min(16)).min(BARRED.1);
        STRIKES.store(strikes + 1, Ordering::Relaxed);
        BARRED_FOR.store((loss * f64::from(times)) as u64, Ordering::Relaxed);
    }

    /// That a loop took longer may be somebody else's fault, that it took less time is not.
    fn learn(&self, took: f64) {
        let factor = took / self.estimate;
        let before = self.expected / self.estimate;
        let (place, tag) = place_of(self.body);
        let is_known = (FACTORS[place].load(Ordering::Relaxed) >> 32) as u32 == tag;
        let factor = match is_known {
            false => factor,
            true if factor < before => (before + 3.0 * factor) / 4.0,
            true => (3.0 * before + factor.min(4.0 * before)) / 4.0,
        };
        let word = u64::from(tag) << 32 | u64::from((factor as f32).to_bits());
        FACTORS[place].store(word, Ordering::Relaxed);
    }
}

/// Work that was done alone and would not have been if somebody had been awake; if that was just now.
fn owed() -> f64 {
    let since = now().saturating_sub(OWED_AT.load(Ordering::Relaxed));
    match u128::from(since) < VIGIL.as_nanos() {
        true => OWED.load(Ordering::Relaxed) as f64,
        false => 0.0,
    }
}

/// Nanoseconds since some moment.
fn now() -> u64 {
    static BEGAN: OnceLock<Instant> = OnceLock::new();
    BEGAN.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

/// Where a loop is remembered, and what tells it apart there; the latter is never 0.
fn place_of(body: Body) -> (usize, u32) {
    let mixed = (body as usize as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed >> 32) as usize % REMEMBERED, mixed as u32 | 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn one(_env: *const u8, _lo: i64, _hi: i64) {}
    unsafe extern "C" fn two(env: *const u8, _lo: i64, _hi: i64) {
        std::hint::black_box(env);
    }

    #[test]
    fn what_was_measured_is_expected() {
        let first = Outlook::new(one, 1000.0);
        assert_eq!(first.expected, 1000.0);
        first.ran_alone(Duration::from_nanos(250));
        assert_eq!(Outlook::new(one, 4000.0).expected, 1000.0);
        for _ in 0..50 {
            Outlook::new(one, 1000.0).ran_alone(Duration::from_micros(3));
        }
        let known = Outlook::new(one, 1000.0).expected;
        assert!((2900.0..3001.0).contains(&known), "{known}");
        assert_eq!(Outlook::new(two, 1000.0).expected, 1000.0);
        assert!(!Outlook::new(one, 1000.0).repays(true));
    }
}
