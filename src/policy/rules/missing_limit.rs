//! A container has no limit for memory.

use super::missing_request::{Wanted, check};
use crate::diagnostic::{Code, Severity, WaivedBy};
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule =
    Rule { code: &CODE, check: Check::Effective(|context, sink| check(context, &WANTED, sink)) };

static CODE: Code = Code::new(
    "missing-limit",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/missing-limit.md"),
);

/// A container that takes all the processors there are is slow; one that takes all the memory takes others with it.
const WANTED: Wanted = Wanted {
    code: &CODE,
    key: "limits",
    says: "has no limit for",
    label: "no limit",
    resources: &["memory"],
    keys: &["limits"],
    by_default: |range, resource| range.limits.get(resource).is_some(),
};
