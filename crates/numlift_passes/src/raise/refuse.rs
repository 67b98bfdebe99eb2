//! Ops and ends of blocks that no loop is raised with, each with its blocker.

use numlift_ir::function::{Function, OpId, OriginId};
use numlift_ir::op::{Effect, Kind, Term, Touches};

use super::Loop;
use crate::blocker::{Blocker, BlockerKind};

/// What is wrong with a loop around a loop that was not raised: nothing, where the inner one says why.
const INNER_LOOP: &str = "the inner loop stays a loop";

/// Whether the loop inside is all that is in the way.
pub(super) fn is_for_inner_loop(blocker: &Blocker) -> bool {
    blocker.message == INNER_LOOP
}

/// Refuses what leaves the loop or reaches the world.
pub(super) fn exits(func: &Function, looped: &Loop) -> Result<(), Blocker> {
    let mut found = None;
    let leaves_traces = leaves_traces(func, looped);
    func.visit_blocks(looped.body, &mut |block| {
        if found.is_some() {
            return;
        }
        let last = func
            .block(block)
            .ops
            .last()
            .map_or(looped.origin, |op| func.op(*op).origin);
        found = match func.block(block).end {
            Term::Break(..) => Some(early_exit(last, "`break`")),
            Term::Return(_) => Some(early_exit(last, "`return`")),
            Term::Yield(_) | Term::Unreachable => None,
        };
        for op in &func.block(block).ops {
            found = found.take().or_else(|| match func.op(*op).kind {
                Kind::Raise(_) if !leaves_traces => Some(raises(func.op(*op).origin)),
                _ => refuse_op(func, *op),
            });
        }
    });
    found.map_or(Ok(()), Err)
}

/// Whether anybody can tell how many iterations were done before an exception.
fn leaves_traces(func: &Function, looped: &Loop) -> bool {
    let mut found = false;
    func.walk(looped.body, &mut |op| {
        found |= match &func.op(op).kind {
            Kind::SetIndex(_) | Kind::SetAttr(_) | Kind::Append => true,
            Kind::Opaque { touches, reason, .. } => *touches == Touches::Anything || writes_output(reason),
            _ => false,
        };
    });
    found
}

/// A loop that only looks whether something is wrong.
fn raises(at: OriginId) -> Blocker {
    Blocker::new(
        BlockerKind::Exception,
        at,
        "whether an iteration raises, and which one, depends on what it sees",
    )
    .help("test all elements at once, `if (x < low).any()`, and look for the one at fault only then")
}

fn writes_output(reason: &str) -> bool {
    reason.ends_with("it writes output")
}

/// What may be or hold a loop and was not counted as one: statements that were not understood, `while`.
pub(crate) fn not_counted(func: &Function) -> Vec<Blocker> {
    let mut found: Vec<Blocker> = Vec::new();
    func.walk(func.body, &mut |op| {
        if matches!(func.op(op).kind, Kind::Opaque { .. } | Kind::While) {
            let blocker = match &func.op(op).kind {
                Kind::Opaque { reason, .. } if writes_output(reason) => Some(printed(func.op(op).origin)),
                _ => refuse_op(func, op),
            };
            found.extend(blocker.filter(|new| found.iter().all(|old| old.message != new.message)));
        }
    });
    found
}

/// A statement that prints what it computes, and holds no loop of its own besides.
fn printed(at: OriginId) -> Blocker {
    Blocker::new(
        BlockerKind::SideEffect,
        at,
        "what is computed inside of a `print` stays there",
    )
    .help("bind the number to a name before it is printed: `total = sum(…)`")
}

/// A `while` that is still there.
pub(crate) fn endless(func: &Function) -> Option<Blocker> {
    let mut found = None;
    func.walk(func.body, &mut |op| {
        if func.op(op).kind == Kind::While {
            found = found.take().or_else(|| refuse_op(func, op));
        }
    });
    found
}

fn early_exit(at: OriginId, what: &str) -> Blocker {
    Blocker::new(
        BlockerKind::EarlyExit,
        at,
        format!("{what} leaves the loop early: what follows is not computed"),
    )
    .help("compute a mask for all elements and take the first hit, if computing all of them is harmless")
}

fn refuse_op(func: &Function, op: OpId) -> Option<Blocker> {
    let data = func.op(op);
    let at = data.origin;
    match &data.kind {
        Kind::Opaque { reason, .. } => Some(Blocker::new(BlockerKind::SideEffect, at, reason.clone())),
        Kind::Raise(_) => Some(
            Blocker::new(
                BlockerKind::Exception,
                at,
                "an exception may be raised part-way, after earlier stores",
            )
            .help("check all elements before the loop"),
        ),
        Kind::For => Some(Blocker::new(BlockerKind::NotUnderstood, at, INNER_LOOP)),
        Kind::While => Some(
            Blocker::new(
                BlockerKind::Carried,
                at,
                "a `while` loop whose trip count depends on what it computes",
            )
            .help("a `for` loop over a range says how often it runs"),
        ),
        Kind::SetAttr(name) => Some(Blocker::new(
            BlockerKind::SideEffect,
            at,
            format!("the attribute `{name}` is bound in every iteration"),
        )),
        kind => match kind.effect() {
            Effect::World => Some(Blocker::new(
                BlockerKind::SideEffect,
                at,
                "a call with effects of its own",
            )),
            Effect::Draws => Some(Blocker::new(
                BlockerKind::RandomDraw,
                at,
                "random numbers are drawn here: their order is part of the result",
            )),
            Effect::Writes if !is_understood_write(kind) => Some(Blocker::new(
                BlockerKind::SideEffect,
                at,
                "a call that changes its argument",
            )),
            Effect::Writes | Effect::Reads | Effect::Pure => None,
        },
    }
}

fn is_understood_write(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::SetIndex(_) | Kind::Append | Kind::Scatter { .. } | Kind::ScatterFold { .. } | Kind::Extend { .. }
    )
}
