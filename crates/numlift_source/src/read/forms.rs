//! Functions of NumPy that are written in Python.
//!
//! ```python
//! def numpy_bincount(x: "iu 1", minlength: "int" = 0):
//!     …
//!     for value in x:
//!         out[value] += 1
//!     return out
//! ```
//!
//! The files of `forms/` have them: each computes what NumPy's function, or method, of its name does, for arguments of the types that its
//! annotations say, and a call is seen through like one of the author's own functions. Where a form raises, whatever it
//! raises, Python runs the statement, and with it NumPy's own function: so a form may give up, too. Several forms of one
//! function have names that end in `__` and something; the first that takes the arguments is taken, and where none does
//! the call stays a call.
//!
//! Builtins, functions of `math` and methods of Python's numbers have forms, too: `builtins_pow`, `int_bit_length`.
//!
//! An annotation has alternatives between `|`: `int`, `float`, `float64`, `number` (a real one), `whole` (an int of Python's
//! or NumPy's), `bool`, `list`, `none`, `pair` (of real numbers), `ints2` and `ints3` (tuples), a literal (`'right'`, `True`,
//! `2`), or the letters of dtypes and the ranks of an array: `b` bool, `i` signed, `u` unsigned (no `uint64`), `e` float16,
//! `f` float32, `d` float64, `F` and `D` complex; `=x` in front of letters asks for the dtype of the parameter `x`.

use numlift_ir::dtype::{Dtype, DtypeKind};
use numlift_ir::function::ValueId;
use numlift_ir::op::Const;
use numlift_ir::scalar::ScalarTy;
use numlift_ir::table::{FunctionInfo, lookup, method};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::TextRange;

use super::call::Args;
use super::reader::Reader;
use super::refusal::Read;
use crate::names::FunctionId;
use crate::project::{FunctionRef, ModuleId, ModuleText};
use crate::text::SourceText;

const NAME: &str = "<numpy>";
/// What the names of forms begin with: whose functions or methods they are.
const PREFIXES: [&str; 6] = ["numpy_", "ndarray_", "builtins_", "math_", "int_", "float_"];
const TEXT: &str = concat!(
    include_str!("forms/counting.py"),
    include_str!("forms/elements.py"),
    include_str!("forms/python.py"),
    include_str!("forms/reductions.py"),
    include_str!("forms/shapes.py"),
    include_str!("forms/windows.py"),
);

/// The module of the forms that a text may call, to be linked with it: most texts need few of them.
pub fn module_for(source: &str) -> Option<ModuleText> {
    let all: Vec<&str> = TEXT.split("\ndef ").skip(1).filter(|one| !one.is_empty()).collect();
    let mut taken = vec![false; all.len()];
    // What forms call are forms, too.
    let mut texts = vec![source];
    while let Some(text) = texts.pop() {
        for (number, form) in all.iter().enumerate() {
            if !taken[number] && text.contains(called_as(form)) {
                taken[number] = true;
                texts.push(form);
            }
        }
    }
    if !taken.contains(&true) {
        return None;
    }
    let chosen = all.iter().zip(taken).filter(|(_, taken)| *taken);
    let forms: String = chosen.map(|(form, _)| format!("\ndef {}\n", body_of(form))).collect();
    Some(ModuleText {
        name: NAME.to_owned(),
        is_package: false,
        is_main: false,
        text: SourceText::from_str(NAME, &format!("import math\n\nimport numpy as np\n{forms}")),
    })
}

/// The name that calls of a form have in them.
fn called_as(form: &str) -> &str {
    let name = form.split('(').next().unwrap_or_default();
    let own = PREFIXES
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let end = ["__", "_reduce"].iter().filter_map(|end| own.find(end)).min();
    &own[..end.unwrap_or(own.len())]
}

/// A form without what stands behind it in its file.
fn body_of(form: &str) -> &str {
    form.split("\n\"\"\"").next().unwrap_or(form).trim_end()
}

impl<'a> Reader<'a> {
    /// A call of a function of NumPy that has a form; `None` where there is none for these arguments.
    pub(super) fn form_call(&mut self, name: &str, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        match name.starts_with("numpy.") || name.starts_with("math.") {
            true => self.form_of(&name.replace('.', "_"), lookup(name), args, at),
            false => Ok(None),
        }
    }

    /// The same for a builtin.
    pub(super) fn form_builtin(&mut self, name: &str, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        self.form_of(&format!("builtins_{name}"), None, args, at)
    }

    /// The same for a method of a number of Python's, or of NumPy's that has it, too.
    pub(super) fn form_of_number(
        &mut self,
        object: ValueId,
        name: &str,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let class = match self.bound_ty(object) {
            Ty::Bool | Ty::Int(_) => "int",
            Ty::Float | Ty::Np(Dtype::F64) => "float",
            _ => return Ok(None),
        };
        let mut all = args.clone();
        all.positional.insert(0, object);
        self.form_of(&format!("{class}_{name}"), None, &all, at)
    }

    /// The same for a method of an array.
    pub(super) fn form_method(
        &mut self,
        object: ValueId,
        name: &str,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let is_array = matches!(self.bound_ty(object), Ty::Array { .. });
        if !is_array {
            return Ok(None);
        }
        let mut all = args.clone();
        all.positional.insert(0, object);
        self.form_of(&format!("ndarray_{name}"), method("ndarray", name), &all, at)
    }

    /// The module of the forms, where it is linked.
    fn forms(&self) -> Option<ModuleId> {
        self.options.frames.as_ref()?;
        let mut modules = self.project.modules().map(|(module, _)| module);
        modules.find(|module| self.project.name(*module) == NAME)
    }

    /// Whether a file is that of the forms.
    pub(super) fn is_form(&self, file: u32) -> bool {
        file > 0 && self.project.name(ModuleId(file)) == NAME
    }

    fn form_of(
        &mut self,
        own: &str,
        info: Option<&'static FunctionInfo>,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let Some(module) = self.forms() else { return Ok(None) };
        let known = self.project.module(module);
        let alternatives = format!("{own}__");
        let found: Vec<FunctionId> = known
            .names
            .functions()
            .filter(|(_, function)| function.name == own || function.name.starts_with(&alternatives))
            .map(|(function, _)| function)
            .collect();
        for function in found {
            let def = known.names.def(&known.parsed, function);
            let given = match info {
                Some(info) => by_signature(info, args),
                None => by_parameters(def, args),
            };
            let Some(given) = given.filter(|given| self.takes(def, given)) else {
                continue;
            };
            let saved = self.save();
            let args = Args {
                positional: Vec::new(),
                keywords: given,
            };
            match self.inline(FunctionRef { module, function }, None, args, at) {
                Ok(value) => return Ok(Some(value)),
                Err(_) => self.restore(&saved),
            }
        }
        Ok(None)
    }

    /// Whether arguments have the types that a form's annotations say.
    fn takes(&self, def: &ast::StmtFunctionDef, given: &[(String, ValueId)]) -> bool {
        let parameters: Vec<_> = def.parameters.iter_non_variadic_params().collect();
        let named = |name: &str| parameters.iter().any(|own| own.parameter.name.as_str() == name);
        given.iter().all(|(name, _)| named(name))
            && parameters.iter().all(|parameter| {
                let name = parameter.parameter.name.as_str();
                let value = given.iter().find(|(own, _)| own == name).map(|(_, value)| *value);
                match (value, parameter.annotation()) {
                    (None, _) => parameter.default().is_some(),
                    (Some(value), Some(Expr::StringLiteral(text))) => text
                        .value
                        .to_str()
                        .split('|')
                        .any(|one| self.is_of(value, one.trim(), given)),
                    (Some(_), _) => false,
                }
            })
    }

    /// Whether a value is of a kind that an annotation names.
    fn is_of(&self, value: ValueId, kind: &str, given: &[(String, ValueId)]) -> bool {
        let ty = self.bound_ty(value);
        match kind {
            "none" => return *ty == Ty::None,
            "int" => return matches!(ty, Ty::Int(_)),
            "float" => return *ty == Ty::Float,
            "float64" => return *ty == Ty::Np(Dtype::F64),
            "list" => return matches!(ty, Ty::List(..)),
            "bool" => return *ty == Ty::Bool,
            "number" => return is_real_number(ty),
            "whole" => return is_whole_number(ty),
            "ints2" | "ints3" => {
                let count = usize::from(kind.as_bytes()[4] - b'0');
                return matches!(ty, Ty::Tuple(items) if items.len() == count && items.iter().all(|item| matches!(item, Ty::Int(_))));
            }
            "pair" => return matches!(ty, Ty::Tuple(items) if items.len() == 2 && items.iter().all(is_real_number)),
            "True" | "False" => return self.b.func.as_const(value) == Some(&Const::Bool(kind == "True")),
            _ => {}
        }
        if let Some(text) = kind.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
            return matches!(self.b.func.as_const(value), Some(Const::Str(own)) if own == text);
        }
        if let Ok(number) = kind.parse::<i128>() {
            return self.as_int(value) == Some(number);
        }
        let Ty::Array { dtype, shape, .. } = ty else {
            return false;
        };
        let Some((letters, ranks)) = kind.split_once(' ') else {
            return false;
        };
        let rank = char::from_digit(shape.len() as u32, 10);
        let has_dtype = match letters.strip_prefix('=') {
            Some(other) => given.iter().any(|(name, value)| {
                *name == other
                    && matches!(self.bound_ty(*value), Ty::Array { dtype: of_other, .. } if of_other == dtype)
            }),
            None => letter_of(*dtype).is_some_and(|letter| letters.contains(letter)),
        };
        has_dtype && rank.is_some_and(|rank| ranks.contains(rank))
    }
}

/// The arguments by the names that NumPy gives them. What a function takes any number of is `x0`, `x1`, …
fn by_signature(info: &FunctionInfo, args: &Args) -> Option<Vec<(String, ValueId)>> {
    let keywords = args.keyword_names();
    let names: Vec<&str> = keywords.iter().map(String::as_str).collect();
    let bound = info.bind(args.positional.len(), &names)?;
    let values = args.values();
    let named = bound
        .given()
        .iter()
        .map(|(name, place)| ((*name).to_owned(), values[*place]));
    let rest = bound.rest().iter().enumerate();
    let given: Vec<_> = named
        .chain(rest.map(|(number, place)| (format!("x{number}"), values[*place])))
        .collect();
    (given.len() == values.len()).then_some(given)
}

/// The same for a function that nothing else is known of.
fn by_parameters(def: &ast::StmtFunctionDef, args: &Args) -> Option<Vec<(String, ValueId)>> {
    let parameters = def.parameters.iter_non_variadic_params();
    let names: Vec<String> = parameters.map(|own| own.parameter.name.to_string()).collect();
    let by_place = names.iter().cloned().zip(args.positional.iter().copied());
    (args.positional.len() <= names.len()).then(|| by_place.chain(args.keywords.iter().cloned()).collect())
}

fn is_real_number(ty: &Ty) -> bool {
    match ty.as_scalar() {
        Some(ScalarTy::PyInt | ScalarTy::PyFloat) => true,
        Some(ScalarTy::Np(dtype)) => matches!(dtype, Dtype::F32 | Dtype::F64) || dtype.is_integer(),
        Some(ScalarTy::PyBool | ScalarTy::PyComplex) | None => false,
    }
}

fn is_whole_number(ty: &Ty) -> bool {
    match ty.as_scalar() {
        Some(ScalarTy::PyInt) => true,
        Some(ScalarTy::Np(dtype)) => dtype.is_integer(),
        Some(ScalarTy::PyBool | ScalarTy::PyFloat | ScalarTy::PyComplex) | None => false,
    }
}

fn letter_of(dtype: Dtype) -> Option<char> {
    match (dtype.kind(), dtype) {
        (DtypeKind::Bool, _) => Some('b'),
        (DtypeKind::Signed, _) => Some('i'),
        (DtypeKind::Unsigned, Dtype::U64) => None,
        (DtypeKind::Unsigned, _) => Some('u'),
        (_, Dtype::F16) => Some('e'),
        (_, Dtype::F32) => Some('f'),
        (_, Dtype::F64) => Some('d'),
        (_, Dtype::C64) => Some('F'),
        (_, Dtype::C128) => Some('D'),
        (DtypeKind::Float | DtypeKind::Complex | DtypeKind::Other, _) => None,
    }
}
