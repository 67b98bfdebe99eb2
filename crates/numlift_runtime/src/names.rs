//! What compiled code may call of the C library.
//!
//! LLVM itself makes calls of `memcpy` and its like out of loops, and of `fmod` and `pow` out of operations. The table
//! is closed: a name that is not here does not resolve, however it got into an object.

use std::ffi::{c_double, c_float, c_int, c_void};

use crate::half;

macro_rules! table {
    ($($name:ident: $type:ty = ($($argument:ty),*) -> $result:ty;)*) => {
        /// The C library's own declarations.
        #[expect(unsafe_code, reason = "declarations of the C library")]
        mod c {
            use super::*;
            unsafe extern "C" {
                $(pub fn $name($(_: $argument),*) -> $result;)*
            }
        }

        /// The address of a function of the C library that compiled code may call.
        pub fn c_function(name: &str) -> Option<*const u8> {
            match name {
                $(stringify!($name) => Some(c::$name as $type as *const u8),)*
                "nl_gcd" => Some(gcd as *const u8),
                "nl_isqrt" => Some(isqrt as *const u8),
                // Of compilers' runtime libraries.
                "__truncdfhf2" => Some(half::truncate_double as *const u8),
                "__truncsfhf2" => Some(half::truncate_float as *const u8),
                "__extendhfsf2" => Some(half::extend_half as *const u8),
                _ => None,
            }
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($name)),*];
    };
}

type Copy = unsafe extern "C" fn(*mut c_void, *const c_void, usize) -> *mut c_void;
type Fill = unsafe extern "C" fn(*mut c_void, c_int, usize) -> *mut c_void;
type Compare = unsafe extern "C" fn(*const c_void, *const c_void, usize) -> c_int;
type Of1 = unsafe extern "C" fn(c_double) -> c_double;
type Of2 = unsafe extern "C" fn(c_double, c_double) -> c_double;
type Of3 = unsafe extern "C" fn(c_double, c_double, c_double) -> c_double;
type Scale = unsafe extern "C" fn(c_double, c_int) -> c_double;
type Of1f = unsafe extern "C" fn(c_float) -> c_float;
type Of2f = unsafe extern "C" fn(c_float, c_float) -> c_float;
type Of3f = unsafe extern "C" fn(c_float, c_float, c_float) -> c_float;

table! {
    memcpy: Copy = (*mut c_void, *const c_void, usize) -> *mut c_void;
    memmove: Copy = (*mut c_void, *const c_void, usize) -> *mut c_void;
    memset: Fill = (*mut c_void, c_int, usize) -> *mut c_void;
    memcmp: Compare = (*const c_void, *const c_void, usize) -> c_int;

    acos: Of1 = (c_double) -> c_double;
    acosh: Of1 = (c_double) -> c_double;
    asin: Of1 = (c_double) -> c_double;
    asinh: Of1 = (c_double) -> c_double;
    atan: Of1 = (c_double) -> c_double;
    atanh: Of1 = (c_double) -> c_double;
    cbrt: Of1 = (c_double) -> c_double;
    ceil: Of1 = (c_double) -> c_double;
    cos: Of1 = (c_double) -> c_double;
    cosh: Of1 = (c_double) -> c_double;
    erf: Of1 = (c_double) -> c_double;
    erfc: Of1 = (c_double) -> c_double;
    exp: Of1 = (c_double) -> c_double;
    exp2: Of1 = (c_double) -> c_double;
    expm1: Of1 = (c_double) -> c_double;
    fabs: Of1 = (c_double) -> c_double;
    floor: Of1 = (c_double) -> c_double;
    lgamma: Of1 = (c_double) -> c_double;
    log: Of1 = (c_double) -> c_double;
    log10: Of1 = (c_double) -> c_double;
    log1p: Of1 = (c_double) -> c_double;
    log2: Of1 = (c_double) -> c_double;
    nearbyint: Of1 = (c_double) -> c_double;
    rint: Of1 = (c_double) -> c_double;
    round: Of1 = (c_double) -> c_double;
    sin: Of1 = (c_double) -> c_double;
    sinh: Of1 = (c_double) -> c_double;
    sqrt: Of1 = (c_double) -> c_double;
    tan: Of1 = (c_double) -> c_double;
    tanh: Of1 = (c_double) -> c_double;
    tgamma: Of1 = (c_double) -> c_double;
    trunc: Of1 = (c_double) -> c_double;
    atan2: Of2 = (c_double, c_double) -> c_double;
    copysign: Of2 = (c_double, c_double) -> c_double;
    fmax: Of2 = (c_double, c_double) -> c_double;
    fmin: Of2 = (c_double, c_double) -> c_double;
    fmod: Of2 = (c_double, c_double) -> c_double;
    hypot: Of2 = (c_double, c_double) -> c_double;
    nextafter: Of2 = (c_double, c_double) -> c_double;
    pow: Of2 = (c_double, c_double) -> c_double;
    remainder: Of2 = (c_double, c_double) -> c_double;
    fma: Of3 = (c_double, c_double, c_double) -> c_double;
    ldexp: Scale = (c_double, c_int) -> c_double;

    acosf: Of1f = (c_float) -> c_float;
    acoshf: Of1f = (c_float) -> c_float;
    asinf: Of1f = (c_float) -> c_float;
    asinhf: Of1f = (c_float) -> c_float;
    atanf: Of1f = (c_float) -> c_float;
    atanhf: Of1f = (c_float) -> c_float;
    cbrtf: Of1f = (c_float) -> c_float;
    ceilf: Of1f = (c_float) -> c_float;
    cosf: Of1f = (c_float) -> c_float;
    coshf: Of1f = (c_float) -> c_float;
    expf: Of1f = (c_float) -> c_float;
    exp2f: Of1f = (c_float) -> c_float;
    expm1f: Of1f = (c_float) -> c_float;
    fabsf: Of1f = (c_float) -> c_float;
    floorf: Of1f = (c_float) -> c_float;
    logf: Of1f = (c_float) -> c_float;
    log10f: Of1f = (c_float) -> c_float;
    log1pf: Of1f = (c_float) -> c_float;
    log2f: Of1f = (c_float) -> c_float;
    nearbyintf: Of1f = (c_float) -> c_float;
    rintf: Of1f = (c_float) -> c_float;
    roundf: Of1f = (c_float) -> c_float;
    sinf: Of1f = (c_float) -> c_float;
    sinhf: Of1f = (c_float) -> c_float;
    sqrtf: Of1f = (c_float) -> c_float;
    tanf: Of1f = (c_float) -> c_float;
    tanhf: Of1f = (c_float) -> c_float;
    truncf: Of1f = (c_float) -> c_float;
    atan2f: Of2f = (c_float, c_float) -> c_float;
    copysignf: Of2f = (c_float, c_float) -> c_float;
    fmaxf: Of2f = (c_float, c_float) -> c_float;
    fminf: Of2f = (c_float, c_float) -> c_float;
    fmodf: Of2f = (c_float, c_float) -> c_float;
    hypotf: Of2f = (c_float, c_float) -> c_float;
    powf: Of2f = (c_float, c_float) -> c_float;
    fmaf: Of3f = (c_float, c_float, c_float) -> c_float;
}

/// The greatest common divisor, by Euclid's algorithm. Neither number is the least one.
extern "C" fn gcd(a: i64, b: i64) -> i64 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    // At most the greater of the two.
    a.cast_signed()
}

/// The root of a number that is not negative, rounded down.
extern "C" fn isqrt(n: i64) -> i64 {
    n.unsigned_abs().isqrt().cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_address_and_no_other_has() {
        assert!(NAMES.iter().all(|name| c_function(name).is_some()));
        assert!(
            ["system", "dlopen", "", "Memcpy"]
                .iter()
                .all(|name| c_function(name).is_none())
        );
    }

    #[test]
    #[expect(unsafe_code, reason = "calling the C library")]
    fn addresses_are_those_of_the_functions() {
        let fmod = c_function("fmod").expect("known");
        // SAFETY: the C library's `fmod` has this signature.
        let fmod = unsafe { std::mem::transmute::<*const u8, extern "C" fn(f64, f64) -> f64>(fmod) };
        assert_eq!(fmod(-7.5, 2.0), -1.5);
        let powf = c_function("powf").expect("known");
        // SAFETY: the C library's `powf` has this signature.
        let powf = unsafe { std::mem::transmute::<*const u8, extern "C" fn(f32, f32) -> f32>(powf) };
        assert_eq!(powf(2.0, 10.0), 1024.0);
    }
}
