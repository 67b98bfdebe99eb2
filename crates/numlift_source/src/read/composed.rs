//! Functions of NumPy that are a few others.
//!
//! ```text
//! np.trace(a)                  np.sum(np.diagonal(a))
//! np.linalg.norm(x)            np.sqrt(np.dot(x, x))
//! np.nan_to_num(x)             np.where(np.isnan(x), 0, np.where(x == np.inf, …))
//! np.copyto(a, b)              a[...] = b
//! ```
//!
//! As NumPy's own source composes them, so that every rounding is the same. Read this way where a function is compiled;
//! a rewrite of the source leaves them as they are.

use numlift_ir::dtype::{Casting, Dtype, can_cast};
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::F;
use numlift_ir::table::lookup;
use numlift_ir::ty::Ty;
use ruff_text_size::TextRange;

use super::call::Args;
use super::reader::Reader;
use super::refusal::Read;
use super::subscript::Subscripts;

/// The arguments of a call by the names of the parameters.
struct Named(Vec<(&'static str, ValueId)>);

impl Named {
    fn get(&self, name: &str) -> Option<ValueId> {
        self.0.iter().find(|(own, _)| *own == name).map(|(_, value)| *value)
    }

    fn only(&self, names: &[&str]) -> bool {
        self.0.iter().all(|(name, _)| names.contains(name))
    }
}

impl Reader<'_> {
    /// A call as calls of other functions; `None` where it is none of these, or has arguments that are not understood.
    pub(super) fn composed_call(&mut self, name: &str, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        let Some(own) = name.strip_prefix("numpy.").filter(|_| self.options.frames.is_some()) else {
            return Ok(None);
        };
        let info = lookup(name);
        let Some(named) = info.and_then(|info| self.named_args(info, args)) else {
            return Ok(None);
        };
        match own {
            "trace" => self.trace(&named, at),
            "ptp" => self.spread_of(args, &named, at),
            "average" if named.only(&["a", "axis", "keepdims"]) => {
                Ok(Some(self.named_call("numpy.mean", args.clone(), at)?))
            }
            "inner" | "vdot" => self.inner_product(own, args, at),
            "linalg.norm" => self.norm(&named, at),
            "ediff1d" if named.only(&["ary"]) => self.differences(&named, at),
            "trapezoid" | "trapz" => self.trapezoid(&named, at),
            "isclose" => self.is_close(&named, at),
            "allclose" => match self.is_close(&named, at)? {
                Some(close) => self.all_true(close, at).map(Some),
                None => Ok(None),
            },
            "array_equal" if named.only(&["a1", "a2"]) => self.equal_arrays(&named, at),
            "nan_to_num" if named.only(&["x", "nan", "posinf", "neginf"]) => self.without_nan(&named, at),
            "copyto" => self.copy_to(&named, at),
            "putmask" => self.put_mask(&named, at),
            "cross" if named.only(&["a", "b"]) => self.cross(&named, at),
            "select" if named.only(&["condlist", "choicelist", "default"]) => self.select(&named, at),
            _ => Ok(None),
        }
    }

    /// The same for a method of an array.
    pub(super) fn composed_method(
        &mut self,
        object: ValueId,
        name: &str,
        args: &Args,
        at: TextRange,
    ) -> Read<Option<ValueId>> {
        let is_array = matches!(self.bound_ty(object), Ty::Array { .. });
        if self.options.frames.is_none() || !is_array || !args.keywords.is_empty() {
            return Ok(None);
        }
        match (name, &args.positional[..]) {
            ("trace", []) => self.composed_call("numpy.trace", &positional(&[object]), at),
            ("fill", [value]) if self.bound_ty(*value).as_scalar().is_some() => {
                self.store_everywhere(object, *value, at)?;
                Ok(Some(self.b.constant(Const::None)))
            }
            _ => Ok(None),
        }
    }

    fn named_args(&self, info: &'static numlift_ir::table::FunctionInfo, args: &Args) -> Option<Named> {
        let keywords = args.keyword_names();
        let names: Vec<&str> = keywords.iter().map(String::as_str).collect();
        let bound = info.bind(args.positional.len(), &names)?;
        let values = args.values();
        if !bound.rest().is_empty() || bound.given().len() != values.len() {
            return None;
        }
        let given = bound.given().iter().map(|(name, at)| (*name, values[*at]));
        // What is `None` is as if it were not there.
        Some(Named(
            given.filter(|(_, value)| *self.bound_ty(*value) != Ty::None).collect(),
        ))
    }

    fn rank(&self, value: ValueId) -> usize {
        self.bound_ty(value).dims().len()
    }

    /// The dtype of an array of real floats with axes.
    fn real_array(&self, value: ValueId) -> Option<Dtype> {
        match self.bound_ty(value) {
            Ty::Array { dtype, shape, .. } if matches!(dtype, Dtype::F32 | Dtype::F64) && !shape.is_empty() => {
                Some(*dtype)
            }
            _ => None,
        }
    }

    fn call_of(&mut self, name: &str, args: &[ValueId], keywords: &[(&str, ValueId)], at: TextRange) -> Read<ValueId> {
        let args = Args {
            positional: args.to_vec(),
            keywords: keywords
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
        };
        self.named_call(&format!("numpy.{name}"), args, at)
    }

    fn trace(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let Some(matrix) = named.get("a").filter(|matrix| self.rank(*matrix) == 2) else {
            return Ok(None);
        };
        if !named.only(&["a", "offset"]) {
            return Ok(None);
        }
        let offset: Vec<(&str, ValueId)> = named
            .get("offset")
            .map(|offset| ("offset", offset))
            .into_iter()
            .collect();
        let diagonal = self.call_of("diagonal", &[matrix], &offset, at)?;
        self.call_of("sum", &[diagonal], &[], at).map(Some)
    }

    fn spread_of(&mut self, args: &Args, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let Some(array) = named.get("a") else { return Ok(None) };
        let is_known =
            matches!(self.bound_ty(array), Ty::Array { dtype, .. } if *dtype != Dtype::Bool && dtype.is_known());
        if !named.only(&["a", "axis", "keepdims"]) || !is_known || args.positional.len() > 2 {
            return Ok(None);
        }
        let most = self.named_call("numpy.max", args.clone(), at)?;
        let least = self.named_call("numpy.min", args.clone(), at)?;
        self.call_of("subtract", &[most, least], &[], at).map(Some)
    }

    fn inner_product(&mut self, name: &str, args: &Args, at: TextRange) -> Read<Option<ValueId>> {
        let [a, b] = args.positional[..] else { return Ok(None) };
        // `vdot` copies what is not in one run.
        let in_one_run = |value: &ValueId| matches!(self.bound_ty(*value), Ty::Array { contiguous: true, .. });
        if name == "vdot" && ![a, b].iter().all(in_one_run) {
            return Ok(None);
        }
        let are_vectors = [a, b].iter().all(|one| self.rank(*one) == 1);
        match are_vectors && self.real_array(a).is_some() && self.real_array(a) == self.real_array(b) {
            true => self.call_of("dot", &[a, b], &[], at).map(Some),
            false => Ok(None),
        }
    }

    /// The norm of a vector, of vectors along an axis, or of all elements.
    fn norm(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let Some(x) = named.get("x").filter(|x| self.real_array(*x).is_some()) else {
            return Ok(None);
        };
        let is_one =
            |value: ValueId| self.as_int(value) == Some(1) || self.b.func.as_const(value) == Some(&Const::Float(1.0));
        let is_two =
            |value: ValueId| self.as_int(value) == Some(2) || self.b.func.as_const(value) == Some(&Const::Float(2.0));
        let is_inf = |value: ValueId| self.b.func.as_const(value) == Some(&Const::Float(f64::INFINITY));
        let (order, axis) = (named.get("ord"), named.get("axis"));
        let rank = self.rank(x);
        let fold: Vec<(&str, ValueId)> = ["axis", "keepdims"]
            .into_iter()
            .filter_map(|name| named.get(name).map(|value| (name, value)))
            .collect();
        let one_axis = axis.is_some_and(|axis| matches!(self.bound_ty(axis), Ty::Int(_)));
        let euclidean = order.is_none_or(|order| is_two(order) && (rank == 1 || one_axis));
        if axis.is_none() && euclidean {
            if named.get("keepdims").is_some() {
                return Ok(None);
            }
            // BLAS adds what is not in one run in another order, so NumPy copies it first.
            let in_one_run = matches!(self.bound_ty(x), Ty::Array { contiguous: true, .. });
            let flat = match (rank, in_one_run) {
                (1, true) => x,
                (1, false) => self.call_of("copy", &[x], &[], at)?,
                (_, true) => self.call_of("ravel", &[x], &[], at)?,
                (_, false) => return Ok(None),
            };
            let square = self.call_of("dot", &[flat, flat], &[], at)?;
            return self.call_of("sqrt", &[square], &[], at).map(Some);
        }
        if axis.is_none() && rank != 1 || axis.is_some() && !one_axis {
            return Ok(None);
        }
        if euclidean {
            let squares = self.call_of("multiply", &[x, x], &[], at)?;
            let sum = self.call_of("sum", &[squares], &fold, at)?;
            return self.call_of("sqrt", &[sum], &[], at).map(Some);
        }
        let sizes = |reader: &mut Self| reader.call_of("abs", &[x], &[], at);
        match order {
            Some(order) if is_one(order) => {
                let sizes = sizes(self)?;
                self.call_of("sum", &[sizes], &fold, at).map(Some)
            }
            // Of nothing it is 0, which Python finds out.
            Some(order) if is_inf(order) => {
                let sizes = sizes(self)?;
                self.call_of("max", &[sizes], &fold, at).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// `ediff1d`: it subtracts, where `diff` compares truth values.
    fn differences(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let is_taken = |array: &ValueId| match self.bound_ty(*array) {
            Ty::Array { dtype, shape, .. } => shape.len() == 1 && *dtype != Dtype::Bool,
            _ => false,
        };
        match named.get("ary").filter(is_taken) {
            Some(array) => self.call_of("diff", &[array], &[], at).map(Some),
            None => Ok(None),
        }
    }

    /// `array[lo:hi]` of a vector.
    fn part(&mut self, array: ValueId, lo: Option<i128>, hi: Option<i128>, at: TextRange) -> Read<ValueId> {
        let operands: Vec<ValueId> = [lo, hi].into_iter().flatten().map(|end| self.b.int(end)).collect();
        let subs = Subscripts {
            subs: vec![Sub::Slice {
                lo: lo.is_some(),
                hi: hi.is_some(),
                step: false,
            }],
            operands,
        };
        self.load(array, &subs, at)
    }

    fn trapezoid(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let Some(y) = named
            .get("y")
            .filter(|y| self.real_array(*y).is_some() && self.rank(*y) == 1)
        else {
            return Ok(None);
        };
        if !named.only(&["y", "x", "dx"]) {
            return Ok(None);
        }
        let width = match (named.get("x"), named.get("dx")) {
            (Some(x), _) if self.real_array(x).is_some() && self.rank(x) == 1 => self.call_of("diff", &[x], &[], at)?,
            (Some(_), _) => return Ok(None),
            (None, Some(dx)) if self.bound_ty(dx).as_scalar().is_some() => dx,
            (None, Some(_)) => return Ok(None),
            (None, None) => self.b.constant(Const::Float(1.0)),
        };
        let behind = self.part(y, Some(1), None, at)?;
        let before = self.part(y, None, Some(-1), at)?;
        let both = self.operator(F::Add, &[behind, before], at)?;
        let area = self.operator(F::Mul, &[width, both], at)?;
        let two = self.b.constant(Const::Float(2.0));
        let half = self.operator(F::TrueDiv, &[area, two], at)?;
        self.call_of("sum", &[half], &[], at).map(Some)
    }

    /// `|a - b| <= atol + rtol * |b|` where both are finite, `a == b` elsewhere.
    fn is_close(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let (Some(a), Some(b)) = (named.get("a"), named.get("b")) else {
            return Ok(None);
        };
        let is_fitting = |value: ValueId| self.real_array(value).is_some() || *self.bound_ty(value) == Ty::Float;
        let is_number =
            |value: ValueId| matches!(self.b.func.as_const(value), Some(Const::Float(float)) if float.is_finite());
        let tolerances = [named.get("rtol"), named.get("atol")];
        let are_known = tolerances.into_iter().flatten().all(is_number);
        let some_array = [a, b].iter().any(|value| self.real_array(*value).is_some());
        if !named.only(&["a", "b", "rtol", "atol"]) || !is_fitting(a) || !is_fitting(b) || !are_known || !some_array {
            return Ok(None);
        }
        let relative = tolerances[0].unwrap_or_else(|| self.b.constant(Const::Float(1e-5)));
        let absolute = tolerances[1].unwrap_or_else(|| self.b.constant(Const::Float(1e-8)));
        let finite = [
            self.call_of("isfinite", &[a], &[], at)?,
            self.call_of("isfinite", &[b], &[], at)?,
        ];
        let both = self.call_of("logical_and", &finite, &[], at)?;
        let zero = self.b.constant(Const::Float(0.0));
        // The difference of infinities would be invalid, which NumPy keeps to itself.
        let right = self.call_of("where", &[both, b, zero], &[], at)?;
        let distance = self.call_of("subtract", &[a, right], &[], at)?;
        let distance = self.call_of("abs", &[distance], &[], at)?;
        let size = self.call_of("abs", &[b], &[], at)?;
        let share = self.operator(F::Mul, &[relative, size], at)?;
        let limit = self.operator(F::Add, &[absolute, share], at)?;
        let near = self.call_of("less_equal", &[distance, limit], &[], at)?;
        let near = self.call_of("logical_and", &[near, both], &[], at)?;
        let same = self.call_of("equal", &[a, b], &[], at)?;
        self.call_of("logical_or", &[near, same], &[], at).map(Some)
    }

    /// `bool(np.all(x))`
    fn all_true(&mut self, values: ValueId, at: TextRange) -> Read<ValueId> {
        let all = self.call_of("all", &[values], &[], at)?;
        self.truth(all)
    }

    fn equal_arrays(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let (Some(a), Some(b)) = (named.get("a1"), named.get("a2")) else {
            return Ok(None);
        };
        let known = |value: ValueId| matches!(self.bound_ty(value), Ty::Array { dtype, shape, .. } if dtype.is_known() && !shape.is_empty());
        if !known(a) || !known(b) || self.rank(a) != self.rank(b) {
            return Ok(None);
        }
        for axis in 0..self.rank(a) {
            let (one, other) = (self.b.len(a, axis), self.b.len(b, axis));
            let same = self.b.operator(F::Eq, &[one, other]);
            self.b.effect(Kind::Require("arrays of one shape".to_owned()), &[same]);
        }
        let equal = self.call_of("equal", &[a, b], &[], at)?;
        self.all_true(equal, at).map(Some)
    }

    fn without_nan(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let Some(x) = named.get("x") else { return Ok(None) };
        let Some(dtype) = self.real_array(x) else {
            return Ok(None);
        };
        let is_float = |value: ValueId| matches!(self.bound_ty(value), Ty::Float | Ty::Int(_));
        if !["nan", "posinf", "neginf"]
            .iter()
            .filter_map(|name| named.get(name))
            .all(is_float)
        {
            return Ok(None);
        }
        let most = match dtype {
            Dtype::F32 => f64::from(f32::MAX),
            _ => f64::MAX,
        };
        let number = |reader: &mut Self, name: &str, default: f64| {
            named
                .get(name)
                .unwrap_or_else(|| reader.b.constant(Const::Float(default)))
        };
        let nan = number(self, "nan", 0.0);
        let high = number(self, "posinf", most);
        let low = number(self, "neginf", -most);
        let [above, below] = [f64::INFINITY, f64::NEG_INFINITY].map(|limit| self.b.constant(Const::Float(limit)));
        let is_low = self.call_of("equal", &[x, below], &[], at)?;
        let value = self.call_of("where", &[is_low, low, x], &[], at)?;
        let is_high = self.call_of("equal", &[x, above], &[], at)?;
        let value = self.call_of("where", &[is_high, high, value], &[], at)?;
        let is_nan = self.call_of("isnan", &[x], &[], at)?;
        self.call_of("where", &[is_nan, nan, value], &[], at).map(Some)
    }

    fn store_everywhere(&mut self, array: ValueId, value: ValueId, at: TextRange) -> Read<()> {
        let full = Subscripts {
            subs: vec![Sub::FULL; self.rank(array)],
            operands: Vec::new(),
        };
        self.store(array, &full, value, at)
    }

    fn copy_to(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let (Some(to), Some(from)) = (named.get("dst"), named.get("src")) else {
            return Ok(None);
        };
        let (Ty::Array { dtype: own, .. }, Ty::Array { dtype, .. }) = (self.bound_ty(to), self.bound_ty(from)) else {
            return Ok(None);
        };
        let fits = can_cast(*dtype, *own, Casting::SameKind) && self.rank(from) <= self.rank(to) && self.rank(to) > 0;
        if !fits || !named.only(&["dst", "src", "where"]) {
            return Ok(None);
        }
        match named.get("where") {
            None => self.store_everywhere(to, from, at)?,
            Some(mask) if self.is_mask_of(mask, to) && self.rank(from) == self.rank(to) => {
                self.store_masked(to, mask, from, at)?;
            }
            Some(_) => return Ok(None),
        }
        Ok(Some(self.b.constant(Const::None)))
    }

    fn is_mask_of(&self, mask: ValueId, array: ValueId) -> bool {
        matches!(self.bound_ty(mask), Ty::Array { dtype: Dtype::Bool, .. }) && self.rank(mask) == self.rank(array)
    }

    fn store_masked(&mut self, array: ValueId, mask: ValueId, value: ValueId, at: TextRange) -> Read<()> {
        let subs = Subscripts {
            subs: vec![Sub::At],
            operands: vec![mask],
        };
        let picked = match self.rank(value) {
            0 => value,
            _ => self.load(value, &subs, at)?,
        };
        self.store(array, &subs, picked, at)
    }

    /// `np.putmask(a, mask, number)`
    fn put_mask(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let (Some(array), Some(mask), Some(value)) = (named.get("a"), named.get("mask"), named.get("values")) else {
            return Ok(None);
        };
        let is_array = matches!(self.bound_ty(array), Ty::Array { .. });
        if !is_array || !self.is_mask_of(mask, array) {
            return Ok(None);
        }
        if self.bound_ty(value).as_scalar().is_none() {
            let (own, given) = (self.bound_ty(array).clone(), self.bound_ty(value).clone());
            let (Ty::Array { dtype: a, .. }, Ty::Array { dtype: b, .. }) = (own, given) else {
                return Ok(None);
            };
            if a != b || self.rank(value) != self.rank(array) {
                return Ok(None);
            }
            // Fewer values would be taken again and again.
            for axis in 0..self.rank(array) {
                let (one, other) = (self.b.len(array, axis), self.b.len(value, axis));
                let same = self.b.operator(F::Eq, &[one, other]);
                self.b
                    .effect(Kind::Require("as many values as elements".to_owned()), &[same]);
            }
        }
        self.store_masked(array, mask, value, at)?;
        Ok(Some(self.b.constant(Const::None)))
    }

    /// `np.select`: the first condition that holds chooses.
    fn select(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let items = |reader: &Self, name: &str| {
            let made = named.get(name).and_then(|list| reader.b.func.defining(list));
            made.filter(|op| op.kind == Kind::MakeTuple).map(|op| op.args.clone())
        };
        let (Some(conditions), Some(choices)) = (items(self, "condlist"), items(self, "choicelist")) else {
            return Ok(None);
        };
        let default = named.get("default").unwrap_or_else(|| self.b.int(0));
        if conditions.len() != choices.len() || !self.chooses_alike(&conditions, &choices, default) {
            return Ok(None);
        }
        let mut value = default;
        for (condition, choice) in conditions.iter().zip(&choices).rev() {
            value = self.call_of("where", &[*condition, *choice, value], &[], at)?;
        }
        Ok(Some(value))
    }

    /// Whether every step of a choice has the dtype of the whole: all arrays have one, and the last choice is an array.
    fn chooses_alike(&self, conditions: &[ValueId], choices: &[ValueId], default: ValueId) -> bool {
        let dtype_of = |value: ValueId| match self.bound_ty(value) {
            Ty::Array {
                dtype,
                shape,
                contiguous,
            } if dtype.is_known() && (*contiguous || shape.len() == 1) => Some(*dtype),
            _ => None,
        };
        let all_masks = conditions
            .iter()
            .all(|condition| dtype_of(*condition) == Some(Dtype::Bool));
        let Some(last) = choices.last().and_then(|last| dtype_of(*last)) else {
            return false;
        };
        let fits = |value: &ValueId| match self.bound_ty(*value) {
            Ty::Float => last.is_inexact(),
            Ty::Int(_) => last != Dtype::Bool,
            _ => dtype_of(*value) == Some(last),
        };
        all_masks && choices.iter().all(fits) && fits(&default)
    }

    /// The cross product of two vectors of three.
    fn cross(&mut self, named: &Named, at: TextRange) -> Read<Option<ValueId>> {
        let (Some(a), Some(b)) = (named.get("a"), named.get("b")) else {
            return Ok(None);
        };
        let is_vector = |value: ValueId| self.real_array(value).is_some() && self.rank(value) == 1;
        if !is_vector(a) || !is_vector(b) {
            return Ok(None);
        }
        let three = self.b.int(3);
        for vector in [a, b] {
            let length = self.b.len(vector, 0);
            let fits = self.b.operator(F::Eq, &[length, three]);
            self.b.effect(Kind::Require("vectors of three".to_owned()), &[fits]);
        }
        let mut items = Vec::new();
        for (i, j) in [(1, 2), (2, 0), (0, 1)] {
            let mut products = Vec::new();
            for (k, l) in [(i, j), (j, i)] {
                let (k, l) = (self.b.int(k), self.b.int(l));
                let (x, y) = (self.b.at(a, k), self.b.at(b, l));
                products.push(self.operator(F::Mul, &[x, y], at)?);
            }
            items.push(self.operator(F::Sub, &products, at)?);
        }
        let tuple = self.made_tuple(&items, at);
        self.call_of("array", &[tuple], &[], at).map(Some)
    }
}

fn positional(values: &[ValueId]) -> Args {
    Args {
        positional: values.to_vec(),
        keywords: Vec::new(),
    }
}
