//! Scalar functions on numbers, by flavour.
//!
//! Python's ints are 64 bits wide here: what may leave them leaves compiled code. What raises in Python leaves compiled
//! code too, so that Python raises it. What NumPy warns of leaves compiled code on NumPy scalars of integers, and is
//! noted for the end of the function otherwise: floats note it themselves, in the processor's status.

mod numpy;
mod python;

use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};
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
        if faults(operation.f, flavour, &types).may_warn() {
            self.warns = true;
        }
        self.in_numpy = matches!(flavour, Flavour::NpScalar | Flavour::Ufunc);
        let found = match flavour {
            Flavour::Py => self.python_number(operation)?,
            Flavour::Math => self.math_number(operation)?,
            Flavour::NpScalar => self.numpy_number(operation, true)?,
            Flavour::Ufunc => self.numpy_number(operation, false)?,
        };
        if let Some(result) = &found
            && self.notes_events
            && matches!(flavour, Flavour::NpScalar | Flavour::Ufunc)
        {
            self.note_events_of(operation, result);
        }
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
