//! Ufuncs, and operators on NumPy scalars, by the kind of dtype that they compute in.

use numlift_ir::dtype::{Dtype, DtypeKind};
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::Interval;

use super::{MACHINE, Operation, float, float_suffix, int_predicate, is_scalar_math, logical, rounding};
use crate::emit::{Emit, Emitter};
use crate::math::Function;
use crate::value::{Number, register_type};

impl Emitter<'_> {
    pub(super) fn numpy_number(&mut self, operation: &Operation<'_>, is_scalar: bool) -> Emit<Option<Number>> {
        let f = operation.f;
        let types = operation.types();
        match f {
            F::ToInt | F::ToFloat | F::ToBool | F::ToComplex if is_scalar => return self.builtin_conversion(operation),
            F::ToInt | F::ToFloat | F::ToBool | F::ToComplex => {
                let to = match f {
                    F::ToInt => Dtype::I64,
                    F::ToFloat => Dtype::F64,
                    F::ToBool => Dtype::Bool,
                    _ => Dtype::C128,
                };
                return Ok(self.cast(&operation.args[0], ScalarTy::Np(to)));
            }
            // `round()` gives a Python int, or raises.
            F::Round if is_scalar && matches!(types[0], ScalarTy::Np(dtype) if dtype.is_float()) => {
                let wide = self.as_double(&operation.args[0]);
                let rounded = self
                    .text
                    .value(&format!("call double @llvm.roundeven.f64(double {wide})"));
                return Ok(Some(Self::real(ScalarTy::PyInt, self.checked_to_int(&rounded)?)));
            }
            F::Round if is_scalar && matches!(types[0], ScalarTy::Np(Dtype::U64)) => {
                let big = self.text.value(&format!("icmp slt i64 {}, 0", operation.args[0].re));
                self.leave_if(&big, "an int beyond 64 bits")?;
                return Ok(Some(Self::real(ScalarTy::PyInt, operation.args[0].re.clone())));
            }
            F::Not if is_scalar => {
                let truth = self.truth_of_number(&operation.args[0]);
                let not = self.text.value(&format!("xor i1 {truth}, true"));
                return Ok(Some(Self::real(ScalarTy::PyBool, not)));
            }
            _ => {}
        }
        // Each operand is true or false by itself, before it is of a common type: 5e-324 beside float32 is true.
        if matches!(f, F::LogicalAnd | F::LogicalOr | F::LogicalXor) {
            let [x, y] = [0, 1].map(|number| self.truth_of_number(&operation.args[number]));
            let both = self.text.value(&format!("{} i1 {x}, {y}", logical(f)));
            return Ok(Some(Self::real(ScalarTy::Np(Dtype::Bool), both)));
        }
        if f.is_comparison() && types.iter().any(|ty| matches!(ty, ScalarTy::PyInt)) {
            return self.compare_with_int(operation);
        }
        let Some(dtype) = loop_dtype(f, &types) else {
            return Ok(None);
        };
        let mixed_signs = |ty: &ScalarTy| matches!(ty, ScalarTy::Np(d) if d.is_integer());
        if f.is_comparison() && dtype == Dtype::F64 && types.iter().all(mixed_signs) {
            // int64 beside uint64: NumPy compares them as numbers.
            return Ok(None);
        }
        let mut args = Vec::new();
        for (number, arg) in operation.args.iter().enumerate() {
            if arg.ty == ScalarTy::PyInt
                && let Some(limits) = Interval::of_dtype(dtype)
            {
                self.leave_unless_within(self.interval(operation, number), limits.meet(MACHINE), &arg.re)?;
            }
            let Some(cast) = self.operand(arg, dtype) else {
                return Ok(None);
            };
            args.push(cast);
        }
        let found = match dtype.kind() {
            DtypeKind::Bool => self.bools(f, &args),
            DtypeKind::Signed | DtypeKind::Unsigned => {
                let exponent = match self.constant_of(operation.ids.get(1)) {
                    Some(exponent) if (0.0..=64.0).contains(&exponent) => Some(exponent as u32),
                    _ => None,
                };
                self.integers(f, dtype, &args, is_scalar, exponent)?
            }
            DtypeKind::Float => {
                let found = self.floats(f, dtype, &args, operation, is_scalar)?;
                if let (Some(result), true) = (&found, self.events.noted) {
                    let half = dtype == Dtype::F16 && is_scalar && is_scalar_math(&types);
                    self.note_events_of(f, half, &args, &result.clone());
                }
                found
            }
            DtypeKind::Complex => self.complexes(f, dtype, &args, is_scalar)?,
            DtypeKind::Other => None,
        };
        let Some(number) = found else { return Ok(None) };
        // A comparison of NumPy scalars and builtins give what the type rule says.
        Ok(match operation.result.bound().as_scalar() {
            Some(ty) if ty != number.ty => self.cast(&number, ty),
            _ => Some(number),
        })
    }

    /// An operand in the type that is computed in.
    fn operand(&mut self, arg: &Number, dtype: Dtype) -> Option<Number> {
        let site = self.events.site;
        if arg.ty.is_python() && self.events.noted {
            self.site_of_cast();
        }
        let cast = self.cast(arg, ScalarTy::Np(dtype));
        self.events.site = site;
        cast
    }

    /// `int(x)`, `float(x)` of a NumPy scalar.
    fn builtin_conversion(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        let arg = &operation.args[0];
        let ScalarTy::Np(dtype) = arg.ty else { return Ok(None) };
        Ok(match (operation.f, dtype.kind()) {
            (F::ToBool, _) => Some(Self::real(ScalarTy::PyBool, self.truth_of_number(arg))),
            (F::ToInt, DtypeKind::Float) => {
                let wide = self.as_double(arg);
                Some(Self::real(ScalarTy::PyInt, self.checked_to_int(&wide)?))
            }
            (F::ToInt, DtypeKind::Unsigned) if dtype == Dtype::U64 => {
                let big = self.text.value(&format!("icmp slt i64 {}, 0", arg.re));
                self.leave_if(&big, "an int beyond 64 bits")?;
                Some(Self::real(ScalarTy::PyInt, arg.re.clone()))
            }
            (F::ToInt, DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned) => {
                Some(Self::real(ScalarTy::PyInt, self.as_i64(arg)))
            }
            (F::ToFloat, DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned | DtypeKind::Float) => {
                Some(Self::real(ScalarTy::PyFloat, self.as_double(arg)))
            }
            (F::ToComplex, DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned | DtypeKind::Float) => {
                let re = self.as_double(arg);
                Some(Number {
                    ty: ScalarTy::PyComplex,
                    re,
                    im: Some("0.0".to_owned()),
                })
            }
            (F::ToComplex, DtypeKind::Complex) => self.cast(arg, ScalarTy::PyComplex),
            _ => None,
        })
    }

    /// A NumPy number compared with a Python int, which is not converted first.
    fn compare_with_int(&mut self, operation: &Operation<'_>) -> Emit<Option<Number>> {
        let other = operation.args.iter().find(|number| number.ty != ScalarTy::PyInt);
        let Some(ScalarTy::Np(dtype)) = other.map(|number| number.ty) else {
            return Ok(None);
        };
        let register = match dtype.kind() {
            DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Unsigned if dtype != Dtype::U64 => {
                let a = self.as_i64(&operation.args[0]);
                let b = self.as_i64(&operation.args[1]);
                self.text
                    .value(&format!("icmp {} i64 {a}, {b}", int_predicate(operation.f, true)))
            }
            DtypeKind::Unsigned => {
                for (number, arg) in operation.args.iter().enumerate() {
                    if arg.ty == ScalarTy::PyInt {
                        let natural = Interval::new(0, i64::MAX.into());
                        self.leave_unless_within(self.interval(operation, number), natural, &arg.re)?;
                    }
                }
                let (a, b) = (&operation.args[0].re, &operation.args[1].re);
                let predicate = int_predicate(operation.f, false);
                self.text.value(&format!("icmp {predicate} i64 {a}, {b}"))
            }
            DtypeKind::Float => {
                // The int becomes the dtype of the float.
                let mut args = Vec::new();
                for arg in operation.args {
                    let Some(cast) = self.operand(arg, dtype) else {
                        return Ok(None);
                    };
                    args.push(cast.re);
                }
                let ty = register_type(ScalarTy::Np(dtype));
                self.compare_floats(operation.f, ty, &args[0], &args[1])
            }
            DtypeKind::Bool | DtypeKind::Signed | DtypeKind::Complex | DtypeKind::Other => return Ok(None),
        };
        Ok(Some(self.bool_of(Flavour::Ufunc, register)))
    }

    fn bools(&mut self, f: F, args: &[Number]) -> Option<Number> {
        let a = &args[0].re;
        let b = args.get(1).map_or("", |number| number.re.as_str());
        let register = match f {
            F::Add | F::Or | F::LogicalOr | F::Max | F::Fmax => self.text.value(&format!("or i1 {a}, {b}")),
            F::Mul | F::And | F::LogicalAnd | F::Min | F::Fmin => self.text.value(&format!("and i1 {a}, {b}")),
            F::Xor | F::LogicalXor | F::Ne => self.text.value(&format!("xor i1 {a}, {b}")),
            F::Invert | F::Not => self.text.value(&format!("xor i1 {a}, true")),
            F::Abs | F::Isfinite | F::Real | F::Floor | F::Ceil | F::Trunc => match f {
                F::Isfinite => "true".to_owned(),
                _ => a.clone(),
            },
            F::Isnan | F::Isinf => "false".to_owned(),
            F::Lt | F::Le | F::Gt | F::Ge | F::Eq => self
                .text
                .value(&format!("icmp {} i1 {a}, {b}", int_predicate(f, false))),
            _ => return None,
        };
        Some(Self::real(ScalarTy::Np(Dtype::Bool), register))
    }

    /// A power of integers that wraps around, by squares.
    fn wrapping_power(&mut self, ty: &str, base: &str, exponent: u32) -> String {
        let (mut product, mut square, mut rest) = ("1".to_owned(), base.to_owned(), exponent);
        while rest > 0 {
            if rest % 2 == 1 {
                product = match product.as_str() {
                    "1" => square.clone(),
                    so_far => self.text.value(&format!("mul {ty} {so_far}, {square}")),
                };
            }
            rest /= 2;
            if rest > 0 {
                square = self.text.value(&format!("mul {ty} {square}, {square}"));
            }
        }
        product
    }

    fn integers(
        &mut self,
        f: F,
        dtype: Dtype,
        args: &[Number],
        is_scalar: bool,
        exponent: Option<u32>,
    ) -> Emit<Option<Number>> {
        let signed = dtype.kind() == DtypeKind::Signed;
        let ty = register_type(ScalarTy::Np(dtype));
        let bits = dtype.itemsize() * 8;
        let a = args[0].re.clone();
        let b = args.get(1).map_or(String::new(), |number| number.re.clone());
        let same = |register: String| Some(Self::real(ScalarTy::Np(dtype), register));
        let truth = |register: String| Some(Self::real(ScalarTy::Np(Dtype::Bool), register));
        Ok(match f {
            F::Add | F::Sub | F::Mul => {
                let op = match f {
                    F::Add => "add",
                    F::Sub => "sub",
                    _ => "mul",
                };
                same(self.wrapping(op, ty, signed, &a, &b, is_scalar)?)
            }
            F::Neg => same(self.wrapping("sub", ty, signed, "0", &a, is_scalar)?),
            F::Square => same(self.wrapping("mul", ty, signed, &a, &a, false)?),
            F::Pow if !is_scalar => match exponent {
                Some(exponent) => same(self.wrapping_power(ty, &a, exponent)),
                None => None,
            },
            F::Pos | F::Real | F::Conj | F::Floor | F::Ceil | F::Trunc | F::Round => same(a),
            F::Abs if !signed => same(a),
            F::Abs => {
                if is_scalar {
                    let negated = self.wrapping("sub", ty, true, "0", &a, true)?;
                    let negative = self.text.value(&format!("icmp slt {ty} {a}, 0"));
                    same(
                        self.text
                            .value(&format!("select i1 {negative}, {ty} {negated}, {ty} {a}")),
                    )
                } else {
                    same(
                        self.text
                            .value(&format!("call {ty} @llvm.abs.{ty}({ty} {a}, i1 false)")),
                    )
                }
            }
            F::Sign => {
                let positive = self
                    .text
                    .value(&format!("icmp {} {ty} {a}, 0", if signed { "sgt" } else { "ugt" }));
                let one = self.text.value(&format!("zext i1 {positive} to {ty}"));
                if signed {
                    let negative = self.text.value(&format!("icmp slt {ty} {a}, 0"));
                    same(self.text.value(&format!("select i1 {negative}, {ty} -1, {ty} {one}")))
                } else {
                    same(one)
                }
            }
            F::FloorDiv | F::Mod => {
                let zero = self.text.value(&format!("icmp eq {ty} {b}, 0"));
                if is_scalar {
                    self.leave_if(&zero, "a division by zero")?;
                } else {
                    self.note_if(&zero, numlift_abi::runtime::event::DIVIDE);
                }
                let mut bad = zero;
                if signed {
                    let smallest = format!("-{}", 1u128 << (bits - 1));
                    let is_smallest = self.text.value(&format!("icmp eq {ty} {a}, {smallest}"));
                    let minus_one = self.text.value(&format!("icmp eq {ty} {b}, -1"));
                    let wraps = self.text.value(&format!("and i1 {is_smallest}, {minus_one}"));
                    if is_scalar {
                        self.leave_if(&wraps, "an integer that wraps around")?;
                    } else {
                        let by_one = self.text.value(&format!("select i1 {wraps}, {ty} 1, {ty} {b}"));
                        return self.array_division(f, ty, &a, &by_one, &bad, &wraps, dtype);
                    }
                }
                let safe = self.text.value(&format!("select i1 {bad}, {ty} 1, {ty} {b}"));
                let quotient = self.floored_division(f == F::Mod, ty, &a, &safe, signed, false);
                bad = self.text.value(&format!("select i1 {bad}, {ty} 0, {ty} {quotient}"));
                same(bad)
            }
            F::Invert => same(self.text.value(&format!("xor {ty} {a}, -1"))),
            F::And | F::Or | F::Xor => {
                let op = match f {
                    F::And => "and",
                    F::Or => "or",
                    _ => "xor",
                };
                same(self.text.value(&format!("{op} {ty} {a}, {b}")))
            }
            F::Shl | F::Shr => {
                // Too wide a shift gives zero, or the sign; negative ones count as too wide.
                let wide = self.text.value(&format!("icmp uge {ty} {b}, {bits}"));
                let by = self.text.value(&format!("select i1 {wide}, {ty} 0, {ty} {b}"));
                let op = match (f, signed) {
                    (F::Shl, _) => "shl",
                    (_, true) => "ashr",
                    (_, false) => "lshr",
                };
                let shifted = self.text.value(&format!("{op} {ty} {a}, {by}"));
                let beyond = match op {
                    "ashr" => self.text.value(&format!("ashr {ty} {a}, {}", bits - 1)),
                    _ => "0".to_owned(),
                };
                same(
                    self.text
                        .value(&format!("select i1 {wide}, {ty} {beyond}, {ty} {shifted}")),
                )
            }
            F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne => truth(
                self.text
                    .value(&format!("icmp {} {ty} {a}, {b}", int_predicate(f, signed))),
            ),
            F::Not => truth(self.text.value(&format!("icmp eq {ty} {a}, 0"))),
            F::LogicalAnd | F::LogicalOr | F::LogicalXor => {
                let x = self.text.value(&format!("icmp ne {ty} {a}, 0"));
                let y = self.text.value(&format!("icmp ne {ty} {b}, 0"));
                truth(self.text.value(&format!("{} i1 {x}, {y}", logical(f))))
            }
            F::Isnan | F::Isinf => truth("false".to_owned()),
            F::Isfinite => truth("true".to_owned()),
            F::Min | F::Max | F::Fmin | F::Fmax => {
                let smaller = matches!(f, F::Min | F::Fmin);
                let test = match (smaller, signed) {
                    (true, true) => "slt",
                    (true, false) => "ult",
                    (false, true) => "sgt",
                    (false, false) => "ugt",
                };
                let takes = self.text.value(&format!("icmp {test} {ty} {b}, {a}"));
                same(self.text.value(&format!("select i1 {takes}, {ty} {b}, {ty} {a}")))
            }
            F::Imag => same("0".to_owned()),
            _ => None,
        })
    }

    /// Integers divided element by element: zero divisors give 0, the one quotient that wraps stays what it is.
    #[expect(clippy::too_many_arguments, reason = "the cases of one division")]
    fn array_division(
        &mut self,
        f: F,
        ty: &str,
        a: &str,
        b: &str,
        zero: &str,
        wraps: &str,
        dtype: Dtype,
    ) -> Emit<Option<Number>> {
        let safe = self.text.value(&format!("select i1 {zero}, {ty} 1, {ty} {b}"));
        let found = self.floored_division(f == F::Mod, ty, a, &safe, true, false);
        if f == F::FloorDiv {
            self.note_if(wraps, numlift_abi::runtime::event::OVER);
        }
        let found = self.text.value(&format!("select i1 {zero}, {ty} 0, {ty} {found}"));
        Ok(Some(Self::real(ScalarTy::Np(dtype), found)))
    }

    fn floats(
        &mut self,
        f: F,
        dtype: Dtype,
        args: &[Number],
        operation: &Operation<'_>,
        is_scalar: bool,
    ) -> Emit<Option<Number>> {
        let ty = register_type(ScalarTy::Np(dtype));
        if dtype == Dtype::F16 && !f.is_comparison() && !works_on_halves(f) {
            // Half floats are computed in single precision and rounded.
            let wide: Option<Vec<Number>> = args
                .iter()
                .map(|number| self.cast(number, ScalarTy::Np(Dtype::F32)))
                .collect();
            let Some(wide) = wide else { return Ok(None) };
            let found = self.floats(f, Dtype::F32, &wide, operation, is_scalar)?;
            return Ok(found.and_then(|number| match number.ty {
                ScalarTy::Np(Dtype::F32) => self.cast(&number, ScalarTy::Np(Dtype::F16)),
                _ => Some(number),
            }));
        }
        let suffix = float_suffix(ty);
        let a = args[0].re.clone();
        let b = args.get(1).map_or(String::new(), |number| number.re.clone());
        let same = |register: String| Some(Self::real(ScalarTy::Np(dtype), register));
        let truth = |register: String| Some(Self::real(ScalarTy::Np(Dtype::Bool), register));
        Ok(match f {
            F::Add | F::Sub | F::Mul | F::TrueDiv => same(self.arithmetic(f, ty, &a, &b)),
            F::Square => same(self.arithmetic(F::Mul, ty, &a, &a)),
            F::Reciprocal => same(self.arithmetic(F::TrueDiv, ty, "1.0", &a)),
            F::FloorDiv | F::Mod => {
                let (quotient, remainder) = self.numpy_divmod(ty, &a, &b);
                same(if f == F::Mod { remainder } else { quotient })
            }
            F::Fmod => same(self.text.value(&format!("frem {ty} {a}, {b}"))),
            F::Neg => same(self.text.value(&format!("fneg {ty} {a}"))),
            F::Pos | F::Real | F::Conj => same(a),
            F::Imag => same("0.0".to_owned()),
            F::Abs | F::Fabs => same(self.text.value(&format!("call {ty} @llvm.fabs.{suffix}({ty} {a})"))),
            F::Sign => {
                let positive = self.text.value(&format!("fcmp ogt {ty} {a}, 0.0"));
                let negative = self.text.value(&format!("fcmp olt {ty} {a}, 0.0"));
                let nan = self.text.value(&format!("fcmp uno {ty} {a}, 0.0"));
                let one = self.text.value(&format!("select i1 {positive}, {ty} 1.0, {ty} 0.0"));
                let signed = self.text.value(&format!("select i1 {negative}, {ty} -1.0, {ty} {one}"));
                same(self.text.value(&format!("select i1 {nan}, {ty} {a}, {ty} {signed}")))
            }
            F::Sqrt => same(self.text.value(&format!("call {ty} @llvm.sqrt.{suffix}({ty} {a})"))),
            F::Floor | F::Ceil | F::Trunc | F::Rint | F::Round => {
                let name = rounding(f);
                same(self.text.value(&format!("call {ty} @llvm.{name}.{suffix}({ty} {a})")))
            }
            F::Copysign => same(
                self.text
                    .value(&format!("call {ty} @llvm.copysign.{suffix}({ty} {a}, {ty} {b})")),
            ),
            F::Lt | F::Le | F::Gt | F::Ge | F::Eq | F::Ne => truth(self.compare_floats(f, ty, &a, &b)),
            F::Not => truth(self.text.value(&format!("fcmp oeq {ty} {a}, 0.0"))),
            F::LogicalAnd | F::LogicalOr | F::LogicalXor => {
                let x = self.text.value(&format!("fcmp une {ty} {a}, 0.0"));
                let y = self.text.value(&format!("fcmp une {ty} {b}, 0.0"));
                truth(self.text.value(&format!("{} i1 {x}, {y}", logical(f))))
            }
            F::Isnan => truth(self.text.value(&format!("fcmp uno {ty} {a}, 0.0"))),
            F::Isinf | F::Isfinite => truth(self.classify(f, ty, &a)),
            F::Signbit => {
                let int = format!("i{}", dtype.itemsize() * 8);
                let bits = self.text.value(&format!("bitcast {ty} {a} to {int}"));
                truth(self.text.value(&format!("icmp slt {int} {bits}, 0")))
            }
            F::Min | F::Max if is_scalar => same(self.python_extremum(f, ty, &a, &b)),
            F::Min | F::Max => {
                // A NaN wins, the first of two; of equals (zeros of either sign) the second, of half floats the first.
                let test = match (f, dtype == Dtype::F16) {
                    (F::Min, true) => "ole",
                    (F::Min, false) => "olt",
                    (_, true) => "oge",
                    (_, false) => "ogt",
                };
                let takes = self.text.value(&format!("fcmp {test} {ty} {a}, {b}"));
                // What a processor's instruction does, of vectors, too; it gives the second where one is a NaN.
                let extremum = self.text.value(&format!("select i1 {takes}, {ty} {a}, {ty} {b}"));
                let nan = self.text.value(&format!("fcmp uno {ty} {a}, 0.0"));
                same(self.text.value(&format!("select i1 {nan}, {ty} {a}, {ty} {extremum}")))
            }
            F::Fmin | F::Fmax => {
                let test = if f == F::Fmin { "ole" } else { "oge" };
                let takes = self.text.value(&format!("fcmp {test} {ty} {a}, {b}"));
                let nan = self.text.value(&format!("fcmp uno {ty} {b}, 0.0"));
                let first = self.text.value(&format!("or i1 {takes}, {nan}"));
                same(self.text.value(&format!("select i1 {first}, {ty} {a}, {ty} {b}")))
            }
            F::Degrees | F::Radians => {
                // NumPy divides in the type that it computes in.
                let factor = match (f, ty) {
                    (F::Degrees, "float") => f64::from(180.0 / std::f32::consts::PI),
                    (F::Degrees, _) => 180.0 / std::f64::consts::PI,
                    (_, "float") => f64::from(std::f32::consts::PI / 180.0),
                    _ => std::f64::consts::PI / 180.0,
                };
                same(self.text.value(&format!("fmul {ty} {a}, {}", float(factor))))
            }
            F::Heaviside => {
                let zero = self.text.value(&format!("fcmp oeq {ty} {a}, 0.0"));
                let negative = self.text.value(&format!("fcmp olt {ty} {a}, 0.0"));
                let nan = self.text.value(&format!("fcmp uno {ty} {a}, 0.0"));
                let step = self.text.value(&format!("select i1 {negative}, {ty} 0.0, {ty} 1.0"));
                let with_zero = self.text.value(&format!("select i1 {zero}, {ty} {b}, {ty} {step}"));
                same(self.text.value(&format!("select i1 {nan}, {ty} {a}, {ty} {with_zero}")))
            }
            F::UniformPow => same(self.uniform_power(ty, &a, &b)?),
            F::Pow | F::FloatPower => match self.constant_of(operation.ids.get(1)) {
                Some(2.0) => same(self.arithmetic(F::Mul, ty, &a, &a)),
                Some(1.0) => same(a),
                Some(0.5) if !is_scalar && f == F::Pow => {
                    same(self.text.value(&format!("call {ty} @llvm.sqrt.{suffix}({ty} {a})")))
                }
                Some(3.0) => {
                    let square = self.arithmetic(F::Mul, ty, &a, &a);
                    same(self.arithmetic(F::Mul, ty, &square, &a))
                }
                exponent => {
                    let own = exponent.and_then(Function::of_exponent);
                    same(match own.filter(|_| !self.options.foreign_math) {
                        Some(own) => self.elementary(own.name(), ty, &[&a])?,
                        None => self.elementary("pow", ty, &[&a, &b])?,
                    })
                }
            },
            F::Cbrt
            | F::Hypot
            | F::Exp
            | F::Exp2
            | F::Expm1
            | F::Log
            | F::Log2
            | F::Log10
            | F::Log1p
            | F::Sin
            | F::Cos
            | F::Tan
            | F::Arcsin
            | F::Arccos
            | F::Arctan
            | F::Arctan2
            | F::Sinh
            | F::Cosh
            | F::Tanh
            | F::Arcsinh
            | F::Arccosh
            | F::Arctanh => {
                let operands: Vec<&str> = args.iter().map(|number| number.re.as_str()).collect();
                same(self.elementary(f.name(), ty, &operands)?)
            }
            _ => None,
        })
    }
}

/// What needs no single precision of half floats. Their extrema take another zero than those of others.
fn works_on_halves(f: F) -> bool {
    matches!(f, F::Neg | F::Abs | F::Fabs | F::Pos | F::Real) || matches!(f, F::Min | F::Max | F::Fmin | F::Fmax)
}
