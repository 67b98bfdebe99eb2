//! The extents of what calls return, where the arguments give them.
//!
//! ```text
//! np.zeros((n, 3))        [n, 3]         where n is constant or an extent itself
//! np.empty_like(a)        those of a
//! a.sum(axis=1)           [s0]           of [s0, s1]
//! a @ b                   [s0, s2]       of [s0, s1] and [s1, s2]
//! ```

use crate::affine::affine_of;
use crate::function::{Function, ValueId};
use crate::infer::dim_of;
use crate::infer::scalar::broadcast;
use crate::op::Kind;
use crate::table::{Bound, FunctionInfo, FunctionKind, Memory};
use crate::ty::{Dim, Ty};

/// The type with the extents that are known, and whether it is C-contiguous.
pub(super) fn refine(func: &Function, info: &FunctionInfo, bound: &Bound, args: &[ValueId], ty: Ty) -> Ty {
    let call = Call {
        func,
        info,
        bound,
        args,
    };
    match ty {
        Ty::Array { dtype, shape, .. } => {
            let dims = call.dims(shape.len()).filter(|dims| dims.len() == shape.len());
            let contiguous = call.is_contiguous(shape.len());
            Ty::Array {
                dtype,
                shape: dims.unwrap_or(shape),
                contiguous,
            }
        }
        Ty::List(..) => match call.base_name() {
            "tolist" | "list" | "sorted" | "copy" => with_dims(ty, &call.arg_dims(&["self", "a", "iterable"])),
            _ => ty,
        },
        other => other,
    }
}

/// A nested list with these extents.
fn with_dims(ty: Ty, dims: &[Dim]) -> Ty {
    match (ty, dims) {
        (Ty::List(elem, _), [dim, inner @ ..]) => Ty::List(Box::new(with_dims(*elem, inner)), *dim),
        (ty, _) => ty,
    }
}

struct Call<'a> {
    func: &'a Function,
    info: &'a FunctionInfo,
    bound: &'a Bound,
    args: &'a [ValueId],
}

impl Call<'_> {
    /// `zeros` of `numpy.zeros`, `sum` of `ndarray.sum`.
    fn base_name(&self) -> &str {
        self.info.name.rsplit('.').next().unwrap_or(self.info.name)
    }

    fn arg(&self, name: &str) -> Option<ValueId> {
        self.bound.get(name).map(|index| self.args[index])
    }

    fn first(&self, names: &[&str]) -> Option<ValueId> {
        names.iter().find_map(|name| self.arg(name))
    }

    fn arg_dims(&self, names: &[&str]) -> Vec<Dim> {
        self.first(names)
            .map(|value| self.func.ty(value).bound().dims())
            .unwrap_or_default()
    }

    fn is_given(&self, name: &str) -> bool {
        self.arg(name)
            .is_some_and(|value| *self.func.ty(value).bound() != Ty::None)
    }

    fn dims(&self, rank: usize) -> Option<Vec<Dim>> {
        let operand = || self.arg_dims(&["self", "a", "object", "prototype", "x", "arr", "m"]);
        match (self.info.kind, self.base_name()) {
            (FunctionKind::Random, "rand" | "randn") => {
                Some(self.args.iter().map(|arg| dim_of(self.func, *arg)).collect())
            }
            (FunctionKind::Random, _) => shape_dims(self.func, self.arg("size")?),
            (_, "zeros" | "ones" | "empty" | "full") => shape_dims(self.func, self.arg("shape")?),
            (_, "zeros_like" | "ones_like" | "empty_like" | "full_like") if !self.is_given("shape") => Some(operand()),
            (_, "array" | "asarray" | "asanyarray" | "ascontiguousarray" | "copy" | "astype" | "round" | "sort") => {
                Some(operand())
            }
            (_, "clip" | "flip" | "flipud" | "fliplr" | "roll" | "conj" | "conjugate" | "nan_to_num") => {
                Some(operand())
            }
            (FunctionKind::Scan, "accumulate") => Some(self.arg_dims(&["array"])),
            (FunctionKind::Scan, _) if rank == operand().len() => Some(operand()),
            (FunctionKind::Reduction, _) => self.reduced(&operand()),
            (_, "argmin" | "argmax") => self.reduced(&operand()),
            (_, "arange") => Some(vec![self.arange_dim()]),
            (_, "linspace") if rank == 1 => Some(vec![
                self.arg("num").map_or(Dim::Const(50), |num| dim_of(self.func, num)),
            ]),
            (_, "eye" | "identity") => {
                let n = dim_of(self.func, self.first(&["N", "n"])?);
                Some(vec![
                    n,
                    if self.is_given("M") {
                        dim_of(self.func, self.arg("M")?)
                    } else {
                        n
                    },
                ])
            }
            // The axes of the method are as many arguments as there are.
            (_, "transpose") if self.args.len() == 1 => Some(operand().into_iter().rev().collect()),
            (_, "ravel" | "flatten") => Some(vec![product(&operand())]),
            (_, "reshape") => shape_dims(self.func, self.first(&["shape", "newshape"])?),
            // The `outer` of a ufunc.
            (_, "outer") if self.is_given("A") => Some([self.arg_dims(&["A"]), self.arg_dims(&["B"])].concat()),
            (_, "outer") => Some(vec![product(&self.arg_dims(&["a"])), product(&self.arg_dims(&["b"]))]),
            (_, "dot" | "matmul") => self.product_dims(),
            (_, "where") => {
                let dims = [&["condition"], &["x"], &["y"]].map(|name| self.arg_dims(name));
                broadcast(&dims)
            }
            (FunctionKind::Elementwise(_), _) => {
                let operands: Vec<Vec<Dim>> = self.args.iter().map(|arg| self.func.ty(*arg).bound().dims()).collect();
                broadcast(&operands)
            }
            _ => None,
        }
    }

    /// An axis taken away.
    fn reduced(&self, dims: &[Dim]) -> Option<Vec<Dim>> {
        let axis = affine_of(self.func, self.arg("axis")?).as_constant()?;
        let axis = usize::try_from(if axis < 0 { axis + dims.len() as i128 } else { axis }).ok()?;
        if axis >= dims.len() {
            return None;
        }
        let mut dims = dims.to_vec();
        match self
            .arg("keepdims")
            .map(|keep| self.func.as_const(keep) == Some(&crate::op::Const::Bool(true)))
        {
            Some(true) => dims[axis] = Dim::Const(1),
            Some(false) | None => {
                dims.remove(axis);
            }
        }
        Some(dims)
    }

    /// `np.arange(n)`
    fn arange_dim(&self) -> Dim {
        match (self.arg("start"), self.is_given("stop"), self.is_given("step")) {
            (Some(stop), false, false) => match self.func.as_const(stop) {
                // `np.arange(5.0)`
                Some(crate::op::Const::Float(float)) if (0.0..1e9).contains(float) => Dim::Const(float.ceil() as u64),
                _ => dim_of(self.func, stop),
            },
            (Some(start), true, false) if affine_of(self.func, start).as_constant() == Some(0) => {
                self.arg("stop").map_or(Dim::Unknown, |stop| dim_of(self.func, stop))
            }
            _ => Dim::Unknown,
        }
    }

    fn product_dims(&self) -> Option<Vec<Dim>> {
        let a = self.arg_dims(&["self", "a", "x1"]);
        let b = self.arg_dims(&["b", "x2"]);
        match (&a[..], &b[..]) {
            ([n, _], [_, m]) => Some(vec![*n, *m]),
            ([n, _], [_]) => Some(vec![*n]),
            ([_], [_, m]) => Some(vec![*m]),
            _ => None,
        }
    }

    /// Whether the result is C-contiguous for certain.
    fn is_contiguous(&self, rank: usize) -> bool {
        let asks = self.is_given("order");
        let fresh = self.info.memory == Memory::Fresh;
        let made = matches!(
            self.base_name(),
            "zeros" | "ones" | "empty" | "full" | "arange" | "linspace" | "eye" | "identity"
        ) || self.info.name == "numpy.outer";
        let from_list = matches!(self.base_name(), "array" | "asarray")
            && self
                .args
                .first()
                .is_some_and(|arg| matches!(self.func.ty(*arg).bound(), Ty::List(..) | Ty::Tuple(_)));
        let random = self.info.kind == FunctionKind::Random;
        // What NumPy's linear algebra makes of matrices, however these lie.
        let solved = matches!(
            self.info.name,
            "numpy.linalg.inv" | "numpy.linalg.solve" | "numpy.linalg.cholesky" | "numpy.linalg.pinv"
        );
        !asks
            && (made || solved || from_list || random || fresh && rank == 1 || self.base_name() == "ascontiguousarray")
    }
}

/// The extents that a shape argument asks for.
pub fn shape_dims(func: &Function, shape: ValueId) -> Option<Vec<Dim>> {
    let count = match func.ty(shape).bound() {
        Ty::Int(_) | Ty::Bool | Ty::Np(_) => return Some(vec![dim_of(func, shape)]),
        Ty::Tuple(items) => items.len(),
        Ty::List(_, Dim::Const(n)) => *n as usize,
        _ => return None,
    };
    let made = func.defining(shape).filter(|op| match op.kind {
        Kind::MakeTuple => true,
        // A list that has just been made: another one may have changed since.
        Kind::MakeList => func.def_op(shape).is_some_and(|list| {
            let since = &func.ops[list.index() + 1..];
            let is_still = |kind: &Kind| matches!(kind, Kind::Const(_) | Kind::Extern(_) | Kind::MakeTuple);
            since.iter().all(|op| is_still(&op.kind))
        }),
        _ => false,
    });
    Some(
        (0..count)
            .map(|n| made.map_or(Dim::Unknown, |op| dim_of(func, op.args[n])))
            .collect(),
    )
}

fn product(dims: &[Dim]) -> Dim {
    match dims {
        [dim] => *dim,
        dims => dims
            .iter()
            .map(|dim| match dim {
                Dim::Const(n) => Some(*n),
                Dim::Sym(_) | Dim::Unknown => None,
            })
            .try_fold(1u64, |product, dim| product.checked_mul(dim?))
            .map_or(Dim::Unknown, Dim::Const),
    }
}
