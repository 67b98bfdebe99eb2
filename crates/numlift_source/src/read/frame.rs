//! Frames: where Python goes on if compiled code is left, and what every name is then.
//!
//! Names that Python does not read from there on are left out: what is not needed need not be computed, nor be handed
//! from iteration to iteration.
//!
//! Python goes on at a statement, which is then run from its start. So a statement that is compiled has no effect before
//! the last place at which it may be left: [`super::once`].

use numlift_ir::build::Mark;
use numlift_ir::function::{OpId, RETURN, ValueId};
use numlift_ir::op::{Const, Effect, Kind, MADE_HERE};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::bound::Exits;
use super::iterate::Iteration;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::suite::{Rest, Step};
use super::within::Names;
use crate::names::FunctionId;

impl<'a> Reader<'a> {
    /// The frame of a statement of the function itself.
    pub(super) fn frame_of(&mut self, stmt: &Stmt) {
        self.frame_at(stmt.range());
    }

    /// The frame of the statement at a range.
    pub(super) fn frame_at(&mut self, range: TextRange) {
        self.done.begin(range, self.b.block);
        self.frame_with(range, Vec::new());
    }

    /// The frame of a `for` statement that has come to element number `index` of what it goes through: Python goes on
    /// with the element that `first` is, an expression of `<0>`. The loop itself is not around it, though it is open.
    pub(super) fn frame_of_for(&mut self, header: &Header, iteration: &Iteration, index: ValueId, first: &str) {
        let mut operands = vec![index];
        let text = from_element(iteration, &mut operands, first);
        let open = self.loops.last_mut().and_then(|open| open.iterator.take());
        self.frame_with(header.statement, vec![(header.iterated, text, operands)]);
        if let Some(last) = self.loops.last_mut() {
            last.iterator = open;
        }
    }

    /// The parts of the statement that are computed are expressions of their operands.
    pub(super) fn frame_with(&mut self, range: TextRange, parts: Vec<(TextRange, String, Vec<ValueId>)>) {
        if self.options.frames.is_none() || self.frames.len() > 1 && self.frame().suspended.is_empty() {
            return;
        }
        let (names, values) = self.frame_names(range).into_iter().unzip();
        let mut all = Names { names, values };
        // What Python finds in the objects when it goes on.
        for (number, (object, attribute, value)) in self.changed_attributes().into_iter().enumerate() {
            let attribute = match super::records::key_as_name(&attribute) {
                Some(key) => format!("__nl_item{number}_{key}"),
                None => format!("__nl_attribute{number}_{attribute}"),
            };
            all.names.extend([format!("__nl_object{number}"), attribute]);
            all.values.extend([object, value]);
        }
        let iterators = all.all_named(&self.iterators_at(range));
        let computed = parts.into_iter().map(|(range, text, operands)| {
            let text = all.named(&text, &operands);
            (range.start().into(), range.end().into(), text)
        });
        let mut computed: Vec<(u32, u32, String)> = computed.collect();
        computed.extend(all.computed(&self.frame().partial));
        let callers = self.callers(&mut all);
        let outer = self.b.origin;
        self.at(range);
        let kind = Kind::Frame {
            names: all.names,
            iterators,
            computed,
            callers,
        };
        self.b.typed_op(kind, &all.values, &[]);
        self.b.origin = outer;
    }

    /// The names of the present function that Python reads from a statement on, with their values.
    pub(super) fn frame_names(&mut self, range: TextRange) -> Vec<(String, ValueId)> {
        let frame = self.frame();
        let later = match self.options.all_names {
            true => None,
            false => frame.module.flow.later_reads(frame.scope, range.start()),
        };
        let is_read = |name: &str| {
            let names = &frame.module.names;
            later.as_ref().is_none_or(|later| later.includes(names, name)) || self.is_for_super(name)
        };
        let outside = self.options.frames.as_ref().filter(|_| self.frames.len() == 1);
        let own = |name: &String| {
            let is_outside = outside.is_some_and(|outside| outside.contains(name));
            !name.starts_with('<') && name != RETURN && !is_outside && is_read(name.as_str())
        };
        let bound = frame.env.iter().filter(|(name, _)| own(name));
        let (mut names, mut values): (Vec<String>, Vec<ValueId>) =
            bound.map(|(name, value)| (name.clone(), *value)).unzip();
        if self.frames.len() == 1 {
            self.define_again(&mut names, &mut values);
        }
        names.into_iter().zip(values).collect()
    }

    /// Functions that are made here are no values: Python defines them again where it goes on. The name says where they
    /// stand, `__nl_define_<line>_<column>_<name>`. One that has several names has to be an object.
    fn define_again(&mut self, names: &mut [String], values: &mut [ValueId]) {
        let places: Vec<Option<u32>> = names
            .iter()
            .zip(values.iter())
            .map(|(name, value)| self.made_here(name, *value))
            .collect();
        for (number, place) in places.iter().enumerate() {
            let Some(start) = place.filter(|_| places.iter().filter(|other| *other == place).count() == 1) else {
                continue;
            };
            let at = self.frames[0].module.place(start);
            names[number] = format!("__nl_define_{}_{}_{}", at.line, at.column, names[number]);
            values[number] = self.b.constant(Const::None);
        }
    }

    /// Where the `def` or `lambda` stands that a name is bound to, if the function makes it itself.
    fn made_here(&self, name: &str, value: ValueId) -> Option<u32> {
        if self.b.func.block(self.b.func.body).params.contains(&value) {
            return None;
        }
        match self.ty(value) {
            Ty::Author(number) => {
                let names = &self.frames[0].module.names;
                let made = names.function(FunctionId(*number));
                let own = names.function(self.options.compiled?).range;
                let is_own = own.contains_range(made.range) && made.range != own;
                (is_own && made.name == name).then(|| made.range.start().into())
            }
            Ty::Extern(text) => text.strip_prefix(MADE_HERE)?.strip_prefix("lambda")?.parse().ok(),
            _ => None,
        }
    }

    /// Whether `super()` without arguments may ask for a name: the first parameter, of a function in a class.
    fn is_for_super(&self, name: &str) -> bool {
        let frame = &self.frames[0];
        let first = self.b.func.block(self.b.func.body).params.first();
        let is_first = first.is_some_and(|first| self.b.func.name_of(*first) == Some(name));
        is_first && frame.module.parsed.text.as_str().contains("super")
    }

    /// `try` without an exception: its body, its `else`, its `finally`. Where something raises, compiled code is left
    /// before, and Python goes on inside of the statement; so nothing may raise behind an effect of its own.
    pub(super) fn guarded(&mut self, stmt: &'a ast::StmtTry, rest: &Rest<'_, 'a>) -> Read<Step> {
        let leaves = |suite: &[ast::Stmt]| !Exits::of(suite).none();
        if !stmt.finalbody.is_empty() && (leaves(&stmt.body) || leaves(&stmt.orelse)) {
            return Err(Refusal::new(stmt.range, "control leaves a `try` with `finally`"));
        }
        let saved = self.save();
        let behind = Rest {
            stmts: &stmt.finalbody,
            next: Some(rest),
        };
        let otherwise = Rest {
            stmts: &stmt.orelse,
            next: Some(&behind),
        };
        let flow = self.suite(&stmt.body, Some(&otherwise))?;
        // What the `else` raises is caught by nobody here, but a `finally` runs.
        let last = match stmt.finalbody.is_empty() {
            true => stmt.body.last(),
            false => stmt.orelse.last().or(stmt.body.last()),
        };
        let end = u32::from(last.map_or(stmt.end(), |last| last.end()));
        let file = self.frame().file;
        let unknown = self.b.ops_since(saved.mark()).find(|op| {
            let data = self.b.func.op(*op);
            // What a function does that was seen through is done where it is called.
            let places = std::iter::successors(Some(data.origin), |origin| {
                self.b.func.origins[origin.index()].inlined_at
            });
            let inside = places
                .map(|origin| &self.b.func.origins[origin.index()])
                .any(|origin| origin.file == file && origin.start >= u32::from(stmt.start()) && origin.end <= end);
            let text = matches!(
                &data.kind,
                Kind::Opaque { .. } | Kind::Call { .. } | Kind::Method { .. }
            );
            inside && text && !matches!(data.kind.effect(), Effect::Pure | Effect::Reads)
        });
        match unknown {
            Some(_) => Err(Refusal::new(stmt.range, "code that is not known runs inside `try`")),
            None => Ok(Step::Done(flow)),
        }
    }

    /// The loop that was entered last is a `for`: what is still to come of it.
    pub(super) fn note_iterator(&mut self, iteration: &Iteration, index: ValueId) {
        if self.options.frames.is_none() {
            return;
        }
        let mut operands = vec![index];
        let text = match iteration {
            Iteration::Range { stop, step, .. } => {
                operands.extend([*stop, *step]);
                "range(<0> + <2>, <1>, <2>)".to_owned()
            }
            iteration => from_element(iteration, &mut operands, "<0> + 1"),
        };
        if let Some(open) = self.loops.last_mut() {
            open.iterator = Some((text, operands));
        }
    }

    /// At the end of an iteration: where a list that is gone through has another length than before, Python goes on with
    /// the rest of it.
    pub(super) fn lists_are_stable(
        &mut self,
        header: &Header,
        iteration: &Iteration,
        lists: &[(ValueId, ValueId)],
        index: ValueId,
        body: Mark,
    ) {
        if !self.b.ops_since(body).any(|op| self.may_change_lengths(op)) {
            return;
        }
        self.frame_of_for(header, iteration, index, "<0> + 1");
        for (list, before) in lists {
            let now = self.b.len(*list, 0);
            let same = self.b.operator(F::Eq, &[now, *before]);
            self.b
                .effect(Kind::Require("the list as long as it was".to_owned()), &[same]);
        }
    }

    fn may_change_lengths(&self, op: OpId) -> bool {
        let data = self.b.func.op(op);
        match &data.kind {
            Kind::Append | Kind::Opaque { .. } => true,
            Kind::Method { name, .. } => {
                let is_list = matches!(self.ty(data.args[0]).bound(), Ty::List(..));
                is_list && numlift_ir::effects::changes_length(name) || data.kind.effect() == Effect::World
            }
            kind => kind.effect() == Effect::World && !matches!(kind, Kind::Frame { .. } | Kind::Require(_)),
        }
    }
}

/// Where a `for` statement stands in the text, and what it goes through.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub statement: TextRange,
    pub iterated: TextRange,
}

/// The iterator over the elements from number `first` on, an expression of operand `<0>`.
fn from_element(iteration: &Iteration, operands: &mut Vec<ValueId>, first: &str) -> String {
    let operand = |value: ValueId, operands: &mut Vec<ValueId>| {
        operands.push(value);
        format!("<{}>", operands.len() - 1)
    };
    match iteration {
        Iteration::Range { start, stop, step } => {
            let (start, stop, step) = (
                operand(*start, operands),
                operand(*stop, operands),
                operand(*step, operands),
            );
            format!("iter(range({start}, {stop}, {step})[{first}:])")
        }
        Iteration::Items { base, .. } | Iteration::Anything { base, .. } => {
            format!("_items({}, {first})", operand(*base, operands))
        }
        Iteration::Enumerate { inner, start } => {
            let start = operand(*start, operands);
            format!("enumerate({}, {start} + {first})", from_element(inner, operands, first))
        }
        Iteration::Zip(parts) => {
            let parts: Vec<String> = parts.iter().map(|part| from_element(part, operands, first)).collect();
            format!("zip({})", parts.join(", "))
        }
        Iteration::Reversed { inner, len } => {
            let len = operand(*len, operands);
            match &**inner {
                Iteration::Items { base, .. } => {
                    let base = operand(*base, operands);
                    format!("_reversed({base}, {len} - 1 - ({first}))")
                }
                Iteration::Range { start, step, .. } => {
                    let (start, step) = (operand(*start, operands), operand(*step, operands));
                    format!("({start} + {step} * __nl_at for __nl_at in range({len} - 1 - ({first}), -1, -1))")
                }
                inner => from_element(inner, operands, first),
            }
        }
        Iteration::Indices(extents) => {
            let extents: Vec<String> = extents.iter().map(|extent| operand(*extent, operands)).collect();
            let divmods: Vec<String> = (0..extents.len())
                .map(|axis| {
                    let inner = extents[axis + 1..]
                        .iter()
                        .fold("1".to_owned(), |product, extent| format!("{product} * {extent}"));
                    format!("__nl_at // ({inner}) % {}", extents[axis])
                })
                .collect();
            let size = extents.join(" * ");
            format!("(({},) for __nl_at in range({first}, {size}))", divmods.join(", "))
        }
    }
}
