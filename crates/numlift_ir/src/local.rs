//! Small arrays that nobody but a few loads and stores knows of.
//!
//! ```text
//! for i in range(n):
//!     t = np.zeros(3)                 three numbers on the stack: nothing is allocated, and each thread has its own
//!     t[0], t[1], t[2] = …
//!     out[i] = t[0] * t[1] + t[2]
//! ```
//!
//! Such an array has extents that are constants, is loaded from and stored to in the block that makes it or below, and
//! no more: no view of it is taken, no call is given it, it stays behind no loop, and no frame names it.

use std::collections::{BTreeMap, BTreeSet};

use crate::dtype::Dtype;
use crate::function::{Function, OpId, ValueId};
use crate::op::Kind;
use crate::ty::{Dim, Ty};

/// The most bytes of one array, and of all arrays of a function.
const ONE: u64 = 4096;
const ALL: u64 = 32_768;

/// What is known of a value's uses.
#[derive(Debug, Clone, Copy, Default)]
struct Uses {
    escapes: bool,
    in_frames: bool,
}

/// The ops that make local arrays. Those that only frames name count `with_frames`: whoever asks so takes the frames away.
pub fn local_arrays(func: &Function, with_frames: bool) -> BTreeSet<OpId> {
    let mut made: BTreeMap<ValueId, OpId> = BTreeMap::new();
    func.walk(func.body, &mut |op| {
        if bytes_of(func, op).is_some() {
            made.insert(func.op(op).results[0], op);
        }
    });
    let mut uses: BTreeMap<ValueId, Uses> = BTreeMap::new();
    func.visit_blocks(func.body, &mut |block| {
        let block = func.block(block);
        for op in &block.ops {
            let data = func.op(*op);
            for (place, arg) in data.args.iter().enumerate().filter(|(_, arg)| made.contains_key(arg)) {
                let uses = uses.entry(*arg).or_default();
                match data.kind {
                    Kind::Load | Kind::Store if place == 0 => {}
                    Kind::Len { .. } => {}
                    Kind::Frame { .. } => uses.in_frames = true,
                    _ => uses.escapes = true,
                }
            }
        }
        for value in block.end.values() {
            uses.entry(*value).or_default().escapes = true;
        }
    });
    let mut left = ALL;
    let mut found = BTreeSet::new();
    for (value, op) in made {
        let uses = uses.get(&value).copied().unwrap_or_default();
        let bytes = bytes_of(func, op).unwrap_or(u64::MAX);
        if !uses.escapes && (with_frames || !uses.in_frames) && bytes <= left {
            left -= bytes;
            found.insert(op);
        }
    }
    found
}

/// How many bytes a new array has, if that is known and not much.
fn bytes_of(func: &Function, op: OpId) -> Option<u64> {
    let data = func.op(op);
    let Kind::Call { callee, keywords } = &data.kind else {
        return None;
    };
    let is_new = matches!(callee.as_str(), "numpy.empty" | "numpy.zeros");
    if !is_new || data.args.len() > 2 || keywords.iter().any(|keyword| keyword != "dtype") {
        return None;
    }
    let (dtype, extents) = local_type(func.ty(*data.results.first()?))?;
    let count = extents
        .iter()
        .try_fold(1_u64, |count, extent| count.checked_mul(*extent))?;
    let bytes = count.checked_mul(dtype.itemsize() as u64)?;
    (bytes <= ONE).then_some(bytes)
}

/// Dtype and extents of an array all of whose extents are constants.
pub fn local_type(ty: &Ty) -> Option<(Dtype, Vec<u64>)> {
    let Ty::Array {
        dtype,
        shape,
        contiguous: true,
    } = ty.bound()
    else {
        return None;
    };
    let extents = shape.iter().map(|extent| match extent {
        Dim::Const(extent) => Some(*extent),
        Dim::Sym(_) | Dim::Unknown => None,
    });
    Some((*dtype, extents.collect::<Option<_>>()?))
}
