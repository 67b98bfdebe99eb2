//! Marks by which a loop is known again when LLVM has optimized it.
//!
//! ```text
//! br label %loop7, !llvm.loop !1000004            !1000004 = distinct !{!1000004, !1000005}
//!                                                 !1000005 = !{!"numlift.loop", i32 2}
//! ```
//!
//! The number is that of the loop in [`numlift_abi::Spec::loops`], not its line: text that moved is the same text. The
//! vectorizer keeps the mark on what it makes, which is where `explain` learns how wide the vectors are.

use std::fmt::Write;

use numlift_ir::function::OpId;

use super::Emitter;

/// Above all numbers of other metadata.
const FIRST: usize = 1_000_000;

impl Emitter<'_> {
    /// Jumps back to a loop's head.
    pub(super) fn end_of_pass(&mut self, head: &str, op: OpId) {
        if self.text.has_ended() {
            return;
        }
        let line = self.place_of(self.func.op(op).origin).line;
        self.marked.push(line);
        let mark = FIRST + 2 * (self.marked.len() - 1);
        self.text.end(&format!("br label %{head}, !llvm.loop !{mark}"));
    }
}

/// What the marks of so many loops are.
pub(super) fn marks_text(count: usize) -> String {
    let mut text = String::new();
    for number in 0..count {
        let mark = FIRST + 2 * number;
        let _ = writeln!(text, "!{mark} = distinct !{{!{mark}, !{}}}", mark + 1);
        let _ = writeln!(text, "!{} = !{{!\"numlift.loop\", i32 {number}}}", mark + 1);
    }
    text
}
