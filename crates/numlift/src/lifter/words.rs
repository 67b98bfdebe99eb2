//! What a cure says of itself.

use numlift_ir::function::{Function, RETURN};
use numlift_ir::op::Kind;
use numlift_ir::ty::{Dim, Ty};
use numlift_passes::select::{self, Pattern};
use numlift_verify::job::Allow;

use crate::cure::Announced;

/// A type in words.
pub(super) fn plain_type(ty: &Ty) -> String {
    match ty {
        Ty::Array { dtype, shape, .. } => format!("a {}-dimensional {} array", shape.len(), dtype.name()),
        Ty::Int(_) => "an int".to_owned(),
        Ty::Float => "a float".to_owned(),
        Ty::Bool => "a bool".to_owned(),
        Ty::Np(dtype) => format!("a NumPy {}", dtype.name()),
        Ty::List(elem, _) => match &**elem {
            Ty::List(..) => "a list of lists of numbers of one type".to_owned(),
            _ => "a list of numbers of one type".to_owned(),
        },
        Ty::Generator { .. } => "a random generator of NumPy's".to_owned(),
        Ty::Object { class, .. } => format!("a {class} with the attributes that it had"),
        ty => ty.to_string(),
    }
}

/// What is known of a value for every run, in words: a proof may stand on the number that an int is, or a length.
pub(super) fn known_type(ty: &Ty) -> String {
    match ty {
        Ty::Int(interval) => match (interval.as_point(), interval.lo, interval.hi) {
            (Some(number), _, _) => format!("the int {number}"),
            (None, Some(lo), Some(hi)) if lo > i128::from(i64::MIN) && hi < i128::from(i64::MAX) => {
                format!("an int from {lo} to {hi}")
            }
            (None, _, _) => plain_type(ty),
        },
        Ty::Array { dtype, shape, .. } if shape.iter().all(|dim| matches!(dim, Dim::Const(_))) => {
            let extents: Vec<String> = shape.iter().map(ToString::to_string).collect();
            let comma = if extents.len() == 1 { "," } else { "" };
            format!("a {} array of shape ({}{comma})", dtype.name(), extents.join(", "))
        }
        ty => plain_type(ty),
    }
}

/// What a loop was, in words.
pub(super) fn why(pattern: Pattern, func: &Function) -> &'static str {
    match pattern {
        Pattern::Elementwise => "one element at a time",
        Pattern::Filled => "filled element by elem.",
        Pattern::Grown => "list grown in a loop",
        Pattern::Filter => "list filtered by hand",
        Pattern::Reduction => "reduction by hand",
        Pattern::Places => "places that an array says",
        Pattern::Scan => "running value by hand",
        Pattern::Search => "search by hand",
        Pattern::Contraction => contraction(func),
    }
}

/// A sum of products by what it became.
fn contraction(func: &Function) -> &'static str {
    let mut rank = None;
    func.walk(func.body, &mut |op| {
        let data = func.op(op);
        if matches!(&data.kind, Kind::Call { callee, .. } if callee == "numpy.matmul") {
            let dims = func.ty(func.result(op)).dims().len();
            rank = rank.max(Some(dims));
        }
    });
    match rank {
        Some(2) => "matrix product by hand",
        Some(1) => "matrix times vector by hand",
        Some(0) => "dot product by hand",
        _ => "sum of products by hand",
    }
}

pub(super) fn announced(difference: &select::Announced) -> Announced {
    match difference {
        select::Announced::Warnings => Announced {
            text: "NumPy may warn of overflow or invalid values where the loop was silent".to_owned(),
            allow: vec![Allow::Warnings],
        },
        select::Announced::StoresBeforeException => Announced {
            text: "nothing is stored when an index is out of range".to_owned(),
            allow: vec![Allow::StoresBeforeException, Allow::NamesAfterException],
        },
        select::Announced::ZeroSign => Announced {
            text: "a zero may come with the other sign".to_owned(),
            allow: vec![Allow::ZeroSign],
        },
        select::Announced::Container(name) if name == RETURN => Announced {
            text: "what is returned, which nobody reads, is an array instead of a list".to_owned(),
            allow: vec![Allow::Container {
                name: "return value".to_owned(),
            }],
        },
        select::Announced::Container(name) => Announced {
            text: format!("`{name}`, which nobody reads, is an array instead of a list"),
            allow: vec![
                Allow::Container { name: name.clone() },
                Allow::Container {
                    name: format!("__main__::{name}"),
                },
            ],
        },
    }
}
