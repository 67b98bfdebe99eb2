//! Every random function is valid, and every defect that is planted in one is found.

use proptest::prelude::*;

use super::{Form, validate};
use crate::function::{BlockId, Function, OpId, ValueId};
use crate::generate::function;
use crate::infer;
use crate::op::{Kind, Term};
use crate::ty::Ty;

/// What can be wrong.
#[derive(Debug, Clone, Copy)]
enum Defect {
    UsedBeforeDefined,
    UsedOutOfItsBlock,
    Undefined,
    TooManyOperands,
    TooFewOperands,
    WrongType,
    BlockWithoutItsParameter,
    SharedBlock,
    DanglingBlock,
    DanglingOp,
    MissingBlock,
    TooFewYielded,
    EffectInIndexSpace,
    OpInTwoPlaces,
    ResultOfAnother,
    BreakTooFar,
    WrongReturn,
    NoReturn,
}

const ALL: [Defect; 18] = [
    Defect::UsedBeforeDefined,
    Defect::UsedOutOfItsBlock,
    Defect::Undefined,
    Defect::TooManyOperands,
    Defect::TooFewOperands,
    Defect::WrongType,
    Defect::BlockWithoutItsParameter,
    Defect::SharedBlock,
    Defect::DanglingBlock,
    Defect::DanglingOp,
    Defect::MissingBlock,
    Defect::TooFewYielded,
    Defect::EffectInIndexSpace,
    Defect::OpInTwoPlaces,
    Defect::ResultOfAnother,
    Defect::BreakTooFar,
    Defect::WrongReturn,
    Defect::NoReturn,
];

/// The ops and blocks that are reached, to pick from.
struct Reached {
    ops: Vec<OpId>,
    blocks: Vec<BlockId>,
}

impl Reached {
    fn of(func: &Function) -> Self {
        let (mut ops, mut blocks) = (Vec::new(), Vec::new());
        func.visit_blocks(func.body, &mut |block| {
            blocks.push(block);
            ops.extend(&func.block(block).ops);
        });
        Self { ops, blocks }
    }

    /// The one at `place` of those ops that qualify.
    fn op(&self, func: &Function, place: usize, qualifies: impl Fn(&crate::function::Op) -> bool) -> Option<OpId> {
        let found: Vec<OpId> = self.ops.iter().copied().filter(|op| qualifies(func.op(*op))).collect();
        (!found.is_empty()).then(|| found[place % found.len()])
    }

    fn block(&self, place: usize, qualifies: impl Fn(BlockId) -> bool) -> Option<BlockId> {
        let found: Vec<BlockId> = self.blocks.iter().copied().filter(|block| qualifies(*block)).collect();
        (!found.is_empty()).then(|| found[place % found.len()])
    }
}

/// Kinds whose operands are counted.
fn has_fixed_operands(kind: &Kind) -> bool {
    !matches!(
        kind,
        Kind::MakeTuple | Kind::MakeList | Kind::Call { .. } | Kind::Method { .. } | Kind::Raise(_)
    )
}

/// Whether a type is not any.
fn says_something(ty: &Ty) -> bool {
    match ty {
        Ty::Unknown | Ty::Never => false,
        Ty::Optional(ty) => says_something(ty.bound()),
        _ => true,
    }
}

/// Plants a defect somewhere, unless the function has no place for it.
fn plant(func: &mut Function, defect: Defect, place: usize) -> Option<()> {
    let reached = Reached::of(func);
    match defect {
        Defect::UsedBeforeDefined => {
            let user = |block: BlockId| {
                let ops = &func.block(block).ops;
                ops.iter().enumerate().rev().find_map(|(at, op)| {
                    let args = &func.op(*op).args;
                    let made = ops[..at]
                        .iter()
                        .position(|made| func.op(*made).results.iter().any(|r| args.contains(r)));
                    made.map(|made| (made, at))
                })
            };
            let block = reached.block(place, |block| user(block).is_some())?;
            let (made, at) = user(block)?;
            func.block_mut(block).ops[made..=at].rotate_left(1);
        }
        Defect::UsedOutOfItsBlock => {
            let inner = reached.block(place, |block| {
                block != func.body && !func.block(block).params.is_empty()
            })?;
            let param = func.block(inner).params[0];
            let body = func.body;
            let origin = crate::function::OriginId(0);
            func.push_op(body, Kind::Truth, vec![param], Vec::new(), &[Ty::Bool], origin);
        }
        Defect::Undefined => {
            let op = reached.op(func, place, |op| !op.args.is_empty())?;
            func.op_mut(op).args[0] = ValueId(u32::MAX);
        }
        Defect::TooManyOperands => {
            let op = reached.op(func, place, |op| has_fixed_operands(&op.kind) && !op.args.is_empty())?;
            let again = func.op(op).args[0];
            func.op_mut(op).args.push(again);
        }
        Defect::TooFewOperands => {
            let op = reached.op(func, place, |op| has_fixed_operands(&op.kind) && !op.args.is_empty())?;
            func.op_mut(op).args.pop();
        }
        Defect::WrongType => {
            let is_known = |op: &crate::function::Op| {
                op.blocks.is_empty()
                    && infer::result_types(func, &op.kind, &op.args)
                        .first()
                        .is_some_and(|ty| says_something(ty.bound()))
            };
            let op = reached.op(func, place, is_known)?;
            let result = func.result(op);
            func.values[result.index()].ty = Ty::Module("another".to_owned());
        }
        Defect::BlockWithoutItsParameter => {
            let block = reached.block(place, |block| {
                block != func.body && !func.block(block).params.is_empty()
            })?;
            func.block_mut(block).params.pop();
        }
        Defect::SharedBlock => {
            let op = reached.op(func, place, |op| !op.blocks.is_empty())?;
            func.op_mut(op).blocks[0] = func.body;
        }
        Defect::DanglingBlock => {
            let op = reached.op(func, place, |op| !op.blocks.is_empty())?;
            func.op_mut(op).blocks[0] = BlockId(u32::MAX);
        }
        Defect::DanglingOp => {
            let block = reached.block(place, |_| true)?;
            func.block_mut(block).ops.push(OpId(u32::MAX));
        }
        Defect::MissingBlock => {
            let op = reached.op(func, place, |op| !op.blocks.is_empty())?;
            func.op_mut(op).blocks.pop();
        }
        Defect::TooFewYielded => {
            let yields = |block: BlockId| matches!(&func.block(block).end, Term::Yield(values) if !values.is_empty());
            let block = reached.block(place, yields)?;
            let values = func.block(block).end.values();
            func.block_mut(block).end = Term::Yield(values[1..].to_vec());
        }
        Defect::EffectInIndexSpace => {
            let op = reached.op(func, place, |op| op.kind.is_index_space())?;
            let block = func.op(op).blocks[0];
            let origin = func.op(op).origin;
            let kind = Kind::Raise("in a block of index space".to_owned());
            func.push_op(block, kind, Vec::new(), Vec::new(), &[], origin);
        }
        Defect::OpInTwoPlaces => {
            let op = reached.op(func, place, |_| true)?;
            let body = func.body;
            func.block_mut(body).ops.push(op);
        }
        Defect::ResultOfAnother => {
            let op = reached.op(func, place, |op| !op.results.is_empty())?;
            let result = func.result(op);
            let origin = func.op(op).origin;
            let body = func.body;
            let copy = func.push_op(body, Kind::Unbound, Vec::new(), Vec::new(), &[], origin);
            func.op_mut(copy).results.push(result);
        }
        Defect::BreakTooFar => {
            let block = reached.block(place, |block| block != func.body)?;
            func.block_mut(block).end = Term::Break(99, Vec::new());
        }
        Defect::WrongReturn => func.outputs.push("another".to_owned()),
        Defect::NoReturn => {
            let body = func.body;
            func.block_mut(body).end = Term::Yield(Vec::new());
        }
    }
    Some(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn random_functions_are_valid(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let func = function(&bytes);
        prop_assert_eq!(validate(&func, Form::Raised), Ok(()), "{}", func);
    }

    #[test]
    fn planted_defects_are_found(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        place in any::<prop::sample::Index>(),
    ) {
        let place = place.index(1 << 16);
        for defect in ALL {
            let mut func = function(&bytes);
            if plant(&mut func, defect, place).is_some() {
                prop_assert!(validate(&func, Form::Raised).is_err(), "{:?}", defect);
            }
        }
    }
}

/// Each defect has a place in some function, or the test above would say nothing of it.
#[test]
fn every_defect_is_planted() {
    let bytes: Vec<u8> = (0..4000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    for defect in ALL {
        let planted = bytes
            .chunks(200)
            .filter(|chunk| plant(&mut function(chunk), defect, 7).is_some());
        assert!(planted.count() > 0, "{defect:?}");
    }
}
