//! Python text, in both directions: parsing, names, flow, reading into IR, writing NumPy, edits.
//!
//! The only crate that names ruff's. It does no input or output.

pub mod flow;
pub mod names;
pub mod parse;
pub mod text;
