//! `x**3` of an array: a power where two products do.

use numlift_source::syntax::{Binary, Kind, NodeId};

use crate::context::{Context, Repair};
use crate::rule::{Fixes, Page, Rule, Shape};

pub static RULE: Rule = Rule {
    code: "NL306",
    name: "cube-by-power",
    summary: "`x**3` or `x**4` of an array where products do",
    page: Page {
        what: "A power of an array with the exponent 3 or 4 written out.",
        why: "NumPy computes squares, roots and reciprocals (`x**2`, `x**0.5`, `x**-1`) as such, and every other power by a \
              general function, element by element: `x * x * x` is three to five times as fast.",
        example: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    return x**3\n",
        instead: "import numpy as np\n\n\ndef f(n):\n    x = np.linspace(0, 1, n)\n    return x * x * x\n",
        when_not: "The last bit of some elements of floats differs, and `x * x * x` needs memory for one more temporary. \
                   The fix is safe for vectors of integers. In code that is not hot the power reads better.",
    },
    fixes: Fixes::Sometimes,
    looks_at: &[Shape::Binary],
    check,
};

fn check(context: &mut Context<'_>, id: NodeId) {
    let tree = context.tree;
    let Kind::Binary {
        op: Binary::Pow,
        left,
        right,
    } = *tree.kind(id)
    else {
        return;
    };
    let exponent = match tree.kind(right) {
        Kind::Int(Some(exponent @ (3 | 4))) => *exponent,
        _ => return,
    };
    let typed = context.typed(left);
    // A name is all that may be written three times.
    let (Some(name), Some(dtype)) = (tree.name(left), typed.known_dtype()) else {
        return;
    };
    // Truth values have powers in NumPy's smallest ints, and products that are truth values.
    if !(dtype.is_integer() || dtype.is_float())
        || typed.array().is_none_or(|(_, ndim)| ndim.is_none_or(|ndim| ndim == 0))
    {
        return;
    }
    let text = match exponent {
        3 => format!("{name} * {name} * {name}"),
        _ => format!("({name} * {name})**2"),
    };
    let text = if needs_parentheses(context, id) && exponent == 3 {
        format!("({text})")
    } else {
        text
    };
    let repair = Repair::replace(id, text)
        .unless(
            typed.is_certain() && typed.trust == numlift_source::statics::Trust::Certain,
            "it may be of a subclass",
        )
        .unless(!dtype.is_float(), "the last bits of some elements differ");
    let message = format!("`{name}**{exponent}` is computed as a general power of each element");
    context.find(id, message).fix(Some(repair));
}

/// Whether the power stands where a product would be taken apart.
fn needs_parentheses(context: &Context<'_>, id: NodeId) -> bool {
    let (node, source) = (context.tree.node(id), context.tree.source());
    if source[..node.start as usize].ends_with('(') && source[node.end as usize..].starts_with(')') {
        return false;
    }
    match context.tree.parent(id).map(|parent| context.tree.kind(parent)) {
        Some(Kind::Binary {
            op: Binary::Add | Binary::Sub,
            ..
        }) => false,
        // `2 * x**3` adds up its products in another order then, but for the first place.
        Some(
            Kind::Binary { .. } | Kind::Unary { .. } | Kind::Attribute { .. } | Kind::Subscript { .. } | Kind::Await(_),
        ) => true,
        _ => false,
    }
}
