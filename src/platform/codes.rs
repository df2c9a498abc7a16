//! Codes of what is wrong with the platform's side as a whole.

use crate::diagnostic::Code;

/// No platform.yaml.
pub static MISSING_PLATFORM: Code =
    Code::unreadable("missing-platform", include_str!("../../docs/rules/missing-platform.md"));
