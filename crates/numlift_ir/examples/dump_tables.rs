//! Prints what `numlift_ir` knows of scalar functions as tab-separated lines, for the tests that compare it with NumPy.
//!
//! ```text
//! function  name arity python math numpy
//! promote   a b result
//! weak      a kind result
//! result    name flavour types results
//! faults    name flavour types exceptions events
//! step      name flavour types array-types layout strength ulp needs cast
//! power     flavour type exponent layout form strength ulp needs
//! array_power dtype exponent form
//! ```

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "the library does no I/O, this program is its mouth"
)]

use numlift_ir::dtype::{self, Casting, Dtype, Operand, Weak};
use numlift_ir::scalar::{
    Calibration, Change, Exponent, F, Flavour, Layout, PyForm, ScalarTy, Step, Strength, Typing, array_form, faults,
    power_forms, result, step,
};

/// With `--calibration`, the measurements that standard input holds are used.
fn main() {
    let measured = std::env::args().any(|argument| argument == "--calibration");
    let calibration = if measured {
        Calibration::parse(&std::io::read_to_string(std::io::stdin()).unwrap_or_default())
    } else {
        Calibration::portable()
    };
    dtypes();
    functions();
    results();
    steps(&calibration);
    powers(&calibration);
}

fn dtypes() {
    let text = |dtype: Option<Dtype>| dtype.map_or("-", Dtype::name);
    for a in dtype::ALL {
        for b in dtype::ALL {
            println!("promote\t{a}\t{b}\t{}", text(dtype::promote(a, b)));
            for (casting, name) in [
                (Casting::No, "no"),
                (Casting::Safe, "safe"),
                (Casting::SameKind, "same_kind"),
                (Casting::Unsafe, "unsafe"),
            ] {
                println!("cast\t{a}\t{b}\t{name}\t{}", dtype::can_cast(a, b, casting));
            }
            for c in dtype::ALL {
                let all = [a, b, c].map(Operand::Strong);
                println!("promote3\t{a}\t{b}\t{c}\t{}", text(dtype::result_type(&all)));
            }
            for (weak, name) in [(Weak::Int, "int"), (Weak::Float, "float"), (Weak::Complex, "complex")] {
                let all = [Operand::Strong(a), Operand::Weak(weak), Operand::Strong(b)];
                println!("promote3\t{a}\t{name}\t{b}\t{}", text(dtype::result_type(&all)));
            }
        }
    }
}

/// Every function that Python or NumPy has a name for.
fn named() -> impl Iterator<Item = F> {
    let is_named = |f: &F| f.info().numpy.is_some() || f.info().py.is_some();
    F::ALL.iter().copied().filter(is_named)
}

fn functions() {
    for f in named() {
        let info = f.info();
        let python = match info.py {
            None => "-".to_owned(),
            Some(PyForm::Operator(text)) => format!("operator {text}"),
            Some(PyForm::Builtin(text)) => format!("builtin {text}"),
            Some(PyForm::Attribute(text)) => format!("attribute {text}"),
            Some(PyForm::Method(text)) => format!("method {text}"),
        };
        let numpy = [info.numpy.unwrap_or("-")]
            .into_iter()
            .chain(info.aliases.iter().copied())
            .collect::<Vec<_>>();
        println!(
            "function\t{}\t{}\t{python}\t{}\t{}\t{}",
            info.name,
            info.arity,
            info.math.unwrap_or("-"),
            numpy.join(" "),
            info.is_ufunc
        );
    }
}

fn results() {
    for f in named() {
        for flavour in Flavour::ALL {
            for tys in operand_types(f.arity()) {
                let typing = match result(f, flavour, &tys) {
                    Typing::Is(ty) => ty.to_string(),
                    Typing::Either(a, b) => format!("{a} {b}"),
                    Typing::Error => "error".to_owned(),
                };
                let names = names(&tys);
                let flavour_name = flavour.name();
                println!("result\t{}\t{flavour_name}\t{names}\t{typing}", f.name());
                if typing != "error" {
                    let faults = faults(f, flavour, &tys);
                    let (raises, warns) = (faults.raises.names().join(" "), faults.warns.names().join(" "));
                    println!("faults\t{}\t{flavour_name}\t{names}\t{raises}\t{warns}", f.name());
                }
            }
        }
    }
}

/// Every combination of operand types.
fn operand_types(arity: usize) -> Vec<Vec<ScalarTy>> {
    match arity {
        1 => ScalarTy::all().map(|ty| vec![ty]).collect(),
        _ => ScalarTy::all()
            .flat_map(|a| ScalarTy::all().map(move |b| vec![a, b]))
            .collect(),
    }
}

fn names(tys: &[ScalarTy]) -> String {
    tys.iter().map(ScalarTy::to_string).collect::<Vec<_>>().join(" ")
}

fn steps(calibration: &Calibration) {
    for f in named() {
        for from in Flavour::ALL {
            for tys in operand_types(f.arity()) {
                if result(f, from, &tys) != Typing::Error {
                    for to_tys in array_types(&tys) {
                        for layout in [Layout::Contiguous, Layout::Strided, Layout::Reversed] {
                            let change = Change {
                                f,
                                from,
                                from_tys: &tys,
                                to_tys: &to_tys,
                                layout,
                            };
                            print_step(&change, &step(&change, calibration));
                        }
                    }
                }
            }
        }
    }
}

/// Every operand an array, and each Python operand a scalar.
fn array_types(tys: &[ScalarTy]) -> Vec<Vec<ScalarTy>> {
    let arrays: Vec<ScalarTy> = tys.iter().map(|ty| ScalarTy::Np(ty.array_dtype())).collect();
    let one_scalar = (0..tys.len())
        .filter(|&k| tys.len() > 1 && tys[k].is_python())
        .map(|k| {
            let mut mixed = arrays.clone();
            mixed[k] = tys[k];
            mixed
        });
    let mixed: Vec<_> = one_scalar.collect();
    [arrays.clone()].into_iter().chain(mixed).collect()
}

fn print_step(change: &Change<'_>, step: &Step) {
    let cast = step.cast_to.map_or("-", Dtype::name);
    println!(
        "step\t{}\t{}\t{}\t{}\t{}\t{}\t{cast}",
        change.f.name(),
        change.from.name(),
        names(change.from_tys),
        names(change.to_tys),
        change.layout.name(),
        claim(step)
    );
}

/// Strength, ulp and needs.
fn claim(step: &Step) -> String {
    let needs = step
        .needs
        .iter()
        .map(|need| need.to_string())
        .collect::<Vec<_>>()
        .join(", ");
    match step.strength {
        Strength::Exact => format!("exact\t0\t{needs}"),
        Strength::Rounding { ulp } => format!("rounding\t{ulp}\t{needs}"),
        Strength::Differs(_) => format!("differs\t0\t{needs}"),
    }
}

fn powers(calibration: &Calibration) {
    let exponents: [f64; 11] = [-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 7.0];
    let literals = exponents.into_iter().flat_map(|value| {
        let int = (value.fract() == 0.0).then_some(Exponent::Int(value as i64));
        int.into_iter().chain([Exponent::Float(value)])
    });
    for exponent in literals {
        let text = match exponent {
            Exponent::Int(value) => value.to_string(),
            Exponent::Float(value) => format!("{value:?}"),
        };
        for dtype in dtype::ALL {
            println!("array_power\t{dtype}\t{text}\t{}", array_form(dtype, exponent).name());
        }
        for base in ScalarTy::all() {
            for from in Flavour::ALL {
                for layout in [Layout::Contiguous, Layout::Strided, Layout::Reversed] {
                    for (form, step) in power_forms(from, base, exponent, layout, calibration) {
                        let (from, layout) = (from.name(), layout.name());
                        println!(
                            "power\t{from}\t{base}\t{text}\t{layout}\t{}\t{}",
                            form.name(),
                            claim(&step)
                        );
                    }
                }
            }
        }
    }
}
