//! Calls of the author's own functions, seen through.
//!
//! The body is read in a frame of its own: parameters are bound to the arguments, `return` binds a name of the frame,
//! globals are those of the function's module. What cannot be seen through wholly stays a call: it becomes opaque in
//! the caller, with the type that its body gave.

use std::collections::BTreeSet;

use numlift_ir::function::{RETURN, ValueId};
use numlift_ir::op::{Const, Kind, MADE_HERE, OF_MODULE};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::call::Args;
use super::expr::global_value;
use super::reader::{Env, Frame, Reader, SeenThrough};
use super::refusal::{Read, Refusal, Runs};
use crate::module::Module;
use crate::names::{FunctionId, MethodLookup, Names, ScopeId};
use crate::project::{FunctionRef, ModuleId};

/// Code that a call runs.
struct Code<'a> {
    name: &'a str,
    parameters: Option<&'a ast::Parameters>,
    body: Body<'a>,
    module: &'a Module,
    file: u32,
    scope: ScopeId,
    function: Option<FunctionId>,
    /// The frame whose names it sees.
    enclosing: Option<usize>,
}

#[derive(Clone, Copy)]
enum Body<'a> {
    Suite(&'a [Stmt]),
    Expr(&'a Expr),
}

impl<'a> Reader<'a> {
    /// The author's function that an expression stands for.
    pub(super) fn author_function(&self, callee: &Expr) -> Option<FunctionRef> {
        let file = self.frame().file;
        if let Expr::Name(name) = callee
            && self.options.frames.is_some()
            && let Some(value) = self.local(name.id.as_str())
        {
            // Bound here, it is what it is bound to, whatever the text defines under that name.
            return match self.ty(value) {
                Ty::Author(function) => Some(FunctionRef {
                    module: ModuleId(self.frames[0].file),
                    function: FunctionId(*function),
                }),
                _ => None,
            };
        }
        if let Expr::Name(name) = callee
            && file == self.frames[0].file
            && self.is_own_variable(name)
        {
            return None;
        }
        if let Expr::Name(name) = callee
            && file == self.frames[0].file
            && self.local(name.id.as_str()).is_none()
            && let Some(function) = self.options.functions.get(name.id.as_str())
        {
            return Some(FunctionRef {
                module: ModuleId(file),
                function: *function,
            });
        }
        self.project.function_named(ModuleId(file), callee)
    }

    /// Whether a name is a variable of the function that is compiled, or of one that is defined in it.
    fn is_own_variable(&self, name: &ast::ExprName) -> bool {
        let Some(compiled) = self.options.compiled else {
            return false;
        };
        // The text of another file has none of them.
        if self.frame().file != self.frames[0].file {
            return false;
        }
        let names = &self.frame().module.names;
        let own = names.function(compiled).range;
        let symbol = names.lookup(names.scope_at(name.start()), name.id.as_str());
        symbol.is_some_and(|symbol| {
            let scope = names.symbol(symbol).scope;
            scope != Names::MODULE && own.contains_range(names.scope(scope).range)
        })
    }

    /// The method that a call on an object of a class means.
    pub(super) fn author_method(&self, class: &str, callee: &ast::ExprAttribute) -> Option<FunctionRef> {
        let seen = (class.to_owned(), callee.attr.as_str().to_owned());
        if let Some(function) = self.options.methods.get(&seen) {
            return Some(FunctionRef {
                module: ModuleId(self.frames[0].file),
                function: *function,
            });
        }
        let found: Vec<FunctionRef> = self
            .project
            .modules()
            .filter_map(|(module, known)| {
                let own = self.project.name(module);
                let is_it = |qualname: &str| match class.strip_suffix(qualname) {
                    Some(prefix) => matches!(prefix, "" | "__main__.") || prefix.strip_suffix('.') == Some(own),
                    None => false,
                };
                let (id, _) = known.names.classes().find(|(_, known)| is_it(&known.qualname))?;
                match known.names.method(id, callee.attr.as_str()) {
                    MethodLookup::Found { function, .. } => Some(FunctionRef { module, function }),
                    MethodLookup::Absent | MethodLookup::Unknown => None,
                }
            })
            .collect();
        match found[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// A function of the author's as a value. To compile it is a global by the name that it is read under, or it is made
    /// inside of the function: see [`numlift_ir::op::Kind::Extern`].
    pub(super) fn author_value(&mut self, function: FunctionRef, global: Option<&str>) -> ValueId {
        let info = self.project.module(function.module).names.function(function.function);
        let kind = Kind::Extern(match (global, self.options.frames.is_some()) {
            (Some(name), true) => format!("{OF_MODULE}{name}"),
            (None, true) => format!("{MADE_HERE}{}", info.qualname),
            (_, false) => info.qualname.clone(),
        });
        let op = self.b.typed_op(kind, &[], &[Ty::Author(function.function.0)]);
        self.b.func.result(op)
    }

    /// A nested function is defined: a name for it, nothing more.
    pub(super) fn define(&mut self, stmt: &'a Stmt) -> Read<()> {
        let Stmt::FunctionDef(def) = stmt else {
            unreachable!("the caller asked")
        };
        let module = ModuleId(self.frame().file);
        let found = self
            .frame()
            .module
            .names
            .functions()
            .find(|(_, function)| function.range == def.range);
        match found {
            Some((function, info)) if info.decorators.is_empty() => {
                self.signature(def)?;
                let value = self.author_value(FunctionRef { module, function }, None);
                self.name_code(value, def.range)?;
                self.bind(def.name.as_str(), value);
                Ok(())
            }
            _ => Err(Refusal::any_code(stmt.range(), "a decorated function is defined")),
        }
    }

    /// `f = lambda v: …`: a name for it, nothing more.
    pub(super) fn named_lambda(&mut self, lambda: &'a ast::ExprLambda) -> Read<ValueId> {
        let mut parameters = lambda
            .parameters
            .iter()
            .flat_map(|parameters| parameters.iter_non_variadic_params());
        if parameters.any(|parameter| parameter.default().is_some_and(|default| !is_constant(default))) {
            return Err(Refusal::new(lambda.range, "a `lambda` with a default that is computed"));
        }
        let name = match self.options.frames.is_some() {
            true => format!("{MADE_HERE}lambda{}", u32::from(lambda.range.start())),
            false => "lambda".to_owned(),
        };
        let op = self.b.typed_op(Kind::Extern(name.clone()), &[], &[Ty::Extern(name)]);
        let value = self.b.func.result(op);
        self.name_code(value, lambda.range)?;
        self.lambdas
            .insert(value, (lambda, self.frame().file, self.frame().scope));
        Ok(value)
    }

    /// What is computed when a function is defined: defaults, annotations, and decorators of methods.
    pub(super) fn signature(&mut self, def: &'a ast::StmtFunctionDef) -> Read<()> {
        let defaults = def
            .parameters
            .iter_non_variadic_params()
            .filter_map(|parameter| parameter.default());
        for default in defaults.filter(|default| !is_constant(default)) {
            if self.typing.is_none() {
                let reason = "a default is computed where the function is defined";
                return Err(Refusal::any_code(default.range(), reason));
            }
            self.expr(default)?;
        }
        let annotations = def.parameters.iter().filter_map(|parameter| parameter.annotation());
        let decorators = def.decorator_list.iter().map(|decorator| &decorator.expression);
        for expr in annotations.chain(def.returns.as_deref()).chain(decorators) {
            self.unread(expr)?;
        }
        Ok(())
    }

    /// An expression that is computed and not read: what it mentions may run.
    pub(super) fn unread(&mut self, expr: &'a Expr) -> Read<()> {
        let computes = |expr: &Expr| !matches!(expr, Expr::Name(_)) && !expr.is_literal_expr();
        if computes(expr) && self.typing.is_some() {
            self.opaque_value(expr, &Refusal::new(expr.range(), "it is computed in passing"))?;
        }
        Ok(())
    }

    /// Reads a call as the body of its function.
    pub(super) fn inline(
        &mut self,
        callee: FunctionRef,
        object: Option<ValueId>,
        args: Args,
        at: TextRange,
    ) -> Read<ValueId> {
        let FunctionRef {
            module: ModuleId(file),
            function,
        } = callee;
        let module = self.project.module(callee.module);
        let info = module.names.function(function);
        let called = |reason: &str| Refusal::any_code(at, format!("`{}` {reason}", info.name));
        if info.is_async || info.is_generator {
            return Err(called("runs later, when it is asked"));
        }
        let is_open = self
            .frames
            .iter()
            .any(|frame| frame.file == file && frame.function == Some(function));
        if is_open || self.facts.recurs(file, function.0) {
            let is_plain =
                object.is_none() && (info.enclosing == Names::MODULE || self.options.compiled == Some(function));
            if self.has_versions(file) && is_plain {
                return self.recursive_call(function, args, at);
            }
            if is_open {
                return Err(called("calls itself"));
            }
        }
        let def = module.names.def(&module.parsed, function);
        let code = Code {
            name: &info.name,
            parameters: Some(&def.parameters),
            body: Body::Suite(&def.body),
            module,
            file,
            scope: info.scope,
            function: Some(function),
            enclosing: self.enclosing_frame(file, info.enclosing),
        };
        self.enter(code, object, args, at)
    }

    /// The `lambda` that a callee stands for, with the file and scope that it stands in.
    pub(super) fn lambda_named(&self, callee: &Expr) -> Option<(&'a ast::ExprLambda, u32, ScopeId)> {
        let Expr::Name(name) = callee else { return None };
        if self.typing.is_some() {
            return None;
        }
        if let Some(value) = self.local(name.id.as_str()) {
            return self.lambdas.get(&value).copied();
        }
        // A global that is bound once.
        let frame = self.frame();
        let names = &frame.module.names;
        let symbol = names.lookup(frame.scope, name.id.as_str())?;
        match global_value(frame.module, &name.id)? {
            Expr::Lambda(lambda) if names.symbol(symbol).scope == Names::MODULE => {
                Some((lambda, frame.file, Names::MODULE))
            }
            _ => None,
        }
    }

    /// Reads a call as the body of a `lambda`.
    pub(super) fn inline_lambda(
        &mut self,
        (lambda, file, scope): (&'a ast::ExprLambda, u32, ScopeId),
        args: Args,
        at: TextRange,
    ) -> Read<ValueId> {
        let module = self.project.module(ModuleId(file));
        let code = Code {
            name: "lambda",
            parameters: lambda.parameters.as_deref(),
            body: Body::Expr(&lambda.body),
            module,
            file,
            scope: module.names.scope_at(lambda.body.start()),
            function: None,
            enclosing: self.enclosing_frame(file, scope),
        };
        self.enter(code, None, args, at)
    }

    /// Reads code in a frame of its own.
    fn enter(&mut self, code: Code<'a>, object: Option<ValueId>, args: Args, at: TextRange) -> Read<ValueId> {
        let name = code.name;
        if self.frames.len() > self.options.max_depth {
            return Err(Refusal::any_code(
                at,
                format!("`{name}` is called too deep inside other calls"),
            ));
        }
        let mut path = self.frame().path.clone();
        path.push((self.frame().file, at.start().into()));
        let origin = self.at(at);
        if let Body::Suite(body) = code.body {
            self.guards |= super::bound::Exits::of(body).guards;
        }
        let suspended = match self.within {
            true => self.waits_for(&code, at)?,
            false => Vec::new(),
        };
        let saved = self.save();
        let any_code = self.any_code;
        let chosen = std::mem::take(&mut self.chosen);
        let mut env = Env::new();
        self.hand_attributes(&self.frame().env, &mut env);
        let shared = self.shared_variables(&code, at)?;
        for name in &shared {
            let value = self.value_or_unbound(name);
            env.insert(name.clone(), value);
        }
        self.frames.push(Frame {
            module: code.module,
            file: code.file,
            scope: code.scope,
            function: code.function,
            env,
            inlined_at: Some(origin),
            path,
            loops: self.loops.len(),
            enclosing: code.enclosing,
            equal: Vec::new(),
            shares: !shared.is_empty(),
            statement: at,
            partial: Vec::new(),
            suspended,
            entered: Vec::new(),
        });
        let read = self.parameters(&code, object, args, at).and_then(|()| match code.body {
            Body::Suite(body) => self.suite(body, None).map(|_| ()),
            Body::Expr(body) => {
                let value = self.settled(body)?;
                self.env().insert(RETURN.to_owned(), value);
                Ok(())
            }
        });
        let mut frame = self.frames.pop().expect("the frame was pushed");
        self.chosen = chosen;
        self.b.origin = origin;
        read.map_err(|refusal| Refusal {
            at,
            reason: refusal.reason,
            whole_statement: false,
            runs: refusal.runs,
            ty: None,
            places: BTreeSet::new(),
        })?;
        let value = match frame.env.remove(RETURN) {
            Some(value) => value,
            // Every path raises.
            None => self.b.constant(Const::None),
        };
        let mut env = std::mem::take(self.env());
        self.hand_attributes(&frame.env, &mut env);
        for name in &shared {
            if let Some(value) = frame.env.remove(name) {
                env.insert(name.clone(), value);
            }
        }
        *self.env() = env;
        let any_code = self.any_code > any_code;
        let call_site = (self.frame().file, at.start().into());
        let number = self.calls;
        let returns = self.ty(value).clone();
        self.seen_through.insert(
            call_site,
            SeenThrough {
                any_code,
                number,
                returns,
            },
        );
        self.calls += 1;
        match self.opaque_since(&saved) {
            None => Ok(value),
            Some(_) if self.typing.is_some() => Ok(value),
            Some(reason) => {
                let ty = self.ty(value).bound().clone();
                let places = self.places_of(value);
                self.restore(&saved);
                Err(Refusal {
                    runs: if any_code { Runs::Anything } else { Runs::Nothing },
                    places,
                    ..Refusal::typed(at, ty, format!("in `{name}`: {reason}"))
                })
            }
        }
    }

    /// The functions that wait for code that is called, where Python can go on in the middle of it: it is a function of
    /// the same file, with no variables but its own.
    fn waits_for(&mut self, code: &Code<'a>, at: TextRange) -> Read<Vec<super::within::Suspended>> {
        let is_plain = match code.body {
            Body::Suite([first, .., last]) => {
                let text = code.module.parsed.slice(first.range().cover(last.range()));
                !text.contains("super") && !text.contains("__class__")
            }
            Body::Suite(_) => true,
            Body::Expr(_) => false,
        };
        if !is_plain || code.enclosing.is_some() || code.file != self.frames[0].file {
            let reason = format!("`{}` changes something, and knows variables of others", code.name);
            return Err(Refusal::any_code(at, reason));
        }
        self.suspended(at)
    }

    /// Variables of the caller that the code of a function in it binds, which it has as its own while it runs.
    fn shared_variables(&self, code: &Code<'a>, at: TextRange) -> Read<BTreeSet<String>> {
        if self.typing.is_some() {
            return Ok(BTreeSet::new());
        }
        let around = code.enclosing.map_or(self.frames.len(), |around| around + 1);
        if self.frames[around..].iter().any(|frame| frame.shares) {
            let reason = "a function that is called shares variables with one that it calls";
            return Err(Refusal::any_code(at, reason));
        }
        let Body::Suite(body) = code.body else {
            return Ok(BTreeSet::new());
        };
        let shared = super::rebinding::declared_nonlocal(body);
        match shared.is_empty() || self.sees_nested() && code.enclosing == Some(self.frames.len() - 1) {
            true => Ok(shared),
            false => Err(Refusal::any_code(
                at,
                "a function that is called rebinds names outside of it",
            )),
        }
    }

    /// The frame whose names a function nested in a scope sees.
    fn enclosing_frame(&self, file: u32, scope: crate::names::ScopeId) -> Option<usize> {
        use crate::names::Names;
        if scope == Names::MODULE {
            return None;
        }
        self.frames
            .iter()
            .rposition(|frame| frame.file == file && frame.scope == scope)
    }

    /// Binds the parameters.
    fn parameters(&mut self, code: &Code<'a>, object: Option<ValueId>, args: Args, at: TextRange) -> Read<()> {
        let Some(parameters) = code.parameters else {
            return match args.values().is_empty() {
                true => Ok(()),
                false => Err(unfit(code.name, at)),
            };
        };
        let bound = self.in_order(code.name, parameters, object, args, at)?;
        for (name, value) in bound {
            self.env().insert(name, value);
        }
        Ok(())
    }

    /// The parameters in their order, those after `*` last, with what is given for them.
    pub(super) fn in_order(
        &mut self,
        callee: &str,
        parameters: &'a ast::Parameters,
        object: Option<ValueId>,
        args: Args,
        at: TextRange,
    ) -> Read<Vec<(String, ValueId)>> {
        if parameters.kwarg.is_some() || parameters.vararg.is_some() && self.options.frames.is_none() {
            return Err(Refusal::any_code(
                at,
                format!("`{callee}` takes any number of arguments"),
            ));
        }
        let mut positional: std::collections::VecDeque<ValueId> = object.into_iter().chain(args.positional).collect();
        let mut keywords = args.keywords;
        let mut bound = Vec::new();
        let by_position = parameters
            .posonlyargs
            .iter()
            .chain(&parameters.args)
            .map(|parameter| (parameter, true));
        let by_keyword = parameters.kwonlyargs.iter().map(|parameter| (parameter, false));
        for (parameter, may_be_positional) in by_position.chain(by_keyword) {
            let name = parameter.parameter.name.as_str();
            let positional = if may_be_positional {
                positional.pop_front()
            } else {
                None
            };
            let value = match positional {
                Some(value) => value,
                None => match keywords.iter().position(|(keyword, _)| keyword == name) {
                    Some(found) => keywords.remove(found).1,
                    None => self.default_of(parameter, at)?,
                },
            };
            bound.push((name.to_owned(), value));
        }
        if let Some(rest) = &parameters.vararg {
            let rest_values: Vec<ValueId> = positional.drain(..).collect();
            let tuple = self.made_tuple(&rest_values, at);
            bound.push((rest.name.to_string(), tuple));
        }
        if positional.is_empty() && keywords.is_empty() {
            Ok(bound)
        } else {
            Err(unfit(callee, at))
        }
    }

    /// Defaults are computed once, when the function is defined: only constants are the same later.
    fn default_of(&mut self, parameter: &'a ast::ParameterWithDefault, at: TextRange) -> Read<ValueId> {
        match &parameter.default {
            Some(default) if is_constant(default) => self.try_expr(default),
            Some(_) => Err(Refusal::any_code(at, "a default that is no constant")),
            None => Err(Refusal::any_code(
                at,
                format!("the argument `{}` is missing", parameter.parameter.name),
            )),
        }
    }
}

fn unfit(callee: &str, at: TextRange) -> Refusal {
    Refusal::any_code(at, format!("the arguments do not fit `{callee}`"))
}

fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::BooleanLiteral(_) | Expr::NoneLiteral(_) => true,
        Expr::UnaryOp(op) => is_constant(&op.operand),
        _ => false,
    }
}
