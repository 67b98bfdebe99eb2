//! The machine under the compiler: from LLVM text to code that can be called, and back to nothing.
//!
//! ```text
//! text, options ─► key ─► code in this process? ─► entry on disk? ─► compile (a function of the caller) ─► Image ─► Arc<Code>
//! ```
//!
//! [`code::Code::get_or_compile`] is that line. [`loader`] maps object code, [`cache`] keeps it, [`key`] says what an object depends on,
//! [`cpu`] what this machine can do, [`pool`] runs loops on several cores, `blocks` has memory for large arrays. Nothing here knows Python or LLVM: the compiler is a function that turns text
//! into an object, and what compiled code calls is a table of addresses that the caller gives.

pub mod apart;
#[cfg(target_os = "linux")]
pub mod blocks;
pub mod cache;
pub mod code;
pub mod cpu;
mod half;
pub mod key;
pub mod loader;
pub mod names;
pub mod pool;

pub use code::{Code, Options};
pub use cpu::Cpu;
