//! Stores become `scatter`; an index-space op of an inner loop gets one more leading index.

use std::collections::HashMap;

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Kind, Term};

use super::super::arithmetic::logical_and;
use super::super::carried::Update;
use super::super::units::Unit;
use super::fold::Place;
use super::{Emitter, not_understood};
use crate::blocker::Blocker;
use crate::slice::Slice;

impl Emitter<'_> {
    pub(super) fn store(&self, func: &mut Function, unit: &Unit, op: OpId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let (block, mut slice) = self.block(func)?;
        let write = unit.write.as_ref().ok_or_else(|| not_understood(unit.origin))?;
        // `C[i][j] = v` stores to a row that was loaded; the indices of the whole path are stored to.
        let path = index_path(func, &data.args)?;
        let mut yielded = slice.values(func, &path)?;
        let value = *data.args.last().ok_or_else(|| not_understood(unit.origin))?;
        yielded.push(slice.value(func, value)?);
        self.finish_mask(func, &mut slice, block, &unit.mask, &mut yielded)?;
        let masked = !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::Scatter {
            axes: path.len(),
            masked,
        };
        let base = self.outside(func, write.base)?;
        func.push_op(self.parent, kind, vec![base, self.trip], vec![block], &[], unit.origin);
        Ok(())
    }

    /// `a[k[i]] = a[k[i]] ⊕ term`, one after the other.
    pub(super) fn accumulate(
        &self,
        func: &mut Function,
        unit: &Unit,
        op: OpId,
        update: &Update,
    ) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let (block, mut slice) = self.block(func)?;
        let write = unit.write.as_ref().ok_or_else(|| not_understood(unit.origin))?;
        let mut yielded = slice.values(func, &data.args[1..data.args.len() - 1])?;
        let axes = yielded.len();
        yielded.push(self.terms(func, &mut slice, block, update, unit.origin)?);
        let mut mask = unit.mask.clone();
        mask.extend(&update.mask);
        self.finish_mask(func, &mut slice, block, &mask, &mut yielded)?;
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::ScatterFold {
            monoid: update.monoid,
            axes,
            masked: !mask.is_empty(),
        };
        let base = self.outside(func, write.base)?;
        func.push_op(self.parent, kind, vec![base, self.trip], vec![block], &[], unit.origin);
        Ok(())
    }

    /// An index-space op of an inner loop gets one more leading index.
    pub(super) fn nested(&self, func: &mut Function, unit: &Unit, op: OpId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let inner = data.blocks[0];
        let (block, mut slice) = self.block(func)?;
        let space = self.inner_space(func, (&data.args[1..], inner), block, &mut slice, unit.origin)?;
        let extents = space.extents;
        let mut yielded = slice.inline_block(func, inner, &space.params)?;
        let was_masked = match data.kind {
            Kind::Scatter { masked, .. } | Kind::ScatterFold { masked, .. } | Kind::Extend { masked, .. } => masked,
            _ => false,
        };
        self.narrowed(func, block, &mut yielded, (was_masked, space.holds));
        let was_masked = was_masked || space.holds.is_some();
        if !unit.mask.is_empty() {
            let own = if was_masked { yielded.pop() } else { None };
            let mut mask = self.mask(func, &mut slice, block, &unit.mask)?;
            if let Some(own) = own {
                mask = logical_and(func, block, mask, own, unit.origin);
            }
            yielded.push(mask);
        }
        let masked = was_masked || !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = match data.kind {
            Kind::Scatter { axes, .. } => Kind::Scatter { axes, masked },
            Kind::ScatterFold { monoid, axes, .. } => Kind::ScatterFold { monoid, axes, masked },
            Kind::Extend { depth, .. } => Kind::Extend { masked, depth },
            _ => return Err(not_understood(unit.origin)),
        };
        let mut args = vec![self.outside(func, data.args[0])?, self.trip];
        args.extend(extents);
        func.push_op(self.parent, kind, args, vec![block], &[], unit.origin);
        Ok(())
    }

    /// A store whose places do not move with the loop: each place is folded over the loop, then stored once.
    pub(super) fn nested_memory(
        &self,
        func: &mut Function,
        unit: &Unit,
        scatter: OpId,
        load: OpId,
        update: &Update,
    ) -> Result<(), Blocker> {
        let data = func.op(scatter).clone();
        let Kind::Scatter { axes, masked } = data.kind else {
            return Err(not_understood(unit.origin));
        };
        let mut args = vec![self.outside(func, data.args[0])?];
        args.extend(self.outer_extents(func, &data.args[1..], unit.origin)?);
        let inner = data.blocks[0];
        let block = func.add_block();
        let params = self.inner_params(func, inner, block);
        let own: HashMap<ValueId, ValueId> = func
            .block(inner)
            .params
            .iter()
            .copied()
            .zip(params.iter().copied())
            .collect();
        let mut slice = Slice::new(&self.looped.scope, block, own.clone());
        let places = func.block(inner).end.values()[..axes].to_vec();
        let mut yielded = slice.values(func, &places)?;
        let start = func.result(load);
        let init = slice.value(func, start)?;
        let mut mask = unit.mask.clone();
        if masked {
            mask.push((func.block(inner).end.values()[axes + 1], true));
        }
        let place = Place { parent: block, own };
        yielded.push(self.fold(func, init, update, unit.origin, &mask, &place)?);
        func.block_mut(block).end = Term::Yield(yielded);
        func.push_op(
            self.parent,
            Kind::Scatter { axes, masked: false },
            args,
            vec![block],
            &[],
            unit.origin,
        );
        Ok(())
    }
}

/// The indices of a store's whole path: of `C[i][j] = v` those of the row, then its own.
fn index_path(func: &Function, args: &[ValueId]) -> Result<Vec<ValueId>, Blocker> {
    let mut path = Vec::new();
    let mut base = args[0];
    while let Some(op) = func.defining(base) {
        let Kind::Index(_) = op.kind else { break };
        let mut prefix = op.args[1..].to_vec();
        prefix.extend(path);
        path = prefix;
        base = op.args[0];
    }
    path.extend(&args[1..args.len() - 1]);
    Ok(path)
}
