//! The array form written back: a cure with its edit, what it stands on, and how each condition was discharged.

use numlift_ir::function::Function;
use numlift_passes::select::{self, Selected, Test};
use numlift_region::protocol::{RegionSpec, RegionWatch};
use numlift_region::seen::{Assumed, Typing};
use numlift_source::edit::{replace_statements, unit};
use numlift_source::read::program::{Known, Length};
use numlift_source::spelling::Spellings;
use numlift_source::text::SourceText;
use numlift_source::write::{self, WriteOptions};
use numlift_verify::job::Fact;

use super::facts::{facts_of, is_certain, is_static};
use super::form::form_of;
use super::guard::{guarded, in_fours, packed, type_test};
use super::reads::Reads;
use super::rounding::rounding_bound;
use super::words::{announced, known_type, plain_type, why};
use super::{Lifter, WIDTH, leavings, lengths};
use crate::check::{byte_range, old_text};
use crate::cure::{Condition, Cure, Discharge, Strength, TextEdit};
use crate::extents;

impl Lifter {
    /// The cure of a region.
    pub(super) fn written(
        &self,
        region: &RegionSpec,
        source: &SourceText,
        watched: &RegionWatch,
        (typing, known): (&Typing, &Known),
        (read, selected): (&Function, &Selected),
    ) -> Result<Cure, String> {
        let module = self
            .linked
            .module(self.module(region).ok_or("the file is not of the project")?);
        let (start, end) = byte_range(region, source).ok_or("the statements are not found again")?;
        let spellings = Spellings::at(&module.parsed, &module.names, start as u32);
        let guards = selected.tested();
        let spell = |qualified: &str| spellings.spell(qualified);
        let options = WriteOptions {
            names: &spell,
            taken: spellings.taken(),
            width: WIDTH,
        };
        let func = leavings::swept(lengths::by_name(&selected.func, self.lengths(region)), region, &guards);
        let written = write::write(&func, &guards, &options).map_err(|error| error.message)?;
        let numpy = spellings.spell("numpy").unwrap_or_else(|| "np".to_owned());
        // What the loop reads decides what it means, whether the new text still reads it or not.
        let used = Reads::of([&func, read]);
        let mut grounds = Grounds::default();
        grounds.known(typing, known, self.lengths(region), &used);
        let imported = spellings.imported();
        grounds
            .facts
            .extend(imported.map(|name| Fact::Value { name: name.to_owned() }));
        grounds.facts.sort_by_key(|fact| format!("{fact:?}"));
        grounds.facts.dedup();
        grounds.assumed(&typing.assumed, &used, &numpy);
        let mut imports = written.imports.clone();
        if grounds.tests.iter().any(|test| test.contains(&format!("{numpy}."))) && spellings.spell("numpy").is_none() {
            imports.push("import numpy as np".to_owned());
        }
        grounds.guards(selected, &written);
        let Grounds {
            conditions,
            facts,
            tests,
        } = grounds;
        let old = old_text(region, source);
        if written.statements.trim().is_empty() {
            return Err("nothing would be left of it".to_owned());
        }
        let new_text = if tests.is_empty() {
            written.statements.clone()
        } else {
            guarded(&tests, &written.statements, &in_fours(&old, unit(&module.parsed)))
        };
        let edit = replace_statements(&module.parsed, start as u32, end as u32, &new_text);
        imports.sort();
        imports.dedup();
        Ok(Cure {
            why: why(selected.pattern, &selected.func).to_owned(),
            form: form_of(&written.statements),
            edits: vec![TextEdit {
                file: region.file.clone(),
                start: edit.start as usize,
                end: edit.end as usize,
                text: edit.text,
            }],
            new_text,
            imports,
            strength: match selected.strength {
                select::Strength::Exact => Strength::Exact,
                select::Strength::Rounding => Strength::Rounding,
            },
            rel_bound: match selected.strength {
                select::Strength::Exact => 0.0,
                select::Strength::Rounding => rounding_bound(watched),
            },
            conditions,
            facts,
            steps: selected.steps.clone(),
            announced: selected.announced.iter().map(announced).collect(),
            peak_bytes: extents::most(&selected.func, watched)
                .map(|found| found.peak)
                .filter(|peak| *peak > 0),
            kernel: None,
        })
    }
}

/// What a cure stands on.
#[derive(Default)]
struct Grounds {
    conditions: Vec<Condition>,
    /// What the verifier takes for given.
    facts: Vec<Fact>,
    /// Tests at the entry, in their order.
    tests: Vec<String>,
}

impl Grounds {
    fn proven(&mut self, text: String, why: &str) {
        self.conditions.push(Condition {
            text,
            discharge: Discharge::Proven(why.to_owned()),
        });
    }

    /// What reading the whole program proves.
    fn known<'l>(&mut self, typing: &Typing, known: &Known, lengths: impl Iterator<Item = &'l Length>, used: &Reads) {
        for (name, ty) in &typing.types {
            let Some(certain) = known.types.get(name).filter(|ty| is_certain(ty)) else {
                continue;
            };
            if is_static(ty) {
                continue;
            }
            self.facts.extend(facts_of(name, certain));
            if used.name(name) {
                let text = format!("`{name}` is {}", known_type(certain));
                self.proven(text, "every call and assignment that can give it a value is in sight");
            }
        }
        for length in lengths {
            self.facts
                .extend([&length.int, &length.container].map(|name| Fact::Lengths { name: name.clone() }));
            if used.path(&length.container) && lengths::is_extent(length, &typing.types) {
                self.conditions.push(lengths::condition(length, &typing.types));
            }
        }
        for (a, b) in &known.disjoint {
            self.facts
                .extend([a, b].map(|name| Fact::Unshared { name: name.clone() }));
            if used.path(a) && used.path(b) {
                let text = format!("`{a}` and `{b}` share no memory");
                self.proven(text, "they are allocated apart and never mixed");
            }
        }
    }

    /// Types that were only seen.
    fn assumed(&mut self, assumed: &[Assumed], used: &Reads, numpy: &str) {
        for assumed in assumed {
            let (path, text, test) = match assumed {
                Assumed::Type { path, ty } => (
                    path,
                    format!("`{path}` is {}", plain_type(ty)),
                    type_test(path, ty, numpy),
                ),
                Assumed::Rectangular { path, levels: 1 } => (
                    path,
                    format!("the rows of `{path}` have one length"),
                    Some(format!("len(set(map(len, {path}))) <= 1")),
                ),
                Assumed::Rectangular { path, .. } => (path, format!("`{path}` is regular"), None),
            };
            if !used.path(path) || test.as_deref() == Some("") {
                continue;
            }
            let discharge = match test {
                Some(test) => {
                    self.tests.push(test.clone());
                    Discharge::Guarded(test)
                }
                None => Discharge::Observed,
            };
            self.conditions.push(Condition { text, discharge });
        }
    }

    /// What the array form needs besides.
    fn guards(&mut self, selected: &Selected, written: &write::Written) {
        for guard in &selected.guards {
            let code = match &guard.test {
                Test::Code(code) => {
                    self.tests.push(code.clone());
                    code.clone()
                }
                Test::Value(value) => match written.tests.iter().find(|test| test.guard == *value) {
                    Some(test) => test.text.clone(),
                    None => continue, // It is certain, or another one asks it.
                },
            };
            if !self
                .conditions
                .iter_mut()
                .any(|known| known.is_guarded_too(&guard.text, &code))
            {
                self.conditions.push(Condition {
                    text: guard.text.clone(),
                    discharge: Discharge::Guarded(code),
                });
            }
        }
        self.tests
            .extend(packed(written.tests.iter().map(|test| test.lines.clone()).collect()));
    }
}
