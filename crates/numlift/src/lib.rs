//! numlift makes NumPy programs fast and checks that they still compute the same thing.
//!
//! This crate puts the stages in order: validate the input, discover regions, watch the program, cure what is hot,
//! verify each cure, apply the edits, run the whole program once more, report. It does the files and the processes;
//! it prints nothing.

pub mod config;
