//! Recordings: what was seen of a program, in one file, to be cured elsewhere.
//!
//! A recording is a tar file:
//!
//! ```text
//! manifest.json    program, regions, where the files lay, the watch report
//! sources/0.py …   the project's files, byte for byte
//! job/…            captures, recorded output, seeds
//! ```
//!
//! Where the same files lie here, at the same place below the current directory or where they lay, cures can be
//! written to them. Else the sources of the recording are unpacked and only shown.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Component, Path, PathBuf};

use numlift_region::protocol::{RegionSpec, WatchReport};
use numlift_source::text::SourceText;
use serde::{Deserialize, Serialize};

use crate::config::{Config, Program};
use crate::error::Error;
use crate::importers::imported_elsewhere;
use crate::project::Project;
use crate::watch::{JobDir, Watched};

/// A recording, opened.
#[derive(Debug)]
pub struct Opened {
    pub program: Program,
    pub project: Project,
    pub watched: Watched,
}

#[derive(Debug, Serialize, Deserialize)]
struct Manifest {
    format: u32,
    numlift: String,
    program: Program,
    regions: Vec<RegionSpec>,
    report: WatchReport,
    main: Option<PathBuf>,
    root: PathBuf,
    search: Vec<PathBuf>,
    cwd: PathBuf,
    /// Where each of `sources/` lay.
    sources: Vec<PathBuf>,
}

const FORMAT: u32 = 1;

/// Writes a recording; its size in bytes.
pub fn pack(file: &Path, config: &Config, project: &Project, watched: &Watched) -> Result<u64, Error> {
    let fail = |error: std::io::Error| Error::Write {
        path: file.to_path_buf(),
        error,
    };
    let manifest = Manifest {
        format: FORMAT,
        numlift: env!("CARGO_PKG_VERSION").to_string(),
        program: config.program.clone(),
        regions: watched.regions.clone(),
        report: watched.report.clone(),
        main: project.main.clone(),
        root: project.root.clone(),
        search: project.search.clone(),
        cwd: project.cwd.clone(),
        sources: project.sources.keys().cloned().collect(),
    };
    let directory = match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        Some(_) | None => Path::new("."),
    };
    // Captured data: the file stays private, as a temporary file is made.
    let mut packed = tempfile::Builder::new()
        .prefix(".numlift-")
        .tempfile_in(directory)
        .map_err(fail)?;
    let mut archive = tar::Builder::new(&mut packed);
    let text = serde_json::to_vec(&manifest).map_err(|error| fail(error.into()))?;
    add(&mut archive, "manifest.json", &text).map_err(fail)?;
    for (index, source) in project.sources.values().enumerate() {
        add(&mut archive, &format!("sources/{index}.py"), &source.to_bytes()).map_err(fail)?;
    }
    archive.append_dir_all("job", watched.dir.path()).map_err(fail)?;
    archive.finish().map_err(fail)?;
    drop(archive);
    packed.flush().map_err(fail)?;
    let size = packed.as_file().metadata().map_err(fail)?.len();
    packed.persist(file).map_err(|error| fail(error.error))?;
    Ok(size)
}

fn add(archive: &mut tar::Builder<impl Write>, name: &str, content: &[u8]) -> std::io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o600);
    archive.append_data(&mut header, name, content)
}

/// Opens a recording.
pub fn open(file: &Path) -> Result<Opened, Error> {
    let wrong = |detail: String| Error::NotARecording {
        path: file.to_path_buf(),
        detail,
    };
    let metadata = std::fs::metadata(file).map_err(|_| Error::NoSuchFile(file.to_path_buf()))?;
    if metadata.is_dir() {
        return Err(wrong(": it is a directory".to_string()));
    }
    let opened = File::open(file).map_err(|error| Error::Read {
        path: file.to_path_buf(),
        error,
    })?;
    let mut archive = tar::Archive::new(BufReader::new(opened));
    let dir = JobDir::new()?;
    // A damaged or hostile file cannot reach outside of the folder: `unpack_in` refuses such names.
    let entries = archive.entries().map_err(|_| wrong(String::new()))?;
    for entry in entries {
        let mut entry = entry.map_err(|_| wrong(" (it is damaged)".to_string()))?;
        let name = entry.path().map(|path| path.into_owned()).unwrap_or_default();
        let plain = entry.header().entry_type().is_file() || entry.header().entry_type().is_dir();
        if !plain || name.components().any(|part| !matches!(part, Component::Normal(_))) {
            return Err(wrong(" (it holds a strange name)".to_string()));
        }
        entry
            .unpack_in(dir.path())
            .map_err(|_| wrong(" (it is damaged)".to_string()))?;
    }
    let text = std::fs::read(dir.path().join("manifest.json")).map_err(|_| wrong(String::new()))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|error| wrong(format!("; another version of numlift may have made it ({error})")))?;
    if manifest.format != FORMAT {
        return Err(wrong(format!(
            "; it has format {}, this numlift reads {FORMAT}",
            manifest.format
        )));
    }
    place(manifest, dir)
}

/// Finds the files here, or unpacks those of the recording.
fn place(manifest: Manifest, dir: JobDir) -> Result<Opened, Error> {
    let cwd = std::env::current_dir().map_err(|error| Error::Read {
        path: PathBuf::from("."),
        error,
    })?;
    let mut texts = BTreeMap::new();
    for (index, path) in manifest.sources.iter().enumerate() {
        let bytes = crate::input::read_file(&dir.path().join(format!("sources/{index}.py")))?;
        texts.insert(path.clone(), bytes);
    }
    let same = |from: &Path, to: &Path| {
        texts
            .iter()
            .all(|(path, bytes)| std::fs::read(moved(path, from, to)).is_ok_and(|here| here == *bytes))
    };
    let unpacked = dir.path().join("unpacked");
    let (target, is_elsewhere) = if same(&manifest.cwd, &cwd) {
        (cwd.clone(), false)
    } else if same(&manifest.cwd, &manifest.cwd) {
        (manifest.cwd.clone(), false)
    } else {
        (unpacked, true)
    };
    // Paths are shown from where the command is given, so that nobody takes one file for another.
    let shown_from = if is_elsewhere { target.clone() } else { cwd };
    let here = |path: &Path| moved(path, &manifest.cwd, &target);
    let mut sources = BTreeMap::new();
    for (path, bytes) in &texts {
        let path = here(path);
        if is_elsewhere {
            let fail = |error| Error::Write {
                path: path.clone(),
                error,
            };
            std::fs::create_dir_all(path.parent().unwrap_or(&target)).map_err(fail)?;
            std::fs::write(&path, bytes).map_err(fail)?;
        }
        sources.insert(path.clone(), SourceText::from_bytes(&path, bytes)?);
    }
    let mut report = manifest.report;
    report.modules.values_mut().for_each(|file| *file = here(file));
    let regions = manifest.regions.into_iter().map(|region| RegionSpec {
        file: here(&region.file),
        ..region
    });
    let watched = Watched {
        regions: regions.collect(),
        report,
        dir: JobDir::inside(dir, "job"),
        elsewhere: true,
        spent: 0.0,
        not_regions: Vec::new(),
    };
    if target != manifest.cwd {
        let known = |path: &Path| texts.contains_key(path) || path.starts_with(&manifest.cwd);
        let here = |path: &Path| if known(path) { here(path) } else { path.to_path_buf() };
        for capture in watched.report.regions.iter().flat_map(|region| &region.captures) {
            relocate(&watched.dir.capture(&capture.file), &here);
        }
    }
    let mut program = manifest.program;
    program.cwd = here(&program.cwd);
    let root = here(&manifest.root);
    let main = manifest.main.as_deref().map(here);
    let search = manifest.search.iter().map(|directory| here(directory)).collect();
    let own = sources.keys().cloned().collect();
    // What imports the files where they were recorded is not known here.
    let imported_elsewhere = if is_elsewhere {
        own
    } else {
        imported_elsewhere(&root, &own)
    };
    let project = Project {
        sources,
        main,
        root,
        search,
        cwd: shown_from,
        imported_elsewhere,
        is_elsewhere,
    };
    Ok(Opened {
        program,
        project,
        watched,
    })
}

/// `/there/proj/a.py` → `/here/proj/a.py`; a path outside of `from` goes below `to` as a whole.
fn moved(path: &Path, from: &Path, to: &Path) -> PathBuf {
    if from == to {
        return path.to_path_buf();
    }
    match path.strip_prefix(from) {
        Ok(inside) => to.join(inside),
        Err(_) => {
            let parts = path.components().filter(|part| matches!(part, Component::Normal(_)));
            to.join("_outside").join(parts.collect::<PathBuf>())
        }
    }
}

/// Corrects the paths in a snapshot's trailer (JSON, its length in eight bytes, a magic number of eight). What has no
/// such trailer stays as it is, and the worker will say so.
fn relocate(snapshot: &Path, here: &dyn Fn(&Path) -> PathBuf) {
    let _ = try_relocate(snapshot, here);
}

fn try_relocate(snapshot: &Path, here: &dyn Fn(&Path) -> PathBuf) -> Option<()> {
    let mut file = File::options().read(true).write(true).open(snapshot).ok()?;
    let mut end = [0; 16];
    file.seek(SeekFrom::End(-16)).ok()?;
    file.read_exact(&mut end).ok()?;
    let (length, magic) = end.split_at(8);
    let length = u64::from_le_bytes(length.try_into().ok()?);
    let start = file.metadata().ok()?.len().checked_sub(16)?.checked_sub(length)?;
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut text = vec![0; usize::try_from(length).ok()?];
    file.read_exact(&mut text).ok()?;
    let mut trailer: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&text).ok()?;
    let correct = |value: &mut serde_json::Value| {
        if let Some(path) = value.as_str().map(Path::new).filter(|path| path.is_absolute()) {
            *value = here(path).display().to_string().into();
        }
    };
    trailer.get_mut("file").into_iter().for_each(correct);
    if let Some(serde_json::Value::Object(project)) = trailer.get_mut("project") {
        project.values_mut().for_each(correct);
    }
    if let Some(serde_json::Value::Array(entries)) = trailer.get_mut("path") {
        entries.iter_mut().for_each(correct);
    }
    let text = serde_json::to_vec(&trailer).ok()?;
    file.set_len(start).ok()?;
    file.seek(SeekFrom::Start(start)).ok()?;
    file.write_all(&text).ok()?;
    file.write_all(&(text.len() as u64).to_le_bytes()).ok()?;
    file.write_all(magic).ok()
}
