//! Ufuncs and `np.where`: an element is a function of the operands' elements.
//!
//! ```text
//! %3 = mul.ufunc %0, %1          node: [i, j] -> %0[i, j] * %1[j]
//! ```
//!
//! The loop's dtype is NumPy's; numbers of Python become one of it once, in front.

use numlift_ir::affine::affine_of;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{Exponent, F, PowerForm, ScalarTy, array_form, has_machine_form};
use numlift_ir::ty::{Interval, Ty};

use super::extent::Extent;
use super::space::{CHEAP, NodeKind, Operand};
use super::walk::Lower;

impl Lower<'_> {
    pub(super) fn elementwise(&mut self, op: OpId, f: F) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        let known = self.is_array(result) && args.iter().all(|arg| self.is_operand(*arg));
        let dtype = match known {
            true => self.dtype_of(result),
            false => return false,
        };
        if matches!(f, F::Real | F::Imag) || self.has_doubtful_zeros(f, &args, dtype) {
            return false;
        }
        let Some(computed) = self.computed_in(f, &args) else {
            return false;
        };
        let (form, args) = match self.power(f, &args, dtype) {
            Some(power) => power,
            None => return false,
        };
        if !args.iter().all(|arg| self.may_fit(*arg, computed)) {
            return false;
        }
        if !has_machine_form(form, computed) {
            return false;
        }
        let f = match form {
            F::Pow if self.has_open_exponent(&args, computed) => F::UniformPow,
            form => form,
        };
        let mut operands = Vec::new();
        for arg in &args {
            let operand = self.operand(*arg);
            operands.push(match f {
                // Whether it is true a number says by itself.
                F::LogicalAnd | F::LogicalOr | F::LogicalXor => operand,
                _ => self.fitted(operand, computed),
            });
        }
        let shapes = self.shapes(&operands);
        let shape = self.broadcast(&shapes);
        self.keep_stretched(&operands, &shape);
        self.keep_one_mask(&operands, &shape);
        let node = self.add_node(NodeKind::Map { f, args: operands }, shape, dtype);
        self.bind_node(op, node)
    }

    pub(super) fn is_complex_array(&self, old: ValueId) -> bool {
        self.is_array(old) && self.dtype_of(old).is_complex()
    }

    /// `z.real` and `z.imag`, where nobody can tell that they are views.
    pub(super) fn part_of_complex(&mut self, op: OpId, base: ValueId, name: &str) -> bool {
        let result = self.result(op);
        if !self.is_complex_array(base) || !self.is_array(result) {
            return false;
        }
        let never_changes = self.uses.are_only_read(&[base, result]) && self.roots.is_apart(base);
        if !never_changes && !self.is_used_up(op, base) {
            return false;
        }
        let node = self.node_of(base);
        let shape = self.node(node).shape.clone();
        let dtype = self.dtype_of(result);
        let f = if name == "real" { F::Real } else { F::Imag };
        let kind = NodeKind::Map {
            f,
            args: vec![Operand::Node(node)],
        };
        let part = self.add_node(kind, shape, dtype);
        self.bind_node(op, part)
    }

    /// The dtype that a ufunc computes in, whatever type numbers of several types have.
    fn computed_in(&self, f: F, args: &[ValueId]) -> Option<Dtype> {
        let mut choices: Vec<Vec<ScalarTy>> = vec![Vec::new()];
        for arg in args {
            let options = match self.old.ty(*arg) {
                Ty::Array { dtype, .. } => vec![ScalarTy::Np(*dtype)],
                ty => ty.scalar_options()?,
            };
            let longer = choices.iter().flat_map(|before| {
                let with = |option: &ScalarTy| before.iter().chain([option]).copied().collect::<Vec<_>>();
                options.iter().map(with).collect::<Vec<_>>()
            });
            choices = longer.collect();
        }
        let mut dtypes = choices.iter().map(|scalars| loop_dtype(f, scalars));
        let first = dtypes.next()??;
        dtypes.all(|dtype| dtype == Some(first)).then_some(first)
    }

    /// What is computed for each element and stretched along an axis is computed once.
    pub(super) fn keep_stretched(&mut self, operands: &[Operand], shape: &[Extent]) {
        for operand in operands {
            let Operand::Node(node) = *operand else { continue };
            let data = self.node(node);
            let missing = shape.len() - data.shape.len();
            let stretched = (missing > 0 && shape[..missing].iter().any(|extent| !extent.is_one()))
                || data
                    .shape
                    .iter()
                    .zip(&shape[missing..])
                    .any(|(own, full)| own.is_one() && !full.is_one());
            if stretched && data.cost > CHEAP && data.value.is_none() {
                self.materialize(node);
            }
        }
    }

    /// What masks pick goes along with what the same mask picks, and with arrays of as many elements.
    pub(super) fn keep_one_mask(&mut self, operands: &[Operand], shape: &[Extent]) {
        let mut first = None;
        for operand in operands {
            let Operand::Node(node) = *operand else { continue };
            let Some((mask, _)) = self.mask_of(node) else { continue };
            let is_alone = shape.len() == 1 && *first.get_or_insert(mask) == mask;
            if !is_alone && self.node(node).value.is_none() {
                self.materialize(node);
            }
        }
    }

    /// Whether the sign of a zero depends on where an element lies: of zeros of both signs NumPy's vectors of `fmin` and
    /// `fmax` take the second, what is left over takes the first.
    fn has_doubtful_zeros(&self, f: F, args: &[ValueId], dtype: Dtype) -> bool {
        let is_not_zero = |arg: &ValueId| match self.old.as_const(*arg) {
            Some(Const::Float(float)) => *float != 0.0,
            Some(Const::Int(int)) => *int != 0,
            _ => false,
        };
        let doubtful = matches!(f, F::Fmin | F::Fmax) && matches!(dtype, Dtype::F32 | Dtype::F64);
        doubtful && !args.iter().any(is_not_zero)
    }

    /// The form that NumPy takes for a power, with its operands; `None` where it may raise.
    fn power(&self, f: F, args: &[ValueId], dtype: Dtype) -> Option<(F, Vec<ValueId>)> {
        let same = || Some((f, args.to_vec()));
        if f != F::Pow {
            return same();
        }
        let base = match self.old.ty(args[0]) {
            Ty::OneOf(_) => return None,
            _ => self.scalar_of(args[0]).array_dtype(),
        };
        let int = match self.old.ty(args[1]) {
            Ty::Int(_) => affine_of(self.old, args[1]).as_constant(),
            _ => None,
        };
        let exponent = match (int, self.old.as_const(args[1])) {
            (Some(int), _) => i64::try_from(int).ok().map(Exponent::Int),
            (None, Some(Const::Float(float))) => Some(Exponent::Float(*float)),
            _ => None,
        };
        let form = exponent.map_or(PowerForm::Power, |exponent| array_form(base, exponent));
        let is_array = self.is_array(args[0]);
        match form {
            PowerForm::Square if is_array && base == dtype => Some((F::Square, vec![args[0]])),
            PowerForm::Sqrt if is_array && base == dtype => Some((F::Sqrt, vec![args[0]])),
            PowerForm::Reciprocal if is_array && base == dtype => Some((F::Reciprocal, vec![args[0]])),
            // A negative power of an integer is an error.
            _ if !dtype.is_inexact() => match int {
                Some(0..) => same(),
                Some(_) | None => None,
            },
            _ => same(),
        }
    }

    /// Whether a Python number may be an operand of a loop of this dtype.
    pub(super) fn may_fit(&self, old: ValueId, dtype: Dtype) -> bool {
        match self.old.ty(old) {
            Ty::Int(interval) => match Interval::of_dtype(dtype) {
                Some(limits) => {
                    let meet = interval.meet(limits);
                    !matches!((meet.lo, meet.hi), (Some(lo), Some(hi)) if lo > hi)
                }
                None => dtype != Dtype::F16 || interval.is_within(Interval::new(-65519, 65519)),
            },
            // An int among other types is not looked at.
            Ty::OneOf(_) => matches!(dtype, Dtype::F32 | Dtype::F64 | Dtype::C64 | Dtype::C128),
            _ => true,
        }
    }

    /// A Python number as the loop takes it: converted once, in front.
    pub(super) fn fitted(&mut self, operand: Operand, dtype: Dtype) -> Operand {
        let Operand::Scalar(value) = operand else {
            return operand;
        };
        match self.b.func.ty(value).clone() {
            Ty::Int(interval) => {
                if let Some(limits) = Interval::of_dtype(dtype)
                    && !interval.is_within(limits)
                {
                    let (least, greatest) = (limits.lo.unwrap_or_default(), limits.hi.unwrap_or_default());
                    if interval.lo.is_none_or(|lo| lo < least) {
                        let least = self.int(least);
                        let fits = self.test(F::Ge, value, least);
                        self.require(fits, "an int that fits the dtype");
                    }
                    if interval.hi.is_none_or(|hi| hi > greatest) && greatest <= i128::from(i64::MAX) {
                        let greatest = self.int(greatest);
                        let fits = self.test(F::Le, value, greatest);
                        self.require(fits, "an int that fits the dtype");
                    }
                }
                Operand::Scalar(self.converted(value, dtype))
            }
            Ty::Float | Ty::Complex | Ty::OneOf(_) => Operand::Scalar(self.converted(value, dtype)),
            _ => operand,
        }
    }

    /// A number as one of a dtype.
    pub(super) fn converted(&mut self, value: ValueId, dtype: Dtype) -> ValueId {
        if *self.b.func.ty(value) == Ty::Np(dtype) {
            return value;
        }
        let op = self.b.typed_op(Kind::Convert, &[value], &[Ty::Np(dtype)]);
        self.b.func.result(op)
    }

    /// `numpy.where` of three operands.
    pub(super) fn choose(&mut self, op: OpId) -> bool {
        let result = self.result(op);
        let args = self.old.op(op).args.clone();
        if !self.is_array(result) || !args.iter().all(|arg| self.is_operand(*arg)) {
            return false;
        }
        let dtype = self.dtype_of(result);
        if !args[1..].iter().all(|arg| self.may_fit(*arg, dtype)) {
            return false;
        }
        let condition = self.operand(args[0]);
        let mut operands = vec![condition];
        for arg in &args[1..] {
            let operand = self.operand(*arg);
            operands.push(self.fitted(operand, dtype));
        }
        let shapes = self.shapes(&operands);
        let shape = self.broadcast(&shapes);
        self.keep_stretched(&operands, &shape);
        self.keep_one_mask(&operands, &shape);
        let node = self.add_node(NodeKind::Choose([operands[0], operands[1], operands[2]]), shape, dtype);
        self.bind_node(op, node)
    }
}
