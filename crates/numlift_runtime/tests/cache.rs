//! The cache among hostile neighbours: many processes, kills, damage, planted files, folders of others.
//!
//! Processes are this test program again, told by a variable what to be ([`child`]).

#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::cell::Cell;
use std::fs::{self, File, FileTimes, Permissions};
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use numlift_runtime::cache::{Cache, Settings};
use numlift_runtime::code::Origin;
use numlift_runtime::key::Key;
use numlift_runtime::{Code, Cpu, Options};

const OBJECT: &[u8] = include_bytes!("objects/every_kind.x86_64.o");
const ROLE: &str = "NUMLIFT_TEST_ROLE";
const NOBODY: u32 = 65534;

fn options() -> Options {
    Options {
        compiler: "a test".to_string(),
        settings: String::new(),
        label: "every_kind".to_string(),
    }
}

/// Code that is alive is shared within a process, so each cache has texts of its own.
fn text_in(folder: &Path, text: &str) -> String {
    format!("{text} in {}", folder.display())
}

fn key(folder: &Path, text: &str) -> Key {
    Key::new(&text_in(folder, text), &options(), Cpu::host(), None)
}

extern "C" fn outside(x: i64) -> i64 {
    x + 1000
}

static DATUM: i64 = 500;

/// The code of a text through this cache, checked by calling it.
fn run(cache: &Cache, text: &str, compile: impl FnOnce() -> Vec<u8>) -> Origin {
    let resolve = |name: &str| match name {
        "outside" => Some(outside as *const u8),
        "datum" => Some((&raw const DATUM).cast()),
        _ => None,
    };
    let compile = |_: &str| Ok(compile());
    let code = Code::get_or_compile_in(Some(cache), &text_in(cache.path(), text), &options(), compile, &resolve);
    let code = code.expect("there is code");
    let calls = code.address("calls").expect("it is defined");
    #[expect(unsafe_code, reason = "calling what was loaded")]
    // SAFETY: `calls` of `every_kind.ll` has this signature, and the code is alive.
    let calls = unsafe { std::mem::transmute::<*const u8, extern "C" fn(i64) -> i64>(calls) };
    assert_eq!(calls(10), 1015);
    code.origin()
}

fn cache_in(folder: &Path) -> Cache {
    Cache::new(Settings::new(folder.to_path_buf()))
}

fn scratch() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// The one entry of a cache.
fn entry(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder)
        .expect("the folder is there")
        .flatten()
        .map(|file| file.path());
    let mut entries = files.filter(|path| path.extension().is_some_and(|ending| ending == "nlo"));
    entries.next().expect("there is an entry")
}

/// This program again, as one of the roles of [`child`].
fn spawn(role: &str, folder: &Path) -> Child {
    let program = std::env::current_exe().expect("this program");
    command(&program, role, folder).spawn().expect("it starts")
}

fn command(program: &Path, role: &str, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(ROLE, role)
        .env("NUMLIFT_CACHE_DIR", folder)
        .stdout(Stdio::piped());
    command
}

/// What a process tells the test that started it. The test harness writes to the same output.
fn say(text: &str) {
    writeln!(std::io::stdout(), "says:{text}").expect("somebody listens");
}

/// What a process says after `says:`.
fn said(child: Child) -> String {
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).expect("text");
    text.lines()
        .filter_map(|line| line.split_once("says:"))
        .map(|(_, said)| said.to_string())
        .collect()
}

/// Not a test by itself: what the processes of the other tests do.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let folder = PathBuf::from(std::env::var_os("NUMLIFT_CACHE_DIR").expect("told"));
    let cache = cache_in(&folder);
    match role.as_str() {
        "compile a hundred" => {
            let compiled = Cell::new(0);
            for round in 0..100 {
                run(&cache, &format!("text {round}"), || {
                    compiled.set(compiled.get() + 1);
                    std::thread::sleep(Duration::from_millis(1));
                    OBJECT.to_vec()
                });
            }
            say(&format!("{}", compiled.get()));
        }
        "store for ever" => loop {
            // Large, so that it is killed while writing.
            cache.store(&key(&folder, "large"), "large", &vec![7; 20 << 20]);
        },
        "compile once" => {
            let origin = run(&cache, "text", || OBJECT.to_vec());
            say(&format!("{origin:?}, {}", cache.take_warning().unwrap_or_default()));
        }
        "load ten thousand times" => load_ten_thousand_times(&cache),
        "hold the lock" => {
            let _lock = cache.lock(&key(&folder, "text"));
            say("held");
            std::thread::sleep(Duration::from_secs(60));
        }
        other => panic!("no role {other}"),
    }
}

#[test]
fn processes_that_start_together_compile_everything_once() {
    let folder = scratch();
    let children = [(); 2].map(|()| spawn("compile a hundred", folder.path()));
    let compiled: usize = children
        .map(|child| said(child).parse::<usize>().expect("a number"))
        .iter()
        .sum();
    assert_eq!(compiled, 100);
    let cache = cache_in(folder.path());
    assert_eq!(cache.verify().whole, 100);
    assert_eq!(cache.verify().removed, 0);
}

#[test]
fn threads_that_start_together_compile_once() {
    let folder = scratch();
    let cache = cache_in(folder.path());
    let compiled = std::sync::atomic::AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                run(&cache, "threads", || {
                    compiled.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(20));
                    OBJECT.to_vec()
                })
            });
        }
    });
    assert_eq!(compiled.into_inner(), 1);
}

#[test]
fn killing_a_writer_leaves_nothing_half() {
    let folder = scratch();
    let cache = cache_in(folder.path());
    for round in 0..20 {
        let mut child = spawn("store for ever", folder.path());
        std::thread::sleep(Duration::from_millis(40 + 7 * round));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        if let Some(object) = cache.load(&key(folder.path(), "large")) {
            assert_eq!(object.len(), 20 << 20);
        }
        assert_eq!(cache.verify().removed, 0);
    }
    // What was half written goes when it is old.
    let leavings = || {
        let files = fs::read_dir(folder.path()).expect("there").flatten();
        files
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "tmp"))
            .count()
    };
    assert!(leavings() > 0, "no process was killed while it wrote");
    cache.clean();
    let young = leavings();
    assert!(young > 0, "somebody may still be writing what is young");
    for file in fs::read_dir(folder.path()).expect("there").flatten() {
        age(&file.path(), Duration::from_secs(7200));
    }
    cache.clean();
    assert_eq!(leavings(), 0);
}

#[test]
fn a_lock_goes_with_its_holder() {
    let folder = scratch();
    let mut child = spawn("hold the lock", folder.path());
    std::thread::sleep(Duration::from_millis(300));
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    let start = SystemTime::now();
    assert!(cache_in(folder.path()).lock(&key(folder.path(), "text")).is_some());
    assert!(start.elapsed().expect("time goes on") < Duration::from_secs(5));
}

#[test]
fn every_kind_of_damage_is_compiled_away() {
    let folder = scratch();
    let cache = cache_in(folder.path());
    assert_eq!(run(&cache, "text", || OBJECT.to_vec()), Origin::Compiled);
    assert_eq!(run(&cache, "text", || unreachable!("it is on disk")), Origin::Disk);
    let path = entry(folder.path());
    let whole = fs::read(&path).expect("readable");
    let rewrite = |content: &[u8]| fs::write(&path, content).expect("writable");
    let check = |what: &str| {
        assert_eq!(run(&cache, "text", || OBJECT.to_vec()), Origin::Compiled, "{what}");
        assert_eq!(fs::read(&path).expect("there again"), whole, "{what}");
    };
    for percent in 0..100 {
        let at = whole.len() * percent / 100;
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << (percent % 8);
        rewrite(&damaged);
        check(&format!("a bit at {percent} %"));
        rewrite(&whole[..at]);
        check(&format!("cut at {percent} %"));
    }
    rewrite(b"");
    check("empty");
    rewrite(&[&whole[..], b"more"].concat());
    check("longer");
    // Whole, but another key's.
    run(&cache, "other", || OBJECT.to_vec());
    let other = folder.path().join(format!("{}.nlo", key(folder.path(), "other")));
    fs::copy(&other, &path).expect("copied");
    check("another's entry");
    fs::remove_file(&path).expect("removed");
    fs::create_dir(&path).expect("made");
    assert_eq!(
        run(&cache, "text", || OBJECT.to_vec()),
        Origin::Compiled,
        "a folder in its place"
    );
}

#[test]
fn an_object_of_another_kind_is_compiled_away() {
    let folder = scratch();
    let cache = cache_in(folder.path());
    cache.store(&key(folder.path(), "text"), "", b"\x7fELF and nothing else");
    assert_eq!(run(&cache, "text", || OBJECT.to_vec()), Origin::Compiled);
    assert_eq!(run(&cache, "text", || unreachable!("it is on disk")), Origin::Disk);
}

#[test]
fn links_pipes_and_files_of_others_are_not_read() {
    let folder = scratch();
    let cache = cache_in(folder.path());
    run(&cache, "text", || OBJECT.to_vec());
    let path = entry(folder.path());
    let elsewhere = folder.path().join("elsewhere");
    fs::rename(&path, &elsewhere).expect("moved");
    let planted = |what: &str| {
        assert_eq!(run(&cache, "text", || OBJECT.to_vec()), Origin::Compiled, "{what}");
        assert!(elsewhere.exists(), "{what}: what a link points to stays");
        fs::remove_file(&path).expect("removed");
    };
    symlink(&elsewhere, &path).expect("linked");
    planted("a symbolic link");
    assert!(Command::new("mkfifo").arg(&path).status().expect("it runs").success());
    planted("a pipe");
    fs::copy(&elsewhere, &path).expect("copied");
    fs::set_permissions(&path, Permissions::from_mode(0o666)).expect("changed");
    planted("writable for all");
    if is_root() {
        fs::copy(&elsewhere, &path).expect("copied");
        chown(&path, Some(NOBODY), None).expect("changed");
        planted("somebody else's");
    }
    fs::copy(&elsewhere, &path).expect("copied");
    assert_eq!(
        run(&cache, "text", || unreachable!("it is on disk")),
        Origin::Disk,
        "and as it was, it is read"
    );
}

#[test]
fn files_and_folders_are_the_users_alone() {
    let above = scratch();
    let folder = above.path().join("new").join("numlift");
    run(&cache_in(&folder), "text", || OBJECT.to_vec());
    let mode = |path: &Path| fs::metadata(path).expect("there").mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&above.path().join("new")), 0o700);
    assert_eq!(mode(&entry(&folder)), 0o600);
}

#[test]
fn folders_that_others_may_change_are_not_used() {
    let above = scratch();
    let refused = |folder: &Path, why: &str| {
        let cache = cache_in(folder);
        for _ in 0..2 {
            assert_eq!(run(&cache, "text", || OBJECT.to_vec()), Origin::Compiled);
        }
        let warning = cache.take_warning().expect("there is something to tell");
        assert!(warning.contains(why), "{warning}");
        assert_eq!(cache.take_warning(), None, "it is told once");
    };
    let made = |name: &str, mode: u32| {
        let folder = above.path().join(name);
        fs::create_dir(&folder).expect("made");
        fs::set_permissions(&folder, Permissions::from_mode(mode)).expect("changed");
        folder
    };
    refused(&made("all", 0o777), "can be written to by others");
    refused(&made("sticky", 0o1777), "can be written to by others");
    refused(&made("group", 0o770), "can be written to by others");
    let open = made("open", 0o777);
    refused(&open.join("v1"), "can be written to by others");
    let link = above.path().join("link");
    symlink(made("behind", 0o700), &link).expect("linked");
    refused(&link, "is a symbolic link");
    let file = above.path().join("file");
    fs::write(&file, "").expect("written");
    refused(&file, "is not a folder");
    refused(&file.join("v1"), "cannot be opened or made");
    refused(Path::new("/proc/none/v1"), "cannot be opened or made");
    if is_root() {
        let foreign = made("foreign", 0o755);
        chown(&foreign, Some(NOBODY), None).expect("changed");
        refused(&foreign, "belongs to somebody else");
        refused(&foreign.join("v1"), "belongs to somebody else");
    }
    // A link above is the user's own way to another disk.
    let disk = made("disk", 0o700);
    let way = above.path().join("way");
    symlink(&disk, &way).expect("linked");
    assert_eq!(
        run(&cache_in(&way.join("v1")), "text", || OBJECT.to_vec()),
        Origin::Compiled
    );
    assert_eq!(
        run(&cache_in(&way.join("v1")), "text", || unreachable!("it is on disk")),
        Origin::Disk
    );
}

#[test]
fn a_folder_that_cannot_be_written_to_is_read() {
    // Root may write anywhere, so another user is needed who may not.
    if !is_root() {
        return;
    }
    let folder = scratch();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("changed");
    let as_nobody = || {
        // The program lies where only root may look.
        let program = std::env::temp_dir().join(format!("numlift-cache-test-{}", std::process::id()));
        fs::copy(std::env::current_exe().expect("this program"), &program).expect("copied");
        let mut command = command(&program, "compile once", folder.path());
        let child = command.uid(NOBODY).gid(NOBODY).current_dir("/").spawn();
        let said = said(child.expect("it starts"));
        fs::remove_file(program).expect("removed");
        said
    };
    assert_eq!(as_nobody(), "Compiled, ");
    run(&cache_in(folder.path()), "text", || OBJECT.to_vec());
    // Root's entries are trusted, and nobody else may read them.
    assert_eq!(as_nobody(), "Compiled, ");
    fs::set_permissions(entry(folder.path()), Permissions::from_mode(0o644)).expect("changed");
    assert_eq!(as_nobody(), "Disk, ");
}

#[test]
fn the_least_used_goes_when_the_limit_is_reached() {
    let folder = scratch();
    let mut settings = Settings::new(folder.path().to_path_buf());
    settings.limit = 1_000_000;
    let cache = Cache::new(settings);
    let hour = Duration::from_secs(3600);
    for number in 0..60_u32 {
        let key = key(folder.path(), &number.to_string());
        cache.store(&key, "", &vec![7; 50_000]);
        age(&folder.path().join(format!("{key}.nlo")), hour * (100 - number));
        assert!(cache.size().bytes <= 1_100_000, "{:?}", cache.size());
        // The first is used again and again.
        assert!(cache.load(&self::key(folder.path(), "0")).is_some(), "after {number}");
    }
    assert!(cache.load(&key(folder.path(), "1")).is_none());
    assert!(cache.load(&key(folder.path(), "59")).is_some());
    assert!(cache.size().entries >= 16);
}

#[test]
fn what_is_there_can_be_listed_checked_and_removed() {
    let folder = scratch();
    let cache = cache_in(folder.path());
    assert_eq!((cache.size().entries, cache.size().bytes), (0, 0));
    run(&cache, "text", || OBJECT.to_vec());
    cache.store(&key(folder.path(), "other"), "other", b"object");
    fs::write(folder.path().join("README"), "not ours").expect("written");
    let labels: Vec<String> = cache.list().into_iter().map(|entry| entry.label).collect();
    assert!(labels.contains(&"every_kind".to_string()) && labels.contains(&"other".to_string()));
    assert_eq!(
        cache.size().bytes,
        cache.list().iter().map(|entry| entry.bytes).sum::<u64>()
    );
    let other = folder.path().join(format!("{}.nlo", key(folder.path(), "other")));
    fs::write(&other, "damaged").expect("written");
    let verified = cache.verify();
    assert_eq!((verified.whole, verified.removed, verified.foreign), (1, 1, 0));
    assert_eq!(cache.clean().entries, 1);
    assert_eq!(cache.size().entries, 0);
    assert!(folder.path().join("README").exists());
}

#[test]
fn another_secret_finds_nothing() {
    let folder = scratch();
    let with = |secret: Option<[u8; 32]>| {
        let mut settings = Settings::new(folder.path().to_path_buf());
        settings.secret = secret;
        Cache::new(settings)
    };
    assert_eq!(run(&with(Some([1; 32])), "text", || OBJECT.to_vec()), Origin::Compiled);
    assert_eq!(run(&with(None), "text", || OBJECT.to_vec()), Origin::Compiled);
    assert_eq!(run(&with(Some([2; 32])), "text", || OBJECT.to_vec()), Origin::Compiled);
    assert_eq!(
        run(&with(Some([1; 32])), "text", || unreachable!("it is on disk")),
        Origin::Disk
    );
    let verified = with(Some([1; 32])).verify();
    assert_eq!((verified.whole, verified.removed, verified.foreign), (1, 0, 2));
}

#[test]
fn code_that_nobody_holds_takes_no_memory() {
    let folder = scratch();
    // Alone in a process, since other tests need memory too.
    assert_eq!(said(spawn("load ten thousand times", folder.path())), "flat");
}

fn load_ten_thousand_times(cache: &Cache) {
    let resident = || {
        let pages = fs::read_to_string("/proc/self/statm").expect("Linux tells");
        let pages: usize = pages.split(' ').nth(1).expect("the second").parse().expect("a number");
        pages * 4096
    };
    let mappings = || {
        fs::read_to_string("/proc/self/maps")
            .expect("Linux tells")
            .lines()
            .count()
    };
    let mut seen = Vec::new();
    for round in 0..=10_000 {
        run(cache, "text", || OBJECT.to_vec());
        if round % 2_000 == 0 {
            seen.push((resident(), mappings()));
        }
    }
    assert!(seen[5].0.saturating_sub(seen[1].0) < 1 << 20, "{seen:?}");
    assert!(seen[5].1 <= seen[1].1 + 2, "{seen:?}");
    say("flat");
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn age(path: &Path, by: Duration) {
    let file = File::open(path).expect("it opens");
    let then = SystemTime::now() - by;
    file.set_times(FileTimes::new().set_modified(then))
        .expect("its time changes");
}
