//! The array forms of a power with a literal exponent.
//!
//! A scalar's `x ** 2` is C's `pow`; an array's is a multiplication. So the form is a choice between speed and bits:
//!
//! ```text
//! x[i] ** 2     float64   np.square(x)         rounding 1 ulp
//!                         np.float_power(x, 2) exact where measured: it calls `pow` as well, ten times slower
//! x[i] ** 3               x * x * x            rounding, or x ** 3
//! x[i] ** 0.5             np.sqrt(x)           -0.0 and -inf differ
//! i ** 2        int       np.square(i)         exact where it fits
//! ```

use crate::dtype::{Dtype, DtypeKind};
use crate::scalar::calibration::Calibration;
use crate::scalar::step::{Change, Layout, Need, Step, Strength, step};
use crate::scalar::{F, Flavour, ScalarTy};

/// What the power becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerForm {
    /// `x` itself, of exponent 1.
    Identity,
    /// `np.square(x)`, or `x ** 2` on an array.
    Square,
    /// `x * x * x`, of exponent 3.
    Cube,
    /// `np.sqrt(x)`, or `x ** 0.5` on an array.
    Sqrt,
    /// `np.reciprocal(x)`, `1 / x`, or `x ** -1` on an array.
    Reciprocal,
    /// `np.power(x, exponent)`, or `x ** exponent` on an array.
    Power,
    /// `np.float_power(x, exponent)`.
    FloatPower,
}

/// A literal exponent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Exponent {
    Int(i64),
    Float(f64),
}

impl PowerForm {
    /// The name that a calibration gives it.
    pub fn name(self) -> &'static str {
        match self {
            PowerForm::Identity => "pow.identity",
            PowerForm::Square => "pow.square",
            PowerForm::Cube => "pow.cube",
            PowerForm::Sqrt => "pow.sqrt",
            PowerForm::Reciprocal => "pow.reciprocal",
            PowerForm::Power => "pow.uniform",
            PowerForm::FloatPower => "pow.float_power",
        }
    }
}

impl Exponent {
    fn ty(self) -> ScalarTy {
        match self {
            Exponent::Int(_) => ScalarTy::PyInt,
            Exponent::Float(_) => ScalarTy::PyFloat,
        }
    }

    fn value(self) -> f64 {
        match self {
            Exponent::Int(value) => value as f64,
            Exponent::Float(value) => value,
        }
    }

    fn is_whole(self) -> bool {
        self.value().fract() == 0.0
    }
}

/// The form that NumPy 2.4 itself takes for `array ** exponent`; older ones take more of them for complex arrays.
///
/// For floats 2, 0.5 and -1 have fast forms (1 and 0 too, with which `Power` agrees); for complex numbers 0.5 and the
/// ints 2 and -1; for the others the int 2, which makes `int8` of bools.
pub fn array_form(dtype: Dtype, exponent: Exponent) -> PowerForm {
    match (dtype.kind(), exponent) {
        (DtypeKind::Float | DtypeKind::Complex, Exponent::Float(0.5)) => PowerForm::Sqrt,
        (DtypeKind::Float | DtypeKind::Complex, Exponent::Int(-1)) => PowerForm::Reciprocal,
        (DtypeKind::Float, Exponent::Float(-1.0)) => PowerForm::Reciprocal,
        (DtypeKind::Float, Exponent::Float(2.0)) => PowerForm::Square,
        (_, Exponent::Int(2)) => PowerForm::Square,
        _ => PowerForm::Power,
    }
}

/// Every form of a scalar power over an array, the fastest first.
pub fn power_forms(
    from: Flavour,
    base: ScalarTy,
    exponent: Exponent,
    layout: Layout,
    calibration: &Calibration,
) -> Vec<(PowerForm, Step)> {
    let array = ScalarTy::Np(base.array_dtype());
    let tys = [base, exponent.ty()];
    let change = Change {
        f: F::Pow,
        from,
        from_tys: &tys,
        to_tys: &[array, exponent.ty()],
        layout,
    };
    let general = step(&change, calibration);
    if let Strength::Differs(_) = general.strength {
        return vec![(PowerForm::Power, general)];
    }
    if base.array_dtype().is_inexact() {
        float_forms(from, base, exponent, layout, calibration, general)
    } else {
        integer_forms(from, base, exponent, general)
    }
}

/// Integers: no form rounds, but NumPy refuses negative exponents and a fraction computes in floats.
fn integer_forms(from: Flavour, base: ScalarTy, exponent: Exponent, general: Step) -> Vec<(PowerForm, Step)> {
    // `bools ** 2` is NumPy's `square`, of type `int8`, and so is `bools ** 2.0` in NumPy 2.0.
    if base.array_dtype() == Dtype::Bool && exponent.value() == 2.0 {
        return vec![(
            PowerForm::Square,
            Step::differs("the square of a bool array is an `int8`"),
        )];
    }
    let Exponent::Int(exponent) = exponent else {
        return vec![(PowerForm::Power, general)];
    };
    if exponent < 0 {
        return vec![(PowerForm::Power, Step::differs("NumPy refuses negative integer powers"))];
    }
    let needs = if from == Flavour::Py {
        vec![Need::IntFits]
    } else {
        vec![]
    };
    let exact = Step::new(Strength::Exact, needs);
    match exponent {
        _ if base.array_dtype() == Dtype::Bool => vec![(PowerForm::Power, exact)],
        1 => vec![(PowerForm::Identity, exact.clone()), (PowerForm::Power, exact)],
        2 => vec![(PowerForm::Square, exact.clone()), (PowerForm::Power, exact)],
        _ => vec![(PowerForm::Power, exact)],
    }
}

fn float_forms(
    from: Flavour,
    base: ScalarTy,
    exponent: Exponent,
    layout: Layout,
    calibration: &Calibration,
    general: Step,
) -> Vec<(PowerForm, Step)> {
    let dtype = base.array_dtype();
    let value = exponent.value();
    let raises = matches!(from, Flavour::Py | Flavour::Math);
    let measured = |form: PowerForm| {
        let taken = if form == PowerForm::Power {
            array_form(dtype, exponent)
        } else {
            form
        };
        calibration.strength(taken.name(), from, dtype, layout)
    };
    // A literal is finite unless it says `1e999`; then the general needs stand.
    let mut needs = if value.is_finite() {
        Vec::new()
    } else {
        general.needs.clone()
    };
    if raises && !exponent.is_whole() {
        needs.push(Need::AtLeast(0, 0.0));
    }
    if raises && value < 0.0 {
        needs.push(Need::NonZero(0));
    }
    if raises && value != 1.0 && value != 0.0 {
        needs.push(Need::FiniteResult);
    }
    let form = |form: PowerForm| {
        let mut needs = needs.clone();
        // Everything but `float_power` takes a root, also `np.power` of a scalar; C's `pow` does not.
        if value == 0.5 && (form != PowerForm::FloatPower || from == Flavour::Ufunc) {
            needs.extend([Need::NotNegativeZero(0), Need::NotInfinite(0)]);
        }
        (form, Step::new(measured(form), needs))
    };
    let mut forms = match value {
        1.0 => vec![(PowerForm::Identity, Step::new(Strength::Exact, needs.clone()))],
        2.0 => vec![form(PowerForm::Square)],
        3.0 => vec![form(PowerForm::Cube)],
        -1.0 => vec![form(PowerForm::Reciprocal)],
        0.5 => vec![form(PowerForm::Sqrt)],
        _ => vec![],
    };
    forms.push(form(PowerForm::Power));
    if dtype == Dtype::F64 {
        forms.push(form(PowerForm::FloatPower));
    }
    forms
}
