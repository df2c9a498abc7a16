//! A number of replicas beside an autoscaler that sets it.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "replicas-under-autoscaler",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/replicas-under-autoscaler.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let path = Path::keys(&["spec", "replicas"]);
    for built in &context.environments {
        for autoscaler in built.of_kind("HorizontalPodAutoscaler") {
            let wanted = |key: &str| text(&autoscaler.json, &format!("/spec/scaleTargetRef/{key}"));
            let Some(target) = built.named(wanted("kind"), wanted("name")) else { continue };
            let Some(replicas) = target.json["spec"]["replicas"].as_u64() else { continue };
            let there = context.locate(built, target, &path);
            let name = Path::keys(&["spec", "scaleTargetRef", "name"]);
            let here = context.locate(built, autoscaler, &name);
            // Of a workload that onramp renders it is the autoscaler that came along, and not the number.
            let hatch = &context.api.hatch;
            let brings = |object| hatch.brings(built.environment.name, object);
            let (primary, other, help) = if brings(autoscaler) && !brings(target) {
                (
                    here,
                    (there, "the number"),
                    "write `autoscaling` in metadata.yaml in its place: then the number is left out",
                )
            } else {
                (
                    there,
                    (here, "scaled here"),
                    "leave the number out: the autoscaler sets it, between its bounds",
                )
            };
            let message = format!(
                "`{}` says `replicas: {replicas}`, and `{}` scales it",
                title(target),
                title(autoscaler)
            );
            sink.push(
                Diagnostic::new(&CODE, primary, message)
                    .in_environment(built.environment.name)
                    .label("each release sets the autoscaler back")
                    .related(other.0, other.1)
                    .help(help),
            );
        }
    }
}
