//! Loops.

use super::{check, f64s};
use insta::assert_snapshot;

#[test]
fn squares_by_append() {
    let source =
        "import numpy as np\n#\nout = []\nfor i in range(len(x)):\n    out.append(x[i] ** 2)\nout = np.array(out)\n";
    assert_snapshot!(check(source, &[("x", f64s(&[0]))], &["out"]), @"");
}
