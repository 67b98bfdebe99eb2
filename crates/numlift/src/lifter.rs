//! Lifting as a cure: a region's loops become array expressions.
//!
//! The pipeline for one region: types as they were seen, read, lift (raise and select), write. Types that were only
//! observed become tests at the entry, with the original as the other branch; types that are proven need none.

mod facts;
mod form;
mod guard;
mod leavings;
mod lengths;
mod reads;
mod rounding;
mod stages;
mod words;
mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use numlift_ir::function::{Function, OpId, RETURN};
use numlift_ir::op::Kind;
use numlift_ir::scalar::Flavour;
use numlift_ir::ty::Ty;
use numlift_passes::{Lifted, blocker, select};
use numlift_region::protocol::{Pos, RegionId, RegionSpec, RegionWatch};
use numlift_region::seen::Typing;
use numlift_source::direct::{bound_directly, loop_targets};
use numlift_source::project::{ModuleId, ProjectNames};
use numlift_source::read;
use numlift_source::read::program::{Known, Length};
use numlift_source::text::SourceText;
use numlift_source::traps::trap;
use numlift_source::unread;

use crate::check::byte_range;
use crate::cure::{Blocker, Cure, CureSettings, Curer, Finding};
use crate::extents;
use crate::project::Project;
use facts::{is_static, known_facts, typing};
use numlift_verify::job::Fact;
pub use stages::Stages;

/// Lines are not wider than this.
const WIDTH: usize = 88;

/// Lifts regions of one project.
pub struct Lifter {
    files: Vec<PathBuf>,
    linked: ProjectNames,
    /// What holds at every entry of a region, by its number.
    known: BTreeMap<RegionId, Known>,
    nothing: Known,
    main: Option<PathBuf>,
    /// Where the program turns floating-point events or warnings into exceptions.
    trap: Option<(PathBuf, (usize, usize))>,
}

impl Lifter {
    /// Links all modules of a project.
    pub fn new(project: &Project) -> Self {
        let linked = project.linked();
        let files: Vec<PathBuf> = project.sources.keys().cloned().collect();
        let known = known_facts(project, &files, &linked);
        let trap = files.iter().zip(linked.modules()).find_map(|(file, (_, module))| {
            let range = trap(module)?;
            Some((file.clone(), (range.start().to_usize(), range.end().to_usize())))
        });
        Self {
            trap,
            files,
            linked,
            known,
            nothing: Known::default(),
            main: project.main.clone(),
        }
    }

    /// Says what holds at every entry of a region.
    pub fn know(&mut self, region: RegionId, known: Known) {
        self.known.insert(region, known);
    }

    /// The statements of a region, by the byte offsets at which they begin.
    pub fn statements(&self, region: &RegionSpec, source: &SourceText) -> Vec<u32> {
        let found = self.module(region).zip(byte_range(region, source));
        found.map_or(Vec::new(), |(module, (start, end))| {
            self.linked.module(module).statement_starts(start as u32, end as u32)
        })
    }

    /// A region from one of its statements on.
    pub fn rest(&self, region: &RegionSpec, source: &SourceText, start: u32) -> Option<RegionSpec> {
        let (_, end) = byte_range(region, source)?;
        let flow = self
            .linked
            .module(self.module(region)?)
            .region_flow(start, end as u32)?;
        let at = source.position(start);
        Some(RegionSpec {
            start: Pos {
                line: at.line,
                column: at.column,
            },
            live_in: flow.live_in,
            binds: flow.binds,
            live_out: flow.live_out,
            returns: flow.returns,
            ..region.clone()
        })
    }

    fn module(&self, region: &RegionSpec) -> Option<ModuleId> {
        let place = self.files.iter().position(|file| *file == region.file)?;
        self.linked.modules().nth(place).map(|(id, _)| id)
    }

    /// The region in read form, with the types of its live-ins.
    fn read(&self, region: &RegionSpec, source: &SourceText, typing: &Typing) -> Option<Function> {
        let lengths = self.lengths(region).cloned().collect();
        let (start, end) = byte_range(region, source)?;
        let module = self.linked.module(self.module(region)?);
        let direct = bound_directly(&module.parsed, start as u32, end as u32);
        let targets = loop_targets(&module.parsed, start as u32, end as u32);
        // What nobody reads is computed all the same, unless it is a temporary of a loop.
        let results = region.binds.iter().filter(|name| {
            region.live_out.contains(name)
                || direct.contains(*name)
                || (region.live_in.contains(name) && !targets.contains(*name))
        });
        let mut outputs: Vec<String> = results.cloned().collect();
        if region.returns {
            outputs.push(RETURN.to_owned());
        }
        // What the module's own text says of a name (imports, functions, classes) is known without having been seen.
        let inputs: Vec<(String, Ty)> = typing.types.iter().filter(|(_, ty)| !is_static(ty)).cloned().collect();
        let options = read::Options {
            lengths,
            ..read::Options::default()
        };
        let range = (start as u32, end as u32);
        read::read_region(&self.linked, self.module(region)?, range, &inputs, &outputs, &options)
    }
}

impl Curer for Lifter {
    fn cure(
        &self,
        region: &RegionSpec,
        source: &SourceText,
        watched: &RegionWatch,
        settings: &CureSettings,
    ) -> Finding {
        if region.timed_only {
            return self.array_expression(region, source, watched);
        }
        if watched.captures.is_empty() {
            let why = watched
                .refused
                .clone()
                .unwrap_or_else(|| "it was never entered".to_owned());
            return Finding::Blocked(vec![whole(
                region,
                source,
                "not-captured",
                format!("no inputs were captured: {why}"),
            )]);
        }
        let known = self.known(region);
        let types = typing(region, watched, known);
        let Some(function) = self.read(region, source, &types) else {
            return Finding::Blocked(vec![whole(
                region,
                source,
                "not-understood",
                "the statements are not found again".to_owned(),
            )]);
        };
        let options = self.options(region, source, settings.exact);
        match numlift_passes::lift(&function, &options) {
            Lifted::NothingToDo => Finding::AlreadyFast("no loop over elements".to_owned()),
            Lifted::Blocked(blockers) => Finding::Blocked(
                blockers
                    .iter()
                    .map(|blocker| self.blocker(blocker, &function, region, source))
                    .collect(),
            ),
            Lifted::Selected(_) if self.trap.is_some() => {
                let message = "floating-point events or warnings raise in this program, and who catches them could \
                               see what had been stored by then";
                let place = self.trap.clone().into_iter();
                Finding::Blocked(
                    place
                        .map(|(file, span)| Blocker {
                            file,
                            span,
                            ..whole(region, source, "side-effect", message.to_owned())
                        })
                        .collect(),
                )
            }
            Lifted::Selected(selected) => {
                match self.written(region, source, watched, (&types, known), (&function, &selected)) {
                    Ok(cure) => match cure.peak_bytes.filter(|peak| *peak > settings.max_memory) {
                        Some(peak) => Finding::Blocked(vec![too_large(region, source, &cure, peak, settings)]),
                        None => Finding::Cures(vec![cure]),
                    },
                    Err(message) => Finding::Blocked(vec![whole(region, source, "no-array-form", message)]),
                }
            }
        }
    }

    fn facts(&self, region: &RegionSpec, watched: &RegionWatch) -> Vec<Fact> {
        let known = self.known(region);
        let types = typing(region, watched, known).types;
        let certain = types.iter().filter_map(|(name, ty)| {
            let certain = known
                .types
                .get(name)
                .filter(|ty| facts::is_certain(ty) && !is_static(ty))?;
            let _ = ty;
            Some(facts::facts_of(name, certain))
        });
        certain.flatten().collect()
    }

    fn tempting(&self, region: &RegionSpec, source: &SourceText, watched: &RegionWatch) -> Option<Cure> {
        if watched.captures.is_empty() {
            return None;
        }
        let known = self.known(region);
        let types = typing(region, watched, known);
        let function = self.read(region, source, &types)?;
        let options = self.options(region, source, false);
        let lifted = numlift_passes::lift(&function, &options);
        let selected = numlift_passes::tempting::tempting(&function, &lifted, &options)?;
        self.written(region, source, watched, (&types, known), (&function, &selected))
            .ok()
    }
}

impl Lifter {
    /// Whether nobody reads names that the region binds while it runs, or after an exception left it.
    fn may_split(&self, region: &RegionSpec, source: &SourceText) -> bool {
        let place = self.module(region).zip(byte_range(region, source));
        let flow =
            place.and_then(|(module, (start, end))| self.linked.module(module).region_flow(start as u32, end as u32));
        flow.is_some_and(|flow| {
            let mut seen = flow.captured.iter().chain(&flow.live_after_raise);
            !seen.any(|name| region.binds.contains(name))
        })
    }

    /// Whether a statement without loops works on whole arrays, by what is certain of its types.
    fn array_expression(&self, region: &RegionSpec, source: &SourceText, watched: &RegionWatch) -> Finding {
        let types = typing(region, watched, self.known(region));
        let works_on_arrays = self.read(region, source, &types).is_some_and(|function| {
            let mut found = false;
            function.walk(function.body, &mut |op| found |= is_array_work(&function, op));
            found
        });
        if works_on_arrays {
            Finding::AlreadyFast("one array expression".to_owned())
        } else {
            Finding::Blocked(Vec::new())
        }
    }

    /// What lifting may choose for a region.
    fn options(&self, region: &RegionSpec, source: &SourceText, exact: bool) -> select::Options {
        let known = self.known.get(&region.id);
        let names = region.binds.iter().filter(|name| !region.live_out.contains(name));
        let mut unread: BTreeSet<String> = names.cloned().collect();
        // Every call of a function about whose regions something is known is in sight.
        if region.returns && known.is_some() && self.result_is_unread(region, source) {
            unread.insert(RETURN.to_owned());
        }
        // At module level a name is for others to see.
        let needless = match region.function == "<module>" {
            true => BTreeSet::new(),
            false => unread.iter().filter(|name| *name != RETURN).cloned().collect(),
        };
        select::Options {
            exact,
            unread,
            needless,
            disjoint: known.map(|known| known.disjoint.clone()).unwrap_or_default(),
            equal: lengths::equal(self.lengths(region)),
            split: self.may_split(region, source),
        }
    }

    fn result_is_unread(&self, region: &RegionSpec, source: &SourceText) -> bool {
        let is_main = self.main.as_ref() == Some(&region.file);
        let Some(module) = self.module(region).filter(|_| is_main) else {
            return false;
        };
        let module = self.linked.module(module);
        byte_range(region, source)
            .and_then(|(start, _)| unread::function_around(module, start as u32))
            .is_some_and(|function| unread::result_is_unread(module, function))
    }

    fn known(&self, region: &RegionSpec) -> &Known {
        self.known.get(&region.id).unwrap_or(&self.nothing)
    }

    /// Ints that are extents of other live-ins; those that the region binds anew are not followed.
    fn lengths(&self, region: &RegionSpec) -> impl Iterator<Item = &Length> {
        let known = self.known(region);
        let lengths = known.lengths.iter().chain(&known.measured);
        lengths.filter(|length| !region.binds.contains(&length.int) && !region.binds.contains(&length.container))
    }

    fn blocker(
        &self,
        blocker: &blocker::Blocker,
        function: &Function,
        region: &RegionSpec,
        source: &SourceText,
    ) -> Blocker {
        let place = |origin: numlift_ir::function::OriginId| -> Option<(PathBuf, (usize, usize))> {
            let mut origin = function.origins.get(origin.index())?;
            // What was seen through a call is shown at the call when it lies in another file.
            loop {
                let file = self.files.get(origin.file as usize)?;
                if *file == region.file || origin.inlined_at.is_none() {
                    break;
                }
                origin = function.origins.get(origin.inlined_at?.index())?;
            }
            let file = self.files.get(origin.file as usize)?.clone();
            (origin.end > origin.start).then_some((file, (origin.start as usize, origin.end as usize)))
        };
        let (file, span) =
            place(blocker.at).unwrap_or_else(|| (region.file.clone(), byte_range(region, source).unwrap_or((0, 0))));
        let labels = blocker
            .labels
            .iter()
            .filter_map(|(origin, text)| place(*origin).map(|(_, span)| (span, text.clone())))
            .collect();
        Blocker {
            kind: blocker.kind.name().to_owned(),
            message: blocker.message.clone(),
            file,
            span,
            labels,
            help: blocker.help.clone(),
        }
    }
}

/// Arithmetic on an array's elements, or a call of NumPy's that is given an array.
fn is_array_work(func: &Function, op: OpId) -> bool {
    let data = func.op(op);
    let is_work = match &data.kind {
        Kind::Scalar { flavour, .. } => *flavour == Flavour::Ufunc,
        Kind::Call { callee, .. } => callee.starts_with("numpy."),
        _ => false,
    };
    is_work && data.args.iter().any(|arg| matches!(func.ty(*arg), Ty::Array { .. }))
}

/// A rewrite that would not fit into memory.
fn too_large(region: &RegionSpec, source: &SourceText, cure: &Cure, peak: u64, settings: &CureSettings) -> Blocker {
    let (peak, limit) = (extents::shown(peak), extents::shown(settings.max_memory));
    let message = format!(
        "`{}` would need {peak} beside its result, more than --max-memory allows ({limit})",
        cure.form
    );
    let help = format!("with --max-memory above {peak}, or called for fewer rows at a time, it is lifted");
    Blocker {
        help: Some(help),
        ..whole(region, source, "memory", message)
    }
}

/// A blocker that concerns a region as a whole.
fn whole(region: &RegionSpec, source: &SourceText, kind: &str, message: String) -> Blocker {
    Blocker {
        kind: kind.to_owned(),
        message,
        file: region.file.clone(),
        span: byte_range(region, source).unwrap_or((0, 0)),
        labels: Vec::new(),
        help: None,
    }
}
