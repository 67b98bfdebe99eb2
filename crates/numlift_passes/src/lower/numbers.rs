//! Numbers of a dtype: `np.float32(x)`, `np.int64(n)`.

use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::OpId;
use numlift_ir::ty::{Interval, Ty};

use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// A type of NumPy called with a number that it holds.
    pub(super) fn number_of(&mut self, op: OpId, name: &str) -> bool {
        let (result, given) = (self.result(op), self.old.op(op).args[0]);
        let Ty::Np(dtype) = *self.old.ty(result) else {
            return false;
        };
        if Dtype::from_attribute(name) != Some(dtype) {
            return false;
        }
        let is_float = matches!(dtype, Dtype::F32 | Dtype::F64);
        let fits = match self.old.ty(given) {
            Ty::Float => is_float,
            Ty::Int(_) => is_float || dtype.is_integer(),
            Ty::Np(from) => {
                let safe = can_cast(*from, dtype, Casting::Safe) && *from != Dtype::Bool;
                *from == dtype || safe || from.is_float() && dtype.is_float()
            }
            _ => false,
        };
        if !fits {
            return false;
        }
        let mut value = self.plain(given);
        if matches!(self.old.ty(given), Ty::Int(_)) {
            match Interval::of_dtype(dtype) {
                Some(limits) => self.require_within(value, limits.meet(Interval::MACHINE)),
                None => {
                    // A Python float in between.
                    self.require_within(value, Interval::new(-(1 << 53), 1 << 53));
                    value = self.converted(value, Dtype::F64);
                }
            }
        }
        let value = self.converted(value, dtype);
        self.bind(result, Meaning::Plain(value));
        true
    }
}
