//! Functions of NumPy that move, stretch, join or make elements, as nodes.
//!
//! ```text
//! x.T               [i, j] -> x[j, i]
//! np.flip(x)        [i] -> x[n - 1 - i]
//! np.outer(a, b)    [i, j] -> a[i] * b[j]
//! np.diff(x)        [i] -> x[i + 1] - x[i]
//! np.eye(n)         [i, j] -> i == j
//! ```

use std::collections::BTreeSet;

use numlift_ir::affine::{affine_of, extent_of};
use numlift_ir::function::{OpId, ValueId};
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
            "concatenate" | "hstack" | "stack" | "vstack" | "dstack" | "column_stack" | "append" => {
                return self.joined(op, name, &args);
            }
            _ if !self.is_array(first) => return false,
            "outer" => return self.outer(op, F::Mul),
            "clip" => return self.clip(op, &args),
            "diff" => return self.diff(op, &args),
            "roll" => return self.roll(op, &args),
            "pad" => return self.pad(op, &args),
            "repeat" => return self.repeat(op, &args),
            "tile" => return self.tile(op, &args),
            "triu" | "tril" => return self.triangle(op, name, &args),
            "transpose" => self.transposed(first, &args),
            "swapaxes" => self.swapped(first, &args),
            "flip" | "flipud" | "fliplr" => self.flipped(first, name, &args),
            "expand_dims" => self.expanded(first, &args),
            "broadcast_to" => self.stretched(first, &args),
            "reshape" => return self.reshape(op, first),
            "ravel" => return self.raveled(op, first),
            "flatten" => return self.flattened(op, first),
            "moveaxis" => self.moved(first, &args),
            "squeeze" => self.squeezed(op, first, &args),
            "atleast_1d" | "atleast_2d" | "atleast_3d" => self.with_axes(first, name),
            "rot90" => self.turned(first, &args),
            "diagonal" => self.diagonal(first, &args),
            "diag" if self.old.ty(first).dims().len() == 2 => self.diagonal(first, &args),
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
        if matches!(name, "real" | "imag") {
            return self.part_of_complex(op, base, name);
        }
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
            ("flip", Some(axis)) => match self.items(axis) {
                Some(axes) => axes.iter().map(|axis| self.axis(*axis, rank)).collect::<Option<_>>()?,
                None => vec![self.axis(axis, rank)?],
            },
            _ => return None,
        };
        (axes.iter().collect::<BTreeSet<_>>().len() == axes.len()).then_some(())?;
        let shape = self.shape_of(base);
        let mut view = self.whole(shape);
        axes.into_iter().for_each(|axis| self.turn(&mut view, axis));
        Some(view)
    }

    /// Lets an axis of a view run backwards.
    fn turn(&mut self, view: &mut View, at: usize) {
        let last = self.int(1);
        let last = self.sub(view.shape[at].value, last);
        for position in &mut view.positions {
            if let Some((axis, step)) = position.along
                && axis == at
            {
                let factor = self.int(step);
                let moved = self.mul(last, factor);
                position.offset = self.add(position.offset, moved);
                position.along = Some((axis, -step));
            }
        }
    }

    /// `np.rot90`: one axis runs backwards, then both change places.
    fn turned(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        let rank = self.old.ty(base).dims().len();
        let times = match args.get("k") {
            None => 1,
            Some(k) => self.constant(k)?.rem_euclid(4),
        };
        if !args.only(&["m", "k"]) || rank < 2 {
            return None;
        }
        let mut order: Vec<usize> = (0..rank).collect();
        if times % 2 == 1 {
            order.swap(0, 1);
        }
        let mut view = self.permuted(base, &order);
        match times {
            1 => self.turn(&mut view, 0),
            2 => [0, 1].into_iter().for_each(|axis| self.turn(&mut view, axis)),
            3 => self.turn(&mut view, 1),
            _ => {}
        }
        Some(view)
    }

    fn moved(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        let rank = self.old.ty(base).dims().len();
        let from = self.axis(args.get("source")?, rank)?;
        let to = self.axis(args.get("destination")?, rank)?;
        let mut order: Vec<usize> = (0..rank).filter(|axis| *axis != from).collect();
        order.insert(to, from);
        Some(self.permuted(base, &order))
    }

    /// `squeeze`: the axes that are named, or all that are known to have one element.
    fn squeezed(&mut self, op: OpId, base: ValueId, args: &Arguments) -> Option<View> {
        let shape = self.shape_of(base);
        let gone: Vec<usize> = match args.get("axis").filter(|axis| *self.old.ty(*axis) != Ty::None) {
            Some(axis) => vec![self.axis(axis, shape.len())?],
            None => (0..shape.len()).filter(|axis| shape[*axis].is_one()).collect(),
        };
        if self.old.ty(self.result(op)).dims().len() + gone.len() != shape.len() {
            return None;
        }
        let one = self.one();
        gone.iter().for_each(|axis| self.require_same(&shape[*axis], &one));
        let left: Vec<usize> = (0..shape.len()).filter(|axis| !gone.contains(axis)).collect();
        Some(self.showing(&shape, &left.iter().map(|axis| Some(*axis)).collect::<Vec<_>>()))
    }

    /// The view whose axes are axes of the base, or new ones.
    pub(super) fn showing(&mut self, shape: &[Extent], axes: &[Option<usize>]) -> View {
        let offset = self.int(0);
        let one = self.one();
        View {
            shape: axes
                .iter()
                .map(|axis| axis.map_or_else(|| one.clone(), |axis| shape[axis].clone()))
                .collect(),
            positions: (0..shape.len())
                .map(|axis| Position {
                    offset,
                    along: axes.iter().position(|own| *own == Some(axis)).map(|at| (at, 1)),
                })
                .collect(),
        }
    }

    /// `np.atleast_2d(x)` is a row.
    fn with_axes(&mut self, base: ValueId, name: &str) -> Option<View> {
        let shape = self.shape_of(base);
        let axes = match (name, shape.len()) {
            ("atleast_2d", 1) => vec![None, Some(0)],
            ("atleast_3d", 1) => vec![None, Some(0), None],
            ("atleast_3d", 2) => vec![Some(0), Some(1), None],
            // The array itself.
            _ => return None,
        };
        Some(self.showing(&shape, &axes))
    }

    /// The diagonal of a matrix.
    fn diagonal(&mut self, base: ValueId, args: &Arguments) -> Option<View> {
        let shape = self.shape_of(base);
        let moved = match args.get("offset").or(args.get("k")) {
            None => 0,
            Some(offset) => self.constant(offset).filter(|offset| offset.abs() < 1 << 40)?,
        };
        if shape.len() != 2 || !args.only(&["self", "a", "v", "offset", "k"]) {
            return None;
        }
        let starts = [(-moved).max(0), moved.max(0)].map(|start| self.int(start));
        let lengths = [0, 1].map(|axis| self.sub(shape[axis].value, starts[axis]));
        let length = match self.is_same_extent(&shape[0], &shape[1]) && moved == 0 {
            true => lengths[0],
            false => self.min(lengths[0], lengths[1]),
        };
        let positions = starts.map(|offset| Position {
            offset,
            along: Some((0, 1)),
        });
        Some(View {
            shape: vec![self.extent_of_int(length)],
            positions: positions.to_vec(),
        })
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
