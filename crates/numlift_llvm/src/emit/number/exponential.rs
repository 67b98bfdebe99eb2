//! The exponential of complex numbers.
//!
//! `exp(a) * (cos(b) + sin(b) i)`, by the rules of C99 for what is not finite. Where `exp(a)` alone would be too large it
//! is taken in two steps, and a part that is zero stays what it is.

use numlift_ir::scalar::F;

use super::float;
use crate::emit::{Emit, Emitter};

impl Emitter<'_> {
    /// The exponential by real and imaginary part.
    pub(super) fn complex_exponential(&mut self, ty: &str, [a, b]: [&str; 2]) -> Emit<[String; 2]> {
        let single = ty == "float";
        let (step, factor) = match single {
            true => (80.0, f64::from(80f32.exp())),
            false => (700.0, 700f64.exp()),
        };
        let is_large = self.text.value(&format!("fcmp ogt {ty} {a}, {}", float(step)));
        let less = self.text.value(&format!("fsub {ty} {a}, {}", float(step)));
        let near = self.text.value(&format!("select i1 {is_large}, {ty} {less}, {ty} {a}"));
        let size = self.elementary("exp", ty, &[&near])?;
        let cos = self.elementary("cos", ty, &[b])?;
        let sin = self.elementary("sin", ty, &[b])?;
        let scale = self
            .text
            .value(&format!("select i1 {is_large}, {ty} {}, {ty} 1.0", float(factor)));
        let mut scaled = |part: &str| {
            let own = self.text.value(&format!("fmul {ty} {size}, {part}"));
            let whole = self.text.value(&format!("fmul {ty} {own}, {scale}"));
            if self.events.noted {
                self.note_primitive(F::Mul, ty, &own, &scale, &whole);
            }
            whole
        };
        let (re, im) = (scaled(&cos), scaled(&sin));
        let is_zero = self.text.value(&format!("fcmp oeq {ty} {b}, 0.0"));
        let im = self.text.value(&format!("select i1 {is_zero}, {ty} {b}, {ty} {im}"));
        // Of infinity times what has no angle the size is known.
        let infinite = self.classify(F::Isinf, ty, a);
        let angle = self.classify(F::Isfinite, ty, b);
        let no_angle = self.text.value(&format!("xor i1 {angle}, true"));
        let special = self.text.value(&format!("and i1 {infinite}, {no_angle}"));
        let above = self.text.value(&format!("fcmp ogt {ty} {a}, 0.0"));
        let limit = self
            .text
            .value(&format!("select i1 {above}, {ty} {}, {ty} 0.0", float(f64::INFINITY)));
        let none = self
            .text
            .value(&format!("select i1 {above}, {ty} {}, {ty} 0.0", float(f64::NAN)));
        let re = self
            .text
            .value(&format!("select i1 {special}, {ty} {limit}, {ty} {re}"));
        let im = self.text.value(&format!("select i1 {special}, {ty} {none}, {ty} {im}"));
        Ok([re, im])
    }
}
