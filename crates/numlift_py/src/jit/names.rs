//! The names that a function's code uses, with that of the functions and methods that it may call.
//!
//! A code object does not tell globals from attributes, and nobody is hurt when one is taken for the other: what is
//! there under a name is described, whether it is asked for or not.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

use super::kernel::{self, KernelObject};

/// Strings that are longer are no keys of records.
const LONGEST_KEY: usize = 40;

/// Names in the order in which they are met, each once.
#[derive(Default)]
pub struct Names {
    /// Of globals and built-in names; the function's own variables are none of them.
    pub globals: Vec<String>,
    /// Of attributes.
    pub attributes: Vec<String>,
    /// Strings, which may be keys.
    pub texts: Vec<String>,
}

impl Names {
    /// The names that a kernel uses when it is called with these arguments.
    pub fn of(py: Python<'_>, kernel: &KernelObject, arguments: &[Bound<'_, PyAny>]) -> PyResult<Names> {
        let classes: Vec<Bound<'_, PyType>> = arguments.iter().map(|argument| argument.get_type()).collect();
        let function = kernel.python_function(py)?;
        let code = function.getattr("__code__")?;
        let globals = function.getattr("__globals__")?.cast_into::<PyDict>()?;
        let own: Vec<String> = code.getattr("co_varnames")?.extract()?;
        let mut names = Names::default();
        let mut seen = vec![code.clone()];
        names.add(&code, &[])?;
        for argument in arguments {
            if let Some(code) = code_here(argument, &globals)? {
                names.add(&code, &own)?;
                seen.push(code);
            }
        }
        let mut next = 0;
        while let Some(name) = names.attributes.get(next).cloned() {
            next += 1;
            let called = globals.get_item(&name)?.into_iter();
            let mut called: Vec<Bound<'_, PyAny>> = called.collect();
            for class in &classes {
                called.extend(in_class(class, &name)?);
            }
            for object in called {
                if let Some(code) = code_here(&object, &globals)?
                    && !seen.iter().any(|known| known.is(&code))
                {
                    names.add(&code, &own)?;
                    seen.push(code);
                }
            }
        }
        Ok(names)
    }

    /// Adds the names in a code object, and in the code in it; those in `hidden` mean something else as globals.
    fn add(&mut self, code: &Bound<'_, PyAny>, hidden: &[String]) -> PyResult<()> {
        for name in code.getattr("co_names")?.extract::<Vec<String>>()? {
            if !hidden.contains(&name) && !self.globals.contains(&name) {
                self.globals.push(name.clone());
            }
            if !self.attributes.contains(&name) {
                self.attributes.push(name);
            }
        }
        for constant in code.getattr("co_consts")?.try_iter()? {
            let constant = constant?;
            if constant.get_type().is(code.get_type()) {
                self.add(&constant, hidden)?;
            } else if let Ok(text) = constant.cast::<PyString>() {
                let text = text.to_str().unwrap_or_default().to_owned();
                if text.len() <= LONGEST_KEY && !self.texts.contains(&text) {
                    self.texts.push(text);
                }
            }
        }
        Ok(())
    }
}

/// What a class or one of its bases has under a name, as it stands there.
pub fn in_class<'py>(class: &Bound<'py, PyType>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
    for base in class.mro() {
        let found = base.getattr("__dict__")?.call_method1("get", (name,))?;
        // A class that has `None` under a name has it there.
        if !found.is_none() || base.getattr("__dict__")?.contains(name)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The code of a function, or of a kernel's, that has these globals.
pub fn code_here<'py>(object: &Bound<'py, PyAny>, globals: &Bound<'py, PyDict>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let function = match kernel::as_kernel(object).is_some() {
        true => object.getattr("py_func")?,
        false => object.clone(),
    };
    match (function.getattr("__code__"), function.getattr("__globals__")) {
        (Ok(code), Ok(own)) if own.is(globals) => Ok(Some(code)),
        _ => Ok(None),
    }
}
