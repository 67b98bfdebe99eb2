//! Finding a CPython and keeping the virtual environment in `.venv`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;

/// The oldest minor version of CPython 3 that numlift runs on.
const OLDEST_MINOR: u32 = 11;

/// Prints what a candidate is, one fact a line.
const PROBE: &str = "\
import platform, sys
print(platform.python_implementation())
print(sys.version_info[0])
print(sys.version_info[1])
try:
    import ensurepip, venv
    print('venv')
except ImportError as error:
    print('no venv:', error)
";

/// A virtual environment.
pub struct Venv {
    pub folder: PathBuf,
}

impl Venv {
    /// The environment of this project, whether or not it exists yet.
    pub fn of_project() -> Self {
        Venv {
            folder: crate::root().join(".venv"),
        }
    }

    /// The environment's interpreter.
    pub fn python(&self) -> PathBuf {
        self.program("python")
    }

    /// A program that is installed into the environment.
    pub fn program(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            self.folder.join("Scripts").join(format!("{name}.exe"))
        } else {
            self.folder.join("bin").join(name)
        }
    }

    /// A command that runs one of the environment's programs as if the environment were activated.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(self.program(name));
        self.activate(&mut command);
        command
    }

    /// Gives `command` the variables that activating the environment would set.
    pub fn activate(&self, command: &mut Command) {
        command
            .env("VIRTUAL_ENV", &self.folder)
            .env("PYO3_PYTHON", self.python())
            .env_remove("PYTHONHOME");
        let programs = self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" });
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(programs).chain(std::env::split_paths(&paths));
        if let Ok(joined) = std::env::join_paths(paths) {
            command.env("PATH", joined);
        }
    }

    /// Whether the environment has a working interpreter that is new enough.
    pub fn works(&self) -> bool {
        self.python().exists() && matches!(probe(&self.python()), Ok(Candidate::Good(_)))
    }

    /// Makes the environment anew with the first CPython that will do, and returns that one's version.
    pub fn create(&self) -> Result<String> {
        let (python, version) = find()?;
        process::run(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&self.folder))
            .with_context(|| format!("{} cannot make a virtual environment", python.display()))?;
        Ok(version)
    }
}

/// What became of one candidate.
enum Candidate {
    Good(String),
    /// With the reason, for the message when no candidate is good.
    Unfit(String),
}

/// The first CPython that is new enough and can make virtual environments, with its version.
fn find() -> Result<(PathBuf, String)> {
    let names = match std::env::var_os("NUMLIFT_PYTHON") {
        Some(python) => vec![PathBuf::from(python)],
        None => candidates(),
    };
    let mut reasons = String::new();
    for name in names {
        match probe(&name) {
            Ok(Candidate::Good(version)) => return Ok((name, version)),
            Ok(Candidate::Unfit(reason)) => reasons.push_str(&format!("\n  {}: {reason}", name.display())),
            Err(_) => reasons.push_str(&format!("\n  {}: not found, or it does not run", name.display())),
        }
    }
    bail!(
        "no CPython 3.{OLDEST_MINOR} or later that can make a virtual environment{reasons}\n\
         install one (on Debian and Ubuntu: `apt install python3 python3-venv`), or name one in NUMLIFT_PYTHON"
    )
}

fn candidates() -> Vec<PathBuf> {
    let versioned = (OLDEST_MINOR..=14).rev().map(|minor| format!("python3.{minor}"));
    ["python3".to_owned()]
        .into_iter()
        .chain(versioned)
        .chain(["python".to_owned()])
        .map(PathBuf::from)
        .collect()
}

fn probe(python: &Path) -> Result<Candidate> {
    let answer = process::capture(Command::new(python).args(["-c", PROBE]))?;
    let facts: Vec<&str> = answer.lines().collect();
    let [implementation, major, minor, venv] = facts[..] else {
        return Ok(Candidate::Unfit("it does not say what it is".to_owned()));
    };
    let version = format!("{implementation} {major}.{minor}");
    let new_enough = major == "3" && minor.parse::<u32>().is_ok_and(|minor| minor >= OLDEST_MINOR);
    if implementation != "CPython" || !new_enough {
        Ok(Candidate::Unfit(format!(
            "{version}, but CPython 3.{OLDEST_MINOR} or later is needed"
        )))
    } else if venv != "venv" {
        Ok(Candidate::Unfit(format!(
            "{venv} (on Debian and Ubuntu: `apt install python3.{minor}-venv`)"
        )))
    } else {
        Ok(Candidate::Good(version))
    }
}
