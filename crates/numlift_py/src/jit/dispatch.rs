//! A call of a kernel: which specialization it runs.
//!
//! ```text
//! as many arguments as parameters ─► the specialization that fitted last, the others, a new one
//! keywords, defaults ─► put in the order of the parameters ─► the same
//! anything else ─► the Python function, which raises what it raises
//! ```

#![expect(unsafe_code, reason = "vectorcall")]

use std::ptr;
use std::rc::Rc;

use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::compile;
use super::ending::{self, Busy, Taken};

use super::kernel::{Inner, KernelObject, is_strict};
use super::numpy::Numpy;
use super::specialization::{Attempt, Body};
use super::stack::{self, Left};
use super::watch::Ran;

/// How many versions of one function are made. Beyond, what fits none runs in Python.
const MOST_VERSIONS: usize = 64;

/// A call as CPython makes it.
#[derive(Clone, Copy)]
struct Given {
    arguments: *const *mut PyObject,
    count: usize,
    names: *mut PyObject,
}

/// `vectorcallfunc` of the type.
pub unsafe extern "C" fn vectorcall(
    callable: *mut PyObject,
    arguments: *const *mut PyObject,
    count: usize,
    names: *mut PyObject,
) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel, the GIL held, and arguments that live until the call is over. The kernel
    // does too: the caller holds it.
    unsafe {
        let kernel = callable.cast::<KernelObject>();
        let inner = (*kernel).inner();
        let given = Given {
            arguments,
            count,
            names,
        };
        let signature = &inner.signature;
        if signature.in_python.is_some() || (*kernel).function.is_null() {
            return always_in_python(kernel, given);
        }
        if inner.replaced.get() {
            return in_python(kernel, given);
        }
        if stack::left() != Left::Enough
            && let Some(result) = without_stack(kernel, inner, given)
        {
            return result;
        }
        match &inner.watch {
            None => arranged(kernel, inner, given, &mut Ran::Python),
            Some(watch) if watch.is_retired() => in_python(kernel, given),
            Some(watch) => {
                let result = watch.call(|ran| arranged(kernel, inner, given, ran));
                watch.retire_if_busy(|| pieces(inner));
                result
            }
        }
    }
}

/// A call that finds little left of the stack; nothing where it is a call like others.
#[cold]
unsafe fn without_stack(kernel: *mut KernelObject, inner: &Inner, given: Given) -> Option<*mut PyObject> {
    // SAFETY: as for `vectorcall`.
    unsafe {
        let py = Python::assume_attached();
        if stack::left() == Left::None {
            stack::complain(py);
            return Some(ptr::null_mut());
        }
        inner.watch.as_ref()?;
        stack::give_back(py, kernel);
        Some(in_python(kernel, given))
    }
}

/// How often pieces of a function ran in Python.
fn pieces(inner: &Inner) -> u64 {
    let specializations = inner.specializations.borrow();
    let compiled = specializations.iter().filter_map(|one| match &one.body {
        Body::Compiled(compiled) => Some(compiled.islands.iter().map(|island| island.runs.get()).sum::<u64>()),
        Body::Python(_) => None,
    });
    compiled.sum()
}

/// Puts the arguments in the order of the parameters and runs what fits them; says where it ran.
#[inline]
unsafe fn arranged(kernel: *mut KernelObject, inner: &Inner, given: Given, ran: &mut Ran) -> *mut PyObject {
    let signature = &inner.signature;
    // SAFETY: as for `vectorcall`.
    unsafe {
        let Given {
            arguments,
            count,
            names,
        } = given;
        let is_plain = names.is_null() && signature.keyword_only == 0 && !signature.takes_rest;
        if is_plain && ffi::PyVectorcall_NARGS(count) as usize == signature.positional {
            return dispatch(kernel, inner, arguments, given, ran);
        }
        match bound(kernel, inner, given) {
            Some(all) => {
                // Defaults belong to the function, which the program may change meanwhile.
                all.iter().for_each(|&argument| ffi::Py_INCREF(argument));
                let result = dispatch(kernel, inner, all.as_ptr(), given, ran);
                all.iter().for_each(|&argument| ffi::Py_DECREF(argument));
                if signature.takes_rest {
                    // The tuple was made for the call.
                    all.last().into_iter().for_each(|&rest| ffi::Py_DECREF(rest));
                }
                result
            }
            None => in_python(kernel, given),
        }
    }
}

/// Runs what fits the arguments, which are in the order of the parameters.
unsafe fn dispatch(
    kernel: *mut KernelObject,
    inner: &Inner,
    arguments: *const *mut PyObject,
    given: Given,
    ran: &mut Ran,
) -> *mut PyObject {
    // SAFETY: as for `vectorcall`.
    unsafe {
        let is_cold = inner.watch.as_ref().is_some_and(|watch| !watch.may_compile());
        if is_cold && inner.specializations.borrow().is_empty() {
            return in_python(kernel, given);
        }
        let Some(numpy) = Numpy::known().or_else(import_numpy) else {
            return ptr::null_mut();
        };
        loop {
            if let Some(result) = known(kernel, inner, numpy, arguments, given, ran) {
                return result;
            }
            if inner.specializations.borrow().len() >= MOST_VERSIONS {
                return stays(kernel, "it was called with too many kinds of arguments", given);
            }
            if is_cold || ending::is_near() {
                return in_python(kernel, given);
            }
            // Nobody else compiles it meanwhile; whoever did may have made what fits.
            let turn = Python::attach(|py| {
                ending::wait_for_forks(py);
                inner.turn.take(py)
            });
            match turn {
                Taken::Waited => {}
                turn @ Taken::Own(_) => return compiled(kernel, inner, numpy, arguments, given, ran, turn),
            }
        }
    }
}

/// What a specialization gives that fits the arguments.
#[inline]
unsafe fn known(
    kernel: *mut KernelObject,
    inner: &Inner,
    numpy: &'static Numpy,
    arguments: *const *mut PyObject,
    given: Given,
    ran: &mut Ran,
) -> Option<*mut PyObject> {
    // SAFETY: as for `vectorcall`.
    unsafe {
        let mut number = 0;
        loop {
            // Held here, since what it runs may change the list.
            let specialization = inner.specializations.borrow().get(number).map(Rc::clone)?;
            match specialization.attempt(numpy, kernel, arguments) {
                Attempt::Misfit => number += 1,
                Attempt::InPython => return Some(in_python(kernel, given)),
                Attempt::Done(result) => {
                    *ran = Ran::Compiled;
                    if number > 0 {
                        move_to_front(inner, number);
                    }
                    return Some(result);
                }
            }
        }
    }
}

/// Compiles for the arguments and runs that.
#[cold]
unsafe fn compiled(
    kernel: *mut KernelObject,
    inner: &Inner,
    numpy: &'static Numpy,
    arguments: *const *mut PyObject,
    given: Given,
    ran: &mut Ran,
    turn: Taken<'_>,
) -> *mut PyObject {
    // SAFETY: as for `vectorcall`.
    unsafe {
        let busy = Busy::begin();
        let specialize = || {
            Python::attach(|py| {
                let specialized = compile::specialize(py, numpy, kernel, arguments);
                specialized.map_err(|error| error.restore(py))
            })
        };
        let specialized = match &inner.watch {
            Some(watch) => watch.compile(specialize),
            None => specialize(),
        };
        drop(turn);
        drop(busy);
        let made = match specialized {
            Ok(Some(made)) => made,
            Ok(None) => return stays(kernel, "it was called with an int beyond 64 bits", given),
            // Nobody asked for it, so nobody hears of it; Ctrl-C and the like are the program's.
            Err(()) if inner.watch.is_some() && ffi::PyErr_ExceptionMatches(ffi::PyExc_Exception) != 0 => {
                ffi::PyErr_Clear();
                return in_python(kernel, given);
            }
            Err(()) => return ptr::null_mut(),
        };
        if matches!(made.body, Body::Python(_)) {
            if inner.watch.as_ref().is_some_and(super::watch::Watch::gives_back) {
                Python::attach(|py| stack::give_back(py, kernel));
            }
            return in_python(kernel, given);
        }
        match made.attempt(numpy, kernel, arguments) {
            Attempt::Done(result) => {
                *ran = Ran::Compiled;
                result
            }
            // What it was made for changed while it was made: another thread had the GIL.
            Attempt::Misfit | Attempt::InPython => in_python(kernel, given),
        }
    }
}

/// NumPy at the first call of any kernel; none with the exception set.
#[cold]
fn import_numpy() -> Option<&'static Numpy> {
    Python::attach(|py| Numpy::get(py).map_err(|error| error.restore(py)).ok())
}

fn move_to_front(inner: &Inner, number: usize) {
    let mut specializations = inner.specializations.borrow_mut();
    if number < specializations.len() {
        specializations[..=number].rotate_right(1);
    }
}

/// A function that no call of compiles.
#[cold]
unsafe fn always_in_python(kernel: *mut KernelObject, given: Given) -> *mut PyObject {
    // SAFETY: as for `vectorcall`.
    unsafe {
        let signature = &(*kernel).inner().signature;
        match &signature.in_python {
            Some(reason) if !signature.is_reported.replace(true) || is_strict(kernel) => stays(kernel, reason, given),
            Some(_) | None => in_python(kernel, given),
        }
    }
}

/// Calls the Python function, which is reported once; an error under `strict`.
#[cold]
unsafe fn stays(kernel: *mut KernelObject, reason: &str, given: Given) -> *mut PyObject {
    // SAFETY: as for `vectorcall`.
    unsafe {
        let reported = Python::attach(|py| compile::stays(py, &*kernel, reason).map_err(|error| error.restore(py)));
        match reported {
            Ok(()) => in_python(kernel, given),
            Err(()) => ptr::null_mut(),
        }
    }
}

/// Calls the Python function.
unsafe fn in_python(kernel: *mut KernelObject, given: Given) -> *mut PyObject {
    // SAFETY: the arguments are handed on as they came.
    unsafe {
        let function = (*kernel).function;
        if (*kernel).inner().watch.as_ref().is_some_and(|watch| watch.is_piece()) {
            return ffi::Py_NewRef(ffi::Py_NotImplemented());
        }
        if function.is_null() {
            ffi::PyErr_SetString(ffi::PyExc_RuntimeError, c"the function is being deleted".as_ptr());
            return ptr::null_mut();
        }
        ending::staying(|| ffi::PyObject_Vectorcall(function, given.arguments, given.count, given.names))
    }
}

/// The arguments in the order of the parameters, with the defaults of those that are not given. None where one is
/// missing, given twice or unknown.
unsafe fn bound(kernel: *mut KernelObject, inner: &Inner, given: Given) -> Option<Vec<*mut PyObject>> {
    let signature = &inner.signature;
    // SAFETY: the keywords' values lie behind the positional arguments; a function's defaults are a tuple or null, those
    // behind `*` a dictionary or null. All of them are held by the caller or the function.
    unsafe {
        let count = ffi::PyVectorcall_NARGS(given.count) as usize;
        if count > signature.positional && !signature.takes_rest {
            return None;
        }
        let named = signature.positional + signature.keyword_only;
        let mut all: Vec<*mut PyObject> = vec![ptr::null_mut(); named];
        for (place, slot) in all.iter_mut().enumerate().take(count.min(signature.positional)) {
            *slot = *given.arguments.add(place);
        }
        let keywords = if given.names.is_null() {
            0
        } else {
            ffi::PyTuple_GET_SIZE(given.names) as usize
        };
        for keyword in 0..keywords {
            let name = text(ffi::PyTuple_GET_ITEM(given.names, keyword as isize))?;
            let place = signature.names[..named].iter().position(|known| known == name)?;
            if place < signature.positional_only || !all[place].is_null() {
                return None;
            }
            all[place] = *given.arguments.add(count + keyword);
        }
        fill_in((*kernel).function, inner, &mut all);
        if all.iter().any(|argument| argument.is_null()) {
            return None;
        }
        if signature.takes_rest {
            all.push(rest(given, count, signature.positional)?);
        }
        Some(all)
    }
}

/// The tuple of the positional arguments that no parameter of its own takes: a new reference.
unsafe fn rest(given: Given, count: usize, taken: usize) -> Option<*mut PyObject> {
    let number = count.saturating_sub(taken);
    // SAFETY: the caller holds `count` positional arguments; a new tuple takes a reference of each.
    unsafe {
        let tuple = ffi::PyTuple_New(number as isize);
        if tuple.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        for place in 0..number {
            let argument = ffi::Py_NewRef(*given.arguments.add(taken + place));
            ffi::PyTuple_SET_ITEM(tuple, place as isize, argument);
        }
        Some(tuple)
    }
}

/// Puts defaults where no argument is given.
unsafe fn fill_in(function: *mut PyObject, inner: &Inner, all: &mut [*mut PyObject]) {
    let signature = &inner.signature;
    // SAFETY: as for `bound`.
    unsafe {
        let defaults = ffi::PyFunction_GetDefaults(function);
        if !defaults.is_null() {
            let number = ffi::PyTuple_GET_SIZE(defaults) as usize;
            let first = signature.positional.saturating_sub(number);
            for (place, argument) in all.iter_mut().enumerate().take(signature.positional).skip(first) {
                if argument.is_null() {
                    *argument = ffi::PyTuple_GET_ITEM(defaults, (place + number - signature.positional) as isize);
                }
            }
        }
        let by_name = ffi::PyFunction_GetKwDefaults(function);
        if by_name.is_null() {
            return;
        }
        for (argument, name) in all.iter_mut().zip(&signature.names).skip(signature.positional) {
            if argument.is_null() {
                *argument = by_text(by_name, name);
            }
        }
    }
}

unsafe fn text<'a>(name: *mut PyObject) -> Option<&'a str> {
    let mut length = 0;
    // SAFETY: names of keywords are strings, which keep their UTF-8.
    unsafe {
        let start = ffi::PyUnicode_AsUTF8AndSize(name, &mut length);
        if start.is_null() {
            ffi::PyErr_Clear();
            return None;
        }
        std::str::from_utf8(std::slice::from_raw_parts(start.cast(), length as usize)).ok()
    }
}

/// An item of a dictionary by its name, borrowed; null where there is none.
unsafe fn by_text(dictionary: *mut PyObject, name: &str) -> *mut PyObject {
    // SAFETY: the bytes are UTF-8, as many as are said; the dictionary holds what it gives.
    unsafe {
        let key = ffi::PyUnicode_FromStringAndSize(name.as_ptr().cast(), name.len() as isize);
        if key.is_null() {
            ffi::PyErr_Clear();
            return key;
        }
        let item = ffi::PyDict_GetItemWithError(dictionary, key);
        ffi::Py_DECREF(key);
        item
    }
}
