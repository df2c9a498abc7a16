//! The files behind one merged tree.

use super::{Source, Span};
use crate::diagnostic::Location;

/// Several sources, found by the id in a [`Span`]: built-in defaults, platform.yaml, metadata.yaml.
#[derive(Clone, Debug)]
pub struct Sources<'a>(Vec<&'a Source>);

impl<'a> Sources<'a> {
    /// Collects sources; their ids must be their positions.
    pub fn new(sources: Vec<&'a Source>) -> Self {
        debug_assert!(sources.iter().enumerate().all(|(index, source)| usize::from(source.id.0) == index));
        Self(sources)
    }

    /// Returns the source that a span points into.
    pub fn of(&self, span: Span) -> &'a Source {
        self.0[usize::from(span.source.0)]
    }

    /// Turns a span into a place for a finding.
    pub fn location(&self, span: Span) -> Location {
        self.of(span).location(span)
    }

    /// Returns the text of a span as it stands in its file.
    pub fn slice(&self, span: Span) -> &'a str {
        self.of(span).slice(span)
    }
}
