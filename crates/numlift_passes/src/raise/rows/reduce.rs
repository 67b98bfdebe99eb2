//! Calls that make one number of an array: folds over its elements.
//!
//! ```text
//! np.mean(a[i])     =>   (fold add 0.0, m { (t) yield a[i, t] }) / m
//! a[i] @ b          =>   fold add 0.0, m { (t) yield a[i, t] * b[t] }
//! ```

use numlift_ir::affine::{Affine, affine_of};
use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::{BlockId, Function, OpId, ValueId};
use numlift_ir::infer::const_type;
use numlift_ir::op::{Const, Kind, Monoid, Term};
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::{Interval, Ty};

use super::super::arithmetic::{int_const, int_op};
use super::Opener;
use super::element::scalar;

/// A reduction of all elements of an array.
struct Reduction {
    monoid: Monoid,
    /// `v * v` instead of `v`, and the root of the whole.
    norm: bool,
    mean: bool,
    truth: bool,
    /// The mean of squared distances from the mean.
    spread: bool,
    starts_as_int: bool,
}

impl Opener<'_> {
    /// A call that makes one number of an array.
    pub(super) fn reduction(&mut self, func: &mut Function, op: OpId) -> Option<ValueId> {
        let data = func.op(op).clone();
        let [result] = data.results[..] else { return None };
        let options = func.ty(result).scalar_options()?;
        let wanted = *options.last()?;
        let dtype = wanted.array_dtype();
        let name = match &data.kind {
            Kind::Call { callee, keywords } if keywords.is_empty() => callee.as_str(),
            Kind::Method { name, keywords } if keywords.is_empty() => name.as_str(),
            _ => return None,
        };
        let in_loop = |func: &Function, value: ValueId| self.looped.scope.defines(func, value);
        if data.args.iter().all(|arg| !in_loop(func, *arg)) {
            return None;
        }
        if let ("numpy.dot" | "numpy.matmul" | "numpy.inner" | "numpy.vdot" | "dot", [a, b]) = (name, &data.args[..]) {
            return self.dot(func, *a, *b, dtype);
        }
        let [array] = data.args[..] else { return None };
        let plain = |monoid| Reduction {
            monoid,
            norm: false,
            mean: false,
            truth: false,
            spread: false,
            starts_as_int: false,
        };
        let kind = match name {
            "builtins.sum" | "numpy.sum" | "sum" => plain(Monoid::Add),
            "numpy.prod" | "prod" => plain(Monoid::Mul),
            "builtins.max" => plain(Monoid::MaxIf),
            "builtins.min" => plain(Monoid::MinIf),
            "numpy.max" | "numpy.amax" | "max" => plain(Monoid::Maximum),
            "numpy.min" | "numpy.amin" | "min" => plain(Monoid::Minimum),
            "numpy.mean" | "mean" => Reduction {
                mean: true,
                ..plain(Monoid::Add)
            },
            "numpy.var" | "var" | "numpy.std" | "std" => Reduction {
                mean: true,
                spread: true,
                ..plain(Monoid::Add)
            },
            "numpy.linalg.norm" => Reduction {
                norm: true,
                ..plain(Monoid::Add)
            },
            "numpy.any" | "any" => Reduction {
                truth: true,
                ..plain(Monoid::Or)
            },
            "numpy.all" | "all" => Reduction {
                truth: true,
                ..plain(Monoid::And)
            },
            _ => return None,
        };
        let extents = self.shape(func, array)?;
        if extents.is_empty() || name.starts_with("builtins.") && extents.len() != 1 {
            return None;
        }
        if (kind.mean || kind.norm) && !dtype.is_float() {
            return None;
        }
        let center = if kind.spread {
            let kind = Reduction {
                mean: true,
                ..plain(Monoid::Add)
            };
            Some(self.fold(func, &kind, array, &extents, wanted, None)?)
        } else {
            None
        };
        let kind = Reduction {
            // Of nothing Python's sum is the int that it starts with, which an array does not tell from a float.
            starts_as_int: name == "builtins.sum" && !self.is_only_stored(func, result),
            ..kind
        };
        let value = self.fold(func, &kind, array, &extents, wanted, center)?;
        Some(match name {
            "numpy.std" | "std" => scalar(func, self.block, F::Sqrt, &[value], Flavour::Ufunc, self.at),
            _ => value,
        })
    }

    /// The reduction of the elements, or of their squared distances from a center.
    fn fold(
        &mut self,
        func: &mut Function,
        kind: &Reduction,
        array: ValueId,
        extents: &[ValueId],
        wanted: ScalarTy,
        center: Option<ValueId>,
    ) -> Option<ValueId> {
        let dtype = wanted.array_dtype();
        let inner = func.add_block();
        let params = self.counters(func, inner, extents);
        let mut element = self.element(func, inner, array, &params)?;
        if kind.truth {
            element = func.push_value(inner, Kind::Truth, vec![element], vec![], Ty::Bool, self.at);
        } else if *func.ty(element) != Ty::scalar(wanted) {
            let from = func.ty(element).as_scalar()?;
            // Sums of a list of Python numbers are no NumPy scalars, and narrow integers are added in `int64`.
            if from.is_python() != wanted.is_python() || !can_cast(from.array_dtype(), dtype, Casting::Safe) {
                return None;
            }
            element = func.push_value(inner, Kind::Convert, vec![element], vec![], Ty::scalar(wanted), self.at);
        }
        if let Some(center) = center {
            let apart = scalar(func, inner, F::Sub, &[element, center], Flavour::NpScalar, self.at);
            element = scalar(func, inner, F::Mul, &[apart, apart], Flavour::NpScalar, self.at);
        }
        if kind.norm {
            element = scalar(func, inner, F::Mul, &[element, element], Flavour::NpScalar, self.at);
        }
        func.block_mut(inner).end = Term::Yield(vec![element]);
        let init = self.start(func, kind, array, extents, dtype)?;
        let mut args = vec![init];
        args.extend(extents);
        let ty = if kind.truth { Ty::Bool } else { Ty::scalar(wanted) };
        let fold = Kind::Fold {
            monoid: kind.monoid,
            masked: false,
            any_order: true,
        };
        let mut value = func.push_value(self.block, fold, args, vec![inner], ty, self.at);
        if kind.norm {
            value = scalar(func, self.block, F::Sqrt, &[value], Flavour::Ufunc, self.at);
        }
        if kind.mean {
            let mut count = extents[0];
            for extent in &extents[1..] {
                count = int_op(func, self.block, F::Mul, count, *extent, self.at);
            }
            value = scalar(
                func,
                self.block,
                F::TrueDiv,
                &[value, count],
                Flavour::NpScalar,
                self.at,
            );
        }
        if kind.truth {
            value = func.push_value(
                self.block,
                Kind::Convert,
                vec![value],
                vec![],
                Ty::Np(Dtype::Bool),
                self.at,
            );
        }
        Some(value)
    }

    /// What a reduction starts from.
    fn start(
        &mut self,
        func: &mut Function,
        kind: &Reduction,
        array: ValueId,
        extents: &[ValueId],
        dtype: Dtype,
    ) -> Option<ValueId> {
        let (number, ty) = match kind.monoid {
            Monoid::Add if kind.starts_as_int => (Const::Int(0), Ty::Int(Interval::point(0))),
            Monoid::Add if !dtype.is_inexact() => (Const::Int(0), Ty::Np(dtype)),
            Monoid::Mul if !dtype.is_inexact() => (Const::Int(1), Ty::Np(dtype)),
            Monoid::Add => (Const::Float(0.0), Ty::Np(dtype)),
            Monoid::Mul => (Const::Float(1.0), Ty::Np(dtype)),
            Monoid::Or => (Const::Bool(false), Ty::Bool),
            Monoid::And => (Const::Bool(true), Ty::Bool),
            Monoid::Last => return None,
            Monoid::MinIf
            | Monoid::MaxIf
            | Monoid::MinIfLast
            | Monoid::MaxIfLast
            | Monoid::Minimum
            | Monoid::Maximum => {
                for extent in extents {
                    let one = Affine::constant(1);
                    self.require(func, one, affine_of(func, *extent))?;
                }
                if dtype.is_float() {
                    let maximum = matches!(kind.monoid, Monoid::MaxIf | Monoid::Maximum);
                    let infinity = if maximum { f64::NEG_INFINITY } else { f64::INFINITY };
                    (Const::Float(infinity), Ty::Np(dtype))
                } else {
                    let zero = int_const(func, self.block, 0, self.at);
                    let zeros = vec![zero; extents.len()];
                    return self.element(func, self.block, array, &zeros);
                }
            }
        };
        let of_constant = const_type(&number);
        let value = func.push_value(
            self.block,
            Kind::Const(number),
            vec![],
            vec![],
            of_constant.clone(),
            self.at,
        );
        if of_constant == ty {
            return Some(value);
        }
        Some(func.push_value(self.block, Kind::Convert, vec![value], vec![], ty, self.at))
    }

    /// `a @ b` of two vectors.
    fn dot(&mut self, func: &mut Function, a: ValueId, b: ValueId, dtype: Dtype) -> Option<ValueId> {
        if !dtype.is_float() {
            return None;
        }
        let (first, second) = (self.shape(func, a)?, self.shape(func, b)?);
        let ([first], [second]) = (&first[..], &second[..]) else {
            return None;
        };
        self.equal(func, *first, *second)?;
        self.products(func, self.block, (a, &[]), (b, &[]), *first, dtype)
    }

    /// The sum over `k` of `a[…, k] * b[k, …]`.
    pub(super) fn products(
        &mut self,
        func: &mut Function,
        into: BlockId,
        (a, before): (ValueId, &[ValueId]),
        (b, behind): (ValueId, &[ValueId]),
        extent: ValueId,
        dtype: Dtype,
    ) -> Option<ValueId> {
        let inner = func.add_block();
        let params = self.counters(func, inner, &[extent]);
        let mut left = before.to_vec();
        left.push(params[0]);
        let mut right = params.clone();
        right.extend(behind);
        let x = self.element(func, inner, a, &left)?;
        let y = self.element(func, inner, b, &right)?;
        let product = scalar(func, inner, F::Mul, &[x, y], Flavour::NpScalar, self.at);
        if *func.ty(product) != Ty::Np(dtype) {
            return None;
        }
        func.block_mut(inner).end = Term::Yield(vec![product]);
        let zero = func.push_value(into, Kind::Const(Const::Float(0.0)), vec![], vec![], Ty::Float, self.at);
        let zero = func.push_value(into, Kind::Convert, vec![zero], vec![], Ty::Np(dtype), self.at);
        let kind = Kind::Fold {
            monoid: Monoid::Add,
            masked: false,
            any_order: true,
        };
        Some(func.push_value(into, kind, vec![zero, extent], vec![inner], Ty::Np(dtype), self.at))
    }

    /// Whether nothing is done with a value but to store it into arrays.
    fn is_only_stored(&self, func: &Function, value: ValueId) -> bool {
        let stored = func.ops.iter().filter(|op| {
            matches!(op.kind, Kind::SetIndex(_))
                && op.args.last() == Some(&value)
                && matches!(func.ty(op.args[0]), Ty::Array { .. })
        });
        stored.count() == self.uses(func, value)
    }
}
