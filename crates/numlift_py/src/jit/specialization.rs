//! A function for one kind of arguments: compiled, or known to stay in Python.

#![expect(unsafe_code, reason = "calls compiled code")]

use std::cell::Cell;
use std::ptr;
use std::sync::Arc;
use std::time::Duration;

use numlift_abi::{Param, Repr, Root, Scalar, Source, Spec, Told};
use numlift_runtime::Code;
use pyo3::exceptions::PyValueError;
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::arguments::{Memory, Wanteds};
use super::call;
use super::held::Held;
use super::kernel::KernelObject;
use super::lookup::{Item, Lookup};
use super::numpy::Numpy;
use super::pieces::{FramePiece, IslandPiece};

/// `i32 entry(ptr ctx, ptr args, ptr rets)`.
pub type Entry = unsafe extern "C" fn(*const std::ffi::c_void, *const u64, *mut u64) -> i32;

/// A function for one kind of arguments.
pub struct Specialization {
    /// What was described when it was made.
    pub params: Vec<Param>,
    /// Whether the arguments' memory was disjoint then.
    pub disjoint: bool,
    pub calls: Cell<u64>,
    /// What making it took: reading, compiling or finding in the cache, loading.
    pub making: Cell<Duration>,
    /// Its forms by name, if they are kept.
    pub forms: Option<Vec<(&'static str, String)>>,
    wanted: Wanteds,
    fixed: Vec<(Lookup, Held)>,
    library: Vec<Item>,
    outside: Vec<Lookup>,
    pub body: Body,
}

/// What a call runs.
pub enum Body {
    Compiled(Box<Compiled>),
    /// Python, for this reason.
    Python(String),
}

/// Compiled code and what its calls need.
pub struct Compiled {
    pub entry: Entry,
    /// Holds the memory that `entry` lies in.
    pub code: Arc<Code>,
    pub spec: Spec,
    pub explanation: Vec<Told>,
    pub text: String,
    pub frames: Vec<FramePiece>,
    pub islands: Vec<IslandPiece>,
    /// What an island gives for a name that is not bound; null until the first island runs.
    pub unbound: Cell<*mut PyObject>,
    pub result_slots: usize,
    /// How often it was left.
    pub left: Cell<u64>,
}

/// So many calls show whether code is worth entering.
const TRIED: u64 = 64;

impl Compiled {
    /// Whether nearly every call left it: then what it was compiled for does not happen, and entering it only costs. It
    /// is tried again once in a while, when calls that ran in Python have made the share small.
    #[inline]
    pub fn is_left_always(&self, calls: u64) -> bool {
        self.left.get() >= TRIED && self.left.get() * 10 > calls * 9
    }

    /// Code that was loaded, with its spec.
    pub fn new(code: Arc<Code>, spec: Spec, text: String, explanation: Vec<Told>) -> PyResult<Compiled> {
        let Some(address) = code.address(&spec.entry) else {
            return Err(PyValueError::new_err(format!("compiled code has no `{}`", spec.entry)));
        };
        // SAFETY: the compiler made `spec.entry` with this signature; it stays where it is as long as `code` does.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
        Ok(Compiled {
            entry,
            frames: (0..spec.frames.len()).map(FramePiece::new).collect(),
            islands: (0..spec.islands.len()).map(IslandPiece::new).collect(),
            unbound: Cell::new(ptr::null_mut()),
            result_slots: most_slots(&spec.result),
            left: Cell::new(0),
            code,
            spec,
            explanation,
            text,
        })
    }
}

fn most_slots(result: &Repr) -> usize {
    result.slots().max(1)
}

/// How a call of a specialization went.
pub enum Attempt {
    /// The arguments are of another kind.
    Misfit,
    /// They fit, and Python has to do it.
    InPython,
    /// The result, or null with the exception set.
    Done(*mut PyObject),
}

impl Specialization {
    /// For arguments of this kind. Fails where something that must stay the same is not there.
    ///
    /// # Safety
    /// `arguments` has as many objects as the kernel's function has parameters, or is null where nothing of the
    /// arguments is fixed.
    pub unsafe fn new(
        kernel: &KernelObject,
        py: Python<'_>,
        params: Vec<Param>,
        disjoint: bool,
        body: Body,
        arguments: *const *mut PyObject,
    ) -> PyResult<Specialization> {
        let mut specialization = Specialization {
            wanted: Wanteds::new(params.iter(), Memory::Either),
            params,
            disjoint,
            calls: Cell::new(0),
            making: Cell::default(),
            forms: None,
            fixed: Vec::new(),
            library: Vec::new(),
            outside: Vec::new(),
            body,
        };
        if let Body::Compiled(compiled) = &specialization.body {
            let spec = &compiled.spec;
            if spec.params.len() != kernel.inner().signature.len() {
                return Err(PyValueError::new_err("compiled code has another number of parameters"));
            }
            // Code that does not care about overlaps serves all; otherwise the better code is worth a version of its
            // own.
            let memory = match (disjoint, spec.disjoint) {
                (true, true) => Memory::Disjoint,
                (true, false) => Memory::Either,
                (false, _) => Memory::Overlapping,
            };
            let params = spec
                .params
                .iter()
                .chain(spec.outside.iter().map(|outside| &outside.param));
            let (wanted, outside, fixed) = (
                Wanteds::new(params, memory),
                spec.outside
                    .iter()
                    .map(|outside| Lookup::new(py, kernel, &outside.source))
                    .collect::<PyResult<_>>()?,
                spec.fixed
                    .iter()
                    .map(|source| {
                        // SAFETY: as the caller says.
                        unsafe { found(py, kernel, source, arguments) }
                    })
                    .collect::<PyResult<_>>()?,
            );
            (specialization.wanted, specialization.outside, specialization.fixed) = (wanted, outside, fixed);
        }
        Ok(specialization)
    }

    /// The same, for as long as these functions of libraries are what they are.
    pub fn with_library(self, library: Vec<Item>) -> Specialization {
        Specialization { library, ..self }
    }

    /// Calls it if the arguments are of its kind.
    ///
    /// # Safety
    /// The GIL is held, `kernel` is a kernel, and `arguments` has as many objects as its function has parameters; all
    /// of them live until the call is over.
    #[inline]
    pub unsafe fn attempt(
        &self,
        numpy: &'static Numpy,
        kernel: *mut KernelObject,
        arguments: *const *mut PyObject,
    ) -> Attempt {
        if self.fixed.is_empty() && self.library.is_empty() && self.outside.is_empty() {
            // SAFETY: as the caller says.
            return unsafe { self.with_all(numpy, kernel, arguments) };
        }
        // SAFETY: as the caller says.
        unsafe { self.with_outside(numpy, kernel, arguments) }
    }

    unsafe fn with_outside(
        &self,
        numpy: &'static Numpy,
        kernel: *mut KernelObject,
        arguments: *const *mut PyObject,
    ) -> Attempt {
        let own = self.wanted.len() - self.outside.len();
        // SAFETY: there are `own` arguments; what lookups find is held until the call is over.
        unsafe {
            for (lookup, expected) in &self.fixed {
                if !lookup.is_still(kernel, arguments, expected.as_ptr()) {
                    return Attempt::Misfit;
                }
            }
            if !self.library.iter().all(|item| item.is_still()) {
                return Attempt::Misfit;
            }
            if self.outside.is_empty() {
                return self.with_all(numpy, kernel, arguments);
            }
            let mut all: Vec<*mut PyObject> = Vec::with_capacity(self.wanted.len());
            all.extend((0..own).map(|place| *arguments.add(place)));
            for lookup in &self.outside {
                match lookup.find(kernel, arguments) {
                    Some(object) => all.push(object),
                    None => break,
                }
            }
            let attempt = if all.len() == self.wanted.len() {
                self.with_all(numpy, kernel, all.as_ptr())
            } else {
                Attempt::Misfit
            };
            for object in &all[own..] {
                ffi::Py_DECREF(*object);
            }
            attempt
        }
    }

    #[inline]
    unsafe fn with_all(
        &self,
        numpy: &'static Numpy,
        kernel: *mut KernelObject,
        arguments: *const *mut PyObject,
    ) -> Attempt {
        call::with_slots(self.wanted.slots, |slots| {
            // SAFETY: `slots` has room for what is wanted.
            unsafe {
                if !self.wanted.unbox(numpy, arguments, slots) {
                    return Attempt::Misfit;
                }
                self.calls.set(self.calls.get() + 1);
                let Body::Compiled(compiled) = &self.body else {
                    return Attempt::InPython;
                };
                let is_piece = (*kernel).inner().watch.as_ref().is_some_and(|watch| watch.is_piece());
                // A loop of a module is always left at its end.
                if !is_piece && compiled.is_left_always(self.calls.get()) && !super::kernel::is_strict(kernel) {
                    return Attempt::InPython;
                }
                if ffi::Py_EnterRecursiveCall(c"".as_ptr()) != 0 {
                    return Attempt::Done(ptr::null_mut());
                }
                let result = call::run(numpy, kernel, compiled, slots);
                ffi::Py_LeaveRecursiveCall();
                Attempt::Done(result)
            }
        })
    }

    /// Calls it with Python floats that are no objects yet, if it takes such and gives one; none inside where an
    /// exception is set.
    ///
    /// # Safety
    /// The GIL is held, and `kernel` is a kernel that lives until the call is over.
    pub unsafe fn with_floats(
        &self,
        numpy: &'static Numpy,
        kernel: *mut KernelObject,
        values: &[f64],
    ) -> Option<Option<f64>> {
        let Body::Compiled(compiled) = &self.body else {
            return None;
        };
        let is_float = |param: &Param| *param == Param::Value(Repr::Float);
        let is_plain = self.outside.is_empty() && self.wanted.slots == values.len();
        if !is_plain || self.params.len() != values.len() || !self.params.iter().all(is_float) {
            return None;
        }
        // In NumPy's number as in Python's, the bits are in one slot.
        if !matches!(compiled.spec.result, Repr::Float | Repr::Np(Scalar::F64)) {
            return None;
        }
        self.calls.set(self.calls.get() + 1);
        // SAFETY: as the caller says; floats have no attributes that anything could be looked up in.
        unsafe {
            let is_still = self.fixed.iter().all(|(lookup, expected)| {
                !lookup.is_of_argument() && lookup.is_still(kernel, ptr::null(), expected.as_ptr())
            });
            if !is_still
                || !self.library.iter().all(|item| item.is_still())
                || compiled.is_left_always(self.calls.get())
            {
                return None;
            }
            if ffi::Py_EnterRecursiveCall(c"".as_ptr()) != 0 {
                return Some(None);
            }
            let result = call::run_to_float(numpy, kernel, compiled, values.as_ptr().cast());
            ffi::Py_LeaveRecursiveCall();
            Some(result)
        }
    }

    /// Python objects that it holds, for the garbage collector.
    pub fn each_object(&self, act: &mut dyn FnMut(*mut PyObject)) {
        for (lookup, object) in &self.fixed {
            lookup.each_object(act);
            act(object.as_ptr());
        }
        for lookup in &self.outside {
            lookup.each_object(act);
        }
        for item in &self.library {
            item.each_object(act);
        }
        if let Body::Compiled(compiled) = &self.body {
            for frame in &compiled.frames {
                frame.each_object(act);
            }
            for island in &compiled.islands {
                island.each_object(act);
            }
        }
    }
}

unsafe fn found(
    py: Python<'_>,
    kernel: &KernelObject,
    source: &Source,
    arguments: *const *mut PyObject,
) -> PyResult<(Lookup, Held)> {
    let lookup = Lookup::new(py, kernel, source)?;
    if arguments.is_null() && matches!(source.root, Root::Argument(_)) {
        return Err(PyValueError::new_err(
            "what is fixed of an argument needs the arguments",
        ));
    }
    // SAFETY: the GIL is held (`py`), and the arguments are there if one is looked at.
    let object = unsafe { lookup.find(ptr::from_ref(kernel).cast_mut(), arguments) };
    match object {
        // SAFETY: `find` gives a new reference.
        Some(object) => Ok((lookup, unsafe { Held::from_owned(object) })),
        None => Err(PyValueError::new_err(format!("{source:?} is not there"))),
    }
}
