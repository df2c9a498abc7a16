//! A NetworkPolicy would close the pods to the router that leads to them.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("missing-network-source", include_str!("../../../docs/rules/missing-network-source.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    let platform = &context.platform.model;
    for environment in context.environments() {
        let found = render::router_without_source(environment.api, environment.settings, platform);
        let Some(router) = found else { continue };
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_key(environment.tree, &["routes"]),
                format!(
                    "a NetworkPolicy closes the pods in `{}`, and nobody says where `{router}` is",
                    environment.name
                ),
            )
            .label("no request would arrive")
            .related(
                context.platform.locate(["environments", environment.name]),
                format!("the environment, whose router is `{router}`"),
            )
            .help(format!("set `networkPolicy.sources.{router}` in `platform.yaml`")),
        );
    }
}
