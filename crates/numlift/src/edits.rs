//! Applying cures to the files of a project.
//!
//! How text is edited is known in [`numlift_source::edit`]; here edits of several cures come together, with the imports
//! that they need.

use std::collections::BTreeMap;
use std::path::PathBuf;

use numlift_source::edit::{self, Edit, add_imports};
use numlift_source::parse::parse;
use numlift_source::text::SourceText;

use crate::cure::{Cure, TextEdit};

/// Why cures cannot be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    #[error("it changes the same lines as another cure")]
    Overlap,
    #[error("it lies outside of the project")]
    UnknownFile,
    #[error("{0}")]
    Text(edit::EditError),
}

/// What becomes of one file.
#[derive(Default)]
struct Changes<'a> {
    edits: Vec<Edit>,
    imports: Vec<&'a str>,
    /// The imports have to stand above this place.
    needed: u32,
}

/// The files that `cures` change, with their new text.
pub fn apply(
    sources: &BTreeMap<PathBuf, SourceText>,
    cures: &[&Cure],
) -> Result<BTreeMap<PathBuf, SourceText>, EditError> {
    let mut files: BTreeMap<&PathBuf, Changes<'_>> = BTreeMap::new();
    for cure in cures {
        for text_edit in &cure.edits {
            files.entry(&text_edit.file).or_default().edits.push(edit_of(text_edit));
        }
        let Some(first) = cure.edits.first() else { continue };
        let changes = files.entry(&first.file).or_default();
        let place = first.start as u32;
        changes.needed = if changes.imports.is_empty() {
            place
        } else {
            changes.needed.min(place)
        };
        changes.imports.extend(cure.imports.iter().map(String::as_str));
    }
    let mut changed = BTreeMap::new();
    for (path, mut changes) in files {
        let source = sources.get(path).ok_or(EditError::UnknownFile)?;
        changes
            .edits
            .extend(add_imports(&parse(source), &changes.imports, changes.needed));
        let new = edit::apply(source, &changes.edits).map_err(|error| match error {
            edit::EditError::Overlap { .. } => EditError::Overlap,
            edit::EditError::Outside { .. } | edit::EditError::NotPython { .. } | edit::EditError::Encoding(_) => {
                EditError::Text(error)
            }
        })?;
        changed.insert(path.clone(), new);
    }
    Ok(changed)
}

fn edit_of(text_edit: &TextEdit) -> Edit {
    Edit {
        start: text_edit.start as u32,
        end: text_edit.end as u32,
        text: text_edit.text.clone(),
    }
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
            kernel: None,
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
            Err(EditError::Text(edit::EditError::NotPython { .. }))
        ));
        assert!(matches!(
            check(
                "# coding: latin-1\n".as_bytes(),
                &[cure(&[(0, 0, "# \u{4e00}\n")], &[])]
            ),
            Err(EditError::Text(edit::EditError::Encoding(_)))
        ));
    }

    #[test]
    fn imports_are_added_once() {
        let cures = [
            cure(&[(12, 17, "x = 2")], &["import numpy as np"]),
            cure(&[(18, 23, "y = 2")], &["import numpy as np"]),
        ];
        let new = check(b"import math\nx = 1\ny = 1\n", &cures).unwrap();
        insta::assert_snapshot!(String::from_utf8(new).unwrap(), @"
        import math
        import numpy as np
        x = 2
        y = 2
        ");
    }
}
