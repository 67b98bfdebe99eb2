//! Affine integer expressions over symbols: the shared language of subscripts, extents and trip counts.
//!
//! ```text
//! i + 1, n - 1, 2*i - j + len(x)      =>      {i: 1} + 1, {n: 1} - 1, {i: 2, j: -1, len x: 1}
//! ```
//!
//! Two affine expressions are equal for every run exactly if their difference is the constant 0. Extents are followed
//! to what made them: `len(np.zeros(n))` is `n`.

use std::collections::BTreeMap;
use std::fmt;

use crate::function::{Def, Function, ValueId};
use crate::op::{Const, Kind, RESHAPE, VIEW};
use crate::scalar::F;
use crate::ty::{Dim, Interval, Ty};

/// What an affine expression counts as unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// An int that is not understood further.
    Value(ValueId),
    /// The extent of an axis of a value.
    Extent(ValueId, usize),
    /// An extent that types name.
    Sym(u32),
}

/// A sum of multiples of atoms and a constant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Hash, PartialOrd, Ord)]
pub struct Affine {
    pub terms: BTreeMap<Atom, i128>,
    pub constant: i128,
}

impl Affine {
    /// A constant.
    pub fn constant(constant: i128) -> Self {
        Self {
            terms: BTreeMap::new(),
            constant,
        }
    }

    /// One atom.
    pub fn atom(atom: Atom) -> Self {
        Self {
            terms: BTreeMap::from([(atom, 1)]),
            constant: 0,
        }
    }

    /// The value, if it does not depend on anything.
    pub fn as_constant(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// `self + factor * other`; `None` where a coefficient leaves `i128`.
    pub fn plus(&self, other: &Self, factor: i128) -> Option<Self> {
        let mut sum = self.clone();
        sum.constant = sum.constant.checked_add(other.constant.checked_mul(factor)?)?;
        for (atom, coefficient) in &other.terms {
            let entry = sum.terms.entry(*atom).or_insert(0);
            *entry = entry.checked_add(coefficient.checked_mul(factor)?)?;
            if *entry == 0 {
                sum.terms.remove(atom);
            }
        }
        Some(sum)
    }

    /// `self - other`.
    pub fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(other, -1)
    }

    /// `factor * self`.
    pub fn times(&self, factor: i128) -> Option<Self> {
        Self::default().plus(self, factor)
    }

    /// `self + constant`.
    pub fn offset(&self, constant: i128) -> Option<Self> {
        self.plus(&Self::constant(constant), 1)
    }

    /// The coefficient of an atom.
    pub fn coefficient(&self, atom: Atom) -> i128 {
        self.terms.get(&atom).copied().unwrap_or(0)
    }

    /// The same with `replacement` for an atom.
    pub fn substitute(&self, atom: Atom, replacement: &Self) -> Option<Self> {
        let factor = self.coefficient(atom);
        let mut rest = self.clone();
        rest.terms.remove(&atom);
        rest.plus(replacement, factor)
    }

    /// The interval that it lies in, from those of its atoms.
    pub fn interval(&self, of: &dyn Fn(Atom) -> Interval) -> Interval {
        self.terms
            .iter()
            .fold(Interval::point(self.constant), |sum, (atom, factor)| {
                sum.add(of(*atom).mul(Interval::point(*factor)))
            })
    }
}

impl fmt::Display for Affine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for (atom, factor) in &self.terms {
            let name = match atom {
                Atom::Value(value) => format!("%{}", value.0),
                Atom::Extent(value, axis) => format!("len(%{}, {axis})", value.0),
                Atom::Sym(sym) => format!("s{sym}"),
            };
            let sign = if *factor < 0 {
                "-"
            } else if first {
                ""
            } else {
                "+"
            };
            let times = if factor.abs() == 1 {
                String::new()
            } else {
                format!("{}*", factor.abs())
            };
            write!(f, "{sign}{times}{name}")?;
            first = false;
        }
        if first || self.constant != 0 {
            let plus = if first || self.constant < 0 { "" } else { "+" };
            write!(f, "{plus}{}", self.constant)?;
        }
        Ok(())
    }
}

/// The affine form of an int value; itself as an atom where it has no other.
pub fn affine_of(func: &Function, value: ValueId) -> Affine {
    affine_with(func, value, &mut BTreeMap::new())
}

/// The same; what is used several times is looked at once.
fn affine_with(func: &Function, value: ValueId, known: &mut BTreeMap<ValueId, Affine>) -> Affine {
    if let Some(affine) = known.get(&value) {
        return affine.clone();
    }
    let affine = try_affine(func, value, known).unwrap_or_else(|| match func.ty(value) {
        // A live-in that is known to be one number keeps its name, which is what the program's text should say.
        Ty::Int(interval) if !is_param(func, value) && interval.as_point().is_some() => {
            Affine::constant(interval.as_point().unwrap_or_default())
        }
        _ => Affine::atom(Atom::Value(value)),
    });
    if func
        .defining(value)
        .is_some_and(|op| matches!(op.kind, Kind::Scalar { .. }))
    {
        known.insert(value, affine.clone());
    }
    affine
}

fn try_affine(func: &Function, value: ValueId, known: &mut BTreeMap<ValueId, Affine>) -> Option<Affine> {
    let op = func.defining(value)?;
    let mut arg = |n: usize| affine_with(func, op.args[n], known);
    let is_int = |n: usize| matches!(func.ty(op.args[n]), Ty::Int(_) | Ty::Bool);
    match &op.kind {
        Kind::Const(Const::Int(int)) => Some(Affine::constant(*int)),
        Kind::Const(Const::Bool(bool)) => Some(Affine::constant(i128::from(*bool))),
        Kind::Len { .. } if may_grow(func, op.args[0]) => None,
        Kind::Len { axis } => Some(extent_of(func, op.args[0], *axis)),
        Kind::Scalar { f: F::Add, .. } if is_int(0) && is_int(1) => arg(0).plus(&arg(1), 1),
        Kind::Scalar { f: F::Sub, .. } if is_int(0) && is_int(1) => arg(0).minus(&arg(1)),
        Kind::Scalar { f: F::Neg, .. } if is_int(0) => arg(0).times(-1),
        Kind::Scalar { f: F::Pos, .. } if is_int(0) => Some(arg(0)),
        Kind::Scalar { f: F::Mul, .. } if is_int(0) && is_int(1) => {
            let (a, b) = (arg(0), arg(1));
            match (a.as_constant(), b.as_constant()) {
                (Some(factor), _) => b.times(factor),
                (_, Some(factor)) => a.times(factor),
                (None, None) => None,
            }
        }
        _ => None,
    }
}

/// The extent of an axis of an array, tensor, list or range, followed to what made it.
///
/// Lists that grow have no fixed extent; a caller that sees an `Append` to the list between must not use this.
pub fn extent_of(func: &Function, value: ValueId, axis: usize) -> Affine {
    match func.ty(value).dims().get(axis) {
        // The program's text should say `len(x)` of what it got, not the number that it is.
        Some(Dim::Const(_)) if is_given(func, value) => return Affine::atom(Atom::Extent(value, axis)),
        Some(Dim::Const(n)) => {
            return made_extent(func, value, axis).unwrap_or_else(|| Affine::constant(i128::from(*n)));
        }
        Some(Dim::Sym(sym)) => return Affine::atom(Atom::Sym(*sym)),
        _ => {}
    }
    made_extent(func, value, axis).unwrap_or_else(|| Affine::atom(Atom::Extent(value, axis)))
}

/// Whether the length of a list is that of one moment.
fn may_grow(func: &Function, list: ValueId) -> bool {
    func.lists_grow && matches!(func.ty(list).bound(), Ty::List(_, Dim::Unknown))
}

/// A live-in or a plain attribute of one.
fn is_given(func: &Function, value: ValueId) -> bool {
    match func.defining(value) {
        None => is_param(func, value),
        Some(op) => matches!(op.kind, Kind::Attr(_)) && is_given(func, op.args[0]),
    }
}

fn made_extent(func: &Function, value: ValueId, axis: usize) -> Option<Affine> {
    let op = func.defining(value)?;
    if may_grow(func, value) || op.args.first().is_some_and(|first| may_grow(func, *first)) {
        return None;
    }
    match &op.kind {
        Kind::Method { name, keywords } if matches!(func.ty(op.args[0]), Ty::Generator { .. }) => {
            drawn_extent(func, name, keywords, &op.args[1..], axis)
        }
        Kind::Call { callee, keywords } if callee.starts_with("numpy.random.") => {
            let name = callee.strip_prefix("numpy.random.")?;
            drawn_extent(func, name, keywords, &op.args, axis)
        }
        // `np.zeros_like(x, shape=n)`, `np.array(x, ndmin=3)`
        Kind::Call { callee, keywords }
            if (callee.ends_with("_like") || callee == "numpy.array")
                && (keywords.iter().any(|name| name == "shape" || name == "ndmin")
                    || op.args.len() - keywords.len() > 4) =>
        {
            None
        }
        Kind::Call { callee, keywords } => match callee.as_str() {
            "numpy.zeros" | "numpy.ones" | "numpy.empty" | "numpy.full" => shape_item(func, op.args[0], axis),
            // A negative number of samples raises; a negative end gives none.
            "numpy.linspace" if keywords.is_empty() && func.ty(value).dims().len() == 1 => {
                let count = *op.args.get(2)?;
                matches!(func.ty(count), Ty::Int(_)).then(|| affine_of(func, count))
            }
            "numpy.arange" if keywords.is_empty() && op.args.len() == 1 => {
                let end = op.args[0];
                let is_natural = matches!(func.ty(end), Ty::Int(interval) if interval.lo.is_some_and(|lo| lo >= 0));
                is_natural.then(|| affine_of(func, end))
            }
            "numpy.zeros_like"
            | "numpy.ones_like"
            | "numpy.empty_like"
            | "numpy.full_like"
            | "numpy.copy"
            | "numpy.array"
            | "numpy.asarray"
            | "numpy.ascontiguousarray" => Some(extent_of(func, *op.args.first()?, axis)),
            // The extents are the last operands.
            RESHAPE | VIEW => {
                let extents = op.args.len().checked_sub(func.ty(value).dims().len())?;
                op.args.get(extents + axis).map(|extent| affine_of(func, *extent))
            }
            _ => None,
        },
        Kind::Method { name, .. } if matches!(name.as_str(), "copy" | "astype" | "tolist") => {
            Some(extent_of(func, op.args[0], axis))
        }
        Kind::Repeat if axis == 0 => {
            let once = func.defining(op.args[0]).filter(|list| list.kind == Kind::MakeList)?;
            affine_of(func, op.args[1]).times(once.args.len() as i128)
        }
        Kind::Comp => op.args.get(axis).map(|extent| affine_of(func, *extent)),
        // What it starts from is an element too.
        Kind::Scan { seeded, .. } => affine_of(func, *op.args.last()?).offset(i128::from(*seeded)),
        _ => None,
    }
}

/// The extent of an array of random numbers whose size is given: by position or by name. Without a size the last
/// argument is a parameter, and the shape is that of all of them together.
fn drawn_extent(func: &Function, name: &str, keywords: &[String], args: &[ValueId], axis: usize) -> Option<Affine> {
    let size_at = match name {
        "rand" | "randn" => return args.get(axis).map(|extent| affine_of(func, *extent)),
        "random" | "random_sample" | "standard_normal" | "standard_exponential" => 0,
        "exponential" => 1,
        "normal" | "uniform" => 2,
        _ => return None,
    };
    let positional = args.len() - keywords.len();
    let size = match keywords.iter().position(|keyword| keyword == "size") {
        Some(keyword) => args[positional + keyword],
        None => *args[..positional].get(size_at)?,
    };
    shape_item(func, size, axis)
}

/// Item `axis` of a shape argument: a tuple, or an int for one axis.
fn shape_item(func: &Function, shape: ValueId, axis: usize) -> Option<Affine> {
    let op = func.defining(shape);
    match (func.ty(shape), op) {
        (Ty::Int(_), _) if axis == 0 => Some(affine_of(func, shape)),
        (Ty::Tuple(_), Some(op)) if op.kind == Kind::MakeTuple => Some(affine_of(func, *op.args.get(axis)?)),
        (Ty::Tuple(_), Some(op)) => match &op.kind {
            Kind::Attr(name) if name == "shape" => Some(extent_of(func, op.args[0], axis)),
            _ => None,
        },
        _ => None,
    }
}

/// The interval of an atom: an int's from its type, extents from 0 on.
pub fn atom_interval(func: &Function, atom: Atom) -> Interval {
    match atom {
        Atom::Value(value) => match func.ty(value) {
            Ty::Int(interval) => *interval,
            Ty::Bool => Interval::new(0, 1),
            Ty::Np(dtype) => Interval::of_dtype(*dtype).unwrap_or(Interval::ALL),
            _ => Interval::ALL,
        },
        Atom::Extent(value, axis) => match func.ty(value).dims().get(axis) {
            Some(Dim::Const(n)) => Interval::point(i128::from(*n)),
            _ => Interval::new(0, i128::from(i64::MAX)),
        },
        Atom::Sym(_) => Interval::new(0, i128::from(i64::MAX)),
    }
}

/// Whether two affine expressions are equal by what they are made of, whatever the numbers are.
pub fn is_equal(a: &Affine, b: &Affine) -> bool {
    a.minus(b).and_then(|distance| distance.as_constant()) == Some(0)
}

/// Whether a value is a block parameter.
pub fn is_param(func: &Function, value: ValueId) -> bool {
    matches!(func.def(value), Def::Param(..))
}
