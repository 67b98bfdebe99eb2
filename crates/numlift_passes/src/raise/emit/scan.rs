//! A fold whose values are read along the way becomes a `scan`, whose elements they are.
//!
//! ```text
//! if x[i] > 0: k = k + 1                   r = scan add seeded k, n { (t) yield 1 if x[t] > 0 else 0 }
//! pos[i] = k                       =>      scatter pos, n { (t) yield t, r[t + 1] }
//! ```
//!
//! Where a predicate does not hold the term is the number that changes nothing: `0`, `1`, an infinity. A scan that
//! starts from the element before its first (`s = x[0]`, then from 1 on) needs no start: that element is its first term.

use std::collections::HashMap;

use numlift_ir::function::{BlockId, Function, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, Monoid, Sub, Term};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::{Dim, Ty};

use super::super::arithmetic::{constant_of, flavour_of, int_const, int_op};
use super::super::carried::Update;
use super::super::scans;
use super::Emitter;
use super::fold::fold_type;
use crate::blocker::{Blocker, BlockerKind};
use crate::slice::Slice;

/// All values of what a loop carries.
#[derive(Debug, Clone)]
pub(super) struct Running {
    /// One more than there are iterations: what each begins with, and what the last one ends with.
    tensor: ValueId,
    elem: ScalarTy,
    /// The values of the body that are what an iteration ends with.
    after: Vec<ValueId>,
}

impl Emitter<'_> {
    /// All values of a carried value.
    pub(super) fn scan(
        &self,
        func: &mut Function,
        number: usize,
        update: &Update,
        origin: OriginId,
    ) -> Result<Running, Blocker> {
        let (looped, monoid) = (&*self.looped, update.monoid);
        if monoid == Monoid::Last {
            return Err(Blocker::new(
                BlockerKind::Carried,
                origin,
                "only some iterations bind what all of them read",
            ));
        }
        let init = looped.inits[number];
        let first = match update.terms[..] {
            [(term, false)] if update.mask.is_empty() && update.inner.is_none() => {
                self.is_before(func, init, term).then_some(term)
            }
            _ => None,
        };
        let around = self.widened(func, init, first.unwrap_or(init));
        let (block, mut slice) = around.block(func)?;
        let term = self.scanned_term(func, &mut slice, block, (number, update), origin)?;
        func.block_mut(block).end = Term::Yield(vec![term]);
        let elem = self.scanned_type(func, number, (monoid, !update.mask.is_empty()), block)?;
        let mut args = vec![around.trip];
        if first.is_none() {
            // Python's numbers take the type of what they meet.
            let start = match func.as_const(init).cloned() {
                Some(Const::Int(int)) if !elem.array_dtype().is_integer() => {
                    constant_of(func, self.parent, Const::Float(int as f64), &Ty::Float, origin)
                }
                _ => init,
            };
            args.insert(0, start);
        }
        let kind = Kind::Scan {
            monoid,
            seeded: first.is_none(),
            regrouped: matches!(monoid, Monoid::Add | Monoid::Mul)
                && (update.terms.len() > 1 || update.inner.is_some()),
        };
        let shape = vec![Dim::Unknown];
        let tensor = func.push_value(self.parent, kind, args, vec![block], Ty::Tensor { elem, shape }, origin);
        let name = func.values[looped.results[number].index()].name.clone();
        func.values[tensor.index()].name = name;
        Ok(Running {
            tensor,
            elem,
            after: scans::after(func, looped, number),
        })
    }

    /// The type of all values: that of the first one may be another, as long as nobody can tell.
    fn scanned_type(
        &self,
        func: &Function,
        number: usize,
        (monoid, masked): (Monoid, bool),
        block: BlockId,
    ) -> Result<ScalarTy, Blocker> {
        let looped = &*self.looped;
        let init = looped.inits[number];
        let term = func.block(block).end.values()[0];
        // Who sees what it starts from: others than what adds to it in every iteration.
        let seen = is_extremum(monoid) || masked || scans::uses(func, looped, looped.params[number]) > 1;
        let ty = match monoid {
            Monoid::And | Monoid::Or => Ty::Bool,
            Monoid::Add | Monoid::Mul => fold_type(func, monoid, init, block),
            _ => func.ty(term).clone(),
        };
        let refused = || {
            Blocker::new(
                BlockerKind::NoForm,
                looped.origin,
                "a running value that is not always of one type",
            )
        };
        let elem = ty.bound().as_scalar().ok_or_else(refused)?;
        let is_one = scans::may_start(func, init, elem, seen) && scans::is_told_by_nobody(func, looped, number, elem);
        is_one.then_some(elem).ok_or_else(refused)
    }

    /// What an iteration combines the accumulator with.
    fn scanned_term(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        (number, update): (usize, &Update),
        origin: OriginId,
    ) -> Result<ValueId, Blocker> {
        let monoid = update.monoid;
        let given = |func: &mut Function, slice: &mut Slice<'_>, dest: BlockId| match update.inner {
            Some(inner) => self.inner_fold(func, slice, dest, number, func.result(inner), monoid),
            None => self.terms(func, slice, dest, update, origin),
        };
        if update.mask.is_empty() {
            return given(func, slice, block);
        }
        let holds = self.mask(func, slice, block, &update.mask)?;
        if let (Monoid::Or | Monoid::And, [(term, false)]) = (monoid, &update.terms[..])
            && func.as_const(*term).is_some()
        {
            // `found = True` where a predicate holds.
            if monoid == Monoid::Or {
                return Ok(holds);
            }
            let kind = Kind::Scalar {
                f: F::Not,
                flavour: flavour_of(func, &[holds]),
            };
            return Ok(func.push_value(block, kind, vec![holds], vec![], Ty::Bool, origin));
        }
        let (then, other) = (func.add_block(), func.add_block());
        let value = given(func, &mut Slice::new(slice.scope, then, slice.map.clone()), then)?;
        let elsewhere = self.neutral(func, number, monoid, value)?;
        Ok(self.chosen(func, block, (holds, value), [then, other], elsewhere))
    }

    /// An inner fold that goes on from the accumulator, from the start instead.
    fn inner_fold(
        &self,
        func: &mut Function,
        slice: &mut Slice<'_>,
        block: BlockId,
        number: usize,
        inner: ValueId,
        monoid: Monoid,
    ) -> Result<ValueId, Blocker> {
        let elsewhere = self.neutral(func, number, monoid, inner)?;
        let ty = func.ty(inner).bound().clone();
        let start = constant_of(func, block, elsewhere, &ty, self.looped.origin);
        slice.map.insert(self.looped.params[number], start);
        let value = slice.value(func, inner);
        slice.map.remove(&self.looped.params[number]);
        value
    }

    /// What changes nothing when it is combined with an accumulator.
    fn neutral(&self, func: &Function, number: usize, monoid: Monoid, term: ValueId) -> Result<Const, Blocker> {
        let refused = |what: &str| Blocker::new(BlockerKind::NoForm, self.looped.origin, what.to_owned());
        let scalar = func.ty(term).bound().as_scalar();
        let scalar = scalar.ok_or_else(|| refused("a term that is not always of one type"))?;
        let dtype = scalar.array_dtype();
        // A sum that starts from anything but `-0.0` never is `-0.0`, which alone `0.0` would change.
        let starts_plain = match func.as_const(self.looped.inits[number]) {
            Some(Const::Float(float)) => float.to_bits() != (-0.0f64).to_bits(),
            Some(_) => true,
            None => false,
        };
        match monoid {
            Monoid::Add if dtype.is_integer() => Ok(Const::Int(0)),
            Monoid::Mul if dtype.is_integer() => Ok(Const::Int(1)),
            Monoid::Add if dtype.is_float() => Ok(Const::Float(if starts_plain { 0.0 } else { -0.0 })),
            Monoid::Mul if dtype.is_float() => Ok(Const::Float(1.0)),
            Monoid::Or => Ok(Const::Bool(false)),
            Monoid::And => Ok(Const::Bool(true)),
            Monoid::Last => Err(refused("the last of some values, in every iteration")),
            Monoid::MaxIf | Monoid::Maximum if dtype.is_float() => Ok(Const::Float(f64::NEG_INFINITY)),
            Monoid::MinIf | Monoid::Minimum if dtype.is_float() => Ok(Const::Float(f64::INFINITY)),
            Monoid::Add | Monoid::Mul => Err(refused("a running value under a condition of no real numbers")),
            Monoid::MaxIf
            | Monoid::MinIf
            | Monoid::MaxIfLast
            | Monoid::MinIfLast
            | Monoid::Maximum
            | Monoid::Minimum => Err(refused(
                "a running extremum under a condition of something else than floats",
            )),
        }
    }

    /// Puts the values of a scan where an iteration has them.
    pub(super) fn read_running(
        &self,
        func: &mut Function,
        block: BlockId,
        counter: ValueId,
        (number, running): (usize, &Running),
        map: &mut HashMap<ValueId, ValueId>,
    ) {
        let at = self.looped.origin;
        let one = int_const(func, block, 1, at);
        let next = int_op(func, block, F::Add, counter, one, at);
        let param = self.looped.params[number];
        let before = self.element(func, block, running, counter, param);
        map.insert(param, before);
        for value in &running.after {
            let after = self.element(func, block, running, next, *value);
            map.insert(*value, after);
        }
    }

    /// The value behind the last iteration.
    pub(super) fn last_of(&self, func: &mut Function, number: usize, running: &Running) -> ValueId {
        let next = self.looped.yields[number];
        let last = self.element(func, self.parent, running, self.trip, next);
        // Where that may still be what it started from it has the type of both.
        func.values[last.index()].ty = func.ty(next).bound().clone();
        last
    }

    fn element(
        &self,
        func: &mut Function,
        block: BlockId,
        running: &Running,
        place: ValueId,
        like: ValueId,
    ) -> ValueId {
        // Ints know how large they are.
        let ty = match func.ty(like).bound() {
            ty if ty.as_scalar() == Some(running.elem) => ty.clone(),
            _ => Ty::scalar(running.elem),
        };
        let kind = Kind::Index(vec![Sub::At]);
        let at = self.looped.origin;
        let value = func.push_value(block, kind, vec![running.tensor, place], vec![], ty, at);
        func.values[value.index()].name = func.values[like.index()].name.clone();
        value
    }
}

fn is_extremum(monoid: Monoid) -> bool {
    match monoid {
        Monoid::Add | Monoid::Mul | Monoid::And | Monoid::Or | Monoid::Last => false,
        Monoid::MinIf | Monoid::MaxIf | Monoid::MinIfLast | Monoid::MaxIfLast | Monoid::Minimum | Monoid::Maximum => {
            true
        }
    }
}
