//! If-conversion of stores: what both branches store to one place is stored once, behind them.
//!
//! ```text
//! if c: out[i] = a        =>      v = a if c else b
//! else: out[i] = b                out[i] = v
//! ```
//!
//! Where the last `elif` stores and nothing else does, both conditions have to be known before one of the stores, if
//! they read what is stored to ([`sink_conditional`]):
//!
//! ```text
//! if x[i] < lo: x[i] = a          =>      v = a if x[i] < lo else b
//! elif x[i] > hi: x[i] = b                if x[i] < lo or x[i] > hi: x[i] = v
//! ```
//!
//! There `b` is computed though nobody may want it, which is for index space, where it is computed where it is stored.
//!
//! The same for appends to one list. A store is the last thing that its branch does to memory, so moving it behind
//! the `if` changes no order. What is stored into an array is converted to its dtype in each branch, as the store
//! would, so that both branches give one type; so is a name that the branches bind to an int or to a float.

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::Ty;

use crate::slice::Scope;

#[cfg(test)]
mod tests;

/// Sinks every common store, innermost first; says whether there was one.
pub fn sink(func: &mut Function) -> bool {
    sink_block(func, func.body, false)
}

/// The same for stores of which one stands under a condition of its own. Only for loops that are lifted wholly.
pub fn sink_conditional(func: &mut Function) -> bool {
    sink_block(func, func.body, true)
}

fn sink_block(func: &mut Function, block: BlockId, conditional: bool) -> bool {
    let mut changed = false;
    let mut position = 0;
    while position < func.block(block).ops.len() {
        let op = func.block(block).ops[position];
        for inner in func.op(op).blocks.clone() {
            changed |= sink_block(func, inner, conditional);
        }
        if func.op(op).kind == Kind::If {
            let mut at = position + 1;
            while let Some(store) = sink_one(func, op).or_else(|| conditional.then(|| sink_partial(func, op))?) {
                func.block_mut(block).ops.insert(at, store);
                at += 1;
                changed = true;
            }
        }
        if let Kind::SetIndex(_) = func.op(op).kind {
            changed |= settle(func, block, op);
        }
        position += 1;
    }
    changed
}

/// `r = 1` or `r = x[i]`, then `out[i] = r`: each branch converts what is stored.
fn settle(func: &mut Function, block: BlockId, store: OpId) -> bool {
    let data = func.op(store).clone();
    let (base, value) = (data.args[0], data.args[data.args.len() - 1]);
    let Ty::Array { dtype, .. } = func.ty(base) else {
        return false;
    };
    let wanted = Ty::Np(*dtype);
    let mixed = matches!(func.ty(value), Ty::OneOf(options)
        if options.iter().any(|option| option.array_dtype() != options[0].array_dtype()));
    if !mixed || !func.def_op(value).is_some_and(|op| func.block(block).ops.contains(&op)) {
        return false;
    }
    // What was converted in vain is dropped.
    let before = func.clone();
    let Some(settled) = settled(func, value, &wanted) else {
        *func = before;
        return false;
    };
    if let Some(last) = func.op_mut(store).args.last_mut() {
        *last = settled;
    }
    true
}

/// The value of an `If`, converted in each of its branches; another value as it is, if it has one type.
fn settled(func: &mut Function, value: ValueId, wanted: &Ty) -> Option<ValueId> {
    let op = func.def_op(value)?;
    let data = func.op(op).clone();
    if data.kind != Kind::If {
        return None;
    }
    let number = data.results.iter().position(|result| *result == value)?;
    let mut given = Vec::new();
    for block in &data.blocks {
        let Term::Yield(values) = func.block(*block).end.clone() else {
            return None;
        };
        let branch = values[number];
        let converted = if func.ty(branch).as_scalar().is_some() {
            let origin = func.def_op(branch).map_or(data.origin, |op| func.op(op).origin);
            let op = func.push_op(
                *block,
                Kind::Convert,
                vec![branch],
                Vec::new(),
                std::slice::from_ref(wanted),
                origin,
            );
            func.result(op)
        } else {
            settled(func, branch, wanted)?
        };
        given.push(converted);
    }
    for (block, value) in data.blocks.iter().zip(given) {
        if let Term::Yield(values) = &mut func.block_mut(*block).end {
            values.push(value);
        }
    }
    Some(func.add_result(op, wanted.clone()))
}

/// Takes the last store out of both branches; the new store, not yet in a block.
fn sink_one(func: &mut Function, branch: OpId) -> Option<OpId> {
    let blocks = func.op(branch).blocks.clone();
    let (then, other) = (last_store(func, blocks[0])?, last_store(func, blocks[1])?);
    let (first, second) = (func.op(then).clone(), func.op(other).clone());
    if first.kind != second.kind || first.args.len() != second.args.len() {
        return None;
    }
    let last = first.args.len() - 1;
    let scopes = [Scope::of(func, blocks[0]), Scope::of(func, blocks[1])];
    let same_place = first.args[..last]
        .iter()
        .zip(&second.args[..last])
        .all(|(a, b)| same_outside(func, &scopes, *a, *b));
    if !same_place {
        return None;
    }
    let place: Vec<ValueId> = first.args[..last].to_vec();
    if place.iter().any(|value| scopes[0].defines(func, *value)) {
        return None;
    }
    let before = func.clone();
    let values = [
        converted(
            func,
            blocks[0],
            first.args[0],
            first.args[last],
            &first.kind,
            first.origin,
        ),
        converted(
            func,
            blocks[1],
            first.args[0],
            second.args[last],
            &second.kind,
            second.origin,
        ),
    ];
    let ty = func.ty(values[0]).join(func.ty(values[1]));
    // One type, or at least one dtype: a list of Python and NumPy floats is a float array all the same.
    let dtypes = ty
        .scalar_options()
        .map(|options| options.iter().map(|option| option.array_dtype()).collect::<Vec<_>>());
    if dtypes.is_none_or(|dtypes| dtypes.iter().any(|dtype| *dtype != dtypes[0])) {
        *func = before;
        return None;
    }
    for ((block, store), value) in blocks.iter().zip([then, other]).zip(values) {
        func.block_mut(*block).ops.retain(|op| *op != store);
        let mut given = func.block(*block).end.values().to_vec();
        given.push(value);
        func.block_mut(*block).end = Term::Yield(given);
    }
    let result = func.add_result(branch, ty);
    let mut args = place;
    args.push(result);
    Some(func.add_op(first.kind, args, Vec::new(), &[], first.origin))
}

/// The same where one branch stores only under a condition of its own, and the loop reads what is stored to.
fn sink_partial(func: &mut Function, branch: OpId) -> Option<OpId> {
    let blocks = func.op(branch).blocks.clone();
    let found = [(blocks[0], blocks[1]), (blocks[1], blocks[0])]
        .into_iter()
        .find_map(|(whole, part)| Some((last_store(func, whole)?, part, conditional_store(func, part)?)));
    let (store, part, (inner, partial, storing)) = found?;
    let (first, second) = (func.op(store).clone(), func.op(partial).clone());
    let last = first.args.len() - 1;
    let base = first.args[0];
    let scope = Scope::of(func, part);
    let same_place = first.kind == second.kind
        && first.args[..last] == second.args[..last]
        && first.args[..last].iter().all(|value| !scope.defines(func, *value));
    let is_read = func
        .ops
        .iter()
        .any(|op| matches!(op.kind, Kind::Index(_)) && op.args[0] == base);
    let is_bool = *func.ty(func.op(inner).args[0]) == Ty::Bool;
    if !same_place || !is_read || !is_bool || !matches!(func.ty(base), Ty::Array { .. }) {
        return None;
    }
    let before = func.clone();
    // What the store needs is done in any case, and the store is the last thing done.
    let at = func.block(part).ops.iter().position(|op| *op == inner)?;
    let moved: Vec<OpId> = std::mem::take(&mut func.block_mut(storing).ops);
    let tail = func.block_mut(part).ops.split_off(at);
    let computed = moved.into_iter().filter(|op| *op != partial);
    func.block_mut(part).ops.extend(computed);
    func.block_mut(part).ops.extend(tail);
    func.block_mut(part).ops.push(partial);
    let condition = func.op(inner).args[0];
    let of_part = if func.op(inner).blocks[0] == storing {
        condition
    } else {
        let not = Kind::Scalar {
            f: F::Not,
            flavour: Flavour::Py,
        };
        func.push_value(part, not, vec![condition], Vec::new(), Ty::Bool, second.origin)
    };
    let stores = says_which(func, branch, part, of_part);
    let Some(store) = sink_one(func, branch) else {
        *func = before;
        return None;
    };
    // Stored to is only what was.
    let (then, other) = (func.add_block(), func.add_block());
    func.block_mut(then).ops.push(store);
    for block in [then, other] {
        func.block_mut(block).end = Term::Yield(Vec::new());
    }
    Some(func.add_op(Kind::If, vec![stores], vec![then, other], &[], second.origin))
}

/// A bool that is true behind one branch of an `If`, and behind the other what a value of it says.
fn says_which(func: &mut Function, branch: OpId, part: BlockId, of_part: ValueId) -> ValueId {
    let origin = func.op(branch).origin;
    for block in func.op(branch).blocks.clone() {
        let flag = match block == part {
            true => of_part,
            false => func.push_value(
                block,
                Kind::Const(Const::Bool(true)),
                Vec::new(),
                Vec::new(),
                Ty::Bool,
                origin,
            ),
        };
        give(func, block, flag);
    }
    func.add_result(branch, Ty::Bool)
}

/// One more value that a block ends with.
fn give(func: &mut Function, block: BlockId, value: ValueId) {
    let mut given = func.block(block).end.values().to_vec();
    given.push(value);
    func.block_mut(block).end = Term::Yield(given);
}

/// The `If` that is the last op of a block that changes memory; the store that alone changes any in one of its branches,
/// and that branch.
fn conditional_store(func: &Function, block: BlockId) -> Option<(OpId, OpId, BlockId)> {
    let is_pure = |op: &OpId| matches!(func.effect(*op), Effect::Pure);
    let inner = func.block(block).ops.iter().rev().find(|op| !is_pure(op))?;
    if func.op(*inner).kind != Kind::If {
        return None;
    }
    let blocks = &func.op(*inner).blocks;
    let leaves_memory = |block: BlockId| {
        let ops = &func.block(block).ops;
        matches!(func.block(block).end, Term::Yield(_))
            && ops
                .iter()
                .all(|op| matches!(func.effect(*op), Effect::Pure | Effect::Reads))
    };
    let only_stores = |store: OpId, block: BlockId| {
        let ops = &func.block(block).ops;
        let others = ops.iter().filter(|op| **op != store);
        others
            .into_iter()
            .all(|op| matches!(func.effect(*op), Effect::Pure | Effect::Reads))
    };
    let [then, other] = blocks[..] else { return None };
    match (last_store(func, then), last_store(func, other)) {
        (Some(store), None) if leaves_memory(other) && only_stores(store, then) => Some((*inner, store, then)),
        (None, Some(store)) if leaves_memory(then) && only_stores(store, other) => Some((*inner, store, other)),
        _ => None,
    }
}

/// The last op of a block that changes memory, if nothing behind it reads memory.
fn last_store(func: &Function, block: BlockId) -> Option<OpId> {
    if !matches!(func.block(block).end, Term::Yield(_)) {
        return None;
    }
    for op in func.block(block).ops.iter().rev() {
        match &func.op(*op).kind {
            Kind::SetIndex(_) | Kind::Append => return Some(*op),
            _ if matches!(func.effect(*op), Effect::Pure) => {}
            _ => return None,
        }
    }
    None
}

fn same_outside(func: &Function, scopes: &[Scope; 2], a: ValueId, b: ValueId) -> bool {
    a == b && !scopes[0].defines(func, a) && !scopes[1].defines(func, b)
}

/// The value as the store makes it: of the array's dtype.
fn converted(
    func: &mut Function,
    block: BlockId,
    base: ValueId,
    value: ValueId,
    kind: &Kind,
    origin: numlift_ir::function::OriginId,
) -> ValueId {
    let Ty::Array { dtype, .. } = func.ty(base) else {
        return value;
    };
    let wanted = Ty::Np(*dtype);
    if !matches!(kind, Kind::SetIndex(_)) || func.ty(value).as_scalar().is_none() || *func.ty(value) == wanted {
        return value;
    }
    func.push_value(block, Kind::Convert, vec![value], Vec::new(), wanted, origin)
}
