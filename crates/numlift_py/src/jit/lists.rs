//! What compiled code asks of lists and of single objects ([`numlift_abi::runtime`]).
//!
//! Compiled code reads lists and numbers where they lie ([`layout`]); here is what makes objects, changes lists,
//! or takes a closer look.

#![expect(unsafe_code, reason = "called by compiled code")]

use std::mem::offset_of;
use std::ptr;

use numlift_abi::Repr;
use numlift_abi::runtime::{layout, object};
use pyo3::ffi::{self, PyObject};

use super::call::Context;
use super::numpy::{ArrayObject, Class, flag};
use super::{boxing, unbox};

// Compiled code relies on it.
const _: () = assert!(
    offset_of!(PyObject, ob_type) == layout::TYPE
        && offset_of!(ffi::PyListObject, ob_item) == layout::ITEMS
        && offset_of!(ffi::PyVarObject, ob_size) == layout::LENGTH
        && offset_of!(ffi::PyFloatObject, ob_fval) == layout::VALUE
        && size_of::<PyObject>() == layout::VALUE
);

/// Addresses of what compiled code compares with, in the order of [`object`].
#[repr(transparent)]
pub struct Objects([*const PyObject; object::COUNT]);

impl Objects {
    pub fn new(classes: &[Class]) -> Objects {
        let mut all = [ptr::null(); object::COUNT];
        // SAFETY: these objects are there as long as the interpreter is.
        unsafe {
            all[object::FLOAT] = (&raw const ffi::PyFloat_Type).cast();
            all[object::INT] = (&raw const ffi::PyLong_Type).cast();
            all[object::COMPLEX] = (&raw const ffi::PyComplex_Type).cast();
            all[object::LIST] = (&raw const ffi::PyList_Type).cast();
            all[object::NONE] = ffi::Py_None();
            all[object::FALSE] = ffi::Py_False();
            all[object::TRUE] = ffi::Py_True();
        }
        for (number, class) in classes.iter().enumerate() {
            all[object::SCALARS + number] = class.scalar_type.cast_const().cast();
        }
        Objects(all)
    }
}

// SAFETY: addresses of objects that are never freed, which are only compared.
unsafe impl Send for Objects {}
// SAFETY: likewise.
unsafe impl Sync for Objects {}

pub unsafe extern "C" fn nl_int(object: *mut PyObject, out: *mut i64) -> i32 {
    // SAFETY: compiled code hands over an int and room for its value.
    match unsafe { unbox::int(object) } {
        Some(value) => {
            // SAFETY: as above.
            unsafe { *out = value };
            1
        }
        None => 0,
    }
}

pub unsafe extern "C" fn nl_unbox(context: &Context<'_>, number: i32, object: *mut PyObject, slots: *mut u64) -> i32 {
    let Some(repr) = usize::try_from(number)
        .ok()
        .and_then(|number| context.compiled.spec.boxes.get(number))
    else {
        return 0;
    };
    // SAFETY: compiled code hands over an object and room for what it expects.
    unsafe { i32::from(unbox::unbox(context.numpy, repr, object, slots) && may_be_written(repr, slots)) }
}

/// Whether the arrays in a value may be written: compiled code does not ask again.
pub unsafe fn may_be_written(repr: &Repr, slots: *const u64) -> bool {
    // SAFETY: the slots are a value of `repr`.
    unsafe {
        match repr {
            Repr::Array { .. } => (*(*slots as *const ArrayObject)).flags & flag::WRITEABLE != 0,
            Repr::Tuple(items) => {
                let mut at = slots;
                items.iter().all(|item| {
                    let own = at;
                    at = at.add(item.slots());
                    may_be_written(item, own)
                })
            }
            Repr::None
            | Repr::Bool
            | Repr::Int
            | Repr::Float
            | Repr::Complex
            | Repr::Np(_)
            | Repr::List
            | Repr::Buffer(_)
            | Repr::Generator { .. }
            | Repr::Object
            | Repr::Unbound
            | Repr::OneOf(_) => true,
        }
    }
}

pub unsafe extern "C" fn nl_box(context: &Context<'_>, number: i32, slots: *const u64) -> *mut PyObject {
    let repr = usize::try_from(number)
        .ok()
        .and_then(|number| context.compiled.spec.boxes.get(number));
    match repr {
        // SAFETY: compiled code hands over the slots of such a value.
        Some(repr) => unsafe { boxing::to_object(context.numpy, repr, slots) },
        None => ptr::null_mut(),
    }
}

pub unsafe extern "C" fn nl_box_float(value: f64) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { ffi::PyFloat_FromDouble(value) }
}

pub unsafe extern "C" fn nl_box_int(value: i64) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { ffi::PyLong_FromLongLong(value) }
}

pub unsafe extern "C" fn nl_list(length: i64) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { ffi::PyList_New(length as isize) }
}

pub unsafe extern "C" fn nl_list_append(list: *mut PyObject, object: *mut PyObject) -> i32 {
    // SAFETY: compiled code hands over a list that it holds, and a reference of its own.
    unsafe {
        let status = ffi::PyList_Append(list, object);
        ffi::Py_DECREF(object);
        i32::from(status != 0)
    }
}

pub unsafe extern "C" fn nl_list_set(list: *mut PyObject, index: i64, object: *mut PyObject) {
    // SAFETY: the index is in range; the object that goes is let go when the list is whole again.
    unsafe {
        let place = (*list.cast::<ffi::PyListObject>()).ob_item.add(index as usize);
        let before = place.replace(object);
        ffi::Py_DECREF(before);
    }
}

pub unsafe extern "C" fn nl_list_shorten(list: *mut PyObject) {
    // SAFETY: the list is not empty. Shortening allocates nothing that could fail.
    unsafe {
        let length = ffi::PyList_GET_SIZE(list);
        if ffi::PyList_SetSlice(list, length - 1, length, ptr::null_mut()) != 0 {
            ffi::PyErr_Clear();
        }
    }
}

pub unsafe extern "C" fn nl_list_repeat(list: *mut PyObject, times: i64) -> *mut PyObject {
    // SAFETY: compiled code holds the list.
    unsafe { ffi::PySequence_Repeat(list, times as isize) }
}
