//! Which elementary functions agree in the last bit on this machine.
//!
//! NumPy picks its loops by the processor, the dtype and the strides, and the scalar flavours call the C library. So
//! `np.exp(x[i])` and `np.exp(x)` may be the same function or not, and no table can know:
//!
//! ```text
//! exp   ufunc  float64  contiguous  0      np.exp(x[i]) -> np.exp(x)        same bits
//! exp   ufunc  float64  reversed    1      np.exp(x[i]) -> np.exp(x[::-1])  up to 1 ulp
//! exp   math   float64  contiguous  1      math.exp(x[i]) -> np.exp(x)      up to 1 ulp
//! ```
//!
//! `python -m numlift._calibrate` measures it and prints such lines. [`Calibration::parse`] reads them. Without them
//! ([`Calibration::portable`]) nothing elementary is exact, and [`PORTABLE_ULP`] bounds the difference.

use std::collections::BTreeMap;

use crate::dtype::Dtype;
use crate::scalar::Flavour;
use crate::scalar::step::{Layout, Strength};

/// What NumPy allows its vector loops, and more than C libraries need.
pub const PORTABLE_ULP: u32 = 4;

/// The greatest differences that were measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calibration {
    ulps: BTreeMap<Key, u32>,
}

/// The function's name in the IR, or that of a form of a power ([`crate::scalar::power`]).
type Key = (String, Flavour, Dtype, Layout);

impl Calibration {
    /// Of a machine of which nothing is known.
    pub fn portable() -> Calibration {
        Calibration::default()
    }

    /// Reads lines of name, flavour, dtype, layout and greatest difference in ulp. Lines that make no sense (of a
    /// newer version, say) are skipped: what is not measured is not exact.
    pub fn parse(text: &str) -> Calibration {
        Calibration {
            ulps: text.lines().filter_map(line).collect(),
        }
    }

    /// What can be said of a function in the last bits.
    pub fn strength(&self, name: &str, from: Flavour, dtype: Dtype, layout: Layout) -> Strength {
        let measured = |layout| self.ulps.get(&(name.to_owned(), from, dtype, layout)).copied();
        let ulp = match layout {
            Layout::Contiguous | Layout::Strided | Layout::Reversed => measured(layout),
            Layout::Unknown => [Layout::Contiguous, Layout::Strided, Layout::Reversed]
                .into_iter()
                .map(measured)
                .collect::<Option<Vec<_>>>()
                .and_then(|ulps| ulps.into_iter().max()),
        };
        match ulp {
            None => Strength::Rounding { ulp: PORTABLE_ULP },
            Some(0) => Strength::Exact,
            // One more than was seen: the worst value may not have been among them.
            Some(ulp) => Strength::Rounding { ulp: ulp + 1 },
        }
    }
}

fn line(text: &str) -> Option<(Key, u32)> {
    let mut words = text.split_whitespace();
    let name = words.next()?.to_owned();
    let flavour = Flavour::from_name(words.next()?)?;
    let dtype = Dtype::from_text(words.next()?)?;
    let layout = Layout::from_name(words.next()?)?;
    Some(((name, flavour, dtype, layout), words.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "exp ufunc float64 contiguous 0\nexp ufunc float64 strided 0\nexp ufunc float64 reversed 1\n?\n";

    fn exp(layout: Layout) -> Strength {
        Calibration::parse(TEXT).strength("exp", Flavour::Ufunc, Dtype::F64, layout)
    }

    #[test]
    fn only_what_was_measured_is_exact() {
        assert_eq!(exp(Layout::Contiguous), Strength::Exact);
        assert_eq!(exp(Layout::Reversed), Strength::Rounding { ulp: 2 });
        assert_eq!(exp(Layout::Unknown), Strength::Rounding { ulp: 2 });
        let unmeasured = Calibration::portable().strength("exp", Flavour::Ufunc, Dtype::F64, Layout::Contiguous);
        assert_eq!(unmeasured, Strength::Rounding { ulp: PORTABLE_ULP });
    }
}
