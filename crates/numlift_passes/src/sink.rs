//! If-conversion of stores: what both branches store to one place is stored once, behind them.
//!
//! ```text
//! if c: out[i] = a        =>      v = a if c else b
//! else: out[i] = b                out[i] = v
//! ```
//!
//! The same for appends to one list. A store is the last thing that its branch does to memory, so moving it behind
//! the `if` changes no order. What is stored into an array is converted to its dtype in each branch, as the store
//! would, so that both branches give one type; so is a name that the branches bind to an int or to a float.

use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::op::{Effect, Kind, Term};
use numlift_ir::ty::Ty;

use crate::slice::Scope;

#[cfg(test)]
mod tests;

/// Sinks every common store, innermost first; says whether there was one.
pub fn sink(func: &mut Function) -> bool {
    sink_block(func, func.body)
}

fn sink_block(func: &mut Function, block: BlockId) -> bool {
    let mut changed = false;
    let mut position = 0;
    while position < func.block(block).ops.len() {
        let op = func.block(block).ops[position];
        for inner in func.op(op).blocks.clone() {
            changed |= sink_block(func, inner);
        }
        if func.op(op).kind == Kind::If {
            let mut at = position + 1;
            while let Some(store) = sink_one(func, op) {
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
