//! Random numbers of a generator, by its own bits.
//!
//! `rng.random()` is the next float that its bit generator has, `rng.uniform(a, b)` is made of one: what NumPy does for
//! one number, without the call. The stream is the generator's own, whoever draws next.

use numlift_ir::function::OpId;
use numlift_ir::op::Kind;
use numlift_ir::scalar::ScalarTy;

use super::{Emit, Emitter};
use crate::value::Value;

impl Emitter<'_> {
    /// A draw of one float; false if it is something else.
    pub(super) fn draw_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, results) = self.ops(op);
        let Kind::Method { name, keywords } = kind else {
            return Ok(false);
        };
        let Value::Generator { object, bits } = self.get(args[0])? else {
            return Ok(false);
        };
        let range = match (name.as_str(), &args[1..]) {
            ("random", []) => None,
            ("uniform", [low, high]) if keywords.is_empty() => match (self.get(*low)?, self.get(*high)?) {
                (Value::Number(low), Value::Number(high)) if is_float(low.ty) && is_float(high.ty) => {
                    Some((low.re, high.re))
                }
                _ => return Ok(false),
            },
            _ => return Ok(false),
        };
        let scale = match &range {
            None => None,
            Some((low, high)) => {
                let scale = self.text.value(&format!("fsub double {high}, {low}"));
                self.leave_unless_finite(&scale)?;
                Some(scale)
            }
        };
        let slot = self.text.slot("double");
        let status = self.text.value(&format!(
            "call i32 @nl_draw(ptr %ctx, ptr {object}, ptr {bits}, ptr {slot})"
        ));
        let failed = self.text.value(&format!("icmp ne i32 {status}, 0"));
        self.fail_if(&failed);
        let mut drawn = self.text.value(&format!("load double, ptr {slot}"));
        if let (Some(scale), Some((low, _))) = (scale, range) {
            let scaled = self.text.value(&format!("fmul double {scale}, {drawn}"));
            drawn = self.text.value(&format!("fadd double {low}, {scaled}"));
        }
        self.set(results[0], Value::Number(Self::real(ScalarTy::PyFloat, drawn)));
        Ok(true)
    }
}

fn is_float(ty: ScalarTy) -> bool {
    matches!(ty, ScalarTy::PyFloat | ScalarTy::Np(numlift_ir::dtype::Dtype::F64))
}
