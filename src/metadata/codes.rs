//! Codes of what reading and merging metadata.yaml refuses.

use crate::diagnostic::Code;

/// An API directory without metadata.yaml.
pub static MISSING_METADATA: Code =
    Code::unreadable("missing-metadata", include_str!("../../docs/rules/missing-metadata.md"));
/// A key with nothing behind it.
pub static EMPTY_VALUE: Code =
    Code::unreadable("empty-value", include_str!("../../docs/rules/empty-value.md"));
/// A number or boolean that stands for a text, but not by its own spelling.
pub static UNQUOTED_TEXT: Code =
    Code::unreadable("unquoted-text", include_str!("../../docs/rules/unquoted-text.md"));
/// A `null` that removes nothing.
pub static NOTHING_TO_REMOVE: Code =
    Code::unreadable("nothing-to-remove", include_str!("../../docs/rules/nothing-to-remove.md"));
/// Schema and types disagree.
pub static ONRAMP_BUG: Code = Code::unreadable("onramp-bug", include_str!("../../docs/rules/onramp-bug.md"));
