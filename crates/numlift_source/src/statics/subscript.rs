//! Types of subscripts.
//!
//! ```text
//! x of two axes      x[0] a row    x[0, 1] a number    x[:, None] of three axes    x[mask] of one or two axes
//! ```

use numlift_ir::dtype::Dtype;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::table::ArgTy;

use super::flow::Infer;
use super::{Type, Typed};
use crate::syntax::{Kind, NodeId};

/// What one subscript does to the axes.
enum Step {
    /// Takes one away.
    Int,
    Slice,
    NewAxis,
    Ellipsis,
    /// A mask of so many axes.
    Mask(usize),
    /// Indices of so many axes.
    Indices(usize),
}

impl Infer<'_, '_> {
    pub fn subscript(&mut self, value: NodeId, index: NodeId) -> Typed {
        let of = self.expr(value);
        let given = self.expr(index);
        match &of.ty {
            Type::Array { dtype, ndim } => {
                let (dtype, ndim) = (*dtype, *ndim);
                let parts = match self.tree.kind(index) {
                    Kind::Tuple(parts) => parts.clone(),
                    _ => vec![index],
                };
                let typed: Vec<Typed> = parts.iter().map(|part| self.part(*part)).collect();
                let steps: Option<Vec<Step>> = parts
                    .iter()
                    .zip(&typed)
                    .map(|(part, typed)| self.step(*part, typed))
                    .collect();
                let Some(steps) = steps else {
                    return Typed::UNKNOWN;
                };
                let trust = of.trust.min(Self::trust_of(&typed));
                Typed {
                    ty: picked(dtype, ndim, &steps),
                    trust,
                }
            }
            Type::Plain(plain) => Typed {
                ty: item_of(plain, &given.ty),
                trust: of.trust,
            },
            Type::Unknown | Type::Other => Typed::UNKNOWN,
        }
    }

    fn part(&self, id: NodeId) -> Typed {
        self.noted(id)
    }

    fn step(&self, part: NodeId, typed: &Typed) -> Option<Step> {
        match self.tree.kind(part) {
            Kind::Slice { .. } => return Some(Step::Slice),
            Kind::Ellipsis => return Some(Step::Ellipsis),
            Kind::None => return Some(Step::NewAxis),
            _ => {}
        }
        match &typed.ty {
            _ if typed.is_int() => Some(Step::Int),
            Type::Plain(ArgTy::None) => Some(Step::NewAxis),
            Type::Array {
                dtype: Some(Dtype::Bool),
                ndim: Some(ndim),
            } => Some(Step::Mask(*ndim)),
            Type::Array {
                dtype: Some(dtype),
                ndim: Some(ndim),
            } if dtype.is_integer() => Some(Step::Indices(*ndim)),
            Type::Plain(ArgTy::List(item, _)) if item.is_integer() && item.scalar() != Some(ScalarTy::PyBool) => {
                Some(Step::Indices(1))
            }
            _ => None,
        }
    }
}

fn picked(dtype: Option<Dtype>, ndim: Option<usize>, steps: &[Step]) -> Type {
    let advanced: Vec<usize> = steps
        .iter()
        .filter_map(|step| match step {
            Step::Mask(_) => Some(1),
            Step::Indices(rank) => Some(*rank),
            _ => None,
        })
        .collect();
    let has_ints = steps.iter().any(|step| matches!(step, Step::Int));
    let used: usize = steps
        .iter()
        .map(|step| match step {
            Step::Int | Step::Slice | Step::Indices(_) => 1,
            Step::Mask(rank) => *rank,
            Step::NewAxis | Step::Ellipsis => 0,
        })
        .sum();
    let kept = steps
        .iter()
        .filter(|step| matches!(step, Step::Slice | Step::NewAxis))
        .count();
    let rank = ndim
        .and_then(|ndim| ndim.checked_sub(used))
        .map(|left| left + kept + advanced.iter().copied().max().unwrap_or(0));
    let is_view_or_copy = !advanced.is_empty() || kept > 0 || steps.iter().any(|step| matches!(step, Step::Ellipsis));
    match (rank, dtype) {
        // All axes are taken away, and nothing says that an array is wanted.
        (Some(0), Some(dtype)) if !is_view_or_copy && has_ints && dtype.is_known() => {
            Type::Plain(ArgTy::Scalar(ScalarTy::Np(dtype)))
        }
        (Some(0), _) if !is_view_or_copy => Type::Unknown,
        (Some(rank), dtype) => Type::Array {
            dtype,
            ndim: Some(rank),
        },
        (None, dtype) if is_view_or_copy => Type::Array { dtype, ndim: None },
        (None, _) => Type::Unknown,
    }
}

fn item_of(plain: &ArgTy, index: &Type) -> Type {
    match (plain, index) {
        (ArgTy::Tuple(items), Type::Plain(ArgTy::Int(at))) => {
            let at = if *at < 0 { *at + items.len() as i64 } else { *at };
            let item = usize::try_from(at).ok().and_then(|at| items.get(at));
            item.map_or(Type::Unknown, |item| Type::from_table(item.clone()))
        }
        (ArgTy::List(item, _) | ArgTy::TupleOf(item), Type::Plain(ArgTy::Int(_) | ArgTy::Scalar(ScalarTy::PyInt))) => {
            Type::from_table((**item).clone())
        }
        (ArgTy::Str(_), _) => Type::Plain(ArgTy::Str(None)),
        _ => Type::Unknown,
    }
}
