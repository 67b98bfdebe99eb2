//! Calls of the author's own functions.

use super::{check, f64s, int, object};
use insta::assert_snapshot;
use numlift_ir::ty::Ty;

#[test]
fn helper_with_branches() {
    let source = "\
LOW = 0.1
def smooth(v, scale=2.0):
    if v < LOW:
        return 0.0
    s = v / scale
    return s * s
#
for i in range(len(x)):
    out[i] = smooth(x[i])
";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("out", f64s(&[0]))], &[]), @r"
    func <module>(%0 x: array<float64>[s0], %1 out: array<float64>[s0]) -> () {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %19 i = for %3, %2, %4, %5 : maybe<int[0..9223372036854775806]> { (%6 i: int[0..9223372036854775806], %7 i: maybe<int[0..9223372036854775806]>)
        %8 = index [at] %0, %6 : np.float64
        %9 = const 2.0 : float
        %10 LOW = const 0.1 : float
        %11 = lt.np %8, %10 : np.bool
        %12 = truth %11 : bool
        %17, %18 s = if %12 : oneof<float, np.float64>, maybe<np.float64> {
          %13 = const 0.0 : float
          %16 = unbound : unbound
          yield %13, %16
        } else {
          %14 s = truediv.np %8, %9 : np.float64
          %15 = mul.np %14, %14 : np.float64
          yield %15, %14
        }
        setindex [at] %1, %6, %17
        yield %6
      }
      return
    }
    ");
}

#[test]
fn helper_that_returns_from_a_loop() {
    let source = "\
def find(x, t):
    for i in range(len(x)):
        if x[i] > t:
            return i
    return -1
#
k = find(x, 2.0)
";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["k"]), @r"
    func <module>(%0 x: array<float64>[s0]) -> (k) {
      %1 = const 2.0 : float
      %2 = const False : bool
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      %6 = unbound : unbound
      %7 = unbound : unbound
      %16, %17 i, %18 = for %4, %3, %5, %2, %6, %7 : bool, maybe<int[0..9223372036854775806]>, maybe<int[0..9223372036854775806]> { (%8 i: int[0..9223372036854775806], %9: bool, %10 i: maybe<int[0..9223372036854775806]>, %11: unbound)
        %12 = index [at] %0, %8 : np.float64
        %13 = gt.np %12, %1 : np.bool
        %14 = truth %13 : bool
        if %14 {
          %15 = const True : bool
          break 0 %15, %8, %8
        } else {
        }
        yield %9, %8, %11
      }
      %20 k = if %16 : int[-1..9223372036854775806] {
        yield %18
      } else {
        %19 = const -1 : int[-1..-1]
        yield %19
      }
      return %20
    }
    ");
}

#[test]
fn return_of_the_region() {
    let source = "\
def f(x, t):
    #
    for i in range(len(x)):
        if x[i] > t:
            return i
    return None
";
    assert_snapshot!(check(source, &[("x", f64s(&[0])), ("t", Ty::Float)], &["return"]), @r"
    func f(%0 x: array<float64>[s0], %1 t: float) -> (return) {
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %11 i = for %3, %2, %4, %5 : maybe<int[0..9223372036854775806]> { (%6 i: int[0..9223372036854775806], %7 i: maybe<int[0..9223372036854775806]>)
        %8 = index [at] %0, %6 : np.float64
        %9 = gt.np %8, %1 : np.bool
        %10 = truth %9 : bool
        if %10 {
          return %6
        } else {
        }
        yield %6
      }
      %12 = const None : none
      return %12
    }
    ");
}

#[test]
fn recursion_stays_a_call() {
    let source = "\
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
#
y = fib(k) + 1
";
    assert_snapshot!(check(source, &[("k", int())], &["y"]), @r#"
    func <module>(%0 k: int) -> (y) {
      %1 y = opaque "fib(k) + 1" reads (k) binds () because "in `fib`: `fib` calls itself" %0 : any
      return %1
    }
    "#);
}

#[test]
fn helper_that_prints_stays_a_call() {
    let source = "\
def show(v):
    print(v)
    return 2 * v
#
y = show(1.0)
";
    assert_snapshot!(check(source, &[], &["y"]), @r#"
    func <module>() -> (y) {
      %0 y = opaque "show(1.0)" reads () binds () because "in `show`: it writes output" : float
      return %0
    }
    "#);
}

#[test]
fn methods_and_attributes() {
    let source = "\
class Particles:
    def force(self, i):
        return -self.k * self.x[i]
    def kick(self, dt):
        #
        for i in range(self.n):
            self.v[i] = self.v[i] + dt * self.force(i)
        self.t += dt
        self.steps = self.t / dt
";
    let attrs = [
        ("k", Ty::Float),
        ("n", int()),
        ("x", f64s(&[0])),
        ("v", f64s(&[0])),
        ("t", Ty::Float),
        ("steps", Ty::Float),
    ];
    let inputs = [("self", object("Particles", &attrs)), ("dt", Ty::Float)];
    assert_snapshot!(check(source, &inputs, &[]), @r"
    func Particles.kick(%0 self: object<Particles>{k: float, n: int, steps: float, t: float, v: array<float64>[s0], x: array<float64>[s0]}, %1 dt: float) -> () {
      %2 = attr n %0 : int
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %18 i = for %3, %2, %4, %5 : maybe<int[0..]> { (%6 i: int[0..], %7 i: maybe<int[0..]>)
        %8 = attr v %0 : array<float64>[s0]
        %9 = index [at] %8, %6 : np.float64
        %10 = attr k %0 : float
        %11 = neg.py %10 : float
        %12 = attr x %0 : array<float64>[s0]
        %13 = index [at] %12, %6 : np.float64
        %14 = mul.np %11, %13 : np.float64
        %15 = mul.np %1, %14 : np.float64
        %16 = add.np %9, %15 : np.float64
        %17 = attr v %0 : array<float64>[s0]
        setindex [at] %17, %6, %16
        yield %6
      }
      %19 = attr t %0 : float
      %20 = add.py %19, %1 : float
      setattr t %0, %20
      %21 = truediv.py %20, %1 : float
      setattr steps %0, %21
      return
    }
    ");
}

#[test]
fn printing_helper_leaves_lists_alone() {
    let source = "\
def show(rows):
    print(len(rows))
#
out = []
for v in x:
    out.append(v)
    show(out)
n = out[0]
";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["n"]), @r#"
    func <module>(%0 x: array<float64>[s0]) -> (n) {
      %1 out = list : list<np.float64>[?]
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %10 v = for %3, %2, %4, %5 : maybe<np.float64> { (%6: int[0..9223372036854775806], %7 v: maybe<np.float64>)
        %8 v = index [at] %0, %6 : np.float64
        append %1, %8
        %9 = const None : none
        opaque "show(out)" reads (out) binds () because "in `show`: it writes output" %1
        yield %8
      }
      %11 = const 0 : int[0..0]
      %12 n = index [at] %1, %11 : np.float64
      return %12
    }
    "#);
}

#[test]
fn unknown_code_may_change_anything() {
    let source = "\
count = 0
def tick():
    global count
    count += 1
#
count = 0
for v in x:
    tick()
n = count
k = self.k
";
    let inputs = [("x", f64s(&[0])), ("self", object("P", &[("k", Ty::Float)]))];
    assert_snapshot!(check(source, &inputs, &["n", "k"]), @r#"
    func <module>(%0 x: array<float64>[s0], %1 self: object<P>{k: float}) -> (n, k) {
      %2 count = const 0 : int[0..0]
      %3 = len 0 %0 : int[0..9223372036854775807]
      %4 = const 0 : int[0..0]
      %5 = const 1 : int[1..1]
      %6 = unbound : unbound
      %12 count, %13 v = for %4, %3, %5, %2, %6 : any, maybe<np.float64> { (%7: int[0..9223372036854775806], %8 count: any, %9 v: maybe<np.float64>)
        %10 v = index [at] %0, %7 : np.float64
        %11 count = opaque "tick()" reads (count, self, v, x) binds (count) because "in `tick`: a function that is called rebinds names outside of it" %8, %1, %10, %0 : any
        yield %11, %10
      }
      %14 k = attr k %1 : any
      return %12, %14
    }
    "#);
}

#[test]
fn lambdas() {
    let source = "\
square = lambda v: v * v
#
shift = lambda v, by=1.0: square(v) + by
for i in range(len(x)):
    x[i] = shift(x[i])
";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &[]), @r"
    func <module>(%0 x: array<float64>[s0]) -> () {
      %1 shift = extern lambda : extern<lambda>
      %2 = len 0 %0 : int[0..9223372036854775807]
      %3 = const 0 : int[0..0]
      %4 = const 1 : int[1..1]
      %5 = unbound : unbound
      %12 i = for %3, %2, %4, %5 : maybe<int[0..9223372036854775806]> { (%6 i: int[0..9223372036854775806], %7 i: maybe<int[0..9223372036854775806]>)
        %8 = index [at] %0, %6 : np.float64
        %9 = const 1.0 : float
        %10 = mul.np %8, %8 : np.float64
        %11 = add.np %10, %9 : np.float64
        setindex [at] %0, %6, %11
        yield %6
      }
      return
    }
    ");
}
