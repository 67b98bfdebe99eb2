//! Functions of several elements or bounds: outer products, limits, differences.
//!
//! ```text
//! np.outer(a, b)    [i, j] -> a[i] * b[j]
//! np.clip(x, l, h)  [i] -> x[i], or the bound that it is beyond
//! np.diff(x)        [i] -> x[i + 1] - x[i]
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::scalar::F;
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::ty::Ty;

use super::arguments::Arguments;
use super::space::{NodeId, NodeKind, Operand};
use super::views::{Position, View};
use super::walk::Lower;

impl Lower<'_> {
    /// `np.outer`, and the `outer` of a ufunc, of vectors.
    pub(super) fn outer(&mut self, op: OpId, f: F) -> bool {
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
    pub(super) fn clip(&mut self, op: OpId, args: &Arguments) -> bool {
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
        // Of two zeros two numbers as bounds leave what there is, arrays and single bounds are taken.
        let keeps_equal = bounds.len() == 2 && bounds.iter().all(|bound| !self.is_array(*bound)) || dtype == Dtype::F16;
        let tests = match keeps_equal {
            true => [F::Ge, F::Le],
            false => [F::Gt, F::Lt],
        };
        for (bound, f) in [lo, hi].into_iter().zip(tests) {
            let Some(bound) = bound else { continue };
            let operand = self.operand(bound);
            let operand = self.fitted(operand, dtype);
            node = self.clipped(node, operand, f, dtype);
        }
        self.bind_node(op, node)
    }

    /// The bound where an element is beyond it, else the element; NaN is neither beyond nor changed, but as a bound it
    /// is taken.
    fn clipped(&mut self, node: NodeId, bound: Operand, inside: F, dtype: Dtype) -> NodeId {
        let own = Operand::Node(node);
        let shapes = self.shapes(&[own, bound]);
        let shape = self.broadcast(&shapes);
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
    pub(super) fn diff(&mut self, op: OpId, args: &Arguments) -> bool {
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
}
