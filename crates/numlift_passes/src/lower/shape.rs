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
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::table::{FunctionInfo, lookup, method};
use numlift_ir::ty::Ty;

use super::extent::Extent;
use super::space::{NodeId, NodeKind, Operand};
use super::views::{Position, View};
use super::walk::{Lower, Meaning};

/// The arguments of a call by the names of the parameters.
struct Arguments {
    given: Vec<(&'static str, ValueId)>,
    rest: Vec<ValueId>,
}

impl Arguments {
    fn get(&self, name: &str) -> Option<ValueId> {
        self.given.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    /// Whether nothing but these is given.
    fn only(&self, names: &[&str]) -> bool {
        self.rest.is_empty() && self.given.iter().all(|(name, _)| names.contains(name))
    }
}

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

    fn info_of(&self, op: OpId) -> Option<&'static FunctionInfo> {
        match &self.old.op(op).kind {
            Kind::Call { callee, .. } => lookup(callee),
            Kind::Method { name, .. } => method("ndarray", name),
            _ => None,
        }
    }

    fn arguments(&self, op: OpId) -> Option<Arguments> {
        let data = self.old.op(op);
        let keywords = match &data.kind {
            Kind::Call { keywords, .. } | Kind::Method { keywords, .. } => keywords,
            _ => return None,
        };
        let names: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let bound = self.info_of(op)?.bind(data.args.len() - names.len(), &names)?;
        Some(Arguments {
            given: bound.given().iter().map(|(name, at)| (*name, data.args[*at])).collect(),
            rest: bound.rest().iter().map(|at| data.args[*at]).collect(),
        })
    }

    fn constant(&self, value: ValueId) -> Option<i128> {
        match self.old.ty(value) {
            Ty::Int(_) => affine_of(self.old, value).as_constant(),
            _ => None,
        }
    }

    /// An axis that is given as a constant.
    fn axis(&self, value: ValueId, rank: usize) -> Option<usize> {
        let axis = self.constant(value)?;
        let axis = usize::try_from(if axis < 0 { axis + rank as i128 } else { axis }).ok()?;
        (axis < rank).then_some(axis)
    }

    fn shape_of(&mut self, old: ValueId) -> Vec<Extent> {
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

    /// The items of a tuple or list that is made here.
    fn items(&self, value: ValueId) -> Option<Vec<ValueId>> {
        let op = self.old.defining(value)?;
        matches!(op.kind, Kind::MakeTuple | Kind::MakeList).then(|| op.args.clone())
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

    fn one(&mut self) -> Extent {
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

    /// Says that a result is a view of an array.
    pub(super) fn bind_view(&mut self, op: OpId, base: ValueId, view: View) -> bool {
        let node = self.node_of(base);
        self.keep_viewed(node, base, self.result(op));
        let made = self.viewed(node, &view);
        let is_memory = self.node(node).value.is_some() || self.node(node).deferred.is_some();
        if is_memory {
            // Most are only looked through.
            let here = self.b.block;
            self.nodes[made.index()].deferred = Some((op, here));
        }
        self.bind_node(op, made)
    }

    /// A view as an object.
    pub(super) fn deferred_view(&mut self, op: OpId) -> ValueId {
        let data = self.old.op(op);
        let args: Vec<ValueId> = data.args.iter().map(|arg| self.plain(*arg)).collect();
        let ty = self.old.ty(self.result(op)).clone();
        let node = self.node_of(self.result(op));
        let NodeKind::Memory { base, positions } = self.node(node).kind.clone() else {
            return self.typed(data.kind.clone(), &args, ty);
        };
        let view = View {
            shape: self.node(node).shape.clone(),
            positions,
        };
        let reversed = |view: &View| {
            let last = view.shape.len();
            let along = |(axis, own): (usize, &Position)| own.along == Some((last - axis - 1, 1));
            last == view.positions.len() && view.positions.iter().enumerate().all(along)
        };
        if self.is_whole_of(base, args[0]) && reversed(&view) {
            return self.typed(Kind::Attr("T".to_owned()), &args[..1], ty);
        }
        match self.is_whole_of(base, args[0]) {
            true => self.flip_object(&view, args[0], ty.clone()),
            false => None,
        }
        .unwrap_or_else(|| self.typed(data.kind.clone(), &args, ty))
    }

    /// Whether an object is the array itself whose memory is looked at.
    fn is_whole_of(&self, base: ValueId, object: ValueId) -> bool {
        base == object
    }

    /// A view that goes backwards along some axes, as a subscript.
    fn flip_object(&mut self, view: &View, base: ValueId, ty: Ty) -> Option<ValueId> {
        let steps: Vec<i128> = view
            .positions
            .iter()
            .filter_map(|position| position.along.map(|(_, step)| step))
            .collect();
        let straight = view
            .positions
            .iter()
            .enumerate()
            .all(|(axis, own)| own.along.map(|(at, _)| at) == Some(axis));
        if !straight || view.shape.len() != view.positions.len() || !steps.contains(&-1) {
            return None;
        }
        let back = Sub::Slice {
            lo: false,
            hi: false,
            step: true,
        };
        let subs: Vec<Sub> = steps
            .iter()
            .map(|step| if *step < 0 { back } else { Sub::FULL })
            .collect();
        let one = self.int(-1);
        let count = steps.iter().filter(|step| **step < 0).count();
        let args = [vec![base], vec![one; count]].concat();
        Some(self.typed(Kind::Index(subs), &args, ty))
    }

    /// `np.outer`, and the `outer` of a ufunc, of vectors.
    fn outer(&mut self, op: OpId, f: F) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        let [a, b] = args[..] else { return false };
        let is_vector = |value: ValueId| self.is_array(value) && self.old.ty(value).dims().len() == 1;
        if !is_vector(a) || !is_vector(b) || self.old.ty(result).dims().len() != 2 {
            return false;
        }
        let dtype = self.dtype_of(result);
        let scalars = [a, b].map(|arg| numlift_ir::scalar::ScalarTy::Np(self.dtype_of(arg)));
        if loop_dtype(f, &scalars).is_none() {
            return false;
        }
        let one = self.one();
        let mut operands = Vec::new();
        let mut shape = Vec::new();
        for (axis, arg) in [a, b].into_iter().enumerate() {
            let node = self.node_of(arg);
            if self.node(node).cost > super::space::CHEAP && self.node(node).value.is_none() {
                self.materialize(node);
            }
            let extent = self.node(node).shape[0].clone();
            let offset = self.int(0);
            let mut own = vec![one.clone(), one.clone()];
            own[axis] = extent.clone();
            let view = View {
                shape: own,
                positions: vec![Position {
                    offset,
                    along: Some((axis, 1)),
                }],
            };
            operands.push(Operand::Node(self.viewed(node, &view)));
            shape.push(extent);
        }
        let node = self.add_node(NodeKind::Map { f, args: operands }, shape, dtype);
        self.bind_node(op, node)
    }

    /// `np.clip`: at least the one, then at most the other.
    fn clip(&mut self, op: OpId, args: &Arguments) -> bool {
        let result = self.result(op);
        if !args.only(&["self", "a", "a_min", "a_max", "min", "max"]) {
            return false;
        }
        let bound = |names: [&str; 2]| {
            let given = names.iter().find_map(|name| args.get(name));
            given.filter(|value| *self.old.ty(*value) != Ty::None)
        };
        let (lo, hi) = (bound(["a_min", "min"]), bound(["a_max", "max"]));
        let dtype = self.dtype_of(result);
        let bounds: Vec<ValueId> = lo.into_iter().chain(hi).collect();
        if dtype.is_complex() || bounds.is_empty() {
            return false;
        }
        if !bounds
            .iter()
            .all(|bound| self.is_operand(*bound) && self.may_fit(*bound, dtype))
        {
            return false;
        }
        let first = self.old.op(op).args[0];
        let mut node = self.node_of(first);
        for (bound, f) in [(lo, F::Lt), (hi, F::Gt)] {
            let Some(bound) = bound else { continue };
            let operand = self.operand(bound);
            let operand = self.fitted(operand, dtype);
            node = self.clipped(node, operand, f, dtype);
        }
        self.bind_node(op, node)
    }

    /// The bound where an element is beyond it, else the element; NaN is neither beyond nor changed, but as a bound it
    /// is taken.
    fn clipped(&mut self, node: NodeId, bound: Operand, beyond: F, dtype: Dtype) -> NodeId {
        let own = Operand::Node(node);
        let shapes = self.shapes(&[own, bound]);
        let shape = self.broadcast(&shapes);
        let inside = match beyond {
            F::Lt => F::Gt,
            _ => F::Lt,
        };
        // `a if isnan(a) or a > bound else bound`
        let keeps = self.add_node(
            NodeKind::Map {
                f: inside,
                args: vec![own, bound],
            },
            shape.clone(),
            Dtype::Bool,
        );
        let keeps = match dtype.is_float() {
            false => keeps,
            true => {
                let args = vec![own, own];
                let nan = self.add_node(NodeKind::Map { f: F::Ne, args }, shape.clone(), Dtype::Bool);
                let args = vec![Operand::Node(keeps), Operand::Node(nan)];
                self.add_node(NodeKind::Map { f: F::LogicalOr, args }, shape.clone(), Dtype::Bool)
            }
        };
        self.add_node(NodeKind::Choose([Operand::Node(keeps), own, bound]), shape, dtype)
    }

    /// `np.diff` along one axis.
    fn diff(&mut self, op: OpId, args: &Arguments) -> bool {
        let result = self.result(op);
        let base = self.old.op(op).args[0];
        let rank = self.old.ty(base).dims().len();
        if !args.only(&["a", "n", "axis"]) || args.get("n").is_some_and(|n| self.constant(n) != Some(1)) {
            return false;
        }
        let axis = match args.get("axis") {
            None => Some(rank - 1),
            Some(axis) => self.axis(axis, rank),
        };
        let (Some(axis), false) = (axis, self.dtype_of(base) == Dtype::Bool) else {
            return false;
        };
        let dtype = self.dtype_of(result);
        let node = self.node_of(base);
        let mut shape = self.node(node).shape.clone();
        let one = self.int(1);
        let shorter = self.sub(shape[axis].value, one);
        shape[axis] = self.extent_of_int(shorter);
        let whole = self.whole(shape.clone());
        let before = self.viewed(node, &whole);
        let mut behind = whole;
        behind.positions[axis].offset = one;
        let behind = self.viewed(node, &behind);
        let args = vec![Operand::Node(behind), Operand::Node(before)];
        let node = self.add_node(NodeKind::Map { f: F::Sub, args }, shape, dtype);
        self.bind_node(op, node)
    }

    /// `np.eye(n)` and `np.identity(n)`, perhaps with a dtype.
    fn eye(&mut self, op: OpId, args: &Arguments) -> bool {
        let result = self.result(op);
        let Some(n) = args.get("N").or(args.get("n")) else {
            return false;
        };
        if !args.only(&["N", "n", "M", "dtype"]) || !matches!(self.old.ty(n), Ty::Int(_)) {
            return false;
        }
        let Some(rows) = self.shape_argument(n) else {
            return false;
        };
        let columns = match args.get("M") {
            None => rows.clone(),
            Some(m) => match self.shape_argument(m) {
                Some(columns) => columns,
                None => return false,
            },
        };
        let shape = vec![rows[0].clone(), columns[0].clone()];
        let dtype = self.dtype_of(result);
        let same = self.by_indices(F::Eq, 0, &shape);
        let node = self.add_node(NodeKind::Cast(Operand::Node(same)), shape, dtype);
        self.bind_node(op, node)
    }

    /// Row index against column index, moved by some diagonals.
    fn by_indices(&mut self, f: F, diagonal: i128, shape: &[Extent]) -> NodeId {
        let rank = shape.len();
        let row = self.add_node(NodeKind::Index(rank - 2), shape.to_vec(), Dtype::I64);
        let column = self.add_node(NodeKind::Index(rank - 1), shape.to_vec(), Dtype::I64);
        let by = self.int(diagonal);
        let by = self.converted(by, Dtype::I64);
        let args = vec![Operand::Node(row), Operand::Scalar(by)];
        let moved = self.add_node(NodeKind::Map { f: F::Add, args }, shape.to_vec(), Dtype::I64);
        let args = vec![Operand::Node(column), Operand::Node(moved)];
        self.add_node(NodeKind::Map { f, args }, shape.to_vec(), Dtype::Bool)
    }

    fn triangle(&mut self, op: OpId, name: &str, args: &Arguments) -> bool {
        let result = self.result(op);
        let base = self.old.op(op).args[0];
        let diagonal = match args.get("k") {
            None => Some(0),
            Some(k) => self.constant(k).filter(|k| k.abs() < 1 << 40),
        };
        let Some(diagonal) = diagonal else { return false };
        if !args.only(&["m", "k"]) || self.old.ty(base).dims().len() < 2 {
            return false;
        }
        let node = self.node_of(base);
        let shape = self.node(node).shape.clone();
        let dtype = self.dtype_of(result);
        let f = if name == "triu" { F::Ge } else { F::Le };
        let kept = self.by_indices(f, diagonal, &shape);
        let zero = self.int(0);
        let zero = match dtype {
            Dtype::Bool => self.b.constant(Const::Bool(false)),
            _ => zero,
        };
        let zero = Operand::Scalar(self.converted(zero, dtype));
        let node = self.add_node(
            NodeKind::Choose([Operand::Node(kept), Operand::Node(node), zero]),
            shape,
            dtype,
        );
        self.bind_node(op, node)
    }

    /// Arrays one after the other along an axis: each is stored to its part of a new array.
    fn joined(&mut self, op: OpId, name: &str, args: &Arguments) -> bool {
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
