//! What the names stand for that a function reads and does not bind.

#![expect(unsafe_code, reason = "describes objects by their layout")]

use numlift_abi::request::{Seen, What};
use numlift_abi::{Attribute, Param, Repr};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyTuple, PyType};

use super::describe::{Describe, TooLarge};
use super::kernel::{self, KernelObject};

/// A name, what it stands for, and the object.
pub struct Outside<'py> {
    pub name: String,
    pub seen: Seen,
    pub object: Bound<'py, PyAny>,
}

/// A plain attribute of an argument, and the object that it is.
pub struct OfArgument<'py> {
    pub attribute: Attribute,
    pub object: Bound<'py, PyAny>,
}

/// The plain attributes of the arguments that the function's code names: those that stand in the object's dictionary,
/// where the class finds attributes as usual and has nothing under the name.
///
/// # Safety
/// `arguments` has as many objects as the function has parameters.
pub unsafe fn attributes<'py>(
    py: Python<'py>,
    kernel: &KernelObject,
    params: &[Param],
    arguments: *const *mut PyObject,
    describe: &mut Describe<'_>,
) -> PyResult<Vec<OfArgument<'py>>> {
    let mut names = Vec::new();
    global_names(&kernel.python_function(py)?.getattr("__code__")?, &mut names)?;
    let mut found = Vec::new();
    for (place, param) in params.iter().enumerate() {
        if *param != Param::Value(Repr::Object) {
            continue;
        }
        // SAFETY: there is an argument for each parameter.
        let object = unsafe { Bound::from_borrowed_ptr(py, *arguments.add(place)) };
        let class = object.get_type();
        // SAFETY: a type that is in use is complete.
        let finds = unsafe { (*class.as_type_ptr()).tp_getattro };
        let usual = ffi::PyObject_GenericGetAttr as *const ();
        let generic = finds.is_some_and(|finds| finds as *const () == usual);
        // SAFETY: as above.
        let stores = unsafe { (*class.as_type_ptr()).tp_setattro };
        let usual = ffi::PyObject_GenericSetAttr as *const ();
        let stores_plainly = stores.is_some_and(|stores| stores as *const () == usual);
        let Some(own) = own_dictionary(&object).filter(|_| generic) else {
            continue;
        };
        let class_name = format!(
            "{}.{}",
            text_of(class.as_any(), "__module__"),
            text_of(class.as_any(), "__qualname__")
        );
        for name in &names {
            let Some(value) = own.get_item(name)? else { continue };
            if class.hasattr(name.as_str())? {
                continue;
            }
            // SAFETY: a bound object is one, with the GIL held.
            match unsafe { describe.value(value.as_ptr()) } {
                Ok(param) if param != Param::Value(Repr::Object) => found.push(OfArgument {
                    attribute: Attribute {
                        argument: place as u32,
                        class: class_name.clone(),
                        name: name.clone(),
                        param,
                        stores_plainly,
                    },
                    object: value,
                }),
                Ok(_) | Err(TooLarge) => {}
            }
        }
    }
    Ok(found)
}

/// The `__dict__` of an instance.
fn own_dictionary<'py>(object: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    if object.is_instance_of::<PyModule>() || object.is_instance_of::<PyType>() {
        return None;
    }
    object.getattr("__dict__").ok()?.cast_into::<PyDict>().ok()
}

/// Every name from outside that is bound now. Names of attributes that are globals too are among them: a code object
/// does not tell them apart, and nobody is hurt. With them come all names of globals and attributes that were seen.
pub fn outside<'py>(
    py: Python<'py>,
    kernel: &KernelObject,
    describe: &mut Describe<'_>,
) -> PyResult<(Vec<Outside<'py>>, Vec<String>)> {
    let function = kernel.python_function(py)?;
    let code = function.getattr("__code__")?;
    let mut found = Vec::new();
    if let Ok(closure) = function.getattr("__closure__")?.cast::<PyTuple>() {
        let free: Vec<String> = code.getattr("co_freevars")?.extract()?;
        for (name, cell) in free.into_iter().zip(closure) {
            // A cell that is empty raises.
            if let Ok(object) = cell.getattr("cell_contents") {
                found.push((name, true, object));
            }
        }
    }
    let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
    let builtins = function.getattr("__builtins__")?.cast_into::<PyDict>()?;
    let own: Vec<String> = code.getattr("co_varnames")?.extract()?;
    let mut names = Vec::new();
    global_names(&code, &mut names)?;
    // Functions of the same module that are called may be seen through: what they read counts, too.
    let mut next = 0;
    while let Some(name) = names.get(next).cloned() {
        next += 1;
        let object = match globals.get_item(&name)? {
            Some(object) => Some(object),
            None => builtins.get_item(&name)?,
        };
        if let Some(object) = object {
            if let Some(code) = code_here(&object, &globals)? {
                let mut inner = Vec::new();
                global_names(&code, &mut inner)?;
                names.extend(inner.into_iter().filter(|name| !own.contains(name)));
                let mut seen = std::collections::HashSet::new();
                names.retain(|name| seen.insert(name.clone()));
            }
            found.push((name, false, object));
        }
    }
    let described = found.into_iter().map(|(name, is_cell, object)| {
        let what = what(&object, describe)?;
        Ok(Outside {
            name,
            seen: Seen { is_cell, what },
            object,
        })
    });
    Ok((described.collect::<PyResult<_>>()?, names))
}

/// The code of a function, or of a kernel's, that has these globals.
fn code_here<'py>(object: &Bound<'py, PyAny>, globals: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let function = match kernel::as_kernel(object).is_some() {
        true => object.getattr("py_func")?,
        false => object.clone(),
    };
    match (function.getattr("__code__"), function.getattr("__globals__")) {
        (Ok(code), Ok(own)) if own.is(globals) => Ok(Some(code)),
        _ => Ok(None),
    }
}

/// The names of globals and attributes that a code object uses, with those of the code in it.
fn global_names(code: &Bound<'_, PyAny>, names: &mut Vec<String>) -> PyResult<()> {
    for name in code.getattr("co_names")?.extract::<Vec<String>>()? {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for constant in code.getattr("co_consts")?.try_iter()? {
        let constant = constant?;
        if constant.get_type().is(code.get_type()) {
            global_names(&constant, names)?;
        }
    }
    Ok(())
}

fn what(object: &Bound<'_, PyAny>, describe: &mut Describe<'_>) -> PyResult<What> {
    // SAFETY: a bound object is one, with the GIL held.
    let described = unsafe { describe.value(object.as_ptr()) };
    match described {
        Ok(param) if param != Param::Value(Repr::Object) => return Ok(What::Value(param)),
        // An int that is too large is an object like others.
        Ok(_) | Err(TooLarge) => {}
    }
    if object.is_instance_of::<PyModule>() {
        return Ok(What::Module(text_of(object, "__name__")));
    }
    let (module, qualname) = (text_of(object, "__module__"), text_of(object, "__qualname__"));
    if kernel::as_kernel(object).is_some() {
        let written = written(object, "py_func");
        return Ok(What::Kernel {
            module,
            qualname,
            written,
        });
    }
    let is_class = object.is_instance_of::<PyType>();
    if is_class || object.hasattr("__code__")? {
        return Ok(What::Definition {
            module,
            qualname,
            is_class,
            written: written(object, ""),
        });
    }
    let qualname = if qualname.is_empty() {
        text_of(object, "__name__")
    } else {
        qualname
    };
    if qualname.is_empty() {
        return Ok(What::Other(object.get_type().qualname()?.to_string()));
    }
    Ok(What::Named { module, qualname })
}

fn text_of(object: &Bound<'_, PyAny>, name: &str) -> String {
    object.getattr(name).and_then(|text| text.extract()).unwrap_or_default()
}

/// File and first line of a function.
fn written(object: &Bound<'_, PyAny>, inside: &str) -> Option<(String, u32)> {
    let function = if inside.is_empty() {
        object.clone()
    } else {
        object.getattr(inside).ok()?
    };
    let code = function.getattr("__code__").ok()?;
    let path = code.getattr("co_filename").ok()?.extract().ok()?;
    let line = code.getattr("co_firstlineno").ok()?.extract().ok()?;
    Some((path, line))
}
