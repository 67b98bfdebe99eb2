//! An inner loop whose extent depends on the outer index: all indices of the box around it, and a mask that says which
//! of them the loops run over.
//!
//! ```text
//! for i in range(n): for j in range(i + 1, n): …   =>   … n, n masked { (i, j) … j >= i + 1 }
//! for i in range(n): for j in range(i): …          =>   … n, n - 1 masked { (i, j) … j < i }
//! ```
//!
//! An index that counts up from where the inner loop starts is a coordinate of the box, so that what is loaded by it is
//! still a slice. Refused for extents that move by more than one with the outer index.

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, Function, OriginId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::super::arithmetic::{counter_type, int_const, int_op, logical_and};
use super::super::constant;
use super::Emitter;
use crate::blocker::Blocker;
use crate::condition::prove_at_most;
use crate::slice::Slice;

/// The indices of an inner op inside of a new block.
pub(super) struct InnerSpace {
    /// Values of the parent.
    pub extents: Vec<ValueId>,
    /// What stands for the parameters of the inner op's block.
    pub params: Vec<ValueId>,
    /// Which indices are the loops', where that is not all.
    pub holds: Option<ValueId>,
}

impl Emitter<'_> {
    /// The indices of an inner op, whose extents may depend on the loop.
    pub(super) fn inner_space(
        &self,
        func: &mut Function,
        (extents, inner): (&[ValueId], BlockId),
        block: BlockId,
        slice: &mut Slice<'_>,
        at: OriginId,
    ) -> Result<InnerSpace, Blocker> {
        match self.outer_extents(func, extents, at) {
            Ok(extents) => Ok(InnerSpace {
                extents,
                params: self.inner_params(func, inner, block),
                holds: None,
            }),
            Err(blocker) => {
                let [extent] = extents else { return Err(blocker) };
                self.triangle(func, (*extent, inner), block, slice, at).ok_or(blocker)
            }
        }
    }

    fn triangle(
        &self,
        func: &mut Function,
        (extent, inner): (ValueId, BlockId),
        block: BlockId,
        slice: &mut Slice<'_>,
        at: OriginId,
    ) -> Option<InnerSpace> {
        let looped = &*self.looped;
        let index = Atom::Value(looped.index);
        let length = affine_of(func, extent);
        let grows = length.coefficient(index);
        if constant(func, looped.step) != Some(1) || !matches!(grows, 1 | -1) {
            return None;
        }
        let start = affine_of(func, looped.start);
        let old = func.block(inner).params[0];
        let counted_from = (grows == -1).then(|| counted_from(func, inner, old, index)).flatten();
        let from_zero = |offset: &i128| {
            let first = start.offset(*offset);
            first.is_some_and(|first| prove_at_most(func, &Affine::default(), &first) == Some(true))
        };
        let counted_from = counted_from.filter(from_zero);
        let whole = match (counted_from, grows) {
            (Some(offset), _) => length.plus(&Affine::atom(index), 1)?.offset(offset)?,
            (None, 1) => {
                let last = start.plus(&affine_of(func, self.trip), 1)?.offset(-1)?;
                length.substitute(index, &last)?
            }
            (None, _) => length.substitute(index, &start)?,
        };
        let whole = self.of_affine(func, &whole, at)?;
        let name = func.name_of(old).map(str::to_owned);
        let ty = counter_type(func, whole);
        let counter = func.add_param(block, ty, name.as_deref());
        let here = *slice.map.get(&looped.index)?;
        let compared = |func: &mut Function, f: F, other: ValueId| {
            let kind = Kind::Scalar {
                f,
                flavour: Flavour::Py,
            };
            func.push_value(block, kind, vec![counter, other], vec![], Ty::Bool, at)
        };
        let (param, holds) = match counted_from {
            Some(offset) => {
                let offset = int_const(func, block, offset, at);
                let first = int_op(func, block, F::Add, here, offset, at);
                let param = int_op(func, block, F::Sub, counter, first, at);
                (param, compared(func, F::Ge, first))
            }
            None => {
                let own = slice.value(func, extent).ok()?;
                (counter, compared(func, F::Lt, own))
            }
        };
        Some(InnerSpace {
            extents: vec![whole],
            params: vec![param],
            holds: Some(holds),
        })
    }

    /// What a block yields with one more condition in its mask.
    pub(super) fn narrowed(
        &self,
        func: &mut Function,
        block: BlockId,
        yielded: &mut Vec<ValueId>,
        (masked, holds): (bool, Option<ValueId>),
    ) {
        let Some(holds) = holds else { return };
        let own = if masked { yielded.pop() } else { None };
        yielded.push(match own {
            Some(own) => logical_and(func, block, holds, own, self.looped.origin),
            None => holds,
        });
    }
}

/// From where beside the outer index an inner one counts: 1 of `i + 1 + t`.
fn counted_from(func: &Function, inner: BlockId, counter: ValueId, index: Atom) -> Option<i128> {
    let mut found = None;
    func.walk(inner, &mut |op| {
        for result in &func.op(op).results {
            if !matches!(func.ty(*result), Ty::Int(_)) {
                continue;
            }
            let affine = affine_of(func, *result);
            let is_sum = affine.terms.len() == 2
                && affine.coefficient(index) == 1
                && affine.coefficient(Atom::Value(counter)) == 1;
            if is_sum {
                found.get_or_insert(affine.constant);
            }
        }
    });
    found
}
