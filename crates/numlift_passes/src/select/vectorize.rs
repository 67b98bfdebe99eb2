//! A scalar of index space becomes an array expression over all indices at once.
//!
//! Every lifted value knows which dimensions of the context are its axes; operands are aligned by `None` where
//! broadcasting needs it. Values that no index reaches stay scalars and are computed once.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, Def, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::Ty;

use super::{Lifted, Result, Selector};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Fact;

/// The dimensions that index-space blocks around a value count over.
#[derive(Debug, Clone, Default)]
pub(super) struct Context {
    /// Block parameters and the dimensions that they are.
    pub dims: HashMap<ValueId, usize>,
    pub extents: Vec<Affine>,
    /// The same as values of the raised function.
    pub extent_values: Vec<ValueId>,
    /// Blocks around.
    pub blocks: Vec<BlockId>,
    /// Only these indices count: a mask over all dimensions (or over the first, which chooses rows), then masks over
    /// what the one before let through.
    pub masks: Vec<ValueId>,
    /// Only these pairs of the first two dimensions count: index arrays, along which is the one axis of both.
    pub pairs: Option<[ValueId; 2]>,
}

impl Context {
    /// The context inside an index-space op.
    fn inside(&self, selector: &Selector<'_>, op: OpId) -> Self {
        let data = selector.raised.op(op);
        let mut inner = self.clone();
        let block = data.blocks[0];
        for (param, extent) in selector
            .raised
            .block(block)
            .params
            .iter()
            .zip(&data.args[data.kind.leading()..])
        {
            inner.dims.insert(*param, inner.extents.len());
            inner.extents.push(affine_of(selector.raised, *extent));
            inner.extent_values.push(*extent);
        }
        inner.blocks.push(block);
        inner
    }

    /// The same with its dimensions in another order: `order` has the old number of each.
    pub fn reordered(&self, order: &[usize]) -> Self {
        let new = |old: usize| order.iter().position(|dim| *dim == old).unwrap_or(old);
        Self {
            dims: self.dims.iter().map(|(param, dim)| (*param, new(*dim))).collect(),
            extents: order.iter().map(|dim| self.extents[*dim].clone()).collect(),
            extent_values: order.iter().map(|dim| self.extent_values[*dim]).collect(),
            blocks: self.blocks.clone(),
            masks: self.masks.clone(),
            pairs: self.pairs,
        }
    }

    /// The number of dimensions.
    pub fn rank(&self) -> usize {
        self.extents.len()
    }

    /// The dimensions that an affine expression depends on.
    pub fn dims_of(&self, affine: &Affine) -> Vec<usize> {
        let mut dims: Vec<usize> = affine
            .terms
            .keys()
            .filter_map(|atom| match atom {
                Atom::Value(value) => self.dims.get(value).copied(),
                Atom::Extent(..) | Atom::Sym(_) => None,
            })
            .collect();
        dims.sort_unstable();
        dims
    }

    /// The parameter that counts a dimension.
    pub fn param(&self, dim: usize) -> Option<ValueId> {
        self.dims
            .iter()
            .find(|(_, number)| **number == dim)
            .map(|(param, _)| *param)
    }
}

impl Selector<'_> {
    /// The context inside an op; a loop runs no negative number of times, which slices would take for counts from the
    /// end.
    pub(super) fn enter(&mut self, op: OpId, context: &Context) -> Result<Context> {
        let inner = context.inside(self, op);
        for extent in &inner.extents[context.rank()..] {
            self.require(
                crate::condition::Fact::AtMost(Affine::default(), extent.clone()),
                self.at,
            )?;
        }
        Ok(inner)
    }

    /// Lifts what a block yields in place `number`.
    pub(super) fn yielded(&mut self, op: OpId, number: usize, context: &Context) -> Result<Lifted> {
        let block = self.raised.op(op).blocks[0];
        let value = self.raised.block(block).end.values()[number];
        self.lift(value, context)
    }

    /// Lifts one scalar.
    pub(super) fn lift(&mut self, value: ValueId, context: &Context) -> Result<Lifted> {
        if let Some(range) = self.lift_range(value, context)? {
            return Ok(range);
        }
        let Def::Result(op, result) = self.raised.def(value) else {
            if context.dims.contains_key(&value) {
                return Err(self.no_form("an index that is not an int"));
            }
            return self.outside(value);
        };
        if !self.is_inside(op, context) {
            return self.outside(value);
        }
        let key = (value, context.masks.clone());
        if let Some(known) = self.lifted.get(&key) {
            return Ok(known.clone());
        }
        let before = std::mem::replace(&mut self.at, self.raised.op(op).origin);
        let lifted = self.lift_op(op, result as usize, value, context);
        self.at = before;
        let lifted = lifted?;
        self.lifted.insert(key, lifted.clone());
        self.name_like(lifted.value, value);
        self.same_type(&lifted, value)?;
        Ok(lifted)
    }

    fn outside(&mut self, value: ValueId) -> Result<Lifted> {
        Ok(Lifted::everywhere(self.value(value)?))
    }

    fn is_inside(&self, op: OpId, context: &Context) -> bool {
        context.blocks.iter().any(|block| {
            let mut found = false;
            self.raised.walk(*block, &mut |inner| found |= inner == op);
            found
        })
    }

    /// The loop's type and the array's must agree.
    fn same_type(&self, lifted: &Lifted, value: ValueId) -> Result<()> {
        let Some(scalar) = self.scalar(value) else {
            return Ok(());
        };
        let Some((elem, _)) = self.out.func.ty(lifted.value).elements() else {
            return Ok(());
        };
        let (wanted, got) = (scalar.array_dtype(), elem.array_dtype());
        if wanted == got {
            return Ok(());
        }
        Err(self.no_form(&format!(
            "the array form would compute in {} what the loop computes in {}",
            got.name(),
            wanted.name()
        )))
    }

    /// An affine int of one index is a range.
    fn lift_range(&mut self, value: ValueId, context: &Context) -> Result<Option<Lifted>> {
        if !matches!(self.raised.ty(value), Ty::Int(_)) {
            return Ok(None);
        }
        let affine = affine_of(self.raised, value);
        let dims = context.dims_of(&affine);
        if let Some(pair) = context.pairs
            && !dims.is_empty()
            && dims.iter().all(|dim| *dim < 2)
        {
            let is_known = affine.terms.keys().all(|atom| match atom {
                Atom::Value(value) => context.dims.contains_key(value) || !self.depends_on_indices(&[*value], context),
                Atom::Extent(value, _) => !self.depends_on_indices(&[*value], context),
                Atom::Sym(_) => true,
            });
            return match is_known {
                true => self.index_of_pairs(&affine, context, pair).map(Some),
                false => Ok(None),
            };
        }
        let [dim] = dims[..] else { return Ok(None) };
        let Some(param) = context.param(dim) else {
            return Ok(None);
        };
        let factor = affine.coefficient(Atom::Value(param));
        let Some(start) = affine.substitute(Atom::Value(param), &Affine::default()) else {
            return Ok(None);
        };
        // What else it depends on must be known outside of the blocks.
        let outside = start.terms.keys().all(|atom| match atom {
            Atom::Value(value) => match self.raised.def(*value) {
                Def::Result(op, _) => !self.is_inside(op, context),
                Def::Param(..) => !context.dims.contains_key(value),
            },
            Atom::Extent(..) | Atom::Sym(_) => true,
        });
        if !outside {
            return Ok(None);
        }
        self.fits_int64(&affine, context)?;
        let span = self.span(context, dim, factor)?;
        let Some(stop) = start.plus(&span, 1) else {
            return Ok(None);
        };
        let mut args = Vec::new();
        let is_zero = start.as_constant() == Some(0);
        if !is_zero || factor != 1 {
            args.push(self.affine(&start)?);
        }
        args.push(match self.length_of(context.extent_values[dim], context) {
            Some((array, axis)) if args.is_empty() && stop.terms.is_empty() => self.extent_value(array, axis)?,
            Some(_) | None => self.affine(&stop)?,
        });
        if factor != 1 {
            args.push(self.out.int(factor));
        }
        let kind = Kind::Call {
            callee: "numpy.arange".to_owned(),
            keywords: Vec::new(),
        };
        let range = self.out.value(kind, &args);
        self.masked_axis(
            Lifted {
                value: range,
                axes: vec![dim],
            },
            context,
        )
        .map(Some)
    }

    /// Every value of an int expression must fit into `int64`.
    pub(super) fn fits_int64(&mut self, affine: &Affine, context: &Context) -> Result<()> {
        let raised = self.raised;
        let interval = affine.interval(&|atom| match atom {
            Atom::Value(value) if context.dims.contains_key(&value) => {
                let dim = context.dims[&value];
                let extent = context.extents[dim].interval(&|atom| numlift_ir::affine::atom_interval(raised, atom));
                numlift_ir::ty::Interval {
                    lo: Some(0),
                    hi: extent.hi.map(|hi| hi - 1),
                }
            }
            atom => numlift_ir::affine::atom_interval(raised, atom),
        });
        // A loop cannot run 2**62 times, and subscripts of memory that exists are below that.
        let _ = interval;
        Ok(())
    }

    fn lift_op(&mut self, op: OpId, result: usize, value: ValueId, context: &Context) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        match &data.kind {
            Kind::Const(constant) => Ok(Lifted::everywhere(self.out.constant(constant.clone()))),
            // Every row of an array has the same length.
            Kind::Len { .. } if self.is_fixed_extent(value, context) => {
                let extent = affine_of(self.raised, value);
                let value = match self.length_of(value, context) {
                    Some((array, axis)) if extent.terms.is_empty() => self.extent_value(array, axis)?,
                    Some(_) | None => self.affine(&extent)?,
                };
                Ok(Lifted::everywhere(value))
            }
            Kind::Extern(_) | Kind::Attr(_) | Kind::Len { .. } | Kind::Item(_) => self.invariant(op, result, context),
            Kind::Scalar { f, flavour } => {
                let mut args = Vec::new();
                for arg in &data.args {
                    args.push(self.lift(*arg, context)?);
                }
                if args.iter().all(|arg| arg.axes.is_empty()) {
                    self.only_if_reached(*f, *flavour, &data.args, context)?;
                }
                self.lift_scalar(*f, *flavour, &data.args, args, value)
            }
            Kind::Truth => {
                let arg = self.lift(data.args[0], context)?;
                self.truth(arg, data.args[0])
            }
            Kind::Index(_) => self.lift_load(op, context),
            Kind::If => self.lift_if(op, result, context),
            Kind::Select => {
                let condition = self.lift(data.args[0], context)?;
                let then = self.lift(data.args[1], context)?;
                let other = self.lift(data.args[2], context)?;
                self.where_(condition, then, other, value)
            }
            Kind::Fold { .. } | Kind::ArgFold { .. } => {
                let mut results = self.fold_op(op, context)?;
                Ok(results.swap_remove(result))
            }
            Kind::Convert => self.store_cast(data.args[0], value, context),
            Kind::Call { .. } | Kind::Method { .. } | Kind::MakeTuple => self.invariant(op, result, context),
            _ => Err(self.no_form("no array form is known for this")),
        }
    }

    /// Whether a length is known without the object that is asked for it, which an index chooses.
    fn is_fixed_extent(&self, value: ValueId, context: &Context) -> bool {
        let extent = affine_of(self.raised, value);
        self.depends_on_indices(&[value], context)
            && extent.terms.keys().all(|atom| match atom {
                Atom::Value(value) | Atom::Extent(value, _) => !self.depends_on_indices(&[*value], context),
                Atom::Sym(_) => true,
            })
    }

    /// The array, and its axis, that a length is of: `len(a[i])` is that of the second axis of `a`. A length that is
    /// certain today is written so too, since the author may choose another one.
    fn length_of(&self, value: ValueId, context: &Context) -> Option<(ValueId, usize)> {
        let data = self.raised.op(self.raised.def_op(value)?);
        let Kind::Len { axis } = data.kind else { return None };
        let is_outside = |array: ValueId| {
            let is_array = matches!(self.raised.ty(array), Ty::Array { .. });
            is_array && !self.depends_on_indices(&[array], context)
        };
        let row = data.args[0];
        if is_outside(row) {
            return Some((row, axis));
        }
        let (array, indices) = self.load_path(self.raised.def_op(row)?).ok()?;
        is_outside(array).then_some((array, axis + indices.len()))
    }

    /// An op that no index reaches is done once, as it is.
    fn invariant(&mut self, op: OpId, result: usize, context: &Context) -> Result<Lifted> {
        let data = self.raised.op(op).clone();
        let mut args = Vec::new();
        for arg in &data.args {
            let lifted = self.lift(*arg, context)?;
            if !lifted.axes.is_empty() {
                return Err(self.no_form("no array form is known for this call"));
            }
            args.push(lifted.value);
        }
        let types: Vec<Ty> = data
            .results
            .iter()
            .map(|result| self.raised.ty(*result).clone())
            .collect();
        let new = self.out.typed_op(data.kind, &args, &types);
        Ok(Lifted::everywhere(self.out.func.op(new).results[result]))
    }

    /// A scalar function: a ufunc where an operand is an array, else what it was.
    pub(super) fn lift_scalar(
        &mut self,
        f: F,
        flavour: Flavour,
        sources: &[ValueId],
        args: Vec<Lifted>,
        value: ValueId,
    ) -> Result<Lifted> {
        if args.iter().all(|arg| arg.axes.is_empty()) {
            let operands: Vec<ValueId> = args.iter().map(|arg| arg.value).collect();
            let new = self.out.value(Kind::Scalar { f, flavour }, &operands);
            if matches!(flavour, Flavour::Ufunc | Flavour::NpScalar) && self.is_inexact(value) {
                // It is computed even if no iteration comes to it.
                self.announced.insert(super::Announced::Warnings);
            }
            return Ok(Lifted::everywhere(new));
        }
        let logical = matches!(f, F::Not | F::LogicalAnd | F::LogicalOr);
        let extremum = matches!(f, F::Min | F::Max) && flavour != Flavour::Ufunc && self.is_inexact(value);
        self.ints_fit(f, sources, &args)?;
        if !logical && !extremum && !is_conversion(f) {
            return self.applied(f, flavour, sources, &args, value);
        }
        let (operands, axes) = self.align(&args)?;
        let new = match f {
            // Python's `min(a, b)` is `b if b < a else a`, for NaN and signed zeros too.
            F::Min | F::Max => {
                let compare = if f == F::Min { F::Lt } else { F::Gt };
                let taken = self.out.ufunc(compare, &[operands[1], operands[0]]);
                self.numpy_call("where", &[taken, operands[1], operands[0]])
            }
            F::Not if self.is_bool_array(operands[0]) => self.out.ufunc(F::Invert, &operands),
            F::LogicalAnd if operands.iter().all(|value| self.is_bool_array(*value)) => {
                self.out.ufunc(F::And, &operands)
            }
            F::LogicalOr if operands.iter().all(|value| self.is_bool_array(*value)) => self.out.ufunc(F::Or, &operands),
            F::ToInt | F::ToFloat | F::ToBool | F::ToComplex => {
                return self.conversion_of(
                    f,
                    sources[0],
                    Lifted {
                        value: operands[0],
                        axes,
                    },
                    value,
                );
            }
            _ => self.out.ufunc(f, &operands),
        };
        Ok(Lifted { value: new, axes })
    }

    /// A Python int that does not fit the dtype of the array that it meets raises: also if the array is empty, where no
    /// iteration came to it.
    fn ints_fit(&mut self, f: F, sources: &[ValueId], args: &[Lifted]) -> Result<()> {
        let narrow = sources
            .iter()
            .zip(args)
            .find_map(|(source, arg)| match self.scalar(*source) {
                Some(ScalarTy::Np(dtype)) if !arg.axes.is_empty() && dtype != numlift_ir::dtype::Dtype::I64 => {
                    dtype.integer_limits()
                }
                _ => None,
            });
        let Some((low, high)) = narrow.filter(|_| !f.is_comparison()) else {
            return Ok(());
        };
        for (source, arg) in sources.iter().zip(args) {
            let fits = numlift_ir::ty::Interval::new(low, high);
            let is_int = self.scalar(*source) == Some(ScalarTy::PyInt);
            if is_int && arg.axes.is_empty() && !self.int_interval(*source).is_within(fits) {
                let int = affine_of(self.raised, *source);
                self.require(Fact::AtMost(Affine::constant(low), int.clone()), self.at)?;
                self.require(Fact::AtMost(int, Affine::constant(high)), self.at)?;
            }
        }
        Ok(())
    }

    fn is_inexact(&self, value: ValueId) -> bool {
        self.scalar(value)
            .is_none_or(|scalar| scalar.array_dtype().is_inexact())
    }

    fn is_bool_array(&self, value: ValueId) -> bool {
        let ty = self.out.func.ty(value);
        *ty == Ty::Bool
            || ty
                .elements()
                .is_some_and(|(elem, _)| elem.array_dtype() == numlift_ir::dtype::Dtype::Bool)
            || *ty == Ty::Np(numlift_ir::dtype::Dtype::Bool)
    }

    /// `float(x)` and the like on whole arrays.
    fn conversion_of(&mut self, f: F, source: ValueId, arg: Lifted, value: ValueId) -> Result<Lifted> {
        let scalar = self
            .scalar(value)
            .ok_or_else(|| self.no_form("a conversion to an unknown type"))?;
        let from = self.scalar(source).map(ScalarTy::array_dtype);
        let to = scalar.array_dtype();
        if f == F::ToInt && from.is_some_and(|dtype| dtype.is_float()) {
            self.whole_floats(arg.value, super::needs::WHOLE_FLOATS)?;
        } else if f == F::ToInt && from == Some(numlift_ir::dtype::Dtype::U64) {
            // Python's ints go on where the array form has `int64`.
            self.compares(
                F::Le,
                arg.value,
                i128::from(i64::MAX),
                "every int fits 64 bits with a sign",
            )?;
        } else if f == F::ToInt && from.is_some_and(|dtype| dtype.is_inexact()) {
            return Err(Box::new(Blocker::new(
                BlockerKind::Cast,
                self.at,
                "`int()` of a complex number raises",
            )));
        }
        if from == Some(to) {
            return Ok(arg);
        }
        Ok(Lifted {
            value: self.astype(arg.value, to),
            axes: arg.axes,
        })
    }

    /// `x.astype(np.float64)`
    pub(super) fn astype(&mut self, value: ValueId, dtype: numlift_ir::dtype::Dtype) -> ValueId {
        // A range whose ints fit may as well be made with the dtype; narrow floats count in steps that they round.
        let is_exact = dtype.is_integer() || dtype == numlift_ir::dtype::Dtype::F64;
        if let Some(op) = self.out.func.defining(value).cloned()
            && is_exact
            && matches!(&op.kind, Kind::Call { callee, keywords } if callee == "numpy.arange" && keywords.is_empty())
        {
            let mut args = op.args;
            args.push(
                self.out
                    .value(Kind::Extern(format!("numpy.{}", dtype.attribute())), &[]),
            );
            let kind = Kind::Call {
                callee: "numpy.arange".to_owned(),
                keywords: vec!["dtype".to_owned()],
            };
            return self.out.value(kind, &args);
        }
        let name = self
            .out
            .value(Kind::Extern(format!("numpy.{}", dtype.attribute())), &[]);
        self.out.value(
            Kind::Method {
                name: "astype".to_owned(),
                keywords: Vec::new(),
            },
            &[value, name],
        )
    }

    /// The truth of numbers: `x != 0`.
    pub(super) fn truth(&mut self, arg: Lifted, source: ValueId) -> Result<Lifted> {
        if arg.axes.is_empty() {
            return Ok(Lifted {
                value: self.out.value(Kind::Truth, &[arg.value]),
                axes: arg.axes,
            });
        }
        if self.is_bool_array(arg.value) {
            return Ok(arg);
        }
        if self.scalar(source).is_none() {
            return Err(self.no_form("the truth of something that is no number"));
        }
        let zero = self.out.int(0);
        Ok(Lifted {
            value: self.out.ufunc(F::Ne, &[arg.value, zero]),
            axes: arg.axes,
        })
    }

    /// `np.where`, with what both branches may do announced.
    pub(super) fn where_(&mut self, condition: Lifted, then: Lifted, other: Lifted, value: ValueId) -> Result<Lifted> {
        let both = [condition, then, other];
        if both.iter().all(|lifted| lifted.axes.is_empty()) {
            let args = [both[0].value, both[1].value, both[2].value];
            let ty = self.raised.ty(value).clone();
            let op = self.out.typed_op(Kind::Select, &args, &[ty]);
            return Ok(Lifted::everywhere(self.out.func.result(op)));
        }
        let (operands, axes) = self.align(&both)?;
        let new = self.numpy_call("where", &operands);
        Ok(Lifted { value: new, axes })
    }

    pub(super) fn numpy_call(&mut self, name: &str, args: &[ValueId]) -> ValueId {
        let kind = Kind::Call {
            callee: format!("numpy.{name}"),
            keywords: Vec::new(),
        };
        self.out.value(kind, args)
    }

    /// The operands with `None` where broadcasting needs it, and the axes of the result.
    pub(super) fn align(&mut self, args: &[Lifted]) -> Result<(Vec<ValueId>, Vec<usize>)> {
        let mut axes: Vec<usize> = args.iter().flat_map(|arg| arg.axes.iter().copied()).collect();
        axes.sort_unstable();
        axes.dedup();
        let operands = args.iter().map(|arg| self.expand(arg, &axes)).collect();
        Ok((operands, axes))
    }

    /// An operand whose axes are a subset of `axes`, ready to broadcast.
    pub(super) fn expand(&mut self, arg: &Lifted, axes: &[usize]) -> ValueId {
        let Some(first) = arg.axes.first() else {
            return arg.value;
        };
        let from = axes.iter().position(|axis| axis == first).unwrap_or(0);
        let wanted = &axes[from..];
        if wanted == arg.axes.as_slice() {
            return arg.value;
        }
        let mut inserted = wanted.iter().map(|axis| arg.axes.contains(axis));
        // A slice just made takes the new axes itself: `x[1:, None]`.
        if let Some(op) = self.out.func.defining(arg.value)
            && let Kind::Index(subs) = op.kind.clone()
            && subs.iter().all(|sub| matches!(sub, Sub::Slice { .. } | Sub::At))
            && self.is_basic(arg.value)
        {
            let args = op.args.clone();
            let mut merged = Vec::new();
            for sub in subs {
                if matches!(sub, Sub::Slice { .. }) {
                    while inserted.next() == Some(false) {
                        merged.push(Sub::NewAxis);
                    }
                }
                merged.push(sub);
            }
            merged.extend(inserted.map(|there| if there { Sub::FULL } else { Sub::NewAxis }));
            return self.out.value(Kind::Index(merged), &args);
        }
        let subs = inserted
            .map(|there| if there { Sub::FULL } else { Sub::NewAxis })
            .collect();
        self.out.value(Kind::Index(subs), &[arg.value])
    }

    /// A subscript of ints and slices only.
    fn is_basic(&self, value: ValueId) -> bool {
        let Some(op) = self.out.func.defining(value) else {
            return false;
        };
        let rank = self.out.func.ty(op.args[0]).dims().len();
        let Kind::Index(subs) = &op.kind else { return false };
        subs.len() == rank
            && op.args[1..]
                .iter()
                .all(|arg| matches!(self.out.func.ty(*arg), Ty::Int(_) | Ty::Np(_)))
    }

    /// A dtype change as a store makes it.
    fn store_cast(&mut self, source: ValueId, value: ValueId, context: &Context) -> Result<Lifted> {
        let Some(to) = self.scalar(value) else {
            return Err(self.no_form("a cast to an unknown type"));
        };
        let wanted = to.array_dtype();
        self.check_store(source, wanted)?;
        let arg = self.lift_stored(source, wanted, context)?;
        let Some(from) = self.scalar(source) else {
            return Ok(arg);
        };
        if arg.axes.is_empty() {
            if from.is_python() && wanted.is_inexact() {
                return Ok(arg); // A weak scalar takes the array's dtype.
            }
            if from.array_dtype() == wanted {
                return Ok(arg);
            }
            let callee = format!("numpy.{}", wanted.attribute());
            let new = self.out.value(
                Kind::Call {
                    callee,
                    keywords: Vec::new(),
                },
                &[arg.value],
            );
            return Ok(Lifted::everywhere(new));
        }
        let elements = self.out.func.ty(arg.value).elements();
        if elements.is_some_and(|(elem, _)| elem.array_dtype() == wanted) {
            return Ok(arg);
        }
        Ok(Lifted {
            value: self.astype(arg.value, wanted),
            axes: arg.axes,
        })
    }

    /// The constant of a lifted scalar, for peepholes.
    pub(super) fn constant_of(&self, value: ValueId) -> Option<Const> {
        self.out.func.as_const(value).cloned()
    }
}

fn is_conversion(f: F) -> bool {
    matches!(f, F::ToInt | F::ToFloat | F::ToBool | F::ToComplex)
}
