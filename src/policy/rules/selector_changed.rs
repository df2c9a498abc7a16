//! A workload that runs gets another selector.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::is_immutable;
use crate::policy::transition::named;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "selector-changed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/selector-changed.md"),
);

/// Kinds whose selector says which pods are theirs.
pub(super) const KINDS: &[&str] = &["DaemonSet", "Deployment", "StatefulSet"];

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        for change in &environment.objects {
            let selects = KINDS.contains(&change.id.kind) && change.moved_from.is_none();
            let fields = &mut change.fields.iter();
            if selects
                && fields.any(|field| {
                    field.path.is_within(&["spec", "selector"]) && is_immutable(&change.id, field)
                })
            {
                let object = named(environment, &change.id);
                let message =
                    format!("{object} gets another selector: the sync fails, selectors are immutable");
                sink.push(
                    context
                        .finding(&CODE, Some(environment), &["selector", "identity"], message)
                        .label("leads to another selector")
                        .help("keep the selector that runs, by `identity`; or give the workload another name, which deletes the old pods and starts new ones"),
                );
            }
        }
    }
}
