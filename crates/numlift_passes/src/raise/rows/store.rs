//! What is stored to a row, and what is appended as one.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::ty::{Dim, Ty};

use super::super::arithmetic::int_const;
use super::axes::Axis;
use super::element::row_path;
use super::{Opener, dtype_of};

impl Opener<'_> {
    /// `base[subs] = value` with at least one axis that is stored to as a whole.
    pub(super) fn store(&mut self, func: &mut Function, subs: &[Sub], args: &[ValueId]) -> Option<()> {
        let (value, base) = (*args.last()?, args[0]);
        let operands = &args[1..args.len() - 1];
        if !matches!(func.ty(base), Ty::Array { .. })
            || subs.iter().all(|sub| *sub == Sub::At) && { subs.len() >= func.ty(base).dims().len() }
        {
            return None;
        }
        // The path down to the array, so that rows of rows are stored to in it.
        let (root, prefix) = row_path(func, base);
        let rank = func.ty(root).dims().len();
        let mut all = vec![Sub::At; prefix.len()];
        all.extend(subs);
        let mut indices = prefix;
        indices.extend(operands);
        let axes = self.axes(func, root, rank, &all, &indices)?;
        let extents: Vec<ValueId> = axes.iter().filter_map(|axis| axis.moving()).collect();
        if extents.is_empty() {
            return None;
        }
        if let Some(items) = items(func, value) {
            return self.store_items(func, root, &axes, &extents, &items);
        }
        let shape = self.shape(func, value)?;
        let shift = extents.len().checked_sub(shape.len())?;
        let fits: Vec<bool> = shape
            .iter()
            .zip(&extents[shift..])
            .map(|(own, wanted)| self.same_extent(func, *own, *wanted))
            .collect::<Option<_>>()?;
        let inner = func.add_block();
        let params = self.counters(func, inner, &extents);
        let places: Vec<ValueId> = params[shift..]
            .iter()
            .zip(&fits)
            .map(|(param, fits)| {
                if *fits {
                    *param
                } else {
                    int_const(func, inner, 0, self.at)
                }
            })
            .collect();
        let mut yielded = self.places(func, inner, &axes, &params);
        yielded.push(self.element(func, inner, value, &places)?);
        func.block_mut(inner).end = Term::Yield(yielded);
        let mut args = vec![root];
        args.extend(extents);
        let kind = Kind::Scatter {
            axes: rank,
            masked: false,
        };
        func.push_op(self.block, kind, args, vec![inner], &[], self.at);
        Some(())
    }

    /// `base[i] = [a, b]`: as many stores.
    fn store_items(
        &mut self,
        func: &mut Function,
        root: ValueId,
        axes: &[Axis],
        extents: &[ValueId],
        items: &[ValueId],
    ) -> Option<()> {
        let [extent] = extents[..] else { return None };
        // Together the items become floats before they are stored, one by one they do not.
        let exact = dtype_of(func, root) == Some(Dtype::F64)
            && items.iter().all(|item| {
                func.ty(*item)
                    .as_scalar()
                    .is_some_and(|ty| !ty.array_dtype().is_complex() && ty.array_dtype().is_known())
            });
        if !exact || items.is_empty() {
            return None;
        }
        let count = int_const(func, self.block, items.len() as i128, self.at);
        self.equal(func, extent, count)?;
        for (number, item) in items.iter().enumerate() {
            let number = int_const(func, self.block, number as i128, self.at);
            let mut args = vec![root];
            args.extend(self.places(func, self.block, axes, &[number]));
            args.push(*item);
            let kind = Kind::SetIndex(vec![Sub::At; axes.len()]);
            func.push_op(self.block, kind, args, vec![], &[], self.at);
        }
        Some(())
    }

    /// `list.append(row)` of an array that is made here and that nobody else has.
    pub(super) fn append(&mut self, func: &mut Function, list: ValueId, row: ValueId) -> Option<()> {
        let Ty::Array { .. } = func.ty(row) else { return None };
        if !self.is_computed(func, row) || self.uses(func, row) != 1 {
            return None;
        }
        let extents = self.shape(func, row)?;
        let [extent] = extents[..] else { return None };
        let dtype = dtype_of(func, row)?;
        let inner = func.add_block();
        let params = self.counters(func, inner, &extents);
        let element = self.element(func, inner, row, &params)?;
        func.block_mut(inner).end = Term::Yield(vec![element]);
        let ty = Ty::List(Box::new(Ty::Np(dtype)), Dim::Unknown);
        let made = func.push_value(self.block, Kind::MakeList, vec![], vec![], ty, self.at);
        let kind = Kind::Extend {
            masked: false,
            depth: 0,
        };
        func.push_op(self.block, kind, vec![made, extent], vec![inner], &[], self.at);
        func.push_op(self.block, Kind::Append, vec![list, made], vec![], &[], self.at);
        Some(())
    }
}

/// The items of a list or tuple of numbers that is written out.
fn items(func: &Function, value: ValueId) -> Option<Vec<ValueId>> {
    let op = func.defining(value)?;
    match &op.kind {
        Kind::MakeList | Kind::MakeTuple if !op.args.is_empty() => Some(op.args.clone()),
        Kind::Call { callee, keywords } if callee == "numpy.array" && keywords.is_empty() => {
            items(func, *op.args.first()?)
        }
        _ => None,
    }
}
