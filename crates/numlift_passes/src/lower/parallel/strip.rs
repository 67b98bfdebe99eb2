//! A loop that never leaves: without frames, and without names that nobody reads.
//!
//! ```text
//! %d, %j = for … %d0, %j0 { (%i, %d1, %j1) … yield %d2, %j2 }      =>      for … { (%i) … yield }
//! frame (d, j) %d, %j                                                      frame (d, j) 0.0, 0
//! ```
//!
//! A number that only frames hold becomes a zero of its type: Python may compute with it what nobody uses.

use numlift_ir::dtype::DtypeKind;
use numlift_ir::function::{BlockId, Def, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Const, Kind, Term};
use numlift_ir::scalar::ScalarTy;
use numlift_ir::ty::{Interval, Ty};

use super::live::Live;
use crate::dead::breaks_of;

/// Whether there is something that stands for a value of a type.
pub(super) fn has_dummy(ty: &Ty) -> bool {
    match ty.bound() {
        Ty::None | Ty::Unbound | Ty::Never | Ty::Optional(_) => true,
        Ty::OneOf(options) => !options.is_empty(),
        Ty::Tuple(items) => items.iter().all(has_dummy),
        ty => ty.as_scalar().is_some(),
    }
}

/// Strips a loop.
pub(super) fn strip(func: &mut Function, op: OpId, live: &Live) {
    let mut blocks = Vec::new();
    func.visit_blocks(func.op(op).blocks[0], &mut |block| blocks.push(block));
    for block in blocks {
        let is_frame = |func: &Function, op: &OpId| matches!(func.op(*op).kind, Kind::Frame { .. });
        let kept: Vec<OpId> = func.block(block).ops.clone();
        let kept = kept.into_iter().filter(|op| !is_frame(func, op)).collect();
        func.block_mut(block).ops = kept;
    }
    let mut loops = vec![op];
    func.walk(func.op(op).blocks[0], &mut |inner| {
        if matches!(func.op(inner).kind, Kind::For | Kind::While) {
            loops.push(inner);
        }
    });
    for op in loops {
        carried(func, op, live);
    }
}

/// Takes from a loop what it carries and nobody reads.
fn carried(func: &mut Function, op: OpId, live: &Live) {
    let data = func.op(op).clone();
    let (bounds, skip) = if data.kind == Kind::For { (3, 1) } else { (0, 0) };
    let params = func.block(data.blocks[0]).params[skip..].to_vec();
    let keep: Vec<bool> = params.iter().map(|param| live.contains(*param)).collect();
    if keep.iter().all(|keep| *keep) {
        return;
    }
    for (number, _) in keep.iter().enumerate().filter(|(_, keep)| !**keep) {
        for block in &data.blocks {
            let param = func.block(*block).params[skip + number];
            let dummy = dummy(func, *block, 0, param, data.origin);
            func.replace_uses(*block, param, dummy);
        }
        let result = data.results[number];
        let (block, at) = place_of(func, op);
        let dummy = dummy(func, block, at, result, data.origin);
        func.replace_uses(func.body, result, dummy);
    }
    let only = |values: &mut Vec<ValueId>, first: usize| {
        let mut number = 0;
        values.retain(|_| {
            let kept = number < first || keep[number - first];
            number += 1;
            kept
        });
    };
    only(&mut func.op_mut(op).args, bounds);
    for (number, block) in data.blocks.iter().enumerate() {
        let is_test = data.kind == Kind::While && number == 0;
        only(&mut func.block_mut(*block).params, skip);
        if let (Term::Yield(values), false) = (&mut func.block_mut(*block).end, is_test) {
            only(values, 0);
        }
        for (number, param) in func.block(*block).params.clone().into_iter().enumerate() {
            func.values[param.index()].def = Def::Param(*block, number as u32);
        }
    }
    for block in breaks_of(func, op) {
        if let Term::Break(_, values) = &mut func.block_mut(block).end {
            only(values, 0);
        }
    }
    only(&mut func.op_mut(op).results, 0);
    for (number, result) in func.op(op).results.clone().into_iter().enumerate() {
        func.values[result.index()].def = Def::Result(op, number as u32);
    }
}

/// The block that an op stands in, and where.
fn place_of(func: &Function, op: OpId) -> (BlockId, usize) {
    let mut found = (func.body, 0);
    func.visit_blocks(func.body, &mut |block| {
        if let Some(at) = func.block(block).ops.iter().position(|other| *other == op) {
            found = (block, at);
        }
    });
    found
}

/// What stands for a value that nobody reads.
fn dummy(func: &mut Function, block: BlockId, at: usize, value: ValueId, origin: OriginId) -> ValueId {
    let ty = func.ty(value).bound().clone();
    let name = func.name_of(value).map(str::to_owned);
    let mut maker = Maker {
        func,
        block,
        at,
        origin,
    };
    let made = maker.zero(&ty);
    func.values[made.index()].name = name;
    made
}

struct Maker<'f> {
    func: &'f mut Function,
    block: BlockId,
    at: usize,
    origin: OriginId,
}

impl Maker<'_> {
    fn op(&mut self, kind: Kind, args: Vec<ValueId>, ty: Ty) -> ValueId {
        let op = self.func.add_op(kind, args, Vec::new(), &[ty], self.origin);
        self.func.block_mut(self.block).ops.insert(self.at, op);
        self.at += 1;
        self.func.result(op)
    }

    fn zero(&mut self, ty: &Ty) -> ValueId {
        match ty.bound() {
            Ty::None | Ty::Optional(_) => self.op(Kind::Const(Const::None), Vec::new(), Ty::None),
            Ty::OneOf(options) if !options.is_empty() => self.number(options[0]),
            Ty::Tuple(items) if items.iter().all(has_dummy) => {
                let parts: Vec<ValueId> = items.iter().map(|item| self.zero(item)).collect();
                self.op(Kind::MakeTuple, parts, ty.bound().clone())
            }
            ty => match ty.as_scalar() {
                Some(scalar) => self.number(scalar),
                None => self.op(Kind::Unbound, Vec::new(), Ty::Unbound),
            },
        }
    }

    fn number(&mut self, scalar: ScalarTy) -> ValueId {
        let mut constant = |constant: Const, ty: Ty| self.op(Kind::Const(constant), Vec::new(), ty);
        match scalar {
            ScalarTy::PyBool => constant(Const::Bool(false), Ty::Bool),
            ScalarTy::PyInt => constant(Const::Int(0), Ty::Int(Interval::point(0))),
            ScalarTy::PyFloat => constant(Const::Float(0.0), Ty::Float),
            ScalarTy::PyComplex => constant(Const::Complex(0.0, 0.0), Ty::Complex),
            ScalarTy::Np(dtype) => {
                let zero = match dtype.kind() {
                    DtypeKind::Bool => constant(Const::Bool(false), Ty::Bool),
                    DtypeKind::Complex => constant(Const::Complex(0.0, 0.0), Ty::Complex),
                    _ => constant(Const::Float(0.0), Ty::Float),
                };
                self.op(Kind::Convert, vec![zero], Ty::Np(dtype))
            }
        }
    }
}
