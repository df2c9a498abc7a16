//! A part of a patch that Kustomize drops without a word.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::hatch::Problem;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "ineffective-patch",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/ineffective-patch.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for trouble in context.hatch.troubles(Problem::Effect) {
        sink.push(trouble.finding(&CODE));
    }
}
