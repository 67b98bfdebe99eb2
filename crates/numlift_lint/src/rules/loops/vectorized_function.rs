//! `np.vectorize(f)`: a Python loop in other words.

use numlift_source::syntax::NodeId;

use crate::context::Context;
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL102",
    name: "vectorized-function",
    summary: "`np.vectorize`, which calls Python for each element",
    page: Page {
        what: "A call of `np.vectorize` or `np.frompyfunc`.",
        why: "`np.vectorize` makes a function look like one of NumPy's; inside is a loop that calls Python once for each \
              element, and once more to see the dtype. Written with NumPy's own functions the same is often a hundred \
              times faster.",
        example: "import numpy as np\n\n\ndef clipped(v, low):\n    return v if v > low else low\n\n\n\
                  def f(x):\n    return np.vectorize(clipped)(x, 0.0)\n",
        instead: "import numpy as np\n\n\ndef f(x):\n    return np.where(x > 0.0, x, 0.0)\n",
        when_not: "Where the function has no array form (it opens files, or works on strings or objects), \
                   `np.vectorize` is a convenience. `np.where` computes both branches for every element. What has a loop \
                   or a recurrence inside can be compiled: `@numlift.jit`.",
    },
    fixes: Fixes::Never,
    looks_at: &[Shape::Call],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let Some(name) = context
        .callee(id)
        .filter(|name| matches!(&**name, "numpy.vectorize" | "numpy.frompyfunc"))
    else {
        return;
    };
    let message = format!("`{}` calls Python for each element", name.replace("numpy.", "np."));
    context
        .find(id, message)
        .note("write the function with NumPy's operators, `np.where` for its branches, and give it the array");
}
