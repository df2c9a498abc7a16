//! Texts that take the place of files: what an editor holds and has not saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::path::{is_reserved, join};
use super::{Entry, Kind, Snapshot, SnapshotError, path};

/// Bytes by path. A text is found in its place only where a regular file could be: nothing is laid over a link.
#[derive(Clone, Debug, Default)]
pub(super) struct Laid(BTreeMap<Box<str>, Arc<[u8]>>);

impl Laid {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.0.get(path)
    }

    /// Tells whether a text lies somewhere below a directory.
    pub(super) fn is_directory(&self, dir: &str) -> bool {
        dir.is_empty() || self.below(dir).next().is_some()
    }

    /// Walks the paths below a directory, each from there.
    fn below<'a>(&'a self, dir: &'a str) -> impl Iterator<Item = &'a str> {
        let from: Box<str> = if dir.is_empty() { "".into() } else { format!("{dir}/").into() };
        let rest = move |path: &'a str| {
            if dir.is_empty() { Some(path) } else { path.strip_prefix(dir)?.strip_prefix('/') }
        };
        self.0.range(from..).map_while(move |(path, _)| rest(path))
    }

    /// Adds to the children of a directory those that only a text brings. What is there keeps its kind.
    pub(super) fn add_children(&self, dir: &str, children: &mut Vec<Entry>) {
        let mut last: Option<&str> = None;
        let found = children.len();
        for rest in self.below(dir) {
            let (name, kind) = match rest.split_once('/') {
                Some((name, _)) => (name, Kind::Directory),
                None => (rest, Kind::File),
            };
            // Paths of one directory follow each other.
            if last.replace(name) == Some(name) {
                continue;
            }
            let path = join(dir, name);
            if !children[..found].iter().any(|child| child.path == path) {
                children.push(Entry { path, kind });
            }
        }
    }
}

impl Snapshot {
    /// Lays a text over a file, which need not be there: from now on reading it gives the text.
    ///
    /// # Errors
    /// If the path leads out of the repo, names no file that a config repo can have, or something else than a regular
    /// file is there.
    pub fn lay(&mut self, path: &str, bytes: impl Into<Arc<[u8]>>) -> Result<(), SnapshotError> {
        let path = path::lexical(path)?;
        if path.is_empty() || is_reserved(&path) {
            return Err(SnapshotError::NotAFile { path: (*path).into() });
        }
        match self.read(&path, 0) {
            // There is none, or one that has bytes.
            Ok(_) | Err(SnapshotError::TooLarge { .. }) => {}
            Err(error) => return Err(error),
        }
        self.laid.0.insert((*path).into(), bytes.into());
        Ok(())
    }

    /// Reads what was laid over a path, if anything was.
    pub(super) fn read_laid(&self, path: &str, limit: u64) -> Option<Result<Vec<u8>, SnapshotError>> {
        let bytes = self.laid.get(path)?;
        let size = bytes.len() as u64;
        Some(if size > limit {
            Err(SnapshotError::TooLarge { path: path.into(), size, limit })
        } else {
            Ok(bytes.to_vec())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::sample::Sample;

    #[test]
    fn a_text_takes_the_place_of_a_file() {
        let sample = Sample::new(&[]);
        sample.write("a/b", "old").write("a/c", "c").link("a/link", "b");
        sample.commit();
        let both =
            [Snapshot::work_tree(&sample.path).unwrap(), Snapshot::revision(&sample.path, "HEAD").unwrap()];
        for mut snapshot in both {
            snapshot.lay("a/b", *b"new").unwrap();
            snapshot.lay("./a//d/e", *b"more").unwrap();
            snapshot.lay("a/d/f", *b"").unwrap();
            snapshot.lay("x/y/z", *b"far").unwrap();
            let all: Vec<String> =
                snapshot.walk("").unwrap().iter().map(|entry| entry.path.to_string()).collect();
            let expected = ["a", "a/b", "a/c", "a/d", "a/d/e", "a/d/f", "a/link", "x", "x/y", "x/y/z"];
            assert_eq!(all, expected);
            assert_eq!(snapshot.list("x/y").unwrap()[0].kind, Kind::File);
            assert_eq!(snapshot.read("a/b", 3).unwrap().unwrap(), b"new");
            assert_eq!(snapshot.read_listed("a/d/e", 9).unwrap().unwrap(), b"more");
            for entry in snapshot.walk("x").unwrap().iter().filter(|entry| entry.kind == Kind::File) {
                assert_eq!(snapshot.read_entry(entry, 3).unwrap().unwrap(), b"far");
            }
            assert!(matches!(snapshot.read("a/b", 2), Err(SnapshotError::TooLarge { size: 3, .. })));
            assert_eq!(snapshot.read("a/c", 9).unwrap().unwrap(), b"c");
            assert_eq!(snapshot.read("a/d", 9).ok().flatten(), None);
            assert!(snapshot.list("none").unwrap().is_empty());
        }
    }

    #[test]
    fn nothing_is_laid_over_a_link_or_outside() {
        let sample = Sample::new(&[]);
        sample.write("a/b", "").link("link", "a").link("file", "a/b");
        let mut snapshot = Snapshot::work_tree(&sample.path).unwrap();
        for path in ["link/b", "file", "a", "../x", "/etc/passwd", ".git/config", ""] {
            assert!(snapshot.lay(path, *b"x").is_err(), "{path}");
        }
        assert!(snapshot.laid.is_empty());
    }

    #[test]
    fn laid_texts_count_in_comparisons() {
        let sample = Sample::new(&[]);
        sample.write("a/b", "1");
        sample.commit();
        let old = Snapshot::revision(&sample.path, "HEAD").unwrap();
        let mut new = Snapshot::revision(&sample.path, "HEAD").unwrap();
        assert!(new.is_same(&old, "a"));
        new.lay("a/b", *b"2").unwrap();
        assert!(!new.is_same(&old, "a") && !old.is_same(&new, "a"));
        new.lay("a/b", *b"1").unwrap();
        assert!(new.is_same(&old, "a") && old.is_same(&new, "a"));
    }
}
