//! Which loop of its ufunc computes a function, and in which dtype.
//!
//! A ufunc of numlift's table has homogeneous loops, given by the letters of their input dtype in the order in which
//! NumPy searches them. NumPy promotes the operands first when a Python scalar is among them (NEP 50), then takes the
//! first loop that every operand casts to safely:
//!
//! ```text
//! np.sqrt(int8)              -> float16       the first of "efdFD" that holds int8
//! np.arctan2(int8, uint8)    -> float16       not via int16
//! np.arctan2(int8, 1.0)      -> float64       int8 and a Python float are float64
//! ```

use crate::dtype::{self, Casting, Dtype, DtypeKind, Operand, can_cast};
use crate::scalar::{F, ScalarTy};

/// The loops of a ufunc.
#[derive(Debug, Clone, Copy)]
pub struct Loops {
    /// NumPy's letters of the input dtypes, in the order of the search.
    pub inputs: &'static str,
    pub result: LoopResult,
    /// Operands that are all bool are a `TypeError` instead of the loop that would hold them.
    pub refuses_bool: bool,
}

/// The dtype of a loop's result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopResult {
    /// That of the operands.
    Same,
    Bool,
    /// The real dtype of a complex one, else the same.
    RealPart,
    /// As `Same`, but bools and integers are divided in `float64`.
    Quotient,
    /// Any operand gives this dtype.
    Fixed(Dtype),
}

/// The dtype in which NumPy computes `f`: that of the loop's operands. `None` is a `TypeError`.
pub fn loop_dtype(f: F, tys: &[ScalarTy]) -> Option<Dtype> {
    let loops = f.info().loops;
    let operands: Vec<Operand> = tys.iter().map(|ty| ty.operand()).collect();
    let dtypes = promoted(&operands)?;
    let all = |kind: fn(DtypeKind) -> bool| dtypes.iter().all(|dtype| kind(dtype.kind()));
    if loops.refuses_bool && all(|kind| kind == DtypeKind::Bool) {
        return None;
    }
    if loops.result == LoopResult::Quotient && all(|kind| kind < DtypeKind::Float) {
        return Some(Dtype::F64);
    }
    // NumPy rounds bools as floats.
    if f == F::Round && dtypes == [Dtype::Bool] {
        return Some(Dtype::F16);
    }
    let of_letter = |letter: char| dtype::ALL.into_iter().find(|dtype| dtype.char() == letter);
    let holds = |to: &Dtype| dtypes.iter().all(|&from| can_cast(from, *to, Casting::Safe));
    loops.inputs.chars().filter_map(of_letter).find(holds)
}

/// The dtype of NumPy's result; `None` is a `TypeError`.
pub fn result_dtype(f: F, tys: &[ScalarTy]) -> Option<Dtype> {
    let computed = loop_dtype(f, tys)?;
    Some(match f.info().loops.result {
        LoopResult::Same | LoopResult::Quotient => computed,
        LoopResult::Bool => Dtype::Bool,
        LoopResult::RealPart => computed.real_part(),
        LoopResult::Fixed(dtype) => dtype,
    })
}

/// The dtypes that the search starts from.
fn promoted(operands: &[Operand]) -> Option<Vec<Dtype>> {
    let strong = |operand: &Operand| match *operand {
        Operand::Strong(dtype) => Some(dtype).filter(|dtype| dtype.is_known()),
        Operand::Weak(_) => None,
    };
    match operands.iter().map(strong).collect() {
        Some(dtypes) => Some(dtypes),
        None => dtype::result_type(operands).map(|dtype| vec![dtype]),
    }
}
