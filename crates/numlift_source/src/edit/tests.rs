use insta::assert_snapshot;
use ruff_python_ast::Stmt;
use ruff_text_size::Ranged;

use super::*;
use crate::names::Names;
use crate::parse::suites_of;

/// Replaces what stands between `<<` and `>>` of the source.
fn replaced(source: &str, new: &str) -> String {
    let start = source.find("<<").unwrap() as u32;
    let end = source.find(">>").unwrap() as u32 - 2;
    let text = SourceText::from_str("a.py", &source.replace("<<", "").replace(">>", ""));
    let parsed = parse(&text);
    assert_eq!(parsed.errors, []);
    assert!(
        parsed.find_statements(start, end).is_some(),
        "not the bounds of statements"
    );
    let edit = replace_statements(&parsed, start, end, new);
    apply(&text, &[edit]).unwrap().as_str().trim_start().to_owned()
}

#[test]
fn comments_inside_move_above() {
    assert_snapshot!(replaced("
def f(x):
    # above stays
    <<out = []  # start
    for v in x:  # each
        # square it
        out.append(v)>>  # last

        # further down
    return out
", "out = list(x)"), @"
    def f(x):
        # above stays
        # start
        # each
        # square it
        out = list(x)  # last

            # further down
        return out
    ");
    assert_snapshot!(replaced("
<<for v in x:
    s += v>>  # add
    # that was it
    # really
print(s)
", "s += sum(x)"), @"
    # that was it
    # really
    s += sum(x)  # add
    print(s)
    ");
}

#[test]
fn blocks_get_the_indentation_of_the_file() {
    assert_snapshot!(replaced("def f(x):\n\tif x:\n\t\t<<for v in x:\n\t\t\tprint(v)>>\n\t\treturn 1\n",
        "if a:\n    b = '''\n    c'''\n    if d:\n        e = (1,\n             2)\nelse:\n    pass\n").replace('\t', "->"), @"
    def f(x):
    ->if x:
    ->->if a:
    ->->->b = '''
        c'''
    ->->->if d:
    ->->->->e = (1,
    ->->->->-> 2)
    ->->else:
    ->->->pass
    ->->return 1
    ");
}

#[test]
fn statements_that_share_a_line() {
    let one = "y = g(x)";
    let two = "t = g(x)\ny = t + 1";
    let block = "if x:\n    y = 1";
    let plain = "a = 1; <<y = [f(v) for v in x]>>; b = 2  # c\nz = 3\n";
    assert_snapshot!(replaced(plain, one), @"
    a = 1; y = g(x); b = 2  # c
    z = 3
    ");
    assert_snapshot!(replaced(plain, two), @"
    a = 1
    t = g(x)
    y = t + 1
    b = 2  # c
    z = 3
    ");
    let header = "if a:  p = 1; <<y = [f(v) for v in x]>>;\nelse: <<<\n".replace(" <<<", " q = 1");
    assert_snapshot!(replaced(&header, one), @"
    if a:  p = 1; y = g(x);
    else: q = 1
    ");
    assert_snapshot!(replaced(&header, block), @"
    if a:
        p = 1
        if x:
            y = 1
    else: q = 1
    ");
    assert_snapshot!(replaced("<<s = 0; t = 1\nfor v in x: s += v>>\nprint(s)\n", two), @"
    t = g(x)
    y = t + 1
    print(s)
    ");
    assert_snapshot!(replaced("q = 0; <<t = 1\nfor v in x: t += v>>\nprint(s)\n", two), @"
    q = 0
    t = g(x)
    y = t + 1
    print(s)
    ");
}

#[test]
fn bytes_outside_stay_and_line_ends_are_kept() {
    let bytes = b"\xef\xbb\xbfx = 1\r\nfor v in w:\r\n\tx += v\r\ny = '\xc3\xa9'\n";
    let text = SourceText::from_bytes("a.py", bytes).unwrap();
    let parsed = parse(&text);
    let edit = replace_statements(&parsed, 7, 27, "if w:\n    x = 2");
    let new = apply(&text, &[edit]).unwrap();
    assert_eq!(
        new.to_bytes(),
        b"\xef\xbb\xbfx = 1\r\nif w:\r\n\tx = 2\r\ny = '\xc3\xa9'\n"
    );
}

#[test]
fn what_cannot_be_applied() {
    let latin = SourceText::from_bytes("a.py", b"# coding: latin-1\nx = 1\n").unwrap();
    let edit = |start, end, text: &str| Edit {
        start,
        end,
        text: text.to_owned(),
    };
    let refused = |edits: &[Edit]| apply(&latin, edits).unwrap_err().to_string();
    assert_snapshot!(refused(&[edit(18, 20, "y"), edit(19, 21, "z")]), @"two edits change the same text, at byte 19");
    assert_snapshot!(refused(&[edit(18, 200, "y")]), @"an edit lies outside of the text, at byte 18");
    assert_snapshot!(refused(&[edit(22, 23, "(")]), @"the new text is not Python: unexpected EOF while parsing on line 3");
    assert_snapshot!(refused(&[edit(22, 23, "'√'")]), @"the character `√` cannot be written in latin-1");
}

fn with_import(source: &str, needed: &str) -> String {
    let text = SourceText::from_str("a.py", source);
    let parsed = parse(&text);
    let needed = source.find(needed).unwrap() as u32;
    let edits: Vec<Edit> = add_imports(&parsed, &["import numpy as np"], needed)
        .into_iter()
        .collect();
    apply(&text, &edits).unwrap().as_str().to_owned()
}

#[test]
fn imports_stand_with_other_imports() {
    assert_snapshot!(with_import("import math\nfrom os import (\n    path,\n)  # p\nx = 1\n", "x"), @"
    import math
    from os import (
        path,
    )  # p
    import numpy as np
    x = 1
    ");
    assert_snapshot!(with_import("\"\"\"Doc\n\nimport this\n\"\"\"\nfrom __future__ import annotations\n\nx = 1\n", "x"), @r#"
    """Doc

    import this
    """
    from __future__ import annotations
    import numpy as np

    x = 1
    "#);
    assert_snapshot!(with_import("#!/usr/bin/python\n# -*- coding: utf-8 -*-\n'doc'\n\n# about x\nx = 1\nimport math", "x"), @"
    #!/usr/bin/python
    # -*- coding: utf-8 -*-
    'doc'

    import numpy as np

    # about x
    x = 1
    import math
    ");
    assert_snapshot!(with_import("\"\"\"Doc.\"\"\"\n\n\ndef f():\n    return x\n", "x"), @r#"
    """Doc."""

    import numpy as np


    def f():
        return x
    "#);
    assert_snapshot!(with_import("def f():\n    return x\n", "x"), @r"
    import numpy as np


    def f():
        return x
    ");
    assert_snapshot!(with_import("# only\nx = 1", "x"), @"
    # only
    import numpy as np

    x = 1
    ");
    assert_snapshot!(with_import("import os, numpy as np\nx = 1", "x"), @"
    import os, numpy as np
    x = 1
    ");
    assert_snapshot!(with_import("import os\nx = 1\nimport numpy as np", "x"), @"
    import os
    import numpy as np
    x = 1
    import numpy as np
    ");
}

#[test]
fn import_names_are_free() {
    let name = |source: &str| {
        let parsed = parse(&SourceText::from_str("a.py", source));
        import_as(&Names::of(&parsed), "numpy", "np").line
    };
    assert_eq!(name("x = 1"), "import numpy as np");
    assert_eq!(name("def f(np): pass"), "import numpy");
    assert_eq!(name("print(np, numpy)"), "import numpy as _np");
}

#[test]
fn dedenting_leaves_strings_alone() {
    let source = "if a:\n    if b:\n        x = '''\n        y'''\n        for i in f'{\n        z}':\n            w\n";
    let parsed = parse(&SourceText::from_str("a.py", source));
    let inner = suites_of(suites_of(&parsed.module.body[0])[0].first().unwrap())[0];
    let text = dedent(
        &parsed,
        inner[0].start().to_u32(),
        inner.last().map(Stmt::end).unwrap().to_u32(),
    );
    assert_snapshot!(text, @"
    x = '''
            y'''
    for i in f'{
    z}':
        w
    ");
}

/// Programs with statements in every layout.
const LAYOUTS: &[&str] = &[
    "a = 1; b = 2; c = 3;\nd = 4\n",
    "if a: b = 1; c = 2\nelif d: e = 3\nelse: f = 4; g = 5;  # c\nh = 6",
    "for v in w:\n\tx = 1;  y = 2  # c\n\n\t# own\n\tif x: y = 3\n\telse:\n\t\ty = 4\n\t# last\nz = 5\n",
    "while a:\r\n  try: b = 1\r\n  except C as e: d = 2; f = 3\r\n  finally:\r\n    g = (4,\r\n      5)  # t\r\n  h = 6\r\n",
    "class A:\n    '''doc'''\n    def f(self): return 1\n    x = '''\n  y\n'''; z = 1\nwith a as b, c: pass; d = 1\n",
    "match a:\n case 1: b = 2; c = 3\n case _:\n  d = 4 \\\n    + 5\n  e = 6\n",
];

const REPLACEMENTS: &[&str] = &[
    "n = 7",
    "n = 7; m = 8",
    "n = 7\nm = 8",
    "if n:\n    m = 8\nelse:\n    k = '''\n  9'''",
    "",
];

/// Statements by depth: simple ones with their text, compound ones by their first word.
fn shape(
    parsed: &Parsed,
    suite: &[Stmt],
    depth: usize,
    skip: &[Stmt],
    insert: &[(usize, String)],
) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for stmt in suite {
        let skipped = skip.iter().any(|other| other.range() == stmt.range());
        if skipped && skip.first().is_some_and(|first| first.range() == stmt.range()) {
            found.extend(insert.iter().map(|(inner, text)| (depth + inner, text.clone())));
        }
        if skipped {
            continue;
        }
        let text = parsed.slice(stmt.range());
        let suites = suites_of(stmt);
        let word = if suites.is_empty() {
            text
        } else {
            text.split(|c: char| !c.is_alphabetic()).next().unwrap()
        };
        found.push((depth, word.split_whitespace().collect::<Vec<_>>().join(" ")));
        for (index, inner) in suites.into_iter().enumerate().filter(|(_, inner)| !inner.is_empty()) {
            found.push((depth, format!("suite {index}")));
            found.extend(shape(parsed, inner, depth + 1, skip, insert));
        }
    }
    found
}

fn every_suite<'p>(suite: &'p [Stmt], found: &mut Vec<&'p [Stmt]>) {
    found.push(suite);
    suite
        .iter()
        .flat_map(suites_of)
        .filter(|inner| !inner.is_empty())
        .for_each(|inner| every_suite(inner, found));
}

#[test]
fn only_the_statements_change() {
    for layout in LAYOUTS {
        let text = SourceText::from_str("a.py", layout);
        let parsed = parse(&text);
        assert_eq!(parsed.errors, [], "{layout}");
        let mut suites = Vec::new();
        every_suite(&parsed.module.body, &mut suites);
        for suite in suites {
            for (first, last) in (0..suite.len()).flat_map(|first| (first..suite.len()).map(move |last| (first, last)))
            {
                for new in REPLACEMENTS {
                    let replaced = &suite[first..=last];
                    let (start, end) = (suite[first].start().to_u32(), suite[last].end().to_u32());
                    let edit = replace_statements(&parsed, start, end, new);
                    let result = apply(&text, &[edit]);
                    let result = result.unwrap_or_else(|error| panic!("{error}\n{layout}\n{start}-{end} {new}"));
                    let inserted = parse(&SourceText::from_str("", if new.is_empty() { "pass" } else { new }));
                    let inserted = shape(&inserted, &inserted.module.body, 0, &[], &[]);
                    let after = parse(&result);
                    assert_eq!(
                        shape(&after, &after.module.body, 0, &[], &[]),
                        shape(&parsed, &parsed.module.body, 0, replaced, &inserted),
                        "{layout}\n{start}-{end} {new}\n{}",
                        result.as_str()
                    );
                    let comments = |parsed: &Parsed| parsed.comments.len();
                    assert_eq!(
                        comments(&after),
                        comments(&parsed),
                        "{layout}\n{start}-{end} {new}\n{}",
                        result.as_str()
                    );
                }
            }
        }
    }
}
