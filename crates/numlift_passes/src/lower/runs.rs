//! Several last axes that are folded as one: a long loop instead of short ones in each other.
//!
//! ```text
//! a.sum()                 a of n × m, in one run of memory        a vector of n·m elements
//! (a * b).max(axis=(1, 2))                                        rows of m·k elements
//! (a - v).sum()           v is stretched                          what is added is computed first, as NumPy does
//! ```

use std::collections::BTreeMap;

use numlift_ir::affine::affine_of;

use super::extent::Extent;
use super::fold::Fold;
use super::space::{NodeId, NodeKind, Operand};
use super::views::Position;
use super::walk::Lower;

/// How the last axes of a node become one.
struct Joining {
    /// How many axes of the node that is folded stay as they are, and how many become one.
    head: usize,
    tail: usize,
    /// Which of the latter have more than one element, as far as is known.
    long: Vec<bool>,
    /// The extent of the one.
    count: Extent,
    made: BTreeMap<NodeId, Option<NodeId>>,
}

impl Lower<'_> {
    /// The fold with its tail as one axis, where that can be had and there is more than one.
    pub(super) fn with_one_run(&mut self, fold: Fold, is_pairwise: bool) -> Fold {
        let shape = self.node(fold.node).shape.clone();
        let head = shape.len() - fold.tail;
        if shape[head..].iter().filter(|extent| !extent.is_one()).count() < 2 {
            return fold;
        }
        let mut count = self.int(1);
        for extent in &shape[head..] {
            count = self.mul(count, extent.value);
        }
        let key = affine_of(&self.b.func, count);
        let mut joining = Joining {
            head,
            tail: fold.tail,
            long: shape[head..].iter().map(|extent| !extent.is_one()).collect(),
            count: self.extent_with(count, key),
            made: BTreeMap::new(),
        };
        let node = match self.can_be_joined(fold.node, &joining) {
            true => self.joined_node(fold.node, &mut joining),
            // A run is added piece by piece: to take positions apart would cost more than memory does.
            false if is_pairwise && self.mask_of(fold.node).is_none() => {
                self.materialize(fold.node);
                match self.can_be_joined(fold.node, &joining) {
                    true => self.joined_node(fold.node, &mut joining),
                    false => None,
                }
            }
            false => None,
        };
        let Some(node) = node else { return fold };
        let mut folded = fold.folded[..head].to_vec();
        folded.push(true);
        Fold {
            node,
            folded,
            tail: 1,
            ..fold
        }
    }

    /// Whether all that a node is made of is in one run, or one element, along the axes that become one.
    fn can_be_joined(&self, node: NodeId, joining: &Joining) -> bool {
        let data = self.node(node);
        if self.is_stretched(node, joining) {
            return matches!(data.kind, NodeKind::Memory { .. });
        }
        let Some(kept) = data.shape.len().checked_sub(joining.tail) else {
            return false;
        };
        // One that is stretched along some of them only is gone through again and again.
        if kept > joining.head
            || !data.shape[kept..]
                .iter()
                .map(|extent| !extent.is_one())
                .eq(joining.long.iter().copied())
        {
            return false;
        }
        let operands: &[Operand] = match &data.kind {
            NodeKind::Memory { .. } => return self.is_contiguous(node),
            NodeKind::Map { args, .. } => args,
            NodeKind::Cast(operand) => std::slice::from_ref(operand),
            NodeKind::Choose(operands) => operands,
            NodeKind::Picked { .. }
            | NodeKind::Compressed { .. }
            | NodeKind::Gathered { .. }
            | NodeKind::Bent { .. }
            | NodeKind::Index(_) => return false,
        };
        operands.iter().all(|operand| match operand {
            Operand::Node(node) => self.can_be_joined(*node, joining),
            Operand::Scalar(_) => true,
        })
    }

    /// Whether a node has one element along all axes that become one.
    fn is_stretched(&self, node: NodeId, joining: &Joining) -> bool {
        let shape = &self.node(node).shape;
        let tail = joining.tail.min(shape.len());
        shape[shape.len() - tail..].iter().all(Extent::is_one)
    }

    fn joined_node(&mut self, node: NodeId, joining: &mut Joining) -> Option<NodeId> {
        if let Some(known) = joining.made.get(&node) {
            return *known;
        }
        let made = self.join(node, joining);
        joining.made.insert(node, made);
        made
    }

    fn join(&mut self, node: NodeId, joining: &mut Joining) -> Option<NodeId> {
        let data = self.node(node).clone();
        let rank = data.shape.len();
        let kept = rank.saturating_sub(joining.tail);
        let is_stretched = self.is_stretched(node, joining);
        let last = if is_stretched {
            self.one()
        } else {
            joining.count.clone()
        };
        let shape: Vec<Extent> = data.shape[..kept].iter().cloned().chain([last]).collect();
        let kind = match data.kind {
            NodeKind::Memory { base, positions } if is_stretched => {
                let positions = positions
                    .into_iter()
                    .map(|Position { offset, along }| Position {
                        offset,
                        along: along.map(|(axis, step)| (axis.min(kept), step)),
                    })
                    .collect();
                NodeKind::Memory { base, positions }
            }
            NodeKind::Memory { .. } => {
                let object = self.materialize(node);
                let flat = self.reshaped(object, &shape);
                let made = self.shown(flat, shape);
                self.nodes[made.index()].source = data.source;
                return Some(made);
            }
            NodeKind::Map { f, args } => {
                let args = args.iter().map(|arg| self.joined_operand(*arg, joining));
                NodeKind::Map {
                    f,
                    args: args.collect::<Option<_>>()?,
                }
            }
            NodeKind::Cast(operand) => NodeKind::Cast(self.joined_operand(operand, joining)?),
            NodeKind::Choose(operands) => {
                let [condition, a, b] = operands.map(|operand| self.joined_operand(operand, joining));
                NodeKind::Choose([condition?, a?, b?])
            }
            NodeKind::Picked { .. }
            | NodeKind::Compressed { .. }
            | NodeKind::Gathered { .. }
            | NodeKind::Bent { .. }
            | NodeKind::Index(_) => return None,
        };
        let made = self.add_node(kind, shape, data.dtype);
        let own = &mut self.nodes[made.index()];
        own.origin = data.origin;
        own.source = data.source;
        own.in_c_order = true;
        Some(made)
    }

    fn joined_operand(&mut self, operand: Operand, joining: &mut Joining) -> Option<Operand> {
        Some(match operand {
            Operand::Node(node) => Operand::Node(self.joined_node(node, joining)?),
            Operand::Scalar(_) => operand,
        })
    }
}
