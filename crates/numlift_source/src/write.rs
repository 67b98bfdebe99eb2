//! Writing: array-form IR becomes the Python that an expert would write.
//!
//! ```text
//! func (x: array<float64>[n]) -> (out, mean)        =>   mean = x.mean()
//!   %1 mean = method mean x                              out = (x - mean)**2
//!   %2 = sub.ufunc x, %1;  %3 out = square.ufunc %2
//!   return %3, %1
//! ```
//!
//! Ops become expressions ([`operation`]), expressions are nested into each other as far as nobody can tell the
//! difference ([`schedule`], by the effects of [`effect`]), what stays becomes statements, and those become lines
//! ([`print`], [`layout`]). Loops that were split off from what is lifted stay loops ([`loops`]). What has no Python text is
//! an error, never a guess: index space is no array form.

use std::collections::BTreeSet;

use numlift_ir::function::{Function, RETURN, ValueId};

mod branch;
mod effect;
mod faults;
mod finish;
mod guard;
mod layout;
mod literal;
mod live;
mod loops;
mod memory;
mod naming;
mod operation;
mod ops;
mod print;
mod python;
mod schedule;
mod share;
mod spelling;
mod variables;

/// What writing needs to know of the file.
pub struct WriteOptions<'a> {
    /// The spelling of a qualified name in the scope of the region: `np.sqrt` for `numpy.sqrt`, `np` for `numpy`, `len`
    /// for `builtins.len` (unless the author hides it). A name that is not known whole is asked for by its prefixes;
    /// where none is known, the writer asks for an import.
    pub names: &'a dyn Fn(&str) -> Option<String>,
    /// Names that a new temporary must not take: those that the scope can see, and more does no harm. Values keep the
    /// names that the region gives them, since what it binds and nobody reads behind it is free; names of functions that
    /// were seen through are given up where they are taken.
    pub taken: &'a BTreeSet<String>,
    /// Columns that a line may have, without the region's own indentation.
    pub width: usize,
}

/// A function as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Statements with relative indentation and `\n` line ends; empty where nothing is to be done.
    pub statements: String,
    /// `import numpy as np`, where the file lacks it.
    pub imports: Vec<String>,
    /// What has to hold for the statements, in the order in which it is asked.
    pub tests: Vec<EntryTest>,
}

/// A test at the entry, an expression over the live-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryTest {
    /// The guard that it is.
    pub guard: ValueId,
    /// On one line.
    pub text: String,
    /// On as many as it needs, without indentation.
    pub lines: String,
}

/// Why there is no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WriteError {
    pub message: String,
}

impl WriteError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// Writes a function whose live-ins are bound to their names; afterwards the live-outs are bound to theirs.
///
/// `guards` are bools of the function that are known at its entry; the guard is their conjunction.
pub fn write(func: &Function, guards: &[ValueId], options: &WriteOptions) -> Result<Written, WriteError> {
    let variables = variables(func);
    let mut imports = BTreeSet::new();
    let func = &share::shared(func);
    let guards = guard::open(func, guards, &variables, options)?;
    let named = schedule::names_in_guard(func, &guard::shared_with_body(func, &guards), &variables, options)?;
    let tests = guard::write(func, &guards, &named, &variables, options, &mut imports)?;
    // Values of the user's own that are taken out of long lines: one more in every round.
    let mut split = BTreeSet::new();
    loop {
        let mut schedule = schedule::Schedule::new(func, options, &variables, &split, &named)?;
        schedule.run()?;
        if let Some(value) = schedule.long
            && split.insert(value)
        {
            continue;
        }
        imports.extend(schedule.state.imports);
        return Ok(Written {
            statements: print::statements(&schedule.state.statements, 0, options.width),
            imports: imports.into_iter().collect(),
            tests,
        });
    }
}

/// The names that the text binds for certain, or finds bound.
fn variables(func: &Function) -> BTreeSet<String> {
    let params = func
        .block(func.body)
        .params
        .iter()
        .filter_map(|param| func.name_of(*param));
    let outputs = func.outputs.iter().map(String::as_str).filter(|name| *name != RETURN);
    params.chain(outputs).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests;
