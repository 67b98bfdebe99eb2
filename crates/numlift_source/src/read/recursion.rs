//! A function that is compiled and calls itself.
//!
//! Its result has the type that reading it gave in the last round; in the first one, none: nothing can be computed of
//! what is never returned. The types that come to rest are those of the calls that do not call again, and of what is
//! made of them.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

use super::call::Args;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// The callee of a call of the function itself.
pub const SELF: &str = numlift_ir::op::SELF;

impl Reader<'_> {
    /// A call of the function that is compiled, with arguments of the types of its parameters.
    pub(super) fn own_call(&mut self, args: &Args, at: TextRange) -> Read<ValueId> {
        let refusal = |reason: &str| Err(Refusal::any_code(at, reason.to_owned()));
        let body = self.b.func.body;
        let own = self.options.frames.as_ref().map_or(0, |outside| outside.len());
        let params = self.b.func.block(body).params.clone();
        let params = &params[..params.len() - own.min(params.len())];
        if !args.keywords.is_empty() || args.positional.len() != params.len() {
            return refusal("it calls itself with other arguments than its parameters in their order");
        }
        let scalar = |value: ValueId| self.bound_ty(value).as_scalar();
        for (arg, param) in args.positional.iter().zip(params) {
            let never = *self.ty(*arg) == Ty::Never;
            if !never && (scalar(*arg).is_none() || scalar(*arg) != scalar(*param)) {
                return refusal("it calls itself with arguments of other types");
            }
        }
        let returned = self.facts.returned.clone().unwrap_or(Ty::Never);
        let origin = self.at(at);
        let kind = Kind::Call {
            callee: SELF.to_owned(),
            keywords: Vec::new(),
        };
        let op = self.b.typed_op(kind, &args.positional, &[returned]);
        self.b.origin = origin;
        Ok(self.b.func.result(op))
    }

    /// What the function returned in this round, for its calls in the next.
    pub(super) fn note_returned(&mut self) {
        if self.options.compiled.is_none() {
            return;
        }
        let func = &self.b.func;
        let (mut calls, mut acts, mut returned) = (false, false, Ty::Never);
        func.walk(func.body, &mut |op| {
            let is_own = matches!(&func.op(op).kind, Kind::Call { callee, .. } if callee == SELF);
            calls |= is_own;
            acts |= !is_own && self.acts(op, numlift_ir::function::OpId(0));
        });
        func.visit_blocks(func.body, &mut |block| {
            if let Term::Return(values) = &func.block(block).end {
                for value in values {
                    returned = returned.join(func.ty(*value).bound());
                }
            }
        });
        if !calls {
            return;
        }
        let before = self.facts.returned.clone().unwrap_or(Ty::Never);
        let wider = before.clone().widen(&returned);
        self.facts.changed |= wider != before || acts != self.facts.acts;
        self.facts.acts |= acts;
        self.facts.returned = Some(wider);
    }
}
