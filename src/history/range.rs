//! The commits of a push or of a pull request, each of which must be a release and nothing else.

use crate::git::{Changed, Commit, GitError, ObjectId, Repo};
use crate::release::{Candidate, Verified, verify};
use crate::snapshot::Snapshot;

/// More commits are not looked at; a push of releases has few.
const MOST_COMMITS: usize = 1_000;

/// One commit of a range.
#[derive(Debug)]
pub struct Checked {
    /// The commit.
    pub commit: Commit,
    /// What it is, or everything that is wrong with it.
    pub outcome: Result<Verified, Vec<String>>,
}

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// What the branch was.
    pub old: ObjectId,
    /// What it is to be.
    pub new: ObjectId,
    /// Whether the branch must go on from where it was. A pull request may have left it earlier.
    pub must_go_on: bool,
}

/// Checks each commit of a range, the oldest first. Commits with several parents end it: they are refused, and so is what they
/// bring.
///
/// # Errors
/// If the repository cannot be read.
pub fn range(repo: &Repo, range: Range) -> Result<Result<Vec<Checked>, String>, GitError> {
    let Range { old, new, must_go_on } = range;
    if old == new {
        return Ok(Ok(Vec::new()));
    }
    let (old_name, new_name) = (old.to_string(), new.to_string());
    let start = match repo.merge_base(&old_name, &new_name) {
        Ok(start) => start,
        Err(GitError::NoMergeBase { shallow: false, .. }) => {
            return Ok(Err("the two have no commit in common".to_owned()));
        }
        Err(error) => return Err(error),
    };
    if start == new {
        return Ok(Err(format!("{} lies behind {}: it takes commits back", new.short(), old.short())));
    }
    if must_go_on && start != old {
        return Ok(Err(format!(
            "{} does not go on from {}: it takes commits back",
            new.short(),
            old.short()
        )));
    }
    let mut checked = Vec::new();
    let mut is_reached = false;
    for logged in repo.log(&new, &[])? {
        let logged = logged?;
        let commit = logged.commit;
        if commit.id == start {
            is_reached = true;
            break;
        }
        if checked.len() == MOST_COMMITS {
            return Ok(Err(format!("there are more than {MOST_COMMITS} commits")));
        }
        if logged.edge {
            return Ok(Err(format!(
                "this is a shallow clone, which lacks what {} stands on",
                commit.id.short()
            )));
        }
        let [parent] = commit.parents.as_slice() else {
            let why = if commit.parents.is_empty() {
                "it has no parent, so nobody can say what it changes"
            } else {
                "it merges: what it brings was not looked at"
            };
            checked.push(Checked { commit, outcome: Err(vec![why.to_owned()]) });
            is_reached = true;
            break;
        };
        let parent = repo.find_commit(&parent.to_string())?;
        let outcome = check(repo, &parent, &commit)?;
        checked.push(Checked { commit, outcome });
    }
    if !is_reached {
        return Ok(Err(format!("{} is not reached from {}", start.short(), new.short())));
    }
    checked.reverse();
    Ok(Ok(checked))
}

/// Checks one commit.
fn check(repo: &Repo, parent: &Commit, commit: &Commit) -> Result<Result<Verified, Vec<String>>, GitError> {
    if !commit.is_plain {
        return Ok(Err(vec![
            "its message is not UTF-8 to the end, so that not everybody reads the same".to_owned(),
        ]));
    }
    let (before, after) = (repo.whole_tree_of(parent)?, repo.whole_tree_of(commit)?);
    let changed = match after.exact_changes(&before) {
        Ok(changed) => changed,
        Err(error @ (GitError::Object { .. } | GitError::Endless { .. })) => {
            return Ok(Err(vec![error.to_string()]));
        }
        Err(error) => return Err(error),
    };
    if changed.is_empty() {
        return Ok(Err(vec!["it changes nothing".to_owned()]));
    }
    let mut outside = Vec::new();
    let mut inside = Vec::new();
    for file in changed {
        match below(repo.prefix(), &file.path) {
            Some(path) => inside.push(Changed { path: path.to_owned(), ..file }),
            None => outside.push(format!("it changes `{}`, outside of the config repo", file.path)),
        }
    }
    if !outside.is_empty() {
        return Ok(Err(outside));
    }
    let views = (repo.tree_of(parent), repo.tree_of(commit));
    let (Ok(before), Ok(after)) = views else {
        return Ok(Err(vec!["the config repo is no directory".to_owned()]));
    };
    let candidate = Candidate {
        before: &Snapshot::tree(before),
        after: &Snapshot::tree(after),
        changed: &inside,
        message: &commit.message,
    };
    Ok(verify(&candidate))
}

/// Returns a path of the repository as the config repo knows it.
fn below<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    if prefix.is_empty() {
        return Some(path);
    }
    path.strip_prefix(prefix)?.strip_prefix('/')
}
