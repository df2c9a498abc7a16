//! A request above its own limit.

use crate::diagnostic::{Code, Diagnostic, Location, Sink};
use crate::platform::LoadedPlatform;
use crate::policy::{ApiContext, Check, InContainer, Quantity, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::PlatformAndState(check_platform, check) };

static CODE: Code =
    Code::unreadable("request-above-limit", include_str!("../../../docs/rules/request-above-limit.md"));

/// Holds the two sides of each tier against each other: an API that names one, and says nothing itself, gets both.
fn check_platform(platform: &LoadedPlatform, sink: &mut Sink) {
    for (name, tier) in platform.model.tiers.iter() {
        for (resource, request) in tier.requests.iter() {
            let Some(limit) = tier.limits.get(resource) else { continue };
            if Quantity::parse(request) <= Quantity::parse(limit) {
                continue;
            }
            let message =
                format!("the tier `{name}` requests {request} of {resource}, above its limit of {limit}");
            sink.push(
                Diagnostic::new(&CODE, platform.locate(["tiers", name, "requests", resource]), message)
                    .label("the API server refuses this")
                    .related(platform.locate(["tiers", name, "limits", resource]), "the other one")
                    .help("raise the limit, or lower the request"),
            );
        }
    }
}

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for container in context.containers() {
        let resources = &container.here.container.resources;
        for (resource, request) in resources.requests.iter() {
            let Some(limit) = resources.limits.get(resource) else {
                check_default(context, &container, (resource, request), sink);
                continue;
            };
            if Quantity::parse(request) <= Quantity::parse(limit) {
                continue;
            }
            let requested = context.locate_container(&container, &["resources", "requests", resource]);
            let limited = context.locate_container(&container, &["resources", "limits", resource]);
            // The API's own line is the one to change, whichever of the two it wrote; of two of its own the one that an
            // environment says, since the other is sound elsewhere.
            let (weight, other) = (strength(context, &requested), strength(context, &limited));
            let (here, there) = if weight >= other { (requested, limited) } else { (limited, requested) };
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

/// Tells how strong the layer is that a place stands in: the platform's, the API's, that of an environment.
fn strength(context: &ApiContext<'_>, location: &Location) -> u8 {
    if location.path != context.metadata.source.path {
        return 0;
    }
    let environments = context.metadata.written.get("environments");
    let within = environments.zip(location.span.as_ref()).is_some_and(|(environments, span)| {
        (environments.span.start as usize..environments.span.end as usize).contains(&span.start)
    });
    if within { 2 } else { 1 }
}

/// Holds a request without a limit of its own against the one that the API server takes from the LimitRange
/// of the namespace: its `default`, else its `max`.
fn check_default(
    context: &ApiContext<'_>,
    container: &InContainer<'_>,
    (resource, request): (&str, &str),
    sink: &mut Sink,
) {
    let namespaces = &context.platform.model.namespace_objects;
    let Some(range) = namespaces.limit_range.as_ref().filter(|_| namespaces.enabled) else { return };
    let said = [("default", &range.limits), ("max", &range.max)];
    let said = said.into_iter().find_map(|(key, amounts)| Some((key, amounts.get(resource)?)));
    let Some((key, limit)) = said else { return };
    if Quantity::parse(request) <= Quantity::parse(limit) {
        return;
    }
    sink.push(
        Diagnostic::new(
            &CODE,
            context.locate_container(container, &["resources", "requests", resource]),
            format!("{resource} requests {request}, above the limit of {limit} that the namespace gives"),
        )
        .label("the API server refuses this")
        .related(
            context.platform.locate(["namespaceObjects", "limitRange", key, resource]),
            "the limit of containers that say none",
        )
        .help(format!("set `limits.{resource}`, or lower the request")),
    );
}
