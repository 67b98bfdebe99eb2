//! Scans: every element is made of the one before.
//!
//! ```text
//! np.cumsum(x)                        s = x[0]; for i from 1 { s = s + x[i]; out[i] = s }
//! np.maximum.accumulate(x, axis=0)    out[0] = x[0]; for i from 1 { for j { out[i, j] = max(out[i - 1, j], x[i, j]) } }
//! ```
//!
//! NumPy adds one after the other here, never pairwise. Along the axis that lies innermost the last element is carried
//! in a register, along others the row before is read.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{F, Flavour, ScalarTy, has_machine_form};
use numlift_ir::ty::Ty;

use super::nest::{INDEX, Nest};
use super::space::{CHEAP, NodeId, Operand};
use super::walk::Lower;

/// What is scanned, along which axis, with what, to where.
struct Scan {
    node: NodeId,
    axis: usize,
    f: F,
    dtype: Dtype,
    out: ValueId,
}

impl Lower<'_> {
    /// `cumsum`, `cumprod` and `accumulate`.
    pub(super) fn scan(&mut self, op: OpId, name: &str) -> bool {
        let (f, is_flat) = match name {
            "cumsum" => (F::Add, true),
            "cumprod" => (F::Mul, true),
            _ => match name.strip_suffix(".accumulate").and_then(F::from_numpy) {
                Some(f) => (f, false),
                None => return false,
            },
        };
        let Some(args) = self.arguments(op) else { return false };
        let result = self.result(op);
        let base = self.old.op(op).args[0];
        if !args.only(&["self", "a", "array", "axis", "dtype"]) || !self.is_array(result) || !self.is_array(base) {
            return false;
        }
        let (from, dtype) = (self.dtype_of(base), self.dtype_of(result));
        let is_narrowed = from.is_complex() && !dtype.is_complex();
        // Whether NumPy's loops fuse, and which zero they take, depends on the axis.
        let is_doubtful = f == F::Mul && dtype.is_complex() || matches!(f, F::Fmin | F::Fmax | F::Pow);
        let is_doubtful = is_doubtful || !has_machine_form(f, dtype);
        if loop_dtype(f, &[ScalarTy::Np(dtype); 2]) != Some(dtype) || is_narrowed || is_doubtful {
            return false;
        }
        let rank = self.old.ty(base).dims().len();
        let axis = match args.get("axis").filter(|axis| *self.old.ty(*axis) != Ty::None) {
            Some(axis) => match self.axis(axis, rank) {
                Some(axis) => axis,
                None => return false,
            },
            None if is_flat && rank > 1 => return self.scan_all(op, base, f, dtype),
            None => 0,
        };
        let node = self.node_of(base);
        if self.node(node).cost > CHEAP && self.is_needed(base) {
            self.materialize(node);
        }
        self.scan_along(op, node, axis, f, dtype)
    }

    /// A scan of all elements in C order.
    fn scan_all(&mut self, op: OpId, base: ValueId, f: F, dtype: Dtype) -> bool {
        let node = self.node_of(base);
        let shape = vec![self.size_of(base)];
        let flat = match self.is_contiguous(node) {
            true => {
                let object = self.materialize(node);
                self.reshaped(object, &shape)
            }
            false => self.copied_as(node, &shape),
        };
        let flat = self.shown(flat, shape);
        self.nodes[flat.index()].source = Some(base);
        self.scan_along(op, flat, 0, f, dtype)
    }

    fn scan_along(&mut self, op: OpId, node: NodeId, axis: usize, f: F, dtype: Dtype) -> bool {
        self.keep_shared(node);
        let shape = self.node(node).shape.clone();
        let order = self.order_of(node);
        let axes: Vec<usize> = order.clone().unwrap_or_else(|| (0..shape.len()).collect());
        let out = self.allocated_in(order, "numpy.empty", &shape, dtype);
        let scan = Scan {
            node,
            axis,
            f,
            dtype,
            out,
        };
        let others: Vec<usize> = axes
            .iter()
            .copied()
            .filter(|other| *other != axis && !shape[*other].is_one())
            .collect();
        match axes
            .iter()
            .rev()
            .find(|other| !shape[**other].is_one() || **other == axis)
            == Some(&axis)
        {
            true => self.scan_inside(&scan, &others),
            false => self.scan_outside(&scan, &others),
        }
        let made = self.shown(out, shape);
        self.nodes[made.index()].source = Some(self.result(op));
        self.bind_node(op, made)
    }

    /// The scanned axis is the innermost: what is made so far is carried.
    fn scan_inside(&mut self, scan: &Scan, others: &[usize]) {
        let shape = self.node(scan.node).shape.clone();
        let outer = self.b.block;
        let (zero, one) = (self.int(0), self.int(1));
        let length = shape[scan.axis].value;
        let some = self.min(length, one);
        let mut nest = Nest::new(outer);
        let mut indices = vec![zero; shape.len()];
        for axis in others {
            indices[*axis] = self.open(&mut nest);
        }
        self.b.block = nest.here();
        let nothing = self.zero_of(scan.dtype);
        let ty = [Ty::Np(scan.dtype)];
        // The first is taken as it is.
        let first = self.scan_loop(&mut nest, [zero, some, one], nothing, |lower, nest, index, _| {
            let value = lower.scanned_term(nest, scan, &indices, index);
            lower.store_scanned(nest, scan, &indices, index, value);
            value
        });
        self.scan_loop(&mut nest, [one, length, one], first, |lower, nest, index, so_far| {
            let term = lower.scanned_term(nest, scan, &indices, index);
            let value = lower.scanned(nest, scan, so_far, term, &ty[0]);
            lower.store_scanned(nest, scan, &indices, index, value);
            value
        });
        let extents: Vec<_> = others.iter().map(|axis| &shape[*axis]).collect();
        self.close(&nest, &extents, [zero, one]);
        self.b.block = outer;
    }

    /// A loop along the scanned axis that carries one number.
    fn scan_loop(
        &mut self,
        nest: &mut Nest,
        bounds: [ValueId; 3],
        init: ValueId,
        each: impl FnOnce(&mut Self, &mut Nest, ValueId, ValueId) -> ValueId,
    ) -> ValueId {
        let ty = self.b.func.ty(init).clone();
        let (block, _) = self.inside(nest, &[Ty::Int(INDEX), ty.clone()], |lower, nest, params| {
            let value = each(lower, nest, params[0], params[1]);
            lower.b.end(nest.here(), Term::Yield(vec![value]));
        });
        let value = self.b.for_op(bounds, &[init], block, &[ty])[0];
        self.is_here(nest, value);
        value
    }

    /// The scanned axis is gone along outside: the row before is read.
    fn scan_outside(&mut self, scan: &Scan, others: &[usize]) {
        let shape = self.node(scan.node).shape.clone();
        let outer = self.b.block;
        let (zero, one) = (self.int(0), self.int(1));
        let length = shape[scan.axis].value;
        let some = self.min(length, one);
        for bounds in [[zero, some, one], [one, length, one]] {
            let is_first = bounds[0] == zero;
            let mut nest = Nest::new(outer);
            let mut indices = vec![zero; shape.len()];
            self.b.block = outer;
            let at = self.open(&mut nest);
            indices[scan.axis] = at;
            for axis in others {
                indices[*axis] = self.open(&mut nest);
            }
            let mut value = self.scanned_term(&mut nest, scan, &indices, at);
            if !is_first {
                let before = nest.value(self, &[at], |lower| lower.sub(at, one));
                let mut args = vec![scan.out];
                args.extend(&indices);
                args[1 + scan.axis] = before;
                self.b.block = nest.here();
                let so_far = self.typed(Kind::Load, &args, Ty::Np(scan.dtype));
                self.is_here(&mut nest, so_far);
                value = self.scanned(&mut nest, scan, so_far, value, &Ty::Np(scan.dtype));
            }
            self.store_scanned(&mut nest, scan, &indices, at, value);
            let extents: Vec<_> = others.iter().map(|axis| &shape[*axis]).collect();
            // The outermost loop has bounds of its own.
            let (block, inner) = (nest.levels[1], nest.levels[0]);
            self.close_from(1, &nest, &extents, [zero, one]);
            self.b.end(block, Term::Yield(Vec::new()));
            self.b.block = inner;
            self.b.for_op(bounds, &[], block, &[]);
            self.pop_scope();
        }
        self.b.block = outer;
    }

    fn scanned(&mut self, nest: &mut Nest, scan: &Scan, so_far: ValueId, term: ValueId, ty: &Ty) -> ValueId {
        let kind = Kind::Scalar {
            f: scan.f,
            flavour: Flavour::Ufunc,
        };
        nest.value(self, &[so_far, term], |lower| {
            lower.typed(kind, &[so_far, term], ty.clone())
        })
    }

    fn scanned_term(&mut self, nest: &mut Nest, scan: &Scan, indices: &[ValueId], index: ValueId) -> ValueId {
        let mut place = indices.to_vec();
        place[scan.axis] = index;
        let rank = place.len();
        let value = self.element_of(nest, Operand::Node(scan.node), &place, rank);
        let dtype = scan.dtype;
        nest.value(self, &[value], |lower| lower.converted(value, dtype))
    }

    fn store_scanned(&mut self, nest: &mut Nest, scan: &Scan, indices: &[ValueId], index: ValueId, value: ValueId) {
        let mut args = vec![scan.out];
        args.extend(indices);
        args[1 + scan.axis] = index;
        args.push(value);
        self.b.block = nest.here();
        self.b.effect(Kind::Store, &args);
    }

    /// The number 0 of a dtype.
    pub(super) fn zero_of(&mut self, dtype: Dtype) -> ValueId {
        use numlift_ir::op::Const;
        let zero = match dtype {
            Dtype::Bool => self.b.constant(Const::Bool(false)),
            _ if dtype.is_integer() => self.int(0),
            _ => self.b.constant(Const::Float(0.0)),
        };
        self.converted(zero, dtype)
    }
}
