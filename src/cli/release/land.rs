//! From a request to a commit: on a local branch, on a remote's branch, or nowhere for a dry run.

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Instant;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::WhereArgs;
use crate::cli::Global;
use crate::cli::clock::{now, today};
use crate::cli::repo::{Repo, of_git};
use crate::cli::terminal::Terminal;
use crate::git::{self, FollowState, Followed, GitError, Head, Remote, RemoteError, Scratch};
use crate::land::queue::{self, QueueError};
use crate::land::{self, At, Budget, Change, LandError, Landed, Prepared, Target};
use crate::moment::Moment;
use crate::outcome::{Failure, Kind};
use crate::release::{self, Plan, Request};
use crate::snapshot::Snapshot;

/// The branch of a remote where nobody names one.
const DEFAULT_BRANCH: &str = "main";

/// What became of a request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::cli) struct Landing {
    /// What was planned on the tip that counted.
    pub(in crate::cli) plan: Plan,
    /// The commit; nothing where there was nothing to do, or for a dry run.
    pub(in crate::cli) commit: Option<String>,
    /// The branch that it is on.
    pub(in crate::cli) branch: String,
    /// Where the branch is, if not here: an address without passwords.
    pub(in crate::cli) remote: Option<String>,
    /// Whether the branch is one of its own, for a pull request.
    pub(in crate::cli) pull_request: bool,
    /// What the caller should know.
    pub(in crate::cli) hints: Vec<String>,
}

/// A request as it waits for its turn, and may be carried out by another process of the same person.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Waiting {
    request: Request,
    sign_off: bool,
    now: i64,
    today: String,
}

/// Lands a request.
///
/// # Errors
/// Says what kept it from landing.
pub(in crate::cli) fn land(
    request: &Request,
    at: &WhereArgs,
    global: &Global,
    terminal: &Terminal,
) -> Result<Landing, Failure> {
    request.check().map_err(Failure::usage)?;
    let waiting =
        Waiting { request: request.clone(), sign_off: at.sign_off, now: now(global).0, today: today(global) };
    let budget = Budget { until: deadline(at) };
    if let Some(url) = &at.remote {
        let remote = Remote::url(url, &here()?).map_err(|error| of_remote(&error))?;
        let remote = remote.prompting(Terminal::is_interactive());
        let branch = at.branch.clone().unwrap_or_else(|| DEFAULT_BRANCH.to_owned());
        let prefix = at.directory.as_deref().unwrap_or_default();
        let side = Side { remote: &remote, clone: None, prefix, branch: &branch, budget };
        return side.land(waiting, at);
    }
    let repo = Repo::open(global, None, terminal)?;
    let git = git::Repo::discover(&repo.root).map_err(|error| of_git(&error))?;
    let branch = match (&at.branch, git.head().map_err(|error| of_git(&error))?) {
        (Some(branch), _) => branch.clone(),
        (None, Head::Branch { name, .. }) => name.strip_prefix("refs/heads/").unwrap_or(&name).to_owned(),
        (None, Head::Detached(_)) => {
            return Err(Failure::usage("no branch is checked out").hint("name one with `--branch`"));
        }
    };
    if at.push || at.pr_branch {
        let (name, theirs) = git.upstream(&branch).map_err(|error| of_git(&error))?;
        let remote = Remote::named(&git, &name).map_err(|error| of_remote(&error))?;
        let remote = remote.prompting(Terminal::is_interactive());
        let side = Side { remote: &remote, clone: Some(&git), prefix: git.prefix(), branch: &theirs, budget };
        let mut landing = side.land(waiting, at)?;
        if landing.commit.is_some() && !at.pr_branch {
            landing.hints.extend(catch_up(&git, &branch, &remote, &theirs, budget));
        }
        return Ok(landing);
    }
    let planned = RefCell::new(Plan::default());
    let mut prepare = |tip: &Snapshot| prepare(tip, &waiting, at.dry_run, &planned);
    let landed = land::local(&git, &branch, budget, &mut prepare).map_err(failure)?;
    let mut landing = Landing::on(&branch, None, planned.take());
    if let Landed::Commit { commit, followed, .. } = landed {
        landing.commit = Some(commit.to_string());
        landing.hints.extend(told(followed));
    }
    Ok(landing)
}

impl Landing {
    fn on(branch: &str, remote: Option<&Remote>, plan: Plan) -> Self {
        Self {
            plan,
            commit: None,
            branch: branch.to_owned(),
            remote: remote.map(Remote::shown),
            pull_request: false,
            hints: Vec::new(),
        }
    }
}

/// A branch of another repository, and what is on this side.
struct Side<'a> {
    remote: &'a Remote,
    /// The clone; without one, a repository is made for the purpose.
    clone: Option<&'a git::Repo>,
    /// Where the config repo lies in it.
    prefix: &'a str,
    branch: &'a str,
    budget: Budget,
}

impl Side<'_> {
    fn land(&self, waiting: Waiting, at: &WhereArgs) -> Result<Landing, Failure> {
        let own = at.pr_branch.then(|| branch_of(&waiting.request));
        if at.dry_run || own.is_some() || at.no_queue {
            let target = Target {
                branch: own.as_deref().unwrap_or(self.branch),
                from: own.is_some().then_some(self.branch),
            };
            let landed = self.together(&[waiting], target, at.dry_run).pop();
            return landed.unwrap_or_else(|| Err(out_of_time(0, None, false)));
        }
        let target = Target { branch: self.branch, from: None };
        let mut batch = |requests: Vec<Vec<u8>>| {
            let asked: Vec<Option<Waiting>> =
                requests.iter().map(|request| serde_json::from_slice(request).ok()).collect();
            let known: Vec<Waiting> = asked.iter().flatten().cloned().collect();
            let mut answers = self.together(&known, target, false).into_iter();
            asked
                .iter()
                .map(|asked| {
                    // What is of another version of onramp is left to that one.
                    let answer = asked.as_ref().and_then(|_| answers.next())?;
                    serde_json::to_vec(&answer).ok()
                })
                .collect()
        };
        let request = serde_json::to_vec(&waiting).map_err(|error| Failure::system(&error))?;
        match queue::run(&self.queue(at), &request, self.budget.until, &mut batch) {
            Ok(answer) => serde_json::from_slice(&answer).map_err(|error| Failure::system(&error))?,
            // It is faster together, and right alone as well.
            Err(QueueError::Unavailable { .. }) => {
                let landed = self.together(&[waiting], target, false).pop();
                landed.unwrap_or_else(|| Err(out_of_time(0, None, false)))
            }
            Err(QueueError::Spent { taken }) => {
                Err(out_of_time(0, Some("others on this machine were first".to_owned()), taken))
            }
        }
    }

    /// Lands several requests with one push, each with a commit of its own.
    fn together(
        &self,
        waiting: &[Waiting],
        target: Target<'_>,
        dry_run: bool,
    ) -> Vec<Result<Landing, Failure>> {
        let plans: Vec<RefCell<Plan>> = waiting.iter().map(|_| RefCell::default()).collect();
        let wanted: Vec<Vec<String>> = waiting.iter().map(|waiting| self.wanted(&waiting.request)).collect();
        let wanted: Vec<Vec<&str>> =
            wanted.iter().map(|paths| paths.iter().map(String::as_str).collect()).collect();
        let mut prepares: Vec<_> = waiting
            .iter()
            .zip(&plans)
            .map(|(waiting, plan)| move |tip: &Snapshot| prepare(tip, waiting, dry_run, plan))
            .collect();
        let mut changes: Vec<Change<'_, Failure>> =
            prepares.iter_mut().zip(&wanted).map(|(prepare, wanted)| Change { wanted, prepare }).collect();
        let landed = match self.clone {
            Some(clone) => {
                let mut at = At::Clone(clone, self.remote);
                land::remote_each(&mut at, target, self.budget, &mut changes)
            }
            None => match Scratch::new(self.remote, self.prefix, &[]) {
                Ok(mut scratch) => {
                    let mut at = At::Scratch(&mut scratch);
                    land::remote_each(&mut at, target, self.budget, &mut changes)
                }
                Err(error) => return waiting.iter().map(|_| Err(of_remote(&error))).collect(),
            },
        };
        drop(changes);
        drop(prepares);
        let answers = landed.into_iter().zip(plans).map(|(landed, plan)| {
            let landed = landed.map_err(failure)?;
            let mut landing = Landing::on(target.branch, Some(self.remote), plan.into_inner());
            landing.pull_request = target.from.is_some();
            if let Landed::Commit { commit, .. } = landed {
                landing.commit = Some(commit.to_string());
            }
            Ok(landing)
        });
        answers.collect()
    }

    /// Returns the paths that a request reads, from the top of the repository.
    fn wanted(&self, request: &Request) -> Vec<String> {
        let below =
            |path: String| if self.prefix.is_empty() { path } else { format!("{}/{path}", self.prefix) };
        request.reads().into_iter().map(below).collect()
    }

    /// Returns where those of this machine meet who want the same as the same person.
    fn queue(&self, at: &WhereArgs) -> PathBuf {
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
        let usual = || queue::base(runtime.as_deref(), &std::env::temp_dir());
        let base = at.queue.clone().unwrap_or_else(usual);
        let mut relevant: Vec<(String, String)> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .filter(|(name, _)| queue::is_relevant(name))
            .collect();
        relevant.sort();
        let mut parts = vec![self.remote.identity(), self.branch, self.prefix, env!("CARGO_PKG_VERSION")];
        parts.extend(relevant.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]));
        let settings = self.clone.map(git::Repo::identity_settings).unwrap_or_default();
        parts.push(&settings);
        queue::directory(&base, &parts)
    }
}

/// Plans a request on a tip, and keeps the plan.
fn prepare(
    tip: &Snapshot,
    waiting: &Waiting,
    dry_run: bool,
    kept: &RefCell<Plan>,
) -> Result<Prepared, Failure> {
    let plan = release::plan(tip, &waiting.request, Moment(waiting.now), &waiting.today)?;
    let prepared = if plan.files.is_empty() || dry_run {
        Prepared::Nothing
    } else {
        let bytes = |text: &Option<String>| text.as_ref().map(|text| text.clone().into_bytes());
        Prepared::Commit {
            files: plan.files.iter().map(|(path, text)| (path.clone(), bytes(text))).collect(),
            message: plan.message.clone(),
            author: None,
            sign_off: waiting.sign_off,
        }
    };
    kept.replace(plan);
    Ok(prepared)
}

/// Names the branch of a pull request: the same for the same release, so that asking twice is asking once.
fn branch_of(request: &Request) -> String {
    let (what, key) = request.summary();
    let digest = Sha256::digest(key.as_bytes());
    let hash = digest.iter().take(4).fold(0_u32, |hash, byte| hash << 8 | u32::from(*byte));
    let plain: String =
        what.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '-' }).take(80).collect();
    format!("onramp/{plain}-{hash:08x}")
}

/// Lets the local branch follow the remote's, where it has nothing of its own.
fn catch_up(git: &git::Repo, branch: &str, remote: &Remote, theirs: &str, budget: Budget) -> Option<String> {
    let full = git.branch(branch).ok()?;
    let tip = git.fetch(remote, theirs, budget.until).ok()?;
    let own = git.reference(&full).ok()??;
    if own == tip {
        return None;
    }
    if !git.is_ancestor(&own, &tip).unwrap_or(false) {
        return Some(format!(
            "`{branch}` has commits of its own and stays where it is; `git pull --rebase` brings both together"
        ));
    }
    // What others changed beside the config repo would not follow.
    if !git.prefix().is_empty() {
        return Some(format!("`{branch}` stays where it is; `git pull` brings it to the tip"));
    }
    if !git.move_reference(&full, &tip, Some(&own), "onramp: fast-forward").unwrap_or(false) {
        return None;
    }
    let changed = git.tree(&tip.to_string()).and_then(|new| new.changes(&git.tree(&own.to_string())?));
    let paths: Vec<String> = changed.unwrap_or_default().into_iter().map(|changed| changed.path).collect();
    told(git.follow(&full, &own, &tip, &paths)).into_iter().next()
}

/// Says what of the work trees did not follow.
fn told(followed: Result<Vec<Followed>, GitError>) -> Vec<String> {
    let followed = match followed {
        Ok(followed) => followed,
        Err(error) => return vec![format!("the files of the work tree are as before: {error}")],
    };
    followed.iter().filter_map(left_behind).collect()
}

/// Says what of a work tree did not follow, and what to do.
fn left_behind(followed: &Followed) -> Option<String> {
    let place = followed.work_tree.display();
    match &followed.state {
        FollowState::Moved { kept } if kept.is_empty() => None,
        FollowState::Moved { kept } => {
            let paths: Vec<String> = kept.iter().map(|kept| format!("`{}`", kept.path)).collect();
            Some(format!(
                "{} in `{place}` has changes of its own and still says the old image: bring both together before you commit it",
                paths.join(", ")
            ))
        }
        FollowState::Locked(lock) => Some(format!(
            "another git process holds `{}`, so the files in `{place}` are as before: `git restore --staged --worktree .` takes the new ones",
            lock.display()
        )),
        FollowState::Missing => None,
        FollowState::Failed(error) => Some(format!("the files in `{place}` are as before: {error}")),
    }
}

fn deadline(at: &WhereArgs) -> Instant {
    Instant::now() + at.timeout
}

#[expect(clippy::disallowed_methods, reason = "a path counts from where the user stands")]
fn here() -> Result<PathBuf, Failure> {
    std::env::current_dir().map_err(|error| Failure::system(&error))
}

/// Says why nothing landed.
fn failure(error: LandError<Failure>) -> Failure {
    match error {
        LandError::Prepare(failure) => failure,
        LandError::Git(error) => of_git(&error),
        LandError::Remote(error) => of_remote(&error),
        LandError::Rejected(words) => {
            let mut failure = Failure::usage("the server does not take the commit");
            failure.kind = Kind::System;
            failure.causes.extend(words.lines().map(str::to_owned));
            failure.hint("it says so itself: a protected branch, or a hook of its own; `--pr-branch` goes by a pull request")
        }
        LandError::NoCommit { branch } => Failure::usage(format!("the branch `{branch}` has no commit yet")),
        LandError::Spent { tries, last, unknown } => out_of_time(tries, last, unknown),
    }
}

fn out_of_time(tries: u32, last: Option<String>, unknown: bool) -> Failure {
    let after = if tries == 0 { String::new() } else { format!(" after {tries} tries") };
    let mut failure = Failure::usage(format!("the time was over{after}, and the commit is not there"));
    if unknown {
        failure.message = format!("the time was over{after}, and nobody can say whether the commit is there");
    }
    failure.kind = Kind::OutOfTime;
    failure.causes.extend(last);
    failure.hint("run it again: what landed already is not done twice; `--timeout` gives it longer")
}

fn of_remote(error: &RemoteError) -> Failure {
    let mut failure = Failure::system(error);
    failure.kind = match error {
        RemoteError::Invalid { .. }
        | RemoteError::Branch { .. }
        | RemoteError::Authentication { .. }
        | RemoteError::NoBranch { .. } => Kind::Usage,
        RemoteError::TimedOut { .. } => Kind::OutOfTime,
        RemoteError::Git(error) => return of_git(error),
        RemoteError::Unreachable { .. } | RemoteError::Failed { .. } => Kind::System,
    };
    failure
}
