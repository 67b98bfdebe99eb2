//! Ints that are known as extents: read as `len(x)`, written by their names.

use numlift_ir::function::{Function, ValueId};
use numlift_ir::op::Kind;
use numlift_ir::ty::{Interval, Ty};
use numlift_source::read::program::Length;

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
