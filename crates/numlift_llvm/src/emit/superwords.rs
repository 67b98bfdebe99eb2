//! Sums that stand side by side.
//!
//! ```text
//! for i in 0..n by 8: s0 += x[i], s1 += x[i + 1] … s7 += x[i + 7]        one vector of sums
//! ```
//!
//! A loop that carries several sums, as NumPy's sums of floats do, becomes vectors only where LLVM looks for the same
//! operations side by side (its *superword* pass). That costs a tenth of the time to compile, so a module says whether
//! it wants it.

use numlift_ir::function::Function;
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;

/// As many numbers as fill a vector.
const SIDE_BY_SIDE: usize = 4;

/// The line of a module that wants it, and nothing for others.
pub(super) fn wanted(func: &Function) -> &'static str {
    let mut found = false;
    func.visit_blocks(func.body, &mut |block| {
        for op in &func.block(block).ops {
            let data = func.op(*op);
            let carried: usize = data.results.iter().map(|result| floats(func.ty(*result))).sum();
            found |= data.kind == Kind::For && carried >= SIDE_BY_SIDE;
        }
    });
    if found { "!numlift.superwords = !{}\n" } else { "" }
}

/// How many floats a value has.
fn floats(ty: &Ty) -> usize {
    match ty {
        Ty::Float => 1,
        Ty::Np(dtype) if dtype.is_complex() => 2,
        Ty::Np(dtype) if dtype.is_float() => 1,
        _ => 0,
    }
}
