//! Putting a change on a branch that others write to as well: it is made anew on each tip until it is there.
//!
//! Nothing is merged and nothing rebased. Who brings a change says what it is on a given state of the files, and is asked again
//! whenever somebody else was faster; so what lands was checked against what it lands on. Waiting follows how long a try takes, at
//! random, because that is what tells many writers on a busy server apart from one on a quiet one.

mod pace;
pub mod queue;
mod remote;

pub use remote::{At, Change, Target, remote, remote_each};

use std::error::Error;
use std::fmt::{self, Display, Formatter};
use std::sync::Arc;
use std::time::Instant;

use crate::git::{Author, Files, Followed, GitError, NewCommit, ObjectId, RemoteError, Repo};
use crate::snapshot::Snapshot;
use pace::Pace;

/// What is put on a branch, on one state of it.
#[derive(Clone, Debug)]
pub enum Prepared {
    /// A commit on the tip that it was prepared for.
    Commit {
        /// The files that change, by path from the root of the config repo.
        files: Files,
        /// The message, whose first line goes into the log of the reference as well.
        message: String,
        /// Who wrote it; nothing for git's own rules.
        author: Option<Author>,
        /// Whether a `Signed-off-by` is added.
        sign_off: bool,
    },
    /// The state is as it should be.
    Nothing,
}

/// How long it may take.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// When to give up.
    pub until: Instant,
}

/// What became of a change.
#[derive(Debug)]
pub enum Landed {
    /// It is on the branch.
    Commit {
        /// Its commit.
        commit: ObjectId,
        /// The commit before it.
        onto: ObjectId,
        /// How often it was tried, this time included.
        tries: u32,
        /// What became of the work trees that have the branch checked out, or why that cannot be said; of a local branch only. The
        /// commit is on the branch in either case.
        followed: Result<Vec<Followed>, GitError>,
    },
    /// There was nothing to do.
    Nothing {
        /// The tip that was looked at.
        tip: ObjectId,
    },
}

/// Why a change is not on the branch. It may be tried again in all cases but the first, and does nothing twice.
#[derive(Debug)]
pub enum LandError<E> {
    /// It cannot be made on the tip.
    Prepare(E),
    /// The repository on this side is at fault.
    Git(Arc<GitError>),
    /// The other side cannot be reached, or does not let the user in.
    Remote(Arc<RemoteError>),
    /// The server does not take it, in its own words, one line each.
    Rejected(String),
    /// The branch has no commit yet.
    NoCommit {
        /// The branch.
        branch: String,
    },
    /// The time was over.
    Spent {
        /// How often it was tried.
        tries: u32,
        /// What stood in the way at last.
        last: Option<String>,
        /// A push was on its way when the connection broke, and it could not be looked up whether it arrived.
        unknown: bool,
    },
}

/// Puts a change on a branch of the repository itself, by its short or full name, and lets the work trees follow that have it checked
/// out.
///
/// # Errors
/// As [`LandError`] says.
pub fn local<E>(
    repo: &Repo,
    branch: &str,
    budget: Budget,
    prepare: &mut dyn FnMut(&Snapshot) -> Result<Prepared, E>,
) -> Result<Landed, LandError<E>> {
    let reference = repo.branch(branch)?;
    let mut pace = Pace::new(budget);
    loop {
        pace.begin();
        let Some(tip) = repo.reference(&reference)? else {
            return Err(LandError::NoCommit { branch: branch.to_owned() });
        };
        let Some(made) = commit(repo, &tip, prepare)? else { return Ok(Landed::Nothing { tip }) };
        let subject = made.message.lines().next().unwrap_or_default();
        if repo.move_reference(&reference, &made.commit, Some(&tip), &format!("onramp: {subject}"))? {
            let followed = repo.follow(&reference, &tip, &made.commit, &made.paths);
            return Ok(Landed::Commit { commit: made.commit, onto: tip, tries: pace.tries(), followed });
        }
        if !pace.lost() {
            return Err(pace.spent(Some(format!("somebody else moved `{branch}`")), false));
        }
    }
}

/// A commit that no reference leads to yet.
struct Made {
    commit: ObjectId,
    message: String,
    paths: Vec<String>,
}

/// Makes a commit on a tip; nothing if there is nothing to do on it.
fn commit<E>(
    repo: &Repo,
    tip: &ObjectId,
    prepare: &mut dyn FnMut(&Snapshot) -> Result<Prepared, E>,
) -> Result<Option<Made>, LandError<E>> {
    let snapshot = Snapshot::tree(repo.tree(&tip.to_string())?);
    let Prepared::Commit { files, message, author, sign_off } =
        prepare(&snapshot).map_err(LandError::Prepare)?
    else {
        return Ok(None);
    };
    let tree = repo.write_tree(tip, &files)?;
    let new = NewCommit { tree, parents: &[*tip], message: &message, author: author.as_ref(), sign_off };
    let commit = repo.commit(&new)?;
    Ok(Some(Made { commit, message, paths: files.into_keys().collect() }))
}

impl<E> From<GitError> for LandError<E> {
    fn from(error: GitError) -> Self {
        Self::Git(Arc::new(error))
    }
}

impl<E: Display> Display for LandError<E> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prepare(error) => write!(out, "{error}"),
            Self::Git(error) => write!(out, "{error}"),
            Self::Remote(error) => write!(out, "{error}"),
            Self::Rejected(words) => write!(out, "the server does not take the commit: {words}"),
            Self::NoCommit { branch } => write!(out, "the branch `{branch}` has no commit yet"),
            Self::Spent { tries, last, unknown } => {
                write!(out, "the time was over after {tries} ")?;
                out.write_str(if *tries == 1 { "try" } else { "tries" })?;
                if let Some(last) = last {
                    write!(out, ": {last}")?;
                }
                if *unknown {
                    out.write_str("; the commit may have arrived all the same")?;
                }
                Ok(())
            }
        }
    }
}

impl<E: Error + 'static> Error for LandError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Prepare(error) => error.source(),
            Self::Git(error) => error.source(),
            Self::Remote(error) => error.source(),
            _ => None,
        }
    }
}
