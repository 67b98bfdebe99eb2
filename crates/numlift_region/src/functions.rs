//! The bodies of functions as regions: what a decorator would compile.
//!
//! ```text
//! def total(x):
//!     """The sum."""
//!     s = 0.0            ┐
//!     for v in x:        │ one region: it is entered when the function is called
//!         s += v         │ and left when it returns; live in are its parameters
//!     return s           ┘ and the globals that it reads
//! ```
//!
//! They are watched and captured as loops are, and stand beside them: a loop's `parent` is never a body.

use std::path::Path;

use numlift_source::functions::Compilable;
use numlift_source::module::Module;

use crate::discover::position;
use crate::protocol::{Called, RegionId, RegionSpec};

/// The bodies of functions that can be compiled, numbered from `first`.
pub fn discover(module: &Module, file: &Path, first: RegionId) -> Vec<RegionSpec> {
    let found = module.compilable();
    let specs = found.iter().filter_map(|function| spec(module, file, function));
    (first..)
        .zip(specs)
        .map(|(id, spec)| RegionSpec { id, ..spec })
        .collect()
}

fn spec(module: &Module, file: &Path, function: &Compilable) -> Option<RegionSpec> {
    let (start, end) = function.body;
    let flow = module.region_flow(start, end)?;
    // A parameter that is not read is given all the same.
    let mut live_in = flow.live_in;
    live_in.extend(function.parameters.iter().map(|(name, _)| name.clone()));
    live_in.sort();
    live_in.dedup();
    Some(RegionSpec {
        id: 0,
        file: file.to_path_buf(),
        function: function.qualname.clone(),
        start: position(module, start),
        end: position(module, module.ast_end(start, end)),
        live_in,
        binds: flow.binds,
        live_out: Vec::new(),
        returns: flow.returns,
        parent: None,
        timed_only: false,
        body_of: Some(Called {
            parameters: function.parameters.clone(),
        }),
    })
}

#[cfg(test)]
mod tests {
    use numlift_source::text::SourceText;

    use super::*;

    #[test]
    fn a_body_has_its_parameters() {
        let source = "K = 2\ndef f(x, unused, *, n=1):\n    'doc'\n    s = 0\n    for v in x:\n        s += K * v\n    return s\n";
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let found = discover(&module, Path::new("a.py"), 5);
        assert_eq!(found.len(), 1);
        let spec = &found[0];
        assert_eq!((spec.id, spec.start.line, spec.end.line), (5, 4, 7));
        assert_eq!(spec.live_in, ["K", "n", "unused", "x"]);
        let called = spec.body_of.as_ref().unwrap();
        let names: Vec<(&str, bool)> = called
            .parameters
            .iter()
            .map(|(name, by)| (name.as_str(), *by))
            .collect();
        assert_eq!(names, [("x", false), ("unused", false), ("n", true)]);
    }
}
