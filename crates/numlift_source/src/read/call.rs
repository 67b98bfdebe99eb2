//! Calls: of library functions by name, of methods, and of the author's own functions.

use numlift_ir::effects;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Effect, Kind};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::table::{self, Does, FunctionInfo};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::reader::Reader;
use super::refusal::{Read, Refusal};
use crate::project::ModuleId;

/// Arguments of a call, read in order.
#[derive(Debug, Clone, Default)]
pub(super) struct Args {
    pub positional: Vec<ValueId>,
    pub keywords: Vec<(String, ValueId)>,
}

impl Args {
    /// All values, those of the keywords last.
    pub fn values(&self) -> Vec<ValueId> {
        self.positional
            .iter()
            .copied()
            .chain(self.keywords.iter().map(|(_, value)| *value))
            .collect()
    }

    pub fn keyword_names(&self) -> Vec<String> {
        self.keywords.iter().map(|(name, _)| name.clone()).collect()
    }
}

impl<'a> Reader<'a> {
    pub(super) fn call(&mut self, call: &'a ast::ExprCall) -> Read<ValueId> {
        let before = self.b.mark();
        let value = self.called(call)?;
        self.keep_drawn(call.range(), value, before);
        Ok(value)
    }

    fn called(&mut self, call: &'a ast::ExprCall) -> Read<ValueId> {
        if let Some(lambda) = self.lambda_named(&call.func) {
            let args = self.arguments(call)?;
            return self.inline_lambda(lambda, args, call.range());
        }
        if let Some(name) = self.qualified(&call.func) {
            return self.library_call(&name, call);
        }
        if let Some(function) = self.author_function(&call.func) {
            let args = self.arguments(call)?;
            return self.inline(function, None, args, call.range());
        }
        if self.typing.is_some()
            && let Some(class) = self.project.class_named(ModuleId(self.frame().file), &call.func)
        {
            let args = self.arguments(call)?;
            return self.construct(class, args, call.range());
        }
        match &*call.func {
            Expr::Attribute(attribute) => self.method_call(attribute, call),
            callee => {
                self.arguments(call)?;
                let reason = format!("nothing is known of the function `{}`", self.shown(callee.range()));
                Err(Refusal::any_code(call.range(), reason))
            }
        }
    }

    /// Reads the arguments from left to right.
    pub(super) fn arguments(&mut self, call: &'a ast::ExprCall) -> Read<Args> {
        self.arguments_of("", call)
    }

    fn arguments_of(&mut self, callee: &str, call: &'a ast::ExprCall) -> Read<Args> {
        let mut args = Args::default();
        for arg in call.arguments.iter_source_order() {
            match arg {
                ast::ArgOrKeyword::Arg(Expr::Starred(starred)) => {
                    let spread = self.spread_tuple(starred)?;
                    args.positional.extend(spread);
                }
                ast::ArgOrKeyword::Arg(expr)
                    if self.joins(callee) && (args.positional.is_empty() || callee == "numpy.select") =>
                {
                    args.positional.push(self.joined(expr)?);
                }
                ast::ArgOrKeyword::Arg(expr) => args.positional.push(self.passed(callee, expr)?),
                ast::ArgOrKeyword::Keyword(keyword) => match &keyword.arg {
                    Some(name) => {
                        let value = self.passed(callee, &keyword.value)?;
                        args.keywords.push((name.to_string(), value));
                    }
                    None => return Err(Refusal::new(keyword.range, "`**` spreads arguments")),
                },
            }
        }
        Ok(args)
    }

    /// The items of a tuple that `*` spreads.
    fn spread_tuple(&mut self, starred: &'a ast::ExprStarred) -> Read<Vec<ValueId>> {
        let refused = || Refusal::new(starred.range, "`*` spreads arguments");
        if self.options.frames.is_none() {
            return Err(refused());
        }
        let tuple = self.settled(&starred.value)?;
        let Ty::Tuple(items) = self.ty(tuple) else {
            return Err(refused());
        };
        let count = items.len();
        let items: Vec<ValueId> = (0..count).map(|number| self.b.item(tuple, number)).collect();
        for item in &items {
            self.inner_places(tuple, *item);
        }
        Ok(items)
    }

    /// An argument; a function in this function may be handed to code that is seen through.
    fn passed(&mut self, callee: &str, expr: &'a Expr) -> Read<ValueId> {
        match expr {
            Expr::Name(name) if callee.is_empty() => match self.local(name.id.as_str()) {
                Some(value) if self.is_nested(value) => Ok(value),
                _ => self.settled(expr),
            },
            _ => self.settled(expr),
        }
    }

    /// Whether a function puts what a sequence holds together.
    fn joins(&self, name: &str) -> bool {
        match name {
            "numpy.concatenate" | "numpy.vstack" | "numpy.hstack" | "numpy.stack" | "numpy.column_stack" => true,
            "numpy.array" | "numpy.asarray" | "numpy.dstack" | "numpy.select" => self.options.frames.is_some(),
            _ => false,
        }
    }

    /// What is put together. What a list holds keeps its types in a tuple, which NumPy does not tell from it here.
    fn joined(&mut self, expr: &'a Expr) -> Read<ValueId> {
        let elts = match expr {
            Expr::List(list) => &list.elts,
            Expr::Tuple(tuple) => &tuple.elts,
            _ => return self.settled(expr),
        };
        if elts.is_empty() || elts.iter().any(Expr::is_starred_expr) {
            return self.settled(expr);
        }
        let items: Vec<ValueId> = elts.iter().map(|item| self.joined(item)).collect::<Read<_>>()?;
        Ok(self.made_tuple(&items, expr.range()))
    }

    fn library_call(&mut self, name: &str, call: &'a ast::ExprCall) -> Read<ValueId> {
        if let Some(reason) = known_effect(name) {
            self.arguments(call)?;
            let ty = if reason == CLOCK { Ty::Float } else { Ty::Unknown };
            return Err(Refusal::typed(call.range(), ty, reason));
        }
        if let Some(builtin) = name.strip_prefix("builtins.") {
            return self.builtin_call(builtin, call);
        }
        if let Some(Expr::Generator(generator)) = call.arguments.args.first()
            && matches!(name, "numpy.fromiter" | "math.fsum" | "math.prod")
        {
            return self.collected_call(name, generator, call);
        }
        let args = self.arguments_of(name, call)?;
        self.named_call(name, args, call.range())
    }

    /// A call of a function of NumPy, `math` or another library.
    pub(super) fn named_call(&mut self, name: &str, args: Args, at: TextRange) -> Read<ValueId> {
        let args = self.all_present(args);
        let args = self.with_certain_ints(name, args);
        let plain = args.keywords.is_empty();
        if let Some(value) = self.list_call(name, &args, at) {
            return Ok(value);
        }
        // Read there, or not at all.
        if name.starts_with("heapq.") || name == "collections.deque" {
            return Err(Refusal::new(at, format!("nothing is known of `{name}`")));
        }
        if let Some(value) = self.told_call(name, &args, at)? {
            return Ok(value);
        }
        if let Some(value) = self.composed_call(name, &args, at)? {
            return Ok(value);
        }
        if let Some(value) = self.form_call(name, &args, at)? {
            return Ok(value);
        }
        if let Some(value) = self.chosen_call(name, &args, at)? {
            return Ok(value);
        }
        if let Some(f) = name.strip_prefix("math.").and_then(F::from_math)
            && plain
            && args.positional.len() == f.arity()
        {
            return self.flavoured(f, Flavour::Math, &args.positional, at);
        }
        if let Some(part @ ("real" | "imag")) = name.strip_prefix("numpy.")
            && plain
            && let [whole] = args.positional[..]
            && matches!(self.bound_ty(whole), Ty::Array { .. })
        {
            // A view, as the attribute is.
            let value = self.b.value(Kind::Attr(part.to_owned()), &[whole]);
            self.inner_places(whole, value);
            return Ok(value);
        }
        if name == "math.log"
            && plain
            && self.options.frames.is_some()
            && let [number, base] = args.positional[..]
        {
            // As CPython computes it.
            let of = self.flavoured(F::Log, Flavour::Math, &[number], at)?;
            let by = self.flavoured(F::Log, Flavour::Math, &[base], at)?;
            return self.flavoured(F::TrueDiv, Flavour::Py, &[of, by], at);
        }
        if let Some(f) = name.strip_prefix("numpy.").and_then(F::from_numpy)
            && plain
            && args.positional.len() == f.arity()
        {
            return self.flavoured(f, Flavour::Ufunc, &args.positional, at);
        }
        let args = self.copying(name, args, at)?;
        if effects::call_effect(name) == Effect::World {
            return Err(Refusal::new(at, format!("nothing is known of `{name}`")));
        }
        if let Some(info) = table::lookup(name) {
            self.only_returns(info, &args.values(), &args.keyword_names(), at)?;
        }
        self.checked_operands(&args.values(), at)?;
        let kind = Kind::Call {
            callee: name.to_owned(),
            keywords: args.keyword_names(),
        };
        let value = self.b.value(kind, &args.values());
        if let Some(info) = table::lookup(name) {
            self.result_memory(value, info, &args.values(), &args.keyword_names(), at);
        }
        Ok(value)
    }

    /// Arguments as operands: Python goes on where one is `None` that need not be.
    pub(super) fn all_present(&mut self, args: Args) -> Args {
        let present = |reader: &mut Self, value: ValueId| reader.present(value);
        Args {
            positional: args.positional.into_iter().map(|value| present(self, value)).collect(),
            keywords: args
                .keywords
                .into_iter()
                .map(|(name, value)| (name, present(self, value)))
                .collect(),
        }
    }

    /// Refuses calls that store into an argument besides what the function is for.
    pub(super) fn only_returns(
        &self,
        info: &FunctionInfo,
        operands: &[ValueId],
        keywords: &[String],
        at: TextRange,
    ) -> Read<()> {
        let keywords: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let out = info
            .bind(operands.len() - keywords.len(), &keywords)
            .and_then(|bound| bound.get("out"));
        match out.filter(|out| *self.bound_ty(operands[*out]) != Ty::None) {
            Some(_) => Err(Refusal::new(at, "the result is stored in `out`")),
            None if matches!(info.does, Does::DrawsAndChanges(_)) => {
                Err(Refusal::new(at, "an array is changed by random draws"))
            }
            None => Ok(()),
        }
    }

    /// `np.array(x, copy=True)` is `np.array(x)`; with another `copy` it is another function.
    fn copying(&self, name: &str, mut args: Args, at: TextRange) -> Read<Args> {
        if name == "numpy.array"
            && let Some(found) = args.keywords.iter().position(|(keyword, _)| keyword == "copy")
        {
            let (_, value) = args.keywords.remove(found);
            if self.b.func.as_const(value) != Some(&Const::Bool(true)) {
                return Err(Refusal::new(at, "`np.array` that may not copy is not read"));
            }
        }
        Ok(args)
    }

    fn checked_operands(&self, operands: &[ValueId], at: TextRange) -> Read<()> {
        match operands.iter().find(|operand| *self.bound_ty(**operand) == Ty::Unknown) {
            Some(operand) => Err(self.refuse_type(*operand, at)),
            None => Ok(()),
        }
    }

    pub(super) fn flavoured(&mut self, f: F, flavour: Flavour, args: &[ValueId], at: TextRange) -> Read<ValueId> {
        self.checked_operands(args, at)?;
        let value = self.b.value(Kind::Scalar { f, flavour }, args);
        if *self.ty(value) == Ty::Unknown {
            let types: Vec<String> = args.iter().map(|arg| self.bound_ty(*arg).spoken()).collect();
            return Err(Refusal::new(
                at,
                format!("`{}` of {} is not read", self.shown(at), types.join(" and ")),
            ));
        }
        self.made_array(value, at);
        Ok(value)
    }
}

const CLOCK: &str = "it reads the clock";

/// Whether a function of libraries says what time it is.
pub(super) fn reads_the_clock(name: &str) -> bool {
    known_effect(name) == Some(CLOCK)
        || name.starts_with("time.") && name != "time.sleep"
        || name.starts_with("datetime.")
}

/// Why a known function of libraries has an effect on the world.
fn known_effect(name: &str) -> Option<&'static str> {
    match name {
        "builtins.print" => Some("it writes output"),
        "builtins.input" => Some("it reads input"),
        "builtins.open" => Some("it opens a file"),
        "time.time"
        | "time.perf_counter"
        | "time.monotonic"
        | "time.process_time"
        | "time.thread_time"
        | "timeit.default_timer" => Some(CLOCK),
        "time.sleep" => Some("it waits"),
        _ => None,
    }
}
