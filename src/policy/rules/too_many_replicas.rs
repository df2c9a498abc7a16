//! More pods than the tier gives.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy, count};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "too-many-replicas",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/too-many-replicas.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let Some(tier) = &context.metadata.top.api.tier else { return };
    let Some(most) = context.platform.model.tiers.get(tier).and_then(|tier| tier.max_replicas) else {
        return;
    };
    for here in context.workloads().filter(|here| here.workload.kind.runs_on()) {
        let (path, pods): (&[&str], u32) = match &here.workload.autoscaling {
            Some(autoscaling) => (&["autoscaling", "max"], autoscaling.max),
            None => (&["replicas"], here.workload.replicas.unwrap_or(1)),
        };
        if pods > most {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_workload(&here, path),
                    format!("tier `{tier}` gives {}, here {pods}", count(most as usize, "pod")),
                )
                .label("too many")
                .in_environment(here.environment.name)
                .help("ask for less, or for a larger tier"),
            );
        }
    }
}
