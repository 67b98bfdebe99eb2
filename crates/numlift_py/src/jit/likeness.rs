//! What is asked of functions and a kernel answers for its function: `__code__`, `__defaults__`, `__globals__` …
//!
//! A kernel that `numlift run` makes by itself must not be told apart from the function that it stands for, so its
//! `__class__` is that of functions too.

#![expect(unsafe_code, reason = "attributes by CPython's C interface")]

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use pyo3::ffi::{self, PyObject};

use super::kernel::KernelObject;

/// Attributes that are the function's.
const READ: [&CStr; 3] = [c"__globals__", c"__closure__", c"__builtins__"];
/// Those that a program may set.
const SET: [&CStr; 3] = [c"__code__", c"__defaults__", c"__kwdefaults__"];

/// The attributes' table.
pub fn getters() -> Vec<ffi::PyGetSetDef> {
    let read = READ.map(|name| attribute(name, None));
    let set = SET.map(|name| attribute(name, Some(set_of_function)));
    let class = ffi::PyGetSetDef {
        name: c"__class__".as_ptr(),
        get: Some(get_class),
        ..ffi::PyGetSetDef::default()
    };
    read.into_iter().chain(set).chain([class]).collect()
}

fn attribute(name: &'static CStr, set: Option<ffi::setter>) -> ffi::PyGetSetDef {
    ffi::PyGetSetDef {
        name: name.as_ptr(),
        get: Some(get_of_function),
        set,
        doc: ptr::null(),
        closure: name.as_ptr() as *mut c_void,
    }
}

unsafe extern "C" fn get_of_function(kernel: *mut PyObject, name: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel and the name in the table.
    unsafe {
        let function = (*kernel.cast::<KernelObject>()).function;
        if function.is_null() {
            ffi::PyErr_SetString(ffi::PyExc_RuntimeError, c"the function is being deleted".as_ptr());
            return ptr::null_mut();
        }
        ffi::PyObject_GetAttrString(function, name.cast())
    }
}

unsafe extern "C" fn set_of_function(kernel: *mut PyObject, value: *mut PyObject, name: *mut c_void) -> c_int {
    // SAFETY: CPython calls with a kernel, a value or null, and the name in the table.
    unsafe {
        let kernel = kernel.cast::<KernelObject>();
        if (*kernel).function.is_null() {
            ffi::PyErr_SetString(ffi::PyExc_RuntimeError, c"the function is being deleted".as_ptr());
            return -1;
        }
        let status = if value.is_null() {
            ffi::PyObject_DelAttrString((*kernel).function, name.cast())
        } else {
            ffi::PyObject_SetAttrString((*kernel).function, name.cast(), value)
        };
        if status == 0 && CStr::from_ptr(name.cast()) == c"__code__" {
            // What was compiled is another function's now.
            (*kernel).inner().replaced.set(true);
        }
        status
    }
}

unsafe extern "C" fn get_class(kernel: *mut PyObject, _closure: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel; types live as long as their instances.
    unsafe {
        let class = match (*kernel.cast::<KernelObject>()).inner().watch {
            Some(_) => &raw mut ffi::PyFunction_Type,
            None => ffi::Py_TYPE(kernel),
        };
        ffi::Py_NewRef(class.cast())
    }
}
