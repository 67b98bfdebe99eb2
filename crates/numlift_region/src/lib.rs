//! Regions: the unit of findings, profiles, rewrites, verification and reports.
//!
//! A region is a run of statements with its live-ins, live-outs and effects. This crate finds those of a
//! module ([`discover`], [`functions`]), makes functions of them ([`outline`]) and types of what was seen ([`seen`]), and owns the
//! protocol in which the façade and the Python worker speak of them ([`protocol`]).

pub mod discover;
pub mod functions;
pub mod outline;
pub mod protocol;
pub mod seen;
