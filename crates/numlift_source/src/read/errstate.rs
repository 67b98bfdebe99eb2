//! `with np.errstate(divide="ignore"): …` around compiled code.
//!
//! ```text
//! with np.errstate(divide="ignore"):        the division notes no event; Python that runs in between, and Python that
//!     r = a / b                             goes on from here, have the state set
//! ```
//!
//! Only where all that is said is `"ignore"`: what is raised at once, or given to a function, stays Python's.

use std::ops::Range;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, Stmt, StmtWith};
use ruff_text_size::{Ranged, TextRange};

use super::reader::Reader;
use super::refusal::Read;
use super::suite::{Rest, Step};
use crate::names::Names;
use crate::project::{ModuleId, ProjectNames};

/// Statements around which events are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignoring {
    pub statements: Range<u32>,
    /// The kinds of events, as `np.errstate` names them.
    pub kinds: Vec<String>,
    /// The arguments of `np.errstate`, as Python text in parentheses; one for each manager.
    pub arguments: Vec<String>,
}

/// All such statements of a module, those inside of others behind them.
pub fn ignoring(project: &ProjectNames, module: ModuleId) -> Vec<Ignoring> {
    let of = project.module(module);
    let mut found = Found {
        names: &of.names,
        source: of.parsed.source(),
        all: Vec::new(),
    };
    found.visit_body(&of.parsed.module.body);
    found.all
}

struct Found<'a> {
    names: &'a Names,
    source: &'a str,
    all: Vec<Ignoring>,
}

impl<'a> Visitor<'a> for Found<'a> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if let Stmt::With(with) = stmt {
            self.all.extend(what_is_ignored(self.names, self.source, with));
        }
        visitor::walk_stmt(self, stmt);
    }
}

fn what_is_ignored(names: &Names, source: &str, with: &StmtWith) -> Option<Ignoring> {
    let mut found = Ignoring {
        statements: body_of(with),
        kinds: Vec::new(),
        arguments: Vec::new(),
    };
    for item in &with.items {
        let Expr::Call(call) = &item.context_expr else {
            return None;
        };
        let is_errstate = names.qualified_name(&call.func).as_deref() == Some("numpy.errstate");
        if !is_errstate || item.optional_vars.is_some() || !call.arguments.args.is_empty() || with.is_async {
            return None;
        }
        for keyword in &call.arguments.keywords {
            let kind = keyword.arg.as_ref()?.as_str();
            let is_ignored = matches!(&keyword.value, Expr::StringLiteral(text) if text.value.to_str() == "ignore");
            if !is_ignored || !matches!(kind, "all" | "divide" | "over" | "under" | "invalid") {
                return None;
            }
            found.kinds.push(kind.to_owned());
        }
        found.arguments.push(source[call.arguments.range()].to_owned());
    }
    Some(found)
}

fn body_of(with: &StmtWith) -> Range<u32> {
    let range = with
        .body
        .first()
        .map_or(with.range, |first| first.range().cover(with.range));
    let start = with.body.first().map_or(range.end(), |first| first.start());
    start.into()..with.end().into()
}

/// Managers that are entered at a place, and inside of how many loops of the function each was.
#[derive(Debug, Clone)]
pub(super) struct Entered {
    pub statements: Range<u32>,
    pub loops: usize,
    pub texts: Vec<String>,
}

impl<'a> Reader<'a> {
    /// Reads the statements of a `with` that only says which events are ignored; `None` of another.
    pub(super) fn ignoring(&mut self, with: &'a StmtWith, rest: &Rest<'_, 'a>) -> Read<Option<Step>> {
        let frame = self.frame();
        let source = frame.module.parsed.source();
        let found = what_is_ignored(&frame.module.names, source, with).filter(|_| self.options.frames.is_some());
        // Python would enter those of callers behind those of callees.
        let found = found.filter(|_| !self.waits_in_managers());
        let Some(found) = found else { return Ok(None) };
        let entered = Entered {
            statements: found.statements,
            loops: self.loops.len() - self.frame().loops,
            texts: found.arguments.iter().map(|text| format!("_errstate{text}")).collect(),
        };
        let frame = self.frames.last_mut().expect("there is always a frame");
        frame.entered.retain(|known| known.statements != entered.statements);
        frame.entered.push(entered);
        Ok(Some(Step::Done(self.suite(&with.body, Some(rest))?)))
    }

    /// What is still to come of the loops around a statement of the present function, and the managers in between.
    pub(super) fn iterators_at(&self, statement: TextRange) -> Vec<(String, Vec<numlift_ir::function::ValueId>)> {
        let frame = self.frame();
        let start = u32::from(statement.start());
        let managers = |loops: usize| {
            let around = frame.entered.iter();
            let around = around.filter(move |entered| entered.loops == loops && entered.statements.contains(&start));
            around.flat_map(|entered| entered.texts.iter().map(|text| (text.clone(), Vec::new())))
        };
        let own = &self.loops[frame.loops..];
        let mut all: Vec<_> = managers(0).collect();
        for (number, open) in own.iter().enumerate() {
            all.extend(open.iterator.clone());
            all.extend(managers(number + 1));
        }
        all
    }
}
