//! Functions of NumPy that move, stretch, join or make elements, as nodes.
//!
//! ```text
//! x.T               [i, j] -> x[j, i]
//! np.flip(x)        [i] -> x[n - 1 - i]
//! np.outer(a, b)    [i, j] -> a[i] * b[j]
//! np.diff(x)        [i] -> x[i + 1] - x[i]
//! np.eye(n)         [i, j] -> i == j
//! ```

use numlift_ir::affine::{affine_of, extent_of};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::arguments::Arguments;
use super::extent::Extent;
use super::views::{Position, View};
use super::walk::Lower;

impl Lower<'_> {
    /// Lowers a call or a method that is about shapes; `false` where it stays.
    pub(super) fn shape_function(&mut self, op: OpId, name: &str) -> bool {
        let result = self.result(op);
        if !self.is_array(result) {
            return false;
        }
        let Some(args) = self.arguments(op) else { return false };
        let Some(first) = self.old.op(op).args.first().copied() else {
            return false;
        };
        if let Some(f) = name.strip_suffix(".outer").and_then(F::from_numpy) {
            return self.outer(op, f);
        }
        let done = match name {
            "eye" | "identity" => return self.eye(op, &args),
            "concatenate" | "hstack" | "stack" | "vstack" => return self.joined(op, name, &args),
            _ if !self.is_array(first) => return false,
            "outer" => return self.outer(op, F::Mul),
            "clip" => return self.clip(op, &args),
            "diff" => return self.diff(op, &args),
            "triu" | "tril" => return self.triangle(op, name, &args),
            "transpose" => self.transposed(first, &args),
            "swapaxes" => self.swapped(first, &args),
            "flip" | "flipud" | "fliplr" => self.flipped(first, name, &args),
            "expand_dims" => self.expanded(first, &args),
            "broadcast_to" => self.stretched(first, &args),
            "reshape" => self.reshaped(op, first),
            _ => None,
        };
        match done {
            Some(view) => self.bind_view(op, first, view),
            None => false,
        }
    }

    /// `x.T`
    pub(super) fn attribute(&mut self, op: OpId, name: &str) -> bool {
        let base = self.old.op(op).args[0];
        if name != "T" || !self.is_array(base) || !self.is_array(self.result(op)) {
            return false;
        }
        let rank = self.old.ty(base).dims().len();
        let view = self.permuted(base, &(0..rank).rev().collect::<Vec<_>>());
        self.bind_view(op, base, view)
    }

    pub(super) fn shape_of(&mut self, old: ValueId) -> Vec<Extent> {
        let node = self.node_of(old);
        self.node(node).shape.clone()
    }

    /// The view whose axis `n` is axis `order[n]` of the base.
    fn permuted(&mut self, base: ValueId, order: &[usize]) -> View {
        let shape = self.shape_of(base);
        let offset = self.int(0);
        let positions = (0..order.len())
            .map(|axis| Position {
                offset,
                along: order.iter().position(|own| *own == axis).map(|at| (at, 1)),
            })
            .collect();
        View {
            shape: order.iter().map(|axis| shape[*axis].clone()).collect(),
            positions,
        }
    }

    fn transposed(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        let rank = self.old.ty(base).dims().len();
        let axes: Vec<ValueId> = match (args.get("axes"), &args.rest[..]) {
            (None, []) => return Some(self.permuted(base, &(0..rank).rev().collect::<Vec<_>>())),
            (Some(axes), []) => self.items(axes)?,
            (None, [one]) if matches!(self.old.ty(*one), Ty::Tuple(_)) => self.items(*one)?,
            (None, axes) => axes.to_vec(),
            (Some(_), _) => return None,
        };
        let order: Vec<usize> = axes.iter().map(|axis| self.axis(*axis, rank)).collect::<Option<_>>()?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        (sorted == (0..rank).collect::<Vec<_>>()).then(|| self.permuted(base, &order))
    }

    fn swapped(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        let rank = self.old.ty(base).dims().len();
        let (a, b) = (
            self.axis(args.get("axis1")?, rank)?,
            self.axis(args.get("axis2")?, rank)?,
        );
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(a, b);
        Some(self.permuted(base, &order))
    }

    fn flipped(&mut self, base: ValueId, name: &str, args: &Arguments) -> Option<View> {
        let rank = self.old.ty(base).dims().len();
        let axes: Vec<usize> = match (name, args.get("axis")) {
            ("flipud", _) => vec![0],
            ("fliplr", _) if rank > 1 => vec![1],
            ("flip", None) => (0..rank).collect(),
            ("flip", Some(axis)) if *self.old.ty(axis) == Ty::None => (0..rank).collect(),
            ("flip", Some(axis)) => vec![self.axis(axis, rank)?],
            _ => return None,
        };
        let shape = self.shape_of(base);
        let mut view = self.whole(shape);
        for axis in axes {
            let one = self.int(1);
            let offset = self.sub(view.shape[axis].value, one);
            view.positions[axis] = Position {
                offset,
                along: Some((axis, -1)),
            };
        }
        Some(view)
    }

    pub(super) fn one(&mut self) -> Extent {
        let value = self.int(1);
        Extent {
            value,
            key: affine_of(&self.b.func, value),
        }
    }

    fn expanded(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        let rank = self.old.ty(base).dims().len();
        let at = self.axis(args.get("axis")?, rank + 1)?;
        let mut shape = self.shape_of(base);
        let offset = self.int(0);
        let positions = (0..rank)
            .map(|axis| Position {
                offset,
                along: Some((axis + usize::from(axis >= at), 1)),
            })
            .collect();
        let one = self.one();
        shape.insert(at, one);
        Some(View { shape, positions })
    }

    /// `np.broadcast_to`, which stretches extents of 1.
    fn stretched(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        if !args.only(&["array", "shape"]) {
            return None;
        }
        let own = self.shape_of(base);
        let shape = self.shape_argument(args.get("shape")?)?;
        let missing = shape.len().checked_sub(own.len())?;
        let offset = self.int(0);
        let mut positions = Vec::new();
        for (axis, extent) in own.iter().enumerate() {
            let full = &shape[missing + axis];
            if !extent.is_one() {
                self.require_same(extent, full);
            }
            positions.push(Position {
                offset,
                along: (!extent.is_one() || full.is_one()).then_some((missing + axis, 1)),
            });
        }
        Some(View { shape, positions })
    }

    /// `reshape` that only adds or drops axes of one element.
    fn reshaped(&mut self, op: OpId, base: ValueId) -> Option<View> {
        let data = self.old.op(op);
        let items = match (&data.kind, &data.args[1..]) {
            (Kind::Method { keywords, .. } | Kind::Call { keywords, .. }, _) if !keywords.is_empty() => return None,
            (_, [shape]) if !matches!(self.old.ty(*shape), Ty::Int(_)) => self.items(*shape)?,
            (_, items) => items.to_vec(),
        };
        let own = self.shape_of(base);
        let long: Vec<usize> = (0..own.len()).filter(|axis| !own[*axis].is_one()).collect();
        let mut shape = Vec::new();
        let mut places = Vec::new();
        for item in items {
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
            if !rest && key != own[axis].key && self.as_int(value) != own[axis].as_constant() {
                return None;
            }
            places.push(shape.len());
            shape.push(own[axis].clone());
        }
        if places.len() != long.len() {
            return None;
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

    /// The extent of an array of the new function, as an affine expression.
    pub(super) fn affine_extent(&self, array: ValueId, axis: usize) -> numlift_ir::affine::Affine {
        use numlift_ir::affine::{Affine, Atom};
        use numlift_ir::ty::Dim;
        match self.b.func.ty(array).dims().get(axis) {
            Some(Dim::Const(n)) => Affine::constant(i128::from(*n)),
            Some(Dim::Sym(sym)) => Affine::atom(Atom::Sym(*sym)),
            _ => extent_of(&self.b.func, array, axis),
        }
    }
}
