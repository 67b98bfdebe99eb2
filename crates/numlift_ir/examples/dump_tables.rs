//! Prints what `numlift_ir` knows of scalar functions as tab-separated lines, for the tests that compare it with NumPy.
//!
//! ```text
//! function  name arity python math numpy
//! promote   a b result
//! weak      a kind result
//! result    name flavour types results
//! faults    name flavour types exceptions events
//! ```

use numlift_ir::dtype::{self, Casting, Dtype, Operand, Weak};
use numlift_ir::scalar::{F, Flavour, PyForm, ScalarTy, Typing, faults, result};

fn main() {
    dtypes();
    functions();
    results();
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

fn functions() {
    for &f in F::ALL {
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
    for &f in F::ALL {
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
