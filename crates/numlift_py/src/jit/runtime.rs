//! The functions that compiled code calls (`numlift_abi::runtime`), and their addresses by name.
//!
//! They translate: slots to objects and back, errors to what compiled code understands. None of them unwinds.

#![expect(unsafe_code, reason = "called by compiled code")]

use std::ffi::c_void;
use std::ptr;

use numlift_abi::{Repr, Scalar, runtime};
use numlift_runtime::names::c_function;
use pyo3::ffi::{self, PyObject};
use pyo3::{PyErr, Python};

use super::call::Context;
use super::numpy::{ArrayObject, Numpy};
use super::{
    boxing, buffers, draws, events, float_status, forced, lists, memory, parallel, pieces, recursion, unbox, watched,
};

/// The address of a function that compiled code may call: one of these, or of the C library.
pub fn resolve(name: &str) -> Option<*const u8> {
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some((_, address)) => Some(address.0.cast()),
        None => numpy_loop(name).or_else(|| c_function(name)),
    }
}

/// A product of NumPy's.
fn numpy_loop(name: &str) -> Option<*const u8> {
    let place = |names: &[(&str, Scalar)]| names.iter().position(|(known, _)| *known == name);
    let (product, dot) = (place(&runtime::MATMUL), place(&runtime::DOT));
    product.or(dot)?;
    // SAFETY: code is loaded with the GIL held.
    let numpy = Numpy::get(unsafe { Python::assume_attached() }).ok()?;
    let found = match (product, dot) {
        (Some(number), _) => numpy.matmul[number],
        (None, number) => numpy.dot[number?],
    };
    (!found.is_null()).then_some(found.cast())
}

struct Address(*const c_void);

// SAFETY: addresses of functions, which live as long as the process and are the same for every thread.
unsafe impl Sync for Address {}

static FUNCTIONS: &[(&str, Address)] = &[
    (runtime::EXIT, Address(nl_exit as *const c_void)),
    (runtime::ISLAND, Address(nl_island as *const c_void)),
    (runtime::ALLOC, Address(nl_alloc as *const c_void)),
    (runtime::UFUNC, Address(nl_ufunc as *const c_void)),
    (runtime::DRAW, Address(draws::nl_draw as *const c_void)),
    (runtime::DRAW_ARRAY, Address(draws::nl_draw_array as *const c_void)),
    (runtime::INT, Address(lists::nl_int as *const c_void)),
    (runtime::UNBOX, Address(lists::nl_unbox as *const c_void)),
    (runtime::BOX, Address(lists::nl_box as *const c_void)),
    (runtime::BOX_FLOAT, Address(lists::nl_box_float as *const c_void)),
    (runtime::BOX_INT, Address(lists::nl_box_int as *const c_void)),
    (runtime::LIST, Address(lists::nl_list as *const c_void)),
    (runtime::LIST_APPEND, Address(lists::nl_list_append as *const c_void)),
    (runtime::LIST_SET, Address(lists::nl_list_set as *const c_void)),
    (runtime::LIST_SHORTEN, Address(lists::nl_list_shorten as *const c_void)),
    (runtime::LIST_REPEAT, Address(lists::nl_list_repeat as *const c_void)),
    (runtime::BUFFER, Address(buffers::nl_buffer as *const c_void)),
    (runtime::BUFFER_GROW, Address(buffers::nl_buffer_grow as *const c_void)),
    (runtime::BUFFER_OPEN, Address(buffers::nl_buffer_open as *const c_void)),
    (
        runtime::BUFFER_CLOSE,
        Address(buffers::nl_buffer_close as *const c_void),
    ),
    (
        runtime::BUFFER_CLEAR,
        Address(buffers::nl_buffer_clear as *const c_void),
    ),
    (runtime::BUFFER_PART, Address(buffers::nl_buffer_part as *const c_void)),
    (
        runtime::BUFFER_REPLACE,
        Address(buffers::nl_buffer_replace as *const c_void),
    ),
    (
        runtime::BUFFER_REPEAT,
        Address(buffers::nl_buffer_repeat as *const c_void),
    ),
    (
        runtime::BUFFER_REVERSE,
        Address(buffers::nl_buffer_reverse as *const c_void),
    ),
    (runtime::BUFFER_SORT, Address(buffers::nl_buffer_sort as *const c_void)),
    (
        runtime::BUFFER_EXTREME,
        Address(buffers::nl_buffer_extreme as *const c_void),
    ),
    (runtime::BUFFER_FIND, Address(buffers::nl_buffer_find as *const c_void)),
    (
        runtime::BUFFER_COUNT,
        Address(buffers::nl_buffer_count as *const c_void),
    ),
    (runtime::BUFFER_SUM, Address(buffers::nl_buffer_sum as *const c_void)),
    (
        runtime::BUFFER_ARRAY,
        Address(buffers::nl_buffer_array as *const c_void),
    ),
    (
        runtime::BUFFER_QUEUE,
        Address(buffers::nl_buffer_queue as *const c_void),
    ),
    (runtime::BUFFER_HEAP, Address(buffers::nl_buffer_heap as *const c_void)),
    (runtime::RETAIN, Address(nl_retain as *const c_void)),
    (runtime::RELEASE, Address(nl_release as *const c_void)),
    (runtime::FP_BEGIN, Address(nl_fp_begin as *const c_void)),
    (runtime::FP_PAUSE, Address(nl_fp_pause as *const c_void)),
    (runtime::FP_LOOK, Address(nl_fp_look as *const c_void)),
    (runtime::FP_NOTED, Address(nl_fp_noted as *const c_void)),
    (runtime::FP_END, Address(nl_fp_end as *const c_void)),
    (runtime::ENTER, Address(recursion::nl_enter as *const c_void)),
    (
        runtime::WITHOUT_STACK,
        Address(recursion::nl_without_stack as *const c_void),
    ),
    (runtime::RAISED, Address(recursion::nl_raised as *const c_void)),
    (runtime::TAKE, Address(recursion::nl_take as *const c_void)),
    (runtime::SIGNALS, Address(nl_signals as *const c_void)),
    (runtime::RAISE, Address(nl_raise as *const c_void)),
    (runtime::PARALLEL, Address(parallel::nl_parallel as *const c_void)),
    (runtime::UNLOCK, Address(parallel::nl_unlock as *const c_void)),
    (runtime::LOCK, Address(parallel::nl_lock as *const c_void)),
    (runtime::STATUS_CLEAR, Address(nl_status_clear as *const c_void)),
    (runtime::STATUS, Address(nl_status as *const c_void)),
    (runtime::APART, Address(parallel::nl_apart as *const c_void)),
    (runtime::ISLAND_FORCED, Address(nl_island_forced as *const c_void)),
    (runtime::FORCED, Address(forced::nl_forced as *const c_void)),
];

/// Runs the handlers of signals that wait; what one of them raises is kept for [`nl_exit`].
/// Where the GIL was let go it is taken for as long; it is kept where something is raised.
unsafe extern "C-unwind" fn nl_signals(context: &Context<'_>) -> i32 {
    context.events.look();
    context.sources.forget();
    // SAFETY: compiled code that asks holds the GIL, or let it go by `nl_unlock`.
    let raised = unsafe { parallel::with_lock(context, |py| take_signals(context, py)) };
    context.events.forget();
    i32::from(raised)
}

/// Runs the handlers of signals that wait; whether one of them raised, which is kept.
pub(super) fn take_signals(context: &Context<'_>, py: Python<'_>) -> bool {
    // SAFETY: the GIL is held.
    let raised = unsafe { ffi::PyErr_CheckSignals() } != 0;
    if raised {
        *context.raised.borrow_mut() = PyErr::take(py);
    }
    raised
}

unsafe extern "C" fn nl_raise(context: &Context<'_>, frame: i32) {
    let known = usize::try_from(frame)
        .ok()
        .and_then(|number| context.compiled.frames.get(number));
    if let (Some(piece), Some(error)) = (known, context.raised.take()) {
        pieces::raise_without_values(context, piece, error);
    }
}

/// Goes on in Python at a frame's statement.
unsafe extern "C" fn nl_exit(context: &Context<'_>, frame: i32, slots: *const u64) -> *mut PyObject {
    let Some(frame) = usize::try_from(frame)
        .ok()
        .and_then(|number| context.compiled.frames.get(number))
    else {
        return complain(c"compiled code was left at a place that it does not have");
    };
    context.events.look();
    // What was raised is raised again, where Python runs the statement.
    // SAFETY: the GIL is held.
    unsafe { ffi::PyErr_Clear() };
    // What Python allocates from here on had better find that memory free.
    context.drop_kept();
    recursion::uncount_this(context);
    frame.left.set(frame.left.get() + 1);
    context.compiled.left.set(context.compiled.left.get() + 1);
    // SAFETY: compiled code hands over the slots that the frame lists.
    unsafe {
        let names = &context.compiled.spec.frames[frame.number].names;
        let mut values: Vec<*mut PyObject> = Vec::with_capacity(names.len());
        let mut at = slots;
        let mut is_sound = events::give(context);
        for (_, repr) in names {
            let value = if is_sound {
                let changed = watched::changed(context, repr, at);
                changed.unwrap_or_else(|| boxing::to_object(context.numpy, repr, at))
            } else {
                ptr::null_mut()
            };
            is_sound &= ffi::PyErr_Occurred().is_null();
            unbox::release(repr, at);
            values.push(value);
            at = at.add(repr.slots());
        }
        let raises = context.compiled.spec.frames[frame.number].raises;
        let put_aside = context.put_aside.take();
        let result = if is_sound {
            pieces::go_on(context, frame, &values)
        } else {
            ptr::null_mut()
        };
        for value in values {
            ffi::Py_XDECREF(value);
        }
        if raises {
            ffi::Py_XDECREF(result);
            ffi::PyErr_Clear();
            *context.put_aside.borrow_mut() = put_aside;
            return ptr::null_mut();
        }
        result
    }
}

/// Runs a piece of the function in Python.
unsafe extern "C" fn nl_island(context: &Context<'_>, island: i32, from: *const u64, to: *mut u64) -> i32 {
    // SAFETY: as compiled code promises.
    unsafe { run_island(context, island, from, to, || false) }
}

/// The same; what it gives may be taken as if it were of another type.
unsafe extern "C" fn nl_island_forced(context: &Context<'_>, island: i32, from: *const u64, to: *mut u64) -> i32 {
    // SAFETY: as compiled code promises.
    unsafe { run_island(context, island, from, to, forced::is_due) }
}

unsafe fn run_island(
    context: &Context<'_>,
    island: i32,
    from: *const u64,
    to: *mut u64,
    is_refused: fn() -> bool,
) -> i32 {
    let Some(piece) = usize::try_from(island)
        .ok()
        .and_then(|number| context.compiled.islands.get(number))
    else {
        complain(c"compiled code asked for a piece that it does not have");
        return 1;
    };
    let island = &context.compiled.spec.islands[piece.number];
    recursion::uncount(context);
    context.events.look();
    context.sources.forget();
    // SAFETY: compiled code hands over the slots that the island lists, and room for its results.
    unsafe {
        let mut values: Vec<*mut PyObject> = Vec::with_capacity(island.reads.len() + 1);
        let mut at = from;
        let mut is_sound = true;
        for (_, repr) in &island.reads {
            let value = if is_sound {
                boxing::to_object(context.numpy, repr, at)
            } else {
                ptr::null_mut()
            };
            is_sound &= ffi::PyErr_Occurred().is_null();
            values.push(value);
            at = at.add(repr.slots());
        }
        let watched = watched::Watched::new(context.numpy, &island.watched, at);
        let results = if is_sound {
            pieces::run_island(context, piece, &values)
        } else {
            ptr::null_mut()
        };
        for value in values {
            ffi::Py_XDECREF(value);
        }
        let has_changed = watched.note_changes(context);
        if has_changed && !island.goes_on && !results.is_null() {
            ffi::Py_DECREF(results);
            let text =
                c"an array that a compiled function uses was resized or given another shape by code that it calls";
            ffi::PyErr_SetString(ffi::PyExc_RuntimeError, text.as_ptr());
            return 1;
        }
        let is_refused = || has_changed || is_refused();
        // What Python's code did to the status is its own affair.
        context.events.forget();
        if results.is_null() {
            if context.compiled.spec.frames.iter().any(|frame| frame.raises) {
                context.put_aside();
            }
            return 1;
        }
        let status = if island.is_expression {
            hand_over(context, &island.binds, &[results], to, is_refused)
        } else if ffi::PyTuple_CheckExact(results) != 0 && ffi::PyTuple_GET_SIZE(results) as usize == island.binds.len()
        {
            let bound: Vec<_> = (0..island.binds.len())
                .map(|place| ffi::PyTuple_GET_ITEM(results, place as isize))
                .collect();
            hand_over(context, &island.binds, &bound, to, is_refused)
        } else {
            complain(c"a piece that ran in Python did not bind what it should");
            1
        };
        ffi::Py_DECREF(results);
        status
    }
}

/// Writes what an island gave to the slots of compiled code: as declared (0), or as objects (2).
unsafe fn hand_over(
    context: &Context<'_>,
    binds: &[(String, Repr)],
    results: &[*mut PyObject],
    to: *mut u64,
    is_refused: impl Fn() -> bool,
) -> i32 {
    // SAFETY: `to` has room for the declared results, or one slot a result.
    unsafe {
        if binds.len() != results.len() {
            // An expression whose value nobody wants.
            return if is_refused() { 2 } else { 0 };
        }
        let mut at = to;
        let fits = binds.iter().zip(results).all(|((_, repr), &result)| {
            let fits = unbox_or_unbound(context, repr, result, at);
            at = at.add(repr.slots());
            fits
        });
        if fits && !is_refused() {
            let mut at = to;
            for (_, repr) in binds {
                unbox::retain(repr, at);
                at = at.add(repr.slots());
            }
            return 0;
        }
        for (place, &result) in results.iter().enumerate() {
            let is_bound = result != context.compiled.unbound.get();
            *to.add(place) = if is_bound { ffi::Py_NewRef(result) as u64 } else { 0 };
        }
        2
    }
}

unsafe fn unbox_or_unbound(context: &Context<'_>, repr: &Repr, object: *mut PyObject, slots: *mut u64) -> bool {
    // SAFETY: as for `unbox`.
    unsafe {
        if object != context.compiled.unbound.get() {
            return unbox::unbox(context.numpy, repr, object, slots);
        }
        match repr {
            Repr::Unbound => true,
            Repr::OneOf(options) => match options.iter().position(|option| *option == Repr::Unbound) {
                Some(number) => {
                    *slots = number as u64;
                    true
                }
                None => false,
            },
            _ => false,
        }
    }
}

/// A new array.
pub(super) unsafe extern "C" fn nl_alloc(
    context: &Context<'_>,
    scalar: i32,
    rank: i32,
    extents: *const isize,
    fill: i32,
    out: *mut u64,
) -> i32 {
    let numpy = context.numpy;
    let Some(&scalar) = usize::try_from(scalar).ok().and_then(|number| Scalar::ALL.get(number)) else {
        complain(c"compiled code asked for an array of no dtype");
        return 1;
    };
    let class = numpy.class(scalar);
    // SAFETY: compiled code hands over `rank` extents and room for the slots of an array. NumPy checks the extents
    // where it allocates; what is reused was that large before.
    unsafe {
        let size = (0..rank as usize).try_fold(scalar.size(), |size, axis| {
            size.checked_mul(usize::try_from(*extents.add(axis)).ok()?)
        });
        let order = fill >> 4;
        if order != 0 {
            return ordered(
                context,
                scalar,
                rank as usize,
                extents,
                (fill & 1 != 0, order as u32),
                out,
            );
        }
        let reused = size.and_then(|size| context.reuse(class, rank as usize, extents, size));
        let array = match reused {
            Some(array) => {
                if fill != 0 {
                    ptr::write_bytes((*array).data, 0, size.unwrap_or(0));
                }
                array
            }
            None => {
                ffi::Py_INCREF(class.descr.cast());
                let make = || {
                    let (none, no_data) = (ptr::null(), ptr::null_mut());
                    (numpy.new_from_descr)(
                        numpy.ndarray,
                        class.descr,
                        rank,
                        extents,
                        none,
                        no_data,
                        0,
                        ptr::null_mut(),
                    )
                };
                match fill {
                    0 => memory::with_blocks(numpy, size, make),
                    _ => (numpy.zeros)(rank, extents, class.descr, 0).cast::<ArrayObject>(),
                }
            }
        };
        if array.is_null() {
            return 1;
        }
        unbox::array_slots(&*array, out);
        0
    }
}

/// A new array whose axes do not lie in C order: four bits an axis, the outermost first.
unsafe fn ordered(
    context: &Context<'_>,
    scalar: Scalar,
    rank: usize,
    extents: *const isize,
    (zero, order): (bool, u32),
    out: *mut u64,
) -> i32 {
    let numpy = context.numpy;
    let class = numpy.class(scalar);
    // SAFETY: as in `nl_alloc`; there are at most seven axes, each named once. NumPy checks the size before it allocates.
    unsafe {
        let mut strides = [0isize; 8];
        let mut stride = scalar.size() as isize;
        for place in (0..rank).rev() {
            let axis = (order >> (4 * place) & 7) as usize;
            strides[axis] = stride;
            stride = stride.wrapping_mul(*extents.add(axis));
        }
        ffi::Py_INCREF(class.descr.cast());
        let make = || {
            (numpy.new_from_descr)(
                numpy.ndarray,
                class.descr,
                rank as i32,
                extents,
                strides.as_ptr(),
                ptr::null_mut(),
                0,
                ptr::null_mut(),
            )
        };
        let array = memory::with_blocks(numpy, usize::try_from(stride).ok(), make);
        if array.is_null() {
            return 1;
        }
        if zero {
            let size = (0..rank).fold(scalar.size(), |size, axis| size * *extents.add(axis) as usize);
            ptr::write_bytes((*array).data, 0, size);
        }
        unbox::array_slots(&*array, out);
        0
    }
}

/// A ufunc of one number.
unsafe extern "C" fn nl_ufunc(context: &Context<'_>, number: i32, a: f64, b: f64) -> f64 {
    let Some(ufunc) = usize::try_from(number)
        .ok()
        .and_then(|number| context.numpy.ufuncs.get(number))
    else {
        return f64::NAN;
    };
    // SAFETY: it is a loop on doubles, found with the GIL held.
    unsafe { ufunc.of_one(a, b) }
}

unsafe extern "C" fn nl_retain(object: *mut PyObject) {
    // SAFETY: compiled code holds the object.
    unsafe { ffi::Py_XINCREF(object) }
}

unsafe extern "C" fn nl_release(context: &Context<'_>, object: *mut PyObject) {
    // SAFETY: compiled code gives up a reference of its own.
    unsafe {
        if !object.is_null() && !context.keep(object) {
            ffi::Py_DECREF(object);
        }
    }
}

unsafe extern "C" fn nl_fp_begin(context: &Context<'_>) {
    context.events.begin();
}

unsafe extern "C" fn nl_fp_pause(context: &Context<'_>) {
    context.events.pause();
}

unsafe extern "C" fn nl_fp_look(context: &Context<'_>, sites: i64) {
    context.events.look_at(&context.compiled.spec.sites, sites);
}

unsafe extern "C" fn nl_status_clear() {
    float_status::clear();
}

unsafe extern "C" fn nl_status() -> i32 {
    float_status::events()
}

unsafe extern "C" fn nl_fp_noted(context: &Context<'_>, noted: i64) {
    context.events.look();
    context.events.note(noted);
}

unsafe extern "C" fn nl_fp_end(context: &Context<'_>, noted: i64) -> i32 {
    context.events.look();
    context.events.note(noted);
    i32::from(!events::give(context))
}

/// An error of ours, not of the program.
fn complain(message: &std::ffi::CStr) -> *mut PyObject {
    // SAFETY: the GIL is held.
    unsafe { ffi::PyErr_SetString(ffi::PyExc_SystemError, message.as_ptr()) };
    ptr::null_mut()
}
