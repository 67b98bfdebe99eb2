//! Products of matrices and vectors, by NumPy's own loop.
//!
//! The loop calls BLAS where `@` does, with what `@` would hand over: the same bits, without going through Python.

use numlift_abi::runtime::{self, event};
use numlift_ir::function::{OpId, ValueId};
use numlift_ir::op::{DOT, Kind};
use numlift_ir::ty::Ty;

use super::{Emit, Emitter};
use crate::value::{Array, Root, Value, scalar_of};

impl Emitter<'_> {
    /// [`numlift_ir::op::MATMUL`]: two operands whose shapes fit, and a result unless it is a number.
    pub(super) fn product_op(&mut self, op: OpId) -> Emit<()> {
        let (kind, args, results) = self.ops(op);
        let what = match kind {
            Kind::Call { callee, .. } if callee == DOT => "dot",
            _ => "matmul",
        };
        let (a, b) = (self.array(args[0])?, self.array(args[1])?);
        let scalar = scalar_of(a.dtype);
        let Some(number) = runtime::MATMUL.iter().position(|(_, own)| Some(*own) == scalar) else {
            return self.unsupported("a product of such numbers");
        };
        let size = a.dtype.itemsize().to_string();
        let out = match args.get(2) {
            Some(out) => self.array(*out)?,
            None => Array {
                data: self.text.slots(2),
                shape: Vec::new(),
                strides: Vec::new(),
                root: Root::Unknown,
                ..a.clone()
            },
        };
        if let ([n], [_], None) = (&a.shape[..], &b.shape[..], args.get(2)) {
            let call = format!(
                "call void @{}(ptr {}, i64 {}, ptr {}, i64 {}, ptr {}, i64 {n}, ptr null)",
                runtime::DOT[number].0,
                a.data,
                a.strides[0],
                b.data,
                b.strides[0],
                out.data,
            );
            return self.product_by(&call, what, results[0], &out);
        }
        let zero = || "0".to_owned();
        if out.shape.len() == 3 {
            return self.stacked_product(number, [&a, &b, &out], results[0]);
        }
        // A vector is a row on the left and a column on the right.
        let (m, a_steps) = match &a.shape[..] {
            [_] => ("1".to_owned(), [zero(), a.strides[0].clone()]),
            _ => (a.shape[0].clone(), [a.strides[0].clone(), a.strides[1].clone()]),
        };
        let (p, b_steps) = match &b.shape[..] {
            [_] => ("1".to_owned(), [b.strides[0].clone(), zero()]),
            _ => (b.shape[1].clone(), [b.strides[0].clone(), b.strides[1].clone()]),
        };
        let out_steps = match (a.shape.len(), b.shape.len()) {
            (1, 1) => [size.clone(), size],
            (1, _) => [zero(), out.strides[0].clone()],
            (_, 1) => [out.strides[0].clone(), zero()],
            _ => [out.strides[0].clone(), out.strides[1].clone()],
        };
        let addresses = self.table("ptr", &[a.data, b.data, out.data.clone()]);
        let dimensions = self.table("i64", &["1".to_owned(), m, b.shape[0].clone(), p]);
        let steps = [
            vec![zero(), zero(), zero()],
            a_steps.to_vec(),
            b_steps.to_vec(),
            out_steps.to_vec(),
        ]
        .concat();
        let steps = self.table("i64", &steps);
        let name = runtime::MATMUL[number].0;
        let call = format!("call void @{name}(ptr {addresses}, ptr {dimensions}, ptr {steps}, ptr null)");
        self.product_by(&call, what, results[0], &out)
    }

    /// One product for each matrix of a stack; an operand may be one matrix for all of them.
    fn stacked_product(&mut self, number: usize, arrays: [&Array; 3], result: ValueId) -> Emit<()> {
        let [a, b, out] = arrays;
        let matrix = |array: &Array| array.shape.len() - 2;
        let along = arrays.map(|array| match matrix(array) {
            0 => "0".to_owned(),
            _ => array.strides[0].clone(),
        });
        let inner = arrays.map(|array| array.strides[matrix(array)..].to_vec());
        let addresses = self.table("ptr", &arrays.map(|array| array.data.clone()));
        let extents = [
            &out.shape[0],
            &a.shape[matrix(a)],
            &b.shape[matrix(b)],
            &b.shape[matrix(b) + 1],
        ];
        let dimensions = self.table("i64", &extents.map(String::clone));
        let steps = self.table("i64", &[along.to_vec(), inner.concat()].concat());
        let name = runtime::MATMUL[number].0;
        let call = format!("call void @{name}(ptr {addresses}, ptr {dimensions}, ptr {steps}, ptr null)");
        self.product_by(&call, "matmul", result, out)
    }

    fn product_by(&mut self, call: &str, what: &str, result: ValueId, out: &Array) -> Emit<()> {
        self.begin_site(what, event::OVER | event::INVALID, None);
        self.open_watch();
        self.text.line(call);
        self.close_watch();
        self.end_site();
        self.warns = true;
        let value = match self.func.ty(result) {
            Ty::None => Value::None,
            _ => Value::Number(self.load_element(out, &out.data.clone())),
        };
        self.set(result, value);
        Ok(())
    }

    /// Values in a row in memory.
    fn table(&mut self, ty: &str, values: &[String]) -> String {
        let table = self.text.slots(values.len());
        for (number, value) in values.iter().enumerate() {
            let place = self
                .text
                .value(&format!("getelementptr inbounds i64, ptr {table}, i64 {number}"));
            self.text.line(&format!("store {ty} {value}, ptr {place}"));
        }
        table
    }
}
