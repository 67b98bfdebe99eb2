//! A report made by hand, as `examples/article.py` might give it, for the tests of the rendering.

use numlift::cure::Strength;
use numlift::report::{
    BlockerReport, Ceiling, Checked, ConditionReport, CureReport, Ended, Example, FileReport, How, Label, Outcome,
    Refused, RegionReport, Report, SCHEMA, Sameness, Seen, Spent, Watched, Whole,
};

/// Four cures, two regions that are fast already, a stencil that has to stay.
pub fn article() -> Report {
    Report {
        schema: SCHEMA,
        numlift: "0.1.0".to_string(),
        python: "3.11.7".to_string(),
        numpy: "2.4.6".to_string(),
        program: "examples/article.py".to_string(),
        watched: Watched {
            seconds: 1.9,
            ended: Ended::Finished,
            exit_code: 0,
            traceback: None,
            capture_seconds: 0.03,
            regions_seen: 9,
        },
        regions: vec![product(), squares(), numbers(), fill(), fast(15), fast(55)],
        ceiling: Ceiling {
            seconds: 0.03,
            numpy: 0.03,
            loops: 0.0,
            compiled: 0.0,
        },
        checked: Checked {
            captured: 4,
            hostile: 212,
            refused: 3,
        },
        spent: Spent::default(),
        whole: Whole::Ran {
            before_seconds: 1.9,
            after_seconds: 0.05,
            sameness: Sameness::Same,
            clock_lines: 8,
            unsteady_lines: 0,
        },
        files: vec![FileReport {
            path: "examples/article.py".to_string(),
            diff: SQUARES_DIFF.to_string(),
        }],
        notes: vec![],
    }
}

const SQUARES_DIFF: &str = "\
--- examples/article.py
+++ examples/article.py
@@ -9,5 +9,3 @@
 start = time.time()
-result = []
-for i in range(len(arr)):
-    result.append(arr[i] ** 2)
+result = arr**2
 print(\"Loop over the elements:\", time.time() - start, \"seconds\")
";

fn region(lines: (u32, u32), seconds: f64, source: &str, outcome: Outcome) -> RegionReport {
    RegionReport {
        file: "examples/article.py".to_string(),
        in_script: true,
        function: "<module>".to_string(),
        first_line: lines.0,
        last_line: lines.1,
        entries: 1,
        seconds,
        own_seconds: seconds,
        share: seconds / 1.9,
        source: source.to_string(),
        outcome,
        refused: vec![],
        not_compiled: None,
    }
}

fn cure(why: &str, form: &str, before: f64, after: f64) -> CureReport {
    CureReport {
        why: why.to_string(),
        form: form.to_string(),
        diff: String::new(),
        strength: Strength::Exact,
        seen: None,
        rel_bound: 0.0,
        before_seconds: before,
        after_seconds: after,
        conditions: vec![],
        steps: vec![],
        announced: vec![],
        captured: 1,
        hostile: 53,
        captured_only: None,
        evidence: vec![],
        peak_bytes: None,
        compiled: None,
    }
}

fn product() -> RegionReport {
    let mut cure = cure("matrix product by hand", "np.array(A) @ np.array(B)", 1.67, 0.004);
    cure.strength = Strength::Rounding;
    cure.rel_bound = 1e-13;
    cure.seen = Some(Seen {
        relative: 2.1e-15,
        ulps: Some(12.0),
    });
    let mut region = region((38, 41), 1.67, "", Outcome::Cured { cure });
    region.function = "multiply".to_string();
    region
}

/// The region whose cure is told in full.
pub fn squares() -> RegionReport {
    let mut cure = cure("one element at a time", "arr**2", 0.11, 0.001);
    cure.diff = SQUARES_DIFF.to_string();
    cure.strength = Strength::Rounding;
    cure.rel_bound = 1e-13;
    cure.seen = Some(Seen {
        relative: 1.1e-16,
        ulps: Some(1.0),
    });
    cure.conditions = vec![
        ConditionReport {
            text: "`arr` is a one-dimensional array of float64".to_string(),
            how: How::Proven,
            detail: "bound once, to `np.random.rand(1000000)`".to_string(),
        },
        ConditionReport {
            text: "`arr` is not empty".to_string(),
            how: How::Proven,
            detail: "bound once, to `np.random.rand(1000000)`".to_string(),
        },
        ConditionReport {
            text: "`result` may be an array instead of a list".to_string(),
            how: How::Tolerated,
            detail: "nothing reads it before it is bound again".to_string(),
        },
    ];
    cure.steps = vec!["growth".to_string(), "square of a scalar as a ufunc".to_string()];
    cure.announced = vec!["`i` is no longer defined afterwards".to_string()];
    let source = "result = []\nfor i in range(len(arr)):\n    result.append(arr[i] ** 2)\n";
    region((9, 11), 0.11, source, Outcome::Cured { cure })
}

fn numbers() -> RegionReport {
    let cure = cure("list grown, then array", "np.arange(1000000)", 0.05, 0.0009);
    region((61, 63), 0.05, "", Outcome::Cured { cure })
}

fn fill() -> RegionReport {
    let cure = cure(
        "filled element by element",
        "np.arange(n, dtype=np.int32)",
        0.041,
        0.00025,
    );
    region((70, 71), 0.041, "", Outcome::Cured { cure })
}

fn fast(line: u32) -> RegionReport {
    region(
        (line, line),
        0.001,
        "",
        Outcome::AlreadyFast {
            why: "one array expression".to_string(),
        },
    )
}

/// An in-place stencil, the tempting slices refused.
pub fn stencil() -> RegionReport {
    let source = "for i in range(1, n):\n    a[i] = a[i - 1] + a[i]\n";
    let blocker = BlockerReport {
        kind: "carried".to_string(),
        message: "`a[i - 1]` is what the iteration before stored".to_string(),
        help: Some("write into a second array if the old values are meant".to_string()),
        file: "trap.py".to_string(),
        snippet: source.to_string(),
        first_line: 12,
        span: (33, 41),
        labels: vec![Label {
            span: (26, 30),
            text: "stored here".to_string(),
        }],
    };
    let mut region = region(
        (12, 13),
        0.5,
        source,
        Outcome::Blocked {
            blockers: vec![blocker],
        },
    );
    region.file = "trap.py".to_string();
    region.refused = vec![Refused {
        form: "a[1:] = a[:-1] + a[1:]".to_string(),
        what: "values of `a`".to_string(),
        input: "captured".to_string(),
        example: Some(Example {
            place: "a[2]".to_string(),
            old: "6.0".to_string(),
            new: "5.0".to_string(),
        }),
    }];
    region
}
