//! What a loop carries becomes folds: sums, extrema, the place of an extremum, and sums kept at one place of memory.
//!
//! ```text
//! for i in range(n): s = s + x[i]                          =>  s = fold add s0, n { (t) yield x[t] }
//! best = x[0]; for i in range(1, n): best = max(best, x[i])  =>  fold max x[0], n { (t) yield x[t] }
//! ```

use std::collections::{BTreeMap, HashMap};

use numlift_ir::affine::{Atom, affine_of};
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, Monoid, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::super::arithmetic::{constant_of, flavour_of, int_const, int_op, logical_and, sum_type};
use super::super::carried::{ArgUpdate, Update};
use super::super::units::Unit;
use super::{Emitter, not_understood};
use crate::blocker::{Blocker, BlockerKind};
use crate::slice::Slice;

/// Where a fold goes, and what stands for the indices of the block that it goes into.
pub(super) struct Place {
    pub parent: BlockId,
    pub own: HashMap<ValueId, ValueId>,
}

impl Emitter<'_> {
    /// A fold over the loop that starts from `init`.
    pub(super) fn fold(
        &self,
        func: &mut Function,
        init: ValueId,
        update: &Update,
        origin: OriginId,
        outer_mask: &[(ValueId, bool)],
        place: &Place,
    ) -> Result<ValueId, Blocker> {
        let (block, mut slice) = self.block(func)?;
        slice.map.extend(&place.own);
        let mut args = vec![init, self.trip];
        let mut mask = outer_mask.to_vec();
        mask.extend(&update.mask);
        let mut any_order = update.terms.len() > 1;
        let (mut yielded, inner_masked) = match update.inner {
            Some(inner) => {
                let data = func.op(inner).clone();
                let space = self.inner_space(func, (&data.args[1..], data.blocks[0]), block, &mut slice, origin)?;
                args.extend(space.extents);
                let mut yielded = slice.inline_block(func, data.blocks[0], &space.params)?;
                let masked = matches!(data.kind, Kind::Fold { masked: true, .. });
                any_order |= matches!(data.kind, Kind::Fold { any_order: true, .. });
                self.narrowed(func, block, &mut yielded, (masked, space.holds));
                (yielded, masked || space.holds.is_some())
            }
            None if !mask.is_empty() && is_strict_extremum(update.monoid) => {
                let term = update.terms.first().ok_or_else(|| not_understood(origin))?.0;
                let term = self.where_it_counts(func, &mut slice, block, (update.monoid, term), &mask)?;
                mask.clear();
                (vec![term], false)
            }
            None => (vec![self.terms(func, &mut slice, block, update, origin)?], false),
        };
        if !mask.is_empty() {
            let own = if inner_masked { yielded.pop() } else { None };
            let mut holds = self.mask(func, &mut slice, block, &mask)?;
            if let Some(own) = own {
                holds = logical_and(func, block, holds, own, origin);
            }
            yielded.push(holds);
        }
        func.block_mut(block).end = Term::Yield(yielded);
        let kind = Kind::Fold {
            monoid: update.monoid,
            masked: inner_masked || !mask.is_empty(),
            any_order,
        };
        let ty = fold_type(func, update.monoid, init, block);
        Ok(func.push_value(place.parent, kind, args, vec![block], ty, origin))
    }

    /// `best = x[0]; for i in range(1, n): …` starts from the element before its first: the extremum may as well run
    /// over that one too.
    pub(super) fn one_before(&self, func: &mut Function, init: ValueId, update: &Update) -> Emitter<'_> {
        let extremum = matches!(
            update.monoid,
            Monoid::MinIf | Monoid::MaxIf | Monoid::Minimum | Monoid::Maximum
        );
        match update.terms[..] {
            [(term, false)] if extremum && update.mask.is_empty() => self.widened(func, init, term),
            _ => self.widened(func, init, init),
        }
    }

    /// The sum (or product) of an update's terms.
    pub(super) fn terms(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        update: &Update,
        origin: OriginId,
    ) -> Result<ValueId, Blocker> {
        let mut sum: Option<ValueId> = None;
        for (term, negate) in &update.terms {
            let mut value = slice.value(func, *term)?;
            if *negate && is_numpy_int(func, value) {
                return Err(Blocker::new(
                    BlockerKind::NoForm,
                    origin,
                    "NumPy integers are subtracted: their negative need not exist",
                ));
            }
            if *negate {
                let ty = func.ty(value).clone();
                let kind = Kind::Scalar {
                    f: F::Neg,
                    flavour: flavour_of(func, &[value]),
                };
                value = func.push_value(block, kind, vec![value], vec![], ty, origin);
            }
            sum = Some(match sum {
                None => value,
                Some(before) => {
                    let f = if update.monoid == Monoid::Mul { F::Mul } else { F::Add };
                    let ty = sum_type(func, before, value);
                    let kind = Kind::Scalar {
                        f,
                        flavour: flavour_of(func, &[before, value]),
                    };
                    func.push_value(block, kind, vec![before, value], vec![], ty, origin)
                }
            });
        }
        sum.ok_or_else(|| not_understood(origin))
    }

    pub(super) fn arg_fold(
        &self,
        func: &mut Function,
        number: usize,
        update: &ArgUpdate,
        origin: OriginId,
        results: &mut HashMap<usize, ValueId>,
    ) -> Result<(), Blocker> {
        let looped = &*self.looped;
        let (block, mut slice) = self.block(func)?;
        let mut extents = vec![self.trip];
        let yielded = if let Some(inner) = update.inner {
            let data = func.op(inner).clone();
            let own = (&data.args[data.kind.leading()..], data.blocks[0]);
            let space = self.inner_space(func, own, block, &mut slice, origin)?;
            extents.extend(space.extents);
            let mut yielded = slice.inline_block(func, data.blocks[0], &space.params)?;
            if let Some(holds) = space.holds {
                yielded[0] = self.beyond(func, block, (holds, yielded[0]), update.monoid)?;
            }
            yielded
        } else {
            let value = match update.mask.is_empty() {
                true => slice.value(func, update.value)?,
                false => self.where_it_counts(func, &mut slice, block, (update.monoid, update.value), &update.mask)?,
            };
            let mut yielded = vec![value];
            for (_, payload) in &update.payloads {
                yielded.push(slice.value(func, *payload)?);
            }
            yielded
        };
        func.block_mut(block).end = Term::Yield(yielded.clone());
        let best = match update.initial {
            Some(load) => {
                let map = HashMap::from([(looped.params[number], looped.inits[number])]);
                Slice::new(&looped.scope, self.parent, map).value(func, load)?
            }
            None => looped.inits[number],
        };
        let mut args = vec![best];
        args.extend(update.payloads.iter().map(|(payload, _)| looped.inits[*payload]));
        args.extend(extents);
        let mut types = vec![func.ty(yielded[0]).join(func.ty(best))];
        for ((payload, _), value) in update.payloads.iter().zip(&yielded[1..]) {
            let before = func.ty(looped.inits[*payload]);
            types.push(func.ty(*value).join(before).without_optional());
        }
        let kind = Kind::ArgFold {
            monoid: update.monoid,
            payloads: update.payloads.len(),
            masked: false,
        };
        let op = func.push_op(self.parent, kind, args, vec![block], &types, origin);
        let made = func.op(op).results.clone();
        if update.initial.is_none() {
            results.insert(number, made[0]);
        }
        for ((payload, _), value) in update.payloads.iter().zip(&made[1..]) {
            results.insert(*payload, *value);
        }
        Ok(())
    }

    /// A term of an extremum where its predicates hold, and elsewhere the infinity that no number is worse than.
    fn where_it_counts(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        (monoid, term): (Monoid, ValueId),
        mask: &[(ValueId, bool)],
    ) -> Result<ValueId, Blocker> {
        let infinity = self.infinity(func, monoid, term)?;
        let holds = self.mask(func, slice, block, mask)?;
        let (then, other) = (func.add_block(), func.add_block());
        let value = Slice::new(slice.scope, then, slice.map.clone()).value(func, term)?;
        Ok(self.chosen(func, block, (holds, value), [then, other], Const::Float(infinity)))
    }

    /// A term that is there already, and the infinity where a condition does not hold.
    fn beyond(
        &self,
        func: &mut Function,
        block: BlockId,
        (holds, term): (ValueId, ValueId),
        monoid: Monoid,
    ) -> Result<ValueId, Blocker> {
        let infinity = self.infinity(func, monoid, term)?;
        let (then, other) = (func.add_block(), func.add_block());
        Ok(self.chosen(func, block, (holds, term), [then, other], Const::Float(infinity)))
    }

    /// What no term of an extremum is worse than.
    fn infinity(&self, func: &Function, monoid: Monoid, term: ValueId) -> Result<f64, Blocker> {
        let refused = |message| Blocker::new(BlockerKind::NoForm, self.looped.origin, message);
        let ty = func.ty(term).bound().clone();
        let is_float = match &ty {
            Ty::Float => true,
            Ty::Np(dtype) => dtype.is_float(),
            _ => false,
        };
        Ok(match monoid {
            Monoid::MinIf if is_float => f64::INFINITY,
            Monoid::MaxIf if is_float => f64::NEG_INFINITY,
            Monoid::MinIf | Monoid::MaxIf => {
                return Err(refused("an extremum under a condition of something else than floats"));
            }
            _ => return Err(refused("the last of equal extrema under a condition")),
        })
    }

    /// A value, computed in the block for where a condition holds, and elsewhere a constant of the same type.
    pub(super) fn chosen(
        &self,
        func: &mut Function,
        block: BlockId,
        (holds, value): (ValueId, ValueId),
        [then, other]: [BlockId; 2],
        elsewhere: Const,
    ) -> ValueId {
        let at = self.looped.origin;
        let ty = func.ty(value).bound().clone();
        func.block_mut(then).end = Term::Yield(vec![value]);
        let constant = constant_of(func, other, elsewhere, &ty, at);
        func.block_mut(other).end = Term::Yield(vec![constant]);
        func.push_value(block, Kind::If, vec![holds], vec![then, other], ty, at)
    }

    pub(super) fn widened_arg(
        &self,
        func: &mut Function,
        number: usize,
        best: ValueId,
        update: &ArgUpdate,
    ) -> Emitter<'_> {
        // The place must move along: it is what the loop would have kept one step earlier.
        let affine = |func: &Function, value: ValueId| affine_of(func, value);
        let index = Atom::Value(self.looped.index);
        let earlier = affine(func, self.looped.start).minus(&affine(func, self.looped.step));
        let places_fit = update.payloads.iter().all(|(payload, value)| {
            let there = earlier
                .as_ref()
                .and_then(|earlier| affine(func, *value).substitute(index, earlier));
            there == Some(affine(func, self.looped.inits[*payload]))
        });
        let first = if update.initial.is_some() {
            self.first_load(func, number, best)
        } else {
            Some(best)
        };
        match first {
            Some(first) if update.inner.is_none() && places_fit && update.mask.is_empty() => {
                self.widened(func, first, update.value)
            }
            _ => self.widened(func, best, best),
        }
    }

    /// The load of the best so far, at the place that the loop starts with.
    fn first_load(&self, func: &mut Function, number: usize, load: ValueId) -> Option<ValueId> {
        let map = HashMap::from([(self.looped.params[number], self.looped.inits[number])]);
        Slice::new(&self.looped.scope, self.parent, map).value(func, load).ok()
    }

    /// The same loop from one step earlier, if the term is `init` there.
    pub(super) fn widened(&self, func: &mut Function, init: ValueId, term: ValueId) -> Emitter<'_> {
        let before = self.is_before(func, init, term);
        // What is the same loop has the same running values.
        let scans = match before {
            true => BTreeMap::new(),
            false => self.scans.clone(),
        };
        let mut looped = self.looped.clone();
        let mut trip = self.trip;
        if before {
            let at = looped.origin;
            let start = int_op(func, self.parent, F::Sub, looped.start, looped.step, at);
            looped.to_mut().start = start;
            let one = int_const(func, self.parent, 1, at);
            trip = int_op(func, self.parent, F::Add, self.trip, one, at);
        }
        Emitter {
            looped,
            carried: self.carried,
            parent: self.parent,
            trip,
            scans,
        }
    }

    pub(super) fn is_before(&self, func: &Function, init: ValueId, term: ValueId) -> bool {
        let (Some(load), Some(first)) = (func.defining(term), func.defining(init)) else {
            return false;
        };
        if term == init || load.kind != first.kind || !matches!(load.kind, Kind::Index(_)) {
            return false;
        }
        let affine = |value: ValueId| affine_of(func, value);
        let index = Atom::Value(self.looped.index);
        let earlier = affine(self.looped.start).minus(&affine(self.looped.step));
        load.args[0] == first.args[0]
            && load.args[1..].iter().zip(&first.args[1..]).all(|(new, old)| {
                earlier
                    .as_ref()
                    .and_then(|earlier| affine(*new).substitute(index, earlier))
                    == Some(affine(*old))
            })
    }

    /// `a[k] ⊕= term` at a fixed place: load once, fold, store once.
    pub(super) fn memory(
        &self,
        func: &mut Function,
        unit: &Unit,
        store: OpId,
        load: OpId,
        update: &Update,
    ) -> Result<(), Blocker> {
        let looped = &*self.looped;
        let mut outside = Slice::new(&looped.scope, self.parent, HashMap::new());
        let start = func.result(load);
        let init = outside.value(func, start)?;
        let total = self.fold(func, init, update, unit.origin, &unit.mask, &self.here())?;
        let data = func.op(store).clone();
        let mut args = outside.values(func, &data.args[..data.args.len() - 1])?;
        args.push(total);
        func.push_op(self.parent, data.kind, args, vec![], &[], data.origin);
        Ok(())
    }

    pub(super) fn here(&self) -> Place {
        Place {
            parent: self.parent,
            own: HashMap::new(),
        }
    }
}

/// One that keeps the first of equals.
fn is_strict_extremum(monoid: Monoid) -> bool {
    matches!(monoid, Monoid::MinIf | Monoid::MaxIf)
}

fn is_numpy_int(func: &Function, value: ValueId) -> bool {
    func.ty(value).bound().scalar_options().is_some_and(|options| {
        options
            .iter()
            .any(|option| !option.is_python() && !option.array_dtype().is_inexact())
    })
}

/// The type of a fold: that of the accumulator, widened by the terms.
pub(super) fn fold_type(func: &Function, monoid: Monoid, init: ValueId, block: BlockId) -> Ty {
    let term = func.block(block).end.values()[0];
    // An extremum is one of its operands, whatever their types.
    let chooses = matches!(
        monoid,
        Monoid::MinIf | Monoid::MaxIf | Monoid::MinIfLast | Monoid::MaxIfLast | Monoid::Last
    );
    match (func.ty(init), func.ty(term)) {
        (Ty::Unbound, term) if chooses => term.clone(),
        (init, term) if chooses => init.widen(term),
        (Ty::Int(_), Ty::Int(_)) => Ty::INT,
        (Ty::Bool, Ty::Bool) => Ty::Bool,
        _ => sum_type(func, init, term),
    }
}
