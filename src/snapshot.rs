//! One read-only view of a config repo, over a work tree or over a git revision.
//!
//! Every stage reads through it, so every stage works on either. It is also where the boundary of the repo is held: no
//! path leads out of it, no symlink is followed, and nothing that is not a regular file is opened.

pub mod codes;
mod error;
mod laid;
mod path;
mod same;
mod stamp;
#[cfg(test)]
mod tests;
mod work_tree;

pub use error::SnapshotError;
pub use stamp::Stamp;

use std::fmt::{self, Debug, Formatter};
use std::path::{Path, PathBuf};

use crate::git::{Changed, Node, ObjectKind, Repo, Tree};
use laid::Laid;
use work_tree::WorkTree;

/// Where the APIs' directories lie in a config repo.
pub const ONBOARDING: &str = "onboarding";

/// The most entries that [`Snapshot::walk`] returns. A fleet of 10,000 APIs has half of it; a hostile tree object can
/// name itself over and over and has no end.
pub const MAX_ENTRIES: usize = 500_000;

/// The deepest directory, counted from where it starts, that [`Snapshot::walk`] enters.
pub const MAX_DEPTH: usize = 32;

/// So many bytes tell what a file is, where its first line does.
pub const HEAD: usize = 64;

/// One read-only view of a config repo, over a work tree or over a git revision.
///
/// Paths are relative to the root of the config repo, with `/`; empty parts and `.` mean nothing, and the empty path is
/// the root. Both views agree on a clean checkout, except that a work tree cannot tell a submodule from a directory, and
/// that a revision has the bytes as they were committed: no smudge filter and no line-end conversion is applied.
///
/// Git's own `.git` is no part of the config repo (it may hold credentials): it is neither listed nor read.
#[derive(Clone)]
pub struct Snapshot {
    source: Source,
    /// Texts in place of files ([`Snapshot::lay`]).
    laid: Laid,
}

#[derive(Clone)]
enum Source {
    WorkTree(WorkTree),
    Revision(Tree),
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Relative to the snapshot's root, with `/`.
    pub path: Box<str>,
    /// What it is.
    pub kind: Kind,
}

/// What an [`Entry`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link, to wherever.
    Symlink,
    /// A submodule, socket, pipe or device; in a revision also a name that git would not check out.
    Other,
    /// Anything whose name is not UTF-8; the path is lossy and opens nothing.
    NonUtf8,
}

impl Snapshot {
    /// Looks at the files below a directory.
    ///
    /// # Errors
    /// If there is no such directory.
    pub fn work_tree(root: impl Into<PathBuf>) -> Result<Self, SnapshotError> {
        WorkTree::open(&root.into()).map(|tree| Self::of(Source::WorkTree(tree)))
    }

    /// Looks at a revision of the repository that `repo` is a directory of, a bare one too. In a work tree, the
    /// snapshot's root is that directory; if the revision does not have it, the snapshot is empty.
    ///
    /// # Errors
    /// If there is no such repository or revision, or it cannot be read.
    pub fn revision(repo: &Path, rev: &str) -> Result<Self, SnapshotError> {
        let open = || Repo::discover(repo)?.tree(rev);
        let tree = open().map_err(|error| SnapshotError::from_git(&repo.to_string_lossy(), error))?;
        Ok(Self::tree(tree))
    }

    /// Looks at the commit where the history of `head` left that of `base`, which a change is compared with as in
    /// `git diff base...head`.
    ///
    /// # Errors
    /// As [`Snapshot::revision`]; also if the two have no common ancestor, which a shallow clone may lack.
    pub fn merge_base(repo: &Path, base: &str, head: &str) -> Result<Self, SnapshotError> {
        let open = || {
            let repository = Repo::discover(repo)?;
            repository.tree(&repository.merge_base(base, head)?.to_string())
        };
        let tree = open().map_err(|error| SnapshotError::from_git(&repo.to_string_lossy(), error))?;
        Ok(Self::tree(tree))
    }

    /// Looks at what the next commit would hold: the index of the repository that `repo` is a directory of, or the one in
    /// `index`, as git hands to a hook.
    ///
    /// # Errors
    /// If there is no such repository, a merge in it is not finished, or the index cannot be read.
    pub fn staged(repo: &Path, index: Option<&Path>) -> Result<Self, SnapshotError> {
        let open = || Repo::discover(repo)?.staged(index);
        let tree = open().map_err(|error| SnapshotError::from_git(&repo.to_string_lossy(), error))?;
        Ok(Self::tree(tree))
    }

    /// Looks at the files of a revision that was already found.
    pub fn tree(tree: Tree) -> Self {
        Self::of(Source::Revision(tree))
    }

    fn of(source: Source) -> Self {
        Self { source, laid: Laid::default() }
    }

    /// Lists the direct children of a directory, sorted by name; empty if it does not exist.
    ///
    /// # Errors
    /// If the path leads out of the repo or through a symlink, is not a directory, or cannot be read.
    pub fn list(&self, dir: &str) -> Result<Vec<Entry>, SnapshotError> {
        let dir = path::lexical(dir)?;
        if let Source::WorkTree(tree) = &self.source
            && !tree.is_directory(&dir)?
            && !self.laid.is_directory(&dir)
        {
            return Ok(Vec::new());
        }
        self.children(&dir)
    }

    /// Lists all entries below a directory, each directory before its content, sorted by name in each directory (which
    /// is the order of [`std::path::Path`]). A symlink is an entry and is not followed; nothing is skipped.
    ///
    /// # Errors
    /// As [`Snapshot::list`]; also if there are more than [`MAX_ENTRIES`] or they lie deeper than [`MAX_DEPTH`].
    pub fn walk(&self, dir: &str) -> Result<Vec<Entry>, SnapshotError> {
        let mut found = Vec::new();
        // The next entry of each open directory is at the end of its list.
        let mut open: Vec<std::vec::IntoIter<Entry>> = vec![self.list(dir)?.into_iter()];
        while let Some(children) = open.last_mut() {
            let Some(entry) = children.next() else {
                open.pop();
                continue;
            };
            if found.len() == MAX_ENTRIES {
                return Err(SnapshotError::TooManyEntries { path: dir.into(), limit: MAX_ENTRIES });
            }
            if entry.kind == Kind::Directory {
                if open.len() == MAX_DEPTH {
                    return Err(SnapshotError::TooDeep { path: entry.path, limit: MAX_DEPTH });
                }
                open.push(self.children(&entry.path)?.into_iter());
            }
            found.push(entry);
        }
        Ok(found)
    }

    /// Reads a regular file; `None` if there is nothing of that name.
    ///
    /// # Errors
    /// If the path has `..`, is absolute, is or passes through a symlink, is not a regular file, has more than `limit`
    /// bytes, or cannot be read. In none of the first four cases is anything opened.
    pub fn read(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        let path = path::lexical(path)?;
        if let Some(laid) = self.read_laid(&path, limit) {
            return laid.map(Some);
        }
        match &self.source {
            Source::WorkTree(tree) => tree.read(&path, limit),
            Source::Revision(tree) => {
                tree.read(&path, limit).map_err(|error| SnapshotError::from_git(&path, error))
            }
        }
    }

    /// Reads a regular file whose path came out of [`Snapshot::list`] or [`Snapshot::walk`] of this very snapshot. Its
    /// directories are known not to be links, so only its last part is looked at.
    ///
    /// # Errors
    /// As [`Snapshot::read`], except that links among its directories go unnoticed.
    pub fn read_listed(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        let Source::WorkTree(tree) = &self.source else { return self.read(path, limit) };
        let path = path::lexical(path)?;
        match self.read_laid(&path, limit) {
            Some(laid) => laid.map(Some),
            None => tree.read_listed(&path, limit),
        }
    }

    /// Reads a file that [`Snapshot::list`] or [`Snapshot::walk`] of this very snapshot called one. Nothing but the file
    /// itself is looked at again.
    ///
    /// # Errors
    /// If it is no [`Kind::File`], has more than `limit` bytes, or cannot be read.
    pub fn read_entry(&self, entry: &Entry, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        entry.plain()?;
        if let Some(laid) = self.read_laid(&entry.path, limit) {
            return laid.map(Some);
        }
        match &self.source {
            Source::WorkTree(tree) if entry.kind == Kind::File => tree.read_file(&entry.path, limit),
            _ => self.read_listed(&entry.path, limit),
        }
    }

    /// Reads the first [`HEAD`] bytes of such a file.
    ///
    /// # Errors
    /// As [`Snapshot::read_entry`].
    pub fn read_head(&self, entry: &Entry, limit: u64) -> Result<Option<Vec<u8>>, SnapshotError> {
        if let (Source::WorkTree(tree), Kind::File) = (&self.source, entry.kind)
            && self.laid.get(&entry.path).is_none()
        {
            return tree.read_head(&entry.path, limit);
        }
        let start = |mut bytes: Vec<u8>| {
            bytes.truncate(HEAD);
            bytes
        };
        Ok(self.read_entry(entry, limit)?.map(start))
    }

    /// Lists which files differ between another revision and this one, sorted by path in each directory; `None` where one
    /// of the two is a work tree, which has no such list. Texts that are laid over files do not count.
    ///
    /// # Errors
    /// If an object cannot be read, or there is no end to what differs.
    pub fn changes(&self, since: &Self) -> Result<Option<Vec<Changed>>, SnapshotError> {
        match (&self.source, &since.source) {
            (Source::Revision(tree), Source::Revision(since)) => {
                tree.changes(since).map(Some).map_err(|error| SnapshotError::from_git("", error))
            }
            _ => Ok(None),
        }
    }

    /// Names the view for a reader: `the work tree`, or `revision` and the first digits of the commit.
    pub fn describe(&self) -> String {
        match &self.source {
            Source::WorkTree(_) => "the work tree".to_owned(),
            Source::Revision(tree) => format!("revision {}", tree.id().short()),
        }
    }

    /// Lists a directory that is known to be one.
    fn children(&self, dir: &str) -> Result<Vec<Entry>, SnapshotError> {
        let mut children = match &self.source {
            // A directory that only a text brings is not there.
            Source::WorkTree(tree) if !self.laid.is_empty() && !tree.is_directory(dir)? => Vec::new(),
            Source::WorkTree(tree) => tree.children(dir)?,
            Source::Revision(tree) => {
                let nodes = tree.list(dir).map_err(|error| SnapshotError::from_git(dir, error))?;
                nodes.iter().flat_map(|nodes| nodes.iter()).map(|node| Entry::of_node(dir, node)).collect()
            }
        };
        self.laid.add_children(dir, &mut children);
        children.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        Ok(children)
    }
}

impl Debug for Snapshot {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "Snapshot({})", self.describe())
    }
}

impl Entry {
    /// Says what is wrong with the entry where the repo has files and directories only.
    ///
    /// # Errors
    /// If it is a symlink, something that is neither file nor directory, or has a name that is not UTF-8.
    pub fn plain(&self) -> Result<(), SnapshotError> {
        let path = self.path.clone();
        match self.kind {
            Kind::File | Kind::Directory => Ok(()),
            Kind::Symlink => Err(SnapshotError::Symlink { path }),
            Kind::Other => Err(SnapshotError::NotAFile { path }),
            Kind::NonUtf8 => Err(SnapshotError::NonUtf8 { path }),
        }
    }

    fn of_node(dir: &str, node: &Node) -> Self {
        let Ok(name) = std::str::from_utf8(&node.name) else {
            let name = String::from_utf8_lossy(&node.name);
            return Self { path: path::join(dir, &name), kind: Kind::NonUtf8 };
        };
        let kind = match node.object.kind() {
            _ if !node.is_plain_name() => Kind::Other,
            ObjectKind::File => Kind::File,
            ObjectKind::Directory => Kind::Directory,
            ObjectKind::Symlink => Kind::Symlink,
            ObjectKind::Other => Kind::Other,
        };
        Self { path: path::join(dir, name), kind }
    }
}
