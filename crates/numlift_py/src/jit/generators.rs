//! NumPy's generators: where their bits come from, and one float of them.
//!
//! A bit generator has a capsule with its functions, which NumPy documents for others to draw with
//! (`numpy/random/bitgen.h`). Whoever draws without NumPy's help must not do so while another thread draws with it: a
//! generator whose lock is taken does not fit, and after a piece ran in Python a draw goes through the method again.

#![expect(unsafe_code, reason = "called by compiled code, and NumPy's interface is C")]

use std::ffi::{CStr, c_void};
use std::ptr;

use pyo3::ffi::{self, PyObject};

use super::call::Context;

/// `bitgen_t`.
#[repr(C)]
struct Bits {
    state: *mut c_void,
    next_uint64: unsafe extern "C" fn(*mut c_void) -> u64,
    next_uint32: unsafe extern "C" fn(*mut c_void) -> u32,
    next_double: unsafe extern "C" fn(*mut c_void) -> f64,
}

/// Whether an object is exactly NumPy's `Generator`.
///
/// # Safety
/// The GIL is held and `object` is an object.
pub unsafe fn is_generator(object: *mut PyObject) -> bool {
    // SAFETY: a type has a name.
    let name = unsafe { CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name) };
    name == c"numpy.random._generator.Generator"
}

/// Writes the slots of a generator that may be drawn from.
///
/// # Safety
/// The GIL is held, `object` is an object, and there is room for two slots.
pub unsafe fn unbox(object: *mut PyObject, slots: *mut u64) -> bool {
    // SAFETY: as the caller says. The capsule belongs to the bit generator, which the generator holds.
    unsafe {
        if !is_generator(object) {
            return false;
        }
        let bits = bits_of(object);
        if bits.is_null() {
            ffi::PyErr_Clear();
            return false;
        }
        *slots = object as u64;
        *slots.add(1) = bits as u64;
        true
    }
}

/// The functions of a generator's bit generator, if it is one of NumPy's and nobody else draws from it now. Null
/// otherwise, perhaps with an exception set.
unsafe fn bits_of(generator: *mut PyObject) -> *mut c_void {
    // SAFETY: attributes of NumPy's own classes, which are C.
    unsafe {
        let bit_generator = Owned(ffi::PyObject_GetAttrString(generator, c"bit_generator".as_ptr()));
        if bit_generator.0.is_null() {
            return ptr::null_mut();
        }
        let class = CStr::from_ptr((*ffi::Py_TYPE(bit_generator.0)).tp_name);
        if !class.to_bytes().starts_with(b"numpy.random._") {
            return ptr::null_mut();
        }
        let lock = Owned(ffi::PyObject_GetAttrString(bit_generator.0, c"lock".as_ptr()));
        if lock.0.is_null() || !is_free(lock.0) {
            return ptr::null_mut();
        }
        let capsule = Owned(ffi::PyObject_GetAttrString(bit_generator.0, c"capsule".as_ptr()));
        if capsule.0.is_null() {
            return ptr::null_mut();
        }
        ffi::PyCapsule_GetPointer(capsule.0, c"BitGenerator".as_ptr())
    }
}

/// Whether a lock is taken by nobody: it can be taken without waiting, and is given back.
unsafe fn is_free(lock: *mut PyObject) -> bool {
    // SAFETY: the GIL is held.
    unsafe {
        let name = Owned(ffi::PyUnicode_FromString(c"acquire".as_ptr()));
        let taken = Owned(ffi::PyObject_CallMethodOneArg(lock, name.0, ffi::Py_False()));
        if taken.0 != ffi::Py_True() {
            return false;
        }
        let name = Owned(ffi::PyUnicode_FromString(c"release".as_ptr()));
        let released = Owned(ffi::PyObject_CallMethodNoArgs(lock, name.0));
        !released.0.is_null()
    }
}

/// A reference that is given up at the end.
struct Owned(*mut PyObject);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the reference is its own, and the GIL is held wherever one is made.
        unsafe { ffi::Py_XDECREF(self.0) }
    }
}

/// The next float of a generator.
pub unsafe extern "C" fn nl_draw(
    context: &Context<'_>,
    generator: *mut PyObject,
    bits: *const c_void,
    out: *mut f64,
) -> i32 {
    // SAFETY: compiled code hands over the slots of a generator that it holds, and room for a float.
    unsafe {
        if !context.ran_python.get() {
            let bits = bits.cast::<Bits>();
            *out = ((*bits).next_double)((*bits).state);
            return 0;
        }
        let name = Owned(ffi::PyUnicode_FromString(c"random".as_ptr()));
        let drawn = Owned(ffi::PyObject_CallMethodNoArgs(generator, name.0));
        if drawn.0.is_null() || ffi::PyFloat_CheckExact(drawn.0) == 0 {
            return 1;
        }
        *out = ffi::PyFloat_AS_DOUBLE(drawn.0);
        0
    }
}
