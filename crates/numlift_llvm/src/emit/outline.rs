//! Loops whose iterations may run at the same time: the body is a function of its own.
//!
//! ```text
//! for %i in 0, n { store %c, %i, … }     =>     env: c's address, …
//!                                               work < threshold:  call @f.loop0(env, 0, n)
//!                                               else:              call @nl_parallel(ctx, @f.loop0, env, n, work)
//!
//! define void @f.loop0(ptr env, i64 lo, i64 hi)         iterations lo..hi, whoever runs them
//! ```
//!
//! The body is there once, whether threads run it or not. What it needs from outside it finds in `env`: numbers, and
//! arrays without their owners, since references are counted by nobody but the caller. Events of operations are added to
//! a word of `env`. A body that would need more than this (to leave, to allocate) is unfit; whoever asked has to do
//! without the launch, and the text is of no use.

use std::collections::BTreeMap;

use numlift_abi::runtime;
use numlift_ir::affine::Atom;
use numlift_ir::function::{BlockId, Def, OpId, ValueId};
use numlift_ir::launch::{Launch, Linear, SOME, Test, Trips, Work};

use super::number::float;
use super::{Emit, Emitter, Scope, Urge};
use crate::text::Text;
use crate::value::{Array, Number, Value, number_repr, registers};

/// What is handed over to a body: registers of the function around it, by name.
#[derive(Default)]
struct Environment {
    places: BTreeMap<String, (String, usize)>,
    entries: Vec<(&'static str, String)>,
}

/// What of the emitter belongs to one function of LLVM.
struct Around {
    text: Text,
    values: BTreeMap<ValueId, Value>,
    scopes: Vec<Scope>,
    loops: Vec<super::Loop>,
    present: Option<super::Present>,
    symbols: BTreeMap<u32, String>,
    slot: (String, bool),
    exits: BTreeMap<(usize, Vec<String>), super::leave::Exit>,
}

/// From so many nanoseconds of work on, as it is estimated, it is asked whether a launch repays: that takes some 0.1
/// microseconds. An estimate may be a few times too small.
const WORTH: f64 = 2_000.0;

/// What a body may not have: it is no part of the call.
const OF_THE_CALL: [&str; 5] = ["%ctx", "%args", "%rets", "%frame", "@nl_"];

/// What any thread may call.
const FOR_ALL: &str = "@nl_status";

fn is_of_the_call(body: &str) -> bool {
    OF_THE_CALL
        .iter()
        .any(|part| body.matches(part).count() > body.matches(FOR_ALL).count() * usize::from(*part == "@nl_"))
}

impl Emitter<'_> {
    /// A loop that may be launched.
    pub(super) fn launch_op(&mut self, op: OpId, launch: &Launch) -> Emit<()> {
        let (_, args, _) = self.ops(op);
        let direction = numlift_ir::infer::interval_of(self.func.ty(args[2]));
        let forward = direction.lo.is_some_and(|lo| lo > 0);
        let [start, stop, step] = [self.int(args[0])?, self.int(args[1])?, self.int(args[2])?];
        let count = self.trip_count(&start, &stop, &step, forward);
        let count = self.text.value(&format!("load i64, ptr {count}"));
        let name = format!("{}.loop{}", self.options.entry, self.bodies.len());
        let told = self.text.slot("i64");
        self.open_loop(op);
        let made = self.body(op, launch.has_statements, [&start, &step], &told);
        let reason = match &made {
            Ok((_, body, _)) if is_of_the_call(body) => Some("what one thread alone may do".to_owned()),
            Ok(_) => None,
            Err(unsupported) => Some(unsupported.reason.trim_end_matches(super::leave::NOWHERE).to_owned()),
        };
        let (env, body, is_noted) = match (made, reason) {
            (Ok(made), None) => made,
            // Its text is of no use, and neither is the rest.
            (_, reason) => {
                self.unfit.insert(op, reason.unwrap_or_default());
                return Ok(());
            }
        };
        self.bodies.push(format!(
            "define internal void @\"{name}\"(ptr noalias readonly %env, i64 %lo, i64 %hi) #2 {{\n{body}}}\n"
        ));
        let table = self.text.slots(env.entries.len());
        for (number, (ty, register)) in env.entries.iter().enumerate() {
            let place = self.entry(&table, number);
            self.text.line(&format!("store {ty} {register}, ptr {place}, align 8"));
        }
        self.text.line(&format!("store i64 0, ptr {told}"));
        let labels = ["much", "shared", "little", "behind"].map(|what| self.text.label(what));
        let [much, shared, little, behind] = &labels;
        let each = self.work(&launch.work)?;
        let trips = self.text.value(&format!("sitofp i64 {count} to double"));
        let work = self.text.value(&format!("fmul double {trips}, {each}"));
        let is_much = match self.options.launching.urge {
            Urge::Always => "true".to_owned(),
            Urge::Likely | Urge::Asked => self.text.value(&format!("fcmp oge double {work}, {}", float(WORTH))),
        };
        self.text
            .end(&format!("br i1 {is_much}, label %{much}, label %{little}"));
        self.text.begin_apart(much);
        let may = self.tests(&launch.tests)?;
        self.text.branch(&may, shared, little);
        self.text.begin_apart(shared);
        let may_stop = if self.present.is_some() {
            runtime::launch::MAY_STOP
        } else {
            0
        };
        let how = may_stop | self.options.launching.urge.how();
        let raised = self.text.value(&format!(
            "call i32 @nl_parallel(ptr %ctx, ptr @\"{name}\", ptr {table}, i64 {count}, double {work}, i32 {how})"
        ));
        if self.present.is_some() {
            let raised = self.text.value(&format!("icmp ne i32 {raised}, 0"));
            self.raise_if(&raised)?;
        }
        self.text.jump(behind);
        self.text.begin_apart(little);
        self.text
            .line(&format!("call void @\"{name}\"(ptr {table}, i64 0, i64 {count})"));
        self.text.jump(behind);
        self.text.begin_apart(behind);
        self.close_loop();
        if is_noted {
            let slot = self.events.slot().to_owned();
            let more = self.text.value(&format!("load i64, ptr {told}"));
            let before = self.text.value(&format!("load i64, ptr {slot}"));
            let all = self.text.value(&format!("or i64 {before}, {more}"));
            self.text.line(&format!("store i64 {all}, ptr {slot}"));
        }
        Ok(())
    }

    /// The body as text, and what it is handed over.
    fn body(
        &mut self,
        op: OpId,
        has_statements: bool,
        [start, step]: [&str; 2],
        told: &str,
    ) -> Emit<(Environment, String, bool)> {
        let text = Text::behind(&self.text);
        let slot = self.events.change_slot(String::new(), false);
        let around = Around {
            text: std::mem::replace(&mut self.text, text),
            values: self.values.clone(),
            scopes: std::mem::replace(&mut self.scopes, vec![Scope::default()]),
            loops: std::mem::take(&mut self.loops),
            present: self.present.take(),
            symbols: self.symbols.clone(),
            slot,
            exits: std::mem::take(&mut self.exits),
        };
        self.is_outlined = true;
        self.has_statements = has_statements;
        let mut env = Environment::default();
        let made = self.fill_body(op, [start, step], told, &mut env);
        self.is_outlined = false;
        self.has_statements = false;
        let text = std::mem::replace(&mut self.text, around.text);
        self.text.skip(&text);
        self.values = around.values;
        self.scopes = around.scopes;
        self.loops = around.loops;
        self.present = around.present;
        self.symbols = around.symbols;
        let (slot, was_noted) = around.slot;
        let (_, is_noted) = self.events.change_slot(slot, was_noted);
        self.exits = around.exits;
        made.map(|()| (env, text.finish(), is_noted))
    }

    fn fill_body(&mut self, op: OpId, [start, step]: [&str; 2], told: &str, env: &mut Environment) -> Emit<()> {
        let block = self.func.op(op).blocks[0];
        let events = self.text.slot("i64");
        self.events.change_slot(events.clone(), false);
        self.text.line(&format!("store i64 0, ptr {events}"));
        for value in self.captured(op) {
            if let Some(given) = self.values.get(&value).cloned() {
                let mut own = self.handed_in(&given, env)?;
                if let Value::Array(array) = &mut own {
                    let ty = self.func.ty(value).clone();
                    self.contiguous_strides(array, &ty);
                }
                self.set(value, own);
            }
        }
        for (symbol, register) in self.symbols.clone() {
            let own = self.carry(env, "i64", &register, ", !range !0");
            self.symbols.insert(symbol, own);
        }
        let start = self.carry(env, "i64", start, "");
        let step = self.carry(env, "i64", step, "");
        let told = self.carry(env, "ptr", told, "");
        self.iterations(op, block, &start, &step)?;
        if self.events.is_used() {
            let met = self.text.value(&format!("load i64, ptr {events}"));
            self.text.line(&format!("atomicrmw or ptr {told}, i64 {met} monotonic"));
        }
        self.text.end("ret void");
        Ok(())
    }

    /// Iterations `%lo..%hi`.
    fn iterations(&mut self, op: OpId, block: BlockId, start: &str, step: &str) -> Emit<()> {
        let index = self.text.slot("i64");
        let skipped = self.product("%lo", step);
        let first = self.text.value(&format!("add i64 {start}, {skipped}"));
        self.text.line(&format!("store i64 {first}, ptr {index}"));
        let number = self.text.slot("i64");
        let is_unit = step == "1" || step == "-1";
        let end = match is_unit {
            true => {
                let skipped = self.product("%hi", step);
                self.text.value(&format!("add i64 {start}, {skipped}"))
            }
            // The index may run over the last 64-bit int: iterations are counted.
            false => {
                self.text.line(&format!("store i64 %lo, ptr {number}"));
                "%hi".to_owned()
            }
        };
        let labels = ["loop", "body", "done"].map(|what| self.text.label(what));
        let [head, body, done] = &labels;
        self.text.begin(head);
        let at = self.text.value(&format!("load i64, ptr {index}"));
        let goes_on = match is_unit {
            true => {
                let test = if step == "1" { "slt" } else { "sgt" };
                self.text.value(&format!("icmp {test} i64 {at}, {end}"))
            }
            false => {
                let number = self.text.value(&format!("load i64, ptr {number}"));
                self.text.value(&format!("icmp slt i64 {number}, {end}"))
            }
        };
        self.text.branch(&goes_on, body, done);
        self.text.begin_apart(body);
        let given = Self::real(numlift_ir::scalar::ScalarTy::PyInt, at.clone());
        self.set(self.func.block(block).params[0], Value::Number(given));
        self.in_scope(|emitter| emitter.block(block))?;
        let next = self
            .text
            .value(&format!("add {} i64 {at}, {step}", if is_unit { "nsw" } else { "" }));
        self.text.line(&format!("store i64 {next}, ptr {index}"));
        if !is_unit {
            let before = self.text.value(&format!("load i64, ptr {number}"));
            let behind = self.text.value(&format!("add nsw i64 {before}, 1"));
            self.text.line(&format!("store i64 {behind}, ptr {number}"));
        }
        self.end_of_pass(head, op);
        self.text.begin_apart(done);
        Ok(())
    }

    /// The values that a loop's body uses and that are made outside of it, in order.
    fn captured(&self, op: OpId) -> Vec<ValueId> {
        let func = self.func;
        let body = func.op(op).blocks[0];
        let mut blocks = Vec::new();
        func.visit_blocks(body, &mut |block| blocks.push(block));
        let mut used: Vec<ValueId> = Vec::new();
        for block in &blocks {
            used.extend(func.block(*block).end.values());
            used.extend(func.block(*block).ops.iter().flat_map(|op| &func.op(*op).args));
        }
        used.sort_unstable();
        used.dedup();
        used.retain(|value| match func.def(*value) {
            Def::Param(block, _) => !blocks.contains(&block),
            Def::Result(op, _) => !blocks.iter().any(|block| func.block(*block).ops.contains(&op)),
        });
        used
    }

    /// A value of the function around, in the body. Objects are nothing for other threads: they may change, and go.
    fn handed_in(&mut self, value: &Value, env: &mut Environment) -> Emit<Value> {
        Ok(match value {
            Value::None | Value::Unbound | Value::Static(_) => value.clone(),
            Value::Number(number) => {
                let ty = registers(&number_repr(number.ty))[0];
                Value::Number(Number {
                    ty: number.ty,
                    re: self.carry(env, ty, &number.re, ""),
                    im: number.im.as_ref().map(|im| self.carry(env, ty, im, "")),
                })
            }
            Value::Array(array) => {
                let mut each = |registers: &[String], known: &str| -> Vec<String> {
                    registers
                        .iter()
                        .map(|register| self.carry(env, "i64", register, known))
                        .collect()
                };
                let (shape, strides) = (each(&array.shape, ", !range !0"), each(&array.strides, ""));
                Value::Array(Array {
                    dtype: array.dtype,
                    owner: "null".to_owned(),
                    data: self.carry(env, "ptr", &array.data, ""),
                    shape,
                    strides,
                    root: array.root,
                })
            }
            Value::Tuple(items) => {
                let items: Emit<Vec<Value>> = items.iter().map(|item| self.handed_in(item, env)).collect();
                Value::Tuple(items?)
            }
            Value::OneOf { tag, options } => {
                let options: Emit<Vec<Value>> = options.iter().map(|option| self.handed_in(option, env)).collect();
                Value::OneOf {
                    tag: self.carry(env, "i64", tag, ""),
                    options: options?,
                }
            }
            Value::Object(_) | Value::List(_) | Value::Buffer { .. } | Value::Generator { .. } => {
                return self.unsupported("an object in a loop for several threads");
            }
        })
    }

    /// A register of the function around, in the body. What is written out stays as it is.
    fn carry(&mut self, env: &mut Environment, ty: &'static str, register: &str, known: &str) -> String {
        if !register.starts_with('%') {
            return register.to_owned();
        }
        if let Some((own, _)) = env.places.get(register) {
            return own.clone();
        }
        let number = env.entries.len();
        env.entries.push((ty, register.to_owned()));
        let place = self.entry("%env", number);
        let own = self.text.value(&format!("load {ty}, ptr {place}, align 8{known}"));
        env.places.insert(register.to_owned(), (own.clone(), number));
        own
    }

    fn entry(&mut self, table: &str, number: usize) -> String {
        self.text
            .value(&format!("getelementptr inbounds i64, ptr {table}, i64 {number}"))
    }

    /// Nanoseconds that something takes, in a register.
    pub(super) fn work(&mut self, work: &Work) -> Emit<String> {
        let mut sum = float(work.own);
        for (trips, inner) in &work.inner {
            let each = self.work(inner)?;
            let trips = match trips {
                Trips::Guessed(trips) => float(*trips),
                Trips::Counted(linear) => self.linear(linear)?,
            };
            let all = self.text.value(&format!("fmul double {trips}, {each}"));
            sum = self.text.value(&format!("fadd double {sum}, {all}"));
        }
        Ok(sum)
    }

    /// A number of iterations: not below 0.
    fn linear(&mut self, linear: &Linear) -> Emit<String> {
        let mut sum = float(linear.constant);
        for (atom, factor) in &linear.terms {
            let int = match atom {
                Atom::Value(value) => self.int(*value).unwrap_or_else(|_| (SOME as i64).to_string()),
                Atom::Extent(value, axis) => self.array(*value)?.shape[*axis].clone(),
                Atom::Sym(symbol) => match self.symbols.get(symbol) {
                    Some(register) => register.clone(),
                    None => (SOME as i64).to_string(),
                },
            };
            let number = self.text.value(&format!("sitofp i64 {int} to double"));
            let scaled = self.text.value(&format!("fmul double {number}, {}", float(*factor)));
            sum = self.text.value(&format!("fadd double {sum}, {scaled}"));
        }
        let is_some = self.text.value(&format!("fcmp ogt double {sum}, 0.0"));
        Ok(self
            .text
            .value(&format!("select i1 {is_some}, double {sum}, double 0.0")))
    }

    /// Whether all tests of a launch hold.
    fn tests(&mut self, tests: &[Test]) -> Emit<String> {
        if tests.is_empty() {
            return Ok("true".to_owned());
        }
        let mut words: Vec<String> = Vec::new();
        for test in tests {
            let arrays = match test {
                Test::Plain(array) => vec![self.array(*array)?],
                Test::Apart(a, b) => vec![self.array(*a)?, self.array(*b)?],
            };
            words.push(arrays.len().to_string());
            for array in arrays {
                let data = self.text.value(&format!("ptrtoint ptr {} to i64", array.data));
                words.extend([array.shape.len().to_string(), array.dtype.itemsize().to_string(), data]);
                words.extend(array.shape.iter().chain(&array.strides).cloned());
            }
        }
        let table = self.text.slots(words.len());
        for (number, word) in words.iter().enumerate() {
            let place = self.entry(&table, number);
            self.text.line(&format!("store i64 {word}, ptr {place}"));
        }
        let holds = self
            .text
            .value(&format!("call i32 @nl_apart(ptr {table}, i64 {})", words.len()));
        Ok(self.text.value(&format!("icmp ne i32 {holds}, 0")))
    }
}
