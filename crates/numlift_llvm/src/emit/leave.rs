//! Leaving compiled code: frames, the blocks that hand them over, and who owns which reference.

use std::fmt::Write;

use numlift_abi::{Caller, Frame, Place, Repr};
use numlift_ir::function::OpId;
use numlift_ir::op::Kind;

use super::{Emit, Emitter, Present, Scope};
use crate::value::Value;

/// Stands where a function returns, until it is known whether floating-point events are told of.
pub(super) const RETURN_MARK: &str = "; returns";

/// Stands where Python takes over, likewise.
const EXIT_MARK: &str = "; leaves";

/// Where the processor is watched from here on, and up to here, if the function has events at all.
pub(super) const BEGIN_MARK: &str = "; watched from here";
pub(super) const PAUSE_MARK: &str = "; watched up to here";

/// What is said of an op that may leave where there is no frame.
pub(super) const NOWHERE: &str = ", where Python cannot go on";

/// A block that leaves.
#[derive(Debug)]
pub(super) struct Exit {
    label: String,
    values: Vec<Value>,
    /// Whether the interpreter's lock may be let go where it is left.
    is_unlocked: bool,
}

impl Emitter<'_> {
    /// From here on Python would go on at this op's statement.
    pub(super) fn frame_op(&mut self, op: OpId) -> Emit<()> {
        let (kind, args, _) = self.ops(op);
        let Kind::Frame {
            names,
            iterators,
            computed,
            callers,
        } = kind
        else {
            return self.unsupported("a frame that is none");
        };
        let origin = self.func.op(op).origin;
        let values: Emit<Vec<Value>> = args.iter().map(|arg| self.get(*arg)).collect();
        let values = values?;
        let mut bound = Vec::new();
        let mut kept = Vec::new();
        for (name, value) in names.iter().zip(values) {
            if value.repr().is_none() {
                self.object_text(&value, &mut Vec::new())?;
            }
            match value.repr() {
                Some(Repr::Unbound) => {}
                Some(repr) => {
                    bound.push((name.clone(), repr));
                    kept.push(value);
                }
                // What is static becomes an object when it is left.
                None => {
                    bound.push((name.clone(), Repr::Object));
                    kept.push(value);
                }
            }
        }
        let place = |start: u32, end: u32| -> Place { (self.options.place)(start, end) };
        let placed = |computed: &[(u32, u32, String)]| -> Vec<(Place, String)> {
            let placed = computed.iter();
            placed
                .map(|(start, end, text)| (place(*start, *end), text.clone()))
                .collect()
        };
        let computed = placed(computed);
        let callers = callers.iter().map(|caller| Caller {
            statement: place(caller.statement.0, caller.statement.1),
            call: place(caller.call.0, caller.call.1),
            iterators: caller.iterators.clone(),
            computed: placed(&caller.computed),
        });
        let callers = callers.collect();
        let frame = Frame {
            statement: self.place_of(origin),
            names: bound,
            iterators: iterators.clone(),
            computed,
            callers,
            reason: String::new(),
            raises: false,
            raised_through: Vec::new(),
            of_callee: self.options.of_callee,
        };
        let number = self.frame_number(frame);
        self.present = Some(Present {
            number,
            values: kept,
            statement: self.range_of(origin),
            acts: self.acts,
            roots: self.roots,
        });
        match std::mem::take(&mut self.asks_for_signals) {
            true => self.ask_for_signals(),
            false => Ok(()),
        }
    }

    /// The number of a frame.
    pub(super) fn frame_number(&mut self, frame: Frame) -> usize {
        match self.frames.iter().position(|known| *known == frame) {
            Some(number) => number,
            None => {
                self.frames.push(frame);
                self.frames.len() - 1
            }
        }
    }

    /// Leaves where a condition holds.
    pub(super) fn leave_if(&mut self, condition: &str, reason: &str) -> Emit<()> {
        if condition == "false" || self.text.has_ended() {
            return Ok(());
        }
        let label = self.exit_label(reason)?;
        let goes_on = self.text.label("on");
        let line = format!("br i1 {condition}, label %{label}, label %{goes_on}, !prof !1");
        self.text.end(&line);
        self.text.begin_apart(&goes_on);
        Ok(())
    }

    /// Leaves where a name is unbound. Where it has been asked before, as a `require` or by an earlier use, this asks for
    /// what cannot be and has no frame of its own: the label tells tests not to leave here by force.
    pub(super) fn leave_if_unbound(&mut self, condition: &str) -> Emit<()> {
        if self.text.has_ended() {
            return Ok(());
        }
        let label = self.exit_label("a name that is not bound")?;
        let goes_on = self.text.label("bound");
        let line = format!("br i1 {condition}, label %{label}, label %{goes_on}, !prof !1");
        self.text.end(&line);
        self.text.begin_apart(&goes_on);
        Ok(())
    }

    /// Leaves where a condition does not hold.
    pub(super) fn leave_unless(&mut self, condition: &str, reason: &str) -> Emit<()> {
        if condition == "true" || self.text.has_ended() {
            return Ok(());
        }
        let label = self.exit_label(reason)?;
        let goes_on = self.text.label("on");
        let line = format!("br i1 {condition}, label %{goes_on}, label %{label}, !prof !2");
        self.text.end(&line);
        self.text.begin_apart(&goes_on);
        Ok(())
    }

    /// Leaves.
    pub(super) fn leave(&mut self, reason: &str) -> Emit<()> {
        if !self.text.has_ended() {
            let label = self.exit_label(reason)?;
            self.text.jump(&label);
        }
        Ok(())
    }

    /// The block that leaves through the present frame.
    fn exit_label(&mut self, reason: &str) -> Emit<String> {
        let Some(present) = self.present.clone() else {
            return self.unsupported(format!("{reason}{NOWHERE}"));
        };
        let reasons = &mut self.frames[present.number].reason;
        if !reasons.split("; ").any(|known| known == reason) {
            if !reasons.is_empty() {
                reasons.push_str("; ");
            }
            reasons.push_str(reason);
        }
        let key = (present.number, self.all_owned());
        // The same frame may be met with other values: in a loop that was unrolled by hand, say.
        if let Some(exit) = self.exits.get_mut(&key)
            && exit.values == present.values
        {
            exit.is_unlocked |= self.unlocked.is_some();
            return Ok(exit.label.clone());
        }
        let label = self.text.label("leave");
        let exit = Exit {
            label: label.clone(),
            values: present.values,
            is_unlocked: self.unlocked.is_some(),
        };
        if let Some(previous) = self.exits.insert(key.clone(), exit) {
            self.emit_exit(&key, &previous);
        }
        Ok(label)
    }

    /// The blocks that leave, behind everything else.
    pub(super) fn emit_exits(&mut self) {
        for (key, exit) in std::mem::take(&mut self.exits) {
            self.emit_exit(&key, &exit);
        }
    }

    fn emit_exit(&mut self, (number, owned): &(usize, Vec<String>), exit: &Exit) {
        let ended = self.text.has_ended();
        let resume = (!ended).then(|| self.text.label("around"));
        if let Some(resume) = &resume {
            self.text.jump(resume);
        }
        self.text.begin_apart(&exit.label);
        if exit.is_unlocked {
            self.text.line("call void @nl_lock(ptr %ctx)");
        }
        self.hand_over_frame(*number, &exit.values, owned, 0);
        if let Some(resume) = &resume {
            self.text.begin_apart(resume);
        }
    }

    /// Leaves here, with values the last of which are the frame's already.
    pub(super) fn leave_now(&mut self, present: &Present, given: usize) {
        let owned = self.all_owned();
        self.hand_over_frame(present.number, &present.values, &owned, given);
    }

    /// Calls what goes on in Python. The references of the values are retained for it, except those of the last ones.
    fn hand_over_frame(&mut self, number: usize, values: &[Value], owned: &[String], given: usize) {
        let frame = self.frames[number].clone();
        let size: usize = frame.names.iter().map(|(_, repr)| repr.slots()).sum();
        // One place for all of them: only one is ever handed over.
        self.frame_slots = self.frame_slots.max(size);
        let slots = "%frame".to_owned();
        let mut at = 0;
        for (place, ((_, repr), value)) in frame.names.iter().zip(values).enumerate() {
            let value = match value {
                value if value.repr().is_none() => self.object_handed_over(value, owned),
                value => {
                    if place + given < values.len() {
                        self.retain(value);
                    }
                    value.clone()
                }
            };
            // The representation is the value's own.
            let _ = self.store_slots(&slots, &value, repr, &mut at);
        }
        self.text.line(EXIT_MARK);
        let result = self
            .text
            .value(&format!("call ptr @nl_exit(ptr %ctx, i32 {number}, ptr {slots})"));
        for register in owned {
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
        }
        self.text.line(&format!("store ptr {result}, ptr %rets"));
        self.text.end("ret i32 1");
    }

    /// An object of what is static, whose only reference goes to the frame.
    ///
    /// The place that is left may be far from here: what is owned there is released if there is no memory for it.
    fn object_handed_over(&mut self, value: &Value, owned: &[String]) -> Value {
        let there = Scope { owned: owned.to_vec() };
        let here = std::mem::replace(&mut self.scopes, vec![there]);
        let object = self.boxed(value).unwrap_or(Value::Object("null".to_owned()));
        self.scopes = here;
        object
    }

    /// Ends the function with the exception that is set.
    pub(super) fn fail(&mut self) {
        self.text.line(EXIT_MARK);
        for register in self.all_owned() {
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
        }
        self.text.line("store ptr null, ptr %rets");
        self.text.end("ret i32 1");
    }

    /// Ends the function with the exception that is set, where a condition holds.
    pub(super) fn fail_if(&mut self, condition: &str) {
        let (bad, fine) = (self.text.label("fail"), self.text.label("on"));
        self.text
            .end(&format!("br i1 {condition}, label %{bad}, label %{fine}, !prof !1"));
        self.text.begin_apart(&bad);
        self.fail();
        self.text.begin_apart(&fine);
    }

    pub(super) fn retain(&mut self, value: &Value) {
        for register in value.references() {
            if register != "null" {
                self.text.line(&format!("call void @nl_retain(ptr {register})"));
            }
        }
    }

    /// The present scope releases a value's references at its end.
    pub(super) fn own(&mut self, value: &Value) {
        let references: Vec<String> = value
            .references()
            .into_iter()
            .filter(|register| register != "null")
            .collect();
        if let Some(scope) = self.scopes.last_mut() {
            scope.owned.extend(references);
        }
    }

    fn all_owned(&self) -> Vec<String> {
        self.scopes
            .iter()
            .flat_map(|scope| scope.owned.iter().cloned())
            .collect()
    }

    /// Releases what the scopes from a depth on own. They stay open: other ends of their block may follow.
    pub(super) fn release_from(&mut self, depth: usize) {
        let owned: Vec<String> = self.scopes[depth..]
            .iter()
            .flat_map(|scope| scope.owned.iter().cloned())
            .collect();
        for register in owned {
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
        }
    }

    /// The function's text with what returning and leaving do about floating-point events.
    pub(super) fn with_events(body: &str, warns: bool, events: &str) -> String {
        let mut text = String::new();
        for (number, line) in body.lines().enumerate() {
            if line.trim() == EXIT_MARK {
                if warns {
                    let _ = write!(
                        text,
                        "  %ev{number} = load i64, ptr {events}\n  call void @nl_fp_noted(ptr %ctx, i64 %ev{number})\n"
                    );
                }
                continue;
            }
            let watching = match line.trim() {
                BEGIN_MARK => Some("begin"),
                PAUSE_MARK => Some("pause"),
                _ => None,
            };
            if let Some(what) = watching {
                if warns {
                    let _ = writeln!(text, "  call void @nl_fp_{what}(ptr %ctx)");
                }
                continue;
            }
            if line.trim() != RETURN_MARK {
                let _ = writeln!(text, "{line}");
                continue;
            }
            if warns {
                let _ = write!(
                    text,
                    "  %ev{number} = load i64, ptr {events}\n  %fp{number} = call i32 @nl_fp_end(ptr %ctx, i64 %ev{number})\n  %bad{number} = icmp ne i32 %fp{number}, 0\n  br i1 %bad{number}, label %warned{number}, label %fine{number}\nwarned{number}:\n  ret i32 2\nfine{number}:\n"
                );
            }
        }
        text
    }
}
