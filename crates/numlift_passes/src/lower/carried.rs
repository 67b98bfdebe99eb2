//! How arrays lie that loops carry, or that one of two branches gives.
//!
//! ```text
//! for _ in range(n): x = 0.5 * x + y        x lies in every iteration as it does in front of the loop
//! ```
//!
//! What a loop begins with is taken for what it carries. Where an iteration hands on something that lies otherwise, the
//! function is lowered once more without that. A value that lies now like this, now like that is *mixed*: what is made of
//! it whole is made by NumPy, which looks.

use std::collections::BTreeMap;

use numlift_ir::function::{BlockId, OpId, ValueId};
use numlift_ir::op::{Kind, Term};
use numlift_ir::ty::Ty;

use super::layout::inner;
use super::lying::Lying;
use super::space::NodeKind;
use super::walk::{Lower, Meaning};

/// What is taken for granted of the loops around a place.
#[derive(Debug, Default)]
pub(super) struct Assumed {
    /// For each loop around, the outermost first, what it carries: the block parameter, and how it lies.
    pub loops: Vec<Vec<Option<(ValueId, Lying)>>>,
    /// Parameters of blocks of the old function of which it did not hold; whether they are mixed.
    pub doubtful: BTreeMap<ValueId, bool>,
    /// Those of which it did not hold this time.
    pub failed: BTreeMap<ValueId, bool>,
}

/// Functions whose result lies as their first operand does.
const ALIKE: [&str; 12] = [
    "numpy.sort",
    "numpy.partition",
    "numpy.pad",
    "numpy.roll",
    "numpy.fft.fft",
    "numpy.fft.fft2",
    "numpy.fft.fftn",
    "numpy.fft.ifft",
    "numpy.fft.ifft2",
    "numpy.fft.ifftn",
    "numpy.fft.rfft",
    "numpy.fft.irfft",
];

impl Lower<'_> {
    /// How an array of the new function lies.
    pub(super) fn lying_of(&self, value: ValueId) -> Lying {
        let Ty::Array { shape, contiguous, .. } = self.b.func.ty(value).bound() else {
            return Lying::Unknown;
        };
        let rank = shape.len();
        let run = |axes: Vec<usize>| Lying::Axes {
            axes,
            still: Vec::new(),
            is_run: true,
        };
        match (contiguous, self.orders.get(&value)) {
            _ if rank < 2 => Lying::Unknown,
            (true, _) => run((0..rank).collect()),
            (false, Some(order)) => run(order.clone()),
            (false, None) => self.places.of(value, rank),
        }
    }

    /// How a value of the old function lies.
    pub(super) fn lies(&self, old: ValueId) -> Lying {
        let node = match self.meaning(old) {
            Meaning::Plain(value) => return self.lying_of(value),
            Meaning::Node(node) => node,
        };
        let data = self.node(node);
        let own = data.value.map_or(Lying::Unknown, |value| self.lying_of(value));
        let NodeKind::Memory { base, .. } = &data.kind else {
            return own;
        };
        // A view of what lies in an order that is known.
        match own {
            Lying::Unknown if data.shape.len() > 1 && self.has_order(*base) => {
                let axes = self.order_of(node).unwrap_or_else(|| (0..data.shape.len()).collect());
                Lying::Axes {
                    axes,
                    still: self.still_axes(node),
                    is_run: false,
                }
            }
            own => own,
        }
    }

    /// Whether what is made of a value lies now like this, now like that.
    fn is_mixed(&self, old: ValueId) -> bool {
        match self.meaning(old) {
            Meaning::Plain(value) => self.places.is_mixed(value),
            Meaning::Node(node) => self.below(node).into_iter().any(|part| match &self.node(part).kind {
                NodeKind::Memory { base, .. } => self.places.is_mixed(*base),
                _ => false,
            }),
        }
    }

    /// How a value of the old function lies; `None` where it is mixed.
    pub(super) fn lies_surely(&self, old: ValueId) -> Option<Lying> {
        (!self.is_mixed(old)).then(|| self.lies(old))
    }

    /// The type of a value that lies like that.
    pub(super) fn lying_type(&self, old: ValueId, lying: &Lying) -> Ty {
        let ty = self.old.ty(old).clone();
        match (ty, lying) {
            (Ty::Array { dtype, shape, .. }, Lying::Axes { axes, is_run: true, .. })
                if axes.iter().copied().eq(0..shape.len()) =>
            {
                Ty::Array {
                    dtype,
                    shape,
                    contiguous: true,
                }
            }
            (ty, _) => ty,
        }
    }

    /// A value of the new function for a parameter of a block, or for a result, that lies like that.
    pub(super) fn bind_carried(&mut self, old: ValueId, new: ValueId, lying: &Lying) {
        match self.lying_type(old, lying) {
            Ty::Array { contiguous: true, .. } => self.bind(old, Meaning::Plain(new)),
            _ => self.bind_lying(old, new, lying),
        }
    }

    /// What Python makes of an array in the order in which that lies.
    pub(super) fn bind_alike(&mut self, old: OpId, new: OpId) {
        let data = self.b.func.op(new);
        let (Kind::Call { callee, .. }, [made], [given, ..]) = (&data.kind, &data.results[..], &data.args[..]) else {
            return;
        };
        let rank = self.b.func.ty(*made).bound().dims().len();
        if callee == "numpy.asfortranarray" && rank > 1 {
            let (made, axes) = (*made, (0..rank).rev().collect());
            let lying = Lying::Axes {
                axes,
                still: Vec::new(),
                is_run: false,
            };
            return self.bind_lying(self.result(old), made, &lying);
        }
        if !ALIKE.contains(&callee.as_str()) || matches!(self.b.func.ty(*made), Ty::Array { contiguous: true, .. }) {
            return;
        }
        if let (Lying::Axes { axes, still, .. }, made) = (self.lying_of(*given), *made)
            && axes.len() == rank
        {
            let lying = Lying::Axes {
                axes: inner(axes, &still),
                still: Vec::new(),
                is_run: false,
            };
            self.bind_lying(self.result(old), made, &lying);
        }
    }

    /// Parameters of a block, by what a loop begins with, which may be mixed.
    pub(super) fn carried_params(&mut self, block: BlockId, new: BlockId, begins: &[Option<Lying>], kind: &Kind) {
        let params = self.old.block(block).params.clone();
        let index = usize::from(*kind == Kind::For);
        let mut carried = Vec::new();
        let mut made = Vec::new();
        for (place, param) in params.iter().enumerate() {
            let begin = place.checked_sub(index).and_then(|place| begins.get(place));
            let lying = match begin {
                Some(Some(begin)) if !self.assumed.doubtful.contains_key(param) => begin.clone(),
                Some(_) | None => Lying::Unknown,
            };
            let is_mixed = matches!(begin, Some(None)) || self.assumed.doubtful.get(param) == Some(&true);
            let ty = self.lying_type(*param, &lying);
            let value = self.b.func.add_param(new, ty, self.old.name_of(*param));
            if place >= index {
                carried.push((lying != Lying::Unknown).then(|| (*param, lying.clone())));
            }
            made.push((*param, value, lying, is_mixed));
        }
        for (param, value, lying, is_mixed) in made {
            self.bind_carried(param, value, &lying);
            if is_mixed {
                self.places.mix(value);
            }
        }
        if matches!(kind, Kind::For | Kind::While) {
            self.assumed.loops.push(carried);
        }
    }

    pub(super) fn leave_block(&mut self, kind: &Kind) {
        if matches!(kind, Kind::For | Kind::While) {
            self.assumed.loops.pop();
        }
    }

    /// Looks at what a block hands to a loop around it: values of the old function.
    pub(super) fn check_carried(&mut self, end: &Term, values: &[ValueId], is_body: bool) {
        let loops = &self.assumed.loops;
        let to = match end {
            Term::Yield(_) if is_body => loops.last(),
            Term::Break(out, _) => loops.iter().rev().nth(*out),
            Term::Yield(_) | Term::Return(_) | Term::Unreachable => None,
        };
        let wrong: Vec<(ValueId, bool)> = to
            .into_iter()
            .flatten()
            .zip(values)
            .filter_map(|(carried, value)| {
                let (param, lying) = carried.as_ref()?;
                let own = self.lies(*value);
                (!lying.holds_for(&own)).then_some((*param, own != Lying::Unknown || self.is_mixed(*value)))
            })
            .collect();
        for (param, is_mixed) in wrong {
            *self.assumed.failed.entry(param).or_default() |= is_mixed;
        }
    }

    /// How the results of an op with blocks lie, by what these hand on; `None` where they are mixed.
    pub(super) fn given_by(&self, old: OpId, begins: &[Option<Lying>]) -> Vec<Option<Lying>> {
        let data = self.old.op(old);
        (0..data.results.len())
            .map(|place| match data.kind {
                Kind::If => self.given_by_branches(&data.blocks, place),
                _ => self.given_by_loop(old, begins.get(place).unwrap_or(&Some(Lying::Unknown)).as_ref()?, place),
            })
            .collect()
    }

    /// The results of a loop are what it carries, which was looked at.
    fn given_by_loop(&self, old: OpId, begin: &Lying, place: usize) -> Option<Lying> {
        let data = self.old.op(old);
        let index = usize::from(data.kind == Kind::For);
        let params = data.blocks.iter().map(|block| &self.old.block(*block).params);
        let doubts: Vec<bool> = params
            .filter_map(|params| params.get(place + index))
            .filter_map(|param| self.assumed.doubtful.get(param).copied())
            .collect();
        match (doubts.is_empty(), doubts.contains(&true)) {
            (true, _) => Some(begin.clone()),
            (false, true) => None,
            (false, false) => Some(Lying::Unknown),
        }
    }

    fn given_by_branches(&self, blocks: &[BlockId], place: usize) -> Option<Lying> {
        let mut found: Option<Lying> = None;
        for block in blocks {
            let Term::Yield(values) = &self.old.block(*block).end else {
                continue;
            };
            let Some(value) = values.get(place) else { continue };
            if self.is_mixed(*value) {
                return None;
            }
            let own = self.lies(*value);
            found = match found {
                None => Some(own),
                Some(known) if known == own => Some(known),
                Some(Lying::Unknown) => Some(Lying::Unknown),
                Some(_) if own == Lying::Unknown => Some(own),
                Some(_) => return None,
            };
        }
        Some(found.unwrap_or(Lying::Unknown))
    }

    /// Says how the results of an op with blocks lie.
    pub(super) fn bind_given(&mut self, old: OpId, new: OpId, lying: &[Option<Lying>]) {
        let results = self.b.func.op(new).results.clone();
        for ((old, new), lying) in self.old.op(old).results.iter().zip(results).zip(lying) {
            self.bind_carried(*old, new, lying.as_ref().unwrap_or(&Lying::Unknown));
            if lying.is_none() {
                self.places.mix(new);
            }
        }
    }

    /// Whether an op makes something of a whole array that is mixed.
    pub(super) fn is_of_mixed(&self, op: OpId) -> bool {
        let data = self.old.op(op);
        if !self.places.has_mixed()
            || matches!(
                data.kind,
                Kind::Index(_) | Kind::SetIndex(_) | Kind::Len { .. } | Kind::Attr(_)
            )
        {
            return false;
        }
        data.args.iter().any(|arg| self.is_mixed(*arg))
    }

    /// What Python makes of what is mixed is mixed.
    pub(super) fn mix_results(&mut self, op: OpId) {
        for result in self.old.op(op).results.clone() {
            if let Meaning::Plain(value) = self.meaning(result)
                && self.is_array(result)
            {
                self.places.mix(value);
            }
        }
    }
}
