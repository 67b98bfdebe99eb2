use super::*;
use crate::parse::parse;
use crate::text::SourceText;

/// The type of the last expression with this text.
fn type_of(source: &str, text: &str) -> String {
    let parsed = parse(&SourceText::from_str("a.py", &format!("import numpy as np\n{source}")));
    let names = Names::of(&parsed);
    let tree = Tree::of(&parsed);
    let statics = Statics::of(&tree, &names);
    let id = tree
        .ids()
        .filter(|id| tree.text(*id) == text)
        .last()
        .expect("it is there");
    let typed = statics.of_node(id);
    let ty = match &typed.ty {
        Type::Unknown => return "?".to_owned(),
        Type::Other => "other".to_owned(),
        Type::Plain(plain) => plain.to_string(),
        Type::Array { dtype, ndim } => format!(
            "array({},{})",
            dtype.map_or("?", Dtype::name),
            ndim.map_or("?".to_owned(), |ndim| ndim.to_string())
        ),
    };
    match typed.trust {
        Trust::Certain => ty,
        trust => format!("{ty} {trust:?}").to_lowercase(),
    }
}

fn check(source: &str, text: &str, expected: &str) {
    assert_eq!(type_of(source, text), expected, "{text} in\n{source}");
}

#[test]
fn makers_make_arrays() {
    check("def f(n):\n    x = np.zeros(n)\n    x", "x", "array(float64,?)");
    check(
        "def f(n):\n    x = np.zeros((n, 3), dtype=np.int8)\n    x",
        "x",
        "array(int8,2)",
    );
    check("def f(y):\n    x = np.asarray(y)\n    x", "x", "array(?,?)");
    check(
        "def f(y):\n    x = np.asarray(y, dtype=float)\n    x",
        "x",
        "array(float64,?)",
    );
    check(
        "def f(y):\n    x = np.asarray(y, dtype=float)\n    z = np.sqrt(x)\n    z",
        "z",
        "array(float64,?)",
    );
    check(
        "def f(y):\n    x = np.asarray(y, float).ravel()\n    z = np.sqrt(x) * 2\n    z",
        "z",
        "array(float64,1)",
    );
    check("def f(y):\n    x = np.array(y, like=y)\n    x", "x", "?");
    check("x = np.arange(3)\nx", "x", "array(int64,1)");
    check("def f(y):\n    y\n", "y", "?");
}

#[test]
fn ways_are_joined() {
    check(
        "def f(c):\n    x = np.zeros(3)\n    if c:\n        x = np.ones(4)\n    x",
        "x",
        "array(float64,1)",
    );
    check(
        "def f(c):\n    x = np.zeros(3)\n    if c:\n        x = np.ones((4, 4))\n    x",
        "x",
        "array(float64,?)",
    );
    check(
        "def f(c):\n    x = np.zeros(3)\n    if c:\n        x = None\n    x",
        "x",
        "?",
    );
    check(
        "def f(c):\n    x = None\n    if c is None:\n        return\n    x = np.zeros(3)\n    x",
        "x",
        "array(float64,1)",
    );
    check(
        "def f(c):\n    x = np.zeros(3)\n    for i in range(c):\n        x = g(x)\n    x",
        "x",
        "?",
    );
    check(
        "def f(c):\n    x = np.zeros(3)\n    while True:\n        x = x + 1\n        if c:\n            break\n    x",
        "x",
        "array(float64,1)",
    );
    check(
        "def f(c):\n    x = np.zeros(3)\n    try:\n        x = g()\n    except ValueError:\n        pass\n    x",
        "x",
        "?",
    );
    check(
        "def f(c):\n    x = np.zeros(3)\n    with c:\n        x = g()\n        x = np.ones(2)\n    x",
        "x",
        "?",
    );
    check(
        "def f():\n    x = np.zeros(3)\n    def g():\n        nonlocal x\n        x = 1\n    x",
        "x",
        "?",
    );
}

#[test]
fn elements_and_subscripts() {
    let head = "def f(n):\n    x = np.zeros((n, 3))\n    m = x > 0\n";
    check(
        &format!("{head}    for row in x:\n        row"),
        "row",
        "array(float64,1)",
    );
    check(
        &format!("{head}    for i in range(n):\n        x[i, 0]"),
        "x[i, 0]",
        "?",
    );
    check(
        &format!("{head}    for i in range(3):\n        x[i, 0]"),
        "x[i, 0]",
        "np.float64",
    );
    check(
        &format!("{head}    for i in range(3):\n        x[i]"),
        "x[i]",
        "array(float64,1)",
    );
    check(&format!("{head}    x[:, None]"), "x[:, None]", "array(float64,3)");
    check(&format!("{head}    x[m]"), "x[m]", "array(float64,1)");
    check(&format!("{head}    x[...]"), "x[...]", "array(float64,2)");
    check(&format!("{head}    x[n]"), "x[n]", "?");
    check(&format!("{head}    x.sum(axis=0)"), "x.sum(axis=0)", "array(float64,1)");
    check(&format!("{head}    x.shape[0]"), "x.shape[0]", "int");
    check(&format!("{head}    np.where(m)[0]"), "np.where(m)[0]", "array(int64,1)");
}

#[test]
fn what_is_said_is_not_certain() {
    check("def f(x: np.ndarray):\n    x", "x", "array(?,?) declared");
    check(
        "import numpy.typing as npt\ndef f(x: npt.NDArray[np.int8]):\n    x",
        "x",
        "array(int8,?) declared",
    );
    check(
        "from jaxtyping import Float64\ndef f(x: Float64[np.ndarray, 'n m']):\n    x",
        "x",
        "array(float64,2) declared",
    );
    check(
        "from jaxtyping import Float64\nfrom jax import Array\ndef f(x: Float64[Array, 'n m']):\n    x",
        "x",
        "?",
    );
    check("def f(x: np.ndarray = None):\n    x", "x", "?");
    let doc = "def f(x, y, z):\n    '''F.\n\n    Parameters\n    ----------\n    x : ndarray of shape (n, m)\n        X.\n    \
               y : array_like\n    z : ndarray or None\n    '''\n";
    check(&format!("{doc}    x"), "x", "array(?,2) perhaps");
    check(&format!("{doc}    y"), "y", "?");
    check(&format!("{doc}    z"), "z", "?");
}

#[test]
fn tests_say_something() {
    check(
        "def f(x):\n    x = np.asarray(x)\n    assert x.ndim == 2\n    x",
        "x",
        "array(?,2)",
    );
    check(
        "def f(x):\n    x = np.asarray(x)\n    if x.ndim != 1:\n        raise ValueError\n    x",
        "x",
        "array(?,1)",
    );
    check(
        "def f(x):\n    if isinstance(x, np.ndarray):\n        x",
        "x",
        "array(?,?) declared",
    );
    check(
        "def f(x):\n    x = np.asarray(x)\n    rows, columns = x.shape\n    x",
        "x",
        "array(?,2)",
    );
    check(
        "def f(x):\n    x = np.zeros(4)\n    x.shape = (2, 2)\n    x",
        "x",
        "array(?,?)",
    );
}

#[test]
fn lists_change_in_place() {
    check("x = [1, 2]\nx.append('a')\ny = x[0]\ny", "y", "?");
    check("x = [1, 2]\nx", "x", "list(unknown,?)");
}
