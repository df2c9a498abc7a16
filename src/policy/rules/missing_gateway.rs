//! An environment whose routes go to a Gateway that is not named.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::platform::{LoadedPlatform, RouterKind};
use crate::policy::{Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Platform(check) };

static CODE: Code =
    Code::unreadable("missing-gateway", include_str!("../../../docs/rules/missing-gateway.md"));

fn check(platform: &LoadedPlatform, sink: &mut Sink) {
    for (name, environment) in platform.model.environments.iter() {
        if environment.router.has(RouterKind::GatewayApi) && environment.gateway.is_none() {
            sink.push(
                Diagnostic::new(
                    &CODE,
                    platform.locate(["environments", name, "router"]),
                    format!("environment `{name}` does not say which Gateway serves its routes"),
                )
                .label("needs a Gateway")
                .help("add `gateway: { name: NAME, namespace: NAMESPACE }` beside it"),
            );
        }
    }
}
