//! A route to a Service that is switched off.

use crate::diagnostic::{Code, Diagnostic, Sink};
use crate::policy::{ApiContext, Check, Rule};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::State(check) };

static CODE: Code =
    Code::unreadable("route-without-service", include_str!("../../../docs/rules/route-without-service.md"));

fn check(context: &ApiContext<'_>, sink: &mut Sink) {
    for environment in context.environments() {
        let routes = &environment.api.routes;
        let mut workloads = environment.workloads();
        let Some(off) = workloads.find(|here| !here.workload.service.enabled) else { continue };
        let reached = environment.api.workload(None).is_some();
        if reached || (routes.legacy.is_none() && routes.unified.is_none()) {
            continue;
        }
        sink.push(
            Diagnostic::new(
                &CODE,
                context.locate_workload(&off, &["service", "enabled"]),
                format!("routes of `{}` lead to the Service, which is switched off", environment.name),
            )
            .label("no Service")
            .related(context.locate_in(&environment, &["routes"]), "the routes")
            .help("leave the Service on, or remove the routes with `routes: null`"),
        );
    }
}
