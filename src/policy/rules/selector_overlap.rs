//! Pods of one workload are selected by another.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::metadata::{Api, COMPONENT_LABEL, NAME_LABEL, Profile, Workload};
use crate::ordered::Ordered;
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "selector-overlap",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/selector-overlap.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments().filter(|environment| environment.api.several) {
        let api = environment.api;
        // Selectors of what runs cannot be changed, and it runs so already.
        if api.profile == Profile::Adopted {
            continue;
        }
        for here in environment.workloads().filter(|here| here.workload.kind.runs_on()) {
            let own = api.selector(here.workload);
            let service = here.workload.service.selector.as_ref();
            for (selector, whose) in [(Some(&own), "workload"), (service, "Service")] {
                let Some(selector) = selector else { continue };
                for other in environment.workloads() {
                    if other.workload.name == here.workload.name || !selects(selector, api, other.workload) {
                        continue;
                    }
                    sink.push(
                        Diagnostic::new(
                            &CODE,
                            context.locate_workload(&here, &["identity", "selector"]),
                            format!(
                                "the selector of {whose} `{}` also fits the pods of `{}`",
                                here.workload.name, other.workload.name
                            ),
                        )
                        .label("selects too much")
                        .in_environment(environment.name)
                        .related(context.locate_workload(&other, &["podLabels"]), "these pods")
                        .help("give the other pods labels of their own"),
                    );
                }
            }
        }
    }
}

/// Tells whether a selector fits the pods of a workload.
fn selects(selector: &Ordered<String>, api: &Api, workload: &Workload) -> bool {
    let own = api.selector(workload);
    let labels = |key: &str| match key {
        _ if workload.pod_labels.get(key).is_some() => workload.pod_labels.get(key),
        _ => own.get(key),
    };
    let standard = |key: &str, value: &str| {
        api.profile == Profile::Standard
            && (key == NAME_LABEL && value == api.name || key == COMPONENT_LABEL && value == workload.name)
    };
    !selector.is_empty()
        && selector
            .iter()
            .all(|(key, value)| labels(key).map_or_else(|| standard(key, value), |label| label == value))
}
