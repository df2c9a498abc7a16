//! The pods do not carry the labels that their selector asks for.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("selector-mismatch", include_str!("../../../docs/rules/selector-mismatch.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for here in context.workloads() {
        // The labels of onramp's own selectors are not free to be set, which is a finding of its own.
        let Some(selector) = &here.workload.identity.selector else { continue };
        for (key, value) in here.workload.pod_labels.iter() {
            if selector.get(key).is_some_and(|wanted| wanted != value) {
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_workload(&here, &["podLabels", key]),
                        format!("the selector{} asks for another value of `{key}`", here.of()),
                    )
                    .label("not what the selector asks for")
                    .help("remove the label: those of the selector are put on the pods anyway"),
                );
            }
        }
    }
}
