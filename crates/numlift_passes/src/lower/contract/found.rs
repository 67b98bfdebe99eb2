//! Which loops are a product of matrices.

use std::collections::HashSet;

use numlift_ir::affine::{Affine, Atom, affine_of, extent_of};
use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::infer::interval_of;
use numlift_ir::op::{Kind, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Interval, Ty};

use super::Contract;
use crate::lower::frames::follows_frame;

/// Three loops that compute a product.
pub(super) struct Product {
    /// The loops, the outermost first.
    pub path: [OpId; 3],
    /// Which of them adds up.
    pub inner: usize,
    pub dtype: Dtype,
    /// The matrix of rows, whose other index is that of the first of the other two loops, and the other one.
    pub matrices: [Matrix; 2],
    /// The value that is added in each iteration.
    pub term: ValueId,
    /// What it is multiplied with beside the two elements.
    pub factors: Vec<ValueId>,
    /// How a carried number takes what is added: what it starts with and the function; nothing is carried in memory.
    pub carried: Option<(ValueId, F)>,
    /// The array of zeros that the product is, if nothing else happens.
    pub target: Option<ValueId>,
}

/// A matrix: an array with an expression for the place on each axis, of which two move with a loop each.
#[derive(Clone)]
pub(super) struct Matrix {
    pub base: ValueId,
    pub places: Vec<Place>,
}

/// What the innermost loop does: what is carried (its start and the function), what is added, and where to.
type Statement = (Option<(ValueId, F)>, ValueId, Vec<ValueId>);

/// A place on an axis.
#[derive(Clone)]
pub(super) struct Place {
    /// The loop whose index is added, by its number on the path.
    pub along: Option<usize>,
    pub rest: Affine,
}

impl Matrix {
    /// The loops of its two axes, in order.
    pub fn loops(&self) -> Vec<usize> {
        self.places.iter().filter_map(|place| place.along).collect()
    }
}

impl Contract<'_> {
    /// The product that a loop computes with the loops inside of it.
    pub(super) fn product_of(&self, op: OpId, block: BlockId) -> Option<Product> {
        if !follows_frame(&self.b.func, op, block) || !self.is_quiet(op) {
            return None;
        }
        let inside = self.made_in(op);
        let mut product = self.search(&mut vec![op], &inside)?;
        product.target = self.zeros(&product, op, block);
        Some(product)
    }

    /// The array that the loops fill as a whole, if it was made for that: nobody has stored to it before.
    fn zeros(&self, product: &Product, op: OpId, block: BlockId) -> Option<ValueId> {
        let func = &self.b.func;
        if !product.factors.is_empty() || product.carried.is_some() || !self.only_adds(&product.path, false) {
            return None;
        }
        let innermost = func.block(func.op(product.path[2]).blocks[0]);
        let store = innermost.ops.iter().find(|op| func.op(**op).kind == Kind::Store)?;
        let [array, places @ .., value] = &func.op(*store).args[..] else {
            return None;
        };
        let adds = matches!(func.defining(*value)?.kind, Kind::Scalar { f: F::Add, .. });
        let made = func.def_op(*array)?;
        let is_zero = matches!(&func.op(made).kind, Kind::Call { callee, .. } if callee == "numpy.zeros");
        let before = &func.block(block).ops;
        let from = before.iter().position(|other| *other == made)?;
        let to = before.iter().position(|other| *other == op)?;
        let is_untouched = before[from + 1..to].iter().all(|other| {
            let data = func.op(*other);
            matches!(data.kind, Kind::Frame { .. } | Kind::Len { .. }) || !data.args.contains(array)
        });
        let others: Vec<OpId> = (0..3)
            .filter(|at| *at != product.inner)
            .map(|at| product.path[at])
            .collect();
        let is_whole = places.len() == 2
            && places.iter().zip(&others).enumerate().all(|(axis, (place, level))| {
                let bound = |number: usize| affine_of(func, func.op(*level).args[number]);
                affine_of(func, *place) == Affine::atom(self.index_of(*level))
                    && bound(0).as_constant() == Some(0)
                    && bound(1) == extent_of(func, *array, axis)
            });
        (adds && is_zero && is_untouched && is_whole).then_some(*array)
    }

    fn search(&self, path: &mut Vec<OpId>, inside: &HashSet<ValueId>) -> Option<Product> {
        let last = *path.last()?;
        if !self.is_rectangular(last, inside) {
            return None;
        }
        if let [first, second, third] = path[..] {
            return self.product([first, second, third], inside);
        }
        let body = self.b.func.op(last).blocks[0];
        let loops = self.b.func.block(body).ops.clone();
        loops.into_iter().find_map(|op| {
            if self.b.func.op(op).kind != Kind::For {
                return None;
            }
            path.push(op);
            let found = self.search(path, inside);
            path.pop();
            found
        })
    }

    /// Whether all in a loop is numbers, and elements that are there for certain, wherever they are taken.
    fn is_quiet(&self, op: OpId) -> bool {
        let func = &self.b.func;
        let mut is_quiet = true;
        for block in &func.op(op).blocks {
            func.visit_blocks(*block, &mut |inner| {
                is_quiet &= matches!(func.block(inner).end, Term::Yield(_));
            });
            func.walk(*block, &mut |inner| {
                let data = func.op(inner);
                let has_arrays = data.args.iter().any(|arg| func.ty(*arg).bound().has_memory());
                is_quiet &= match &data.kind {
                    Kind::Load | Kind::Store | Kind::Len { .. } | Kind::Frame { .. } => true,
                    Kind::Attr(name) => name == "T",
                    Kind::Const(_)
                    | Kind::Unbound
                    | Kind::Scalar { .. }
                    | Kind::Convert
                    | Kind::Truth
                    | Kind::Select
                    | Kind::If
                    | Kind::For
                    | Kind::While => !has_arrays,
                    _ => false,
                };
            });
        }
        is_quiet
    }

    /// Everything that is defined inside of a loop.
    fn made_in(&self, op: OpId) -> HashSet<ValueId> {
        let func = &self.b.func;
        let mut made = HashSet::new();
        for block in &func.op(op).blocks {
            func.visit_blocks(*block, &mut |inner| {
                made.extend(&func.block(inner).params);
                for op in &func.block(inner).ops {
                    made.extend(&func.op(*op).results);
                }
            });
        }
        made
    }

    /// Whether a loop goes up by one between ends that are known in front of the outermost one.
    fn is_rectangular(&self, op: OpId, inside: &HashSet<ValueId>) -> bool {
        let func = &self.b.func;
        let args = &func.op(op).args;
        let is_fixed = |value: ValueId| is_outside(&affine_of(func, value), inside);
        affine_of(func, args[2]).as_constant() == Some(1) && is_fixed(args[0]) && is_fixed(args[1])
    }

    fn index_of(&self, op: OpId) -> Atom {
        let block = self.b.func.op(op).blocks[0];
        Atom::Value(self.b.func.block(block).params[0])
    }

    fn product(&self, path: [OpId; 3], inside: &HashSet<ValueId>) -> Option<Product> {
        let func = &self.b.func;
        let innermost = func.op(path[2]).blocks[0];
        let (carried, term, place) = self.statement(path[2])?;
        let Ty::Np(dtype @ (Dtype::F32 | Dtype::F64)) = *func.ty(term) else {
            return None;
        };
        let (mut elements, mut rest) = (Vec::new(), Vec::new());
        self.factors_of(term, Ty::Np(dtype), inside, &mut elements, &mut rest);
        let matrices: Option<Vec<Matrix>> = elements
            .iter()
            .map(|load| self.matrix(*load, dtype, &path, inside))
            .collect();
        let [a, b] = <[Matrix; 2]>::try_from(matrices?).ok()?;
        let (of_a, of_b) = (a.loops(), b.loops());
        let inner = (0..3).find(|number| of_a.contains(number) && of_b.contains(number))?;
        let covers = (0..3).all(|number| of_a.contains(&number) || of_b.contains(&number));
        let rows = (0..3).find(|number| *number != inner)?;
        if !covers || !self.only_adds(&path[inner..], carried.is_some()) {
            return None;
        }
        let made = self.made_in(path[inner]);
        let index = self.index_of(path[inner]);
        let others: HashSet<Atom> = path
            .iter()
            .map(|op| self.index_of(*op))
            .filter(|at| *at != index)
            .collect();
        // Where it is added does not depend on the index.
        let is_settled = |affine: &Affine| {
            affine
                .terms
                .keys()
                .all(|atom| others.contains(atom) || is_free(*atom, &made))
        };
        let stays = place.iter().all(|value| is_settled(&affine_of(func, *value)));
        let is_known = rest.iter().all(|factor| !made.contains(factor));
        if !stays || !is_known || !self.keeps([a.base, b.base], path[0]) {
            return None;
        }
        let in_memory = carried.is_none() && func.block(innermost).ops.len() < 64;
        (carried.is_some() && inner == 2 || in_memory).then(|| Product {
            path,
            inner,
            dtype,
            matrices: if of_a.contains(&rows) { [a, b] } else { [b, a] },
            term,
            factors: rest,
            carried,
            target: None,
        })
    }

    /// The one thing that the innermost loop does: what is carried (its start and the function), what is added, and where
    /// to.
    fn statement(&self, op: OpId) -> Option<Statement> {
        let func = &self.b.func;
        let data = func.op(op);
        let block = func.block(data.blocks[0]);
        let stores: Vec<OpId> = block
            .ops
            .iter()
            .copied()
            .filter(|op| func.op(*op).kind == Kind::Store)
            .collect();
        match (&data.args[3..], &block.params[1..], block.end.values(), &stores[..]) {
            ([init], [acc], [next], []) => {
                let (f, term) = self.added(*next, &|value| value == *acc)?;
                let ty = func.ty(*init);
                let is_number = matches!(ty, Ty::Int(_) | Ty::Float) || ty == func.ty(term);
                is_number.then(|| (Some((*init, f)), term, Vec::new()))
            }
            ([], [], [], [store]) => {
                let args = &func.op(*store).args;
                let place = &args[..args.len() - 1];
                let is_same = |value: ValueId| {
                    let load = func.defining(value).filter(|op| op.kind == Kind::Load);
                    load.is_some_and(|load| {
                        let alike = |(a, b): (&ValueId, &ValueId)| affine_of(func, *a) == affine_of(func, *b);
                        load.args[0] == place[0] && load.args[1..].iter().zip(&place[1..]).all(alike)
                    })
                };
                let (_, term) = self.added(args[args.len() - 1], &is_same)?;
                Some((None, term, place[1..].to_vec()))
            }
            _ => None,
        }
    }

    /// A sum of what `is_sum` says and a term.
    fn added(&self, value: ValueId, is_sum: &dyn Fn(ValueId) -> bool) -> Option<(F, ValueId)> {
        let op = self.b.func.defining(value)?;
        match (&op.kind, &op.args[..]) {
            (
                Kind::Scalar {
                    f: f @ (F::Add | F::Sub),
                    ..
                },
                [sum, term],
            ) if is_sum(*sum) => Some((*f, *term)),
            (Kind::Scalar { f: F::Add, .. }, [term, sum]) if is_sum(*sum) => Some((F::Add, *term)),
            _ => None,
        }
    }

    /// What a value is a product of: elements that depend on the loops, and the rest.
    fn factors_of(
        &self,
        value: ValueId,
        ty: Ty,
        inside: &HashSet<ValueId>,
        elements: &mut Vec<ValueId>,
        rest: &mut Vec<ValueId>,
    ) {
        let func = &self.b.func;
        match func.defining(value).filter(|_| inside.contains(&value)) {
            Some(op) if matches!(op.kind, Kind::Scalar { f: F::Mul, .. }) && *func.ty(value) == ty => {
                for arg in op.args.clone() {
                    self.factors_of(arg, ty.clone(), inside, elements, rest);
                }
            }
            Some(op) if op.kind == Kind::Load && *func.ty(value) == ty && elements.len() < 3 => elements.push(value),
            _ => rest.push(value),
        }
    }

    fn matrix(&self, load: ValueId, dtype: Dtype, path: &[OpId; 3], inside: &HashSet<ValueId>) -> Option<Matrix> {
        let func = &self.b.func;
        let args = &func.defining(load)?.args;
        let base = args[0];
        let places: Option<Vec<Place>> = args[1..]
            .iter()
            .map(|index| {
                let affine = affine_of(func, *index);
                let moving: Vec<usize> = (0..3)
                    .filter(|at| affine.coefficient(self.index_of(path[*at])) != 0)
                    .collect();
                let (along, rest) = match moving[..] {
                    [] => (None, affine),
                    [at] if affine.coefficient(self.index_of(path[at])) == 1 => {
                        (Some(at), affine.minus(&Affine::atom(self.index_of(path[at])))?)
                    }
                    _ => return None,
                };
                is_outside(&rest, inside).then_some(Place { along, rest })
            })
            .collect();
        let mut matrix = Matrix { base, places: places? };
        while let Some(turned) = func.defining(matrix.base).filter(|op| matches!(op.kind, Kind::Attr(_))) {
            matrix.base = turned.args[0];
            matrix.places.reverse();
        }
        let base = matrix.base;
        let mut loops = matrix.loops();
        loops.sort_unstable();
        loops.dedup();
        let is_right = matches!(func.ty(base), Ty::Array { dtype: own, .. } if *own == dtype);
        (is_right && !inside.contains(&base) && loops.len() == 2 && matrix.loops().len() == 2).then_some(matrix)
    }

    /// Whether the loops do nothing but add up, and cannot be left.
    fn only_adds(&self, loops: &[OpId], carries: bool) -> bool {
        let func = &self.b.func;
        let carried = usize::from(carries);
        loops.iter().enumerate().all(|(number, op)| {
            let data = func.op(*op);
            let next = loops.get(number + 1);
            data.args.len() == 3 + carried
                && func.block(data.blocks[0]).ops.iter().all(|inner| {
                    let data = func.op(*inner);
                    match data.kind {
                        Kind::Const(_) | Kind::Len { .. } | Kind::Attr(_) | Kind::Frame { .. } | Kind::Load => true,
                        Kind::Store => next.is_none(),
                        Kind::For => next == Some(inner),
                        Kind::Scalar {
                            f: F::Add | F::Sub | F::Mul,
                            ..
                        } => match func.ty(data.results[0]) {
                            Ty::Np(dtype) => dtype.is_float(),
                            Ty::Int(_) => interval_of(func.ty(data.results[0])).is_within(Interval::MACHINE),
                            _ => false,
                        },
                        _ => false,
                    }
                })
        })
    }

    /// Whether nothing in a loop stores to arrays.
    fn keeps(&self, arrays: [ValueId; 2], op: OpId) -> bool {
        let func = &self.b.func;
        let mut keeps = true;
        for block in &func.op(op).blocks {
            func.walk(*block, &mut |inner| {
                let data = func.op(inner);
                if data.kind == Kind::Store {
                    keeps &= !arrays.iter().any(|array| self.roots.may_share(data.args[0], *array));
                }
            });
        }
        keeps
    }
}

fn is_free(atom: Atom, made: &HashSet<ValueId>) -> bool {
    match atom {
        Atom::Value(value) | Atom::Extent(value, _) => !made.contains(&value),
        Atom::Sym(_) => true,
    }
}

fn is_outside(affine: &Affine, inside: &HashSet<ValueId>) -> bool {
    affine.terms.keys().all(|atom| is_free(*atom, inside))
}
