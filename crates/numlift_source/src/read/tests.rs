//! Small programs and what they read as.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::Function;
use numlift_ir::ty::{Dim, Interval, Ty};
use numlift_ir::validate::{Form, validate};

use super::{Options, read_region};
use crate::project::{ModuleId, ModuleText, ProjectNames};
use crate::text::SourceText;

mod calls;
mod expressions;
mod loops;
mod programs;

/// `f64[s0]` and the like, for the inputs of a test.
fn array(dtype: Dtype, dims: &[u32]) -> Ty {
    Ty::array(dtype, dims.iter().map(|sym| Dim::Sym(*sym)).collect())
}

fn f64s(dims: &[u32]) -> Ty {
    array(Dtype::F64, dims)
}

fn int() -> Ty {
    Ty::Int(Interval::ALL)
}

/// An instance of a class with plain attributes.
fn object(class: &str, attrs: &[(&str, Ty)]) -> Ty {
    let attrs = attrs
        .iter()
        .map(|(name, ty)| ((*name).to_owned(), ty.clone()))
        .collect();
    Ty::Object {
        class: class.to_owned(),
        attrs,
    }
}

/// Reads the statements behind a line `#` (or all of them).
fn read(source: &str, inputs: &[(&str, Ty)], outputs: &[&str]) -> Function {
    let text = SourceText::from_str("a.py", source);
    let module = ModuleText {
        name: "a".to_owned(),
        is_package: false,
        is_main: true,
        text,
    };
    let project = ProjectNames::link(&[module]);
    let start = source.find("#\n").map_or(0, |at| at + 2);
    let start = start + source[start..].len() - source[start..].trim_start().len();
    let end = source.trim_end().len();
    let inputs: Vec<(String, Ty)> = inputs
        .iter()
        .map(|(name, ty)| ((*name).to_owned(), ty.clone()))
        .collect();
    let outputs: Vec<String> = outputs.iter().map(|name| (*name).to_owned()).collect();
    let options = Options::default();
    let func = read_region(
        &project,
        ModuleId(0),
        (start as u32, end as u32),
        &inputs,
        &outputs,
        &options,
    )
    .expect("the statements are there");
    if let Err(violation) = validate(&func, Form::Read) {
        panic!("{violation}\n{func}");
    }
    func
}

/// The text form of what a program reads as.
fn check(source: &str, inputs: &[(&str, Ty)], outputs: &[&str]) -> String {
    read(source, inputs, outputs).to_string()
}
