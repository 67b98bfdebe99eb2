//! `[tool.numlift]` of `pyproject.toml`, or `numlift.toml`.
//!
//! ```toml
//! [tool.numlift]
//! select = ["NL"]                   # codes, beginnings of codes, names, ALL
//! ignore = ["cube-by-power"]
//! extend-select = []
//! fixable = ["ALL"]
//! unfixable = []
//! exclude = ["generated"]           # like .gitignore
//! per-file-ignores = { "tests/*" = ["NL4"] }
//! ```
//!
//! What is not understood is an error that says where and what would do.

use std::path::{Path, PathBuf};

use ignore::overrides::{Override, OverrideBuilder};
use numlift_lint::rule::Rule;
use numlift_lint::{Rules, SelectError, selection};
use toml_edit::{Document, Item, TableLike, Value};

/// What a file says, and the command line on top of it.
#[derive(Debug)]
pub struct Settings {
    rules: Rules,
    fixable: Option<Vec<String>>,
    unfixable: Vec<String>,
    per_file_ignores: Vec<(Override, Vec<String>)>,
    exclude: Option<Override>,
}

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`, line {line}: {message}")]
pub struct SettingsError {
    pub path: String,
    pub line: usize,
    pub message: String,
}

const KEYS: &[&str] = &[
    "select",
    "ignore",
    "extend-select",
    "fixable",
    "unfixable",
    "per-file-ignores",
    "exclude",
];

/// What stands in a file.
#[derive(Debug, Default)]
struct Said {
    select: Option<Vec<String>>,
    ignore: Vec<String>,
    extend_select: Vec<String>,
    fixable: Option<Vec<String>>,
    unfixable: Vec<String>,
    per_file_ignores: Vec<(String, Vec<String>)>,
    exclude: Vec<String>,
}

impl Settings {
    /// Those of the command line alone.
    pub fn of_command_line(select: Option<&[String]>, ignore: &[String]) -> Result<Settings, SelectError> {
        Ok(Settings {
            rules: Rules::new(select, ignore)?,
            fixable: None,
            unfixable: Vec::new(),
            per_file_ignores: Vec::new(),
            exclude: None,
        })
    }

    /// Those of a file, below the command line's; `None` where the file says nothing of numlift.
    pub fn read(
        path: &Path,
        text: &str,
        select: Option<&[String]>,
        ignore: &[String],
    ) -> Result<Option<Settings>, SettingsError> {
        let file = File { path, text };
        let document = Document::parse(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            file.error(at, error.message().trim_end().to_owned())
        })?;
        let is_own = path.file_name().is_some_and(|name| name == "numlift.toml");
        let table: Option<&dyn TableLike> = match is_own {
            true => Some(document.as_table()),
            false => document
                .as_table()
                .get("tool")
                .and_then(Item::as_table_like)
                .and_then(|tool| tool.get("numlift"))
                .and_then(Item::as_table_like),
        };
        let Some(table) = table else { return Ok(None) };
        let said = file.said(table)?;
        file.build(said, select, ignore).map(Some)
    }

    /// The rules for one file.
    pub fn rules_for(&self, path: &Path) -> Rules {
        let mut rules = self.rules.clone();
        for (pattern, ignores) in &self.per_file_ignores {
            if pattern.matched(path, false).is_whitelist() {
                rules = rules.without(ignores);
            }
        }
        rules
    }

    pub fn excludes(&self, path: &Path) -> bool {
        let Some(exclude) = &self.exclude else { return false };
        let is_it = |path: &Path, is_folder| exclude.matched(path, is_folder).is_whitelist();
        is_it(path, false) || path.ancestors().skip(1).any(|folder| is_it(folder, true))
    }

    /// Whether fixes of a rule may be applied.
    pub fn may_fix(&self, rule: &Rule) -> bool {
        let any = |selectors: &[String]| selectors.iter().any(|selector| selection::selects(selector, rule));
        self.fixable.as_deref().is_none_or(any) && !any(&self.unfixable)
    }
}

struct File<'f> {
    path: &'f Path,
    text: &'f str,
}

impl File<'_> {
    fn error(&self, at: usize, message: String) -> SettingsError {
        SettingsError {
            path: self.path.display().to_string(),
            line: self.text[..at.min(self.text.len())].matches('\n').count() + 1,
            message,
        }
    }

    fn said(&self, table: &dyn TableLike) -> Result<Said, SettingsError> {
        let mut said = Said::default();
        for (name, item) in table.iter() {
            let key = table.key(name).and_then(toml_edit::Key::span);
            let at = key.map_or(0, |span| span.start);
            match name {
                "select" => said.select = Some(self.selectors(item, at, name)?),
                "ignore" => said.ignore = self.selectors(item, at, name)?,
                "extend-select" => said.extend_select = self.selectors(item, at, name)?,
                "fixable" => said.fixable = Some(self.selectors(item, at, name)?),
                "unfixable" => said.unfixable = self.selectors(item, at, name)?,
                "exclude" => {
                    said.exclude = self
                        .strings(item, at, name)?
                        .into_iter()
                        .map(|(text, _)| text)
                        .collect()
                }
                "per-file-ignores" => {
                    let Some(patterns) = item.as_table_like() else {
                        return Err(self.error(
                            at,
                            "`per-file-ignores` is a table of patterns and lists of codes".to_owned(),
                        ));
                    };
                    for (pattern, item) in patterns.iter() {
                        let codes = self.selectors(item, at, "per-file-ignores")?;
                        said.per_file_ignores.push((pattern.to_owned(), codes));
                    }
                }
                other => {
                    let known = KEYS.join("`, `");
                    return Err(self.error(at, format!("no setting is called `{other}`; there are `{known}`")));
                }
            }
        }
        Ok(said)
    }

    /// A list of strings, with the place of each.
    fn strings(&self, item: &Item, at: usize, key: &str) -> Result<Vec<(String, usize)>, SettingsError> {
        let wrong = || self.error(at, format!("`{key}` is a list of strings: `{key} = [\"…\"]`"));
        let list = item.as_array().ok_or_else(wrong)?;
        list.iter()
            .map(|value| {
                let place = value.span().map_or(at, |span| span.start);
                value.as_str().map(|text| (text.to_owned(), place)).ok_or_else(wrong)
            })
            .collect()
    }

    fn selectors(&self, item: &Item, at: usize, key: &str) -> Result<Vec<String>, SettingsError> {
        let _: Option<&Value> = item.as_value();
        let strings = self.strings(item, at, key)?;
        strings
            .into_iter()
            .map(|(text, at)| match selection::validate(&text) {
                Ok(()) => Ok(text),
                Err(error) => Err(self.error(at, error.to_string())),
            })
            .collect()
    }

    fn build(&self, said: Said, select: Option<&[String]>, ignore: &[String]) -> Result<Settings, SettingsError> {
        let root = self.path.parent().unwrap_or(Path::new("")).to_path_buf();
        let unknown = |error: SelectError| self.error(0, error.to_string());
        let mut chosen = match select {
            Some(select) => Some(select.to_vec()),
            None => said.select,
        };
        if let Some(chosen) = &mut chosen {
            chosen.extend(said.extend_select);
        }
        // What is selected on the command line is wanted, whatever a file ignores.
        let mut ignored: Vec<String> = if select.is_some() { Vec::new() } else { said.ignore };
        ignored.extend_from_slice(ignore);
        let pattern = |patterns: &[String]| -> Result<Override, SettingsError> {
            let mut builder = OverrideBuilder::new(&root);
            for pattern in patterns {
                builder
                    .add(pattern)
                    .map_err(|error| self.error(0, format!("`{pattern}` is no pattern: {error}")))?;
            }
            builder.build().map_err(|error| self.error(0, error.to_string()))
        };
        let mut per_file_ignores = Vec::new();
        for (text, codes) in said.per_file_ignores {
            per_file_ignores.push((pattern(&[text])?, codes));
        }
        let exclude = (!said.exclude.is_empty()).then(|| pattern(&said.exclude)).transpose()?;
        Ok(Settings {
            rules: Rules::new(chosen.as_deref(), &ignored).map_err(unknown)?,
            fixable: said.fixable,
            unfixable: said.unfixable,
            per_file_ignores,
            exclude,
        })
    }
}

/// The file with settings that lies in a folder, if one does.
pub fn files_in(folder: &Path) -> [PathBuf; 2] {
    [folder.join("numlift.toml"), folder.join("pyproject.toml")]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(name: &str, text: &str) -> String {
        Settings::read(Path::new(name), text, None, &[])
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_is_not_understood_says_where_and_what_would_do() {
        assert_eq!(
            error("pyproject.toml", "[tool.numlift]\nselect = [\"NL3\"]\nselct = []\n"),
            "`pyproject.toml`, line 3: no setting is called `selct`; there are `select`, `ignore`, `extend-select`, \
             `fixable`, `unfixable`, `per-file-ignores`, `exclude`"
        );
        assert_eq!(
            error("numlift.toml", "ignore = [\n  \"NL302\",\n  \"NL3022\",\n]\n"),
            "`numlift.toml`, line 3: no rule is called `NL3022`; did you mean `NL302`?"
        );
        assert_eq!(
            error("numlift.toml", "select = \"NL3\"\n"),
            "`numlift.toml`, line 1: `select` is a list of strings: `select = [\"…\"]`"
        );
        assert!(error("numlift.toml", "select = [\n").starts_with("`numlift.toml`, line "));
    }

    #[test]
    fn files_without_a_word_of_numlift_say_nothing() {
        let read = |text: &str| Settings::read(Path::new("/p/pyproject.toml"), text, None, &[]).unwrap();
        assert!(read("[tool.other]\nx = 1\n").is_none());
        let settings = read(
            "[tool.numlift]\nselect = [\"NL3\"]\nunfixable = [\"NL302\"]\nexclude = [\"made\", \"*_old.py\"]\n\
             per-file-ignores = { \"tests/*\" = [\"NL301\"] }\n",
        )
        .unwrap();
        let codes = |path: &str| {
            settings
                .rules_for(Path::new(path))
                .chosen()
                .map(|rule| rule.code)
                .collect::<Vec<_>>()
        };
        assert!(codes("/p/a.py").contains(&"NL301") && !codes("/p/a.py").contains(&"NL401"));
        assert!(!codes("/p/tests/a.py").contains(&"NL301"));
        assert!(settings.excludes(Path::new("/p/made/a.py")) && settings.excludes(Path::new("/p/x/a_old.py")));
        assert!(!settings.excludes(Path::new("/p/a.py")));
        let find = |code| numlift_lint::registry::find(code).unwrap();
        assert!(settings.may_fix(find("NL303")) && !settings.may_fix(find("NL302")));
    }
}
