//! The product, and the loops that are left of it.

use std::collections::HashMap;

use numlift_ir::affine::{Affine, Atom, affine_of};
use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::infer::LENGTH;
use numlift_ir::op::{Kind, MATMUL, Sub, Term};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Ty};

use super::Contract;
use super::found::{Matrix, Product};
use crate::lower::checks;

/// With fewer multiplications than this the loops are faster, and with fewer of them in each sum.
const LEAST: i128 = 4096;
const LEAST_TERMS: i128 = 8;

/// Extents are compared up to this, so that their product fits 64 bits.
const MOST: i128 = 1 << 20;

/// Values of the old loops by those of the copy, and what replaces the sums.
struct Copy<'p> {
    product: &'p Product,
    values: HashMap<ValueId, ValueId>,
    /// The product of the matrices.
    table: ValueId,
    /// Where each loop of the path starts.
    starts: [ValueId; 3],
    /// Inside of the loop that added up: nothing there leaves.
    is_in_sum: bool,
}

impl Contract<'_> {
    /// Replaces a loop in a block by the product where that is worth it, else by itself.
    pub(super) fn replace(&mut self, op: OpId, block: BlockId, product: &Product) {
        let ops = &mut self.b.func.block_mut(block).ops;
        let at = ops.iter().position(|other| *other == op).unwrap_or(ops.len());
        let behind = ops.split_off(at + 1);
        ops.truncate(at);
        self.b.block = block;
        self.b.origin = self.b.func.op(op).origin;
        let starts = product.path.map(|level| self.bound(level, 0));
        let counts = [0, 1, 2].map(|level| {
            let stop = self.bound(product.path[level], 1);
            self.b.operator(F::Sub, &[stop, starts[level]])
        });
        let large = self.is_large(counts, product.inner);
        let old = self.b.func.op(op).results.clone();
        let types: Vec<Ty> = old.iter().map(|result| self.b.func.ty(*result).clone()).collect();
        let mut made = Vec::new();
        let then = self.b.func.add_block();
        self.b.block = then;
        let table = self.table(product, starts, counts);
        if product.target.is_none() {
            let mut copy = Copy {
                product,
                values: HashMap::new(),
                table,
                starts,
                is_in_sum: false,
            };
            if product.inner == 0 {
                self.sum(op, &mut copy);
            } else {
                let new = self.copied(op, &mut copy);
                made.extend(self.b.func.op(new).results.clone());
            }
        }
        self.b.block = block;
        let other = self.b.func.add_block();
        let results = self.b.if_op(large, then, other, &types);
        for (old, new) in old.iter().zip(&results) {
            self.b.func.replace_everywhere(*old, *new);
        }
        self.b.func.block_mut(other).ops.push(op);
        self.b.func.block_mut(then).end = Term::Yield(made);
        self.b.func.block_mut(other).end = Term::Yield(old);
        self.b.func.block_mut(block).ops.extend(behind);
    }

    /// The start or the end of a loop, in front of all of them.
    fn bound(&mut self, op: OpId, number: usize) -> ValueId {
        let affine = affine_of(&self.b.func, self.b.func.op(op).args[number]);
        self.computed(&affine)
    }

    fn computed(&mut self, affine: &Affine) -> ValueId {
        let arrays: Vec<(u32, (ValueId, usize))> = affine
            .terms
            .keys()
            .filter_map(|atom| match atom {
                Atom::Sym(sym) => Some((*sym, checks::array_with(&self.b.func, *sym)?)),
                Atom::Value(_) | Atom::Extent(..) => None,
            })
            .collect();
        checks::computed(&mut self.b, affine, &arrays)
    }

    fn is_large(&mut self, counts: [ValueId; 3], inner: usize) -> ValueId {
        let (zero, most) = (self.b.int(0), self.b.int(MOST));
        let mut volume: Option<ValueId> = None;
        for count in counts {
            let less = self.b.operator(F::Min, &[count, most]);
            let some = self.b.operator(F::Max, &[less, zero]);
            volume = Some(match volume {
                Some(volume) => self.b.operator(F::Mul, &[volume, some]),
                None => some,
            });
        }
        let (least, terms) = (self.b.int(LEAST), self.b.int(LEAST_TERMS));
        let volume = volume.unwrap_or(zero);
        let is_large = self.b.operator(F::Ge, &[volume, least]);
        let is_long = self.b.operator(F::Ge, &[counts[inner], terms]);
        self.b.operator(F::And, &[is_large, is_long])
    }

    /// The product of the matrices, in memory of its own where nobody else is there.
    fn table(&mut self, product: &Product, starts: [ValueId; 3], counts: [ValueId; 3]) -> ValueId {
        let others: Vec<usize> = (0..3).filter(|level| *level != product.inner).collect();
        let [rows, columns] = [others[0], others[1]];
        let left = self.view(&product.matrices[0], [rows, product.inner], starts, counts);
        let right = self.view(&product.matrices[1], [product.inner, columns], starts, counts);
        let table = match product.target {
            Some(target) => target,
            None => self.allocated(product, [counts[rows], counts[columns]]),
        };
        let kind = Kind::Call {
            callee: MATMUL.to_owned(),
            keywords: Vec::new(),
        };
        self.b.typed_op(kind, &[left, right, table], &[Ty::None]);
        table
    }

    fn allocated(&mut self, product: &Product, extents: [ValueId; 2]) -> ValueId {
        let types = extents.iter().map(|extent| self.b.func.ty(*extent).clone()).collect();
        let tuple = self.b.typed_op(Kind::MakeTuple, &extents, &[Ty::Tuple(types)]);
        let tuple = self.b.func.result(tuple);
        let dtype = self
            .b
            .value(Kind::Extern(format!("numpy.{}", product.dtype.attribute())), &[]);
        let kind = Kind::Call {
            callee: "numpy.empty".to_owned(),
            keywords: vec!["dtype".to_owned()],
        };
        let ty = Ty::Array {
            dtype: product.dtype,
            shape: vec![Dim::Unknown; 2],
            contiguous: true,
        };
        let table = self.b.typed_op(kind, &[tuple, dtype], &[ty]);
        self.b.func.result(table)
    }

    /// The part of a matrix that the loops go through, with the axes in this order.
    fn view(&mut self, matrix: &Matrix, order: [usize; 2], starts: [ValueId; 3], counts: [ValueId; 3]) -> ValueId {
        let (mut subs, mut args) = (Vec::new(), vec![matrix.base]);
        for place in &matrix.places {
            let rest = self.computed(&place.rest);
            let Some(level) = place.along else {
                subs.push(Sub::At);
                args.push(rest);
                continue;
            };
            let low = match place.rest.as_constant() {
                Some(0) => starts[level],
                _ => self.b.operator(F::Add, &[rest, starts[level]]),
            };
            let high = self.b.operator(F::Add, &[low, counts[level]]);
            subs.push(Sub::Slice {
                lo: true,
                hi: true,
                step: false,
            });
            args.extend([low, high]);
        }
        let ty = Ty::Array {
            dtype: match self.b.func.ty(matrix.base) {
                Ty::Array { dtype, .. } => *dtype,
                _ => unreachable!("a matrix is an array"),
            },
            shape: vec![Dim::Unknown; 2],
            contiguous: false,
        };
        let view = self.b.typed_op(Kind::Index(subs), &args, std::slice::from_ref(&ty));
        let view = self.b.func.result(view);
        if matrix.loops() == order {
            return view;
        }
        let turned = self.b.typed_op(Kind::Attr("T".to_owned()), &[view], &[ty]);
        self.b.func.result(turned)
    }

    /// A copy of an op at the end of the present block.
    fn copied(&mut self, op: OpId, copy: &mut Copy<'_>) -> OpId {
        let data = self.b.func.op(op).clone();
        let args: Vec<ValueId> = data.args.iter().map(|arg| copy.value(*arg)).collect();
        let blocks: Vec<BlockId> = data
            .blocks
            .iter()
            .map(|block| self.copied_block(*block, copy))
            .collect();
        let types: Vec<Ty> = data
            .results
            .iter()
            .map(|result| self.b.func.ty(*result).clone())
            .collect();
        let new = self
            .b
            .func
            .push_op(self.b.block, data.kind, args, blocks, &types, data.origin);
        let results = self.b.func.op(new).results.clone();
        copy.values.extend(data.results.into_iter().zip(results));
        new
    }

    fn copied_block(&mut self, block: BlockId, copy: &mut Copy<'_>) -> BlockId {
        let outer = self.b.block;
        let new = self.b.func.add_block();
        for param in self.b.func.block(block).params.clone() {
            let (ty, name) = (
                self.b.func.ty(param).clone(),
                self.b.func.name_of(param).map(str::to_owned),
            );
            let own = self.b.func.add_param(new, ty, name.as_deref());
            copy.values.insert(param, own);
        }
        self.b.block = new;
        self.copied_ops(block, copy);
        let mut end = self.b.func.block(block).end.clone();
        end.values_mut()
            .iter_mut()
            .for_each(|value| *value = copy.value(*value));
        self.b.end(new, end);
        self.b.block = outer;
        new
    }

    fn copied_ops(&mut self, block: BlockId, copy: &mut Copy<'_>) {
        for op in self.b.func.block(block).ops.clone() {
            let data = self.b.func.op(op);
            let is_frame = matches!(data.kind, Kind::Frame { .. });
            let is_term = data.results.first() == Some(&copy.product.term);
            if op == copy.product.path[copy.product.inner] {
                self.sum(op, copy);
            } else if is_term {
                let value = self.scaled_element(copy);
                copy.values.insert(copy.product.term, value);
            } else if !(is_frame && copy.is_in_sum) {
                self.copied(op, copy);
            }
        }
    }

    /// What stands for the loop that adds up.
    fn sum(&mut self, op: OpId, copy: &mut Copy<'_>) {
        let data = self.b.func.op(op).clone();
        let body = data.blocks[0];
        let Some((init, f)) = copy.product.carried else {
            // What its body does once, with all that is to be added.
            let index = self.b.func.block(body).params[0];
            copy.values.insert(index, copy.starts[copy.product.inner]);
            copy.is_in_sum = true;
            self.copied_ops(body, copy);
            copy.is_in_sum = false;
            return;
        };
        let element = self.scaled_element(copy);
        let init = copy.value(init);
        let sum = self.np(f, init, element, copy);
        copy.values.insert(data.results[0], sum);
    }

    /// The element of the product for the present indices, with the factors that were taken out.
    fn scaled_element(&mut self, copy: &Copy<'_>) -> ValueId {
        let product = copy.product;
        let mut args = vec![copy.table];
        for level in (0..3).filter(|level| *level != product.inner) {
            let block = self.b.func.op(product.path[level]).blocks[0];
            let index = copy.value(self.b.func.block(block).params[0]);
            let start = copy.starts[level];
            args.push(match affine_of(&self.b.func, start).as_constant() {
                Some(0) => index,
                _ => {
                    let kind = Kind::Scalar {
                        f: F::Sub,
                        flavour: Flavour::Py,
                    };
                    let op = self.b.typed_op(kind, &[index, start], &[Ty::Int(LENGTH)]);
                    self.b.func.result(op)
                }
            });
        }
        let load = self.b.typed_op(Kind::Load, &args, &[Ty::Np(product.dtype)]);
        let mut value = self.b.func.result(load);
        for factor in &product.factors {
            let factor = copy.value(*factor);
            value = self.np(F::Mul, value, factor, copy);
        }
        value
    }

    fn np(&mut self, f: F, a: ValueId, b: ValueId, copy: &Copy<'_>) -> ValueId {
        let kind = Kind::Scalar {
            f,
            flavour: Flavour::NpScalar,
        };
        let op = self.b.typed_op(kind, &[a, b], &[Ty::Np(copy.product.dtype)]);
        self.b.func.result(op)
    }
}

impl Copy<'_> {
    /// What stands for a value; what is made outside stands for itself.
    fn value(&self, old: ValueId) -> ValueId {
        self.values.get(&old).copied().unwrap_or(old)
    }
}
