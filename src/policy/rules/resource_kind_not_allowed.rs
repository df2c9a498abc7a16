//! An extra resource, or the target of a patch, of a kind that the platform does not let APIs bring along.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, nearest};
use crate::kubernetes::{self, Scope};
use crate::policy::hatch::{Object, Problem};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "resource-kind-not-allowed",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/resource-kind-not-allowed.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let allowed = &context.platform.model.extra_resources;
    for object in &context.hatch.resources {
        if allowed.allows(object.group(), &object.kind) || is_found_elsewhere(context, object) {
            continue;
        }
        let message = format!("objects of kind `{}` ({}) are not allowed", object.kind, object.api_version);
        let near = nearest(&object.kind, allowed.kinds.iter().map(String::as_str));
        // Of a kind that is allowed it is the group that is wrong.
        let wrong = if near == Some(&*object.kind) { "apiVersion" } else { "kind" };
        let help = match near {
            Some(near) if near == object.kind => "the kind is allowed, but of another API group".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => "the platform allows kinds in `extraResources.kinds` of platform.yaml".to_owned(),
        };
        sink.push(object.finding(&CODE, &[wrong], message).label("not allowed").help(help));
    }
    for trouble in context.hatch.troubles(Problem::Kind) {
        sink.push(trouble.finding(&CODE));
    }
}

/// Tells whether another rule speaks of the kind: it belongs to the whole cluster, or is allowed where it moved to.
fn is_found_elsewhere(context: &ApiContext<'_>, object: &Object) -> bool {
    let allowed = &context.platform.model.extra_resources;
    let removed = context.kubernetes().and_then(|nearest| object.removed(nearest));
    let moved = removed.and_then(|removed| removed.replacement.split_once('/'));
    kubernetes::scope(&object.api_version, &object.kind) == Some(Scope::Cluster)
        || moved.is_some_and(|(group, _)| allowed.allows(group, &object.kind))
}
