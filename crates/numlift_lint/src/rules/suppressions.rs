//! NL9: about the comments that keep rules quiet.

pub mod unknown_code;
pub mod unused_ignore;
