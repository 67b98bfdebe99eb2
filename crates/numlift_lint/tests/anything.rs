//! Whatever the text is, checking it ends, and a fix leaves Python.

use numlift_lint::{Rules, check, lift::NoLifter};
use numlift_source::edit;
use numlift_source::parse::parse;
use numlift_source::text::SourceText;
use proptest::prelude::*;

/// Pieces of which rules are made, and what stands between them.
const PIECES: &[&str] = &[
    "np.where(x > 0)",
    "np.where(x)[0]",
    "len(",
    "np.nonzero(m)[0].size",
    "np.linalg.inv(A) @ b",
    "np.diag(A @ B.T)",
    "np.trace(A @ B)",
    "np.sqrt(np.sum(x**2))",
    "np.sum(x * x)",
    "x = np.append(x, 1)",
    "x = np.concatenate((x, y))",
    "x = np.asarray(x, dtype=float)",
    "x = np.zeros(3)",
    "x.flatten().sum()",
    "x[0][1]",
    "x**3",
    "-x**4",
    "max(x)",
    "sum(",
    "np.argsort(x)[::-1][0]",
    "np.sort(x)[-1]",
    "np.array(range(3))",
    "np.array([v for v in x])",
    "np.zeros(3).astype(int)",
    "x in x",
    "x, y = x.shape",
    "x",
    "y",
    "f",
    "1",
    "'s'",
    "f'{x[0][1]}'",
    "lambda x: ",
    " = ",
    " += ",
    ":=",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ", ",
    ".",
    ";",
    "*",
    " @ ",
    "\n",
    "\n    ",
    "\n        ",
    " for v in ",
    " if ",
    " else ",
    "\nelse:",
    "\nfor x in y:",
    "\nfor i in range(len(x)):",
    "\nwhile x:",
    "\ndef f(x: np.ndarray, *y):",
    "\nclass C(f):",
    "\ntry:",
    "\nexcept C as x:",
    "\nfinally:",
    "\nwith x as y:",
    "\nmatch x:",
    "\n  case [y, *x]:",
    "global x",
    "del x",
    "return ",
    "yield ",
    "break",
    "continue",
    "assert x.ndim == 1",
    "  # numlift: ignore[NL303]",
    "  # noqa: NL3",
    "# numlift: off",
    "\r\n",
    "é",
    "\\\n",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn fixes_leave_python(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..24)) {
        let text = SourceText::from_str("a.py", &format!("import numpy as np\n{}\n", pieces.concat()));
        let is_python = parse(&text).first_error().is_none();
        for finding in check(&text, &Rules::all(), &NoLifter) {
            let span = finding.diagnostic.span;
            prop_assert!(span.start <= span.end && span.end as usize <= text.as_str().len());
            prop_assert!(text.as_str().is_char_boundary(span.start as usize));
            if let Some(fix) = finding.diagnostic.fix {
                prop_assert!(is_python);
                let edits: Vec<_> = fix.edits.into_iter().map(|edit| edit.edit).collect();
                let mended = edit::apply(&text, &edits);
                prop_assert!(mended.is_ok(), "{}: {:?} {edits:?}", finding.rule.code, text.as_str());
            }
        }
    }
}
