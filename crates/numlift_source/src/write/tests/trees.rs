//! Random trees are printed, parsed and compared: no parenthesis is missing, none changes what is meant.

use proptest::prelude::*;
use ruff_python_ast::{self as ast, BoolOp, CmpOp, Operator, UnaryOp};

use crate::parse::parse;
use crate::text::SourceText;
use crate::write::print;
use crate::write::python::{Expr, Stmt};

fn trees() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["x", "y", "values", "n"]).prop_map(Expr::name),
        (0..100u32).prop_map(|n| Expr::Number(n.to_string())),
        Just(Expr::Number("1.5".to_owned())),
        Just(Expr::Literal("None".to_owned())),
    ];
    leaf.prop_recursive(5, 40, 3, |inner| {
        let binary = vec!["+", "-", "*", "/", "//", "%", "**", "@", "&", "|", "^", "<<", ">>"];
        let slice = (
            prop::option::of(inner.clone()),
            prop::option::of(inner.clone()),
            prop::option::of(inner.clone()),
        )
            .prop_map(|(lo, hi, step)| Expr::Slice(lo.map(Box::new), hi.map(Box::new), step.map(Box::new)));
        let sub = prop_oneof![inner.clone(), slice];
        prop_oneof![
            (prop::sample::select(binary), inner.clone(), inner.clone()).prop_map(|(op, a, b)| Expr::binary(op, a, b)),
            (prop::sample::select(vec!["-", "+", "~"]), inner.clone()).prop_map(|(op, a)| Expr::unary(op, a)),
            inner.clone().prop_map(|a| Expr::Not(Box::new(a))),
            (
                prop::sample::select(vec!["<", "<=", "==", "!="]),
                inner.clone(),
                inner.clone()
            )
                .prop_map(|(op, a, b)| Expr::compare(op, a, b)),
            (
                prop::sample::select(vec!["and", "or"]),
                prop::collection::vec(inner.clone(), 2..4)
            )
                .prop_map(|(op, items)| Expr::Bool(op, items)),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(test, then, other)| Expr::IfElse {
                test: Box::new(test),
                then: Box::new(then),
                other: Box::new(other)
            }),
            (inner.clone(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(callee, args)| Expr::call(callee, args)),
            inner.clone().prop_map(|base| Expr::attr(base, "real")),
            (inner.clone(), prop::collection::vec(sub, 1..3)).prop_map(|(base, subs)| {
                // `x[(a, b)]` is `x[a, b]`.
                let subs = match &subs[..] {
                    [Expr::Tuple(items)] if items.len() > 1 => items.clone(),
                    _ => subs,
                };
                Expr::Subscript(Box::new(base), subs)
            }),
            prop::collection::vec(inner.clone(), 0..3).prop_map(Expr::Tuple),
            prop::collection::vec(inner, 0..3).prop_map(Expr::List),
        ]
    })
}

/// The tree that a parsed expression is.
fn read(expr: &ast::Expr) -> Expr {
    let boxed = |expr: &ast::Expr| Box::new(read(expr));
    match expr {
        ast::Expr::Name(name) => Expr::name(name.id.as_str()),
        ast::Expr::NumberLiteral(number) => Expr::Number(match &number.value {
            ast::Number::Int(int) => int.to_string(),
            ast::Number::Float(float) => float.to_string(),
            ast::Number::Complex { .. } => unreachable!(),
        }),
        ast::Expr::NoneLiteral(_) => Expr::Literal("None".to_owned()),
        ast::Expr::UnaryOp(op) => match op.op {
            UnaryOp::Not => Expr::Not(boxed(&op.operand)),
            UnaryOp::USub => Expr::Unary("-", boxed(&op.operand)),
            UnaryOp::UAdd => Expr::Unary("+", boxed(&op.operand)),
            UnaryOp::Invert => Expr::Unary("~", boxed(&op.operand)),
        },
        ast::Expr::BinOp(op) => Expr::Binary(spelled(op.op), boxed(&op.left), boxed(&op.right)),
        ast::Expr::Compare(compare) => {
            assert_eq!(compare.ops.len(), 1, "a chain");
            let op = match compare.ops[0] {
                CmpOp::Lt => "<",
                CmpOp::LtE => "<=",
                CmpOp::Eq => "==",
                CmpOp::NotEq => "!=",
                other => unreachable!("{other:?}"),
            };
            Expr::Compare(op, boxed(&compare.left), boxed(&compare.comparators[0]))
        }
        ast::Expr::BoolOp(op) => {
            let name = if op.op == BoolOp::And { "and" } else { "or" };
            Expr::Bool(name, op.values.iter().map(read).collect())
        }
        ast::Expr::If(choice) => Expr::IfElse {
            test: boxed(&choice.test),
            then: boxed(&choice.body),
            other: boxed(&choice.orelse),
        },
        ast::Expr::Call(call) => Expr::Call(
            boxed(&call.func),
            call.arguments.args.iter().map(|arg| (None, read(arg))).collect(),
        ),
        ast::Expr::Attribute(attribute) => Expr::Attr(boxed(&attribute.value), attribute.attr.to_string()),
        ast::Expr::Subscript(subscript) => {
            let subs = match &*subscript.slice {
                ast::Expr::Tuple(tuple) if !tuple.parenthesized => tuple.elts.iter().map(read).collect(),
                other => vec![read(other)],
            };
            Expr::Subscript(boxed(&subscript.value), subs)
        }
        ast::Expr::Slice(slice) => Expr::Slice(
            slice.lower.as_deref().map(boxed),
            slice.upper.as_deref().map(boxed),
            slice.step.as_deref().map(boxed),
        ),
        ast::Expr::Tuple(tuple) => Expr::Tuple(tuple.elts.iter().map(read).collect()),
        ast::Expr::List(list) => Expr::List(list.elts.iter().map(read).collect()),
        other => unreachable!("{other:?}"),
    }
}

fn spelled(op: Operator) -> &'static str {
    match op {
        Operator::Add => "+",
        Operator::Sub => "-",
        Operator::Mult => "*",
        Operator::MatMult => "@",
        Operator::Div => "/",
        Operator::Mod => "%",
        Operator::Pow => "**",
        Operator::LShift => "<<",
        Operator::RShift => ">>",
        Operator::BitOr => "|",
        Operator::BitXor => "^",
        Operator::BitAnd => "&",
        Operator::FloorDiv => "//",
    }
}

/// The value of the one assignment in a text.
fn parsed(text: &str) -> Expr {
    let parsed = parse(&SourceText::from_str("a.py", text));
    assert!(parsed.errors.is_empty(), "{:?}\n{text}", parsed.errors);
    match &parsed.module.body[..] {
        [ast::Stmt::Assign(assign)] => read(&assign.value),
        other => panic!("not one assignment: {other:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_printed_parses_to_the_same_tree(tree in trees(), width in 20..120usize) {
        let stmt = Stmt::Assign(vec![Expr::name("out")], vec![tree.clone()]);
        let text = print::statements(&[stmt], 0, width);
        prop_assert_eq!(parsed(&text), tree, "{}", text);
    }
}
