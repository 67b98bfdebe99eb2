//! What stands between Python and a compiled function.
//!
//! ```text
//! call of a Kernel (dispatch) ─► arguments to slots (arguments, unbox) ─► compiled code (call)
//!      │ of a new kind (describe, outside, compile)                        │ allocates, is left, runs pieces in Python
//!      ▼                                                                   ▼ (runtime, pieces)
//! numlift::compile ─► specialization                            slots to objects (boxing) ─► result
//! ```
//!
//! The contract with compiled code is `numlift_abi`. Everything here runs with the interpreter's lock held. What need
//! not be fast is Python: `python/numlift/_resume.py`, `_islands.py`, `_kernels.py`, `_source.py`.

mod arguments;
mod boxing;
mod buffers;
mod call;
mod compile;
mod describe;
mod dispatch;
mod draws;
mod ending;
mod engine;
mod events;
mod float_status;
pub mod forced;
mod generators;
mod held;
mod kernel;
mod legacy;
mod library;
mod likeness;
mod lists;
mod lookup;
mod memory;
mod mersenne;
mod names;
pub mod native;
mod numpy;
mod outside;
pub mod parallel;
mod pieces;
mod recent;
mod recursion;
mod runtime;
mod shown;
mod specialization;
mod stack;
pub mod text;
mod unbox;
mod watch;
mod watched;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// A kernel for a Python function, with the options of `numlift.jit`.
#[pyfunction]
pub fn jit<'py>(py_func: &Bound<'py, PyAny>, options: &Bound<'py, PyDict>) -> PyResult<Bound<'py, PyAny>> {
    kernel::new(py_func, options, None)
}

/// A kernel that stands for a function and is compiled when that is likely to pay: for `numlift run`.
#[pyfunction]
pub fn jit_watched<'py>(
    py_func: &Bound<'py, PyAny>,
    options: &Bound<'py, PyDict>,
    when: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let when = watch::When::named(when).ok_or_else(|| PyValueError::new_err("when it is compiled"))?;
    kernel::new(py_func, options, Some(watch::Watch::new(when)))
}

/// Keeps the forms of functions that are compiled from here on: `specializations` has them as `forms`.
#[pyfunction]
pub fn jit_keep_forms() {
    compile::keep_forms();
}

/// A kernel for a Python function with code that is given: LLVM text, and its spec as JSON. For tests of what calls
/// compiled code.
#[pyfunction]
pub fn jit_from_text<'py>(
    py: Python<'py>,
    py_func: &Bound<'py, PyAny>,
    llvm_text: String,
    spec_json: &str,
) -> PyResult<Bound<'py, PyAny>> {
    let spec =
        serde_json::from_str(spec_json).map_err(|error| PyValueError::new_err(format!("not a spec: {error}")))?;
    let made = kernel::new(py_func, &PyDict::new(py), None)?;
    if let Some(kernel) = kernel::as_kernel(&made) {
        compile::add(py, kernel, llvm_text, spec)?;
    }
    Ok(made)
}

/// The forms of a kernel's function for arguments, in the order of its parameters: as it is read, as loops, as LLVM IR.
#[pyfunction]
#[expect(unsafe_code, reason = "describes arguments by their layout")]
pub fn jit_stages(py: Python<'_>, made: &Bound<'_, PyAny>, arguments: Vec<Bound<'_, PyAny>>) -> PyResult<[String; 3]> {
    let Some(found) = kernel::as_kernel(made) else {
        return Err(PyValueError::new_err("not a kernel"));
    };
    if found.inner().signature.len() != arguments.len() {
        return Err(PyValueError::new_err("one argument for each parameter is needed"));
    }
    let objects: Vec<_> = arguments.iter().map(Bound::as_ptr).collect();
    let kernel = made.as_ptr().cast::<kernel::KernelObject>();
    // SAFETY: it is a kernel, which `made` holds, and there is an object for each parameter.
    unsafe { compile::stages(py, numpy::Numpy::get(py)?, kernel, objects.as_ptr()) }
}

/// The type of kernels.
pub fn kernel_type(py: Python<'_>) -> PyResult<Bound<'_, PyAny>> {
    ending::watch(py)?;
    Ok(kernel::kernel_type(py)?.clone().into_any())
}
