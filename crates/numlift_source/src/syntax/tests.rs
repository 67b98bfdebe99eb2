use super::*;
use crate::parse::parse;
use crate::text::SourceText;

fn tree_of(source: &str, then: impl FnOnce(&Tree<'_>)) {
    let parsed = parse(&SourceText::from_str("a.py", source));
    then(&Tree::of(&parsed));
}

#[test]
fn parents_stand_in_front_of_their_parts() {
    tree_of(
        "def f(x, *y, k=1):\n    for i in x:\n        g(i)[0] += k\n    return x\n",
        |tree| {
            for id in tree.ids().skip(1) {
                let parent = tree.parent(id).unwrap();
                assert!(parent < id);
                assert!(tree.node(parent).start <= tree.node(id).start && tree.node(id).end <= tree.node(parent).end);
            }
            let call = tree
                .ids()
                .find(|id| matches!(tree.kind(*id), Kind::Call { .. }))
                .unwrap();
            assert_eq!(tree.text(call), "g(i)");
            let inside: Vec<&str> = tree.inside(call).map(|id| tree.text(id)).collect();
            assert_eq!(inside, ["g(i)", "g", "i"]);
            assert!(matches!(tree.kind(tree.loop_around(call).unwrap()), Kind::For { .. }));
            assert!(matches!(tree.kind(tree.scope_of(call)), Kind::Function { .. }));
            assert!(matches!(tree.kind(tree.statement_of(call)), Kind::AugAssign { .. }));
        },
    );
}

#[test]
fn what_says_the_same_is_the_same() {
    tree_of("(a [0]. b, a[ 0 ].b, a[1].b, -x**2.0, - x ** 2.0)\n", |tree| {
        let Kind::Tuple(parts) = tree
            .ids()
            .map(|id| tree.kind(id))
            .find(|kind| matches!(kind, Kind::Tuple(_)))
            .unwrap()
        else {
            unreachable!()
        };
        assert!(tree.same(parts[0], parts[1]) && tree.same(parts[3], parts[4]));
        assert!(!tree.same(parts[0], parts[2]) && !tree.same(parts[0], parts[3]));
    });
}

#[test]
fn pieces_are_put_in_parentheses_where_they_need_it() {
    tree_of("f(a + b, c, (d, e), x for x in y)\n", |tree| {
        let all: Vec<String> = tree
            .ids()
            .filter(|id| tree.text(*id) == "a + b" || tree.text(*id) == "c" || tree.text(*id) == "(d, e)")
            .map(|id| format!("{} {}", spell::argument(tree, id), spell::operand(tree, id)))
            .collect();
        assert_eq!(all, ["a + b (a + b)", "c c", "(d, e) ((d, e))"]);
    });
}
