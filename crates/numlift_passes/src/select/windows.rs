//! Windows that move over an array: a subscript that is the sum of two indices.
//!
//! ```text
//! x[i + k]      i < n, k < w      =>  sliding_window_view(x, w)
//! x[i + k + 1]  i < n, k < w      =>  sliding_window_view(x[1 : n + w], w)
//! ```
//!
//! A view, where an index array would copy every element as often as there are windows that it is in. Both loops have to
//! run: there is no window that is longer than what it moves over.

use numlift_ir::affine::{Affine, Atom};
use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::{Dim, Ty};

use super::vectorize::Context;
use super::{Lifted, Result, Selector};
use crate::condition::Fact;

impl Selector<'_> {
    /// The view that a subscript of two indices is; `None` where it is another one.
    pub(super) fn window(
        &mut self,
        array: ValueId,
        affines: &[Affine],
        extents: &[Affine],
        context: &Context,
    ) -> Result<Option<Lifted>> {
        let ([affine], [extent], Ty::Array { dtype, shape, .. }) = (affines, extents, self.out.func.ty(array).clone())
        else {
            return Ok(None);
        };
        let [rows, along] = context.dims_of(affine)[..] else {
            return Ok(None);
        };
        let is_plain = context.pairs.is_none() && context.masks.is_empty() && shape.len() == 1;
        if !is_plain || self.has_inner_atom(affine, context) {
            return Ok(None);
        }
        let mut start = affine.clone();
        for dim in [rows, along] {
            let Some(atom) = context.param(dim).map(Atom::Value) else {
                return Ok(None);
            };
            if start.terms.remove(&atom) != Some(1) {
                return Ok(None);
            }
        }
        let (count, width) = (context.extents[rows].clone(), context.extents[along].clone());
        let beyond = start.plus(&count, 1).and_then(|end| end.plus(&width, 1));
        let Some((stop, last)) = beyond.and_then(|end| Some((end.offset(-1)?, end.offset(-2)?))) else {
            return Ok(None);
        };
        for extent in [&count, &width] {
            self.require(Fact::AtMost(Affine::constant(1), extent.clone()), self.at)?;
        }
        self.in_range(&start, &last, extent)?;
        let (from_start, to_end) = (start.as_constant() == Some(0), self.is_same(&stop, extent));
        let mut looked_at = array;
        if !from_start || !to_end {
            let mut args = vec![array];
            if !from_start {
                args.push(self.affine(&start)?);
            }
            if !to_end {
                args.push(self.affine(&stop)?);
            }
            let subs = vec![Sub::Slice {
                lo: !from_start,
                hi: !to_end,
                step: false,
            }];
            looked_at = self.out.value(Kind::Index(subs), &args);
        }
        let width = self.affine(&width)?;
        let kind = Kind::Call {
            callee: "numpy.lib.stride_tricks.sliding_window_view".to_owned(),
            keywords: Vec::new(),
        };
        let ty = Ty::Array {
            dtype,
            shape: vec![Dim::Unknown; 2],
            contiguous: false,
        };
        let made = self.out.typed_op(kind, &[looked_at, width], &[ty]);
        self.step("moving window → view");
        Ok(Some(Lifted {
            value: self.out.func.result(made),
            axes: vec![rows, along],
        }))
    }
}
