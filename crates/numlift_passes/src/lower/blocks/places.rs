//! Computed places of a loop that can be computed ahead.
//!
//! ```text
//! for i: counts[int(x[i] * n)] += 1       the place is made of what the loop loads, and stores nowhere
//! for i: k = next[k]; y[i] = x[k]         it is not: each place waits for the one before
//! ```
//!
//! Only flat loops are looked at, in which nothing else may leave compiled code but the places.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::infer::{LENGTH, interval_of};
use numlift_ir::op::{Const, Kind, Sub, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use super::Blocks;

/// A longer body is not written out twice.
const MOST_OPS: usize = 64;

/// A loop that can be rewritten: its places, each with the arrays that it is a place in.
pub(in crate::lower) struct Places {
    pub op: OpId,
    pub places: Vec<(ValueId, Vec<ValueId>)>,
    /// Whether it stores at any of them.
    pub scatters: bool,
    /// Whether some are elements of an array as they are.
    pub direct: bool,
}

impl Blocks<'_> {
    /// The places of a loop, if they can be computed ahead.
    pub fn places(&self, op: OpId) -> Option<Places> {
        let func = &self.b.func;
        let data = func.op(op);
        if data.kind != Kind::For || data.args.len() != 3 || func.as_const(data.args[2]) != Some(&Const::Int(1)) {
            return None;
        }
        let is_natural = |value: ValueId| interval_of(func.ty(value)).is_within(LENGTH);
        let body = func.block(data.blocks[0]);
        let is_flat = body.ops.iter().all(|inner| func.op(*inner).blocks.is_empty());
        let is_small = body.ops.len() <= MOST_OPS && matches!(body.end, Term::Yield(_));
        if !is_natural(data.args[0]) || !is_natural(data.args[1]) || !is_flat || !is_small {
            return None;
        }
        let mut places: Vec<(ValueId, Vec<ValueId>)> = Vec::new();
        let mut stores = Vec::new();
        for inner in &body.ops {
            let data = func.op(*inner);
            let (subs, values) = match &data.kind {
                Kind::Index(subs) => (subs, 0),
                Kind::SetIndex(subs) => (subs, 1),
                Kind::Store => {
                    stores.push(data.args[0]);
                    continue;
                }
                Kind::Load
                | Kind::Const(_)
                | Kind::Len { .. }
                | Kind::Frame { .. }
                | Kind::Scalar { .. }
                | Kind::Convert => continue,
                _ => return None,
            };
            let is_one = subs[..] == [Sub::At] && data.args.len() == 2 + values;
            if !is_one || self.defined_in(data.args[0], &body.ops) {
                return None;
            }
            let (base, place) = (data.args[0], data.args[1]);
            if values == 1 {
                stores.push(base);
            }
            match places.iter_mut().find(|(known, _)| *known == place) {
                Some((_, bases)) if bases.contains(&base) => {}
                Some((_, bases)) => bases.push(base),
                None => places.push((place, vec![base])),
            }
        }
        let is_direct = |place: ValueId| self.is_element(place, &body.ops, &stores);
        let direct = places.iter().any(|(place, _)| is_direct(*place));
        let is_computed = places
            .iter()
            .all(|(place, _)| is_direct(*place) || self.is_computed_ahead(*place, &body.ops, &stores));
        let scatters = body
            .ops
            .iter()
            .any(|inner| matches!(func.op(*inner).kind, Kind::SetIndex(_)));
        (is_computed && !places.is_empty()).then_some(Places {
            op,
            places,
            scatters,
            direct,
        })
    }

    pub fn defined_in(&self, value: ValueId, ops: &[OpId]) -> bool {
        self.b.func.def_op(value).is_some_and(|op| ops.contains(&op))
    }

    /// Whether a place is an int that is loaded.
    fn is_element(&self, place: ValueId, ops: &[OpId], stores: &[ValueId]) -> bool {
        let func = &self.b.func;
        let is_int = matches!(func.ty(place), Ty::Np(dtype) if dtype.is_integer() && *dtype != Dtype::U64);
        let is_load = func.defining(place).is_some_and(|op| op.kind == Kind::Load);
        is_int && is_load && self.defined_in(place, ops) && self.is_quiet(place, ops, stores)
    }

    /// Whether a place is an int that is made of what is loaded.
    fn is_computed_ahead(&self, place: ValueId, ops: &[OpId], stores: &[ValueId]) -> bool {
        let func = &self.b.func;
        let Some(op) = func.defining(place).filter(|_| self.defined_in(place, ops)) else {
            return false;
        };
        let is_int = matches!(
            op.kind,
            Kind::Scalar {
                f: F::ToInt,
                flavour: Flavour::NpScalar
            }
        );
        let is_number = match func.ty(op.args[0]) {
            Ty::Np(dtype) => *dtype == Dtype::F64 || *dtype == Dtype::F32 || dtype.is_integer() && *dtype != Dtype::U64,
            _ => false,
        };
        is_int && is_number && self.is_quiet(op.args[0], ops, stores)
    }

    fn is_quiet(&self, value: ValueId, ops: &[OpId], stores: &[ValueId]) -> bool {
        let func = &self.b.func;
        let Some(op) = func.defining(value).filter(|_| self.defined_in(value, ops)) else {
            return true;
        };
        let keeps = |base: ValueId| {
            stores
                .iter()
                .all(|store| *store != base && !self.roots.may_share(*store, base))
        };
        match &op.kind {
            Kind::Const(_) => true,
            Kind::Load => keeps(op.args[0]),
            Kind::Scalar {
                f: F::Add | F::Sub | F::Mul | F::TrueDiv,
                flavour: Flavour::NpScalar,
            } => {
                let is_float = |value: &ValueId| matches!(func.ty(*value), Ty::Np(Dtype::F64 | Dtype::F32));
                let is_number = |value: &ValueId| is_float(value) || matches!(func.ty(*value), Ty::Float | Ty::Int(_));
                is_float(&op.results[0])
                    && op.args.iter().any(is_float)
                    && op.args.iter().all(is_number)
                    && op.args.iter().all(|arg| self.is_quiet(*arg, ops, stores))
            }
            _ => false,
        }
    }
}
