//! Ctrl-C in loops that run for long.
//!
//! ```text
//! for i in range(n):            now and then, in front of the body's first statement: is a signal waiting? Its handler
//!     for j in range(m): …      runs; what it raises is raised at that statement
//! ```
//!
//! Loops that hold others ask, and `while` loops that stand alone; innermost loops inside of them are left as they are.
//! Passes are counted first, then the processor's clock is looked at, and Python is asked about every thirtieth of a
//! second at most.

use numlift_ir::function::{Function, OpId, ValueId};
use numlift_ir::op::Kind;

use super::island::is_held;
use super::{Emit, Emitter};

/// So many passes are not worth a look at the clock; a power of two.
const PASSES: u32 = 16;

/// Ticks of the processor's clock between two questions.
const TICKS: i64 = 100_000_000;

/// The slots of a function that asks.
#[derive(Debug, Clone)]
pub(super) struct Asking {
    passes: String,
    next: String,
}

fn holds_loops(func: &Function, op: OpId) -> bool {
    let mut found = false;
    for block in &func.op(op).blocks {
        func.walk(*block, &mut |inner| {
            found |= match func.op(inner).kind {
                Kind::For => !is_short(func, inner),
                Kind::While => true,
                _ => false,
            };
        });
    }
    found
}

/// Whether a loop has so few passes that LLVM writes them out, and may make vectors of the loop around it.
fn is_short(func: &Function, op: OpId) -> bool {
    let bounds = &func.op(op).args[..2];
    let known = |bound: &ValueId| numlift_ir::infer::interval_of(func.ty(*bound)).as_point();
    match bounds.iter().map(known).collect::<Option<Vec<_>>>().as_deref() {
        Some([from, to]) => (to - from).abs() <= 64,
        _ => false,
    }
}

impl Emitter<'_> {
    /// Whether a loop that begins here asks; its body's first frame does then.
    pub(super) fn is_asking(&self, op: OpId) -> bool {
        let alone = self.func.op(op).kind == Kind::While && self.loops.is_empty();
        !self.is_outlined && (alone || holds_loops(self.func, op))
    }

    /// What a handler raised is raised at the present statement. Only where the function may catch it, or Python has
    /// values to store that compiled code holds, does it need the values of names, which have to be there then.
    pub(super) fn raise_if(&mut self, raised: &str) -> Emit<()> {
        let number = self.present.as_ref().map_or(0, |present| present.number);
        let stores = self.frames[number].names.iter().any(|(name, _)| is_held(name));
        if self.options.catches || stores {
            return self.leave_if(raised, numlift_abi::spec::SIGNAL);
        }
        let (bad, fine) = (self.text.label("interrupted"), self.text.label("on"));
        self.text
            .end(&format!("br i1 {raised}, label %{bad}, label %{fine}, !prof !1"));
        self.text.begin_apart(&bad);
        self.text.line(&format!("call void @nl_raise(ptr %ctx, i32 {number})"));
        self.fail();
        self.text.begin_apart(&fine);
        Ok(())
    }

    pub(super) fn ask_for_signals(&mut self) -> Emit<()> {
        let asking = match &self.asking {
            Some(asking) => asking.clone(),
            None => {
                let asking = Asking {
                    passes: self.text.zeroed_slot("i32"),
                    next: self.text.zeroed_slot("i64"),
                };
                self.asking = Some(asking.clone());
                asking
            }
        };
        let [count, look, ask, on] = ["passes", "look", "ask", "on"].map(|what| self.text.label(what));
        self.text.jump(&count);
        self.text.begin_apart(&count);
        let before = self.text.value(&format!("load i32, ptr {}", asking.passes));
        let passes = self.text.value(&format!("add i32 {before}, 1"));
        self.text.line(&format!("store i32 {passes}, ptr {}", asking.passes));
        let few = self.text.value(&format!("and i32 {passes}, {}", PASSES - 1));
        let is_time = self.text.value(&format!("icmp eq i32 {few}, 0"));
        self.text
            .end(&format!("br i1 {is_time}, label %{look}, label %{on}, !prof !1"));
        self.text.begin_apart(&look);
        let now = self.text.value("call i64 @llvm.readcyclecounter()");
        let next = self.text.value(&format!("load i64, ptr {}", asking.next));
        let passed = self.text.value(&format!("icmp ugt i64 {now}, {next}"));
        self.text
            .end(&format!("br i1 {passed}, label %{ask}, label %{on}, !prof !1"));
        self.text.begin_apart(&ask);
        let later = self.text.value(&format!("add i64 {now}, {TICKS}"));
        self.text.line(&format!("store i64 {later}, ptr {}", asking.next));
        let raised = self.text.value("call i32 @nl_signals(ptr %ctx)");
        let raised = self.text.value(&format!("icmp ne i32 {raised}, 0"));
        self.raise_if(&raised)?;
        self.text.jump(&on);
        self.text.begin_apart(&on);
        Ok(())
    }
}
