//! A patch speaks of a place that its object does not have.

use crate::diagnostic::{Code, Sink};
use crate::policy::hatch::Problem;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("missing-patch-path", include_str!("../../../docs/rules/missing-patch-path.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for trouble in context.hatch.troubles(Problem::Path) {
        sink.push(trouble.finding(&CODE));
    }
}
