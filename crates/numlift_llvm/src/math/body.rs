//! A small language for functions without branches, which prints the lines of LLVM IR that it stands for.
//!
//! ```text
//! let n = x.fma(LOG2_E[0], SHIFT) - SHIFT;      =>      %0 = call double @llvm.fma.f64(double %x, double 0x…, …)
//!                                                       %1 = fsub double %0, 0x…
//! ```
//!
//! Nothing is simplified here; LLVM does that. Where the machine has no fused multiply-add, [`Real::fma`] is a product
//! and a sum, and [`Real::times`] finds the rounding error of a product in another way, so that what is written in
//! terms of them is right on both.

use std::cell::{Cell, RefCell};
use std::fmt::Write;
use std::ops::{Add, BitAnd, BitOr, BitXor, Div, Mul, Neg, Not, Shl, Shr, Sub};

use super::seldom;

/// The lines of a function as far as they are written.
pub(super) struct Body {
    lines: RefCell<String>,
    next: Cell<u32>,
    /// The block that is being written.
    block: Cell<u32>,
    /// Whether the machine has a fused multiply-add.
    pub fma: bool,
    /// Whether all numbers are `float` and `i32`, else `double` and `i64`.
    narrow: bool,
    /// Whether NaN comes as far as a comparison.
    sees_nan: bool,
}

/// What an instruction is given.
#[derive(Clone, Copy)]
enum Operand {
    Line(u32),
    Argument(&'static str),
    Real(f64),
    Int(i64),
}

/// A `double`, or a `float` in a narrow body.
#[derive(Clone, Copy)]
pub(super) struct Real<'a> {
    body: &'a Body,
    operand: Operand,
}

/// An `i64`, or an `i32` in a narrow body.
#[derive(Clone, Copy)]
pub(super) struct Int<'a> {
    body: &'a Body,
    operand: Operand,
}

/// An `i1`.
#[derive(Clone, Copy)]
pub(super) struct Flag<'a> {
    body: &'a Body,
    operand: Operand,
}

/// 1.5 * 2**52: a number of up to 51 bits added to it is rounded to a whole one, which stands in its last bits.
pub(super) const SHIFT: f64 = 6_755_399_441_055_744.0;

impl Operand {
    fn text(self) -> String {
        match self {
            Self::Line(number) => format!("%{number}"),
            Self::Argument(name) => format!("%{name}"),
            Self::Real(value) => format!("0x{:016X}", value.to_bits()),
            Self::Int(value) => value.to_string(),
        }
    }
}

impl Body {
    pub fn new(fma: bool) -> Self {
        Self {
            lines: RefCell::new(String::new()),
            next: Cell::new(0),
            block: Cell::new(0),
            fma,
            narrow: false,
            sees_nan: false,
        }
    }

    /// One that is given NaN.
    pub fn seeing_nan(self) -> Self {
        let sees_nan = true;
        Self { sees_nan, ..self }
    }

    /// One that computes in `float`; the machine has a fused multiply-add.
    pub fn narrow() -> Self {
        let narrow = true;
        Self {
            narrow,
            ..Self::new(true)
        }
    }

    fn real_type(&self) -> &'static str {
        if self.narrow { "float" } else { "double" }
    }

    fn int_type(&self) -> &'static str {
        if self.narrow { "i32" } else { "i64" }
    }

    /// The text, which ends with the last instruction before the `ret`.
    pub fn into_text(self) -> String {
        self.lines.into_inner()
    }

    pub fn argument(&self, name: &'static str) -> Real<'_> {
        self.as_real(Operand::Argument(name))
    }

    pub fn real(&self, value: f64) -> Real<'_> {
        let value = if self.narrow { f64::from(value as f32) } else { value };
        self.as_real(Operand::Real(value))
    }

    pub fn int(&self, value: i64) -> Int<'_> {
        Int {
            body: self,
            operand: Operand::Int(value),
        }
    }

    fn as_real(&self, operand: Operand) -> Real<'_> {
        Real { body: self, operand }
    }

    fn line(&self, instruction: &str) -> Operand {
        let number = self.next.get();
        self.next.set(number + 1);
        let _ = writeln!(self.lines.borrow_mut(), "  %{number} = {instruction}");
        Operand::Line(number)
    }

    /// Widens an argument of type `float`.
    pub fn widened(&self, name: &'static str) -> Real<'_> {
        self.as_real(self.line(&format!("fpext float %{name} to double")))
    }

    /// What a function is to return, as text.
    pub fn result(&self, value: Real, single: bool) -> String {
        let text = value.operand.text();
        if single {
            self.line(&format!("fptrunc double {text} to float")).text()
        } else {
            text
        }
    }

    /// An element of a constant array of `i64`.
    pub fn entry(&self, table: &str, length: usize, place: Int) -> Int<'_> {
        let place = place.operand.text();
        let at = self.line(&format!(
            "getelementptr inbounds [{length} x i64], ptr @{table}, i64 0, i64 {place}"
        ));
        let at = at.text();
        Int {
            body: self,
            operand: self.line(&format!("load i64, ptr {at}, align 8")),
        }
    }

    /// What another function gives where `flag` holds, which is seldom; else `otherwise`.
    ///
    /// The one branch there is: see [`super::seldom`].
    pub fn seldom<'a>(&'a self, flag: Flag, function: &str, arguments: &[Real], otherwise: Real) -> Real<'a> {
        let (flag, otherwise) = (flag.operand.text(), otherwise.operand.text());
        let arguments: Vec<String> = arguments.iter().map(|argument| argument.operand.text()).collect();
        let from = self.block.get();
        let label = |number: u32| match number {
            0 => "entry".to_owned(),
            number => format!("join{number}"),
        };
        self.block.set(from + 1);
        let (from, to) = (label(from), label(from + 1));
        let branch = format!(
            "  br i1 {flag}, label %{to}.seldom, label %{to}, !prof !{{!\"branch_weights\", i32 1, i32 4000}}\n"
        );
        let _ = writeln!(self.lines.borrow_mut(), "{branch}{to}.seldom:");
        let ty = self.real_type();
        let found = self.line(&seldom::call(function, ty, &arguments)).text();
        let _ = writeln!(self.lines.borrow_mut(), "  br label %{to}\n{to}:");
        let phi = format!("phi {ty} [ {otherwise}, %{from} ], [ {found}, %{to}.seldom ]");
        self.as_real(self.line(&phi))
    }

    /// `c[0] + c[1] x + c[2] x**2 …`: the terms in pairs, which do not wait for each other.
    pub fn polynomial<'a>(&'a self, x: Real<'a>, coefficients: &[f64]) -> Real<'a> {
        let pair = |terms: &[f64]| match *terms {
            [low, high] => self.real(high).fma(x, low),
            [low] => self.real(low),
            _ => unreachable!("chunks of two"),
        };
        let mut pairs = coefficients.chunks(2).rev().map(pair);
        let last = pairs.next().expect("a polynomial has terms");
        if coefficients.len() <= 2 {
            return last;
        }
        let square = x * x;
        pairs.fold(last, |sum, pair| sum.fma(square, pair))
    }
}

/// A number or a line, as an operand of the same body.
pub(super) trait Into<'a> {
    fn real(self, body: &'a Body) -> Real<'a>;
}

impl<'a> Into<'a> for Real<'a> {
    fn real(self, _: &'a Body) -> Real<'a> {
        self
    }
}

impl<'a> Into<'a> for f64 {
    fn real(self, body: &'a Body) -> Real<'a> {
        body.real(self)
    }
}

impl<'a> Real<'a> {
    pub fn body(self) -> &'a Body {
        self.body
    }

    fn binary(self, instruction: &str, other: Self) -> Self {
        let (a, b) = (self.operand.text(), other.operand.text());
        self.body.as_real(
            self.body
                .line(&format!("{instruction} {} {a}, {b}", self.body.real_type())),
        )
    }

    fn call(self, function: &str, others: &[Self]) -> Self {
        self.call_with("", function, others)
    }

    fn call_with(self, flags: &str, function: &str, others: &[Self]) -> Self {
        let ty = self.body.real_type();
        let mut args = format!("{ty} {}", self.operand.text());
        for other in others {
            let _ = write!(args, ", {ty} {}", other.operand.text());
        }
        let suffix = if self.body.narrow { "f32" } else { "f64" };
        self.body.as_real(
            self.body
                .line(&format!("call {flags}{ty} @llvm.{function}.{suffix}({args})")),
        )
    }

    fn compare(self, predicate: &str, other: impl Into<'a>) -> Flag<'a> {
        let (a, b) = (self.operand.text(), other.real(self.body).operand.text());
        Flag {
            body: self.body,
            operand: self
                .body
                .line(&format!("fcmp {predicate} {} {a}, {b}", self.body.real_type())),
        }
    }

    /// A comparison by order, of which the kernels know that none of the two is NaN. The flag says so to whoever takes
    /// care that NaN raises none (`_engine.py`), and nothing to LLVM.
    fn ordered(self, predicate: &str, other: impl Into<'a>) -> Flag<'a> {
        let flags = if self.body.sees_nan { "" } else { "contract " };
        self.compare(&format!("{flags}{predicate}"), other)
    }

    /// `self * factor + term`, rounded once where the machine can.
    pub fn fma(self, factor: impl Into<'a>, term: impl Into<'a>) -> Self {
        let (factor, term) = (factor.real(self.body), term.real(self.body));
        if self.body.fma {
            self.call("fma", &[factor, term])
        } else {
            self * factor + term
        }
    }

    pub fn abs(self) -> Self {
        self.call("fabs", &[])
    }

    pub fn sqrt(self) -> Self {
        self.call("sqrt", &[])
    }

    /// With the sign of another number.
    pub fn with_sign_of(self, other: Self) -> Self {
        self.call("copysign", &[other])
    }

    pub fn bits(self) -> Int<'a> {
        let text = self.operand.text();
        Int {
            body: self.body,
            operand: self.body.line(&format!(
                "bitcast {} {text} to {}",
                self.body.real_type(),
                self.body.int_type()
            )),
        }
    }

    /// Whether it is a normal number above 0; NaN is none.
    pub fn is_positive_and_normal(self) -> Flag<'a> {
        self.is_from(f64::MIN_POSITIVE, f64::INFINITY)
    }

    /// Whether it is at least one number above 0 and less than another; NaN is not.
    pub fn is_from(self, least: f64, below: f64) -> Flag<'a> {
        let (least, below) = (least.to_bits() as i64, below.to_bits() as i64);
        (self.bits() - least).below(self.body.int(below - least))
    }

    /// Whether the absolute value is at least a number, or NaN.
    pub fn is_far_or_nan(self, from: f64) -> Flag<'a> {
        !self.abs().bits().below(self.body.int(from.to_bits() as i64))
    }

    /// Whether the sign is a minus.
    pub fn is_negative(self) -> Flag<'a> {
        !self.bits().below(self.body.int(i64::MIN))
    }

    /// Whether it is NaN. The one comparison beside [`Self::is`] and [`Self::is_not`] that NaN may be given: the
    /// others raise a flag for it on some machines.
    pub fn is_nan(self) -> Flag<'a> {
        self.compare("uno", 0.0)
    }

    /// Whether one of two is NaN.
    pub fn is_nan_or(self, other: Self) -> Flag<'a> {
        self.compare("uno", other)
    }

    pub fn lt(self, other: impl Into<'a>) -> Flag<'a> {
        self.ordered("olt", other)
    }

    pub fn le(self, other: impl Into<'a>) -> Flag<'a> {
        self.ordered("ole", other)
    }

    pub fn gt(self, other: impl Into<'a>) -> Flag<'a> {
        self.ordered("ogt", other)
    }

    pub fn is(self, other: impl Into<'a>) -> Flag<'a> {
        self.compare("oeq", other)
    }

    /// `found`, or `otherwise` where this was NaN and another number was taken for it. Each question is asked once: the
    /// answer of one that is asked twice goes through the processor's other registers.
    pub fn unless_tamed(self, tame: Self, found: Self, otherwise: Self) -> Self {
        self.is(tame).choose(found, otherwise)
    }

    /// Another number, or NaN.
    pub fn is_not(self, other: impl Into<'a>) -> Flag<'a> {
        self.compare("une", other)
    }

    /// What is not NaN, brought between two numbers; one instruction each, and no flag that another waits for.
    pub fn between(self, low: f64, high: f64) -> Self {
        let (low, high) = (self.body.real(low), self.body.real(high));
        self.call_with("nnan ", "minnum", &[high])
            .call_with("nnan ", "maxnum", &[low])
    }

    /// At most so much.
    pub fn at_most(self, limit: f64) -> Self {
        self.gt(limit).choose(limit, self)
    }

    /// At least so much.
    pub fn at_least(self, limit: f64) -> Self {
        self.lt(limit).choose(limit, self)
    }
}

impl<'a> Int<'a> {
    fn binary(self, instruction: &str, other: Self) -> Self {
        let (a, b) = (self.operand.text(), other.operand.text());
        Self {
            body: self.body,
            operand: self
                .body
                .line(&format!("{instruction} {} {a}, {b}", self.body.int_type())),
        }
    }

    /// The number with these bits.
    pub fn as_bits_of_real(self) -> Real<'a> {
        let text = self.operand.text();
        self.body.as_real(self.body.line(&format!(
            "bitcast {} {text} to {}",
            self.body.int_type(),
            self.body.real_type()
        )))
    }

    /// The upper half of a product of unsigned numbers.
    pub fn times_high(self, other: Self) -> Self {
        let body = self.body;
        let wide = |value: Self| {
            let text = value.operand.text();
            body.line(&format!("zext i64 {text} to i128")).text()
        };
        let (a, b) = (wide(self), wide(other));
        let product = body.line(&format!("mul i128 {a}, {b}")).text();
        let high = body.line(&format!("lshr i128 {product}, 64")).text();
        Self {
            body,
            operand: body.line(&format!("trunc i128 {high} to i64")),
        }
    }

    pub fn wrapping_times(self, other: Self) -> Self {
        self.binary("mul", other)
    }

    /// Shifted left by as many bits as another number says, less than 64.
    pub fn shifted_left(self, by: Self) -> Self {
        self.binary("shl", by)
    }

    pub fn shifted_right(self, by: Self) -> Self {
        self.binary("lshr", by)
    }

    /// Less, unsigned.
    pub fn below(self, other: Self) -> Flag<'a> {
        let (a, b) = (self.operand.text(), other.operand.text());
        Flag {
            body: self.body,
            operand: self.body.line(&format!("icmp ult {} {a}, {b}", self.body.int_type())),
        }
    }

    pub fn is(self, other: i64) -> Flag<'a> {
        let a = self.operand.text();
        Flag {
            body: self.body,
            operand: self
                .body
                .line(&format!("icmp eq {} {a}, {other}", self.body.int_type())),
        }
    }

    /// As an unsigned number.
    pub fn to_real(self) -> Real<'a> {
        let text = self.operand.text();
        self.body
            .as_real(self.body.line(&format!("uitofp i64 {text} to double")))
    }

    /// As a signed number.
    pub fn to_real_signed(self) -> Real<'a> {
        let text = self.operand.text();
        self.body.as_real(self.body.line(&format!(
            "sitofp {} {text} to {}",
            self.body.int_type(),
            self.body.real_type()
        )))
    }

    /// Shifted right by so many bits, the sign kept.
    pub fn shifted_right_signed(self, by: i64) -> Self {
        self.binary("ashr", self.body.int(by))
    }
}

impl<'a> Flag<'a> {
    fn binary(self, instruction: &str, other: Self) -> Self {
        let (a, b) = (self.operand.text(), other.operand.text());
        Self {
            body: self.body,
            operand: self.body.line(&format!("{instruction} i1 {a}, {b}")),
        }
    }

    pub fn choose(self, yes: impl Into<'a>, no: impl Into<'a>) -> Real<'a> {
        let (flag, yes, no) = (
            self.operand.text(),
            yes.real(self.body).operand.text(),
            no.real(self.body).operand.text(),
        );
        self.body.as_real(self.body.line(&format!(
            "select i1 {flag}, {ty} {yes}, {ty} {no}",
            ty = self.body.real_type()
        )))
    }

    pub fn choose_int(self, yes: Int<'a>, no: Int<'a>) -> Int<'a> {
        let (flag, yes, no) = (self.operand.text(), yes.operand.text(), no.operand.text());
        Int {
            body: self.body,
            operand: self.body.line(&format!(
                "select i1 {flag}, {ty} {yes}, {ty} {no}",
                ty = self.body.int_type()
            )),
        }
    }
}

macro_rules! real_operator {
    ($($operator:ident $method:ident $instruction:literal)*) => {$(
        impl<'a> $operator for Real<'a> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.binary($instruction, other)
            }
        }

        impl<'a> $operator<f64> for Real<'a> {
            type Output = Self;

            fn $method(self, other: f64) -> Self {
                self.binary($instruction, self.body.real(other))
            }
        }

        impl<'a> $operator<Real<'a>> for f64 {
            type Output = Real<'a>;

            fn $method(self, other: Real<'a>) -> Real<'a> {
                other.body.real(self).binary($instruction, other)
            }
        }
    )*};
}

real_operator! {
    Add add "fadd"
    Sub sub "fsub"
    Mul mul "fmul"
    Div div "fdiv"
}

impl Neg for Real<'_> {
    type Output = Self;

    fn neg(self) -> Self {
        let text = self.operand.text();
        self.body
            .as_real(self.body.line(&format!("fneg {} {text}", self.body.real_type())))
    }
}

macro_rules! int_operator {
    ($($operator:ident $method:ident $instruction:literal)*) => {$(
        impl<'a> $operator for Int<'a> {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.binary($instruction, other)
            }
        }

        impl<'a> $operator<i64> for Int<'a> {
            type Output = Self;

            fn $method(self, other: i64) -> Self {
                self.binary($instruction, self.body.int(other))
            }
        }
    )*};
}

int_operator! {
    Add add "add"
    Sub sub "sub"
    BitAnd bitand "and"
    BitOr bitor "or"
    BitXor bitxor "xor"
    Shl shl "shl"
    Shr shr "lshr"
}

impl BitAnd for Flag<'_> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        self.binary("and", other)
    }
}

impl BitOr for Flag<'_> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.binary("or", other)
    }
}

impl BitXor for Flag<'_> {
    type Output = Self;

    fn bitxor(self, other: Self) -> Self {
        self.binary("xor", other)
    }
}

impl Not for Flag<'_> {
    type Output = Self;

    fn not(self) -> Self {
        let text = self.operand.text();
        Self {
            body: self.body,
            operand: self.body.line(&format!("xor i1 {text}, true")),
        }
    }
}
