//! Codes of what a schema refuses, and of scalars that are not what they look like.

use crate::diagnostic::Code;

/// A key that the schema does not know.
pub static UNKNOWN_KEY: Code =
    Code::unreadable("unknown-key", include_str!("../../docs/rules/unknown-key.md"));
/// A required key is not there.
pub static MISSING_KEY: Code =
    Code::unreadable("missing-key", include_str!("../../docs/rules/missing-key.md"));
/// A value of another type.
pub static WRONG_TYPE: Code = Code::unreadable("wrong-type", include_str!("../../docs/rules/wrong-type.md"));
/// A value that breaks a bound, a pattern, a format or an enumeration.
pub static INVALID_VALUE: Code =
    Code::unreadable("invalid-value", include_str!("../../docs/rules/invalid-value.md"));
/// Two keys of which only one may stand.
pub static EXCLUSIVE_KEYS: Code =
    Code::unreadable("exclusive-keys", include_str!("../../docs/rules/exclusive-keys.md"));
/// A key with nothing behind it.
pub static EMPTY_VALUE: Code =
    Code::unreadable("empty-value", include_str!("../../docs/rules/empty-value.md"));
/// A number or boolean that stands for a text, but not by its own spelling.
pub static UNQUOTED_TEXT: Code =
    Code::unreadable("unquoted-text", include_str!("../../docs/rules/unquoted-text.md"));
/// Schema and types disagree.
pub static ONRAMP_BUG: Code = Code::unreadable("onramp-bug", include_str!("../../docs/rules/onramp-bug.md"));
