//! Python's operators and builtins, and the `math` module.
//!
//! Ints are 64 bits wide: what may leave them leaves compiled code, and so does what raises.

use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::{Interval, Ty};

use super::{EXACT, Operation, int_predicate, rounding};
use crate::emit::{Emit, Emitter};
use crate::value::Number;

impl Emitter<'_> {
    pub(super) fn python_number(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        let types = operation.types();
        if types.contains(&ScalarTy::PyComplex) {
            return self.python_complex(operation);
        }
        if types.contains(&ScalarTy::PyFloat) {
            return self.python_float(operation);
        }
        self.python_int(operation)
    }

    fn python_int(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        use ScalarTy::{PyBool, PyFloat, PyInt};
        let f = operation.f;
        let both_bool = operation.args.iter().all(|number| number.ty == PyBool);
        let args: Vec<String> = operation.args.iter().map(|number| self.as_i64(number)).collect();
        let a = args[0].clone();
        let b = args.get(1).cloned().unwrap_or_default();
        let result = match operation.result {
            Ty::Int(interval) => *interval,
            _ => Interval::ALL,
        };
        let int = |register: String| Some(Self::real(PyInt, register));
        Ok(match f {
            F::Add | F::Sub | F::Mul => {
                let op = match f {
                    F::Add => "add",
                    F::Sub => "sub",
                    _ => "mul",
                };
                int(self.checked(op, &a, &b, result)?)
            }
            F::Neg => int(self.checked("sub", "0", &a, result)?),
            F::Pos => int(a),
            F::Abs => {
                if self.interval(operation, 0).lo <= Some(i64::MIN.into()) {
                    let smallest = self.text.value(&format!("icmp eq i64 {a}, {}", i64::MIN));
                    self.leave_if(&smallest, "an int beyond 64 bits")?;
                }
                int(self.text.value(&format!("call i64 @llvm.abs.i64(i64 {a}, i1 true)")))
            }
            F::TrueDiv => {
                let b = self.nonzero_divisor(operation, &b)?;
                for (number, register) in [(0, &a), (1, &b)] {
                    self.leave_unless_within(self.interval(operation, number), EXACT, register)?;
                }
                let (x, y) = (self.int_to_double(&a), self.int_to_double(&b));
                Some(Self::real(PyFloat, self.text.value(&format!("fdiv double {x}, {y}"))))
            }
            F::FloorDiv | F::Mod => {
                let b = self.nonzero_divisor(operation, &b)?;
                let may_wrap = self.interval(operation, 0).lo <= Some(i64::MIN.into())
                    && self.interval(operation, 1).lo.is_none_or(|lo| lo <= -1);
                if may_wrap {
                    let smallest = self.text.value(&format!("icmp eq i64 {a}, {}", i64::MIN));
                    let minus_one = self.text.value(&format!("icmp eq i64 {b}, -1"));
                    let both = self.text.value(&format!("and i1 {smallest}, {minus_one}"));
                    self.leave_if(&both, "an int beyond 64 bits")?;
                }
                let same_sign = self.interval(operation, 0).lo >= Some(0) && self.interval(operation, 1).lo >= Some(0);
                int(self.floored_division(f == F::Mod, "i64", &a, &b, true, same_sign))
            }
            F::Pow => {
                let known = self.interval(operation, 1);
                let Some(exponent) = known.as_point() else {
                    return match matches!(operation.result, Ty::Int(_)) && known.lo >= Some(0) {
                        true => Ok(Some(Self::real(ScalarTy::PyInt, self.int_power(&a, &b)?))),
                        false => Ok(None),
                    };
                };
                if exponent < 0 || !matches!(operation.result, Ty::Int(_)) {
                    return Ok(None);
                }
                if exponent > 16 {
                    return Ok(Some(Self::real(ScalarTy::PyInt, self.int_power(&a, &b)?)));
                }
                let mut product = "1".to_owned();
                for _ in 0..exponent {
                    product = match product.as_str() {
                        "1" => a.clone(),
                        _ => self.checked("mul", &product, &a, result)?,
                    };
                }
                int(product)
            }
            F::Invert => int(self.text.value(&format!("xor i64 {a}, -1"))),
            F::And | F::Or | F::Xor => {
                let op = match f {
                    F::And => "and",
                    F::Or => "or",
                    _ => "xor",
                };
                let register = self.text.value(&format!("{op} i64 {a}, {b}"));
                match both_bool {
                    true => {
                        let bit = self.text.value(&format!("trunc i64 {register} to i1"));
                        Some(Self::real(PyBool, bit))
                    }
                    false => int(register),
                }
            }
            F::Shl => {
                let out = self.text.value(&format!("icmp ugt i64 {b}, 62"));
                self.leave_if(&out, "a shift that is too wide or negative")?;
                let shifted = self.text.value(&format!("shl i64 {a}, {b}"));
                let back = self.text.value(&format!("ashr i64 {shifted}, {b}"));
                let lost = self.text.value(&format!("icmp ne i64 {back}, {a}"));
                self.leave_if(&lost, "an int beyond 64 bits")?;
                int(shifted)
            }
            F::Shr => {
                if self.interval(operation, 1).lo < Some(0) {
                    let negative = self.text.value(&format!("icmp slt i64 {b}, 0"));
                    self.leave_if(&negative, "a negative shift")?;
                }
                let wide = self.text.value(&format!("icmp ugt i64 {b}, 63"));
                let by = self.text.value(&format!("select i1 {wide}, i64 63, i64 {b}"));
                int(self.text.value(&format!("ashr i64 {a}, {by}")))
            }
            F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne => {
                let register = self
                    .text
                    .value(&format!("icmp {} i64 {a}, {b}", int_predicate(f, true)));
                Some(Self::real(PyBool, register))
            }
            F::Not => Some(Self::real(PyBool, self.text.value(&format!("icmp eq i64 {a}, 0")))),
            F::Min | F::Max if operation.args[0].ty == operation.args[1].ty => {
                let test = if f == F::Min { "slt" } else { "sgt" };
                let takes = self.text.value(&format!("icmp {test} i64 {b}, {a}"));
                let register = self.text.value(&format!("select i1 {takes}, i64 {b}, i64 {a}"));
                match both_bool {
                    true => Some(Self::real(
                        PyBool,
                        self.text.value(&format!("trunc i64 {register} to i1")),
                    )),
                    false => int(register),
                }
            }
            F::ToInt | F::Round | F::Real | F::Conj => int(a),
            F::Imag => int("0".to_owned()),
            F::ToBool => Some(Self::real(PyBool, self.text.value(&format!("icmp ne i64 {a}, 0")))),
            F::ToFloat => Some(Self::real(PyFloat, self.int_to_double(&a))),
            F::ToComplex => Some(Number {
                ty: ScalarTy::PyComplex,
                re: self.int_to_double(&a),
                im: Some("0.0".to_owned()),
            }),
            _ => None,
        })
    }

    fn python_float(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        use ScalarTy::{PyBool, PyFloat, PyInt};
        let f = operation.f;
        let mixed = operation.args.iter().any(|number| number.ty != PyFloat);
        if f.is_comparison() && mixed {
            // Python compares an int with a float as numbers, without rounding.
            for (number, arg) in operation.args.iter().enumerate() {
                if arg.ty == PyInt {
                    self.leave_unless_within(self.interval(operation, number), EXACT, &arg.re)?;
                }
            }
        }
        if matches!(f, F::Min | F::Max) && mixed {
            return Ok(None);
        }
        let args: Vec<String> = operation.args.iter().map(|number| self.as_double(number)).collect();
        let a = args[0].clone();
        let b = args.get(1).cloned().unwrap_or_default();
        let float = |register: String| Some(Self::real(PyFloat, register));
        Ok(match f {
            F::Add | F::Sub | F::Mul => float(self.arithmetic(f, "double", &a, &b)),
            F::Neg => float(self.text.value(&format!("fneg double {a}"))),
            F::Pos | F::ToFloat | F::Real | F::Conj => float(a),
            F::Imag => float("0.0".to_owned()),
            F::Abs => float(self.text.value(&format!("call double @llvm.fabs.f64(double {a})"))),
            F::TrueDiv => {
                self.leave_if_divisor_is_zero(operation, &b)?;
                float(self.arithmetic(f, "double", &a, &b))
            }
            F::FloorDiv | F::Mod => {
                self.leave_if_divisor_is_zero(operation, &b)?;
                let (quotient, remainder) = self.float_divmod("double", &a, &b);
                float(if f == F::Mod { remainder } else { quotient })
            }
            F::Pow => match self.constant_of(operation.ids.get(1)) {
                Some(2.0) => {
                    let square = self.arithmetic(F::Mul, "double", &a, &a);
                    self.leave_if_overflown(&square, &[&a])?;
                    float(square)
                }
                _ => {
                    if !matches!(operation.result, Ty::Float) && !matches!(operation.result, Ty::OneOf(_)) {
                        return Ok(None);
                    }
                    // A negative base gives a complex number unless the exponent is an integer, zero may raise.
                    match self.constant_of(operation.ids.get(1)) {
                        Some(exponent) if exponent.fract() == 0.0 && exponent >= 0.0 => {}
                        Some(exponent) if exponent.fract() == 0.0 => self.leave_if_zero_float(&a)?,
                        _ => {
                            let fine = self.text.value(&format!("fcmp ogt double {a}, 0.0"));
                            self.leave_unless(&fine, "a power of a number that is not positive")?;
                        }
                    }
                    let power = self.elementary("pow", "double", &[&a, &b])?;
                    self.leave_if_overflown(&power, &[&a, &b])?;
                    float(power)
                }
            },
            F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne => {
                Some(Self::real(PyBool, self.compare_floats(f, "double", &a, &b)))
            }
            F::Not => Some(Self::real(
                PyBool,
                self.text.value(&format!("fcmp oeq double {a}, 0.0")),
            )),
            F::ToBool => Some(Self::real(
                PyBool,
                self.text.value(&format!("fcmp une double {a}, 0.0")),
            )),
            F::Min | F::Max => float(self.python_extremum(f, "double", &a, &b)),
            F::ToInt => Some(Self::real(PyInt, self.checked_to_int(&a)?)),
            F::Round => {
                let rounded = self.text.value(&format!("call double @llvm.roundeven.f64(double {a})"));
                Some(Self::real(PyInt, self.checked_to_int(&rounded)?))
            }
            F::ToComplex => Some(Number {
                ty: ScalarTy::PyComplex,
                re: a,
                im: Some("0.0".to_owned()),
            }),
            _ => None,
        })
    }

    /// A function of the `math` module.
    pub(super) fn math_number(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        use ScalarTy::{PyBool, PyFloat, PyInt};
        let f = operation.f;
        let is_real = |number: &Number| number.im.is_none();
        if !operation.args.iter().all(is_real) {
            return Ok(None);
        }
        let is_int = |number: &Number| number.ty == PyInt || number.ty == PyBool;
        if matches!(f, F::Floor | F::Ceil | F::Trunc) && operation.args.iter().all(is_int) {
            return Ok(Some(Self::real(PyInt, self.as_i64(&operation.args[0]))));
        }
        if matches!(f, F::Gcd | F::Lcm | F::Isqrt) {
            return self.math_of_ints(operation);
        }
        let args: Vec<String> = operation.args.iter().map(|number| self.as_double(number)).collect();
        let a = args[0].clone();
        let b = args.get(1).cloned().unwrap_or_default();
        let float = |register: String| Some(Self::real(PyFloat, register));
        Ok(match f {
            F::Erf | F::Erfc => float(self.elementary(f.name(), "double", &[&a])?),
            F::Fmod => {
                let rest = self.text.value(&format!("frem double {a}, {b}"));
                // Of an infinity or by zero, or of NaN: Python knows.
                let fine = self.text.value(&format!("fcmp ord double {rest}, 0.0"));
                self.leave_unless(&fine, "a remainder that is no number")?;
                float(rest)
            }
            F::Sqrt => {
                let negative = self.text.value(&format!("fcmp olt double {a}, 0.0"));
                self.leave_if(&negative, "the square root of a negative number")?;
                float(self.text.value(&format!("call double @llvm.sqrt.f64(double {a})")))
            }
            F::Fabs => float(self.text.value(&format!("call double @llvm.fabs.f64(double {a})"))),
            F::Floor | F::Ceil | F::Trunc => {
                let name = rounding(f);
                let rounded = self.text.value(&format!("call double @llvm.{name}.f64(double {a})"));
                Some(Self::real(PyInt, self.checked_to_int(&rounded)?))
            }
            F::Isnan => Some(Self::real(
                PyBool,
                self.text.value(&format!("fcmp uno double {a}, 0.0")),
            )),
            F::Isinf | F::Isfinite => Some(Self::real(PyBool, self.classify(f, "double", &a))),
            F::Copysign => float(
                self.text
                    .value(&format!("call double @llvm.copysign.f64(double {a}, double {b})")),
            ),
            F::Degrees => float(self.text.value(&format!(
                "fmul double {a}, {}",
                super::float(180.0 / std::f64::consts::PI)
            ))),
            F::Radians => float(self.text.value(&format!(
                "fmul double {a}, {}",
                super::float(std::f64::consts::PI / 180.0)
            ))),
            F::Log | F::Log2 | F::Log10 => {
                let fine = self.text.value(&format!("fcmp ule double {a}, 0.0"));
                let nan = self.text.value(&format!("fcmp uno double {a}, 0.0"));
                let not_nan = self.text.value(&format!("xor i1 {nan}, true"));
                let bad = self.text.value(&format!("and i1 {fine}, {not_nan}"));
                self.leave_if(&bad, "the logarithm of a number that is not positive")?;
                float(self.elementary(f.name(), "double", &[&a])?)
            }
            F::Pow => {
                let power = self.elementary("pow", "double", &[&a, &b])?;
                self.leave_unless_finite(&power)?;
                float(power)
            }
            F::Arctan | F::Tanh | F::Arcsinh | F::Cbrt | F::Hypot | F::Arctan2 => {
                let operands: Vec<&str> = args.iter().map(String::as_str).collect();
                let found = self.elementary(f.name(), "double", &operands)?;
                if f == F::Hypot {
                    self.leave_if_overflown(&found, &operands)?;
                }
                float(found)
            }
            F::Exp
            | F::Exp2
            | F::Expm1
            | F::Sinh
            | F::Cosh
            | F::Log1p
            | F::Sin
            | F::Cos
            | F::Tan
            | F::Arcsin
            | F::Arccos
            | F::Arccosh
            | F::Arctanh => {
                let found = self.elementary(f.name(), "double", &[&a])?;
                // What is not finite is an error, or comes of an operand that is not finite: Python knows.
                self.leave_unless_finite(&found)?;
                float(found)
            }
            _ => None,
        })
    }

    /// A function of the `math` module that is of ints alone.
    fn math_of_ints(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        let f = operation.f;
        let args: Vec<String> = operation.args.iter().map(|number| self.as_i64(number)).collect();
        for (number, arg) in operation.args.iter().zip(&args) {
            if number.ty == ScalarTy::Np(Dtype::U64) {
                let beyond = self.text.value(&format!("icmp slt i64 {arg}, 0"));
                self.leave_if(&beyond, "an int beyond 64 bits")?;
            }
        }
        let found = match &args[..] {
            [n] if f == F::Isqrt => {
                let negative = self.text.value(&format!("icmp slt i64 {n}, 0"));
                self.leave_if(&negative, "the square root of a negative number")?;
                self.text.value(&format!("call i64 @nl_isqrt(i64 {n})"))
            }
            [a, b] => {
                // The absolute value of the least int has 65 bits.
                for arg in [a, b] {
                    let least = self.text.value(&format!("icmp eq i64 {arg}, {}", i64::MIN));
                    self.leave_if(&least, "an int beyond 64 bits")?;
                }
                let divisor = self.text.value(&format!("call i64 @nl_gcd(i64 {a}, i64 {b})"));
                match f {
                    F::Gcd => divisor,
                    _ => self.least_multiple(a, b, &divisor)?,
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(Self::real(ScalarTy::PyInt, found)))
    }

    /// `|a / divisor * b|`, and 0 where both are 0.
    fn least_multiple(&mut self, a: &str, b: &str, divisor: &str) -> Emit<String> {
        let divisor = self
            .text
            .value(&format!("call i64 @llvm.smax.i64(i64 {divisor}, i64 1)"));
        let part = self.text.value(&format!("sdiv i64 {a}, {divisor}"));
        let (product, over) = self.wide_product(&part, b);
        self.leave_if(&over, "an int beyond 64 bits")?;
        let least = self.text.value(&format!("icmp eq i64 {product}, {}", i64::MIN));
        self.leave_if(&least, "an int beyond 64 bits")?;
        Ok(self
            .text
            .value(&format!("call i64 @llvm.abs.i64(i64 {product}, i1 true)")))
    }

    /// An int to an exponent that is not negative, by squaring; beyond 64 bits compiled code is left.
    fn int_power(&mut self, base: &str, exponent: &str) -> Emit<String> {
        let high = self.text.value(&format!("icmp ugt i64 {exponent}, 63"));
        self.leave_if(&high, "an int beyond 64 bits")?;
        let (mut power, mut square) = ("1".to_owned(), base.to_owned());
        let (mut bad, mut lost) = ("false".to_owned(), "false".to_owned());
        for bit in 0..6 {
            let masked = self.text.value(&format!("and i64 {exponent}, {}", 1 << bit));
            let taken = self.text.value(&format!("icmp ne i64 {masked}, 0"));
            let (product, over) = self.wide_product(&power, &square);
            let either = self.text.value(&format!("or i1 {over}, {lost}"));
            let beyond = self.text.value(&format!("and i1 {taken}, {either}"));
            bad = self.text.value(&format!("or i1 {bad}, {beyond}"));
            power = self
                .text
                .value(&format!("select i1 {taken}, i64 {product}, i64 {power}"));
            let (next, over) = self.wide_product(&square, &square);
            lost = self.text.value(&format!("or i1 {lost}, {over}"));
            square = next;
        }
        self.leave_if(&bad, "an int beyond 64 bits")?;
        Ok(power)
    }

    /// A product of 64 bits, and whether it does not fit.
    fn wide_product(&mut self, a: &str, b: &str) -> (String, String) {
        let pair = self.text.value(&format!(
            "call {{i64, i1}} @llvm.smul.with.overflow.i64(i64 {a}, i64 {b})"
        ));
        let product = self.text.value(&format!("extractvalue {{i64, i1}} {pair}, 0"));
        let over = self.text.value(&format!("extractvalue {{i64, i1}} {pair}, 1"));
        (product, over)
    }
}
