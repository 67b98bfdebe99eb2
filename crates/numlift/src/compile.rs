//! A function to machine code: what `@numlift.jit` asks for at the first call with arguments of some types.
//!
//! ```text
//! Request ─► source::read_function ─► passes::lower ─► llvm::emit ─► Product
//! ```
//!
//! Nothing is read or written here but the request's own text. Whatever stands in the way is a [`Refusal`] with the
//! place at fault; the function then runs in Python.

mod around;
mod attributes;
mod explain;
mod launches;
mod outside;
mod stages;
mod types;
mod versions;
mod worth;
mod writeable;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use numlift_abi::request::Math;
use numlift_abi::runtime::event;
use numlift_abi::{Param, Place, Product, Refusal, Request};
use numlift_ir::function::{Function, OriginId};
use numlift_ir::op::{Kind, is_recursive};
use numlift_ir::ty::Ty;
use numlift_ir::validate::{Form, validate};
use numlift_llvm::{Emitted, Launching};
use numlift_passes::lower;
use numlift_runtime::Cpu;
use numlift_source::module::Module;
use numlift_source::names::FunctionId;
use numlift_source::project::{ModuleId, ModuleText, ProjectNames};
use numlift_source::read::{self, Version};
use numlift_source::text::SourceText;

use around::Around;
pub use stages::{Stages, stages};
use versions::{Unfit, Whole};

/// The function as LLVM text with what its caller must know, or why it stays in Python.
pub fn compile(request: &Request) -> Result<Product, Refusal> {
    let unit = Unit::of(request)?;
    let mut without = Vec::new();
    loop {
        let whole = unit.read(request, &mut without);
        match unit.product(request, &whole) {
            Ok(product) => return Ok(product),
            // A queue that Python sees somewhere is Python's everywhere.
            Err(Unfit::Whole(_)) if unit.queues.get() && has_queue(&whole.func) => unit.queues.set(false),
            Err(Unfit::Whole(refusal)) => return Err(refusal),
            // Calls of it run in Python then.
            Err(Unfit::Version(number, refused)) => without.push(Version {
                refused,
                ..whole.versions[number].0.clone()
            }),
        }
    }
}

impl Unit {
    fn product(&self, request: &Request, whole: &Whole) -> Result<Product, Unfit> {
        let read = &whole.func;
        self.check_read(read)?;
        self.check_stores(read, &whole.versions, request)?;
        let gain = worth::gain(read);
        if let Some((op, reason)) = worth::goes_on(read, request.options.strict).filter(|_| !request.options.always) {
            return Err(refusal(Some(self.place_of(read, read.op(op).origin)), reason, "").into());
        }
        let single = !numlift_llvm::has_elementary_arrays(read);
        let options = lowering(request, request.disjoint, self.guards(read));
        let lowered = lower::lower(read.clone(), &self.lying(request), &options);
        let versions = self.lowered(request, &whole.versions)?;
        let (lowered, emitted) = self.machine(request, lowered, single, &versions)?;
        if !(request.options.always || request.options.strict) {
            self.check_versions(&whole.versions, &versions, &emitted)?;
            self.check_worth(&lowered.func, &emitted, gain)?;
        }
        Ok(Product {
            explanation: explain::explain(self, &lowered),
            text: emitted.text,
            spec: emitted.spec,
        })
    }
}

/// Whether a function makes a queue.
fn has_queue(func: &Function) -> bool {
    func.ops
        .iter()
        .any(|op| matches!(&op.kind, Kind::Call { callee, .. } if callee == "collections.deque"))
}

fn lowering(request: &Request, disjoint: bool, guards: bool) -> lower::Options {
    lower::Options {
        disjoint,
        fastmath: request.options.fastmath,
        guards: guards || request.options.all_names,
        slip: slip(&request.options),
    }
}

/// What is wrong on purpose: for tests.
fn slip(options: &numlift_abi::request::Options) -> Option<lower::Slip> {
    let number = usize::from(options.slip?);
    lower::Slip::ALL.get(number).map(|(_, slip)| *slip)
}

/// The number of what is wrong on purpose, by its name.
pub fn slip_named(name: &str) -> Result<u8, String> {
    let place = lower::Slip::ALL.iter().position(|(known, _)| *known == name);
    let number = place.and_then(|place| u8::try_from(place).ok());
    number.ok_or_else(|| format!("no slip is called `{name}`"))
}

/// A way to read a function: to compile it, or to lift it.
type Reading = fn(&ProjectNames, ModuleId, FunctionId, &[(String, Ty)], &[(String, Ty)], &read::Options) -> Function;

/// The function in its file.
pub(crate) struct Unit {
    project: ProjectNames,
    function: FunctionId,
    /// What is around it.
    around: Around,
    /// Whether `collections.deque` is read.
    queues: Cell<bool>,
}

pub(crate) const MODULE: ModuleId = ModuleId(0);

impl Unit {
    fn of(request: &Request) -> Result<Unit, Refusal> {
        let text = SourceText::from_str(&request.path, &request.source);
        let own = ModuleText {
            name: request.module.clone(),
            is_package: false,
            is_main: request.module == "__main__",
            text,
        };
        let forms = read::forms::module_for(&request.source);
        let project = ProjectNames::link(&[vec![own], forms.into_iter().collect()].concat());
        let module = project.module(MODULE);
        let found = module.names.functions().find(|(_, function)| {
            function.name == request.name && module.place(function.range.start().into()).line == request.line
        });
        let Some((function, info)) = found else {
            return Err(refusal(
                None,
                format!("`{}` is not written with `def`", request.name),
                "write it as a function of its own",
            ));
        };
        let range = module.names.function(function).range;
        let place = || place(module, range.start().into(), range.end().into());
        if info.is_async || info.is_generator {
            return Err(refusal(
                Some(place()),
                format!("`{}` is a generator or asynchronous", request.name),
                "compile the function that computes, and call it from there",
            ));
        }
        if let Some((at, name)) = read::rebinds_outside(&project, MODULE, function) {
            return Err(refusal(
                Some(self::place(module, at.start, at.end)),
                format!("it binds `{name}`, a name outside of it"),
                "pass the value as an argument and return the new one",
            ));
        }
        let around = Around::of(&project, request)?;
        Ok(Unit {
            project,
            function,
            around,
            queues: Cell::new(true),
        })
    }

    /// Reads the function with what was seen of everything around it.
    fn read_by(&self, request: &Request, reading: Reading, versions: &[Version], without: &[Version]) -> Function {
        let parameters: Vec<(String, Ty)> = request
            .params
            .iter()
            .enumerate()
            .map(|(place, (name, param))| {
                let ty = match (self.around.given.get(name), self.around.lambdas.contains_key(name)) {
                    (Some(function), _) => Ty::Author(function.0),
                    (None, true) => Ty::Extern("lambda".to_owned()),
                    (None, false) => attributes::object_type(request, place).unwrap_or_else(|| types::ty_of(param)),
                };
                (name.clone(), ty)
            })
            .collect();
        let options = self.reading(request, versions, without);
        reading(
            &self.project,
            MODULE,
            self.function,
            &parameters,
            &self.outside(),
            &options,
        )
    }

    /// How the parameters lie in memory.
    pub(crate) fn lying(&self, request: &Request) -> Vec<lower::Lying> {
        let given = request.params.iter().map(|(_, param)| param);
        let outside = self.around.outside.iter().map(|(_, outside, _)| &outside.param);
        given.chain(outside).map(types::lying_of).collect()
    }

    /// The types of what is outside.
    fn outside(&self) -> Vec<(String, Ty)> {
        let values = self.around.outside.iter();
        values
            .map(|(name, _, ty)| (name.clone(), ty.clone()))
            .chain(self.around.statics.iter().cloned())
            .collect()
    }

    fn reading(&self, request: &Request, versions: &[Version], without: &[Version]) -> read::Options {
        read::Options {
            disjoint: request.disjoint,
            functions: self.around.functions.clone(),
            methods: self.around.methods.clone(),
            lambdas: self.around.lambdas.clone(),
            texts: self.texts(request),
            adds_plainly: request.options.adds_plainly,
            queues: self.queues.get(),
            held: attributes::held(request),
            all_names: request.options.all_names,
            versions: versions.to_vec(),
            without: without.to_vec(),
            ..read::Options::default()
        }
    }

    /// Strings among the arguments and the values from outside.
    fn texts(&self, request: &Request) -> BTreeMap<String, String> {
        let given = request.params.iter().map(|(name, param)| (name, param));
        let outside = self
            .around
            .outside
            .iter()
            .map(|(name, outside, _)| (name, &outside.param));
        given
            .chain(outside)
            .filter_map(|(name, param)| match param {
                Param::Text(text) => Some((name.clone(), text.clone())),
                Param::Value(_) | Param::Array { .. } | Param::Tuple(_) | Param::List(_) => None,
            })
            .collect()
    }

    /// What was read can be compiled as a whole, and is worth it.
    fn check_read(&self, func: &Function) -> Result<(), Refusal> {
        if let Err(violation) = validate(func, Form::Read) {
            return Err(refusal(
                None,
                format!("internal error: {violation}"),
                "please report it",
            ));
        }
        let body = func.block(func.body);
        let whole = body.ops.iter().find_map(|op| match &func.op(*op).kind {
            Kind::Opaque { binds, reason, .. } if binds.iter().any(|name| name == numlift_ir::function::RETURN) => {
                Some((func.op(*op).origin, reason.clone()))
            }
            _ => None,
        });
        if let Some((origin, reason)) = whole {
            return Err(refusal(Some(self.place_of(func, origin)), reason, ""));
        }
        self.check_closures(func)
    }

    /// What Python makes in a piece, and keeps, reads variables that stay what they are.
    fn check_closures(&self, func: &Function) -> Result<(), Refusal> {
        for op in &func.ops {
            let Kind::Opaque { .. } = op.kind else { continue };
            let at = &func.origins[op.origin.0 as usize];
            if let Some((made, name)) = read::captured_late(&self.project, MODULE, at.start..at.end) {
                let module = self.project.module(MODULE);
                return Err(refusal(
                    Some(self::place(module, made.start, made.end)),
                    format!("it is made here and may read `{name}` when that has been bound again"),
                    &format!("pass `{name}` to it as an argument, or bind another name"),
                ));
            }
        }
        Ok(())
    }

    /// Machine code gains more than its calls of Python cost.
    fn check_worth(&self, lowered: &Function, emitted: &Emitted, gain: f64) -> Result<(), Refusal> {
        let islands = &emitted.spec.islands;
        let dearest = worth::dearest(lowered, None, &emitted.pieces, islands);
        match dearest.filter(|dearest| dearest.all > gain) {
            None => Ok(()),
            Some(dearest) => {
                let reason = format!(
                    "calling Python would cost more than machine code gains: {}",
                    islands[dearest.piece].reason
                );
                let (_, op) = emitted.pieces[dearest.piece];
                let place = self.place_of(lowered, lowered.op(op).origin);
                let help = match dearest.is_in_loop {
                    true => "take it out of the loop",
                    false => "compile the function that loops",
                };
                Err(refusal(Some(place), reason, help))
            }
        }
    }

    fn check_stores(
        &self,
        func: &Function,
        versions: &[(Version, Function)],
        request: &Request,
    ) -> Result<(), Refusal> {
        let outside: Vec<&numlift_abi::Param> = self
            .around
            .outside
            .iter()
            .map(|(_, outside, _)| &outside.param)
            .collect();
        let funcs: Vec<&Function> = [func]
            .into_iter()
            .chain(versions.iter().map(|(_, func)| func))
            .collect();
        let found = writeable::doubtful_store(func, request, &outside).map(|origin| (0, origin));
        let is_recursive = |func: &Function| {
            func.ops
                .iter()
                .any(|op| matches!(&op.kind, Kind::Call { callee, .. } if is_recursive(callee)))
        };
        let found = match found {
            None if is_recursive(func) => writeable::doubtful_store_of_several(&funcs, request, &outside),
            found => found,
        };
        match found {
            None => Ok(()),
            Some((number, origin)) => Err(refusal(
                Some(self.place_of(funcs[number], origin)),
                "it stores into an array that may be read-only",
                "pass an array that may be written, or copy it first",
            )),
        }
    }

    fn emit(
        &self,
        request: &Request,
        func: &Function,
        launching: Launching<'_>,
        single_numbers: bool,
        versions: &[numlift_llvm::Version],
    ) -> Result<Emitted, Unfit> {
        let module = self.project.module(MODULE);
        let place = |start: u32, end: u32| place(module, start, end);
        let is_part = |statement, part| module.is_part(statement, part);
        let cpu = Cpu::host();
        let given = request.params.len() + self.around.outside.len();
        let params = &func.block(func.body).params;
        let is_value =
            |param: &&numlift_ir::function::ValueId| !matches!(func.ty(**param), Ty::Module(_) | Ty::Extern(_));
        if let Some(unknown) = params[given..].iter().find(is_value) {
            let name = func.name_of(*unknown).unwrap_or("?").to_owned();
            return Err(refusal(
                None,
                format!("a function that is called reads the global `{name}`"),
                "pass it as an argument",
            )
            .into());
        }
        let options = numlift_llvm::Options {
            module: format!("numlift_{}", request.name),
            entry: format!("numlift_{}", request.name),
            versions,
            of_callee: false,
            params: request.params.iter().map(|(_, param)| param.clone()).collect(),
            outside: self
                .around
                .outside
                .iter()
                .map(|(_, outside, _)| outside.clone())
                .collect(),
            fixed: self.around.fixed.clone(),
            disjoint: request.disjoint,
            fastmath: request.options.fastmath,
            vector_bits: cpu.vector_bits,
            guards: self.guards(func) || request.options.all_names,
            foreign_math: request.options.math == Math::Numpy,
            all_names: request.options.all_names,
            single_numbers,
            fma: cpu.has_fma,
            launching,
            catches: self.guards(func) || request.options.all_names,
            ignoring: self.ignoring(),
            place: &place,
            written: &|start, end| written(module, start, end),
            is_part: &is_part,
        };
        numlift_llvm::emit(func, &options).map_err(|unsupported| match unsupported.version {
            Some(number) => Unfit::Version(number, unsupported.reason),
            None => refusal(Some(self.place_of(func, unsupported.origin)), unsupported.reason, "").into(),
        })
    }

    /// Where floating-point events are ignored.
    fn ignoring(&self) -> Vec<numlift_llvm::Ignoring> {
        let events = |kind: &String| match kind.as_str() {
            "divide" => event::DIVIDE,
            "over" => event::OVER,
            "under" => event::UNDER,
            "invalid" => event::INVALID,
            _ => event::DIVIDE | event::OVER | event::UNDER | event::INVALID,
        };
        let found = read::ignoring(&self.project, MODULE).into_iter();
        found
            .map(|found| numlift_llvm::Ignoring {
                statements: found.statements,
                events: found.kinds.iter().map(events).fold(0, |all, one| all | one),
                arguments: found.arguments,
            })
            .collect()
    }

    /// Whether code runs when something is raised: in the function, or in one that was seen through.
    fn guards(&self, func: &Function) -> bool {
        self.guards_in(func, self.function)
    }

    /// The same of another function that was read.
    fn guards_in(&self, func: &Function, function: FunctionId) -> bool {
        let names = &self.project.module(MODULE).names;
        let inlined = func.origins.iter().filter(|origin| origin.inlined_at.is_some());
        let starts: BTreeSet<u32> = inlined.map(|origin| origin.start).collect();
        let is_in_it = |range: std::ops::Range<u32>| starts.range(range).next().is_some();
        read::guards(&self.project, MODULE, function)
            || names.functions().any(|(function, info)| {
                is_in_it(info.range.start().into()..info.range.end().into())
                    && read::guards(&self.project, MODULE, function)
            })
    }

    pub(crate) fn place_of(&self, func: &Function, origin: OriginId) -> Place {
        let origin = &func.origins[origin.0 as usize];
        place(self.project.module(MODULE), origin.start, origin.end)
    }
}

/// The longest text that is told of.
const LONGEST: usize = 60;

/// What the program says at a place, in one line.
fn written(module: &Module, start: u32, end: u32) -> Option<String> {
    let text = module.parsed.source().get(start as usize..end as usize)?;
    let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    (!text.is_empty() && text.chars().count() <= LONGEST).then_some(text)
}

fn place(module: &Module, start: u32, end: u32) -> Place {
    let (from, to) = (module.place(start), module.place(end));
    Place {
        line: from.line,
        column: from.column,
        end_line: to.line,
        end_column: to.column,
    }
}

fn refusal(place: Option<Place>, reason: impl Into<String>, help: &str) -> Refusal {
    Refusal {
        place,
        reason: reason.into(),
        help: (!help.is_empty()).then(|| help.to_owned()),
    }
}
