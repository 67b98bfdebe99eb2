//! Masks as subscripts.
//!
//! ```text
//! z[m] = z[m] ** 2 + c[m]     for i { if m[i] { store z[i], z[i] ** 2 + c[i] } }
//! y = x[m]                    count what is true; for i { if m[i] { store y[k], x[i]; k = k + 1 } }
//! ```
//!
//! What a mask picks is a node of one axis, as long as there are trues. Its elements can be had in the order of the mask
//! only, together with those of others that the same mask picked; whoever wants them otherwise gets them from memory.

use std::collections::HashMap;

use numlift_ir::affine::affine_of;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Interval, Ty};

use super::extent::Extent;
use super::nest::{INDEX, Nest};
use super::space::{CHEAP, NodeId, NodeKind, Operand};
use super::views::Position;
use super::walk::Lower;

/// How many elements masks pick, as long as nothing is stored.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub of: HashMap<ValueId, Extent>,
}

/// Where picked elements go.
pub(super) enum Target<'t> {
    /// One after the other into a new array.
    Fresh(ValueId),
    /// To where the mask stands.
    InPlace(ValueId, &'t [Position]),
}

impl Lower<'_> {
    /// Whether an op subscripts an array by one mask over all its axes.
    pub(super) fn is_masked(&self, base: ValueId, mask: ValueId) -> bool {
        let is_mask = matches!(self.old.ty(mask), Ty::Array { dtype: Dtype::Bool, .. });
        is_mask && self.is_array(base) && self.old.ty(base).dims().len() == self.old.ty(mask).dims().len()
    }

    /// `x[mask]`
    pub(super) fn compressed(&mut self, op: OpId, subs: &[Sub]) -> bool {
        if *subs != [Sub::At] {
            return false;
        }
        let (base, mask) = (self.old.op(op).args[0], self.old.op(op).args[1]);
        let result = self.result(op);
        if !self.is_masked(base, mask) || !self.is_array(result) {
            return false;
        }
        let of = self.node_of(base);
        let by = self.node_of(mask);
        self.require_same_shape(of, by);
        // It is asked for twice: how many, and which.
        self.materialize(by);
        let extent = self.count_of_mask(mask, by);
        let dtype = self.dtype_of(result);
        let node = self.add_node(NodeKind::Compressed { of, mask, by }, vec![extent], dtype);
        self.bind_node(op, node)
    }

    fn require_same_shape(&mut self, a: NodeId, b: NodeId) {
        let (a, b) = (self.node(a).shape.clone(), self.node(b).shape.clone());
        for (a, b) in a.iter().zip(&b) {
            self.require_same(a, b);
        }
    }

    /// How many elements are true.
    pub(super) fn count_of_mask(&mut self, mask: ValueId, by: NodeId) -> Extent {
        if let Some(known) = self.counts.of.get(&mask) {
            return known.clone();
        }
        let outer = self.b.block;
        let mut nest = Nest::new(outer);
        let zero = self.int(0);
        let value = self.over(
            &mut nest,
            by,
            &mut Vec::new(),
            zero,
            &mut |lower, nest, indices, count| {
                let truth = lower.element(nest, by, indices.to_vec());
                lower.b.block = nest.here();
                let one = lower.int(1);
                let more = lower.add(count, one);
                lower.select_int(truth, more, count)
            },
        );
        self.b.block = outer;
        self.b.func.values[value.index()].ty = Ty::Int(numlift_ir::infer::LENGTH);
        let key = affine_of(&self.b.func, value);
        let extent = self.extent_with(value, key);
        self.counts.of.insert(mask, extent.clone());
        extent
    }

    /// Loops over the shape of a node, which carry an int.
    fn over(
        &mut self,
        nest: &mut Nest,
        node: NodeId,
        indices: &mut Vec<ValueId>,
        so_far: ValueId,
        each: &mut Each<'_>,
    ) -> ValueId {
        let shape = self.node(node).shape.clone();
        let Some(extent) = shape.get(indices.len()) else {
            return each(self, nest, indices, so_far);
        };
        let extent = extent.clone();
        self.along(nest, &extent, indices, so_far, &mut |lower, nest, indices, so_far| {
            lower.over(nest, node, indices, so_far, each)
        })
    }

    /// A loop over one axis around what goes over the others.
    fn along(
        &mut self,
        nest: &mut Nest,
        extent: &Extent,
        indices: &mut Vec<ValueId>,
        so_far: ValueId,
        others: &mut Others<'_>,
    ) -> ValueId {
        self.b.block = nest.here();
        let (zero, one) = (self.int(0), self.int(1));
        if extent.is_one() {
            indices.push(zero);
            let value = others(self, nest, indices, so_far);
            indices.pop();
            return value;
        }
        let int = Ty::Int(COUNT);
        let (block, _) = self.inside(nest, &[Ty::Int(INDEX), int.clone()], |lower, nest, params| {
            indices.push(params[0]);
            let value = others(lower, nest, indices, params[1]);
            indices.pop();
            lower.b.end(nest.here(), Term::Yield(vec![value]));
        });
        let value = self.b.for_op([zero, extent.value, one], &[so_far], block, &[int])[0];
        self.is_here(nest, value);
        value
    }

    /// The same over a mask, of which what is false for long is passed over at the speed of memory.
    fn over_blocks(
        &mut self,
        nest: &mut Nest,
        by: NodeId,
        indices: &mut Vec<ValueId>,
        so_far: ValueId,
        each: &mut Each<'_>,
        dense: &mut Option<Dense<'_>>,
    ) -> ValueId {
        let shape = self.node(by).shape.clone();
        let last = shape.len() - 1;
        if shape[last].is_one() {
            return self.over(nest, by, indices, so_far, each);
        }
        if indices.len() == last {
            self.b.block = nest.here();
            return self.blocks_of(nest, by, indices, so_far, each, dense);
        }
        let extent = shape[indices.len()].clone();
        self.along(nest, &extent, indices, so_far, &mut |lower, nest, indices, so_far| {
            lower.over_blocks(nest, by, indices, so_far, each, dense)
        })
    }

    /// The last axis of a mask in blocks: how many are true, then one by one if there are any.
    fn blocks_of(
        &mut self,
        nest: &mut Nest,
        by: NodeId,
        indices: &mut Vec<ValueId>,
        so_far: ValueId,
        each: &mut Each<'_>,
        dense: &mut Option<Dense<'_>>,
    ) -> ValueId {
        let extent = self.node(by).shape[indices.len()].value;
        let int = Ty::Int(COUNT);
        let params_of = [Ty::Int(INDEX), int.clone()];
        let (zero, one, length) = (self.int(0), self.int(1), self.int(BLOCK));
        let (block, _) = self.inside(nest, &params_of, |lower, nest, params| {
            let (start, so_far) = (params[0], params[1]);
            let end = lower.add(start, length);
            let end = lower.min(end, extent);
            lower.is_here(nest, end);
            let bounds = [start, end, one];
            let (block, _) = lower.inside(nest, &params_of, |lower, nest, params| {
                let place = [&indices[..], &params[..1]].concat();
                let truth = lower.element(nest, by, place);
                lower.b.block = nest.here();
                let more = lower.add(params[1], one);
                let more = lower.select_int(truth, more, params[1]);
                lower.b.end(nest.here(), Term::Yield(vec![more]));
            });
            let count = lower.b.for_op(bounds, &[zero], block, std::slice::from_ref(&int))[0];
            lower.is_here(nest, count);
            let some = lower.test(F::Gt, count, zero);
            let (then, _) = lower.inside(nest, &[], |lower, nest, _| {
                let mut one_by_one = |lower: &mut Self, nest: &mut Nest, each: &mut Each<'_>| {
                    let (block, _) = lower.inside(nest, &params_of, |lower, nest, params| {
                        indices.push(params[0]);
                        let value = each(lower, nest, indices, params[1]);
                        indices.pop();
                        lower.b.end(nest.here(), Term::Yield(vec![value]));
                    });
                    let value = lower.b.for_op(bounds, &[so_far], block, std::slice::from_ref(&int))[0];
                    lower.b.end(nest.here(), Term::Yield(vec![value]));
                };
                let Some(dense) = dense else {
                    return one_by_one(lower, nest, each);
                };
                // Where many are true, a branch is guessed wrong too often: all are stored, and those that are not picked
                // are overwritten, as long as there is room for all of the block.
                let (many, zero) = (lower.int(BLOCK / 8), lower.int(0));
                let many = lower.test(F::Gt, count, many);
                let behind = lower.add(so_far, length);
                let room = lower.sub(dense.total, behind);
                let fits = lower.test(F::Ge, room, zero);
                let (yes, _) = lower.inside(nest, &[], |lower, nest, _| {
                    let (yes, _) = lower.inside(nest, &[], |lower, nest, _| one_by_one(lower, nest, dense.each));
                    let (no, _) = lower.inside(nest, &[], |lower, nest, _| one_by_one(lower, nest, each));
                    let value = lower.b.if_op(fits, yes, no, std::slice::from_ref(&int))[0];
                    lower.b.end(nest.here(), Term::Yield(vec![value]));
                });
                let (no, _) = lower.inside(nest, &[], |lower, nest, _| one_by_one(lower, nest, each));
                let value = lower.b.if_op(many, yes, no, std::slice::from_ref(&int))[0];
                lower.b.end(nest.here(), Term::Yield(vec![value]));
            });
            let (other, _) = lower.inside(nest, &[], |lower, nest, _| {
                lower.b.end(nest.here(), Term::Yield(vec![so_far]));
            });
            let value = lower.b.if_op(some, then, other, std::slice::from_ref(&int))[0];
            lower.b.end(nest.here(), Term::Yield(vec![value]));
        });
        let value = self.b.for_op([zero, extent, length], &[so_far], block, &[int])[0];
        self.is_here(nest, value);
        value
    }

    /// The mask by which elements of a node are picked.
    pub(super) fn mask_of(&self, node: NodeId) -> Option<(ValueId, NodeId)> {
        self.below(node)
            .into_iter()
            .find_map(|part| match self.node(part).kind {
                NodeKind::Compressed { mask, by, .. } => Some((mask, by)),
                _ => None,
            })
    }

    /// Puts what other masks pick into memory, so that a node has the elements of one.
    pub(super) fn keep_other_masks(&mut self, node: NodeId, mask: ValueId) {
        for part in self.below(node) {
            match self.node(part).kind {
                NodeKind::Compressed { mask: own, .. } if own != mask => {
                    self.materialize(part);
                }
                _ => {}
            }
        }
    }

    /// Computes what a mask picks.
    pub(super) fn masked_nest(&mut self, (mask, by): (ValueId, NodeId), target: Target<'_>, source: Operand) {
        let outer = self.b.block;
        let mut nest = Nest::new(outer);
        let zero = self.int(0);
        let mut each = |lower: &mut Lower<'_>, nest: &mut Nest, indices: &[ValueId], count: ValueId| {
            let truth = lower.element(nest, by, indices.to_vec());
            let (then, _) = lower.inside(nest, &[], |lower, nest, _| {
                // What is not picked is not computed.
                indices.iter().for_each(|index| lower.is_here(nest, *index));
                lower.is_here(nest, count);
                nest.picks = Some((mask, indices.to_vec()));
                lower.store_picked(nest, &target, source, indices, count);
                nest.picks = None;
                lower.b.block = nest.here();
                let one = lower.int(1);
                let more = lower.add(count, one);
                lower.b.end(nest.here(), Term::Yield(vec![more]));
            });
            let (other, _) = lower.inside(nest, &[], |lower, nest, _| {
                lower.b.end(nest.here(), Term::Yield(vec![count]));
            });
            lower.b.block = nest.here();
            let count = lower.b.if_op(truth, then, other, &[Ty::Int(COUNT)])[0];
            lower.is_here(nest, count);
            count
        };
        let total = match (&target, source) {
            (Target::Fresh(base), Operand::Node(node)) if self.is_quiet_pick(node) => {
                Some(self.extents_of(*base)[0].value)
            }
            _ => None,
        };
        let mut all = |lower: &mut Lower<'_>, nest: &mut Nest, indices: &[ValueId], count: ValueId| {
            let truth = lower.element(nest, by, indices.to_vec());
            lower.is_here(nest, count);
            nest.picks = Some((mask, indices.to_vec()));
            lower.store_picked(nest, &target, source, indices, count);
            nest.picks = None;
            lower.b.block = nest.here();
            let one = lower.int(1);
            let more = lower.add(count, one);
            let next = lower.select_int(truth, more, count);
            lower.is_here(nest, next);
            next
        };
        let mut dense = total.map(|total| Dense { total, each: &mut all });
        // A mask that is costly is not computed twice.
        match self.node(by).cost <= CHEAP {
            true => self.over_blocks(&mut nest, by, &mut Vec::new(), zero, &mut each, &mut dense),
            false => self.over(&mut nest, by, &mut Vec::new(), zero, &mut each),
        };
        self.b.block = outer;
    }

    /// Whether what a mask picks is there, or a sum of indices: nothing happens where it is computed in vain.
    fn is_quiet_pick(&self, node: NodeId) -> bool {
        self.below(node).into_iter().all(|part| match &self.node(part).kind {
            NodeKind::Memory { .. } | NodeKind::Compressed { .. } | NodeKind::Picked { .. } | NodeKind::Index(_) => {
                true
            }
            NodeKind::Map { f, .. } => matches!(f, F::Add | F::Mul) && self.node(part).dtype == Dtype::I64,
            NodeKind::Cast(_) | NodeKind::Choose(_) | NodeKind::Gathered { .. } | NodeKind::Bent { .. } => false,
        })
    }

    fn store_picked(
        &mut self,
        nest: &mut Nest,
        target: &Target<'_>,
        source: Operand,
        indices: &[ValueId],
        count: ValueId,
    ) {
        let value = match source {
            Operand::Scalar(value) => value,
            Operand::Node(node) if self.node(node).shape[0].is_one() => {
                let zero = self.int(0);
                self.element(nest, node, vec![zero])
            }
            Operand::Node(node) => self.element(nest, node, vec![count]),
        };
        let (base, place) = match target {
            Target::Fresh(base) => (*base, vec![count]),
            Target::InPlace(base, positions) => (*base, self.subscripts(nest, positions, indices)),
        };
        let Ty::Array { dtype, .. } = *self.b.func.ty(base).bound() else {
            unreachable!("only arrays are stored to");
        };
        let value = nest.value(self, &[value], |lower| lower.converted(value, dtype));
        self.b.block = nest.here();
        let args: Vec<ValueId> = std::iter::once(base).chain(place).chain([value]).collect();
        self.b.effect(Kind::Store, &args);
    }

    /// `x[mask] = value`
    pub(super) fn assign_masked(&mut self, op: OpId, subs: &[Sub]) -> bool {
        if *subs != [Sub::At] {
            return false;
        }
        let args = self.old.op(op).args.clone();
        let [base, mask, value] = args[..] else { return false };
        let is_vector = !self.is_array(value) || self.old.ty(value).dims().len() == 1;
        if !self.is_masked(base, mask) || !self.is_operand(value) || !is_vector {
            return false;
        }
        let dtype = self.dtype_of(base);
        if !self.may_be_stored(value, dtype) {
            return false;
        }
        self.keep_in_memory(base);
        let target = self.node_of(base);
        let by = self.node_of(mask);
        self.require_same_shape(target, by);
        let NodeKind::Memory {
            base: memory,
            positions,
        } = self.node(target).kind.clone()
        else {
            return false;
        };
        let mut source = self.operand(value);
        match source {
            Operand::Scalar(number) => {
                self.require_storable(number, dtype);
                source = self.fitted(source, dtype);
            }
            Operand::Node(node) => {
                let own = self.node(node).shape[0].clone();
                if !own.is_one() {
                    self.materialize(by);
                    let count = self.count_of_mask(mask, by);
                    self.require_same(&own, &count);
                }
                self.keep_other_masks(node, mask);
                self.keep_shared(node);
                if self.is_read_on_the_way(node, base) {
                    return false;
                }
                source = self.kept_from_collision(node, (base, memory), mask, &positions);
            }
        }
        // The mask itself is read as long as elements are stored.
        let reads = self.reads_of(by);
        if self.node(by).value.is_some() && reads.iter().any(|read| self.roots.may_share(*read, base)) {
            return false;
        }
        let collides = self.node(by).value.is_none() && reads.iter().any(|read| self.roots.may_share(*read, base));
        if collides && !self.is_mask_in_place(by, memory, &positions) {
            self.materialize(by);
        }
        self.keep_shared(by);
        self.settle_readers(base);
        self.masked_nest((mask, by), Target::InPlace(memory, &positions), source);
        self.acted();
        true
    }

    /// Whether what a masked store stores stands in the memory that is stored to: NumPy reads it while it stores, in runs
    /// of what is true.
    pub(super) fn is_read_on_the_way(&self, source: NodeId, base: ValueId) -> bool {
        let is_memory = matches!(self.node(source).kind, NodeKind::Memory { .. });
        is_memory
            && self
                .reads_of(source)
                .iter()
                .any(|read| self.roots.may_share(*read, base))
    }

    /// Whether a mask that is computed on the way reads its array only where it stores.
    fn is_mask_in_place(&self, by: NodeId, memory: ValueId, positions: &[Position]) -> bool {
        self.below(by).into_iter().all(|part| match &self.node(part).kind {
            NodeKind::Memory { base, positions: own } => *base == memory && own == positions,
            NodeKind::Map { .. } | NodeKind::Cast(_) | NodeKind::Choose(_) => {
                self.node(part).shape.len() == positions.len()
            }
            _ => false,
        })
    }

    /// The source of a masked store, in memory of its own if it reads what is stored to elsewhere than in place.
    fn kept_from_collision(
        &mut self,
        node: NodeId,
        (array, memory): (ValueId, ValueId),
        mask: ValueId,
        positions: &[Position],
    ) -> Operand {
        let is_safe = |lower: &Self, part: NodeId| {
            let data = lower.node(part);
            data.source.is_none_or(|source| !lower.roots.may_share(source, array))
        };
        let all = self.below(node);
        let picked: Vec<NodeId> = all
            .iter()
            .filter_map(|part| match self.node(*part).kind {
                NodeKind::Compressed { of, mask: own, .. } if own == mask => Some(of),
                _ => None,
            })
            .collect();
        let in_place = |lower: &Self, part: NodeId| {
            let is_there = match &lower.node(part).kind {
                NodeKind::Memory { base, positions: own } => *base == memory && own == positions,
                _ => false,
            };
            picked.contains(&part) && is_there
        };
        let collides = all.iter().any(|part| !is_safe(self, *part) && !in_place(self, *part));
        if !collides {
            return Operand::Node(node);
        }
        let copy = self.node(node).clone();
        self.nodes.push(super::space::Node {
            value: None,
            deferred: None,
            bound: None,
            ..copy
        });
        let copy = NodeId(self.nodes.len() as u32 - 1);
        self.materialize(copy);
        Operand::Node(copy)
    }
}

/// What is done for each element of a mask, with an int that goes along.
type Each<'e> = dyn FnMut(&mut Lower<'_>, &mut Nest, &[ValueId], ValueId) -> ValueId + 'e;

/// What is done where there is room for so many more elements than a mask picks.
struct Dense<'e> {
    /// How many the mask picks in all.
    total: ValueId,
    each: &'e mut Each<'e>,
}

/// What goes over the axes behind one, with the indices so far and an int that goes along.
type Others<'e> = dyn FnMut(&mut Lower<'_>, &mut Nest, &mut Vec<ValueId>, ValueId) -> ValueId + 'e;

/// So many elements of a mask are looked at together.
const BLOCK: i128 = 64;

const COUNT: Interval = Interval {
    lo: Some(0),
    hi: Some(i64::MAX as i128 - 1),
};
