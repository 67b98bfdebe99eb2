//! How arguments lie in memory.
//!
//! ```text
//! x: one run, columns first      %x' = <view> x with its axes as they lie, C-contiguous;  x[i, j] is x'[j, i]
//! ```
//!
//! All else here knows how to go through memory in C order. So an argument that lies otherwise is looked at by way of a
//! view that lies in C order, and the object itself is only there for whoever asks for it. What has gaps is such a view,
//! too, but no run.

use std::collections::{HashMap, HashSet};

use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub};
use numlift_ir::ty::Ty;

use super::space::{NodeId, NodeKind};
use super::views::{Position, View};
use super::walk::{Lower, Meaning};

/// What is known of an argument's memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lying {
    /// What its type says.
    Unknown,
    /// An array whose axes lie in this order, the one with the largest stride first.
    Axes {
        axes: Vec<usize>,
        /// Axes along which nothing moves.
        still: Vec<usize>,
        /// It is one run of memory.
        is_run: bool,
    },
    Tuple(Vec<Lying>),
}

impl Lying {
    /// Whether what is known of all values holds for one that lies like that.
    pub(super) fn holds_for(&self, other: &Lying) -> bool {
        match (self, other) {
            (Self::Unknown, _) => true,
            (
                Self::Axes { axes, still, is_run },
                Self::Axes {
                    axes: other_axes,
                    still: other_still,
                    is_run: other_is_run,
                },
            ) => axes == other_axes && still == other_still && (*other_is_run || !is_run),
            (Self::Tuple(_), _) | (Self::Axes { .. }, Self::Unknown | Self::Tuple(_)) => false,
        }
    }
}

/// How values of the new function lie.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The array in C order by which another is looked at, and where each of its axes is in the other.
    turned: HashMap<ValueId, (ValueId, Vec<usize>)>,
    /// Axes of arrays in C order along which nothing moves.
    still: HashMap<ValueId, Vec<usize>>,
    /// Tuples of arrays, by what is known of these.
    tuples: HashMap<ValueId, Vec<Lying>>,
    /// Arrays that lie now like this, now like that.
    mixed: HashSet<ValueId>,
}

impl Places {
    /// What is known of an array that is no new one.
    pub(super) fn of(&self, value: ValueId, rank: usize) -> Lying {
        let (base, axes) = match self.turned.get(&value) {
            Some((base, axes)) => (*base, axes.clone()),
            None if self.has_gaps(value) => (value, (0..rank).collect()),
            None => return Lying::Unknown,
        };
        let still = self.still.get(&base).into_iter().flatten().map(|place| axes[*place]);
        Lying::Axes {
            still: still.collect(),
            is_run: !self.has_gaps(base),
            axes,
        }
    }

    /// Whether the axes of an array that is not C-contiguous lie in C order, with gaps.
    pub(super) fn has_gaps(&self, base: ValueId) -> bool {
        self.still.contains_key(&base)
    }

    pub(super) fn mix(&mut self, value: ValueId) {
        self.mixed.insert(value);
    }

    pub(super) fn is_mixed(&self, value: ValueId) -> bool {
        self.mixed.contains(&value)
    }

    pub(super) fn has_mixed(&self) -> bool {
        !self.mixed.is_empty()
    }

    /// Whether nothing moves along an axis.
    pub(super) fn is_still(&self, base: ValueId, axis: usize) -> bool {
        self.still.get(&base).is_some_and(|still| still.contains(&axis))
    }
}

impl Lower<'_> {
    /// Says that a value of the old function is this one, which lies like that.
    pub(super) fn bind_lying(&mut self, old: ValueId, new: ValueId, lying: &Lying) {
        self.bind(old, Meaning::Plain(new));
        match lying {
            Lying::Unknown => {}
            Lying::Tuple(items) => {
                self.places.tuples.insert(new, items.clone());
            }
            Lying::Axes { axes, still, is_run } => {
                if self.is_array(old) && axes.len() > 1 {
                    self.bind_turned(old, new, axes, still, *is_run);
                }
            }
        }
    }

    fn bind_turned(&mut self, old: ValueId, new: ValueId, axes: &[usize], still: &[usize], is_run: bool) {
        let dtype = self.dtype_of(old);
        let shape = self.extents_of(new);
        let place = |axis: &usize| axes.iter().position(|other| other == axis);
        let is_c = axes.windows(2).all(|pair| pair[0] < pair[1]);
        let offset = self.int(0);
        let base = match is_c {
            true => new,
            false => {
                let positions = (0..axes.len())
                    .map(|axis| Position {
                        offset,
                        along: place(&axis).map(|place| (place, 1)),
                    })
                    .collect();
                let shape = axes.iter().map(|axis| shape[*axis].clone()).collect();
                self.view_that_lies(new, &View { shape, positions }, is_run)
            }
        };
        if !is_run {
            let still = still.iter().filter_map(place).collect();
            self.places.still.insert(base, still);
        }
        if !is_c {
            self.places.turned.insert(new, (base, axes.to_vec()));
        }
        let positions = axes
            .iter()
            .map(|axis| Position {
                offset,
                along: Some((*axis, 1)),
            })
            .collect();
        let node = self.add_node(NodeKind::Memory { base, positions }, shape, dtype);
        self.nodes[node.index()].value = Some(new);
        self.nodes[node.index()].source = Some(old);
        self.bind(old, Meaning::Node(node));
    }

    /// Whether the order is known in which the axes of an array lie.
    pub(super) fn has_order(&self, base: ValueId) -> bool {
        let is_contiguous = matches!(self.b.func.ty(base).bound(), Ty::Array { contiguous: true, .. });
        is_contiguous || self.orders.contains_key(&base) || self.places.has_gaps(base)
    }

    /// The axes of a view of an array in C order along which nothing moves.
    pub(super) fn still_axes(&self, node: NodeId) -> Vec<usize> {
        let data = self.node(node);
        let NodeKind::Memory { base, positions } = &data.kind else {
            return Vec::new();
        };
        let moves = |axis: usize| {
            let mut along = (0..)
                .zip(positions)
                .filter(|(own, _)| !self.places.is_still(*base, *own));
            along.any(|(_, position)| position.along.is_some_and(|(other, _)| other == axis))
        };
        let is_long = |axis: &usize| !data.shape[*axis].is_one();
        (0..data.shape.len())
            .filter(is_long)
            .filter(|axis| !moves(*axis))
            .collect()
    }

    /// What is taken out of a tuple lies as that says.
    pub(super) fn bind_item(&mut self, op: OpId, new: ValueId) -> bool {
        let data = self.old.op(op);
        let (Kind::Item(place), Some(tuple)) = (&data.kind, data.args.first()) else {
            return false;
        };
        let Meaning::Plain(tuple) = self.meaning(*tuple) else {
            return false;
        };
        let lying = self.places.tuples.get(&tuple).and_then(|items| items.get(*place));
        let Some(lying) = lying.cloned() else { return false };
        self.bind_lying(self.result(op), new, &lying);
        true
    }

    /// An element of an array by all its indices, as one of the array by which it is looked at.
    pub(super) fn in_its_order(&self, kind: &Kind, args: &mut [ValueId]) {
        let (Kind::Index(subs) | Kind::SetIndex(subs)) = kind else {
            return;
        };
        let Some((base, axes)) = args.first().and_then(|array| self.places.turned.get(array)) else {
            return;
        };
        let is_int = |index: &ValueId| matches!(self.b.func.ty(*index), Ty::Int(_));
        let indices = args[1..].to_vec();
        if subs.len() == axes.len()
            && subs.iter().all(|sub| *sub == Sub::At)
            && indices[..axes.len()].iter().all(is_int)
        {
            args[0] = *base;
            for (place, axis) in axes.iter().enumerate() {
                args[place + 1] = indices[*axis];
            }
        }
    }
}
