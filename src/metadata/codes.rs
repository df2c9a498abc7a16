//! Codes of what reading and merging metadata.yaml refuses.

use crate::diagnostic::Code;

/// An API directory without metadata.yaml.
pub static MISSING_METADATA: Code =
    Code::unreadable("missing-metadata", include_str!("../../docs/rules/missing-metadata.md"));
/// A `null` that removes nothing.
pub static NOTHING_TO_REMOVE: Code =
    Code::unreadable("nothing-to-remove", include_str!("../../docs/rules/nothing-to-remove.md"));
