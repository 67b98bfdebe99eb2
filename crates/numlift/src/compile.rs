//! A function to machine code: what `@numlift.jit` asks for at the first call with arguments of some types.

use numlift_abi::{Product, Refusal, Request};

/// The function as LLVM text with what its caller must know, or why it stays in Python.
pub fn compile(request: &Request) -> Result<Product, Refusal> {
    Err(Refusal {
        place: None,
        reason: format!("`{}` has no machine code", request.qualname),
        help: None,
    })
}
