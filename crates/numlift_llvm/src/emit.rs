//! A function in loop form as one LLVM function.
//!
//! Structured control flow becomes basic blocks; what blocks hand to each other goes through stack slots, which LLVM
//! turns into registers. References are counted by scope: whatever a block makes it releases at its end, and what it
//! hands on it retains first. Leaving through a frame retains the frame's values, releases everything, and lets Python
//! go on ([`leave`]).

mod apart;
mod arithmetic;
mod boundary;
mod buffer;
mod control;
mod draw;
mod events;
mod island;
mod leave;
mod lifetime;
mod list;
mod marks;
mod memory;
mod notes;
mod number;
mod objects;
mod op;
mod optional;
mod outline;
mod product;
mod quiet;
mod recursion;
mod signals;
mod superwords;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use numlift_abi::{Frame, Island, Outside, Param, Place, Repr, Site, Source, Spec};
use numlift_ir::function::{Function, OpId, OriginId, ValueId};
use numlift_ir::launch::{Launch, Work};
use numlift_ir::op::{Kind, Term};

use crate::library::Library;
use crate::text::Text;
use crate::value::{Value, repr_of};

/// What the emitter is told beside the function.
#[derive(Clone)]
pub struct Options<'a> {
    /// The symbol of the module's entry.
    pub module: String,
    /// The symbol of the function.
    pub entry: String,
    /// Functions that it calls, and that call each other and themselves.
    pub versions: &'a [Version],
    /// It is another function than the one that is compiled.
    pub of_callee: bool,
    /// The arguments: the first parameters of the function.
    pub params: Vec<Param>,
    /// Values from outside: the parameters behind them.
    pub outside: Vec<Outside>,
    /// What must stay the same object.
    pub fixed: Vec<Source>,
    /// Whether the memory of the parameters is known to be disjoint.
    pub disjoint: bool,
    /// Floating-point arithmetic may be reassociated and contracted.
    pub fastmath: bool,
    /// Bits of the vectors that LLVM should prefer.
    pub vector_bits: u32,
    /// Elementary functions give the bits that Python and NumPy give.
    pub foreign_math: bool,
    /// Every name is seen where compiled code is left, also by an exception.
    pub all_names: bool,
    /// The function has code that runs when something is raised in it: then Python raises everything.
    pub guards: bool,
    /// No elementary function is one of whole arrays, whose elements NumPy may compute otherwise than single numbers.
    pub single_numbers: bool,
    /// The machine has a fused multiply-add, which elementary functions use.
    pub fma: bool,
    pub launching: Launching<'a>,
    /// The function may catch what is raised in it.
    pub catches: bool,
    /// Where floating-point events are ignored.
    pub ignoring: Vec<Ignoring>,
    /// The line and column of a byte range.
    pub place: &'a dyn Fn(u32, u32) -> Place,
    /// What the program says there, if it is short.
    pub written: &'a dyn Fn(u32, u32) -> Option<String>,
    /// Whether the second byte range is a part of the statement that the first one is, not of one inside of it.
    pub is_part: &'a dyn Fn((u32, u32), (u32, u32)) -> bool,
}

/// A function that has code of its own in the module; the entry calls it, or it calls itself.
pub struct Version {
    pub func: Function,
    pub params: Vec<Param>,
    /// Whether the memory of its arguments is known to be disjoint.
    pub disjoint: bool,
    /// It is another function than the one that is compiled.
    pub of_callee: bool,
    /// Its first statement.
    pub begins: Place,
    /// The function has code that runs when something is raised in it.
    pub guards: bool,
    /// No elementary function is one of whole arrays.
    pub single_numbers: bool,
}

/// Statements around which floating-point events are ignored.
#[derive(Debug, Clone)]
pub struct Ignoring {
    pub statements: std::ops::Range<u32>,
    /// The events, as [`numlift_abi::runtime::event`] has them.
    pub events: i32,
    /// The arguments of `np.errstate`.
    pub arguments: Vec<String>,
}

/// What loops are that other threads run, or run beside.
#[derive(Debug, Clone, Copy)]
pub struct Launching<'a> {
    /// Loops that may be launched.
    pub launches: &'a BTreeMap<OpId, Launch>,
    pub urge: Urge,
    /// Loops that call nothing of Python's, and what an iteration costs.
    pub quiet: &'a BTreeMap<OpId, Work>,
}

/// Which launches are wanted when they are reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urge {
    /// Those that are likely to repay themselves.
    Likely,
    /// Those that may.
    Asked,
    /// All, and what they do counts as much work.
    Always,
}

impl Urge {
    /// What is said of it at a launch.
    fn how(self) -> i32 {
        match self {
            Self::Likely => 0,
            Self::Asked => numlift_abi::runtime::launch::ASKED,
            Self::Always => numlift_abi::runtime::launch::ALWAYS,
        }
    }
}

/// A function that has no machine code, and no island could be made of the part at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported {
    pub reason: String,
    pub origin: OriginId,
    /// In which version of a function; else in the function itself.
    pub version: Option<usize>,
}

/// A module.
#[derive(Debug, Clone)]
pub struct Emitted {
    pub text: String,
    pub spec: Spec,
    /// The ops that Python runs when they are reached, with the version that each belongs to, if to one.
    pub pieces: Vec<(Option<usize>, OpId)>,
    /// Loops that cannot be launched after all, and what stands in the way. The text is of no use unless there are none.
    pub unfit: BTreeMap<OpId, String>,
    /// Loops that were said to be quiet and are not. Likewise.
    pub loud: BTreeSet<OpId>,
}

pub(crate) type Emit<T> = Result<T, Unsupported>;

/// References that are released at the end of a block.
#[derive(Debug, Default)]
struct Scope {
    owned: Vec<String>,
}

/// A loop around the place that is emitted.
#[derive(Debug)]
struct Loop {
    /// Where the results go, as they look.
    results: Vec<Slots>,
    exit: String,
    /// How many scopes are open outside of it.
    scopes: usize,
}

/// Stack slots of a value.
#[derive(Debug, Clone)]
struct Slots {
    repr: Repr,
    registers: Vec<(&'static str, String)>,
}

/// The frame that is in force.
#[derive(Debug, Clone)]
struct Present {
    number: usize,
    values: Vec<Value>,
    /// The byte range of its statement.
    statement: (u32, u32),
    /// How many acts there were before it, and how many roots of memory.
    acts: u32,
    roots: u32,
}

pub(crate) struct Emitter<'a> {
    func: &'a Function,
    options: &'a Options<'a>,
    /// Which version is emitted, if one is.
    version: Option<usize>,
    /// What functions before it said of sums side by side.
    superwords: &'static str,
    text: Text,
    library: Library,
    values: BTreeMap<ValueId, Value>,
    scopes: Vec<Scope>,
    loops: Vec<Loop>,
    present: Option<Present>,
    /// How often something was done, in program order, that may not be done again.
    acts: u32,
    frames: Vec<Frame>,
    islands: Vec<Island>,
    /// The ops of the islands, with the version.
    pieces: Vec<(Option<usize>, OpId)>,
    boxes: Vec<Repr>,
    /// Blocks that leave: by frame and what they release.
    exits: BTreeMap<(usize, Vec<String>), leave::Exit>,
    /// Slots that hold an array as it is in its registers: those it came in.
    homes: BTreeMap<Vec<String>, String>,
    /// Registers of the extents that types have numbers for.
    symbols: BTreeMap<u32, String>,
    result: Repr,
    /// Whether floating-point events are to be told of.
    warns: bool,
    /// The function that is emitted is NumPy's.
    in_numpy: bool,
    /// How floating-point events are found.
    events: events::Events,
    /// Functions of loops that may be launched.
    bodies: Vec<String>,
    unfit: BTreeMap<OpId, String>,
    loud: BTreeSet<OpId>,
    /// How many loops are around the one in which the interpreter's lock may be let go.
    unlocked: Option<usize>,
    /// What is emitted is such a function.
    is_outlined: bool,
    /// And has statements of the program's own.
    has_statements: bool,
    roots: u32,
    /// This function, or one before it in the module, has lists of its own.
    has_lists: bool,
    /// What is said of aliasing where slots are loaded and stored.
    slots_of: buffer::Part,
    /// Whether the next frame asks for signals, and what it needs for that.
    asks_for_signals: bool,
    /// The lines of the loops that are marked.
    marked: Vec<u32>,
    asking: Option<signals::Asking>,
    /// Slots of the largest frame.
    frame_slots: usize,
    /// Where the op that is emitted comes from.
    origin: OriginId,
    /// The op that is emitted.
    op: Option<OpId>,
    /// Where new arrays are not needed any more.
    ends: lifetime::Ends,
    /// What makes arrays that lie on the stack.
    local: BTreeSet<OpId>,
}

/// What the functions of a module share.
#[derive(Default)]
struct Shared {
    frames: Vec<Frame>,
    islands: Vec<Island>,
    pieces: Vec<(Option<usize>, OpId)>,
    boxes: Vec<Repr>,
    sites: Vec<Site>,
    marked: Vec<u32>,
    bodies: Vec<String>,
    roots: u32,
    /// Some function has lists of its own.
    has_lists: bool,
    library: Option<Library>,
    superwords: &'static str,
}

/// Emits a function of loop form as a module, with the versions of functions that it needs.
pub fn emit(func: &Function, options: &Options<'_>) -> Emit<Emitted> {
    let mut emitter = Emitter::new(func, options, None, Shared::default())?;
    emitter.function()?;
    let result = emitter.result.clone();
    let (unfit, loud) = (std::mem::take(&mut emitter.unfit), std::mem::take(&mut emitter.loud));
    let (mut functions, mut shared) = emitter.text_and_shared("define");
    for (number, version) in options.versions.iter().enumerate() {
        let (launches, quiet) = (BTreeMap::new(), BTreeMap::new());
        let own = options.of_version(number, version, &launches, &quiet);
        let text = (|| {
            let mut emitter = Emitter::new(&version.func, &own, Some(number), shared)?;
            emitter.function()?;
            Ok(emitter.text_and_shared("define internal"))
        })();
        let (text, next) = text.map_err(|unsupported: Unsupported| Unsupported {
            version: Some(number),
            ..unsupported
        })?;
        functions.push_str(&text);
        shared = next;
    }
    Ok(module_of(options, result, &functions, shared, (unfit, loud)))
}

/// The symbol of a version in a module.
fn symbol_of(module: &str, number: usize) -> String {
    format!("{module}.{number}")
}

impl<'a> Options<'a> {
    fn of_version(
        &self,
        number: usize,
        version: &Version,
        launches: &'a BTreeMap<OpId, Launch>,
        quiet: &'a BTreeMap<OpId, Work>,
    ) -> Options<'a> {
        Options {
            entry: symbol_of(&self.module, number),
            params: version.params.clone(),
            of_callee: version.of_callee,
            disjoint: version.disjoint,
            guards: version.guards || self.all_names,
            catches: version.guards || self.all_names,
            single_numbers: version.single_numbers,
            launching: Launching {
                launches,
                urge: self.launching.urge,
                quiet,
            },
            ..self.clone()
        }
    }
}

/// What a function may return: the join over all its ends.
fn result_repr(func: &Function) -> Emit<Repr> {
    let mut options: Vec<Repr> = Vec::new();
    let mut add = |repr: Repr| {
        let parts = match repr {
            Repr::OneOf(parts) => parts,
            repr => vec![repr],
        };
        for part in parts {
            // A function whose end is reached returns `None`.
            let part = if part == Repr::Unbound { Repr::None } else { part };
            if !options.contains(&part) {
                options.push(part);
            }
        }
    };
    let mut ends = Vec::new();
    func.visit_blocks(func.body, &mut |block| {
        if let Term::Return(values) = &func.block(block).end {
            ends.push(values.first().copied());
        }
    });
    for value in ends {
        match value {
            Some(value) => add(repr_of(func.ty(value)).unwrap_or(Repr::Object)),
            None => add(Repr::None),
        }
    }
    Ok(match options.len() {
        0 => Repr::None,
        1 => options.remove(0),
        _ => Repr::OneOf(options),
    })
}

impl<'a> Emitter<'a> {
    fn new(func: &'a Function, options: &'a Options<'a>, version: Option<usize>, shared: Shared) -> Emit<Self> {
        let mut emitter = Emitter {
            func,
            options,
            version,
            superwords: shared.superwords,
            text: Text::default(),
            library: shared.library.unwrap_or_else(|| Library::new(options.fma)),
            values: BTreeMap::new(),
            scopes: vec![Scope::default()],
            loops: Vec::new(),
            present: None,
            acts: 0,
            frames: shared.frames,
            islands: shared.islands,
            pieces: shared.pieces,
            boxes: shared.boxes,
            exits: BTreeMap::new(),
            homes: BTreeMap::new(),
            symbols: BTreeMap::new(),
            result: result_repr(func)?,
            warns: false,
            in_numpy: false,
            events: events::Events::default(),
            bodies: shared.bodies,
            unfit: BTreeMap::new(),
            loud: BTreeSet::new(),
            unlocked: None,
            is_outlined: false,
            has_statements: false,
            roots: shared.roots,
            has_lists: shared.has_lists || buffer::has_some(func),
            slots_of: buffer::Part::Any,
            asks_for_signals: false,
            marked: shared.marked,
            asking: None,
            frame_slots: 0,
            origin: OriginId(0),
            op: None,
            ends: lifetime::ends_of(func),
            local: numlift_ir::local::local_arrays(func, false),
        };
        let noted = emitter.text.slot("i64");
        emitter.text.line(&format!("store i64 0, ptr {noted}"));
        let events = events::Events::new(func, noted, &options.ignoring);
        emitter.events = events.with_sites(shared.sites);
        Ok(emitter)
    }

    /// Emits the function's body.
    fn function(&mut self) -> Emit<()> {
        self.parameters()?;
        self.block(self.func.body)?;
        self.emit_exits();
        Ok(())
    }

    pub(crate) fn unsupported<T>(&self, reason: impl Into<String>) -> Emit<T> {
        Err(Unsupported {
            reason: reason.into(),
            origin: self.origin,
            version: None,
        })
    }

    /// The value of an operand.
    pub(crate) fn get(&self, value: ValueId) -> Emit<Value> {
        match self.values.get(&value) {
            Some(value) => Ok(value.clone()),
            // Nobody comes here: whatever computes it was left.
            None if self.text.has_ended() => {
                Ok(repr_of(self.func.ty(value)).map_or(Value::None, |repr| Value::nothing(&repr)))
            }
            None => self.unsupported("a value that is not there"),
        }
    }

    pub(crate) fn set(&mut self, value: ValueId, given: Value) {
        self.values.insert(value, given);
    }

    /// A root of memory that nothing else shares.
    pub(crate) fn own_root(&mut self) -> u32 {
        self.roots += 1;
        self.roots
    }

    pub(crate) fn place_of(&self, origin: OriginId) -> Place {
        let (start, end) = self.range_of(origin);
        (self.options.place)(start, end)
    }

    /// The calls that led to a place, the innermost first.
    fn calls_of(&self, origin: OriginId) -> Vec<Place> {
        let around = |at: &OriginId| self.func.origins[at.0 as usize].inlined_at;
        let calls = std::iter::successors(around(&origin), around);
        calls.map(|call| self.place_of(call)).collect()
    }

    fn range_of(&self, origin: OriginId) -> (u32, u32) {
        let origin = &self.func.origins[origin.0 as usize];
        (origin.start, origin.end)
    }

    pub(crate) fn ops(&self, op: OpId) -> (&'a Kind, &'a [ValueId], &'a [ValueId]) {
        let data = self.func.op(op);
        (&data.kind, &data.args, &data.results)
    }

    /// The function's text, and what the next one of the module goes on with.
    fn text_and_shared(mut self, linkage: &str) -> (String, Shared) {
        let entry = &self.options.entry;
        let frame = format!("  %frame = alloca [{} x i64], align 8\n", self.frame_slots.max(1));
        let body = self.text.finish().replacen("entry:\n", &format!("entry:\n{frame}"), 1);
        let body = Self::with_events(&body, self.warns, self.events.slot());
        let body = match self.warns && self.events.watches_all() {
            true => body.replacen("start:\n", "start:\n  call void @nl_fp_begin(ptr %ctx)\n", 1),
            false => body,
        };
        let text = format!(
            "{linkage} i32 @\"{entry}\"(ptr noalias %ctx, ptr noalias readonly %args, ptr noalias %rets) #0 {{\n{body}}}\n\n"
        );
        let shared = Shared {
            frames: self.frames,
            islands: self.islands,
            pieces: self.pieces,
            boxes: self.boxes,
            sites: self.events.take_sites(),
            marked: self.marked,
            bodies: self.bodies,
            roots: self.roots,
            has_lists: self.has_lists,
            library: Some(self.library),
            superwords: match self.superwords {
                "" => superwords::wanted(self.func),
                wanted => wanted,
            },
        };
        (text, shared)
    }
}

/// The module of functions, and what its caller must know.
fn module_of(
    options: &Options<'_>,
    result: Repr,
    functions: &str,
    shared: Shared,
    (unfit, loud): (BTreeMap<OpId, String>, BTreeSet<OpId>),
) -> Emitted {
    let mut module = functions.to_owned();
    shared.bodies.iter().for_each(|body| module.push_str(body));
    module.push_str(DECLARATIONS);
    if let Some(library) = &shared.library {
        module.push_str(&library.definitions());
    }
    let _ = writeln!(
        module,
        "attributes #0 = {{ nounwind \"prefer-vector-width\"=\"{0}\" }}\nattributes #1 = {{ nounwind cold }}\nattributes #2 = {{ noinline nounwind \"prefer-vector-width\"=\"{0}\" }}\nattributes #3 = {{ nounwind cold memory(inaccessiblemem: readwrite) }}",
        options.vector_bits
    );
    module.push_str(&memory::scopes_text(shared.roots, shared.has_lists));
    module.push_str(shared.superwords);
    module.push_str(&marks::marks_text(shared.marked.len()));
    let versions = options.versions.iter().map(|version| numlift_abi::Version {
        begins: version.begins,
        of_callee: version.of_callee,
        params: version.params.iter().map(Param::repr).collect(),
        result: result_repr(&version.func).unwrap_or(Repr::Object),
    });
    let spec = Spec {
        entry: options.entry.clone(),
        params: options.params.clone(),
        outside: options.outside.clone(),
        fixed: options.fixed.clone(),
        disjoint: options.disjoint,
        result,
        frames: shared.frames,
        islands: shared.islands,
        boxes: shared.boxes,
        all_names: options.all_names,
        sites: shared.sites,
        loops: shared.marked,
        versions: versions.collect(),
    };
    Emitted {
        text: module,
        spec,
        pieces: shared.pieces,
        unfit,
        loud,
    }
}

/// The runtime functions of [`numlift_abi::runtime`].
const DECLARATIONS: &str = "\
declare ptr @nl_exit(ptr, i32, ptr) #1
declare i32 @nl_island(ptr, i32, ptr, ptr) nounwind
declare i32 @nl_alloc(ptr, i32, i32, ptr, i32, ptr) nounwind
declare double @nl_ufunc(ptr, i32, double, double) nounwind
declare i32 @nl_draw(ptr, i32, ptr, ptr, ptr, ptr) nounwind
declare i32 @nl_draw_array(ptr, i32, ptr, ptr, ptr, i32, ptr, ptr) nounwind
declare i32 @nl_int(ptr, ptr) nounwind
declare i64 @nl_gcd(i64, i64) nounwind memory(none)
declare i64 @nl_isqrt(i64) nounwind memory(none)
declare i32 @nl_unbox(ptr, i32, ptr, ptr) nounwind
declare ptr @nl_box(ptr, i32, ptr) nounwind
declare ptr @nl_box_float(double) nounwind
declare ptr @nl_box_int(i64) nounwind
declare ptr @nl_list(i64) nounwind
declare i32 @nl_list_append(ptr, ptr) nounwind
declare void @nl_list_set(ptr, i64, ptr) nounwind
declare void @nl_list_shorten(ptr) nounwind
declare ptr @nl_list_repeat(ptr, i64) nounwind
declare ptr @nl_buffer(ptr, i32, i64) nounwind
declare i32 @nl_buffer_grow(ptr, i64) nounwind
declare i32 @nl_buffer_open(ptr, i64) nounwind
declare void @nl_buffer_close(ptr, i64) nounwind
declare void @nl_buffer_clear(ptr) nounwind
declare ptr @nl_buffer_part(ptr, i64, i64, i64) nounwind
declare i32 @nl_buffer_replace(ptr, i64, i64, ptr) nounwind
declare ptr @nl_buffer_repeat(ptr, i64) nounwind
declare void @nl_buffer_reverse(ptr) nounwind
declare i32 @nl_buffer_sort(ptr, i32) nounwind
declare i64 @nl_buffer_extreme(ptr, i32) nounwind
declare i64 @nl_buffer_find(ptr, ptr, i64) nounwind
declare i64 @nl_buffer_count(ptr, ptr) nounwind
declare void @nl_buffer_queue(ptr) nounwind
declare i32 @nl_buffer_heap(ptr, i32, ptr) nounwind
declare i32 @nl_buffer_sum(ptr, ptr) nounwind
declare i32 @nl_buffer_array(ptr, ptr, i32, i32, ptr) nounwind
declare void @nl_retain(ptr) nounwind
declare void @nl_release(ptr, ptr) nounwind
declare i32 @nl_enter(ptr, i64) nounwind
declare i32 @nl_without_stack(ptr, i32, ptr, ptr) nounwind
declare void @nl_raised(ptr) nounwind
declare i32 @nl_take(ptr, i32, ptr, ptr) nounwind
declare i32 @nl_signals(ptr) #3
declare void @nl_raise(ptr, i32) #1
declare i64 @llvm.readcyclecounter()
declare void @nl_fp_begin(ptr) nounwind
declare void @nl_fp_pause(ptr) nounwind
declare void @nl_fp_look(ptr, i64) nounwind
declare void @nl_fp_noted(ptr, i64) #1
declare i32 @nl_fp_end(ptr, i64) nounwind
declare i32 @nl_parallel(ptr, ptr, ptr, i64, double, i32) nounwind
declare void @nl_unlock(ptr) nounwind
declare void @nl_lock(ptr) nounwind
declare void @nl_status_clear() nounwind
declare i32 @nl_status() nounwind
declare i32 @nl_apart(ptr, i64) nounwind memory(argmem: read)
declare void @nl_matmul_f32(ptr, ptr, ptr, ptr) nounwind
declare void @nl_matmul_f64(ptr, ptr, ptr, ptr) nounwind
declare void @nl_matmul_c64(ptr, ptr, ptr, ptr) nounwind
declare void @nl_matmul_c128(ptr, ptr, ptr, ptr) nounwind
declare void @nl_dot_f32(ptr, i64, ptr, i64, ptr, i64, ptr) nounwind
declare void @nl_dot_f64(ptr, i64, ptr, i64, ptr, i64, ptr) nounwind
declare void @nl_dot_c64(ptr, i64, ptr, i64, ptr, i64, ptr) nounwind
declare void @nl_dot_c128(ptr, i64, ptr, i64, ptr, i64, ptr) nounwind
";
