//! Stores to memory that may be read-only.
//!
//! NumPy refuses to store into an array that is read-only; compiled code does not look. So a function is compiled only
//! if whatever it stores into is an argument that may be written, or was made here. An array may be read-only if an
//! argument of it is, or if it comes out of a call that does not make a new one (`np.broadcast_to`, `np.diagonal`).

use std::collections::HashSet;

use numlift_abi::{Param, Request};
use numlift_ir::effects::{is_fresh_call, is_fresh_method};
use numlift_ir::function::{BlockId, Function, OpId, OriginId, ValueId};
use numlift_ir::op::{Kind, Term, is_recursive};
use numlift_ir::ty::Ty;

/// A store to an array that may be read-only.
pub fn doubtful_store(func: &Function, request: &Request, outside: &[&Param]) -> Option<OriginId> {
    let params = request
        .params
        .iter()
        .map(|(_, param)| param)
        .chain(outside.iter().copied());
    let pairs = func.block(func.body).params.iter().zip(params);
    let doubtful = pairs.filter(|(_, param)| is_readonly(param)).map(|(value, _)| *value);
    store_to(func, all_of(func, doubtful.collect()))
}

/// Where several functions hand arrays to each other: a store of one of them to an array that may be read-only, if any
/// array may be in any of them. The first function has these parameters.
pub fn doubtful_store_of_several(
    funcs: &[&Function],
    request: &Request,
    outside: &[&Param],
) -> Option<(usize, OriginId)> {
    let given = request.params.iter().map(|(_, param)| param);
    let readonly = given.chain(outside.iter().copied()).any(is_readonly);
    let made = funcs.iter().any(|func| !all_of(func, HashSet::new()).is_empty());
    if !readonly && !made {
        return None;
    }
    funcs.iter().enumerate().find_map(|(number, func)| {
        let mut doubtful: HashSet<ValueId> = func.block(func.body).params.iter().copied().collect();
        func.walk(func.body, &mut |op| {
            let data = func.op(op);
            if matches!(&data.kind, Kind::Call { callee, .. } if is_recursive(callee)) {
                doubtful.extend(&data.results);
            }
        });
        store_to(func, all_of(func, doubtful)).map(|origin| (number, origin))
    })
}

/// All values that may be read-only where these may.
fn all_of(func: &Function, mut doubtful: HashSet<ValueId>) -> HashSet<ValueId> {
    loop {
        let before = doubtful.len();
        spread(func, func.body, &mut Vec::new(), &mut doubtful);
        if puts_into_list(func, &doubtful) {
            take_out_of_lists(func, &mut doubtful);
        }
        if doubtful.len() == before {
            return doubtful;
        }
    }
}

fn is_list(func: &Function, value: ValueId) -> bool {
    matches!(func.ty(value).bound(), Ty::List(..))
}

/// Whether a list that is made or changed here gets one of these arrays. Which lists may be the same is not asked.
fn puts_into_list(func: &Function, doubtful: &HashSet<ValueId>) -> bool {
    let mut found = false;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        let lists = data.args.iter().chain(&data.results).any(|value| is_list(func, *value));
        let holds_array = |value: &ValueId| matches!(func.ty(*value).bound(), Ty::Array { .. } | Ty::Tuple(_));
        let takes = match data.kind {
            Kind::If | Kind::For | Kind::While | Kind::Frame { .. } => false,
            Kind::Index(_) => false,
            _ => lists,
        };
        found |= takes && data.args.iter().any(|arg| holds_array(arg) && doubtful.contains(arg));
    });
    found
}

/// Whatever comes out of a list may be one of them.
fn take_out_of_lists(func: &Function, doubtful: &mut HashSet<ValueId>) {
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        if matches!(data.kind, Kind::Index(_)) && is_list(func, data.args[0]) {
            doubtful.extend(&data.results);
        }
    });
}

fn store_to(func: &Function, doubtful: HashSet<ValueId>) -> Option<OriginId> {
    let mut found = None;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        let stores = match &data.kind {
            Kind::SetIndex(_) => data.args.first().is_some_and(|base| doubtful.contains(base)),
            Kind::Call { keywords, .. } | Kind::Method { keywords, .. } => {
                let first = data.args.len() - keywords.len();
                let out = keywords.iter().position(|keyword| keyword == "out");
                out.is_some_and(|out| doubtful.contains(&data.args[first + out]))
            }
            _ => false,
        };
        if stores {
            found.get_or_insert(data.origin);
        }
    });
    found
}

fn is_readonly(param: &Param) -> bool {
    match param {
        Param::Array { writeable, .. } => !writeable,
        Param::Tuple(items) => items.iter().any(is_readonly),
        Param::List(elem) => is_readonly(elem),
        Param::Value(_) | Param::Text(_) => false,
    }
}

/// Hands the doubt on through one pass over the function.
fn spread(func: &Function, block: BlockId, loops: &mut Vec<OpId>, doubtful: &mut HashSet<ValueId>) {
    let pass = |from: &[ValueId], to: &[ValueId], doubtful: &mut HashSet<ValueId>| {
        for (from, to) in from.iter().zip(to) {
            if doubtful.contains(from) {
                doubtful.insert(*to);
            }
        }
    };
    for op in &func.block(block).ops {
        let data = func.op(*op);
        match data.kind {
            Kind::If | Kind::For | Kind::While => {
                let is_loop = data.kind != Kind::If;
                let carried = match data.kind {
                    Kind::For => &data.args[3..],
                    Kind::While => &data.args[..],
                    _ => &[],
                };
                pass(carried, &data.results, doubtful);
                if is_loop {
                    loops.push(*op);
                }
                for (number, inner) in data.blocks.iter().enumerate() {
                    let params = &func.block(*inner).params;
                    let params = if data.kind == Kind::For {
                        &params[1..]
                    } else {
                        &params[..]
                    };
                    pass(carried, params, doubtful);
                    pass(&data.results, params, doubtful);
                    spread(func, *inner, loops, doubtful);
                    let is_test = data.kind == Kind::While && number == 0;
                    if let (Term::Yield(values), false) = (&func.block(*inner).end, is_test) {
                        pass(values, &data.results, doubtful);
                    }
                }
                if is_loop {
                    loops.pop();
                }
            }
            _ if may_be_readonly(func, *op, doubtful) => doubtful.extend(&data.results),
            _ => {}
        }
    }
    if let Term::Break(out, values) = &func.block(block).end
        && let Some(op) = loops.iter().rev().nth(*out)
    {
        pass(values, &func.op(*op).results, doubtful);
    }
}

/// Whether an op without blocks may give a read-only array.
fn may_be_readonly(func: &Function, op: OpId, doubtful: &HashSet<ValueId>) -> bool {
    let data = func.op(op);
    let holds_array = |value: &ValueId| matches!(func.ty(*value).bound(), Ty::Array { .. } | Ty::Tuple(_));
    if !data.results.iter().any(holds_array) {
        return false;
    }
    let is_array = |value: &ValueId| matches!(func.ty(*value).bound(), Ty::Array { .. });
    let inherits = || data.args.iter().any(|arg| doubtful.contains(arg));
    match &data.kind {
        // What functions that call themselves give is looked at with all of them.
        Kind::Call { callee, .. } if is_recursive(callee) => false,
        // Arrays that may not be written are not taken out of Python's lists; of others see `puts_into_list`.
        Kind::Index(_) if matches!(func.ty(data.args[0]).bound(), Ty::List(..)) => false,
        // An operator makes a new array; a part of a complex one is a view.
        Kind::Scalar { .. } => false,
        Kind::Index(_) | Kind::Attr(_) | Kind::Item(_) | Kind::Present | Kind::MakeTuple | Kind::Select => inherits(),
        Kind::Call { callee, keywords } if is_fresh_call(callee, keywords) => false,
        Kind::Method { name, keywords } if is_fresh_method(name, keywords) => false,
        Kind::Method { name, .. } if is_array(&data.args[0]) && ["copy", "astype"].contains(&name.as_str()) => {
            name == "astype" && inherits()
        }
        // Another shape of the same memory.
        Kind::Call { callee, .. } if reshapes(callee.rsplit('.').next().unwrap_or(callee)) => inherits(),
        Kind::Method { name, .. } if reshapes(name) => inherits(),
        Kind::Call { callee, .. } if callee == "numpy.ndarray" => inherits(),
        _ => true,
    }
}

/// Functions and methods whose result may be written if the array may that it is of.
fn reshapes(name: &str) -> bool {
    [
        "reshape",
        "ravel",
        "transpose",
        "swapaxes",
        "moveaxis",
        "squeeze",
        "expand_dims",
        "flip",
        "flipud",
        "fliplr",
        "rot90",
        "atleast_1d",
        "atleast_2d",
        "atleast_3d",
        "asarray",
        "ascontiguousarray",
        "view",
    ]
    .contains(&name)
}
