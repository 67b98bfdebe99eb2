//! Functions of libraries that are methods of an object behind the library.
//!
//! ```text
//! np.random.rand      RandomState.rand of the global RandomState
//! random.random       Random.random of the module's own Random
//! rng.random          Generator.random of some generator: no function of a library
//! ```

use pyo3::prelude::*;
use pyo3::types::{PyModule, PyType};

use super::legacy;

/// Whose method something is.
pub enum Bearer {
    /// That of the object behind a library: its functions are these methods.
    Library(&'static str),
    /// Another object's.
    Object,
}

/// What an object that can be called is bound to; nothing of functions, and of methods of classes.
pub fn bound_to(object: &Bound<'_, PyAny>) -> PyResult<Option<Bearer>> {
    let py = object.py();
    let Ok(bearer) = object.getattr("__self__") else {
        return Ok(None);
    };
    if bearer.is_none() || bearer.is_instance_of::<PyModule>() || bearer.is_instance_of::<PyType>() {
        return Ok(None);
    }
    if legacy::global(py).is_some_and(|global| global == bearer.as_ptr()) {
        return Ok(Some(Bearer::Library("numpy.random")));
    }
    let own = py.import("random").and_then(|module| module.getattr("_inst"));
    match own {
        Ok(own) if own.is(&bearer) => Ok(Some(Bearer::Library("random"))),
        _ => Ok(Some(Bearer::Object)),
    }
}

/// Modules whose names are believed to stand for what they stand for in the module itself.
const KNOWN: [&str; 10] = [
    "builtins",
    "math",
    "cmath",
    "numpy",
    "random",
    "_io",
    "io",
    "heapq",
    "_heapq",
    "collections",
];

/// Whether an object calls itself a part of a library, and is not what the library has under that name.
pub fn is_claimed(object: &Bound<'_, PyAny>, module: &str, qualname: &str) -> bool {
    let root = module.split('.').next().unwrap_or(module);
    if !KNOWN.contains(&root) {
        return false;
    }
    let name = match qualname {
        "" => object
            .getattr("__name__")
            .and_then(|name| name.extract::<String>())
            .unwrap_or_default(),
        qualname => qualname.to_owned(),
    };
    let found = object.py().import(module).and_then(|library| {
        name.split('.')
            .try_fold(library.into_any(), |found, part| found.getattr(part))
    });
    !found.is_ok_and(|found| found.is(object))
}
