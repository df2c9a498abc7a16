//! An autoscaler that goes by a container which the pods do not have.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, nearest};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule, list, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "unknown-metric-container",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unknown-metric-container.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for autoscaler in built.of_kind("HorizontalPodAutoscaler") {
            let wanted = |key: &str| text(&autoscaler.json, &format!("/spec/scaleTargetRef/{key}"));
            // A Rollout takes its pods from the Deployment of its name.
            let kind = if wanted("kind") == "Rollout" { "Deployment" } else { wanted("kind") };
            let Some(target) = built.named(kind, wanted("name")) else { continue };
            let Some(pod) = PodTemplate::of(target) else { continue };
            let metrics = list(&autoscaler.json, "/spec/metrics");
            for (index, metric) in metrics.iter().enumerate() {
                let name = text(metric, "/containerResource/container");
                let known: Vec<&str> = pod
                    .containers()
                    .filter(|container| !container.init)
                    .map(|container| container.name)
                    .collect();
                if metric["type"] != "ContainerResource" || name.is_empty() || known.contains(&name) {
                    continue;
                }
                let path = Path::keys(&["spec", "metrics"]).element(metrics, index);
                let path = path.below(&["containerResource", "container"]);
                let message = format!(
                    "`{}` goes by the container `{name}`, which the pods of `{}` do not have",
                    title(autoscaler),
                    pod.title()
                );
                let help = nearest(name, known.iter().copied()).map_or_else(
                    || format!("there is `{}`", known.join("`, `")),
                    |near| format!("did you mean `{near}`?"),
                );
                let finding = context.finding(built, autoscaler, &path, &CODE, message);
                sink.push(finding.label("no such container").help(help));
            }
        }
    }
}
