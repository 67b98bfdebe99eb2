//! What was made of a function: facts about its lines, which `python/numlift/_explain.py` puts beside the source.

use numlift_abi::{About, Told};
use numlift_ir::op::{Kind, is_product};
use numlift_passes::lower::{Lowered, NoteKind};

use super::Unit;

/// The facts, in the order of the source.
pub fn explain(unit: &Unit, lowered: &Lowered) -> Vec<Told> {
    let mut all: Vec<Told> = Vec::new();
    for note in &lowered.notes {
        let about = match note.kind {
            NoteKind::Fused => About::Fused,
            NoteKind::Parallel => About::Cores,
            NoteKind::Check => About::Check,
            NoteKind::Island => continue,
        };
        all.push(Told {
            line: unit.place_of(&lowered.func, note.origin).line,
            about,
            text: note.text.clone(),
        });
    }
    lowered.func.walk(lowered.func.body, &mut |op| {
        let data = lowered.func.op(op);
        if matches!(&data.kind, Kind::Call { callee, .. } if is_product(callee)) {
            all.push(Told {
                line: unit.place_of(&lowered.func, data.origin).line,
                about: About::Blas,
                text: String::new(),
            });
        }
    });
    all.sort();
    all.dedup();
    all
}
