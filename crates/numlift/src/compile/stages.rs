//! A function in every form on its way to machine code, for `numlift show`.

use numlift_abi::{Refusal, Request};
use numlift_passes::lower;

use super::Unit;

/// The forms as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages {
    pub read: String,
    pub loops: String,
    pub llvm: Result<String, Refusal>,
}

/// The forms of a function for the types of a request.
pub fn stages(request: &Request) -> Result<Stages, Refusal> {
    let unit = Unit::of(request)?;
    let read = unit.read(request);
    let single = !numlift_llvm::has_elementary_arrays(&read);
    let lowered = lower::lower(
        read.clone(),
        &lower::Options {
            disjoint: request.disjoint,
            fastmath: request.options.fastmath,
        },
    );
    Ok(Stages {
        read: read.to_string(),
        loops: lowered.func.to_string(),
        llvm: unit.machine(request, lowered, single).map(|(_, emitted)| emitted.text),
    })
}
