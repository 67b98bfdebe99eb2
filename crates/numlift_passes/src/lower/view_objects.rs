//! Views as objects, for whoever needs one.
//!
//! ```text
//! np.transpose(x, (1, 0))[::-1]      <view> x: where it begins, along which axis each axis of x is gone, how far
//! ```
//!
//! Most views are only looked through, so an object waits until it is asked for. Views that NumPy makes read-only are made
//! by NumPy.

use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, VIEW};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::space::{Node, NodeId, NodeKind, Operand};
use super::views::{Position, View};
use super::walk::Lower;

impl Lower<'_> {
    /// Says that a result is a view of an array.
    pub(super) fn bind_view(&mut self, op: OpId, base: ValueId, view: View) -> bool {
        let node = self.node_of(base);
        self.keep_viewed(node, base, self.result(op));
        let made = self.viewed(node, &view);
        let is_memory = self.node(node).value.is_some() || self.node(node).deferred.is_some();
        if is_memory {
            // Most are only looked through.
            self.nodes[made.index()].deferred = Some(op);
        }
        self.bind_node(op, made)
    }

    /// A view as an object.
    pub(super) fn deferred_view(&mut self, op: OpId) -> ValueId {
        let node = self.node_of(self.result(op));
        match self.node(node).kind.clone() {
            NodeKind::Memory { base, positions } if !self.is_read_only(op) => {
                let shape = self.node(node).shape.clone();
                let view = View { shape, positions };
                let is_run = matches!(self.old.ty(self.result(op)), Ty::Array { contiguous: true, .. });
                let is_run = is_run || self.keeps_order(base, &view);
                self.view_that_lies(base, &view, is_run)
            }
            _ => {
                let data = self.old.op(op);
                let args: Vec<ValueId> = data.args.iter().map(|arg| self.plain(*arg)).collect();
                let ty = self.old.ty(self.result(op)).clone();
                self.typed(data.kind.clone(), &args, ty)
            }
        }
    }

    /// A view of an array of the new function.
    pub(super) fn view_of(&mut self, base: ValueId, view: &View) -> ValueId {
        let is_run = self.keeps_order(base, view);
        self.view_that_lies(base, view, is_run)
    }

    /// The same, where it is known whether it is C-contiguous.
    pub(super) fn view_that_lies(&mut self, base: ValueId, view: &View, is_run: bool) -> ValueId {
        let dtype = match *self.b.func.ty(base).bound() {
            Ty::Array { dtype, .. } => dtype,
            _ => unreachable!("only arrays have views"),
        };
        let ty = self.array_type(dtype, &view.shape, is_run);
        let mut args = vec![base];
        args.extend(view.positions.iter().map(|position| position.offset));
        for position in &view.positions {
            let along = position.along.map_or(-1, |(axis, _)| axis as i128);
            args.push(self.int(along));
        }
        for position in &view.positions {
            let step = position.along.map_or(0, |(_, step)| step);
            args.push(self.int(step));
        }
        args.extend(view.shape.iter().map(|extent| extent.value));
        let kind = Kind::Call {
            callee: VIEW.to_owned(),
            keywords: Vec::new(),
        };
        self.typed(kind, &args, ty)
    }

    /// Whether a view shows all of a C-contiguous array in its order: axes of one element may come and go.
    fn keeps_order(&self, base: ValueId, view: &View) -> bool {
        let is_contiguous = matches!(self.b.func.ty(base).bound(), Ty::Array { contiguous: true, .. });
        let mut shown = Vec::new();
        for (axis, position) in view.positions.iter().enumerate() {
            let full = self.affine_extent(base, axis);
            match position.along {
                Some((at, 1)) if view.shape[at].key == full => shown.push(at),
                None if full.as_constant() == Some(1) => {}
                _ => return false,
            }
        }
        let is_in_order = shown.windows(2).all(|pair| pair[0] < pair[1]);
        let others_are_one = (0..view.shape.len()).all(|axis| shown.contains(&axis) || view.shape[axis].is_one());
        is_contiguous && is_in_order && others_are_one
    }

    /// Whether what a node shows is C-contiguous for certain.
    pub(super) fn is_contiguous(&self, node: NodeId) -> bool {
        let data = self.node(node);
        let NodeKind::Memory { base, positions } = &data.kind else {
            return false;
        };
        if !matches!(self.b.func.ty(*base).bound(), Ty::Array { contiguous: true, .. }) {
            return false;
        }
        let mut shown: Vec<usize> = Vec::new();
        for (axis, Position { along, .. }) in positions.iter().enumerate() {
            let full = self.affine_extent(*base, axis);
            match along {
                // Up to the first axis it may be a part.
                None if shown.is_empty() || full.as_constant() == Some(1) => {}
                Some((at, 1)) if shown.is_empty() || data.shape[*at].key == full => shown.push(*at),
                _ => return false,
            }
        }
        let is_in_order = shown.windows(2).all(|pair| pair[0] < pair[1]);
        is_in_order && (0..data.shape.len()).all(|axis| shown.contains(&axis) || data.shape[axis].is_one())
    }

    /// The object of a node as it lies in memory for NumPy. A part of an array that was not computed yet is a view of all
    /// of it: on how it lies hangs what `np.sum((x + 1.0)[:, 1:])` is. What would be one run is computed by itself.
    pub(super) fn object_of(&mut self, node: NodeId) -> ValueId {
        self.part_of_new(node).unwrap_or_else(|| self.materialize(node))
    }

    fn part_of_new(&mut self, node: NodeId) -> Option<ValueId> {
        let Node {
            kind,
            value,
            shape,
            dtype,
            ..
        } = self.node(node).clone();
        if value.is_some() {
            return None;
        }
        let (of, made, positions) = match kind {
            NodeKind::Picked { of, positions } if !self.is_run_of(of, node, &positions) => {
                self.object_of(of);
                let (base, positions) = self.composed(of, &positions)?;
                let view = View { shape, positions };
                (of, self.view_of(base, &view), Some((base, view.positions)))
            }
            NodeKind::Map { f, args } if matches!(f, F::Real | F::Imag) => {
                let [Operand::Node(of)] = args[..] else { return None };
                let whole = self.object_of(of);
                self.hold_frame_for_memory();
                let name = if f == F::Real { "real" } else { "imag" };
                let ty = self.array_type(dtype, &shape, false);
                (of, self.typed(Kind::Attr(name.to_owned()), &[whole], ty), None)
            }
            _ => return None,
        };
        self.settled.push((node, self.node(node).clone()));
        let source = self.node(of).source;
        let (base, positions) = positions.unwrap_or_else(|| (made, self.whole_of(node)));
        let data = &mut self.nodes[node.index()];
        data.kind = NodeKind::Memory { base, positions };
        data.value = Some(made);
        data.source = source;
        data.cost = 0;
        Some(made)
    }

    fn whole_of(&mut self, node: NodeId) -> Vec<Position> {
        let shape = self.node(node).shape.clone();
        self.whole(shape).positions
    }

    /// Whether a part of a node is C-contiguous, as the node is if it is computed.
    fn is_run_of(&self, of: NodeId, part: NodeId, positions: &[Position]) -> bool {
        let is_run = match &self.node(of).kind {
            NodeKind::Picked { of: whole, positions } => self.is_run_of(*whole, of, positions),
            NodeKind::Map { f, .. } => !matches!(f, F::Real | F::Imag),
            _ => true,
        };
        if !is_run {
            return false;
        }
        let shape = &self.node(part).shape;
        let full = &self.node(of).shape;
        let mut shown: Vec<usize> = Vec::new();
        for (position, full) in positions.iter().zip(full) {
            match position.along {
                None if shown.is_empty() || full.is_one() => {}
                Some((at, 1)) if shown.is_empty() || shape[at].key == full.key => shown.push(at),
                _ => return false,
            }
        }
        let is_in_order = shown.windows(2).all(|pair| pair[0] < pair[1]);
        self.is_c_ordered(of)
            && is_in_order
            && (0..shape.len()).all(|axis| shown.contains(&axis) || shape[axis].is_one())
    }

    /// Whether NumPy makes a view read-only, or what it is a view of.
    pub(super) fn is_read_only(&self, op: OpId) -> bool {
        let data = self.old.op(op);
        let name = match &data.kind {
            Kind::Call { callee, .. } => callee.strip_prefix("numpy.").unwrap_or_default(),
            Kind::Method { name, .. } => name,
            Kind::Index(_) | Kind::Attr(_) => "",
            _ => return false,
        };
        let of_another = || data.args.first().and_then(|base| self.old.def_op(*base));
        matches!(name, "broadcast_to" | "diagonal" | "diag") || of_another().is_some_and(|base| self.is_read_only(base))
    }
}
