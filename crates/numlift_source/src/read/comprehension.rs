//! Comprehensions and generator arguments as the loops that they are.
//!
//! ```text
//! [f(v) for v in x if c(v)]      =>      made = []; for v in x: if c(v): made.append(f(v))
//! sum(f(v) for v in x)           =>      total = 0; for v in x: total = total + f(v)
//! any(c(v) for v in x)           =>      found = False; for v in x: if c(v): found = True; break
//! ```
//!
//! `sum` of Python floats is compensated from Python 3.12 on, so it stays a call on the list of its terms.

use std::collections::BTreeSet;

use numlift_ir::function::ValueId;
use numlift_ir::op::{BOUND, Const, Kind, Term};
use numlift_ir::scalar::{F, ScalarTy};
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, Comprehension, Expr};
use ruff_text_size::{Ranged, TextRange};

use super::bound;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::suite::Flow;

/// What happens to each element; gets the name of what is carried.
type Sink<'s, 'a> = &'s mut dyn FnMut(&mut Reader<'a>) -> Read<Flow>;

impl<'a> Reader<'a> {
    pub(super) fn list_comprehension(
        &mut self,
        elt: &'a Expr,
        generators: &'a [Comprehension],
        at: TextRange,
    ) -> Read<ValueId> {
        let list = self.new_list(at);
        self.generate(generators, &BTreeSet::new(), &mut |reader| {
            let value = reader.any_expr(elt)?;
            reader.append(list, value);
            Ok(Flow::Next)
        })?;
        Ok(list)
    }

    /// The loops of a comprehension around what is done with each element. Its names are its own: what they meant
    /// outside they mean again behind it, since loops leave names alone that they do not carry.
    fn generate(
        &mut self,
        generators: &'a [Comprehension],
        carried: &BTreeSet<String>,
        sink: Sink<'_, 'a>,
    ) -> Read<()> {
        let mut names = BTreeSet::new();
        for generator in generators {
            if generator.is_async {
                return Err(Refusal::statement(generator.range, "other code runs in between"));
            }
            names.extend(bound::target_names(&generator.target));
        }
        self.own_names.push(names);
        let flow = self.generate_from(generators, 0, carried, sink);
        self.own_names.pop();
        flow.map(|_| ())
    }

    fn generate_from(
        &mut self,
        generators: &'a [Comprehension],
        depth: u32,
        carried: &BTreeSet<String>,
        sink: Sink<'_, 'a>,
    ) -> Read<Flow> {
        let [generator, inner @ ..] = generators else {
            return sink(self);
        };
        let binds = generator.ifs.iter().any(bound::binds_inside);
        if binds {
            return Err(Refusal::statement(generator.range, "`:=` inside a comprehension"));
        }
        let origin = self.b.origin;
        let iteration = self.iteration(&generator.iter)?;
        self.b.origin = origin;
        let site = self.site(generator.range, depth);
        self.iterate(&site, &iteration, carried, |reader, element| {
            reader.assign_target(&generator.target, element)?;
            reader.filtered(&generator.ifs, &mut |reader| {
                reader.generate_from(inner, depth + 1, carried, sink)
            })
        })?;
        Ok(Flow::Next)
    }

    /// The conditions of a comprehension around its body.
    fn filtered(&mut self, conditions: &'a [Expr], body: Sink<'_, 'a>) -> Read<Flow> {
        let [condition, rest @ ..] = conditions else {
            return body(self);
        };
        let test = condition;
        let condition = self.condition(test)?;
        let then = self.branch(|reader| {
            reader.narrow(test, true);
            reader.filtered(rest, body)
        })?;
        let other = self.branch(|_| Ok(Flow::Next))?;
        Ok(self.merge(condition, then, other, &[]))
    }

    /// A builtin called with a generator.
    pub(super) fn generator_call(
        &mut self,
        name: &str,
        generator: &'a ast::ExprGenerator,
        at: TextRange,
    ) -> Read<ValueId> {
        let (elt, generators) = (&*generator.elt, &generator.generators[..]);
        match name {
            "list" => self.list_comprehension(elt, generators, generator.range),
            "any" | "all" => self.search(name == "any", generator),
            "sum" => self.sum(generator, at),
            "min" | "max" if self.options.frames.is_some() => self.extreme_element(name == "max", generator, at),
            "next" if self.options.frames.is_some() => self.first_element(generator, None),
            "min" | "max" | "tuple" | "sorted" => {
                let list = self.list_comprehension(elt, generators, generator.range)?;
                let args = super::call::Args {
                    positional: vec![list],
                    keywords: Vec::new(),
                };
                self.named_call(&format!("builtins.{name}"), args, at)
            }
            _ => Err(Refusal::any_code(at, "a generator runs later, when it is asked")),
        }
    }

    /// Elements that a call asks for all at once, as a list; of `map` what it is made of.
    pub(super) fn read_consumed(&mut self, call: &'a ast::ExprCall) -> Read<Option<()>> {
        match self.consumed(call) {
            Some(Expr::Generator(generator)) => {
                self.list_comprehension(&generator.elt, &generator.generators, generator.range)?;
            }
            Some(Expr::Call(mapped)) => {
                for arg in &mapped.arguments.args[1..] {
                    self.expr(arg)?;
                }
            }
            _ => return Ok(None),
        }
        Ok(Some(()))
    }

    /// A function that takes all elements of a generator before it does anything else.
    pub(super) fn collected_call(
        &mut self,
        name: &str,
        generator: &'a ast::ExprGenerator,
        call: &'a ast::ExprCall,
    ) -> Read<ValueId> {
        // The other arguments are evaluated before the first element is.
        let rest = call.arguments.args[1..]
            .iter()
            .chain(call.arguments.keywords.iter().map(|keyword| &keyword.value));
        if !rest
            .into_iter()
            .all(|arg| arg.is_literal_expr() || self.qualified(arg).is_some())
        {
            return Err(Refusal::any_code(
                call.range(),
                "a generator runs later, when it is asked",
            ));
        }
        let list = self.list_comprehension(&generator.elt, &generator.generators, generator.range)?;
        let mut args = super::call::Args {
            positional: vec![list],
            keywords: Vec::new(),
        };
        for arg in &call.arguments.args[1..] {
            args.positional.push(self.expr(arg)?);
        }
        for keyword in &call.arguments.keywords {
            let Some(name) = &keyword.arg else {
                return Err(Refusal::new(keyword.range, "`**` spreads arguments"));
            };
            let value = self.expr(&keyword.value)?;
            args.keywords.push((name.to_string(), value));
        }
        self.named_call(name, args, call.range())
    }

    /// `max` and `min`: the first of the elements that no other is beyond. Where there is none, Python raises.
    fn extreme_element(&mut self, max: bool, generator: &'a ast::ExprGenerator, at: TextRange) -> Read<ValueId> {
        let (best, any) = (self.fresh_name("best"), self.fresh_name("any"));
        let (nothing, no) = (self.b.unbound(), self.b.constant(Const::Bool(false)));
        self.env().insert(best.clone(), nothing);
        self.env().insert(any.clone(), no);
        let carried = BTreeSet::from([best.clone(), any.clone()]);
        self.generate(&generator.generators, &carried, &mut |reader| {
            let value = reader.expr(&generator.elt)?;
            let is_later = reader.env()[&any];
            let later = reader.branch(|reader| {
                let so_far = reader.env()[&best];
                if *reader.ty(so_far) == Ty::Unbound {
                    // In the first round of reading.
                    reader.env().insert(best.clone(), value);
                    return Ok(Flow::Next);
                }
                let f = if max { F::Gt } else { F::Lt };
                let beyond = reader.operator(f, &[value, so_far], at)?;
                let beyond = reader.truth(beyond)?;
                let then = reader.branch(|reader| {
                    reader.env().insert(best.clone(), value);
                    Ok(Flow::Next)
                })?;
                let other = reader.branch(|_| Ok(Flow::Next))?;
                Ok(reader.merge(beyond, then, other, &[]))
            })?;
            let first = reader.branch(|reader| {
                let yes = reader.b.constant(Const::Bool(true));
                reader.env().insert(any.clone(), yes);
                reader.env().insert(best.clone(), value);
                Ok(Flow::Next)
            })?;
            Ok(reader.merge(is_later, later, first, &[]))
        })?;
        self.env().remove(&any);
        let found = self.env().remove(&best).expect("the loop carried it");
        self.at(at);
        self.b.effect(Kind::Require(BOUND.to_owned()), &[found]);
        Ok(found)
    }

    /// `next`: the first element, else the default; without one, Python raises.
    pub(super) fn first_element(
        &mut self,
        generator: &'a ast::ExprGenerator,
        default: Option<&'a Expr>,
    ) -> Read<ValueId> {
        let is_plain = default.is_none_or(|default| match default {
            Expr::UnaryOp(op) => op.operand.is_literal_expr(),
            default => default.is_literal_expr() || default.is_name_expr(),
        });
        if generator.generators.len() > 1 || !is_plain {
            return Err(Refusal::any_code(
                generator.range,
                "a generator runs later, when it is asked",
            ));
        }
        let default = default.map(|default| self.settled(default)).transpose()?;
        let (found, any) = (self.fresh_name("first"), self.fresh_name("any"));
        let (nothing, no) = (self.b.unbound(), self.b.constant(Const::Bool(false)));
        self.env().insert(found.clone(), nothing);
        self.env().insert(any.clone(), no);
        let carried = BTreeSet::from([found.clone(), any.clone()]);
        self.generate(&generator.generators, &carried, &mut |reader| {
            let value = reader.expr(&generator.elt)?;
            let yes = reader.b.constant(Const::Bool(true));
            reader.env().insert(any.clone(), yes);
            reader.env().insert(found.clone(), value);
            Ok(reader.leave_search())
        })?;
        let any = self.env().remove(&any).expect("the loop carried it");
        let found = self.env().remove(&found).expect("the loop carried it");
        let Some(default) = default else {
            self.b.effect(Kind::Require(BOUND.to_owned()), &[found]);
            return Ok(found);
        };
        let then = self.value_branch(|reader| {
            reader.b.effect(Kind::Require(BOUND.to_owned()), &[found]);
            Ok(found)
        })?;
        let other = self.value_branch(|_| Ok(default))?;
        Ok(self.merge_values(any, then, other))
    }

    /// `any` and `all` stop at the first element that decides.
    fn search(&mut self, any: bool, generator: &'a ast::ExprGenerator) -> Read<ValueId> {
        if generator.generators.len() > 1 {
            return Err(Refusal::new(
                generator.range,
                "`any` and `all` over more than one `for` are not read",
            ));
        }
        let found = self.fresh_name("found");
        let before = self.b.constant(Const::Bool(!any));
        self.env().insert(found.clone(), before);
        let carried = BTreeSet::from([found.clone()]);
        let name = found.clone();
        self.generate(&generator.generators, &carried, &mut |reader| {
            let condition = reader.condition(&generator.elt)?;
            let decided = reader.b.constant(Const::Bool(any));
            let hit = reader.branch(|reader| {
                reader.env().insert(name.clone(), decided);
                Ok(reader.leave_search())
            })?;
            let miss = reader.branch(|_| Ok(Flow::Next))?;
            let (then, other) = if any { (hit, miss) } else { (miss, hit) };
            Ok(reader.merge(condition, then, other, &[]))
        })?;
        Ok(self.env().remove(&found).expect("the loop carried it"))
    }

    /// A `break` of the loop that was opened last.
    pub(super) fn leave_search(&mut self) -> Flow {
        let values = self.carried_values(0);
        self.b.end(self.b.block, Term::Break(0, values));
        Flow::Left
    }

    fn sum(&mut self, generator: &'a ast::ExprGenerator, at: TextRange) -> Read<ValueId> {
        let saved = self.save();
        let total = self.fresh_name("sum");
        let zero = self.b.int(0);
        self.env().insert(total.clone(), zero);
        let carried = BTreeSet::from([total.clone()]);
        let name = total.clone();
        let mut plain = true;
        self.generate(&generator.generators, &carried, &mut |reader| {
            let value = reader.expr(&generator.elt)?;
            let adds_plainly = reader.options.adds_plainly && reader.options.frames.is_some();
            let compensated = match reader.bound_ty(value).scalar_options() {
                Some(options) => options.contains(&ScalarTy::PyFloat) || options.contains(&ScalarTy::PyComplex),
                None => *reader.bound_ty(value) != Ty::Never,
            };
            let compensated = compensated && !adds_plainly;
            plain &= !compensated;
            let so_far = reader.env()[&name];
            let next = if compensated {
                so_far
            } else {
                reader.operator(F::Add, &[so_far, value], at)?
            };
            reader.env().insert(name.clone(), next);
            Ok(Flow::Next)
        })?;
        if plain {
            return Ok(self.env().remove(&total).expect("the loop carried it"));
        }
        self.restore(&saved);
        let list = self.list_comprehension(&generator.elt, &generator.generators, generator.range)?;
        let kind = Kind::Call {
            callee: "builtins.sum".to_owned(),
            keywords: Vec::new(),
        };
        self.at(at);
        Ok(self.b.value(kind, &[list]))
    }
}
