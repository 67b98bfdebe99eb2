//! Extents: how long axes are, and whether two are equal.
//!
//! An extent is an int of the function and an affine *key*: it is the key, or 0 where that is negative. So the length of
//! `a[1:-1]` and that of `a[2:]` are one extent, `n - 2`. Extents that are not known to be equal are required to be,
//! once; then they are. That an extent of 1 may stretch is decided by types: of a parameter whose extent is no constant
//! 1 it is known that it is none, and for the rest Python goes on where the extents differ.

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::ValueId;
use numlift_ir::infer::interval_of;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Interval, Ty};

use super::walk::Lower;

/// How long an axis is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Extent {
    pub value: ValueId,
    /// The extent is this, or 0.
    pub key: Affine,
}

impl Extent {
    pub(super) fn as_constant(&self) -> Option<i128> {
        self.key.as_constant().map(|n| n.max(0))
    }

    pub(super) fn is_one(&self) -> bool {
        self.as_constant() == Some(1)
    }

    /// What a type can say of it.
    pub(super) fn dim(&self) -> Dim {
        if let Some(n) = self.as_constant() {
            return u64::try_from(n).map_or(Dim::Unknown, Dim::Const);
        }
        match self.key.terms.iter().next() {
            Some((Atom::Sym(sym), 1)) if self.key.terms.len() == 1 && self.key.constant == 0 => Dim::Sym(*sym),
            _ => Dim::Unknown,
        }
    }
}

impl Lower<'_> {
    /// The extents of an array in memory.
    pub(super) fn extents_of(&mut self, array: ValueId) -> Vec<Extent> {
        let dims = self.b.func.ty(array).bound().dims();
        (0..dims.len()).map(|axis| self.extent_of(array, axis)).collect()
    }

    fn extent_of(&mut self, array: ValueId, axis: usize) -> Extent {
        let key = self.affine_extent(array, axis);
        if let Some(value) = self.known_length(&key) {
            return Extent { value, key };
        }
        let value = match key.as_constant() {
            Some(n) => self.int(n),
            None => self.b.len(array, axis),
        };
        self.extent_with(value, key)
    }

    /// An extent that is computed: 0 where the int is negative.
    pub(super) fn extent_of_int(&mut self, int: ValueId) -> Extent {
        let key = affine_of(&self.b.func, int);
        self.extent_by(key, |lower| {
            let zero = lower.int(0);
            lower.max(int, zero)
        })
    }

    /// The extent of a key, computed where it is not there yet.
    pub(super) fn extent_by(&mut self, key: Affine, compute: impl FnOnce(&mut Self) -> ValueId) -> Extent {
        if let Some(n) = key.as_constant() {
            let value = self.int(n.max(0));
            return Extent {
                value,
                key: Affine::constant(n.max(0)),
            };
        }
        if let Some(value) = self.known_length(&key) {
            return Extent { value, key };
        }
        let value = compute(self);
        self.extent_with(value, key)
    }

    pub(super) fn extent_with(&mut self, value: ValueId, key: Affine) -> Extent {
        self.scope().lengths.insert(key.clone(), value);
        Extent { value, key }
    }

    fn known_length(&self, key: &Affine) -> Option<ValueId> {
        self.visible_scopes().find_map(|scope| scope.lengths.get(key)).copied()
    }

    /// Whether two extents are equal for certain.
    pub(super) fn is_same_extent(&self, a: &Extent, b: &Extent) -> bool {
        if a.key == b.key || a.value == b.value {
            return true;
        }
        // What was required to be equal is one extent; few are.
        let mut group = vec![a.key.clone()];
        let mut at = 0;
        while at < group.len() {
            for (x, y) in self.visible_scopes().flat_map(|scope| &scope.equal) {
                let other = match (*x == group[at], *y == group[at]) {
                    (true, _) => y,
                    (_, true) => x,
                    _ => continue,
                };
                if !group.contains(other) {
                    group.push(other.clone());
                }
            }
            at += 1;
        }
        group.contains(&b.key)
    }

    /// Leaves compiled code where two extents differ.
    pub(super) fn require_same(&mut self, a: &Extent, b: &Extent) {
        if self.is_same_extent(a, b) {
            return;
        }
        let condition = match (a.as_constant(), b.as_constant()) {
            (Some(_), Some(_)) => self.b.constant(Const::Bool(false)),
            _ => self.test(F::Eq, a.value, b.value),
        };
        self.require(condition, "shapes that fit together");
        self.scope().equal.push((a.key.clone(), b.key.clone()));
    }

    /// Leaves compiled code where a condition does not hold.
    pub(super) fn require(&mut self, condition: ValueId, what: &str) {
        if self.visible_scopes().any(|scope| scope.required.contains(&condition)) {
            return;
        }
        self.hold_frame();
        self.b.effect(Kind::Require(what.to_owned()), &[condition]);
        self.scope().required.insert(condition);
    }

    /// The shape that shapes broadcast to.
    pub(super) fn broadcast(&mut self, shapes: &[Vec<Extent>]) -> Vec<Extent> {
        let rank = shapes.iter().map(Vec::len).max().unwrap_or(0);
        (0..rank).map(|axis| self.broadcast_axis(shapes, axis, rank)).collect()
    }

    fn broadcast_axis(&mut self, shapes: &[Vec<Extent>], axis: usize, rank: usize) -> Extent {
        let extents: Vec<&Extent> = shapes
            .iter()
            .filter_map(|shape| (axis + shape.len()).checked_sub(rank).map(|at| &shape[at]))
            .collect();
        let longer: Vec<&Extent> = extents.iter().copied().filter(|extent| !extent.is_one()).collect();
        let Some((first, rest)) = longer.split_first() else {
            return extents[0].clone();
        };
        for other in rest {
            self.require_same(first, other);
        }
        (*first).clone()
    }

    /// A tuple of extents, as allocations take it.
    pub(super) fn shape_value(&mut self, shape: &[Extent]) -> ValueId {
        let items: Vec<ValueId> = shape.iter().map(|extent| self.asked_for(extent.value)).collect();
        self.b.value(Kind::MakeTuple, &items)
    }

    /// An extent of new memory, which is left to NumPy where it is negative.
    fn asked_for(&mut self, extent: ValueId) -> ValueId {
        let is_natural_by_type = interval_of(self.b.func.ty(extent)).lo >= Some(0);
        match is_natural_by_type {
            true => extent,
            // The same int, with a type that says what only the facts here tell.
            false if self.is_natural(extent) => {
                let zero = self.int(0);
                let interval = interval_of(self.b.func.ty(extent)).meet(Interval::at_least(0));
                let kind = Kind::Scalar {
                    f: F::Add,
                    flavour: Flavour::Py,
                };
                self.typed(kind, &[extent, zero], Ty::Int(interval))
            }
            false => {
                self.hold_frame();
                extent
            }
        }
    }

    /// Whether `a <= b` in every run.
    pub(super) fn is_at_most(&self, a: ValueId, b: ValueId) -> bool {
        let (a, b) = (affine_of(&self.b.func, a), affine_of(&self.b.func, b));
        self.facts.is_at_most(&self.b.func, &a, &b)
    }

    /// Whether an int is at least 0 in every run.
    pub(super) fn is_natural(&self, value: ValueId) -> bool {
        let affine = affine_of(&self.b.func, value);
        self.facts.is_natural(&self.b.func, &affine)
    }
}
