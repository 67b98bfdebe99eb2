//! New arrays: empty, filled, copied.
//!
//! ```text
//! np.full((n, m), x)     [i, j] -> x
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::infer::call::extern_dtype;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::extent::Extent;
use super::lying::Lying;
use super::space::{NodeKind, Operand};
use super::stored::casts_by_place;
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// `copy` and `astype`: a new array of the elements.
    pub(super) fn copied(&mut self, op: OpId) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        if !self.is_array(result) || !self.is_array(args[0]) {
            return false;
        }
        let from = self.dtype_of(args[0]);
        let dtype = self.dtype_of(result);
        if from.is_complex() && !dtype.is_complex() || casts_by_place(from, dtype) {
            return false;
        }
        let source = self.node_of(args[0]);
        let shape = self.node(source).shape.clone();
        let node = self.add_node(NodeKind::Cast(Operand::Node(source)), shape, dtype);
        // The function keeps the order, the method does not.
        self.nodes[node.index()].in_c_order =
            matches!(&self.old.op(op).kind, Kind::Method { name, .. } if name == "copy");
        self.bind_node(op, node)
    }

    /// An array of the shape, order and dtype of another.
    pub(super) fn like(&mut self, op: OpId, name: &str) -> bool {
        let result = self.result(op);
        let Some(args) = self.arguments(op) else { return false };
        let Some(other) = args.get("a").or(args.get("prototype")) else {
            return false;
        };
        if !self.is_array(result) || !self.is_array(other) {
            return false;
        }
        if !args.only(&["a", "prototype", "dtype", "fill_value"]) {
            return false;
        }
        let dtype = self.dtype_of(result);
        let fill = args.get("fill_value");
        if fill.is_some_and(|fill| self.old.ty(fill).as_scalar().is_none() || !self.may_be_stored(fill, dtype)) {
            return false;
        }
        let node = self.node_of(other);
        let shape = self.node(node).shape.clone();
        let order = self.order_of_copy(node);
        let value = match (name, fill) {
            (_, Some(fill)) => Some(self.plain(fill)),
            ("ones_like", None) => Some(self.int(1)),
            _ => None,
        };
        let Some(value) = value else {
            let callee = format!("numpy.{}", name.trim_end_matches("_like"));
            let made = self.allocated_in(order, &callee, &shape, dtype);
            self.bind(result, Meaning::Plain(made));
            return true;
        };
        if order.is_none() {
            return self.filled(op, value, shape);
        }
        self.require_storable(value, dtype);
        let operand = self.fitted(Operand::Scalar(value), dtype);
        let made = self.allocated_in(order, "numpy.empty", &shape, dtype);
        let view = self.whole(shape);
        self.nest(made, &view, operand);
        self.bind(result, Meaning::Plain(made));
        true
    }

    /// A new array.
    pub(super) fn allocated(&mut self, callee: &str, shape: &[Extent], dtype: Dtype) -> ValueId {
        self.hold_frame_for_memory();
        let tuple = self.shape_value(shape);
        let name = format!("numpy.{}", dtype.attribute());
        let dtype_value = self.b.value(Kind::Extern(name), &[]);
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let ty = self.array_type(dtype, shape, true);
        let op = self.b.typed_op(kind, &[tuple, dtype_value], &[ty]);
        self.b.func.result(op)
    }

    /// `numpy.ndarray(shape, dtype)`, which is `numpy.empty`.
    pub(super) fn uninitialized(&mut self, op: OpId, keywords: &[String]) -> bool {
        let result = self.result(op);
        let shape = self.old.op(op).args[0];
        if !self.is_array(result) || keywords.iter().any(|keyword| keyword != "dtype") {
            return false;
        }
        let Some(shape) = self.shape_argument(shape) else {
            return false;
        };
        let value = self.allocated("numpy.empty", &shape, self.dtype_of(result));
        self.bind(result, Meaning::Plain(value));
        true
    }

    /// `np.zeros(shape, order="F")`: a new array whose columns are runs.
    pub(super) fn ordered(&mut self, op: OpId, callee: &str, keywords: &[String]) -> bool {
        let result = self.result(op);
        let data = self.old.op(op);
        let args = data.args.clone();
        let first = args.len() - keywords.len();
        let order = keywords.iter().position(|keyword| keyword == "order");
        let order = order.and_then(|place| self.old.as_const(args[first + place]).cloned());
        let is_known = keywords.iter().all(|keyword| keyword == "dtype" || keyword == "order");
        let types = args[1..first].iter().chain(
            keywords
                .iter()
                .zip(&args[first..])
                .filter(|(keyword, _)| *keyword == "dtype")
                .map(|(_, arg)| arg),
        );
        if !self.is_array(result) || !is_known || types.into_iter().any(|arg| extern_of(self.old.ty(*arg)).is_none()) {
            return false;
        }
        let columns = match order {
            Some(Const::Str(order)) if order == "F" => true,
            Some(Const::Str(order)) if order == "C" => false,
            _ => return false,
        };
        let Some(shape) = self.shape_argument(args[0]) else {
            return false;
        };
        let axes: Vec<usize> = (0..shape.len()).rev().collect();
        let order = (columns && axes.len() > 1).then(|| axes.clone());
        let dtype = self.dtype_of(result);
        let filled = callee == "numpy.ones";
        let made = self.allocated_in(
            order.clone(),
            if filled { "numpy.empty" } else { callee },
            &shape,
            dtype,
        );
        if filled {
            let one = self.int(1);
            let one = self.fitted(Operand::Scalar(one), dtype);
            let view = self.whole(shape);
            self.nest(made, &view, one);
        }
        let lying = order.map_or(Lying::Unknown, |axes| Lying::Axes {
            axes,
            still: Vec::new(),
            is_run: true,
        });
        self.bind_lying(result, made, &lying);
        true
    }

    /// `numpy.ones(shape)`, `numpy.full(shape, x)`, with a dtype.
    pub(super) fn full(&mut self, op: OpId, callee: &str, keywords: &[String]) -> bool {
        let result = self.result(op);
        let data = self.old.op(op);
        let positional = data.args.len() - keywords.len();
        let given = if callee == "numpy.full" { 2 } else { 1 };
        let only_dtype = keywords.iter().all(|keyword| keyword == "dtype");
        // A second positional argument of `ones` is the dtype.
        if !self.is_array(result) || !only_dtype || positional < given || positional > given + 1 {
            return false;
        }
        if data.args[given..]
            .iter()
            .any(|arg| extern_of(self.old.ty(*arg)).is_none())
        {
            return false;
        }
        let dtype = self.dtype_of(result);
        let (shape_arg, fill) = (data.args[0], (given == 2).then(|| data.args[1]));
        if let Some(fill) = fill
            && (self.old.ty(fill).as_scalar().is_none() || !self.may_be_stored(fill, dtype))
        {
            return false;
        }
        let Some(shape) = self.shape_argument(shape_arg) else {
            return false;
        };
        let value = match fill {
            Some(fill) => self.plain(fill),
            None => self.int(1),
        };
        self.filled(op, value, shape)
    }

    /// `np.indices(shape)`: along the first axis the index along each other.
    pub(super) fn indices(&mut self, op: OpId) -> bool {
        let (result, dimensions) = (self.result(op), self.old.op(op).args[0]);
        if !self.is_array(result) || self.dtype_of(result) != Dtype::I64 {
            return false;
        }
        let Some(own) = self.shape_argument(dimensions) else {
            return false;
        };
        if own.len() + 1 != self.old.ty(result).dims().len() {
            return false;
        }
        let count = self.int(own.len() as i128);
        let mut shape = vec![self.extent_of_int(count)];
        shape.extend(own);
        let which = self.add_node(NodeKind::Index(0), shape.clone(), Dtype::I64);
        let mut node = self.add_node(NodeKind::Index(shape.len() - 1), shape.clone(), Dtype::I64);
        for axis in (1..shape.len() - 1).rev() {
            let at = self.int(axis as i128 - 1);
            let at = self.converted(at, Dtype::I64);
            let kind = NodeKind::Map {
                f: F::Eq,
                args: vec![Operand::Node(which), Operand::Scalar(at)],
            };
            let is_it = self.add_node(kind, shape.clone(), Dtype::Bool);
            let index = self.add_node(NodeKind::Index(axis), shape.clone(), Dtype::I64);
            let choice = [is_it, index, node].map(Operand::Node);
            node = self.add_node(NodeKind::Choose(choice), shape.clone(), Dtype::I64);
        }
        self.bind_node(op, node)
    }

    fn filled(&mut self, op: OpId, value: ValueId, shape: Vec<Extent>) -> bool {
        let dtype = self.dtype_of(self.result(op));
        self.require_storable(value, dtype);
        let operand = self.fitted(Operand::Scalar(value), dtype);
        let node = self.add_node(NodeKind::Cast(operand), shape, dtype);
        self.bind_node(op, node)
    }

    /// The extents of a shape argument; a negative one is required not to be.
    pub(super) fn shape_argument(&mut self, old: ValueId) -> Option<Vec<Extent>> {
        let items = match self.old.ty(old).bound() {
            Ty::Int(_) => vec![old],
            Ty::Tuple(_) => {
                let op = self.old.defining(old).filter(|op| op.kind == Kind::MakeTuple)?;
                op.args.clone()
            }
            _ => return None,
        };
        if !items.iter().all(|item| matches!(self.old.ty(*item), Ty::Int(_))) {
            return None;
        }
        let mut shape = Vec::new();
        for item in items {
            let value = self.plain(item);
            if !self.is_natural(value) {
                let zero = self.int(0);
                let natural = self.test(F::Ge, value, zero);
                self.require(natural, "an extent that is not negative");
            }
            shape.push(self.extent_of_int(value));
        }
        Some(shape)
    }
}

/// The dtype that an argument names.
fn extern_of(ty: &Ty) -> Option<Dtype> {
    match ty {
        Ty::Extern(name) => extern_dtype(name),
        Ty::Dtype(dtype) => Some(*dtype),
        _ => None,
    }
}
