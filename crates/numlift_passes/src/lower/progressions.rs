//! Arithmetic progressions.
//!
//! ```text
//! np.arange(a, b, s)          [i] -> a + i * s
//! np.linspace(a, b, n)        [i] -> i * ((b - a) / (n - 1)) + a, the last is b
//! ```
//!
//! With the roundings of NumPy: `arange` of floats computes its first two elements and goes on by their difference,
//! `linspace` multiplies first.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::extent::Extent;
use super::space::{NodeId, NodeKind, Operand};
use super::walk::Lower;

/// Up to here ints are floats without rounding.
const EXACT: i128 = 1 << 53;

impl Lower<'_> {
    /// `np.arange`
    pub(super) fn arange(&mut self, op: OpId) -> bool {
        let Some(args) = self.arguments(op) else { return false };
        let result = self.result(op);
        if !args.only(&["start", "stop", "step", "dtype"]) || !self.is_array(result) {
            return false;
        }
        let given = |name: &str| args.get(name).filter(|value| *self.old.ty(*value) != Ty::None);
        let Some(first) = given("start") else { return false };
        let (start, stop) = match given("stop") {
            Some(stop) => (Some(first), stop),
            None => (None, first),
        };
        let step = given("step");
        let all: Vec<ValueId> = start.into_iter().chain([stop]).chain(step).collect();
        let is = |value: &ValueId, fits: fn(&Ty) -> bool| fits(self.old.ty(*value));
        let dtype = self.dtype_of(result);
        if all.iter().all(|value| is(value, |ty| matches!(ty, Ty::Int(_)))) {
            return self.int_range(op, [start, Some(stop), step], dtype);
        }
        let is_known = |ty: &Ty| matches!(ty, Ty::Int(_) | Ty::Float | Ty::Np(Dtype::F64));
        if given("dtype").is_some() || dtype != Dtype::F64 || !all.iter().all(|value| is(value, is_known)) {
            return false;
        }
        self.float_range(op, [start, Some(stop), step])
    }

    fn int_range(&mut self, op: OpId, [start, stop, step]: [Option<ValueId>; 3], dtype: Dtype) -> bool {
        if !matches!(dtype, Dtype::I64 | Dtype::I32 | Dtype::F64) {
            return false;
        }
        let limits = match dtype {
            Dtype::I32 => Interval::of_dtype(dtype).unwrap_or(Interval::MACHINE),
            _ => Interval::new(-EXACT, EXACT),
        };
        let bound = |lower: &mut Self, value: Option<ValueId>, default: i128| match value {
            Some(value) => {
                let value = lower.plain(value);
                lower.require_within(value, limits);
                value
            }
            None => lower.int(default),
        };
        let (start, stop) = (bound(self, start, 0), bound(self, stop, 0));
        let step = bound(self, step, 1);
        let zero = self.int(0);
        match self.as_int(step) {
            Some(0) => return false,
            Some(_) => {}
            None => {
                let moves = self.test(F::Ne, step, zero);
                self.require(moves, "a step");
            }
        }
        let length = match (self.as_int(start), self.as_int(step)) {
            (Some(0), Some(1)) => stop,
            _ => {
                // Rounded up.
                let back = self.sub(start, stop);
                let steps = self.floor_div(back, step);
                self.sub(zero, steps)
            }
        };
        let extent = self.extent_of_int(length);
        let shape = vec![extent];
        let index = self.add_node(NodeKind::Index(0), shape.clone(), dtype);
        let scaled = match self.as_int(step) {
            Some(1) => index,
            _ => {
                let step = self.converted(step, dtype);
                self.mapped(F::Mul, [Operand::Node(index), Operand::Scalar(step)], &shape, dtype)
            }
        };
        let node = match self.as_int(start) {
            Some(0) => scaled,
            _ => {
                let start = self.converted(start, dtype);
                self.mapped(F::Add, [Operand::Node(scaled), Operand::Scalar(start)], &shape, dtype)
            }
        };
        self.bind_node(op, node)
    }

    /// Leaves compiled code where an int is not in an interval.
    pub(super) fn require_within(&mut self, value: ValueId, limits: Interval) {
        let known = numlift_ir::infer::interval_of(self.b.func.ty(value));
        if known.is_within(limits) {
            return;
        }
        for (f, limit) in [(F::Ge, limits.lo), (F::Le, limits.hi)] {
            let limit = self.int(limit.unwrap_or_default());
            let fits = self.test(f, value, limit);
            self.require(fits, "an int that is not too large");
        }
    }

    /// A number of Python or a float64 as a float64.
    fn as_double(&mut self, value: ValueId) -> ValueId {
        let value = self.plain(value);
        if let Ty::Int(_) = self.b.func.ty(value) {
            self.require_within(value, Interval::new(-EXACT, EXACT));
        }
        self.converted(value, Dtype::F64)
    }

    fn double(&mut self, f: F, a: ValueId, b: ValueId) -> ValueId {
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Ufunc,
        };
        self.typed(kind, &[a, b], Ty::Np(Dtype::F64))
    }

    fn mapped(&mut self, f: F, args: [Operand; 2], shape: &[Extent], dtype: Dtype) -> NodeId {
        let kind = NodeKind::Map { f, args: args.to_vec() };
        self.add_node(kind, shape.to_vec(), dtype)
    }

    fn float_range(&mut self, op: OpId, [start, stop, step]: [Option<ValueId>; 3]) -> bool {
        let one = self.b.constant(Const::Float(1.0));
        let one = self.converted(one, Dtype::F64);
        let zero = self.zero_of(Dtype::F64);
        let begins_at_zero = start.is_none_or(|start| self.is_plain_zero(start));
        let start = start.map_or(zero, |start| self.as_double(start));
        let stop = stop.map_or(zero, |stop| self.as_double(stop));
        let step = step.map_or(one, |step| self.as_double(step));
        let moves = self.test(F::Ne, step, zero);
        self.require(moves, "a step");
        let span = self.double(F::Sub, stop, start);
        let steps = self.double(F::TrueDiv, span, step);
        // Neither NaN nor too many; and none that are lost to underflow.
        for (f, limit) in [(F::Gt, -9e15), (F::Lt, 9e15)] {
            let limit = self.b.constant(Const::Float(limit));
            let limit = self.converted(limit, Dtype::F64);
            let fits = self.test(f, steps, limit);
            self.require(fits, "a length that is not too large");
        }
        let some = self.b.operator(F::Ne, &[steps, zero]);
        let none = self.b.operator(F::Eq, &[span, zero]);
        let sure = self.b.operator(F::Or, &[some, none]);
        self.require(sure, "steps that do not vanish");
        let up = Kind::Scalar {
            f: F::Ceil,
            flavour: Flavour::Ufunc,
        };
        let up = self.typed(up, &[steps], Ty::Np(Dtype::F64));
        let int = Kind::Scalar {
            f: F::ToInt,
            flavour: Flavour::NpScalar,
        };
        let length = self.typed(int, &[up], Ty::Int(Interval::new(-EXACT, EXACT)));
        let shape = vec![self.extent_of_int(length)];
        let second = self.double(F::Add, start, step);
        let delta = self.double(F::Sub, second, start);
        let index = self.add_node(NodeKind::Index(0), shape.clone(), Dtype::F64);
        let scaled = [Operand::Node(index), Operand::Scalar(delta)];
        let scaled = self.mapped(F::Mul, scaled, &shape, Dtype::F64);
        let own = [Operand::Node(scaled), Operand::Scalar(start)];
        let mut node = self.mapped(F::Add, own, &shape, Dtype::F64);
        if !begins_at_zero {
            for (at, value) in [(1, second), (0, start)] {
                let at = self.int(at);
                node = self.with_element(node, at, value);
            }
        }
        self.bind_node(op, node)
    }

    fn is_plain_zero(&self, old: ValueId) -> bool {
        match self.old.as_const(old) {
            Some(Const::Int(0)) => true,
            Some(Const::Float(float)) => float.to_bits() == 0,
            _ => false,
        }
    }

    /// A vector with one element replaced, if there is one at this place.
    fn with_element(&mut self, node: NodeId, at: ValueId, value: ValueId) -> NodeId {
        let shape = self.node(node).shape.clone();
        let dtype = self.node(node).dtype;
        let at = self.converted(at, Dtype::I64);
        let index = self.add_node(NodeKind::Index(0), shape.clone(), Dtype::I64);
        let is_it = self.mapped(F::Eq, [Operand::Node(index), Operand::Scalar(at)], &shape, Dtype::Bool);
        let choice = [Operand::Node(is_it), Operand::Scalar(value), Operand::Node(node)];
        self.add_node(NodeKind::Choose(choice), shape, dtype)
    }

    /// `np.linspace` of two numbers.
    pub(super) fn linspace(&mut self, op: OpId) -> bool {
        let Some(args) = self.arguments(op) else { return false };
        let result = self.result(op);
        if !args.only(&["start", "stop", "num", "endpoint"]) || !self.is_array(result) {
            return false;
        }
        let endpoint = match args.get("endpoint").map(|ends| self.old.as_const(ends)) {
            None | Some(Some(Const::Bool(true))) => true,
            Some(Some(Const::Bool(false))) => false,
            Some(_) => return false,
        };
        let (Some(start), Some(stop)) = (args.get("start"), args.get("stop")) else {
            return false;
        };
        let is_known = |value: ValueId| matches!(self.old.ty(value), Ty::Int(_) | Ty::Float | Ty::Np(Dtype::F64));
        let count = args.get("num");
        if !is_known(start) || !is_known(stop) || self.dtype_of(result) != Dtype::F64 {
            return false;
        }
        if count.is_some_and(|count| !matches!(self.old.ty(count), Ty::Int(_))) {
            return false;
        }
        let count = match count {
            Some(count) => self.plain(count),
            None => self.int(50),
        };
        self.require_within(count, Interval::new(0, EXACT));
        let (start, stop) = (self.as_double(start), self.as_double(stop));
        let zero = self.zero_of(Dtype::F64);
        let one = self.int(1);
        let parts = match endpoint {
            true => self.sub(count, one),
            false => count,
        };
        let delta = self.double(F::Sub, stop, start);
        // Of one element the difference is not divided.
        let parts = self.max(parts, one);
        let divisor = self.converted(parts, Dtype::F64);
        let step = self.double(F::TrueDiv, delta, divisor);
        let moves = self.b.operator(F::Ne, &[step, zero]);
        let stays = self.b.operator(F::Eq, &[delta, zero]);
        let sure = self.b.operator(F::Or, &[moves, stays]);
        self.require(sure, "steps that do not vanish");
        let shape = vec![self.extent_of_int(count)];
        let index = self.add_node(NodeKind::Index(0), shape.clone(), Dtype::F64);
        let scaled = [Operand::Node(index), Operand::Scalar(step)];
        let scaled = self.mapped(F::Mul, scaled, &shape, Dtype::F64);
        let own = [Operand::Node(scaled), Operand::Scalar(start)];
        let mut node = self.mapped(F::Add, own, &shape, Dtype::F64);
        if endpoint {
            let last = self.sub(count, one);
            let far = self.int(-1);
            let zero = self.int(0);
            let more = self.test(F::Gt, last, zero);
            let last = self.select_int(more, last, far);
            node = self.with_element(node, last, stop);
        }
        self.bind_node(op, node)
    }
}
