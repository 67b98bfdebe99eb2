//! Kernels as function pointers, for routines that call C functions: SciPy's `LowLevelCallable`.
//!
//! ```text
//! numbers      double (int, double *, void *)                              f(x, a, b)      quad, nquad
//! filter       int (double *, npy_intp, double *, void *)                  f(window)       generic_filter
//! line         int (double *, npy_intp, double *, npy_intp, void *)        f(line, out)    generic_filter1d
//! transform    int (npy_intp *, double *, int, int, void *)                f(coordinates)  geometric_transform
//! ```
//!
//! A function of numbers is entered without making Python objects of them; the others are called as Python would call
//! them, with an array that is used again. Exceptions: the last three say so to the routine, which raises them. The
//! first cannot: it gives NaN from then on, and the exception is raised in the main thread as soon as the routine
//! has returned, before the next of Python's instructions. Python has no way to do that in another thread: there the
//! exception is printed as one that nobody can catch, and this function pointer gives NaN for good.
//!
//! A window is a copy: SciPy's own memory is never seen by the function, which may keep what it is given.

#![expect(unsafe_code, reason = "called by C")]

use std::cell::Cell;
use std::ffi::{CStr, c_int, c_void};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use pyo3::exceptions::PyValueError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::kernel::{self, KernelObject};
use super::numpy::{ArrayObject, Numpy, flag};

const NUMBERS: &CStr = c"double (int, double *, void *)";
const FILTER: &CStr = c"int (double *, npy_intp, double *, void *)";
const LINE: &CStr = c"int (double *, npy_intp, double *, npy_intp, void *)";
const TRANSFORM: &CStr = c"int (npy_intp *, double *, int, int, void *)";

/// The number of float64 among NumPy's dtypes.
const DOUBLE: c_int = 12;

/// What a function pointer is called with as its last argument.
struct Native {
    numpy: &'static Numpy,
    /// A reference, given back with the capsule.
    kernel: *mut KernelObject,
    /// Arrays that are used again: the first and the second argument.
    arrays: [Cell<*mut ArrayObject>; 2],
    /// An exception waits to be raised.
    has_failed: Arc<AtomicBool>,
    main_thread: u64,
}

/// Exceptions of functions of numbers, until the routine has returned.
static WAITING: Mutex<Vec<(PyErr, Arc<AtomicBool>)>> = Mutex::new(Vec::new());

/// A capsule with a function pointer that calls a kernel, named by its C signature, with what it must be given as its
/// last argument as the context. `kind` is one of those above.
#[pyfunction]
pub fn jit_native<'py>(made: &Bound<'py, PyAny>, kind: &str) -> PyResult<Bound<'py, PyAny>> {
    let py = made.py();
    if kernel::as_kernel(made).is_none() {
        return Err(PyValueError::new_err("not a kernel"));
    }
    let (signature, pointer): (&CStr, *mut c_void) = match kind {
        "numbers" => (NUMBERS, numbers as *mut c_void),
        "filter" => (FILTER, filter as *mut c_void),
        "line" => (LINE, line as *mut c_void),
        "transform" => (TRANSFORM, transform as *mut c_void),
        _ => return Err(PyValueError::new_err("`numbers`, `filter`, `line` or `transform`")),
    };
    let main = py.import("threading")?.call_method0("main_thread")?;
    let native = Box::new(Native {
        numpy: Numpy::get(py)?,
        kernel: made.clone().into_ptr().cast(),
        arrays: [Cell::new(ptr::null_mut()), Cell::new(ptr::null_mut())],
        has_failed: Arc::default(),
        main_thread: main.getattr("ident")?.extract()?,
    });
    // SAFETY: the name lives for ever; the context is freed by the capsule's destructor, once.
    unsafe {
        let capsule = Bound::from_owned_ptr_or_err(py, ffi::PyCapsule_New(pointer, signature.as_ptr(), Some(free)))?;
        ffi::PyCapsule_SetContext(capsule.as_ptr(), Box::into_raw(native).cast());
        Ok(capsule)
    }
}

unsafe extern "C" fn free(capsule: *mut PyObject) {
    // SAFETY: CPython calls with a capsule of ours, once; the context is the box that it was made with.
    unsafe {
        let context = ffi::PyCapsule_GetContext(capsule).cast::<Native>();
        if !context.is_null() {
            let native = Box::from_raw(context);
            for array in &native.arrays {
                ffi::Py_XDECREF(array.get().cast());
            }
            ffi::Py_DECREF(native.kernel.cast());
        }
    }
}

unsafe extern "C" fn numbers(count: c_int, values: *const f64, data: *mut c_void) -> f64 {
    // SAFETY: the routine hands through what it was given, and `count` numbers.
    let (native, values) = unsafe {
        (
            &*data.cast::<Native>(),
            std::slice::from_raw_parts(values, usize::try_from(count).unwrap_or(0)),
        )
    };
    if native.has_failed.load(Ordering::Relaxed) {
        return f64::NAN;
    }
    Python::attach(|py| {
        // SAFETY: the GIL is held.
        match unsafe { native.number_of(values) } {
            Some(result) => result,
            None => {
                native.raise_later(py);
                f64::NAN
            }
        }
    })
}

unsafe extern "C" fn filter(window: *const f64, size: isize, result: *mut f64, data: *mut c_void) -> c_int {
    // SAFETY: the routine hands through what it was given, `size` numbers, and room for one.
    Python::attach(|_| unsafe {
        if has_raised() {
            return 0;
        }
        let native = &*data.cast::<Native>();
        let Some(array) = native.array(0, size) else { return 0 };
        ptr::copy_nonoverlapping(window, (*array).data.cast::<f64>(), size as usize);
        let made = native.call(&[array.cast()]);
        native.give_back(0, array);
        match number(made) {
            Some(found) => {
                *result = found;
                1
            }
            None => 0,
        }
    })
}

unsafe extern "C" fn line(given: *const f64, size: isize, out: *mut f64, room: isize, data: *mut c_void) -> c_int {
    // SAFETY: the routine hands through what it was given, `size` numbers, and room for others.
    Python::attach(|_| unsafe {
        if has_raised() {
            return 0;
        }
        let native = &*data.cast::<Native>();
        let Some(array) = native.array(0, size) else { return 0 };
        let Some(result) = native.array(1, room) else {
            native.give_back(0, array);
            return 0;
        };
        ptr::copy_nonoverlapping(given, (*array).data.cast::<f64>(), size as usize);
        let made = native.call(&[array.cast(), result.cast()]);
        let is_done = !made.is_null();
        if is_done {
            ffi::Py_DECREF(made);
            ptr::copy_nonoverlapping((*result).data.cast::<f64>(), out, room as usize);
        }
        native.give_back(0, array);
        native.give_back(1, result);
        c_int::from(is_done)
    })
}

unsafe extern "C" fn transform(
    place: *const isize,
    result: *mut f64,
    rank: c_int,
    result_rank: c_int,
    data: *mut c_void,
) -> c_int {
    // SAFETY: the routine hands through what it was given, `rank` numbers, and room for `result_rank`.
    Python::attach(|_| unsafe {
        if has_raised() {
            return 0;
        }
        let native = &*data.cast::<Native>();
        let place = std::slice::from_raw_parts(place, usize::try_from(rank).unwrap_or(0));
        let tuple = ffi::PyTuple_New(place.len() as isize);
        if tuple.is_null() {
            return 0;
        }
        for (at, coordinate) in place.iter().enumerate() {
            let object = ffi::PyLong_FromSsize_t(*coordinate);
            if object.is_null() {
                ffi::Py_DECREF(tuple);
                return 0;
            }
            ffi::PyTuple_SetItem(tuple, at as isize, object);
        }
        let made = native.call(&[tuple]);
        ffi::Py_DECREF(tuple);
        if made.is_null() {
            return 0;
        }
        let is_done = fill(made, result, result_rank as isize);
        ffi::Py_DECREF(made);
        c_int::from(is_done)
    })
}

/// Whether an earlier call has set an exception: not every routine stops at the first.
unsafe fn has_raised() -> bool {
    // SAFETY: the GIL is held.
    unsafe { !ffi::PyErr_Occurred().is_null() }
}

/// Numbers of a sequence of as many as there is room for; false with the exception set.
unsafe fn fill(sequence: *mut PyObject, room: *mut f64, count: isize) -> bool {
    // SAFETY: the GIL is held, and there is room for `count` numbers.
    unsafe {
        let length = ffi::PySequence_Size(sequence);
        if length >= 0 && length != count {
            ffi::PyErr_SetString(
                ffi::PyExc_ValueError,
                c"as many coordinates are needed as the input has axes".as_ptr(),
            );
        }
        if length != count {
            return false;
        }
        for at in 0..count {
            let item = ffi::PySequence_GetItem(sequence, at);
            match number(item) {
                Some(found) => *room.offset(at) = found,
                None => return false,
            }
        }
        true
    }
}

/// The float of an object that is given up; none with the exception set.
unsafe fn number(object: *mut PyObject) -> Option<f64> {
    // SAFETY: the GIL is held, and the object is a reference or null with the exception set.
    unsafe {
        if object.is_null() {
            return None;
        }
        let found = ffi::PyFloat_AsDouble(object);
        ffi::Py_DECREF(object);
        (found != -1.0 || ffi::PyErr_Occurred().is_null()).then_some(found)
    }
}

impl Native {
    /// The function of some numbers; none with the exception set.
    unsafe fn number_of(&self, values: &[f64]) -> Option<f64> {
        // SAFETY: the GIL is held, and the kernel lives as long as this.
        unsafe {
            let inner = (*self.kernel).inner();
            let first = inner.specializations.borrow().first().map(Rc::clone);
            if !inner.replaced.get()
                && inner.watch.is_none()
                && let Some(first) = first
                && let Some(result) = first.with_floats(self.numpy, self.kernel, values)
            {
                return result;
            }
            let mut objects: Vec<*mut PyObject> = Vec::with_capacity(values.len());
            for value in values {
                objects.push(ffi::PyFloat_FromDouble(*value));
            }
            let made = match objects.iter().any(|object| object.is_null()) {
                true => ptr::null_mut(),
                false => self.call(&objects),
            };
            objects.iter().for_each(|object| ffi::Py_XDECREF(*object));
            number(made)
        }
    }

    unsafe fn call(&self, arguments: &[*mut PyObject]) -> *mut PyObject {
        // SAFETY: the GIL is held, and the arguments are references.
        unsafe { ffi::PyObject_Vectorcall(self.kernel.cast(), arguments.as_ptr(), arguments.len(), ptr::null_mut()) }
    }

    /// An array of float64 that nobody else has; none with the exception set. It belongs to the caller.
    unsafe fn array(&self, number: usize, size: isize) -> Option<*mut ArrayObject> {
        // SAFETY: the GIL is held; what is kept is an array.
        unsafe {
            // Taken, so that a call inside of the call makes one of its own.
            let kept = self.arrays[number].replace(ptr::null_mut());
            if !kept.is_null() {
                if *(*kept).extents == size {
                    return Some(kept);
                }
                ffi::Py_DECREF(kept.cast());
            }
            let class = self.numpy.classes.iter().find(|class| class.type_num == DOUBLE)?;
            ffi::Py_INCREF(class.descr.cast());
            let made = (self.numpy.zeros)(1, &size, class.descr, 0);
            (!made.is_null()).then_some(made.cast())
        }
    }

    /// Keeps the array for the next call, unless somebody else has it or made something else of it.
    unsafe fn give_back(&self, number: usize, array: *mut ArrayObject) {
        const WHOLE: c_int = flag::OWNDATA | flag::C_CONTIGUOUS | flag::WRITEABLE | flag::ALIGNED;
        // SAFETY: the GIL is held, and the array is a reference.
        unsafe {
            let is_ours = ffi::Py_REFCNT(array.cast()) == 1
                && (*array).rank == 1
                && (*array).flags & WHOLE == WHOLE
                && (*array).weakrefs.is_null()
                && (*(*array).descr).type_num == DOUBLE;
            let dropped = match is_ours {
                true => self.arrays[number].replace(array),
                false => array,
            };
            ffi::Py_XDECREF(dropped.cast());
        }
    }

    /// Has the exception that is set raised when the routine has returned.
    fn raise_later(&self, py: Python<'_>) {
        let Some(error) = PyErr::take(py) else { return };
        self.has_failed.store(true, Ordering::Relaxed);
        // SAFETY: the GIL is held.
        unsafe {
            if ffi::PyThread_get_thread_ident() as u64 != self.main_thread {
                error.write_unraisable(py, None);
                return;
            }
            if let Ok(mut waiting) = WAITING.lock() {
                waiting.push((error, Arc::clone(&self.has_failed)));
            }
            // Where there is no room, those that are there raise one after the other, and this one with the next.
            ffi::Py_AddPendingCall(Some(raise), ptr::null_mut());
        }
    }
}

/// Raises what waits; called by Python between two of its instructions.
extern "C" fn raise(_: *mut c_void) -> c_int {
    let waiting = WAITING.lock().ok().and_then(|mut waiting| match waiting.is_empty() {
        true => None,
        false => Some(waiting.remove(0)),
    });
    let Some((error, has_failed)) = waiting else { return 0 };
    has_failed.store(false, Ordering::Relaxed);
    Python::attach(|py| error.restore(py));
    -1
}
