//! Calls among the functions of a module: of the very one that calls, or of a version that has code of its own.
//!
//! ```text
//! depth < counted, else nl_enter          ; as deep as Python would let it
//! %status = call i32 @version(ctx, given, out)
//! 0: the result is in out       1: Python finished it, what it gave is taken, or it raised, and it is raised here again
//! ```
//!
//! A call goes by slots, as from outside. How deep it is is counted in `ctx`; Python's own count is asked for some calls
//! ahead. Where Python finished the callee and gave something else than was expected, that is a computed part of the
//! present statement. An exception is raised again in the present statement, so that a traceback has all the calls.

use numlift_abi::runtime::context::{COUNTED, DEPTH};
use numlift_abi::{Frame, Param, Repr};
use numlift_ir::function::OpId;
use numlift_ir::op::{self, Kind};

use super::events::Events;
use super::island::Piece;
use super::{Emit, Emitter, Present, Version, result_repr};
use crate::value::{Value, repr_of};

/// What is called.
struct Callee {
    symbol: String,
    params: Vec<Param>,
    result: Repr,
    /// Its number; -1 is the entry.
    number: i64,
    /// The version that it is, if not the very function that calls.
    version: Option<usize>,
}

impl Emitter<'_> {
    /// A call of the function itself, or of a version.
    pub(super) fn recursive_call_op(&mut self, op: OpId) -> Emit<()> {
        let (kind, args, results) = self.ops(op);
        let Kind::Call { callee, .. } = kind else {
            return self.unsupported("a call that is none");
        };
        let Some(callee) = self.callee(callee)? else {
            // Nobody comes here: an argument is never computed.
            return self.never(op);
        };
        let given = self.arguments(&callee, args)?;
        if self.text.has_ended() {
            return self.never(op);
        }
        let out = self.text.slots(callee.result.slots().max(1));
        let status = self.entered(op, &callee, &given, &out);
        self.look_back(op, &callee, &status, &out)?;
        let mut at = 0;
        let value = self.load_slots(&out, &callee.result, &mut at);
        self.own(&value);
        let repr = repr_of(self.func.ty(results[0])).unwrap_or(Repr::None);
        let value = self.converted(&value, &repr)?;
        self.set(results[0], value);
        Ok(())
    }

    fn never(&mut self, op: OpId) -> Emit<()> {
        if !self.text.has_ended() {
            self.text.end("unreachable");
        }
        let result = self.func.op(op).results[0];
        let repr = repr_of(self.func.ty(result)).unwrap_or(Repr::None);
        self.set(result, Value::nothing(&repr));
        Ok(())
    }

    fn callee(&self, callee: &str) -> Emit<Option<Callee>> {
        if callee == op::SELF {
            return Ok(Some(Callee {
                symbol: self.options.entry.clone(),
                params: self.options.params.clone(),
                result: self.result.clone(),
                number: self.version.map_or(-1, |number| number as i64),
                version: None,
            }));
        }
        let Some(number) = op::version_of(callee) else {
            return Ok(None);
        };
        let Some(Version { func, params, .. }) = self.options.versions.get(number) else {
            return self.unsupported("a version of a function that is not there");
        };
        Ok(Some(Callee {
            symbol: super::symbol_of(&self.options.module, number),
            params: params.clone(),
            result: result_repr(func)?,
            number: number as i64,
            version: Some(number),
        }))
    }

    /// The marks around a call that keep the events of the callee, a version or the function itself, from the caller's.
    fn apart_from(&self, version: Option<usize>) -> (Option<&'static str>, Option<&'static str>) {
        match version.and_then(|number| self.options.versions.get(number)) {
            Some(callee) => {
                let callee = Events::new(&callee.func, String::new(), &self.options.ignoring);
                self.events.apart_from(&callee)
            }
            None => self.events.apart_from(&self.events),
        }
    }

    /// The slots with the arguments, and with the values from outside, which are the caller's.
    fn arguments(&mut self, callee: &Callee, args: &[numlift_ir::function::ValueId]) -> Emit<String> {
        let slots = |params: &[Param]| -> usize { params.iter().map(|param| param.repr().slots()).sum() };
        let (own, wanted) = (slots(&self.options.params), slots(&callee.params));
        let outside = self.options.outside.iter();
        let shared: usize = outside.map(|outside| outside.param.repr().slots()).sum();
        let given = self.text.slots((wanted + shared).max(1));
        let mut at = 0;
        for (arg, param) in args.iter().zip(&callee.params) {
            let value = self.bound(*arg)?;
            self.store_slots(&given, &value, &param.repr(), &mut at)?;
        }
        if shared > 0 && !self.text.has_ended() {
            let from = self.slot_address("%args", own);
            let to = self.slot_address(&given, wanted);
            let bytes = 8 * shared;
            self.text.line(&format!(
                "call void @llvm.memcpy.p0.p0.i64(ptr align 8 {to}, ptr align 8 {from}, i64 {bytes}, i1 false)"
            ));
        }
        Ok(given)
    }

    /// Calls, one deeper, and one more for each call that was seen through: Python counts them all. A recursion that is
    /// too deep raises as in Python.
    fn entered(&mut self, op: OpId, callee: &Callee, given: &str, out: &str) -> String {
        let inlined = self.calls_of(self.func.op(op).origin).len();
        let word = |offset: usize, emitter: &mut Self| {
            emitter
                .text
                .value(&format!("getelementptr inbounds i8, ptr %ctx, i64 {offset}"))
        };
        let (depth_at, counted_at) = (word(DEPTH, self), word(COUNTED, self));
        let depth = self.text.value(&format!("load i64, ptr {depth_at}, align 8"));
        let counted = self.text.value(&format!("load i64, ptr {counted_at}, align 8"));
        let around = match inlined {
            0 => depth.clone(),
            _ => self.text.value(&format!("add nsw i64 {depth}, {inlined}")),
        };
        let enough = self.text.value(&format!("icmp slt i64 {around}, {counted}"));
        let ended = self.text.slot("i32");
        let [ask, too_deep, enter, back] = ["ask", "too_deep", "enter", "back"].map(|what| self.text.label(what));
        self.text
            .end(&format!("br i1 {enough}, label %{enter}, label %{ask}, !prof !2"));
        self.text.begin_apart(&ask);
        let refused = self.text.value(&format!("call i32 @nl_enter(ptr %ctx, i64 {around})"));
        let deep = self.text.value(&format!("icmp ne i32 {refused}, 0"));
        self.text
            .end(&format!("br i1 {deep}, label %{too_deep}, label %{enter}, !prof !1"));
        self.text.begin_apart(&too_deep);
        let number = callee.number;
        let status = self.text.value(&format!(
            "call i32 @nl_without_stack(ptr %ctx, i32 {number}, ptr {given}, ptr {out})"
        ));
        self.text.line(&format!("store i32 {status}, ptr {ended}"));
        self.text.jump(&back);
        self.text.begin_apart(&enter);
        let deeper = self.text.value(&format!("add nsw i64 {around}, 1"));
        self.text.line(&format!("store i64 {deeper}, ptr {depth_at}, align 8"));
        let symbol = &callee.symbol;
        let (before, behind) = self.apart_from(callee.version);
        before.into_iter().for_each(|mark| self.text.line(mark));
        let status = self
            .text
            .value(&format!("call i32 @\"{symbol}\"(ptr %ctx, ptr {given}, ptr {out})"));
        behind.into_iter().for_each(|mark| self.text.line(mark));
        self.text.line(&format!("store i64 {depth}, ptr {depth_at}, align 8"));
        self.text.line(&format!("store i32 {status}, ptr {ended}"));
        self.text.jump(&back);
        self.text.begin_apart(&back);
        self.text.value(&format!("load i32, ptr {ended}"))
    }

    /// Looks at how a call ended; behind it the result is in its slots.
    fn look_back(&mut self, op: OpId, callee: &Callee, status: &str, out: &str) -> Emit<()> {
        let left = self.text.value(&format!("icmp ne i32 {status}, 0"));
        let [bad, raised, gave, other, fine] =
            ["left", "raised", "gave", "other", "on"].map(|what| self.text.label(what));
        self.text
            .end(&format!("br i1 {left}, label %{bad}, label %{fine}, !prof !1"));
        self.text.begin_apart(&bad);
        let is_taken = self.text.value(&format!("icmp eq i32 {status}, 1"));
        let object = self.text.value(&format!("load ptr, ptr {out}"));
        let there = self.text.value(&format!("icmp ne ptr {object}, null"));
        let gives = self.text.value(&format!("and i1 {is_taken}, {there}"));
        self.text.end(&format!("br i1 {gives}, label %{gave}, label %{raised}"));
        self.text.begin_apart(&raised);
        self.drop_result(callee, &is_taken, out);
        self.raise_again(op);
        self.text.begin_apart(&gave);
        let number = self.box_number(&callee.result);
        let fits = self.text.value(&format!(
            "call i32 @nl_take(ptr %ctx, i32 {number}, ptr {object}, ptr {out})"
        ));
        let fits = self.text.value(&format!("icmp ne i32 {fits}, 0"));
        self.text.branch(&fits, &fine, &other);
        self.text.begin_apart(&other);
        let piece = Piece {
            text: String::new(),
            is_expression: true,
            reads: Vec::new(),
            binds: vec![("__nl_result".to_owned(), callee.result.clone())],
            reason: String::new(),
        };
        self.leave_with_objects(op, "true", &piece, out, false)?;
        if !self.text.has_ended() {
            self.text.end("unreachable");
        }
        self.text.begin_apart(&fine);
        Ok(())
    }

    /// A result that nobody gets, since a warning of it was made an error.
    fn drop_result(&mut self, callee: &Callee, is_taken: &str, out: &str) {
        let nothing = Value::nothing(&callee.result);
        if nothing.references().is_empty() {
            return;
        }
        let (there, none) = (self.text.label("given"), self.text.label("none"));
        self.text.branch(is_taken, &none, &there);
        self.text.begin_apart(&there);
        let value = self.load_slots(out, &callee.result, &mut 0);
        for register in value.references() {
            self.text
                .line(&format!("call void @nl_release(ptr %ctx, ptr {register})"));
        }
        self.text.jump(&none);
        self.text.begin_apart(&none);
    }

    /// Raises what the callee raised in the present statement.
    fn raise_again(&mut self, op: OpId) {
        let Some(present) = self.present.clone() else {
            return self.fail();
        };
        self.text.line("call void @nl_raised(ptr %ctx)");
        let mut frame: Frame = self.frames[present.number].clone();
        frame.reason.clear();
        let origin = self.func.op(op).origin;
        frame.raised_through = vec![self.place_of(origin)];
        frame.raised_through.extend(self.calls_of(origin));
        let number = self.frame_number(frame);
        self.leave_now(&Present { number, ..present }, 0);
    }
}
