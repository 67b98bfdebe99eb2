//! Placeholder until the first lines of this crate are written.

pub mod dtype;
