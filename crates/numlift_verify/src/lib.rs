//! Old against new: hostile inputs, comparison by class, shrinking.
//!
//! A region's old and new text are run on snapshots of the same live-ins and must leave the same things behind:
//!
//! ```text
//! captured inputs ─┐                 ┌─ Engine::run(Old) ─► Outcome ─┐
//!                  ├─► Snapshot ─────┤                               ├─► compare ─► Difference? ─► shrink ─► Verdict
//! mutate(captured) ┘                 └─ Engine::run(New) ─► Outcome ─┘
//! ```
//!
//! There is no Python in this crate: values are plain data ([`value`]), and what runs code is the [`engine::Engine`]
//! trait. So the verifier is itself tested with engines that plant mistakes.

pub mod compare;
pub mod dtype;
pub mod engine;
pub mod job;
pub mod mutate;
pub mod rng;
pub mod rounding;
pub mod shrink;
pub mod value;
pub mod verify;
