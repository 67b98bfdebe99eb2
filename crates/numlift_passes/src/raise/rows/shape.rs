//! The extents of arrays in a loop, as values of the block where the operation stands.

use numlift_ir::function::{Function, ValueId};
use numlift_ir::infer::result_types;
use numlift_ir::op::Kind;
use numlift_ir::scalar::Flavour;
use numlift_ir::ty::{Dim, Ty};

use super::super::constant;
use super::Opener;
use super::axes::Axis;
use super::element::{is_product, row_path};

impl Opener<'_> {
    /// The extents of an array, as values of the block where the operation stands.
    pub(super) fn shape(&mut self, func: &mut Function, value: ValueId) -> Option<Vec<ValueId>> {
        if func.ty(value).as_scalar().is_some() {
            return Some(Vec::new());
        }
        if !self.looped.scope.defines(func, value) {
            return self.fixed_shape(func, value);
        }
        if let Some(shape) = self.shapes.get(&value) {
            return Some(shape.clone());
        }
        let shape = self.made_shape(func, value)?;
        self.shapes.insert(value, shape.clone());
        Some(shape)
    }

    /// The extents of an array that the loop makes.
    fn made_shape(&mut self, func: &mut Function, value: ValueId) -> Option<Vec<ValueId>> {
        let op = func.defining(value)?.clone();
        match &op.kind {
            Kind::Index(subs) => {
                let rank = func.ty(op.args[0]).dims().len();
                let axes = self.axes(func, op.args[0], rank, subs, &op.args[1..])?;
                Some(axes.iter().filter_map(Axis::moving).collect())
            }
            Kind::Attr(name) if name == "T" => {
                let mut extents = self.shape(func, op.args[0])?;
                extents.reverse();
                Some(extents)
            }
            Kind::Call { callee, keywords } if keywords.is_empty() && is_product(callee) => {
                let (a, b) = (self.shape(func, op.args[0])?, self.shape(func, op.args[1])?);
                self.equal(func, *a.last()?, *b.first()?)?;
                let mut extents = a[..a.len() - 1].to_vec();
                extents.extend(&b[1..]);
                Some(extents)
            }
            Kind::Scalar {
                flavour: Flavour::Ufunc,
                ..
            } => self.common_shape(func, &op.args),
            Kind::Call { callee, keywords } if callee == "numpy.where" && keywords.is_empty() => {
                self.common_shape(func, &op.args)
            }
            Kind::Call { callee, keywords } if callee == "numpy.copy" && keywords.is_empty() => {
                self.shape(func, op.args[0])
            }
            Kind::Method { name, keywords } if name == "copy" && keywords.is_empty() => self.shape(func, op.args[0]),
            Kind::Call { .. } if self.lists_array(func, &op).is_some() => self.shape(func, op.args[0]),
            Kind::MakeList if op.args.is_empty() => {
                let filler = self.filler(func, value)?;
                Some(vec![func.op(filler).args[1]])
            }
            _ => None,
        }
    }

    /// The extents of an array that the loop does not make.
    fn fixed_shape(&self, func: &mut Function, value: ValueId) -> Option<Vec<ValueId>> {
        let ty = func.ty(value).clone();
        if !matches!(ty, Ty::Array { .. } | Ty::List(..)) {
            return None;
        }
        // A row of an array has the extents of the array, which do not depend on an outer loop.
        let (root, prefix) = row_path(func, value);
        let axes = prefix.len()..prefix.len() + ty.dims().len();
        axes.map(|axis| Some(self.fixed_extent(func, root, axis))).collect()
    }

    /// The extent of an axis: of what an allocation was made for, so that the allocation itself is not needed.
    pub(super) fn fixed_extent(&self, func: &mut Function, array: ValueId, axis: usize) -> ValueId {
        if let Some(op) = func.defining(array).cloned()
            && let Kind::Call { callee, .. } = &op.kind
        {
            match callee.as_str() {
                "numpy.zeros_like" | "numpy.empty_like" | "numpy.ones_like" | "numpy.full_like"
                    if matches!(func.ty(op.args[0]), Ty::Array { .. }) =>
                {
                    return self.fixed_extent(func, op.args[0], axis);
                }
                "numpy.zeros" | "numpy.empty" | "numpy.ones" | "numpy.full" => {
                    let made = func.defining(op.args[0]).cloned();
                    let extent = match (made, func.ty(op.args[0])) {
                        (Some(made), _) if made.kind == Kind::MakeTuple => made.args.get(axis).copied(),
                        (Some(made), _) if made.kind == Kind::Attr("shape".to_owned()) => {
                            return self.fixed_extent(func, made.args[0], axis);
                        }
                        (_, Ty::Int(_)) => Some(op.args[0]),
                        _ => None,
                    };
                    if let Some(extent) = extent.filter(|extent| matches!(func.ty(*extent), Ty::Int(_))) {
                        return extent;
                    }
                }
                _ => {}
            }
        }
        let kind = Kind::Len { axis };
        let types = result_types(func, &kind, &[array]);
        let op = func.push_op(self.block, kind, vec![array], vec![], &types, self.at);
        func.result(op)
    }

    /// The shape that operands broadcast to, where each has the whole of an axis or none of it.
    fn common_shape(&mut self, func: &mut Function, operands: &[ValueId]) -> Option<Vec<ValueId>> {
        let mut shapes = Vec::new();
        for operand in operands {
            shapes.push((self.shape(func, *operand)?, func.ty(*operand).dims()));
        }
        let rank = shapes.iter().map(|(shape, _)| shape.len()).max()?;
        (0..rank)
            .map(|axis| {
                let mut found: Option<ValueId> = None;
                for (shape, dims) in &shapes {
                    let Some(own) = (axis + shape.len()).checked_sub(rank) else {
                        continue;
                    };
                    if dims.get(own) == Some(&Dim::Const(1)) {
                        found = found.or(None);
                        continue;
                    }
                    match found {
                        None => found = Some(shape[own]),
                        Some(extent) => self.equal(func, extent, shape[own])?,
                    }
                }
                found
            })
            .collect()
    }

    /// Whether an axis of a stored value has the extent that is stored to; false where it is 1.
    pub(super) fn same_extent(&mut self, func: &Function, own: ValueId, wanted: ValueId) -> Option<bool> {
        if constant(func, own) == Some(1) {
            return Some(false);
        }
        self.equal(func, own, wanted)?;
        Some(true)
    }
}
