//! Functions whose results nobody reads.
//!
//! ```text
//! start = time.time()
//! C = multiply(a, b)           the result is bound,
//! print(time.time() - start)
//! C = np.dot(A, B)             and bound anew before anybody has read it
//! ```

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

use crate::module::Module;
use crate::names::{FunctionId, Names};

/// The innermost function around a byte offset; a `def` that begins there is not.
pub fn function_around(module: &Module, offset: u32) -> Option<FunctionId> {
    let around = module
        .names
        .functions()
        .filter(|(_, function)| function.range.contains(offset.into()) && function.range.start() != offset.into());
    around
        .min_by_key(|(_, function)| function.range.len())
        .map(|(id, _)| id)
}

/// Whether a function of this module is only ever called by its name, here, where the result is dropped or bound to a
/// name that is bound anew before it is read. That nobody calls it from elsewhere is for the caller to know.
pub fn result_is_unread(module: &Module, function: FunctionId) -> bool {
    let names = &module.names;
    let function = names.function(function);
    let is_plain = function.enclosing == Names::MODULE
        && function.decorators.is_empty()
        && !function.is_async
        && !function.is_generator;
    let Some(symbol) = names.lookup(Names::MODULE, &function.name) else {
        return false;
    };
    if !is_plain || names.symbol(symbol).bindings.len() != 1 {
        return false;
    }
    let mut calls = Calls {
        module,
        is_use: &|at| names.uses.get(&at).is_some_and(|found| found.symbol == Some(symbol)),
        unread: 0,
    };
    calls.visit_body(&module.parsed.module.body);
    let uses = names.uses.values().filter(|found| found.symbol == Some(symbol)).count();
    uses > 0 && calls.unread == uses
}

/// Counts the calls whose results are not read.
struct Calls<'m> {
    module: &'m Module,
    is_use: &'m dyn Fn(TextSize) -> bool,
    unread: usize,
}

impl Calls<'_> {
    fn is_call(&self, value: &Expr) -> bool {
        match value {
            Expr::Call(ast::ExprCall { func, .. }) => {
                matches!(&**func, Expr::Name(name) if (self.is_use)(name.start()))
            }
            _ => false,
        }
    }
}

impl<'a> Visitor<'a> for Calls<'_> {
    fn visit_stmt(&mut self, stmt: &'a Stmt) {
        let is_unread = match stmt {
            Stmt::Expr(dropped) => self.is_call(&dropped.value),
            Stmt::Assign(assign) => match &assign.targets[..] {
                [Expr::Name(name)] if self.is_call(&assign.value) => self
                    .module
                    .region_flow(stmt.start().into(), stmt.end().into())
                    .is_some_and(|flow| !flow.live_out.iter().any(|live| *live == name.id.as_str())),
                _ => false,
            },
            _ => false,
        };
        self.unread += usize::from(is_unread);
        visitor::walk_stmt(self, stmt);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceText;

    fn check(calls: &str) -> bool {
        let text = format!("import time\n\ndef f(x):\n    return [x]\n\n{calls}");
        let module = Module::alone(&SourceText::from_str("script.py", &text));
        let function = function_around(&module, text.find("return").unwrap() as u32).unwrap();
        result_is_unread(&module, function)
    }

    #[test]
    fn results_that_nobody_reads() {
        assert!(check("f(1)\n"));
        assert!(check("C = f(1)\nprint(time.time())\nC = 2\nprint(C)\n"));
        assert!(check("for k in range(3):\n    f(k)\n"));
        assert!(!check("C = f(1)\nprint(C)\n"));
        assert!(!check("C = f(1)\nif time.time():\n    C = 2\nprint(C)\n"));
        assert!(!check("C = D = f(1)\nC = D = 2\n"));
        assert!(!check("print(f(1))\n"));
        assert!(!check("f(1)\ng = f\n"));
        assert!(!check("f(1)\nf(2)[0] = 3\n"));
        assert!(!check("C = f(1)\ndef show():\n    print(C)\nshow()\nC = 2\n"));
        assert!(!check("time.sleep(0)\n"));
    }
}
