//! A request above its own limit.

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::policy::{ApiContext, Check, Quantity, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("request-above-limit", include_str!("../../../docs/rules/request-above-limit.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        let resources = &container.here.container.resources;
        for (resource, request) in resources.requests.iter() {
            let Some(limit) = resources.limits.get(resource) else { continue };
            if Quantity::parse(request) <= Quantity::parse(limit) {
                continue;
            }
            let requested = context.locate_container(&container, &["resources", "requests", resource]);
            let limited = context.locate_container(&container, &["resources", "limits", resource]);
            // The API's own line is the one to change, whichever of the two it wrote.
            let own = |location: &Location| location.path == context.metadata.source.path;
            let (here, there) = if own(&requested) { (requested, limited) } else { (limited, requested) };
            sink.push(
                Diagnostic::new(
                    &CODE,
                    here,
                    format!("{resource} requests {request}, above its limit of {limit}"),
                )
                .label("the API server refuses this")
                .related(there, "the other one")
                .help("raise the limit, or lower the request"),
            );
        }
    }
}
