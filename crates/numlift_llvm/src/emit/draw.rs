//! Random numbers, by a generator's own bits.
//!
//! ```text
//! x = rng.normal(0, s)        status = nl_draw(ctx, normal of a Generator, rng, …, [0.0, s], out)
//!                             status != 0:  the call of Python: another thread draws, or `s` is negative
//! ```
//!
//! What NumPy's own function of the distribution gives, without the call of Python around it. The stream is the
//! generator's, whoever draws next.

use numlift_abi::draws::{Distribution, Stream, number};
use numlift_abi::runtime;
use numlift_ir::draws::{self, Given, Size};
use numlift_ir::function::OpId;
use numlift_ir::scalar::ScalarTy;

use super::island::Attempt;
use super::number::float;
use super::{Emit, Emitter};
use crate::value::Value;

impl Emitter<'_> {
    /// A call that Python runs, unless it draws what machine code can draw.
    pub(super) fn draw_or_island_op(&mut self, op: OpId) -> Emit<()> {
        let attempt = self.draw(op)?;
        self.island_after(op, attempt.as_ref())
    }

    fn draw(&mut self, op: OpId) -> Emit<Option<Attempt>> {
        let Some(draw) = draws::draw(self.func, op) else {
            return Ok(None);
        };
        let Some(number) = stream_of(draw.stream)
            .zip(distribution(draw.what))
            .map(|(s, what)| number(s, what))
        else {
            return Ok(None);
        };
        let (object, place) = match draw.generator.map(|generator| self.get(generator)).transpose()? {
            None => ("null".to_owned(), "null".to_owned()),
            Some(Value::Generator { object, bits, .. }) => (object, bits),
            Some(_) => return Ok(None),
        };
        let Some(given) = self.given(&draw.given)? else {
            return Ok(None);
        };
        let Some(extents) = self.drawn_extents(&draw.size)? else {
            return Ok(None);
        };
        let call = match draw.size {
            Size::One => format!(
                "call i32 @{}(ptr %ctx, i32 {number}, ptr {object}, ptr {place}, ptr {given}",
                runtime::DRAW
            ),
            Size::Array(_) => {
                let rank = extents.len();
                let shape = self.stored(&extents);
                format!(
                    "call i32 @{}(ptr %ctx, i32 {number}, ptr {object}, ptr {place}, ptr {given}, i32 {rank}, ptr {shape}",
                    runtime::DRAW_ARRAY
                )
            }
        };
        Ok(Some(Attempt { call }))
    }

    /// The parameters in slots; nothing where one is of several types.
    fn given(&mut self, given: &[Given]) -> Emit<Option<String>> {
        let mut words = Vec::new();
        for one in given {
            let word = match *one {
                Given::ConstFloat(value) => self.text.value(&format!("bitcast double {} to i64", float(value))),
                Given::ConstInt(value) => value.to_string(),
                Given::Float(value) => match self.bound(value)? {
                    Value::Number(number) => {
                        let Some(double) = self.cast(&number, ScalarTy::PyFloat) else {
                            return Ok(None);
                        };
                        self.text.value(&format!("bitcast double {} to i64", double.re))
                    }
                    _ => return Ok(None),
                },
                Given::Int(value) => match self.bound(value)? {
                    Value::Number(number) => self.as_i64(&number),
                    _ => return Ok(None),
                },
            };
            words.push(word);
        }
        Ok(Some(self.stored(&words)))
    }

    fn drawn_extents(&mut self, size: &Size) -> Emit<Option<Vec<String>>> {
        let Size::Array(extents) = size else {
            return Ok(Some(Vec::new()));
        };
        let mut given = Vec::new();
        for extent in extents {
            match self.bound(*extent)? {
                Value::Tuple(items) => given.extend(items),
                other => given.push(other),
            }
        }
        let mut registers = Vec::new();
        for extent in given {
            match extent {
                Value::Number(number) if number.im.is_none() && number.ty != ScalarTy::PyFloat => {
                    registers.push(self.as_i64(&number));
                }
                _ => return Ok(None),
            }
        }
        Ok(Some(registers))
    }

    fn stored(&mut self, words: &[String]) -> String {
        let slots = self.text.slots(words.len());
        for (place, word) in words.iter().enumerate() {
            let address = self
                .text
                .value(&format!("getelementptr inbounds i64, ptr {slots}, i64 {place}"));
            self.text.line(&format!("store i64 {word}, ptr {address}"));
        }
        slots
    }
}

fn stream_of(name: &str) -> Option<Stream> {
    Some(match name {
        "Generator" => Stream::Generator,
        "RandomState" => Stream::RandomState,
        "numpy.random" => Stream::Numpy,
        "random" => Stream::Python,
        _ => return None,
    })
}

fn distribution(name: &str) -> Option<Distribution> {
    Some(match name {
        "random" => Distribution::Random,
        "uniform" => Distribution::Uniform,
        "standard_normal" => Distribution::StandardNormal,
        "normal" => Distribution::Normal,
        "standard_exponential" => Distribution::StandardExponential,
        "exponential" => Distribution::Exponential,
        "standard_gamma" => Distribution::StandardGamma,
        "gamma" => Distribution::Gamma,
        "beta" => Distribution::Beta,
        "laplace" => Distribution::Laplace,
        "lognormal" => Distribution::Lognormal,
        "poisson" => Distribution::Poisson,
        "binomial" => Distribution::Binomial,
        "geometric" => Distribution::Geometric,
        "integers" => Distribution::Integers,
        "bits" => Distribution::Bits,
        "normalvariate" => Distribution::NormalVariate,
        _ => return None,
    })
}
