//! A new specialization: what the arguments are, what the compiler makes of that, and loading it.
//!
//! ```text
//! arguments, outside names ─► Request ─► numlift::compile ─► LLVM text ─► numlift._engine ─► object ─► loaded
//!                                            └► Refusal: reported once, the function runs in Python for these types
//! ```

#![expect(unsafe_code, reason = "describes arguments by their layout")]

use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use numlift_abi::request::Callable;
use numlift_abi::request::{Math, Method, Options, Parallel, What};
use numlift_abi::{Param, Product, Refusal, Repr, Request, Spec};
use numlift_runtime::Code;
use pyo3::exceptions::PyValueError;
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::ffi::{self, PyObject};
use pyo3::prelude::*;

use super::arguments::{Memory, Wanteds};
use super::call::with_slots;
use super::describe::{self, Describe};
use super::engine::{self, Keeping};
use super::kernel::KernelObject;
use super::lookup::Item;
use super::names::Names;
use super::numpy::Numpy;
use super::outside::{OfArgument, Outside, attributes, bound, callables, items_of_globals, methods, outside};
use super::recent;
use super::runtime;
use super::specialization::{Body, Compiled, Specialization};

/// Makes the specialization for these arguments and puts it first. None where an argument has no description.
///
/// # Safety
/// `kernel` is a kernel, and `arguments` has as many objects as its function has parameters.
pub unsafe fn specialize(
    py: Python<'_>,
    numpy: &'static Numpy,
    kernel: *mut KernelObject,
    arguments: *const *mut PyObject,
) -> PyResult<Option<Rc<Specialization>>> {
    let began = Instant::now();
    // SAFETY: as the caller says.
    let kernel = unsafe { &*kernel };
    let inner = kernel.inner();
    let mut describe = Describe::new(numpy);
    let mut params = Vec::new();
    for place in 0..inner.signature.len() {
        // SAFETY: as the caller says.
        match unsafe { describe.value(*arguments.add(place)) } {
            Ok(param) => params.push(param),
            Err(describe::TooLarge) => return Ok(None),
        }
    }
    // SAFETY: as the caller says.
    let given = unsafe { bound(py, arguments, params.len()) };
    let names = Names::of(py, kernel, &given)?;
    let outside = outside(py, kernel, &names, &mut describe)?;
    let library = library(&outside, &names.attributes);
    // SAFETY: as the caller says.
    let mut attributes = unsafe { attributes(py, &params, arguments, &names, &mut describe) }?;
    attributes.extend(items_of_globals(&outside, &names, &mut describe)?);
    // SAFETY: as the caller says.
    let methods = unsafe { methods(py, &params, arguments, &names, &mut describe) }?;
    let callables = callables(py, kernel, &given, &mut describe)?;
    // SAFETY: as the caller says.
    let disjoint = unsafe { are_disjoint(numpy, &params, arguments, &outside, &attributes) };
    let params = generalized(kernel, params);
    let options = options(py, kernel)?;
    let request = request(
        py,
        kernel,
        &params,
        (outside, attributes, methods, callables),
        disjoint,
        options,
    )?;
    let mut forms = None;
    let (loaded, library) = match (library, request) {
        (Ok(library), Ok(request)) => {
            forms = KEEPS_FORMS
                .load(Ordering::Relaxed)
                .then(|| forms_of(&request))
                .flatten();
            (made_for(py, kernel, request)?, library)
        }
        (Err(refusal), _) => (Err(refusal), Vec::new()),
        (Ok(library), Err(refusal)) => (Err(refusal), library),
    };
    let body = match loaded {
        Ok(compiled) => Body::Compiled(Box::new(compiled)),
        Err(refusal) => Body::Python(refused(py, kernel, refusal)?),
    };
    // SAFETY: as the caller says.
    let mut made = unsafe { Specialization::new(kernel, py, params, disjoint, body, arguments) }?;
    made.forms = forms;
    let made = Rc::new(made.with_library(library));
    made.making.set(began.elapsed());
    let mut specializations = inner.specializations.borrow_mut();
    // What stays in Python must not hide what is compiled for the same arguments and other outside values.
    let place = if matches!(made.body, Body::Python(_)) {
        specializations.len()
    } else {
        0
    };
    specializations.insert(place, Rc::clone(&made));
    Ok(Some(made))
}

/// Compiled code for a request: for functions in functions, which are made again and again, what was made lately.
fn made_for(py: Python<'_>, kernel: &KernelObject, request: Request) -> PyResult<Result<Compiled, Refusal>> {
    let flags: c_int = kernel.code(py)?.getattr("co_flags")?.extract()?;
    if flags & ffi::CO_NESTED == 0 {
        return match product(&request) {
            Ok(product) => load(py, kernel, product),
            Err(refusal) => Ok(Err(refusal)),
        };
    }
    let answer = match recent::answer(&request) {
        Some(answer) => answer,
        None => {
            let answer = match product(&request) {
                Ok(product) => code_of(py, kernel, &product)?.map(|code| (product, code)),
                Err(refusal) => Err(refusal),
            };
            recent::keep(request, answer.clone());
            answer
        }
    };
    match answer {
        Ok((product, code)) => Ok(Ok(compiled(product, code)?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Whether the forms of functions are kept, for `numlift show`.
static KEEPS_FORMS: AtomicBool = AtomicBool::new(false);

/// From here on the forms of functions that are compiled are kept.
pub fn keep_forms() {
    KEEPS_FORMS.store(true, Ordering::Relaxed);
}

/// The forms by name.
fn forms_of(request: &Request) -> Option<Vec<(&'static str, String)>> {
    let stages = numlift::compile::stages(request).ok()?;
    Some(vec![
        ("read", stages.read),
        ("raised", stages.raised),
        ("selected", stages.selected),
        ("loops", stages.loops),
    ])
}

/// What the compiler makes of a request. A bug in it is a refusal, since the function still runs in Python; under
/// `strict`, so is Python inside of what is compiled.
fn product(request: &Request) -> Result<Product, Refusal> {
    // What is told as a refusal is not written to the program's standard error too.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let product = catch_unwind(AssertUnwindSafe(|| numlift::compile::compile(request)));
    std::panic::set_hook(hook);
    let product = product.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().map(String::as_str);
        let said = said.or_else(|| panic.downcast_ref::<&str>().copied());
        Err(internal(said.unwrap_or("no message")))
    })?;
    // That an object is made of a constant is no matter, and neither what hardly ever happens, nor that a
    // plain attribute is stored.
    let plain = request.attributes.iter().all(|attribute| attribute.stores_plainly);
    let mut islands = product.spec.islands.iter();
    let cause = islands.find(|island| !(island.boxes() || island.draws() || plain && island.stores()));
    match cause {
        Some(island) if request.options.strict => Err(Refusal {
            place: Some(island.place),
            reason: format!("a part of it would run in Python: {}", island.reason),
            help: None,
        }),
        Some(_) | None => Ok(product),
    }
}

fn internal(message: &str) -> Refusal {
    Refusal {
        place: None,
        reason: format!("internal error: {message}"),
        help: Some("please report it with the function's source".to_owned()),
    }
}

/// Reports that a call runs in Python whatever its types are; an error under `strict`.
pub fn stays(py: Python<'_>, kernel: &KernelObject, reason: &str) -> PyResult<()> {
    let refusal = Refusal {
        place: None,
        reason: reason.to_owned(),
        help: None,
    };
    refused(py, kernel, refusal).map(|_| ())
}

/// The forms of the function for these arguments: `read`, `loops`, `llvm`; an error where it is refused.
///
/// # Safety
/// `kernel` is a kernel, and `arguments` has as many objects as its function has parameters.
pub unsafe fn stages(
    py: Python<'_>,
    numpy: &'static Numpy,
    kernel: *mut KernelObject,
    arguments: *const *mut PyObject,
) -> PyResult<[String; 3]> {
    // SAFETY: as the caller says.
    let kernel = unsafe { &*kernel };
    let mut describe = Describe::new(numpy);
    let mut params = Vec::new();
    for place in 0..kernel.inner().signature.len() {
        // SAFETY: as the caller says.
        match unsafe { describe.value(*arguments.add(place)) } {
            Ok(param) => params.push(param),
            Err(describe::TooLarge) => return Err(PyRuntimeError::new_err("an int beyond 64 bits")),
        }
    }
    // SAFETY: as the caller says.
    let given = unsafe { bound(py, arguments, params.len()) };
    let names = Names::of(py, kernel, &given)?;
    let outside = outside(py, kernel, &names, &mut describe)?;
    // SAFETY: as the caller says.
    let mut attributes = unsafe { attributes(py, &params, arguments, &names, &mut describe) }?;
    attributes.extend(items_of_globals(&outside, &names, &mut describe)?);
    // SAFETY: as the caller says.
    let methods = unsafe { methods(py, &params, arguments, &names, &mut describe) }?;
    let callables = callables(py, kernel, &given, &mut describe)?;
    // SAFETY: as the caller says.
    let disjoint = unsafe { are_disjoint(numpy, &params, arguments, &outside, &attributes) };
    let refused = |refusal: Refusal| PyRuntimeError::new_err(refusal.reason);
    let request = request(
        py,
        kernel,
        &params,
        (outside, attributes, methods, callables),
        disjoint,
        options(py, kernel)?,
    )?
    .map_err(refused)?;
    let stages = numlift::compile::stages(&request).map_err(refused)?;
    Ok([
        stages.read,
        stages.loops,
        stages.llvm.unwrap_or_else(|refusal| refusal.reason),
    ])
}

/// The functions of NumPy and `math` that a function may mean by its names: they must stay what they are.
fn library(outside: &[Outside<'_>], names: &[String]) -> Result<Vec<Item>, Refusal> {
    let mut found = Vec::new();
    for one in outside {
        let What::Module(module) = &one.seen.what else {
            continue;
        };
        let root = module.split('.').next().unwrap_or_default();
        if ["numpy", "math", "cmath", "heapq", "collections"].contains(&root) {
            let added = Item::of_module(&one.object, names, 2, &mut found);
            added.map_err(|error| Refusal {
                place: None,
                reason: error.value(one.object.py()).to_string(),
                help: None,
            })?;
        }
    }
    Ok(found)
}

/// Adds code for a spec of which nothing is asked: what tests call compiled code by.
pub fn add(py: Python<'_>, kernel: &KernelObject, text: String, spec: Spec) -> PyResult<()> {
    let product = Product {
        text,
        spec,
        explanation: Vec::new(),
    };
    let params = product.spec.params.clone();
    let compiled = load(py, kernel, product)?.map_err(|refusal| PyRuntimeError::new_err(refusal.reason))?;
    // SAFETY: without arguments nothing of them may be fixed, which is an error.
    let made = unsafe {
        Specialization::new(
            kernel,
            py,
            params,
            true,
            Body::Compiled(Box::new(compiled)),
            std::ptr::null(),
        )
    }?;
    kernel.inner().specializations.borrow_mut().insert(0, Rc::new(made));
    Ok(())
}

/// Whether the arrays among the arguments and outside values share no memory.
unsafe fn are_disjoint(
    numpy: &Numpy,
    params: &[Param],
    arguments: *const *mut PyObject,
    outside: &[Outside<'_>],
    attributes: &[OfArgument<'_>],
) -> bool {
    let values = outside.iter().filter_map(|outside| match &outside.seen.what {
        What::Value(param) => Some((param, outside.object.as_ptr())),
        What::Module(_)
        | What::Definition { .. }
        | What::Kernel { .. }
        | What::Named { .. }
        | What::Other(_)
        | What::Missing => None,
    });
    let own = (0..).zip(params).map(|(place, param)| {
        // SAFETY: there is an argument for each parameter.
        (param, unsafe { *arguments.add(place) })
    });
    let of_arguments = attributes.iter().map(|one| (&one.attribute.param, one.object.as_ptr()));
    let (params, objects): (Vec<&Param>, Vec<*mut PyObject>) = own.chain(values).chain(of_arguments).unzip();
    let wanted = Wanteds::new(params.into_iter(), Memory::Disjoint);
    // SAFETY: there is an object for each.
    with_slots(wanted.slots, |slots| unsafe {
        wanted.unbox(numpy, objects.as_ptr(), slots)
    })
}

/// So many strings in the place of one argument have code of their own.
const MOST_TEXTS: usize = 8;

/// The parameters, without equalities of extents that did not hold in an earlier call with these types. Strings in a
/// place where there were many say nothing of how the function works.
fn generalized(kernel: &KernelObject, params: Vec<Param>) -> Vec<Param> {
    let specializations = kernel.inner().specializations.borrow();
    let mut params = params;
    for (place, param) in params.iter_mut().enumerate() {
        let is_text = |earlier: &&Rc<Specialization>| matches!(earlier.params.get(place), Some(Param::Text(_)));
        if matches!(param, Param::Text(_)) && specializations.iter().filter(is_text).count() >= MOST_TEXTS {
            *param = Param::Value(Repr::Object);
        }
    }
    for earlier in specializations.iter() {
        let (one, other): (Vec<&Param>, Vec<&Param>) = (params.iter().collect(), earlier.params.iter().collect());
        if let Some(common) = describe::common(&one, &other) {
            params = common;
        }
    }
    params
}

fn options(py: Python<'_>, kernel: &KernelObject) -> PyResult<Options> {
    let options = kernel.options(py)?;
    let flag = |name: &str, default: bool| -> PyResult<bool> {
        options.get_item(name)?.map_or(Ok(default), |value| value.extract())
    };
    let parallel = match options.get_item("parallel")? {
        Some(asked) => match asked.extract::<bool>() {
            Ok(true) => Parallel::Always,
            Ok(false) => Parallel::Never,
            Err(_) if asked.extract::<&str>().is_ok_and(|text| text == "tested") => Parallel::Tested,
            Err(_) => Parallel::Auto,
        },
        None => Parallel::Auto,
    };
    let math = match options.get_item("math")? {
        Some(asked) if asked.extract::<String>().is_ok_and(|name| name == "numpy") => Math::Numpy,
        Some(_) | None => Math::Numlift,
    };
    let slip: Option<String> = match options.get_item("slip")? {
        Some(name) => name.extract()?,
        None => None,
    };
    Ok(Options {
        parallel,
        fastmath: flag("fastmath", false)?,
        math,
        strict: flag("strict", false)?,
        cache: flag("cache", true)?,
        always: flag("always", false)?,
        slip: slip
            .as_deref()
            .map(numlift::compile::slip_named)
            .transpose()
            .map_err(PyValueError::new_err)?,
        all_names: flag("all_names", false)?,
        adds_plainly: py.version_info() < (3, 12),
    })
}

/// What is asked of the compiler; a refusal where the function's source is not there.
fn request(
    py: Python<'_>,
    kernel: &KernelObject,
    params: &[Param],
    (outside, attributes, methods, callables): (Vec<Outside<'_>>, Vec<OfArgument<'_>>, Vec<Method>, Vec<Callable>),
    disjoint: bool,
    options: Options,
) -> PyResult<Result<Request, Refusal>> {
    let function = kernel.python_function(py)?;
    let found = py.import("numlift._source")?.call_method1("text_of", (&function,))?;
    let refusal = |reason: String| Refusal {
        place: None,
        reason,
        help: None,
    };
    let (source, reason): (Option<String>, String) = found.extract()?;
    let Some(source) = source else {
        return Ok(Err(refusal(reason)));
    };
    let code = kernel.code(py)?;
    let text = |name: &str| -> PyResult<String> { function.getattr(name)?.extract() };
    let signature = &kernel.inner().signature;
    Ok(Ok(Request {
        source,
        path: code.getattr("co_filename")?.extract()?,
        module: function.getattr("__module__")?.extract().unwrap_or_default(),
        line: code.getattr("co_firstlineno")?.extract()?,
        name: text("__name__")?,
        qualname: code.getattr("co_qualname")?.extract()?,
        params: signature.names.iter().cloned().zip(params.iter().cloned()).collect(),
        outside: outside
            .into_iter()
            .map(|outside| (outside.name, outside.seen))
            .collect(),
        attributes: attributes.into_iter().map(|one| one.attribute).collect(),
        methods,
        callables,
        disjoint,
        options,
    }))
}

/// Loads code; a refusal where LLVM or the loader does not take it.
fn load(py: Python<'_>, kernel: &KernelObject, product: Product) -> PyResult<Result<Compiled, Refusal>> {
    match code_of(py, kernel, &product)? {
        Ok(code) => Ok(Ok(compiled(product, code)?)),
        Err(refusal) => Ok(Err(refusal)),
    }
}

fn compiled(product: Product, code: Arc<Code>) -> PyResult<Compiled> {
    Compiled::new(code, product.spec, product.text, product.explanation)
}

fn code_of(py: Python<'_>, kernel: &KernelObject, product: &Product) -> PyResult<Result<Arc<Code>, Refusal>> {
    let function = kernel.python_function(py)?;
    let label: String = format!(
        "{}.{}",
        function.getattr("__module__")?.extract::<String>().unwrap_or_default(),
        function.getattr("__qualname__")?.extract::<String>()?
    );
    let keeping = if options(py, kernel)?.cache {
        Keeping::OnDisk
    } else {
        Keeping::InMemory
    };
    match engine::get_or_compile(py, &product.text, &label, keeping, runtime::resolve) {
        Ok(code) => Ok(Ok(code)),
        // Ctrl-C and the like are the program's.
        Err(error) if !error.is_instance_of::<PyException>(py) => Err(error),
        Err(error) => Ok(Err(internal(&error.value(py).to_string()))),
    }
}

/// Reports a refusal; under `strict` it is an error.
fn refused(py: Python<'_>, kernel: &KernelObject, refusal: Refusal) -> PyResult<String> {
    let function = kernel.python_function(py)?;
    let place = refusal
        .place
        .map(|place| (place.line, place.column, place.end_line, place.end_column));
    let arguments = (function, kernel.options(py)?, &refusal.reason, place, &refusal.help);
    let reason: String = py
        .import("numlift._refusals")?
        .call_method1("refused", arguments)?
        .extract()?;
    Ok(reason)
}
