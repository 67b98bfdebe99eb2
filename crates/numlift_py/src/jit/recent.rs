//! What was compiled lately of functions in functions.
//!
//! ```text
//! def step(k):
//!     @jit                     each call of `step` makes a function, and each function a kernel: what was made of the
//!     def inner(x): …          text for the same types is taken again
//! ```
//!
//! The question is what counts: text, types and all that was seen of the surroundings. The latest few are kept, with
//! their code; those of other functions go with their functions.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use numlift_abi::{Product, Refusal, Request};
use numlift_runtime::Code;

/// What became of a question.
pub type Answer = Result<(Product, Arc<Code>), Refusal>;

/// How many are kept.
const MOST: usize = 32;

static KEPT: Mutex<VecDeque<(Request, Answer)>> = Mutex::new(VecDeque::new());

/// The answer to a question that was asked lately.
pub fn answer(request: &Request) -> Option<Answer> {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let place = kept.iter().position(|(known, _)| known == request)?;
    let found = kept.remove(place)?;
    let answer = found.1.clone();
    kept.push_front(found);
    Some(answer)
}

/// Keeps an answer.
pub fn keep(request: Request, answer: Answer) {
    let dropped = {
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_front((request, answer));
        match kept.len() > MOST {
            true => kept.pop_back(),
            false => None,
        }
    };
    // Code is freed where nobody waits for it.
    drop(dropped);
}
