//! Lists that are only read are what fills them.

use numlift_ir::op::{Const, Kind};
use numlift_ir::scalar::F;
use numlift_ir::ty::{Dim, Ty};

use crate::samples::{element, finished, for_each, store, vector, with_params};

/// A list of squares of x that is then added up, with or without a store to x between.
fn added_up(stores: bool) -> String {
    let (mut b, params) = with_params(&[("x", vector(0))]);
    let x = params[0];
    let ty = Ty::List(Box::new(Ty::Np(numlift_ir::dtype::Dtype::F64)), Dim::Unknown);
    let list = b.typed_op(Kind::MakeList, &[], &[ty]);
    let list = b.func.result(list);
    for_each(&mut b, x, &[], |b, i, _| {
        let v = element(b, x, &[i]);
        let square = b.operator(F::Mul, &[v, v]);
        b.effect(Kind::Append, &[list, square]);
        vec![]
    });
    let zero = b.constant(Const::Float(0.0));
    if stores {
        let first = b.int(0);
        store(&mut b, x, &[first], zero);
    }
    let total = for_each(&mut b, x, &[zero], |b, i, carried| {
        let v = element(b, list, &[i]);
        vec![b.operator(F::Add, &[carried[0], v])]
    });
    let func = finished(b, &[("total", total[0])]);
    crate::raise::raise(&func, crate::raise::Options::default())
        .func
        .to_string()
}

#[test]
fn elements_are_computed_where_they_are_read() {
    insta::assert_snapshot!(added_up(false), @r"
    func f(%0 x: array<float64>[s0]) -> (total) {
      %8 = const 0.0 : float
      %9 = len 0 %0 : int[0..9223372036854775807]
      %22 = fold add %8, %9 : np.float64 { (%20 i: int[0..9223372036854775806])
        %23 = index [at] %0, %20 : np.float64
        %24 = mul.np %23, %23 : np.float64
        yield %24
      }
      return %22
    }
    ");
}

#[test]
fn a_store_between_keeps_the_list() {
    insta::assert_snapshot!(added_up(true), @r"
    func f(%0 x: array<float64>[s0]) -> (total) {
      %1 = list : list<np.float64>[?]
      %2 = len 0 %0 : int[0..9223372036854775807]
      extend %1, %2 { (%18 i: int[0..9223372036854775806])
        %19 = index [at] %0, %18 : np.float64
        %20 = mul.np %19, %19 : np.float64
        yield %20
      }
      %8 = const 0.0 : float
      %9 = const 0 : int[0..0]
      setindex [at] %0, %9, %8
      %10 = len 0 %0 : int[0..9223372036854775807]
      %23 = fold add %8, %10 : np.float64 { (%21 i: int[0..9223372036854775806])
        %22 = index [at] %1, %21 : np.float64
        yield %22
      }
      return %23
    }
    ");
}
