//! Symbolic extents while a whole program is read.
//!
//! ```text
//! n = int(sys.argv[1])
//! x = np.zeros(n)          array<float64>[s0]
//! y = np.ones((n, 3))      array<float64>[s0, 3]
//! z = np.loadtxt(name)     …[s1, s2]
//! ```
//!
//! A symbol is one number in the whole run, so only what is computed outside of every loop gets one.

use numlift_ir::affine::{Atom, extent_of};
use numlift_ir::function::{Def, OpId, ValueId};
use numlift_ir::ty::{Dim, Ty};

use super::reader::Reader;

impl<'a> Reader<'a> {
    /// Gives the unknown extents of a new array or list symbols.
    pub(super) fn name_extents(&mut self, value: ValueId) {
        if self.typing.is_none() {
            return;
        }
        let ty = match self.ty(value).clone() {
            Ty::Array {
                dtype,
                shape,
                contiguous,
            } => {
                let shape = shape
                    .iter()
                    .enumerate()
                    .map(|(axis, dim)| self.extent(value, axis, *dim))
                    .collect();
                Ty::Array {
                    dtype,
                    shape,
                    contiguous,
                }
            }
            Ty::List(elem, dim) => Ty::List(elem, self.extent(value, 0, dim)),
            other => other,
        };
        self.b.func.values[value.index()].ty = ty;
    }

    fn extent(&mut self, value: ValueId, axis: usize, dim: Dim) -> Dim {
        if dim != Dim::Unknown {
            return dim;
        }
        let affine = extent_of(&self.b.func, value, axis);
        let single = match affine.terms.iter().next() {
            Some((atom, 1)) if affine.terms.len() == 1 && affine.constant == 0 => Some(*atom),
            _ => None,
        };
        let key = match single {
            Some(Atom::Value(int)) => self.key_of_int(int),
            Some(Atom::Sym(sym)) => return Dim::Sym(sym),
            // Lists are not arrays: what made this one says nothing about a length that may change.
            _ if matches!(self.ty(value), Ty::Array { .. }) => self.key_of_axis(value, axis),
            _ => None,
        };
        match (key, &mut self.typing) {
            (Some(key), Some(typing)) => Dim::Sym(typing.symbol(key)),
            _ => Dim::Unknown,
        }
    }

    /// Names an int by where it was computed.
    fn key_of_int(&self, int: ValueId) -> Option<Vec<(u32, u32, u32)>> {
        let before_loops = self.loops.first().is_none_or(|open| int.index() < open.first_value);
        let Def::Result(op, number) = self.b.func.def(int) else {
            return None;
        };
        before_loops.then(|| self.key_of_op(op, u32::MAX - number))
    }

    /// Names an axis by where its array was made.
    fn key_of_axis(&self, value: ValueId, axis: usize) -> Option<Vec<(u32, u32, u32)>> {
        let op = self.b.func.def_op(value)?;
        self.loops.is_empty().then(|| self.key_of_op(op, axis as u32))
    }

    fn key_of_op(&self, op: OpId, number: u32) -> Vec<(u32, u32, u32)> {
        let origin = self.b.func.op(op).origin;
        // One place may make several ops; they are made in the same order in each round.
        let earlier = self.b.func.ops[..op.index()]
            .iter()
            .filter(|other| other.origin == origin)
            .count();
        let mut key = vec![(number, earlier as u32, 0)];
        let mut next = Some(origin);
        while let Some(origin) = next {
            let place = &self.b.func.origins[origin.index()];
            key.push((place.file, place.start, place.end));
            next = place.inlined_at;
        }
        key
    }
}
