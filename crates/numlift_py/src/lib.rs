//! The extension module `numlift._native`: the command's entry point and what the worker needs from Rust.
//!
//! ```text
//! numlift._native.main(argv)             the command line; returns the exit code
//! numlift._native.verify(job, engine)    one verification job (JSON) with a Python engine; returns the verdict (JSON)
//! numlift._native.lift(source, function, captures)    what can be done about the loops of one source text (JSON)
//! numlift._native.machine_code(text, label)    the code of one text of LLVM's
//! numlift._native.jit(function, options)              a function that is compiled for the types it is called with
//! numlift._native.jit_watched(function, options, when)    one that is compiled when that is likely to pay
//! ```
//!
//! The only crate that names `pyo3`. It translates and decides nothing: [`dump`] turns Python values into plain data,
//! [`revive`] turns plain data into Python values, [`engine`] lets `python/numlift/_verify.py` run what
//! `numlift_verify` asks for, [`jit`] calls compiled code.

mod dump;
mod engine;
mod jit;
mod lift;
mod revive;
mod types;

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What is read and compiled leaves the program's own heap as it was: whether arrays of some size cost page faults hangs
/// on how much of that is in use.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The module.
#[pymodule(gil_used = true)]
mod _native {
    #[pymodule_export]
    use super::{main, verify};

    #[pymodule_export]
    use super::lift::lift;

    #[pymodule_export]
    use super::jit::forced::force_exit;

    #[pymodule_export]
    use super::jit::parallel::{get_num_threads, run_backwards, set_num_threads};

    #[pymodule_export]
    use super::jit::text::{MachineCode, machine_code};

    #[pymodule_export]
    use super::jit::native::jit_native;

    #[pymodule_export]
    use super::jit::{jit, jit_from_text, jit_keep_forms, jit_stages, jit_watched};

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        use pyo3::types::PyModuleMethods;
        module.add("Kernel", super::jit::kernel_type(module.py())?)
    }

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}

/// Runs the command line on `argv`, program name included, and returns the exit code.
#[pyfunction]
fn main(py: Python<'_>, argv: Vec<OsString>) -> PyResult<i32> {
    let executable: Option<PathBuf> = py.import("sys")?.getattr("executable")?.extract()?;
    let python = executable.unwrap_or_else(|| PathBuf::from("python3"));
    Ok(py.detach(|| numlift_cli::run(argv, python)))
}

/// Runs one verification job with an engine and returns the verdict.
#[pyfunction]
fn verify(job: &str, engine: &Bound<'_, PyAny>) -> PyResult<String> {
    let job: numlift_verify::job::VerifyJob =
        serde_json::from_str(job).map_err(|error| PyValueError::new_err(format!("not a job: {error}")))?;
    let mut engine = engine::PyEngine::new(engine)?;
    let verdict = numlift_verify::verify::verify(&job, &mut engine);
    engine.interrupted()?;
    serde_json::to_string(&verdict).map_err(|error| PyValueError::new_err(error.to_string()))
}
