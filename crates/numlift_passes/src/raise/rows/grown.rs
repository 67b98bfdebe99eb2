//! An array that grows by copies is a list that grows, made into an array behind the loop.
//!
//! ```text
//! for …: p = np.append(p, v)               =>  l = []; for …: l.append(v)
//!                                              p = np.array(l, dtype)
//! for …: p = np.concatenate((p, row))      =>  for …: extend l by the elements of row
//! for …: p = np.vstack((p, [a, b]))        =>  for …: l.append([a, b])
//!                                              p = np.array(l, dtype).reshape(len(l), 2)
//! ```
//!
//! What was in the array before goes before what it grew by. Nothing else in the loop may read the array, and its
//! dtype may not change on the way. A loop that does not run leaves the very object that was there: where somebody else
//! may have that one, the loop must be known to run.

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::{Dim, Ty};

use super::super::Loop;
use super::super::arithmetic::{int_const, trip_count};
use super::{Opener, dtype_of};
use crate::condition::{Condition, Fact};

/// Makes lists of all arrays that the loop grows, with what that stands on. `position` is the loop's place in `parent`
/// and is moved with it.
pub(in crate::raise) fn arrays(func: &mut Function, op: OpId, parent: BlockId, position: &mut usize) -> Vec<Condition> {
    let mut conditions = Vec::new();
    for number in 0..Loop::of(func, op).params.len() {
        let looped = Loop::of(func, op);
        let mut tried = func.clone();
        if let Some(mut found) = array(&mut tried, &looped, (parent, *position), number) {
            *func = tried;
            forget(func, looped.body);
            conditions.append(&mut found);
            *position = place_of(func, parent, op).unwrap_or(*position);
        }
    }
    conditions
}

/// Drops what only the growth was computed with: tuples of arrays, lists that are filled for nobody.
fn forget(func: &mut Function, body: BlockId) {
    loop {
        let uses = func.use_counts();
        let is_dead = |op: &OpId| {
            let data = func.op(*op);
            let unused = data.results.iter().all(|result| uses[result.index()] == 0);
            match &data.kind {
                Kind::MakeTuple | Kind::MakeList | Kind::Extern(_) => unused,
                Kind::Call { callee, .. } => unused && callee == "numpy.array",
                Kind::Extend { .. } => {
                    let made = func.def_op(data.args[0]);
                    let made = made.filter(|made| func.op(*made).kind == Kind::MakeList);
                    uses[data.args[0].index()] == 1 && made.is_some_and(|made| block_of(func, body, made).is_some())
                }
                _ => false,
            }
        };
        let mut dead = Vec::new();
        func.walk(body, &mut |op| {
            if is_dead(&op) {
                dead.push(op);
            }
        });
        if dead.is_empty() {
            return;
        }
        for op in dead {
            if let Some(block) = block_of(func, body, op) {
                func.block_mut(block).ops.retain(|other| *other != op);
            }
        }
    }
}

/// What an array grows by at one place.
enum Piece {
    /// A number.
    Item(ValueId),
    /// The elements of an array or a list.
    Elements(ValueId),
    /// A row of numbers that is written out.
    Items(Vec<ValueId>),
    /// A row that is an array.
    Row(ValueId),
}

/// One `p = np.append(p, v)`.
struct Growth {
    op: OpId,
    pieces: Vec<Piece>,
}

/// Makes a list of one carried array.
fn array(
    func: &mut Function,
    looped: &Loop,
    (parent, position): (BlockId, usize),
    number: usize,
) -> Option<Vec<Condition>> {
    let (param, init) = (looped.params[number], looped.inits[number]);
    let dtype = dtype_of(func, param)?;
    let rank = func.ty(param).dims().len();
    let same = |value: ValueId| dtype_of(func, value) == Some(dtype) && func.ty(value).dims().len() == rank;
    if !matches!(rank, 1 | 2) || !dtype.is_known() || !same(init) || !same(looped.results[number]) {
        return None;
    }
    let mut growths = Vec::new();
    let mut ends = 0;
    growths_of(func, param, looped.yields[number], &mut growths, &mut ends)?;
    let uses = func.use_counts();
    let read_once = growths
        .iter()
        .all(|growth| uses[func.result(growth.op).index()] == 1 && same(func.result(growth.op)));
    if growths.is_empty() || !read_once || uses[param.index()] as usize != ends {
        return None;
    }
    let mut conditions: Vec<Condition> = runs(func, looped, parent, init, &uses)?;

    let tail = func.block_mut(parent).ops.split_off(position);
    let placeholder = Ty::List(Box::new(Ty::Never), Dim::Unknown);
    let list = func.push_value(parent, Kind::MakeList, vec![], vec![], placeholder, looped.origin);
    let width = match rank {
        1 => None,
        _ => Some(Opener::new(looped, parent, looped.origin).fixed_extent(func, init, 1)),
    };
    func.block_mut(parent).ops.push(tail[0]);
    let mut elem = Ty::Never;
    for growth in &growths {
        let block = block_of(func, looped.body, growth.op)?;
        let mut opener = Opener::new(looped, block, func.op(growth.op).origin);
        let before = func.clone();
        let place = place_of(func, block, growth.op)?;
        let behind = func.block_mut(block).ops.split_off(place);
        for piece in &growth.pieces {
            let own = opener.put(func, list, piece, width)?;
            elem = elem.join(&own);
        }
        if !opener.sees_the_same(&before, growth.op) {
            return None;
        }
        func.block_mut(block).ops.extend(&behind[1..]);
        conditions.append(&mut opener.conditions);
    }
    func.values[list.index()].ty = Ty::List(Box::new(elem), Dim::Unknown);
    // The loop hands on what it got.
    for result in handed_on(func, param, looped.yields[number]) {
        func.replace_everywhere(result, param);
    }
    let made = behind_the_loop(func, looped, (parent, list), (init, dtype), width);
    if func.values[made.index()].name.is_none() {
        func.values[made.index()].name = func.values[looped.results[number].index()].name.clone();
    }
    func.block_mut(parent).ops.extend(&tail[1..]);
    func.replace_everywhere(looped.results[number], made);
    Some(conditions)
}

/// All growth between a carried array and what is handed on; `ends` counts where the array itself is read on the way.
fn growths_of(func: &Function, array: ValueId, next: ValueId, found: &mut Vec<Growth>, ends: &mut usize) -> Option<()> {
    if next == array {
        *ends += 1;
        return Some(());
    }
    let Def::Result(op, result) = func.def(next) else {
        return None;
    };
    if found.iter().any(|growth| growth.op == op) {
        return None;
    }
    let data = func.op(op);
    if data.kind == Kind::If {
        for branch in &data.blocks {
            let Term::Yield(yielded) = &func.block(*branch).end else {
                return None;
            };
            growths_of(func, array, *yielded.get(result as usize)?, found, ends)?;
        }
        return Some(());
    }
    let (base, pieces) = growth(func, op)?;
    growths_of(func, array, base, found, ends)?;
    found.push(Growth { op, pieces });
    Some(())
}

/// Results of growth and of `If`s between a carried array and what is handed on.
fn handed_on(func: &Function, array: ValueId, next: ValueId) -> Vec<ValueId> {
    let mut results = Vec::new();
    let mut pending = vec![next];
    while let Some(value) = pending.pop() {
        if value == array {
            continue;
        }
        results.push(value);
        let Def::Result(op, result) = func.def(value) else {
            continue;
        };
        if func.op(op).kind == Kind::If {
            let branches = func.op(op).blocks.iter();
            pending.extend(branches.filter_map(|branch| func.block(*branch).end.values().get(result as usize)));
        } else if let Some((base, _)) = growth(func, op) {
            pending.push(base);
        }
    }
    results
}

/// What an op makes longer, and by what.
fn growth(func: &Function, op: OpId) -> Option<(ValueId, Vec<Piece>)> {
    let data = func.op(op);
    let Kind::Call { callee, keywords } = &data.kind else {
        return None;
    };
    let along_rows = match &keywords[..] {
        [] => false,
        [axis] if axis == "axis" && func.as_const(*data.args.last()?) == Some(&numlift_ir::op::Const::Int(0)) => true,
        _ => return None,
    };
    let given = &data.args[..data.args.len() - keywords.len()];
    let (base, others) = match (callee.as_str(), given) {
        ("numpy.append", [base, other]) => (*base, vec![*other]),
        ("numpy.concatenate" | "numpy.hstack" | "numpy.vstack", [parts]) => {
            let (base, others) = display(func, *parts)?.split_first()?;
            (*base, others.to_vec())
        }
        _ => return None,
    };
    let single_numbers = matches!(callee.as_str(), "numpy.append" | "numpy.hstack");
    let pieces = others.into_iter().map(|other| match func.ty(base).dims().len() {
        1 if callee != "numpy.vstack" && !along_rows => flat(func, other, single_numbers, callee == "numpy.append"),
        2 if callee == "numpy.vstack" && !along_rows => row(func, other),
        2 if callee == "numpy.concatenate" || callee == "numpy.append" && along_rows => single_row(func, other),
        _ => None,
    });
    Some((base, pieces.collect::<Option<_>>()?))
}

/// What a one-dimensional array grows by.
fn flat(func: &Function, value: ValueId, single_numbers: bool, ravels: bool) -> Option<Piece> {
    let ty = func.ty(value);
    if ty.as_scalar().is_some() {
        return single_numbers.then_some(Piece::Item(value));
    }
    if let Some(items) = written_out(func, value) {
        return Some(Piece::Items(items));
    }
    let fits = ty.dims().len() == 1 || ravels && matches!(ty, Ty::Array { .. });
    fits.then_some(Piece::Elements(value))
}

/// One row below the others.
fn row(func: &Function, value: ValueId) -> Option<Piece> {
    if let Some(items) = written_out(func, value) {
        return Some(Piece::Items(items));
    }
    matches!(func.ty(value), Ty::Array { shape, .. } if shape.len() == 1).then_some(Piece::Row(value))
}

/// `[[a, b]]`, `[row]`
fn single_row(func: &Function, value: ValueId) -> Option<Piece> {
    match display(func, value)? {
        [only] => row(func, *only),
        _ => None,
    }
}

/// The numbers of a list or tuple that is written out.
fn written_out(func: &Function, value: ValueId) -> Option<Vec<ValueId>> {
    let items = display(func, value)?;
    let numbers = items.iter().all(|item| func.ty(*item).as_scalar().is_some());
    (numbers && !items.is_empty()).then(|| items.to_vec())
}

/// The items of a list or tuple, or of the array that is made of one, that is read here and nowhere else.
fn display(func: &Function, value: ValueId) -> Option<&[ValueId]> {
    let op = func.defining(value)?;
    if func.use_counts()[value.index()] != 1 {
        return None;
    }
    match &op.kind {
        Kind::MakeTuple | Kind::MakeList => Some(&op.args),
        Kind::Call { callee, keywords } if callee == "numpy.array" && keywords.is_empty() && op.args.len() == 1 => {
            display(func, op.args[0])
        }
        _ => None,
    }
}

/// What must hold so that nobody can tell the array that was there from a copy of it.
fn runs(func: &mut Function, looped: &Loop, parent: BlockId, init: ValueId, uses: &[u32]) -> Option<Vec<Condition>> {
    if is_known_here_only(func, init, uses) {
        return Some(Vec::new());
    }
    let unconditional = !has_branches(func, looped.body);
    if parent != func.body || !unconditional {
        return None;
    }
    let mut copy = func.clone();
    let trip = trip_count(&mut copy, looped, parent);
    let fact = Fact::AtMost(Affine::constant(1), affine_of(&copy, trip));
    let outside = affine_of(&copy, trip).terms.keys().all(|atom| match atom {
        numlift_ir::affine::Atom::Value(value) | numlift_ir::affine::Atom::Extent(value, _) => {
            value.index() < func.values.len()
        }
        numlift_ir::affine::Atom::Sym(_) => true,
    });
    outside.then(|| {
        vec![Condition {
            fact,
            at: looped.origin,
        }]
    })
}

fn has_branches(func: &Function, block: BlockId) -> bool {
    func.block(block).ops.iter().any(|op| func.op(*op).kind == Kind::If)
}

/// An array that is made for the loop: by the region, or by the loop around that grows it too.
fn is_known_here_only(func: &Function, init: ValueId, uses: &[u32]) -> bool {
    if uses[init.index()] != 1 {
        return false;
    }
    match func.def(init) {
        Def::Result(op, _) => match &func.op(op).kind {
            Kind::Call { callee, keywords } => numlift_ir::effects::is_fresh_call(callee, keywords),
            Kind::Method { name, keywords } => numlift_ir::effects::is_fresh_method(name, keywords),
            _ => false,
        },
        Def::Param(block, index) => {
            let around = func
                .ops
                .iter()
                .find(|op| op.kind == Kind::For && op.blocks.contains(&block));
            let outer = around.and_then(|op| op.args.get(2 + index as usize));
            outer.is_some_and(|outer| is_known_here_only(func, *outer, uses))
        }
    }
}

/// The array behind the loop.
fn behind_the_loop(
    func: &mut Function,
    looped: &Loop,
    (parent, list): (BlockId, ValueId),
    (init, dtype): (ValueId, Dtype),
    width: Option<ValueId>,
) -> ValueId {
    let at = looped.origin;
    let call = |callee: &str, keywords: Vec<String>| Kind::Call {
        callee: callee.to_owned(),
        keywords,
    };
    let name = format!("numpy.{}", dtype.attribute());
    let ty = Ty::Extern(name.clone());
    let name = func.push_value(parent, Kind::Extern(name), vec![], vec![], ty, at);
    let mut dims = vec![Dim::Unknown];
    dims.extend(func.ty(init).dims().get(1));
    let ty = Ty::array(dtype, dims);
    let kind = call("numpy.array", vec!["dtype".to_owned()]);
    let mut array = func.push_value(parent, kind, vec![list, name], vec![], ty.clone(), at);
    if let Some(width) = width {
        let rows = length(func, parent, list, 0, looped);
        let shape = Ty::Tuple(vec![func.ty(rows).clone(), func.ty(width).clone()]);
        let shape = func.push_value(parent, Kind::MakeTuple, vec![rows, width], vec![], shape, at);
        let kind = call("numpy.reshape", vec![]);
        array = func.push_value(parent, kind, vec![array, shape], vec![], ty.clone(), at);
    }
    if func.ty(init).dims()[0] == Dim::Const(0) {
        return array;
    }
    if width.is_none() {
        return func.push_value(parent, call("numpy.append", vec![]), vec![init, array], vec![], ty, at);
    }
    let both = Ty::Tuple(vec![func.ty(init).clone(), ty.clone()]);
    let both = func.push_value(parent, Kind::MakeTuple, vec![init, array], vec![], both, at);
    func.push_value(parent, call("numpy.vstack", vec![]), vec![both], vec![], ty, at)
}

fn length(func: &mut Function, block: BlockId, value: ValueId, axis: usize, looped: &Loop) -> ValueId {
    let kind = Kind::Len { axis };
    let types = numlift_ir::infer::result_types(func, &kind, &[value]);
    let op = func.push_op(block, kind, vec![value], vec![], &types, looped.origin);
    func.result(op)
}

fn place_of(func: &Function, block: BlockId, op: OpId) -> Option<usize> {
    func.block(block).ops.iter().position(|other| *other == op)
}

/// The block at or below `block` that an op stands in.
fn block_of(func: &Function, block: BlockId, op: OpId) -> Option<BlockId> {
    let mut found = None;
    func.visit_blocks(block, &mut |inner| {
        if func.block(inner).ops.contains(&op) {
            found = Some(inner);
        }
    });
    found
}

impl Opener<'_> {
    /// Puts a piece into the list; gives the type of the list's elements.
    fn put(&mut self, func: &mut Function, list: ValueId, piece: &Piece, width: Option<ValueId>) -> Option<Ty> {
        match piece {
            Piece::Item(value) => {
                func.push_op(self.block, Kind::Append, vec![list, *value], vec![], &[], self.at);
                Some(func.ty(*value).clone())
            }
            Piece::Elements(value) => self.extend(func, list, *value),
            Piece::Items(items) if width.is_none() => {
                let mut elem = Ty::Never;
                for item in items {
                    func.push_op(self.block, Kind::Append, vec![list, *item], vec![], &[], self.at);
                    elem = elem.join(func.ty(*item));
                }
                Some(elem)
            }
            Piece::Items(items) => {
                let count = int_const(func, self.block, items.len() as i128, self.at);
                self.equal(func, count, width?)?;
                let kind = Kind::MakeList;
                let types = numlift_ir::infer::result_types(func, &kind, items);
                let made = func.push_op(self.block, kind, items.clone(), vec![], &types, self.at);
                let made = func.result(made);
                func.push_op(self.block, Kind::Append, vec![list, made], vec![], &[], self.at);
                Some(func.ty(made).clone())
            }
            Piece::Row(row) => {
                let shape = self.shape(func, *row)?;
                self.equal(func, *shape.first()?, width?)?;
                let dtype = dtype_of(func, *row)?;
                let ty = Ty::List(Box::new(Ty::Np(dtype)), Dim::Unknown);
                let made = func.push_value(self.block, Kind::MakeList, vec![], vec![], ty.clone(), self.at);
                self.extend(func, made, *row)?;
                func.push_op(self.block, Kind::Append, vec![list, made], vec![], &[], self.at);
                Some(ty)
            }
        }
    }

    /// Extends a list by the elements of an array or list; gives their type.
    pub(super) fn extend(&mut self, func: &mut Function, list: ValueId, other: ValueId) -> Option<Ty> {
        let extents = self.shape(func, other)?;
        if extents.is_empty() {
            return None;
        }
        let inner = func.add_block();
        let params = self.counters(func, inner, &extents);
        let element = self.element(func, inner, other, &params)?;
        let ty = func.ty(element).clone();
        ty.as_scalar()?;
        func.block_mut(inner).end = Term::Yield(vec![element]);
        let mut args = vec![list];
        args.extend(extents);
        let kind = Kind::Extend {
            masked: false,
            depth: 0,
        };
        func.push_op(self.block, kind, args, vec![inner], &[], self.at);
        Some(ty)
    }
}
