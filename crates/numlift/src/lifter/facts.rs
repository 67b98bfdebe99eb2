//! What is certain of a region's live-ins by reading the whole program, and their types as seen where nothing is.

use std::collections::BTreeMap;
use std::path::PathBuf;

use numlift_ir::ty::{Dim, Ty};
use numlift_region::protocol::{RegionId, RegionSpec, RegionWatch, Seen};
use numlift_region::seen::{Typing, types_of_seen};
use numlift_source::project::{ModuleId, ProjectNames};
use numlift_source::read::program::{Known, RegionStart, static_facts};
use numlift_verify::job::Fact;

use super::lengths;
use crate::check::byte_range;
use crate::project::Project;

/// Reads the whole program for what is certain of its regions' live-ins.
pub(super) fn known_facts(project: &Project, files: &[PathBuf], linked: &ProjectNames) -> BTreeMap<RegionId, Known> {
    let modules: Vec<ModuleId> = linked.modules().map(|(id, _)| id).collect();
    let of_file = |file: &PathBuf| {
        files
            .iter()
            .position(|known| known == file)
            .and_then(|at| modules.get(at).copied())
    };
    let Some(main) = project.main.as_ref().and_then(of_file) else {
        return BTreeMap::new();
    };
    let (regions, _) = project.discover();
    let starts: Vec<RegionStart> = regions
        .iter()
        .filter_map(|region| {
            let source = project.sources.get(&region.file)?;
            let (start, _) = byte_range(region, source)?;
            let module = of_file(&region.file)?;
            Some(RegionStart {
                id: region.id,
                module,
                start: start as u32,
                live_in: region.live_in.clone(),
            })
        })
        .collect();
    let shared = project.imported_elsewhere.iter().filter_map(of_file).collect();
    static_facts(linked, main, &shared, &starts)
}

/// Nothing of the type is open.
pub(super) fn is_certain(ty: &Ty) -> bool {
    match ty {
        Ty::Unknown | Ty::Never | Ty::Unbound | Ty::Maybe(_) | Ty::Optional(_) | Ty::OneOf(_) | Ty::Dict | Ty::Set => {
            false
        }
        Ty::List(elem, _) => is_certain(elem),
        Ty::Tuple(items) => items.iter().all(is_certain),
        Ty::Object { .. } => false,
        _ => true,
    }
}

/// The number behind the greatest symbol of some types.
pub(super) fn symbols_of<'a>(types: impl Iterator<Item = &'a Ty>) -> u32 {
    let dims = types.flat_map(|ty| match ty {
        Ty::Object { attrs, .. } => attrs.values().flat_map(Ty::dims).collect::<Vec<_>>(),
        ty => ty.dims(),
    });
    let syms = dims.filter_map(|dim| match dim {
        Dim::Sym(sym) => Some(sym + 1),
        Dim::Const(_) | Dim::Unknown => None,
    });
    syms.max().unwrap_or(0)
}

/// Modules, functions and classes are resolved by name.
pub(super) fn is_static(ty: &Ty) -> bool {
    matches!(ty, Ty::Module(_) | Ty::Extern(_) | Ty::Author(_) | Ty::Unknown)
}

/// The types of a region's live-ins: what is certain, and for the others what all captures have in common.
pub(super) fn typing(region: &RegionSpec, watched: &RegionWatch, known: &Known) -> Typing {
    let mut certain: Vec<(String, Ty)> = known
        .types
        .iter()
        .filter(|(name, ty)| is_certain(ty) && region.live_in.contains(name))
        .map(|(name, ty)| (name.clone(), ty.clone()))
        .collect();
    let names = region.live_in.iter().filter_map(|name| {
        if certain.iter().any(|(known, _)| known == name) {
            return None;
        }
        let seen: Vec<&Seen> = watched
            .captures
            .iter()
            .filter_map(|capture| capture.live_in.get(name))
            .collect();
        (seen.len() == watched.captures.len()).then_some((name.as_str(), seen))
    });
    let seen: Vec<(&str, Vec<&Seen>)> = names.collect();
    let assumed = lengths::with_symbols(&mut certain, watched, known);
    let mut typing = types_of_seen(seen, symbols_of(certain.iter().map(|(_, ty)| ty)));
    typing.types.extend(certain);
    typing.assumed.extend(assumed);
    typing
}

/// What hostile inputs have to keep to, since it is proven.
pub(super) fn facts_of(name: &str, ty: &Ty) -> Vec<Fact> {
    let name = name.to_owned();
    let mut facts = vec![Fact::Type { name: name.clone() }];
    match ty {
        Ty::Int(interval) if interval.as_point().is_some() => facts.push(Fact::Value { name }),
        Ty::Int(interval) => {
            let end = |end: Option<i128>| end.and_then(|end| i64::try_from(end).ok());
            if interval.lo.is_some() || interval.hi.is_some() {
                facts.push(Fact::Range {
                    name,
                    lo: end(interval.lo),
                    hi: end(interval.hi),
                });
            }
        }
        Ty::Array { .. } | Ty::List(..) => {
            let dims = ty.dims();
            let filled = |dim: &Dim| matches!(dim, Dim::Const(n) if *n > 0);
            if dims.iter().all(filled) {
                facts.push(Fact::NotEmpty { name: name.clone() });
            }
            for (axis, dim) in dims.iter().enumerate() {
                if matches!(dim, Dim::Const(_)) {
                    let name = name.clone();
                    facts.push(Fact::Extent { name, axis });
                }
            }
            if dims.iter().any(|dim| *dim != Dim::Unknown) {
                facts.push(Fact::Lengths { name });
            }
        }
        _ => {}
    }
    facts
}
