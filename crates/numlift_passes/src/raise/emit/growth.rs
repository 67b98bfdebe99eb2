//! Appends become `extend`: of a list, and of a list of rows.

use std::collections::HashMap;

use numlift_ir::function::{Function, OpId};
use numlift_ir::op::{Kind, Term};

use super::super::arithmetic::counter_type;
use super::super::units::{Row, Unit};
use super::Emitter;
use crate::blocker::Blocker;
use crate::slice::Slice;

impl Emitter<'_> {
    pub(super) fn append(&self, func: &mut Function, unit: &Unit, op: OpId) -> Result<(), Blocker> {
        let data = func.op(op).clone();
        let (block, mut slice) = self.block(func)?;
        let mut yielded = vec![slice.value(func, data.args[1])?];
        self.finish_mask(func, &mut slice, block, &unit.mask, &mut yielded)?;
        let masked = !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::Extend { masked, depth: 0 };
        let list = self.outside(func, data.args[0])?;
        func.push_op(self.parent, kind, vec![list, self.trip], vec![block], &[], unit.origin);
        Ok(())
    }

    /// A fresh row in every iteration: its elements get one more leading index.
    pub(super) fn append_row(&self, func: &mut Function, unit: &Unit, append: OpId, row: &Row) -> Result<(), Blocker> {
        let list = self.outside(func, func.op(append).args[0])?;
        let (block, mut slice) = self.block(func)?;
        let mut args = vec![list, self.trip];
        let (mut yielded, depth) = match row {
            Row::Repeated { value, count } => {
                let count = Slice::new(&self.looped.scope, self.parent, HashMap::new()).value(func, *count)?;
                let ty = counter_type(func, count);
                func.add_param(block, ty, None);
                args.push(count);
                (vec![slice.value(func, *value)?], 1)
            }
            Row::Extended(filler) => {
                let data = func.op(*filler).clone();
                args.extend(self.outer_extents(func, &data.args[1..], unit.origin)?);
                let params = self.inner_params(func, data.blocks[0], block);
                let depth = match data.kind {
                    Kind::Extend { depth, .. } => depth + 1,
                    _ => 1,
                };
                (slice.inline_block(func, data.blocks[0], &params)?, depth)
            }
        };
        self.finish_mask(func, &mut slice, block, &unit.mask, &mut yielded)?;
        let masked = !unit.mask.is_empty();
        func.block_mut(block).end = Term::Yield(yielded);
        func.push_op(
            self.parent,
            Kind::Extend { masked, depth },
            args,
            vec![block],
            &[],
            unit.origin,
        );
        Ok(())
    }
}
