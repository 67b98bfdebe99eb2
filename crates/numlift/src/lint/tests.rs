use super::*;

fn checked(files: &[(&str, &str)], asked: Asked) -> (tempfile::TempDir, Result<Checked, Error>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let checked = check(&asked, folder.path());
    (folder, checked)
}

fn said(checked: &Checked) -> Vec<String> {
    checked
        .found()
        .map(|(file, found)| {
            format!(
                "{}:{}:{} {}",
                file.shown, found.start.row, found.start.column, found.code
            )
        })
        .collect()
}

const COUNT: &str = "import numpy as np\nn = len(np.where(m)[0])\n";

#[test]
fn folders_are_walked_and_files_that_are_left_out_are_not() {
    let files = [
        ("a.py", COUNT),
        ("b/c.py", "x = (1,\n"),
        (".venv/d.py", COUNT),
        ("out/e.py", COUNT),
        (".git/HEAD", ""),
        (".gitignore", "out/\n"),
        ("no.txt", COUNT),
    ];
    let (_folder, checked) = checked(&files, Asked::default());
    assert_eq!(said(&checked.unwrap()), ["a.py:2:5 NL303", "b/c.py:2:1 invalid-syntax"]);
}

#[test]
fn settings_are_those_of_the_nearest_folder() {
    let files = [
        ("pyproject.toml", "[tool.numlift]\nignore = [\"NL303\"]\n"),
        ("a.py", COUNT),
        ("b/numlift.toml", "select = [\"NL3\"]\n"),
        ("b/c.py", COUNT),
    ];
    let (_folder, found) = checked(&files, Asked::default());
    assert_eq!(said(&found.unwrap()), ["b/c.py:2:5 NL303"]);
    let asked = Asked {
        select: Some(vec!["NL303".to_owned()]),
        ..Asked::default()
    };
    let (_folder, found) = checked(&files, asked);
    assert_eq!(said(&found.unwrap()), ["a.py:2:5 NL303", "b/c.py:2:5 NL303"]);
    let wrong = [("numlift.toml", "selct = []\n"), ("a.py", COUNT)];
    let (_folder, found) = checked(&wrong, Asked::default());
    assert!(found.unwrap_err().to_string().contains("no setting is called `selct`"));
}

#[test]
fn fixes_are_applied_and_files_written() {
    let asked = Asked {
        fixes: Some(Fixes::All),
        ..Asked::default()
    };
    let source = "# coding: latin-1\r\nimport numpy as np\r\nn = len(np.where(m)[0])  # n\u{fc}\r\n";
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.py");
    let bytes: Vec<u8> = source.chars().map(|letter| letter as u8).collect();
    std::fs::write(&path, bytes).unwrap();
    let checked = check(&asked, folder.path()).unwrap();
    assert_eq!(checked.files[0].mended.as_ref().unwrap().fixes, 1);
    assert_eq!(checked.found().count(), 0);
    write(&checked).unwrap();
    let new: String = std::fs::read(&path)
        .unwrap()
        .iter()
        .map(|byte| char::from(*byte))
        .collect();
    assert_eq!(new, source.replace("len(np.where(m)[0])", "np.count_nonzero(m)"));
}

/// What is left of a file when everything that may be fixed is.
fn fixed(text: &str, fixes: Fixes) -> (String, Vec<String>) {
    let asked = Asked {
        select: Some(vec!["NL101".to_owned()]),
        fixes: Some(fixes),
        ..Asked::default()
    };
    let (_folder, checked) = checked(&[("a.py", text)], asked);
    let checked = checked.unwrap();
    (checked.files[0].text.as_str().to_owned(), said(&checked))
}

const LOOP: &str = "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x, dtype=float).ravel()\n    \
                    y = np.zeros_like(x)\n    for i in range(len(x)):\n        y[i] = 0.5 * x[i]\n    return y\n";

#[test]
fn a_loop_over_arrays_that_are_certain_is_lifted() {
    let (text, left) = fixed(LOOP, Fixes::Safe);
    assert_eq!(
        text,
        "import numpy as np\n\n\ndef f(x):\n    x = np.asarray(x, dtype=float).ravel()\n    y = 0.5 * x\n    return y\n"
    );
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_comment_keeps_the_loop() {
    let commented = LOOP.replace("        y[i]", "        # half\n        y[i]");
    let (text, left) = fixed(&commented, Fixes::All);
    assert_eq!((text, left.len()), (commented, 1));
}

#[test]
fn what_is_declared_or_rounded_is_no_safe_form() {
    let declared = LOOP.replace("def f(x)", "def f(x: np.ndarray)").replace(
        "x = np.asarray(x, dtype=float).ravel()",
        "assert x.ndim == 1 and x.dtype == np.float64",
    );
    let rounded = LOOP.replace("0.5 * x[i]", "x[i] ** 2");
    for text in [declared, rounded] {
        assert_eq!(fixed(&text, Fixes::Safe).0, text);
    }
    let rounded = LOOP.replace("0.5 * x[i]", "x[i] ** 2");
    assert!(fixed(&rounded, Fixes::All).0.contains("y = x**2\n"));
}

#[test]
fn a_form_that_needs_a_test_is_left_to_optimize() {
    let longer = LOOP.replace("y = np.zeros_like(x)", "y = np.zeros(len(x) + 1)");
    assert!(fixed(&longer, Fixes::All).0.contains("0.5 * x"));
    let other = LOOP
        .replace("def f(x)", "def f(x, n: int)")
        .replace("range(len(x))", "range(n)");
    let (text, left) = fixed(&other, Fixes::All);
    assert_eq!((text, left.len()), (other, 1));
}

#[test]
fn what_prevents_a_form_is_shown() {
    let carried = LOOP.replace("0.5 * x[i]", "y[i - 1] / (1.0 + x[i])");
    let (_folder, checked) = checked(&[("a.py", &carried)], Asked::default());
    let checked = checked.unwrap();
    let (_, found) = checked.found().next().unwrap();
    assert!(found.labels.iter().any(|label| label.message.contains("loop-carried")));
}
