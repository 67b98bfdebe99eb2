//! What compiled code and the code that calls it agree on.
//!
//! A compiled function has the C signature `i32 entry(ptr ctx, ptr args, ptr rets)`. `args` and `rets` point to slots of
//! 8 bytes; how many a value takes, and what is in them, its [`Repr`] says. The result tells how it ended ([`Status`]).
//! What it needs from outside it calls by name ([`runtime`]); `ctx` is handed through and never looked into.
//!
//! ```text
//! def f(x, k): return x[k] * 2.0        x: Array{F64, rank 1} 4 slots: owner, data, shape, strides;  k: Int 1 slot
//!                                       result: Np(F64) 1 slot
//! ```
//!
//! This crate only declares. It knows nothing of LLVM, of Python's API, or of the IR.

pub mod draws;
pub mod event_bits;
pub mod layout;
pub mod repr;
pub mod request;
pub mod runtime;
pub mod spec;

pub use layout::{Axes, Layout};
pub use repr::{Repr, Scalar};
pub use request::{About, Attribute, Options, Product, Refusal, Request, Told};
pub use spec::{Caller, Frame, Island, Known, Outside, Param, Place, Root, Site, Source, Spec, Status, Version};
