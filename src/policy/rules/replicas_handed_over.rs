//! An autoscaler takes over from a number of replicas that is no longer said.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::transition::{named, objects_after};
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "replicas-handed-over",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/replicas-handed-over.md"),
);

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        for change in &environment.objects {
            let replicas = ["spec", "replicas"];
            let gone = change.fields.iter().find(|field| field.path.is(&replicas) && field.after.is_none());
            // Kubernetes fills in 1, which is no loss for who had no more.
            let Some(had) = gone.and_then(|field| field.before?.as_u64()).filter(|had| *had > 1) else {
                continue;
            };
            let scaled = objects_after(environment).any(|object| {
                let target = &object.json["spec"]["scaleTargetRef"];
                target["kind"] == change.id.kind && target["name"] == change.id.name
            });
            if !scaled {
                continue;
            }
            let message = format!(
                "{} loses its `replicas: {had}` to an autoscaler: it scales to 1 once, before the autoscaler acts",
                named(environment, &change.id)
            );
            sink.push(
                context
                    .finding(&CODE, Some(environment), &["autoscaling", "replicas"], message)
                    .label("takes the place of `replicas`")
                    .help("merge it in a quiet hour, with the approval of the platform; the autoscaler is back at `min` within a minute"),
            );
        }
    }
}
