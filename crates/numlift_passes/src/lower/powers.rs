//! `array ** e` of a number `e` that is not known.
//!
//! NumPy looks at one exponent for all elements: the square, the root and the reciprocal are computed as such. They round
//! once, and roots of `-0.0` and `-inf` are not those of `pow`.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::ty::Ty;

use super::walk::Lower;

impl Lower<'_> {
    /// Whether a power is one of an array with one exponent, which is not known, in a dtype whose loop looks at it. The
    /// loop of half floats does not, but Python's numbers are looked at before.
    pub(super) fn has_open_exponent(&self, args: &[ValueId], computed: Dtype) -> bool {
        let exponent = args[1];
        let looks = match computed {
            Dtype::F32 | Dtype::F64 => true,
            Dtype::F16 => matches!(self.old.ty(exponent), Ty::Float | Ty::Int(_)),
            _ => false,
        };
        let is_known = match self.old.ty(exponent) {
            Ty::Int(interval) => interval.as_point().is_some(),
            _ => self.old.as_const(exponent).is_some(),
        };
        looks && self.is_array(args[0]) && !self.is_array(exponent) && !is_known
    }
}
