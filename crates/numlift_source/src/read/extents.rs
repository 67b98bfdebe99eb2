//! Extents that are one number: `if len(A[0]) != len(B): raise` says so of two.
//!
//! ```text
//! n = len(A)                         n is s0
//! if len(A[0]) != len(B):            s1 is s2 behind it
//!     raise ValueError
//! for i in range(n): # region        A: list<list<float>[s1]>[s0]   B: list<list<float>[s3]>[s1]   n: s0
//! ```

use numlift_ir::function::ValueId;
use numlift_ir::infer::dim_of;
use numlift_ir::op::{Const, Kind, Sub, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use super::reader::Reader;

/// An int, or the extent of an array along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Int(ValueId),
    Extent(ValueId, usize),
}

/// Two that are one number, as a condition said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Equal {
    Extents(Dim, Dim),
    Ints(ValueId, ValueId),
}

impl Reader<'_> {
    /// The length of a list is taken: it stays that until a list changes.
    pub(super) fn measured(&mut self, length: ValueId) {
        self.measured.insert(length, self.changes);
    }

    /// A list changes, or code is read that may run again behind such a change.
    pub(super) fn lengths_change(&mut self) {
        self.changes += 1;
    }

    /// What an int is the length of: a list, or (`1`) the first of the lists in it.
    pub(super) fn length_of(&self, int: ValueId) -> Option<(ValueId, usize)> {
        let op = self.b.func.defining(int)?;
        if op.kind != (Kind::Len { axis: 0 }) || self.measured.get(&int) != Some(&self.changes) {
            return None;
        }
        let list = op.args[0];
        match self.b.func.defining(list) {
            Some(load)
                if matches!(&load.kind, Kind::Index(subs) if subs[..] == [Sub::At])
                    && self.b.func.as_const(load.args[1]) == Some(&Const::Int(0)) =>
            {
                Some((load.args[0], 1))
            }
            _ => Some((list, 0)),
        }
    }

    /// Whether an array's extent is an int, whatever number that is: `x = np.zeros(n)`, `rows, columns = x.shape`.
    pub(super) fn is_made_as_long(&self, array: ValueId, axis: usize, int: ValueId) -> bool {
        let length = self.root_of(Length::Extent(array, axis));
        length == self.root_of(Length::Int(int))
    }

    /// What a length goes back to. Arrays keep their shapes; programs that set them are not read this far.
    fn root_of(&self, length: Length) -> Length {
        let mut length = length;
        while let Some(before) = self.before(length) {
            length = before;
        }
        length
    }

    /// What a length was taken from.
    fn before(&self, length: Length) -> Option<Length> {
        match length {
            Length::Int(int) => {
                let op = self.b.func.defining(int)?;
                let is_array = |value: ValueId| matches!(self.ty(value), Ty::Array { .. });
                match op.kind {
                    Kind::Len { axis } if is_array(op.args[0]) => Some(Length::Extent(op.args[0], axis)),
                    _ => None,
                }
            }
            Length::Extent(array, axis) => {
                let op = self.b.func.defining(array)?;
                let Kind::Call { callee, keywords } = &op.kind else {
                    return None;
                };
                if op.args.len() == keywords.len() || keywords.iter().any(|keyword| keyword == "shape") {
                    return None;
                }
                let first = op.args[0];
                match callee.as_str() {
                    "numpy.zeros" | "numpy.ones" | "numpy.empty" | "numpy.full" => match self.ty(first) {
                        Ty::Int(_) if axis == 0 => Some(Length::Int(first)),
                        _ => {
                            let shape = self.b.func.defining(first)?;
                            let item = shape.args.get(axis).filter(|_| shape.kind == Kind::MakeTuple)?;
                            Some(Length::Int(*item))
                        }
                    },
                    "numpy.zeros_like" | "numpy.ones_like" | "numpy.empty_like" | "numpy.full_like" | "numpy.copy"
                        if matches!(self.ty(first), Ty::Array { .. }) =>
                    {
                        Some(Length::Extent(first, axis))
                    }
                    _ => None,
                }
            }
        }
    }

    /// An int and all that are the same number for certain.
    pub(super) fn equal_ints(&self, int: ValueId) -> Vec<ValueId> {
        let mut class = vec![int];
        let mut next = 0;
        while let Some(known) = class.get(next).copied() {
            next += 1;
            for equal in self.frames.iter().flat_map(|frame| &frame.equal) {
                let other = match equal {
                    Equal::Ints(a, b) if *a == known => *b,
                    Equal::Ints(a, b) if *b == known => *a,
                    Equal::Ints(..) | Equal::Extents(..) => continue,
                };
                if !class.contains(&other) {
                    class.push(other);
                }
            }
        }
        class
    }

    /// From here to the end of the suite the condition is known.
    pub(super) fn learn(&mut self, condition: ValueId, holds: bool) {
        let mut found = Vec::new();
        self.equal_extents(condition, holds, &mut found);
        let frame = self.frames.last_mut().expect("there is always the region's frame");
        frame.equal.extend(found);
    }

    fn equal_extents(&self, condition: ValueId, holds: bool, found: &mut Vec<Equal>) {
        let Some(op) = self.b.func.defining(condition) else {
            return;
        };
        match (&op.kind, &op.args[..]) {
            (Kind::Scalar { f, .. }, [a, b]) if *f == (if holds { F::Eq } else { F::Ne }) => {
                let dims = (dim_of(&self.b.func, *a), dim_of(&self.b.func, *b));
                if dims.0 != Dim::Unknown && dims.1 != Dim::Unknown && dims.0 != dims.1 {
                    found.push(Equal::Extents(dims.0, dims.1));
                }
                if [a, b].iter().all(|value| matches!(self.ty(**value), Ty::Int(_))) {
                    found.push(Equal::Ints(*a, *b));
                }
            }
            (Kind::Truth, [inner]) => self.equal_extents(*inner, holds, found),
            // `a or b` is an `if`; where it is false both are, where `a and b` is true both are.
            (Kind::If, [first]) => {
                let [then, other] = op.blocks[..] else { return };
                let decided = if holds { other } else { then };
                let open = if holds { then } else { other };
                let value = |block| match &self.b.func.block(block).end {
                    Term::Yield(values) if values.len() == 1 => Some(values[0]),
                    _ => None,
                };
                let (Some(decided), Some(open)) = (value(decided), value(open)) else {
                    return;
                };
                let is_settled = decided == *first || self.b.func.as_const(decided) == Some(&Const::Bool(!holds));
                if is_settled {
                    self.equal_extents(*first, holds, found);
                    self.equal_extents(open, holds, found);
                }
            }
            _ => {}
        }
    }

    /// An extent by the least name that is known for it.
    pub(super) fn known_extent(&self, dim: Dim) -> Dim {
        let pairs: Vec<(Dim, Dim)> = self
            .frames
            .iter()
            .flat_map(|frame| &frame.equal)
            .filter_map(|equal| match equal {
                Equal::Extents(a, b) => Some((*a, *b)),
                Equal::Ints(..) => None,
            })
            .collect();
        let mut class = vec![dim];
        let mut next = 0;
        while next < class.len() {
            let known = class[next];
            next += 1;
            for (a, b) in &pairs {
                let other = match known {
                    known if known == *a => *b,
                    known if known == *b => *a,
                    _ => continue,
                };
                if !class.contains(&other) {
                    class.push(other);
                }
            }
        }
        let rank = |dim: &Dim| match dim {
            Dim::Const(n) => (0, *n),
            Dim::Sym(sym) => (1, u64::from(*sym)),
            Dim::Unknown => (2, 0),
        };
        class.into_iter().min_by_key(rank).unwrap_or(dim)
    }

    /// A type with its extents by their least names.
    pub(super) fn with_known_extents(&self, ty: &Ty) -> Ty {
        match ty {
            Ty::Array {
                dtype,
                shape,
                contiguous,
            } => Ty::Array {
                dtype: *dtype,
                shape: shape.iter().map(|dim| self.known_extent(*dim)).collect(),
                contiguous: *contiguous,
            },
            Ty::List(elem, len) => Ty::List(Box::new(self.with_known_extents(elem)), self.known_extent(*len)),
            Ty::Object { class, attrs } => Ty::Object {
                class: class.clone(),
                attrs: attrs
                    .iter()
                    .map(|(name, ty)| (name.clone(), self.with_known_extents(ty)))
                    .collect(),
            },
            ty => ty.clone(),
        }
    }
}
