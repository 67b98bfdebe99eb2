//! Planted mistakes: each is a wrong rewrite of a loop, written as a closure, and each must be found.
//!
//! The region is `for i in range(n): out[i] = x[i] + y[i]` in several shapes; the engine interprets it on plain data.

use super::*;
use crate::engine::Raised;
use crate::job::{Allow, CaptureRef, DifferenceKind, Fact, ModuleRef};
use crate::value::{Array, Heap, Value};

/// Runs closures on copies of the input.
struct Fake {
    input: Snapshot,
    old: Code,
    new: Code,
}

type Code = Box<dyn Fn(&mut Frame)>;

/// What a closure sees: the names, and the ways to leave something behind.
struct Frame {
    heap: Heap,
    names: Vec<(String, Value)>,
    arguments: Vec<(String, Value)>,
    raised: Option<Raised>,
    printed: String,
}

impl Engine for Fake {
    fn load(&mut self, capture: usize) -> Result<Snapshot, String> {
        Ok(Snapshot {
            capture,
            pristine: true,
            label: format!("captured {capture}"),
            ..self.input.clone()
        })
    }

    fn run(&mut self, side: Side, input: &Snapshot, _: Duration) -> Outcome {
        let (heap, names) = (input.heap.clone(), input.names.clone());
        let mut frame = Frame {
            heap,
            arguments: names.clone(),
            names,
            raised: None,
            printed: String::new(),
        };
        match side {
            Side::Old => (self.old)(&mut frame),
            Side::New => (self.new)(&mut frame),
        }
        let ended = frame.raised.map_or(Ended::Finished, Ended::Raised);
        let mut outcome = Outcome::empty(ended);
        outcome.heap = frame.heap;
        outcome.names = frame.names;
        outcome.arguments = frame.arguments;
        outcome.printed = frame.printed;
        outcome
    }
}

impl Frame {
    fn get(&self, name: &str) -> Value {
        self.names
            .iter()
            .find(|(bound, _)| bound == name)
            .map_or(Value::None, |(_, value)| value.clone())
    }

    fn array(&self, name: &str) -> Option<Array> {
        let Value::Ref(id) = self.get(name) else { return None };
        if let Object::Array(array) = self.heap.object(id) {
            Some(array.clone())
        } else {
            None
        }
    }

    /// Element `at` of a float64 array, as Python would index it; raises otherwise.
    fn load(&mut self, name: &str, at: i64) -> Option<f64> {
        let place = self.place(name, at)?;
        let array = self.array(name)?;
        let Buffer::Bytes(bytes) = self.heap.buffer(array.buffer) else {
            return None;
        };
        array
            .dtype
            .decode(&bytes[place..place + array.dtype.size])
            .map(|number| number.parts().0)
    }

    fn store(&mut self, name: &str, at: i64, value: f64) -> Option<()> {
        let place = self.place(name, at)?;
        let array = self.array(name)?;
        if !array.writeable {
            return self.raise("ValueError");
        }
        let element = array.dtype.encode(crate::dtype::Number::Float(value));
        let Buffer::Bytes(bytes) = &mut self.heap.buffers[array.buffer.0 as usize] else {
            return None;
        };
        bytes[place..place + element.len()].copy_from_slice(&element);
        Some(())
    }

    fn place(&mut self, name: &str, at: i64) -> Option<usize> {
        let Some(array) = self
            .array(name)
            .filter(|array| array.shape.len() == 1 && array.dtype.is_number())
        else {
            return self.raise("TypeError");
        };
        let length = array.shape[0] as i64;
        if at < -length || at >= length {
            return self.raise("IndexError");
        }
        let at = if at < 0 { at + length } else { at };
        Some((array.offset as isize + at as isize * array.strides[0]) as usize)
    }

    fn raise<T>(&mut self, class: &str) -> Option<T> {
        self.raised.get_or_insert(Raised {
            class: class.to_owned(),
            message: String::new(),
            by_user: false,
        });
        None
    }

    fn n(&self) -> i64 {
        match self.get("n") {
            Value::Int(n) => n as i64,
            _ => 0,
        }
    }
}

fn captured() -> Snapshot {
    let mut input = Snapshot::default();
    let values = |by: f64| (0..20).map(|at| f64::from(at) * by + 0.25).collect::<Vec<_>>();
    let x = input.heap.floats(&[20], &values(1.0));
    let y = input.heap.floats(&[20], &values(-0.5));
    let out = input.heap.floats(&[20], &[0.0; 20]);
    let names = [("x", x), ("y", y), ("out", out), ("n", Value::Int(20))];
    input.names = names
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    input
}

fn job(policy: Policy) -> VerifyJob {
    VerifyJob {
        region: 0,
        name: String::new(),
        old: String::new(),
        new: String::new(),
        imports: Vec::new(),
        module: ModuleRef {
            file: "a.py".into(),
            project_root: ".".into(),
            name: "__main__".to_owned(),
            function: "f".to_owned(),
            line: 1,
        },
        module_level: false,
        live_in: Vec::new(),
        binds: vec!["s".to_owned()],
        live_out: vec!["s".to_owned()],
        returns: false,
        captures: vec![CaptureRef {
            path: "0".into(),
            raised: false,
            seconds: None,
        }],
        policy,
        proven: Vec::new(),
        hostile: 200,
        seed: 7,
        budget_seconds: 20.0,
        max_memory: None,
        time: false,
        kernel: None,
    }
}

fn check_with(policy: Policy, old: impl Fn(&mut Frame) + 'static, new: impl Fn(&mut Frame) + 'static) -> Verdict {
    let mut engine = Fake {
        input: captured(),
        old: Box::new(old),
        new: Box::new(new),
    };
    verify(&job(policy), &mut engine)
}

fn check(old: impl Fn(&mut Frame) + 'static, new: impl Fn(&mut Frame) + 'static) -> Verdict {
    check_with(Policy::default(), old, new)
}

/// `for i in range(n): out[i] = x[i] + y[i]`
fn add(frame: &mut Frame) {
    add_range(frame, 0, frame.n());
}

fn add_range(frame: &mut Frame, from: i64, to: i64) -> Option<()> {
    for i in from..to {
        let sum = frame.load("x", i)? + frame.load("y", i)?;
        frame.store("out", i, sum)?;
    }
    Some(())
}

/// The loop without some of its first and last rounds.
fn short(frame: &mut Frame, first: i64, last: i64) {
    add_range(frame, first, frame.n() - last);
}

#[track_caller]
fn differs(verdict: &Verdict) {
    assert_eq!(verdict.error, None);
    assert!(
        !verdict.agree && !verdict.differences.is_empty(),
        "the mistake was not found"
    );
}

#[test]
fn the_same_code_agrees_on_everything() {
    let verdict = check(add, add);
    assert!(verdict.agree, "{:?}", verdict.differences);
    assert_eq!(verdict.captured.run, 1);
    assert!(verdict.hostile.run >= 190, "{:?}", verdict.hostile);
    assert!(
        verdict.hostile.raised < verdict.hostile.run / 2,
        "{:?}",
        verdict.hostile
    );
}

#[test]
fn off_by_one_is_found() {
    differs(&check(add, |frame| short(frame, 0, 1)));
    differs(&check(add, |frame| short(frame, 1, 0)));
}

#[test]
fn one_element_too_many_is_found_where_there_is_one() {
    // Correct on the captured input, where `n` is the length.
    let to_the_end = |frame: &mut Frame| {
        let length = frame
            .array("x")
            .map_or(0, |array| array.shape.first().copied().unwrap_or(0)) as i64;
        add_range(frame, 0, length);
    };
    let verdict = check(add, to_the_end);
    differs(&verdict);
    assert_ne!(verdict.differences[0].input, "captured 0");
}

#[test]
fn ignored_alias_is_found() {
    // All loads before all stores, as an array expression has it.
    let all_at_once = |frame: &mut Frame| {
        let mut sums = Vec::new();
        for i in 0..frame.n() {
            let Some(x) = frame.load("x", i) else { break };
            let Some(y) = frame.load("y", i) else { break };
            sums.push(x + y);
        }
        for (i, sum) in sums.into_iter().enumerate() {
            if frame.store("out", i as i64, sum).is_none() {
                break;
            }
        }
    };
    let mut engine = Fake {
        input: captured(),
        old: Box::new(add),
        new: Box::new(all_at_once),
    };
    let mut job = job(Policy::default());
    for name in ["x", "y", "out", "n"] {
        let name = || name.to_owned();
        job.proven
            .extend([Fact::Type { name: name() }, Fact::Lengths { name: name() }]);
        job.proven.push(Fact::Contiguous { name: name() });
    }
    let verdict = verify(&job, &mut engine);
    differs(&verdict);
    let input = &verdict.differences[0].input;
    assert!(
        input.contains("overlaps") || input.contains("the same memory"),
        "{input}"
    );
}

#[test]
fn lost_store_before_an_exception_is_found() {
    let checked_first = |frame: &mut Frame| {
        for name in ["x", "y", "out"] {
            for i in 0..frame.n() {
                if frame.place(name, i).is_none() {
                    return;
                }
            }
        }
        add_range(frame, 0, frame.n());
    };
    let verdict = check(add, checked_first);
    differs(&verdict);
    let announced = Policy {
        allow: vec![Allow::StoresBeforeException, Allow::ExceptionType],
        ..Policy::default()
    };
    assert!(check_with(announced, add, checked_first).agree);
}

#[test]
fn other_exception_is_found() {
    let other = |frame: &mut Frame| {
        add(frame);
        if let Some(raised) = &mut frame.raised {
            raised.class = "ValueError".to_owned();
        }
    };
    let verdict = check(add, other);
    differs(&verdict);
    assert_eq!(verdict.differences[0].kind, DifferenceKind::Exception);
}

fn sum_up(frame: &mut Frame, guard: impl Fn(f64) -> bool) {
    let mut sum = 0.0;
    for i in 0..frame.n() {
        let Some(x) = frame.load("x", i) else { break };
        if guard(x) {
            sum += x;
        }
    }
    frame.names.push(("s".to_owned(), Value::Float(sum)));
}

#[test]
fn dropped_guard_and_swapped_branch_are_found() {
    let guarded = |frame: &mut Frame| sum_up(frame, |x| x >= 0.0);
    // The captured elements are all positive: only other values tell.
    differs(&check(guarded, |frame| sum_up(frame, |_| true)));
    differs(&check(guarded, |frame| sum_up(frame, |x| x > 0.0 || x.is_nan())));
    differs(&check(guarded, |frame| sum_up(frame, |x| x < 0.0)));
}

#[test]
fn wrong_dtype_is_found() {
    let as_float = |frame: &mut Frame| frame.names.push(("s".to_owned(), Value::Float(1.0)));
    let np = || Value::Np(crate::dtype::Dtype::float64(), 1f64.to_ne_bytes().to_vec());
    let verdict = check(as_float, move |frame| frame.names.push(("s".to_owned(), np())));
    differs(&verdict);
    assert_eq!(verdict.differences[0].kind, DifferenceKind::Type);
}

#[test]
fn lost_output_is_found() {
    let prints = |frame: &mut Frame| frame.printed = format!("{}\n", frame.n());
    differs(&check(prints, |_| {}));
}

#[test]
fn another_order_of_additions_is_rounding() {
    let forward = |frame: &mut Frame| sum_up(frame, |_| true);
    let backward = |frame: &mut Frame| {
        let mut sum = 0.0;
        let mut values = Vec::new();
        for i in 0..frame.n() {
            let Some(x) = frame.load("x", i) else { break };
            values.push(x);
        }
        values.iter().rev().for_each(|x| sum += x);
        frame.names.push(("s".to_owned(), Value::Float(sum)));
    };
    differs(&check(forward, backward));
    let verdict = check_with(Policy::rounding(), forward, backward);
    assert!(verdict.agree, "{:?}", verdict.differences);
    let nearly = |frame: &mut Frame| {
        sum_up(frame, |_| true);
        if let Some((_, Value::Float(sum))) = frame.names.last_mut() {
            *sum *= 1.0 + 1e-11;
        }
    };
    differs(&check_with(Policy::rounding(), forward, nearly));
}

/// What the old text left behind on the captured input was recorded, and running it there again is a mistake.
struct Recorded(Fake);

impl Engine for Recorded {
    fn load(&mut self, capture: usize) -> Result<Snapshot, String> {
        self.0.load(capture)
    }

    fn run(&mut self, side: Side, input: &Snapshot, limit: Duration) -> Outcome {
        let recorded = side == Side::Old && input.pristine;
        let is_moved = input.label.starts_with("captured 0, each float moved");
        assert!(side == Side::New || !is_moved, "{}", input.label);
        let mut outcome = self.0.run(side, input, limit);
        if recorded {
            outcome.recorded = true;
            outcome.seconds = 10.0;
        }
        outcome
    }
}

#[test]
fn what_was_recorded_is_not_run_again() {
    let verdict = |wrong: f64| {
        let mut input = captured();
        let large = |at: i32| 1e8 / f64::from(at % 10 + 3);
        let sign = |at: i32| if at < 10 { 1.0 } else { -1.0 };
        let values: Vec<f64> = (0..20).map(|at| sign(at) * large(at) + 0.1 * f64::from(at)).collect();
        input.names[0].1 = input.heap.floats(&[20], &values);
        let backward = move |frame: &mut Frame| {
            let n = frame.n();
            let mut sum = wrong * f64::from(u8::from(n == 20));
            for i in (0..n).rev() {
                let Some(x) = frame.load("x", i) else { return };
                sum += x;
            }
            frame.names.push(("s".to_owned(), Value::Float(sum)));
        };
        let mut engine = Recorded(Fake {
            input,
            old: Box::new(|frame| sum_up(frame, |_| true)),
            new: Box::new(backward),
        });
        let job = VerifyJob {
            time: true,
            kernel: None,
            hostile: 0,
            ..job(Policy::rounding())
        };
        verify(&job, &mut engine)
    };
    let right = verdict(0.0);
    assert!(right.agree, "{:?}", right.differences);
    assert_eq!(right.old_seconds, Some(10.0));
    assert!(right.worst["s"].rel < 1e-9, "{:?}", right.worst);
    differs(&verdict(0.01));
}

#[test]
fn a_region_that_fails_only_here_gets_no_verdict() {
    let fails = |frame: &mut Frame| {
        frame.raise::<()>("NameError");
    };
    let verdict = check(fails, fails);
    assert!(!verdict.agree);
    assert!(verdict.error.is_some_and(|error| error.contains("NameError")));
}

#[test]
fn a_region_that_differs_from_itself_gets_no_verdict() {
    let counter = std::cell::Cell::new(0);
    let counts = move |frame: &mut Frame| {
        counter.set(counter.get() + 1);
        frame.names.push(("s".to_owned(), Value::Int(counter.get())));
    };
    let verdict = check(counts, add);
    assert!(
        verdict
            .error
            .is_some_and(|error| error.starts_with("two runs of the old text differ"))
    );
}

#[test]
fn a_difference_is_shown_on_a_small_input() {
    let verdict = check(add, |frame| short(frame, 0, 1));
    let difference = &verdict.differences[0];
    assert!(
        difference.live_in.contains(&"n = 1".to_owned()),
        "{:?}",
        difference.live_in
    );
    assert_eq!(difference.path, "out[0]");
}

#[test]
fn what_only_breaks_where_a_proven_value_is_another_is_no_difference() {
    let check = |old: fn(&mut Frame), new: fn(&mut Frame)| {
        let mut engine = Fake {
            input: captured(),
            old: Box::new(old),
            new: Box::new(new),
        };
        let name = |name: &str| name.to_owned();
        let facts = ["x", "y", "out"]
            .into_iter()
            .flat_map(|array| [Fact::Type { name: name(array) }, Fact::Lengths { name: name(array) }]);
        let job = VerifyJob {
            proven: facts.chain([Fact::Value { name: name("n") }]).collect(),
            ..job(Policy::default())
        };
        verify(&job, &mut engine)
    };
    let twenty = |frame: &mut Frame| {
        add_range(frame, 0, 20);
    };
    let verdict = check(add, twenty);
    assert!(verdict.agree, "{:?}", verdict.differences);
    assert!(verdict.hostile.run > 150, "{:?}", verdict.hostile);
    // On the captured input it does the same.
    let ignores_alias = |frame: &mut Frame| {
        let loaded: Vec<f64> = (0..frame.n())
            .filter_map(|i| Some(frame.load("x", i)? + frame.load("y", i)?))
            .collect();
        for (i, sum) in loaded.into_iter().enumerate() {
            frame.store("out", i as i64, sum);
        }
    };
    differs(&check(add, ignores_alias));
}
