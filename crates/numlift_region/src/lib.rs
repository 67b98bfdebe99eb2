//! Regions: the unit of findings, profiles, rewrites, verification and reports.
//!
//! A region is a run of statements with its live-ins, live-outs and effects. This crate finds them in a module
//! ([`discover`]) and owns the protocol in which the façade and the Python worker speak of them
//! ([`protocol`]).

pub mod discover;
pub mod protocol;
pub mod seen;
