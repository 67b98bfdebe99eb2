//! One call of a compiled function, and what it is told of (`ctx`).
//!
//! ```text
//! arguments ─► slots ─► entry(ctx, args, rets) ─► result
//! ```
//!
//! A call keeps the big arrays that compiled code gives back: in a loop over time steps the temporaries of one step are
//! those of the next, and memory that was touched once need not be faulted in again. When the call ends, or goes on in
//! Python, a few of them stay for the next call, of whatever function; the rest goes.

#![expect(unsafe_code, reason = "hands pointers to compiled code")]

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Mutex;
use std::time::Instant;

use numlift_abi::Status;
use pyo3::PyErr;
use pyo3::Python;
use pyo3::ffi::{self, PyObject, PyThreadState};

use super::boxing;
use super::draws::Sources;
use super::events::Events;
use super::kernel::KernelObject;
use super::lists::Objects;
use super::numpy::{ArrayObject, Class, Numpy, flag};
use super::recursion;
use super::specialization::Compiled;
use super::unbox;

/// How many slots lie on the stack; more are allocated.
const ON_STACK: usize = 64;

/// Arrays that are smaller than this many bytes are not kept: the allocators have lists of those.
const WORTH_KEEPING: usize = 16 * 1024;

/// How many arrays a call keeps.
const KEPT: usize = 16;

/// So many bytes stay from one call to the next.
const SPARE: usize = 8 << 20;

/// What stays, the latest last. Whoever locks it holds the GIL.
static SPARES: Mutex<Vec<Spare>> = Mutex::new(Vec::new());

/// An array that nobody else has, with its size.
struct Spare(*mut ArrayObject, usize);

// SAFETY: it is only touched while the GIL is held.
unsafe impl Send for Spare {}

/// What compiled code gets as `ctx` and hands through to the functions of [`super::runtime`].
#[repr(C)]
pub struct Context<'a> {
    /// What compiled code compares the types of objects with; the first word, where it looks for them.
    objects: &'static Objects,
    /// How deep compiled functions have called each other, and how many calls of them are counted as Python's; the next
    /// words.
    pub depth: Cell<i64>,
    pub counted: Cell<i64>,
    pub numpy: &'static Numpy,
    pub kernel: *mut KernelObject,
    pub compiled: &'a Compiled,
    kept: RefCell<Vec<*mut ArrayObject>>,
    /// What a piece raised, until the names are given back.
    pub put_aside: RefCell<Option<PyErr>>,
    /// What slots said of arrays that have become others since.
    pub changed: RefCell<Vec<Vec<u64>>>,
    /// Which generators of random numbers are free: nobody else has run since that was seen.
    pub sources: Sources,
    /// Floating-point events so far.
    pub events: Events,
    /// What the handler of a signal raised, until the function is left for it.
    pub raised: RefCell<Option<PyErr>>,
    /// The thread's state while the GIL is let go.
    pub unlocked: Cell<*mut PyThreadState>,
    /// When signals were looked for in a loop that was launched.
    pub asked: Cell<Option<Instant>>,
}

/// Calls the compiled function with arguments that are unboxed already. Gives its result, or null with the exception
/// set.
///
/// # Safety
/// The GIL is held, `slots` is what `compiled` expects, the objects in it live until the call is over, and so does
/// `kernel`.
pub unsafe fn run(
    numpy: &'static Numpy,
    kernel: *mut KernelObject,
    compiled: &Compiled,
    slots: *const u64,
) -> *mut PyObject {
    // SAFETY: as the caller says; `results` is what the entry left.
    let boxed = |status: c_int, results: *mut u64| unsafe {
        if status == Status::Left as i32 {
            return *results as *mut PyObject;
        }
        let result = if status == Status::Raised as i32 {
            ptr::null_mut()
        } else {
            boxing::to_object(numpy, &compiled.spec.result, results)
        };
        unbox::release(&compiled.spec.result, results);
        result
    };
    // SAFETY: as the caller says.
    unsafe { enter(numpy, kernel, compiled, slots, boxed) }
}

/// The same for a result that is a float; none with the exception set.
///
/// # Safety
/// As for [`run`].
pub unsafe fn run_to_float(
    numpy: &'static Numpy,
    kernel: *mut KernelObject,
    compiled: &Compiled,
    slots: *const u64,
) -> Option<f64> {
    // SAFETY: as the caller says; `results` is what the entry left.
    let number = |status: c_int, results: *mut u64| unsafe {
        if status == Status::Raised as i32 {
            return None;
        }
        if status != Status::Left as i32 {
            return Some(f64::from_bits(*results));
        }
        let object = *results as *mut PyObject;
        if object.is_null() {
            return None;
        }
        let found = ffi::PyFloat_AsDouble(object);
        ffi::Py_DECREF(object);
        (found != -1.0 || ffi::PyErr_Occurred().is_null()).then_some(found)
    };
    // SAFETY: as the caller says.
    unsafe { enter(numpy, kernel, compiled, slots, number) }
}

/// Enters the code, and hands what it returns and its results to `act`.
///
/// # Safety
/// As for [`run`].
#[inline]
unsafe fn enter<T>(
    numpy: &'static Numpy,
    kernel: *mut KernelObject,
    compiled: &Compiled,
    slots: *const u64,
    act: impl FnOnce(c_int, *mut u64) -> T,
) -> T {
    let context = Context {
        objects: &numpy.objects,
        depth: Cell::new(0),
        counted: Cell::new(0),
        numpy,
        kernel,
        compiled,
        kept: RefCell::new(Vec::new()),
        sources: Sources::default(),
        put_aside: RefCell::new(None),
        changed: RefCell::new(Vec::new()),
        events: Events::default(),
        raised: RefCell::new(None),
        unlocked: Cell::new(ptr::null_mut()),
        asked: Cell::new(None),
    };
    with_slots(compiled.result_slots, |results| {
        // SAFETY: the entry was made from the spec that the slots were made from.
        let status = unsafe { (compiled.entry)(ptr::from_ref(&context).cast(), slots, results) };
        context.depth.set(0);
        recursion::uncount(&context);
        context.drop_kept();
        context.raise_again();
        if status != 0 {
            context.warn_first();
        }
        act(status, results)
    })
}

/// Gives `act` room for so many slots.
#[inline]
pub fn with_slots<T>(slots: usize, act: impl FnOnce(*mut u64) -> T) -> T {
    // An entry that Python finished hands over one slot, whatever its result is.
    if slots.max(1) <= ON_STACK {
        let mut room = MaybeUninit::<[u64; ON_STACK]>::uninit();
        act(room.as_mut_ptr().cast())
    } else {
        let mut room = vec![0_u64; slots];
        act(room.as_mut_ptr())
    }
}

impl Context<'_> {
    /// Puts the exception that is set aside until [`Context::raise_again`].
    pub fn put_aside(&self) {
        // SAFETY: the GIL is held.
        let raised = PyErr::take(unsafe { Python::assume_attached() });
        *self.put_aside.borrow_mut() = raised;
    }

    /// Tells of events that came before the exception that is set, if one is.
    fn warn_first(&self) {
        // SAFETY: the GIL is held.
        let py = unsafe { Python::assume_attached() };
        if let Some(raised) = PyErr::take(py)
            && super::events::give(self)
        {
            raised.restore(py);
        }
    }

    /// Sets the exception that was put aside, if there is one.
    #[inline]
    pub fn raise_again(&self) {
        if let Some(raised) = self.put_aside.take() {
            // SAFETY: the GIL is held.
            raised.restore(unsafe { Python::assume_attached() });
        }
    }

    /// Keeps an array for [`Context::reuse`] if nobody else has it and it is worth it; it belongs to the context then.
    ///
    /// # Safety
    /// The GIL is held and `object` is a reference that the caller gives up.
    pub unsafe fn keep(&self, object: *mut PyObject) -> bool {
        // SAFETY: it is read as an array only if it is one.
        unsafe {
            if ffi::Py_REFCNT(object) != 1 || ffi::Py_TYPE(object) != self.numpy.ndarray {
                return false;
            }
            let array = object.cast::<ArrayObject>();
            let is_whole = (*array).flags & (flag::OWNDATA | flag::C_CONTIGUOUS) == flag::OWNDATA | flag::C_CONTIGUOUS
                && (*array).base.is_null()
                && (*array).weakrefs.is_null();
            if !is_whole || !self.is_ours(&*array) || bytes(&*array) < WORTH_KEEPING {
                return false;
            }
            let mut kept = self.kept.borrow_mut();
            kept.push(array);
            let oldest = (kept.len() > KEPT).then(|| kept.remove(0));
            drop(kept);
            if let Some(oldest) = oldest {
                ffi::Py_DECREF(oldest.cast());
            }
            true
        }
    }

    /// An array that was kept, made into one of this shape: for as many bytes and as many axes.
    ///
    /// # Safety
    /// The GIL is held and `extents` has `rank` extents, none negative, whose product with the size of an element is
    /// `size`.
    pub unsafe fn reuse(
        &self,
        class: &Class,
        rank: usize,
        extents: *const isize,
        size: usize,
    ) -> Option<*mut ArrayObject> {
        if rank == 0 || size < WORTH_KEEPING {
            return None;
        }
        let mut kept = self.kept.borrow_mut();
        // SAFETY: what is kept is an array that nobody else has, so it may become another one of the same memory. NumPy
        // keeps the extents and strides of an array in one block of twice its rank.
        unsafe {
            let place = kept
                .iter()
                .position(|&array| (*array).rank as usize == rank && bytes(&*array) == size);
            let array = match place {
                Some(place) => kept.swap_remove(place),
                None => spare(rank, size)?,
            };
            drop(kept);
            if (*array).descr != class.descr {
                ffi::Py_INCREF(class.descr.cast());
                let before = std::mem::replace(&mut (*array).descr, class.descr);
                ffi::Py_DECREF(before.cast());
            }
            let count: isize = (0..rank).map(|axis| (*extents.add(axis)).max(1)).product();
            let mut stride = size as isize / count;
            for axis in (0..rank).rev() {
                *(*array).extents.add(axis) = *extents.add(axis);
                *(*array).strides.add(axis) = stride;
                stride *= *extents.add(axis);
            }
            (*array).flags |= flag::WRITEABLE;
            (self.numpy.update_flags)(array, flag::C_CONTIGUOUS | flag::F_CONTIGUOUS | flag::ALIGNED);
            Some(array)
        }
    }

    /// Gives back what was kept, but for what may serve the next call.
    pub fn drop_kept(&self) {
        let kept = self.kept.take();
        if kept.is_empty() {
            return;
        }
        let mut gone = Vec::new();
        if let Ok(mut spares) = SPARES.lock() {
            // SAFETY: the arrays belong to the context.
            spares.extend(kept.into_iter().map(|array| Spare(array, unsafe { bytes(&*array) })));
            while spares.len() > KEPT || spares.iter().map(|spare| spare.1).sum::<usize>() > SPARE {
                gone.push(spares.remove(0));
            }
        }
        for spare in gone {
            // SAFETY: the references belonged to the context, and to the spares then.
            unsafe { ffi::Py_DECREF(spare.0.cast()) };
        }
    }

    /// Whether its dtype is one of machine numbers: elements of others hold references.
    unsafe fn is_ours(&self, array: &ArrayObject) -> bool {
        // SAFETY: an array has a dtype.
        let type_num = unsafe { (*array.descr).type_num };
        self.numpy.scalar_of(type_num).is_some()
    }
}

/// An array of this rank and size that an earlier call left.
fn spare(rank: usize, size: usize) -> Option<*mut ArrayObject> {
    let mut spares = SPARES.lock().ok()?;
    // SAFETY: the spares have their arrays.
    let place = spares
        .iter()
        .position(|spare| spare.1 == size && unsafe { (*spare.0).rank } as usize == rank)?;
    Some(spares.remove(place).0)
}

/// How many bytes a contiguous array of machine numbers takes.
unsafe fn bytes(array: &ArrayObject) -> usize {
    let rank = array.rank as usize;
    if rank == 0 {
        return 0;
    }
    // SAFETY: an array has as many extents and strides as its rank; it is C-contiguous, so that its first axis spans
    // all of it. An axis of one element may have any stride, so the elements are counted.
    unsafe {
        let mut count = 1;
        let mut size = 0;
        for axis in (0..rank).rev() {
            let extent = *array.extents.add(axis);
            if extent > 1 && size == 0 {
                size = *array.strides.add(axis);
            }
            count *= extent;
        }
        (count * size) as usize
    }
}
