//! A run of statements as a function of the module, and the statement that calls it.
//!
//! ```text
//! count = 0                              def compute_count(composite):
//! for number in range(2, N):                 count = 0
//!     if not composite[number]:    =>        for number in range(2, N):
//!         count += 1                             if not composite[number]:
//! print(count)                                       count += 1
//!                                            return count
//!
//!
//!                                        count = compute_count(composite)
//!                                        print(count)
//! ```
//!
//! Parameters are the data that the statements read first; imports, functions and classes stay names of the module.
//! Results are what is read afterwards. Not every run of statements can be a function: whoever reads a name half-way
//! (a function that is called, an exception handler) would find the old value, and what is bound only sometimes cannot
//! be returned.

use numlift_source::flow::RegionFlow;
use numlift_source::module::Module;
use numlift_source::names::{BindingKind, Names};

/// Statements as a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlining {
    pub name: String,
    pub parameters: Vec<String>,
    pub results: Vec<String>,
    /// Names that the statements bound and nobody reads.
    pub dropped: Vec<String>,
    /// The `def`, with no indentation and no decorator.
    pub definition: String,
    /// The statement that stands in their place.
    pub call: String,
}

/// The statements between two byte offsets as a function, or why they cannot be one.
pub fn function(module: &Module, start: u32, end: u32) -> Result<Outlining, String> {
    let flow = module
        .region_flow(start, end)
        .ok_or_else(|| "the statements are not found again".to_owned())?;
    possible(&flow)?;
    let parameters: Vec<String> = flow
        .live_in
        .iter()
        .filter(|name| is_data(module, start, name))
        .cloned()
        .collect();
    let results = flow.live_out.clone();
    for result in &results {
        let bound = flow.bound_at_exit.contains(result)
            || (parameters.contains(result) && flow.bound_at_entry.contains(result));
        if !bound {
            return Err(format!("`{result}` may be unbound afterwards"));
        }
    }
    if let Some(name) = parameters.iter().find(|name| !flow.bound_at_entry.contains(name)) {
        return Err(format!("`{name}` may be unbound"));
    }
    let text = module.dedented(start, end);
    if text.contains("__") && module.qualname(function_at(module, start)).contains('.') {
        return Err("private names mean something else outside of the class".to_owned());
    }
    let name = numlift_source::edit::decorator::free_name(&module.names, &wanted_name(&results, &parameters, &text));
    let mut definition = format!("def {name}({}):\n    ", parameters.join(", "));
    definition += &numlift_source::edit::indent(text.trim_end(), "    ", "    ");
    let listed = results.join(", ");
    let (definition, call) = match results.len() {
        0 => (definition, format!("{name}({})", parameters.join(", "))),
        _ => (
            format!("{definition}\n    return {listed}"),
            format!("{listed} = {name}({})", parameters.join(", ")),
        ),
    };
    let dropped = flow.binds.iter().filter(|name| !results.contains(name)).cloned();
    Ok(Outlining {
        name,
        dropped: dropped.collect(),
        parameters,
        results,
        definition,
        call,
    })
}

/// Whether nobody looks at the names half-way, and control leaves the statements at their end only.
fn possible(flow: &RegionFlow) -> Result<(), String> {
    let bound = |names: &[String]| names.iter().find(|name| flow.binds.contains(name)).cloned();
    if flow.returns {
        return Err("it returns from the function around it".to_owned());
    }
    if flow.jumps_out.is_some() || flow.suspends.is_some() || flow.needs_class_cell {
        return Err("control leaves it half-way".to_owned());
    }
    if !flow.binds_outer.is_empty() || !flow.deletes.is_empty() {
        return Err("it binds names of outer scopes, or deletes some".to_owned());
    }
    if let Some(name) = bound(&flow.captured).or_else(|| bound(&flow.reads_through_calls)) {
        return Err(format!("a function that it calls may read `{name}`"));
    }
    let seen = |name: &&String| flow.live_in.contains(name) || flow.binds.contains(name);
    if let Some(name) = flow.binds_through_calls.iter().find(seen) {
        return Err(format!("a function that it calls may bind `{name}`"));
    }
    if let Some(name) = bound(&flow.live_after_raise) {
        return Err(format!("`{name}` is read after an exception"));
    }
    Ok(())
}

/// Whether a name is a variable of the scope around the statements that holds data: no import, no function, no class.
fn is_data(module: &Module, start: u32, name: &str) -> bool {
    let names = &module.names;
    let scope = names.scope_of_statement(start.into());
    let Some(symbol) = names.lookup(scope, name).map(|id| names.symbol(id)) else {
        return false;
    };
    // A global that a function reads stays one.
    let own = symbol.scope != Names::MODULE || scope == Names::MODULE;
    let is_code = |kind: &BindingKind| {
        matches!(
            kind,
            BindingKind::Import { .. }
                | BindingKind::FromImport { .. }
                | BindingKind::Function(_)
                | BindingKind::Class(_)
                | BindingKind::Star { .. }
        )
    };
    let bindings = symbol.bindings.iter().map(|id| &names.binding(*id).kind);
    own && !(symbol.bindings.is_empty() || bindings.into_iter().all(is_code))
}

fn function_at(module: &Module, start: u32) -> Option<numlift_source::names::FunctionId> {
    numlift_source::unread::function_around(module, start)
}

/// `compute_count`, `compute_level_spilled`, `update_cost`, `run_loop`.
fn wanted_name(results: &[String], parameters: &[String], text: &str) -> String {
    const AT_MOST: usize = 2;
    let stored = |name: &&String| {
        text.lines()
            .any(|line| line.trim_start().starts_with(&format!("{name}[")))
    };
    match results {
        [] => match parameters.iter().find(stored) {
            Some(stored) => format!("update_{}", stored.to_lowercase()),
            None => "run_loop".to_owned(),
        },
        some => format!("compute_{}", some[..some.len().min(AT_MOST)].join("_").to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use numlift_source::text::SourceText;

    use super::*;

    fn outlined(source: &str, first: &str, last: &str) -> Result<Outlining, String> {
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let start = source.find(first).unwrap();
        let end = source.rfind(last).unwrap() + last.len();
        function(&module, start as u32, end as u32)
    }

    #[test]
    fn a_loop_of_the_module() {
        let source = "import numpy as np\nN = 9\nmarks = np.zeros(N)\ncount = 0\nfor i in range(N):\n    # seen\n    if \
                      marks[i] == 0:\n        count += 1\n        marks[i] = 1\nprint(count, marks)\n";
        let made = outlined(source, "count = 0", "marks[i] = 1").unwrap();
        insta::assert_snapshot!(format!("{}\n---\n{}", made.definition, made.call), @"
        def compute_count(N, marks):
            count = 0
            for i in range(N):
                # seen
                if marks[i] == 0:
                    count += 1
                    marks[i] = 1
            return count
        ---
        count = compute_count(N, marks)
        ");
        assert_eq!(made.dropped, ["i"]);
    }

    #[test]
    fn what_cannot_be_a_function() {
        let why = |source: &str, first: &str, last: &str| outlined(source, first, last).unwrap_err();
        let sometimes = "x = [1]\nfor v in x:\n    last = v\nprint(last)\n";
        assert_eq!(why(sometimes, "for v", "last = v"), "`last` may be unbound afterwards");
        let seen = "s = 0\ndef f():\n    return s\nfor v in range(9):\n    s += f()\nprint(s)\n";
        assert_eq!(why(seen, "for v", "s += f()"), "a function that it calls may read `s`");
        let returns = "def f(x):\n    for v in x:\n        return v\nf([1])\n";
        assert_eq!(
            why(returns, "for v", "return v"),
            "it returns from the function around it"
        );
        let caught = "s = 0\ntry:\n    for v in range(9):\n        s += v\nexcept ValueError:\n    print(s)\n";
        assert_eq!(why(caught, "for v", "s += v"), "`s` is read after an exception");
    }
}
