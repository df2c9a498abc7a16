//! What is found in the objects that an API builds to, and which of it has been said already.
//!
//! All findings come at once, so an API is built even where the rules on its state have found errors, and then one cause could
//! be told twice: in the words of metadata.yaml, and in those of what comes of it. Two principles keep that out. Where a line has an error
//! already, nothing else is said of that line. And that something cannot be built is said only where no error says why.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Location, Severity, Sink};
use crate::policy::{self, ApiContext, EffectiveContext};
use crate::render::{FileTree, Templates};
use crate::snapshot::SnapshotError;

/// What the objects of one API gave.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Why something cannot be built.
    build: Vec<Diagnostic>,
    /// What the rules on objects say.
    rules: Vec<Diagnostic>,
}

impl Found {
    /// Builds an API and runs the rules on its objects, which are gone after that.
    pub(super) fn of(
        context: &ApiContext<'_>,
        tree: &FileTree,
        templates: &Templates,
        sink: &Sink,
    ) -> Result<Self, SnapshotError> {
        let (mut build, mut rules) = (sink.another(), sink.another());
        let objects = EffectiveContext::build(context, tree, templates, &mut build)?;
        policy::check_effective(&objects, &mut rules);
        let mut found = Self { build: build.into_findings(), rules: rules.into_findings() };
        let api: Arc<str> = context.name.into();
        found.build.iter_mut().chain(&mut found.rules).for_each(|finding| finding.api = Some(api.clone()));
        Ok(found)
    }

    /// Tells whether nothing was found, as it is of most.
    pub(super) fn is_empty(&self) -> bool {
        self.build.is_empty() && self.rules.is_empty()
    }

    /// Walks all of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.build.iter().chain(&self.rules)
    }

    /// Returns what has not been said. `explained` tells that errors of the API say why it cannot be built.
    pub(super) fn news(self, said: &Said, explained: bool) -> impl Iterator<Item = Diagnostic> {
        let build = self.build.into_iter().filter(move |_| !explained);
        build.chain(self.rules).filter(|finding| !said.is_said(finding))
    }
}

/// The places that have an error.
#[derive(Debug, Default)]
pub(super) struct Said<'a>(BTreeMap<&'a str, Vec<(&'static str, &'a Location)>>);

impl<'a> Said<'a> {
    /// Collects the places of errors.
    pub(super) fn by(findings: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut said = Self::default();
        for finding in findings {
            if finding.severity == Severity::Error {
                said.0.entry(&finding.primary.path).or_default().push((finding.code.name, &finding.primary));
            }
        }
        said
    }

    fn is_said(&self, finding: &Diagnostic) -> bool {
        let here = self.0.get(&*finding.primary.path).map(Vec::as_slice).unwrap_or_default();
        here.iter().any(|(code, place)| *code != finding.code.name && meets(place, &finding.primary))
    }
}

/// Tells whether two places of one file have a byte in common.
fn meets(one: &Location, other: &Location) -> bool {
    match (&one.span, &other.span) {
        (Some(one), Some(other)) => {
            one.start < other.end.max(other.start + 1) && other.start < one.end.max(one.start + 1)
        }
        (None, None) => true,
        _ => false,
    }
}
