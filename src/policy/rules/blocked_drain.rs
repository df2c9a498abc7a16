//! A disruption budget that lets no pod go.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, count};
use crate::effective::Path;
use crate::kustomize::Object;
use crate::policy::{Built, Check, EffectiveContext, Rule, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "blocked-drain",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/blocked-drain.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for budget in built.of_kind("PodDisruptionBudget") {
            let spec = &budget.json["spec"];
            let Some(labels) = spec["selector"]["matchLabels"].as_object() else { continue };
            let pods = built.selected(labels);
            let [pod] = &pods[..] else { continue };
            let Some(least) = least(built, pod.object) else { continue };
            let (key, blocks) = match (spec.get("maxUnavailable"), spec.get("minAvailable")) {
                (Some(most), _) => ("maxUnavailable", of(most, least) == Some(0)),
                (None, Some(stay)) => ("minAvailable", of(stay, least).is_some_and(|stay| stay >= least)),
                (None, None) => continue,
            };
            // Of no pods none has to go.
            if !blocks || least == 0 {
                continue;
            }
            let message = format!(
                "`{}` lets none of {} go",
                title(budget),
                count(usize::try_from(least).unwrap_or(usize::MAX), "pod")
            );
            let path = Path::keys(&["spec", key]);
            sink.push(
                context
                    .finding(built, budget, &path, &CODE, message)
                    .label("a node can never be drained")
                    .help("write `disruptionBudget: { maxUnavailable: 1 }`, or run more pods"),
            );
        }
    }
}

/// Returns the least number of pods that a workload runs.
fn least(built: &Built<'_>, workload: &Object) -> Option<u64> {
    let name = text(&workload.json, "/metadata/name");
    let scales = |scaler: &&Object| text(&scaler.json, "/spec/scaleTargetRef/name") == name;
    if let Some(scaler) = built.of_kind("HorizontalPodAutoscaler").find(scales) {
        return Some(scaler.json["spec"]["minReplicas"].as_u64().unwrap_or(1));
    }
    // A Rollout says the number of its pods itself.
    let rollout = built.named("Rollout", name).unwrap_or(workload);
    rollout.json["spec"].get("replicas").map_or(Some(1), Json::as_u64)
}

/// Returns a number of pods that may be a percentage, which Kubernetes rounds up here.
fn of(value: &Json, pods: u64) -> Option<u64> {
    if let Some(number) = value.as_u64() {
        return Some(number);
    }
    let percent: u64 = value.as_str()?.strip_suffix('%')?.parse().ok()?;
    let share = percent.checked_mul(pods)?;
    Some(share.div_ceil(100))
}
