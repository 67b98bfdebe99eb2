//! Ops on arrays as nodes: what each element is.
//!
//! ```text
//! %3 = mul.ufunc %0, %1          node: [i, j] -> %0[i, j] * %1[j]
//! %4 = index [:, 1:] %3          node: [i, j] -> node[i, j + 1]
//! ```
//!
//! A node's operands are nodes and scalars, which broadcast to its shape. Making one requires that shapes fit, and
//! computes extents; nothing else happens.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, OriginId, ValueId};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Ty;

use super::bent::Bend;
use super::extent::Extent;
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
    /// An element of another node, along one axis of which indices are bent.
    Bent { of: NodeId, axis: usize, bend: Bend },
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
    /// The op that gives a view of what is in memory, if it is only made for whoever needs it.
    pub deferred: Option<OpId>,
    /// The value of the old function whose memory is read.
    pub source: Option<ValueId>,
    /// The value of the old function that it is.
    pub bound: Option<ValueId>,
    /// About how many operations an element takes.
    pub cost: u32,
    /// The op that it is an element of.
    pub origin: OriginId,
    /// Whether it lies in C order, however its operands do.
    pub in_c_order: bool,
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
            in_c_order: false,
            origin: self.b.origin,
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
            NodeKind::Map { f, args } => {
                let complex = args.iter().any(|arg| match arg {
                    Operand::Node(node) => self.node(*node).dtype.is_complex(),
                    Operand::Scalar(value) => is_complex(self.b.func.ty(*value)),
                });
                all(args).saturating_add(if complex { complex_weight(*f) } else { weight(*f) })
            }
            NodeKind::Cast(operand) => of(operand).saturating_add(1),
            NodeKind::Choose(operands) => all(operands).saturating_add(1),
            NodeKind::Picked { of, .. } => self.node(*of).cost,
            NodeKind::Bent { of, .. } => self.node(*of).cost.saturating_add(1),
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
            NodeKind::Picked { of, .. } | NodeKind::Bent { of, .. } => vec![*of],
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

    pub(super) fn any_node_of(&mut self, old: ValueId) -> NodeId {
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

    pub(super) fn scalar_of(&self, old: ValueId) -> ScalarTy {
        match self.old.ty(old) {
            Ty::Array { dtype, .. } => ScalarTy::Np(*dtype),
            ty => ty.as_scalar().expect("an operand is an array or a number"),
        }
    }

    /// The length of what was not computed is known all the same.
    pub(super) fn length(&mut self, op: OpId, axis: usize) -> bool {
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

/// The same of complex numbers.
fn complex_weight(f: F) -> u32 {
    match f {
        F::Add | F::Sub | F::Neg | F::Pos => 1,
        F::Mul | F::Square => 3,
        f if f.is_comparison() => 2,
        _ => 20,
    }
}

fn is_complex(ty: &Ty) -> bool {
    ty.as_scalar().is_some_and(|scalar| scalar.array_dtype().is_complex())
}
