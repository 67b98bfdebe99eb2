//! What is around a function that is compiled: values from outside of it, and functions and methods that it calls, with
//! what must stay the same from call to call for that to hold.

use std::collections::BTreeMap;

use numlift_abi::request::What;
use numlift_abi::spec::Root;
use numlift_abi::{Outside, Refusal, Request, Source};
use numlift_ir::ty::Ty;
use numlift_source::module::Module;
use numlift_source::names::FunctionId;
use numlift_source::project::ProjectNames;
use numlift_source::read;

use super::{MODULE, attributes, outside, refusal, types};

#[derive(Default)]
pub struct Around {
    /// Values from outside, by name, with their types.
    pub outside: Vec<(String, Outside, Ty)>,
    /// Modules, functions and classes that must stay what they are.
    pub fixed: Vec<Source>,
    /// Names of those that libraries have: what they are was seen, whatever can be read out of the text.
    pub statics: Vec<(String, Ty)>,
    /// Functions of this file by the global names that they have now.
    pub functions: BTreeMap<String, FunctionId>,
    /// Parameters that are functions of this file, and values of a `lambda` in it.
    pub given: BTreeMap<String, FunctionId>,
    pub lambdas: BTreeMap<String, u32>,
    /// Methods of this file by class and name.
    pub methods: BTreeMap<(String, String), FunctionId>,
}

impl Around {
    pub fn of(project: &ProjectNames, request: &Request) -> Result<Around, Refusal> {
        let module = project.module(MODULE);
        let mut around = Around::default();
        around.names(module, request)?;
        around.attributes(request);
        around.methods(module, request);
        around.callables(project, request);
        Ok(around)
    }

    /// Names that the function reads and does not bind.
    fn names(&mut self, module: &Module, request: &Request) -> Result<(), Refusal> {
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
                    let ty = attributes::type_of_global(request, name).unwrap_or_else(|| types::ty_of(param));
                    let param = param.clone();
                    self.outside.push((name.clone(), Outside { source, param }, ty));
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
                    self.fixed.push(source);
                    if let (false, Some(function)) = (seen.is_cell, outside::written_here(module, request, &seen.what))
                    {
                        self.functions.insert(name.clone(), function);
                    }
                    self.statics
                        .extend(outside::static_type(&seen.what).map(|ty| (name.clone(), ty)));
                }
                What::Missing => {}
            }
        }
        Ok(())
    }

    /// Plain attributes of arguments.
    fn attributes(&mut self, request: &Request) {
        for (place, attribute) in request.attributes.iter().enumerate() {
            let root = match &attribute.global {
                Some(name) => Root::Global(name.clone()),
                None => Root::Argument(attribute.argument),
            };
            let source = Source {
                root: root.clone(),
                attributes: vec![attribute.name.clone()],
            };
            let param = attribute.param.clone();
            let ty = types::ty_of(&param);
            self.outside
                .push((attributes::hidden_name(place), Outside { source, param }, ty));
            // The class decides what an attribute is, and which code a method runs.
            let class = Source {
                root,
                attributes: vec!["__class__".to_owned()],
            };
            if !self.fixed.contains(&class) {
                self.fixed.push(class);
            }
        }
    }

    /// Methods of arguments.
    fn methods(&mut self, module: &Module, request: &Request) {
        for method in &request.methods {
            let Some(function) = outside::written_here(module, request, &method.what) else {
                continue;
            };
            self.methods
                .insert((method.class.clone(), method.name.clone()), function);
            // Neither the class nor the instance has another one by then.
            self.fixed.push(Source {
                root: Root::Argument(method.argument),
                attributes: vec![method.name.clone(), "__func__".to_owned()],
            });
        }
    }

    /// Arguments that are functions.
    fn callables(&mut self, project: &ProjectNames, request: &Request) {
        let module = project.module(MODULE);
        for callable in &request.callables {
            let name = request.params[callable.argument as usize].0.clone();
            if let Some(function) = outside::written_here(module, request, &callable.what) {
                self.given.insert(name, function);
            } else if let Some(line) = outside::lambda_here(request, &callable.what)
                && let Some(start) = read::only_lambda(project, MODULE, line)
            {
                self.lambdas.insert(name, start);
            } else {
                continue;
            }
            // Kernels are told apart as objects, functions by what they mean.
            if let What::Kernel { .. } = callable.what {
                self.fixed.push(Source {
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
                self.fixed.push(Source {
                    root: Root::Argument(callable.argument),
                    attributes: vec![part.to_owned()],
                });
            }
        }
    }
}
