//! One element of an array that a loop makes: the operation on the elements of its operands.

use std::collections::HashMap;

use numlift_ir::function::{BlockId, Function, Op, OpId, OriginId, ValueId};
use numlift_ir::infer::result_types;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Ty};

use super::super::arithmetic::int_const;
use super::{Opener, dtype_of};
use crate::slice::{Scope, Slice};

/// How many elements one operation may need of arrays that are made on the way to it: of `v = v[::-1] * v`, again and
/// again, it is twice as many every time.
const MAX_ELEMENTS: usize = 2000;

impl Opener<'_> {
    /// One element of an array (a scalar is the same for all indices), computed in a block.
    pub(super) fn element(
        &mut self,
        func: &mut Function,
        into: BlockId,
        value: ValueId,
        indices: &[ValueId],
    ) -> Option<ValueId> {
        if func.ty(value).as_scalar().is_some() {
            return Some(value);
        }
        let rank = func.ty(value).dims().len();
        if indices.len() != rank {
            return None;
        }
        if !self.looped.scope.defines(func, value) {
            return load(func, into, value, indices, self.at);
        }
        let key = (into, value, indices.to_vec());
        if let Some(element) = self.elements.get(&key) {
            return Some(*element);
        }
        if self.elements.len() == MAX_ELEMENTS {
            return None;
        }
        let element = self.made_element(func, into, value, indices)?;
        self.elements.insert(key, element);
        Some(element)
    }

    /// One element of an array that the loop makes.
    fn made_element(
        &mut self,
        func: &mut Function,
        into: BlockId,
        value: ValueId,
        indices: &[ValueId],
    ) -> Option<ValueId> {
        let made = func.def_op(value)?;
        let op = func.op(made).clone();
        if !matches!(op.kind, Kind::Index(_) | Kind::Attr(_)) {
            self.computed.push(made);
        }
        let element = match &op.kind {
            Kind::Index(subs) => {
                let base = op.args[0];
                let axes = self.axes(func, base, func.ty(base).dims().len(), subs, &op.args[1..])?;
                let places = self.places(func, into, &axes, indices);
                self.element(func, into, base, &places)?
            }
            Kind::Attr(name) if name == "T" => {
                let turned: Vec<ValueId> = indices.iter().rev().copied().collect();
                self.element(func, into, op.args[0], &turned)?
            }
            Kind::Call { callee, keywords } if is_product(callee) && keywords.is_empty() => {
                self.product_element(func, into, &op.args, indices)?
            }
            Kind::Scalar {
                f,
                flavour: Flavour::Ufunc,
            } => {
                let operands = self.operands(func, into, &op.args, indices)?;
                scalar(func, into, *f, &operands, Flavour::Ufunc, op.origin)
            }
            Kind::Call { callee, keywords } if callee == "numpy.where" && keywords.is_empty() => {
                let operands = self.operands(func, into, &op.args, indices)?;
                let [condition, ..] = operands[..] else { return None };
                let truth = func.push_value(into, Kind::Truth, vec![condition], vec![], Ty::Bool, op.origin);
                let ty = Ty::Np(dtype_of(func, value)?);
                let args = vec![truth, *operands.get(1)?, *operands.get(2)?];
                if args[1..].iter().any(|arg| *func.ty(*arg) != ty) {
                    return None;
                }
                func.push_value(into, Kind::Select, args, vec![], ty, op.origin)
            }
            Kind::Call { callee, keywords } if callee == "numpy.copy" && keywords.is_empty() => {
                self.element(func, into, op.args[0], indices)?
            }
            Kind::Method { name, keywords } if name == "copy" && keywords.is_empty() => {
                self.element(func, into, op.args[0], indices)?
            }
            Kind::Call { .. } if self.lists_array(func, &op).is_some() => {
                self.element(func, into, op.args[0], indices)?
            }
            Kind::MakeList if op.args.is_empty() => {
                let filler = self.filler(func, value)?;
                let filled = func.op(filler).blocks[0];
                func.walk(filled, &mut |op| self.computed.push(op));
                let scope = Scope::of(func, filled);
                let map = HashMap::from([(func.block(filled).params[0], indices[0])]);
                let given = func.block(filled).end.values()[0];
                Slice::new(&scope, into, map).value(func, given).ok()?
            }
            _ => return None,
        };
        let right = match func.ty(value) {
            Ty::Array { dtype, .. } => *func.ty(element) == Ty::Np(*dtype),
            _ => true,
        };
        right.then_some(element)
    }

    /// The elements of operands that are broadcast together.
    fn operands(
        &mut self,
        func: &mut Function,
        into: BlockId,
        operands: &[ValueId],
        indices: &[ValueId],
    ) -> Option<Vec<ValueId>> {
        operands
            .iter()
            .map(|operand| {
                let dims = func.ty(*operand).dims();
                let own = indices.len().checked_sub(dims.len())?;
                let places: Vec<ValueId> = indices[own..]
                    .iter()
                    .zip(&dims)
                    .map(|(index, dim)| match dim {
                        Dim::Const(1) => self.zero(func, into),
                        _ => *index,
                    })
                    .collect();
                self.element(func, into, *operand, &places)
            })
            .collect()
    }

    /// The index of an axis of one element.
    fn zero(&mut self, func: &mut Function, into: BlockId) -> ValueId {
        *self
            .zeros
            .entry(into)
            .or_insert_with(|| int_const(func, into, 0, self.at))
    }

    /// An element of a matrix product.
    fn product_element(
        &mut self,
        func: &mut Function,
        into: BlockId,
        args: &[ValueId],
        indices: &[ValueId],
    ) -> Option<ValueId> {
        let [a, b] = args[..] else { return None };
        let (first, second) = (func.ty(a).dims().len(), func.ty(b).dims().len());
        if !(1..=2).contains(&first) || !(1..=2).contains(&second) {
            return None;
        }
        let extent = *self.shape(func, a)?.last()?;
        let (before, behind) = indices.split_at(first - 1);
        let dtype = dtype_of(func, a).filter(|dtype| dtype.is_float() && dtype_of(func, b) == Some(*dtype))?;
        self.products(func, into, (a, before), (b, behind), extent, dtype)
    }

    /// The list that the loop makes and that this op makes an array of.
    pub(super) fn lists_array(&self, func: &Function, op: &Op) -> Option<ValueId> {
        let list = *op.args.first()?;
        let converts = matches!(&op.kind, Kind::Call { callee, keywords } if callee == "numpy.array" && op.args.len() == 1 + keywords.len());
        let own = self.looped.scope.defines(func, list) && matches!(func.ty(list), Ty::List(..));
        (converts && own && self.filler(func, list).is_some()).then_some(list)
    }

    /// The one `Extend` that fills a list made in the loop, in the same block and without a condition.
    pub(super) fn filler(&self, func: &Function, list: ValueId) -> Option<OpId> {
        let mut filler = None;
        let mut others = false;
        func.walk(self.looped.body, &mut |op| {
            let data = func.op(op);
            let first = data.args.first() == Some(&list);
            match data.kind {
                Kind::Extend {
                    masked: false,
                    depth: 0,
                } if first && data.args.len() == 2 && filler.is_none() => filler = Some(op),
                Kind::Extend { .. }
                | Kind::Append
                | Kind::SetIndex(_)
                | Kind::Scatter { .. }
                | Kind::ScatterFold { .. }
                    if first =>
                {
                    others = true;
                }
                _ => {}
            }
        });
        filler.filter(|_| !others)
    }
}

/// The array that a row (of a row) belongs to, and the indices on the way.
pub(super) fn row_path(func: &Function, value: ValueId) -> (ValueId, Vec<ValueId>) {
    let mut path = Vec::new();
    let mut base = value;
    while let Some(op) = func.defining(base)
        && let Kind::Index(subs) = &op.kind
        && subs.iter().all(|sub| *sub == Sub::At)
        && matches!(func.ty(op.args[0]), Ty::Array { .. })
        && op.args[1..].iter().all(|index| func.ty(*index).as_scalar().is_some())
    {
        let mut prefix = op.args[1..].to_vec();
        prefix.extend(path);
        path = prefix;
        base = op.args[0];
    }
    (base, path)
}

/// `value[indices]` of something that the loop does not make.
fn load(func: &mut Function, into: BlockId, value: ValueId, indices: &[ValueId], at: OriginId) -> Option<ValueId> {
    let (root, mut path) = row_path(func, value);
    path.extend(indices);
    if matches!(func.ty(root), Ty::List(..)) {
        let mut element = root;
        for index in path {
            let kind = Kind::Index(vec![Sub::At]);
            let types = result_types(func, &kind, &[element, index]);
            let op = func.push_op(into, kind, vec![element, index], vec![], &types, at);
            element = func.result(op);
        }
        return func.ty(element).as_scalar().map(|_| element);
    }
    let mut args = vec![root];
    args.extend(&path);
    let kind = Kind::Index(vec![Sub::At; path.len()]);
    let types = result_types(func, &kind, &args);
    types.first()?.as_scalar()?;
    let op = func.push_op(into, kind, args, vec![], &types, at);
    Some(func.result(op))
}

pub(super) fn scalar(
    func: &mut Function,
    into: BlockId,
    f: F,
    args: &[ValueId],
    flavour: Flavour,
    at: OriginId,
) -> ValueId {
    let kind = Kind::Scalar { f, flavour };
    let types = result_types(func, &kind, args);
    let op = func.push_op(into, kind, args.to_vec(), vec![], &types, at);
    func.result(op)
}

pub(super) fn is_product(callee: &str) -> bool {
    matches!(callee, "numpy.dot" | "numpy.matmul")
}
