//! What machine code does with a list of its own.
//!
//! Everything else a list can do is Python's, and so is a list that does it anywhere.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::infer::index::is_int;
use numlift_ir::op::{Kind, SAME_OBJECT, Sub};
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

/// What an operand has to be.
#[derive(Debug, Clone, Copy)]
enum Needs {
    /// This one is an int.
    Int(usize),
    /// This one looks like the elements.
    Element(usize),
    /// The result looks like the elements.
    ElementOut,
    /// The elements are numbers, or tuples of them.
    Plain,
    /// The result is a number that elements add up to.
    Sum,
    /// The result is an array.
    Array,
}

/// What machine code has for a list as the first operand.
struct Known {
    roles: &'static [Role],
    needs: &'static [Needs],
    /// The number of operands.
    operands: std::ops::RangeInclusive<usize>,
}

fn known(kind: &Kind) -> Option<Known> {
    use Needs::{Array, Element, ElementOut, Int, Plain, Sum};
    use Role::{Copies, Puts, Shares, Takes};
    let (roles, needs, operands): (&[Role], &[Needs], _) = match kind {
        Kind::Method { name, keywords } if keywords.is_empty() => match name.as_str() {
            "pop" => (&[Takes(0)], &[Int(1)], 1..=2),
            "insert" => (&[Puts(0, 2)], &[Int(1)], 3..=3),
            "extend" => (&[Shares(0, 1)], &[], 2..=2),
            "copy" => (&[Copies(0)], &[], 1..=1),
            "clear" | "reverse" => (&[], &[], 1..=1),
            "sort" => (&[], &[Plain], 1..=1),
            "index" | "count" | "remove" | "__contains__" => (&[], &[Plain, Element(1)], 2..=2),
            "__add__" => (&[Copies(0), Shares(0, 1)], &[], 2..=2),
            "__delitem__" => (&[], &[Int(1)], 2..=2),
            "appendleft" => (&[Puts(0, 1)], &[], 2..=2),
            "popleft" => (&[Takes(0)], &[], 1..=1),
            _ => return None,
        },
        // Only `reverse=` with a constant is read.
        Kind::Method { name, .. } if name == "sort" => (&[], &[Plain], 2..=2),
        Kind::Call { callee, keywords } if keywords.is_empty() => match callee.as_str() {
            "builtins.list" => (&[Copies(0)], &[], 1..=1),
            "builtins.sorted" => (&[Copies(0)], &[Plain], 1..=1),
            "builtins.min" | "builtins.max" => (&[], &[Plain, ElementOut], 1..=1),
            "builtins.sum" => (&[], &[Plain, Sum], 1..=1),
            "heapq.heapify" => (&[], &[Plain], 1..=1),
            "heapq.heappush" => (&[Puts(0, 1)], &[Plain], 2..=2),
            "heapq.heappop" => (&[Takes(0)], &[Plain], 1..=1),
            "heapq.heappushpop" | "heapq.heapreplace" => (&[Puts(0, 1), Takes(0)], &[Plain, Element(1)], 2..=2),
            "numpy.array" | "numpy.asarray" => (&[], &[Array], 1..=1),
            _ => return None,
        },
        _ => return None,
    };
    Some(Known { roles, needs, operands })
}

/// What a call does with elements.
pub(super) fn roles(kind: &Kind) -> &'static [Role] {
    known(kind).map_or(&[], |known| known.roles)
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
    if args.iter().any(|arg| classes.is_queue(*arg)) && !has_queue(&data.kind, args.len()) {
        return false;
    }
    // An iterator over a queue that changed raises; Python cannot be given one.
    if let Kind::Frame { names, .. } = &data.kind {
        let is_hidden = |name: &str| {
            let own = name.rsplit_once("___nl").map(|(_, own)| own);
            let own = own.or_else(|| name.strip_prefix("__nl"));
            own.is_some_and(|own| own.starts_with(|first: char| first.is_ascii_digit()))
        };
        let is_iterated = |(name, value): (&String, &ValueId)| is_hidden(name) && classes.is_queue(*value);
        return !names.iter().zip(args).any(is_iterated);
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
        Kind::SetIndex(subs) => match subs[..] {
            [Sub::At] => is_own(args[0]) && is_int(func, args[1]),
            [Sub::Slice { step: false, .. }] => all_own() && are_ints(func, &args[1..args.len() - 1]),
            _ => false,
        },
        Kind::Call { callee, .. } if callee == SAME_OBJECT => true,
        Kind::Call { callee, .. } if callee == QUEUE => args.len() <= 1 && all_own(),
        kind @ (Kind::Method { .. } | Kind::Call { .. }) => {
            let Some(known) = known(kind) else { return false };
            // What is put in or taken out may be a list of either kind.
            let are_own = known.roles.iter().all(|role| match role {
                Role::Puts(list, _) => is_own(args[*list]),
                Role::Takes(list) => is_own(args[*list]) && classes.is_element(args[*list], results[0]),
                Role::Shares(list, other) => is_own(args[*list]) && is_own(args[*other]),
                Role::Copies(list) => is_own(args[*list]) && is_own(results[0]),
            });
            let is_met = |need: &Needs| match need {
                Needs::Int(number) => args.get(*number).is_none_or(|arg| are_ints(func, &[*arg])),
                Needs::Element(number) => classes.is_element(args[0], args[*number]),
                Needs::ElementOut => classes.is_element(args[0], results[0]),
                Needs::Plain => classes.has_plain_elements(args[0]),
                Needs::Sum => classes.adds_up_to(args[0], func.ty(results[0])),
                Needs::Array => is_known_array(func.ty(results[0])),
            };
            known.operands.contains(&args.len()) && is_own(args[0]) && are_own && known.needs.iter().all(is_met)
        }
        _ => false,
    }
}

/// The class of queues.
pub(super) const QUEUE: &str = "collections.deque";

/// Whether a queue has what is done with it, as a list has; or it is only handed on.
fn has_queue(kind: &Kind, operands: usize) -> bool {
    match kind {
        Kind::Frame { .. }
        | Kind::If
        | Kind::For
        | Kind::While
        | Kind::Select
        | Kind::MakeTuple
        | Kind::MakeList
        | Kind::Append
        | Kind::Item(_)
        | Kind::Truth
        | Kind::Len { .. } => true,
        Kind::Index(subs) | Kind::SetIndex(subs) => subs[..] == [Sub::At],
        Kind::Method { name, .. } => match name.as_str() {
            "pop" => operands == 1,
            name => matches!(
                name,
                "appendleft" | "clear" | "extend" | "popleft" | "reverse" | "__contains__"
            ),
        },
        Kind::Call { callee, .. } => matches!(
            callee.as_str(),
            QUEUE
                | SAME_OBJECT
                | "builtins.list"
                | "builtins.sorted"
                | "builtins.sum"
                | "builtins.min"
                | "builtins.max"
        ),
        _ => false,
    }
}

/// Whether a list that is made an array is one of a dtype that elements of lists have.
fn is_known_array(ty: &Ty) -> bool {
    let dtypes = [Dtype::Bool, Dtype::I64, Dtype::F64, Dtype::C128];
    matches!(ty, Ty::Array { dtype, .. } if dtypes.contains(dtype))
}

fn are_ints(func: &Function, values: &[ValueId]) -> bool {
    values.iter().all(|value| matches!(func.ty(*value).bound(), Ty::Int(_)))
}
