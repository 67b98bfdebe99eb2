//! From slots to Python objects.
//!
//! Scalars of NumPy are made by filling in their structs: calling `numpy.float64` costs ten times as much. An array
//! comes back as the object that it came from where the slots still say the same, else as a view of it.

#![expect(unsafe_code, reason = "builds objects by their layout")]

use std::ptr;

use numlift_abi::{Repr, Scalar};
use pyo3::ffi::{self, PyObject};

use super::buffers;
use super::numpy::{ArrayObject, Numpy, flag};

/// The object that the slots stand for: a new reference, or null with the exception set. A name that is not bound is
/// null without one.
///
/// # Safety
/// The GIL is held and the slots are a value of `repr`, whose references the caller holds.
pub unsafe fn to_object(numpy: &Numpy, repr: &Repr, slots: *const u64) -> *mut PyObject {
    // SAFETY: each arm reads as many slots as its representation takes.
    unsafe {
        match repr {
            Repr::None => ffi::Py_NewRef(ffi::Py_None()),
            Repr::Unbound => ptr::null_mut(),
            Repr::Bool => ffi::PyBool_FromLong((*slots != 0).into()),
            Repr::Int => ffi::PyLong_FromLongLong(*slots as i64),
            Repr::Float => ffi::PyFloat_FromDouble(f64::from_bits(*slots)),
            Repr::Complex => ffi::PyComplex_FromDoubles(f64::from_bits(*slots), f64::from_bits(*slots.add(1))),
            Repr::Np(scalar) => number(numpy, *scalar, slots),
            Repr::Array { scalar, rank } => array(numpy, *scalar, *rank, slots),
            Repr::Tuple(items) => tuple(numpy, items, slots),
            Repr::Buffer(_) => buffers::to_list(numpy, *slots as *mut buffers::Buffer),
            Repr::List | Repr::Generator { .. } | Repr::Object => ffi::Py_XNewRef(*slots as *mut PyObject),
            Repr::OneOf(options) => match options.get(*slots as usize) {
                Some(option) => to_object(numpy, option, slots.add(1)),
                None => {
                    ffi::PyErr_SetString(
                        ffi::PyExc_SystemError,
                        c"compiled code named no type of its value".as_ptr(),
                    );
                    ptr::null_mut()
                }
            },
        }
    }
}

unsafe fn number(numpy: &Numpy, scalar: Scalar, slots: *const u64) -> *mut PyObject {
    // SAFETY: the scalar's struct is a head and then the number, for all of NumPy's machine numbers.
    unsafe {
        if scalar == Scalar::Bool {
            return ffi::Py_NewRef(if *slots == 0 { numpy.false_ } else { numpy.true_ });
        }
        let class = numpy.class(scalar).scalar_type;
        let Some(alloc) = (*class).tp_alloc else {
            return ptr::null_mut();
        };
        let object = alloc(class, 0);
        if object.is_null() {
            return object;
        }
        let to = object.add(1).cast::<u8>();
        match scalar {
            Scalar::Bool => {}
            Scalar::I8 | Scalar::U8 => to.write(*slots as u8),
            Scalar::I16 | Scalar::U16 | Scalar::F16 => to.cast::<u16>().write(*slots as u16),
            Scalar::I32 | Scalar::U32 | Scalar::F32 => to.cast::<u32>().write(*slots as u32),
            Scalar::I64 | Scalar::U64 | Scalar::F64 => to.cast::<u64>().write(*slots),
            Scalar::C64 => {
                to.cast::<u32>().write(*slots as u32);
                to.cast::<u32>().add(1).write((*slots >> 32) as u32);
            }
            Scalar::C128 => {
                to.cast::<u64>().write(*slots);
                to.cast::<u64>().add(1).write(*slots.add(1));
            }
        }
        object
    }
}

unsafe fn array(numpy: &Numpy, scalar: Scalar, rank: usize, slots: *const u64) -> *mut PyObject {
    // SAFETY: the owner is an array that lives (the caller holds it), and the slots describe memory of it.
    unsafe {
        let owner = *slots as *mut ArrayObject;
        let class = numpy.class(scalar);
        if says_the_same(&*owner, class.type_num, rank, slots) {
            return ffi::Py_NewRef(owner.cast());
        }
        let descr = if (*(*owner).descr).type_num == class.type_num {
            (*owner).descr
        } else {
            class.descr
        };
        ffi::Py_INCREF(descr.cast());
        let extents = slots.add(2).cast::<isize>();
        let view = (numpy.new_from_descr)(
            ffi::Py_TYPE(owner.cast()),
            descr,
            rank as i32,
            extents,
            extents.add(rank),
            (*slots.add(1)) as *mut _,
            (*owner).flags & flag::WRITEABLE,
            owner.cast(),
        );
        if view.is_null() {
            return view;
        }
        // `set_base` takes the reference over, also where it fails.
        if (numpy.set_base)(view.cast(), ffi::Py_NewRef(owner.cast())) != 0 {
            ffi::Py_DECREF(view);
            return ptr::null_mut();
        }
        view
    }
}

/// Whether the array is described by the slots as it is. Strides of axes that have one element or none mean nothing.
///
/// # Safety
/// `array` is a live array and the slots are filled.
pub unsafe fn says_the_same(array: &ArrayObject, type_num: i32, rank: usize, slots: *const u64) -> bool {
    // SAFETY: the slots are those of an array of this rank; `array` has as many extents as its own rank.
    unsafe {
        if (*array.descr).type_num != type_num || array.rank as usize != rank || array.data as u64 != *slots.add(1) {
            return false;
        }
        (0..rank).all(|axis| {
            let extent = *array.extents.add(axis);
            let is_same_stride = *array.strides.add(axis) as u64 == *slots.add(2 + rank + axis);
            extent as u64 == *slots.add(2 + axis) && (is_same_stride || extent <= 1)
        })
    }
}

unsafe fn tuple(numpy: &Numpy, items: &[Repr], slots: *const u64) -> *mut PyObject {
    // SAFETY: the items' slots lie one after the other; a new tuple takes its items over.
    unsafe {
        let tuple = ffi::PyTuple_New(items.len() as isize);
        if tuple.is_null() {
            return tuple;
        }
        let mut at = slots;
        for (place, item) in items.iter().enumerate() {
            let object = to_object(numpy, item, at);
            if object.is_null() {
                ffi::Py_DECREF(tuple);
                return object;
            }
            ffi::PyTuple_SET_ITEM(tuple, place as isize, object);
            at = at.add(item.slots());
        }
        tuple
    }
}
