//! Work trees that follow a branch after it moved.
//!
//! A branch that moves under a work tree makes all of the change look taken back there. So index and files go along, where they are
//! what the old commit says; whatever has changes of its own stays, and is named. The branch moves first: who is stopped between
//! has an old work tree of a new commit, which `git status` shows and `git restore` mends, and loses nothing.

mod index;
mod work_tree;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use super::command::{git_in, said};
use super::discover::{Location, locate};
use super::{GitError, Object, ObjectId, ObjectKind, Repo};

/// What became of a work tree that has the branch checked out.
#[derive(Debug)]
pub struct Followed {
    /// The top of the work tree.
    pub work_tree: PathBuf,
    /// How far it followed.
    pub state: FollowState,
}

/// How far a work tree followed.
#[derive(Debug)]
pub enum FollowState {
    /// Its index and files are those of the new commit, but for those with changes of their own.
    Moved {
        /// What was kept; empty where everything followed.
        kept: Vec<Kept>,
    },
    /// Another process holds this lock, and the index was left alone. Files are old as well, unless the lock was taken at the very
    /// moment when they were written.
    Locked(PathBuf),
    /// Its directory is not there.
    Missing,
    /// It could not be looked at or written to; files may be new where the index is old.
    Failed(GitError),
}

/// A path that did not follow, or only in the index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The path from [`Repo::prefix`], as it was asked for.
    pub path: String,
    /// Whether the change of its own is in the index, which was kept as well. Else only the file was.
    pub staged: bool,
}

/// A path that is to follow.
struct Step<'a> {
    asked: &'a str,
    /// From the top of the work tree.
    full: String,
    old: Option<Object>,
    new: Option<Object>,
}

impl Repo {
    /// Lets index and files of each work tree that has a branch checked out follow it from one commit to another, for the paths that
    /// changed, from [`Repo::prefix`]. Paths with changes of their own keep them, as do those outside a sparse checkout, which
    /// follow in the index alone. No work tree is an empty answer.
    ///
    /// What the user's git is configured to do with files (line ends, filters) is done, as by `git status` and `git checkout`.
    ///
    /// # Errors
    /// If the work trees cannot be listed, or one of the commits cannot be read. What goes wrong in one work tree is its
    /// [`FollowState`], since the branch has moved.
    pub fn follow(
        &self,
        branch: &str,
        old: &ObjectId,
        new: &ObjectId,
        paths: &[String],
    ) -> Result<Vec<Followed>, GitError> {
        let work_trees = self.work_trees(branch)?;
        if work_trees.is_empty() {
            return Ok(Vec::new());
        }
        let steps = self.steps(old, new, paths)?;
        Ok(work_trees
            .into_iter()
            .map(|(path, found)| {
                let state = match found {
                    None if !path.exists() => FollowState::Missing,
                    None => FollowState::Failed(self.listing("a work tree is not where it says".to_owned())),
                    Some(location) => work_tree::follow(&location, &steps),
                };
                Followed { work_tree: path, state }
            })
            .collect())
    }

    fn steps<'a>(
        &self,
        old: &ObjectId,
        new: &ObjectId,
        paths: &'a [String],
    ) -> Result<Vec<Step<'a>>, GitError> {
        let (old, new) = (self.tree(&old.to_string())?, self.tree(&new.to_string())?);
        let prefix = self.prefix();
        let mut steps = Vec::new();
        for path in paths {
            let (old, new) = (old.find(path)?, new.find(path)?);
            let is_file =
                |object: Option<Object>| object.is_none_or(|object| object.kind() == ObjectKind::File);
            if old == new || !is_file(old) || !is_file(new) {
                continue;
            }
            let full = if prefix.is_empty() { path.clone() } else { format!("{prefix}/{path}") };
            steps.push(Step { asked: path, full, old, new });
        }
        Ok(steps)
    }

    /// Lists the work trees that have a branch checked out, with their place; without one where it cannot be found.
    fn work_trees(&self, branch: &str) -> Result<Vec<(PathBuf, Option<Location>)>, GitError> {
        let run = |arguments: &[&str]| {
            git_in(&self.location.git_dir)
                .args(["worktree", "list", "--porcelain"])
                .args(arguments)
                .output()
                .map_err(|error| self.listing(error.to_string()))
        };
        let (mut output, mut end) = (run(&["-z"])?, 0);
        if output.status.code() == Some(129) {
            // Git before 2.36 knows no `-z`.
            (output, end) = (run(&[])?, b'\n');
        }
        if !output.status.success() {
            return Err(self.listing(said(&output.stderr)));
        }
        let mut found = Vec::new();
        let mut path = None;
        let wanted = format!("branch {branch}");
        for (line, is_main) in lines(&output.stdout, end) {
            if let Some(name) = line.strip_prefix(b"worktree ") {
                path = Some((native(name), is_main));
            } else if line == wanted.as_bytes()
                && let Some((path, is_main)) = path.take()
            {
                let (path, location) = self.place(path, is_main);
                found.push((path, location));
            }
        }
        Ok(found)
    }

    /// Finds a listed work tree. Git guesses where the main one is, from the place of its own directory.
    fn place(&self, path: PathBuf, is_main: bool) -> (PathBuf, Option<Location>) {
        let own = &self.location;
        if is_main && own.git_dir == own.common_dir && own.top != own.git_dir {
            return (own.top.clone(), Some(own.clone()));
        }
        let found = locate(&path).ok().filter(|found| {
            let is_ours = found.common_dir.canonicalize().ok() == own.common_dir.canonicalize().ok();
            is_ours && found.prefix.is_empty() && found.top != found.git_dir
        });
        (path, found)
    }

    fn listing(&self, message: String) -> GitError {
        GitError::Command { path: self.location.top.clone(), command: "worktree list", message }
    }
}

/// Splits a list into its lines, and says which belong to the first record.
fn lines(output: &[u8], end: u8) -> impl Iterator<Item = (&[u8], bool)> {
    let mut is_main = true;
    output.split(move |byte| *byte == end).map(move |line| {
        let here = is_main;
        is_main &= !line.is_empty();
        (line, here)
    })
}

#[cfg(unix)]
fn native(path: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    Path::new(std::ffi::OsStr::from_bytes(path)).to_owned()
}

#[cfg(not(unix))]
fn native(path: &[u8]) -> PathBuf {
    Path::new(&*String::from_utf8_lossy(path)).to_owned()
}
