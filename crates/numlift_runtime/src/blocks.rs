//! Memory of large arrays, kept for the next one when an array is gone.
//!
//! New memory is slow at first: the system zeroes each page as it is touched, which takes as long as squaring all numbers
//! in it. A program that calls a function again and again frees one result and asks for the next of the same size.
//!
//! ```text
//! take(8 MB)       ◄── a free block that is large enough, the one that was used last (it may be in the caches)
//!                  ◄── new pages, large ones where they fit
//! give_back(block) ──► free blocks, at most `limit()` bytes and LONGEST long; others go back to the system
//! ```
//!
//! A large block that is free is marked so that the system may take its pages when it needs some
//! ([`rustix::mm::Advice::LinuxFree`]): nothing is lost by keeping it. Marking takes 30 to 120 microseconds; of smaller
//! ones, for which that is much, fewer bytes are kept, and none of what an array that was resized left. A block has a
//! header in front of its bytes, so that whoever has the bytes can give it back, in whatever thread and behind a fork.

#![expect(unsafe_code, reason = "maps memory")]

use std::collections::VecDeque;
use std::ptr;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap_anonymous, munmap};

/// From so many bytes on a block is worth having; less is what allocators keep by themselves.
pub const LEAST: usize = 512 << 10;

/// How long a block is kept that nobody asks for.
const LONGEST: Duration = Duration::from_secs(5);

/// How many blocks are kept at most.
const MOST: usize = 32;

/// How many bytes are kept at most where there is memory enough: results of some tens of megabytes.
const BYTES: usize = 256 << 20;

/// From so many bytes on free blocks are marked.
const MARKED: usize = 32 << 20;

/// A page of the processor's, and a large one.
const PAGE: usize = 4 << 10;
const LARGE: usize = 2 << 20;

/// From so many bytes on the system is asked for large pages, as NumPy does.
const ASKS_FOR_LARGE: usize = 4 << 20;

/// The bytes of a block begin at a multiple of this behind the header: a line of the caches, the widest vector.
const LINE: usize = 64;

/// Blocks begin at so many different places in their pages, so that arrays that are read side by side do not contend for
/// the same lines of the caches.
const PLACES: usize = 8;
const APART: usize = PAGE + 4 * LINE;

/// What stands in front of a block's bytes.
#[repr(C, align(64))]
struct Header {
    base: *mut u8,
    len: usize,
}

/// A block that nobody has.
struct Free {
    base: *mut u8,
    len: usize,
    since: Instant,
}

// SAFETY: whoever has it is the only one that knows of its memory.
unsafe impl Send for Free {}

/// What nobody has, the latest last, and what its bytes are in sum.
#[derive(Default)]
struct Kept {
    blocks: VecDeque<Free>,
    bytes: usize,
    taken: usize,
}

static KEPT: Mutex<Option<Kept>> = Mutex::new(None);

/// How many bytes are kept at most: `NUMLIFT_KEPT_MEMORY`, a size like `64M`, else 256 MB, and no more than a sixteenth of
/// the machine's memory.
pub fn limit() -> usize {
    static LIMIT: OnceLock<usize> = OnceLock::new();
    *LIMIT.get_or_init(|| {
        let said = std::env::var("NUMLIFT_KEPT_MEMORY").ok();
        if let Some(said) = said.and_then(|text| crate::cache::parse_size(&text)) {
            return usize::try_from(said).unwrap_or(usize::MAX);
        }
        let memory = rustix::system::sysinfo();
        let all = u64::from(memory.mem_unit.max(1)).saturating_mul(memory.totalram);
        BYTES.min(usize::try_from(all / 16).unwrap_or(BYTES))
    })
}

/// Memory for so many bytes, whatever is in it; null where there is none.
pub fn take(size: usize) -> *mut u8 {
    let Some(len) = mapped_for(size) else {
        return ptr::null_mut();
    };
    match kept_for(len) {
        // SAFETY: the block is at least that long and nobody else has it.
        Some((free, number)) => unsafe { headed(free.base, free.len, number, size) },
        None => new(len, size),
    }
}

/// The same, all zeros. It is new: the system gives zeros, when they are touched.
pub fn take_zeroed(size: usize) -> *mut u8 {
    mapped_for(size).map_or(ptr::null_mut(), |len| new(len, size))
}

/// Gives back what [`take`] gave.
///
/// # Safety
/// `bytes` came from here, and nobody uses it any more.
pub unsafe fn give_back(bytes: *mut u8) {
    // SAFETY: the header stands in front of the bytes.
    let Header { base, len } = unsafe { ptr::read(header_of(bytes)) };
    let since = Instant::now();
    let gone = match KEPT.try_lock() {
        Ok(mut kept) if (LEAST..=limit()).contains(&len) => {
            let kept = kept.get_or_insert_default();
            if len >= MARKED {
                // SAFETY: the memory is a mapping of ours that nobody uses. Where the system does not know the advice,
                // the pages just stay.
                let _ = unsafe { madvise(base.cast(), len, Advice::LinuxFree) };
            }
            kept.blocks.push_back(Free { base, len, since });
            kept.bytes += len;
            kept.outdated(since)
        }
        _ => vec![Free { base, len, since }],
    };
    unmap(gone);
}

/// Makes what [`take`] gave larger or smaller, elsewhere if need be; null where there is no memory, and it stays then.
///
/// # Safety
/// As for [`give_back`], where this does not give null.
pub unsafe fn resize(bytes: *mut u8, size: usize) -> *mut u8 {
    // SAFETY: as the caller says; the new block is as long as what is copied.
    unsafe {
        let header = header_of(bytes);
        let room = (*header).base.addr() + (*header).len - bytes.addr();
        if size <= room && room - size <= LARGE {
            return bytes;
        }
        let other = take(size);
        if !other.is_null() {
            ptr::copy_nonoverlapping(bytes, other, size.min(room));
            give_back(bytes);
        }
        other
    }
}

/// How long a mapping has to be: what does not fill large pages is not rounded up to them, unless little is lost.
fn mapped_for(size: usize) -> Option<usize> {
    let needed = size.checked_add(size_of::<Header>() + PLACES * APART)?;
    let large = needed.checked_next_multiple_of(LARGE)?;
    match large - needed <= needed / 16 {
        true => Some(large),
        false => needed.checked_next_multiple_of(PAGE),
    }
}

/// A block that nobody has, and how many were taken before.
fn kept_for(len: usize) -> Option<(Free, usize)> {
    let (found, gone) = match KEPT.try_lock() {
        Ok(mut kept) => {
            let kept = kept.get_or_insert_default();
            kept.taken += 1;
            let fits = |free: &Free| free.len >= len && free.len - len <= len;
            let place = kept.blocks.iter().rposition(fits);
            let found = place.and_then(|place| kept.blocks.remove(place));
            kept.bytes -= found.as_ref().map_or(0, |free| free.len);
            (found.map(|free| (free, kept.taken)), kept.outdated(Instant::now()))
        }
        Err(_) => (None, Vec::new()),
    };
    unmap(gone);
    found
}

impl Kept {
    /// Takes out what is too much, or too old.
    fn outdated(&mut self, now: Instant) -> Vec<Free> {
        let mut gone = Vec::new();
        let is_old = |free: &Free| now.duration_since(free.since) > LONGEST;
        while self.blocks.front().is_some_and(is_old) || self.bytes > limit() || self.blocks.len() > MOST {
            gone.extend(self.blocks.pop_front());
            self.bytes -= gone.last().map_or(0, |free| free.len);
        }
        while self.plain().map(|(_, free)| free.len).sum::<usize>() > limit() / 4 {
            let oldest = self.plain().next().map(|(place, _)| place);
            gone.extend(oldest.and_then(|place| self.blocks.remove(place)));
            self.bytes -= gone.last().map_or(0, |free| free.len);
        }
        gone
    }

    /// The blocks that are not marked, with their places.
    fn plain(&self) -> impl Iterator<Item = (usize, &Free)> {
        self.blocks.iter().enumerate().filter(|(_, free)| free.len < MARKED)
    }
}

fn new(len: usize, size: usize) -> *mut u8 {
    let mapped = map(len).or_else(|| {
        // What is kept may be what is missing.
        unmap(
            KEPT.try_lock()
                .ok()
                .and_then(|mut kept| kept.take())
                .unwrap_or_default()
                .blocks
                .into(),
        );
        map(len)
    });
    let Some(base) = mapped else {
        return ptr::null_mut();
    };
    let number = KEPT
        .try_lock()
        .map_or(0, |kept| kept.as_ref().map_or(0, |kept| kept.taken));
    // SAFETY: the mapping is that long, and new.
    unsafe { headed(base, len, number, size) }
}

/// A new mapping; one of large pages begins with one.
fn map(len: usize) -> Option<*mut u8> {
    let is_large = len >= ASKS_FOR_LARGE;
    let asked = if is_large { len.checked_add(LARGE)? } else { len };
    let (rights, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
    // SAFETY: a new mapping, nobody knows its place.
    let base: *mut u8 = unsafe { mmap_anonymous(ptr::null_mut(), asked, rights, flags) }
        .ok()?
        .cast();
    if !is_large {
        return Some(base);
    }
    let before = base.addr().next_multiple_of(LARGE) - base.addr();
    let behind = LARGE - before;
    // SAFETY: what is cut off lies within the mapping and is not used; all of it are whole pages.
    unsafe {
        let begin = base.add(before);
        if before > 0 {
            let _ = munmap(base.cast(), before);
        }
        if behind > 0 {
            let _ = munmap(begin.add(len).cast(), behind);
        }
        let _ = madvise(begin.cast(), len, Advice::LinuxHugepage);
        Some(begin)
    }
}

fn unmap(blocks: Vec<Free>) {
    for free in blocks {
        // SAFETY: it is a mapping of ours that nobody uses. A failure leaves it where it is.
        let _ = unsafe { munmap(free.base.cast(), free.len) };
    }
}

/// The bytes of a block, behind a new header.
///
/// # Safety
/// The block is `len` bytes long, at least as long as [`mapped_for`] says, and nobody else has it.
unsafe fn headed(base: *mut u8, len: usize, number: usize, size: usize) -> *mut u8 {
    let first = size_of::<Header>() + number % PLACES * APART;
    debug_assert!(first + size <= len, "the header and the bytes fit");
    // SAFETY: as the caller says; `first` is a multiple of a header's alignment, and so is the mapping's place.
    unsafe {
        let bytes = base.add(first);
        header_of(bytes).write(Header { base, len });
        bytes
    }
}

fn header_of(bytes: *mut u8) -> *mut Header {
    bytes.wrapping_sub(size_of::<Header>()).cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(bytes: *mut u8, size: usize, value: u8) {
        // SAFETY: the block is that long.
        unsafe { ptr::write_bytes(bytes, value, size) };
    }

    #[test]
    fn blocks_of_any_size_are_whole_and_apart() {
        for size in [0, 1, LEAST, LARGE - 64, LARGE, 3 * LARGE + 5, 8_000_000, 40 << 20] {
            let (a, b) = (take(size), take_zeroed(size));
            assert!(!a.is_null() && !b.is_null());
            assert_eq!((a.addr() % LINE, b.addr() % LINE), (0, 0));
            fill(a, size, 1);
            // SAFETY: both are that long.
            unsafe {
                assert!((0..size).step_by(511).all(|at| *b.add(at) == 0));
                give_back(a);
                give_back(b);
            }
        }
        assert!(take(usize::MAX - 100).is_null());
        assert!(take(1 << 60).is_null());
    }

    #[test]
    fn what_is_resized_keeps_its_bytes() {
        let mut bytes = take(LARGE);
        fill(bytes, LARGE, 7);
        // SAFETY: nobody else has the block.
        unsafe {
            for size in [LARGE + 1, 16 * LARGE, 16 * LARGE - 9, 3 * PAGE] {
                bytes = resize(bytes, size);
                assert_eq!(*bytes.add(size.min(LARGE) - 1), 7);
            }
            assert!(resize(bytes, 1 << 60).is_null());
            assert_eq!(*bytes, 7);
            give_back(bytes);
        }
    }

    #[test]
    fn only_so_much_is_kept_and_not_for_ever() {
        let now = Instant::now();
        let free = |len: usize, since: Instant| Free {
            base: ptr::null_mut(),
            len,
            since,
        };
        let mut kept = Kept::default();
        for _ in 0..MOST + 3 {
            kept.blocks.push_back(free(LARGE, now));
            kept.bytes += LARGE;
        }
        assert_eq!(kept.outdated(now).len(), 3);
        kept.blocks.push_back(free(limit(), now));
        kept.bytes += limit();
        assert_eq!((kept.outdated(now).len(), kept.blocks.len()), (MOST, 1));
        assert_eq!(kept.outdated(now + LONGEST * 2).len(), 1);
        for _ in 0..3 {
            kept.blocks.push_back(free(MARKED - 1, now));
            kept.bytes += MARKED - 1;
            let _ = kept.outdated(now);
        }
        assert!(kept.bytes <= limit() / 4 && kept.blocks.len() == kept.bytes / (MARKED - 1));
        kept.outdated(now + LONGEST * 2);
        assert_eq!((kept.blocks.len(), kept.bytes), (0, 0));
        for len in [LARGE, LARGE, LARGE, MARKED - 1, MARKED - 1, MARKED - 1] {
            kept.blocks.push_back(free(len, now));
            kept.bytes += len;
        }
        assert!(kept.outdated(now).len() > 3);
        assert!(kept.bytes <= limit() / 4);
    }

    /// Whether the block says from end to end whose it is.
    fn is_whole(bytes: *mut u8, size: usize, value: u8) -> bool {
        // SAFETY: the block is that long.
        unsafe {
            (0..size)
                .step_by(4093)
                .chain([size - 1])
                .all(|at| *bytes.add(at) == value)
        }
    }

    /// A block that goes from one thread to another.
    struct Sent(usize, usize, u8);

    #[test]
    fn nobody_else_writes_to_a_block_that_is_had() {
        let on_their_way = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..4_u64 {
                let on_their_way = &on_their_way;
                scope.spawn(move || {
                    let mut random = thread + 1;
                    for turn in 0..300_u64 {
                        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        let size = LEAST + (random >> 33) as usize % (if turn % 50 == 0 { 40 << 20 } else { LEAST });
                        let value = (thread * 60 + turn % 60) as u8;
                        let mut bytes = take(size);
                        fill(bytes, size, value);
                        let mut len = size;
                        if turn % 7 == 0 {
                            len = 1 + (random >> 40) as usize % (2 * size);
                            // SAFETY: this thread has the block.
                            bytes = unsafe { resize(bytes, len) };
                            assert!(is_whole(bytes, len.min(size), value));
                            fill(bytes, len, value);
                        }
                        let mut others = on_their_way.lock().unwrap();
                        others.push(Sent(bytes.expose_provenance(), len, value));
                        let chosen = (random >> 20) as usize % others.len();
                        let other = others.swap_remove(chosen);
                        drop(others);
                        let bytes = ptr::with_exposed_provenance_mut(other.0);
                        assert!(is_whole(bytes, other.1, other.2));
                        // SAFETY: the block was sent to this thread alone.
                        unsafe { give_back(bytes) };
                    }
                });
            }
        });
    }
}
