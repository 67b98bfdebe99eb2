//! Int arithmetic for indices and extents: folded, and made once where it is needed.
//!
//! What is made here is in range by construction (positions inside of arrays, lengths), so its type says that it fits
//! 64 bits and nothing has to be checked.

use std::collections::{HashMap, HashSet};

use numlift_ir::affine::Affine;
use numlift_ir::function::{BlockId, ValueId};
use numlift_ir::infer::{interval_of, result_types};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Interval, Ty};

use super::walk::Lower;

/// What is known in a block and the blocks inside.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub block: Option<BlockId>,
    constants: HashMap<i128, ValueId>,
    ops: HashMap<(F, ValueId, ValueId), ValueId>,
    /// Extents by what they are.
    pub lengths: HashMap<Affine, ValueId>,
    /// Conditions that were required.
    pub required: HashSet<ValueId>,
    /// Extents that were required to be equal.
    pub equal: Vec<(Affine, Affine)>,
}

impl Lower<'_> {
    /// The scopes that the present block sees, the innermost first.
    pub(super) fn visible_scopes(&self) -> impl Iterator<Item = &Scope> {
        let here = self.scope_number();
        self.scopes[..=here].iter().rev()
    }

    fn scope_number(&self) -> usize {
        let here = Some(self.b.block);
        let found = self.scopes.iter().rposition(|scope| scope.block == here);
        found.expect("every block that is filled has a scope")
    }

    /// The scope of the present block.
    pub(super) fn scope(&mut self) -> &mut Scope {
        let here = self.scope_number();
        &mut self.scopes[here]
    }

    pub(super) fn push_scope(&mut self, block: BlockId) {
        self.scopes.push(Scope {
            block: Some(block),
            ..Scope::default()
        });
    }

    pub(super) fn pop_scope(&mut self) {
        self.scopes.pop();
    }

    /// An int constant.
    pub(super) fn int(&mut self, n: i128) -> ValueId {
        if let Some(known) = self.visible_scopes().find_map(|scope| scope.constants.get(&n)) {
            return *known;
        }
        let value = self.b.constant(Const::Int(n));
        self.scope().constants.insert(n, value);
        value
    }

    /// The int that a value is for certain.
    pub(super) fn as_int(&self, value: ValueId) -> Option<i128> {
        match self.b.func.ty(value) {
            Ty::Int(interval) => interval.as_point(),
            _ => None,
        }
    }

    pub(super) fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.as_int(a), self.as_int(b)) {
            (Some(a), Some(b)) => self.int(a + b),
            (Some(0), None) => b,
            (None, Some(0)) => a,
            _ => self.int_op(F::Add, a, b),
        }
    }

    pub(super) fn sub(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.as_int(a), self.as_int(b)) {
            (Some(a), Some(b)) => self.int(a - b),
            (None, Some(0)) => a,
            _ => self.int_op(F::Sub, a, b),
        }
    }

    pub(super) fn mul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.as_int(a), self.as_int(b)) {
            (Some(a), Some(b)) => self.int(a * b),
            (Some(1), None) => b,
            (None, Some(1)) => a,
            _ => self.int_op(F::Mul, a, b),
        }
    }

    pub(super) fn floor_div(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(1)) => a,
            (Some(a), Some(b)) if b > 0 => self.int(a.div_euclid(b)),
            _ => self.int_op(F::FloorDiv, a, b),
        }
    }

    /// The remainder, of what is not negative.
    pub(super) fn modulo(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match (self.as_int(a), self.as_int(b)) {
            (_, Some(1)) => self.int(0),
            (Some(a), Some(b)) if b > 0 => self.int(a.rem_euclid(b)),
            _ => self.int_op(F::Mod, a, b),
        }
    }

    pub(super) fn min(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match self.is_at_most(a, b) {
            true => a,
            false if self.is_at_most(b, a) => b,
            false => self.int_op(F::Min, a, b),
        }
    }

    pub(super) fn max(&mut self, a: ValueId, b: ValueId) -> ValueId {
        match self.is_at_most(a, b) {
            true => b,
            false if self.is_at_most(b, a) => a,
            false => self.int_op(F::Max, a, b),
        }
    }

    /// A function of ints that is known to fit 64 bits.
    fn int_op(&mut self, f: F, a: ValueId, b: ValueId) -> ValueId {
        let key = (f, a, b);
        if let Some(known) = self.visible_scopes().find_map(|scope| scope.ops.get(&key)) {
            return *known;
        }
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Py,
        };
        let inferred = result_types(&self.b.func, &kind, &[a, b]);
        let interval = interval_of(&inferred[0]).meet(Interval::MACHINE);
        let op = self.b.typed_op(kind, &[a, b], &[Ty::Int(interval)]);
        let value = self.b.func.result(op);
        self.scope().ops.insert(key, value);
        value
    }

    /// A comparison of ints, or another operator whose result is a truth value.
    pub(super) fn test(&mut self, f: F, a: ValueId, b: ValueId) -> ValueId {
        let key = (f, a, b);
        if let Some(known) = self.visible_scopes().find_map(|scope| scope.ops.get(&key)) {
            return *known;
        }
        let value = self.b.operator(f, &[a, b]);
        self.scope().ops.insert(key, value);
        value
    }
}

impl Lower<'_> {
    /// `a if condition else b`, of ints.
    pub(super) fn select_int(&mut self, condition: ValueId, a: ValueId, b: ValueId) -> ValueId {
        let interval = interval_of(self.b.func.ty(a)).join(interval_of(self.b.func.ty(b)));
        let op = self.b.typed_op(
            Kind::Select,
            &[condition, a, b],
            &[Ty::Int(interval.meet(Interval::MACHINE))],
        );
        self.b.func.result(op)
    }
}
