//! The invariants of the architecture that no lint can hold by itself.
//!
//! ```text
//! dependencies run one way           the table ALLOWED, against `cargo metadata`
//! one crate names ruff, one pyo3     the table RESERVED, likewise
//! unsafe, printing, input/output     the lints are configured where they must be, and nothing switches them off
//! how a file looks                   a module doc on top, no `mod.rs`, no `utils.rs`, no ignored test
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Each crate and the crates of this workspace that it may depend on.
const ALLOWED: &[(&str, &[&str])] = &[
    ("numlift_abi", &[]),
    ("numlift_ir", &[]),
    ("numlift_llvm", &["numlift_abi", "numlift_ir"]),
    ("numlift_source", &["numlift_ir"]),
    ("numlift_passes", &["numlift_ir"]),
    ("numlift_verify", &["numlift_ir"]),
    ("numlift_llvm", &["numlift_abi", "numlift_ir"]),
    ("numlift_runtime", &[]),
    ("numlift_region", &["numlift_ir", "numlift_source"]),
    ("numlift_lint", &["numlift_ir", "numlift_passes", "numlift_source"]),
    (
        "numlift",
        &[
            "numlift_abi",
            "numlift_ir",
            "numlift_lint",
            "numlift_llvm",
            "numlift_source",
            "numlift_passes",
            "numlift_region",
            "numlift_runtime",
            "numlift_verify",
        ],
    ),
    ("numlift_cli", &["numlift"]),
    // The worker compares values with the verifier's code, through the extension module.
    (
        "numlift_py",
        &[
            "numlift",
            "numlift_abi",
            "numlift_cli",
            "numlift_runtime",
            "numlift_verify",
        ],
    ),
    ("xtask", &["numlift"]),
];

/// Prefixes of outside crates that only one crate may name.
const RESERVED: &[(&str, &str)] = &[("ruff_", "numlift_source"), ("pyo3", "numlift_py")];

/// Crates that turn values into values: their `clippy.toml` disallows files, processes, the clock and the network.
const PURE: &[&str] = &[
    "numlift_abi",
    "numlift_ir",
    "numlift_llvm",
    "numlift_source",
    "numlift_passes",
    "numlift_lint",
];

/// Crates that may switch off the workspace's lint against `unsafe`.
const MAY_BE_UNSAFE: &[&str] = &["numlift_py", "numlift_runtime"];

/// Crates that may print.
const MAY_PRINT: &[&str] = &["numlift_cli", "xtask"];

/// Names that say nothing about what is in a file.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "misc", "prelude"];

#[test]
fn dependencies_run_one_way() {
    let mut wrong = Vec::new();
    for (name, dependencies) in workspace() {
        let Some((_, allowed)) = ALLOWED.iter().find(|(known, _)| *known == name) else {
            wrong.push(format!("{name} is not in the table: say there what it may depend on"));
            continue;
        };
        for dependency in dependencies {
            let is_ours = ALLOWED.iter().any(|(known, _)| *known == dependency);
            if is_ours && dependency != name && !allowed.contains(&dependency.as_str()) {
                wrong.push(format!("{name} depends on {dependency}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn reserved_crates_are_named_once() {
    for (prefix, owner) in RESERVED {
        for (name, dependencies) in workspace() {
            let named = dependencies.iter().find(|dependency| dependency.starts_with(prefix));
            assert!(
                name == *owner || named.is_none(),
                "{name} names {named:?}; only {owner} may"
            );
        }
    }
}

#[test]
fn every_crate_takes_the_lints_of_the_workspace() {
    for folder in crate_folders() {
        let manifest = read(&folder.join("Cargo.toml"));
        assert!(
            manifest.contains("[lints]\nworkspace = true"),
            "{} has lints of its own",
            folder.display()
        );
    }
    let workspace = read(&root().join("Cargo.toml"));
    for lint in [
        "unsafe_code = \"deny\"",
        "print_stdout = \"warn\"",
        "print_stderr = \"warn\"",
        "todo = \"warn\"",
    ] {
        assert!(workspace.contains(lint), "the workspace lost its lint `{lint}`");
    }
}

#[test]
fn lints_are_switched_off_only_where_they_may_be() {
    let switched_off = |file: &str, lint: &str| {
        file.match_indices(lint).any(|(at, _)| {
            let before = &file[..at];
            let opened = before.rfind("allow(").max(before.rfind("expect("));
            opened.is_some_and(|open| !before[open..].contains(']'))
        })
    };
    for (lint, owners) in [
        ("unsafe_code", MAY_BE_UNSAFE),
        ("print_stdout", MAY_PRINT),
        ("print_stderr", MAY_PRINT),
    ] {
        // Tests and examples print for whoever develops; the programs and libraries are what counts.
        let sources = crate_folders()
            .into_iter()
            .flat_map(|folder| rust_files_under(&folder.join("src")));
        for file in sources {
            let is_allowed = owners
                .iter()
                .any(|owner| file.components().any(|part| part.as_os_str() == *owner));
            let text = read(&file);
            assert!(
                is_allowed || !switched_off(&text, lint),
                "{} switches `{lint}` off",
                file.display()
            );
        }
    }
}

#[test]
fn pure_crates_do_no_input_or_output() {
    let configured: Vec<String> = PURE
        .iter()
        .map(|name| read(&root().join("crates").join(name).join("clippy.toml")))
        .collect();
    assert!(configured[0].contains("disallowed-methods") && configured[0].contains("std::fs::read"));
    assert!(
        configured.iter().all(|file| *file == configured[0]),
        "the clippy.toml of {PURE:?} are not the same"
    );
    for name in PURE {
        for file in rust_files_under(&root().join("crates").join(name).join("src")) {
            let text = read(&file);
            for lint in ["disallowed_methods", "disallowed_types"] {
                assert!(!text.contains(lint), "{} switches `{lint}` off", file.display());
            }
        }
    }
}

#[test]
fn files_are_named_and_documented() {
    let mut wrong = Vec::new();
    for file in rust_files() {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let shown = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        let text = read(&file);
        // The unit tests of a module stand beside it and need no doc of their own.
        if !text.starts_with("//!") && name != "tests" {
            wrong.push(format!("{shown}: no module doc on top"));
        }
        if name == "mod" {
            wrong.push(format!("{shown}: `foo.rs` stands beside `foo/`, not in it"));
        }
        if EMPTY_NAMES.contains(&name.as_str()) {
            wrong.push(format!("{shown}: name it after what it does"));
        }
        if text.lines().any(|line| line.trim_start().starts_with("#[ignore")) {
            wrong.push(format!(
                "{shown}: an ignored test; assert today's answer and say why it is wrong"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The crates of the workspace with what they depend on, tests and build scripts left out.
fn workspace() -> BTreeMap<String, Vec<String>> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let metadata = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo starts");
    assert!(
        metadata.status.success(),
        "{}",
        String::from_utf8_lossy(&metadata.stderr)
    );
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo prints JSON");
    let packages = metadata["packages"].as_array().expect("a workspace has packages");
    packages
        .iter()
        .map(|package| (text(&package["name"]), dependencies(package)))
        .collect()
}

fn dependencies(package: &Value) -> Vec<String> {
    let all = package["dependencies"]
        .as_array()
        .expect("a package lists its dependencies");
    all.iter()
        .filter(|dependency| dependency["kind"].is_null())
        .map(|dependency| text(&dependency["name"]))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().expect("names are strings").to_owned()
}

fn crate_folders() -> Vec<PathBuf> {
    let mut folders = vec![root().join("xtask")];
    folders.extend(
        entries(&root().join("crates"))
            .into_iter()
            .filter(|path| path.join("Cargo.toml").exists()),
    );
    folders
}

fn rust_files() -> Vec<PathBuf> {
    crate_folders()
        .iter()
        .flat_map(|folder| rust_files_under(folder))
        .collect()
}

fn rust_files_under(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for path in entries(folder) {
        if path.is_dir() {
            files.extend(rust_files_under(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
    files
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listing = fs::read_dir(folder).unwrap_or_else(|error| panic!("cannot list {}: {error}", folder.display()));
    let mut paths: Vec<PathBuf> = listing.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("cannot read {}: {error}", path.display()))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask is in the project")
        .to_owned()
}
