//! A Service, disruption budget or network policy that no pod is under.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "selector-without-pods",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/selector-without-pods.md"),
);

/// Kinds that select pods, and where their labels stand.
const SELECTORS: &[(&str, &[&str])] = &[
    ("Service", &["spec", "selector"]),
    ("PodDisruptionBudget", &["spec", "selector", "matchLabels"]),
    ("NetworkPolicy", &["spec", "podSelector", "matchLabels"]),
];

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        let known = SELECTORS.iter().find(|(kind, _)| object.json["kind"] == *kind);
        let Some((_, keys)) = known else { continue };
        let labels = keys.iter().try_fold(&object.json, |json, key| json.get(key));
        // Without labels a Service selects nothing on purpose, and the others everything.
        let Some(labels) = labels.and_then(|labels| labels.as_object()).filter(|labels| !labels.is_empty())
        else {
            continue;
        };
        // Pods that lack the labels of their own workload are another finding, which says it once for all of these.
        let is_own = |other: &crate::kustomize::Object| {
            other.json.pointer("/spec/selector/matchLabels").and_then(|own| own.as_object()) == Some(labels)
        };
        let own = built.pods().any(|pod| is_own(pod.object));
        if own || built.pods().any(|pod| pod.has(labels)) {
            continue;
        }
        // The one label that differs is what to look at, where it is one.
        let wrong = labels.iter().find(|(key, value)| {
            let one = std::iter::once(((*key).clone(), (*value).clone())).collect();
            built.selected(&one).is_empty()
        });
        let mut path = Path::keys(keys);
        if let Some((key, _)) = wrong {
            path = path.below(&[key]);
        }
        let message = format!("`{}` selects no pod of the API", title(object));
        sink.push(
            context
                .finding(built, object, &path, &CODE, message)
                .label("no pod has these labels")
                .help("select labels that the pods have, or remove the object"),
        );
    }
}
