//! Random functions that are valid and well typed, for tests of what holds for every function.
//!
//! Made from bytes, so that a failing case shrinks to a small function: no bytes, no ops. Types are inferred as the
//! ops are made. Every kind of op, every scalar function, type, constant and sort of name comes up.

mod values;

use crate::build::Builder;
use crate::function::{BlockId, Function, ValueId};
use crate::op::{Kind, Monoid, Term};
use crate::scalar::{F, Flavour};
use crate::ty::{Dim, Interval, Ty};

/// Deepest nesting of blocks.
const DEEPEST: usize = 4;

/// A function from bytes.
pub(crate) fn function(bytes: &[u8]) -> Function {
    let mut generator = Generator {
        b: Builder::new("f"),
        bytes: bytes.iter().copied(),
        visible: Vec::new(),
        pure: false,
    };
    generator.body();
    generator.b.func
}

struct Generator<'a> {
    b: Builder,
    bytes: std::iter::Copied<std::slice::Iter<'a, u8>>,
    /// What may be used here.
    visible: Vec<ValueId>,
    /// In the block of an index-space op.
    pure: bool,
}

impl Generator<'_> {
    fn is_done(&self) -> bool {
        self.bytes.len() == 0
    }

    fn byte(&mut self) -> u8 {
        self.bytes.next().unwrap_or(0)
    }

    /// A number below `n`; 0 when the bytes are used up.
    fn below(&mut self, n: usize) -> usize {
        usize::from(self.byte()) % n.max(1)
    }

    fn flip(&mut self) -> bool {
        self.byte() % 2 == 1
    }

    fn body(&mut self) {
        self.b.func.name = ["f", "<module>", "Heat.step", "odd name", ""][self.below(5)].to_owned();
        for number in 0..self.below(8) {
            let ty = self.param_type(number);
            let name = self.name();
            let body = self.b.func.body;
            let param = self.b.func.add_param(body, ty, name.as_deref());
            self.visible.push(param);
        }
        while !self.is_done() {
            self.statement(0);
        }
        let returned = self.some_values(3);
        self.b.func.outputs = returned.iter().map(|_| self.name().unwrap_or_default()).collect();
        self.b.end(self.b.func.body, Term::Return(returned));
    }

    /// The types that loops work on, and any type at all.
    fn param_type(&mut self, number: usize) -> Ty {
        match number {
            0 => Ty::array(crate::dtype::Dtype::F64, vec![Dim::Sym(0)]),
            1 => Ty::array(crate::dtype::Dtype::I32, vec![Dim::Sym(0), Dim::Const(3)]),
            2 => Ty::Int(Interval::at_least(0)),
            3 => Ty::List(Box::new(Ty::Float), Dim::Unknown),
            _ => self.ty(3),
        }
    }

    fn push(&mut self, kind: Kind, args: &[ValueId]) {
        let op = self.b.op(kind, args);
        for result in self.b.func.op(op).results.clone() {
            self.b.func.values[result.index()].name = self.name();
            self.visible.push(result);
        }
    }

    fn some_values(&mut self, most: usize) -> Vec<ValueId> {
        if self.visible.is_empty() {
            return Vec::new();
        }
        (0..self.below(most + 1))
            .map(|_| {
                let place = self.below(self.visible.len());
                self.visible[place]
            })
            .collect()
    }

    /// A visible value whose type is as it is asked for.
    fn find(&mut self, is_wanted: impl Fn(&Ty) -> bool) -> Option<ValueId> {
        let found: Vec<ValueId> = (self.visible.iter().copied())
            .filter(|value| is_wanted(self.b.func.ty(*value)))
            .collect();
        (!found.is_empty()).then(|| found[self.below(found.len())])
    }

    fn int(&mut self) -> ValueId {
        match self.find(|ty| matches!(ty, Ty::Int(_))) {
            Some(int) if self.flip() => int,
            _ => {
                let int = i128::from(self.byte());
                self.b.int(int)
            }
        }
    }

    fn truth(&mut self) -> ValueId {
        match self.find(|ty| *ty == Ty::Bool) {
            Some(bool) => bool,
            None => {
                let bool = self.flip();
                self.b.constant(crate::op::Const::Bool(bool))
            }
        }
    }

    fn scalar_value(&mut self) -> ValueId {
        match self.find(|ty| ty.as_scalar().is_some()) {
            Some(scalar) => scalar,
            None => self.int(),
        }
    }

    fn list(&mut self) -> ValueId {
        match self.find(|ty| matches!(ty, Ty::List(..))) {
            Some(list) => list,
            None => self.b.value(Kind::MakeList, &[]),
        }
    }

    /// A block with its parameters; `fill` gives its end.
    fn block(&mut self, params: &[Ty], fill: impl FnOnce(&mut Self, &[ValueId]) -> Term) -> BlockId {
        let block = self.b.func.add_block();
        let around = std::mem::replace(&mut self.b.block, block);
        let before = self.visible.len();
        let mut values = Vec::new();
        for ty in params {
            let name = self.name();
            values.push(self.b.func.add_param(block, ty.clone(), name.as_deref()));
        }
        self.visible.extend(&values);
        let end = fill(self, &values);
        self.visible.truncate(before);
        self.b.end(block, end);
        self.b.block = around;
        block
    }

    fn statements(&mut self, depth: usize) {
        for _ in 0..self.below(4) {
            self.statement(depth);
        }
    }

    fn statement(&mut self, depth: usize) {
        let choice = self.below(16);
        match choice {
            0..=7 => self.plain(),
            _ if depth >= DEEPEST => self.plain(),
            8 => self.branch(depth),
            9 if !self.pure => self.counted(depth),
            10 if !self.pure => self.while_loop(depth),
            11 if !self.pure => self.effect(),
            12 if !self.pure => self.raising(depth),
            _ => self.index_space(depth),
        }
    }

    /// Two blocks that yield values of one type each.
    fn branch(&mut self, depth: usize) {
        let condition = self.truth();
        let yielded = self.some_values(2);
        let types: Vec<Ty> = yielded.iter().map(|value| self.b.func.ty(*value).clone()).collect();
        let blocks = [(); 2].map(|()| {
            self.block(&[], |inner, _| {
                inner.statements(depth + 1);
                Term::Yield(yielded.clone())
            })
        });
        let results = self.b.if_op(condition, blocks[0], blocks[1], &types);
        self.visible.extend(results);
    }

    /// What a loop carries: types that hold in every iteration.
    fn carried(&mut self) -> (Vec<ValueId>, Vec<Ty>) {
        let inits = self.some_values(3);
        let types = inits.iter().map(|init| match self.b.func.ty(*init) {
            Ty::Int(_) => Ty::INT,
            ty => ty.clone(),
        });
        let types = types.collect();
        (inits, types)
    }

    /// The next values of what is carried.
    fn next(&mut self, carried: &[ValueId]) -> Vec<ValueId> {
        carried
            .iter()
            .map(|value| {
                let ty = self.b.func.ty(*value).clone();
                let found = self.find(|other| *other == ty || matches!((other, &ty), (Ty::Int(_), Ty::Int(_))));
                found.unwrap_or(*value)
            })
            .collect()
    }

    fn counted(&mut self, depth: usize) {
        let bounds = [self.int(), self.int(), self.int()];
        let (inits, types) = self.carried();
        let mut params = vec![Ty::INT];
        params.extend(types.clone());
        let body = self.block(&params, |inner, values| {
            inner.statements(depth + 1);
            if inner.flip() {
                inner.leave(&values[1..]);
            }
            Term::Yield(inner.next(&values[1..]))
        });
        let results = self.b.for_op(bounds, &inits, body, &types);
        self.visible.extend(results);
    }

    /// `if c: break`
    fn leave(&mut self, carried: &[ValueId]) {
        let condition = self.truth();
        let given = self.next(carried);
        let then = self.block(&[], |_, _| Term::Break(0, given));
        let other = self.block(&[], |_, _| Term::Yield(Vec::new()));
        self.b.if_op(condition, then, other, &[]);
    }

    fn while_loop(&mut self, depth: usize) {
        let (inits, types) = self.carried();
        let test = self.block(&types, |inner, _| Term::Yield(vec![inner.truth()]));
        let body = self.block(&types, |inner, values| {
            inner.statements(depth + 1);
            Term::Yield(inner.next(values))
        });
        let results = self.b.while_op(&inits, test, body, &types);
        self.visible.extend(results);
    }

    /// `if c: raise`
    fn raising(&mut self, depth: usize) {
        let condition = self.truth();
        let text = self.text();
        let then = self.block(&[], |inner, _| {
            inner.statements(depth + 1);
            inner.b.effect(Kind::Raise(text), &[]);
            Term::Unreachable
        });
        let other = self.block(&[], |_, _| Term::Yield(Vec::new()));
        self.b.if_op(condition, then, other, &[]);
    }

    fn index_space(&mut self, depth: usize) {
        let extents: Vec<ValueId> = (0..1 + self.below(2)).map(|_| self.int()).collect();
        let masked = self.flip();
        let monoid = Monoid::ALL[self.below(Monoid::ALL.len())];
        let choice = self.below(if self.pure { 5 } else { 8 });
        let init = self.scalar_value();
        let (kind, leading, extents, yields) = match choice {
            0 => (Kind::Comp, vec![], extents, 1),
            1 => {
                let any_order = self.flip();
                let kind = Kind::Fold {
                    monoid,
                    masked,
                    any_order,
                };
                (kind, vec![init], extents, 1)
            }
            2 => {
                let payloads = self.below(3);
                let mut leading = vec![init];
                leading.extend((0..payloads).map(|_| self.int()));
                let kind = Kind::ArgFold {
                    monoid,
                    payloads,
                    masked,
                };
                (kind, leading, extents, 1 + payloads)
            }
            3 => (Kind::First, vec![], extents[..1].to_vec(), 1),
            4 => {
                let kind = Kind::Scan {
                    monoid,
                    seeded: masked,
                    regrouped: self.flip(),
                };
                (kind, if masked { vec![init] } else { vec![] }, extents[..1].to_vec(), 1)
            }
            5 | 6 => {
                let axes = self.below(3);
                let base = self.find(|ty| matches!(ty, Ty::Array { .. }));
                let base = base.unwrap_or_else(|| self.list());
                let kind = match choice {
                    5 => Kind::Scatter { axes, masked },
                    _ => Kind::ScatterFold { monoid, axes, masked },
                };
                (kind, vec![base], extents, axes + 1)
            }
            _ => {
                let depth = self.below(extents.len());
                (Kind::Extend { masked, depth }, vec![self.list()], extents, 1)
            }
        };
        let mask = matches!(
            kind,
            Kind::Fold { masked: true, .. }
                | Kind::ArgFold { masked: true, .. }
                | Kind::Scatter { masked: true, .. }
                | Kind::ScatterFold { masked: true, .. }
                | Kind::Extend { masked: true, .. }
        );
        let is_pure = std::mem::replace(&mut self.pure, true);
        let types = vec![Ty::Int(Interval::at_least(0)); extents.len()];
        let block = self.block(&types, |inner, _| {
            inner.statements(depth + 1);
            let mut given: Vec<ValueId> = (0..yields).map(|_| inner.scalar_value()).collect();
            if matches!(kind, Kind::First) {
                given = vec![inner.truth()];
            }
            if mask {
                given.push(inner.truth());
            }
            Term::Yield(given)
        });
        self.pure = is_pure;
        let types = match kind {
            Kind::Comp | Kind::Scan { .. } => {
                let given = self.b.func.block(block).end.values()[0];
                let elem = self.b.func.ty(given).as_scalar().expect("scalars are yielded");
                let shape = vec![Dim::Unknown; extents.len()];
                vec![Ty::Tensor { elem, shape }]
            }
            Kind::First => vec![Ty::INT],
            Kind::Fold { .. } | Kind::ArgFold { .. } => {
                let ty = |value: &ValueId| self.b.func.ty(*value).clone();
                leading.iter().map(ty).collect()
            }
            _ => Vec::new(),
        };
        let args: Vec<ValueId> = leading.iter().chain(&extents).copied().collect();
        let origin = self.b.origin;
        let here = self.b.block;
        let op = self.b.func.push_op(here, kind, args, vec![block], &types, origin);
        self.visible.extend(self.b.func.op(op).results.clone());
    }

    /// An op without blocks that changes nothing.
    fn plain(&mut self) {
        match self.below(17) {
            0..=2 => {
                let constant = self.constant();
                self.push(Kind::Const(constant), &[]);
            }
            3..=6 => {
                let f = F::ALL[usize::from(self.byte()) % F::ALL.len()];
                let flavour = Flavour::ALL[self.below(4)];
                let args: Vec<ValueId> = (0..f.arity()).map(|_| self.scalar_value()).collect();
                self.push(Kind::Scalar { f, flavour }, &args);
            }
            7 => self.load(),
            8 => self.push(Kind::Unbound, &[]),
            9 => {
                let name = self.text();
                self.push(Kind::Extern(name), &[]);
            }
            10 => {
                let arg = self.scalar_value();
                let kind = match self.below(4) {
                    0 => Kind::Truth,
                    1 => Kind::IsNone,
                    2 => Kind::Present,
                    _ => Kind::Convert,
                };
                self.push(kind, &[arg]);
            }
            11 => {
                let args = [self.truth(), self.scalar_value(), self.scalar_value()];
                self.push(Kind::Select, &args);
            }
            12 => {
                let items = self.some_values(3);
                let n = items.len();
                self.push(Kind::MakeTuple, &items);
                if let Some(tuple) = self.visible.last().copied()
                    && n > 0
                {
                    let item = self.below(n);
                    self.push(Kind::Item(item), &[tuple]);
                }
            }
            13 => self.object(),
            _ => self.call(),
        }
    }
}
