//! Machine code for functions of Python.

pub mod engine;
pub mod text;
