//! A function to machine code: what `@numlift.jit` asks for at the first call with arguments of some types.
//!
//! ```text
//! Request ─► source::read_function ─► passes::lower ─► llvm::emit ─► Product
//! ```
//!
//! Nothing is read or written here but the request's own text. Whatever stands in the way is a [`Refusal`] with the
//! place at fault; the function then runs in Python.

mod attributes;
mod explain;
mod launches;
mod outside;
mod stages;
mod types;
mod worth;
mod writeable;

use std::collections::BTreeMap;

use numlift_abi::request::{Math, What};
use numlift_abi::spec::Root;
use numlift_abi::{Outside, Place, Product, Refusal, Request, Source};
use numlift_ir::function::{Function, OpId, OriginId};
use numlift_ir::launch::Launch;
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;
use numlift_ir::validate::{Form, validate};
use numlift_llvm::Emitted;
use numlift_passes::lower;
use numlift_runtime::Cpu;
use numlift_source::module::Module;
use numlift_source::names::FunctionId;
use numlift_source::project::{ModuleId, ModuleText, ProjectNames};
use numlift_source::read::{self, read_function};
use numlift_source::text::SourceText;

pub use stages::{Stages, stages};

/// The function as LLVM text with what its caller must know, or why it stays in Python.
pub fn compile(request: &Request) -> Result<Product, Refusal> {
    let unit = Unit::of(request)?;
    let read = unit.read(request);
    unit.check_read(&read)?;
    unit.check_stores(&read, request)?;
    let gain = worth::gain(&read);
    let single = !numlift_llvm::has_elementary_arrays(&read);
    let lowered = lower::lower(
        read,
        &lower::Options {
            disjoint: request.disjoint,
            fastmath: request.options.fastmath,
        },
    );
    let (lowered, emitted) = unit.machine(request, lowered, single)?;
    if !(request.options.always || request.options.strict) {
        unit.check_worth(&lowered.func, &emitted, gain)?;
    }
    Ok(Product {
        explanation: explain::explain(&unit, &lowered, &emitted.spec),
        text: emitted.text,
        spec: emitted.spec,
    })
}

/// The function in its file.
pub(crate) struct Unit {
    project: ProjectNames,
    function: FunctionId,
    /// Values from outside, by name, with their types.
    outside: Vec<(String, Outside, Ty)>,
    /// Modules, functions and classes that must stay what they are.
    fixed: Vec<Source>,
    /// Names of those that libraries have: what they are was seen, whatever can be read out of the text.
    statics: Vec<(String, Ty)>,
    /// Functions of this file by the global names that they have now.
    functions: BTreeMap<String, FunctionId>,
    /// Parameters that are functions of this file, and values of a `lambda` in it.
    given: BTreeMap<String, FunctionId>,
    lambdas: BTreeMap<String, u32>,
    /// Methods of this file by class and name.
    methods: BTreeMap<(String, String), FunctionId>,
}

const MODULE: ModuleId = ModuleId(0);

impl Unit {
    fn of(request: &Request) -> Result<Unit, Refusal> {
        let text = SourceText::from_str(&request.path, &request.source);
        let project = ProjectNames::link(&[ModuleText {
            name: request.module.clone(),
            is_package: false,
            is_main: request.module == "__main__",
            text,
        }]);
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
        let (mut outside, mut fixed, mut statics) = (Vec::new(), Vec::new(), Vec::new());
        let mut functions = BTreeMap::new();
        for (name, seen) in &request.outside {
            let root = match seen.is_cell {
                true => Root::Cell(name.clone()),
                false => Root::Global(name.clone()),
            };
            let source = Source {
                root,
                attributes: Vec::new(),
            };
            match &seen.what {
                What::Value(param) => {
                    let ty = types::ty_of(param);
                    let param = param.clone();
                    outside.push((name.clone(), Outside { source, param }, ty));
                }
                What::Module(_)
                | What::Definition { .. }
                | What::Kernel { .. }
                | What::Named { .. }
                | What::Other(_) => {
                    if !seen.is_cell && outside::contradicts(module, request, name, &seen.what) {
                        return Err(refusal(
                            None,
                            format!("`{name}` is something else than the file says"),
                            "",
                        ));
                    }
                    fixed.push(source);
                    if let (false, Some(function)) = (seen.is_cell, outside::written_here(module, request, &seen.what))
                    {
                        functions.insert(name.clone(), function);
                    }
                    statics.extend(outside::static_type(&seen.what).map(|ty| (name.clone(), ty)));
                }
                What::Missing => {}
            }
        }
        for (place, attribute) in request.attributes.iter().enumerate() {
            let root = Root::Argument(attribute.argument);
            let source = Source {
                root: root.clone(),
                attributes: vec![attribute.name.clone()],
            };
            let param = attribute.param.clone();
            let ty = types::ty_of(&param);
            outside.push((attributes::hidden_name(place), Outside { source, param }, ty));
            // The class decides what an attribute is, and which code a method runs.
            let class = Source {
                root,
                attributes: vec!["__class__".to_owned()],
            };
            if !fixed.contains(&class) {
                fixed.push(class);
            }
        }
        let mut methods = BTreeMap::new();
        for method in &request.methods {
            let Some(function) = outside::written_here(module, request, &method.what) else {
                continue;
            };
            methods.insert((method.class.clone(), method.name.clone()), function);
            // Neither the class nor the instance has another one by then.
            fixed.push(Source {
                root: Root::Argument(method.argument),
                attributes: vec![method.name.clone(), "__func__".to_owned()],
            });
        }
        let (mut given, mut lambdas) = (BTreeMap::new(), BTreeMap::new());
        for callable in &request.callables {
            let name = request.params[callable.argument as usize].0.clone();
            if let Some(function) = outside::written_here(module, request, &callable.what) {
                given.insert(name, function);
            } else if let Some(line) = outside::lambda_here(request, &callable.what)
                && let Some(start) = read::only_lambda(&project, MODULE, line)
            {
                lambdas.insert(name, start);
            } else {
                continue;
            }
            // Kernels are told apart as objects, functions by what they mean.
            if let What::Kernel { .. } = callable.what {
                fixed.push(Source {
                    root: Root::Argument(callable.argument),
                    attributes: Vec::new(),
                });
                continue;
            }
            for part in [
                "__code__",
                "__globals__",
                "__closure__",
                "__defaults__",
                "__kwdefaults__",
            ] {
                fixed.push(Source {
                    root: Root::Argument(callable.argument),
                    attributes: vec![part.to_owned()],
                });
            }
        }
        Ok(Unit {
            project,
            given,
            lambdas,
            function,
            methods,
            outside,
            fixed,
            statics,
            functions,
        })
    }

    fn read(&self, request: &Request) -> Function {
        let parameters: Vec<(String, Ty)> = request
            .params
            .iter()
            .enumerate()
            .map(|(place, (name, param))| {
                let ty = match (self.given.get(name), self.lambdas.contains_key(name)) {
                    (Some(function), _) => Ty::Author(function.0),
                    (None, true) => Ty::Extern("lambda".to_owned()),
                    (None, false) => attributes::object_type(request, place).unwrap_or_else(|| types::ty_of(param)),
                };
                (name.clone(), ty)
            })
            .collect();
        let outside: Vec<(String, Ty)> = self
            .outside
            .iter()
            .map(|(name, _, ty)| (name.clone(), ty.clone()))
            .chain(self.statics.iter().cloned())
            .collect();
        let read = read_function(
            &self.project,
            MODULE,
            self.function,
            &parameters,
            &outside,
            &read::Options {
                disjoint: request.disjoint,
                functions: self.functions.clone(),
                methods: self.methods.clone(),
                lambdas: self.lambdas.clone(),
                held: attributes::held(request),
                ..read::Options::default()
            },
        );
        attributes::hoist(read, request)
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
        Ok(())
    }

    /// Machine code gains more than its calls of Python cost.
    fn check_worth(&self, lowered: &Function, emitted: &Emitted, gain: f64) -> Result<(), Refusal> {
        match worth::dearest(lowered, &emitted.pieces).filter(|dearest| dearest.all > gain) {
            None => Ok(()),
            Some(dearest) => {
                let island = &emitted.spec.islands[dearest.piece];
                let reason = format!(
                    "calling Python would cost more than machine code gains: {}",
                    island.reason
                );
                let place = self.place_of(lowered, lowered.op(emitted.pieces[dearest.piece]).origin);
                let help = match dearest.is_in_loop {
                    true => "take it out of the loop",
                    false => "compile the function that loops",
                };
                Err(refusal(Some(place), reason, help))
            }
        }
    }

    fn check_stores(&self, func: &Function, request: &Request) -> Result<(), Refusal> {
        let outside: Vec<&numlift_abi::Param> = self.outside.iter().map(|(_, outside, _)| &outside.param).collect();
        match writeable::doubtful_store(func, request, &outside) {
            None => Ok(()),
            Some(origin) => Err(refusal(
                Some(self.place_of(func, origin)),
                "it stores into an array that may be read-only",
                "pass an array that may be written, or copy it first",
            )),
        }
    }

    fn emit(
        &self,
        request: &Request,
        func: &Function,
        launches: &BTreeMap<OpId, Launch>,
        worth: f64,
        single_numbers: bool,
    ) -> Result<Emitted, Refusal> {
        let module = self.project.module(MODULE);
        let place = |start: u32, end: u32| place(module, start, end);
        let cpu = Cpu::host();
        let given = request.params.len() + self.outside.len();
        let params = &func.block(func.body).params;
        let is_value =
            |param: &&numlift_ir::function::ValueId| !matches!(func.ty(**param), Ty::Module(_) | Ty::Extern(_));
        if let Some(unknown) = params[given..].iter().find(is_value) {
            let name = func.name_of(*unknown).unwrap_or("?").to_owned();
            return Err(refusal(
                None,
                format!("a function that is called reads the global `{name}`"),
                "pass it as an argument",
            ));
        }
        let options = numlift_llvm::Options {
            entry: format!("numlift_{}", request.name),
            params: request.params.iter().map(|(_, param)| param.clone()).collect(),
            outside: self.outside.iter().map(|(_, outside, _)| outside.clone()).collect(),
            fixed: self.fixed.clone(),
            disjoint: request.disjoint,
            fastmath: request.options.fastmath,
            vector_bits: cpu.vector_bits,
            guards: read::guards(&self.project, MODULE, self.function),
            foreign_math: request.options.math == Math::Numpy,
            single_numbers,
            fma: cpu.has_fma,
            launches,
            worth,
            place: &place,
        };
        numlift_llvm::emit(func, &options)
            .map_err(|unsupported| refusal(Some(self.place_of(func, unsupported.origin)), unsupported.reason, ""))
    }

    pub(crate) fn place_of(&self, func: &Function, origin: OriginId) -> Place {
        let origin = &func.origins[origin.0 as usize];
        place(self.project.module(MODULE), origin.start, origin.end)
    }
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
