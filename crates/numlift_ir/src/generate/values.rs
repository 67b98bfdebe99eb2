//! Names, types, constants, and the ops that take them.

use super::Generator;
use crate::dtype::{ALL, Dtype};
use crate::function::ValueId;
use crate::op::{Const, Effect, Kind, Look, Sub, Touches};
use crate::scalar::ScalarTy;
use crate::ty::{Dim, Interval, Ty};

impl Generator<'_> {
    /// Words, and what is none.
    pub(super) fn text(&mut self) -> String {
        const TEXTS: [&str; 14] = [
            "x",
            "numpy.sqrt",
            "out",
            "naïve",
            "a b",
            "",
            "\"quoted\" \\",
            "two\nlines",
            "%7",
            "x: int",
            "else",
            "}",
            "\u{301}\u{7f}\u{0}\r\t'",
            "return",
        ];
        TEXTS[self.below(TEXTS.len())].to_owned()
    }

    pub(super) fn name(&mut self) -> Option<String> {
        self.flip().then(|| self.text())
    }

    fn names(&mut self, most: usize) -> Vec<String> {
        (0..self.below(most + 1)).map(|_| self.text()).collect()
    }

    fn bits(&mut self) -> u64 {
        (0..8).fold(0, |bits, _| bits << 8 | u64::from(self.byte()))
    }

    fn float(&mut self) -> f64 {
        const FLOATS: [f64; 8] = [0.0, -0.0, 1.0, 1e16, 5e-324, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
        match self.below(10) {
            choice @ 0..=7 => FLOATS[choice],
            8 => f64::from_bits(self.bits()),
            _ => f64::from_bits(0xfff8_0000_0000_0000 | self.bits() >> 13),
        }
    }

    fn wide(&mut self) -> i128 {
        match self.below(4) {
            0 => i128::from(self.byte()),
            1 => -i128::from(self.byte()),
            2 => i128::MIN,
            _ => i128::from(self.bits()) << self.below(64),
        }
    }

    pub(super) fn constant(&mut self) -> Const {
        match self.below(7) {
            0 => Const::None,
            1 => Const::Bool(self.flip()),
            2 => Const::Int(self.wide()),
            3 => Const::Float(self.float()),
            4 => Const::Complex(self.float(), self.float()),
            5 => Const::Str(self.text()),
            _ => Const::Ellipsis,
        }
    }

    fn dtype(&mut self) -> Dtype {
        *ALL.get(self.below(ALL.len() + 1)).unwrap_or(&Dtype::Other)
    }

    fn scalar(&mut self) -> ScalarTy {
        match self.below(5) {
            0 => ScalarTy::PyBool,
            1 => ScalarTy::PyInt,
            2 => ScalarTy::PyFloat,
            3 => ScalarTy::PyComplex,
            _ => ScalarTy::Np(self.dtype()),
        }
    }

    fn dim(&mut self) -> Dim {
        match self.below(3) {
            0 => Dim::Unknown,
            1 => Dim::Sym(self.below(4) as u32),
            _ => Dim::Const(self.bits()),
        }
    }

    fn dims(&mut self) -> Vec<Dim> {
        (0..self.below(4)).map(|_| self.dim()).collect()
    }

    fn end(&mut self) -> Option<i128> {
        self.flip().then(|| self.wide())
    }

    /// Any type.
    pub(super) fn ty(&mut self, depth: usize) -> Ty {
        match self.below(if depth == 0 { 19 } else { 25 }) {
            0 => Ty::Unknown,
            1 => Ty::Never,
            2 => Ty::Unbound,
            3 => Ty::None,
            4 => Ty::Bool,
            5 => Ty::Int(Interval {
                lo: self.end(),
                hi: self.end(),
            }),
            6 => Ty::Float,
            7 => Ty::Complex,
            8 => Ty::Str,
            9 => Ty::Np(self.dtype()),
            10 => Ty::OneOf((0..self.below(4)).map(|_| self.scalar()).collect()),
            11 => [Ty::Dict, Ty::Set, Ty::Range][self.below(3)].clone(),
            12 => Ty::Array {
                dtype: self.dtype(),
                shape: self.dims(),
                contiguous: self.flip(),
            },
            13 => Ty::Tensor {
                elem: self.scalar(),
                shape: self.dims(),
            },
            14 => Ty::Module(self.text()),
            15 => Ty::Extern(self.text()),
            16 => Ty::Author(self.below(256) as u32),
            17 => Ty::Dtype(self.dtype()),
            18 => Ty::Generator { legacy: self.flip() },
            19 => Ty::Tuple((0..self.below(3)).map(|_| self.ty(depth - 1)).collect()),
            20 | 21 => Ty::List(Box::new(self.ty(depth - 1)), self.dim()),
            22 => Ty::Object {
                class: self.text(),
                attrs: (0..self.below(3)).map(|_| (self.text(), self.ty(depth - 1))).collect(),
            },
            23 => Ty::Optional(Box::new(self.ty(depth - 1))),
            _ => Ty::Maybe(Box::new(self.ty(depth - 1))),
        }
    }

    fn subs(&mut self) -> (Vec<Sub>, Vec<ValueId>) {
        let mut subs = Vec::new();
        let mut args = Vec::new();
        for _ in 0..self.below(4) {
            let sub = match self.below(6) {
                0..=2 => Sub::At,
                3 => Sub::Slice {
                    lo: self.flip(),
                    hi: self.flip(),
                    step: self.flip(),
                },
                4 => Sub::NewAxis,
                _ => Sub::Ellipsis,
            };
            args.extend((0..sub.arity()).map(|_| self.int()));
            subs.push(sub);
        }
        (subs, args)
    }

    pub(super) fn load(&mut self) {
        let base = self.find(|ty| ty.elements().is_some());
        let base = base.unwrap_or_else(|| self.list());
        let (subs, args) = self.subs();
        let args: Vec<ValueId> = std::iter::once(base).chain(args).collect();
        self.push(Kind::Index(subs), &args);
    }

    /// Something of an object, a list or an array.
    pub(super) fn object(&mut self) {
        match self.below(4) {
            0 => {
                let items: Vec<ValueId> = (0..self.below(3)).map(|_| self.scalar_value()).collect();
                self.push(Kind::MakeList, &items);
            }
            1 => {
                let args = [self.list(), self.int()];
                self.push(Kind::Repeat, &args);
            }
            2 => {
                let base = self.list();
                let axis = self.below(3);
                self.push(Kind::Len { axis }, &[base]);
            }
            _ => {
                let base = self.list();
                let name = self.text();
                self.push(Kind::Attr(name), &[base]);
            }
        }
    }

    /// A call; one that has no effect where none may be.
    pub(super) fn call(&mut self) {
        const CALLEES: [&str; 6] = [
            "numpy.sum",
            "numpy.zeros",
            "numpy.where",
            "numpy.add.reduce",
            "len",
            "numpy.dot",
        ];
        const METHODS: [&str; 4] = ["sum", "copy", "astype", "mean"];
        let mut args = vec![self.scalar_value()];
        args.extend(self.some_values(3));
        let mut keywords = Vec::new();
        for _ in 1..args.len() {
            if self.flip() {
                keywords.push(self.text());
            }
        }
        let kind = if self.flip() {
            let callee = CALLEES[self.below(CALLEES.len())].to_owned();
            Kind::Call { callee, keywords }
        } else {
            let name = METHODS[self.below(METHODS.len())].to_owned();
            Kind::Method { name, keywords }
        };
        if !self.pure || matches!(kind.effect(), Effect::Pure | Effect::Reads) {
            self.push(kind, &args);
        }
    }

    /// Something that changes memory or the world.
    pub(super) fn effect(&mut self) {
        match self.below(5) {
            0 => {
                let args = [self.list(), self.scalar_value()];
                self.push(Kind::Append, &args);
            }
            1 => {
                let (subs, args) = self.subs();
                let mut all = vec![self.list()];
                all.extend(args);
                all.push(self.scalar_value());
                self.push(Kind::SetIndex(subs), &all);
            }
            2 => {
                let name = self.text();
                let args = [self.scalar_value(), self.scalar_value()];
                self.push(Kind::SetAttr(name), &args);
            }
            3 => {
                let args: Vec<ValueId> = vec![self.scalar_value()];
                let callee = "author.function".to_owned();
                let keywords = Vec::new();
                self.push(Kind::Call { callee, keywords }, &args);
            }
            _ => {
                let mut args = self.some_values(2);
                let reads: Vec<String> = args.iter().map(|_| self.text()).collect();
                let mut looks = Vec::new();
                if !reads.is_empty() && self.flip() {
                    looks.push(Look {
                        operand: self.below(reads.len()),
                        subscripts: self.below(3),
                    });
                    args.extend((0..looks[0].subscripts).map(|_| self.int()));
                }
                let touches = [Touches::Nothing, Touches::Anything, Touches::Time][self.below(3)];
                let (text, reason) = (self.text(), self.text());
                let mut binds = self.names(2);
                binds.push("bound".to_owned());
                let kind = Kind::Opaque {
                    text,
                    reads,
                    binds,
                    reason,
                    touches,
                    looks,
                };
                self.push(kind, &args);
            }
        }
    }
}
