//! Reductions: sums, products, extrema, means, truth of many.
//!
//! ```text
//! np.sum(x * w, axis=(1, 2))    for i { for j { for k { for l { out[i, l] += x[i, j, k] * w[j, k, l] } } } }
//! ```
//!
//! NumPy goes through memory in its order. Where the last axes are folded they are one run, and floats are added
//! [pairwise](super::pairwise) along it; everything else is added to the result run by run. That order is kept bit for
//! bit, which asks for memory in C order, and for axes that are known to be one run: what is not, as `x[:, 1:]`, goes
//! through a buffer from NumPy 2.3 on, as long a run as fits. There the call stays. Integers, truth and extrema do not
//! depend on the order.

use numlift_ir::affine::affine_of;
use numlift_ir::dtype::{Dtype, DtypeKind};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::table::{lookup, method};
use numlift_ir::ty::Ty;

use super::extent::Extent;
use super::nest::{INDEX, Nest};
use super::pairwise::Terms;
use super::space::{CHEAP, NodeId, NodeKind, Operand};
use super::views::View;
use super::walk::{Lower, Meaning};

/// What is folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reduction {
    Sum,
    Prod,
    Min,
    Max,
    Any,
    All,
    Mean,
    Var,
    Std,
}

impl Reduction {
    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "sum" => Some(Self::Sum),
            "prod" => Some(Self::Prod),
            "min" | "amin" => Some(Self::Min),
            "max" | "amax" => Some(Self::Max),
            "any" => Some(Self::Any),
            "all" => Some(Self::All),
            "mean" => Some(Self::Mean),
            "var" => Some(Self::Var),
            "std" => Some(Self::Std),
            "add.reduce" => Some(Self::Sum),
            "multiply.reduce" => Some(Self::Prod),
            "minimum.reduce" => Some(Self::Min),
            "maximum.reduce" => Some(Self::Max),
            "logical_or.reduce" => Some(Self::Any),
            "logical_and.reduce" => Some(Self::All),
            _ => None,
        }
    }

    fn function(self) -> F {
        match self {
            Self::Sum | Self::Mean | Self::Var | Self::Std => F::Add,
            Self::Prod => F::Mul,
            Self::Min => F::Min,
            Self::Max => F::Max,
            Self::Any => F::LogicalOr,
            Self::All => F::LogicalAnd,
        }
    }
}

/// A fold: what, over which axes, to what.
pub(super) struct Fold {
    pub f: F,
    pub node: NodeId,
    /// For each axis whether it is folded.
    pub folded: Vec<bool>,
    /// The dtype that is computed in.
    pub dtype: Dtype,
    /// What it begins with: what a fold of nothing is, unless the program says something else; extrema have none.
    pub init: Option<ValueId>,
    /// What a fold of nothing is.
    pub identity: Option<ValueId>,
    /// How many of the last axes are one run that is folded.
    pub tail: usize,
}

impl Lower<'_> {
    /// A reduction of one array by axes that are known; `false` where it stays a call.
    pub(super) fn reduce(&mut self, op: OpId, reduction: Reduction, keywords: &[String]) -> bool {
        let data = self.old.op(op);
        let info = match &data.kind {
            Kind::Call { callee, .. } => lookup(callee),
            Kind::Method { name, .. } => method("ndarray", name),
            _ => None,
        };
        let names: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let Some(bound) = info.and_then(|info| info.bind(data.args.len() - names.len(), &names)) else {
            return false;
        };
        let known = match reduction {
            Reduction::Var | Reduction::Std => &["self", "a", "axis", "keepdims", "ddof"][..],
            Reduction::Mean => &["self", "a", "array", "axis", "keepdims", "dtype"],
            Reduction::Sum | Reduction::Prod => &["self", "a", "array", "axis", "keepdims", "dtype", "initial"],
            Reduction::Min | Reduction::Max => &["self", "a", "array", "axis", "keepdims", "initial"],
            Reduction::Any | Reduction::All => &["self", "a", "array", "axis", "keepdims"],
        };
        if bound.given().iter().any(|(name, _)| !known.contains(name)) || !bound.rest().is_empty() {
            return false;
        }
        let array = data.args[0];
        if !self.is_array(array) {
            return false;
        }
        let rank = self.old.ty(array).dims().len();
        let axis = bound.get("axis").map(|at| data.args[at]);
        let is_ufunc = matches!(&data.kind, Kind::Call { callee, .. } if callee.ends_with(".reduce"));
        let folded = match axis {
            // The method of a ufunc folds the first axis.
            None if is_ufunc => Some((0..rank).map(|axis| axis == 0).collect()),
            axis => self.axes(axis, rank),
        };
        let Some(folded) = folded else { return false };
        let keepdims = match bound.get("keepdims").map(|at| self.old.as_const(data.args[at])) {
            None | Some(Some(Const::Bool(false))) => false,
            Some(Some(Const::Bool(true))) => true,
            Some(_) => return false,
        };
        let result = self.result(op);
        let dtype = match self.old.ty(result) {
            Ty::Array { dtype, .. } | Ty::Np(dtype) => *dtype,
            _ => return false,
        };
        let from = self.dtype_of(array);
        if !is_understood(reduction, from, dtype) {
            return false;
        }
        let ddof = match bound.get("ddof").map(|at| data.args[at]) {
            None => Some(0),
            Some(ddof) if matches!(self.old.ty(ddof), Ty::Int(_)) => affine_of(self.old, ddof).as_constant(),
            Some(_) => None,
        };
        let Some(ddof) = ddof.filter(|ddof| (0..1 << 40).contains(ddof)) else {
            return false;
        };
        let initial = bound.get("initial").map(|at| data.args[at]);
        let initial = initial.filter(|initial| *self.old.ty(*initial) != Ty::None);
        if initial.is_some_and(|initial| !self.may_begin(initial, dtype)) {
            return false;
        }
        if let Some(initial) = initial {
            let value = self.plain(initial);
            self.require_storable(value, dtype);
            let Operand::Scalar(value) = self.fitted(Operand::Scalar(value), dtype) else {
                return false;
            };
            self.begin = Some(self.converted(value, dtype));
        }
        let done = self.fold_to(op, reduction, folded, keepdims, dtype, ddof);
        self.begin = None;
        done
    }

    /// Whether a number may be what a fold begins with.
    fn may_begin(&self, initial: ValueId, dtype: Dtype) -> bool {
        match self.old.ty(initial) {
            Ty::Int(_) => self.may_fit(initial, dtype) && dtype != Dtype::Bool,
            Ty::Float => dtype.is_inexact() && dtype != Dtype::F16,
            Ty::Np(from) => *from == dtype,
            _ => false,
        }
    }

    /// Which axes an argument names.
    fn axes(&self, axis: Option<ValueId>, rank: usize) -> Option<Vec<bool>> {
        let mut folded = vec![false; rank];
        let mut add = |value: ValueId| {
            let axis = affine_of(self.old, value).as_constant()?;
            let axis = usize::try_from(if axis < 0 { axis + rank as i128 } else { axis }).ok()?;
            let slot = folded.get_mut(axis).filter(|slot| !**slot)?;
            *slot = true;
            Some(())
        };
        match axis.map(|axis| (axis, self.old.ty(axis))) {
            None | Some((_, Ty::None)) => return Some(vec![true; rank]),
            Some((axis, Ty::Int(_))) => add(axis)?,
            Some((axis, Ty::Tuple(_))) => {
                let items = self.old.defining(axis).filter(|op| op.kind == Kind::MakeTuple)?;
                items.args.iter().try_for_each(|item| add(*item))?;
            }
            Some(_) => return None,
        }
        Some(folded)
    }

    fn fold_to(
        &mut self,
        op: OpId,
        reduction: Reduction,
        folded: Vec<bool>,
        keepdims: bool,
        dtype: Dtype,
        ddof: i128,
    ) -> bool {
        let array = self.old.op(op).args[0];
        let node = self.node_of(array);
        let deviates = matches!(reduction, Reduction::Var | Reduction::Std);
        let again = self.is_needed(array) || deviates;
        if self.node(node).cost > CHEAP && self.node(node).value.is_none() && again {
            self.object_of(node);
        }
        let value = match deviates {
            true => self.deviation(node, reduction, folded, keepdims, dtype, ddof),
            false => self.folded(node, reduction, folded, keepdims, dtype),
        };
        let Some(value) = value else { return false };
        self.bind(self.result(op), Meaning::Plain(value));
        true
    }

    /// The reduction of a node: a number, or a new array.
    pub(super) fn folded(
        &mut self,
        node: NodeId,
        reduction: Reduction,
        folded: Vec<bool>,
        keepdims: bool,
        dtype: Dtype,
    ) -> Option<ValueId> {
        let f = reduction.function();
        if is_ordered(f, dtype)
            && !self.is_c_ordered(node)
            && let Some((node, folded, keepdims)) = self.in_memory_order(node, &folded, keepdims)
        {
            return self.folded(node, reduction, folded, keepdims, dtype);
        }
        let tail = match f {
            // One after the other, in the order of memory.
            F::Mul if dtype.is_inexact() => self.is_c_ordered(node).then_some(0)?,
            _ => self.tail_of(node, &folded, is_ordered(f, dtype))?,
        };
        // What is converted goes through a buffer, which is known to be filled run by run, or row by row.
        let is_converted = f == F::Add && is_ordered(f, dtype) && self.node(node).dtype != dtype;
        let in_front = folded[..folded.len() - tail].iter().any(|folded| *folded);
        if is_converted && in_front && !(tail == 0 && folded[..] == [true, false]) {
            return None;
        }
        self.keep_shared(node);
        let shape = self.node(node).shape.clone();
        let count = self.count_of(&shape, &folded);
        let begin = self.begin.take();
        // A sum of nothing is what it begins with, of either zero that.
        let needs_some = match reduction {
            Reduction::Min | Reduction::Max => begin.is_none(),
            Reduction::Sum => begin.is_some() && dtype.is_inexact(),
            _ => false,
        };
        if needs_some || reduction == Reduction::Mean {
            self.require_some(count);
        }
        let identity = self.identity(reduction, dtype);
        let init = begin.or(identity);
        let fold = Fold {
            f,
            node,
            folded,
            dtype,
            init,
            identity,
            tail,
        };
        let one = self.int(1);
        let one = Extent {
            value: one,
            key: affine_of(&self.b.func, one),
        };
        let stays = keepdims.then_some(one);
        let left = extents_left(&shape, &fold.folded, stays.as_ref());
        let fold = self.with_one_run(fold, f == F::Add && dtype.is_inexact());
        if left.is_empty() {
            let value = self.folded_scalar(&fold);
            return Some(match reduction {
                Reduction::Mean => self.divided(value, count, dtype),
                _ => value,
            });
        }
        let joined = extents_left(&self.node(fold.node).shape, &fold.folded, stays.as_ref());
        let mut out = self.folded_array(&fold, &joined, keepdims);
        if joined.len() != left.len() {
            out = self.reshaped(out, &left);
        }
        if reduction == Reduction::Mean {
            self.divide_all(out, count, dtype);
        }
        Some(out)
    }

    /// `var` and `std`: the mean of the squared distances from the mean.
    fn deviation(
        &mut self,
        node: NodeId,
        reduction: Reduction,
        folded: Vec<bool>,
        keepdims: bool,
        dtype: Dtype,
        ddof: i128,
    ) -> Option<ValueId> {
        let shape = self.node(node).shape.clone();
        let count = self.count_of(&shape, &folded);
        let ddof = self.int(ddof);
        // Of too few it warns.
        let enough = self.test(F::Gt, count, ddof);
        self.require(enough, "more elements than degrees of freedom");
        let freedom = self.sub(count, ddof);
        let mean = self.folded(node, Reduction::Mean, folded.clone(), true, dtype)?;
        let mean = self.memory_of(mean, dtype);
        let args = vec![Operand::Node(node), Operand::Node(mean)];
        let distance = self.add_node(NodeKind::Map { f: F::Sub, args }, shape.clone(), dtype);
        let args = vec![Operand::Node(distance)];
        let squares = self.add_node(NodeKind::Map { f: F::Square, args }, shape, dtype);
        let sum = self.folded(squares, Reduction::Sum, folded, keepdims, dtype)?;
        let root = reduction == Reduction::Std;
        if !matches!(self.b.func.ty(sum), Ty::Array { .. }) {
            let variance = self.divided(sum, freedom, dtype);
            let kind = Kind::Scalar {
                f: F::Sqrt,
                flavour: Flavour::Ufunc,
            };
            return Some(match root {
                true => self.typed(kind, &[variance], Ty::Np(dtype)),
                false => variance,
            });
        }
        self.divide_all(sum, freedom, dtype);
        if root {
            let variance = self.memory_of(sum, dtype);
            let shape = self.node(variance).shape.clone();
            let args = vec![Operand::Node(variance)];
            let roots = self.add_node(NodeKind::Map { f: F::Sqrt, args }, shape.clone(), dtype);
            let view = self.whole(shape);
            self.nest(sum, &view, Operand::Node(roots));
        }
        Some(sum)
    }

    /// The node of a new array.
    pub(super) fn memory_of(&mut self, array: ValueId, dtype: Dtype) -> NodeId {
        let shape = self.extents_of(array);
        let View { shape, positions } = self.whole(shape);
        self.add_node(NodeKind::Memory { base: array, positions }, shape, dtype)
    }

    /// How many elements are folded to one.
    fn count_of(&mut self, shape: &[Extent], folded: &[bool]) -> ValueId {
        let mut count = self.int(1);
        for (extent, folded) in shape.iter().zip(folded) {
            if *folded {
                count = self.mul(count, extent.value);
            }
        }
        count
    }

    /// Of nothing an extremum raises, a mean warns.
    fn require_some(&mut self, count: ValueId) {
        let zero = self.int(0);
        if self.as_int(count).is_none_or(|count| count == 0) {
            let some = self.test(F::Gt, count, zero);
            self.require(some, "something to fold");
        }
    }

    fn identity(&mut self, reduction: Reduction, dtype: Dtype) -> Option<ValueId> {
        let number = match reduction {
            Reduction::Sum | Reduction::Mean | Reduction::Var | Reduction::Std | Reduction::Any => 0,
            Reduction::Prod | Reduction::All => 1,
            Reduction::Min | Reduction::Max => return None,
        };
        let constant = match dtype.kind() {
            DtypeKind::Bool => self.b.constant(Const::Bool(number == 1)),
            DtypeKind::Signed | DtypeKind::Unsigned => self.int(number),
            DtypeKind::Float | DtypeKind::Complex | DtypeKind::Other => self.b.constant(Const::Float(number as f64)),
        };
        Some(self.converted(constant, dtype))
    }

    /// How many of the last axes are one run that is folded, as far as that matters; `None` where it does and is not
    /// known.
    fn tail_of(&mut self, node: NodeId, folded: &[bool], is_ordered: bool) -> Option<usize> {
        let shape = self.node(node).shape.clone();
        let rank = shape.len();
        let joins = |axis: &usize| folded[*axis] || shape[*axis].is_one();
        let run: Vec<usize> = (0..rank).rev().take_while(joins).collect();
        let suffix = match run.iter().any(|axis| folded[*axis]) {
            true => run.len(),
            false => 0,
        };
        if !is_ordered {
            return Some(suffix);
        }
        if !self.is_c_ordered(node) {
            return None;
        }
        // An axis with one element is no axis to NumPy: the one in front of it is the last.
        let may_be_one = |extent: &Extent| !extent.is_one() && !self.is_not_one(extent);
        if suffix == 0 {
            let last = shape.iter().rposition(|extent| !extent.is_one());
            let is_sure = last.is_none_or(|last| !may_be_one(&shape[last])) || folded.iter().all(|folded| !folded);
            return is_sure.then_some(0);
        }
        let mut tail = 1;
        while tail < suffix {
            let axis = rank - tail - 1;
            if shape[axis].is_one() || shape[rank - tail..].iter().all(Extent::is_one) {
                tail += 1;
                continue;
            }
            if !self.is_run(node, axis) {
                return None;
            }
            tail += 1;
        }
        // The axes in front of the tail that are folded, too, would join it if the tail were one element.
        let joins = folded[..rank - tail].iter().any(|folded| *folded);
        let is_sure = !joins
            || shape[rank - tail..]
                .iter()
                .any(|extent| !may_be_one(extent) && !extent.is_one());
        is_sure.then_some(tail)
    }

    /// Whether an extent is known not to be 1: those of parameters are, where their type does not say so.
    fn is_not_one(&self, extent: &Extent) -> bool {
        match extent.as_constant() {
            Some(n) => n != 1,
            None => matches!(extent.dim(), numlift_ir::ty::Dim::Sym(_)),
        }
    }

    /// Whether NumPy goes through a node in the order of its axes.
    pub(super) fn is_c_ordered(&self, node: NodeId) -> bool {
        let data = self.node(node);
        if data.in_c_order {
            return true;
        }
        match &data.kind {
            NodeKind::Memory { base, positions } => {
                let places = self.axes_in_memory(*base, positions.len());
                let along: Vec<(usize, i128)> = places.iter().filter_map(|axis| positions[*axis].along).collect();
                self.has_order(*base)
                    && (data.shape.len() == 1 || along.windows(2).all(|pair| pair[0].0 < pair[1].0))
                    && along.iter().all(|(_, step)| *step > 0)
            }
            NodeKind::Picked { of, positions } => {
                let along: Vec<(usize, i128)> = positions.iter().filter_map(|position| position.along).collect();
                self.is_c_ordered(*of)
                    && along.windows(2).all(|pair| pair[0].0 < pair[1].0)
                    && along.iter().all(|(_, step)| *step > 0)
            }
            NodeKind::Index(_) => true,
            NodeKind::Compressed { .. } => true,
            // Its memory may lie in the order of the indices.
            NodeKind::Gathered { .. } => data.shape.len() == 1,
            NodeKind::Map { .. } | NodeKind::Cast(_) | NodeKind::Choose(_) | NodeKind::Bent { .. } => {
                self.parts(node).into_iter().all(|part| self.is_c_ordered(part))
            }
        }
    }

    /// Whether an axis and the next are one run of memory.
    fn is_run(&self, node: NodeId, axis: usize) -> bool {
        let data = self.node(node);
        match &data.kind {
            NodeKind::Memory { base, positions } => {
                let at = |axis: usize| {
                    let found = positions
                        .iter()
                        .position(|position| position.along.map(|(own, _)| own) == Some(axis));
                    found.map(|at| (at, &positions[at]))
                };
                let (Some((outer, first)), Some((inner, second))) = (at(axis), at(axis + 1)) else {
                    return false;
                };
                let places = self.axes_in_memory(*base, positions.len());
                let steps = [first, second].map(|position| position.along.map(|(_, step)| step));
                !self.places.has_gaps(*base)
                    && places.windows(2).any(|pair| *pair == [outer, inner])
                    && steps == [Some(1), Some(1)]
                    && data.shape[axis + 1].key == self.affine_extent(*base, inner)
            }
            // The result of an operation is new memory.
            NodeKind::Map { .. }
            | NodeKind::Cast(_)
            | NodeKind::Choose(_)
            | NodeKind::Index(_)
            | NodeKind::Bent { .. } => true,
            // The result of an operation is new memory, but its order may be that of the indices.
            NodeKind::Picked { .. } | NodeKind::Compressed { .. } | NodeKind::Gathered { .. } => false,
        }
    }

    /// A fold of all axes.
    pub(super) fn folded_scalar(&mut self, fold: &Fold) -> ValueId {
        let outer = self.b.block;
        if !is_ordered(fold.f, fold.dtype)
            && let Some(value) = self.folded_in_parts(fold)
        {
            self.b.block = outer;
            return value;
        }
        let mut nest = Nest::new(outer);
        let rank = fold.folded.len();
        let value = self.fold_axes(&mut nest, fold, &mut Vec::new(), 0, rank - fold.tail, None);
        self.b.block = outer;
        value
    }

    /// Folds the axes in front of the tail one inside of the other, from an axis on; with what there is so far.
    fn fold_axes(
        &mut self,
        nest: &mut Nest,
        fold: &Fold,
        indices: &mut Vec<ValueId>,
        axis: usize,
        head: usize,
        so_far: Option<ValueId>,
    ) -> ValueId {
        if axis == head {
            let term = self.fold_tail(nest, fold, indices);
            let so_far = so_far.or(fold.init);
            return match so_far {
                Some(so_far) => self.combined(nest, fold, so_far, term),
                None => term,
            };
        }
        let extent = self.node(fold.node).shape[axis].clone();
        self.b.block = nest.here();
        let zero = self.int(0);
        self.fold_range(nest, fold, indices, [zero, extent.value], head, so_far)
    }

    /// The same of a part of the axis that comes next.
    pub(super) fn fold_range(
        &mut self,
        nest: &mut Nest,
        fold: &Fold,
        indices: &mut Vec<ValueId>,
        [start, end]: [ValueId; 2],
        head: usize,
        so_far: Option<ValueId>,
    ) -> ValueId {
        let axis = indices.len();
        self.b.block = nest.here();
        let one = self.int(1);
        // Without an identity the first is what the others are combined with.
        let (first, init) = match so_far.or(fold.init) {
            Some(init) => (start, init),
            None => {
                indices.push(start);
                let value = self.fold_axes(nest, fold, indices, axis + 1, head, None);
                indices.pop();
                self.b.block = nest.here();
                (self.add(start, one), value)
            }
        };
        self.is_here(nest, first);
        let bounds = [first, end, one];
        let ty = Ty::Np(fold.dtype);
        let (block, _) = self.inside(nest, &[Ty::Int(INDEX), ty.clone()], |lower, nest, params| {
            indices.push(params[0]);
            let value = lower.fold_axes(nest, fold, indices, axis + 1, head, Some(params[1]));
            indices.pop();
            let here = nest.here();
            lower.b.end(here, numlift_ir::op::Term::Yield(vec![value]));
        });
        let value = self.b.for_op(bounds, &[init], block, &[ty])[0];
        self.is_here(nest, value);
        value
    }

    pub(super) fn combined(&mut self, nest: &mut Nest, fold: &Fold, a: ValueId, b: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f: fold.f,
            flavour: Flavour::Ufunc,
        };
        nest.value(self, &[a, b], |lower| lower.typed(kind, &[a, b], Ty::Np(fold.dtype)))
    }

    /// An element of what is folded, in the dtype that is computed in.
    pub(super) fn term(&mut self, nest: &mut Nest, fold: &Fold, indices: Vec<ValueId>) -> ValueId {
        let shape = self.node(fold.node).shape.clone();
        let indices = indices
            .into_iter()
            .zip(&shape)
            .map(|(index, extent)| match extent.is_one() {
                true => nest.value(self, &[], |lower| lower.int(0)),
                false => index,
            })
            .collect();
        let value = self.element(nest, fold.node, indices);
        let truth = fold.dtype == Dtype::Bool;
        nest.value(self, &[value], |lower| match truth {
            true if *lower.b.func.ty(value) != Ty::Np(Dtype::Bool) => {
                let kind = Kind::Scalar {
                    f: F::LogicalAnd,
                    flavour: Flavour::Ufunc,
                };
                lower.typed(kind, &[value, value], Ty::Np(Dtype::Bool))
            }
            _ => lower.converted(value, fold.dtype),
        })
    }

    /// The fold of the last axes at indices of the others.
    fn fold_tail(&mut self, nest: &mut Nest, fold: &Fold, indices: &[ValueId]) -> ValueId {
        let shape = self.node(fold.node).shape.clone();
        let head = shape.len() - fold.tail;
        if fold.tail == 0 {
            return self.term(nest, fold, indices.to_vec());
        }
        let is_pairwise = fold.f == F::Add && fold.dtype.is_inexact();
        let long: Vec<usize> = (head..shape.len()).filter(|axis| !shape[*axis].is_one()).collect();
        if is_pairwise && long.len() <= 1 {
            let axis = long.first().copied();
            let count = axis.map_or_else(|| self.int(1), |axis| shape[axis].value);
            let indices = indices.to_vec();
            let terms = |lower: &mut Lower<'_>, nest: &mut Nest, index: ValueId| {
                let zero = nest.value(lower, &[], |lower| lower.int(0));
                let own = (head..shape.len()).map(|at| if Some(at) == axis { index } else { zero });
                let all = indices.iter().copied().chain(own).collect();
                lower.term(nest, fold, all)
            };
            return self.sum_of_run(nest, fold, count, &terms);
        }
        if is_pairwise {
            return self.pairwise_run(nest, fold, indices, &shape);
        }
        if let [axis] = long[..]
            && self.folds_in_lanes(fold)
        {
            return self.fold_in_lanes(nest, fold, indices, axis);
        }
        let mut indices = indices.to_vec();
        let so_far = None;
        let flat = Fold {
            tail: 0,
            // What it begins with is taken once; that an extremum is taken twice does no harm.
            init: fold.identity.or(fold.init),
            folded: fold.folded.clone(),
            ..*fold
        };
        self.fold_axes(nest, &flat, &mut indices, head, shape.len(), so_far)
    }

    /// The sum of a run, in the dtype that is computed in.
    fn sum_of_run(
        &mut self,
        nest: &mut Nest,
        fold: &Fold,
        count: ValueId,
        terms: &dyn Fn(&mut Lower<'_>, &mut Nest, ValueId) -> ValueId,
    ) -> ValueId {
        let terms = Terms {
            at: terms,
            are_dear: self.node(fold.node).cost > CHEAP,
        };
        match self.node(fold.node).dtype == fold.dtype {
            true => self.pairwise(nest, count, fold.dtype, &terms),
            false => self.buffered(nest, count, fold.dtype, &terms),
        }
    }

    pub(super) fn folds_in_lanes(&self, fold: &Fold) -> bool {
        matches!(fold.f, F::Min | F::Max) && fold.dtype.is_float()
    }

    /// An extremum of floats along one axis: which comes first does not matter, so there are eight at a time.
    fn fold_in_lanes(&mut self, nest: &mut Nest, fold: &Fold, indices: &[ValueId], axis: usize) -> ValueId {
        let shape = self.node(fold.node).shape.clone();
        let all = |lower: &mut Lower<'_>, nest: &mut Nest, index: ValueId| {
            let zero = nest.value(lower, &[], |lower| lower.int(0));
            let own = (indices.len()..shape.len()).map(|at| if at == axis { index } else { zero });
            let all = indices.iter().copied().chain(own).collect();
            lower.term(nest, fold, all)
        };
        self.b.block = nest.here();
        let zero = self.int(0);
        let first = match fold.init {
            Some(init) => init,
            None => all(self, nest, zero),
        };
        let run = [zero, shape[axis].value, first];
        let terms = Terms {
            at: &all,
            are_dear: self.node(fold.node).cost > CHEAP,
        };
        self.in_lanes(nest, fold.f, run, fold.dtype, &terms)
    }

    /// Several axes that are one run, added pairwise: positions are taken apart.
    fn pairwise_run(&mut self, nest: &mut Nest, fold: &Fold, indices: &[ValueId], shape: &[Extent]) -> ValueId {
        let head = shape.len() - fold.tail;
        self.b.block = nest.levels[0];
        let mut count = self.int(1);
        for extent in &shape[head..] {
            count = self.mul(count, extent.value);
        }
        let indices = indices.to_vec();
        self.sum_of_run(nest, fold, count, &|lower, nest, index| {
            let mut rest = index;
            let mut own = Vec::new();
            for extent in shape[head + 1..].iter().rev() {
                let value = extent.value;
                own.push(nest.value(lower, &[rest], |lower| lower.modulo(rest, value)));
                rest = nest.value(lower, &[rest], |lower| lower.floor_div(rest, value));
            }
            own.push(rest);
            own.reverse();
            let all = indices.iter().copied().chain(own).collect();
            lower.term(nest, fold, all)
        })
    }

    /// A fold of some axes, to a new array.
    fn folded_array(&mut self, fold: &Fold, shape: &[Extent], keepdims: bool) -> ValueId {
        let out = self.allocated("numpy.empty", shape, fold.dtype);
        let full = self.node(fold.node).shape.clone();
        let rank = full.len();
        let head = rank - fold.tail;
        let has_folded_head = fold.folded[..head].iter().any(|folded| *folded);
        if has_folded_head {
            self.start_with(out, fold, shape);
        }
        let outer = self.b.block;
        let (zero, one) = (self.int(0), self.int(1));
        let mut nest = Nest::new(outer);
        let mut indices = Vec::new();
        let mut starts = Vec::new();
        let mut extents = Vec::new();
        // What has no identity starts with the first of all; that it is combined with itself does no harm.
        for extent in &full[..head] {
            if extent.is_one() {
                indices.push(zero);
                continue;
            }
            indices.push(self.open(&mut nest));
            starts.push(zero);
            extents.push(extent);
        }
        self.b.block = nest.here();
        let term = self.fold_tail(&mut nest, fold, &indices);
        let mut place = vec![out];
        let kept = fold
            .folded
            .iter()
            .enumerate()
            .filter_map(|(axis, folded)| match folded {
                true => keepdims.then_some(zero),
                // What stands in the tail and is not folded has one element.
                false => Some(indices.get(axis).copied().unwrap_or(zero)),
            });
        place.extend(kept);
        self.b.block = nest.here();
        let so_far = match has_folded_head {
            true => Some(self.typed(Kind::Load, &place, Ty::Np(fold.dtype))),
            false => fold.init,
        };
        if let Some(so_far) = so_far.filter(|_| has_folded_head) {
            self.is_here(&mut nest, so_far);
        }
        let value = match so_far {
            Some(so_far) => self.combined(&mut nest, fold, so_far, term),
            None => term,
        };
        self.b.block = nest.here();
        place.push(value);
        self.b.effect(Kind::Store, &place);
        self.close(&nest, &extents, [zero, one]);
        out
    }

    /// What a result starts with: the identity, or the first along every folded axis.
    fn start_with(&mut self, out: ValueId, fold: &Fold, shape: &[Extent]) {
        let view = self.whole(shape.to_vec());
        let source = match fold.init {
            Some(init) => Operand::Scalar(init),
            None => {
                let full = self.node(fold.node).shape.clone();
                let zero = self.int(0);
                let keepdims = shape.len() == full.len();
                let mut axis = 0;
                let positions = fold
                    .folded
                    .iter()
                    .map(|folded| {
                        let own = axis;
                        axis += usize::from(!folded || keepdims);
                        super::views::Position {
                            offset: zero,
                            along: (!folded).then_some((own, 1)),
                        }
                    })
                    .collect();
                let dtype = self.node(fold.node).dtype;
                let kind = NodeKind::Picked {
                    of: fold.node,
                    positions,
                };
                Operand::Node(self.add_node(kind, shape.to_vec(), dtype))
            }
        };
        self.nest(out, &view, source);
    }

    /// `sum / n` as NumPy's mean computes it: in float64, then in the dtype of the sum.
    fn divided(&mut self, sum: ValueId, count: ValueId, dtype: Dtype) -> ValueId {
        let wide_dtype = if dtype.is_complex() { Dtype::C128 } else { Dtype::F64 };
        let wide = self.converted(sum, wide_dtype);
        let count = self.converted(count, wide_dtype);
        let kind = Kind::Scalar {
            f: F::TrueDiv,
            flavour: Flavour::Ufunc,
        };
        let mean = self.typed(kind, &[wide, count], Ty::Np(wide_dtype));
        self.converted(mean, dtype)
    }

    fn divide_all(&mut self, out: ValueId, count: ValueId, dtype: Dtype) {
        let wide_dtype = if dtype.is_complex() { Dtype::C128 } else { Dtype::F64 };
        let shape = self.extents_of(out);
        let count = self.converted(count, wide_dtype);
        let View { shape, positions } = self.whole(shape);
        let sums = self.memory_of(out, dtype);
        let wide = self.add_node(NodeKind::Cast(Operand::Node(sums)), shape.clone(), wide_dtype);
        let kind = NodeKind::Map {
            f: F::TrueDiv,
            args: vec![Operand::Node(wide), Operand::Scalar(count)],
        };
        let means = self.add_node(kind, shape.clone(), wide_dtype);
        self.nest(out, &View { shape, positions }, Operand::Node(means));
    }
}

/// The shape of what is left of a shape; `stays`: an axis that is folded stays with one element.
fn extents_left(shape: &[Extent], folded: &[bool], stays: Option<&Extent>) -> Vec<Extent> {
    let axes = shape.iter().zip(folded).filter_map(|(extent, folded)| match folded {
        true => stays.cloned(),
        false => Some(extent.clone()),
    });
    axes.collect()
}

/// Whether the result depends on the order in which terms are combined.
fn is_ordered(f: F, dtype: Dtype) -> bool {
    matches!(f, F::Add | F::Mul) && dtype.is_inexact()
}

/// Whether a reduction computes what is written here, for these dtypes.
fn is_understood(reduction: Reduction, from: Dtype, to: Dtype) -> bool {
    let plain = |dtype: Dtype| matches!(dtype, Dtype::F32 | Dtype::F64);
    let real = !from.is_complex();
    match reduction {
        Reduction::Sum => to.is_integer() && !from.is_inexact() || to.is_complex() && from == to || real && plain(to),
        Reduction::Prod => to.is_integer() && !from.is_inexact() || real && plain(to),
        Reduction::Mean => to.is_complex() && from == to || real && plain(to),
        Reduction::Var | Reduction::Std => real && plain(to) && (from == to || !from.is_inexact()),
        Reduction::Min | Reduction::Max => from == to && !from.is_complex() && from != Dtype::F16,
        Reduction::Any | Reduction::All => to == Dtype::Bool && from != Dtype::F16,
    }
}
