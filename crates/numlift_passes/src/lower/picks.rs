//! Arrays of ints as subscripts.
//!
//! ```text
//! x[idx, :]           [i, j] -> x[idx[i], j]
//! x[rows, cols] = v   for i { store x[rows[i], cols[i]], v[i] }
//! ```
//!
//! A nest cannot leave, so the indices are looked through first: the least and the greatest must be in range. Negative
//! ones count from the end.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::extent::Extent;
use super::fold::Fold;
use super::nest::Nest;
use super::space::{CHEAP, NodeId, NodeKind, Operand};
use super::views::Position;
use super::walk::Lower;

/// The position along one axis of what is picked from.
#[derive(Debug, Clone)]
pub(super) enum Pick {
    Along(Position),
    /// The elements of an array of ints, whose axes begin at an axis of the result.
    From {
        index: NodeId,
        extent: Extent,
    },
}

/// What subscripts with arrays of ints pick.
#[derive(Debug, Clone)]
pub(super) struct Picks {
    pub shape: Vec<Extent>,
    pub axes: Vec<Pick>,
    /// Where the axes of the index arrays stand, and how many they are.
    pub at: usize,
    pub rank: usize,
}

impl Lower<'_> {
    /// `x[…]` with arrays of ints.
    pub(super) fn gathered(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, operands) = (data.args[0], data.args[1..].to_vec());
        let result = self.result(op);
        if !self.is_array(base) || !self.is_array(result) || !self.is_picking(subs, &operands) {
            return false;
        }
        let of = self.node_of(base);
        if self.node(of).cost > CHEAP && self.node(of).value.is_none() {
            self.materialize(of);
        }
        let shape = self.node(of).shape.clone();
        let picks = self.picks(&shape, subs, &operands);
        if picks.shape.len() != self.old.ty(result).dims().len() {
            return false;
        }
        let dtype = self.dtype_of(result);
        let shape = picks.shape.clone();
        let node = self.add_node(NodeKind::Gathered { of, picks }, shape, dtype);
        self.bind_node(op, node)
    }

    /// `np.take`: one axis by an array of ints, or all elements of a vector.
    pub(super) fn taken(&mut self, op: OpId) -> bool {
        let Some(args) = self.arguments(op) else { return false };
        let (result, base) = (self.result(op), self.old.op(op).args[0]);
        let Some(indices) = args
            .get("indices")
            .filter(|indices| self.is_index_array(*indices) && !self.is_axis_mask(*indices))
        else {
            return false;
        };
        if !args.only(&["self", "a", "indices", "axis"]) || !self.is_array(base) || !self.is_array(result) {
            return false;
        }
        let rank = self.old.ty(base).dims().len();
        let axis = match args.get("axis").filter(|axis| *self.old.ty(*axis) != Ty::None) {
            None => Some(0).filter(|_| rank == 1),
            Some(axis) => self.axis(axis, rank),
        };
        let Some(axis) = axis else { return false };
        let of = self.node_of(base);
        if self.node(of).cost > CHEAP && self.node(of).value.is_none() {
            self.materialize(of);
        }
        let shape = self.node(of).shape.clone();
        let mut subs = vec![Sub::FULL; rank];
        subs[axis] = Sub::At;
        let picks = self.picks(&shape, &subs, &[indices]);
        let dtype = self.dtype_of(result);
        let shape = picks.shape.clone();
        let node = self.add_node(NodeKind::Gathered { of, picks }, shape, dtype);
        self.nodes[node.index()].in_c_order = true;
        self.bind_node(op, node)
    }

    /// `x[…] = value` with arrays of ints.
    pub(super) fn scattered(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, value) = (data.args[0], data.args[data.args.len() - 1]);
        let operands = data.args[1..data.args.len() - 1].to_vec();
        if !self.is_array(base) || !self.is_operand(value) || !self.is_picking(subs, &operands) {
            return false;
        }
        let dtype = self.dtype_of(base);
        // Places that are stored to while they are read: NumPy copies them.
        let shares = |old: &ValueId| self.is_array(*old) && self.roots.may_share(*old, base);
        if !self.may_be_stored(value, dtype) || operands.iter().any(shares) {
            return false;
        }
        if *subs == [Sub::At] && self.is_masked(base, operands[0]) && self.is_array(value) {
            let source = self.node_of(value);
            if self.is_read_on_the_way(source, base) {
                return false;
            }
        }
        self.keep_in_memory(base);
        let target = self.node_of(base);
        let NodeKind::Memory {
            base: memory,
            positions,
        } = self.node(target).kind.clone()
        else {
            return false;
        };
        let shape = self.node(target).shape.clone();
        let picks = self.picks(&shape, subs, &operands);
        let source = match self.is_array(value) {
            true => Operand::Node(self.node_of(value)),
            false => Operand::Scalar(self.plain(value)),
        };
        if let Operand::Scalar(number) = source {
            self.require_storable(number, dtype);
        }
        let source = self.fitted(source, dtype);
        let mut source = self.stored(source, &picks.shape);
        if let Operand::Node(node) = source {
            self.keep_shared(node);
            if self.reads_of(node).iter().any(|read| self.roots.may_share(*read, base)) {
                source = Operand::Node(self.kept_apart(node));
            }
        }
        self.settle_readers(base);
        let full = picks.shape.clone();
        self.nest_at(memory, &full, source, &|lower, nest, indices| {
            let place = lower.picked(nest, &picks, indices);
            lower.subscripts(nest, &positions, &place)
        });
        self.acted();
        true
    }

    /// Whether subscripts are arrays of ints, and ints, side by side, among slices.
    pub(super) fn is_picking(&self, subs: &[Sub], operands: &[ValueId]) -> bool {
        let mut operand = 0;
        let mut plain_subs = Vec::new();
        let mut plain_operands = Vec::new();
        let mut places = Vec::new();
        let mut arrays = 0;
        for (number, sub) in subs.iter().enumerate() {
            let own = &operands[operand..operand + sub.arity()];
            operand += sub.arity();
            if *sub == Sub::At {
                places.push(number);
                if self.is_index_array(own[0]) {
                    arrays += 1;
                    plain_subs.push(Sub::FULL);
                    continue;
                }
            }
            plain_subs.push(*sub);
            plain_operands.extend(own);
        }
        let side_by_side = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
        arrays > 0 && side_by_side && self.is_basic(&plain_subs, &plain_operands)
    }

    fn is_index_array(&self, value: ValueId) -> bool {
        let fits = |dtype: Dtype| dtype.is_integer() && dtype != Dtype::U64;
        self.is_array(value) && (fits(self.dtype_of(value)) || self.is_axis_mask(value))
    }

    /// A mask of one axis picks what its indices pick.
    fn is_axis_mask(&self, value: ValueId) -> bool {
        self.dtype_of(value) == Dtype::Bool && self.old.ty(value).dims().len() == 1
    }

    /// What is picked of something of this shape. Indices are required to be in range.
    pub(super) fn picks(&mut self, shape: &[Extent], subs: &[Sub], operands: &[ValueId]) -> Picks {
        let mut operand = 0;
        let mut plain_subs = Vec::new();
        let mut plain_operands = Vec::new();
        let mut indices = Vec::new();
        let mut masks: Vec<(NodeId, Extent)> = Vec::new();
        let mut first = None;
        for (number, sub) in subs.iter().enumerate() {
            let own = &operands[operand..operand + sub.arity()];
            operand += sub.arity();
            if *sub == Sub::At {
                first.get_or_insert(number);
                if self.is_index_array(own[0]) && self.is_axis_mask(own[0]) {
                    let by = self.mask_node(own[0]);
                    let length = self.node(by).shape[0].clone();
                    let place = self.add_node(NodeKind::Index(0), vec![length.clone()], Dtype::I64);
                    let index = self.picked_by(place, own[0], by);
                    self.materialize(index);
                    masks.push((index, length));
                    indices.push((number, index));
                    plain_subs.push(Sub::FULL);
                    continue;
                }
                if self.is_index_array(own[0]) {
                    let index = self.node_of(own[0]);
                    if self.node(index).cost > CHEAP && self.node(index).value.is_none() {
                        self.materialize(index);
                    }
                    indices.push((number, index));
                    plain_subs.push(Sub::FULL);
                    continue;
                }
            }
            plain_subs.push(*sub);
            for value in own {
                plain_operands.push(self.plain(*value));
            }
        }
        let view = self.subscripted(shape, &plain_subs, &plain_operands);
        let used = subs
            .iter()
            .filter(|sub| matches!(sub, Sub::At | Sub::Slice { .. }))
            .count();
        let axes_of = |subs: &[Sub]| -> usize {
            let own = |sub: &Sub| match sub {
                Sub::At => 0,
                Sub::Slice { .. } | Sub::NewAxis => 1,
                Sub::Ellipsis => shape.len() - used,
            };
            subs.iter().map(own).sum()
        };
        // Axes of the view that index arrays take the place of, in order.
        let replaced: Vec<usize> = indices
            .iter()
            .map(|(number, _)| axes_of(&plain_subs[..*number]))
            .collect();
        let at = axes_of(&plain_subs[..first.unwrap_or(0)]);
        let shapes: Vec<Vec<Extent>> = indices
            .iter()
            .map(|(_, index)| self.node(*index).shape.clone())
            .collect();
        let own = self.broadcast(&shapes);
        let rank = own.len();
        let mut full: Vec<Extent> = Vec::new();
        let mut moved = vec![0; view.shape.len()];
        for (axis, extent) in view.shape.iter().enumerate() {
            if axis == at {
                full.extend(own.iter().cloned());
            }
            if !replaced.contains(&axis) {
                moved[axis] = full.len();
                full.push(extent.clone());
            }
        }
        let axes: Vec<Pick> = view
            .positions
            .iter()
            .map(|position| match position.along {
                Some((axis, _)) if replaced.contains(&axis) => {
                    let number = replaced.iter().position(|own| *own == axis).unwrap_or_default();
                    Pick::From {
                        index: indices[number].1,
                        extent: view.shape[axis].clone(),
                    }
                }
                along => Pick::Along(Position {
                    offset: position.offset,
                    along: along.map(|(axis, step)| (moved[axis], step)),
                }),
            })
            .collect();
        for pick in &axes {
            if let Pick::From { index, extent } = pick {
                match masks.iter().find(|(mask, _)| mask == index) {
                    Some((_, length)) => self.require_same(length, extent),
                    None => self.require_in_range(*index, extent),
                }
            }
        }
        Picks {
            shape: full,
            axes,
            at,
            rank,
        }
    }

    /// Looks through indices: all must be in range.
    fn require_in_range(&mut self, index: NodeId, extent: &Extent) {
        let dtype = self.node(index).dtype;
        let rank = self.node(index).shape.len();
        let signed = dtype.integer_limits().is_some_and(|(least, _)| least < 0);
        self.keep_shared(index);
        // Of no indices the greatest is -1 and the least is 0.
        let mut extremes = vec![(F::Max, if signed { -1 } else { 0 })];
        if signed {
            extremes.push((F::Min, 0));
        }
        for (f, start) in extremes {
            let start = self.int(start);
            let init = self.converted(start, dtype);
            let fold = Fold {
                f,
                node: index,
                folded: vec![true; rank],
                dtype,
                identity: None,
                init: Some(init),
                tail: 0,
            };
            let extreme = self.folded_scalar(&fold);
            let extreme = self.as_python_int(extreme);
            let holds = match f {
                // Of no unsigned indices it is 0, which may be out of range; then Python finds out that there are none.
                F::Max => self.test(F::Lt, extreme, extent.value),
                _ => {
                    let from_end = self.add(extreme, extent.value);
                    let zero = self.int(0);
                    self.test(F::Ge, from_end, zero)
                }
            };
            self.require(holds, "indices in range");
        }
    }

    fn as_python_int(&mut self, value: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f: F::ToInt,
            flavour: Flavour::NpScalar,
        };
        self.typed(kind, &[value], Ty::Int(Interval::MACHINE))
    }

    /// The indices of what is picked from at indices of the result.
    pub(super) fn picked(&mut self, nest: &mut Nest, picks: &Picks, indices: &[ValueId]) -> Vec<ValueId> {
        let own = &indices[picks.at..picks.at + picks.rank];
        picks
            .axes
            .iter()
            .map(|pick| match pick {
                Pick::Along(position) => self.subscripts(nest, std::slice::from_ref(position), indices)[0],
                Pick::From { index, extent } => {
                    let value = self.element_of(nest, Operand::Node(*index), own, picks.rank);
                    let signed = self
                        .node(*index)
                        .dtype
                        .integer_limits()
                        .is_some_and(|(least, _)| least < 0);
                    let length = extent.value;
                    nest.value(self, &[value], |lower| {
                        let int = lower.as_python_int(value);
                        if !signed {
                            return int;
                        }
                        let zero = lower.int(0);
                        let is_negative = lower.test(F::Lt, int, zero);
                        let from_end = lower.add(int, length);
                        lower.select_int(is_negative, from_end, int)
                    })
                }
            })
            .collect()
    }
}
