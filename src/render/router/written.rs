//! What stands in a router's objects: paths in the router's own words.

use super::entry::{Entry, EntryHost, EntryPath};

/// A path as an object says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// Its text.
    pub text: String,
    /// How the router reads the text.
    pub kind: PathKind,
    /// What the router is told to put in its place, with `$1` for what an expression captures. Nothing
    /// where the path stays, and where the router takes a prefix away by itself.
    pub target: Option<String>,
}

/// How a router reads a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathKind {
    /// The path, and all below it, by whole segments.
    Prefix,
    /// The path itself.
    Exact,
    /// As a regular expression.
    Expression,
}

/// A path of an entry in its object.
#[derive(Debug)]
pub struct Placed<'e, 'a> {
    /// The entry.
    pub entry: &'e Entry<'a>,
    /// The host.
    pub host: &'e EntryHost<'a>,
    /// The path.
    pub path: &'e EntryPath<'a>,
    /// Name of the object.
    pub object: String,
    /// What stands there.
    pub written: Written,
}

impl Written {
    /// Writes a path in Kubernetes' own words, by whole segments.
    pub(super) fn plain(path: &EntryPath<'_>) -> Self {
        let kind = if path.exact { PathKind::Exact } else { PathKind::Prefix };
        Self { text: path.prefix.to_owned(), kind, target: None }
    }
}

impl PathKind {
    /// Returns the `pathType` of an Ingress.
    pub(super) fn path_type(self) -> &'static str {
        match self {
            PathKind::Prefix => "Prefix",
            PathKind::Exact => "Exact",
            PathKind::Expression => "ImplementationSpecific",
        }
    }
}
