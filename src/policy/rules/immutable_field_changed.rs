//! A field of an object that exists changes, and the API server refuses to.

use super::selector_changed;
use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::is_immutable;
use crate::kustomize::Object;
use crate::policy::transition::named;
use crate::policy::{Check, Rule, TransitionContext};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Transition(check) };

static CODE: Code = Code::new(
    "immutable-field-changed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/immutable-field-changed.md"),
);

/// Where Argo CD is told how to apply an object.
const SYNC_OPTIONS: &str = "argocd.argoproj.io/sync-options";
/// Where Argo CD is told to run an object at each sync, for which it is made anew.
const HOOK: &str = "argocd.argoproj.io/hook";

fn check(context: &TransitionContext<'_>, sink: &mut Sink) {
    for environment in context.staying() {
        for change in environment.objects.iter().filter(|change| change.moved_from.is_none()) {
            if change.after.is_some_and(is_replaced) {
                continue;
            }
            let mut fields = change.fields.iter().filter(|field| {
                let told_elsewhere = selector_changed::KINDS.contains(&change.id.kind)
                    && field.path.is_within(&["spec", "selector"]);
                is_immutable(&change.id, field) && !told_elsewhere
            });
            let Some(first) = fields.next() else { continue };
            let path = first.path.to_string();
            let word = first.path.field().unwrap_or_default();
            let message = format!(
                "`{path}` of {} changes: the sync fails, the API server refuses to change it",
                named(environment, &change.id)
            );
            sink.push(
                context
                    .finding(&CODE, Some(environment), &[word, "volumes", "kind"], message)
                    .label("leads to a change of it")
                    .help("leave it as it is; or give the object another name, so that a new one is made beside the old"),
            );
        }
    }
}

/// Tells whether Argo CD deletes the object and makes it anew where it differs.
pub fn is_replaced(object: &Object) -> bool {
    let annotations = &object.json["metadata"]["annotations"];
    let options = annotations[SYNC_OPTIONS].as_str().unwrap_or_default();
    let mut options = options.split(',').map(str::trim);
    annotations[HOOK].is_string() || options.any(|option| matches!(option, "Replace=true" | "Force=true"))
}
