//! Calls that say where the result goes, where it is computed, and in which dtype.
//!
//! ```text
//! np.add(x, y, out=o)                 o[...] = x + y
//! np.divide(x, y, out=o, where=m)     o[m] = (x / y)[m]: what is not picked is not computed
//! np.add(x, y, dtype=np.float32)      x.astype(np.float32) + y.astype(np.float32)
//! np.sum(x, axis=0, out=o)            o[...] = np.sum(x, axis=0), of the same shape and dtype
//! ```
//!
//! Read this way where a function is compiled; a rewrite of the source leaves such calls alone.

use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::ValueId;
use numlift_ir::infer::call::extern_dtype;
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::loops::loop_dtype;
use numlift_ir::scalar::{F, Flavour, ScalarTy};
use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

use super::call::Args;
use super::reader::Reader;
use super::refusal::Read;
use super::subscript::Subscripts;

/// Functions and methods whose result goes to `out` if that has its shape and dtype.
const WITH_OUT: &[&str] = &[
    "sum", "prod", "min", "max", "amin", "amax", "mean", "var", "std", "any", "all", "cumsum", "cumprod", "argmin",
    "argmax", "clip", "matmul",
];

/// What a call of a ufunc is told.
#[derive(Default)]
struct Told {
    out: Option<ValueId>,
    mask: Option<ValueId>,
    dtype: Option<Dtype>,
}

impl Reader<'_> {
    /// A call that is told one of these; `None` where it is not, or not in a way that is understood.
    pub(super) fn told_call(&mut self, name: &str, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        let Some(name) = name.strip_prefix("numpy.").filter(|_| self.options.frames.is_some()) else {
            return Ok(None);
        };
        match F::from_numpy(name).filter(|f| f.info().is_ufunc) {
            Some(f) => self.told_ufunc(f, args, at),
            None if WITH_OUT.contains(&name) => self.told_function(None, name, args, at),
            None => Ok(None),
        }
    }

    /// The same for a method of an array.
    pub(super) fn told_method(
        &mut self,
        object: ValueId,
        name: &str,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let is_array = matches!(self.bound_ty(object), Ty::Array { .. });
        match self.options.frames.is_some() && is_array && WITH_OUT.contains(&name) {
            true => self.told_function(Some(object), name, args, at),
            false => Ok(None),
        }
    }

    fn told_ufunc(&mut self, f: F, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        let arity = f.arity();
        if args.positional.len() < arity || args.positional.len() > arity + 1 {
            return Ok(None);
        }
        let Some(told) = self.told(args, args.positional.get(arity).copied()) else {
            return Ok(None);
        };
        // Without an output NumPy warns of what it does not compute.
        if args.keywords.is_empty() && told.out.is_none() || told.mask.is_some() && told.out.is_none() {
            return Ok(None);
        }
        let mut inputs = args.positional[..arity].to_vec();
        if let Some(dtype) = told.dtype
            && !self.all_in(f, &mut inputs, dtype)
        {
            return Ok(None);
        }
        let value = self.flavoured(f, Flavour::Ufunc, &inputs, at)?;
        let Some(out) = told.out else { return Ok(Some(value)) };
        let from = match self.bound_ty(value) {
            Ty::Array { dtype, .. } | Ty::Np(dtype) => *dtype,
            _ => return Ok(None),
        };
        let rank = |value: ValueId, reader: &Self| reader.bound_ty(value).dims().len();
        let Ty::Array { dtype: to, .. } = *self.bound_ty(out) else {
            return Ok(None);
        };
        let fits = can_cast(from, to, Casting::SameKind) && rank(value, self) <= rank(out, self) && rank(out, self) > 0;
        if !fits {
            return Ok(None);
        }
        match told.mask {
            None => self.store_all(out, value, at)?,
            Some(mask) => {
                if rank(mask, self) != rank(out, self) || rank(value, self) != rank(out, self) {
                    return Ok(None);
                }
                let picked = self.b.value(Kind::Index(vec![Sub::At]), &[value, mask]);
                self.made_array(picked, at);
                let subs = Subscripts {
                    subs: vec![Sub::At],
                    operands: vec![mask],
                };
                self.store(out, &subs, picked, at)?;
            }
        }
        Ok(Some(out))
    }

    /// What the keywords of a ufunc say; `None` where something else is said.
    fn told(&self, args: &Args, out: Option<ValueId>) -> Option<Told> {
        let mut told = Told { out, ..Told::default() };
        for (name, value) in &args.keywords {
            let ty = self.bound_ty(*value);
            match (name.as_str(), ty) {
                ("out" | "dtype", Ty::None) => {}
                ("where", _) if self.b.func.as_const(*value) == Some(&Const::Bool(true)) => {}
                ("out", Ty::Array { .. }) if told.out.is_none() => told.out = Some(*value),
                ("where", Ty::Array { dtype: Dtype::Bool, .. }) => told.mask = Some(*value),
                ("dtype", Ty::Dtype(dtype)) => told.dtype = Some(*dtype),
                ("dtype", Ty::Extern(name)) => told.dtype = Some(extern_dtype(name)?),
                _ => return None,
            }
        }
        let is_array = |value: ValueId| matches!(self.bound_ty(value), Ty::Array { .. });
        told.out.is_none_or(is_array).then_some(told)
    }

    /// Makes operands those of the loop of a dtype; `false` where there is none.
    fn all_in(&mut self, f: F, inputs: &mut [ValueId], dtype: Dtype) -> bool {
        let mut scalars = Vec::new();
        for input in inputs.iter() {
            let from = match self.bound_ty(*input) {
                Ty::Array { dtype, .. } | Ty::Np(dtype) => *dtype,
                _ => return false,
            };
            if !can_cast(from, dtype, Casting::SameKind) || from.is_complex() && !dtype.is_complex() {
                return false;
            }
            scalars.push(ScalarTy::Np(dtype));
        }
        if loop_dtype(f, &scalars) != Some(dtype) {
            return false;
        }
        for input in inputs {
            *input = match self.bound_ty(*input).clone() {
                Ty::Array { dtype: from, .. } if from != dtype => {
                    let name = format!("numpy.{}", dtype.attribute());
                    let named = self.b.value(Kind::Extern(name), &[]);
                    let kind = Kind::Method {
                        name: "astype".to_owned(),
                        keywords: Vec::new(),
                    };
                    self.b.value(kind, &[*input, named])
                }
                Ty::Np(from) if from != dtype => {
                    let op = self.b.typed_op(Kind::Convert, &[*input], &[Ty::Np(dtype)]);
                    self.b.func.result(op)
                }
                _ => *input,
            };
        }
        true
    }

    fn store_all(&mut self, out: ValueId, value: ValueId, at: TextRange) -> Read<()> {
        let rank = self.bound_ty(out).dims().len();
        let full = Subscripts {
            subs: vec![Sub::FULL; rank],
            operands: Vec::new(),
        };
        self.store(out, &full, value, at)
    }

    /// A function or method with `out=`, which has to have the result's shape and dtype.
    fn told_function(
        &mut self,
        object: Option<ValueId>,
        name: &str,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let Some(found) = args.keywords.iter().position(|(name, _)| name == "out") else {
            return Ok(None);
        };
        let mut args = args.clone();
        let (_, out) = args.keywords.remove(found);
        let Ty::Array { dtype: to, shape, .. } = self.bound_ty(out).clone() else {
            return Ok(None);
        };
        let value = match object {
            Some(object) => self.known_method(object, name, &args, at)?,
            None => self.named_call(&format!("numpy.{name}"), args, at)?,
        };
        let alike = match self.bound_ty(value) {
            Ty::Array { dtype, shape: own, .. } => *dtype == to && own.len() == shape.len(),
            _ => false,
        };
        if !alike || shape.is_empty() {
            return Ok(None);
        }
        for axis in 0..shape.len() {
            let (own, full) = (self.b.len(value, axis), self.b.len(out, axis));
            let same = self.b.operator(F::Eq, &[own, full]);
            self.b
                .effect(Kind::Require("an output of that shape".to_owned()), &[same]);
        }
        self.store_all(out, value, at)?;
        Ok(Some(out))
    }
}
