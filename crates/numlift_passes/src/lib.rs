//! IR to IR: analyses, raising loops to index space, selecting array forms.

pub mod access;
pub mod blocker;
pub mod condition;
pub mod dead;
pub mod footprint;
pub mod forward;
pub mod lower;
pub mod raise;
pub mod retype;
#[cfg(test)]
mod samples;
pub mod select;
pub mod sink;
pub mod slice;
pub mod tempting;
pub mod unroll;

use numlift_ir::function::Function;
use numlift_ir::op::{Kind, Touches};
use numlift_ir::validate::{Form, validate};

/// What lifting makes of a function in read form.
#[derive(Debug, Clone)]
pub enum Lifted {
    /// An array form, with what it stands on.
    Selected(Box<select::Selected>),
    /// There is no loop to lift, and nothing that was not understood, so that there could be one.
    NothingToDo,
    Blocked(Vec<blocker::Blocker>),
}

/// Raises and selects: the pipeline from loops to array form, validated between its steps.
///
/// Panics with the IR where a step makes something that is not of its form: a bug, which the façade catches by region.
pub fn lift(read: &Function, options: &select::Options) -> Lifted {
    lift_by_way_of(read, options).1
}

/// The same, with the raised form that it is made of.
pub fn lift_by_way_of(read: &Function, options: &select::Options) -> (raise::Raised, Lifted) {
    check(read, Form::Read, "reading");
    let attempt = |split: bool, conditional: bool| {
        let raised = raise::raise(read, raise::Options { split, conditional });
        let lifted = selected(&raised, options);
        (raised, lifted)
    };
    let plain = attempt(options.split, false);
    let is_whole = matches!(&plain.1, Lifted::Selected(selected) if !selected.steps.iter().any(|step| step == SPLIT));
    if is_whole {
        return plain;
    }
    let mut sunk = read.clone();
    sink::sink(&mut sunk);
    if !sink::sink_conditional(&mut sunk) {
        return plain;
    }
    let conditional = attempt(false, true);
    match conditional.1 {
        Lifted::Selected(_) => conditional,
        Lifted::NothingToDo | Lifted::Blocked(_) => plain,
    }
}

/// The step of a loop of which a part stays.
const SPLIT: &str = "split";

/// The array form that overlooks every dependence between iterations: what a loop that [`lift`] refuses is taken for
/// by somebody who sees its slices only. Never to be applied.
pub fn lift_carelessly(read: &Function, options: &select::Options) -> Lifted {
    selected(&raise::raise_carelessly(read), options)
}

fn check(func: &Function, form: Form, step: &str) {
    if let Err(violation) = validate(func, form) {
        panic!("{step} broke the IR: {violation}\n{func}");
    }
}

fn selected(raised: &raise::Raised, options: &select::Options) -> Lifted {
    check(&raised.func, Form::Raised, "raising");
    if !raised.blockers.is_empty() {
        return Lifted::Blocked(raised.blockers.clone());
    }
    if raised.raised == 0 {
        let not_counted = raise::not_counted(&raised.func);
        return match not_counted.is_empty() {
            true => Lifted::NothingToDo,
            false => Lifted::Blocked(not_counted),
        };
    }
    // Text of a number differs where the number does, by however little.
    let exact = options.exact || raised.split > 0 && keeps_text(&raised.func);
    let options = &select::Options {
        exact,
        ..options.clone()
    };
    match select::select(&raised.func, &raised.conditions, options) {
        Ok(mut selected) => {
            // A loop that was split is in the array form, for the part that stays.
            let form = if raised.split > 0 { Form::Read } else { Form::Array };
            check(&selected.func, form, "selecting");
            if let Some(blocker) = raise::endless(&selected.func) {
                // Written back it would be `while True` with names of our making, where the author has a function.
                return Lifted::Blocked(vec![blocker]);
            }
            if raised.split > 0 && selected.announced.contains(&select::Announced::StoresBeforeException) {
                // What the loop does besides would be done before that, or not.
                return Lifted::Blocked(vec![blocker::Blocker::new(
                    blocker::BlockerKind::Exception,
                    raised.func.op(raised.func.block(raised.func.body).ops[0]).origin,
                    "a subscript that may be out of range in a loop that does something else too",
                )]);
            }
            if raised.split > 0 {
                selected.steps.push(SPLIT.to_owned());
            }
            if raised.silenced {
                selected.announced.insert(select::Announced::Warnings);
            }
            Lifted::Selected(Box::new(selected))
        }
        Err(blocker) => Lifted::Blocked(vec![*blocker]),
    }
}

/// Whether text that runs in a loop that was split gives a value, or something to code that is not known: of a number it
/// may keep every digit, where what is printed is compared as numbers are.
fn keeps_text(func: &Function) -> bool {
    let uses = func.use_counts();
    let mut keeps = false;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        if let Kind::Opaque { touches, .. } = &data.kind {
            let is_used = data.results.iter().any(|result| uses[result.index()] > 0);
            keeps |= is_used || *touches != Touches::Nothing;
        }
    });
    keeps
}
