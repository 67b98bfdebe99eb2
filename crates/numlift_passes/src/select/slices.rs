//! Loads become slices, and what is no slice becomes an index array.
//!
//! ```text
//! x[t]            t < len(x)      =>  x
//! x[t + 1]        t < len(x) - 1  =>  x[1:]
//! a[2*t, 0]                       =>  a[::2, 0]
//! a[j, i]                         =>  a.T
//! x[idx[t]]                       =>  x[idx]
//! ```

use numlift_ir::affine::{Affine, Atom, affine_of, extent_of, is_equal};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::vectorize::Context;
use super::{Content, Lifted, Result, Selector};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::Fact;

/// The subscripts that make a slice of a base.
pub(super) struct Slicing {
    pub subs: Vec<Sub>,
    pub operands: Vec<ValueId>,
    /// The dimension of each axis of the result, in the base's order.
    pub dims: Vec<usize>,
}

impl Slicing {
    /// Whether it is all of the base.
    pub fn is_whole(&self) -> bool {
        self.subs.iter().all(|sub| *sub == Sub::FULL)
    }
}

impl Selector<'_> {
    /// A load of one element.
    pub(super) fn lift_load(&mut self, op: OpId, context: &Context) -> Result<Lifted> {
        if let Some(running) = self.running(op) {
            return self.lift_running(running, context);
        }
        let (base, indices) = self.load_path(op)?;
        let mut affines = Vec::new();
        for index in &indices {
            affines.push(affine_of(self.raised, *index));
        }
        if affines.iter().all(|affine| context.dims_of(affine).is_empty())
            && !self.depends_on_indices(&indices, context)
        {
            return self.load_one(base, &indices, &affines, context);
        }
        let extents = self.container_extents(base, indices.len());
        // Memory that holds one number everywhere.
        if let Some(Content::Unmade(op)) = self.contents.get(&base)
            && let op = *op
            && context.pairs.is_none()
            && let Some(fill) = self.fill_of(op)?
            && self.slicing(&affines, &extents, context)?.is_some()
        {
            return Ok(Lifted::everywhere(fill));
        }
        let array = self.array_of(base)?;
        if context.pairs.is_none()
            && let Some(slicing) = self.slicing(&affines, &extents, context)?
        {
            let dims = slicing.dims.clone();
            let value = self.apply_slicing(array, slicing);
            let lifted = self.ascending(value, &dims)?;
            return self.masked_axis(lifted, context);
        }
        if let Some(window) = self.window(array, &affines, &extents, context)? {
            return Ok(window);
        }
        self.gather(array, &indices, &affines, &extents, context)
    }

    /// The base of a load and all indices on the way: `A[i][k]` is one load of two.
    pub(super) fn load_path(&self, op: OpId) -> Result<(ValueId, Vec<ValueId>)> {
        let mut indices = Vec::new();
        let mut current = op;
        loop {
            let data = self.raised.op(current);
            let Kind::Index(subs) = &data.kind else {
                return Err(self.no_form("a load that is not understood"));
            };
            if subs.iter().any(|sub| *sub != Sub::At) {
                return Err(self.no_form("a slice inside the loop"));
            }
            let mut path = data.args[1..].to_vec();
            path.extend(indices);
            indices = path;
            let base = data.args[0];
            let next = self.raised.def_op(base);
            match next {
                Some(next) if matches!(self.raised.op(next).kind, Kind::Index(_)) && !self.is_known(base) => {
                    current = next;
                }
                _ => return Ok((base, indices)),
            }
        }
    }

    fn is_known(&self, value: ValueId) -> bool {
        self.map.contains_key(&value) || self.contents.contains_key(&value)
    }

    pub(super) fn depends_on_indices(&self, values: &[ValueId], context: &Context) -> bool {
        let mut pending = values.to_vec();
        let mut seen = std::collections::HashSet::new();
        while let Some(value) = pending.pop() {
            if context.dims.contains_key(&value) {
                return true;
            }
            if !seen.insert(value) || self.is_known(value) {
                continue;
            }
            if let Some(op) = self.raised.defining(value) {
                pending.extend(&op.args);
                for block in &op.blocks {
                    pending.extend(self.raised.block(*block).end.values());
                }
            }
        }
        false
    }

    /// An element at a fixed place is loaded once.
    fn load_one(
        &mut self,
        base: ValueId,
        indices: &[ValueId],
        affines: &[Affine],
        context: &Context,
    ) -> Result<Lifted> {
        let extents = self.container_extents(base, indices.len());
        for (affine, extent) in affines.iter().zip(&extents) {
            self.in_range(affine, affine, extent)?;
        }
        let _ = context;
        if let Some(Content::Unmade(op)) = self.contents.get(&base)
            && let Some(fill) = self.fill_of(*op)?
        {
            return Ok(Lifted::everywhere(fill));
        }
        let mut value = match self.contents.get(&base) {
            Some(Content::Tensor { array, .. }) => *array,
            _ => self.value(base)?,
        };
        let mut operands = Vec::new();
        for index in indices {
            operands.push(self.lift(*index, context)?.value);
        }
        if matches!(self.out.func.ty(value), Ty::List(..)) {
            for operand in operands {
                value = self.out.at(value, operand);
            }
        } else {
            let mut args = vec![value];
            args.extend(&operands);
            value = self.out.value(Kind::Index(vec![Sub::At; operands.len()]), &args);
        }
        Ok(Lifted::everywhere(value))
    }

    /// What a container holds as an array of the new function.
    pub(super) fn array_of(&mut self, base: ValueId) -> Result<ValueId> {
        self.settle(Some(base))?;
        if let Some(Content::Tensor { array, .. }) = self.contents.get(&base) {
            return Ok(*array);
        }
        let made = self.value(base)?;
        match self.out.func.ty(made).clone() {
            Ty::Array { .. } => Ok(made),
            Ty::List(..) => self.converted_list(base, made),
            Ty::Range => Err(self.no_form("a range that is subscripted")),
            _ => Err(Box::new(Blocker::new(
                BlockerKind::NotUnderstood,
                self.at,
                "what is subscripted here is not known to be an array or a list of numbers",
            ))),
        }
    }

    /// `np.array(x)` of a list of numbers, once.
    fn converted_list(&mut self, base: ValueId, made: ValueId) -> Result<ValueId> {
        if let Some(array) = self.converted.get(&made) {
            return Ok(*array);
        }
        let Some((elem, rank)) = self.out.func.ty(made).elements() else {
            return Err(Box::new(Blocker::new(
                BlockerKind::NotUnderstood,
                self.at,
                "the list does not hold numbers of one type",
            )));
        };
        if elem == numlift_ir::scalar::ScalarTy::PyInt {
            // Ints beyond 64 bits would become objects, and arithmetic could wrap.
            self.require(Fact::Fits64(base), self.at)?;
        }
        if let Some(array) = self.listed(base, made) {
            self.converted.insert(made, array);
            self.step("list of an array → the array");
            return Ok(array);
        }
        if rank > 1 {
            let rows_are_alike = rank == 2
                && self
                    .raised
                    .ty(base)
                    .dims()
                    .get(1)
                    .is_some_and(|dim| *dim != Dim::Unknown);
            if rows_are_alike {
                // Without rows there is no telling how long they are.
                let rows = extent_of(self.raised, base, 0);
                self.require(Fact::AtMost(Affine::constant(1), rows), self.at)?;
            } else {
                self.require(Fact::Rectangular(base), self.at)?;
            }
        }
        let array = self.numpy_call("array", &[made]);
        self.converted.insert(made, array);
        self.step("list → array");
        Ok(array)
    }

    /// The array that `made` is the `tolist()` of, where nothing here changes either: its numbers are the list's.
    fn listed(&self, base: ValueId, made: ValueId) -> Option<ValueId> {
        let op = self.out.func.defining(made)?;
        let (Kind::Method { name, keywords }, [array]) = (&op.kind, &op.args[..]) else {
            return None;
        };
        let Ty::Array { dtype, .. } = self.out.func.ty(*array) else {
            return None;
        };
        let keeps_numbers = matches!(dtype, Dtype::F64 | Dtype::C128 | Dtype::Bool);
        if name != "tolist" || !keywords.is_empty() || !keeps_numbers {
            return None;
        }
        // What is read of the list may be read of the array as long as nobody stores to anything but fresh memory.
        let mut stores = false;
        let own = crate::access::path(self.raised, base).0;
        self.raised.walk(self.raised.body, &mut |op| {
            let data = self.raised.op(op);
            stores |= match data.kind.effect() {
                Effect::Pure | Effect::Reads | Effect::Draws => false,
                Effect::Writes | Effect::World => data.args.first().is_none_or(|target| {
                    let root = crate::access::path(self.raised, *target).0;
                    root == own || !crate::access::fresh(self.raised, &root)
                }),
            };
        });
        (!stores).then_some(*array)
    }

    /// Subscripts for indices that are affine in one dimension each, no dimension twice; `None` where they are not.
    pub(super) fn slicing(
        &mut self,
        affines: &[Affine],
        extents: &[Affine],
        context: &Context,
    ) -> Result<Option<Slicing>> {
        let mut seen = Vec::new();
        for affine in affines {
            let dims = context.dims_of(affine);
            if dims.len() > 1 || dims.iter().any(|dim| seen.contains(dim)) || self.has_inner_atom(affine, context) {
                return Ok(None);
            }
            seen.extend(dims);
        }
        let mut slicing = Slicing {
            subs: Vec::new(),
            operands: Vec::new(),
            dims: Vec::new(),
        };
        for (affine, extent) in affines.iter().zip(extents) {
            match context.dims_of(affine)[..] {
                [] => {
                    self.in_range(affine, affine, extent)?;
                    slicing.operands.push(self.affine(affine)?);
                    slicing.subs.push(Sub::At);
                }
                [dim, ..] => {
                    if !self.slice_axis(affine, extent, dim, context, &mut slicing)? {
                        return Ok(None);
                    }
                    slicing.dims.push(dim);
                }
            }
        }
        Ok(Some(slicing))
    }

    /// Whether an affine index depends on something computed inside the blocks that is no dimension.
    pub(super) fn has_inner_atom(&self, affine: &Affine, context: &Context) -> bool {
        affine.terms.keys().any(|atom| match atom {
            Atom::Value(value) => !context.dims.contains_key(value) && self.depends_on_indices(&[*value], context),
            Atom::Extent(value, _) => self.depends_on_indices(&[*value], context),
            Atom::Sym(_) => false,
        })
    }

    /// How far an index with this factor moves over a dimension, the end exclusive.
    pub(super) fn span(&self, context: &Context, dim: usize, factor: i128) -> Result<Affine> {
        let extent = &context.extents[dim];
        if factor == 1 {
            return Ok(extent.clone());
        }
        // A trip count that was a distance divided by the step: the distance is the span.
        if let Some(op) = self.raised.defining(context.extent_values[dim])
            && matches!(op.kind, Kind::Scalar { f: F::FloorDiv, .. })
            && affine_of(self.raised, op.args[1]).as_constant() == Some(factor.abs())
        {
            let padded = affine_of(self.raised, op.args[0]);
            if let Some(distance) = padded.offset(1 - factor.abs()).and_then(|d| d.times(factor.signum())) {
                return Ok(distance);
            }
        }
        // The last index is factor * (n - 1); one beyond it, in its direction.
        extent
            .offset(-1)
            .and_then(|last| last.times(factor))
            .and_then(|last| last.offset(factor.signum()))
            .ok_or_else(|| self.no_form("subscripts beyond 128 bits"))
    }

    pub(super) fn slice_axis(
        &mut self,
        affine: &Affine,
        extent: &Affine,
        dim: usize,
        context: &Context,
        slicing: &mut Slicing,
    ) -> Result<bool> {
        let Some(param) = context.param(dim) else {
            return Ok(false);
        };
        let factor = affine.coefficient(Atom::Value(param));
        let Some(first) = affine.substitute(Atom::Value(param), &Affine::default()) else {
            return Ok(false);
        };
        // `x[-1 - t]` counts from the end.
        let first = match (first.as_constant(), factor) {
            (Some(constant), factor) if constant < 0 && factor < 0 => {
                let Some(shifted) = extent.offset(constant) else {
                    return Ok(false);
                };
                shifted
            }
            _ => first,
        };
        let Some(last) = context.extents[dim]
            .offset(-1)
            .and_then(|last| first.plus(&last, factor))
        else {
            return Ok(false);
        };
        let (low, high) = if factor > 0 { (&first, &last) } else { (&last, &first) };
        self.in_range(low, high, extent)?;
        let span = self.span(context, dim, factor)?;
        let Some(stop) = first.plus(&span, 1) else {
            return Ok(false);
        };
        let whole = self.is_same(&stop, extent);
        let mut part = |wanted: bool, affine: &Affine| -> Result<bool> {
            if wanted {
                let value = self.bound(affine, extent)?;
                slicing.operands.push(value);
            }
            Ok(wanted)
        };
        let (lo, hi, step);
        if factor > 0 {
            lo = part(first.as_constant() != Some(0), &first)?;
            hi = part(!whole, &stop)?;
            step = factor != 1;
        } else {
            let from_end = extent.offset(-1).is_some_and(|end| is_equal(&end, &first));
            lo = part(!from_end, &first)?;
            // A stop of -1 is the start of the array, which only `None` says.
            if stop.as_constant() == Some(-1) {
                hi = false;
            } else {
                match crate::condition::prove_at_most(self.raised, &Affine::constant(0), &stop) {
                    Some(true) => {
                        let value = self.affine(&stop)?;
                        slicing.operands.push(value);
                        hi = true;
                    }
                    _ => return Ok(false),
                }
            }
            step = true;
        }
        if step {
            slicing.operands.push(self.out.int(factor));
        }
        slicing.subs.push(Sub::Slice { lo, hi, step });
        Ok(true)
    }

    /// A bound of a slice: `-1` for `len(x) - 1`. What is one number only for the calls in sight keeps its name.
    fn bound(&mut self, affine: &Affine, extent: &Affine) -> Result<ValueId> {
        if let Some(behind) = affine.minus(extent).and_then(|distance| distance.as_constant())
            && behind < 0
            && affine.as_constant().is_none()
        {
            return Ok(self.out.int(behind));
        }
        self.affine(affine)
    }

    /// `0 <= low` and `high < extent`, where low and high are the ends of what a subscript reaches. A constant below 0
    /// counts from the end.
    pub(super) fn in_range(&mut self, low: &Affine, high: &Affine, extent: &Affine) -> Result<()> {
        if let (Some(low), Some(high)) = (low.as_constant(), high.as_constant())
            && low == high
            && low < 0
        {
            return self.require(Fact::AtMost(Affine::constant(-low), extent.clone()), self.at);
        }
        let zero = Affine::constant(0);
        if let Err(mut blocker) = self.require(Fact::AtMost(zero, low.clone()), self.at) {
            blocker.kind = BlockerKind::Wraps;
            blocker.message = "this subscript is negative at first and wraps around to the end".to_owned();
            blocker.help = Some("start the loop where the subscript is 0, or say what the border should be".to_owned());
            return Err(blocker);
        }
        let Some(end) = high.offset(1) else {
            return Err(self.no_form("subscripts beyond 128 bits"));
        };
        self.require(Fact::AtMost(end, extent.clone()), self.at)
    }

    /// `base[subs]`, or the base where that is all of it.
    pub(super) fn apply_slicing(&mut self, array: ValueId, slicing: Slicing) -> ValueId {
        if slicing.is_whole() {
            return array;
        }
        let mut subs = slicing.subs;
        while subs.len() > 1 && subs.last() == Some(&Sub::FULL) {
            subs.pop();
        }
        let mut args = vec![array];
        args.extend(slicing.operands);
        self.out.value(Kind::Index(subs), &args)
    }

    /// The axes in ascending order of their dimensions: transposed where the loop runs across.
    pub(super) fn ascending(&mut self, value: ValueId, dims: &[usize]) -> Result<Lifted> {
        let mut axes = dims.to_vec();
        axes.sort_unstable();
        if axes == dims {
            return Ok(Lifted { value, axes });
        }
        let value = if dims.len() == 2 {
            self.out.value(Kind::Attr("T".to_owned()), &[value])
        } else {
            let order: Vec<ValueId> = axes
                .iter()
                .map(|axis| {
                    let place = dims.iter().position(|dim| dim == axis).unwrap_or(0);
                    self.out.int(place as i128)
                })
                .collect();
            let order = self.out.value(Kind::MakeTuple, &order);
            self.numpy_call("transpose", &[value, order])
        };
        Ok(Lifted { value, axes })
    }

    /// `x[idx]` with an index array for every axis that moves.
    fn gather(
        &mut self,
        array: ValueId,
        indices: &[ValueId],
        affines: &[Affine],
        extents: &[Affine],
        context: &Context,
    ) -> Result<Lifted> {
        if context.pairs.is_some()
            && let Some(rows) = self.rows_of_pairs(array, indices, affines, extents, context)?
        {
            return Ok(rows);
        }
        let mut lifted = Vec::new();
        for ((index, affine), extent) in indices.iter().zip(affines).zip(extents) {
            if !matches!(self.raised.ty(*index), Ty::Int(_))
                && !self.scalar(*index).is_some_and(|ty| ty.array_dtype().is_integer())
            {
                return Err(self.no_form("a subscript that is no integer"));
            }
            let dims = context.dims_of(affine);
            if dims.is_empty() && !self.depends_on_indices(&[*index], context) {
                self.in_range(affine, affine, extent)?;
            }
            lifted.push(self.lift(*index, context)?);
        }
        let (operands, axes) = self.align(&lifted)?;
        let mut args = vec![array];
        args.extend(operands);
        let value = self.out.value(Kind::Index(vec![Sub::At; indices.len()]), &args);
        let mut both = indices.iter().zip(extents);
        if context.pairs.is_none() || !both.all(|(index, extent)| self.is_in_range(*index, extent, context)) {
            self.announced.insert(super::Announced::StoresBeforeException);
        }
        self.step("element by index → index array");
        Ok(Lifted { value, axes })
    }

    /// Under a mask only the elements where it holds.
    pub(super) fn masked_axis(&mut self, lifted: Lifted, context: &Context) -> Result<Lifted> {
        let Some((first, further)) = context.masks.split_first() else {
            return Ok(lifted);
        };
        if lifted.axes.is_empty() {
            return Ok(lifted);
        }
        let all: Vec<usize> = (0..context.rank()).collect();
        let mut value = lifted.value;
        if self.chooses_rows(context) {
            if lifted.axes[0] == 0 {
                for mask in &context.masks {
                    value = self.out.at(value, *mask);
                }
            }
            return Ok(Lifted { value, ..lifted });
        }
        if lifted.axes != all {
            let expanded = self.expand(&lifted, &all);
            let shape = self.out.value(Kind::Attr("shape".to_owned()), &[*first]);
            value = self.numpy_call("broadcast_to", &[expanded, shape]);
        }
        value = self.out.at(value, *first);
        for mask in further {
            value = self.out.at(value, *mask);
        }
        Ok(Lifted { value, axes: vec![0] })
    }

    /// Whether the masks say of whole rows which count: the axes behind the first are what they were.
    pub(super) fn chooses_rows(&self, context: &Context) -> bool {
        let first = context.masks.first();
        context.rank() > 1 && first.is_some_and(|mask| self.out.func.ty(*mask).dims().len() == 1)
    }

    /// The value that fills fresh memory, where it is one.
    fn fill_of(&mut self, op: OpId) -> Result<Option<ValueId>> {
        let data = self.raised.op(op).clone();
        match &data.kind {
            Kind::Repeat => {
                let Some(list) = self.raised.defining(data.args[0]) else {
                    return Ok(None);
                };
                match list.args[..] {
                    [item] if list.kind == Kind::MakeList => self.value(item).map(Some),
                    _ => Ok(None),
                }
            }
            // Rows that were made of one constant.
            Kind::Extend { .. } => {
                let value = self.raised.block(data.blocks[0]).end.values()[0];
                let Some(constant) = self.raised.as_const(value).cloned() else {
                    return Ok(None);
                };
                Ok(Some(self.out.constant(constant)))
            }
            Kind::Call { callee, .. } => {
                let Ty::Array { dtype, .. } = self.raised.ty(data.results[0]) else {
                    return Ok(None);
                };
                let fill = match callee.as_str() {
                    "numpy.zeros" | "numpy.zeros_like" => 0.0,
                    "numpy.ones" | "numpy.ones_like" => 1.0,
                    _ => return Ok(None),
                };
                if dtype.is_float() {
                    return Ok(Some(self.out.constant(numlift_ir::op::Const::Float(fill))));
                }
                if dtype.is_integer() {
                    return Ok(Some(self.out.int(fill as i128)));
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }
}
