//! Edits of Python text.

pub use indent::{dedent, indentation_at};

mod indent;
