//! The reader's state: where it stands, what names mean, and the rounds.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::build::{Builder, Mark};
use numlift_ir::function::{Function, Origin, OriginId, RETURN, ValueId};
use numlift_ir::op::{Kind, Term, Touches};
use numlift_ir::ty::{Dim, Ty};
use ruff_python_ast::{ExprLambda, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::Options;
use super::bound;
use super::done::Done;
use super::errstate::Entered;
use super::extents::Equal;
use super::facts::{Facts, Place, Site, Source};
use super::frame::Header;
use super::held::Held;
use super::places::Places;
use super::program::Length;
use super::refusal::{Read, Refusal};
use super::suite::Flow;
use super::visits::Typing;
use super::within::{Part, Suspended};
use crate::module::Module;
use crate::names::{FunctionId, ScopeId};
use crate::project::{ModuleId, ProjectNames};

/// Names to values.
pub(super) type Env = BTreeMap<String, ValueId>;

/// After so many rounds without rest the region is opaque.
const MAX_ROUNDS: usize = 24;

/// Whether an inlined function has returned from inside a loop; no Python name looks like it.
pub(super) const RETURNED: &str = "<returned>";

/// The code of one function (or of the region) that is being read.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    pub module: &'a Module,
    pub file: u32,
    pub scope: ScopeId,
    /// `None` for the region itself.
    pub function: Option<FunctionId>,
    pub env: Env,
    pub inlined_at: Option<OriginId>,
    /// Places of the calls that led here.
    pub path: Vec<(u32, u32)>,
    /// How many loops were open when it began.
    pub loops: usize,
    /// The frame whose names a nested function sees.
    pub enclosing: Option<usize>,
    /// Extents that a test has shown to be one number; they hold to the end of the suite that the test stands in.
    pub equal: Vec<Equal>,
    /// It has variables of the function around it as its own while it runs.
    pub shares: bool,
    /// The statement that is read, and what is computed of it.
    pub statement: TextRange,
    pub partial: Vec<Part>,
    /// The functions that wait for this one, the innermost first, where it has frames of its own.
    pub suspended: Vec<Suspended>,
    /// Managers that are entered somewhere in it.
    pub entered: Vec<Entered>,
}

/// A loop around the place that is read.
#[derive(Debug, Clone)]
pub(super) struct Loop {
    /// Names whose values it hands from iteration to iteration.
    pub carried: Vec<String>,
    /// Types and places that a `break` hands over.
    pub breaks: Vec<(Ty, BTreeSet<Place>)>,
    pub broken: bool,
    /// Of a `for` statement: the iterator over what is still to come, as Python text and the values that it reads.
    pub iterator: Option<(String, Vec<ValueId>)>,
    /// Values from this number on are made inside.
    pub first_value: usize,
}

pub(super) struct Reader<'a> {
    pub project: &'a ProjectNames,
    pub options: &'a Options,
    pub b: Builder,
    pub frames: Vec<Frame<'a>>,
    pub loops: Vec<Loop>,
    pub facts: Facts,
    /// Lists that a value may be.
    pub places: Places,
    /// Attributes stored on this straight line: object, attribute, value.
    pub stored: Vec<(ValueId, String, ValueId)>,
    /// What of the present statement is not done again.
    pub done: Done,
    /// Code of the function that is compiled runs when something is raised in it.
    pub guards: bool,
    /// Attributes that are held like variables.
    pub held: Held,
    /// Ops made in this round, dropped ones too.
    pub made: usize,
    pub outputs: Vec<String>,
    /// Calls that were read through in this round, by file and offset: whether code that is not known may have run.
    pub seen_through: BTreeMap<(u32, u32), SeenThrough>,
    /// How many calls were read through.
    pub calls: u32,
    /// Calls from this number on belong to the attempt that was given up last.
    pub attempt: u32,
    /// Opaque ops that may run any code of the author's.
    pub any_code: u32,
    /// How often lists have changed so far, or may have.
    pub changes: u32,
    /// Lengths that were taken of lists, with the changes before.
    pub measured: BTreeMap<ValueId, u32>,
    /// Values that were shown not to be `None`, and what they are then known of.
    pub narrowed: BTreeMap<ValueId, ValueId>,
    /// Operators and loops on unknown objects may run the author's code.
    pub hooks: bool,
    /// The `lambda` that a value is, with the file and scope that it stands in.
    pub lambdas: BTreeMap<ValueId, (&'a ExprLambda, u32, ScopeId)>,
    /// Statements have frames within: see [`super::within`].
    pub within: bool,
    /// But not here.
    pub no_parts: bool,
    /// Functions in functions, by where they are written.
    pub nested: BTreeMap<ValueId, TextRange>,
    /// Branches of the present function around the place that is read.
    pub chosen: usize,
    /// The string that a value is known to be.
    pub texts: BTreeMap<ValueId, String>,
    /// What is noted of a whole program.
    pub typing: Option<Typing<'a>>,
    /// Names of the comprehensions around.
    pub own_names: Vec<BTreeSet<String>>,
    /// Numbers for names that reading makes up.
    pub fresh: u32,
    /// The header of the `for` statement whose loop is entered next.
    pub header: Option<Header>,
}

/// A call whose function's body was read.
#[derive(Debug, Clone)]
pub(super) struct SeenThrough {
    /// Code that is not known may have run.
    pub any_code: bool,
    /// Which call it was, counted in the round.
    pub number: u32,
    /// The type of what it returned.
    pub returns: Ty,
}

/// A state to go back to.
pub(super) struct Saved {
    mark: Mark,
    env: Env,
    frames: usize,
    loops: usize,
    own_names: usize,
    calls: u32,
    breaks: Vec<(usize, bool)>,
    stored: Vec<(ValueId, String, ValueId)>,
    done: Done,
    partial: Vec<Part>,
}

pub(super) fn read<'a>(
    project: &'a ProjectNames,
    module: ModuleId,
    statements: &'a [Stmt],
    inputs: &[(String, Ty)],
    outputs: &[String],
    options: &'a Options,
) -> Function {
    let mut facts = Facts::default();
    for round in 0..MAX_ROUNDS {
        facts.changed = false;
        let mut reader = Reader::new(project, module, statements, inputs, outputs, options, facts);
        if round + 1 == MAX_ROUNDS {
            return reader.opaque_region(statements, "its types do not come to rest");
        }
        reader.region(statements);
        reader.note_returned();
        if !reader.facts.changed {
            return reader.b.func;
        }
        facts = reader.facts;
    }
    unreachable!("the last round returns")
}

impl Saved {
    /// Where ops stood.
    pub fn mark(&self) -> Mark {
        self.mark
    }
}

impl<'a> Reader<'a> {
    pub fn new(
        project: &'a ProjectNames,
        id: ModuleId,
        statements: &[Stmt],
        inputs: &[(String, Ty)],
        outputs: &[String],
        options: &'a Options,
        facts: Facts,
    ) -> Self {
        let module = project.module(id);
        let start = statements.first().map_or_else(Default::default, |stmt| stmt.start());
        let scope = module.names.scope_of_statement(start);
        let name = module.names.scope(scope).qualname.clone();
        let frame = Frame {
            module,
            file: id.0,
            scope,
            function: options.compiled,
            env: Env::new(),
            inlined_at: None,
            path: Vec::new(),
            loops: 0,
            enclosing: None,
            equal: Vec::new(),
            shares: false,
            statement: TextRange::default(),
            partial: Vec::new(),
            suspended: Vec::new(),
            entered: Vec::new(),
        };
        let mut reader = Self {
            project,
            options,
            b: Builder::new(&name),
            frames: vec![frame],
            loops: Vec::new(),
            facts,
            places: Places::default(),
            stored: Vec::new(),
            done: Done::default(),
            guards: super::bound::Exits::of(statements).guards,
            held: Held::new(),
            made: 0,
            outputs: outputs.to_vec(),
            seen_through: BTreeMap::new(),
            calls: 0,
            attempt: 0,
            any_code: 0,
            changes: 0,
            measured: BTreeMap::new(),
            narrowed: BTreeMap::new(),
            hooks: super::reach::has_hooks(project),
            lambdas: BTreeMap::new(),
            within: false,
            no_parts: false,
            nested: BTreeMap::new(),
            chosen: 0,
            texts: BTreeMap::new(),
            typing: None,
            own_names: Vec::new(),
            fresh: 0,
            header: None,
        };
        reader.b.func.outputs = outputs.to_vec();
        reader.b.func.lists_grow = options.frames.is_some();
        for (name, ty) in inputs {
            reader.input(name, ty);
        }
        reader.hold();
        reader.know_lambdas();
        for length in &options.lengths {
            reader.tie(length);
        }
        reader
    }

    /// A parameter of the region.
    pub fn input(&mut self, name: &str, ty: &Ty) -> ValueId {
        let source = Source::Input(name.to_owned());
        let ty = match self.facts.list(&source) {
            Some(wider) => ty.join(wider),
            None => ty.clone(),
        };
        let body = self.b.func.body;
        let value = self.b.func.add_param(body, ty.clone(), Some(name));
        self.set_places(value, BTreeSet::from([(source, 0)]));
        self.frames[0].env.insert(name.to_owned(), value);
        if let Some(text) = self.options.texts.get(name) {
            self.texts.insert(value, text.clone());
        }
        value
    }

    /// A live-in that is known by another one.
    fn tie(&mut self, length: &Length) {
        let env = &self.frames[0].env;
        if let (Some(_), Some(container)) = (env.get(&length.int), env.get(&length.container).copied()) {
            if !matches!(self.ty(container).dims().get(length.axis), Some(dim) if *dim != Dim::Unknown) {
                return;
            }
            let value = self.b.len(container, length.axis);
            self.frames[0].env.insert(length.int.clone(), value);
        }
    }

    fn region(&mut self, statements: &'a [Stmt]) {
        match self.suite(statements, None) {
            Ok(Flow::Next) => {
                self.write_attributes();
                let values = self.output_values();
                self.b.end(self.b.func.body, Term::Return(values));
            }
            Ok(Flow::Left) => {}
            Err(refusal) => {
                let reason = refusal.reason.clone();
                let func = self.opaque_region(statements, &reason);
                self.b.func = func;
            }
        }
    }

    /// The region as one opaque op.
    fn opaque_region(&mut self, statements: &[Stmt], reason: &str) -> Function {
        let parameters = self.b.func.block(self.b.func.body).params.clone();
        let mut builder = Builder::new(&self.b.func.name);
        builder.func.outputs = self.outputs.clone();
        let mut env = Env::new();
        for parameter in parameters {
            let name = self.b.func.name_of(parameter).unwrap_or_default().to_owned();
            let ty = self.b.func.ty(parameter).clone();
            let body = builder.func.body;
            env.insert(name.clone(), builder.func.add_param(body, ty, Some(&name)));
        }
        let range = statements
            .first()
            .zip(statements.last())
            .map(|(first, last)| first.range().cover(last.range()));
        let Some(range) = range else { return builder.func };
        let file = self.frames[0].file;
        builder.set_origin(Origin {
            file,
            start: range.start().into(),
            end: range.end().into(),
            inlined_at: None,
        });
        let text = self.frames[0].module.parsed.slice(range).to_owned();
        let (reads, args): (Vec<String>, Vec<ValueId>) = env.iter().map(|(name, value)| (name.clone(), *value)).unzip();
        let mut binds: BTreeSet<String> = bound::bound_names(statements);
        binds.extend(self.outputs.iter().filter(|name| *name == RETURN).cloned());
        let binds: Vec<String> = binds.into_iter().collect();
        let kind = Kind::Opaque {
            text,
            reads,
            binds: binds.clone(),
            reason: reason.to_owned(),
            touches: Touches::Anything,
            looks: Vec::new(),
        };
        let op = builder.op(kind, &args);
        let results = builder.func.op(op).results.clone();
        env.extend(binds.into_iter().zip(results));
        let outputs = self.outputs.clone();
        let values = outputs
            .iter()
            .map(|name| match env.get(name) {
                Some(value) => *value,
                None => builder.unbound(),
            })
            .collect();
        builder.end(builder.func.body, Term::Return(values));
        builder.func
    }

    /// The live-outs as they are bound now.
    pub fn output_values(&mut self) -> Vec<ValueId> {
        let outputs = self.outputs.clone();
        outputs
            .iter()
            .map(|name| match self.frames[0].env.get(name) {
                Some(value) => *value,
                None => self.b.unbound(),
            })
            .collect()
    }

    pub fn frame(&self) -> &Frame<'a> {
        self.frames.last().expect("there is always the region's frame")
    }

    pub fn env(&mut self) -> &mut Env {
        &mut self.frames.last_mut().expect("there is always the region's frame").env
    }

    /// Whether a loop of the present function is open.
    pub fn in_loop(&self) -> bool {
        self.loops.len() > self.frame().loops
    }

    pub fn ty(&self, value: ValueId) -> &Ty {
        self.b.func.ty(value)
    }

    /// The type of a use.
    pub fn bound_ty(&self, value: ValueId) -> &Ty {
        self.b.func.ty(value).bound()
    }

    /// Binds a name of the present function.
    pub fn bind(&mut self, name: &str, value: ValueId) {
        // A comprehension's names are gone behind it, so that a value must not be written back under one: around the
        // comprehension it may be another's.
        let is_own = self.own_names.iter().any(|names| names.contains(name));
        if !name.starts_with('<') && name != RETURN && !is_own {
            self.b.name(value, name);
        }
        self.env().insert(name.to_owned(), value);
    }

    /// The value of a name, made unbound where it has none.
    pub fn value_or_unbound(&mut self, name: &str) -> ValueId {
        match self.env().get(name) {
            Some(value) => *value,
            None => self.b.unbound(),
        }
    }

    /// From here on ops come from this place.
    pub fn at(&mut self, range: TextRange) -> OriginId {
        let frame = self.frame();
        // What a form computes stands where it is called.
        if let (true, Some(call)) = (self.is_form(frame.file), frame.inlined_at) {
            self.b.origin = call;
            return call;
        }
        let origin = Origin {
            file: frame.file,
            start: range.start().into(),
            end: range.end().into(),
            inlined_at: frame.inlined_at,
        };
        self.b.set_origin(origin)
    }

    /// The place that facts are kept by.
    pub fn site(&self, range: TextRange, slot: u32) -> Site {
        let mut path = self.frame().path.clone();
        path.push((self.frame().file, range.start().into()));
        Site {
            path,
            end: range.end().into(),
            slot,
        }
    }

    /// The source text of a node.
    pub fn text(&self, range: TextRange) -> &'a str {
        &self.frame().module.parsed.source()[range]
    }

    /// The text of a node as messages show it: one line, not too long.
    pub fn shown(&self, range: TextRange) -> String {
        let text = self.text(range);
        let line = text.lines().next().unwrap_or_default();
        match line.char_indices().nth(60) {
            Some((end, _)) => format!("{}…", &line[..end]),
            None if line.len() < text.len() => format!("{line}…"),
            None => line.to_owned(),
        }
    }

    /// A name for what the program does not name.
    pub fn fresh_name(&mut self, what: &str) -> String {
        self.fresh += 1;
        format!("<{what}{}>", self.fresh)
    }

    pub fn save(&self) -> Saved {
        Saved {
            mark: self.b.mark(),
            env: self.frame().env.clone(),
            frames: self.frames.len(),
            own_names: self.own_names.len(),
            calls: self.calls,
            loops: self.loops.len(),
            breaks: self.loops.iter().map(|open| (open.breaks.len(), open.broken)).collect(),
            stored: self.stored.clone(),
            done: self.done.clone(),
            partial: self.frame().partial.clone(),
        }
    }

    /// Drops everything since `saved`.
    pub fn restore(&mut self, saved: &Saved) {
        self.made += self.b.ops_since(saved.mark).count();
        self.b.rollback(saved.mark);
        self.frames.truncate(saved.frames);
        self.own_names.truncate(saved.own_names);
        self.attempt = saved.calls;
        *self.env() = saved.env.clone();
        self.loops.truncate(saved.loops);
        for (open, (breaks, broken)) in self.loops.iter_mut().zip(&saved.breaks) {
            open.breaks.truncate(*breaks);
            open.broken = *broken;
        }
        self.stored = saved.stored.clone();
        self.done = saved.done.clone();
        if let Some(frame) = self.frames.last_mut() {
            frame.partial.clone_from(&saved.partial);
        }
        let values = self.b.func.values.len();
        self.places.truncate(ValueId(values as u32));
        self.lambdas.retain(|value, _| value.index() < values);
        self.nested.retain(|value, _| value.index() < values);
        self.texts.retain(|value, _| value.index() < values);
        self.measured.retain(|value, _| value.index() < values);
        self.held.retain(|(object, _), _| object.index() < values);
        self.narrowed
            .retain(|value, origin| value.index() < values && origin.index() < values);
        for frame in &mut self.frames {
            frame.equal.retain(|equal| match equal {
                Equal::Extents(..) => true,
                Equal::Ints(a, b) => a.index() < values && b.index() < values,
            });
        }
        // Modules that were imported meanwhile are read again when they are imported again.
        if let Some(typing) = &mut self.typing {
            let stays = |env: &Env| env.values().all(|value| value.index() < values);
            typing.globals.retain(|_, env| stays(env));
        }
    }

    /// What is known of a call in text that was just given up.
    pub fn seen_in_attempt(&self, file: u32, start: u32) -> Option<SeenThrough> {
        self.seen_through
            .get(&(file, start))
            .filter(|seen| seen.number >= self.attempt)
            .cloned()
    }

    /// The type of what a call returned whose function was read.
    pub fn returned(&self, file: u32, start: u32) -> Option<Ty> {
        Some(self.seen_in_attempt(file, start)?.returns)
    }

    /// Whether an opaque op was made since `saved`.
    pub fn opaque_since(&self, saved: &Saved) -> Option<String> {
        self.b
            .ops_since(saved.mark)
            .find_map(|op| match &self.b.func.op(op).kind {
                Kind::Opaque { reason, .. } => Some(reason.clone()),
                _ => None,
            })
    }

    /// Refuses when reading has taken too much.
    pub fn spend(&self, at: TextRange) -> Read<()> {
        match self.made + self.b.func.ops.len() > self.options.max_ops {
            true => Err(Refusal::statement(at, "the code is too long to be read as one piece")),
            false => Ok(()),
        }
    }
}

/// Whether a value of this type is memory that others may know, or holds some.
pub(super) fn is_reference(ty: &Ty) -> bool {
    match ty {
        Ty::List(..) | Ty::Array { .. } | Ty::Unknown => true,
        Ty::Tuple(items) => items.iter().any(is_reference),
        Ty::Maybe(inner) | Ty::Optional(inner) => is_reference(inner),
        _ => false,
    }
}

/// Whether a value of this type is or holds a list.
pub(super) fn holds_lists(ty: &Ty) -> bool {
    match ty {
        Ty::List(..) => true,
        Ty::Tuple(items) => items.iter().any(holds_lists),
        Ty::Maybe(inner) => holds_lists(inner),
        _ => false,
    }
}
