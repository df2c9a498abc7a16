//! The loop for a branch of another repository: fetch, make the commits on the tip, push; again if somebody else was faster.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::pace::Pace;
use super::{Budget, LandError, Landed, Prepared, commit};
use crate::git::{ObjectId, Pushed, Remote, RemoteError, Repo, Scratch};
use crate::snapshot::Snapshot;

/// How long it may be looked up after the time is over whether a commit has arrived: the truth is worth that.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// The repository on this side.
pub enum At<'a> {
    /// A clone, whose configured remote it is. The branch is fetched into its remote-tracking reference, as `git fetch` does.
    Clone(&'a Repo, &'a Remote),
    /// A repository for this purpose.
    Scratch(&'a mut Scratch),
}

/// The branch on the other side, by its short name.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The branch that gets the commits.
    pub branch: &'a str,
    /// The branch that it starts from where there is none yet; nothing if it has to be there.
    pub from: Option<&'a str>,
}

/// One of the changes that go together.
pub struct Change<'a, E> {
    /// The paths of which everything is needed to make it, from the top of the other repository. A clone has all.
    pub wanted: &'a [&'a str],
    /// Says what it is on a state of the files.
    pub prepare: &'a mut dyn FnMut(&Snapshot) -> Result<Prepared, E>,
}

/// What a change came to.
type Outcome<E> = Result<Landed, LandError<E>>;

/// A tip, and the branch that it is of.
struct Tip {
    commit: ObjectId,
    /// Where the target is; nothing if it has to be made.
    expected: Option<ObjectId>,
}

/// The commits of one push, one on top of the other, each with the number of its change.
type Chain = Vec<(usize, ObjectId, ObjectId)>;

/// Puts a change on a branch of another repository.
///
/// # Errors
/// As [`LandError`] says.
pub fn remote<E>(
    at: &mut At<'_>,
    target: Target<'_>,
    budget: Budget,
    wanted: &[&str],
    prepare: &mut dyn FnMut(&Snapshot) -> Result<Prepared, E>,
) -> Outcome<E> {
    let mut changes = [Change { wanted, prepare }];
    let mut outcomes = remote_each(at, target, budget, &mut changes);
    match outcomes.pop() {
        Some(outcome) => outcome,
        None => Err(LandError::Spent { tries: 0, last: None, unknown: false }),
    }
}

/// Puts several changes on a branch of another repository, each as a commit on top of the one before, with one push for all. One
/// that cannot be made does not spoil the others; and if the server does not take them together, each is tried alone.
///
/// Returns what became of each, in their order.
pub fn remote_each<E>(
    at: &mut At<'_>,
    target: Target<'_>,
    budget: Budget,
    changes: &mut [Change<'_, E>],
) -> Vec<Outcome<E>> {
    let mut run =
        Run { at, target, pace: Pace::new(budget), outcomes: Vec::new(), doubtful: Vec::new(), last: None };
    run.outcomes.resize_with(changes.len(), || None);
    run.together(changes);
    let unknown = !run.doubtful.is_empty();
    let (pace, last) = (run.pace, run.last);
    run.outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or_else(|| Err(pace.spent(last.clone(), unknown))))
        .collect()
}

struct Run<'r, 'a, E> {
    at: &'r mut At<'a>,
    target: Target<'r>,
    pace: Pace,
    /// Nothing where a change is still to be landed.
    outcomes: Vec<Option<Outcome<E>>>,
    /// Pushes of which nobody knows whether they arrived.
    doubtful: Vec<Chain>,
    /// What stood in the way at last.
    last: Option<String>,
}

impl<E> Run<'_, '_, E> {
    /// Tries all open changes together until none is open or the time is over.
    fn together(&mut self, changes: &mut [Change<'_, E>]) {
        while self.outcomes.iter().any(Option::is_none) {
            if self.pace.is_over() && self.pace.tries() > 0 {
                return;
            }
            self.pace.begin();
            match self.attempt(changes) {
                Attempt::Done | Attempt::Again => {}
                Attempt::Apart => return self.apart(changes),
                // What stood in the way before says more than the end of the time.
                Attempt::TimedOut(error) => {
                    self.last.get_or_insert(error);
                    if !self.pace.unreachable() {
                        return;
                    }
                }
                Attempt::Lost => {
                    self.last = Some(format!("somebody else moved `{}`", self.target.branch));
                    if !self.pace.lost() {
                        return;
                    }
                }
                Attempt::Unreachable(error) => {
                    self.last = Some(error);
                    if !self.pace.unreachable() {
                        return;
                    }
                }
                Attempt::Failed(error) => return self.fail(&error),
            }
        }
    }

    /// Tries each open change alone: the server did not take them together, and will say which one it means.
    fn apart(&mut self, changes: &mut [Change<'_, E>]) {
        for index in 0..changes.len() {
            if self.outcomes[index].is_some() {
                continue;
            }
            // Meanwhile there is only this one.
            let mut outcomes = Vec::from([None]);
            std::mem::swap(&mut outcomes, &mut self.outcomes);
            self.together(&mut changes[index..=index]);
            std::mem::swap(&mut outcomes, &mut self.outcomes);
            let unknown = !std::mem::take(&mut self.doubtful).is_empty();
            let outcome = outcomes.pop().flatten();
            self.outcomes[index] =
                Some(outcome.unwrap_or_else(|| Err(self.pace.spent(self.last.clone(), unknown))));
        }
    }

    fn attempt(&mut self, changes: &mut [Change<'_, E>]) -> Attempt {
        match self.settle() {
            Ok(true) => return Attempt::Done,
            Ok(false) => {}
            Err(error) => return error.into(),
        }
        let tip = match self.fetch(changes) {
            Ok(tip) => tip,
            Err(error) => return error.into(),
        };
        let (chain, nothing) = self.prepare(&tip.commit, changes);
        let Some((_, last, _)) = chain.last() else { return Attempt::Done };
        let until = self.pace.until();
        let branch = self.target.branch;
        let pushed = self.at.repo().push(self.at.remote(), last, branch, tip.expected.as_ref(), until);
        match pushed {
            Ok(Pushed::Landed) => {
                self.landed(&chain);
                // What had nothing left to do on top of these is done as well.
                for index in nothing {
                    self.outcomes[index] = Some(Ok(Landed::Nothing { tip: *last }));
                }
                Attempt::Done
            }
            Ok(Pushed::Lost) => Attempt::Lost,
            Ok(Pushed::Rejected(words)) => match chain.as_slice() {
                [(index, ..)] => {
                    self.outcomes[*index] = Some(Err(LandError::Rejected(words)));
                    Attempt::Again
                }
                _ => Attempt::Apart,
            },
            Ok(Pushed::Unknown(words)) => {
                self.doubtful.push(chain);
                self.last = Some(words.clone());
                match self.settle() {
                    Ok(true) => Attempt::Done,
                    Ok(false) => Attempt::Unreachable(words),
                    Err(error) => error.into(),
                }
            }
            Err(error) => error.into(),
        }
    }

    /// Looks up whether a push arrived after which the connection broke. `true` if no change is open any more. One that is not there
    /// may still be on its way, and is looked for again at the next try.
    fn settle(&mut self) -> Result<bool, RemoteError> {
        if self.doubtful.is_empty() {
            return Ok(false);
        }
        let until = self.pace.until().max(Instant::now() + LAST_LOOK);
        let last: Vec<ObjectId> =
            self.doubtful.iter().filter_map(|chain| chain.last().map(|(_, commit, _)| *commit)).collect();
        let arrived = match self.at.have_landed(&last, self.target.branch, until) {
            Ok(arrived) => arrived,
            // It was to be made by that push.
            Err(RemoteError::NoBranch { .. }) => vec![],
            Err(error) => return Err(error),
        };
        // From the end, so that the places of the others stay.
        for (at, _) in arrived.iter().enumerate().filter(|(_, arrived)| **arrived).rev() {
            let chain = self.doubtful.remove(at);
            self.landed(&chain);
        }
        Ok(self.outcomes.iter().all(Option::is_some))
    }

    fn landed(&mut self, chain: &Chain) {
        let tries = self.pace.tries();
        for (index, commit, onto) in chain {
            let landed = Landed::Commit { commit: *commit, onto: *onto, tries, followed: Ok(Vec::new()) };
            self.outcomes[*index].get_or_insert(Ok(landed));
        }
    }

    /// Fetches the tip to build on.
    fn fetch(&mut self, changes: &[Change<'_, E>]) -> Result<Tip, RemoteError> {
        let mut wanted: Vec<&str> = Vec::new();
        for (change, outcome) in changes.iter().zip(&self.outcomes) {
            if outcome.is_none() {
                wanted.extend(change.wanted);
            }
        }
        wanted.sort_unstable();
        wanted.dedup();
        let until = self.pace.until();
        match (self.at.fetch(self.target.branch, &wanted, until), self.target.from) {
            (Ok(commit), _) => Ok(Tip { commit, expected: Some(commit) }),
            (Err(RemoteError::NoBranch { .. }), Some(from)) => {
                Ok(Tip { commit: self.at.fetch(from, &wanted, until)?, expected: None })
            }
            (Err(error), _) => Err(error),
        }
    }

    /// Makes the commits of all open changes, one on top of the other; and says which had nothing to do on top of others.
    fn prepare(&mut self, tip: &ObjectId, changes: &mut [Change<'_, E>]) -> (Chain, Vec<usize>) {
        let (mut chain, mut nothing) = (Chain::new(), Vec::new());
        let mut top = *tip;
        for (index, change) in changes.iter_mut().enumerate() {
            if self.outcomes[index].is_some() {
                continue;
            }
            match commit(self.at.repo(), &top, change.prepare) {
                Ok(Some(made)) => {
                    chain.push((index, made.commit, top));
                    top = made.commit;
                }
                Ok(None) if chain.is_empty() => {
                    self.outcomes[index] = Some(Ok(Landed::Nothing { tip: top }));
                }
                Ok(None) => nothing.push(index),
                // Of one change, as its author is, or one file of it that is in the way.
                Err(error) => self.outcomes[index] = Some(Err(error)),
            }
        }
        (chain, nothing)
    }

    /// Ends all open changes with one failure.
    fn fail(&mut self, error: &Arc<RemoteError>) {
        for outcome in self.outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
            *outcome = Some(Err(LandError::Remote(Arc::clone(error))));
        }
    }
}

/// How a try ended.
enum Attempt {
    /// What could be settled is.
    Done,
    /// The others are still open.
    Again,
    /// The server did not take them together.
    Apart,
    Lost,
    Unreachable(String),
    TimedOut(String),
    Failed(Arc<RemoteError>),
}

impl From<RemoteError> for Attempt {
    fn from(error: RemoteError) -> Self {
        match error {
            RemoteError::Unreachable { .. } => Self::Unreachable(error.to_string()),
            RemoteError::TimedOut { .. } => Self::TimedOut(error.to_string()),
            error => Self::Failed(Arc::new(error)),
        }
    }
}

impl At<'_> {
    /// Returns the repository that commits are made in.
    pub fn repo(&self) -> &Repo {
        match self {
            Self::Clone(repo, _) => repo,
            Self::Scratch(scratch) => scratch.repo(),
        }
    }

    fn remote(&self) -> &Remote {
        match self {
            Self::Clone(_, remote) => remote,
            Self::Scratch(scratch) => scratch.remote(),
        }
    }

    fn fetch(&mut self, branch: &str, wanted: &[&str], until: Instant) -> Result<ObjectId, RemoteError> {
        match self {
            Self::Clone(repo, remote) => repo.fetch(remote, branch, until),
            Self::Scratch(scratch) => scratch.fetch(branch, wanted, until),
        }
    }

    /// Tells of each commit whether it is part of the branch by now.
    fn have_landed(
        &mut self,
        commits: &[ObjectId],
        branch: &str,
        until: Instant,
    ) -> Result<Vec<bool>, RemoteError> {
        let tip = match self {
            Self::Clone(repo, remote) => repo.fetch(remote, branch, until)?,
            Self::Scratch(scratch) => scratch.fetch_since(branch, until)?,
        };
        let landed = commits.iter().map(|commit| self.repo().is_ancestor(commit, &tip));
        landed.collect::<Result<_, _>>().map_err(RemoteError::Git)
    }
}
