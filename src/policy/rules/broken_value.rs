//! What an API server takes and what cannot work behind it: `refused_object` finds it.

use crate::diagnostic::{Code, Severity, WaivedBy};
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Reading };

pub(super) static CODE: Code = Code::new(
    "broken-value",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/broken-value.md"),
);
