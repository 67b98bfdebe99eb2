//! Functions that call themselves: read, lowered and emitted together with the one that is compiled.
//!
//! ```text
//! def sort(x): …  sort(x[:m]); sort(x[m:])      read `sort` for the argument: it wants a version for slices
//!                                               read that too: it gives an array, and wants itself
//!                                               read both again, until nothing is new
//! ```
//!
//! A version that has parts which would run in Python, or that cannot be emitted, is given up: calls of it run in Python
//! then, and everything is read once more.

use std::collections::BTreeSet;

use numlift_abi::{Known, Layout, Param, Refusal, Repr, Request};
use numlift_ir::function::Function;
use numlift_ir::op::Kind;
use numlift_ir::ty::Ty;
use numlift_ir::validate::{Form, validate};
use numlift_llvm::Version as Code;
use numlift_passes::lower;
use numlift_source::read::{self, Version, read_function};

use super::{MODULE, Unit, attributes, lowering, place, refusal, types, worth};

/// How many versions there may be, and how often everything is read.
const MOST: usize = 12;
const ROUNDS: usize = 16;

/// A function that was read, with what it calls.
pub(super) struct Whole {
    pub func: Function,
    pub versions: Vec<(Version, Function)>,
}

/// What cannot be compiled.
pub(super) enum Unfit {
    Whole(Refusal),
    /// A version by its number.
    Version(usize, String),
}

impl From<Refusal> for Unfit {
    fn from(refusal: Refusal) -> Unfit {
        Unfit::Whole(refusal)
    }
}

impl Unfit {
    pub fn refusal(self) -> Refusal {
        match self {
            Unfit::Whole(refusal) => refusal,
            Unfit::Version(_, reason) => refusal(None, reason, ""),
        }
    }
}

impl Unit {
    /// Reads the function with all versions that it needs; adds to those that have no code.
    pub(super) fn read(&self, request: &Request, without: &mut Vec<Version>) -> Whole {
        loop {
            match self.settled(request, without) {
                Ok(whole) => return whole,
                Err(version) => without.push(*version),
            }
        }
    }

    /// Reads everything until no type changes; a version that is not to be.
    fn settled(&self, request: &Request, without: &[Version]) -> Result<Whole, Box<Version>> {
        let refused = |version: &Version, why: &str| {
            Box::new(Version {
                refused: why.to_owned(),
                ..version.clone()
            })
        };
        let mut known: Vec<Version> = Vec::new();
        for _ in 0..ROUNDS {
            let func = attributes::hoist(self.read_by(request, read_function, &known, without), request);
            let versions: Vec<Function> = known
                .iter()
                .map(|version| self.read_version(request, version, &known, without))
                .collect();
            if !extend(&mut known, [&func].into_iter().chain(&versions), &versions) {
                let faulty = known.iter().zip(&versions).find_map(|(version, func)| {
                    let fault = fault_of(func)?;
                    Some(refused(version, &fault))
                });
                return match faulty {
                    Some(version) => Err(version),
                    None => Ok(Whole {
                        func,
                        versions: known.into_iter().zip(versions).collect(),
                    }),
                };
            }
            if known.len() > MOST {
                return Err(refused(&known[MOST], "it is called with too many kinds of arguments"));
            }
        }
        Err(refused(&known[0], "its types do not come to rest"))
    }

    fn read_version(&self, request: &Request, version: &Version, known: &[Version], without: &[Version]) -> Function {
        let outside: BTreeSet<&String> = self.around.outside.iter().map(|(name, ..)| name).collect();
        let options = self.reading(request, known, without);
        let options = read::Options {
            disjoint: self.is_apart(version),
            // What is known of the arguments of the function that is compiled.
            texts: options
                .texts
                .into_iter()
                .filter(|(name, _)| outside.contains(name))
                .collect(),
            lambdas: Default::default(),
            held: Vec::new(),
            ..options
        };
        read::read_version(&self.project, MODULE, version, &self.outside(), &options)
    }

    /// Whether there is only one array that it may know.
    fn is_apart(&self, version: &Version) -> bool {
        let outside = self.around.outside.iter().map(|(_, _, ty)| ty);
        version.params.iter().chain(outside).map(arrays_in).sum::<usize>() <= 1
    }

    /// The versions as they are emitted.
    pub(super) fn lowered(&self, request: &Request, versions: &[(Version, Function)]) -> Result<Vec<Code>, Unfit> {
        let module = self.project.module(MODULE);
        let numbered = versions.iter().enumerate();
        let lowered = numbered.map(|(number, (version, read))| {
            let params: Option<Vec<Param>> = version.params.iter().map(param_of).collect();
            let params = params.ok_or_else(|| Unfit::Version(number, "an argument has no slots".to_owned()))?;
            let disjoint = self.is_apart(version);
            let outside = self.around.outside.iter().map(|(_, outside, _)| &outside.param);
            let lying: Vec<lower::Lying> = params.iter().chain(outside).map(types::lying_of).collect();
            let def = module.names.def(&module.parsed, version.function);
            let (start, end) = read::extent_of(&def.body);
            let guards = self.guards_in(read, version.function);
            let options = lowering(request, disjoint, guards);
            Ok(Code {
                guards,
                single_numbers: !numlift_llvm::has_elementary_arrays(read),
                func: lower::lower(read.clone(), &lying, &options).func,
                params,
                disjoint,
                of_callee: version.function != self.function,
                begins: place(module, start, end),
            })
        });
        lowered.collect()
    }

    /// Versions gain more than their calls of Python cost.
    pub(super) fn check_versions(
        &self,
        versions: &[(Version, Function)],
        code: &[Code],
        emitted: &numlift_llvm::Emitted,
    ) -> Result<(), Unfit> {
        for (number, ((_, read), code)) in versions.iter().zip(code).enumerate() {
            let islands = &emitted.spec.islands;
            let dearest = worth::dearest(&code.func, Some(number), &emitted.pieces, islands);
            if let Some(dearest) = dearest.filter(|dearest| dearest.all > worth::gain(read)) {
                return Err(Unfit::Version(number, islands[dearest.piece].reason.clone()));
            }
        }
        Ok(())
    }
}

/// Takes over what was learned in a round; whether that is anything.
fn extend<'a>(known: &mut Vec<Version>, all: impl Iterator<Item = &'a Function>, versions: &[Function]) -> bool {
    let mut changed = false;
    for number in 0..versions.len() {
        let returned = known[number].returned.widen(&read::returned_by(&versions[number]));
        let acts = known[number].acts || read::acts(&versions[number], known);
        changed |= returned != known[number].returned || acts != known[number].acts;
        known[number].returned = returned;
        known[number].acts = acts;
    }
    for (function, params) in all.flat_map(read::wanted) {
        if !known.iter().any(|one| one.function == function && one.params == params) {
            changed = true;
            known.push(Version {
                function,
                params,
                returned: Ty::Never,
                acts: false,
                refused: String::new(),
            });
        }
    }
    changed
}

/// Why a version that was read has no code.
fn fault_of(func: &Function) -> Option<String> {
    if let Err(violation) = validate(func, Form::Read) {
        return Some(format!("internal error: {violation}"));
    }
    func.ops.iter().find_map(|op| match &op.kind {
        Kind::Opaque { reason, .. } => Some(reason.clone()),
        _ => None,
    })
}

/// How an argument of a version is handed over.
fn param_of(ty: &Ty) -> Option<Param> {
    Some(match ty {
        Ty::Array {
            dtype,
            shape,
            contiguous,
        } => Param::Array {
            scalar: numlift_llvm::scalar_of(*dtype)?,
            layout: if *contiguous { Layout::C } else { Layout::Any },
            extents: (0..shape.len()).map(|axis| Known::Same(axis as u32)).collect(),
            writeable: true,
        },
        Ty::Tuple(items) => Param::Tuple(items.iter().map(param_of).collect::<Option<_>>()?),
        Ty::List(elem, _) => Param::List(Box::new(match **elem {
            Ty::Never => Param::Value(Repr::Unbound),
            ref elem => param_of(elem)?,
        })),
        // A function that was passed.
        Ty::Author(_) => Param::Value(Repr::Object),
        ty => Param::Value(numlift_llvm::repr_of(ty)?),
    })
}

fn arrays_in(ty: &Ty) -> usize {
    match ty {
        Ty::Array { .. } => 1,
        Ty::Tuple(items) => items.iter().map(arrays_in).sum(),
        // What is in a list may be an array of which nothing is known.
        Ty::List(..) => 2,
        _ => 0,
    }
}
