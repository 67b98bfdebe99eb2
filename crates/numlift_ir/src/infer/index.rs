//! The type of a subscript.
//!
//! ```text
//! a: array<float64>[s0, s1]       a[i]      array<float64>[s1], a view
//!                                 a[i, j]   np.float64
//!                                 a[1:, j]  array<float64>[?], a view
//!                                 a[mask]   array<float64>[?], a copy
//! ```

use crate::affine::affine_of;
use crate::function::{Function, ValueId};
use crate::infer::scalar::broadcast;
use crate::op::Sub;
use crate::ty::{Dim, Ty};

/// The type of `args[0][subs]`; the operands of the subscripts follow the base in `args`.
pub fn result_type(func: &Function, subs: &[Sub], args: &[ValueId]) -> Ty {
    match func.ty(args[0]).bound() {
        Ty::Array { shape, .. } if !fits(func, subs, &args[1..], shape.len()) => Ty::Unknown,
        Ty::Array { .. } => of_array(func, subs, args).unwrap_or(Ty::Unknown),
        Ty::List(elem, len) => match subs {
            [Sub::At] if is_int(func, args[1]) => (**elem).clone(),
            [Sub::Slice { .. }] => Ty::List(elem.clone(), sliced(func, *len, subs[0], &args[1..])),
            _ => Ty::Unknown,
        },
        Ty::Buffer(elem) => match subs {
            [Sub::At] if is_int(func, args[1]) => (**elem).clone(),
            [Sub::Slice { .. }] => Ty::Buffer(elem.clone()),
            _ => Ty::Unknown,
        },
        Ty::Tuple(items) => match subs {
            [Sub::At] => of_tuple(func, items, args[1]),
            _ => Ty::Unknown,
        },
        Ty::Str => match subs {
            [Sub::At | Sub::Slice { .. }] => Ty::Str,
            _ => Ty::Unknown,
        },
        Ty::Range => match subs {
            [Sub::At] if is_int(func, args[1]) => Ty::INT,
            [Sub::Slice { .. }] => Ty::Range,
            _ => Ty::Unknown,
        },
        _ => Ty::Unknown,
    }
}

/// Whether a subscript picks one element of an axis.
pub fn is_int(func: &Function, value: ValueId) -> bool {
    match func.ty(value).bound() {
        Ty::Int(_) => true,
        Ty::Np(dtype) => dtype.is_integer(),
        _ => false,
    }
}

/// Not more axes than there are, and at most one ellipsis.
fn fits(func: &Function, subs: &[Sub], operands: &[ValueId], rank: usize) -> bool {
    consumed(func, subs, operands).is_some_and(|axes| axes <= rank)
        && subs.iter().filter(|sub| **sub == Sub::Ellipsis).count() <= 1
}

/// How many axes subscripts use up; `None` where an operand's type is not understood.
pub fn consumed(func: &Function, subs: &[Sub], operands: &[ValueId]) -> Option<usize> {
    let mut operand = 0;
    let mut axes = 0;
    for sub in subs {
        axes += match sub {
            Sub::At => picker(func, operands[operand])?.axes(),
            Sub::Slice { .. } => 1,
            Sub::NewAxis | Sub::Ellipsis => 0,
        };
        operand += sub.arity();
    }
    Some(axes)
}

/// What one operand picks.
enum Picker {
    One,
    /// An array or list of ints of this shape.
    Many(Vec<Dim>),
    /// A mask over so many axes.
    Mask(usize),
}

impl Picker {
    fn axes(&self) -> usize {
        match self {
            Picker::One | Picker::Many(_) => 1,
            Picker::Mask(rank) => *rank,
        }
    }
}

fn picker(func: &Function, operand: ValueId) -> Option<Picker> {
    if is_int(func, operand) {
        return Some(Picker::One);
    }
    let ty = func.ty(operand).bound();
    let dtype = match ty {
        Ty::Array { dtype, .. } => *dtype,
        Ty::List(..) => crate::infer::scalar::list_dtype(ty)?,
        _ => return None,
    };
    let shape = ty.dims();
    match dtype {
        crate::dtype::Dtype::Bool => Some(Picker::Mask(shape.len())),
        dtype if dtype.is_integer() && !shape.is_empty() => Some(Picker::Many(shape)),
        _ => None,
    }
}

fn of_array(func: &Function, subs: &[Sub], args: &[ValueId]) -> Option<Ty> {
    let Ty::Array {
        dtype,
        shape,
        contiguous,
    } = func.ty(args[0]).bound()
    else {
        return None;
    };
    let operands = &args[1..];
    let used = consumed(func, subs, operands)?;
    let rest = shape.len().checked_sub(used)?;
    let mut dims: Vec<Dim> = Vec::new();
    let mut axis = 0;
    let mut operand = 0;
    // Advanced subscripts broadcast together; their axes stand where the first stood if they are neighbours, in front
    // otherwise. An int among them is advanced too.
    let mut advanced: Vec<Vec<Dim>> = Vec::new();
    let mut advanced_at: Option<usize> = None;
    let mut advanced_subs: Vec<usize> = Vec::new();
    let mut ints: Vec<usize> = Vec::new();
    for (number, sub) in subs.iter().enumerate() {
        match sub {
            Sub::At => {
                let picker = picker(func, operands[operand])?;
                axis += picker.axes();
                match picker {
                    Picker::One => ints.push(number),
                    Picker::Many(shape) => {
                        advanced.push(shape);
                        advanced_subs.push(number);
                        advanced_at.get_or_insert(dims.len());
                    }
                    Picker::Mask(_) => {
                        advanced.push(vec![Dim::Unknown]);
                        advanced_subs.push(number);
                        advanced_at.get_or_insert(dims.len());
                    }
                }
            }
            Sub::Slice { .. } => {
                dims.push(sliced(
                    func,
                    shape[axis],
                    *sub,
                    &operands[operand..operand + sub.arity()],
                ));
                axis += 1;
            }
            Sub::NewAxis => dims.push(Dim::Const(1)),
            Sub::Ellipsis => {
                dims.extend(&shape[axis..axis + rest]);
                axis += rest;
            }
        }
        operand += sub.arity();
    }
    let has_ellipsis = subs.contains(&Sub::Ellipsis);
    if !has_ellipsis {
        dims.extend(&shape[axis..]);
    }
    if advanced.is_empty() {
        // An element; with an ellipsis it would be an array of rank 0.
        if dims.is_empty() {
            return (!has_ellipsis).then_some(Ty::Np(*dtype));
        }
        return Some(Ty::Array {
            dtype: *dtype,
            shape: dims,
            contiguous: *contiguous && keeps_order(subs),
        });
    }
    let picked = broadcast(&advanced)?;
    let mut places: Vec<usize> = advanced_subs.iter().chain(&ints).copied().collect();
    places.sort_unstable();
    let neighbours = places.windows(2).all(|pair| pair[1] == pair[0] + 1);
    // With an int in front of the arrays the axes begin where the int stood.
    let at = if neighbours {
        front_of(subs, &places, advanced_at?, &dims)
    } else {
        0
    };
    dims.splice(at..at, picked);
    Some(Ty::Array {
        dtype: *dtype,
        contiguous: dims.len() == 1,
        shape: dims,
    })
}

/// Where the advanced axes go: before what the subscripts behind them gave.
fn front_of(subs: &[Sub], places: &[usize], advanced_at: usize, dims: &[Dim]) -> usize {
    // Ints add no axes, so the number of axes in front is the same whether counted at the int or at the array.
    debug_assert!(places.iter().all(|place| *place < subs.len()));
    advanced_at.min(dims.len())
}

/// Whether a view by these subscripts of a C-contiguous array is C-contiguous: ints, then at most one slice without
/// a step, then everything.
fn keeps_order(subs: &[Sub]) -> bool {
    let rest = subs
        .iter()
        .skip_while(|sub| **sub == Sub::At)
        .skip_while(|sub| **sub == Sub::NewAxis);
    rest.enumerate().all(|(number, sub)| match sub {
        Sub::Slice { step: true, .. } => false,
        Sub::Slice { .. } if *sub == Sub::FULL => true,
        Sub::Slice { .. } => number == 0,
        Sub::Ellipsis | Sub::NewAxis => true,
        Sub::At => false,
    })
}

/// The extent of a slice, where its ends are constants (or it is the whole axis).
pub fn sliced(func: &Function, dim: Dim, sub: Sub, operands: &[ValueId]) -> Dim {
    let Sub::Slice { lo, hi, step } = sub else {
        return Dim::Unknown;
    };
    if !lo && !hi && !step {
        return dim;
    }
    let mut operands = operands.iter();
    let mut part = |there: bool| -> Option<Option<i128>> {
        if !there {
            return Some(None);
        }
        let operand = *operands.next()?;
        match func.ty(operand).bound() {
            Ty::None => Some(None),
            _ => affine_of(func, operand).as_constant().map(Some),
        }
    };
    let (Some(lo), Some(hi), Some(step)) = (part(lo), part(hi), part(step)) else {
        return Dim::Unknown;
    };
    match dim {
        Dim::Const(n) => slice_length(n, lo, hi, step).map_or(Dim::Unknown, Dim::Const),
        // Reversed as a whole.
        _ if lo.is_none() && hi.is_none() && matches!(step, None | Some(1 | -1)) => dim,
        _ if matches!(lo, None | Some(0)) && hi.is_none() && matches!(step, None | Some(1)) => dim,
        _ => Dim::Unknown,
    }
}

/// `len(range(n)[lo:hi:step])`
fn slice_length(n: u64, lo: Option<i128>, hi: Option<i128>, step: Option<i128>) -> Option<u64> {
    let n = i128::from(n);
    // A step beyond every length takes one element, however far beyond it is.
    let step = step.unwrap_or(1).clamp(-(1 << 80), 1 << 80);
    let (least, most) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let clamp = |end: i128| (if end < 0 { end + n } else { end }).clamp(least, most);
    let (start, stop) = if step > 0 {
        (lo.map_or(0, clamp), hi.map_or(n, clamp))
    } else {
        (lo.map_or(n - 1, clamp), hi.map_or(-1, clamp))
    };
    let count = match step {
        0 => return None,
        step if step > 0 => (stop - start + step - 1) / step,
        step => (start - stop - step - 1) / -step,
    };
    u64::try_from(count.max(0)).ok()
}

fn of_tuple(func: &Function, items: &[Ty], index: ValueId) -> Ty {
    if !is_int(func, index) {
        return Ty::Unknown;
    }
    let len = items.len() as i128;
    match affine_of(func, index).as_constant() {
        Some(n) => {
            let n = if n < 0 { n + len } else { n };
            usize::try_from(n)
                .ok()
                .and_then(|n| items.get(n))
                .cloned()
                .unwrap_or(Ty::Unknown)
        }
        None => items.iter().fold(Ty::Never, |join, item| join.join(item)),
    }
}
