//! `np.matrix`: a class that NumPy itself advises against.

use numlift_source::syntax::NodeId;

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL407",
    name: "matrix-class",
    summary: "`np.matrix` where arrays and `@` do",
    page: Page {
        what: "A call of `np.matrix`, `np.asmatrix`, `np.mat` or `np.bmat`.",
        why: "NumPy's documentation advises against the class. Each operation on it goes through Python code that keeps \
              it in two dimensions, several times slower on small data, and functions that are given one make a matrix or \
              an array of it, as it comes.",
        example: "import numpy as np\n\n\ndef f(rows):\n    return np.matrix(rows)\n",
        instead: "import numpy as np\n\n\ndef f(rows):\n    return np.array(rows)\n",
        when_not: "What works on the result has to change with it: `*` is a product of elements of arrays, and one of \
                   matrices of `np.matrix`; so there is no fix. In tests of how a library takes matrices they are meant.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let classes = [
        "numpy.matrix",
        "numpy.asmatrix",
        "numpy.mat",
        "numpy.bmat",
        "numpy.matlib.matrix",
    ];
    if !context.is_call_of(id, &classes) {
        return;
    }
    context
        .find(id, "`np.matrix` is slower than an array, and NumPy advises against it")
        .note("an array of two axes does the same with `@` for products");
}
