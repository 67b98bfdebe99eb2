//! The driver with a scripted curer and a scripted worker: which regions are treated, which candidates are kept, what
//! becomes of a program whose output moves.
//!
//! The program is eight lines, each a region of its own; a cure replaces a line by another text. What the worker
//! answers depends on that text only: `wrong` differs, `slow` gains nothing, `hang` and `crash` do that, and in a
//! whole program `moves` changes the output.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use numlift::config::{Config, Program, ProgramKind, Rerun, Target};
use numlift::cure::{Condition, Cure, CureSettings, Curer, Discharge, Finding, Strength, TextEdit};
use numlift::error::Error;
use numlift::observer::{Choice, Observer};
use numlift::pipeline::{Actors, Optimized, optimize_watched};
use numlift::project::Project;
use numlift::report::{Outcome as Became, RegionReport, Whole};
use numlift::watch::{JobDir, Watched};
use numlift::worker::{Ran, Verified, Worker};
use numlift_region::protocol::{
    Capture, Ended, Outcome, Pos, RegionSpec, RegionWatch, RunJob, RunReport, WatchPlan, WatchReport,
};
use numlift_source::text::SourceText;
use numlift_verify::job::{Counts, Difference, DifferenceKind, Verdict, VerifyJob};

const PROGRAM: &str = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\nf = 6\ng = 7\nh = 8\n";

fn file() -> PathBuf {
    PathBuf::from("/project/a.py")
}

/// Cures by line: candidates, best first.
struct Script(BTreeMap<u32, Vec<&'static str>>);

impl Curer for Script {
    fn cure(&self, region: &RegionSpec, source: &SourceText, _: &RegionWatch, _: &CureSettings) -> Finding {
        let Some(candidates) = self.0.get(&region.start.line) else {
            return Finding::Blocked(vec![]);
        };
        match candidates.as_slice() {
            ["fast"] => Finding::AlreadyFast("one array expression".to_string()),
            ["panic"] => panic!("no such op"),
            candidates => Finding::Cures(candidates.iter().map(|text| cure(region, source, text)).collect()),
        }
    }
}

fn cure(region: &RegionSpec, source: &SourceText, text: &str) -> Cure {
    let start = source.line_start(region.start.line) as usize;
    let end = start + source.line(region.start.line).len();
    let new = format!("x = '{text}'");
    let discharge = if text.contains("observed") {
        Discharge::Observed
    } else {
        Discharge::Proven(String::new())
    };
    Cure {
        why: "slow".to_string(),
        form: text.to_string(),
        edits: vec![TextEdit {
            file: file(),
            start,
            end,
            text: new.clone(),
        }],
        new_text: new,
        imports: vec![],
        strength: if text.contains("rounds") {
            Strength::Rounding
        } else {
            Strength::Exact
        },
        rel_bound: if text.contains("rounds") { 1e-12 } else { 0.0 },
        conditions: vec![Condition {
            text: "`a` is an int".to_string(),
            discharge,
        }],
        facts: vec![],
        steps: vec![],
        announced: vec![],
        peak_bytes: None,
        kernel: None,
    }
}

#[derive(Default)]
struct Fake {
    verified: Vec<String>,
    runs: u32,
    /// The program prints its run number: never the same twice.
    unsteady: bool,
}

impl Worker for Fake {
    fn watch(&mut self, _: &WatchPlan, _: &Path, _: &mut dyn FnMut(f64)) -> Result<WatchReport, Error> {
        unreachable!("the tests begin with what was watched")
    }

    fn run(&mut self, job: &RunJob, dir: &Path) -> Result<Ran, Error> {
        self.runs += 1;
        let texts = job.overlay.values().map(|path| std::fs::read_to_string(path).unwrap());
        let text: String = texts.collect();
        if text.contains("hangs-as-a-whole") {
            return Ok(Ran::TimedOut);
        }
        let mut output = "x 1.0\ny 2.0\n".to_string();
        if text.contains("moves") {
            output = "x 1.0\ny 3.0\n".to_string();
        } else if text.contains("rounds") {
            output = "x 1.0\ny 2.0000000000000004\n".to_string();
        }
        if self.unsteady {
            output = output.replace("x 1.0", &format!("x {}.5", self.runs));
        }
        std::fs::write(dir.join("out"), output).unwrap();
        Ok(Ran::Ended(RunReport {
            version: 1,
            outcome: outcome(0.1),
            effects: vec![],
        }))
    }

    fn verify(&mut self, job: &VerifyJob, _: &Path) -> Result<Verified, Error> {
        self.verified.push(format!("{} -> {}", job.old, job.new));
        if job.new.contains("hang-") {
            return Ok(Verified::TimedOut);
        }
        if job.new.contains("crash") {
            return Ok(Verified::Crashed("signal: 11".to_string()));
        }
        let wrong = job.new.contains("wrong");
        let difference = Difference {
            path: "out[3]".to_string(),
            kind: DifferenceKind::Value,
            old: "1.0".to_string(),
            new: "2.0".to_string(),
            input: "captured".to_string(),
            live_in: vec![],
        };
        Ok(Verified::Verdict(Verdict {
            region: job.region,
            agree: !wrong,
            captured: Counts {
                run: 1,
                ..Counts::default()
            },
            hostile: Counts {
                run: 50,
                ..Counts::default()
            },
            differences: if wrong { vec![difference] } else { vec![] },
            worst: BTreeMap::new(),
            old_seconds: Some(1.0),
            new_seconds: Some(if job.new.contains("slow") { 0.9 } else { 0.01 }),
            notes: vec![],
            error: None,
            seconds: 0.0,
            kernel: None,
        }))
    }
}

fn outcome(seconds: f64) -> Outcome {
    Outcome {
        ended: Ended::Finished,
        exit_code: 0,
        traceback: None,
        seconds,
        capture_seconds: 0.0,
        stdout: "out".into(),
        stderr: "err".into(),
        entropy: "entropy".into(),
        read_clock: false,
        read_entropy: false,
        read_stdin: false,
    }
}

/// Line numbers of the regions, each with the one around it.
fn watched(regions: &[(u32, Option<u32>)]) -> Watched {
    let dir = JobDir::new().unwrap();
    std::fs::write(dir.path().join("out"), "x 1.0\ny 2.0\n").unwrap();
    let spec = |(line, parent): &(u32, Option<u32>)| RegionSpec {
        id: *line,
        file: file(),
        function: "<module>".to_string(),
        start: Pos { line: *line, column: 0 },
        end: Pos { line: *line, column: 5 },
        live_in: vec![],
        binds: vec!["x".to_string()],
        live_out: vec![],
        returns: false,
        parent: *parent,
        timed_only: false,
        body_of: None,
    };
    let seen = |(line, _): &(u32, Option<u32>)| RegionWatch {
        id: *line,
        entries: 1,
        seconds: 1.0 / f64::from(*line),
        exact: true,
        captures: vec![Capture {
            file: "0.snap".to_string(),
            entry: 0,
            seconds: 0.5,
            bytes: 8,
            live_in: BTreeMap::new(),
            globals: BTreeMap::new(),
            live_out: BTreeMap::new(),
        }],
        refused: None,
    };
    Watched {
        regions: regions.iter().map(spec).collect(),
        report: WatchReport {
            version: 1,
            python: "3.11".to_string(),
            numpy: "2.4".to_string(),
            outcome: outcome(2.0),
            regions: regions.iter().map(seen).collect(),
            effects: vec![],
            modules: BTreeMap::from([("__main__".to_string(), file())]),
        },
        dir,
        elsewhere: false,
        spent: 0.0,
        not_regions: vec![],
    }
}

struct Setup {
    regions: Vec<(u32, Option<u32>)>,
    cures: BTreeMap<u32, Vec<&'static str>>,
    worker: Fake,
    config: Config,
    choices: Vec<Choice>,
}

/// Answers in order, then applies everything.
struct Answers(Vec<Choice>);

impl Observer for Answers {
    fn choose(&mut self, _: &RegionReport) -> Choice {
        if self.0.is_empty() {
            Choice::Apply
        } else {
            self.0.remove(0)
        }
    }
}

fn setup(cures: &[(u32, &[&'static str])]) -> Setup {
    let program = Program {
        kind: ProgramKind::Script,
        target: "a.py".to_string(),
        args: vec![],
        cwd: PathBuf::from("/project"),
    };
    Setup {
        regions: cures.iter().map(|(line, _)| (*line, None)).collect(),
        cures: cures
            .iter()
            .map(|(line, candidates)| (*line, candidates.to_vec()))
            .collect(),
        worker: Fake::default(),
        config: Config {
            target: Target::Numpy,
            ..Config::new(PathBuf::from("python"), program)
        },
        choices: vec![],
    }
}

impl Setup {
    fn run(&mut self) -> Optimized {
        self.try_run().unwrap()
    }

    fn try_run(&mut self) -> Result<Optimized, Error> {
        let project = Project {
            sources: BTreeMap::from([(file(), SourceText::from_str(file(), PROGRAM))]),
            main: Some(file()),
            root: PathBuf::from("/project"),
            search: vec![PathBuf::from("/project")],
            cwd: PathBuf::from("/project"),
            imported_elsewhere: Default::default(),
            is_elsewhere: false,
        };
        let cures = self.cures.clone();
        let curer = move |_: &Project| -> Box<dyn Curer> { Box::new(Script(cures.clone())) };
        let mut observer = Answers(self.choices.clone());
        let mut actors = Actors {
            curer: &curer,
            worker: &mut self.worker,
            observer: &mut observer,
        };
        optimize_watched(&self.config, project, watched(&self.regions), None, &mut actors)
    }
}

/// One line for each region, and what became of the whole.
fn told(optimized: &Optimized) -> String {
    let mut text = String::new();
    for region in &optimized.report.regions {
        let became = match &region.outcome {
            Became::Cured { cure } => format!("cured: {}", cure.form),
            Became::Proposed { cure, why } => format!("proposed: {} ({why})", cure.form),
            Became::Demoted { cure, why } => format!("demoted: {} ({why})", cure.form),
            Became::AlreadyFast { why } => format!("fast: {why}"),
            Became::Blocked { blockers } => format!("blocked: {}", blockers.len()),
            Became::LeftAlone { why } => format!("left: {why}"),
        };
        text += &format!("{}: {became}", region.first_line);
        for refused in &region.refused {
            text += &format!(" [refused {}: {}]", refused.form, refused.what);
        }
        text.push('\n');
    }
    let whole = match &optimized.report.whole {
        Whole::Unchanged => "unchanged".to_string(),
        Whole::NotRun { why } => format!("not run: {why}"),
        Whole::Ran {
            sameness,
            unsteady_lines,
            ..
        } => format!("{sameness:?}, {unsteady_lines} unsteady"),
        Whole::Moved { why } => format!("moved: {why}"),
    };
    text + &format!("whole: {whole}\n")
}

#[test]
fn the_first_candidate_that_agrees_and_gains_is_kept() {
    let mut setup = setup(&[
        (1, &["wrong", "slow", "good", "better"]),
        (2, &["fast"]),
        (3, &["slow"]),
        (4, &[]),
    ]);
    setup.cures.remove(&4);
    insta::assert_snapshot!(told(&setup.run()), @"
    1: cured: good [refused wrong: values of `out`]
    2: fast: one array expression
    3: left: `slow` gains only 1.11x
    4: blocked: 0
    whole: Same, 0 unsteady
    ");
    assert_eq!(setup.worker.verified.len(), 4);
}

#[test]
fn a_crash_a_hang_and_a_mistake_of_ours_end_nothing() {
    let mut setup = setup(&[(1, &["crash", "good"]), (2, &["hang-up"]), (3, &["panic"])]);
    insta::assert_snapshot!(told(&setup.run()), @"
    1: cured: good
    2: left: no verdict on `hang-up`: checking it took too long
    3: left: internal error of numlift: no such op
    whole: Same, 0 unsteady
    ");
}

#[test]
fn what_was_only_observed_is_proposed() {
    let mut setup = setup(&[(1, &["observed"]), (2, &["observed", "good"])]);
    let optimized = setup.run();
    insta::assert_snapshot!(told(&optimized), @"
    1: proposed: observed (only observed, not proven: `a` is an int)
    2: cured: good
    whole: Same, 0 unsteady
    ");
    let text = String::from_utf8(optimized.replacements[0].after.clone()).unwrap();
    assert_eq!(text, PROGRAM.replace("b = 2", "x = 'good'"));
}

#[test]
fn the_outermost_region_with_a_cure_is_cured() {
    let mut setup = setup(&[
        (1, &["good"]),
        (2, &["inner"]),
        (3, &["wrong"]),
        (4, &["inside"]),
        (5, &["fast"]),
    ]);
    setup.regions = vec![(1, None), (2, Some(1)), (3, None), (4, Some(3)), (5, Some(3))];
    insta::assert_snapshot!(told(&setup.run()), @"
    1: cured: good
    3: left: the rewrite `wrong` would change values of `out` [refused wrong: values of `out`]
    4: cured: inside
    5: fast: one array expression
    whole: Same, 0 unsteady
    ");
}

#[test]
fn exact_leaves_rounding_out() {
    let mut setup = setup(&[(1, &["rounds", "good"]), (2, &["rounds"])]);
    setup.config.exact = true;
    insta::assert_snapshot!(told(&setup.run()), @"
    1: cured: good
    2: left: its rewrites round differently, and --exact was given
    whole: Same, 0 unsteady
    ");
}

#[test]
fn rounding_moves_the_output_within_its_bound() {
    insta::assert_snapshot!(told(&setup(&[(1, &["rounds"])]).run()), @"
    1: cured: rounds
    whole: Within { relative: 2.2204460492503126e-16 }, 0 unsteady
    ");
}

#[test]
fn the_cure_that_moves_the_output_is_demoted() {
    let cures: &[(u32, &[&str])] = &[
        (1, &["one"]),
        (2, &["two"]),
        (3, &["moves-rounds"]),
        (4, &["four"]),
        (5, &["five"]),
    ];
    let mut setup = setup(cures);
    let optimized = setup.run();
    insta::assert_snapshot!(told(&optimized), @"
    1: cured: one
    2: cured: two
    3: demoted: moves-rounds (with it, line 2 of its output changes: `y 2.0` becomes `y 3.0`)
    4: cured: four
    5: cured: five
    whole: Same, 0 unsteady
    ");
    let text = String::from_utf8(optimized.replacements[0].after.clone()).unwrap();
    assert!(text.contains("c = 3") && text.contains("'five'"), "{text}");
    // The edited program, the unchanged one, and the bisection.
    assert!(setup.worker.runs <= 2 + 4, "{} runs", setup.worker.runs);
}

#[test]
fn the_only_cure_moves_the_output() {
    let optimized = setup(&[(1, &["moves"])]).run();
    insta::assert_snapshot!(told(&optimized), @"
    1: demoted: moves (with it, line 2 of its output changes: `y 2.0` becomes `y 3.0`)
    whole: unchanged
    ");
    assert!(optimized.replacements.is_empty());
}

#[test]
fn a_program_that_hangs_as_a_whole_is_found_out() {
    insta::assert_snapshot!(told(&setup(&[(1, &["hangs-as-a-whole"]), (2, &["good"])]).run()), @"
    1: demoted: hangs-as-a-whole (with it, it did not come to an end)
    2: cured: good
    whole: Same, 0 unsteady
    ");
}

#[test]
fn lines_that_differ_anyway_are_not_compared() {
    let mut unsteady = setup(&[(1, &["good"])]);
    unsteady.worker.unsteady = true;
    insta::assert_snapshot!(told(&unsteady.run()), @"
    1: cured: good
    whole: Same, 1 unsteady
    ");
    let mut moving = setup(&[(1, &["moves"])]);
    moving.worker.unsteady = true;
    insta::assert_snapshot!(told(&moving.run()), @"
    1: demoted: moves (with it, line 2 of its output changes: `y 2.0` becomes `y 3.0`)
    whole: unchanged
    ");
}

#[test]
fn the_user_may_say_no() {
    let mut setup = setup(&[(1, &["one"]), (2, &["two"]), (3, &["three"]), (4, &["four"])]);
    setup.choices = vec![Choice::Skip, Choice::Apply, Choice::Quit];
    insta::assert_snapshot!(told(&setup.run()), @"
    1: proposed: one (not wanted)
    2: cured: two
    3: proposed: three (not wanted)
    4: proposed: four (not wanted)
    whole: Same, 0 unsteady
    ");
}

#[test]
fn only_names_one_line() {
    let mut setup = setup(&[(1, &["one"]), (2, &["two"])]);
    setup.config.only = vec![numlift::config::Only::Line(2)];
    setup.config.rerun = Rerun::Never;
    insta::assert_snapshot!(told(&setup.run()), @"
    2: cured: two
    whole: not run: --no-rerun
    ");
    setup.config.only = vec![numlift::config::Only::Function("step".to_string())];
    insta::assert_snapshot!(setup.try_run().unwrap_err(), @"no loop in a function `step` was run");
}
