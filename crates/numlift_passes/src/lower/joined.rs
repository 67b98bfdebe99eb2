//! Arrays one after the other: each part is stored to its place in a new array.
//!
//! ```text
//! np.vstack((a, b))            a and b as rows, along the first axis
//! np.concatenate((a, b), axis=None), np.append(a, 3.0)        what they hold, as vectors
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::ty::Ty;

use super::arguments::Arguments;
use super::extent::Extent;
use super::space::{NodeId, Operand};
use super::walk::Lower;

/// A part with its shape.
struct Part {
    source: Operand,
    shape: Vec<Extent>,
}

impl Lower<'_> {
    /// Arrays one after the other along an axis.
    pub(super) fn joined(&mut self, op: OpId, name: &str, args: &Arguments) -> bool {
        let result = self.result(op);
        let olds = match args.get("arrays").or(args.get("tup")) {
            Some(parts) => self.items(parts),
            None => args.get("arr").zip(args.get("values")).map(|(a, b)| vec![a, b]),
        };
        let Some(olds) = olds.filter(|olds| !olds.is_empty()) else {
            return false;
        };
        if !args.only(&["arrays", "tup", "arr", "values", "axis"]) {
            return false;
        }
        let dtype = self.dtype_of(result);
        let rank = self.old.ty(result).dims().len();
        let given = args.get("axis");
        let is_flat = match given {
            Some(axis) => *self.old.ty(axis) == Ty::None,
            None => name == "append",
        };
        let are_fitting = olds.iter().all(|old| match self.is_array(*old) {
            true => !self.dtype_of(*old).is_complex() || dtype.is_complex(),
            false => is_flat && self.old.ty(*old).as_scalar().is_some() && self.may_be_stored(*old, dtype),
        });
        if !are_fitting {
            return false;
        }
        if is_flat {
            let parts = olds.iter().map(|old| self.flat_part(*old, dtype)).collect();
            return self.put_together(op, parts, 0, dtype);
        }
        let own = self.old.ty(olds[0]).dims().len();
        let axis = match (name, given) {
            ("hstack", _) => Some(usize::from(own > 1)),
            ("vstack", _) => Some(0),
            ("dstack", _) => Some(2),
            ("column_stack", _) => Some(1),
            (_, None) => Some(0),
            (_, Some(axis)) => self.axis(axis, rank),
        };
        let Some(axis) = axis.filter(|axis| *axis < rank) else {
            return false;
        };
        let ranks: Vec<usize> = olds.iter().map(|old| self.old.ty(*old).dims().len()).collect();
        let Some(axes) = ranks
            .iter()
            .map(|own| axes_of_part(name, *own, axis).filter(|axes| axes.len() == rank))
            .collect::<Option<Vec<_>>>()
        else {
            return false;
        };
        let mut parts = Vec::new();
        for (old, axes) in olds.iter().zip(axes) {
            let node = self.node_of(*old);
            let own = self.node(node).shape.clone();
            let source = match axes.len() == own.len() {
                true => node,
                false => {
                    let view = self.showing(&own, &axes);
                    self.viewed(node, &view)
                }
            };
            let shape = self.node(source).shape.clone();
            parts.push(Part {
                source: Operand::Node(source),
                shape,
            });
        }
        self.put_together(op, parts, axis, dtype)
    }

    /// What an array or a number holds, as a vector.
    fn flat_part(&mut self, old: ValueId, dtype: Dtype) -> Part {
        if !self.is_array(old) {
            let value = self.plain(old);
            self.require_storable(value, dtype);
            let one = self.one();
            return Part {
                source: self.fitted(Operand::Scalar(value), dtype),
                shape: vec![one],
            };
        }
        let node = self.flat_node(old);
        Part {
            source: Operand::Node(node),
            shape: self.node(node).shape.clone(),
        }
    }

    /// The elements of an array in C order.
    pub(super) fn flat_node(&mut self, old: ValueId) -> NodeId {
        let node = self.node_of(old);
        if self.node(node).shape.len() == 1 {
            return node;
        }
        let shape = vec![self.size_of(old)];
        let is_ordered = self.is_contiguous(node) || self.node(node).is_open() && self.order_of(node).is_none();
        let flat = match is_ordered {
            true => {
                let object = self.materialize(node);
                self.reshaped(object, &shape)
            }
            false => self.copied_as(node, &shape),
        };
        let flat = self.shown(flat, shape);
        self.nodes[flat.index()].source = Some(old);
        flat
    }

    fn put_together(&mut self, op: OpId, parts: Vec<Part>, axis: usize, dtype: Dtype) -> bool {
        let first = parts[0].shape.clone();
        let mut starts = vec![self.int(0)];
        for part in &parts {
            for (at, (extent, own)) in first.iter().zip(&part.shape).enumerate() {
                if at != axis {
                    self.require_same(extent, own);
                }
            }
            let start = starts[starts.len() - 1];
            let end = self.add(start, part.shape[axis].value);
            starts.push(end);
        }
        let mut shape = first;
        shape[axis] = self.extent_of_int(starts[starts.len() - 1]);
        let orders: Vec<Option<Vec<usize>>> = parts
            .iter()
            .map(|part| match part.source {
                Operand::Node(node) => self.order_of_copy(node),
                Operand::Scalar(_) => None,
            })
            .collect();
        let is_one_order = orders.iter().all(|order| *order == orders[0]);
        let order = orders[0].clone().filter(|_| is_one_order);
        let out = self.allocated_in(order, "numpy.empty", &shape, dtype);
        for (part, start) in parts.iter().zip(&starts) {
            let mut view = self.whole(part.shape.clone());
            view.positions[axis].offset = *start;
            if let Operand::Node(node) = part.source {
                self.keep_shared(node);
            }
            self.nest(out, &view, part.source);
        }
        let made = self.shown(out, shape);
        self.nodes[made.index()].source = Some(self.result(op));
        self.bind_node(op, made)
    }
}

/// The axes of a part, by those of the array that it is made of; `None` is a new one.
fn axes_of_part(name: &str, rank: usize, axis: usize) -> Option<Vec<Option<usize>>> {
    let mut axes: Vec<Option<usize>> = (0..rank).map(Some).collect();
    match (name, rank) {
        ("stack", _) => axes.insert(axis, None),
        ("vstack", 1) => axes.insert(0, None),
        ("column_stack", 1) => axes.push(None),
        ("dstack", 1) => axes = vec![None, Some(0), None],
        ("dstack", 2) => axes.push(None),
        (_, 0) => return None,
        _ => {}
    }
    Some(axes)
}
