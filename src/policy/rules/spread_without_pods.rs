//! A constraint that spreads pods, and counts none of them.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, Rule, list};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "spread-without-pods",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/spread-without-pods.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for pod in built.pods() {
            let constraints = list(pod.json, "/spec/topologySpreadConstraints");
            for (index, constraint) in constraints.iter().enumerate() {
                let selector = &constraint["labelSelector"];
                if pod.is_selected_by(selector) {
                    continue;
                }
                let at = pod.path.clone().below(&["spec", "topologySpreadConstraints"]);
                let mut path = at.element(constraints, index).below(&["labelSelector"]);
                // The one label that differs is what to look at.
                let labels = selector["matchLabels"].as_object().into_iter().flatten();
                let wrong = labels
                    .into_iter()
                    .find(|(key, value)| pod.json["metadata"]["labels"].get(key.as_str()) != Some(value));
                if let Some((key, _)) = wrong {
                    path = path.below(&["matchLabels", key]);
                }
                let what =
                    if selector.is_object() { "counts pods with other labels" } else { "counts no pods" };
                let message = format!("the pods of `{}` are not spread: the constraint {what}", pod.title());
                let finding = context.finding(built, pod.object, &path, &CODE, message);
                sink.push(
                    finding
                        .label("not a label of these pods")
                        .help("select the labels of the pods themselves, such as `app.kubernetes.io/name`"),
                );
            }
        }
    }
}
