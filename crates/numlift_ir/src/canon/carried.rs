//! Loops without the values that they carry for nobody, branches without results that nobody reads.

use crate::function::{Def, Function, OpId, ValueId};
use crate::op::{Kind, Term};

/// Drops carried values that neither the loop's body nor anybody behind it reads, and results of branches.
pub(super) fn without_unread(func: &Function) -> Function {
    let mut func = func.clone();
    while drop_one(&mut func) {}
    func
}

fn drop_one(func: &mut Function) -> bool {
    let counts = func.use_counts();
    let is_unread = |value: &ValueId| counts[value.index()] == 0;
    let mut found = None;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        let unread = match data.kind {
            Kind::If => data.results.iter().position(is_unread),
            Kind::For if !breaks_out(func, op) => {
                let params = &func.block(data.blocks[0]).params[1..];
                let mut pairs = data.results.iter().zip(params);
                pairs.position(|(result, param)| is_unread(result) && is_unread(param))
            }
            _ => None,
        };
        found = found.or(unread.map(|number| (op, number)));
    });
    let Some((op, number)) = found else { return false };
    let is_loop = func.op(op).kind == Kind::For;
    let data = func.op_mut(op);
    data.results.remove(number);
    if is_loop {
        data.args.remove(3 + number);
    }
    for (place, result) in func.op(op).results.clone().into_iter().enumerate() {
        func.values[result.index()].def = Def::Result(op, place as u32);
    }
    for block in func.op(op).blocks.clone() {
        if is_loop {
            func.block_mut(block).params.remove(1 + number);
        }
        if let Term::Yield(values) = &mut func.block_mut(block).end {
            values.remove(number);
        }
    }
    true
}

/// Whether anything in the loop leaves it with its carried values.
fn breaks_out(func: &Function, op: OpId) -> bool {
    let mut found = false;
    for block in &func.op(op).blocks {
        func.visit_blocks(*block, &mut |inner| {
            found |= matches!(func.block(inner).end, Term::Break(..))
        });
    }
    found
}
