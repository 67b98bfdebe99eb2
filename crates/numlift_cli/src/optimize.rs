//! `numlift optimize`: from arguments to the stages, and from their result to the terminal and the files.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use numlift::config::{Config, Program, ProgramKind, Rerun, Target};
use numlift::cure::MakeCurer;
use numlift::emit_tests::{self, Emitted};
use numlift::git;
use numlift::interrupt::Interrupts;
use numlift::pipeline::{self, Actors, Optimized};
use numlift::recording;
use numlift::report::{Outcome, Report};
use numlift::undo::{Replacement, replace_files};
use numlift::worker::PythonWorker;
use numlift::write::write_atomically;

use crate::args::{Color, Optimize, Using};
use crate::interactive::Follower;
use crate::style::{self, paint};
use crate::{CHANGES, ERROR, FINE, full, numbers, overwrite, screen, state, target, terminal};

pub fn command(
    arguments: Optimize,
    color: Color,
    python: PathBuf,
    interrupts: &Interrupts,
    curer: MakeCurer<'_>,
) -> Result<i32> {
    for file in [&arguments.output, &arguments.json, &arguments.emit_tests]
        .into_iter()
        .flatten()
    {
        require_directory_of(file)?;
    }
    let optimized = optimize(&arguments, color, &python, interrupts, curer)?;
    let quiet = arguments.quiet || arguments.json.as_deref().is_some_and(is_stdout);
    if arguments.diff {
        let diffs: String = optimized.report.files.iter().map(|file| file.diff.as_str()).collect();
        terminal::print_whole(color, &full::plain_diff(&diffs))?;
    } else if !quiet {
        let columns = terminal::columns();
        let below = full::render(&optimized.report, columns);
        let between = if below.is_empty() { "" } else { "\n" };
        terminal::print(
            color,
            &format!("{}{between}{below}", screen::render(&optimized.report, columns)),
        );
    }
    let written = write_results(&arguments, color, &python, &optimized)?;
    if arguments.diff {
        return Ok(if optimized.report.files.is_empty() {
            FINE
        } else {
            CHANGES
        });
    }
    if !quiet {
        terminal::print(color, &format!("\n{written}\n"));
    }
    Ok(exit_code(&optimized.report))
}

fn optimize(
    arguments: &Optimize,
    color: Color,
    python: &Path,
    interrupts: &Interrupts,
    curer: MakeCurer<'_>,
) -> Result<Optimized> {
    let mut worker = PythonWorker::new(python.to_path_buf(), interrupts.clone(), arguments.watching.echo);
    let mut follower = Follower::new(color, arguments.quiet, arguments.interactive);
    let mut actors = Actors {
        curer,
        worker: &mut worker,
        observer: &mut follower,
    };
    let optimized = match &arguments.from {
        Some(file) => {
            let opened = recording::open(file)?;
            let config = config(arguments, python, opened.program.clone());
            pipeline::optimize_watched(&config, opened.project, opened.watched, None, &mut actors)?
        }
        None => {
            let program = target::program(&arguments.target, "optimize")?;
            if arguments.output.is_some() && program.kind == ProgramKind::Module {
                bail!("-o writes the edited script, and a module may be many files; use --write or --diff");
            }
            for (option, help, file) in [
                ("-o", overwrite::EDIT_IN_PLACE, &arguments.output),
                ("--json", "", &arguments.json),
                ("--emit-tests", "", &arguments.emit_tests),
            ] {
                if let Some(file) = file {
                    overwrite::spares_script(option, help, file, &program)?;
                }
            }
            pipeline::optimize(&config(arguments, python, program), &mut actors)?
        }
    };
    Ok(optimized)
}

fn config(arguments: &Optimize, python: &Path, program: Program) -> Config {
    let rerun = match (arguments.rerun, arguments.no_rerun) {
        (true, _) => Rerun::Always,
        (false, true) => Rerun::Never,
        (false, false) => Rerun::IfHarmless,
    };
    Config {
        target: match arguments.using {
            Using::Numlift => Target::Numlift,
            Using::Numba => Target::Numba,
            Using::Numpy => Target::Numpy,
        },
        exact: arguments.exact,
        for_seconds: arguments.watching.for_seconds,
        timeout: arguments.timeout,
        rerun,
        only: arguments.only.clone(),
        min_speedup: arguments.min_speedup,
        max_memory: arguments.max_memory,
        echo: arguments.watching.echo,
        ..Config::new(python.to_path_buf(), program)
    }
}

/// A program that failed by itself is an error, also when what was seen of it could be cured.
fn exit_code(report: &Report) -> i32 {
    match report.watched.ended {
        numlift::report::Ended::Failed => ERROR,
        numlift::report::Ended::Finished | numlift::report::Ended::TimeLimit | numlift::report::Ended::Interrupted => {
            FINE
        }
    }
}

/// Writes all that was asked for; the sentence says what.
fn write_results(arguments: &Optimize, color: Color, python: &Path, optimized: &Optimized) -> Result<String> {
    if let Some(file) = &arguments.json {
        let mut json = serde_json::to_string_pretty(&optimized.report)?;
        json.push('\n');
        if is_stdout(file) {
            terminal::print_whole(Color::Never, &json)?;
        } else {
            write_atomically(file, json.as_bytes())?;
        }
    }
    if let Some(file) = &arguments.emit_tests {
        let emitted = emit_tests::write(python, file, optimized)?;
        if !arguments.quiet && !arguments.diff {
            terminal::print(color, &describe_tests(&emitted));
        }
    }
    if let Some(file) = &arguments.output {
        return write_elsewhere(file, optimized);
    }
    if arguments.write || arguments.interactive {
        return write_in_place(color, optimized);
    }
    Ok(match optimized.replacements.len() {
        0 => "nothing was written".to_string(),
        files => format!(
            "nothing was written: --write edits {}, --diff prints the patch",
            numbers::count(files as u64, "file")
        ),
    })
}

fn describe_tests(emitted: &Emitted) -> String {
    let files: Vec<String> = emitted.files.iter().map(|file| file.display().to_string()).collect();
    let mut text = format!(
        "\n{} in {}, with captured data\n",
        numbers::count(emitted.tests, "test"),
        files.join(", ")
    );
    for skipped in &emitted.skipped {
        text += &format!("no test for {skipped}\n");
    }
    text
}

fn write_in_place(color: Color, optimized: &Optimized) -> Result<String> {
    let replacements = &optimized.replacements;
    if replacements.is_empty() {
        return Ok("nothing was written".to_string());
    }
    if optimized.project.is_elsewhere {
        bail!("the files of the recording do not lie here as they were, so they cannot be written; use --diff or -o");
    }
    let shown = |paths: &[PathBuf]| {
        let paths = paths.iter().map(|path| optimized.project.shown(path));
        paths.collect::<Vec<_>>().join(", ")
    };
    let paths: Vec<PathBuf> = replacements
        .iter()
        .map(|replacement| replacement.path.clone())
        .collect();
    let dirty = git::uncommitted(&paths);
    if !dirty.is_empty() {
        let note = format!("note: git holds no copy of the present text of {}", shown(&dirty));
        terminal::print_error(color, &format!("{}\n", paint(style::WARN, &note)));
    }
    replace_files(&state::directory(), replacements)?;
    Ok(format!("wrote {}; `numlift undo` takes it back", shown(&paths)))
}

/// `-o`: the script as it would become; into a directory, every edited file.
fn write_elsewhere(output: &Path, optimized: &Optimized) -> Result<String> {
    let project = &optimized.project;
    let Some(main) = &project.main else {
        bail!("-o writes the edited script, and there is none")
    };
    let edited = |path: &Path| {
        optimized
            .replacements
            .iter()
            .find(|replacement| replacement.path == path)
    };
    let script = edited(main).map(|replacement| replacement.after.clone());
    let script = script
        .or_else(|| project.sources.get(main).map(|source| source.to_bytes()))
        .unwrap_or_default();
    if output.is_dir() {
        let mut files: Vec<(&Path, &[u8])> = optimized
            .replacements
            .iter()
            .map(|file| (file.path.as_path(), file.after.as_slice()))
            .collect();
        if edited(main).is_none() {
            files.push((main, &script));
        }
        let target = |path: &Path| {
            let name = path.file_name().map_or(path, Path::new);
            output.join(path.strip_prefix(&project.root).unwrap_or(name))
        };
        for (path, _) in &files {
            overwrite::spares_project(&target(path), project)?;
        }
        for (path, content) in &files {
            let target = target(path);
            std::fs::create_dir_all(target.parent().unwrap_or(output))?;
            write_atomically(&target, content)?;
        }
        return Ok(format!(
            "wrote {} to {}",
            numbers::count(files.len() as u64, "file"),
            output.display()
        ));
    }
    overwrite::spares_project(output, project)?;
    write_atomically(output, &script)?;
    let elsewhere: Vec<&Replacement> = optimized
        .replacements
        .iter()
        .filter(|file| file.path != *main)
        .collect();
    let mut sentence = format!("wrote {}", output.display());
    if !elsewhere.is_empty() {
        let files: Vec<String> = elsewhere.iter().map(|file| project.shown(&file.path)).collect();
        sentence += &format!(
            "; cures in {} are not in it (--write, or -o with a directory)",
            files.join(", ")
        );
    }
    if !optimized
        .report
        .regions
        .iter()
        .any(|region| matches!(region.outcome, Outcome::Cured { .. }))
    {
        sentence += ", unchanged";
    }
    Ok(sentence)
}

/// A file that cannot be written is told before the program runs for an hour.
pub fn require_directory_of(file: &Path) -> Result<()> {
    if is_stdout(file) || file.is_dir() {
        return Ok(());
    }
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() && !parent.is_dir() => {
            bail!(
                "cannot write `{}`: there is no directory `{}`",
                file.display(),
                parent.display()
            )
        }
        Some(_) | None => Ok(()),
    }
}

fn is_stdout(file: &Path) -> bool {
    file.as_os_str() == "-"
}
