//! The elementary functions as LLVM IR: scalar functions (nearly) without branches.
//!
//! ```
//! use numlift_llvm::math::{Function, Library, Precision};
//!
//! let mut library = Library::new(true);
//! assert_eq!(library.name(Function::Exp, Precision::Double), "nl.exp.f64");
//! // The text of what was asked for, to stand in the module that calls it.
//! assert!(library.definitions().starts_with("define internal double @nl.exp.f64(double %x)"));
//! ```
//!
//! A definition is inlined into the loop that calls it, and the loop is then vectorized like any other: at the machine's
//! full width, with the same operations, and so the same bits, for a scalar, a lane and what is left over at the end of
//! an array. Nothing may be contracted or reordered: the calls carry no fast-math flags.
//!
//! What is promised of a result: at most [`bound`] ulp from the exact one; special values as IEEE 754 and NumPy have
//! them; the floating-point flags *divide by zero*, *invalid* and *overflow* raised where NumPy warns, and only there.
//! Underflow and inexact are not looked after.
//!
//! To get all of the speed, inline once more behind LLVM's pipeline (its *always inline* pass): see [`seldom`].
//!
//! A `float` is computed as such for the commonest functions ([`single`]), else widened, computed with shorter
//! polynomials, and rounded once.
//!
//! Every function is written in a small language that prints the lines ([`body`]); sums of two floats are in
//! [`twofold`]. The polynomials are our own ([`coefficients`] is generated). Where the idea of a scheme is somebody's,
//! the file that follows it says so.

mod body;
#[expect(clippy::approx_constant, reason = "the polynomials are generated")]
mod coefficients;
mod exp;
mod hyperbolic;
mod inverse;
mod log;
mod power;
mod seldom;
mod single;
mod trigonometric;
mod twofold;

use std::collections::{BTreeMap, BTreeSet};

use body::{Body, Real};

/// A function that there is a definition of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    Exp,
    Exp2,
    Expm1,
    Log,
    Log2,
    Log10,
    Log1p,
    Sin,
    Cos,
    Tan,
    Asin,
    Acos,
    Atan,
    /// Of `y` and `x`.
    Atan2,
    Sinh,
    Cosh,
    Tanh,
    Asinh,
    Acosh,
    Atanh,
    Pow,
    /// `x**(n / 2)`, for the numbers in [`HALVES`].
    Halves(i8),
    Cbrt,
    Hypot,
}

/// The exponents, twice each, for which a power is a few products, a root and a quotient, with their names.
const HALVES: [(i8, &str); 7] = [
    (-5, "pow_m5_2"),
    (-4, "pow_m2"),
    (-3, "pow_m3_2"),
    (-1, "pow_m1_2"),
    (3, "pow_3_2"),
    (5, "pow_5_2"),
    (8, "pow_4"),
];

/// The type of arguments and result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// `float`
    Single,
    /// `double`
    Double,
}

/// What computes a function of one number in `float`.
type Narrow = for<'a> fn(&'a Body, Real<'a>) -> Real<'a>;

/// What computes a function of one number; the flag asks for what float32 needs.
type Unary = for<'a> fn(&'a Body, Real<'a>, bool) -> Real<'a>;

/// The same of two numbers.
type Binary = for<'a> fn(&'a Body, Real<'a>, Real<'a>, bool) -> Real<'a>;

/// What computes a function for the few arguments for which its definition calls another one, of that name.
struct Seldom {
    name: &'static str,
    compute: Other,
}

enum Other {
    Unary(for<'a> fn(&'a Body, Real<'a>) -> Real<'a>),
    /// With what it is where one of the numbers is NaN.
    Binary(Binary2, OfNan),
}

type Binary2 = for<'a> fn(&'a Body, Real<'a>, Real<'a>) -> Real<'a>;
type OfNan = for<'a> fn(Real<'a>, Real<'a>) -> Real<'a>;

enum Kernel {
    Unary(Unary),
    /// With what it is where one of the numbers is NaN.
    Binary(Binary, OfNan),
    /// These leave NaN to the other function, too: see [`seldom`].
    UnaryBut(Unary, Seldom),
    BinaryBut(Binary, Seldom),
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 30] = [
        Self::Exp,
        Self::Exp2,
        Self::Expm1,
        Self::Log,
        Self::Log2,
        Self::Log10,
        Self::Log1p,
        Self::Sin,
        Self::Cos,
        Self::Tan,
        Self::Asin,
        Self::Acos,
        Self::Atan,
        Self::Atan2,
        Self::Sinh,
        Self::Cosh,
        Self::Tanh,
        Self::Asinh,
        Self::Acosh,
        Self::Atanh,
        Self::Pow,
        Self::Halves(-5),
        Self::Halves(-4),
        Self::Halves(-3),
        Self::Halves(-1),
        Self::Halves(3),
        Self::Halves(5),
        Self::Halves(8),
        Self::Cbrt,
        Self::Hypot,
    ];

    /// The power with an exponent, if there is a function for it alone.
    pub fn of_exponent(exponent: f64) -> Option<Self> {
        let is_it = |(twice, _): &&(i8, &str)| f64::from(*twice) == 2.0 * exponent;
        HALVES.iter().find(is_it).map(|(twice, _)| Self::Halves(*twice))
    }

    /// The name, as C has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exp => "exp",
            Self::Exp2 => "exp2",
            Self::Expm1 => "expm1",
            Self::Log => "log",
            Self::Log2 => "log2",
            Self::Log10 => "log10",
            Self::Log1p => "log1p",
            Self::Sin => "sin",
            Self::Cos => "cos",
            Self::Tan => "tan",
            Self::Asin => "asin",
            Self::Acos => "acos",
            Self::Atan => "atan",
            Self::Atan2 => "atan2",
            Self::Sinh => "sinh",
            Self::Cosh => "cosh",
            Self::Tanh => "tanh",
            Self::Asinh => "asinh",
            Self::Acosh => "acosh",
            Self::Atanh => "atanh",
            Self::Pow => "pow",
            Self::Halves(twice) => HALVES
                .iter()
                .find(|(known, _)| *known == twice)
                .map_or("pow_of_no_exponent", |(_, name)| name),
            Self::Cbrt => "cbrt",
            Self::Hypot => "hypot",
        }
    }

    /// Whether it is a power with an exponent of its own.
    pub fn is_power(self) -> bool {
        matches!(self, Self::Halves(_))
    }

    /// How many arguments it takes.
    pub fn arity(self) -> usize {
        match self.kernel() {
            Kernel::Unary(_) | Kernel::UnaryBut(..) => 1,
            Kernel::Binary(..) | Kernel::BinaryBut(..) => 2,
        }
    }

    /// What is computed with instead of NaN: a number that raises no flag.
    fn tame(self) -> f64 {
        if self == Self::Atanh { 0.5 } else { 1.0 }
    }

    /// Whether NaN is left to the other function.
    fn leaves_nan(self) -> bool {
        matches!(self.kernel(), Kernel::UnaryBut(..) | Kernel::BinaryBut(..))
    }

    /// Whether arguments are taken apart by multiples of `pi / 2`.
    fn is_periodic(self) -> bool {
        matches!(self, Self::Sin | Self::Cos | Self::Tan)
    }

    /// What is computed in `float` where the machine has a fused multiply-add, and by what other function seldom.
    fn narrow(self) -> Option<(Narrow, Option<Seldom>)> {
        let (compute, seldom): (Narrow, _) = match self {
            Self::Exp => (single::exp, None),
            Self::Exp2 => (single::exp2, None),
            Self::Log => (single::log, Some(Seldom::unary("nl.log.any.f32", log::log_of_any))),
            Self::Log2 => (single::log2, Some(Seldom::unary("nl.log2.any.f32", log::log2_of_any))),
            Self::Log10 => (
                single::log10,
                Some(Seldom::unary("nl.log10.any.f32", log::log10_of_any)),
            ),
            Self::Sin => (
                single::sin,
                Some(Seldom::unary("nl.sin.large.f32", trigonometric::sin_of_any)),
            ),
            Self::Cos => (
                single::cos,
                Some(Seldom::unary("nl.cos.large.f32", trigonometric::cos_of_any)),
            ),
            Self::Expm1
            | Self::Log1p
            | Self::Tan
            | Self::Asin
            | Self::Acos
            | Self::Atan
            | Self::Atan2
            | Self::Sinh
            | Self::Cosh
            | Self::Tanh
            | Self::Asinh
            | Self::Acosh
            | Self::Atanh
            | Self::Pow
            | Self::Halves(_)
            | Self::Cbrt
            | Self::Hypot => return None,
        };
        Some((compute, seldom))
    }

    fn kernel(self) -> Kernel {
        match self {
            Self::Exp => Kernel::Unary(exp::exp),
            Self::Exp2 => Kernel::Unary(exp::exp2),
            Self::Expm1 => Kernel::Unary(exp::expm1),
            Self::Log => Kernel::UnaryBut(log::log, Seldom::unary("nl.log.any", log::log_of_any)),
            Self::Log2 => Kernel::UnaryBut(log::log2, Seldom::unary("nl.log2.any", log::log2_of_any)),
            Self::Log10 => Kernel::UnaryBut(log::log10, Seldom::unary("nl.log10.any", log::log10_of_any)),
            Self::Log1p => Kernel::UnaryBut(log::log1p, Seldom::unary("nl.log1p.any", log::log1p_of_any)),
            Self::Sin => Kernel::UnaryBut(
                trigonometric::sin,
                Seldom::unary("nl.sin.large", trigonometric::sin_of_large),
            ),
            Self::Cos => Kernel::UnaryBut(
                trigonometric::cos,
                Seldom::unary("nl.cos.large", trigonometric::cos_of_large),
            ),
            Self::Tan => Kernel::UnaryBut(
                trigonometric::tan,
                Seldom::unary("nl.tan.large", trigonometric::tan_of_large),
            ),
            Self::Asin => Kernel::Unary(inverse::asin),
            Self::Acos => Kernel::Unary(inverse::acos),
            Self::Atan => Kernel::Unary(inverse::atan),
            Self::Atan2 => Kernel::Binary(inverse::atan2, inverse::atan2_of_nan),
            Self::Sinh => Kernel::Unary(hyperbolic::sinh),
            Self::Cosh => Kernel::Unary(hyperbolic::cosh),
            Self::Tanh => Kernel::Unary(hyperbolic::tanh),
            Self::Asinh => Kernel::Unary(hyperbolic::asinh),
            Self::Acosh => Kernel::Unary(hyperbolic::acosh),
            Self::Atanh => Kernel::Unary(hyperbolic::atanh),
            Self::Pow => Kernel::BinaryBut(
                power::pow,
                Seldom {
                    name: "nl.pow.any",
                    compute: Other::Binary(power::pow_of_any, power::pow_of_nan),
                },
            ),
            Self::Halves(twice) => {
                let compute: Unary = match twice {
                    -5 => power::halves::<-5>,
                    -4 => power::halves::<-4>,
                    -3 => power::halves::<-3>,
                    -1 => power::halves::<-1>,
                    3 => power::halves::<3>,
                    5 => power::halves::<5>,
                    _ => power::halves::<8>,
                };
                Kernel::UnaryBut(
                    compute,
                    Seldom {
                        name: "nl.pow.any",
                        compute: Other::Binary(power::pow_of_any, power::pow_of_nan),
                    },
                )
            }
            Self::Cbrt => Kernel::Unary(power::cbrt),
            Self::Hypot => Kernel::Binary(power::hypot, power::hypot_of_nan),
        }
    }
}

impl Seldom {
    fn unary(name: &'static str, compute: for<'a> fn(&'a Body, Real<'a>) -> Real<'a>) -> Self {
        let compute = Other::Unary(compute);
        Self { name, compute }
    }

    /// Its definition, which knows what NaN gives; `narrow` for one of `float`.
    fn definition(&self, fma: bool, narrow: bool) -> String {
        let body = Body::new(fma);
        let argument = |name| {
            if narrow {
                body.widened(name)
            } else {
                body.argument(name)
            }
        };
        let (x, y) = match self.compute {
            Other::Unary(_) => (argument("x"), body.real(0.0)),
            Other::Binary(..) => (argument("x"), argument("y")),
        };
        let (names, found): (&[&str], Real) = match self.compute {
            Other::Unary(compute) => {
                let nan = x.is_nan();
                (&["x"], nan.choose(x, compute(&body, nan.choose(1.0, x))))
            }
            Other::Binary(compute, of_nan) => {
                let nan = x.is_nan_or(y);
                let found = compute(&body, nan.choose(1.0, x), nan.choose(1.0, y));
                (&["x", "y"], nan.choose(of_nan(x, y), found))
            }
        };
        let result = body.result(found, narrow);
        let ty = if narrow { "float" } else { "double" };
        seldom::definition(self.name, ty, names, &body.into_text(), &result)
    }
}

impl Precision {
    /// That of an LLVM type that is not `half`.
    pub fn of(ty: &str) -> Self {
        if ty == "double" { Self::Double } else { Self::Single }
    }

    fn suffix(self) -> &'static str {
        match self {
            Self::Single => "f32",
            Self::Double => "f64",
        }
    }

    fn ty(self) -> &'static str {
        match self {
            Self::Single => "float",
            Self::Double => "double",
        }
    }
}

/// The definitions that one module needs.
#[derive(Debug, Clone)]
pub struct Library {
    fma: bool,
    needed: BTreeSet<(Function, Precision)>,
}

/// What a call of any of the functions does not do.
const ATTRIBUTES: &str = "nounwind willreturn memory(none)";

impl Library {
    /// Nothing is needed yet. `fma` says whether the machine has a fused multiply-add: results differ by it in the
    /// last bit.
    pub fn new(fma: bool) -> Self {
        Self {
            fma,
            needed: BTreeSet::new(),
        }
    }

    /// The name to call (without its `@`), which is defined from now on. Arguments and result are of the precision's
    /// type.
    pub fn name(&mut self, function: Function, precision: Precision) -> String {
        self.needed.insert((function, precision));
        symbol(function, precision)
    }

    /// The text of all definitions that were asked for; empty where none was.
    ///
    /// It may define `@llvm.compiler.used`, of which a module can have one.
    pub fn definitions(&self) -> String {
        let mut text = String::new();
        let mut seldom = BTreeMap::new();
        for (function, precision) in &self.needed {
            text.push_str(&self.definition(*function, *precision));
            let narrow = self.narrow(*function, *precision);
            let is_narrow = narrow.is_some();
            let other = match (narrow, function.kernel()) {
                (Some((_, other)), _) => other,
                (None, Kernel::UnaryBut(_, other) | Kernel::BinaryBut(_, other)) => Some(other),
                (None, Kernel::Unary(_) | Kernel::Binary(..)) => None,
            };
            if let Some(other) = other {
                seldom.insert(other.name, (other, is_narrow));
            }
        }
        for (other, narrow) in seldom.values() {
            text.push_str(&other.definition(self.fma, *narrow));
        }
        if self.needed.iter().any(|(function, _)| function.is_periodic()) {
            text.push_str(&trigonometric::table());
        }
        if !seldom.is_empty() {
            let names = seldom
                .values()
                .map(|(other, narrow)| (other.name, if *narrow { "float" } else { "double" }));
            text.push_str(&seldom::kept(names));
        }
        text
    }

    /// How a function is computed in `float` alone, if it is.
    fn narrow(&self, function: Function, precision: Precision) -> Option<(Narrow, Option<Seldom>)> {
        function.narrow().filter(|_| self.fma && precision == Precision::Single)
    }

    fn definition(&self, function: Function, precision: Precision) -> String {
        let single = precision == Precision::Single;
        let (body, result) = match self.narrow(function, precision) {
            Some((compute, _)) => Self::narrow_body(function, compute),
            None => self.wide_body(function, single),
        };
        let lines = body.into_text();
        let (symbol, ty) = (symbol(function, precision), precision.ty());
        let params = ["x", "y"][..function.arity()].iter();
        let params: Vec<String> = params.map(|name| format!("{ty} %{name}")).collect();
        format!(
            "define internal {ty} @{symbol}({}) alwaysinline {ATTRIBUTES} {{\nentry:\n{lines}  ret {ty} {result}\n}}\n\n",
            params.join(", ")
        )
    }

    fn narrow_body(function: Function, compute: Narrow) -> (Body, String) {
        let leaves_nan = function.leaves_nan();
        let body = if leaves_nan {
            Body::narrow().seeing_nan()
        } else {
            Body::narrow()
        };
        let x = body.argument("x");
        let found = if leaves_nan {
            compute(&body, x)
        } else {
            let tame = x.is_nan().choose(function.tame(), x);
            x.unless_tamed(tame, compute(&body, tame), x)
        };
        let result = body.result(found, false);
        (body, result)
    }

    fn wide_body(&self, function: Function, single: bool) -> (Body, String) {
        let body = Body::new(self.fma);
        let body = if function.leaves_nan() { body.seeing_nan() } else { body };
        let argument = |name: &'static str| {
            if single {
                body.widened(name)
            } else {
                body.argument(name)
            }
        };
        // No kernel of the others sees NaN: what compares it may raise a flag.
        let found = match function.kernel() {
            Kernel::UnaryBut(compute, _) => compute(&body, argument("x"), single),
            Kernel::BinaryBut(compute, _) => compute(&body, argument("x"), argument("y"), single),
            Kernel::Unary(compute) => {
                let x = argument("x");
                let tame = x.is_nan().choose(function.tame(), x);
                x.unless_tamed(tame, compute(&body, tame, single), x)
            }
            Kernel::Binary(compute, of_nan) => {
                let (x, y) = (argument("x"), argument("y"));
                let [tame_x, tame_y] = [x, y].map(|number| number.is_nan().choose(1.0, number));
                let found = compute(&body, tame_x, tame_y, single);
                let nan = of_nan(x, y);
                x.unless_tamed(tame_x, y.unless_tamed(tame_y, found, nan), nan)
            }
        };
        let result = body.result(found, single);
        (body, result)
    }
}

fn symbol(function: Function, precision: Precision) -> String {
    format!("nl.{}.{}", function.name(), precision.suffix())
}

/// What is promised of a result: so many ulp from the exact one at most.
///
/// Measured against mpmath (`tests/math/accuracy.py`) over all exponents, with and without a fused multiply-add, and
/// rounded up; a half is the least that there can be. What is computed in `float` was measured over every
/// 61st float32, and `exp` over all of them (`tests/math/every_float32.py`).
pub fn bound(function: Function, precision: Precision) -> f64 {
    let (double, single) = match function {
        Function::Exp => (0.80, 0.84),
        Function::Exp2 => (0.87, 0.92),
        Function::Expm1 => (0.84, 0.51),
        Function::Log => (0.90, 0.84),
        Function::Log2 => (0.78, 0.93),
        Function::Log10 => (0.78, 0.99),
        Function::Log1p => (0.90, 0.51),
        Function::Sin | Function::Cos => (0.82, 0.92),
        Function::Tan => (1.0, 0.51),
        Function::Asin | Function::Acos => (0.67, 0.51),
        Function::Atan => (0.72, 0.51),
        Function::Atan2 => (0.80, 0.51),
        Function::Sinh => (0.87, 0.51),
        Function::Cosh => (0.75, 0.51),
        Function::Tanh => (0.87, 0.51),
        Function::Asinh | Function::Atanh => (0.90, 0.51),
        Function::Acosh => (0.85, 0.51),
        Function::Pow => (0.78, 0.54),
        // What is far is left to `pow`.
        Function::Halves(_) => (0.78, 0.51),
        Function::Cbrt => (0.60, 0.54),
        Function::Hypot => (0.52, 0.51),
    };
    match precision {
        Precision::Single => single,
        Precision::Double => double,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_asked_for_is_not_defined() {
        assert_eq!(Library::new(true).definitions(), "");
    }

    #[test]
    fn everything_is_defined_once() {
        for fma in [false, true] {
            let mut library = Library::new(fma);
            for function in Function::ALL {
                for precision in [Precision::Single, Precision::Double] {
                    assert_eq!(library.name(function, precision), library.name(function, precision));
                }
            }
            let text = library.definitions();
            let defined = |line: &&str| line.starts_with("define ") || line.starts_with('@');
            let mut names: Vec<&str> = text
                .lines()
                .filter(defined)
                .map(|line| {
                    let name = &line[line.find('@').expect("a definition has a name")..];
                    &name[..name.find(['(', ' ']).expect("and something behind it")]
                })
                .collect();
            let count = names.len();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), count);
            assert_eq!(text.contains("@llvm.fma"), fma);
        }
    }

    #[test]
    fn bounds_are_those_of_good_functions() {
        for function in Function::ALL {
            for precision in [Precision::Single, Precision::Double] {
                assert!((0.5..=1.0).contains(&bound(function, precision)));
            }
        }
    }
}
