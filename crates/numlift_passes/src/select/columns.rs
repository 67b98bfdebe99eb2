//! Rows that are written out: a column for each of their places.
//!
//! ```text
//! extend l, n { t: [x[t], 2 * y[t]] };  np.array(l)      =>  np.column_stack((x, y * 2))
//! extend l, n masked { t: [x[t], t] if m[t] }            =>  np.column_stack((x[m], np.flatnonzero(m)))
//! ```
//!
//! `np.array` makes numbers of two dtypes into numbers of the one that `column_stack` gives as well. The list itself can
//! be had of that array only where its rows are lists of Python's numbers of one type.

use numlift_ir::dtype::{Dtype, promote};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::ScalarTy;

use super::vectorize::Context;
use super::{Content, Elements, Pattern, Result, Selector};

impl Selector<'_> {
    /// The numbers of a row that is written out in index space.
    pub(super) fn written_row(&self, value: ValueId) -> Option<Vec<ValueId>> {
        let op = self.raised.defining(value)?;
        let display = matches!(op.kind, Kind::MakeList | Kind::MakeTuple) && !op.args.is_empty();
        (display && op.args.iter().all(|item| self.scalar(*item).is_some())).then(|| op.args.clone())
    }

    /// A list of such rows.
    pub(super) fn list_of_rows(
        &mut self,
        op: OpId,
        row: ValueId,
        items: &[ValueId],
        context: &Context,
    ) -> Result<Content> {
        let data = self.raised.op(op).clone();
        let masked = matches!(data.kind, Kind::Extend { masked: true, .. });
        let mut columns = Vec::new();
        let mut elements: Vec<Elements> = Vec::new();
        for item in items {
            let Some(elem) = self.elements_of(*item) else {
                return Err(self.no_form("what is appended is no number, or not always of one type"));
            };
            let column = if masked {
                self.filtered(op, data.args[0], *item, context)?
            } else {
                let lifted = self.lift(*item, context)?;
                let one = context.rank() == 1 && lifted.axes == [0];
                // Columns are copied when they are put together.
                if one {
                    lifted.value
                } else {
                    self.spread(lifted, context, elem.scalar)?
                }
            };
            let deep = self.out.func.ty(column).dims().len() > 1;
            columns.push(if deep { self.flattened(column) } else { column });
            elements.push(elem);
        }
        let Some(dtype) = common_dtype(&elements) else {
            return Err(self.no_form("rows of numbers of several types"));
        };
        self.note(if masked { Pattern::Filter } else { Pattern::Grown });
        let both = self.out.value(Kind::MakeTuple, &columns);
        let array = self.numpy_call("column_stack", &[both]);
        let is_list = self.raised.defining(row).is_some_and(|row| row.kind == Kind::MakeList);
        let alike = elements.iter().all(|elem| elem.scalar == elements[0].scalar);
        Ok(Content::Tensor {
            array,
            elem: Elements {
                scalar: if alike { elements[0].scalar } else { ScalarTy::Np(dtype) },
                mixed: !is_list || !alike || elements.iter().any(|elem| elem.mixed),
            },
        })
    }
}

/// The dtype of an array of numbers of at most two dtypes: of more it depends on their order.
fn common_dtype(elements: &[Elements]) -> Option<Dtype> {
    let mut dtypes: Vec<Dtype> = Vec::new();
    for elem in elements {
        let dtype = elem.scalar.array_dtype();
        if !dtypes.contains(&dtype) {
            dtypes.push(dtype);
        }
    }
    match dtypes[..] {
        [one] => Some(one),
        [one, other] => promote(one, other),
        _ => None,
    }
}
