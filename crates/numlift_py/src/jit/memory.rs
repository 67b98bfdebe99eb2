//! Large arrays that compiled code makes have memory of ours, as NumPy lets others provide it (NEP 49).
//!
//! ```text
//! nl_alloc ─► with_blocks(size, make) ─► PyDataMem_SetHandler(ours), make an array, PyDataMem_SetHandler(NumPy's)
//! the array is gone ─► its own handler gives the block back, which the next array takes
//! ```
//!
//! The array is one of NumPy's like any other: it owns its memory, may be resized, and `tracemalloc` sees it. A program
//! that has set a handler of its own keeps that.

#![expect(unsafe_code, reason = "NumPy's interface is C")]

use std::ffi::{c_char, c_void};

use pyo3::ffi::{self, PyObject};

use super::numpy::{ArrayObject, Numpy};

/// `PyDataMem_Handler`, version 1, with its `PyDataMemAllocator`.
#[repr(C)]
pub struct Handler {
    name: [c_char; 127],
    version: u8,
    context: *mut c_void,
    malloc: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    calloc: unsafe extern "C" fn(*mut c_void, usize, usize) -> *mut c_void,
    realloc: unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> *mut c_void,
    free: unsafe extern "C" fn(*mut c_void, *mut c_void, usize),
}

// SAFETY: nothing of it changes.
unsafe impl Sync for Handler {}

/// `PyDataMem_SetHandler`: takes a capsule, or null for NumPy's own; gives the one before, a new reference.
pub type SetHandler = unsafe extern "C" fn(*mut PyObject) -> *mut PyObject;

/// What is called in NumPy.
#[derive(Clone, Copy)]
pub struct Handlers {
    pub set: SetHandler,
    /// NumPy's own.
    pub default: *mut PyObject,
    /// Ours; null where there are no blocks.
    pub ours: *mut PyObject,
}

impl Handlers {
    /// # Safety
    /// The GIL is held; `set` and `default` are NumPy's.
    pub unsafe fn new(set: SetHandler, default: *mut PyObject) -> Handlers {
        Handlers {
            set,
            default,
            ours: ours(),
        }
    }
}

/// Makes an array that takes so many bytes of a block, where that pays.
///
/// # Safety
/// The GIL is held.
pub unsafe fn with_blocks(
    numpy: &Numpy,
    size: Option<usize>,
    make: impl FnOnce() -> *mut PyObject,
) -> *mut ArrayObject {
    let handlers = &numpy.handlers;
    if handlers.ours.is_null() || size.is_none_or(|size| size < LEAST) {
        return make().cast();
    }
    // SAFETY: the GIL is held; what is set is a capsule that lives for ever, or was set before.
    unsafe {
        let before = (handlers.set)(handlers.ours);
        if before.is_null() {
            ffi::PyErr_Clear();
            return make().cast();
        }
        if before != handlers.default {
            // The program's own goes on.
            ffi::Py_XDECREF((handlers.set)(before));
            ffi::Py_DECREF(before);
            return make().cast();
        }
        let made = make();
        let raised = made.is_null().then(|| {
            let mut raised = [std::ptr::null_mut(); 3];
            ffi::PyErr_Fetch(&mut raised[0], &mut raised[1], &mut raised[2]);
            raised
        });
        ffi::Py_XDECREF((handlers.set)(before));
        ffi::Py_DECREF(before);
        if let Some([class, value, traceback]) = raised {
            ffi::PyErr_Restore(class, value, traceback);
        }
        made.cast()
    }
}

#[cfg(target_os = "linux")]
pub use numlift_runtime::blocks::LEAST;
#[cfg(not(target_os = "linux"))]
pub const LEAST: usize = usize::MAX;

#[cfg(not(target_os = "linux"))]
fn ours() -> *mut PyObject {
    std::ptr::null_mut()
}

#[cfg(target_os = "linux")]
fn ours() -> *mut PyObject {
    if numlift_runtime::blocks::limit() == 0 {
        return std::ptr::null_mut();
    }
    // SAFETY: the GIL is held; a capsule of a static. Without memory for it there are no blocks.
    unsafe {
        let capsule = ffi::PyCapsule_New(
            std::ptr::from_ref(&blocks::HANDLER).cast_mut().cast(),
            c"mem_handler".as_ptr(),
            None,
        );
        if capsule.is_null() {
            ffi::PyErr_Clear();
        }
        capsule
    }
}

#[cfg(target_os = "linux")]
mod blocks {
    use std::ffi::{c_char, c_void};
    use std::ptr;

    use numlift_runtime::blocks;

    use super::Handler;

    pub static HANDLER: Handler = Handler {
        name: {
            let (mut name, text) = ([0; 127], b"numlift");
            let mut at = 0;
            while at < text.len() {
                name[at] = text[at] as c_char;
                at += 1;
            }
            name
        },
        version: 1,
        context: ptr::null_mut(),
        malloc,
        calloc,
        realloc,
        free,
    };

    unsafe extern "C" fn malloc(_: *mut c_void, size: usize) -> *mut c_void {
        blocks::take(size).cast()
    }

    unsafe extern "C" fn calloc(_: *mut c_void, count: usize, size: usize) -> *mut c_void {
        count
            .checked_mul(size)
            .map_or(ptr::null_mut(), |size| blocks::take_zeroed(size).cast())
    }

    unsafe extern "C" fn realloc(context: *mut c_void, bytes: *mut c_void, size: usize) -> *mut c_void {
        // SAFETY: NumPy hands over what came from here.
        unsafe {
            match bytes.is_null() {
                true => malloc(context, size),
                false => blocks::resize(bytes.cast(), size).cast(),
            }
        }
    }

    unsafe extern "C" fn free(_: *mut c_void, bytes: *mut c_void, _: usize) {
        if !bytes.is_null() {
            // SAFETY: as above; nobody uses it any more.
            unsafe { blocks::give_back(bytes.cast()) };
        }
    }
}
