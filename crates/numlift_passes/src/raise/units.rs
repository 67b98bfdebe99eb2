//! A loop's units: what it does, each with the slice that computes it.
//!
//! One unit is a store, an append, an index-space op that an inner loop was raised to, or a fold. Units are what
//! distribution puts one after the other.

mod needs;

use std::collections::HashMap;

use numlift_ir::affine::{Atom, affine_of};
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Effect, Kind};
use numlift_ir::ty::Ty;

use super::Loop;
use super::carried::{self, ArgUpdate, Carried, Update};
use crate::access::{self, Access};
use crate::blocker::{Blocker, BlockerKind};
use crate::slice::backward;

pub(super) use needs::{reads_of_last, reads_value, slice_of};

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
    /// The same where all its values are needed.
    Scan {
        number: usize,
        update: Update,
    },
    ArgFold {
        number: usize,
        update: ArgUpdate,
    },
    /// A `Scatter` of an inner loop whose places do not move with this one: `a[j] = a[j] ⊕ term(i, j)`.
    NestedMemory {
        scatter: OpId,
        load: OpId,
        update: Update,
    },
    /// `a[k[i]] = a[k[i]] ⊕ term` at places that may come again.
    Accumulate {
        store: OpId,
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
    pub mask: Mask,
    /// Where it stands in the body.
    pub position: usize,
    pub reads: Vec<(Access, usize)>,
    pub write: Option<Access>,
    pub origin: OriginId,
}

/// The predicates of the `If`s around an op, and which way each goes.
pub(super) type Mask = Vec<(ValueId, bool)>;

/// A loop's body, with the order in which its ops run.
pub(super) struct Body<'a> {
    pub func: &'a Function,
    pub looped: &'a Loop,
    positions: HashMap<OpId, usize>,
}

impl<'a> Body<'a> {
    pub fn of(func: &'a Function, looped: &'a Loop) -> Self {
        let mut positions = HashMap::new();
        func.walk(looped.body, &mut |op| {
            let next = positions.len();
            positions.insert(op, next);
        });
        Self {
            func,
            looped,
            positions,
        }
    }

    /// The place of one of the body's ops in the order.
    pub fn position(&self, op: OpId) -> usize {
        self.positions[&op]
    }

    /// Takes the body apart.
    pub fn units(&self) -> Result<(Vec<Unit>, Vec<Carried>), Blocker> {
        let mut units = Vec::new();
        for (op, mask) in self.ops() {
            let data = self.func.op(op);
            if data.kind.effect() == Effect::Writes && data.results.is_empty() {
                units.push(self.of_effect(op, &mask)?);
            }
        }
        let carried = carried::classify(self.func, self.looped);
        units.extend((0..carried.len()).filter_map(|number| self.of_role(number, &carried[number])));
        units.sort_by_key(|unit| unit.position);
        Ok((units, carried))
    }

    /// The ops of the body and of the branches of its `If`s, in their order, without those that fill a row: they belong
    /// to the row's append.
    pub fn ops(&self) -> Vec<(OpId, Mask)> {
        let mut found = Vec::new();
        self.ops_below(self.looped.body, &mut Vec::new(), &mut found);
        found
    }

    fn ops_below(&self, block: BlockId, mask: &mut Mask, found: &mut Vec<(OpId, Mask)>) {
        for op in &self.func.block(block).ops {
            let data = self.func.op(*op);
            match &data.kind {
                Kind::If => {
                    for (branch, taken) in data.blocks.iter().zip([true, false]) {
                        mask.push((data.args[0], taken));
                        self.ops_below(*branch, mask, found);
                        mask.pop();
                    }
                }
                Kind::Extend { .. } if self.is_row_filler(*op) => {}
                _ => found.push((*op, mask.clone())),
            }
        }
    }

    /// The unit of one op with an effect, if it can be one.
    pub fn of_effect(&self, op: OpId, mask: &[(ValueId, bool)]) -> Result<Unit, Blocker> {
        let mut unit = self.effect(op, mask)?;
        unit.reads = needs::reads(self, &unit);
        Ok(unit)
    }

    /// The unit of a carried value that is folded, with its reads.
    pub fn of_role(&self, number: usize, role: &Carried) -> Option<Unit> {
        let mut unit = self.carried(number, role)?;
        unit.reads = needs::reads(self, &unit);
        Some(unit)
    }

    fn carried(&self, number: usize, role: &Carried) -> Option<Unit> {
        let action = match role {
            Carried::Fold(update) => Action::Fold {
                number,
                update: update.clone(),
            },
            Carried::Arg(update) => Action::ArgFold {
                number,
                update: update.clone(),
            },
            Carried::Same | Carried::Induction { .. } | Carried::Payload { .. } | Carried::Last => return None,
        };
        let (func, looped) = (self.func, self.looped);
        let next = looped.yields[number];
        let origin = func.def_op(next).map_or(looped.origin, |op| func.op(op).origin);
        let position = func
            .def_op(next)
            .and_then(|op| self.positions.get(&op).copied())
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

    fn effect(&self, op: OpId, mask: &[(ValueId, bool)]) -> Result<Unit, Blocker> {
        let func = self.func;
        let data = func.op(op);
        let position = self.position(op);
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
                if let Some((load, update)) = self.memory_update(value, &[], &write) {
                    return Ok(unit(
                        Action::Memory {
                            store: op,
                            load,
                            update,
                        },
                        Some(write),
                    ));
                }
                if let Some((load, update)) = self.place_update(op, &write) {
                    let store = op;
                    return Ok(unit(Action::Accumulate { store, load, update }, Some(write)));
                }
                Ok(unit(Action::Store(op), Some(write)))
            }
            Kind::Append if self.is_shared_row(data.args[1]) => Err(Blocker::new(
                BlockerKind::Alias,
                data.origin,
                "the row that is appended is used elsewhere, where it may be changed",
            )
            .help("append a copy of it")),
            Kind::Append => Ok(unit(self.append(op), access::of_op(func, op))),
            Kind::Scatter { axes, .. } => {
                let (root, base, _) = access::path(func, data.args[0]);
                let yielded = func.block(data.blocks[0]).end.values()[..*axes].to_vec();
                let indices = yielded.iter().map(|index| Some(affine_of(func, *index)));
                let write = Access {
                    root,
                    base,
                    axes: indices.collect(),
                    op,
                    origin: data.origin,
                };
                let value = func.block(data.blocks[0]).end.values()[*axes];
                let own = func.block(data.blocks[0]).params.clone();
                if let Some((load, update)) = self.memory_update(value, &own, &write) {
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
            Kind::ScatterFold { axes, .. } => {
                let (root, base, _) = access::path(func, data.args[0]);
                let places = &func.block(data.blocks[0]).end.values()[..*axes];
                let write = Access {
                    root,
                    base,
                    axes: places.iter().map(|place| Some(affine_of(func, *place))).collect(),
                    op,
                    origin: data.origin,
                };
                Ok(unit(Action::Nested(op), Some(write)))
            }
            Kind::Extend { .. } => Ok(unit(Action::Nested(op), Some(access::whole(func, op, data.args[0])))),
            _ => Err(Blocker::new(
                BlockerKind::SideEffect,
                data.origin,
                "an effect that is not understood",
            )),
        }
    }

    /// An append, of a fresh row or of something else.
    fn append(&self, op: OpId) -> Action {
        let func = self.func;
        let value = func.op(op).args[1];
        if let Some(made) = func.def_op(value).filter(|made| self.looped.scope.contains(*made)) {
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
            if let Some(filler) = self.row_filler(value) {
                return Action::AppendRow {
                    append: op,
                    row: Row::Extended(filler),
                };
            }
        }
        Action::Append(op)
    }

    /// The one `Extend` that fills a list made empty in this iteration and then appended.
    fn row_filler(&self, list: ValueId) -> Option<OpId> {
        let func = self.func;
        let made = func.defining(list)?;
        if made.kind != Kind::MakeList || !made.args.is_empty() {
            return None;
        }
        let mut filler = None;
        let mut uses = 0;
        func.walk(self.looped.body, &mut |op| {
            let data = func.op(op);
            uses += data.args.iter().filter(|arg| **arg == list).count();
            if matches!(data.kind, Kind::Extend { masked: false, .. }) && data.args[0] == list {
                filler = Some(op);
            }
        });
        filler.filter(|_| uses == 2)
    }

    /// Whether a list that is written out in the loop has another use than that it is appended.
    fn is_shared_row(&self, row: ValueId) -> bool {
        let written_out = self.func.def_op(row).is_some_and(|made| {
            let data = self.func.op(made);
            data.kind == Kind::MakeList && !data.args.is_empty()
        });
        written_out && self.func.use_counts()[row.index()] > 1
    }

    /// Whether an op appends a row that another op of the body fills.
    pub fn is_row_append(&self, op: OpId) -> bool {
        let data = self.func.op(op);
        data.kind == Kind::Append && self.row_filler(data.args[1]).is_some()
    }

    fn is_row_filler(&self, op: OpId) -> bool {
        let func = self.func;
        let list = func.op(op).args[0];
        if !self.looped.scope.defines(func, list) || self.row_filler(list) != Some(op) {
            return false;
        }
        let mut appended = false;
        func.walk(self.looped.body, &mut |user| {
            let data = func.op(user);
            appended |= data.kind == Kind::Append && data.args[1] == list;
        });
        appended
    }

    /// `a[k[i]] = a[k[i]] ⊕ term` where nothing is known of the places but that both are the same.
    fn place_update(&self, store: OpId, write: &Access) -> Option<(OpId, Update)> {
        let (func, looped) = (self.func, self.looped);
        let data = func.op(store);
        let (value, target) = data.args.split_last()?;
        let is_computed = |axis: &Option<numlift_ir::affine::Affine>| match axis {
            None => true,
            Some(axis) => axis.terms.keys().any(|atom| match atom {
                Atom::Value(value) | Atom::Extent(value, _) => {
                    *value != looped.index && looped.scope.defines(func, *value)
                }
                Atom::Sym(_) => false,
            }),
        };
        if write.axes.len() + 1 != target.len()
            || !write.axes.iter().any(is_computed)
            || !matches!(func.ty(target[0]), Ty::Array { .. })
        {
            return None;
        }
        let slice = backward(func, &looped.scope, &[*value]);
        let mut loads = slice.into_iter().filter(|op| {
            let read = access::of_op(func, *op).filter(|_| matches!(func.op(*op).kind, Kind::Index(_)));
            read.is_some_and(|read| read.root == write.root)
        });
        let (load, None) = (loads.next()?, loads.next()) else {
            return None;
        };
        let read = func.op(load);
        let same_place = read.args.len() == target.len()
            && read.args[0] == target[0]
            && read
                .args
                .iter()
                .zip(target)
                .all(|(a, b)| carried::same_value(func, *a, *b));
        let found = func.result(load);
        let update = carried::update(func, looped, found, *value)?;
        // Each sum is rounded to the array's dtype as it is stored.
        let is_plain = update.inner.is_none() && update.terms.len() == 1 && func.ty(found) == func.ty(*value);
        (same_place && is_plain).then_some((load, update))
    }

    /// `a[k] = a[k] ⊕ term` where `k` does not depend on the loop; `own` are indices of the store's own block.
    fn memory_update(&self, value: ValueId, own: &[ValueId], write: &Access) -> Option<(OpId, Update)> {
        let (func, looped) = (self.func, self.looped);
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
        loads.sort_by_key(|op| self.positions.get(op).copied());
        let [load] = loads[..] else { return None };
        let update = carried::update(func, looped, func.result(load), value)?;
        // The accumulator is rounded to the array's dtype at every store; a fold rounds in the terms' type.
        let dtype_kept = func.ty(func.result(load)) == func.ty(value) || matches!(func.ty(write.base), Ty::List(..));
        dtype_kept.then_some((load, update))
    }
}
