//! Ops on arrays as nodes: what each element is.
//!
//! ```text
//! %3 = mul.ufunc %0, %1          node: [i, j] -> %0[i, j] * %1[j]
//! %4 = index [:, 1:] %3          node: [i, j] -> node[i, j + 1]
//! ```
//!
//! A node's operands are nodes and scalars, which broadcast to its shape. Making one requires that shapes fit, and
//! computes extents; nothing else happens.

use numlift_ir::affine::affine_of;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::infer::call::extern_dtype;
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{Exponent, F, Flavour, PowerForm, ScalarTy, array_form};
use numlift_ir::ty::{Interval, Ty};

use super::extent::Extent;
use super::fold::Reduction;
use super::picks::{Pick, Picks};
use super::views::{Position, View};
use super::walk::{Lower, Meaning};

/// Names a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(pub u32);

impl NodeId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// An operand: elements, or one scalar for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operand {
    Node(NodeId),
    Scalar(ValueId),
}

/// What an element is.
#[derive(Debug, Clone)]
pub(super) enum NodeKind {
    /// What stands in memory.
    Memory { base: ValueId, positions: Vec<Position> },
    /// A function of the operands' elements.
    Map { f: F, args: Vec<Operand> },
    /// The operand as an element of the node's dtype.
    Cast(Operand),
    /// Condition, what it is where the condition holds, what it is elsewhere.
    Choose([Operand; 3]),
    /// An element of another node.
    Picked { of: NodeId, positions: Vec<Position> },
    /// What a mask (a value of the old function, a node) picks of a node.
    Compressed { of: NodeId, mask: ValueId, by: NodeId },
    /// What arrays of ints pick of a node.
    Gathered { of: NodeId, picks: Picks },
    /// The index along an axis, as an int.
    Index(usize),
}

/// An array by its elements.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub kind: NodeKind,
    pub shape: Vec<Extent>,
    pub dtype: Dtype,
    /// The object that holds it, where there is one.
    pub value: Option<ValueId>,
    /// The op that gives a view of what is in memory, if it is only made for whoever needs it, and where it stands.
    pub deferred: Option<(OpId, BlockId)>,
    /// The value of the old function whose memory is read.
    pub source: Option<ValueId>,
    /// The value of the old function that it is.
    pub bound: Option<ValueId>,
    /// About how many operations an element takes.
    pub cost: u32,
}

impl Node {
    /// Whether it has to be computed yet.
    pub(super) fn is_open(&self) -> bool {
        self.value.is_none() && self.deferred.is_none()
    }
}

/// Up to here it is cheaper to compute an element again than to keep it.
pub(super) const CHEAP: u32 = 3;

impl Lower<'_> {
    pub(super) fn node(&self, node: NodeId) -> &Node {
        &self.nodes[node.index()]
    }

    pub(super) fn add_node(&mut self, kind: NodeKind, shape: Vec<Extent>, dtype: Dtype) -> NodeId {
        let cost = self.cost_of(&kind);
        self.nodes.push(Node {
            kind,
            shape,
            dtype,
            value: None,
            deferred: None,
            source: None,
            bound: None,
            cost,
        });
        NodeId(self.nodes.len() as u32 - 1)
    }

    fn cost_of(&self, kind: &NodeKind) -> u32 {
        let of = |operand: &Operand| match operand {
            Operand::Node(node) => self.node(*node).cost,
            Operand::Scalar(_) => 0,
        };
        let all = |operands: &[Operand]| operands.iter().map(of).fold(0, u32::saturating_add);
        match kind {
            NodeKind::Memory { .. } | NodeKind::Index(_) => 0,
            NodeKind::Map { f, args } => all(args).saturating_add(weight(*f)),
            NodeKind::Cast(operand) => of(operand).saturating_add(1),
            NodeKind::Choose(operands) => all(operands).saturating_add(1),
            NodeKind::Picked { of, .. } => self.node(*of).cost,
            NodeKind::Compressed { of, .. } => self.node(*of).cost.saturating_add(CHEAP),
            NodeKind::Gathered { of, .. } => self.node(*of).cost.saturating_add(CHEAP),
        }
    }

    /// The nodes that a node is made of directly.
    pub(super) fn parts(&self, node: NodeId) -> Vec<NodeId> {
        let of = |operands: &[Operand]| {
            let nodes = operands.iter().filter_map(|operand| match operand {
                Operand::Node(node) => Some(*node),
                Operand::Scalar(_) => None,
            });
            nodes.collect()
        };
        match &self.node(node).kind {
            NodeKind::Memory { .. } | NodeKind::Index(_) => Vec::new(),
            NodeKind::Map { args, .. } => of(args),
            NodeKind::Cast(operand) => of(&[*operand]),
            NodeKind::Choose(operands) => of(operands),
            NodeKind::Picked { of, .. } => vec![*of],
            NodeKind::Compressed { of, by, .. } => vec![*of, *by],
            NodeKind::Gathered { of, picks } => {
                let indices = picks.axes.iter().filter_map(|pick| match pick {
                    Pick::From { index, .. } => Some(*index),
                    Pick::Along(_) => None,
                });
                std::iter::once(*of).chain(indices).collect()
            }
        }
    }

    /// Everything below a node, itself included, each once.
    pub(super) fn below(&self, node: NodeId) -> Vec<NodeId> {
        let mut all = vec![node];
        let mut at = 0;
        while at < all.len() {
            for part in self.parts(all[at]) {
                if !all.contains(&part) {
                    all.push(part);
                }
            }
            at += 1;
        }
        all
    }

    /// The values of the old function whose memory a node reads.
    pub(super) fn reads_of(&self, node: NodeId) -> Vec<ValueId> {
        self.below(node)
            .into_iter()
            .filter_map(|part| self.node(part).source)
            .collect()
    }

    /// The node of an array of the old function, whose elements can be had in any order.
    pub(super) fn node_of(&mut self, old: ValueId) -> NodeId {
        let node = self.any_node_of(old);
        if self.node(node).value.is_none() && self.mask_of(node).is_some() {
            self.materialize(node);
        }
        node
    }

    fn any_node_of(&mut self, old: ValueId) -> NodeId {
        match self.meaning(old) {
            Meaning::Node(node) => node,
            Meaning::Plain(base) => {
                let shape = self.extents_of(base);
                let View { shape, positions } = self.whole(shape);
                let dtype = self.dtype_of(old);
                let node = self.add_node(NodeKind::Memory { base, positions }, shape, dtype);
                self.nodes[node.index()].value = Some(base);
                self.nodes[node.index()].source = Some(old);
                node
            }
        }
    }

    /// Makes sure that an array is memory, to be stored to.
    pub(super) fn keep_in_memory(&mut self, old: ValueId) {
        let is_memory = match self.meaning(old) {
            Meaning::Node(node) => {
                let data = self.node(node);
                matches!(data.kind, NodeKind::Memory { .. }) && (data.value.is_some() || data.deferred.is_some())
            }
            Meaning::Plain(_) => true,
        };
        if !is_memory {
            self.plain(old);
        }
    }

    pub(super) fn dtype_of(&self, old: ValueId) -> Dtype {
        match self.old.ty(old).bound() {
            Ty::Array { dtype, .. } => *dtype,
            ty => unreachable!("`{ty}` is no array"),
        }
    }

    /// Whether a value of the old function is an array with axes, of a dtype that is known.
    pub(super) fn is_array(&self, old: ValueId) -> bool {
        matches!(self.old.ty(old), Ty::Array { dtype, shape, .. } if dtype.is_known() && !shape.is_empty())
    }

    pub(super) fn is_operand(&self, old: ValueId) -> bool {
        let is_known = |scalar: &ScalarTy| scalar.array_dtype().is_known();
        self.is_array(old)
            || self
                .old
                .ty(old)
                .scalar_options()
                .is_some_and(|options| options.iter().all(is_known))
    }

    /// Lowers an op on arrays; `false` where it stays what it is.
    pub(super) fn array_op(&mut self, op: OpId) -> bool {
        let old = self.old;
        let data = old.op(op);
        match &data.kind {
            Kind::Scalar {
                f,
                flavour: Flavour::Ufunc,
            } => self.elementwise(op, *f),
            Kind::Len { axis } => self.length(op, *axis),
            Kind::Index(subs) => match data.args[1..].iter().any(|arg| self.is_array(*arg)) {
                true => self.compressed(op, subs) || self.gathered(op, subs),
                false => self.view(op, subs),
            },
            Kind::SetIndex(subs) => match data.args[1..data.args.len() - 1].iter().any(|arg| self.is_array(*arg)) {
                true => self.assign_masked(op, subs) || self.scattered(op, subs),
                false => self.assign(op, subs),
            },
            Kind::Call { callee, keywords } => match (callee.as_str(), &keywords[..], data.args.len()) {
                ("numpy.where", [], 3) => self.choose(op),
                ("numpy.zeros_like" | "numpy.empty_like", [], 1) => self.like(op, callee),
                ("numpy.ones_like", [], 1) => self.ones_like(op),
                ("numpy.ndarray", _, 1 | 2) => self.uninitialized(op, keywords),
                ("numpy.ones" | "numpy.full", _, _) => self.full(op, callee, keywords),
                ("numpy.copy", [], 1) => self.copied(op),
                ("numpy.matmul" | "numpy.dot", [], 2) => self.product(op),
                ("numpy.arange", [], 1) => self.arange(op),
                (callee, _, _) => match callee.strip_prefix("numpy.").and_then(Reduction::from_name) {
                    Some(reduction) => self.reduce(op, reduction, keywords),
                    None => self.shape_function(op, callee.strip_prefix("numpy.").unwrap_or_default()),
                },
            },
            Kind::Attr(name) => self.attribute(op, name),
            Kind::Method { name, keywords } => match (name.as_str(), &keywords[..], data.args.len()) {
                ("dot", [], 2) => self.product(op),
                ("copy", [], 1) | ("astype", [], 2) => self.copied(op),
                (name, _, _) => match Reduction::from_name(name) {
                    Some(reduction) => self.reduce(op, reduction, keywords),
                    None => self.shape_function(op, name),
                },
            },
            _ => false,
        }
    }

    pub(super) fn result(&self, op: OpId) -> ValueId {
        self.old.op(op).results[0]
    }

    /// Says that the result of an op is a node.
    pub(super) fn bind_node(&mut self, op: OpId, node: NodeId) -> bool {
        let result = self.result(op);
        self.nodes[node.index()].bound = Some(result);
        self.bind(result, Meaning::Node(node));
        true
    }

    pub(super) fn operand(&mut self, old: ValueId) -> Operand {
        match self.is_array(old) {
            true => Operand::Node(self.any_node_of(old)),
            false => Operand::Scalar(self.plain(old)),
        }
    }

    pub(super) fn shapes(&self, operands: &[Operand]) -> Vec<Vec<Extent>> {
        let nodes = operands.iter().filter_map(|operand| match operand {
            Operand::Node(node) => Some(self.node(*node).shape.clone()),
            Operand::Scalar(_) => None,
        });
        nodes.collect()
    }

    fn elementwise(&mut self, op: OpId, f: F) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        let known = self.is_array(result) && args.iter().all(|arg| self.is_operand(*arg));
        if !known || matches!(f, F::Real | F::Imag) {
            return false;
        }
        let dtype = self.dtype_of(result);
        let Some(computed) = self.computed_in(f, &args) else {
            return false;
        };
        let (f, args) = match self.power(f, &args, dtype) {
            Some(power) => power,
            None => return false,
        };
        if !args.iter().all(|arg| self.may_fit(*arg, computed)) {
            return false;
        }
        let mut operands = Vec::new();
        for arg in &args {
            let operand = self.operand(*arg);
            operands.push(self.fitted(operand, computed));
        }
        let shapes = self.shapes(&operands);
        let shape = self.broadcast(&shapes);
        self.keep_stretched(&operands, &shape);
        self.keep_one_mask(&operands, &shape);
        let node = self.add_node(NodeKind::Map { f, args: operands }, shape, dtype);
        self.bind_node(op, node)
    }

    /// The dtype that a ufunc computes in, whatever type numbers of several types have.
    fn computed_in(&self, f: F, args: &[ValueId]) -> Option<Dtype> {
        let mut choices: Vec<Vec<ScalarTy>> = vec![Vec::new()];
        for arg in args {
            let options = match self.old.ty(*arg) {
                Ty::Array { dtype, .. } => vec![ScalarTy::Np(*dtype)],
                ty => ty.scalar_options()?,
            };
            let longer = choices.iter().flat_map(|before| {
                let with = |option: &ScalarTy| before.iter().chain([option]).copied().collect::<Vec<_>>();
                options.iter().map(with).collect::<Vec<_>>()
            });
            choices = longer.collect();
        }
        let mut dtypes = choices.iter().map(|scalars| loop_dtype(f, scalars));
        let first = dtypes.next()??;
        dtypes.all(|dtype| dtype == Some(first)).then_some(first)
    }

    /// What is computed for each element and stretched along an axis is computed once.
    fn keep_stretched(&mut self, operands: &[Operand], shape: &[Extent]) {
        for operand in operands {
            let Operand::Node(node) = *operand else { continue };
            let data = self.node(node);
            let missing = shape.len() - data.shape.len();
            let stretched = (missing > 0 && shape[..missing].iter().any(|extent| !extent.is_one()))
                || data
                    .shape
                    .iter()
                    .zip(&shape[missing..])
                    .any(|(own, full)| own.is_one() && !full.is_one());
            if stretched && data.cost > CHEAP && data.value.is_none() {
                self.materialize(node);
            }
        }
    }

    /// What masks pick goes along with what the same mask picks, and with arrays of as many elements.
    fn keep_one_mask(&mut self, operands: &[Operand], shape: &[Extent]) {
        let mut first = None;
        for operand in operands {
            let Operand::Node(node) = *operand else { continue };
            let Some((mask, _)) = self.mask_of(node) else { continue };
            let is_alone = shape.len() == 1 && *first.get_or_insert(mask) == mask;
            if !is_alone && self.node(node).value.is_none() {
                self.materialize(node);
            }
        }
    }

    fn scalar_of(&self, old: ValueId) -> ScalarTy {
        match self.old.ty(old) {
            Ty::Array { dtype, .. } => ScalarTy::Np(*dtype),
            ty => ty.as_scalar().expect("an operand is an array or a number"),
        }
    }

    /// The form that NumPy takes for a power, with its operands; `None` where it may raise.
    fn power(&self, f: F, args: &[ValueId], dtype: Dtype) -> Option<(F, Vec<ValueId>)> {
        let same = || Some((f, args.to_vec()));
        if f != F::Pow {
            return same();
        }
        let base = match self.old.ty(args[0]) {
            Ty::OneOf(_) => return None,
            _ => self.scalar_of(args[0]).array_dtype(),
        };
        let int = match self.old.ty(args[1]) {
            Ty::Int(_) => affine_of(self.old, args[1]).as_constant(),
            _ => None,
        };
        let exponent = match (int, self.old.as_const(args[1])) {
            (Some(int), _) => i64::try_from(int).ok().map(Exponent::Int),
            (None, Some(Const::Float(float))) => Some(Exponent::Float(*float)),
            _ => None,
        };
        let form = exponent.map_or(PowerForm::Power, |exponent| array_form(base, exponent));
        let is_array = self.is_array(args[0]);
        match form {
            PowerForm::Square if is_array && base == dtype => Some((F::Square, vec![args[0]])),
            PowerForm::Sqrt if is_array && base == dtype => Some((F::Sqrt, vec![args[0]])),
            PowerForm::Reciprocal if is_array && base == dtype => Some((F::Reciprocal, vec![args[0]])),
            // A negative power of an integer is an error.
            _ if !dtype.is_inexact() => match int {
                Some(0..) => same(),
                Some(_) | None => None,
            },
            _ => same(),
        }
    }

    /// Whether a Python number may be an operand of a loop of this dtype.
    pub(super) fn may_fit(&self, old: ValueId, dtype: Dtype) -> bool {
        match self.old.ty(old) {
            Ty::Int(interval) => match Interval::of_dtype(dtype) {
                Some(limits) => {
                    let meet = interval.meet(limits);
                    !matches!((meet.lo, meet.hi), (Some(lo), Some(hi)) if lo > hi)
                }
                None => dtype != Dtype::F16 || interval.is_within(Interval::new(-65519, 65519)),
            },
            // An int among other types is not looked at.
            Ty::OneOf(_) => matches!(dtype, Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::C128),
            _ => true,
        }
    }

    /// A Python number as the loop takes it: converted once, in front.
    pub(super) fn fitted(&mut self, operand: Operand, dtype: Dtype) -> Operand {
        let Operand::Scalar(value) = operand else {
            return operand;
        };
        match self.b.func.ty(value).clone() {
            Ty::Int(interval) => {
                if let Some(limits) = Interval::of_dtype(dtype)
                    && !interval.is_within(limits)
                {
                    let (least, greatest) = (limits.lo.unwrap_or_default(), limits.hi.unwrap_or_default());
                    if interval.lo.is_none_or(|lo| lo < least) {
                        let least = self.int(least);
                        let fits = self.test(F::Ge, value, least);
                        self.require(fits, "an int that fits the dtype");
                    }
                    if interval.hi.is_none_or(|hi| hi > greatest) && greatest <= i128::from(i64::MAX) {
                        let greatest = self.int(greatest);
                        let fits = self.test(F::Le, value, greatest);
                        self.require(fits, "an int that fits the dtype");
                    }
                }
                Operand::Scalar(self.converted(value, dtype))
            }
            Ty::Float | Ty::Complex | Ty::OneOf(_) => Operand::Scalar(self.converted(value, dtype)),
            _ => operand,
        }
    }

    /// A number as one of a dtype.
    pub(super) fn converted(&mut self, value: ValueId, dtype: Dtype) -> ValueId {
        if *self.b.func.ty(value) == Ty::Np(dtype) {
            return value;
        }
        let op = self.b.typed_op(Kind::Convert, &[value], &[Ty::Np(dtype)]);
        self.b.func.result(op)
    }

    /// The length of what was not computed is known all the same.
    fn length(&mut self, op: OpId, axis: usize) -> bool {
        let result = self.result(op);
        match self.meaning(self.old.op(op).args[0]) {
            Meaning::Node(node) => {
                let value = self.node(node).shape[axis].value;
                self.bind(result, Meaning::Plain(value));
                true
            }
            Meaning::Plain(_) => false,
        }
    }

    /// A view by basic subscripts.
    fn view(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, operands) = (data.args[0], data.args[1..].to_vec());
        let result = self.result(op);
        if !self.is_array(base) || !self.is_array(result) || !self.is_basic(subs, &operands) {
            return false;
        }
        let node = self.node_of(base);
        let operands: Vec<ValueId> = operands.iter().map(|operand| self.plain(*operand)).collect();
        let shape = self.node(node).shape.clone();
        let view = self.subscripted(&shape, subs, &operands);
        self.keep_viewed(node, base, result);
        let made = self.viewed(node, &view);
        if let Some(object) = self.node(node).value {
            let value = self.view_object(object, subs, &operands, &view, self.result(op));
            self.nodes[made.index()].value = Some(value);
        } else if self.node(node).deferred.is_some() {
            let here = self.b.block;
            self.nodes[made.index()].deferred = Some((op, here));
        }
        self.bind_node(op, made)
    }

    /// A base that was not computed is, before a view of it is made, if somebody could tell that they share no memory, or
    /// if it is read elsewhere, too.
    pub(super) fn keep_viewed(&mut self, node: NodeId, base: ValueId, view: ValueId) {
        let is_costly = self.node(node).cost > CHEAP && self.is_needed(base);
        if self.node(node).is_open() && (is_costly || self.uses.may_tell_apart(base, view)) {
            self.materialize(node);
        }
    }

    /// A view of a node.
    pub(super) fn viewed(&mut self, node: NodeId, view: &View) -> NodeId {
        let dtype = self.node(node).dtype;
        match self.composed(node, &view.positions) {
            Some((base, positions)) => {
                let made = self.add_node(NodeKind::Memory { base, positions }, view.shape.clone(), dtype);
                self.nodes[made.index()].source = self.node(node).source;
                made
            }
            None => {
                let positions = view.positions.clone();
                self.add_node(NodeKind::Picked { of: node, positions }, view.shape.clone(), dtype)
            }
        }
    }

    /// The view as an object, for whoever needs one.
    fn view_object(&mut self, base: ValueId, subs: &[Sub], operands: &[ValueId], view: &View, old: ValueId) -> ValueId {
        let mut args = vec![base];
        let mut operand = 0;
        let mut axis = 0;
        for sub in subs {
            match sub {
                Sub::At => args.push(view.positions[axis].offset),
                Sub::Slice { .. } | Sub::NewAxis | Sub::Ellipsis => {
                    args.extend(&operands[operand..operand + sub.arity()]);
                }
            }
            axis += match sub {
                Sub::At | Sub::Slice { .. } => 1,
                Sub::NewAxis => 0,
                Sub::Ellipsis => {
                    let used = subs
                        .iter()
                        .filter(|sub| matches!(sub, Sub::At | Sub::Slice { .. }))
                        .count();
                    view.positions.len() - used
                }
            };
            operand += sub.arity();
        }
        let contiguous = matches!(self.old.ty(old), Ty::Array { contiguous: true, .. });
        let ty = self.array_type(self.old_dtype(old), &view.shape, contiguous);
        let op = self.b.typed_op(Kind::Index(subs.to_vec()), &args, &[ty]);
        self.b.func.result(op)
    }

    fn old_dtype(&self, old: ValueId) -> Dtype {
        self.dtype_of(old)
    }

    /// The type of an array of this shape.
    pub(super) fn array_type(&self, dtype: Dtype, shape: &[Extent], contiguous: bool) -> Ty {
        Ty::Array {
            dtype,
            shape: shape.iter().map(Extent::dim).collect(),
            contiguous,
        }
    }

    /// Positions in a node as positions in the memory that it shows.
    fn composed(&mut self, node: NodeId, positions: &[Position]) -> Option<(ValueId, Vec<Position>)> {
        let NodeKind::Memory { base, positions: outer } = self.node(node).kind.clone() else {
            return None;
        };
        let composed = outer
            .iter()
            .map(|position| match position.along {
                None => position.clone(),
                Some((axis, step)) => {
                    let inner = &positions[axis];
                    let factor = self.int(step);
                    let moved = self.mul(inner.offset, factor);
                    Position {
                        offset: self.add(position.offset, moved),
                        along: inner.along.map(|(axis, own)| (axis, own * step)),
                    }
                }
            })
            .collect();
        Some((base, composed))
    }

    /// `base[subs] = value`
    fn assign(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, value) = (data.args[0], data.args[data.args.len() - 1]);
        let operands = data.args[1..data.args.len() - 1].to_vec();
        if !self.is_array(base) || !self.is_basic(subs, &operands) || !self.is_operand(value) {
            return false;
        }
        let rank = self.old.ty(base).dims().len();
        let ints = subs.iter().filter(|sub| **sub == Sub::At).count();
        if ints == rank && !self.is_array(value) {
            return self.assign_element(op, base);
        }
        let dtype = self.dtype_of(base);
        if !self.may_be_stored(value, dtype) {
            return false;
        }
        self.keep_in_memory(base);
        let node = self.node_of(base);
        let shape = self.node(node).shape.clone();
        let operands: Vec<ValueId> = operands.iter().map(|operand| self.plain(*operand)).collect();
        let view = self.subscripted(&shape, subs, &operands);
        let Some((memory, positions)) = self.composed(node, &view.positions) else {
            return false;
        };
        let source = self.operand(value);
        if let Operand::Scalar(number) = source {
            self.require_storable(number, dtype);
        }
        let source = self.fitted(source, dtype);
        let source = self.stored(source, &view.shape);
        let view = View {
            shape: view.shape,
            positions,
        };
        self.store(base, memory, &view, source);
        true
    }

    /// One element: no node may wait that reads it.
    fn assign_element(&mut self, op: OpId, base: ValueId) -> bool {
        self.plain(base);
        self.settle_readers(base);
        let data = self.old.op(op);
        self.hold_frame();
        let args: Vec<ValueId> = data.args.iter().map(|arg| self.plain(*arg)).collect();
        self.b.typed_op(data.kind.clone(), &args, &[]);
        self.acted();
        true
    }

    /// Whether storing one number to elements of a dtype is a conversion that cannot raise.
    pub(super) fn may_be_stored(&self, old: ValueId, dtype: Dtype) -> bool {
        if self.is_array(old) {
            let from = self.dtype_of(old);
            // Complex numbers lose their imaginary part with a warning.
            return !from.is_complex() || dtype.is_complex();
        }
        if matches!(self.old.ty(old), Ty::OneOf(_)) {
            return false;
        }
        let from = self.scalar_of(old).array_dtype();
        let narrow = from.is_float() && matches!(from, Dtype::F16) && dtype.is_integer();
        !narrow && (!from.is_complex() || dtype.is_complex()) && self.may_fit(old, dtype)
    }

    /// What is stored, with the axes of the view: extents of 1 in front may go.
    pub(super) fn stored(&mut self, source: Operand, shape: &[Extent]) -> Operand {
        let Operand::Node(node) = source else { return source };
        let own = self.node(node).shape.clone();
        let extra = own.len().saturating_sub(shape.len());
        let one = self.int(1);
        let one = Extent {
            value: one,
            key: affine_of(&self.b.func, one),
        };
        for extent in &own[..extra] {
            self.require_same(extent, &one);
        }
        for (own, full) in own[extra..].iter().zip(&shape[shape.len() - (own.len() - extra)..]) {
            if !own.is_one() {
                self.require_same(own, full);
            }
        }
        if extra == 0 {
            return source;
        }
        let zero = self.int(0);
        let positions = (0..own.len())
            .map(|axis| Position {
                offset: zero,
                along: axis.checked_sub(extra).map(|axis| (axis, 1)),
            })
            .collect();
        let dtype = self.node(node).dtype;
        let kept = own[extra..].to_vec();
        Operand::Node(self.add_node(NodeKind::Picked { of: node, positions }, kept, dtype))
    }

    /// `numpy.where` of three operands.
    fn choose(&mut self, op: OpId) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        if !self.is_array(result) || !args.iter().all(|arg| self.is_operand(*arg)) {
            return false;
        }
        let dtype = self.dtype_of(result);
        if !args[1..].iter().all(|arg| self.may_fit(*arg, dtype)) {
            return false;
        }
        let condition = self.operand(args[0]);
        let mut operands = vec![condition];
        for arg in &args[1..] {
            let operand = self.operand(*arg);
            operands.push(self.fitted(operand, dtype));
        }
        let shapes = self.shapes(&operands);
        let shape = self.broadcast(&shapes);
        self.keep_stretched(&operands, &shape);
        self.keep_one_mask(&operands, &shape);
        let node = self.add_node(NodeKind::Choose([operands[0], operands[1], operands[2]]), shape, dtype);
        self.bind_node(op, node)
    }

    /// `copy` and `astype`: a new array of the elements.
    fn copied(&mut self, op: OpId) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        if !self.is_array(result) || !self.is_array(args[0]) {
            return false;
        }
        let from = self.dtype_of(args[0]);
        let dtype = self.dtype_of(result);
        if from.is_complex() && !dtype.is_complex() {
            return false;
        }
        let source = self.node_of(args[0]);
        let shape = self.node(source).shape.clone();
        let node = self.add_node(NodeKind::Cast(Operand::Node(source)), shape, dtype);
        self.bind_node(op, node)
    }

    /// An array of the shape and dtype of another.
    fn like(&mut self, op: OpId, callee: &str) -> bool {
        let (result, arg) = (self.result(op), self.old.op(op).args[0]);
        if !self.is_array(result) || !self.is_array(arg) {
            return false;
        }
        let node = self.node_of(arg);
        let shape = self.node(node).shape.clone();
        let dtype = self.dtype_of(result);
        let value = self.allocated(callee.trim_end_matches("_like"), &shape, dtype);
        self.bind(result, Meaning::Plain(value));
        true
    }

    /// A new array.
    pub(super) fn allocated(&mut self, callee: &str, shape: &[Extent], dtype: Dtype) -> ValueId {
        let tuple = self.shape_value(shape);
        let name = format!("numpy.{}", dtype.attribute());
        let dtype_value = self.b.value(Kind::Extern(name), &[]);
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let ty = self.array_type(dtype, shape, true);
        let op = self.b.typed_op(kind, &[tuple, dtype_value], &[ty]);
        self.b.func.result(op)
    }

    /// `numpy.ndarray(shape, dtype)`, which is `numpy.empty`.
    fn uninitialized(&mut self, op: OpId, keywords: &[String]) -> bool {
        let result = self.result(op);
        let shape = self.old.op(op).args[0];
        if !self.is_array(result) || keywords.iter().any(|keyword| keyword != "dtype") {
            return false;
        }
        let Some(shape) = self.shape_argument(shape) else {
            return false;
        };
        let value = self.allocated("numpy.empty", &shape, self.dtype_of(result));
        self.bind(result, Meaning::Plain(value));
        true
    }

    fn ones_like(&mut self, op: OpId) -> bool {
        let (result, arg) = (self.result(op), self.old.op(op).args[0]);
        if !self.is_array(result) || !self.is_array(arg) {
            return false;
        }
        let node = self.node_of(arg);
        let shape = self.node(node).shape.clone();
        let one = self.int(1);
        self.filled(op, one, shape)
    }

    /// `numpy.ones(shape)`, `numpy.full(shape, x)`, with a dtype.
    fn full(&mut self, op: OpId, callee: &str, keywords: &[String]) -> bool {
        let result = self.result(op);
        let data = self.old.op(op);
        let positional = data.args.len() - keywords.len();
        let given = if callee == "numpy.full" { 2 } else { 1 };
        let only_dtype = keywords.iter().all(|keyword| keyword == "dtype");
        // A second positional argument of `ones` is the dtype.
        if !self.is_array(result) || !only_dtype || positional < given || positional > given + 1 {
            return false;
        }
        if data.args[given..]
            .iter()
            .any(|arg| extern_of(self.old.ty(*arg)).is_none())
        {
            return false;
        }
        let dtype = self.dtype_of(result);
        let (shape_arg, fill) = (data.args[0], (given == 2).then(|| data.args[1]));
        if let Some(fill) = fill
            && (self.old.ty(fill).as_scalar().is_none() || !self.may_be_stored(fill, dtype))
        {
            return false;
        }
        let Some(shape) = self.shape_argument(shape_arg) else {
            return false;
        };
        let value = match fill {
            Some(fill) => self.plain(fill),
            None => self.int(1),
        };
        self.filled(op, value, shape)
    }

    /// `numpy.arange(n)` of an int.
    fn arange(&mut self, op: OpId) -> bool {
        let (result, stop) = (self.result(op), self.old.op(op).args[0]);
        if !self.is_array(result) || !matches!(self.old.ty(stop), Ty::Int(_)) {
            return false;
        }
        let stop = self.plain(stop);
        let extent = self.extent_of_int(stop);
        let dtype = self.dtype_of(result);
        let node = self.add_node(NodeKind::Index(0), vec![extent], dtype);
        self.bind_node(op, node)
    }

    fn filled(&mut self, op: OpId, value: ValueId, shape: Vec<Extent>) -> bool {
        let dtype = self.dtype_of(self.result(op));
        self.require_storable(value, dtype);
        let operand = self.fitted(Operand::Scalar(value), dtype);
        let node = self.add_node(NodeKind::Cast(operand), shape, dtype);
        self.bind_node(op, node)
    }

    /// The extents of a shape argument; a negative one is required not to be.
    pub(super) fn shape_argument(&mut self, old: ValueId) -> Option<Vec<Extent>> {
        let items = match self.old.ty(old).bound() {
            Ty::Int(_) => vec![old],
            Ty::Tuple(_) => {
                let op = self.old.defining(old).filter(|op| op.kind == Kind::MakeTuple)?;
                op.args.clone()
            }
            _ => return None,
        };
        if !items.iter().all(|item| matches!(self.old.ty(*item), Ty::Int(_))) {
            return None;
        }
        let mut shape = Vec::new();
        for item in items {
            let value = self.plain(item);
            if !self.is_natural(value) {
                let zero = self.int(0);
                let natural = self.test(F::Ge, value, zero);
                self.require(natural, "an extent that is not negative");
            }
            shape.push(self.extent_of_int(value));
        }
        Some(shape)
    }
}

/// The dtype that an argument names.
fn extern_of(ty: &Ty) -> Option<Dtype> {
    match ty {
        Ty::Extern(name) => extern_dtype(name),
        Ty::Dtype(dtype) => Some(*dtype),
        _ => None,
    }
}

/// About how long a function takes beside an addition.
fn weight(f: F) -> u32 {
    match f {
        F::Add | F::Sub | F::Mul | F::Neg | F::Pos | F::Abs | F::Square | F::Min | F::Max => 1,
        F::And | F::Or | F::Xor | F::Invert | F::Not => 1,
        f if f.is_comparison() => 1,
        F::TrueDiv | F::Sqrt | F::Reciprocal => 4,
        _ => 20,
    }
}
