//! A module of a program, parsed and analysed: what other crates work with, without seeing the tree.

use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use crate::flow::{Flow, ModuleUse, RegionFlow};
use crate::loops::{self, Candidate};
use crate::names::{FunctionId, Names};
use crate::parse::{Parsed, parse, suites_of};
use crate::text::{LineColumn, SourceText};

/// A parsed file with its names and flow.
#[derive(Debug)]
pub struct Module {
    pub parsed: Parsed,
    pub names: Names,
    pub flow: Flow,
}

impl Module {
    /// A program of one file.
    pub fn alone(text: &SourceText) -> Module {
        let parsed = parse(text);
        let names = Names::of(&parsed);
        Module::new(
            parsed,
            names,
            &ModuleUse {
                is_main: true,
                ..ModuleUse::default()
            },
        )
    }

    pub(crate) fn new(parsed: Parsed, names: Names, used: &ModuleUse) -> Module {
        let flow = Flow::of(&parsed, &names, used);
        Module { parsed, names, flow }
    }

    pub fn text(&self) -> &SourceText {
        &self.parsed.text
    }

    /// Places where Python loops over elements, in source order.
    pub fn candidates(&self) -> Vec<Candidate> {
        loops::candidates(&self.parsed, &self.names)
    }

    /// What the statements between two byte offsets read, bind and leave; `None` when these are not the bounds of a
    /// run of statements of one suite.
    pub fn region_flow(&self, start: u32, end: u32) -> Option<RegionFlow> {
        self.flow.region(&self.names, self.parsed.find_statements(start, end)?)
    }

    /// Where each statement of a run between two offsets begins.
    pub fn statement_starts(&self, start: u32, end: u32) -> Vec<u32> {
        let statements = self.parsed.find_statements(start, end).unwrap_or_default();
        statements.iter().map(|stmt| stmt.start().to_u32()).collect()
    }

    /// What a name would mean in the statement that begins at byte `at`: `numpy` for `np` behind its import.
    pub fn meaning_at(&self, name: &str, at: u32) -> Option<String> {
        self.flow.meaning_at(&self.names, name, at.into())
    }

    /// `__qualname__` of a function, `<module>` for none.
    pub fn qualname(&self, function: Option<FunctionId>) -> &str {
        match function {
            Some(id) => &self.names.function(id).qualname,
            None => "<module>",
        }
    }

    pub fn place(&self, offset: u32) -> LineColumn {
        self.text().position(offset)
    }

    /// Whether what stands in a range is an expression of a statement itself, not of one inside of it.
    pub fn is_part(&self, statement: (u32, u32), part: (u32, u32)) -> bool {
        let is_own = |found: &Stmt| found.start().to_u32() == statement.0;
        // What `x += y` adds up is not all that it does.
        let is_no_value = |found: &Stmt| matches!(found, Stmt::AugAssign(_)) || !suites_of(found).is_empty();
        let is_all = |found: &Stmt| part == statement && is_no_value(found);
        let is_inside = statement.0 <= part.0 && part.1 <= statement.1;
        let found = self.parsed.statement_around(part.0);
        is_inside && found.is_some_and(|found| is_own(found) && !is_all(found))
    }

    /// The end of the statements between two offsets as `ast` has it.
    pub fn ast_end(&self, start: u32, end: u32) -> u32 {
        let last = self.parsed.find_statements(start, end).and_then(<[_]>::last);
        last.map_or(end, |last| self.parsed.ast_end(last))
    }

    /// The text of the statements between two offsets, with the indentation of the first one taken away.
    pub fn dedented(&self, start: u32, end: u32) -> String {
        crate::edit::dedent(&self.parsed, start, end)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PIECES: &[&str] = &[
        "x",
        "y",
        "f",
        "C",
        "self",
        "1",
        "'s'",
        "f'{x}'",
        "=",
        "+=",
        ":=",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        ".",
        ";",
        "*",
        "**",
        "@",
        "->",
        "\n",
        "\n    ",
        "\n        ",
        "\n",
        " for ",
        " in ",
        " if ",
        " else ",
        "\nelse:",
        "\nfor x in y:",
        "\nwhile x:",
        "\ndef f(x, *y):",
        "\nclass C(f):",
        "\ntry:",
        "\nexcept C as x:",
        "\nfinally:",
        "\nwith x as y:",
        "\nmatch x:",
        "\n  case [y, *x]:",
        " lambda x: ",
        " import ",
        " from ",
        " as ",
        "global x",
        "nonlocal y",
        "del x",
        "return ",
        "yield ",
        "await ",
        "async ",
        "break",
        "continue",
        "pass",
        "raise ",
        "not ",
        " and ",
        " or ",
        "\t",
        "\\\n",
        "# c",
        "\r\n",
        "é",
        "\x0c",
        "type x = y",
        "print x",
        "==",
        "<",
        " is ",
    ];

    #[test]
    fn names_mean_something_at_a_place() {
        let source = "early = 1\ndef f():\n    a = 1\nimport numpy as np\ndef g():\n    import math as m\n    b = 1\n\
                      class C:\n    def h(self):\n        c = 1\nif x:\n    import os\nlate = 1\n";
        let module = Module::alone(&SourceText::from_str("a.py", source));
        let meaning = |name: &str, at: &str| module.meaning_at(name, source.find(at).unwrap() as u32);
        let numpy = Some("numpy".to_owned());
        assert_eq!(meaning("np", "early"), None);
        assert_eq!(meaning("np", "a = 1"), None);
        assert_eq!(meaning("np", "b = 1"), numpy);
        assert_eq!(meaning("np", "c = 1"), numpy);
        assert_eq!(meaning("np", "late"), numpy);
        assert_eq!(meaning("m", "b = 1"), Some("math".to_owned()));
        assert_eq!(meaning("m", "late"), None);
        assert_eq!(meaning("os", "late"), None);
        assert_eq!(meaning("len", "late"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Broken text too has a tree, names and flow, and its regions are found again by their bounds.
        #[test]
        fn nothing_fails(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
            let module = Module::alone(&SourceText::from_str("a.py", &pieces.concat()));
            for candidate in module.candidates() {
                let found = module.region_flow(candidate.start, candidate.end);
                if module.parsed.first_error().is_none() {
                    prop_assert!(found.is_some());
                }
                module.dedented(candidate.start, candidate.end);
            }
        }
    }
}
