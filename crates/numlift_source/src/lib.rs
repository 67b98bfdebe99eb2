//! Python text, in both directions: parsing, names, flow, reading into IR, writing NumPy, edits.
//!
//! The only crate that names ruff's. It does no input or output.

pub mod diagnostic;
pub mod direct;
pub mod edit;
pub mod flow;
pub mod functions;
pub mod loops;
pub mod module;
pub mod names;
pub mod parse;
pub mod project;
pub mod read;
pub mod spelling;
pub mod statics;
pub mod syntax;
pub mod text;
pub mod traps;
pub mod unread;
pub mod write;
