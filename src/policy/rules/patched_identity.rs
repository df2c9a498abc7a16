//! A patch changes what an object is known by.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::hatch::Problem;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "patched-identity",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/patched-identity.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for trouble in context.hatch.troubles(Problem::Identity) {
        sink.push(trouble.finding(&CODE));
    }
}
