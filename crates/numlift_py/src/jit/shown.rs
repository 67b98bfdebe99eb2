//! What a kernel tells about its specializations, as plain Python data for `python/numlift/_kernels.py`.

use std::collections::BTreeMap;

use numlift_abi::{Axes, Known, Layout, Param, Repr, Scalar};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use super::kernel;
use super::specialization::{Body, Specialization};

/// A list with a dictionary for each specialization, the one that fitted last first.
pub fn specializations<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let shown = PyList::empty(py);
    if let Some(kernel) = kernel::as_kernel(object) {
        let inner = kernel.inner();
        let all: Vec<_> = inner.specializations.borrow().clone();
        for specialization in all {
            shown.append(show(py, &inner.signature.names, &specialization)?)?;
        }
    }
    Ok(shown.into_any())
}

/// How often and how long (in seconds) a kernel that is watched ran in Python and compiled, and was compiled; None for
/// others.
pub fn watched<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = object.py();
    let Some(watch) = kernel::as_kernel(object).and_then(|kernel| kernel.inner().watch.as_ref()) else {
        return Ok(py.None().into_bound(py));
    };
    let shown = PyDict::new(py);
    let spent = [
        ("python", &watch.in_python),
        ("compiled", &watch.compiled),
        ("compiling", &watch.compiling),
    ];
    for (name, spent) in spent {
        shown.set_item(name, (spent.calls.get(), spent.time.get().as_secs_f64()))?;
    }
    shown.set_item("retired", watch.is_retired())?;
    Ok(shown.into_any())
}

fn show<'py>(py: Python<'py>, names: &[String], specialization: &Specialization) -> PyResult<Bound<'py, PyDict>> {
    let shown = PyDict::new(py);
    let types = PyDict::new(py);
    for (name, param) in names.iter().zip(&specialization.params) {
        types.set_item(name, text_of(param))?;
    }
    shown.set_item("types", types)?;
    shown.set_item("disjoint", specialization.disjoint)?;
    shown.set_item("calls", specialization.calls.get())?;
    shown.set_item("seconds", specialization.making.get().as_secs_f64())?;
    if let Some(forms) = &specialization.forms {
        shown.set_item(
            "forms",
            forms
                .iter()
                .map(|(name, text)| (*name, text))
                .collect::<BTreeMap<_, _>>(),
        )?;
    }
    match &specialization.body {
        Body::Python(reason) => {
            shown.set_item("compiled", false)?;
            shown.set_item("reason", reason)?;
        }
        Body::Compiled(compiled) => {
            shown.set_item("compiled", true)?;
            shown.set_item("given_up", compiled.is_left_always(specialization.calls.get()))?;
            let told = PyList::empty(py);
            for one in &compiled.explanation {
                told.append((one.line, one.about.name(), &one.text))?;
            }
            shown.set_item("told", told)?;
            shown.set_item("loops", &compiled.spec.loops)?;
            shown.set_item("llvm", &compiled.text)?;
            shown.set_item("bytes", compiled.code.size())?;
            shown.set_item("origin", format!("{:?}", compiled.code.origin()).to_lowercase())?;
            let exits = PyList::empty(py);
            for (piece, frame) in compiled.frames.iter().zip(&compiled.spec.frames) {
                exits.append((frame.statement.line, &frame.reason, piece.left.get()))?;
            }
            shown.set_item("exits", exits)?;
            let islands = PyList::empty(py);
            let calls = specialization.calls.get();
            for (piece, island) in compiled.islands.iter().zip(&compiled.spec.islands) {
                // Neither is work that Python does in place of machine code; a store in a loop is.
                if island.boxes()
                    || island.draws() && piece.runs.get() == 0
                    || island.stores() && piece.runs.get() <= calls
                {
                    continue;
                }
                islands.append((island.place.line, &island.text, &island.reason, piece.runs.get()))?;
            }
            shown.set_item("islands", islands)?;
        }
    }
    Ok(shown)
}

/// A parameter as a person writes it: `float64[n0, 1]`, `int`.
fn text_of(param: &Param) -> String {
    match param {
        Param::Value(repr) => repr_text(repr),
        Param::Tuple(items) => listed("tuple[", items.iter().map(text_of), "]"),
        Param::List(elem) if **elem == Param::Value(Repr::Unbound) => "list, empty".to_owned(),
        Param::List(elem) => format!("list[{}]", text_of(elem)),
        Param::Text(text) => format!("{text:?}"),
        Param::Array {
            scalar,
            layout,
            extents,
            writeable,
        } => {
            let extents = extents.iter().map(|known| match known {
                Known::One => "1".to_owned(),
                Known::Same(number) => format!("n{number}"),
                Known::Small { extent, .. } => extent.to_string(),
            });
            let layout = layout_text(*layout, extents.len());
            let access = if *writeable { "" } else { ", read-only" };
            format!(
                "{}{layout}{access}",
                listed(&format!("{}[", dtype(*scalar)), extents, "]")
            )
        }
    }
}

fn layout_text(layout: Layout, rank: usize) -> String {
    let order = |axes: Axes| match axes.list(rank) {
        axes if axes.iter().copied().eq((0..rank).rev()) => "columns".to_owned(),
        axes => format!("axes {}", listed("(", axes.iter().map(ToString::to_string), ")")),
    };
    match layout {
        Layout::C => String::new(),
        Layout::Turned(axes) => format!(", contiguous {}", order(axes)),
        Layout::Apart { axes, rows: true, .. } if axes.is_c(rank) => ", contiguous rows".to_owned(),
        Layout::Apart { axes, .. } if axes.is_c(rank) => ", any strides".to_owned(),
        Layout::Apart { axes, .. } => format!(", any strides, {}", order(axes)),
        Layout::Any => ", any strides".to_owned(),
    }
}

fn repr_text(repr: &Repr) -> String {
    match repr {
        Repr::None => "None".to_owned(),
        Repr::Bool => "bool".to_owned(),
        Repr::Int => "int".to_owned(),
        Repr::Float => "float".to_owned(),
        Repr::Complex => "complex".to_owned(),
        Repr::Np(scalar) => format!("np.{}", dtype(*scalar)),
        Repr::Array { scalar, rank } => {
            listed(&format!("{}[", dtype(*scalar)), (0..*rank).map(|_| ":".to_owned()), "]")
        }
        Repr::Tuple(items) => listed("tuple[", items.iter().map(repr_text), "]"),
        Repr::List | Repr::Buffer(_) => "list".to_owned(),
        Repr::Generator { .. } => "generator".to_owned(),
        Repr::Object => "object".to_owned(),
        Repr::Unbound => "not bound".to_owned(),
        Repr::OneOf(options) => {
            let options: Vec<String> = options.iter().map(repr_text).collect();
            options.join(" | ")
        }
    }
}

fn listed(open: &str, items: impl Iterator<Item = String>, close: &str) -> String {
    let items: Vec<String> = items.collect();
    format!("{open}{}{close}", items.join(", "))
}

fn dtype(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::I8 => "int8",
        Scalar::I16 => "int16",
        Scalar::I32 => "int32",
        Scalar::I64 => "int64",
        Scalar::U8 => "uint8",
        Scalar::U16 => "uint16",
        Scalar::U32 => "uint32",
        Scalar::U64 => "uint64",
        Scalar::F16 => "float16",
        Scalar::F32 => "float32",
        Scalar::F64 => "float64",
        Scalar::C64 => "complex64",
        Scalar::C128 => "complex128",
    }
}
