//! Arithmetic that keeps out of where the processor is watched.
//!
//! In a function that notes, the status is watched around its clean loops only ([`events`](super::events)). For LLVM an
//! `fmul` has no effect: it may stand on either side of the calls that begin and end that, and the processor then tells
//! of it there. So between such loops a float goes through an assembler text that is empty, but an effect like those
//! calls: an operand before, the result behind each operation.

use std::collections::BTreeSet;

use numlift_ir::function::{Function, OpId};
use numlift_ir::op::{Kind, is_product};

use super::Emitter;
use crate::value::{Number, Value, register_type};

/// Where the processor is watched for a while, in a function that notes.
#[derive(Debug, Default)]
pub(super) struct Stretches {
    /// Whether it ever is.
    any: bool,
    /// Loops that hold a stretch.
    around: BTreeSet<OpId>,
}

impl Stretches {
    /// The loops around which the status is watched are told; around products it is too.
    pub(super) fn new(func: &Function, is_watched: impl Fn(OpId) -> bool) -> Stretches {
        let is_loop = |op: OpId| matches!(func.op(op).kind, Kind::For | Kind::While);
        let begins = |op: OpId| match &func.op(op).kind {
            Kind::Call { callee, .. } => is_product(callee),
            _ => is_loop(op) && is_watched(op),
        };
        let mut found = Stretches::default();
        let mut loops = Vec::new();
        func.walk(func.body, &mut |op| {
            found.any |= begins(op);
            loops.extend(Some(op).filter(|op| is_loop(*op)));
        });
        for op in loops {
            let mut holds = false;
            for block in &func.op(op).blocks {
                func.walk(*block, &mut |inner| holds |= begins(inner));
            }
            if holds {
                found.around.insert(op);
            }
        }
        found
    }

    /// Whether there is any.
    pub(super) fn any(&self) -> bool {
        self.any
    }

    /// Whether one may stand beside an operation in a loop, or outside of all.
    pub(super) fn beside(&self, innermost: Option<OpId>) -> bool {
        innermost.map_or(self.any, |op| self.around.contains(&op))
    }
}

impl Emitter<'_> {
    /// What is computed of these operands is not computed before this place.
    pub(super) fn not_before(&mut self, operands: &mut [Number]) {
        let is_float_in_register = |number: &&mut Number| is_inexact(number) && number.re.starts_with('%');
        if self.events.is_beside_watched()
            && let Some(number) = operands.iter_mut().find(is_float_in_register)
        {
            number.re = self.through(&number.re, register_type(number.ty));
        }
    }

    /// What was computed of these operands is not computed behind this place.
    pub(super) fn not_after(&mut self, operands: &[Number], result: Value) -> Value {
        let Value::Number(mut number) = result else {
            return result;
        };
        let is_float = operands.iter().chain([&number]).any(is_inexact);
        if is_float && self.events.is_beside_watched() && !self.text.has_ended() {
            let ty = register_type(number.ty);
            number.re = self.through(&number.re, ty);
            number.im = number.im.map(|im| self.through(&im, ty));
        }
        Value::Number(number)
    }

    /// A register of which LLVM does not know that it is another's copy.
    fn through(&mut self, register: &str, ty: &str) -> String {
        if !register.starts_with('%') {
            return register.to_owned();
        }
        let (bits, there, back) = match ty {
            "double" => ("i64", "bitcast", "bitcast"),
            "float" => ("i32", "bitcast", "bitcast"),
            "half" => ("i16", "bitcast", "bitcast"),
            "i1" => ("i32", "zext", "trunc"),
            integer => (integer, "bitcast", "bitcast"),
        };
        let plain = self.text.value(&format!("{there} {ty} {register} to {bits}"));
        let held = self
            .text
            .value(&format!("call {bits} asm sideeffect \"\", \"=r,0\"({bits} {plain})"));
        self.text.value(&format!("{back} {bits} {held} to {ty}"))
    }
}

fn is_inexact(number: &Number) -> bool {
    number.ty.array_dtype().is_inexact()
}
