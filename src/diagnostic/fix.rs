//! What would mend a finding, byte by byte.

use std::ops::Range;
use std::sync::Arc;

/// Edits that mend a finding together, or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an instruction: "quote it".
    pub message: String,
    /// Whether it may be applied unseen.
    pub safety: Safety,
    /// The edits, which do not overlap.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied unseen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// It says what was meant, and what is rendered stays the same or becomes what the finding asks for.
    Safe,
    /// It may change what runs beyond that, or needs something done elsewhere.
    Unsafe,
}

/// Bytes of a file, and what takes their place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, relative to the root of the config repo, with `/`.
    pub path: Arc<str>,
    /// The bytes that go; an empty range for an insertion.
    pub span: Range<usize>,
    /// What comes.
    pub text: String,
}
