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
    for environment in context.environments() {
        let (path, pods): (&[&str], u32) = match &environment.api.autoscaling {
            Some(autoscaling) => (&["autoscaling", "max"], autoscaling.max),
            None => (&["replicas"], environment.api.replicas.unwrap_or(1)),
        };
        if pods > most {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_in(&environment, path),
                    format!("tier `{tier}` gives {}, here {pods}", count(most as usize, "pod")),
                )
                .label("too many")
                .help("ask for less, or for a larger tier"),
            );
        }
    }
}
