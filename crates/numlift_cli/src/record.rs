//! `numlift record`: watch here, cure elsewhere.

use std::path::PathBuf;

use anyhow::Result;
use numlift::config::Config;
use numlift::interrupt::Interrupts;
use numlift::pipeline::{Actors, observe};
use numlift::recording;
use numlift::worker::PythonWorker;

use crate::args::{Color, Record};
use crate::interactive::Follower;
use crate::{FINE, numbers, optimize, overwrite, target, terminal};

pub fn command(arguments: Record, color: Color, python: PathBuf, interrupts: &Interrupts) -> Result<i32> {
    let program = target::program(&arguments.target, "record")?;
    optimize::require_directory_of(&arguments.output)?;
    overwrite::spares_script("-o", "", &arguments.output, &program)?;
    let mut config = Config::new(python.clone(), program);
    config.for_seconds = arguments.watching.for_seconds;
    config.echo = arguments.watching.echo;
    let mut worker = PythonWorker::new(python, interrupts.clone(), config.echo);
    let mut follower = Follower::new(color, arguments.quiet, false);
    let mut actors = Actors {
        curer: &numlift::cure::curer,
        worker: &mut worker,
        observer: &mut follower,
    };
    let (project, watched) = observe(&config, &mut actors)?;
    let bytes = recording::pack(&arguments.output, &config, &project, &watched)?;
    drop(follower);
    if !arguments.quiet {
        let file = arguments.output.display();
        let seconds = numbers::plain_seconds(watched.report.outcome.seconds);
        let size = numbers::bytes(bytes);
        terminal::print(
            color,
            &format!("watched {seconds}; {file} holds what was seen ({size})\n"),
        );
        terminal::print(color, &format!("next: numlift optimize --from {file}\n"));
    }
    Ok(FINE)
}
