//! A function in every form, for `numlift show`: on its way to machine code, and as lifting sees it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use numlift_abi::{Refusal, Request};
use numlift_ir::function::Function;
use numlift_passes::lower;
use numlift_passes::{Lifted, lift_by_way_of, select};
use numlift_source::read::read_to_lift;

use super::Unit;

/// The forms as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stages {
    pub read: String,
    /// Its loops in index space.
    pub raised: String,
    /// The array form that NumPy source is written from, or what stands in the way.
    pub selected: String,
    pub loops: String,
    pub llvm: Result<String, Refusal>,
}

/// The forms of a function for the types of a request.
pub fn stages(request: &Request) -> Result<Stages, Refusal> {
    let unit = Unit::of(request)?;
    let whole = unit.read(request, &mut Vec::new());
    let read = whole.func;
    let single = !numlift_llvm::has_elementary_arrays(&read);
    let options = super::lowering(request, request.disjoint, unit.guards(&read));
    let lowered = lower::lower(read.clone(), &unit.lying(request), &options);
    let (raised, selected) = lifted(&unit.read_by(request, read_to_lift, &[], &[]));
    let loops = lowered.func.to_string();
    let versions = unit.lowered(request, &whole.versions);
    let emitted = versions.and_then(|versions| unit.machine(request, lowered, single, &versions));
    Ok(Stages {
        read: of_all(&read, whole.versions.iter().map(|(_, func)| func)),
        raised,
        selected,
        loops,
        llvm: emitted
            .map(|(_, emitted)| emitted.text)
            .map_err(|unfit| unfit.refusal()),
    })
}

/// A function with the versions that it calls, as text.
fn of_all<'a>(func: &Function, versions: impl Iterator<Item = &'a Function>) -> String {
    [func.to_string()]
        .into_iter()
        .chain(versions.map(ToString::to_string))
        .collect()
}

/// What lifting makes of a function. A bug in it is told in the place of the forms.
fn lifted(read: &Function) -> (String, String) {
    let made = catch_unwind(AssertUnwindSafe(|| lift_by_way_of(read, &select::Options::default())));
    let Ok((raised, lifted)) = made else {
        let told = "internal error in lifting".to_owned();
        return (told.clone(), told);
    };
    let selected = match lifted {
        Lifted::Selected(selected) => selected.func.to_string(),
        Lifted::NothingToDo => "there is no loop that could become an array expression".to_owned(),
        Lifted::Blocked(blockers) => blockers
            .iter()
            .map(|blocker| blocker.message.clone())
            .collect::<Vec<_>>()
            .join("\n"),
    };
    (raised.func.to_string(), selected)
}
