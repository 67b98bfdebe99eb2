//! Compiled functions that call each other: how deep, and what becomes of one that does not return.
//!
//! Each call counts as one of Python's, so that a recursion that is too deep ends as in Python. Compiled code counts its
//! depth itself and asks here for some calls at once ([`numlift_abi::runtime::context`]); what is counted ahead is taken
//! back before Python runs.

#![expect(unsafe_code, reason = "called by compiled code")]

use std::ptr;

use numlift_abi::Repr;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::call::Context;
use super::stack::{self, Left};
use super::{boxing, unbox};

/// So many calls are counted at once.
const AHEAD: i64 = 16;

/// Counts calls, as Python counts its own: more than so many have to be.
pub unsafe extern "C" fn nl_enter(context: &Context<'_>, around: i64) -> i32 {
    if stack::left() != Left::Enough {
        return 1;
    }
    // SAFETY: the GIL is held.
    unsafe {
        while context.counted.get() < around + AHEAD {
            if ffi::Py_EnterRecursiveCall(c"".as_ptr()) != 0 {
                if context.counted.get() <= around {
                    return 1;
                }
                ffi::PyErr_Clear();
                break;
            }
            context.counted.set(context.counted.get() + 1);
        }
    }
    0
}

/// Takes back what was counted ahead.
pub fn uncount(context: &Context<'_>) {
    uncount_to(context, context.depth.get());
}

/// The present call is left, and Python goes on in its place: its own function counts for it.
pub fn uncount_this(context: &Context<'_>) {
    uncount_to(context, (context.depth.get() - 1).max(0));
}

fn uncount_to(context: &Context<'_>, depth: i64) {
    for _ in depth..context.counted.get() {
        // SAFETY: the GIL is held, and as many calls were counted.
        unsafe { ffi::Py_LeaveRecursiveCall() };
    }
    context.counted.set(context.counted.get().min(depth));
}

/// So many calls are not counted while something is made that Python itself would not have to call anything for.
const ROOM: i64 = 200;

/// Runs what is no part of the program where the program may have come to the limit.
pub fn with_room<T>(context: &Context<'_>, act: impl FnOnce() -> T) -> T {
    let counted = context.counted.get();
    uncount_to(context, (counted - ROOM).max(0));
    let made = act();
    while context.counted.get() < counted {
        // SAFETY: the GIL is held.
        if unsafe { ffi::Py_EnterRecursiveCall(c"".as_ptr()) } != 0 {
            // SAFETY: as above. Others have used the room; then less is counted.
            unsafe { ffi::PyErr_Clear() };
            break;
        }
        context.counted.set(context.counted.get() + 1);
    }
    made
}

/// A call that could not be entered: there are too many, which raises, or little is left of the stack. Then Python calls
/// its own function, which needs none where `numlift run` may give it back.
pub unsafe extern "C" fn nl_without_stack(
    context: &Context<'_>,
    version: i32,
    given: *const u64,
    out: *mut u64,
) -> i32 {
    // SAFETY: the GIL is held; compiled code hands over slots as the function takes them.
    unsafe {
        let py = Python::assume_attached();
        *out = 0;
        if !ffi::PyErr_Occurred().is_null() {
            return 1;
        }
        if stack::left() == Left::None || (*context.kernel).inner().watch.is_none() {
            stack::complain(py);
            return 1;
        }
        stack::give_back(py, context.kernel);
        let spec = &context.compiled.spec;
        let version = usize::try_from(version)
            .ok()
            .and_then(|number| spec.versions.get(number));
        let (params, result): (Vec<Repr>, &Repr) = match version {
            Some(version) => (version.params.clone(), &version.result),
            None => (spec.params.iter().map(numlift_abi::Param::repr).collect(), &spec.result),
        };
        let own = Bound::from_borrowed_ptr(py, (*context.kernel).function);
        let function = match version.filter(|version| version.of_callee) {
            Some(version) => named(py, &own, version.begins.line),
            None => Ok(own),
        };
        let function = match function {
            Ok(function) => function,
            Err(error) => {
                error.restore(py);
                return 1;
            }
        };
        context.sources.forget();
        context.events.look();
        let given = call(context, function.as_ptr(), &params, given);
        context.events.forget();
        if !given.is_null() && take(context, result, given, out) {
            return 0;
        }
        *out = given as u64;
        1
    }
}

/// The function of the kernel's file that has a statement in a line, as the module has it.
fn named<'py>(py: Python<'py>, own: &Bound<'py, PyAny>, line: u32) -> PyResult<Bound<'py, PyAny>> {
    let module = py.import("numlift._resume_calls")?;
    let like = module.call_method1("callee_of", (own, (line, 0, line, 0)))?;
    let globals = own.getattr("__globals__")?;
    globals.get_item(like.getattr("__name__")?)
}

/// Calls a Python function with values in slots.
unsafe fn call(context: &Context<'_>, function: *mut PyObject, params: &[Repr], given: *const u64) -> *mut PyObject {
    // SAFETY: as the caller says.
    unsafe {
        let mut values: Vec<*mut PyObject> = Vec::new();
        let mut at = given;
        for repr in params {
            values.push(boxing::to_object(context.numpy, repr, at));
            at = at.add(repr.slots());
        }
        let result = if values.iter().any(|value| value.is_null()) {
            ptr::null_mut()
        } else {
            ffi::PyObject_Vectorcall(function, values.as_ptr(), values.len(), ptr::null_mut())
        };
        for value in values {
            ffi::Py_XDECREF(value);
        }
        result
    }
}

/// What a callee raised is kept until the caller is left, which raises it again.
pub unsafe extern "C" fn nl_raised(context: &Context<'_>) {
    // SAFETY: the GIL is held.
    let py = unsafe { Python::assume_attached() };
    // An exception that is not made yet is made by a call.
    *context.raised.borrow_mut() = with_room(context, || PyErr::take(py));
}

pub unsafe extern "C" fn nl_take(context: &Context<'_>, number: i32, object: *mut PyObject, out: *mut u64) -> i32 {
    let boxes = &context.compiled.spec.boxes;
    let repr = usize::try_from(number).ok().and_then(|number| boxes.get(number));
    // SAFETY: compiled code hands over an object of its own, and room for what it expects.
    repr.is_some_and(|repr| unsafe { take(context, repr, object, out) })
        .into()
}

/// Takes an object over into slots, if it looks like that.
unsafe fn take(context: &Context<'_>, repr: &Repr, object: *mut PyObject, out: *mut u64) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        if !unbox::unbox(context.numpy, repr, object, out) || !super::lists::may_be_written(repr, out) {
            return false;
        }
        unbox::retain(repr, out);
        ffi::Py_DECREF(object);
        true
    }
}
