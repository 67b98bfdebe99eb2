//! `docs/rules` says what the rules say. `cargo xtask docs` writes it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use numlift::lint::words::{RULES, index, page};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules")
}

fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::from([("README.md".to_owned(), index())]);
    pages.extend(RULES.iter().map(|rule| (format!("{}.md", rule.name), page(rule))));
    pages
}

#[test]
fn the_pages_are_fresh() {
    let pages = pages();
    let wanted: Vec<&String> = pages.keys().collect();
    if std::env::var_os("NUMLIFT_WRITE_DOCS").is_some() {
        let _ = std::fs::remove_dir_all(folder());
        std::fs::create_dir_all(folder()).unwrap();
        for (name, text) in &pages {
            std::fs::write(folder().join(name), text).unwrap();
        }
    }
    for (name, text) in &pages {
        let written = std::fs::read_to_string(folder().join(name)).unwrap_or_default();
        assert_eq!(
            written, *text,
            "docs/rules/{name} is not what the rule says: `cargo xtask docs` writes it"
        );
    }
    let mut there: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    there.sort();
    assert_eq!(
        there.iter().collect::<Vec<_>>(),
        wanted,
        "a page of a rule that is no more"
    );
}
