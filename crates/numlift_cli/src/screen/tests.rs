//! What the user sees, from reports made by hand.

use super::*;
use crate::sample;
use numlift::report::{Checked, Reason};

/// The plain text, each line framed so that blanks at its ends show.
fn screen(report: &Report, columns: usize) -> String {
    let text = anstream::adapter::strip_str(&render(report, columns)).to_string();
    assert!(
        text.lines().all(|line| width(line) <= columns),
        "a line is too wide:\n{text}"
    );
    text.lines().map(|line| format!("|{line}\n")).collect()
}

#[test]
fn the_demo_in_eighty_columns() {
    insta::assert_snapshot!(screen(&sample::article(), 80), @"
    | numlift optimize examples/article.py                   4 regions, 98 % of 1.9 s
    | line   share  why               cure                      before    after
    | 38-41   88 %  matrix product    np.array(A) @              1.7 s     4 ms  420x
    |               by hand           np.array(B)                      rounding 2e-15
    | 9-11     6 %  one element at a  arr**2                    110 ms     1 ms  110x
    |               time                                               rounding 1 ulp
    | 61-63    3 %  list grown, then  np.arange(1000000)         50 ms   0.9 ms   56x
    |               array                                                       exact
    | 70-71    2 %  filled element    np.arange(n,               41 ms  0.25 ms  160x
    |               by element        dtype=np.int32)                           exact
    | left alone: 15, 55 (already the fast form)   ceiling: 0.03 s is NumPy itself
    | checked: 4 captured + 212 hostile inputs agree; 3 tempting wrong rewrites
    |   refused
    | whole program 1.9 s -> 0.05 s, same output (clock text masked)
    ");
}

#[test]
fn the_demo_in_a_wide_terminal() {
    insta::assert_snapshot!(screen(&sample::article(), 120), @"
    | numlift optimize examples/article.py                                                           4 regions, 98 % of 1.9 s
    | line   share  why                        cure                          before    after
    | 38-41   88 %  matrix product by hand     np.array(A) @ np.array(B)      1.7 s     4 ms  420x  rounding 2e-15
    | 9-11     6 %  one element at a time      arr**2                        110 ms     1 ms  110x  rounding 1 ulp
    | 61-63    3 %  list grown, then array     np.arange(1000000)             50 ms   0.9 ms   56x  exact
    | 70-71    2 %  filled element by element  np.arange(n, dtype=np.int32)   41 ms  0.25 ms  160x  exact
    | left alone: 15, 55 (already the fast form)   ceiling: 0.03 s is NumPy itself
    | checked: 4 captured + 212 hostile inputs agree; 3 tempting wrong rewrites refused
    | whole program 1.9 s -> 0.05 s, same output (clock text masked)
    ");
}

#[test]
fn a_narrow_terminal_loses_nothing() {
    insta::assert_snapshot!(screen(&sample::article(), 60), @"
    | numlift optimize examples/article.py
    |                                    4 regions, 98 % of 1.9 s
    | line   share  why       cure          before    after
    | 38-41   88 %  matrix    np.array(A)    1.7 s     4 ms  420x
    |               product   @                    rounding 2e-15
    |               by hand   np.array(B)
    | 9-11     6 %  one       arr**2        110 ms     1 ms  110x
    |               element                        rounding 1 ulp
    |               at a
    |               time
    | 61-63    3 %  list      np.arange(     50 ms   0.9 ms   56x
    |               grown,    1000000)                      exact
    |               then
    |               array
    | 70-71    2 %  filled    np.arange(n,   41 ms  0.25 ms  160x
    |               element   dtype=np.                     exact
    |               by        int32)
    |               element
    | left alone: 15, 55 (already the fast form)
    | ceiling: 0.03 s is NumPy itself
    | checked: 4 captured + 212 hostile inputs agree; 3 tempting
    |   wrong rewrites refused
    | whole program 1.9 s -> 0.05 s, same output (clock text
    |   masked)
    ");
}

#[test]
fn a_long_formula_is_only_begun() {
    let mut report = sample::article();
    report.regions.truncate(1);
    if let Outcome::Cured { cure } = &mut report.regions[0].outcome {
        cure.form = "new[1:-1, 1:-1] = old[1:-1, 1:-1] + ALPHA * (old[2:, 1:-1] + old[:-2, 1:-1])".to_string();
    }
    insta::assert_snapshot!(screen(&report, 80), @"
    | numlift optimize examples/article.py                    1 region, 88 % of 1.9 s
    | line   share  why               cure                        before  after
    | 38-41   88 %  matrix product    new[1:-1, 1:-1] =            1.7 s   4 ms  420x
    |               by hand           old[1:-1, 1:-1] + ALPHA *        rounding 2e-15
    |                                 (old[2:, 1:-1] + old[:-2 …
    | ceiling: 0.03 s is NumPy itself
    | checked: 4 captured + 212 hostile inputs agree; 3 tempting wrong rewrites
    |   refused
    | whole program 1.9 s -> 0.05 s, same output (clock text masked)
    ");
}

#[test]
fn nothing_to_cure() {
    let mut report = sample::article();
    report.regions = vec![sample::stencil()];
    report.checked = Checked {
        captured: 0,
        hostile: 0,
        refused: 1,
    };
    report.whole = Whole::Unchanged;
    insta::assert_snapshot!(screen(&report, 80), @"
    | numlift optimize examples/article.py                      9 regions seen, 1.9 s
    | nothing was cured
    | left alone: 12-13 (`a[i - 1]` is what the iteration before stored)
    | checked: 1 tempting wrong rewrite refused
    ");
    report.regions.clear();
    report.checked.refused = 0;
    insta::assert_snapshot!(screen(&report, 80), @"
    | numlift optimize examples/article.py                      9 regions seen, 1.9 s
    | nothing to cure: no loop or array statement takes a noticeable part of the time
    ");
}

#[test]
fn a_cure_that_was_taken_back() {
    let mut report = sample::article();
    report.watched.ended = Ended::Interrupted;
    let product = report.regions.remove(0);
    let cure = product.outcome.cure().cloned().expect("it is cured");
    let why = Reason::new("with it, line 7 of its output changes", "`0.25` becomes `0.5`");
    report.regions.push(RegionReport {
        outcome: Outcome::Demoted { cure, why },
        ..product
    });
    report.regions[1].in_script = false;
    report.regions[1].file = "examples/growth/lists.py".to_string();
    report.ceiling.seconds = 1.7;
    report.ceiling.loops = 1.65;
    report.whole = Whole::NotRun {
        why: "it wrote `results.csv`; --rerun runs it all the same".to_string(),
    };
    report.notes.push("the program ended with exit code 3".to_string());
    insta::assert_snapshot!(screen(&report, 80), @"
    | numlift optimize examples/article.py     4 regions, 98 % of 1.9 s, until Ctrl-C
    | line              share  why          cure                before    after
    | 9-11                6 %  one element  arr**2              110 ms     1 ms  110x
    |                          at a time                               rounding 1 ulp
    | growth/lists.py:    3 %  list grown,  np.arange(1000000)   50 ms   0.9 ms   56x
    | 61-63                    then array                                       exact
    | 70-71               2 %  filled       np.arange(n,         41 ms  0.25 ms  160x
    |                          element by   dtype=np.int32)                     exact
    |                          element
    | taken back: 38-41 as np.array(A) @ np.array(B) (with it, line 7 of its output
    |   changes: `0.25` becomes `0.5`)
    | left alone: 15, 55 (already the fast form)
    | ceiling: 1.7 s stays: 1.6 s loops that stay loops
    | checked: 4 captured + 212 hostile inputs agree; 3 tempting wrong rewrites
    |   refused
    | whole program not run again: it wrote `results.csv`; --rerun runs it all the
    |   same
    | note: the program ended with exit code 3
    ");
}
