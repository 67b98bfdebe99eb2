//! Floating-point events of one operation, from its operands and its result.
//!
//! ```text
//! a + b, a - b, a * b     invalid: the result is nan, no operand is       over: it is infinite, all operands are finite
//! a / b                   likewise, and divide instead of over where b is 0
//! elementary functions    likewise; divide where the function has a pole, as the logarithm at 0
//! casts to fewer bits     over
//! ```
//!
//! What underflows is not noted: NumPy tells of it only when asked.
//!
//! All of that shows as a result that is no finite number. Where a loop runs one iteration after the other anyway, that is
//! all that is looked at, and the rest stands behind a branch that is seldom taken.

use numlift_abi::runtime::event;
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};

use super::Emitter;
use crate::value::{Number, register_type};

/// Whether a function's events are noted where its primitive operations are.
fn is_primitive(f: F) -> bool {
    matches!(f, F::Add | F::Sub | F::Mul | F::TrueDiv | F::Square | F::Reciprocal)
}

fn is_float(ty: &str) -> bool {
    matches!(ty, "half" | "float" | "double")
}

impl Emitter<'_> {
    /// Notes the events of `+ - * /` on two floats.
    pub(super) fn note_primitive(&mut self, f: F, ty: &str, a: &str, b: &str, result: &str) {
        if !self.notes_by_branch() {
            return self.note_events_of_primitive(f, ty, a, b, result);
        }
        let [odd, on] = ["odd", "on"].map(|what| self.text.label(what));
        let zero = self.text.value(&format!("fsub {ty} {result}, {result}"));
        let is_odd = self.text.value(&format!("fcmp uno {ty} {zero}, 0.0"));
        self.text
            .end(&format!("br i1 {is_odd}, label %{odd}, label %{on}, !prof !1"));
        self.text.begin_apart(&odd);
        self.note_events_of_primitive(f, ty, a, b, result);
        self.text.begin(&on);
    }

    fn note_events_of_primitive(&mut self, f: F, ty: &str, a: &str, b: &str, result: &str) {
        let nan = self.text.value(&format!("fcmp uno {ty} {result}, 0.0"));
        let operand = self.text.value(&format!("fcmp uno {ty} {a}, {b}"));
        let none = self.text.value(&format!("xor i1 {operand}, true"));
        let invalid = self.text.value(&format!("and i1 {nan}, {none}"));
        self.note_if(&invalid, event::INVALID);
        let infinite = self.classify(F::Isinf, ty, result);
        let a_finite = self.classify(F::Isfinite, ty, a);
        let b_finite = self.classify(F::Isfinite, ty, b);
        let finite = self.text.value(&format!("and i1 {a_finite}, {b_finite}"));
        let made = self.text.value(&format!("and i1 {infinite}, {finite}"));
        if f != F::TrueDiv {
            self.note_if(&made, event::OVER);
            return;
        }
        let zero = self.text.value(&format!("fcmp oeq {ty} {b}, 0.0"));
        let divide = self.text.value(&format!("and i1 {made}, {zero}"));
        self.note_if(&divide, event::DIVIDE);
        let not_zero = self.text.value(&format!("xor i1 {zero}, true"));
        let over = self.text.value(&format!("and i1 {made}, {not_zero}"));
        self.note_if(&over, event::OVER);
    }

    /// Notes that a float became infinite in fewer bits.
    pub(super) fn note_narrowed(&mut self, from: &str, wide: &str, to: &str, narrow: &str) {
        let infinite = self.classify(F::Isinf, to, narrow);
        let finite = match is_float(from) {
            true => self.classify(F::Isfinite, from, wide),
            false => "true".to_owned(),
        };
        let over = self.text.value(&format!("and i1 {infinite}, {finite}"));
        self.note_if(&over, event::OVER);
    }

    /// Notes the events of a function on floats of one type that is more than a primitive operation. `half` is a number of
    /// half precision, whose division and remainder NumPy computes together.
    pub(super) fn note_events_of(&mut self, f: F, half: bool, args: &[Number], result: &Number) {
        let types: Vec<ScalarTy> = args.iter().map(|arg| arg.ty).collect();
        if is_primitive(f) || !faults(f, Flavour::Ufunc, &types).may_warn() {
            return;
        }
        let ty = register_type(result.ty);
        if !is_float(ty) || result.im.is_some() {
            return;
        }
        let (mut any_nan, mut all_finite) = ("false".to_owned(), "true".to_owned());
        for arg in args {
            let own = register_type(arg.ty);
            let nan = self.text.value(&format!("fcmp uno {own} {}, 0.0", arg.re));
            let finite = self.classify(F::Isfinite, own, &arg.re);
            any_nan = self.text.value(&format!("or i1 {any_nan}, {nan}"));
            all_finite = self.text.value(&format!("and i1 {all_finite}, {finite}"));
        }
        let none = self.text.value(&format!("xor i1 {any_nan}, true"));
        if half && matches!(f, F::FloorDiv | F::Mod) {
            self.note_half_division(f, &args[0].re, &args[1].re, &none);
        }
        let nan = self.text.value(&format!("fcmp uno {ty} {}, 0.0", result.re));
        let invalid = self.text.value(&format!("and i1 {nan}, {none}"));
        self.note_if(&invalid, event::INVALID);
        let infinite = self.classify(F::Isinf, ty, &result.re);
        let made = self.text.value(&format!("and i1 {infinite}, {all_finite}"));
        let zero = match f {
            F::FloorDiv => self.is_zero(args.last()),
            F::Pow | F::UniformPow | F::FloatPower => self.is_zero(args.first()),
            F::Log | F::Log2 | F::Log10 | F::Log1p | F::Arctanh => "true".to_owned(),
            _ => "false".to_owned(),
        };
        let divide = self.text.value(&format!("and i1 {made}, {zero}"));
        self.note_if(&divide, event::DIVIDE);
        let not_zero = self.text.value(&format!("xor i1 {zero}, true"));
        let over = self.text.value(&format!("and i1 {made}, {not_zero}"));
        self.note_if(&over, event::OVER);
        if f == F::FloorDiv {
            // The quotient is rounded by subtracting from it what it was rounded to.
            self.note_if(&over, event::INVALID);
        }
    }

    /// A divisor of half precision that is zero: the remainder is invalid unless the quotient alone is asked for and the
    /// zero has no sign; the remainder's quotient is divided by zero.
    fn note_half_division(&mut self, f: F, a: &str, b: &str, no_nan: &str) {
        let zero = self.text.value(&format!("fcmp oeq half {b}, 0.0"));
        let bits = self.text.value(&format!("bitcast half {b} to i16"));
        let signed = self.text.value(&format!("icmp slt i16 {bits}, 0"));
        let remains = self.text.value(&format!("and i1 {zero}, {no_nan}"));
        if f == F::FloorDiv {
            let invalid = self.text.value(&format!("and i1 {remains}, {signed}"));
            self.note_if(&invalid, event::INVALID);
            return;
        }
        self.note_if(&remains, event::INVALID);
        let some = self.text.value(&format!("fcmp one half {a}, 0.0"));
        let finite = self.classify(F::Isfinite, "half", a);
        let made = self.text.value(&format!("and i1 {some}, {finite}"));
        let divide = self.text.value(&format!("and i1 {made}, {zero}"));
        self.note_if(&divide, event::DIVIDE);
    }

    fn is_zero(&mut self, number: Option<&Number>) -> String {
        let Some(number) = number else {
            return "false".to_owned();
        };
        let truth = self.truth_of_number(number);
        self.text.value(&format!("xor i1 {truth}, true"))
    }
}
