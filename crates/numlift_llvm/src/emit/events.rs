//! Floating-point events where the processor's status says too much.
//!
//! The processor notes what is computed, and LLVM computes more than the program does: under `if b[i] != 0` a vector of
//! quotients is computed for all lanes and then chosen from. So in a function with floats under a condition inside of a
//! loop the status is not asked; the events of each operation that programs guard (divisions, roots, logarithms, powers,
//! exponentials) follow from its operands and result instead. Sums and products that overflow go unnoticed there.
//!
//! ```text
//! the result is nan and no operand is                              invalid
//! the result is infinite and all operands are finite               divide, where it is divided by zero; else over
//! ```

use numlift_abi::runtime::event;
use numlift_ir::function::{BlockId, Function};
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, Flavour, ScalarTy, faults};

use super::Emitter;
use super::number::Operation;
use crate::value::{Number, register_type};

/// Whether a function computes what may give an event under a condition inside of a loop.
pub(super) fn are_conditional(func: &Function) -> bool {
    below(func, func.body, false, false)
}

fn below(func: &Function, block: BlockId, in_loop: bool, conditional: bool) -> bool {
    func.block(block).ops.iter().any(|op| {
        let data = func.op(*op);
        match &data.kind {
            Kind::Scalar { f, flavour } => conditional && may_warn(func, *f, *flavour, &data.args),
            Kind::If => data.blocks.iter().any(|inner| below(func, *inner, in_loop, in_loop)),
            Kind::For | Kind::While => data.blocks.iter().any(|inner| below(func, *inner, true, conditional)),
            _ => false,
        }
    })
}

fn may_warn(func: &Function, f: F, flavour: Flavour, args: &[numlift_ir::function::ValueId]) -> bool {
    if !matches!(flavour, Flavour::NpScalar | Flavour::Ufunc) || !is_guarded(f) {
        return false;
    }
    let types: Option<Vec<ScalarTy>> = args.iter().map(|arg| func.ty(*arg).bound().as_scalar()).collect();
    // What may be of several types may be of one that warns.
    types.is_none_or(|types| faults(f, flavour, &types).may_warn())
}

/// What has a domain that programs test for.
fn is_guarded(f: F) -> bool {
    !matches!(f, F::Add | F::Sub | F::Mul | F::Square | F::Hypot | F::ToInt)
}

impl Emitter<'_> {
    /// Notes the events of one operation on floats.
    pub(super) fn note_events_of(&mut self, operation: &Operation<'_>, result: &Number) {
        let types: Vec<ScalarTy> = operation.args.iter().map(|arg| arg.ty).collect();
        if !is_guarded(operation.f) || !faults(operation.f, operation.flavour, &types).may_warn() {
            return;
        }
        let ty = register_type(result.ty);
        let is_float = |ty: &str| matches!(ty, "half" | "float" | "double");
        if !is_float(ty) || result.im.is_some() {
            return;
        }
        let (mut any_nan, mut all_finite) = ("false".to_owned(), "true".to_owned());
        for arg in operation.args {
            let own = register_type(arg.ty);
            for part in std::iter::once(&arg.re).chain(&arg.im) {
                if is_float(own) {
                    let nan = self.text.value(&format!("fcmp uno {own} {part}, 0.0"));
                    let finite = self.classify(F::Isfinite, own, part);
                    any_nan = self.text.value(&format!("or i1 {any_nan}, {nan}"));
                    all_finite = self.text.value(&format!("and i1 {all_finite}, {finite}"));
                }
            }
        }
        let nan = self.text.value(&format!("fcmp uno {ty} {}, 0.0", result.re));
        let none = self.text.value(&format!("xor i1 {any_nan}, true"));
        let invalid = self.text.value(&format!("and i1 {nan}, {none}"));
        self.note_if(&invalid, event::INVALID);
        let infinite = self.classify(F::Isinf, ty, &result.re);
        let made = self.text.value(&format!("and i1 {infinite}, {all_finite}"));
        let zero = match operation.f {
            F::TrueDiv | F::FloorDiv => self.is_zero(operation.args.last()),
            F::Reciprocal | F::Pow | F::FloatPower => self.is_zero(operation.args.first()),
            F::Log | F::Log2 | F::Log10 | F::Log1p | F::Arctanh => "true".to_owned(),
            _ => "false".to_owned(),
        };
        let divide = self.text.value(&format!("and i1 {made}, {zero}"));
        self.note_if(&divide, event::DIVIDE);
        let not_zero = self.text.value(&format!("xor i1 {zero}, true"));
        let over = self.text.value(&format!("and i1 {made}, {not_zero}"));
        self.note_if(&over, event::OVER);
    }

    fn is_zero(&mut self, number: Option<&Number>) -> String {
        let Some(number) = number else {
            return "false".to_owned();
        };
        let truth = self.truth_of_number(number);
        self.text.value(&format!("xor i1 {truth}, true"))
    }
}
