//! Lifting one source text from Python: types of live-ins in, findings out, as JSON.

use numlift::single::{self, Captures};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Looks at the regions of one source text, or of one function in it; see [`numlift::single`].
#[pyfunction]
#[pyo3(signature = (source, function, captures, exact = false, is_main = false))]
pub fn lift(source: &str, function: Option<&str>, captures: &str, exact: bool, is_main: bool) -> PyResult<String> {
    let captures: Captures =
        serde_json::from_str(captures).map_err(|error| PyValueError::new_err(format!("not captures: {error}")))?;
    let found = single::lift(source, function, &captures, exact, is_main);
    serde_json::to_string(&found).map_err(|error| PyValueError::new_err(error.to_string()))
}
