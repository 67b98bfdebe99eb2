//! What is said about rules: their pages, for `numlift rule` and `docs/rules`.

pub use numlift_lint::page::{address, index, page};
pub use numlift_lint::registry::{RULES, find};
pub use numlift_lint::rule::{Fixes, INVALID_SYNTAX, Rule};
pub use numlift_lint::selection::validate;
