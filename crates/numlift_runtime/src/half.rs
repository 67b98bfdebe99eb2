//! Between `float16` and the wider floats, where the processor has no instruction for it.
//!
//! LLVM calls these by the names that compilers' runtime libraries give them. A half travels as `_Float16` does: in the
//! low bits of a vector register, that is, in the low bits of a float. Rounding is to the nearest, ties to even, in one
//! step: by way of `float32` a `float64` would be rounded twice.

/// A half's bits in the register that a float would take.
type HalfInFloat = f32;

/// `float64` to `float16`.
pub extern "C" fn truncate_double(x: f64) -> HalfInFloat {
    f32::from_bits(u32::from(half_of_double(x)))
}

/// `float32` to `float16`. Every `float32` is a `float64`.
pub extern "C" fn truncate_float(x: f32) -> HalfInFloat {
    truncate_double(f64::from(x))
}

/// `float16` to `float32`.
pub extern "C" fn extend_half(half: HalfInFloat) -> f32 {
    float_of_half((half.to_bits() & 0xffff) as u16)
}

/// A half has 1 bit of sign, 5 of exponent (bias 15) and 10 of fraction.
fn half_of_double(x: f64) -> u16 {
    let bits = x.to_bits();
    let sign = ((bits >> 48) & 0x8000) as u16;
    if x.is_nan() {
        // Quiet, with as much of its payload as there is room for.
        return sign | 0x7e00 | ((bits >> 42) & 0x1ff) as u16;
    }
    let magnitude = x.abs();
    // From half a step above the largest half on, infinity is nearest.
    if magnitude >= 65520.0 {
        return sign | 0x7c00;
    }
    // Adding what has the smallest step that counts as its last place rounds to that place, ties to even.
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(-14);
    let step = f64::from_bits(((exponent - 10 + 1023) as u64) << 52);
    let large = step * (1_u64 << 52) as f64;
    let steps = ((magnitude + large) - large) / step;
    // Steps of the smallest halves are their bits; a carry into the exponent is what rounding up means.
    sign | (((exponent + 14) as u16) << 10).wrapping_add(steps as u16)
}

fn float_of_half(half: u16) -> f32 {
    let sign = if half & 0x8000 == 0 { 1.0 } else { -1.0 };
    let exponent = i32::from(half >> 10 & 0x1f);
    let fraction = u32::from(half & 0x3ff);
    match exponent {
        0x1f if fraction == 0 => sign * f32::INFINITY,
        0x1f => f32::from_bits((u32::from(half & 0x8000) << 16) | 0x7fc0_0000 | (fraction << 13)),
        0 => sign * fraction as f32 * f32::from_bits((127 - 24) << 23),
        _ => sign * f32::from_bits(((exponent as u32 + 112) << 23) | (fraction << 13)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives_the_way_there_and_back() {
        for half in 0..=u16::MAX {
            let wide = float_of_half(half);
            let back = half_of_double(f64::from(wide));
            if wide.is_nan() {
                assert_eq!(back, half | 0x0200, "{half:04x} quiet");
            } else {
                assert_eq!(back, half, "{half:04x} is {wide}");
            }
        }
    }

    #[test]
    fn what_lies_between_two_halves_goes_to_the_nearer_one() {
        for half in 0..0x7bff_u16 {
            let (low, high) = (f64::from(float_of_half(half)), f64::from(float_of_half(half + 1)));
            let middle = f64::midpoint(low, high);
            let even = if half % 2 == 0 { half } else { half + 1 };
            assert_eq!(half_of_double(middle), even, "the middle above {half:04x}");
            assert_eq!(
                half_of_double(middle.next_down()),
                half,
                "below the middle above {half:04x}"
            );
            assert_eq!(
                half_of_double(-middle.next_up()),
                (half + 1) | 0x8000,
                "above the middle above {half:04x}"
            );
        }
        assert_eq!(half_of_double(65519.999), 0x7bff);
        assert_eq!(half_of_double(65520.0), 0x7c00);
        assert_eq!(half_of_double(-1e300), 0xfc00);
        assert_eq!(half_of_double(5e-324), 0);
        assert_eq!(half_of_double(-0.0), 0x8000);
        // 1 + 2⁻¹¹ + 2⁻⁴⁰ is above the middle, and by way of a float it would be the middle.
        assert_eq!(half_of_double(1.0 + 2f64.powi(-11) + 2f64.powi(-40)), 0x3c01);
    }

    #[test]
    fn halves_travel_in_floats() {
        assert_eq!(extend_half(truncate_double(-2.5)), -2.5);
        assert_eq!(extend_half(truncate_float(0.1)), 0.099_975_586);
    }
}
