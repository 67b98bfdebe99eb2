//! Regions: the unit of findings, profiles, rewrites, verification and reports.
//!
//! A region is a run of statements with its live-ins, live-outs and effects. This crate finds the modules of a project
//! ([`modules`]) and the regions of each ([`discover`]), and owns the protocol in which the façade and the Python worker
//! speak of them ([`protocol`]).

pub mod discover;
pub mod modules;
pub mod outline;
pub mod protocol;
pub mod seen;
