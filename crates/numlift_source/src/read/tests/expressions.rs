//! Expressions and assignments.

use super::{check, f64s, int};
use insta::assert_snapshot;
use numlift_ir::dtype::Dtype;
use numlift_ir::ty::{Dim, Ty};

#[test]
fn flavours() {
    let source = "\
import math
import numpy as np
#
a = i * 2 + 1.0
b = x[0] * i
c = math.sqrt(x[1])
d = np.sqrt(x)
e = np.sqrt(2.0)
f = x / 2
g = 2 ** i
";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("i", int())], &["a", "b", "c", "d", "e", "f", "g"]), @r"
    func <module>(%0 x: array<float64>[s0], %1 i: int) -> (a, b, c, d, e, f, g) {
      %2 = const 2 : int[2..2]
      %3 = mul.py %1, %2 : int
      %4 = const 1.0 : float
      %5 a = add.py %3, %4 : float
      %6 = const 0 : int[0..0]
      %7 = index [at] %0, %6 : np.float64
      %8 b = mul.np %7, %1 : np.float64
      %9 = const 1 : int[1..1]
      %10 = index [at] %0, %9 : np.float64
      %11 c = sqrt.math %10 : float
      %12 d = sqrt.ufunc %0 : arrayc<float64>[s0]
      %13 = const 2.0 : float
      %14 e = sqrt.ufunc %13 : np.float64
      %15 = const 2 : int[2..2]
      %16 f = truediv.ufunc %0, %15 : arrayc<float64>[s0]
      %17 = const 2 : int[2..2]
      %18 g = pow.py %17, %1 : oneof<int, float>
      return %5, %8, %11, %12, %14, %16, %18
    }
    ");
}

#[test]
fn chained_comparison_and_conditions() {
    let source = "y = 1 if 0 < v <= 1 and not w else (v or 2.0)\n";
    assert_snapshot!(check(source, &[("v", Ty::Float), ("w", Ty::Bool)], &["y"]), @r"
    func <module>(%0 v: float, %1 w: bool) -> (y) {
      %2 = const 0 : int[0..0]
      %3 = lt.py %2, %0 : bool
      %6 = if %3 : bool {
        %4 = const 1 : int[1..1]
        %5 = le.py %0, %4 : bool
        yield %5
      } else {
        yield %3
      }
      %8 = if %6 : bool {
        %7 = not.py %1 : bool
        yield %7
      } else {
        yield %6
      }
      %13 y = if %8 : oneof<int, float> {
        %9 = const 1 : int[1..1]
        yield %9
      } else {
        %10 = truth %0 : bool
        %12 = if %10 : float {
          yield %0
        } else {
          %11 = const 2.0 : float
          yield %11
        }
        yield %12
      }
      return %13
    }
    ");
}

#[test]
fn swap_and_unpacking() {
    let source = "a, b = b, a\nn, m = x.shape\n(p, q), r = (1, 2), 3\n";
    let inputs = [("a", int()), ("b", Ty::Float), ("x", f64s(&[0, 1]))];
    assert_snapshot!(check(source, &inputs, &["a", "b", "n", "m", "q"]), @r"
    func <module>(%0 a: int, %1 b: float, %2 x: array<float64>[s0, s1]) -> (a, b, n, m, q) {
      %3 n = len 0 %2 : int[0..9223372036854775807]
      %4 m = len 1 %2 : int[0..9223372036854775807]
      %5 = tuple %3, %4 : tuple<int[0..9223372036854775807], int[0..9223372036854775807]>
      %6 p = const 1 : int[1..1]
      %7 q = const 2 : int[2..2]
      %8 = tuple %6, %7 : tuple<int[1..1], int[2..2]>
      %9 r = const 3 : int[3..3]
      return %1, %0, %3, %4, %7
    }
    ");
}

#[test]
fn slices() {
    let source = "y = x[1:-1, None, ::2]\nz = x[..., 0]\nw = x[x[:, 0] > 0]\nu = x[-1]\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0, 1]))], &["y", "z", "w", "u"]), @r"
    func <module>(%0 x: array<float64>[s0, s1]) -> (y, z, w, u) {
      %1 = const 1 : int[1..1]
      %2 = const -1 : int[-1..-1]
      %3 = const 2 : int[2..2]
      %4 y = index [l:h, new, ::s] %0, %1, %2, %3 : array<float64>[?, 1, ?]
      %5 = const 0 : int[0..0]
      %6 z = index [..., at] %0, %5 : array<float64>[s0]
      %7 = const 0 : int[0..0]
      %8 = index [:, at] %0, %7 : array<float64>[s0]
      %9 = const 0 : int[0..0]
      %10 = gt.ufunc %8, %9 : arrayc<bool>[s0]
      %11 w = index [at] %0, %10 : array<float64>[?, s1]
      %12 = const -1 : int[-1..-1]
      %13 u = index [at] %0, %12 : array<float64>[s1]
      return %4, %6, %11, %13
    }
    ");
}

#[test]
fn in_place_updates() {
    let source = "x += 1\nx[1:] *= y\nx[0] -= 2\nn += 1\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("y", f64s(&[1])), ("n", int())], &["n"]), @r"
    func <module>(%0 x: array<float64>[s0], %1 y: array<float64>[s1], %2 n: int) -> (n) {
      %3 = const 1 : int[1..1]
      %4 = add.ufunc %0, %3 : arrayc<float64>[s0]
      setindex [:] %0, %4
      %5 = const 1 : int[1..1]
      %6 = index [l:] %0, %5 : array<float64>[?]
      %7 = mul.ufunc %6, %1 : arrayc<float64>[?]
      setindex [:] %6, %7
      %8 = const 0 : int[0..0]
      %9 = index [at] %0, %8 : np.float64
      %10 = const 2 : int[2..2]
      %11 = sub.np %9, %10 : np.float64
      setindex [at] %0, %8, %11
      %12 = const 1 : int[1..1]
      %13 n = add.py %2, %12 : int
      return %13
    }
    ");
}

#[test]
fn in_place_that_numpy_refuses() {
    let source = "x += 0.5\n";
    assert_snapshot!(check(source, &[("x", super::array(Dtype::I64, &[0]))], &[]), @r#"
    func <module>(%0 x: array<int64>[s0]) -> () {
      %1 x = opaque "x += 0.5" reads (x) binds (x) because "`x += 0.5` with an operand of type int64 array is not read" %0 : any
      return
    }
    "#);
}

#[test]
fn comprehensions() {
    let source = "i = 7\na = [2 * v for v in x if v > 0]\nb = sum(i * i for i in range(n))\nc = any(v > 1 for v in x)\nd = max(v for v in x)\ne = i\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("n", int())], &["a", "b", "c", "d", "e"]), @r"
    func <module>(%0 x: array<float64>[s0], %1 n: int) -> (a, b, c, d, e) {
      %2 i = const 7 : int[7..7]
      %3 a = list : list<np.float64>[?]
      %4 = len 0 %0 : int[0..9223372036854775807]
      %5 = const 0 : int[0..0]
      %6 = const 1 : int[1..1]
      for %5, %4, %6 { (%7: int[0..9223372036854775806])
        %8 = index [at] %0, %7 : np.float64
        %9 = const 0 : int[0..0]
        %10 = gt.np %8, %9 : np.bool
        %11 = truth %10 : bool
        if %11 {
          %12 = const 2 : int[2..2]
          %13 = mul.np %12, %8 : np.float64
          append %3, %13
        } else {
        }
      }
      %14 = const 0 : int[0..0]
      %15 = const 0 : int[0..0]
      %16 = const 1 : int[1..1]
      %21 b = for %15, %1, %16, %14 : int[0..] { (%17: int[0..], %18: int[0..])
        %19 = mul.py %17, %17 : int[0..]
        %20 = add.py %18, %19 : int[0..]
        yield %20
      }
      %22 = const False : bool
      %23 = len 0 %0 : int[0..9223372036854775807]
      %24 = const 0 : int[0..0]
      %25 = const 1 : int[1..1]
      %33 c = for %24, %23, %25, %22 : bool { (%26: int[0..9223372036854775806], %27: bool)
        %28 = index [at] %0, %26 : np.float64
        %29 = const 1 : int[1..1]
        %30 = gt.np %28, %29 : np.bool
        %31 = truth %30 : bool
        %32 = const True : bool
        if %31 {
          break 0 %32
        } else {
        }
        yield %27
      }
      %34 = list : list<np.float64>[?]
      %35 = len 0 %0 : int[0..9223372036854775807]
      %36 = const 0 : int[0..0]
      %37 = const 1 : int[1..1]
      for %36, %35, %37 { (%38: int[0..9223372036854775806])
        %39 = index [at] %0, %38 : np.float64
        append %34, %39
      }
      %40 d = call builtins.max() %34 : np.float64
      return %3, %21, %33, %40, %2
    }
    ");
}

#[test]
fn sum_of_python_floats_stays_a_call() {
    let source = "b = sum(v * 0.5 for v in x)\n";
    let list = Ty::List(Box::new(Ty::Float), Dim::Sym(0));
    assert_snapshot!(check(source, &[("x", list)], &["b"]), @r"
    func <module>(%0 x: list<float>[s0]) -> (b) {
      %1 = list : list<float>[?]
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      for %3, %2, %4 { (%5: int[0..9223372036854775806])
        %6 = index [at] %0, %5 : float
        %7 = const 0.5 : float
        %8 = mul.py %6, %7 : float
        append %1, %8
      }
      %9 b = call builtins.sum() %1 : oneof<int, float>
      return %9
    }
    ");
}

#[test]
fn opaque_parts() {
    let source = "a = f(x) + 1\nb = [v, {1: 2}]\nwith open('f') as h:\n    k = h.read()\n";
    assert_snapshot!(check(source, &[("x", int()), ("v", int()), ("f", Ty::Unknown)], &["a", "b", "k"]), @r#"
    func <module>(%0 x: int, %1 v: int, %2 f: any) -> (a, b, k) {
      %3 a = opaque "f(x) + 1" reads (f, x, v) binds () because "nothing is known of the function `f`" %2, %0, %1 : any
      %4 = opaque "{1: 2}" reads () binds () because "dicts are not read" : dict
      %5 b = list %1, %4 : list<any>[2]
      %6 h, %7 k = opaque "with open('f') as h:\n    k = h.read()" reads () binds (h, k) because "`with` runs code at its start and end" : any, any
      return %3, %5, %7
    }
    "#);
}

#[test]
fn clock() {
    let source = "import time\n#\nstart = time.time()\nx = x * 2\nprint(time.time() - start)\n";
    assert_snapshot!(check(source, &[("x", Ty::Float)], &["x", "start"]), @r#"
    func <module>(%0 x: float) -> (x, start) {
      %1 start = opaque timing "time.time()" reads () binds () because "it reads the clock" : float
      %2 = const 2 : int[2..2]
      %3 x = mul.py %0, %2 : float
      opaque timing "print(time.time() - start)" reads (start) binds () because "it writes output" %1
      return %3, %1
    }
    "#);
}

#[test]
fn one_sided_name() {
    let source = "if c:\n    y = 1\nz = y\n";
    assert_snapshot!(check(source, &[("c", Ty::Bool)], &["y", "z"]), @r#"
    func <module>(%0 c: bool) -> (y, z) {
      %3 y = if %0 : maybe<int[1..1]> {
        %1 y = const 1 : int[1..1]
        yield %1
      } else {
        %2 = unbound : unbound
        yield %2
      }
      %4 z = opaque quiet "y" reads (y) binds () because "`y` may be unbound here" %3 : int[1..1]
      return %3, %4
    }
    "#);
}

#[test]
fn raise_and_assert() {
    let source = "assert n > 0, 'empty'\nif n > 10:\n    raise ValueError(n)\nm = n\n";
    assert_snapshot!(check(source, &[("n", int())], &["m"]), @r#"
    func <module>(%0 n: int) -> (m) {
      %1 = const 0 : int[0..0]
      %2 = gt.py %0, %1 : bool
      if %2 {
      } else {
        raise "assert n > 0, 'empty'"
        unreachable
      }
      %3 = const 10 : int[10..10]
      %4 = gt.py %0, %3 : bool
      if %4 {
        raise "raise ValueError(n)" %0
        unreachable
      } else {
      }
      return %0
    }
    "#);
}

#[test]
fn shadowed_builtin() {
    let source = "def len(x):\n    return 3\n#\nn = len(x)\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["n"]), @r"
    func <module>(%0 x: array<float64>[s0]) -> (n) {
      %1 n = const 3 : int[3..3]
      return %1
    }
    ");
}

#[test]
fn lists_are_references() {
    let source = "rows = []\nrow = []\nrows.append(row)\nrow.append(1.5)\nn = rows[0][0]\n";
    assert_snapshot!(check(source, &[], &["n", "rows"]), @r"
    func <module>() -> (n, rows) {
      %0 rows = list : list<list<float>[?]>[?]
      %1 row = list : list<float>[?]
      append %0, %1
      %2 = const None : none
      %3 = const 1.5 : float
      append %1, %3
      %4 = const None : none
      %5 = const 0 : int[0..0]
      %6 = index [at] %0, %5 : list<float>[?]
      %7 = const 0 : int[0..0]
      %8 n = index [at] %6, %7 : float
      return %8, %0
    }
    ");
}

#[test]
fn out_is_a_store() {
    let source = "import numpy as np\n#\nnp.add(a, b, out=c)\nd = np.sqrt(a, c)\ne = np.add(a, b, out=None)\n";
    let inputs = [("a", f64s(&[0])), ("b", f64s(&[0])), ("c", f64s(&[0]))];
    assert_snapshot!(check(source, &inputs, &["d", "e"]), @r#"
    func <module>(%0 a: array<float64>[s0], %1 b: array<float64>[s0], %2 c: array<float64>[s0]) -> (d, e) {
      opaque "np.add(a, b, out=c)" reads (a, b, c) binds () because "the result is stored in `out`" %0, %1, %2
      %3 d = opaque "np.sqrt(a, c)" reads (a, c) binds () because "the result is stored in `out`" %0, %2 : any
      %4 = const None : none
      %5 e = call numpy.add(out) %0, %1, %4 : arrayc<float64>[s0]
      return %3, %5
    }
    "#);
}

#[test]
fn shapes_stored_in_place_are_forgotten() {
    let source = "y = x\nx.shape = (2, 3)\nn = len(y)\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["n"]), @r#"
    func <module>(%0 x: array<float64>[s0]) -> (n) {
      %1 x, %2 y = opaque "x.shape = (2, 3)" reads (x, y) binds (x, y) because "`x.shape` with an operand of type float64 array is not read" %0, %0 : any, any
      %3 n = opaque "len(y)" reads (y) binds () because "`x.shape` with an operand of type float64 array is not read" %2 : int[0..9223372036854775807]
      return %3
    }
    "#);
}

#[test]
fn the_truth_of_an_array_is_not_read() {
    let source = "if x > 0:\n    k = 1\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("k", int())], &["k"]), @r#"
    func <module>(%0 x: array<float64>[s0], %1 k: int) -> (k) {
      %2 k = opaque "if x > 0:\n    k = 1" reads (x, k) binds (k) because "the truth of an array depends on how many elements it has" %0, %1 : any
      return %2
    }
    "#);
}

#[test]
fn updates_of_picked_elements_are_stored_back() {
    let source = "x[x > 0] += 1\nx[1:] += 1\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &[]), @r"
    func <module>(%0 x: array<float64>[s0]) -> () {
      %1 = const 0 : int[0..0]
      %2 = gt.ufunc %0, %1 : arrayc<bool>[s0]
      %3 = index [at] %0, %2 : arrayc<float64>[?]
      %4 = const 1 : int[1..1]
      %5 = add.ufunc %3, %4 : arrayc<float64>[?]
      setindex [at] %0, %2, %5
      %6 = const 1 : int[1..1]
      %7 = index [l:] %0, %6 : array<float64>[?]
      %8 = const 1 : int[1..1]
      %9 = add.ufunc %7, %8 : arrayc<float64>[?]
      setindex [:] %7, %9
      return
    }
    ");
}

#[test]
fn fromiter_of_a_generator() {
    let source = "import numpy as np\n#\ny = np.fromiter((2 * v for v in x), float)\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["y"]), @r"
    func <module>(%0 x: array<float64>[s0]) -> (y) {
      %1 = list : list<np.float64>[?]
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      for %3, %2, %4 { (%5: int[0..9223372036854775806])
        %6 = index [at] %0, %5 : np.float64
        %7 = const 2 : int[2..2]
        %8 = mul.np %7, %6 : np.float64
        append %1, %8
      }
      %9 = extern builtins.float : extern<builtins.float>
      %10 y = call numpy.fromiter() %1, %9 : arrayc<float64>[?]
      return %10
    }
    ");
}

#[test]
fn tuples_of_extents() {
    let source = "import numpy as np\n#\ny = np.zeros(x.shape[:2] + (3,))\nz = np.zeros((2,) + x.shape)\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0, 1, 2]))], &["y", "z"]), @r"
    func <module>(%0 x: array<float64>[s0, s1, s2]) -> (y, z) {
      %1 = len 0 %0 : int[0..9223372036854775807]
      %2 = len 1 %0 : int[0..9223372036854775807]
      %3 = len 2 %0 : int[0..9223372036854775807]
      %4 = tuple %1, %2, %3 : tuple<int[0..9223372036854775807], int[0..9223372036854775807], int[0..9223372036854775807]>
      %5 = const 2 : int[2..2]
      %6 = tuple %1, %2 : tuple<int[0..9223372036854775807], int[0..9223372036854775807]>
      %7 = const 3 : int[3..3]
      %8 = tuple %7 : tuple<int[3..3]>
      %9 = tuple %1, %2, %7 : tuple<int[0..9223372036854775807], int[0..9223372036854775807], int[3..3]>
      %10 y = call numpy.zeros() %9 : arrayc<float64>[s0, s1, 3]
      %11 = const 2 : int[2..2]
      %12 = tuple %11 : tuple<int[2..2]>
      %13 = len 0 %0 : int[0..9223372036854775807]
      %14 = len 1 %0 : int[0..9223372036854775807]
      %15 = len 2 %0 : int[0..9223372036854775807]
      %16 = tuple %13, %14, %15 : tuple<int[0..9223372036854775807], int[0..9223372036854775807], int[0..9223372036854775807]>
      %17 = tuple %11, %13, %14, %15 : tuple<int[2..2], int[0..9223372036854775807], int[0..9223372036854775807], int[0..9223372036854775807]>
      %18 z = call numpy.zeros() %17 : arrayc<float64>[2, s0, s1, s2]
      return %10, %18
    }
    ");
}

#[test]
fn parts_of_complex_numbers() {
    let source = "a = z[0].conjugate() * z[1].real\nb = (1 + 2j).imag\ns = sum(z)\n";
    assert_snapshot!(check(source, &[("z", super::array(Dtype::C128, &[0]))], &["a", "b", "s"]), @r"
    func <module>(%0 z: array<complex128>[s0]) -> (a, b, s) {
      %1 = const 0 : int[0..0]
      %2 = index [at] %0, %1 : np.complex128
      %3 = conj.np %2 : np.complex128
      %4 = const 1 : int[1..1]
      %5 = index [at] %0, %4 : np.complex128
      %6 = real.np %5 : np.float64
      %7 a = mul.np %3, %6 : np.complex128
      %8 = const 1 : int[1..1]
      %9 = const (0.0, 2.0) : complex
      %10 = add.py %8, %9 : complex
      %11 b = imag.py %10 : float
      %12 s = call builtins.sum() %0 : oneof<int, np.complex128>
      return %7, %11, %12
    }
    ");
}
