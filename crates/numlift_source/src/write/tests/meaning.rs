//! Random functions with effects, exceptions, draws, branches and outputs: the text does what the ops do.
//!
//! Both are run on a [`Machine`], with all arrays different and with two of them the same.

use std::collections::BTreeMap;

use numlift_ir::dtype::Dtype;
use numlift_ir::function::{BlockId, Function, OpId, RETURN, ValueId};
use numlift_ir::op::{Const, Effect, Kind, Sub, Term, Touches};
use numlift_ir::scalar::{F, Flavour};
use numlift_ir::ty::{Dim, Ty};
use proptest::prelude::*;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Operator, Stmt};

use super::machine::{Machine, Val, term};
use super::{Case, case, floats};
use crate::parse::parse;
use crate::text::SourceText;
use crate::write::WriteOptions;

/// What the values of a case under construction are.
#[derive(Default, Clone)]
struct Pool {
    scalars: Vec<ValueId>,
    arrays: Vec<ValueId>,
    bools: Vec<ValueId>,
}

/// Numbers that decide what is made.
struct Choices<'a> {
    numbers: &'a [u8],
    at: usize,
}

impl Choices<'_> {
    fn next(&mut self, below: usize) -> usize {
        let number = self.numbers.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        number as usize % below.max(1)
    }

    fn pick(&mut self, from: &[ValueId]) -> ValueId {
        // Recent values are likelier: chains make expressions.
        let back = self.next(from.len().min(3) * 2);
        if back < from.len() {
            from[from.len() - 1 - back]
        } else {
            from[self.next(from.len())]
        }
    }
}

/// The user's names of values: none of a live-in, since only what the region assigns to has its name.
const NAMES: [&str; 5] = ["s", "t", "n", "total", "mask"];

struct Maker<'a> {
    c: Case,
    choices: Choices<'a>,
    list: ValueId,
    rng: ValueId,
}

impl Maker<'_> {
    fn op(&mut self, pool: &mut Pool, depth: usize) {
        let zero = [ValueId(0); 0];
        match self.choices.next(if depth == 0 { 18 } else { 14 }) {
            0 | 1 => self.scalar(pool, F::Add),
            2 => self.scalar(pool, F::Mul),
            3 => self.scalar(pool, F::TrueDiv),
            4 | 5 => {
                let (a, b) = (self.choices.pick(&pool.arrays), self.choices.pick(&pool.arrays));
                let f = if self.choices.next(2) == 0 { F::Add } else { F::Mul };
                let made = self.c.b.operator(f, &[a, b]);
                self.made(pool, made);
            }
            6 => {
                let a = self.choices.pick(&pool.arrays);
                let made = self.c.method("sum", &[a], Ty::Np(Dtype::F64));
                self.made(pool, made);
            }
            7 => {
                let base = if self.choices.next(2) == 0 {
                    self.list
                } else {
                    self.choices.pick(&pool.arrays)
                };
                let at = self.choices.next(3) as i128;
                let at = self.c.b.int(at);
                let made = self.c.b.at(base, at);
                self.made(pool, made);
            }
            8 => {
                let a = self.choices.pick(&pool.arrays);
                let lo = 1 + self.choices.next(2) as i128;
                let made = self.c.slice(a, Some(lo), None);
                self.made(pool, made);
            }
            9 => {
                let (a, b) = (self.choices.pick(&pool.scalars), self.choices.pick(&pool.scalars));
                let made = self.c.b.operator(F::Lt, &[a, b]);
                pool.bools.push(made);
            }
            10 if self.choices.next(3) > 0 => {
                let kind = Kind::Method {
                    name: "random".to_owned(),
                    keywords: Vec::new(),
                };
                let op = self.c.b.typed_op(kind, &[self.rng], &[Ty::Float]);
                let made = self.c.b.func.result(op);
                self.made(pool, made);
            }
            10 => {
                let kind = Kind::Opaque {
                    text: "tick()".to_owned(),
                    reads: Vec::new(),
                    binds: Vec::new(),
                    reason: String::new(),
                    touches: Touches::Anything,
                    looks: Vec::new(),
                };
                let op = self.c.b.typed_op(kind, &zero, &[Ty::Float]);
                let made = self.c.b.func.result(op);
                self.made(pool, made);
            }
            11 => {
                let (base, value) = (self.choices.pick(&pool.arrays), self.choices.pick(&pool.scalars));
                let at = self.choices.next(2) as i128;
                let at = self.c.b.int(at);
                self.c.store(base, &[Sub::At], &[at], value);
            }
            12 => {
                let (base, value) = (self.choices.pick(&pool.arrays), self.choices.pick(&pool.arrays));
                self.c.store(base, &[Sub::FULL], &[], value);
            }
            13 => {
                let value = self.choices.pick(&pool.scalars);
                self.c.b.effect(Kind::Append, &[self.list, value]);
            }
            14 if !pool.bools.is_empty() => {
                let test = self.choices.pick(&pool.bools);
                let (a, b) = (self.choices.pick(&pool.scalars), self.choices.pick(&pool.scalars));
                let made = self.c.b.value(Kind::Select, &[test, a, b]);
                self.made(pool, made);
            }
            15 | 16 if !pool.bools.is_empty() => self.branch(pool, depth),
            17 => self.repeat(pool),
            _ => self.scalar(pool, F::Sub),
        }
    }

    fn scalar(&mut self, pool: &mut Pool, f: F) {
        let (a, b) = (self.choices.pick(&pool.scalars), self.choices.pick(&pool.scalars));
        let made = self.c.b.value(
            Kind::Scalar {
                f,
                flavour: Flavour::Py,
            },
            &[a, b],
        );
        self.c.b.func.values[made.index()].ty = Ty::Float;
        self.made(pool, made);
    }

    fn made(&mut self, pool: &mut Pool, value: ValueId) {
        if self.choices.next(3) == 0 {
            let name = NAMES[self.choices.next(NAMES.len())];
            self.c.b.name(value, name);
        }
        match self.c.b.func.ty(value) {
            Ty::Array { .. } => pool.arrays.push(value),
            _ => {
                self.c.b.func.values[value.index()].ty = Ty::Float;
                pool.scalars.push(value);
            }
        }
    }

    fn branch(&mut self, pool: &mut Pool, depth: usize) {
        let test = self.choices.pick(&pool.bools);
        let results = self.choices.next(3);
        let mut blocks = Vec::new();
        for _ in 0..2 {
            let mut inner = pool.clone();
            let block = self.c.b.func.add_block();
            let outer = std::mem::replace(&mut self.c.b.block, block);
            for _ in 0..self.choices.next(4) {
                self.op(&mut inner, depth + 1);
            }
            self.c.b.block = outer;
            let values = (0..results).map(|_| self.choices.pick(&inner.scalars)).collect();
            self.c.b.end(block, Term::Yield(values));
            blocks.push(block);
        }
        let made = self.c.b.if_op(test, blocks[0], blocks[1], &vec![Ty::Float; results]);
        for value in made {
            self.made(pool, value);
        }
    }
}

impl Maker<'_> {
    /// A loop of two rounds, which a condition may leave.
    fn repeat(&mut self, pool: &mut Pool) {
        let count = self.choices.next(3);
        let init: Vec<ValueId> = (0..count).map(|_| self.choices.pick(&pool.scalars)).collect();
        let bounds = [0, 2, 1].map(|bound| self.c.b.int(bound));
        let mut inner = pool.clone();
        let body = self.c.b.func.add_block();
        let index = self.c.b.func.add_param(body, Ty::INT, Some("i"));
        inner.scalars.push(index);
        for number in 0..count {
            let name = Some(NAMES[self.choices.next(NAMES.len())]).filter(|_| number == 0);
            inner.scalars.push(self.c.b.func.add_param(body, Ty::Float, name));
        }
        let outer = std::mem::replace(&mut self.c.b.block, body);
        for _ in 0..1 + self.choices.next(5) {
            self.op(&mut inner, 1);
        }
        if !inner.bools.is_empty() && self.choices.next(2) == 0 {
            let test = self.choices.pick(&inner.bools);
            let blocks = [self.c.b.func.add_block(), self.c.b.func.add_block()];
            let left = (0..count).map(|_| self.choices.pick(&inner.scalars)).collect();
            self.c.b.end(blocks[0], Term::Break(0, left));
            self.c.b.if_op(test, blocks[0], blocks[1], &[]);
            self.op(&mut inner, 1);
        }
        let values = (0..count).map(|_| self.choices.pick(&inner.scalars)).collect();
        self.c.b.block = outer;
        self.c.b.end(body, Term::Yield(values));
        for value in self.c.b.for_op(bounds, &init, body, &vec![Ty::Float; count]) {
            self.made(pool, value);
        }
    }
}

/// A function out of numbers.
fn function(numbers: &[u8]) -> Function {
    let mut c = case();
    let mut pool = Pool::default();
    for name in ["x", "y"] {
        pool.arrays.push(c.array(name, 0));
    }
    for name in ["a", "b"] {
        pool.scalars.push(c.param(name, Ty::Float));
    }
    let list = c.param("items", Ty::List(Box::new(Ty::Float), Dim::Unknown));
    let rng = c.param("rng", Ty::Generator { legacy: false });
    let made = c.call("numpy.zeros_like", &[pool.arrays[0]], floats(&[0]));
    pool.arrays.push(made);
    let mut maker = Maker {
        c,
        choices: Choices { numbers, at: 0 },
        list,
        rng,
    };
    for _ in 0..3 + maker.choices.next(14) {
        maker.op(&mut pool, 0);
    }
    let Maker { mut c, mut choices, .. } = maker;
    let mut outputs = BTreeMap::new();
    for name in ["a", "b", "x", "y", "s", "t"] {
        match choices.next(4) {
            0 => outputs.insert(name.to_owned(), choices.pick(&pool.scalars)),
            1 => outputs.insert(name.to_owned(), choices.pick(&pool.arrays)),
            _ => None,
        };
    }
    if choices.next(2) == 0 {
        outputs.insert(RETURN.to_owned(), choices.pick(&pool.scalars));
    }
    let body = c.b.func.body;
    let values = keep_all(&mut c, &mut outputs);
    c.b.func.outputs = outputs.into_keys().collect();
    c.b.end(body, Term::Return(values));
    c.b.func
}

/// What nobody uses would not be written: it becomes an output.
fn keep_all(c: &mut Case, outputs: &mut BTreeMap<String, ValueId>) -> Vec<ValueId> {
    let func = &c.b.func;
    let mut uses = func.use_counts();
    for value in outputs.values() {
        uses[value.index()] += 1;
    }
    let mut number = 0;
    for op in &func.block(func.body).ops {
        for result in &func.op(*op).results {
            if uses[result.index()] == 0 {
                outputs.insert(format!("kept{number}"), *result);
                number += 1;
            }
        }
    }
    outputs.values().copied().collect()
}

/// Ops inside of branches that nobody uses are not written, and then neither is what only they use.
fn without_unused(func: &mut Function) {
    loop {
        let uses = func.use_counts();
        let mut removed = false;
        for block in 0..func.blocks.len() {
            let ops = func.blocks[block].ops.clone();
            let kept: Vec<OpId> = ops
                .iter()
                .copied()
                .filter(|op| {
                    let data = func.op(*op);
                    let unused = data.results.iter().all(|result| uses[result.index()] == 0);
                    let pure = matches!(func.effect(*op), Effect::Pure | Effect::Reads);
                    !(unused && pure)
                })
                .collect();
            removed |= kept.len() < ops.len();
            func.blocks[block].ops = kept;
        }
        if !removed {
            return;
        }
    }
}

/// Runs the ops.
struct Ops<'a> {
    func: &'a Function,
    machine: Machine,
    values: BTreeMap<ValueId, Val>,
}

impl Ops<'_> {
    /// What the block hands over, or what it leaves the loop with.
    fn block(&mut self, block: BlockId) -> Result<Vec<Val>, Vec<Val>> {
        let func = self.func;
        for op in &func.block(block).ops {
            self.op(*op)?;
        }
        let end = &func.block(block).end;
        let values = end
            .values()
            .iter()
            .map(|value| self.values.get(value).copied().unwrap_or(Val::Term(0)))
            .collect();
        if matches!(end, Term::Break(..)) {
            Err(values)
        } else {
            Ok(values)
        }
    }

    fn repeat(&mut self, op: OpId) {
        let data = self.func.op(op);
        let params = &self.func.block(data.blocks[0]).params;
        let mut carried: Vec<Val> = data.args[3..].iter().map(|value| self.values[value]).collect();
        for round in 0..2 {
            self.values.insert(params[0], Val::Term(round));
            self.values.extend(params[1..].iter().copied().zip(carried));
            match self.block(data.blocks[0]) {
                Ok(values) => carried = values,
                Err(values) => {
                    carried = values;
                    break;
                }
            }
        }
        self.values.extend(data.results.iter().copied().zip(carried));
    }

    fn op(&mut self, op: OpId) -> Result<(), Vec<Val>> {
        let func = self.func;
        let data = func.op(op);
        let args: Vec<Val> = data
            .args
            .iter()
            .map(|arg| self.values.get(arg).copied().unwrap_or(Val::Term(0)))
            .collect();
        let machine = &mut self.machine;
        let result = match &data.kind {
            Kind::Const(Const::Int(int)) => Val::Term(*int as u64),
            Kind::Scalar { f, .. } => {
                let Some(numlift_ir::scalar::PyForm::Operator(name)) = f.info().py else {
                    panic!("{f:?}")
                };
                machine.compute(name, &args)
            }
            Kind::Method { name, .. } if name == "random" => machine.draw(),
            Kind::Method { name, .. } => machine.compute(name, &args),
            Kind::Call { .. } => machine.compute("zeros_like", &args),
            Kind::Opaque { .. } => machine.tick(),
            Kind::Index(subs) if subs[0] == Sub::At => machine.element(args[0], args[1]),
            Kind::Index(_) => {
                let at = machine.read(args[1]);
                machine.slice(args[0], at)
            }
            Kind::SetIndex(subs) => {
                let at = if subs[0] == Sub::FULL {
                    FULL
                } else {
                    machine.read(args[1])
                };
                machine.store(args[0], at, args[args.len() - 1]);
                return Ok(());
            }
            Kind::Append => {
                machine.append(args[0], args[1]);
                return Ok(());
            }
            Kind::Select => {
                if machine.holds(args[0]) {
                    args[1]
                } else {
                    args[2]
                }
            }
            Kind::If => {
                let taken = data.blocks[usize::from(!machine.holds(args[0]))];
                let given = self.block(taken)?;
                self.values.extend(data.results.iter().copied().zip(given));
                return Ok(());
            }
            Kind::For => {
                self.repeat(op);
                return Ok(());
            }
            other => panic!("{other:?}"),
        };
        self.values.insert(data.results[0], result);
        Ok(())
    }
}

const FULL: u64 = 1 << 40;

/// Runs the text.
struct Text {
    machine: Machine,
    variables: BTreeMap<String, Val>,
    tick: Val,
}

impl Text {
    /// Whether a `return` or `break` was met.
    fn suite(&mut self, suite: &[Stmt]) -> bool {
        suite.iter().any(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &Stmt) -> bool {
        match stmt {
            Stmt::Assign(assign) => match (&assign.targets[0], &*assign.value) {
                (Expr::Tuple(targets), Expr::Tuple(values)) => {
                    let values: Vec<Val> = values.elts.iter().map(|value| self.expr(value)).collect();
                    for (target, value) in targets.elts.iter().zip(values) {
                        self.assign(target, value);
                    }
                }
                (target, value) => {
                    let value = self.expr(value);
                    self.assign(target, value);
                }
            },
            Stmt::AugAssign(augmented) => {
                let before = self.expr(&augmented.target);
                let value = self.expr(&augmented.value);
                let after = self.machine.compute(operator(augmented.op), &[before, value]);
                self.assign(&augmented.target, after);
            }
            Stmt::Expr(expr) => {
                self.expr(&expr.value);
            }
            Stmt::If(choice) => {
                let test = self.expr(&choice.test);
                if self.machine.holds(test) {
                    return self.suite(&choice.body);
                }
                for clause in &choice.elif_else_clauses {
                    let taken = match &clause.test {
                        Some(test) => {
                            let test = self.expr(test);
                            self.machine.holds(test)
                        }
                        None => true,
                    };
                    if taken {
                        return self.suite(&clause.body);
                    }
                }
            }
            Stmt::Break(_) => return true,
            Stmt::Pass(_) => {}
            Stmt::For(stmt) => {
                for round in 0..2 {
                    self.assign(&stmt.target, Val::Term(round));
                    if self.suite(&stmt.body) {
                        break;
                    }
                }
            }
            Stmt::Return(value) => {
                let value = self.expr(value.value.as_deref().expect("something is returned"));
                self.variables.insert(RETURN.to_owned(), value);
                return true;
            }
            other => panic!("{other:?}"),
        }
        false
    }

    fn assign(&mut self, target: &Expr, value: Val) {
        match target {
            Expr::Name(name) => {
                self.variables.insert(name.id.to_string(), value);
            }
            Expr::Subscript(subscript) => {
                let base = self.expr(&subscript.value);
                let at = match &*subscript.slice {
                    Expr::Slice(_) => FULL,
                    other => {
                        let at = self.expr(other);
                        self.machine.read(at)
                    }
                };
                self.machine.store(base, at, value);
            }
            other => panic!("{other:?}"),
        }
    }

    fn expr(&mut self, expr: &Expr) -> Val {
        match expr {
            Expr::Name(name) => self.variables[name.id.as_str()],
            Expr::NumberLiteral(number) => match &number.value {
                ast::Number::Int(int) => Val::Term(int.as_u64().expect("small")),
                other => panic!("{other:?}"),
            },
            Expr::BinOp(op) => {
                let args = [self.expr(&op.left), self.expr(&op.right)];
                self.machine.compute(operator(op.op), &args)
            }
            Expr::Compare(compare) => {
                assert_eq!(compare.ops[..], [CmpOp::Lt]);
                let args = [self.expr(&compare.left), self.expr(&compare.comparators[0])];
                self.machine.compute("<", &args)
            }
            Expr::UnaryOp(op) => {
                let value = self.expr(&op.operand);
                self.opposite(value)
            }
            Expr::If(choice) => {
                let test = self.expr(&choice.test);
                if self.machine.holds(test) {
                    self.expr(&choice.body)
                } else {
                    self.expr(&choice.orelse)
                }
            }
            Expr::BoolOp(op) => {
                let first = self.expr(&op.values[0]);
                let goes_on = self.machine.holds(first) == (op.op == BoolOp::And);
                if goes_on { self.expr(&op.values[1]) } else { first }
            }
            Expr::Subscript(subscript) => {
                let base = self.expr(&subscript.value);
                match &*subscript.slice {
                    Expr::Slice(slice) => {
                        let lo = self.expr(slice.lower.as_deref().expect("a lower bound"));
                        let at = self.machine.read(lo);
                        self.machine.slice(base, at)
                    }
                    at => {
                        let at = self.expr(at);
                        self.machine.element(base, at)
                    }
                }
            }
            Expr::Call(call) => self.call(call),
            other => panic!("{other:?}"),
        }
    }

    /// A value that holds exactly where the other does not.
    fn opposite(&self, value: Val) -> Val {
        Val::Term(self.machine.read(value) ^ 4)
    }

    fn call(&mut self, call: &ast::ExprCall) -> Val {
        let attribute = match &*call.func {
            Expr::Name(_) => return self.machine.tick(),
            Expr::Attribute(attribute) => attribute,
            other => panic!("{other:?}"),
        };
        let is_module = matches!(&*attribute.value, Expr::Name(name) if name.id.as_str() == "np");
        let mut args = Vec::new();
        if !is_module {
            args.push(self.expr(&attribute.value));
        }
        args.extend(call.arguments.args.iter().map(|arg| self.expr(arg)));
        match attribute.attr.as_str() {
            "random" => self.machine.draw(),
            "append" => {
                self.machine.append(args[0], args[1]);
                self.tick
            }
            name => self.machine.compute(name, &args),
        }
    }
}

fn operator(op: Operator) -> &'static str {
    match op {
        Operator::Add => "+",
        Operator::Sub => "-",
        Operator::Mult => "*",
        Operator::Div => "/",
        other => panic!("{other:?}"),
    }
}

/// The arguments of a call, `y` being `x` if `aliased`.
fn arguments(machine: &mut Machine, aliased: bool) -> BTreeMap<String, Val> {
    let x = machine.object(term("x", &[]));
    let y = if aliased { x } else { machine.object(term("y", &[])) };
    let items = machine.object(term("items", &[]));
    machine.outside = if aliased { 2 } else { 3 };
    let scalar = |name: &str| Val::Term(term(name, &[]));
    let args = [
        ("x", x),
        ("y", y),
        ("items", items),
        ("a", scalar("a")),
        ("b", scalar("b")),
        ("rng", scalar("rng")),
    ];
    args.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Runs the ops on its arguments; what happened, and the variables behind.
fn run_ops(func: &Function, aliased: bool, is_lazy: bool) -> (Machine, BTreeMap<String, Val>) {
    let mut machine = Machine::default();
    machine.is_lazy = is_lazy;
    let mut variables = arguments(&mut machine, aliased);
    let mut ops = Ops {
        func,
        machine,
        values: BTreeMap::new(),
    };
    for param in &func.block(func.body).params {
        ops.values
            .insert(*param, variables[func.name_of(*param).expect("params have names")]);
    }
    let given = ops.block(func.body).expect("no loop is left outside of one");
    variables.extend(func.outputs.iter().cloned().zip(given));
    (ops.machine, variables)
}

fn check(func: &Function, width: usize, aliased: bool) -> Result<(), TestCaseError> {
    let taken = ["values".to_owned()].into();
    let names = |qualified: &str| super::spelling(qualified, &[]);
    let options = WriteOptions {
        names: &names,
        taken: &taken,
        width,
    };
    let written = crate::write::write(func, &[], &options);
    let text = written
        .map_err(|error| TestCaseError::fail(format!("{error}\n{func}")))?
        .statements;
    let parsed = parse(&SourceText::from_str("a.py", &text));
    prop_assert!(
        parsed.errors.is_empty() || text.contains("return"),
        "{:?}\n{text}",
        parsed.errors
    );

    // Sharing leaves less to do, but the same results.
    let mut shared = crate::write::share::shared(func);
    without_unused(&mut shared);
    let (original, expected) = run_ops(func, aliased, true);
    let (once, found) = run_ops(&shared, aliased, true);
    prop_assert_eq!(original.history(), once.history(), "events\n{}\n{}", func, shared);
    prop_assert_eq!(
        original.shown(&expected),
        once.shown(&found),
        "results\n{}\n{}",
        func,
        shared
    );

    let is_lazy = shared.ops.iter().any(|op| matches!(op.kind, Kind::Select | Kind::If));
    let (ops, expected) = run_ops(&shared, aliased, is_lazy);
    let mut run = Text {
        machine: Machine::default(),
        variables: BTreeMap::new(),
        tick: Val::Term(0),
    };
    run.machine.is_lazy = is_lazy;
    run.variables = arguments(&mut run.machine, aliased);
    run.suite(&parsed.module.body);
    let found: BTreeMap<String, Val> = expected
        .keys()
        .filter_map(|name| Some((name.clone(), *run.variables.get(name)?)))
        .collect();
    prop_assert_eq!(ops.history(), run.machine.history(), "events\n{}\n{}", shared, text);
    prop_assert_eq!(
        ops.shown(&expected),
        run.machine.shown(&found),
        "results\n{}\n{}",
        shared,
        text
    );
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn the_text_does_what_the_ops_do(
        numbers in prop::collection::vec(any::<u8>(), 20..160),
        width in 30..100usize,
        aliased in any::<bool>(),
    ) {
        let mut func = function(&numbers);
        without_unused(&mut func);
        check(&func, width, aliased)?;
    }
}
