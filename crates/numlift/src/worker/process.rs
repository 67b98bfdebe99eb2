//! One worker process: started, waited for with an eye on time and Ctrl-C, its last words kept.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::error::Error;

/// A running `python -m numlift._worker`. It is ended when this is dropped.
pub struct Process {
    child: Child,
    last_words: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

/// How many bytes of standard error are kept for a report of a crash.
const LAST_WORDS: usize = 8 << 10;

/// A waiting thread looks this often.
const POLL: Duration = Duration::from_millis(5);

/// The end of a process, or why nobody waited for it.
pub enum End {
    Exited(ExitStatus),
    TimedOut,
}

/// `python -m MODULE`, one of numlift's, started in a directory of its own: in the user's, a file of theirs could stand
/// in for a module of the standard library. The worker itself goes to where the program runs.
pub fn command(python: &Path, module: &str, dir: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", module]).current_dir(dir);
    if let Some(listed) = std::env::var_os("PYTHONPATH").filter(|listed| !listed.is_empty()) {
        // What is relative to the user's directory has to be found from the other one too.
        let absolute = std::env::split_paths(&listed).map(|path| std::path::absolute(&path).unwrap_or(path));
        if let Ok(joined) = std::env::join_paths(absolute) {
            command.env("PYTHONPATH", joined);
        }
    }
    if std::env::var_os("PYTHONHASHSEED").is_none() {
        // The order of sets of strings is the same in each run, so that outputs can be compared.
        command.env("PYTHONHASHSEED", "0");
    }
    command
}

/// Whether Numba is there in the user's Python; told before the program runs for an hour.
pub fn require_numba(python: &Path) -> Result<(), Error> {
    let asked = Command::new(python)
        .args(["-c", "import numba"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::NoPython {
            python: python.to_path_buf(),
            error,
        })?;
    if asked.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&asked.stderr);
    Err(Error::NoNumba {
        python: python.to_path_buf(),
        detail: words.trim().lines().last().unwrap_or("no reason given").to_owned(),
    })
}

impl Process {
    /// Starts it. The last part of its standard error is kept, unless the user sees it anyway (`echo`).
    pub fn start(mut command: Command, echo: bool) -> Result<Process, Error> {
        let python = PathBuf::from(command.get_program());
        command.stderr(if echo { Stdio::inherit() } else { Stdio::piped() });
        let mut child = command.spawn().map_err(|error| Error::NoPython { python, error })?;
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let reader = child.stderr.take().map(|stderr| {
            let kept = Arc::clone(&last_words);
            std::thread::spawn(move || keep_last_words(stderr, &kept))
        });
        Ok(Process {
            child,
            last_words,
            reader,
        })
    }

    /// Waits for the end; `look` is called every few milliseconds and may end the waiting with an error.
    pub fn wait(
        &mut self,
        limit: Option<Duration>,
        look: &mut dyn FnMut(&mut Process) -> Result<(), Error>,
    ) -> Result<End, Error> {
        let start = Instant::now();
        loop {
            if let Some(status) = self
                .child
                .try_wait()
                .map_err(|error| Error::Worker(error.to_string()))?
            {
                return Ok(End::Exited(status));
            }
            if limit.is_some_and(|limit| start.elapsed() > limit) {
                self.end();
                return Ok(End::TimedOut);
            }
            look(self)?;
            std::thread::sleep(POLL);
        }
    }

    /// Ctrl-C for the process alone; where that cannot be sent, it is ended.
    pub fn interrupt(&mut self) {
        #[cfg(unix)]
        self.signal(nix::sys::signal::Signal::SIGINT);
        #[cfg(not(unix))]
        self.end();
    }

    /// For a program that handles Ctrl-C by itself and goes on: the worker writes what was seen and ends.
    pub fn stop(&mut self) {
        #[cfg(unix)]
        self.signal(nix::sys::signal::Signal::SIGXCPU);
        #[cfg(not(unix))]
        self.end();
    }

    #[cfg(unix)]
    fn signal(&self, signal: nix::sys::signal::Signal) {
        if let Ok(id) = i32::try_from(self.child.id()) {
            let _ = nix::sys::signal::kill(nix::unistd::Pid::from_raw(id), signal);
        }
    }

    /// Ends it at once.
    pub fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// The last part of its standard error. To be asked when it has ended.
    pub fn last_words(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            // A grandchild may hold the pipe open, so nobody waits for its end for long.
            let patience = Instant::now() + Duration::from_millis(500);
            while !reader.is_finished() && Instant::now() < patience {
                std::thread::sleep(POLL);
            }
        }
        let kept = self.last_words.lock().map(|kept| kept.clone()).unwrap_or_default();
        String::from_utf8_lossy(&kept).trim().to_string()
    }

    /// How it ended, in words, for a crash.
    pub fn describe(&mut self, status: ExitStatus) -> String {
        let words = self.last_words();
        let end = status.to_string();
        if words.is_empty() {
            end
        } else {
            format!("{end}: {words}")
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}

fn keep_last_words(mut stderr: impl Read, kept: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(count) = stderr.read(&mut buffer) {
        if count == 0 {
            return;
        }
        let Ok(mut kept) = kept.lock() else { return };
        kept.extend_from_slice(&buffer[..count]);
        let excess = kept.len().saturating_sub(LAST_WORDS);
        kept.drain(..excess);
    }
}

/// A process that answers each line with a line.
pub struct Dialogue {
    process: Process,
    answers: Receiver<String>,
}

/// What came back for a line.
pub enum Answer {
    Line(String),
    TimedOut,
    Crashed(String),
}

impl Dialogue {
    pub fn start(mut command: Command) -> Result<Dialogue, Error> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = Process::start(command, false)?;
        let (sender, answers) = channel();
        if let Some(stdout) = process.child.stdout.take() {
            std::thread::spawn(move || {
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Dialogue { process, answers })
    }

    /// Sends a line and waits for the answer; `look` is called every few milliseconds. After anything but a line the
    /// dialogue is over.
    pub fn ask(
        &mut self,
        line: &str,
        limit: Duration,
        look: &mut dyn FnMut() -> Result<(), Error>,
    ) -> Result<Answer, Error> {
        let start = Instant::now();
        let sent = match self.process.child.stdin.as_mut() {
            Some(stdin) => writeln!(stdin, "{line}").and_then(|()| stdin.flush()).is_ok(),
            None => false,
        };
        while sent && start.elapsed() < limit {
            match self.answers.recv_timeout(POLL) {
                Ok(line) => return Ok(Answer::Line(line)),
                Err(RecvTimeoutError::Timeout) => look()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(Answer::Crashed(self.crash())),
            }
        }
        if !sent {
            return Ok(Answer::Crashed(self.crash()));
        }
        self.process.end();
        Ok(Answer::TimedOut)
    }

    fn crash(&mut self) -> String {
        match self.process.child.wait() {
            Ok(status) => self.process.describe(status),
            Err(error) => error.to_string(),
        }
    }
}
