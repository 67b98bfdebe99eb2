//! Statements whose order is not needed when only types are asked for: `try`, `with`, `class`, imports of project
//! modules, loops over anything.
//!
//! What may happen or not is an `if` on a condition that nobody knows; what is not known is a value of unknown type.
//! The ops that come of this are thrown away with the rest: only static facts are read this way.

use std::collections::BTreeSet;

use numlift_ir::function::{RETURN, ValueId};
use numlift_ir::op::{Kind, Touches};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, ExceptHandler, Expr, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::bound::{self, Exits};
use super::branch::Branch;
use super::facts::{Facts, Source};
use super::iterate::Element;
use super::opaque::parts_of;
use super::reader::{Env, Frame, Reader};
use super::refusal::{Read, Refusal};
use super::suite::{Flow, Rest, Step};
use super::visits::Typing;
use super::{Options, call::Args};
use crate::names::{MethodLookup, Names};
use crate::project::{ClassRef, FunctionRef, ModuleId, ProjectNames};

impl<'a> Reader<'a> {
    /// One round of reading a whole program; and whether it was too much.
    pub(super) fn read_program(
        project: &'a ProjectNames,
        mut typing: Typing<'a>,
        mut facts: Facts,
        options: &'a Options,
    ) -> (Self, bool) {
        facts.changed = false;
        typing.begin_round();
        let main = typing.main;
        let body = &project.module(main).parsed.module.body;
        let mut reader = Reader::new(project, main, body, &[], &[], options, facts);
        reader.typing = Some(typing);
        reader.frames[0].scope = Names::MODULE;
        reader.escape_hooks();
        let packages = match project
            .name(main)
            .rsplit_once('.')
            .and_then(|(package, _)| reader.module_named(package))
        {
            Some(package) => reader.run_module(package),
            None => Ok(()),
        };
        let read = packages.and_then(|()| reader.suite(body, None).map(|_| ()));
        let exhausted = read.is_err() || reader.spend(Default::default()).is_err();
        (reader, exhausted)
    }

    /// A value of which nothing but the type is known.
    pub(super) fn some_value(&mut self, ty: Ty) -> ValueId {
        let kind = Kind::Opaque {
            text: String::new(),
            reads: Vec::new(),
            binds: Vec::new(),
            reason: String::new(),
            touches: Touches::Anything,
            looks: Vec::new(),
        };
        let op = self.b.typed_op(kind, &[], &[ty]);
        self.b.func.result(op)
    }

    /// Two ways, of which nobody knows which is taken.
    fn either(&mut self, a: Branch, b: Branch, condition: ValueId) -> Flow {
        self.merge(condition, a, b, &[])
    }

    /// Names that may have any value: what stands in the text was begun and not finished.
    fn forget(&mut self, stmts: &[Stmt]) {
        for name in bound::bound_names(stmts) {
            let value = self.any_value();
            self.env().insert(name, value);
        }
    }

    /// A value that may be any object of the program.
    pub(super) fn any_value(&mut self) -> ValueId {
        let value = self.some_value(Ty::Unknown);
        self.set_places(value, BTreeSet::from([(Source::Unknown, 0)]));
        value
    }

    /// A part of a value of unknown type.
    pub(super) fn some_part(&mut self, whole: ValueId, ty: Ty) -> ValueId {
        let value = self.some_value(ty);
        let inside = self.places_of(whole).iter().flat_map(parts_of).collect();
        self.set_places(value, inside);
        value
    }

    pub(super) fn try_statement_types(&mut self, stmt: &'a ast::StmtTry, rest: &Rest<'_, 'a>) -> Read<Step> {
        let suites = [&stmt.body, &stmt.orelse, &stmt.finalbody];
        let handlers = || {
            stmt.handlers
                .iter()
                .map(|ExceptHandler::ExceptHandler(handler)| handler)
        };
        let leaves = |suite: &[Stmt]| !Exits::of(suite).none();
        let pulls = suites.iter().any(|suite| leaves(suite)) || handlers().any(|handler| leaves(&handler.body));
        let end = Rest {
            stmts: &stmt.finalbody,
            next: pulls.then_some(rest),
        };
        let condition = self.some_value(Ty::Bool);
        let mut ways = Vec::new();
        let body = Rest {
            stmts: &stmt.orelse,
            next: Some(&end),
        };
        ways.push(self.branch(|reader| reader.suite_to(&stmt.body, &body, pulls))?);
        for handler in handlers() {
            ways.push(self.branch(|reader| {
                reader.forget(&stmt.body);
                if let Some(kind) = &handler.type_ {
                    reader.unread(kind)?;
                }
                if let Some(name) = &handler.name {
                    let value = reader.some_value(Ty::Unknown);
                    reader.env().insert(name.to_string(), value);
                }
                reader.suite_to(&handler.body, &end, pulls)
            })?);
        }
        let flow = self.any_of(ways, condition);
        Ok(if pulls || flow == Flow::Left {
            Step::Done(flow)
        } else {
            Step::Next
        })
    }

    /// Reads to the end of a rest; where others follow, that is not the end of the function.
    fn suite_to(&mut self, stmts: &'a [Stmt], rest: &Rest<'_, 'a>, to_the_end: bool) -> Read<Flow> {
        let had_return = self.env().contains_key(RETURN);
        let flow = self.suite(stmts, Some(rest))?;
        if !to_the_end && !had_return && !self.in_loop() {
            self.env().remove(RETURN);
        }
        Ok(flow)
    }

    /// One of several ways.
    fn any_of(&mut self, ways: Vec<Branch>, condition: ValueId) -> Flow {
        let mut ways = ways.into_iter();
        let Some(mut taken) = ways.next() else {
            return Flow::Next;
        };
        for other in ways {
            let outer = self.frame().env.clone();
            let outer_block = self.b.block;
            let block = self.b.func.add_block();
            self.b.block = block;
            let flow = self.either(taken, other, condition);
            self.b.block = outer_block;
            let env = std::mem::replace(self.env(), outer);
            taken = Branch { block, env, flow };
        }
        let nothing = Branch {
            block: self.b.func.add_block(),
            env: self.frame().env.clone(),
            flow: Flow::Left,
        };
        self.either(taken, nothing, condition)
    }

    pub(super) fn with_types(&mut self, stmt: &'a ast::StmtWith, rest: &Rest<'_, 'a>) -> Read<Step> {
        let mut swallows = stmt.is_async;
        for item in &stmt.items {
            let manager = match &item.context_expr {
                Expr::Call(call) => self.qualified(&call.func),
                _ => None,
            };
            // Others may keep an exception to themselves, so that the body ends early.
            let plain = [
                "builtins.open",
                "numpy.errstate",
                "numpy.printoptions",
                "warnings.catch_warnings",
            ];
            swallows |= !manager.is_some_and(|name| plain.contains(&name.as_str()));
            self.expr(&item.context_expr)?;
            if let Some(target) = &item.optional_vars {
                let value = self.some_value(Ty::Unknown);
                self.assign_target(target, &Element::Value(value))?;
            }
        }
        if !swallows {
            return Ok(Step::Done(self.suite(&stmt.body, Some(rest))?));
        }
        if !Exits::of(&stmt.body).none() {
            return Err(Refusal::new(stmt.range, "control leaves the `with`"));
        }
        let condition = self.some_value(Ty::Bool);
        let whole = self.branch(|reader| reader.plain_suite(&stmt.body))?;
        let part = self.branch(|reader| {
            reader.forget(&stmt.body);
            Ok(Flow::Next)
        })?;
        let flow = self.either(whole, part, condition);
        Ok(if flow == Flow::Left {
            Step::Done(flow)
        } else {
            Step::Next
        })
    }

    /// The `else` of a loop that may have been left by `break`.
    pub(super) fn orelse_types(&mut self, orelse: &'a [Stmt], rest: &Rest<'_, 'a>) -> Read<Step> {
        let condition = self.some_value(Ty::Bool);
        let ran = self.branch(|reader| reader.suite(orelse, Some(rest)))?;
        let broke = self.branch(|reader| reader.suite(&[], Some(rest)))?;
        Ok(Step::Done(self.either(ran, broke, condition)))
    }

    /// A class: its methods run when they are called, the rest of its body runs now.
    pub(super) fn class_types(&mut self, def: &'a ast::StmtClassDef) -> Read<()> {
        let decorated = def.decorator_list.iter().any(|decorator| {
            let callee = match &decorator.expression {
                Expr::Call(call) => &call.func,
                other => other,
            };
            self.qualified(callee).as_deref() != Some("dataclasses.dataclass")
        });
        if decorated
            || def
                .arguments
                .as_ref()
                .is_some_and(|arguments| !arguments.keywords.is_empty())
        {
            return Err(Refusal::any_code(def.range, "an unusual class is defined"));
        }
        for base in def.bases() {
            self.unread(base)?;
        }
        for stmt in &def.body {
            match stmt {
                Stmt::Pass(_) => {}
                Stmt::FunctionDef(def) => self.signature(def)?,
                Stmt::Expr(stmt) if stmt.value.is_literal_expr() => {}
                Stmt::Assign(stmt) => {
                    self.expr(&stmt.value)?;
                }
                Stmt::AnnAssign(stmt) => {
                    self.unread(&stmt.annotation)?;
                    if let Some(value) = &stmt.value {
                        self.expr(value)?;
                    }
                }
                _ => return Err(Refusal::any_code(stmt.range(), "the body of a class runs code")),
            }
        }
        Ok(())
    }

    /// The author's class of an object's type.
    pub(super) fn class_ref(&self, class: &str) -> Option<ClassRef> {
        let main = self.typing.as_ref().map(|typing| typing.main);
        self.project.modules().find_map(|(module, known)| {
            let prefix = if Some(module) == main {
                "__main__"
            } else {
                self.project.name(module)
            };
            let qualname = class.strip_prefix(prefix)?.strip_prefix('.')?;
            let (class, _) = known.names.classes().find(|(_, known)| known.qualname == qualname)?;
            Some(ClassRef { module, class })
        })
    }

    /// `C(…)`: a new object, and its `__init__`.
    pub(super) fn construct(&mut self, class: ClassRef, args: Args, at: ruff_text_size::TextRange) -> Read<ValueId> {
        let names = &self.project.module(class.module).names;
        let info = names.class(class.class);
        let main = self.typing.as_ref().map(|typing| typing.main);
        let prefix = if Some(class.module) == main {
            "__main__"
        } else {
            self.project.name(class.module)
        };
        let ty = Ty::Object {
            class: format!("{prefix}.{}", info.qualname),
            attrs: Default::default(),
        };
        match names.method(class.class, "__init__") {
            MethodLookup::Found { function, .. } => {
                let object = self.some_value(ty);
                let init = FunctionRef {
                    module: class.module,
                    function,
                };
                self.inline(init, Some(object), args, at)?;
                Ok(object)
            }
            MethodLookup::Absent if args.values().is_empty() => Ok(self.some_value(ty)),
            MethodLookup::Absent | MethodLookup::Unknown => Err(Refusal::any_code(
                at,
                format!("it is not known how `{}` is made", info.name),
            )),
        }
    }

    /// Imports of project modules run them, once.
    pub(super) fn import_types(&mut self, stmt: &'a Stmt) -> Read<()> {
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let dotted = alias.name.as_str();
                    let found = self.module_named(dotted);
                    if let Some(module) = found {
                        self.run_module(module)?;
                    }
                    let (name, module) = match &alias.asname {
                        Some(name) => (name.as_str(), dotted),
                        None => {
                            let root = dotted.split('.').next().unwrap_or(dotted);
                            (root, root)
                        }
                    };
                    let value = self.some_value(Ty::Module(module.to_owned()));
                    self.env().insert(name.to_owned(), value);
                }
            }
            Stmt::ImportFrom(import) => self.import_names_types(import)?,
            _ => unreachable!("the caller asked"),
        }
        Ok(())
    }

    fn import_names_types(&mut self, import: &'a ast::StmtImportFrom) -> Read<()> {
        let dotted = import
            .module
            .as_ref()
            .filter(|_| import.level == 0)
            .map(|module| module.as_str());
        let Some(dotted) = dotted else {
            return Err(Refusal::any_code(import.range, "a module of the project is imported"));
        };
        let own = self.module_named(dotted);
        if let Some(module) = own {
            self.run_module(module)?;
        }
        for alias in &import.names {
            let name = alias.asname.as_ref().unwrap_or(&alias.name).to_string();
            let (attr, from) = (alias.name.as_str(), format!("{dotted}.{}", alias.name));
            if attr == "*" {
                return Err(Refusal::any_code(import.range, "all names of a module are imported"));
            }
            if let Some(module) = self.module_named(&from) {
                self.run_module(module)?;
                let value = self.some_value(Ty::Module(from));
                self.env().insert(name, value);
                continue;
            }
            match own {
                None => {
                    let value = self.some_value(Ty::Extern(from));
                    self.env().insert(name, value);
                }
                // Functions and classes are resolved by name.
                Some(module) => {
                    if let Some(value) = self.global_of(module.0, attr).filter(|value| !self.is_author(*value)) {
                        self.env().insert(name, value);
                    }
                }
            }
        }
        Ok(())
    }

    pub(super) fn is_author(&self, value: ValueId) -> bool {
        matches!(self.bound_ty(value), Ty::Author(_))
    }

    pub(super) fn module_named(&self, dotted: &str) -> Option<ModuleId> {
        self.project
            .modules()
            .map(|(module, _)| module)
            .find(|module| self.project.name(*module) == dotted)
    }

    fn run_module(&mut self, module: ModuleId) -> Read<()> {
        // The packages around it come first.
        if let Some((package, _)) = self.project.name(module).rsplit_once('.')
            && let Some(package) = self.module_named(package)
        {
            self.run_module(package)?;
        }
        let running = self
            .frames
            .iter()
            .any(|frame| frame.file == module.0 && frame.scope == Names::MODULE);
        let typing = self.typing.as_ref().expect("a program is read");
        if running || typing.globals.contains_key(&module.0) {
            return Ok(());
        }
        let known = self.project.module(module);
        let origin = self.b.origin;
        self.frames.push(Frame {
            module: known,
            file: module.0,
            scope: Names::MODULE,
            function: None,
            env: Env::new(),
            inlined_at: Some(origin),
            path: Vec::new(),
            loops: self.loops.len(),
            enclosing: None,
            equal: Vec::new(),
            shares: false,
            statement: TextRange::default(),
            partial: Vec::new(),
            suspended: Vec::new(),
            entered: Vec::new(),
        });
        let read = self.suite(&known.parsed.module.body, None);
        let mut frame = self.frames.pop().expect("the frame was pushed");
        self.b.origin = origin;
        read?;
        frame.env.remove(RETURN);
        self.typing
            .as_mut()
            .expect("a program is read")
            .globals
            .insert(module.0, frame.env);
        Ok(())
    }
}
