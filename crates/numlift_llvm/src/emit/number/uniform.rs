//! Powers with one exponent for all elements of an array.
//!
//! ```text
//! e == 2: x * x        e == 0.5: sqrt(x)        e == -1: 1 / x        else pow(x, e)
//! ```
//!
//! All four are computed and one is taken. What is not taken must not be an event of the processor's, so its operand is
//! kept where nothing happens by a limit that depends on the exponent alone.

use super::float_suffix;
use crate::emit::{Emit, Emitter};

impl Emitter<'_> {
    pub(super) fn uniform_power(&mut self, ty: &str, x: &str, e: &str) -> Emit<String> {
        let suffix = float_suffix(ty);
        let is = |emitter: &mut Self, special: &str| emitter.text.value(&format!("fcmp oeq {ty} {e}, {special}"));
        let [two, half, minus_one] = ["2.0", "0.5", "-1.0"].map(|special| is(self, special));
        let (zero, one) = ("0.0", "1.0");
        let size = self.text.value(&format!("call {ty} @llvm.fabs.{suffix}({ty} {x})"));
        // The root of what is not below zero, of small numbers the square, of large ones the reciprocal.
        let low = self
            .text
            .value(&format!("select i1 {half}, {ty} 0xFFF0000000000000, {ty} {zero}"));
        let below = self.text.value(&format!("fcmp olt {ty} {x}, {low}"));
        let rooted = self.text.value(&format!("select i1 {below}, {ty} {low}, {ty} {x}"));
        let root = self
            .text
            .value(&format!("call {ty} @llvm.sqrt.{suffix}({ty} {rooted})"));
        let most = self
            .text
            .value(&format!("select i1 {two}, {ty} 0x7FF0000000000000, {ty} {one}"));
        let above = self.text.value(&format!("fcmp ogt {ty} {size}, {most}"));
        let squared = self.text.value(&format!("select i1 {above}, {ty} {most}, {ty} {size}"));
        let square = self.text.value(&format!("fmul {ty} {squared}, {squared}"));
        let least = self
            .text
            .value(&format!("select i1 {minus_one}, {ty} {zero}, {ty} {one}"));
        let small = self.text.value(&format!("fcmp olt {ty} {size}, {least}"));
        let divisor = self
            .text
            .value(&format!("select i1 {small}, {ty} {least}, {ty} {size}"));
        let share = self.text.value(&format!("fdiv {ty} {one}, {divisor}"));
        let share = self
            .text
            .value(&format!("call {ty} @llvm.copysign.{suffix}({ty} {share}, {ty} {x})"));
        let mut result = self.elementary("pow", ty, &[x, e])?;
        for (is_it, own) in [(two, square), (half, root), (minus_one, share)] {
            result = self
                .text
                .value(&format!("select i1 {is_it}, {ty} {own}, {ty} {result}"));
        }
        Ok(result)
    }
}
