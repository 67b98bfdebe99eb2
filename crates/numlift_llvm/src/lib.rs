//! Machine code as LLVM IR text. No LLVM is linked: llvmlite makes the code of it.

pub mod math;
