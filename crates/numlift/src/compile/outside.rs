//! What the names from outside of a function stand for when it is called.
//!
//! The text of a file says what its names mean as long as nobody puts something else there; what was seen says it for
//! certain, and is guarded at each call. So names of libraries and functions of the same file are taken for what they
//! are, in a notebook's cell as in a file, and a name that has become something else than its text says is refused.

use numlift_abi::Request;
use numlift_abi::request::What;
use numlift_ir::ty::Ty;
use numlift_source::module::Module;
use numlift_source::names::{Function, FunctionId};

/// Modules of which the reader knows what their functions mean.
const LIBRARIES: [&str; 8] = [
    "builtins",
    "math",
    "cmath",
    "numpy",
    "random",
    "heapq",
    "_heapq",
    "collections",
];

/// Whether the module's text says of a global that it is something of a library, or a function of its own, and it is
/// not: somebody has put another object there.
pub fn contradicts(module: &Module, request: &Request, name: &str, what: &What) -> bool {
    if let Some(function) = module.names.global_function(name) {
        let function = module.names.function(function);
        // What other decorators make of it, nobody looks into.
        if !function.decorators.is_empty() && !matches!(what, What::Kernel { .. }) {
            return false;
        }
        let line = module.place(function.range.start().into()).line;
        return match what {
            What::Definition { written, .. } | What::Kernel { written, .. } => {
                written.as_ref() != Some(&(request.path.clone(), line))
            }
            What::Value(_) | What::Module(_) | What::Named { .. } | What::Other(_) | What::Missing => true,
        };
    }
    let said = module.names.global_meaning(name);
    let root = said.as_deref().and_then(|said| said.split('.').next());
    root.is_some_and(|root| LIBRARIES.contains(&root)) && static_type(what).is_none()
}

/// The type of a name that stands for a part of a library, wherever it was imported.
pub fn static_type(what: &What) -> Option<Ty> {
    // The builtin `open` is made by a module of its own.
    if matches!(what, What::Definition { module, qualname, .. } | What::Named { module, qualname } if matches!(module.as_str(), "_io" | "io") && qualname == "open")
    {
        return Some(Ty::Extern("builtins.open".to_owned()));
    }
    let of_library = |module: &str| {
        let root = module.split('.').next()?;
        LIBRARIES.contains(&root).then_some(())
    };
    match what {
        What::Module(name) => of_library(name).map(|()| Ty::Module(name.clone())),
        What::Definition { module, qualname, .. } | What::Named { module, qualname } => {
            // Where the functions of `heapq` are at home.
            let home = if module == "_heapq" { "heapq" } else { module };
            of_library(module).map(|()| Ty::Extern(format!("{home}.{qualname}")))
        }
        What::Value(_) | What::Kernel { .. } | What::Other(_) | What::Missing => None,
    }
}

/// The function of this file that an object was made of.
pub fn written_here(module: &Module, request: &Request, what: &What) -> Option<FunctionId> {
    let (qualname, written) = match what {
        What::Definition {
            qualname,
            is_class: false,
            written,
            ..
        } => (qualname, written),
        What::Kernel { qualname, written, .. } => (qualname, written),
        _ => return None,
    };
    // A kernel is made of the function that stands behind its decorators.
    let decorated = matches!(what, What::Kernel { .. });
    let (_, line) = written.as_ref().filter(|(path, _)| *path == request.path)?;
    let is_it = |function: &Function| {
        function.qualname == *qualname
            && (decorated || function.decorators.is_empty())
            && module.place(function.range.start().into()).line == *line
    };
    module
        .names
        .functions()
        .find(|(_, function)| is_it(function))
        .map(|(id, _)| id)
}

/// The line of the `lambda` in this file that an object is the value of.
pub fn lambda_here(request: &Request, what: &What) -> Option<u32> {
    match what {
        What::Definition {
            qualname,
            is_class: false,
            written: Some((path, line)),
            ..
        } if qualname.ends_with("<lambda>") && *path == request.path => Some(*line),
        _ => None,
    }
}
