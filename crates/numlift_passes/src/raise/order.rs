//! The dependence test: may the units run one after the other, each reading before it writes?
//!
//! For a read and a write of one location in iterations `r` and `w` the loop lets the read see the write exactly if
//! `w < r`, or `w = r` and the write stands first. After raising it sees it exactly if the write's unit comes first.
//! The two must agree for every pair of iterations that touch one location, which affine subscripts tell:
//!
//! ```text
//! a[i] = b[i-1] + 1        no pair: other root (a condition, where the roots may share memory)
//! a[i] = a[i+1]            w = r + 1: read first, as a slice assignment does
//! a[i] = a[i-1]            w = r - 1: the read needs the write: carried
//! ```
//!
//! Splitting asks the same of parts that go before a loop or behind it: see [`Pair`].

use numlift_ir::affine::{Affine, Atom};
use numlift_ir::function::Function;
use numlift_ir::ty::Ty;

use super::units::{Action, Unit};
use super::{Loop, disjoint};
use crate::access::{self, Access, Sharing};
use crate::blocker::{Blocker, BlockerKind};
use crate::condition::{Condition, Fact};

/// By how many iterations the second access of one location follows the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Distance {
    /// No location is touched by both.
    Never,
    Exactly(i128),
    /// Not known, or different ones.
    Any,
}

/// Tests every pair; returns the conditions that the answer stands on.
pub(super) fn check(func: &Function, looped: &Loop, units: &[Unit]) -> Result<Vec<Condition>, Blocker> {
    let mut conditions = Vec::new();
    for (writer, unit) in units.iter().enumerate() {
        let Some(write) = &unit.write else { continue };
        refuse_moving_root(func, looped, write)?;
        for (reader, other) in units.iter().enumerate() {
            for (read, position) in &other.reads {
                if is_reference(func, read, write) {
                    continue;
                }
                let distance = apart(func, looped, read, write, &mut conditions)?;
                let read_first = *position <= unit.position;
                if !reads_agree(distance, writer.cmp(&reader), read_first) {
                    return Err(carried(read, write, distance));
                }
            }
            if writer < reader
                && let Some(later) = &other.write
            {
                let in_order = match apart(func, looped, write, later, &mut conditions)? {
                    Distance::Never => true,
                    Distance::Exactly(d) => d >= 0,
                    Distance::Any => false,
                };
                if !in_order {
                    return Err(interleaved(write, later, &unit.action));
                }
            }
        }
    }
    Ok(conditions)
}

/// The units in an order in which each reads what it has to: a store may have to wait for another one that reads, or
/// has a condition that reads, what it overwrites.
///
/// ```text
/// if x[i] < 0:                    v[x < 0] = …
///     x[i] = 0                    x[x < 0] = 0
///     v[i] = -v[i]
/// ```
///
/// Only stores are moved, past stores. `None` where the order of the text will do, or there is none.
pub(super) fn arranged(func: &Function, looped: &Loop, units: &[Unit]) -> Option<Vec<usize>> {
    let count = units.len();
    let mut before: Vec<Vec<bool>> = vec![vec![false; count]; count];
    for second in 0..count {
        for first in 0..second {
            match turns(func, looped, &units[first], &units[second])? {
                Turns::Free => {}
                Turns::AsTheyStand => before[first][second] = true,
                Turns::TheOtherWay => before[second][first] = true,
            }
        }
    }
    let mut order: Vec<usize> = Vec::new();
    while order.len() < count {
        let waits = |unit: usize| (0..count).any(|other| before[other][unit] && !order.contains(&other));
        let next = (0..count).find(|unit| !order.contains(unit) && !waits(*unit))?;
        order.push(next);
    }
    order.windows(2).any(|pair| pair[0] > pair[1]).then_some(order)
}

/// Which of two units has to be first.
enum Turns {
    Free,
    AsTheyStand,
    TheOtherWay,
}

/// `None` where neither order gives what the loop gives.
fn turns(func: &Function, looped: &Loop, first: &Unit, second: &Unit) -> Option<Turns> {
    let is_store = |unit: &Unit| matches!(unit.action, Action::Store(_));
    let (Some(written), Some(later), true) = (&first.write, &second.write, is_store(first) && is_store(second)) else {
        return Some(Turns::AsTheyStand);
    };
    let mut aliases = Vec::new();
    let (mut as_they_stand, mut other_way) = (false, false);
    match apart(func, looped, written, later, &mut aliases).ok()? {
        Distance::Never => {}
        Distance::Exactly(d) if d >= 0 => as_they_stand = true,
        Distance::Exactly(_) => other_way = true,
        Distance::Any => return None,
    }
    for (reader, writer, write, writer_is_first) in [(second, first, written, true), (first, second, later, false)] {
        for (read, position) in &reader.reads {
            if is_reference(func, read, write) {
                continue;
            }
            let sees_it = match apart(func, looped, read, write, &mut aliases).ok()? {
                Distance::Never => continue,
                Distance::Any => return None,
                Distance::Exactly(d) => d < 0 || (d == 0 && *position > writer.position),
            };
            if sees_it == writer_is_first {
                as_they_stand = true;
            } else {
                other_way = true;
            }
        }
    }
    match (as_they_stand, other_way) {
        (true, true) => None,
        (false, false) => Some(Turns::Free),
        (true, false) => Some(Turns::AsTheyStand),
        (false, true) => Some(Turns::TheOtherWay),
    }
}

/// The dependence test for a value of which only the last is seen: it is computed behind all units, so no store of the
/// last iteration may follow a read of the same location.
pub(super) fn check_last(
    func: &Function,
    looped: &Loop,
    units: &[Unit],
    number: usize,
) -> Result<Vec<Condition>, Blocker> {
    let mut conditions = Vec::new();
    let reads = super::units::reads_of_last(func, looped, number);
    for unit in units {
        let Some(write) = &unit.write else { continue };
        for (read, position) in &reads {
            if *position > unit.position || is_reference(func, read, write) {
                continue;
            }
            let distance = apart(func, looped, read, write, &mut conditions)?;
            if matches!(distance, Distance::Exactly(0) | Distance::Any) {
                return Err(carried(read, write, distance));
            }
        }
    }
    Ok(conditions)
}

/// The dependence test between two parts of a loop of which all iterations of the first shall be done before any of the
/// second. Each access has its place in the body. `None` where somebody could tell.
pub(super) struct Pair<'a> {
    pub func: &'a Function,
    pub looped: &'a Loop,
}

impl Pair<'_> {
    pub fn write_then_read(
        &self,
        write: &(Access, usize),
        read: &(Access, usize),
        conditions: &mut Vec<Condition>,
    ) -> Option<()> {
        self.read_and_write(read, write, std::cmp::Ordering::Less, conditions)
    }

    pub fn read_then_write(
        &self,
        read: &(Access, usize),
        write: &(Access, usize),
        conditions: &mut Vec<Condition>,
    ) -> Option<()> {
        self.read_and_write(read, write, std::cmp::Ordering::Greater, conditions)
    }

    fn read_and_write(
        &self,
        (read, looked): &(Access, usize),
        (write, stored): &(Access, usize),
        writer_to_reader: std::cmp::Ordering,
        conditions: &mut Vec<Condition>,
    ) -> Option<()> {
        if is_reference(self.func, read, write) {
            return Some(());
        }
        let distance = self.apart(read, write, conditions)?;
        reads_agree(distance, writer_to_reader, looked <= stored).then_some(())
    }

    pub fn write_then_write(
        &self,
        (first, before): &(Access, usize),
        (second, behind): &(Access, usize),
        conditions: &mut Vec<Condition>,
    ) -> Option<()> {
        let in_order = match self.apart(first, second, conditions)? {
            Distance::Never => true,
            Distance::Exactly(d) => d > 0 || d == 0 && before < behind,
            Distance::Any => false,
        };
        in_order.then_some(())
    }

    /// [`apart`], where only arrays and lists can be asked whether they are two.
    fn apart(&self, a: &Access, b: &Access, conditions: &mut Vec<Condition>) -> Option<Distance> {
        let can_be_asked = |access: &Access| matches!(self.func.ty(access.base), Ty::Array { .. } | Ty::List(..));
        if access::sharing(self.func, a, b) == Sharing::Maybe && !(can_be_asked(a) && can_be_asked(b)) {
            return None;
        }
        apart(self.func, self.looped, a, b, conditions).ok()
    }
}

/// A read that only finds a row: no store to the row's elements changes which row it is.
fn is_reference(func: &Function, read: &Access, write: &Access) -> bool {
    let found = func.op(read.op).results.first().map(|result| func.ty(*result));
    match found {
        Some(Ty::Array { .. }) => true,
        Some(Ty::List(..)) => read.axes.len() < write.axes.len(),
        _ => false,
    }
}

/// Whether a read sees the same writes before and after raising. `distance` is write minus read.
fn reads_agree(distance: Distance, writer_to_reader: std::cmp::Ordering, read_first: bool) -> bool {
    match distance {
        Distance::Never => true,
        Distance::Any => false,
        Distance::Exactly(d) => {
            let seen_before = d < 0 || (d == 0 && !read_first);
            let seen_after = writer_to_reader.is_lt();
            seen_before == seen_after
        }
    }
}

/// A base that is another object in every iteration, such as `rows[k]` with an unknown `k`.
fn refuse_moving_root(func: &Function, looped: &Loop, write: &Access) -> Result<(), Blocker> {
    if looped.scope.defines(func, write.base) && !is_fixed_attribute(func, looped, &write.root) {
        return Err(Blocker::new(
            BlockerKind::Alias,
            write.origin,
            "the object that is stored to is found anew in every iteration",
        ));
    }
    Ok(())
}

/// A plain attribute of an object that is the same in every iteration.
fn is_fixed_attribute(func: &Function, looped: &Loop, root: &access::Root) -> bool {
    match root {
        access::Root::Attr(object, _) => match &**object {
            access::Root::Value(value) => !looped.scope.defines(func, *value),
            inner @ access::Root::Attr(..) => is_fixed_attribute(func, looped, inner),
        },
        access::Root::Value(_) => false,
    }
}

/// The distance between two accesses. That roots which may share memory do not becomes a condition.
fn apart(
    func: &Function,
    looped: &Loop,
    a: &Access,
    b: &Access,
    conditions: &mut Vec<Condition>,
) -> Result<Distance, Blocker> {
    match access::sharing(func, a, b) {
        Sharing::Never => Ok(Distance::Never),
        Sharing::Maybe => {
            no_alias(func, looped, a, b, conditions)?;
            Ok(Distance::Never)
        }
        Sharing::Same => Ok(distance(func, looped, a, b)),
    }
}

fn no_alias(
    func: &Function,
    looped: &Loop,
    a: &Access,
    b: &Access,
    conditions: &mut Vec<Condition>,
) -> Result<(), Blocker> {
    for access in [a, b] {
        if looped.scope.defines(func, access.base) && !is_fixed_attribute(func, looped, &access.root) {
            return Err(Blocker::new(
                BlockerKind::Alias,
                access.origin,
                "this object may share memory with what the loop stores to",
            )
            .label(b.origin, "stored here"));
        }
    }
    let condition = Condition {
        fact: Fact::NoAlias(a.base, b.base),
        at: b.origin,
    };
    let is_said = |known: &Condition| match known.fact {
        Fact::NoAlias(first, second) => (first, second) == (a.base, b.base) || (first, second) == (b.base, a.base),
        _ => false,
    };
    if !conditions.iter().any(is_said) {
        conditions.push(condition);
    }
    Ok(())
}

fn carried(read: &Access, write: &Access, distance: Distance) -> Blocker {
    let message = match distance {
        Distance::Exactly(d) if d < 0 => format!(
            "loop-carried dependence: this reads what {} iteration{} before stored",
            -d,
            if d == -1 { "" } else { "s" }
        ),
        Distance::Exactly(_) => "loop-carried dependence: the order of this read and the store matters".to_owned(),
        Distance::Any | Distance::Never => {
            "loop-carried dependence: this may read what another iteration stored".to_owned()
        }
    };
    Blocker::new(BlockerKind::Carried, read.origin, message)
        .label(write.origin, "stored here")
        .help("if the old values are meant, read from a copy; a recurrence has no array form and wants compiling")
}

fn interleaved(write: &Access, later: &Access, action: &Action) -> Blocker {
    let message = if matches!(action, Action::Append(_)) {
        "two appends to one list take turns"
    } else {
        "two stores to one array take turns"
    };
    Blocker::new(BlockerKind::Carried, later.origin, message).label(write.origin, "and here")
}

/// `iteration of b - iteration of a` for locations that both touch.
fn distance(func: &Function, looped: &Loop, a: &Access, b: &Access) -> Distance {
    if a.axes.is_empty() || b.axes.is_empty() {
        return Distance::Any;
    }
    if disjoint::never_meet(func, looped, a, b) {
        return Distance::Never;
    }
    let mut known = None;
    for (first, second) in a.axes.iter().zip(&b.axes) {
        let (Some(first), Some(second)) = (first, second) else {
            continue;
        };
        match axis_distance(func, looped, first, second) {
            None => {}
            Some(Distance::Never) => return Distance::Never,
            Some(Distance::Exactly(d)) if known.is_none_or(|known| known == d) => known = Some(d),
            Some(Distance::Exactly(_)) => return Distance::Never,
            Some(Distance::Any) => {}
        }
    }
    known.map_or(Distance::Any, Distance::Exactly)
}

/// What one axis says; `None` where it says nothing.
fn axis_distance(func: &Function, looped: &Loop, first: &Affine, second: &Affine) -> Option<Distance> {
    let index = Atom::Value(looped.index);
    let (factor, other) = (first.coefficient(index), second.coefficient(index));
    let inner = |affine: &Affine| {
        affine.terms.keys().any(|atom| match atom {
            Atom::Value(value) | Atom::Extent(value, _) => *value != looped.index && looped.scope.defines(func, *value),
            Atom::Sym(_) => false,
        })
    };
    if inner(first) || inner(second) || factor != other {
        return None;
    }
    // factor * i_a + rest_a = factor * i_b + rest_b
    let rest = first.minus(second)?.as_constant()?;
    if factor == 0 {
        let sign = |affine: &Affine| affine.as_constant().map(i128::signum);
        // `a[0]` and `a[-1]` may be one place; two of one sign are what they look like.
        let comparable = match (sign(first), sign(second)) {
            (Some(a), Some(b)) => (a < 0) == (b < 0),
            _ => true,
        };
        return if rest != 0 && comparable {
            Some(Distance::Never)
        } else {
            None
        };
    }
    if rest % factor != 0 {
        return Some(Distance::Never);
    }
    let step = crate::raise::constant(func, looped.step)?;
    let apart = rest / factor;
    // The index moves by the loop's step; iterations are counted in steps.
    if apart % step != 0 {
        Some(Distance::Never)
    } else {
        Some(Distance::Exactly(apart / step))
    }
}
