//! Storing one number to elements of a dtype.
//!
//! Elements of arrays are cast as C does. A single number is not: an int that does not fit, and a float that is stored
//! to integers and is NaN or too large, raise. Where that may be, the number is tested in front.

use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::ValueId;
use numlift_ir::op::Const;
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::walk::Lower;

/// Whether casting an array gives numbers that depend on where they lie: NumPy's loop takes four floats at once, whose
/// instruction knows 31 bits, and those that are left over alone. They differ where the number does not fit.
pub(super) fn casts_by_place(from: Dtype, to: Dtype) -> bool {
    matches!((from, to), (Dtype::F32 | Dtype::F64, Dtype::U32))
}

impl Lower<'_> {
    /// Leaves compiled code where storing a number would raise, as far as it can be told apart.
    pub(super) fn require_storable(&mut self, value: ValueId, dtype: Dtype) {
        let Some((least, greatest)) = dtype.integer_limits() else {
            return;
        };
        let ty = self.b.func.ty(value).clone();
        match ty {
            Ty::Np(from) if from.is_integer() && !can_cast(from, dtype, Casting::Safe) => {
                let least = self.int(least.max(i128::from(i64::MIN)));
                let greatest = self.int(greatest.min(i128::from(i64::MAX)));
                self.require_between(value, least, greatest);
            }
            Ty::Float | Ty::Np(Dtype::F64 | Dtype::F32) if dtype.is_integer() => {
                // The least ones are floats.
                let least = self.b.constant(Const::Float(least.max(i128::from(i64::MIN)) as f64));
                let single = ty == Ty::Np(Dtype::F32);
                let greatest = self
                    .b
                    .constant(Const::Float(float_up_to(greatest.min(i128::from(i64::MAX)), single)));
                self.require_between(value, least, greatest);
            }
            _ => {}
        }
    }

    fn require_between(&mut self, value: ValueId, least: ValueId, greatest: ValueId) {
        for (f, limit) in [(F::Ge, least), (F::Le, greatest)] {
            let fits = self.b.operator(f, &[value, limit]);
            self.require(fits, "a number that fits the dtype");
        }
    }
}

/// The greatest float, of single precision or double, that is no more than an int.
fn float_up_to(limit: i128, single: bool) -> f64 {
    if single {
        let nearest = limit as f32;
        let down = nearest as i128 > limit;
        return f64::from(if down { nearest.next_down() } else { nearest });
    }
    let nearest = limit as f64;
    if nearest as i128 > limit {
        nearest.next_down()
    } else {
        nearest
    }
}
