//! `for` loops: the counted loop that everything iterable becomes.
//!
//! ```text
//! for v in x: body      =>      for %i in 0, len(x), 1 carrying the names that the body binds { v = x[%i]; body }
//! ```

use std::collections::BTreeSet;

use numlift_ir::function::{RETURN, ValueId};
use numlift_ir::op::Term;
use numlift_ir::ty::{Interval, Ty};
use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::bound::{self, Exits};
use super::facts::{Place, Site};
use super::frame::Header;
use super::iterate::{Element, Iteration};
use super::reader::{Env, Loop, Reader};
use super::refusal::{Read, Refusal};
use super::suite::{Flow, Rest, Step};

/// A counted loop.
pub(super) struct Count {
    pub start: ValueId,
    pub stop: ValueId,
    pub step: ValueId,
}

/// Whether an element of an iteration may be an int that is too large.
fn may_leave(iteration: &Iteration) -> bool {
    match iteration {
        // The loop's own index.
        Iteration::Range { .. } => false,
        Iteration::Items { .. } | Iteration::Anything { .. } | Iteration::Indices(_) => false,
        Iteration::Enumerate { .. } | Iteration::Zip(_) | Iteration::Reversed { .. } => true,
    }
}

impl<'a> Reader<'a> {
    pub(super) fn for_statement(&mut self, stmt: &'a ast::StmtFor, rest: &Rest<'_, 'a>) -> Read<Step> {
        if stmt.is_async {
            return Err(Refusal::any_code(
                stmt.range,
                "an asynchronous loop runs other code in between",
            ));
        }
        let exits = Exits::of(&stmt.body);
        let mut carried = bound::bound_names(&stmt.body);
        carried.extend(bound::target_names(&stmt.target));
        let broke = self.carry_breaks(exits, &stmt.orelse, stmt.range, &mut carried)?;
        let returns = self.carry_returns(exits, &mut carried);
        let origin = self.b.origin;
        let site = self.site(stmt.range, 0);
        let saved = self.save();
        let iteration = self.iteration(&stmt.iter)?;
        self.header_once(&saved, &iteration, stmt.iter.range())?;
        self.b.origin = origin;
        match iteration {
            Iteration::Indices(extents) if !exits.breaks && !exits.returns && self.options.frames.is_none() => {
                self.index_nest(&site, &extents, Vec::new(), &carried, stmt)?;
            }
            _ => {
                self.header = Some(Header {
                    statement: stmt.range,
                    iterated: stmt.iter.range(),
                });
                self.iterate(&site, &iteration, &carried, |reader, element| {
                    reader.assign_target(&stmt.target, element)?;
                    reader.suite(&stmt.body, None)
                })?;
            }
        }
        self.b.origin = origin;
        self.behind_loop(exits, returns, broke, &stmt.orelse, rest)
    }

    /// A loop for each extent.
    fn index_nest(
        &mut self,
        site: &Site,
        extents: &[ValueId],
        outer: Vec<Element>,
        carried: &BTreeSet<String>,
        stmt: &'a ast::StmtFor,
    ) -> Read<()> {
        let [extent, inner @ ..] = extents else {
            unreachable!("a nest has a loop")
        };
        let count = Count {
            start: self.b.int(0),
            stop: *extent,
            step: self.b.int(1),
        };
        let site = Site {
            slot: outer.len() as u32,
            ..site.clone()
        };
        self.counted_loop(&site, &count, carried, |reader, index| {
            let mut indices = outer.clone();
            indices.push(Element::Value(index));
            if !inner.is_empty() {
                reader.index_nest(&site, inner, indices, carried, stmt)?;
                return Ok(Flow::Next);
            }
            reader.assign_target(&stmt.target, &Element::Tuple(indices))?;
            reader.suite(&stmt.body, None)
        })
    }

    /// A loop over an iteration; `body` gets the value of each element.
    pub(super) fn iterate(
        &mut self,
        site: &Site,
        iteration: &Iteration,
        carried: &BTreeSet<String>,
        body: impl FnOnce(&mut Self, &super::iterate::Element) -> Read<Flow>,
    ) -> Read<()> {
        let count = self.count(iteration)?;
        let mut lists = Vec::new();
        if self.options.frames.is_some() {
            self.lists_of(iteration, &mut lists);
        }
        // What is computed of an iteration's number may leave as an element of a list does: earlier iterations are over.
        let may_leave = !lists.is_empty() || self.options.frames.is_some() && may_leave(iteration);
        let has_frames = self.frames.len() == 1 || !self.frame().suspended.is_empty();
        let header = self.header.take().filter(|_| may_leave && has_frames);
        self.counted_loop(site, &count, carried, |reader, index| {
            if let Some(header) = &header {
                reader.frame_of_for(header, iteration, index, "<0>");
            }
            reader.note_iterator(iteration, index);
            let element = reader.element(iteration, index)?;
            let mark = reader.b.mark();
            let flow = body(reader, &element)?;
            if let (Some(header), Flow::Next) = (&header, flow) {
                reader.lists_are_stable(header, iteration, &lists, index, mark);
            }
            Ok(flow)
        })?;
        match header {
            Some(_) => Ok(()),
            None => self.check_stable(iteration),
        }
    }

    /// A counted loop that carries names.
    pub(super) fn counted_loop(
        &mut self,
        site: &Site,
        count: &Count,
        carried: &BTreeSet<String>,
        body: impl FnOnce(&mut Self, ValueId) -> Read<Flow>,
    ) -> Read<()> {
        let origin = self.b.origin;
        let index_ty = Ty::Int(self.index_interval(count));
        let runs = self.surely_runs(count);
        let names = self.carried_names(carried);
        let init = self.initial_values(&names);
        let outer_block = self.b.block;
        let outer_env = self.frame().env.clone();
        self.lengths_change();
        let block = self.b.func.add_block();
        let index = self.b.func.add_param(block, index_ty, None);
        let types = self.enter_loop(site, block, &names, &init);
        self.b.block = block;
        let flow = body(self, index);
        if flow.is_err() {
            // What was read of it is not what later iterations see.
            self.seen_through.clear();
        }
        let open = self.leave_loop();
        self.b.block = outer_block;
        self.b.origin = origin;
        let yielded = match flow? {
            Flow::Next => Some(self.end_iteration(site, block, &names, &types)),
            Flow::Left => None,
        };
        let (result_types, places) = self.loop_results(&init, &types, yielded.as_deref(), &open, runs);
        let results = self
            .b
            .for_op([count.start, count.stop, count.step], &init, block, &result_types);
        self.leave_env(outer_env, &names)?;
        self.bind_results(&names, &results, places);
        Ok(())
    }

    /// The names that a loop carries: those that its body binds, those that functions called from it may, and the
    /// attributes that are stored.
    pub(super) fn carried_names(&self, bound: &BTreeSet<String>) -> Vec<String> {
        bound
            .iter()
            .cloned()
            .chain(self.volatile_names())
            .chain(self.stored_attributes())
            .collect::<BTreeSet<String>>()
            .into_iter()
            .collect()
    }

    /// Goes back to the names of before the loop; what it carries gets its values next.
    pub(super) fn leave_env(&mut self, before: Env, carried: &[String]) -> Read<()> {
        let after = std::mem::replace(self.env(), before);
        let before = &self.frame().env;
        let lost = after.iter().find(|(name, value)| {
            let own = self.own_names.iter().any(|names| names.contains(*name));
            // An attribute that was not known to be stored is carried in the next round.
            let held = self.facts.holds(name);
            // The function has returned from inside of the loop.
            let returned = self.frames.len() == 1 && *name == RETURN;
            let origin = self.origin_of(**value);
            let same = before
                .get(*name)
                .is_some_and(|before| self.origin_of(*before) == origin);
            !same && !own && !held && !returned && !carried.contains(name)
        });
        match lost {
            None => Ok(()),
            Some((name, _)) => Err(Refusal::statement(
                Default::default(),
                format!("`{name}` is bound in an unusual way"),
            )),
        }
    }

    /// What carried names are before the loop.
    pub(super) fn initial_values(&mut self, names: &[String]) -> Vec<ValueId> {
        names.iter().map(|name| self.value_or_unbound(name)).collect()
    }

    /// Gives a loop's block its parameters and opens the loop.
    pub(super) fn enter_loop(
        &mut self,
        site: &Site,
        block: numlift_ir::function::BlockId,
        names: &[String],
        init: &[ValueId],
    ) -> Vec<Ty> {
        let mut types = Vec::new();
        for (name, init) in names.iter().zip(init) {
            let before = self.ty(*init).clone();
            let ty = match self.facts.carried(site, name) {
                Some(next) => self.kept(before.join(next)),
                None => before,
            };
            let shown = (!name.starts_with('<') && name != RETURN).then_some(name.as_str());
            let param = self.b.func.add_param(block, ty.clone(), shown);
            let mut places = self.places_or_unknown(*init);
            places.extend(self.facts.carried_places(site, name));
            self.set_places(param, places);
            types.push(ty);
            self.env().insert(name.clone(), param);
        }
        self.stored.clear();
        self.loops.push(Loop {
            carried: names.to_vec(),
            breaks: Vec::new(),
            broken: false,
            iterator: None,
            first_value: self.b.func.values.len() - names.len(),
        });
        types
    }

    pub(super) fn leave_loop(&mut self) -> Loop {
        self.stored.clear();
        self.loops.pop().expect("the loop was opened")
    }

    /// Ends the body with the values for the next iteration.
    pub(super) fn end_iteration(
        &mut self,
        site: &Site,
        block: numlift_ir::function::BlockId,
        names: &[String],
        types: &[Ty],
    ) -> Vec<ValueId> {
        let outer = self.b.block;
        self.b.block = block;
        let values: Vec<ValueId> = names.iter().map(|name| self.value_or_unbound(name)).collect();
        self.b.block = outer;
        for ((name, value), seen) in names.iter().zip(&values).zip(types) {
            let next = self.ty(*value).clone();
            self.facts.carry(site, name, seen, &next);
            let places = self.places_or_unknown(*value);
            self.facts.carry_places(site, name, &places);
        }
        self.b.end(block, Term::Yield(values.clone()));
        values
    }

    /// The types of a loop's results, and the lists that they may be; `carried` are the types of what it carries.
    pub(super) fn loop_results(
        &self,
        init: &[ValueId],
        carried: &[Ty],
        yielded: Option<&[ValueId]>,
        open: &Loop,
        runs: bool,
    ) -> (Vec<Ty>, Vec<BTreeSet<Place>>) {
        (0..init.len())
            .map(|number| {
                let mut parts: Vec<(Ty, BTreeSet<Place>)> = Vec::new();
                let part = |value: ValueId| (self.ty(value).clone(), self.places_or_unknown(value));
                // What nothing is known of is an object in machine code, and stays one.
                let is_object = self.options.frames.is_some() && *carried[number].bound() == Ty::Unknown;
                if !runs || is_object || (yielded.is_none() && !open.broken) {
                    parts.push(part(init[number]));
                }
                parts.extend(yielded.map(|values| part(values[number])));
                if open.broken {
                    parts.push(open.breaks[number].clone());
                }
                let places = parts.iter().flat_map(|(_, places)| places.clone()).collect();
                let ty = parts
                    .into_iter()
                    .map(|(ty, _)| ty)
                    .reduce(|a, b| a.join(&b))
                    .unwrap_or(Ty::Never);
                (self.kept(ty), places)
            })
            .unzip()
    }

    pub(super) fn bind_results(&mut self, names: &[String], results: &[ValueId], places: Vec<BTreeSet<Place>>) {
        for ((name, result), places) in names.iter().zip(results).zip(places) {
            self.bind(name, *result);
            self.set_places(*result, places);
        }
    }

    /// Where the index lies; the step's sign is known.
    fn index_interval(&self, count: &Count) -> Interval {
        let (start, stop) = (self.b.interval(count.start), self.b.interval(count.stop));
        let one = Interval::point(1);
        match self.b.interval(count.step).lo {
            Some(lo) if lo > 0 => Interval {
                lo: start.lo,
                hi: stop.sub(one).hi,
            },
            _ => Interval {
                lo: stop.add(one).lo,
                hi: start.hi,
            },
        }
    }

    /// Whether there is an iteration whatever the values are.
    fn surely_runs(&self, count: &Count) -> bool {
        let (start, stop) = (self.b.interval(count.start), self.b.interval(count.stop));
        match self.b.interval(count.step).lo {
            Some(lo) if lo > 0 => start.hi.zip(stop.lo).is_some_and(|(start, stop)| start < stop),
            _ => start.lo.zip(stop.hi).is_some_and(|(start, stop)| start > stop),
        }
    }
}
