//! What is written elsewhere does not go over the program, whose old text nobody would keep.
//!
//! ```text
//! numlift optimize -o script.py script.py      refused: --write edits it, with an undo
//! numlift optimize -o link.py ./script.py      refused too where the link leads to the script
//! ```

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use numlift::config::{Program, ProgramKind};
use numlift::project::Project;

/// What would help somebody who meant it.
pub const EDIT_IN_PLACE: &str = "; --write edits it so that `numlift undo` takes it back";

/// Before the program runs: a file that an option names is not the script.
pub fn spares_script(option: &str, help: &str, file: &Path, program: &Program) -> Result<()> {
    let script = match program.kind {
        ProgramKind::Script => program.cwd.join(&program.target),
        ProgramKind::Module => return Ok(()),
    };
    // Into a directory the script goes under its own name.
    let file = match (file.is_dir(), script.file_name()) {
        (true, Some(name)) => file.join(name),
        _ => file.to_path_buf(),
    };
    if is_one_file(&file, &script) {
        let script = &program.target;
        bail!("{option} would overwrite the script itself, `{script}`{help}");
    }
    Ok(())
}

/// When everything is known: nor is it any other file of the program.
pub fn spares_project(file: &Path, project: &Project) -> Result<()> {
    let own = project.sources.keys().find(|source| is_one_file(file, source));
    if let Some(own) = own {
        bail!(
            "-o would overwrite `{}`, a file of the program{EDIT_IN_PLACE}",
            project.shown(own)
        );
    }
    Ok(())
}

/// By where the paths lead: a link or another spelling is no other file. A second hard link is, since writing makes a
/// new file.
fn is_one_file(a: &Path, b: &Path) -> bool {
    let place = |path: &Path| -> Option<PathBuf> { path.canonicalize().ok() };
    matches!((place(a), place(b)), (Some(a), Some(b)) if a == b)
}
