//! A text of LLVM's as code, for Python.
//!
//! ```text
//! code = numlift._native.machine_code("define i64 @f(i64 %x) { ret i64 %x }", "f")
//! ctypes.CFUNCTYPE(c_int64, c_int64)(code.address("f"))(7)
//! ```
//!
//! What tests and tools use to run a text as kernels are run: the same compiler, cache and loader. The code may call
//! the C library's mathematics and nothing else.

use std::sync::Arc;

use numlift_runtime::Code;
use numlift_runtime::code::Origin;
use numlift_runtime::names::c_function;
use pyo3::exceptions::PyKeyError;
use pyo3::prelude::*;

use super::engine::{self, Keeping};

/// Loaded code; it is unmapped when the last object for it goes.
#[pyclass(frozen, module = "numlift._native")]
pub struct MachineCode {
    code: Arc<Code>,
}

#[pymethods]
impl MachineCode {
    /// Where a function of the text starts. Valid as long as this object lives.
    fn address(&self, name: &str) -> PyResult<usize> {
        let address = self.code.address(name);
        address
            .map(|address| address as usize)
            .ok_or_else(|| PyKeyError::new_err(name.to_string()))
    }

    /// `compiled` by this process, or read from `disk`.
    #[getter]
    fn origin(&self) -> &'static str {
        match self.code.origin() {
            Origin::Compiled => "compiled",
            Origin::Disk => "disk",
        }
    }

    /// The name of its object.
    #[getter]
    fn key(&self) -> String {
        self.code.key().to_string()
    }

    /// Bytes of memory.
    #[getter]
    fn size(&self) -> usize {
        self.code.size()
    }
}

/// Compiles a text, or finds it compiled.
#[pyfunction]
pub fn machine_code(py: Python<'_>, text: &str, label: &str) -> PyResult<MachineCode> {
    let code = engine::get_or_compile(py, text, label, Keeping::OnDisk, c_function)?;
    Ok(MachineCode { code })
}
