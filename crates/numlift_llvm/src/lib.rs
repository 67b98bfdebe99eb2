//! Loop-form IR as LLVM IR text.
//!
//! ```text
//! for %i in 0, n { %v = load %x, %i; … }      =>      loop3: %t12 = phi … ; %t15 = getelementptr …
//! ```
//!
//! [`emit()`] takes a typed function in loop form and gives the text of a module with one entry, whose arguments,
//! results, frames and islands the [`numlift_abi::Spec`] beside it describes. The text is all that machine code is made
//! of, so it is also what caches are keyed by. What has no machine code becomes an island, and what cannot be an island
//! is [`Unsupported`]; no text is ever emitted that LLVM's verifier refuses.
//!
//! This crate links no LLVM and reads nothing.

mod emit;
mod library;
pub mod math;
mod text;
mod value;

pub use emit::{Emitted, Ignoring, Launching, Options, Unsupported, Urge, Version, emit};
pub use library::has_elementary_arrays;
pub use value::{dtype_of, repr_of, scalar_of};
