//! A request or limit above what the tier gives.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::metadata::Place;
use crate::policy::{ApiContext, Check, Quantity, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "resources-above-tier",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/resources-above-tier.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let Some(name) = &context.metadata.top.api.tier else { return };
    let Some(tier) = context.platform.model.tiers.get(name) else { return };
    for container in context.containers() {
        let resources = &container.here.container.resources;
        // Sidecars may share what the pod has; the main container says how much it takes.
        let main = container.here.place == Place::Main;
        let unlimited = |resource: &str| main && resources.limits.get(resource).is_none();
        for (resource, most) in tier.limits.iter().filter(|(resource, _)| unlimited(resource)) {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    context.locate_container(&container, &["resources"]),
                    format!("tier `{name}` gives {most} {resource} to a container, here it has no limit"),
                )
                .label("no limit")
                .in_environment(container.of.environment.name)
                .help(format!("write `limits: {{ {resource}: {most} }}` or less")),
            );
        }
        for (kind, values) in [("requests", &resources.requests), ("limits", &resources.limits)] {
            for (resource, value) in values.iter() {
                let Some(most) = tier.limits.get(resource) else { continue };
                let above = Quantity::parse(value) > Quantity::parse(most);
                if above {
                    sink.push(
                        Diagnostic::new(
                            &CODE,
                            context.locate_container(&container, &["resources", kind, resource]),
                            format!("tier `{name}` gives {most} {resource} to a container, here {value}"),
                        )
                        .label("above the tier")
                        .in_environment(container.of.environment.name)
                        .help("ask for less, or for a larger tier"),
                    );
                }
            }
        }
    }
}
