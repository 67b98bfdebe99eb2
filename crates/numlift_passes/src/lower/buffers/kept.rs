//! What machine code does with a list of its own.
//!
//! Everything else a list can do is Python's, and so is a list that does it anywhere.

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::infer::index::is_int;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::Ty;

use super::classes::{Classes, holds_list};

/// What a method or a function does with the elements of its operands, by their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// The second becomes an element of the first.
    Puts(usize, usize),
    /// The result was an element.
    Takes(usize),
    /// Both have the same elements then.
    Shares(usize, usize),
    /// The result is a new list with elements of this one.
    Copies(usize),
}

/// The methods and functions that machine code has, whatever the number of operands; `None` of others.
fn known(kind: &Kind) -> Option<(&'static [Role], std::ops::RangeInclusive<usize>)> {
    use Role::{Copies, Puts, Shares, Takes};
    Some(match kind {
        Kind::Method { name, keywords } if keywords.is_empty() => match name.as_str() {
            "pop" => (&[Takes(0)], 1..=2),
            "insert" => (&[Puts(0, 2)], 3..=3),
            "extend" => (&[Shares(0, 1)], 2..=2),
            "copy" => (&[Copies(0)], 1..=1),
            "clear" | "reverse" | "sort" => (&[], 1..=1),
            _ => return None,
        },
        _ => return None,
    })
}

/// What a call does with elements.
pub(super) fn roles(kind: &Kind) -> &'static [Role] {
    known(kind).map_or(&[], |(roles, _)| roles)
}

/// Whether an op leaves the lists among its operands and results to machine code.
pub(super) fn is_kept(func: &Function, op: OpId, classes: &Classes) -> bool {
    let data = func.op(op);
    let (args, results) = (&data.args[..], &data.results[..]);
    let is_list = |value: &ValueId| matches!(func.ty(*value).bound(), Ty::List(..));
    let holds = |value: &&ValueId| holds_list(func.ty(**value));
    let is_own = |value: ValueId| classes.is_own(value);
    if !args.iter().chain(results).any(|value| holds_list(func.ty(*value))) {
        return true;
    }
    let all_own = || args.iter().chain(results).filter(holds).all(|value| is_own(*value));
    match &data.kind {
        Kind::Frame { .. } | Kind::If | Kind::For | Kind::While | Kind::Select | Kind::MakeTuple => true,
        Kind::Item(_) => !is_list(&args[0]),
        Kind::MakeList => is_own(results[0]),
        Kind::Append => is_own(args[0]),
        Kind::Truth | Kind::Len { .. } => is_own(args[0]),
        Kind::Repeat => all_own() && matches!(func.ty(args[1]).bound(), Ty::Int(_)),
        Kind::Index(subs) => match subs[..] {
            [Sub::At] => is_own(args[0]) && is_int(func, args[1]) && classes.is_element(args[0], results[0]),
            [Sub::Slice { .. }] => all_own() && are_ints(func, &args[1..]),
            _ => false,
        },
        Kind::SetIndex(subs) => subs[..] == [Sub::At] && is_own(args[0]) && is_int(func, args[1]),
        kind @ (Kind::Method { .. } | Kind::Call { .. }) => {
            let Some((roles, count)) = known(kind) else {
                return false;
            };
            let takes = |role: &Role| match role {
                Role::Takes(list) => classes.is_element(args[*list], results[0]),
                Role::Puts(..) | Role::Shares(..) | Role::Copies(_) => true,
            };
            // What is put in or taken out may be a list of either kind.
            let lists = roles.iter().map(|role| match role {
                Role::Puts(list, _) | Role::Takes(list) => is_own(args[*list]),
                Role::Shares(list, other) => is_own(args[*list]) && is_own(args[*other]),
                Role::Copies(list) => is_own(args[*list]) && is_own(results[0]),
            });
            count.contains(&args.len())
                && is_own(args[0])
                && lists.into_iter().all(|own| own)
                && roles.iter().all(takes)
        }
        _ => false,
    }
}

fn are_ints(func: &Function, values: &[ValueId]) -> bool {
    values.iter().all(|value| matches!(func.ty(*value).bound(), Ty::Int(_)))
}
