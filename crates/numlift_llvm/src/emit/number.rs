//! Scalar functions on numbers, by flavour.
//!
//! Python's ints are 64 bits wide here: what may leave them leaves compiled code. What raises in Python leaves compiled
//! code too, so that Python raises it. What NumPy warns of leaves compiled code on NumPy scalars of integers, and is
//! noted for the end of the function otherwise: floats note it themselves, in the processor's status.

mod complex;
mod complexes;
mod exponential;
mod numpy;
mod python;
mod uniform;

use numlift_abi::runtime::event;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::scalar::faults::Warns;
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{F, Flavour, PyForm, ScalarTy, faults};
use numlift_ir::ty::{Interval, Ty};

use super::{Emit, Emitter};
use crate::value::{Number, Value};

/// Ints that a float holds exactly.
pub(super) const EXACT: Interval = Interval {
    lo: Some(-(1 << 53)),
    hi: Some(1 << 53),
};

/// Every 64-bit int.
pub(super) const MACHINE: Interval = Interval {
    lo: Some(i64::MIN as i128),
    hi: Some(i64::MAX as i128),
};

/// A function on operands, with what is known of them.
pub(super) struct Operation<'a> {
    pub f: F,
    pub flavour: Flavour,
    pub args: &'a [Number],
    /// The values that the operands are, for what is known of ints.
    pub ids: &'a [ValueId],
    pub result: &'a Ty,
    /// The value that it is.
    pub value: Option<ValueId>,
}

impl Operation<'_> {
    pub(super) fn types(&self) -> Vec<ScalarTy> {
        self.args.iter().map(|number| number.ty).collect()
    }
}

/// A float constant with all its bits, of a register type.
pub(super) fn float(value: f64) -> String {
    format!("0x{:016X}", value.to_bits())
}

impl Emitter<'_> {
    /// The result of a scalar function; `None` if there is no machine code for it.
    pub(super) fn number(&mut self, operation: &Operation<'_>) -> Emit<Option<Value>> {
        let types = operation.types();
        let flavour = match operation.flavour {
            Flavour::Py | Flavour::NpScalar if types.iter().all(|ty| ty.is_python()) => Flavour::Py,
            Flavour::Py | Flavour::NpScalar => Flavour::NpScalar,
            flavour => flavour,
        };
        let faults = faults(operation.f, flavour, &types);
        self.in_numpy = matches!(flavour, Flavour::NpScalar | Flavour::Ufunc);
        if faults.may_warn() {
            self.warns = true;
            let what = match operation.value.is_some_and(|value| self.events.is_reduced(value)) {
                true => "reduce".to_owned(),
                false => told_as(operation.f, flavour == Flavour::NpScalar && is_scalar_math(&types)),
            };
            // Integers are no affair of the processor's status.
            let computed = loop_dtype(operation.f, &types);
            let events = match computed.is_none_or(Dtype::is_inexact) {
                true => events_of(faults.warns) & !underflow_on_the_way(operation.f, &types),
                false => 0,
            };
            // What is told of a Python number that does not fit is the cast.
            let is_narrow = computed.is_some_and(|dtype| dtype.is_inexact() && dtype.real_part() != Dtype::F64);
            if is_narrow && types.iter().any(|ty| ty.is_python()) {
                self.site_of_cast();
            }
            self.begin_site(&what, events, operation.value);
        }
        let found = match flavour {
            Flavour::Py => self.python_number(operation)?,
            Flavour::Math => self.math_number(operation)?,
            Flavour::NpScalar => self.numpy_number(operation, true)?,
            Flavour::Ufunc => self.numpy_number(operation, false)?,
        };
        self.end_site();
        Ok(found.map(Value::Number))
    }

    pub(super) fn real(ty: ScalarTy, re: String) -> Number {
        Number { ty, re, im: None }
    }

    pub(super) fn bool_of(&self, flavour: Flavour, re: String) -> Number {
        let ty = match flavour {
            Flavour::Py | Flavour::Math => ScalarTy::PyBool,
            Flavour::NpScalar | Flavour::Ufunc => ScalarTy::Np(Dtype::Bool),
        };
        Self::real(ty, re)
    }

    /// The ints that an operand may be.
    pub(super) fn interval(&self, operation: &Operation<'_>, number: usize) -> Interval {
        let known = operation.ids.get(number).map_or(MACHINE, |id| {
            numlift_ir::infer::interval_of(self.func.ty(*id)).meet(MACHINE)
        });
        match operation.args[number].ty {
            ScalarTy::PyBool => Interval::new(0, 1),
            _ => known,
        }
    }
}

/// What is computed by many operations underflows where NumPy's way may not, and so does a Python number that becomes
/// a narrow float.
fn underflow_on_the_way(f: F, types: &[ScalarTy]) -> i32 {
    let is_one = matches!(f, F::Mul | F::TrueDiv | F::Square | F::Reciprocal);
    let is_complex = types.iter().any(|ty| ty.array_dtype().is_complex());
    let narrows = types.iter().any(|ty| ty.is_python());
    match is_one && !is_complex && !narrows {
        true => 0,
        false => event::UNDER,
    }
}

/// What NumPy's warnings call a function.
fn told_as(f: F, is_scalar: bool) -> String {
    let name = match f {
        F::Abs => "absolute",
        F::UniformPow => "power",
        f => f.info().numpy.unwrap_or("cast"),
    };
    let is_operator = matches!(f.info().py, Some(PyForm::Operator(_) | PyForm::Builtin(_)));
    match is_scalar && is_operator {
        true => format!("scalar {name}"),
        false => name.to_owned(),
    }
}

/// Whether NumPy computes an operator on its scalars by itself: where one of the operands has the type that both become.
/// Else the ufunc does it, and is named.
fn is_scalar_math(types: &[ScalarTy]) -> bool {
    if types[0] == ScalarTy::Np(Dtype::Bool) {
        return false;
    }
    let [one, other] = types else { return true };
    let common = loop_dtype(F::Add, &[*one, *other]);
    let is_common =
        |ty: &ScalarTy| matches!(ty, ScalarTy::Np(dtype) if Some(*dtype) == common && *dtype != Dtype::Bool);
    is_common(one) || is_common(other)
}

/// Events as bits.
fn events_of(warns: Warns) -> i32 {
    let all = [
        (warns.divide, event::DIVIDE),
        (warns.over, event::OVER),
        (warns.under, event::UNDER),
        (warns.invalid, event::INVALID),
    ];
    all.iter().filter(|(is_up, _)| *is_up).map(|(_, bit)| bit).sum()
}

/// The predicate of `icmp`.
pub(super) fn int_predicate(f: F, signed: bool) -> &'static str {
    match (f, signed) {
        (F::Eq, _) => "eq",
        (F::Ne, _) => "ne",
        (F::Lt, true) => "slt",
        (F::Le, true) => "sle",
        (F::Gt, true) => "sgt",
        (F::Ge, true) => "sge",
        (F::Lt, false) => "ult",
        (F::Le, false) => "ule",
        (F::Gt, false) => "ugt",
        _ => "uge",
    }
}

/// The intrinsic that rounds to an integer.
pub(super) fn rounding(f: F) -> &'static str {
    match f {
        F::Floor => "floor",
        F::Ceil => "ceil",
        F::Trunc => "trunc",
        _ => "roundeven",
    }
}

pub(super) fn logical(f: F) -> &'static str {
    match f {
        F::LogicalAnd => "and",
        F::LogicalOr => "or",
        _ => "xor",
    }
}

/// The suffix of intrinsics on a float type.
pub(super) fn float_suffix(ty: &str) -> &'static str {
    match ty {
        "half" => "f16",
        "float" => "f32",
        _ => "f64",
    }
}
