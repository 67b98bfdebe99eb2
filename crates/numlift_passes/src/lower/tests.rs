//! Small functions and their loop forms.

use insta::assert_snapshot;
use numlift_ir::text::{compact, parse};
use numlift_ir::validate::{Form, validate};

use super::{Options, lower};

fn check(text: &str) -> String {
    check_with(text, false)
}

fn check_with(text: &str, disjoint: bool) -> String {
    let func = parse(text).expect("the text form of a function");
    validate(&func, Form::Read).expect("a function in read form");
    let lowered = lower(
        func,
        &[],
        &Options {
            disjoint,
            fastmath: false,
            guards: false,
            slip: None,
        },
    );
    if let Err(violation) = validate(&lowered.func, Form::Loop) {
        panic!("{violation}\n{}", lowered.func);
    }
    compact(&lowered.func).to_string()
}

#[test]
fn a_stencil_is_one_nest_that_stores_to_the_view() {
    let text = "func f(%0 a: arrayc<float64>[s0], %1 b: arrayc<float64>[s0]) -> () {
      %2 = const -2 : int[-2..-2]
      %3 = index [:h] %0, %2 : array<float64>[?]
      %4 = const 2 : int[2..2]
      %5 = index [l:] %0, %4 : array<float64>[?]
      %6 = add.ufunc %3, %5 : array<float64>[?]
      %7 = const 0.5 : float
      %8 = mul.ufunc %7, %6 : array<float64>[?]
      %9 = const 1 : int[1..1]
      %10 = const -1 : int[-1..-1]
      setindex [l:h] %1, %9, %10, %8
      return
    }";
    assert_snapshot!(check_with(text, true), @r"
    func f(%0 a: arrayc<float64>[s0], %1 b: arrayc<float64>[s0]) -> () {
      %2 = const -2 : int[-2..-2]
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = add.py %2, %3 : int[-2..9223372036854775805]
      %6 = max.py %5, %4 : int[0..9223372036854775805]
      %7 = const 1 : int[1..1]
      %8 = const 2 : int[2..2]
      %9 = const 0.5 : float
      %10 = convert %9 : np.float64
      for %4, %6, %7 { (%11: int[0..9223372036854775806])
        %12 = load %0, %11 : np.float64
        %13 = add.py %8, %11 : int[2..9223372036854775807]
        %14 = load %0, %13 : np.float64
        %15 = add.ufunc %12, %14 : np.float64
        %16 = mul.ufunc %10, %15 : np.float64
        %17 = add.py %7, %11 : int[1..9223372036854775807]
        store %1, %17, %16
      }
      return
    }
    ");
    // The arguments may be one array: what is stored is computed first.
    assert_snapshot!(check_with(text, false), @r"
    func f(%0 a: arrayc<float64>[s0], %1 b: arrayc<float64>[s0]) -> () {
      %2 = const -2 : int[-2..-2]
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = add.py %2, %3 : int[-2..9223372036854775805]
      %6 = max.py %5, %4 : int[0..9223372036854775805]
      %7 = const 1 : int[1..1]
      %8 = const 2 : int[2..2]
      %9 = const 0.5 : float
      %10 = convert %9 : np.float64
      %11 = tuple %6 : tuple<int[0..9223372036854775805]>
      %12 = extern numpy.float64 : extern<numpy.float64>
      %13 = call numpy.empty(dtype) %11, %12 : arrayc<float64>[?]
      for %4, %6, %7 { (%14: int[0..9223372036854775806])
        %15 = load %0, %14 : np.float64
        %16 = add.py %8, %14 : int[2..9223372036854775807]
        %17 = load %0, %16 : np.float64
        %18 = add.ufunc %15, %17 : np.float64
        %19 = mul.ufunc %10, %18 : np.float64
        store %13, %14, %19
      }
      for %4, %6, %7 { (%20: int[0..9223372036854775806])
        %21 = load %13, %20 : np.float64
        %22 = add.py %7, %20 : int[1..9223372036854775807]
        store %1, %22, %21
      }
      return
    }
    ");
}

#[test]
fn the_view_itself_may_be_read() {
    assert_snapshot!(check("func f(%0 a: array<float32>[s0, s1], %1 i: int[0..]) -> () {
      %2 = index [at] %0, %1 : array<float32>[s1]
      %3 = const 3 : int[3..3]
      %4 = mul.ufunc %2, %3 : array<float32>[s1]
      setindex [:] %2, %4
      return
    }"), @r#"
    func f(%0 a: array<float32>[s0, s1], %1 i: int[0..]) -> () {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = len 1 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = lt.py %1, %2 : bool
      require "an index in range" %5
      %6 = const 1 : int[1..1]
      %7 = const 3 : int[3..3]
      %8 = convert %7 : np.float32
      for %4, %3, %6 { (%9: int[0..9223372036854775806])
        %10 = load %0, %1, %9 : np.float32
        %11 = mul.ufunc %10, %8 : np.float32
        store %0, %1, %9, %11
      }
      return
    }
    "#);
}

#[test]
fn frames_are_said_where_something_may_leave() {
    assert_snapshot!(check("func f(%0 x: arrayc<float64>[s0], %1 y: arrayc<float64>[s1]) -> (return) {
      frame (x, y) %0, %1
      %2 t = mul.ufunc %0, %0 : arrayc<float64>[s0]
      frame (x, y, t) %0, %1, %2
      %3 u = add.ufunc %2, %1 : arrayc<float64>[?]
      frame (u) %3
      %4 = sqrt.ufunc %3 : arrayc<float64>[?]
      return %4
    }"), @r#"
    func f(%0 x: arrayc<float64>[s0], %1 y: arrayc<float64>[s1]) -> (return) {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = len 0 %1 : int[0..9223372036854775807]
      %5 = eq.py %2, %4 : bool
      frame (x, y) %0, %1
      require "shapes that fit together" %5
      %6 = tuple %2 : tuple<int[0..9223372036854775807]>
      %7 = extern numpy.float64 : extern<numpy.float64>
      %8 = call numpy.empty(dtype) %6, %7 : arrayc<float64>[s0]
      %9 = const 1 : int[1..1]
      for %3, %2, %9 { (%10: int[0..9223372036854775806])
        %11 = load %0, %10 : np.float64
        %12 = mul.ufunc %11, %11 : np.float64
        %13 = load %1, %10 : np.float64
        %14 = add.ufunc %12, %13 : np.float64
        %15 = sqrt.ufunc %14 : np.float64
        store %8, %10, %15
      }
      return %8
    }
    "#);
}

#[test]
fn what_is_needed_twice_and_costs_is_kept() {
    assert_snapshot!(check("func f(%0 x: arrayc<float64>[s0], %1 y: arrayc<float64>[s0]) -> (return) {
      %2 t = exp.ufunc %0 : arrayc<float64>[s0]
      %3 = add.ufunc %2, %1 : arrayc<float64>[s0]
      %4 = mul.ufunc %2, %3 : arrayc<float64>[s0]
      %5 = tuple %3, %4 : tuple<arrayc<float64>[s0], arrayc<float64>[s0]>
      return %5
    }"), @r"
    func f(%0 x: arrayc<float64>[s0], %1 y: arrayc<float64>[s0]) -> (return) {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = tuple %2 : tuple<int[0..9223372036854775807]>
      %6 = extern numpy.float64 : extern<numpy.float64>
      %7 = call numpy.empty(dtype) %5, %6 : arrayc<float64>[s0]
      %8 = tuple %2 : tuple<int[0..9223372036854775807]>
      %9 = extern numpy.float64 : extern<numpy.float64>
      %10 = call numpy.empty(dtype) %8, %9 : arrayc<float64>[s0]
      for %3, %2, %4 { (%11: int[0..9223372036854775806])
        %12 = load %0, %11 : np.float64
        %13 = exp.ufunc %12 : np.float64
        %14 = load %1, %11 : np.float64
        %15 = add.ufunc %13, %14 : np.float64
        store %7, %11, %15
        %16 = load %7, %11 : np.float64
        %17 = mul.ufunc %13, %16 : np.float64
        store %10, %11, %17
      }
      %18 = tuple %7, %10 : tuple<arrayc<float64>[s0], arrayc<float64>[s0]>
      return %18
    }
    ");
}

#[test]
fn nothing_is_read_after_it_changed() {
    assert_snapshot!(check("func f(%0 p: arrayc<float64>[s0], %1 k: int) -> (return) {
      %2 old = method copy() %0 : arrayc<float64>[s0]
      %3 = const 0.0 : float
      setindex [at] %0, %1, %3
      return %2
    }"), @r"
    func f(%0 p: arrayc<float64>[s0], %1 k: int) -> (return) {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 0.0 : float
      %5 = tuple %2 : tuple<int[0..9223372036854775807]>
      %6 = extern numpy.float64 : extern<numpy.float64>
      %7 old = call numpy.empty(dtype) %5, %6 : arrayc<float64>[s0]
      %8 = const 1 : int[1..1]
      for %3, %2, %8 { (%9: int[0..9223372036854775806])
        %10 = load %0, %9 : np.float64
        store %7, %9, %10
      }
      setindex [at] %0, %1, %4
      return %7
    }
    ");
}

mod checks;
mod lists;

#[test]
fn memory_that_may_be_new_is_memory() {
    // What `np.ndarray` gives was not made of an array, but it is not nothing.
    assert_snapshot!(check("func f(%0 y: arrayc<float64>[s0], %1 n: int[0..]) -> () {
      %2 = extern numpy.float64 : extern<numpy.float64>
      %3 a = call numpy.ndarray(dtype) %1, %2 : arrayc<float64>[?]
      %4 = add.ufunc %3, %0 : arrayc<float64>[s0]
      setindex [:] %3, %0
      setindex [:] %0, %4
      return
    }"), @r#"
    func f(%0 y: arrayc<float64>[s0], %1 n: int[0..]) -> () {
      %2 = const 0 : int[0..0]
      %3 = tuple %1 : tuple<int[0..]>
      %4 = extern numpy.float64 : extern<numpy.float64>
      %5 a = call numpy.empty(dtype) %3, %4 : arrayc<float64>[?]
      %6 = len 0 %0 : int[0..9223372036854775807]
      %7 = eq.py %1, %6 : bool
      require "shapes that fit together" %7
      %8 = const 1 : int[1..1]
      %9 = tuple %1 : tuple<int[0..]>
      %10 = extern numpy.float64 : extern<numpy.float64>
      %11 = call numpy.empty(dtype) %9, %10 : arrayc<float64>[?]
      for %2, %1, %8 { (%12: int[0..9223372036854775806])
        %13 = load %5, %12 : np.float64
        %14 = load %0, %12 : np.float64
        %15 = add.ufunc %13, %14 : np.float64
        store %11, %12, %15
        %16 = load %0, %12 : np.float64
        store %5, %12, %16
      }
      for %2, %6, %8 { (%17: int[0..9223372036854775806])
        %18 = load %11, %17 : np.float64
        store %0, %17, %18
      }
      return
    }
    "#);
}
