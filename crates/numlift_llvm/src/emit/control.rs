//! Blocks, branches, loops, and the ends of blocks.

use numlift_abi::Repr;
use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::op::Term;

use super::{Emit, Emitter, Loop, Scope, Slots};
use crate::value::{Value, repr_of};

impl Emitter<'_> {
    /// The ops of a block and its end, except what a `Yield` hands on.
    pub(super) fn block(&mut self, block: BlockId) -> Emit<()> {
        for op in self.func.block(block).ops.clone() {
            if self.text.has_ended() {
                break;
            }
            self.op(op)?;
            self.release_behind(op);
        }
        match &self.func.block(block).end {
            Term::Yield(_) => Ok(()),
            Term::Return(values) => {
                let value = match values.first() {
                    Some(value) => self.get(*value)?,
                    None => Value::None,
                };
                self.return_value(&value)
            }
            Term::Break(out, values) => self.break_out(*out, &values.clone()),
            Term::Unreachable => {
                self.text.end("unreachable");
                Ok(())
            }
        }
    }

    fn return_value(&mut self, value: &Value) -> Emit<()> {
        if self.text.has_ended() {
            return Ok(());
        }
        if self.unlocked.is_some() {
            self.text.line("call void @nl_lock(ptr %ctx)");
        }
        let repr = self.result.clone();
        let value = self.converted(value, &repr)?;
        self.retain(&value);
        self.release_from(0);
        if self.text.has_ended() {
            return Ok(());
        }
        let mut at = 0;
        self.store_slots("%rets", &value, &repr, &mut at)?;
        // The status is looked at by the runtime, after everything was computed: a number that is stored cannot be
        // computed behind the call.
        self.look_outside();
        self.text.line(super::leave::RETURN_MARK);
        self.text.end("ret i32 0");
        Ok(())
    }

    fn break_out(&mut self, out: usize, values: &[ValueId]) -> Emit<()> {
        if self.text.has_ended() {
            return Ok(());
        }
        let at = self.loops.len() - 1 - out;
        let (results, exit, scopes) = {
            let target = &self.loops[at];
            (target.results.clone(), target.exit.clone(), target.scopes)
        };
        self.hand_over(values, &results)?;
        self.release_from(scopes);
        self.leave_loops(out);
        self.lock_on_leaving(at);
        self.text.jump(&exit);
        Ok(())
    }

    /// Retains values and puts them into slots.
    fn hand_over(&mut self, values: &[ValueId], to: &[Slots]) -> Emit<()> {
        for (value, slots) in values.iter().zip(to) {
            let value = self.get(*value)?;
            let value = self.converted(&value, &slots.repr)?;
            self.retain(&value);
            self.put(slots, &value)?;
        }
        Ok(())
    }

    /// Slots for the values of a type that has a value.
    fn slots_for(&mut self, values: &[ValueId]) -> Vec<Slots> {
        values
            .iter()
            .map(|value| {
                let repr = repr_of(self.func.ty(*value)).unwrap_or(Repr::Object);
                self.new_slots(&repr)
            })
            .collect()
    }

    /// Values out of slots, which the present scope owns from here on.
    fn take_over(&mut self, values: &[ValueId], from: &[Slots]) {
        for (value, slots) in values.iter().zip(from) {
            let ty = self.func.ty(*value).clone();
            let taken = self.take(slots, &ty);
            self.own(&taken);
            self.set(*value, taken);
        }
    }

    pub(super) fn in_scope(&mut self, body: impl FnOnce(&mut Self) -> Emit<()>) -> Emit<()> {
        let depth = self.scopes.len();
        let present = self.present.clone();
        self.scopes.push(Scope::default());
        body(self)?;
        self.release_from(depth);
        self.scopes.truncate(depth);
        self.present = present;
        Ok(())
    }

    pub(super) fn if_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let condition = self.get(args[0])?;
        let condition = self.truth(&condition)?;
        let blocks = self.func.op(op).blocks.clone();
        let slots = self.slots_for(results);
        let (then, other, behind) = (
            self.text.label("then"),
            self.text.label("else"),
            self.text.label("behind"),
        );
        self.text.branch(&condition, &then, &other);
        for (label, block) in [(then, blocks[0]), (other, blocks[1])] {
            self.text.begin_apart(&label);
            self.in_scope(|emitter| {
                emitter.block(block)?;
                if let Term::Yield(values) = &emitter.func.block(block).end {
                    emitter.hand_over(&values.clone(), &slots)?;
                }
                Ok(())
            })?;
            self.text.jump(&behind);
        }
        self.text.begin_apart(&behind);
        self.take_over(results, &slots);
        Ok(())
    }

    pub(super) fn for_op(&mut self, op: OpId) -> Emit<()> {
        if let (Some(launch), false) = (self.options.launching.launches.get(&op), self.is_outlined) {
            return self.launch_op(op, launch);
        }
        let (_, args, results) = self.ops(op);
        let block = self.func.op(op).blocks[0];
        let params = self.func.block(block).params.clone();
        let [start, stop, step] = [args[0], args[1], args[2]].map(|value| self.int(value));
        let (start, stop, step) = (start?, stop?, step?);
        let direction = numlift_ir::infer::interval_of(self.func.ty(args[2]));
        let forward = direction.lo.is_some_and(|lo| lo > 0);
        if !forward && direction.hi.is_none_or(|hi| hi >= 0) {
            return self.unsupported("a loop whose direction is not known");
        }
        let carried = self.slots_for(&params[1..]);
        self.hand_over(&args[3..], &carried)?;
        let result_slots = self.slots_for(results);
        let index = self.text.slot("i64");
        self.text.line(&format!("store i64 {start}, ptr {index}"));
        let unit = step.parse::<i64>().is_ok_and(|step| step.abs() == 1);
        // With a wider step the index may run over the last 64-bit int: iterations are counted.
        let left = match unit {
            true => None,
            false => Some(self.trip_count(&start, &stop, &step, forward)),
        };
        let labels = ["loop", "body", "done", "exit"].map(|what| self.text.label(what));
        let [head, body, done, exit] = &labels;
        let unlocked = self.unlock(op, [&start, &stop, &step])?;
        self.note_acts_of_loop(op);
        self.open_loop(op);
        self.text.begin(head);
        let at = self.text.value(&format!("load i64, ptr {index}"));
        let goes_on = match &left {
            None => {
                let test = if forward { "slt" } else { "sgt" };
                self.text.value(&format!("icmp {test} i64 {at}, {stop}"))
            }
            Some(left) => {
                let rest = self.text.value(&format!("load i64, ptr {left}"));
                self.text.value(&format!("icmp ne i64 {rest}, 0"))
            }
        };
        self.text.branch(&goes_on, body, done);
        self.text.begin_apart(body);
        let number = super::Emitter::real(numlift_ir::scalar::ScalarTy::PyInt, at.clone());
        self.set(params[0], Value::Number(number));
        self.loops.push(Loop {
            results: result_slots.clone(),
            exit: exit.clone(),
            scopes: self.scopes.len(),
        });
        let asks = self.is_asking(op);
        self.in_scope(|emitter| {
            emitter.take_over(&params[1..], &carried);
            emitter.asks_for_signals = asks;
            emitter.block(block)?;
            emitter.asks_for_signals = false;
            if let Term::Yield(values) = &emitter.func.block(block).end {
                emitter.hand_over_around(&values.clone(), &carried)?;
            }
            Ok(())
        })?;
        self.loops.pop();
        let next = self
            .text
            .value(&format!("add {} i64 {at}, {step}", if unit { "nsw" } else { "" }));
        self.text.line(&format!("store i64 {next}, ptr {index}"));
        if let Some(left) = &left {
            let rest = self.text.value(&format!("load i64, ptr {left}"));
            let rest = self.text.value(&format!("sub i64 {rest}, 1"));
            self.text.line(&format!("store i64 {rest}, ptr {left}"));
        }
        self.end_of_pass(head, op);
        self.text.begin_apart(done);
        self.pass_on(&params[1..], &carried, &result_slots)?;
        self.text.begin(exit);
        self.close_loop();
        if let Some(unlocked) = unlocked {
            self.lock(unlocked);
        }
        self.take_over(results, &result_slots);
        Ok(())
    }

    /// What the next iteration starts with: all values are read before the first slot is written.
    fn hand_over_around(&mut self, values: &[ValueId], to: &[Slots]) -> Emit<()> {
        let mut ready = Vec::new();
        for (value, slots) in values.iter().zip(to) {
            let value = self.get(*value)?;
            let value = self.converted(&value, &slots.repr)?;
            self.retain(&value);
            ready.push(value);
        }
        for (value, slots) in ready.iter().zip(to) {
            self.put(slots, value)?;
        }
        Ok(())
    }

    /// What a loop ends with becomes its results; the references go with it.
    fn pass_on(&mut self, params: &[ValueId], carried: &[Slots], results: &[Slots]) -> Emit<()> {
        for ((param, slots), result) in params.iter().zip(carried).zip(results) {
            let ty = self.func.ty(*param).clone();
            if slots.repr == result.repr {
                let value = self.take(slots, &ty);
                self.put(result, &value)?;
                continue;
            }
            // A `break` may give what no pass does: the object that is made here is no business of who comes there.
            self.in_scope(|emitter| {
                let value = emitter.take(slots, &ty);
                emitter.own(&value);
                let value = emitter.converted(&value, &result.repr)?;
                emitter.retain(&value);
                emitter.put(result, &value)
            })?;
        }
        Ok(())
    }

    /// How often a loop with a wide step runs, in a slot.
    pub(super) fn trip_count(&mut self, start: &str, stop: &str, step: &str, forward: bool) -> String {
        let slot = self.text.slot("i64");
        let (low, high, by) = match forward {
            true => (start, stop, step.to_owned()),
            false => (stop, start, self.text.value(&format!("sub i64 0, {step}"))),
        };
        let some = self.text.value(&format!("icmp slt i64 {low}, {high}"));
        // Between two 64-bit ints lie fewer than 2**64.
        let span = self.text.value(&format!("sub i64 {high}, {low}"));
        let before = self.text.value(&format!("sub i64 {span}, 1"));
        let whole = self.text.value(&format!("udiv i64 {before}, {by}"));
        let count = self.text.value(&format!("add i64 {whole}, 1"));
        let count = self.text.value(&format!("select i1 {some}, i64 {count}, i64 0"));
        self.text.line(&format!("store i64 {count}, ptr {slot}"));
        slot
    }

    pub(super) fn while_op(&mut self, op: OpId) -> Emit<()> {
        let (_, args, results) = self.ops(op);
        let blocks = self.func.op(op).blocks.clone();
        let tested = self.func.block(blocks[0]).params.clone();
        let params = self.func.block(blocks[1]).params.clone();
        let carried = self.slots_for(&params);
        self.hand_over(args, &carried)?;
        let result_slots = self.slots_for(results);
        let labels = ["while", "body", "done", "exit"].map(|what| self.text.label(what));
        let [head, body, done, exit] = &labels;
        self.note_acts_of_loop(op);
        self.open_loop(op);
        self.text.begin(head);
        let asks = self.is_asking(op);
        let condition = self.text.slot("i1");
        self.loops.push(Loop {
            results: result_slots.clone(),
            exit: exit.clone(),
            scopes: self.scopes.len(),
        });
        self.in_scope(|emitter| {
            emitter.take_over(&tested, &carried);
            emitter.block(blocks[0])?;
            // The references stay with the slots: what the end of the scope releases is retained once more.
            for value in &tested {
                let seen = emitter.get(*value)?;
                emitter.retain(&seen);
            }
            if let Term::Yield(values) = &emitter.func.block(blocks[0]).end {
                let value = emitter.get(values[0])?;
                let truth = emitter.truth(&value)?;
                emitter.text.line(&format!("store i1 {truth}, ptr {condition}"));
            }
            Ok(())
        })?;
        let goes_on = self.text.value(&format!("load i1, ptr {condition}"));
        self.text.branch(&goes_on, body, done);
        self.text.begin_apart(body);
        self.in_scope(|emitter| {
            emitter.take_over(&params, &carried);
            emitter.asks_for_signals = asks;
            emitter.block(blocks[1])?;
            emitter.asks_for_signals = false;
            if let Term::Yield(values) = &emitter.func.block(blocks[1]).end {
                emitter.hand_over_around(&values.clone(), &carried)?;
            }
            Ok(())
        })?;
        self.loops.pop();
        self.end_of_pass(head, op);
        self.text.begin_apart(done);
        self.pass_on(&params, &carried, &result_slots)?;
        self.text.begin(exit);
        self.close_loop();
        self.take_over(results, &result_slots);
        Ok(())
    }

    /// An int operand as `i64`.
    pub(super) fn int(&mut self, value: ValueId) -> Emit<String> {
        match self.get(value)? {
            Value::Number(number) if number.im.is_none() => Ok(self.as_i64(&number)),
            _ => self.unsupported("a bound that is no int"),
        }
    }
}
