//! A range whose end is below its start: of an autoscaler, or of ports.

use crate::diagnostic::{Code, Diagnostic, Fix, Location, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::unreadable("inverted-range", include_str!("../../../docs/rules/inverted-range.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        let Some(range) = &here.workload.autoscaling else { continue };
        if range.min > range.max {
            let min = context.locate_workload(&here, &["autoscaling", "min"]);
            let max = context.locate_workload(&here, &["autoscaling", "max"]);
            let fix = swapped(&min, &range.min.to_string(), &max, &range.max.to_string());
            let message = format!("`min` is {}, above `max`, which is {}", range.min, range.max);
            sink.push(
                Diagnostic::new(&CODE, min, message).label("above `max`").help("swap the two").maybe_fix(fix),
            );
        }
    }
    for environment in context.environments() {
        let egress = environment.api.network_policy.egress.iter().flatten();
        for (index, destination) in egress.enumerate() {
            for (place, range) in destination.ports.iter().enumerate() {
                let Some(end) = range.end_port.filter(|end| *end < range.port) else { continue };
                let [index, place] = [index, place].map(|number| number.to_string());
                let keys = |last| ["networkPolicy", "egress", &index, "ports", &place, last];
                let (last, first) = (
                    context.locate_in(&environment, &keys("endPort")),
                    context.locate_in(&environment, &keys("port")),
                );
                let fix = swapped(&last, &end.to_string(), &first, &range.port.to_string());
                let message = format!("`endPort` is {end}, below `port`, which is {}", range.port);
                sink.push(
                    Diagnostic::new(&CODE, last, message)
                        .label("below `port`")
                        .help("swap the two")
                        .maybe_fix(fix),
                );
            }
        }
    }
}

/// Swaps two numbers that stand in one file.
fn swapped(one: &Location, first: &str, other: &Location, second: &str) -> Option<Fix> {
    let (here, there) = (one.span.clone()?, other.span.clone()?);
    if one.path != other.path || here.len() != first.len() || there.len() != second.len() {
        return None;
    }
    let fix = Fix::risky("swap the two");
    Some(fix.edit(one.path.clone(), here, second).edit(other.path.clone(), there, first))
}
