//! An autoscaler whose least is above its greatest.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("inverted-range", include_str!("../../../docs/rules/inverted-range.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        let Some(range) = &here.workload.autoscaling else { continue };
        if range.min > range.max {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_workload(&here, &["autoscaling", "min"]),
                    format!("`min` is {}, above `max`, which is {}", range.min, range.max),
                )
                .label("above `max`")
                .help("swap the two"),
            );
        }
    }
}
