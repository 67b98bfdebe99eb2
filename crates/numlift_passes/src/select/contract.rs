//! Sums of products: dot products, matrix–vector and matrix products, and `einsum` for the rest.
//!
//! ```text
//! fold add k { a[k] * b[k] }              =>  a @ b
//! comp i { fold add k { A[i,k] * x[k] } } =>  A @ x
//! comp i,j { fold add k { A[i,k] * B[k,j] } }  =>  A @ B, transposed where an operand runs across
//! ```

use numlift_ir::function::{Def, ValueId};
use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::{F, ScalarTy};

use super::vectorize::Context;
use super::{Lifted, Result, Selector};

impl Selector<'_> {
    /// The contraction that a sum of `term` over the dimensions `own` is, if it is one.
    pub(super) fn contraction(&mut self, term: ValueId, inner: &Context, own: &[usize]) -> Result<Option<Lifted>> {
        let Some(scalar) = self.scalar(term) else {
            return Ok(None);
        };
        if !scalar.array_dtype().is_inexact() {
            return Ok(None); // Integers have no BLAS, and their sums are exact in any order anyway.
        }
        let mut factors = Vec::new();
        self.factors(term, inner, &mut factors);
        if factors.len() < 2 {
            return Ok(None);
        }
        let attempt = self.attempt();
        let mut lifted = Vec::new();
        for factor in &factors {
            lifted.push(self.lift(*factor, inner)?);
        }
        let same_dtype = lifted.iter().all(|factor| {
            self.out
                .func
                .ty(factor.value)
                .elements()
                .map(|(elem, _)| elem.array_dtype())
                == Some(scalar.array_dtype())
        });
        let fits = same_dtype
            && lifted
                .iter()
                .all(|factor| factor.axes.iter().any(|axis| own.contains(axis)))
            && own
                .iter()
                .all(|dim| lifted.iter().filter(|factor| factor.axes.contains(dim)).count() >= 2);
        if !fits {
            self.give_up(attempt);
            return Ok(None);
        }
        let axes: Vec<usize> = {
            let mut axes: Vec<usize> = lifted.iter().flat_map(|factor| factor.axes.clone()).collect();
            axes.sort_unstable();
            axes.dedup();
            axes.retain(|axis| !own.contains(axis));
            axes
        };
        if let ([a, b], [sum]) = (&lifted[..], own)
            && let Some(value) = self.product(a, b, *sum, &axes)
        {
            if scalar == ScalarTy::PyFloat {
                self.announced.insert(super::Announced::Warnings);
            }
            return Ok(Some(Lifted { value, axes }));
        }
        let value = self.einsum(&lifted, &axes);
        Ok(Some(Lifted { value, axes }))
    }

    /// The factors of a product inside the blocks, multiplied from the left as the loop does: in another order a
    /// product in between may overflow.
    fn factors(&self, term: ValueId, inner: &Context, factors: &mut Vec<ValueId>) {
        if let Def::Result(op, _) = self.raised.def(term) {
            let data = self.raised.op(op);
            let inside = inner.blocks.iter().any(|block| {
                let mut found = false;
                self.raised.walk(*block, &mut |candidate| found |= candidate == op);
                found
            });
            if inside && matches!(data.kind, Kind::Scalar { f: F::Mul, .. }) {
                self.factors(data.args[0], inner, factors);
                factors.push(data.args[1]);
                return;
            }
        }
        factors.push(term);
    }

    /// `a @ b` over one dimension.
    fn product(&mut self, a: &Lifted, b: &Lifted, sum: usize, axes: &[usize]) -> Option<ValueId> {
        let other =
            |factor: &Lifted| -> Vec<usize> { factor.axes.iter().copied().filter(|axis| *axis != sum).collect() };
        let (left, right) = (other(a), other(b));
        match (&left[..], &right[..], axes) {
            ([], [], []) => Some(self.matmul(a.value, b.value)),
            ([_], [], [_]) => {
                let rows = self.oriented(a, sum, false);
                Some(self.matmul(rows, b.value))
            }
            ([], [_], [_]) => {
                let columns = self.oriented(b, sum, true);
                Some(self.matmul(a.value, columns))
            }
            ([i], [j], [first, _]) if i != j => {
                let (rows, columns) = if i == first { (a, b) } else { (b, a) };
                let x = self.oriented(rows, sum, false);
                let y = self.oriented(columns, sum, true);
                Some(self.matmul(x, y))
            }
            _ => None,
        }
    }

    /// A matrix with the summed dimension first or last.
    fn oriented(&mut self, factor: &Lifted, sum: usize, first: bool) -> ValueId {
        let is_first = factor.axes.first() == Some(&sum);
        if is_first == first {
            return factor.value;
        }
        // A transpose of a transpose is the matrix.
        if let Some(op) = self.out.func.defining(factor.value)
            && op.kind == Kind::Attr("T".to_owned())
        {
            return op.args[0];
        }
        self.out.value(Kind::Attr("T".to_owned()), &[factor.value])
    }

    fn matmul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.step("sum of products → `@`");
        self.numpy_call("matmul", &[a, b])
    }

    fn einsum(&mut self, factors: &[Lifted], axes: &[usize]) -> ValueId {
        let letter = |axis: usize| char::from(b'i' + (axis % 17) as u8);
        let inputs: Vec<String> = factors
            .iter()
            .map(|factor| factor.axes.iter().map(|axis| letter(*axis)).collect())
            .collect();
        let output: String = axes.iter().map(|axis| letter(*axis)).collect();
        let text = format!("{}->{output}", inputs.join(","));
        self.step("sum of products → `einsum`");
        let subscripts = self.out.constant(Const::Str(text));
        let mut args = vec![subscripts];
        args.extend(factors.iter().map(|factor| factor.value));
        self.numpy_call("einsum", &args)
    }
}
