//! The values of `lambda` that a function gets as arguments.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprLambda, Stmt};

use super::reader::Reader;

/// All `lambda` expressions of a module.
#[derive(Default)]
pub(super) struct Lambdas<'a> {
    found: Vec<&'a ExprLambda>,
}

impl<'a> Lambdas<'a> {
    pub fn of(statements: &'a [Stmt]) -> Vec<&'a ExprLambda> {
        let mut lambdas = Lambdas::default();
        statements.iter().for_each(|stmt| lambdas.visit_stmt(stmt));
        lambdas.found
    }
}

impl<'a> Visitor<'a> for Lambdas<'a> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Lambda(lambda) = expr {
            self.found.push(lambda);
        }
        visitor::walk_expr(self, expr);
    }
}

impl<'a> Reader<'a> {
    /// Notes which parameters are the values of which `lambda`.
    pub(super) fn know_lambdas(&mut self) {
        if self.options.lambdas.is_empty() {
            return;
        }
        let (module, file) = (self.frames[0].module, self.frames[0].file);
        for lambda in Lambdas::of(&module.parsed.module.body) {
            let start = u32::from(lambda.range.start());
            let scope = module.names.scope_at(lambda.range.start());
            for (name, at) in &self.options.lambdas {
                if *at == start
                    && let Some(value) = self.frames[0].env.get(name)
                {
                    self.lambdas.insert(*value, (lambda, file, scope));
                }
            }
        }
    }
}
