//! Lifting one source text from Python: types of live-ins in, findings out, as JSON.

use numlift::single::{self, Asked, Captures};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// Looks at the regions of one source text, or of one function in it; with the text of their forms if these are asked
/// for. See [`numlift::single`].
#[pyfunction]
#[pyo3(signature = (source, function, captures, exact = false, is_main = false, forms = false))]
pub fn lift(
    source: &str,
    function: Option<&str>,
    captures: &str,
    exact: bool,
    is_main: bool,
    forms: bool,
) -> PyResult<String> {
    let captures: Captures =
        serde_json::from_str(captures).map_err(|error| PyValueError::new_err(format!("not captures: {error}")))?;
    let asked = Asked { exact, is_main, forms };
    let found = single::lift(source, function, &captures, asked);
    serde_json::to_string(&found).map_err(|error| PyValueError::new_err(error.to_string()))
}
