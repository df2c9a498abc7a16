//! A route to a port that its Service does not have.

use serde_json::Value as Json;

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule, backends, list, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "unknown-backend-port",
    Severity::Error,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/unknown-backend-port.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        for backend in backends(object) {
            let Some(service) = built.named("Service", backend.service) else { continue };
            let Some((port, path)) = &backend.port else { continue };
            if port.is_of(service) {
                continue;
            }
            let message = format!(
                "`{}` leads to port `{port}` of `{}`, which has no such port",
                title(object),
                title(service)
            );
            let finding = context.finding(built, object, path, &CODE, message).label("no such port");
            let offered = port.offered(service);
            let help = if offered.is_empty() {
                "add the port to the Service".to_owned()
            } else {
                format!("it offers `{}`", offered.join("`, `"))
            };
            let find = |json: &Json| {
                let ports = list(json, "/spec/ports");
                let at = ports.iter().position(|listed| port.is(listed))?;
                Some(Path::keys(&["spec", "ports"]).named("ports", ports, at))
            };
            let removal = context.api.hatch.taken_away(built.environment.name, service, &find);
            sink.push(finding.help(help).taken_away(removal));
        }
    }
}
