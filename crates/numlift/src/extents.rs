//! What a cure needs of memory, with the sizes that were seen in the run.
//!
//! A rewrite that makes arrays of n × n elements of a loop that needed none may not fit where the loop did; it is
//! refused before anybody runs it, the verifier included.

use std::collections::BTreeMap;

use numlift_ir::function::Function;
use numlift_passes::footprint::{Extent, Footprint, footprint};
use numlift_region::protocol::{RegionWatch, Seen};

/// The most that an array form needs beside its results on any captured input.
pub fn most(func: &Function, watched: &RegionWatch) -> Option<Footprint> {
    let footprints = watched.captures.iter().map(|capture| {
        let given: BTreeMap<String, Extent> = capture
            .live_in
            .iter()
            .map(|(name, seen)| (name.clone(), extent(seen)))
            .collect();
        footprint(func, &given)
    });
    footprints.max_by_key(|found| found.peak)
}

fn extent(seen: &Seen) -> Extent {
    let int = |value: i64| Extent::Int(i128::from(value));
    match seen {
        Seen::Bool { value } => int(i64::from(*value)),
        Seen::Int { value } => value.parse().map_or(Extent::Unknown, Extent::Int),
        Seen::Array { shape, .. } => Extent::Shape(shape.iter().map(|extent| i128::from(*extent)).collect()),
        Seen::List {
            regular: Some(shape), ..
        } => Extent::Shape(shape.iter().map(|extent| i128::from(*extent)).collect()),
        Seen::List { len, .. } => Extent::Shape(vec![i128::from(*len)]),
        Seen::Tuple { items } => Extent::Items(items.iter().map(extent).collect()),
        Seen::Range { start, stop, step } => {
            let (start, stop, step) = (i128::from(*start), i128::from(*stop), i128::from(*step));
            let count = if step == 0 {
                0
            } else {
                (stop - start + step - step.signum()) / step
            };
            Extent::Shape(vec![count.max(0)])
        }
        Seen::Object { attrs, .. } => {
            Extent::Object(attrs.iter().map(|(name, seen)| (name.clone(), extent(seen))).collect())
        }
        Seen::None
        | Seen::Float
        | Seen::Complex
        | Seen::Str
        | Seen::Np { .. }
        | Seen::Dict { .. }
        | Seen::Set { .. }
        | Seen::Slice
        | Seen::Module { .. }
        | Seen::Function { .. }
        | Seen::Class { .. }
        | Seen::Dtype { .. }
        | Seen::Generator { .. }
        | Seen::Other { .. } => Extent::Unknown,
    }
}

/// A size as people write it: `8.6 GB`.
pub fn shown(bytes: u64) -> String {
    let bytes = bytes as f64;
    match bytes {
        _ if bytes >= 1e9 => format!("{:.1} GB", bytes / 1e9),
        _ if bytes >= 1e6 => format!("{:.0} MB", bytes / 1e6),
        _ => format!("{:.0} kB", bytes / 1e3),
    }
}
