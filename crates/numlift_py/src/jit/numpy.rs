//! NumPy's C interface, as far as calls of compiled functions need it.
//!
//! The fields of an array and of a dtype, the types of its scalars, and a handful of functions out of NumPy's tables
//! (`_ARRAY_API`, `_UFUNC_API`), whose places are fixed for all of NumPy 2. An argument is looked at in a few
//! nanoseconds this way; the `numpy` crate would bring `ndarray` along and check again what is checked here.
//!
//! Nothing of this is looked up before the first call of a compiled function. Everything found lives until the process
//! ends.

#![expect(unsafe_code, reason = "NumPy's interface is C")]

use std::ffi::{c_char, c_int, c_void};
use std::ptr;

use numlift_abi::Scalar;
use numlift_abi::runtime::{DOT, MATMUL, UFUNCS};
use pyo3::exceptions::PyImportError;
use pyo3::ffi::{PyObject, PyTypeObject};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyCapsule;

/// `PyArrayObject_fields`, up to what is read here.
#[repr(C)]
pub struct ArrayObject {
    pub ob_base: PyObject,
    pub data: *mut u8,
    pub rank: c_int,
    pub extents: *mut isize,
    pub strides: *mut isize,
    pub base: *mut PyObject,
    pub descr: *mut Descr,
    pub flags: c_int,
    pub weakrefs: *mut PyObject,
}

/// `PyArray_Descr` of NumPy 2, up to what is read here.
#[repr(C)]
pub struct Descr {
    pub ob_base: PyObject,
    pub typeobj: *mut PyTypeObject,
    pub kind: c_char,
    pub letter: c_char,
    pub byteorder: c_char,
    former_flags: c_char,
    pub type_num: c_int,
}

/// `NPY_ARRAY_*`.
pub mod flag {
    use std::ffi::c_int;

    pub const C_CONTIGUOUS: c_int = 0x1;
    pub const F_CONTIGUOUS: c_int = 0x2;
    pub const OWNDATA: c_int = 0x4;
    pub const ALIGNED: c_int = 0x100;
    pub const WRITEABLE: c_int = 0x400;
    /// Writing to it gives a warning first.
    pub const WARN_ON_WRITE: c_int = 1 << 31;
}

/// The dtype and the scalar type that NumPy has for a [`Scalar`].
#[derive(Clone, Copy)]
pub struct Class {
    pub scalar_type: *mut PyTypeObject,
    pub descr: *mut Descr,
    pub type_num: c_int,
}

type NewFromDescr = unsafe extern "C" fn(
    *mut PyTypeObject,
    *mut Descr,
    c_int,
    *const isize,
    *const isize,
    *mut c_void,
    c_int,
    *mut PyObject,
) -> *mut PyObject;
type Zeros = unsafe extern "C" fn(c_int, *const isize, *mut Descr, c_int) -> *mut PyObject;
type SetBaseObject = unsafe extern "C" fn(*mut ArrayObject, *mut PyObject) -> c_int;
/// `_PyDataType_GetArrFuncs`, which gives a `PyArray_ArrFuncs`: a table of functions.
type FunctionsOf = unsafe extern "C" fn(*const Descr) -> *const *const c_void;
type UpdateFlags = unsafe extern "C" fn(*mut ArrayObject, c_int);

/// What is looked up once.
pub struct Numpy {
    pub ndarray: *mut PyTypeObject,
    pub memmap: *mut PyTypeObject,
    /// By the number of the [`Scalar`].
    pub classes: [Class; 14],
    /// What compiled code compares the types of objects with.
    pub objects: super::lists::Objects,
    pub true_: *mut PyObject,
    pub false_: *mut PyObject,
    pub new_from_descr: NewFromDescr,
    pub zeros: Zeros,
    pub set_base: SetBaseObject,
    pub update_flags: UpdateFlags,
    /// Who gives arrays their memory.
    pub handlers: super::memory::Handlers,
    /// The loops of `np.matmul`, in the order of [`numlift_abi::runtime::MATMUL`].
    pub matmul: [*const c_void; 4],
    /// The products of two vectors, in the order of [`numlift_abi::runtime::DOT`].
    pub dot: [*const c_void; 4],
    /// Those of [`numlift_abi::runtime::UFUNCS`].
    pub ufuncs: Vec<Loop>,
}

/// `PyUFuncObject`, up to what is read here.
#[repr(C)]
struct UfuncObject {
    ob_base: PyObject,
    nin: c_int,
    nout: c_int,
    nargs: c_int,
    identity: c_int,
    functions: *const *const c_void,
    data: *const *mut c_void,
    ntypes: c_int,
    reserved: c_int,
    name: *const c_char,
    types: *const c_char,
}

// SAFETY: types, dtypes and functions of NumPy are never freed (a reference to each is kept), and they are only used
// with the GIL held.
unsafe impl Send for Numpy {}
// SAFETY: as above; nothing of it changes.
unsafe impl Sync for Numpy {}

/// The place of `dotfunc` in a `PyArray_ArrFuncs`: behind `cast[21]`, `getitem`, `setitem`, `copyswapn`, `copyswap`,
/// `compare` and `argmax`.
const DOT_FUNCTION: usize = 27;

static NUMPY: PyOnceLock<Numpy> = PyOnceLock::new();

impl Numpy {
    /// Imports NumPy at the first call.
    pub fn get(py: Python<'_>) -> PyResult<&'static Numpy> {
        NUMPY.get_or_try_init(py, || Numpy::import(py))
    }

    /// What [`Numpy::get`] found before.
    #[inline]
    pub fn known() -> Option<&'static Numpy> {
        // SAFETY: kernels are called with the GIL held; the reference is to a static.
        NUMPY.get(unsafe { Python::assume_attached() })
    }

    pub fn class(&self, scalar: Scalar) -> &Class {
        &self.classes[scalar as usize]
    }

    /// Which scalar a dtype of this number is; none where NumPy has two numbers for one and this is the other.
    pub fn scalar_of(&self, type_num: c_int) -> Option<Scalar> {
        let place = self.classes.iter().position(|class| class.type_num == type_num)?;
        Some(Scalar::ALL[place])
    }

    fn import(py: Python<'_>) -> PyResult<Numpy> {
        let numpy = py.import("numpy")?;
        let native = py.import("numpy._core._multiarray_umath")?;
        let arrays = table(&native.getattr("_ARRAY_API")?)?;

        // SAFETY: entry 0 of every NumPy's table is `PyArray_GetNDArrayCVersion`.
        let version = unsafe { std::mem::transmute::<*mut c_void, extern "C" fn() -> u32>(entry(arrays, 0))() };
        if version >> 24 != 2 {
            return Err(PyImportError::new_err(format!(
                "NumPy 2 is needed, its interface is {version:#x}"
            )));
        }
        let kept = |name: &str| -> PyResult<*mut PyObject> { Ok(numpy.getattr(name)?.into_ptr()) };
        let mut classes = [Class {
            scalar_type: ptr::null_mut(),
            descr: ptr::null_mut(),
            type_num: 0,
        }; 14];
        for scalar in Scalar::ALL {
            let descr: *mut Descr = numpy.call_method1("dtype", (scalar.code(),))?.into_ptr().cast();
            // SAFETY: `numpy.dtype(…)` gave it, so it is a `PyArray_Descr`.
            let (scalar_type, type_num) = unsafe { ((*descr).typeobj, (*descr).type_num) };
            classes[scalar as usize] = Class {
                scalar_type,
                descr,
                type_num,
            };
        }
        let matmul: *const UfuncObject = kept("matmul")?.cast_const().cast();
        // SAFETY: NumPy documents the functions' places and signatures (`__multiarray_api.h`, `__ufunc_api.h`), which
        // stay as long as the major version does.
        unsafe {
            Ok(Numpy {
                ndarray: kept("ndarray")?.cast(),
                memmap: kept("memmap")?.cast(),
                classes,
                objects: super::lists::Objects::new(&classes),
                true_: kept("True_")?,
                false_: kept("False_")?,
                new_from_descr: std::mem::transmute::<*mut c_void, NewFromDescr>(entry(arrays, 94)),
                zeros: std::mem::transmute::<*mut c_void, Zeros>(entry(arrays, 183)),
                set_base: std::mem::transmute::<*mut c_void, SetBaseObject>(entry(arrays, 282)),
                update_flags: std::mem::transmute::<*mut c_void, UpdateFlags>(entry(arrays, 92)),
                handlers: super::memory::Handlers::new(
                    std::mem::transmute::<*mut c_void, super::memory::SetHandler>(entry(arrays, 304)),
                    *entry(arrays, 306).cast::<*mut PyObject>(),
                ),
                ufuncs: UFUNCS
                    .iter()
                    .map(|(name, operands)| {
                        let ufunc: *const UfuncObject = kept(name)?.cast_const().cast();
                        let double = classes[Scalar::F64 as usize].type_num;
                        Ok(Loop::of(ufunc, double, *operands))
                    })
                    .collect::<PyResult<_>>()?,
                dot: {
                    let functions_of = std::mem::transmute::<*mut c_void, FunctionsOf>(entry(arrays, 365));
                    DOT.map(|(_, scalar)| *functions_of(classes[scalar as usize].descr).add(DOT_FUNCTION))
                },
                matmul: MATMUL.map(|(_, scalar)| loop_of(matmul, classes[scalar as usize].type_num)),
            })
        }
    }
}

/// A loop of a ufunc's on doubles.
pub struct Loop {
    function: *const c_void,
    data: *mut c_void,
    operands: usize,
}

type LoopFunction = unsafe extern "C" fn(*const *mut c_void, *const isize, *const isize, *mut c_void);

impl Loop {
    unsafe fn of(ufunc: *const UfuncObject, type_num: c_int, operands: usize) -> Loop {
        // SAFETY: as for `place_of_loop`.
        unsafe {
            match place_of_loop(ufunc, type_num) {
                Some(place) => Loop {
                    function: *(*ufunc).functions.add(place),
                    data: if (*ufunc).data.is_null() {
                        ptr::null_mut()
                    } else {
                        *(*ufunc).data.add(place)
                    },
                    operands,
                },
                None => Loop {
                    function: ptr::null(),
                    data: ptr::null_mut(),
                    operands,
                },
            }
        }
    }

    /// What it gives for one number, or one pair.
    ///
    /// # Safety
    /// It was found with [`Loop::of`] in a ufunc that lives.
    pub unsafe fn of_one(&self, a: f64, b: f64) -> f64 {
        if self.function.is_null() {
            return f64::NAN;
        }
        let (mut a, mut b, mut result) = (a, b, 0.0_f64);
        let (a, b, to): (*mut c_void, *mut c_void, *mut c_void) =
            ((&raw mut a).cast(), (&raw mut b).cast(), (&raw mut result).cast());
        let arguments = if self.operands == 1 { [a, to, to] } else { [a, b, to] };
        let size = size_of::<f64>() as isize;
        // SAFETY: a loop reads and writes as many doubles as the count says.
        unsafe {
            let function = std::mem::transmute::<*const c_void, LoopFunction>(self.function);
            function(arguments.as_ptr(), &1, [size; 3].as_ptr(), self.data);
        }
        result
    }
}

/// The loop of a ufunc for operands and results of one dtype; null if there is none.
///
/// # Safety
/// `ufunc` is a ufunc.
unsafe fn loop_of(ufunc: *const UfuncObject, type_num: c_int) -> *const c_void {
    // SAFETY: as the caller says.
    unsafe {
        match place_of_loop(ufunc, type_num) {
            Some(place) => *(*ufunc).functions.add(place),
            None => ptr::null(),
        }
    }
}

/// Which of its loops that is.
unsafe fn place_of_loop(ufunc: *const UfuncObject, type_num: c_int) -> Option<usize> {
    // SAFETY: a ufunc has `ntypes` loops, and for each as many dtypes' numbers as operands and results.
    unsafe {
        let width = (*ufunc).nargs as usize;
        for number in 0..(*ufunc).ntypes as usize {
            let types = std::slice::from_raw_parts((*ufunc).types.add(number * width), width);
            if types.iter().all(|own| c_int::from(*own) == type_num) {
                return Some(number);
            }
        }
    }
    None
}

/// The table in one of NumPy's capsules.
fn table(capsule: &Bound<'_, PyAny>) -> PyResult<*const *mut c_void> {
    let capsule = capsule.cast::<PyCapsule>().map_err(PyErr::from)?;
    // NumPy's capsules have no name.
    Ok(capsule.pointer_checked(None)?.as_ptr() as *const *mut c_void)
}

unsafe fn entry(table: *const *mut c_void, place: usize) -> *mut c_void {
    // SAFETY: the caller asks for places that NumPy 2's headers list.
    unsafe { *table.add(place) }
}
