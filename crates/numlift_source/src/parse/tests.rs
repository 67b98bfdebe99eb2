use super::*;

fn parsed(source: &str) -> Parsed {
    parse(&SourceText::from_str("a.py", source))
}

/// Syntax that some CPython between 3.8 and 3.14 accepts.
const ACCEPTED: &[&str] = &[
    "print((x := 1), f'{x=}')\ndef f(a, /, b, *, c): pass\n",
    "with (open('a') as f, open('b') as g): pass\n",
    "match p:\n    case {'a': [1, *rest], **kw} if rest: pass\n    case Point(x=0) | None: pass\n    case _: pass\n",
    "match = case = type = 1\nprint(match, case, type)\n",
    "try: pass\nexcept* (A, B) as e: pass\n",
    "try: pass\nexcept A, B: pass\n",
    "type Pair[T] = tuple[T, T]\ndef f[T: int = bool, *Ts, **P](x: T) -> T: return x\nclass C[T]: pass\n",
    "x = f'{f\"{'a'}\"}' f'{x!r:>{w}}' rf'\\d{x}'\ny = t'{x}'\n",
    "a[*b], a[1:2, ::3, ...]\nfor i in *a, *b: pass\nreturn_ = lambda *, k=1: (yield)\n",
    "@a.b[0](c)\nasync def f():\n    async with a as b, c: pass\n    return [x async for x in y if await z]\n",
    "x = 0xFF_FF + 0o17 + 0b1 + 1_000.5e-3j\n\x0cy = 1\\\n  + 2\n",
    "def f(x: 'int' = 1) -> None: ...\nclass A(B, metaclass=C): x: int; y: str = ''\n",
    "del a, (b, c[0]), d.e\nassert x, y\nraise A from b\nglobal z\n",
    "if x:\n\ty\n\n\t# c\nelif z: w\nelse:\n        v\n",
];

#[test]
fn whatever_cpython_accepts_is_parsed() {
    for source in ACCEPTED {
        assert_eq!(parsed(source).errors, [], "{source}");
        assert_eq!(parsed(&source.replace('\n', "\r\n")).errors, [], "{source}");
    }
}

#[test]
fn the_first_error_has_its_place() {
    let error = |source: &str| {
        let parsed = parsed(source);
        let error = parsed.first_error().unwrap();
        format!("{}:{}: {}", error.place.line, error.place.column, error.message)
    };
    insta::assert_snapshot!(error("x = 1\ny = (\n"), @"3:0: unexpected EOF while parsing");
    insta::assert_snapshot!(error("for x in\n  pass"), @"1:8: expected an expression");
    insta::assert_snapshot!(error("print 'hello'"), @"1:6: simple statements must be separated by newlines or semicolons");
    insta::assert_snapshot!(error("def f():\nreturn 1"), @"2:0: expected an indented block after function definition");
    insta::assert_snapshot!(error("x = 'é\n"), @"1:4: missing closing quote in string literal");
}

#[test]
fn statements_are_found_by_their_bounds() {
    let source = "if a:\n    x = 1; y = 2\n    for i in x: pass\nelse:\n    z\n";
    let parsed = parsed(source);
    let found = |first: &str, last: &str| {
        let start = source.find(first).unwrap() as u32;
        let end = (source.find(last).unwrap() + last.len()) as u32;
        parsed.find_statements(start, end).map(<[Stmt]>::len)
    };
    assert_eq!(found("x = 1", "y = 2"), Some(2));
    assert_eq!(found("y = 2", "pass"), Some(2));
    assert_eq!(found("for", "pass"), Some(1));
    assert_eq!(found("pass", "pass"), Some(1));
    assert_eq!(found("z", "z"), Some(1));
    assert_eq!(found("if a", "z"), Some(1));
    assert_eq!(found("y = 2", "z"), None);
    assert_eq!(found("x = 1", "y"), None);
}

#[test]
fn comments_are_listed_and_strings_are_not() {
    let parsed = parsed("x = '# no'  # yes\n# also\n");
    let comments: Vec<&str> = parsed.comments.iter().map(|range| parsed.slice(*range)).collect();
    assert_eq!(comments, ["# yes", "# also"]);
    let all = TextRange::up_to(100.into());
    assert_eq!(parsed.comments_in(all).len(), 2);
    assert_eq!(parsed.comments_in(TextRange::up_to(14.into())).len(), 0);
}

#[test]
fn a_semicolon_belongs_to_the_block_on_its_line() {
    let source = "if a:\n    for v in x: s += v ;\nx = 1;\n";
    let parsed = parsed(source);
    let block = &parsed.module.body[0];
    assert_eq!(
        parsed.text.position(parsed.ast_end(block)),
        LineColumn { line: 2, column: 24 }
    );
    assert_eq!(
        parsed.ast_end(&parsed.module.body[1]),
        parsed.module.body[1].end().to_u32()
    );
    assert!(parsed.find_statements(10, 30).is_some() && parsed.find_statements(10, 28).is_some());
}
