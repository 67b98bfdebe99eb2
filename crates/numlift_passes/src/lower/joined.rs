//! Arrays one after the other: each part is stored to its place in a new array.

use numlift_ir::function::OpId;

use super::arguments::Arguments;
use super::space::Operand;
use super::views::{Position, View};
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// Arrays one after the other along an axis: each is stored to its part of a new array.
    pub(super) fn joined(&mut self, op: OpId, name: &str, args: &Arguments) -> bool {
        let result = self.result(op);
        let Some(parts) = args
            .get("arrays")
            .or(args.get("tup"))
            .and_then(|parts| self.items(parts))
        else {
            return false;
        };
        if parts.is_empty() || !args.only(&["arrays", "tup", "axis"]) || !parts.iter().all(|part| self.is_array(*part))
        {
            return false;
        }
        let rank = self.old.ty(result).dims().len();
        let own = self.old.ty(parts[0]).dims().len();
        if parts.iter().any(|part| self.old.ty(*part).dims().len() != own) {
            return false;
        }
        let axis = match (name, args.get("axis")) {
            ("hstack", _) => Some(usize::from(own > 1)),
            ("vstack", _) if own > 1 => Some(0),
            ("vstack", _) => None,
            (_, None) => Some(0),
            (_, Some(axis)) => self.axis(axis, rank),
        };
        let Some(axis) = axis else { return false };
        let dtype = self.dtype_of(result);
        let mut nodes = Vec::new();
        for part in &parts {
            let mut node = self.node_of(*part);
            if self.node(node).dtype.is_complex() && !dtype.is_complex() {
                return false;
            }
            if name == "stack" {
                let shape = self.node(node).shape.clone();
                let mut full = shape.clone();
                let one = self.one();
                full.insert(axis, one);
                let offset = self.int(0);
                let positions = (0..shape.len())
                    .map(|at| Position {
                        offset,
                        along: Some((at + usize::from(at >= axis), 1)),
                    })
                    .collect();
                node = self.viewed(node, &View { shape: full, positions });
            }
            nodes.push(node);
        }
        let first = self.node(nodes[0]).shape.clone();
        let mut starts = vec![self.int(0)];
        for node in &nodes {
            let shape = self.node(*node).shape.clone();
            for (at, (extent, own)) in first.iter().zip(&shape).enumerate() {
                if at != axis {
                    self.require_same(extent, own);
                }
            }
            let start = starts[starts.len() - 1];
            let end = self.add(start, shape[axis].value);
            starts.push(end);
        }
        let mut shape = first;
        shape[axis] = self.extent_of_int(starts[starts.len() - 1]);
        let out = self.allocated("numpy.empty", &shape, dtype);
        for (node, start) in nodes.iter().zip(&starts) {
            let own = self.node(*node).shape.clone();
            let mut view = self.whole(own);
            view.positions[axis].offset = *start;
            self.keep_shared(*node);
            self.nest(out, &view, Operand::Node(*node));
        }
        self.bind(result, Meaning::Plain(out));
        true
    }
}
