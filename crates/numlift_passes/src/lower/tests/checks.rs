//! Which range checks go, and where to.

use insta::assert_snapshot;

use super::check;

#[test]
fn the_bounds_of_the_loop_prove_it() {
    assert_snapshot!(check("func f(%0 a: arrayc<float64>[s0], %1 b: arrayc<float64>[s0]) -> () {
      frame (a, b) %0, %1
      %2 = const 1 : int[1..1]
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = sub.py %3, %2 : int[-1..9223372036854775806]
      for %2, %4, %2 { (%5 i: int[1..])
        frame (a, b, i) iterators (\"range(i, n)\") %0, %1, %5
        %6 = sub.py %5, %2 : int[0..]
        %7 = index [at] %0, %6 : np.float64
        %8 = add.py %5, %2 : int[2..]
        %9 = index [at] %0, %8 : np.float64
        %10 = add.np %7, %9 : np.float64
        setindex [at] %1, %5, %10
        yield
      }
      return
    }"), @r#"
    func f(%0 a: arrayc<float64>[s0], %1 b: arrayc<float64>[s0]) -> () {
      %2 = const 1 : int[1..1]
      %3 = len 0 %0 : int[0..9223372036854775807]
      frame (a, b) %0, %1
      %4 = sub.py %3, %2 : int[-1..9223372036854775806]
      for %2, %4, %2 { (%5 i: int[1..9223372036854775807])
        frame (a, b, i) iterators ("range(i, n)") %0, %1, %5
        %6 = sub.py %5, %2 : int[0..9223372036854775807]
        %7 = load %0, %6 : np.float64
        %8 = add.py %5, %2 : int[2..9223372036854775807]
        %9 = load %0, %8 : np.float64
        %10 = add.np %7, %9 : np.float64
        store %1, %5, %10
      }
      return
    }
    "#);
}

#[test]
fn a_check_is_made_once_in_front() {
    // n is not known to be the length, and the rows of a matrix product are read again and again.
    assert_snapshot!(check("func f(%0 a: arrayc<float64>[s0, s1], %1 b: arrayc<float64>[s2, s3], %2 c: arrayc<float64>[s4, s5], %3 n: int) -> () {
      frame (a, b, c, n) %0, %1, %2, %3
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      for %4, %3, %5 { (%6 i: int[0..])
        frame (a, b, c, n, i) %0, %1, %2, %3, %6
        for %4, %3, %5 { (%7 j: int[0..])
          frame (a, b, c, n, i, j) %0, %1, %2, %3, %6, %7
          for %4, %3, %5 { (%8 k: int[0..])
            frame (a, b, c, n, i, j, k) %0, %1, %2, %3, %6, %7, %8
            %9 = index [at, at] %2, %6, %7 : np.float64
            %10 = index [at, at] %0, %6, %8 : np.float64
            %11 = index [at, at] %1, %8, %7 : np.float64
            %12 = mul.np %10, %11 : np.float64
            %13 = add.np %9, %12 : np.float64
            setindex [at, at] %2, %6, %7, %13
            yield
          }
          yield
        }
        yield
      }
      return
    }"), @r#"
    func f(%0 a: arrayc<float64>[s0, s1], %1 b: arrayc<float64>[s2, s3], %2 c: arrayc<float64>[s4, s5], %3 n: int) -> () {
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      frame (a, b, c, n) %0, %1, %2, %3
      %6 = const -1 : int[-1..-1]
      %7 = mul.py %3, %6 : int
      %8 = len 0 %2 : int[0..9223372036854775807]
      %9 = add.py %7, %8 : int
      %10 = ge.py %9, %4 : bool
      %11 = ge.py %4, %3 : bool
      %12 = or.py %11, %10 : bool
      require "an index in range" %12
      %13 = mul.py %3, %6 : int
      %14 = len 1 %2 : int[0..9223372036854775807]
      %15 = add.py %13, %14 : int
      %16 = ge.py %15, %4 : bool
      %17 = ge.py %4, %3 : bool
      %18 = or.py %17, %16 : bool
      require "an index in range" %18
      %19 = mul.py %3, %6 : int
      %20 = len 0 %0 : int[0..9223372036854775807]
      %21 = add.py %19, %20 : int
      %22 = ge.py %21, %4 : bool
      %23 = ge.py %4, %3 : bool
      %24 = or.py %23, %22 : bool
      require "an index in range" %24
      %25 = mul.py %3, %6 : int
      %26 = len 1 %0 : int[0..9223372036854775807]
      %27 = add.py %25, %26 : int
      %28 = ge.py %27, %4 : bool
      %29 = ge.py %4, %3 : bool
      %30 = or.py %29, %28 : bool
      require "an index in range" %30
      %31 = mul.py %3, %6 : int
      %32 = len 0 %1 : int[0..9223372036854775807]
      %33 = add.py %31, %32 : int
      %34 = ge.py %33, %4 : bool
      %35 = ge.py %4, %3 : bool
      %36 = or.py %35, %34 : bool
      require "an index in range" %36
      %37 = mul.py %3, %6 : int
      %38 = len 1 %1 : int[0..9223372036854775807]
      %39 = add.py %37, %38 : int
      %40 = ge.py %39, %4 : bool
      %41 = ge.py %4, %3 : bool
      %42 = or.py %41, %40 : bool
      require "an index in range" %42
      for %4, %3, %5 { (%43 i: int[0..9223372036854775807])
        frame (a, b, c, n, i) %0, %1, %2, %3, %43
        for %4, %3, %5 { (%44 j: int[0..9223372036854775807])
          frame (a, b, c, n, i, j) %0, %1, %2, %3, %43, %44
          for %4, %3, %5 { (%45 k: int[0..9223372036854775807])
            frame (a, b, c, n, i, j, k) %0, %1, %2, %3, %43, %44, %45
            %46 = load %2, %43, %44 : np.float64
            %47 = load %0, %43, %45 : np.float64
            %48 = load %1, %45, %44 : np.float64
            %49 = mul.np %47, %48 : np.float64
            %50 = add.np %46, %49 : np.float64
            store %2, %43, %44, %50
          }
        }
      }
      return
    }
    "#);
}

#[test]
fn a_gather_checks_what_it_loaded() {
    assert_snapshot!(check("func f(%0 x: arrayc<float64>[s0], %1 idx: arrayc<int64>[s1], %2 out: arrayc<float64>[s1]) -> () {
      frame (x, idx, out) %0, %1, %2
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = len 0 %1 : int[0..9223372036854775807]
      for %3, %5, %4 { (%6 i: int[0..])
        frame (x, idx, out, i) %0, %1, %2, %6
        %7 = index [at] %1, %6 : np.int64
        %8 = index [at] %0, %7 : np.float64
        setindex [at] %2, %6, %8
        yield
      }
      return
    }"), @r"
    func f(%0 x: arrayc<float64>[s0], %1 idx: arrayc<int64>[s1], %2 out: arrayc<float64>[s1]) -> () {
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = len 0 %1 : int[0..9223372036854775807]
      frame (x, idx, out) %0, %1, %2
      for %3, %5, %4 { (%6 i: int[0..9223372036854775807])
        frame (x, idx, out, i) %0, %1, %2, %6
        %7 = load %1, %6 : np.int64
        %8 = index [at] %0, %7 : np.float64
        store %2, %6, %8
      }
      return
    }
    ");
}

#[test]
fn tests_around_an_access_count() {
    assert_snapshot!(check("func f(%0 t: arrayc<int32>[s0, s0]) -> () {
      frame (t) %0
      %1 = len 0 %0 : int[0..9223372036854775807]
      %2 = const 1 : int[1..1]
      %3 = const -1 : int[-1..-1]
      %4 = sub.py %1, %2 : int[-1..9223372036854775806]
      for %4, %3, %3 { (%5 i: int)
        frame (t, i) %0, %5
        %6 = add.py %5, %2 : int
        for %6, %1, %2 { (%7 j: int)
          frame (t, i, j) %0, %5, %7
          %8 = const 0 : int[0..0]
          %9 = sub.py %7, %2 : int
          %10 = ge.py %9, %8 : bool
          if %10 {
            %11 = index [at, at] %0, %5, %9 : np.int32
            %12 = index [at, at] %0, %6, %9 : np.int32
            %13 = max.np %11, %12 : np.int32
            setindex [at, at] %0, %5, %7, %13
            yield
          } else {
            yield
          }
          yield
        }
        yield
      }
      return
    }"), @r"
    func f(%0 t: arrayc<int32>[s0, s0]) -> () {
      %1 = len 0 %0 : int[0..9223372036854775807]
      %2 = const 1 : int[1..1]
      %3 = const -1 : int[-1..-1]
      frame (t) %0
      %4 = sub.py %1, %2 : int[-1..9223372036854775806]
      %5 = const 0 : int[0..0]
      for %4, %3, %3 { (%6 i: int[-9223372036854775808..9223372036854775807])
        frame (t, i) %0, %6
        %7 = add.py %6, %2 : int[-9223372036854775808..9223372036854775807]
        for %7, %1, %2 { (%8 j: int[-9223372036854775808..9223372036854775807])
          frame (t, i, j) %0, %6, %8
          %9 = sub.py %8, %2 : int[-9223372036854775808..9223372036854775807]
          %10 = ge.py %9, %5 : bool
          if %10 {
            %11 = load %0, %6, %9 : np.int32
            %12 = load %0, %7, %9 : np.int32
            %13 = max.np %11, %12 : np.int32
            store %0, %6, %8, %13
          } else {
          }
        }
      }
      return
    }
    ");
}

#[test]
fn a_counter_of_a_while_loop_stays_in_range() {
    assert_snapshot!(check("func f(%0 a: arrayc<float64>[s0]) -> () {
      frame (a) %0
      %1 = const 0 : int[0..0]
      %2 = const 1 : int[1..1]
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = while %1 : int[0..4611686018427387904] { (%5 i: int[0..4611686018427387904])
        %6 = lt.py %5, %3 : bool
        yield %6
      } do { (%7 i: int[0..4611686018427387904])
        frame (a, i) %0, %7
        %8 = index [at] %0, %7 : np.float64
        %9 = add.np %8, %8 : np.float64
        setindex [at] %0, %7, %9
        %10 = add.py %7, %2 : int
        yield %10
      }
      return
    }"), @r"
    func f(%0 a: arrayc<float64>[s0]) -> () {
      %1 = const 0 : int[0..0]
      %2 = const 1 : int[1..1]
      %3 = len 0 %0 : int[0..9223372036854775807]
      frame (a) %0
      %4 = while %1 : int[0..4611686018427387904] { (%5 i: int[0..4611686018427387904])
        %6 = lt.py %5, %3 : bool
        yield %6
      } do { (%7 i: int[0..4611686018427387904])
        frame (a, i) %0, %7
        %8 = load %0, %7 : np.float64
        %9 = add.np %8, %8 : np.float64
        store %0, %7, %9
        %10 = add.py %7, %2 : int[0..4611686018427387904]
        yield %10
      }
      return
    }
    ");
}

#[test]
fn from_the_end() {
    assert_snapshot!(check("func f(%0 a: arrayc<float64>[s0, 3]) -> (return) {
      frame (a) %0
      %1 = const 0 : int[0..0]
      %2 = const 1 : int[1..1]
      %3 = const -1 : int[-1..-1]
      %4 = len 0 %0 : int[0..9223372036854775807]
      for %1, %4, %2 { (%5 i: int[0..])
        frame (a, i) %0, %5
        %6 = index [at, at] %0, %5, %3 : np.float64
        setindex [at, at] %0, %5, %1, %6
        yield
      }
      frame (a) %0
      %7 = index [at, at] %0, %3, %3 : np.float64
      return %7
    }"), @r"
    func f(%0 a: arrayc<float64>[s0, 3]) -> (return) {
      %1 = const 0 : int[0..0]
      %2 = const 1 : int[1..1]
      %3 = const -1 : int[-1..-1]
      %4 = len 0 %0 : int[0..9223372036854775807]
      frame (a) %0
      %5 = len 1 %0 : int[3..3]
      %6 = add.py %5, %3 : int[0..3]
      for %1, %4, %2 { (%7 i: int[0..9223372036854775807])
        frame (a, i) %0, %7
        %8 = load %0, %7, %6 : np.float64
        store %0, %7, %1, %8
      }
      frame (a) %0
      %9 = index [at, at] %0, %3, %3 : np.float64
      return %9
    }
    ");
}
