//! A rollout that may neither add nor remove a pod.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::metadata::IntOrString;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("stuck-rollout", include_str!("../../../docs/rules/stuck-rollout.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        let Some(strategy) = &here.workload.strategy else { continue };
        let (Some(surge), Some(unavailable)) = (&strategy.max_surge, &strategy.max_unavailable) else {
            continue;
        };
        if is_zero(surge) && is_zero(unavailable) {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_workload(&here, &["strategy", "maxUnavailable"]),
                    "with `maxSurge` and `maxUnavailable` both 0 no pod can be replaced",
                )
                .label("one of the two must be above 0")
                .help("write `maxSurge: 1`"),
            );
        }
    }
}

fn is_zero(value: &IntOrString) -> bool {
    match value {
        IntOrString::Int(number) => *number == 0,
        IntOrString::Text(percent) => percent.trim_end_matches('%').bytes().all(|digit| digit == b'0'),
    }
}
