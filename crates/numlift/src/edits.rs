//! Applying cures to the text of files.
//!
//! Everything outside the edits stays as it is: comments, formatting, encoding, line ends. A new text gets the line
//! ends of its file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use numlift_source::parse::parse;
use numlift_source::text::SourceText;

use crate::cure::{Cure, TextEdit};

/// Why cures cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("it changes the same lines as another cure")]
    Overlap,
    #[error("the rewritten text is not Python ({0}), which is a mistake in numlift")]
    NotPython(String),
    #[error("it lies outside of the project")]
    UnknownFile,
    #[error("{0}")]
    Encoding(String),
}

/// The files that `cures` change, with their new text.
pub fn apply(
    sources: &BTreeMap<PathBuf, SourceText>,
    cures: &[&Cure],
) -> Result<BTreeMap<PathBuf, SourceText>, EditError> {
    let mut edits: BTreeMap<&PathBuf, Vec<&TextEdit>> = BTreeMap::new();
    let mut imports: BTreeMap<&PathBuf, BTreeSet<&str>> = BTreeMap::new();
    for cure in cures {
        for edit in &cure.edits {
            let listed = edits.entry(&edit.file).or_default();
            // Two cures may ask for the very same edit elsewhere.
            if !listed.contains(&edit) {
                listed.push(edit);
            }
        }
        if let Some(first) = cure.edits.first() {
            imports
                .entry(&first.file)
                .or_default()
                .extend(cure.imports.iter().map(String::as_str));
        }
    }
    let mut changed = BTreeMap::new();
    for (path, edits) in edits {
        let source = sources.get(path).ok_or(EditError::UnknownFile)?;
        let text = with_imports(apply_to(source, edits)?, source, imports.get(path));
        let new = source
            .with_text(text)
            .map_err(|error| EditError::Encoding(error.to_string()))?;
        if let Some(error) = parse(&new).first_error() {
            return Err(EditError::NotPython(format!(
                "line {}: {}",
                error.place.line, error.message
            )));
        }
        changed.insert(path.clone(), new);
    }
    Ok(changed)
}

fn apply_to(source: &SourceText, mut edits: Vec<&TextEdit>) -> Result<String, EditError> {
    edits.sort_by_key(|edit| (edit.start, edit.end));
    let old = source.as_str();
    let mut new = String::with_capacity(old.len());
    let mut done = 0;
    for edit in edits {
        if edit.start < done || edit.end < edit.start || edit.end > old.len() {
            return Err(EditError::Overlap);
        }
        new.push_str(&old[done..edit.start]);
        new.push_str(&edit.text.replace("\r\n", "\n").replace('\n', source.line_end()));
        done = edit.end;
    }
    new.push_str(&old[done..]);
    Ok(new)
}

/// Adds the import statements that the text lacks, above its first import.
fn with_imports(text: String, source: &SourceText, imports: Option<&BTreeSet<&str>>) -> String {
    let lacking: Vec<&str> = imports
        .into_iter()
        .flatten()
        .copied()
        .filter(|import| !text.lines().any(|line| line.trim_end() == *import))
        .collect();
    if lacking.is_empty() {
        return text;
    }
    let at = import_place(&text);
    let mut new = text[..at].to_string();
    for import in lacking {
        new.push_str(import);
        new.push_str(source.line_end());
    }
    new.push_str(&text[at..]);
    new
}

/// Where a new import goes: before the first import of the module, or else below its comments and docstring; never
/// above `from __future__`.
fn import_place(text: &str) -> usize {
    let mut below_head = None;
    let mut after_future = None;
    let mut quotes: Option<&str> = None;
    let mut continued = false;
    let mut offset = 0;
    for line in text.split_inclusive(['\n', '\r']) {
        let start = offset;
        offset += line.len();
        let content = line.trim_end();
        if let Some(open) = quotes {
            if content.contains(open) {
                quotes = None;
            }
            continue;
        }
        let inside = std::mem::replace(&mut continued, false);
        if inside || content.is_empty() || content.starts_with(['#', ' ', '\t', ')']) {
            continued = inside && !content.ends_with(')');
            continue;
        }
        if content.starts_with("from __future__") {
            continued = content.ends_with(['(', '\\']);
            after_future = Some(offset);
            continue;
        }
        if content.starts_with("import ") || content.starts_with("from ") {
            return start;
        }
        let unprefixed = content.trim_start_matches(['r', 'R', 'u', 'U', 'b', 'B']);
        let open = ["\"\"\"", "'''"].into_iter().find(|open| unprefixed.starts_with(open));
        if let Some(open) = open {
            quotes = (!unprefixed[3..].contains(open)).then_some(open);
        } else if !content.starts_with(['"', '\'']) {
            below_head.get_or_insert(start);
        }
    }
    after_future.or(below_head).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cure::Strength;

    fn cure(edits: &[(usize, usize, &str)], imports: &[&str]) -> Cure {
        let edit = |(start, end, text): &(usize, usize, &str)| TextEdit {
            file: PathBuf::from("a.py"),
            start: *start,
            end: *end,
            text: text.to_string(),
        };
        Cure {
            why: String::new(),
            form: String::new(),
            edits: edits.iter().map(edit).collect(),
            new_text: String::new(),
            imports: imports.iter().map(|import| import.to_string()).collect(),
            strength: Strength::Exact,
            rel_bound: 0.0,
            conditions: vec![],
            facts: vec![],
            steps: vec![],
            announced: vec![],
            peak_bytes: None,
        }
    }

    fn check(text: &[u8], cures: &[Cure]) -> Result<Vec<u8>, EditError> {
        let path = PathBuf::from("a.py");
        let sources = BTreeMap::from([(path.clone(), SourceText::from_bytes(&path, text).unwrap())]);
        let cures: Vec<&Cure> = cures.iter().collect();
        Ok(apply(&sources, &cures)?[&path].to_bytes())
    }

    #[test]
    fn the_rest_of_the_file_stays() {
        let old = "# coding: latin-1\r\nx = 'é'  # kept\r\ny = 1\r\n";
        let bytes: Vec<u8> = old.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
        let at = old.find("y = 1").unwrap();
        let new = check(&bytes, &[cure(&[(at, at + 5, "y = 2\nz = 3")], &[])]).unwrap();
        let shown: String = new.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(shown, "# coding: latin-1\r\nx = 'é'  # kept\r\ny = 2\r\nz = 3\r\n");
    }

    #[test]
    fn what_cannot_be_applied_is_refused() {
        assert_eq!(
            check(b"abc\n", &[cure(&[(0, 2, "x")], &[]), cure(&[(1, 3, "y")], &[])]),
            Err(EditError::Overlap)
        );
        assert!(matches!(
            check(b"abc\n", &[cure(&[(0, 3, "x = (")], &[])]),
            Err(EditError::NotPython(_))
        ));
        assert!(matches!(
            check(
                "# coding: latin-1\n".as_bytes(),
                &[cure(&[(0, 0, "# \u{4e00}\n")], &[])]
            ),
            Err(EditError::Encoding(_))
        ));
    }

    #[test]
    fn imports_go_where_imports_are() {
        let add = |text: &str| {
            let new = check(
                text.as_bytes(),
                &[cure(&[(text.len(), text.len(), "")], &["import numpy as np"])],
            );
            String::from_utf8(new.unwrap()).unwrap().replace('\n', "|")
        };
        insta::assert_snapshot!(add("import math\nx = 1\n"), @"import numpy as np|import math|x = 1|");
        insta::assert_snapshot!(add("\"\"\"Doc\n\nimport this\n\"\"\"\nfrom __future__ import annotations\nx = 1\n"), @r#""""Doc||import this|"""|from __future__ import annotations|import numpy as np|x = 1|"#);
        insta::assert_snapshot!(add("from __future__ import (\n    annotations,\n)\nimport math\n"), @"from __future__ import (|    annotations,|)|import numpy as np|import math|");
        insta::assert_snapshot!(add("# comment\n'doc'\nx = 1\n"), @"# comment|'doc'|import numpy as np|x = 1|");
        insta::assert_snapshot!(add("import numpy as np\nx = 1\n"), @"import numpy as np|x = 1|");
    }
}
