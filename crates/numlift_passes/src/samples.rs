//! Small functions in read form, for the tests of the passes.

use numlift_ir::build::Builder;
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, ValueId};
use numlift_ir::op::{Kind, Sub, Term};
use numlift_ir::ty::{Dim, Interval, Ty};

/// `float64[s]`
pub fn vector(sym: u32) -> Ty {
    Ty::array(Dtype::F64, vec![Dim::Sym(sym)])
}

/// `float64[s, t]`
pub fn matrix(rows: u32, columns: u32) -> Ty {
    Ty::array(Dtype::F64, vec![Dim::Sym(rows), Dim::Sym(columns)])
}

/// A function with live-ins.
pub fn with_params(types: &[(&str, Ty)]) -> (Builder, Vec<ValueId>) {
    let mut builder = Builder::new("f");
    let body = builder.func.body;
    let params = types
        .iter()
        .map(|(name, ty)| builder.func.add_param(body, ty.clone(), Some(name)))
        .collect();
    (builder, params)
}

/// `for i in range(len(over))`, with carried values that keep their types; returns those.
pub fn for_each(
    builder: &mut Builder,
    over: ValueId,
    carried: &[ValueId],
    body: impl FnOnce(&mut Builder, ValueId, &[ValueId]) -> Vec<ValueId>,
) -> Vec<ValueId> {
    let stop = builder.len(over, 0);
    let (start, step) = (builder.int(0), builder.int(1));
    let types: Vec<Ty> = carried.iter().map(|value| builder.func.ty(*value).clone()).collect();
    let (block, yielded) = builder.in_block(|builder| {
        let index = Ty::Int(Interval::new(0, i128::from(i64::MAX)));
        let block = builder.block;
        let i = builder.func.add_param(block, index, Some("i"));
        let params: Vec<ValueId> = types
            .iter()
            .map(|ty| builder.func.add_param(block, ty.clone(), None))
            .collect();
        body(builder, i, &params)
    });
    builder.end(block, Term::Yield(yielded));
    builder.for_op([start, stop, step], carried, block, &types)
}

/// A block of an `if` that yields what `body` gives.
pub fn branch(builder: &mut Builder, body: impl FnOnce(&mut Builder) -> Vec<ValueId>) -> BlockId {
    let (block, yielded) = builder.in_block(body);
    builder.end(block, Term::Yield(yielded));
    block
}

/// `base[i, j] = value`
pub fn store(builder: &mut Builder, base: ValueId, indices: &[ValueId], value: ValueId) {
    let mut args = vec![base];
    args.extend(indices);
    args.push(value);
    builder.effect(Kind::SetIndex(vec![Sub::At; indices.len()]), &args);
}

/// `base[i, j]`
pub fn element(builder: &mut Builder, base: ValueId, indices: &[ValueId]) -> ValueId {
    let mut args = vec![base];
    args.extend(indices);
    builder.value(Kind::Index(vec![Sub::At; indices.len()]), &args)
}

/// The function, with its outputs.
pub fn finished(mut builder: Builder, outputs: &[(&str, ValueId)]) -> Function {
    builder.func.outputs = outputs.iter().map(|(name, _)| (*name).to_owned()).collect();
    let body = builder.func.body;
    let values = outputs.iter().map(|(_, value)| *value).collect();
    builder.end(body, Term::Return(values));
    builder.func
}
