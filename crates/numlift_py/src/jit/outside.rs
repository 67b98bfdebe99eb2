//! What the names stand for that a function reads and does not bind.

#![expect(unsafe_code, reason = "describes objects by their layout")]

use numlift_abi::request::{Callable, DICT, Method, Seen, What, item_name};
use numlift_abi::{Attribute, Param, Repr};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyFunction, PyModule, PyTuple, PyType};

use super::describe::{Describe, TooLarge};
use super::kernel::{self, KernelObject};
use super::library::{self, Bearer};
use super::names::{self, Names};

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

/// The plain attributes of the arguments that the function's code names: those in the object's dictionary or in a slot
/// of its class, and those of the class that are values; where the class finds attributes as usual.
///
/// # Safety
/// `arguments` has as many objects as the function has parameters.
pub unsafe fn attributes<'py>(
    py: Python<'py>,
    params: &[Param],
    arguments: *const *mut PyObject,
    names: &Names,
    describe: &mut Describe<'_>,
) -> PyResult<Vec<OfArgument<'py>>> {
    let mut found = Vec::new();
    for (place, param) in params.iter().enumerate() {
        if *param != Param::Value(Repr::Object) {
            continue;
        }
        // SAFETY: there is an argument for each parameter.
        let object = unsafe { Bound::from_borrowed_ptr(py, *arguments.add(place)) };
        let class = object.get_type();
        // SAFETY: a type that is in use is complete.
        let (finds, stores) = unsafe {
            let class = class.as_type_ptr();
            ((*class).tp_getattro, (*class).tp_setattro)
        };
        let (usual, usual_store) = (
            ffi::PyObject_GenericGetAttr as *const (),
            ffi::PyObject_GenericSetAttr as *const (),
        );
        if let Ok(dict) = object.cast_exact::<PyDict>() {
            found.extend(items(dict, (place as u32, None), names, describe)?);
            continue;
        }
        let is_other = object.is_instance_of::<PyModule>() || object.is_instance_of::<PyType>();
        if is_other || finds.is_none_or(|finds| finds as *const () != usual) {
            continue;
        }
        let stores_plainly = stores.is_some_and(|stores| stores as *const () == usual_store);
        let class_name = class_name(&class);
        for name in &names.attributes {
            let Some((value, is_own)) = plain_attribute(&object, &class, name)? else {
                continue;
            };
            // SAFETY: a bound object is one, with the GIL held.
            match unsafe { describe.value(value.as_ptr()) } {
                Ok(param) if param != Param::Value(Repr::Object) => found.push(OfArgument {
                    attribute: Attribute {
                        argument: place as u32,
                        global: None,
                        class: class_name.clone(),
                        name: name.clone(),
                        param,
                        stores_plainly: stores_plainly && is_own,
                    },
                    object: value,
                }),
                Ok(_) | Err(TooLarge) => {}
            }
        }
    }
    Ok(found)
}

/// The items of the dicts among the globals that the function's code names.
pub fn items_of_globals<'py>(
    outside: &[Outside<'py>],
    names: &Names,
    describe: &mut Describe<'_>,
) -> PyResult<Vec<OfArgument<'py>>> {
    let mut found = Vec::new();
    for global in outside.iter().filter(|global| !global.seen.is_cell) {
        if let Ok(dict) = global.object.cast_exact::<PyDict>() {
            found.extend(items(dict, (u32::MAX, Some(&global.name)), names, describe)?);
        }
    }
    Ok(found)
}

/// The items of a dict that the function's code may name: those under strings in it.
fn items<'py>(
    dict: &Bound<'py, PyDict>,
    (argument, global): (u32, Option<&str>),
    names: &Names,
    describe: &mut Describe<'_>,
) -> PyResult<Vec<OfArgument<'py>>> {
    let mut found = Vec::new();
    for key in &names.texts {
        let Some(value) = dict.get_item(key)? else { continue };
        // SAFETY: a bound object is one, with the GIL held.
        match unsafe { describe.value(value.as_ptr()) } {
            Ok(param) if param != Param::Value(Repr::Object) => found.push(OfArgument {
                attribute: Attribute {
                    argument,
                    global: global.map(str::to_owned),
                    class: DICT.to_owned(),
                    name: item_name(key),
                    param,
                    stores_plainly: true,
                },
                object: value,
            }),
            Ok(_) | Err(TooLarge) => {}
        }
    }
    Ok(found)
}

/// The functions that the classes of arguments have under names that the function's code uses.
///
/// # Safety
/// `arguments` has as many objects as the function has parameters.
pub unsafe fn methods(
    py: Python<'_>,
    params: &[Param],
    arguments: *const *mut PyObject,
    names: &Names,
    describe: &mut Describe<'_>,
) -> PyResult<Vec<Method>> {
    let mut found = Vec::new();
    for (place, param) in params.iter().enumerate() {
        if *param != Param::Value(Repr::Object) {
            continue;
        }
        // SAFETY: there is an argument for each parameter.
        let object = unsafe { Bound::from_borrowed_ptr(py, *arguments.add(place)) };
        let class = object.get_type();
        for name in &names.attributes {
            let Some(function) = names::in_class(&class, name)? else {
                continue;
            };
            let is_function = function.is_instance_of::<PyFunction>() || kernel::as_kernel(&function).is_some();
            let is_meant = || -> PyResult<bool> { Ok(object.getattr(name)?.getattr("__func__")?.is(&function)) };
            if is_function && is_meant().unwrap_or(false) {
                found.push(Method {
                    argument: place as u32,
                    class: class_name(&class),
                    name: name.clone(),
                    what: what(&function, describe)?,
                });
            }
        }
    }
    Ok(found)
}

fn class_name(class: &Bound<'_, PyType>) -> String {
    format!(
        "{}.{}",
        text_of(class.as_any(), "__module__"),
        text_of(class.as_any(), "__qualname__")
    )
}

/// The arguments.
///
/// # Safety
/// `arguments` has `count` objects.
pub unsafe fn bound(py: Python<'_>, arguments: *const *mut PyObject, count: usize) -> Vec<Bound<'_, PyAny>> {
    (0..count)
        // SAFETY: as the caller says.
        .map(|place| unsafe { Bound::from_borrowed_ptr(py, *arguments.add(place)) })
        .collect()
}

/// The arguments that are functions of the kernel's module, and mean the same wherever their code is the same.
pub fn callables(
    py: Python<'_>,
    kernel: &KernelObject,
    arguments: &[Bound<'_, PyAny>],
    describe: &mut Describe<'_>,
) -> PyResult<Vec<Callable>> {
    let globals = kernel
        .python_function(py)?
        .getattr("__globals__")?
        .cast_into::<PyDict>()?;
    let mut found = Vec::new();
    for (place, argument) in arguments.iter().enumerate() {
        let is_kernel = kernel::as_kernel(argument).is_some();
        if !(argument.is_instance_of::<PyFunction>() || is_kernel) || names::code_here(argument, &globals)?.is_none() {
            continue;
        }
        let function = if is_kernel {
            argument.getattr("py_func")?
        } else {
            argument.clone()
        };
        let is_bare = |name: &str| -> PyResult<bool> { Ok(function.getattr(name)?.is_none()) };
        if is_bare("__closure__")? && is_bare("__defaults__")? && is_bare("__kwdefaults__")? {
            found.push(Callable {
                argument: place as u32,
                what: what(argument, describe)?,
            });
        }
    }
    Ok(found)
}

/// An attribute that is found without running code of the class's, and whether it is the object's own.
fn plain_attribute<'py>(
    object: &Bound<'py, PyAny>,
    class: &Bound<'py, PyType>,
    name: &str,
) -> PyResult<Option<(Bound<'py, PyAny>, bool)>> {
    let mut is_own = true;
    if let Some(known) = names::in_class(class, name)? {
        let kind = known.get_type();
        // SAFETY: a type that is in use is complete.
        let computes = unsafe {
            let kind = kind.as_type_ptr();
            (*kind).tp_descr_get.is_some() || (*kind).tp_descr_set.is_some()
        };
        let is_slot = kind.as_type_ptr() == &raw mut ffi::PyMemberDescr_Type;
        if computes && !is_slot {
            return Ok(None);
        }
        is_own = is_slot;
    }
    // A name that is not bound has no value.
    Ok(object.getattr(name).ok().map(|value| (value, is_own)))
}

/// Every name from outside that is bound now.
pub fn outside<'py>(
    py: Python<'py>,
    kernel: &KernelObject,
    names: &Names,
    describe: &mut Describe<'_>,
) -> PyResult<Vec<Outside<'py>>> {
    let function = kernel.python_function(py)?;
    let mut found = Vec::new();
    if let Ok(closure) = function.getattr("__closure__")?.cast::<PyTuple>() {
        let free: Vec<String> = function.getattr("__code__")?.getattr("co_freevars")?.extract()?;
        for (name, cell) in free.into_iter().zip(closure) {
            // A cell that is empty raises.
            if let Ok(object) = cell.getattr("cell_contents") {
                found.push((name, true, object));
            }
        }
    }
    let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
    let builtins = function.getattr("__builtins__")?.cast_into::<PyDict>()?;
    for name in &names.globals {
        let object = match globals.get_item(name)? {
            Some(object) => Some(object),
            None => builtins.get_item(name)?,
        };
        found.extend(object.map(|object| (name.clone(), false, object)));
    }
    let described = found.into_iter().map(|(name, is_cell, object)| {
        let what = match object.cast_exact::<PyDict>() {
            Ok(dict) if !is_cell && has_items(dict, names)? => What::Value(Param::Value(Repr::Object)),
            _ => what(&object, describe)?,
        };
        Ok(Outside {
            name,
            seen: Seen { is_cell, what },
            object,
        })
    });
    described.collect()
}

/// Whether a dict has items under strings in the function's code.
fn has_items(dict: &Bound<'_, PyDict>, names: &Names) -> PyResult<bool> {
    for key in &names.texts {
        if dict.contains(key)? {
            return Ok(true);
        }
    }
    Ok(false)
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
    match library::bound_to(object)? {
        Some(Bearer::Library(module)) => {
            let qualname = text_of(object, "__name__");
            let module = module.to_owned();
            return Ok(What::Named { module, qualname });
        }
        // A method of some object: its name says nothing of what it does it to.
        Some(Bearer::Object) => return Ok(What::Other(object.get_type().qualname()?.to_string())),
        None => {}
    }
    // Objects may call themselves what they like: `functools.wraps(np.sum)`, and each `np.record` says `numpy.record`.
    let module = match library::is_claimed(object, &module, &qualname) {
        true => String::new(),
        false => module,
    };
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
    if qualname.is_empty() || module.is_empty() {
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
