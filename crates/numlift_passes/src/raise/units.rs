//! A loop's units: what it does, each with the slice that computes it.
//!
//! One unit is a store, an append, an index-space op that an inner loop was raised to, or a fold. Units are what
//! distribution puts one after the other.

use std::collections::{HashMap, HashSet};

use numlift_ir::affine::Atom;
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind};
use numlift_ir::ty::Ty;

use super::Loop;
use super::carried::{self, ArgUpdate, Carried, Update};
use crate::access::{self, Access};
use crate::blocker::{Blocker, BlockerKind};
use crate::slice::backward;

/// What a unit does.
#[derive(Debug, Clone)]
pub(super) enum Action {
    /// `SetIndex` of one element (all subscripts are ints).
    Store(OpId),
    Append(OpId),
    /// An `Append` of a fresh row.
    AppendRow {
        append: OpId,
        row: Row,
    },
    /// A `Scatter` or `Extend` of an inner loop.
    Nested(OpId),
    /// Carried value `number` is folded.
    Fold {
        number: usize,
        update: Update,
    },
    ArgFold {
        number: usize,
        update: ArgUpdate,
    },
    /// `p = np.append(p, value)`
    Grow {
        number: usize,
        value: ValueId,
        mask: Vec<(ValueId, bool)>,
    },
    /// A `Scatter` of an inner loop whose places do not move with this one: `a[j] = a[j] ⊕ term(i, j)`.
    NestedMemory {
        scatter: OpId,
        load: OpId,
        update: Update,
    },
    /// `a[k] = a[k] ⊕ term` at a place that does not move.
    Memory {
        store: OpId,
        load: OpId,
        update: Update,
    },
}

/// A list made anew in every iteration.
#[derive(Debug, Clone)]
pub(super) enum Row {
    /// `[value] * count`
    Repeated { value: ValueId, count: ValueId },
    /// Filled by this `Extend`.
    Extended(OpId),
}

/// One unit.
#[derive(Debug, Clone)]
pub(super) struct Unit {
    pub action: Action,
    /// Predicates of the `If`s around an effect.
    pub mask: Vec<(ValueId, bool)>,
    /// Where it stands in the body.
    pub position: usize,
    pub reads: Vec<(Access, usize)>,
    pub write: Option<Access>,
    pub origin: OriginId,
}

/// Takes the loop's body apart.
pub(super) fn of_loop(func: &Function, looped: &Loop) -> Result<(Vec<Unit>, Vec<Carried>), Blocker> {
    let positions = positions(func, looped.body);
    let mut units = Vec::new();
    effects(func, looped, looped.body, &mut Vec::new(), &positions, &mut units)?;
    let carried = carried::classify(func, looped);
    units
        .extend((0..carried.len()).filter_map(|number| of_carried(func, looped, number, &carried[number], &positions)));
    for unit in &mut units {
        unit.reads = reads(func, looped, unit, &positions);
    }
    units.sort_by_key(|unit| unit.position);
    Ok((units, carried))
}

/// The unit of one op with an effect, if it can be one.
pub(super) fn of_effect(
    func: &Function,
    looped: &Loop,
    op: OpId,
    mask: &[(ValueId, bool)],
    positions: &HashMap<OpId, usize>,
) -> Result<Unit, Blocker> {
    let mut unit = effect(func, looped, op, mask, positions)?;
    unit.reads = reads(func, looped, &unit, positions);
    Ok(unit)
}

/// The unit of a carried value that is folded or grows, with its reads.
pub(super) fn of_role(
    func: &Function,
    looped: &Loop,
    number: usize,
    role: &Carried,
    positions: &HashMap<OpId, usize>,
) -> Option<Unit> {
    let mut unit = of_carried(func, looped, number, role, positions)?;
    unit.reads = reads(func, looped, &unit, positions);
    Some(unit)
}

fn of_carried(
    func: &Function,
    looped: &Loop,
    number: usize,
    role: &Carried,
    positions: &HashMap<OpId, usize>,
) -> Option<Unit> {
    let action = match role {
        Carried::Fold(update) => Action::Fold {
            number,
            update: update.clone(),
        },
        Carried::Grown { value, mask } => Action::Grow {
            number,
            value: *value,
            mask: mask.clone(),
        },
        Carried::Arg(update) => Action::ArgFold {
            number,
            update: update.clone(),
        },
        Carried::Same | Carried::Induction { .. } | Carried::Payload { .. } | Carried::Last => return None,
    };
    let next = looped.yields[number];
    let origin = func.def_op(next).map_or(looped.origin, |op| func.op(op).origin);
    let position = func
        .def_op(next)
        .and_then(|op| positions.get(&op).copied())
        .unwrap_or(usize::MAX);
    Some(Unit {
        action,
        mask: Vec::new(),
        position,
        reads: Vec::new(),
        write: None,
        origin,
    })
}

/// The order in which the ops of a block run, as numbers.
pub(super) fn positions(func: &Function, block: BlockId) -> HashMap<OpId, usize> {
    let mut order = HashMap::new();
    func.walk(block, &mut |op| {
        let next = order.len();
        order.insert(op, next);
    });
    order
}

fn effects(
    func: &Function,
    looped: &Loop,
    block: BlockId,
    mask: &mut Vec<(ValueId, bool)>,
    positions: &HashMap<OpId, usize>,
    units: &mut Vec<Unit>,
) -> Result<(), Blocker> {
    for op in func.block(block).ops.clone() {
        let data = func.op(op);
        match &data.kind {
            Kind::If => {
                for (branch, taken) in data.blocks.iter().zip([true, false]) {
                    mask.push((data.args[0], taken));
                    effects(func, looped, *branch, mask, positions, units)?;
                    mask.pop();
                }
            }
            Kind::Extend { .. } if is_row_filler(func, looped, op) => {}
            kind if kind.effect() == Effect::Writes && data.results.is_empty() => {
                units.push(effect(func, looped, op, mask, positions)?);
            }
            _ => {}
        }
    }
    Ok(())
}

fn effect(
    func: &Function,
    looped: &Loop,
    op: OpId,
    mask: &[(ValueId, bool)],
    positions: &HashMap<OpId, usize>,
) -> Result<Unit, Blocker> {
    let data = func.op(op);
    let position = positions[&op];
    let unit = |action, write| Unit {
        action,
        mask: mask.to_vec(),
        position,
        reads: Vec::new(),
        write,
        origin: data.origin,
    };
    match &data.kind {
        Kind::SetIndex(_) => {
            let write = access::of_op(func, op).ok_or_else(|| {
                Blocker::new(
                    BlockerKind::NotUnderstood,
                    data.origin,
                    "a store that is not understood",
                )
            })?;
            if write.axes.iter().any(Option::is_none)
                && func
                    .ty(*data.args.last().unwrap_or(&data.args[0]))
                    .as_scalar()
                    .is_none()
            {
                return Err(Blocker::new(
                    BlockerKind::NoForm,
                    data.origin,
                    "a whole row is stored in every iteration",
                ));
            }
            let value = *data.args.last().unwrap_or(&data.args[0]);
            if let Some((load, update)) = memory_update(func, looped, value, &[], &write, positions) {
                return Ok(unit(
                    Action::Memory {
                        store: op,
                        load,
                        update,
                    },
                    Some(write),
                ));
            }
            Ok(unit(Action::Store(op), Some(write)))
        }
        Kind::Append => Ok(unit(append(func, looped, op), access::of_op(func, op))),
        Kind::Scatter { axes, .. } => {
            let (root, base, _) = access::path(func, data.args[0]);
            let yielded = func.block(data.blocks[0]).end.values()[..*axes].to_vec();
            let indices = yielded
                .iter()
                .map(|index| Some(numlift_ir::affine::affine_of(func, *index)));
            let write = Access {
                root,
                base,
                axes: indices.collect(),
                op,
                origin: data.origin,
            };
            let value = func.block(data.blocks[0]).end.values()[*axes];
            let own = func.block(data.blocks[0]).params.clone();
            if let Some((load, update)) = memory_update(func, looped, value, &own, &write, positions) {
                return Ok(unit(
                    Action::NestedMemory {
                        scatter: op,
                        load,
                        update,
                    },
                    Some(write),
                ));
            }
            Ok(unit(Action::Nested(op), Some(write)))
        }
        Kind::Extend { .. } => {
            let (root, base, _) = access::path(func, data.args[0]);
            Ok(unit(
                Action::Nested(op),
                Some(Access {
                    root,
                    base,
                    axes: Vec::new(),
                    op,
                    origin: data.origin,
                }),
            ))
        }
        _ => Err(Blocker::new(
            BlockerKind::SideEffect,
            data.origin,
            "an effect that is not understood",
        )),
    }
}

/// An append, of a fresh row or of something else.
fn append(func: &Function, looped: &Loop, op: OpId) -> Action {
    let value = func.op(op).args[1];
    if let Some(made) = func.def_op(value).filter(|made| looped.scope.contains(*made)) {
        let data = func.op(made);
        if data.kind == Kind::Repeat
            && let Some(list) = func.defining(data.args[0])
            && let (Kind::MakeList, [item]) = (&list.kind, &list.args[..])
            && func.ty(*item).as_scalar().is_some()
        {
            return Action::AppendRow {
                append: op,
                row: Row::Repeated {
                    value: *item,
                    count: data.args[1],
                },
            };
        }
        if let Some(filler) = row_filler(func, looped, value) {
            return Action::AppendRow {
                append: op,
                row: Row::Extended(filler),
            };
        }
    }
    Action::Append(op)
}

/// The one `Extend` that fills a list made empty in this iteration and then appended.
fn row_filler(func: &Function, looped: &Loop, list: ValueId) -> Option<OpId> {
    let made = func.defining(list)?;
    if made.kind != Kind::MakeList || !made.args.is_empty() {
        return None;
    }
    let mut filler = None;
    let mut uses = 0;
    func.walk(looped.body, &mut |op| {
        let data = func.op(op);
        uses += data.args.iter().filter(|arg| **arg == list).count();
        if matches!(data.kind, Kind::Extend { masked: false, .. }) && data.args[0] == list {
            filler = Some(op);
        }
    });
    filler.filter(|_| uses == 2)
}

pub(super) fn is_row_filler(func: &Function, looped: &Loop, op: OpId) -> bool {
    let list = func.op(op).args[0];
    if !looped.scope.defines(func, list) || row_filler(func, looped, list) != Some(op) {
        return false;
    }
    let mut appended = false;
    func.walk(looped.body, &mut |user| {
        let data = func.op(user);
        appended |= data.kind == Kind::Append && data.args[1] == list;
    });
    appended
}

/// `a[k] = a[k] ⊕ term` where `k` does not depend on the loop; `own` are indices of the store's own block.
fn memory_update(
    func: &Function,
    looped: &Loop,
    value: ValueId,
    own: &[ValueId],
    write: &Access,
    positions: &HashMap<OpId, usize>,
) -> Option<(OpId, Update)> {
    let fixed = !write.axes.is_empty()
        && write.axes.iter().all(|axis| {
            axis.as_ref().is_some_and(|axis| {
                axis.terms.keys().all(|atom| match atom {
                    Atom::Value(value) => own.contains(value) || !looped.scope.defines(func, *value),
                    Atom::Extent(value, _) => !looped.scope.defines(func, *value),
                    Atom::Sym(_) => true,
                })
            })
        });
    if !fixed {
        return None;
    }
    let slice = backward(func, &looped.scope, &[value]);
    let mut loads: Vec<OpId> = slice
        .into_iter()
        .filter(|op| {
            access::of_op(func, *op).is_some_and(|read| {
                read.root == write.root
                    && read.axes == write.axes
                    && func
                        .op(*op)
                        .results
                        .iter()
                        .any(|result| func.ty(*result).scalar_options().is_some())
            })
        })
        .collect();
    loads.sort_by_key(|op| positions.get(op).copied());
    let [load] = loads[..] else { return None };
    let update = carried::update(func, looped, func.result(load), value)?;
    // The accumulator is rounded to the array's dtype at every store; a fold rounds in the terms' type.
    let dtype_kept = func.ty(func.result(load)) == func.ty(value) || matches!(func.ty(write.base), Ty::List(..));
    dtype_kept.then_some((load, update))
}

/// What a unit computes with.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub roots: Vec<ValueId>,
    /// The load of an accumulator in memory, which is no read of the unit's.
    skip: Option<OpId>,
    /// Blocks that are its own with all they yield.
    own_blocks: Vec<BlockId>,
    /// Blocks of which only some values are its own.
    inside: Vec<BlockId>,
}

/// What a unit needs of the loop's body, but for its own blocks.
fn needs(func: &Function, unit: &Unit) -> Needs {
    let mut needs = Needs {
        roots: unit.mask.iter().map(|(condition, _)| *condition).collect(),
        ..Needs::default()
    };
    let Needs {
        roots,
        skip,
        own_blocks,
        inside,
    } = &mut needs;
    match &unit.action {
        Action::Store(op) | Action::Append(op) => roots.extend(&func.op(*op).args),
        Action::AppendRow { append, row } => {
            roots.push(func.op(*append).args[0]);
            match row {
                Row::Repeated { value, count } => roots.extend([*value, *count]),
                Row::Extended(filler) => {
                    roots.extend(&func.op(*filler).args[1..]);
                    own_blocks.extend(func.op(*filler).blocks.clone());
                }
            }
        }
        Action::Nested(op) => {
            roots.extend(&func.op(*op).args);
            own_blocks.extend(func.op(*op).blocks.clone());
        }
        Action::Fold { update, .. } => add_update(func, update, roots, own_blocks),
        Action::Memory { load, update, .. } => {
            add_update(func, update, roots, own_blocks);
            *skip = Some(*load);
        }
        Action::NestedMemory { scatter, load, update } => {
            let block = func.op(*scatter).blocks[0];
            let yielded = func.block(block).end.values();
            roots.extend(
                yielded
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| !matches!(func.op(*scatter).kind, Kind::Scatter { axes, .. } if *at == axes))
                    .map(|(_, value)| *value),
            );
            roots.extend(&func.op(*scatter).args);
            add_update(func, update, roots, own_blocks);
            *skip = Some(*load);
            inside.push(block);
        }
        Action::Grow { value, mask, .. } => {
            roots.push(*value);
            roots.extend(mask.iter().map(|(condition, _)| *condition));
        }
        Action::ArgFold { update, .. } => {
            roots.push(update.value);
            roots.extend(update.payloads.iter().map(|(_, value)| *value));
            roots.extend(update.mask.iter().map(|(condition, _)| *condition));
        }
    }
    needs
}

/// The ops that a unit is computed by.
pub(super) fn slice_of(func: &Function, looped: &Loop, unit: &Unit) -> HashSet<OpId> {
    let needs = needs(func, unit);
    let ends = needs
        .own_blocks
        .iter()
        .flat_map(|block| func.block(*block).end.values());
    let roots: Vec<ValueId> = needs.roots.iter().chain(ends).copied().collect();
    let mut ops = backward(func, &looped.scope, &roots);
    ops.retain(|op| Some(*op) != needs.skip);
    ops
}

/// Every read in the slice of a unit.
fn reads(func: &Function, looped: &Loop, unit: &Unit, positions: &HashMap<OpId, usize>) -> Vec<(Access, usize)> {
    let needs = needs(func, unit);
    let mut own_ops = HashSet::new();
    for block in needs.inside.iter().chain(&needs.own_blocks) {
        func.walk(*block, &mut |op| {
            own_ops.insert(op);
        });
    }
    // An index-space op reads in its block, before it writes.
    let placed = slice_of(func, looped, unit).into_iter().map(|op| {
        let position = if own_ops.contains(&op) {
            unit.position
        } else {
            positions.get(&op).copied().unwrap_or(0)
        };
        (op, position)
    });
    accesses(func, placed)
}

/// Every read that a carried value is computed with, in the last iteration.
pub(super) fn reads_of_last(func: &Function, looped: &Loop, number: usize) -> Vec<(Access, usize)> {
    let positions = positions(func, looped.body);
    let ops = backward(func, &looped.scope, &[looped.yields[number]]);
    accesses(
        func,
        ops.into_iter().map(|op| (op, positions.get(&op).copied().unwrap_or(0))),
    )
}

/// The reads among ops, with their places.
fn accesses(func: &Function, ops: impl Iterator<Item = (OpId, usize)>) -> Vec<(Access, usize)> {
    let mut found: Vec<(Access, usize)> = Vec::new();
    for (op, position) in ops {
        if let Some(access) = access::of_op(func, op) {
            found.push((access, position));
        } else if access::reads_wholly(func, op) {
            for arg in func.op(op).args.clone() {
                if matches!(func.ty(arg), Ty::Array { .. } | Ty::List(..)) {
                    let (root, base, _) = access::path(func, arg);
                    let origin = func.op(op).origin;
                    found.push((
                        Access {
                            root,
                            base,
                            axes: Vec::new(),
                            op,
                            origin,
                        },
                        position,
                    ));
                }
            }
        }
    }
    found.sort_by_key(|(access, position)| (*position, access.op));
    found
}

fn add_update(func: &Function, update: &Update, roots: &mut Vec<ValueId>, blocks: &mut Vec<BlockId>) {
    roots.extend(update.terms.iter().map(|(term, _)| *term));
    roots.extend(update.mask.iter().map(|(condition, _)| *condition));
    if let Some(inner) = update.inner {
        roots.extend(&func.op(inner).args[1..]);
        blocks.extend(func.op(inner).blocks.clone());
    }
}
