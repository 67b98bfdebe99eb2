//! Behind a loop: its `else`, and what a `return` inside of an inlined function's loop means.
//!
//! ```text
//! for d in range(2, k):              broke = False
//!     if k % d == 0: break           for d in range(2, k):
//! else:                      =>          if k % d == 0: broke = True; break
//!     count += 1                     if not broke: count += 1
//! ```
//!
//! Lifting does not read a loop with `break` and `else`; only types are asked for without the flag.

use std::collections::BTreeSet;

use numlift_ir::function::RETURN;
use numlift_ir::op::Const;
use ruff_python_ast::Stmt;
use ruff_text_size::TextRange;

use super::bound::Exits;
use super::reader::{RETURNED, Reader};
use super::refusal::{Read, Refusal};
use super::suite::{Flow, Rest, Step};

/// Whether a loop with `else` was left by `break`, with where the loop begins behind it; no Python name looks like it.
pub(super) const BROKE: &str = "<broke";

impl<'a> Reader<'a> {
    /// A `break` of a loop with `else` sets a flag; gives its name.
    pub(super) fn carry_breaks(
        &mut self,
        exits: Exits,
        orelse: &[Stmt],
        at: TextRange,
        carried: &mut BTreeSet<String>,
    ) -> Read<Option<String>> {
        if !exits.breaks || orelse.is_empty() || self.typing.is_some() {
            return Ok(None);
        }
        if self.options.frames.is_none() {
            return Err(Refusal::new(at, "the `else` of a loop with `break` is not read"));
        }
        let flag = format!("{BROKE}{}>", u32::from(at.start()));
        let broke = self.b.constant(Const::Bool(false));
        self.env().insert(flag.clone(), broke);
        carried.insert(flag.clone());
        Ok(Some(flag))
    }

    /// A `return` inside the loop of an inlined function becomes a `break` with a flag.
    pub(super) fn carry_returns(&mut self, exits: Exits, carried: &mut BTreeSet<String>) -> bool {
        let inlined = self.frames.len() > 1;
        if !exits.returns || !inlined || self.in_loop() {
            return false;
        }
        carried.insert(RETURN.to_owned());
        carried.insert(RETURNED.to_owned());
        let returned = self.b.constant(Const::Bool(false));
        self.env().insert(RETURNED.to_owned(), returned);
        true
    }

    /// Reads what follows a loop: its `else`, and where it may have returned, the rest.
    pub(super) fn behind_loop(
        &mut self,
        exits: Exits,
        returns: bool,
        broke: Option<String>,
        orelse: &'a [Stmt],
        rest: &Rest<'_, 'a>,
    ) -> Read<Step> {
        let broke = broke.and_then(|flag| self.env().remove(&flag));
        if returns {
            let returned = self.value_or_unbound(RETURNED);
            self.env().remove(RETURNED);
            let value = self.env().remove(RETURN);
            let then = self.branch(|reader| {
                if let Some(value) = value {
                    reader.env().insert(RETURN.to_owned(), value);
                }
                Ok(Flow::Next)
            })?;
            let other = self.branch(|reader| match broke {
                None => reader.suite(orelse, Some(rest)),
                Some(broke) => {
                    let then = reader.branch(|reader| reader.suite(&[], Some(rest)))?;
                    let other = reader.branch(|reader| reader.suite(orelse, Some(rest)))?;
                    Ok(reader.merge(broke, then, other, &[RETURN]))
                }
            })?;
            return Ok(Step::Done(self.merge(returned, then, other, &[RETURN])));
        }
        match broke {
            Some(broke) => {
                let inner = Exits::of(orelse);
                let pulls = inner.continues && self.in_loop() || inner.returns && !self.in_loop();
                let rest = pulls.then_some(rest);
                let then = self.branch(|reader| reader.suite_with(&[], rest))?;
                let other = self.branch(|reader| reader.suite_with(orelse, rest))?;
                let flow = self.merge(broke, then, other, &[]);
                Ok(if pulls || flow == Flow::Left {
                    Step::Done(flow)
                } else {
                    Step::Next
                })
            }
            None if orelse.is_empty() => Ok(Step::Next),
            None if exits.breaks => self.orelse_types(orelse, rest),
            // The `else` of a loop without `break` always runs.
            None => Ok(Step::Done(self.suite(orelse, Some(rest))?)),
        }
    }
}
