//! Types that contradict each other.
//!
//! A type is what is known, and passes know more or less than the rules of [`crate::infer`]; so a type need not be the
//! inferred one. But no object can be of both an inferred and a declared type that *disagree*: then one of them is
//! wrong. Extents and intervals do not count here: code that never runs has whatever numbers come out.

use super::{Checked, Validator, ensure};
use crate::function::{BlockId, OpId, ValueId};
use crate::infer;
use crate::op::{BOUND, Kind, Term};
use crate::scalar::ScalarTy;
use crate::ty::Ty;

/// Whether some object may be of both types.
pub(super) fn agree(a: &Ty, b: &Ty) -> bool {
    match (a.bound(), b.bound()) {
        (a, b) if a == b => true,
        (Ty::Unknown | Ty::Never, _) | (_, Ty::Unknown | Ty::Never) => true,
        // A name that is bound on no path may be joined to one that is bound on some.
        (Ty::Unbound, _) => matches!(b, Ty::Maybe(_) | Ty::Unbound),
        (_, Ty::Unbound) => matches!(a, Ty::Maybe(_) | Ty::Unbound),
        (Ty::Optional(_), Ty::Optional(_) | Ty::None) | (Ty::None, Ty::Optional(_)) => true,
        (Ty::Optional(inner), other) | (other, Ty::Optional(inner)) => agree(inner, other),
        (Ty::Tuple(a), Ty::Tuple(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agree(a, b)),
        (Ty::List(a, _) | Ty::Buffer(a), Ty::List(b, _) | Ty::Buffer(b)) => agree(a, b),
        (
            Ty::Array { dtype, shape, .. },
            Ty::Array {
                dtype: other,
                shape: others,
                ..
            },
        ) => shape.len() == others.len() && (dtype == other || !dtype.is_known() || !other.is_known()),
        (
            Ty::Tensor { elem, shape },
            Ty::Tensor {
                elem: other,
                shape: others,
            },
        ) => elem == other && shape.len() == others.len(),
        (Ty::Object { class, .. }, Ty::Object { class: other, .. }) => class == other,
        // A function of the author's is known by its number and named like one of a library.
        (Ty::Author(_), Ty::Extern(_)) => true,
        (a, b) => match (a.scalar_options(), b.scalar_options()) {
            (Some(a), Some(b)) => a.iter().any(|option| b.contains(option)),
            (None, None) => a == b,
            (Some(_), None) | (None, Some(_)) => false,
        },
    }
}

/// Whether a value of this type may be what `holds` asks for.
fn may(ty: &Ty, holds: fn(&Ty) -> bool) -> bool {
    let ty = ty.bound();
    matches!(ty, Ty::Unknown | Ty::Never | Ty::Unbound) || holds(ty)
}

fn is_int(ty: &Ty) -> bool {
    let is_int = |scalar: &ScalarTy| match scalar {
        ScalarTy::PyInt | ScalarTy::PyBool => true,
        ScalarTy::Np(dtype) => dtype.integer_limits().is_some() || !dtype.is_known(),
        ScalarTy::PyFloat | ScalarTy::PyComplex => false,
    };
    ty.scalar_options().is_some_and(|options| options.iter().any(is_int))
}

fn is_truth(ty: &Ty) -> bool {
    ty.scalar_options().is_some()
}

fn is_list(ty: &Ty) -> bool {
    matches!(ty, Ty::List(..) | Ty::Buffer(_))
}

fn is_indexed(ty: &Ty) -> bool {
    matches!(ty, Ty::List(..) | Ty::Array { .. })
}

fn is_array(ty: &Ty) -> bool {
    matches!(ty, Ty::Array { .. })
}

fn is_tensor(ty: &Ty) -> bool {
    matches!(ty, Ty::Tensor { .. })
}

impl Validator<'_> {
    /// The types of an op's operands and results, and of what its blocks take and give.
    pub(super) fn types(&self, op: OpId) -> Checked {
        self.operand_types(op)?;
        self.result_types(op)?;
        self.carried_types(op)
    }

    fn each(&self, op: OpId, values: &[ValueId], what: &str, holds: fn(&Ty) -> bool) -> Checked {
        let wrong = values.iter().find(|value| !may(self.func.ty(**value), holds));
        ensure(wrong.is_none(), op, || {
            let value = wrong.map_or(ValueId(0), |value| *value);
            format!("%{} is `{}`, not {what}", value.0, self.func.ty(value))
        })
    }

    fn operand_types(&self, op: OpId) -> Checked {
        let data = self.func.op(op);
        let args = &data.args[..];
        if data.kind.is_index_space() {
            let extents = &args[data.kind.leading()..];
            self.each(op, extents, "an extent", is_int)?;
            self.each(op, &self.func.block(data.blocks[0]).params, "an index", is_int)?;
        }
        match &data.kind {
            Kind::Require(what) if what == BOUND => Ok(()),
            Kind::If | Kind::Require(_) => self.each(op, args, "a truth value", is_truth),
            Kind::Load | Kind::Store => {
                self.each(op, &args[..1], "an array", is_array)?;
                let axes = self.func.ty(args[0]).dims().len();
                self.each(op, &args[1..1 + axes], "an index", is_int)
            }
            Kind::For => {
                self.each(op, &args[..3], "an int", is_int)?;
                self.each(op, &self.func.block(data.blocks[0]).params[..1], "an index", is_int)
            }
            Kind::Append | Kind::Extend { .. } => self.each(op, &args[..1], "a list", is_list),
            Kind::Scatter { .. } => self.each(op, &args[..1], "an array or a list", is_indexed),
            Kind::ScatterFold { .. } => self.each(op, &args[..1], "an array or a list", is_indexed),
            Kind::Item(n) => match self.func.ty(args[0]).bound() {
                Ty::Tuple(items) => ensure(*n < items.len(), op, || format!("its tuple has {} items", items.len())),
                _ => self.each(op, args, "a tuple", |_| false),
            },
            Kind::Comp | Kind::Scan { .. } => self.each(op, &data.results, "a tensor", is_tensor),
            Kind::First => self.each(op, &data.results, "an index", is_int),
            _ => Ok(()),
        }
    }

    /// Results of ops without blocks against what the rules say.
    fn result_types(&self, op: OpId) -> Checked {
        let data = self.func.op(op);
        if !data.blocks.is_empty() {
            return Ok(());
        }
        let inferred = infer::result_types(self.func, &data.kind, &data.args);
        for (result, ty) in data.results.iter().zip(&inferred) {
            self.agreeing(op, *result, ty)?;
        }
        Ok(())
    }

    /// What goes around in an op with blocks, and out of it.
    fn carried_types(&self, op: OpId) -> Checked {
        let data = self.func.op(op);
        let yielded = |block: BlockId| match &self.func.block(block).end {
            Term::Yield(values) => &values[..],
            Term::Break(..) | Term::Return(_) | Term::Unreachable => &[],
        };
        let params = |number: usize, from: usize| &self.func.block(data.blocks[number]).params[from..];
        match data.kind {
            Kind::If => data
                .blocks
                .iter()
                .try_for_each(|block| self.flow(op, yielded(*block), &data.results)),
            // What a loop that is known to run starts with need not be what it ends with.
            Kind::For => {
                self.flow(op, &data.args[3..], params(0, 1))?;
                self.flow(op, yielded(data.blocks[0]), params(0, 1))?;
                self.flow(op, yielded(data.blocks[0]), &data.results)
            }
            Kind::While => {
                self.each(op, yielded(data.blocks[0]), "a truth value", is_truth)?;
                for number in 0..2 {
                    self.flow(op, &data.args, params(number, 0))?;
                    self.flow(op, yielded(data.blocks[1]), params(number, 0))?;
                }
                self.flow(op, yielded(data.blocks[1]), &data.results)
            }
            _ => Ok(()),
        }
    }

    /// Values that become others.
    fn flow(&self, op: OpId, from: &[ValueId], to: &[ValueId]) -> Checked {
        from.iter()
            .zip(to)
            .try_for_each(|(from, to)| self.agreeing(op, *to, self.func.ty(*from)))
    }

    fn agreeing(&self, op: OpId, value: ValueId, ty: &Ty) -> Checked {
        let declared = self.func.ty(value);
        ensure(agree(declared, ty), op, || {
            format!("%{} is `{declared}`, but it is given `{ty}`", value.0)
        })
    }
}
