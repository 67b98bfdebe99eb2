//! From types that were seen in a run to types of the IR.
//!
//! ```text
//! {"t": "array", "dtype": "<f8", "shape": [100, 3], …}        array<float64>[s0, s1]
//! {"t": "list", "len": 4, "elem": {list of float}, "regular": [4, 3]}     list<list<float>[s1]>[s0]
//! ```
//!
//! Only what will hold next time is kept of a value: its type, dtype and rank, and that a list of lists is rectangular.
//! Lengths are forgotten, and two lengths that were equal are not said to be equal: each extent is a symbol of its
//! own, the rows of a rectangular list sharing one. Several captures of a name give what holds in all of them.
//!
//! Everything here was only observed. [`Assumed`] lists what a rewrite that uses the types stands on, so that a guard
//! or a proof can take its place.

use numlift_ir::dtype::Dtype;
use numlift_ir::ty::{Dim, Ty};

use crate::protocol::Seen;

/// Stands for an extent that is the same everywhere it is meant, until it gets a number.
const REGULAR: Dim = Dim::Sym(u32::MAX);

/// Something that was only seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assumed {
    /// The value at a path (`x`, `self.mass`) has this type: exactly the class, for arrays the dtype and rank, for
    /// lists every element.
    Type { path: String, ty: Ty },
    /// The lists inside the list at a path have one length, on this many levels.
    Rectangular { path: String, levels: usize },
}

/// The types of a region's live-ins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Typing {
    pub types: Vec<(String, Ty)>,
    pub assumed: Vec<Assumed>,
}

/// Types of names, each from all captures of it. Symbols are numbered from `first_sym`.
pub fn types_of_seen<'a>(names: impl IntoIterator<Item = (&'a str, Vec<&'a Seen>)>, first_sym: u32) -> Typing {
    let mut syms = first_sym;
    let mut typing = Typing::default();
    for (name, seen) in names {
        let (ty, assumed) = ty_of_seen(name, &seen, &mut syms);
        typing.types.push((name.to_owned(), ty));
        typing.assumed.extend(assumed);
    }
    typing
}

/// The type of a value from all captures of it, and what that stands on. `syms` is the next free symbol.
pub fn ty_of_seen(path: &str, captures: &[&Seen], syms: &mut u32) -> (Ty, Vec<Assumed>) {
    let joined = captures
        .iter()
        .map(|seen| shape_free(seen))
        .reduce(|a, b| a.join(&b))
        .map_or(Ty::Unknown, |ty| ty.without_optional());
    let ty = with_symbols(&joined, syms);
    let mut assumed = Vec::new();
    assume(path, &ty, &mut assumed);
    (ty, assumed)
}

/// The type without numbers for its extents: `REGULAR` where there is one, unknown where lists differ.
fn shape_free(seen: &Seen) -> Ty {
    match seen {
        Seen::None => Ty::None,
        Seen::Bool { .. } => Ty::Bool,
        Seen::Int { .. } => Ty::INT,
        Seen::Float => Ty::Float,
        Seen::Complex => Ty::Complex,
        Seen::Str => Ty::Str,
        Seen::Np { dtype } => match Dtype::from_str_code(dtype) {
            Dtype::Other => Ty::Unknown,
            dtype => Ty::Np(dtype),
        },
        Seen::Array { dtype, shape, .. } => Ty::array(Dtype::from_str_code(dtype), vec![REGULAR; shape.len()]),
        Seen::List { len: 0, .. } => Ty::List(Box::new(Ty::Never), REGULAR),
        Seen::List { elem, regular, .. } => {
            let elem = elem.as_deref().map_or(Ty::Unknown, shape_free);
            Ty::List(
                Box::new(inner_list(elem, regular.as_deref().unwrap_or_default())),
                REGULAR,
            )
        }
        Seen::Tuple { items } => Ty::Tuple(items.iter().map(shape_free).collect()),
        Seen::Dict { .. } => Ty::Dict,
        Seen::Set { .. } => Ty::Set,
        Seen::Range { .. } => Ty::Range,
        Seen::Module { name } => Ty::Module(name.clone()),
        Seen::Function { name, file, .. } if file.is_empty() => Ty::Extern(name.clone()),
        Seen::Class { name } => Ty::Extern(if name.contains('.') {
            name.clone()
        } else {
            format!("builtins.{name}")
        }),
        Seen::Dtype { dtype } => match Dtype::from_str_code(dtype) {
            Dtype::Other => Ty::Unknown,
            dtype => Ty::Dtype(dtype),
        },
        Seen::Generator { legacy, .. } => Ty::Generator { legacy: *legacy },
        // Subclasses of arrays.
        Seen::Object { class, .. } if class.starts_with("numpy.") => Ty::Unknown,
        Seen::Object { class, attrs } => Ty::Object {
            class: class.clone(),
            attrs: attrs
                .iter()
                .map(|(name, seen)| (name.clone(), shape_free(seen)))
                .collect(),
        },
        Seen::Function { .. } | Seen::Slice | Seen::Other { .. } => Ty::Unknown,
    }
}

/// The element type of a list; `regular` is the list's full shape where it has one.
fn inner_list(elem: Ty, regular: &[u64]) -> Ty {
    match elem {
        Ty::List(inner, _) => {
            let dim = if regular.len() > 1 { REGULAR } else { Dim::Unknown };
            Ty::List(Box::new(inner_list(*inner, regular.get(1..).unwrap_or_default())), dim)
        }
        // Arrays in a list may each have another shape.
        Ty::Array { dtype, shape, .. } => Ty::array(dtype, vec![Dim::Unknown; shape.len()]),
        other => other,
    }
}

fn with_symbols(ty: &Ty, syms: &mut u32) -> Ty {
    let mut fresh = |dim: &Dim| match *dim {
        REGULAR => {
            *syms += 1;
            Dim::Sym(*syms - 1)
        }
        other => other,
    };
    match ty {
        Ty::Array {
            dtype,
            shape,
            contiguous,
        } => Ty::Array {
            dtype: *dtype,
            shape: shape.iter().map(fresh).collect(),
            contiguous: *contiguous,
        },
        // An empty list was seen, and nothing else.
        Ty::List(elem, _) if **elem == Ty::Never => Ty::List(elem.clone(), Dim::Const(0)),
        Ty::List(elem, len) => {
            let len = fresh(len);
            Ty::List(Box::new(with_symbols(elem, syms)), len)
        }
        Ty::Tuple(items) => Ty::Tuple(items.iter().map(|item| with_symbols(item, syms)).collect()),
        Ty::Object { class, attrs } => Ty::Object {
            class: class.clone(),
            attrs: attrs
                .iter()
                .map(|(name, ty)| (name.clone(), with_symbols(ty, syms)))
                .collect(),
        },
        other => other.clone(),
    }
}

/// What the type of the value at a path stands on.
fn assume(path: &str, ty: &Ty, assumed: &mut Vec<Assumed>) {
    match ty {
        Ty::Unknown => {}
        Ty::Object { class, attrs } => {
            let bare = Ty::Object {
                class: class.clone(),
                attrs: Default::default(),
            };
            assumed.push(Assumed::Type {
                path: path.to_owned(),
                ty: bare,
            });
            for (name, ty) in attrs {
                assume(&format!("{path}.{name}"), ty, assumed);
            }
        }
        Ty::List(elem, _) => {
            assumed.push(Assumed::Type {
                path: path.to_owned(),
                ty: ty.clone(),
            });
            let levels = regular_levels(elem);
            if levels > 0 {
                assumed.push(Assumed::Rectangular {
                    path: path.to_owned(),
                    levels,
                });
            }
        }
        _ => assumed.push(Assumed::Type {
            path: path.to_owned(),
            ty: ty.clone(),
        }),
    }
}

/// On how many levels the lists inside a list have one length.
fn regular_levels(elem: &Ty) -> usize {
    match elem {
        Ty::List(inner, Dim::Sym(_)) => 1 + regular_levels(inner),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(captures: &[&str], ty: &str) {
        let captures: Vec<Seen> = captures
            .iter()
            .map(|json| serde_json::from_str(json).expect("a description"))
            .collect();
        let captures: Vec<&Seen> = captures.iter().collect();
        let (found, _) = ty_of_seen("x", &captures, &mut 0);
        assert_eq!(found.to_string(), ty);
    }

    #[test]
    fn extents_are_symbols_of_their_own() {
        let square =
            r#"{"t": "array", "dtype": "<f8", "shape": [3, 3], "strides": [24, 8], "writeable": true, "base": 0}"#;
        check(&[square], "array<float64>[s0, s1]");
        let longer =
            r#"{"t": "array", "dtype": "<f8", "shape": [9, 9], "strides": [72, 8], "writeable": true, "base": 0}"#;
        check(&[square, longer], "array<float64>[s0, s1]");
        let ints =
            r#"{"t": "array", "dtype": "<i8", "shape": [9, 9], "strides": [72, 8], "writeable": true, "base": 0}"#;
        check(&[square, ints], "any");
    }

    #[test]
    fn rows_of_a_rectangular_list_share_their_length() {
        let inner = r#"{"t": "list", "len": 2, "elem": {"t": "float"}, "regular": [2]}"#;
        let rectangular = format!(r#"{{"t": "list", "len": 3, "elem": {inner}, "regular": [3, 2]}}"#);
        let ragged = format!(r#"{{"t": "list", "len": 3, "elem": {inner}, "regular": null}}"#);
        check(&[&rectangular], "list<list<float>[s1]>[s0]");
        check(&[&ragged], "list<list<float>[?]>[s0]");
        check(&[&rectangular, &ragged], "list<list<float>[?]>[s0]");
    }

    #[test]
    fn an_empty_list_says_nothing_about_elements() {
        let empty = r#"{"t": "list", "len": 0, "elem": null, "regular": [0]}"#;
        let ints = r#"{"t": "list", "len": 2, "elem": {"t": "int", "value": "7"}, "regular": [2]}"#;
        check(&[empty], "list<never>[0]");
        check(&[empty, ints], "list<int>[s0]");
        check(
            &[r#"{"t": "list", "len": 2, "elem": null, "regular": null}"#],
            "list<any>[s0]",
        );
    }

    #[test]
    fn objects_keep_their_plain_attributes() {
        let object = r#"{"t": "object", "class": "__main__.P", "attrs": {"k": {"t": "float"}, "n": {"t": "int", "value": "3"}}}"#;
        check(&[object], "object<__main__.P>{k: float, n: int}");
        let (_, assumed) = ty_of_seen("self", &[&serde_json::from_str(object).expect("a description")], &mut 0);
        assert_eq!(assumed.len(), 3);
    }
}
