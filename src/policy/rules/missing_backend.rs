//! A route to a Service that the API does not have.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy, nearest};
use crate::policy::{Check, EffectiveContext, Rule, backends, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "missing-backend",
    Severity::Warning,
    WaivedBy::Platform,
    include_str!("../../../docs/rules/missing-backend.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        for backend in backends(object) {
            if built.named("Service", backend.service).is_some() {
                continue;
            }
            let message = format!(
                "`{}` leads to the Service `{}`, which the API does not have",
                title(object),
                backend.service
            );
            let names =
                built.of_kind("Service").filter_map(|service| service.json["metadata"]["name"].as_str());
            let help = nearest(backend.service, names).map_or_else(
                || "name a Service of the API; routes of another API belong there".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let finding = context.finding(built, object, &backend.path, &CODE, message);
            let patch = context.api.hatch.deletion_of(built.environment.name, "Service", backend.service);
            sink.push(finding.label("no such Service").help(help).taken_away(patch));
        }
    }
}
