//! Git repositories: revisions, trees and files, without a checkout; commits from them, without an index.
//!
//! Objects come from libgit2, which this module alone knows. Repositories that it cannot read (reftable, SHA-256, partial
//! clones) are recognised by their configuration and read through the installed `git` instead; see [`Oddity`]. Neither
//! way runs a hook or a filter, and neither follows the `GIT_*` variables that a hook inherits.

mod command;
mod commit;
mod difference;
mod discover;
mod error;
mod exact;
mod follow;
mod head;
mod hooks;
mod library;
mod list;
mod log;
mod name;
mod object;
mod oddity;
mod plumbing;
mod remote;
#[cfg(test)]
pub(crate) mod sample;
mod staged;
#[cfg(test)]
mod tests;
mod tree;
mod upstream;
mod write;

pub use commit::{Author, NewCommit};
pub use difference::Changed;
pub use error::GitError;
pub use follow::{FollowState, Followed, Kept};
pub use head::Head;
pub use hooks::HooksDirectory;
pub use list::Branch;
pub use log::{Commit, Log, Logged, Person};
pub use object::{Node, Object, ObjectId, ObjectKind};
pub use oddity::Oddity;
pub use remote::{Pushed, Remote, RemoteError, Scratch};
pub use tree::Tree;
pub use write::Files;

use std::fmt::{self, Debug, Formatter};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use discover::Location;
use library::Library;
use plumbing::Plumbing;

/// A repository, and a directory in it.
pub struct Repo {
    location: Location,
    oddities: Vec<Oddity>,
    objects: Arc<Objects>,
}

/// The two ways to an object.
enum Objects {
    Library(Library),
    Plumbing(Plumbing, PathBuf),
}

/// What a reader expects an object to be.
#[derive(Clone, Copy)]
enum Wanted {
    Blob,
    Commit,
    Tree,
}

/// An object's bytes, unless they are more than the reader allows.
enum Bytes {
    All(Vec<u8>),
    TooLarge(u64),
}

/// What a revision names.
enum Resolved {
    Unknown,
    NoTree,
    Tree { named: ObjectId, tree: ObjectId },
}

impl Repo {
    /// Finds the repository that a directory belongs to, walking up; a bare repository and a linked work tree as well.
    ///
    /// # Errors
    /// If there is none, if it belongs to another user and is not listed in `safe.directory`, if it is a bare repository
    /// lying in a work tree, or if neither libgit2 nor the installed git can read it.
    pub fn discover(dir: &Path) -> Result<Self, GitError> {
        let location = discover::locate(dir)?;
        let oddities = oddity::oddities(&location)?;
        let objects = if oddities.iter().any(Oddity::needs_plumbing) {
            Objects::Plumbing(Plumbing::open(&location, &oddities)?, location.top.clone())
        } else {
            Objects::Library(Library::open(&location)?)
        };
        Ok(Self { location, oddities, objects: Arc::new(objects) })
    }

    /// Makes the objects of a push visible that a `pre-receive` hook is asked about: git keeps them apart, in
    /// `$GIT_QUARANTINE_PATH`, until the hook agrees. A directory outside this repository's objects is not taken.
    ///
    /// # Errors
    /// If the directory cannot be read, or the repository cannot be opened with it.
    pub fn with_quarantine(self, objects: &Path) -> Result<Self, GitError> {
        let objects = objects.canonicalize().map_err(GitError::io(objects))?;
        let store = self.location.common_dir.join("objects");
        let store = store.canonicalize().map_err(GitError::io(&store))?;
        if !objects.starts_with(&store) {
            return Ok(self);
        }
        let Self { location, oddities, .. } = self;
        let objects = if oddities.iter().any(Oddity::needs_plumbing) {
            Objects::Plumbing(
                Plumbing::open(&location, &oddities)?.with_quarantine(objects),
                location.top.clone(),
            )
        } else {
            Objects::Library(Library::open(&location)?.with_quarantine(&objects))
        };
        Ok(Self { location, oddities, objects: Arc::new(objects) })
    }

    /// Returns the path of the directory inside the work tree, with `/`; empty at the top and in a bare repository.
    pub fn prefix(&self) -> &str {
        &self.location.prefix
    }

    /// Returns what libgit2 cannot do with this repository.
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// Resolves a revision to its files below [`Repo::prefix`]. A revision without that directory has no files.
    ///
    /// # Errors
    /// If the text cannot be a revision (it is empty, starts with `-`, names a file), if there is no such revision, or if
    /// an object cannot be read.
    pub fn tree(&self, revision: &str) -> Result<Tree, GitError> {
        let (named, tree) = self.resolve(revision)?;
        Tree::new(Arc::clone(&self.objects), named, tree, &self.location.prefix)
    }

    /// Finds the commit where the history of `head` left that of `base`: the best common ancestor.
    ///
    /// # Errors
    /// As [`Repo::tree`]; also if one of the two names no commit, or if they have no common ancestor, which in a shallow
    /// clone may only mean that it was not fetched.
    pub fn merge_base(&self, base: &str, head: &str) -> Result<ObjectId, GitError> {
        self.merge_bases(base, head)?.into_iter().next().ok_or_else(|| self.no_merge_base(base, head))
    }

    /// The same, where there is only one such commit. Histories that were merged crosswise have several: seen from one of
    /// them, what a merge took back of the other is no change.
    ///
    /// # Errors
    /// As [`Repo::merge_base`]; also if there are several.
    pub fn only_merge_base(&self, base: &str, head: &str) -> Result<ObjectId, GitError> {
        match self.merge_bases(base, head)?.as_slice() {
            [only] => Ok(*only),
            [] => Err(self.no_merge_base(base, head)),
            _ => Err(GitError::SeveralMergeBases {
                path: self.location.top.clone(),
                base: base.to_owned(),
                head: head.to_owned(),
            }),
        }
    }

    fn merge_bases(&self, base: &str, head: &str) -> Result<Vec<ObjectId>, GitError> {
        let (one, other) = (self.resolve(base)?.0, self.resolve(head)?.0);
        match &*self.objects {
            Objects::Library(library) => library.merge_bases(&one, &other),
            Objects::Plumbing(plumbing, _) => plumbing.merge_bases(&one, &other),
        }
    }

    fn no_merge_base(&self, base: &str, head: &str) -> GitError {
        GitError::NoMergeBase {
            path: self.location.top.clone(),
            base: base.to_owned(),
            head: head.to_owned(),
            shallow: self.is_shallow(),
        }
    }

    /// Makes sure that a name does not mean two things. Git takes a tag before a branch of the same name, and whoever may push
    /// a tag `origin/main` would choose what the base is.
    ///
    /// # Errors
    /// If several references have that name and do not point at the same, or if they cannot be read.
    pub fn one_meaning(&self, revision: &str) -> Result<(), GitError> {
        // What is more than a name, such as `main~1`, begins with one.
        let name = revision.split(['^', '~', ':', '@']).next().unwrap_or_default();
        if name.is_empty() || name.starts_with('-') || name.contains(['\0', '\n', '\r']) {
            return Ok(());
        }
        let mut first = None;
        for directory in ["refs", "refs/tags", "refs/heads", "refs/remotes"] {
            let full = format!("{directory}/{name}^{{commit}}");
            let Resolved::Tree { named, .. } = self.objects.resolve(&full)? else { continue };
            if *first.get_or_insert(named) != named {
                return Err(GitError::AmbiguousRevision {
                    path: self.location.top.clone(),
                    revision: name.to_owned(),
                });
            }
        }
        Ok(())
    }

    /// Resolves a revision to the commit that it names, or else the tree, and to its tree.
    fn resolve(&self, revision: &str) -> Result<(ObjectId, ObjectId), GitError> {
        let invalid = |reason| {
            Err(GitError::InvalidRevision {
                path: self.location.top.clone(),
                revision: revision.to_owned(),
                reason,
            })
        };
        if revision.is_empty() {
            return invalid("it is empty");
        }
        if revision.starts_with('-') {
            return invalid("it starts with `-`");
        }
        if revision.contains(['\0', '\n', '\r']) {
            return invalid("it has a line break or NUL");
        }
        match self.objects.resolve(revision)? {
            Resolved::Tree { named, tree } => Ok((named, tree)),
            Resolved::NoTree => invalid("it names neither a commit nor a directory"),
            Resolved::Unknown => Err(GitError::UnknownRevision {
                path: self.location.top.clone(),
                revision: revision.to_owned(),
                shallow: self.is_shallow(),
            }),
        }
    }

    fn is_shallow(&self) -> bool {
        self.location.common_dir.join("shallow").exists()
    }
}

impl Debug for Repo {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "Repo({:?})", self.location)
    }
}

impl Objects {
    fn resolve(&self, revision: &str) -> Result<Resolved, GitError> {
        match self {
            Self::Library(library) => library.resolve(revision),
            Self::Plumbing(plumbing, _) => plumbing.resolve(revision),
        }
    }

    fn tree_of(&self, id: &ObjectId) -> Result<ObjectId, GitError> {
        match self {
            Self::Library(library) => library.tree_of(id),
            Self::Plumbing(plumbing, _) => plumbing.tree_of(id),
        }
    }

    fn read(&self, id: &ObjectId, wanted: Wanted, limit: u64) -> Result<Bytes, GitError> {
        match self {
            Self::Library(library) => library.read(id, wanted, limit),
            Self::Plumbing(plumbing, _) => plumbing.read(id, wanted, limit),
        }
    }

    /// Returns the repository's place, for messages.
    fn path(&self) -> PathBuf {
        match self {
            Self::Library(library) => library.path().to_owned(),
            Self::Plumbing(_, path) => path.clone(),
        }
    }
}
