//! Subscripts: `x[i]`, `x[1:, None]`, `x[i][j]`, and stores to them.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::{Dim, Ty};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// Subscripts with their operands.
#[derive(Debug, Clone, Default)]
pub(super) struct Subscripts {
    pub subs: Vec<Sub>,
    pub operands: Vec<ValueId>,
}

impl<'a> Reader<'a> {
    pub(super) fn subscript(&mut self, subscript: &'a ast::ExprSubscript) -> Read<ValueId> {
        if let Some(grid) = self.grid(subscript)? {
            return Ok(grid);
        }
        let base = self.expr(&subscript.value)?;
        if let Some(key) = self.key_of_record(base, &subscript.slice) {
            return self.item_of_record(base, &key, subscript.range);
        }
        let subs = self.subscripts(&subscript.slice)?;
        self.load(base, &subs, subscript.range)
    }

    /// Reads what stands between the brackets.
    pub(super) fn subscripts(&mut self, slice: &'a Expr) -> Read<Subscripts> {
        let mut all = Subscripts::default();
        match slice {
            Expr::Tuple(tuple) => {
                for item in &tuple.elts {
                    self.one_subscript(item, &mut all)?;
                }
            }
            _ => self.one_subscript(slice, &mut all)?,
        }
        Ok(all)
    }

    fn one_subscript(&mut self, item: &'a Expr, all: &mut Subscripts) -> Read<()> {
        match item {
            Expr::Slice(slice) => {
                let mut part = |part: &'a Option<Box<Expr>>| -> Read<bool> {
                    let Some(expr) = part else { return Ok(false) };
                    let value = self.expr(expr)?;
                    let value = self.certain_int(value);
                    // `x[None:n]` is `x[:n]`.
                    if *self.ty(value) == Ty::None {
                        return Ok(false);
                    }
                    all.operands.push(value);
                    Ok(true)
                };
                let (lo, hi, step) = (part(&slice.lower)?, part(&slice.upper)?, part(&slice.step)?);
                all.subs.push(Sub::Slice { lo, hi, step });
            }
            Expr::EllipsisLiteral(_) => all.subs.push(Sub::Ellipsis),
            Expr::NoneLiteral(_) => all.subs.push(Sub::NewAxis),
            Expr::Starred(_) => return Err(Refusal::new(item.range(), "`*` spreads a sequence")),
            _ if self.qualified(item).as_deref() == Some("numpy.newaxis") => all.subs.push(Sub::NewAxis),
            _ => {
                let value = self.expr(item)?;
                if *self.bound_ty(value) == Ty::None {
                    all.subs.push(Sub::NewAxis);
                } else {
                    all.operands.push(value);
                    all.subs.push(Sub::At);
                }
            }
        }
        Ok(())
    }

    /// `x[[2, 0]]` of an array is `x[np.array([2, 0])]`, where that is compiled.
    fn listed_indices(&mut self, base: ValueId, mut subs: Subscripts) -> Subscripts {
        if self.options.frames.is_none() || !matches!(self.bound_ty(base), Ty::Array { .. }) {
            return subs;
        }
        for operand in &mut subs.operands {
            if let Ty::List(elem, Dim::Const(1..)) = self.bound_ty(*operand)
                && matches!(**elem, Ty::Int(_))
            {
                let kind = Kind::Call {
                    callee: "numpy.array".to_owned(),
                    keywords: Vec::new(),
                };
                *operand = self.b.value(kind, &[*operand]);
            }
        }
        subs
    }

    /// `x[(i, j)]` of an array is `x[i, j]`.
    fn spread(&mut self, base: ValueId, subs: &Subscripts) -> Subscripts {
        let subs = self.listed_indices(base, subs.clone());
        let [operand] = subs.operands[..] else {
            return subs.clone();
        };
        let (Ty::Array { .. }, Ty::Tuple(items)) = (self.bound_ty(base), self.bound_ty(operand)) else {
            return subs.clone();
        };
        if subs.subs != [Sub::At] {
            return subs.clone();
        }
        let operands: Vec<ValueId> = (0..items.len()).map(|n| self.b.item(operand, n)).collect();
        Subscripts {
            subs: vec![Sub::At; operands.len()],
            operands,
        }
    }

    /// `base[subs]`
    pub(super) fn load(&mut self, base: ValueId, subs: &Subscripts, at: TextRange) -> Read<ValueId> {
        let subs = self.spread(base, subs);
        self.check_base(base, &subs, at)?;
        // An item of a tuple that is in sight.
        if let (Ty::Tuple(items), [Sub::At]) = (self.bound_ty(base), &subs.subs[..])
            && let Some(n) = self.as_int(subs.operands[0])
        {
            let len = items.len() as i128;
            let n = if n < 0 { n + len } else { n };
            if (0..len).contains(&n) {
                let item = self.b.item(base, n as usize);
                self.inner_places(base, item);
                return Ok(item);
            }
        }
        if let (Ty::Tuple(items), [Sub::Slice { .. }]) = (self.bound_ty(base), &subs.subs[..])
            && let Some(places) = self.constant_slice(&subs, items.len())
        {
            let items: Vec<ValueId> = places.into_iter().map(|n| self.b.item(base, n)).collect();
            return Ok(self.made_tuple(&items, at));
        }
        let is_slice = matches!(subs.subs[..], [Sub::Slice { .. }]);
        let args: Vec<ValueId> = std::iter::once(base).chain(subs.operands).collect();
        let value = self.b.value(Kind::Index(subs.subs), &args);
        match self.bound_ty(base) {
            Ty::List(..) if is_slice => {
                let site = self.site(at, 0);
                self.copied_list(value, site, base);
            }
            Ty::List(..) | Ty::Tuple(_) => self.inner_places(base, value),
            _ if *self.ty(value) == Ty::Unknown => {
                return Err(Refusal::new(
                    at,
                    format!("the subscript of `{}` is not read", self.shown(at)),
                ));
            }
            Ty::Array { .. } => self.picked_memory(base, value, &args[1..], at),
            _ => {}
        }
        Ok(value)
    }

    /// A tuple of values.
    pub(super) fn made_tuple(&mut self, items: &[ValueId], at: TextRange) -> ValueId {
        let made = self.b.value(Kind::MakeTuple, items);
        let site = self.site(at, 0);
        self.made_list(made, site, items);
        made
    }

    /// The items of `lo:hi:step` of so many, where all parts that are there are known.
    fn constant_slice(&self, subs: &Subscripts, len: usize) -> Option<Vec<usize>> {
        let [Sub::Slice { lo, hi, step }] = subs.subs[..] else {
            return None;
        };
        let len = len as i128;
        let mut operands = subs.operands.iter();
        let mut part = |there: bool| match there {
            true => self.as_int(*operands.next()?).map(Some),
            false => Some(None),
        };
        let (lo, hi, step) = (part(lo)?, part(hi)?, part(step)?.unwrap_or(1));
        let (first, last) = match step {
            0 => return None,
            1.. => (0, len),
            _ => (-1, len - 1),
        };
        let end = |part: i128| (if part < 0 { part + len } else { part }).clamp(first, last);
        let (lo, hi) = match step {
            1.. => (lo.map_or(first, end), hi.map_or(last, end)),
            _ => (lo.map_or(last, end), hi.map_or(first, end)),
        };
        let within = |at: &i128| if step > 0 { *at < hi } else { *at > hi };
        let places = std::iter::successors(Some(lo), |at| at.checked_add(step)).take_while(within);
        Some(places.map(|at| at as usize).collect())
    }

    /// Whether subscripts pick elements one by one, instead of showing a view.
    pub(super) fn picks(&self, operands: &[ValueId]) -> bool {
        operands
            .iter()
            .any(|operand| matches!(self.bound_ty(*operand), Ty::Array { .. } | Ty::List(..)))
    }

    /// Arrays and lists among the subscripts pick elements into a new array; else the result is a view.
    fn picked_memory(&mut self, base: ValueId, value: ValueId, operands: &[ValueId], at: TextRange) {
        if self.picks(operands) {
            self.made_array(value, at);
        } else {
            self.inner_places(base, value);
            self.name_extents(value);
        }
    }

    /// Bases and operands whose subscripts have a meaning that is known.
    fn check_base(&self, base: ValueId, subs: &Subscripts, at: TextRange) -> Read<()> {
        for operand in &subs.operands {
            if *self.bound_ty(*operand) == Ty::Unknown {
                return Err(self.refuse_type(*operand, at));
            }
        }
        match self.bound_ty(base) {
            Ty::Array { shape, .. } => {
                let used = numlift_ir::infer::index::consumed(&self.b.func, &subs.subs, &subs.operands);
                match used {
                    Some(used) if used > shape.len() => {
                        Err(Refusal::new(at, "there are more subscripts than the array has axes"))
                    }
                    _ => Ok(()),
                }
            }
            Ty::Never => Ok(()),
            Ty::List(..) | Ty::Tuple(_) | Ty::Range | Ty::Str => match subs.subs[..] {
                [Sub::Slice { .. }] => Ok(()),
                [Sub::At] if self.is_index(subs.operands[0]) => Ok(()),
                _ => Err(Refusal::new(
                    at,
                    format!("the subscript of `{}` is not read", self.shown(at)),
                )),
            },
            _ => Err(self.refuse_type(base, at)),
        }
    }

    /// Whether subscripts lead to one element of an array.
    fn is_element(&self, subs: &Subscripts, rank: usize) -> bool {
        let is_int = |operand: &ValueId| numlift_ir::infer::index::is_int(&self.b.func, *operand);
        subs.subs.len() == rank && subs.subs.iter().all(|sub| *sub == Sub::At) && subs.operands.iter().all(is_int)
    }

    /// Whether a value is an array that is no number.
    fn may_have_axes(&self, value: ValueId) -> bool {
        matches!(self.bound_ty(value), Ty::Array { shape, .. } if !shape.is_empty())
    }

    fn is_index(&self, operand: ValueId) -> bool {
        numlift_ir::infer::index::is_int(&self.b.func, operand)
            || matches!(self.bound_ty(operand), Ty::Bool | Ty::Never)
    }

    /// `base[subs] = value`
    pub(super) fn store(&mut self, base: ValueId, subs: &Subscripts, value: ValueId, at: TextRange) -> Read<()> {
        let subs = self.spread(base, subs);
        self.check_base(base, &subs, at)?;
        let mut value = value;
        match self.bound_ty(base).clone() {
            Ty::Array { shape, .. } if self.is_element(&subs, shape.len()) && self.may_have_axes(value) => {
                // Even where it has one element: NumPy warns of it before 2.4, and raises since.
                return Err(Refusal::new(at, "an array is stored as one element"));
            }
            Ty::Array { .. } | Ty::Never => {
                value = self.present(value);
                // An object of unknown type is converted by whatever it says; the store may raise.
                if matches!(self.bound_ty(value), Ty::None | Ty::Str) {
                    return Err(self.refuse_type(value, at));
                }
            }
            Ty::List(..) if matches!(subs.subs[..], [Sub::At]) => self.list_changes(base, Some(value), false),
            Ty::List(..) if self.replace_slice(base, &subs.subs, value) => {}
            Ty::List(..) => return Err(Refusal::new(at, "a slice of a list is replaced")),
            _ => return Err(self.refuse_type(base, at)),
        }
        let args: Vec<ValueId> = std::iter::once(base).chain(subs.operands).chain([value]).collect();
        self.b.effect(Kind::SetIndex(subs.subs), &args);
        Ok(())
    }
}
