//! Arrays of what is written down, and of other arrays.
//!
//! ```text
//! np.array([a, b, 0.0])        out[0] = a; out[1] = b; out[2] = 0.0
//! np.array([x, y])             out[0, :] = x; out[1, :] = y
//! np.asarray(x)                x
//! ```

use numlift_ir::function::{OpId, ValueId};

use super::extent::Extent;
use super::space::{NodeKind, Operand};
use super::stored::casts_by_place;
use super::views::{Position, View};
use super::walk::{Lower, Meaning};

/// So many items are stored one by one.
const MOST_ITEMS: usize = 64;

/// An item with its place.
type Leaf = (Vec<usize>, ValueId);

impl Lower<'_> {
    /// `np.array`, `np.asarray` and `np.ascontiguousarray`.
    pub(super) fn array_of(&mut self, op: OpId, name: &str) -> bool {
        let Some(args) = self.arguments(op) else { return false };
        let result = self.result(op);
        let Some(given) = args.get("object").or(args.get("a")) else {
            return false;
        };
        if !args.only(&["object", "a", "dtype"]) || !self.is_array(result) {
            return false;
        }
        match self.is_array(given) {
            true => self.array_of_array(op, name, given),
            false => self.array_of_items(op, given),
        }
    }

    fn array_of_array(&mut self, op: OpId, name: &str, given: ValueId) -> bool {
        let result = self.result(op);
        let (from, dtype) = (self.dtype_of(given), self.dtype_of(result));
        if from.is_complex() && !dtype.is_complex()
            || casts_by_place(from, dtype)
            || self.old.ty(given).dims().len() != self.old.ty(result).dims().len()
        {
            return false;
        }
        let node = self.node_of(given);
        let is_itself = match name {
            "asarray" => from == dtype,
            "ascontiguousarray" => from == dtype && self.is_contiguous(node),
            _ => false,
        };
        if is_itself {
            let value = self.materialize(node);
            self.bind(result, Meaning::Plain(value));
            return true;
        }
        // Whether it is the array itself is not known.
        if name == "ascontiguousarray" && !self.uses.are_only_read(&[given, result]) {
            return false;
        }
        let shape = self.node(node).shape.clone();
        let copy = self.add_node(NodeKind::Cast(Operand::Node(node)), shape, dtype);
        self.nodes[copy.index()].in_c_order = name == "ascontiguousarray";
        self.bind_node(op, copy)
    }

    fn array_of_items(&mut self, op: OpId, given: ValueId) -> bool {
        let result = self.result(op);
        let dtype = self.dtype_of(result);
        let Some((lengths, leaves)) = self.leaves(given) else {
            return false;
        };
        let own = leaves.first().map_or(0, |(_, leaf)| self.old.ty(*leaf).dims().len());
        if leaves.is_empty() || lengths.len() + own != self.old.ty(result).dims().len() {
            return false;
        }
        let fits = |(_, leaf): &Leaf| {
            let is_item = match own {
                0 => self.old.ty(*leaf).as_scalar().is_some(),
                rank => self.is_array(*leaf) && self.old.ty(*leaf).dims().len() == rank,
            };
            is_item && self.may_be_stored(*leaf, dtype)
        };
        if !leaves.iter().all(fits) {
            return false;
        }
        let mut sources = Vec::new();
        for (_, leaf) in &leaves {
            let source = self.operand(*leaf);
            if let Operand::Scalar(number) = source {
                self.require_storable(number, dtype);
            }
            sources.push(self.fitted(source, dtype));
        }
        let shapes = self.shapes(&sources);
        for shape in shapes.iter().skip(1) {
            for (first, extent) in shapes[0].iter().zip(shape) {
                self.require_same(first, extent);
            }
        }
        let inner: Vec<Extent> = shapes.first().cloned().unwrap_or_default();
        let mut shape = Vec::new();
        for length in &lengths {
            let length = self.int(*length as i128);
            shape.push(self.extent_of_int(length));
        }
        shape.extend(inner.iter().cloned());
        let out = self.allocated("numpy.empty", &shape, dtype);
        for ((place, _), source) in leaves.iter().zip(sources) {
            let mut positions: Vec<Position> = place
                .iter()
                .map(|at| Position {
                    offset: self.int(*at as i128),
                    along: None,
                })
                .collect();
            positions.extend(self.whole(inner.clone()).positions);
            let view = View {
                shape: inner.clone(),
                positions,
            };
            if let Operand::Node(node) = source {
                self.keep_shared(node);
            }
            self.nest(out, &view, source);
        }
        let made = self.shown(out, shape);
        self.nodes[made.index()].source = Some(result);
        self.bind_node(op, made)
    }

    /// The lengths of lists in lists, and what they hold.
    fn leaves(&self, given: ValueId) -> Option<(Vec<usize>, Vec<Leaf>)> {
        let Some(items) = self.items(given) else {
            return Some((Vec::new(), vec![(Vec::new(), given)]));
        };
        let mut all = Vec::new();
        let mut lengths: Option<Vec<usize>> = None;
        for (at, item) in items.iter().enumerate() {
            let (own, leaves) = self.leaves(*item)?;
            if lengths.as_ref().is_some_and(|lengths| *lengths != own) {
                return None;
            }
            lengths = Some(own);
            all.extend(
                leaves
                    .into_iter()
                    .map(|(place, leaf)| ([vec![at], place].concat(), leaf)),
            );
        }
        let lengths = [vec![items.len()], lengths?].concat();
        (all.len() <= MOST_ITEMS).then_some((lengths, all))
    }
}
