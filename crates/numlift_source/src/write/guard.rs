//! The entry guard: bools as one expression over the live-ins.
//!
//! A guard is evaluated before anything else, so what it reads must not be changed by a store before the place where
//! the function computes it; its ops need not be in any block.

use std::collections::BTreeSet;

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::function::{Def, Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::memory::Memory;
use super::python::Expr;
use super::spelling::Spelling;
use super::{WriteError, WriteOptions, operation, print};

/// The conjunction of the guards; `None` where nothing is left to ask.
pub(super) fn write(
    func: &Function,
    guards: &[ValueId],
    variables: &BTreeSet<String>,
    options: &WriteOptions,
    imports: &mut BTreeSet<String>,
) -> Result<Option<String>, WriteError> {
    let mut parts = Vec::new();
    let memory = Memory::of(func);
    for guard in guards {
        if is_certain(func, &memory, *guard, true) {
            continue;
        }
        let part = expression(func, *guard, variables, options, imports)?.into_test();
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    Ok(match parts.len() {
        0 => None,
        1 => Some(print::expression(&parts.remove(0))),
        _ => Some(print::expression(&Expr::all("and", parts))),
    })
}

/// Whether a bool is known to be what is `wanted`.
fn is_certain(func: &Function, memory: &Memory, value: ValueId, wanted: bool) -> bool {
    let Some(op) = func.def_op(value) else { return false };
    let data = func.op(op);
    match &data.kind {
        Kind::Const(Const::Bool(known)) => *known == wanted,
        Kind::Truth => is_certain(func, memory, data.args[0], wanted),
        Kind::Scalar { f: F::Not, .. } => is_certain(func, memory, data.args[0], !wanted),
        Kind::Scalar { f: F::Le | F::Ge, .. } => {
            let apart = affine_of(func, data.args[0]).minus(&affine_of(func, data.args[1]));
            let is_int = |value: &ValueId| matches!(func.ty(*value), Ty::Int(_));
            wanted && data.args.iter().all(is_int) && apart == Some(Affine::default())
        }
        Kind::Call { .. } => !wanted && memory.is_certainly_apart(op),
        // `x.copy().flags.writeable`
        Kind::Attr(name) if name == "writeable" => {
            let flags = func
                .defining(data.args[0])
                .filter(|op| op.kind == Kind::Attr("flags".to_owned()));
            wanted && flags.is_some_and(|flags| memory.is_fresh(flags.args[0]))
        }
        _ => false,
    }
}

/// A value as an expression over the live-ins.
pub(super) fn expression(
    func: &Function,
    value: ValueId,
    variables: &BTreeSet<String>,
    options: &WriteOptions,
    imports: &mut BTreeSet<String>,
) -> Result<Expr, WriteError> {
    let spelling = Spelling { options, variables };
    Guard {
        func,
        spelling,
        imports,
    }
    .value(value)
}

struct Guard<'a, 'b> {
    func: &'a Function,
    spelling: Spelling<'a>,
    imports: &'b mut BTreeSet<String>,
}

impl Guard<'_, '_> {
    fn value(&mut self, value: ValueId) -> Result<Expr, WriteError> {
        let op = match self.func.def(value) {
            Def::Param(block, _) if block == self.func.body => {
                return match self.func.name_of(value) {
                    Some(name) => Ok(Expr::name(name)),
                    None => Err(WriteError::new("a live-in without a name")),
                };
            }
            Def::Param(..) => return Err(WriteError::new("a guard that depends on a loop")),
            Def::Result(op, _) => op,
        };
        self.check(op)?;
        let mut args = Vec::new();
        for arg in &self.func.op(op).args {
            args.push(self.value(*arg)?);
        }
        let spelling = &self.spelling;
        let imports = &mut *self.imports;
        operation::expression(self.func, op, args, &mut |name| spelling.of(name, imports))
    }

    /// An op that gives the same at the entry as where it stands.
    fn check(&self, op: OpId) -> Result<(), WriteError> {
        let data = self.func.op(op);
        if !data.blocks.is_empty() || data.results.len() != 1 {
            return Err(WriteError::new("a guard that is no expression"));
        }
        match data.kind.effect() {
            Effect::Pure => Ok(()),
            Effect::Reads if !self.is_behind_a_store(op) => Ok(()),
            Effect::Reads => Err(WriteError::new("a guard reads what may have been stored to before")),
            Effect::Writes | Effect::Draws | Effect::World => Err(WriteError::new("a guard with an effect")),
        }
    }

    /// An op that is in no block stands where its number puts it, since ops are numbered as they were made.
    fn is_behind_a_store(&self, op: OpId) -> bool {
        let memory = Memory::of(self.func);
        let own = memory.summary(op);
        let mut walked = Vec::new();
        self.func.walk(self.func.body, &mut |other| walked.push(other));
        let place = walked.iter().position(|other| *other == op);
        walked.iter().enumerate().any(|(at, other)| {
            let before = place.map_or(*other < op, |place| at < place);
            before && self.func.op(*other).blocks.is_empty() && memory.summary(*other).may_change(&own)
        })
    }
}
