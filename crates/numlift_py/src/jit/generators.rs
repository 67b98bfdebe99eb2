//! NumPy's generators: where their bits come from, and whether they may be drawn from now.
//!
//! A bit generator has a capsule with its functions, which NumPy documents for others to draw with
//! (`numpy/random/bitgen.h`). A `Generator` hands them on; a `RandomState` has a state of its own beside them
//! ([`super::legacy`]). Whoever draws without NumPy's help must not do so while another thread draws: the lock of the bit
//! generator has to be free, and it stays so as long as nobody else holds the interpreter's.

#![expect(unsafe_code, reason = "called by compiled code, and NumPy's interface is C")]

use std::ffi::{CStr, c_void};
use std::ptr;

use pyo3::ffi::{self, PyObject};

use super::legacy;

/// `bitgen_t`.
#[repr(C)]
pub struct Bits {
    pub state: *mut c_void,
    pub next_uint64: unsafe extern "C" fn(*mut c_void) -> u64,
    pub next_uint32: unsafe extern "C" fn(*mut c_void) -> u32,
    pub next_double: unsafe extern "C" fn(*mut c_void) -> f64,
    pub next_raw: unsafe extern "C" fn(*mut c_void) -> u64,
}

/// Whether an object is exactly one of NumPy's generators, and then whether it is an older one, a `RandomState`, that can
/// be drawn from.
///
/// # Safety
/// The GIL is held and `object` is an object.
pub unsafe fn of_numpy(object: *mut PyObject) -> Option<bool> {
    // SAFETY: a type has a name.
    let name = unsafe { CStr::from_ptr((*ffi::Py_TYPE(object)).tp_name) };
    if name == c"numpy.random._generator.Generator" {
        return Some(false);
    }
    // SAFETY: the GIL is held.
    let is_known = name == c"numpy.random.mtrand.RandomState" && unsafe { legacy::place_of(object) }.is_some();
    is_known.then_some(true)
}

/// Writes the slots of a generator that can be drawn from: the object, and its functions or its state.
///
/// # Safety
/// The GIL is held, `object` is an object, and there is room for two slots.
pub unsafe fn unbox(object: *mut PyObject, legacy: bool, slots: *mut u64) -> bool {
    // SAFETY: as the caller says. The capsule belongs to the bit generator, which the generator holds.
    unsafe {
        if of_numpy(object) != Some(legacy) {
            return false;
        }
        let Some(place) = place_of(object, legacy) else {
            return false;
        };
        *slots = object as u64;
        *slots.add(1) = place as u64;
        true
    }
}

/// Where compiled code draws from: the functions of a `Generator`, the state of a `RandomState`.
///
/// # Safety
/// The GIL is held and `object` is such a generator.
pub unsafe fn place_of(object: *mut PyObject, legacy: bool) -> Option<*mut c_void> {
    // SAFETY: as the caller says.
    unsafe {
        if legacy {
            return legacy::place_of(object);
        }
        let bits = bits_of(bit_generator(object, legacy)?.0);
        if bits.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        Some(bits)
    }
}

/// Whether a generator still draws from a place, and no other thread does.
///
/// # Safety
/// The GIL is held and `object` is a generator of this kind.
pub unsafe fn is_free(object: *mut PyObject, legacy: bool, place: *const c_void) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let is_same = place_of(object, legacy).is_some_and(|now| ptr::eq(now, place));
        let is_free = is_same && bit_generator(object, legacy).is_some_and(|bits| has_free_lock(bits.0));
        ffi::PyErr_Clear();
        is_free
    }
}

/// The bit generator of a generator, if it is one of NumPy's.
unsafe fn bit_generator(generator: *mut PyObject, legacy: bool) -> Option<Owned> {
    let name = if legacy { c"_bit_generator" } else { c"bit_generator" };
    // SAFETY: attributes of NumPy's own classes, which are C.
    unsafe {
        let bit_generator = Owned(ffi::PyObject_GetAttrString(generator, name.as_ptr()));
        if bit_generator.0.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        let class = CStr::from_ptr((*ffi::Py_TYPE(bit_generator.0)).tp_name);
        class.to_bytes().starts_with(b"numpy.random._").then_some(bit_generator)
    }
}

/// The functions of a bit generator; null where it has none, perhaps with an exception set.
pub(super) unsafe fn bits_of(bit_generator: *mut PyObject) -> *mut c_void {
    // SAFETY: attributes of NumPy's own classes.
    unsafe {
        let capsule = Owned(ffi::PyObject_GetAttrString(bit_generator, c"capsule".as_ptr()));
        if capsule.0.is_null() {
            return ptr::null_mut();
        }
        ffi::PyCapsule_GetPointer(capsule.0, c"BitGenerator".as_ptr())
    }
}

/// Whether the lock of a bit generator is taken by nobody: it can be taken without waiting, and is given back.
unsafe fn has_free_lock(bit_generator: *mut PyObject) -> bool {
    // SAFETY: the GIL is held.
    unsafe {
        let lock = Owned(ffi::PyObject_GetAttrString(bit_generator, c"lock".as_ptr()));
        if lock.0.is_null() {
            return false;
        }
        let name = Owned(ffi::PyUnicode_FromString(c"acquire".as_ptr()));
        let taken = Owned(ffi::PyObject_CallMethodOneArg(lock.0, name.0, ffi::Py_False()));
        if taken.0 != ffi::Py_True() {
            return false;
        }
        let name = Owned(ffi::PyUnicode_FromString(c"release".as_ptr()));
        let released = Owned(ffi::PyObject_CallMethodNoArgs(lock.0, name.0));
        !released.0.is_null()
    }
}

/// A reference that is given up at the end.
pub(super) struct Owned(pub *mut PyObject);

impl Drop for Owned {
    fn drop(&mut self) {
        // SAFETY: the reference is its own, and the GIL is held wherever one is made.
        unsafe { ffi::Py_XDECREF(self.0) }
    }
}
