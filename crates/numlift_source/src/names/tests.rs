use insta::assert_snapshot;
use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{Expr, ExprContext};
use ruff_text_size::Ranged;

use super::*;
use crate::parse::parse;
use crate::text::SourceText;

/// Each loaded name or attribute chain, with what it stands for.
fn resolutions(source: &str) -> String {
    let parsed = parse(&SourceText::from_str("a.py", source));
    assert_eq!(parsed.errors, []);
    let names = Names::of(&parsed);
    let mut lister = Lister {
        names: &names,
        parsed: &parsed,
        lines: Vec::new(),
    };
    lister.visit_body(&parsed.module.body);
    lister.lines.join("\n")
}

struct Lister<'n> {
    names: &'n Names,
    parsed: &'n Parsed,
    lines: Vec<String>,
}

impl Lister<'_> {
    fn meaning(&self, expr: &Expr) -> String {
        if let Some(name) = self.names.qualified_name(expr) {
            return name;
        }
        if let Some(id) = self
            .names
            .function_named(expr)
            .or_else(|| self.names.method_of_self(expr))
        {
            return format!("def {}", self.names.function(id).qualname);
        }
        match self.names.class_named(expr) {
            Some(id) => format!("class {}", self.names.class(id).qualname),
            None => "?".to_owned(),
        }
    }
}

impl<'a> Visitor<'a> for Lister<'_> {
    fn visit_expr(&mut self, expr: &'a Expr) {
        match expr {
            Expr::Name(name) if name.ctx == ExprContext::Load => {}
            Expr::Attribute(_) => {}
            _ => return visitor::walk_expr(self, expr),
        }
        let line = self.parsed.text.position(expr.start().to_u32()).line;
        self.lines.push(format!(
            "{line}: {} = {}",
            self.parsed.slice(expr.range()),
            self.meaning(expr)
        ));
    }
}

#[test]
fn aliases_of_modules_and_members() {
    assert_snapshot!(resolutions(
        "import numpy as xp, os.path, scipy.linalg as la\nfrom numpy import sum as s, linalg\nfrom math import sqrt\n\
         xp.linalg.norm; s; sqrt; len; la.solve; linalg.norm; os.path.join\nroot = sqrt\nroot\nq = xp\nq.sum\nnowhere"
    ), @r"
    4: xp.linalg.norm = numpy.linalg.norm
    4: s = numpy.sum
    4: sqrt = math.sqrt
    4: len = builtins.len
    4: la.solve = scipy.linalg.solve
    4: linalg.norm = numpy.linalg.norm
    4: os.path.join = os.path.join
    5: sqrt = math.sqrt
    6: root = math.sqrt
    7: xp = numpy
    8: q.sum = numpy.sum
    9: nowhere = ?
    ");
}

#[test]
fn a_rebound_name_is_known_until_then() {
    assert_snapshot!(resolutions(
        "import numpy as np\nsum(x)\nsum = 0\nsum\nfor i in y:\n    max(i)\n    max = i\n\
         def f():\n    return min(1), np.sum, sum\n"
    ), @"
    2: sum = builtins.sum
    2: x = ?
    4: sum = ?
    5: y = ?
    6: max = ?
    6: i = ?
    7: i = ?
    9: min = builtins.min
    9: np.sum = numpy.sum
    9: sum = ?
    ");
}

#[test]
fn a_builtin_replaced_by_an_import() {
    assert_snapshot!(resolutions(
        "def early(x): return sum(x)\nsum(a)\nfrom numpy import sum\nsum(b)\ndef late(x): return sum(x)\n"
    ), @"
    1: sum = ?
    1: x = ?
    2: sum = builtins.sum
    2: a = ?
    4: sum = numpy.sum
    4: b = ?
    5: sum = numpy.sum
    5: x = ?
    ");
}

#[test]
fn local_names_shadow() {
    assert_snapshot!(resolutions(
        "import numpy as np\nfrom math import exp\ndef f(np):\n    return np.sum\ndef g():\n    exp = 1\n    return exp\n\
         def h():\n    from numpy import exp\n    return [exp for i in range(3)], [np for np in x], np.sum\n\
         class C:\n    exp = 2\n    exp\n    def m(self): return exp\n"
    ), @"
    4: np.sum = ?
    7: exp = ?
    10: range = builtins.range
    10: exp = numpy.exp
    10: x = ?
    10: np = ?
    10: np.sum = numpy.sum
    13: exp = ?
    14: exp = math.exp
    ");
}

#[test]
fn globals_rebound_by_functions_are_not_known() {
    assert_snapshot!(resolutions(
        "from math import exp, sin\ndef f():\n    global exp\n    exp = 3\nexp; sin\n\
         def g():\n    k = sin\n    def h():\n        nonlocal k\n        k = 2\n    return k\n"
    ), @"
    5: exp = ?
    5: sin = math.sin
    7: sin = math.sin
    11: k = ?
    ");
}

#[test]
fn try_import_is_known_only_where_both_say_the_same() {
    assert_snapshot!(resolutions(
        "try:\n    import numpy as np\nexcept ImportError:\n    np = None\nnp.sum\n\
         if a:\n    import math\nelse:\n    import math\nmath.exp\n"
    ), @"
    3: ImportError = builtins.ImportError
    5: np.sum = ?
    6: a = ?
    10: math.exp = math.exp
    ");
}

#[test]
fn stores_to_modules_and_writes_to_globals() {
    assert_snapshot!(resolutions("import numpy as np\nnp.sum = f\nnp.sum(x); np.max; len\n"), @"
    2: f = ?
    2: np.sum = ?
    3: np.sum = ?
    3: x = ?
    3: np.max = numpy.max
    3: len = builtins.len
    ");
    assert_snapshot!(resolutions("import numpy as np\nglobals()['np'] = 1\nnp.sum\n"), @"
    2: globals = ?
    3: np.sum = ?
    ");
    assert_snapshot!(resolutions(
        "import numpy as np, timeit\ntimeit.timeit('f()', globals=globals())\nglobals().get('x')\nnp.sum\n"
    ), @"
    2: timeit.timeit = timeit.timeit
    2: globals = builtins.globals
    3: globals().get = ?
    4: np.sum = numpy.sum
    ");
    assert_snapshot!(resolutions("import numpy as np\nexec(text)\nnp.sum\n"), @"
    2: exec = ?
    2: text = ?
    3: np.sum = ?
    ");
}

#[test]
fn star_imports() {
    // What the module exports is known.
    assert_snapshot!(resolutions(
        "import numpy as np\nsum(x)\nfrom numpy import *\nsum(x); np.sin; len; sin\n\
         def f(): return cos(1), pow, g()\ndef g(): return f()\ng()\n"
    ), @"
    2: sum = builtins.sum
    2: x = ?
    4: sum = numpy.sum
    4: x = ?
    4: np.sin = numpy.sin
    4: len = builtins.len
    4: sin = numpy.sin
    5: cos = numpy.cos
    5: pow = numpy.pow
    5: g = def g
    6: f = def f
    7: g = def g
    ");
    // It is not.
    assert_snapshot!(resolutions(
        "import numpy as np\ndef f(): return 1\nfrom tkinter import *\nimport math\nf(); np.sin; math.exp; sum\n\
         def g(): return math.pi, np.pi\n"
    ), @"
    5: f = ?
    5: np.sin = ?
    5: math.exp = math.exp
    5: sum = ?
    6: math.pi = math.pi
    6: np.pi = ?
    ");
    // Two know the name, the second counts.
    assert_snapshot!(resolutions("from math import *\nsqrt(2), pow\nfrom numpy import *\nsqrt(2), erf(1)\n"), @"
    2: sqrt = math.sqrt
    2: pow = math.pow
    4: sqrt = numpy.sqrt
    4: erf = math.erf
    ");
}

#[test]
fn functions_see_what_is_bound_from_their_def_on() {
    assert_snapshot!(resolutions(
        "from math import exp, sin\ndef early(): return exp(1)\nfrom numpy import exp\ndef late(): return exp(1)\n\
         for i in x:\n    def looped(): return sin(i), exp(i)\n    from cmath import sin\n"
    ), @"
    2: exp = ?
    4: exp = numpy.exp
    5: x = ?
    6: sin = ?
    6: i = ?
    6: exp = numpy.exp
    6: i = ?
    ");
}

#[test]
fn class_bodies_look_around() {
    assert_snapshot!(resolutions(
        "from math import exp\ndef abs(x): return x\nclass C:\n    exp, abs, len\n    exp = abs = len = 1\n    exp, abs, len\n\
         def f():\n    global h\n    def h(): pass\n    h()\n"
    ), @"
    2: x = ?
    4: exp = math.exp
    4: abs = ?
    4: len = builtins.len
    6: exp = ?
    6: abs = ?
    6: len = ?
    10: h = def h
    ");
}

#[test]
fn functions_methods_and_classes() {
    assert_snapshot!(resolutions(
        "def f(x): return x\n@cache\ndef g(): pass\nf(1); g()\nclass C:\n    def a(self): return self.b() + self.c()\n\
         \x20   def b(self): return 1\n    def c(self): return 2\n    @staticmethod\n    def d(self): return self.b()\n\
         class D(C):\n    def c(self): return 3\nC()\n"
    ), @"
    1: x = ?
    2: cache = ?
    4: f = def f
    4: g = ?
    6: self.b = def C.b
    6: self.c = ?
    9: staticmethod = builtins.staticmethod
    10: self.b = ?
    11: C = class C
    13: C = class C
    ");
}

#[test]
fn walrus_match_except_and_del() {
    assert_snapshot!(resolutions(
        "from math import sin, cos, tan, exp\nif (sin := 3): sin\nmatch p:\n    case {'a': cos}: cos\n    case [*exp]: pass\n\
         try:\n    pass\nexcept E as tan:\n    tan\ntan\nexp\n[len := 2 for i in r]\nlen\ndel exp\nexp\n"
    ), @"
    2: sin = ?
    3: p = ?
    4: cos = ?
    8: E = ?
    9: tan = ?
    10: tan = math.tan
    11: exp = ?
    12: r = ?
    13: len = ?
    15: exp = ?
    ");
}

#[test]
fn private_names_are_mangled() {
    let parsed = parse(&SourceText::from_str(
        "a.py",
        "class _C:\n    def m(self):\n        __x = 1\n        return __x\n",
    ));
    let names = Names::of(&parsed);
    assert!(names.symbols.iter().any(|symbol| symbol.name == "_C__x"));
}

#[test]
fn plain_attributes() {
    let source = "class P:\n    mass = 1.0\n    def __init__(self): self.x = 0.0\n    @property\n    def e(self): return 1\n\
                  class Q(P):\n    x: float\nclass S:\n    __slots__ = ('x',)\nclass U(Unknown): pass\n\
                  class G:\n    def __getattr__(self, name): return 1\n";
    let parsed = parse(&SourceText::from_str("a.py", source));
    let names = Names::of(&parsed);
    let plain: Vec<String> = names
        .classes()
        .flat_map(|(id, class)| {
            ["x", "mass", "e"].map(|attr| (attr, names.attribute_is_plain(id, attr), class.name.clone()))
        })
        .filter(|(_, plain, _)| *plain)
        .map(|(attr, _, class)| format!("{class}.{attr}"))
        .collect();
    assert_eq!(plain.join(" "), "P.x P.mass Q.x Q.mass");
}
