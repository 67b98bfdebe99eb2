//! IR to IR: analyses, raising loops to index space, selecting array forms.

pub mod access;
pub mod blocker;
pub mod condition;
pub mod dead;
pub mod raise;
pub mod select;
pub mod sink;
pub mod slice;
pub mod strength;
