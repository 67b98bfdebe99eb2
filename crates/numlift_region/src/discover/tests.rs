use insta::assert_snapshot;
use numlift_source::text::SourceText;

use super::*;

/// Each region with its lines and names, each loop left out with its reason.
fn check(source: &str) -> String {
    let module = Module::alone(&SourceText::from_str("a.py", source));
    let discovery = discover(&module, Path::new("/a.py"), 1);
    let mut lines = Vec::new();
    for Region { spec, code } in &discovery.regions {
        let parent = spec.parent.map_or(String::new(), |parent| format!(" in {parent}"));
        lines.push(format!(
            "{}{parent}: {:?} {}-{} of {}: [{}] -> [{}]{}",
            spec.id,
            code.kind,
            spec.start.line,
            spec.end.line,
            spec.function,
            spec.live_in.join(" "),
            spec.live_out.join(" "),
            if spec.returns { " (returns)" } else { "" },
        ));
    }
    for left in &discovery.left_out {
        lines.push(format!("left out {}: {}", left.at.line, left.reason));
    }
    lines.join("\n")
}

#[test]
fn squares_by_append() {
    assert_snapshot!(check("
import numpy as np
def squares(x):
    '''doc'''
    n = len(x)
    out = []
    for i in range(n):
        out.append(x[i] ** 2)
    return np.array(out)
print(squares([1]))
"), @"1: For 5-9 of squares: [np x] -> [] (returns)");
}

#[test]
fn arrays_made_from_other_objects_come_from_outside() {
    assert_snapshot!(check("
import numpy as np
from PIL import Image
image = Image.open('a.png')
width, height = image.size
a = np.array(image)
out = np.zeros(a.shape)
for y in range(height):
    for x in range(width):
        out[y, x] = a[y, x] / 2
out = np.array(out)
"), @"
1: ArrayExpression 6-6 of <module>: [image np] -> [a]
2: For 7-11 of <module>: [a height np width] -> []
3 in 2: For 9-10 of <module>: [a out width y] -> []
");
}

#[test]
fn matrix_product_at_module_level() {
    assert_snapshot!(check("
import time
A = B = [[1.0]]
t0 = time.time()
n = len(A)
C = [[0.0] * n for _ in range(n)]
for i in range(n):
    for j in range(n):
        s = 0
        for k in range(n):
            s += A[i][k] * B[k][j]
        C[i][j] = s
print(time.time() - t0)
"), @"
    1: For 5-12 of <module>: [A B] -> []
    2 in 1: For 8-12 of <module>: [A B C i n] -> []
    3 in 2: For 9-11 of <module>: [A B i j n] -> [s]
    ");
}

#[test]
fn mean_and_deviation() {
    assert_snapshot!(check("
import math
def stats(x):
    total = 0.0
    unrelated = []
    for v in x:
        total += v
    mean = total / len(x)
    var = 0.0
    for v in x:
        var += (v - mean) ** 2
    std = math.sqrt(var / len(x))
    return mean, std
"), @"
    1: For 4-8 of stats: [x] -> [mean]
    2: For 9-13 of stats: [math mean x] -> [] (returns)
    ");
}

#[test]
fn comprehensions_generators_and_builtins() {
    assert_snapshot!(check("
import numpy as np
f = np.vectorize(lambda v: v + 1)
def g(x):
    a = [v * v for v in x]
    b = sum(v for v in a)
    if b > 1: c = f(x); d = max(x)
    print(np.vectorize(abs)(x))
    return list(map(str, a))
"), @"
    1: Comprehension 5-5 of g: [x] -> [a]
    2: Generator 6-6 of g: [a] -> [b]
    3: CallPerElement 7-7 of g: [f x] -> []
    4: Builtin 7-7 of g: [x] -> []
    5: CallPerElement 8-8 of g: [np x] -> []
    6: CallPerElement 9-9 of g: [a] -> [] (returns)
    ");
}

#[test]
fn what_is_left_out() {
    assert_snapshot!(check("
class C:
    table = [i for i in range(3)]
    def m(self, x):
        global count
        for v in x: count = v
        for v in x:
            for w in v:
                if w: break
            else: continue
        for v in x: del v
        for v in x: super().m(v)
        for v in x: yield v
        for row in x:
            for v in row: print(v)
"), @"
    1: For 7-10 of C.m: [x] -> []
    2: For 14-15 of C.m: [x] -> []
    3 in 2: For 15-15 of C.m: [row] -> []
    left out 3: it stands in the body of a class
    left out 6: it binds `count` of an outer scope
    left out 8: the jump on line 10 leaves an outer loop too
    left out 11: it deletes `v`
    left out 12: it uses `super()`
    left out 13: `yield` on line 13 suspends the function
    ");
}

#[test]
fn odd_layouts() {
    assert_snapshot!(check("s = 0; t = 1\nfor x in [1]: s += x; t *= x\nprint(s, t)\r\n\
        if __name__ == \"__main__\":\r\n\tn = \\\r\n\t  3\r\n\tout = []\r\n\twhile n: n -= 1; out.append(n)\r\n\tprint(out)\r\n"), @"
    1: For 1-2 of <module>: [] -> [s t]
    2: While 5-8 of <module>: [] -> [out]
    ");
}
