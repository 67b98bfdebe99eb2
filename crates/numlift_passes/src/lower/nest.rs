//! Loop nests: computing a node element by element.
//!
//! ```text
//! for %i in range(0, n) {            what depends on i alone is computed here,
//!   for %j in range(0, m) {          and what depends on j here
//!     store %base, %i, %j, %element
//!   }
//! }
//! ```
//!
//! Every value is computed at the outermost level that its indices allow, and once for the same indices. What is needed
//! by somebody else too, and is not cheap, was computed before.

use std::collections::HashMap;

use numlift_ir::function::{BlockId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::Flavour;
use numlift_ir::ty::{Interval, Ty};

use super::NoteKind;
use super::extent::Extent;
use super::masks::Target;
use super::space::{CHEAP, Node, NodeId, NodeKind, Operand};
use super::views::{Position, View};
use super::walk::Lower;

/// A nest that is filled.
pub(super) struct Nest {
    /// The block of each level, the one around the nest first.
    pub levels: Vec<BlockId>,
    /// The mask that is gone along, and where it stands.
    pub picks: Option<(ValueId, Vec<ValueId>)>,
    known: Known,
}

/// What was computed, as far as it is seen at the present level.
#[derive(Debug, Clone, Default)]
struct Known {
    /// The level at which a value is there; 0 for all others.
    depth: HashMap<ValueId, usize>,
    elements: HashMap<(NodeId, Vec<ValueId>), ValueId>,
    /// What was loaded, by base and indices.
    loads: HashMap<Vec<ValueId>, ValueId>,
}

impl Nest {
    /// A nest in the present block.
    pub(super) fn new(outer: BlockId) -> Self {
        Self {
            levels: vec![outer],
            picks: None,
            known: Known::default(),
        }
    }

    /// The innermost block.
    pub(super) fn here(&self) -> BlockId {
        self.levels[self.levels.len() - 1]
    }

    fn depth_of(&self, values: &[ValueId]) -> usize {
        values
            .iter()
            .filter_map(|value| self.known.depth.get(value))
            .copied()
            .max()
            .unwrap_or(0)
    }

    /// Makes something at the level that its operands allow.
    fn at<T>(&self, lower: &mut Lower<'_>, operands: &[ValueId], make: impl FnOnce(&mut Lower<'_>) -> T) -> (T, usize) {
        let depth = self.depth_of(operands);
        lower.b.block = self.levels[depth];
        (make(lower), depth)
    }

    /// The same, for a value.
    pub(super) fn value(
        &mut self,
        lower: &mut Lower<'_>,
        operands: &[ValueId],
        make: impl FnOnce(&mut Lower<'_>) -> ValueId,
    ) -> ValueId {
        let (value, depth) = self.at(lower, operands, make);
        if depth > 0 {
            self.known.depth.entry(value).or_insert(depth);
        }
        value
    }
}

/// Where an element is stored, by the indices of the nest.
pub(super) type Place<'p> = dyn Fn(&mut Lower<'_>, &mut Nest, &[ValueId]) -> Vec<ValueId> + 'p;

/// What an index may be.
pub(super) const INDEX: Interval = Interval {
    lo: Some(0),
    hi: Some(i64::MAX as i128 - 1),
};

impl Lower<'_> {
    /// The object of a node, computed here if it is not there.
    pub(super) fn materialize(&mut self, node: NodeId) -> ValueId {
        if let Some(value) = self.node(node).value {
            return value;
        }
        if let Some(op) = self.node(node).deferred {
            if self.is_read_only(op) {
                self.hold_known_frame();
            }
            let value = self.deferred_view(op);
            // In a nest it is only there.
            if self.b.block == self.walked {
                self.settled.push((node, self.node(node).clone()));
                self.nodes[node.index()].value = Some(value);
            }
            return value;
        }
        if let Some((mask, _)) = self.mask_of(node) {
            self.keep_other_masks(node, mask);
        }
        self.keep_shared(node);
        let Node {
            shape, dtype, origin, ..
        } = self.node(node).clone();
        let order = self.order_of(node);
        // Its loop is told of where the program says it, not where its object is asked for.
        let outer = std::mem::replace(&mut self.b.origin, origin);
        let value = match (&self.node(node).kind, order) {
            (NodeKind::Gathered { .. }, Some(order)) => self.allocated_across(&order, &shape, dtype),
            (_, order) => self.allocated_in(order, "numpy.empty", &shape, dtype),
        };
        let computed = self.node(node).clone();
        self.nodes.push(computed);
        let computed = NodeId(self.nodes.len() as u32 - 1);
        let view = self.whole(shape);
        match self.mask_of(computed) {
            Some(mask) => self.masked_nest(mask, Target::Fresh(value), Operand::Node(computed)),
            None => self.nest(value, &view, Operand::Node(computed)),
        }
        self.b.origin = outer;
        self.settled.push((node, self.node(node).clone()));
        let data = &mut self.nodes[node.index()];
        data.kind = NodeKind::Memory {
            base: value,
            positions: view.positions,
        };
        data.value = Some(value);
        data.source = data.bound;
        data.cost = 0;
        value
    }

    /// Stores elements to a view of an array of the old function.
    pub(super) fn store(&mut self, array: ValueId, base: ValueId, view: &View, source: Operand) {
        let mut source = source;
        if let Operand::Node(node) = source {
            // A view takes no mask along.
            if self.mask_of(node).is_some() || self.node(node).cost > CHEAP && self.is_wanted_again(node) {
                self.materialize(node);
            }
            self.keep_shared(node);
            // Elements are read after others were stored: only from where they are stored, or from other memory.
            let collides = self
                .below(node)
                .into_iter()
                .any(|part| self.collides(part, node, array, base, view));
            if collides {
                let kept = self.kept_apart(node);
                source = Operand::Node(kept);
            }
        }
        self.settle_readers(array);
        self.nest(base, view, source);
        self.acted();
    }

    /// A node in memory of its own.
    pub(super) fn kept_apart(&mut self, node: NodeId) -> NodeId {
        let copy = Node {
            value: None,
            deferred: None,
            bound: None,
            ..self.node(node).clone()
        };
        self.nodes.push(copy);
        let copy = NodeId(self.nodes.len() as u32 - 1);
        self.materialize(copy);
        copy
    }

    /// Whether a node reads memory that is stored to, elsewhere than where it is stored.
    fn collides(&self, part: NodeId, root: NodeId, array: ValueId, base: ValueId, view: &View) -> bool {
        let data = self.node(part);
        let NodeKind::Memory { base: read, positions } = &data.kind else {
            return false;
        };
        let Some(source) = data.source else { return false };
        if !self.roots.may_share(source, array) {
            return false;
        }
        let alike = data
            .shape
            .iter()
            .zip(&view.shape)
            .all(|(own, full)| own.is_one() == full.is_one());
        let aligned = *read == base && *positions == view.positions && data.shape.len() == view.shape.len() && alike;
        !(aligned && self.is_read_in_place(root, part, view))
    }

    /// Whether all ways from a node to a part of it keep the indices.
    fn is_read_in_place(&self, node: NodeId, part: NodeId, view: &View) -> bool {
        if node == part {
            return true;
        }
        let keeps = match &self.node(node).kind {
            NodeKind::Picked { .. }
            | NodeKind::Compressed { .. }
            | NodeKind::Gathered { .. }
            | NodeKind::Bent { .. } => false,
            NodeKind::Memory { .. } | NodeKind::Index(_) => true,
            NodeKind::Map { .. } | NodeKind::Cast(_) | NodeKind::Choose(_) => true,
        };
        self.parts(node).into_iter().all(|inner| {
            let reaches = self.below(inner).contains(&part);
            !reaches
                || keeps && self.node(inner).shape.len() == view.shape.len() && self.is_read_in_place(inner, part, view)
        })
    }

    /// Computes what a node shares with others that wait, where computing it again is not cheap.
    pub(super) fn keep_shared(&mut self, root: NodeId) {
        loop {
            let elsewhere = self.wanted_elsewhere(root);
            let shared = self.below(root).into_iter().find(|part| {
                let data = self.node(*part);
                *part != root && data.value.is_none() && data.cost > CHEAP && elsewhere.contains(part)
            });
            match shared {
                Some(part) => {
                    self.materialize(part);
                }
                None => return,
            }
        }
    }

    /// The nodes that are needed for more than a node, which is computed now.
    fn wanted_elsewhere(&self, root: NodeId) -> Vec<NodeId> {
        let own = self.below(root);
        let mut elsewhere = Vec::new();
        for (old, waiting) in self.waiting() {
            if !self.is_needed(old) || waiting == root {
                continue;
            }
            match own.contains(&waiting) {
                // What it is made of is not needed again once it is there.
                true => elsewhere.push(waiting),
                false => elsewhere.extend(self.below(waiting)),
            }
        }
        elsewhere
    }

    /// Whether a node that is stored somewhere is needed for something else, too.
    pub(super) fn is_wanted_again(&self, node: NodeId) -> bool {
        let waits = self
            .waiting()
            .iter()
            .any(|(old, waiting)| self.is_needed(*old) && *waiting == node);
        waits || self.wanted_elsewhere(node).contains(&node)
    }

    /// One nest of loops over a view, which stores an element each.
    pub(super) fn nest(&mut self, base: ValueId, view: &View, source: Operand) {
        let positions = &view.positions;
        let order = self.walked(base, positions, view.shape.len());
        self.nest_in(&order, base, &view.shape, source, &|lower, nest, indices| {
            lower.subscripts(nest, positions, indices)
        });
    }

    /// One nest of loops over a shape, which stores an element each, wherever.
    pub(super) fn nest_at(&mut self, base: ValueId, shape: &[Extent], source: Operand, place: &Place<'_>) {
        let order: Vec<usize> = (0..shape.len()).collect();
        self.nest_in(&order, base, shape, source, place);
    }

    /// The same, with the axes from the outermost loop to the innermost.
    fn nest_in(&mut self, order: &[usize], base: ValueId, shape: &[Extent], source: Operand, place: &Place<'_>) {
        let outer = self.b.block;
        let (zero, one) = (self.int(0), self.int(1));
        if let Operand::Node(node) = source {
            let ops = self
                .below(node)
                .iter()
                .filter(|part| self.node(**part).cost > 0)
                .count();
            if ops > 1 {
                self.note(NoteKind::Fused, format!("{ops} array operations in one loop nest"));
            }
        }
        let mut nest = Nest::new(outer);
        let mut indices = vec![zero; shape.len()];
        let mut extents: Vec<&Extent> = Vec::new();
        for axis in order {
            let extent = &shape[*axis];
            if !extent.is_one() {
                indices[*axis] = self.open(&mut nest);
                extents.push(extent);
            }
        }
        let Ty::Array { dtype, .. } = *self.b.func.ty(base).bound() else {
            unreachable!("only arrays are stored to");
        };
        let element = self.element_of(&mut nest, source, &indices, shape.len());
        let element = nest.value(self, &[element], |lower| lower.converted(element, dtype));
        let mut args = vec![base];
        args.extend(place(self, &mut nest, &indices));
        args.push(element);
        self.b.block = nest.here();
        self.b.effect(Kind::Store, &args);
        self.close(&nest, &extents, [zero, one]);
    }

    /// One more level: a loop's body, with its index.
    pub(super) fn open(&mut self, nest: &mut Nest) -> ValueId {
        let block = self.b.func.add_block();
        let index = self.b.func.add_param(block, Ty::Int(INDEX), None);
        nest.levels.push(block);
        self.push_scope(block);
        nest.known.depth.insert(index, nest.levels.len() - 1);
        index
    }

    /// Runs `fill` with a block of its own as the innermost level; what it computes there is not seen outside.
    pub(super) fn inside<T>(
        &mut self,
        nest: &mut Nest,
        params: &[Ty],
        fill: impl FnOnce(&mut Self, &mut Nest, &[ValueId]) -> T,
    ) -> (BlockId, T) {
        let block = self.b.func.add_block();
        let params: Vec<ValueId> = params
            .iter()
            .map(|ty| self.b.func.add_param(block, ty.clone(), None))
            .collect();
        let known = nest.known.clone();
        nest.levels.push(block);
        self.push_scope(block);
        for param in &params {
            nest.known.depth.insert(*param, nest.levels.len() - 1);
        }
        self.b.block = block;
        let given = fill(self, nest, &params);
        self.pop_scope();
        nest.levels.pop();
        nest.known = known;
        self.b.block = nest.here();
        (block, given)
    }

    /// Says that a value is there at the innermost level only.
    pub(super) fn is_here(&mut self, nest: &mut Nest, value: ValueId) {
        nest.known.depth.insert(value, nest.levels.len() - 1);
    }

    /// Puts the loops together, the innermost first.
    pub(super) fn close(&mut self, nest: &Nest, extents: &[&Extent], bounds: [ValueId; 2]) {
        self.close_from(0, nest, extents, bounds);
    }

    /// The same for the loops inside of some.
    pub(super) fn close_from(&mut self, first: usize, nest: &Nest, extents: &[&Extent], [zero, one]: [ValueId; 2]) {
        for (level, extent) in extents.iter().enumerate().rev() {
            let level = first + level;
            let block = nest.levels[level + 1];
            self.b.end(block, Term::Yield(Vec::new()));
            self.b.block = nest.levels[level];
            self.b.for_op([zero, extent.value, one], &[], block, &[]);
            self.pop_scope();
        }
    }

    /// Indices of memory.
    pub(super) fn subscripts(&mut self, nest: &mut Nest, positions: &[Position], indices: &[ValueId]) -> Vec<ValueId> {
        positions
            .iter()
            .map(|position| match position.along {
                None => position.offset,
                Some((axis, step)) => {
                    let index = indices[axis];
                    let moved = nest.value(self, &[index], |lower| {
                        let factor = lower.int(step);
                        lower.mul(index, factor)
                    });
                    let offset = position.offset;
                    nest.value(self, &[moved, offset], |lower| lower.add(offset, moved))
                }
            })
            .collect()
    }

    /// The element of an operand at indices of a shape of `rank` axes that it is stretched to.
    pub(super) fn element_of(
        &mut self,
        nest: &mut Nest,
        operand: Operand,
        indices: &[ValueId],
        rank: usize,
    ) -> ValueId {
        let Operand::Node(node) = operand else {
            let Operand::Scalar(value) = operand else {
                unreachable!()
            };
            return value;
        };
        let shape = self.node(node).shape.clone();
        let own: Vec<ValueId> = shape
            .iter()
            .zip(&indices[rank - shape.len()..])
            .map(|(extent, index)| {
                if extent.is_one() {
                    self.int_of_outermost(nest)
                } else {
                    *index
                }
            })
            .collect();
        self.element(nest, node, own)
    }

    fn int_of_outermost(&mut self, nest: &Nest) -> ValueId {
        self.b.block = nest.levels[0];
        self.int(0)
    }

    pub(super) fn element(&mut self, nest: &mut Nest, node: NodeId, indices: Vec<ValueId>) -> ValueId {
        let key = (node, indices);
        if let Some(known) = nest.known.elements.get(&key) {
            return *known;
        }
        let indices = &key.1[..];
        let Node {
            kind,
            dtype,
            shape,
            origin,
            ..
        } = self.node(node).clone();
        let ty = Ty::Np(dtype);
        let rank = shape.len();
        // What is told of it is told at its own place, wherever it is computed.
        let outer = std::mem::replace(&mut self.b.origin, origin);
        let value = match kind {
            NodeKind::Memory { base, positions } => {
                let mut args = vec![base];
                args.extend(self.subscripts(nest, &positions, indices));
                match nest.known.loads.get(&args) {
                    Some(known) => *known,
                    None => {
                        let value = nest.value(self, &args, |lower| lower.typed(Kind::Load, &args, ty));
                        nest.known.loads.insert(args, value);
                        value
                    }
                }
            }
            NodeKind::Map { f, args } => {
                let args: Vec<ValueId> = args
                    .iter()
                    .map(|arg| self.element_of(nest, *arg, indices, rank))
                    .collect();
                let kind = Kind::Scalar {
                    f,
                    flavour: Flavour::Ufunc,
                };
                nest.value(self, &args.clone(), |lower| lower.typed(kind, &args, ty))
            }
            NodeKind::Cast(operand) => {
                let value = self.element_of(nest, operand, indices, rank);
                nest.value(self, &[value], |lower| lower.converted(value, dtype))
            }
            NodeKind::Choose(operands) => {
                let [condition, a, b] = operands.map(|operand| self.element_of(nest, operand, indices, rank));
                let condition = nest.value(self, &[condition], |lower| lower.truth(condition));
                let a = nest.value(self, &[a], |lower| lower.converted(a, dtype));
                let b = nest.value(self, &[b], |lower| lower.converted(b, dtype));
                let args = [condition, a, b];
                nest.value(self, &args, |lower| lower.typed(Kind::Select, &args, ty))
            }
            NodeKind::Picked { of, positions } => {
                let inner = self.subscripts(nest, &positions, indices);
                self.element(nest, of, inner)
            }
            NodeKind::Bent { of, axis, bend } => {
                let mut inner = indices.to_vec();
                inner[axis] = self.bent(nest, &bend, inner[axis]);
                self.element_of(nest, Operand::Node(of), &inner, rank)
            }
            NodeKind::Compressed { of, mask, .. } => {
                let picks = nest.picks.clone().filter(|(own, _)| *own == mask);
                let (_, place) = picks.expect("what a mask picks is computed along the mask");
                self.element(nest, of, place)
            }
            NodeKind::Gathered { of, picks } => {
                let place = self.picked(nest, &picks, indices);
                self.element(nest, of, place)
            }
            NodeKind::Index(axis) => {
                let index = indices[axis];
                nest.value(self, &[index], |lower| lower.converted(index, dtype))
            }
        };
        self.b.origin = outer;
        nest.known.elements.insert(key, value);
        value
    }

    /// A value of a type that is known.
    pub(super) fn typed(&mut self, kind: Kind, args: &[ValueId], ty: Ty) -> ValueId {
        let op = self.b.typed_op(kind, args, &[ty]);
        self.b.func.result(op)
    }

    fn truth(&mut self, value: ValueId) -> ValueId {
        match self.b.func.ty(value) {
            Ty::Bool | Ty::Np(numlift_ir::dtype::Dtype::Bool) => value,
            _ => self.typed(Kind::Truth, &[value], Ty::Bool),
        }
    }
}
