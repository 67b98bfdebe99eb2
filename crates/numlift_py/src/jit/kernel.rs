//! `numlift._native.Kernel`: a function that is compiled for the types it is called with.
//!
//! A type of its own by CPython's C interface: a call comes in by vectorcall with nothing between, and the type is a
//! method descriptor, so that `obj.kernel(x)` makes no bound method. It looks like the function that it was made from
//! (name, doc, signature, place in its module, pickling by name) and lives and dies as one (garbage collection, weak
//! references).

#![expect(unsafe_code, reason = "a type by CPython's C interface")]

use std::cell::{Cell, RefCell};
use std::ffi::{c_int, c_uint, c_void};
use std::mem::offset_of;
use std::ptr;
use std::rc::Rc;

use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::ffi::{self, PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyType};

use super::ending::Turn;
use super::specialization::Specialization;
use super::watch::Watch;
use super::{dispatch, likeness};

/// The object.
#[repr(C)]
pub struct KernelObject {
    ob_base: PyObject,
    vectorcall: Option<ffi::vectorcallfunc>,
    dict: *mut PyObject,
    weakrefs: *mut PyObject,
    /// The Python function; null only when the garbage collector has cleared the kernel.
    pub function: *mut PyObject,
    pub options: *mut PyObject,
    pub inner: *mut Inner,
}

/// What is Rust's in it.
pub struct Inner {
    /// The one that fitted last is first.
    pub specializations: RefCell<Vec<Rc<Specialization>>>,
    pub signature: Signature,
    /// For kernels that nobody asked for: whether compiling pays.
    pub watch: Option<Watch>,
    /// Whether the program gave the function other code.
    pub replaced: Cell<bool>,
    /// Which thread compiles it.
    pub turn: Turn,
}

/// How a function is called.
pub struct Signature {
    /// Parameters that an argument can be given for by position.
    pub positional: usize,
    /// Of those, how many cannot be given by name.
    pub positional_only: usize,
    /// Parameters behind `*`.
    pub keyword_only: usize,
    /// Whether a last parameter takes the other arguments, `*args`.
    pub takes_rest: bool,
    pub names: Vec<String>,
    /// Why it always runs in Python.
    pub in_python: Option<String>,
    /// Whether that was told.
    pub is_reported: Cell<bool>,
}

impl Signature {
    fn new(function: &Bound<'_, PyAny>) -> PyResult<Signature> {
        let code = function.getattr("__code__")?;
        let count = |name: &str| -> PyResult<usize> { code.getattr(name)?.extract() };
        let (positional, keyword_only) = (count("co_argcount")?, count("co_kwonlyargcount")?);
        let mut names: Vec<String> = code.getattr("co_varnames")?.extract()?;
        let flags: c_int = code.getattr("co_flags")?.extract()?;
        let takes_rest = flags & ffi::CO_VARARGS != 0;
        names.truncate(positional + keyword_only + usize::from(takes_rest));
        let said = [
            (ffi::CO_VARKEYWORDS, "it takes any keywords (`**kwargs`)"),
            (ffi::CO_GENERATOR, "it is a generator"),
            (ffi::CO_COROUTINE | ffi::CO_ASYNC_GENERATOR, "it is a coroutine"),
        ];
        let in_python = said
            .iter()
            .find(|(flag, _)| flags & flag != 0)
            .map(|(_, why)| (*why).to_owned());
        Ok(Signature {
            positional,
            positional_only: count("co_posonlyargcount")?,
            keyword_only,
            takes_rest,
            names,
            in_python,
            is_reported: Cell::new(false),
        })
    }

    /// How many parameters there are.
    pub fn len(&self) -> usize {
        self.positional + self.keyword_only + usize::from(self.takes_rest)
    }
}

impl KernelObject {
    /// The code of the Python function.
    pub fn code<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.python_function(py)?.getattr("__code__")
    }

    /// The Python function.
    pub fn python_function<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if self.function.is_null() {
            return Err(PyRuntimeError::new_err("the function is being deleted"));
        }
        // SAFETY: it is not null, so it is the function.
        Ok(unsafe { Bound::from_borrowed_ptr(py, self.function) })
    }

    /// What a person asked for.
    pub fn options<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        if self.options.is_null() {
            return Err(PyRuntimeError::new_err("the function is being deleted"));
        }
        // SAFETY: it is not null, so it is the dictionary that it was made with.
        Ok(unsafe { Bound::from_borrowed_ptr(py, self.options) }.cast_into::<PyDict>()?)
    }

    /// What is Rust's in it.
    pub fn inner(&self) -> &Inner {
        // SAFETY: set when the object is made, freed with it.
        unsafe { &*self.inner }
    }
}

static TYPE: PyOnceLock<Py<PyType>> = PyOnceLock::new();

/// The type.
pub fn kernel_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    let made = TYPE.get_or_try_init(py, || make_type(py))?;
    Ok(made.bind(py))
}

/// The kernel, if the object is one.
pub fn as_kernel<'a>(object: &'a Bound<'_, PyAny>) -> Option<&'a KernelObject> {
    let class = TYPE.get(object.py())?;
    // SAFETY: the type cannot be subclassed, so its instances are these structs.
    object
        .get_type()
        .is(class)
        .then(|| unsafe { &*object.as_ptr().cast::<KernelObject>() })
}

/// A kernel for a Python function; with a `Watch` one that stands for the function unnoticed.
pub fn new<'py>(
    function: &Bound<'py, PyAny>,
    options: &Bound<'py, PyDict>,
    watch: Option<Watch>,
) -> PyResult<Bound<'py, PyAny>> {
    let py = function.py();
    // SAFETY: the check looks at the type only.
    if unsafe { ffi::PyFunction_Check(function.as_ptr()) } == 0 {
        return Err(PyTypeError::new_err(format!(
            "a Python function can be compiled, not {}",
            function.get_type().qualname()?
        )));
    }
    let inner = Box::new(Inner {
        specializations: RefCell::new(Vec::new()),
        signature: Signature::new(function)?,
        watch,
        replaced: Cell::new(false),
        turn: Turn::default(),
    });
    let is_watched = inner.watch.is_some();
    let class = kernel_type(py)?.as_ptr().cast::<PyTypeObject>();
    // SAFETY: the type's allocator gives zeroed memory of its size, already known to the garbage collector, to which
    // zeroed fields are valid.
    let object = unsafe {
        let alloc = (*class).tp_alloc.unwrap_or(ffi::PyType_GenericAlloc);
        let object = alloc(class, 0);
        if object.is_null() {
            return Err(PyErr::fetch(py));
        }
        let kernel = object.cast::<KernelObject>();
        (*kernel).vectorcall = Some(dispatch::vectorcall);
        (*kernel).inner = Box::into_raw(inner);
        (*kernel).options = options.clone().into_ptr();
        (*kernel).function = function.clone().into_ptr();
        Bound::from_owned_ptr(py, object)
    };
    py.import("functools")?
        .call_method1("update_wrapper", (&object, function))?;
    if is_watched {
        object.delattr("__wrapped__")?;
    }
    Ok(object)
}

fn make_type(py: Python<'_>) -> PyResult<Py<PyType>> {
    // The tables must live as long as the type, which is for ever.
    let members = Box::leak(Box::new([
        member(
            c"__vectorcalloffset__",
            ffi::Py_T_PYSSIZET,
            offset_of!(KernelObject, vectorcall),
        ),
        member(c"__dictoffset__", ffi::Py_T_PYSSIZET, offset_of!(KernelObject, dict)),
        member(
            c"__weaklistoffset__",
            ffi::Py_T_PYSSIZET,
            offset_of!(KernelObject, weakrefs),
        ),
        member(c"py_func", ffi::Py_T_OBJECT_EX, offset_of!(KernelObject, function)),
        member(c"options", ffi::Py_T_OBJECT_EX, offset_of!(KernelObject, options)),
        ffi::PyMemberDef::default(),
    ]));
    let mut getters = likeness::getters();
    getters.extend([
        getter(c"__dict__", ffi::PyObject_GenericGetDict),
        getter(c"__signature__", get_signature),
        getter(c"specializations", get_specializations),
        getter(c"scipy", get_scipy),
        getter(c"watched", get_watched),
        ffi::PyGetSetDef::default(),
    ]);
    let getters = getters.leak();
    let methods = Box::leak(Box::new([
        method(
            c"explain",
            explain,
            c"Says, line by line, what was compiled and what was not, and why.",
        ),
        method(c"__reduce__", reduce, c"Pickles the function by its name."),
        method(c"__copy__", itself, c"The function itself, as Python copies functions."),
        method_with(
            c"__deepcopy__",
            itself,
            c"The function itself, as Python copies functions.",
        ),
        ffi::PyMethodDef::zeroed(),
    ]));
    let slot = |slot: c_int, pfunc: *mut c_void| ffi::PyType_Slot { slot, pfunc };
    let mut slots = [
        slot(ffi::Py_tp_dealloc, dealloc as *mut c_void),
        slot(ffi::Py_tp_traverse, traverse as *mut c_void),
        slot(ffi::Py_tp_clear, clear as *mut c_void),
        slot(ffi::Py_tp_call, ffi::PyVectorcall_Call as *mut c_void),
        slot(ffi::Py_tp_descr_get, bind as *mut c_void),
        slot(ffi::Py_tp_repr, repr as *mut c_void),
        slot(ffi::Py_tp_members, members.as_mut_ptr().cast()),
        slot(ffi::Py_tp_getset, getters.as_mut_ptr().cast()),
        slot(ffi::Py_tp_methods, methods.as_mut_ptr().cast()),
        slot(
            ffi::Py_tp_doc,
            c"A function that is compiled for the types it is called with.".as_ptr() as *mut c_void,
        ),
        slot(0, ptr::null_mut()),
    ];
    let flags = ffi::Py_TPFLAGS_DEFAULT
        | ffi::Py_TPFLAGS_HAVE_GC
        | ffi::Py_TPFLAGS_HAVE_VECTORCALL
        | ffi::Py_TPFLAGS_METHOD_DESCRIPTOR
        | ffi::Py_TPFLAGS_DISALLOW_INSTANTIATION
        | ffi::Py_TPFLAGS_IMMUTABLETYPE;
    let mut spec = ffi::PyType_Spec {
        name: c"numlift._native.Kernel".as_ptr(),
        basicsize: size_of::<KernelObject>() as c_int,
        itemsize: 0,
        flags: flags as c_uint,
        slots: slots.as_mut_ptr(),
    };
    // SAFETY: the slots' functions have the signatures that CPython calls them with; members lie in the object.
    let made = unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyType_FromSpec(&mut spec))? };
    Ok(made.cast_into::<PyType>()?.unbind())
}

fn member(name: &'static std::ffi::CStr, type_code: c_int, offset: usize) -> ffi::PyMemberDef {
    ffi::PyMemberDef {
        name: name.as_ptr(),
        type_code,
        offset: offset as isize,
        flags: ffi::Py_READONLY,
        doc: ptr::null(),
    }
}

fn getter(name: &'static std::ffi::CStr, get: ffi::getter) -> ffi::PyGetSetDef {
    ffi::PyGetSetDef {
        name: name.as_ptr(),
        get: Some(get),
        set: None,
        doc: ptr::null(),
        closure: ptr::null_mut(),
    }
}

fn method(name: &'static std::ffi::CStr, function: ffi::PyCFunction, doc: &'static std::ffi::CStr) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunction: function },
        ml_flags: ffi::METH_NOARGS,
        ml_doc: doc.as_ptr(),
    }
}

fn method_with(
    name: &'static std::ffi::CStr,
    function: ffi::PyCFunction,
    doc: &'static std::ffi::CStr,
) -> ffi::PyMethodDef {
    ffi::PyMethodDef {
        ml_flags: ffi::METH_O,
        ..method(name, function, doc)
    }
}

unsafe extern "C" fn dealloc(object: *mut PyObject) {
    // SAFETY: called once, by CPython, when the last reference is gone.
    unsafe {
        ffi::PyObject_GC_UnTrack(object.cast());
        let kernel = object.cast::<KernelObject>();
        if !(*kernel).weakrefs.is_null() {
            ffi::PyObject_ClearWeakRefs(object);
        }
        clear(object);
        ffi::Py_CLEAR(&raw mut (*kernel).dict);
        if !(*kernel).inner.is_null() {
            drop(Box::from_raw((*kernel).inner));
        }
        let class = ffi::Py_TYPE(object);
        ffi::PyObject_GC_Del(object.cast());
        ffi::Py_DECREF(class.cast());
    }
}

unsafe extern "C" fn traverse(object: *mut PyObject, visit: ffi::visitproc, argument: *mut c_void) -> c_int {
    // SAFETY: CPython calls with a kernel; nothing is run but `visit`, on objects that the kernel holds.
    unsafe {
        let kernel = object.cast::<KernelObject>();
        let mut status = 0;
        let mut see = |held: *mut PyObject| {
            if status == 0 && !held.is_null() {
                status = visit(held, argument);
            }
        };
        see(ffi::Py_TYPE(object).cast());
        see((*kernel).dict);
        see((*kernel).function);
        see((*kernel).options);
        if !(*kernel).inner.is_null()
            && let Ok(specializations) = (*(*kernel).inner).specializations.try_borrow()
        {
            specializations
                .iter()
                .for_each(|specialization| specialization.each_object(&mut see));
        }
        status
    }
}

unsafe extern "C" fn clear(object: *mut PyObject) -> c_int {
    // SAFETY: CPython calls with a kernel that nobody can reach; what is dropped may run Python code, which finds a
    // kernel without a function.
    unsafe {
        let kernel = object.cast::<KernelObject>();
        if !(*kernel).inner.is_null() {
            let specializations = (*(*kernel).inner).specializations.take();
            drop(specializations);
        }
        ffi::Py_CLEAR(&raw mut (*kernel).function);
        ffi::Py_CLEAR(&raw mut (*kernel).options);
    }
    0
}

unsafe extern "C" {
    /// A bound method; not in `pyo3-ffi`.
    fn PyMethod_New(function: *mut PyObject, object: *mut PyObject) -> *mut PyObject;
}

unsafe extern "C" fn bind(kernel: *mut PyObject, object: *mut PyObject, _class: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel, and an object or null.
    unsafe {
        if object.is_null() || ffi::Py_IsNone(object) != 0 {
            return ffi::Py_NewRef(kernel);
        }
        PyMethod_New(kernel, object)
    }
}

unsafe extern "C" fn itself(kernel: *mut PyObject, _memo: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel.
    unsafe { ffi::Py_NewRef(kernel) }
}

unsafe extern "C" fn explain(kernel: *mut PyObject, _none: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel.
    unsafe { ask_python(kernel, "explain") }
}

unsafe extern "C" fn reduce(kernel: *mut PyObject, _none: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel.
    unsafe { ask_python(kernel, "reduce") }
}

unsafe extern "C" fn repr(kernel: *mut PyObject) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel.
    unsafe { ask_python(kernel, "represent") }
}

unsafe extern "C" fn get_signature(kernel: *mut PyObject, _closure: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel.
    unsafe { ask_python(kernel, "signature") }
}

unsafe extern "C" fn get_scipy(kernel: *mut PyObject, _closure: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel.
    unsafe { ask_python(kernel, "scipy") }
}

unsafe extern "C" fn get_specializations(kernel: *mut PyObject, _closure: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel and the GIL held.
    unsafe {
        Python::attach(|py| {
            let kernel = Bound::from_borrowed_ptr(py, kernel);
            give(py, super::shown::specializations(&kernel))
        })
    }
}

unsafe extern "C" fn get_watched(kernel: *mut PyObject, _closure: *mut c_void) -> *mut PyObject {
    // SAFETY: CPython calls with a kernel and the GIL held.
    unsafe {
        Python::attach(|py| {
            let kernel = Bound::from_borrowed_ptr(py, kernel);
            give(py, super::shown::watched(&kernel))
        })
    }
}

/// What is not called in loops is written in Python: `python/numlift/_kernels.py`.
unsafe fn ask_python(kernel: *mut PyObject, name: &str) -> *mut PyObject {
    // SAFETY: as the callers say; the GIL is held.
    unsafe {
        Python::attach(|py| {
            let kernel = Bound::from_borrowed_ptr(py, kernel);
            let asked = py
                .import("numlift._kernels")
                .and_then(|module| module.call_method1(name, (kernel,)));
            give(py, asked)
        })
    }
}

/// To CPython.
pub fn give(py: Python<'_>, result: PyResult<Bound<'_, PyAny>>) -> *mut PyObject {
    match result {
        Ok(object) => object.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    }
}

/// Whether nothing of the kernel may run in Python.
///
/// # Safety
/// `kernel` is a kernel, and the GIL is held.
pub unsafe fn is_strict(kernel: *mut KernelObject) -> bool {
    // SAFETY: as the caller says; the options are a dictionary, or null when the kernel was cleared.
    unsafe {
        let options = (*kernel).options;
        !options.is_null() && ffi::PyDict_GetItemString(options, c"strict".as_ptr()) == ffi::Py_True()
    }
}
