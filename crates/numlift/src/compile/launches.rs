//! Loop form to LLVM text, with the loops that may run on several cores.
//!
//! Which loops those are is found in the IR; that none of them leaves compiled code is seen when it is emitted. What does
//! is excepted, and everything is made again.

use std::collections::{BTreeMap, BTreeSet};

use numlift_abi::Request;
use numlift_abi::request::Parallel;
use numlift_ir::function::Function;
use numlift_llvm::{Emitted, Launching, Urge};
use numlift_passes::lower::Lowered;
use numlift_passes::lower::parallel::{self, Extent, find};

use super::Unit;
use super::versions::Unfit;

impl Unit {
    /// The machine code of a function, with the form that it is made of.
    pub(super) fn machine(
        &self,
        request: &Request,
        lowered: Lowered,
        single: bool,
        versions: &[numlift_llvm::Version],
    ) -> Result<(Lowered, Emitted), Unfit> {
        let wanted = request.options.parallel;
        let mut options = parallel::Options {
            disjoint: request.disjoint,
            slip: super::slip(&request.options),
            not: BTreeMap::new(),
            loud: BTreeSet::new(),
            extent: match wanted {
                Parallel::Never => Extent::None,
                Parallel::Auto => Extent::Likely,
                Parallel::Always => Extent::Possible,
                Parallel::Tested => Extent::Every,
            },
        };
        let urge = match options.extent {
            Extent::Likely | Extent::None => Urge::Likely,
            Extent::Possible => Urge::Asked,
            Extent::Every => Urge::Always,
        };
        loop {
            let found = find(&lowered.func, &options);
            let launching = Launching {
                launches: &found.launches,
                urge,
                quiet: &found.quiet,
            };
            let emitted = self.emit(request, &found.func, launching, single, versions)?;
            if emitted.unfit.is_empty() && emitted.loud.is_empty() {
                let lowered = with_notes(lowered, found.func, found.notes);
                return Ok((lowered, emitted));
            }
            options.not.extend(emitted.unfit);
            options.loud.extend(emitted.loud);
        }
    }
}

fn with_notes(lowered: Lowered, func: Function, more: Vec<numlift_passes::lower::Note>) -> Lowered {
    let Lowered { mut notes, .. } = lowered;
    notes.extend(more);
    Lowered { func, notes }
}
