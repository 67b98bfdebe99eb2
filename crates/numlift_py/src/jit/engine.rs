//! From LLVM text to code, with `python/numlift/_engine.py` as the compiler.
//!
//! ```text
//! text ─► alive in this process, or in the cache ─► Arc<Code>            llvmlite is not imported
//!      └► neither ─► _engine.compile(text) ─► object ─► Arc<Code>
//! ```

use std::ffi::CString;
use std::sync::Arc;

use numlift_runtime::cache::Cache;
use numlift_runtime::code::CodeError;
use numlift_runtime::{Code, Cpu, Options};
use pyo3::exceptions::{PyRuntimeError, PyRuntimeWarning};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;

use super::ending::{self, Busy};

/// Whether an object is kept for other processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    OnDisk,
    InMemory,
}

/// The code of a text. `label` is what a person calls it; `resolve` gives the addresses of what it may call.
///
/// An error is the one that `_engine.compile` raised, or a `RuntimeError` when the object could not be loaded; either
/// way the function can still run in Python.
pub fn get_or_compile(
    py: Python<'_>,
    text: &str,
    label: &str,
    keeping: Keeping,
    resolve: fn(&str) -> Option<*const u8>,
) -> PyResult<Arc<Code>> {
    ending::wait_for_forks(py);
    let busy = Busy::begin();
    let options = Options {
        label: label.to_string(),
        ..compiler(py)?.clone()
    };
    // For the same reason these look at the machine and the environment while nobody can fork, with the GIL.
    let (_, cache) = (Cpu::host(), Cache::of_process());
    let cache = cache.filter(|_| keeping == Keeping::OnDisk);
    let mut raised = None;
    // The GIL is let go, since this may wait for a thread that needs it to compile the same.
    let code = py.detach(|| {
        let compile = |text: &str| {
            Python::attach(|py| {
                compile(py, text).map_err(|error| {
                    let message = error.to_string();
                    raised = Some(error);
                    message
                })
            })
        };
        Code::get_or_compile_in(cache, text, &options, compile, &resolve)
    });
    drop(busy);
    warn(py, cache);
    code.map_err(|error| match (error, raised) {
        (CodeError::Compile(_), Some(raised)) => raised,
        (error, _) => PyRuntimeError::new_err(error.to_string()),
    })
}

/// Tells, once, why compiled code is not kept. Where warnings are made errors, it is still no reason to fail.
fn warn(py: Python<'_>, cache: Option<&Cache>) {
    let Some(text) = cache.and_then(Cache::take_warning) else {
        return;
    };
    if let Ok(text) = CString::new(text) {
        let _ = PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &text, 2);
    }
}

fn compile(py: Python<'_>, text: &str) -> PyResult<Vec<u8>> {
    let object = py.import("numlift._engine")?.call_method1("compile", (text,))?;
    Ok(object.cast::<PyBytes>()?.as_bytes().to_vec())
}

/// What compiles, asked for once.
fn compiler(py: Python<'_>) -> PyResult<&Options> {
    static COMPILER: PyOnceLock<Options> = PyOnceLock::new();
    if let Some(options) = COMPILER.get(py) {
        return Ok(options);
    }
    // Asked before the lock is taken: a child that is forked while another thread asks would wait for it for ever.
    let engine = py.import("numlift._engine")?;
    let options = Options {
        compiler: engine.call_method0("identity")?.extract()?,
        settings: engine.getattr("SETTINGS")?.extract()?,
        label: String::new(),
    };
    Ok(COMPILER.get_or_init(py, || options))
}
