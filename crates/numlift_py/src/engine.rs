//! The engine that runs regions in this interpreter: [`numlift_verify::engine::Engine`] over `_verify.Runner`.

use std::time::Duration;

use numlift_verify::engine::{Ended, Engine, Outcome, Raised, Side, Warning};
use numlift_verify::value::Snapshot;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::dump::Dump;
use crate::revive::Revive;

/// A Python object with `load`, `run`, `describe` and `rebuild`.
pub struct PyEngine<'py> {
    runner: Bound<'py, PyAny>,
    describe: Bound<'py, PyAny>,
    rebuild: Bound<'py, PyAny>,
    /// Objects of snapshots that are passed on as they are.
    handles: Vec<Py<PyAny>>,
    /// Ctrl-C while it ran.
    interrupt: Option<PyErr>,
}

impl<'py> PyEngine<'py> {
    pub fn new(runner: &Bound<'py, PyAny>) -> PyResult<PyEngine<'py>> {
        Ok(PyEngine {
            runner: runner.clone(),
            describe: runner.getattr("describe")?,
            rebuild: runner.getattr("rebuild")?,
            handles: Vec::new(),
            interrupt: None,
        })
    }

    /// Hands on an interrupt that came while a region ran.
    pub fn interrupted(self) -> PyResult<()> {
        self.interrupt.map_or(Ok(()), Err)
    }

    fn live(&self, input: &Snapshot) -> PyResult<Bound<'py, PyDict>> {
        if input.pristine {
            let live = self.runner.call_method1("load", (input.capture,))?;
            return live.cast_into::<PyDict>().map_err(PyErr::from);
        }
        let mut revive = Revive::new(&self.rebuild, &input.heap, &self.handles)?;
        let live = PyDict::new(self.runner.py());
        for (name, value) in &input.names {
            live.set_item(name, revive.value(value)?)?;
        }
        Ok(live)
    }

    fn load(&mut self, capture: usize) -> PyResult<Snapshot> {
        let live = self
            .runner
            .call_method1("load", (capture,))?
            .cast_into::<PyDict>()
            .map_err(PyErr::from)?;
        let mut dump = Dump::new(&self.describe, Some(&mut self.handles))?;
        let names = dump.bindings(&live)?;
        let heap = dump.finish()?;
        Ok(Snapshot {
            capture,
            pristine: true,
            label: format!("captured input {capture}"),
            names,
            heap,
        })
    }

    fn run(&self, side: Side, input: &Snapshot, limit: Duration) -> PyResult<Outcome> {
        let live = self.live(input)?;
        let mut before = Dump::new(&self.describe, None)?;
        before.bindings(&live)?;
        let before = before.met();
        let arguments = (
            side == Side::New,
            input.capture,
            &live,
            limit.as_secs_f64(),
            input.pristine,
        );
        let result = self.runner.call_method1("run", arguments)?;
        let part = |name: &str| result.getattr(name);
        let mut outcome = Outcome::empty(Ended::Finished);
        let mut dump = Dump::new(&self.describe, None)?;
        // Arguments first, so that what is shared with them is told by their names.
        outcome.recorded = part("recorded")?.extract()?;
        let left = part("arguments")?;
        let arguments = if left.is_none() {
            &live
        } else {
            left.cast::<PyDict>().map_err(PyErr::from)?
        };
        outcome.arguments = dump.bindings(arguments)?;
        outcome.names = dump.bindings(part("names")?.cast::<PyDict>().map_err(PyErr::from)?)?;
        outcome.random = dump.bindings(part("random")?.cast::<PyDict>().map_err(PyErr::from)?)?;
        let text: String = part("text")?.extract()?;
        outcome.ended = match part("ended")?.extract::<String>()?.as_str() {
            "finished" => Ended::Finished,
            "returned" => Ended::Returned(dump.value(&part("value")?)?),
            "raised" => {
                let (class, by_user) = (part("kind")?.extract()?, part("by_user")?.extract()?);
                Ended::Raised(Raised {
                    class,
                    message: text,
                    by_user,
                })
            }
            "timed out" => Ended::TimedOut,
            _ => Ended::Broken(text),
        };
        if !outcome.recorded {
            outcome.origins = dump.origins(&before);
        }
        outcome.heap = dump.finish()?;
        outcome.printed = part("printed")?.extract()?;
        outcome.seconds = part("seconds")?.extract()?;
        let warnings: Vec<(String, String)> = part("warnings")?.extract()?;
        outcome.warnings = warnings
            .into_iter()
            .map(|(category, kind)| Warning { category, kind })
            .collect();
        Ok(outcome)
    }

    fn broken(&mut self, error: PyErr) -> Outcome {
        let py = self.runner.py();
        let text = error.to_string();
        if error.is_instance_of::<pyo3::exceptions::PyKeyboardInterrupt>(py) {
            self.interrupt = Some(error);
        }
        Outcome::empty(Ended::Broken(text))
    }
}

impl Engine for PyEngine<'_> {
    fn load(&mut self, capture: usize) -> Result<Snapshot, String> {
        PyEngine::load(self, capture).map_err(|error| error.to_string())
    }

    fn run(&mut self, side: Side, input: &Snapshot, limit: Duration) -> Outcome {
        if self.interrupt.is_some() {
            return Outcome::empty(Ended::Broken("interrupted".to_owned()));
        }
        match PyEngine::run(self, side, input, limit) {
            Ok(outcome) => outcome,
            Err(error) => self.broken(error),
        }
    }

    fn time(&mut self, side: Side, input: &Snapshot, limit: Duration) -> f64 {
        let result = self.live(input).and_then(|live| {
            // Not pristine: what was recorded is no measurement.
            let arguments = (side == Side::New, input.capture, &live, limit.as_secs_f64(), false);
            self.runner
                .call_method1("run", arguments)?
                .getattr("seconds")?
                .extract::<f64>()
        });
        match result {
            Ok(seconds) => seconds,
            Err(error) => self.broken(error).seconds,
        }
    }
}
