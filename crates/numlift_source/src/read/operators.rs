//! Operators and comparisons.

use numlift_ir::dtype::Dtype;
use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::Ty;
use ruff_python_ast::{self as ast, CmpOp, Expr, Operator};
use ruff_text_size::TextRange;

use super::lists::list_of;
use super::reader::Reader;
use super::refusal::{Read, Refusal};

/// The scalar function of a binary operator; `@` is a call.
pub(super) fn function_of(op: Operator) -> Option<F> {
    match op {
        Operator::Add => Some(F::Add),
        Operator::Sub => Some(F::Sub),
        Operator::Mult => Some(F::Mul),
        Operator::Div => Some(F::TrueDiv),
        Operator::FloorDiv => Some(F::FloorDiv),
        Operator::Mod => Some(F::Mod),
        Operator::Pow => Some(F::Pow),
        Operator::LShift => Some(F::Shl),
        Operator::RShift => Some(F::Shr),
        Operator::BitAnd => Some(F::And),
        Operator::BitOr => Some(F::Or),
        Operator::BitXor => Some(F::Xor),
        Operator::MatMult => None,
    }
}

impl<'a> Reader<'a> {
    pub(super) fn binary(&mut self, op: &'a ast::ExprBinOp) -> Read<ValueId> {
        let left = self.expr(&op.left)?;
        let right = self.expr(&op.right)?;
        self.binary_values(op.op, left, right, op.range)
    }

    /// `left op right` as a new value.
    pub(super) fn binary_values(
        &mut self,
        op: Operator,
        left: ValueId,
        right: ValueId,
        at: TextRange,
    ) -> Read<ValueId> {
        let Some(f) = function_of(op) else {
            return self.matmul(left, right, at);
        };
        if let (F::Mul, Ty::List(..), Ty::Int(_) | Ty::Bool) = (f, self.bound_ty(left), self.bound_ty(right)) {
            return Ok(self.repeat(left, right, at));
        }
        if let (F::Mul, Ty::Int(_) | Ty::Bool, Ty::List(..)) = (f, self.bound_ty(left), self.bound_ty(right)) {
            return Ok(self.repeat(right, left, at));
        }
        if let (F::Add, Ty::Tuple(a), Ty::Tuple(b)) = (f, self.bound_ty(left), self.bound_ty(right)) {
            let (a, b) = (a.len(), b.len());
            let mut items: Vec<ValueId> = (0..a).map(|n| self.b.item(left, n)).collect();
            items.extend((0..b).map(|n| self.b.item(right, n)));
            return Ok(self.made_tuple(&items, at));
        }
        if let (F::Add, Ty::List(a, _), Ty::List(b, _)) = (f, self.bound_ty(left), self.bound_ty(right)) {
            let ty = list_of(a.join(b));
            if let Some(joined) = self.joined_lists(left, right, at) {
                return Ok(joined);
            }
            return Err(Refusal::typed(at, ty, "lists are joined"));
        }
        // The square has a loop of its own, which gives small ints for bools.
        if f == F::Pow && self.is_array_of_bools(left) && self.b.func.as_const(right) == Some(&Const::Int(2)) {
            return self.operator(F::Square, &[left], at);
        }
        if f == F::Pow && self.hangs_on_exponent(left, right) {
            return Err(Refusal::new(at, "what this power is hangs on the exponent's value"));
        }
        let left = match f {
            F::Pow => self.base_of_root(left, right),
            _ => left,
        };
        let value = self.operator(f, &[left, right], at)?;
        self.note_int_power(f, value);
        Ok(value)
    }

    /// `n ** 0.5` of an int is a float where that is not negative: where it is, Python goes on.
    fn base_of_root(&mut self, base: ValueId, exponent: ValueId) -> ValueId {
        let may_be_negative = matches!(self.ty(base), Ty::Int(interval) if interval.lo.is_none_or(|lo| lo < 0));
        if self.options.frames.is_none() || !may_be_negative || *self.ty(exponent) != Ty::Float {
            return base;
        }
        let zero = self.b.int(0);
        let fits = self.b.operator(F::Le, &[zero, base]);
        let reason = "a base that is not negative".to_owned();
        self.b.effect(Kind::Require(reason), &[fits]);
        self.b.operator(F::Max, &[base, zero])
    }

    /// Whether NumPy looks at the value of an exponent first: bools ** 2 are small ints, and complex arrays ** -1, 2 and
    /// 0.5 have loops that round otherwise than that of powers.
    fn hangs_on_exponent(&self, base: ValueId, exponent: ValueId) -> bool {
        let Ty::Array { dtype, .. } = self.bound_ty(base) else {
            return false;
        };
        if !matches!(self.bound_ty(exponent), Ty::Int(_) | Ty::Float) {
            return false;
        }
        let constant = match self.b.func.as_const(exponent) {
            Some(Const::Int(int)) => Some(*int as f64),
            Some(Const::Float(float)) => Some(*float),
            _ => None,
        };
        match *dtype {
            Dtype::Bool => constant.is_none(),
            dtype if dtype.is_complex() => constant.is_none_or(|constant| constant == -1.0),
            _ => false,
        }
    }

    fn is_array_of_bools(&self, value: ValueId) -> bool {
        matches!(self.bound_ty(value), Ty::Array { dtype, .. } if *dtype == Dtype::Bool)
    }

    /// `[x] * n`
    fn repeat(&mut self, list: ValueId, count: ValueId, at: TextRange) -> ValueId {
        let repeated = self.b.value(Kind::Repeat, &[list, count]);
        self.name_extents(repeated);
        let site = self.site(at, 0);
        self.copied_list(repeated, site, list);
        repeated
    }

    fn matmul(&mut self, left: ValueId, right: ValueId, at: TextRange) -> Read<ValueId> {
        for operand in [left, right] {
            if !matches!(self.bound_ty(operand), Ty::Array { .. } | Ty::Never) {
                return Err(self.refuse_type(operand, at));
            }
        }
        let value = self.b.value(
            Kind::Call {
                callee: "numpy.matmul".to_owned(),
                keywords: Vec::new(),
            },
            &[left, right],
        );
        self.made_array(value, at);
        Ok(value)
    }

    /// An operator on scalars or arrays.
    pub(super) fn operator(&mut self, f: F, args: &[ValueId], at: TextRange) -> Read<ValueId> {
        let unknown = |arg: &&ValueId| *self.bound_ty(**arg) == Ty::Unknown;
        // `s += x[i] * self.half`: of `s` nothing is known because of `self.half`.
        let explained = args
            .iter()
            .filter(unknown)
            .find(|arg| self.why_unknown(**arg).is_some());
        if let Some(arg) = explained.or_else(|| args.iter().find(unknown)) {
            return Err(self.refuse_type(*arg, at));
        }
        let value = self.b.operator(f, args);
        if *self.ty(value) == Ty::Unknown {
            let types: Vec<String> = args.iter().map(|arg| self.bound_ty(*arg).spoken()).collect();
            let reason = format!("`{}` on {} is not read", self.shown(at), types.join(" and "));
            let ty = self.type_of_strings(f, args);
            return Err(Refusal {
                ty: ty.map(Box::new),
                ..Refusal::new(at, reason)
            });
        }
        self.made_array(value, at);
        Ok(value)
    }

    /// `"%d" % n`, `a + b`, `"-" * 20`
    fn type_of_strings(&self, f: F, args: &[ValueId]) -> Option<Ty> {
        let makes_string = match (f, args) {
            (F::Mod, [left, _]) => *self.bound_ty(*left) == Ty::Str,
            (F::Add, [left, right]) => *self.bound_ty(*left) == Ty::Str && *self.bound_ty(*right) == Ty::Str,
            (F::Mul, [left, right]) => {
                let int = |value: &ValueId| matches!(self.bound_ty(*value), Ty::Int(_));
                let string = |value: &ValueId| *self.bound_ty(*value) == Ty::Str;
                string(left) && int(right) || int(left) && string(right)
            }
            _ => false,
        };
        makes_string.then_some(Ty::Str)
    }

    /// `a < b <= c`: each operand is evaluated once, and none behind the first comparison that is false.
    pub(super) fn compare(&mut self, compare: &'a ast::ExprCompare) -> Read<ValueId> {
        let left = self.any_expr(&compare.left)?;
        if let ([op @ (CmpOp::In | CmpOp::NotIn)], [Expr::Call(call)]) = (&compare.ops[..], &compare.comparators[..])
            && let Some(found) = self.in_range(left, call)?
        {
            return match op {
                CmpOp::In => Ok(found),
                _ => self.operator(F::Not, &[found], compare.range),
            };
        }
        let pairs: Vec<(CmpOp, &'a Expr)> = compare.ops.iter().copied().zip(&compare.comparators).collect();
        self.compare_chain(left, &pairs, compare.range)
    }

    fn compare_chain(&mut self, left: ValueId, pairs: &[(CmpOp, &'a Expr)], at: TextRange) -> Read<ValueId> {
        let [(op, right_expr), rest @ ..] = pairs else {
            unreachable!("a comparison has an operator")
        };
        let right = match right_expr {
            Expr::Set(set) if self.is_choice(*op, left, &set.elts) => {
                let items: Read<Vec<ValueId>> = set.elts.iter().map(|item| self.expr(item)).collect();
                let items = items?;
                self.made_tuple(&items, set.range)
            }
            _ => self.any_expr(right_expr)?,
        };
        let first = self.compare_two(*op, left, right, at)?;
        if rest.is_empty() {
            return Ok(first);
        }
        if !is_bool(self.bound_ty(first)) {
            return Err(Refusal::new(at, "a chain of comparisons of arrays"));
        }
        // `first and (right < next)`: the value is `first` where it is false.
        let truth = self.truth(first)?;
        let frame_env = self.frame().env.clone();
        let then = self.value_branch(|reader| reader.compare_chain(right, rest, at))?;
        let other = self.value_branch(|_| Ok(first))?;
        self.frames.last_mut().expect("a frame").env = frame_env;
        Ok(self.merge_values(truth, then, other))
    }

    pub(super) fn compare_two(&mut self, op: CmpOp, left: ValueId, right: ValueId, at: TextRange) -> Read<ValueId> {
        let f = match op {
            CmpOp::Eq => F::Eq,
            CmpOp::NotEq => F::Ne,
            CmpOp::Lt => F::Lt,
            CmpOp::LtE => F::Le,
            CmpOp::Gt => F::Gt,
            CmpOp::GtE => F::Ge,
            CmpOp::Is | CmpOp::IsNot => return self.identity(op, left, right, at),
            CmpOp::In | CmpOp::NotIn if let Some(found) = self.membership(left, right) => {
                return Ok(match (op, self.b.func.as_const(found)) {
                    (CmpOp::In, _) => found,
                    (_, Some(Const::Bool(found))) => {
                        let not = !found;
                        self.b.constant(Const::Bool(not))
                    }
                    _ => self.b.operator(F::Not, &[found]),
                });
            }
            CmpOp::In | CmpOp::NotIn if let Some(found) = self.in_list(left, right) => {
                return match op {
                    CmpOp::In => Ok(found),
                    _ => self.operator(F::Not, &[found], at),
                };
            }
            CmpOp::In | CmpOp::NotIn => return Err(Refusal::typed(at, Ty::Bool, "a search with `in` is not read")),
        };
        if let (F::Eq | F::Ne, Some(equal)) = (f, self.decided_equality(left, right)) {
            return Ok(self.b.constant(Const::Bool(equal == (f == F::Eq))));
        }
        if let (F::Eq | F::Ne, Some(equal)) = (f, self.equal_or_none(f, left, right, at)?) {
            return Ok(equal);
        }
        let operands = [left, right].map(|value| self.present(value));
        self.operator(f, &operands, at)
    }
}

fn is_bool(ty: &Ty) -> bool {
    matches!(ty, Ty::Bool | Ty::Never | Ty::Np(numlift_ir::dtype::Dtype::Bool))
}
