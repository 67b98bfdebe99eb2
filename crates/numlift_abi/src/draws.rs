//! Random numbers that compiled code draws: what one is called, and by which number it is asked for.
//!
//! Those of generators, of NumPy's global state and of Python's `random` are told apart by the name in front; the
//! distribution is the part behind it. Which parameters each has, in which order, the IR says (`numlift_ir::draws`).

/// What is drawn, in the order of [`Distribution::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distribution {
    /// Floats in [0, 1).
    Random,
    /// `low, high`
    Uniform,
    StandardNormal,
    /// `loc, scale`
    Normal,
    StandardExponential,
    /// `scale`
    Exponential,
    /// `shape`
    StandardGamma,
    /// `shape, scale`
    Gamma,
    /// `a, b`
    Beta,
    /// `loc, scale`
    Laplace,
    /// `mean, sigma`
    Lognormal,
    /// `lam`
    Poisson,
    /// `n, p`; `n` is an int.
    Binomial,
    /// `p`
    Geometric,
    /// `low, high`, and whether `high` counts: ints.
    Integers,
    /// So many random bits: an int.
    Bits,
    /// Python's other normal distribution, `mu, sigma`.
    NormalVariate,
}

/// Whose numbers they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// That of a `Generator`.
    Generator,
    /// That of a `RandomState`.
    RandomState,
    /// NumPy's global one.
    Numpy,
    /// That of Python's `random`.
    Python,
}

impl Distribution {
    pub const ALL: [Self; 17] = [
        Self::Random,
        Self::Uniform,
        Self::StandardNormal,
        Self::Normal,
        Self::StandardExponential,
        Self::Exponential,
        Self::StandardGamma,
        Self::Gamma,
        Self::Beta,
        Self::Laplace,
        Self::Lognormal,
        Self::Poisson,
        Self::Binomial,
        Self::Geometric,
        Self::Integers,
        Self::Bits,
        Self::NormalVariate,
    ];
}

impl Stream {
    pub const ALL: [Self; 4] = [Self::Generator, Self::RandomState, Self::Numpy, Self::Python];
}

/// The number by which compiled code asks for what a stream draws.
pub fn number(stream: Stream, what: Distribution) -> i32 {
    (what as i32) * Stream::ALL.len() as i32 + stream as i32
}

/// What a number asks for.
pub fn of_number(number: i32) -> Option<(Stream, Distribution)> {
    let number = usize::try_from(number).ok()?;
    let count = Stream::ALL.len();
    let what = Distribution::ALL.get(number / count)?;
    Some((Stream::ALL[number % count], *what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_what_it_asks_for() {
        for stream in Stream::ALL {
            for what in Distribution::ALL {
                assert_eq!(of_number(number(stream, what)), Some((stream, what)));
            }
        }
        assert_eq!(of_number(-1), None);
    }
}
