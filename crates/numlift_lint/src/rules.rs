//! The rules, a file each; those of a family together.

pub mod algorithms;
pub mod builtins;
pub mod linalg;
pub mod loops;
pub mod memory;
pub mod pandas;
pub mod suppressions;
