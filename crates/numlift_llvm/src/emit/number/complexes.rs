//! Complex numbers of NumPy.
//!
//! Its loops over arrays use fused multiply-adds and, for absolute values, a way of their own; operators on its scalars
//! round every product and ask the C library. Both are what is emitted here, so that every bit is NumPy's.

use numlift_abi::runtime::event;
use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::{F, ScalarTy};

use super::{float, float_suffix};
use crate::emit::{Emit, Emitter};
use crate::value::{Number, register_type};

/// The real and the imaginary part.
type Parts = (String, String);

impl Emitter<'_> {
    pub(super) fn complexes(&mut self, f: F, dtype: Dtype, args: &[Number], is_scalar: bool) -> Emit<Option<Number>> {
        let ty = register_type(ScalarTy::Np(dtype));
        let part = |number: &Number| (number.re.clone(), number.im.clone().unwrap_or_else(|| "0.0".to_owned()));
        let a = part(&args[0]);
        let b = args.get(1).map(part).unwrap_or_default();
        let same = |(re, im): (String, String)| {
            Some(Number {
                ty: ScalarTy::Np(dtype),
                re,
                im: Some(im),
            })
        };
        let real = |register: String| Some(Self::real(ScalarTy::Np(dtype.real_part()), register));
        let truth = |register: String| Some(Self::real(ScalarTy::Np(Dtype::Bool), register));
        Ok(match f {
            F::Add | F::Sub => {
                let re = self.arithmetic(f, ty, &a.0, &b.0);
                let im = self.arithmetic(f, ty, &a.1, &b.1);
                same((re, im))
            }
            F::Mul if is_scalar => same(self.complex_product(ty, &a, &b)),
            F::Mul => same(self.fused_product(ty, &a, &b)),
            F::Square => same(self.fused_product(ty, &a, &a)),
            F::TrueDiv => same(self.complex_quotient(ty, &a, &b)),
            F::Neg => {
                let re = self.text.value(&format!("fneg {ty} {}", a.0));
                let im = self.text.value(&format!("fneg {ty} {}", a.1));
                same((re, im))
            }
            F::Pos => same(a),
            F::Conj => {
                let im = self.text.value(&format!("fneg {ty} {}", a.1));
                same((a.0, im))
            }
            F::Real => real(a.0),
            F::Imag => real(a.1),
            F::Abs if !is_scalar => real(self.scaled_size(ty, &a)),
            F::Abs => {
                let size = self.elementary("hypot", ty, &[&a.0, &a.1])?;
                if self.events.noted {
                    self.note_primitive(F::Add, ty, &a.0, &a.1, &size);
                }
                real(size)
            }
            F::Eq | F::Ne => {
                let re = self.compare_floats(F::Eq, ty, &a.0, &b.0);
                let im = self.compare_floats(F::Eq, ty, &a.1, &b.1);
                let both = self.text.value(&format!("and i1 {re}, {im}"));
                truth(match f {
                    F::Eq => both,
                    _ => self.text.value(&format!("xor i1 {both}, true")),
                })
            }
            F::Isnan => {
                let re = self.text.value(&format!("fcmp uno {ty} {}, 0.0", a.0));
                let im = self.text.value(&format!("fcmp uno {ty} {}, 0.0", a.1));
                truth(self.text.value(&format!("or i1 {re}, {im}")))
            }
            F::Isinf | F::Isfinite => {
                let re = self.classify(f, ty, &a.0);
                let im = self.classify(f, ty, &a.1);
                let op = if f == F::Isinf { "or" } else { "and" };
                truth(self.text.value(&format!("{op} i1 {re}, {im}")))
            }
            F::Exp => {
                let [re, im] = self.complex_exponential(ty, [&a.0, &a.1])?;
                same((re, im))
            }
            _ => None,
        })
    }

    /// The product as NumPy's loops compute it where the machine has a fused multiply-add: one product of each part is
    /// not rounded. (Its loop for `complex64` whose strides are negative rounds both.)
    fn fused_product(&mut self, ty: &str, a: &Parts, b: &Parts) -> Parts {
        if !self.options.fma {
            return self.complex_product(ty, a, b);
        }
        let rest = self.arithmetic(F::Mul, ty, &a.1, &b.1);
        let less = self.text.value(&format!("fneg {ty} {rest}"));
        let re = self.fused(ty, [&a.0, &b.0, &less]);
        let more = self.arithmetic(F::Mul, ty, &a.1, &b.0);
        (re, self.fused(ty, [&a.0, &b.1, &more]))
    }

    /// `a * b + c`, rounded once.
    fn fused(&mut self, ty: &str, [a, b, c]: [&str; 3]) -> String {
        let suffix = float_suffix(ty);
        let result = self
            .text
            .value(&format!("call {ty} @llvm.fma.{suffix}({ty} {a}, {ty} {b}, {ty} {c})"));
        if self.events.noted {
            let operand = self.text.value(&format!("fcmp uno {ty} {a}, {b}"));
            let term = self.text.value(&format!("fcmp uno {ty} {c}, 0.0"));
            let some_nan = self.text.value(&format!("or i1 {operand}, {term}"));
            let no_nan = self.text.value(&format!("xor i1 {some_nan}, true"));
            let nan = self.text.value(&format!("fcmp uno {ty} {result}, 0.0"));
            let invalid = self.text.value(&format!("and i1 {nan}, {no_nan}"));
            self.note_if(&invalid, event::INVALID);
            let mut over = self.classify(F::Isinf, ty, &result);
            for part in [a, b, c] {
                let finite = self.classify(F::Isfinite, ty, part);
                over = self.text.value(&format!("and i1 {over}, {finite}"));
            }
            self.note_if(&over, event::OVER);
        }
        result
    }

    /// The absolute value as NumPy's vector loop computes it: the larger part times the root of one and the square of
    /// the ratio.
    fn scaled_size(&mut self, ty: &str, a: &Parts) -> String {
        let suffix = float_suffix(ty);
        let infinity = float(f64::INFINITY);
        let sizes = [&a.0, &a.1].map(|part| self.text.value(&format!("call {ty} @llvm.fabs.{suffix}({ty} {part})")));
        let infinite = [0, 1].map(|part| self.text.value(&format!("fcmp oeq {ty} {}, {infinity}", sizes[part])));
        let some_infinite = self.text.value(&format!("or i1 {}, {}", infinite[0], infinite[1]));
        let nan = self.text.value(&format!("fcmp uno {ty} {}, {}", sizes[0], sizes[1]));
        let first = self.text.value(&format!("fcmp oge {ty} {}, {}", sizes[0], sizes[1]));
        let pick = |emitter: &mut Self, x: &str, y: &str| {
            emitter.text.value(&format!("select i1 {first}, {ty} {x}, {ty} {y}"))
        };
        let large = pick(self, &sizes[0], &sizes[1]);
        let small = pick(self, &sizes[1], &sizes[0]);
        let zero = self.text.value(&format!("fcmp oeq {ty} {large}, 0.0"));
        let special = self.text.value(&format!("or i1 {some_infinite}, {nan}"));
        let special = self.text.value(&format!("or i1 {special}, {zero}"));
        let divisor = self.text.value(&format!("select i1 {special}, {ty} 1.0, {ty} {large}"));
        let share = self.text.value(&format!("select i1 {special}, {ty} 0.0, {ty} {small}"));
        let ratio = self.text.value(&format!("fdiv {ty} {share}, {divisor}"));
        let square = match self.options.fma {
            true => self.text.value(&format!(
                "call {ty} @llvm.fma.{suffix}({ty} {ratio}, {ty} {ratio}, {ty} 1.0)"
            )),
            false => {
                let square = self.text.value(&format!("fmul {ty} {ratio}, {ratio}"));
                self.text.value(&format!("fadd {ty} {square}, 1.0"))
            }
        };
        let root = self
            .text
            .value(&format!("call {ty} @llvm.sqrt.{suffix}({ty} {square})"));
        let scale = self.text.value(&format!("select i1 {zero}, {ty} 0.0, {ty} {divisor}"));
        let size = self.arithmetic(F::Mul, ty, &root, &scale);
        let size = self
            .text
            .value(&format!("select i1 {nan}, {ty} {}, {ty} {size}", float(f64::NAN)));
        self.text
            .value(&format!("select i1 {some_infinite}, {ty} {infinity}, {ty} {size}"))
    }
}
