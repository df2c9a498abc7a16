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
        if routes.served_legacy().is_none() && routes.served_unified().is_none() {
            continue;
        }
        // Where another workload has one, the route has to say which is meant, and rules look at that.
        if environment.workloads().any(|here| here.workload.has_service()) {
            continue;
        }
        let Some(off) = environment.workloads().find(|here| !here.workload.service.enabled) else { continue };
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
