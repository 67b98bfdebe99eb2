//! Ints that are known as extents: read as `len(x)`, written by their names.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::ty::{Dim, Interval, Ty};
use numlift_region::protocol::{RegionWatch, Seen};
use numlift_region::seen::Assumed;
use numlift_source::read::program::{Known, Length};

use super::facts;

use crate::cure::{Condition, Discharge};

/// The function with `n` wherever it takes the extent that `n` is.
pub(super) fn by_name<'a>(func: &Function, lengths: impl Iterator<Item = &'a Length>) -> Function {
    let mut func = func.clone();
    let body = func.body;
    let live_in = |func: &Function, name: &str| -> Option<ValueId> {
        let params = &func.block(body).params;
        params.iter().copied().find(|param| func.name_of(*param) == Some(name))
    };
    for length in lengths {
        let Some(container) = live_in(&func, &length.container) else {
            continue;
        };
        let mut taken = Vec::new();
        func.walk(body, &mut |op| {
            let data = func.op(op);
            if matches!(data.kind, Kind::Len { axis } if axis == length.axis) && data.args[0] == container {
                taken.push(func.result(op));
            }
        });
        if taken.is_empty() {
            continue;
        }
        let int = live_in(&func, &length.int).unwrap_or_else(|| {
            let ty = Ty::Int(Interval::new(0, i128::from(i64::MAX)));
            func.add_param(body, ty, Some(&length.int))
        });
        for value in taken {
            func.replace_uses(body, value, int);
        }
    }
    func
}

/// The extents that are one number, since one int is all of them.
pub(super) fn equal<'a>(lengths: impl Iterator<Item = &'a Length>) -> Vec<BTreeSet<(String, usize)>> {
    let mut by_int: BTreeMap<&str, BTreeSet<(String, usize)>> = BTreeMap::new();
    for length in lengths {
        let extents = by_int.entry(&length.int).or_default();
        extents.insert((length.container.clone(), length.axis));
    }
    let mut classes: Vec<BTreeSet<(String, usize)>> = Vec::new();
    for mut extents in by_int.into_values() {
        let (shared, apart): (Vec<_>, Vec<_>) = classes.into_iter().partition(|class| !class.is_disjoint(&extents));
        extents.extend(shared.into_iter().flatten());
        classes = apart;
        classes.push(extents);
    }
    classes.retain(|class| class.len() > 1);
    classes
}

/// Gives the lengths of lists of certain types a symbol each: one and the same where ints among the live-ins that are
/// these lengths are one number. Lists of lists are taken to be regular where they were in all captures, which is what
/// is returned.
pub(super) fn with_symbols(certain: &mut [(String, Ty)], watched: &RegionWatch, known: &Known) -> Vec<Assumed> {
    let mut next = facts::symbols_of(certain.iter().map(|(_, ty)| ty));
    // Ints that are one number, with its symbol.
    let mut symbols: Vec<(BTreeSet<&str>, u32)> = Vec::new();
    for (name, ty) in certain.iter() {
        for length in known.measured.iter().filter(|length| length.container == *name) {
            if let Some(Dim::Sym(symbol)) = ty.dims().get(length.axis) {
                symbols.push((same_number(&length.int, known), *symbol));
            }
        }
    }
    let mut assumed = Vec::new();
    let lists = certain.iter_mut().filter(|(_, ty)| matches!(ty, Ty::List(..)));
    for (name, ty) in lists {
        let is_regular = |axis: usize| {
            watched.captures.iter().all(|capture| match capture.live_in.get(name) {
                Some(Seen::List {
                    regular: Some(shape), ..
                }) => shape.len() > axis,
                _ => false,
            })
        };
        let open = |ty: &Ty, axis: usize| ty.dims().get(axis) == Some(&Dim::Unknown);
        let mut levels = 0;
        for axis in 0..ty.dims().len() {
            if !open(ty, axis) || axis > 0 && !is_regular(axis) {
                continue;
            }
            let own: BTreeSet<&str> = known
                .measured
                .iter()
                .filter(|length| length.container == *name && length.axis == axis)
                .flat_map(|length| same_number(&length.int, known))
                .collect();
            let shared = symbols.iter_mut().find(|(ints, _)| !ints.is_disjoint(&own));
            let symbol = match shared {
                Some((ints, symbol)) => {
                    ints.extend(own);
                    *symbol
                }
                None => {
                    next += 1;
                    symbols.push((own, next - 1));
                    next - 1
                }
            };
            set_extent(ty, axis, symbol);
            levels = levels.max(axis);
        }
        if levels > 0 {
            assumed.push(Assumed::Rectangular {
                path: name.clone(),
                levels,
            });
        }
    }
    assumed
}

/// An int and those that are known to be equal to it.
fn same_number<'k>(int: &'k str, known: &'k Known) -> BTreeSet<&'k str> {
    let mut same = BTreeSet::from([int]);
    let mut before = 0;
    while before < same.len() {
        before = same.len();
        for (a, b) in &known.equal {
            if same.contains(a.as_str()) || same.contains(b.as_str()) {
                same.extend([a.as_str(), b.as_str()]);
            }
        }
    }
    same
}

fn set_extent(ty: &mut Ty, axis: usize, symbol: u32) {
    if let Ty::List(elem, len) = ty {
        match axis {
            0 if *len == Dim::Unknown => *len = Dim::Sym(symbol),
            0 => {}
            _ => set_extent(elem, axis - 1, symbol),
        }
    }
}

/// Whether the container has the extent: lists in a list have none together where they differ.
pub(super) fn is_extent(length: &Length, types: &[(String, Ty)]) -> bool {
    let ty = types.iter().find(|(name, _)| *name == length.container);
    ty.is_some_and(|(_, ty)| matches!(ty.dims().get(length.axis), Some(dim) if *dim != Dim::Unknown))
}

/// That an int is an extent, in words.
pub(super) fn condition(length: &Length, types: &[(String, Ty)]) -> Condition {
    let (int, container) = (&length.int, &length.container);
    let is_list = types
        .iter()
        .any(|(name, ty)| name == container && matches!(ty, Ty::List(..)));
    let text = match (length.axis, is_list) {
        (0, _) => format!("`{int}` is `len({container})`"),
        (_, true) => format!("`{int}` is the length of the rows of `{container}`"),
        (axis, false) => format!("`{int}` is `{container}.shape[{axis}]`"),
    };
    Condition {
        text,
        discharge: Discharge::Proven("every call and assignment that can give it a value is in sight".to_owned()),
    }
}
