//! `cargo xtask setup`: from a fresh clone to a working `numlift` in `.venv`.
//!
//! ```text
//! .venv            made by the first CPython that will do
//! requirements     the locked wheels, checked against their hashes
//! numlift          the native module built in release mode, installed so that edits in python/ count at once
//! ```
//!
//! Each step is skipped when nothing that it reads has changed, so a second run takes well under a second.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::python::Venv;
use crate::stamp::Stamp;

const HELP: &str = "\
cargo xtask setup

Makes .venv, installs the wheels locked in requirements-dev.txt, builds the native module and installs numlift into
.venv. What has not changed is not done again; delete .venv to start over.
";

const LOCK: &str = "requirements-dev.txt";

/// What the native module is built from, and what says how the package is installed.
const SOURCES: &[&str] = &["Cargo.toml", "Cargo.lock", "pyproject.toml", "crates"];

pub fn command(args: &[String]) -> Result<ExitCode> {
    if crate::asks_for_help(args) {
        print!("{HELP}");
        return Ok(ExitCode::SUCCESS);
    }
    let venv = run()?;
    println!("numlift is ready: {}", venv.program("numlift").display());
    Ok(ExitCode::SUCCESS)
}

/// Sets up whatever is missing or out of date and returns the environment.
pub fn run() -> Result<Venv> {
    let venv = Venv::of_project();
    step("virtual environment", || make_venv(&venv))?;
    step("locked wheels", || install_wheels(&venv))?;
    step("numlift", || install_numlift(&venv))?;
    Ok(venv)
}

/// Sets up, then runs one of the project's Python programs with `args` and hands on its exit code.
pub fn run_script(script: &str, args: &[String]) -> Result<ExitCode> {
    if !Path::new(script).exists() {
        bail!("{script} is not there: this part of numlift is not written yet");
    }
    let status = run()?
        .command("python")
        .arg(script)
        .args(args)
        .status()
        .context("cannot start Python")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What a step found to do.
enum Step {
    UpToDate,
    Done(String),
}

/// Runs one step and says what it did and how long it took.
fn step(name: &str, work: impl FnOnce() -> Result<Step>) -> Result<()> {
    let start = Instant::now();
    match work().with_context(|| format!("setting up: {name}"))? {
        Step::UpToDate => println!("setup: {name}: up to date"),
        Step::Done(what) => println!("setup: {name}: {what} ({:.1} s)", start.elapsed().as_secs_f64()),
    }
    Ok(())
}

fn make_venv(venv: &Venv) -> Result<Step> {
    if venv.works() {
        return Ok(Step::UpToDate);
    }
    println!("setup: making {}", venv.folder.display());
    let version = venv.create()?;
    Ok(Step::Done(format!("made with {version}")))
}

fn install_wheels(venv: &Venv) -> Result<Step> {
    let stamp = Stamp::new(venv.folder.join("wheels.stamp"), &[LOCK], &[])?;
    if stamp.is_fresh() {
        return Ok(Step::UpToDate);
    }
    println!("setup: installing the wheels of {LOCK}");
    let mut pip = venv.command("python");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
    ]);
    process::run(pip.args(["--require-hashes", "--only-binary=:all:", "-r", LOCK]))?;
    stamp.keep()?;
    Ok(Step::Done("installed".to_owned()))
}

fn install_numlift(venv: &Venv) -> Result<Step> {
    let toolchain = process::capture(std::process::Command::new("rustc").arg("-vV"))?;
    let stamp = Stamp::new(venv.folder.join("numlift.stamp"), SOURCES, &[&toolchain])?;
    if stamp.is_fresh() && !native_modules()?.is_empty() && venv.program("numlift").exists() {
        return Ok(Step::UpToDate);
    }
    println!("setup: building numlift (the first time compiles everything, one to two minutes)");
    for module in native_modules()? {
        detach(&module)?;
    }
    let mut maturin = venv.command("maturin");
    process::run(maturin.args(["develop", "--release", "--locked"]))?;
    stamp.keep()?;
    Ok(Step::Done("built and installed".to_owned()))
}

/// The native modules that are installed in `python/numlift`.
fn native_modules() -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("python/numlift").context("cannot list python/numlift")? {
        let path = entry?.path();
        let is_module = path.extension().is_some_and(|ending| ending == "so" || ending == "pyd");
        if is_module
            && path
                .file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("_native."))
        {
            found.push(path);
        }
    }
    Ok(found)
}

/// Gives `module` a file of its own: maturin overwrites it in place, which would pull the code from under a
/// numlift that is running.
fn detach(module: &Path) -> Result<()> {
    let copy = module.with_extension(format!("{}.old", std::process::id()));
    fs::copy(module, &copy).with_context(|| format!("cannot copy {}", module.display()))?;
    fs::rename(&copy, module).with_context(|| format!("cannot replace {}", module.display()))
}
