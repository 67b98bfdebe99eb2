//! numlift makes NumPy programs fast and checks that they still compute the same thing.
//!
//! This crate puts the stages in order: validate the input, discover regions, watch the program, cure what is hot,
//! verify each cure, apply the edits, run the whole program once more, report. It does the files and the processes;
//! it prints nothing.

pub mod bisect;
pub mod config;
pub mod cure;
pub mod error;
pub mod git;
pub mod input;
pub mod memory;
pub mod output;
pub mod report;
pub mod undo;
pub mod write;
