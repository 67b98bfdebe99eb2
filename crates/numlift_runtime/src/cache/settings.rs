//! What the environment says about the cache.
//!
//! ```text
//! NUMLIFT_CACHE=0                      none
//! NUMLIFT_CACHE_DIR=/scratch/me        there; else $XDG_CACHE_HOME/numlift/v1, else ~/.cache/numlift/v1
//! NUMLIFT_CACHE_SIZE=500M              no more than that [default: 1 GB]
//! NUMLIFT_CACHE_KEY=…                  a secret; only who knows it makes entries that are found
//! ```

use std::ffi::OsString;
use std::path::PathBuf;

/// Bytes of all entries together, unless something else is asked for.
const DEFAULT_LIMIT: u64 = 1_000_000_000;

/// Where the cache is and how it is kept.
#[derive(Debug, Clone)]
pub struct Settings {
    pub folder: PathBuf,
    /// Bytes of all entries together.
    pub limit: u64,
    pub secret: Option<[u8; 32]>,
    /// What was asked for and is not understood.
    pub complaint: Option<String>,
}

impl Settings {
    /// A cache in this folder, with the defaults.
    pub fn new(folder: PathBuf) -> Settings {
        Settings {
            folder,
            limit: DEFAULT_LIMIT,
            secret: None,
            complaint: None,
        }
    }

    /// What these variables ask for; `None` for no cache.
    pub fn from_environment(variable: impl Fn(&str) -> Option<OsString>) -> Option<Settings> {
        // An empty variable is as good as none, as everywhere in a shell.
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned());

        let switch = text("NUMLIFT_CACHE").unwrap_or_default().to_ascii_lowercase();
        if matches!(switch.as_str(), "0" | "off" | "no" | "false") {
            return None;
        }
        // The XDG specification has relative paths ignored.
        let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let own = variable("NUMLIFT_CACHE_DIR").map(PathBuf::from);
        let shared = || absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
        let folder = own.or_else(|| shared().map(|base| base.join("numlift").join("v1")))?;

        let mut settings = Settings::new(folder);
        if let Some(asked) = text("NUMLIFT_CACHE_SIZE") {
            match parse_size(&asked) {
                Some(0) => return None,
                Some(limit) => settings.limit = limit,
                None => {
                    settings.complaint = Some(format!(
                        "`NUMLIFT_CACHE_SIZE` is `{asked}`, which is no size (`500M`, `2G`): it stays 1 GB"
                    ));
                }
            }
        }
        settings.secret =
            text("NUMLIFT_CACHE_KEY").map(|secret| blake3::derive_key("numlift cache", secret.as_bytes()));
        Some(settings)
    }
}

/// `1000`, `500k`, `500M`, `2G`, `2GB`, `1.5 GB`.
pub(crate) fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix('b').unwrap_or(&text);
    let (number, factor) = match text.char_indices().last()? {
        (at, 'k') => (&text[..at], 1e3),
        (at, 'm') => (&text[..at], 1e6),
        (at, 'g') => (&text[..at], 1e9),
        (at, 't') => (&text[..at], 1e12),
        _ => (text, 1.0),
    };
    let bytes = number.trim().parse::<f64>().ok()? * factor;
    (bytes.is_finite() && bytes >= 0.0).then_some(bytes as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Option<Settings> {
        Settings::from_environment(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    fn folder(variables: &[(&str, &str)]) -> Option<String> {
        settings(variables).map(|settings| settings.folder.display().to_string())
    }

    #[test]
    fn the_folder_is_the_first_that_is_named() {
        let home = ("HOME", "/home/me");
        assert_eq!(folder(&[home]).as_deref(), Some("/home/me/.cache/numlift/v1"));
        assert_eq!(
            folder(&[home, ("XDG_CACHE_HOME", "/c")]).as_deref(),
            Some("/c/numlift/v1")
        );
        assert_eq!(
            folder(&[home, ("XDG_CACHE_HOME", "c")]).as_deref(),
            Some("/home/me/.cache/numlift/v1")
        );
        assert_eq!(folder(&[home, ("NUMLIFT_CACHE_DIR", "/d")]).as_deref(), Some("/d"));
        assert_eq!(
            folder(&[home, ("NUMLIFT_CACHE_DIR", "")]).as_deref(),
            Some("/home/me/.cache/numlift/v1")
        );
        assert_eq!(folder(&[]), None);
    }

    #[test]
    fn a_cache_can_be_switched_off() {
        for off in ["0", "off", "No", "false"] {
            assert!(settings(&[("HOME", "/h"), ("NUMLIFT_CACHE", off)]).is_none(), "{off}");
        }
        assert!(settings(&[("HOME", "/h"), ("NUMLIFT_CACHE", "1")]).is_some());
        assert!(settings(&[("HOME", "/h"), ("NUMLIFT_CACHE_SIZE", "0")]).is_none());
    }

    #[test]
    fn sizes_have_units() {
        let sizes = ["12", "500k", "500M", "2GB", "1.5 gb", "1T"].map(parse_size);
        let expected = [
            12,
            500_000,
            500_000_000,
            2_000_000_000,
            1_500_000_000,
            1_000_000_000_000,
        ];
        assert_eq!(sizes, expected.map(Some));
        assert!(
            ["", "b", "M", "-1", "much", "nan", "1e400"]
                .iter()
                .all(|text| parse_size(text).is_none())
        );
        let settings = settings(&[("HOME", "/h"), ("NUMLIFT_CACHE_SIZE", "much")]).expect("a cache");
        assert_eq!(settings.limit, DEFAULT_LIMIT);
        assert!(settings.complaint.expect("told").contains("`much`"));
    }

    #[test]
    fn a_secret_is_any_text() {
        let secret = |text| settings(&[("HOME", "/h"), ("NUMLIFT_CACHE_KEY", text)]).and_then(|s| s.secret);
        assert!(secret("a").is_some() && secret("a") != secret("b") && secret("").is_none());
    }
}
