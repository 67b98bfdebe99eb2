//! Static facts of whole programs.

use insta::assert_snapshot;

use crate::project::{ModuleId, ModuleText, ProjectNames};
use crate::read::program::{RegionStart, static_facts};
use crate::text::SourceText;

/// The facts at each line that ends with `# region: names`; further modules follow a line `## name.py`.
fn check(source: &str) -> String {
    let mut texts = Vec::new();
    for part in source.split("## ") {
        let (name, text) = match texts.is_empty() {
            true => ("script", part),
            false => part.split_once(".py\n").expect("a module's name"),
        };
        texts.push(ModuleText {
            name: name.to_owned(),
            is_package: false,
            is_main: texts.is_empty(),
            text: SourceText::from_str(format!("{name}.py"), text),
        });
    }
    let mut regions = Vec::new();
    let mut shown = Vec::new();
    for (number, module) in texts.iter().enumerate() {
        let mut offset = 0;
        for line in module.text.as_str().split_inclusive('\n') {
            if let Some((code, names)) = line.split_once("# region: ") {
                let indent = code.len() - code.trim_start().len();
                regions.push(RegionStart {
                    id: regions.len() as u32,
                    module: ModuleId(number as u32),
                    start: (offset + indent) as u32,
                    live_in: names.split_whitespace().map(str::to_owned).collect(),
                });
                shown.push(code.trim().to_owned());
            }
            offset += line.len();
        }
    }
    let project = ProjectNames::link(&texts);
    let facts = static_facts(&project, ModuleId(0), &Default::default(), &regions);
    let mut text = String::new();
    for (region, code) in regions.iter().zip(shown) {
        text.push_str(&format!("{code}\n"));
        match facts.get(&region.id) {
            None => text.push_str("    nothing\n"),
            Some(known) => {
                for (name, ty) in &known.types {
                    text.push_str(&format!("    {name}: {ty}\n"));
                }
                for length in &known.lengths {
                    text.push_str(&format!(
                        "    {} is len {} of {}\n",
                        length.int, length.axis, length.container
                    ));
                }
                for (a, b) in &known.disjoint {
                    text.push_str(&format!("    {a} apart from {b}\n"));
                }
            }
        }
    }
    text
}

#[test]
fn calls_give_types() {
    let source = "\
import sys
import numpy as np
N = 100
def smooth(v, w):
    n = len(v)
    for i in range(n): # region: v w n
        w[i] = v[i]
    return w
n = int(sys.argv[1]) if len(sys.argv) > 1 else N
x = np.zeros(n)
y = smooth(x, np.ones(n))
z = smooth(y, x)
";
    assert_snapshot!(check(source), @r"
    for i in range(n):
        n: int[0..9223372036854775807]
        v: arrayc<float64>[s0]
        w: arrayc<float64>[s0]
        n is len 0 of v
        v apart from w
    ");
}

#[test]
fn main_function_and_lists() {
    let source = "\
import numpy as np
def matmul(A, B):
    C = [[0.0] * len(B[0]) for _ in range(len(A))]
    for i in range(len(A)): # region: A B C
        C[i][0] = A[i][0] * B[0][i]
    return C
def main():
    a = np.random.rand(30, 30)
    b = np.random.rand(30, 30)
    C = matmul(a.tolist(), b.tolist())
    try:
        matmul(C, C)
    except ValueError as problem:
        print(problem)
if __name__ == '__main__':
    main()
";
    assert_snapshot!(check(source), @r"
    for i in range(len(A)):
        A: list<list<float>[30]>[?]
        B: list<list<float>[30]>[?]
        C: list<list<float>[30]>[?]
    ");
}

#[test]
fn objects() {
    let source = "\
import numpy as np
class Particles:
    def __init__(self, n, seed):
        rng = np.random.default_rng(seed)
        self.n = n
        self.x = rng.uniform(-1.0, 1.0, n)
        self.v = np.zeros(n)
        self.k = 4.0
    def kick(self, dt):
        for i in range(self.n): # region: self dt
            self.v[i] += dt * -self.k * self.x[i]
def main():
    particles = Particles(40000, seed=11)
    for step in range(60):
        particles.kick(0.01)
        print(particles.x[0])
main()
";
    assert_snapshot!(check(source), @r"
    for i in range(self.n):
        dt: float
        self: object<__main__.Particles>{k: float, n: int[40000..40000], v: arrayc<float64>[40000], x: arrayc<float64>[40000]}
        self.v apart from self.x
    ");
}

#[test]
fn a_function_that_escapes_has_no_facts() {
    let source = "\
import numpy as np
from scipy.optimize import minimize
def cost(x):
    s = 0.0
    for v in x: # region: x s
        s += helper(v)
    return s
def helper(v):
    return v # region: v
def fine(x):
    return x # region: x
print(cost(np.zeros(3)))
fine(np.zeros(3))
minimize(cost, np.zeros(3))
";
    assert_snapshot!(check(source), @r"
    for v in x:
        nothing
    return v
        nothing
    return x
        x: arrayc<float64>[3]
    ");
}

#[test]
fn loops_join_what_they_carry() {
    let source = "\
import numpy as np
def step(old, new):
    for i in range(1, len(old) - 1): # region: old new
        new[i] = old[i - 1]
a = np.zeros(50)
b = a.copy()
k = 0
for n in range(10):
    step(a, b)
    a, b = b, a
    k = k + 0.5 # region: a b k n
";
    assert_snapshot!(check(source), @r"
    for i in range(1, len(old) - 1):
        new: arrayc<float64>[50]
        old: arrayc<float64>[50]
    k = k + 0.5
        a: arrayc<float64>[50]
        b: arrayc<float64>[50]
        k: oneof<int, float>
        n: int[0..9]
    ");
}

#[test]
fn modules_of_the_project() {
    let source = "\
import tools
from tools import _private, scale
x = tools.public([1.0])
y = _private(2.0)
z = scale # region: x y scale
## tools.py
import numpy as np
scale = 2.5
def public(v):
    return v # region: v
def _private(v):
    return v * scale # region: v scale
";
    assert_snapshot!(check(source), @r"
    z = scale
        scale: float
        x: list<float>[1]
        y: float
    return v
        nothing
    return v * scale
        scale: float
        v: float
    ");
}

#[test]
fn globals_that_functions_rebind_have_no_type() {
    let source = "\
count = 0
def tick():
    global count
    count = 'many'
def look():
    return count # region: count
tick()
look()
n = count # region: count
";
    assert_snapshot!(check(source), @r"
    return count
    n = count
    ");
}

#[test]
fn ways_that_were_not_read() {
    let source = "\
def f(x):
    return x # region: x
def g(x):
    return x # region: x
def h(x):
    return x # region: x
f(1)
g(1)
h(1)
obj = open('a')
obj.call(lambda: f('text'))
for k in range(3):
    h(k)
    obj.send(k)
";
    assert_snapshot!(check(source), @r"
    return x
        nothing
    return x
        x: int[1..1]
    return x
        x: int[0..2]
    ");
}

#[test]
fn lists_are_followed_through_values_of_unknown_type() {
    let source = "\
def main(flag):
    row = [1.0]
    rows = [[1.0], [2.0, 3.0]]
    try:
        row = rows[0]
        print(1 / flag)
    except ZeroDivisionError:
        print('zero')
    row[0] = 'text'
    return rows # region: rows
main(0)
";
    assert_snapshot!(check(source), @r"
    return rows
        rows: list<any>[?]
    ");
}

#[test]
fn doctests_and_frameworks_call_by_name() {
    let doctested = "\
import doctest
def f(x):
    return x # region: x
f(1)
doctest.testmod()
";
    assert_snapshot!(check(doctested), @r"
    return x
        nothing
    ");
    let framework = "\
from somewhere import Widget
class Mine(Widget):
    def changed(self, value):
        return g(value)
def g(x):
    return x # region: x
g(1)
Mine().show()
";
    assert_snapshot!(check(framework), @r"
    return x
        nothing
    ");
}

#[test]
fn extents_that_a_test_has_shown_to_be_equal() {
    let source = "\
import numpy as np
def multiply(A, B):
    n = len(A)
    m = len(B[0])
    p = len(B)
    if len(A[0]) != p:
        raise ValueError
    pass # region: A B n m p
def add(x, y):
    n, = x.shape
    if len(y) == n:
        print('as long')
    pass # region: x y n
    assert len(x) == len(y)
    pass # region: x y n
def either(x, y, z):
    k = len(y)
    if len(x) != k or k != len(z):
        return
    pass # region: x y z k
A = np.random.rand(30, 40)
B = np.random.rand(40, 50)
size = int(input())
multiply(A.tolist(), B.tolist())
multiply(B.tolist(), np.random.rand(size, 7).tolist())
add(np.zeros(int(input())), np.ones(size))
either(np.zeros(int(input())), np.ones(size), np.zeros(int(input())))
";
    assert_snapshot!(check(source), @r"
    pass
        A: list<list<float>[s16777217]>[s16777216]
        B: list<list<float>[s16777218]>[s16777217]
        m: int[7..50]
        n: int[30..40]
        p: int[0..9223372036854775807]
        m is len 1 of B
        n is len 0 of A
        p is len 0 of B
    pass
        n: int[0..9223372036854775807]
        x: arrayc<float64>[s1]
        y: arrayc<float64>[s0]
        n is len 0 of x
        x apart from y
    pass
        n: int[0..9223372036854775807]
        x: arrayc<float64>[s0]
        y: arrayc<float64>[s0]
        n is len 0 of x
        x apart from y
    pass
        k: int[0..9223372036854775807]
        x: arrayc<float64>[s0]
        y: arrayc<float64>[s0]
        z: arrayc<float64>[s0]
        k is len 0 of x
        x apart from y
        x apart from z
        y apart from z
    ");
}

#[test]
fn stars_of_stars() {
    let source = "\
from kernels import *
from kernels import _hot
x = np.linspace(0.0, 1.0, 60)
y = np.zeros(60)
_hot(x, y)
from helper import *
## kernels.py
import numpy as np
def _hot(a, b):
    for i in range(len(a) - 1): # region: a b
        b[i + 1] = 2.0 * a[i]
    return b
## helper.py
import numpy as np
from kernels import _hot
z = np.linspace(0.0, 1.0, 60)
_hot(z, z)
";
    assert_snapshot!(check(source), @r"
    for i in range(len(a) - 1):
        nothing
    ");
}

#[test]
fn what_is_printed_is_no_name() {
    let source = |line: &str| {
        format!(
            "import numpy as np\ndef step(x):\n    pass # region: x\ndef main():\n    step(np.zeros(3))\n    {line}\nmain()\n"
        )
    };
    let proven = "pass\n    x: arrayc<float64>[3]\n";
    assert_eq!(check(&source("print('step', 1)")), proven);
    let spelled = check(&source("print(getattr(np, 'step', 0))"));
    assert!(spelled.contains("nothing"), "{spelled}");
    let shadowed = check(&source("print = max\n    print('step')"));
    assert!(shadowed.contains("nothing"), "{shadowed}");
}

#[test]
fn a_generator_that_is_taken_at_once_keeps_nothing() {
    let source = |line: &str| {
        format!(
            "def total(rows):\n    pass # region: rows\nrows = [[0.5, 1.5], [2.5]]\ntotal(rows)\n{line}\ntotal(rows)\n"
        )
    };
    let known = "pass\n    rows: list<list<float>[?]>[2]\n";
    assert_eq!(check(&source("print(max(max(row) for row in rows))")), known);
    assert_eq!(check(&source("print(', '.join(str(row) for row in rows))")), known);
    assert_eq!(check(&source("print(sum(map(sum, rows)))")), known);
    // What is left of it knows the rows.
    for line in [
        "print(max(row for row in rows), rest := (row for row in rows))",
        "print(keep.join(row for row in rows))",
        "print(max((row for row in rows), key=keep))",
        "print(sum(map(keep, rows)))",
        "print(map(sum, rows))",
    ] {
        assert_ne!(check(&source(line)), known, "{line}");
    }
}
