//! Compiled code on disk, as `numlift cache` shows it.

pub use numlift_runtime::cache::{Cache, Cleaned, Listed, Size, Verified};
