//! Random numbers for compiled code.
//!
//! A number of a `Generator` comes from the C function that NumPy's own method calls: the library exports them
//! (`numpy/random/c_distributions.pxd`), and they are found by name. Those of a `RandomState` are few and made here
//! ([`super::legacy`]), and so are those of Python's `random` ([`super::mersenne`]). What would raise, and what another
//! thread is drawing from, is left to Python.

#![expect(unsafe_code, reason = "called by compiled code, and calls NumPy's C functions")]

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::sync::OnceLock;

use numlift_abi::Scalar;
use numlift_abi::draws::{Distribution, Stream, of_number};
use pyo3::ffi::PyObject;
use pyo3::prelude::*;

use super::call::Context;
use super::generators::{self, Bits};
use super::legacy;
use super::mersenne::{self, Mersenne};
use super::runtime::nl_alloc;

/// Arrays with more elements are filled by NumPy, which lets the interpreter's lock go meanwhile.
const MANY: usize = 1 << 16;

/// The largest rate of `poisson` that needs no closer look.
const LARGE: f64 = 1e18;

type OfBits = unsafe extern "C" fn(*mut Bits) -> f64;
type OfOne = unsafe extern "C" fn(*mut Bits, f64) -> f64;
type OfTwo = unsafe extern "C" fn(*mut Bits, f64, f64) -> f64;
type Count = unsafe extern "C" fn(*mut Bits, f64) -> i64;
type Binomial = unsafe extern "C" fn(*mut Bits, f64, i64, *mut Prepared) -> i64;
type Bounded = unsafe extern "C" fn(*mut Bits, u64, u64, isize, bool, *mut u64);

/// NumPy's functions.
struct Functions {
    uniform: OfTwo,
    standard_normal: OfBits,
    normal: OfTwo,
    standard_exponential: OfBits,
    exponential: OfOne,
    standard_gamma: OfOne,
    gamma: OfTwo,
    beta: OfTwo,
    laplace: OfTwo,
    lognormal: OfTwo,
    poisson: Count,
    geometric: Count,
    binomial: Binomial,
    bounded: Bounded,
}

/// `binomial_t`, with room to spare: what the function keeps from one call to the next with the same parameters.
type Prepared = [u64; 64];

thread_local! {
    static PREPARED: RefCell<Prepared> = const { RefCell::new([0; 64]) };
}

/// Which places a call may draw from without asking again.
#[derive(Default)]
pub struct Sources {
    free: Cell<[usize; 4]>,
    next: Cell<usize>,
}

impl Sources {
    /// Others may have drawn, or be about to.
    pub fn forget(&self) {
        self.free.set([0; 4]);
    }

    #[inline]
    fn is_free(&self, place: *const c_void, look: impl FnOnce() -> bool) -> bool {
        let mut free = self.free.get();
        if free.contains(&(place as usize)) {
            return true;
        }
        if !look() {
            return false;
        }
        let next = self.next.get();
        free[next % free.len()] = place as usize;
        self.next.set(next + 1);
        self.free.set(free);
        true
    }
}

/// What is drawn from.
enum Source {
    Generator(*mut Bits),
    Legacy(*mut legacy::State),
    Python(*mut Mersenne),
}

/// `numlift_abi::runtime::DRAW`.
pub unsafe extern "C" fn nl_draw(
    context: &Context<'_>,
    number: i32,
    generator: *mut PyObject,
    place: *mut c_void,
    given: *const u64,
    out: *mut u64,
) -> i32 {
    // SAFETY: compiled code hands over the slots of a generator that it holds, as many parameters as there are, and room
    // for a number.
    unsafe {
        let Some((stream, what)) = of_number(number) else {
            return 1;
        };
        match source(context, stream, generator, place) {
            Some(source) if is_quiet(what) => i32::from(!fill(&source, what, given, out, 1)),
            Some(source) => i32::from(!context.events.apart(|| fill(&source, what, given, out, 1))),
            None => 1,
        }
    }
}

/// `numlift_abi::runtime::DRAW_ARRAY`.
pub unsafe extern "C" fn nl_draw_array(
    context: &Context<'_>,
    number: i32,
    generator: *mut PyObject,
    place: *mut c_void,
    given: *const u64,
    rank: i32,
    extents: *const isize,
    out: *mut u64,
) -> i32 {
    // SAFETY: as for `nl_draw`; there are as many extents as the rank says, and room for the slots of an array.
    unsafe {
        let Some((stream, what)) = of_number(number) else {
            return 1;
        };
        let count = (0..rank as usize).try_fold(1_usize, |count, axis| {
            count.checked_mul(usize::try_from(*extents.add(axis)).ok()?)
        });
        let Some(count) = count.filter(|count| *count <= MANY) else {
            return 1;
        };
        let Some(source) = source(context, stream, generator, place) else {
            return 1;
        };
        // What would raise raises before there is an array.
        if !is_sound(&source, what, given) {
            return 1;
        }
        let scalar = if is_int(what) { Scalar::I64 } else { Scalar::F64 };
        if nl_alloc(context, scalar as i32, rank, extents, 0, out) != 0 {
            pyo3::ffi::PyErr_Clear();
            return 1;
        }
        let data = *out.add(1) as *mut u64;
        if count > 0 {
            context.events.apart(|| fill(&source, what, given, data, count));
        }
        0
    }
}

/// Whether no floating-point event comes of it.
fn is_quiet(what: Distribution) -> bool {
    matches!(
        what,
        Distribution::Random | Distribution::StandardNormal | Distribution::Integers | Distribution::Bits
    )
}

fn is_int(what: Distribution) -> bool {
    matches!(
        what,
        Distribution::Poisson
            | Distribution::Binomial
            | Distribution::Geometric
            | Distribution::Integers
            | Distribution::Bits
    )
}

/// What a stream is drawn from, where it may be drawn from now.
#[inline]
unsafe fn source(
    context: &Context<'_>,
    stream: Stream,
    generator: *mut PyObject,
    place: *mut c_void,
) -> Option<Source> {
    // SAFETY: the GIL is held.
    let py = || unsafe { Python::assume_attached() };
    let (generator, place) = match stream {
        Stream::Python => return mersenne::global(py()).map(Source::Python),
        Stream::Numpy => {
            let generator = legacy::global(py())?;
            // SAFETY: it is exactly a `RandomState`.
            (generator, unsafe { legacy::place_of(generator) }?)
        }
        Stream::Generator | Stream::RandomState => (generator, place),
    };
    let legacy = stream != Stream::Generator;
    // SAFETY: the generator is held, and of this kind.
    let is_free = || unsafe { generators::is_free(generator, legacy, place) };
    context.sources.is_free(place, is_free).then(|| match legacy {
        true => Source::Legacy(place.cast()),
        false => Source::Generator(place.cast()),
    })
}

/// Whether parameters are such that nothing is raised and no limit of a method is near.
unsafe fn is_sound(source: &Source, what: Distribution, given: *const u64) -> bool {
    // SAFETY: there are as many parameters as the distribution has.
    let float = |place: usize| f64::from_bits(unsafe { *given.add(place) });
    let int = |place: usize| unsafe { *given.add(place) }.cast_signed();
    let is_size = |value: f64| value >= 0.0 && value.is_sign_positive();
    match what {
        Distribution::Random
        | Distribution::StandardNormal
        | Distribution::StandardExponential
        | Distribution::Bits
        | Distribution::NormalVariate => true,
        Distribution::Uniform => {
            let range = float(1) - float(0);
            match source {
                Source::Generator(_) => range.is_finite() && is_size(range),
                Source::Legacy(_) => range.is_finite(),
                Source::Python(_) => true,
            }
        }
        Distribution::Normal | Distribution::Laplace | Distribution::Lognormal => {
            matches!(source, Source::Python(_)) || is_size(float(1))
        }
        Distribution::Exponential => match source {
            Source::Python(_) => float(0) != 0.0,
            Source::Generator(_) | Source::Legacy(_) => is_size(float(0)),
        },
        Distribution::StandardGamma => is_size(float(0)),
        Distribution::Gamma => is_size(float(0)) && is_size(float(1)),
        Distribution::Beta => float(0) > 0.0 && float(1) > 0.0,
        Distribution::Poisson => (0.0..=LARGE).contains(&float(0)),
        Distribution::Geometric => float(0) > 0.0 && float(0) <= 1.0,
        Distribution::Binomial => int(0) >= 0 && (0.0..=1.0).contains(&float(1)),
        Distribution::Integers => match (int(2) != 0, int(0), int(1)) {
            (true, low, high) => low <= high && (low > i64::MIN || high < i64::MAX),
            (false, low, high) => low < high,
        },
    }
}

/// Writes so many numbers; false, and nothing drawn, where they cannot be had.
#[inline]
unsafe fn fill(source: &Source, what: Distribution, given: *const u64, out: *mut u64, count: usize) -> bool {
    // SAFETY: as `is_sound`, and there is room for as many numbers.
    unsafe {
        if !is_sound(source, what, given) {
            return false;
        }
        match source {
            Source::Generator(bits) => fill_by_numpy(*bits, what, given, out, count),
            Source::Legacy(state) => fill_as_before(&mut **state, what, given, out, count),
            Source::Python(mersenne) => fill_by_python(&mut **mersenne, what, given, out),
        }
    }
}

/// Numbers of a `Generator`.
unsafe fn fill_by_numpy(bits: *mut Bits, what: Distribution, given: *const u64, out: *mut u64, count: usize) -> bool {
    // SAFETY: as the caller says; the functions have the signatures that NumPy documents.
    unsafe {
        let float = |place: usize| f64::from_bits(*given.add(place));
        let each = |draw: &mut dyn FnMut() -> u64| {
            (0..count).for_each(|place| *out.add(place) = draw());
            true
        };
        if what == Distribution::Random {
            let (next, state) = ((*bits).next_double, (*bits).state);
            return each(&mut || next(state).to_bits());
        }
        let Some(numpy) = functions() else {
            return false;
        };
        match what {
            Distribution::Random | Distribution::Bits | Distribution::NormalVariate => false,
            Distribution::Uniform => {
                let (low, range) = (float(0), float(1) - float(0));
                each(&mut || (numpy.uniform)(bits, low, range).to_bits())
            }
            Distribution::StandardNormal => each(&mut || (numpy.standard_normal)(bits).to_bits()),
            Distribution::Normal => each(&mut || (numpy.normal)(bits, float(0), float(1)).to_bits()),
            Distribution::StandardExponential => each(&mut || (numpy.standard_exponential)(bits).to_bits()),
            Distribution::Exponential => each(&mut || (numpy.exponential)(bits, float(0)).to_bits()),
            Distribution::StandardGamma => each(&mut || (numpy.standard_gamma)(bits, float(0)).to_bits()),
            Distribution::Gamma => each(&mut || (numpy.gamma)(bits, float(0), float(1)).to_bits()),
            Distribution::Beta => each(&mut || (numpy.beta)(bits, float(0), float(1)).to_bits()),
            Distribution::Laplace => each(&mut || (numpy.laplace)(bits, float(0), float(1)).to_bits()),
            Distribution::Lognormal => each(&mut || (numpy.lognormal)(bits, float(0), float(1)).to_bits()),
            Distribution::Poisson => each(&mut || (numpy.poisson)(bits, float(0)).cast_unsigned()),
            Distribution::Geometric => each(&mut || (numpy.geometric)(bits, float(0)).cast_unsigned()),
            Distribution::Binomial => {
                let n = (*given).cast_signed();
                PREPARED.with_borrow_mut(|prepared| {
                    each(&mut || (numpy.binomial)(bits, float(1), n, prepared).cast_unsigned())
                })
            }
            Distribution::Integers => {
                bounded(numpy, bits, false, given, out, count);
                true
            }
        }
    }
}

/// Numbers of a `RandomState`.
unsafe fn fill_as_before(
    state: &mut legacy::State,
    what: Distribution,
    given: *const u64,
    out: *mut u64,
    count: usize,
) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let float = |place: usize| f64::from_bits(*given.add(place));
        let each = |draw: &mut dyn FnMut() -> f64| {
            (0..count).for_each(|place| *out.add(place) = draw().to_bits());
            true
        };
        match what {
            Distribution::Random => each(&mut || state.double()),
            Distribution::Uniform => {
                let (low, range) = (float(0), float(1) - float(0));
                each(&mut || low + range * state.double())
            }
            Distribution::StandardNormal => each(&mut || state.gauss()),
            Distribution::Normal => each(&mut || float(0) + float(1) * state.gauss()),
            Distribution::Lognormal => each(&mut || (float(0) + float(1) * state.gauss()).exp()),
            Distribution::StandardExponential => each(&mut || state.exponential()),
            Distribution::Exponential => each(&mut || float(0) * state.exponential()),
            Distribution::Integers => match functions() {
                Some(numpy) => {
                    bounded(numpy, state.bits, true, given, out, count);
                    true
                }
                None => false,
            },
            Distribution::StandardGamma
            | Distribution::Gamma
            | Distribution::Beta
            | Distribution::Laplace
            | Distribution::Poisson
            | Distribution::Binomial
            | Distribution::Geometric
            | Distribution::Bits
            | Distribution::NormalVariate => false,
        }
    }
}

/// A number of Python's `random`.
unsafe fn fill_by_python(own: &mut Mersenne, what: Distribution, given: *const u64, out: *mut u64) -> bool {
    // SAFETY: as the caller says.
    unsafe {
        let float = |place: usize| f64::from_bits(*given.add(place));
        let int = |place: usize| (*given.add(place)).cast_signed();
        *out = match what {
            Distribution::Random => own.float().to_bits(),
            Distribution::Uniform => (float(0) + (float(1) - float(0)) * own.float()).to_bits(),
            Distribution::Normal => match own.gauss(Python::assume_attached()) {
                Some(z) => (float(0) + z * float(1)).to_bits(),
                None => return false,
            },
            Distribution::NormalVariate => (float(0) + own.normal_variate() * float(1)).to_bits(),
            Distribution::Exponential => (own.exponential() / float(0)).to_bits(),
            Distribution::Integers => {
                let width = int(1).wrapping_sub(int(0)).cast_unsigned().wrapping_add(*given.add(2));
                int(0).wrapping_add(own.below(width).cast_signed()).cast_unsigned()
            }
            Distribution::Bits => own.bits(int(0) as u32),
            Distribution::StandardNormal
            | Distribution::StandardExponential
            | Distribution::StandardGamma
            | Distribution::Gamma
            | Distribution::Beta
            | Distribution::Laplace
            | Distribution::Lognormal
            | Distribution::Poisson
            | Distribution::Binomial
            | Distribution::Geometric => return false,
        };
        true
    }
}

/// Ints from a range, by Lemire's method or, as `RandomState` has them, by masking.
unsafe fn bounded(numpy: &Functions, bits: *mut Bits, by_masks: bool, given: *const u64, out: *mut u64, count: usize) {
    // SAFETY: the range is not empty.
    unsafe {
        let (low, high, closed) = (*given, *given.add(1), *given.add(2));
        let last = high.wrapping_sub(u64::from(closed == 0));
        (numpy.bounded)(bits, low, last.wrapping_sub(low), count as isize, by_masks, out);
    }
}

/// NumPy's functions, if it exports all of them.
fn functions() -> Option<&'static Functions> {
    static FUNCTIONS: OnceLock<Option<Functions>> = OnceLock::new();
    FUNCTIONS
        .get_or_init(|| {
            // SAFETY: draws hold the GIL.
            let py = unsafe { Python::assume_attached() };
            let path: String = py
                .import("numpy.random._generator")
                .and_then(|module| module.getattr("__file__")?.extract())
                .ok()?;
            let library = library(&CString::new(path).ok()?)?;
            // SAFETY: the names have these signatures in every NumPy 2.
            unsafe {
                macro_rules! named {
                    ($name:literal as $kind:ty) => {
                        std::mem::transmute::<*mut c_void, $kind>(symbol(library, $name)?)
                    };
                }
                Some(Functions {
                    uniform: named!(c"random_uniform" as OfTwo),
                    standard_normal: named!(c"random_standard_normal" as OfBits),
                    normal: named!(c"random_normal" as OfTwo),
                    standard_exponential: named!(c"random_standard_exponential" as OfBits),
                    exponential: named!(c"random_exponential" as OfOne),
                    standard_gamma: named!(c"random_standard_gamma" as OfOne),
                    gamma: named!(c"random_gamma" as OfTwo),
                    beta: named!(c"random_beta" as OfTwo),
                    laplace: named!(c"random_laplace" as OfTwo),
                    lognormal: named!(c"random_lognormal" as OfTwo),
                    poisson: named!(c"random_poisson" as Count),
                    geometric: named!(c"random_geometric" as Count),
                    binomial: named!(c"random_binomial" as Binomial),
                    bounded: named!(c"random_bounded_uint64_fill" as Bounded),
                })
            }
        })
        .as_ref()
}

#[cfg(unix)]
unsafe extern "C" {
    fn dlopen(path: *const c_char, mode: c_int) -> *mut c_void;
    fn dlsym(library: *mut c_void, name: *const c_char) -> *mut c_void;
}

/// The library at a path, which is loaded already.
#[cfg(unix)]
fn library(path: &CStr) -> Option<*mut c_void> {
    const LAZY: c_int = 1;
    // SAFETY: it is loaded, so that no code of it runs.
    let library = unsafe { dlopen(path.as_ptr(), LAZY) };
    (!library.is_null()).then_some(library)
}

#[cfg(unix)]
fn symbol(library: *mut c_void, name: &CStr) -> Option<*mut c_void> {
    // SAFETY: the library is loaded.
    let symbol = unsafe { dlsym(library, name.as_ptr()) };
    (!symbol.is_null()).then_some(symbol)
}

/// Elsewhere Python draws.
#[cfg(not(unix))]
fn library(_path: &CStr) -> Option<*mut c_void> {
    None
}

#[cfg(not(unix))]
fn symbol(_library: *mut c_void, _name: &CStr) -> Option<*mut c_void> {
    None
}
