//! A region in every form that lifting takes it through, for who wants to see them.

use numlift_ir::function::Function;
use numlift_ir::text::compact;
use numlift_passes::select;
use numlift_region::protocol::{RegionSpec, RegionWatch};
use numlift_source::text::SourceText;

use super::Lifter;
use super::facts::typing;
use crate::cure::CureSettings;

/// The forms of one region, each as far as lifting came.
#[derive(Debug, Clone)]
pub struct Stages {
    pub read: Function,
    pub raised: Option<Function>,
    pub selected: Option<Function>,
}

impl Lifter {
    /// The forms of a region that was entered, in compact numbering. A region without loops has the read form only.
    pub fn stages(
        &self,
        region: &RegionSpec,
        source: &SourceText,
        watched: &RegionWatch,
        settings: &CureSettings,
    ) -> Option<Stages> {
        if watched.captures.is_empty() {
            return None;
        }
        let known = self.known(region);
        let read = self.read(region, source, &typing(region, watched, known))?;
        let options = self.options(region, source, settings.exact);
        let (raised, _) = numlift_passes::lift_by_way_of(&read, &options);
        let changed = raised.raised > 0 || !raised.blockers.is_empty();
        let selected = (raised.raised > 0 && raised.blockers.is_empty())
            .then(|| select::select(&raised.func, &raised.conditions, &options).ok())
            .flatten();
        Some(Stages {
            read: compact(&read),
            raised: changed.then(|| compact(&raised.func)),
            selected: selected.map(|selected| compact(&selected.func)),
        })
    }
}
