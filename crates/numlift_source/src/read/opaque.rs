//! Text that runs in Python because it was not understood.

use std::collections::BTreeSet;

use numlift_ir::function::ValueId;
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, ExprContext, Stmt};
use ruff_text_size::Ranged;

use super::bound;
use super::reader::{Reader, holds_lists};
use super::refusal::{Read, Refusal};

impl<'a> Reader<'a> {
    /// An expression that stays as it is.
    pub(super) fn opaque_value(&mut self, expr: &'a Expr, refusal: &Refusal) -> Read<ValueId> {
        if bound::binds_inside(expr) {
            return Err(Refusal {
                whole_statement: true,
                ..refusal.clone()
            });
        }
        let outer = self.b.origin;
        self.at(expr.range());
        let looks = Looks::at_expr(self, expr);
        let live = self.live_reads(Some(expr));
        let ty = refusal
            .ty
            .clone()
            .filter(|_| refusal.at == expr.range())
            .unwrap_or(Ty::Unknown);
        let op = self.opaque(self.text(expr.range()), live, &[], refusal, looks, &[ty]);
        let value = self.b.func.result(op);
        if holds_lists(self.ty(value)) {
            let site = self.site(expr.range(), 2);
            self.made_list(value, site, &[]);
        }
        self.b.origin = outer;
        Ok(value)
    }

    /// A statement that stays as it is.
    pub(super) fn opaque_statement(&mut self, stmt: &'a Stmt, refusal: &Refusal) {
        self.at(stmt.range());
        let looks = Looks::at_stmt(self, stmt);
        let live = self.live_reads_of_stmt(stmt);
        let mut binds: BTreeSet<String> = bound::bound_names(std::slice::from_ref(stmt));
        if !looks {
            binds.extend(self.volatile_names());
        }
        let binds: Vec<String> = binds.into_iter().collect();
        let types = vec![Ty::Unknown; binds.len()];
        let op = self.opaque(self.text(stmt.range()), live, &binds, refusal, looks, &types);
        let results = self.b.func.op(op).results.clone();
        for (name, result) in binds.iter().zip(results) {
            self.bind(name, result);
        }
    }

    /// An import stays where it is; what it binds is known by name.
    pub(super) fn import(&mut self, stmt: &'a Stmt) -> Read<()> {
        let mut bound: Vec<(String, Ty)> = Vec::new();
        match stmt {
            Stmt::Import(import) => {
                for alias in &import.names {
                    let dotted = alias.name.as_str();
                    let root = dotted.split('.').next().unwrap_or(dotted);
                    let (name, module) = match &alias.asname {
                        Some(name) => (name.as_str(), dotted),
                        None => (root, root),
                    };
                    bound.push((name.to_owned(), Ty::Module(module.to_owned())));
                }
            }
            Stmt::ImportFrom(import) => {
                let Some(module) = import.module.as_ref().filter(|_| import.level == 0) else {
                    return Err(Refusal::any_code(stmt.range(), "a module of the project is imported"));
                };
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name).as_str();
                    bound.push((name.to_owned(), Ty::Extern(format!("{module}.{}", alias.name))));
                }
            }
            _ => unreachable!("the caller asked"),
        }
        let roots = bound.iter().filter_map(|(_, ty)| match ty {
            Ty::Module(name) | Ty::Extern(name) => name.split('.').next(),
            _ => None,
        });
        let own = |root: &str| self.project.modules().any(|(module, _)| self.project.name(module).split('.').next() == Some(root));
        if roots.into_iter().any(|root| root == "*" || own(root)) {
            return Err(Refusal::any_code(stmt.range(), "a module of the project is imported"));
        }
        let refusal = Refusal::new(stmt.range(), "a module is imported");
        let (binds, types): (Vec<String>, Vec<Ty>) = bound.into_iter().unzip();
        let op = self.opaque(self.text(stmt.range()), Vec::new(), &binds, &refusal, true, &types);
        let results = self.b.func.op(op).results.clone();
        for (name, result) in binds.iter().zip(results) {
            self.bind(name, result);
        }
        Ok(())
    }

    fn opaque(
        &mut self,
        text: &str,
        live: Vec<(String, ValueId)>,
        binds: &[String],
        refusal: &Refusal,
        looks: bool,
        types: &[Ty],
    ) -> numlift_ir::function::OpId {
        let (reads, args): (Vec<String>, Vec<ValueId>) = live.into_iter().unzip();
        let kind = Kind::Opaque {
            text: text.to_owned(),
            reads,
            binds: binds.to_vec(),
            reason: refusal.reason.clone(),
        };
        if !looks {
            for arg in &args {
                if holds_lists(self.ty(*arg)) {
                    self.list_escapes(*arg);
                }
            }
            self.stored.clear();
        }
        self.b.typed_op(kind, &args, types)
    }

    /// Names that functions rebind from inside, which code that is not known may call.
    pub(super) fn volatile_names(&self) -> BTreeSet<String> {
        let names = &self.frame().module.names;
        let declared: BTreeSet<&String> = names
            .scopes
            .iter()
            .flat_map(|scope| scope.globals.iter().chain(&scope.nonlocals))
            .collect();
        self.frame()
            .env
            .keys()
            .filter(|name| declared.contains(name))
            .cloned()
            .collect()
    }
}

/// Whether text only looks at lists and objects: no store through a reference, no call of code that is not known.
struct Looks<'r, 'a> {
    reader: &'r Reader<'a>,
    only: bool,
}

impl<'r, 'a> Looks<'r, 'a> {
    fn at_expr(reader: &'r Reader<'a>, expr: &'a Expr) -> bool {
        let mut looks = Looks { reader, only: true };
        looks.visit_expr(expr);
        looks.only
    }

    fn at_stmt(reader: &'r Reader<'a>, stmt: &'a Stmt) -> bool {
        let mut looks = Looks { reader, only: true };
        looks.visit_stmt(stmt);
        looks.only
    }

    fn call(&self, call: &ast::ExprCall) -> bool {
        if let Some(name) = self.reader.qualified(&call.func) {
            return only_looks(&name);
        }
        // Methods of strings and files.
        match &*call.func {
            Expr::Attribute(attribute) => LOOKING_METHODS.contains(&attribute.attr.as_str()),
            _ => false,
        }
    }
}

impl<'a> Visitor<'a> for Looks<'_, 'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Call(call) => self.only &= self.call(call),
            Expr::Subscript(ast::ExprSubscript { ctx, .. }) | Expr::Attribute(ast::ExprAttribute { ctx, .. }) => {
                self.only &= *ctx == ExprContext::Load;
            }
            _ => {}
        }
        visitor::walk_expr(self, expr);
    }

    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        match stmt {
            Stmt::AugAssign(_) | Stmt::Delete(_) | Stmt::With(_) | Stmt::ClassDef(_) => self.only = false,
            _ => {}
        }
        visitor::walk_stmt(self, stmt);
    }
}

const LOOKING_METHODS: &[&str] = &[
    "format", "join", "write", "flush", "strip", "split", "upper", "lower", "center", "ljust",
];

/// Functions that change none of their arguments and call none of the author's code.
fn only_looks(name: &str) -> bool {
    match name.split_once('.') {
        Some(("builtins", name)) => {
            !matches!(
                name,
                "exec" | "eval" | "setattr" | "delattr" | "next" | "iter" | "map" | "filter" | "globals"
            ) && !matches!(
                name,
                "locals" | "vars" | "__import__" | "getattr" | "input" | "breakpoint" | "compile"
            )
        }
        Some(("math" | "time" | "datetime" | "os" | "sys" | "cmath" | "statistics" | "platform", _)) => true,
        Some(("numpy", name)) => !matches!(name, "vectorize" | "apply_along_axis" | "frompyfunc" | "fromfunction"),
        _ => false,
    }
}
