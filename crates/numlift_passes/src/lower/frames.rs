//! Frames: where Python goes on, said only where compiled code may be left.
//!
//! The reader says at each statement which names there are. Holding to that would keep every temporary that has a name,
//! so a frame is only said when something that may leave stands behind it. And where nothing has happened since an
//! earlier frame but values that were computed, the earlier one still serves: Python computes them again.
//!
//! ```text
//! t = x * x        frame A                        frame A: x, y
//! u = t + y        frame B, names t       =>      require len(x) == len(y)        # leaves at A: t need not exist
//! ```

use numlift_ir::function::{BlockId, Function, OpId};
use numlift_ir::op::{Effect, Kind};

use super::Slip;
use super::masks::Counts;
use super::walk::Lower;

/// What holds at the present place.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    /// The frames since something happened that may not happen twice, the latest last; and that of the statement which
    /// did it, for what comes behind it there.
    pub frames: Vec<OpId>,
    /// The statement of the last frame has done something.
    pub acted: bool,
    /// The frame that was said last, and the block in which it was.
    pub said: Option<(OpId, BlockId)>,
}

impl Held {
    /// Of the frames, only that of the present statement counts from here on.
    pub fn has_acted(&mut self) {
        self.frames = self.frames.last().copied().into_iter().collect();
        self.acted = true;
    }
}

impl Lower<'_> {
    /// Makes sure that something that may leave can do so here.
    pub(super) fn hold_frame(&mut self) {
        let is_there = |frame: &&OpId| self.old.op(**frame).args.iter().all(|name| self.is_there(*name));
        let chosen = match self.options.slips(Slip::Frames) {
            false => self.held.frames.iter().rev().find(is_there),
            true => self.held.frames.iter().find(is_there),
        };
        let chosen = chosen.or(self.held.frames.last());
        if let Some(chosen) = chosen.copied() {
            self.say_once(chosen);
        }
    }

    /// Makes sure of it for something that Python does not do again where it raises: then the names are as the statement
    /// found them, for handlers and for modules whose loop it was.
    pub(super) fn hold_last_frame(&mut self) {
        match self.held.frames.last().copied() {
            Some(last) if !self.options.slips(Slip::Frames) => self.say_once(last),
            _ => self.hold_frame(),
        }
    }

    fn say_once(&mut self, frame: OpId) {
        if !self.is_said(frame) {
            self.say(frame);
        }
    }

    /// Whether a frame is the one that holds here: what was said in a nest holds no longer behind it.
    fn is_said(&self, frame: OpId) -> bool {
        self.held
            .said
            .is_some_and(|(said, block)| said == frame && self.visible_scopes().any(|scope| scope.block == Some(block)))
    }

    /// Makes sure of it where memory is asked for and Python goes on if there is none.
    pub(super) fn hold_frame_for_memory(&mut self) {
        if self.options.guards {
            self.hold_known_frame();
        }
    }

    /// Makes sure of it as far as there is a frame for it: what is computed on the way to one may leave, too.
    pub(super) fn hold_known_frame(&mut self) {
        let is_there = |frame: &&OpId| self.old.op(**frame).args.iter().all(|name| self.is_there(*name));
        if let Some(frame) = self.held.frames.iter().rev().find(is_there).copied() {
            self.say_once(frame);
        }
    }

    fn say(&mut self, frame: OpId) {
        let data = self.old.op(frame);
        let args: Vec<_> = data.args.iter().map(|name| self.plain(*name)).collect();
        let origin = self.b.origin;
        self.b.origin = self.origin_of(frame);
        self.b.typed_op(data.kind.clone(), &args, &[]);
        self.b.origin = origin;
        self.held.said = Some((frame, self.b.block));
    }

    /// Another statement begins.
    pub(super) fn framed(&mut self, frame: OpId) {
        if std::mem::take(&mut self.held.acted) {
            self.held.frames.clear();
        }
        self.held.frames.push(frame);
    }

    /// Something happened that may not happen twice.
    pub(super) fn acted(&mut self) {
        if self.options.slips(Slip::Frames) {
            return;
        }
        // What may leave behind it in the same statement stands behind a change of memory that nobody else knows.
        self.held.has_acted();
        self.counts = Counts::default();
    }
}

/// Whether nothing but values was computed between a frame and an op of a block.
pub(super) fn follows_frame(func: &Function, op: OpId, block: BlockId) -> bool {
    let ops = &func.block(block).ops;
    let before = ops.iter().rev().skip_while(|other| **other != op).skip(1);
    for other in before {
        match func.op(*other).kind {
            Kind::Frame { .. } => return true,
            Kind::Require(_) => {}
            _ if matches!(func.effect(*other), Effect::Pure | Effect::Reads) => {}
            _ => return false,
        }
    }
    false
}
