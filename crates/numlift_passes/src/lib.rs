//! IR to IR: analyses, raising loops to index space, selecting array forms.

pub mod access;
pub mod blocker;
pub mod condition;
pub mod dead;
pub mod footprint;
pub mod forward;
pub mod raise;
pub mod retype;
pub mod select;
pub mod sink;
pub mod slice;
pub mod tempting;
pub mod unroll;

use numlift_ir::function::Function;
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
    check(read, Form::Read, "reading");
    selected(raise::raise(read), options)
}

/// The array form that overlooks every dependence between iterations: what a loop that [`lift`] refuses is taken for
/// by somebody who sees its slices only. Never to be applied.
pub fn lift_carelessly(read: &Function, options: &select::Options) -> Lifted {
    selected(raise::raise_carelessly(read), options)
}

fn check(func: &Function, form: Form, step: &str) {
    if let Err(violation) = validate(func, form) {
        panic!("{step} broke the IR: {violation}\n{func}");
    }
}

fn selected(raised: raise::Raised, options: &select::Options) -> Lifted {
    check(&raised.func, Form::Raised, "raising");
    if !raised.blockers.is_empty() {
        return Lifted::Blocked(raised.blockers);
    }
    if raised.raised == 0 {
        let unread = raise::unread(&raised.func);
        return match unread.is_empty() {
            true => Lifted::NothingToDo,
            false => Lifted::Blocked(unread),
        };
    }
    match select::select(&raised.func, &raised.conditions, options) {
        Ok(mut selected) => {
            check(&selected.func, Form::Array, "selecting");
            if raised.silenced {
                selected.announced.insert(select::Announced::Warnings);
            }
            Lifted::Selected(Box::new(selected))
        }
        Err(blocker) => Lifted::Blocked(vec![*blocker]),
    }
}
