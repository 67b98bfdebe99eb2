//! LLVM IR as it grows: lines in basic blocks, fresh registers and labels.
//!
//! Stack slots are collected apart and stand at the function's entry, where LLVM turns them into registers. Lines behind
//! a block's end are dropped: nobody reaches them.

use std::fmt::Write;

/// The text of one function's body.
#[derive(Debug, Default)]
pub struct Text {
    slots: String,
    body: String,
    registers: u32,
    labels: u32,
    ended: bool,
}

impl Text {
    /// The text of a function whose registers have names that another one's have not: none is taken for the other.
    pub fn behind(other: &Text) -> Text {
        Text {
            registers: other.registers,
            ..Text::default()
        }
    }

    /// Goes on with registers that another function has not.
    pub fn skip(&mut self, other: &Text) {
        self.registers = self.registers.max(other.registers);
    }

    /// How much there is so far.
    pub fn mark(&self) -> usize {
        self.body.len()
    }

    /// What was written since then.
    pub fn since(&self, mark: usize) -> &str {
        &self.body[mark..]
    }

    /// One instruction without a result.
    pub fn line(&mut self, line: &str) {
        if !self.ended {
            let _ = writeln!(self.body, "  {line}");
        }
    }

    /// One instruction; gives the register of its result.
    pub fn value(&mut self, instruction: &str) -> String {
        let register = self.register();
        self.line(&format!("{register} = {instruction}"));
        register
    }

    /// A register that nobody has.
    pub fn register(&mut self) -> String {
        self.registers += 1;
        format!("%t{}", self.registers)
    }

    /// A label that nobody has.
    pub fn label(&mut self, what: &str) -> String {
        self.labels += 1;
        format!("{what}{}", self.labels)
    }

    /// A stack slot.
    pub fn slot(&mut self, ty: &str) -> String {
        let register = self.register();
        let _ = writeln!(self.slots, "  {register} = alloca {ty}, align 8");
        register
    }

    /// A stack slot that is zero when the function begins.
    pub fn zeroed_slot(&mut self, ty: &str) -> String {
        let register = self.slot(ty);
        let _ = writeln!(self.slots, "  store {ty} 0, ptr {register}");
        register
    }

    /// So many stack slots of 8 bytes in a row.
    pub fn slots(&mut self, count: usize) -> String {
        self.slot(&format!("[{} x i64]", count.max(1)))
    }

    /// Ends the present block with a jump, where it has not ended, and begins another.
    pub fn begin(&mut self, label: &str) {
        self.jump(label);
        self.ended = false;
        let _ = writeln!(self.body, "{label}:");
    }

    /// Begins a block that others jump to.
    pub fn begin_apart(&mut self, label: &str) {
        self.ended = false;
        let _ = writeln!(self.body, "{label}:");
    }

    pub fn jump(&mut self, label: &str) {
        self.end(&format!("br label %{label}"));
    }

    pub fn branch(&mut self, condition: &str, then: &str, other: &str) {
        self.end(&format!("br i1 {condition}, label %{then}, label %{other}"));
    }

    /// The last instruction of a block.
    pub fn end(&mut self, line: &str) {
        self.line(line);
        self.ended = true;
    }

    /// Whether the present block has ended.
    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// Everything: stack slots first.
    pub fn finish(self) -> String {
        format!("entry:\n{}  br label %start\nstart:\n{}", self.slots, self.body)
    }
}
