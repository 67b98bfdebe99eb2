//! Programs in which what is a warning elsewhere is an exception, or calls code.
//!
//! ```text
//! np.seterr(all="raise")   np.errstate(over="call")   np.seterrcall(f)   warnings.simplefilter("error")
//! ```
//!
//! A loop stores what it has until the first division by zero raises, an array expression stores nothing: who catches
//! the exception can tell. Filters of categories that no arithmetic has (`DeprecationWarning`) do not count.

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use crate::module::Module;

/// Where the module makes it so.
pub fn trap(module: &Module) -> Option<TextRange> {
    let mut finder = Finder { module, found: None };
    finder.visit_body(&module.parsed.module.body);
    finder.found
}

struct Finder<'n> {
    module: &'n Module,
    found: Option<TextRange>,
}

impl Finder<'_> {
    fn traps(&self, call: &ast::ExprCall) -> bool {
        let name = self.module.names.qualified_name(&call.func);
        let args = &call.arguments;
        match name.as_deref() {
            Some("numpy.seterrcall") => true,
            Some("numpy.seterr" | "numpy.errstate") => {
                // `**old` puts back what was there before.
                let keywords = args.keywords.iter().filter(|keyword| keyword.arg.is_some());
                let values = args.args.iter().chain(keywords.map(|keyword| &keyword.value));
                values.into_iter().any(|value| !is_harmless(value))
            }
            Some("warnings.simplefilter" | "warnings.filterwarnings") => {
                let action = args
                    .args
                    .first()
                    .or_else(|| args.find_keyword("action").map(|keyword| &keyword.value));
                let is_error = match action {
                    Some(Expr::StringLiteral(action)) => action.value.to_str() == "error",
                    _ => true,
                };
                let place = if name.as_deref() == Some("warnings.simplefilter") {
                    1
                } else {
                    2
                };
                let category = args
                    .args
                    .get(place)
                    .or_else(|| args.find_keyword("category").map(|keyword| &keyword.value));
                let arithmetic = match category {
                    Some(category) => match self.module.names.qualified_name(category) {
                        Some(name) => matches!(name.as_str(), "builtins.Warning" | "builtins.RuntimeWarning"),
                        None => true,
                    },
                    None => true,
                };
                is_error && arithmetic
            }
            _ => false,
        }
    }
}

/// What is done about a floating-point event.
fn is_harmless(action: &Expr) -> bool {
    match action {
        Expr::StringLiteral(action) => matches!(action.value.to_str(), "ignore" | "warn" | "print"),
        Expr::NoneLiteral(_) => true,
        _ => false,
    }
}

impl<'a> Visitor<'a> for Finder<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        if let Expr::Call(call) = expr
            && self.found.is_none()
            && self.traps(call)
        {
            self.found = Some(call.range());
        }
        visitor::walk_expr(self, expr);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{ModuleId, ModuleText, ProjectNames};
    use crate::text::SourceText;

    fn check(source: &str, traps: bool) {
        let text = SourceText::from_str("a.py", &format!("import warnings\nimport numpy as np\n{source}\n"));
        let project = ProjectNames::link(&[ModuleText {
            name: "a".to_owned(),
            is_package: false,
            is_main: true,
            text,
        }]);
        assert_eq!(trap(project.module(ModuleId(0))).is_some(), traps, "{source}");
    }

    #[test]
    fn what_raises_and_what_does_not() {
        check("np.seterr(all='raise')", true);
        check("np.seterr('raise')", true);
        check("np.seterr(over=mode)", true);
        check("with np.errstate(divide='call'): pass", true);
        check("np.seterrcall(print)", true);
        check("warnings.simplefilter('error')", true);
        check("warnings.filterwarnings('error', category=RuntimeWarning)", true);
        check("warnings.filterwarnings(action='error')", true);
        check("with np.errstate(divide='ignore', invalid='ignore'): pass", false);
        check("old = np.seterr(all='ignore'); np.seterr(**old)", false);
        check("warnings.filterwarnings('ignore')", false);
        check("warnings.simplefilter('error', DeprecationWarning)", false);
    }
}
