use std::path::Path;

use numlift::lint::{Asked, Checked, check_stdin};

use super::*;

const SOURCE: &str = "import numpy as np\n\n\ndef f(x, m):\n    x = np.array(x, dtype=int).ravel()\n    \
                      n = len(np.where(m > \"é\")[0])\n    for v in m:\n        x = np.append(x, v)\n    return n, max(x)\n";

fn checked(source: &str) -> Checked {
    let path = Path::new("/nowhere/a & b.py");
    check_stdin(&Asked::default(), Path::new("/nowhere"), Some(path), source.as_bytes()).unwrap()
}

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

#[test]
fn full_underlines_and_says_what_a_fix_stands_on() {
    insta::assert_snapshot!(plain(&full::render(&checked(SOURCE), 80)), @r#"
        NL303: indices are made to be counted (count-through-where)
         --> a & b.py:6:9
          |
        6 |     n = len(np.where(m > "é")[0])
          |         ^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = help: use `np.count_nonzero(m > "é")` (not safe: it may be no array of
                  numbers, or one without axes; the count becomes a NumPy int)

        NL201: `x` is copied as a whole in each round of the loop (growth-in-loop)
         --> a & b.py:8:13
          |
        7 |     for v in m:
          |     ----------- the loop
        8 |         x = np.append(x, v)
          |             ^^^^^^^^^^-^^^^
          |                       |
          |                       all that is there already
          |
          = note: collect the parts in a list, and join them once behind the loop
        "#);
}

#[test]
fn a_file_that_is_no_python_is_a_finding() {
    insta::assert_snapshot!(plain(&full::render(&checked("x = (1,\n"), 80)), @r#"
        invalid-syntax: unexpected EOF while parsing
         --> a & b.py:2:1
          |
        2 |
          | ^
        "#);
}

#[test]
fn concise_is_a_line_each() {
    insta::assert_snapshot!(plain(&short::concise(&checked(SOURCE))), @r#"
        a & b.py:6:9: NL303 indices are made to be counted
        a & b.py:8:13: NL201 `x` is copied as a whole in each round of the loop
        "#);
}

#[test]
fn github_escapes_what_is_special() {
    insta::assert_snapshot!(short::github(&checked(SOURCE)), @r#"
        ::warning title=numlift (NL303),file=a & b.py,line=6,col=9,endLine=6,endColumn=34::a & b.py:6:9: NL303 indices are made to be counted
        ::warning title=numlift (NL201),file=a & b.py,line=8,col=13,endLine=8,endColumn=28::a & b.py:8:13: NL201 `x` is copied as a whole in each round of the loop
        "#);
}

#[test]
fn junit_is_xml() {
    insta::assert_snapshot!(junit::render(&checked(SOURCE)), @r#"
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuites name="numlift" tests="2" failures="2" errors="0">
          <testsuite name="a &amp; b.py" tests="2" disabled="0" errors="0" failures="2">
            <testcase name="numlift.NL303" line="6" column="9">
              <failure message="indices are made to be counted">line 6, column 9: indices are made to be counted</failure>
            </testcase>
            <testcase name="numlift.NL201" line="8" column="13">
              <failure message="`x` is copied as a whole in each round of the loop">line 8, column 13: `x` is copied as a whole in each round of the loop</failure>
            </testcase>
          </testsuite>
        </testsuites>
        "#);
}

#[test]
fn json_has_the_keys_that_are_known() {
    let text = json::render(&checked(SOURCE), Path::new("/nowhere"));
    let values: serde_json::Value = serde_json::from_str(&text).unwrap();
    let keys: Vec<&str> = values[0].as_object().unwrap().keys().map(String::as_str).collect();
    let known = [
        "cell",
        "code",
        "end_location",
        "filename",
        "fix",
        "location",
        "message",
        "name",
        "noqa_row",
        "severity",
        "url",
    ];
    assert_eq!(keys, known);
    assert_eq!(values[0]["location"], serde_json::json!({ "row": 6, "column": 9 }));
    // Columns are letters, not bytes.
    assert_eq!(values[0]["end_location"], serde_json::json!({ "row": 6, "column": 34 }));
    assert_eq!(values[0]["filename"], "/nowhere/a & b.py");
    assert_eq!(values[0]["fix"]["applicability"], "unsafe");
}

#[test]
fn sarif_and_gitlab_say_where() {
    let sarif: serde_json::Value = serde_json::from_str(&sarif::render(&checked(SOURCE))).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "NL303");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "a%20%26%20b.py");
    assert_eq!(place["region"]["endColumn"], 34);
    let gitlab: serde_json::Value = serde_json::from_str(&gitlab::render(&checked(SOURCE))).unwrap();
    assert_eq!(gitlab[0]["location"]["positions"]["begin"]["line"], 6);
    assert_ne!(gitlab[0]["fingerprint"], gitlab[1]["fingerprint"]);
}
