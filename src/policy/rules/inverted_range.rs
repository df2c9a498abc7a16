//! A range whose end is below its start: of an autoscaler, or of ports.

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
    for environment in context.environments() {
        let egress = environment.api.network_policy.egress.iter().flatten();
        for (index, destination) in egress.enumerate() {
            for (place, range) in destination.ports.iter().enumerate() {
                let Some(end) = range.end_port.filter(|end| *end < range.port) else { continue };
                let [index, place] = [index, place].map(|number| number.to_string());
                let keys = ["networkPolicy", "egress", &index, "ports", &place, "endPort"];
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_in(&environment, &keys),
                        format!("`endPort` is {end}, below `port`, which is {}", range.port),
                    )
                    .label("below `port`")
                    .help("swap the two"),
                );
            }
        }
    }
}
