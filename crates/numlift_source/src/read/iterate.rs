//! What a loop runs over, as a count and an element for each index.
//!
//! | iterable | count | element |
//! |---|---|---|
//! | `range(a, b, s)` | a, b, s | the index |
//! | array, list, tuple `x` | 0, `len(x)`, 1 | `x[i]` |
//! | `enumerate(x, k)` | that of `x` | `(i + k, x[i])` |
//! | `zip(x, y)` | 0, the smallest length, 1 | `(x[i], y[i])` |
//! | `reversed(x)` | 0, `len(x)`, 1 | `x[len(x) - 1 - i]` |
//! | `np.ndindex(n, m)` | 0, `n * m`, 1 | `(i // m, i % m)`; a nest of loops where the body has no `break` |
//!
//! An iterator of another kind (generator, dict, file, string) is not understood: nobody knows its length before it is
//! at its end, and it may be shared.

use numlift_ir::affine::extent_of;
use numlift_ir::function::ValueId;
use numlift_ir::infer::LENGTH;
use numlift_ir::op::Kind;
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::loops::Count;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// Tuples of more items are not chosen from.
const MAX_CHOSEN: usize = 16;

/// Something iterable, with its operands read.
#[derive(Debug, Clone)]
pub(super) enum Iteration {
    Range {
        start: ValueId,
        stop: ValueId,
        step: ValueId,
    },
    /// Anything indexed from 0 to its length.
    Items {
        base: ValueId,
        len: ValueId,
        at: TextRange,
    },
    Enumerate {
        inner: Box<Iteration>,
        start: ValueId,
    },
    Zip(Vec<Iteration>),
    Reversed {
        inner: Box<Iteration>,
        len: ValueId,
    },
    /// The extents of `np.ndindex`.
    Indices(Vec<ValueId>),
    /// So many elements of a type, when only types are asked for.
    Anything {
        base: ValueId,
        len: ValueId,
        elem: Ty,
    },
}

/// The element of one iteration: one value, or the parts of a tuple that need not be made.
#[derive(Debug, Clone)]
pub(super) enum Element {
    Value(ValueId),
    Tuple(Vec<Element>),
}

impl<'a> Reader<'a> {
    /// Reads what stands behind `in`.
    pub(super) fn iteration(&mut self, iter: &'a Expr) -> Read<Iteration> {
        if let Expr::Call(call) = iter
            && let Some(name) = self.qualified(&call.func)
            && call.arguments.args.iter().all(|arg| !arg.is_starred_expr())
        {
            let args = &call.arguments.args;
            let plain = call.arguments.keywords.is_empty();
            match (name.as_str(), args.len()) {
                ("builtins.range", 1..=3) if plain => return self.range(call),
                ("builtins.enumerate", 1 | 2) => return self.enumerate(call),
                ("builtins.zip", 1..) if plain => {
                    let parts: Read<Vec<Iteration>> = args.iter().map(|arg| self.iteration(arg)).collect();
                    return Ok(Iteration::Zip(parts?));
                }
                ("builtins.reversed", 1) if plain => return self.reversed(&args[0]),
                ("numpy.ndindex", 1..) if plain => return self.ndindex(args),
                // The order is the same, and nobody else sees the copy.
                ("builtins.list" | "builtins.tuple", 1) if plain && self.is_iteration_call(&args[0]) => {
                    return self.iteration(&args[0]);
                }
                _ => {}
            }
        }
        let base = self.expr(iter)?;
        self.items(base, iter.range())
    }

    fn is_iteration_call(&self, expr: &Expr) -> bool {
        let Expr::Call(call) = expr else { return false };
        let known = [
            "builtins.range",
            "builtins.enumerate",
            "builtins.zip",
            "builtins.reversed",
        ];
        self.qualified(&call.func)
            .is_some_and(|name| known.contains(&name.as_str()))
    }

    /// Iterates over a value.
    pub(super) fn items(&mut self, base: ValueId, at: TextRange) -> Read<Iteration> {
        match self.bound_ty(base) {
            Ty::Array { shape, .. } if !shape.is_empty() => {}
            Ty::List(..) | Ty::Tuple(_) | Ty::Range | Ty::Never => {}
            Ty::Unknown | Ty::Dict | Ty::Set | Ty::Str if self.typing.is_some() => {
                let elem = if *self.bound_ty(base) == Ty::Str {
                    Ty::Str
                } else {
                    Ty::Unknown
                };
                let len = self.some_value(Ty::Int(LENGTH));
                return Ok(Iteration::Anything { base, len, elem });
            }
            Ty::Unknown => {
                let what = self.shown(at);
                return Err(Refusal::on_unknown(
                    at,
                    format!("`{what}` is iterated, and its type is not known"),
                ));
            }
            other => {
                let reason = format!("a loop over `{}` of type {}", self.shown(at), other.spoken());
                return Err(Refusal::new(at, reason));
            }
        }
        let len = self.b.len(base, 0);
        Ok(Iteration::Items { base, len, at })
    }

    fn range(&mut self, call: &'a ast::ExprCall) -> Read<Iteration> {
        let mut args = Vec::new();
        for arg in &call.arguments.args {
            let value = self.expr(arg)?;
            args.push(self.python_int(value, arg.range())?);
        }
        self.at(call.range());
        let (start, stop, step) = match args[..] {
            [stop] => (self.b.int(0), stop, self.b.int(1)),
            [start, stop] => (start, stop, self.b.int(1)),
            [start, stop, step] => (start, stop, step),
            _ => unreachable!("the caller counted"),
        };
        let sign = self.b.interval(step);
        if sign.lo.is_some_and(|lo| lo > 0) || sign.hi.is_some_and(|hi| hi < 0) {
            return Ok(Iteration::Range { start, stop, step });
        }
        if self.options.frames.is_some() && self.frames.len() == 1 && sign.hi.is_none_or(|hi| hi > 0) {
            // Where it is not positive, Python goes on.
            let (zero, one) = (self.b.int(0), self.b.int(1));
            let is_positive = self.b.operator(F::Lt, &[zero, step]);
            let reason = "a step of `range` that is positive".to_owned();
            self.b.effect(Kind::Require(reason), &[is_positive]);
            let step = self.b.operator(F::Max, &[step, one]);
            return Ok(Iteration::Range { start, stop, step });
        }
        Err(Refusal::new(
            call.range(),
            "the sign of the step of `range` is not known",
        ))
    }

    /// `operator.index(value)`
    fn python_int(&mut self, value: ValueId, at: TextRange) -> Read<ValueId> {
        match self.bound_ty(value) {
            Ty::Int(_) => Ok(value),
            Ty::Never => Ok(value),
            Ty::Bool => Ok(self.b.operator(F::ToInt, &[value])),
            Ty::Np(dtype) if dtype.is_integer() => Ok(self.b.operator(F::ToInt, &[value])),
            _ => Err(Refusal::new(
                at,
                format!("`{}` as a bound of `range` is not known to be an int", self.shown(at)),
            )),
        }
    }

    fn enumerate(&mut self, call: &'a ast::ExprCall) -> Read<Iteration> {
        let inner = self.iteration(&call.arguments.args[0])?;
        let start = match (call.arguments.args.get(1), &call.arguments.keywords[..]) {
            (Some(start), []) => self.expr(start)?,
            (None, [keyword]) if keyword.arg.as_deref() == Some("start") => self.expr(&keyword.value)?,
            (None, []) => self.b.int(0),
            _ => return Err(Refusal::new(call.range(), "the arguments of `enumerate` are unusual")),
        };
        let start = self.python_int(start, call.range())?;
        Ok(Iteration::Enumerate {
            inner: Box::new(inner),
            start,
        })
    }

    fn reversed(&mut self, arg: &'a Expr) -> Read<Iteration> {
        let inner = self.iteration(arg)?;
        if !matches!(
            inner,
            Iteration::Range { .. } | Iteration::Items { .. } | Iteration::Anything { .. }
        ) {
            return Err(Refusal::new(arg.range(), "an iterator cannot be reversed"));
        }
        let len = self.length(&inner)?;
        Ok(Iteration::Reversed {
            inner: Box::new(inner),
            len,
        })
    }

    fn ndindex(&mut self, args: &'a [Expr]) -> Read<Iteration> {
        let mut extents = Vec::new();
        for arg in args {
            let value = self.expr(arg)?;
            match self.bound_ty(value).clone() {
                Ty::Tuple(items) if items.is_empty() => {
                    return Err(Refusal::new(arg.range(), "`ndindex` of no axes"));
                }
                Ty::Tuple(items) if args.len() == 1 => {
                    for n in 0..items.len() {
                        let item = self.b.item(value, n);
                        extents.push(self.python_int(item, arg.range())?);
                    }
                }
                _ => extents.push(self.python_int(value, arg.range())?),
            }
        }
        Ok(Iteration::Indices(extents))
    }

    /// The bounds of the loop over an iteration.
    pub(super) fn count(&mut self, iteration: &Iteration) -> Read<Count> {
        match iteration {
            Iteration::Range { start, stop, step } => Ok(Count {
                start: *start,
                stop: *stop,
                step: *step,
            }),
            Iteration::Enumerate { inner, .. } if !matches!(**inner, Iteration::Range { .. }) => self.count(inner),
            _ => {
                let stop = self.length(iteration)?;
                Ok(Count {
                    start: self.b.int(0),
                    stop,
                    step: self.b.int(1),
                })
            }
        }
    }

    /// How many elements there are.
    fn length(&mut self, iteration: &Iteration) -> Read<ValueId> {
        match iteration {
            Iteration::Range { start, stop, step } => Ok(self.range_length(*start, *stop, *step)),
            Iteration::Items { len, .. } | Iteration::Reversed { len, .. } | Iteration::Anything { len, .. } => {
                Ok(*len)
            }
            Iteration::Enumerate { inner, .. } => self.length(inner),
            Iteration::Zip(parts) => {
                let mut shortest: Option<ValueId> = None;
                for part in parts {
                    let len = self.length(part)?;
                    shortest = Some(match shortest {
                        Some(known) if self.same_int(known, len) => known,
                        Some(known) => self.b.operator(F::Min, &[known, len]),
                        None => len,
                    });
                }
                Ok(shortest.unwrap_or_else(|| self.b.int(0)))
            }
            Iteration::Indices(extents) => {
                let mut product = self.b.int(1);
                for extent in extents {
                    product = self.b.operator(F::Mul, &[product, *extent]);
                }
                Ok(product)
            }
        }
    }

    /// `len(range(start, stop, step))`
    fn range_length(&mut self, start: ValueId, stop: ValueId, step: ValueId) -> ValueId {
        let zero = self.b.int(0);
        if self.as_int(start) == Some(0) && self.as_int(step) == Some(1) && self.b.interval(stop).lo >= Some(0) {
            return stop;
        }
        let one = self.b.int(1);
        let forward = self.b.interval(step).lo.is_some_and(|lo| lo > 0);
        let (from, to, by) = match forward {
            true => (start, stop, step),
            false => (stop, start, self.b.operator(F::Neg, &[step])),
        };
        let span = self.b.operator(F::Sub, &[to, from]);
        let count = match self.as_int(by) {
            Some(1) => span,
            _ => {
                let rounding = self.b.operator(F::Sub, &[by, one]);
                let sum = self.b.operator(F::Add, &[span, rounding]);
                self.b.operator(F::FloorDiv, &[sum, by])
            }
        };
        self.b.operator(F::Max, &[count, zero])
    }

    pub(super) fn as_int(&self, value: ValueId) -> Option<i128> {
        self.b.interval(value).as_point()
    }

    /// Whether two ints are equal for certain.
    fn same_int(&self, a: ValueId, b: ValueId) -> bool {
        let affine = |value| match self.b.func.defining(value) {
            Some(op) => match op.kind {
                // A list that grows has no length of its own.
                Kind::Len { axis } if !self.grows(op.args[0]) => extent_of(&self.b.func, op.args[0], axis),
                _ => numlift_ir::affine::affine_of(&self.b.func, value),
            },
            None => numlift_ir::affine::affine_of(&self.b.func, value),
        };
        a == b || affine(a) == affine(b)
    }

    /// Whether a value is a list whose length changes somewhere.
    fn grows(&self, value: ValueId) -> bool {
        matches!(self.bound_ty(value), Ty::List(_, Dim::Unknown))
    }

    /// The element at an index of the loop.
    pub(super) fn element(&mut self, iteration: &Iteration, index: ValueId) -> Read<Element> {
        match iteration {
            Iteration::Range { .. } => Ok(Element::Value(index)),
            _ => self.element_at(iteration, index),
        }
    }

    /// Element number `n`, counted from 0.
    fn element_at(&mut self, iteration: &Iteration, n: ValueId) -> Read<Element> {
        match iteration {
            Iteration::Range { start, step, .. } => {
                let offset = match self.as_int(*step) {
                    Some(1) => n,
                    _ => self.b.operator(F::Mul, &[n, *step]),
                };
                Ok(Element::Value(match self.as_int(*start) {
                    Some(0) => offset,
                    _ => self.b.operator(F::Add, &[*start, offset]),
                }))
            }
            Iteration::Items { base, .. } => Ok(match self.chosen(*base, n) {
                Some(element) => element,
                None => Element::Value(self.load_item(*base, n)),
            }),
            Iteration::Anything { base, elem, .. } => Ok(Element::Value(self.some_part(*base, elem.clone()))),
            Iteration::Enumerate { inner, start } => {
                let number = match self.as_int(*start) {
                    Some(0) => n,
                    _ => self.b.operator(F::Add, &[n, *start]),
                };
                let element = self.element_at(inner, n)?;
                Ok(Element::Tuple(vec![Element::Value(number), element]))
            }
            Iteration::Zip(parts) => {
                let elements: Read<Vec<Element>> = parts.iter().map(|part| self.element_at(part, n)).collect();
                Ok(Element::Tuple(elements?))
            }
            Iteration::Reversed { inner, len } => {
                let one = self.b.int(1);
                let last = self.b.operator(F::Sub, &[*len, one]);
                let mirrored = self.b.operator(F::Sub, &[last, n]);
                self.element_at(inner, mirrored)
            }
            Iteration::Indices(extents) => {
                let mut rest = n;
                let mut elements = Vec::new();
                for extent in extents.iter().skip(1).rev() {
                    elements.push(Element::Value(self.b.operator(F::Mod, &[rest, *extent])));
                    rest = self.b.operator(F::FloorDiv, &[rest, *extent]);
                }
                elements.push(Element::Value(rest));
                elements.reverse();
                Ok(Element::Tuple(elements))
            }
        }
    }

    /// Item number `n` of a short tuple, chosen among its items, where machine code is to be made of it: so the tuple
    /// need not be an object. The loop over it has a constant count, and is unrolled.
    fn chosen(&mut self, base: ValueId, n: ValueId) -> Option<Element> {
        let Ty::Tuple(items) = self.bound_ty(base) else {
            return None;
        };
        let fits = (1..=MAX_CHOSEN).contains(&items.len()) && self.options.frames.is_some();
        let are_numbers = items.iter().all(|item| item.as_scalar().is_some());
        if !fits || !are_numbers && !items.iter().all(|item| same_kind(item, &items[0])) {
            return None;
        }
        let is_mixed = !items.iter().all(|item| same_kind(item, &items[0]));
        let items: Vec<ValueId> = (0..items.len()).map(|number| self.b.item(base, number)).collect();
        Some(match is_mixed {
            true => Element::Value(self.choose_by_branches(&items, n)),
            false => self.choose(&items, n),
        })
    }

    /// One of some numbers of several types.
    fn choose_by_branches(&mut self, items: &[ValueId], n: ValueId) -> ValueId {
        let mut chosen = items[items.len() - 1];
        for (number, item) in items.iter().enumerate().rev().skip(1) {
            let number = self.b.int(number as i128);
            let is_it = self.b.operator(F::Eq, &[n, number]);
            let (item, other) = (self.only(*item), self.only(chosen));
            chosen = self.merge_values(is_it, item, other);
        }
        chosen
    }

    fn choose(&mut self, items: &[ValueId], n: ValueId) -> Element {
        if let Ty::Tuple(parts) = self.bound_ty(items[0]) {
            let parts = (0..parts.len()).map(|part| {
                let column: Vec<ValueId> = items.iter().map(|item| self.b.item(*item, part)).collect();
                self.choose(&column, n)
            });
            return Element::Tuple(parts.collect());
        }
        let mut chosen = items[items.len() - 1];
        for (number, item) in items.iter().enumerate().rev().skip(1) {
            let number = self.b.int(number as i128);
            let is_it = self.b.operator(F::Eq, &[n, number]);
            chosen = self.b.value(Kind::Select, &[is_it, *item, chosen]);
        }
        Element::Value(chosen)
    }

    /// The value of an element; a tuple is made where its parts are not enough.
    pub(super) fn whole(&mut self, element: &Element) -> ValueId {
        match element {
            Element::Value(value) => *value,
            Element::Tuple(parts) => {
                let values: Vec<ValueId> = parts.iter().map(|part| self.whole(part)).collect();
                self.b.value(Kind::MakeTuple, &values)
            }
        }
    }

    /// The lists that are gone through, with the lengths that they have at the start.
    pub(super) fn lists_of(&self, iteration: &Iteration, lists: &mut Vec<(ValueId, ValueId)>) {
        match iteration {
            Iteration::Items { base, len, .. } if matches!(self.bound_ty(*base), Ty::List(..)) => {
                lists.push((*base, *len));
            }
            Iteration::Enumerate { inner, .. } | Iteration::Reversed { inner, .. } => self.lists_of(inner, lists),
            Iteration::Zip(parts) => parts.iter().for_each(|part| self.lists_of(part, lists)),
            Iteration::Items { .. } | Iteration::Range { .. } | Iteration::Indices(_) | Iteration::Anything { .. } => {}
        }
    }

    /// A list must not change its length while it is iterated.
    pub(super) fn check_stable(&self, iteration: &Iteration) -> Read<()> {
        match iteration {
            Iteration::Items { base, at, .. } if self.typing.is_none() && self.changed_in_loop(*base) => {
                Err(Refusal::new(
                    *at,
                    format!("the list `{}` changes while it is iterated", self.shown(*at)),
                ))
            }
            Iteration::Enumerate { inner, .. } | Iteration::Reversed { inner, .. } => self.check_stable(inner),
            Iteration::Zip(parts) => parts.iter().try_for_each(|part| self.check_stable(part)),
            Iteration::Items { .. } | Iteration::Range { .. } | Iteration::Indices(_) | Iteration::Anything { .. } => {
                Ok(())
            }
        }
    }
}

/// Whether two items are numbers of one type, or tuples of such.
fn same_kind(a: &Ty, b: &Ty) -> bool {
    match (a, b) {
        (Ty::Int(_), Ty::Int(_)) => true,
        (Ty::Tuple(a), Ty::Tuple(b)) => {
            !a.is_empty() && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_kind(a, b))
        }
        (a, b) => a == b && a.as_scalar().is_some(),
    }
}
