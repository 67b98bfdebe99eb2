//! Rows, element by element.

use numlift_ir::function::ValueId;
use numlift_ir::op::{Const, Kind, Sub};
use numlift_ir::scalar::F;

use crate::raise::{Options, raise};
use crate::samples::{element, finished, for_each, matrix, store, vector, with_params};

/// `out[i, :] = a[i] * b`, with what it stands on.
#[test]
fn a_stored_row_is_a_nest() {
    let (mut b, params) = with_params(&[("a", matrix(0, 1)), ("b", vector(2)), ("out", matrix(0, 1))]);
    let (a, factor, out) = (params[0], params[1], params[2]);
    for_each(&mut b, a, &[], |b, i, _| {
        let row = element(b, a, &[i]);
        let value = b.operator(F::Mul, &[row, factor]);
        b.effect(Kind::SetIndex(vec![Sub::At, Sub::FULL]), &[out, i, value]);
        vec![]
    });
    let raised = raise(&finished(b, &[("out", out)]), Options::default());
    assert_eq!(raised.conditions.len(), 4, "equal lengths, and no shared memory");
    insta::assert_snapshot!(raised.func, @r"
    func f(%0 a: array<float64>[s0, s1], %1 b: array<float64>[s2], %2 out: array<float64>[s0, s1]) -> (out) {
      %3 = len 0 %0 : int[0..9223372036854775807]
      %24 = len 1 %2 : int[0..9223372036854775807]
      scatter 2 %2, %3, %24 { (%23 i: int[0..9223372036854775806], %25: int[0..9223372036854775806])
        %26 = index [at, at] %0, %23, %25 : np.float64
        %27 = index [at] %1, %25 : np.float64
        %28 = mul.ufunc %26, %27 : np.float64
        yield %23, %25, %28
      }
      return %2
    }
    ");
}

/// A row is computed, its source or something else is stored to, and then it is used.
fn stored_between(source: bool) -> Vec<String> {
    let (mut b, params) = with_params(&[("a", matrix(0, 1)), ("other", matrix(0, 1)), ("out", matrix(0, 1))]);
    let (a, other, out) = (params[0], params[1], params[2]);
    let stored: ValueId = if source { a } else { other };
    for_each(&mut b, a, &[], |b, i, _| {
        let row = element(b, a, &[i]);
        let twice = b.operator(F::Add, &[row, row]);
        let (zero, place) = (b.constant(Const::Float(0.0)), b.int(0));
        store(b, stored, &[i, place], zero);
        b.effect(Kind::SetIndex(vec![Sub::At, Sub::FULL]), &[out, i, twice]);
        vec![]
    });
    let raised = raise(&finished(b, &[("out", out)]), Options::default());
    raised.blockers.iter().map(|blocker| blocker.message.clone()).collect()
}

#[test]
fn a_store_to_what_a_row_was_computed_of_keeps_the_loop() {
    assert_eq!(stored_between(false), Vec::<String>::new());
    assert_eq!(stored_between(true), ["a whole row is stored in every iteration"]);
}

#[test]
fn a_sum_of_a_row_is_a_fold() {
    let (mut b, params) = with_params(&[("a", matrix(0, 1)), ("out", vector(0))]);
    let (a, out) = (params[0], params[1]);
    for_each(&mut b, a, &[], |b, i, _| {
        let row = element(b, a, &[i]);
        let kind = Kind::Method {
            name: "sum".to_owned(),
            keywords: Vec::new(),
        };
        let total = b.value(kind, &[row]);
        store(b, out, &[i], total);
        vec![]
    });
    let raised = raise(&finished(b, &[("out", out)]), Options::default());
    insta::assert_snapshot!(raised.func, @r"
    func f(%0 a: array<float64>[s0, s1], %1 out: array<float64>[s0]) -> (out) {
      %2 = len 0 %0 : int[0..9223372036854775807]
      scatter 1 %1, %2 { (%19 i: int[0..9223372036854775806])
        %20 = const 0.0 : float
        %21 = convert %20 : np.float64
        %22 = len 1 %0 : int[0..9223372036854775807]
        %25 = fold add anyhow %21, %22 : np.float64 { (%23: int[0..9223372036854775806])
          %24 = index [at, at] %0, %19, %23 : np.float64
          yield %24
        }
        yield %19, %25
      }
      return %1
    }
    ");
}

/// `out = np.zeros((0, 2)); for v in x: out = np.vstack((out, [v, v]))`
#[test]
fn a_table_that_grows_is_a_list_that_grows() {
    let (mut b, params) = with_params(&[("x", vector(0))]);
    let x = params[0];
    let shape = [b.int(0), b.int(2)];
    let shape = b.value(Kind::MakeTuple, &shape);
    let call = |callee: &str| Kind::Call {
        callee: callee.to_owned(),
        keywords: Vec::new(),
    };
    let start = b.value(call("numpy.zeros"), &[shape]);
    let grown = for_each(&mut b, x, &[start], |b, i, carried| {
        let v = element(b, x, &[i]);
        let row = b.value(Kind::MakeList, &[v, v]);
        let both = b.value(Kind::MakeTuple, &[carried[0], row]);
        vec![b.value(call("numpy.vstack"), &[both])]
    });
    let raised = raise(&finished(b, &[("out", grown[0])]), Options::default());
    assert_eq!(raised.blockers.len(), 0);
    insta::assert_snapshot!(raised.func, @r"
    func f(%0 x: array<float64>[s0]) -> (out) {
      %2 = const 2 : int[2..2]
      %5 = len 0 %0 : int[0..9223372036854775807]
      %15 = list : list<list<np.float64>[2]>[?]
      extend %15, %5 { (%23 i: int[0..9223372036854775806])
        %24 = index [at] %0, %23 : np.float64
        %25 = list %24, %24 : list<np.float64>[2]
        yield %25
      }
      %18 = extern numpy.float64 : extern<numpy.float64>
      %19 = call numpy.array(dtype) %15, %18 : array<float64>[?, 2]
      %20 = len 0 %15 : int[0..9223372036854775807]
      %21 = tuple %20, %2 : tuple<int[0..9223372036854775807], int[2..2]>
      %22 = call numpy.reshape() %19, %21 : array<float64>[?, 2]
      return %22
    }
    ");
}
