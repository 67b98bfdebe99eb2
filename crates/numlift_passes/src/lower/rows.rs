//! Which op on arrays is lowered by what.
//!
//! One line for each kind of op, and for each function of NumPy that has elements. What stands in no line stays a call
//! and runs in Python.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::OpId;
use numlift_ir::op::Kind;
use numlift_ir::scalar::{F, Flavour};

use super::fold::Reduction;
use super::walk::Lower;

impl Lower<'_> {
    /// Lowers an op on arrays; `false` where it stays what it is.
    pub(super) fn array_op(&mut self, op: OpId) -> bool {
        let old = self.old;
        let data = old.op(op);
        match &data.kind {
            Kind::Scalar {
                f,
                flavour: Flavour::Ufunc,
            } => self.elementwise(op, *f),
            Kind::Len { axis } => self.length(op, *axis),
            Kind::Index(subs) => match data.args[1..].iter().any(|arg| self.is_array(*arg)) {
                true => self.compressed(op, subs) || self.gathered(op, subs),
                false => self.view(op, subs) || self.stepped(op, subs),
            },
            Kind::SetIndex(subs) => match data.args[1..data.args.len() - 1].iter().any(|arg| self.is_array(*arg)) {
                true => self.assign_masked(op, subs) || self.scattered(op, subs),
                false => !self.is_copied_in_order(op, subs) && (self.assign(op, subs) || self.assign_stepped(op, subs)),
            },
            Kind::Call { callee, keywords } => match (callee.as_str(), &keywords[..], data.args.len()) {
                ("numpy.where", [], 3) => self.choose(op),
                ("numpy.zeros_like" | "numpy.empty_like" | "numpy.ones_like" | "numpy.full_like", _, _) => {
                    self.like(op, callee.trim_start_matches("numpy."))
                }
                ("numpy.zeros" | "numpy.empty" | "numpy.ones", keywords, _)
                    if keywords.contains(&"order".to_owned()) =>
                {
                    self.ordered(op, callee, keywords)
                }
                ("numpy.ndarray", _, 1 | 2) => self.uninitialized(op, keywords),
                ("numpy.ones" | "numpy.full", _, _) => self.full(op, callee, keywords),
                ("numpy.copy", [], 1) => self.copied(op),
                ("numpy.matmul" | "numpy.dot", [], 2) => self.product(op),
                ("numpy.arange", _, _) => self.arange(op),
                ("numpy.indices", [], 1) => self.indices(op),
                ("numpy.linspace", _, _) => self.linspace(op),
                ("numpy.where" | "numpy.nonzero", [], 1) => self.nonzero(op),
                ("numpy.flatnonzero", [], 1) => self.flat_nonzero(op),
                ("numpy.array" | "numpy.asarray" | "numpy.ascontiguousarray", _, _) => {
                    self.array_of(op, callee.trim_start_matches("numpy."))
                }
                ("numpy.take", _, _) => self.taken(op),
                ("numpy.argmin", _, _) => self.extreme_place(op, Reduction::Min),
                ("numpy.argmax", _, _) => self.extreme_place(op, Reduction::Max),
                ("numpy.cumsum" | "numpy.cumprod", _, _) => self.scan(op, callee.trim_start_matches("numpy.")),
                (callee, [], 3) if callee.ends_with(".at") => self.changed_at(op, callee.trim_start_matches("numpy.")),
                (callee, [], 1) if Dtype::from_attribute(callee.trim_start_matches("numpy.")).is_some() => {
                    self.number_of(op, callee.trim_start_matches("numpy."))
                }
                (callee, _, _) if callee.ends_with(".accumulate") => self.scan(op, callee.trim_start_matches("numpy.")),
                (callee, _, _) => match callee.strip_prefix("numpy.").and_then(Reduction::from_name) {
                    Some(reduction) => self.reduce(op, reduction, keywords),
                    None => self.shape_function(op, callee.strip_prefix("numpy.").unwrap_or_default()),
                },
            },
            Kind::Attr(name) => self.attribute(op, name),
            Kind::Method { name, keywords } => match (name.as_str(), &keywords[..], data.args.len()) {
                ("dot", [], 2) => self.product(op),
                ("copy", [], 1) | ("astype", [], 2) => self.copied(op),
                ("conj" | "conjugate", [], 1) if self.is_complex_array(data.args[0]) => self.elementwise(op, F::Conj),
                ("nonzero", [], 1) => self.nonzero(op),
                ("take", _, _) => self.taken(op),
                ("argmin", _, _) => self.extreme_place(op, Reduction::Min),
                ("argmax", _, _) => self.extreme_place(op, Reduction::Max),
                ("cumsum" | "cumprod", _, _) => self.scan(op, name),
                (name, _, _) => match Reduction::from_name(name) {
                    Some(reduction) => self.reduce(op, reduction, keywords),
                    None => self.shape_function(op, name),
                },
            },
            _ => false,
        }
    }
}
