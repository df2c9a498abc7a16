//! Codes of what is wrong with the platform's side as a whole.

use crate::diagnostic::Code;

/// No platform.yaml.
pub static MISSING_PLATFORM: Code =
    Code::unreadable("missing-platform", include_str!("../../docs/rules/missing-platform.md"));

/// An expression of a custom rule that means nothing.
pub static INVALID_EXPRESSION: Code =
    Code::unreadable("invalid-expression", include_str!("../../docs/rules/invalid-expression.md"));

/// An expression of a custom rule that could take too long.
pub static EXPENSIVE_RULE: Code =
    Code::unreadable("expensive-rule", include_str!("../../docs/rules/expensive-rule.md"));
