//! What scalar functions are made of: checked and wrapping arithmetic, divisions with Python's signs, casts.

use numlift_abi::runtime;
use numlift_ir::dtype::{Dtype, DtypeKind};
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::{Interval, Ty};

use super::number::{MACHINE, Operation, float_suffix};
use super::{Emit, Emitter};
use crate::value::{Number, is_complex, register_type};

impl Emitter<'_> {
    /// `a op b` on 64-bit ints; leaves where the result needs more bits, unless it is known not to.
    pub(super) fn checked(&mut self, op: &str, a: &str, b: &str, result: Interval) -> Emit<String> {
        if result.is_within(MACHINE) {
            return Ok(self.text.value(&format!("{op} nsw i64 {a}, {b}")));
        }
        let pair = self.text.value(&format!(
            "call {{i64, i1}} @llvm.s{op}.with.overflow.i64(i64 {a}, i64 {b})"
        ));
        let value = self.text.value(&format!("extractvalue {{i64, i1}} {pair}, 0"));
        let over = self.text.value(&format!("extractvalue {{i64, i1}} {pair}, 1"));
        self.leave_if(&over, "an int beyond 64 bits")?;
        Ok(value)
    }

    /// `a op b` on a dtype of integers, which wrap around; a NumPy scalar warns of it, so Python goes on there.
    pub(super) fn wrapping(
        &mut self,
        op: &str,
        ty: &str,
        signed: bool,
        a: &str,
        b: &str,
        is_scalar: bool,
    ) -> Emit<String> {
        if !is_scalar {
            return Ok(self.text.value(&format!("{op} {ty} {a}, {b}")));
        }
        let sign = if signed { 's' } else { 'u' };
        let pair = self.text.value(&format!(
            "call {{{ty}, i1}} @llvm.{sign}{op}.with.overflow.{ty}({ty} {a}, {ty} {b})"
        ));
        let value = self.text.value(&format!("extractvalue {{{ty}, i1}} {pair}, 0"));
        let over = self.text.value(&format!("extractvalue {{{ty}, i1}} {pair}, 1"));
        self.leave_if(&over, "an integer that wraps around")?;
        Ok(value)
    }

    /// The quotient rounded to minus infinity, or the remainder with the divisor's sign. The divisor is not zero, and
    /// the quotient fits.
    pub(super) fn floored_division(
        &mut self,
        remainder: bool,
        ty: &str,
        a: &str,
        b: &str,
        signed: bool,
        natural: bool,
    ) -> String {
        if !signed || natural {
            let op = match (remainder, signed) {
                (true, true) => "srem",
                (true, false) => "urem",
                (false, true) => "sdiv",
                (false, false) => "udiv",
            };
            return self.text.value(&format!("{op} {ty} {a}, {b}"));
        }
        let rest = self.text.value(&format!("srem {ty} {a}, {b}"));
        let signs = self.text.value(&format!("xor {ty} {rest}, {b}"));
        let differ = self.text.value(&format!("icmp slt {ty} {signs}, 0"));
        let some = self.text.value(&format!("icmp ne {ty} {rest}, 0"));
        let adjust = self.text.value(&format!("and i1 {differ}, {some}"));
        if remainder {
            let moved = self.text.value(&format!("add {ty} {rest}, {b}"));
            return self
                .text
                .value(&format!("select i1 {adjust}, {ty} {moved}, {ty} {rest}"));
        }
        let quotient = self.text.value(&format!("sdiv {ty} {a}, {b}"));
        let one = self.text.value(&format!("zext i1 {adjust} to {ty}"));
        self.text.value(&format!("sub {ty} {quotient}, {one}"))
    }

    /// `+ - * /` on floats.
    pub(super) fn arithmetic(&mut self, f: F, ty: &str, a: &str, b: &str) -> String {
        let op = match f {
            F::Add => "fadd",
            F::Sub => "fsub",
            F::Mul => "fmul",
            _ => "fdiv",
        };
        // Nan and infinities keep their meaning.
        let flags = if self.options.fastmath {
            " reassoc nsz arcp contract afn"
        } else {
            ""
        };
        let result = self.text.value(&format!("{op}{flags} {ty} {a}, {b}"));
        if self.events.noted && self.in_numpy {
            self.note_primitive(f, ty, a, b, &result);
        }
        result
    }

    pub(super) fn compare_floats(&mut self, f: F, ty: &str, a: &str, b: &str) -> String {
        let predicate = match f {
            F::Lt => "olt",
            F::Le => "ole",
            F::Gt => "ogt",
            F::Ge => "oge",
            F::Eq => "oeq",
            _ => "une",
        };
        self.text.value(&format!("fcmp {predicate} {ty} {a}, {b}"))
    }

    /// Python's `divmod` of floats, as CPython computes it; the divisor is not zero.
    pub(super) fn float_divmod(&mut self, ty: &str, a: &str, b: &str) -> (String, String) {
        let suffix = float_suffix(ty);
        let rest = self.text.value(&format!("frem {ty} {a}, {b}"));
        let reduced = self.text.value(&format!("fsub {ty} {a}, {rest}"));
        let quotient = self.text.value(&format!("fdiv {ty} {reduced}, {b}"));
        // A remainder of the other sign is moved by one divisor.
        let some = self.text.value(&format!("fcmp une {ty} {rest}, 0.0"));
        let rest_negative = self.text.value(&format!("fcmp olt {ty} {rest}, 0.0"));
        let divisor_negative = self.text.value(&format!("fcmp olt {ty} {b}, 0.0"));
        let differ = self.text.value(&format!("xor i1 {rest_negative}, {divisor_negative}"));
        let adjust = self.text.value(&format!("and i1 {some}, {differ}"));
        let moved = self.text.value(&format!("fadd {ty} {rest}, {b}"));
        let less = self.text.value(&format!("fsub {ty} {quotient}, 1.0"));
        let zero = self
            .text
            .value(&format!("call {ty} @llvm.copysign.{suffix}({ty} 0.0, {ty} {b})"));
        let rest = self.text.value(&format!("select i1 {some}, {ty} {rest}, {ty} {zero}"));
        let remainder = self
            .text
            .value(&format!("select i1 {adjust}, {ty} {moved}, {ty} {rest}"));
        let quotient = self
            .text
            .value(&format!("select i1 {adjust}, {ty} {less}, {ty} {quotient}"));
        // To the nearest integer, which the quotient all but is.
        let floor = self
            .text
            .value(&format!("call {ty} @llvm.floor.{suffix}({ty} {quotient})"));
        let gap = self.text.value(&format!("fsub {ty} {quotient}, {floor}"));
        let above = self.text.value(&format!("fcmp ogt {ty} {gap}, 0.5"));
        let next = self.text.value(&format!("fadd {ty} {floor}, 1.0"));
        let rounded = self
            .text
            .value(&format!("select i1 {above}, {ty} {next}, {ty} {floor}"));
        let plain = self.text.value(&format!("fdiv {ty} {a}, {b}"));
        let signed_zero = self
            .text
            .value(&format!("call {ty} @llvm.copysign.{suffix}({ty} 0.0, {ty} {plain})"));
        let is_zero = self.text.value(&format!("fcmp oeq {ty} {quotient}, 0.0"));
        let quotient = self
            .text
            .value(&format!("select i1 {is_zero}, {ty} {signed_zero}, {ty} {rounded}"));
        (quotient, remainder)
    }

    /// The same as NumPy computes it: a zero divisor gives `a / b` and nan.
    pub(super) fn numpy_divmod(&mut self, ty: &str, a: &str, b: &str) -> (String, String) {
        let zero = self.text.value(&format!("fcmp oeq {ty} {b}, 0.0"));
        // What is not taken gives no event: a remainder by zero would be invalid.
        let dividend = self.text.value(&format!("select i1 {zero}, {ty} 1.0, {ty} {a}"));
        let divisor = self.text.value(&format!("select i1 {zero}, {ty} 1.0, {ty} {b}"));
        let (quotient, remainder) = self.float_divmod(ty, &dividend, &divisor);
        let plain = self.text.value(&format!("fdiv {ty} {a}, {b}"));
        let rest = self.text.value(&format!("frem {ty} {a}, {b}"));
        let quotient = self
            .text
            .value(&format!("select i1 {zero}, {ty} {plain}, {ty} {quotient}"));
        let remainder = self
            .text
            .value(&format!("select i1 {zero}, {ty} {rest}, {ty} {remainder}"));
        (quotient, remainder)
    }

    /// `b if b < a else a`, `b if b > a else a`.
    pub(super) fn python_extremum(&mut self, f: F, ty: &str, a: &str, b: &str) -> String {
        let test = if f == F::Min { "olt" } else { "ogt" };
        let takes = self.text.value(&format!("fcmp {test} {ty} {b}, {a}"));
        self.text.value(&format!("select i1 {takes}, {ty} {b}, {ty} {a}"))
    }

    /// Whether a float is infinite, or finite.
    pub(super) fn classify(&mut self, f: F, ty: &str, a: &str) -> String {
        let suffix = float_suffix(ty);
        let size = self.text.value(&format!("call {ty} @llvm.fabs.{suffix}({ty} {a})"));
        let infinity = match ty {
            "half" => "0xH7C00",
            _ => "0x7FF0000000000000",
        };
        let predicate = if f == F::Isinf { "oeq" } else { "olt" };
        self.text.value(&format!("fcmp {predicate} {ty} {size}, {infinity}"))
    }

    pub(super) fn complex_product(&mut self, ty: &str, a: &(String, String), b: &(String, String)) -> (String, String) {
        let ac = self.arithmetic(F::Mul, ty, &a.0, &b.0);
        let bd = self.arithmetic(F::Mul, ty, &a.1, &b.1);
        let ad = self.arithmetic(F::Mul, ty, &a.0, &b.1);
        let bc = self.arithmetic(F::Mul, ty, &a.1, &b.0);
        let re = self.arithmetic(F::Sub, ty, &ac, &bd);
        let im = self.arithmetic(F::Add, ty, &ad, &bc);
        (re, im)
    }

    /// Smith's algorithm, as NumPy divides.
    pub(super) fn complex_quotient(
        &mut self,
        ty: &str,
        a: &(String, String),
        b: &(String, String),
    ) -> (String, String) {
        let suffix = float_suffix(ty);
        let re_size = self.text.value(&format!("call {ty} @llvm.fabs.{suffix}({ty} {})", b.0));
        let im_size = self.text.value(&format!("call {ty} @llvm.fabs.{suffix}({ty} {})", b.1));
        let by_re = self.text.value(&format!("fcmp oge {ty} {re_size}, {im_size}"));
        let zero_re = self.text.value(&format!("fcmp oeq {ty} {re_size}, 0.0"));
        let zero_im = self.text.value(&format!("fcmp oeq {ty} {im_size}, 0.0"));
        let zero = self.text.value(&format!("and i1 {zero_re}, {zero_im}"));
        let pick = |emitter: &mut Self, x: &str, y: &str| {
            emitter.text.value(&format!("select i1 {by_re}, {ty} {x}, {ty} {y}"))
        };
        // large: the part of b that is larger; small: the other.
        let large = pick(self, &b.0, &b.1);
        let small = pick(self, &b.1, &b.0);
        if self.events.noted {
            // NumPy compares their sizes in a way that a NaN is an event.
            let nan = self.text.value(&format!("fcmp uno {ty} {}, {}", b.0, b.1));
            self.note_if(&nan, numlift_abi::runtime::event::INVALID);
        }
        let guard = self.events.guard.take();
        self.events.guard = Some(self.text.value(&format!("xor i1 {zero}, true")));
        let ratio = self.arithmetic(F::TrueDiv, ty, &small, &large);
        let scaled = self.arithmetic(F::Mul, ty, &small, &ratio);
        let sum = self.arithmetic(F::Add, ty, &large, &scaled);
        let scale = self.arithmetic(F::TrueDiv, ty, "1.0", &sum);
        // (re + im*ratio)*scale, (im - re*ratio)*scale; or (re*ratio + im)*scale, (im*ratio - re)*scale
        let im_ratio = self.arithmetic(F::Mul, ty, &a.1, &ratio);
        let re_ratio = self.arithmetic(F::Mul, ty, &a.0, &ratio);
        let (one, other) = (pick(self, &a.0, &re_ratio), pick(self, &im_ratio, &a.1));
        let re = self.arithmetic(F::Add, ty, &one, &other);
        let (one, other) = (pick(self, &a.1, &im_ratio), pick(self, &re_ratio, &a.0));
        let im = self.arithmetic(F::Sub, ty, &one, &other);
        let re = self.arithmetic(F::Mul, ty, &re, &scale);
        let im = self.arithmetic(F::Mul, ty, &im, &scale);
        self.events.guard = Some(zero.clone());
        let re_by_zero = self.arithmetic(F::TrueDiv, ty, &a.0, &re_size);
        let im_by_zero = self.arithmetic(F::TrueDiv, ty, &a.1, &re_size);
        self.events.guard = guard;
        let re = self
            .text
            .value(&format!("select i1 {zero}, {ty} {re_by_zero}, {ty} {re}"));
        let im = self
            .text
            .value(&format!("select i1 {zero}, {ty} {im_by_zero}, {ty} {im}"));
        (re, im)
    }

    /// A real number that is an int or a bool as `i64`.
    pub(super) fn as_i64(&mut self, number: &Number) -> String {
        let unsigned = matches!(number.ty, ScalarTy::Np(d) if d.kind() == DtypeKind::Unsigned);
        match register_type(number.ty) {
            "i64" => number.re.clone(),
            "i1" => self.text.value(&format!("zext i1 {} to i64", number.re)),
            ty => {
                let op = if unsigned { "zext" } else { "sext" };
                self.text.value(&format!("{op} {ty} {} to i64", number.re))
            }
        }
    }

    pub(super) fn int_to_double(&mut self, register: &str) -> String {
        self.text.value(&format!("sitofp i64 {register} to double"))
    }

    /// A real number as `double`.
    pub(super) fn as_double(&mut self, number: &Number) -> String {
        let unsigned = matches!(number.ty, ScalarTy::Np(d) if d.kind() == DtypeKind::Unsigned);
        match register_type(number.ty) {
            "double" => number.re.clone(),
            "float" | "half" => {
                let ty = register_type(number.ty);
                self.text.value(&format!("fpext {ty} {} to double", number.re))
            }
            "i1" => self.text.value(&format!("uitofp i1 {} to double", number.re)),
            ty => {
                let op = if unsigned { "uitofp" } else { "sitofp" };
                self.text.value(&format!("{op} {ty} {} to double", number.re))
            }
        }
    }

    /// `int(x)` of a float; leaves where it is nan, infinite or beyond 64 bits.
    pub(super) fn checked_to_int(&mut self, double: &str) -> Emit<String> {
        // The least int is left to Python.
        let size = self.text.value(&format!("call double @llvm.fabs.f64(double {double})"));
        let fits = self.text.value(&format!("fcmp olt double {size}, 0x43E0000000000000"));
        self.leave_unless(&fits, "a float that is no 64-bit int")?;
        // What does not fit must not be converted before that is known: the processor would note it.
        Ok(self.text.value(&format!(
            "call i64 @llvm.experimental.constrained.fptosi.i64.f64(double {double}, metadata !\"fpexcept.strict\")"
        )))
    }

    /// The divisor, not zero: leaves where it is. In a nest that was lowered, which nothing leaves, a divisor is an extent
    /// of what the nest runs over; where that is zero the nest does not run.
    pub(super) fn nonzero_divisor(&mut self, operation: &Operation<'_>, divisor: &str) -> Emit<String> {
        if self.present.is_some() || self.has_statements {
            self.leave_if_zero_int(operation, divisor)?;
            return Ok(divisor.to_owned());
        }
        let zero = self.text.value(&format!("icmp eq i64 {divisor}, 0"));
        Ok(self.text.value(&format!("select i1 {zero}, i64 1, i64 {divisor}")))
    }

    fn leave_if_zero_int(&mut self, operation: &Operation<'_>, divisor: &str) -> Emit<()> {
        let known = operation
            .ids
            .get(1)
            .map_or(MACHINE, |id| numlift_ir::infer::interval_of(self.func.ty(*id)));
        if known.lo.is_some_and(|lo| lo > 0) || known.hi.is_some_and(|hi| hi < 0) {
            return Ok(());
        }
        let zero = self.text.value(&format!("icmp eq i64 {divisor}, 0"));
        self.leave_if(&zero, "a division by zero")
    }

    /// Leaves where the second operand of a division, as a float, is zero; nothing where it is known not to be.
    pub(super) fn leave_if_divisor_is_zero(&mut self, operation: &Operation<'_>, divisor: &str) -> Emit<()> {
        let known = operation.ids.get(1).map(|id| self.func.ty(*id));
        let is_apart = match known {
            Some(Ty::Int(interval)) => interval.lo.is_some_and(|lo| lo > 0) || interval.hi.is_some_and(|hi| hi < 0),
            _ => false,
        };
        if is_apart
            || self
                .constant_of(operation.ids.get(1))
                .is_some_and(|constant| constant != 0.0)
        {
            return Ok(());
        }
        self.leave_if_zero_float(divisor)
    }

    pub(super) fn leave_if_zero_float(&mut self, divisor: &str) -> Emit<()> {
        let zero = self.text.value(&format!("fcmp oeq double {divisor}, 0.0"));
        self.leave_if(&zero, "a division by zero")
    }

    /// Leaves where an int is outside an interval, unless it is known not to be.
    pub(super) fn leave_unless_within(&mut self, known: Interval, wanted: Interval, register: &str) -> Emit<()> {
        if known.is_within(wanted) {
            return Ok(());
        }
        for (end, test) in [(wanted.lo, "slt"), (wanted.hi, "sgt")] {
            if let Some(end) = end {
                let out = self.text.value(&format!("icmp {test} i64 {register}, {end}"));
                self.leave_if(&out, "an int that does not fit")?;
            }
        }
        Ok(())
    }

    /// Leaves where a result is infinite though no operand is: Python raises `OverflowError`.
    pub(super) fn leave_if_overflown(&mut self, result: &str, operands: &[&str]) -> Emit<()> {
        let mut bad = self.classify(F::Isinf, "double", result);
        for operand in operands {
            let finite = self.classify(F::Isfinite, "double", operand);
            bad = self.text.value(&format!("and i1 {bad}, {finite}"));
        }
        self.leave_if(&bad, "a float that overflows")
    }

    pub(super) fn leave_unless_finite(&mut self, result: &str) -> Emit<()> {
        let finite = self.classify(F::Isfinite, "double", result);
        self.leave_unless(&finite, "a result that is not finite")
    }

    /// The float that an operand is known to be.
    pub(super) fn constant_of(&self, value: Option<&ValueId>) -> Option<f64> {
        let value = *value?;
        if let Some(op) = self.func.defining(value).filter(|op| op.kind == Kind::Convert) {
            return self.constant_of(op.args.first());
        }
        match self.func.as_const(value)? {
            Const::Int(int) => Some(*int as f64),
            Const::Float(float) => Some(*float),
            Const::None | Const::Bool(_) | Const::Complex(..) | Const::Str(_) | Const::Ellipsis => None,
        }
    }

    /// An elementary function. Where every bit is to be that of Python and NumPy, Python's is the C library's; NumPy's
    /// vector loops cannot be called for one number.
    pub(super) fn elementary(&mut self, name: &str, ty: &str, operands: &[&str]) -> Emit<String> {
        if self.options.foreign_math {
            if ty == "double"
                && self.in_numpy
                && self.options.single_numbers
                && let Some(number) = runtime::UFUNCS.iter().position(|(known, _)| *known == name)
            {
                let (a, b) = (operands[0], operands.get(1).copied().unwrap_or("0.0"));
                return Ok(self.text.value(&format!(
                    "call double @nl_ufunc(ptr %ctx, i32 {number}, double {a}, double {b})"
                )));
            }
            if ty != "double" || self.in_numpy {
                return self.unsupported(format!("NumPy's own `{name}` was asked for"));
            }
            let symbol = self.library.foreign(name);
            let operands: Vec<String> = operands.iter().map(|operand| format!("double {operand}")).collect();
            return Ok(self
                .text
                .value(&format!("call double @{symbol}({})", operands.join(", "))));
        }
        let Some(symbol) = self.library.symbol(name, ty) else {
            let wide: Vec<String> = operands
                .iter()
                .map(|operand| self.text.value(&format!("fpext {ty} {operand} to double")))
                .collect();
            let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
            let found = self.elementary(name, "double", &wide)?;
            return Ok(self.text.value(&format!("fptrunc double {found} to {ty}")));
        };
        let operands: Vec<String> = operands.iter().map(|operand| format!("{ty} {operand}")).collect();
        Ok(self
            .text
            .value(&format!("call {ty} @{symbol}({})", operands.join(", "))))
    }

    /// A number as the condition of an `if`.
    pub(super) fn truth_of_number(&mut self, number: &Number) -> String {
        let ty = register_type(number.ty);
        let part = |emitter: &mut Self, register: &str| match ty {
            "i1" => register.to_owned(),
            "half" | "float" | "double" => emitter.text.value(&format!("fcmp une {ty} {register}, 0.0")),
            _ => emitter.text.value(&format!("icmp ne {ty} {register}, 0")),
        };
        let re = part(self, &number.re);
        match &number.im {
            None => re,
            Some(im) => {
                let im = part(self, im);
                self.text.value(&format!("or i1 {re}, {im}"))
            }
        }
    }

    /// A number as another type, as NumPy casts when it stores; `None` where it would take an imaginary part away.
    pub(super) fn cast(&mut self, number: &Number, to: ScalarTy) -> Option<Number> {
        if number.ty == to {
            return Some(number.clone());
        }
        if is_complex(number.ty) && !is_complex(to) {
            if to.array_dtype() == Dtype::Bool {
                return Some(Self::real(to, self.truth_of_number(number)));
            }
            return None;
        }
        let re = self.cast_real(&number.re, number.ty, to);
        let im = match (&number.im, is_complex(to)) {
            (Some(im), true) => Some(self.cast_real(im, number.ty, to)),
            (None, true) => Some("0.0".to_owned()),
            (_, false) => None,
        };
        Some(Number { ty: to, re, im })
    }

    /// A double in single precision, rounded such that rounding once more gives what rounding once had given: what is
    /// not exact becomes odd (S. Boldo and G. Melquiond, *When double rounding is odd*, 2005).
    fn rounded_to_odd(&mut self, register: &str) -> String {
        let near = self.text.value(&format!("fptrunc double {register} to float"));
        let back = self.text.value(&format!("fpext float {near} to double"));
        let bits = self.text.value(&format!("bitcast float {near} to i32"));
        // Magnitudes as integers are ordered as they are as floats.
        let magnitude = |emitter: &mut Self, value: &str| {
            let all = emitter.text.value(&format!("bitcast double {value} to i64"));
            emitter.text.value(&format!("and i64 {all}, {}", i64::MAX))
        };
        let (exact, rounded) = (magnitude(self, register), magnitude(self, &back));
        let above = self.text.value(&format!("icmp ugt i64 {rounded}, {exact}"));
        let below = self.text.value(&format!("add i32 {bits}, -1"));
        let towards_zero = self.text.value(&format!("select i1 {above}, i32 {below}, i32 {bits}"));
        let odd = self.text.value(&format!("or i32 {towards_zero}, 1"));
        let same = self.text.value(&format!("icmp eq i64 {rounded}, {exact}"));
        let nan = self.text.value(&format!("fcmp uno double {register}, 0.0"));
        let keeps = self.text.value(&format!("or i1 {same}, {nan}"));
        let chosen = self.text.value(&format!("select i1 {keeps}, i32 {bits}, i32 {odd}"));
        self.text.value(&format!("bitcast i32 {chosen} to float"))
    }

    /// What a float became in fewer bits, which may be infinity.
    fn narrowed(&mut self, from: &str, wide: &str, to: &str, narrow: String) -> String {
        self.warns = true;
        if self.events.noted {
            self.note_narrowed(from, wide, to, &narrow);
        }
        narrow
    }

    fn cast_real(&mut self, register: &str, from: ScalarTy, to: ScalarTy) -> String {
        let (from_ty, to_ty) = (register_type(from), register_type(to));
        let signed = |ty: ScalarTy| ty == ScalarTy::PyInt || ty.array_dtype().kind() == DtypeKind::Signed;
        let is_float = |ty: &str| matches!(ty, "half" | "float" | "double");
        let single = ScalarTy::Np(Dtype::F32);
        match (is_float(from_ty), is_float(to_ty)) {
            (true, true) if from_ty == to_ty => register.to_owned(),
            (true, true) if (from_ty, to_ty) == ("double", "half") => {
                let odd = self.rounded_to_odd(register);
                let narrow = self.text.value(&format!("fptrunc float {odd} to half"));
                self.narrowed(from_ty, register, to_ty, narrow)
            }
            // NumPy's way from integers to half floats, and from them to anything, is by single precision.
            (false, true) if to_ty == "half" => {
                let wide = self.cast_real(register, from, single);
                let narrow = self.text.value(&format!("fptrunc float {wide} to half"));
                self.narrowed("float", &wide, to_ty, narrow)
            }
            (true, true) => {
                let size = |ty: &str| ["half", "float", "double"].iter().position(|known| *known == ty);
                let op = if size(from_ty) < size(to_ty) {
                    "fpext"
                } else {
                    "fptrunc"
                };
                let found = self.text.value(&format!("{op} {from_ty} {register} to {to_ty}"));
                match op {
                    "fptrunc" => self.narrowed(from_ty, register, to_ty, found),
                    _ => found,
                }
            }
            (false, true) => {
                let op = if signed(from) { "sitofp" } else { "uitofp" };
                self.text.value(&format!("{op} {from_ty} {register} to {to_ty}"))
            }
            (true, false) if to_ty == "i1" => self.text.value(&format!("fcmp une {from_ty} {register}, 0.0")),
            (true, false) => self.float_to_integer(register, from_ty, to),
            (false, false) if to_ty == "i1" => match from_ty {
                "i1" => register.to_owned(),
                _ => self.text.value(&format!("icmp ne {from_ty} {register}, 0")),
            },
            (false, false) => {
                let bits = |ty: &str| ty[1..].parse::<u32>().unwrap_or(0);
                match bits(from_ty).cmp(&bits(to_ty)) {
                    std::cmp::Ordering::Equal => register.to_owned(),
                    std::cmp::Ordering::Greater => self.text.value(&format!("trunc {from_ty} {register} to {to_ty}")),
                    std::cmp::Ordering::Less => {
                        let op = if signed(from) { "sext" } else { "zext" };
                        self.text.value(&format!("{op} {from_ty} {register} to {to_ty}"))
                    }
                }
            }
        }
    }

    /// A float that becomes an integer as C code on this machine does it: what does not fit becomes the smallest of 32
    /// or 64 bits, cut to the type, with an `invalid` event.
    fn float_to_integer(&mut self, register: &str, from: &str, to: ScalarTy) -> String {
        let ty = register_type(to);
        let signed = to == ScalarTy::PyInt || to.array_dtype().kind() == DtypeKind::Signed;
        let wide = match from {
            "double" => register.to_owned(),
            _ => self.text.value(&format!("fpext {from} {register} to double")),
        };
        self.warns = true;
        if ty == "i64" && !signed {
            // Above 2**63 the difference is converted.
            let big = self.text.value(&format!("fcmp oge double {wide}, 0x43E0000000000000"));
            let less = self.text.value(&format!("fsub double {wide}, 0x43E0000000000000"));
            let part = self
                .text
                .value(&format!("select i1 {big}, double {less}, double {wide}"));
            let converted = self.convert_within(&part, "i64", "0xC3E0000000000000", "0x43E0000000000000");
            let flipped = self.text.value(&format!("xor i64 {converted}, {}", i64::MIN));
            return self
                .text
                .value(&format!("select i1 {big}, i64 {flipped}, i64 {converted}"));
        }
        let narrow = ty != "i64" && (ty != "i32" || signed);
        if narrow {
            let converted = self.convert_within(&wide, "i32", "0xC1E0000000200000", "0x41E0000000000000");
            return match ty {
                "i32" => converted,
                _ => self.text.value(&format!("trunc i32 {converted} to {ty}")),
            };
        }
        let converted = self.convert_within(&wide, "i64", "0xC3E0000000000000", "0x43E0000000000000");
        match ty {
            "i64" => converted,
            _ => self.text.value(&format!("trunc i64 {converted} to {ty}")),
        }
    }

    /// Converts what lies from `low` to below `high`, else gives the smallest number.
    fn convert_within(&mut self, wide: &str, ty: &str, low: &str, high: &str) -> String {
        // For 32 bits the lower end is the float above -2**31 - 1.
        let above = match ty {
            "i32" => self.text.value(&format!("fcmp ogt double {wide}, {low}")),
            _ => self.text.value(&format!("fcmp oge double {wide}, {low}")),
        };
        let below = self.text.value(&format!("fcmp olt double {wide}, {high}"));
        let fits = self.text.value(&format!("and i1 {above}, {below}"));
        let safe = self.text.value(&format!("select i1 {fits}, double {wide}, double 0.0"));
        let converted = self.text.value(&format!("fptosi double {safe} to {ty}"));
        let bad = self.text.value(&format!("xor i1 {fits}, true"));
        self.note_if(&bad, numlift_abi::runtime::event::INVALID);
        let smallest = if ty == "i32" { i64::from(i32::MIN) } else { i64::MIN };
        self.text
            .value(&format!("select i1 {fits}, {ty} {converted}, {ty} {smallest}"))
    }
}
