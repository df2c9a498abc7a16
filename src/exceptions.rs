//! The platform's exceptions: waivers, which let a finding pass for a reason, and freezes, during which nothing
//! is released.
//!
//! They lie in small files of their own, so that two of them meet in no merge: `waivers/**/*.yaml` and
//! `freezes/**/*.yaml`. [`Exceptions`] is a value, since those that hold for a change are the base branch's and
//! not the change's own.

mod baseline;
mod freeze;
mod ignore;
mod pattern;
mod read;
mod waiver;

pub use baseline::{Baseline, Covered, FIXED_BASELINE_ENTRY, MAX_BASELINE, Scope};
pub use freeze::Freeze;
pub use ignore::Ignore;
pub use pattern::Pattern;
pub use waiver::{Applied, Waiver};

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Fix, Location, Sink};
use crate::moment::Moment;
use crate::snapshot::{Snapshot, SnapshotError};
use crate::yaml::{self, Node, Source, Span};

/// Where waivers lie.
pub const WAIVERS: &str = "waivers";
/// Where freezes lie.
pub const FREEZES: &str = "freezes";

/// All exceptions of a config repo, by file and then by their place in it.
#[derive(Clone, Debug, Default)]
pub struct Exceptions {
    /// What may pass.
    pub waivers: Vec<Waiver>,
    /// When nothing is released.
    pub freezes: Vec<Freeze>,
    by_api: waiver::ByApi,
}

/// Where an exception is written.
#[derive(Clone, Debug)]
pub struct Written {
    source: Arc<Source>,
    node: Node,
}

impl Exceptions {
    /// Reads the exceptions of a config repo. A file that cannot be read is a finding, and grants nothing.
    ///
    /// # Errors
    /// Fails where the repo itself cannot be read.
    pub fn read(snapshot: &Snapshot, sink: &mut Sink) -> Result<Self, SnapshotError> {
        let waivers = read::all(snapshot, WAIVERS, waiver::parse, sink)?;
        let freezes = read::all(snapshot, FREEZES, freeze::parse, sink)?;
        Ok(Self { by_api: waiver::ByApi::new(&waivers), waivers, freezes })
    }

    /// Takes the findings out that waivers cover.
    pub fn apply(&self, findings: &mut Vec<Diagnostic>, today: &str) -> Applied {
        waiver::apply(&self.waivers, &self.by_api, findings, today)
    }

    /// Tells whether waivers cover a finding that belongs to an API, or to none.
    pub fn cover(&self, finding: &Diagnostic, api: Option<&str>, today: &str) -> bool {
        waiver::covering(&self.waivers, &self.by_api, finding, api, today).whole
    }

    /// Returns the first freeze that holds for an API in an environment at a moment.
    pub fn freeze(&self, api: &str, environment: &str, now: Moment) -> Option<&Freeze> {
        self.freezes.iter().find(|freeze| freeze.holds(api, environment, now))
    }
}

impl Written {
    /// Points at the value that a path of keys and indices leads to, or as near as there is one.
    pub fn locate<'a>(&self, path: impl IntoIterator<Item = &'a str>) -> Location {
        Location::at(self.source.path.clone(), range(self.node.follow(path).0.span))
    }

    /// Points at the first key, which stands for the whole.
    pub fn location(&self) -> Location {
        let key = self.node.entries().first().map_or(self.node.span, |entry| entry.key_span);
        Location::at(self.source.path.clone(), range(key))
    }

    /// Swaps the values of two keys.
    pub fn swapping(&self, one: &str, other: &str) -> Option<Fix> {
        let (one, other) = (self.node.get(one)?, self.node.get(other)?);
        let (first, second) = (self.source.slice(one.span), self.source.slice(other.span));
        let path = || self.source.path.clone();
        let fix = Fix::risky("swap the two").edit(path(), range(one.span), second);
        Some(fix.edit(path(), range(other.span), first))
    }

    /// Takes the entry out of its file, where others stand beside it.
    pub fn removal(&self, message: &str) -> Option<Fix> {
        let span = yaml::item_removal(&self.source.text, &range(self.node.span))?;
        Some(Fix::safe(message).without(self.source.path.clone(), span))
    }
}

fn range(span: Span) -> Range<usize> {
    span.start as usize..span.end as usize
}
