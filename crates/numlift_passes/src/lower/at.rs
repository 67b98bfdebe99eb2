//! Elements that are changed one after the other: `np.add.at`.
//!
//! ```text
//! np.add.at(x, idx, v)     for i { x[idx[i]] = x[idx[i]] + v[i] }
//! ```
//!
//! An index that is there twice counts twice, in the order of the indices.

use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::Ty;

use super::nest::Nest;
use super::space::{NodeKind, Operand};
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// `ufunc.at(a, indices, b)`
    pub(super) fn changed_at(&mut self, op: OpId, name: &str) -> bool {
        let Some(f) = name.strip_suffix(".at").and_then(F::from_numpy) else {
            return false;
        };
        let [base, subscript, value] = self.old.op(op).args[..] else {
            return false;
        };
        let operands = self.items(subscript).unwrap_or_else(|| vec![subscript]);
        let subs = vec![Sub::At; operands.len()];
        if !self.is_array(base) || !self.is_operand(value) || !self.is_picking(&subs, &operands) {
            return false;
        }
        let dtype = self.dtype_of(base);
        let given = match self.old.ty(value).as_scalar() {
            Some(scalar) => scalar.array_dtype(),
            None if self.is_array(value) => self.dtype_of(value),
            None => return false,
        };
        let both = [dtype, given].map(ScalarTy::Np);
        let shares = |old: &ValueId| self.is_array(*old) && self.roots.may_share(*old, base);
        if loop_dtype(f, &both) != Some(dtype) || f.is_comparison() || operands.iter().any(shares) {
            return false;
        }
        self.keep_in_memory(base);
        let target = self.node_of(base);
        let NodeKind::Memory {
            base: memory,
            positions,
        } = self.node(target).kind.clone()
        else {
            return false;
        };
        let shape = self.node(target).shape.clone();
        let picks = self.picks(&shape, &subs, &operands);
        let source = self.operand(value);
        let source = self.fitted(source, dtype);
        let mut source = self.stored(source, &picks.shape);
        if let Operand::Node(node) = source {
            self.keep_shared(node);
            if self.reads_of(node).iter().any(|read| self.roots.may_share(*read, base)) {
                source = Operand::Node(self.kept_apart(node));
            }
        }
        self.settle_readers(base);
        let outer = self.b.block;
        let (zero, one) = (self.int(0), self.int(1));
        let mut nest = Nest::new(outer);
        let mut indices = Vec::new();
        let mut extents = Vec::new();
        for extent in &picks.shape {
            if extent.is_one() {
                indices.push(zero);
                continue;
            }
            indices.push(self.open(&mut nest));
            extents.push(extent);
        }
        let rank = indices.len();
        let term = self.element_of(&mut nest, source, &indices, rank);
        let term = nest.value(self, &[term], |lower| lower.converted(term, dtype));
        let place = self.picked(&mut nest, &picks, &indices);
        let mut args = vec![memory];
        args.extend(self.subscripts(&mut nest, &positions, &place));
        self.b.block = nest.here();
        let before = self.typed(Kind::Load, &args, Ty::Np(dtype));
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::Ufunc,
        };
        let changed = self.typed(kind, &[before, term], Ty::Np(dtype));
        args.push(changed);
        self.b.effect(Kind::Store, &args);
        self.close(&nest, &extents, [zero, one]);
        self.b.block = outer;
        let none = self.b.constant(Const::None);
        self.bind(self.result(op), Meaning::Plain(none));
        self.acted();
        true
    }
}
