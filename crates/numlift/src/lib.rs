//! numlift makes NumPy programs fast and checks that they still compute the same thing.
//!
//! This crate puts the stages in order: validate the input, discover regions, watch the program, cure what is hot,
//! verify each cure, apply the edits, run the whole program once more, report. It does the files and the processes;
//! it prints nothing.

pub mod bisect;
pub mod cache;
pub mod calls;
pub mod check;
pub mod compile;
pub mod config;
pub mod confirm;
pub mod cure;
pub mod describe;
pub mod diff;
pub mod edits;
pub mod emit_tests;
pub mod error;
mod extents;
pub mod git;
pub mod hot;
mod importers;
pub mod input;
pub mod interrupt;
pub mod left;
pub mod lifter;
pub mod lint;
pub mod machine;
pub mod memory;
pub mod observer;
pub mod output;
pub mod pipeline;
pub mod project;
pub mod recording;
pub mod report;
pub mod session;
pub mod single;
pub mod treat;
pub mod undo;
pub mod watch;
pub mod worker;
pub mod write;
