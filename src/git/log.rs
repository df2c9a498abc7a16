//! Walking commits, newest first.
//!
//! Commits are read raw, as trees are, so that there is one reader whatever kind of repository it is. What a branch held at any
//! time is said by its first parents: the walk goes along them, and compares each commit with its first parent.

mod paths;
mod record;
#[cfg(test)]
mod tests;

pub use record::{Commit, Person};

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

use super::{Bytes, GitError, ObjectId, Repo, Tree, Wanted};
use paths::Paths;

/// No commit comes near; its message is read whole.
const COMMIT_LIMIT: u64 = 4 << 20;

/// How many commits that are known already are looked at beyond the last one that is not: clocks of machines differ, and a
/// commit may be older than its parent.
const SLOP: usize = 50;

/// A walk along first parents.
pub struct Log<'a> {
    repo: &'a Repo,
    paths: Paths<'a>,
    /// The commits whose parents a shallow clone lacks.
    edges: BTreeSet<ObjectId>,
    next: Option<Commit>,
}

/// One commit of a walk.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The commit.
    pub commit: Commit,
    /// Whether one of the paths is another object than in its first parent; in the first commit of all, whether it is there.
    pub changed: bool,
    /// Whether a shallow clone ends here: its parents are not there, so nobody knows what it changes.
    pub edge: bool,
}

impl Repo {
    /// Finds the commit that a revision names.
    ///
    /// # Errors
    /// As [`Repo::tree`]; also if the revision names a directory and no commit.
    pub fn find_commit(&self, revision: &str) -> Result<Commit, GitError> {
        let (named, _) = self.resolve(revision)?;
        self.read_commit(&named)
    }

    /// Walks from a commit along first parents, and says of each whether something at these paths changed. Paths start at
    /// [`Repo::prefix`]. Where trees have the same name nothing below them is read.
    ///
    /// # Errors
    /// If the commit cannot be read, or git cannot be started where it is needed.
    pub fn log<'a>(&'a self, from: &ObjectId, paths: &'a [String]) -> Result<Log<'a>, GitError> {
        let edges = self.edges()?;
        Ok(Log {
            repo: self,
            paths: Paths::new(self, from, paths)?,
            edges,
            next: Some(self.read_commit(from)?),
        })
    }

    /// Lists the commits that are part of `new` and of none of `known`, the newest first, `most` of them at the most.
    ///
    /// # Errors
    /// If a commit cannot be read.
    pub fn between(&self, known: &[ObjectId], new: &ObjectId, most: usize) -> Result<Vec<Commit>, GitError> {
        let edges = self.edges()?;
        let mut found: BTreeMap<ObjectId, (Commit, bool)> = BTreeMap::new();
        let mut open: BinaryHeap<(i64, ObjectId)> = BinaryHeap::new();
        let mut order = Vec::new();
        for (id, is_known) in known.iter().map(|id| (id, true)).chain([(new, false)]) {
            let commit = self.read_commit(id)?;
            open.push((commit.committer.time, *id));
            found.entry(*id).and_modify(|(_, known)| *known |= is_known).or_insert((commit, is_known));
        }
        let mut beyond = 0;
        while let Some((_, id)) = open.pop() {
            let Some((commit, is_known)) = found.get(&id).cloned() else { continue };
            if is_known {
                let is_open = |(_, id): &(i64, ObjectId)| found.get(id).is_some_and(|(_, known)| !known);
                beyond = if open.iter().any(is_open) { 0 } else { beyond + 1 };
                if beyond > SLOP {
                    break;
                }
            } else if !order.contains(&id) {
                order.push(id);
            }
            if edges.contains(&id) || order.len() > most {
                continue;
            }
            for parent in &commit.parents {
                match found.get_mut(parent) {
                    Some((_, known)) if *known || !is_known => {}
                    Some((commit, known)) => {
                        *known = true;
                        open.push((commit.committer.time, *parent));
                    }
                    None => {
                        let commit = self.read_commit(parent)?;
                        open.push((commit.committer.time, *parent));
                        found.insert(*parent, (commit, is_known));
                    }
                }
            }
        }
        let new = order.into_iter().filter_map(|id| found.remove(&id).filter(|(_, known)| !known));
        Ok(new.map(|(commit, _)| commit).take(most).collect())
    }

    /// Returns the files of a commit below [`Repo::prefix`].
    ///
    /// # Errors
    /// If an object cannot be read, or something else stands where the directory is.
    pub fn tree_of(&self, commit: &Commit) -> Result<Tree, GitError> {
        Tree::new(Arc::clone(&self.objects), commit.id, commit.tree, &self.location.prefix)
    }

    /// Returns all files of a commit, from the top of the repository.
    ///
    /// # Errors
    /// If an object cannot be read.
    pub fn whole_tree_of(&self, commit: &Commit) -> Result<Tree, GitError> {
        Tree::new(Arc::clone(&self.objects), commit.id, commit.tree, "")
    }

    /// Returns what there is before the first commit: no files.
    ///
    /// # Errors
    /// None in fact: nothing is read.
    pub fn no_tree(&self) -> Result<Tree, GitError> {
        Tree::of_index(Arc::clone(&self.objects), None, std::collections::HashMap::new(), "")
    }

    /// Says where the config repo lies in the repository, where that cannot be seen from a directory: a bare one has none.
    #[must_use]
    pub fn below(mut self, prefix: &str) -> Self {
        prefix.trim_matches('/').clone_into(&mut self.location.prefix);
        self
    }

    fn read_commit(&self, id: &ObjectId) -> Result<Commit, GitError> {
        let damaged = |message: &str| GitError::Object {
            path: self.location.top.clone(),
            object: id.to_string(),
            message: message.to_owned(),
        };
        match self.objects.read(id, Wanted::Commit, COMMIT_LIMIT)? {
            Bytes::All(raw) => Commit::parse(*id, &raw).ok_or_else(|| damaged("it is damaged")),
            Bytes::TooLarge(size) => Err(damaged(&format!("a commit of {size} bytes"))),
        }
    }

    /// Reads where a shallow clone ends.
    #[expect(clippy::disallowed_methods, reason = "a file of git's own")]
    fn edges(&self) -> Result<BTreeSet<ObjectId>, GitError> {
        let path = self.location.common_dir.join("shallow");
        match std::fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().filter_map(|line| ObjectId::from_hex(line.trim())).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(error) => Err(GitError::Io { path, error }),
        }
    }
}

impl Iterator for Log<'_> {
    type Item = Result<Logged, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let commit = self.next.take()?;
        let edge = self.edges.contains(&commit.id);
        let mut step = || {
            let parent = commit.parents.first().filter(|_| !edge);
            let parent = parent.map(|parent| self.repo.read_commit(parent)).transpose()?;
            let changed = self.paths.changed(self.repo, &commit, parent.as_ref())?;
            Ok((parent, changed && !edge))
        };
        Some(step().map(|(parent, changed)| {
            self.next = parent;
            Logged { commit, changed, edge }
        }))
    }
}
