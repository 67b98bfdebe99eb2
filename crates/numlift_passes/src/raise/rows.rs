//! Array operations inside a loop are opened: what they do to whole rows is said element by element.
//!
//! ```text
//! out[i, :] = a[i, :] + 2 * b      =>   scatter out, m { (t) yield i, t, a[i, t] + 2 * b[t] }
//! s = sum(a[i])                    =>   s = fold add 0, m { (t) yield a[i, t] }
//! rows.append(2 * row)             =>   extend of a fresh list by 2 * row[t], which is appended
//! ```
//!
//! So a loop over rows is raised like the nest that it stands for. An operand of another length than the row is a
//! condition (of length 1 it would be broadcast), and so is a slice that reaches beyond its array. An element is
//! computed where it is used instead of where the array was made: a store between the two to memory that it reads
//! keeps the operation as it is. What has no elements that are understood stays too, and the loop with it.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, Atom, affine_of, is_equal};
use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Monoid, Sub, Term};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::{Dim, Interval, Ty};

use super::arithmetic::{counter_type, int_const, int_op};
use super::{Loop, constant};
use crate::access;
use crate::condition::{Condition, Fact};
use crate::slice::Slice;

#[cfg(test)]
mod tests;

/// Opens every array operation in the loop's body that can be; returns what that stands on.
pub(super) fn open(func: &mut Function, looped: &Loop) -> Vec<Condition> {
    keep_names(func, looped);
    let mut conditions = Vec::new();
    let mut blocks = Vec::new();
    visit_plain(func, looped.body, &mut blocks);
    for block in blocks {
        for op in func.block(block).ops.clone() {
            let mut opener = Opener {
                looped,
                block,
                at: func.op(op).origin,
                conditions: Vec::new(),
                computed: Vec::new(),
            };
            let mut tried = func.clone();
            if opener.open(&mut tried, op).is_some() && opener.sees_the_same(func, op) {
                *func = tried;
                conditions.append(&mut opener.conditions);
            }
        }
    }
    conditions
}

/// `total += row` binds the name to the array that it was bound to: the body sees that one.
fn keep_names(func: &mut Function, looped: &Loop) {
    for (number, param) in looped.params.iter().enumerate() {
        if looped.yields[number] == *param {
            func.replace_everywhere(*param, looped.inits[number]);
            func.block_mut(looped.body).end.values_mut()[number] = *param;
        }
    }
}

/// The body and the branches of its `If`s, innermost first.
fn visit_plain(func: &Function, block: BlockId, blocks: &mut Vec<BlockId>) {
    for op in &func.block(block).ops {
        if func.op(*op).kind == Kind::If {
            for inner in &func.op(*op).blocks {
                visit_plain(func, *inner, blocks);
            }
        }
    }
    blocks.push(block);
}

struct Opener<'a> {
    looped: &'a Loop,
    /// Where the operation stands.
    block: BlockId,
    at: OriginId,
    conditions: Vec<Condition>,
    /// Ops of the loop whose elements are computed anew, at their use.
    computed: Vec<OpId>,
}

/// A reduction of all elements of an array.
struct Reduction {
    monoid: Monoid,
    /// `v * v` instead of `v`, and the root of the whole.
    norm: bool,
    mean: bool,
    truth: bool,
    /// The mean of squared distances from the mean.
    spread: bool,
    starts_as_int: bool,
}

impl Opener<'_> {
    fn open(&mut self, func: &mut Function, op: OpId) -> Option<()> {
        let place = func.block(self.block).ops.iter().position(|other| *other == op)?;
        let tail = func.block_mut(self.block).ops.split_off(place);
        let data = func.op(op).clone();
        match &data.kind {
            Kind::SetIndex(subs) => self.store(func, subs, &data.args)?,
            Kind::Append => self.append(func, data.args[0], data.args[1])?,
            Kind::Index(subs) => {
                let element = self.load(func, subs, &data.args)?;
                self.replaces(func, data.results[0], element)?;
            }
            Kind::Call { .. } | Kind::Method { .. } => {
                let reduced = self.reduction(func, op)?;
                self.replaces(func, data.results[0], reduced)?;
            }
            _ => return None,
        }
        func.block_mut(self.block).ops.extend(&tail[1..]);
        Some(())
    }

    /// Uses of the operation's result use its new form.
    fn replaces(&self, func: &mut Function, old: ValueId, new: ValueId) -> Option<()> {
        let same = func.ty(old) == func.ty(new)
            || matches!((func.ty(old), func.ty(new).as_scalar()), (Ty::OneOf(options), Some(new)) if options.contains(&new));
        if !same {
            return None;
        }
        if func.values[new.index()].name.is_none() {
            func.values[new.index()].name = func.values[old.index()].name.clone();
        }
        func.replace_everywhere(old, new);
        Some(())
    }

    /// Nothing is stored to what the elements read between where their array was computed and here.
    fn sees_the_same(&self, func: &Function, here: OpId) -> bool {
        let mut order: Vec<OpId> = Vec::new();
        func.walk(self.looped.body, &mut |op| order.push(op));
        let place = |op: OpId| order.iter().position(|other| *other == op);
        let Some(here) = place(here) else { return false };
        self.computed.iter().all(|op| {
            let arrays = func.op(*op).args.iter().filter(|arg| !func.ty(**arg).dims().is_empty());
            let read: Vec<access::Root> = arrays.map(|arg| access::path(func, *arg).0).collect();
            let between = place(*op).and_then(|made| order.get(made..here)).unwrap_or(&[]);
            between.iter().all(|op| {
                let data = func.op(*op);
                match (data.kind.effect(), data.args.first()) {
                    (Effect::Pure | Effect::Reads, _) => true,
                    (Effect::Writes, Some(base)) => !read.contains(&access::path(func, *base).0),
                    (Effect::Writes, None) => !data.results.is_empty(),
                    (Effect::Draws | Effect::World, _) => false,
                }
            })
        })
    }

    /// `base[subs] = value` with at least one axis that is stored to as a whole.
    fn store(&mut self, func: &mut Function, subs: &[Sub], args: &[ValueId]) -> Option<()> {
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
    fn append(&mut self, func: &mut Function, list: ValueId, row: ValueId) -> Option<()> {
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
        let made = func.push_op(self.block, Kind::MakeList, vec![], vec![], &[ty], self.at);
        let made = func.result(made);
        let kind = Kind::Extend {
            masked: false,
            depth: 0,
        };
        func.push_op(self.block, kind, vec![made, extent], vec![inner], &[], self.at);
        func.push_op(self.block, Kind::Append, vec![list, made], vec![], &[], self.at);
        Some(())
    }

    fn uses(&self, func: &Function, value: ValueId) -> usize {
        let mut uses = 0;
        let mut count = |values: &[ValueId]| uses += values.iter().filter(|used| **used == value).count();
        for op in &func.ops {
            count(&op.args);
        }
        for block in &func.blocks {
            count(block.end.values());
        }
        uses
    }

    /// Whether nothing is done with a value but to store it into arrays.
    fn is_only_stored(&self, func: &Function, value: ValueId) -> bool {
        let stored = func.ops.iter().filter(|op| {
            matches!(op.kind, Kind::SetIndex(_))
                && op.args.last() == Some(&value)
                && matches!(func.ty(op.args[0]), Ty::Array { .. })
        });
        stored.count() == self.uses(func, value)
    }

    /// Memory of its own, which no view of anything else is.
    fn is_computed(&self, func: &Function, value: ValueId) -> bool {
        self.looped.scope.defines(func, value)
            && func.defining(value).is_some_and(|op| match &op.kind {
                Kind::Scalar { .. } => true,
                Kind::Method { name, .. } => name == "copy",
                Kind::Call { callee, .. } => callee == "numpy.copy",
                _ => false,
            })
    }

    /// An element of an array that is computed in the loop.
    fn load(&mut self, func: &mut Function, subs: &[Sub], args: &[ValueId]) -> Option<ValueId> {
        let all = subs.iter().all(|sub| *sub == Sub::At) && subs.len() == func.ty(args[0]).dims().len();
        if !all || !self.is_computed(func, args[0]) && !self.is_view_of_slices(func, args[0]) {
            return None;
        }
        let shape = self.shape(func, args[0])?;
        let mut places = Vec::new();
        for (index, extent) in args[1..].iter().zip(shape) {
            func.ty(*index).as_scalar()?;
            let place = match constant(func, *index) {
                Some(known) if known < 0 => int_op(func, self.block, F::Add, extent, *index, self.at),
                _ => *index,
            };
            let low = affine_of(func, place);
            let high = affine_of(func, extent).offset(-1)?;
            self.require(func, Affine::default(), low.clone())?;
            self.require(func, low, high)?;
            places.push(place);
        }
        self.element(func, self.block, args[0], &places)
    }

    fn is_view_of_slices(&self, func: &Function, value: ValueId) -> bool {
        self.looped.scope.defines(func, value)
            && func.defining(value).is_some_and(
                |op| matches!(&op.kind, Kind::Index(subs) if subs.iter().any(|sub| matches!(sub, Sub::Slice { .. }))),
            )
    }

    /// A call that makes one number of an array.
    fn reduction(&mut self, func: &mut Function, op: OpId) -> Option<ValueId> {
        let data = func.op(op).clone();
        let [result] = data.results[..] else { return None };
        let options = func.ty(result).scalar_options()?;
        let wanted = *options.last()?;
        let dtype = wanted.array_dtype();
        let name = match &data.kind {
            Kind::Call { callee, keywords } if keywords.is_empty() => callee.as_str(),
            Kind::Method { name, keywords } if keywords.is_empty() => name.as_str(),
            _ => return None,
        };
        let in_loop = |func: &Function, value: ValueId| self.looped.scope.defines(func, value);
        if data.args.iter().all(|arg| !in_loop(func, *arg)) {
            return None;
        }
        if let ("numpy.dot" | "numpy.matmul" | "numpy.inner" | "numpy.vdot" | "dot", [a, b]) = (name, &data.args[..]) {
            return self.dot(func, *a, *b, dtype);
        }
        let [array] = data.args[..] else { return None };
        let plain = |monoid| Reduction {
            monoid,
            norm: false,
            mean: false,
            truth: false,
            spread: false,
            starts_as_int: false,
        };
        let kind = match name {
            "builtins.sum" | "numpy.sum" | "sum" => plain(Monoid::Add),
            "numpy.prod" | "prod" => plain(Monoid::Mul),
            "builtins.max" => plain(Monoid::MaxIf),
            "builtins.min" => plain(Monoid::MinIf),
            "numpy.max" | "numpy.amax" | "max" => plain(Monoid::Maximum),
            "numpy.min" | "numpy.amin" | "min" => plain(Monoid::Minimum),
            "numpy.mean" | "mean" => Reduction {
                mean: true,
                ..plain(Monoid::Add)
            },
            "numpy.var" | "var" | "numpy.std" | "std" => Reduction {
                mean: true,
                spread: true,
                ..plain(Monoid::Add)
            },
            "numpy.linalg.norm" => Reduction {
                norm: true,
                ..plain(Monoid::Add)
            },
            "numpy.any" | "any" => Reduction {
                truth: true,
                ..plain(Monoid::Or)
            },
            "numpy.all" | "all" => Reduction {
                truth: true,
                ..plain(Monoid::And)
            },
            _ => return None,
        };
        let extents = self.shape(func, array)?;
        if extents.is_empty() || name.starts_with("builtins.") && extents.len() != 1 {
            return None;
        }
        if (kind.mean || kind.norm) && !dtype.is_float() {
            return None;
        }
        let center = if kind.spread {
            let kind = Reduction {
                mean: true,
                ..plain(Monoid::Add)
            };
            Some(self.fold(func, &kind, array, &extents, wanted, None)?)
        } else {
            None
        };
        let kind = Reduction {
            // Of nothing Python's sum is the int that it starts with, which an array does not tell from a float.
            starts_as_int: name == "builtins.sum" && !self.is_only_stored(func, result),
            ..kind
        };
        let value = self.fold(func, &kind, array, &extents, wanted, center)?;
        Some(match name {
            "numpy.std" | "std" => scalar(func, self.block, F::Sqrt, &[value], Flavour::Ufunc, self.at),
            _ => value,
        })
    }

    /// The reduction of the elements, or of their squared distances from a center.
    fn fold(
        &mut self,
        func: &mut Function,
        kind: &Reduction,
        array: ValueId,
        extents: &[ValueId],
        wanted: ScalarTy,
        center: Option<ValueId>,
    ) -> Option<ValueId> {
        let dtype = wanted.array_dtype();
        let inner = func.add_block();
        let params = self.counters(func, inner, extents);
        let mut element = self.element(func, inner, array, &params)?;
        if kind.truth {
            let op = func.push_op(inner, Kind::Truth, vec![element], vec![], &[Ty::Bool], self.at);
            element = func.result(op);
        } else if *func.ty(element) != Ty::scalar(wanted) {
            let from = func.ty(element).as_scalar()?;
            // Sums of a list of Python numbers are no NumPy scalars, and narrow integers are added in `int64`.
            if from.is_python() != wanted.is_python() || !can_cast(from.array_dtype(), dtype, Casting::Safe) {
                return None;
            }
            let op = func.push_op(
                inner,
                Kind::Convert,
                vec![element],
                vec![],
                &[Ty::scalar(wanted)],
                self.at,
            );
            element = func.result(op);
        }
        if let Some(center) = center {
            let apart = scalar(func, inner, F::Sub, &[element, center], Flavour::NpScalar, self.at);
            element = scalar(func, inner, F::Mul, &[apart, apart], Flavour::NpScalar, self.at);
        }
        if kind.norm {
            element = scalar(func, inner, F::Mul, &[element, element], Flavour::NpScalar, self.at);
        }
        func.block_mut(inner).end = Term::Yield(vec![element]);
        let init = self.start(func, kind, array, extents, dtype)?;
        let mut args = vec![init];
        args.extend(extents);
        let ty = if kind.truth { Ty::Bool } else { Ty::scalar(wanted) };
        let fold = Kind::Fold {
            monoid: kind.monoid,
            masked: false,
        };
        let fold = func.push_op(self.block, fold, args, vec![inner], &[ty], self.at);
        let mut value = func.result(fold);
        if kind.norm {
            value = scalar(func, self.block, F::Sqrt, &[value], Flavour::Ufunc, self.at);
        }
        if kind.mean {
            let mut count = extents[0];
            for extent in &extents[1..] {
                count = int_op(func, self.block, F::Mul, count, *extent, self.at);
            }
            value = scalar(
                func,
                self.block,
                F::TrueDiv,
                &[value, count],
                Flavour::NpScalar,
                self.at,
            );
        }
        if kind.truth {
            let op = func.push_op(
                self.block,
                Kind::Convert,
                vec![value],
                vec![],
                &[Ty::Np(Dtype::Bool)],
                self.at,
            );
            value = func.result(op);
        }
        Some(value)
    }

    /// What a reduction starts from.
    fn start(
        &mut self,
        func: &mut Function,
        kind: &Reduction,
        array: ValueId,
        extents: &[ValueId],
        dtype: Dtype,
    ) -> Option<ValueId> {
        let (number, ty) = match kind.monoid {
            Monoid::Add if kind.starts_as_int => (Const::Int(0), Ty::Int(Interval::point(0))),
            Monoid::Add if !dtype.is_inexact() => (Const::Int(0), Ty::Np(dtype)),
            Monoid::Mul if !dtype.is_inexact() => (Const::Int(1), Ty::Np(dtype)),
            Monoid::Add => (Const::Float(0.0), Ty::Np(dtype)),
            Monoid::Mul => (Const::Float(1.0), Ty::Np(dtype)),
            Monoid::Or => (Const::Bool(false), Ty::Bool),
            Monoid::And => (Const::Bool(true), Ty::Bool),
            Monoid::MinIf
            | Monoid::MaxIf
            | Monoid::MinIfLast
            | Monoid::MaxIfLast
            | Monoid::Minimum
            | Monoid::Maximum => {
                for extent in extents {
                    let one = Affine::constant(1);
                    self.require(func, one, affine_of(func, *extent))?;
                }
                if dtype.is_float() {
                    let maximum = matches!(kind.monoid, Monoid::MaxIf | Monoid::Maximum);
                    let infinity = if maximum { f64::NEG_INFINITY } else { f64::INFINITY };
                    (Const::Float(infinity), Ty::Np(dtype))
                } else {
                    let zero = int_const(func, self.block, 0, self.at);
                    let zeros = vec![zero; extents.len()];
                    return self.element(func, self.block, array, &zeros);
                }
            }
        };
        let of_constant = numlift_ir::infer::const_type(&number);
        let op = func.push_op(
            self.block,
            Kind::Const(number),
            vec![],
            vec![],
            std::slice::from_ref(&of_constant),
            self.at,
        );
        let value = func.result(op);
        if of_constant == ty {
            return Some(value);
        }
        let op = func.push_op(self.block, Kind::Convert, vec![value], vec![], &[ty], self.at);
        Some(func.result(op))
    }

    /// `a @ b` of two vectors.
    fn dot(&mut self, func: &mut Function, a: ValueId, b: ValueId, dtype: Dtype) -> Option<ValueId> {
        if !dtype.is_float() {
            return None;
        }
        let (first, second) = (self.shape(func, a)?, self.shape(func, b)?);
        let ([first], [second]) = (&first[..], &second[..]) else {
            return None;
        };
        self.equal(func, *first, *second)?;
        self.products(func, self.block, (a, &[]), (b, &[]), *first, dtype)
    }

    /// The sum over `k` of `a[…, k] * b[k, …]`.
    fn products(
        &mut self,
        func: &mut Function,
        into: BlockId,
        (a, before): (ValueId, &[ValueId]),
        (b, behind): (ValueId, &[ValueId]),
        extent: ValueId,
        dtype: Dtype,
    ) -> Option<ValueId> {
        let inner = func.add_block();
        let params = self.counters(func, inner, &[extent]);
        let mut left = before.to_vec();
        left.push(params[0]);
        let mut right = params.clone();
        right.extend(behind);
        let x = self.element(func, inner, a, &left)?;
        let y = self.element(func, inner, b, &right)?;
        let product = scalar(func, inner, F::Mul, &[x, y], Flavour::NpScalar, self.at);
        if *func.ty(product) != Ty::Np(dtype) {
            return None;
        }
        func.block_mut(inner).end = Term::Yield(vec![product]);
        let zero = func.push_op(
            into,
            Kind::Const(Const::Float(0.0)),
            vec![],
            vec![],
            &[Ty::Float],
            self.at,
        );
        let zero = func.result(zero);
        let zero = func.push_op(into, Kind::Convert, vec![zero], vec![], &[Ty::Np(dtype)], self.at);
        let zero = func.result(zero);
        let kind = Kind::Fold {
            monoid: Monoid::Add,
            masked: false,
        };
        let fold = func.push_op(into, kind, vec![zero, extent], vec![inner], &[Ty::Np(dtype)], self.at);
        Some(func.result(fold))
    }

    /// Parameters that count over extents.
    fn counters(&self, func: &mut Function, block: BlockId, extents: &[ValueId]) -> Vec<ValueId> {
        extents
            .iter()
            .map(|extent| {
                let ty = counter_type(func, *extent);
                func.add_param(block, ty, None)
            })
            .collect()
    }

    /// The extents of an array, as values of the block where the operation stands.
    fn shape(&mut self, func: &mut Function, value: ValueId) -> Option<Vec<ValueId>> {
        if func.ty(value).as_scalar().is_some() {
            return Some(Vec::new());
        }
        if !self.looped.scope.defines(func, value) {
            return self.fixed_shape(func, value);
        }
        let op = func.defining(value)?.clone();
        match &op.kind {
            Kind::Index(subs) => {
                let rank = func.ty(op.args[0]).dims().len();
                let axes = self.axes(func, op.args[0], rank, subs, &op.args[1..])?;
                Some(axes.iter().filter_map(Axis::moving).collect())
            }
            Kind::Attr(name) if name == "T" => {
                let mut extents = self.shape(func, op.args[0])?;
                extents.reverse();
                Some(extents)
            }
            Kind::Call { callee, keywords } if keywords.is_empty() && is_product(callee) => {
                let (a, b) = (self.shape(func, op.args[0])?, self.shape(func, op.args[1])?);
                self.equal(func, *a.last()?, *b.first()?)?;
                let mut extents = a[..a.len() - 1].to_vec();
                extents.extend(&b[1..]);
                Some(extents)
            }
            Kind::Scalar {
                flavour: Flavour::Ufunc,
                ..
            } => self.common_shape(func, &op.args),
            Kind::Call { callee, keywords } if callee == "numpy.where" && keywords.is_empty() => {
                self.common_shape(func, &op.args)
            }
            Kind::Call { callee, keywords } if callee == "numpy.copy" && keywords.is_empty() => {
                self.shape(func, op.args[0])
            }
            Kind::Method { name, keywords } if name == "copy" && keywords.is_empty() => self.shape(func, op.args[0]),
            Kind::MakeList if op.args.is_empty() => {
                let filler = self.filler(func, value)?;
                Some(vec![func.op(filler).args[1]])
            }
            _ => None,
        }
    }

    /// The extents of an array that the loop does not make.
    fn fixed_shape(&self, func: &mut Function, value: ValueId) -> Option<Vec<ValueId>> {
        let ty = func.ty(value).clone();
        if !matches!(ty, Ty::Array { .. } | Ty::List(..)) {
            return None;
        }
        // A row of an array has the extents of the array, which do not depend on an outer loop.
        let (root, prefix) = row_path(func, value);
        let axes = prefix.len()..prefix.len() + ty.dims().len();
        axes.map(|axis| Some(self.fixed_extent(func, root, axis))).collect()
    }

    /// The extent of an axis: of what an allocation was made for, so that the allocation itself is not needed.
    fn fixed_extent(&self, func: &mut Function, array: ValueId, axis: usize) -> ValueId {
        if let Some(op) = func.defining(array).cloned()
            && let Kind::Call { callee, .. } = &op.kind
        {
            match callee.as_str() {
                "numpy.zeros_like" | "numpy.empty_like" | "numpy.ones_like" | "numpy.full_like"
                    if matches!(func.ty(op.args[0]), Ty::Array { .. }) =>
                {
                    return self.fixed_extent(func, op.args[0], axis);
                }
                "numpy.zeros" | "numpy.empty" | "numpy.ones" | "numpy.full" => {
                    let made = func.defining(op.args[0]).cloned();
                    let extent = match (made, func.ty(op.args[0])) {
                        (Some(made), _) if made.kind == Kind::MakeTuple => made.args.get(axis).copied(),
                        (Some(made), _) if made.kind == Kind::Attr("shape".to_owned()) => {
                            return self.fixed_extent(func, made.args[0], axis);
                        }
                        (_, Ty::Int(_)) => Some(op.args[0]),
                        _ => None,
                    };
                    if let Some(extent) = extent.filter(|extent| matches!(func.ty(*extent), Ty::Int(_))) {
                        return extent;
                    }
                }
                _ => {}
            }
        }
        let kind = Kind::Len { axis };
        let types = numlift_ir::infer::result_types(func, &kind, &[array]);
        let op = func.push_op(self.block, kind, vec![array], vec![], &types, self.at);
        func.result(op)
    }

    /// The shape that operands broadcast to, where each has the whole of an axis or none of it.
    fn common_shape(&mut self, func: &mut Function, operands: &[ValueId]) -> Option<Vec<ValueId>> {
        let mut shapes = Vec::new();
        for operand in operands {
            shapes.push((self.shape(func, *operand)?, func.ty(*operand).dims()));
        }
        let rank = shapes.iter().map(|(shape, _)| shape.len()).max()?;
        (0..rank)
            .map(|axis| {
                let mut found: Option<ValueId> = None;
                for (shape, dims) in &shapes {
                    let Some(own) = (axis + shape.len()).checked_sub(rank) else {
                        continue;
                    };
                    if dims.get(own) == Some(&Dim::Const(1)) {
                        found = found.or(None);
                        continue;
                    }
                    match found {
                        None => found = Some(shape[own]),
                        Some(extent) => self.equal(func, extent, shape[own])?,
                    }
                }
                found
            })
            .collect()
    }

    /// Whether an axis of a stored value has the extent that is stored to; false where it is 1.
    fn same_extent(&mut self, func: &Function, own: ValueId, wanted: ValueId) -> Option<bool> {
        if constant(func, own) == Some(1) {
            return Some(false);
        }
        self.equal(func, own, wanted)?;
        Some(true)
    }

    /// Two extents must be equal.
    fn equal(&mut self, func: &Function, a: ValueId, b: ValueId) -> Option<()> {
        let (a, b) = (affine_of(func, a), affine_of(func, b));
        if is_equal(func, &a, &b) {
            return Some(());
        }
        self.require(func, a.clone(), b.clone())?;
        self.require(func, b, a)
    }

    /// `low <= high` in every iteration.
    fn require(&mut self, func: &Function, low: Affine, high: Affine) -> Option<()> {
        let index = Atom::Value(self.looped.index);
        let mut room = high.minus(&low)?;
        let factor = room.coefficient(index);
        if factor != 0 {
            // The index is nearest at one of its ends.
            if constant(func, self.looped.step) != Some(1) {
                return None;
            }
            let end = if factor > 0 {
                affine_of(func, self.looped.start)
            } else {
                affine_of(func, self.looped.stop).offset(-1)?
            };
            room = room.substitute(index, &end)?;
        }
        if crate::condition::prove_at_most(func, &Affine::default(), &room) == Some(true) {
            return Some(());
        }
        let outside = room.terms.keys().all(|atom| match atom {
            Atom::Value(value) | Atom::Extent(value, _) => !self.looped.scope.defines(func, *value),
            Atom::Sym(_) => true,
        });
        if !outside {
            return None;
        }
        let condition = Condition {
            fact: Fact::AtMost(Affine::default(), room),
            at: self.at,
        };
        if !self.conditions.contains(&condition) {
            self.conditions.push(condition);
        }
        Some(())
    }

    /// What each axis of a base is subscripted with.
    fn axes(
        &mut self,
        func: &mut Function,
        base: ValueId,
        rank: usize,
        subs: &[Sub],
        operands: &[ValueId],
    ) -> Option<Vec<Axis>> {
        let whole = self.shape(func, base)?;
        let mut operands = operands.iter().copied();
        let mut axes = Vec::new();
        for sub in subs {
            let extent = *whole.get(axes.len())?;
            match *sub {
                Sub::At => {
                    let index = operands.next()?;
                    func.ty(index)
                        .as_scalar()
                        .filter(|scalar| scalar.array_dtype().is_integer())?;
                    axes.push(Axis::At(index));
                }
                Sub::Slice { lo, hi, step } => {
                    let zero = int_const(func, self.block, 0, self.at);
                    let low = if lo {
                        self.bound(func, operands.next()?, extent)?
                    } else {
                        zero
                    };
                    let high = if hi {
                        self.bound(func, operands.next()?, extent)?
                    } else {
                        extent
                    };
                    if step && constant(func, operands.next()?) != Some(1) {
                        return None;
                    }
                    let (first, last) = (affine_of(func, low), affine_of(func, high));
                    self.require(func, Affine::default(), first.clone())?;
                    self.require(func, first.clone(), last.clone())?;
                    self.require(func, last.clone(), affine_of(func, extent))?;
                    let length = match last.minus(&first)?.as_constant() {
                        Some(known) => int_const(func, self.block, known, self.at),
                        None if hi || lo => self.distance(func, &first, &last, low, high)?,
                        None => extent,
                    };
                    axes.push(Axis::From(low, length));
                }
                Sub::NewAxis | Sub::Ellipsis => return None,
            }
        }
        while axes.len() < rank {
            let zero = int_const(func, self.block, 0, self.at);
            axes.push(Axis::From(zero, *whole.get(axes.len())?));
        }
        Some(axes)
    }

    /// `high - low`, without the loop's index where it cancels out.
    fn distance(
        &self,
        func: &mut Function,
        first: &Affine,
        last: &Affine,
        low: ValueId,
        high: ValueId,
    ) -> Option<ValueId> {
        let difference = last.minus(first)?;
        if let [(Atom::Value(value), 1)] = difference.terms.iter().map(|(a, f)| (*a, *f)).collect::<Vec<_>>()[..]
            && !self.looped.scope.defines(func, value)
        {
            let rest = int_const(func, self.block, difference.constant, self.at);
            return Some(int_op(func, self.block, F::Add, value, rest, self.at));
        }
        let index = Atom::Value(self.looped.index);
        (difference.coefficient(index) == 0).then_some(())?;
        Some(int_op(func, self.block, F::Sub, high, low, self.at))
    }

    /// A bound of a slice; a negative literal counts from the end.
    fn bound(&self, func: &mut Function, bound: ValueId, extent: ValueId) -> Option<ValueId> {
        if !matches!(func.ty(bound), Ty::Int(_)) {
            return None;
        }
        Some(match constant(func, bound) {
            Some(known) if known < 0 => int_op(func, self.block, F::Add, extent, bound, self.at),
            _ => bound,
        })
    }

    /// The indices of the base, for those of its moving axes.
    fn places(&self, func: &mut Function, into: BlockId, axes: &[Axis], moving: &[ValueId]) -> Vec<ValueId> {
        let mut moving = moving.iter().copied();
        axes.iter()
            .map(|axis| match *axis {
                Axis::At(index) => index,
                Axis::From(low, length) => {
                    let counter = moving.next().unwrap_or(length);
                    int_op(func, into, F::Add, low, counter, self.at)
                }
            })
            .collect()
    }

    /// One element of an array (a scalar is the same for all indices), computed in a block.
    fn element(&mut self, func: &mut Function, into: BlockId, value: ValueId, indices: &[ValueId]) -> Option<ValueId> {
        if func.ty(value).as_scalar().is_some() {
            return Some(value);
        }
        let rank = func.ty(value).dims().len();
        if indices.len() != rank {
            return None;
        }
        if !self.looped.scope.defines(func, value) {
            return load(func, into, value, indices, self.at);
        }
        let made = func.def_op(value)?;
        let op = func.op(made).clone();
        if !matches!(op.kind, Kind::Index(_) | Kind::Attr(_)) {
            self.computed.push(made);
        }
        let element = match &op.kind {
            Kind::Index(subs) => {
                let base = op.args[0];
                let axes = self.axes(func, base, func.ty(base).dims().len(), subs, &op.args[1..])?;
                let places = self.places(func, into, &axes, indices);
                self.element(func, into, base, &places)?
            }
            Kind::Attr(name) if name == "T" => {
                let turned: Vec<ValueId> = indices.iter().rev().copied().collect();
                self.element(func, into, op.args[0], &turned)?
            }
            Kind::Call { callee, keywords } if is_product(callee) && keywords.is_empty() => {
                self.product_element(func, into, &op.args, indices)?
            }
            Kind::Scalar {
                f,
                flavour: Flavour::Ufunc,
            } => {
                let operands = self.operands(func, into, &op.args, indices)?;
                scalar(func, into, *f, &operands, Flavour::Ufunc, op.origin)
            }
            Kind::Call { callee, keywords } if callee == "numpy.where" && keywords.is_empty() => {
                let operands = self.operands(func, into, &op.args, indices)?;
                let [condition, ..] = operands[..] else { return None };
                let truth = func.push_op(into, Kind::Truth, vec![condition], vec![], &[Ty::Bool], op.origin);
                let truth = func.result(truth);
                let ty = Ty::Np(dtype_of(func, value)?);
                let args = vec![truth, *operands.get(1)?, *operands.get(2)?];
                if args[1..].iter().any(|arg| *func.ty(*arg) != ty) {
                    return None;
                }
                let chosen = func.push_op(into, Kind::Select, args, vec![], &[ty], op.origin);
                func.result(chosen)
            }
            Kind::Call { callee, keywords } if callee == "numpy.copy" && keywords.is_empty() => {
                self.element(func, into, op.args[0], indices)?
            }
            Kind::Method { name, keywords } if name == "copy" && keywords.is_empty() => {
                self.element(func, into, op.args[0], indices)?
            }
            Kind::MakeList if op.args.is_empty() => {
                let filler = self.filler(func, value)?;
                let filled = func.op(filler).blocks[0];
                let scope = crate::slice::Scope::of(func, filled);
                let map = HashMap::from([(func.block(filled).params[0], indices[0])]);
                let given = func.block(filled).end.values()[0];
                Slice::new(&scope, into, map).value(func, given).ok()?
            }
            _ => return None,
        };
        let right = match func.ty(value) {
            Ty::Array { dtype, .. } => *func.ty(element) == Ty::Np(*dtype),
            _ => true,
        };
        right.then_some(element)
    }

    /// The one `Extend` that fills a list made in the loop, in the same block and without a condition.
    fn filler(&self, func: &Function, list: ValueId) -> Option<OpId> {
        let mut filler = None;
        let mut others = false;
        func.walk(self.looped.body, &mut |op| {
            let data = func.op(op);
            let first = data.args.first() == Some(&list);
            match data.kind {
                Kind::Extend {
                    masked: false,
                    depth: 0,
                } if first && data.args.len() == 2 && filler.is_none() => filler = Some(op),
                Kind::Extend { .. } | Kind::Append | Kind::SetIndex(_) | Kind::Scatter { .. } if first => others = true,
                _ => {}
            }
        });
        filler.filter(|_| !others)
    }

    /// The elements of operands that are broadcast together.
    fn operands(
        &mut self,
        func: &mut Function,
        into: BlockId,
        operands: &[ValueId],
        indices: &[ValueId],
    ) -> Option<Vec<ValueId>> {
        operands
            .iter()
            .map(|operand| {
                let dims = func.ty(*operand).dims();
                let own = indices.len().checked_sub(dims.len())?;
                let places: Vec<ValueId> = indices[own..]
                    .iter()
                    .zip(&dims)
                    .map(|(index, dim)| match dim {
                        Dim::Const(1) => int_const(func, into, 0, self.at),
                        _ => *index,
                    })
                    .collect();
                self.element(func, into, *operand, &places)
            })
            .collect()
    }

    /// An element of a matrix product.
    fn product_element(
        &mut self,
        func: &mut Function,
        into: BlockId,
        args: &[ValueId],
        indices: &[ValueId],
    ) -> Option<ValueId> {
        let [a, b] = args[..] else { return None };
        let (first, second) = (func.ty(a).dims().len(), func.ty(b).dims().len());
        if !(1..=2).contains(&first) || !(1..=2).contains(&second) {
            return None;
        }
        let extent = *self.shape(func, a)?.last()?;
        let (before, behind) = indices.split_at(first - 1);
        let dtype = dtype_of(func, a).filter(|dtype| dtype.is_float() && dtype_of(func, b) == Some(*dtype))?;
        self.products(func, into, (a, before), (b, behind), extent, dtype)
    }
}

/// What one axis of an array is subscripted with.
enum Axis {
    At(ValueId),
    /// From a place on, so many.
    From(ValueId, ValueId),
}

impl Axis {
    fn moving(&self) -> Option<ValueId> {
        match self {
            Self::At(_) => None,
            Self::From(_, length) => Some(*length),
        }
    }
}

/// The array that a row (of a row) belongs to, and the indices on the way.
fn row_path(func: &Function, value: ValueId) -> (ValueId, Vec<ValueId>) {
    let mut path = Vec::new();
    let mut base = value;
    while let Some(op) = func.defining(base)
        && let Kind::Index(subs) = &op.kind
        && subs.iter().all(|sub| *sub == Sub::At)
        && matches!(func.ty(op.args[0]), Ty::Array { .. })
        && op.args[1..].iter().all(|index| func.ty(*index).as_scalar().is_some())
    {
        let mut prefix = op.args[1..].to_vec();
        prefix.extend(path);
        path = prefix;
        base = op.args[0];
    }
    (base, path)
}

/// `value[indices]` of something that the loop does not make.
fn load(func: &mut Function, into: BlockId, value: ValueId, indices: &[ValueId], at: OriginId) -> Option<ValueId> {
    let (root, mut path) = row_path(func, value);
    path.extend(indices);
    if matches!(func.ty(root), Ty::List(..)) {
        let mut element = root;
        for index in path {
            let kind = Kind::Index(vec![Sub::At]);
            let types = numlift_ir::infer::result_types(func, &kind, &[element, index]);
            let op = func.push_op(into, kind, vec![element, index], vec![], &types, at);
            element = func.result(op);
        }
        return func.ty(element).as_scalar().map(|_| element);
    }
    let mut args = vec![root];
    args.extend(&path);
    let kind = Kind::Index(vec![Sub::At; path.len()]);
    let types = numlift_ir::infer::result_types(func, &kind, &args);
    types.first()?.as_scalar()?;
    let op = func.push_op(into, kind, args, vec![], &types, at);
    Some(func.result(op))
}

fn scalar(func: &mut Function, into: BlockId, f: F, args: &[ValueId], flavour: Flavour, at: OriginId) -> ValueId {
    let kind = Kind::Scalar { f, flavour };
    let types = numlift_ir::infer::result_types(func, &kind, args);
    let op = func.push_op(into, kind, args.to_vec(), vec![], &types, at);
    func.result(op)
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

fn dtype_of(func: &Function, value: ValueId) -> Option<Dtype> {
    match func.ty(value) {
        Ty::Array { dtype, .. } => Some(*dtype),
        _ => None,
    }
}

fn is_product(callee: &str) -> bool {
    matches!(callee, "numpy.dot" | "numpy.matmul")
}
