//! The scalar functions: what one element of a computation may be.
//!
//! Every function is declared once, in the table below: its name in the IR, its arity, the ufunc, Python operator,
//! builtin and `math` function that compute it, the loops that its ufunc has, and what it means. The same function in
//! another *flavour* is another computation, with other result types, faults and last bits:
//!
//! ```text
//! 2 ** 3.0          Pow in flavour Py        -> float, OverflowError instead of inf
//! x[i] ** 2         Pow in flavour NpScalar  -> np.float64, C's pow
//! math.pow(x, 2)    Pow in flavour Math      -> float, ValueError outside the domain
//! np.power(x, 2)    Pow in flavour Ufunc     -> an array's dtype, NumPy's vector loop
//! ```
//!
//! - [`result`]: the type of the result, per flavour and operand types.
//! - [`faults()`]: the exceptions and floating-point warnings that it may give.
//! - [`step()`]: how strong it is to replace a scalar flavour by the ufunc on arrays; [`power_forms`] for powers.
//!
//! `and`, `or` and the conditional expression are control flow, not scalar functions.

use serde::{Deserialize, Serialize};

pub mod calibration;
pub mod faults;
pub mod loops;
pub mod machine;
pub mod power;
pub mod step;
pub mod typing;

pub use calibration::Calibration;
pub use faults::{Faults, faults};
pub use loops::{LoopResult, Loops};
pub use machine::has_machine_form;
pub use power::{Exponent, PowerForm, array_form, power_forms};
pub use step::{Change, Layout, Need, Step, Strength, step};
pub use typing::{ScalarTy, Typing, result};

/// Who computes a scalar function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Flavour {
    /// A Python operator or builtin, all operands Python scalars.
    Py,
    /// A function of the `math` module.
    Math,
    /// A Python operator or builtin, at least one operand a NumPy scalar.
    NpScalar,
    /// A NumPy ufunc (or an operator on arrays, which calls one), on arrays or on scalars.
    Ufunc,
}

impl Flavour {
    pub const ALL: [Flavour; 4] = [Flavour::Py, Flavour::Math, Flavour::NpScalar, Flavour::Ufunc];

    /// The spelling in the IR's text form.
    pub fn name(self) -> &'static str {
        match self {
            Flavour::Py => "py",
            Flavour::Math => "math",
            Flavour::NpScalar => "np",
            Flavour::Ufunc => "ufunc",
        }
    }

    pub fn from_name(name: &str) -> Option<Flavour> {
        Flavour::ALL.into_iter().find(|flavour| flavour.name() == name)
    }
}

/// How Python without `math` or NumPy spells a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PyForm {
    /// An infix or prefix operator: `+`, `not`.
    Operator(&'static str),
    /// A builtin function: `abs`.
    Builtin(&'static str),
    /// An attribute of a number: `.real`.
    Attribute(&'static str),
    /// A method of a number without arguments: `.conjugate()`.
    Method(&'static str),
}

/// One line of the table.
#[derive(Debug, Clone, Copy)]
pub struct Info {
    pub f: F,
    /// The name in the IR.
    pub name: &'static str,
    pub arity: usize,
    pub py: Option<PyForm>,
    /// The name in `math`, `None` where it has none.
    pub math: Option<&'static str>,
    /// The name in `numpy`, `None` for conversions, which are `astype`.
    pub numpy: Option<&'static str>,
    /// Other names in `numpy` for the same function.
    pub aliases: &'static [&'static str],
    /// Whether `numpy` names a ufunc, which takes `out=` and `where=`.
    pub is_ufunc: bool,
    pub loops: Loops,
    pub doc: &'static str,
}

/// Every numeric dtype, in the order in which NumPy searches its loops.
const NUMBERS: &str = "bBhHiIqQefdFD";
/// With bool.
const ALL: &str = "?bBhHiIqQefdFD";
const REALS: &str = "bBhHiIqQefd";
const ALL_REALS: &str = "?bBhHiIqQefd";
const INTEGERS: &str = "bBhHiIqQ";
const ALL_INTEGERS: &str = "?bBhHiIqQ";
const FLOATS: &str = "efd";
const INEXACT: &str = "efdFD";

const fn ufunc(
    arity: usize,
    name: &'static str,
    numpy: &'static str,
    inputs: &'static str,
    result: LoopResult,
) -> Info {
    let loops = Loops {
        inputs,
        result,
        refuses_bool: false,
    };
    // `f` and `doc` are filled in by the macro.
    Info {
        f: F::Add,
        name,
        arity,
        py: None,
        math: None,
        numpy: Some(numpy),
        aliases: &[],
        is_ufunc: true,
        loops,
        doc: "",
    }
}

const fn unary(name: &'static str, inputs: &'static str) -> Info {
    ufunc(1, name, name, inputs, LoopResult::Same)
}

const fn binary(name: &'static str, inputs: &'static str) -> Info {
    ufunc(2, name, name, inputs, LoopResult::Same)
}

const fn predicate(name: &'static str, inputs: &'static str) -> Info {
    ufunc(1, name, name, inputs, LoopResult::Bool)
}

const fn relation(name: &'static str, numpy: &'static str) -> Info {
    ufunc(2, name, numpy, ALL, LoopResult::Bool)
}

/// What only a part of a loop of NumPy's is, without a name there.
const fn within_loops(info: Info) -> Info {
    Info {
        numpy: None,
        is_ufunc: false,
        ..info
    }
}

/// What NumPy does not have at all.
const fn only_math(name: &'static str, arity: usize) -> Info {
    within_loops(ufunc(arity, name, name, "", LoopResult::Same)).math(name)
}

const fn conversion(name: &'static str, builtin: &'static str, to: crate::dtype::Dtype) -> Info {
    Info {
        numpy: None,
        is_ufunc: false,
        ..ufunc(1, name, name, ALL, LoopResult::Fixed(to))
    }
    .builtin(builtin)
}

impl Info {
    const fn numpy(self, numpy: &'static str) -> Info {
        Info {
            numpy: Some(numpy),
            ..self
        }
    }

    const fn aliases(self, aliases: &'static [&'static str]) -> Info {
        Info { aliases, ..self }
    }

    const fn op(self, operator: &'static str) -> Info {
        Info {
            py: Some(PyForm::Operator(operator)),
            ..self
        }
    }

    const fn builtin(self, builtin: &'static str) -> Info {
        Info {
            py: Some(PyForm::Builtin(builtin)),
            ..self
        }
    }

    const fn attribute(self, attribute: &'static str) -> Info {
        Info {
            py: Some(PyForm::Attribute(attribute)),
            is_ufunc: false,
            ..self
        }
    }

    const fn method(self, method: &'static str) -> Info {
        Info {
            py: Some(PyForm::Method(method)),
            ..self
        }
    }

    const fn math(self, math: &'static str) -> Info {
        Info {
            math: Some(math),
            ..self
        }
    }

    const fn gives(self, result: LoopResult) -> Info {
        Info {
            loops: Loops { result, ..self.loops },
            ..self
        }
    }

    const fn refuses_bool(self) -> Info {
        Info {
            loops: Loops {
                refuses_bool: true,
                ..self.loops
            },
            ..self
        }
    }

    const fn no_ufunc(self) -> Info {
        Info {
            is_ufunc: false,
            ..self
        }
    }
}

/// Declares [`F`] and its table from the same lines.
macro_rules! functions {
    ($($variant:ident = $info:expr, $doc:literal;)*) => {
        /// A scalar function.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum F {
            $(#[doc = $doc] $variant,)*
        }

        impl F {
            /// Every function, in the order of declaration.
            pub const ALL: &[F] = &[$(F::$variant,)*];
        }

        static TABLE: &[Info] = &[$(Info { f: F::$variant, doc: $doc, ..$info },)*];
    };
}

functions! {
    // Arithmetic.
    Add = binary("add", ALL).op("+"), "The sum.";
    Sub = binary("sub", NUMBERS).numpy("subtract").op("-").refuses_bool(), "The difference.";
    Mul = binary("mul", ALL).numpy("multiply").op("*"), "The product.";
    TrueDiv = binary("truediv", INEXACT).numpy("divide").aliases(&["true_divide"]).op("/").gives(LoopResult::Quotient),
        "The quotient; of integers in `float64`.";
    FloorDiv = binary("floordiv", REALS).numpy("floor_divide").op("//"), "The quotient rounded to minus infinity.";
    Mod = binary("mod", REALS).numpy("remainder").aliases(&["mod"]).op("%"), "The remainder, with the divisor's sign.";
    Fmod = binary("fmod", REALS).math("fmod"), "The remainder, with the dividend's sign, as in C.";
    Pow = binary("pow", NUMBERS).numpy("power").aliases(&["pow"]).op("**").math("pow"), "The power.";
    FloatPower = binary("float_power", "dD"), "The power in `float64` or `complex128`, by C's `pow`.";
    UniformPow = within_loops(binary("uniform_pow", "efd")), "The power as a loop computes it that has one exponent for all: \
        of 2, 0.5 and -1 the square, the root and the reciprocal.";
    Neg = unary("neg", NUMBERS).numpy("negative").op("-").refuses_bool(), "The negative.";
    Pos = unary("pos", NUMBERS).numpy("positive").op("+").refuses_bool(), "The number itself.";
    Abs = unary("abs", ALL).numpy("absolute").aliases(&["abs"]).builtin("abs").gives(LoopResult::RealPart),
        "The absolute value.";
    Fabs = unary("fabs", FLOATS).math("fabs"), "The absolute value as a float.";
    Sign = unary("sign", NUMBERS).refuses_bool(), "-1, 0 or 1; nan of nan.";
    Square = unary("square", NUMBERS), "The number times itself.";
    Reciprocal = unary("reciprocal", NUMBERS), "One over the number; of integers, truncated.";
    // Bits.
    Invert = unary("invert", ALL_INTEGERS).aliases(&["bitwise_not", "bitwise_invert"]).op("~"), "All bits flipped.";
    And = binary("and", ALL_INTEGERS).numpy("bitwise_and").op("&"), "The bits set in both.";
    Or = binary("or", ALL_INTEGERS).numpy("bitwise_or").op("|"), "The bits set in either.";
    Xor = binary("xor", ALL_INTEGERS).numpy("bitwise_xor").op("^"), "The bits set in one of them.";
    Shl = binary("shl", INTEGERS).numpy("left_shift").aliases(&["bitwise_left_shift"]).op("<<"), "Bits moved up.";
    Shr = binary("shr", INTEGERS).numpy("right_shift").aliases(&["bitwise_right_shift"]).op(">>"),
        "Bits moved down, the sign kept.";
    // Comparisons and truth.
    Lt = relation("lt", "less").op("<"), "Less.";
    Le = relation("le", "less_equal").op("<="), "Less or equal.";
    Gt = relation("gt", "greater").op(">"), "Greater.";
    Ge = relation("ge", "greater_equal").op(">="), "Greater or equal.";
    Eq = relation("eq", "equal").op("=="), "Equal.";
    Ne = relation("ne", "not_equal").op("!="), "Not equal.";
    Not = predicate("not", ALL).numpy("logical_not").op("not"), "True of zero.";
    LogicalAnd = relation("logical_and", "logical_and"), "Both non-zero; both are evaluated.";
    LogicalOr = relation("logical_or", "logical_or"), "One non-zero; both are evaluated.";
    LogicalXor = relation("logical_xor", "logical_xor"), "Exactly one non-zero.";
    // The smaller and the greater.
    Min = binary("min", ALL).numpy("minimum").builtin("min"),
        "The smaller of two. Python: `b if b < a else a`, so it depends on the order of nan and of signed zeros.";
    Max = binary("max", ALL).numpy("maximum").builtin("max"), "The greater of two. Python: `b if b > a else a`.";
    Fmin = binary("fmin", ALL), "The smaller of two, ignoring nan.";
    Fmax = binary("fmax", ALL), "The greater of two, ignoring nan.";
    // Powers, roots, exponentials.
    Sqrt = unary("sqrt", INEXACT).math("sqrt"), "The square root.";
    Cbrt = unary("cbrt", FLOATS).math("cbrt"), "The cube root; `math.cbrt` is there from Python 3.11 on.";
    Hypot = binary("hypot", FLOATS).math("hypot"), "`sqrt(a*a + b*b)` without overflow on the way.";
    Exp = unary("exp", INEXACT).math("exp"), "e to the number.";
    Exp2 = unary("exp2", INEXACT).math("exp2"), "2 to the number; `math.exp2` is there from Python 3.11 on.";
    Expm1 = unary("expm1", INEXACT).math("expm1"), "`exp(a) - 1`, precise near zero.";
    Log = unary("log", INEXACT).math("log"), "The natural logarithm.";
    Log2 = unary("log2", INEXACT).math("log2"), "The logarithm to base 2.";
    Log10 = unary("log10", INEXACT).math("log10"), "The logarithm to base 10.";
    Log1p = unary("log1p", INEXACT).math("log1p"), "`log(1 + a)`, precise near zero.";
    Logaddexp = binary("logaddexp", FLOATS), "`log(exp(a) + exp(b))`.";
    Logaddexp2 = binary("logaddexp2", FLOATS), "`log2(2**a + 2**b)`.";
    // Trigonometry.
    Sin = unary("sin", INEXACT).math("sin"), "The sine.";
    Cos = unary("cos", INEXACT).math("cos"), "The cosine.";
    Tan = unary("tan", INEXACT).math("tan"), "The tangent.";
    Arcsin = unary("arcsin", INEXACT).aliases(&["asin"]).math("asin"), "The inverse sine.";
    Arccos = unary("arccos", INEXACT).aliases(&["acos"]).math("acos"), "The inverse cosine.";
    Arctan = unary("arctan", INEXACT).aliases(&["atan"]).math("atan"), "The inverse tangent.";
    Arctan2 = binary("arctan2", FLOATS).aliases(&["atan2"]).math("atan2"), "The angle of the point (b, a).";
    Sinh = unary("sinh", INEXACT).math("sinh"), "The hyperbolic sine.";
    Cosh = unary("cosh", INEXACT).math("cosh"), "The hyperbolic cosine.";
    Tanh = unary("tanh", INEXACT).math("tanh"), "The hyperbolic tangent.";
    Arcsinh = unary("arcsinh", INEXACT).aliases(&["asinh"]).math("asinh"), "The inverse hyperbolic sine.";
    Arccosh = unary("arccosh", INEXACT).aliases(&["acosh"]).math("acosh"), "The inverse hyperbolic cosine.";
    Arctanh = unary("arctanh", INEXACT).aliases(&["atanh"]).math("atanh"), "The inverse hyperbolic tangent.";
    Degrees = unary("degrees", FLOATS).aliases(&["rad2deg"]).math("degrees"), "Radians to degrees.";
    Radians = unary("radians", FLOATS).aliases(&["deg2rad"]).math("radians"), "Degrees to radians.";
    // Rounding.
    Floor = unary("floor", ALL_REALS).math("floor"), "Rounded to minus infinity; an int in `math`.";
    Ceil = unary("ceil", ALL_REALS).math("ceil"), "Rounded to infinity; an int in `math`.";
    Trunc = unary("trunc", ALL_REALS).math("trunc"), "Rounded to zero; an int in `math`.";
    Rint = unary("rint", INEXACT), "Rounded to the nearest integer, halves to even, as a float.";
    Round = unary("round", NUMBERS).aliases(&["around"]).builtin("round").no_ufunc(),
        "Rounded to the nearest integer, halves to even; an int in Python, integers stay what they are in NumPy.";
    // The parts of a float.
    Copysign = binary("copysign", FLOATS).math("copysign"), "The first with the sign of the second.";
    Nextafter = binary("nextafter", FLOATS).math("nextafter"), "The next float towards the second.";
    Spacing = unary("spacing", FLOATS), "The distance to the next float, with the number's sign.";
    Heaviside = binary("heaviside", FLOATS), "0 below zero, the second operand at zero, 1 above.";
    Isnan = predicate("isnan", ALL).math("isnan"), "Whether it is nan.";
    Isinf = predicate("isinf", ALL).math("isinf"), "Whether it is infinite.";
    Isfinite = predicate("isfinite", ALL).math("isfinite"), "Whether it is neither nan nor infinite.";
    Signbit = predicate("signbit", FLOATS), "Whether the sign bit is set.";
    // Integers.
    Gcd = binary("gcd", INTEGERS).math("gcd").refuses_bool(), "The greatest common divisor.";
    Lcm = binary("lcm", INTEGERS).math("lcm").refuses_bool(), "The least common multiple.";
    Isqrt = only_math("isqrt", 1), "The root of an int, rounded down.";
    // What only `math` has.
    Erf = only_math("erf", 1), "The error function.";
    Erfc = only_math("erfc", 1), "One minus the error function, precise where that is small.";
    // Complex numbers.
    Real = unary("real", ALL).attribute("real").gives(LoopResult::RealPart), "The real part; a view of an array.";
    Imag = unary("imag", ALL).attribute("imag").gives(LoopResult::RealPart), "The imaginary part.";
    Conj = unary("conj", NUMBERS).numpy("conjugate").aliases(&["conj"]).method("conjugate"), "The complex conjugate.";
    // Conversions, in NumPy `astype`.
    ToBool = conversion("to_bool", "bool", crate::dtype::Dtype::Bool), "`bool(a)`.";
    ToInt = conversion("to_int", "int", crate::dtype::Dtype::I64), "`int(a)`: truncated.";
    ToFloat = conversion("to_float", "float", crate::dtype::Dtype::F64), "`float(a)`.";
    ToComplex = conversion("to_complex", "complex", crate::dtype::Dtype::C128), "`complex(a)`.";
}

impl F {
    pub fn info(self) -> &'static Info {
        &TABLE[self as usize]
    }

    /// The name in the IR.
    pub fn name(self) -> &'static str {
        self.info().name
    }

    pub fn arity(self) -> usize {
        self.info().arity
    }

    pub fn from_name(name: &str) -> Option<F> {
        F::ALL.iter().copied().find(|f| f.name() == name)
    }

    /// The function that an attribute of `numpy` names: `sqrt`, `abs`.
    pub fn from_numpy(name: &str) -> Option<F> {
        F::ALL
            .iter()
            .copied()
            .find(|f| f.info().numpy == Some(name) || f.info().aliases.contains(&name))
    }

    /// The function that an attribute of `math` names. `math.log` of two arguments is not [`F::Log`], nor `math.gcd`
    /// of three [`F::Gcd`]: compare the arity.
    pub fn from_math(name: &str) -> Option<F> {
        F::ALL.iter().copied().find(|f| f.info().math == Some(name))
    }

    /// The function of a builtin: `abs`, `int`; `min` and `max` of exactly two operands.
    pub fn from_builtin(name: &str) -> Option<F> {
        F::ALL
            .iter()
            .copied()
            .find(|f| matches!(f.info().py, Some(PyForm::Builtin(builtin)) if builtin == name))
    }

    /// The comparison with the operands swapped: `a < b` is `b > a`. `None` for what is no comparison.
    pub fn swapped(self) -> Option<F> {
        match self {
            F::Lt => Some(F::Gt),
            F::Le => Some(F::Ge),
            F::Gt => Some(F::Lt),
            F::Ge => Some(F::Le),
            F::Eq | F::Ne => Some(self),
            _ => None,
        }
    }

    pub fn is_comparison(self) -> bool {
        self.swapped().is_some()
    }
}
