//! Other shapes of the same elements.
//!
//! ```text
//! x.reshape(n, 1)        [i, j] -> x[i]
//! x.reshape(n, m)        <reshape> x: the same memory, if it is C-contiguous; else a copy of it
//! x.ravel()              the same with one axis
//! ```
//!
//! Whether NumPy gives a view or a copy of what is not contiguous does not matter where both are only read.

use numlift_ir::affine::affine_of;
use numlift_ir::effects::{is_fresh_call, is_fresh_method};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, RESHAPE};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::extent::Extent;
use super::space::{Node, NodeId, NodeKind, Operand};
use super::views::{Position, View};
use super::walk::Lower;

impl Lower<'_> {
    /// `x.reshape(…)`, `np.reshape(x, …)`
    pub(super) fn reshape(&mut self, op: OpId, base: ValueId) -> bool {
        let Some(items) = self.asked_shape(op) else {
            return false;
        };
        if let Some(view) = self.with_other_ones(base, &items) {
            return self.bind_view(op, base, view);
        }
        if self.old.ty(self.result(op)).dims().len() != items.len() {
            return false;
        }
        let Some(shape) = self.fitting_shape(base, &items) else {
            return false;
        };
        self.bind_reshaped(op, base, shape)
    }

    /// `x.ravel()`: a view where that can be had.
    pub(super) fn raveled(&mut self, op: OpId, base: ValueId) -> bool {
        if self.old.op(op).args.len() != 1 {
            return false;
        }
        let shape = vec![self.size_of(base)];
        self.bind_reshaped(op, base, shape)
    }

    /// `x.flatten()`: always a copy.
    pub(super) fn flattened(&mut self, op: OpId, base: ValueId) -> bool {
        if self.old.op(op).args.len() != 1 {
            return false;
        }
        let node = self.node_of(base);
        let shape = vec![self.size_of(base)];
        if !self.is_contiguous(node) {
            let copy = self.copied_as(node, &shape);
            let node = self.shown(copy, shape);
            return self.bind_node(op, node);
        }
        let object = self.materialize(node);
        let flat = self.reshaped(object, &shape);
        let flat = self.shown(flat, shape.clone());
        self.nodes[flat.index()].source = Some(base);
        let dtype = self.node(node).dtype;
        let copy = self.add_node(NodeKind::Cast(Operand::Node(flat)), shape, dtype);
        self.bind_node(op, copy)
    }

    /// A new array of another shape with the elements of a node in C order.
    pub(super) fn copied_as(&mut self, node: NodeId, shape: &[Extent]) -> ValueId {
        if self.mask_of(node).is_some() {
            self.materialize(node);
        }
        self.keep_shared(node);
        let Node { shape: own, dtype, .. } = self.node(node).clone();
        let made = self.allocated("numpy.empty", shape, dtype);
        let alike = self.reshaped(made, &own);
        let view = self.whole(own);
        self.nest(alike, &view, Operand::Node(node));
        made
    }

    /// The ints of a shape that is asked for.
    fn asked_shape(&self, op: OpId) -> Option<Vec<ValueId>> {
        let data = self.old.op(op);
        let keywords = match &data.kind {
            Kind::Method { keywords, .. } | Kind::Call { keywords, .. } => keywords,
            _ => return None,
        };
        let items = match (&keywords[..], &data.args[1..]) {
            ([], [shape]) if !matches!(self.old.ty(*shape), Ty::Int(_)) => self.items(*shape)?,
            ([], items) => items.to_vec(),
            ([name], [shape]) if name == "shape" && matches!(self.old.ty(*shape), Ty::Int(_)) => vec![*shape],
            ([name], [shape]) if name == "shape" => self.items(*shape)?,
            _ => return None,
        };
        let is_int = |item: &ValueId| matches!(self.old.ty(*item), Ty::Int(_));
        items.iter().all(is_int).then_some(items)
    }

    /// An object with the elements of an array in one run, in C order: itself, or a copy if nobody can tell.
    fn in_one_run(&mut self, op: OpId, base: ValueId, shape: &[Extent]) -> Option<ValueId> {
        let node = self.node_of(base);
        if self.node(node).is_open() && self.order_of(node).is_none() || self.is_contiguous(node) {
            let object = self.materialize(node);
            return Some(self.reshaped(object, shape));
        }
        let never_changes = self.uses.are_only_read(&[base, self.result(op)]) && self.roots.is_apart(base);
        if !never_changes && !self.is_used_up(op, base) {
            return None;
        }
        Some(self.copied_as(node, shape))
    }

    /// Whether what an op gives is only read, and not any more when something is stored to its base: then a copy is as
    /// good as a view.
    pub(super) fn is_used_up(&self, op: OpId, base: ValueId) -> bool {
        let result = self.result(op);
        let total = self.uses.left[result.index()];
        let Some(block) = self.old.blocks.iter().find(|block| block.ops.contains(&op)) else {
            return false;
        };
        if !self.uses.are_only_read(&[result]) || self.uses.by_frames[result.index()] > 0 {
            return false;
        }
        let behind = block.ops.iter().skip_while(|other| **other != op).skip(1);
        let mut seen = 0;
        for other in behind {
            let data = self.old.op(*other);
            let uses = data.args.iter().filter(|arg| **arg == result).count() as u32;
            // A view of it may be read for longer.
            if uses > 0 && is_view(&data.kind) {
                return false;
            }
            seen += uses;
            if seen == total {
                return true;
            }
            let touches = match &data.kind {
                Kind::SetIndex(_) => self.roots.may_share(data.args[0], base),
                Kind::Frame { .. } | Kind::Require(_) => false,
                kind => !data.blocks.is_empty() || !matches!(kind.effect(), Effect::Pure | Effect::Reads),
            };
            if touches {
                return false;
            }
        }
        false
    }

    /// How many elements an array has, as an extent.
    pub(super) fn size_of(&mut self, base: ValueId) -> Extent {
        let node = self.node_of(base);
        let shape = self.node(node).shape.clone();
        if let [only] = &shape[..] {
            return only.clone();
        }
        let mut size = self.int(1);
        for extent in &shape {
            size = self.mul(size, extent.value);
        }
        let key = affine_of(&self.b.func, size);
        self.extent_with(size, key)
    }

    /// The shape that ints ask for, which is required to have as many elements as an array.
    fn fitting_shape(&mut self, base: ValueId, items: &[ValueId]) -> Option<Vec<Extent>> {
        let size = self.size_of(base).value;
        let rest = items.iter().position(|item| self.constant(*item) == Some(-1));
        let (zero, one) = (self.int(0), self.int(1));
        let mut known = one;
        let mut values = Vec::new();
        for (at, item) in items.iter().enumerate() {
            if Some(at) == rest {
                values.push(one);
                continue;
            }
            let value = self.plain(*item);
            if let Some(constant) = self.as_int(value) {
                if !(0..1 << 40).contains(&constant) {
                    return None;
                }
            } else {
                let there = self.test(F::Ge, value, zero);
                self.require(there, "an extent that is not negative");
            }
            if self.as_int(known) != Some(1) || self.as_int(value).is_none() {
                // No product is larger than the size; of nothing NumPy decides.
                if self.as_int(known).is_none_or(|known| known == 0) {
                    let some = self.test(F::Gt, known, zero);
                    self.require(some, "a shape of something");
                }
                let most = self.floor_div(size, known);
                let fits = self.test(F::Le, value, most);
                self.require(fits, "a shape that fits");
            }
            known = self.mul(known, value);
            values.push(value);
        }
        if let Some(rest) = rest {
            let some = self.test(F::Gt, known, zero);
            if self.as_int(known).is_none_or(|known| known == 0) {
                self.require(some, "a shape of something");
            }
            values[rest] = self.floor_div(size, known);
            known = self.mul(known, values[rest]);
        }
        let same = match (self.as_int(known), self.as_int(size)) {
            (Some(a), Some(b)) if a == b => None,
            (Some(_), Some(_)) => Some(self.b.constant(Const::Bool(false))),
            _ => Some(self.test(F::Eq, known, size)),
        };
        if let Some(same) = same {
            self.require(same, "a shape that fits");
        }
        Some(values.into_iter().map(|value| self.extent_of_natural(value)).collect())
    }

    /// An int that is known not to be negative, as an extent.
    fn extent_of_natural(&mut self, value: ValueId) -> Extent {
        match self.as_int(value) {
            Some(_) => self.extent_of_int(value),
            None => {
                let key = affine_of(&self.b.func, value);
                self.extent_with(value, key)
            }
        }
    }

    /// Memory with another shape.
    pub(super) fn reshaped(&mut self, object: ValueId, shape: &[Extent]) -> ValueId {
        let dtype = match *self.b.func.ty(object).bound() {
            Ty::Array { dtype, .. } => dtype,
            _ => unreachable!("only arrays have shapes"),
        };
        let ty = self.array_type(dtype, shape, true);
        let args: Vec<ValueId> = std::iter::once(object)
            .chain(shape.iter().map(|extent| extent.value))
            .collect();
        let kind = Kind::Call {
            callee: RESHAPE.to_owned(),
            keywords: Vec::new(),
        };
        self.typed(kind, &args, ty)
    }

    fn bind_reshaped(&mut self, op: OpId, base: ValueId, shape: Vec<Extent>) -> bool {
        let Some(value) = self.in_one_run(op, base, &shape) else {
            return false;
        };
        let node = self.shown(value, shape);
        self.nodes[node.index()].source = Some(self.result(op));
        self.bind_node(op, node)
    }

    /// The node of an array whose extents are known.
    pub(super) fn shown(&mut self, value: ValueId, shape: Vec<Extent>) -> NodeId {
        let dtype = match *self.b.func.ty(value).bound() {
            Ty::Array { dtype, .. } => dtype,
            _ => unreachable!("only arrays are shown"),
        };
        let View { shape, positions } = self.whole(shape);
        let node = self.add_node(NodeKind::Memory { base: value, positions }, shape, dtype);
        self.nodes[node.index()].value = Some(value);
        node
    }

    /// `reshape` that only adds or drops axes of one element.
    fn with_other_ones(&mut self, base: ValueId, items: &[ValueId]) -> Option<View> {
        let own = self.shape_of(base);
        let long: Vec<usize> = (0..own.len()).filter(|axis| !own[*axis].is_one()).collect();
        let mut shape = Vec::new();
        let mut places = Vec::new();
        for item in items.iter().copied() {
            if !matches!(self.old.ty(item), Ty::Int(_)) {
                return None;
            }
            if self.constant(item) == Some(1) {
                shape.push(self.one());
                continue;
            }
            let axis = *long.get(places.len())?;
            let rest = self.constant(item) == Some(-1);
            let value = self.plain(item);
            let key = affine_of(&self.b.func, value);
            let is_constant = self.as_int(value).is_some() && self.as_int(value) == own[axis].as_constant();
            if !rest && key != own[axis].key && !is_constant {
                return None;
            }
            places.push(shape.len());
            shape.push(own[axis].clone());
        }
        let rests = items.iter().filter(|item| self.constant(**item) == Some(-1)).count();
        if places.len() != long.len() || rests > 1 {
            return None;
        }
        if rests == 1 {
            // The rest of nothing is no number.
            let zero = self.int(0);
            for (item, extent) in items.iter().zip(&shape) {
                if self.constant(*item) != Some(-1) && extent.as_constant().is_none_or(|extent| extent == 0) {
                    let some = self.test(F::Gt, extent.value, zero);
                    self.require(some, "a shape of something");
                }
            }
        }
        let offset = self.int(0);
        let positions = (0..own.len())
            .map(|axis| Position {
                offset,
                along: long.iter().position(|own| *own == axis).map(|at| (places[at], 1)),
            })
            .collect();
        Some(View { shape, positions })
    }
}

/// Whether an op may give a view of its first operand.
fn is_view(kind: &Kind) -> bool {
    match kind {
        Kind::Index(_) | Kind::Attr(_) => true,
        Kind::Call { callee, keywords } => !is_fresh_call(callee, keywords),
        Kind::Method { name, keywords } => !is_fresh_method(name, keywords),
        _ => false,
    }
}
