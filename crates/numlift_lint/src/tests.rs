use super::*;
use crate::lift::NoLifter;
use crate::registry::RULES;

fn codes(source: &str) -> Vec<&'static str> {
    let found = check(&SourceText::from_str("a.py", source), &Rules::all(), &NoLifter);
    found.iter().map(|finding| finding.rule.code).collect()
}

/// What is found, with places, messages and fixes.
fn said(source: &str) -> String {
    let text = SourceText::from_str("a.py", source);
    let found = check(&text, &Rules::all(), &NoLifter);
    let lines = found.iter().map(|finding| {
        let diagnostic = &finding.diagnostic;
        let fix = diagnostic.fix.as_ref().map_or(String::new(), |fix| {
            let open = if fix.open.is_empty() {
                String::new()
            } else {
                format!(" ({})", fix.open.join("; "))
            };
            format!("\n    {:?}: {}{open}", fix.applicability, fix.message)
        });
        let place = text.position(diagnostic.span.start);
        format!(
            "{}:{} {} {}{fix}\n",
            place.line, place.column, finding.rule.code, diagnostic.message
        )
    });
    lines.collect()
}

#[test]
fn every_example_is_found_and_every_cure_is_not() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let (example, instead) = (codes(rule.page.example), codes(rule.page.instead));
        if !example.contains(&rule.code) || !instead.is_empty() {
            wrong.push(format!("{} {example:?} {instead:?}:\n{}", rule.name, rule.page.example));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fix_of_an_example_gives_the_cure() {
    for rule in RULES {
        let text = SourceText::from_str("a.py", rule.page.example);
        let found = check(&text, &Rules::all(), &NoLifter);
        let finding = found.iter().find(|finding| finding.rule.code == rule.code);
        let fix = finding.and_then(|finding| finding.diagnostic.fix.as_ref());
        let is_loop = rule.name == "loop-over-elements";
        assert!(
            is_loop || (rule.fixes == rule::Fixes::Never) == fix.is_none(),
            "{}",
            rule.name
        );
        let Some(fix) = fix else { continue };
        let edits: Vec<_> = fix.edits.iter().map(|edit| edit.edit.clone()).collect();
        let mended = numlift_source::edit::apply(&text, &edits).unwrap();
        assert_eq!(mended.as_str(), rule.page.instead, "{}", rule.name);
    }
}

#[test]
fn files_without_numpy_say_nothing_but_that_they_are_no_python() {
    assert_eq!(codes("n = len(np.where(m)[0])\n"), Vec::<&str>::new());
    assert!(codes("def f(:\n").iter().all(|code| *code == "invalid-syntax") && !codes("def f(:\n").is_empty());
    assert_eq!(
        codes("import numpy as np\nn = len(np.where(m)[0]\n")[0],
        "invalid-syntax"
    );
}

#[test]
fn what_is_stored_to_is_no_value() {
    for target in [
        "np.nonzero(m)[0].size",
        "np.nonzero(m)[0].shape[0]",
        "np.sort(x)[-1]",
        "np.argsort(x)[0]",
    ] {
        for statement in [
            "{} = 1",
            "{} += 1",
            "del {}",
            "y, *{} = z",
            "for {} in z: y",
            "with z as {}: y",
        ] {
            let text = format!("import numpy as np\n{}\n", statement.replace("{}", target));
            assert_eq!(codes(&text), Vec::<&str>::new(), "{text}");
        }
        let text = format!("import numpy as np\nz[{target}] = 1\n");
        assert_eq!(codes(&text).len(), 1, "{text}");
    }
}

#[test]
fn names_have_to_be_numpys() {
    assert_eq!(codes("import numpy\nn = len(numpy.where(m)[0])\n"), ["NL303"]);
    assert_eq!(codes("from numpy import where\nn = len(where(m)[0])\n"), ["NL303"]);
    assert_eq!(
        codes("import numpy as np\nnp = other\nn = len(np.where(m)[0])\n"),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes("import numpy as np\ndef len(x): ...\nn = len(np.where(m)[0])\n"),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes("import numpy as np\ndef f(np):\n    return len(np.where(m)[0])\n"),
        Vec::<&str>::new()
    );
}

#[test]
fn comments_keep_rules_quiet() {
    let head = "import numpy as np\n";
    let with = |comment: &str| codes(&format!("{head}n = len(np.where(m)[0]){comment}\n"));
    let none = Vec::<&str>::new();
    assert_eq!(with("  # noqa"), none);
    assert_eq!(with("  # because # noqa: E501, NL303"), none);
    assert_eq!(with("  # noqa: E501"), ["NL303"]);
    assert_eq!(with("  # noqa: NL3"), none);
    assert_eq!(with("  # noqanda"), ["NL303"]);
    assert_eq!(with("  # numlift: ignore"), none);
    assert_eq!(with("  # numlift: ignore[NL303]"), none);
    assert_eq!(with("  # numlift: ignore[count-through-where]"), none);
    assert_eq!(with("  # numlift: ignore[NL302]"), ["NL303", "NL901"]);
    assert_eq!(with("  # numlift: ignore[NL303, NL999]"), ["NL902"]);
    assert_eq!(with("  # numlift: nothing"), ["NL303"]);
    let alone = |comment: &str| {
        codes(&format!(
            "{head}# numlift: {comment}\nn = len(np.where(m)[0])\nk = len(np.where(m)[0])\n"
        ))
    };
    assert_eq!(alone("ignore[NL303]"), ["NL303"]);
    assert_eq!(alone("off"), none);
    assert_eq!(
        codes(&format!(
            "{head}# numlift: off\nn = len(np.where(m)[0])\n# numlift: on\nk = len(np.where(m)[0])\n"
        )),
        ["NL303"]
    );
    assert_eq!(
        codes(&format!("{head}n = (\n    len(np.where(m)[0])\n)  # numlift: ignore\n")),
        none
    );
    assert_eq!(codes("x = 1  # numlift: ignore[NL303]\n"), ["NL901"]);
}

#[test]
fn a_fix_that_would_take_a_comment_away_is_none() {
    let text = said("import numpy as np\nn = len(np.where(m)[  # all\n    0])\n");
    assert_eq!(text, "2:4 NL303 indices are made to be counted\n");
}

#[test]
fn messages_say_the_fact_and_fixes_what_they_stand_on() {
    insta::assert_snapshot!(said(
        "import numpy as np\n\n\ndef f(a, b, n: int):\n    x = np.arange(10)\n    y = np.asarray(a, float).ravel()\n    \
         if len(np.where(x > 2)[0]) > 0:\n        return a[np.where(a > 0)], y[np.where(y > 0)], x[np.where(x[:5] > 0)]\n    \
         return max(x), sum(y), np.linalg.inv(a) @ b, y**3 * 2\n"
    ), @r#"
        7:7 NL303 indices are made to be counted
            Safe: use `np.count_nonzero(x > 2)`
        8:17 NL302 `np.where` makes indices of a mask that is an index itself
            Unsafe: use `a > 0` as the index (the mask may have another shape than the array)
        8:37 NL302 `np.where` makes indices of a mask that is an index itself
            Safe: use `y > 0` as the index
        8:57 NL302 `np.where` makes indices of a mask that is an index itself
            Unsafe: use `x[:5] > 0` as the index (the mask may have another shape than the array)
        9:11 NL301 Python's `max` takes the elements out of `x` one by one
            Safe: use `np.max(x)`
        9:19 NL301 Python's `sum` takes the elements out of `y` one by one
            Unsafe: use `np.sum(y)` (sums of floats are rounded in another order, and of no elements it is not the int 0)
        9:27 NL401 an inverse is computed to be multiplied with
            Unsafe: use `np.linalg.solve(a, b)` (the solution is rounded differently, and stacks of matrices take vectors as matrices)
        9:49 NL306 `y**3` is computed as a general power of each element
            Unsafe: use `(y * y * y)` (the last bits of some elements differ)
        "#);
}

/// Pairs that differ in a word or two: the first is found, the second is not.
#[test]
fn near_misses_of_rules_that_only_advise() {
    let pairs = [
        (
            "NL201",
            "for v in items:\n    x = np.append(x, v)\n",
            "for v in items:\n    y = np.append(x, v)\n",
        ),
        (
            "NL201",
            "while more():\n    x = np.concatenate((x, y))\n",
            "while more():\n    x = np.zeros(3)\n    x = np.concatenate((x, y))\n",
        ),
        (
            "NL201",
            "for v in items:\n    x = np.concatenate((x, v[:6]))\n",
            "for v in items:\n    x = np.concatenate((x, x[:6]))\n",
        ),
        (
            "NL201",
            "for v in items:\n    if v:\n        x = np.append(x, v)\n",
            "for v in items:\n    if v:\n        x = np.append(x, v)\n        break\n",
        ),
        (
            "NL201",
            "for v in items:\n    x = np.r_[x, v]\n",
            "for v in items:\n    x = np.append(x[1:], v)\n",
        ),
        (
            "NL501",
            "known = np.arange(9)\nfor v in items:\n    print(v in known)\n",
            "known = np.arange(9)\nfor v in items:\n    known = np.arange(v)\n    print(v in known)\n",
        ),
        (
            "NL501",
            "known = np.arange(9)\nfound = [v for v in items if v in known]\n",
            "known = list(range(9))\nfound = [v for v in items if v in known]\n",
        ),
        (
            "NL502",
            "a = np.unique(x)\nn = len(np.unique(x))\n",
            "a = np.unique(x)\nx = x[1:]\nn = len(np.unique(x))\n",
        ),
        (
            "NL502",
            "a = np.unique(x), np.unique(x)\n",
            "a = np.unique(x) if x.size else np.unique(x)\n",
        ),
        (
            "NL206",
            "X = np.ones((4, 3))\nv = np.arange(3)\nY = X - np.tile(v, (4, 1))\n",
            "X = np.ones((4, 3))\nv = np.arange(3)\nY = 2.0 - np.tile(v, (4, 1))\n",
        ),
        (
            "NL104",
            "x = np.ones(3)\ny = np.array([v + 1 for v in x])\n",
            "x = np.ones(3)\ny = np.array([f(v) + 1 for v in x])\n",
        ),
        (
            "NL105",
            "x = np.ones(3)\nout = []\nfor v in x:\n    out.append(v * 2)\n",
            "x = np.ones((3, 3))\nout = []\nfor v in x:\n    out.append(v * 2)\n",
        ),
        (
            "NL101",
            "x = np.ones(300)\ny = np.zeros(300)\nfor i in range(300):\n    y[i] = x[i] * 2\n",
            "x = np.ones(300)\ny = np.zeros(300)\nfor i in range(1, 300):\n    y[i] = y[i - 1] * 2\n",
        ),
        (
            "NL404",
            "A = np.eye(3)\nv = np.ones(3)\ny = A @ A @ v\n",
            "A = np.eye(3)\nv = np.ones((3, 3))\ny = A @ A @ v\n",
        ),
        (
            "NL601",
            "import pandas\nfor i, row in frame.iterrows():\n    print(row)\n",
            "for i, row in frame.iterrows():\n    print(row)\n",
        ),
        (
            "NL602",
            "import pandas\ny = frame.apply(lambda row: row['a'] + row['b'], axis=1)\n",
            "import pandas\ny = frame.apply(lambda row: f(row['a'], row['b']), axis=1)\n",
        ),
        (
            "NL603",
            "import pandas\nfor i in frame.index:\n    frame.loc[i, 'c'] = 1\n",
            "import pandas\nfor i in frame.index:\n    frame.loc[i, names] = 1\n",
        ),
    ];
    for (code, found, quiet) in pairs {
        let with = |body: &str| codes(&format!("import numpy as np\n{body}")).contains(&code);
        assert!(with(found), "{code} in\n{found}");
        assert!(!with(quiet), "{code} in\n{quiet}");
    }
}
