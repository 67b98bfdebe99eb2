//! The indices of an inner loop, of which a nest has one more: its extents as the outer loop knows them.

use numlift_ir::affine::{Atom, affine_of};
use numlift_ir::function::{BlockId, Function, OriginId, ValueId};
use numlift_ir::infer::result_types;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::super::arithmetic::{int_const, int_op};
use super::Emitter;
use crate::blocker::{Blocker, BlockerKind};

impl Emitter<'_> {
    /// The inner extents as values of the parent block: computed there if they do not depend on the loop.
    pub(super) fn outer_extents(
        &self,
        func: &mut Function,
        extents: &[ValueId],
        at: OriginId,
    ) -> Result<Vec<ValueId>, Blocker> {
        extents
            .iter()
            .map(|extent| {
                let mut tried = func.clone();
                if let Ok(value) = self.outside(&mut tried, *extent) {
                    *func = tried;
                    return Ok(value);
                }
                self.known_extent(func, *extent, at).ok_or_else(|| triangular(at))
            })
            .collect()
    }

    /// The same number without what the loop computes: every column of an array has the length of the array.
    fn known_extent(&self, func: &mut Function, extent: ValueId, at: OriginId) -> Option<ValueId> {
        // Of the array, even where the number is certain: the author may choose another one.
        if let Some((array, axis)) = self.axis_of(func, extent) {
            return Some(self.length(func, array, axis, at));
        }
        let affine = affine_of(func, extent);
        self.of_affine(func, &affine, at)
    }

    /// An affine expression of what is known outside of the loop, as a value of the parent block.
    pub(super) fn of_affine(
        &self,
        func: &mut Function,
        affine: &numlift_ir::affine::Affine,
        at: OriginId,
    ) -> Option<ValueId> {
        let mut sum = int_const(func, self.parent, affine.constant, at);
        for (atom, factor) in &affine.terms {
            let value = match *atom {
                Atom::Value(value) => (!self.looped.scope.defines(func, value)).then_some(value)?,
                Atom::Extent(value, axis) => {
                    (!self.looped.scope.defines(func, value)).then_some(())?;
                    self.length(func, value, axis, at)
                }
                Atom::Sym(sym) => {
                    let live_ins = func.block(func.body).params.clone();
                    let (value, axis) = live_ins.into_iter().find_map(|value| {
                        let axis = func.ty(value).dims().iter().position(|dim| *dim == Dim::Sym(sym))?;
                        Some((value, axis))
                    })?;
                    self.length(func, value, axis, at)
                }
            };
            let factor = int_const(func, self.parent, *factor, at);
            let term = int_op(func, self.parent, F::Mul, factor, value, at);
            sum = int_op(func, self.parent, F::Add, sum, term, at);
        }
        Some(sum)
    }

    /// The array outside of the loop, and its axis, that the length of a row is of.
    fn axis_of(&self, func: &Function, extent: ValueId) -> Option<(ValueId, usize)> {
        let op = func.defining(extent)?;
        let Kind::Len { mut axis } = op.kind else { return None };
        let mut array = op.args[0];
        while self.looped.scope.defines(func, array) {
            let load = func.defining(array)?;
            let Kind::Index(subs) = &load.kind else { return None };
            let are_ints = load.args[1..].iter().all(|index| matches!(func.ty(*index), Ty::Int(_)));
            if !are_ints || subs.iter().any(|sub| *sub != Sub::At) {
                return None;
            }
            axis += subs.len();
            array = load.args[0];
        }
        matches!(func.ty(array), Ty::Array { .. }).then_some((array, axis))
    }

    fn length(&self, func: &mut Function, value: ValueId, axis: usize, at: OriginId) -> ValueId {
        let kind = Kind::Len { axis };
        let types = result_types(func, &kind, &[value]);
        let op = func.push_op(self.parent, kind, vec![value], vec![], &types, at);
        func.result(op)
    }

    /// Copies of an inner block's parameters behind the new counter.
    pub(super) fn inner_params(&self, func: &mut Function, inner: BlockId, block: BlockId) -> Vec<ValueId> {
        let old = func.block(inner).params.clone();
        old.iter()
            .map(|param| {
                let name = func.name_of(*param).map(str::to_owned);
                let ty = func.ty(*param).clone();
                func.add_param(block, ty, name.as_deref())
            })
            .collect()
    }
}

fn triangular(at: OriginId) -> Blocker {
    Blocker::new(
        BlockerKind::Triangular,
        at,
        "the inner loop runs a different number of times in every outer iteration",
    )
}
