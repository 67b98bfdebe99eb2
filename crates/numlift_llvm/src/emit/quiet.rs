//! Loops during which other threads of the program run.
//!
//! ```text
//! work >= threshold:  call @nl_unlock(ctx)
//! for …: nothing of Python's; where it leaves:  call @nl_lock(ctx)
//! work >= threshold:  call @nl_lock(ctx)
//! ```
//!
//! Every way out takes the lock again: the end, a break to a loop around, a return, the blocks that leave. A loop that
//! turns out to call what needs the lock is loud; whoever asked has to do without.

use numlift_ir::function::OpId;
use numlift_ir::launch::Work;

use super::number::float;
use super::{Emit, Emitter, Urge};

/// Nanoseconds of work for which the lock is let go: taking it again may be long when others want it too.
const MUCH: f64 = 100_000.0;

/// What needs no lock, takes it, or stands on ways out only, where it was taken again: a quiet loop holds no references.
const HARMLESS: [&str; 9] = [
    "@nl_lock(",
    "@nl_signals(",
    "@nl_fp_begin(",
    "@nl_fp_pause(",
    "@nl_fp_noted(",
    "@nl_raise(",
    "@nl_exit(",
    "@nl_retain(",
    "@nl_release(",
];

/// A loop in which the lock may be let go.
pub(super) struct Unlocked {
    op: OpId,
    /// Whether it is.
    is_much: String,
    mark: usize,
}

impl Emitter<'_> {
    /// Lets the lock go for a loop of so many iterations that is quiet and takes long.
    pub(super) fn unlock(&mut self, op: OpId, [start, stop, step]: [&str; 3]) -> Emit<Option<Unlocked>> {
        let Some(work) = self.options.launching.quiet.get(&op) else {
            return Ok(None);
        };
        if self.is_outlined || self.unlocked.is_some() {
            return Ok(None);
        }
        let is_much = self.is_much(work, [start, stop, step])?;
        let (much, on) = (self.text.label("unlock"), self.text.label("on"));
        self.text.branch(&is_much, &much, &on);
        self.text.begin_apart(&much);
        self.text.line("call void @nl_unlock(ptr %ctx)");
        self.text.begin(&on);
        self.unlocked = Some(self.loops.len());
        let mark = self.text.mark();
        Ok(Some(Unlocked { op, is_much, mark }))
    }

    fn is_much(&mut self, work: &Work, [start, stop, step]: [&str; 3]) -> Emit<String> {
        let each = self.work(work)?;
        let [first, last, by] = [start, stop, step].map(|int| self.text.value(&format!("sitofp i64 {int} to double")));
        let span = self.text.value(&format!("fsub double {last}, {first}"));
        let trips = self.text.value(&format!("fdiv double {span}, {by}"));
        let all = self.text.value(&format!("fmul double {trips}, {each}"));
        // Where every launch is wanted, this is too.
        let much = match self.options.launching.urge {
            Urge::Likely | Urge::Asked => MUCH,
            Urge::Always => -1.0,
        };
        Ok(self.text.value(&format!("fcmp oge double {all}, {}", float(much))))
    }

    /// Takes the lock again behind the loop.
    pub(super) fn lock(&mut self, unlocked: Unlocked) {
        let text = self.text.since(unlocked.mark);
        let calls = text.matches("@nl_").count();
        let harmless: usize = HARMLESS.iter().map(|name| text.matches(name).count()).sum();
        if calls > harmless {
            self.loud.insert(unlocked.op);
        }
        self.unlocked = None;
        let (much, on) = (self.text.label("lock"), self.text.label("on"));
        self.text.branch(&unlocked.is_much, &much, &on);
        self.text.begin_apart(&much);
        self.text.line("call void @nl_lock(ptr %ctx)");
        self.text.begin(&on);
    }

    /// Takes the lock again on a way out of the loop: to behind a loop with so many around it.
    pub(super) fn lock_on_leaving(&mut self, loops: usize) {
        if self.unlocked.is_some_and(|outside| loops < outside) {
            self.text.line("call void @nl_lock(ptr %ctx)");
        }
    }
}
