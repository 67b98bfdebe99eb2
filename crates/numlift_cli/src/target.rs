//! From the words on the command line to the program that is run.

use anyhow::{Context, Result, bail};
use clap::CommandFactory;
use numlift::config::{Program, ProgramKind};

use crate::args::{Arguments, Target};

/// The program with its arguments; `command` is `optimize` or `record`, for messages.
pub fn program(target: &Target, command: &str) -> Result<Program> {
    let cwd = std::env::current_dir().context("the current directory cannot be found")?;
    if let Some((module, args)) = target.module.split_first() {
        let args = args.to_vec();
        return Ok(Program {
            kind: ProgramKind::Module,
            target: module.clone(),
            args,
            cwd,
        });
    }
    let Some((script, args)) = target.script.split_first() else {
        bail!("which program? write `numlift {command} script.py` or `numlift {command} -m module`");
    };
    if script.starts_with('-') {
        bail!("unknown option `{script}`; `numlift {command} --help` lists those there are");
    }
    let args = match args.split_first() {
        Some((first, rest)) if first == "--" => rest.to_vec(),
        Some(_) | None => {
            refuse_misplaced_options(script, args, command)?;
            args.to_vec()
        }
    };
    Ok(Program {
        kind: ProgramKind::Script,
        target: script.clone(),
        args,
        cwd,
    })
}

/// What follows the script is the script's own. An option of numlift's that the script's text does not know was meant
/// for numlift, and would silently do nothing.
fn refuse_misplaced_options(script: &str, args: &[String], command: &str) -> Result<()> {
    let known = long_options(command);
    let text = std::fs::read(script).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    for arg in args {
        let name = arg.split('=').next().unwrap_or(arg);
        if known.iter().any(|option| option == name) && !text.contains(name.trim_start_matches('-')) {
            bail!(
                "`{name}` stands after the script and would go to it; write `numlift {command} {name} … {script}`, or \
                 `{script} -- {name}` if the script is to get it"
            );
        }
    }
    Ok(())
}

fn long_options(command: &str) -> Vec<String> {
    let arguments = Arguments::command();
    let Some(command) = arguments.find_subcommand(command) else {
        return Vec::new();
    };
    command
        .get_arguments()
        .filter_map(|argument| argument.get_long())
        .map(|name| format!("--{name}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(content: &str, args: &[&str]) -> String {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.py");
        std::fs::write(&path, content).unwrap();
        let script = path.display().to_string();
        let words = std::iter::once(script.clone())
            .chain(args.iter().map(|arg| arg.to_string()))
            .collect();
        match program(
            &Target {
                module: vec![],
                script: words,
            },
            "optimize",
        ) {
            Ok(program) => program.args.join(" "),
            Err(error) => error.to_string().replace(&script, "s.py"),
        }
    }

    #[test]
    fn options_behind_the_script_are_its_own_if_it_knows_them() {
        insta::assert_snapshot!(check("x = 1", &["--steps", "3"]), @"--steps 3");
        insta::assert_snapshot!(check("x = 1", &["--write"]), @"`--write` stands after the script and would go to it; write `numlift optimize --write … s.py`, or `s.py -- --write` if the script is to get it");
        insta::assert_snapshot!(check("x = 1", &["--", "--write"]), @"--write");
        insta::assert_snapshot!(check("parser.add_argument('--write')", &["--write"]), @"--write");
    }

    #[test]
    fn an_unknown_option_is_no_script() {
        let script = vec!["--fast".to_string(), "s.py".to_string()];
        let error = program(&Target { module: vec![], script }, "optimize").unwrap_err();
        insta::assert_snapshot!(error, @"unknown option `--fast`; `numlift optimize --help` lists those there are");
    }

    #[test]
    fn a_program_is_needed() {
        let error = program(
            &Target {
                module: vec![],
                script: vec![],
            },
            "record",
        )
        .unwrap_err();
        insta::assert_snapshot!(error, @"which program? write `numlift record script.py` or `numlift record -m module`");
    }
}
