//! An autoscaler of a workload that the API does not have.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, nearest};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "missing-scale-target",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/missing-scale-target.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for built in &context.environments {
        for autoscaler in built.of_kind("HorizontalPodAutoscaler") {
            let wanted = |key: &str| text(&autoscaler.json, &format!("/spec/scaleTargetRef/{key}"));
            let (kind, name) = (wanted("kind"), wanted("name"));
            if kind.is_empty() || name.is_empty() || built.named(kind, name).is_some() {
                continue;
            }
            let message =
                format!("`{}` scales `{kind} {name}`, which the API does not have", title(autoscaler));
            let names = built.of_kind(kind).filter_map(|object| object.json["metadata"]["name"].as_str());
            let path = Path::keys(&["spec", "scaleTargetRef", "name"]);
            let finding = context.finding(built, autoscaler, &path, &CODE, message).label("no such workload");
            sink.push(finding.maybe_help(nearest(name, names).map(|near| format!("did you mean `{near}`?"))));
        }
    }
}
