//! From Python objects to slots.
//!
//! ```text
//! 2.5      as Float                  [2.5's bits]
//! x        as Array { F64, rank 1 }  [x, address of x[0], len(x), stride]
//! (i, x)   as Tuple                  [i, x, …]
//! ```
//!
//! An object fits a representation if it is of exactly that type; nothing is converted. The one subclass that fits is
//! `numpy.memmap`, whose elements are an ordinary array's. The references in the slots are borrowed; [`retain`] makes
//! them owned, [`release`] gives them back.

#![expect(unsafe_code, reason = "reads objects by their layout")]

use std::ffi::c_int;

use numlift_abi::{Repr, Scalar};
use pyo3::ffi::{self, PyObject};

use super::generators;
use super::numpy::{ArrayObject, Numpy, flag};

/// Writes `object` to `slots` if it is of type `repr`.
///
/// # Safety
/// The GIL is held, `object` is an object, and `slots` has room for `repr.slots()` values.
pub unsafe fn unbox(numpy: &Numpy, repr: &Repr, object: *mut PyObject, slots: *mut u64) -> bool {
    // SAFETY: each arm reads an object only behind a test of its exact type, and writes as many slots as its
    // representation takes.
    unsafe {
        match repr {
            Repr::None => ffi::Py_IsNone(object) != 0,
            Repr::Unbound => false,
            Repr::Bool => {
                let is_bool = ffi::PyBool_Check(object) != 0;
                if is_bool {
                    *slots = u64::from(ffi::Py_IsTrue(object) != 0);
                }
                is_bool
            }
            Repr::Int => {
                ffi::PyLong_CheckExact(object) != 0 && int(object).inspect(|&value| *slots = value as u64).is_some()
            }
            Repr::Float => {
                let is_float = ffi::PyFloat_CheckExact(object) != 0;
                if is_float {
                    *slots = ffi::PyFloat_AS_DOUBLE(object).to_bits();
                }
                is_float
            }
            Repr::Complex => {
                let is_complex = ffi::PyComplex_CheckExact(object) != 0;
                if is_complex {
                    *slots = ffi::PyComplex_RealAsDouble(object).to_bits();
                    *slots.add(1) = ffi::PyComplex_ImagAsDouble(object).to_bits();
                }
                is_complex
            }
            Repr::Np(scalar) => {
                let is_it = ffi::Py_TYPE(object) == numpy.class(*scalar).scalar_type;
                if is_it {
                    number(*scalar, object.add(1).cast(), slots);
                }
                is_it
            }
            Repr::Array { scalar, rank } => match array(numpy, *scalar, *rank, object) {
                Some(array) => {
                    array_slots(array, slots);
                    true
                }
                None => false,
            },
            Repr::Tuple(items) => {
                if ffi::PyTuple_CheckExact(object) == 0 || ffi::PyTuple_GET_SIZE(object) as usize != items.len() {
                    return false;
                }
                let mut at = slots;
                for (place, item) in items.iter().enumerate() {
                    if !unbox(numpy, item, ffi::PyTuple_GET_ITEM(object, place as isize), at) {
                        return false;
                    }
                    at = at.add(item.slots());
                }
                true
            }
            Repr::Generator { legacy } => generators::unbox(object, *legacy, slots),
            // It never comes from outside.
            Repr::Buffer(_) => false,
            Repr::List => {
                *slots = object as u64;
                ffi::PyList_CheckExact(object) != 0
            }
            Repr::Object => {
                *slots = object as u64;
                true
            }
            Repr::OneOf(options) => {
                for (number, option) in options.iter().enumerate() {
                    if unbox(numpy, option, object, slots.add(1)) {
                        *slots = number as u64;
                        return true;
                    }
                }
                false
            }
        }
    }
}

/// The value of an int, if it fits.
///
/// # Safety
/// The GIL is held and `object` is an int.
pub unsafe fn int(object: *mut PyObject) -> Option<i64> {
    let mut overflow: c_int = 0;
    // SAFETY: as the caller says; with an int it cannot raise.
    let value = unsafe { ffi::PyLong_AsLongLongAndOverflow(object, &mut overflow) };
    (overflow == 0).then_some(value)
}

/// The text of a string; none of another object, and none of text that is no UTF-8.
///
/// # Safety
/// The GIL is held and `object` is an object, which outlives the text.
pub unsafe fn text<'a>(object: *mut PyObject) -> Option<&'a str> {
    // SAFETY: as the caller says; a string keeps its UTF-8 for as long as it lives.
    unsafe {
        if ffi::PyUnicode_CheckExact(object) == 0 {
            return None;
        }
        let mut length = 0;
        let bytes = ffi::PyUnicode_AsUTF8AndSize(object, &mut length);
        if bytes.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        std::str::from_utf8(std::slice::from_raw_parts(bytes.cast(), length as usize)).ok()
    }
}

/// Writes the number at `from` to its slots.
///
/// # Safety
/// A `scalar` lies at `from`, and `slots` has room for it.
pub unsafe fn number(scalar: Scalar, from: *const u8, slots: *mut u64) {
    // SAFETY: as the caller says; unaligned reads need nothing more.
    unsafe {
        let slot = match scalar {
            Scalar::Bool => u64::from(from.read() != 0),
            Scalar::U8 => u64::from(from.read()),
            Scalar::I8 => i64::from(from.cast::<i8>().read()) as u64,
            Scalar::I16 => i64::from(from.cast::<i16>().read_unaligned()) as u64,
            Scalar::I32 => i64::from(from.cast::<i32>().read_unaligned()) as u64,
            Scalar::U16 | Scalar::F16 => u64::from(from.cast::<u16>().read_unaligned()),
            Scalar::U32 | Scalar::F32 => u64::from(from.cast::<u32>().read_unaligned()),
            Scalar::I64 | Scalar::U64 | Scalar::F64 => from.cast::<u64>().read_unaligned(),
            Scalar::C64 => {
                let parts = from.cast::<u32>();
                u64::from(parts.read_unaligned()) | u64::from(parts.add(1).read_unaligned()) << 32
            }
            Scalar::C128 => {
                *slots.add(1) = from.cast::<u64>().add(1).read_unaligned();
                from.cast::<u64>().read_unaligned()
            }
        };
        *slots = slot;
    }
}

/// The array, if it is one of this dtype and rank that compiled code can work on.
///
/// # Safety
/// The GIL is held and `object` is an object.
pub unsafe fn array(numpy: &Numpy, scalar: Scalar, rank: usize, object: *mut PyObject) -> Option<&'static ArrayObject> {
    // SAFETY: only what is exactly an array (or a memmap, which begins like one) is read as one. The reference is used
    // while the caller holds the object.
    unsafe {
        let array = any_array(numpy, object)?;
        let fits = array.rank as usize == rank && (*array.descr).type_num == numpy.class(scalar).type_num;
        (fits && is_plain(array, scalar)).then_some(array)
    }
}

/// The array, if `object` is exactly one, or a memmap.
///
/// # Safety
/// The GIL is held and `object` is an object.
pub unsafe fn any_array(numpy: &Numpy, object: *mut PyObject) -> Option<&'static ArrayObject> {
    // SAFETY: as for `array`.
    unsafe {
        let class = ffi::Py_TYPE(object);
        (class == numpy.ndarray || class == numpy.memmap).then(|| &*object.cast::<ArrayObject>())
    }
}

/// Whether its elements lie as the machine has them, and each that may be written in a place of its own.
///
/// # Safety
/// `array` is a live array.
pub unsafe fn is_plain(array: &ArrayObject, scalar: Scalar) -> bool {
    const FOREIGN: u8 = if cfg!(target_endian = "little") { b'>' } else { b'<' };
    // SAFETY: an array has a dtype.
    let order = unsafe { (*array.descr).byteorder } as u8;
    let is_readable = array.flags & (flag::ALIGNED | flag::WARN_ON_WRITE) == flag::ALIGNED;
    let is_packed = array.flags & (flag::C_CONTIGUOUS | flag::F_CONTIGUOUS) != 0;
    // SAFETY: as the caller says.
    let may_be_stored_to = || array.flags & flag::WRITEABLE == 0 || unsafe { lies_apart(array, scalar.size()) };
    order != FOREIGN && is_readable && (is_packed || may_be_stored_to())
}

/// Whether no two elements share memory (`as_strided` makes such), as far as that is easily seen: the stride of an axis
/// reaches beyond all that axes of smaller strides cover.
unsafe fn lies_apart(array: &ArrayObject, size: usize) -> bool {
    let mut axes: [(u64, u64); 64] = [(0, 0); 64];
    let mut rank = 0;
    for axis in 0..array.rank as usize {
        // SAFETY: an array has as many extents and strides as its rank.
        let (extent, stride) = unsafe { (*array.extents.add(axis), *array.strides.add(axis)) };
        match extent {
            0 => return true,
            1 => {}
            _ if rank == axes.len() => return false,
            _ => {
                axes[rank] = (stride.unsigned_abs() as u64, extent as u64);
                rank += 1;
            }
        }
    }
    axes[..rank].sort_unstable();
    let mut covered = size as u64;
    axes[..rank].iter().all(|(stride, extent)| {
        let is_beyond = *stride >= covered;
        covered = stride.saturating_mul(*extent - 1).saturating_add(covered);
        is_beyond
    })
}

/// Writes the slots of an array.
///
/// # Safety
/// `array` is a live array, and `slots` has room for 2 + 2 × rank values.
pub unsafe fn array_slots(array: &ArrayObject, slots: *mut u64) {
    let rank = array.rank as usize;
    // SAFETY: as the caller says; an array has as many extents and strides as its rank.
    unsafe {
        *slots = std::ptr::from_ref(array) as u64;
        *slots.add(1) = array.data as u64;
        for axis in 0..rank {
            *slots.add(2 + axis) = *array.extents.add(axis) as u64;
            *slots.add(2 + rank + axis) = *array.strides.add(axis) as u64;
        }
    }
}

/// Takes a reference to each object in the slots.
///
/// # Safety
/// The GIL is held and the slots are a value of `repr`.
pub unsafe fn retain(repr: &Repr, slots: *const u64) {
    // SAFETY: `each_object` gives the slots that hold objects.
    unsafe { each_object(repr, slots, &mut |object| ffi::Py_XINCREF(object)) }
}

/// Gives up a reference to each object in the slots.
///
/// # Safety
/// The GIL is held, and the slots are a value of `repr` whose references belong to the caller. May run any Python code.
pub unsafe fn release(repr: &Repr, slots: *const u64) {
    // SAFETY: as above.
    unsafe { each_object(repr, slots, &mut |object| ffi::Py_XDECREF(object)) }
}

unsafe fn each_object(repr: &Repr, slots: *const u64, act: &mut dyn FnMut(*mut PyObject)) {
    // SAFETY: the slots are a value of `repr`, so arrays and objects have theirs where they are looked for.
    unsafe {
        match repr {
            Repr::None | Repr::Unbound | Repr::Bool | Repr::Int | Repr::Float | Repr::Complex | Repr::Np(_) => {}
            Repr::Array { .. } | Repr::List | Repr::Buffer(_) | Repr::Generator { .. } | Repr::Object => {
                act(*slots as *mut PyObject);
            }
            Repr::Tuple(items) => {
                let mut at = slots;
                for item in items {
                    each_object(item, at, act);
                    at = at.add(item.slots());
                }
            }
            Repr::OneOf(options) => {
                if let Some(option) = options.get(*slots as usize) {
                    each_object(option, slots.add(1), act);
                }
            }
        }
    }
}
