//! `numlift undo`.

use anyhow::Result;
use numlift::undo;

use crate::args::{Color, Undo};
use crate::{FINE, state, terminal};

pub fn command(arguments: Undo, color: Color) -> Result<i32> {
    let cwd = std::env::current_dir()?.canonicalize()?;
    let files = undo::undo(&state::directory(), &cwd, &arguments.files)?;
    for file in files {
        let shown = file.strip_prefix(&cwd).unwrap_or(&file);
        terminal::print(color, &format!("{} is as it was before\n", shown.display()));
    }
    Ok(FINE)
}
