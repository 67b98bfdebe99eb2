//! A loop that is in no function of its own becomes one, which gets the decorator.
//!
//! ```text
//! s = 0.0                          @jit
//! for v in x:                      def compute_s(x):
//!     s += v                           s = 0.0
//!                          =>          for v in x:
//!                                          s += v
//!                                      return s
//!
//!
//!                                  s = compute_s(x)
//! ```
//!
//! The new function stands above the statement of the module that the loop is part of.

use numlift_region::outline::function::function;
use numlift_region::protocol::RegionSpec;
use numlift_source::edit::indentation_at;
use numlift_source::module::Module;
use numlift_verify::job::{Compiler, KernelJob, Outlined};

use super::decorate::{compiled, decorator, written};
use crate::check::byte_range;
use crate::cure::{Announced, Cure, TextEdit};

/// The cure for a region that is a loop with what prepares it.
pub fn cure(module: &Module, spec: &RegionSpec, compiler: Compiler, exact: bool) -> Option<Cure> {
    let (start, end) = byte_range(spec, module.text())?;
    let core = module.loops_in(start as u32, end as u32);
    let made = function(module, core.0, core.1).ok()?;
    let above = module.statement_of_module(core.0)?;
    let decorator = decorator(module, compiler, above);
    let rounds = module.elementary(start as u32, end as u32);
    let written = written(&decorator, compiler, exact && rounds);
    let edit = |start: usize, end: usize, text: String| TextEdit {
        file: spec.file.clone(),
        start,
        end,
        text,
    };
    let source = module.parsed.source();
    let apart = "\n".repeat(2 - blank_lines_above(source, above as usize).min(2));
    let definition = format!("{apart}{written}\n{}\n\n\n", made.definition);
    let (first, last) = (core.0 as usize, core.1 as usize);
    let edits = vec![
        edit(above as usize, above as usize, definition),
        edit(first, last, made.call.clone()),
    ];
    // What stands before and behind the loop in the region stays as it is.
    let indentation = indentation_at(source, start as u32);
    let around = [&source[start..first], &made.call, &source[last..end]].concat();
    let new_text = around.replace("\r\n", "\n").replace(&format!("\n{indentation}"), "\n");
    let mut cure = compiled(rounds && !exact, compiler, &["outline", "compile"]);
    if !made.dropped.is_empty() {
        let names: Vec<String> = made.dropped.iter().map(|name| format!("`{name}`")).collect();
        let are = if names.len() == 1 { "is" } else { "are" };
        cure.announced.push(Announced {
            text: format!("{} {are} no longer defined afterwards", names.join(", ")),
            allow: Vec::new(),
        });
    }
    Some(Cure {
        why: "interpreted loop".to_owned(),
        form: format!("{written} {}", made.name),
        edits,
        new_text,
        imports: decorator.import.into_iter().collect(),
        kernel: Some(KernelJob {
            compiler,
            exact: exact && rounds,
            parameters: made.parameters.into_iter().map(|name| (name, false)).collect(),
            outlined: Some(Outlined {
                name: made.name,
                definition: made.definition,
            }),
        }),
        ..cure
    })
}

/// Empty lines directly above a line; as many as anybody wants at the start of the file.
fn blank_lines_above(source: &str, line_start: usize) -> usize {
    let above = &source[..line_start];
    match above.trim_end().is_empty() {
        true => usize::MAX,
        false => above[above.trim_end().len()..].matches('\n').count().saturating_sub(1),
    }
}
