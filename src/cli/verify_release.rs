//! `onramp verify-release`

use std::path::PathBuf;

use clap::Args;

use super::Global;
use super::repo::{cannot_open, root_or_here};
use super::terminal::Terminal;
use crate::diagnostic::count;
use crate::git::{GitError, ObjectId, Repo};
use crate::history::{self, Checked, Range};
use crate::outcome::{Failure, Outcome};
use crate::release::{ImageChange, Verified};
use crate::report::harmless;
use crate::snapshot::SnapshotError;

/// Check that commits are releases and nothing else, and tell the truth of themselves
///
/// For a `pre-receive` hook, or a required check of pull requests that may merge without review. Each commit must be what
/// a release of the images in its trailers would have written, byte for byte.
#[derive(Debug, Args)]
pub(super) struct VerifyReleaseArgs {
    /// Where the branch was, and where it is to be; zeros for a branch that is new
    #[arg(value_name = "OLD..NEW")]
    range: String,
    /// Where the config repo lies in a bare repository [default: its top]
    #[arg(long, value_name = "DIR", env = "ONRAMP_DIRECTORY")]
    directory: Option<String>,
    /// Where git keeps the objects of a push until its hooks agree
    #[arg(long, hide = true, value_name = "DIR", env = "GIT_QUARANTINE_PATH", hide_env = true)]
    quarantine: Option<PathBuf>,
}

pub(super) fn run(
    args: &VerifyReleaseArgs,
    global: &Global,
    terminal: &Terminal,
) -> Result<Outcome, Failure> {
    let root = root_or_here(global, args.quarantine.is_some())?;
    let failed = |error: GitError| {
        let path = root.to_string_lossy().into();
        cannot_open(&SnapshotError::Git { path, error: Box::new(error) })
    };
    let mut repo = Repo::discover(&root).map_err(failed)?;
    if let Some(objects) = &args.quarantine {
        repo = repo.with_quarantine(objects).map_err(failed)?;
    }
    if let Some(directory) = &args.directory {
        repo = repo.below(directory);
    }
    let range = range(args, &repo)?;
    terminal.note(&format!("checking {}..{}\n", range.old.short(), range.new.short()));
    let checked = history::range(&repo, range).map_err(failed)?;
    let checked = checked.map_err(|why| Failure::refused(format!("this is no series of releases: {why}")))?;
    let refused = checked.iter().filter(|checked| checked.outcome.is_err()).count();
    let lines: String = checked.iter().map(lines).collect();
    terminal.print(&lines)?;
    let all = count(checked.len(), "commit");
    if refused == 0 {
        terminal.say(&format!("Checked {all}: releases, and nothing else.\n"))?;
        return Ok(Outcome::Clean);
    }
    terminal.print(&format!("Checked {all}: {refused} refused.\n"))?;
    Ok(Outcome::Findings)
}

/// Finds the two ends.
fn range(args: &VerifyReleaseArgs, repo: &Repo) -> Result<Range, Failure> {
    let usage = || {
        Failure::usage(format!("`{}` is no range of commits", args.range))
            .hint("write `OLD..NEW`, as in `origin/main..HEAD`")
    };
    let (old, new) = args.range.split_once("..").ok_or_else(usage)?;
    if old.is_empty() || new.is_empty() || new.contains("..") || new.starts_with('.') {
        return Err(usage());
    }
    if is_nothing(new) {
        return Err(Failure::refused("the branch would be deleted, which is no release"));
    }
    let find = |revision: &str| -> Result<ObjectId, Failure> {
        let commit = repo.one_meaning(revision).and_then(|()| repo.find_commit(revision));
        let path = revision.into();
        Ok(commit.map_err(|error| cannot_open(&SnapshotError::Git { path, error: Box::new(error) }))?.id)
    };
    let new = find(new)?;
    let in_hook = args.quarantine.is_some();
    if !is_nothing(old) {
        return Ok(Range { old: find(old)?, new, must_go_on: in_hook });
    }
    // A new branch goes on from the one that the repository is about. What other branches have was perhaps never looked at.
    let old = find("HEAD").map_err(|failure| {
        Failure { kind: crate::outcome::Kind::Refused, ..failure }
            .hint("a new branch is held against HEAD, which has to be there first")
    })?;
    if old == new && !in_hook {
        return Err(Failure::usage("HEAD is the new branch itself, so nobody can say what is new of it")
            .hint("name the commit that it started from, as in `origin/main..HEAD`"));
    }
    Ok(Range { old, new, must_go_on: false })
}

/// Tells whether a name is the one that git gives to hooks for nothing.
fn is_nothing(revision: &str) -> bool {
    matches!(revision.len(), 40 | 64) && revision.bytes().all(|byte| byte == b'0')
}

/// Says how one commit came out.
fn lines(checked: &Checked) -> String {
    let commit = checked.commit.id.short();
    match &checked.outcome {
        Ok(Verified::Restart { api, environment }) => {
            format!("ok       {commit}  {}\n", harmless(&format!("{api} in {environment}: restart")))
        }
        Ok(Verified::Images(changes)) => {
            let one = |change: &ImageChange| {
                let place = format!("{}/{} in {}", change.workload, change.container, change.environment);
                let text = harmless(&format!("{place}: {} -> {}", change.old, change.new));
                format!("ok       {commit}  {text}\n")
            };
            changes.iter().map(one).collect::<Vec<_>>().concat()
        }
        Err(reasons) => {
            let first = format!("refused  {commit}  {}\n", harmless(checked.commit.subject()));
            let reasons = reasons.iter().map(|reason| format!("  {}\n", harmless(reason)));
            std::iter::once(first).chain(reasons).collect::<Vec<_>>().concat()
        }
    }
}
