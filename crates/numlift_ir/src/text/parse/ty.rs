//! A type.

use std::collections::BTreeMap;

use super::cursor::Cursor;
use super::{DEEPEST, Parsed};
use crate::dtype::{ALL, Dtype};
use crate::scalar::ScalarTy;
use crate::ty::{Dim, Interval, Ty};

impl Cursor<'_> {
    pub(super) fn ty(&mut self, depth: usize) -> Parsed<Ty> {
        if depth > DEEPEST {
            return Err(self.error("types are nested too deeply"));
        }
        let at = self.place();
        let ty = match self.word() {
            "any" => Ty::Unknown,
            "never" => Ty::Never,
            "unbound" => Ty::Unbound,
            "none" => Ty::None,
            "bool" => Ty::Bool,
            "int" => Ty::Int(self.interval()?),
            "float" => Ty::Float,
            "complex" => Ty::Complex,
            "str" => Ty::Str,
            "dict" => Ty::Dict,
            "set" => Ty::Set,
            "range" => Ty::Range,
            "generator" => Ty::Generator { legacy: false },
            "randomstate" => Ty::Generator { legacy: true },
            "oneof" => Ty::OneOf(self.items("<", ">", Self::scalar)?),
            "tuple" => Ty::Tuple(self.items("<", ">", |cursor| cursor.ty(depth + 1))?),
            "optional" => Ty::Optional(Box::new(self.inner(|cursor| cursor.ty(depth + 1))?)),
            "maybe" => Ty::Maybe(Box::new(self.inner(|cursor| cursor.ty(depth + 1))?)),
            "buffer" => Ty::Buffer(Box::new(self.inner(|cursor| cursor.ty(depth + 1))?)),
            "module" => Ty::Module(self.inner(Self::name)?),
            "extern" => Ty::Extern(self.inner(Self::name)?),
            "author" => Ty::Author(self.inner(Self::number)?),
            "dtype" => Ty::Dtype(self.inner(Self::dtype)?),
            "list" => {
                let elem = self.inner(|cursor| cursor.ty(depth + 1))?;
                self.expect("[")?;
                let len = self.dim()?;
                self.expect("]")?;
                Ty::List(Box::new(elem), len)
            }
            order @ ("array" | "arrayc") => Ty::Array {
                dtype: self.inner(Self::dtype)?,
                shape: self.items("[", "]", Self::dim)?,
                contiguous: order == "arrayc",
            },
            "tensor" => Ty::Tensor {
                elem: self.inner(Self::scalar)?,
                shape: self.items("[", "]", Self::dim)?,
            },
            "object" => Ty::Object {
                class: self.inner(Self::name)?,
                attrs: self.attrs(depth)?,
            },
            "" => return Err(self.error("expected a type")),
            word => {
                let dtype = word.strip_prefix("np.").and_then(dtype_of);
                Ty::Np(dtype.ok_or_else(|| self.error_at(at, format!("`{word}` is no type")))?)
            }
        };
        Ok(ty)
    }

    /// `<item>`
    fn inner<T>(&mut self, item: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.expect("<")?;
        let found = item(self)?;
        self.expect(">")?;
        Ok(found)
    }

    /// Items between an opening and a closing sign.
    fn items<T>(&mut self, open: &str, close: &str, mut item: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut items = Vec::new();
        self.expect(open)?;
        while !self.take(close) {
            items.push(item(self)?);
            if !self.take(",") {
                self.expect(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn attrs(&mut self, depth: usize) -> Parsed<BTreeMap<String, Ty>> {
        let attrs = self.items("{", "}", |cursor| {
            let name = cursor.name()?;
            cursor.expect(":")?;
            Ok((name, cursor.ty(depth + 1)?))
        })?;
        Ok(attrs.into_iter().collect())
    }

    /// `[0..9]`, `[0..]`, or nothing.
    fn interval(&mut self) -> Parsed<Interval> {
        if !self.take("[") {
            return Ok(Interval::ALL);
        }
        let at = self.place();
        let end = |text: &str| match text {
            "" => Ok(None),
            text => text.parse().map(Some),
        };
        let ends = self.literal().split_once("..");
        let interval = ends.and_then(|(lo, hi)| {
            let (lo, hi) = (end(lo).ok()?, end(hi).ok()?);
            Some(Interval { lo, hi })
        });
        self.expect("]")?;
        interval.ok_or_else(|| self.error_at(at, "expected `lo..hi`"))
    }

    /// `3`, `s0`, `?`
    fn dim(&mut self) -> Parsed<Dim> {
        if self.take("?") {
            return Ok(Dim::Unknown);
        }
        let at = self.place();
        let word = self.word();
        let dim = match word.strip_prefix('s') {
            Some(number) => number.parse().ok().map(Dim::Sym),
            None => word.parse().ok().map(Dim::Const),
        };
        dim.ok_or_else(|| self.error_at(at, format!("`{word}` is no extent")))
    }

    fn dtype(&mut self) -> Parsed<Dtype> {
        let at = self.place();
        let word = self.word();
        dtype_of(word).ok_or_else(|| self.error_at(at, format!("`{word}` is no dtype")))
    }

    fn scalar(&mut self) -> Parsed<ScalarTy> {
        let at = self.place();
        let word = self.word();
        let scalar = match word {
            "bool" => Some(ScalarTy::PyBool),
            "int" => Some(ScalarTy::PyInt),
            "float" => Some(ScalarTy::PyFloat),
            "complex" => Some(ScalarTy::PyComplex),
            word => word.strip_prefix("np.").and_then(dtype_of).map(ScalarTy::Np),
        };
        scalar.ok_or_else(|| self.error_at(at, format!("`{word}` is no scalar type")))
    }
}

fn dtype_of(name: &str) -> Option<Dtype> {
    ALL.into_iter().chain([Dtype::Other]).find(|dtype| dtype.name() == name)
}
