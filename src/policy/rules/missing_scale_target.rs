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
            if kind.is_empty() || name.is_empty() {
                continue;
            }
            if let Some(target) = built.named(kind, name) {
                let (said, is) = (wanted("apiVersion"), text(&target.json, "/apiVersion"));
                // The autoscaler looks for a kind by its group, and takes whatever version is served.
                if group(said) != group(is) {
                    let which = if said.is_empty() {
                        "without its `apiVersion`".to_owned()
                    } else {
                        format!("of `{said}`")
                    };
                    let message = format!(
                        "`{}` scales `{kind} {name}` {which}, and the API has one of `{is}`",
                        title(autoscaler)
                    );
                    let path = Path::keys(&["spec", "scaleTargetRef", "apiVersion"]);
                    let finding = context.finding(built, autoscaler, &path, &CODE, message);
                    sink.push(finding.label("no such workload").help(format!("write `apiVersion: {is}`")));
                }
                continue;
            }
            let message =
                format!("`{}` scales `{kind} {name}`, which the API does not have", title(autoscaler));
            let names = built.of_kind(kind).filter_map(|object| object.json["metadata"]["name"].as_str());
            let path = Path::keys(&["spec", "scaleTargetRef", "name"]);
            let finding = context.finding(built, autoscaler, &path, &CODE, message).label("no such workload");
            let finding =
                finding.maybe_help(nearest(name, names).map(|near| format!("did you mean `{near}`?")));
            sink.push(finding.taken_away(context.api.hatch.deletion_of(built.environment.name, kind, name)));
        }
    }
}

/// Returns the group of an API version; empty for the core.
fn group(api_version: &str) -> &str {
    api_version.split_once('/').map_or("", |(group, _)| group)
}
