//! Slices whose step is a number that is not known.
//!
//! ```text
//! p[i*i::i] = False      require i > 0; view = <view> p: from i*i, by i; for %k in range(0, count): store view[k], False
//! ```
//!
//! Such a slice is made as an object at once, whose stride is a number of the program's. A step that is not positive is
//! Python's.

use numlift_ir::affine::affine_of;
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{Kind, Sub, VIEW};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;

use super::views::View;
use super::walk::{Lower, Meaning};

impl Lower<'_> {
    /// Whether subscripts are basic but for steps that are not known.
    fn is_stepped(&self, subs: &[Sub], operands: &[ValueId]) -> bool {
        let mut operand = 0;
        let mut known = Vec::new();
        let mut some = false;
        for sub in subs {
            let own = &operands[operand..operand + sub.arity()];
            operand += sub.arity();
            match (sub, own.split_last()) {
                (Sub::Slice { lo, hi, step: true }, Some((step, bounds)))
                    if matches!(self.old.ty(*step), Ty::Int(_))
                        && affine_of(self.old, *step).as_constant().is_none() =>
                {
                    some = true;
                    known.push((
                        Sub::Slice {
                            lo: *lo,
                            hi: *hi,
                            step: false,
                        },
                        bounds,
                    ));
                }
                _ => known.push((*sub, own)),
            }
        }
        let subs: Vec<Sub> = known.iter().map(|(sub, _)| *sub).collect();
        let operands: Vec<ValueId> = known.iter().flat_map(|(_, own)| own.iter().copied()).collect();
        some && self.is_basic(&subs, &operands)
    }

    /// `base[lo:hi:step]` as an object.
    pub(super) fn stepped(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, operands) = (data.args[0], data.args[1..].to_vec());
        let result = self.result(op);
        if !self.is_array(base) || !self.is_array(result) || !self.is_stepped(subs, &operands) {
            return false;
        }
        let (view, _) = self.stepped_view(base, subs, &operands);
        self.bind(result, Meaning::Plain(view));
        true
    }

    /// `base[lo:hi:step] = value`
    pub(super) fn assign_stepped(&mut self, op: OpId, subs: &[Sub]) -> bool {
        let data = self.old.op(op);
        let (base, value) = (data.args[0], data.args[data.args.len() - 1]);
        let operands = data.args[1..data.args.len() - 1].to_vec();
        if !self.is_array(base) || !self.is_operand(value) || !self.is_stepped(subs, &operands) {
            return false;
        }
        let dtype = self.dtype_of(base);
        if !self.may_be_stored(value, dtype) {
            return false;
        }
        self.keep_in_memory(base);
        let (memory, view) = self.stepped_view(base, subs, &operands);
        let whole = self.whole(view.shape);
        let source = self.operand(value);
        self.store_in(base, memory, whole, source, dtype);
        true
    }

    fn stepped_view(&mut self, base: ValueId, subs: &[Sub], operands: &[ValueId]) -> (ValueId, View) {
        let memory = self.plain(base);
        let shape = self.extents_of(memory);
        let operands: Vec<ValueId> = operands.iter().map(|operand| self.plain(*operand)).collect();
        let (zero, one) = (self.int(0), self.int(1));
        let mut operand = 0;
        let mut steps = Vec::new();
        for sub in subs {
            if let Sub::Slice { step: true, .. } = sub {
                let step = operands[operand + sub.arity() - 1];
                if self.as_int(step).is_none() {
                    let is_positive = self.test(F::Gt, step, zero);
                    self.require(is_positive, "a step that is positive");
                }
                steps.push((steps.len(), step));
            }
            operand += sub.arity();
        }
        let view = self.subscripted(&shape, subs, &operands);
        // The axes of the base, in order, with the steps of its slices.
        let mut given = Vec::new();
        let used = subs
            .iter()
            .filter(|sub| matches!(sub, Sub::At | Sub::Slice { .. }))
            .count();
        let mut steps = steps.into_iter().map(|(_, step)| step);
        for sub in subs {
            match sub {
                Sub::At => given.push(one),
                Sub::Slice { step, .. } => given.push(if *step { steps.next().unwrap_or(one) } else { one }),
                Sub::NewAxis => {}
                Sub::Ellipsis => given.extend(std::iter::repeat_n(one, shape.len() - used)),
            }
        }
        given.resize(shape.len(), one);
        let mut args = vec![memory];
        args.extend(view.positions.iter().map(|position| position.offset));
        for position in &view.positions {
            let along = position.along.map_or(-1, |(axis, _)| axis as i128);
            args.push(self.int(along));
        }
        for (position, step) in view.positions.iter().zip(given) {
            args.push(match position.along {
                None => zero,
                Some((_, known)) if self.as_int(step).is_some() => self.int(known),
                Some(_) => step,
            });
        }
        args.extend(view.shape.iter().map(|extent| extent.value));
        let dtype = self.dtype_of(base);
        let ty = self.array_type(dtype, &view.shape, false);
        let kind = Kind::Call {
            callee: VIEW.to_owned(),
            keywords: Vec::new(),
        };
        (self.typed(kind, &args, ty), view)
    }
}
