//! `while` loops; those that count become `for`.
//!
//! ```text
//! i = 0
//! while i < n:              for %i in 0, n, 1 carrying i { …; i = %i + 1 }
//!     …
//!     i += 1
//! ```

use std::collections::BTreeSet;

use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Term};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, CmpOp, Expr, Operator, Stmt};

use super::bound::{self, Exits};
use super::loops::Count;
use super::reader::Reader;
use super::refusal::{Read, Refusal};
use super::suite::{Flow, Rest, Step};

/// A `while` that counts, by syntax.
struct Counting<'a> {
    name: &'a str,
    /// The bound that the counter is compared with.
    bound: &'a Expr,
    /// `<=` and `>=` take one step more.
    inclusive: bool,
    step: i128,
}

impl<'a> Reader<'a> {
    pub(super) fn while_statement(&mut self, stmt: &'a ast::StmtWhile, rest: &Rest<'_, 'a>) -> Read<Step> {
        let exits = Exits::of(&stmt.body);
        let binds = bound::binds_inside(&stmt.test);
        if binds && self.options.frames.is_none() {
            return Err(Refusal::statement(stmt.range, "the condition of the loop binds a name"));
        }
        let mut carried = bound::bound_names(&stmt.body);
        carried.extend(bound::target_names(&stmt.test));
        let broke = self.carry_breaks(exits, &stmt.orelse, stmt.range, &mut carried)?;
        let returns = self.carry_returns(exits, &mut carried);
        let counting = counting(stmt, exits).filter(|counting| self.counts(counting, &carried));
        let origin = self.b.origin;
        match counting {
            Some(counting) => self.counting_loop(stmt, &counting, &carried)?,
            None if binds => self.binding_loop(stmt, &carried)?,
            None => self.while_loop(stmt, &carried)?,
        }
        self.b.origin = origin;
        self.behind_loop(exits, returns, broke, &stmt.orelse, rest)
    }

    /// Whether the counter is an int and the bound an int that the body leaves alone.
    fn counts(&self, counting: &Counting<'a>, carried: &BTreeSet<String>) -> bool {
        let counter = self
            .local(counting.name)
            .is_some_and(|value| matches!(self.ty(value), Ty::Int(_)));
        let reads = self.live_reads(Some(counting.bound));
        let volatile = self.volatile_names();
        let invariant = reads
            .iter()
            .all(|(name, _)| !carried.contains(name) && !volatile.contains(name));
        let plain = match counting.bound {
            Expr::Name(_) | Expr::NumberLiteral(_) => true,
            // The length of a list is invariant if the list does not grow.
            Expr::Call(_) | Expr::BinOp(_) | Expr::Subscript(_) | Expr::Attribute(_) => {
                reads.iter().all(|(_, value)| {
                    !matches!(
                        self.bound_ty(*value),
                        Ty::List(_, numlift_ir::ty::Dim::Unknown) | Ty::Object { .. }
                    )
                })
            }
            _ => false,
        };
        counter && invariant && plain
    }

    fn counting_loop(
        &mut self,
        stmt: &'a ast::StmtWhile,
        counting: &Counting<'a>,
        carried: &BTreeSet<String>,
    ) -> Read<()> {
        let site = self.site(stmt.range, 0);
        let start = self.local(counting.name).expect("the counter has a value");
        let saved = self.save();
        let limit = self.expr(counting.bound)?;
        if !matches!(self.ty(limit), Ty::Int(_)) {
            self.restore(&saved);
            return self.while_loop(stmt, carried);
        }
        let step = self.b.int(counting.step);
        let stop = match counting.inclusive {
            true => {
                let one = self.b.int(counting.step.signum());
                self.b.operator(F::Add, &[limit, one])
            }
            false => limit,
        };
        let body = &stmt.body[..stmt.body.len() - 1];
        let count = Count { start, stop, step };
        self.counted_loop(&site, &count, carried, |reader, index| {
            reader.env().insert(counting.name.to_owned(), index);
            let flow = reader.suite(body, None)?;
            if flow == Flow::Next {
                let next = reader.b.operator(F::Add, &[index, step]);
                reader.bind(counting.name, next);
            }
            Ok(flow)
        })
    }

    fn while_loop(&mut self, stmt: &'a ast::StmtWhile, carried: &BTreeSet<String>) -> Read<()> {
        self.tested_loop(
            stmt,
            carried,
            |reader| {
                reader.frame_at(stmt.range);
                reader.tested(&stmt.test, false).map(|(condition, _)| condition)
            },
            |reader| {
                reader.narrow(&stmt.test, true);
                reader.suite(&stmt.body, None)
            },
        )
    }

    /// A condition that binds names is a part of each pass: `while True: if not condition: break; …`
    fn binding_loop(&mut self, stmt: &'a ast::StmtWhile, carried: &BTreeSet<String>) -> Read<()> {
        self.tested_loop(
            stmt,
            carried,
            |reader| Ok(reader.b.constant(Const::Bool(true))),
            |reader| {
                reader.frame_at(stmt.range);
                let (condition, _) = reader.tested(&stmt.test, false)?;
                let then = reader.branch(|reader| {
                    reader.narrow(&stmt.test, true);
                    reader.suite(&stmt.body, None)
                })?;
                let other = reader.branch(|reader| Ok(reader.leave_search()))?;
                Ok(reader.merge(condition, then, other, &[]))
            },
        )
    }

    /// A loop with what is tested before each pass.
    fn tested_loop(
        &mut self,
        stmt: &'a ast::StmtWhile,
        carried: &BTreeSet<String>,
        tested: impl FnOnce(&mut Self) -> Read<ValueId>,
        pass: impl FnOnce(&mut Self) -> Read<Flow>,
    ) -> Read<()> {
        let site = self.site(stmt.range, 0);
        let origin = self.b.origin;
        let names = self.carried_names(carried);
        let init = self.initial_values(&names);
        let outer_block = self.b.block;
        let outer_env = self.frame().env.clone();
        self.lengths_change();
        let test = self.b.func.add_block();
        self.enter_loop(&site, test, &names, &init);
        self.b.block = test;
        let condition = tested(self);
        self.leave_loop();
        self.b.end(test, Term::Yield(vec![condition?]));
        *self.env() = outer_env.clone();
        self.b.origin = origin;
        let body = self.b.func.add_block();
        let types = self.enter_loop(&site, body, &names, &init);
        self.b.block = body;
        let flow = pass(self);
        if flow.is_err() {
            self.seen_through.clear();
        }
        let open = self.leave_loop();
        self.b.block = outer_block;
        self.b.origin = origin;
        let yielded: Option<Vec<ValueId>> = match flow? {
            Flow::Next => Some(self.end_iteration(&site, body, &names, &types)),
            Flow::Left => None,
        };
        let (result_types, places) = self.loop_results(&init, &types, yielded.as_deref(), &open, false);
        let results = self.b.while_op(&init, test, body, &result_types);
        self.leave_env(outer_env, &names)?;
        self.bind_results(&names, &results, places);
        Ok(())
    }
}

/// The counting form of a `while`: `while i < n` with `i += c` at its end, and `i` bound nowhere else.
fn counting<'a>(stmt: &'a ast::StmtWhile, exits: Exits) -> Option<Counting<'a>> {
    let Expr::Compare(compare) = &*stmt.test else {
        return None;
    };
    let ([op], [right]) = (&compare.ops[..], &compare.comparators[..]) else {
        return None;
    };
    let (name, op, bound) = match (&*compare.left, right) {
        (Expr::Name(name), bound) => (name.id.as_str(), *op, bound),
        (bound, Expr::Name(name)) => (name.id.as_str(), mirrored(*op)?, bound),
        _ => return None,
    };
    let (last, before) = stmt.body.split_last()?;
    let step = increment(last, name)?;
    let (forward, inclusive) = match op {
        CmpOp::Lt => (true, false),
        CmpOp::LtE => (true, true),
        CmpOp::Gt => (false, false),
        CmpOp::GtE => (false, true),
        _ => return None,
    };
    let fits = if forward { step > 0 } else { step < 0 };
    let once = !bound::bound_names(before).contains(name);
    (fits && once && !exits.continues).then_some(Counting {
        name,
        bound,
        inclusive,
        step,
    })
}

fn mirrored(op: CmpOp) -> Option<CmpOp> {
    match op {
        CmpOp::Lt => Some(CmpOp::Gt),
        CmpOp::LtE => Some(CmpOp::GtE),
        CmpOp::Gt => Some(CmpOp::Lt),
        CmpOp::GtE => Some(CmpOp::LtE),
        _ => None,
    }
}

/// `c` of `name += c` or `name = name + c`.
fn increment(stmt: &Stmt, name: &str) -> Option<i128> {
    let is_counter = |expr: &Expr| matches!(expr, Expr::Name(found) if found.id.as_str() == name);
    let signed = |op: Operator, amount: &Expr| {
        let amount = literal_int(amount)?;
        match op {
            Operator::Add => Some(amount),
            Operator::Sub => Some(-amount),
            _ => None,
        }
    };
    match stmt {
        Stmt::AugAssign(stmt) if is_counter(&stmt.target) => signed(stmt.op, &stmt.value),
        Stmt::Assign(stmt) => match (&stmt.targets[..], &*stmt.value) {
            ([target], Expr::BinOp(op)) if is_counter(target) && is_counter(&op.left) => signed(op.op, &op.right),
            ([target], Expr::BinOp(op)) if is_counter(target) && is_counter(&op.right) && op.op == Operator::Add => {
                literal_int(&op.left)
            }
            _ => None,
        },
        _ => None,
    }
}

fn literal_int(expr: &Expr) -> Option<i128> {
    match expr {
        Expr::NumberLiteral(literal) => match &literal.value {
            ast::Number::Int(int) => int.as_u64().map(i128::from),
            _ => None,
        },
        Expr::UnaryOp(op) if op.op == ast::UnaryOp::USub => literal_int(&op.operand).map(|int| -int),
        _ => None,
    }
}
