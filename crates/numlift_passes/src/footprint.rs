//! How much memory an array form needs beside its results.
//!
//! ```text
//! d = p[:, None] - p              n*n*8 bytes, there as long as the name is
//! out = np.sqrt(d * d)            n*n*8 more while it is computed; the result is the loop's too
//! ```
//!
//! The function is walked with the extents that were seen in a run: every op gets the shape of its result, memory that
//! is made is counted from its op to its last use, or to the end where it has a name that keeps it. Views cost nothing
//! and keep what they look at. What cannot be known (an op of unknown shape) counts as nothing: the footprint is open.

use std::collections::{BTreeMap, HashMap};

use numlift_ir::function::{BlockId, Def, Function, OpId, ValueId};
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

/// What is known of a live-in's size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    Int(i128),
    /// An array, a list, a list of lists of one length.
    Shape(Vec<i128>),
    Items(Vec<Extent>),
    /// An object by its attributes.
    Object(BTreeMap<String, Extent>),
    Unknown,
}

/// The memory that a function needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// Bytes at the peak, without live-ins and results.
    pub peak: u64,
    /// Some shapes are not known, so that it may be more.
    pub is_open: bool,
}

/// What a Python number and its place in a list take.
const LIST_ITEM: i128 = 40;

/// The shape of two arrays that are broadcast against each other.
fn together(a: &[i128], b: &[i128]) -> Vec<i128> {
    let rank = a.len().max(b.len());
    let at = |shape: &[i128], axis: usize| (axis + shape.len()).checked_sub(rank).map_or(1, |at| shape[at]);
    (0..rank)
        .map(|axis| match (at(a, axis), at(b, axis)) {
            (1, other) => other,
            (extent, _) => extent,
        })
        .collect()
}

/// Walks a function in array form; `given` has the live-ins by name.
pub fn footprint(func: &Function, given: &BTreeMap<String, Extent>) -> Footprint {
    let mut walk = Walk {
        func,
        extents: HashMap::new(),
        order: Vec::new(),
        is_open: false,
    };
    for param in &func.block(func.body).params {
        let extent = func.name_of(*param).and_then(|name| given.get(name));
        walk.extents.insert(*param, extent.cloned().unwrap_or(Extent::Unknown));
    }
    walk.block(func.body);
    walk.peak()
}

struct Walk<'a> {
    func: &'a Function,
    extents: HashMap<ValueId, Extent>,
    order: Vec<OpId>,
    is_open: bool,
}

impl Walk<'_> {
    fn block(&mut self, block: BlockId) {
        for op in &self.func.block(block).ops {
            let data = self.func.op(*op);
            for inner in &data.blocks {
                self.block(*inner);
            }
            self.order.push(*op);
            if let Some(result) = data.results.first() {
                let extent = self.extent(*op);
                if extent == Extent::Unknown && item_size(self.func.ty(*result)).is_some() {
                    self.is_open = true;
                }
                self.extents.insert(*result, extent);
            }
        }
    }

    /// The most that is there at once.
    fn peak(&self) -> Footprint {
        let end = self.order.len();
        let mut until: HashMap<ValueId, usize> = HashMap::new();
        let counts = self.func.use_counts();
        let results: Vec<ValueId> = self.func.block(self.func.body).end.values().to_vec();
        let results: Vec<ValueId> = results.iter().map(|value| self.owner(*value)).collect();
        for (place, op) in self.order.iter().enumerate() {
            let data = self.func.op(*op);
            for arg in &data.args {
                let last = until.entry(self.owner(*arg)).or_default();
                *last = (*last).max(place);
            }
            for result in &data.results {
                // What is used twice becomes a variable, and a variable keeps it.
                if counts[result.index()] > 1 || self.func.name_of(*result).is_some() {
                    until.insert(self.owner(*result), end);
                }
            }
        }
        let mut alive: Vec<(usize, i128)> = Vec::new();
        let mut peak = 0;
        for (place, op) in self.order.iter().enumerate() {
            let data = self.func.op(*op);
            let Some(result) = data.results.first().filter(|result| self.owner(**result) == **result) else {
                continue;
            };
            let bytes = self.bytes(*result);
            if bytes == 0 || results.contains(result) {
                continue;
            }
            // Operands are there while the result is computed.
            alive.retain(|(last, _)| *last >= place);
            alive.push((until.get(result).copied().unwrap_or(place), bytes));
            peak = peak.max(alive.iter().map(|(_, bytes)| bytes).sum());
        }
        Footprint {
            peak: u64::try_from(peak).unwrap_or(u64::MAX),
            is_open: self.is_open,
        }
    }

    /// The value whose memory a view looks at; itself for what has memory of its own.
    fn owner(&self, value: ValueId) -> ValueId {
        let Def::Result(op, _) = self.func.def(value) else {
            return value;
        };
        let data = self.func.op(op);
        let is_view = match &data.kind {
            Kind::Index(_) => !data.args[1..].iter().any(|arg| self.shape(*arg).is_some()),
            Kind::Attr(_) => true,
            Kind::Method { name, .. } => matches!(name.as_str(), "reshape" | "ravel" | "view"),
            Kind::Call { callee, .. } => {
                matches!(short(callee), "asarray" | "ravel" | "reshape")
                    && matches!(self.func.ty(data.args[0]), Ty::Array { .. })
            }
            _ => false,
        };
        if is_view { self.owner(data.args[0]) } else { value }
    }

    fn bytes(&self, value: ValueId) -> i128 {
        let Some(size) = item_size(self.func.ty(value)) else {
            return 0;
        };
        match self.extents.get(&value) {
            Some(Extent::Shape(shape)) => shape
                .iter()
                .fold(size, |bytes, extent| bytes.saturating_mul((*extent).max(0))),
            _ => 0,
        }
    }

    fn shape(&self, value: ValueId) -> Option<Vec<i128>> {
        match self.extents.get(&value) {
            Some(Extent::Shape(shape)) => Some(shape.clone()),
            _ => None,
        }
    }

    fn int(&self, value: ValueId) -> Option<i128> {
        match self.extents.get(&value) {
            Some(Extent::Int(int)) => Some(*int),
            _ => None,
        }
    }

    fn extent(&self, op: OpId) -> Extent {
        let data = self.func.op(op);
        let args = &data.args[..];
        let found = match &data.kind {
            Kind::Const(Const::Int(int)) => Some(Extent::Int(*int)),
            Kind::Scalar { f, .. } => self.scalar(*f, args, data.results[0]),
            Kind::Select => self.extents.get(&args[1]).cloned(),
            Kind::Present => self.extents.get(&args[0]).cloned(),
            Kind::MakeTuple => {
                let item = |arg: &ValueId| self.extents.get(arg).cloned().unwrap_or(Extent::Unknown);
                Some(Extent::Items(args.iter().map(item).collect()))
            }
            Kind::MakeList => Some(Extent::Shape(vec![args.len() as i128])),
            Kind::Repeat => self.repeated(args),
            Kind::Item(number) => self.item(args[0], *number),
            Kind::Len { axis } => self
                .shape(args[0])
                .and_then(|shape| shape.get(*axis).copied())
                .map(Extent::Int),
            Kind::Attr(name) => self.attribute(args[0], name),
            Kind::Index(subs) => self.index(subs, args),
            Kind::Call { callee, keywords } => self.call(short(callee), args, keywords, data.results[0]),
            Kind::Method { name, keywords } => self.call(name, args, keywords, data.results[0]),
            Kind::If => self
                .func
                .block(data.blocks[0])
                .end
                .values()
                .first()
                .and_then(|value| self.extents.get(value).cloned()),
            Kind::Convert | Kind::Truth => self.shape(args[0]).map(Extent::Shape),
            Kind::Const(_)
            | Kind::Unbound
            | Kind::Extern(_)
            | Kind::SetIndex(_)
            | Kind::SetAttr(_)
            | Kind::Append
            | Kind::Raise(_)
            | Kind::Opaque { .. }
            | Kind::Frame { .. }
            | Kind::Require(_)
            | Kind::IsNone
            | Kind::Load
            | Kind::Store
            | Kind::For
            | Kind::While
            | Kind::Comp
            | Kind::Fold { .. }
            | Kind::ArgFold { .. }
            | Kind::First
            | Kind::Scan { .. }
            | Kind::ScatterFold { .. }
            | Kind::Scatter { .. }
            | Kind::Extend { .. } => None,
        };
        found.unwrap_or(Extent::Unknown)
    }

    fn scalar(&self, f: F, args: &[ValueId], result: ValueId) -> Option<Extent> {
        if is_array(self.func.ty(result)) {
            return self.broadcast(args);
        }
        let int = |number: usize| self.int(*args.get(number)?);
        let value = match f {
            F::Add => int(0)?.checked_add(int(1)?)?,
            F::Sub => int(0)?.checked_sub(int(1)?)?,
            F::Mul => int(0)?.checked_mul(int(1)?)?,
            F::FloorDiv if int(1)? != 0 => int(0)?.div_euclid(int(1)?),
            F::Neg => int(0)?.checked_neg()?,
            F::Min => int(0)?.min(int(1)?),
            F::Max => int(0)?.max(int(1)?),
            F::Pos | F::ToInt => int(0)?,
            _ => return None,
        };
        Some(Extent::Int(value))
    }

    /// The shape of all operands together; those that are no arrays do not count.
    fn broadcast(&self, args: &[ValueId]) -> Option<Extent> {
        let mut joined: Vec<i128> = Vec::new();
        for arg in args {
            let Some(shape) = self.shape(*arg) else {
                if is_array(self.func.ty(*arg)) {
                    return None;
                }
                continue;
            };
            joined = together(&joined, &shape);
        }
        Some(Extent::Shape(joined))
    }

    fn repeated(&self, args: &[ValueId]) -> Option<Extent> {
        let mut shape = self.shape(args[0])?;
        let times = self.int(args[1])?;
        *shape.first_mut()? *= times.max(0);
        Some(Extent::Shape(shape))
    }

    fn item(&self, tuple: ValueId, number: usize) -> Option<Extent> {
        match self.extents.get(&tuple)? {
            Extent::Items(items) => items.get(number).cloned(),
            _ => None,
        }
    }

    fn attribute(&self, object: ValueId, name: &str) -> Option<Extent> {
        match (self.extents.get(&object)?, name) {
            (Extent::Object(attrs), name) => attrs.get(name).cloned(),
            (Extent::Shape(shape), "shape") => {
                Some(Extent::Items(shape.iter().map(|extent| Extent::Int(*extent)).collect()))
            }
            (Extent::Shape(shape), "T") => Some(Extent::Shape(shape.iter().rev().copied().collect())),
            (Extent::Shape(shape), "real" | "imag" | "flat") => Some(Extent::Shape(shape.clone())),
            (Extent::Shape(shape), "size") => Some(Extent::Int(shape.iter().product())),
            _ => None,
        }
    }

    fn index(&self, subs: &[Sub], args: &[ValueId]) -> Option<Extent> {
        if let Extent::Items(items) = self.extents.get(&args[0])? {
            let at = usize::try_from(self.int(*args.get(1)?)?).ok()?;
            return items.get(at).cloned();
        }
        let base = self.shape(args[0])?;
        let mut axes = base.iter().copied();
        let mut operands = args[1..].iter();
        let mut shape = Vec::new();
        // The axes of the arrays that pick elements, all together, and where they go.
        let mut picked: Option<(usize, Vec<i128>)> = None;
        let plain = subs
            .iter()
            .filter(|sub| !matches!(sub, Sub::NewAxis | Sub::Ellipsis))
            .count();
        for sub in subs {
            match sub {
                Sub::NewAxis => shape.push(1),
                Sub::Ellipsis => shape.extend(axes.by_ref().take(base.len().saturating_sub(plain))),
                Sub::At => {
                    let operand = *operands.next()?;
                    let Some(by) = self.shape(operand) else {
                        axes.next()?;
                        continue;
                    };
                    let is_mask = is_bool_array(self.func.ty(operand));
                    let own = if is_mask {
                        // As many as the mask has at most.
                        axes.by_ref().take(by.len()).for_each(drop);
                        vec![by.iter().product()]
                    } else {
                        axes.next()?;
                        by
                    };
                    picked = Some(match picked {
                        None => (shape.len(), own),
                        Some((place, others)) => (place, together(&others, &own)),
                    });
                }
                Sub::Slice { lo, hi, step } => {
                    let extent = axes.next()?;
                    let mut part = |there: bool| {
                        if there {
                            operands.next().map(|value| self.int(*value))
                        } else {
                            None
                        }
                    };
                    let (lo, hi, step) = (part(*lo), part(*hi), part(*step));
                    shape.push(sliced(extent, lo, hi, step)?);
                }
            }
        }
        shape.extend(axes);
        if let Some((place, own)) = picked {
            shape.splice(place..place, own);
        }
        Some(Extent::Shape(shape))
    }

    fn call(&self, name: &str, args: &[ValueId], keywords: &[String], result: ValueId) -> Option<Extent> {
        let positional = args.len() - keywords.len();
        let keyword = |name: &str| {
            let at = keywords.iter().position(|keyword| keyword == name)?;
            Some(args[positional + at])
        };
        let first = || self.shape(*args.first()?).map(Extent::Shape);
        match name {
            "zeros" | "empty" | "ones" | "full" => self.as_shape(*args.first()?),
            "arange" => self.arange(&args[..positional]),
            "linspace" => {
                let count = keyword("num").or_else(|| args[..positional].get(2).copied());
                Some(Extent::Shape(vec![count.map_or(Some(50), |count| self.int(count))?]))
            }
            "triu_indices" | "tril_indices" => {
                // About half of the square.
                let rows = self.int(*args.first()?)?;
                let columns = args[..positional]
                    .get(2)
                    .map_or(Some(rows), |columns| self.int(*columns))?;
                let half = Extent::Shape(vec![rows.checked_mul(columns)? / 2]);
                Some(Extent::Items(vec![half.clone(), half]))
            }
            "matmul" | "dot" => self.product(args),
            "einsum" => self.einsum(args),
            "outer" => {
                let count = |arg: ValueId| Some(self.shape(arg)?.iter().product::<i128>());
                Some(Extent::Shape(vec![count(args[0])?, count(*args.get(1)?)?]))
            }
            "ravel" | "flatten" | "flatnonzero" => Some(Extent::Shape(vec![self.shape(args[0])?.iter().product()])),
            "reshape" => self.reshaped(args),
            "len" => self.shape(args[0])?.first().map(|extent| Extent::Int(*extent)),
            "sum" | "prod" | "min" | "max" | "any" | "all" | "mean" | "argmin" | "argmax" | "count_nonzero"
                if is_array(self.func.ty(result)) =>
            {
                self.reduced(args, keyword("axis").or_else(|| args[..positional].get(1).copied()))
            }
            "rand" | "randn" => {
                let extents: Option<Vec<i128>> = args.iter().map(|arg| self.int(*arg)).collect();
                extents.map(Extent::Shape)
            }
            _ if matches!(self.func.ty(args.first().copied()?), Ty::Generator { .. }) => {
                self.as_shape(keyword("size").or_else(|| args.last().copied())?)
            }
            _ if keywords.iter().any(|keyword| keyword == "size") => self.as_shape(keyword("size")?),
            _ if is_array(self.func.ty(result)) => {
                let arrays: Vec<ValueId> = args.iter().copied().filter(|arg| self.shape(*arg).is_some()).collect();
                let found = self.broadcast(&arrays)?;
                let rank = self.func.ty(result).dims().len();
                matches!(&found, Extent::Shape(shape) if shape.len() == rank && rank > 0).then_some(found)
            }
            _ => first(),
        }
    }

    fn as_shape(&self, value: ValueId) -> Option<Extent> {
        match self.extents.get(&value)? {
            Extent::Int(extent) => Some(Extent::Shape(vec![*extent])),
            Extent::Items(items) => {
                let extents = items.iter().map(|item| match item {
                    Extent::Int(extent) => Some(*extent),
                    _ => None,
                });
                extents.collect::<Option<Vec<i128>>>().map(Extent::Shape)
            }
            Extent::Shape(_) | Extent::Object(_) | Extent::Unknown => None,
        }
    }

    fn arange(&self, args: &[ValueId]) -> Option<Extent> {
        let int = |number: usize| self.int(args[number]);
        let (start, stop, step) = match args.len() {
            1 => (0, int(0)?, 1),
            2 => (int(0)?, int(1)?, 1),
            _ => (int(0)?, int(1)?, int(2)?),
        };
        let count = if step == 0 {
            0
        } else {
            (stop - start + step - step.signum()) / step
        };
        Some(Extent::Shape(vec![count.max(0)]))
    }

    fn product(&self, args: &[ValueId]) -> Option<Extent> {
        let (mut left, right) = (self.shape(*args.first()?)?, self.shape(*args.get(1)?)?);
        left.pop()?;
        let (keep, last) = match right.len() {
            0 => return None,
            1 => (0, None),
            rank => (rank - 2, right.last().copied()),
        };
        if keep > left.len().saturating_sub(1) {
            left = right[..keep].to_vec();
        }
        left.extend(last);
        Some(Extent::Shape(left))
    }

    fn einsum(&self, args: &[ValueId]) -> Option<Extent> {
        let Some(Const::Str(text)) = self.func.as_const(*args.first()?) else {
            return None;
        };
        let (inputs, output) = text.split_once("->")?;
        let mut letters: HashMap<char, i128> = HashMap::new();
        for (input, arg) in inputs.split(',').zip(&args[1..]) {
            letters.extend(input.chars().zip(self.shape(*arg)?));
        }
        let shape: Option<Vec<i128>> = output.chars().map(|letter| letters.get(&letter).copied()).collect();
        shape.map(Extent::Shape)
    }

    fn reshaped(&self, args: &[ValueId]) -> Option<Extent> {
        let total: i128 = self.shape(args[0])?.iter().product();
        let Extent::Shape(mut shape) = self.as_shape(*args.get(1)?)? else {
            return None;
        };
        let known: i128 = shape.iter().filter(|extent| **extent >= 0).product();
        shape
            .iter_mut()
            .filter(|extent| **extent < 0)
            .for_each(|extent| *extent = total / known.max(1));
        Some(Extent::Shape(shape))
    }

    fn reduced(&self, args: &[ValueId], axis: Option<ValueId>) -> Option<Extent> {
        let mut shape = self.shape(args[0])?;
        let rank = shape.len() as i128;
        let mut axes: Vec<i128> = match self.extents.get(&axis?)? {
            Extent::Int(axis) => vec![*axis],
            Extent::Items(items) => {
                let ints = items.iter().map(|item| match item {
                    Extent::Int(axis) => Some(*axis),
                    _ => None,
                });
                ints.collect::<Option<Vec<i128>>>()?
            }
            Extent::Shape(_) | Extent::Object(_) | Extent::Unknown => return None,
        };
        axes.iter_mut().for_each(|axis| *axis = axis.rem_euclid(rank.max(1)));
        axes.sort_unstable();
        for axis in axes.iter().rev() {
            shape.remove(usize::try_from(*axis).ok()?);
        }
        Some(Extent::Shape(shape))
    }
}

/// The length of a slice; a part that is there and not known makes it the whole axis.
fn sliced(
    extent: i128,
    lo: Option<Option<i128>>,
    hi: Option<Option<i128>>,
    step: Option<Option<i128>>,
) -> Option<i128> {
    let place = |bound: i128| {
        if bound < 0 {
            (bound + extent).max(0)
        } else {
            bound.min(extent)
        }
    };
    let step = step.flatten().unwrap_or(1);
    if step <= 0 {
        return Some(extent);
    }
    let (lo, hi) = (lo.flatten().map_or(0, place), hi.flatten().map_or(extent, place));
    Some(((hi - lo).max(0) + step - 1) / step)
}

fn short(callee: &str) -> &str {
    callee.rsplit('.').next().unwrap_or(callee)
}

fn is_array(ty: &Ty) -> bool {
    matches!(ty, Ty::Array { .. } | Ty::Tensor { .. })
}

fn is_bool_array(ty: &Ty) -> bool {
    matches!(
        ty,
        Ty::Array {
            dtype: numlift_ir::dtype::Dtype::Bool,
            ..
        }
    )
}

/// Bytes of an element of what has memory.
fn item_size(ty: &Ty) -> Option<i128> {
    match ty {
        Ty::Array { dtype, .. } => Some(dtype.itemsize() as i128),
        Ty::Tensor { elem, .. } => Some(elem.array_dtype().itemsize() as i128),
        Ty::List(..) => Some(LIST_ITEM),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
