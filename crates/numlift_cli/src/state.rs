//! Where numlift keeps what has to outlive a command: the old text of files that it wrote.

use std::path::PathBuf;

/// `$XDG_STATE_HOME/numlift`, `%LOCALAPPDATA%\numlift`, `~/.local/state/numlift`, or `.numlift` here when there is
/// no home.
pub fn directory() -> PathBuf {
    let from = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    from("XDG_STATE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| from("LOCALAPPDATA"))
        .or_else(|| from("HOME").map(|home| home.join(".local").join("state")))
        .map_or_else(|| PathBuf::from(".numlift"), |state| state.join("numlift"))
}
