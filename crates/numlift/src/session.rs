//! What every stage of a session works with: the program as it was watched, and who runs things and reports.

use numlift_region::protocol::RegionId;
use numlift_source::text::SourceText;

use crate::check::{Budget, Subject};
use crate::config::Config;
use crate::cure::Curer;
use crate::describe;
use crate::hot::Hot;
use crate::observer::Observer;
use crate::project::Project;
use crate::report::RegionReport;
use crate::watch::Watched;
use crate::worker::Worker;

/// One program, one run of numlift.
pub struct Session<'a> {
    pub config: &'a Config,
    pub project: &'a Project,
    pub watched: &'a Watched,
    pub curer: &'a dyn Curer,
    pub worker: &'a mut dyn Worker,
    pub observer: &'a mut dyn Observer,
    /// Bytes that a cure may take.
    pub max_memory: u64,
    /// The time for checking, of the stage that runs.
    pub budget: Budget,
}

impl<'a> Session<'a> {
    /// What the verifier is to be told of a region.
    pub fn subject<'h>(&self, hot: &Hot<'h>, source: &'h SourceText, report: &RegionReport) -> Subject<'h>
    where
        'a: 'h,
    {
        Subject {
            spec: hot.spec,
            watch: hot.watch,
            source,
            watched: self.watched,
            root: &self.project.root,
            name: format!("{}:{}", report.file, place(report)),
            max_memory: Some(self.max_memory),
        }
    }

    /// Why the region cannot be run again by itself.
    pub fn why_not_run(&self, hot: &Hot<'_>) -> Option<String> {
        if let Some(effect) = self.effect_of(hot.spec.id) {
            return Some(format!("it {effect}, so it is never run again by itself"));
        }
        if hot.watch.captures.is_empty() {
            let why = hot
                .watch
                .refused
                .as_deref()
                .unwrap_or("it was never seen from start to end");
            return Some(format!("its input could not be captured: {why}"));
        }
        None
    }

    /// What a region did to the world, in words.
    fn effect_of(&self, region: RegionId) -> Option<String> {
        let effect = self
            .watched
            .report
            .effects
            .iter()
            .find(|effect| effect.region == Some(region) || effect.within.contains(&region))?;
        Some(describe::effect(effect))
    }
}

/// The lines of a region: `12`, `12-20`.
pub fn place(report: &RegionReport) -> String {
    if report.first_line == report.last_line {
        report.first_line.to_string()
    } else {
        format!("{}-{}", report.first_line, report.last_line)
    }
}
