//! The Python types that values are told apart by, looked up once.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

/// NumPy's types and functions.
pub struct Numpy {
    pub ndarray: Py<PyType>,
    pub generic: Py<PyType>,
    pub float64: Py<PyType>,
    pub shares_memory: Py<PyAny>,
    pub module: Py<PyAny>,
}

static NUMPY: PyOnceLock<Numpy> = PyOnceLock::new();

impl Numpy {
    pub fn get(py: Python<'_>) -> PyResult<&Numpy> {
        NUMPY.get_or_try_init(py, || {
            let numpy = py.import("numpy")?;
            let class =
                |name: &str| -> PyResult<Py<PyType>> { Ok(numpy.getattr(name)?.cast_into::<PyType>()?.unbind()) };
            Ok(Numpy {
                ndarray: class("ndarray")?,
                generic: class("generic")?,
                float64: class("float64")?,
                shares_memory: numpy.getattr("may_share_memory")?.unbind(),
                module: numpy.into_any().unbind(),
            })
        })
    }
}
