//! Two autoscalers of one workload.

use std::collections::BTreeMap;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::kustomize::Object;
use crate::policy::{Check, EffectiveContext, Rule, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "duplicate-autoscaler",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/duplicate-autoscaler.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    let path = Path::keys(&["spec", "scaleTargetRef", "name"]);
    for built in &context.environments {
        let mut scaled: BTreeMap<[&str; 2], &Object> = BTreeMap::new();
        let mut autoscalers: Vec<_> = built.of_kind("HorizontalPodAutoscaler").collect();
        // What was brought along is the second one, wherever it stands.
        autoscalers.sort_by_key(|autoscaler| context.api.hatch.brings(built.environment.name, autoscaler));
        for autoscaler in autoscalers {
            let wanted = |key: &str| text(&autoscaler.json, &format!("/spec/scaleTargetRef/{key}"));
            let target @ [kind, name] = [wanted("kind"), wanted("name")];
            if kind.is_empty() || name.is_empty() {
                continue;
            }
            let Some(first) = scaled.get(&target) else {
                scaled.insert(target, autoscaler);
                continue;
            };
            let message =
                format!("`{kind} {name}` is scaled by `{}` and by `{}`", title(first), title(autoscaler));
            sink.push(
                context
                    .finding(built, autoscaler, &path, &CODE, message)
                    .label("scaled a second time")
                    .related(context.locate(built, first, &path), "scaled first here")
                    .help("keep one of the two, with the metrics of both"),
            );
        }
    }
}
