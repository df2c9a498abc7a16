//! What is found in the objects that an API builds to, and which of it has been said already.
//!
//! All findings come at once, so an API is built even where the rules on its state have found errors, and then one cause could
//! be told twice: in the words of metadata.yaml, and in those of what comes of it. Two principles keep that out. Where a line has an error
//! already, nothing else is said of that line. That something cannot be built is said only where no error says why. And what an API server
//! would say comes last, without what a rule on the state has said at another line; the rule that speaks for the server knows which.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Location, Severity, Sink};
use crate::metadata;
use crate::policy::{self, ApiContext, EffectiveContext};
use crate::render::{Drafts, Templates};
use crate::snapshot::Snapshot;

/// What the objects of one API gave.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    /// Why something cannot be built.
    build: Vec<Diagnostic>,
    /// What the rules on objects say.
    rules: Vec<Diagnostic>,
    /// What an API server says.
    judged: Vec<Diagnostic>,
}

impl Found {
    /// Builds an API and runs the rules on its objects, which are gone after that.
    ///
    /// `open` are the errors of the API's state that nothing lets pass.
    pub(super) fn of(
        context: &ApiContext<'_>,
        drafts: &Drafts,
        templates: &Templates,
        sink: &Sink,
        open: &[&Diagnostic],
    ) -> Self {
        let (mut build, mut rules, mut judged) = (sink.another(), sink.another(), sink.another());
        let objects = EffectiveContext::build(context, drafts, templates, &mut build);
        policy::check_effective(&objects, &mut rules);
        policy::check_as_server(&objects, open, &mut judged);
        let mut found = Self {
            build: build.into_findings(),
            rules: rules.into_findings(),
            judged: judged.into_findings(),
        };
        let api: Arc<str> = context.name.into();
        let all = found.build.iter_mut().chain(&mut found.rules).chain(&mut found.judged);
        all.for_each(|finding| finding.api = Some(api.clone()));
        found
    }

    /// Tells whether nothing was found, as it is of most.
    pub(super) fn is_empty(&self) -> bool {
        self.build.is_empty() && self.rules.is_empty() && self.judged.is_empty()
    }

    /// Walks all of it.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.build.iter().chain(&self.rules).chain(&self.judged)
    }

    /// Returns what has not been said. `explained` tells that errors of the API say why it cannot be built.
    pub(super) fn news(self, said: &mut Said<'_>, explained: bool) -> Vec<Diagnostic> {
        let build = self.build.into_iter().filter(|_| !explained);
        let mut news: Vec<Diagnostic> =
            build.chain(self.rules).filter(|finding| !said.is_said(finding)).collect();
        let mut of_rules = Said::by(said.snapshot, &news);
        let mut judged = self.judged;
        judged.retain(|finding| !said.is_said(finding) && !of_rules.is_said(finding));
        news.extend(judged);
        news
    }
}

/// The places that have an error.
pub(super) struct Said<'a> {
    errors: BTreeMap<&'a str, Vec<&'a Diagnostic>>,
    snapshot: &'a Snapshot,
    /// Where the lines of a file end. Few files have findings of both kinds.
    ends: BTreeMap<Arc<str>, Vec<usize>>,
}

impl<'a> Said<'a> {
    /// Collects the places of errors.
    pub(super) fn by(snapshot: &'a Snapshot, findings: impl IntoIterator<Item = &'a Diagnostic>) -> Self {
        let mut errors: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
        for finding in findings {
            if finding.severity == Severity::Error {
                errors.entry(&finding.primary.path).or_default().push(finding);
            }
        }
        Self { errors, snapshot, ends: BTreeMap::new() }
    }

    fn is_said(&mut self, finding: &Diagnostic) -> bool {
        let place = &finding.primary;
        let Some(errors) = self.errors.get(&*place.path) else { return false };
        let errors = errors.iter().filter(|error| error.code != finding.code);
        let places: Vec<&Location> = errors.map(|error| &error.primary).collect();
        places.into_iter().any(|error| match (&error.span, &place.span) {
            (Some(one), Some(other)) => {
                let meets = one.start < other.end && other.start < one.end;
                meets || self.line(&place.path, one.start) == self.line(&place.path, other.start)
            }
            (None, None) => true,
            _ => false,
        })
    }

    /// Counts the lines before a byte of a file.
    fn line(&mut self, path: &Arc<str>, at: usize) -> usize {
        let ends = self.ends.entry(path.clone()).or_insert_with(|| {
            let bytes = self.snapshot.read(path, metadata::MAX_BYTES).ok().flatten().unwrap_or_default();
            bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(end, _)| end).collect()
        });
        ends.partition_point(|end| *end < at)
    }
}
