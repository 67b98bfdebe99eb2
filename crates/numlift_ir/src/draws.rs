//! Calls that draw random numbers of plain distributions: which parameters they have, and whether they draw one number or
//! an array full.
//!
//! ```text
//! rng.normal(0, s)          normal of a Generator: 0.0, s
//! np.random.rand(n, 2)      random of NumPy's stream: an array
//! rng.choice(6)             integers of a Generator: 0, 6, not closed
//! random.randint(1, 6)      integers of Python's stream: 1, 6, closed
//! ```
//!
//! What needs no more than a bit generator and numbers is here: machine code can draw it. Weights, `replace=`, other
//! dtypes and `out=` are not.

use crate::dtype::{Dtype, DtypeKind};
use crate::function::{Function, OpId, ValueId};
use crate::infer::call::class_of;
use crate::infer::interval_of;
use crate::op::{Const, Kind};
use crate::scalar::ScalarTy;
use crate::table::{self, Bound, FunctionInfo};
use crate::ty::{Interval, Ty};

/// Ints up to which every one is a double.
const EXACT: i128 = 1 << 53;

/// A call that draws.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// The generator that is the first operand; none of a library's own stream.
    pub generator: Option<ValueId>,
    /// `Generator`, `RandomState`, `numpy.random` or `random`.
    pub stream: &'static str,
    /// The distribution, by NumPy's name of it.
    pub what: &'static str,
    pub given: Vec<Given>,
    pub size: Size,
}

/// A parameter's value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Given {
    Float(ValueId),
    Int(ValueId),
    ConstFloat(f64),
    ConstInt(i64),
}

/// How many are drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Size {
    One,
    /// An array of so many elements along each axis; a single value may be a tuple of ints.
    Array(Vec<ValueId>),
}

/// A distribution's floats and their defaults.
type Parameters = &'static [(&'static str, Option<f64>)];

/// Method, distribution, parameters that are floats.
const FLOATS: &[(&str, &str, Parameters)] = &[
    ("random", "random", &[]),
    ("random_sample", "random", &[]),
    ("rand", "random", &[]),
    ("uniform", "uniform", &[("low", Some(0.0)), ("high", Some(1.0))]),
    ("standard_normal", "standard_normal", &[]),
    ("randn", "standard_normal", &[]),
    ("normal", "normal", &[("loc", Some(0.0)), ("scale", Some(1.0))]),
    ("standard_exponential", "standard_exponential", &[]),
    ("exponential", "exponential", &[("scale", Some(1.0))]),
    ("standard_gamma", "standard_gamma", &[("shape", None)]),
    ("gamma", "gamma", &[("shape", None), ("scale", Some(1.0))]),
    ("beta", "beta", &[("a", None), ("b", None)]),
    ("laplace", "laplace", &[("loc", Some(0.0)), ("scale", Some(1.0))]),
    ("lognormal", "lognormal", &[("mean", Some(0.0)), ("sigma", Some(1.0))]),
    ("poisson", "poisson", &[("lam", Some(1.0))]),
    ("geometric", "geometric", &[("p", None)]),
];

/// Those of NumPy's older generators that are made of its uniform floats in another way, which machine code knows.
const LEGACY: [&str; 8] = [
    "random",
    "uniform",
    "standard_normal",
    "normal",
    "standard_exponential",
    "exponential",
    "integers",
    "lognormal",
];

/// Python's own.
const PYTHON: &[(&str, &str, Parameters)] = &[
    ("random", "random", &[]),
    ("uniform", "uniform", &[("a", None), ("b", None)]),
    ("gauss", "normal", &[("mu", Some(0.0)), ("sigma", Some(1.0))]),
    (
        "normalvariate",
        "normalvariate",
        &[("mu", Some(0.0)), ("sigma", Some(1.0))],
    ),
    ("expovariate", "exponential", &[("lambd", None)]),
];

/// What an op draws, if it is a plain draw.
pub fn draw(func: &Function, op: OpId) -> Option<Draw> {
    let data = func.op(op);
    let (stream, name, info, keywords, generator) = match &data.kind {
        Kind::Call { callee, keywords } => {
            let (stream, name) = callee.rsplit_once('.')?;
            let stream = match stream {
                "numpy.random" => "numpy.random",
                "random" => "random",
                _ => return None,
            };
            (stream, name, table::lookup(callee)?, keywords, None)
        }
        Kind::Method { name, keywords } => {
            let generator = data.args[0];
            let stream =
                class_of(func.ty(generator).bound()).filter(|class| matches!(*class, "Generator" | "RandomState"))?;
            (
                stream,
                name.as_str(),
                table::method(stream, name)?,
                keywords,
                Some(generator),
            )
        }
        _ => return None,
    };
    let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
    let bound = info.bind(data.args.len() - keywords.len(), &keywords)?;
    let call = Call {
        func,
        bound: &bound,
        args: &data.args,
        stream,
    };
    let (what, given) = call.distribution(name)?;
    if matches!(stream, "RandomState" | "numpy.random") && !LEGACY.contains(&what) {
        return None;
    }
    let size = call.size(name)?;
    let is_known = match (&size, func.ty(*data.results.first()?).bound()) {
        (Size::One, ty) => matches!(ty, Ty::Float | Ty::Int(_) | Ty::Np(Dtype::I64)),
        (Size::Array(_), Ty::Array { dtype, .. }) => matches!(dtype, Dtype::F64 | Dtype::I64),
        (Size::Array(_), _) => false,
    };
    is_known.then_some(Draw {
        generator,
        stream,
        what,
        given,
        size,
    })
}

struct Call<'a> {
    func: &'a Function,
    bound: &'a Bound,
    args: &'a [ValueId],
    stream: &'static str,
}

impl Call<'_> {
    fn arg(&self, name: &str) -> Option<ValueId> {
        let value = self.bound.get(name).map(|index| self.args[index])?;
        (*self.func.ty(value).bound() != Ty::None).then_some(value)
    }

    /// Whether nothing else is given.
    fn has_only(&self, names: &[&str]) -> bool {
        let known = |name: &str| names.contains(&name) || matches!(name, "self" | "size");
        self.bound.given().iter().all(|(name, _)| known(name))
    }

    fn distribution(&self, name: &str) -> Option<(&'static str, Vec<Given>)> {
        let floats = match self.stream {
            "random" => PYTHON,
            _ => FLOATS,
        };
        if let Some((_, what, parameters)) = floats.iter().find(|(own, ..)| *own == name) {
            let names: Vec<&str> = parameters.iter().map(|(name, _)| *name).collect();
            let given = parameters.iter().map(|(name, default)| self.float(name, *default));
            return self.has_only(&names).then_some((*what, given.collect::<Option<_>>()?));
        }
        match name {
            "binomial" if self.has_only(&["n", "p"]) => {
                Some(("binomial", vec![self.int("n")?, self.float("p", None)?]))
            }
            "integers" | "randint" if self.stream != "random" => self.integers(),
            "randint" if self.has_only(&["a", "b"]) => {
                Some(("integers", vec![self.int("a")?, self.int("b")?, Given::ConstInt(1)]))
            }
            "randrange" if self.has_only(&["start", "stop"]) => Some(("integers", self.range("start", "stop", 0)?)),
            "choice" if self.stream != "random" && self.has_only(&["a"]) => {
                let below = self.int("a")?;
                Some(("integers", vec![Given::ConstInt(0), below, Given::ConstInt(0)]))
            }
            "getrandbits" => match self.func.as_const(self.arg("k")?) {
                Some(Const::Int(bits @ 1..=62)) => Some(("bits", vec![Given::ConstInt(*bits as i64)])),
                _ => None,
            },
            _ => None,
        }
    }

    fn integers(&self) -> Option<(&'static str, Vec<Given>)> {
        let closed = match self.arg("endpoint").map(|endpoint| self.func.as_const(endpoint)) {
            None | Some(Some(Const::Bool(false))) => 0,
            Some(Some(Const::Bool(true))) => 1,
            Some(_) => return None,
        };
        let given = self.range("low", "high", closed)?;
        self.has_only(&["low", "high", "endpoint"])
            .then_some(("integers", given))
    }

    /// From 0 to the first bound, or from the first to the second.
    fn range(&self, low: &str, high: &str, closed: i64) -> Option<Vec<Given>> {
        let first = self.int(low)?;
        let is_given = self.bound.get(high).is_some();
        Some(match self.arg(high) {
            Some(_) => vec![first, self.int(high)?, Given::ConstInt(closed)],
            None if is_given && self.stream == "random" => return None,
            None => vec![Given::ConstInt(0), first, Given::ConstInt(closed)],
        })
    }

    fn float(&self, name: &str, default: Option<f64>) -> Option<Given> {
        let Some(value) = self.arg(name) else {
            // `None` is no number.
            return match self.bound.get(name) {
                None => default.map(Given::ConstFloat),
                Some(_) => None,
            };
        };
        let ty = self.func.ty(value).bound();
        let fits = match ty.as_scalar()? {
            ScalarTy::PyFloat => true,
            // Python's own functions compute with ints as they are.
            ScalarTy::PyInt | ScalarTy::PyBool if self.stream == "random" => {
                let interval = interval_of(ty);
                interval.lo.is_some_and(|lo| lo >= -EXACT) && interval.hi.is_some_and(|hi| hi <= EXACT)
            }
            ScalarTy::PyInt | ScalarTy::PyBool => true,
            ScalarTy::Np(dtype) => {
                self.stream != "random"
                    && dtype != Dtype::F16
                    && matches!(dtype.kind(), DtypeKind::Signed | DtypeKind::Unsigned | DtypeKind::Float)
            }
            ScalarTy::PyComplex => false,
        };
        fits.then_some(Given::Float(value))
    }

    fn int(&self, name: &str) -> Option<Given> {
        let value = self.arg(name)?;
        let fits = match self.func.ty(value).bound().as_scalar()? {
            ScalarTy::PyInt => true,
            ScalarTy::Np(dtype) => dtype.is_integer() && dtype != Dtype::U64,
            ScalarTy::PyBool | ScalarTy::PyFloat | ScalarTy::PyComplex => false,
        };
        fits.then_some(Given::Int(value))
    }

    fn size(&self, name: &str) -> Option<Size> {
        if matches!(name, "rand" | "randn") {
            let dims: Vec<ValueId> = self.bound.rest().iter().map(|index| self.args[*index]).collect();
            let is_int = |dim: &ValueId| self.is_extent(self.func.ty(*dim).bound());
            return match dims.is_empty() {
                true => Some(Size::One),
                false => dims.iter().all(is_int).then_some(Size::Array(dims)),
            };
        }
        let Some(size) = self.arg("size") else {
            return Some(Size::One);
        };
        let fits = match self.func.ty(size).bound() {
            Ty::Tuple(items) => !items.is_empty() && items.iter().all(|item| self.is_extent(item)),
            ty => self.is_extent(ty),
        };
        fits.then(|| Size::Array(vec![size]))
    }

    fn is_extent(&self, ty: &Ty) -> bool {
        match ty.bound() {
            Ty::Int(_) => true,
            Ty::Np(dtype) => dtype.is_integer() && *dtype != Dtype::U64,
            _ => false,
        }
    }
}

/// The ints that a draw may give: nothing where the table says all there is to say.
pub(crate) fn interval(func: &Function, info: &FunctionInfo, bound: &Bound, args: &[ValueId]) -> Option<Interval> {
    // Where there are none, it raises.
    all_ints(func, info, bound, args).filter(|all| all.lo.zip(all.hi).is_none_or(|(lo, hi)| lo <= hi))
}

fn all_ints(func: &Function, info: &FunctionInfo, bound: &Bound, args: &[ValueId]) -> Option<Interval> {
    let of = |name: &str| {
        let value = bound.get(name).map(|index| args[index])?;
        (*func.ty(value).bound() != Ty::None).then(|| interval_of(func.ty(value)))
    };
    let from = |low: Option<i128>, high: Option<i128>| Interval { lo: low, hi: high };
    let below = |high: Interval| high.hi.map(|high| high - 1);
    match info.name {
        "numpy.random.randint" | "RandomState.randint" => {
            let drawn = match (of("low"), of("high")) {
                (Some(low), Some(high)) => from(low.lo, below(high)),
                (Some(high), None) => from(Some(0), below(high)),
                (None, _) => Interval::ALL,
            };
            // It has a dtype of 64 bits.
            Some(drawn.meet(Interval::new(i64::MIN.into(), i64::MAX.into())))
        }
        "random.randint" => Some(from(of("a")?.lo, of("b")?.hi)),
        "random.randrange" if bound.get("step").is_none() => Some(match (of("start"), of("stop")) {
            (Some(low), Some(high)) => from(low.lo, below(high)),
            (Some(high), None) => from(Some(0), below(high)),
            (None, _) => Interval::ALL,
        }),
        "random.getrandbits" => {
            let bits = of("k")?.as_point().filter(|bits| (0..=62).contains(bits))?;
            Some(Interval::new(0, (1 << bits) - 1))
        }
        "numpy.random.choice" | "RandomState.choice" | "Generator.choice" => {
            Some(from(Some(0), below(of("a")?)).meet(Interval::new(0, i64::MAX.into())))
        }
        "numpy.random.binomial"
        | "RandomState.binomial"
        | "Generator.binomial"
        | "numpy.random.poisson"
        | "RandomState.poisson"
        | "Generator.poisson"
        | "numpy.random.geometric"
        | "Generator.geometric" => Some(Interval::new(0, i64::MAX.into())),
        _ => None,
    }
}
