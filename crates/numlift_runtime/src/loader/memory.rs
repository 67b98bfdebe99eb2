//! Pages for code: written first, executed afterwards, never both.
//!
//! One anonymous mapping. [`Memory::bytes_mut`] writes to it; [`Memory::seal`] makes one part executable, one part
//! read-only, and takes the possibility to write away for good. Unmapped on drop.

use std::io;
use std::ops::Range;

/// One mapping.
#[derive(Debug)]
pub struct Memory {
    start: *mut u8,
    len: usize,
    sealed: bool,
}

#[expect(unsafe_code, reason = "a mapping is not tied to the thread that made it")]
// SAFETY: `start` is owned by this value alone; bytes change only through `&mut self`, and the compiled code's own
// data only by calls, which are the caller's responsibility.
unsafe impl Send for Memory {}
#[expect(unsafe_code, reason = "as above")]
// SAFETY: as above; `&self` gives addresses and nothing else.
unsafe impl Sync for Memory {}

impl Memory {
    /// The address `offset` bytes from the start.
    pub fn address(&self, offset: usize) -> *const u8 {
        assert!(offset <= self.len, "an address of the mapping");
        self.start.wrapping_add(offset)
    }

    /// Bytes mapped.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing is mapped.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes, to be written before [`Memory::seal`].
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        assert!(!self.sealed, "sealed memory is not written to");
        #[expect(unsafe_code, reason = "the mapping is a slice of bytes")]
        // SAFETY: `start` is a live mapping of `len` zeroed bytes that may be read and written until it is sealed, and
        // `&mut self` is the only way to them; an empty one is a dangling, aligned pointer with length 0.
        unsafe {
            std::slice::from_raw_parts_mut(self.start, self.len)
        }
    }
}

#[cfg(unix)]
mod system {
    use super::{Memory, Range, io};
    use rustix::mm::{MapFlags, MprotectFlags, ProtFlags, mmap_anonymous, mprotect, munmap};
    use std::ptr;

    /// Bytes of a page.
    pub fn page_size() -> usize {
        rustix::param::page_size()
    }

    impl Memory {
        /// Maps `len` bytes, a multiple of the page size, all zero.
        pub fn new(len: usize) -> io::Result<Memory> {
            if len == 0 {
                return Ok(Memory {
                    start: ptr::NonNull::dangling().as_ptr(),
                    len,
                    sealed: false,
                });
            }
            let protection = ProtFlags::READ | ProtFlags::WRITE;
            #[expect(unsafe_code, reason = "mapping pages")]
            // SAFETY: a new anonymous mapping at an address of the system's choice touches no memory that is in use.
            let start = unsafe { mmap_anonymous(ptr::null_mut(), len, protection, MapFlags::PRIVATE)? };
            Ok(Memory {
                start: start.cast(),
                len,
                sealed: false,
            })
        }

        /// Makes `text` executable and `constants` read-only; both lie on page borders. What is neither stays
        /// writable, for the code's own data.
        pub fn seal(&mut self, text: Range<usize>, constants: Range<usize>) -> io::Result<()> {
            self.sealed = true;
            let text_flags = MprotectFlags::READ | MprotectFlags::EXEC;
            for (range, flags) in [(text.clone(), text_flags), (constants, MprotectFlags::READ)] {
                assert!(
                    range.start <= range.end && range.end <= self.len,
                    "a part of the mapping"
                );
                if !range.is_empty() {
                    let start = self.start.wrapping_add(range.start);
                    #[expect(unsafe_code, reason = "changing the protection of pages")]
                    // SAFETY: the range lies within this mapping, and no Rust reference to its bytes is alive, since
                    // `&mut self` is held; from now on they are not written to.
                    unsafe {
                        mprotect(start.cast(), range.len(), flags)?;
                    }
                }
            }
            self.flush(text);
            Ok(())
        }

        /// The instruction cache of an ARM does not see what was written by itself.
        #[cfg(target_arch = "aarch64")]
        fn flush(&self, text: Range<usize>) {
            #[expect(unsafe_code, reason = "a function of the compiler's runtime library")]
            unsafe extern "C" {
                fn __clear_cache(start: *mut u8, end: *mut u8);
            }
            #[expect(unsafe_code, reason = "a function of the compiler's runtime library")]
            // SAFETY: both ends lie in this mapping, which is readable.
            unsafe {
                __clear_cache(self.start.wrapping_add(text.start), self.start.wrapping_add(text.end));
            }
        }

        #[cfg(not(target_arch = "aarch64"))]
        fn flush(&self, _text: Range<usize>) {}
    }

    impl Drop for Memory {
        fn drop(&mut self) {
            if self.len > 0 {
                #[expect(unsafe_code, reason = "unmapping pages")]
                // SAFETY: the mapping is ours, whole, and this is its end; addresses in it are documented to be valid
                // only as long as the value lives.
                let unmapped = unsafe { munmap(self.start.cast(), self.len) };
                debug_assert!(unmapped.is_ok(), "a mapping of ours can be unmapped");
            }
        }
    }
}

#[cfg(not(unix))]
mod system {
    use super::{Memory, Range, io};

    pub fn page_size() -> usize {
        4096
    }

    impl Memory {
        /// Not on this system: another loader is used.
        pub fn new(_len: usize) -> io::Result<Memory> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub fn seal(&mut self, _text: Range<usize>, _constants: Range<usize>) -> io::Result<()> {
            self.sealed = true;
            Err(io::ErrorKind::Unsupported.into())
        }
    }
}

pub use system::page_size;
