//! An image in metadata.yaml that a patch replaces.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, shorten};
use crate::policy::{Check, EffectiveContext, PodTemplate, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "overruled-image",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/overruled-image.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    if context.api.hatch.is_empty() {
        return;
    }
    for built in &context.environments {
        for here in built.environment.workloads() {
            let name = built.environment.api.workload_name(here.workload);
            let Some(object) = built.named(here.workload.kind.as_str(), &name) else { continue };
            let Some(pod) = PodTemplate::of(object) else { continue };
            for own in here.workload.containers() {
                let Some(image) = here.workload.image_of(own.container) else { continue };
                let Some(container) = pod.containers().find(|container| container.name == own.name) else {
                    continue;
                };
                let runs = container.json["image"].as_str().unwrap_or_default();
                if runs == image.to_string() {
                    continue;
                }
                let message =
                    format!("`{}` runs `{}`, whatever `metadata.yaml` says", own.name, shorten(runs));
                let said = context.api.locate_workload(&here, &own.path(&["image"]));
                sink.push(
                    context
                        .finding(built, object, &container.path.clone().below(&["image"]), &CODE, message)
                        .label("a release changes nothing here")
                        .related(said, "has no effect")
                        .help("take the image out of the patch"),
                );
            }
        }
    }
}
