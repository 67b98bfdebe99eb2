//! Elements several times over.
//!
//! ```text
//! np.repeat(x, k)       out, seen as (n, k):  [i, j] -> x[i]
//! np.tile(x, k)         out, seen as (k, n):  [i, j] -> x[j]
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::ty::Ty;

use super::arguments::Arguments;
use super::extent::Extent;
use super::space::{NodeId, NodeKind, Operand};
use super::walk::Lower;

impl Lower<'_> {
    /// `np.repeat` by one int.
    pub(super) fn repeat(&mut self, op: OpId, args: &Arguments) -> bool {
        let base = self.old.op(op).args[0];
        let rank = self.old.ty(base).dims().len();
        let Some(count) = args
            .get("repeats")
            .filter(|count| matches!(self.old.ty(*count), Ty::Int(_)))
        else {
            return false;
        };
        let axis = match args.get("axis").filter(|axis| *self.old.ty(*axis) != Ty::None) {
            None => None,
            Some(axis) => match self.axis(axis, rank) {
                Some(axis) => Some(axis),
                None => return false,
            },
        };
        let Some(count) = self.shape_argument(count) else {
            return false;
        };
        let node = self.node_of(base);
        let own = self.node(node).shape.clone();
        if let Some(axis) = axis.filter(|axis| own[*axis].is_one()) {
            return self.stretched_copy(op, node, axis, count[0].clone());
        }
        let behind = axis.map_or(rank, |axis| axis + 1);
        let mut seen: Vec<(Extent, Option<usize>)> = (0..rank).map(|axis| (own[axis].clone(), Some(axis))).collect();
        seen.insert(behind, (count[0].clone(), None));
        let shape = match axis {
            None => {
                let size = self.size_of(base);
                vec![self.product_of(&size, &count[0])]
            }
            Some(axis) => {
                let mut shape = own.clone();
                shape[axis] = self.product_of(&own[axis], &count[0]);
                shape
            }
        };
        self.copied_over(op, node, &seen, shape)
    }

    /// One element an axis, over and over.
    fn stretched_copy(&mut self, op: OpId, node: NodeId, axis: usize, count: Extent) -> bool {
        // What is costly is not computed for each copy.
        if self.node(node).cost > 0 {
            self.materialize(node);
        }
        let mut shape = self.node(node).shape.clone();
        let mut view = self.whole(shape.clone());
        view.positions[axis].along = None;
        shape[axis] = count;
        view.shape.clone_from(&shape);
        let dtype: Dtype = self.node(node).dtype;
        let stretched = self.viewed(node, &view);
        let copy = self.add_node(NodeKind::Cast(Operand::Node(stretched)), shape, dtype);
        self.nodes[copy.index()].in_c_order = true;
        self.bind_node(op, copy)
    }

    /// `np.tile`
    pub(super) fn tile(&mut self, op: OpId, args: &Arguments) -> bool {
        let base = self.old.op(op).args[0];
        let Some(reps) = args.get("reps") else { return false };
        let Some(counts) = self.shape_argument(reps) else {
            return false;
        };
        let node = self.node_of(base);
        let own = self.node(node).shape.clone();
        let rank = counts.len().max(own.len());
        let one = self.one();
        let mut seen = Vec::new();
        let mut shape = Vec::new();
        for axis in 0..rank {
            let count = (axis + counts.len()).checked_sub(rank).map(|at| counts[at].clone());
            let at = (axis + own.len()).checked_sub(rank);
            let extent = at.map_or_else(|| one.clone(), |at| own[at].clone());
            let count = count.unwrap_or_else(|| one.clone());
            shape.push(self.product_of(&count, &extent));
            seen.push((count, None));
            if at.is_some() {
                seen.push((extent, at));
            }
        }
        self.copied_over(op, node, &seen, shape)
    }

    pub(super) fn product_of(&mut self, a: &Extent, b: &Extent) -> Extent {
        if a.is_one() {
            return b.clone();
        }
        if b.is_one() {
            return a.clone();
        }
        let product = self.mul(a.value, b.value);
        self.extent_of_int(product)
    }

    /// A new array that is seen with more axes: along some of them go those of a node.
    fn copied_over(&mut self, op: OpId, node: NodeId, seen: &[(Extent, Option<usize>)], shape: Vec<Extent>) -> bool {
        // What is costly is not computed for each copy.
        if self.node(node).cost > 0 {
            self.materialize(node);
        }
        self.keep_shared(node);
        let dtype: Dtype = self.node(node).dtype;
        let own = self.node(node).shape.clone();
        let out = self.allocated("numpy.empty", &shape, dtype);
        let extents: Vec<Extent> = seen.iter().map(|(extent, _)| extent.clone()).collect();
        let alike: ValueId = self.reshaped(out, &extents);
        let axes: Vec<Option<usize>> = seen.iter().map(|(_, axis)| *axis).collect();
        let stretched = self.showing(&own, &axes);
        let source = self.viewed(node, &stretched);
        let view = self.whole(extents);
        self.nest(alike, &view, Operand::Node(source));
        let made = self.shown(out, shape);
        self.nodes[made.index()].source = Some(self.result(op));
        self.bind_node(op, made)
    }
}
