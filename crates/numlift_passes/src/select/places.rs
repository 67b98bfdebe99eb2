//! Stores to places that an array says become stores through index arrays.
//!
//! ```text
//! scatter out, n { k[t]: v[t] }                  =>  out[k] = v
//! scatterfold add h, n { k[t]: w[t] }            =>  np.add.at(h, k, w)
//! scatterfold add h, n masked { k[t]: 1 if m }   =>  np.add.at(h, k[m], 1)
//! ```
//!
//! A place may come again: NumPy goes through one index array in its order, so that the last store wins and sums have
//! the loop's bits (measured for all strides and dtypes). Of several index arrays that all run backwards it goes the
//! other way; one that lies forwards is enough. An index that is out of range raises before anything is stored.

use numlift_ir::affine::affine_of;
use numlift_ir::dtype::{Casting, can_cast};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Monoid, Sub};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::Ty;

use super::vectorize::Context;
use super::{Announced, Lifted, Result, Selector};

impl Selector<'_> {
    /// A `Scatter` whose places are no slice.
    pub(super) fn scatter_places(&mut self, op: OpId, elem: ScalarTy, context: &Context) -> Result<()> {
        let data = self.raised.op(op).clone();
        let Kind::Scatter { axes, masked } = data.kind else {
            return Err(self.no_form("no store"));
        };
        let base = data.args[0];
        if matches!(self.raised.ty(base), Ty::List(..)) {
            return Err(self.no_form("parts of a list are stored to"));
        }
        let yielded = self.raised.block(data.blocks[0]).end.values().to_vec();
        let triangle = match masked {
            true => self.triangle(op, context)?,
            false => None,
        };
        let under = match triangle {
            Some(pairs) => pairs,
            None => self.under_mask(masked.then(|| yielded[axes + 1]), context)?,
        };
        self.ready_to_store(base, masked, context)?;
        let mut places = self.places(base, &yielded[..axes], &under)?;
        let value = self.lift_stored(yielded[axes], elem.array_dtype(), &under)?;
        if !value.axes.is_empty() && context.rank() > 1 && under.pairs.is_none() {
            return Err(self.no_form("stores of several loops to places that may come again"));
        }
        if !value.axes.is_empty() && axes > 1 && !places.iter().any(|place| self.lies_forwards(*place)) {
            let first = places.iter().position(|place| self.is_array(*place));
            let first = first.ok_or_else(|| self.no_form("one place is stored to again and again"))?;
            places[first] = self.numpy_call("ascontiguousarray", &[places[first]]);
        }
        let target = self.value(base)?;
        let mut args = vec![target];
        args.extend(&places);
        args.push(value.value);
        self.out.effect(Kind::SetIndex(vec![Sub::At; axes]), &args);
        self.note(super::Pattern::Places);
        self.step("store by index → index array");
        Ok(())
    }

    /// A `ScatterFold`.
    pub(super) fn scatter_fold(&mut self, op: OpId) -> Result<()> {
        let data = self.raised.op(op).clone();
        let Kind::ScatterFold { monoid, axes, masked } = data.kind else {
            return Err(self.no_form("no store"));
        };
        let base = data.args[0];
        let Ty::Array { dtype, shape, .. } = self.raised.ty(base).clone() else {
            return Err(self.no_form("sums at places of something else than an array"));
        };
        if shape.len() != axes || !dtype.is_known() || dtype.is_complex() && monoid != Monoid::Add {
            return Err(self.no_form("whole rows are stored"));
        }
        let whole = !dtype.is_inexact();
        let ufunc = match monoid {
            Monoid::Add => "add",
            Monoid::Mul => "multiply",
            Monoid::Maximum => "maximum",
            Monoid::Minimum => "minimum",
            Monoid::MaxIf | Monoid::MaxIfLast if whole => "maximum",
            Monoid::MinIf | Monoid::MinIfLast if whole => "minimum",
            Monoid::And
            | Monoid::Or
            | Monoid::MaxIf
            | Monoid::MaxIfLast
            | Monoid::MinIf
            | Monoid::MinIfLast
            | Monoid::Last => {
                return Err(self.no_form("no ufunc does this at places that may come again"));
            }
        };
        self.note(super::Pattern::Places);
        let context = self.enter(op, &Context::default())?;
        let yielded = self.raised.block(data.blocks[0]).end.values().to_vec();
        let under = self.under_mask(masked.then(|| yielded[axes + 1]), &context)?;
        // `at` stores to memory that is read-only.
        if !self.is_unmade(base) {
            self.writeable(base, true, &context)?;
        }
        let places = self.places(base, &yielded[..axes], &under)?;
        let term = self.lift(yielded[axes], &under)?;
        if let Some((own, _)) = self.out.func.ty(term.value).elements()
            && !can_cast(own.array_dtype(), dtype, Casting::Safe)
        {
            return Err(self.no_form("the array form would add in another dtype than the loop"));
        }
        let all: Vec<usize> = (0..context.rank()).collect();
        let term = match term.axes.is_empty() || masked {
            true => term.value,
            false => self.expand(&term, &all),
        };
        self.announced.insert(Announced::Warnings);
        let target = self.value(base)?;
        let places = match places[..] {
            [place] => place,
            _ => self.out.value(Kind::MakeTuple, &places),
        };
        self.numpy_call(&format!("{ufunc}.at"), &[target, places, term]);
        self.step("sum by index → `at`");
        Ok(())
    }

    /// The context where a condition holds.
    fn under_mask(&mut self, condition: Option<ValueId>, context: &Context) -> Result<Context> {
        let mut under = context.clone();
        if let Some(condition) = condition {
            let mask = self.lift(condition, context)?;
            let mask = self.truth(mask, condition)?;
            if mask.axes.len() != context.rank() {
                return Err(self.no_form("a conditional store across the loops"));
            }
            under.masks.push(mask.value);
        }
        Ok(under)
    }

    /// Memory that was there before must be writeable, unless a first store would raise in the loop as well.
    fn ready_to_store(&mut self, base: ValueId, masked: bool, context: &Context) -> Result<()> {
        if self.is_unmade(base) {
            return Ok(());
        }
        let several = self.stores_to_several();
        self.writeable(base, masked || several, context)
    }

    /// The index arrays, each with an element for every index.
    fn places(&mut self, base: ValueId, places: &[ValueId], context: &Context) -> Result<Vec<ValueId>> {
        let extents = self.container_extents(base, places.len());
        let mut lifted: Vec<Lifted> = Vec::new();
        for (place, extent) in places.iter().zip(&extents) {
            let is_int = matches!(self.raised.ty(*place), Ty::Int(_))
                || self.scalar(*place).is_some_and(|ty| ty.array_dtype().is_integer());
            if !is_int {
                return Err(self.no_form("a subscript that is no integer"));
            }
            let affine = affine_of(self.raised, *place);
            if context.dims_of(&affine).is_empty() && !self.depends_on_indices(&[*place], context) {
                self.in_range(&affine, &affine, extent)?;
            }
            lifted.push(self.lift(*place, context)?);
        }
        let (operands, axes) = self.align(&lifted)?;
        let rank = match context.masks.is_empty() && context.pairs.is_none() {
            true => context.rank(),
            false => 1,
        };
        if axes.len() != rank {
            return Err(self.no_form("one place is stored to again and again"));
        }
        self.announced.insert(Announced::StoresBeforeException);
        Ok(operands)
    }

    fn is_array(&self, value: ValueId) -> bool {
        matches!(self.out.func.ty(value), Ty::Array { .. })
    }

    /// Whether an index array has its elements in memory in their order.
    fn lies_forwards(&self, value: ValueId) -> bool {
        self.is_array(value)
            && (self.is_fresh(value) || matches!(self.out.func.ty(value), Ty::Array { contiguous: true, .. }))
    }
}
