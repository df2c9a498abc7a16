//! What an API server takes and warns of: `refused_object` finds it.

use crate::diagnostic::{Code, Severity, WaivedBy};
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Reading };

pub(super) static CODE: Code = Code::new(
    "server-warning",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/server-warning.md"),
);
