//! Who answers a URL: the routes of all APIs as one flat table, and the routers' own rules for it.
//!
//! [`of`] takes the routes out of an API as the routers' own renderers write them, [`answer`] asks a
//! router. Every router is one file below `semantics/`, a pure function over the table; `tests/it/route` holds each against facts that are
//! not ours, and the conformance suite holds nginx against the real one.

pub mod edge;
pub mod explain;
mod host;
mod listing;
mod path;
mod read;
mod semantics;
mod traps;
mod url;

pub use host::{nearest_hosts, plain_host};
pub use listing::{FORMATS, Format};
pub use read::of;
pub use semantics::answer;
pub use url::{Url, UrlError};

use std::fmt;
use std::sync::Arc;

use crate::platform::RouterKind;
use crate::render::{EntryKind, Written};

/// What happens to the path before the container sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// Nothing.
    Keep,
    /// The matched prefix is taken away.
    Strip,
    /// The matched prefix is replaced.
    Prefix(String),
}

impl fmt::Display for Rewrite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Keep => f.write_str("keep"),
            Self::Strip => f.write_str("strip"),
            Self::Prefix(prefix) => write!(f, "prefix {prefix}"),
        }
    }
}

/// One way from a host and a path to a port of a Service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The API.
    pub api: Arc<str>,
    /// The environment.
    pub environment: Arc<str>,
    /// What answers for the host.
    pub router: RouterKind,
    /// The entry that it belongs to.
    pub entry: EntryKind,
    /// Name of the rendered object.
    pub object: String,
    /// The host in lower case; `*.` in front stands for any labels.
    pub host: String,
    /// The path; `/` for the whole host, otherwise without a slash at its end.
    pub path: String,
    /// Whether only this very path is meant, and nothing below it.
    pub exact: bool,
    /// What happens to the path.
    pub rewrite: Rewrite,
    /// How path and rewrite stand in the object.
    pub written: Written,
    /// The workload, where the API has several.
    pub workload: Option<String>,
    /// The Service.
    pub service: String,
    /// Port of the Service, by name or by number, as the object says it.
    pub port: String,
    /// Where the route is written.
    pub origin: Origin,
}

/// A place in a file of the config repo, as people count it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The file, from the root of the repo.
    pub path: Arc<str>,
    /// From 1.
    pub line: usize,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)
    }
}

/// What a router does with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The route that wins; none where the router itself answers.
    pub route: Option<&'a Route>,
    /// What the container is asked for: path and query.
    pub container_path: Option<String>,
    /// What the router answers itself: 400 or 404.
    pub status: Option<u16>,
    /// Routes that match as well, best first.
    pub lost: Vec<Lost<'a>>,
    /// What is surprising.
    pub notes: Vec<Note>,
}

/// A route that matches and does not win.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost<'a> {
    /// The route.
    pub route: &'a Route,
    /// Why another one wins.
    pub why: String,
}

/// Something about an answer that a reader may not expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What kind of surprise, for programs.
    pub kind: NoteKind,
    /// The same for people: a fragment with names in backticks.
    pub text: String,
}

/// The kinds of surprises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NoteKind {
    /// The router cannot rewrite, so the container sees the prefix.
    NoRewrite,
    /// A rewrite on one route of the host changes how all of its paths match.
    HostWideRegex,
    /// Upper and lower case decide.
    Case,
    /// The match ends inside a segment of the path.
    PartOfSegment,
    /// `//` in the path.
    RepeatedSlash,
    /// `%2F` in the path.
    EncodedSlash,
    /// `.` or `..` as a segment of the path.
    DotSegment,
    /// Percent-encoding that does not arrive as it was sent.
    Encoding,
    /// The prefix was asked for without a slash at its end.
    MissingTrailingSlash,
    /// Two routes are equally good, and their age decides.
    Tie,
}

impl NoteKind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::NoRewrite,
        Self::HostWideRegex,
        Self::Case,
        Self::PartOfSegment,
        Self::RepeatedSlash,
        Self::EncodedSlash,
        Self::DotSegment,
        Self::Encoding,
        Self::MissingTrailingSlash,
        Self::Tie,
    ];

    /// Returns its name in JSON and in the documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoRewrite => "no-rewrite",
            Self::HostWideRegex => "host-wide-regex",
            Self::Case => "case",
            Self::PartOfSegment => "part-of-segment",
            Self::RepeatedSlash => "repeated-slash",
            Self::EncodedSlash => "encoded-slash",
            Self::DotSegment => "dot-segment",
            Self::Encoding => "encoding",
            Self::MissingTrailingSlash => "missing-trailing-slash",
            Self::Tie => "tie",
        }
    }
}

impl Note {
    /// Makes a note.
    pub(crate) fn new(kind: NoteKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}
