//! `match` on numbers, strings, `None` and tuples, as the tests that it makes.
//!
//! ```text
//! match codes[i], k:                 a, b = codes[i], k
//!     case 0, _: …                   if a == 0: …
//!     case n, 1 | 2 if n > 3: …      elif b == 1 or b == 2: n = a; if n > 3: …
//!     case _: …                      else: …
//! ```
//!
//! Patterns of classes, mappings and lists are Python's. What tests find out changes nothing, so Python begins with the
//! first of them again where one cannot be made.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{CmpOp, Expr, MatchCase, Pattern, Singleton, StmtMatch};
use ruff_text_size::{Ranged, TextRange};

use super::bound::Exits;
use super::iterate::Element;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::suite::{Flow, Rest, Step};

/// What a pattern asks, if anything, and the names that it binds.
#[derive(Default)]
struct Asked<'a> {
    condition: Option<ValueId>,
    binds: Vec<(&'a str, Element)>,
}

impl<'a> Reader<'a> {
    pub(super) fn match_statement(&mut self, stmt: &'a StmtMatch, rest: &Rest<'_, 'a>) -> Read<Step> {
        if self.options.frames.is_none() {
            return Err(Refusal::new(stmt.range, "`match` is not read yet"));
        }
        let (mut continues, mut returns) = (false, false);
        for case in &stmt.cases {
            let exits = Exits::of(&case.body);
            continues |= exits.continues;
            returns |= exits.returns;
        }
        let pulls = continues && self.in_loop() || returns && !self.in_loop();
        let outer = std::mem::replace(&mut self.no_parts, true);
        let saved = self.save();
        let subject = match &*stmt.subject {
            Expr::Tuple(tuple) if tuple.elts.iter().all(|elt| !elt.is_starred_expr()) => {
                let parts: Read<Vec<Element>> = tuple
                    .elts
                    .iter()
                    .map(|elt| self.settled(elt).map(Element::Value))
                    .collect();
                parts.map(Element::Tuple)
            }
            subject => self.settled(subject).map(Element::Value),
        };
        let quiet = self.header_is_quiet(&saved, stmt.subject.range());
        self.no_parts = outer;
        let subject = subject?;
        quiet?;
        let flow = self.cases(&subject, &stmt.cases, pulls.then_some(rest))?;
        Ok(match pulls || flow == Flow::Left {
            true => Step::Done(flow),
            false => Step::Next,
        })
    }

    fn cases(&mut self, subject: &Element, cases: &'a [MatchCase], rest: Option<&Rest<'_, 'a>>) -> Read<Flow> {
        let [case, others @ ..] = cases else {
            return self.suite_with(&[], rest);
        };
        let origin = self.b.origin;
        let asked = self.asked(&case.pattern, subject)?;
        let never = asked.condition.and_then(|condition| self.b.func.as_const(condition)) == Some(&Const::Bool(false));
        let condition = match &case.guard {
            _ if never => asked.condition,
            None => asked.condition,
            Some(guard) => Some(self.guarded_case(guard, &asked)?),
        };
        let known = condition.and_then(|condition| self.b.func.as_const(condition).cloned());
        match (condition, known) {
            (None, _) | (_, Some(Const::Bool(true))) => {
                self.bind_captures(&asked);
                self.suite_with(&case.body, rest)
            }
            (_, Some(Const::Bool(false))) => self.cases(subject, others, rest),
            (Some(condition), _) => {
                let then = self.branch(|reader| {
                    reader.bind_captures(&asked);
                    reader.suite_with(&case.body, rest)
                })?;
                let other = self.branch(|reader| reader.cases(subject, others, rest))?;
                self.b.origin = origin;
                Ok(self.merge(condition, then, other, &[]))
            }
        }
    }

    /// Whether a case is taken whose pattern has been asked: names are bound first, and stay.
    fn guarded_case(&mut self, guard: &'a Expr, asked: &Asked<'a>) -> Read<ValueId> {
        let Some(condition) = asked.condition else {
            self.bind_captures(asked);
            return self.guard(guard);
        };
        let taken = self.fresh_name("taken");
        let then = self.branch(|reader| {
            reader.bind_captures(asked);
            let holds = reader.guard(guard)?;
            reader.env().insert(taken.clone(), holds);
            Ok(Flow::Next)
        })?;
        let other = self.branch(|reader| {
            let no = reader.b.constant(Const::Bool(false));
            reader.env().insert(taken.clone(), no);
            Ok(Flow::Next)
        })?;
        self.merge(condition, then, other, &[&taken]);
        Ok(self.env().remove(&taken).expect("both branches bind it"))
    }

    fn guard(&mut self, guard: &'a Expr) -> Read<ValueId> {
        let outer = std::mem::replace(&mut self.no_parts, true);
        let saved = self.save();
        let holds = self.condition(guard);
        let quiet = self.header_is_quiet(&saved, guard.range());
        self.no_parts = outer;
        quiet?;
        holds
    }

    fn bind_captures(&mut self, asked: &Asked<'a>) {
        for (name, element) in &asked.binds {
            let value = self.whole(element);
            self.bind(name, value);
        }
    }

    fn asked(&mut self, pattern: &'a Pattern, subject: &Element) -> Read<Asked<'a>> {
        let at = pattern.range();
        match pattern {
            Pattern::MatchValue(pattern) => {
                let value = self.expr(&pattern.value)?;
                let subject = self.whole(subject);
                let equal = self.compare_two(CmpOp::Eq, subject, value, at)?;
                Ok(Asked {
                    condition: Some(self.truth(equal)?),
                    binds: Vec::new(),
                })
            }
            Pattern::MatchSingleton(pattern) => {
                let subject = self.whole(subject);
                Ok(Asked {
                    condition: Some(self.is_singleton(subject, pattern.value, at)?),
                    binds: Vec::new(),
                })
            }
            Pattern::MatchSequence(pattern) => self.asked_of_items(&pattern.patterns, subject, at),
            Pattern::MatchAs(pattern) => {
                let mut asked = match &pattern.pattern {
                    Some(inner) => self.asked(inner, subject)?,
                    None => Asked::default(),
                };
                let name = pattern.name.iter().map(|name| (name.as_str(), subject.clone()));
                asked.binds.extend(name);
                Ok(asked)
            }
            Pattern::MatchOr(pattern) => {
                let mut any: Option<ValueId> = None;
                for alternative in &pattern.patterns {
                    let asked = self.asked(alternative, subject)?;
                    if !asked.binds.is_empty() {
                        return Err(Refusal::new(at, "alternatives of a pattern bind names"));
                    }
                    let Some(condition) = asked.condition else {
                        return Ok(Asked::default());
                    };
                    any = Some(match any {
                        None => condition,
                        Some(any) => self.either_of(any, condition),
                    });
                }
                Ok(Asked {
                    condition: any,
                    binds: Vec::new(),
                })
            }
            Pattern::MatchStar(_) | Pattern::MatchMapping(_) | Pattern::MatchClass(_) => {
                Err(Refusal::new(at, "a pattern of this kind is not read"))
            }
        }
    }

    fn asked_of_items(&mut self, patterns: &'a [Pattern], subject: &Element, at: TextRange) -> Read<Asked<'a>> {
        let parts: Option<Vec<Element>> = match subject {
            Element::Tuple(parts) => Some(parts.clone()),
            Element::Value(value) => match self.ty(*value).clone() {
                Ty::Tuple(items) => Some(
                    (0..items.len())
                        .map(|number| Element::Value(self.b.item(*value, number)))
                        .collect(),
                ),
                // None of these is a sequence.
                Ty::None | Ty::Bool | Ty::Int(_) | Ty::Float | Ty::Complex | Ty::Np(_) | Ty::Str | Ty::Array { .. } => {
                    None
                }
                _ => return Err(Refusal::new(at, "it is not known how many items a pattern meets")),
            },
        };
        if patterns.iter().any(|pattern| matches!(pattern, Pattern::MatchStar(_))) {
            return Err(Refusal::new(at, "`*` in a pattern is not read"));
        }
        let Some(parts) = parts.filter(|parts| parts.len() == patterns.len()) else {
            return Ok(Asked {
                condition: Some(self.b.constant(Const::Bool(false))),
                binds: Vec::new(),
            });
        };
        let mut all = Asked::default();
        for (pattern, part) in patterns.iter().zip(&parts) {
            let asked = self.asked(pattern, part)?;
            all.binds.extend(asked.binds);
            all.condition = match (all.condition, asked.condition) {
                (Some(one), Some(other)) => Some(self.both_of(one, other)),
                (one, other) => one.or(other),
            };
        }
        Ok(all)
    }

    fn is_singleton(&mut self, subject: ValueId, wanted: Singleton, at: TextRange) -> Read<ValueId> {
        let wanted = match wanted {
            Singleton::None => {
                let none = self.b.constant(Const::None);
                return self.compare_two(CmpOp::Is, subject, none, at);
            }
            Singleton::True => true,
            Singleton::False => false,
        };
        match self.ty(subject) {
            Ty::Bool if wanted => Ok(subject),
            Ty::Bool => Ok(self.b.operator(F::Not, &[subject])),
            Ty::None | Ty::Int(_) | Ty::Float | Ty::Complex | Ty::Np(_) | Ty::Str | Ty::Array { .. } | Ty::Tuple(_) => {
                Ok(self.b.constant(Const::Bool(false)))
            }
            _ => Err(Refusal::new(at, "it is not known whether it is a bool")),
        }
    }

    fn either_of(&mut self, one: ValueId, other: ValueId) -> ValueId {
        match (self.b.func.as_const(one), self.b.func.as_const(other)) {
            (Some(Const::Bool(true)), _) | (_, Some(Const::Bool(false))) => one,
            (Some(Const::Bool(false)), _) | (_, Some(Const::Bool(true))) => other,
            _ => {
                let yes = self.b.constant(Const::Bool(true));
                self.b.value(Kind::Select, &[one, yes, other])
            }
        }
    }

    fn both_of(&mut self, one: ValueId, other: ValueId) -> ValueId {
        match (self.b.func.as_const(one), self.b.func.as_const(other)) {
            (Some(Const::Bool(false)), _) | (_, Some(Const::Bool(true))) => one,
            (Some(Const::Bool(true)), _) | (_, Some(Const::Bool(false))) => other,
            _ => {
                let no = self.b.constant(Const::Bool(false));
                self.b.value(Kind::Select, &[one, other, no])
            }
        }
    }
}
