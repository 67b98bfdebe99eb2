//! Loops that load at computed places look at all of them first.
//!
//! ```text
//! for i in range(n):                   good = all(0 <= where[i] < len(x) for i in range(n))
//!     y[i] = x[where[i]] * 2    =>     if good: for i in range(n): y[i] = x[where[i]] * 2      # no check: on all cores
//!                                      else: as it was
//! ```
//!
//! The first loop reads nothing but the places and becomes vectors; the second one cannot be left, so its iterations may
//! run at the same time. A place that is out of range, or negative, is met where it always was, with all that was stored
//! before and nothing of what comes later. Loops inside of others stay as they are, and so do those that carry something.

use std::collections::HashSet;

use numlift_ir::build::Builder;
use numlift_ir::function::{Function, OpId};
use numlift_ir::op::Kind;

use super::blocks::Blocks;
use super::roots::Roots;

/// Rewrites the loops that stand in the function itself.
pub(super) fn gathers(func: Function, disjoint: bool) -> Function {
    let before = func.clone();
    let mut b = Builder::new("");
    b.func = func;
    let roots = Roots::new(&before, disjoint);
    let mut blocks = Blocks { b, roots };
    for op in before.block(before.body).ops.clone() {
        if before.op(op).kind == Kind::For {
            rewrite(&mut blocks, op);
        }
    }
    blocks.b.func
}

fn rewrite(blocks: &mut Blocks<'_>, op: OpId) {
    let Some(found) = blocks.places(op).filter(|found| !found.scatters) else {
        return;
    };
    let block = blocks.b.func.body;
    blocks.b.origin = blocks.b.func.op(op).origin;
    let bounds = [0, 1, 2].map(|number| blocks.b.func.op(op).args[number]);
    let rest = blocks.split(block, op);
    blocks.b.block = block;
    let (good, _) = blocks.look(&found, bounds, None);
    let (fast, slow) = (blocks.b.func.add_block(), blocks.b.func.add_block());
    blocks.b.if_op(good, fast, slow, &[]);
    blocks.fast(&found, bounds, None, fast, &HashSet::new());
    blocks.b.func.block_mut(slow).ops.push(op);
    blocks.b.func.block_mut(block).ops.extend(rest[1..].iter().copied());
}
