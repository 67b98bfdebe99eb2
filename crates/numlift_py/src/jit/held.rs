//! A reference to a Python object that is given up at once.
//!
//! CPython calls kernels without `pyo3` knowing of it, and `pyo3` then puts off dropping a `Py` until it next knows the
//! GIL to be held; a cycle through such a reference would look alive for as long. What a kernel keeps is held by this.

#![expect(unsafe_code, reason = "counts references itself")]

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

/// An owned reference. It is made, cloned and dropped with the GIL held, as everything of a kernel is.
pub struct Held(*mut PyObject);

impl Held {
    pub fn new<T>(object: Bound<'_, T>) -> Held {
        Held(object.into_ptr())
    }

    /// Takes over a reference that is not null.
    ///
    /// # Safety
    /// The reference is the caller's to give, and the GIL is held whenever the value is used.
    pub unsafe fn from_owned(object: *mut PyObject) -> Held {
        Held(object)
    }

    pub fn as_ptr(&self) -> *mut PyObject {
        self.0
    }
}

impl Clone for Held {
    fn clone(&self) -> Held {
        // SAFETY: the object lives while this holds it, and the GIL is held.
        Held(unsafe { ffi::Py_NewRef(self.0) })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the reference is this value's own, and the GIL is held.
        unsafe { ffi::Py_DECREF(self.0) }
    }
}
