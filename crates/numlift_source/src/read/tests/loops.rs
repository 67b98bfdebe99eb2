//! Loops.

use super::{check, f64s, int};
use insta::assert_snapshot;
use numlift_ir::ty::{Dim, Ty};

#[test]
fn squares_by_append() {
    let source =
        "import numpy as np\n#\nout = []\nfor i in range(len(x)):\n    out.append(x[i] ** 2)\nout = np.array(out)\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["out"]), @r"
    func <module>(%0 x: array<float64>[s0]) -> (out) {
      %1 out = list : list<np.float64>[?]
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %12 i = for %3, %2, %4, %5 : maybe<int[0..9223372036854775806]> { (%6 i: int[0..9223372036854775806], %7 i: maybe<int[0..9223372036854775806]>)
        %8 = index [at] %0, %6 : np.float64
        %9 = const 2 : int[2..2]
        %10 = pow.np %8, %9 : np.float64
        append %1, %10
        %11 = const None : none
        yield %6
      }
      %13 out = call numpy.array() %1 : arrayc<float64>[?]
      return %13
    }
    ");
}

#[test]
fn sum_from_int_zero() {
    let source = "s = 0\nfor v in x:\n    s += v * v\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["s"]), @r"
    func <module>(%0 x: array<float64>[s0]) -> (s) {
      %1 s = const 0 : int[0..0]
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %12 s, %13 v = for %3, %2, %4, %1, %5 : oneof<int, np.float64>, maybe<np.float64> { (%6: int[0..9223372036854775806], %7 s: oneof<int, np.float64>, %8 v: maybe<np.float64>)
        %9 v = index [at] %0, %6 : np.float64
        %10 = mul.np %9, %9 : np.float64
        %11 s = add.np %7, %10 : np.float64
        yield %11, %9
      }
      return %12
    }
    ");
}

#[test]
fn stores_in_two_dimensions() {
    let source = "for i in range(1, n - 1):\n    for j in range(1, m - 1):\n        b[i, j] = 0.25 * (a[i + 1, j] + a[i - 1][j])\n";
    let inputs = [("a", f64s(&[0, 1])), ("b", f64s(&[0, 1])), ("n", int()), ("m", int())];
    assert_snapshot!(check(source, &inputs, &[]), @r"
    func <module>(%0 a: array<float64>[s0, s1], %1 b: array<float64>[s0, s1], %2 n: int, %3 m: int) -> () {
      %4 = const 1 : int[1..1]
      %5 = const 1 : int[1..1]
      %6 = sub.py %2, %5 : int
      %7 = const 1 : int[1..1]
      %8 = unbound : unbound
      %9 = unbound : unbound
      %30 i, %31 j = for %4, %6, %7, %8, %9 : maybe<int[1..]>, maybe<int[1..]> { (%10 i: int[1..], %11 i: maybe<int[1..]>, %12 j: maybe<int[1..]>)
        %13 = const 1 : int[1..1]
        %14 = const 1 : int[1..1]
        %15 = sub.py %3, %14 : int
        %16 = const 1 : int[1..1]
        %29 j = for %13, %15, %16, %12 : maybe<int[1..]> { (%17 j: int[1..], %18 j: maybe<int[1..]>)
          %19 = const 0.25 : float
          %20 = const 1 : int[1..1]
          %21 = add.py %10, %20 : int[2..]
          %22 = index [at, at] %0, %21, %17 : np.float64
          %23 = const 1 : int[1..1]
          %24 = sub.py %10, %23 : int[0..]
          %25 = index [at] %0, %24 : array<float64>[s1]
          %26 = index [at] %25, %17 : np.float64
          %27 = add.np %22, %26 : np.float64
          %28 = mul.np %19, %27 : np.float64
          setindex [at, at] %1, %10, %17, %28
          yield %17
        }
        yield %10, %29
      }
      return
    }
    ");
}

#[test]
fn matrix_product_of_lists() {
    let source = "\
n = len(a)
C = [[0.0] * len(b[0]) for _ in range(n)]
for i in range(n):
    for j in range(len(b[0])):
        for k in range(len(b)):
            C[i][j] += a[i][k] * b[k][j]
";
    let rows = |inner: u32, outer: u32| {
        Ty::List(
            Box::new(Ty::List(Box::new(Ty::Float), Dim::Sym(inner))),
            Dim::Sym(outer),
        )
    };
    assert_snapshot!(check(source, &[("a", rows(0, 1)), ("b", rows(2, 3))], &["C"]), @r"
    func <module>(%0 a: list<list<float>[s0]>[s1], %1 b: list<list<float>[s2]>[s3]) -> (C) {
      %2 n = len 0 %0 : int[0..9223372036854775807]
      %3 C = list : list<list<float>[s2]>[?]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      for %4, %2, %5 { (%6: int[0..9223372036854775806])
        %7 = const 0.0 : float
        %8 = list %7 : list<float>[1]
        %9 = const 0 : int[0..0]
        %10 = index [at] %1, %9 : list<float>[s2]
        %11 = len 0 %10 : int[0..9223372036854775807]
        %12 = repeat %8, %11 : list<float>[s2]
        append %3, %12
      }
      %13 = const 0 : int[0..0]
      %14 = const 1 : int[1..1]
      %15 = unbound : unbound
      %16 = unbound : unbound
      %17 = unbound : unbound
      %46 i, %47 j, %48 k = for %13, %2, %14, %15, %16, %17 : maybe<int[0..9223372036854775806]>, maybe<int[0..9223372036854775806]>, maybe<int[0..9223372036854775806]> { (%18 i: int[0..9223372036854775806], %19 i: maybe<int[0..9223372036854775806]>, %20 j: maybe<int[0..9223372036854775806]>, %21 k: maybe<int[0..9223372036854775806]>)
        %22 = const 0 : int[0..0]
        %23 = index [at] %1, %22 : list<float>[s2]
        %24 = len 0 %23 : int[0..9223372036854775807]
        %25 = const 0 : int[0..0]
        %26 = const 1 : int[1..1]
        %44 j, %45 k = for %25, %24, %26, %20, %21 : maybe<int[0..9223372036854775806]>, maybe<int[0..9223372036854775806]> { (%27 j: int[0..9223372036854775806], %28 j: maybe<int[0..9223372036854775806]>, %29 k: maybe<int[0..9223372036854775806]>)
          %30 = len 0 %1 : int[0..9223372036854775807]
          %31 = const 0 : int[0..0]
          %32 = const 1 : int[1..1]
          %43 k = for %31, %30, %32, %29 : maybe<int[0..9223372036854775806]> { (%33 k: int[0..9223372036854775806], %34 k: maybe<int[0..9223372036854775806]>)
            %35 = index [at] %3, %18 : list<float>[s2]
            %36 = index [at] %35, %27 : float
            %37 = index [at] %0, %18 : list<float>[s0]
            %38 = index [at] %37, %33 : float
            %39 = index [at] %1, %33 : list<float>[s2]
            %40 = index [at] %39, %27 : float
            %41 = mul.py %38, %40 : float
            %42 = add.py %36, %41 : float
            setindex [at] %35, %27, %42
            yield %33
          }
          yield %27, %43
        }
        yield %18, %44, %45
      }
      return %3
    }
    ");
}

#[test]
fn continue_reads_the_rest_into_the_other_branch() {
    let source = "k = 0\nfor v in x:\n    if v < 0:\n        continue\n    k += 1\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["k"]), @r"
    func <module>(%0 x: array<float64>[s0]) -> (k) {
      %1 k = const 0 : int[0..0]
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %16 k, %17 v = for %3, %2, %4, %1, %5 : int[0..], maybe<np.float64> { (%6: int[0..9223372036854775806], %7 k: int[0..], %8 v: maybe<np.float64>)
        %9 v = index [at] %0, %6 : np.float64
        %10 = const 0 : int[0..0]
        %11 = lt.np %9, %10 : np.bool
        %12 = truth %11 : bool
        %15 k = if %12 : int[0..] {
          yield %7
        } else {
          %13 = const 1 : int[1..1]
          %14 k = add.py %7, %13 : int[1..]
          yield %14
        }
        yield %15, %9
      }
      return %16
    }
    ");
}

#[test]
fn first_hit() {
    let source = "where = -1\nfor i in range(len(x)):\n    if x[i] > t:\n        where = i\n        break\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("t", Ty::Float)], &["where", "i"]), @r"
    func <module>(%0 x: array<float64>[s0], %1 t: float) -> (where, i) {
      %2 where = const -1 : int[-1..-1]
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      %6 = unbound : unbound
      %13 i, %14 where = for %4, %3, %5, %6, %2 : maybe<int[0..9223372036854775806]>, int[-1..9223372036854775806] { (%7 i: int[0..9223372036854775806], %8 i: maybe<int[0..9223372036854775806]>, %9 where: int[-1..-1])
        %10 = index [at] %0, %7 : np.float64
        %11 = gt.np %10, %1 : np.bool
        %12 = truth %11 : bool
        if %12 {
          break 0 %7, %7
        } else {
        }
        yield %7, %9
      }
      return %14, %13
    }
    ");
}

#[test]
fn counting_while() {
    let source = "i = 0\nwhile i < n:\n    out[i] = 2 * i\n    i += 1\n";
    assert_snapshot!(check(source, &[("n", int()), ("out", f64s(&[0]))], &["i"]), @r"
    func <module>(%0 n: int, %1 out: array<float64>[s0]) -> (i) {
      %2 i = const 0 : int[0..0]
      %3 = const 1 : int[1..1]
      %9 i = for %2, %0, %3, %2 : int[0..] { (%4: int[0..], %5 i: int[0..])
        %6 = const 2 : int[2..2]
        %7 = mul.py %6, %4 : int[0..]
        setindex [at] %1, %4, %7
        %8 i = add.py %4, %3 : int[1..]
        yield %8
      }
      return %9
    }
    ");
}

#[test]
fn other_while() {
    let source = "while x > 1.0:\n    x = x / 2\n    k = 1\n";
    assert_snapshot!(check(source, &[("x", Ty::Float)], &["x", "k"]), @r"
    func <module>(%0 x: float) -> (x, k) {
      %1 = unbound : unbound
      %11 k, %12 x = while %1, %0 : maybe<int[1..1]>, float { (%2 k: maybe<int[1..1]>, %3 x: float)
        %4 = const 1.0 : float
        %5 = gt.py %3, %4 : bool
        yield %5
      } do { (%6 k: maybe<int[1..1]>, %7 x: float)
        %8 = const 2 : int[2..2]
        %9 x = truediv.py %7, %8 : float
        %10 k = const 1 : int[1..1]
        yield %10, %9
      }
      return %12, %11
    }
    ");
}

#[test]
fn zip_and_enumerate() {
    let source = "for i, (u, v) in enumerate(zip(a, b), 1):\n    out[i] = u * v\n";
    let inputs = [("a", f64s(&[0])), ("b", f64s(&[0])), ("out", f64s(&[1]))];
    assert_snapshot!(check(source, &inputs, &[]), @r"
    func <module>(%0 a: array<float64>[s0], %1 b: array<float64>[s0], %2 out: array<float64>[s1]) -> () {
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = len 0 %1 : int[0..9223372036854775807]
      %5 = const 1 : int[1..1]
      %6 = const 0 : int[0..0]
      %7 = const 1 : int[1..1]
      %8 = unbound : unbound
      %9 = unbound : unbound
      %10 = unbound : unbound
      %19 i, %20 u, %21 v = for %6, %3, %7, %8, %9, %10 : maybe<int[1..9223372036854775807]>, maybe<np.float64>, maybe<np.float64> { (%11: int[0..9223372036854775806], %12 i: maybe<int[1..9223372036854775807]>, %13 u: maybe<np.float64>, %14 v: maybe<np.float64>)
        %15 i = add.py %11, %5 : int[1..9223372036854775807]
        %16 u = index [at] %0, %11 : np.float64
        %17 v = index [at] %1, %11 : np.float64
        %18 = mul.np %16, %17 : np.float64
        setindex [at] %2, %15, %18
        yield %15, %16, %17
      }
      return
    }
    ");
}

#[test]
fn zip_of_unequal_lengths_and_reversed() {
    let source = "for u, v in zip(a, reversed(b)):\n    s += u * v\n";
    let inputs = [("a", f64s(&[0])), ("b", f64s(&[1])), ("s", Ty::Float)];
    assert_snapshot!(check(source, &inputs, &["s"]), @r"
    func <module>(%0 a: array<float64>[s0], %1 b: array<float64>[s1], %2 s: float) -> (s) {
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = len 0 %1 : int[0..9223372036854775807]
      %5 = min.py %3, %4 : int[0..9223372036854775807]
      %6 = const 0 : int[0..0]
      %7 = const 1 : int[1..1]
      %8 = unbound : unbound
      %9 = unbound : unbound
      %21 s, %22 u, %23 v = for %6, %5, %7, %2, %8, %9 : oneof<float, np.float64>, maybe<np.float64>, maybe<np.float64> { (%10: int[0..9223372036854775806], %11 s: oneof<float, np.float64>, %12 u: maybe<np.float64>, %13 v: maybe<np.float64>)
        %14 u = index [at] %0, %10 : np.float64
        %15 = const 1 : int[1..1]
        %16 = sub.py %4, %15 : int[-1..9223372036854775806]
        %17 = sub.py %16, %10 : int[-9223372036854775807..9223372036854775806]
        %18 v = index [at] %1, %17 : np.float64
        %19 = mul.np %14, %18 : np.float64
        %20 s = add.np %11, %19 : np.float64
        yield %20, %14, %18
      }
      return %21
    }
    ");
}

#[test]
fn ndindex() {
    let source = "import numpy as np\n#\nfor i, j in np.ndindex(a.shape):\n    a[i, j] += 1\n";
    assert_snapshot!(check(source, &[("a", f64s(&[0, 1]))], &[]), @r"
    func <module>(%0 a: array<float64>[s0, s1]) -> () {
      %1 = len 0 %0 : int[0..9223372036854775807]
      %2 = len 1 %0 : int[0..9223372036854775807]
      %3 = tuple %1, %2 : tuple<int[0..9223372036854775807], int[0..9223372036854775807]>
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      %6 = unbound : unbound
      %7 = unbound : unbound
      %21 i, %22 j = for %4, %1, %5, %6, %7 : maybe<int[0..9223372036854775806]>, maybe<int[0..9223372036854775806]> { (%8 i: int[0..9223372036854775806], %9 i: maybe<int[0..9223372036854775806]>, %10 j: maybe<int[0..9223372036854775806]>)
        %11 = const 0 : int[0..0]
        %12 = const 1 : int[1..1]
        %19 i, %20 j = for %11, %2, %12, %9, %10 : maybe<int[0..9223372036854775806]>, maybe<int[0..9223372036854775806]> { (%13 j: int[0..9223372036854775806], %14 i: maybe<int[0..9223372036854775806]>, %15 j: maybe<int[0..9223372036854775806]>)
          %16 = index [at, at] %0, %8, %13 : np.float64
          %17 = const 1 : int[1..1]
          %18 = add.np %16, %17 : np.float64
          setindex [at, at] %0, %8, %13, %18
          yield %8, %13
        }
        yield %19, %20
      }
      return
    }
    ");
}

#[test]
fn rows_are_views() {
    let source = "for row in a:\n    row[0] = row[1]\n";
    assert_snapshot!(check(source, &[("a", f64s(&[0, 1]))], &[]), @r"
    func <module>(%0 a: array<float64>[s0, s1]) -> () {
      %1 = len 0 %0 : int[0..9223372036854775807]
      %2 = const 0 : int[0..0]
      %3 = const 1 : int[1..1]
      %4 = unbound : unbound
      %11 row = for %2, %1, %3, %4 : maybe<array<float64>[s1]> { (%5: int[0..9223372036854775806], %6 row: maybe<array<float64>[s1]>)
        %7 row = index [at] %0, %5 : array<float64>[s1]
        %8 = const 1 : int[1..1]
        %9 = index [at] %7, %8 : np.float64
        %10 = const 0 : int[0..0]
        setindex [at] %7, %10, %9
        yield %7
      }
      return
    }
    ");
}

#[test]
fn list_that_changes_while_it_is_iterated() {
    let source = "for v in x:\n    x.append(v)\n";
    let list = Ty::List(Box::new(Ty::Float), Dim::Sym(0));
    assert_snapshot!(check(source, &[("x", list)], &[]), @r#"
    func <module>(%0 x: list<any>[?]) -> () {
      %1 v = opaque "for v in x:\n    x.append(v)" reads (x) binds (v) because "the list `x` changes while it is iterated" %0 : any
      return
    }
    "#);
}

#[test]
fn unknown_iterable() {
    let source = "s = 0\nfor v in x:\n    s += v\n";
    assert_snapshot!(check(source, &[("x", Ty::Unknown)], &["s"]), @r#"
    func <module>(%0 x: any) -> (s) {
      %1 s = const 0 : int[0..0]
      %2 s, %3 v = opaque "for v in x:\n    s += v" reads (x, s) binds (s, v) because "`x` is iterated, and its type is not known" %0, %1 : any, any
      return %2
    }
    "#);
}

#[test]
fn print_inside() {
    let source = "for i in range(n):\n    out[i] = i\n    if i % 100 == 0:\n        print(\"at\", i)\n";
    assert_snapshot!(check(source, &[("n", int()), ("out", f64s(&[0]))], &[]), @r#"
    func <module>(%0 n: int, %1 out: array<float64>[s0]) -> () {
      %2 = const 0 : int[0..0]
      %3 = const 1 : int[1..1]
      %4 = unbound : unbound
      %11 i = for %2, %0, %3, %4 : maybe<int[0..]> { (%5 i: int[0..], %6 i: maybe<int[0..]>)
        setindex [at] %1, %5, %5
        %7 = const 100 : int[100..100]
        %8 = mod.py %5, %7 : int[0..99]
        %9 = const 0 : int[0..0]
        %10 = eq.py %8, %9 : bool
        if %10 {
          opaque quiet "print(\"at\", i)" reads (i) binds () because "it writes output" %5
        } else {
        }
        yield %5
      }
      return
    }
    "#);
}

#[test]
fn loop_else() {
    let source = "for i in range(n):\n    k = i\nelse:\n    k = -1\n";
    assert_snapshot!(check(source, &[("n", int())], &["k"]), @r"
    func <module>(%0 n: int) -> (k) {
      %1 = const 0 : int[0..0]
      %2 = const 1 : int[1..1]
      %3 = unbound : unbound
      %4 = unbound : unbound
      %8 i, %9 k = for %1, %0, %2, %3, %4 : maybe<int[0..]>, maybe<int[0..]> { (%5 i: int[0..], %6 i: maybe<int[0..]>, %7 k: maybe<int[0..]>)
        yield %5, %5
      }
      %10 k = const -1 : int[-1..-1]
      return %10
    }
    ");
}
