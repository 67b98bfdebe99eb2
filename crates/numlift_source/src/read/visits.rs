//! What is noted while a whole program is read.

use std::collections::{BTreeMap, BTreeSet};

use numlift_ir::function::ValueId;
use numlift_ir::infer::dim_of;
use numlift_ir::ty::{Dim, Ty};

use super::facts::{Place, Source};
use super::program::{Known, Length, RegionStart};
use super::reader::{Env, Reader, is_reference};
use crate::names::Names;
use crate::project::{FunctionRef, ModuleId, ProjectNames};

/// Symbols of single visits are smaller.
const FIRST_JOINED: u32 = 1 << 24;

/// The state of reading a whole program, kept over the rounds.
#[derive(Debug)]
pub(super) struct Typing<'a> {
    pub main: ModuleId,
    regions: &'a [RegionStart],
    /// Regions by file and offset of their first statement.
    starts: BTreeMap<(u32, u32), Vec<usize>>,
    /// What was noted in this round.
    visits: BTreeMap<usize, Visit>,
    /// Regions that were or may be reached in other ways.
    poisoned: BTreeSet<usize>,
    /// Functions that may be called from code that was not read.
    pub escaped: BTreeSet<FunctionRef>,
    /// Modules whose statements run without having been read.
    pub unread_modules: BTreeSet<ModuleId>,
    /// Names of the modules that were imported in this round.
    pub globals: BTreeMap<u32, Env>,
    /// The next symbol for extents that differ from visit to visit.
    joined: u32,
    /// Numbers of symbolic extents, by what they are the extent of.
    symbols: BTreeMap<Vec<(u32, u32, u32)>, u32>,
}

/// Ints that are lengths of lists (the int, the list, and how deep in it), and ints that are one number.
#[derive(Debug, Default)]
struct Lengths {
    measured: BTreeSet<(String, String, usize)>,
    equal: BTreeSet<(String, String)>,
}

/// What held at all visits of a region.
#[derive(Debug, Clone, Default)]
pub(super) struct Visit {
    types: BTreeMap<String, Ty>,
    /// Ints that are extents.
    sizes: BTreeMap<String, Dim>,
    /// Ints that are lengths of lists: the int, the list, and how deep in it.
    measured: BTreeSet<(String, String, usize)>,
    equal: BTreeSet<(String, String)>,
    disjoint: BTreeSet<(String, String)>,
}

impl Visit {
    pub fn known(self) -> Known {
        let lengths = self.sizes.iter().filter_map(|(name, size)| {
            let of = |(container, ty): (&String, &Ty)| {
                let axis = extents(ty).iter().position(|dim| dim == size)?;
                Some((axis, container.clone()))
            };
            let (axis, container) = self.types.iter().filter_map(of).min()?;
            let int = name.clone();
            matches!(size, Dim::Sym(_)).then_some(Length { int, container, axis })
        });
        let measured = self
            .measured
            .iter()
            .cloned()
            .map(|(int, container, axis)| Length { int, container, axis });
        Known {
            lengths: lengths.collect(),
            measured: measured.collect(),
            equal: self.equal.clone(),
            types: self.types,
            disjoint: self.disjoint,
        }
    }

    /// What holds in both. Two extents that go together at each visit get one symbol.
    fn join(&self, other: &Visit, fresh: &mut dyn FnMut() -> u32) -> Visit {
        let mut pairs = BTreeMap::new();
        let types = self.types.iter().filter_map(|(name, ty)| {
            let joined = join_extents(ty, other.types.get(name)?, &mut pairs, fresh);
            (joined != Ty::Unknown).then(|| (name.clone(), joined))
        });
        let types: BTreeMap<String, Ty> = types.collect();
        let sizes = self.sizes.iter().filter_map(|(name, size)| {
            let other = *other.sizes.get(name)?;
            let joined = if *size == other {
                *size
            } else {
                *pairs.get(&(*size, other))?
            };
            Some((name.clone(), joined))
        });
        Visit {
            sizes: sizes.collect(),
            types,
            measured: self.measured.intersection(&other.measured).cloned().collect(),
            equal: self.equal.intersection(&other.equal).cloned().collect(),
            disjoint: self.disjoint.intersection(&other.disjoint).cloned().collect(),
        }
    }
}

/// The extents of an array, or of a list and the lists in it.
fn extents(ty: &Ty) -> Vec<Dim> {
    match ty {
        Ty::Array { .. } | Ty::List(..) => ty.dims(),
        _ => Vec::new(),
    }
}

/// The join of two types in which an extent that differs from visit to visit is a number of its own at each.
fn join_extents(a: &Ty, b: &Ty, pairs: &mut BTreeMap<(Dim, Dim), Dim>, fresh: &mut dyn FnMut() -> u32) -> Ty {
    let mut dim = |a: Dim, b: Dim| match (a, b) {
        (a, b) if a == b => a,
        (Dim::Unknown, _) | (_, Dim::Unknown) => Dim::Unknown,
        (a, b) => *pairs.entry((a, b)).or_insert_with(|| Dim::Sym(fresh())),
    };
    match (a, b) {
        (
            Ty::Array {
                dtype,
                shape,
                contiguous,
            },
            Ty::Array {
                dtype: other_dtype,
                shape: other_shape,
                contiguous: other_contiguous,
            },
        ) if dtype == other_dtype && shape.len() == other_shape.len() => Ty::Array {
            dtype: *dtype,
            shape: shape.iter().zip(other_shape).map(|(a, b)| dim(*a, *b)).collect(),
            contiguous: *contiguous && *other_contiguous,
        },
        (Ty::List(a, n), Ty::List(b, m)) => {
            let len = dim(*n, *m);
            Ty::List(Box::new(join_extents(a, b, pairs, fresh)), len)
        }
        (
            Ty::Object { class, attrs },
            Ty::Object {
                class: other_class,
                attrs: other_attrs,
            },
        ) if class == other_class => {
            let shared = attrs
                .iter()
                .filter_map(|(name, ty)| Some((name.clone(), join_extents(ty, other_attrs.get(name)?, pairs, fresh))));
            Ty::Object {
                class: class.clone(),
                attrs: shared.collect(),
            }
        }
        (a, b) => a.join(b),
    }
}

impl<'a> Typing<'a> {
    pub fn new(main: ModuleId, regions: &'a [RegionStart]) -> Self {
        let mut starts: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
        for (index, region) in regions.iter().enumerate() {
            starts.entry((region.module.0, region.start)).or_default().push(index);
        }
        Self {
            main,
            regions,
            starts,
            visits: BTreeMap::new(),
            poisoned: BTreeSet::new(),
            escaped: BTreeSet::new(),
            unread_modules: BTreeSet::new(),
            globals: BTreeMap::new(),
            joined: FIRST_JOINED,
            symbols: BTreeMap::new(),
        }
    }

    /// Forgets what only holds for one round.
    pub fn begin_round(&mut self) {
        self.joined = FIRST_JOINED;
        self.visits.clear();
        self.globals.clear();
    }

    /// Regions inside this text were not read wholly.
    pub fn poison(&mut self, file: u32, start: u32, end: u32) {
        let inside = self.starts.range((file, start + 1)..(file, end.max(start + 1)));
        let regions: Vec<usize> = inside.flat_map(|(_, regions)| regions.clone()).collect();
        self.poisoned.extend(regions);
    }

    /// The number of the extent of something that a place makes.
    pub fn symbol(&mut self, key: Vec<(u32, u32, u32)>) -> u32 {
        let next = self.symbols.len() as u32;
        *self.symbols.entry(key).or_insert(next)
    }

    /// The visits of regions that were reached in no other way.
    pub fn finish(self, project: &ProjectNames, shared: &BTreeSet<ModuleId>) -> BTreeMap<usize, Visit> {
        let Typing {
            main,
            regions,
            visits,
            poisoned,
            escaped,
            ..
        } = self;
        let closed = |region: &RegionStart| {
            let names = &project.module(region.module).names;
            // Every function around the region.
            let around = names.functions().filter(|(_, function)| {
                let start = region.start.into();
                function.range.contains(start) && function.range.start() != start
            });
            around.into_iter().all(|(function, info)| {
                let private = region.module == main || info.qualname.starts_with('_');
                private
                    && !shared.contains(&region.module)
                    && !escaped.contains(&FunctionRef {
                        module: region.module,
                        function,
                    })
            })
        };
        visits
            .into_iter()
            .filter(|(index, _)| !poisoned.contains(index) && closed(&regions[*index]))
            .collect()
    }
}

impl<'a> Reader<'a> {
    /// Notes the types of live-ins where a region begins.
    pub(super) fn visit_region(&mut self, offset: u32) {
        let Some(typing) = &self.typing else { return };
        let Some(indices) = typing.starts.get(&(self.frame().file, offset)) else {
            return;
        };
        for index in indices.clone() {
            let regions = self.typing.as_ref().expect("a program is read").regions;
            let visit = self.visit(&regions[index].live_in);
            let typing = self.typing.as_mut().expect("a program is read");
            let joined = match typing.visits.get(&index) {
                None => visit,
                Some(known) => {
                    let next = &mut typing.joined;
                    known.join(&visit, &mut || {
                        *next += 1;
                        *next - 1
                    })
                }
            };
            typing.visits.insert(index, joined);
        }
    }

    fn visit(&self, live_in: &[String]) -> Visit {
        let mut types = BTreeMap::new();
        let mut sizes = BTreeMap::new();
        let mut memory: Vec<(String, BTreeSet<Place>)> = Vec::new();
        let mut known: Vec<(&String, ValueId)> = Vec::new();
        for name in live_in {
            let Some(value) = self.local(name).or_else(|| self.module_global(name)) else {
                continue;
            };
            if self.is_volatile(name) {
                continue;
            }
            known.push((name, value));
            let ty = self.with_known_extents(&self.whole_type(self.bound_ty(value)));
            let size = self.known_extent(dim_of(&self.b.func, value));
            if matches!(ty, Ty::Int(_)) && size != Dim::Unknown {
                sizes.insert(name.clone(), size);
            }
            if let Ty::Object { class, attrs } = &ty {
                for (attr, ty) in attrs {
                    if matches!(ty, Ty::Array { .. }) {
                        let place = BTreeSet::from([(Source::Attr(class.clone(), attr.clone()), 0)]);
                        memory.push((format!("{name}.{attr}"), self.facts.linked(&place)));
                    }
                }
            }
            if matches!(ty, Ty::Array { .. }) {
                memory.push((name.clone(), self.facts.linked(&self.places_or_unknown(value))));
            }
            if is_worth_knowing(&ty) {
                types.insert(name.clone(), ty);
            }
        }
        let mut disjoint = BTreeSet::new();
        for (number, (a, places)) in memory.iter().enumerate() {
            for (b, others) in &memory[number + 1..] {
                let known = |places: &BTreeSet<Place>| !places.iter().any(|(source, _)| *source == Source::Unknown);
                if known(places) && known(others) && places.is_disjoint(others) {
                    disjoint.insert(if a < b {
                        (a.clone(), b.clone())
                    } else {
                        (b.clone(), a.clone())
                    });
                }
            }
        }
        let Lengths { measured, equal } = self.lengths_among(&known);
        Visit {
            types,
            sizes,
            measured,
            equal,
            disjoint,
        }
    }

    /// Which of the values are lengths of others, and which ints are one number.
    fn lengths_among(&self, known: &[(&String, ValueId)]) -> Lengths {
        let Lengths {
            mut measured,
            mut equal,
        } = Lengths::default();
        let ints: Vec<&(&String, ValueId)> = known
            .iter()
            .filter(|(_, value)| matches!(self.ty(*value), Ty::Int(_)))
            .collect();
        for (number, (int, value)) in ints.iter().enumerate() {
            let same = self.equal_ints(*value);
            for (list, axis) in same.iter().filter_map(|int| self.length_of(*int)) {
                let containers = known.iter().filter(|(_, other)| *other == list);
                measured.extend(containers.map(|(container, _)| ((*int).clone(), (*container).clone(), axis)));
            }
            for (array, made) in known {
                let rank = match self.ty(*made) {
                    Ty::Array { shape, .. } => shape.len(),
                    _ => 0,
                };
                let axes = (0..rank).filter(|axis| self.is_made_as_long(*made, *axis, *value));
                measured.extend(axes.map(|axis| ((*int).clone(), (*array).clone(), axis)));
            }
            for (other, another) in &ints[number + 1..] {
                if same.contains(another) {
                    let (a, b) = if int < other { (int, other) } else { (other, int) };
                    equal.insert(((*a).clone(), (*b).clone()));
                }
            }
        }
        Lengths { measured, equal }
    }

    /// An object's type with all that is known of its attributes.
    fn whole_type(&self, ty: &Ty) -> Ty {
        let Ty::Object { class, attrs } = ty else {
            return ty.clone();
        };
        let mut all = attrs.clone();
        for (name, ty) in self.facts.attrs_of(class) {
            let known = all.get(name).map_or(ty.clone(), |known| known.join(ty));
            all.insert(name.clone(), known);
        }
        let any = self.facts.are_attrs_unknown();
        all.retain(|name, ty| *ty != Ty::Unknown && !any && self.facts.attr(super::reach::ANY_CLASS, name).is_none());
        Ty::Object {
            class: class.clone(),
            attrs: all,
        }
    }

    /// A global of the module whose code is read.
    pub(super) fn module_global(&self, name: &str) -> Option<ValueId> {
        let typing = self.typing.as_ref()?;
        let frame = self.frame();
        // A name of a function's own is no global.
        let symbol = frame.module.names.lookup(frame.scope, name)?;
        if frame.module.names.symbol(symbol).scope != Names::MODULE {
            return None;
        }
        self.global_of(frame.file, name)
            .filter(|_| typing.main.0 == frame.file || frame.scope != Names::MODULE)
    }

    /// A global of any module.
    pub(super) fn global_of(&self, file: u32, name: &str) -> Option<ValueId> {
        let typing = self.typing.as_ref()?;
        // A module whose code is running.
        let running = self
            .frames
            .iter()
            .find(|frame| frame.file == file && frame.scope == Names::MODULE);
        match running {
            Some(frame) => frame.env.get(name).copied(),
            None => typing.globals.get(&file)?.get(name).copied(),
        }
    }

    /// Whether somebody may rebind a name while its own code does not look: from a function that declares it
    /// `global` or `nonlocal`, or through the module.
    pub(super) fn is_volatile(&self, name: &str) -> bool {
        let names = &self.frame().module.names;
        self.typing.is_some()
            && (names
                .scopes
                .iter()
                .any(|scope| scope.globals.contains(name) || scope.nonlocals.contains(name))
                || names.globals_written
                || names.is_own_patched(name))
    }

    /// Where a value's memory comes from; unknown where that was not followed. A value of unknown type that comes from
    /// nowhere is foreign: code that has not been given a list knows none.
    pub(super) fn places_or_unknown(&self, value: ValueId) -> BTreeSet<Place> {
        let places = self.places_of(value);
        let ty = self.ty(value).bound();
        match places.is_empty() && is_reference(ty) && *ty != Ty::Unknown {
            true => BTreeSet::from([(Source::Unknown, 0)]),
            false => places,
        }
    }
}

/// Types that say something; names of modules and functions are resolved otherwise.
fn is_worth_knowing(ty: &Ty) -> bool {
    !matches!(
        ty,
        Ty::Unknown | Ty::Unbound | Ty::Never | Ty::Module(_) | Ty::Extern(_) | Ty::Author(_)
    )
}
