//! A load balancer of Google Cloud that asks `/`, since no probe tells it what else to ask.

use crate::diagnostic::{Code, Diagnostic, Severity, Sink, WaivedBy};
use crate::policy::{ApiContext, Check, Rule};
use crate::render;

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code = Code::new(
    "missing-health-check",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/missing-health-check.md"),
);

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let entries = render::entries(environment.api, environment.settings);
        for router in render::routers_of(environment.settings) {
            for entry in &entries {
                let mut targets = entry.targets();
                let Some(target) = targets.find(|target| router.asks_root(target, environment.settings))
                else {
                    continue;
                };
                let at = entry.at(&[]);
                let at: Vec<&str> = at.iter().map(String::as_str).collect();
                sink.push(
                    Diagnostic::new(
                        &CODE,
                        context.locate_key(environment.tree, &at),
                        format!(
                            "the load balancer of `{}` asks `{}` for its health at `/`",
                            router.kind().name(),
                            target.service
                        ),
                    )
                    .label("no readiness probe that it can ask")
                    .in_environment(environment.name)
                    .related(
                        context.platform.locate(["environments", environment.name, "router"]),
                        format!("the router of `{}`", environment.name),
                    )
                    .help("add `probes: { readiness: { httpGet: { path: /ready, port: http } } }`"),
                );
            }
        }
    }
}
