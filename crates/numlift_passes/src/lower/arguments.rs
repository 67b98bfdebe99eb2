//! The arguments of calls, by the names of the parameters, and the constants among them.

use numlift_ir::affine::affine_of;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
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

    /// The items of a tuple, or of a list that nobody changes after it is made.
    pub(super) fn items(&self, value: ValueId) -> Option<Vec<ValueId>> {
        let op = self.old.defining(value)?;
        let stays = match op.kind {
            Kind::MakeTuple => true,
            Kind::MakeList => self.is_left_alone(value),
            _ => false,
        };
        stays.then(|| op.args.clone())
    }

    /// Whether all that is done with a list is to read it: it has no other name, and is in no other object.
    fn is_left_alone(&self, list: ValueId) -> bool {
        let func = self.old;
        let mut alone = true;
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            if alone && data.args.contains(&list) {
                alone = match &data.kind {
                    Kind::Frame { .. } | Kind::Len { .. } | Kind::Index(_) => true,
                    Kind::Call { .. } => matches!(data.kind.effect(), Effect::Pure | Effect::Reads),
                    Kind::Method { .. } => data.args[0] != list && data.kind.effect() != Effect::World,
                    _ => false,
                };
            }
        });
        func.visit_blocks(func.body, &mut |block| match &func.block(block).end {
            Term::Yield(values) | Term::Break(_, values) => alone &= !values.contains(&list),
            // Nothing is read behind the end.
            Term::Return(_) | Term::Unreachable => {}
        });
        alone
    }
}
