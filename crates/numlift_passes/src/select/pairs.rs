//! Triangles: of all pairs of two indices only those that a comparison of the two lets through, as index arrays.
//!
//! ```text
//! fold add s, n, n masked { (i, j) f(x[i], x[j]), j >= i + 1 }    =>   i, j = np.triu_indices(n, 1)
//!                                                                     s + f(x[i], x[j]).sum()
//! ```
//!
//! The pairs come row by row, as in the loops. Nothing is computed for the others, which need not even be in range.

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::slices::Slicing;
use super::vectorize::Context;
use super::{Announced, Lifted, Result, Selector};
use crate::condition::{Fact, prove_at_most};

/// Index arrays of triangles that are there for everybody, by the side and the extents.
pub(super) type Triangles = Vec<((Side, Vec<Affine>), [ValueId; 2])>;

/// Which side of a diagonal: `j - i >= k`, or `j - i <= k`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Upper(i128),
    Lower(i128),
}

impl Selector<'_> {
    /// The context of the pairs that the mask of an op lets through, if it is a triangle.
    pub(super) fn triangle(&mut self, op: OpId, inner: &Context) -> Result<Option<Context>> {
        let Some(side) = self.mask_side(op, inner).filter(|_| inner.pairs.is_none()) else {
            return Ok(None);
        };
        let (name, k) = match side {
            Side::Upper(k) => ("triu_indices", k),
            Side::Lower(k) => ("tril_indices", k),
        };
        let mut context = inner.clone();
        let key = (side, inner.extents.clone());
        if let Some(known) = self.triangles.iter().find(|known| known.0 == key) {
            context.pairs = Some(known.1);
            return Ok(Some(context));
        }
        let rows = self.affine(&inner.extents[0].clone())?;
        let mut args = vec![rows];
        let is_square = self.is_same(&inner.extents[0], &inner.extents[1]);
        if k != 0 || !is_square {
            args.push(self.out.int(k));
        }
        if !is_square {
            args.push(self.affine(&inner.extents[1].clone())?);
        }
        let kind = Kind::Call {
            callee: format!("numpy.{name}"),
            keywords: Vec::new(),
        };
        let one = Ty::Array {
            dtype: Dtype::I64,
            shape: vec![Dim::Unknown],
            contiguous: true,
        };
        let made = self
            .out
            .typed_op(kind, &args, &[Ty::Tuple(vec![one.clone(), one.clone()])]);
        let both = self.out.func.result(made);
        let pair = [0, 1].map(|number| {
            let item = self
                .out
                .typed_op(Kind::Item(number), &[both], std::slice::from_ref(&one));
            self.out.func.result(item)
        });
        self.step("triangle → index arrays");
        if self.out.block == self.out.func.body {
            self.triangles.push((key, pair));
        }
        context.pairs = Some(pair);
        Ok(Some(context))
    }

    /// Whether the mask of an op is a triangle.
    pub(super) fn is_triangle(&self, op: OpId, inner: &Context) -> bool {
        self.mask_side(op, inner).is_some()
    }

    /// The side of a diagonal that the mask of an op lets through.
    fn mask_side(&self, op: OpId, inner: &Context) -> Option<Side> {
        let mask = self.raised.block(self.raised.op(op).blocks[0]).end.values().last()?;
        self.side(*mask, inner)
    }

    /// The side of a diagonal that a comparison of two indices is.
    fn side(&self, mask: ValueId, inner: &Context) -> Option<Side> {
        let op = self.raised.defining(mask)?;
        if op.kind == Kind::Truth {
            return self.side(op.args[0], inner);
        }
        let Kind::Scalar { f, .. } = op.kind else { return None };
        let [a, b] = op.args[..] else { return None };
        let is_int = |value: ValueId| matches!(self.raised.ty(value), Ty::Int(_));
        if inner.rank() != 2 || !is_int(a) || !is_int(b) {
            return None;
        }
        let difference = affine_of(self.raised, a).minus(&affine_of(self.raised, b))?;
        let [row, column] = [inner.param(0)?, inner.param(1)?].map(|param| difference.coefficient(Atom::Value(param)));
        if difference.terms.len() != 2 {
            return None;
        }
        let c = difference.constant;
        match (row, column, f) {
            (-1, 1, F::Ge) => Some(Side::Upper(-c)),
            (-1, 1, F::Gt) => Some(Side::Upper(1 - c)),
            (-1, 1, F::Le) => Some(Side::Lower(-c)),
            (-1, 1, F::Lt) => Some(Side::Lower(-1 - c)),
            (1, -1, F::Ge) => Some(Side::Lower(c)),
            (1, -1, F::Gt) => Some(Side::Lower(c - 1)),
            (1, -1, F::Le) => Some(Side::Upper(c)),
            (1, -1, F::Lt) => Some(Side::Upper(c + 1)),
            _ => None,
        }
    }

    /// An affine int of the indices of pairs.
    pub(super) fn index_of_pairs(&mut self, affine: &Affine, context: &Context, pair: [ValueId; 2]) -> Result<Lifted> {
        let mut start = affine.clone();
        let mut sum: Option<ValueId> = None;
        for (dim, array) in pair.into_iter().enumerate() {
            let Some(param) = context.param(dim) else { continue };
            let factor = affine.coefficient(Atom::Value(param));
            if factor == 0 {
                continue;
            }
            start.terms.remove(&Atom::Value(param));
            let mut term = array;
            if factor.abs() != 1 || factor < 0 && sum.is_none() {
                let factor = self.out.int(if sum.is_some() { factor.abs() } else { factor });
                term = self.out.ufunc(F::Mul, &[term, factor]);
            }
            sum = Some(match sum {
                None => term,
                Some(before) => self
                    .out
                    .ufunc(if factor < 0 { F::Sub } else { F::Add }, &[before, term]),
            });
        }
        let mut sum = sum.ok_or_else(|| self.no_form("an index that does not move"))?;
        if start.as_constant() != Some(0) {
            let start = self.affine(&start)?;
            sum = self.out.ufunc(F::Add, &[sum, start]);
        }
        Ok(Lifted {
            value: sum,
            axes: vec![0],
        })
    }

    /// `x[rows]` of an array of several axes: an index array for one axis, slices for those that other loops run over.
    pub(super) fn rows_of_pairs(
        &mut self,
        array: ValueId,
        indices: &[ValueId],
        affines: &[Affine],
        extents: &[Affine],
        context: &Context,
    ) -> Result<Option<Lifted>> {
        let is_pair = |affine: &Affine| {
            let dims = context.dims_of(affine);
            !dims.is_empty() && dims.iter().all(|dim| *dim < 2)
        };
        let is_other = |affine: &Affine| matches!(context.dims_of(affine)[..], [dim] if dim >= 2);
        let places: Vec<usize> = (0..affines.len()).filter(|axis| is_pair(&affines[*axis])).collect();
        let others = (0..affines.len()).filter(|axis| is_other(&affines[*axis])).count();
        let [place] = places[..] else { return Ok(None) };
        if others == 0 || others + 1 != affines.len() {
            return Ok(None);
        }
        let mut slicing = Slicing {
            subs: Vec::new(),
            operands: Vec::new(),
            dims: Vec::new(),
        };
        for (axis, (affine, extent)) in affines.iter().zip(extents).enumerate() {
            if axis == place {
                let index = self.lift(indices[axis], context)?;
                slicing.operands.push(index.value);
                slicing.subs.push(Sub::At);
                slicing.dims.push(0);
                continue;
            }
            let dim = context.dims_of(affine)[0];
            if slicing.dims.contains(&dim) || !self.slice_axis(affine, extent, dim, context, &mut slicing)? {
                return Ok(None);
            }
            slicing.dims.push(dim);
        }
        if !self.is_in_range(indices[place], &extents[place], context) {
            self.announced.insert(Announced::StoresBeforeException);
        }
        self.step("element by index → index array");
        let dims = slicing.dims.clone();
        let value = self.apply_slicing(array, slicing);
        self.ascending(value, &dims).map(Some)
    }

    /// There is a pair at all.
    pub(super) fn some_pair(&mut self, op: OpId, inner: &Context) -> Result<()> {
        let mask = self
            .raised
            .block(self.raised.op(op).blocks[0])
            .end
            .values()
            .last()
            .copied();
        let (rows, columns) = match mask.and_then(|mask| self.side(mask, inner)) {
            Some(Side::Upper(k)) => (1, k.max(0) + 1),
            Some(Side::Lower(k)) => ((-k).max(0) + 1, 1),
            None => return Ok(()),
        };
        for (least, extent) in [rows, columns].into_iter().zip(inner.extents.clone()) {
            self.require(Fact::AtMost(Affine::constant(least), extent), self.at)?;
        }
        Ok(())
    }

    /// Whether an index is in range for all iterations, for certain.
    pub(super) fn is_in_range(&self, index: ValueId, extent: &Affine, context: &Context) -> bool {
        let Some((low, high)) = self.ends(index, context) else {
            return false;
        };
        let beyond = high.offset(1);
        prove_at_most(self.raised, &Affine::default(), &low) == Some(true)
            && beyond.is_some_and(|beyond| prove_at_most(self.raised, &beyond, extent) == Some(true))
    }
}
