//! Locals of a function that nobody reads any more: `n = len(x)` goes when the loop that it was for is gone.

use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::ty::Dim;
use numlift_region::protocol::RegionSpec;

/// The function without the outputs that are lengths or constants and that nobody reads; at module level a name is
/// for others to see.
pub(super) fn swept(mut func: Function, region: &RegionSpec, guards: &[ValueId]) -> Function {
    if region.function == "<module>" {
        return func;
    }
    let values: Vec<ValueId> = func.block(func.body).end.values().to_vec();
    let uses = func.use_counts();
    // What is used elsewhere keeps its name.
    let is_used = |value: ValueId| uses[value.index()] > 1;
    let is_leaving = |name: &String, value: ValueId| {
        region.binds.contains(name) && !region.live_out.contains(name) && !is_used(value) && is_plain(&func, value)
    };
    let kept: Vec<(String, ValueId)> = func
        .outputs
        .iter()
        .cloned()
        .zip(values)
        .filter(|(name, value)| !is_leaving(name, *value))
        .collect();
    let body = func.body;
    let (outputs, values): (Vec<String>, Vec<ValueId>) = kept.into_iter().unzip();
    func.outputs = outputs;
    if let numlift_ir::op::Term::Return(returned) = &mut func.block_mut(body).end {
        *returned = values;
    }
    numlift_passes::dead::remove_keeping(&mut func, guards);
    func
}

/// What costs nothing and cannot raise.
fn is_plain(func: &Function, value: ValueId) -> bool {
    let Some(op) = func.defining(value) else { return true };
    match op.kind {
        Kind::Const(_) => true,
        Kind::Len { .. } => is_plain(func, op.args[0]),
        Kind::Method { ref name, .. } => name == "tolist" && op.args.len() == 1 && is_plain(func, op.args[0]),
        // An item that is there.
        Kind::Index(ref subs) => {
            let [base, index] = op.args[..] else { return false };
            let first = matches!(func.ty(base).dims().first(), Some(Dim::Const(1..)));
            let is_first = matches!(func.as_const(index), Some(Const::Int(0)));
            subs[..] == [Sub::At] && first && is_first && is_plain(func, base)
        }
        _ => false,
    }
}
