//! What would be written: files as they should be against files as they are.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::lines;
use crate::render::{FileTree, HEADER, JSON_HEADER};

/// Changes to a config repo, planned in memory and written at once.
#[derive(Clone, Debug, Default)]
pub struct ChangeSet {
    /// The changes, sorted by path.
    pub changes: Vec<Change>,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Path from the root of the config repo.
    pub path: String,
    /// What is there; `None` for nothing.
    pub old: Option<String>,
    /// What should be there; `None` for nothing.
    pub new: Option<String>,
}

impl Change {
    /// Compares a generated file with what should be there; nothing where they are the same.
    pub fn of_file(path: &str, old: &[u8], new: Option<String>) -> Option<Self> {
        if new.as_ref().is_some_and(|new| new.as_bytes() == old) {
            return None;
        }
        let old = Some(String::from_utf8_lossy(old).into_owned());
        Some(Self { path: path.to_owned(), old, new })
    }

    /// Adds a file.
    pub fn added((path, text): (String, String)) -> Self {
        Self { path, old: None, new: Some(text) }
    }
}

impl ChangeSet {
    /// Compares two trees of rendered files.
    pub fn between(old: &FileTree, new: &FileTree) -> Self {
        let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        let differing = paths.into_iter().filter(|path| old.get(*path) != new.get(*path));
        let change = |path: &String| Change {
            path: path.clone(),
            old: old.get(path).cloned(),
            new: new.get(path).cloned(),
        };
        Self { changes: differing.map(change).collect() }
    }

    /// Tells whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Sorts the changes by path.
    pub fn sort(&mut self) {
        self.changes.sort_by(|one, other| one.path.cmp(&other.path));
    }

    /// Returns how many files are added, changed and removed.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |wanted: fn(&Change) -> bool| self.changes.iter().filter(|change| wanted(change)).count();
        (
            count(|change| change.old.is_none()),
            count(|change| change.old.is_some() && change.new.is_some()),
            count(|change| change.new.is_none()),
        )
    }

    /// Returns how many lines are added and removed.
    pub fn lines(&self) -> (usize, usize) {
        let mut counts = (0, 0);
        for change in &self.changes {
            let old = change.old.as_deref().unwrap_or_default();
            let new = change.new.as_deref().unwrap_or_default();
            let (added, removed) = lines::count(old, new);
            counts = (counts.0 + added, counts.1 + removed);
        }
        counts
    }

    /// Returns all changes as one unified diff that `git apply` takes.
    pub fn unified(&self) -> String {
        let mut text = String::new();
        for change in &self.changes {
            let old = change.old.as_deref().unwrap_or_default();
            let new = change.new.as_deref().unwrap_or_default();
            let side = |prefix: &str, there: bool| {
                if there { format!("{prefix}/{}", change.path) } else { "/dev/null".to_owned() }
            };
            let _ = writeln!(text, "diff --git a/{0} b/{0}", change.path);
            match (&change.old, &change.new) {
                (None, _) => text.push_str("new file mode 100644\n"),
                (_, None) => text.push_str("deleted file mode 100644\n"),
                _ => {}
            }
            let names = (side("a", change.old.is_some()), side("b", change.new.is_some()));
            text.push_str(&lines::unified(old, new, (&names.0, &names.1)));
        }
        text
    }
}

/// How the name of a file starts while it is written. What a killed run left behind is taken away by
/// the next one.
pub const TEMPORARY_PREFIX: &str = ".onramp-";

/// Tells whether a file holds the start of what a killed run was writing.
pub fn is_begun(bytes: &[u8]) -> bool {
    is_generated(bytes) || HEADER.as_bytes().starts_with(bytes) || JSON_HEADER.as_bytes().starts_with(bytes)
}

/// Tells whether a file says in its first line that onramp generated it. Only such files are ever
/// overwritten or removed.
pub fn is_generated(bytes: &[u8]) -> bool {
    bytes.starts_with(HEADER.as_bytes()) || bytes.starts_with(JSON_HEADER.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trees_are_compared_by_path_and_text() {
        let tree = |pairs: &[(&str, &str)]| -> FileTree {
            pairs.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
        };
        let old = tree(&[("a", "x\ny\n"), ("b", "x\n"), ("c", "x\n")]);
        let changes = ChangeSet::between(&old, &tree(&[("a", "x\nz\nz\n"), ("c", "x\n"), ("d", "x\n")]));
        assert_eq!(changes.counts(), (1, 1, 1));
        assert_eq!(changes.lines(), (3, 2));
        assert!(ChangeSet::between(&old, &old).is_empty());
    }

    #[test]
    fn a_unified_diff_names_added_and_removed_files() {
        let changes = ChangeSet {
            changes: vec![
                Change { path: "a.yaml".into(), old: None, new: Some("x: 1\n".into()) },
                Change { path: "b.yaml".into(), old: Some("x: 1\n".into()), new: Some("x: 2\n".into()) },
                Change { path: "c.yaml".into(), old: Some("x: 1\n".into()), new: None },
            ],
        };
        assert_eq!(changes.counts(), (1, 1, 1));
        insta::assert_snapshot!(changes.unified(), @r"
        diff --git a/a.yaml b/a.yaml
        new file mode 100644
        --- /dev/null
        +++ b/a.yaml
        @@ -0,0 +1 @@
        +x: 1
        diff --git a/b.yaml b/b.yaml
        --- a/b.yaml
        +++ b/b.yaml
        @@ -1 +1 @@
        -x: 1
        +x: 2
        diff --git a/c.yaml b/c.yaml
        deleted file mode 100644
        --- a/c.yaml
        +++ /dev/null
        @@ -1 +0,0 @@
        -x: 1
        ");
    }
}
