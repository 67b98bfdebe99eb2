//! The process of the worker, with a shell script in the place of Python: crashes, hangs and silence are answers or
//! clear errors, and a verifier that died is started again.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use numlift::interrupt::Interrupts;
use numlift::worker::{PythonWorker, Ran, Verified, Worker};
use numlift_region::protocol::{Program, ProgramKind, RunJob, VERSION, WatchPlan};
use numlift_verify::job::VerifyJob;

struct Setup {
    dir: tempfile::TempDir,
    interrupts: Interrupts,
}

impl Setup {
    /// A worker whose Python is a shell script; `$3` is the mode, `$4` the directory.
    fn new(script: &str) -> (Setup, PythonWorker) {
        let dir = tempfile::tempdir().unwrap();
        let python = dir.path().join("python");
        std::fs::write(&python, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&python, std::fs::Permissions::from_mode(0o755)).unwrap();
        let interrupts = Interrupts::default();
        let worker = PythonWorker::new(python, interrupts.clone(), false);
        (Setup { dir, interrupts }, worker)
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }
}

fn program() -> Program {
    Program {
        kind: ProgramKind::Script,
        target: "a.py".to_string(),
        args: vec![],
        cwd: PathBuf::from("/"),
    }
}

fn plan() -> WatchPlan {
    WatchPlan {
        version: VERSION,
        program: program(),
        regions: vec![],
        for_seconds: None,
        captures_per_signature: 1,
        max_capture_bytes: 1,
        max_total_bytes: 1,
        stdin: None,
        echo: false,
    }
}

fn run_job(timeout_seconds: Option<f64>) -> RunJob {
    RunJob {
        version: VERSION,
        program: program(),
        overlay: BTreeMap::new(),
        entropy: None,
        timeout_seconds,
    }
}

fn verify_job() -> VerifyJob {
    let text = r#"{"region": 3, "old": "y = x", "new": "y = x", "module": {"file": "a.py"}, "live_in": [], "binds": [],
        "live_out": [], "captures": [], "budget_seconds": 0.1}"#;
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_worker_that_dies_says_its_last_words() {
    let (setup, mut worker) = Setup::new("echo 'first' >&2; echo 'cannot go on' >&2; exit 3");
    let error = worker.watch(&plan(), setup.path(), &mut |_| {}).unwrap_err();
    insta::assert_snapshot!(error, @"
    the worker ended without a result (exit status: 3: first
    cannot go on)
    ");
    let ran = worker.run(&run_job(None), setup.path()).unwrap();
    assert_eq!(ran, Ran::Crashed("exit status: 3: first\ncannot go on".to_string()));
}

#[test]
fn an_interpreter_that_is_not_there() {
    let mut worker = PythonWorker::new(PathBuf::from("/no/python"), Interrupts::default(), false);
    let dir = tempfile::tempdir().unwrap();
    let error = worker.watch(&plan(), dir.path(), &mut |_| {}).unwrap_err();
    insta::assert_snapshot!(error, @"cannot start the Python interpreter `/no/python`: no such file or directory");
}

#[test]
fn a_result_that_cannot_be_read() {
    let (setup, mut worker) = Setup::new("echo '{' > $4/watch.json");
    let error = worker
        .watch(&plan(), setup.path(), &mut |_| {})
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the worker wrote a result that cannot be read"),
        "{error}"
    );
}

/// Takes the five seconds that a program is given to end by itself.
#[test]
fn a_program_that_hangs_is_ended() {
    let (setup, mut worker) = Setup::new("exec sleep 60");
    assert_eq!(worker.run(&run_job(Some(0.1)), setup.path()).unwrap(), Ran::TimedOut);
}

#[test]
fn two_presses_end_everything() {
    let (setup, mut worker) = Setup::new("trap '' INT; sleep 60");
    setup.interrupts.press();
    setup.interrupts.press();
    let error = worker.watch(&plan(), setup.path(), &mut |_| {}).unwrap_err();
    assert_eq!(error.to_string(), "stopped");
}

/// A terminal tells all at once: the worker may be dead before our handler has counted the press.
#[test]
fn a_worker_that_ctrl_c_ended_has_not_crashed() {
    for ask in ["verify", "run"] {
        let (setup, mut worker) = Setup::new("read job; kill -INT $$; exit 1");
        let interrupts = setup.interrupts.clone();
        let pressed = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(100));
            interrupts.press();
        });
        let error = match ask {
            "verify" => worker.verify(&verify_job(), setup.path()).unwrap_err(),
            _ => worker.run(&run_job(None), setup.path()).unwrap_err(),
        };
        assert_eq!(error.to_string(), "stopped", "{ask}");
        pressed.join().unwrap();
    }
}

#[test]
fn a_verifier_that_died_is_started_again() {
    // It dies at its first job and answers the second one.
    let script = "read job
        if [ -e $4/once ]; then
            echo '{\"region\": 3, \"agree\": true, \"captured\": {\"run\": 1, \"raised\": 0, \"skipped\": 0},
                \"hostile\": {\"run\": 0, \"raised\": 0, \"skipped\": 0}, \"differences\": [], \"worst\": {},
                \"old_seconds\": null, \"new_seconds\": null, \"notes\": [], \"error\": null, \"seconds\": 0.1}' | tr -d '\\n'
            echo
            read more
        else
            touch $4/once; echo 'out of memory' >&2; exit 9
        fi";
    let (setup, mut worker) = Setup::new(script);
    let first = worker.verify(&verify_job(), setup.path()).unwrap();
    assert_eq!(first, Verified::Crashed("exit status: 9: out of memory".to_string()));
    match worker.verify(&verify_job(), setup.path()).unwrap() {
        Verified::Verdict(verdict) => assert!(verdict.agree),
        Verified::TimedOut | Verified::Crashed(_) => panic!("it was not started again"),
    }
}
