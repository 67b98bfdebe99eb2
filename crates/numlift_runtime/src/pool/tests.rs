//! Loops on the pool: every iteration once, from many threads, nested, stopped; and the events of workers.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use super::*;

/// Marks each iteration once.
unsafe extern "C" fn mark(env: *const u8, lo: i64, hi: i64) {
    // SAFETY: the tests hand over marks for all iterations.
    let marks = unsafe { &*env.cast::<Vec<AtomicU32>>() };
    for at in lo..hi {
        marks[at as usize].fetch_add(1, Ordering::Relaxed);
    }
}

fn check(count: usize, chunk: i64, threads: usize) {
    let marks: Vec<AtomicU32> = (0..count).map(|_| AtomicU32::new(0)).collect();
    let work = Loop {
        body: mark,
        env: std::ptr::from_ref(&marks).cast(),
        count: count as i64,
        chunk,
    };
    // SAFETY: the marks live as long as this.
    unsafe { run(work, threads, &mut || false) };
    assert!(marks.iter().all(|mark| mark.load(Ordering::Relaxed) == 1));
}

#[test]
fn every_iteration_runs_once() {
    for threads in [1, 2, 3, 7] {
        for count in [0, 1, 2, 63, 1000] {
            for chunk in [0, 1, 7, 64, 5000] {
                check(count, chunk, threads);
            }
        }
    }
}

#[test]
fn many_threads_launch_at_once() {
    std::thread::scope(|scope| {
        for number in 0..8 {
            scope.spawn(move || {
                for round in 0..500 {
                    check(100 + number + round % 13, 3, 4);
                }
            });
        }
    });
}

/// Runs a loop of its own in each iteration.
unsafe extern "C" fn nested(env: *const u8, lo: i64, hi: i64) {
    // SAFETY: as for `mark`.
    let total = unsafe { &*env.cast::<AtomicI64>() };
    for at in lo..hi {
        check(50, 2, 4);
        total.fetch_add(at, Ordering::Relaxed);
    }
}

#[test]
fn a_loop_inside_of_a_loop_runs_alone() {
    let total = AtomicI64::new(0);
    let work = Loop {
        body: nested,
        env: std::ptr::from_ref(&total).cast(),
        count: 100,
        chunk: 1,
    };
    // SAFETY: the total lives as long as this.
    unsafe { run(work, 4, &mut || false) };
    assert_eq!(total.load(Ordering::Relaxed), 4950);
}

/// Divides by zero in a later chunk.
unsafe extern "C" fn divide(env: *const u8, lo: i64, hi: i64) {
    // SAFETY: as for `mark`.
    let done = unsafe { &*env.cast::<AtomicU32>() };
    for at in lo..hi {
        std::thread::sleep(Duration::from_millis(1));
        let quotient = std::hint::black_box(1.0) / std::hint::black_box(at as f64 - 7.0);
        done.fetch_or(u32::from(quotient.is_infinite()), Ordering::Relaxed);
    }
}

#[test]
#[cfg(target_arch = "x86_64")]
fn events_of_workers_are_the_callers() {
    const DIVIDE: u32 = 1 << 2;
    let done = AtomicU32::new(0);
    let work = Loop {
        body: divide,
        env: std::ptr::from_ref(&done).cast(),
        count: 8,
        chunk: 1,
    };
    status::enter(status::control());
    // SAFETY: the mark lives as long as this.
    unsafe { run(work, 4, &mut || false) };
    assert_eq!(done.load(Ordering::Relaxed), 1);
    assert_eq!(status::events() & DIVIDE, DIVIDE);
}

#[test]
fn no_chunk_is_begun_after_a_stop() {
    for threads in [1, 4] {
        let marks: Vec<AtomicU32> = (0..1000).map(|_| AtomicU32::new(0)).collect();
        let work = Loop {
            body: mark,
            env: std::ptr::from_ref(&marks).cast(),
            count: 1000,
            chunk: 1,
        };
        let mut asked = 0;
        let mut stop = || {
            asked += 1;
            asked == 3
        };
        // SAFETY: the marks live as long as this.
        let is_done = unsafe { run(work, threads, &mut stop) }.is_done;
        let marked: u32 = marks.iter().map(|mark| mark.load(Ordering::Relaxed)).sum();
        assert!(marked <= 1000);
        assert!(threads > 1 || !is_done && marked == 3);
    }
}

/// Waits.
unsafe extern "C" fn wait(_env: *const u8, lo: i64, hi: i64) {
    std::thread::sleep(Duration::from_millis(20 * (hi - lo) as u64));
}

#[test]
fn iterations_run_at_the_same_time() {
    let work = Loop {
        body: wait,
        env: std::ptr::null(),
        count: 16,
        chunk: 1,
    };
    // Another test may have the pool; then it is tried again.
    let fastest = (0..20)
        .map(|_| {
            let start = Instant::now();
            // SAFETY: the body looks at nothing.
            unsafe { run(work, 4, &mut || false) };
            start.elapsed()
        })
        .find(|time| *time < Duration::from_millis(200));
    assert!(fastest.is_some());
}
