//! A StatefulSet that names no Service for its pods.

use crate::diagnostic::{Code, Severity, Sink, WaivedBy};
use crate::effective::Path;
use crate::policy::{Check, EffectiveContext, Rule, text, title};

/// The rule.
pub(super) const RULE: Rule = Rule { code: &CODE, check: Check::Effective(check) };

static CODE: Code = Code::new(
    "missing-service-name",
    Severity::Warning,
    WaivedBy::Owner,
    include_str!("../../../docs/rules/missing-service-name.md"),
);

fn check(context: &EffectiveContext<'_>, sink: &mut Sink) {
    for (built, object) in context.objects() {
        let is_set = object.json["kind"] == "StatefulSet";
        if !is_set || !text(&object.json, "/spec/serviceName").is_empty() {
            continue;
        }
        let path = Path::keys(&["spec", "serviceName"]);
        let message = format!("`{}` names no Service, so its pods have no names in DNS", title(object));
        sink.push(
            context
                .finding(built, object, &path, &CODE, message)
                .label("no `serviceName`")
                .help("write `serviceName` with the name of a Service that has `clusterIP: None`"),
        );
    }
}
