//! An extra resource, or the target of a patch, of a kind that the platform does not let APIs bring along.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, nearest};
use crate::policy::hatch::{Problem, is_cluster_scoped};
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
        // A kind of the whole cluster is a finding of its own.
        if allowed.allows(object.group(), &object.kind) || is_cluster_scoped(&object.kind) {
            continue;
        }
        let message = format!("objects of kind `{}` ({}) are not allowed", object.kind, object.api_version);
        let near = nearest(&object.kind, allowed.kinds.iter().map(String::as_str));
        let help = match near {
            Some(near) if near == object.kind => "the kind is allowed, but of another API group".to_owned(),
            Some(near) => format!("did you mean `{near}`?"),
            None => "the platform allows kinds in `extraResources.kinds` of platform.yaml".to_owned(),
        };
        sink.push(object.finding(&CODE, &["kind"], message).label("not allowed").help(help));
    }
    for trouble in context.hatch.troubles(Problem::Kind) {
        sink.push(trouble.finding(&CODE));
    }
}
