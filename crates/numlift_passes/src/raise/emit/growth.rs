//! Appends become `extend`: of a list, of a list of rows, and of an array that grows by copies.

use std::collections::HashMap;

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::{Dim, Ty};

use super::super::arithmetic::counter_type;
use super::super::constant;
use super::super::units::{Row, Unit};
use super::{Emitter, not_understood};
use crate::blocker::{Blocker, BlockerKind};
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
        if !unit.mask.is_empty() {
            return Err(Blocker::new(
                BlockerKind::NoForm,
                unit.origin,
                "rows are appended under a condition",
            ));
        }
        let list = self.outside(func, func.op(append).args[0])?;
        let (block, mut slice) = self.block(func)?;
        let mut args = vec![list, self.trip];
        let (yielded, depth) = match row {
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
        func.block_mut(block).end = Term::Yield(yielded);
        func.push_op(
            self.parent,
            Kind::Extend { masked: false, depth },
            args,
            vec![block],
            &[],
            unit.origin,
        );
        Ok(())
    }

    /// An array that grows: a list that grows, made into an array behind the loop.
    pub(super) fn grow(
        &self,
        func: &mut Function,
        unit: &Unit,
        number: usize,
        value: ValueId,
        mask: &[(ValueId, bool)],
    ) -> Result<ValueId, Blocker> {
        let at = unit.origin;
        let (block, mut slice) = self.block(func)?;
        let mut yielded = vec![slice.value(func, value)?];
        self.finish_mask(func, &mut slice, block, mask, &mut yielded)?;
        let elem = func.ty(yielded[0]).clone();
        func.block_mut(block).end = Term::Yield(yielded);
        let list = Ty::List(Box::new(elem.clone()), Dim::Unknown);
        let list = func.push_value(self.parent, Kind::MakeList, vec![], vec![], list, at);
        let kind = Kind::Extend {
            masked: !mask.is_empty(),
            depth: 0,
        };
        func.push_op(self.parent, kind, vec![list, self.trip], vec![block], &[], at);
        let init = self.looped.inits[number];
        let Ty::Array { dtype, .. } = *func.ty(self.looped.params[number]) else {
            return Err(not_understood(at));
        };
        let grown = Ty::array(dtype, vec![Dim::Unknown]);
        let name = format!("numpy.{}", dtype.attribute());
        let ty = Ty::Extern(name.clone());
        let name = func.push_value(self.parent, Kind::Extern(name), vec![], vec![], ty, at);
        let kind = Kind::Call {
            callee: "numpy.array".to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let array = func.push_value(self.parent, kind, vec![list, name], vec![], grown.clone(), at);
        if is_empty_array(func, init) {
            return Ok(array);
        }
        let kind = Kind::Call {
            callee: "numpy.append".to_owned(),
            keywords: vec![],
        };
        Ok(func.push_value(self.parent, kind, vec![init, array], vec![], grown, at))
    }
}

/// `np.array([])` and the like.
fn is_empty_array(func: &Function, value: ValueId) -> bool {
    let Some(op) = func.defining(value) else { return false };
    let Kind::Call { callee, .. } = &op.kind else {
        return false;
    };
    let Some(first) = op.args.first() else { return false };
    match callee.as_str() {
        "numpy.array" | "numpy.asarray" => func
            .defining(*first)
            .is_some_and(|list| list.kind == Kind::MakeList && list.args.is_empty()),
        "numpy.zeros" | "numpy.empty" | "numpy.ones" => constant(func, *first) == Some(0),
        _ => false,
    }
}
