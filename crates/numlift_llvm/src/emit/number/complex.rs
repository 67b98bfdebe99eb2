//! Python's complex numbers.

use numlift_ir::function::OpId;
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, ScalarTy};

use super::Operation;
use crate::emit::{Emit, Emitter};
use crate::value::{Number, Value};

impl Emitter<'_> {
    pub(super) fn python_complex(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        let args: Vec<(String, String)> = operation
            .args
            .iter()
            .map(|number| match &number.im {
                Some(im) => (number.re.clone(), im.clone()),
                None => (self.as_double(number), "0.0".to_owned()),
            })
            .collect();
        // Python 3.11 makes a complex number of a real operand; signs of zeros differ from a mixed operation only so.
        let complex = |re: String, im: String| {
            Some(Number {
                ty: ScalarTy::PyComplex,
                re,
                im: Some(im),
            })
        };
        Ok(match operation.f {
            F::Add | F::Sub => {
                let re = self.arithmetic(operation.f, "double", &args[0].0, &args[1].0);
                let im = self.arithmetic(operation.f, "double", &args[0].1, &args[1].1);
                complex(re, im)
            }
            F::Mul => {
                let (re, im) = self.complex_product("double", &args[0], &args[1]);
                complex(re, im)
            }
            F::Neg => {
                let re = self.text.value(&format!("fneg double {}", args[0].0));
                let im = self.text.value(&format!("fneg double {}", args[0].1));
                complex(re, im)
            }
            F::Conj => {
                let im = self.text.value(&format!("fneg double {}", args[0].1));
                complex(args[0].0.clone(), im)
            }
            F::Pos | F::ToComplex => complex(args[0].0.clone(), args[0].1.clone()),
            F::Real => Some(Self::real(ScalarTy::PyFloat, args[0].0.clone())),
            F::Imag => Some(Self::real(ScalarTy::PyFloat, args[0].1.clone())),
            F::Eq | F::Ne => {
                let re = self.compare_floats(F::Eq, "double", &args[0].0, &args[1].0);
                let im = self.compare_floats(F::Eq, "double", &args[0].1, &args[1].1);
                let both = self.text.value(&format!("and i1 {re}, {im}"));
                let found = match operation.f {
                    F::Eq => both,
                    _ => self.text.value(&format!("xor i1 {both}, true")),
                };
                Some(Self::real(ScalarTy::PyBool, found))
            }
            F::Abs => {
                // CPython's is the C library's, and an infinite result of finite parts is an error.
                let symbol = self.library.foreign("hypot");
                let (re, im) = &args[0];
                let found = self
                    .text
                    .value(&format!("call double @{symbol}(double {re}, double {im})"));
                self.leave_if_overflown(&found, &[re, im])?;
                Some(Self::real(ScalarTy::PyFloat, found))
            }
            F::TrueDiv => {
                let (re, im) = self.python_quotient(&args[0], &args[1])?;
                complex(re, im)
            }
            _ => None,
        })
    }

    /// A quotient as CPython computes it: by the ratio of the smaller part of the divisor to the larger one (Smith,
    /// Communications of the ACM 5, 1962). Leaves where the divisor is zero.
    fn python_quotient(&mut self, a: &(String, String), b: &(String, String)) -> Emit<(String, String)> {
        let size = |emitter: &mut Self, part: &str| {
            emitter
                .text
                .value(&format!("call double @llvm.fabs.f64(double {part})"))
        };
        let (re_size, im_size) = (size(self, &b.0), size(self, &b.1));
        let larger = self.text.value(&format!("fcmp oge double {re_size}, {im_size}"));
        let zero = self.text.value(&format!("fcmp oeq double {re_size}, 0.0"));
        let none = self.text.value(&format!("and i1 {larger}, {zero}"));
        self.leave_if(&none, "a division by zero")?;
        let choose = |emitter: &mut Self, yes: &str, no: &str| {
            emitter
                .text
                .value(&format!("select i1 {larger}, double {yes}, double {no}"))
        };
        let (above, below) = (choose(self, &b.1, &b.0), choose(self, &b.0, &b.1));
        let ratio = self.arithmetic(F::TrueDiv, "double", &above, &below);
        let scaled = self.arithmetic(F::Mul, "double", &above, &ratio);
        let divisor = self.arithmetic(F::Add, "double", &below, &scaled);
        let (first, second) = (choose(self, &a.0, &a.1), choose(self, &a.1, &a.0));
        let second = self.arithmetic(F::Mul, "double", &second, &ratio);
        let re = self.arithmetic(F::Add, "double", &first, &second);
        let by_re = self.arithmetic(F::Mul, "double", &a.0, &ratio);
        let by_re = self.arithmetic(F::Sub, "double", &a.1, &by_re);
        let by_im = self.arithmetic(F::Mul, "double", &a.1, &ratio);
        let by_im = self.arithmetic(F::Sub, "double", &by_im, &a.0);
        let im = choose(self, &by_re, &by_im);
        Ok((
            self.arithmetic(F::TrueDiv, "double", &re, &divisor),
            self.arithmetic(F::TrueDiv, "double", &im, &divisor),
        ))
    }

    /// `complex(re, im)` of two real numbers; false if it is something else.
    pub(in crate::emit) fn complex_op(&mut self, op: OpId) -> Emit<bool> {
        let (kind, args, results) = self.ops(op);
        let Kind::Call { callee, keywords } = kind else {
            return Ok(false);
        };
        if callee != "builtins.complex" || !keywords.is_empty() || args.len() != 2 {
            return Ok(false);
        }
        let mut parts = Vec::new();
        for arg in args {
            match self.bound(*arg)? {
                Value::Number(number) if number.im.is_none() => parts.push(self.as_double(&number)),
                _ => return Ok(false),
            }
        }
        let number = Number {
            ty: ScalarTy::PyComplex,
            re: parts[0].clone(),
            im: Some(parts[1].clone()),
        };
        self.set(results[0], Value::Number(number));
        Ok(true)
    }
}
