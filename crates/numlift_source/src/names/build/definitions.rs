//! Functions, classes and their parameters: scopes that names make.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Identifier, Parameters, Stmt, TypeParam};
use ruff_text_size::TextRange;

use super::super::class::Class;
use super::super::{BindingKind, ClassId, Function, FunctionId, Names, Param, ParamKind, ScopeKind};
use super::Builder;

impl<'a> Builder<'a> {
    pub(super) fn function_def(&mut self, def: &'a ast::StmtFunctionDef) {
        def.decorator_list
            .iter()
            .for_each(|decorator| self.visit_decorator(decorator));
        self.outside_of_parameters(&def.parameters);
        let id = FunctionId(self.names.functions.len() as u32);
        let qualname = self.qualname_of(&def.name);
        let class = match self.names.scopes[self.current.index()].kind {
            ScopeKind::Class(class) => Some(class),
            _ => None,
        };
        let mut finder = SuspendFinder::default();
        def.body.iter().for_each(|stmt| finder.visit_stmt(stmt));
        self.names.functions.push(Function {
            name: def.name.to_string(),
            qualname: qualname.clone(),
            scope: self.current,
            enclosing: self.current,
            class,
            range: def.range,
            decorators: vec![None; def.decorator_list.len()],
            parameters: parameters_of(&def.parameters),
            is_async: def.is_async,
            is_generator: finder.yields,
        });
        self.decorated.push((id, &def.decorator_list));
        self.bind(&def.name, def.name.range, BindingKind::Function(id));
        self.with_type_params(def.type_params.as_deref(), def.range, |this| {
            this.annotations_of_parameters(&def.parameters);
            if let Some(returns) = &def.returns {
                this.visit_annotation(returns);
            }
            let scope = this.within(ScopeKind::Function(id), def.range, qualname, |this| {
                this.declare_globals(&def.body);
                this.bind_parameters(&def.parameters);
                def.body.iter().for_each(|stmt| this.visit_stmt(stmt));
            });
            this.names.functions[id.index()].scope = scope;
        });
    }

    /// `global` and `nonlocal` hold for the whole body, wherever they stand.
    fn declare_globals(&mut self, body: &'a [Stmt]) {
        for stmt in body {
            match stmt {
                Stmt::Global(global) => {
                    let names: Vec<String> = global.names.iter().map(|name| self.mangle(name)).collect();
                    for name in &names {
                        self.symbol_in(Names::MODULE, name);
                    }
                    let current = self.current;
                    self.scope(current).globals.extend(names);
                }
                Stmt::Nonlocal(nonlocal) => {
                    let names: Vec<String> = nonlocal.names.iter().map(|name| self.mangle(name)).collect();
                    let current = self.current;
                    self.scope(current).nonlocals.extend(names);
                }
                Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
                other => {
                    crate::parse::suites_of(other)
                        .into_iter()
                        .for_each(|suite| self.declare_globals(suite));
                }
            }
        }
    }

    pub(super) fn class_def(&mut self, def: &'a ast::StmtClassDef) {
        def.decorator_list
            .iter()
            .for_each(|decorator| self.visit_decorator(decorator));
        let id = ClassId(self.names.classes.len() as u32);
        let qualname = self.qualname_of(&def.name);
        self.names.classes.push(Class::new(def, qualname.clone(), self.current));
        self.bind(&def.name, def.name.range, BindingKind::Class(id));
        self.with_type_params(def.type_params.as_deref(), def.range, |this| {
            if let Some(arguments) = &def.arguments {
                this.visit_arguments(arguments);
            }
            let outer = this.class_name.replace(def.name.to_string());
            let scope = this.within(ScopeKind::Class(id), def.range, qualname, |this| {
                this.declare_globals(&def.body);
                def.body.iter().for_each(|stmt| this.visit_stmt(stmt));
            });
            this.class_name = outer;
            this.names.classes[id.index()].scope = scope;
        });
    }

    pub(super) fn with_type_params(
        &mut self,
        type_params: Option<&'a ast::TypeParams>,
        range: TextRange,
        body: impl FnOnce(&mut Self),
    ) {
        let Some(type_params) = type_params else {
            return body(self);
        };
        let qualname = self.names.scopes[self.current.index()].qualname.clone();
        self.within(ScopeKind::TypeParams, range, qualname, |this| {
            for param in &type_params.type_params {
                let name = type_param_name(param);
                this.bind(name, name.range, BindingKind::TypeParam);
            }
            type_params
                .type_params
                .iter()
                .for_each(|param| visitor::walk_type_param(this, param));
            body(this);
        });
    }

    /// Defaults are evaluated where the `def` stands.
    pub(super) fn outside_of_parameters(&mut self, parameters: &'a Parameters) {
        parameters
            .iter_non_variadic_params()
            .filter_map(|param| param.default())
            .for_each(|expr| self.visit_expr(expr));
    }

    fn annotations_of_parameters(&mut self, parameters: &'a Parameters) {
        parameters
            .iter()
            .filter_map(|param| param.as_parameter().annotation.as_deref())
            .for_each(|expr| self.visit_annotation(expr));
    }

    pub(super) fn bind_parameters(&mut self, parameters: &'a Parameters) {
        for parameter in parameters.iter() {
            let name = parameter.name();
            self.bind(name, name.range, BindingKind::Parameter);
        }
    }
}

fn type_param_name(param: &TypeParam) -> &Identifier {
    match param {
        TypeParam::TypeVar(param) => &param.name,
        TypeParam::TypeVarTuple(param) => &param.name,
        TypeParam::ParamSpec(param) => &param.name,
    }
}

fn parameters_of(parameters: &Parameters) -> Vec<Param> {
    let with_default = |kind| {
        move |param: &ast::ParameterWithDefault| Param {
            name: param.name().to_string(),
            kind,
            has_default: param.default.is_some(),
        }
    };
    let variadic = |kind| {
        move |param: &ast::Parameter| Param {
            name: param.name.to_string(),
            kind,
            has_default: false,
        }
    };
    let mut all: Vec<Param> = parameters
        .posonlyargs
        .iter()
        .map(with_default(ParamKind::PositionalOnly))
        .collect();
    all.extend(parameters.args.iter().map(with_default(ParamKind::Positional)));
    all.extend(parameters.vararg.as_deref().map(variadic(ParamKind::Variadic)));
    all.extend(parameters.kwonlyargs.iter().map(with_default(ParamKind::KeywordOnly)));
    all.extend(parameters.kwarg.as_deref().map(variadic(ParamKind::Keywords)));
    all
}

/// Finds `yield` in a function's own code.
#[derive(Default)]
struct SuspendFinder {
    yields: bool,
}

impl<'a> Visitor<'a> for SuspendFinder {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        if !matches!(stmt, Stmt::FunctionDef(_) | Stmt::ClassDef(_)) {
            visitor::walk_stmt(self, stmt);
        }
    }

    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Yield(_) | Expr::YieldFrom(_) => self.yields = true,
            Expr::Lambda(_) => {}
            _ => visitor::walk_expr(self, expr),
        }
    }
}
