//! Stores become slice assignments, or the whole of what they fill.
//!
//! ```text
//! out = np.zeros(n);  scatter out, n { t: 2*x[t] }     =>  out = 2 * x
//! scatter out, n-2 { out[t+1] = … }                    =>  out[1:-1] = …
//! scatter out, n masked { out[t] = v if m }            =>  out[m] = v[m]
//! ```

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::slices::Slicing;
use super::vectorize::Context;
use super::{Content, Elements, Lifted, Pattern, Result, Selector};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Fact;

impl Selector<'_> {
    /// A `Scatter`.
    pub(super) fn scatter(&mut self, op: OpId) -> Result<()> {
        let data = self.raised.op(op).clone();
        let Kind::Scatter { axes, masked } = data.kind else {
            return Err(self.no_form("no store"));
        };
        let base = data.args[0];
        if self.has_shared_rows(base) {
            return Err(Box::new(
                Blocker::new(BlockerKind::Alias, self.at, "the rows of this list are one object")
                    .help("`[[0] * m for _ in range(n)]` makes rows of their own"),
            ));
        }
        let context = self.enter(op, &Context::default())?;
        let yielded = self.raised.block(data.blocks[0]).end.values().to_vec();
        let value = yielded[axes];
        let is_list = matches!(self.raised.ty(base), Ty::List(..));
        let rank = self.raised.ty(base).dims().len();
        let elem = self.raised.ty(base).elements().map(|(elem, _)| elem);
        if !is_list && elem.is_none() {
            return Err(self.no_form("what is stored to is not known to be an array or a list of numbers"));
        }
        let elem = elem.unwrap_or(ScalarTy::PyFloat);
        if rank != axes {
            return Err(self.no_form("whole rows are stored"));
        }
        self.note(Pattern::Filled);
        if !is_list {
            self.check_store(value, elem.array_dtype())?;
        }
        let affines: Vec<Affine> = yielded[..axes]
            .iter()
            .map(|index| affine_of(self.raised, *index))
            .collect();
        let extents = self.container_extents(base, axes);
        if masked && !is_list && axes == 2 && self.is_triangle(op, &context) {
            return self.scatter_places(op, elem, &context);
        }
        let context = in_order_of(&affines, context);
        let Some(slicing) = self.slicing(&affines, &extents, &context)? else {
            return self.scatter_places(op, elem, &context);
        };
        if slicing.dims.len() != context.rank() {
            return Err(self.no_form("one place is stored to again and again: only the last store counts"));
        }
        let whole = slicing.is_whole() && !masked && slicing.dims.len() == context.rank();
        if whole && self.is_unmade(base) {
            return self.become_value(base, value, elem, &slicing, &context);
        }
        if is_list {
            return Err(self.no_form("parts of a list are stored to"));
        }
        // A store to read-only memory raises, one that never happens does not.
        if !is_list && !self.is_unmade(base) {
            let several = self.stores_to_several();
            self.writeable(base, masked || several, &context)?;
        }
        let target = self.value(base)?;
        if masked {
            return self.masked_store(op, target, value, elem, slicing, &context);
        }
        let lifted = match is_list {
            true => self.lift(value, &context)?,
            false => self.lift_stored(value, elem.array_dtype(), &context)?,
        };
        let stored = self.in_order(lifted, &slicing.dims)?;
        let mut args = vec![target];
        args.extend(&slicing.operands);
        args.push(stored);
        self.out.effect(Kind::SetIndex(trimmed(slicing.subs)), &args);
        Ok(())
    }

    /// Whether more than one store goes to memory that was there before: then one that raises would come before the
    /// other has done all its work.
    pub(super) fn stores_to_several(&self) -> bool {
        let body = &self.raised.block(self.raised.body).ops;
        let mut roots = std::collections::BTreeSet::new();
        for op in body {
            let data = self.raised.op(*op);
            if matches!(
                data.kind,
                Kind::Scatter { .. } | Kind::ScatterFold { .. } | Kind::SetIndex(_)
            ) {
                let root = crate::access::path(self.raised, data.args[0]).0;
                if !crate::access::fresh(self.raised, &root) {
                    roots.insert(root);
                }
            }
        }
        roots.len() > 1
    }

    /// Memory that was there before must be writeable, unless a first store would raise in the loop as well.
    pub(super) fn writeable(&mut self, base: ValueId, masked: bool, context: &Context) -> Result<()> {
        if !masked {
            for extent in context.extents.clone() {
                self.require(Fact::AtMost(Affine::constant(1), extent), self.at)?;
            }
            return Ok(());
        }
        let target = self.value(base)?;
        if self.is_fresh(target) {
            return Ok(());
        }
        let flags = self.out.value(Kind::Attr("flags".to_owned()), &[target]);
        let writeable = self.out.value(Kind::Attr("writeable".to_owned()), &[flags]);
        // What an array holds has no part in whether it may be stored to.
        let fact = Fact::Holds(writeable, "the array may be stored to".to_owned());
        self.conditions.push(crate::condition::Condition { fact, at: self.at });
        Ok(())
    }

    /// `[row] * n`: one row, n times.
    fn has_shared_rows(&self, base: ValueId) -> bool {
        self.raised.ty(base).dims().len() > 1
            && self
                .raised
                .defining(base)
                .is_some_and(|op| matches!(op.kind, Kind::Repeat))
    }

    pub(super) fn is_unmade(&self, base: ValueId) -> bool {
        matches!(self.contents.get(&base), Some(Content::Unmade(_)))
    }

    /// Fresh memory that is filled wholly is what fills it.
    fn become_value(
        &mut self,
        base: ValueId,
        value: ValueId,
        elem: ScalarTy,
        slicing: &Slicing,
        context: &Context,
    ) -> Result<()> {
        let is_list = matches!(self.raised.ty(base), Ty::List(..));
        let lifted = match is_list {
            true => self.lift(value, context)?,
            false => self.lift_stored(value, elem.array_dtype(), context)?,
        };
        let elem = if is_list {
            // A list's elements are what was stored last, whatever filled it before.
            self.elements_of(value)
                .ok_or_else(|| self.no_form("what is stored is no number"))?
        } else {
            Elements {
                scalar: elem,
                mixed: false,
            }
        };
        let dtype = elem.scalar.array_dtype();
        let array = if lifted.axes.is_empty() {
            self.spread(lifted, context, elem.scalar)?
        } else {
            let own = self
                .out
                .func
                .ty(lifted.value)
                .elements()
                .map(|(elem, _)| elem.array_dtype());
            if own == Some(dtype) {
                self.spread(lifted, context, elem.scalar)?
            } else {
                let all = lifted.axes.len() == context.rank();
                let cast = Lifted {
                    value: self.astype(lifted.value, dtype),
                    axes: lifted.axes,
                };
                if all {
                    cast.value
                } else {
                    self.spread(cast, context, elem.scalar)?
                }
            }
        };
        // The store's axes may run across the loops.
        let array = {
            let ordered = Lifted {
                value: array,
                axes: (0..context.rank()).collect(),
            };
            let turned = self.in_order(ordered, &slicing.dims)?;
            if turned == array {
                array
            } else {
                self.numpy_call("ascontiguousarray", &[turned])
            }
        };
        self.name_like(array, base);
        self.contents.insert(base, Content::Tensor { array, elem });
        Ok(())
    }

    /// A lifted value with its axes in the order of the target's.
    fn in_order(&mut self, lifted: Lifted, dims: &[usize]) -> Result<ValueId> {
        if lifted.axes.is_empty() {
            return Ok(lifted.value);
        }
        let mut sorted = dims.to_vec();
        sorted.sort_unstable();
        if sorted == dims {
            return Ok(self.expand(&lifted, &sorted));
        }
        if lifted.axes.len() != dims.len() {
            return Err(self.no_form("a store across the loops of a value that depends on one of them"));
        }
        if dims.len() == 2 {
            return Ok(self.out.value(Kind::Attr("T".to_owned()), &[lifted.value]));
        }
        let order: Vec<ValueId> = dims.iter().map(|dim| self.out.int(*dim as i128)).collect();
        let order = self.out.value(Kind::MakeTuple, &order);
        Ok(self.numpy_call("transpose", &[lifted.value, order]))
    }

    /// `out[mask] = value[mask]`
    fn masked_store(
        &mut self,
        op: OpId,
        target: ValueId,
        value: ValueId,
        elem: ScalarTy,
        slicing: Slicing,
        context: &Context,
    ) -> Result<()> {
        let yielded = self.raised.block(self.raised.op(op).blocks[0]).end.values().to_vec();
        let condition = yielded[yielded.len() - 1];
        let mask = self.lift(condition, context)?;
        let mask = self.truth(mask, condition)?;
        let mut sorted = slicing.dims.clone();
        sorted.sort_unstable();
        if sorted != slicing.dims || mask.axes != sorted || sorted.len() != context.rank() {
            return Err(self.no_form("a conditional store across the loops"));
        }
        let view = self.apply_slicing(target, slicing);
        let constant = self.raised.as_const(value).is_some();
        let dtype = elem.array_dtype();
        let stored = if constant {
            self.lift_stored(value, dtype, context)?.value
        } else {
            let mut under = context.clone();
            under.masks.push(mask.value);
            self.lift_stored(value, dtype, &under)?.value
        };
        if self.out.func.ty(stored).as_scalar().is_some()
            && dtype.is_inexact()
            && dtype != numlift_ir::dtype::Dtype::F64
        {
            // One number is converted even if no element is stored to.
            self.announced.insert(super::Announced::Warnings);
        }
        self.step("conditional store → mask");
        self.out
            .effect(Kind::SetIndex(vec![Sub::At]), &[view, mask.value, stored]);
        Ok(())
    }
}

/// The loops in the order of the axes that they store to: a loop over columns around one over rows is one over rows
/// around one over columns. Each place is stored to once, so that any order will do.
fn in_order_of(affines: &[Affine], context: Context) -> Context {
    let mut order: Vec<usize> = Vec::new();
    for affine in affines {
        order.extend(context.dims_of(affine));
    }
    let mut sorted = order.clone();
    sorted.sort_unstable();
    if sorted != (0..context.rank()).collect::<Vec<_>>() || sorted == order {
        return context;
    }
    context.reordered(&order)
}

fn trimmed(mut subs: Vec<Sub>) -> Vec<Sub> {
    while subs.len() > 1 && subs.last() == Some(&Sub::FULL) {
        subs.pop();
    }
    subs
}
