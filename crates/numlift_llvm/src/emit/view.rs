//! Views of arrays: the same memory from another place, with other strides or another shape.

use numlift_ir::function::{OpId, ValueId};

use super::{Emit, Emitter};
use crate::value::{Array, Value, refine};

impl Emitter<'_> {
    /// [`numlift_ir::op::VIEW`]
    pub(super) fn view_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let base = self.array(args[0])?;
        let rank = base.shape.len();
        let (offsets, rest) = args[1..].split_at(rank);
        let (along, rest) = rest.split_at(rank);
        let (steps, extents) = rest.split_at(rank);
        let shape = self.extents(extents)?;
        let mut view = Array {
            strides: vec!["0".to_owned(); shape.len()],
            shape,
            ..base.clone()
        };
        for axis in 0..rank {
            let (offset, step) = (self.int(offsets[axis])?, self.int(steps[axis])?);
            let moved = self.product(&offset, &base.strides[axis]);
            if moved != "0" {
                // Of nothing the offset may lie outside.
                view.data = self
                    .text
                    .value(&format!("getelementptr i8, ptr {}, i64 {moved}", view.data));
            }
            let Some(at) = self.constant_int(along[axis]).and_then(|at| usize::try_from(at).ok()) else {
                continue;
            };
            let stride = self.product(&step, &base.strides[axis]);
            view.strides[at] = match view.strides[at].as_str() {
                "0" => stride,
                other => self.text.value(&format!("add i64 {other}, {stride}")),
            };
        }
        let ty = self.func.ty(results[0]).clone();
        refine(&mut view, &ty, &self.symbols);
        self.set(results[0], Value::Array(view));
        Ok(())
    }

    /// [`numlift_ir::op::RESHAPE`]
    pub(super) fn reshape_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let base = self.array(args[0])?;
        let shape = self.extents(&args[1..])?;
        let mut array = Array {
            strides: vec![String::new(); shape.len()],
            shape,
            ..base
        };
        let ty = self.func.ty(results[0]).clone();
        refine(&mut array, &ty, &self.symbols);
        self.contiguous_strides(&mut array, &ty);
        self.set(results[0], Value::Array(array));
        Ok(())
    }

    fn extents(&mut self, extents: &[ValueId]) -> Emit<Vec<String>> {
        extents.iter().map(|extent| self.int(*extent)).collect()
    }
}
