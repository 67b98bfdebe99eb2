//! A function gets the decorator that compiles it.
//!
//! ```text
//!     def kick(self, dt):               @jit
//!         …                    =>       def kick(self, dt):
//!                                           …
//! ```
//!
//! The decorator stands directly above the `def`, below those that are there; the import that it needs stands with
//! the file's own.

use numlift_region::protocol::RegionSpec;
use numlift_source::edit::decorator::{Decorator, numba_njit, numlift_jit};
use numlift_source::functions::Compilable;
use numlift_source::module::Module;
use numlift_verify::job::{Compiler, KernelJob};

use crate::cure::{Announced, Cure, Strength, TextEdit};

/// The cure for a region that is the body of a function.
pub fn cure(module: &Module, spec: &RegionSpec, compiler: Compiler, exact: bool) -> Option<Cure> {
    let function = function_of(module, spec)?;
    let decorator = decorator(module, compiler, function.line_start);
    let (start, end) = function.body;
    let rounds = module.elementary(start, end);
    let written = written(&decorator, compiler, exact && rounds);
    let source = module.parsed.source();
    let indent = &source[function.line_start as usize..function.def_start as usize];
    Some(Cure {
        why: match function.is_callback {
            true => "called back by SciPy".to_owned(),
            false => "interpreted loop".to_owned(),
        },
        form: format!("{written} {}", function.qualname),
        edits: vec![TextEdit {
            file: spec.file.clone(),
            start: function.line_start as usize,
            end: function.line_start as usize,
            text: format!("{indent}{written}\n"),
        }],
        new_text: String::new(),
        imports: decorator.import.into_iter().collect(),
        kernel: Some(KernelJob {
            compiler,
            exact: exact && rounds,
            parameters: function.parameters,
            outlined: None,
        }),
        ..compiled(rounds && !exact, compiler, &["compile"])
    })
}

/// Hands a compiled function to SciPy's routines as a C function, where they take one of its kind.
pub fn hand_over(cure: &mut Cure, module: &Module, spec: &RegionSpec, native: Option<&str>) {
    let uses = function_of(module, spec)
        .map(|function| function.native)
        .unwrap_or_default();
    let uses: Vec<_> = uses.into_iter().filter(|one| native == Some(one.kind)).collect();
    for one in &uses {
        let (start, end) = (one.start as usize, one.end as usize);
        let name = &module.parsed.source()[start..end];
        cure.edits.push(TextEdit {
            file: spec.file.clone(),
            start,
            end,
            text: format!("getattr({name}, \"scipy\", {name})"),
        });
    }
    if !uses.is_empty() {
        cure.steps.push("hand over".to_owned());
        cure.announced.push(Announced {
            text: "SciPy calls it as a C function: an exception in it is raised when the routine has returned"
                .to_owned(),
            allow: Vec::new(),
        });
    }
}

/// How the decorator is spelled in a file, and what it needs.
pub fn decorator(module: &Module, compiler: Compiler, needed: u32) -> Decorator {
    match compiler {
        Compiler::Numlift => numlift_jit(module, needed),
        Compiler::Numba => numba_njit(module, needed),
    }
}

/// `@jit`, with the options that are needed.
pub fn written(decorator: &Decorator, compiler: Compiler, exact: bool) -> String {
    let options = match (compiler, exact) {
        (Compiler::Numlift, true) => "(math=\"numpy\")",
        (Compiler::Numlift, false) | (Compiler::Numba, _) => "",
    };
    format!("@{}{options}", decorator.name)
}

/// What all cures that compile have in common.
pub fn compiled(rounds: bool, compiler: Compiler, steps: &[&str]) -> Cure {
    let announced = match compiler {
        Compiler::Numlift => Vec::new(),
        Compiler::Numba => vec![Announced {
            text: "where Python raises, and where an int leaves 64 bits, Numba's code does something else".to_owned(),
            allow: Vec::new(),
        }],
    };
    Cure {
        why: String::new(),
        form: String::new(),
        edits: Vec::new(),
        new_text: String::new(),
        imports: Vec::new(),
        strength: match rounds {
            true => Strength::Rounding,
            false => Strength::Exact,
        },
        rel_bound: 0.0,
        conditions: Vec::new(),
        facts: Vec::new(),
        steps: steps.iter().map(|step| (*step).to_owned()).collect(),
        announced,
        peak_bytes: None,
        kernel: None,
    }
}

fn function_of(module: &Module, spec: &RegionSpec) -> Option<Compilable> {
    let found = module.compilable().into_iter();
    let mut found = found.filter(|function| {
        let place = module.place(function.body.0);
        function.qualname == spec.function && place.line == spec.start.line && place.column == spec.start.column
    });
    found.next()
}
