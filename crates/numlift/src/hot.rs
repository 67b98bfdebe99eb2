//! Which regions are looked at, and in which order: by the time that they take.
//!
//! Regions nest. The outermost one that has a cure is cured as a whole; where it has none, those inside are tried.

use std::collections::{BTreeMap, BTreeSet};

use numlift_region::protocol::{RegionId, RegionSpec, RegionWatch};

use crate::config::Only;
use crate::error::Error;
use crate::project::Project;
use crate::watch::Watched;

/// A region with what was seen of it and the regions directly inside, each by time.
#[derive(Debug, Clone, PartialEq)]
pub struct Hot<'a> {
    pub spec: &'a RegionSpec,
    pub watch: &'a RegionWatch,
    /// Of the program's time.
    pub share: f64,
    pub inner: Vec<Hot<'a>>,
}

impl Hot<'_> {
    /// The region and all inside.
    pub fn all(&self) -> BTreeSet<RegionId> {
        let inside = self.inner.iter().flat_map(Hot::all);
        inside.chain([self.spec.id]).collect()
    }
}

/// The outermost regions that ran, by time.
pub fn by_time(watched: &Watched) -> Vec<Hot<'_>> {
    let total = watched.report.outcome.seconds;
    let seen: BTreeMap<RegionId, &RegionWatch> = watched
        .report
        .regions
        .iter()
        .filter(|region| region.entries > 0)
        .map(|region| (region.id, region))
        .collect();
    let mut inner: BTreeMap<Option<RegionId>, Vec<&RegionSpec>> = BTreeMap::new();
    for spec in watched.regions.iter().filter(|spec| spec.body_of.is_none()) {
        // A region whose parent was not seen stands by itself.
        let parent = spec.parent.filter(|parent| seen.contains_key(parent));
        inner.entry(parent).or_default().push(spec);
    }
    nest(None, &inner, &seen, total)
}

/// The bodies of functions that ran, by time.
pub fn functions(watched: &Watched) -> Vec<Hot<'_>> {
    let total = watched.report.outcome.seconds;
    let bodies = watched.regions.iter().filter(|spec| spec.body_of.is_some());
    let mut hot: Vec<Hot<'_>> = bodies
        .filter_map(|spec| {
            let watch = watched
                .report
                .regions
                .iter()
                .find(|seen| seen.id == spec.id && seen.entries > 0)?;
            Some(Hot {
                spec,
                watch,
                share: if total > 0.0 { watch.seconds / total } else { 0.0 },
                inner: Vec::new(),
            })
        })
        .collect();
    hot.sort_by(|a, b| {
        b.watch
            .seconds
            .total_cmp(&a.watch.seconds)
            .then(a.spec.id.cmp(&b.spec.id))
    });
    hot
}

/// Those of the functions that `--only` means; all without it.
pub fn meant<'a>(functions: Vec<Hot<'a>>, only: &[Only], project: &Project) -> Vec<Hot<'a>> {
    let is_asked = |hot: &Hot<'_>| only.is_empty() || only.iter().any(|wanted| is_meant(hot.spec, wanted, project));
    functions.into_iter().filter(is_asked).collect()
}

fn nest<'a>(
    parent: Option<RegionId>,
    inner: &BTreeMap<Option<RegionId>, Vec<&'a RegionSpec>>,
    seen: &BTreeMap<RegionId, &'a RegionWatch>,
    total: f64,
) -> Vec<Hot<'a>> {
    let specs = inner.get(&parent).map_or(&[][..], Vec::as_slice);
    let mut hot: Vec<Hot<'a>> = specs
        .iter()
        .filter_map(|spec| {
            let watch = *seen.get(&spec.id)?;
            let share = if total > 0.0 { watch.seconds / total } else { 0.0 };
            Some(Hot {
                spec,
                watch,
                share,
                inner: nest(Some(spec.id), inner, seen, total),
            })
        })
        .collect();
    hot.sort_by(|a, b| {
        b.watch
            .seconds
            .total_cmp(&a.watch.seconds)
            .then(a.spec.id.cmp(&b.spec.id))
    });
    hot
}

/// A name or line that fits no region is told before the program runs.
pub fn require_meant(regions: &[RegionSpec], only: &[Only], project: &Project) -> Result<(), Error> {
    for wanted in only {
        let mut loops = regions.iter().filter(|spec| !spec.timed_only);
        if !loops.any(|spec| is_meant(spec, wanted, project)) {
            return Err(Error::Unmatched(match wanted {
                Only::Function(name) => format!("there is no loop in a function `{name}`"),
                Only::Line(line) => format!("there is no loop on line {line}"),
            }));
        }
    }
    Ok(())
}

/// Keeps what `--only` names; it is an error when none of it ran.
pub fn restrict<'a>(hot: Vec<Hot<'a>>, only: &[Only], project: &Project) -> Result<Vec<Hot<'a>>, Error> {
    if only.is_empty() {
        return Ok(hot);
    }
    for wanted in only {
        if !hot
            .iter()
            .any(|region| any(region, &|region| is_meant(region.spec, wanted, project)))
        {
            return Err(Error::Unmatched(match wanted {
                Only::Function(name) => format!("no loop in a function `{name}` was run"),
                Only::Line(line) => format!("the loop on line {line} was not run"),
            }));
        }
    }
    Ok(keep(hot, &|region| {
        only.iter().any(|wanted| is_meant(region.spec, wanted, project))
    }))
}

fn any(region: &Hot<'_>, test: &dyn Fn(&Hot<'_>) -> bool) -> bool {
    test(region) || region.inner.iter().any(|inner| any(inner, test))
}

/// The outermost regions for which `test` holds.
fn keep<'a>(hot: Vec<Hot<'a>>, test: &dyn Fn(&Hot<'_>) -> bool) -> Vec<Hot<'a>> {
    hot.into_iter()
        .flat_map(|region| {
            if test(&region) {
                vec![region]
            } else {
                keep(region.inner, test)
            }
        })
        .collect()
}

fn is_meant(spec: &RegionSpec, wanted: &Only, project: &Project) -> bool {
    match wanted {
        Only::Function(name) => {
            let function = &spec.function;
            function == name || function.split('.').any(|part| part == name) || function.ends_with(&format!(".{name}"))
        }
        Only::Line(line) => {
            let in_main = project.main.as_ref().is_none_or(|main| *main == spec.file);
            in_main && (spec.start.line..=spec.end.line).contains(line)
        }
    }
}
