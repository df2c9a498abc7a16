//! What commits say of themselves, held against what they do.

use std::collections::BTreeSet;

use super::images::Container;
use super::{Entry, ImageStep, Query, Unknown, What, entry};
use crate::git::{Commit, ObjectId};
use crate::release::{ImageChange, Recorded, parse};

/// What a commit says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Exactly this.
    Recorded,
    /// Nothing.
    Unrecorded,
    /// Something else, or something that did not happen.
    Contradicted,
}

impl Mark {
    /// Returns the name in JSON and for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recorded => "recorded",
            Self::Unrecorded => "unrecorded",
            Self::Contradicted => "contradicted",
        }
    }
}

/// What a commit says, and what those say that it merges.
#[derive(Debug, Default)]
pub(super) struct Said {
    words: Vec<Words>,
}

/// What one commit says of one container.
#[derive(Debug)]
struct Words {
    change: ImageChange,
    /// All that it says.
    whole: Recorded,
    /// The commit, where it is one that was merged.
    merged: Option<ObjectId>,
}

impl Said {
    /// Reads the trailers of a commit; `merged` is its name where it is one of a merged branch.
    pub(super) fn of(commit: &Commit, merged: Option<ObjectId>) -> Self {
        let Some(whole) = parse(&commit.message) else { return Self::default() };
        let words =
            whole.changes.iter().map(|change| Words { change: change.clone(), whole: whole.clone(), merged });
        Self { words: words.collect() }
    }

    /// Adds what another commit says.
    pub(super) fn add(&mut self, other: Self) {
        self.words.extend(other.words);
    }

    /// Tells whether it says anything of what is looked for.
    pub(super) fn speaks_of(&self, query: &Query) -> bool {
        self.words.iter().any(|words| wanted(&words.change, query))
    }

    fn of_container<'a>(
        &'a self,
        api: &'a str,
        environment: &'a str,
        workload: &'a str,
        container: &'a str,
    ) -> impl Iterator<Item = &'a Words> {
        self.words.iter().filter(move |words| {
            let change = &words.change;
            (change.api == api && change.environment == environment)
                && (change.workload == workload && change.container == container)
        })
    }

    /// Lists what the commit says and does not do. Of what it merges only the outcome counts, and nobody knows it where an
    /// environment cannot be built.
    pub(super) fn undone(
        &self,
        done: &BTreeSet<(String, String, String, String)>,
        unknown: &[Unknown],
        commit: &Commit,
        query: &Query,
    ) -> Vec<Entry> {
        let own = self.words.iter().filter(|words| words.merged.is_none() && wanted(&words.change, query));
        let undone = own.filter(|words| {
            let ImageChange { api, environment, workload, container, .. } = &words.change;
            let is_unknown = unknown.iter().any(|unknown| {
                unknown.commit == commit.id && unknown.api == *api && unknown.environment == *environment
            });
            let key = (api.clone(), environment.clone(), workload.clone(), container.clone());
            !is_unknown && !done.contains(&key)
        });
        let told = undone.map(|words| {
            let ImageChange { api, environment, namespace, workload, container, old, new } = &words.change;
            let step = ImageStep {
                container: Container {
                    workload: workload.clone(),
                    kind: String::new(),
                    name: container.clone(),
                },
                namespace: Some(namespace.clone()).filter(|name| !name.is_empty()),
                old: Some(old.clone()),
                new: Some(old.clone()),
                mark: Mark::Contradicted,
                said: Some(new.clone()),
                record: None,
                recorded_in: None,
            };
            entry(commit, api, environment, What::Image(Box::new(step)))
        });
        told.collect()
    }
}

/// Tells whether it is about what is looked for.
fn wanted(change: &ImageChange, query: &Query) -> bool {
    query.apis.as_ref().is_none_or(|apis| apis.contains(&change.api))
        && query.environment.as_ref().is_none_or(|environment| *environment == change.environment)
}

/// Holds a change against what is said of it.
pub(super) fn mark(step: &mut ImageStep, said: &Said, api: &str, environment: &str) {
    let Container { workload, name, .. } = &step.container;
    let mut fitting = None;
    let mut last = None;
    for words in said.of_container(api, environment, workload, name) {
        let change = &words.change;
        let fits = step.new.as_ref() == Some(&change.new)
            // A branch may have started from another image than the one that it was merged over.
            && (step.old.as_ref() == Some(&change.old) || words.merged.is_some());
        // Of a commit that says two things of one container one is wrong.
        if fits && (words.merged.is_some() || last.is_none()) {
            fitting = Some(words);
        } else if words.merged.is_none() {
            fitting = None;
        }
        last = Some(words);
    }
    (step.mark, step.said) = match (fitting, last) {
        (Some(_), _) => (Mark::Recorded, None),
        (None, Some(words)) => (Mark::Contradicted, Some(words.change.new.clone())),
        (None, None) => (Mark::Unrecorded, None),
    };
    step.record = fitting.map(|words| words.whole.clone());
    step.recorded_in = fitting.and_then(|words| words.merged);
}
