//! Values from outside a function: globals, variables of functions around it, plain attributes.
//!
//! They are looked up at each call, as Python does, so a global that changes is seen. A guard that something is still
//! the same object costs a dictionary lookup.

#![expect(unsafe_code, reason = "reads dictionaries and cells")]

use std::ptr;

use numlift_abi::request::key_of_item;
use numlift_abi::{Root, Source};
use pyo3::exceptions::PyValueError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyModule, PyString};

use super::held::Held;
use super::kernel::KernelObject;
use super::library::{self, Bearer};

/// A way to a value.
pub struct Lookup {
    start: Start,
    steps: Vec<Step>,
}

enum Step {
    Attribute(Held),
    /// The item of a dict.
    Item(Held),
}

impl Step {
    fn name(&self) -> &Held {
        match self {
            Step::Attribute(name) | Step::Item(name) => name,
        }
    }
}

enum Start {
    Argument(usize),
    /// Place in the function's closure.
    Cell(isize),
    Global(Held),
}

impl Lookup {
    /// Whether it begins at an argument.
    pub fn is_of_argument(&self) -> bool {
        matches!(self.start, Start::Argument(_))
    }

    pub fn new(py: Python<'_>, kernel: &KernelObject, source: &Source) -> PyResult<Lookup> {
        let start = match &source.root {
            Root::Argument(number) => Start::Argument(*number as usize),
            Root::Cell(name) => {
                let free: Vec<String> = kernel.code(py)?.getattr("co_freevars")?.extract()?;
                let place = free.iter().position(|free| free == name);
                let place = place.ok_or_else(|| PyValueError::new_err(format!("`{name}` is no free variable")))?;
                Start::Cell(place as isize)
            }
            Root::Global(name) => Start::Global(Held::new(PyString::intern(py, name))),
        };
        let step = |name: &String| match key_of_item(name) {
            Some(key) => Step::Item(Held::new(PyString::intern(py, key))),
            None => Step::Attribute(Held::new(PyString::intern(py, name))),
        };
        let steps = source.attributes.iter().map(step).collect();
        Ok(Lookup { start, steps })
    }

    /// What is there now: a new reference. None where there is nothing; no exception is left.
    ///
    /// # Safety
    /// The GIL is held, `kernel` is a kernel, and the arguments are there if the way begins at one. Attributes may run
    /// Python code.
    pub unsafe fn find(&self, kernel: *mut KernelObject, arguments: *const *mut PyObject) -> Option<*mut PyObject> {
        // SAFETY: `start` gives a borrowed reference, which is taken before anything else is run.
        unsafe {
            let mut object = self.start(kernel, arguments);
            if object.is_null() {
                return None;
            }
            ffi::Py_INCREF(object);
            for step in &self.steps {
                let next = match step {
                    Step::Attribute(name) => ffi::PyObject_GetAttr(object, name.as_ptr()),
                    Step::Item(key) if ffi::PyDict_CheckExact(object) != 0 => {
                        ffi::Py_XNewRef(ffi::PyDict_GetItemWithError(object, key.as_ptr()))
                    }
                    Step::Item(_) => ptr::null_mut(),
                };
                ffi::Py_DECREF(object);
                if next.is_null() {
                    ffi::PyErr_Clear();
                    return None;
                }
                object = next;
            }
            Some(object)
        }
    }

    /// Whether `expected` is there now.
    ///
    /// # Safety
    /// As for [`Lookup::find`].
    #[inline]
    pub unsafe fn is_still(
        &self,
        kernel: *mut KernelObject,
        arguments: *const *mut PyObject,
        expected: *mut PyObject,
    ) -> bool {
        // SAFETY: as the caller says.
        unsafe {
            if self.steps.is_empty() {
                return self.start(kernel, arguments) == expected;
            }
            let Some(object) = self.find(kernel, arguments) else {
                return false;
            };
            ffi::Py_DECREF(object);
            object == expected
        }
    }

    /// The object that the way begins at, borrowed; null where there is none.
    #[inline]
    unsafe fn start(&self, kernel: *mut KernelObject, arguments: *const *mut PyObject) -> *mut PyObject {
        // SAFETY: a kernel's function has globals, and a closure if it has free variables.
        unsafe {
            let function = (*kernel).function;
            match &self.start {
                Start::Argument(number) => *arguments.add(*number),
                Start::Cell(place) => {
                    let closure = ffi::PyFunction_GetClosure(function);
                    if closure.is_null() {
                        return ptr::null_mut();
                    }
                    let object = ffi::PyCell_Get(ffi::PyTuple_GET_ITEM(closure, *place));
                    // The cell keeps it.
                    ffi::Py_XDECREF(object);
                    object
                }
                Start::Global(name) => {
                    let own = ffi::PyDict_GetItemWithError(ffi::PyFunction_GetGlobals(function), name.as_ptr());
                    if !own.is_null() {
                        return own;
                    }
                    let builtins = (*function.cast::<ffi::PyFunctionObject>()).func_builtins;
                    ffi::PyDict_GetItemWithError(builtins, name.as_ptr())
                }
            }
        }
    }

    pub fn each_object(&self, act: &mut dyn FnMut(*mut PyObject)) {
        if let Start::Global(name) = &self.start {
            act(name.as_ptr());
        }
        for step in &self.steps {
            act(step.name().as_ptr());
        }
    }
}

/// An item of a module's dictionary that must stay what it was: `numpy.sqrt`.
pub struct Item {
    dictionary: Held,
    key: Held,
    expected: Held,
}

impl Item {
    /// The items that a function may mean by the names of attributes in its code, of a module and of the modules in it
    /// that it names. Fails where somebody has put an object of his own there.
    pub fn of_module(module: &Bound<'_, PyAny>, names: &[String], depth: usize, found: &mut Vec<Item>) -> PyResult<()> {
        let py = module.py();
        let dictionary = module.getattr("__dict__")?.cast_into::<PyDict>()?;
        for name in names {
            let Some(item) = dictionary.get_item(name)? else {
                continue;
            };
            let is_module = item.is_instance_of::<PyModule>();
            if is_module && depth > 0 {
                Item::of_module(&item, names, depth - 1, found)?;
            }
            if !is_module && item.is_callable() && !is_of(&item, module)? {
                return Err(PyValueError::new_err(format!(
                    "`{}.{name}` is not the library's own",
                    module.getattr("__name__")?
                )));
            }
            if is_module || item.is_callable() {
                found.push(Item {
                    dictionary: Held::new(dictionary.clone()),
                    key: Held::new(PyString::intern(py, name)),
                    expected: Held::new(item),
                });
            }
        }
        Ok(())
    }

    /// Whether it is still there.
    ///
    /// # Safety
    /// The GIL is held.
    #[inline]
    pub unsafe fn is_still(&self) -> bool {
        // SAFETY: the dictionary and the key live as long as this.
        unsafe { ffi::PyDict_GetItemWithError(self.dictionary.as_ptr(), self.key.as_ptr()) == self.expected.as_ptr() }
    }

    pub fn each_object(&self, act: &mut dyn FnMut(*mut PyObject)) {
        act(self.dictionary.as_ptr());
        act(self.key.as_ptr());
        act(self.expected.as_ptr());
    }
}

/// Whether an object says that it comes from the same library as a module, or does not say.
fn is_of(item: &Bound<'_, PyAny>, module: &Bound<'_, PyAny>) -> PyResult<bool> {
    let library: String = module.getattr("__name__")?.extract()?;
    match library::bound_to(item)? {
        Some(Bearer::Library(own)) => return Ok(own == library),
        Some(Bearer::Object) => return Ok(false),
        None => {}
    }
    let Ok(home) = item.getattr("__module__").and_then(|home| home.extract::<String>()) else {
        return Ok(true);
    };
    // What is written in C is at home in a module of its own: `_heapq`.
    let root = |name: &str| {
        name.split('.')
            .next()
            .unwrap_or_default()
            .trim_start_matches('_')
            .to_owned()
    };
    Ok(root(&home) == root(&library) || root(&home) == "builtins")
}
