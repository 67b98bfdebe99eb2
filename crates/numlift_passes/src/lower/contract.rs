//! Products of matrices that are written out: three loops become one product and a sum.
//!
//! ```text
//! for i in range(n):                          if n, m and p are not small:
//!     for j in range(p):                          t = a[:n, :m] @ b[:m, :p]
//!         for k in range(m):             =>       for i in range(n): for j in range(p): c[i, j] += t[i, j]
//!             c[i, j] += a[i, k] * b[k, j]    else: as it was
//! ```
//!
//! The loop over `k`, wherever it stands among the three, adds products of one element each of two matrices, to memory or
//! to a number that it carries; all else that is done in the three loops stays as it is. Factors that do not change are
//! taken out. The additions change their order, so this is for those who allow it (`fastmath`).
//!
//! The product is computed in front of the outermost loop: nothing in it may store to the matrices, and all elements must
//! be known to be there ([`super::checks`] has run). Loops whose ends depend on each other stay.

mod found;
mod made;

use numlift_ir::build::Builder;
use numlift_ir::function::{BlockId, Function};
use numlift_ir::op::Kind;

use super::roots::Roots;

/// Replaces nests of loops by products everywhere in a function.
pub(super) fn contract(func: Function, disjoint: bool) -> Function {
    let before = func.clone();
    let mut b = Builder::new("");
    b.func = func;
    let body = b.func.body;
    let roots = Roots::new(&before, disjoint);
    Contract { b, roots }.block(body)
}

struct Contract<'r> {
    b: Builder,
    roots: Roots<'r>,
}

impl Contract<'_> {
    fn block(mut self, body: BlockId) -> Function {
        let mut pending = vec![body];
        while let Some(block) = pending.pop() {
            for op in self.b.func.block(block).ops.clone() {
                let product = match self.b.func.op(op).kind {
                    Kind::For => self.product_of(op, block),
                    _ => None,
                };
                match product {
                    Some(product) => self.replace(op, block, &product),
                    None => pending.extend(self.b.func.op(op).blocks.clone()),
                }
            }
        }
        self.b.func
    }
}
