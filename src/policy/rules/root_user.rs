//! A container that is told to run as root.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "root-user",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/root-user.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        let Some(pod) = PodTemplate::of(object) else { continue };
        let of_pod = &pod.json["spec"]["securityContext"];
        let mut told = Vec::new();
        let way = pod.path.clone().below(&["spec", "securityContext"]);
        // What all containers say otherwise is not what the pod runs as.
        let overruled =
            pod.containers().all(|container| !container.json["securityContext"]["runAsUser"].is_null());
        if is_root(of_pod) && !overruled {
            told.push((way.below(&["runAsUser"]), format!("`{}`", pod.title())));
        }
        for container in pod.containers() {
            if is_root(&container.json["securityContext"]) {
                let what = format!("the container `{}` of `{}`", container.name, pod.title());
                told.push((container.path.below(&["securityContext", "runAsUser"]), what));
            }
        }
        for (path, what) in told {
            let finding = context.finding(built, object, &path, &CODE, format!("{what} runs as root"));
            sink.push(
                finding.label("user 0").help("let the image have a user of its own, and name its number"),
            );
        }
    }
}

fn is_root(context: &Json) -> bool {
    context["runAsUser"] == 0
}
