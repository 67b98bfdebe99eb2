//! Arrays that live for one iteration become numbers.
//!
//! ```text
//! store t, i, %a                      %b = %a + 1
//! %x = load t, i              =>
//! %b = %x + 1
//! ```
//!
//! An array that was made here, and is only touched in one block, at one place, where it is stored to before it is
//! loaded: nobody needs the array.

use std::collections::BTreeMap;

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::Kind;

/// Replaces what it can.
pub(super) fn replace(func: &mut Function) {
    for array in candidates(func) {
        let uses = uses_of(func, array);
        if let Some((block, stored)) = one_place(func, array, &uses) {
            forward(func, block, array, stored);
        }
    }
}

/// Arrays that are made without values.
fn candidates(func: &Function) -> Vec<ValueId> {
    let mut found = Vec::new();
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        if matches!(&data.kind, Kind::Call { callee, .. } if callee == "numpy.empty") {
            found.extend(&data.results);
        }
    });
    found
}

/// The ops that use a value, by block.
fn uses_of(func: &Function, value: ValueId) -> BTreeMap<BlockId, Vec<OpId>> {
    let mut uses: BTreeMap<BlockId, Vec<OpId>> = BTreeMap::new();
    func.visit_blocks(func.body, &mut |block| {
        let data = func.block(block);
        let own = data.ops.iter().filter(|op| func.op(**op).args.contains(&value));
        let own: Vec<OpId> = own.copied().collect();
        if !own.is_empty() || data.end.values().contains(&value) {
            uses.insert(block, own);
        }
        if data.end.values().contains(&value) {
            // Handed over: not one place.
            uses.entry(BlockId(u32::MAX)).or_default();
        }
    });
    uses
}

/// The block in which all happens, if the first thing is a store and everything else a load from there.
fn one_place(func: &Function, array: ValueId, uses: &BTreeMap<BlockId, Vec<OpId>>) -> Option<(BlockId, ValueId)> {
    if uses.len() != 1 {
        return None;
    }
    let (block, ops) = uses.iter().next()?;
    let (first, rest) = ops.split_first()?;
    let store = func.op(*first);
    let stored = *store.args.last()?;
    if store.kind != Kind::Store || store.args[0] != array || stored == array {
        return None;
    }
    let place = |indices: &[ValueId]| -> Vec<Affine> { indices.iter().map(|index| affine_of(func, *index)).collect() };
    let own = place(&store.args[1..store.args.len() - 1]);
    let is_load = |op: &OpId| {
        let data = func.op(*op);
        data.kind == Kind::Load && data.args[0] == array && place(&data.args[1..]) == own
    };
    rest.iter().all(is_load).then_some((*block, stored))
}

fn forward(func: &mut Function, block: BlockId, array: ValueId, stored: ValueId) {
    let ops = func.block(block).ops.clone();
    let touches = |func: &Function, op: OpId| func.op(op).args.first() == Some(&array);
    let (touching, kept): (Vec<OpId>, Vec<OpId>) = ops.into_iter().partition(|op| touches(func, *op));
    for op in touching {
        if func.op(op).kind == Kind::Load {
            let loaded = func.result(op);
            func.replace_everywhere(loaded, stored);
        }
    }
    func.block_mut(block).ops = kept;
}
