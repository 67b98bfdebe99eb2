//! An element that is drawn.
//!
//! ```text
//! random.choice(x)         x[random.randrange(len(x))]       of a list or a vector
//! rng.choice(x)            x[rng.integers(len(x))]           of a vector
//! np.random.choice(x)      x[np.random.randint(len(x))]
//! ```
//!
//! As the libraries' own source has it, so that the stream is the same. With weights, a size or without replacement it
//! is a call. Where compiled code is left behind the draw, the element is taken at the place that was drawn.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

use super::call::Args;
use super::reader::Reader;
use super::refusal::Read;
use super::subscript::Subscripts;

impl Reader<'_> {
    /// A choice by a library's function; nothing where it is another call.
    pub(super) fn chosen_call(&mut self, name: &str, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        let (callee, of_lists) = match name {
            "random.choice" => ("random.randrange", true),
            "numpy.random.choice" => ("numpy.random.randint", false),
            _ => return Ok(None),
        };
        let kind = Kind::Call {
            callee: callee.to_owned(),
            keywords: Vec::new(),
        };
        self.element_drawn(kind, None, args, of_lists, at)
    }

    /// A choice by a generator.
    pub(super) fn chosen_by(
        &mut self,
        generator: ValueId,
        name: &str,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let Ty::Generator { legacy } = *self.bound_ty(generator) else {
            return Ok(None);
        };
        if name != "choice" {
            return Ok(None);
        }
        let kind = Kind::Method {
            name: if legacy { "randint" } else { "integers" }.to_owned(),
            keywords: Vec::new(),
        };
        self.element_drawn(kind, Some(generator), args, false, at)
    }

    fn element_drawn(
        &mut self,
        draw: Kind,
        generator: Option<ValueId>,
        args: &Args,
        of_lists: bool,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let ([from], true, true) = (
            &args.positional[..],
            args.keywords.is_empty(),
            self.options.frames.is_some(),
        ) else {
            return Ok(None);
        };
        let is_taken = match self.bound_ty(*from) {
            Ty::List(..) => of_lists,
            Ty::Array { shape, .. } => shape.len() == 1,
            _ => false,
        };
        if !is_taken {
            return Ok(None);
        }
        let before = self.b.mark();
        let (length, zero) = (self.b.len(*from, 0), self.b.int(0));
        let some = self.b.operator(F::Gt, &[length, zero]);
        self.b
            .effect(Kind::Require("something to choose from".to_owned()), &[some]);
        let operands: Vec<ValueId> = generator.into_iter().chain([length]).collect();
        let place = self.b.value(draw, &operands);
        self.keep_place(at, *from, place, before);
        let subs = Subscripts {
            subs: vec![Sub::At],
            operands: vec![place],
        };
        self.load(*from, &subs, at).map(Some)
    }
}
