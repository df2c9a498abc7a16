//! A CronJob does not say when it runs.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::Kind;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("missing-schedule", include_str!("../../../docs/rules/missing-schedule.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        if here.workload.kind == Kind::CronJob && here.workload.schedule.is_none() {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_workload(&here, &["kind"]),
                    format!("the CronJob{} does not say when it runs", here.of()),
                )
                .label("needs a schedule")
                .help("write `schedule: \"15 3 * * *\"`, or a macro such as `@daily`"),
            );
        }
    }
}
