//! The arguments of calls, by the names of the parameters, and the constants among them.

use numlift_ir::affine::affine_of;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::table::{FunctionInfo, lookup, method};
use numlift_ir::ty::Ty;

use super::walk::Lower;

/// The arguments of a call by the names of the parameters.
pub(super) struct Arguments {
    pub given: Vec<(&'static str, ValueId)>,
    pub rest: Vec<ValueId>,
}

impl Arguments {
    pub(super) fn get(&self, name: &str) -> Option<ValueId> {
        self.given.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    /// Whether nothing but these is given.
    pub(super) fn only(&self, names: &[&str]) -> bool {
        self.rest.is_empty() && self.given.iter().all(|(name, _)| names.contains(name))
    }
}

impl Lower<'_> {
    pub(super) fn info_of(&self, op: OpId) -> Option<&'static FunctionInfo> {
        match &self.old.op(op).kind {
            Kind::Call { callee, .. } => lookup(callee),
            Kind::Method { name, .. } => method("ndarray", name),
            _ => None,
        }
    }

    pub(super) fn arguments(&self, op: OpId) -> Option<Arguments> {
        let data = self.old.op(op);
        let keywords = match &data.kind {
            Kind::Call { keywords, .. } | Kind::Method { keywords, .. } => keywords,
            _ => return None,
        };
        let names: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let bound = self.info_of(op)?.bind(data.args.len() - names.len(), &names)?;
        Some(Arguments {
            given: bound.given().iter().map(|(name, at)| (*name, data.args[*at])).collect(),
            rest: bound.rest().iter().map(|at| data.args[*at]).collect(),
        })
    }

    pub(super) fn constant(&self, value: ValueId) -> Option<i128> {
        match self.old.ty(value) {
            Ty::Int(_) => affine_of(self.old, value).as_constant(),
            _ => None,
        }
    }

    /// An axis that is given as a constant.
    pub(super) fn axis(&self, value: ValueId, rank: usize) -> Option<usize> {
        let axis = self.constant(value)?;
        let axis = usize::try_from(if axis < 0 { axis + rank as i128 } else { axis }).ok()?;
        (axis < rank).then_some(axis)
    }

    /// The items of a tuple or list that is made here.
    pub(super) fn items(&self, value: ValueId) -> Option<Vec<ValueId>> {
        let op = self.old.defining(value)?;
        matches!(op.kind, Kind::MakeTuple | Kind::MakeList).then(|| op.args.clone())
    }
}
