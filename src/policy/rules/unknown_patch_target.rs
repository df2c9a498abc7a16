//! A patch is for something that does not exist.

use crate::diagnostic::{Code, Sink};
use crate::policy::hatch::Problem;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("unknown-patch-target", include_str!("../../../docs/rules/unknown-patch-target.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for trouble in context.hatch.troubles(Problem::Target) {
        sink.push(trouble.finding(&CODE));
    }
}
