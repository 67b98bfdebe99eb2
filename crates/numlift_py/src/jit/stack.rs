//! How much of a thread's stack is left.
//!
//! Python's own calls need none: a program that raises the recursion limit may go down a hundred thousand calls. Compiled
//! code, and a kernel that runs in Python, need some at each call; so before there is none left, a function of `numlift
//! run` becomes Python's own again, and any other one raises what Python raises for too many calls.

#![expect(unsafe_code, reason = "asks the thread where its stack is, and exchanges functions")]

use std::cell::Cell;
use std::ffi::c_void;

use pyo3::exceptions::PyRecursionError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyType};

use super::kernel::KernelObject;

/// Where a thread's stack ends, and how large it is.
#[derive(Clone, Copy)]
struct Bounds {
    end: usize,
    size: usize,
}

/// The least that is left for what a call may need.
const LEAST: usize = 128 << 10;

/// How much is left.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Left {
    Enough,
    /// A quarter, or less.
    Little,
    /// Not enough to go on.
    None,
}

thread_local! {
    static BOUNDS: Cell<Option<Bounds>> = const { Cell::new(None) };
}

/// How much is left of the stack of this thread.
#[inline]
pub fn left() -> Left {
    let bounds = BOUNDS.get().unwrap_or_else(look);
    let here = (&raw const bounds).addr();
    let left = here.saturating_sub(bounds.end);
    if left > bounds.size / 4 {
        Left::Enough
    } else if left > (bounds.size / 16).max(LEAST) {
        Left::Little
    } else {
        Left::None
    }
}

#[cold]
fn look() -> Bounds {
    let bounds = of_thread().unwrap_or(Bounds { end: 0, size: 0 });
    BOUNDS.set(Some(bounds));
    bounds
}

#[cfg(target_os = "linux")]
fn of_thread() -> Option<Bounds> {
    #[repr(C, align(16))]
    struct Attributes([u8; 128]);
    unsafe extern "C" {
        fn pthread_self() -> usize;
        fn pthread_getattr_np(thread: usize, attributes: *mut Attributes) -> i32;
        fn pthread_attr_getstack(attributes: *const Attributes, end: *mut *mut c_void, size: *mut usize) -> i32;
        fn pthread_attr_destroy(attributes: *mut Attributes) -> i32;
    }
    let mut attributes = Attributes([0; 128]);
    let (mut end, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the attributes have more room than those of any C library take, and are destroyed once.
    unsafe {
        if pthread_getattr_np(pthread_self(), &raw mut attributes) != 0 {
            return None;
        }
        let found = pthread_attr_getstack(&raw const attributes, &raw mut end, &raw mut size);
        pthread_attr_destroy(&raw mut attributes);
        (found == 0).then(|| Bounds { end: end.addr(), size })
    }
}

/// Not known elsewhere: nothing is looked at.
#[cfg(not(target_os = "linux"))]
fn of_thread() -> Option<Bounds> {
    None
}

/// Sets the exception for too many calls.
pub fn complain(py: Python<'_>) {
    PyRecursionError::new_err("maximum recursion depth exceeded").restore(py);
}

/// Puts the function of a kernel in the kernel's place, where that is found under its own name: a global, or a method.
/// Calls of it are Python's own from there on.
///
/// # Safety
/// The GIL is held and `kernel` is a kernel with its function.
pub unsafe fn give_back(py: Python<'_>, kernel: *mut KernelObject) {
    // SAFETY: as the caller says.
    let (own, function) = unsafe {
        (
            Bound::from_borrowed_ptr(py, kernel.cast::<ffi::PyObject>()),
            Bound::from_borrowed_ptr(py, (*kernel).function),
        )
    };
    let exchange = || -> PyResult<()> {
        let qualname: String = function.getattr("__qualname__")?.extract()?;
        let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
        let (place, name) = match qualname.rsplit_once('.') {
            None => {
                if globals.get_item(&qualname)?.is_some_and(|found| found.is(&own)) {
                    globals.set_item(&qualname, &function)?;
                }
                return Ok(());
            }
            Some(parts) => parts,
        };
        let mut class = globals.get_item(place.split('.').next().unwrap_or_default())?;
        for part in place.split('.').skip(1) {
            class = class.map(|class| class.getattr(part)).transpose()?;
        }
        if let Some(class) = class.and_then(|class| class.cast_into::<PyType>().ok())
            && class
                .getattr("__dict__")?
                .get_item(name)
                .is_ok_and(|found| found.is(&own))
        {
            class.setattr(name, &function)?;
        }
        Ok(())
    };
    // Where it is not found it stays as it is.
    drop(exchange());
}
