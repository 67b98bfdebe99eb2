//! How far a rewrite that rounds may move a result.

use numlift_region::protocol::{RegionWatch, Seen};

/// How far rounding may move a result: some units in the last place for every element that is summed.
pub(super) fn rounding_bound(watched: &RegionWatch) -> f64 {
    let (mut terms, mut epsilon) = (16.0, f64::EPSILON);
    for seen in watched.captures.iter().flat_map(|capture| capture.live_in.values()) {
        terms_of(seen, &mut terms, &mut epsilon);
    }
    (terms * epsilon).clamp(1e-14, 1e-2)
}

/// The most elements that may be summed of what was seen, and their precision.
fn terms_of(seen: &Seen, terms: &mut f64, epsilon: &mut f64) {
    match seen {
        Seen::Array { dtype, shape, .. } => {
            *terms = shape.iter().map(|n| *n as f64).fold(*terms, f64::max);
            match dtype.as_str() {
                "<f4" | "<c8" => *epsilon = epsilon.max(f64::from(f32::EPSILON)),
                "<f2" => *epsilon = 1e-3,
                _ => {}
            }
        }
        Seen::List { len, elem, .. } => {
            *terms = terms.max(*len as f64);
            if let Some(elem) = elem {
                terms_of(elem, terms, epsilon);
            }
        }
        Seen::Tuple { items } => items.iter().for_each(|item| terms_of(item, terms, epsilon)),
        Seen::Object { attrs, .. } => attrs.values().for_each(|attr| terms_of(attr, terms, epsilon)),
        Seen::None
        | Seen::Bool { .. }
        | Seen::Int { .. }
        | Seen::Float
        | Seen::Complex
        | Seen::Str
        | Seen::Np { .. }
        | Seen::Dict { .. }
        | Seen::Set { .. }
        | Seen::Range { .. }
        | Seen::Slice
        | Seen::Module { .. }
        | Seen::Function { .. }
        | Seen::Class { .. }
        | Seen::Dtype { .. }
        | Seen::Generator { .. }
        | Seen::Other { .. } => {}
    }
}
