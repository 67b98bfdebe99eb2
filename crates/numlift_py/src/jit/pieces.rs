//! Parts of a function that run in Python: what is left of it after an exit, and islands.
//!
//! `python/numlift/_resume.py` and `_islands.py` make functions of them, at the first time that each is needed. Here
//! these are kept and called.

#![expect(unsafe_code, reason = "calls Python functions with borrowed values")]

use std::cell::{Cell, RefCell};
use std::ptr;

use numlift_abi::{Frame, Place, Repr};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;
use pyo3::types::{PyCFunction, PyDict, PyList, PyTuple};

use super::call::Context;
use super::ending::{self, Busy};
use super::held::Held;
use super::recursion;

/// A frame and the functions that go on from it.
pub struct FramePiece {
    pub number: usize,
    /// How often compiled code was left here.
    pub left: Cell<u64>,
    /// By which names are bound.
    continuations: RefCell<Vec<(Vec<bool>, Held)>>,
}

/// An island and the function that runs it.
pub struct IslandPiece {
    pub number: usize,
    /// How often it ran.
    pub runs: Cell<u64>,
    /// By which names are bound.
    functions: RefCell<Vec<(Vec<bool>, Held)>>,
}

impl FramePiece {
    pub fn new(number: usize) -> FramePiece {
        FramePiece {
            number,
            left: Cell::new(0),
            continuations: RefCell::new(Vec::new()),
        }
    }

    pub fn each_object(&self, act: &mut dyn FnMut(*mut PyObject)) {
        self.continuations
            .borrow()
            .iter()
            .for_each(|(_, function)| act(function.as_ptr()));
    }
}

impl IslandPiece {
    pub fn new(number: usize) -> IslandPiece {
        IslandPiece {
            number,
            runs: Cell::new(0),
            functions: RefCell::new(Vec::new()),
        }
    }

    pub fn each_object(&self, act: &mut dyn FnMut(*mut PyObject)) {
        self.functions
            .borrow()
            .iter()
            .for_each(|(_, function)| act(function.as_ptr()));
    }
}

/// Runs the rest of the function from a frame on. `values` are those of the frame's names, null where one is not
/// bound. Gives the function's result, or null with the exception set.
///
/// # Safety
/// The GIL is held and the values live until the call is over.
pub unsafe fn go_on(context: &Context<'_>, piece: &FramePiece, values: &[*mut PyObject]) -> *mut PyObject {
    if let Some(error) = context.raised.take() {
        let iterators = &context.compiled.spec.frames[piece.number].iterators;
        let iterators = iterators.iter().map(String::as_str).collect();
        // SAFETY: as the caller says.
        return Python::attach(|py| unsafe { raise_at(py, context, piece, values, iterators, error) });
    }
    let make = |py: Python<'_>, bound: &[bool]| {
        let frame = &context.compiled.spec.frames[piece.number];
        let names: Vec<&str> = bound_names(frame.names.iter(), bound);
        let computed: Vec<_> = frame
            .computed
            .iter()
            .map(|(place, name)| (corners(place), name))
            .collect();
        if frame.raises {
            let arguments = (function(py, context), names);
            let given = py.import("numlift._resume")?.call_method1("giving_back", arguments)?;
            return Ok(Held::new(given.cast_into_exact::<PyTuple>()?));
        }
        let (function, statement) = (function_of(py, context, frame)?, corners(&frame.statement));
        let made = if is_strict(context) {
            let arguments = (
                function,
                statement,
                names,
                &frame.iterators,
                computed,
                callers(frame),
                &frame.reason,
            );
            py.import("numlift._strict")?.call_method1("statement", arguments)?
        } else {
            let arguments = (function, statement, names, &frame.iterators, computed, callers(frame));
            py.import("numlift._resume")?.call_method1("continuation", arguments)?
        };
        Ok(Held::new(made.cast_into_exact::<PyTuple>()?))
    };
    // SAFETY: as the caller says. What Python made is a pair.
    unsafe {
        let make = |py: Python<'_>, bound: &[bool]| recursion::with_room(context, || make(py, bound));
        let Some((pair, given)) = made_for(&piece.continuations, values, make) else {
            return ptr::null_mut();
        };
        let (arguments, function) = (
            ffi::PyTuple_GET_ITEM(pair.as_ptr(), 0),
            ffi::PyTuple_GET_ITEM(pair.as_ptr(), 1),
        );
        let result = if ffi::Py_IsNone(arguments) != 0 {
            ending::staying(|| ffi::PyObject_Vectorcall(function, given.as_ptr(), given.len(), ptr::null_mut()))
        } else {
            // The iterators of loops are made of the values before the function is called, so that no traceback shows
            // it.
            let prepare = || ffi::PyObject_Vectorcall(arguments, given.as_ptr(), given.len(), ptr::null_mut());
            let arguments = recursion::with_room(context, prepare);
            if arguments.is_null() {
                return arguments;
            }
            let result = ending::staying(|| ffi::PyObject_CallObject(function, arguments));
            ffi::Py_DECREF(arguments);
            result
        };
        match ffi::PyTuple_GET_SIZE(pair.as_ptr()) {
            3 => Python::attach(|py| strictly(py, Bound::from_borrowed_ptr(py, pair.as_ptr()), result)),
            _ => result,
        }
    }
}

/// Raises what a signal's handler raised at a frame's statement of a function that catches nothing.
pub fn raise_without_values(context: &Context<'_>, piece: &FramePiece, error: PyErr) {
    let frame = &context.compiled.spec.frames[piece.number];
    let values = vec![ptr::null_mut(); frame.names.len()];
    let iterators = vec!["()"; frame.iterators.len()];
    // SAFETY: compiled code runs with the GIL held; there are no values.
    unsafe { raise_at(Python::assume_attached(), context, piece, &values, iterators, error) };
}

/// Raises what a signal's handler raised at a frame's statement, where the function may catch it. Under `strict` it is
/// raised at once.
unsafe fn raise_at(
    py: Python<'_>,
    context: &Context<'_>,
    piece: &FramePiece,
    values: &[*mut PyObject],
    iterators: Vec<&str>,
    error: PyErr,
) -> *mut PyObject {
    if is_strict(context) {
        error.restore(py);
        return ptr::null_mut();
    }
    let frame = &context.compiled.spec.frames[piece.number];
    let bound: Vec<bool> = values.iter().map(|value| !value.is_null()).collect();
    let names: Vec<&str> = bound_names(frame.names.iter(), &bound);
    let given = values.iter().filter(|value| !value.is_null());
    // SAFETY: the values live until the call is over.
    let given: Vec<_> = given
        .map(|value| unsafe { Bound::from_borrowed_ptr(py, *value) })
        .collect();
    let make = || {
        let (function, statement) = (function_of(py, context, frame)?, corners(&frame.statement));
        let through: Vec<Corners> = frame.raised_through.iter().map(corners).collect();
        let arguments = (
            function,
            statement,
            names,
            iterators,
            given,
            error,
            callers(frame),
            through,
        );
        py.import("numlift._resume")?.call_method1("raising", arguments)
    };
    let made = recursion::with_room(context, make)
        .and_then(|made| made.extract::<(Bound<'_, PyAny>, Bound<'_, PyTuple>, Bound<'_, PyList>)>());
    let raised = made.and_then(|(function, arguments, holder)| {
        let raised = function.call1(arguments);
        holder.del_slice(0, holder.len())?;
        raised
    });
    match raised {
        Ok(result) => result.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}

/// What a call gives under `strict` whose statement was run: the exception that it raised, or one that says that Python
/// would have gone on.
fn strictly(py: Python<'_>, made: Bound<'_, PyAny>, result: *mut PyObject) -> *mut PyObject {
    // SAFETY: the result is a reference of ours, or null with the exception set.
    let raised = match unsafe { Bound::from_owned_ptr_or_opt(py, result) } {
        Some(_) => None,
        None => PyErr::take(py),
    };
    let over = made
        .get_item(2)
        .and_then(|over| over.call1((raised.as_ref().map(|error| error.value(py)),)));
    match (over, raised) {
        (Err(error), _) | (Ok(_), Some(error)) => error.restore(py),
        (Ok(_), None) => PyErr::new::<pyo3::exceptions::PySystemError, _>("nothing stopped a strict call").restore(py),
    }
    ptr::null_mut()
}

fn is_strict(context: &Context<'_>) -> bool {
    // SAFETY: a kernel that is called is alive.
    unsafe { super::kernel::is_strict(context.kernel) }
}

/// Runs an island on the values that it reads, null where a name is not bound. Gives its value, or a tuple of what it
/// binds, or null with the exception set.
///
/// # Safety
/// The GIL is held and the values live until the call is over.
pub unsafe fn run_island(context: &Context<'_>, piece: &IslandPiece, values: &[*mut PyObject]) -> *mut PyObject {
    piece.runs.set(piece.runs.get() + 1);
    let make = |py: Python<'_>, bound: &[bool]| {
        let island = &context.compiled.spec.islands[piece.number];
        let names: Vec<&str> = bound_names(island.reads.iter(), bound);
        let binds: Vec<_> = island
            .binds
            .iter()
            .map(|(name, repr)| (name, may_be_unbound(repr)))
            .collect();
        let module = py.import("numlift._islands")?;
        if context.compiled.unbound.get().is_null() {
            // The module keeps it.
            context.compiled.unbound.set(module.getattr("UNBOUND")?.as_ptr());
        }
        let (place, text) = (corners(&island.place), &island.text);
        let (function, errstate) = (function(py, context), &island.errstate);
        // Functions that call each other have a version each in one module.
        let has_callees = context.compiled.spec.frames.iter().any(|frame| frame.of_callee);
        let is_called = has_callees || !island.calls.is_empty();
        let arguments = (
            function,
            place,
            text,
            island.is_expression,
            names,
            binds,
            errstate,
            is_called,
        );
        Ok(Held::new(module.call_method1("island", arguments)?))
    };
    // SAFETY: as the caller says. What Python made is a function of what is bound.
    unsafe {
        let Some((function, given)) = made_for(&piece.functions, values, make) else {
            return ptr::null_mut();
        };
        let run = || ffi::PyObject_Vectorcall(function.as_ptr(), given.as_ptr(), given.len(), ptr::null_mut());
        let result = ending::staying(run);
        if result.is_null() {
            Python::attach(|py| come_through(py, context, &context.compiled.spec.islands[piece.number].calls));
        }
        result
    }
}

/// What a piece has raised comes through the functions that were seen through, so that a traceback shows them.
fn come_through(py: Python<'_>, context: &Context<'_>, calls: &[Place]) {
    if calls.is_empty() {
        return;
    }
    let Some(error) = PyErr::take(py) else {
        return;
    };
    let raised = error.clone_ref(py);
    let passed = || -> PyResult<()> {
        let calls: Vec<Corners> = calls.iter().map(corners).collect();
        let arguments = (function(py, context), calls);
        let functions = py.import("numlift._resume_calls")?.call_method1("passing", arguments)?;
        let partial = py.import("functools")?.getattr("partial")?;
        let raise = move |arguments: &Bound<'_, PyTuple>, _: Option<&Bound<'_, PyDict>>| -> PyResult<()> {
            Err(raised.clone_ref(arguments.py()))
        };
        let mut call = PyCFunction::new_closure(py, None, None, raise)?.into_any();
        for function in functions.try_iter()? {
            call = partial.call1((function?, call))?;
        }
        call.call0().map(drop)
    };
    let came = passed().err();
    // If that fails itself, the exception is raised as it is.
    let is_it = |came: &PyErr| came.value(py).is(error.value(py));
    came.filter(is_it).unwrap_or(error).restore(py);
}

/// What was made for just these values being there, and these values; it is made if it is not yet. None with the
/// exception set.
unsafe fn made_for(
    made: &RefCell<Vec<(Vec<bool>, Held)>>,
    values: &[*mut PyObject],
    make: impl FnOnce(Python<'_>, &[bool]) -> PyResult<Held>,
) -> Option<(Held, Vec<*mut PyObject>)> {
    let is_for = |bound: &[bool]| bound.iter().zip(values).all(|(bound, value)| *bound != value.is_null());
    let known = made
        .borrow()
        .iter()
        .find(|(bound, _)| is_for(bound))
        .map(|(_, known)| known.clone());
    let wanted = match known {
        Some(known) => known,
        None => {
            let bound: Vec<bool> = values.iter().map(|value| !value.is_null()).collect();
            let busy = Busy::begin();
            let new = Python::attach(|py| make(py, &bound).map_err(|error| error.restore(py)));
            drop(busy);
            let new = new.ok()?;
            made.borrow_mut().push((bound, new.clone()));
            new
        }
    };
    Some((
        wanted,
        values.iter().copied().filter(|value| !value.is_null()).collect(),
    ))
}

fn function<'py>(py: Python<'py>, context: &Context<'_>) -> Bound<'py, PyAny> {
    // SAFETY: a kernel that is called has its function.
    unsafe { Bound::from_borrowed_ptr(py, (*context.kernel).function) }
}

/// The function whose statement a frame is at, as far as going on in it needs one.
fn function_of<'py>(py: Python<'py>, context: &Context<'_>, frame: &Frame) -> PyResult<Bound<'py, PyAny>> {
    let own = function(py, context);
    match frame.of_callee {
        true => py
            .import("numlift._resume_calls")?
            .call_method1("callee_of", (own, outermost(frame))),
        false => Ok(own),
    }
}

/// The statement of the outermost function of a frame.
fn outermost(frame: &Frame) -> Corners {
    corners(
        frame
            .callers
            .last()
            .map_or(&frame.statement, |caller| &caller.statement),
    )
}

fn bound_names<'a>(names: impl Iterator<Item = &'a (String, Repr)>, bound: &[bool]) -> Vec<&'a str> {
    let named = names.zip(bound).filter(|(_, bound)| **bound);
    named.map(|((name, _), _)| name.as_str()).collect()
}

type Corners = (u32, u32, u32, u32);

/// A place as `_resume.py` has it.
fn corners(place: &Place) -> Corners {
    (place.line, place.column, place.end_line, place.end_column)
}

/// The statements of callers as `_resume.py` has them.
#[expect(clippy::type_complexity, reason = "a tuple for Python, made here alone")]
fn callers(frame: &Frame) -> Vec<(Corners, Corners, &Vec<String>, Vec<(Corners, &String)>)> {
    frame
        .callers
        .iter()
        .map(|caller| {
            let computed = caller.computed.iter().map(|(place, name)| (corners(place), name));
            let computed = computed.collect();
            (
                corners(&caller.statement),
                corners(&caller.call),
                &caller.iterators,
                computed,
            )
        })
        .collect()
}

fn may_be_unbound(repr: &Repr) -> bool {
    match repr {
        Repr::Unbound => true,
        Repr::OneOf(options) => options.contains(&Repr::Unbound),
        Repr::None
        | Repr::Bool
        | Repr::Int
        | Repr::Float
        | Repr::Complex
        | Repr::Np(_)
        | Repr::Array { .. }
        | Repr::Tuple(_)
        | Repr::List
        | Repr::Buffer(_)
        | Repr::Generator { .. }
        | Repr::Object => false,
    }
}
