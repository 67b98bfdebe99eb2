//! The array forms of loops, as far as the text tells what the names in them are: lifting without a run.
//!
//! ```text
//! x = np.asarray(x, dtype=float)
//! out = np.zeros(len(x))
//! for i in range(len(x)):            out = 2.0 * x
//!     out[i] = 2.0 * x[i]
//! ```
//!
//! What is certain counts as proven; what is only declared counts, too, and keeps the form from being safe. A form that
//! needs a test at its entry is left to `numlift optimize`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use numlift_ir::table::ArgTy;
use numlift_ir::ty::{Dim, Ty};
use numlift_lint::lift::{Asked, Lifted, LoopForm, Obstacle};
use numlift_region::protocol::{Capture, RegionSpec, RegionWatch};
use numlift_source::edit::Edit;
use numlift_source::read::program::Known;
use numlift_source::statics::{Trust, Type, Typed};

use crate::check::byte_range;
use crate::cure::{Cure, CureSettings, Curer, Discharge, Finding, Strength};
use crate::lifter::Lifter;
use crate::memory;
use crate::project::Project;
use crate::single::project;

/// What one file's loops become. Nothing is read before somebody asks.
#[derive(Default)]
pub struct Forms {
    file: RefCell<Option<File>>,
}

struct File {
    path: PathBuf,
    project: Project,
    lifter: Lifter,
    regions: Vec<RegionSpec>,
}

impl numlift_lint::lift::Lifter for Forms {
    fn lift(&self, asked: &Asked<'_>) -> Option<LoopForm> {
        let mut file = self.file.borrow_mut();
        file.get_or_insert_with(|| File::of(asked.parsed.source())).lift(asked)
    }
}

impl File {
    fn of(source: &str) -> Self {
        let path = PathBuf::from("/program.py");
        let project = project(&path, source, false);
        let regions = project.discover().0;
        Self {
            lifter: Lifter::new(&project),
            regions: regions
                .into_iter()
                .filter(|region| !region.timed_only && region.body_of.is_none())
                .collect(),
            project,
            path,
        }
    }

    fn lift(&mut self, asked: &Asked<'_>) -> Option<LoopForm> {
        let (start, end) = (asked.statement.0 as usize, asked.statement.1 as usize);
        let text = self.project.sources.get(&self.path)?.clone();
        let holding = |region: &&RegionSpec| {
            let range = byte_range(region, &text)?;
            (range.0 <= start && end <= range.1).then_some(range)
        };
        let region = self
            .regions
            .iter()
            .filter_map(|region| Some((holding(&region)?, region)))
            .min_by_key(|(range, _)| range.1 - range.0)
            .map(|(_, region)| region.clone())?;
        // What prepares the loop belongs to it as far as it is understood.
        let mut obstacle = None;
        let statements = self.lifter.statements(&region, &text);
        for from in statements.into_iter().take_while(|from| *from as usize <= start) {
            let Some(part) = self.lifter.rest(&region, &text, from) else {
                continue;
            };
            match self.lift_part(&part, asked) {
                Some(LoopForm::Lifted(lifted)) => return Some(LoopForm::Lifted(lifted)),
                found => obstacle = obstacle.or(found),
            }
        }
        obstacle
    }

    fn lift_part(&mut self, region: &RegionSpec, asked: &Asked<'_>) -> Option<LoopForm> {
        let text = self.project.sources.get(&self.path)?;
        let (start, end) = byte_range(region, text)?;
        let mut types = BTreeMap::new();
        let mut open = Vec::new();
        for name in region.live_in.iter().filter(|name| !region.binds.contains(name)) {
            let typed = (asked.typed)(name, (start as u32, end as u32));
            let Some(ty) = type_of(&typed) else { continue };
            if typed.trust < Trust::Certain {
                open.push(format!("`{name}` is only declared to be what it is"));
            }
            types.insert(name.clone(), ty);
        }
        let known = Known {
            types,
            ..Known::default()
        };
        self.lifter.know(region.id, known);
        let settings = CureSettings {
            exact: false,
            max_memory: memory::default_limit(),
        };
        match self.lifter.cure(region, text, &entered(region), &settings) {
            Finding::Cures(cures) => self.lifted(cures.into_iter().next()?, open).map(LoopForm::Lifted),
            Finding::Blocked(blockers) => {
                // What could not be read says nothing of the loop.
                let found = blockers.into_iter().find(|blocker| blocker.kind == "carried")?;
                let place = |(start, end): (usize, usize)| (start as u32, end as u32);
                Some(LoopForm::Blocked(Obstacle {
                    message: found.message,
                    at: place(found.span),
                    labels: found.labels.into_iter().map(|(at, text)| (place(at), text)).collect(),
                    help: found.help,
                }))
            }
            Finding::AlreadyFast(_) => None,
        }
    }

    /// A cure as a fix, if it needs no test at its entry and nothing elsewhere.
    fn lifted(&self, cure: Cure, mut open: Vec<String>) -> Option<Lifted> {
        let holds = |discharge: &Discharge| matches!(discharge, Discharge::Proven(_) | Discharge::Tolerated(_));
        let is_own = cure.edits.iter().all(|edit| edit.file == self.path);
        if !is_own || !cure.imports.is_empty() || !cure.conditions.iter().all(|one| holds(&one.discharge)) {
            return None;
        }
        if cure.strength == Strength::Rounding {
            open.push("the result is rounded in another way".to_owned());
        }
        open.extend(cure.announced.into_iter().map(|announced| announced.text));
        let edits = cure.edits.into_iter().map(|edit| Edit {
            start: edit.start as u32,
            end: edit.end as u32,
            text: edit.text,
        });
        Some(Lifted {
            edits: edits.collect(),
            form: cure.form,
            open,
        })
    }
}

/// The type that lifting knows for one that the text tells.
fn type_of(typed: &Typed) -> Option<Ty> {
    if typed.trust < Trust::Declared {
        return None;
    }
    match &typed.ty {
        Type::Array {
            dtype: Some(dtype),
            ndim: Some(ndim),
        } if dtype.is_known() && *ndim > 0 => Some(Ty::Array {
            dtype: *dtype,
            shape: vec![Dim::Unknown; *ndim],
            contiguous: false,
        }),
        Type::Plain(ArgTy::Int(_)) => Some(Ty::INT),
        Type::Plain(ArgTy::Bool(_)) => Some(Ty::Bool),
        Type::Plain(ArgTy::Scalar(scalar)) => Some(Ty::scalar(*scalar)),
        _ => None,
    }
}

/// A region that was entered, with nothing seen there.
fn entered(region: &RegionSpec) -> RegionWatch {
    RegionWatch {
        id: region.id,
        entries: 1,
        seconds: 0.0,
        exact: true,
        captures: vec![Capture {
            file: String::new(),
            entry: 0,
            seconds: 0.0,
            bytes: 0,
            live_in: BTreeMap::new(),
            globals: BTreeMap::new(),
            live_out: BTreeMap::new(),
        }],
        refused: None,
    }
}
