//! How long things are, as values of the new function.
//!
//! ```text
//! affine n - 1               =>  n - 1
//! extent of x along 1        =>  x.shape[1], or len(x[0]) of a list of lists
//! ```

use numlift_ir::affine::{Affine, Atom, affine_of, extent_of};
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::{Content, Result, Selector};

impl Selector<'_> {
    /// The extents of a container, for lists that grew those that they grew to.
    pub(super) fn container_extents(&self, value: ValueId, rank: usize) -> Vec<Affine> {
        if let Some(Content::Unmade(op)) = self.contents.get(&value)
            && matches!(self.raised.op(*op).kind, Kind::Extend { .. })
        {
            return extents_of(self.raised, *op);
        }
        (0..rank).map(|axis| extent_of(self.raised, value, axis)).collect()
    }

    /// An affine expression as a value of the new function.
    pub(super) fn affine(&mut self, affine: &Affine) -> Result<ValueId> {
        let mut sum: Option<ValueId> = None;
        let ordered = affine.terms.iter().filter(|(_, factor)| **factor > 0);
        let ordered = ordered.chain(affine.terms.iter().filter(|(_, factor)| **factor < 0));
        for (atom, factor) in ordered {
            let mut term = self.atom(*atom)?;
            if factor.abs() != 1 {
                let times = self.out.int(factor.abs());
                term = self.out.operator(F::Mul, &[times, term]);
            }
            sum = Some(match sum {
                None if *factor < 0 => self.out.operator(F::Neg, &[term]),
                None => term,
                Some(before) => self
                    .out
                    .operator(if *factor < 0 { F::Sub } else { F::Add }, &[before, term]),
            });
        }
        match sum {
            None => Ok(self.out.int(affine.constant)),
            Some(sum) if affine.constant == 0 => Ok(sum),
            Some(sum) => {
                let f = if affine.constant < 0 { F::Sub } else { F::Add };
                let constant = self.out.int(affine.constant.abs());
                Ok(self.out.operator(f, &[sum, constant]))
            }
        }
    }

    fn atom(&mut self, atom: Atom) -> Result<ValueId> {
        match atom {
            Atom::Value(value) => self.value(value),
            Atom::Extent(value, axis) => self.extent_value(value, axis),
            Atom::Sym(sym) => {
                let mut params = self.raised.block(self.raised.body).params.clone();
                // `len(b)` before `a.shape[1]`, and that before the length of a list's rows.
                params.sort_by_key(|param| {
                    let ty = self.raised.ty(*param);
                    let axis = ty.dims().iter().position(|dim| *dim == Dim::Sym(sym));
                    (axis.is_none(), axis > Some(0) && matches!(ty, Ty::List(..)), axis)
                });
                for param in params {
                    if let Some(extent) = self.named_extent(param, sym)? {
                        return Ok(extent);
                    }
                }
                Err(self.no_form("an extent has no name at the entry"))
            }
        }
    }

    /// The extent with this symbol of a live-in or of one of its attributes.
    fn named_extent(&mut self, param: ValueId, sym: u32) -> Result<Option<ValueId>> {
        let place = |ty: &Ty| ty.dims().iter().position(|dim| *dim == Dim::Sym(sym));
        let ty = self.raised.ty(param).clone();
        if let Some(axis) = place(&ty) {
            return self.extent_value(param, axis).map(Some);
        }
        let Ty::Object { attrs, .. } = &ty else { return Ok(None) };
        let found = attrs
            .iter()
            .find_map(|(name, ty)| place(ty).map(|axis| (name.clone(), ty.clone(), axis)));
        let Some((name, ty, axis)) = found else { return Ok(None) };
        let object = self.value(param)?;
        let attribute = self.out.typed_op(Kind::Attr(name), &[object], &[ty]);
        let attribute = self.out.func.result(attribute);
        Ok(Some(self.out.len(attribute, axis)))
    }

    /// `x.shape[axis]`, or `len` of a list (`len(x[0])` for its inner axes).
    pub(super) fn extent_value(&mut self, value: ValueId, axis: usize) -> Result<ValueId> {
        if let Some(Content::Tensor { array, .. }) = self.contents.get(&value) {
            let array = *array;
            return Ok(self.out.len(array, axis));
        }
        let mut base = self.value(value)?;
        let mut axis = axis;
        if matches!(self.out.func.ty(base), Ty::List(..)) && axis > 0 {
            if let Some(array) = self.converted.get(&base) {
                base = *array;
            } else {
                let zero = self.out.int(0);
                base = self.out.at(base, zero);
                axis -= 1;
                if axis > 0 {
                    return Err(self.no_form("a list of lists of lists"));
                }
            }
        }
        Ok(self.out.len(base, axis))
    }
}

/// The affine extents of an index-space op.
pub(super) fn extents_of(func: &Function, op: OpId) -> Vec<Affine> {
    let data = func.op(op);
    data.args[data.kind.leading()..]
        .iter()
        .map(|extent| affine_of(func, *extent))
        .collect()
}
